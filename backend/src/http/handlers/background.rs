//! The background node.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use common::problem::Problem;
use common::singleton::{
    BackgroundNode, BackgroundTestReply, PutBackgroundNode, PutBackgroundReply, TestBackgroundNode,
};
use serde::Deserialize;

use super::{BodyErrors, Refusals, Versions};
use crate::http::extract::{Body, IfMatch, Query, Signed, public_url};
use crate::http::problem::ApiError;
use crate::services::{App, background, background_test};

/// What an operator says about a delete.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteQuery {
    #[serde(default)]
    sessions_lost: bool,
}

/// The `ETag` is the node's; without a node there is none.
fn tagged(background: &BackgroundNode) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    if let Some(node) = &background.node {
        response.insert_header(("ETag", format!("\"{}\"", node.version)));
    }
    response
}

/// Read the background node.
///
/// The background node: what is registered, the jobs it advertises, whether a job can be started now and why not, whether
/// both sides hold the same key and what that rests on, and its runs.
#[utoipa::path(tag = "background", operation_id = "getBackgroundNode", summary = "Read the background node",
    security(("accessToken" = []), ("session" = [])),
    responses((status = 200, body = BackgroundNode, headers(("ETag" = String))), Refusals))]
#[get("/background-node")]
pub async fn get_background(Signed(actor): Signed, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    let background = background::get(&app, &actor).await?;
    Ok(tagged(&background).json(background))
}

/// Register or change the background node.
///
/// Registers the background node, or changes it. A new key is generated, or pasted from the node's settings; the reply
/// alone holds it. The one before works for a day beside it.
#[utoipa::path(tag = "background", operation_id = "putBackgroundNode", summary = "Register or change the background node",
    security(("accessToken" = []), ("session" = [])), request_body = PutBackgroundNode,
    params(("If-Match" = Option<String>, Header, description = "`ETag` of the node this is based on; left out to register one")),
    responses((status = 200, body = PutBackgroundReply, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors, Versions,
              (status = 409, description = "`endpoint_taken`, `secret_taken`", body = Problem, content_type = "application/problem+json")))]
#[put("/background-node")]
pub async fn put_background(
    Signed(actor): Signed,
    version: Option<IfMatch>,
    Body(request): Body<PutBackgroundNode>,
    app: web::Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let url = public_url(&app, &req);
    let changed = background::put(&app, &actor, request, version.map(|v| v.0), &url).await?;
    Ok(tagged(&changed.object.background)
        .insert_header(("X-Change", changed.change.to_string()))
        .insert_header(("Cache-Control", "no-store"))
        .json(changed.object))
}

/// Delete the background node.
///
/// Deletes the background node, under the same conditions as any node: disabled, silent, no run left.
#[utoipa::path(tag = "background", operation_id = "deleteBackgroundNode", summary = "Delete the background node",
    security(("accessToken" = []), ("session" = [])),
    params(("sessionsLost" = Option<bool>, Query, description = "Confirms that runs the node had left are lost"),
           ("If-Match" = String, Header, description = "`ETag` of the node this is based on")),
    responses((status = 204, description = "It is gone", headers(("X-Change" = i64))), Refusals, Versions,
              (status = 404, description = "None is registered", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`delete_refused`: `current` holds the preconditions (Deletion)", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[delete("/background-node")]
pub async fn delete_background(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Query(q): Query<DeleteQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let change = background::delete(&app, &actor, version, q.sessions_lost).await?;
    Ok(HttpResponse::NoContent().insert_header(("X-Change", change.to_string())).finish())
}

/// Test the background node's address and key.
///
/// Tries the address and the key sent, saved or not, step by step: address, name, port, TLS, answer, key. What is left
/// out is taken from the registered node. A test that fails is a 200 that says at which step, why, and what to do.
#[utoipa::path(tag = "background", operation_id = "testBackgroundNode", summary = "Test the background node's address and key",
    security(("accessToken" = []), ("session" = [])), request_body = TestBackgroundNode,
    responses((status = 200, body = BackgroundTestReply), Refusals, BodyErrors))]
#[post("/background-node/test")]
pub async fn test_background(
    Signed(actor): Signed,
    Body(request): Body<TestBackgroundNode>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let app = app.into_inner();
    Ok(HttpResponse::Ok().json(background_test::run(&app, &actor, request).await?))
}
