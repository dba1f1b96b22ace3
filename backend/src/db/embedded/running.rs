//! A PostgreSQL that may already run in the cluster: is it there, is it ours, does it answer.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

use super::NAME;
use super::error::EmbeddedError;
use super::process;
use super::socket::PORT;

/// How long a database may take to accept connections, recovery after a crash included.
pub(super) const READY_LIMIT: Duration = Duration::from_secs(60);
/// How long a running database may stay silent before it is stopped and started again.
const SILENCE_LIMIT: Duration = Duration::from_secs(5);
/// Between two looks.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// What `postmaster.pid` says about the server of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PidFile {
    pid: u32,
    /// Seconds since 1970.
    started: i64,
    port: u16,
    socket: PathBuf,
}

/// What the process of a `postmaster.pid` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    /// There is no such process any more.
    Gone,
    /// The number has gone to a process that has nothing to do with the cluster.
    Foreign,
    /// The PostgreSQL of the cluster.
    Ours,
    /// The system does not tell (no `/proc`).
    Unknown,
}

/// The outcome of a look for a running server.
#[derive(Debug)]
pub(super) enum Adoption {
    /// It runs and answers.
    Adopted {
        /// Its process.
        pid: u32,
        /// The folder of its socket.
        socket: PathBuf,
    },
    /// None runs.
    NotRunning {
        /// The number in a pid file that was left behind: of no process, of one that has ended and was not collected
        /// by its parent (PostgreSQL takes that for a running one), or of a stranger.
        stale_pid: Option<u32>,
    },
}

/// How a server answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// It accepts connections: its data folder, and when it started in seconds since 1970.
    Ready { folder: PathBuf, started: i64 },
    /// It says that it is starting, recovering or shutting down.
    Busy,
    /// It does not know our password.
    Refused,
    /// Nothing there, or no answer.
    Silent,
}

/// Takes over the server that runs in `cluster`, if one does.
pub(super) async fn adopt(cluster: &Path, password: &str) -> Result<Adoption, EmbeddedError> {
    let Some(file) = PidFile::read(cluster) else { return Ok(Adoption::NotRunning { stale_pid: None }) };
    match timeout(READY_LIMIT, adopt_process(cluster, password, &file)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(EmbeddedError::NotAnswering { pid: file.pid }),
    }
}

async fn adopt_process(cluster: &Path, password: &str, file: &PidFile) -> Result<Adoption, EmbeddedError> {
    let mut silent = Duration::ZERO;
    loop {
        match identity(file.pid, cluster) {
            Identity::Gone | Identity::Foreign => {
                return Ok(Adoption::NotRunning { stale_pid: Some(file.pid) });
            }
            Identity::Ours | Identity::Unknown => {}
        }
        match ask(&file.socket, file.port, password).await {
            // Both times are the server's own: a step of the clock since then does not part them.
            Answer::Ready { folder, started }
                if folder == cluster && (started - file.started).abs() <= 60 =>
            {
                return Ok(Adoption::Adopted { pid: file.pid, socket: file.socket.clone() });
            }
            Answer::Ready { .. } => return Err(EmbeddedError::NotAnswering { pid: file.pid }),
            Answer::Refused => return Err(EmbeddedError::PasswordRefused),
            Answer::Busy => silent = Duration::ZERO,
            Answer::Silent => silent += PAUSE,
        }
        if silent >= SILENCE_LIMIT && identity(file.pid, cluster) == Identity::Ours {
            // Its socket is gone or it hangs. We hold the lock of the folder, so nobody else needs it.
            tracing::warn!(pid = file.pid, "the running PostgreSQL does not answer and is restarted");
            process::stop_other(file.pid, cluster).await?;
            return Ok(Adoption::NotRunning { stale_pid: Some(file.pid) });
        }
        sleep(PAUSE).await;
    }
}

/// Asks the server at a socket whether it accepts connections.
pub(super) async fn ask(socket: &Path, port: u16, password: &str) -> Answer {
    let question = async {
        let client = connect(socket, port, password, "postgres").await?;
        let row = client
            .query_one(
                "SELECT current_setting('data_directory'), extract(epoch FROM pg_postmaster_start_time())::int8",
                &[],
            )
            .await?;
        Ok::<_, tokio_postgres::Error>((row.try_get::<_, String>(0)?, row.try_get::<_, i64>(1)?))
    };
    match timeout(Duration::from_secs(5), question).await {
        Ok(Ok((folder, started))) => Answer::Ready { folder: PathBuf::from(folder), started },
        Ok(Err(error)) => match error.code() {
            Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
                Answer::Refused
            }
            Some(_) => Answer::Busy,
            None => Answer::Silent,
        },
        Err(_) => Answer::Silent,
    }
}

/// Makes the database `name` if it is not there.
pub(super) async fn ensure_database(socket: &Path, password: &str, name: &str) -> Result<(), EmbeddedError> {
    let work = async {
        let client = connect(socket, PORT, password, "postgres").await?;
        let found = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await?;
        if found.is_none() {
            client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        }
        Ok::<_, tokio_postgres::Error>(())
    };
    match timeout(Duration::from_secs(30), work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(EmbeddedError::Query(match error.as_db_error() {
            Some(db) => db.message().to_owned(),
            None => error.to_string(),
        })),
        Err(_) => Err(EmbeddedError::Query("no answer within 30 s".to_owned())),
    }
}

pub(super) async fn connect(
    socket: &Path,
    port: u16,
    password: &str,
    database: &str,
) -> Result<Client, tokio_postgres::Error> {
    let mut config = tokio_postgres::Config::new();
    config.host_path(socket).port(port).user(NAME).password(password).dbname(database);
    let (client, connection) = config.connect(NoTls).await?;
    // Ends by itself when the client is dropped; what it could report, the client's calls report too.
    tokio::spawn(async move { connection.await.ok() });
    Ok(client)
}

impl PidFile {
    /// Reads the file of `cluster`; `None` if there is none or it makes no sense (PostgreSQL then says so itself).
    fn read(cluster: &Path) -> Option<Self> {
        Self::parse(&fs::read(cluster.join("postmaster.pid")).ok()?)
    }

    /// Lines: process, data folder, start, port, socket folder, and more that does not matter here.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.split(|b| *b == b'\n');
        let pid = number(lines.next()?)?;
        let started = number(lines.nth(1)?)?;
        // A server that has only just begun has not written these two yet.
        let port = lines.next().and_then(number).unwrap_or(PORT);
        let socket = PathBuf::from(OsStr::from_bytes(lines.next().unwrap_or_default()));
        Some(Self { pid, started, port, socket })
    }
}

fn number<T: std::str::FromStr>(line: &[u8]) -> Option<T> {
    std::str::from_utf8(line).ok()?.trim().parse().ok()
}

/// What process `pid` is to the cluster. PostgreSQL works inside its data folder, which nothing else does.
pub(super) fn identity(pid: u32, cluster: &Path) -> Identity {
    if !Path::new("/proc/self/stat").exists() {
        return Identity::Unknown;
    }
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return Identity::Gone };
    // `pid (name) state …`, and the name may hold anything, parentheses too.
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.trim_start().chars().next());
    // Ended, and only not yet collected by its parent.
    if matches!(state, Some('Z' | 'X') | None) {
        return Identity::Gone;
    }
    match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(folder) if folder == cluster => Identity::Ours,
        _ => Identity::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_is_read_whole_or_half_written() {
        let whole = b"42\n/data/a b/postgres\n1763800000\n5432\n/run/x y\n\n  123 456\nready   \n";
        let file = PidFile { pid: 42, started: 1_763_800_000, port: 5432, socket: PathBuf::from("/run/x y") };
        assert_eq!(PidFile::parse(whole), Some(file.clone()));
        let half = PidFile::parse(b"42\n/data/a b/postgres\n1763800000\n").unwrap();
        assert_eq!((half.pid, half.started, half.socket), (42, file.started, PathBuf::new()));
        assert_eq!(PidFile::parse(b""), None);
        assert_eq!(PidFile::parse(b"garbage\n"), None);
    }

    #[test]
    fn a_process_is_ours_only_if_it_works_inside_the_cluster() {
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(identity(std::process::id(), &here), Identity::Ours);
        assert_eq!(identity(std::process::id(), Path::new("/nowhere")), Identity::Foreign);
        assert_eq!(identity(u32::MAX, &here), Identity::Gone);
    }
}
