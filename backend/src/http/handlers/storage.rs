//! Storage of regions.

use actix_web::{HttpResponse, delete, get, post, put, web};
use common::ids::RegionId;
use common::problem::Problem;
use common::storage::{PutStorage, RegionStorage, StorageTestReply, TestStorage};

use super::{BodyErrors, Refusals, changed, read};
use crate::http::extract::{Body, IfMatch, Signed};
use crate::http::problem::ApiError;
use crate::services::{App, storage};

/// Read a region's storage.
///
/// The settings of a region, and what checks of this server and of the region's nodes found. The secret key is never
/// returned. The `ETag` is `"0"` where there are no settings yet.
#[utoipa::path(tag = "storage", operation_id = "getStorage", summary = "Read a region's storage",
    security(("accessToken" = []), ("session" = [])), params(("regionId" = String, Path, example = "OM-MCT")),
    responses((status = 200, body = RegionStorage, headers(("ETag" = String))), Refusals,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json")))]
#[get("/regions/{regionId}/storage")]
pub async fn get_storage(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let view = storage::get(&app, &actor, &RegionId::from(id.as_str()))?;
    Ok(read(&view, view.version))
}

/// Set a region's storage.
///
/// Stores the settings. Running nodes of the region read them within two heartbeats. Nothing is tried: that is what
/// the connection test is for.
#[utoipa::path(tag = "storage", operation_id = "putStorage", summary = "Set a region's storage",
    security(("accessToken" = []), ("session" = [])), request_body = PutStorage,
    params(("regionId" = String, Path, example = "OM-MCT"),
           ("If-Match" = String, Header, description = "The `ETag` this change is based on")),
    responses((status = 200, body = RegionStorage, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json"),
              (status = 412, description = "`version_stale`", body = Problem, content_type = "application/problem+json"),
              (status = 428, description = "`version_needed`", body = Problem, content_type = "application/problem+json")))]
#[put("/regions/{regionId}/storage")]
pub async fn put_storage(
    Signed(actor): Signed,
    IfMatch(base): IfMatch,
    id: web::Path<String>,
    Body(request): Body<PutStorage>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let done = storage::put(&app, &actor, &RegionId::from(id.as_str()), request, base).await?;
    let version = done.object.version;
    Ok(changed(done, version))
}

/// Remove a region's storage settings.
///
/// Removes the settings. Calls in this region cannot save audio afterwards.
#[utoipa::path(tag = "storage", operation_id = "deleteStorage", summary = "Remove a region's storage settings",
    security(("accessToken" = []), ("session" = [])),
    params(("regionId" = String, Path, example = "OM-MCT"),
           ("If-Match" = String, Header, description = "The `ETag` this change is based on")),
    responses((status = 204, description = "Removed", headers(("X-Change" = i64))), Refusals,
              (status = 404, description = "No such region, or nothing is set", body = Problem, content_type = "application/problem+json"),
              (status = 412, description = "`version_stale`", body = Problem, content_type = "application/problem+json"),
              (status = 428, description = "`version_needed`", body = Problem, content_type = "application/problem+json")))]
#[delete("/regions/{regionId}/storage")]
pub async fn delete_storage(
    Signed(actor): Signed,
    IfMatch(base): IfMatch,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let change = storage::delete(&app, &actor, &RegionId::from(id.as_str()), base).await?;
    Ok(HttpResponse::NoContent().insert_header(("X-Change", change.to_string())).finish())
}

/// Test a region's storage.
///
/// Tries the values sent, saved or not, step by step: address, name, port, TLS, credentials, bucket, put, get, delete.
/// A test that fails is a 200 that says at which step, why, and what to do.
#[utoipa::path(tag = "storage", operation_id = "testStorage", summary = "Test a region's storage",
    security(("accessToken" = []), ("session" = [])), request_body = TestStorage,
    params(("regionId" = String, Path, example = "OM-MCT")),
    responses((status = 200, body = StorageTestReply), Refusals, BodyErrors,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json")))]
#[post("/regions/{regionId}/storage/test")]
pub async fn test_storage(
    Signed(actor): Signed,
    id: web::Path<String>,
    Body(request): Body<TestStorage>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let reply = storage::test(&app, &actor, &RegionId::from(id.as_str()), request).await?;
    Ok(HttpResponse::Ok().json(reply))
}
