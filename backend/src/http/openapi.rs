//! The OpenAPI document and the routes it is made of: one table for both.

use std::collections::BTreeMap;

use actix_web::App as ActixApp;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::service_config::ServiceConfig;

use super::handlers::{auth, fleet, health, ingest, nodes, regions, stream};
use super::middleware::{identified, same_origin};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Iqra Infrastructure",
        description = "Control plane of self-hosted Iqra AI deployments. Operators register regions and nodes; nodes \
                       send heartbeats; consoles and scripts read figures and follow the live stream. Every error is \
                       a problem (RFC 9457) with a stable `code` and all field errors.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    modifiers(&Security),
    components(schemas(common::stream::LiveEvent)),
    tags(
        (name = "auth", description = "Sign-in and access tokens"),
        (name = "fleet", description = "Figures, timers, and refused heartbeats"),
        (name = "regions", description = "Groups of servers and storage in one place"),
        (name = "nodes", description = "Registered servers"),
        (name = "stream", description = "Server-sent events"),
        (name = "node", description = "For nodes, with their own secret"),
        (name = "health", description = "For supervisors and load balancers"),
    ),
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("accessToken", SecurityScheme::Http(bearer));
        // A scheme of its own: an operator's token opens no route of a node.
        let node =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("The node's secret")).build();
        components.add_security_scheme("nodeBearer", SecurityScheme::Http(node));
        let cookie = ApiKeyValue::new(super::extract::COOKIE);
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        components.add_security_scheme(
            "nodeSecret",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key"))),
        );
    }
}

/// Every route of the API.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(health::livez).service(health::readyz);
    config.service(
        utoipa_actix_web::scope("/api/v1/node")
            .service(ingest::heartbeat)
            .service(ingest::goodbye)
            .service(ingest::bootstrap),
    );
    config.service(
        utoipa_actix_web::scope("/api/v1")
            .wrap(actix_web::middleware::from_fn(identified))
            // The last one wrapped runs first: other sites are turned away before anything is looked up.
            .wrap(actix_web::middleware::from_fn(same_origin))
            .service(auth::login)
            .service(auth::logout)
            .service(auth::refresh)
            .service(auth::me)
            .service(fleet::meta)
            .service(fleet::overview)
            .service(fleet::rejections)
            .service(regions::list_regions)
            .service(regions::create_region)
            .service(regions::get_region)
            .service(nodes::list_nodes)
            .service(nodes::create_node)
            .service(nodes::get_node)
            .service(stream::follow),
    );
}

/// The document, made from the routes; needs no server, state or database.
pub fn document() -> OpenApi {
    ActixApp::new().into_utoipa_app().openapi(Document::openapi()).configure(routes).split_for_parts().1
}

/// As checked in under `openapi/`: indented, with a newline at the end.
pub fn document_text() -> String {
    let text = document().to_pretty_json().unwrap_or_default();
    format!("{text}\n")
}

/// Path templates with their methods, for 405.
pub fn methods(document: &OpenApi) -> BTreeMap<String, String> {
    let named = |item: &utoipa::openapi::PathItem| {
        let all = [
            ("GET", item.get.is_some()),
            ("POST", item.post.is_some()),
            ("PUT", item.put.is_some()),
            ("PATCH", item.patch.is_some()),
            ("DELETE", item.delete.is_some()),
        ];
        all.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
    };
    document.paths.paths.iter().map(|(path, item)| (path.clone(), named(item))).collect()
}
