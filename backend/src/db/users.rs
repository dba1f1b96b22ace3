//! People and their sessions.

use chrono::{DateTime, Utc};
use common::auth::{Role, User};
use common::ids::{RegionId, UserId};
use common::time::Timestamp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{sessions, users};
use super::{Db, DbError, from_db, to_db, unknown};

/// A user with what sign-in needs.
#[derive(Clone)]
pub struct UserRecord {
    /// As shown.
    pub user: User,
    /// PHC string.
    pub password_hash: String,
    /// May not sign in.
    pub disabled: bool,
    /// Counts changes; part of access tokens.
    pub version: i64,
}

/// A session to be stored.
pub struct NewSession {
    /// SHA-256 of the id in the cookie.
    pub id_hash: [u8; 32],
    /// Names it in tokens.
    pub sid: Uuid,
    /// Whose.
    pub user_id: UserId,
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
    /// When it was used last.
    pub last_used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
struct UserRow {
    id: Uuid,
    email: String,
    display_name: Option<String>,
    password_hash: String,
    role: String,
    region_scope: Option<Vec<Option<String>>>,
    disabled_at: Option<DateTime<Utc>>,
    version: i64,
}

impl TryFrom<UserRow> for UserRecord {
    type Error = DbError;

    fn try_from(r: UserRow) -> Result<Self, DbError> {
        let role = Role::parse(&r.role).ok_or_else(|| unknown("role", &r.role))?;
        let region_scope = r.region_scope.map(|s| s.into_iter().flatten().map(RegionId).collect());
        let user =
            User { id: UserId(r.id), email: r.email, display_name: r.display_name, role, region_scope };
        Ok(Self {
            user,
            password_hash: r.password_hash,
            disabled: r.disabled_at.is_some(),
            version: r.version,
        })
    }
}

impl Db {
    /// Whether anybody exists.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn user_any(&self) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        Ok(diesel::select(diesel::dsl::exists(users::table.select(users::id))).get_result(&mut c).await?)
    }

    /// The user of this e-mail, in lower case.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<UserRecord>, DbError> {
        let mut c = self.conn().await?;
        let row: Option<UserRow> = users::table
            .filter(users::email.eq(email))
            .select(UserRow::as_select())
            .first(&mut c)
            .await
            .optional()?;
        row.map(TryInto::try_into).transpose()
    }

    /// Adds a user; `false` where the e-mail is taken.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn user_insert(&self, user: &User, password_hash: &str) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        let scope =
            user.region_scope.as_ref().map(|s| s.iter().map(|r| Some(r.0.clone())).collect::<Vec<_>>());
        let n = diesel::insert_into(users::table)
            .values((
                users::id.eq(user.id.0),
                users::email.eq(&user.email),
                users::display_name.eq(&user.display_name),
                users::password_hash.eq(password_hash),
                users::role.eq(user.role.as_str()),
                users::region_scope.eq(scope),
            ))
            .on_conflict(users::email)
            .do_nothing()
            .execute(&mut c)
            .await?;
        Ok(n == 1)
    }

    /// Sets a new password and ends all sessions of the user; `false` where there is no such user.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn user_set_password(&self, email: &str, password_hash: &str) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        let id: Option<Uuid> = diesel::update(users::table.filter(users::email.eq(email)))
            .set((users::password_hash.eq(password_hash), users::version.eq(users::version + 1)))
            .returning(users::id)
            .get_result(&mut c)
            .await
            .optional()?;
        let Some(id) = id else { return Ok(false) };
        diesel::delete(sessions::table.filter(sessions::user_id.eq(id))).execute(&mut c).await?;
        Ok(true)
    }

    /// Stores a session.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_insert(&self, s: &NewSession) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        diesel::insert_into(sessions::table)
            .values((
                sessions::id_hash.eq(&s.id_hash[..]),
                sessions::sid.eq(s.sid),
                sessions::user_id.eq(s.user_id.0),
                sessions::expires_at.eq(to_db(s.expires_at)),
                sessions::source.eq(&s.source),
                sessions::user_agent.eq(&s.user_agent),
            ))
            .execute(&mut c)
            .await?;
        Ok(())
    }

    /// The session a cookie names, with its user.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_by_hash(&self, id_hash: &[u8; 32]) -> Result<Option<SessionUser>, DbError> {
        let mut c = self.conn().await?;
        let row: Option<(UserRow, Uuid, DateTime<Utc>, DateTime<Utc>)> = sessions::table
            .inner_join(users::table)
            .filter(sessions::id_hash.eq(&id_hash[..]))
            .select((UserRow::as_select(), sessions::sid, sessions::last_used_at, sessions::expires_at))
            .first(&mut c)
            .await
            .optional()?;
        row.map(session).transpose()
    }

    /// The session a token names.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_by_sid(&self, sid: Uuid) -> Result<Option<SessionUser>, DbError> {
        let mut c = self.conn().await?;
        let row: Option<(UserRow, Uuid, DateTime<Utc>, DateTime<Utc>)> = sessions::table
            .inner_join(users::table)
            .filter(sessions::sid.eq(sid))
            .select((UserRow::as_select(), sessions::sid, sessions::last_used_at, sessions::expires_at))
            .first(&mut c)
            .await
            .optional()?;
        row.map(session).transpose()
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_touch(&self, sid: Uuid, at: Timestamp) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        diesel::update(sessions::table.filter(sessions::sid.eq(sid)))
            .set(sessions::last_used_at.eq(to_db(at)))
            .execute(&mut c)
            .await?;
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_delete(&self, sid: Uuid) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        diesel::delete(sessions::table.filter(sessions::sid.eq(sid))).execute(&mut c).await?;
        Ok(())
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
}

fn session(
    (user, sid, last_used_at, expires_at): (UserRow, Uuid, DateTime<Utc>, DateTime<Utc>),
) -> Result<SessionUser, DbError> {
    Ok(SessionUser {
        user: user.try_into()?,
        sid,
        last_used_at: from_db(last_used_at),
        expires_at: from_db(expires_at),
    })
}
