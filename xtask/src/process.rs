//! Child processes: start, watch, stop. Everything here ends when the user presses Ctrl-C or sends SIGTERM.

use crate::failure::{Context, Done};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How often waiting loops look at what they wait for.
pub(crate) const POLL: Duration = Duration::from_millis(25);

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The one place that reads the clock.
#[expect(clippy::disallowed_methods, reason = "a tool that waits for real processes needs real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Turns SIGINT, SIGTERM and SIGHUP into a flag, so that children are stopped in order instead of being left behind.
pub(crate) fn watch_signals() -> Done {
    let flag = Arc::clone(STOP.get_or_init(Arc::default));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&flag)).doing("watching signals")?;
    }
    Ok(())
}

/// Whether the user asked us to stop.
pub(crate) fn stopping() -> bool {
    STOP.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// Ends a command early when the user asked to stop.
pub(crate) fn go_on() -> Done {
    if stopping() { Err("Stopped.".into()) } else { Ok(()) }
}

/// Waits until `check` gives a value, at most `bound`. `None` when the time is over; fails when the user asked to stop.
pub(crate) fn wait_for<T>(bound: Duration, mut check: impl FnMut() -> Done<Option<T>>) -> Done<Option<T>> {
    let started = now();
    loop {
        go_on()?;
        if let Some(value) = check()? {
            return Ok(Some(value));
        }
        if started.elapsed() > bound {
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

/// The cargo that started us.
pub(crate) fn cargo() -> Command {
    cargo_named(&std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A cargo command without the variables that `cargo run` gave us: they would make build scripts run again.
pub(crate) fn cargo_named(program: &OsStr) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command to its end with our own terminal, and says whether it succeeded.
pub(crate) fn loud(command: &mut Command) -> Done<bool> {
    let mut child = spawn(command.stdin(Stdio::null()))?;
    Ok(wait(&mut child, |_| {})?.success())
}

/// Runs a command to its end and returns what it printed; fails when it fails.
pub(crate) fn output(command: &mut Command) -> Done<String> {
    let name = name(command);
    let done = command.stdin(Stdio::null()).output().doing(format_args!("starting {name}"))?;
    if !done.status.success() {
        return Err(format!("{name} failed: {}", String::from_utf8_lossy(&done.stderr).trim()).into());
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

/// Starts a command, with its name in the error.
pub(crate) fn spawn(command: &mut Command) -> Done<Child> {
    command.spawn().doing(format_args!("starting {}", name(command)))
}

/// Waits for a child's end and calls `beat` on the way; passes on a stop that only we were told about.
pub(crate) fn wait(child: &mut Child, mut beat: impl FnMut(Duration)) -> Done<ExitStatus> {
    let started = now();
    loop {
        if let Some(status) = child.try_wait().doing("waiting for a command")? {
            go_on()?;
            return Ok(status);
        }
        if stopping() {
            terminate(child, Duration::from_secs(10));
            go_on()?;
        }
        beat(started.elapsed());
        std::thread::sleep(POLL);
    }
}

/// Sends a signal to one child that we started.
pub(crate) fn signal(child: &Child, signal: rustix::process::Signal) {
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended in between; then there is nothing to stop.
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// Asks a child to end and waits at most `bound`, then kills it. Returns whether it ended by itself.
pub(crate) fn terminate(child: &mut Child, bound: Duration) -> bool {
    signal(child, rustix::process::Signal::TERM);
    let started = now();
    while started.elapsed() < bound {
        if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
            return true;
        }
        std::thread::sleep(POLL);
    }
    // Killing fails only for a child that has just ended.
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// The first executable of this name on `PATH`.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| is_executable(file))
}

/// Whether this is a file that may be executed.
pub(crate) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// The program's name, for messages.
fn name(command: &Command) -> String {
    Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned()
}
