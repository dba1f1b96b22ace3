//! Attempts that were denied or refused before a use case could note them in words of its own.

use common::activity::Outcome;
use common::ids::{CommandId, NodeId, RegionId, TokenId, UserId, WebhookId};
use parking_lot::Mutex;
use percent_encoding::percent_decode_str;
use serde_json::json;
use uuid::Uuid;

use super::TEXT_MAX;
use crate::auth::policy::Actor;
use crate::domain::activity::{Entry, Target};
use crate::domain::denials::{self, More, Seen};
use crate::domain::operation::{Operation, Which, asked};
use crate::services::App;

/// Dotted verb of a request that no operation answers to.
const UNKNOWN: &str = "request";
/// Dotted verb of those that have no entry of their own.
const MORE: &str = "activity.more";

/// What has an entry of its own, and what is counted.
#[derive(Default)]
pub struct Denials(Mutex<denials::Denials>);

/// A change that was denied or refused.
pub struct Denied<'a> {
    /// Such as `DELETE`.
    pub method: &'a str,
    /// Of the request.
    pub path: &'a str,
    /// The region that the refusal names.
    pub region: Option<RegionId>,
    /// Why, as told.
    pub why: &'a str,
    /// Which of the two.
    pub outcome: Outcome,
}

/// Notes it as the operation that was asked for and what that is about, unless the use case has noted it.
pub async fn note_denied(app: &App, actor: &Actor, d: &Denied<'_>) {
    match app.db.activity_of_request(&actor.origin.request_id).await {
        Ok(false) => {}
        Ok(true) => return,
        Err(e) => tracing::warn!(error = %e, "whether this was noted is not known"),
    }
    let path: String = d.path.chars().take(TEXT_MAX).collect();
    let request = format!("{} {path}", d.method);
    let operation = asked(d.method, d.path);
    let action = operation.map_or(UNKNOWN, |o| o.action);
    let (name, at) = (actor.name(), app.clock.wall());
    let seen = Seen { actor: &name, source: &actor.origin.source, action, at };
    if !app.denials.0.lock().admit(&seen, app.clock.mono()) {
        return;
    }
    let mut target = match operation {
        Some(o) => target(app, actor, o, d.path).await,
        None => Target::named("request", &request),
    };
    target.region_id = target.region_id.or_else(|| d.region.clone());
    let entry = actor
        .act(at, action, target)
        .changed(None, Some(json!({ "request": request })))
        .because(Some(d.why))
        .ended(d.outcome);
    if !super::written(app, &entry).await {
        app.denials.0.lock().unwritten(&seen, app.clock.mono());
    }
}

/// Notes together what has no entry of its own: of everybody whose five minutes are over, or of all where the server
/// stops.
pub async fn note_more(app: &App, all: bool) {
    let mut due = app.denials.0.lock().take(app.clock.mono(), all).into_iter();
    while let Some(more) = due.next() {
        if !super::written(app, &together(app, &more)).await {
            // One that fails is no reason to wait for each of the others.
            let mut denials = app.denials.0.lock();
            std::iter::once(more).chain(due).for_each(|more| denials.put_back(more));
            return;
        }
    }
}

fn together(app: &App, more: &More) -> Entry {
    let More { count, since, until, sources, actions, .. } = more;
    let why = format!("{count} more were denied or refused between {since} and {until}.");
    let facts =
        json!({ "count": count, "since": since, "until": until, "sources": sources, "actions": actions });
    Entry {
        actor: more.actor.clone(),
        source: sources.first().cloned(),
        ..Entry::system(app.clock.wall(), MORE, Target::named("request", ""))
    }
    .changed(None, Some(facts))
    .because(Some(&why))
    .ended(Outcome::Denied)
}

/// What an operation is about, with its name where there is such an object.
async fn target(app: &App, actor: &Actor, o: &Operation, path: &str) -> Target {
    match o.which {
        Which::Named(name) => named(app, o.kind, &parameter(o, name, path)).await,
        Which::OfCommand(name) => of_command(app, &parameter(o, name, path)).await,
        Which::Only(id) => Target::named(o.kind, id),
        Which::Background => match app.fleet.background() {
            Some(e) => Target { kind: o.kind, ..Target::node(e.id, &e.name(), None) },
            None => Target::named(o.kind, "background-node"),
        },
        Which::Oneself => Target {
            name: Some(actor.user.email.clone()),
            ..Target::named(o.kind, &actor.user.id.to_string())
        },
        Which::OwnSession => Target::named(o.kind, &actor.user.email),
        Which::Unnamed => Target::named(o.kind, ""),
    }
}

/// As typed, cut to what an id can be.
fn parameter(o: &Operation, name: &str, path: &str) -> String {
    let text = percent_decode_str(o.parameter(name, path).unwrap_or_default()).decode_utf8_lossy();
    text.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect()
}

async fn named(app: &App, kind: &'static str, id: &str) -> Target {
    let uuid = id.parse::<Uuid>().ok();
    if matches!(kind, "region" | "storage") {
        let region = RegionId::from(id);
        let known = app.fleet.region(&region).is_some();
        return Target { kind, region_id: known.then(|| region.clone()), ..Target::region(&region) };
    }
    if let Some(node) = uuid.filter(|_| kind == "node").and_then(|id| app.fleet.node(NodeId(id))) {
        return Target::node(node.id, &node.name(), node.region_id().as_ref());
    }
    let name = match (kind, uuid) {
        ("user", Some(id)) => app.db.user_by_id(UserId(id)).await.ok().flatten().map(|u| u.user.email),
        ("token", Some(id)) => app.db.token(TokenId(id)).await.ok().flatten().map(|t| t.token.name),
        ("webhook", Some(id)) => app.db.webhook(WebhookId(id)).await.ok().flatten().map(|w| w.name),
        _ => None,
    };
    Target { name, ..Target::named(kind, id) }
}

async fn of_command(app: &App, id: &str) -> Target {
    let Ok(command) = id.parse::<Uuid>().map(CommandId) else { return Target::named("command", id) };
    let node = match app.fleet.holder_of(command) {
        Some(node) => Some(node),
        None => {
            let known = app.db.command(command).await.ok().flatten();
            known.and_then(|c| app.fleet.node(c.node_id))
        }
    };
    match node {
        Some(node) => Target::node(node.id, &node.name(), node.region_id().as_ref()),
        None => Target::named("command", id),
    }
}
