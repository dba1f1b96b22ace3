//! Refresh tokens of the command line: each good once, all ending with their session.

use chrono::{DateTime, Utc};
use common::ids::SessionId;
use common::time::Timestamp;
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::notify::{AccessNotice, notify};
use super::schema::{refresh_tokens, sessions, users};
use super::{Db, DbError, from_db, to_db};
use crate::domain::activity::Entry;

/// What became of a refresh token that was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refreshed {
    /// It was good and is used up; the new one takes its place in this session.
    Renewed(Uuid),
    /// It was used before: its session has ended.
    Reused(Uuid),
    /// There is none, or its time is over.
    Unknown,
}

/// A refresh token to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewRefresh {
    /// SHA-256 of it.
    pub hash: [u8; 32],
    /// When it was made.
    pub at: Timestamp,
    /// When it ends, unless its session does before.
    pub expires_at: Timestamp,
}

async fn add(c: &mut AsyncPgConnection, sid: Uuid, new: &NewRefresh) -> Result<(), diesel::result::Error> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::hash.eq(&new.hash[..]),
            refresh_tokens::sid.eq(sid),
            refresh_tokens::created_at.eq(to_db(new.at)),
            refresh_tokens::expires_at.eq(to_db(new.expires_at)),
        ))
        .execute(c)
        .await?;
    Ok(())
}

impl Db {
    /// Stores the first refresh token of a session.
    ///
    /// # Errors
    /// Where the database fails, or the session has ended.
    pub async fn refresh_insert(&self, sid: Uuid, new: &NewRefresh) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        Ok(add(&mut c, sid, new).await?)
    }

    /// Uses a refresh token up and stores the one after it. One that was used before ends its session, for every
    /// process, with the entry that `reused` makes of the person's e-mail. Of two that present one token at once, the
    /// second finds it used.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn refresh_use(
        &self,
        hash: &[u8; 32],
        new: &NewRefresh,
        reused: impl FnOnce(&str) -> Entry + Send,
    ) -> Result<Refreshed, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let row = refresh_tokens::table.find(&hash[..]);
            let known: Option<(Uuid, DateTime<Utc>, Option<DateTime<Utc>>)> = row
                .select((refresh_tokens::sid, refresh_tokens::expires_at, refresh_tokens::used_at))
                .for_update()
                .first(c)
                .await
                .optional()?;
            let Some((sid, expires_at, used_at)) = known else { return Ok(Refreshed::Unknown) };
            if used_at.is_some() {
                let email: String = sessions::table
                    .inner_join(users::table)
                    .filter(sessions::sid.eq(sid))
                    .select(users::email)
                    .first(c)
                    .await?;
                diesel::delete(sessions::table.filter(sessions::sid.eq(sid))).execute(c).await?;
                note(c, &reused(&email)).await?;
                notify(c, AccessNotice::Session(SessionId(sid))).await?;
                return Ok(Refreshed::Reused(sid));
            }
            if from_db(expires_at) <= new.at {
                return Ok(Refreshed::Unknown);
            }
            diesel::update(row).set(refresh_tokens::used_at.eq(to_db(new.at))).execute(c).await?;
            add(c, sid, new).await?;
            Ok(Refreshed::Renewed(sid))
        })
        .await
    }
}
