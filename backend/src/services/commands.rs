//! Commands to nodes: queued, listed, taken back.

use std::collections::HashMap;
use std::sync::Arc;

use common::activity::Outcome;
use common::auth::Permission;
use common::command::{Command, CommandArgs, CommandKind, CommandPage, CommandState, RowCode};
use common::ids::{CommandId, NodeId};
use common::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::regions::Changed;
use super::{App, ServiceError, finish, nodes};
use crate::auth::policy::{Actor, authorize};
use crate::domain::activity::{Entry, Target};
use crate::domain::command::NOT_AFTER_MS;
use crate::live::fleet::{CannotQueue, NodeEntry};

/// A command that is not queued yet. The run of the process it is bound to is filled in by [`queue`].
pub fn new(node: NodeId, kind: CommandKind, args: CommandArgs, by: &str, now: Timestamp) -> Command {
    Command {
        id: CommandId(Uuid::now_v7()),
        node_id: node,
        kind,
        args,
        state: CommandState::Queued,
        detail: None,
        boot_id: None,
        created_by: by.to_owned(),
        created_at: now,
        not_after: Timestamp(now.millis().saturating_add_unsigned(NOT_AFTER_MS)),
        offered_at: None,
        offered_count: 0,
        accepted_at: None,
        finished_at: None,
        push: None,
    }
}

/// A node with its queued command, or with why there is none.
pub type QueuedRow = Result<(Arc<NodeEntry>, Command), (Arc<NodeEntry>, CannotQueue)>;

/// What became of each command of a batch, and the number of the change; none where none was queued.
pub struct Queued {
    /// In the order given.
    pub rows: Vec<QueuedRow>,
    /// For `X-Change`.
    pub change: Option<i64>,
}

/// Queues commands in one transaction with the row about who asked. Each node's place is taken first, so that two
/// requests at once cannot both succeed.
///
/// # Errors
/// Where the database fails; nothing is queued then.
pub async fn queue_all(
    app: &Arc<App>,
    batch: Vec<(Arc<NodeEntry>, Command)>,
    entry: Entry,
) -> Result<Queued, ServiceError> {
    let app = Arc::clone(app);
    finish(async move {
        let rows: Vec<QueuedRow> = batch
            .into_iter()
            .map(|(node, command)| match app.fleet.command_reserve(&node, command) {
                Ok(command) => Ok((node, command)),
                Err(why) => Err((node, why)),
            })
            .collect();
        let taken: Vec<Command> = rows.iter().flatten().map(|(_, c)| c.clone()).collect();
        if taken.is_empty() {
            return Ok(Queued { rows, change: None });
        }
        let stored = app.db.commands_insert(&taken, &entry).await;
        for (node, command) in rows.iter().flatten() {
            match &stored {
                Ok(_) => app.fleet.command_release(node, command.id),
                Err(_) => app.fleet.command_drop(node, command.id),
            }
        }
        let change = stored?;
        app.fleet.note_change(change);
        Ok(Queued { rows, change: Some(change) })
    })
    .await
}

/// Queues one command.
///
/// # Errors
/// 409 `not_live`, `already_requested` with the open command, `too_many_commands`.
pub async fn queue(
    app: &Arc<App>,
    node: &Arc<NodeEntry>,
    command: Command,
    entry: Entry,
) -> Result<Changed<Command>, ServiceError> {
    let queued = queue_all(app, vec![(Arc::clone(node), command)], entry).await?;
    match (queued.rows.into_iter().next(), queued.change) {
        (Some(Ok((_, command))), Some(change)) => Ok(Changed { object: command, change }),
        (Some(Err((_, why))), _) => Err(refusal(why)),
        _ => Err(ServiceError::Internal("a command was lost".into())),
    }
}

/// A reason as code and sentence.
pub fn explain(why: &CannotQueue) -> (RowCode, String) {
    match why {
        CannotQueue::NotLive(_) => {
            (RowCode::NotLive, "The node is not live: nobody would hear the signal.".to_owned())
        }
        CannotQueue::Asked(open) => (
            RowCode::AlreadyRequested,
            format!("{} asked for a shutdown that is still {}.", open.created_by, open.state.as_str()),
        ),
        CannotQueue::Full => (
            RowCode::TooManyCommands,
            "The node has as many open commands as it may have. Cancel one.".to_owned(),
        ),
    }
}

/// The same as an answer.
pub fn refusal(why: CannotQueue) -> ServiceError {
    let (code, detail) = explain(&why);
    let current = match why {
        CannotQueue::Asked(open) => serde_json::to_value(open).ok(),
        CannotQueue::NotLive(_) | CannotQueue::Full => None,
    };
    ServiceError::Refused { code: code.as_str(), detail, current }
}

/// A node's commands, newest first.
///
/// # Errors
/// No such node, a role too low.
pub async fn list(
    app: &App,
    actor: &Actor,
    node: NodeId,
    before: Option<CommandId>,
    limit: usize,
) -> Result<CommandPage, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let entry =
        app.fleet.node(node).ok_or_else(|| ServiceError::NotFound { what: "node", id: node.to_string() })?;
    let mut items = app.db.command_page(node, before, i64::try_from(limit + 1).unwrap_or(i64::MAX)).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    // Memory is ahead of the database by up to a moment.
    let mut newer: HashMap<CommandId, Command> = entry.commands().into_iter().map(|c| (c.id, c)).collect();
    for item in &mut items {
        if let Some(known) = newer.remove(&item.id) {
            *item = known;
        }
    }
    let next_cursor = items.last().filter(|_| more).map(|c| c.id.to_string());
    Ok(CommandPage { items, next_cursor })
}

/// Takes a command back that its node has not accepted.
///
/// # Errors
/// 409 `not_open` with the command, no such command, a role too low.
pub async fn cancel(app: &Arc<App>, actor: &Actor, id: CommandId) -> Result<Changed<Command>, ServiceError> {
    if !Permission::Operate.granted_to(actor.user.role) {
        return Err(ServiceError::NeedsRole(Permission::Operate.least_role()));
    }
    let missing = move || ServiceError::NotFound { what: "command", id: id.to_string() };
    let holder = app.fleet.holder_of(id);
    let node_id = match &holder {
        Some(entry) => entry.id,
        None => app.db.command(id).await?.ok_or_else(missing)?.node_id,
    };
    let entry = nodes::changeable(app, actor, node_id)?;
    let now = app.clock.wall();
    let target = Target::node(entry.id, &entry.name(), entry.region_id().as_ref());
    let note = actor.act(now, "command.cancel", target);
    let app = Arc::clone(app);
    finish(async move {
        let found = match app.fleet.command_cancel(&entry, id) {
            Some(found) => found,
            None => (app.db.command(id).await?.ok_or_else(missing)?, false),
        };
        let (command, done) = found;
        let what = json!({ "commandId": command.id, "kind": command.kind, "state": command.state });
        let note = note.changed(None, Some(what));
        if !done {
            let detail = format!("The command is {} and cannot be taken back.", command.state.as_str());
            app.db.activity_add(&note.ended(Outcome::Refused).because(Some(&detail))).await?;
            let current = serde_json::to_value(&command).ok();
            return Err(ServiceError::Refused { code: "not_open", detail, current });
        }
        let change = app.db.command_cancelled(&note).await?;
        app.fleet.note_change(change);
        Ok(Changed { object: command, change })
    })
    .await
}
