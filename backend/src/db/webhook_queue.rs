//! How long the queue of a webhook may get, and how many deliveries end at once: in pieces, because each statement has
//! little time, and after the change that ends them, so that this does not fail with them.

use common::ids::WebhookId;
use common::time::Timestamp;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::{Db, DbError, to_db};

/// Most deliveries that wait for one webhook. What comes beyond is left out and counted.
pub(super) const WAITING_MAX: i64 = 10_000;
/// Deliveries that one statement ends or removes.
const PIECE: i64 = 1_000;
/// Pieces of one run.
const PIECES: usize = 20;
/// How long it is shown that messages were left out, in milliseconds.
const DROPPED_SHOWN_MS: u64 = 24 * 3_600_000;

const WAITING: &str = "SELECT w.id, (SELECT count(*) FROM (SELECT FROM webhook_deliveries d \
        WHERE d.webhook_id = w.id AND d.state = 'waiting' LIMIT $2) few) AS n \
    FROM unnest($1::uuid[]) AS w(id)";
/// In the order of the webhooks, so that two who write do not wait for each other.
const DROPPED: &str = "INSERT INTO webhook_dropped AS d (webhook_id, messages, since, last_at) \
    SELECT u.id, u.n, $3, $3 FROM unnest($1::uuid[], $2::bigint[]) AS u(id, n) ORDER BY u.id \
    ON CONFLICT (webhook_id) DO UPDATE SET messages = d.messages + excluded.messages, last_at = excluded.last_at";
const HELD_OFF: &str = "SELECT id FROM webhooks WHERE id = $1 AND NOT enabled FOR SHARE";
/// A test that is under way goes on: it is asked of a webhook that is off as well.
const END_PIECE: &str = "WITH piece AS ( \
        SELECT d.id FROM webhook_deliveries d JOIN webhook_messages m ON m.id = d.message_id \
        WHERE d.webhook_id = $1 AND d.state = 'waiting' \
            AND (m.event <> 'test' OR d.claimed_until IS NULL OR d.claimed_until <= now()) \
        LIMIT $3 FOR UPDATE OF d SKIP LOCKED) \
    UPDATE webhook_deliveries d SET state = 'failed', next_at = NULL, claimed_until = NULL, finished_at = $2 \
    FROM piece WHERE d.id = piece.id";
const OFF_AND_WAITING: &str = "SELECT id FROM webhooks w WHERE NOT enabled AND EXISTS \
    (SELECT FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'waiting') ORDER BY id";
const LEFT_OVER: &str = "SELECT webhook_id AS id FROM webhook_leftovers ORDER BY webhook_id LIMIT 50";
const REMOVE_PIECE: &str = "DELETE FROM webhook_deliveries WHERE id IN \
    (SELECT id FROM webhook_deliveries WHERE webhook_id = $1 LIMIT $2)";
/// Another process may have had the same piece: that this one found none does not say that none is left.
const REMOVED: &str = "DELETE FROM webhook_leftovers WHERE webhook_id = $1 \
    AND NOT EXISTS (SELECT FROM webhook_deliveries WHERE webhook_id = $1)";
const FORGET_DROPPED: &str = "DELETE FROM webhook_dropped WHERE last_at < $1";

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// How many deliveries of a webhook wait.
#[derive(QueryableByName)]
pub(super) struct Waiting {
    /// Which.
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    /// So many, counted up to [`WAITING_MAX`].
    #[diesel(sql_type = BigInt)]
    pub(super) n: i64,
}

/// How many deliveries of these webhooks wait.
pub(super) async fn waiting(c: &mut AsyncPgConnection, of: &[Uuid]) -> Result<Vec<Waiting>, DieselError> {
    diesel::sql_query(WAITING).bind::<Array<SqlUuid>, _>(of).bind::<BigInt, _>(WAITING_MAX).load(c).await
}

/// Counts messages that were left out: so many of each webhook.
pub(super) async fn count_dropped(
    c: &mut AsyncPgConnection,
    of: &[(Uuid, i64)],
    at: Timestamp,
) -> Result<(), DieselError> {
    if of.is_empty() {
        return Ok(());
    }
    diesel::sql_query(DROPPED)
        .bind::<Array<SqlUuid>, _>(of.iter().map(|d| d.0).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(of.iter().map(|d| d.1).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(to_db(at))
        .execute(c)
        .await?;
    Ok(())
}

/// Remembers that deliveries of a webhook are to be removed, in the transaction that deletes it.
pub(super) async fn leave_over(c: &mut AsyncPgConnection, webhook: WebhookId) -> Result<(), DieselError> {
    let sql = "INSERT INTO webhook_leftovers (webhook_id) VALUES ($1) ON CONFLICT DO NOTHING";
    diesel::sql_query(sql).bind::<SqlUuid, _>(webhook.0).execute(c).await?;
    Ok(())
}

/// What waits for a webhook has failed, so many at most; how many that were. The caller holds the webhook.
async fn end_piece(
    c: &mut AsyncPgConnection,
    webhook: WebhookId,
    at: Timestamp,
) -> Result<usize, DieselError> {
    diesel::sql_query(END_PIECE)
        .bind::<SqlUuid, _>(webhook.0)
        .bind::<Timestamptz, _>(to_db(at))
        .bind::<BigInt, _>(PIECE)
        .execute(c)
        .await
}

/// Whether there may be more after a piece of so many.
fn full(n: usize) -> bool {
    i64::try_from(n).is_ok_and(|n| n >= PIECE)
}

/// Ends what still waits of the time before, for a webhook that is being switched on. The caller holds it.
pub(super) async fn end_rest(
    c: &mut AsyncPgConnection,
    webhook: WebhookId,
    at: Timestamp,
) -> Result<(), DieselError> {
    for _ in 0..PIECES {
        if !full(end_piece(c, webhook, at).await?) {
            break;
        }
    }
    Ok(())
}

impl Db {
    /// What waits for a webhook that is off has failed; how many deliveries that were. Where this breaks off, the rest
    /// is [`Db::webhook_queues_clear`]'s.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_end_waiting(&self, webhook: WebhookId, at: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let mut ended = 0;
        for _ in 0..PIECES {
            let n = c
                .transaction(async |c| {
                    let off = diesel::sql_query(HELD_OFF).bind::<SqlUuid, _>(webhook.0);
                    match off.get_result::<IdRow>(c).await.optional()? {
                        Some(_) => end_piece(c, webhook, at).await,
                        None => Ok(0),
                    }
                })
                .await
                .map_err(|e: DieselError| DbError::from(e))?;
            ended += n;
            if !full(n) {
                break;
            }
        }
        Ok(ended)
    }

    /// Ends what waits for webhooks that are off, removes what is left of deleted ones, and forgets what was left out
    /// more than a day ago; some thousands at once, how many.
    ///
    /// # Errors
    /// Where the database fails; the rest waits for the next time.
    pub async fn webhook_queues_clear(&self, now: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let off: Vec<IdRow> = diesel::sql_query(OFF_AND_WAITING).load(&mut c).await?;
        let gone: Vec<IdRow> = diesel::sql_query(LEFT_OVER).load(&mut c).await?;
        let mut done = diesel::sql_query(FORGET_DROPPED)
            .bind::<Timestamptz, _>(to_db(now.before(DROPPED_SHOWN_MS)))
            .execute(&mut c)
            .await?;
        let mut pieces = PIECES;
        for webhook in gone {
            while let Some(left) = pieces.checked_sub(1) {
                pieces = left;
                let remove = diesel::sql_query(REMOVE_PIECE).bind::<SqlUuid, _>(webhook.id);
                let n = remove.bind::<BigInt, _>(PIECE).execute(&mut c).await?;
                done += n;
                if !full(n) {
                    diesel::sql_query(REMOVED).bind::<SqlUuid, _>(webhook.id).execute(&mut c).await?;
                    break;
                }
            }
        }
        drop(c);
        for webhook in off {
            done += self.webhook_end_waiting(WebhookId(webhook.id), now).await?;
        }
        Ok(done)
    }
}
