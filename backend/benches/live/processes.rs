//! The servers as processes: started, pinned, watched through `/proc`, stopped.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::{Done, now, say};

/// How long a server may take until it answers.
const READY: Duration = Duration::from_secs(60);
/// How long a server may take to end after SIGTERM.
const END: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);
/// `/proc` counts processor time in hundredths of a second on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server. Dropping it asks it to end and waits.
pub(crate) struct Process {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts `iqra-infra serve` on a data folder, with nothing of the caller's settings, and waits until it is ready.
    ///
    /// # Errors
    /// Where it does not become ready; the end of its log is in the message.
    pub(crate) fn server(data: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Done<Self> {
        let address = free_address()?;
        let log = data.join("server.log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_iqra-infra"));
        for (name, _) in std::env::vars_os() {
            let ours = name.to_string_lossy().starts_with("IQRA_") && name != "IQRA_POSTGRES_BIN";
            if ours || name == "DATABASE_URL" || name == "RUST_LOG" {
                command.env_remove(&name);
            }
        }
        command
            .arg("serve")
            .args(arguments)
            .current_dir(data)
            .env("IQRA_LISTEN", address.to_string())
            .env("IQRA_DATA_DIR", data)
            .envs(settings.iter().copied());
        let out = File::create(&log)?;
        command.stdin(Stdio::null()).stderr(out.try_clone()?).stdout(out);
        let mut process = Self { child: command.spawn()?, address };
        process.wait_until("/readyz").map_err(|e| {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            format!("{e}\n{text}")
        })?;
        Ok(process)
    }

    /// Starts this program as the control server.
    ///
    /// # Errors
    /// Where it does not answer.
    pub(crate) fn control() -> Done<Self> {
        let address = free_address()?;
        let child = Command::new(std::env::current_exe()?)
            .arg(crate::CONTROL)
            .env(crate::control::LISTEN, address.to_string())
            .stdin(Stdio::null())
            .spawn()?;
        let mut process = Self { child, address };
        process.wait_until("/")?;
        Ok(process)
    }

    fn wait_until(&mut self, path: &str) -> Done {
        let started = now();
        while started.elapsed() < READY {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("the server ended by itself ({status})").into());
            }
            if answers(self.address, path) {
                return Ok(());
            }
            std::thread::sleep(POLL);
        }
        Err(format!("the server was not ready within {} s", READY.as_secs()).into())
    }

    /// Moves the process, all its threads, to one core. Children it has started already stay where they are.
    ///
    /// # Errors
    /// Where `taskset` is missing or refuses.
    pub(crate) fn pin(&self, core: u32) -> Done {
        pin(self.child.id(), core)
    }

    /// Processor time used so far by the process alone, in seconds.
    ///
    /// # Errors
    /// Where the process is gone.
    pub(crate) fn cpu_seconds(&self) -> Done<f64> {
        cpu_seconds(&self.child.id().to_string())
    }

    /// A line of `/proc/PID/status` in kB, such as `VmRSS`.
    ///
    /// # Errors
    /// Where the process is gone or the line is missing.
    pub(crate) fn status_kb(&self, name: &str) -> Done<u32> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let value = line.and_then(|line| line.split_whitespace().next()).ok_or("no such line in /proc")?;
        Ok(value.parse()?)
    }

    /// Ends it with SIGTERM.
    ///
    /// # Errors
    /// Where it does not end by itself, or not with success.
    pub(crate) fn stop(mut self) -> Done {
        self.ask_to_end();
        let started = now();
        while started.elapsed() < END {
            if let Some(status) = self.child.try_wait()? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(format!("the server ended with {status}").into())
                };
            }
            std::thread::sleep(POLL);
        }
        Err("the server did not end after SIGTERM".into())
    }

    fn ask_to_end(&self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            // It may have ended in between; then there is nothing to ask.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.ask_to_end();
            let started = now();
            while started.elapsed() < END && matches!(self.child.try_wait(), Ok(None)) {
                std::thread::sleep(POLL);
            }
            // Both fail only for a child that has just ended.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Whether this machine can keep server and load apart; says so where it cannot.
pub(crate) fn can_pin() -> bool {
    let cores = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default().matches("processor\t").count();
    let can = cores > 1 && Command::new("taskset").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !can {
        say("one core, or no `taskset`: server and load share what there is");
    }
    can
}

/// Moves this program to one core. What it starts from then on is there too.
///
/// # Errors
/// Where `taskset` refuses.
pub(crate) fn pin_self(core: u32) -> Done {
    pin(std::process::id(), core)
}

fn pin(pid: u32, core: u32) -> Done {
    let done = Command::new("taskset")
        .args(["--all-tasks", "--cpu-list", "--pid", &core.to_string(), &pid.to_string()])
        .stdout(Stdio::null())
        .status()?;
    if done.success() { Ok(()) } else { Err(format!("taskset could not pin to core {core}").into()) }
}

/// Processor time of this program so far, in seconds.
///
/// # Errors
/// Where `/proc` cannot be read.
pub(crate) fn own_cpu_seconds() -> Done<f64> {
    cpu_seconds("self")
}

fn cpu_seconds(pid: &str) -> Done<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold spaces; the 12th and 13th fields after it are user and system time.
    let fields = text.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<u32>);
    match (times.next(), times.next()) {
        (Some(user), Some(system)) => Ok((f64::from(user?) + f64::from(system?)) / TICKS_PER_SECOND),
        _ => Err("/proc/PID/stat has another form".into()),
    }
}

fn free_address() -> Done<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

fn answers(address: SocketAddr, path: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(String::from_utf8_lossy(&head).into_owned())
    };
    ask().is_ok_and(|head| head == "HTTP/1.1 200")
}
