//! Removes what has ended: sessions, automation tokens after the 30 days in which they are listed, refused heartbeats
//! older than a day, runs of jobs and receipts of commands older than 90 days, activity older than 400 days, what webhooks were told more than 14 days ago. Figures and
//! events go in pieces, see [`super::rollup`].

use std::sync::Arc;
use std::time::Duration;

use common::tokens::LISTED_DAYS;
use common::webhooks::KEPT_DAYS;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::live::diary::KEPT_MS;
use crate::services::{App, idempotency, kept};

/// A hidden server that still tries after three months is worth another look.
const IGNORED_KEPT_MS: u64 = 90 * 24 * 3_600_000;
const EVERY: Duration = Duration::from_secs(60);
/// How long the late heartbeats of a deleted node are recognised.
const TOMBSTONES_KEPT_MS: u64 = 30 * 24 * 3_600_000;

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
        app.fleet.problems.ignored_forget(now.before(IGNORED_KEPT_MS));
        app.fleet.secrets_expire(now);
        let deleted_before = now.before(TOMBSTONES_KEPT_MS);
        app.fleet.tombstones_forget(deleted_before);
        // Others may not see yet what keeps a snooze; one decides.
        let ended = app.fleet.problems.take_ended();
        let ended = if app.fleet.sweeps() { ended } else { Vec::new() };
        let outcomes = [
            app.db.secret_purge(now).await,
            app.db.tombstone_purge(deleted_before).await,
            app.db
                .idempotency_purge(now.before(idempotency::KEPT_MS), now.before(idempotency::SECRET_MS))
                .await,
            app.db.session_delete_expired(now).await,
            app.db.link_purge(now).await,
            app.db.token_delete_ended(now.before(u64::from(LISTED_DAYS) * 24 * 3_600_000)).await,
            app.db.diary_delete_before(now.before(KEPT_MS)).await,
            app.db.run_delete_before(now.before(kept::RUNS_MS)).await,
            app.db.commands_delete_before(now.before(kept::COMMANDS_MS)).await,
            app.db.frontend_delete_old().await,
            app.db.snoozes_forget(&ended).await,
            app.db.ignored_delete_before(now.before(IGNORED_KEPT_MS)).await,
            app.db.activity_delete_before(now.before(kept::ACTIVITY_MS)).await,
            app.db.webhook_former_purge(now).await,
            app.db.webhook_queues_clear(now).await,
            app.db.webhook_messages_delete_before(now.before(u64::from(KEPT_DAYS) * 24 * 3_600_000)).await,
        ];
        for outcome in outcomes {
            match outcome {
                Ok(0) => {}
                Ok(n) => tracing::debug!(rows = n, "cleaned up"),
                Err(e) => tracing::warn!(error = %e, "could not clean up"),
            }
        }
    }
}
