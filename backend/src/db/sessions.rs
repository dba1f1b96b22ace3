//! Sessions: sign-ins that have not ended.

use chrono::{DateTime, Utc};
use common::ids::{SessionId, UserId};
use common::sessions::{Session, SessionKind};
use common::time::Timestamp;
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::notify::{AccessNotice, notify};
use super::schema::{invitations, sessions, users};
use super::users::{UserRecord, UserRow, user_locked};
use super::{Db, DbError, from_db, to_db, unknown};
use crate::domain::activity::Entry;

/// Most sessions of one person that are listed.
const LISTED: i64 = 500;

/// A session to be stored.
pub struct NewSession {
    /// SHA-256 of the id in the cookie.
    pub id_hash: [u8; 32],
    /// Names it in tokens.
    pub sid: Uuid,
    /// Whose.
    pub user_id: UserId,
    /// A browser's or a command line's.
    pub kind: SessionKind,
    /// When it begins; the password was given in that moment.
    pub at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// Address it was made from.
    pub source: String,
    /// Browser or program.
    pub user_agent: Option<String>,
}

/// A session and its user.
#[derive(Clone)]
pub struct SessionUser {
    /// The user now.
    pub user: UserRecord,
    /// Names the session.
    pub sid: Uuid,
    /// A browser's or a command line's.
    pub kind: SessionKind,
    /// When it was used last.
    pub last_used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When the password was given last.
    pub confirmed_at: Option<Timestamp>,
}

type JoinedRow = (UserRow, Uuid, String, DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>);

fn joined((user, sid, kind, used, expires, confirmed): JoinedRow) -> Result<SessionUser, DbError> {
    Ok(SessionUser {
        user: user.try_into()?,
        sid,
        kind: SessionKind::parse(&kind).ok_or_else(|| unknown("kind of session", &kind))?,
        last_used_at: from_db(used),
        expires_at: from_db(expires),
        confirmed_at: confirmed.map(from_db),
    })
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
struct Row {
    sid: Uuid,
    kind: String,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    source: String,
    user_agent: Option<String>,
}

/// Stores a session inside the transaction of what it comes from.
pub(in crate::db) async fn session_add(
    c: &mut AsyncPgConnection,
    s: &NewSession,
) -> Result<(), diesel::result::Error> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id_hash.eq(&s.id_hash[..]),
            sessions::sid.eq(s.sid),
            sessions::user_id.eq(s.user_id.0),
            sessions::kind.eq(s.kind.as_str()),
            sessions::created_at.eq(to_db(s.at)),
            sessions::last_used_at.eq(to_db(s.at)),
            sessions::confirmed_at.eq(to_db(s.at)),
            sessions::expires_at.eq(to_db(s.expires_at)),
            sessions::source.eq(&s.source),
            sessions::user_agent.eq(&s.user_agent),
        ))
        .execute(c)
        .await?;
    diesel::update(users::table.find(s.user_id.0))
        .set(users::last_active_at.eq(to_db(s.at)))
        .execute(c)
        .await?;
    Ok(())
}

/// A password as it was when it was looked at, and as it is to be stored from now on.
pub struct PasswordSeen<'a> {
    /// The PHC string that the typed password was right for.
    pub hash: &'a str,
    /// Another one to store instead.
    pub instead: Option<&'a str>,
}

impl Db {
    /// Stores a session of somebody whose password was right, unless it was changed or the account disabled meanwhile:
    /// `false` then.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_open(
        &self,
        s: &NewSession,
        seen: &PasswordSeen<'_>,
        entry: &Entry,
    ) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            if !still_good(c, s.user_id, seen.hash).await? {
                return Ok(false);
            }
            if let Some(hash) = seen.instead {
                let row = users::table.find(s.user_id.0);
                diesel::update(row).set(users::password_hash.eq(hash)).execute(c).await?;
            }
            session_add(c, s).await?;
            note(c, entry).await?;
            Ok(true)
        })
        .await
    }

    /// The addresses that an account's sessions were made from.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_sources(&self, email: &str) -> Result<Vec<String>, DbError> {
        let mut c = self.conn().await?;
        let of = sessions::table.inner_join(users::table).filter(users::email.eq(email));
        Ok(of.select(sessions::source).distinct().limit(LISTED).load(&mut c).await?)
    }

    /// The session a cookie names, with its user.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_by_hash(&self, id_hash: &[u8; 32]) -> Result<Option<SessionUser>, DbError> {
        let mut c = self.conn().await?;
        let row: Option<JoinedRow> = sessions::table
            .inner_join(users::table)
            .filter(sessions::id_hash.eq(&id_hash[..]))
            .select((
                UserRow::as_select(),
                sessions::sid,
                sessions::kind,
                sessions::last_used_at,
                sessions::expires_at,
                sessions::confirmed_at,
            ))
            .first(&mut c)
            .await
            .optional()?;
        row.map(joined).transpose()
    }

    /// The session a token names.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_by_sid(&self, sid: Uuid) -> Result<Option<SessionUser>, DbError> {
        let mut c = self.conn().await?;
        let row: Option<JoinedRow> = sessions::table
            .inner_join(users::table)
            .filter(sessions::sid.eq(sid))
            .select((
                UserRow::as_select(),
                sessions::sid,
                sessions::kind,
                sessions::last_used_at,
                sessions::expires_at,
                sessions::confirmed_at,
            ))
            .first(&mut c)
            .await
            .optional()?;
        row.map(joined).transpose()
    }

    /// A person's sessions that go on at `now`, the one used last first: of browsers those used after `idle_since`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_list(
        &self,
        user: UserId,
        email: &str,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<Session>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<Row> = sessions::table
            .filter(sessions::user_id.eq(user.0))
            .filter(sessions::expires_at.gt(to_db(now)))
            .filter(
                sessions::last_used_at
                    .gt(to_db(idle_since))
                    .or(sessions::kind.eq(SessionKind::CommandLine.as_str())),
            )
            .order((sessions::last_used_at.desc(), sessions::sid.desc()))
            .limit(LISTED)
            .select(Row::as_select())
            .load(&mut c)
            .await?;
        let one = |r: Row| {
            Ok(Session {
                id: SessionId(r.sid),
                current: false,
                kind: SessionKind::parse(&r.kind).ok_or_else(|| unknown("kind of session", &r.kind))?,
                created_at: from_db(r.created_at),
                last_used_at: from_db(r.last_used_at),
                expires_at: from_db(r.expires_at),
                source: r.source,
                user_agent: r.user_agent,
                email: email.to_owned(),
            })
        };
        rows.into_iter().map(one).collect()
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_touch(&self, sid: Uuid, at: Timestamp) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        let user: Option<Uuid> = diesel::update(sessions::table.filter(sessions::sid.eq(sid)))
            .set(sessions::last_used_at.eq(to_db(at)))
            .returning(sessions::user_id)
            .get_result(&mut c)
            .await
            .optional()?;
        if let Some(user) = user {
            let row = users::table.find(user);
            diesel::update(row).set(users::last_active_at.eq(to_db(at))).execute(&mut c).await?;
        }
        Ok(())
    }

    /// Ends a session, and tells every process; `false` where there is none.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_end(&self, sid: Uuid, entry: &Entry) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            if diesel::delete(sessions::table.filter(sessions::sid.eq(sid))).execute(c).await? == 0 {
                return Ok(false);
            }
            note(c, entry).await?;
            notify(c, AccessNotice::Session(SessionId(sid))).await?;
            Ok(true)
        })
        .await
    }

    /// Ends all sessions of a person, and tells every process; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_end_all(&self, user: UserId, entry: &Entry) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let n = diesel::delete(sessions::table.filter(sessions::user_id.eq(user.0))).execute(c).await?;
            note(c, entry).await?;
            notify(c, AccessNotice::User(user)).await?;
            Ok(n)
        })
        .await
    }

    /// Notes that the password was given again in a session, unless it is another one by now: `false` then.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_confirm(
        &self,
        sid: Uuid,
        user: UserId,
        seen: &str,
        at: Timestamp,
        entry: &Entry,
    ) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            if !still_good(c, user, seen).await? {
                return Ok(false);
            }
            let n = diesel::update(sessions::table.filter(sessions::sid.eq(sid)))
                .set(sessions::confirmed_at.eq(to_db(at)))
                .execute(c)
                .await?;
            if n == 1 {
                note(c, entry).await?;
            }
            Ok(n == 1)
        })
        .await
    }

    /// Sets another password and ends the person's other sessions and their link, unless the password is another one
    /// by now: `false` then.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn password_change(
        &self,
        user: UserId,
        kept: Uuid,
        seen: &str,
        hash: &str,
        at: Timestamp,
        entry: &Entry,
    ) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            if !still_good(c, user, seen).await? {
                return Ok(false);
            }
            diesel::update(users::table.find(user.0))
                .set((users::password_hash.eq(hash), users::revision.eq(users::revision + 1)))
                .execute(c)
                .await?;
            let others = sessions::table.filter(sessions::user_id.eq(user.0)).filter(sessions::sid.ne(kept));
            diesel::delete(others).execute(c).await?;
            diesel::update(sessions::table.filter(sessions::sid.eq(kept)))
                .set(sessions::confirmed_at.eq(to_db(at)))
                .execute(c)
                .await?;
            diesel::delete(invitations::table.filter(invitations::user_id.eq(user.0))).execute(c).await?;
            note(c, entry).await?;
            notify(c, AccessNotice::User(user)).await?;
            Ok(true)
        })
        .await
    }

    /// Removes sessions that ended before `at`, at most 1,000 at once; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_delete_expired(&self, at: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let old =
            sessions::table.filter(sessions::expires_at.lt(to_db(at))).select(sessions::id_hash).limit(1000);
        let old: Vec<Vec<u8>> = old.load(&mut c).await?;
        Ok(diesel::delete(sessions::table.filter(sessions::id_hash.eq_any(old))).execute(&mut c).await?)
    }

    /// Of these sessions those that have not been ended, with whose they are.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_alive(&self, of: &[Uuid], now: Timestamp) -> Result<Vec<Uuid>, DbError> {
        let mut c = self.conn().await?;
        Ok(sessions::table
            .filter(sessions::sid.eq_any(of))
            .filter(sessions::expires_at.gt(to_db(now)))
            .select(sessions::sid)
            .load(&mut c)
            .await?)
    }

    /// Of these people those who may sign in, with the version of what they may do.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn user_versions(&self, of: &[UserId]) -> Result<Vec<(UserId, i64)>, DbError> {
        let mut c = self.conn().await?;
        let ids: Vec<Uuid> = of.iter().map(|u| u.0).collect();
        let rows: Vec<(Uuid, i64)> = users::table
            .filter(users::id.eq_any(ids))
            .filter(users::disabled_at.is_null())
            .select((users::id, users::version))
            .load(&mut c)
            .await?;
        Ok(rows.into_iter().map(|(id, version)| (UserId(id), version)).collect())
    }
}

/// Whether a password that was right for `seen` is right still, and the account not disabled. Its row stays locked.
async fn still_good(c: &mut AsyncPgConnection, user: UserId, seen: &str) -> Result<bool, DbError> {
    let now = user_locked(c, user).await?.map(UserRecord::try_from).transpose()?;
    Ok(now.is_some_and(|u| !u.disabled && u.password_hash.as_deref() == Some(seen)))
}
