//! Progress: `[3/9] Building the console (wasm) …  done in 42 s`.
//!
//! On a terminal the line shows the last line of the running tool; elsewhere a line appears now and then, so that a log
//! never looks dead. What a tool printed is shown only when it fails.

use crate::failure::{Context, Done};
use crate::process;
use std::fs::File;
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a sign of life is printed where the output is not a terminal.
const QUIET_BEAT: Duration = Duration::from_secs(20);
/// How much of a failed tool's output is shown, in lines.
const TAIL_LINES: usize = 40;

/// A numbered row of steps.
pub(crate) struct Steps {
    at: usize,
    total: usize,
}

impl Steps {
    /// A row of `total` steps.
    pub(crate) fn new(total: usize) -> Self {
        Self { at: 0, total }
    }

    /// Begins the next step and prints its title.
    pub(crate) fn begin(&mut self, title: &str) -> Step {
        self.at += 1;
        let label = format!("[{}/{}] {title} …", self.at, self.total);
        print!("{label}");
        flush();
        Step { label, started: process::now(), beaten: None }
    }
}

/// A step that has begun. It ends with `done` or `already`; dropped before that, it has failed.
pub(crate) struct Step {
    label: String,
    started: Instant,
    beaten: Option<Duration>,
}

impl Step {
    /// Ends the step with the time it took.
    pub(crate) fn done(self) {
        let took = seconds(self.started.elapsed());
        self.end(&format!("done in {took}"));
    }

    /// Ends the step with a remark instead of a time: it was already done, or what was found.
    pub(crate) fn already(self, remark: &str) {
        self.end(remark);
    }

    fn end(mut self, remark: &str) {
        match (std::io::stdout().is_terminal(), self.beaten) {
            (true, _) => println!("\r\x1b[K{}  {remark}", self.label),
            (false, None) => println!("  {remark}"),
            (false, Some(_)) => println!("\n{}  {remark}", self.label),
        }
        self.label.clear();
    }

    /// Says what is being done within the step, where it takes more than one tool.
    pub(crate) fn say(&mut self, what: &str) {
        let passed = self.started.elapsed();
        self.show(passed, what);
    }

    /// Runs a tool quietly; its output is shown only when it fails.
    pub(crate) fn run(&mut self, command: &mut Command) -> Done {
        let name =
            Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let log = tempfile::NamedTempFile::new().doing("making a temporary file")?;
        // One open file for both, so that neither writes over the other.
        let out = log.reopen().doing("writing a log")?;
        let err = out.try_clone().doing("writing a log")?;
        let mut child = process::spawn(command.stdin(Stdio::null()).stdout(out).stderr(err))?;
        let outcome = process::wait(&mut child, |_| {
            let passed = self.started.elapsed();
            if self.is_due(passed) {
                self.show(passed, &last_line(log.path()));
            }
        });
        let text = std::fs::read_to_string(log.path()).unwrap_or_default();
        if outcome?.success() {
            return Ok(());
        }
        Err(format!("{}\n\n{name} failed.", last_lines(&text, TAIL_LINES)).into())
    }

    fn is_due(&self, passed: Duration) -> bool {
        let every = if std::io::stdout().is_terminal() { Duration::from_millis(250) } else { QUIET_BEAT };
        passed.saturating_sub(self.beaten.unwrap_or_default()) >= every
    }

    fn show(&mut self, passed: Duration, what: &str) {
        if std::io::stdout().is_terminal() {
            let what: String = what.chars().take(60).collect();
            print!("\r\x1b[K{}  {}  {what}", self.label, seconds(passed));
        } else {
            print!("\n      {}  {what}", seconds(passed));
        }
        flush();
        self.beaten = Some(passed);
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.label.is_empty() {
            println!("  failed");
        }
    }
}

/// `42 s` or `3 min 05 s`.
pub(crate) fn seconds(passed: Duration) -> String {
    let whole = passed.as_secs();
    match (whole / 60, whole) {
        (0, 0..10) => format!("{:.1} s", passed.as_secs_f64()),
        (0, _) => format!("{whole} s"),
        (minutes, _) => format!("{minutes} min {:02} s", whole % 60),
    }
}

/// The end of a log.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
}

/// The last line a tool has written so far, without reading the whole log again.
fn last_line(path: &Path) -> String {
    let mut tail = Vec::new();
    if let Ok(mut file) = File::open(path) {
        let length = file.metadata().map(|meta| meta.len()).unwrap_or_default();
        let from = SeekFrom::Start(length.saturating_sub(400));
        // A log that cannot be read costs a remark on the screen, nothing else.
        if file.seek(from).is_ok() {
            let _ = file.read_to_end(&mut tail);
        }
    }
    let text = String::from_utf8_lossy(&tail);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

fn flush() {
    // A terminal that is gone is noticed by the next signal, not here.
    let _ = std::io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!(seconds(Duration::from_millis(1240)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(42)), "42 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 05 s");
    }
}
