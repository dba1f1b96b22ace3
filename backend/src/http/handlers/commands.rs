//! Shutdown of nodes and regions, and the receipts of commands.

use actix_web::{HttpResponse, delete, get, post, web};
use common::command::{Command, CommandPage, RowResults, ShutdownRequest};
use common::ids::{CommandId, NodeId, RegionId};
use common::intent::Preview;
use common::problem::Problem;
use serde::Deserialize;

use super::nodes::node_id;
use super::{BodyErrors, Refusals, accepted, done, limit};
use crate::http::extract::{Body, Query, Signed};
use crate::http::problem::ApiError;
use crate::services::{App, ServiceError, commands, shutdown};

/// A page of commands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Shut a node down.
///
/// Signals a live node to end its process: it returns by itself only where a service manager starts it again. The
/// signal rides the node's next heartbeat reply; a call to its address makes it earlier. A graceful one lets
/// conversations end first. An immediate one takes the place of an open graceful one.
#[utoipa::path(tag = "nodes", operation_id = "shutdownNode", summary = "Shut a node down",
    security(("accessToken" = []), ("session" = [])), params(("nodeId" = NodeId, Path)), request_body = ShutdownRequest,
    responses((status = 202, body = Command, headers(("X-Change" = i64))), Refusals, BodyErrors,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`not_live`, `already_requested` (`current` is the command), `too_many_commands`, `guard` (`current` is a Preview)", body = Problem, content_type = "application/problem+json")))]
#[post("/nodes/{nodeId}/shutdown")]
pub async fn shutdown_node(
    Signed(actor): Signed,
    Body(request): Body<ShutdownRequest>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(accepted(shutdown::node(&app, &actor, node_id(&id)?, &request).await?))
}

/// Preview a node's shutdown.
///
/// What a shutdown of a node would bring. The reason may be missing.
#[utoipa::path(tag = "nodes", operation_id = "previewNodeShutdown", summary = "Preview a node's shutdown",
    security(("accessToken" = []), ("session" = [])), params(("nodeId" = NodeId, Path)), request_body = ShutdownRequest,
    responses((status = 200, body = Preview), Refusals, BodyErrors,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json")))]
#[post("/nodes/{nodeId}/shutdown/preview")]
pub async fn preview_node_shutdown(
    Signed(actor): Signed,
    Body(request): Body<ShutdownRequest>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    request.check_lengths().map_err(ServiceError::Invalid)?;
    Ok(HttpResponse::Ok().json(shutdown::preview_node(&app, &actor, node_id(&id)?, request.mode)?))
}

/// Shut all nodes of a region down.
///
/// Signals every live node of a region; a result per node. Nodes that are not live are left out.
#[utoipa::path(tag = "regions", operation_id = "shutdownRegion", summary = "Shut all nodes of a region down",
    security(("accessToken" = []), ("session" = [])), params(("regionId" = String, Path, example = "OM-MCT")), request_body = ShutdownRequest,
    responses((status = 202, body = RowResults, headers(("X-Change" = i64))), Refusals, BodyErrors,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`not_live`: no node is; `guard` (`current` is a Preview)", body = Problem, content_type = "application/problem+json")))]
#[post("/regions/{regionId}/shutdown")]
pub async fn shutdown_region(
    Signed(actor): Signed,
    Body(request): Body<ShutdownRequest>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(accepted(shutdown::region(&app, &actor, &RegionId::from(id.as_str()), &request).await?))
}

/// Preview a region's shutdown.
///
/// What a shutdown of a region's live nodes would bring. The reason may be missing.
#[utoipa::path(tag = "regions", operation_id = "previewRegionShutdown", summary = "Preview a region's shutdown",
    security(("accessToken" = []), ("session" = [])), params(("regionId" = String, Path, example = "OM-MCT")), request_body = ShutdownRequest,
    responses((status = 200, body = Preview), Refusals, BodyErrors,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json")))]
#[post("/regions/{regionId}/shutdown/preview")]
pub async fn preview_region_shutdown(
    Signed(actor): Signed,
    Body(request): Body<ShutdownRequest>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let id = RegionId::from(id.as_str());
    request.check_lengths().map_err(ServiceError::Invalid)?;
    Ok(HttpResponse::Ok().json(shutdown::preview_region(&app, &actor, &id, request.mode)?))
}

/// List a node's commands.
///
/// A node's commands with their receipts, newest first.
#[utoipa::path(tag = "nodes", operation_id = "listCommands", summary = "List a node's commands",
    security(("accessToken" = []), ("session" = [])),
    params(("nodeId" = NodeId, Path),
           ("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, body = CommandPage), Refusals,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/nodes/{nodeId}/commands")]
pub async fn list_commands(
    Signed(actor): Signed,
    Query(q): Query<ListQuery>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let before = match q.cursor.as_deref().map(str::parse::<CommandId>) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => return Err(ApiError::field("#query/cursor", "cursor", "Not a cursor of this list.")),
    };
    let page = commands::list(&app, &actor, node_id(&id)?, before, limit(q.limit)?).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Take a command back.
///
/// Takes a command back that its node has not accepted yet.
#[utoipa::path(tag = "nodes", operation_id = "cancelCommand", summary = "Take a command back",
    security(("accessToken" = []), ("session" = [])), params(("commandId" = CommandId, Path)),
    responses((status = 200, body = Command, headers(("X-Change" = i64))), Refusals,
              (status = 404, description = "No such command", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`not_open`: `current` is the command", body = Problem, content_type = "application/problem+json")))]
#[delete("/commands/{commandId}")]
pub async fn cancel_command(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let parsed = id.parse().map_err(|_| ServiceError::NotFound { what: "command", id: id.to_string() })?;
    Ok(done(commands::cancel(&app, &actor, parsed).await?))
}
