//! The benchmarks against the running server: built here, run by `backend/benches/live`.

use crate::browser;
use crate::failure::{Context, Done};
use crate::options::Options;
use crate::postgres;
use crate::process::{self, cargo, output};
use crate::steps::Steps;
use crate::workspace::Workspace;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// `cargo xtask bench heartbeat [-- rounds [seconds]]`.
pub(crate) fn heartbeat(workspace: &Workspace, options: &Options) -> Done<String> {
    live(workspace, "heartbeat", &options.rest, &[])
}

/// `cargo xtask bench idle`.
pub(crate) fn idle(workspace: &Workspace, _: &Options) -> Done<String> {
    live(workspace, "idle", &[], &[])
}

/// The part of `cargo xtask bench page` that needs a server and a browser; `control` is the folder of the empty program.
pub(crate) fn page(workspace: &Workspace, control: &Path) -> Done<String> {
    let mut steps = Steps::new(3);
    let node = browser::ensure_node(steps.begin("Looking for Node"))?;
    let chromium = browser::ensure_chromium(steps.begin("Looking for Chromium"))?;
    browser::ensure_packages(&workspace.root.join("e2e"), steps.begin("Installing the packages of e2e/"))?;
    let script = workspace.root.join("e2e/bench/page.mjs");
    let settings = [
        ("IQRA_BENCH_NODE", node.as_path()),
        ("IQRA_BENCH_SCRIPT", &script),
        ("IQRA_BENCH_CONTROL", control),
        ("IQRA_CHROMIUM", &chromium),
    ];
    live(workspace, "page", &[], &settings)
}

/// Builds what is shipped and the benchmark beside it, runs it, and returns what it prints.
fn live(workspace: &Workspace, name: &str, rest: &[String], settings: &[(&str, &Path)]) -> Done<String> {
    let mut steps = Steps::new(3);
    let programs = postgres::ensure(steps.begin("Looking for PostgreSQL"))?;
    let mut step = steps.begin("Building the server, the node agent and the benchmark (release)");
    step.run(&mut build(workspace))?;
    let said = output(build(workspace).args(["--quiet", "--message-format", "json"]))?;
    let program = executable(&said).ok_or("Cargo did not say where the benchmark is.")?;
    step.done();
    let step = steps.begin("Measuring");
    println!();
    let mut run = Command::new(program);
    run.arg(name).args(rest).current_dir(workspace.root.join("backend")).env("IQRA_POSTGRES_BIN", programs);
    run.envs(settings.iter().copied());
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

fn build(workspace: &Workspace) -> Command {
    let mut command = cargo();
    command.current_dir(&workspace.root).args(["bench", "-p", "backend", "--bench", "live", "--no-run"]);
    command
}

/// Where cargo put the benchmark, from its messages, one JSON object per line.
fn executable(messages: &str) -> Option<String> {
    messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        (message.pointer("/target/name")?.as_str()? == "live")
            .then(|| message.get("executable")?.as_str().map(str::to_owned))
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmark_is_found_among_the_messages() {
        let messages = "{\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"backend\"},\"executable\":null}\n\
                        {\"target\":{\"name\":\"iqra-infra\"},\"executable\":\"/t/iqra-infra\"}\n\
                        {\"target\":{\"name\":\"live\"},\"executable\":\"/t/deps/live-1\"}\n{\"success\":true}";
        assert_eq!(executable(messages).as_deref(), Some("/t/deps/live-1"));
        assert_eq!(executable("{}\nnothing"), None);
    }
}
