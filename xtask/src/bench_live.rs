//! The benchmarks against the running server: built here, run by `backend/benches/live`.

use crate::failure::{Context, Done};
use crate::options::Options;
use crate::postgres;
use crate::process::{self, cargo};
use crate::steps::Steps;
use crate::workspace::Workspace;
use std::process::{Command, Stdio};

/// `cargo xtask bench heartbeat [-- rounds [seconds]]`.
pub(crate) fn heartbeat(workspace: &Workspace, options: &Options) -> Done<String> {
    live(workspace, "heartbeat", &options.rest)
}

/// `cargo xtask bench idle`.
pub(crate) fn idle(workspace: &Workspace, _: &Options) -> Done<String> {
    live(workspace, "idle", &[])
}

/// Builds what is shipped and the benchmark beside it, runs it, and returns what it prints.
fn live(workspace: &Workspace, name: &str, rest: &[String]) -> Done<String> {
    let mut steps = Steps::new(3);
    let programs = postgres::ensure(steps.begin("Looking for PostgreSQL"))?;
    let mut step = steps.begin("Building the server, the node agent and the benchmark (release)");
    step.run(target(workspace).arg("--no-run"))?;
    step.done();
    let step = steps.begin("Measuring");
    println!();
    let mut run = target(workspace);
    run.arg("--quiet").arg("--").arg(name).args(rest).env("IQRA_POSTGRES_BIN", programs);
    let mut child = process::spawn(run.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    // The report fits into the pipe: it is read once the program has ended.
    let ended = process::wait(&mut child, |_| {})?;
    let report = std::io::read_to_string(child.stdout.take().ok_or("The benchmark has no output.")?)
        .doing("reading the benchmark's report")?;
    if !ended.success() {
        return Err(format!("The benchmark {name} failed.").into());
    }
    step.done();
    Ok(report.trim().to_owned())
}

fn target(workspace: &Workspace) -> Command {
    let mut command = cargo();
    command.current_dir(&workspace.root).args(["bench", "-p", "backend", "--bench", "live"]);
    command
}
