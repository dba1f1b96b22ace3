//! Is the process alive, and may it get requests?

use actix_web::{HttpResponse, get, web};
use common::problem::Problem;
use serde::Serialize;
use std::sync::atomic::Ordering;
use utoipa::ToSchema;

use crate::http::problem::ApiError;
use crate::services::App;
use crate::services::ServiceError;

/// A short yes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// Always `ok`; anything else is a problem.
    pub status: String,
    /// Set where the server has no working master key and so neither reads nor writes secrets, while everything else
    /// goes on: `missing`, `unreadable` or `wrong`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_locked: Option<String>,
}

fn ok(vault_locked: Option<String>) -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok".to_owned(), vault_locked })
}

/// Alive.
///
/// The process is alive. Depends on nothing else: a database that fails is no reason to kill it.
#[utoipa::path(tag = "health", operation_id = "livez", summary = "Alive", security(()), responses((status = 200, body = Health)))]
#[get("/livez")]
pub async fn livez() -> HttpResponse {
    ok(None)
}

/// Ready.
///
/// The database answers and the process is not on its way out. A server without its master key is ready too, and says
/// so: it takes heartbeats and answers everything that needs no secret.
#[utoipa::path(tag = "health", operation_id = "readyz", summary = "Ready", security(()), responses(
    (status = 200, body = Health),
    (status = 503, description = "Not ready", body = Problem, content_type = "application/problem+json"),
))]
#[get("/readyz")]
pub async fn readyz(app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    if app.stopping.load(Ordering::Acquire) {
        return Err(ServiceError::Unavailable(crate::db::DbError::Unavailable("stopping".into())).into());
    }
    app.db.ping().await.map_err(ServiceError::from)?;
    Ok(ok(app.vault.locked().map(|(why, _)| why.as_str().to_owned())))
}
