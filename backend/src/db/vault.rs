//! Data keys, and what running servers know of them.

use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Bool, Double, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::schema::{data_key_wraps, data_keys};
use super::sealed::SealedColumn;
use super::{Db, DbError, unknown};
use crate::domain::activity::Entry;

/// What a data key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Servers learn it; nothing is sealed under it yet.
    Prepared,
    /// Seals.
    Current,
    /// Only opens.
    Retired,
}

/// A data key, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataKeyRow {
    /// Its id.
    pub id: [u8; 4],
    /// What it is for.
    pub state: KeyState,
    /// Sealed under each of these master keys.
    pub wraps: Vec<([u8; 4], Vec<u8>)>,
}

/// What a running server can open; ids in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultServer {
    /// The process.
    pub id: Uuid,
    /// Machine and address.
    pub name: String,
    /// Master keys it was given.
    pub masters: Vec<String>,
    /// Keys it has learned.
    pub keys: Vec<String>,
    /// The one it seals under.
    pub current: Option<String>,
}

/// Of everybody who adds or changes data keys.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext('iqra data keys'))";
/// Held for as long as somebody rotates.
const ROTATION: &str = "pg_try_advisory_lock(hashtext('iqra keys rotate'))";

async fn insert(
    c: &mut AsyncPgConnection,
    id: [u8; 4],
    state: &str,
    master: [u8; 4],
    sealed: &[u8],
) -> Result<(), diesel::result::Error> {
    diesel::insert_into(data_keys::table)
        .values((data_keys::id.eq(id.as_slice()), data_keys::state.eq(state)))
        .execute(c)
        .await?;
    wrap(c, id, master, sealed).await
}

async fn wrap(
    c: &mut AsyncPgConnection,
    id: [u8; 4],
    master: [u8; 4],
    sealed: &[u8],
) -> Result<(), diesel::result::Error> {
    diesel::insert_into(data_key_wraps::table)
        .values((
            data_key_wraps::data_key.eq(id.as_slice()),
            data_key_wraps::master.eq(master.as_slice()),
            data_key_wraps::sealed.eq(sealed),
        ))
        .on_conflict_do_nothing()
        .execute(c)
        .await?;
    Ok(())
}

fn four(bytes: &[u8]) -> Result<[u8; 4], DbError> {
    bytes.try_into().map_err(|_| DbError::Other("a key's id is not four bytes".to_owned()))
}

impl Db {
    /// All data keys, the oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn data_keys(&self) -> Result<Vec<DataKeyRow>, DbError> {
        let mut c = self.conn().await?;
        type Row = (Vec<u8>, String, Option<(Vec<u8>, Vec<u8>)>);
        let rows: Vec<Row> = data_keys::table
            .left_join(data_key_wraps::table)
            .order((data_keys::created_at, data_keys::id, data_key_wraps::master))
            .select((
                data_keys::id,
                data_keys::state,
                (data_key_wraps::master, data_key_wraps::sealed).nullable(),
            ))
            .load(&mut c)
            .await?;
        let mut all: Vec<DataKeyRow> = Vec::new();
        for (id, state, wrap) in rows {
            let id = four(&id)?;
            let state = match state.as_str() {
                "prepared" => KeyState::Prepared,
                "current" => KeyState::Current,
                "retired" => KeyState::Retired,
                other => return Err(unknown("state of a data key", other)),
            };
            let wrap = wrap.map(|(m, sealed)| four(&m).map(|m| (m, sealed))).transpose()?;
            match all.last_mut() {
                Some(last) if last.id == id => last.wraps.extend(wrap),
                _ => all.push(DataKeyRow { id, state, wraps: wrap.into_iter().collect() }),
            }
        }
        Ok(all)
    }

    /// Stores the first data key; `false` where somebody else did.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn data_key_first(&self, id: [u8; 4], master: [u8; 4], sealed: &[u8]) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            diesel::sql_query(LOCK).execute(c).await?;
            let known: i64 = data_keys::table.count().get_result(c).await?;
            if known > 0 {
                return Ok(false);
            }
            insert(c, id, "current", master, sealed).await?;
            Ok(true)
        })
        .await
        .map_err(|e: diesel::result::Error| DbError::from(e))
    }

    /// Stores a data key that servers are to learn.
    ///
    /// # Errors
    /// Where the database fails, or there is one already.
    pub async fn data_key_prepare(&self, id: [u8; 4], master: [u8; 4], sealed: &[u8]) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            diesel::sql_query(LOCK).execute(c).await?;
            insert(c, id, "prepared", master, sealed).await
        })
        .await
        .map_err(DbError::from)
    }

    /// Stores data keys under one more master key, all or none.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn data_keys_wrap(&self, wraps: &[([u8; 4], [u8; 4], Vec<u8>)]) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            diesel::sql_query(LOCK).execute(c).await?;
            for (id, master, sealed) in wraps {
                wrap(c, *id, *master, sealed).await?;
            }
            Ok(())
        })
        .await
        .map_err(|e: diesel::result::Error| DbError::from(e))
    }

    /// Makes the prepared data key the current one.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn data_key_activate(&self) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            diesel::sql_query(LOCK).execute(c).await?;
            let there: i64 =
                data_keys::table.filter(data_keys::state.eq("prepared")).count().get_result(c).await?;
            if there > 0 {
                diesel::update(data_keys::table.filter(data_keys::state.eq("current")))
                    .set((data_keys::state.eq("retired"), data_keys::retired_at.eq(diesel::dsl::now)))
                    .execute(c)
                    .await?;
                diesel::update(data_keys::table.filter(data_keys::state.eq("prepared")))
                    .set(data_keys::state.eq("current"))
                    .execute(c)
                    .await?;
            }
            Ok(())
        })
        .await
        .map_err(|e: diesel::result::Error| DbError::from(e))
    }

    /// Forgets what is sealed under any other master key, as far as it is sealed under this one too, and data keys that
    /// were retired more than a day ago and that nothing is sealed under.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn data_keys_contract(&self, master: [u8; 4], entry: &Entry) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        let used: Vec<String> = SealedColumn::ALL
            .iter()
            .map(|column| {
                let (table, sealed, ..) = column.parts();
                format!(
                    "AND NOT EXISTS (SELECT FROM {table} t WHERE substring(t.{sealed} FROM 2 FOR 4) = k.id)"
                )
            })
            .collect();
        let unused = format!(
            "DELETE FROM data_keys k WHERE k.state = 'retired' AND k.retired_at < now() - interval '1 day' {}",
            used.join(" ")
        );
        c.transaction(async |c| {
            diesel::sql_query(LOCK).execute(c).await?;
            diesel::sql_query(
                "DELETE FROM data_key_wraps w WHERE w.master <> $1 AND EXISTS \
                 (SELECT FROM data_key_wraps n WHERE n.data_key = w.data_key AND n.master = $1)",
            )
            .bind::<Binary, _>(master.to_vec())
            .execute(c)
            .await?;
            diesel::sql_query(unused).execute(c).await?;
            note(c, entry).await
        })
        .await
        .map_err(|e: diesel::result::Error| DbError::from(e))
    }

    /// Takes the right to rotate for as long as the connection lives, which must be one of the caller's own pool; `false`
    /// where somebody else has it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn rotation_begin(&self) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        let taken: bool = diesel::select(diesel::dsl::sql::<Bool>(ROTATION)).get_result(&mut c).await?;
        Ok(taken)
    }

    /// Says what this server can open.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn vault_server_write(&self, s: &VaultServer) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        diesel::sql_query(
            "INSERT INTO vault_servers (id, name, masters, keys, current) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, masters = excluded.masters, keys = excluded.keys, \
             current = excluded.current, seen_at = now()",
        )
        .bind::<SqlUuid, _>(s.id)
        .bind::<Text, _>(&s.name)
        .bind::<Array<Text>, _>(&s.masters)
        .bind::<Array<Text>, _>(&s.keys)
        .bind::<Nullable<Text>, _>(&s.current)
        .execute(&mut c)
        .await?;
        Ok(())
    }

    /// Forgets a server that ends, and all that have been silent for a day.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn vault_server_delete(&self, id: Uuid) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        diesel::sql_query("DELETE FROM vault_servers WHERE id = $1 OR seen_at < now() - interval '1 day'")
            .bind::<SqlUuid, _>(id)
            .execute(&mut c)
            .await?;
        Ok(())
    }

    /// Servers that wrote within so many seconds.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn vault_servers(&self, within_seconds: u32) -> Result<Vec<VaultServer>, DbError> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = SqlUuid)]
            id: Uuid,
            #[diesel(sql_type = Text)]
            name: String,
            #[diesel(sql_type = Array<Text>)]
            masters: Vec<String>,
            #[diesel(sql_type = Array<Text>)]
            keys: Vec<String>,
            #[diesel(sql_type = Nullable<Text>)]
            current: Option<String>,
        }
        let mut c = self.conn().await?;
        let sql = "SELECT id, name, masters, keys, current FROM vault_servers \
            WHERE seen_at > now() - make_interval(secs => $1) ORDER BY name, id";
        let rows: Vec<Row> =
            diesel::sql_query(sql).bind::<Double, _>(f64::from(within_seconds)).load(&mut c).await?;
        let server = |r: Row| VaultServer {
            id: r.id,
            name: r.name,
            masters: r.masters,
            keys: r.keys,
            current: r.current,
        };
        Ok(rows.into_iter().map(server).collect())
    }
}
