//! Sign-in.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use common::auth::{LoginReply, LoginRequest, Me};
use common::problem::Problem;

use super::{BodyErrors, Refusals};
use crate::http::extract::{Body, COOKIE, COOKIE_TLS, MaybeSigned, Signed, source, user_agent};
use crate::http::problem::ApiError;
use crate::http::request_id;
use crate::services::App;
use crate::services::sessions;

/// Whether browsers reach this server by TLS: then the cookie is bound to it.
fn under_tls(app: &App) -> bool {
    app.settings.public_url.as_deref().is_some_and(|u| u.starts_with("https://"))
}

fn cookie(app: &App, value: &str, max_age: Duration) -> Cookie<'static> {
    let tls = under_tls(app);
    Cookie::build(if tls { COOKIE_TLS } else { COOKIE }, value.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(tls)
        .max_age(max_age)
        .finish()
}

/// Signs in: a session cookie for the console, and an access token for scripts.
#[utoipa::path(tag = "auth", operation_id = "login", summary = "Sign in", security(()), request_body = LoginRequest,
    responses((status = 200, body = LoginReply), BodyErrors,
              (status = 401, description = "E-mail or password is not right", body = Problem, content_type = "application/problem+json"),
              (status = 403, description = "A page of another site asks", body = Problem, content_type = "application/problem+json"),
              (status = 429, description = "Too many failed attempts; see Retry-After", body = Problem, content_type = "application/problem+json"),
              (status = 503, description = "The database does not answer", body = Problem, content_type = "application/problem+json")))]
#[post("/auth/login")]
pub async fn login(
    Body(request): Body<LoginRequest>,
    app: web::Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let from = sessions::From {
        source: source(&req),
        user_agent: user_agent(&req),
        request_id: request_id::current(),
    };
    let signed = sessions::login(&app, request, from).await?;
    let week = Duration::milliseconds(i64::try_from(sessions::ABSOLUTE_MS).unwrap_or(0));
    Ok(HttpResponse::Ok().cookie(cookie(&app, signed.cookie.reveal(), week)).json(signed.reply))
}

/// Ends the session, its access tokens and its streams.
#[utoipa::path(tag = "auth", operation_id = "logout", summary = "Sign out",
    security(("accessToken" = []), ("session" = [])), responses((status = 204, description = "Signed out"), Refusals))]
#[post("/auth/logout")]
pub async fn logout(Signed(actor): Signed, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    sessions::logout(&app, &actor).await?;
    Ok(HttpResponse::NoContent().cookie(cookie(&app, "", Duration::ZERO)).finish())
}

/// A new access token for the same session.
#[utoipa::path(tag = "auth", operation_id = "refresh", summary = "Renew the access token",
    security(("accessToken" = []), ("session" = [])), responses((status = 200, body = LoginReply), Refusals))]
#[post("/auth/refresh")]
pub async fn refresh(Signed(actor): Signed, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(sessions::refresh(&app, &actor).await?))
}

/// Who is signed in; `{"user": null}` where nobody is, so that asking is not an error.
#[utoipa::path(tag = "auth", operation_id = "getMe", summary = "Who is signed in", security((), ("accessToken" = []), ("session" = [])),
    responses((status = 200, body = Me),
              (status = 503, description = "The database does not answer", body = Problem, content_type = "application/problem+json")))]
#[get("/auth/me")]
pub async fn me(MaybeSigned(actor): MaybeSigned) -> HttpResponse {
    HttpResponse::Ok().json(Me { user: actor.map(|a| a.user) })
}
