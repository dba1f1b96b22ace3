//! Keys that sign tokens, sealed. Exactly one is not retired; the database holds that.

use chrono::{DateTime, Utc};
use common::time::Timestamp;
use diesel::prelude::*;
use diesel::sql_types::{Bytea, Text, Timestamptz};
use diesel_async::{AsyncConnection as _, RunQueryDsl};

use super::activity::note;
use super::schema::jwt_keys;
use super::{Db, DbError, from_db, to_db};
use crate::domain::activity::Entry;

/// A signing key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Names it.
    pub kid: String,
    /// PKCS#8 of the private key, sealed.
    pub sealed: Vec<u8>,
    /// The raw public key.
    pub public: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it signs no more.
    pub retired_at: Option<Timestamp>,
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = Text)]
    kid: String,
    #[diesel(sql_type = Bytea)]
    sealed: Vec<u8>,
    #[diesel(sql_type = Bytea)]
    public_key: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = diesel::sql_types::Nullable<Timestamptz>)]
    retired_at: Option<DateTime<Utc>>,
}

/// A retired key verifies while anything it signed may still be good: access tokens for a while after `$2`, automation
/// tokens as long as one works.
const LIVE: &str = "SELECT kid, sealed, public_key, created_at, retired_at FROM jwt_keys k \
    WHERE retired_at IS NULL OR retired_at > $2 OR EXISTS (SELECT 1 FROM tokens t WHERE t.kid = k.kid \
        AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $1)) \
    ORDER BY created_at DESC, kid DESC";

const FORGET: &str = "DELETE FROM jwt_keys k WHERE retired_at <= $1 \
    AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.kid = k.kid)";

impl Db {
    /// The keys whose tokens may still be good at `now`, the newest first. Sessions' tokens of keys retired before
    /// `ended` have all ended.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn jwt_keys(&self, now: Timestamp, ended: Timestamp) -> Result<Vec<StoredKey>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<KeyRow> = diesel::sql_query(LIVE)
            .bind::<Timestamptz, _>(to_db(now))
            .bind::<Timestamptz, _>(to_db(ended))
            .load(&mut c)
            .await?;
        let key = |r: KeyRow| StoredKey {
            kid: r.kid,
            sealed: r.sealed,
            public: r.public_key,
            created_at: from_db(r.created_at),
            retired_at: r.retired_at.map(from_db),
        };
        Ok(rows.into_iter().map(key).collect())
    }

    /// Stores a key that signs from now on, in the place of `instead`, or of none, with the `entry` that says so.
    /// `false` where another server was first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn jwt_key_insert(
        &self,
        key: &StoredKey,
        instead: Option<&str>,
        entry: &Entry,
    ) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            if let Some(old) = instead {
                let old = jwt_keys::table.find(old).filter(jwt_keys::retired_at.is_null());
                let retired = diesel::update(old)
                    .set(jwt_keys::retired_at.eq(to_db(key.created_at)))
                    .execute(c)
                    .await?;
                if retired == 0 {
                    return Ok(false);
                }
            }
            let inserted = diesel::insert_into(jwt_keys::table)
                .values((
                    jwt_keys::kid.eq(&key.kid),
                    jwt_keys::sealed.eq(&key.sealed),
                    jwt_keys::public_key.eq(&key.public),
                    jwt_keys::created_at.eq(to_db(key.created_at)),
                ))
                // Another server's, that was first.
                .on_conflict_do_nothing()
                .execute(c)
                .await?;
            if inserted == 1 {
                note(c, entry).await?;
            }
            Ok(inserted == 1)
        })
        .await
    }

    /// Removes keys that were retired before `ended` and signed no automation token that is still listed; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn jwt_keys_forget(&self, ended: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        Ok(diesel::sql_query(FORGET).bind::<Timestamptz, _>(to_db(ended)).execute(&mut c).await?)
    }
}
