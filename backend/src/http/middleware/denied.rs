//! Changes that were not permitted, and those that a rule refused, go into the activity log, whichever route said no.
//! Where the use case has noted it in words of its own, that stands.

use actix_web::Error;
use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use common::activity::Outcome;

use crate::http::extract;
use crate::http::problem::ApiError;
use crate::services::ServiceError;
use crate::services::activity::{Denied, note_denied};

/// How a change ended that was answered so; `None` where the request itself was not right, or it went well.
fn ended(status: StatusCode) -> Option<Outcome> {
    match status {
        StatusCode::FORBIDDEN => Some(Outcome::Denied),
        StatusCode::CONFLICT
        | StatusCode::GONE
        | StatusCode::PRECONDITION_FAILED
        | StatusCode::PRECONDITION_REQUIRED => Some(Outcome::Refused),
        _ => None,
    }
}

/// Notes every change that was denied or refused. Replies that are sent again were noted the first time: this stands
/// inside of what recognises them.
///
/// # Errors
/// None of its own.
pub async fn denials_noted(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = next.call(req).await?;
    if let Some(outcome) = ended(response.status())
        && let Some(error) = response.response().error().and_then(|e| e.as_error::<ApiError>())
    {
        note(response.request(), error, outcome).await;
    }
    Ok(response)
}

/// Notes that `error` refused a change, where somebody who is signed in asked for it. Who that is, is looked up once
/// more: the handler has taken what was known, and refusals are rare.
pub async fn note(req: &HttpRequest, error: &ApiError, outcome: Outcome) {
    if matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return;
    }
    let (Ok(app), Ok(actor)) = (extract::app(req), extract::who(req).await) else { return };
    let region = match error {
        ApiError::Service(ServiceError::OutOfScope(region)) => Some(region.clone()),
        _ => None,
    };
    let denied =
        Denied { method: req.method().as_str(), path: req.path(), region, why: &error.detail(), outcome };
    note_denied(&app, &actor, &denied).await;
}
