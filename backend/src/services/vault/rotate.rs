//! A new master key and a new data key, while servers run.
//!
//! 1. Every data key is sealed under the new master key too. From here on either master key opens the vault.
//! 2. Wait until every server that runs has the new master key.
//! 3. A new data key is stored, sealed under the new master key alone: the old one never sees it.
//! 4. Wait until every server has learned it; then it becomes the current one.
//! 5. Wait until every server seals under it; then nothing is written under the old one any more.
//! 6. What is stored under former keys is sealed anew.
//! 7. What is sealed under the old master key is forgotten: it opens nothing of this database from here on.
//!
//! Killed at any point, the next run sees from the rows what is left and goes on. A wait that takes too long ends the
//! run in the same way: nothing is lost, and nobody is locked out.

use std::time::Duration;

use common::time::Timestamp;
use serde_json::json;

use super::reseal::{self, Resealed};
use super::{VaultError, learn, unwrapped};
use crate::auth::NoRandom;
use crate::auth::seal::{DataKey, KeyId, MasterKeys, SealError, Sealer};
use crate::db::{Db, DbError, KeyState, VaultServer};
use crate::domain::activity::{Entry, Target};

/// A server that has been silent for so long is gone.
const GONE_SECONDS: u32 = 30;
/// Between two looks at the servers.
const LOOK: Duration = Duration::from_millis(250);
/// Longest wait for servers.
pub const WAIT: Duration = Duration::from_secs(90);

/// A point of a rotation that has been reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Data keys are sealed under the new master key too.
    Wrapped,
    /// Every server has it.
    MasterKnown,
    /// The new data key is stored.
    Prepared,
    /// Every server has learned it.
    KeyKnown,
    /// It is the current one.
    Activated,
    /// Every server seals under it.
    InUse,
    /// So many rows were sealed anew.
    Resealed(usize),
    /// The old master key opens nothing any more.
    Done,
}

/// Why a rotation did not come to its end. It can be run again from every point.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// Somebody else rotates.
    #[error("another rotation is at work")]
    Busy,
    /// A data key does not open.
    #[error(
        "data key {key} opens under none of the master keys given: give the one it is sealed under as well"
    )]
    WrongKey {
        /// Which.
        key: KeyId,
    },
    /// Servers do not follow.
    #[error("{}", waits(.what, .servers))]
    Waiting {
        /// What they would have to do.
        what: &'static str,
        /// Their names.
        servers: Vec<String>,
    },
    /// The caller stopped it.
    #[error("stopped")]
    Stopped,
    /// Of the vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

fn waits(what: &str, servers: &[String]) -> String {
    format!("still waiting for servers to {what}: {}. Run this again when they do.", servers.join(", "))
}

/// Whether nothing of an earlier rotation is left to do: no data key is prepared, and all are sealed under the first of
/// these master keys and no other.
///
/// # Errors
/// Where the database fails.
pub async fn is_finished(db: &Db, masters: &MasterKeys) -> Result<bool, DbError> {
    let Some(first) = masters.ids().next() else { return Ok(false) };
    let keys = db.data_keys().await?;
    let only = |wraps: &[([u8; 4], Vec<u8>)]| matches!(wraps, [(master, _)] if *master == first.0);
    Ok(keys.iter().all(|k| k.state != KeyState::Prepared && only(&k.wraps)))
}

/// Rotates to the first of these master keys; `reached` is told of every step and ends the run by `false`.
///
/// # Errors
/// [`RotateError`].
pub async fn run(
    db: &Db,
    masters: &MasterKeys,
    now: Timestamp,
    wait: Duration,
    reached: &mut (dyn FnMut(Step) -> bool + Send),
) -> Result<Resealed, RotateError> {
    let Some(target) = masters.ids().next() else { return Err(SealError::Locked.into()) };
    if !db.rotation_begin().await? {
        return Err(RotateError::Busy);
    }
    let mut step = |s: Step| if reached(s) { Ok(()) } else { Err(RotateError::Stopped) };
    let keys = db.data_keys().await?;
    let mut wraps = Vec::new();
    for row in &keys {
        let key = unwrapped(masters, row).map_err(|_| RotateError::WrongKey { key: KeyId(row.id) })?;
        if row.wraps.iter().all(|(master, _)| *master != target.0) {
            let (master, sealed) = masters.wrap(&key)?;
            wraps.push((row.id, master.0, sealed));
        }
    }
    db.data_keys_wrap(&wraps).await?;
    step(Step::Wrapped)?;
    let new_master = target.to_string();
    all_servers(db, wait, "take the new master key", |s| s.masters.contains(&new_master)).await?;
    step(Step::MasterKnown)?;

    let prepared = keys.iter().find(|k| k.state == KeyState::Prepared).map(|k| KeyId(k.id));
    let current = keys.iter().find(|k| k.state == KeyState::Current);
    // Where a run was cut short after its data key came into use, that one is known to the new master key alone.
    let exposed = current.is_none_or(|k| k.wraps.iter().any(|(master, _)| *master != target.0));
    let next = match prepared {
        Some(id) => Some(id),
        None if exposed => {
            let key = DataKey::generate()?;
            let (master, sealed) = masters.wrap(&key)?;
            db.data_key_prepare(key.id().0, master.0, &sealed).await?;
            Some(key.id())
        }
        None => None,
    };
    step(Step::Prepared)?;
    if let Some(id) = next {
        let id = id.to_string();
        all_servers(db, wait, "learn the new data key", |s| s.keys.contains(&id)).await?;
        step(Step::KeyKnown)?;
        db.data_key_activate().await?;
    }
    step(Step::Activated)?;

    let sealer = Sealer::locked()?;
    if learn(db, &Ok(masters.clone()), &sealer).await?.is_some() {
        return Err(SealError::Locked.into());
    }
    let in_use = sealer.current().map(|id| id.to_string());
    all_servers(db, wait, "seal under the new data key", |s| s.current == in_use).await?;
    step(Step::InUse)?;
    let resealed = reseal::all(db, &sealer).await?;
    step(Step::Resealed(resealed.rows))?;
    let after = json!({ "masterKey": new_master, "dataKey": in_use, "resealed": resealed.rows });
    let entry = Entry::system(now, "keys.rotate", Target::named("keys", "master")).changed(None, Some(after));
    db.data_keys_contract(target.0, &entry).await?;
    step(Step::Done)?;
    Ok(resealed)
}

/// Waits until every server that runs is as far as `is`.
async fn all_servers(
    db: &Db,
    wait: Duration,
    what: &'static str,
    is: impl Fn(&VaultServer) -> bool,
) -> Result<(), RotateError> {
    let mut waited = Duration::ZERO;
    loop {
        let servers = db.vault_servers(GONE_SECONDS).await?;
        let behind: Vec<String> = servers.into_iter().filter(|s| !is(s)).map(|s| s.name).collect();
        if behind.is_empty() {
            return Ok(());
        }
        if waited >= wait {
            return Err(RotateError::Waiting { what, servers: behind });
        }
        tokio::time::sleep(LOOK).await;
        waited += LOOK;
    }
}
