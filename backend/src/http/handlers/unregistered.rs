//! Servers that send heartbeats and are not in the registry.

use actix_web::{HttpResponse, delete, get, post, web};
use common::problem::Problem;
use common::unregistered::{IgnoreRequest, UnregisteredNode, UnregisteredPage};
use serde::Deserialize;

use super::problems::includes;
use super::{BodyErrors, Refusals, done, limit};
use crate::http::extract::{Body, Query, Signed};
use crate::http::problem::ApiError;
use crate::services::App;
use crate::services::unregistered::{self, Place};

/// A page of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    include: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// List unregistered nodes.
///
/// Groups of refused heartbeats whose sender the registry does not know or has deleted, the newest try first; at most
/// 1,000, each until 24 hours after its last try. What they say of themselves are claims, and figures are never shown.
/// `prefill` is what Add node begins with; a secret that was presented is never taken over.
#[utoipa::path(tag = "problems", operation_id = "listUnregisteredNodes", summary = "List unregistered nodes",
    security(("accessToken" = []), ("session" = [])),
    params(("include" = Option<String>, Query, description = "`ignored`: also those that somebody hid"),
           ("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, body = UnregisteredPage), Refusals,
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/unregistered-nodes")]
pub async fn list_unregistered(
    Signed(actor): Signed,
    Query(q): Query<ListQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let after = q.cursor.as_deref().map(Place::parse).transpose()?;
    let ignored = includes(q.include.as_deref(), "ignored")?;
    let page = unregistered::list(&app, &actor, ignored, after.as_ref(), limit(q.limit)?)?;
    Ok(HttpResponse::Ok().json(page))
}

/// Ignore an unregistered node.
///
/// Hides a group: it leaves the list, the counts and the problems, for as long as its claims, address and secret stay the
/// same.
#[utoipa::path(tag = "problems", operation_id = "ignoreUnregisteredNode", summary = "Ignore an unregistered node",
    security(("accessToken" = []), ("session" = [])), request_body = IgnoreRequest,
    params(("groupId" = String, Path, description = "`id` of the group")),
    responses((status = 200, body = UnregisteredNode, headers(("X-Change" = i64))), Refusals, BodyErrors,
              (status = 404, description = "No such group", body = Problem, content_type = "application/problem+json")))]
#[post("/unregistered-nodes/{groupId}/ignore")]
pub async fn ignore_unregistered(
    Signed(actor): Signed,
    id: web::Path<String>,
    Body(request): Body<IgnoreRequest>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(done(unregistered::ignore(&app, &actor, &id, request).await?))
}

/// Stop ignoring an unregistered node.
///
/// Shows a hidden group again.
#[utoipa::path(tag = "problems", operation_id = "unignoreUnregisteredNode", summary = "Stop ignoring an unregistered node",
    security(("accessToken" = []), ("session" = [])),
    params(("groupId" = String, Path, description = "`id` of the group")),
    responses((status = 204, description = "It is shown again", headers(("X-Change" = i64))), Refusals,
              (status = 404, description = "No such group is ignored", body = Problem, content_type = "application/problem+json")))]
#[delete("/unregistered-nodes/{groupId}/ignore")]
pub async fn unignore_unregistered(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let change = unregistered::unignore(&app, &actor, &id).await?;
    Ok(HttpResponse::NoContent().insert_header(("X-Change", change.to_string())).finish())
}
