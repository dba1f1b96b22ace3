//! Hears what other servers changed: of people's access, which ends the streams concerned, and of everything else, which
//! [`super::replicate`] takes over. One connection of its own; while it is lost nothing is heard, so after each gap, and
//! once in a while in any case, open streams and what is in memory are compared with the database.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::replicate::Work;
use crate::config::Hidden;
use crate::db::{Listener, Notice, Told};
use crate::services::App;
use crate::services::access;

/// How long to wait before the connection is opened again, the first time,
const AGAIN_FIRST: Duration = Duration::from_millis(100);
/// and at most.
const AGAIN_MOST: Duration = Duration::from_secs(5);
/// How often everything is compared where nothing was missed, as far as can be told: a pooler between this program and
/// its database would take the notices without a word.
const REVIEW_EVERY: Duration = Duration::from_secs(30);

/// How soon everything is compared where there was no room for a notice.
const CATCH_UP: Duration = Duration::from_secs(1);

/// Runs until told to stop.
pub(super) async fn run(app: Arc<App>, url: Hidden, changes: Sender<Work>, stop: CancellationToken) {
    let mut again = AGAIN_FIRST;
    loop {
        let heard = tokio::select! {
            () = stop.cancelled() => return,
            heard = listen(&app, &url, &changes) => heard,
        };
        match heard {
            // It had been open: the next try is a first one.
            Ok(why) => {
                again = AGAIN_FIRST;
                tracing::warn!(error = why, "not listening for changed access; connecting again");
            }
            Err(why) => tracing::warn!(error = why, "cannot listen for changed access"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(again) => {}
        }
        again = (again * 2).min(AGAIN_MOST);
        if let Err(e) = access::review(&app, None).await {
            tracing::debug!(error = %e, "open streams could not be compared");
        }
    }
}

/// Listens until the connection is lost; why it was. `Err` where it was never open.
async fn listen(app: &App, url: &Hidden, changes: &Sender<Work>) -> Result<String, String> {
    let mut listener = Listener::open(url.reveal()).await.map_err(|e| e.to_string())?;
    let mut due = interval(REVIEW_EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The others read back from now on what this one writes.
    app.db.tell(Told::Server).await.map_err(|e| e.to_string())?;
    let mut missed = true;
    loop {
        tokio::select! {
            // The first one comes at once: whatever was told before this connection was there, was missed.
            _ = due.tick() => {
                // With no room for it there is enough to do, and the next turn says it.
                if changes.try_send(Work::Review { missed }).is_ok() {
                    missed = false;
                }
                if let Err(e) = access::review(app, None).await {
                    tracing::warn!(error = %e, "open streams could not be compared with the database");
                    // The database is away, and so may this connection be: begin again, which looks again.
                    return Ok(e.to_string());
                }
            }
            notice = listener.next() => match notice {
                Ok(Some(Notice::Access(notice))) => {
                    if let Err(e) = access::heard(app, notice).await {
                        return Ok(e.to_string());
                    }
                }
                Ok(Some(Notice::Change(notice))) => {
                    if app.db.told_by_us(&notice) {
                        continue;
                    }
                    // Two are of memory alone and in no comparison: they do not wait, and none is lost.
                    match notice.what {
                        Told::Server => {
                            app.fleet.note_others(true);
                            continue;
                        }
                        Told::Doubt => {
                            app.fleet.note_doubt_elsewhere();
                            continue;
                        }
                        _ => {}
                    }
                    if changes.try_send(Work::Heard(notice)).is_err() && !missed {
                        missed = true;
                        due.reset_after(CATCH_UP);
                    }
                }
                Ok(None) => {}
                Err(e) => return Ok(e.to_string()),
            }
        }
    }
}
