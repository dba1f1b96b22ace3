//! The command that the agent runs beside itself: in a process group of its own, so that the end reaches everything
//! it started.

use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child as Process, Command};

/// A command that runs.
pub(crate) struct Child {
    process: Process,
    /// Of the leader, and so of the group.
    group: Option<Pid>,
}

impl Child {
    /// Starts program and arguments; it shares the agent's output.
    ///
    /// # Errors
    /// In words, where it cannot be started.
    pub(crate) fn start(command: &[OsString]) -> Result<Self, String> {
        let (program, args) = command.split_first().ok_or("no command to start")?;
        let process = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .process_group(0)
            // Where the agent panics.
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| format!("cannot start {}: {e}", program.display()))?;
        let group = process.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        tracing::info!("started {} as process {}", program.display(), process.id().unwrap_or(0));
        Ok(Self { process, group })
    }

    /// Ends when the command has ended; what is left of its group ends then too. Nothing is lost where it is dropped.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let status = self.process.wait().await;
        self.signal(Signal::KILL);
        self.group = None;
        // The system lost track of it: nothing is known but that it is gone.
        status.unwrap_or_default()
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends it.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // Whoever is gone already needs no signal.
            let _ = kill_process_group(group, signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::time::Duration;
    use tokio::time::timeout;

    fn shell(script: &str) -> Child {
        Child::start(&["sh".into(), "-c".into(), script.into()]).unwrap()
    }

    async fn ended(child: &mut Child) -> ExitStatus {
        timeout(Duration::from_secs(10), child.ended()).await.unwrap()
    }

    #[tokio::test]
    async fn ends_when_asked_or_when_made_to() {
        let mut gentle = shell("exec sleep 60");
        gentle.terminate();
        assert_eq!(ended(&mut gentle).await.signal(), Some(15));
        let mut child = shell("exit 3");
        assert_eq!(ended(&mut child).await.code(), Some(3));
        assert!(Child::start(&["/nonexistent/command".into()]).is_err() && Child::start(&[]).is_err());
    }

    #[tokio::test]
    async fn takes_its_children_along() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        let mut child =
            shell(&format!("sleep 60 & echo $! > {0}.new; mv {0}.new {0}; exit 0", file.display()));
        ended(&mut child).await;
        let pid: i32 = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
        let gone = timeout(Duration::from_secs(10), async {
            // A killed process may stay as a zombie where nobody collects it.
            let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            while !(state().is_empty() || state().contains(") Z ")) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        assert!(gone.await.is_ok(), "{pid} is left");
    }
}
