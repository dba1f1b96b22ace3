//! What was sent to a webhook: read page by page, sent again, tried.

use chrono::{DateTime, Utc};
use common::ids::{DeliveryId, RegionId, WebhookId};
use common::time::Timestamp;
use common::webhooks::{Attempt, Delivery, DeliveryDetail, DeliveryState, WebhookEvent};
use diesel::dsl::{max, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Timestamptz};
use diesel_async::{AsyncConnection as _, RunQueryDsl};
use serde_json::Value;
use uuid::Uuid;

use super::locked;
use crate::db::activity::note;
use crate::db::schema::{webhook_deliveries, webhook_messages, webhooks};
use crate::db::told::{Told, next_change};
use crate::db::webhook_queue as queue;
use crate::db::{Db, DbError, from_db, to_db, unknown};
use crate::domain::activity::Entry;
use crate::domain::webhook::Message;

/// Which deliveries a page holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// So far.
    pub state: Option<DeliveryState>,
    /// Of this.
    pub event: Option<WebhookEvent>,
    /// Older than this one.
    pub before: Option<DeliveryId>,
}

/// What became of a delivery that somebody wanted to repeat.
#[derive(Debug)]
pub enum Replayed {
    /// It waits for its attempt, with the number of the change.
    Done(Box<Delivery>, i64),
    /// The webhook does not send now.
    Off,
    /// So much waits for it that nothing more is taken.
    Full,
    /// There is no such webhook.
    NoWebhook,
    /// It has no such delivery.
    NoDelivery,
}

/// A message that somebody sends by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTest {
    /// What is sent.
    pub message: Message,
    /// Its delivery.
    pub delivery: DeliveryId,
    /// For how long no server process takes it for one of its own, in milliseconds.
    pub claim_ms: u64,
    /// No other test may have been made after this moment.
    pub rest_since: Timestamp,
}

/// Whether a test may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestAdded {
    /// Yes.
    Done,
    /// The one before was made at this moment.
    TooSoon(Timestamp),
    /// There is no such webhook.
    Missing,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_deliveries, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    webhook_id: Uuid,
    message_id: Uuid,
    created_at: DateTime<Utc>,
    state: String,
    next_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    replay_of: Option<Uuid>,
    attempts: Value,
}

/// With its message's event and region.
type Detailed = (Row, String, Option<String>);

fn attempts(kept: Value) -> Result<Vec<Attempt>, DbError> {
    serde_json::from_value(kept).map_err(|e| DbError::Other(format!("attempts of a delivery: {e}")))
}

fn delivery((row, event, region): Detailed) -> Result<(Delivery, Vec<Attempt>), DbError> {
    let attempts = attempts(row.attempts)?;
    let delivery = Delivery {
        id: DeliveryId(row.id),
        webhook_id: WebhookId(row.webhook_id),
        message_id: row.message_id.to_string(),
        event: WebhookEvent::parse(&event).ok_or_else(|| unknown("event", &event))?,
        region_id: region.map(RegionId),
        created_at: from_db(row.created_at),
        state: DeliveryState::parse(&row.state).ok_or_else(|| unknown("state", &row.state))?,
        attempts: u32::try_from(attempts.len()).unwrap_or(u32::MAX),
        next_at: row.next_at.map(from_db),
        finished_at: row.finished_at.map(from_db),
        replay_of: row.replay_of.map(DeliveryId),
        last: attempts.last().cloned(),
    };
    Ok((delivery, attempts))
}

impl Db {
    /// The newest deliveries of a webhook that a filter lets through, at most `limit`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_deliveries(
        &self,
        webhook: WebhookId,
        filter: &DeliveryFilter,
        limit: i64,
    ) -> Result<Vec<Delivery>, DbError> {
        let mut c = self.conn().await?;
        let mut query = webhook_deliveries::table
            .inner_join(webhook_messages::table)
            .filter(webhook_deliveries::webhook_id.eq(webhook.0))
            .order(webhook_deliveries::id.desc())
            .limit(limit)
            .select((Row::as_select(), webhook_messages::event, webhook_messages::region_id))
            .into_boxed();
        if let Some(state) = filter.state {
            query = query.filter(webhook_deliveries::state.eq(state.as_str()));
        }
        if let Some(event) = filter.event {
            query = query.filter(webhook_messages::event.eq(event.as_str()));
        }
        if let Some(before) = filter.before {
            query = query.filter(webhook_deliveries::id.lt(before.0));
        }
        let rows: Vec<Detailed> = query.load(&mut c).await?;
        rows.into_iter().map(|row| delivery(row).map(|(d, _)| d)).collect()
    }

    /// One delivery of a webhook with its body and attempts.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_delivery(
        &self,
        webhook: WebhookId,
        id: DeliveryId,
    ) -> Result<Option<DeliveryDetail>, DbError> {
        let mut c = self.conn().await?;
        let found: Option<(Row, String, Option<String>, String)> = webhook_deliveries::table
            .inner_join(webhook_messages::table)
            .inner_join(webhooks::table)
            .filter(webhook_deliveries::id.eq(id.0))
            .filter(webhook_deliveries::webhook_id.eq(webhook.0))
            .select((
                Row::as_select(),
                webhook_messages::event,
                webhook_messages::region_id,
                webhook_messages::payload,
            ))
            .first(&mut c)
            .await
            .optional()?;
        let Some((row, event, region, payload)) = found else { return Ok(None) };
        let (delivery, attempts) = delivery((row, event, region))?;
        Ok(Some(DeliveryDetail { delivery, payload, attempts }))
    }

    /// Adds another delivery of the message of `of`, due at once, while the webhook sends.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_replay(
        &self,
        webhook: WebhookId,
        of: DeliveryId,
        new: DeliveryId,
        entry: &Entry,
    ) -> Result<Replayed, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let Some(record) = locked(c, webhook).await? else { return Ok(Replayed::NoWebhook) };
            let found: Option<(Uuid, String, Option<String>)> = webhook_deliveries::table
                .inner_join(webhook_messages::table)
                .filter(webhook_deliveries::id.eq(of.0))
                .filter(webhook_deliveries::webhook_id.eq(webhook.0))
                .select((webhook_messages::id, webhook_messages::event, webhook_messages::region_id))
                .first(c)
                .await
                .optional()?;
            let Some((message, event, region)) = found else { return Ok(Replayed::NoDelivery) };
            if !record.enabled {
                return Ok(Replayed::Off);
            }
            if queue::waiting(c, &[webhook.0]).await?.iter().any(|q| q.n >= queue::WAITING_MAX) {
                return Ok(Replayed::Full);
            }
            let now = to_db(entry.at);
            let row: Row = diesel::insert_into(webhook_deliveries::table)
                .values((
                    webhook_deliveries::id.eq(new.0),
                    webhook_deliveries::webhook_id.eq(webhook.0),
                    webhook_deliveries::message_id.eq(message),
                    webhook_deliveries::created_at.eq(now),
                    webhook_deliveries::next_at.eq(now),
                    webhook_deliveries::replay_of.eq(of.0),
                ))
                .returning(Row::as_returning())
                .get_result(c)
                .await?;
            note(c, entry).await?;
            let (delivery, _) = delivery((row, event, region))?;
            Ok(Replayed::Done(Box::new(delivery), next_change(c, self.sender, &Told::Nothing).await?))
        })
        .await
    }

    /// Adds a test of a webhook, unless there was one a moment before.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_test_add(
        &self,
        webhook: WebhookId,
        test: &NewTest,
        entry: &Entry,
    ) -> Result<TestAdded, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            // The lock on the webhook makes two tests at once one after the other, whichever server has them.
            if locked(c, webhook).await?.is_none() {
                return Ok(TestAdded::Missing);
            }
            let last: Option<DateTime<Utc>> = webhook_deliveries::table
                .inner_join(webhook_messages::table)
                .filter(webhook_deliveries::webhook_id.eq(webhook.0))
                .filter(webhook_deliveries::created_at.gt(to_db(test.rest_since)))
                .filter(webhook_deliveries::replay_of.is_null())
                .filter(webhook_messages::event.eq(WebhookEvent::Test.as_str()))
                .select(max(webhook_deliveries::created_at))
                .first(c)
                .await?;
            if let Some(last) = last {
                return Ok(TestAdded::TooSoon(from_db(last)));
            }
            let at = to_db(test.message.at);
            diesel::insert_into(webhook_messages::table)
                .values((
                    webhook_messages::id.eq(test.message.id),
                    webhook_messages::at.eq(at),
                    webhook_messages::event.eq(WebhookEvent::Test.as_str()),
                    webhook_messages::payload.eq(&test.message.payload),
                ))
                .execute(c)
                .await?;
            diesel::insert_into(webhook_deliveries::table)
                .values((
                    webhook_deliveries::id.eq(test.delivery.0),
                    webhook_deliveries::webhook_id.eq(webhook.0),
                    webhook_deliveries::message_id.eq(test.message.id),
                    webhook_deliveries::created_at.eq(at),
                    webhook_deliveries::next_at.eq(at),
                    webhook_deliveries::claimed_until.eq(sql::<Nullable<Timestamptz>>("now() + ")
                        .bind::<BigInt, _>(i64::try_from(test.claim_ms).unwrap_or(i64::MAX))
                        .sql(" * interval '1 millisecond'")),
                ))
                .execute(c)
                .await?;
            note(c, entry).await?;
            Ok(TestAdded::Done)
        })
        .await
    }
}
