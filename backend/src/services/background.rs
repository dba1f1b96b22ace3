//! The background node: registered once per cluster, without a region; its secret is the key both ways.

use std::sync::Arc;

use common::auth::Permission;
use common::edit::OVERLAP_DEFAULT_SECONDS;
use common::endpoint::Endpoint;
use common::ids::NodeId;
use common::node::{NodeKind, SipTransport};
use common::problem::FieldError;
use common::singleton::{BackgroundNode, PutBackgroundNode, PutBackgroundReply, Trigger};
use common::snippet;
use common::status::{IntentState, Liveness};
use common::time::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::regions::Changed;
use super::{App, ServiceError, finish, stepup};
use crate::auth::policy::{Actor, authorize};
use crate::auth::secret;
use crate::config::Hidden;
use crate::db::{DbError, NewNode, NewSecret, Versioned};
use crate::domain::activity::{Entry, Target};
use crate::domain::registry::{NodeRecord, OwnIntent, SecretRecord};
use crate::live::fleet::BackgroundFact;

/// Why a job cannot be started now; `ok` where it can.
pub(super) fn trigger(fact: Option<&BackgroundFact>) -> Trigger {
    let no = |code: &str, detail: String, since| Trigger {
        ok: false,
        code: Some(code.to_owned()),
        detail: Some(detail),
        since,
    };
    let Some(fact) = fact else {
        let detail = "Register the background node first: without it, jobs have nowhere to go.";
        return no("background_missing", detail.to_owned(), None);
    };
    let heard = fact.heard_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    let silent = match fact.liveness {
        Liveness::Live => None,
        Liveness::NeverSeen => {
            Some("The background node has not sent a heartbeat since it was registered.".to_owned())
        }
        Liveness::Stale | Liveness::Offline => {
            Some(format!("The background node does not answer. Its last heartbeat came at {heard}."))
        }
        Liveness::Left => {
            Some(format!("The background node was stopped. Its last heartbeat came at {heard}."))
        }
        Liveness::Unconfirmed => Some(format!(
            "Whether the background node runs cannot be judged yet. Its last heartbeat came at {heard}."
        )),
    };
    if let Some(detail) = silent {
        return no("background_not_live", detail, fact.heard_at.or(Some(fact.since)));
    }
    match fact.intent {
        IntentState::Active => Trigger { ok: true, code: None, detail: None, since: None },
        IntentState::Maintenance => {
            let detail = "The background node is in maintenance and takes no new work.";
            no("background_not_accepting", detail.to_owned(), None)
        }
        IntentState::Disabled => {
            no("background_not_accepting", "The background node is disabled.".to_owned(), None)
        }
    }
}

/// The node with its jobs, its key's state and its runs.
///
/// # Errors
/// A role too low; where the database fails.
pub async fn get(app: &App, actor: &Actor) -> Result<BackgroundNode, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    read(app).await
}

async fn read(app: &App) -> Result<BackgroundNode, ServiceError> {
    let runs = app.db.run_active().await?.into_iter().map(|(r, _)| r.run).collect();
    let last = app.db.run_last().await?;
    let entry = app.fleet.background();
    let fact = entry.as_ref().map(|e| e.background_fact());
    Ok(BackgroundNode {
        node: entry.as_ref().map(|e| e.node()),
        trigger: trigger(fact.as_ref()),
        config: entry.as_ref().map(|e| app.fleet.background_sync(e, &app.fleet.diary.newest())),
        jobs_at: fact.as_ref().and_then(|f| f.heard_at.filter(|_| !f.jobs.is_empty())),
        jobs: fact.map(|f| f.jobs).unwrap_or_default(),
        runs,
        last,
    })
}

/// A key for the node, as it will be stored.
struct Key {
    plain: Hidden,
    record: SecretRecord,
    new: NewSecret,
}

impl Key {
    fn make(app: &App, own: Option<&str>, now: Timestamp) -> Result<Self, ServiceError> {
        let plain = own.map_or_else(secret::generate, |s| Ok(s.to_owned()))?;
        let id = Uuid::now_v7();
        let sealed = app.sealer.seal(&super::nodes::place(id), plain.as_bytes())?;
        let record = SecretRecord { hash: secret::hash(&plain), created_at: now, valid_until: None };
        Ok(Self { plain: Hidden::new(plain), record, new: NewSecret { id, sealed } })
    }
}

/// Registers the node, or changes it where there is one; `version` is what the change is based on. `url` is how the node
/// will reach this server.
///
/// # Errors
/// Field errors, a taken address, no or an old version, a role too low.
pub async fn put(
    app: &Arc<App>,
    actor: &Actor,
    request: PutBackgroundNode,
    version: Option<i64>,
    url: &str,
) -> Result<Changed<PutBackgroundReply>, ServiceError> {
    authorize(actor, Permission::Operate, None)?;
    let known = app.fleet.background();
    if known.is_some() && (request.secret.is_some() || request.generate) {
        stepup::require(app, actor)?;
    }
    let endpoint = request.validate().map_err(ServiceError::Invalid)?;
    let now = app.clock.wall();
    let key = match (&request.secret, request.generate || known.is_none()) {
        (Some(own), _) => Some(Key::make(app, Some(own), now)?),
        (None, true) => Some(Key::make(app, None, now)?),
        (None, false) => None,
    };
    let text = |t: &Option<String>| t.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let wanted = Wanted { endpoint, display_name: text(&request.display_name), notes: text(&request.notes) };
    let (app, actor, url) = (Arc::clone(app), actor.clone(), url.to_owned());
    finish(async move {
        let (id, change) = match (known, version) {
            (Some(known), Some(version)) => {
                edit(&app, &actor, known.id, version, &wanted, key.as_ref()).await?
            }
            (Some(_), None) => return Err(ServiceError::VersionNeeded),
            (None, Some(_)) => return Err(ServiceError::VersionStale { current: Value::Null }),
            (None, None) => add(&app, &actor, &wanted, key.as_ref()).await?,
        };
        app.fleet.note_change(change);
        let plain_secret = key.map(|k| k.plain.reveal().to_owned());
        let snippet =
            plain_secret.as_deref().map(|s| snippet::render(NodeKind::Background, &url, id, None, s, None));
        let command =
            plain_secret.as_ref().map(|_| "iqra-node run --appsettings appsettings.json".to_owned());
        let background = read(&app).await?;
        Ok(Changed { object: PutBackgroundReply { background, plain_secret, snippet, command }, change })
    })
    .await
}

/// What the form says besides the key.
struct Wanted {
    endpoint: Endpoint,
    display_name: Option<String>,
    notes: Option<String>,
}

async fn add(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
    key: Option<&Key>,
) -> Result<(NodeId, i64), ServiceError> {
    let Some(key) = key else { return Err(ServiceError::Internal("a node without a key".to_owned())) };
    let now = app.clock.wall();
    let record = NodeRecord {
        id: NodeId(Uuid::now_v7()),
        external_id: None,
        region_id: None,
        kind: NodeKind::Background,
        endpoint: wanted.endpoint.clone(),
        sip_host: None,
        sip_port: None,
        sip_transport: SipTransport::default(),
        display_name: wanted.display_name.clone(),
        notes: wanted.notes.clone(),
        labels: Default::default(),
        development: false,
        max_concurrent_calls: None,
        intent: OwnIntent::new(IntentState::Active, &actor.user.email, now),
        created_at: now,
        version: 1,
        secrets: vec![key.record.clone()],
    };
    let entry = actor
        .act(now, "background.create", target(record.id, &name(&record)))
        .changed(None, Some(json!({ "endpoint": record.endpoint, "secret": key.record.hash.fingerprint() })));
    let new = NewNode {
        record: &record,
        secret_id: key.new.id,
        sealed: &key.new.sealed,
        interval_ms: app.fleet.policy().interval_ms,
    };
    let change = app.db.node_insert(&new, &entry).await.map_err(|e| taken(e, &record.endpoint))?;
    let id = record.id;
    app.fleet.node_add(record);
    Ok((id, change))
}

async fn edit(
    app: &App,
    actor: &Actor,
    id: NodeId,
    version: i64,
    wanted: &Wanted,
    key: Option<&Key>,
) -> Result<(NodeId, i64), ServiceError> {
    let now = app.clock.wall();
    let new = key.map(|k| &k.new);
    let changed = app
        .db
        .node_change(id, version, new, |record| apply(actor, record, wanted, key, now))
        .await
        .map_err(|e| taken(e, &wanted.endpoint))?;
    match changed {
        Versioned::Done { record, change } => {
            app.fleet.node_update(record);
            Ok((id, change))
        }
        Versioned::Same(_) => Ok((id, app.fleet.change())),
        Versioned::Stale(record) => {
            // What this process did not know yet, it knows now.
            app.fleet.node_update(record);
            let node = app.fleet.node(id).map(|n| n.node());
            Err(ServiceError::VersionStale { current: serde_json::to_value(node).unwrap_or_default() })
        }
        Versioned::Missing => Err(ServiceError::VersionStale { current: Value::Null }),
    }
}

/// Changes the record; what is noted of it, or `None` where nothing changes.
fn apply(
    actor: &Actor,
    record: &mut NodeRecord,
    wanted: &Wanted,
    key: Option<&Key>,
    now: Timestamp,
) -> Option<Entry> {
    let fields = |r: &NodeRecord| {
        json!({
            "endpoint": r.endpoint, "displayName": r.display_name, "notes": r.notes,
            "secret": r.secrets.first().map(|s| s.hash.fingerprint()),
        })
    };
    let before = fields(record);
    record.endpoint = wanted.endpoint.clone();
    record.display_name = wanted.display_name.clone();
    record.notes = wanted.notes.clone();
    if let Some(key) = key.filter(|k| record.secrets.first().is_none_or(|s| s.hash != k.record.hash)) {
        // The node goes on with the key it has until somebody gives it the new one.
        let until = Timestamp(now.millis().saturating_add(i64::from(OVERLAP_DEFAULT_SECONDS) * 1000));
        record.secrets.truncate(1);
        for old in &mut record.secrets {
            old.valid_until = Some(until);
        }
        // The newest is found by its time, also where the clock was set back.
        let after = record.secrets.first().map_or(now, |old| now.max(old.created_at.later(1)));
        record.secrets.insert(0, SecretRecord { created_at: after, ..key.record.clone() });
    }
    let after = fields(record);
    let (before, after) = different(&before, &after)?;
    let what = if after.get("secret").is_some() { "background.key" } else { "background.update" };
    Some(actor.act(now, what, target(record.id, &name(record))).changed(Some(before), Some(after)))
}

/// The members in which two objects differ.
fn different(before: &Value, after: &Value) -> Option<(Value, Value)> {
    let (was, is) = (before.as_object()?, after.as_object()?);
    let keys: Vec<&String> = is.keys().filter(|k| was.get(*k) != is.get(*k)).collect();
    let pick = |of: &serde_json::Map<String, Value>| -> Value {
        keys.iter().filter_map(|k| Some(((*k).clone(), of.get(*k)?.clone()))).collect()
    };
    (!keys.is_empty()).then(|| (pick(was), pick(is)))
}

pub(super) fn target(id: NodeId, name: &str) -> Target {
    Target { kind: "background", ..Target::node(id, name, None) }
}

fn name(record: &NodeRecord) -> String {
    record.display_name.clone().unwrap_or_else(|| record.endpoint.authority())
}

fn taken(e: DbError, endpoint: &Endpoint) -> ServiceError {
    let conflict = |code, field: &str, detail: String| ServiceError::Conflict {
        code,
        errors: vec![FieldError::new(field, code, detail.clone())],
        detail,
    };
    match e {
        DbError::Unique(c) if c == "nodes_endpoint" => {
            let detail = format!("Another node is registered at {}{}.", endpoint.authority(), endpoint.path);
            conflict("endpoint_taken", "endpoint", detail)
        }
        // Somebody registered it in the same moment.
        DbError::Unique(c) if c == "nodes_one_background" => {
            ServiceError::VersionStale { current: Value::Null }
        }
        DbError::Unique(c) if c.starts_with("node_secrets") => {
            let detail = "This key belongs to another node. Every node has a key of its own.";
            conflict("secret_taken", "secret", detail.to_owned())
        }
        other => other.into(),
    }
}

/// Deletes the node under the conditions of any node; the number of the change.
///
/// # Errors
/// None is registered; 409 `delete_refused` with the preconditions, an older version, a role too low.
pub async fn delete(
    app: &Arc<App>,
    actor: &Actor,
    version: i64,
    sessions_lost: bool,
) -> Result<i64, ServiceError> {
    authorize(actor, Permission::Operate, None)?;
    let none = || ServiceError::NotFound { what: "background node", id: String::new() };
    let id = app.fleet.background().ok_or_else(none)?.id;
    super::deletion::delete_node(app, actor, id, version, sessions_lost).await
}
