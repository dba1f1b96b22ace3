//! Shutdown of a node, and of all live nodes of a region.

use std::sync::Arc;

use common::activity::Outcome;
use common::command::{
    Command, CommandArgs, CommandKind, RowCode, RowResult, RowResults, ShutdownMode, ShutdownRequest,
};
use common::ids::{NodeId, RegionId};
use common::intent::Preview;
use common::status::Liveness;
use serde_json::json;

use super::commands::{self, queue, queue_all};
use super::preview::Plan;
use super::regions::Changed;
use super::{App, ServiceError, nodes, push, regions, stepup};
use crate::auth::policy::Actor;
use crate::domain::activity::{Entry, Target};
use crate::domain::command::{Again, again};
use crate::domain::effects::Change;
use crate::live::fleet::{CannotQueue, NodeEntry};

/// What a shutdown of these nodes would bring. `subject` names them.
pub(super) fn plan(app: &App, subject: &str, nodes: &[Arc<NodeEntry>], mode: ShutdownMode) -> Plan {
    let immediate = mode == ShutdownMode::Immediate;
    Plan {
        subject: format!("shutdown {subject} {immediate}"),
        facts: app.fleet.facts_around(nodes),
        reached: nodes.iter().map(|n| n.id).collect(),
        change: Change::Shutdown { immediate },
    }
}

pub(super) fn command(app: &App, actor: &Actor, node: NodeId, mode: ShutdownMode) -> Command {
    let args = CommandArgs { mode: Some(mode), ..CommandArgs::default() };
    commands::new(node, CommandKind::Shutdown, args, &actor.user.email, app.clock.wall())
}

fn check(request: &ShutdownRequest) -> Result<(), ServiceError> {
    request.validate().map_err(ServiceError::Invalid)
}

fn live_nodes(app: &App, actor: &Actor, id: &RegionId) -> Result<Vec<Arc<NodeEntry>>, ServiceError> {
    let region = regions::changeable(app, actor, id)?;
    let nodes = app.fleet.region_nodes(&region);
    Ok(nodes.into_iter().filter(|n| n.liveness() == Liveness::Live).collect())
}

/// Signals a live node to end its process. A graceful one lets work end first.
///
/// # Errors
/// Field errors, 409 `not_live`, `already_requested` with the open command, `guard` with a preview, a role too low.
pub async fn node(
    app: &Arc<App>,
    actor: &Actor,
    id: NodeId,
    request: &ShutdownRequest,
) -> Result<Changed<Command>, ServiceError> {
    let entry = nodes::changeable(app, actor, id)?;
    stepup::require(app, actor)?;
    check(request)?;
    let target = Target::node(id, &entry.name(), entry.region_id().as_ref());
    let note = note(app, actor, "node.shutdown", target, request);
    let liveness = entry.liveness();
    let open = entry.commands();
    if liveness != Liveness::Live {
        return Err(refuse(app, note, CannotQueue::NotLive(liveness)).await?);
    }
    if let Again::Asked(open) = again(open.iter(), request.mode) {
        return Err(refuse(app, note, CannotQueue::Asked(Box::new(open.clone()))).await?);
    }
    plan(app, &format!("node {id}"), &[Arc::clone(&entry)], request.mode)
        .guard(app, actor, request.preview_token.as_deref(), note.clone())
        .await?;
    let queued = queue(app, &entry, command(app, actor, id, request.mode), note).await?;
    push::shutdowns(app, vec![(entry, queued.object.clone())]);
    Ok(queued)
}

/// Notes that it was refused; the answer.
async fn refuse(app: &App, note: Entry, why: CannotQueue) -> Result<ServiceError, ServiceError> {
    let (_, detail) = commands::explain(&why);
    app.db.activity_add(&note.ended(Outcome::Refused).because(Some(&detail))).await?;
    Ok(commands::refusal(why))
}

fn note(app: &App, actor: &Actor, action: &'static str, target: Target, request: &ShutdownRequest) -> Entry {
    actor
        .act(app.clock.wall(), action, target)
        .changed(None, Some(json!({ "mode": request.mode })))
        .because(Some(request.reason.trim()))
}

/// What a shutdown of a node would bring.
///
/// # Errors
/// No such node, a role too low.
pub fn preview_node(
    app: &App,
    actor: &Actor,
    id: NodeId,
    mode: ShutdownMode,
) -> Result<Preview, ServiceError> {
    let entry = nodes::changeable(app, actor, id)?;
    plan(app, &format!("node {id}"), &[entry], mode).preview(app, actor)
}

/// Signals every live node of a region; a result per node.
///
/// # Errors
/// Field errors, 409 `not_live` where none is, `guard` with a preview, a role too low.
pub async fn region(
    app: &Arc<App>,
    actor: &Actor,
    id: &RegionId,
    request: &ShutdownRequest,
) -> Result<Changed<RowResults>, ServiceError> {
    let live = live_nodes(app, actor, id)?;
    stepup::require(app, actor)?;
    check(request)?;
    if live.is_empty() {
        let detail = format!("No node of {id} is live: nobody would hear the signal.");
        return Err(ServiceError::Refused { code: "not_live", detail, current: None });
    }
    let note = note(app, actor, "region.shutdown", Target::region(id), request);
    plan(app, &format!("region {id}"), &live, request.mode)
        .guard(app, actor, request.preview_token.as_deref(), note.clone())
        .await?;
    let (items, change) = signal(app, actor, &live, request.mode, note).await?;
    Ok(Changed { object: RowResults { items }, change: change.unwrap_or_else(|| app.fleet.change()) })
}

/// What a shutdown of a region's live nodes would bring.
///
/// # Errors
/// No such region, a role too low.
pub fn preview_region(
    app: &App,
    actor: &Actor,
    id: &RegionId,
    mode: ShutdownMode,
) -> Result<Preview, ServiceError> {
    let live = live_nodes(app, actor, id)?;
    plan(app, &format!("region {id}"), &live, mode).preview(app, actor)
}

/// Signals these nodes, and calls those that were signalled.
pub(super) async fn signal(
    app: &Arc<App>,
    actor: &Actor,
    nodes: &[Arc<NodeEntry>],
    mode: ShutdownMode,
    note: Entry,
) -> Result<(Vec<RowResult>, Option<i64>), ServiceError> {
    let batch = nodes.iter().map(|n| (Arc::clone(n), command(app, actor, n.id, mode))).collect();
    let queued = queue_all(app, batch, note).await?;
    let items = queued
        .rows
        .iter()
        .map(|row| match row {
            Ok((n, c)) => RowResult { command_id: Some(c.id), ..done(n) },
            Err((n, why)) => {
                let (code, detail) = commands::explain(why);
                refused(n.id, n.name(), code, detail)
            }
        })
        .collect();
    push::shutdowns(app, queued.rows.into_iter().flatten().collect());
    Ok((items, queued.change))
}

/// A row that was done.
pub(super) fn done(n: &NodeEntry) -> RowResult {
    RowResult {
        node_id: n.id,
        name: n.name(),
        ok: true,
        code: None,
        precondition: None,
        detail: None,
        command_id: None,
    }
}

/// A row that was not.
pub(super) fn refused(node_id: NodeId, name: String, code: RowCode, detail: String) -> RowResult {
    RowResult {
        node_id,
        name,
        ok: false,
        code: Some(code),
        precondition: None,
        detail: Some(detail),
        command_id: None,
    }
}
