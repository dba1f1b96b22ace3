//! The database process: started in a process group of its own, watched until it answers, stopped in two steps.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use super::account::Account;
use super::binaries::Binaries;
use super::cluster::Cluster;
use super::error::{EmbeddedError, io};
use super::running::{self, Answer, Identity, PAUSE, READY_LIMIT};
use super::socket::{PORT, SocketFolder};

/// Given to the database to end sessions and write everything.
const FAST_LIMIT: Duration = Duration::from_secs(20);
/// Given to it to drop everything and exit; it recovers at the next start.
const IMMEDIATE_LIMIT: Duration = Duration::from_secs(10);

/// Between two looks at a database that was taken over, which no system call tells the end of.
const WATCH: Duration = Duration::from_secs(1);

/// Said on the command line, so that a newer server brings its own settings to an older cluster.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=60",
    "shared_buffers=64MB",
    "synchronous_commit=on",
    "password_encryption=scram-sha-256",
    "logging_collector=off",
    "timezone=UTC",
    "log_timezone=UTC",
];

/// The running database.
#[derive(Debug)]
pub(super) struct Server {
    pid: u32,
    cluster: PathBuf,
    /// `None`: started by an earlier server and taken over.
    child: Option<Child>,
    stopped: bool,
}

impl Server {
    /// A database that an earlier server left running.
    pub(super) fn adopted(pid: u32, cluster: &Path) -> Self {
        Self { pid, cluster: cluster.to_path_buf(), child: None, stopped: false }
    }

    /// Starts the database and waits until it accepts connections.
    ///
    /// `stale_pid` is the number of an earlier database, known not to run any more.
    pub(super) async fn start(
        binaries: &Binaries,
        cluster: &Cluster,
        account: &Account,
        socket: &SocketFolder,
        password: &str,
        stale_pid: Option<u32>,
    ) -> Result<Self, EmbeddedError> {
        cluster.rotate_log()?;
        let first_line = cluster.log_length();
        let starting = async {
            loop {
                let log_start = cluster.log_length();
                let mut server = Self::spawn(binaries, cluster, account, socket, stale_pid)?;
                if server.ready(socket, password).await? {
                    return Ok(server);
                }
                server.stopped = true;
                let tail = cluster.log_tail(log_start);
                // After a kill -9 its workers need a moment to notice, and hold the memory until then.
                if !tail.contains("shared memory block") {
                    return Err(EmbeddedError::Exited { log: cluster.log().to_path_buf(), tail });
                }
                sleep(Duration::from_millis(250)).await;
            }
        };
        match timeout(READY_LIMIT, starting).await {
            Ok(outcome) => outcome,
            Err(_) => Err(EmbeddedError::NotReady {
                seconds: READY_LIMIT.as_secs(),
                log: cluster.log().to_path_buf(),
                tail: cluster.log_tail(first_line),
            }),
        }
    }

    fn spawn(
        binaries: &Binaries,
        cluster: &Cluster,
        account: &Account,
        socket: &SocketFolder,
        stale_pid: Option<u32>,
    ) -> Result<Self, EmbeddedError> {
        let program = binaries.program("postgres");
        let log = cluster.open_log()?;
        let log_too = log.try_clone().map_err(io("open the log", cluster.log()))?;
        let mut command = account.command(&program);
        command.arg("-D").arg(cluster.path()).arg("-c").arg(socket.setting());
        command.arg("-c").arg(format!("port={PORT}"));
        for setting in SETTINGS {
            command.arg("-c").arg(setting);
        }
        if let Some(pid) = stale_pid {
            // PostgreSQL takes the number in its pid file for a running server unless it is its grandparent's; it
            // still checks by itself that no process uses the cluster's memory before it clears the file.
            command.env("PG_GRANDPARENT_PID", pid.to_string());
        }
        // A group of its own: Ctrl-C in the terminal reaches the server, which then stops the database in order.
        command.stdout(Stdio::from(log)).stderr(Stdio::from(log_too)).current_dir("/").process_group(0);
        let child = command.spawn().map_err(io("run", &program))?;
        let pid = child.id().unwrap_or_default();
        Ok(Self { pid, cluster: cluster.path().to_path_buf(), child: Some(child), stopped: false })
    }

    /// Waits until the database answers; `false` if it ended instead. The caller sets the limit.
    async fn ready(&mut self, socket: &SocketFolder, password: &str) -> Result<bool, EmbeddedError> {
        loop {
            if let Some(child) = &mut self.child
                && child.try_wait().map_err(io("watch the process of", &self.cluster))?.is_some()
            {
                return Ok(false);
            }
            match running::ask(socket.path(), PORT, password).await {
                Answer::Ready { .. } => return Ok(true),
                Answer::Refused => return Err(EmbeddedError::PasswordRefused),
                Answer::Busy | Answer::Silent => sleep(PAUSE).await,
            }
        }
    }

    /// The process.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits until the database ends, whoever ended it.
    pub(super) async fn ended(&mut self) {
        match &mut self.child {
            Some(child) => {
                if let Err(error) = child.wait().await {
                    tracing::warn!(pid = self.pid, %error, "PostgreSQL cannot be waited for");
                    gone(self.pid, &self.cluster, WATCH).await;
                }
            }
            None => gone(self.pid, &self.cluster, WATCH).await,
        }
        self.stopped = true;
    }

    /// Stops the database: first in order, then at once.
    pub(super) async fn stop(&mut self) -> Result<(), EmbeddedError> {
        for (signal, limit) in [(Signal::INT, FAST_LIMIT), (Signal::QUIT, IMMEDIATE_LIMIT)] {
            self.signal(signal);
            let ended = timeout(limit, async {
                match &mut self.child {
                    Some(child) => {
                        child.wait().await.map(drop).map_err(io("wait for the process of", &self.cluster))
                    }
                    None => {
                        gone(self.pid, &self.cluster, PAUSE).await;
                        Ok(())
                    }
                }
            });
            match ended.await {
                Ok(outcome) => {
                    self.stopped = true;
                    return outcome;
                }
                Err(_) => tracing::warn!(pid = self.pid, ?limit, "PostgreSQL did not stop in time"),
            }
        }
        Err(EmbeddedError::StillRunning { pid: self.pid })
    }

    /// Signals the process if it is still the database: a number may have been given to another process since.
    fn signal(&self, signal: Signal) {
        let ours = match &self.child {
            // Our own child keeps its number until it has been waited for.
            Some(child) => child.id() == Some(self.pid),
            None => identity_holds(self.pid, &self.cluster),
        };
        if ours {
            send(self.pid, signal);
        }
    }
}

/// A handle that is dropped without a stop, as in a failed start, asks the database to shut down in order.
impl Drop for Server {
    fn drop(&mut self) {
        if !self.stopped {
            self.signal(Signal::INT);
        }
    }
}

/// Stops a database that is not our child: first in order, then at once.
pub(super) async fn stop_other(pid: u32, cluster: &Path) -> Result<(), EmbeddedError> {
    Server::adopted(pid, cluster).stop().await
}

/// Asks the process to end in order, if it still is the database of `cluster`.
pub(super) fn interrupt(pid: u32, cluster: &Path) {
    if identity_holds(pid, cluster) {
        send(pid, Signal::INT);
    }
}

/// Waits until the process is no longer the database of `cluster`, and looks every `pause`. The caller sets the limit.
async fn gone(pid: u32, cluster: &Path, pause: Duration) {
    while identity_holds(pid, cluster) {
        sleep(pause).await;
    }
}

fn identity_holds(pid: u32, cluster: &Path) -> bool {
    match running::identity(pid, cluster) {
        Identity::Ours => true,
        // No `/proc`: all that can be asked is whether the process exists.
        Identity::Unknown => raw(pid).is_some_and(|p| rustix::process::test_kill_process(p).is_ok()),
        Identity::Gone | Identity::Foreign => false,
    }
}

fn send(pid: u32, signal: Signal) {
    // It may have ended in this moment; whoever waits for it sees that.
    if let Some(Err(error)) = raw(pid).map(|p| kill_process(p, signal)) {
        tracing::debug!(pid, %error, "could not signal PostgreSQL");
    }
}

fn raw(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}
