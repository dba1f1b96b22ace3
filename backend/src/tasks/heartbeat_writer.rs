//! Writes the newest heartbeat of each node, and the diary, once a second in one statement each.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::db::DbError;
use crate::services::App;

const EVERY: Duration = Duration::from_secs(1);

/// Writes until told to stop, and once more then.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let last = tokio::select! {
            () = stop.cancelled() => true,
            _ = ticks.tick() => false,
        };
        flush(&app).await;
        if last {
            return;
        }
    }
}

/// Writes what the database does not know. What fails is put back: the next run writes the newest state instead.
async fn flush(app: &App) {
    let mut parts = vec![app.fleet.take_unwritten()];
    while let Some(mut part) = parts.pop() {
        let written = match app.db.live_write(&part).await {
            // Of a database that is on its way down some errors look like those of a bad row.
            Err(e) => app.db.ping().await.and(Err(e)),
            ok => ok,
        };
        match (written, part.len()) {
            (Ok(()), _) => {}
            (Err(e @ DbError::Unavailable(_)), nodes) => {
                tracing::error!(error = %e, nodes, "heartbeats could not be written");
                app.fleet.put_back_unwritten(&part);
                app.fleet.note_database_error();
            }
            // One row that the database will not take must not hold the others back: halves, until it stands alone.
            (Err(e), 0..=1) => {
                let node = part.first().map(|(id, _)| *id);
                tracing::error!(error = %e, ?node, "a heartbeat cannot be stored");
            }
            (Err(_), nodes) => {
                let rest = part.split_off(nodes / 2);
                parts.extend([rest, part]);
            }
        }
    }
    let entries = app.fleet.diary.take_unwritten();
    if let Err(e) = app.db.diary_add(&entries).await {
        tracing::error!(error = %e, "the rejection diary could not be written");
        app.fleet.diary.put_back_unwritten(&entries);
    }
    // What went for want of room goes in the database too, or a flood would fill that for a day.
    if let Err(e) = app.db.diary_delete(&app.fleet.diary.take_evicted()).await {
        tracing::warn!(error = %e, "the rejection diary could not be cut");
    }
}
