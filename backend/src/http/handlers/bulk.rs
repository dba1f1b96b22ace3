//! One action on many nodes.

use actix_web::{HttpResponse, post, web};
use common::intent::{BulkReply, BulkRequest};
use common::problem::Problem;

use super::{BodyErrors, Refusals, done};
use crate::http::extract::{Body, Signed};
use crate::http::problem::ApiError;
use crate::services::{App, bulk};

/// Change many nodes.
///
/// Does one thing to up to 500 nodes, or with `preview` says what it would do. A row that cannot be done leaves the
/// others alone; a guard stands against the whole.
#[utoipa::path(tag = "nodes", operation_id = "changeNodes", summary = "Change many nodes",
    security(("accessToken" = []), ("session" = [])), request_body = BulkRequest,
    responses((status = 200, body = BulkReply, headers(("X-Change" = i64))), Refusals, BodyErrors,
              (status = 409, description = "`guard`: `current` is a Preview", body = Problem, content_type = "application/problem+json")))]
#[post("/nodes/bulk")]
pub async fn change_nodes(
    Signed(actor): Signed,
    Body(request): Body<BulkRequest>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(done(bulk::nodes(&app, &actor, &request).await?))
}
