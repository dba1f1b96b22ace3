//! Commands to nodes, with their receipts.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use common::command::{Command, CommandKind, CommandState};
use common::ids::{CommandId, NodeId};
use common::time::Timestamp;
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection as _, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::schema::{commands, node_secrets};
use super::told::{Told, next_change, tell};
use super::{Db, DbError, from_db, to_db, unknown};
use crate::domain::activity::Entry;
use crate::domain::registry::SecretHash;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = commands, check_for_backend(diesel::pg::Pg))]
struct CommandRow {
    id: Uuid,
    node_id: Uuid,
    kind: String,
    args: serde_json::Value,
    state: String,
    detail: Option<String>,
    boot_id: Option<String>,
    created_by: String,
    created_at: DateTime<Utc>,
    not_after: DateTime<Utc>,
    offered_at: Option<DateTime<Utc>>,
    offered_count: i32,
    accepted_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    push: Option<String>,
}

impl TryFrom<&Command> for CommandRow {
    type Error = DbError;

    fn try_from(c: &Command) -> Result<Self, DbError> {
        Ok(Self {
            id: c.id.0,
            node_id: c.node_id.0,
            kind: c.kind.as_str().to_owned(),
            args: serde_json::to_value(&c.args).map_err(|e| DbError::Other(e.to_string()))?,
            state: c.state.as_str().to_owned(),
            detail: c.detail.clone(),
            boot_id: c.boot_id.clone(),
            created_by: c.created_by.clone(),
            created_at: to_db(c.created_at),
            not_after: to_db(c.not_after),
            offered_at: c.offered_at.map(to_db),
            offered_count: count(c),
            accepted_at: c.accepted_at.map(to_db),
            finished_at: c.finished_at.map(to_db),
            push: c.push.clone(),
        })
    }
}

impl TryFrom<CommandRow> for Command {
    type Error = DbError;

    fn try_from(r: CommandRow) -> Result<Self, DbError> {
        Ok(Self {
            id: CommandId(r.id),
            node_id: NodeId(r.node_id),
            kind: CommandKind::parse(&r.kind).ok_or_else(|| unknown("command", &r.kind))?,
            args: serde_json::from_value(r.args).map_err(|e| unknown("command's details", &e.to_string()))?,
            state: CommandState::parse(&r.state).ok_or_else(|| unknown("command state", &r.state))?,
            detail: r.detail,
            boot_id: r.boot_id,
            created_by: r.created_by,
            created_at: from_db(r.created_at),
            not_after: from_db(r.not_after),
            offered_at: r.offered_at.map(from_db),
            offered_count: u32::try_from(r.offered_count).unwrap_or(0),
            accepted_at: r.accepted_at.map(from_db),
            finished_at: r.finished_at.map(from_db),
            push: r.push,
        })
    }
}

fn count(c: &Command) -> i32 {
    i32::try_from(c.offered_count).unwrap_or(i32::MAX)
}

const OPEN: [&str; 3] = ["queued", "offered", "accepted"];

/// Further on wins as a whole, and what has ended stays as it ended: several processes may write about one command.
const WRITE: &str = "UPDATE commands c SET state = w.state, detail = w.detail, boot_id = w.boot_id, \
    offered_at = w.offered_at, offered_count = w.offered_count, accepted_at = w.accepted_at, \
    finished_at = w.finished_at, push = coalesce(w.push, c.push) \
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) \
    AS w (id, state, detail, boot_id, offered_at, offered_count, accepted_at, finished_at, push) WHERE c.id = w.id AND c.finished_at IS NULL \
    AND coalesce(array_position(ARRAY['queued', 'offered', 'accepted'], w.state), 4) \
        >= coalesce(array_position(ARRAY['queued', 'offered', 'accepted'], c.state), 4)";
/// What a push brought is known to one process alone.
const WRITE_PUSH: &str = "UPDATE commands c SET push = w.push FROM unnest($1, $2) AS w (id, push) \
    WHERE c.id = w.id AND c.push IS DISTINCT FROM w.push";

impl Db {
    /// Stores new commands with the row about who asked, all or nothing; the number of the change.
    ///
    /// # Errors
    /// [`DbError::Missing`] where a node is gone.
    pub async fn commands_insert(&self, new: &[Command], entry: &Entry) -> Result<i64, DbError> {
        let rows: Vec<CommandRow> = new.iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            diesel::insert_into(commands::table).values(&rows).execute(c).await?;
            note(c, entry).await?;
            next_change(c, self.sender, &Told::commands(new.iter().map(|c| c.id))).await
        })
        .await
        .map_err(|e: diesel::result::Error| DbError::from(e))
    }

    /// Notes who took a command back; the number of the change.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn command_cancelled(&self, entry: &Entry) -> Result<i64, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            note(c, entry).await?;
            next_change(c, self.sender, &Told::Nothing).await
        })
        .await
        .map_err(|e: diesel::result::Error| DbError::from(e))
    }

    /// Writes what became of commands, and tells the others where there are any.
    ///
    /// # Errors
    /// Where the database fails; what was written then is written again the next time.
    pub async fn commands_write(&self, list: &[Command], others: bool) -> Result<(), DbError> {
        if list.is_empty() {
            return Ok(());
        }
        let mut c = self.conn().await?;
        let time = |f: fn(&Command) -> Option<Timestamp>| -> Vec<Option<DateTime<Utc>>> {
            list.iter().map(|c| f(c).map(to_db)).collect()
        };
        let text = |f: fn(&Command) -> Option<&str>| -> Vec<Option<&str>> { list.iter().map(f).collect() };
        diesel::sql_query(WRITE)
            .bind::<Array<SqlUuid>, _>(list.iter().map(|c| c.id.0).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(list.iter().map(|c| c.state.as_str()).collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>(text(|c| c.detail.as_deref()))
            .bind::<Array<Nullable<Text>>, _>(text(|c| c.boot_id.as_deref()))
            .bind::<Array<Nullable<Timestamptz>>, _>(time(|c| c.offered_at))
            .bind::<Array<Integer>, _>(list.iter().map(count).collect::<Vec<_>>())
            .bind::<Array<Nullable<Timestamptz>>, _>(time(|c| c.accepted_at))
            .bind::<Array<Nullable<Timestamptz>>, _>(time(|c| c.finished_at))
            .bind::<Array<Nullable<Text>>, _>(text(|c| c.push.as_deref()))
            .execute(&mut c)
            .await?;
        let pushed: Vec<&Command> = list.iter().filter(|c| c.push.is_some()).collect();
        if !pushed.is_empty() {
            diesel::sql_query(WRITE_PUSH)
                .bind::<Array<SqlUuid>, _>(pushed.iter().map(|c| c.id.0).collect::<Vec<_>>())
                .bind::<Array<Nullable<Text>>, _>(
                    pushed.iter().map(|c| c.push.as_deref()).collect::<Vec<_>>(),
                )
                .execute(&mut c)
                .await?;
        }
        if others {
            tell(&mut c, self.sender, Told::commands(list.iter().map(|c| c.id))).await?;
        }
        Ok(())
    }

    /// These commands.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn commands_named(&self, ids: &[CommandId]) -> Result<Vec<Command>, DbError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let mut c = self.conn().await?;
        let rows: Vec<CommandRow> = commands::table
            .filter(commands::id.eq_any(ids))
            .order(commands::created_at.asc())
            .select(CommandRow::as_select())
            .load(&mut c)
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A node's commands before `before`, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn command_page(
        &self,
        node: NodeId,
        before: Option<CommandId>,
        limit: i64,
    ) -> Result<Vec<Command>, DbError> {
        let mut c = self.conn().await?;
        let mut query = commands::table
            .filter(commands::node_id.eq(node.0))
            // The ids are ordered by time.
            .order((commands::created_at.desc(), commands::id.desc()))
            .limit(limit)
            .select(CommandRow::as_select())
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(commands::id.lt(before.0));
        }
        let rows = query.load(&mut c).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One command.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn command(&self, id: CommandId) -> Result<Option<Command>, DbError> {
        let mut c = self.conn().await?;
        let row =
            commands::table.find(id.0).select(CommandRow::as_select()).first(&mut c).await.optional()?;
        row.map(TryInto::try_into).transpose()
    }

    /// All commands of which something may still become, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn commands_open(&self) -> Result<Vec<Command>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<CommandRow> = commands::table
            .filter(commands::state.eq_any(OPEN))
            .order(commands::created_at.asc())
            .select(CommandRow::as_select())
            .load(&mut c)
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Removes commands that ended and are older than `at`, at most 1,000 at once; how many. Open ones of a deleted node
    /// go with its row.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn commands_delete_before(&self, at: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let old: Vec<Uuid> = commands::table
            .filter(commands::created_at.lt(to_db(at)))
            .filter(commands::state.ne_all(OPEN))
            .select(commands::id)
            .limit(1000)
            .load(&mut c)
            .await?;
        Ok(diesel::delete(commands::table.filter(commands::id.eq_any(old))).execute(&mut c).await?)
    }

    /// When each node's last shutdown was done.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn shutdowns_done(&self) -> Result<HashMap<NodeId, Timestamp>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<(Uuid, Option<DateTime<Utc>>)> = commands::table
            .filter(commands::kind.eq(CommandKind::Shutdown.as_str()))
            .filter(commands::state.eq(CommandState::Done.as_str()))
            .group_by(commands::node_id)
            .select((commands::node_id, diesel::dsl::max(commands::finished_at)))
            .load(&mut c)
            .await?;
        Ok(rows.into_iter().filter_map(|(id, at)| Some((NodeId(id), from_db(at?)))).collect())
    }

    /// The sealed secrets of a node, newest first: hash, id of the row, ciphertext.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn secrets_sealed(&self, node: NodeId) -> Result<Vec<(SecretHash, Uuid, Vec<u8>)>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<(Vec<u8>, Uuid, Vec<u8>)> = node_secrets::table
            .filter(node_secrets::node_id.eq(node.0))
            .order((node_secrets::created_at.desc(), node_secrets::id.desc()))
            .select((node_secrets::sha256, node_secrets::id, node_secrets::sealed))
            .load(&mut c)
            .await?;
        rows.into_iter()
            .map(|(hash, id, sealed)| {
                let hash = hash.try_into().map_err(|_| unknown("secret hash of node", &node.to_string()))?;
                Ok((SecretHash(hash), id, sealed))
            })
            .collect()
    }
}
