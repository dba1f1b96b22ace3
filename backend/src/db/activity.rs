//! The activity log. Rows go in with the change they are about, in the same transaction.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::schema::activity;
use super::{Db, DbError, to_db};
use crate::domain::activity::Entry;

/// Adds a row inside the transaction of the change it is about.
pub(in crate::db) async fn note(c: &mut AsyncPgConnection, e: &Entry) -> Result<(), DieselError> {
    diesel::insert_into(activity::table)
        .values((
            activity::id.eq(e.id),
            activity::at.eq(to_db(e.at)),
            activity::actor.eq(&e.actor),
            activity::action.eq(e.action),
            activity::outcome.eq(e.outcome.as_str()),
            activity::target_kind.eq(e.target.kind),
            activity::target_id.eq(&e.target.id),
            activity::target_name.eq(&e.target.name),
            activity::region_id.eq(e.target.region_id.as_ref().map(|r| r.as_str())),
            activity::before.eq(&e.before),
            activity::after.eq(&e.after),
            activity::reason.eq(&e.reason),
            activity::request_id.eq(&e.request_id),
            activity::source.eq(&e.source),
        ))
        .execute(c)
        .await?;
    Ok(())
}

impl Db {
    /// Adds a row for something that changed nothing: a denied or refused attempt.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn activity_add(&self, entry: &Entry) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        note(&mut c, entry).await.map_err(DbError::from)
    }
}
