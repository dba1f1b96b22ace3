//! What somebody put aside: problems, and unregistered servers.

use chrono::{DateTime, Utc};
use common::overview::{Severity, Snooze};
use common::time::Timestamp;
use common::unregistered::Ignored;
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, RunQueryDsl};

use super::activity::note;
use super::schema::{problem_snoozes, unregistered_ignored};
use super::told::{Told, next_change};
use super::{Db, DbError, from_db, to_db, unknown};
use crate::domain::activity::Entry;
use crate::domain::problems::SnoozeRecord;
use crate::domain::unregistered::GroupId;

/// Most hidden servers kept; beyond, the oldest go.
const IGNORED_MAX: i64 = 1_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = problem_snoozes, check_for_backend(diesel::pg::Pg))]
struct SnoozeRow {
    problem_id: String,
    severity: String,
    by_email: String,
    at: DateTime<Utc>,
    until: DateTime<Utc>,
    reason: String,
}

impl TryFrom<SnoozeRow> for SnoozeRecord {
    type Error = DbError;

    fn try_from(r: SnoozeRow) -> Result<Self, DbError> {
        let severity = match r.severity.as_str() {
            "bad" => Severity::Bad,
            "warn" => Severity::Warn,
            other => return Err(unknown("severity", other)),
        };
        let snooze = Snooze { by: r.by_email, at: from_db(r.at), until: from_db(r.until), reason: r.reason };
        Ok(Self { problem_id: r.problem_id, severity, snooze })
    }
}

impl Db {
    /// All snoozes.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn snooze_list(&self) -> Result<Vec<SnoozeRecord>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<SnoozeRow> = problem_snoozes::table.select(SnoozeRow::as_select()).load(&mut c).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Puts a problem aside, or does so anew; the number of the change.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn snooze_put(&self, r: &SnoozeRecord, entry: &Entry) -> Result<i64, DbError> {
        let mut c = self.conn().await?;
        let severity = match r.severity {
            Severity::Bad => "bad",
            Severity::Warn => "warn",
        };
        let values = (
            problem_snoozes::severity.eq(severity),
            problem_snoozes::by_email.eq(&r.snooze.by),
            problem_snoozes::at.eq(to_db(r.snooze.at)),
            problem_snoozes::until.eq(to_db(r.snooze.until)),
            problem_snoozes::reason.eq(&r.snooze.reason),
        );
        c.transaction(async |c| {
            diesel::insert_into(problem_snoozes::table)
                .values((problem_snoozes::problem_id.eq(&r.problem_id), values))
                .on_conflict(problem_snoozes::problem_id)
                .do_update()
                .set(values)
                .execute(c)
                .await?;
            note(c, entry).await?;
            next_change(c, self.sender, &Told::Aside).await
        })
        .await
        .map_err(DbError::from)
    }

    /// Lets a problem count again; the number of the change.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn snooze_delete(&self, problem_id: &str, entry: &Entry) -> Result<i64, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            diesel::delete(problem_snoozes::table.find(problem_id)).execute(c).await?;
            note(c, entry).await?;
            next_change(c, self.sender, &Told::Aside).await
        })
        .await
        .map_err(DbError::from)
    }

    /// Removes snoozes that ended by themselves; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn snoozes_forget(&self, problem_ids: &[String]) -> Result<usize, DbError> {
        if problem_ids.is_empty() {
            return Ok(0);
        }
        let mut c = self.conn().await?;
        let ended = problem_snoozes::table.filter(problem_snoozes::problem_id.eq_any(problem_ids));
        Ok(diesel::delete(ended).execute(&mut c).await?)
    }

    /// All hidden servers.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn ignored_list(&self) -> Result<Vec<(GroupId, Ignored)>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<(Vec<u8>, String, DateTime<Utc>)> = unregistered_ignored::table
            .order(unregistered_ignored::at.desc())
            .limit(IGNORED_MAX)
            .load(&mut c)
            .await?;
        let known = |(id, by, at): (Vec<u8>, String, DateTime<Utc>)| {
            Some((GroupId(id.try_into().ok()?), Ignored { by, at: from_db(at) }))
        };
        Ok(rows.into_iter().filter_map(known).collect())
    }

    /// Hides a server, or shows it again where `by` is `None`; the number of the change.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn ignored_set(
        &self,
        id: GroupId,
        by: Option<&Ignored>,
        entry: &Entry,
    ) -> Result<i64, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            if let Some(by) = by {
                let who =
                    (unregistered_ignored::by_email.eq(&by.by), unregistered_ignored::at.eq(to_db(by.at)));
                // Somebody else may be hiding it in the same moment.
                diesel::insert_into(unregistered_ignored::table)
                    .values((unregistered_ignored::group_id.eq(&id.0[..]), who))
                    .on_conflict(unregistered_ignored::group_id)
                    .do_update()
                    .set(who)
                    .execute(c)
                    .await?;
            } else {
                diesel::delete(unregistered_ignored::table.find(&id.0[..])).execute(c).await?;
            }
            note(c, entry).await?;
            next_change(c, self.sender, &Told::Aside).await
        })
        .await
        .map_err(DbError::from)
    }

    /// Forgets servers that were hidden before `at`; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn ignored_delete_before(&self, at: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let old = unregistered_ignored::table.filter(unregistered_ignored::at.lt(to_db(at)));
        Ok(diesel::delete(old).execute(&mut c).await?)
    }
}
