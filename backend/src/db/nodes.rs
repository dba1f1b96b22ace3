//! Nodes and their secrets.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use common::endpoint::{Endpoint, Scheme};
use common::ids::{NodeId, RegionId};
use common::node::{NodeKind, SipTransport};
use common::time::Timestamp;
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::regions::{intent_columns, intent_text};
use super::registry::secret_insert;
use super::schema::{node_live, node_secrets, nodes};
use super::told::{Told, next_change};
use super::{Db, DbError, from_db, to_db, unknown};

use crate::domain::activity::Entry;
use crate::domain::registry::{NodeRecord, SecretHash, SecretRecord, Tombstone};

/// A node to be stored, with its sealed secret.
pub struct NewNode<'a> {
    /// The registration; its one secret is stored too.
    pub record: &'a NodeRecord,
    /// Id of the secret's row; part of what the ciphertext is bound to.
    pub secret_id: Uuid,
    /// The secret, sealed.
    pub sealed: &'a [u8],
    /// What the node will be told first.
    pub interval_ms: u64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = nodes, check_for_backend(diesel::pg::Pg))]
struct NodeRow {
    id: Uuid,
    external_id: Option<String>,
    region_id: Option<String>,
    kind: String,
    endpoint_scheme: String,
    endpoint_host: String,
    endpoint_port: i32,
    endpoint_path: String,
    sip_host: Option<String>,
    sip_port: Option<i32>,
    sip_transport: String,
    display_name: Option<String>,
    notes: Option<String>,
    labels: serde_json::Value,
    development: bool,
    max_concurrent_calls: Option<i32>,
    #[diesel(embed)]
    intent: NodeIntent,
    created_at: DateTime<Utc>,
    version: i64,
}

intent_columns!(NodeIntent, nodes);

#[derive(Queryable, Selectable)]
#[diesel(table_name = node_secrets, check_for_backend(diesel::pg::Pg))]
struct SecretRow {
    node_id: Uuid,
    sha256: Vec<u8>,
    created_at: DateTime<Utc>,
    valid_until: Option<DateTime<Utc>>,
}

impl NodeRow {
    fn record(self, secrets: Vec<SecretRecord>) -> Result<NodeRecord, DbError> {
        let port = |p: i32| u16::try_from(p).map_err(|_| unknown("port", &p.to_string()));
        let scheme = match self.endpoint_scheme.as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            other => return Err(unknown("scheme", other)),
        };
        Ok(NodeRecord {
            id: NodeId(self.id),
            external_id: self.external_id,
            region_id: self.region_id.map(RegionId),
            kind: NodeKind::parse(&self.kind).ok_or_else(|| unknown("kind", &self.kind))?,
            endpoint: Endpoint {
                scheme,
                host: self.endpoint_host,
                port: port(self.endpoint_port)?,
                path: self.endpoint_path,
            },
            sip_host: self.sip_host,
            sip_port: self.sip_port.map(port).transpose()?,
            sip_transport: SipTransport::parse(&self.sip_transport)
                .ok_or_else(|| unknown("SIP transport", &self.sip_transport))?,
            display_name: self.display_name,
            notes: self.notes,
            labels: serde_json::from_value(self.labels).map_err(|e| unknown("labels", &e.to_string()))?,
            development: self.development,
            max_concurrent_calls: self.max_concurrent_calls.and_then(|n| u32::try_from(n).ok()),
            intent: self.intent.try_into()?,
            created_at: from_db(self.created_at),
            version: self.version,
            secrets,
        })
    }
}

/// Secrets by node, newest first: of these nodes, or of all.
pub(in crate::db) async fn secrets_of(
    c: &mut AsyncPgConnection,
    only: Option<&[Uuid]>,
) -> Result<HashMap<Uuid, Vec<SecretRecord>>, DbError> {
    let mut query = node_secrets::table
        .order((node_secrets::created_at.desc(), node_secrets::id.desc()))
        .select(SecretRow::as_select())
        .into_boxed();
    if let Some(ids) = only {
        query = query.filter(node_secrets::node_id.eq_any(ids.to_vec()));
    }
    let rows: Vec<SecretRow> = query.load(c).await?;
    let mut by_node: HashMap<Uuid, Vec<SecretRecord>> = HashMap::new();
    for s in rows {
        let hash = s.sha256.try_into().map_err(|_| unknown("secret hash", "of another length"))?;
        by_node.entry(s.node_id).or_default().push(SecretRecord {
            hash: SecretHash(hash),
            created_at: from_db(s.created_at),
            valid_until: s.valid_until.map(from_db),
        });
    }
    Ok(by_node)
}

/// A node that is not deleted, under the lock of its row until the transaction ends.
pub(in crate::db) async fn node_locked(
    c: &mut AsyncPgConnection,
    id: NodeId,
) -> Result<Option<NodeRecord>, DbError> {
    let row: Option<NodeRow> = nodes::table
        .find(id.0)
        .filter(nodes::deleted_at.is_null())
        .select(NodeRow::as_select())
        .for_update()
        .first(c)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let secrets = secrets_of(c, Some(&[id.0])).await?.remove(&id.0).unwrap_or_default();
    row.record(secrets).map(Some)
}

/// A node with when and by whom it was deleted.
type Buried = (NodeRow, Option<DateTime<Utc>>, Option<String>);

fn tombstone(
    (row, at, by): Buried,
    by_node: &mut HashMap<Uuid, Vec<SecretRecord>>,
) -> Result<Tombstone, DbError> {
    let secrets = by_node.remove(&row.id).unwrap_or_default();
    let at = at.map_or(Timestamp(0), from_db);
    Ok(Tombstone::of(&row.record(secrets)?, at, by.unwrap_or_default()))
}

impl Db {
    /// All nodes that are not deleted, with their secrets, newest secret first.
    ///
    /// # Errors
    /// Where the database fails, or holds what this version does not know.
    pub async fn node_list(&self) -> Result<Vec<NodeRecord>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<NodeRow> = nodes::table
            .filter(nodes::deleted_at.is_null())
            .order(nodes::id)
            .select(NodeRow::as_select())
            .load(&mut c)
            .await?;
        let mut by_node = secrets_of(&mut c, None).await?;
        rows.into_iter()
            .map(|r| {
                let secrets = by_node.remove(&r.id).unwrap_or_default();
                r.record(secrets)
            })
            .collect()
    }

    /// Nodes that were deleted and are not forgotten yet.
    ///
    /// # Errors
    /// Where the database fails, or holds what this version does not know.
    pub async fn tombstone_list(&self) -> Result<Vec<Tombstone>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<Buried> = nodes::table
            .filter(nodes::deleted_at.is_not_null())
            .select((NodeRow::as_select(), nodes::deleted_at, nodes::deleted_by))
            .load(&mut c)
            .await?;
        let mut by_node = secrets_of(&mut c, None).await?;
        rows.into_iter().map(|row| tombstone(row, &mut by_node)).collect()
    }

    /// Some nodes as they are, and as what is left of them where they were deleted.
    ///
    /// # Errors
    /// Where the database fails, or holds what this version does not know.
    pub async fn nodes_named(&self, ids: &[NodeId]) -> Result<(Vec<NodeRecord>, Vec<Tombstone>), DbError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let mut c = self.conn().await?;
        let rows: Vec<Buried> = nodes::table
            .filter(nodes::id.eq_any(&ids))
            .select((NodeRow::as_select(), nodes::deleted_at, nodes::deleted_by))
            .load(&mut c)
            .await?;
        let mut by_node = secrets_of(&mut c, Some(&ids)).await?;
        let (mut here, mut gone) = (Vec::new(), Vec::new());
        for row in rows {
            if row.1.is_some() {
                gone.push(tombstone(row, &mut by_node)?);
            } else {
                let secrets = by_node.remove(&row.0.id).unwrap_or_default();
                here.push(row.0.record(secrets)?);
            }
        }
        Ok((here, gone))
    }

    /// Adds a node with its secret and its live row, all or nothing; the number of the change.
    ///
    /// # Errors
    /// [`DbError::Unique`] with the constraint, [`DbError::Missing`] where the region is gone.
    pub async fn node_insert(&self, n: &NewNode<'_>, entry: &Entry) -> Result<i64, DbError> {
        let mut c = self.conn().await?;
        let r = n.record;
        let i = &r.intent.intent;
        let labels = serde_json::to_value(&r.labels).map_err(|e| DbError::Other(e.to_string()))?;
        c.transaction(async |c| {
            diesel::insert_into(nodes::table)
                .values((
                    (
                        nodes::id.eq(r.id.0),
                        nodes::external_id.eq(&r.external_id),
                        nodes::region_id.eq(r.region_id.as_ref().map(RegionId::as_str)),
                        nodes::kind.eq(r.kind.as_str()),
                        nodes::endpoint_scheme.eq(r.endpoint.scheme.as_str()),
                        nodes::endpoint_host.eq(&r.endpoint.host),
                        nodes::endpoint_port.eq(i32::from(r.endpoint.port)),
                        nodes::endpoint_path.eq(&r.endpoint.path),
                        nodes::sip_host.eq(&r.sip_host),
                        nodes::sip_port.eq(r.sip_port.map(i32::from)),
                        nodes::sip_transport.eq(r.sip_transport.as_str()),
                    ),
                    (
                        nodes::display_name.eq(&r.display_name),
                        nodes::notes.eq(&r.notes),
                        nodes::labels.eq(&labels),
                        nodes::development.eq(r.development),
                        nodes::max_concurrent_calls
                            .eq(r.max_concurrent_calls.and_then(|m| i32::try_from(m).ok())),
                        nodes::intent.eq(intent_text(i)),
                        nodes::intent_public_reason.eq(&i.public_reason),
                        nodes::intent_private_reason.eq(&i.private_reason),
                        nodes::intent_by.eq(&i.by),
                        nodes::intent_at.eq(i.at.map(to_db)),
                        nodes::created_at.eq(to_db(r.created_at)),
                    ),
                ))
                .execute(c)
                .await?;
            for s in &r.secrets {
                secret_insert(c, r.id, s, n.secret_id, n.sealed).await?;
            }
            diesel::insert_into(node_live::table)
                .values((
                    node_live::node_id.eq(r.id.0),
                    node_live::liveness_since.eq(to_db(r.created_at)),
                    node_live::interval_ms.eq(i64::try_from(n.interval_ms).unwrap_or(i64::MAX)),
                ))
                .execute(c)
                .await?;
            note(c, entry).await?;
            Ok(next_change(c, self.sender, &Told::Node(r.id)).await?)
        })
        .await
    }
}
