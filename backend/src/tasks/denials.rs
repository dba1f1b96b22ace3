//! Denied attempts that have no entry of their own in the activity log: noted together when their time is over, and at
//! the stop of the server.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::services::App;
use crate::services::activity::note_more;

const EVERY: Duration = Duration::from_secs(1);

/// Notes them until told to stop.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => note_more(&app, false).await,
        }
    }
    note_more(&app, true).await;
}
