//! Figures of the whole cluster.

use actix_web::{HttpResponse, get, web};
use common::auth::Permission;
use common::meta::Meta;
use common::overview::{Overview, RejectionPage};
use common::problem::Problem;
use serde::Deserialize;

use super::{Refusals, cursor, limit};
use crate::auth::policy::authorize;
use crate::http::extract::{Query, Signed};
use crate::http::problem::ApiError;
use crate::services::App;
use crate::services::ServiceError;
use crate::services::kept;

/// Timers and build.
///
/// Timers, build and features of this server.
#[utoipa::path(tag = "fleet", operation_id = "getMeta", summary = "Timers and build",
    security(("accessToken" = []), ("session" = [])), responses((status = 200, body = Meta), Refusals))]
#[get("/meta")]
pub async fn meta(Signed(actor): Signed, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    authorize(&actor, Permission::Read, None).map_err(ServiceError::from)?;
    Ok(HttpResponse::Ok().json(Meta {
        timers: app.fleet.timers(),
        server_time: app.clock.wall(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: app.started_at,
        public_url: app.settings.public_url.clone(),
        loopback_only: app.settings.loopback_only(),
        bundle: app.process.bundle.clone(),
        retention: kept::retention(),
        vault_locked: app.vault.locked().map(|(why, _)| why.as_str().to_owned()),
    }))
}

/// Figures of the cluster.
///
/// The dashboard's figures: live conversations, outbound pipeline, capacity, per cluster and per region, and open problems.
#[utoipa::path(tag = "fleet", operation_id = "getOverview", summary = "Figures of the cluster",
    security(("accessToken" = []), ("session" = [])), responses((status = 200, body = Overview), Refusals))]
#[get("/overview")]
pub async fn overview(Signed(actor): Signed, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    authorize(&actor, Permission::Read, None).map_err(ServiceError::from)?;
    Ok(HttpResponse::Ok().json(app.fleet.overview()))
}

/// A page of the diary.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiaryQuery {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Refused heartbeats.
///
/// Refused heartbeats in groups, newest first: what servers tried that this control plane did not accept, and why.
/// Claims of the sender are claims.
#[utoipa::path(tag = "fleet", operation_id = "listRejections", summary = "Refused heartbeats",
    security(("accessToken" = []), ("session" = [])),
    params(("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, body = RejectionPage), Refusals,
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/rejections")]
pub async fn rejections(
    Signed(actor): Signed,
    Query(q): Query<DiaryQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    authorize(&actor, Permission::Read, None).map_err(ServiceError::from)?;
    let limit = limit(q.limit)?;
    let skip = match cursor(q.cursor.as_deref())? {
        None => 0,
        Some(c) => {
            c.parse().map_err(|_| ApiError::field("#query/cursor", "cursor", "Not a cursor of this list."))?
        }
    };
    let all = app.fleet.diary.newest();
    let more = all.len() > usize::saturating_add(skip, limit);
    let items = all.into_iter().skip(skip).take(limit).collect();
    Ok(HttpResponse::Ok()
        .json(RejectionPage { items, next_cursor: more.then(|| skip.saturating_add(limit).to_string()) }))
}
