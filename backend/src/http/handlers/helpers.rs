//! Whom to ask.

use actix_web::{HttpResponse, get, web};
use common::problem::Problem;
use common::users::Helpers;
use serde::Deserialize;

use super::Refusals;
use crate::http::extract::{Query, Signed};
use crate::http::problem::ApiError;
use crate::services::{App, helpers};

/// For what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HelpersQuery {
    role: Option<String>,
    region: Option<String>,
}

/// Ask who can help.
///
/// For a refusal that says whom to ask: up to five people who can sign in and have the role or a higher one, in the region
/// where one is given, else in all regions. A 403 with `role_too_low` has the role in `current.role`, one with
/// `out_of_scope` the region in `current.region`.
#[utoipa::path(tag = "users", operation_id = "listHelpers", summary = "Ask who can help",
    security(("accessToken" = []), ("session" = [])),
    params(("role" = String, Query, example = "operator", description = "The role it takes: `operator` or `admin`"),
           ("region" = Option<String>, Query, example = "OM-MCT", description = "Region ID of where; all regions where none is given")),
    responses((status = 200, body = Helpers), Refusals,
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/helpers")]
pub async fn list_helpers(
    Signed(actor): Signed,
    Query(q): Query<HelpersQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(helpers::list(&app, &actor, q.role.as_deref(), q.region.as_deref()).await?))
}
