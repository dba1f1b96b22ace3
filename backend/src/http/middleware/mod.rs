//! Around every request: a number, headers, the same-origin rule, and a net under panics.

mod challenge;
pub mod denied;
pub mod idempotency;
mod ingest;

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};
use common::activity::Outcome;
use futures_util::FutureExt as _;

use self::challenge::Challenge;
use self::ingest::Watch;
use super::extract;
use super::problem::ApiError;
use super::request_id;
use super::spa::Spa;
use crate::services::ServiceError;

/// Gives the request its number and answers a panic with a problem instead of an empty reply.
///
/// # Errors
/// None of its own.
pub async fn outermost(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    request_id::scope(async move {
        let policy = req.app_data::<web::Data<Spa>>().map(|spa| spa.policy_for(req.path()));
        let watch = Watch::of(&req);
        let challenge = Challenge::of(&req);
        let tls = extract::under_tls(req.request());
        let error = match AssertUnwindSafe(next.call(req)).catch_unwind().await {
            Ok(Ok(mut response)) => {
                if let Some(watch) = watch {
                    watch.replied(response.status());
                }
                let refused = response.response().error().is_some_and(challenge::refused);
                challenge.answer(response.response_mut(), refused);
                secure(response.response_mut(), policy, tls);
                return Ok(response.map_into_boxed_body());
            }
            Ok(Err(e)) => e,
            Err(_) => ApiError::from(ServiceError::Internal("a handler panicked".into())).into(),
        };
        // Made here, while the request still has its number; left to the server it would have neither that nor headers.
        let mut response = error.error_response();
        if let Some(watch) = watch {
            watch.replied(response.status());
        }
        challenge.answer(&mut response, challenge::refused(&error));
        secure(&mut response, policy, tls);
        Err(InternalError::from_response(error, response).into())
    })
    .await
}

const FIXED: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Strict headers on every reply; the content policy only where a browser would draw something.
fn secure<B>(response: &mut HttpResponse<B>, policy: Option<HeaderValue>, tls: bool) {
    let is_html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("text/html"));
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if tls {
        // A year, as RFC 6797 §11.2 has it; of this host alone: others of the domain are nobody's business here.
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.filter(|_| is_html).unwrap_or(nothing));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Refuses changes that another site's page sends with this browser's cookie. Programs send neither header and pass;
/// they have no cookie a page could borrow.
///
/// # Errors
/// 403 `cross_site`.
pub async fn same_origin(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let safe = matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !safe && !from_here(&req) {
        let detail = "This request comes from a page of another site.";
        let error = ApiError::request(StatusCode::FORBIDDEN, "cross_site", detail);
        denied::note(req.request(), &error, Outcome::Denied).await;
        return Err(error.into());
    }
    next.call(req).await
}

/// Finds out who asks; see [`extract::identify`].
///
/// # Errors
/// None of its own.
pub async fn identified(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    extract::identify(req.request()).await;
    next.call(req).await
}

fn from_here(req: &ServiceRequest) -> bool {
    let text = |name: HeaderName| req.headers().get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    match text(header::ORIGIN) {
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(header::HOST)
        }
    }
}
