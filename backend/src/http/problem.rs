//! Errors as problem+json (RFC 9457). A 5xx never carries its cause; the log holds it, with the same request id.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use common::problem::{FieldError, Problem};

use super::request_id;
use crate::live::fleet::BeatError;
use crate::services::ServiceError;

/// Any error on its way out.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Of a use case.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Of a heartbeat.
    #[error("{}", .0.code())]
    Beat(BeatError),
    /// The request itself cannot be read or served.
    #[error("{code}")]
    Request {
        /// HTTP status.
        status: StatusCode,
        /// Stable.
        code: &'static str,
        /// In words.
        detail: String,
        /// Fields, where it is about fields.
        errors: Vec<FieldError>,
        /// For 405: what is allowed.
        allow: Option<String>,
    },
}

impl ApiError {
    /// A request that cannot be read or served.
    pub fn request(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Request { status, code, detail: detail.into(), errors: Vec::new(), allow: None }
    }

    /// One field or parameter that is not right; 422.
    pub fn field(pointer: &str, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let error = FieldError { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.clone() };
        Self::Request {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code: "invalid",
            detail,
            errors: vec![error],
            allow: None,
        }
    }

    /// Whether it refuses the credential that was presented, and not a password or a link in the body.
    pub(super) fn refuses_credential(&self) -> bool {
        matches!(self, Self::Service(ServiceError::Unauthenticated) | Self::Beat(BeatError::UnknownSecret))
    }

    /// What the reply says in words.
    pub fn detail(&self) -> String {
        self.parts().2
    }

    fn parts(&self) -> (StatusCode, &'static str, String, Vec<FieldError>) {
        let plain = |status, code, detail: &str| (status, code, detail.to_owned(), Vec::new());
        match self {
            Self::Request { status, code, detail, errors, .. } => {
                (*status, code, detail.clone(), errors.clone())
            }
            Self::Beat(e) => beat(e),
            Self::Service(e) => match e {
                ServiceError::Unauthenticated => plain(
                    StatusCode::UNAUTHORIZED,
                    "unauthenticated",
                    "Sign in, or send a valid access token.",
                ),
                ServiceError::WrongPassword => {
                    plain(StatusCode::UNAUTHORIZED, "wrong_password", "Email or password is not right.")
                }
                ServiceError::TooManyAttempts { retry_after_ms } => {
                    let seconds = retry_after_ms.div_ceil(1000);
                    let detail =
                        format!("Too many attempts. Try again in {}:{:02}.", seconds / 60, seconds % 60);
                    plain(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", &detail)
                }
                ServiceError::TooSoon { .. } => plain(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_soon",
                    "A webhook takes one test every 2 seconds. Try again in a moment.",
                ),
                ServiceError::ConfirmationNeeded => plain(
                    StatusCode::FORBIDDEN,
                    "confirmation_needed",
                    "Enter your password again first: POST /api/v1/auth/confirm. It counts for five minutes.",
                ),
                ServiceError::SessionNeeded => plain(
                    StatusCode::FORBIDDEN,
                    "session_needed",
                    "This is for people who are signed in; a token cannot do it.",
                ),
                ServiceError::LinkUsed => plain(
                    StatusCode::GONE,
                    "link_used",
                    "This link was used, has ended or never was. Ask an admin for a new one.",
                ),
                ServiceError::NeedsRole(role) => {
                    let detail = format!("This needs the role {} or higher.", role.as_str());
                    plain(StatusCode::FORBIDDEN, "role_too_low", &detail)
                }
                ServiceError::OtherNetwork => plain(
                    StatusCode::FORBIDDEN,
                    "network_not_allowed",
                    "This token may not be used from your address.",
                ),
                ServiceError::RefreshReused => plain(
                    StatusCode::UNAUTHORIZED,
                    "refresh_reused",
                    "This refresh token was used before, so its session has ended. Sign in again.",
                ),
                ServiceError::OutOfScope(region) => {
                    let detail = format!("Your account may not change region {region}.");
                    plain(StatusCode::FORBIDDEN, "out_of_scope", &detail)
                }
                ServiceError::NotFound { what, id } => {
                    plain(StatusCode::NOT_FOUND, "not_found", &format!("There is no {what} {id}."))
                }
                ServiceError::Unknown { code, detail } => plain(StatusCode::NOT_FOUND, code, detail),
                ServiceError::Invalid(errors) => {
                    let n = errors.len();
                    let detail = if n == 1 {
                        "One field is not right.".to_owned()
                    } else {
                        format!("{n} fields are not right.")
                    };
                    (StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail, errors.clone())
                }
                ServiceError::Conflict { code, detail, errors } => {
                    (StatusCode::CONFLICT, code, detail.clone(), errors.clone())
                }
                ServiceError::Refused { code, detail, .. } => plain(StatusCode::CONFLICT, code, detail),
                ServiceError::VersionNeeded => plain(
                    StatusCode::PRECONDITION_REQUIRED,
                    "version_needed",
                    "Send If-Match with the ETag of the object this change is based on.",
                ),
                ServiceError::VersionStale { .. } => plain(
                    StatusCode::PRECONDITION_FAILED,
                    "version_stale",
                    "Somebody changed this meanwhile. `current` holds it as it is now.",
                ),
                ServiceError::Unavailable(_) => plain(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "The database does not answer. Try again in a moment.",
                ),
                ServiceError::VaultLocked(_) => plain(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "vault_locked",
                    "The server does not have the master key that this secret needs. Give the server the right key; \
                     until then it neither reads nor writes secrets.",
                ),
                ServiceError::Busy => plain(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "busy",
                    "The server is busy. Try again in a moment.",
                ),
                ServiceError::Internal(_) => plain(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "Something failed on the server. Its log has the cause.",
                ),
            },
        }
    }

    /// The object or the findings an answer carries beside its words.
    fn current(&self) -> Option<serde_json::Value> {
        match self {
            Self::Service(ServiceError::VersionStale { current }) => Some(current.clone()),
            Self::Service(ServiceError::Refused { current, .. }) => current.clone(),
            // For a program that tells its person whom to ask.
            Self::Service(ServiceError::NeedsRole(role)) => Some(serde_json::json!({ "role": role })),
            Self::Service(ServiceError::OutOfScope(region)) => Some(serde_json::json!({ "region": region })),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Service(
                ServiceError::TooManyAttempts { retry_after_ms } | ServiceError::TooSoon { retry_after_ms },
            ) => Some(retry_after_ms.div_ceil(1000)),
            Self::Service(ServiceError::Unavailable(_) | ServiceError::Busy)
            | Self::Beat(BeatError::TooFast | BeatError::Closing) => Some(1),
            Self::Request { status, .. } if *status == StatusCode::SERVICE_UNAVAILABLE => Some(1),
            _ => None,
        }
    }
}

fn beat(e: &BeatError) -> (StatusCode, &'static str, String, Vec<FieldError>) {
    let (status, detail) = match e {
        BeatError::UnknownSecret => (StatusCode::UNAUTHORIZED, "The secret is not known here.".to_owned()),
        BeatError::RegionMismatch => {
            (StatusCode::CONFLICT, "This secret belongs to a node of another region.".to_owned())
        }
        BeatError::KindMismatch => {
            (StatusCode::CONFLICT, "This secret belongs to a node of another kind.".to_owned())
        }
        BeatError::NodeMismatch => (StatusCode::CONFLICT, "This secret belongs to another node.".to_owned()),
        BeatError::Invalid(why) => (StatusCode::UNPROCESSABLE_ENTITY, why.clone()),
        BeatError::TooFast => {
            (StatusCode::TOO_MANY_REQUESTS, "Too many heartbeats from this node.".to_owned())
        }
        BeatError::NodeDeleted => (StatusCode::GONE, "This node was deleted. Stop its process.".to_owned()),
        BeatError::Closing => {
            (StatusCode::SERVICE_UNAVAILABLE, "The control plane is busy or stopping. Try again.".to_owned())
        }
    };
    (status, e.code(), detail, Vec::new())
}

/// A body of problem details.
pub fn problem(status: StatusCode, code: &str, detail: String, errors: Vec<FieldError>) -> Problem {
    Problem {
        type_: format!("urn:iqra:problem:{code}"),
        title: title(code, status),
        status: status.as_u16(),
        detail,
        code: code.to_owned(),
        request_id: request_id::current(),
        errors,
        current: None,
    }
}

fn title(code: &str, status: StatusCode) -> String {
    let words = code.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(|| status.to_string(), |first| first.to_uppercase().chain(letters).collect())
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.parts().0
    }

    fn error_response(&self) -> HttpResponse {
        let (status, code, detail, errors) = self.parts();
        let body = Problem { current: self.current(), ..problem(status, code, detail, errors) };
        if status.is_server_error() {
            tracing::error!(request_id = body.request_id, error = %self, "request failed");
        }
        let mut response = HttpResponseBuilder::new(status);
        if let Some(seconds) = self.retry_after() {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        if let Self::Request { allow: Some(allow), .. } = self {
            response.insert_header((ALLOW, allow.as_str()));
        }
        response.content_type("application/problem+json").json(body)
    }
}

impl From<BeatError> for ApiError {
    fn from(e: BeatError) -> Self {
        Self::Beat(e)
    }
}
