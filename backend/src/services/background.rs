//! The background node: registered once per cluster, without a region; its secret is the key both ways.

use std::sync::Arc;

use common::auth::Permission;
use common::edit::OVERLAP_DEFAULT_SECONDS;
use common::endpoint::Endpoint;
use common::ids::NodeId;
use common::node::{NodeKind, SipTransport};
use common::problem::FieldError;
use common::singleton::{
    BackgroundNode, ConfigSync, PutBackgroundNode, PutBackgroundReply, SyncEvidence, SyncSource, SyncVerdict,
    Trigger, TriggerCode,
};
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
use crate::live::fleet::{BackgroundFact, NodeEntry};

/// Why a job cannot be started now; `ok` where it can. A node that is heard gets its jobs by heartbeat, also while it
/// goes on with the key before. Where it is not, a key that it was seen to differ in since is why.
pub(super) fn trigger(known: Option<(&BackgroundFact, &ConfigSync)>) -> Trigger {
    let no = |code, detail: &str, since| Trigger {
        ok: false,
        code: Some(code),
        detail: Some(detail.to_owned()),
        since,
    };
    let Some((fact, sync)) = known else {
        let detail = "Register the background node first: without it, jobs have nowhere to go.";
        return no(TriggerCode::Missing, detail, None);
    };
    // It ends when it is disabled, so silence says nothing more.
    if fact.intent == IntentState::Disabled {
        return no(TriggerCode::Disabled, "The background node is disabled. Enable it first.", None);
    }
    let since = fact.heard_at.or(Some(fact.since));
    if fact.liveness != Liveness::Live
        && let Some(at) = differs(fact, sync)
    {
        return no(TriggerCode::KeysDiffer, &sync.detail, Some(at));
    }
    let heard = fact.heard_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    let (code, detail) = match fact.liveness {
        Liveness::Live if fact.intent == IntentState::Maintenance => {
            let detail = "The background node is in maintenance and takes no new work. End the maintenance first.";
            return no(TriggerCode::Maintenance, detail, None);
        }
        Liveness::Live => return Trigger { ok: true, code: None, detail: None, since: None },
        Liveness::NeverSeen => (
            TriggerCode::NeverSeen,
            "The background node has not sent a heartbeat since it was registered. Start it with its settings."
                .to_owned(),
        ),
        Liveness::Stale | Liveness::Offline => (
            TriggerCode::Unreachable,
            format!("The background node does not answer. Its last heartbeat came at {heard}."),
        ),
        Liveness::Left => (
            TriggerCode::Unreachable,
            format!("The background node was stopped. Its last heartbeat came at {heard}."),
        ),
        Liveness::Unconfirmed => (
            TriggerCode::Unconfirmed,
            format!("Whether the background node runs cannot be judged yet. Its last heartbeat came at {heard}."),
        ),
    };
    no(code, &detail, since)
}

/// Since when the node is known to hold another key: what was refused, here or there, after its last good heartbeat.
fn differs(fact: &BackgroundFact, sync: &ConfigSync) -> Option<Timestamp> {
    let refused = |e: &&SyncEvidence| {
        !e.agrees && e.source != SyncSource::Heartbeat && fact.heard_at.is_none_or(|heard| e.at >= heard)
    };
    let times = sync.evidence.iter().filter(refused).map(|e| e.at);
    times.min().filter(|_| sync.verdict == SyncVerdict::Differs)
}

/// What stands against a job of the registered node now, together with what is known of the node.
pub(super) fn ready(
    app: &App,
    entry: Option<&Arc<NodeEntry>>,
) -> (Option<BackgroundFact>, Option<ConfigSync>, Trigger) {
    let fact = entry.map(|e| e.background_fact());
    let sync = entry.map(|e| app.fleet.background_sync(e, &app.fleet.diary.newest()));
    let trigger = trigger(fact.as_ref().zip(sync.as_ref()));
    (fact, sync, trigger)
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
    let (fact, config, trigger) = ready(app, entry.as_ref());
    Ok(BackgroundNode {
        node: entry.as_ref().map(|e| e.node()),
        trigger,
        config,
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEARD: Timestamp = Timestamp(1_000_000);

    fn fact(liveness: Liveness) -> BackgroundFact {
        BackgroundFact {
            liveness,
            since: Timestamp(900_000),
            intent: IntentState::Active,
            boot_id: None,
            heard_at: (liveness != Liveness::NeverSeen).then_some(HEARD),
            jobs: Vec::new(),
        }
    }

    fn sync(verdict: SyncVerdict, evidence: &[(SyncSource, bool, i64)]) -> ConfigSync {
        let found = |(source, agrees, at): &(SyncSource, bool, i64)| SyncEvidence {
            source: *source,
            agrees: *agrees,
            at: Timestamp(*at),
            fingerprint: None,
            detail: String::new(),
        };
        ConfigSync {
            verdict,
            fingerprint: "41aa0000".to_owned(),
            presented: None,
            checked_at: None,
            detail: "Keys differ.".to_owned(),
            evidence: evidence.iter().map(found).collect(),
        }
    }

    fn code(fact: &BackgroundFact, sync: &ConfigSync) -> Option<TriggerCode> {
        let t = trigger(Some((fact, sync)));
        assert_eq!(t.ok, t.code.is_none(), "{t:?}");
        t.code
    }

    #[test]
    fn each_reason_has_its_code() {
        let unknown = sync(SyncVerdict::Unknown, &[]);
        assert_eq!(trigger(None).code, Some(TriggerCode::Missing));
        let of = |liveness| code(&fact(liveness), &unknown);
        assert_eq!(of(Liveness::Live), None);
        assert_eq!(of(Liveness::NeverSeen), Some(TriggerCode::NeverSeen));
        for silent in [Liveness::Stale, Liveness::Offline, Liveness::Left] {
            assert_eq!(of(silent), Some(TriggerCode::Unreachable));
        }
        assert_eq!(of(Liveness::Unconfirmed), Some(TriggerCode::Unconfirmed));
        let wanted = |intent, liveness| code(&BackgroundFact { intent, ..fact(liveness) }, &unknown);
        assert_eq!(wanted(IntentState::Maintenance, Liveness::Live), Some(TriggerCode::Maintenance));
        assert_eq!(wanted(IntentState::Maintenance, Liveness::Offline), Some(TriggerCode::Unreachable));
        // A disabled node ends: that is why it is silent.
        assert_eq!(wanted(IntentState::Disabled, Liveness::Left), Some(TriggerCode::Disabled));
    }

    #[test]
    fn a_key_that_differs_is_why_a_node_is_not_heard() {
        let refused = sync(SyncVerdict::Differs, &[(SyncSource::RefusedHeartbeat, false, 1_000_500)]);
        let never = trigger(Some((&fact(Liveness::NeverSeen), &refused)));
        let found = (never.code, never.detail.as_deref(), never.since);
        assert_eq!(found, (Some(TriggerCode::KeysDiffer), Some("Keys differ."), Some(Timestamp(1_000_500))));
        let endpoint = sync(SyncVerdict::Differs, &[(SyncSource::Endpoint, false, 1_000_500)]);
        assert_eq!(code(&fact(Liveness::Offline), &endpoint), Some(TriggerCode::KeysDiffer));
        // It is heard: the job goes with the next reply, whatever its endpoint says.
        assert_eq!(code(&fact(Liveness::Live), &endpoint), None);
        // It was heard since, or spoke with the key before: it is away for another reason.
        let before = sync(SyncVerdict::Differs, &[(SyncSource::Endpoint, false, 999_000)]);
        assert_eq!(code(&fact(Liveness::Offline), &before), Some(TriggerCode::Unreachable));
        let former = sync(SyncVerdict::Differs, &[(SyncSource::Heartbeat, false, 1_000_000)]);
        assert_eq!(code(&fact(Liveness::Left), &former), Some(TriggerCode::Unreachable));
    }
}
