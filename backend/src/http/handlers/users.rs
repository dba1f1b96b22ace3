//! Accounts.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use common::ids::UserId;
use common::paths;
use common::problem::Problem;
use common::users::{Account, AccountChanges, AccountPage, InviteRequest, Invited, OneTimeLink};
use serde::Deserialize;

use super::{BodyErrors, Refusals, Versions, changed, created, cursor, limit, read};
use crate::http::extract::{Body, IfMatch, Query, Signed, public_url};
use crate::http::problem::ApiError;
use crate::services::{App, ServiceError, invitations, users};

/// Which page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    cursor: Option<String>,
    limit: Option<usize>,
}

/// List accounts.
///
/// Everybody who may sign in, was invited or is disabled, by e-mail.
#[utoipa::path(tag = "users", operation_id = "listUsers", summary = "List accounts",
    security(("accessToken" = []), ("session" = [])),
    params(("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
           ("limit" = Option<usize>, Query, minimum = 1, maximum = 500, description = "Accounts per page, 100 where none is given")),
    responses((status = 200, body = AccountPage), Refusals,
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/users")]
pub async fn list_users(
    Signed(actor): Signed,
    Query(q): Query<PageQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok()
        .json(users::list(&app, &actor, cursor(q.cursor.as_deref())?, limit(q.limit)?).await?))
}

/// Invite somebody.
///
/// Adds an account without a password. The reply alone holds a link by which the person chooses one; it works once, for
/// three days. Needs a password given within five minutes (`confirmation_needed`).
#[utoipa::path(tag = "users", operation_id = "inviteUser", summary = "Invite somebody",
    security(("accessToken" = []), ("session" = [])), request_body = InviteRequest,
    responses((status = 201, body = Invited, headers(("X-Change" = i64), ("ETag" = String), ("Location" = String))), Refusals, BodyErrors,
              (status = 409, description = "`email_taken`", body = Problem, content_type = "application/problem+json")))]
#[post("/users")]
pub async fn invite_user(
    Signed(actor): Signed,
    Body(request): Body<InviteRequest>,
    app: web::Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let url = public_url(&app, &req);
    let c = invitations::invite(&app, &actor, request, &url).await?;
    let account = &c.object.account;
    let (location, version) = (format!("{}/{}", paths::USERS, account.id), account.version);
    Ok(created(c, &location, version))
}

/// Read an account.
///
/// One account, with how many sessions and automation tokens it has.
#[utoipa::path(tag = "users", operation_id = "getUser", summary = "Read an account",
    security(("accessToken" = []), ("session" = [])), params(("userId" = UserId, Path)),
    responses((status = 200, body = Account, headers(("ETag" = String))), Refusals,
              (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json")))]
#[get("/users/{userId}")]
pub async fn get_user(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let account = users::get(&app, &actor, user_id(&id)?).await?;
    Ok(read(&account, account.version))
}

/// Change an account.
///
/// Name, role, regions, or whether it is disabled. Other rights count at once: the person's streams end with
/// `bye{accessChanged}`, of a disabled one with `bye{signedOut}`. Nobody changes their own rights (`own_account`), and
/// one admin of all regions who can sign in remains (`last_admin`). Needs a password given within five minutes
/// (`confirmation_needed`).
#[utoipa::path(tag = "users", operation_id = "changeUser", summary = "Change an account",
    security(("accessToken" = []), ("session" = [])), request_body = AccountChanges,
    params(("userId" = UserId, Path), ("If-Match" = String, Header, description = "`ETag` of the account this is based on")),
    responses((status = 200, body = Account, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors, Versions,
              (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`last_admin`, `own_account`", body = Problem, content_type = "application/problem+json")))]
#[patch("/users/{userId}")]
pub async fn change_user(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Body(request): Body<AccountChanges>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let c = users::change(&app, &actor, user_id(&id)?, version, request).await?;
    let version = c.object.version;
    Ok(changed(c, version))
}

/// Delete an account.
///
/// Its sessions and the automation tokens it made end at once. Refused for your own account (`own_account`) and for the
/// last admin (`last_admin`). Needs a password given within five minutes (`confirmation_needed`).
#[utoipa::path(tag = "users", operation_id = "deleteUser", summary = "Delete an account",
    security(("accessToken" = []), ("session" = [])),
    params(("userId" = UserId, Path), ("If-Match" = String, Header, description = "`ETag` of the account this is based on")),
    responses((status = 204, description = "Deleted", headers(("X-Change" = i64))), Refusals, Versions,
              (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`last_admin`, `own_account`", body = Problem, content_type = "application/problem+json")))]
#[delete("/users/{userId}")]
pub async fn delete_user(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let change = users::delete(&app, &actor, user_id(&id)?, version).await?;
    Ok(HttpResponse::NoContent().insert_header(("X-Change", change.to_string())).finish())
}

/// Make a new link for somebody.
///
/// Another invitation for who has no password yet, else a link to another password, which works for one day. It takes
/// the place of the one before; sessions and password stay until it is used. Needs a password given within five minutes
/// (`confirmation_needed`).
#[utoipa::path(tag = "users", operation_id = "makeUserLink", summary = "Make a new link for somebody",
    security(("accessToken" = []), ("session" = [])), params(("userId" = UserId, Path)),
    responses((status = 201, body = OneTimeLink), Refusals,
              (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`account_disabled`", body = Problem, content_type = "application/problem+json")))]
#[post("/users/{userId}/link")]
pub async fn make_user_link(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let url = public_url(&app, &req);
    Ok(HttpResponse::Created().json(invitations::link(&app, &actor, user_id(&id)?, &url).await?))
}

/// The id in a path; what is none belongs to no account.
pub(super) fn user_id(text: &str) -> Result<UserId, ServiceError> {
    text.parse().map_err(|_| ServiceError::NotFound { what: "account", id: text.chars().take(64).collect() })
}
