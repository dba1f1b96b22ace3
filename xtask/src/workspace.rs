//! Where things are: the checkout, the target folders, the binaries, and who we are.

use crate::failure::{Context, Done};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The checkout and its target folder.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    /// The folder that holds the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder (`CARGO_TARGET_DIR` wins).
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Looks upwards from the current folder; a binary that was copied elsewhere thus works on the copy it is run in.
    pub(crate) fn locate() -> Done<Self> {
        let here = std::env::current_dir().doing("reading the current folder")?;
        let root = here
            .ancestors()
            .find(|dir| dir.join("xtask/Cargo.toml").is_file() && dir.join("Cargo.toml").is_file())
            .ok_or("Run `cargo xtask` inside the checkout.")?
            .to_owned();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => here.join(dir),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// Where the server and the node agent are after a build.
    pub(crate) fn bin_dir(&self, release: bool) -> PathBuf {
        self.target.join(if release { "release" } else { "debug" })
    }
}

/// Whether we run as root: PostgreSQL then runs as another user, and packages can be installed.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether packages can be installed with `apt-get` by us.
pub(crate) fn can_apt() -> bool {
    is_root() && Path::new("/usr/bin/apt-get").is_file()
}

/// A folder that is removed when the value is dropped, with a short path (PostgreSQL's socket must fit into 107 bytes) and
/// passable for other users (as root PostgreSQL runs as another user).
pub(crate) fn temporary(prefix: &str) -> Done<TempDir> {
    use std::os::unix::fs::PermissionsExt;
    let parent = if is_root() { PathBuf::from("/tmp") } else { std::env::temp_dir() };
    tempfile::Builder::new()
        .prefix(prefix)
        .permissions(std::fs::Permissions::from_mode(0o755))
        .tempdir_in(&parent)
        .doing(format_args!("making a temporary folder in {}", parent.display()))
}

/// A folder for downloads that survives, outside the checkout. As root it is one that PostgreSQL's user can pass.
pub(crate) fn cache_dir() -> Done<PathBuf> {
    if is_root() {
        return Ok(PathBuf::from("/var/cache/iqra-infra"));
    }
    if let Some(dir) = std::env::var_os("XDG_CACHE_HOME") {
        return Ok(PathBuf::from(dir).join("iqra-infra"));
    }
    let home = std::env::var_os("HOME").ok_or("HOME is not set; set it, or XDG_CACHE_HOME.")?;
    Ok(PathBuf::from(home).join(".cache/iqra-infra"))
}

/// Where `run` and `demo` keep their data: `IQRA_DATA_DIR`, else a folder that every user involved can pass.
pub(crate) fn data_dir() -> Done<PathBuf> {
    if let Some(dir) = std::env::var_os("IQRA_DATA_DIR") {
        return std::path::absolute(dir).doing("reading IQRA_DATA_DIR");
    }
    if is_root() {
        return Ok(PathBuf::from("/var/lib/iqra-infra-demo"));
    }
    if let Some(dir) = std::env::var_os("XDG_DATA_HOME") {
        return Ok(PathBuf::from(dir).join("iqra-infra-demo"));
    }
    let home = std::env::var_os("HOME").ok_or("HOME is not set; set it, or IQRA_DATA_DIR.")?;
    Ok(PathBuf::from(home).join(".local/share/iqra-infra-demo"))
}
