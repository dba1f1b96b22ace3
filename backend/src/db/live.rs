//! The newest heartbeat of each node: one statement a flush, however many nodes beat.

use std::collections::HashMap;

use common::ids::NodeId;
use common::status::Liveness;
use common::time::Timestamp;
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Db, DbError, from_db, to_db, unknown};
use crate::domain::registry::SecretHash;

/// The hot state of one node, as written by a flush and as read back at a start.
#[derive(Debug, Clone)]
pub struct LiveRow {
    /// Milliseconds since its last accepted heartbeat: by the writer's monotonic clock on the way in, by the database's
    /// clock on the way out.
    pub age_ms: Option<u64>,
    /// The run of its process.
    pub boot_id: Option<String>,
    /// Its last sequence number.
    pub boot_seq: Option<u64>,
    /// As judged. `unconfirmed` is a doubt of one run of the server and is never stored.
    pub liveness: Liveness,
    /// Since when.
    pub liveness_since: Timestamp,
    /// What it was last told.
    pub interval_ms: u64,
    /// Its last heartbeat, as JSON text: a tree of values would be built and torn down for every node of a flush.
    pub beat: Option<String>,
    /// Where that came from.
    pub source: Option<String>,
    /// The secret it presented.
    pub secret: Option<SecretHash>,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    node_id: Uuid,
    #[diesel(sql_type = Nullable<BigInt>)]
    age_ms: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    boot_id: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    boot_seq: Option<i64>,
    #[diesel(sql_type = Text)]
    liveness: String,
    #[diesel(sql_type = Timestamptz)]
    liveness_since: chrono::DateTime<chrono::Utc>,
    #[diesel(sql_type = BigInt)]
    interval_ms: i64,
    #[diesel(sql_type = Nullable<Text>)]
    beat: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    source: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    secret_sha256: Option<Vec<u8>>,
    #[diesel(sql_type = BigInt)]
    written_us: i64,
}

/// A row that another process wrote.
#[derive(Debug, Clone)]
pub struct LiveNews {
    /// Whose.
    pub node: NodeId,
    /// As it is now.
    pub row: LiveRow,
    /// When it was written, in microseconds since 1970 by the database's clock; names this state of the row.
    pub written_us: i64,
}

const READ: &str = "SELECT node_id, (extract(epoch FROM now() - last_seen) * 1000)::bigint AS age_ms, boot_id, \
    boot_seq, liveness, liveness_since, interval_ms, beat::text AS beat, source, secret_sha256, \
    (extract(epoch FROM written_at) * 1000000)::bigint AS written_us FROM node_live";

/// What others wrote. No index serves it, on purpose; the table is narrow, and only one of several servers asks.
const NEWS: &str = " WHERE written_by IS DISTINCT FROM $1 \
    AND written_at > to_timestamp(0) + $2 * interval '1 microsecond'";

/// Sorted by id so that two flushes never wait for each other in a circle; newer only, so that a late flush of one
/// process never overwrites what another one knows. The goodbye of a run ends it also where its last heartbeats went to
/// another process and are newer than the last one this writer knows.
const WRITE: &str = "UPDATE node_live AS l SET \
    last_seen = CASE WHEN w.age_ms IS NULL THEN l.last_seen \
        ELSE greatest(l.last_seen, now() - w.age_ms * interval '1 millisecond') END, \
    boot_id = w.boot_id, \
    boot_seq = CASE WHEN l.boot_id = w.boot_id THEN greatest(l.boot_seq, w.boot_seq) ELSE w.boot_seq END, \
    liveness = w.liveness, liveness_since = w.liveness_since, interval_ms = w.interval_ms, \
    beat = CASE WHEN l.boot_id = w.boot_id AND l.boot_seq > w.boot_seq THEN l.beat ELSE w.beat::jsonb END, \
    source = w.source, written_at = clock_timestamp(), written_by = $10, secret_sha256 = w.secret \
    FROM (SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[], \
        $7::bigint[], $8::text[], $9::text[], $11::bytea[]) \
        AS u(node_id, age_ms, boot_id, boot_seq, liveness, liveness_since, interval_ms, beat, source, secret) ORDER BY node_id) w \
    WHERE l.node_id = w.node_id \
    AND (l.last_seen IS NULL OR w.age_ms IS NULL OR l.last_seen <= now() - w.age_ms * interval '1 millisecond' + interval '1 second' \
        OR (w.liveness = 'left' AND l.boot_id = w.boot_id))";

impl Db {
    /// All live rows by node.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn live_list(&self) -> Result<HashMap<NodeId, LiveRow>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<Row> = diesel::sql_query(READ).load(&mut c).await?;
        rows.into_iter().map(|r| read(r).map(|n| (n.node, n.row))).collect()
    }

    /// What other processes wrote later than `after_us`, in any order.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn live_news(&self, after_us: i64) -> Result<Vec<LiveNews>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<Row> = diesel::sql_query(format!("{READ}{NEWS}"))
            .bind::<SqlUuid, _>(self.sender)
            .bind::<BigInt, _>(after_us)
            .load(&mut c)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Writes the newest state of many nodes in one statement.
    ///
    /// # Errors
    /// Where the database fails; nothing is written then.
    pub async fn live_write(&self, writes: &[(NodeId, LiveRow)]) -> Result<(), DbError> {
        if writes.is_empty() {
            return Ok(());
        }
        let clamp = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let mut c = self.conn().await?;
        let ids: Vec<Uuid> = writes.iter().map(|(id, _)| id.0).collect();
        let ages: Vec<Option<i64>> = writes.iter().map(|(_, w)| w.age_ms.map(clamp)).collect();
        let boots: Vec<Option<&str>> = writes.iter().map(|(_, w)| w.boot_id.as_deref()).collect();
        let seqs: Vec<Option<i64>> = writes.iter().map(|(_, w)| w.boot_seq.map(clamp)).collect();
        let states: Vec<&str> = writes.iter().map(|(_, w)| liveness_text(w.liveness)).collect();
        let since: Vec<_> = writes.iter().map(|(_, w)| to_db(w.liveness_since)).collect();
        let intervals: Vec<i64> = writes.iter().map(|(_, w)| clamp(w.interval_ms)).collect();
        let beats: Vec<Option<&str>> = writes.iter().map(|(_, w)| w.beat.as_deref()).collect();
        let secrets: Vec<Option<&[u8]>> =
            writes.iter().map(|(_, w)| w.secret.as_ref().map(|s| &s.0[..])).collect();
        let sources: Vec<Option<&str>> = writes.iter().map(|(_, w)| w.source.as_deref()).collect();
        diesel::sql_query(WRITE)
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<Array<Nullable<BigInt>>, _>(ages)
            .bind::<Array<Nullable<Text>>, _>(boots)
            .bind::<Array<Nullable<BigInt>>, _>(seqs)
            .bind::<Array<Text>, _>(states)
            .bind::<Array<Timestamptz>, _>(since)
            .bind::<Array<BigInt>, _>(intervals)
            .bind::<Array<Nullable<Text>>, _>(beats)
            .bind::<Array<Nullable<Text>>, _>(sources)
            .bind::<SqlUuid, _>(self.sender)
            .bind::<Array<Nullable<Binary>>, _>(secrets)
            .execute(&mut c)
            .await?;
        Ok(())
    }
}

fn read(r: Row) -> Result<LiveNews, DbError> {
    let row = LiveRow {
        age_ms: r.age_ms.map(|a| u64::try_from(a).unwrap_or(0)),
        boot_id: r.boot_id,
        boot_seq: r.boot_seq.and_then(|s| u64::try_from(s).ok()),
        liveness: liveness(&r.liveness)?,
        liveness_since: from_db(r.liveness_since),
        interval_ms: u64::try_from(r.interval_ms).unwrap_or(0),
        beat: r.beat,
        source: r.source,
        secret: r.secret_sha256.and_then(|s| s.try_into().ok()).map(SecretHash),
    };
    Ok(LiveNews { node: NodeId(r.node_id), row, written_us: r.written_us })
}

fn liveness(s: &str) -> Result<Liveness, DbError> {
    match s {
        "never_seen" => Ok(Liveness::NeverSeen),
        "live" => Ok(Liveness::Live),
        "stale" => Ok(Liveness::Stale),
        "offline" => Ok(Liveness::Offline),
        "left" => Ok(Liveness::Left),
        _ => Err(unknown("liveness", s)),
    }
}

fn liveness_text(l: Liveness) -> &'static str {
    match l {
        Liveness::NeverSeen => "never_seen",
        // Written by the caller as what it was before; live is what leads to a fresh look after a restart.
        Liveness::Live | Liveness::Unconfirmed => "live",
        Liveness::Stale => "stale",
        Liveness::Offline => "offline",
        Liveness::Left => "left",
    }
}
