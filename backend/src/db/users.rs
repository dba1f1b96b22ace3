//! People: who they are, what they may do, and changes of it.

use chrono::{DateTime, Utc};
use common::auth::{Role, User};
use common::ids::{RegionId, UserId};
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::notify::{AccessNotice, notify};
use super::registry::Versioned;
use super::schema::{invitations, sessions, users};
use super::told::{Told, next_change};
use super::{Db, DbError, unknown};
use crate::domain::accounts::{AccountRecord, Guard};
use crate::domain::activity::Entry;

/// A user with what sign-in needs.
#[derive(Clone)]
pub struct UserRecord {
    /// As shown.
    pub user: User,
    /// PHC string; none of somebody who was only invited.
    pub password_hash: Option<String>,
    /// May not sign in.
    pub disabled: bool,
    /// Counts changes of what they may do; part of access tokens.
    pub version: i64,
}

/// Somebody as they were when they asked; a change counts only while that still holds.
#[derive(Debug, Clone, Copy)]
pub struct By {
    /// Who.
    pub user: UserId,
    /// Their version then.
    pub version: i64,
}

/// Why an account was not changed.
#[derive(Debug)]
pub enum AccountError {
    /// A guard stands against it.
    Guard(Guard),
    /// Who asks has other rights by now.
    Outranked,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for AccountError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl From<diesel::result::Error> for AccountError {
    fn from(e: diesel::result::Error) -> Self {
        Self::Db(e.into())
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(in crate::db) struct UserRow {
    id: Uuid,
    email: String,
    display_name: Option<String>,
    password_hash: Option<String>,
    role: String,
    region_scope: Option<Vec<Option<String>>>,
    disabled_at: Option<DateTime<Utc>>,
    version: i64,
    revision: i64,
}

impl UserRow {
    fn user(self) -> Result<User, DbError> {
        let role = Role::parse(&self.role).ok_or_else(|| unknown("role", &self.role))?;
        let region_scope = self.region_scope.map(|s| s.into_iter().flatten().map(RegionId).collect());
        Ok(User {
            id: UserId(self.id),
            email: self.email,
            display_name: self.display_name,
            role,
            region_scope,
        })
    }
}

impl TryFrom<UserRow> for UserRecord {
    type Error = DbError;

    fn try_from(mut r: UserRow) -> Result<Self, DbError> {
        let (password_hash, disabled, version) = (r.password_hash.take(), r.disabled_at.is_some(), r.version);
        Ok(Self { user: r.user()?, password_hash, disabled, version })
    }
}

impl TryFrom<UserRow> for AccountRecord {
    type Error = DbError;

    fn try_from(r: UserRow) -> Result<Self, DbError> {
        let (has_password, disabled, revision) =
            (r.password_hash.is_some(), r.disabled_at.is_some(), r.revision);
        Ok(Self { user: r.user()?, has_password, disabled, revision })
    }
}

type Scope = Option<Vec<Option<String>>>;

fn scope_to_db(scope: Option<&[RegionId]>) -> Scope {
    scope.map(|s| s.iter().map(|r| Some(r.0.clone())).collect())
}

/// One change of accounts at a time: what a guard counts stays true until its change is stored.
async fn one_at_a_time(c: &mut AsyncPgConnection) -> Result<(), diesel::result::Error> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtext('iqra_accounts'))").execute(c).await?;
    Ok(())
}

/// The account, with its row locked. Who locks a person's row and one of their links takes the person first.
pub(in crate::db) async fn user_locked(
    c: &mut AsyncPgConnection,
    id: UserId,
) -> Result<Option<UserRow>, DbError> {
    Ok(users::table.find(id.0).for_update().select(UserRow::as_select()).first(c).await.optional()?)
}

/// Stores somebody new.
pub(in crate::db) async fn user_add(
    c: &mut AsyncPgConnection,
    user: &User,
    password_hash: Option<&str>,
) -> Result<usize, diesel::result::Error> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id.0),
            users::email.eq(&user.email),
            users::display_name.eq(&user.display_name),
            users::password_hash.eq(password_hash),
            users::role.eq(user.role.as_str()),
            users::region_scope.eq(scope_to_db(user.region_scope.as_deref())),
        ))
        .on_conflict(users::email)
        .do_nothing()
        .execute(c)
        .await
}

impl Db {
    /// Whether there is an administrator, disabled and restricted ones counted: who has none cannot be made one by
    /// anybody.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn administrator_any(&self) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        let administrators = users::table.filter(users::role.eq(Role::Admin.as_str())).select(users::id);
        Ok(diesel::select(diesel::dsl::exists(administrators)).get_result(&mut c).await?)
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

    /// The user of this id.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn user_by_id(&self, id: UserId) -> Result<Option<UserRecord>, DbError> {
        let mut c = self.conn().await?;
        let row: Option<UserRow> =
            users::table.find(id.0).select(UserRow::as_select()).first(&mut c).await.optional()?;
        row.map(TryInto::try_into).transpose()
    }

    /// Adds a user with a password; `false` where the e-mail is taken.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn user_insert(&self, user: &User, password_hash: &str) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        Ok(user_add(&mut c, user, Some(password_hash)).await? == 1)
    }

    /// The same, noted; `false` where the e-mail is taken.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn user_create(
        &self,
        user: &User,
        password_hash: &str,
        entry: &Entry,
    ) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            if user_add(c, user, Some(password_hash)).await? == 0 {
                return Ok(false);
            }
            note(c, entry).await?;
            Ok(true)
        })
        .await
    }

    /// Sets a new password, ends all sessions of the user and takes their link; `false` where there is no such user.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn user_set_password(
        &self,
        email: &str,
        password_hash: &str,
        entry: &Entry,
    ) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let id: Option<Uuid> = diesel::update(users::table.filter(users::email.eq(email)))
                .set((users::password_hash.eq(password_hash), users::revision.eq(users::revision + 1)))
                .returning(users::id)
                .get_result(c)
                .await
                .optional()?;
            let Some(id) = id else { return Ok(false) };
            diesel::delete(sessions::table.filter(sessions::user_id.eq(id))).execute(c).await?;
            diesel::delete(invitations::table.filter(invitations::user_id.eq(id))).execute(c).await?;
            note(c, entry).await?;
            notify(c, AccessNotice::User(UserId(id))).await?;
            Ok(true)
        })
        .await
    }

    /// Changes an account that is at `revision`. `change` edits the record and says what is noted, or `None` where
    /// nothing changes. Whoever is disabled loses all sessions and their link in the same moment.
    ///
    /// # Errors
    /// [`AccountError`]; nothing was changed then.
    pub async fn account_change(
        &self,
        id: UserId,
        revision: i64,
        by: By,
        change: impl FnOnce(&mut AccountRecord) -> Result<Option<Entry>, Guard> + Send,
    ) -> Result<Versioned<AccountRecord>, AccountError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            one_at_a_time(c).await?;
            still_as(c, by).await?;
            let Some(row) = user_locked(c, id).await? else { return Ok(Versioned::Missing) };
            let known = AccountRecord::try_from(row)?;
            if known.revision != revision {
                return Ok(Versioned::Stale(known));
            }
            let mut record = known.clone();
            let Some(entry) = change(&mut record).map_err(AccountError::Guard)? else {
                return Ok(Versioned::Same(known));
            };
            if known.administers() && !record.administers() {
                another_administrator(c, id).await?;
            }
            record.revision = known.revision + 1;
            let access = known.access_differs(&record);
            account_write(c, &known, &record, access).await?;
            note(c, &entry).await?;
            if access {
                notify(c, AccessNotice::User(id)).await?;
            }
            let change = next_change(c, self.sender, &Told::Nothing).await?;
            Ok(Versioned::Done { record, change })
        })
        .await
    }

    /// Deletes an account that is at `revision`, with everything that hangs on it.
    ///
    /// # Errors
    /// [`AccountError`]; nothing was changed then.
    pub async fn account_delete(
        &self,
        id: UserId,
        revision: i64,
        by: By,
        entry: impl FnOnce(&AccountRecord) -> Result<Entry, Guard> + Send,
    ) -> Result<Versioned<AccountRecord>, AccountError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            one_at_a_time(c).await?;
            still_as(c, by).await?;
            let Some(row) = user_locked(c, id).await? else { return Ok(Versioned::Missing) };
            let known = AccountRecord::try_from(row)?;
            if known.revision != revision {
                return Ok(Versioned::Stale(known));
            }
            let entry = entry(&known).map_err(AccountError::Guard)?;
            if known.administers() {
                another_administrator(c, id).await?;
            }
            diesel::delete(users::table.find(id.0)).execute(c).await?;
            note(c, &entry).await?;
            notify(c, AccessNotice::User(id)).await?;
            let change = next_change(c, self.sender, &Told::Nothing).await?;
            Ok(Versioned::Done { record: known, change })
        })
        .await
    }
}

/// Who asks may have lost the right to it since they were let in.
async fn still_as(c: &mut AsyncPgConnection, by: By) -> Result<(), AccountError> {
    let version: Option<i64> = users::table
        .find(by.user.0)
        .filter(users::disabled_at.is_null())
        .select(users::version)
        .first(c)
        .await
        .optional()?;
    if version == Some(by.version) { Ok(()) } else { Err(AccountError::Outranked) }
}

/// Somebody else must be able to do everything: there is nobody above an administrator to help.
async fn another_administrator(c: &mut AsyncPgConnection, id: UserId) -> Result<(), AccountError> {
    let others = users::table
        .filter(users::id.ne(id.0))
        .filter(users::role.eq(Role::Admin.as_str()))
        .filter(users::region_scope.is_null())
        .filter(users::disabled_at.is_null())
        .filter(users::password_hash.is_not_null());
    let any: bool = diesel::select(diesel::dsl::exists(others.select(users::id))).get_result(c).await?;
    if any { Ok(()) } else { Err(AccountError::Guard(Guard::LastAdmin)) }
}

async fn account_write(
    c: &mut AsyncPgConnection,
    known: &AccountRecord,
    record: &AccountRecord,
    access: bool,
) -> Result<(), DbError> {
    let row = users::table.find(record.user.id.0);
    diesel::update(row)
        .set((
            users::display_name.eq(&record.user.display_name),
            users::role.eq(record.user.role.as_str()),
            users::region_scope.eq(scope_to_db(record.user.region_scope.as_deref())),
            users::revision.eq(record.revision),
            users::version.eq(users::version + i64::from(access)),
        ))
        .execute(c)
        .await?;
    if known.disabled == record.disabled {
        return Ok(());
    }
    if record.disabled {
        diesel::update(row).set(users::disabled_at.eq(diesel::dsl::now)).execute(c).await?;
        diesel::delete(sessions::table.filter(sessions::user_id.eq(record.user.id.0))).execute(c).await?;
        let link = invitations::table.filter(invitations::user_id.eq(record.user.id.0));
        diesel::delete(link).execute(c).await?;
    } else {
        diesel::update(row).set(users::disabled_at.eq(None::<DateTime<Utc>>)).execute(c).await?;
    }
    Ok(())
}
