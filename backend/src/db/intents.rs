//! Changes of intent: of the platform, a region, a node.

use common::ids::{NodeId, RegionId};
use common::status::Intent;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};

use super::activity::note;
use super::regions::intent_text;
use super::told::{Told, next_change};
use super::{Db, DbError, to_db};
use crate::domain::activity::Entry;

/// Whose intent is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntentOf {
    /// The platform's.
    Platform,
    /// A region's.
    Region(RegionId),
    /// A node's.
    Node(NodeId),
}

impl IntentOf {
    fn told(&self) -> Told {
        match self {
            Self::Platform => Told::Platform,
            Self::Region(id) => Told::Region(id.clone()),
            Self::Node(id) => Told::Node(*id),
        }
    }
}

/// What a stored change made of the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntentWritten {
    /// Of the intent alone.
    pub generation: i64,
    /// Of the whole object.
    pub version: i64,
    /// Number of the change.
    pub change: i64,
}

#[derive(diesel::QueryableByName)]
struct Counters {
    #[diesel(sql_type = BigInt)]
    generation: i64,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

const SET: &str = "SET intent = $1, intent_public_reason = $2, intent_private_reason = $3, intent_until = $4, \
                   intent_by = $5, intent_at = $6, intent_deadline = $7, intent_on_deadline = $8, \
                   generation = generation + 1, version = version + 1 WHERE version = $9";
const BACK: &str = "RETURNING generation, version";

impl Db {
    /// Stores an intent where the object still has this version; `None` where it has another one or is gone.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn intent_set(
        &self,
        of: &IntentOf,
        version: i64,
        intent: &Intent,
        entry: &Entry,
    ) -> Result<Option<IntentWritten>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let Some(done) = set(c, of, version, intent).await? else { return Ok(None) };
            note(c, entry).await?;
            let change = next_change(c, self.sender, &of.told()).await?;
            Ok(Some(IntentWritten { generation: done.generation, version: done.version, change }))
        })
        .await
        .map_err(|e: diesel::result::Error| DbError::from(e))
    }
}

async fn set(
    c: &mut AsyncPgConnection,
    of: &IntentOf,
    version: i64,
    i: &Intent,
) -> Result<Option<Counters>, diesel::result::Error> {
    let text = match of {
        IntentOf::Platform => format!("UPDATE platform {SET} {BACK}"),
        IntentOf::Region(_) => format!("UPDATE regions {SET} AND id = $10 {BACK}"),
        IntentOf::Node(_) => format!("UPDATE nodes {SET} AND id = $10 AND deleted_at IS NULL {BACK}"),
    };
    let query = diesel::sql_query(text)
        .bind::<Text, _>(intent_text(i))
        .bind::<Nullable<Text>, _>(&i.public_reason)
        .bind::<Nullable<Text>, _>(&i.private_reason)
        .bind::<Nullable<Timestamptz>, _>(i.until.map(to_db))
        .bind::<Nullable<Text>, _>(&i.by)
        .bind::<Nullable<Timestamptz>, _>(i.at.map(to_db))
        .bind::<Nullable<Timestamptz>, _>(i.deadline.map(to_db))
        .bind::<Text, _>(i.on_deadline.as_str())
        .bind::<BigInt, _>(version);
    let rows: Vec<Counters> = match of {
        IntentOf::Platform => query.get_results(c).await?,
        IntentOf::Region(id) => query.bind::<Text, _>(id.as_str()).get_results(c).await?,
        IntentOf::Node(id) => query.bind::<SqlUuid, _>(id.0).get_results(c).await?,
    };
    Ok(rows.into_iter().next())
}
