//! `iqra-node` as a process, alone or under a service manager of the tests.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::plane::Plane;
use crate::support::wait_for;

/// More restarts than this are a loop.
const RESTARTS_MAX: usize = 20;

/// One node's folder.
pub(crate) struct Home {
    dir: TempDir,
}

impl Home {
    /// With the settings of the plane's node.
    pub(crate) fn new(plane: &Plane) -> Self {
        Self::with(&plane.settings())
    }

    /// With this `appsettings.json`.
    pub(crate) fn with(settings: &str) -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap() };
        home.write_settings(settings);
        home
    }

    pub(crate) fn write_settings(&self, text: &str) {
        std::fs::write(self.path("appsettings.json"), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// `iqra-node run` with more arguments, its log beside the settings.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare(&["run", "--appsettings", "appsettings.json"]);
        command.args(args);
        command
    }

    fn bare(&self, args: &[&str]) -> Command {
        let log = std::fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_iqra-node"));
        command
            .args(args)
            .env("RUST_LOG", "debug")
            .env_remove("STATE_DIRECTORY")
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        command
    }

    /// Starts it once.
    pub(crate) fn start(&self, args: &[&str]) -> Process {
        Process(self.command(args).spawn().unwrap())
    }

    /// Starts `iqra-node simulate` for a fleet of one backend.
    pub(crate) fn simulate(&self, plane: &Plane, args: &[&str]) -> Process {
        std::fs::write(self.path("fleet"), format!("{} backend OM-MCT", plane.state().secret)).unwrap();
        let mut command = self.bare(&["simulate", "--secrets", "fleet", "--url", plane.base()]);
        Process(command.args(args).spawn().unwrap())
    }

    /// Starts it, and again whenever it ends with a code other than 0, as `Restart=on-failure` does.
    pub(crate) fn supervise(&self, args: &[&str]) -> Supervised {
        let codes: Codes = Arc::default();
        let mut commands: Vec<Command> = (0..RESTARTS_MAX).map(|_| self.command(args)).collect();
        let seen = Arc::clone(&codes);
        let task = tokio::spawn(async move {
            while let Some(mut command) = commands.pop() {
                let code = command.spawn().unwrap().wait().await.unwrap().code();
                seen.lock().push(code);
                if code == Some(0) {
                    return;
                }
            }
        });
        Supervised { codes, task }
    }
}

/// A process of the agent.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.0.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// The exit code, once it has ended.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        wait_for("end of the process", async || self.0.try_wait().unwrap()).await.code()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

type Codes = Arc<Mutex<Vec<Option<i32>>>>;

/// An agent under a service manager.
pub(crate) struct Supervised {
    codes: Codes,
    task: tokio::task::JoinHandle<()>,
}

impl Supervised {
    /// The exit codes so far.
    pub(crate) fn codes(&self) -> Vec<Option<i32>> {
        self.codes.lock().clone()
    }

    /// Waits until the service manager leaves it stopped.
    pub(crate) async fn down(&self) -> Vec<Option<i32>> {
        wait_for("service that stays down", async || self.task.is_finished().then_some(())).await;
        self.codes()
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // The process goes with its handle.
        self.task.abort();
    }
}

/// What a file holds, once it is there.
pub(crate) async fn content(path: &Path) -> String {
    wait_for("file", async || std::fs::read_to_string(path).ok()).await
}
