//! A throw-away PostgreSQL for the integration tests: its own folder, its own port, gone afterwards.

use crate::daemon::Daemon;
use crate::failure::{Context, Done};
use crate::process::{self, output};
use crate::sign_in;
use crate::workspace;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// How long a cluster may take until it answers; seconds on a slow disk.
const START: Duration = Duration::from_secs(60);

/// A running cluster; dropping it stops the server and removes the folder.
pub(crate) struct Cluster {
    /// `postgres://…/postgres` for a superuser.
    pub(crate) url: String,
    /// Stopped before the folder goes: fields are dropped in order.
    _server: Daemon,
    _folder: TempDir,
}

/// Makes and starts a cluster with the programs in `bin`. Nothing in it survives a crash, which makes it quick.
pub(crate) fn start(bin: &Path) -> Done<Cluster> {
    let folder = workspace::temporary("iqra-pg-")?;
    let user = server_user()?;
    let data = folder.path().join("data");
    let password = sign_in::random_word()?;
    let password_file = folder.path().join("password");
    std::fs::write(&password_file, &password).doing("writing the test cluster's password")?;
    if let Some(user) = user {
        for path in [folder.path(), &password_file] {
            std::os::unix::fs::chown(path, Some(user.0), Some(user.1))
                .doing("giving the folder to PostgreSQL's user")?;
        }
    }
    let mut init = as_user(bin.join("initdb").as_path(), user);
    init.current_dir(folder.path())
        .arg("--pgdata")
        .arg(&data)
        .args(["--username=postgres", "--auth=password", "--encoding=UTF8", "--locale=C", "--no-sync"])
        .arg("--pwfile")
        .arg(&password_file);
    output(&mut init)?;
    let port = free_port()?;
    let mut server = as_user(bin.join("postgres").as_path(), user);
    server
        .current_dir(folder.path())
        .arg("-D")
        .arg(&data)
        .args(["-p", &port.to_string(), "-k"])
        .arg(folder.path());
    for setting in [
        "listen_addresses=127.0.0.1",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "autovacuum=off",
        "max_connections=300",
    ] {
        server.args(["-c", setting]);
    }
    let log = folder.path().join("server.log");
    let mut server = Daemon::start("the test cluster", &mut server, &log)?;
    let ready = process::wait_for(START, || {
        server.check()?;
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        Ok(text.contains("ready to accept connections").then_some(()))
    })?;
    ready.ok_or("PostgreSQL did not start within a minute.")?;
    let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
    Ok(Cluster { url, _server: server, _folder: folder })
}

/// The user and group that PostgreSQL runs as when we are root, which it refuses to be.
fn server_user() -> Done<Option<(u32, u32)>> {
    if !workspace::is_root() {
        return Ok(None);
    }
    let user = account("postgres").or_else(|| account("nobody"));
    user.map(Some)
        .ok_or_else(|| "There is neither a user `postgres` nor `nobody` to run PostgreSQL as.".into())
}

/// User and group numbers of an account of this machine.
pub(crate) fn account(name: &str) -> Option<(u32, u32)> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let user = fields.nth(1)?.parse().ok()?;
        Some((user, fields.next()?.parse().ok()?))
    })
}

/// A command that runs as the given user and group.
pub(crate) fn as_user(program: &Path, user: Option<(u32, u32)>) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
    command
}

/// A port that nobody listens on at this moment.
pub(crate) fn free_port() -> Done<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).doing("looking for a free port")?;
    Ok(listener.local_addr().doing("looking for a free port")?.port())
}
