//! Keeps the database up for as long as the server wants it: one that ends without being asked is started again, on the
//! same socket and with the same passwords, so that connections come back by themselves.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::account::Account;
use super::binaries;
use super::cluster::Cluster;
use super::error::EmbeddedError;
use super::process::{self, Server};
use super::socket::SocketFolder;

/// How long to wait before it is started again, the first time,
const AGAIN_FIRST: Duration = Duration::from_millis(500);
/// and at most, where it does not come up or does not stay up.
const AGAIN_MOST: Duration = Duration::from_secs(30);
/// One that stayed up for so long has recovered: the next end is a first one.
const STEADY: Duration = Duration::from_secs(60);

/// What a start needs.
pub(super) struct Place {
    /// The folder of everything.
    pub(super) data_dir: PathBuf,
    /// Where the programs are, where somebody said so.
    pub(super) bin_dir: Option<PathBuf>,
    /// The files of the database.
    pub(super) cluster: Cluster,
    /// Whose they are.
    pub(super) account: Account,
    /// Of its owner.
    pub(super) password: String,
    /// Where it listens.
    pub(super) socket: Arc<SocketFolder>,
}

/// The database, watched.
pub(super) struct Keeper {
    cluster: PathBuf,
    /// Of the process that runs now, or ran last.
    pid: Arc<AtomicU32>,
    stop: CancellationToken,
    /// Ends with the database that runs then; `None` where none does.
    task: Option<JoinHandle<Option<Server>>>,
}

impl Keeper {
    /// Watches a running database from here on.
    pub(super) fn new(server: Server, place: Place) -> Self {
        let cluster = place.cluster.path().to_path_buf();
        let (pid, stop) = (Arc::new(AtomicU32::new(server.pid())), CancellationToken::new());
        let task = Some(tokio::spawn(keep(server, place, Arc::clone(&pid), stop.clone())));
        Self { cluster, pid, stop, task }
    }

    /// The process that runs now, or ran last.
    pub(super) fn pid(&self) -> u32 {
        self.pid.load(Ordering::Acquire)
    }

    /// Stops the database and does not start it again.
    pub(super) async fn stop(mut self) -> Result<(), EmbeddedError> {
        self.stop.cancel();
        let Some(task) = self.task.take() else { return Ok(()) };
        match task.await {
            Ok(Some(mut server)) => server.stop().await,
            Ok(None) => Ok(()),
            // It panicked, and with it went the handle, which has asked the database to shut down.
            Err(e) => {
                tracing::error!(error = %e, "the watch over PostgreSQL ended");
                process::stop_other(self.pid(), &self.cluster).await
            }
        }
    }
}

/// Without a stop, the database is asked to shut down in order and nobody waits for it.
impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // At once: the task goes when the runtime comes to it, and by then somebody may have taken the folder over.
            process::interrupt(self.pid(), &self.cluster);
        }
    }
}

/// Starts the database again whenever it ends, until told to stop.
async fn keep(
    mut server: Server,
    place: Place,
    pid: Arc<AtomicU32>,
    stop: CancellationToken,
) -> Option<Server> {
    let mut wait = AGAIN_FIRST;
    loop {
        let ended = async {
            if timeout(STEADY, server.ended()).await.is_err() {
                wait = AGAIN_FIRST;
                server.ended().await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => return Some(server),
            () = ended => {}
        }
        tracing::error!(pid = server.pid(), log = %place.cluster.log().display(), "PostgreSQL ended by itself and is started again");
        let last = server.pid();
        server = loop {
            tokio::select! {
                () = stop.cancelled() => return None,
                () = sleep(wait) => {}
            }
            wait = (wait * 2).min(AGAIN_MOST);
            // Not cut short by a stop: a start has a limit of its own, and half of one would leave a process behind.
            match again(&place, last).await {
                Ok(server) => break server,
                Err(e) => {
                    tracing::error!(error = %e, "PostgreSQL cannot be started again, and is tried once more")
                }
            }
        };
        pid.store(server.pid(), Ordering::Release);
        tracing::info!(pid = server.pid(), "PostgreSQL runs again");
    }
}

async fn again(place: &Place, last: u32) -> Result<Server, EmbeddedError> {
    let Place { data_dir, bin_dir, cluster, account, password, socket } = place;
    let binaries = binaries::find(bin_dir.as_deref(), cluster.major()?, account, data_dir).await?;
    socket.clear()?;
    Server::start(&binaries, cluster, account, socket, password, Some(last)).await
}
