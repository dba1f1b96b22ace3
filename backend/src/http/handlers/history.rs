//! Charts and timelines.

use actix_web::{HttpResponse, get, web};
use common::activity::TimelinePage;
use common::history::History;
use common::ids::{NodeId, RegionId};
use common::problem::Problem;
use serde::Deserialize;

use super::{Refusals, limit};
use crate::db::EventsOf;
use crate::domain::history::Subject;
use crate::http::extract::{Query, Signed};
use crate::http::problem::ApiError;
use crate::services::history::{self, EventsQuery, HistoryQuery};
use crate::services::{App, ServiceError};

/// What a chart asks for. All texts: what is wrong with any of them is told at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChartQuery {
    metric: Option<String>,
    from: Option<String>,
    to: Option<String>,
    points: Option<String>,
}

impl From<ChartQuery> for HistoryQuery {
    fn from(q: ChartQuery) -> Self {
        Self { metric: q.metric, from: q.from, to: q.to, points: q.points }
    }
}

/// A page of a timeline.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimelineQuery {
    kind: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

fn node_id(text: &str) -> Result<NodeId, ServiceError> {
    text.parse().map_err(|_| ServiceError::NotFound { what: "node", id: text.to_owned() })
}

/// Figures of the cluster over time.
///
/// Conversations, the outbound pipeline, slots and counts of nodes over time, all regions together.
///
/// The last 15 minutes come in steps of 10 s, a week in minutes, 90 days in quarters of an hour, a year in hours; the
/// range and the number of points decide which are read, and several are put together into one point. Times without
/// data are points without figures. A sum that rests on nodes the control plane could not judge, such as after a
/// restart of its own, is no data.
#[utoipa::path(tag = "history", operation_id = "getOverviewHistory", summary = "Figures of the cluster over time",
    security(("accessToken" = []), ("session" = [])),
    params(("metric" = Option<String>, Query, example = "phone,web", description = "Metrics with commas between; all that are kept of the cluster where it is missing"),
           ("from" = Option<String>, Query, description = "RFC 3339; an hour before `to` where it is missing"),
           ("to" = Option<String>, Query, description = "RFC 3339; now where it is missing. From one minute to 366 days after `from`"),
           ("points" = Option<u32>, Query, description = "2–500, default 300: at most so many points", minimum = 2, maximum = 500)),
    responses((status = 200, body = History), Refusals,
              (status = 422, description = "Parameters are not right", body = Problem, content_type = "application/problem+json")))]
#[get("/overview/history")]
pub async fn overview_history(
    Signed(actor): Signed,
    Query(q): Query<ChartQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(history::read(&app, &actor, &Subject::Cluster, &q.into()).await?))
}

/// Figures of a region over time.
///
/// The same of one region.
#[utoipa::path(tag = "history", operation_id = "getRegionHistory", summary = "Figures of a region over time",
    security(("accessToken" = []), ("session" = [])),
    params(("regionId" = String, Path, example = "OM-MCT"),
           ("metric" = Option<String>, Query, example = "phone,web", description = "Metrics with commas between; all that are kept of a region where it is missing"),
           ("from" = Option<String>, Query, description = "RFC 3339; an hour before `to` where it is missing"),
           ("to" = Option<String>, Query, description = "RFC 3339; now where it is missing. From one minute to 366 days after `from`"),
           ("points" = Option<u32>, Query, description = "2–500, default 300: at most so many points", minimum = 2, maximum = 500)),
    responses((status = 200, body = History), Refusals,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "Parameters are not right", body = Problem, content_type = "application/problem+json")))]
#[get("/regions/{regionId}/history")]
pub async fn region_history(
    Signed(actor): Signed,
    id: web::Path<String>,
    Query(q): Query<ChartQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let subject = Subject::Region(RegionId::from(id.as_str()));
    Ok(HttpResponse::Ok().json(history::read(&app, &actor, &subject, &q.into()).await?))
}

/// Figures of a node over time.
///
/// CPU, memory, network and work of a node over time, as its heartbeats told. While it was not confirmed live there
/// are no figures.
#[utoipa::path(tag = "history", operation_id = "getNodeHistory", summary = "Figures of a node over time",
    security(("accessToken" = []), ("session" = [])),
    params(("nodeId" = NodeId, Path),
           ("metric" = Option<String>, Query, example = "cpu,memory", description = "Metrics with commas between; all that are kept of a node where it is missing"),
           ("from" = Option<String>, Query, description = "RFC 3339; an hour before `to` where it is missing"),
           ("to" = Option<String>, Query, description = "RFC 3339; now where it is missing. From one minute to 366 days after `from`"),
           ("points" = Option<u32>, Query, description = "2–500, default 300: at most so many points", minimum = 2, maximum = 500)),
    responses((status = 200, body = History), Refusals,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "Parameters are not right", body = Problem, content_type = "application/problem+json")))]
#[get("/nodes/{nodeId}/history")]
pub async fn node_history(
    Signed(actor): Signed,
    id: web::Path<String>,
    Query(q): Query<ChartQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let subject = Subject::Node(node_id(&id)?);
    Ok(HttpResponse::Ok().json(history::read(&app, &actor, &subject, &q.into()).await?))
}

/// Timeline of a node.
///
/// What happened to a node, newest first: liveness, intent, runtime, boots, commands, drains.
#[utoipa::path(tag = "history", operation_id = "listNodeEvents", summary = "Timeline of a node",
    security(("accessToken" = []), ("session" = [])),
    params(("nodeId" = NodeId, Path),
           ("kind" = Option<String>, Query, example = "liveness,boot", description = "Kinds of event with commas between; all where it is missing"),
           ("from" = Option<String>, Query, description = "RFC 3339; not before"),
           ("to" = Option<String>, Query, description = "RFC 3339; before"),
           ("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, body = TimelinePage), Refusals,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "Parameters are not right", body = Problem, content_type = "application/problem+json")))]
#[get("/nodes/{nodeId}/events")]
pub async fn node_events(
    Signed(actor): Signed,
    id: web::Path<String>,
    Query(q): Query<TimelineQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    timeline(&app, &actor, EventsOf::Node(node_id(&id)?), q).await
}

/// Timeline of a region.
///
/// What happened to a region and to its nodes, newest first.
#[utoipa::path(tag = "history", operation_id = "listRegionEvents", summary = "Timeline of a region",
    security(("accessToken" = []), ("session" = [])),
    params(("regionId" = String, Path, example = "OM-MCT"),
           ("kind" = Option<String>, Query, example = "liveness,storage", description = "Kinds of event with commas between; all where it is missing"),
           ("from" = Option<String>, Query, description = "RFC 3339; not before"),
           ("to" = Option<String>, Query, description = "RFC 3339; before"),
           ("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, body = TimelinePage), Refusals,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "Parameters are not right", body = Problem, content_type = "application/problem+json")))]
#[get("/regions/{regionId}/events")]
pub async fn region_events(
    Signed(actor): Signed,
    id: web::Path<String>,
    Query(q): Query<TimelineQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    timeline(&app, &actor, EventsOf::Region(RegionId::from(id.as_str())), q).await
}

async fn timeline(
    app: &App,
    actor: &crate::auth::policy::Actor,
    of: EventsOf,
    q: TimelineQuery,
) -> Result<HttpResponse, ApiError> {
    let limit = limit(q.limit)?;
    let query = EventsQuery { kind: q.kind, from: q.from, to: q.to, cursor: q.cursor };
    Ok(HttpResponse::Ok().json(history::events(app, actor, of, &query, limit).await?))
}
