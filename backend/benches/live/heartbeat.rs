//! How many heartbeats the server takes, beside a bare endpoint that does the least possible with the same bytes.
//!
//! The server process has core 0 for itself; the load and the server's PostgreSQL share core 1. Server and control
//! take turns, and only one of them has work at a time.

use crate::figures::{Rounds, median, quantile_ms, real, thousands};
use crate::fleet::Fleet;
use crate::load::Load;
use crate::processes::{self, Process};
use crate::{Done, now, say};

const NODES: usize = 10_000;
const CONNECTIONS: usize = 64;
const SERVER_CORE: u32 = 0;
const LOAD_CORE: u32 = 1;

/// What one round showed.
struct Round {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    cpu_micros: f64,
    server_busy: f64,
    load_busy: f64,
}

/// A server under load, and what it has shown so far.
struct Side {
    name: &'static str,
    process: Process,
    load: Load,
    rounds: Vec<Round>,
}

impl Side {
    /// Opens the connections and sends one heartbeat of each node, which also warms the server up.
    async fn new(name: &'static str, process: Process, fleet: &Fleet, strict: bool) -> Done<Self> {
        let mut load = Load::connect(process.address, &fleet.members, CONNECTIONS).await?;
        load.greet(strict).await?;
        Ok(Self { name, process, load, rounds: Vec::new() })
    }

    async fn measure(&mut self, rounds: Rounds) -> Done {
        let started = now();
        let (cpu, own) = (self.process.cpu_seconds()?, processes::own_cpu_seconds()?);
        let nanos = self.load.round(rounds.length).await?;
        let cpu = self.process.cpu_seconds()? - cpu;
        let own = processes::own_cpu_seconds()? - own;
        let wall = started.elapsed().as_secs_f64();
        let round = Round {
            per_second: real(nanos.len()) / rounds.length.as_secs_f64(),
            p50_ms: quantile_ms(&nanos, 500),
            p99_ms: quantile_ms(&nanos, 990),
            cpu_micros: cpu * 1e6 / real(nanos.len()).max(1.0),
            server_busy: cpu / wall * 100.0,
            load_busy: own / wall * 100.0,
        };
        say(&format!(
            "{:<8} {:>8}/s  p50 {:.2} ms  p99 {:.2} ms  {:.1} µs of processor each; busy: server {:.0} %, load {:.0} %",
            self.name,
            thousands(round.per_second),
            round.p50_ms,
            round.p99_ms,
            round.cpu_micros,
            round.server_busy,
            round.load_busy
        ));
        self.rounds.push(round);
        Ok(())
    }

    fn median(&self, value: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(value))
    }

    fn row(&self, name: &str) -> String {
        format!(
            "| {name} | {} | {:.2} | {:.2} | {:.1} | {:.0} % | {:.0} % |",
            thousands(self.median(|r| r.per_second)),
            self.median(|r| r.p50_ms),
            self.median(|r| r.p99_ms),
            self.median(|r| r.cpu_micros),
            self.median(|r| r.server_busy),
            self.median(|r| r.load_busy)
        )
    }
}

/// Runs the benchmark and returns its report.
///
/// # Errors
/// Where a server does not start, a reply is not 200 or is a duplicate, or the database lacks a heartbeat at the end.
pub(crate) fn run(rounds: Rounds) -> Done<String> {
    let pinned = processes::can_pin();
    if pinned {
        processes::pin_self(LOAD_CORE)?;
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(rounds, pinned))
}

async fn measure(rounds: Rounds, pinned: bool) -> Done<String> {
    let fleet = Fleet::register(NODES).await?;
    say("starting the server and the control");
    let settings = [("IQRA_HEARTBEAT_MAX_RATE", "0")];
    let server = Process::server(&fleet.data_dir(), &settings, &["--workers", "1"])?;
    let control = Process::control()?;
    if pinned {
        server.pin(SERVER_CORE)?;
        control.pin(SERVER_CORE)?;
    }
    let mut ours = Side::new("server", server, &fleet, true).await?;
    let mut bare = Side::new("control", control, &fleet, false).await?;
    for _ in 0..rounds.count {
        ours.measure(rounds).await?;
        bare.measure(rounds).await?;
    }
    let report = report(&ours, &bare, rounds, pinned);
    let last: Vec<_> = ours.load.last().collect();
    // Connections first: a server waits for those that are open.
    drop(ours.load);
    ours.process.stop()?;
    drop(bare);
    let written = fleet.written().await?;
    let missing = last.iter().filter(|(id, seq)| written.get(id) != Some(seq)).count();
    if missing > 0 || last.len() != NODES {
        return Err(format!("the database lacks the last heartbeat of {missing} nodes").into());
    }
    say("the database holds the last heartbeat of every node");
    Ok(report)
}

fn report(ours: &Side, bare: &Side, rounds: Rounds, pinned: bool) -> String {
    let ratio = |value: fn(&Round) -> f64| ours.median(value) / bare.median(value).max(f64::MIN_POSITIVE);
    let cores = if pinned {
        "The server process has core 0 for itself with one worker, and so has the control in its turns; \
         the load and the server's PostgreSQL share core 1."
    } else {
        "Nothing was pinned: server, PostgreSQL and load shared the cores."
    };
    format!(
        "`POST /api/v1/node/heartbeat`: {} registered nodes with secrets of their own, {CONNECTIONS} keep-alive \
         connections, heartbeats written to PostgreSQL once a second. The control is a bare actix-web endpoint that \
         reads the same JSON into the same type and answers the same JSON. {} rounds of {} s each in turn, medians. \
         {cores} Every reply was 200 and none a duplicate, and the database held the last heartbeat of every node \
         in the end.\n\n\
         | | requests/s | p50 ms | p99 ms | CPU µs per request | server busy | load busy |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n{}\n{}\n\
         | **ratio** | **{:.2}** | {:.2} | **{:.2}** | {:.2} | | |\n\n\
         Goals: at least 0.50 of the control's requests now, 0.85 later; p99 at most twice the control's.",
        thousands(real(NODES)),
        rounds.count,
        rounds.length.as_secs(),
        ours.row("Iqra Infrastructure"),
        bare.row("bare actix-web"),
        ratio(|r| r.per_second),
        ratio(|r| r.p50_ms),
        ratio(|r| r.p99_ms),
        ratio(|r| r.cpu_micros),
    )
}
