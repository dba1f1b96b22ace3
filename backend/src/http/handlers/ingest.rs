//! What nodes send. The hot path of the program: no database, one look-up, one lock per node.

use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderName};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use common::heartbeat::{BODY_MAX, Bootstrap, Goodbye, GoodbyeReply, Heartbeat, HeartbeatReply};
use common::problem::Problem;

use crate::clock::Mono;
use crate::http::extract::{self, ReceivedAt, header};
use crate::http::problem::ApiError;
use crate::live::fleet::{BeatError, Presented};
use crate::services::{App, storage};

/// More heartbeats at once than this and the rest is told to come back: memory is bounded by it.
const IN_FLIGHT_MAX: usize = 4_096;
/// Senders whose secret nobody knows share this many places, so that they cannot crowd out those who belong here.
const STRANGERS_MAX: usize = 256;
/// The header nodes present their secret in.
pub(in crate::http) static API_KEY: HeaderName = HeaderName::from_static("x-api-key");

fn secret(req: &HttpRequest) -> Option<&str> {
    presented_secret(header(req, &API_KEY), header(req, AUTHORIZATION))
}

/// The secret in either header.
pub(in crate::http) fn presented_secret<'a>(
    api_key: Option<&'a str>,
    authorization: Option<&'a str>,
) -> Option<&'a str> {
    api_key
        .or_else(|| {
            let (scheme, token) = authorization?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token)
        })
        .map(str::trim)
}

/// Counts a heartbeat in flight until it is dropped.
struct Flight<'a>(&'a AtomicUsize);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn enter<'a>(app: &'a App, from: &Presented<'_>) -> Result<Flight<'a>, ApiError> {
    let (places, max) = if from.is_known() {
        (&app.beats_in_flight, IN_FLIGHT_MAX)
    } else {
        (&app.strangers_in_flight, STRANGERS_MAX)
    };
    let flight = Flight(places);
    let others = places.fetch_add(1, Ordering::AcqRel);
    if others < max && !app.stopping.load(Ordering::Acquire) {
        return Ok(flight);
    }
    if from.is_known() {
        app.fleet.note_ingest_error();
    }
    let detail = "The control plane is busy or stopping. Try again.";
    Err(ApiError::request(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail))
}

/// Who speaks, by the secret in the headers.
pub(super) fn presented<'a>(app: &App, req: &'a HttpRequest, received: Mono) -> Presented<'a> {
    app.fleet.present(secret(req), extract::source(req), received)
}

/// Send a heartbeat.
///
/// A sign of life with figures. The reply says what to do and when to come back. The body is this project's form, or
/// the flat PascalCase one of today's Iqra AI servers; unknown members are ignored, and a member of the wrong type
/// spoils its group of figures only.
#[utoipa::path(tag = "node", operation_id = "heartbeat", summary = "Send a heartbeat", security(("nodeSecret" = []), ("nodeBearer" = [])),
    request_body = Heartbeat,
    responses((status = 200, body = HeartbeatReply),
              (status = 401, description = "`unknown_secret`", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`region_mismatch`, `kind_mismatch`, `node_mismatch`", body = Problem, content_type = "application/problem+json"),
              (status = 410, description = "`node_deleted`", body = Problem, content_type = "application/problem+json"),
              (status = 413, description = "`body_too_large`: more than 16 KiB", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "`invalid_heartbeat`", body = Problem, content_type = "application/problem+json"),
              (status = 429, description = "`too_fast`", body = Problem, content_type = "application/problem+json"),
              (status = 503, description = "`overloaded`", body = Problem, content_type = "application/problem+json")))]
#[post("/heartbeat")]
pub async fn heartbeat(
    ReceivedAt(received): ReceivedAt,
    req: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let from = presented(&app, &req, received);
    let _flight = enter(&app, &from)?;
    let body = body(&app, &from, payload).await?;
    Ok(HttpResponse::Ok().json(app.fleet.beat(&from, &body)?))
}

/// Say goodbye.
///
/// The process ends in good order: the node is `left` at once instead of stale later.
#[utoipa::path(tag = "node", operation_id = "goodbye", summary = "Say goodbye", security(("nodeSecret" = []), ("nodeBearer" = [])),
    request_body = Goodbye,
    responses((status = 200, body = GoodbyeReply),
              (status = 401, description = "`unknown_secret`", body = Problem, content_type = "application/problem+json"),
              (status = 410, description = "`node_deleted`", body = Problem, content_type = "application/problem+json"),
              (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "`invalid_heartbeat`", body = Problem, content_type = "application/problem+json"),
              (status = 503, description = "`overloaded`", body = Problem, content_type = "application/problem+json")))]
#[post("/goodbye")]
pub async fn goodbye(
    ReceivedAt(received): ReceivedAt,
    req: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let from = presented(&app, &req, received);
    let _flight = enter(&app, &from)?;
    let body = body(&app, &from, payload).await?;
    let boot_id = serde_json::from_slice::<Goodbye>(&body).map(|g| g.boot_id).unwrap_or_default();
    let done = app.fleet.goodbye(&from, &boot_id)?;
    Ok(HttpResponse::Ok().json(GoodbyeReply { node_id: done.node_id, left: done.left }))
}

/// Read what a node needs to start.
///
/// What a node needs to start: its registration, how often to beat, and what to do.
#[utoipa::path(tag = "node", operation_id = "bootstrap", summary = "Read what a node needs to start", security(("nodeSecret" = []), ("nodeBearer" = [])),
    responses((status = 200, body = Bootstrap),
              (status = 401, description = "`unknown_secret`", body = Problem, content_type = "application/problem+json"),
              (status = 410, description = "`node_deleted`", body = Problem, content_type = "application/problem+json")))]
#[get("/bootstrap")]
pub async fn bootstrap(
    ReceivedAt(received): ReceivedAt,
    req: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let from = presented(&app, &req, received);
    let bootstrap = storage::for_node(&app, app.fleet.bootstrap(&from)?)?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", bootstrap.config_tag))).json(bootstrap))
}

async fn body(app: &App, from: &Presented<'_>, payload: web::Payload) -> Result<Vec<u8>, ApiError> {
    match extract::read(payload.into_inner(), BODY_MAX).await {
        Ok(body) => Ok(body),
        Err(e @ ApiError::Request { status: StatusCode::PAYLOAD_TOO_LARGE, .. }) => {
            app.fleet.note_too_large(from);
            Err(e)
        }
        // A body that broke off is a form that cannot be read.
        Err(_) => Err(BeatError::Invalid("The body broke off.".to_owned()).into()),
    }
}
