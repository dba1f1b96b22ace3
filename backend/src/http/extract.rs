//! What handlers take: who is signed in, a JSON body, a query, where the request came from.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, AsHeaderName, CONTENT_TYPE, IF_MATCH, ORIGIN, USER_AGENT};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use super::forwarded;
use super::problem::ApiError;
use super::request_id;
use crate::auth::policy::{Actor, Origin};
use crate::clock::Mono;
use crate::config::Hidden;
use crate::services::App;
use crate::services::ServiceError;
use crate::services::sessions::{Credential, authenticate};

type Boxed<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// Name of the session cookie on plain HTTP.
pub const COOKIE: &str = "iqra";
/// Name of the session cookie under TLS; the prefix makes browsers refuse it from anywhere else.
pub const COOKIE_TLS: &str = "__Host-iqra";
/// Longest body of an operator's request.
pub const BODY_MAX: usize = 64 * 1024;
/// How long a body may take to arrive: a sender that dribbles must not hold a place.
const BODY_WITHIN: Duration = Duration::from_secs(5);

/// The shared state of a request.
///
/// # Errors
/// A defect of ours: the server was built without it.
pub fn app(req: &HttpRequest) -> Result<Arc<App>, ApiError> {
    let data = req.app_data::<web::Data<App>>().ok_or_else(|| ServiceError::Internal("no state".into()))?;
    Ok(Arc::clone(data))
}

/// A header as text.
pub fn header(req: &HttpRequest, name: impl AsHeaderName) -> Option<&str> {
    req.headers().get(name)?.to_str().ok()
}

/// The credential presented; `Authorization` wins over the cookie.
pub fn credential(req: &HttpRequest) -> Option<Credential> {
    if let Some(value) = header(req, AUTHORIZATION) {
        let token = value
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, t)| t.trim());
        return Some(Credential::Bearer(Hidden::new(token.unwrap_or_default())));
    }
    // Under TLS the name without the prefix could have been set by a page of another host of the domain.
    let name = if under_tls(req) { COOKIE_TLS } else { COOKIE };
    let cookie = req.cookie(name)?;
    Some(Credential::Cookie(Hidden::new(cookie.value())))
}

/// Whose credential a request carries, noted by [`identify`].
struct Identity(Result<Actor, ApiError>);

/// Finds out who asks, before the handler's arguments are made. Those are all made at once, and the first to fail
/// decides the reply: one that waited for the database would lose to a body that cannot be read.
pub async fn identify(req: &HttpRequest) {
    let found = who(req).await;
    req.extensions_mut().insert(Identity(found));
}

/// Whose credential a request carries.
///
/// # Errors
/// Where it carries none that is good.
pub async fn who(req: &HttpRequest) -> Result<Actor, ApiError> {
    let app = app(req)?;
    let credential = credential(req).ok_or(ServiceError::Unauthenticated)?;
    let source = source(req);
    let mut actor = authenticate(&app, &credential, source).await?;
    actor.origin = Origin { request_id: request_id::current(), source: source.to_string() };
    Ok(actor)
}

/// Who is signed in, where somebody is; the handler is told as well.
pub fn actor(req: &HttpRequest) -> Option<Actor> {
    req.extensions().get::<Identity>()?.0.as_ref().ok().cloned()
}

/// Somebody who is signed in. The first argument of every handler but the open ones, so that a request without a good
/// credential is 401 whatever else is wrong with it.
pub struct Signed(pub Actor);

impl FromRequest for Signed {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = req.extensions_mut().remove::<Identity>();
        let nobody = || Err(ServiceError::Internal("nobody asked who this is".into()).into());
        ready(known.map_or_else(nobody, |Identity(found)| found.map(Self)))
    }
}

/// The same where nobody needs to be signed in.
pub struct MaybeSigned(pub Option<Actor>);

impl FromRequest for MaybeSigned {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(match Signed::from_request(req, payload).into_inner() {
            Ok(Signed(actor)) => Ok(Self(Some(actor))),
            Err(ApiError::Service(ServiceError::Unauthenticated)) => Ok(Self(None)),
            Err(e) => Err(e),
        })
    }
}

/// The version a change is based on, from `If-Match`; a missing one is 428.
pub struct IfMatch(pub i64);

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(text) = header(req, IF_MATCH) else { return ready(Err(ServiceError::VersionNeeded.into())) };
        // Our ETags are numbers in quotes. Something else was never one of ours, so it cannot be the newest.
        let version = text.trim().trim_matches('"').parse().unwrap_or(-1);
        ready(Ok(Self(version)))
    }
}

/// A JSON object as request body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Boxed<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = header(req, CONTENT_TYPE).is_some_and(is_json);
        let payload = payload.take();
        Box::pin(async move {
            if !json {
                let detail = "Send the body as application/json.";
                return Err(ApiError::request(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_media_type",
                    detail,
                ));
            }
            let bytes = read(payload, BODY_MAX).await?;
            from_json(&bytes).map(Self)
        })
    }
}

/// A JSON object as a node sends it, at most `max` bytes, whatever type it claims to be.
///
/// # Errors
/// As [`Body`], 415 apart.
pub async fn json<T: DeserializeOwned>(payload: Payload, max: usize) -> Result<T, ApiError> {
    from_json(&read(payload, max).await?)
}

fn is_json(value: &str) -> bool {
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// The whole body, at most `max` bytes.
///
/// # Errors
/// 413 where it is longer, 400 where it breaks off, 408 where it takes more than 5 s.
pub async fn read(payload: Payload, max: usize) -> Result<Vec<u8>, ApiError> {
    match tokio::time::timeout(BODY_WITHIN, read_all(payload, max)).await {
        Ok(read) => read,
        Err(_) => Err(ApiError::request(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            "The body did not arrive in time.",
        )),
    }
}

async fn read_all(mut payload: Payload, max: usize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            ApiError::request(StatusCode::BAD_REQUEST, "body_incomplete", "The body broke off.")
        })?;
        if bytes.len().saturating_add(chunk.len()) > max {
            return Err(too_large(max));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// 413.
pub fn too_large(max: usize) -> ApiError {
    let detail = format!("The body is longer than {} KiB.", max / 1024);
    ApiError::request(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // serde reads a struct from an array too; this API does not.
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'{') {
        return Err(ApiError::request(
            StatusCode::BAD_REQUEST,
            "invalid_json",
            "The body is not a JSON object.",
        ));
    }
    let mut de = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut de).map_err(|e| {
        let path = e.path().to_string();
        let cause = e.into_inner();
        if cause.is_data() {
            let pointer = if path == "." { String::new() } else { format!("/{}", path.replace('.', "/")) };
            ApiError::field(&pointer, "type", plain(&cause.to_string()))
        } else {
            let detail = format!("The body is not JSON: {}.", plain(&cause.to_string()));
            ApiError::request(StatusCode::BAD_REQUEST, "invalid_json", detail)
        }
    })?;
    de.end().map_err(|_| {
        ApiError::request(StatusCode::BAD_REQUEST, "invalid_json", "Something follows the JSON object.")
    })?;
    Ok(value)
}

/// serde's words without what was sent: a value in an error could be a password in the wrong place.
fn plain(message: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    for c in message.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                if !quoted {
                    out.push('…');
                }
            }
            _ if !quoted => out.push(c),
            _ => {}
        }
    }
    out
}

/// Query parameters.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            // Reads a parameter that is given more than once into a list.
            serde_html_form::from_str(req.query_string())
                .map(Self)
                .map_err(|e| ApiError::field("#query", "query", plain(&e.to_string()))),
        )
    }
}

/// The other end of the connection.
fn peer(req: &HttpRequest) -> IpAddr {
    req.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |a| a.ip()).to_canonical()
}

/// The values of a header that may come more than once.
fn values<'a>(req: &'a HttpRequest, name: &str) -> Vec<&'a str> {
    req.headers().get_all(name).filter_map(|v| v.to_str().ok()).collect()
}

/// Where a request came from: the other end of the connection, or what a proxy of ours says of it.
pub fn source(req: &HttpRequest) -> IpAddr {
    let peer = peer(req);
    let Some(app) = req.app_data::<web::Data<App>>() else { return peer };
    let chain = values(req, "x-forwarded-for");
    forwarded::client(peer, chain.into_iter(), &app.settings.trusted_proxies)
}

/// Whether the browser's connection is encrypted: by us, by a proxy of ours, or as the public address says.
pub fn under_tls(req: &HttpRequest) -> bool {
    let Some(app) = req.app_data::<web::Data<App>>() else { return false };
    let s = &app.settings;
    let told =
        || forwarded::is_https(peer(req), values(req, "x-forwarded-proto").into_iter(), &s.trusted_proxies);
    s.tls.is_some()
        || told().unwrap_or_else(|| s.public_url.as_deref().is_some_and(|u| u.starts_with("https://")))
}

/// Browser or program.
pub fn user_agent(req: &HttpRequest) -> Option<String> {
    header(req, USER_AGENT).map(str::to_owned)
}

/// The address operators and nodes reach this server by: as configured, else the one this request was sent to.
pub fn public_url(app: &App, req: &HttpRequest) -> String {
    if let Some(url) = &app.settings.public_url {
        return url.clone();
    }
    // The browser's own word for where it is; the same-origin check has compared it with Host.
    if let Some(origin) =
        header(req, ORIGIN).filter(|o| o.starts_with("http://") || o.starts_with("https://"))
    {
        return origin.to_owned();
    }
    let host = header(req, actix_web::http::header::HOST).map(str::to_owned);
    let scheme = if under_tls(req) { "https" } else { "http" };
    format!("{scheme}://{}", host.unwrap_or_else(|| app.settings.listen.to_string()))
}

/// When the headers of this request were read; before its body, its locks and its queue.
pub struct ReceivedAt(pub Mono);

impl FromRequest for ReceivedAt {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(app(req).map(|app| Self(app.clock.mono())))
    }
}
