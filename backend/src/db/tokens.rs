//! Automation tokens: what is known of each beside its text, which is nowhere.

use chrono::{DateTime, Utc};
use common::ids::{RegionId, TokenId, UserId};
use common::time::Timestamp;
use common::tokens::{Token, TokenScope, TokenState};
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::notify::{AccessNotice, notify};
use super::schema::{tokens, users};
use super::told::{Told, next_change};
use super::users::UserRow;
use super::{Db, DbError, UserRecord, Versioned, from_db, to_db, unknown};
use crate::domain::activity::Entry;

/// A token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// `jti`.
    pub id: TokenId,
    /// What it is called.
    pub name: String,
    /// The most it may do.
    pub scope: TokenScope,
    /// Where it may change things.
    pub region_scope: Option<Vec<RegionId>>,
    /// Networks it may be used from, in CIDR form.
    pub networks: Vec<String>,
    /// The key that signed it.
    pub kid: String,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
    /// From where.
    pub last_used_from: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// By whom.
    pub revoked_by: Option<String>,
    /// Counts changes.
    pub version: i64,
}

impl TokenRecord {
    /// Whether it works at `now`, its creator apart.
    pub fn state(&self, now: Timestamp) -> TokenState {
        if self.revoked_at.is_some() {
            TokenState::Revoked
        } else if self.expires_at.is_some_and(|end| now >= end) {
            TokenState::Expired
        } else {
            TokenState::Active
        }
    }

    /// As shown, made by the person of this e-mail.
    pub fn shown(self, created_by: String, now: Timestamp) -> Token {
        let state = self.state(now);
        Token {
            id: self.id,
            name: self.name,
            scope: self.scope,
            region_scope: self.region_scope,
            networks: self.networks,
            created_by,
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            last_used_from: self.last_used_from,
            state,
            revoked_at: self.revoked_at,
            revoked_by: self.revoked_by,
            version: self.version,
        }
    }
}

/// A token and the account that made it.
#[derive(Clone)]
pub struct TokenOf {
    /// The token.
    pub token: TokenRecord,
    /// Its creator now.
    pub creator: UserRecord,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens, check_for_backend(diesel::pg::Pg))]
struct TokenRow {
    id: Uuid,
    name: String,
    scope: String,
    region_scope: Option<Vec<Option<String>>>,
    networks: Vec<Option<String>>,
    kid: String,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    last_used_from: Option<String>,
    revoked_at: Option<DateTime<Utc>>,
    revoked_by: Option<String>,
    version: i64,
}

impl TryFrom<TokenRow> for TokenRecord {
    type Error = DbError;

    fn try_from(r: TokenRow) -> Result<Self, DbError> {
        Ok(Self {
            id: TokenId(r.id),
            name: r.name,
            scope: TokenScope::parse(&r.scope).ok_or_else(|| unknown("scope", &r.scope))?,
            region_scope: r.region_scope.map(|s| s.into_iter().flatten().map(RegionId).collect()),
            networks: r.networks.into_iter().flatten().collect(),
            kid: r.kid,
            created_by: UserId(r.created_by),
            created_at: from_db(r.created_at),
            expires_at: r.expires_at.map(from_db),
            last_used_at: r.last_used_at.map(from_db),
            last_used_from: r.last_used_from,
            revoked_at: r.revoked_at.map(from_db),
            revoked_by: r.revoked_by,
            version: r.version,
        })
    }
}

fn of((token, creator): (TokenRow, UserRow)) -> Result<TokenOf, DbError> {
    Ok(TokenOf { token: token.try_into()?, creator: creator.try_into()? })
}

/// The row of a token, held until the transaction ends.
async fn locked(c: &mut AsyncPgConnection, id: TokenId) -> Result<Option<TokenRecord>, DbError> {
    let row: Option<TokenRow> =
        tokens::table.find(id.0).for_update().select(TokenRow::as_select()).first(c).await.optional()?;
    row.map(TryInto::try_into).transpose()
}

impl Db {
    /// Stores a token; the number of the change.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn token_insert(&self, t: &TokenRecord, entry: &Entry) -> Result<i64, DbError> {
        let mut c = self.conn().await?;
        let scope = t.region_scope.as_ref().map(|s| s.iter().map(|r| Some(r.0.clone())).collect::<Vec<_>>());
        let networks: Vec<Option<String>> = t.networks.iter().cloned().map(Some).collect();
        c.transaction(async |c| {
            diesel::insert_into(tokens::table)
                .values((
                    tokens::id.eq(t.id.0),
                    tokens::name.eq(&t.name),
                    tokens::scope.eq(t.scope.as_str()),
                    tokens::region_scope.eq(&scope),
                    tokens::networks.eq(&networks),
                    tokens::kid.eq(&t.kid),
                    tokens::created_by.eq(t.created_by.0),
                    tokens::created_at.eq(to_db(t.created_at)),
                    tokens::expires_at.eq(t.expires_at.map(to_db)),
                ))
                .execute(c)
                .await?;
            note(c, entry).await?;
            Ok(next_change(c, self.sender, &Told::Nothing).await?)
        })
        .await
    }

    /// A token with the account that made it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn token(&self, id: TokenId) -> Result<Option<TokenOf>, DbError> {
        let mut c = self.conn().await?;
        let row: Option<(TokenRow, UserRow)> = tokens::table
            .inner_join(users::table)
            .filter(tokens::id.eq(id.0))
            .select((TokenRow::as_select(), UserRow::as_select()))
            .first(&mut c)
            .await
            .optional()?;
        row.map(of).transpose()
    }

    /// Tokens, the newest first: of one account or of all, those before `before`, and of those that do not work only
    /// what ended after `listed`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn token_page(
        &self,
        creator: Option<UserId>,
        before: Option<TokenId>,
        listed: Timestamp,
        limit: i64,
    ) -> Result<Vec<TokenOf>, DbError> {
        let mut c = self.conn().await?;
        let (listed, mut query) = (to_db(listed), tokens::table.inner_join(users::table).into_boxed());
        query = query
            .filter(tokens::revoked_at.is_null().or(tokens::revoked_at.gt(listed)))
            .filter(tokens::expires_at.is_null().or(tokens::expires_at.gt(listed)));
        if let Some(id) = creator {
            query = query.filter(tokens::created_by.eq(id.0));
        }
        if let Some(id) = before {
            query = query.filter(tokens::id.lt(id.0));
        }
        let rows: Vec<(TokenRow, UserRow)> = query
            .order(tokens::id.desc())
            .limit(limit)
            .select((TokenRow::as_select(), UserRow::as_select()))
            .load(&mut c)
            .await?;
        rows.into_iter().map(of).collect()
    }

    /// Changes a token, at `version` where one is named. `change` says what is noted; nothing: it is so already.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn token_change(
        &self,
        id: TokenId,
        version: Option<i64>,
        change: impl FnOnce(&mut TokenRecord) -> Option<Entry> + Send,
    ) -> Result<Versioned<TokenRecord>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let Some(known) = locked(c, id).await? else { return Ok(Versioned::Missing) };
            if version.is_some_and(|v| v != known.version) {
                return Ok(Versioned::Stale(known));
            }
            let mut record = known.clone();
            let Some(entry) = change(&mut record) else { return Ok(Versioned::Same(known)) };
            record.version = known.version + 1;
            diesel::update(tokens::table.find(id.0))
                .set((
                    tokens::name.eq(&record.name),
                    tokens::revoked_at.eq(record.revoked_at.map(to_db)),
                    tokens::revoked_by.eq(&record.revoked_by),
                    tokens::version.eq(record.version),
                ))
                .execute(c)
                .await?;
            if record.revoked_at != known.revoked_at {
                // Every server ends its streams.
                notify(c, AccessNotice::Token(id)).await?;
            }
            note(c, &entry).await?;
            let change = next_change(c, self.sender, &Told::Nothing).await?;
            Ok(Versioned::Done { record, change })
        })
        .await
    }

    /// Notes that a token was used, unless that was noted less than a minute before.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn token_touch(&self, id: TokenId, at: Timestamp, from: &str) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        let minute = to_db(at.before(60_000));
        let due = tokens::last_used_at.is_null().or(tokens::last_used_at.lt(minute));
        diesel::update(tokens::table.filter(tokens::id.eq(id.0)).filter(due))
            .set((tokens::last_used_at.eq(to_db(at)), tokens::last_used_from.eq(from)))
            .execute(&mut c)
            .await?;
        Ok(())
    }

    /// Tokens that work at `now` and end before `until`, whose creator may sign in: the first to end first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn tokens_ending(&self, now: Timestamp, until: Timestamp) -> Result<Vec<TokenOf>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<(TokenRow, UserRow)> = tokens::table
            .inner_join(users::table)
            .filter(tokens::revoked_at.is_null())
            .filter(tokens::expires_at.gt(to_db(now)))
            .filter(tokens::expires_at.lt(to_db(until)))
            .filter(users::disabled_at.is_null())
            .order((tokens::expires_at.asc(), tokens::id.asc()))
            .limit(200)
            .select((TokenRow::as_select(), UserRow::as_select()))
            .load(&mut c)
            .await?;
        rows.into_iter().map(of).collect()
    }

    /// Of these tokens those that work at `now`, whoever made them.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn token_alive(&self, of: &[TokenId], now: Timestamp) -> Result<Vec<TokenId>, DbError> {
        let mut c = self.conn().await?;
        let ids: Vec<Uuid> = of.iter().map(|t| t.0).collect();
        let alive: Vec<Uuid> = tokens::table
            .filter(tokens::id.eq_any(ids))
            .filter(tokens::revoked_at.is_null())
            .filter(tokens::expires_at.is_null().or(tokens::expires_at.gt(to_db(now))))
            .select(tokens::id)
            .load(&mut c)
            .await?;
        Ok(alive.into_iter().map(TokenId).collect())
    }

    /// Removes tokens that ended or were revoked before `at`, at most 1,000 at once; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn token_delete_ended(&self, at: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let old = tokens::table
            .filter(tokens::revoked_at.lt(to_db(at)).or(tokens::expires_at.lt(to_db(at))))
            .select(tokens::id)
            .limit(1000);
        let old: Vec<Uuid> = old.load(&mut c).await?;
        Ok(diesel::delete(tokens::table.filter(tokens::id.eq_any(old))).execute(&mut c).await?)
    }
}
