//! How the console starts and runs in a browser while a large fleet changes every second.
//!
//! The browser is driven by a script of `e2e/bench`, which says what it saw as JSON; this side has the server and the fleet.

use std::process::Stdio;
use std::time::Duration;

use common::node::NodeKind;
use serde::Deserialize;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::figures::{real, thousands};
use crate::fleet::Fleet;
use crate::load::Load;
use crate::processes::{self, Process};
use crate::{Done, now, say};

const NODES: usize = 10_000;
const CONNECTIONS: usize = 64;
/// Of a server that is gone a moment later.
const PASSWORD: &str = "a password for this benchmark only";
/// The script, and the program that runs it.
const SCRIPT: &str = "IQRA_BENCH_SCRIPT";
const NODE: &str = "IQRA_BENCH_NODE";

#[derive(Deserialize)]
struct Seen {
    browser: String,
    seconds: u32,
    visits: u32,
    profiles: Vec<Profile>,
    /// The console's start on a slow line, at full speed of the processor.
    line: Start,
}

#[derive(Deserialize)]
struct Profile {
    name: String,
    empty: Start,
    console: Start,
    nodes: Nodes,
}

/// Times in milliseconds since the address was entered.
#[derive(Deserialize)]
struct Start {
    painted: f64,
    seen: f64,
    longest: f64,
    long: f64,
}

#[derive(Deserialize)]
struct Nodes {
    seen: f64,
    still: Frames,
    scrolled: Frames,
    heap: f64,
    wasm: f64,
    elements: f64,
    shown: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frames {
    per_second: f64,
    worst: f64,
    late: f64,
    long: f64,
    longest: f64,
    script: f64,
    busy: f64,
}

/// Runs the benchmark and returns its report.
///
/// # Errors
/// Where the server, a heartbeat or the browser fails.
pub(crate) fn run() -> Done<String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> Done<String> {
    let (node, script) = (std::env::var(NODE)?, std::env::var(SCRIPT)?);
    let fleet = Fleet::register(NODES).await?;
    let backends = fleet.members.iter().filter(|m| m.kind == NodeKind::Backend).count();
    say("starting the server");
    let settings = [("IQRA_HEARTBEAT_MAX_RATE", "0"), ("IQRA_ADMIN_PASSWORD", PASSWORD)];
    let server = Process::server(&fleet.data_dir(), &settings, &[])?;
    let mut load = Load::connect(server.address, &fleet.members, CONNECTIONS).await?;
    load.greet(true).await?;
    say("every node beats once a second, each time with other figures");
    let stop = CancellationToken::new();
    let _ended = stop.clone().drop_guard();
    let beating = tokio::spawn(load.pace(stop.clone()));
    let (started, cpu, own) = (now(), server.cpu_seconds()?, processes::own_cpu_seconds()?);
    let browser = Command::new(node)
        .arg(script)
        .env("IQRA_BENCH_URL", format!("http://{}", server.address))
        .env("IQRA_BENCH_PASSWORD", PASSWORD)
        .env("IQRA_BENCH_BACKENDS", backends.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let said = browser.wait_with_output().await?;
    let wall = started.elapsed().as_secs_f64();
    let (cpu, own) = (server.cpu_seconds()? - cpu, processes::own_cpu_seconds()? - own);
    if !said.status.success() {
        return Err("the browser did not see what it should".into());
    }
    stop.cancel();
    let (load, beats) = beating.await??;
    drop(load);
    server.stop()?;
    let per_second = real(beats) / wall;
    if per_second < real(NODES) * 0.5 {
        return Err(format!("the fleet could send only {per_second:.0} heartbeats a second").into());
    }
    let seen: Seen = serde_json::from_slice(&said.stdout)?;
    let busy = format!(
        "Server and fleet share the machine with the browser: the server used {:.0} % of a core, the fleet {:.0} %.",
        cpu / wall * 100.0,
        own / wall * 100.0
    );
    Ok(report(&seen, per_second, &busy))
}

/// A row of the report: its name, and a cell for each profile.
fn row(name: &str, profiles: &[Profile], cell: impl Fn(&Profile) -> String) -> String {
    let cells: Vec<String> = profiles.iter().map(cell).collect();
    format!("| {name} | {} |", cells.join(" | "))
}

fn report(seen: &Seen, per_second: f64, busy: &str) -> String {
    let p = &seen.profiles;
    let heads: Vec<&str> = p.iter().map(|one| one.name.as_str()).collect();
    let long = |count: f64, longest: f64| {
        if count > 0.0 { format!("{count:.0}, the longest {longest:.0} ms") } else { "none".to_owned() }
    };
    let fps = |f: &Frames| {
        format!("{:.1} ({:.1} % later than 34 ms, worst {:.0} ms)", f.per_second, f.late, f.worst)
    };
    let rows = [
        row("empty program: first paint, ms", p, |x| format!("{:.0}", x.empty.painted)),
        row("empty program: heading on screen, ms", p, |x| format!("{:.0}", x.empty.seen)),
        row("empty program: long tasks until then", p, |x| long(x.empty.long, x.empty.longest)),
        row("**console: first paint of the shell, ms**", p, |x| format!("**{:.0}**", x.console.painted)),
        row("**console: live figures on screen, ms**", p, |x| format!("**{:.0}**", x.console.seen)),
        row("ratio to the empty program's heading", p, |x| {
            format!("{:.2}", x.console.seen / x.empty.seen.max(f64::MIN_POSITIVE))
        }),
        row("console: long tasks until then", p, |x| long(x.console.long, x.console.longest)),
        row("nodes: rows with live figures on screen, ms", p, |x| format!("{:.0}", x.nodes.seen)),
        row("nodes: frames a second", p, |x| fps(&x.nodes.still)),
        row("nodes: long tasks", p, |x| long(x.nodes.still.long, x.nodes.still.longest)),
        row("nodes: script / all work of the main thread", p, |x| {
            format!("{:.1} % / {:.1} %", x.nodes.still.script, x.nodes.still.busy)
        }),
        row("nodes, scrolled: frames a second", p, |x| fps(&x.nodes.scrolled)),
        row("nodes, scrolled: long tasks", p, |x| long(x.nodes.scrolled.long, x.nodes.scrolled.longest)),
        row("nodes: JavaScript heap + program's memory, MB", p, |x| {
            format!("{:.1} + {:.1}", x.nodes.heap / 1e6, x.nodes.wasm / 1e6)
        }),
        row("nodes: rows / all nodes in the DOM", p, |x| {
            format!("{:.0} / {}", x.nodes.shown, thousands(x.nodes.elements))
        }),
    ];
    let worst = |value: fn(&Profile) -> f64| p.iter().map(value).fold(0.0, f64::max);
    let word = |met: bool| if met { "met" } else { "missed" };
    let desktop = |value: fn(&Profile) -> f64| p.first().map_or(f64::INFINITY, value);
    format!(
        "In a browser (Chromium {}), {} registered nodes of which each sends a heartbeat with other figures every second \
         ({} a second were answered). Starts are medians of {} visits with an empty cache; the page of nodes is watched for \
         {} s and then scrolled for 5 s. {busy}\n\n\
         | | {} |\n| --- |{}\n{}\n\n\
         On a line of 10 Mb/s on which a request takes 60 ms there and back, with an empty cache: shell after {:.0} ms, live \
         figures after {:.0} ms.\n\n\
         Goals: shell within 300 ms ({}), live figures within 1,000 ms ({}), within 3,000 ms on the slow line ({}), no task \
         over 50 ms while figures change ({}) and while rows are scrolled at 4 × throttle ({}), \
         JavaScript heap and the program's memory at most 120 MB ({}).",
        seen.browser,
        thousands(real(NODES)),
        thousands(per_second),
        seen.visits,
        seen.seconds,
        heads.join(" | "),
        " --- |".repeat(heads.len()),
        rows.join("\n"),
        seen.line.painted,
        seen.line.seen,
        word(desktop(|x| x.console.painted) <= 300.0),
        word(desktop(|x| x.console.seen) <= 1_000.0),
        word(seen.line.seen <= 3_000.0),
        word(desktop(|x| x.nodes.still.long) == 0.0),
        word(worst(|x| x.nodes.scrolled.long) == 0.0),
        word(worst(|x| x.nodes.heap + x.nodes.wasm) <= 120e6),
    )
}

/// How often a node beats.
pub(crate) const EVERY: Duration = Duration::from_secs(1);
