//! Accounts as they are listed: with how many sessions and automation tokens each has.

use chrono::{DateTime, Utc};
use common::auth::Role;
use common::ids::{RegionId, UserId};
use common::time::Timestamp;
use common::users::{Account, AccountState};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Db, DbError, from_db, to_db, unknown};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Nullable<Text>)]
    display_name: Option<String>,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    region_scope: Option<Vec<String>>,
    #[diesel(sql_type = Bool)]
    has_password: bool,
    #[diesel(sql_type = Bool)]
    disabled: bool,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_active_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    sessions: i64,
    #[diesel(sql_type = BigInt)]
    tokens: i64,
    #[diesel(sql_type = BigInt)]
    revision: i64,
}

const ACCOUNTS: &str = "SELECT u.id, u.email, u.display_name, u.role, u.region_scope, \
    u.password_hash IS NOT NULL AS has_password, u.disabled_at IS NOT NULL AS disabled, u.created_at, \
    u.last_active_at, u.revision, \
    (SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND s.expires_at > $1 AND (s.last_used_at > $2 OR s.kind = 'command_line')) AS sessions, \
    (SELECT count(*) FROM tokens t WHERE t.created_by = u.id AND t.revoked_at IS NULL \
        AND (t.expires_at IS NULL OR t.expires_at > $1)) AS tokens \
    FROM users u WHERE ($3::uuid IS NULL OR u.id = $3) AND ($4::text IS NULL OR u.email > $4) \
    ORDER BY u.email LIMIT $5";

impl TryFrom<Row> for Account {
    type Error = DbError;

    fn try_from(r: Row) -> Result<Self, DbError> {
        let state = match (r.disabled, r.has_password) {
            (true, _) => AccountState::Disabled,
            (false, true) => AccountState::Active,
            (false, false) => AccountState::Invited,
        };
        Ok(Self {
            id: UserId(r.id),
            email: r.email,
            display_name: r.display_name,
            role: Role::parse(&r.role).ok_or_else(|| unknown("role", &r.role))?,
            region_scope: r.region_scope.map(|s| s.into_iter().map(RegionId).collect()),
            state,
            created_at: from_db(r.created_at),
            last_active_at: r.last_active_at.map(from_db),
            sessions: u32::try_from(r.sessions).unwrap_or(u32::MAX),
            tokens: u32::try_from(r.tokens).unwrap_or(u32::MAX),
            version: r.revision,
        })
    }
}

/// Those who can sign in, have one of the roles, and may change the region; all regions where none is given.
const HELPERS: &str = "SELECT coalesce(nullif(btrim(u.display_name), ''), u.email) AS name FROM users u \
    WHERE u.disabled_at IS NULL AND u.password_hash IS NOT NULL AND u.role::text = ANY($1) \
    AND (u.region_scope IS NULL OR $2::text = ANY(u.region_scope)) \
    ORDER BY array_position($1, u.role::text), u.last_active_at DESC NULLS LAST, u.email LIMIT $3";

/// Which accounts, and the times by which their sessions are counted.
struct Asked<'a> {
    now: Timestamp,
    idle_since: Timestamp,
    id: Option<UserId>,
    after: Option<&'a str>,
    limit: i64,
}

impl Db {
    /// Accounts by e-mail, after that of `after`, at most `limit`. Sessions not used after `idle_since` do not count.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn account_page(
        &self,
        after: Option<&str>,
        limit: i64,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<Account>, DbError> {
        self.accounts(&Asked { now, idle_since, id: None, after, limit }).await
    }

    /// One account.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn account_get(
        &self,
        id: UserId,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<Account>, DbError> {
        let asked = Asked { now, idle_since, id: Some(id), after: None, limit: 1 };
        Ok(self.accounts(&asked).await?.pop())
    }

    /// What people are called who can sign in and have one of these roles, in the region or else in all of them. The roles
    /// in the order in which they are named, then who was here last.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn account_helpers(
        &self,
        roles: &[Role],
        region: Option<&RegionId>,
        limit: i64,
    ) -> Result<Vec<String>, DbError> {
        #[derive(QueryableByName)]
        struct Named {
            #[diesel(sql_type = Text)]
            name: String,
        }
        let mut c = self.conn().await?;
        let roles: Vec<&str> = roles.iter().map(|r| r.as_str()).collect();
        let rows: Vec<Named> = diesel::sql_query(HELPERS)
            .bind::<Array<Text>, _>(roles)
            .bind::<Nullable<Text>, _>(region.map(|r| r.as_str()))
            .bind::<BigInt, _>(limit)
            .load(&mut c)
            .await?;
        Ok(rows.into_iter().map(|r| r.name).collect())
    }

    async fn accounts(&self, a: &Asked<'_>) -> Result<Vec<Account>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<Row> = diesel::sql_query(ACCOUNTS)
            .bind::<Timestamptz, _>(to_db(a.now))
            .bind::<Timestamptz, _>(to_db(a.idle_since))
            .bind::<Nullable<SqlUuid>, _>(a.id.map(|id| id.0))
            .bind::<Nullable<Text>, _>(a.after)
            .bind::<BigInt, _>(a.limit)
            .load(&mut c)
            .await?;
        rows.into_iter().map(Account::try_from).collect()
    }
}
