//! Holds the right to sweep, or waits for it. The lock lives on a connection of its own and is looked at twice a second:
//! who loses it stops judging within two.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::config::Hidden;
use crate::db::{Lock, LockName};
use crate::services::App;

const EVERY: Duration = Duration::from_millis(500);

/// Runs until told to stop, and gives the lock up then. `lock` is what the start got: a connection whose turn it is where
/// the fleet sweeps, and one that waits where it does not.
pub(super) async fn run(app: Arc<App>, url: Hidden, lock: Option<Lock>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lock = lock;
    let mut failing = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => {}
        }
        let swept = app.fleet.sweeps();
        let (next, holds, failure) = match turn(&url, lock.take(), swept).await {
            Ok((lock, holds)) => (Some(lock), holds, None),
            Err(why) => (None, false, Some(why)),
        };
        lock = next;
        match (swept, holds) {
            (true, false) => {
                app.fleet.end_sweeping();
                tracing::warn!("the sweep is not this server's any more");
            }
            (false, true) => {
                app.fleet.begin_sweeping();
                app.storage_due.notify_one();
                tracing::info!("this server sweeps");
            }
            (true, true) | (false, false) => {}
        }
        // Once, and not twice a second for as long as the database is away.
        if let Some(error) = failure.as_deref().filter(|_| !failing) {
            tracing::warn!(error, "the database does not answer about who sweeps");
        }
        failing = failure.is_some();
    }
    app.fleet.leave_sweeping();
    if let Some(lock) = lock {
        lock.release().await;
    }
}

/// One look; the connection, which is good, and whether it holds the lock.
async fn turn(url: &Hidden, lock: Option<Lock>, holds: bool) -> Result<(Lock, bool), String> {
    let (mut lock, holds) = match lock {
        Some(lock) => (lock, holds),
        None => (Lock::open(url.reveal(), LockName::Sweeper).await.map_err(|e| e.to_string())?, false),
    };
    let asked = if holds { lock.is_held().await } else { lock.try_take().await };
    match asked {
        Ok(holds) => Ok((lock, holds)),
        Err(e) => Err(e.to_string()),
    }
}
