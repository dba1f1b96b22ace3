//! Nodes.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use common::edit::EditNode;
use common::ids::{NodeId, RegionId};
use common::node::{CreateNode, CreatedNode, Node, NodeKind, NodePage};
use common::node_order::{NodeColumn, NodeOrder, NodeSort};
use common::paths;
use common::problem::{FieldError, Problem};
use common::status::StatusWord;
use serde::Deserialize;

use super::{BodyErrors, Refusals, Versions, changed, created, limit, read};
use crate::http::extract::{Body, IfMatch, Query, Signed, public_url};
use crate::http::problem::ApiError;
use crate::live::fleet::{LabelFilter, NodeFilter};
use crate::services::App;
use crate::services::{ServiceError, nodes};

/// Most values of one filter a list can ask for.
const VALUES_MAX: usize = 16;
/// Most regions a list can ask for.
const REGIONS_MAX: usize = 50;

/// A page of nodes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListQuery {
    #[serde(default)]
    region_id: Vec<String>,
    kind: Option<NodeKind>,
    #[serde(default)]
    label: Vec<String>,
    #[serde(default)]
    version: Vec<String>,
    status: Option<String>,
    q: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// List nodes.
///
/// All nodes by id, or those that pass every filter. `total` counts what all pages hold together.
#[utoipa::path(tag = "nodes", operation_id = "listNodes", summary = "List nodes",
    security(("accessToken" = []), ("session" = [])),
    params(("regionId" = Option<Vec<String>>, Query, description = "Of this region only; given more than once, of any of them (at most 50)"),
           ("kind" = Option<NodeKind>, Query, description = "Of this kind only"),
           ("label" = Option<Vec<String>>, Query, description = "With this label: `key=value`, or `key` for any value; given more than once, with all of them (at most 16)", example = "rack=b2"),
           ("version" = Option<Vec<String>>, Query, description = "Running this version; given more than once, any of them (at most 16)"),
           ("status" = Option<String>, Query, description = "With one of these status words, with commas between", example = "offline,stale"),
           ("q" = Option<String>, Query, description = "With this text in name, address, SIP host, ids, host name, version or labels", max_length = 100),
           ("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before; with the same filters")),
    responses((status = 200, body = NodePage), Refusals,
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/nodes")]
pub async fn list_nodes(
    Signed(actor): Signed,
    Query(q): Query<ListQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let after = match q.cursor.as_deref().map(str::parse::<NodeId>) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => return Err(ApiError::field("#query/cursor", "cursor", "Not a cursor of this list.")),
    };
    let filter = Asked {
        regions: &q.region_id,
        kind: q.kind,
        labels: &q.label,
        versions: &q.version,
        status: q.status.as_deref(),
        text: q.q.as_deref(),
    };
    let filter = filter.read(Vec::new())?;
    Ok(HttpResponse::Ok().json(nodes::list(&app, &actor, &filter, after, limit(q.limit)?)?))
}

/// The order of a list of nodes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrderQuery {
    sort: Option<String>,
    #[serde(default)]
    region_id: Vec<String>,
    kind: Option<NodeKind>,
    #[serde(default)]
    label: Vec<String>,
    #[serde(default)]
    version: Vec<String>,
    status: Option<String>,
    q: Option<String>,
}

/// Order nodes.
///
/// Which nodes pass every filter, in which order, and how many there are of each status word: for lists that show a part
/// of a large fleet. Rows come through the stream, whose window is set to the ids on screen.
///
/// Equal nodes stand worst first, then by region, endpoint and id. What a node has no data for comes last in both
/// directions.
#[utoipa::path(tag = "nodes", operation_id = "orderNodes", summary = "Order nodes",
    security(("accessToken" = []), ("session" = [])),
    params(("sort" = Option<String>, Query, description = "`status` (the default, worst first), `name`, `endpoint`, `region`, `kind`, `cpu`, `ram`, `sessions`, `network`, `heartbeat` (newest first), `version`, `sip`, `uptime`, `since`, `reason`, `id` or `labels`; with `-` before it turned round", example = "-cpu"),
           ("regionId" = Option<Vec<String>>, Query, description = "Of this region only; given more than once, of any of them (at most 50)"),
           ("kind" = Option<NodeKind>, Query, description = "Of this kind only"),
           ("label" = Option<Vec<String>>, Query, description = "With this label: `key=value`, or `key` for any value; given more than once, with all of them (at most 16)", example = "rack=b2"),
           ("version" = Option<Vec<String>>, Query, description = "Running this version; given more than once, any of them (at most 16)"),
           ("status" = Option<String>, Query, description = "With one of these status words, with commas between", example = "offline,stale"),
           ("q" = Option<String>, Query, description = "With this text in name, address, SIP host, ids, host name, version or labels", max_length = 100)),
    responses((status = 200, body = NodeOrder), Refusals,
              (status = 422, description = "Parameters are not right; all of them are named", body = Problem, content_type = "application/problem+json")))]
#[get("/nodes/order")]
pub async fn order_nodes(
    Signed(actor): Signed,
    Query(q): Query<OrderQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let mut errors = Vec::new();
    let sort = q.sort.as_deref().filter(|s| !s.is_empty()).map_or(Some(NodeSort::default()), NodeSort::parse);
    if sort.is_none() {
        let names: Vec<_> = NodeColumn::ALL.into_iter().map(|(_, name)| name).collect();
        let detail =
            format!("sort is one of {}, with - before it for the other direction.", names.join(", "));
        errors.push(FieldError::query("sort", "sort", detail));
    }
    let filter = Asked {
        regions: &q.region_id,
        kind: q.kind,
        labels: &q.label,
        versions: &q.version,
        status: q.status.as_deref(),
        text: q.q.as_deref(),
    };
    let filter = filter.read(errors)?;
    Ok(HttpResponse::Ok().json(nodes::order(&app, &actor, &filter, sort.unwrap_or_default())?))
}

/// Filters as asked for.
struct Asked<'a> {
    regions: &'a [String],
    kind: Option<NodeKind>,
    labels: &'a [String],
    versions: &'a [String],
    status: Option<&'a str>,
    text: Option<&'a str>,
}

impl Asked<'_> {
    /// The filter, or all that is wrong with it, after what was found already.
    fn read(&self, mut errors: Vec<FieldError>) -> Result<NodeFilter, ApiError> {
        let filter = NodeFilter {
            regions: several("regionId", self.regions, REGIONS_MAX, 40, &mut errors)
                .iter()
                .map(|id| RegionId::from(id.as_str()))
                .collect(),
            kind: self.kind,
            labels: labels(self.labels, &mut errors),
            versions: several("version", self.versions, VALUES_MAX, 200, &mut errors).to_vec(),
            words: words(self.status, &mut errors),
            text: searched(self.text, &mut errors),
        };
        if errors.is_empty() { Ok(filter) } else { Err(ServiceError::Invalid(errors).into()) }
    }
}

/// Values given more than once, as long as they are neither too many nor too long.
fn several<'a>(
    name: &'static str,
    asked: &'a [String],
    most: usize,
    longest: usize,
    errors: &mut Vec<FieldError>,
) -> &'a [String] {
    if asked.len() > most || asked.iter().any(|value| value.is_empty() || value.len() > longest) {
        let detail = format!("{name} has 1 to {longest} characters and is given at most {most} times.");
        errors.push(FieldError::query(name, "out_of_range", detail));
        return &[];
    }
    asked
}

fn labels(asked: &[String], errors: &mut Vec<FieldError>) -> Vec<LabelFilter> {
    if asked.len() > VALUES_MAX || asked.iter().any(|l| l.is_empty() || l.len() > 200) {
        errors.push(FieldError::query("label", "label", "label is key=value or key, at most 16 times."));
    }
    let one = |l: &String| match l.split_once('=') {
        Some((key, value)) => LabelFilter { key: key.to_owned(), value: Some(value.to_owned()) },
        None => LabelFilter { key: l.clone(), value: None },
    };
    asked.iter().map(one).collect()
}

fn words(asked: Option<&str>, errors: &mut Vec<FieldError>) -> Vec<StatusWord> {
    let Some(asked) = asked.filter(|a| !a.is_empty()) else { return Vec::new() };
    let word = |text: &str| serde_json::from_value(serde_json::Value::String(text.trim().to_owned())).ok();
    let known: Option<Vec<StatusWord>> = asked.split(',').take(32).map(word).collect();
    known.unwrap_or_else(|| {
        let detail = "status has status words such as offline, with commas between.";
        errors.push(FieldError::query("status", "status", detail));
        Vec::new()
    })
}

fn searched(asked: Option<&str>, errors: &mut Vec<FieldError>) -> Option<String> {
    let text = asked.map(|q| q.trim().to_lowercase()).filter(|q| !q.is_empty());
    if text.as_ref().is_some_and(|q| q.chars().count() > 100) {
        errors.push(FieldError::query("q", "too_long", "At most 100 characters."));
    }
    text
}

/// Add a node.
///
/// Adds a node. The reply alone holds its secret, and the `appsettings.json` fragment with it.
#[utoipa::path(tag = "nodes", operation_id = "createNode", summary = "Add a node",
    security(("accessToken" = []), ("session" = [])), request_body = CreateNode,
    responses((status = 201, body = CreatedNode, headers(("X-Change" = i64), ("ETag" = String), ("Location" = String))), Refusals, BodyErrors,
              (status = 409, description = "Address or external id is taken", body = Problem, content_type = "application/problem+json")))]
#[post("/nodes")]
pub async fn create_node(
    Signed(actor): Signed,
    Body(request): Body<CreateNode>,
    app: web::Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let url = public_url(&app, &req);
    let changed = nodes::create(&app, &actor, request, &url).await?;
    let node = &changed.object.node;
    let (location, version) = (format!("{}/{}", paths::NODES, node.id()), node.version);
    Ok(created(changed, &location, version))
}

/// Change a node.
///
/// Changes what is registered of a node. An absent field stays as it is, `null` clears it or brings its default back;
/// what changes nothing is no change. `id`, `regionId` and `kind` never change.
#[utoipa::path(tag = "nodes", operation_id = "editNode", summary = "Change a node",
    security(("accessToken" = []), ("session" = [])), request_body = EditNode,
    params(("nodeId" = NodeId, Path), ("If-Match" = String, Header, description = "`ETag` of the node this is based on")),
    responses((status = 200, body = Node, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors, Versions,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`endpoint_taken`, `external_id_taken`", body = Problem, content_type = "application/problem+json")))]
#[patch("/nodes/{nodeId}")]
pub async fn edit_node(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Body(request): Body<EditNode>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let c = nodes::edit(&app, &actor, node_id(&id)?, version, request).await?;
    let version = c.object.version;
    Ok(changed(c, version))
}

/// Read a node.
///
/// One node, with what its last heartbeat said.
#[utoipa::path(tag = "nodes", operation_id = "getNode", summary = "Read a node",
    security(("accessToken" = []), ("session" = [])), params(("nodeId" = NodeId, Path)),
    responses((status = 200, body = Node, headers(("ETag" = String))), Refusals,
              (status = 404, description = "No such node", body = Problem, content_type = "application/problem+json")))]
#[get("/nodes/{nodeId}")]
pub async fn get_node(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let node = nodes::get(&app, &actor, node_id(&id)?)?;
    Ok(read(&node, node.version))
}

/// The id in a path; what is none belongs to no node.
pub(super) fn node_id(text: &str) -> Result<NodeId, ServiceError> {
    text.parse().map_err(|_| ServiceError::NotFound { what: "node", id: text.chars().take(64).collect() })
}
