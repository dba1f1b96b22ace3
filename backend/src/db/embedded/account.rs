//! Whom the database runs as, and whether that user can get to its folders.
//!
//! PostgreSQL refuses to run as root. An ordinary user runs it as itself; root runs it as the owner of the cluster,
//! or for a new one as `postgres`, or as `nobody`.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::error::{EmbeddedError, io};

/// The user of the database processes.
#[derive(Debug, Clone)]
pub(super) struct Account {
    name: String,
    uid: u32,
    gid: u32,
    /// We are root and have to change into it.
    switch: bool,
}

impl Account {
    /// The user who has to run the cluster at `cluster`, which may not exist yet.
    pub(super) fn for_cluster(cluster: &Path) -> Result<Self, EmbeddedError> {
        let me = rustix::process::geteuid();
        let owner = fs::metadata(cluster).ok().map(|m| (m.uid(), m.gid()));
        if !me.is_root() {
            return match owner {
                Some((owner, _)) if owner != me.as_raw() => {
                    Err(EmbeddedError::NotOwner { folder: cluster.to_path_buf(), owner })
                }
                _ => Ok(Self {
                    name: me.as_raw().to_string(),
                    uid: me.as_raw(),
                    gid: rustix::process::getegid().as_raw(),
                    switch: false,
                }),
            };
        }
        // Whoever owns the data keeps it, also when a user `postgres` was installed later.
        if let Some((uid, gid)) = owner.filter(|(uid, _)| *uid != 0) {
            return Ok(Self { name: uid.to_string(), uid, gid, switch: true });
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| from_passwd(&users, name))
            .map(|(name, uid, gid)| Self { name, uid, gid, switch: true })
            .ok_or(EmbeddedError::NoAccount)
    }

    /// The user's name, or its number where the name does not matter.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The user's number.
    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// A command of the database, run as this user, in English, with nothing of the caller's PostgreSQL settings.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").stdin(std::process::Stdio::null());
        if self.switch {
            // The standard library drops root's supplementary groups together with its user id.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Gives one file or folder to this user.
    pub(super) fn own(&self, path: &Path) -> Result<(), EmbeddedError> {
        if !self.switch {
            return Ok(());
        }
        std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid))
            .map_err(io("change the owner of", path))
    }

    /// Gives a whole cluster to this user if root owns it, which is how a backup restored by root looks.
    pub(super) fn take_ownership(&self, cluster: &Path) -> Result<(), EmbeddedError> {
        let metadata = fs::symlink_metadata(cluster).map_err(io("read", cluster))?;
        if !self.switch || metadata.uid() != 0 {
            return Ok(());
        }
        let mut pending = vec![cluster.to_path_buf()];
        while let Some(folder) = pending.pop() {
            for entry in fs::read_dir(&folder).map_err(io("read", &folder))? {
                let entry = entry.map_err(io("read", &folder))?;
                if entry.file_type().is_ok_and(|t| t.is_dir()) {
                    pending.push(entry.path());
                } else {
                    self.own(&entry.path())?;
                }
            }
            // The cluster itself comes last: a run that is cut short is repeated by the next.
            if folder != cluster {
                self.own(&folder)?;
            }
        }
        self.own(cluster)
    }

    /// Lets this user pass through the data folder, and checks the folders above it, which are not ours to change.
    pub(super) fn ensure_reachable(&self, data_dir: &Path) -> Result<(), EmbeddedError> {
        if !self.switch {
            return Ok(());
        }
        let metadata = fs::metadata(data_dir).map_err(io("read", data_dir))?;
        if !self.may_pass(&metadata) {
            // Passing is not listing: the names inside stay hidden, and each secret file has its own mode.
            let mode = metadata.mode() | 0o011;
            fs::set_permissions(data_dir, Permissions::from_mode(mode))
                .map_err(io("change the mode of", data_dir))?;
        }
        match self.blocked_at(data_dir) {
            Some(blocked) => Err(EmbeddedError::NotReachable { user: self.name.clone(), blocked }),
            None => Ok(()),
        }
    }

    /// The first folder on the way to `path`, itself included, that this user may not enter.
    pub(super) fn blocked_at(&self, path: &Path) -> Option<PathBuf> {
        if !self.switch {
            return None;
        }
        let mut way: Vec<&Path> = path.ancestors().collect();
        way.reverse();
        way.into_iter().find(|p| fs::metadata(p).is_ok_and(|m| !self.may_pass(&m))).map(Path::to_path_buf)
    }

    fn may_pass(&self, metadata: &Metadata) -> bool {
        let bit = match () {
            () if metadata.uid() == self.uid => 0o100,
            () if metadata.gid() == self.gid => 0o010,
            () => 0o001,
        };
        metadata.mode() & bit != 0
    }
}

/// Makes the data folder with what is missing above it, and returns its full path without links.
pub(super) fn make_data_folder(path: &Path) -> Result<PathBuf, EmbeddedError> {
    // As root the database's user has to pass through; nobody but us may list or read.
    let mode = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
    let path = std::path::absolute(path).map_err(io("make the path absolute:", path))?;
    let mut missing: Vec<&Path> = path.ancestors().take_while(|p| !p.exists()).collect();
    missing.reverse();
    for folder in missing {
        match DirBuilder::new().mode(mode).create(folder) {
            // The mask of the process may have taken the bits the database's user needs.
            Ok(()) => fs::set_permissions(folder, Permissions::from_mode(mode)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
        .map_err(io("make the folder", folder))?;
    }
    fs::canonicalize(&path).map_err(io("find", &path))
}

/// Name, user and group number of `name` in the text of `/etc/passwd`.
fn from_passwd(users: &str, name: &str) -> Option<(String, u32, u32)> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some((name.to_owned(), uid, gid))
    })
}

#[cfg(test)]
mod tests {
    use super::from_passwd;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgresx:x:5:6::/:/x\npostgres:x:101:104:PG,,,:/var/lib:/bin/sh\n";
        assert_eq!(from_passwd(users, "postgres"), Some(("postgres".into(), 101, 104)));
        assert_eq!(from_passwd(users, "nobody"), None);
        assert_eq!(from_passwd("nobody:x:-2:-2::/:/x", "nobody"), None);
    }
}
