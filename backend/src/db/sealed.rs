//! Everything that is sealed, whatever table it is in: found by its key, and sealed anew row by row.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};
use diesel_async::RunQueryDsl;

use super::{Db, DbError};

/// A column that holds sealed data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedColumn {
    /// Secrets of nodes.
    NodeSecrets,
    /// Secret keys of storage.
    StorageKeys,
    /// Keys that sign tokens.
    SigningKeys,
    /// What webhooks sign with.
    WebhookSecrets,
    /// What they signed with before, while it still does.
    FormerWebhookSecrets,
    /// Kept replies.
    Replies,
    /// The same without what is shown once.
    RepliesLater,
}

/// One sealed value.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct SealedRow {
    /// The row's key, as text.
    #[diesel(sql_type = Text)]
    pub id: String,
    /// What else its place is made of.
    #[diesel(sql_type = Text)]
    pub more: String,
    /// The value.
    #[diesel(sql_type = Binary)]
    pub sealed: Vec<u8>,
}

impl SealedColumn {
    /// All there are.
    pub const ALL: [Self; 7] = [
        Self::NodeSecrets,
        Self::StorageKeys,
        Self::SigningKeys,
        Self::WebhookSecrets,
        Self::FormerWebhookSecrets,
        Self::Replies,
        Self::RepliesLater,
    ];

    /// Table and column, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::NodeSecrets => "node_secrets.sealed",
            Self::StorageKeys => "region_storage.secret_sealed",
            Self::SigningKeys => "jwt_keys.sealed",
            Self::WebhookSecrets => "webhooks.secret_sealed",
            Self::FormerWebhookSecrets => "webhooks.former_sealed",
            Self::Replies => "idempotency.reply",
            Self::RepliesLater => "idempotency.reply_later",
        }
    }

    /// Table, column, key as text, the rest of the place, and the key compared to `$2`.
    pub(in crate::db) fn parts(
        self,
    ) -> (&'static str, &'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::NodeSecrets => ("node_secrets", "sealed", "id::text", "''", "id = $2::uuid"),
            Self::StorageKeys => {
                ("region_storage", "secret_sealed", "region_id", "secret_id::text", "region_id = $2")
            }
            Self::SigningKeys => ("jwt_keys", "sealed", "kid", "''", "kid = $2"),
            Self::WebhookSecrets => {
                ("webhooks", "secret_sealed", "id::text", "secret_id::text", "id = $2::uuid")
            }
            Self::FormerWebhookSecrets => {
                ("webhooks", "former_sealed", "id::text", "former_id::text", "id = $2::uuid")
            }
            Self::Replies => {
                let more = "(reply_later IS NULL)::text";
                ("idempotency", "reply", "encode(key_hash, 'hex')", more, "key_hash = decode($2, 'hex')")
            }
            Self::RepliesLater => (
                "idempotency",
                "reply_later",
                "encode(key_hash, 'hex')",
                "''",
                "key_hash = decode($2, 'hex')",
            ),
        }
    }
}

impl Db {
    /// What a column holds under other keys than this one, in the order of keys after `after`, at most so many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn sealed_under_others(
        &self,
        column: SealedColumn,
        current: [u8; 4],
        after: &str,
        limit: i64,
    ) -> Result<Vec<SealedRow>, DbError> {
        let (table, sealed, id, more, _) = column.parts();
        let sql = format!(
            "SELECT {id} AS id, {more} AS more, {sealed} AS sealed FROM {table} \
             WHERE substring({sealed} FROM 2 FOR 4) <> $1 AND ({id}) COLLATE \"C\" > $2 \
             ORDER BY ({id}) COLLATE \"C\" LIMIT $3"
        );
        let mut c = self.conn().await?;
        let query = diesel::sql_query(sql)
            .bind::<Binary, _>(current.to_vec())
            .bind::<Text, _>(after)
            .bind::<BigInt, _>(limit);
        Ok(query.load(&mut c).await?)
    }

    /// Puts a value sealed anew in the place of the old one, unless it was changed meanwhile; whether it did.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn sealed_replace(
        &self,
        column: SealedColumn,
        row: &SealedRow,
        new: &[u8],
    ) -> Result<bool, DbError> {
        let (table, sealed, _, _, is_it) = column.parts();
        let sql = format!("UPDATE {table} SET {sealed} = $1 WHERE {is_it} AND {sealed} = $3");
        let mut c = self.conn().await?;
        let rows = diesel::sql_query(sql)
            .bind::<Binary, _>(new)
            .bind::<Text, _>(&row.id)
            .bind::<Binary, _>(&row.sealed)
            .execute(&mut c)
            .await?;
        Ok(rows > 0)
    }

    /// How many values each master key or data key holds, by id in hexadecimal; for `keys show` and tests.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn sealed_counts(&self) -> Result<BTreeMap<String, i64>, DbError> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            id: String,
            #[diesel(sql_type = BigInt)]
            n: i64,
        }
        let each: Vec<String> = SealedColumn::ALL
            .iter()
            .map(|column| {
                let (table, sealed, ..) = column.parts();
                format!(
                    "SELECT substring({sealed} FROM 2 FOR 4) AS id FROM {table} WHERE {sealed} IS NOT NULL"
                )
            })
            .collect();
        let sql = format!(
            "SELECT encode(s.id, 'hex') AS id, count(*) AS n FROM ({}) AS s GROUP BY 1",
            each.join(" UNION ALL ")
        );
        let mut c = self.conn().await?;
        let rows: Vec<Row> = diesel::sql_query(sql).load(&mut c).await?;
        Ok(rows.into_iter().map(|r| (r.id, r.n)).collect())
    }
}
