//! Samples for the charts, and their way to the database; events too, and what webhooks are told of them. Two tasks, because a database that hangs must not
//! cost samples.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::domain::history::{MINUTE_MS, SAMPLE_MS, floor};
use crate::services::{App, history};

/// How often the clock is looked at: a sample is late by at most this, and none is skipped.
const EVERY: Duration = Duration::from_secs(1);

/// Samples every 10 s by the calendar until told to stop.
pub(super) async fn sample(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let now = app.clock.wall();
        let slot = Some(floor(now, SAMPLE_MS));
        if last != slot {
            last = slot;
            app.fleet.sample_into(&app.history, now);
        }
    }
}

/// Writes events every second and minutes when they are over until told to stop, and once more then.
pub(super) async fn write(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut written = None;
    loop {
        let last = tokio::select! {
            () = stop.cancelled() => true,
            _ = ticks.tick() => false,
        };
        match history::write_events(&app.db, &app.fleet, app.settings.public_url.as_deref()).await {
            Ok(0) => {}
            Ok(_) => app.webhooks_due.notify_one(),
            Err(e) => tracing::warn!(error = %e, "events could not be written, they wait"),
        }
        let now = app.clock.wall();
        let minute = Some(floor(now, MINUTE_MS));
        if last || written != minute {
            let own = app.process.subject();
            // Two processes would write the same of the fleet.
            let only = (!app.fleet.keeps_history()).then_some(&own);
            match history::write_minutes(&app.db, &app.history, now, last, only).await {
                Ok(()) => written = minute,
                Err(e) => tracing::warn!(error = %e, "figures could not be written, they wait"),
            }
        }
        if last {
            return;
        }
    }
}
