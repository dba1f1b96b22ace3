//! `WWW-Authenticate` on every 401 (RFC 9110 §15.5.2, RFC 6750 §3): which credential is wanted, and whether the one that
//! was sent is not good. Browsers show no dialog for the scheme `Bearer`.

use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use actix_web::{Error, HttpResponse};

use crate::http::problem::ApiError;

/// What a request would be asked for.
#[derive(Clone, Copy)]
pub(super) struct Challenge {
    node: bool,
    /// A bearer was sent.
    bearer: bool,
}

impl Challenge {
    pub(super) fn of(req: &ServiceRequest) -> Self {
        let sent = req.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok());
        let scheme = sent.and_then(|v| v.split(' ').next());
        Self {
            node: req.path().starts_with(super::ingest::NODE),
            bearer: scheme.is_some_and(|s| s.eq_ignore_ascii_case("bearer")),
        }
    }

    /// Puts it into a reply that is a 401. `refused` is about the credential: a wrong password in the body says nothing
    /// of a bearer beside it.
    pub(super) fn answer<B: MessageBody>(self, response: &mut HttpResponse<B>, refused: bool) {
        if response.status() == StatusCode::UNAUTHORIZED {
            let value = match (self.node, self.bearer && refused) {
                (false, false) => "Bearer realm=\"iqra\"",
                (false, true) => "Bearer realm=\"iqra\", error=\"invalid_token\"",
                (true, false) => "Bearer realm=\"iqra node\"",
                (true, true) => "Bearer realm=\"iqra node\", error=\"invalid_token\"",
            };
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(value));
        }
    }
}

/// Whether an error is about the credential.
pub(super) fn refused(error: &Error) -> bool {
    error.as_error::<ApiError>().is_some_and(ApiError::refuses_credential)
}
