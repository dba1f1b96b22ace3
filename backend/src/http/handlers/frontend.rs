//! The server processes of the control plane.

use actix_web::{HttpResponse, get, web};
use common::history::History;
use common::ids::FrontendId;
use common::problem::Problem;
use common::singleton::FrontendNodes;

use super::Refusals;
use super::history::ChartQuery;
use crate::http::extract::{Query, Signed};
use crate::http::problem::ApiError;
use crate::services::{App, frontend_nodes, history};

/// List the control plane's own processes.
///
/// The processes of the last 24 hours as each describes itself: what it uses, whether database and sweeper are in order.
/// `self` marks the one that answers.
#[utoipa::path(tag = "fleet", operation_id = "listFrontendNodes", summary = "List the control plane's own processes",
    security(("accessToken" = []), ("session" = [])), responses((status = 200, body = FrontendNodes), Refusals))]
#[get("/frontend-nodes")]
pub async fn list_frontends(Signed(actor): Signed, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(frontend_nodes::list(&app, &actor).await?))
}

/// Figures of a process of the control plane over time.
///
/// CPU, memory and the database's answer time of one process over time. What is kept goes on over a restart, as long as
/// the process runs on the same machine and listens at the same address.
#[utoipa::path(tag = "history", operation_id = "getFrontendHistory", summary = "Figures of a process of the control plane over time",
    security(("accessToken" = []), ("session" = [])),
    params(("frontendId" = FrontendId, Path),
           ("metric" = Option<String>, Query, example = "cpu,memory", description = "Metrics with commas between; all that are kept of a process where it is missing"),
           ("from" = Option<String>, Query, description = "RFC 3339; an hour before `to` where it is missing"),
           ("to" = Option<String>, Query, description = "RFC 3339; now where it is missing. From one minute to 366 days after `from`"),
           ("points" = Option<u32>, Query, description = "2–500, default 300: at most so many points", minimum = 2, maximum = 500)),
    responses((status = 200, body = History), Refusals,
              (status = 404, description = "No such process within the last 24 hours", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "Parameters are not right", body = Problem, content_type = "application/problem+json")))]
#[get("/frontend-nodes/{frontendId}/history")]
pub async fn frontend_history(
    Signed(actor): Signed,
    id: web::Path<String>,
    Query(q): Query<ChartQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let subject = frontend_nodes::history_of(&app, &actor, &id).await?;
    Ok(HttpResponse::Ok().json(history::read(&app, &actor, &subject, &q.into()).await?))
}
