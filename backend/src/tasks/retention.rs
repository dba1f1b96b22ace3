//! Removes what has ended: sessions, and refused heartbeats older than a day.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::live::diary::KEPT_MS;
use crate::services::App;

const EVERY: Duration = Duration::from_secs(60);

/// Cleans up until told to stop; bounded per run, the rest waits for the next.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let now = app.clock.wall();
        app.fleet.diary.forget_old(now);
        let outcomes =
            [app.db.session_delete_expired(now).await, app.db.diary_delete_before(now.before(KEPT_MS)).await];
        for outcome in outcomes {
            match outcome {
                Ok(0) => {}
                Ok(n) => tracing::debug!(rows = n, "cleaned up"),
                Err(e) => tracing::warn!(error = %e, "could not clean up"),
            }
        }
    }
}
