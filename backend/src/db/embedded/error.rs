//! What can go wrong with the server's own PostgreSQL, in words an operator can act on.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why the server's own PostgreSQL could not be started or stopped. No text carries the password.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Two servers must not share one data folder.
    #[error("another server{pid} already uses the data folder {}", folder.display())]
    Locked {
        /// The data folder.
        folder: PathBuf,
        /// Who holds it, if known.
        pid: Holder,
    },
    /// No server binaries anywhere.
    #[error(
        "no PostgreSQL server found (looked for initdb and postgres in {searched}). Install it, for example \
         `apt-get install postgresql` or `dnf install postgresql-server`, or set IQRA_POSTGRES_BIN to the folder that \
         holds them, or DATABASE_URL to use a database elsewhere"
    )]
    NotInstalled {
        /// The places that were searched.
        searched: String,
    },
    /// Binaries are there, but too old for the SQL of this server.
    #[error("PostgreSQL {found} is too old: {required} or newer is needed (found in {})", folder.display())]
    TooOld {
        /// Major version found.
        found: u32,
        /// Lowest major version that works.
        required: u32,
        /// Where it was found.
        folder: PathBuf,
    },
    /// The cluster was made by another major version than any installed one.
    #[error(
        "the data in {} was written by PostgreSQL {cluster}, installed is {installed}. Install PostgreSQL {cluster}, or \
         move the data with pg_upgrade",
        folder.display()
    )]
    OtherVersion {
        /// The cluster.
        folder: PathBuf,
        /// Its major version.
        cluster: u32,
        /// Installed major versions.
        installed: String,
    },
    /// Root runs the server, and no other account can run the database.
    #[error(
        "PostgreSQL does not run as root, and there is neither a user `postgres` nor a user `nobody` to run it as"
    )]
    NoAccount,
    /// The user of the database cannot get to a folder.
    #[error(
        "PostgreSQL runs as user `{user}`, who may not enter {}. Choose a data folder elsewhere, for example under \
         /var/lib, or allow it with `chmod o+x '{}'`",
        blocked.display(), blocked.display()
    )]
    NotReachable {
        /// The database's user.
        user: String,
        /// The first folder on the way that is closed.
        blocked: PathBuf,
    },
    /// The cluster belongs to somebody else and we are not root.
    #[error("{} belongs to user id {owner}: run the server as that user, or as root", folder.display())]
    NotOwner {
        /// The cluster.
        folder: PathBuf,
        /// Who owns it.
        owner: u32,
    },
    /// The cluster is there and its password is not.
    #[error("the password of the database is missing: restore {} together with the cluster beside it", path.display())]
    PasswordMissing {
        /// The file that held it.
        path: PathBuf,
    },
    /// The password file does not fit the cluster.
    #[error("the database does not accept the password in postgres.password: restore both from one backup")]
    PasswordRefused,
    /// `initdb` failed.
    #[error("initdb could not set up the database: {output}")]
    Setup {
        /// What it said.
        output: String,
    },
    /// The database ended while starting.
    #[error("PostgreSQL stopped while starting; the end of {}:\n{tail}", log.display())]
    Exited {
        /// The log file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// The database did not accept connections in time.
    #[error("PostgreSQL did not accept connections within {seconds} s; the end of {}:\n{tail}", log.display())]
    NotReady {
        /// How long we waited, seconds.
        seconds: u64,
        /// The log file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// A PostgreSQL of this folder runs and cannot be taken over.
    #[error(
        "a PostgreSQL (process {pid}) runs in this data folder and does not answer: stop it and start again"
    )]
    NotAnswering {
        /// Its process id.
        pid: u32,
    },
    /// The database did not end.
    #[error("PostgreSQL (process {pid}) is still running after it was told to stop at once")]
    StillRunning {
        /// Its process id.
        pid: u32,
    },
    /// The database answered with an error.
    #[error("the database could not be prepared: {0}")]
    Query(String),
    /// A file operation failed.
    #[error("could not {what} {}: {source}", path.display())]
    Io {
        /// What was being done.
        what: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// The process that holds the data folder, as a part of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder(pub Option<u32>);

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(pid) => write!(f, " (process {pid})"),
            None => Ok(()),
        }
    }
}

/// For `map_err`: says what was done with which path.
pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
    let path = path.to_path_buf();
    move |source| EmbeddedError::Io { what, path, source }
}
