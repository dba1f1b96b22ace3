//! Sessions: one's own, and those of others for administrators.

use actix_web::{HttpResponse, delete, get, web};
use common::ids::{SessionId, UserId};
use common::problem::Problem;
use common::sessions::SessionList;

use super::Refusals;
use super::users::user_id;
use crate::http::extract::Signed;
use crate::http::problem::ApiError;
use crate::services::{App, ServiceError, sessions};

/// List your sessions.
///
/// Where you are signed in, the session used last first. `current` marks the one this request is sent with.
#[utoipa::path(tag = "auth", operation_id = "listSessions", summary = "List your sessions",
    security(("accessToken" = []), ("session" = [])), responses((status = 200, body = SessionList), Refusals))]
#[get("/auth/sessions")]
pub async fn list_sessions(Signed(actor): Signed, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(sessions::list_own(&app, &actor).await?))
}

/// End a session.
///
/// Ends one of your sessions, with its access tokens and its streams. An admin may end anybody's; that needs a password
/// given within five minutes (`confirmation_needed`).
#[utoipa::path(tag = "auth", operation_id = "endSession", summary = "End a session",
    security(("accessToken" = []), ("session" = [])), params(("sessionId" = SessionId, Path)),
    responses((status = 204, description = "Ended"), Refusals,
              (status = 404, description = "No such session", body = Problem, content_type = "application/problem+json")))]
#[delete("/auth/sessions/{sessionId}")]
pub async fn end_session(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let none = || ServiceError::NotFound { what: "session", id: id.chars().take(64).collect() };
    let id: SessionId = id.parse().map_err(|_| none())?;
    sessions::revoke(&app, &actor, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List somebody's sessions.
///
/// Where a person is signed in, the session used last first.
#[utoipa::path(tag = "users", operation_id = "listUserSessions", summary = "List somebody's sessions",
    security(("accessToken" = []), ("session" = [])), params(("userId" = UserId, Path)),
    responses((status = 200, body = SessionList), Refusals,
              (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json")))]
#[get("/users/{userId}/sessions")]
pub async fn list_user_sessions(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(sessions::list_of(&app, &actor, user_id(&id)?).await?))
}

/// Sign somebody out everywhere.
///
/// Ends all sessions of a person, with their access tokens and streams. Automation tokens go on.
#[utoipa::path(tag = "users", operation_id = "signOutUser", summary = "Sign somebody out everywhere",
    security(("accessToken" = []), ("session" = [])), params(("userId" = UserId, Path)),
    responses((status = 204, description = "Signed out"), Refusals,
              (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json")))]
#[delete("/users/{userId}/sessions")]
pub async fn sign_out_user(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    sessions::sign_out_everywhere(&app, &actor, user_id(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
