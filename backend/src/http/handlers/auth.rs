//! Sign-in.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, get, post, put, web};
use common::auth::{LoginReply, LoginRequest, Me, RefreshRequest};
use common::problem::Problem;
use common::sessions::{ConfirmRequest, Confirmed, PasswordChange};
use common::users::{Redeem, WelcomeInfo, WelcomeLook};
use utoipa::IntoResponses;

use super::{BodyErrors, Refusals};
use crate::config::Hidden;
use crate::http::extract::{Body, COOKIE, COOKIE_TLS, MaybeSigned, Signed, source, under_tls, user_agent};
use crate::http::problem::ApiError;
use crate::http::request_id;
use crate::services::refresh as renewal;
use crate::services::{App, ServiceError, invitations, passwords, sessions};

/// What every route that looks at a password may answer besides.
#[derive(IntoResponses)]
pub enum Throttled {
    /// Too many failed attempts; see Retry-After.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
}

/// What a route that takes a one-time link may answer besides.
#[derive(IntoResponses)]
pub enum Opened {
    /// A page of another site asks.
    #[response(status = 403, content_type = "application/problem+json")]
    CrossSite(Problem),
    /// `link_used`: the link was used, has ended or never was.
    #[response(status = 410, content_type = "application/problem+json")]
    Used(Problem),
    /// Too many failed attempts; see Retry-After.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// The database does not answer.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

fn cookie(req: &HttpRequest, value: &str, max_age: Duration) -> Cookie<'static> {
    // Then it is bound to TLS and to this host.
    let tls = under_tls(req);
    Cookie::build(if tls { COOKIE_TLS } else { COOKIE }, value.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(tls)
        .max_age(max_age)
        .finish()
}

/// Sign in.
///
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
    Ok(signed_in(&req, sessions::login(&app, request, from(&req)).await?))
}

/// Who presents a password or a link.
fn from(req: &HttpRequest) -> sessions::From {
    sessions::From { source: source(req), user_agent: user_agent(req), request_id: request_id::current() }
}

/// 200 with the reply, and the cookie of a browser.
fn signed_in(req: &HttpRequest, signed: sessions::SignedIn) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(id) = signed.cookie {
        let week = Duration::milliseconds(i64::try_from(sessions::ABSOLUTE_MS).unwrap_or(0));
        response.cookie(cookie(req, id.reveal(), week));
    }
    response.json(signed.reply)
}

/// Sign out.
///
/// Ends the session, its access tokens and its streams.
#[utoipa::path(tag = "auth", operation_id = "logout", summary = "Sign out",
    security(("accessToken" = []), ("session" = [])), responses((status = 204, description = "Signed out"), Refusals))]
#[post("/auth/logout")]
pub async fn logout(
    Signed(actor): Signed,
    app: web::Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    sessions::logout(&app, &actor).await?;
    Ok(HttpResponse::NoContent().cookie(cookie(&req, "", Duration::ZERO)).finish())
}

/// Renew the access token.
///
/// A new access token for the same session. A command line sends its `refreshToken` and needs no other credential: the
/// reply has the next one, and the one sent is used up. One that comes a second time ends its session, because two have
/// it. Write the next one down before you use it; there is no second try.
#[utoipa::path(tag = "auth", operation_id = "refresh", summary = "Renew the access token",
    security((), ("accessToken" = []), ("session" = [])), request_body = RefreshRequest,
    responses((status = 200, body = LoginReply), Refusals, BodyErrors,
              (status = 409, description = "`refresh_token_needed`: this session is renewed by its refresh token", body = Problem, content_type = "application/problem+json")))]
#[post("/auth/refresh")]
pub async fn refresh(
    MaybeSigned(actor): MaybeSigned,
    app: web::Data<App>,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    // A session needs to say nothing, so nothing need be sent.
    let request = if req.headers().contains_key(CONTENT_TYPE) {
        Body::<RefreshRequest>::from_request(&req, &mut payload.into_inner()).await?.0
    } else {
        RefreshRequest::default()
    };
    let reply = match request.refresh_token {
        Some(token) => {
            let from = renewal::From { source: source(&req), request_id: request_id::current() };
            renewal::renew(&app, Hidden::new(token), from).await?
        }
        None => sessions::refresh(&app, &actor.ok_or(ServiceError::Unauthenticated)?).await?,
    };
    Ok(HttpResponse::Ok().json(reply))
}

/// Who is signed in.
///
/// Who is signed in; `{"user": null}` where nobody is, so that asking is not an error.
#[utoipa::path(tag = "auth", operation_id = "getMe", summary = "Who is signed in", security((), ("accessToken" = []), ("session" = [])),
    responses((status = 200, body = Me),
              (status = 503, description = "The database does not answer", body = Problem, content_type = "application/problem+json")))]
#[get("/auth/me")]
pub async fn me(MaybeSigned(actor): MaybeSigned, app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(sessions::me(&app, actor))
}

/// Look at a one-time link.
///
/// Whom a one-time link is for and until when it works. Looking at it does not use it.
#[utoipa::path(tag = "auth", operation_id = "lookAtLink", summary = "Look at a one-time link", security(()), request_body = WelcomeLook,
    responses((status = 200, body = WelcomeInfo), BodyErrors, Opened))]
#[post("/auth/welcome/look")]
pub async fn look_at_link(
    Body(request): Body<WelcomeLook>,
    app: web::Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let info = invitations::look(&app, &Hidden::new(request.token), &from(&req)).await?;
    Ok(HttpResponse::Ok().json(info))
}

/// Redeem a one-time link.
///
/// Sets the password of the account the link is for and signs in as by `POST /auth/login`. All other sessions of the
/// account end. A password that is refused (`password_too_short`, `password_known`) leaves the link as it is.
#[utoipa::path(tag = "auth", operation_id = "redeemLink", summary = "Redeem a one-time link", security(()), request_body = Redeem,
    responses((status = 200, body = LoginReply), BodyErrors, Opened))]
#[post("/auth/welcome")]
pub async fn redeem_link(
    Body(request): Body<Redeem>,
    app: web::Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    Ok(signed_in(&req, invitations::redeem(&app, request, from(&req)).await?))
}

/// Enter the password again.
///
/// Dangerous actions (shutdown, secrets, deletes, a deadline that forces, accounts, tokens) answer 403
/// `confirmation_needed` where the password of the session was given more than five minutes ago. This counts like a
/// new sign-in. A wrong password is 422 with code `wrong_password` at `/password`: the session goes on.
#[utoipa::path(tag = "auth", operation_id = "confirm", summary = "Enter the password again",
    security(("accessToken" = []), ("session" = [])), request_body = ConfirmRequest,
    responses((status = 200, body = Confirmed), Refusals, BodyErrors, Throttled))]
#[post("/auth/confirm")]
pub async fn confirm(
    Signed(actor): Signed,
    Body(request): Body<ConfirmRequest>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let confirmed = passwords::confirm(&app, &actor, Hidden::new(request.password)).await?;
    Ok(HttpResponse::Ok().json(confirmed))
}

/// Change your password.
///
/// Sets another password of your own and ends your other sessions. The new one has at least 15 characters and is none
/// that anybody would try first (`password_too_short`, `password_known` at `/new`); a wrong current one is
/// `wrong_password` at `/current`.
#[utoipa::path(tag = "auth", operation_id = "changePassword", summary = "Change your password",
    security(("accessToken" = []), ("session" = [])), request_body = PasswordChange,
    responses((status = 204, description = "Changed"), Refusals, BodyErrors, Throttled))]
#[put("/auth/password")]
pub async fn change_password(
    Signed(actor): Signed,
    Body(request): Body<PasswordChange>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    passwords::change(&app, &actor, request).await?;
    Ok(HttpResponse::NoContent().finish())
}
