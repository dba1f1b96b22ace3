//! The master key as text: read from where the settings say, made once beside a database of our own, and put in front
//! of the old one when it is changed.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::{Hidden, MasterKeySource, Settings};

/// The key could not be had from where it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// There is no such file.
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),
    /// It cannot be read or written.
    #[error("{}: {why}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// The key comes from the environment, where nothing can be written.
    #[error("the master key comes from the environment")]
    NotAFile,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyText {
    /// One or more keys.
    pub text: Hidden,
    /// Set where others than its owner can read the file: where it is.
    pub open_to_others: Option<PathBuf>,
}

impl Settings {
    /// The file of the master key; `None` where it comes from the environment.
    pub fn master_key_file(&self) -> Option<PathBuf> {
        match &self.master_key {
            MasterKeySource::Value(_) => None,
            MasterKeySource::File(path) => Some(path.clone()),
            MasterKeySource::DataDir => Some(self.data_dir.join("master.key")),
        }
    }

    /// Reads the master key.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn read_master_key(&self) -> Result<KeyText, KeyFileError> {
        let Some(path) = self.master_key_file() else {
            let MasterKeySource::Value(text) = &self.master_key else { return Err(KeyFileError::NotAFile) };
            return Ok(KeyText { text: text.clone(), open_to_others: None });
        };
        let text = fs::read_to_string(&path).map_err(|e| failed(&path, &e))?;
        let mode = fs::metadata(&path).map_err(|e| failed(&path, &e))?.permissions().mode();
        Ok(KeyText { text: Hidden::new(text), open_to_others: (mode & 0o077 != 0).then_some(path) })
    }

    /// Writes the first master key where there is none.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn make_master_key(&self, key: &Hidden) -> Result<PathBuf, KeyFileError> {
        let path = self.master_key_file().ok_or(KeyFileError::NotAFile)?;
        write(&path, key.reveal(), None).map_err(|e| failed(&path, &e))?;
        Ok(path)
    }

    /// Puts a new master key in front of those of the file, which stay. The file changes at once or not at all, and
    /// belongs to whom it belonged.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn prepend_master_key(&self, key: &Hidden) -> Result<PathBuf, KeyFileError> {
        let path = self.master_key_file().ok_or(KeyFileError::NotAFile)?;
        // Where it is a link, the file it leads to is the one to change.
        let path = fs::canonicalize(&path).map_err(|e| failed(&path, &e))?;
        let change = || {
            let old = fs::read_to_string(&path)?;
            let owner = fs::metadata(&path)?;
            let beside = path.with_extension("new");
            match fs::remove_file(&beside) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            write(&beside, &format!("{}\n{}", key.reveal(), old.trim_end()), Some(&owner))?;
            fs::rename(&beside, &path)?;
            path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        change().map_err(|e| failed(&path, &e))?;
        Ok(path)
    }
}

fn failed(path: &Path, e: &std::io::Error) -> KeyFileError {
    match e.kind() {
        ErrorKind::NotFound => KeyFileError::Missing(path.to_path_buf()),
        _ => KeyFileError::Io { path: path.to_path_buf(), why: e.to_string() },
    }
}

/// Writes a file that only its owner reads, and has it on disk when this returns.
fn write(path: &Path, text: &str, owner: Option<&Metadata>) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    if let Some(owner) = owner {
        std::os::unix::fs::fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
    }
    writeln!(file, "{text}")?;
    file.sync_all()
}
