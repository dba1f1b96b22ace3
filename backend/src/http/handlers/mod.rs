//! Handlers, one file per resource. Extract, call one service, convert.

pub mod activity;
pub mod auth;
pub mod background;
pub mod bulk;
pub mod commands;
pub mod deletion;
pub mod fleet;
pub mod frontend;
pub mod health;
pub mod helpers;
pub mod history;
pub mod ingest;
pub mod intents;
pub mod jobs;
pub mod jwks;
pub mod nodes;
pub mod platform;
pub mod problems;
pub mod regions;
pub mod secrets;
pub mod sessions;
pub mod storage;
pub mod stream;
pub mod tokens;
pub mod unregistered;
pub mod users;
pub mod webhooks;

use actix_web::HttpResponse;
use actix_web::http::header::{CacheControl, CacheDirective, ETAG, LOCATION};
use common::problem::Problem;
use serde::Serialize;
use utoipa::IntoResponses;

use super::problem::ApiError;
use crate::services::regions::Changed;

/// Longest page of a list.
pub const LIMIT_MAX: usize = 500;
/// Where the client names none.
pub const LIMIT: usize = 100;

/// What every signed-in route may answer.
#[derive(IntoResponses)]
pub enum Refusals {
    /// Nobody is signed in.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(Problem),
    /// The role or its regions do not allow it, or a page of another site asks.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// The database does not answer.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// What every route that takes a JSON body may answer besides.
#[derive(IntoResponses)]
pub enum BodyErrors {
    /// The body is not a JSON object.
    #[response(status = 400, content_type = "application/problem+json")]
    Unreadable(Problem),
    /// The body is longer than 64 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The body is not `application/json`.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(Problem),
    /// Fields are not right; all of them are named.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(Problem),
}

/// What every route that is based on a version may answer besides.
#[derive(IntoResponses)]
pub enum Versions {
    /// `version_stale`: somebody changed it meanwhile. `current` holds it as it is now.
    #[response(status = 412, content_type = "application/problem+json")]
    Stale(Problem),
    /// `version_needed`: there is no `If-Match`.
    #[response(status = 428, content_type = "application/problem+json")]
    Needed(Problem),
}

/// A page's size as asked for.
///
/// # Errors
/// 422 where it is 0 or above 500.
fn limit(asked: Option<usize>) -> Result<usize, ApiError> {
    match asked {
        None => Ok(LIMIT),
        Some(n) if (1..=LIMIT_MAX).contains(&n) => Ok(n),
        Some(_) => Err(ApiError::field("#query/limit", "out_of_range", "limit is a number from 1 to 500.")),
    }
}

/// A cursor as asked for.
///
/// # Errors
/// 422 where it is one of no list at all.
fn cursor(asked: Option<&str>) -> Result<Option<&str>, ApiError> {
    match asked {
        Some(text) if text.is_empty() || text.len() > 400 => {
            Err(ApiError::field("#query/cursor", "cursor", "Not a cursor of this list."))
        }
        fits => Ok(fits),
    }
}

/// 201 with the object, its address, its version and the number of the change.
fn created<T: Serialize>(c: Changed<T>, location: &str, version: i64) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((LOCATION, location))
        .insert_header((ETAG, format!("\"{version}\"")))
        .insert_header(("X-Change", c.change.to_string()))
        .insert_header(CacheControl(vec![CacheDirective::NoStore]))
        .json(c.object)
}

/// 200 with a changed object, its version and the number of the change.
fn changed<T: Serialize>(c: Changed<T>, version: i64) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((ETAG, format!("\"{version}\"")))
        .insert_header(("X-Change", c.change.to_string()))
        .insert_header(CacheControl(vec![CacheDirective::NoStore]))
        .json(c.object)
}

/// 200 with an object and its version.
fn read<T: Serialize>(object: &T, version: i64) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, format!("\"{version}\""))).json(object)
}

/// 202 with what was queued and the number of the change.
fn accepted<T: Serialize>(c: Changed<T>) -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header(("X-Change", c.change.to_string()))
        .insert_header(CacheControl(vec![CacheDirective::NoStore]))
        .json(c.object)
}

/// 200 with what became of a request and the number of the change.
fn done<T: Serialize>(c: Changed<T>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("X-Change", c.change.to_string()))
        .insert_header(CacheControl(vec![CacheDirective::NoStore]))
        .json(c.object)
}
