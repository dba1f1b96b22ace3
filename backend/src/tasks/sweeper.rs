//! Marks nodes stale and offline when their deadlines pass.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::services::App;

/// Sweeps until told to stop. The period follows the timers, so that tests with short ones see short delays.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let period_ms = (app.fleet.policy().interval_ms / 20).clamp(50, 250);
    let mut ticks = interval(Duration::from_millis(period_ms));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let planned: Instant = tokio::select! {
            () = stop.cancelled() => return,
            planned = ticks.tick() => planned,
        };
        if app.stopping.load(Ordering::Acquire) {
            // From here on heartbeats are turned away: silence would be our own doing.
            return;
        }
        // How late this tick is, carried over to the clock the fleet reads.
        let late_ms = u64::try_from(planned.elapsed().as_millis()).unwrap_or(u64::MAX);
        let now = app.clock.mono();
        let swept = app.fleet.sweep(now.before(late_ms));
        if app.fleet.sweeps() {
            app.fleet.board.swept(app.clock.wall(), late_ms);
        }
        if swept.due > 0 {
            tracing::debug!(due = swept.due, late_ms, "swept");
        }
    }
}
