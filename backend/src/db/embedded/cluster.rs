//! The cluster on disk: made once, whole or not at all, with a password of its own.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use super::NAME;
use super::account::Account;
use super::binaries::Binaries;
use super::error::{EmbeddedError, io};

/// `initdb` takes a second or two; a slow disk may take much longer to flush.
const INITDB_LIMIT: Duration = Duration::from_secs(180);

/// The folders and files of the database inside the data folder.
#[derive(Debug)]
pub(super) struct Cluster {
    path: PathBuf,
    password: PathBuf,
    log: PathBuf,
    data_dir: PathBuf,
}

impl Cluster {
    /// The cluster of a data folder, there or not.
    pub(super) fn at(data_dir: &Path) -> Self {
        Self {
            path: data_dir.join("postgres"),
            password: data_dir.join("postgres.password"),
            log: data_dir.join("postgres.log"),
            data_dir: data_dir.to_path_buf(),
        }
    }

    /// What PostgreSQL calls its data directory.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The log of the database server.
    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// Whether it has been set up. It appears by one rename, so there is no half of it.
    pub(super) fn exists(&self) -> bool {
        self.path.join("PG_VERSION").exists()
    }

    /// The major version that wrote it; `None` if it does not exist.
    pub(super) fn major(&self) -> Result<Option<u32>, EmbeddedError> {
        let path = self.path.join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(text) => text.trim().parse().map(Some).map_err(|_| {
                io("understand", &path)(std::io::Error::new(ErrorKind::InvalidData, "not a version number"))
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io("read", &path)(error)),
        }
    }

    /// The password of the database user, made together with the cluster.
    pub(super) fn password(&self) -> Result<String, EmbeddedError> {
        match fs::read_to_string(&self.password) {
            Ok(text) => Ok(text.trim().to_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(EmbeddedError::PasswordMissing { path: self.password.clone() })
            }
            Err(error) => Err(io("read", &self.password)(error)),
        }
    }

    /// Sets the cluster up in a folder beside its place and moves it there when it is whole and on disk.
    pub(super) async fn create(&self, binaries: &Binaries, account: &Account) -> Result<(), EmbeddedError> {
        let workshop = self.data_dir.join("postgres.new");
        match fs::remove_dir_all(&workshop) {
            Ok(()) => tracing::info!("removed a set-up of the database that was cut short"),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(io("remove", &workshop)(error)),
        }
        DirBuilder::new().mode(0o700).create(&workshop).map_err(io("make the folder", &workshop))?;
        account.own(&workshop)?;

        let password = random_password()?;
        write_secret(&self.password, &password)?;
        // A copy that the database's user may read; it goes with the workshop.
        let for_initdb = workshop.join("password");
        write_secret(&for_initdb, &password)?;
        account.own(&for_initdb)?;

        let fresh = workshop.join("cluster");
        // Text compares by bytes, which no system update can reorder under an index; letters beyond ASCII have an
        // upper and a lower case where the system knows this locale.
        let mut output = initdb(binaries, account, &fresh, &for_initdb, "C.UTF-8").await?;
        if !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("invalid locale name")
        {
            output = initdb(binaries, account, &fresh, &for_initdb, "C").await?;
        }
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            return Err(EmbeddedError::Setup { output: last_lines(&text, 10) });
        }
        fs::rename(&fresh, &self.path).map_err(io("move the new database to", &self.path))?;
        sync_folder(&self.data_dir)?;
        // Only the password copy is left in it; the next start would clear it away too.
        let _ = fs::remove_dir_all(&workshop);
        Ok(())
    }

    /// Puts a log that has grown large aside; the one before it goes.
    pub(super) fn rotate_log(&self) -> Result<(), EmbeddedError> {
        const LARGE: u64 = 10 * 1024 * 1024;
        if self.log_length() > LARGE {
            let aside = self.data_dir.join("postgres.log.1");
            fs::rename(&self.log, &aside).map_err(io("put the log aside as", &aside))?;
        }
        Ok(())
    }

    /// How long the log is now, bytes.
    pub(super) fn log_length(&self) -> u64 {
        fs::metadata(&self.log).map(|m| m.len()).unwrap_or_default()
    }

    /// Opens the log for appending.
    pub(super) fn open_log(&self) -> Result<File, EmbeddedError> {
        File::options()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&self.log)
            .map_err(io("open the log", &self.log))
    }

    /// What the log says from byte `from` on: its last lines.
    pub(super) fn log_tail(&self, from: u64) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let start = usize::try_from(from).unwrap_or(usize::MAX);
        last_lines(&String::from_utf8_lossy(bytes.get(start..).unwrap_or_default()), 20)
    }
}

async fn initdb(
    binaries: &Binaries,
    account: &Account,
    target: &Path,
    password: &Path,
    ctype: &str,
) -> Result<Output, EmbeddedError> {
    let program = binaries.program("initdb");
    let mut command = account.command(&program);
    command
        .arg("--pgdata")
        .arg(target)
        .arg("--pwfile")
        .arg(password)
        .args(["--username", NAME, "--encoding=UTF8", "--locale=C", "--data-checksums"])
        .arg(format!("--lc-ctype={ctype}"))
        .args(["--auth-local=scram-sha-256", "--auth-host=scram-sha-256"])
        // Not the caller's folder, which the database's user may not be allowed to enter.
        .current_dir("/")
        .kill_on_drop(true);
    match tokio::time::timeout(INITDB_LIMIT, command.output()).await {
        Ok(output) => output.map_err(io("run", &program)),
        Err(_) => Err(EmbeddedError::Setup { output: format!("no end after {} s", INITDB_LIMIT.as_secs()) }),
    }
}

/// 256 random bits in hexadecimal, which need no escaping anywhere.
pub(super) fn random_password() -> Result<String, EmbeddedError> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| EmbeddedError::Setup { output: "the system gave no random numbers".to_owned() })?;
    let mut text = String::with_capacity(64);
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// Writes a file that only its owner reads, and has it on disk when this returns.
fn write_secret(path: &Path, text: &str) -> Result<(), EmbeddedError> {
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(io("write", path))?;
    writeln!(file, "{text}").and_then(|()| file.sync_all()).map_err(io("write", path))
}

/// Makes a rename inside `folder` last through a power cut.
fn sync_folder(folder: &Path) -> Result<(), EmbeddedError> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(io("write", folder))
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
}
