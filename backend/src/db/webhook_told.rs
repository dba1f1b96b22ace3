//! Which problems were told of as open, written with the messages that tell of them.

use std::collections::BTreeSet;

use common::time::Timestamp;
use common::webhooks::WebhookEvent;
use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Text, Timestamptz};
use diesel_async::{AsyncConnection as _, RunQueryDsl};
use serde_json::Value;
use uuid::Uuid;

use super::webhook_outbox::announce;
use super::{Db, DbError, to_db};
use crate::domain::webhook::body::ProblemData;
use crate::domain::webhook::told::News;

const OPENED: &str = "INSERT INTO webhook_problems (problem_id, told_at, problem) \
    SELECT u.id, $3, u.problem FROM unnest($1::text[], $2::jsonb[]) AS u(id, problem) \
    ON CONFLICT (problem_id) DO NOTHING RETURNING problem_id";
const CLEARED: &str = "DELETE FROM webhook_problems WHERE problem_id = ANY ($1) RETURNING problem_id";

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Text)]
    problem_id: String,
}

#[derive(QueryableByName)]
struct ToldRow {
    #[diesel(sql_type = Jsonb)]
    problem: Value,
}

impl Db {
    /// Problems that were told of as open and not yet as over. One that a newer version told of and this one cannot read
    /// is left to that.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_told(&self) -> Result<Vec<ProblemData>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<ToldRow> =
            diesel::sql_query("SELECT problem FROM webhook_problems").load(&mut c).await?;
        Ok(rows.into_iter().filter_map(|r| serde_json::from_value(r.problem).ok()).collect())
    }

    /// Tells of problems: what is remembered and the messages in one transaction, so that nothing is told twice even
    /// where two processes try. How many deliveries came of it.
    ///
    /// # Errors
    /// Where the database fails; nothing is told then.
    pub async fn webhook_tell(&self, news: &[News], now: Timestamp) -> Result<usize, DbError> {
        let (mut opened, mut cleared) = (Vec::new(), Vec::new());
        for one in news {
            match one {
                News::Opened(data) => opened.push(data),
                News::Cleared(data) => cleared.push(data),
            }
        }
        let ids = |of: &[&ProblemData]| of.iter().map(|d| d.problem_id.clone()).collect::<Vec<_>>();
        let problems = opened.iter().map(|d| serde_json::to_value(d).unwrap_or_default()).collect::<Vec<_>>();
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let mut new = BTreeSet::new();
            if !opened.is_empty() {
                let rows: Vec<IdRow> = diesel::sql_query(OPENED)
                    .bind::<Array<Text>, _>(ids(&opened))
                    .bind::<Array<Jsonb>, _>(&problems)
                    .bind::<Timestamptz, _>(to_db(now))
                    .load(c)
                    .await?;
                new.extend(rows.into_iter().map(|r| r.problem_id));
            }
            if !cleared.is_empty() {
                let rows: Vec<IdRow> =
                    diesel::sql_query(CLEARED).bind::<Array<Text>, _>(ids(&cleared)).load(c).await?;
                new.extend(rows.into_iter().map(|r| r.problem_id));
            }
            let told: Vec<&ProblemData> =
                news.iter().map(News::data).filter(|d| new.contains(&d.problem_id)).collect();
            let of: Vec<(WebhookEvent, Option<&str>)> =
                told.iter().map(|d| (d.event(), d.region_id.as_ref().map(|r| r.as_str()))).collect();
            let message = |i: usize| told.get(i).map(|d| d.message(Uuid::now_v7(), now));
            announce(c, &of, message, now).await
        })
        .await
        .map_err(DbError::from)
    }
}
