//! Intent: what an operator wants of the platform, a region or a node.

use std::collections::BTreeSet;
use std::sync::Arc;

use common::activity::EventKind;
use common::auth::Permission;
use common::ids::{NodeId, RegionId};
use common::intent::{OnDeadline, Platform, Preview, SetIntent};
use common::node::Node;
use common::region::Region;
use common::status::{Intent, IntentState};
use serde_json::json;

use super::preview::Plan;
use super::regions::Changed;
use super::{App, ServiceError, finish, nodes, regions, stepup};
use crate::auth::policy::{Actor, authorize};
use crate::db::{IntentOf, IntentWritten};
use crate::domain::activity::{Entry, Target};
use crate::domain::effects::Change;
use crate::domain::intent::{self, Level};
use crate::domain::registry::{NodeRecord, OwnIntent, RegionRecord};
use crate::live::fleet::{NodeEntry, RegionEntry, What};

/// An object with an intent, as it is in memory now.
enum Object {
    Platform(Platform),
    Region(Arc<RegionEntry>, Box<RegionRecord>),
    Node(Arc<NodeEntry>, Box<NodeRecord>),
}

impl Object {
    fn platform(app: &App) -> Self {
        Self::Platform(app.fleet.platform())
    }

    fn region(entry: Arc<RegionEntry>) -> Self {
        let record = Box::new(entry.record());
        Self::Region(entry, record)
    }

    fn node(entry: Arc<NodeEntry>) -> Self {
        let record = Box::new(entry.record());
        Self::Node(entry, record)
    }

    fn of(&self) -> IntentOf {
        match self {
            Self::Platform(_) => IntentOf::Platform,
            Self::Region(_, r) => IntentOf::Region(r.id.clone()),
            Self::Node(_, r) => IntentOf::Node(r.id),
        }
    }

    fn version(&self) -> i64 {
        match self {
            Self::Platform(p) => p.version,
            Self::Region(_, r) => r.version,
            Self::Node(_, r) => r.version,
        }
    }

    fn intent(&self) -> &Intent {
        match self {
            Self::Platform(p) => &p.intent,
            Self::Region(_, r) => &r.intent.intent,
            Self::Node(_, r) => &r.intent.intent,
        }
    }

    fn level(&self) -> Level {
        match self {
            Self::Platform(_) => Level::Platform,
            Self::Region(..) => Level::Region,
            Self::Node(..) => Level::Node,
        }
    }

    fn target(&self) -> (&'static str, Target) {
        match self {
            Self::Platform(_) => ("platform.intent", Target::named("platform", "platform")),
            Self::Region(_, r) => ("region.intent", Target::region(&r.id)),
            Self::Node(e, r) => ("node.intent", Target::node(r.id, &e.name(), r.region_id.as_ref())),
        }
    }

    /// The nodes beneath, and what would count for each of them under `state`.
    fn beneath(&self, app: &App, state: IntentState) -> Vec<(Arc<NodeEntry>, IntentState)> {
        let platform = app.fleet.platform().intent.state;
        let region = |n: &NodeEntry| {
            let region = n.region_id().and_then(|id| app.fleet.region(&id));
            region.map_or(IntentState::Active, |r| r.record().intent.intent.state)
        };
        let own = |n: &NodeEntry| n.record().intent.intent.state;
        match self {
            Self::Node(entry, _) => vec![(Arc::clone(entry), state.max(platform).max(region(entry)))],
            Self::Region(entry, _) => {
                let nodes = app.fleet.region_nodes(entry).into_iter();
                nodes.map(|n| (Arc::clone(&n), state.max(platform).max(own(&n)))).collect()
            }
            Self::Platform(_) => {
                let nodes = app.fleet.all_nodes().into_iter();
                nodes.map(|n| (Arc::clone(&n), state.max(region(&n)).max(own(&n)))).collect()
            }
        }
    }

    fn plan(&self, app: &App, request: &SetIntent) -> Plan {
        let force = request.deadline.is_some() && request.on_deadline == OnDeadline::Force;
        let name = match self.of() {
            IntentOf::Platform => "platform".to_owned(),
            IntentOf::Region(id) => format!("region {id}"),
            IntentOf::Node(id) => format!("node {id}"),
        };
        let beneath = self.beneath(app, request.state);
        let all: Vec<Arc<NodeEntry>> = beneath.iter().map(|(n, _)| Arc::clone(n)).collect();
        let stops: BTreeSet<NodeId> =
            beneath.iter().filter(|(_, s)| *s != IntentState::Active).map(|(n, _)| n.id).collect();
        let quiet = request.state != IntentState::Active;
        Plan {
            subject: format!("intent {name} {} {force}", intent::word(request.state)),
            facts: app.fleet.facts_around(&all),
            // What releases is shown for all it reaches; what stops for those that would stop.
            reached: if quiet { stops } else { all.iter().map(|n| n.id).collect() },
            change: if quiet { Change::Stop { force } } else { Change::None },
        }
    }
}

/// What of an intent goes into the activity log.
fn shown(i: &Intent) -> Option<serde_json::Value> {
    Some(json!({
        "state": i.state, "publicReason": i.public_reason, "privateReason": i.private_reason, "until": i.until,
        "deadline": i.deadline, "onDeadline": i.on_deadline,
    }))
}

/// Who changes it: an operator, or the control plane itself.
enum By<'a> {
    Actor(&'a Actor),
    System,
}

impl By<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Actor(actor) => &actor.user.email,
            Self::System => "system",
        }
    }

    fn entry(&self, app: &App, object: &Object) -> Entry {
        let (action, target) = object.target();
        let now = app.clock.wall();
        match self {
            Self::Actor(actor) => actor.act(now, action, target),
            Self::System => Entry::system(now, action, target),
        }
    }
}

/// Stores an intent and tells the fleet; `None` where the object has another version by now.
async fn store(
    app: &Arc<App>,
    by: &By<'_>,
    object: Object,
    request: &SetIntent,
) -> Result<Option<IntentWritten>, ServiceError> {
    let now = app.clock.wall();
    let wanted = intent::wanted(request, by.name(), now);
    let reason = request.private_reason.as_deref().map(str::trim).filter(|r| !r.is_empty());
    let entry = by.entry(app, &object).changed(shown(object.intent()), shown(&wanted)).because(reason);
    let app = Arc::clone(app);
    finish(async move {
        let version = object.version();
        let Some(written) = app.db.intent_set(&object.of(), version, &wanted, &entry).await? else {
            return Ok(None);
        };
        let (was, is) = (object.intent().state, wanted.state);
        let own = OwnIntent { intent: wanted, generation: written.generation };
        match object {
            Object::Platform(_) => app.fleet.platform_update(own),
            Object::Region(region, record) => {
                let (detail, public_reason) =
                    (own.intent.private_reason.clone(), own.intent.public_reason.clone());
                app.fleet.region_update(RegionRecord { intent: own, version: written.version, ..*record });
                if was != is {
                    let (from, to) = (Some(intent::word(was).to_owned()), Some(intent::word(is).to_owned()));
                    let what = What { from, to, detail, public_reason, actor: Some(entry.actor.clone()) };
                    app.fleet.record_region(&region, EventKind::Intent, what);
                }
            }
            Object::Node(_, record) => {
                app.fleet.node_update(NodeRecord { intent: own, version: written.version, ..*record });
            }
        }
        app.fleet.note_change(written.change);
        Ok(Some(written))
    })
    .await
}

/// Checks and makes a change somebody asked for; the number of the change.
async fn set(
    app: &Arc<App>,
    actor: &Actor,
    object: Object,
    version: i64,
    request: &SetIntent,
) -> Result<i64, ServiceError> {
    intent::check(request, object.level(), app.clock.wall()).map_err(ServiceError::Invalid)?;
    if request.deadline.is_some() && request.on_deadline == OnDeadline::Force {
        stepup::require(app, actor)?;
    }
    let stale = |app: &App| match object_again(app, &object) {
        Ok(current) => ServiceError::VersionStale { current },
        Err(e) => e,
    };
    if object.version() != version {
        return Err(stale(app));
    }
    let by = By::Actor(actor);
    let refused = by.entry(app, &object).changed(None, Some(json!({ "state": request.state })));
    object.plan(app, request).guard(app, actor, request.preview_token.as_deref(), refused).await?;
    let again = stale(app);
    match store(app, &by, object, request).await? {
        Some(written) => Ok(written.change),
        None => Err(again),
    }
}

fn object_again(app: &App, object: &Object) -> Result<serde_json::Value, ServiceError> {
    let value = match object {
        Object::Platform(_) => serde_json::to_value(app.fleet.platform()),
        Object::Region(entry, _) => serde_json::to_value(app.fleet.region_detail(entry)),
        Object::Node(entry, _) => serde_json::to_value(entry.node()),
    };
    value.map_err(|e| ServiceError::Internal(e.to_string()))
}

/// Sets a node's intent. `version` is what the change is based on.
///
/// # Errors
/// Field errors, 409 `guard` with a preview, an older version, a role too low.
pub async fn set_node(
    app: &Arc<App>,
    actor: &Actor,
    id: NodeId,
    version: i64,
    request: &SetIntent,
) -> Result<Changed<Node>, ServiceError> {
    let entry = nodes::changeable(app, actor, id)?;
    let change = set(app, actor, Object::node(Arc::clone(&entry)), version, request).await?;
    Ok(Changed { object: entry.node(), change })
}

/// Sets a node's intent as a part of a larger change that was guarded as a whole; on whatever version it has now.
///
/// # Errors
/// Where the node is gone or is being changed again and again.
pub(super) async fn set_unguarded(
    app: &Arc<App>,
    actor: &Actor,
    id: NodeId,
    request: &SetIntent,
) -> Result<i64, ServiceError> {
    for _ in 0..3 {
        let entry = nodes::changeable(app, actor, id)?;
        if let Some(written) = store(app, &By::Actor(actor), Object::node(entry), request).await? {
            return Ok(written.change);
        }
    }
    Err(ServiceError::Busy)
}

/// Sets a region's intent, and with it that of all its nodes.
///
/// # Errors
/// As [`set_node`].
pub async fn set_region(
    app: &Arc<App>,
    actor: &Actor,
    id: &RegionId,
    version: i64,
    request: &SetIntent,
) -> Result<Changed<Region>, ServiceError> {
    let entry = regions::changeable(app, actor, id)?;
    let change = set(app, actor, Object::region(Arc::clone(&entry)), version, request).await?;
    Ok(Changed { object: app.fleet.region_detail(&entry), change })
}

/// Sets the platform's intent, and with it that of every node.
///
/// # Errors
/// As [`set_node`].
pub async fn set_platform(
    app: &Arc<App>,
    actor: &Actor,
    version: i64,
    request: &SetIntent,
) -> Result<Changed<Platform>, ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    let change = set(app, actor, Object::platform(app), version, request).await?;
    Ok(Changed { object: app.fleet.platform(), change })
}

/// The platform's own intent.
///
/// # Errors
/// A role too low.
pub fn platform(app: &App, actor: &Actor) -> Result<Platform, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    Ok(app.fleet.platform())
}

/// What an intent of a node would bring. Reasons need not be there yet.
///
/// # Errors
/// A role too low, no such node.
pub fn preview_node(
    app: &App,
    actor: &Actor,
    id: NodeId,
    request: &SetIntent,
) -> Result<Preview, ServiceError> {
    let entry = nodes::changeable(app, actor, id)?;
    request.check_lengths().map_err(ServiceError::Invalid)?;
    Object::node(entry).plan(app, request).preview(app, actor)
}

/// What an intent of a region would bring.
///
/// # Errors
/// Texts that are too long, a role too low, no such region.
pub fn preview_region(
    app: &App,
    actor: &Actor,
    id: &RegionId,
    request: &SetIntent,
) -> Result<Preview, ServiceError> {
    let entry = regions::changeable(app, actor, id)?;
    request.check_lengths().map_err(ServiceError::Invalid)?;
    Object::region(entry).plan(app, request).preview(app, actor)
}

/// What an intent of the platform would bring.
///
/// # Errors
/// Texts that are too long, a role too low.
pub fn preview_platform(app: &App, actor: &Actor, request: &SetIntent) -> Result<Preview, ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    request.check_lengths().map_err(ServiceError::Invalid)?;
    Object::platform(app).plan(app, request).preview(app, actor)
}

/// Ends what had to end by now. What an operator changes at the same moment is theirs.
///
/// # Errors
/// Where the database fails; the rest waits for the next time.
pub async fn end_over(app: &Arc<App>) -> Result<(), ServiceError> {
    for (of, version) in app.fleet.intents_over(app.clock.wall()) {
        let object = match &of {
            IntentOf::Platform => Some(Object::platform(app)),
            IntentOf::Region(id) => app.fleet.region(id).map(Object::region),
            IntentOf::Node(id) => app.fleet.node(*id).map(Object::node),
        };
        let Some(object) = object.filter(|o| o.version() == version) else { continue };
        let reason = Some("The end of the maintenance has come.".to_owned());
        let request = SetIntent { private_reason: reason, ..intent::active() };
        if store(app, &By::System, object, &request).await?.is_some() {
            tracing::info!(?of, "maintenance ended by itself");
        }
    }
    Ok(())
}
