//! Quarters and hours out of minutes, and the pieces of the tables they are in.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::services::{App, history};

const EVERY: Duration = Duration::from_secs(60);
/// Pieces are made a day or a month ahead, so once an hour is often.
const PIECES_EVERY: u32 = 60;

/// Rolls up until told to stop.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut until_pieces = 0_u32;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let now = app.clock.wall();
        if until_pieces == 0 {
            match app.db.partitions_maintain(now).await {
                Ok(done) => {
                    until_pieces = PIECES_EVERY;
                    if !done.made.is_empty() || !done.dropped.is_empty() {
                        tracing::info!(made = ?done.made, dropped = ?done.dropped, "tables of history");
                    }
                }
                Err(e) => tracing::warn!(error = %e, "tables of history could not be made"),
            }
        }
        until_pieces = until_pieces.saturating_sub(1);
        if let Err(e) = history::roll(&app.db, &app.history, now).await {
            tracing::warn!(error = %e, "figures could not be rolled up");
        }
    }
}
