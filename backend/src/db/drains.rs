//! How far nodes are on their way to zero.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use common::ids::NodeId;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::drains;
use super::told::{Told, tell};
use super::{Db, DbError, from_db, to_db};
use crate::domain::drain::Track;

#[derive(Queryable, Selectable)]
#[diesel(table_name = drains, check_for_backend(diesel::pg::Pg))]
struct DrainRow {
    node_id: Uuid,
    generation: i64,
    requested_at: DateTime<Utc>,
    delivered_at: Option<DateTime<Utc>>,
    acknowledged_at: Option<DateTime<Utc>>,
    drained_at: Option<DateTime<Utc>>,
    started_with: Option<i32>,
    deadline_done: bool,
}

impl From<DrainRow> for Track {
    fn from(r: DrainRow) -> Self {
        let mut track = Self::new(r.generation, from_db(r.requested_at));
        track.delivered_at = r.delivered_at.map(from_db);
        track.acknowledged_at = r.acknowledged_at.map(from_db);
        track.drained_at = r.drained_at.map(from_db);
        track.started_with = r.started_with.and_then(|n| u32::try_from(n).ok());
        track.deadline_done = r.deadline_done;
        track
    }
}

/// A node that was deleted meanwhile is passed over.
const WRITE: &str = "INSERT INTO drains (node_id, generation, requested_at, delivered_at, acknowledged_at, drained_at, \
    started_with, deadline_done) \
    SELECT w.* FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) \
    AS w (node_id, generation, requested_at, delivered_at, acknowledged_at, drained_at, started_with, deadline_done) \
    WHERE EXISTS (SELECT 1 FROM nodes n WHERE n.id = w.node_id) \
    ON CONFLICT (node_id) DO UPDATE SET generation = excluded.generation, requested_at = excluded.requested_at, \
    delivered_at = excluded.delivered_at, acknowledged_at = excluded.acknowledged_at, \
    drained_at = excluded.drained_at, started_with = excluded.started_with, deadline_done = excluded.deadline_done \
    WHERE excluded.generation >= drains.generation";

impl Db {
    /// All drains.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn drain_list(&self) -> Result<HashMap<NodeId, Track>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<DrainRow> = drains::table.select(DrainRow::as_select()).load(&mut c).await?;
        Ok(rows.into_iter().map(|r| (NodeId(r.node_id), r.into())).collect())
    }

    /// Writes drains as they are now, removes those that ended, and tells the others where there are any.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn drains_write(&self, list: &[(NodeId, Option<Track>)], others: bool) -> Result<(), DbError> {
        let ended: Vec<Uuid> = list.iter().filter(|(_, t)| t.is_none()).map(|(id, _)| id.0).collect();
        let kept: Vec<(Uuid, &Track)> =
            list.iter().filter_map(|(id, t)| t.as_ref().map(|t| (id.0, t))).collect();
        if !ended.is_empty() {
            let mut c = self.conn().await?;
            diesel::delete(drains::table.filter(drains::node_id.eq_any(&ended))).execute(&mut c).await?;
        }
        if kept.is_empty() {
            return Ok(());
        }
        let mut c = self.conn().await?;
        let started = |t: &Track| t.started_with.map(|n| i32::try_from(n).unwrap_or(i32::MAX));
        let times = |f: fn(&Track) -> Option<common::time::Timestamp>| -> Vec<Option<DateTime<Utc>>> {
            kept.iter().map(|(_, t)| f(t).map(to_db)).collect()
        };
        diesel::sql_query(WRITE)
            .bind::<Array<SqlUuid>, _>(kept.iter().map(|(id, _)| *id).collect::<Vec<_>>())
            .bind::<Array<BigInt>, _>(kept.iter().map(|(_, t)| t.generation).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>(
                kept.iter().map(|(_, t)| to_db(t.requested_at)).collect::<Vec<_>>(),
            )
            .bind::<Array<Nullable<Timestamptz>>, _>(times(|t| t.delivered_at))
            .bind::<Array<Nullable<Timestamptz>>, _>(times(|t| t.acknowledged_at))
            .bind::<Array<Nullable<Timestamptz>>, _>(times(|t| t.drained_at))
            .bind::<Array<Nullable<Integer>>, _>(kept.iter().map(|(_, t)| started(t)).collect::<Vec<_>>())
            .bind::<Array<Bool>, _>(kept.iter().map(|(_, t)| t.deadline_done).collect::<Vec<_>>())
            .execute(&mut c)
            .await?;
        if others {
            tell(&mut c, self.sender, Told::Drains).await?;
        }
        Ok(())
    }
}
