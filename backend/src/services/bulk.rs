//! One action on many nodes: previewed and guarded as a whole, done and answered per node.

use std::collections::HashMap;
use std::sync::Arc;

use common::auth::Permission;
use common::command::{RowCode, RowResult};
use common::ids::NodeId;
use common::intent::{BulkAction, BulkReply, BulkRequest, Deletion, Precondition};
use common::status::{IntentState, Liveness};
use serde_json::json;

use super::commands::explain;
use super::preview::Plan;
use super::regions::Changed;
use super::shutdown::{self, done, refused};
use super::{App, ServiceError, deletion, intents, nodes, stepup};
use crate::auth::policy::Actor;
use crate::auth::{hex, sha256};
use crate::domain::activity::Target;
use crate::domain::command::{Again, again};
use crate::domain::effects::Change;
use crate::domain::intent::{of_bulk, word};
use crate::live::fleet::{CannotQueue, NodeEntry};

/// A row before anything is done.
type Row = Result<Arc<NodeEntry>, RowResult>;

/// Does one thing to many nodes, or says what it would do. Rows that cannot be done are answered and leave the others
/// alone; a guard stands against the whole.
///
/// # Errors
/// Field errors, 409 `guard` with a preview, a role too low.
pub async fn nodes(
    app: &Arc<App>,
    actor: &Actor,
    request: &BulkRequest,
) -> Result<Changed<BulkReply>, ServiceError> {
    if !Permission::Operate.granted_to(actor.user.role) {
        return Err(ServiceError::NeedsRole(Permission::Operate.least_role()));
    }
    request.validate().map_err(ServiceError::Invalid)?;
    let mut rows = Vec::new();
    for id in &request.node_ids {
        rows.push(row(app, actor, request, *id).await?);
    }
    let able: Vec<Arc<NodeEntry>> = rows.iter().flatten().cloned().collect();
    let plan = plan(app, request, &able);
    if request.preview {
        let items = rows.into_iter().map(|r| r.map_or_else(|e| e, |n| done(&n))).collect();
        let preview = plan.map(|p| p.preview(app, actor)).transpose()?;
        return Ok(Changed { object: BulkReply { preview, items }, change: app.fleet.change() });
    }
    if matches!(request.action, BulkAction::Shutdown | BulkAction::Delete) {
        stepup::require(app, actor)?;
    }
    let note = actor
        .act(app.clock.wall(), "nodes.bulk", Target::named("nodes", &format!("{} nodes", able.len())))
        .changed(None, Some(json!({ "action": request.action, "nodeIds": request.node_ids })))
        .because(request.reason.as_deref());
    if let Some(plan) = &plan {
        plan.guard(app, actor, request.preview_token.as_deref(), note.clone()).await?;
    }
    let mut change = app.fleet.change();
    let mut results: HashMap<NodeId, RowResult> = HashMap::new();
    if request.action == BulkAction::Shutdown {
        let (items, n) = shutdown::signal(app, actor, &able, request.mode, note).await?;
        change = change.max(n.unwrap_or(0));
        results = items.into_iter().map(|r| (r.node_id, r)).collect();
    } else {
        for node in &able {
            let result = match one(app, actor, request, node).await {
                Ok(n) => {
                    change = change.max(n);
                    done(node)
                }
                Err(e) => failed(node.id, node.name(), e)?,
            };
            results.insert(node.id, result);
        }
    }
    let items = rows.into_iter().filter_map(|r| r.map_or_else(Some, |n| results.remove(&n.id))).collect();
    Ok(Changed { object: BulkReply { preview: None, items }, change })
}

/// Whether a node can be part of it, as far as that can be told now.
async fn row(app: &App, actor: &Actor, request: &BulkRequest, id: NodeId) -> Result<Row, ServiceError> {
    let node = match nodes::changeable(app, actor, id) {
        Ok(node) => node,
        Err(e) => {
            let name = app.fleet.node(id).map_or_else(|| id.to_string(), |n| n.name());
            return failed(id, name, e).map(Err);
        }
    };
    match request.action {
        BulkAction::Shutdown => {
            let liveness = node.liveness();
            let why = match again(node.commands().iter(), request.mode) {
                _ if liveness != Liveness::Live => CannotQueue::NotLive(liveness),
                Again::Asked(open) => CannotQueue::Asked(Box::new(open.clone())),
                Again::Free | Again::Replaces(_) => return Ok(Ok(node)),
            };
            let (code, detail) = explain(&why);
            Ok(Err(refused(node.id, node.name(), code, detail)))
        }
        BulkAction::Delete => {
            let answer = match deletion::of_node(app, actor, id, false).await {
                Ok(answer) => answer,
                Err(e) => return failed(id, node.name(), e).map(Err),
            };
            match answer.preconditions.into_iter().find(|p| !p.met) {
                Some(first) => Ok(Err(undeletable(node.id, node.name(), first))),
                None => Ok(Ok(node)),
            }
        }
        BulkAction::Maintenance | BulkAction::Disable | BulkAction::Activate => Ok(Ok(node)),
    }
}

/// What guards look at; nothing stands against deleting what may be deleted.
fn plan(app: &App, request: &BulkRequest, able: &[Arc<NodeEntry>]) -> Option<Plan> {
    let mut ids: Vec<String> = request.node_ids.iter().map(ToString::to_string).collect();
    ids.sort_unstable();
    let subject = format!("nodes {}", hex(&sha256(ids.join(" ").as_bytes())));
    if request.action == BulkAction::Shutdown {
        return Some(shutdown::plan(app, &subject, able, request.mode));
    }
    let state = of_bulk(request)?.state;
    let quiet = state != IntentState::Active;
    Some(Plan {
        subject: format!("intent {subject} {}", word(state)),
        facts: app.fleet.facts_around(able),
        reached: able.iter().map(|n| n.id).collect(),
        change: if quiet { Change::Stop { force: false } } else { Change::None },
    })
}

async fn one(
    app: &Arc<App>,
    actor: &Actor,
    request: &BulkRequest,
    node: &NodeEntry,
) -> Result<i64, ServiceError> {
    match of_bulk(request) {
        Some(wish) => intents::set_unguarded(app, actor, node.id, &wish).await,
        None => deletion::delete_node(app, actor, node.id, node.record().version, false).await,
    }
}

/// An error as a row, where it concerns this row alone.
fn failed(id: NodeId, name: String, e: ServiceError) -> Result<RowResult, ServiceError> {
    let (code, detail) = match e {
        ServiceError::NotFound { .. } => (RowCode::NotFound, "There is no such node.".to_owned()),
        ServiceError::OutOfScope(region) => {
            (RowCode::OutOfScope, format!("Your account may not change region {region}."))
        }
        // Somebody with a part of the regions, asking about a node that belongs to none of them.
        ServiceError::NeedsRole(_) => {
            (RowCode::OutOfScope, "Your account may not change this node.".to_owned())
        }
        ServiceError::Refused { code: "delete_refused", detail, current } => {
            let deletion = current.and_then(|value| serde_json::from_value::<Deletion>(value).ok());
            let first = deletion.and_then(|d| d.preconditions.into_iter().find(|p| !p.met));
            return Ok(match first {
                Some(first) => undeletable(id, name, first),
                None => refused(id, name, RowCode::DeleteRefused, detail),
            });
        }
        ServiceError::VersionStale { .. } | ServiceError::Busy => {
            (RowCode::StaleVersion, "Somebody changed it at the same moment. Try again.".to_owned())
        }
        other => return Err(other),
    };
    Ok(refused(id, name, code, detail))
}

/// A row that may not be deleted, with the first thing that stands against it.
fn undeletable(id: NodeId, name: String, first: Precondition) -> RowResult {
    let row = refused(id, name, RowCode::DeleteRefused, first.detail.clone());
    RowResult { precondition: Some(first), ..row }
}
