//! Ends runs of jobs that nobody will end any more.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::services::{App, jobs};

const EVERY: Duration = Duration::from_secs(2);

/// Looks until told to stop.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match jobs::lapse(&app).await {
            Ok(0) => {}
            Ok(n) => tracing::info!(runs = n, "runs of jobs ended without a word of their node"),
            Err(e) => tracing::warn!(error = %e, "runs of jobs could not be looked at"),
        }
    }
}
