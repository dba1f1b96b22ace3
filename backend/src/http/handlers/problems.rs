//! Open problems.

use actix_web::{HttpResponse, delete, get, post, web};
use common::ids::{NodeId, RegionId};
use common::overview::{OpenProblem, ProblemList, SnoozeRequest};
use common::problem::Problem;
use serde::Deserialize;

use super::nodes::node_id;
use super::{BodyErrors, Refusals, done};
use crate::http::extract::{Body, Query, Signed};
use crate::http::problem::ApiError;
use crate::live::problems::ProblemFilter;
use crate::services::{App, problems};

/// Which problems.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListQuery {
    include: Option<String>,
    region_id: Option<String>,
    node_id: Option<String>,
    incident_id: Option<String>,
}

/// What `include` asks for.
///
/// # Errors
/// 422 where it is anything but `only`.
pub(super) fn includes(asked: Option<&str>, only: &str) -> Result<bool, ApiError> {
    match asked {
        None => Ok(false),
        Some(what) if what == only => Ok(true),
        Some(_) => Err(ApiError::field("#query/include", "unknown", "There is nothing else to include.")),
    }
}

/// List open problems.
///
/// What needs a person, worst first, at most 500. Nodes that fell silent together are one incident; what it stands for is
/// listed with `incidentId`, or with the `nodeId` of one of them. Snoozed problems are left out and counted apart.
#[utoipa::path(tag = "problems", operation_id = "listProblems", summary = "List open problems",
    security(("accessToken" = []), ("session" = [])),
    params(("include" = Option<String>, Query, description = "`snoozed`: also those put aside, with who, until when and why"),
           ("regionId" = Option<String>, Query, description = "Of this region only"),
           ("nodeId" = Option<String>, Query, description = "Of this node only"),
           ("incidentId" = Option<String>, Query, description = "What this incident stands for")),
    responses((status = 200, body = ProblemList), Refusals,
              (status = 404, description = "Not an id of a node", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/problems")]
pub async fn list_problems(
    Signed(actor): Signed,
    Query(q): Query<ListQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let node: Option<NodeId> = q.node_id.as_deref().map(node_id).transpose()?;
    if q.region_id.as_ref().is_some_and(|id| id.len() > 40) {
        return Err(ApiError::field("#query/regionId", "too_long", "A Region ID has at most 40 characters."));
    }
    if q.incident_id.as_ref().is_some_and(|id| id.len() > 200) {
        return Err(ApiError::field("#query/incidentId", "too_long", "An id has at most 200 characters."));
    }
    let filter = ProblemFilter {
        snoozed: includes(q.include.as_deref(), "snoozed")?,
        region: q.region_id.as_deref().map(RegionId::from),
        node,
        incident: q.incident_id,
    };
    Ok(HttpResponse::Ok().json(problems::list(&app, &actor, &filter)?))
}

/// Snooze a problem.
///
/// Puts a problem aside: it leaves the list and the counts until the time given, until it clears, or until it becomes
/// worse, whatever comes first.
#[utoipa::path(tag = "problems", operation_id = "snoozeProblem", summary = "Snooze a problem",
    security(("accessToken" = []), ("session" = [])), request_body = SnoozeRequest,
    params(("problemId" = String, Path, description = "`id` of the problem")),
    responses((status = 200, body = OpenProblem, headers(("X-Change" = i64))), Refusals, BodyErrors,
              (status = 404, description = "No such problem is open", body = Problem, content_type = "application/problem+json")))]
#[post("/problems/{problemId}/snooze")]
pub async fn snooze_problem(
    Signed(actor): Signed,
    id: web::Path<String>,
    Body(request): Body<SnoozeRequest>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(done(problems::snooze(&app, &actor, &id, request).await?))
}

/// End a snooze.
///
/// Lets a snoozed problem count again.
#[utoipa::path(tag = "problems", operation_id = "unsnoozeProblem", summary = "End a snooze",
    security(("accessToken" = []), ("session" = [])),
    params(("problemId" = String, Path, description = "`id` of the problem")),
    responses((status = 204, description = "It counts again", headers(("X-Change" = i64))), Refusals,
              (status = 404, description = "No such problem is snoozed", body = Problem, content_type = "application/problem+json")))]
#[delete("/problems/{problemId}/snooze")]
pub async fn unsnooze_problem(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let change = problems::unsnooze(&app, &actor, &id).await?;
    Ok(HttpResponse::NoContent().insert_header(("X-Change", change.to_string())).finish())
}
