//! Looks after the vault: keys that are new, a master key that came or went.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::services::{App, vault};

const EVERY: Duration = Duration::from_secs(1);

/// Looks until told to stop, and says goodbye then.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => {}
        }
        let outcome = vault::turn(&app).await;
        // Once, and not every second for as long as the database is away.
        if let Err(e) = &outcome
            && !failing
        {
            tracing::warn!(error = %e, "the vault could not be looked after");
        }
        failing = outcome.is_err();
    }
    vault::leave(&app).await;
}
