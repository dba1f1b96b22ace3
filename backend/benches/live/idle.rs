//! What the server weighs while a fleet beats at its usual pace and nobody looks.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::figures::{real, thousands};
use crate::fleet::Fleet;
use crate::processes::Process;
use crate::{Done, say};

const NODES: usize = 1_000;
const SECONDS: usize = 40;
/// Of the server process alone.
const GOAL_MB: f64 = 100.0;

/// Runs the benchmark and returns its report.
///
/// # Errors
/// Where the server does not start, or a heartbeat of the fleet is lost or refused.
pub(crate) fn run() -> Done<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let fleet = runtime.block_on(Fleet::register(NODES))?;
    let list = fleet.write_list()?;
    say("starting the server");
    let server = Process::server(&fleet.data_dir(), &[], &[])?;
    let fresh_kb = server.status_kb("VmRSS")?;
    say(&format!("{NODES} nodes beat for {SECONDS} s"));
    let mut nodes = Command::new(env!("CARGO_BIN_EXE_iqra-node"))
        .args([
            "simulate",
            "--url",
            &format!("http://{}", server.address),
            "--duration",
            &format!("{SECONDS}s"),
        ])
        .arg("--no-goodbye")
        .arg("--secrets")
        .arg(&list)
        .env("RUST_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let cpu = server.cpu_seconds()?;
    let mut samples = Vec::new();
    let ended = loop {
        std::thread::sleep(Duration::from_millis(500));
        samples.push(server.status_kb("VmRSS")?);
        if let Some(status) = nodes.try_wait()? {
            break status;
        }
    };
    let cpu = server.cpu_seconds()? - cpu;
    let peak_kb = server.status_kb("VmHWM")?;
    let summary = std::io::read_to_string(nodes.stdout.take().ok_or("no summary of the fleet")?)?;
    server.stop()?;
    let summary: serde_json::Value = serde_json::from_str(summary.trim())?;
    let count = |name: &str| summary.get(name).and_then(serde_json::Value::as_f64);
    let (sent, ok, lost) = (count("sent"), count("ok"), count("lost"));
    let all_counted = ok.is_some_and(|n| n >= 1_000.0) && sent == ok && lost == Some(0.0);
    if !ended.success() || !all_counted {
        return Err(format!("the fleet did not beat as it should: {summary}").into());
    }
    let mb = |kb: u32| f64::from(kb) * 1024.0 / 1e6;
    let last_kb = samples.last().copied().unwrap_or_default();
    let most_kb = samples.iter().copied().max().unwrap_or_default();
    let word = if mb(peak_kb) < GOAL_MB { "met" } else { "missed" };
    Ok(format!(
        "The server process alone, its PostgreSQL not counted: {} simulated nodes beating at the interval they are \
         told for {SECONDS} s ({} heartbeats, all answered 200), no console open.\n\n\
         | resident memory | MB |\n| --- | --- |\n\
         | after the start | {:.1} |\n| at the end | {:.1} |\n| most while beating | {:.1} |\n\
         | **highest since the start** | **{:.1}** |\n\n\
         Processor time of the server: {:.1} % of one core. Goal: below {GOAL_MB:.0} MB ({word}).",
        thousands(real(NODES)),
        thousands(ok.unwrap_or_default()),
        mb(fresh_kb),
        mb(last_kb),
        mb(most_kb),
        mb(peak_kb),
        cpu / real(SECONDS) * 100.0,
    ))
}
