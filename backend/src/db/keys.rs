//! Keys that sign access tokens, sealed.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::jwt_keys;
use super::{Db, DbError};

impl Db {
    /// The oldest key that is not retired: its id, sealed private key, public key.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn jwt_key(&self) -> Result<Option<(String, Vec<u8>, Vec<u8>)>, DbError> {
        let mut c = self.conn().await?;
        Ok(jwt_keys::table
            .filter(jwt_keys::retired_at.is_null())
            // Two servers that start at once both insert; both then use the same one.
            .order((jwt_keys::created_at.asc(), jwt_keys::kid.asc()))
            .select((jwt_keys::kid, jwt_keys::sealed, jwt_keys::public_key))
            .first(&mut c)
            .await
            .optional()?)
    }

    /// Stores a key.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn jwt_key_insert(&self, kid: &str, sealed: &[u8], public: &[u8]) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        diesel::insert_into(jwt_keys::table)
            .values((jwt_keys::kid.eq(kid), jwt_keys::sealed.eq(sealed), jwt_keys::public_key.eq(public)))
            .execute(&mut c)
            .await?;
        Ok(())
    }
}
