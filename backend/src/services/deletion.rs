//! Deleting nodes and regions: the preconditions before the click, and once more inside the transaction.

use std::sync::Arc;

use common::activity::{EventKind, Outcome};
use common::auth::Permission;
use common::ids::{NodeId, RegionId};
use common::intent::Deletion;
use common::status::IntentState;
use serde_json::json;

use super::nodes::stale;
use super::{App, ServiceError, finish, history, nodes, regions, stepup};
use crate::auth::policy::{Actor, authorize};
use crate::db::Removed;
use crate::domain::activity::{Entry, Target};
use crate::domain::deletion::{self, Stored};
use crate::domain::history::Subject;
use crate::domain::registry::Tombstone;
use crate::live::fleet::What;

fn no_node(id: NodeId) -> ServiceError {
    ServiceError::NotFound { what: "node", id: id.to_string() }
}

fn no_region(id: &RegionId) -> ServiceError {
    ServiceError::NotFound { what: "region", id: id.to_string() }
}

/// Whether a node may be deleted now, with each precondition. `sessions_lost`: the operator knows that work it had
/// left is lost.
///
/// # Errors
/// Where there is none, or the database does not answer: what cannot be read is no permission.
pub async fn of_node(
    app: &App,
    actor: &Actor,
    id: NodeId,
    sessions_lost: bool,
) -> Result<Deletion, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let now = app.clock.wall();
    let standing = app.db.node_standing(id, now).await?.ok_or_else(|| no_node(id))?;
    let observed = app.fleet.observed(id).ok_or_else(|| no_node(id))?;
    let stored = Stored {
        disabled_ms: standing.disabled_ms(now),
        open_commands: standing.open_commands,
        sessions_lost,
    };
    Ok(deletion::node(stored, observed))
}

/// Whether a region may be deleted now, with each precondition.
///
/// # Errors
/// Where there is none, or the database does not answer.
pub async fn of_region(app: &App, actor: &Actor, id: &RegionId) -> Result<Deletion, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let region = app.fleet.region(id).ok_or_else(|| no_region(id))?;
    let disabled = region.record().intent.intent.state == IntentState::Disabled;
    Ok(deletion::region(disabled, app.db.region_node_count(id).await?))
}

/// Deletes a node; the number of the change. Its address and external id are free at once, its secrets open nothing any
/// more, and its late heartbeats are recognised for thirty days.
///
/// # Errors
/// 409 `delete_refused` with the preconditions, an older version, a role too low.
pub async fn delete_node(
    app: &Arc<App>,
    actor: &Actor,
    id: NodeId,
    version: i64,
    sessions_lost: bool,
) -> Result<i64, ServiceError> {
    let known = nodes::changeable(app, actor, id)?.record();
    stepup::require(app, actor)?;
    let now = app.clock.wall();
    let target = Target::node(id, &known.name(), known.region_id.as_ref());
    let before = json!({ "kind": known.kind, "endpoint": known.endpoint, "regionId": known.region_id });
    let entry = actor.act(now, "node.delete", target).changed(Some(before), None);
    let app = Arc::clone(app);
    finish(async move {
        let mut closed = false;
        let outcome = app
            .db
            .node_delete(id, version, now, &entry, |standing| {
                let stored = Stored {
                    disabled_ms: standing.disabled_ms(now),
                    open_commands: standing.open_commands,
                    sessions_lost,
                };
                // From this look on no heartbeat is taken, so that what is decided here is still so at the commit.
                let decided = app.fleet.node_close(id, |observed| {
                    let deletion = deletion::node(stored, observed);
                    if deletion.allowed { Ok(()) } else { Err(deletion) }
                });
                closed = matches!(decided, Some(Ok(())));
                // What this process does not know, it cannot judge.
                decided.unwrap_or(Err(Deletion { allowed: false, preconditions: Vec::new() }))
            })
            .await;
        let change = match outcome {
            Ok(Removed::Done(change)) => change,
            Ok(Removed::Refused(deletion)) => return Err(refused(&app, entry, deletion).await),
            Ok(Removed::Stale(record)) => {
                let node = app.fleet.node_update(record).ok_or_else(|| no_node(id))?;
                return Err(stale(&node.node()));
            }
            Ok(Removed::Missing) => return Err(no_node(id)),
            Err(e) => {
                // Who waited in vain behind another delete must not open what that one closed.
                if closed {
                    app.fleet.node_reopen(id);
                }
                return Err(e.into());
            }
        };
        // The newest record: its secrets are those that are refused from now on.
        let newest = app.fleet.node(id).map(|n| n.record()).unwrap_or(known);
        let removed = app.fleet.node_remove(Tombstone::of(&newest, now, entry.actor.clone()));
        app.fleet.note_change(change);
        if let Some(node) = removed {
            let what = What { to: Some("deleted".to_owned()), actor: Some(entry.actor), ..What::default() };
            app.fleet.record_node(&node, EventKind::Registry, what);
        }
        forget_figures(&app, Subject::Node(id)).await;
        Ok(change)
    })
    .await
}

/// Deletes a region with its storage settings; the number of the change. Its id is free at once.
///
/// # Errors
/// 409 `delete_refused` with the preconditions, an older version, a role too low.
pub async fn delete_region(
    app: &Arc<App>,
    actor: &Actor,
    id: &RegionId,
    version: i64,
) -> Result<i64, ServiceError> {
    let region = regions::changeable(app, actor, id)?;
    stepup::require(app, actor)?;
    let known = region.record();
    let before =
        json!({ "countryCode": known.country_code, "name": known.name, "displayName": known.display_name });
    let entry = actor.act(app.clock.wall(), "region.delete", Target::region(id)).changed(Some(before), None);
    let (app, id) = (Arc::clone(app), id.clone());
    finish(async move {
        let outcome = app
            .db
            .region_delete(&id, version, &entry, |stored, nodes| {
                let disabled = stored.intent.intent.state == IntentState::Disabled;
                let deletion = deletion::region(disabled, nodes);
                if deletion.allowed { Ok(()) } else { Err(deletion) }
            })
            .await?;
        let change = match outcome {
            Removed::Done(change) => change,
            Removed::Refused(deletion) => return Err(refused(&app, entry, deletion).await),
            Removed::Stale(record) => {
                let region = app.fleet.region_update(record).ok_or_else(|| no_region(&id))?;
                return Err(stale(&app.fleet.region_detail(&region)));
            }
            Removed::Missing => return Err(no_region(&id)),
        };
        app.fleet.region_remove(&region);
        app.fleet.note_change(change);
        let what = What { to: Some("deleted".to_owned()), actor: Some(entry.actor), ..What::default() };
        app.fleet.record_region(&region, EventKind::Registry, what);
        forget_figures(&app, Subject::Region(id)).await;
        Ok(change)
    })
    .await
}

/// The deletion stands either way.
async fn forget_figures(app: &App, subject: Subject) {
    if let Err(e) = history::forget(&app.db, &app.history, &subject).await {
        tracing::warn!(error = %e, %subject, "figures of what was deleted are still there");
    }
}

/// 409 with what does not hold; noted, because somebody tried.
async fn refused(app: &App, entry: Entry, deletion: Deletion) -> ServiceError {
    let unmet: Vec<&str> =
        deletion.preconditions.iter().filter(|p| !p.met).map(|p| p.code.as_str()).collect();
    let reason = format!("not met: {}", unmet.join(", "));
    let entry = entry.ended(Outcome::Refused).because(Some(&reason));
    if let Err(e) = app.db.activity_add(&entry).await {
        tracing::warn!(error = %e, "a refused delete could not be noted");
    }
    let detail = deletion
        .preconditions
        .iter()
        .filter(|p| !p.met)
        .map(|p| p.detail.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let detail = if detail.is_empty() { "This server does not know the node.".to_owned() } else { detail };
    ServiceError::Refused { code: "delete_refused", detail, current: serde_json::to_value(&deletion).ok() }
}
