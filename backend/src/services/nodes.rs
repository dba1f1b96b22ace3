//! Nodes: add with a secret, change, read.

use std::sync::Arc;

use common::activity::EventKind;
use common::auth::Permission;
use common::edit::EditNode;
use common::endpoint::Endpoint;
use common::ids::NodeId;
use common::node::{CreateNode, CreatedNode, Node, NodePage};
use common::node_order::{NodeOrder, NodeSort};
use common::problem::FieldError;
use common::snippet;
use common::status::IntentState;
use uuid::Uuid;

use super::regions::Changed;
use super::{App, ServiceError, finish};
use crate::auth::policy::{Actor, authorize};
use crate::auth::secret;
use crate::db::{DbError, NewNode, Versioned};
use crate::domain::activity::Target;
use crate::domain::registry::{NodeRecord, OwnIntent, SecretRecord};
use crate::live::fleet::{NodeEntry, NodeFilter, What};

/// Where a node secret is sealed for: its row.
pub(super) fn place(secret_id: Uuid) -> String {
    crate::auth::place::node_secret(secret_id)
}

/// Adds a node; its secret is in the reply and nowhere else. `url` is how the node will reach this server.
///
/// # Errors
/// Field errors, a taken address, no such region, a role too low.
pub async fn create(
    app: &Arc<App>,
    actor: &Actor,
    request: CreateNode,
    url: &str,
) -> Result<Changed<CreatedNode>, ServiceError> {
    authorize(actor, Permission::Operate, Some(&request.region_id))?;
    let endpoint = request.validate();
    let known = app.fleet.region(&request.region_id).is_some();
    let endpoint = match endpoint {
        Ok(endpoint) if known => endpoint,
        other => {
            let mut errors = other.err().unwrap_or_default();
            if !known {
                let detail = format!("There is no region {}.", request.region_id);
                errors.insert(0, FieldError::new("regionId", "region_unknown", detail));
            }
            return Err(ServiceError::Invalid(errors));
        }
    };
    let now = app.clock.wall();
    let plain_secret = match request.secret {
        Some(own) => own.0,
        None => secret::generate()?,
    };
    let (node_id, secret_id) = (NodeId(Uuid::now_v7()), Uuid::now_v7());
    let sealed = app.sealer.seal(&place(secret_id), plain_secret.as_bytes())?;
    let state = if request.start_in_maintenance { IntentState::Maintenance } else { IntentState::Active };
    let record = NodeRecord {
        id: node_id,
        external_id: request.external_id,
        region_id: Some(request.region_id.clone()),
        kind: request.kind,
        sip_host: text(request.sip_host).or_else(|| Some(endpoint.host.clone())),
        endpoint,
        sip_port: request.sip_port.or_else(|| request.kind.default_sip_port()),
        sip_transport: request.sip_transport,
        display_name: text(request.display_name),
        notes: text(request.notes),
        labels: request.labels,
        development: request.development,
        max_concurrent_calls: request.max_concurrent_calls,
        intent: OwnIntent::new(state, &actor.user.email, now),
        created_at: now,
        version: 1,
        secrets: vec![SecretRecord { hash: secret::hash(&plain_secret), created_at: now, valid_until: None }],
    };
    let snippet = snippet::render(
        record.kind,
        url,
        node_id,
        record.region_id.as_ref(),
        &plain_secret,
        record.max_concurrent_calls,
    );
    let command = super::secrets::COMMAND.to_owned();
    let entry = actor.act(now, "node.create", Target::node(node_id, &record.name(), record.region_id.as_ref())).changed(
        None,
        Some(serde_json::json!({ "kind": record.kind, "endpoint": record.endpoint, "regionId": record.region_id, "state": state })),
    );
    let (app, by) = (Arc::clone(app), actor.user.email.clone());
    finish(async move {
        let new = NewNode {
            record: &record,
            secret_id,
            sealed: &sealed,
            interval_ms: app.fleet.policy().interval_ms,
        };
        let change = app.db.node_insert(&new, &entry).await.map_err(|e| taken(e, &record.endpoint))?;
        let entry = app.fleet.node_add(record);
        let what = What { to: Some("added".to_owned()), actor: Some(by), ..What::default() };
        app.fleet.record_node(&entry, EventKind::Registry, what);
        app.fleet.note_change(change);
        Ok(Changed {
            object: CreatedNode { node: entry.node(), plain_secret, snippet, command, secret_shown: false },
            change,
        })
    })
    .await
}

/// What of a node is taken by another, by the constraint it breaks.
pub(super) fn taken(e: DbError, endpoint: &Endpoint) -> ServiceError {
    let constraint = match &e {
        DbError::Unique(constraint) => constraint.as_str(),
        DbError::Missing(_) => {
            let detail = "The region was deleted meanwhile.";
            return ServiceError::Invalid(vec![FieldError::new("regionId", "region_unknown", detail)]);
        }
        _ => return e.into(),
    };
    let (field, code, detail) = match constraint {
        "nodes_endpoint" => {
            let detail = format!("Another node is registered at {}{}.", endpoint.authority(), endpoint.path);
            ("endpoint", "endpoint_taken", detail)
        }
        "nodes_external_id" => {
            ("externalId", "external_id_taken", "Another node has this external id.".to_owned())
        }
        // On purpose not whose: a guessed secret must not lead to a server.
        "node_secrets_sha256_key" => {
            ("secret", "secret_taken", "This secret is in use already. Choose another one.".to_owned())
        }
        _ => return e.into(),
    };
    let errors = vec![FieldError::new(field, code, detail.clone())];
    ServiceError::Conflict { code, detail, errors }
}

/// A node that somebody wants to change. Who may is decided before what is there.
///
/// # Errors
/// A role too low, another region, or there is none.
pub(super) fn changeable(app: &App, actor: &Actor, id: NodeId) -> Result<Arc<NodeEntry>, ServiceError> {
    if !Permission::Operate.granted_to(actor.user.role) {
        return Err(ServiceError::NeedsRole(Permission::Operate.least_role()));
    }
    let entry =
        app.fleet.node(id).ok_or_else(|| ServiceError::NotFound { what: "node", id: id.to_string() })?;
    authorize(actor, Permission::Operate, entry.region_id().as_ref())?;
    Ok(entry)
}

/// Brings what was stored to memory; the node as it is now and the number of the change.
///
/// # Errors
/// Somebody changed it meanwhile, or it is gone.
pub(super) fn taken_over(
    app: &App,
    id: NodeId,
    outcome: Versioned<NodeRecord>,
) -> Result<(Arc<NodeEntry>, i64, bool), ServiceError> {
    let gone = || ServiceError::NotFound { what: "node", id: id.to_string() };
    let (record, change) = match outcome {
        Versioned::Done { record, change } => (record, Some(change)),
        Versioned::Same(record) => (record, None),
        Versioned::Stale(record) => {
            let entry = app.fleet.node_update(record).ok_or_else(gone)?;
            return Err(stale(&entry.node()));
        }
        Versioned::Missing => return Err(gone()),
    };
    let entry = app.fleet.node_update(record).ok_or_else(gone)?;
    if let Some(change) = change {
        app.fleet.note_change(change);
    }
    Ok((entry, change.unwrap_or_else(|| app.fleet.change()), change.is_some()))
}

/// 412 with the object as it is now.
pub(super) fn stale(object: &impl serde::Serialize) -> ServiceError {
    match serde_json::to_value(object) {
        Ok(current) => ServiceError::VersionStale { current },
        Err(e) => ServiceError::Internal(e.to_string()),
    }
}

/// Changes a node's registration; what changes nothing is no change.
///
/// # Errors
/// Field errors, a taken address or external id, an older version, a role too low.
pub async fn edit(
    app: &Arc<App>,
    actor: &Actor,
    id: NodeId,
    version: i64,
    request: EditNode,
) -> Result<Changed<Node>, ServiceError> {
    changeable(app, actor, id)?;
    let endpoint = request.validate().map_err(ServiceError::Invalid)?;
    let now = app.clock.wall();
    let (app, actor) = (Arc::clone(app), actor.clone());
    finish(async move {
        let shown = endpoint.clone();
        let mut names = Vec::new();
        let outcome = app
            .db
            .node_change(id, version, None, |record| {
                let before = editable(record);
                apply(record, request, endpoint);
                let (before, after) = differing(before, editable(record))?;
                names = after.keys().cloned().collect();
                let target = Target::node(id, &record.name(), record.region_id.as_ref());
                Some(actor.act(now, "node.update", target).changed(Some(before.into()), Some(after.into())))
            })
            .await
            .map_err(|e| match shown {
                Some(endpoint) => taken(e, &endpoint),
                None => app.fleet.node(id).map_or_else(
                    || ServiceError::NotFound { what: "node", id: id.to_string() },
                    |n| taken(e, &n.record().endpoint),
                ),
            })?;
        let (entry, change, changed) = taken_over(&app, id, outcome)?;
        if changed {
            let what = What {
                to: Some("edited".to_owned()),
                detail: Some(names.join(", ")),
                actor: Some(actor.user.email.clone()),
                ..What::default()
            };
            app.fleet.record_node(&entry, EventKind::Registry, what);
        }
        Ok(Changed { object: entry.node(), change })
    })
    .await
}

/// Trimmed; what is empty then is nothing.
fn text(t: Option<String>) -> Option<String> {
    t.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

fn apply(r: &mut NodeRecord, e: EditNode, endpoint: Option<Endpoint>) {
    if let Some(endpoint) = endpoint {
        r.endpoint = endpoint;
    }
    if let Some(host) = e.sip_host {
        r.sip_host = text(host).or_else(|| Some(r.endpoint.host.clone()));
    }
    if let Some(port) = e.sip_port {
        r.sip_port = port.or_else(|| r.kind.default_sip_port());
    }
    if let Some(transport) = e.sip_transport {
        r.sip_transport = transport;
    }
    if let Some(name) = e.display_name {
        r.display_name = text(name);
    }
    if let Some(notes) = e.notes {
        r.notes = text(notes);
    }
    if let Some(labels) = e.labels {
        r.labels = labels.unwrap_or_default();
    }
    if let Some(development) = e.development {
        r.development = development;
    }
    if let Some(max) = e.max_concurrent_calls {
        r.max_concurrent_calls = max;
    }
    if let Some(external) = e.external_id {
        r.external_id = external;
    }
}

type Fields = serde_json::Map<String, serde_json::Value>;

/// The fields an edit can change, by their names on the wire.
fn editable(r: &NodeRecord) -> Fields {
    let fields = serde_json::json!({
        "endpoint": r.endpoint, "sipHost": r.sip_host, "sipPort": r.sip_port, "sipTransport": r.sip_transport,
        "displayName": r.display_name, "notes": r.notes, "labels": r.labels, "development": r.development,
        "maxConcurrentCalls": r.max_concurrent_calls, "externalId": r.external_id,
    });
    match fields {
        serde_json::Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// Only what differs, as it was and as it is; `None` where nothing does.
pub(super) fn differing(mut before: Fields, mut after: Fields) -> Option<(Fields, Fields)> {
    let same: Vec<String> = before
        .iter()
        .filter(|(name, value)| after.get(*name) == Some(*value))
        .map(|(n, _)| n.clone())
        .collect();
    for name in &same {
        before.remove(name);
        after.remove(name);
    }
    (!after.is_empty()).then_some((before, after))
}

/// One node.
///
/// # Errors
/// Where there is none.
pub fn get(app: &App, actor: &Actor, id: NodeId) -> Result<Node, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let entry =
        app.fleet.node(id).ok_or_else(|| ServiceError::NotFound { what: "node", id: id.to_string() })?;
    Ok(entry.node())
}

/// A page of nodes by id.
///
/// # Errors
/// A role too low.
pub fn list(
    app: &App,
    actor: &Actor,
    filter: &NodeFilter,
    after: Option<NodeId>,
    limit: usize,
) -> Result<NodePage, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let (items, more) = app.fleet.node_page(filter, after, limit);
    let next_cursor = items.last().filter(|_| more).map(|n| n.id().to_string());
    Ok(NodePage { items, next_cursor, total: app.fleet.node_total(filter) })
}

/// Which nodes a list holds, in order, without the nodes themselves.
///
/// # Errors
/// A role too low.
pub fn order(
    app: &App,
    actor: &Actor,
    filter: &NodeFilter,
    sort: NodeSort,
) -> Result<NodeOrder, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    Ok(app.fleet.node_order(filter, sort))
}
