//! Secrets of nodes.

use actix_web::{HttpRequest, HttpResponse, delete, post, web};
use common::edit::RotateSecret;
use common::ids::NodeId;
use common::node::{CreatedNode, Node};
use common::problem::Problem;

use super::nodes::node_id;
use super::{BodyErrors, Refusals, Versions, changed};
use crate::http::extract::{Body, IfMatch, Signed, public_url};
use crate::http::problem::ApiError;
use crate::services::{App, secrets};

/// Rotate a node's secret.
///
/// Gives a node a new secret, generated or one of your own. The reply alone holds it. The one before it works beside it
/// for `overlapSeconds`; at most two work at once, so a second rotation ends the older.
#[utoipa::path(tag = "nodes", operation_id = "rotateNodeSecret", summary = "Rotate a node's secret",
    security(("accessToken" = []), ("session" = [])), request_body = RotateSecret,
    params(("nodeId" = NodeId, Path), ("If-Match" = String, Header, description = "`ETag` of the node this is based on")),
    responses((status = 200, body = CreatedNode, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors, Versions,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`secret_taken`", body = Problem, content_type = "application/problem+json")))]
#[post("/nodes/{nodeId}/secret")]
pub async fn rotate_secret(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Body(request): Body<RotateSecret>,
    id: web::Path<String>,
    app: web::Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let url = public_url(&app, &req);
    let c = secrets::rotate(&app, &actor, node_id(&id)?, version, request, &url).await?;
    let version = c.object.node.version;
    Ok(changed(c, version))
}

/// Revoke a node's previous secret.
///
/// Ends the secret before the newest at once instead of when its overlap is over. Where there is none, nothing changes.
#[utoipa::path(tag = "nodes", operation_id = "revokePreviousNodeSecret", summary = "Revoke a node's previous secret",
    security(("accessToken" = []), ("session" = [])),
    params(("nodeId" = NodeId, Path), ("If-Match" = String, Header, description = "`ETag` of the node this is based on")),
    responses((status = 200, body = Node, headers(("X-Change" = i64), ("ETag" = String))), Refusals, Versions,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json")))]
#[delete("/nodes/{nodeId}/secret/previous")]
pub async fn revoke_previous_secret(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let c = secrets::revoke_previous(&app, &actor, node_id(&id)?, version).await?;
    let version = c.object.version;
    Ok(changed(c, version))
}
