//! The chain of the activity log, as it is read to be checked; see [`crate::domain::activity_chain`].

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use common::activity::Activity;
use common::time::Timestamp;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Db, DbError, from_db, to_db};
use crate::domain::activity_chain::{Fields, Link};

/// Numbers and hashes of entries, by id.
pub type Links = HashMap<String, (i64, Vec<u8>)>;

/// The two ends of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainEnds {
    /// How many entries the log has.
    pub entries: i64,
    /// The oldest number there is.
    pub first: Option<i64>,
    /// The newest entry: number, hash, and when it was noted.
    pub head: Option<(i64, Vec<u8>, Option<Timestamp>)>,
    /// The last entry that was removed by age: number, hash, and when that was.
    pub checkpoint: Option<(i64, Vec<u8>, Timestamp)>,
}

#[derive(QueryableByName)]
struct EndsRow {
    #[diesel(sql_type = BigInt)]
    entries: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    first: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    last: Option<i64>,
    #[diesel(sql_type = Nullable<Binary>)]
    head: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    head_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    kept_seq: Option<i64>,
    #[diesel(sql_type = Nullable<Binary>)]
    kept_hash: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    kept_at: Option<DateTime<Utc>>,
}

const ENDS: &str = "SELECT (SELECT count(*) FROM activity) AS entries, \
    (SELECT min(seq) FROM activity_chain) AS first, h.seq AS last, h.hash AS head, a.at AS head_at, \
    p.seq AS kept_seq, p.hash AS kept_hash, p.at AS kept_at \
    FROM (VALUES (1)) AS one (n) \
    LEFT JOIN (SELECT seq, hash, activity_id FROM activity_chain ORDER BY seq DESC LIMIT 1) AS h ON true \
    LEFT JOIN activity a ON a.id = h.activity_id LEFT JOIN activity_checkpoint p ON true";

#[derive(QueryableByName)]
struct LinkRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = SqlUuid)]
    activity_id: Uuid,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
    #[diesel(sql_type = Nullable<BigInt>)]
    at_us: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    actor: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    action: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    target_kind: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    target_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    target_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    region_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    before: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    after: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    request_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    source: Option<String>,
}

const LINKS: &str = "SELECT c.seq, c.activity_id, c.hash, (extract(epoch FROM a.at) * 1000000)::bigint AS at_us, \
    a.actor, a.action, a.outcome, a.target_kind, a.target_id, a.target_name, a.region_id, a.before::text AS before, \
    a.after::text AS after, a.reason, a.request_id, a.source \
    FROM activity_chain c LEFT JOIN activity a ON a.id = c.activity_id \
    WHERE c.seq > $1 ORDER BY c.seq LIMIT $2";

impl From<LinkRow> for Link {
    fn from(r: LinkRow) -> Self {
        let fields = r.at_us.map(|at_us| Fields {
            at_us,
            rest: [
                r.actor,
                r.action,
                r.outcome,
                r.target_kind,
                r.target_id,
                r.target_name,
                r.region_id,
                r.before,
                r.after,
                r.reason,
                r.request_id,
                r.source,
            ],
        });
        Self { seq: r.seq, id: r.activity_id, hash: r.hash, fields }
    }
}

impl Db {
    /// Where the chain begins and ends.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn chain_ends(&self) -> Result<ChainEnds, DbError> {
        let mut c = self.conn().await?;
        let r: EndsRow = diesel::sql_query(ENDS).get_result(&mut c).await?;
        Ok(ChainEnds {
            entries: r.entries,
            first: r.first,
            head: r.last.zip(r.head).map(|(seq, hash)| (seq, hash, r.head_at.map(from_db))),
            checkpoint: match (r.kept_seq, r.kept_hash, r.kept_at) {
                (Some(seq), Some(hash), Some(at)) => Some((seq, hash, from_db(at))),
                _ => None,
            },
        })
    }

    /// The next links after a number, at most so many, with what their entries say.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn chain_after(&self, seq: i64, limit: i64) -> Result<Vec<Link>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<LinkRow> =
            diesel::sql_query(LINKS).bind::<BigInt, _>(seq).bind::<BigInt, _>(limit).load(&mut c).await?;
        Ok(rows.into_iter().map(Link::from).collect())
    }

    /// The places of these entries in the chain.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn chain_of(&self, entries: &[Activity]) -> Result<Links, DbError> {
        use super::schema::activity_chain as chain;
        let ids: Vec<Uuid> = entries.iter().filter_map(|e| e.id.parse().ok()).collect();
        let mut c = self.conn().await?;
        let rows: Vec<(Uuid, i64, Vec<u8>)> = chain::table
            .filter(chain::activity_id.eq_any(ids))
            .select((chain::activity_id, chain::seq, chain::hash))
            .load(&mut c)
            .await?;
        Ok(rows.into_iter().map(|(id, seq, hash)| (id.to_string(), (seq, hash))).collect())
    }

    /// An entry that stands in the log and not in the chain.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn chain_unlinked(&self) -> Result<Option<Uuid>, DbError> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = SqlUuid)]
            id: Uuid,
        }
        let mut c = self.conn().await?;
        let sql = "SELECT a.id FROM activity a \
            WHERE NOT EXISTS (SELECT FROM activity_chain c WHERE c.activity_id = a.id) ORDER BY a.id LIMIT 1";
        let row: Option<Row> = diesel::sql_query(sql).get_result(&mut c).await.optional()?;
        Ok(row.map(|r| r.id))
    }

    /// Removes the oldest entries that are from before `at`, at most 1,000 at once, and moves the beginning of the chain;
    /// how many. The database keeps 90 days whatever is asked for.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn activity_delete_before(&self, at: Timestamp) -> Result<usize, DbError> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Integer)]
            removed: i32,
        }
        let mut c = self.conn().await?;
        let row: Row = diesel::sql_query("SELECT activity_forget($1, 1000) AS removed")
            .bind::<Timestamptz, _>(to_db(at))
            .get_result(&mut c)
            .await?;
        Ok(usize::try_from(row.removed).unwrap_or(0))
    }

    /// Whether an entry carries this request's id.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn activity_of_request(&self, request_id: &str) -> Result<bool, DbError> {
        use super::schema::activity;
        let mut c = self.conn().await?;
        let found = activity::table.filter(activity::request_id.eq(request_id));
        Ok(diesel::select(diesel::dsl::exists(found)).get_result(&mut c).await?)
    }
}
