//! Where the database listens: a Unix socket in a folder that only its user and root can enter.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::{EmbeddedError, io};

/// A socket is named after a port. No port is opened, so every cluster can use the usual number.
pub(super) const PORT: u16 = 5432;

/// The kernel takes 107 bytes for the whole path on Linux and 103 on macOS; `/.s.PGSQL.5432` is 14 of them.
const LONGEST: usize = 103 - 14;

/// The folder of the socket.
#[derive(Debug)]
pub(super) struct SocketFolder {
    path: PathBuf,
    /// It lies outside the data folder and is removed after a clean stop.
    outside: bool,
}

impl SocketFolder {
    /// The folder inside the data folder, or a short one elsewhere if that path is too long for a socket.
    pub(super) fn make(data_dir: &Path, account: &Account) -> Result<Self, EmbeddedError> {
        let inside = data_dir.join("postgres.run");
        if inside.as_os_str().len() <= LONGEST {
            return match private(&inside, account)? {
                true => {
                    let folder = Self { path: inside, outside: false };
                    folder.clear()?;
                    Ok(folder)
                }
                false => Err(io("use", &inside)(ErrorKind::PermissionDenied.into())),
            };
        }
        let bases: &[&str] = if rustix::process::geteuid().is_root() { &["/run", "/tmp"] } else { &["/tmp"] };
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, data_dir.as_os_str().as_bytes());
        let mut name = String::from("iqra-pg-");
        for byte in digest.as_ref().iter().take(8) {
            // Writing to a string does not fail.
            let _ = write!(name, "{byte:02x}");
        }
        // In a folder that everybody writes to, somebody may have taken the name: then the next one.
        for attempt in 0..8 {
            for base in bases {
                let path = Path::new(base).join(format!("{name}-{attempt}"));
                if matches!(private(&path, account), Ok(true)) {
                    let folder = Self { path, outside: true };
                    folder.clear()?;
                    return Ok(folder);
                }
            }
        }
        Err(io("make a folder for the socket of the database in", Path::new("/tmp"))(
            ErrorKind::PermissionDenied.into(),
        ))
    }

    /// Clears what a killed database left: PostgreSQL would take its lock for a living one's if the process number
    /// has been given away. The folder is private and the caller knows that no database of it runs.
    pub(super) fn clear(&self) -> Result<(), EmbeddedError> {
        for name in [format!(".s.PGSQL.{PORT}"), format!(".s.PGSQL.{PORT}.lock")] {
            let file = self.path.join(name);
            match fs::remove_file(&file) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(io("remove", &file)(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The folder of a database that is already running.
    pub(super) fn existing(path: PathBuf, data_dir: &Path) -> Self {
        let outside = !path.starts_with(data_dir);
        Self { path, outside }
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder as PostgreSQL's list of folders wants it: quoted, so that spaces and commas stay in it.
    pub(super) fn setting(&self) -> std::ffi::OsString {
        let mut quoted = b"unix_socket_directories=\"".to_vec();
        for byte in self.path.as_os_str().as_bytes() {
            if *byte == b'"' {
                quoted.push(b'"');
            }
            quoted.push(*byte);
        }
        quoted.push(b'"');
        OsStr::from_bytes(&quoted).to_os_string()
    }

    /// A connection string through this socket. The folder stands in the place of the host, percent-encoded, which
    /// PostgreSQL's own tools read as well.
    pub(super) fn url(&self, user: &str, password: &str, database: &str) -> String {
        let mut host = String::new();
        for byte in self.path.as_os_str().as_bytes() {
            // Writing to a string does not fail.
            let _ = match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    host.write_char(char::from(*byte))
                }
                other => write!(host, "%{other:02X}"),
            };
        }
        format!("postgres://{user}:{password}@{host}:{PORT}/{database}")
    }

    /// Removes a folder that was made outside the data folder. An empty one that stays does no harm.
    pub(super) fn remove(&self) {
        if self.outside {
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// Makes the folder, or checks the one that is there; `false` if it is not ours or open to others.
fn private(path: &Path, account: &Account) -> Result<bool, EmbeddedError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {
            account.own(path)?;
            return Ok(true);
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(io("make the folder", path)(error)),
    }
    // Of the link itself, if it is one: a link is not a folder and is refused.
    let metadata = fs::symlink_metadata(path).map_err(io("read", path))?;
    let ours = metadata.uid() == account.uid() || metadata.uid() == rustix::process::geteuid().as_raw();
    if !metadata.is_dir() || !ours {
        return Ok(false);
    }
    fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(io("change the mode of", path))?;
    account.own(path)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_characters_survive_in_the_connection_string_and_in_the_setting() {
        let folder = SocketFolder::existing(PathBuf::from("/tmp/a b,\"c\"@é/run"), Path::new("/tmp"));
        let url = folder.url("iqra", "00ff", "iqra");
        assert_eq!(url, "postgres://iqra:00ff@%2Ftmp%2Fa%20b%2C%22c%22%40%C3%A9%2Frun:5432/iqra");
        let config: tokio_postgres::Config = url.parse().unwrap();
        assert_eq!(config.get_hosts(), [tokio_postgres::config::Host::Unix(folder.path().to_path_buf())]);
        assert_eq!(folder.setting(), "unix_socket_directories=\"/tmp/a b,\"\"c\"\"@é/run\"");
    }
}
