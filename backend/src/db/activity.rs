//! The activity log. Rows go in with the change they are about, in the same transaction, and are never changed.

use chrono::{DateTime, Utc};
use common::activity::{Activity, Outcome};
use common::ids::RegionId;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::schema::activity;
use super::{Db, DbError, from_db, to_db, unknown};
use crate::domain::activity::{ActorKind, Entry, Filter, SCRIPT, SYSTEM};

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

#[derive(Queryable, Selectable)]
#[diesel(table_name = activity, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    at: DateTime<Utc>,
    actor: String,
    action: String,
    outcome: String,
    target_kind: String,
    target_id: String,
    target_name: Option<String>,
    region_id: Option<String>,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
    reason: Option<String>,
    request_id: Option<String>,
    source: Option<String>,
}

impl TryFrom<Row> for Activity {
    type Error = DbError;

    fn try_from(r: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: r.id.to_string(),
            at: from_db(r.at),
            actor: r.actor,
            action: r.action,
            outcome: Outcome::parse(&r.outcome).ok_or_else(|| unknown("outcome", &r.outcome))?,
            target_kind: r.target_kind,
            target_id: r.target_id,
            target_name: r.target_name,
            region_id: r.region_id.as_deref().map(RegionId::from),
            before: r.before,
            after: r.after,
            reason: r.reason,
            request_id: r.request_id,
            source: r.source,
        })
    }
}

impl Db {
    /// Adds a row for something that changed nothing: a denied or refused attempt, a sign-in.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn activity_add(&self, entry: &Entry) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        note(&mut c, entry).await.map_err(DbError::from)
    }

    /// The newest entries that a filter lets through, below `after`, at most `limit`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn activity_page(
        &self,
        filter: &Filter,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Activity>, DbError> {
        let mut c = self.conn().await?;
        let mut query = filtered(filter).order(activity::id.desc()).limit(limit);
        if let Some(after) = after {
            query = query.filter(activity::id.lt(after));
        }
        let rows: Vec<Row> = query.select(Row::as_select()).load(&mut c).await?;
        rows.into_iter().map(Activity::try_from).collect()
    }

    /// How many entries a filter lets through, below an id, counted up to `most`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn activity_count(
        &self,
        filter: &Filter,
        below: Option<Uuid>,
        most: i64,
    ) -> Result<i64, DbError> {
        let mut c = self.conn().await?;
        let mut query = filtered(filter).limit(most);
        if let Some(below) = below {
            query = query.filter(activity::id.lt(below));
        }
        // Diesel counts no limited query; ids are small, and there are at most as many as an export has rows.
        let ids: Vec<Uuid> = query.select(activity::id).load(&mut c).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(most))
    }

    /// One entry.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn activity_get(&self, id: Uuid) -> Result<Option<Activity>, DbError> {
        let mut c = self.conn().await?;
        let row: Option<Row> =
            activity::table.find(id).select(Row::as_select()).first(&mut c).await.optional()?;
        row.map(Activity::try_from).transpose()
    }
}

fn filtered(f: &Filter) -> activity::BoxedQuery<'_, Pg> {
    let mut query = activity::table.into_boxed();
    if let Some(actor) = &f.actor {
        query = query.filter(activity::actor.eq(actor));
    }
    let scripts = format!("%{SCRIPT}");
    query = match f.by {
        None => query,
        Some(ActorKind::System) => query.filter(activity::actor.eq(SYSTEM)),
        Some(ActorKind::Script) => query.filter(activity::actor.like(scripts)),
        Some(ActorKind::Person) => {
            query.filter(activity::actor.ne(SYSTEM)).filter(activity::actor.not_like(scripts))
        }
    };
    if let Some(action) = &f.action {
        query = query.filter(activity::action.like(format!("{}%", escaped(action))));
    }
    if let Some(kind) = &f.target_kind {
        query = query.filter(activity::target_kind.eq(kind));
    }
    if let Some(id) = &f.target_id {
        query = query.filter(activity::target_id.eq(id));
    }
    if let Some(region) = &f.region_id {
        query = query.filter(activity::region_id.eq(region.as_str()));
    }
    if !f.outcomes.is_empty() {
        let outcomes: Vec<&str> = f.outcomes.iter().map(|o| o.as_str()).collect();
        query = query.filter(activity::outcome.eq_any(outcomes));
    }
    if let Some(since) = f.since {
        query = query.filter(activity::at.ge(to_db(since)));
    }
    if let Some(until) = f.until {
        query = query.filter(activity::at.lt(to_db(until)));
    }
    if let Some(words) = &f.words {
        let pattern = format!("%{}%", escaped(words));
        query = query.filter(
            activity::actor
                .ilike(pattern.clone())
                .or(activity::action.ilike(pattern.clone()))
                .or(activity::target_id.ilike(pattern.clone()))
                .or(activity::target_name.ilike(pattern.clone()))
                .or(activity::reason.ilike(pattern)),
        );
    }
    query
}

/// Text in which nothing is a wildcard.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}
