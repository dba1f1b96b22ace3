//! The rejection diary: refused heartbeats in groups.

use chrono::{DateTime, Utc};
use common::ids::NodeId;
use common::overview::Rejection;
use common::time::Timestamp;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::rejections;
use super::{Db, DbError, from_db, to_db};

/// What is added to a group: how often since the last flush.
#[derive(Debug, Clone)]
pub struct DiaryEntry {
    /// SHA-256 over the group's columns.
    pub group_hash: [u8; 32],
    /// The group; `count` is what is added.
    pub rejection: Rejection,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = rejections, check_for_backend(diesel::pg::Pg))]
struct Row {
    group_hash: Vec<u8>,
    reason: String,
    node_id: Option<Uuid>,
    claimed_node: Option<String>,
    claimed_region: Option<String>,
    claimed_kind: Option<String>,
    source: String,
    fingerprint: Option<String>,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    count: i64,
}

/// A node that is forgotten by now is left out: one such row would keep the whole diary from being written.
const ADD: &str = "INSERT INTO rejections \
    (id, group_hash, reason, node_id, claimed_node, claimed_region, claimed_kind, source, fingerprint, first_at, last_at, count) \
    SELECT u.id, u.group_hash, u.reason, (SELECT n.id FROM nodes n WHERE n.id = u.node_id), u.claimed_node, \
        u.claimed_region, u.claimed_kind, u.source, u.fingerprint, u.first_at, u.last_at, u.count \
    FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], \
        $9::text[], $10::timestamptz[], $11::timestamptz[], $12::bigint[]) \
        AS u (id, group_hash, reason, node_id, claimed_node, claimed_region, claimed_kind, source, fingerprint, first_at, \
            last_at, count) \
    ON CONFLICT (group_hash) DO UPDATE SET last_at = greatest(rejections.last_at, excluded.last_at), \
        count = rejections.count + excluded.count";

impl Db {
    /// Adds to groups, or begins them, in one statement. Each group at most once in `entries`.
    ///
    /// # Errors
    /// Where the database fails; nothing is written then.
    pub async fn diary_add(&self, entries: &[DiaryEntry]) -> Result<(), DbError> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut c = self.conn().await?;
        let of =
            |f: fn(&Rejection) -> Option<&str>| entries.iter().map(|e| f(&e.rejection)).collect::<Vec<_>>();
        diesel::sql_query(ADD)
            .bind::<Array<SqlUuid>, _>(entries.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
            .bind::<Array<Bytea>, _>(entries.iter().map(|e| &e.group_hash[..]).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(entries.iter().map(|e| e.rejection.reason.as_str()).collect::<Vec<_>>())
            .bind::<Array<Nullable<SqlUuid>>, _>(
                entries.iter().map(|e| e.rejection.node_id.map(|n| n.0)).collect::<Vec<_>>(),
            )
            .bind::<Array<Nullable<Text>>, _>(of(|r| r.claimed_node.as_deref()))
            .bind::<Array<Nullable<Text>>, _>(of(|r| r.claimed_region.as_deref()))
            .bind::<Array<Nullable<Text>>, _>(of(|r| r.claimed_kind.as_deref()))
            .bind::<Array<Text>, _>(entries.iter().map(|e| e.rejection.source.as_str()).collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>(of(|r| r.fingerprint.as_deref()))
            .bind::<Array<Timestamptz>, _>(
                entries.iter().map(|e| to_db(e.rejection.first_at)).collect::<Vec<_>>(),
            )
            .bind::<Array<Timestamptz>, _>(
                entries.iter().map(|e| to_db(e.rejection.last_at)).collect::<Vec<_>>(),
            )
            .bind::<Array<BigInt>, _>(
                entries
                    .iter()
                    .map(|e| i64::try_from(e.rejection.count).unwrap_or(i64::MAX))
                    .collect::<Vec<_>>(),
            )
            .execute(&mut c)
            .await?;
        Ok(())
    }

    /// The newest `limit` groups with their hashes; read once at start, then kept in memory.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn diary_list(&self, limit: i64) -> Result<Vec<DiaryEntry>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<Row> = rejections::table
            .order((rejections::last_at.desc(), rejections::id.desc()))
            .limit(limit)
            .select(Row::as_select())
            .load(&mut c)
            .await?;
        Ok(rows.into_iter().filter_map(entry).collect())
    }

    /// Removes groups by their hashes; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn diary_delete(&self, hashes: &[[u8; 32]]) -> Result<usize, DbError> {
        if hashes.is_empty() {
            return Ok(0);
        }
        let mut c = self.conn().await?;
        let hashes: Vec<&[u8]> = hashes.iter().map(|h| &h[..]).collect();
        Ok(diesel::delete(rejections::table.filter(rejections::group_hash.eq_any(hashes)))
            .execute(&mut c)
            .await?)
    }

    /// Removes groups last seen before `at`, at most 1,000 at once; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn diary_delete_before(&self, at: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let old =
            rejections::table.filter(rejections::last_at.lt(to_db(at))).select(rejections::id).limit(1000);
        let old: Vec<Uuid> = old.load(&mut c).await?;
        Ok(diesel::delete(rejections::table.filter(rejections::id.eq_any(old))).execute(&mut c).await?)
    }
}

fn entry(r: Row) -> Option<DiaryEntry> {
    let rejection = Rejection {
        reason: r.reason,
        node_id: r.node_id.map(NodeId),
        claimed_node: r.claimed_node,
        claimed_region: r.claimed_region,
        claimed_kind: r.claimed_kind,
        source: r.source,
        fingerprint: r.fingerprint,
        first_at: from_db(r.first_at),
        last_at: from_db(r.last_at),
        count: u64::try_from(r.count).unwrap_or(0),
    };
    Some(DiaryEntry { group_hash: r.group_hash.try_into().ok()?, rejection })
}
