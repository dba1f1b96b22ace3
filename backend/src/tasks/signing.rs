//! Keys that sign tokens: changed by age, and learnt where another server changed them. Tokens that end soon: told.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::services::{App, signing, tokens};

const EVERY: Duration = Duration::from_secs(60);

/// Looks once a minute until told to stop.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(e) = signing::turn(&app).await {
            tracing::warn!(error = %e, "the keys that sign tokens could not be looked after");
        }
        tokens::warn(&app).await;
    }
}
