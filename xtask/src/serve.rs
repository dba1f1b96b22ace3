//! `cargo xtask run`, and the start of the server that `demo` and the tests share.

use crate::api::Api;
use crate::bundle::{self, Profile};
use crate::cluster::free_port;
use crate::daemon::Daemon;
use crate::failure::{Context, Done};
use crate::options::Options;
use crate::postgres;
use crate::process::{self, cargo};
use crate::sign_in::SignIn;
use crate::steps::Steps;
use crate::workspace::{self, Workspace};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long the server may take from its start to `/readyz`: the first start makes a PostgreSQL cluster.
const READY: Duration = Duration::from_secs(90);
/// Where the console is unless IQRA_LISTEN says otherwise; the next free port is taken when it is in use.
const PORTS: std::ops::RangeInclusive<u16> = 8080..=8099;

/// What is needed to start the server.
pub(crate) struct Built {
    /// The folder with `iqra-infra` and `iqra-node`.
    pub(crate) bin_dir: PathBuf,
    /// PostgreSQL's programs; `None` where DATABASE_URL names a server.
    pub(crate) postgres: Option<PathBuf>,
}

/// Builds what is missing: console, server, node agent, PostgreSQL. Takes [`BUILD_STEPS`] steps.
pub(crate) fn build(workspace: &Workspace, options: &Options, steps: &mut Steps) -> Done<Built> {
    let bin_dir = match &options.bin_dir {
        Some(dir) => std::path::absolute(dir).doing("reading --bin-dir")?,
        None => {
            bundle::console(workspace, steps, Profile::of(options.release))?;
            binaries(workspace, steps, options.release)?
        }
    };
    let step = steps.begin("Looking for PostgreSQL");
    let postgres = if std::env::var_os("DATABASE_URL").is_some() {
        step.already("not needed: DATABASE_URL is set");
        None
    } else {
        Some(postgres::ensure(step)?)
    };
    Ok(Built { bin_dir, postgres })
}

/// How many steps [`build`] takes.
pub(crate) fn build_steps(options: &Options) -> usize {
    if options.bin_dir.is_some() { 1 } else { 4 }
}

/// Builds the server, the node agent and the S3 server; returns their folder.
pub(crate) fn binaries(workspace: &Workspace, steps: &mut Steps, release: bool) -> Done<PathBuf> {
    let mut step = steps.begin("Building the server, the node agent and the S3 server of demo and tests");
    let mut build = cargo();
    build.current_dir(&workspace.root).args(["build", "-p", "backend", "--bins", "-p", "s3d"]);
    if release {
        build.arg("--release");
    }
    step.run(&mut build)?;
    step.done();
    Ok(workspace.bin_dir(release))
}

/// The server's command with its environment.
pub(crate) fn command(built: &Built, listen: &str, data: &Path, sign_in: &SignIn) -> Command {
    let mut command = Command::new(built.bin_dir.join("iqra-infra"));
    command
        .arg("serve")
        .env("IQRA_LISTEN", listen)
        .env("IQRA_DATA_DIR", data)
        .env("IQRA_ADMIN_EMAIL", &sign_in.email)
        .env("IQRA_ADMIN_PASSWORD", &sign_in.password);
    if let Some(dir) = &built.postgres {
        command.env("IQRA_POSTGRES_BIN", dir);
    }
    command
}

/// Waits until the server is ready; fails at once when it ends instead.
pub(crate) fn wait_until_ready(server: &mut Daemon, base: &str) -> Done {
    let api = Api::new(base);
    let ready = process::wait_for(READY, || {
        server.check()?;
        Ok(api.is_ready().then_some(()))
    })?;
    ready.ok_or_else(|| format!("The server did not become ready within {} s.", READY.as_secs()).into())
}

/// Where to listen, with a remark when it is not the usual place: IQRA_LISTEN, else the first free port from 8080 on.
pub(crate) fn listen() -> Done<(String, Option<String>)> {
    if let Ok(listen) = std::env::var("IQRA_LISTEN") {
        return Ok((listen, None));
    }
    let free = PORTS.into_iter().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    let port = match free {
        Some(port) => port,
        None => free_port()?,
    };
    let remark =
        (port != *PORTS.start()).then(|| format!("Port {} is in use; taking {port}.", PORTS.start()));
    Ok((format!("127.0.0.1:{port}"), remark))
}

/// The address to open for a listen address: a server that listens everywhere is reached on loopback.
pub(crate) fn address(listen: &str) -> String {
    match listen.parse::<SocketAddr>() {
        Ok(socket) if socket.ip().is_unspecified() => format!("http://127.0.0.1:{}", socket.port()),
        _ => format!("http://{listen}"),
    }
}

/// Makes the data folder and, in it, the private folder of `run` and `demo`; returns the latter.
pub(crate) fn prepare(data: &Path) -> Done<PathBuf> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(data)
        .doing(format_args!("making {}", data.display()))?;
    let own = data.join("demo");
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&own)
        .doing(format_args!("making {}", own.display()))?;
    Ok(own)
}

/// `cargo xtask run`: until Ctrl-C.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Done {
    let mut steps = Steps::new(build_steps(options) + 1);
    let built = build(workspace, options, &mut steps)?;
    let data = workspace::data_dir()?;
    let sign_in = SignIn::load(&prepare(&data)?)?;
    let (listen, remark) = listen()?;
    let base = address(&listen);
    let step = steps.begin("Starting the server");
    println!();
    let mut server = Daemon::start_loud("The server", &mut command(&built, &listen, &data, &sign_in))?;
    wait_until_ready(&mut server, &base)?;
    step.done();
    if let Some(remark) = remark {
        println!("{remark}");
    }
    println!("\n  Console    {base}\n  E-mail     {}\n  Password   {}", sign_in.email, sign_in.password);
    println!("  Data       {}\n  Stop with Ctrl-C.\n", data.display());
    let outcome = process::wait_for(Duration::MAX, || server.check().map(|()| None::<()>));
    match outcome {
        Err(_) if process::stopping() => {
            println!("\nStopping …");
            if server.end() { Ok(()) } else { Err("The server had to be killed.".into()) }
        }
        other => other.map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_opened_on_loopback() {
        assert_eq!(address("0.0.0.0:81"), "http://127.0.0.1:81");
        assert_eq!(address("127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(address("console.lan:80"), "http://console.lan:80");
    }
}
