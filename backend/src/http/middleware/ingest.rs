//! Notes replies to nodes that failed through our own fault: a silence after them may be ours.

use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::web;

use crate::http::handlers::ingest::{API_KEY, presented_secret};
use crate::services::App;

/// Begins every path of a node.
pub(super) const NODE: &str = "/api/v1/node/";

/// A request of a node on its way.
pub(super) struct Watch {
    app: web::Data<App>,
    // Shared with the request, not copied.
    api_key: Option<HeaderValue>,
    authorization: Option<HeaderValue>,
}

impl Watch {
    /// `None` for anybody else's request.
    pub(super) fn of(req: &ServiceRequest) -> Option<Self> {
        if !req.path().starts_with(NODE) {
            return None;
        }
        Some(Self {
            app: req.app_data::<web::Data<App>>()?.clone(),
            api_key: req.headers().get(&API_KEY).cloned(),
            authorization: req.headers().get(AUTHORIZATION).cloned(),
        })
    }

    /// The reply. 503 is noted where it is decided: being asked to come back later is not always our fault.
    pub(super) fn replied(&self, status: StatusCode) {
        if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE && self.is_known() {
            self.app.fleet.note_ingest_error();
        }
    }

    /// Strangers prove nothing: who finds a way to make us fail must not blind the sweep.
    fn is_known(&self) -> bool {
        let text = |v: &Option<HeaderValue>| v.as_ref().and_then(|v| v.to_str().ok()).map(str::to_owned);
        let (key, authorization) = (text(&self.api_key), text(&self.authorization));
        self.app.fleet.knows_secret(presented_secret(key.as_deref(), authorization.as_deref()))
    }
}
