//! Replies to requests that carried an `Idempotency-Key`.

use chrono::{DateTime, Utc};
use common::time::Timestamp;
use diesel::prelude::*;
use diesel::sql_types::{Bytea, Timestamptz};
use diesel_async::RunQueryDsl;

use super::schema::idempotency;
use super::{Db, DbError, from_db, to_db};

/// What is known under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of the first request.
    pub body_hash: Vec<u8>,
    /// When that came.
    pub created_at: Timestamp,
    /// Its reply, sealed; `None` while it is at work.
    pub reply: Option<Vec<u8>>,
    /// The same without secrets, where it held one.
    pub reply_later: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency, check_for_backend(diesel::pg::Pg))]
struct Row {
    body_hash: Vec<u8>,
    created_at: DateTime<Utc>,
    reply: Option<Vec<u8>>,
    reply_later: Option<Vec<u8>>,
}

/// A key is free where nobody used it, where its day is over, or where the same request was begun and never ended: the
/// process that had it is gone.
const BEGIN: &str = "INSERT INTO idempotency (key_hash, body_hash, created_at) VALUES ($1, $2, $3) \
    ON CONFLICT (key_hash) DO UPDATE SET body_hash = excluded.body_hash, created_at = excluded.created_at, \
        status = NULL, reply = NULL, reply_later = NULL \
    WHERE idempotency.created_at < $4 \
        OR (idempotency.status IS NULL AND idempotency.created_at < $5 AND idempotency.body_hash = excluded.body_hash)";

/// After a while the sealed reply is the one without the secret.
const HIDE: &str = "UPDATE idempotency SET reply = reply_later, reply_later = NULL \
    WHERE reply_later IS NOT NULL AND created_at < $1";

impl Db {
    /// Takes a key for a request at `now`; what is known under it where it is taken. Keys are free again before
    /// `forgotten`, and those of requests that never ended before `abandoned`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn idempotency_begin(
        &self,
        key_hash: &[u8],
        body_hash: &[u8],
        now: Timestamp,
        forgotten: Timestamp,
        abandoned: Timestamp,
    ) -> Result<Option<Kept>, DbError> {
        let mut c = self.conn().await?;
        let taken = diesel::sql_query(BEGIN)
            .bind::<Bytea, _>(key_hash)
            .bind::<Bytea, _>(body_hash)
            .bind::<Timestamptz, _>(to_db(now))
            .bind::<Timestamptz, _>(to_db(forgotten))
            .bind::<Timestamptz, _>(to_db(abandoned))
            .execute(&mut c)
            .await?;
        if taken > 0 {
            return Ok(None);
        }
        let row: Option<Row> =
            idempotency::table.find(key_hash).select(Row::as_select()).first(&mut c).await.optional()?;
        // Gone in between: the first one failed on our side, and the sender may come again in a moment.
        Ok(Some(row.map_or(
            Kept { body_hash: body_hash.to_vec(), created_at: now, reply: None, reply_later: None },
            |r| Kept {
                body_hash: r.body_hash,
                created_at: from_db(r.created_at),
                reply: r.reply,
                reply_later: r.reply_later,
            },
        )))
    }

    /// Keeps the reply of the request that took the key at `begun`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn idempotency_finish(
        &self,
        key_hash: &[u8],
        begun: Timestamp,
        status: u16,
        reply: &[u8],
        reply_later: Option<&[u8]>,
    ) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        let mine = idempotency::table.find(key_hash).filter(idempotency::created_at.eq(to_db(begun)));
        diesel::update(mine)
            .set((
                idempotency::status.eq(i16::try_from(status).unwrap_or(i16::MAX)),
                idempotency::reply.eq(reply),
                idempotency::reply_later.eq(reply_later),
            ))
            .execute(&mut c)
            .await?;
        Ok(())
    }

    /// Frees the key of the request that took it at `begun`: it may be tried again.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn idempotency_free(&self, key_hash: &[u8], begun: Timestamp) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        let mine = idempotency::table.find(key_hash).filter(idempotency::created_at.eq(to_db(begun)));
        diesel::delete(mine).execute(&mut c).await?;
        Ok(())
    }

    /// Forgets keys from before `forgotten`, and secrets in replies from before `hidden`; how many rows.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn idempotency_purge(&self, forgotten: Timestamp, hidden: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let old = idempotency::table.filter(idempotency::created_at.lt(to_db(forgotten)));
        let gone = diesel::delete(old).execute(&mut c).await?;
        let hid = diesel::sql_query(HIDE).bind::<Timestamptz, _>(to_db(hidden)).execute(&mut c).await?;
        Ok(gone + hid)
    }
}
