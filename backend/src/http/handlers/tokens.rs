//! Automation tokens.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use common::ids::TokenId;
use common::paths;
use common::problem::Problem;
use common::tokens::{EditToken, NewToken, Token, TokenMade, TokenPage};
use serde::Deserialize;

use super::{BodyErrors, Refusals, Versions, changed, created, cursor, limit, read};
use crate::http::extract::{Body, IfMatch, Query, Signed};
use crate::http::problem::ApiError;
use crate::services::{App, ServiceError, tokens};

/// A page of tokens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<usize>,
    cursor: Option<String>,
}

fn token_id(text: &str) -> Result<TokenId, ServiceError> {
    text.parse().map_err(|_| ServiceError::NotFound { what: "token", id: text.chars().take(64).collect() })
}

/// List automation tokens.
///
/// Your own, the newest first; for administrators without region scope, everybody's. One that ended or was revoked is
/// listed for 30 days more.
#[utoipa::path(tag = "tokens", operation_id = "listTokens", summary = "List automation tokens",
    security(("accessToken" = []), ("session" = [])),
    params(("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, body = TokenPage), Refusals,
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/tokens")]
pub async fn list_tokens(
    Signed(actor): Signed,
    Query(q): Query<ListQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let page = tokens::list(&app, &actor, cursor(q.cursor.as_deref())?, limit(q.limit)?).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Make an automation token.
///
/// A JWT for `Authorization: Bearer`, which the reply alone holds. It never may do more than its maker may at the time,
/// and ends with that account. A person's password must have been given in the last five minutes. A token makes others
/// only with scope `admin`, and none that lives longer or works from more networks than itself.
#[utoipa::path(tag = "tokens", operation_id = "createToken", summary = "Make an automation token",
    security(("accessToken" = []), ("session" = [])), request_body = NewToken,
    responses((status = 201, body = TokenMade, headers(("X-Change" = i64), ("ETag" = String), ("Location" = String))),
              Refusals, BodyErrors))]
#[post("/tokens")]
pub async fn create_token(
    Signed(actor): Signed,
    Body(request): Body<NewToken>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let c = tokens::create(&app, &actor, request).await?;
    let (location, version) = (format!("{}/{}", paths::TOKENS, c.object.token.id), c.object.token.version);
    Ok(created(c, &location, version))
}

/// Read an automation token.
///
/// What is known of one: when and from where it was used last, when it ends. Its text is not kept.
#[utoipa::path(tag = "tokens", operation_id = "getToken", summary = "Read an automation token",
    security(("accessToken" = []), ("session" = [])), params(("tokenId" = TokenId, Path)),
    responses((status = 200, body = Token, headers(("ETag" = String))), Refusals,
              (status = 404, description = "No such token", body = Problem, content_type = "application/problem+json")))]
#[get("/tokens/{tokenId}")]
pub async fn get_token(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let token = tokens::get(&app, &actor, token_id(&id)?).await?;
    Ok(read(&token, token.version))
}

/// Rename an automation token.
///
/// Gives it another name. What it may do never changes: make a new one, and revoke the old when nobody uses it.
#[utoipa::path(tag = "tokens", operation_id = "editToken", summary = "Rename an automation token",
    security(("accessToken" = []), ("session" = [])), request_body = EditToken,
    params(("tokenId" = TokenId, Path), ("If-Match" = String, Header, description = "`ETag` of the token this is based on")),
    responses((status = 200, body = Token, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors, Versions,
              (status = 404, description = "No such token", body = Problem, content_type = "application/problem+json")))]
#[patch("/tokens/{tokenId}")]
pub async fn edit_token(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Body(request): Body<EditToken>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let c = tokens::rename(&app, &actor, token_id(&id)?, version, request).await?;
    let version = c.object.version;
    Ok(changed(c, version))
}

/// Revoke an automation token.
///
/// It works no more from this moment on, on every server, and its open streams end. It stays listed for 30 days. Needs
/// no `If-Match`: whatever else changed, it should end. One that was revoked before stays as it is.
#[utoipa::path(tag = "tokens", operation_id = "revokeToken", summary = "Revoke an automation token",
    security(("accessToken" = []), ("session" = [])), params(("tokenId" = TokenId, Path)),
    responses((status = 200, body = Token, headers(("X-Change" = i64), ("ETag" = String))), Refusals,
              (status = 404, description = "No such token", body = Problem, content_type = "application/problem+json")))]
#[delete("/tokens/{tokenId}")]
pub async fn revoke_token(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let c = tokens::revoke(&app, &actor, token_id(&id)?).await?;
    let version = c.object.version;
    Ok(changed(c, version))
}
