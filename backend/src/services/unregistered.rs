//! Servers that send heartbeats and are not in the registry.

use std::sync::Arc;

use common::auth::Permission;
use common::problem::FieldError;
use common::time::Timestamp;
use common::unregistered::{IgnoreRequest, Ignored, UnregisteredNode, UnregisteredPage};
use serde_json::json;

use super::regions::Changed;
use super::{App, ServiceError, finish};
use crate::auth::policy::{Actor, authorize};
use crate::domain::activity::{Entry, Target};
use crate::domain::unregistered::GroupId;

fn missing(id: &str) -> ServiceError {
    ServiceError::NotFound { what: "unregistered node", id: id.to_owned() }
}

/// Where a page ends: newer ones come before, so what is added meanwhile moves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    last_at: Timestamp,
    id: String,
}

impl Place {
    /// Of a cursor.
    ///
    /// # Errors
    /// Where it is none of ours.
    pub fn parse(cursor: &str) -> Result<Self, ServiceError> {
        let parts = cursor.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id)));
        let not_ours = || {
            let pointer = "#query/cursor".to_owned();
            ServiceError::Invalid(vec![FieldError {
                pointer,
                code: "cursor".to_owned(),
                detail: "Not a cursor of this list.".to_owned(),
            }])
        };
        let (at, id) = parts.ok_or_else(not_ours)?;
        Ok(Self { last_at: Timestamp(at), id: id.to_owned() })
    }
}

/// A page of them, the newest try first.
///
/// # Errors
/// A role too low.
pub fn list(
    app: &App,
    actor: &Actor,
    ignored: bool,
    after: Option<&Place>,
    limit: usize,
) -> Result<UnregisteredPage, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let mut all = app.fleet.unregistered();
    all.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.id.cmp(&b.id)));
    let hidden = all.iter().filter(|n| n.ignored.is_some()).count();
    let total = all.len().saturating_sub(hidden);
    let follows = |n: &UnregisteredNode| {
        after.is_none_or(|p| (std::cmp::Reverse(n.last_at), &n.id) > (std::cmp::Reverse(p.last_at), &p.id))
    };
    let mut items: Vec<UnregisteredNode> = all
        .into_iter()
        .filter(|n| (ignored || n.ignored.is_none()) && follows(n))
        .take(limit.saturating_add(1))
        .collect();
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|n| format!("{}.{}", n.last_at.millis(), n.id));
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(UnregisteredPage { items, next_cursor, total: count(total), ignored: count(hidden) })
}

/// One of them, if the actor may hide it. A role too low is refused whether or not there is one.
fn may(app: &App, actor: &Actor, id: &str) -> Result<(GroupId, UnregisteredNode), ServiceError> {
    if !Permission::Operate.granted_to(actor.user.role) {
        return Err(ServiceError::NeedsRole(Permission::Operate.least_role()));
    }
    let group = id.parse::<GroupId>().map_err(|_| missing(id))?;
    let node = app.fleet.unregistered_one(group).ok_or_else(|| missing(id))?;
    authorize(actor, Permission::Operate, node.prefill.region_id.as_ref())?;
    Ok((group, node))
}

fn entry(app: &App, actor: &Actor, action: &'static str, node: &UnregisteredNode) -> Entry {
    let target = Target {
        name: Some(node.claimed_node.clone().unwrap_or_else(|| node.source.clone())),
        region_id: node.prefill.region_id.clone(),
        ..Target::named("unregistered_node", &node.id)
    };
    let facts = json!({ "source": node.source, "fingerprint": node.fingerprint, "claimedRegion": node.claimed_region });
    actor.act(app.clock.wall(), action, target).changed(None, Some(facts))
}

/// Hides a server.
///
/// # Errors
/// Where it is not in the list, a role too low, a reason too long.
pub async fn ignore(
    app: &Arc<App>,
    actor: &Actor,
    id: &str,
    request: IgnoreRequest,
) -> Result<Changed<UnregisteredNode>, ServiceError> {
    let known = may(app, actor, id);
    if !matches!(known, Err(ServiceError::NeedsRole(_) | ServiceError::OutOfScope(_))) {
        request.validate().map_err(ServiceError::Invalid)?;
    }
    let (group, node) = known?;
    let by = Ignored { by: actor.user.email.clone(), at: app.clock.wall() };
    let entry = entry(app, actor, "unregistered.ignore", &node).because(request.reason.as_deref());
    let change = set(app, group, Some(by.clone()), entry).await?;
    Ok(Changed { object: UnregisteredNode { ignored: Some(by), ..node }, change })
}

/// Shows a server again; the number of the change.
///
/// # Errors
/// Where it is not hidden, a role too low.
pub async fn unignore(app: &Arc<App>, actor: &Actor, id: &str) -> Result<i64, ServiceError> {
    let (group, node) = may(app, actor, id)?;
    if node.ignored.is_none() {
        return Err(missing(id));
    }
    set(app, group, None, entry(app, actor, "unregistered.unignore", &node)).await
}

async fn set(app: &Arc<App>, group: GroupId, by: Option<Ignored>, entry: Entry) -> Result<i64, ServiceError> {
    let app = Arc::clone(app);
    finish(async move {
        let change = app.db.ignored_set(group, by.as_ref(), &entry).await?;
        app.fleet.problems.ignore(group, by);
        app.fleet.problems_touched();
        app.fleet.note_change(change);
        Ok(change)
    })
    .await
}
