//! The server's own PostgreSQL: found, set up, started, adopted and stopped without a hand.
//!
//! It answers on a Unix socket in a private folder and on nothing else, so no port of the machine is taken and
//! nobody but this server reaches it. The cluster outlives the server on purpose: after a kill -9 the next start
//! takes over the running PostgreSQL, or starts it again and lets it recover.
//!
//! Inside the data folder:
//! `postgres/` is the cluster, `postgres.log` its log, `postgres.password` the generated password,
//! `postgres.lock` what keeps two servers apart, `postgres.run/` the socket.

mod account;
mod binaries;
mod cluster;
mod error;
mod keeper;
mod process;
mod role;
mod running;
mod socket;

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use self::account::Account;
use self::cluster::Cluster;
use self::keeper::{Keeper, Place};
use self::process::Server;
use self::running::Adoption;
use self::socket::SocketFolder;

pub use self::error::EmbeddedError;

/// The database user that owns everything, and the name of the database.
const NAME: &str = "iqra";

/// A PostgreSQL of our own that accepts connections. Where it ends without being asked, it is started again.
///
/// Call [`Embedded::stop`] for a clean end. A handle that is merely dropped asks the database to shut down and does
/// not wait for it.
pub struct Embedded {
    url: String,
    password: String,
    keeper: Keeper,
    socket: Arc<SocketFolder>,
    /// Held for as long as this server may touch the data folder.
    _lock: File,
}

/// Starts, or takes over, the PostgreSQL of `data_dir` and waits until it accepts connections.
///
/// `bin_dir` names the folder with `initdb` and `postgres`; without it the usual places are searched. The data folder
/// is made if it is missing. Run as root, the database runs as another user, because PostgreSQL refuses root.
///
/// # Errors
/// Another server holds the folder, no fitting PostgreSQL is installed, a folder cannot be entered by the database's
/// user, or the database does not come up within a minute; each says what to do about it.
pub async fn start(data_dir: &Path, bin_dir: Option<&Path>) -> Result<Embedded, EmbeddedError> {
    let (data_dir, bin_dir) = (account::make_data_folder(data_dir)?, bin_dir.map(Path::to_path_buf));
    let lock = take_over(&data_dir).await?;
    let cluster = Cluster::at(&data_dir);
    let account = Account::for_cluster(cluster.path())?;
    account.ensure_reachable(&data_dir)?;

    let mut stale_pid = None;
    if cluster.exists() {
        account.take_ownership(cluster.path())?;
        let password = cluster.password()?;
        match running::adopt(cluster.path(), &password).await? {
            Adoption::Adopted { pid, socket } => {
                tracing::info!(pid, "took over the running PostgreSQL of this data folder");
                let server = Server::adopted(pid, cluster.path());
                let socket = Arc::new(SocketFolder::existing(socket, &data_dir));
                let place = Place { data_dir, bin_dir, cluster, account, password, socket };
                return finish(server, place, lock).await;
            }
            Adoption::NotRunning { stale_pid: pid } => stale_pid = pid,
        }
    }

    let binaries = binaries::find(bin_dir.as_deref(), cluster.major()?, &account, &data_dir).await?;
    tracing::info!(version = binaries.major, folder = %binaries.dir.display(), user = %account.name(), "starting PostgreSQL");
    if !cluster.exists() {
        cluster.create(&binaries, &account).await?;
    }
    let password = cluster.password()?;
    let socket = Arc::new(SocketFolder::make(&data_dir, &account)?);
    let server = Server::start(&binaries, &cluster, &account, &socket, &password, stale_pid).await?;
    finish(server, Place { data_dir, bin_dir, cluster, account, password, socket }, lock).await
}

/// The connection string of the PostgreSQL that a running server has started in `data_dir`, with the rights of its
/// owner; `None` where no server runs there. For a command that works beside that server; stopping is not its business.
///
/// # Errors
/// A server holds the folder and its PostgreSQL does not answer.
pub async fn join(data_dir: &Path) -> Result<Option<String>, EmbeddedError> {
    if !data_dir.join("postgres.lock").exists() {
        return Ok(None);
    }
    let data_dir = account::make_data_folder(data_dir)?;
    match lock(&data_dir) {
        Ok(free) => {
            drop(free);
            Ok(None)
        }
        Err(EmbeddedError::Locked { folder, pid }) => {
            let cluster = Cluster::at(&data_dir);
            let password = cluster.password()?;
            match running::adopt(cluster.path(), &password).await? {
                Adoption::Adopted { socket, .. } => {
                    Ok(Some(SocketFolder::existing(socket, &data_dir).url(NAME, &password, NAME)))
                }
                Adoption::NotRunning { .. } => Err(EmbeddedError::Locked { folder, pid }),
            }
        }
        Err(e) => Err(e),
    }
}

/// Makes sure of the database and hands the running server out.
async fn finish(server: Server, place: Place, lock: File) -> Result<Embedded, EmbeddedError> {
    let (socket, password) = (Arc::clone(&place.socket), place.password.clone());
    let url = socket.url(NAME, &password, NAME);
    // Made before the database is, so that a failure below shuts the server down again.
    let embedded = Embedded { url, password, keeper: Keeper::new(server, place), socket, _lock: lock };
    running::ensure_database(embedded.socket.path(), &embedded.password, NAME).await?;
    Ok(embedded)
}

impl Embedded {
    /// The connection string of the database, password included: never log it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The connection string for the server itself: with a role that owns none of the activity log, see [`role`]. The
    /// tables must be up to date. The role's password is new each time, and the one before is good no more.
    ///
    /// # Errors
    /// The database refuses, or does not answer within 30 s.
    pub async fn restricted(&self) -> Result<String, EmbeddedError> {
        let password = cluster::random_password()?;
        role::prepare(self.socket.path(), &self.password, &password).await?;
        Ok(self.socket.url(role::NAME, &password, NAME))
    }

    /// The process id of the PostgreSQL server, which changes where it had to be started again.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.keeper.pid()
    }

    /// Shuts the database down: open sessions are ended, everything is written, then it exits. After 20 s it is told
    /// to stop at once, and recovers at its next start.
    ///
    /// # Errors
    /// The process is still there after both.
    pub async fn stop(self) -> Result<(), EmbeddedError> {
        self.keeper.stop().await?;
        self.socket.remove();
        Ok(())
    }
}

/// Without the password.
impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").field("pid", &self.pid()).field("socket", &self.socket.path()).finish()
    }
}

/// How often the lock of a process that is gone is tried again, [`running::PAUSE`] apart.
const TRIES: u32 = 60;

/// Takes the data folder, at once or, where the process that holds it is gone, a moment later: after a kill -9 its lock
/// can outlive it for as long as a child of its own needs to begin its program. The same goes for a lock that this very
/// process has just given back.
async fn take_over(data_dir: &Path) -> Result<File, EmbeddedError> {
    for _ in 0..TRIES {
        match lock(data_dir) {
            Err(EmbeddedError::Locked { pid: error::Holder(Some(pid)), .. })
                if !exists(pid) || pid == std::process::id() =>
            {
                tokio::time::sleep(running::PAUSE).await;
            }
            decided => return decided,
        }
    }
    lock(data_dir)
}

/// Whether a process of this number is there, alive or waiting to be reaped.
fn exists(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}

/// Takes the data folder for this process. The kernel gives it back when the process ends, however it ends.
fn lock(data_dir: &Path) -> Result<File, EmbeddedError> {
    let path = data_dir.join("postgres.lock");
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(error::io("open the lock file", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Only to name the holder in the message; the lock itself already said no.
            let _ = file.read_to_string(&mut holder);
            let pid = holder.trim().parse().ok();
            return Err(EmbeddedError::Locked { folder: data_dir.to_path_buf(), pid: error::Holder(pid) });
        }
        Err(TryLockError::Error(source)) => return Err(error::io("lock", &path)(source)),
    }
    let written =
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    written.map_err(error::io("write", &path))?;
    Ok(file)
}
