//! Nodes.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use common::ids::{NodeId, RegionId};
use common::node::{CreateNode, CreatedNode, Node, NodeKind, NodePage};
use common::paths;
use common::problem::Problem;
use serde::Deserialize;

use super::{BodyErrors, Refusals, created, limit, read};
use crate::http::extract::{Body, Query, Signed, public_url};
use crate::http::problem::ApiError;
use crate::live::fleet::NodeFilter;
use crate::services::App;
use crate::services::{ServiceError, nodes};

/// A page of nodes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListQuery {
    region_id: Option<String>,
    kind: Option<NodeKind>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// All nodes by id, or those of a region or kind.
#[utoipa::path(tag = "nodes", operation_id = "listNodes", summary = "List nodes",
    security(("accessToken" = []), ("session" = [])),
    params(("regionId" = Option<String>, Query, description = "Of this region only"),
           ("kind" = Option<NodeKind>, Query, description = "Of this kind only"),
           ("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
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
    let filter = NodeFilter { region_id: q.region_id.as_deref().map(RegionId::from), kind: q.kind };
    Ok(HttpResponse::Ok().json(nodes::list(&app, &actor, &filter, after, limit(q.limit)?)?))
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
    let parsed = id.parse().map_err(|_| ServiceError::NotFound { what: "node", id: id.to_string() })?;
    let node = nodes::get(&app, &actor, parsed)?;
    Ok(read(&node, node.version))
}
