//! The timeline of nodes and regions.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use common::activity::{EventKind, TimelineEvent};
use common::ids::{NodeId, RegionId};
use common::time::Timestamp;
use common::webhooks::WebhookEvent;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection as _, RunQueryDsl};
use uuid::Uuid;

use super::schema::events;
use super::webhook_outbox::{Yes, announce};
use super::{Db, DbError, from_db, to_db};
use crate::domain::activity::EventRecord;
use crate::domain::webhook::Message;

/// Adds nothing, and says so, where a webhook wants such events. A repeated write adds nothing.
const ADD_UNTOLD: &str = "WITH told AS (SELECT EXISTS (SELECT FROM webhooks WHERE enabled AND events && $10) AS yes), \
    added AS (INSERT INTO events (id, at, node_id, region_id, kind, from_word, to_word, detail, actor) \
        SELECT u.* FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::text[], \
            $7::text[], $8::text[], $9::text[]) u, told WHERE NOT told.yes ON CONFLICT (at, id) DO NOTHING) \
    SELECT yes FROM told";
const ADD_TOLD: &str = "INSERT INTO events (id, at, node_id, region_id, kind, from_word, to_word, detail, actor) \
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], \
        $8::text[], $9::text[]) ON CONFLICT (at, id) DO NOTHING RETURNING id";

/// Whose events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventsOf {
    /// Of a node.
    Node(NodeId),
    /// Of a region and its nodes.
    Region(RegionId),
}

/// Which events a page holds.
#[derive(Debug, Clone)]
pub struct EventFilter {
    /// Whose.
    pub of: EventsOf,
    /// Of these kinds; all where empty.
    pub kinds: Vec<EventKind>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Older than this one.
    pub after: Option<(Timestamp, Uuid)>,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(diesel::pg::Pg))]
struct EventRow {
    id: Uuid,
    at: DateTime<Utc>,
    node_id: Option<Uuid>,
    region_id: Option<String>,
    kind: String,
    from_word: Option<String>,
    to_word: Option<String>,
    detail: Option<String>,
    actor: Option<String>,
}

impl Db {
    /// Writes events, and in the same transaction what webhooks are told of those that were new; how many deliveries.
    /// Where no webhook wants any of them it is one statement. `message` is what is told of an event.
    ///
    /// # Errors
    /// Where the database fails; nothing is written then.
    pub async fn events_add(
        &self,
        records: &[EventRecord],
        message: impl Fn(&EventRecord) -> Message + Send + Sync,
        now: Timestamp,
    ) -> Result<usize, DbError> {
        if records.is_empty() {
            return Ok(0);
        }
        let mut kinds: Vec<&str> = records.iter().map(|e| WebhookEvent::of(e.kind).as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let mut c = self.conn().await?;
        // Whoever is switched on after this look was not on when these happened.
        let told: Yes = bound(ADD_UNTOLD, records).bind::<Array<Text>, _>(kinds).get_result(&mut c).await?;
        if !told.yes {
            return Ok(0);
        }
        c.transaction(async |c| {
            let added: Vec<IdRow> = bound(ADD_TOLD, records).load(c).await?;
            let added: HashSet<Uuid> = added.into_iter().map(|r| r.id).collect();
            let new: Vec<&EventRecord> = records.iter().filter(|e| added.contains(&e.id)).collect();
            let of: Vec<(WebhookEvent, Option<&str>)> = new
                .iter()
                .map(|e| (WebhookEvent::of(e.kind), e.region_id.as_ref().map(|r| r.as_str())))
                .collect();
            announce(c, &of, |i| new.get(i).map(|e| message(e)), now).await
        })
        .await
        .map_err(DbError::from)
    }

    /// The newest events that a filter lets through, at most `limit`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn events_page(&self, f: &EventFilter, limit: i64) -> Result<Vec<TimelineEvent>, DbError> {
        let mut c = self.conn().await?;
        let mut query = events::table
            .select(EventRow::as_select())
            .order((events::at.desc(), events::id.desc()))
            .limit(limit)
            .into_boxed();
        query = match &f.of {
            EventsOf::Node(id) => query.filter(events::node_id.eq(id.0)),
            EventsOf::Region(id) => query.filter(events::region_id.eq(id.as_str())),
        };
        if !f.kinds.is_empty() {
            let kinds: Vec<&str> = f.kinds.iter().map(|k| k.as_str()).collect();
            query = query.filter(events::kind.eq_any(kinds));
        }
        if let Some(from) = f.from {
            query = query.filter(events::at.ge(to_db(from)));
        }
        if let Some(to) = f.to {
            query = query.filter(events::at.lt(to_db(to)));
        }
        if let Some((at, id)) = f.after {
            let at = to_db(at);
            // The first condition is what the index and the choice of partitions understand.
            query = query.filter(events::at.le(at)).filter(events::at.lt(at).or(events::id.lt(id)));
        }
        let rows: Vec<EventRow> = query.load(&mut c).await?;
        // A kind written by a newer version is left out rather than shown as something else.
        Ok(rows.into_iter().filter_map(event).collect())
    }
}

/// A statement with the columns of events bound to it.
fn bound<'a>(sql: &'static str, records: &'a [EventRecord]) -> BoxedSqlQuery<'a, Pg, SqlQuery> {
    let text = |f: fn(&EventRecord) -> Option<&str>| records.iter().map(f).collect::<Vec<_>>();
    diesel::sql_query(sql)
        .into_boxed()
        .bind::<Array<SqlUuid>, _>(records.iter().map(|e| e.id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(records.iter().map(|e| to_db(e.at)).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(
            records.iter().map(|e| e.node_id.map(|n| n.0)).collect::<Vec<_>>(),
        )
        .bind::<Array<Nullable<Text>>, _>(text(|e| e.region_id.as_ref().map(|r| r.as_str())))
        .bind::<Array<Text>, _>(records.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(text(|e| e.from.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(text(|e| e.to.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(text(|e| e.detail.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(text(|e| e.actor.as_deref()))
}

fn event(r: EventRow) -> Option<TimelineEvent> {
    Some(TimelineEvent {
        id: r.id.to_string(),
        at: from_db(r.at),
        node_id: r.node_id.map(NodeId),
        region_id: r.region_id.as_deref().map(RegionId::from),
        kind: EventKind::parse(&r.kind)?,
        from: r.from_word,
        to: r.to_word,
        detail: r.detail,
        actor: r.actor,
    })
}
