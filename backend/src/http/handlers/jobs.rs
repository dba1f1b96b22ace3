//! Jobs of the background node, and what the node reports of their runs.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use common::ids::RunId;
use common::job::{JobRun, JobRunPage, RunReport, RunReportReply};
use common::paths;
use common::problem::Problem;
use serde::Deserialize;

use super::ingest::presented;
use super::{BodyErrors, Refusals, limit};
use crate::db::RunFilter;
use crate::http::extract::{self, Query, ReceivedAt, Signed};
use crate::http::problem::ApiError;
use crate::services::{App, jobs};

/// Longest report: 16 KiB of output, each byte of which JSON may write as six, and the rest.
const REPORT_MAX: usize = 112 * 1024;

/// A page of runs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunsQuery {
    limit: Option<usize>,
    cursor: Option<String>,
}

impl RunsQuery {
    fn filter(&self, job: Option<String>) -> Result<RunFilter, ApiError> {
        let not_a_cursor = |_| ApiError::field("#query/cursor", "cursor", "Not a cursor of this list.");
        let before = self.cursor.as_deref().map(str::parse::<RunId>).transpose().map_err(not_a_cursor)?;
        Ok(RunFilter { job, before })
    }
}

/// Start a job.
///
/// Starts a job. It is in the node's next heartbeat reply, and pushed to its endpoint at once.
#[utoipa::path(tag = "background", operation_id = "startJob", summary = "Start a job",
    security(("accessToken" = []), ("session" = [])), params(("job" = String, Path, description = "Key of a job the node advertises")),
    responses((status = 201, body = JobRun, headers(("X-Change" = i64), ("Location" = String))), Refusals,
              (status = 404, description = "`job_unknown`: the node advertises no such job", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "why not, as in `trigger.code` of the background node; `job_active`: `current` holds the run; `too_many_commands`", body = Problem, content_type = "application/problem+json")))]
#[post("/background-node/jobs/{job}/runs")]
pub async fn start_job(
    Signed(actor): Signed,
    job: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let changed = jobs::start(&app, &actor, &job).await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("{}/runs/{}", paths::BACKGROUND, changed.object.id)))
        .insert_header(("X-Change", changed.change.to_string()))
        .json(changed.object))
}

/// List runs of a job.
///
/// Runs of one job, newest first, without their output; kept for 90 days.
#[utoipa::path(tag = "background", operation_id = "listRunsOfJob", summary = "List runs of a job",
    security(("accessToken" = []), ("session" = [])),
    params(("job" = String, Path, description = "Key of the job"),
           ("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, body = JobRunPage), Refusals,
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/background-node/jobs/{job}/runs")]
pub async fn list_runs_of_job(
    Signed(actor): Signed,
    Query(q): Query<RunsQuery>,
    job: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let filter = q.filter(Some(job.into_inner()))?;
    Ok(HttpResponse::Ok().json(jobs::list(&app, &actor, &filter, limit(q.limit)?).await?))
}

/// List runs.
///
/// Runs of all jobs, newest first, without their output; kept for 90 days.
#[utoipa::path(tag = "background", operation_id = "listRuns", summary = "List runs",
    security(("accessToken" = []), ("session" = [])),
    params(("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, body = JobRunPage), Refusals,
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/background-node/runs")]
pub async fn list_runs(
    Signed(actor): Signed,
    Query(q): Query<RunsQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let filter = q.filter(None)?;
    Ok(HttpResponse::Ok().json(jobs::list(&app, &actor, &filter, limit(q.limit)?).await?))
}

/// Read a run.
///
/// One run, with the last 64 KiB of its output.
#[utoipa::path(tag = "background", operation_id = "getRun", summary = "Read a run",
    security(("accessToken" = []), ("session" = [])), params(("runId" = RunId, Path)),
    responses((status = 200, body = JobRun), Refusals,
              (status = 404, description = "No such run", body = Problem, content_type = "application/problem+json")))]
#[get("/background-node/runs/{runId}")]
pub async fn get_run(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(jobs::get(&app, &actor, &id).await?))
}

/// Cancel a run.
///
/// Asks for the end of a run. One that the node does not know of yet is over at once; any other when the node says so.
#[utoipa::path(tag = "background", operation_id = "cancelRun", summary = "Cancel a run",
    security(("accessToken" = []), ("session" = [])), params(("runId" = RunId, Path)),
    responses((status = 200, body = JobRun), Refusals,
              (status = 404, description = "No such run", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`run_ended`: `current` holds the run", body = Problem, content_type = "application/problem+json")))]
#[post("/background-node/runs/{runId}/cancel")]
pub async fn cancel_run(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let app = app.into_inner();
    Ok(HttpResponse::Ok().json(jobs::cancel(&app, &actor, &id).await?))
}

/// Report a run.
///
/// What the background node says of a run: where it stands, what it printed since (at most 16 KiB), why it failed. The
/// reply says whether to end it. After the end, or from another process than before, it is `run_ended`: stop.
#[utoipa::path(tag = "node", operation_id = "reportRun", summary = "Report a run", security(("nodeSecret" = []), ("nodeBearer" = [])),
    request_body = RunReport, params(("runId" = RunId, Path)),
    responses((status = 200, body = RunReportReply), BodyErrors,
              (status = 401, description = "`unknown_secret`", body = Problem, content_type = "application/problem+json"),
              (status = 404, description = "This node has no such run", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`run_ended`", body = Problem, content_type = "application/problem+json"),
              (status = 410, description = "`node_deleted`", body = Problem, content_type = "application/problem+json"),
              (status = 503, description = "The database does not answer", body = Problem, content_type = "application/problem+json")))]
#[post("/runs/{runId}")]
pub async fn report_run(
    ReceivedAt(received): ReceivedAt,
    id: web::Path<String>,
    req: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let node = app.fleet.identify(&presented(&app, &req, received))?;
    let report: RunReport = extract::json(payload.into_inner(), REPORT_MAX).await?;
    Ok(HttpResponse::Ok().json(jobs::report(&app, node, &id, report).await?))
}
