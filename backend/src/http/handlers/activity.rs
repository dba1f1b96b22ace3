//! The activity log.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, post, web};
use common::activity::{Activity, ActivityChain, ActivityCount, ActivityPage};
use common::problem::Problem;
use serde::Deserialize;

use super::{Refusals, limit};
use crate::http::extract::{Query, Signed};
use crate::http::problem::ApiError;
use crate::services::App;
use crate::services::activity::{self, ActivityQuery, Format};

/// What all of these take. Texts, so that all that is wrong is told at once.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogQuery {
    actor: Option<String>,
    actor_kind: Option<String>,
    action: Option<String>,
    target_kind: Option<String>,
    target_id: Option<String>,
    region: Option<String>,
    outcome: Option<String>,
    since: Option<String>,
    until: Option<String>,
    q: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
    format: Option<String>,
}

impl LogQuery {
    /// The filter, where the rest may be given.
    fn filter(self, page: bool, file: bool) -> Result<ActivityQuery, ApiError> {
        let not_here = |name: &str| {
            ApiError::field(&format!("#query/{name}"), "unknown", format!("There is no {name} here."))
        };
        if !page && self.limit.is_some() {
            return Err(not_here("limit"));
        }
        if !page && self.cursor.is_some() {
            return Err(not_here("cursor"));
        }
        if !file && self.format.is_some() {
            return Err(not_here("format"));
        }
        Ok(ActivityQuery {
            actor: self.actor,
            actor_kind: self.actor_kind,
            action: self.action,
            target_kind: self.target_kind,
            target_id: self.target_id,
            region: self.region,
            outcome: self.outcome,
            since: self.since,
            until: self.until,
            q: self.q,
        })
    }
}

/// Who changed what.
///
/// Every change and every attempt at one, allowed, denied or refused, and sign-ins: newest first.
#[utoipa::path(tag = "activity", operation_id = "listActivity", summary = "Who changed what",
    security(("accessToken" = []), ("session" = [])),
    params(("actor" = Option<String>, Query, description = "E-mail"),
           ("actorKind" = Option<String>, Query, description = "`user` for people, `token` for scripts with their tokens, `system` for what the control plane did by itself"),
           ("action" = Option<String>, Query, example = "node.", description = "How the action begins"),
           ("targetKind" = Option<String>, Query, example = "node"),
           ("targetId" = Option<String>, Query),
           ("region" = Option<String>, Query, example = "OM-MCT"),
           ("outcome" = Option<String>, Query, example = "denied,refused", description = "`allowed`, `denied`, `refused` with commas between"),
           ("since" = Option<String>, Query, description = "RFC 3339; not before"),
           ("until" = Option<String>, Query, description = "RFC 3339; before"),
           ("q" = Option<String>, Query, description = "Text in actor, action, target or reason; at most 200 characters"),
           ("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, body = ActivityPage), Refusals,
              (status = 422, description = "Parameters are not right", body = Problem, content_type = "application/problem+json")))]
#[get("/activity")]
pub async fn list_activity(
    Signed(actor): Signed,
    Query(mut q): Query<LogQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let (limit, cursor) = (limit(q.limit)?, q.cursor.take());
    let filter = q.filter(true, false)?;
    Ok(HttpResponse::Ok().json(activity::list(&app, &actor, &filter, cursor.as_deref(), limit).await?))
}

/// Count activity.
///
/// How many entries a filter lets through; an export of it holds as many.
#[utoipa::path(tag = "activity", operation_id = "countActivity", summary = "Count activity",
    security(("accessToken" = []), ("session" = [])),
    params(("actor" = Option<String>, Query, description = "E-mail"),
           ("actorKind" = Option<String>, Query, description = "`user` for people, `token` for scripts with their tokens, `system` for what the control plane did by itself"),
           ("action" = Option<String>, Query, example = "node.", description = "How the action begins"),
           ("targetKind" = Option<String>, Query, example = "node"),
           ("targetId" = Option<String>, Query),
           ("region" = Option<String>, Query, example = "OM-MCT"),
           ("outcome" = Option<String>, Query, example = "denied,refused", description = "`allowed`, `denied`, `refused` with commas between"),
           ("since" = Option<String>, Query, description = "RFC 3339; not before"),
           ("until" = Option<String>, Query, description = "RFC 3339; before"),
           ("q" = Option<String>, Query, description = "Text in actor, action, target or reason; at most 200 characters")),
    responses((status = 200, body = ActivityCount), Refusals,
              (status = 422, description = "Parameters are not right", body = Problem, content_type = "application/problem+json")))]
#[get("/activity/count")]
pub async fn count_activity(
    Signed(actor): Signed,
    Query(q): Query<LogQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let filter = q.filter(false, false)?;
    Ok(HttpResponse::Ok().json(activity::count(&app, &actor, &filter).await?))
}

/// Export activity.
///
/// What a filter lets through as a file, newest first: CSV (RFC 4180) or one JSON object a line. At most 100,000
/// entries, the newest; `X-Total-Count` says how many there are in the file, `X-Truncated` whether there are more.
/// Cells that a spreadsheet would take for a formula begin with an apostrophe. Each entry has its `seq` and `hash` in the
/// chain of the log.
#[utoipa::path(tag = "activity", operation_id = "exportActivity", summary = "Export activity",
    security(("accessToken" = []), ("session" = [])),
    params(("format" = Option<String>, Query, description = "`csv` (the default) or `ndjson`"),
           ("actor" = Option<String>, Query, description = "E-mail"),
           ("actorKind" = Option<String>, Query, description = "`user` for people, `token` for scripts with their tokens, `system` for what the control plane did by itself"),
           ("action" = Option<String>, Query, example = "node.", description = "How the action begins"),
           ("targetKind" = Option<String>, Query, example = "node"),
           ("targetId" = Option<String>, Query),
           ("region" = Option<String>, Query, example = "OM-MCT"),
           ("outcome" = Option<String>, Query, example = "denied,refused", description = "`allowed`, `denied`, `refused` with commas between"),
           ("since" = Option<String>, Query, description = "RFC 3339; not before"),
           ("until" = Option<String>, Query, description = "RFC 3339; before"),
           ("q" = Option<String>, Query, description = "Text in actor, action, target or reason; at most 200 characters")),
    responses((status = 200, description = "The file", content((String = "text/csv"), (String = "application/x-ndjson")),
               headers(("Content-Disposition" = String), ("X-Total-Count" = u32), ("X-Truncated" = bool))), Refusals,
              (status = 422, description = "Parameters are not right", body = Problem, content_type = "application/problem+json")))]
#[get("/activity/export")]
pub async fn export_activity(
    Signed(actor): Signed,
    Query(mut q): Query<LogQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let format = q.format.take();
    let format = format.as_deref().map_or(Some(Format::Csv), Format::parse);
    let format =
        format.ok_or_else(|| ApiError::field("#query/format", "unknown", "format is csv or ndjson."))?;
    let export = activity::export(&app, &actor, &q.filter(false, true)?, format).await?;
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    // The date alone: a colon in a file's name is refused by some systems.
    let day: String = app.clock.wall().to_string().chars().take(10).collect();
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"iqra-activity-{day}.{ending}\""),
        ))
        .insert_header(("X-Total-Count", export.count.count.to_string()))
        .insert_header(("X-Truncated", export.count.capped.to_string()))
        .streaming(export.pieces))
}

/// Read the chain's ends.
///
/// Each entry of the log has a number and a hash that covers the entry and the hash before it, so the newest hash covers
/// the whole log. Note `lastSeq` and `head` somewhere else now and then: `iqra-infra audit verify --noted SEQ:HASH` shows
/// later that nothing before was changed or taken away. The first hash that is still there follows from `checkpoint`,
/// where entries were removed because of their age. `verified` is what the last check found that `POST
/// /activity/chain/verify` began.
#[utoipa::path(tag = "activity", operation_id = "getActivityChain", summary = "Read the chain's ends",
    security(("accessToken" = []), ("session" = [])),
    responses((status = 200, body = ActivityChain), Refusals))]
#[get("/activity/chain")]
pub async fn activity_chain(Signed(actor): Signed, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(activity::chain::ends(&app, &actor).await?))
}

/// Check the chain.
///
/// Begins to make every hash again and to compare, in the background and for ten minutes at most; where a check runs
/// already, that one goes on. `GET /activity/chain` has how far it is in `verifying`, and in `verified` what it found.
/// The command `iqra-infra audit verify` does the same beside the server and without an end.
#[utoipa::path(tag = "activity", operation_id = "verifyActivityChain", summary = "Check the chain",
    security(("accessToken" = []), ("session" = [])),
    responses((status = 202, body = ActivityChain), Refusals))]
#[post("/activity/chain/verify")]
pub async fn verify_chain(Signed(actor): Signed, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Accepted().json(activity::chain::begin(&app, &actor).await?))
}

/// Read an entry.
///
/// One entry, for a link to it.
#[utoipa::path(tag = "activity", operation_id = "getActivity", summary = "Read an entry",
    security(("accessToken" = []), ("session" = [])), params(("activityId" = String, Path)),
    responses((status = 200, body = Activity), Refusals,
              (status = 404, description = "No such entry", body = Problem, content_type = "application/problem+json")))]
#[get("/activity/{activityId}")]
pub async fn get_activity(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(activity::get(&app, &actor, &id).await?))
}
