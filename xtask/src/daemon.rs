//! A long-running child in a process group of its own: Ctrl-C reaches us alone, and we stop it in order.

use crate::failure::{Context, Done};
use crate::process;
use crate::steps::last_lines;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// How long a child may take to end after SIGTERM: the server writes its last heartbeats and stops its PostgreSQL.
const END: Duration = Duration::from_secs(30);

/// A running child; dropping it asks it to end, waits, and kills it only when it does not.
pub(crate) struct Daemon {
    name: String,
    child: Child,
    log: Option<PathBuf>,
    ended: bool,
}

impl Daemon {
    /// Starts a command whose output goes into a file.
    pub(crate) fn start(name: &str, command: &mut Command, log: &Path) -> Done<Self> {
        let out = File::options()
            .create(true)
            .append(true)
            .open(log)
            .doing(format_args!("writing {}", log.display()))?;
        let err = out.try_clone().doing(format_args!("writing {}", log.display()))?;
        command.stdout(out).stderr(err);
        Self::spawn(name, command, Some(log.to_owned()))
    }

    /// Starts a command that writes to our terminal.
    pub(crate) fn start_loud(name: &str, command: &mut Command) -> Done<Self> {
        Self::spawn(name, command, None)
    }

    fn spawn(name: &str, command: &mut Command, log: Option<PathBuf>) -> Done<Self> {
        let child = process::spawn(command.stdin(Stdio::null()).process_group(0))?;
        Ok(Self { name: name.to_owned(), child, log, ended: false })
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Fails when the child has ended, with the last lines of its log.
    pub(crate) fn check(&mut self) -> Done {
        let Some(status) = self.child.try_wait().doing(format_args!("watching {}", self.name))? else {
            return Ok(());
        };
        self.ended = true;
        let text = self.log.as_ref().and_then(|log| std::fs::read_to_string(log).ok()).unwrap_or_default();
        Err(format!("{}\n{} has ended by itself ({status}).", last_lines(&text, 20), self.name)
            .trim_start()
            .to_owned()
            .into())
    }

    /// How it ended, if it has.
    pub(crate) fn exited(&mut self) -> Done<Option<ExitStatus>> {
        let status = self.child.try_wait().doing(format_args!("watching {}", self.name))?;
        self.ended = self.ended || status.is_some();
        Ok(status)
    }

    /// Asks it to end without waiting, so that several end at the same time.
    pub(crate) fn ask_to_end(&self) {
        if !self.ended {
            process::signal(&self.child, rustix::process::Signal::TERM);
        }
    }

    /// Ends it and says whether it ended by itself after being asked.
    pub(crate) fn end(mut self) -> bool {
        self.finish()
    }

    fn finish(&mut self) -> bool {
        if self.ended {
            return true;
        }
        self.ended = true;
        process::terminate(&mut self.child, END)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.finish();
    }
}
