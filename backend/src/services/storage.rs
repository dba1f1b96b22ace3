//! A region's storage: settings, connection test, health, and what nodes are given.

use std::sync::Arc;

use common::auth::Permission;
use common::heartbeat::Bootstrap;
use common::ids::RegionId;
use common::node::NodeKind;
use common::storage::{
    NodeStorage, PutStorage, RegionStorage, StorageReportOfNode, StorageTestReply, StoredSecret, TestStorage,
};
use uuid::Uuid;

use super::regions::Changed;
use super::{App, ServiceError, finish};
use crate::auth::policy::{Actor, authorize};
use crate::auth::seal::{KeyId, SealError, Sealer};
use crate::auth::{place, secret};
use crate::clients::s3::{self, MissingBucket, S3Target};
use crate::config::Hidden;
use crate::db::{DbError, Written};
use crate::domain::activity::Target;
use crate::domain::storage::{SealedKey, StorageRecord};

fn missing(id: &RegionId) -> ServiceError {
    ServiceError::NotFound { what: "region", id: id.to_string() }
}

/// The settings of a region with what checks found.
///
/// # Errors
/// Where there is no such region.
pub fn get(app: &App, actor: &Actor, id: &RegionId) -> Result<RegionStorage, ServiceError> {
    authorize(actor, Permission::Read, Some(id))?;
    let may_change = authorize(actor, Permission::Operate, Some(id)).is_ok();
    read(app, id, may_change)
}

fn read(app: &App, id: &RegionId, may_change: bool) -> Result<RegionStorage, ServiceError> {
    app.fleet.region(id).ok_or_else(|| missing(id))?;
    let settings = app.fleet.storage.record(id).map(|r| r.settings(may_change));
    let (health, recent) = app.fleet.storage.health(id);
    let nodes = app
        .fleet
        .storage_reports(id)
        .into_iter()
        .map(|(node_id, name, report)| StorageReportOfNode {
            node_id,
            name,
            ok: report.ok,
            checked_at: report.checked_at,
            step: report.step,
        })
        .collect();
    let version = settings.as_ref().map_or(0, |s| s.version);
    Ok(RegionStorage { settings, health, recent, nodes, version })
}

/// Stores settings; `base` is the version they are based on, 0 where there are none yet.
///
/// # Errors
/// Field errors, another version, a role too low.
pub async fn put(
    app: &Arc<App>,
    actor: &Actor,
    id: &RegionId,
    request: PutStorage,
    base: i64,
) -> Result<Changed<RegionStorage>, ServiceError> {
    authorize(actor, Permission::Operate, Some(id))?;
    app.fleet.region(id).ok_or_else(|| missing(id))?;
    let old = app.fleet.storage.record(id);
    let stored = if old.is_some() { StoredSecret::Kept } else { StoredSecret::Missing };
    let values = request.validate(stored).map_err(ServiceError::Invalid)?;
    if old.as_ref().map_or(0, |o| o.version) != base {
        return Err(stale(app, id));
    }
    let now = app.clock.wall();
    let key = match (&request.secret_key, &old) {
        (None, Some(old)) => kept(app, id, &old.key)?,
        (None, None) => {
            return Err(ServiceError::Internal("a secret key was validated and is missing".into()));
        }
        (Some(plain), _) => {
            let key_id = Uuid::now_v7();
            SealedKey {
                id: key_id,
                sealed: app.sealer.seal(&place::storage_key(id, key_id), plain.as_bytes())?,
                fingerprint: secret::hash(plain).fingerprint(),
                at: now,
            }
        }
    };
    // The tag that nodes compare is made of this time; two changes within a millisecond must differ in it.
    let after = old.as_ref().map_or(0, |o| o.updated_at.millis() + 1);
    let record = StorageRecord {
        values,
        key,
        version: base + 1,
        updated_at: common::time::Timestamp(now.millis().max(after)),
        updated_by: actor.user.email.clone(),
    };
    let entry = actor
        .act(now, "storage.update", Target { kind: "storage", ..Target::region(id) })
        .changed(old.map(|o| o.noted()), Some(record.noted()));
    let (app, id) = (Arc::clone(app), id.clone());
    finish(async move {
        match app.db.storage_put(&id, &record, base, &entry).await {
            Ok(Written::Done(change)) => {
                app.fleet.storage.set(&id, Some(record));
                if app.fleet.region(&id).is_none() {
                    // Deleted meanwhile, with its settings.
                    app.fleet.storage.forget(&id);
                }
                app.fleet.region_touched(&id);
                app.fleet.note_change(change);
                app.storage_due.notify_one();
                Ok(Changed { object: read(&app, &id, true)?, change })
            }
            Ok(Written::Stale) => Err(stale(&app, &id)),
            Err(DbError::Missing(_)) => Err(missing(&id)),
            Err(e) => Err(e.into()),
        }
    })
    .await
}

/// Removes the settings; nodes are told at their next heartbeat.
///
/// # Errors
/// Another version, a role too low, nothing to remove.
pub async fn delete(app: &Arc<App>, actor: &Actor, id: &RegionId, base: i64) -> Result<i64, ServiceError> {
    authorize(actor, Permission::Operate, Some(id))?;
    app.fleet.region(id).ok_or_else(|| missing(id))?;
    let old = app
        .fleet
        .storage
        .record(id)
        .ok_or_else(|| ServiceError::NotFound { what: "storage of region", id: id.to_string() })?;
    // As with a change: what is stored and not in memory yet would come back after it is gone.
    if old.version != base {
        return Err(stale(app, id));
    }
    let entry = actor
        .act(app.clock.wall(), "storage.delete", Target { kind: "storage", ..Target::region(id) })
        .changed(Some(old.noted()), None);
    let (app, id) = (Arc::clone(app), id.clone());
    finish(async move {
        match app.db.storage_delete(&id, base, &entry).await? {
            Written::Stale => Err(stale(&app, &id)),
            Written::Done(change) => {
                app.fleet.storage.set(&id, None);
                app.fleet.region_touched(&id);
                app.fleet.note_change(change);
                Ok(change)
            }
        }
    })
    .await
}

fn stale(app: &App, id: &RegionId) -> ServiceError {
    let current = read(app, id, true).ok().and_then(|r| serde_json::to_value(r).ok()).unwrap_or_default();
    ServiceError::VersionStale { current }
}

/// Tries the values of a form, saved or not, step by step.
///
/// # Errors
/// Field errors, too many tests at once, a role too low. A test that fails is a reply, not an error.
pub async fn test(
    app: &App,
    actor: &Actor,
    id: &RegionId,
    request: TestStorage,
) -> Result<StorageTestReply, ServiceError> {
    authorize(actor, Permission::Operate, Some(id))?;
    app.fleet.region(id).ok_or_else(|| missing(id))?;
    let old = app.fleet.storage.record(id);
    let values = request.values();
    let stored = if old.is_some() { StoredSecret::Kept } else { StoredSecret::Missing };
    let normal = values.validate(stored).map_err(ServiceError::Invalid)?;
    let secret_key = match (values.secret_key, &old) {
        (Some(typed), _) => Hidden::new(typed),
        // A kept key only goes where it was meant to go: else a test could hand it to a server of the tester's choice.
        (None, Some(old)) if old.values.endpoint == normal.endpoint => open(app, id, old)?,
        (None, _) => {
            let detail = "The address is another one: enter the secret key for it.";
            return Err(ServiceError::Invalid(vec![common::problem::FieldError::new(
                "secretKey",
                "required",
                detail,
            )]));
        }
    };
    let _place = app.storage_tests.try_acquire().map_err(|_| ServiceError::Busy)?;
    let target = S3Target { values: normal, secret_key };
    let missing = if request.create_bucket { MissingBucket::IsCreated } else { MissingBucket::Fails };
    Ok(s3::test(&app.connector, &target, missing, &mut |_| {}).await)
}

/// A key that stays, sealed anew where its key is no longer the current one: what is in memory may be older than what a
/// rotation left in the database, and must not bring it back.
fn kept(app: &App, region: &RegionId, key: &SealedKey) -> Result<SealedKey, ServiceError> {
    if app.sealer.current().is_none() || KeyId::of(&key.sealed) == app.sealer.current() {
        return Ok(key.clone());
    }
    let plain = opened(&app.sealer, region, key.id, &key.sealed)?;
    Ok(SealedKey { sealed: app.sealer.seal(&place::storage_key(region, key.id), &plain)?, ..key.clone() })
}

/// Opens a key, also one that was sealed before the region was part of its place.
pub(super) fn opened(
    sealer: &Sealer,
    region: &RegionId,
    key_id: Uuid,
    sealed: &[u8],
) -> Result<Vec<u8>, SealError> {
    match sealer.open(&place::storage_key(region, key_id), sealed) {
        Err(SealError::Damaged) => sealer.open(&place::storage_key_before(key_id), sealed),
        other => other,
    }
}

fn open(app: &App, region: &RegionId, record: &StorageRecord) -> Result<Hidden, ServiceError> {
    let plain = opened(&app.sealer, region, record.key.id, &record.key.sealed)?;
    String::from_utf8(plain)
        .map(Hidden::new)
        .map_err(|_| ServiceError::Internal("a secret key is not text".into()))
}

/// One check of a region's stored settings, kept and told.
pub async fn check(app: &App, id: &RegionId) {
    let Some(record) = app.fleet.storage.record(id) else { return };
    let secret_key = match open(app, id, &record) {
        Ok(key) => key,
        Err(e) => {
            tracing::error!(region = %id, error = %e, "the storage key cannot be opened");
            return;
        }
    };
    let target = S3Target { values: record.values.clone(), secret_key };
    let check = s3::check(&app.connector, &target).await;
    let Some((before, after)) = app.fleet.storage.checked(id, &record, check.clone()) else { return };
    if before.state != after.state {
        app.fleet.storage_changed(id, &before, &after);
    }
    let since = after.since.unwrap_or(check.checked_at);
    if let Err(e) = app.db.storage_health_put(id, &check, since, app.fleet.follows()).await {
        tracing::warn!(region = %id, error = %e, "what a storage check found was not kept");
    }
}

/// Fills in what `bootstrap` says of storage: the node's region's, or every region's for the background node.
///
/// # Errors
/// Where a key cannot be opened: a defect, or another master key.
pub fn for_node(app: &App, mut bootstrap: Bootstrap) -> Result<Bootstrap, ServiceError> {
    let records = match (&bootstrap.region_id, bootstrap.kind) {
        (Some(id), _) => app.fleet.storage.record(id).map(|r| (id.clone(), r)).into_iter().collect(),
        (None, NodeKind::Background) => app.fleet.storage.all(),
        (None, _) => Vec::new(),
    };
    for (id, record) in records {
        let key = open(app, &id, &record)?;
        bootstrap.storage.push(NodeStorage::new(id, &record.values, key.reveal().to_owned()));
    }
    Ok(bootstrap)
}
