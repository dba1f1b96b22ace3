//! The whole deployment: its intent.

use actix_web::{HttpResponse, get, post, put, web};
use common::intent::{Platform, Preview, SetIntent};
use common::problem::Problem;

use super::{BodyErrors, Refusals, Versions, changed, read};
use crate::http::extract::{Body, IfMatch, Signed};
use crate::http::problem::ApiError;
use crate::services::{App, intents};

/// Read the platform's intent.
///
/// The platform's own intent.
#[utoipa::path(tag = "fleet", operation_id = "getPlatform", summary = "Read the platform's intent",
    security(("accessToken" = []), ("session" = [])),
    responses((status = 200, body = Platform, headers(("ETag" = String))), Refusals))]
#[get("/platform")]
pub async fn get_platform(Signed(actor): Signed, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    let platform = intents::platform(&app, &actor)?;
    Ok(read(&platform, platform.version))
}

/// Set the platform's intent.
///
/// Sets the platform's intent, active or maintenance, which counts for every node where it is stricter than its own.
#[utoipa::path(tag = "fleet", operation_id = "setPlatformIntent", summary = "Set the platform's intent",
    security(("accessToken" = []), ("session" = [])),
    params(("If-Match" = String, Header, description = "The platform's ETag")), request_body = SetIntent,
    responses((status = 200, body = Platform, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors, Versions,
              (status = 409, description = "`guard`: `current` is a Preview", body = Problem, content_type = "application/problem+json")))]
#[put("/platform/intent")]
pub async fn set_platform_intent(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Body(request): Body<SetIntent>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let done = intents::set_platform(&app, &actor, version, &request).await?;
    let version = done.object.version;
    Ok(changed(done, version))
}

/// Preview the platform's intent.
///
/// What an intent of the platform would bring. Reasons may be missing.
#[utoipa::path(tag = "fleet", operation_id = "previewPlatformIntent", summary = "Preview the platform's intent",
    security(("accessToken" = []), ("session" = [])), request_body = SetIntent,
    responses((status = 200, body = Preview), Refusals, BodyErrors))]
#[post("/platform/intent/preview")]
pub async fn preview_platform_intent(
    Signed(actor): Signed,
    Body(request): Body<SetIntent>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(intents::preview_platform(&app, &actor, &request)?))
}
