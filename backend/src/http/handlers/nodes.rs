//! Nodes.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use common::edit::EditNode;
use common::ids::{NodeId, RegionId};
use common::node::{CreateNode, CreatedNode, Node, NodeKind, NodePage};
use common::paths;
use common::problem::Problem;
use common::status::StatusWord;
use serde::Deserialize;

use super::{BodyErrors, Refusals, Versions, changed, created, limit, read};
use crate::http::extract::{Body, IfMatch, Query, Signed, public_url};
use crate::http::problem::ApiError;
use crate::live::fleet::{LabelFilter, NodeFilter};
use crate::services::App;
use crate::services::{ServiceError, nodes};

/// Most labels a list can ask for.
const LABELS_MAX: usize = 16;

/// A page of nodes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListQuery {
    region_id: Option<String>,
    kind: Option<NodeKind>,
    #[serde(default)]
    label: Vec<String>,
    status: Option<String>,
    q: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// All nodes by id, or those that pass every filter.
#[utoipa::path(tag = "nodes", operation_id = "listNodes", summary = "List nodes",
    security(("accessToken" = []), ("session" = [])),
    params(("regionId" = Option<String>, Query, description = "Of this region only"),
           ("kind" = Option<NodeKind>, Query, description = "Of this kind only"),
           ("label" = Option<Vec<String>>, Query, description = "With this label: `key=value`, or `key` for any value; given more than once, with all of them (at most 16)", example = "rack=b2"),
           ("status" = Option<String>, Query, description = "With one of these status words, with commas between", example = "offline,stale"),
           ("q" = Option<String>, Query, description = "With this text in name, address, SIP host, ids, host name or labels", max_length = 100),
           ("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before; with the same filters")),
    responses((status = 200, body = NodePage), Refusals,
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/nodes")]
pub async fn list_nodes(
    Signed(actor): Signed,
    Query(q): Query<ListQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let after = match q.cursor.as_deref().map(str::parse::<NodeId>) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => return Err(ApiError::field("#query/cursor", "cursor", "Not a cursor of this list.")),
    };
    let filter = NodeFilter {
        region_id: q.region_id.as_deref().map(RegionId::from),
        kind: q.kind,
        labels: labels(&q.label)?,
        words: words(q.status.as_deref())?,
        text: searched(q.q.as_deref())?,
    };
    Ok(HttpResponse::Ok().json(nodes::list(&app, &actor, &filter, after, limit(q.limit)?)?))
}

fn labels(asked: &[String]) -> Result<Vec<LabelFilter>, ApiError> {
    if asked.len() > LABELS_MAX || asked.iter().any(|l| l.is_empty() || l.len() > 200) {
        let detail = "label is key=value or key, at most 16 times.";
        return Err(ApiError::field("#query/label", "label", detail));
    }
    let one = |l: &String| match l.split_once('=') {
        Some((key, value)) => LabelFilter { key: key.to_owned(), value: Some(value.to_owned()) },
        None => LabelFilter { key: l.clone(), value: None },
    };
    Ok(asked.iter().map(one).collect())
}

fn words(asked: Option<&str>) -> Result<Vec<StatusWord>, ApiError> {
    let Some(asked) = asked.filter(|a| !a.is_empty()) else { return Ok(Vec::new()) };
    let word = |text: &str| serde_json::from_value(serde_json::Value::String(text.trim().to_owned())).ok();
    let known: Option<Vec<StatusWord>> = asked.split(',').take(32).map(word).collect();
    known.ok_or_else(|| {
        let detail = "status has status words such as offline, with commas between.";
        ApiError::field("#query/status", "status", detail)
    })
}

fn searched(asked: Option<&str>) -> Result<Option<String>, ApiError> {
    let text = asked.map(|q| q.trim().to_lowercase()).filter(|q| !q.is_empty());
    if text.as_ref().is_some_and(|q| q.chars().count() > 100) {
        return Err(ApiError::field("#query/q", "too_long", "At most 100 characters."));
    }
    Ok(text)
}

/// Adds a node. The reply alone holds its secret, and the `appsettings.json` fragment with it.
#[utoipa::path(tag = "nodes", operation_id = "createNode", summary = "Add a node",
    security(("accessToken" = []), ("session" = [])), request_body = CreateNode,
    responses((status = 201, body = CreatedNode, headers(("X-Change" = i64), ("ETag" = String), ("Location" = String))), Refusals, BodyErrors,
              (status = 409, description = "Address or external id is taken", body = Problem, content_type = "application/problem+json")))]
#[post("/nodes")]
pub async fn create_node(
    Signed(actor): Signed,
    Body(request): Body<CreateNode>,
    app: web::Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let url = public_url(&app, &req);
    let changed = nodes::create(&app, &actor, request, &url).await?;
    let node = &changed.object.node;
    let (location, version) = (format!("{}/{}", paths::NODES, node.id()), node.version);
    Ok(created(changed, &location, version))
}

/// Changes what is registered of a node. An absent field stays as it is, `null` clears it or brings its default back;
/// what changes nothing is no change. `id`, `regionId` and `kind` never change.
#[utoipa::path(tag = "nodes", operation_id = "editNode", summary = "Change a node",
    security(("accessToken" = []), ("session" = [])), request_body = EditNode,
    params(("nodeId" = NodeId, Path), ("If-Match" = String, Header, description = "`ETag` of the node this is based on")),
    responses((status = 200, body = Node, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors, Versions,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`endpoint_taken`, `external_id_taken`", body = Problem, content_type = "application/problem+json")))]
#[patch("/nodes/{nodeId}")]
pub async fn edit_node(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Body(request): Body<EditNode>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let c = nodes::edit(&app, &actor, node_id(&id)?, version, request).await?;
    let version = c.object.version;
    Ok(changed(c, version))
}

/// One node, with what its last heartbeat said.
#[utoipa::path(tag = "nodes", operation_id = "getNode", summary = "Read a node",
    security(("accessToken" = []), ("session" = [])), params(("nodeId" = NodeId, Path)),
    responses((status = 200, body = Node, headers(("ETag" = String))), Refusals,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json")))]
#[get("/nodes/{nodeId}")]
pub async fn get_node(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let node = nodes::get(&app, &actor, node_id(&id)?)?;
    Ok(read(&node, node.version))
}

/// The id in a path; what is none belongs to no node.
pub(super) fn node_id(text: &str) -> Result<NodeId, ServiceError> {
    text.parse().map_err(|_| ServiceError::NotFound { what: "node", id: text.chars().take(64).collect() })
}
