//! Regions.

use actix_web::{HttpResponse, get, patch, post, web};
use common::edit::EditRegion;
use common::ids::RegionId;
use common::paths;
use common::problem::Problem;
use common::region::{CreateRegion, Region, RegionPage};
use serde::Deserialize;

use super::{BodyErrors, Refusals, Versions, changed, created, cursor, limit, read};
use crate::http::extract::{Body, IfMatch, Query, Signed};
use crate::http::problem::ApiError;
use crate::services::App;
use crate::services::regions;

/// A page of regions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// List regions.
///
/// All regions by id, with their figures.
#[utoipa::path(tag = "regions", operation_id = "listRegions", summary = "List regions",
    security(("accessToken" = []), ("session" = [])),
    params(("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, body = RegionPage), Refusals,
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/regions")]
pub async fn list_regions(
    Signed(actor): Signed,
    Query(q): Query<ListQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let after = cursor(q.cursor.as_deref())?.map(RegionId::from);
    Ok(HttpResponse::Ok().json(regions::list(&app, &actor, after, limit(q.limit)?)?))
}

/// Add a region.
///
/// Adds a region. Its id is made of country and name (`US` and `us-east-1` make `US-EAST-1`) and never changes.
#[utoipa::path(tag = "regions", operation_id = "createRegion", summary = "Add a region",
    security(("accessToken" = []), ("session" = [])), request_body = CreateRegion,
    responses((status = 201, body = Region, headers(("X-Change" = i64), ("ETag" = String), ("Location" = String))), Refusals, BodyErrors,
              (status = 409, description = "The id is taken", body = Problem, content_type = "application/problem+json")))]
#[post("/regions")]
pub async fn create_region(
    Signed(actor): Signed,
    Body(request): Body<CreateRegion>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let changed = regions::create(&app, &actor, request).await?;
    let (location, version) = (format!("{}/{}", paths::REGIONS, changed.object.id), changed.object.version);
    Ok(created(changed, &location, version))
}

/// Read a region.
///
/// One region. The id may be in any letter case.
#[utoipa::path(tag = "regions", operation_id = "getRegion", summary = "Read a region",
    security(("accessToken" = []), ("session" = [])), params(("regionId" = String, Path, example = "OM-MCT")),
    responses((status = 200, body = Region, headers(("ETag" = String))), Refusals,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json")))]
#[get("/regions/{regionId}")]
pub async fn get_region(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let region = regions::get(&app, &actor, &RegionId::from(id.as_str()))?;
    Ok(read(&region, region.version))
}

/// Change a region.
///
/// Changes what is registered of a region. An absent field stays as it is, `null` clears it; what changes nothing is no
/// change. Id, country and name never change.
#[utoipa::path(tag = "regions", operation_id = "editRegion", summary = "Change a region",
    security(("accessToken" = []), ("session" = [])), request_body = EditRegion,
    params(("regionId" = String, Path, example = "OM-MCT"), ("If-Match" = String, Header, description = "`ETag` of the region this is based on")),
    responses((status = 200, body = Region, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors, Versions,
              (status = 404, description = "No such region", body = Problem, content_type = "application/problem+json")))]
#[patch("/regions/{regionId}")]
pub async fn edit_region(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Body(request): Body<EditRegion>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let c = regions::edit(&app, &actor, &RegionId::from(id.as_str()), version, request).await?;
    let version = c.object.version;
    Ok(changed(c, version))
}
