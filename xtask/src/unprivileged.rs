//! `xtask run` once as an ordinary user, in a copy of the checkout whose path holds a space.
//!
//! The copy gets binaries that are already built, with the console inside them, so that nothing is read from the
//! checkout. What this shows: server, own PostgreSQL and console start and stop for a user without rights, with every
//! file under a path with a space. What it does not show: compiling there.

use crate::api::Api;
use crate::bundle::{self, Profile};
use crate::cluster::{account, as_user, free_port};
use crate::daemon::Daemon;
use crate::failure::{Context, Done};
use crate::options::Options;
use crate::postgres;
use crate::process::{self, cargo};
use crate::steps::{Step, Steps};
use crate::workspace::{self, Workspace};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long `run` may take until the server answers.
const READY: Duration = Duration::from_secs(90);

/// The section of `cargo xtask test`.
pub(crate) fn run(workspace: &Workspace, _: &Options) -> Done {
    let mut steps = Steps::new(6);
    bundle::console(workspace, &mut steps, Profile::Dev)?;
    let bin_dir = with_console_inside(workspace, steps.begin("Building the server with the console inside"))?;
    let postgres = postgres::ensure(steps.begin("Looking for PostgreSQL"))?;

    let step = steps.begin("Copying it to a path with a space");
    let folder = workspace::temporary("iqra space ")?;
    let home = folder.path().join("home");
    let copy = folder.path().join("Iqra Infra");
    let user = if workspace::is_root() {
        Some(account("nobody").ok_or("There is no user `nobody`.")?)
    } else {
        None
    };
    std::fs::create_dir(&home).doing("making a home folder")?;
    let xtask = fill(workspace, &bin_dir, &copy)?;
    if let Some(user) = user {
        give(folder.path(), user)?;
    }
    step.already(&copy.display().to_string());

    let name = if user.is_some() { "nobody" } else { "this user" };
    let step = steps.begin(&format!("xtask run as {name}"));
    let listen = format!("127.0.0.1:{}", free_port()?);
    let base = format!("http://{listen}");
    let mut command = as_user(&xtask, user);
    command
        .current_dir(&copy)
        .args(["run", "--bin-dir", "target/debug"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", &home)
        .env("IQRA_LISTEN", &listen)
        .env("IQRA_POSTGRES_BIN", postgres);
    let mut running = Daemon::start("xtask run", &mut command, &folder.path().join("run.log"))?;
    look(&mut running, &base)?;
    if !running.end() {
        return Err("xtask run had to be killed.".into());
    }
    step.done();
    println!(
        "unprivileged: ok. /readyz answered 200 and / served the console, as {name} under {}",
        copy.display()
    );
    Ok(())
}

/// Builds into a folder of its own; what it shares with the ordinary build is compiled once.
fn with_console_inside(workspace: &Workspace, mut step: Step) -> Done<PathBuf> {
    let own = workspace.target.join("embedded");
    step.run(
        cargo()
            .current_dir(&workspace.root)
            .args(["build", "-p", "backend", "--bins", "--features", "rust-embed/debug-embed"])
            .env("CARGO_TARGET_DIR", &own)
            .env("CARGO_BUILD_BUILD_DIR", &workspace.target),
    )?;
    step.done();
    Ok(own.join("debug"))
}

/// What `run` needs of a checkout: the two manifests it is recognised by, and the binaries. Returns the copied xtask.
fn fill(workspace: &Workspace, bin_dir: &Path, copy: &Path) -> Done<PathBuf> {
    for manifest in ["Cargo.toml", "xtask/Cargo.toml"] {
        place(&workspace.root.join(manifest), &copy.join(manifest))?;
    }
    let target = copy.join("target/debug");
    for name in ["iqra-infra", "iqra-node"] {
        place(&bin_dir.join(name), &target.join(name))?;
    }
    let xtask = target.join("xtask");
    place(&std::env::current_exe().doing("finding this program")?, &xtask)?;
    Ok(xtask)
}

fn place(from: &Path, to: &Path) -> Done {
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent).doing(format_args!("making {}", parent.display()))?;
    }
    std::fs::copy(from, to).doing(format_args!("copying {}", from.display()))?;
    Ok(())
}

/// Gives a folder and all in it to a user.
fn give(path: &Path, user: (u32, u32)) -> Done {
    std::os::unix::fs::chown(path, Some(user.0), Some(user.1))
        .doing(format_args!("giving {} away", path.display()))?;
    if path.is_dir() {
        for entry in std::fs::read_dir(path).doing(format_args!("reading {}", path.display()))?.flatten() {
            give(&entry.path(), user)?;
        }
    }
    Ok(())
}

/// Waits for `/readyz`, then opens the console and the program it names.
fn look(running: &mut Daemon, base: &str) -> Done {
    let api = Api::new(base);
    let ready = process::wait_for(READY, || {
        running.check()?;
        Ok(api.is_ready().then_some(()))
    })?;
    ready.ok_or("/readyz did not answer 200 in time.")?;
    let (status, page) = api.fetch("/")?;
    if status != 200 || !page.contains("<div id=\"shell\"") {
        return Err(format!("/ answered {status} without the console.").into());
    }
    let script =
        page.split(['"', '\'']).find(|part| part.starts_with("/assets/console.") && part.ends_with(".js"));
    let script = script.ok_or("The console's page names no script.")?;
    let (status, _) = api.fetch(script)?;
    if status == 200 { Ok(()) } else { Err(format!("{script} answered {status}.").into()) }
}
