//! Changes and deletions of what is registered: each under the lock of its row, so that of two changes based on one
//! version exactly one happens, and what a delete rests on stays true until it is done.

use common::ids::{NodeId, RegionId};
use common::intent::Deletion;
use common::status::IntentState;
use common::time::Timestamp;
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::nodes::node_locked;
use super::regions::region_locked;
use super::schema::{commands, node_secrets, nodes, regions};
use super::told::{Told, next_change};
use super::{Db, DbError, to_db};
use crate::domain::activity::Entry;
use crate::domain::registry::{NodeRecord, OwnIntent, RegionRecord, SecretRecord};

/// What became of a change that is based on a version.
#[derive(Debug)]
pub enum Versioned<T> {
    /// Stored.
    Done {
        /// As it is now.
        record: T,
        /// For `X-Change`.
        change: i64,
    },
    /// It is so already; nothing was stored.
    Same(T),
    /// Somebody changed it meanwhile; as it is now.
    Stale(T),
    /// There is none.
    Missing,
}

/// What became of a delete.
#[derive(Debug)]
pub enum Removed<T> {
    /// Done, with the number of the change.
    Done(i64),
    /// A precondition does not hold.
    Refused(Deletion),
    /// Somebody changed it meanwhile; as it is now.
    Stale(T),
    /// There is none.
    Missing,
}

/// What the database knows of a node that may be deleted.
#[derive(Debug, Clone)]
pub struct NodeStanding {
    /// The node's own intent.
    pub own: OwnIntent,
    /// That of its region.
    pub region: Option<OwnIntent>,
    /// Commands that something may still become of.
    pub open_commands: u32,
}

impl NodeStanding {
    /// How long the node has been disabled by either of the two, in milliseconds; `None` where it is not.
    pub fn disabled_ms(&self, now: Timestamp) -> Option<u64> {
        [Some(&self.own), self.region.as_ref()]
            .into_iter()
            .flatten()
            .filter(|i| i.intent.state == IntentState::Disabled)
            .map(|i| i.intent.at.map_or(0, |at| now.since(at)))
            .max()
    }
}

/// A secret to be stored.
pub struct NewSecret {
    /// Id of its row; part of what the ciphertext is bound to.
    pub id: Uuid,
    /// The secret, sealed.
    pub sealed: Vec<u8>,
}

impl Db {
    /// Changes a node that is at `version`. `change` edits the record and says what is noted, or `None` where nothing
    /// changes. A secret that `change` adds is stored from `secret`; those it takes out end at once.
    ///
    /// # Errors
    /// [`DbError::Unique`] with the constraint.
    pub async fn node_change(
        &self,
        id: NodeId,
        version: i64,
        secret: Option<&NewSecret>,
        change: impl FnOnce(&mut NodeRecord) -> Option<Entry> + Send,
    ) -> Result<Versioned<NodeRecord>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let Some(known) = node_locked(c, id).await? else { return Ok(Versioned::Missing) };
            if known.version != version {
                return Ok(Versioned::Stale(known));
            }
            let mut record = known.clone();
            let Some(entry) = change(&mut record) else { return Ok(Versioned::Same(known)) };
            record.version = known.version + 1;
            node_write(c, &record).await?;
            if record.secrets != known.secrets {
                secrets_write(c, id, &known.secrets, &record.secrets, secret).await?;
            }
            note(c, &entry).await?;
            let change = next_change(c, self.sender, &Told::Node(id)).await?;
            Ok(Versioned::Done { record, change })
        })
        .await
    }

    /// Changes a region that is at `version`; as [`Db::node_change`].
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn region_change(
        &self,
        id: &RegionId,
        version: i64,
        change: impl FnOnce(&mut RegionRecord) -> Option<Entry> + Send,
    ) -> Result<Versioned<RegionRecord>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let Some(known) = region_locked(c, id).await? else { return Ok(Versioned::Missing) };
            if known.version != version {
                return Ok(Versioned::Stale(known));
            }
            let mut record = known.clone();
            let Some(entry) = change(&mut record) else { return Ok(Versioned::Same(known)) };
            record.version = known.version + 1;
            diesel::update(regions::table.find(id.as_str()))
                .set((regions::display_name.eq(&record.display_name), regions::version.eq(record.version)))
                .execute(c)
                .await?;
            note(c, &entry).await?;
            let change = next_change(c, self.sender, &Told::Region(id.clone())).await?;
            Ok(Versioned::Done { record, change })
        })
        .await
    }

    /// What a delete of this node would rest on, without a lock; `None` where there is none.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn node_standing(&self, id: NodeId, now: Timestamp) -> Result<Option<NodeStanding>, DbError> {
        let mut c = self.conn().await?;
        // A transaction all the same: the locks make the three answers of one moment.
        c.transaction(async |c| match node_locked(c, id).await? {
            Some(node) => standing(c, &node, now).await.map(Some),
            None => Ok(None),
        })
        .await
    }

    /// Deletes a node that is at `version`, if `decide` agrees under the locks of its row and its region's: it keeps
    /// its id, its secrets' hashes and its name, and everything else is free at once.
    ///
    /// # Errors
    /// Where the database fails; the node is there as before then.
    pub async fn node_delete(
        &self,
        id: NodeId,
        version: i64,
        now: Timestamp,
        entry: &Entry,
        decide: impl FnOnce(&NodeStanding) -> Result<(), Deletion> + Send,
    ) -> Result<Removed<NodeRecord>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let Some(known) = node_locked(c, id).await? else { return Ok(Removed::Missing) };
            if known.version != version {
                return Ok(Removed::Stale(known));
            }
            if let Err(refused) = decide(&standing(c, &known, now).await?) {
                return Ok(Removed::Refused(refused));
            }
            diesel::update(nodes::table.find(id.0))
                .set((
                    nodes::deleted_at.eq(to_db(now)),
                    nodes::deleted_by.eq(&entry.actor),
                    nodes::version.eq(known.version + 1),
                ))
                .execute(c)
                .await?;
            note(c, entry).await?;
            Ok(Removed::Done(next_change(c, self.sender, &Told::Node(id)).await?))
        })
        .await
    }

    /// How many nodes of a region are not deleted.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn region_node_count(&self, id: &RegionId) -> Result<u32, DbError> {
        let mut c = self.conn().await?;
        node_count(&mut c, id).await
    }

    /// Deletes a region that is at `version`, if `decide` agrees with its record and its number of nodes under the lock
    /// of its row, which keeps new nodes out. Its row is gone then, with its storage settings.
    ///
    /// # Errors
    /// Where the database fails; the region is there as before then.
    pub async fn region_delete(
        &self,
        id: &RegionId,
        version: i64,
        entry: &Entry,
        decide: impl FnOnce(&RegionRecord, u32) -> Result<(), Deletion> + Send,
    ) -> Result<Removed<RegionRecord>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let Some(known) = region_locked(c, id).await? else { return Ok(Removed::Missing) };
            if known.version != version {
                return Ok(Removed::Stale(known));
            }
            let count = node_count(c, id).await?;
            if let Err(refused) = decide(&known, count) {
                return Ok(Removed::Refused(refused));
            }
            diesel::delete(regions::table.find(id.as_str())).execute(c).await?;
            note(c, entry).await?;
            Ok(Removed::Done(next_change(c, self.sender, &Told::Region(id.clone())).await?))
        })
        .await
    }

    /// Forgets nodes deleted before `before`, with everything that hangs on them; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn tombstone_purge(&self, before: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let old = nodes::table.filter(nodes::deleted_at.lt(to_db(before)));
        Ok(diesel::delete(old).execute(&mut c).await?)
    }

    /// Forgets secrets whose time has run out, those of deleted nodes excepted; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn secret_purge(&self, now: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let here = nodes::table.filter(nodes::deleted_at.is_null()).select(nodes::id);
        let over = node_secrets::table
            .filter(node_secrets::valid_until.le(to_db(now)))
            .filter(node_secrets::node_id.eq_any(here));
        Ok(diesel::delete(over).execute(&mut c).await?)
    }
}

async fn standing(
    c: &mut AsyncPgConnection,
    node: &NodeRecord,
    now: Timestamp,
) -> Result<NodeStanding, DbError> {
    let region = match &node.region_id {
        Some(id) => region_locked(c, id).await?.map(|r| r.intent),
        None => None,
    };
    // One whose time has passed is not obeyed any more, whatever its row says.
    let open: i64 = commands::table
        .filter(commands::node_id.eq(node.id.0))
        .filter(commands::state.eq_any(["queued", "offered", "accepted"]))
        .filter(commands::not_after.gt(to_db(now)))
        .count()
        .get_result(c)
        .await?;
    Ok(NodeStanding {
        own: node.intent.clone(),
        region,
        open_commands: u32::try_from(open).unwrap_or(u32::MAX),
    })
}

async fn node_count(c: &mut AsyncPgConnection, id: &RegionId) -> Result<u32, DbError> {
    let count: i64 = nodes::table
        .filter(nodes::region_id.eq(id.as_str()))
        .filter(nodes::deleted_at.is_null())
        .count()
        .get_result(c)
        .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

async fn node_write(c: &mut AsyncPgConnection, r: &NodeRecord) -> Result<(), DbError> {
    let labels = serde_json::to_value(&r.labels).map_err(|e| DbError::Other(e.to_string()))?;
    diesel::update(nodes::table.find(r.id.0))
        .set((
            nodes::external_id.eq(&r.external_id),
            nodes::endpoint_scheme.eq(r.endpoint.scheme.as_str()),
            nodes::endpoint_host.eq(&r.endpoint.host),
            nodes::endpoint_port.eq(i32::from(r.endpoint.port)),
            nodes::endpoint_path.eq(&r.endpoint.path),
            nodes::sip_host.eq(&r.sip_host),
            nodes::sip_port.eq(r.sip_port.map(i32::from)),
            nodes::sip_transport.eq(r.sip_transport.as_str()),
            nodes::display_name.eq(&r.display_name),
            nodes::notes.eq(&r.notes),
            nodes::labels.eq(&labels),
            nodes::development.eq(r.development),
            nodes::max_concurrent_calls.eq(r.max_concurrent_calls.and_then(|m| i32::try_from(m).ok())),
            nodes::version.eq(r.version),
        ))
        .execute(c)
        .await?;
    Ok(())
}

async fn secrets_write(
    c: &mut AsyncPgConnection,
    node: NodeId,
    known: &[SecretRecord],
    wanted: &[SecretRecord],
    new: Option<&NewSecret>,
) -> Result<(), DbError> {
    // A key that was used before and comes back is stored anew, so that it is the newest again.
    let same = |a: &SecretRecord, b: &SecretRecord| a.hash == b.hash && a.created_at == b.created_at;
    for old in known.iter().filter(|old| !wanted.iter().any(|w| same(w, old))) {
        diesel::delete(node_secrets::table.filter(node_secrets::sha256.eq(&old.hash.0[..])))
            .execute(c)
            .await?;
    }
    for s in wanted {
        if known.iter().any(|k| same(k, s)) {
            diesel::update(node_secrets::table.filter(node_secrets::sha256.eq(&s.hash.0[..])))
                .set(node_secrets::valid_until.eq(s.valid_until.map(to_db)))
                .execute(c)
                .await?;
        } else {
            let new = new.ok_or_else(|| DbError::Other("a secret without its ciphertext".to_owned()))?;
            secret_insert(c, node, s, new.id, &new.sealed).await?;
        }
    }
    Ok(())
}

/// Adds a secret of a node.
pub(in crate::db) async fn secret_insert(
    c: &mut AsyncPgConnection,
    node: NodeId,
    s: &SecretRecord,
    id: Uuid,
    sealed: &[u8],
) -> Result<(), DbError> {
    diesel::insert_into(node_secrets::table)
        .values((
            node_secrets::id.eq(id),
            node_secrets::node_id.eq(node.0),
            node_secrets::sha256.eq(&s.hash.0[..]),
            node_secrets::sealed.eq(sealed),
            node_secrets::created_at.eq(to_db(s.created_at)),
            node_secrets::valid_until.eq(s.valid_until.map(to_db)),
        ))
        .execute(c)
        .await?;
    Ok(())
}
