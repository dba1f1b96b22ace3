//! What the last check of the activity log's chain found, and what the server's role may do to the log.

use chrono::{DateTime, Utc};
use common::activity::{BreakKind, ChainBreak, ChainVerified};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::activity_check::dsl as check;
use super::{Db, DbError, from_db, to_db, unknown};

/// Whoever owns the tables may do all of this too, and take the triggers off that stand against it.
const CHANGEABLE: &str = "SELECT has_table_privilege('activity_chain', 'INSERT') \
    OR bool_or(has_table_privilege(t, 'UPDATE') OR has_table_privilege(t, 'DELETE') OR has_table_privilege(t, 'TRUNCATE')) \
    AS changeable FROM unnest(ARRAY['activity', 'activity_chain', 'activity_checkpoint']) AS t";

type Row = (DateTime<Utc>, i64, Option<String>, Option<i64>, Option<Uuid>);

fn read((at, entries, broken, seq, id): Row) -> Result<ChainVerified, DbError> {
    let broken = broken.map(|kind| match BreakKind::parse(&kind) {
        Some(kind) => Ok(ChainBreak { kind, seq, entry: id.map(|id| id.to_string()) }),
        None => Err(unknown("activity_check.broken", &kind)),
    });
    Ok(ChainVerified {
        at: from_db(at),
        entries: u64::try_from(entries).unwrap_or_default(),
        broken: broken.transpose()?,
    })
}

impl Db {
    /// What the last check found; `None` before the first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn chain_check(&self) -> Result<Option<ChainVerified>, DbError> {
        let mut c = self.conn().await?;
        let row: Option<Row> = check::activity_check
            .select((check::at, check::entries, check::broken, check::broken_seq, check::broken_id))
            .first(&mut c)
            .await
            .optional()?;
        row.map(read).transpose()
    }

    /// Keeps what a check found, in place of what the one before did.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn chain_checked(&self, found: &ChainVerified) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        let broken = found.broken.as_ref();
        let values = (
            check::at.eq(to_db(found.at)),
            check::entries.eq(i64::try_from(found.entries).unwrap_or(i64::MAX)),
            check::broken.eq(broken.map(|b| b.kind.as_str())),
            check::broken_seq.eq(broken.and_then(|b| b.seq)),
            check::broken_id.eq(broken.and_then(|b| b.entry.as_deref()?.parse::<Uuid>().ok())),
        );
        diesel::insert_into(check::activity_check)
            .values((check::one.eq(true), values))
            .on_conflict(check::one)
            .do_update()
            .set(values)
            .execute(&mut c)
            .await?;
        Ok(())
    }

    /// Whether the role the server uses could change or remove what was noted.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn chain_changeable(&self) -> Result<bool, DbError> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Bool)]
            changeable: bool,
        }
        let mut c = self.conn().await?;
        let row: Row = diesel::sql_query(CHANGEABLE).get_result(&mut c).await?;
        Ok(row.changeable)
    }
}
