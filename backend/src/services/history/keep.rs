//! What keeps charts and timelines: events and minutes on their way to the database, quarters and hours made of minutes.

use std::time::Duration;

use common::time::Timestamp;

use super::later;
use crate::db::{Db, DbError};
use crate::domain::activity::EventRecord;
use crate::domain::history::{Level, Subject, floor};
use crate::live::fleet::Fleet;
use crate::live::history::History as Recent;
use crate::services::webhook_delivery::told_of;

/// Subjects written by one statement.
const WRITE_ROWS: usize = 500;
/// Events written by one statement.
const WRITE_EVENTS: usize = 1_000;
/// Statements of one run, so that a long queue does not hold everything else up.
const WRITES_PER_RUN: usize = 40;

/// How often one row that the database refuses is tried before it is given up: a statement that was cut off by a restart
/// or a time limit fails in the same way as one that can never succeed.
const TRIES: usize = 3;
/// Between two tries.
const AGAIN: Duration = Duration::from_secs(1);

/// Writes what happened to nodes and regions, and what webhooks are told of it; how many deliveries. What fails waits
/// for the next run. `console` is the address of the console.
///
/// # Errors
/// Where the database fails.
pub async fn write_events(db: &Db, fleet: &Fleet, console: Option<&str>) -> Result<usize, DbError> {
    let mut deliveries = 0;
    for _ in 0..WRITES_PER_RUN {
        let mut batch = fleet.take_events(WRITE_EVENTS);
        if batch.is_empty() {
            break;
        }
        // One event that the database will not take must not hold the others back: halves, until it stands alone.
        let told = |e: &EventRecord| told_of(fleet, e, console);
        let mut tries = 0;
        loop {
            let e = match db.events_add(&batch, told, fleet.clock().wall()).await {
                Ok(n) => {
                    deliveries += n;
                    break;
                }
                Err(e) => e,
            };
            if matches!(e, DbError::Unavailable(_)) {
                fleet.put_back_events(batch);
                return Err(e);
            }
            if batch.len() > 1 {
                fleet.put_back_events(batch.split_off(batch.len() / 2));
                continue;
            }
            tries += 1;
            if tries == TRIES {
                tracing::error!(error = %e, events = ?batch, "an event cannot be stored");
                break;
            }
            if let Err(e) = rest(db).await {
                fleet.put_back_events(batch);
                return Err(e);
            }
        }
    }
    Ok(deliveries)
}

/// Waits a moment, and asks whether the database is there at all.
async fn rest(db: &Db) -> Result<(), DbError> {
    tokio::time::sleep(AGAIN).await;
    db.ping().await
}

/// Writes the minutes that are over; with `all`, for the end of the process, also the one that is not. What fails waits
/// for the next run. `only`: where another process writes those of the fleet, this subject alone.
///
/// # Errors
/// Where the database fails.
pub async fn write_minutes(
    db: &Db,
    recent: &Recent,
    now: Timestamp,
    all: bool,
    only: Option<&Subject>,
) -> Result<(), DbError> {
    recent.close_minutes(now, all);
    let only = only.map(Subject::to_string);
    for _ in 0..WRITES_PER_RUN {
        let mut rows = recent.take_minutes(WRITE_ROWS);
        if rows.is_empty() {
            return Ok(());
        }
        rows.retain(|row| only.as_ref().is_none_or(|subject| row.subject == *subject));
        // As with events: what the database will not take is left out alone.
        let mut tries = 0;
        while let Err(e) = db.history_write(&rows).await {
            if matches!(e, DbError::Unavailable(_)) {
                recent.put_back(rows);
                return Err(e);
            }
            if rows.len() > 1 {
                recent.put_back(rows.split_off(rows.len() / 2));
                continue;
            }
            tries += 1;
            if tries == TRIES {
                tracing::error!(error = %e, ?rows, "figures cannot be stored");
                rows.clear();
                break;
            }
            if let Err(e) = rest(db).await {
                recent.put_back(rows);
                return Err(e);
            }
        }
        if let Some(first) = rows.iter().map(|r| r.bucket).min() {
            recent.written(first);
        }
    }
    Ok(())
}

/// Makes the quarters and hours that are over from the minutes written since the last time; after a start, from where
/// the last process stopped. Making them twice changes nothing.
///
/// # Errors
/// Where the database fails; the next run does the rest.
pub async fn roll(db: &Db, recent: &Recent, now: Timestamp) -> Result<(), DbError> {
    let (quarter, hour) = (Level::Quarter.step_ms(), Level::Hour.step_ms());
    // Where minutes are gone already, what was made of them must not be made again of nothing.
    let oldest = floor(later(now, hour - Level::Minute.kept_ms()), hour);
    if !recent.resumed() {
        let known = db.history_newest(Level::Hour, oldest).await?;
        let from = match known {
            Some(hour) => Some(hour),
            None => db.history_oldest(Level::Minute, oldest).await?,
        };
        recent.resume(from);
    }
    let end = floor(now, quarter);
    // An hour at a time keeps each statement short.
    while let Some(seen) = recent.changed_from().filter(|at| floor(*at, quarter) < end) {
        let changed = floor(seen.max(oldest), quarter);
        let whole = floor(changed, hour);
        let until = later(whole, hour);
        db.history_roll(Level::Quarter, changed, until.min(end)).await?;
        if until <= end {
            db.history_roll(Level::Hour, whole, until).await?;
        }
        if !recent.rolled(seen, until.min(end)) {
            break;
        }
    }
    Ok(())
}

/// Removes the figures of a node or region that was deleted: a new one may get the same id.
///
/// # Errors
/// Where the database fails; what is left goes when it is too old.
pub async fn forget(db: &Db, recent: &Recent, subject: &Subject) -> Result<(), DbError> {
    recent.forget(subject);
    db.history_delete(&subject.to_string()).await
}
