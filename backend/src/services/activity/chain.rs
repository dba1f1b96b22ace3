//! The chain of the activity log: where it ends, and whether it holds.

use common::activity::{ActivityChain, ChainPlace};
use common::auth::Permission;

use crate::auth::hex;
use crate::auth::policy::{Actor, authorize};
use crate::db::Db;
use crate::domain::activity_chain::{Broken, Place};
use crate::services::{App, ServiceError};

/// Entries read at once.
const BATCH: i64 = 1_000;

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

/// Where the chain begins and ends, for somebody to note down: who has noted a head can show later that nothing before
/// it was taken away.
///
/// # Errors
/// Where the database fails, a role too low.
pub async fn ends(app: &App, actor: &Actor) -> Result<ActivityChain, ServiceError> {
    authorize(actor, Permission::Read, None)?;
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
    })
}

/// Makes every hash again, in batches, and compares. `noted` is a place somebody wrote down: the chain must still go
/// through it.
///
/// # Errors
/// Where the database fails.
pub async fn verify(db: &Db, noted: Option<Place>) -> Result<Verified, ServiceError> {
    let ends = db.chain_ends().await?;
    let start = match ends.checkpoint {
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
    }
    if found.broken.is_none() {
        found.broken = unseen.map(|n| Broken::NotNoted { seq: n.seq });
    }
    if found.broken.is_none() {
        found.broken = db.chain_unlinked().await?.map(|id| Broken::Unlinked { id });
    }
    Ok(found)
}
