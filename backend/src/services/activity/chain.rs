//! The chain of the activity log: where it ends, whether it holds, and when somebody last looked.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use common::activity::{
    ActivityChain, BreakKind, ChainBreak, ChainPlace, ChainVerified, ChainVerifying, Outcome,
};
use common::auth::Permission;
use common::time::Timestamp;
use parking_lot::Mutex;

use super::note;
use crate::auth::hex;
use crate::auth::policy::{Actor, authorize};
use crate::clock::Mono;
use crate::db::Db;
use crate::domain::activity::Target;
use crate::domain::activity_chain::{Broken, Place};
use crate::services::{App, ServiceError};

/// Entries read at once.
const BATCH: i64 = 1_000;
/// A check asked for over the API gives up after so long; the command line has no such end.
const CHECK_MS: u64 = 10 * 60_000;

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Entries whose hashes were made again.
    pub entries: u64,
    /// Where the check got to.
    pub at: Place,
    /// The first thing that is not right.
    pub broken: Option<Broken>,
}

/// The check that runs in this process, if one does.
#[derive(Default)]
pub struct Check(Mutex<Option<ChainVerifying>>);

impl Check {
    /// How far it has come.
    fn now(&self) -> Option<ChainVerifying> {
        *self.0.lock()
    }
}

/// What is wrong, for the wire.
fn told(broken: Broken) -> ChainBreak {
    let (kind, seq, entry) = match broken {
        Broken::Gap { expected, .. } => (BreakKind::Missing, Some(expected), None),
        Broken::Removed { seq, id } => (BreakKind::Removed, Some(seq), Some(id)),
        Broken::Changed { seq, id } => (BreakKind::Changed, Some(seq), Some(id)),
        Broken::Unlinked { id } => (BreakKind::Unlinked, None, Some(id)),
        Broken::NotNoted { seq } => (BreakKind::NotNoted, Some(seq), None),
    };
    ChainBreak { kind, seq, entry: entry.map(|id| id.to_string()) }
}

/// Where the chain begins and ends, for somebody to note down: who has noted a head can show later that nothing before
/// it was taken away. And what the last check found.
///
/// # Errors
/// Where the database fails, a role too low.
pub async fn ends(app: &App, actor: &Actor) -> Result<ActivityChain, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    // Before what was found, so that a check that ends meanwhile is not seen as neither running nor over.
    let verifying = app.chain_check.now();
    let ends = app.db.chain_ends().await?;
    let (last_seq, head, head_at) = match ends.head {
        Some((seq, hash, at)) => (Some(seq), Some(hex(&hash)), at),
        None => (None, None, None),
    };
    let place = |(seq, hash, at): (i64, Vec<u8>, _)| ChainPlace { seq, hash: hex(&hash), at };
    Ok(ActivityChain {
        entries: u64::try_from(ends.entries).unwrap_or(0),
        first_seq: ends.first,
        last_seq,
        head,
        head_at,
        checkpoint: ends.checkpoint.map(place),
        verified: app.db.chain_check().await?,
        verifying,
        changeable: app.db.chain_changeable().await?,
    })
}

/// Begins a check of the whole chain, unless one runs; it goes on in the background. What it finds is in [`ends`].
///
/// # Errors
/// Where the database fails, a role too low.
pub async fn begin(app: &Arc<App>, actor: &Actor) -> Result<ActivityChain, ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    let now = app.clock.wall();
    note(app, &actor.act(now, "activity.verify", Target::named("activity", "chain")).ended(Outcome::Allowed))
        .await;
    let begun = {
        let mut running = app.chain_check.0.lock();
        let free = running.is_none();
        if free {
            *running = Some(ChainVerifying { since: now, entries: 0 });
        }
        free
    };
    if begun {
        let app = Arc::clone(app);
        tokio::spawn(async move {
            let outcome = run(&app).await;
            *app.chain_check.0.lock() = None;
            match outcome {
                Ok(Some(Verified { broken: Some(broken), .. })) => {
                    tracing::error!(%broken, "the chain of the activity log is broken");
                }
                Ok(Some(found)) => {
                    tracing::info!(entries = found.entries, "the chain of the activity log holds")
                }
                Ok(None) => tracing::warn!("the chain of the activity log could not be checked in time"),
                Err(e) => tracing::error!(error = %e, "the chain of the activity log could not be checked"),
            }
        });
    }
    ends(app, actor).await
}

/// A check in the background, bounded in time; `None` where it did not get to the end.
async fn run(app: &App) -> Result<Option<Verified>, ServiceError> {
    let end: Mono = app.clock.mono().after(CHECK_MS);
    let found = walk(&app.db, None, |entries| {
        if let Some(running) = app.chain_check.0.lock().as_mut() {
            running.entries = entries;
        }
        app.clock.mono() < end && !app.stopping.load(Ordering::Relaxed)
    })
    .await?;
    if let Some(found) = &found {
        let broken = found.broken.map(told);
        let at = app.clock.wall();
        app.db.chain_checked(&ChainVerified { at, entries: found.entries, broken }).await?;
    }
    Ok(found)
}

/// Makes every hash again, in batches, and compares. `noted` is a place somebody wrote down: the chain must still go
/// through it.
///
/// # Errors
/// Where the database fails.
pub async fn verify(db: &Db, noted: Option<Place>) -> Result<Verified, ServiceError> {
    let found = walk(db, noted, |_| true).await?;
    found.ok_or_else(|| ServiceError::Internal("a check without an end ended early".to_owned()))
}

/// The same, telling after each batch how many entries there were; `None` where that says not to go on.
async fn walk(
    db: &Db,
    noted: Option<Place>,
    mut go_on: impl FnMut(u64) -> bool,
) -> Result<Option<Verified>, ServiceError> {
    let mut from = db.chain_ends().await?.checkpoint;
    loop {
        let found = pass(db, from.clone(), noted, &mut go_on).await?;
        if found.as_ref().is_none_or(|f| f.broken.is_none()) {
            return Ok(found);
        }
        // What was removed by age meanwhile is not missing.
        let now = db.chain_ends().await?.checkpoint;
        if now == from {
            return Ok(found);
        }
        from = now;
    }
}

/// Of the last entry that was removed by age: its number, its hash and when.
type Checkpoint = (i64, Vec<u8>, Timestamp);

/// From the checkpoint to the end.
async fn pass(
    db: &Db,
    checkpoint: Option<Checkpoint>,
    noted: Option<Place>,
    mut go_on: impl FnMut(u64) -> bool,
) -> Result<Option<Verified>, ServiceError> {
    let start = match checkpoint {
        Some((seq, hash, _)) => hash.try_into().ok().map(|hash| Place { seq, hash }),
        None => Some(Place::START),
    };
    let Some(start) = start else {
        return Err(ServiceError::Internal("the checkpoint's hash is not 32 bytes".to_owned()));
    };
    let mut found = Verified { entries: 0, at: start, broken: None };
    // What was removed by age cannot be compared, except with the last of it.
    let mut unseen = noted.filter(|n| n.seq >= start.seq);
    if let Some(n) = unseen.filter(|n| n.seq == start.seq) {
        found.broken = (n.hash != start.hash).then_some(Broken::NotNoted { seq: n.seq });
        unseen = None;
    }
    while found.broken.is_none() {
        let links = db.chain_after(found.at.seq, BATCH).await?;
        if links.is_empty() {
            break;
        }
        for link in &links {
            match found.at.step(link) {
                Ok(place) => {
                    found.at = place;
                    found.entries += 1;
                }
                Err(broken) => {
                    found.broken = Some(broken);
                    break;
                }
            }
            if let Some(n) = unseen.filter(|n| n.seq == found.at.seq) {
                unseen = None;
                if n.hash != found.at.hash {
                    found.broken = Some(Broken::NotNoted { seq: n.seq });
                    break;
                }
            }
        }
        if !go_on(found.entries) {
            return Ok(None);
        }
    }
    if found.broken.is_none() {
        found.broken = unseen.map(|n| Broken::NotNoted { seq: n.seq });
    }
    if found.broken.is_none() {
        found.broken = db.chain_unlinked().await?.map(|id| Broken::Unlinked { id });
    }
    Ok(Some(found))
}
