//! `Idempotency-Key` around every POST of operators.

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_MATCH, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage as _, HttpResponse, HttpResponseBuilder};
use futures_util::stream;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ContentBuilder, ObjectBuilder, OpenApi, Ref, Required, ResponseBuilder};

use crate::http::extract::{self, BODY_MAX, header};
use crate::http::problem::ApiError;
use crate::http::request_id;
use crate::services::idempotency::{self, Asked, Begun, Reply, Ticket};
use crate::services::{App, ServiceError};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const CHANGE: HeaderName = HeaderName::from_static("x-change");
/// Longest key.
const KEY_MAX: usize = 255;

/// Answers a request that was sent before, by its key, as it was answered then. Sign-in is left out: what it hands out
/// is not to be had again.
///
/// # Errors
/// 422 where the key is none or belongs to another request, 409 while the first one is at work.
pub async fn idempotent(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let keyed = req.method() == Method::POST && req.headers().contains_key(KEY) && served(req.path());
    let actor = if keyed { extract::actor(req.request()) } else { None };
    // Nobody is signed in: the handler says so.
    let Some(actor) = actor else {
        return next.call(req).await.map(ServiceResponse::map_into_boxed_body);
    };
    let app = extract::app(req.request())?;
    let key = key(&req)?;
    let body = Bytes::from(extract::read(req.take_payload(), BODY_MAX).await?);
    let path = req.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let asked = Asked {
        method: req.method().as_str(),
        path: &path,
        key: &key,
        if_match: header(req.request(), IF_MATCH),
        body: &body,
    };
    let ticket = match idempotency::begin(&app, &actor, &asked).await.map_err(ApiError::from)? {
        Begun::First(ticket) => ticket,
        Begun::Again(reply) => return Ok(req.into_response(again(reply))),
        Begun::InFlight => {
            let detail =
                "The first request with this Idempotency-Key is still at work. Try again in a moment.";
            let conflict = ServiceError::Conflict {
                code: "idempotency_in_flight",
                detail: detail.to_owned(),
                errors: Vec::new(),
            };
            return Err(ApiError::from(conflict).into());
        }
        Begun::Mismatch => {
            let detail = "This Idempotency-Key belongs to another request. Use a new key for a new request.";
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Err(ApiError::request(status, "idempotency_mismatch", detail).into());
        }
    };
    req.set_payload(Payload::Stream { payload: Box::pin(stream::iter([Ok(body)])) });
    // Runs to its end even if the sender goes away: that is when it comes again.
    let work = actix_web::rt::spawn(request_id::inherited(async move {
        let outcome = next.call(req).await;
        kept(&app, &ticket, outcome).await
    }));
    work.await.map_err(|e| ApiError::from(ServiceError::Internal(format!("a request ended early: {e}"))))?
}

fn key(req: &ServiceRequest) -> Result<String, ApiError> {
    let text = req.headers().get(KEY).and_then(|v| v.to_str().ok()).map(str::trim).unwrap_or_default();
    let printable = text.bytes().all(|b| (0x20..0x7f).contains(&b));
    if (1..=KEY_MAX).contains(&text.len()) && printable {
        return Ok(text.to_owned());
    }
    let detail = "Idempotency-Key has 1 to 255 printable ASCII characters.";
    Err(ApiError::field("#header/Idempotency-Key", "idempotency_key", detail))
}

async fn kept(
    app: &App,
    ticket: &Ticket,
    outcome: Result<ServiceResponse<impl MessageBody + 'static>, Error>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = match outcome {
        Ok(response) => response,
        Err(e) => {
            idempotency::abandon(app, ticket).await;
            return Err(e);
        }
    };
    let (req, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body).await else {
        idempotency::abandon(app, ticket).await;
        return Err(ApiError::from(ServiceError::Internal("a reply broke off".to_owned())).into());
    };
    let text = |name: &HeaderName| {
        let value = head.headers().get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    let reply = Reply {
        status: head.status().as_u16(),
        headers: [CONTENT_TYPE, ETAG, LOCATION, CHANGE].iter().filter_map(text).collect(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
    };
    idempotency::end(app, ticket, &reply).await;
    Ok(ServiceResponse::new(req, head.set_body(BoxBody::new(bytes))))
}

fn again(reply: Reply) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponseBuilder::new(status);
    for (name, value) in reply.headers {
        response.insert_header((name, value));
    }
    response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    response.body(reply.body)
}

/// Names the header, and what it brings with it, on every POST it works for.
pub fn describe(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let Some(post) = item.post.as_mut().filter(|_| served(path)) else { continue };
        let key = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(KEY_MAX))
            .build();
        let parameter = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "Any text of your own for this request. Sent again with the same key and body within 24 hours, it is \
                 answered as it was (with `Idempotency-Replayed: true`) and not done again. A secret in the reply is \
                 repeated for ten minutes.",
            ))
            .schema(Some(key))
            .build();
        post.parameters.get_or_insert_default().push(parameter.into());
        for (status, description) in [
            ("409", "`idempotency_in_flight`: the first request with this key is still at work"),
            ("422", "`idempotency_mismatch`: this key belongs to another request"),
        ] {
            let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            let response = ResponseBuilder::new()
                .description(description)
                .content("application/problem+json", problem)
                .build();
            post.responses.responses.entry(status.to_owned()).or_insert_with(|| response.into());
        }
    }
}

/// Whether keys count on this path.
fn served(path: &str) -> bool {
    path.starts_with("/api/v1/") && !path.starts_with("/api/v1/auth/") && !path.starts_with("/api/v1/node/")
}
