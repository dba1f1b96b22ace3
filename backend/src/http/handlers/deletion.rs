//! Deleting nodes and regions: what stands against it, and the delete.

use actix_web::{HttpResponse, delete, get, web};
use common::ids::{NodeId, RegionId};
use common::intent::Deletion;
use common::problem::Problem;
use serde::Deserialize;

use super::nodes::node_id;
use super::{Refusals, Versions};
use crate::http::extract::{IfMatch, Query, Signed};
use crate::http::problem::ApiError;
use crate::services::{App, deletion};

/// What an operator says about a delete.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteQuery {
    #[serde(default)]
    sessions_lost: bool,
}

fn deleted(change: i64) -> HttpResponse {
    HttpResponse::NoContent().insert_header(("X-Change", change.to_string())).finish()
}

/// Read what stands against deleting a node.
///
/// Whether a node may be deleted now: disabled, silent, silence can be judged, no work left, no open command. The delete
/// looks at the same once more.
#[utoipa::path(tag = "nodes", operation_id = "getNodeDeletion", summary = "Read what stands against deleting a node",
    security(("accessToken" = []), ("session" = [])),
    params(("nodeId" = NodeId, Path),
           ("sessionsLost" = Option<bool>, Query, description = "As if it were confirmed that work left is lost")),
    responses((status = 200, body = Deletion), Refusals,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/nodes/{nodeId}/deletion")]
pub async fn get_node_deletion(
    Signed(actor): Signed,
    Query(q): Query<DeleteQuery>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let deletion = deletion::of_node(&app, &actor, node_id(&id)?, q.sessions_lost).await?;
    Ok(HttpResponse::Ok().json(deletion))
}

/// Delete a node.
///
/// Deletes a node, without a way back. Its address and external id are free at once; its secrets open nothing any more,
/// and heartbeats that still come are answered `node_deleted` and shown for thirty days.
#[utoipa::path(tag = "nodes", operation_id = "deleteNode", summary = "Delete a node",
    security(("accessToken" = []), ("session" = [])),
    params(("nodeId" = NodeId, Path),
           ("sessionsLost" = Option<bool>, Query, description = "Confirms that work the node had left is lost"),
           ("If-Match" = String, Header, description = "`ETag` of the node this is based on")),
    responses((status = 204, description = "It is gone", headers(("X-Change" = i64))), Refusals, Versions,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`delete_refused`: `current` holds the preconditions (Deletion)", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[delete("/nodes/{nodeId}")]
pub async fn delete_node(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Query(q): Query<DeleteQuery>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(deleted(deletion::delete_node(&app, &actor, node_id(&id)?, version, q.sessions_lost).await?))
}

/// Read what stands against deleting a region.
///
/// Whether a region may be deleted now: disabled, and without nodes.
#[utoipa::path(tag = "regions", operation_id = "getRegionDeletion", summary = "Read what stands against deleting a region",
    security(("accessToken" = []), ("session" = [])), params(("regionId" = String, Path, example = "OM-MCT")),
    responses((status = 200, body = Deletion), Refusals,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json")))]
#[get("/regions/{regionId}/deletion")]
pub async fn get_region_deletion(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let deletion = deletion::of_region(&app, &actor, &RegionId::from(id.as_str())).await?;
    Ok(HttpResponse::Ok().json(deletion))
}

/// Delete a region.
///
/// Deletes a region with its storage settings, without a way back. Its id is free at once.
#[utoipa::path(tag = "regions", operation_id = "deleteRegion", summary = "Delete a region",
    security(("accessToken" = []), ("session" = [])),
    params(("regionId" = String, Path, example = "OM-MCT"), ("If-Match" = String, Header, description = "`ETag` of the region this is based on")),
    responses((status = 204, description = "It is gone", headers(("X-Change" = i64))), Refusals, Versions,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`delete_refused`: `current` holds the preconditions (Deletion)", body = Problem, content_type = "application/problem+json")))]
#[delete("/regions/{regionId}")]
pub async fn delete_region(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(deleted(deletion::delete_region(&app, &actor, &RegionId::from(id.as_str()), version).await?))
}
