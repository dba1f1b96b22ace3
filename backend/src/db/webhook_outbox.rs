//! What webhooks are to be told, on its way: messages, who takes which delivery, and what became of it.
//!
//! Locks are taken in one order everywhere, the webhook before its deliveries; so nobody waits for each other.

use std::collections::BTreeMap;

use common::ids::{DeliveryId, WebhookId};
use common::time::Timestamp;
use common::webhooks::{Attempt, DeliveryState, StoppedBecause, WebhookEvent};
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::webhook_queue::{self as queue, WAITING_MAX};
use super::{Db, DbError, from_db, to_db};
use crate::domain::activity::{Entry, Target};
use crate::domain::problems::WebhookFact;
use crate::domain::webhook::Message;
use crate::domain::webhook::plan::{self, Ending};

/// Who wants which of these. The webhooks are held, so that none is switched off or deleted before its deliveries are
/// written.
const WANTED: &str = "SELECT m.n, w.id FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS m(event, region_id, n) \
    JOIN webhooks w ON w.enabled AND m.event = ANY (w.events) \
        AND (w.region_scope IS NULL OR m.region_id = ANY (w.region_scope)) \
    ORDER BY m.n, w.id FOR SHARE OF w";
const ADD_MESSAGES: &str = "INSERT INTO webhook_messages (id, at, event, region_id, payload) \
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[]) ON CONFLICT (id) DO NOTHING";
const ADD_DELIVERIES: &str = "INSERT INTO webhook_deliveries (id, webhook_id, message_id, created_at, next_at) \
    SELECT u.id, u.webhook_id, u.message_id, $4, $4 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) \
        AS u(id, webhook_id, message_id)";
/// Each webhook's oldest first, so many of each, and of all the oldest: a webhook with a long queue takes no place from
/// another one. Claims are timed by the database's clock: those of the servers differ. They end on a millisecond, because
/// that is what a program keeps of them.
const CLAIM: &str = "WITH picked AS MATERIALIZED ( \
        SELECT due.id FROM webhooks w LEFT JOIN unnest($3::uuid[], $4::int[]) AS busy(id, n) ON busy.id = w.id \
        CROSS JOIN LATERAL ( \
            SELECT d.id, d.next_at FROM webhook_deliveries d \
            WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.next_at <= $1 \
                AND (d.claimed_until IS NULL OR d.claimed_until <= now()) \
            ORDER BY d.next_at LIMIT greatest($5 - coalesce(busy.n, 0), 0) FOR UPDATE SKIP LOCKED) due \
        WHERE w.enabled ORDER BY due.next_at LIMIT $6) \
    UPDATE webhook_deliveries d SET claimed_until = date_trunc('milliseconds', now() + $2 * interval '1 millisecond') \
    FROM picked, webhook_messages m WHERE d.id = picked.id AND m.id = d.message_id \
    RETURNING d.claimed_until, d.id, d.webhook_id, d.message_id, m.event, m.payload, jsonb_array_length(d.attempts) AS made";
const CLAIM_ONE: &str = "UPDATE webhook_deliveries d \
    SET claimed_until = date_trunc('milliseconds', now() + $2 * interval '1 millisecond') \
    FROM webhook_messages m WHERE d.id = $1 AND d.state = 'waiting' AND m.id = d.message_id \
    RETURNING d.claimed_until, d.id, d.webhook_id, d.message_id, m.event, m.payload, jsonb_array_length(d.attempts) AS made";
const TAKEN: &str =
    "UPDATE webhooks SET delivered_at = greatest(delivered_at, $2), failing_since = NULL WHERE id = $1";
const NOT_TAKEN: &str = "UPDATE webhooks SET failing_since = $2 WHERE id = $1";
const HELD: &str = "SELECT url, name, enabled, failing_since FROM webhooks WHERE id = $1 FOR NO KEY UPDATE";
const FINISH: &str = "UPDATE webhook_deliveries SET attempts = attempts || $3, state = $4, next_at = $5, \
        finished_at = $6, claimed_until = NULL WHERE id = $1 AND state = 'waiting' AND claimed_until = $2";
const STOP: &str =
    "UPDATE webhooks SET enabled = false, stopped_because = $2, version = version + 1 WHERE id = $1";
const GIVE_BACK: &str =
    "UPDATE webhook_deliveries SET claimed_until = NULL WHERE id = ANY ($1) AND state = 'waiting'";
const FAILING: &str = "SELECT w.id, w.name, w.failing_since, w.stopped_because, d.messages, d.since \
    FROM webhooks w LEFT JOIN webhook_dropped d ON d.webhook_id = w.id \
    WHERE (w.enabled AND (w.failing_since IS NOT NULL OR d.messages IS NOT NULL)) OR w.stopped_because IS NOT NULL \
    ORDER BY w.id";
/// How many messages go at once; the next run takes the next ones.
const PURGE: &str = "DELETE FROM webhook_messages WHERE id IN \
    (SELECT id FROM webhook_messages WHERE at < $1 ORDER BY at LIMIT 5000)";

/// A delivery that this process is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which.
    pub delivery: DeliveryId,
    /// To which webhook.
    pub webhook: WebhookId,
    /// `webhook-id` of the call.
    pub message: Uuid,
    /// Whether somebody sends it by hand: then there is one attempt.
    pub test: bool,
    /// The body.
    pub payload: String,
    /// Attempts made before.
    pub made: u32,
    /// After that, by the database's clock, it is anybody's.
    pub until: Timestamp,
}

/// A webhook that was switched off because of how an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// What it is called.
    pub name: String,
    /// Why.
    pub because: StoppedBecause,
}

#[derive(QueryableByName)]
struct WantedRow {
    #[diesel(sql_type = BigInt)]
    n: i64,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct ClaimRow {
    #[diesel(sql_type = Timestamptz)]
    claimed_until: chrono::DateTime<chrono::Utc>,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    webhook_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    message_id: Uuid,
    #[diesel(sql_type = Text)]
    event: String,
    #[diesel(sql_type = Text)]
    payload: String,
    #[diesel(sql_type = Integer)]
    made: i32,
}

impl From<ClaimRow> for Claim {
    fn from(r: ClaimRow) -> Self {
        Self {
            delivery: DeliveryId(r.id),
            webhook: WebhookId(r.webhook_id),
            message: r.message_id,
            test: WebhookEvent::parse(&r.event) == Some(WebhookEvent::Test),
            payload: r.payload,
            made: u32::try_from(r.made).unwrap_or(0),
            until: from_db(r.claimed_until),
        }
    }
}

#[derive(QueryableByName)]
struct HeldRow {
    #[diesel(sql_type = Text)]
    url: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    enabled: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    failing_since: Option<chrono::DateTime<chrono::Utc>>,
}

#[derive(QueryableByName)]
struct FailingRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    failing_since: Option<chrono::DateTime<chrono::Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    stopped_because: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    messages: Option<i64>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    since: Option<chrono::DateTime<chrono::Utc>>,
}

/// Writes what somebody wants to hear, and a delivery for each of them; how many deliveries. `of` names event and
/// region of each message, `message` makes the one of an index, asked only where it is wanted.
pub(in crate::db) async fn announce(
    c: &mut AsyncPgConnection,
    of: &[(WebhookEvent, Option<&str>)],
    message: impl Fn(usize) -> Option<Message>,
    now: Timestamp,
) -> Result<usize, DieselError> {
    if of.is_empty() {
        return Ok(0);
    }
    let wanted: Vec<WantedRow> = diesel::sql_query(WANTED)
        .bind::<Array<Text>, _>(of.iter().map(|(e, _)| e.as_str()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(of.iter().map(|(_, r)| *r).collect::<Vec<_>>())
        .load(c)
        .await?;
    let mut ids: Vec<Uuid> = wanted.iter().map(|row| row.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut queued: BTreeMap<Uuid, i64> =
        queue::waiting(c, &ids).await?.into_iter().map(|q| (q.id, q.n)).collect();
    let mut dropped = BTreeMap::<Uuid, i64>::new();
    let (mut messages, mut deliveries) = (Vec::<Message>::new(), Vec::new());
    let mut last = None;
    for row in &wanted {
        let queued = queued.entry(row.id).or_default();
        if *queued >= WAITING_MAX {
            *dropped.entry(row.id).or_default() += 1;
            continue;
        }
        *queued += 1;
        // Counted from one, in order.
        let index = usize::try_from(row.n - 1).ok();
        if last != index {
            last = index;
            messages.extend(index.and_then(&message));
        }
        deliveries.extend(messages.last().map(|m| (Uuid::now_v7(), row.id, m.id)));
    }
    queue::count_dropped(c, &dropped.into_iter().collect::<Vec<_>>(), now).await?;
    if messages.is_empty() {
        return Ok(0);
    }
    diesel::sql_query(ADD_MESSAGES)
        .bind::<Array<SqlUuid>, _>(messages.iter().map(|m| m.id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(messages.iter().map(|m| to_db(m.at)).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(messages.iter().map(|m| m.event.as_str()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(
            messages.iter().map(|m| m.region_id.as_ref().map(|r| r.as_str())).collect::<Vec<_>>(),
        )
        .bind::<Array<Text>, _>(messages.iter().map(|m| m.payload.as_str()).collect::<Vec<_>>())
        .execute(c)
        .await?;
    diesel::sql_query(ADD_DELIVERIES)
        .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|d| d.0).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|d| d.1).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|d| d.2).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(to_db(now))
        .execute(c)
        .await
}

impl Db {
    /// Takes deliveries that are due, at most `room`, and at most `each` to one webhook; `busy` are those this process
    /// is at already. For `claim_ms` no other process takes them.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_claim(
        &self,
        now: Timestamp,
        claim_ms: u64,
        busy: &[(WebhookId, u32)],
        each: u32,
        room: usize,
    ) -> Result<Vec<Claim>, DbError> {
        let mut c = self.conn().await?;
        let n = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let rows: Vec<ClaimRow> = diesel::sql_query(CLAIM)
            .bind::<Timestamptz, _>(to_db(now))
            .bind::<BigInt, _>(i64::try_from(claim_ms).unwrap_or(i64::MAX))
            .bind::<Array<SqlUuid>, _>(busy.iter().map(|b| b.0.0).collect::<Vec<_>>())
            .bind::<Array<Integer>, _>(busy.iter().map(|b| n(b.1)).collect::<Vec<_>>())
            .bind::<Integer, _>(n(each))
            .bind::<BigInt, _>(i64::try_from(room).unwrap_or(i64::MAX))
            .load(&mut c)
            .await?;
        Ok(rows.into_iter().map(Claim::from).collect())
    }

    /// Takes this delivery where it waits, whoever is at it and whether the webhook sends or not.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_claim_one(&self, id: DeliveryId, claim_ms: u64) -> Result<Option<Claim>, DbError> {
        let mut c = self.conn().await?;
        let row: Option<ClaimRow> = diesel::sql_query(CLAIM_ONE)
            .bind::<SqlUuid, _>(id.0)
            .bind::<BigInt, _>(i64::try_from(claim_ms).unwrap_or(i64::MAX))
            .get_result(&mut c)
            .await
            .optional()?;
        Ok(row.map(Claim::from))
    }

    /// Writes how an attempt ended, and what follows: the next one, an end, or the end of the webhook; what waits for
    /// one that was ended is [`Db::webhook_end_waiting`]'s. `called` is where the call went: an answer from there counts
    /// for a webhook that calls the same address now. `random` spreads the waits. Nothing is written of a delivery that
    /// is no longer ours.
    ///
    /// # Errors
    /// Where the database fails; the delivery is taken up again when the claim is over.
    pub async fn webhook_outcome(
        &self,
        claim: &Claim,
        called: &str,
        attempt: &Attempt,
        ending: Ending,
        now: Timestamp,
        random: u32,
    ) -> Result<Option<Stopped>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let held = diesel::sql_query(HELD).bind::<SqlUuid, _>(claim.webhook.0);
            let Some(row) = held.get_result::<HeldRow>(c).await.optional()? else { return Ok(None) };
            let same = row.url == called;
            // Since when nothing was taken, where that is held against the webhook.
            let since = match ending {
                Ending::NotTaken | Ending::Gone if same && row.enabled => {
                    Some(row.failing_since.map_or(attempt.at, from_db))
                }
                Ending::Taken | Ending::NotTaken | Ending::Gone | Ending::NotMade => None,
            };
            let next = match ending {
                Ending::Taken => None,
                Ending::Gone if same => None,
                Ending::NotTaken | Ending::Gone | Ending::NotMade => {
                    let again = row.enabled && !claim.test;
                    again.then(|| plan::next_at(claim.made.saturating_add(1), now, random)).flatten()
                }
            };
            if !finish(c, claim, attempt, ending, next, now).await? {
                return Ok(None);
            }
            let noted = match (ending, since) {
                (Ending::Taken, _) if same => Some((TAKEN, attempt.at)),
                (_, Some(since)) => Some((NOT_TAKEN, since)),
                _ => None,
            };
            if let Some((sql, at)) = noted {
                let note = diesel::sql_query(sql).bind::<SqlUuid, _>(claim.webhook.0);
                note.bind::<Timestamptz, _>(to_db(at)).execute(c).await?;
            }
            let because = since
                .filter(|_| !claim.test)
                .and_then(|since| plan::stops(ending, since, next.is_none(), now));
            let Some(because) = because else { return Ok(None) };
            let stopped = Stopped { name: row.name, because };
            stop(c, claim.webhook, &stopped, now).await?;
            Ok::<_, DieselError>(Some(stopped))
        })
        .await
        .map_err(DbError::from)
    }

    /// Lets others take deliveries that this process does not come to.
    ///
    /// # Errors
    /// Where the database fails; they are free when the claim is over.
    pub async fn webhook_give_back(&self, ids: &[DeliveryId]) -> Result<(), DbError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut c = self.conn().await?;
        let ids: Vec<Uuid> = ids.iter().map(|d| d.0).collect();
        diesel::sql_query(GIVE_BACK).bind::<Array<SqlUuid>, _>(ids).execute(&mut c).await?;
        Ok(())
    }

    /// Webhooks of which the last attempt was not taken, and those that were stopped.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhooks_failing(&self) -> Result<Vec<WebhookFact>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<FailingRow> = diesel::sql_query(FAILING).load(&mut c).await?;
        let fact = |r: FailingRow| WebhookFact {
            id: WebhookId(r.id),
            name: r.name,
            since: r.failing_since.map(from_db),
            stopped: r.stopped_because.as_deref().and_then(StoppedBecause::parse),
            dropped: r
                .messages
                .zip(r.since)
                .map(|(n, at)| (u32::try_from(n).unwrap_or(u32::MAX), from_db(at))),
        };
        Ok(rows.into_iter().map(fact).collect())
    }

    /// Removes messages older than `at` with their deliveries, some thousands at once; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_messages_delete_before(&self, at: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        Ok(diesel::sql_query(PURGE).bind::<Timestamptz, _>(to_db(at)).execute(&mut c).await?)
    }
}

/// Writes an attempt and what becomes of its delivery; whether that was still ours.
async fn finish(
    c: &mut AsyncPgConnection,
    claim: &Claim,
    attempt: &Attempt,
    ending: Ending,
    next: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, DieselError> {
    let state = match (ending, next) {
        (Ending::Taken, _) => DeliveryState::Delivered,
        (_, Some(_)) => DeliveryState::Waiting,
        (_, None) => DeliveryState::Failed,
    };
    let written = diesel::sql_query(FINISH)
        .bind::<SqlUuid, _>(claim.delivery.0)
        .bind::<Timestamptz, _>(to_db(claim.until))
        .bind::<Jsonb, _>(serde_json::json!([attempt]))
        .bind::<Text, _>(state.as_str())
        .bind::<Nullable<Timestamptz>, _>(next.map(to_db))
        .bind::<Nullable<Timestamptz>, _>(next.is_none().then(|| to_db(now)))
        .execute(c)
        .await?;
    Ok(written > 0)
}

/// Switches a webhook off.
async fn stop(
    c: &mut AsyncPgConnection,
    webhook: WebhookId,
    stopped: &Stopped,
    now: Timestamp,
) -> Result<(), DieselError> {
    diesel::sql_query(STOP)
        .bind::<SqlUuid, _>(webhook.0)
        .bind::<Text, _>(stopped.because.as_str())
        .execute(c)
        .await?;
    let target =
        Target { name: Some(stopped.name.clone()), ..Target::named("webhook", &webhook.to_string()) };
    let after = serde_json::json!({ "enabled": false, "stoppedBecause": stopped.because });
    let before = serde_json::json!({ "enabled": true });
    note(c, &Entry::system(now, "webhook.stop", target).changed(Some(before), Some(after))).await
}

/// A yes or no.
#[derive(QueryableByName)]
pub(in crate::db) struct Yes {
    #[diesel(sql_type = Bool)]
    pub(in crate::db) yes: bool,
}
