//! Intent of regions and nodes.

use actix_web::{HttpResponse, post, put, web};
use common::ids::{NodeId, RegionId};
use common::intent::{Preview, SetIntent};
use common::node::Node;
use common::problem::Problem;
use common::region::Region;

use super::nodes::node_id;
use super::{BodyErrors, Refusals, Versions, changed};
use crate::http::extract::{Body, IfMatch, Signed};
use crate::http::problem::ApiError;
use crate::services::{App, intents};

/// Set a node's intent.
///
/// Sets a node's intent: active, maintenance (takes no new work, what runs continues) or disabled (out of service for
/// good). What would take the last live node of its kind in a region, or leave too few slots, is answered with 409
/// `guard` and a preview in `current`; its token allows it for 60 seconds.
#[utoipa::path(tag = "nodes", operation_id = "setNodeIntent", summary = "Set a node's intent",
    security(("accessToken" = []), ("session" = [])),
    params(("nodeId" = NodeId, Path), ("If-Match" = String, Header, description = "The node's ETag")), request_body = SetIntent,
    responses((status = 200, body = Node, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors, Versions,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`guard`: `current` is a Preview", body = Problem, content_type = "application/problem+json")))]
#[put("/nodes/{nodeId}/intent")]
pub async fn set_node_intent(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Body(request): Body<SetIntent>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let done = intents::set_node(&app, &actor, node_id(&id)?, version, &request).await?;
    let version = done.object.version;
    Ok(changed(done, version))
}

/// Preview a node's intent.
///
/// What an intent of a node would bring. Reasons may be missing.
#[utoipa::path(tag = "nodes", operation_id = "previewNodeIntent", summary = "Preview a node's intent",
    security(("accessToken" = []), ("session" = [])), params(("nodeId" = NodeId, Path)), request_body = SetIntent,
    responses((status = 200, body = Preview), Refusals, BodyErrors,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json")))]
#[post("/nodes/{nodeId}/intent/preview")]
pub async fn preview_node_intent(
    Signed(actor): Signed,
    Body(request): Body<SetIntent>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(intents::preview_node(&app, &actor, node_id(&id)?, &request)?))
}

/// Set a region's intent.
///
/// Sets a region's intent, which counts for each of its nodes where it is stricter than the node's own.
#[utoipa::path(tag = "regions", operation_id = "setRegionIntent", summary = "Set a region's intent",
    security(("accessToken" = []), ("session" = [])),
    params(("regionId" = String, Path, example = "OM-MCT"), ("If-Match" = String, Header, description = "The region's ETag")), request_body = SetIntent,
    responses((status = 200, body = Region, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors, Versions,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`guard`: `current` is a Preview", body = Problem, content_type = "application/problem+json")))]
#[put("/regions/{regionId}/intent")]
pub async fn set_region_intent(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Body(request): Body<SetIntent>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let done = intents::set_region(&app, &actor, &RegionId::from(id.as_str()), version, &request).await?;
    let version = done.object.version;
    Ok(changed(done, version))
}

/// Preview a region's intent.
///
/// What an intent of a region would bring. Reasons may be missing.
#[utoipa::path(tag = "regions", operation_id = "previewRegionIntent", summary = "Preview a region's intent",
    security(("accessToken" = []), ("session" = [])), params(("regionId" = String, Path, example = "OM-MCT")), request_body = SetIntent,
    responses((status = 200, body = Preview), Refusals, BodyErrors,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json")))]
#[post("/regions/{regionId}/intent/preview")]
pub async fn preview_region_intent(
    Signed(actor): Signed,
    Body(request): Body<SetIntent>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let preview = intents::preview_region(&app, &actor, &RegionId::from(id.as_str()), &request)?;
    Ok(HttpResponse::Ok().json(preview))
}
