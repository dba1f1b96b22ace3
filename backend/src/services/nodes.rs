//! Nodes: add with a secret, read.

use std::sync::Arc;

use common::auth::Permission;
use common::ids::NodeId;
use common::node::{CreateNode, CreatedNode, Node, NodePage};
use common::problem::FieldError;
use common::snippet;
use common::status::IntentState;
use uuid::Uuid;

use super::regions::Changed;
use super::{App, ServiceError, finish};
use crate::auth::policy::{Actor, authorize};
use crate::auth::secret;
use crate::db::{DbError, NewNode};
use crate::domain::activity::Target;
use crate::domain::registry::{NodeRecord, OwnIntent, SecretRecord};
use crate::live::fleet::NodeFilter;

/// Where a node secret is sealed for: its row.
fn place(secret_id: Uuid) -> String {
    format!("node_secrets.sealed:{secret_id}")
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
    let plain_secret = secret::generate()?;
    let (node_id, secret_id) = (NodeId(Uuid::now_v7()), Uuid::now_v7());
    let sealed = app.sealer.seal(&place(secret_id), plain_secret.as_bytes())?;
    let text = |t: Option<String>| t.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
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
    let command = "iqra-node run --appsettings appsettings.json".to_owned();
    let name = record.display_name.clone().unwrap_or_else(|| record.endpoint.authority());
    let entry = actor.act(now, "node.create", Target::node(node_id, &name, record.region_id.as_ref())).changed(
        None,
        Some(serde_json::json!({ "kind": record.kind, "endpoint": record.endpoint, "regionId": record.region_id, "state": state })),
    );
    let app = Arc::clone(app);
    finish(async move {
        let new = NewNode {
            record: &record,
            secret_id,
            sealed: &sealed,
            interval_ms: app.fleet.policy().interval_ms,
        };
        let change = app.db.node_insert(&new, &entry).await.map_err(|e| taken(e, &record))?;
        let entry = app.fleet.node_add(record);
        app.fleet.note_change(change);
        Ok(Changed { object: CreatedNode { node: entry.node(), plain_secret, snippet, command }, change })
    })
    .await
}

fn taken(e: DbError, record: &NodeRecord) -> ServiceError {
    match e {
        DbError::Unique(constraint) if constraint == "nodes_endpoint" => {
            let detail = format!(
                "Another node is registered at {}{}.",
                record.endpoint.authority(),
                record.endpoint.path
            );
            ServiceError::Conflict {
                code: "endpoint_taken",
                errors: vec![FieldError::new("endpoint", "endpoint_taken", detail.clone())],
                detail,
            }
        }
        DbError::Unique(constraint) if constraint == "nodes_external_id" => {
            let detail = "Another node has this external id.".to_owned();
            ServiceError::Conflict {
                code: "external_id_taken",
                errors: vec![FieldError::new("externalId", "external_id_taken", detail.clone())],
                detail,
            }
        }
        DbError::Missing(_) => {
            let detail = "The region was deleted meanwhile.";
            ServiceError::Invalid(vec![FieldError::new("regionId", "region_unknown", detail)])
        }
        other => other.into(),
    }
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
    Ok(NodePage { items, next_cursor })
}
