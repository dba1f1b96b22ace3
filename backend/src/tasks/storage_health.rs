//! Looks at each region's storage from here: once a minute, and at once after a change. Of several servers one looks.

use std::sync::Arc;
use std::time::Duration;

use common::status::IntentState;
use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::services::{App, storage};

/// How many regions are looked at at once.
const AT_ONCE: usize = 4;

/// Checks until told to stop. One look at a region has a deadline of its own.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(Duration::from_millis(app.settings.storage_check_ms));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
            () = app.storage_due.notified() => {}
        }
        if !app.fleet.sweeps() {
            continue;
        }
        let round = stream::iter(app.fleet.storage.all())
            // Nobody writes audio in a region that is out of service.
            .filter(|(id, _)| {
                let wanted = app.fleet.region_intent(id) != Some(IntentState::Disabled);
                async move { wanted }
            })
            .for_each_concurrent(AT_ONCE, |(id, _)| {
                let app = &app;
                async move { storage::check(app, &id).await }
            });
        tokio::select! {
            () = stop.cancelled() => return,
            () = round => {}
        }
    }
}
