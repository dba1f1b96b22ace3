//! Writes about this server process: what it uses, whether the database and the sweeper are in order.

use std::sync::Arc;
use std::time::Duration;

use common::history::Metric;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::clock::Mono;
use crate::services::App;
use crate::services::frontend_nodes::{self, Measured, WRITE_EVERY_MS};

/// Writes until told to stop, and says goodbye then.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(Duration::from_millis(WRITE_EVERY_MS));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut meter = Meter::start(&app);
    loop {
        let last = tokio::select! {
            () = stop.cancelled() => true,
            _ = ticks.tick() => false,
        };
        let measured = meter.measure(&app).await;
        let now = app.clock.wall();
        let subject = app.process.subject();
        // The worst since the last look: one late sweep among many is what somebody looks for later.
        let late_ms = app.fleet.board.take_worst_sweep().filter(|_| app.fleet.sweeps()).map(float);
        for (metric, value) in [
            (Metric::Cpu, measured.cpu_percent),
            (Metric::Memory, measured.memory_percent),
            (Metric::DatabaseMs, measured.database.ping_ms),
            (Metric::SweeperLateMs, late_ms),
        ] {
            if let Some(value) = value {
                app.history.sample(&subject, metric, value, now);
            }
        }
        if let Err(e) = frontend_nodes::write(&app, &measured, last).await {
            tracing::warn!(error = %e, "this process could not write about itself");
        }
        if last {
            return;
        }
    }
}

/// Measures between two looks.
struct Meter {
    system: System,
    pid: Pid,
    at: Mono,
    beats: u64,
    /// The first look has nothing to count from.
    first: bool,
}

impl Meter {
    fn start(app: &App) -> Self {
        let mut system = System::new();
        system.refresh_cpu_usage();
        let (at, beats) = (app.clock.mono(), app.fleet.board.beats());
        Self { system, pid: Pid::from_u32(std::process::id()), at, beats, first: true }
    }

    async fn measure(&mut self, app: &App) -> Measured {
        let memory = ProcessRefreshKind::nothing().with_memory();
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        self.system.refresh_processes_specifics(ProcessesToUpdate::Some(&[self.pid]), true, memory);
        let (now, beats) = (app.clock.mono(), app.fleet.board.beats());
        let elapsed_ms = now.since(self.at);
        let cpu = f64::from(self.system.global_cpu_usage());
        let measured = Measured {
            listen: app.process.listen.clone(),
            cpu_percent: (!self.first).then(|| tenth(cpu.clamp(0.0, 100.0))),
            memory_bytes: self.system.process(self.pid).map(sysinfo::Process::memory),
            memory_percent: share(self.system.used_memory(), self.system.total_memory()),
            memory_total_bytes: Some(self.system.total_memory()).filter(|n| *n > 0),
            database: frontend_nodes::ask_database(app).await,
            sweeper: frontend_nodes::sweeper(app),
            heartbeats_per_second: rate(beats.saturating_sub(self.beats), elapsed_ms),
            open_streams: u32::try_from(app.hub.stats().open).unwrap_or(u32::MAX),
        };
        (self.at, self.beats, self.first) = (now, beats, false);
        measured
    }
}

fn share(used: u64, total: u64) -> Option<f64> {
    (total > 0).then(|| tenth(float(used) / float(total) * 100.0))
}

fn rate(count: u64, elapsed_ms: u64) -> f64 {
    if elapsed_ms == 0 { 0.0 } else { tenth(float(count) * 1000.0 / float(elapsed_ms)) }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "shares and rates, far below 2^53 and shown with one decimal"
)]
fn float(n: u64) -> f64 {
    n as f64
}

fn tenth(n: f64) -> f64 {
    (n * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_shares() {
        assert_eq!(rate(28, 5_000), 5.6);
        assert_eq!(rate(1, 0), 0.0);
        assert_eq!(share(1, 3), Some(33.3));
        assert_eq!(share(1, 0), None);
    }
}
