//! The OpenAPI document and the routes it is made of: one table for both.

pub mod access;
mod complete;
mod examples;
mod limits;
mod links;
mod written;

use std::collections::BTreeMap;

use actix_web::{App as ActixApp, web};
use serde_json::Value;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::service_config::ServiceConfig;

use super::handlers::{
    activity, auth, background, bulk, commands, deletion, fleet, frontend, health, helpers, history, ingest,
    intents, jobs, jwks, nodes, platform, problems, regions, secrets, sessions, storage, stream, tokens,
    unregistered, users, webhooks,
};
use super::middleware::denied::denials_noted;
use super::middleware::idempotency;
use super::middleware::{identified, same_origin};

const ACCESS_TOKEN: &str =
    "An access token of a session (15 minutes) or an automation token. Wins over the cookie";
const SESSION: &str = "The console's session. The cookie is called `iqra` on plain HTTP and `__Host-iqra` under TLS; there \
                       `iqra` counts for nothing";
const NODE_BEARER: &str = "A node's secret, `iqn_…`, for clients that cannot set `X-API-Key`";
const NODE_SECRET: &str = "A node's secret, `iqn_…`. It opens `/api/v1/node/*` and nothing else";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Iqra Infrastructure",
        description = include_str!("openapi/about.md"),
        // Of the API and not of the build, which is told after sign-in alone.
        version = "1",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    modifiers(&Security),
    components(schemas(common::stream::LiveEvent)),
    tags(
        (name = "auth", description = "Sign-in and access tokens"),
        (name = "users", description = "Accounts: the people who may sign in"),
        (name = "fleet", description = "Figures, timers, and refused heartbeats"),
        (name = "problems", description = "What needs a person, and servers the registry does not know"),
        (name = "regions", description = "Groups of servers and storage in one place"),
        (name = "storage", description = "S3 storage of a region: settings, test, health"),
        (name = "nodes", description = "Registered servers"),
        (name = "history", description = "Figures over time, and what happened when"),
        (name = "activity", description = "Who changed what"),
        (name = "tokens", description = "Automation tokens: what scripts present"),
        (name = "webhooks", description = "Calls that tell other systems of problems and of what happens"),
        (name = "background", description = "The background node, its jobs and their runs"),
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
        let http = |about| HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(about));
        let key = |name, about| ApiKeyValue::with_description(name, about);
        for (name, scheme) in [
            ("accessToken", SecurityScheme::Http(http(ACCESS_TOKEN).bearer_format("JWT").build())),
            // A scheme of its own: an operator's token opens no route of a node.
            ("nodeBearer", SecurityScheme::Http(http(NODE_BEARER).build())),
            ("session", SecurityScheme::ApiKey(ApiKey::Cookie(key(super::extract::COOKIE, SESSION)))),
            ("nodeSecret", SecurityScheme::ApiKey(ApiKey::Header(key("X-API-Key", NODE_SECRET)))),
        ] {
            components.add_security_scheme(name, scheme);
        }
    }
}

/// Every route of the API.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(health::livez).service(health::readyz).service(jwks::jwks);
    config.service(
        utoipa_actix_web::scope("/api/v1/node")
            .service(ingest::heartbeat)
            .service(ingest::goodbye)
            .service(ingest::bootstrap)
            .service(jobs::report_run),
    );
    config.service(
        utoipa_actix_web::scope("/api/v1")
            // Innermost: a reply that is sent again was noted the first time.
            .wrap(actix_web::middleware::from_fn(denials_noted))
            .wrap(actix_web::middleware::from_fn(idempotency::idempotent))
            .wrap(actix_web::middleware::from_fn(identified))
            // The last one wrapped runs first: other sites are turned away before anything is looked up.
            .wrap(actix_web::middleware::from_fn(same_origin))
            .service(auth::login)
            .service(auth::logout)
            .service(auth::refresh)
            .service(auth::me)
            .service(auth::look_at_link)
            .service(auth::redeem_link)
            .service(auth::confirm)
            .service(auth::change_password)
            .service(sessions::list_sessions)
            .service(sessions::end_session)
            .service(users::list_users)
            .service(users::invite_user)
            .service(users::get_user)
            .service(users::change_user)
            .service(users::delete_user)
            .service(users::make_user_link)
            .service(sessions::list_user_sessions)
            .service(sessions::sign_out_user)
            .service(helpers::list_helpers)
            .service(fleet::meta)
            .service(fleet::overview)
            .service(fleet::rejections)
            .service(problems::list_problems)
            .service(problems::snooze_problem)
            .service(problems::unsnooze_problem)
            .service(unregistered::list_unregistered)
            .service(unregistered::ignore_unregistered)
            .service(unregistered::unignore_unregistered)
            .service(history::overview_history)
            .service(history::region_history)
            .service(history::node_history)
            .service(history::node_events)
            .service(history::region_events)
            .service(activity::list_activity)
            .service(activity::count_activity)
            .service(activity::export_activity)
            .service(activity::activity_chain)
            .service(activity::verify_chain)
            .service(activity::get_activity)
            .service(regions::list_regions)
            .service(regions::create_region)
            .service(regions::get_region)
            .service(regions::edit_region)
            .service(deletion::get_region_deletion)
            .service(deletion::delete_region)
            .service(nodes::list_nodes)
            .service(nodes::create_node)
            // Before the node of that name, which takes other methods.
            .service(nodes::order_nodes)
            .route("/nodes/order", web::to(super::spa::fallback))
            .service(bulk::change_nodes)
            .route("/nodes/bulk", web::to(super::spa::fallback))
            .service(nodes::get_node)
            .service(nodes::edit_node)
            .service(deletion::get_node_deletion)
            .service(deletion::delete_node)
            .service(secrets::rotate_secret)
            .service(secrets::revoke_previous_secret)
            .service(storage::get_storage)
            .service(storage::put_storage)
            .service(storage::delete_storage)
            .service(storage::test_storage)
            .service(background::get_background)
            .service(background::put_background)
            .service(background::delete_background)
            .service(background::test_background)
            .service(jobs::start_job)
            .service(jobs::list_runs_of_job)
            .service(jobs::list_runs)
            .service(jobs::get_run)
            .service(jobs::cancel_run)
            .service(frontend::list_frontends)
            .service(frontend::frontend_history)
            .service(intents::set_node_intent)
            .service(intents::preview_node_intent)
            .service(intents::set_region_intent)
            .service(intents::preview_region_intent)
            .service(platform::get_platform)
            .service(platform::set_platform_intent)
            .service(platform::preview_platform_intent)
            .service(commands::shutdown_node)
            .service(commands::preview_node_shutdown)
            .service(commands::shutdown_region)
            .service(commands::preview_region_shutdown)
            .service(commands::list_commands)
            .service(commands::cancel_command)
            .service(tokens::list_tokens)
            .service(tokens::create_token)
            .service(tokens::get_token)
            .service(tokens::edit_token)
            .service(tokens::revoke_token)
            .service(webhooks::list_webhooks)
            .service(webhooks::create_webhook)
            .service(webhooks::get_webhook)
            .service(webhooks::edit_webhook)
            .service(webhooks::delete_webhook)
            .service(webhooks::rotate_webhook_secret)
            .service(webhooks::test_webhook)
            .service(webhooks::list_deliveries)
            .service(webhooks::get_delivery)
            .service(webhooks::replay_delivery)
            .service(stream::follow)
            .service(stream::set_window),
    );
}

/// The document, made from the routes; needs no server, state or database.
pub fn document() -> Value {
    let routes = ActixApp::new().into_utoipa_app().openapi(Document::openapi()).configure(routes);
    let mut document = routes.split_for_parts().1;
    idempotency::describe(&mut document);
    let mut document = serde_json::to_value(document).unwrap_or_default();
    complete::complete(&mut document);
    document
}

/// As checked in under `openapi/`: indented, with a newline at the end.
pub fn document_text() -> String {
    format!("{:#}\n", document())
}

/// Path templates with their methods, for 405.
pub fn methods(document: &Value) -> BTreeMap<String, String> {
    let named = |item: &Value| {
        let there = complete::METHODS.iter().filter(|method| item.get(**method).is_some());
        there.map(|method| method.to_uppercase()).collect::<Vec<_>>().join(", ")
    };
    let paths = document.get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().map(|(path, item)| (path.clone(), named(item))).collect()
}

/// Members of requests that have limits by the list of limits: type, member, limits.
pub fn limited() -> Vec<(&'static str, &'static str, Value)> {
    limits::members()
}
