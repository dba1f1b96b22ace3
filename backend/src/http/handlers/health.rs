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
pub struct Health {
    /// Always `ok`; anything else is a problem.
    pub status: String,
}

fn ok() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok".to_owned() })
}

/// The process is alive. Depends on nothing else: a database that fails is no reason to kill it.
#[utoipa::path(tag = "health", operation_id = "livez", summary = "Alive", security(()), responses((status = 200, body = Health)))]
#[get("/livez")]
pub async fn livez() -> HttpResponse {
    ok()
}

/// The database answers and the process is not on its way out.
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
    Ok(ok())
}
