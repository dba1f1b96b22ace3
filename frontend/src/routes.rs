//! The console's addresses. Every link is built here, so that a renamed page breaks at compile time.

mod places;

pub use places::{BackgroundPlace, HelpPlace, background_place, delivery_in};

use common::ids::{DeliveryId, NodeId, RegionId, RunId, UserId, WebhookId};
use common::node::NodeKind;
use common::time::Timestamp;

/// The figures of the cluster.
pub const DASHBOARD: &str = "/dashboard";
/// All regions.
pub const REGIONS: &str = "/regions";
/// The form for a new region.
pub const REGION_NEW: &str = "/regions/new";
/// All nodes.
pub const NODES: &str = "/nodes";
/// Servers that send heartbeats and are not registered.
pub const UNREGISTERED: &str = "/nodes/unregistered";
/// The control plane's own processes.
pub const FRONTEND: &str = "/frontend";
/// The background node.
pub const BACKGROUND: &str = "/background";
/// Its jobs.
pub const BACKGROUND_JOBS: &str = "/background/jobs";
/// Its address and key.
pub const BACKGROUND_CONFIG: &str = "/background/config";
/// Who changed what.
pub const ACTIVITY: &str = "/activity";
/// Its figures over time.
pub const BACKGROUND_METRICS: &str = "/background/metrics";
/// One open or past problem; its id follows.
pub const PROBLEMS: &str = "/problems";
/// What is set for this installation and for this browser.
pub const SETTINGS: &str = "/settings";
/// Timers, retention, versions.
pub const SETTINGS_GENERAL: &str = "/settings/general";
/// Maintenance of the whole platform.
pub const MAINTENANCE: &str = "/settings/maintenance";
/// Theme, language, density and keys of this browser.
pub const SETTINGS_APPEARANCE: &str = "/settings/appearance";
/// Version and licences.
pub const SETTINGS_ABOUT: &str = "/settings/about";
/// Words and troubleshooting.
pub const HELP: &str = "/help";
/// What to do about 0/N.
pub const HELP_ZERO: &str = "/help/why-zero";
/// Password and sessions.
pub const SETTINGS_SECURITY: &str = "/settings/security";
/// The people who may sign in.
pub const USERS: &str = "/users";
/// The form that invites somebody.
pub const USER_INVITE: &str = "/users/invite";
/// Automation tokens.
pub const TOKENS: &str = "/tokens";
/// The form for a new one.
pub const TOKEN_NEW: &str = "/tokens/new";
/// Who is told of what happens.
pub const WEBHOOKS: &str = "/webhooks";
/// The form for a new webhook.
pub const WEBHOOK_NEW: &str = "/webhooks/new";
/// Where a one-time link leads.
pub const WELCOME: &str = "/welcome";
/// Sign-in.
pub const LOGIN: &str = "/login";

/// Which page an address shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// `/`, which is the dashboard.
    Root,
    /// `/login`
    Login,
    /// `/welcome`
    Welcome,
    /// `/dashboard`
    Dashboard,
    /// `/regions`
    Regions,
    /// `/regions/new`
    RegionNew,
    /// `/regions/OM-MCT`
    Region,
    /// `/regions/OM-MCT/nodes`
    RegionNodes,
    /// `/regions/OM-MCT/diagnose?kind=proxy`
    RegionDiagnose,
    /// `/regions/OM-MCT/storage`
    RegionStorage,
    /// `/regions/OM-MCT/activity`
    RegionActivity,
    /// `/regions/OM-MCT/settings`
    RegionSettings,
    /// `/regions/OM-MCT/nodes/new`
    NodeNew,
    /// `/nodes`
    Nodes,
    /// `/nodes/0198…`
    Node,
    /// `/nodes/unregistered`
    Unregistered,
    /// `/nodes/0198…/metrics`
    NodeMetrics,
    /// `/nodes/0198…/activity`
    NodeActivity,
    /// `/nodes/0198…/settings`
    NodeSettings,
    /// `/nodes/0198…/connect`
    NodeConnect,
    /// `/nodes/0198…/diagnose`
    NodeDiagnose,
    /// `/problems/0198…`
    Problem,
    /// `/frontend`
    Frontend,
    /// `/background/…`: [`background_place`] says which of its pages.
    Background,
    /// `/activity`
    Activity,
    /// `/activity/1234`
    ActivityEntry,
    /// `/settings` and `/settings/general`
    SettingsGeneral,
    /// `/settings/maintenance`
    Maintenance,
    /// `/settings/appearance`
    SettingsAppearance,
    /// `/settings/security`
    SettingsSecurity,
    /// `/settings/about`
    SettingsAbout,
    /// `/users`
    Users,
    /// `/users/invite`
    UserInvite,
    /// `/users/0198…`
    User,
    /// `/tokens`
    Tokens,
    /// `/tokens/new`
    TokenNew,
    /// `/webhooks`
    Webhooks,
    /// `/webhooks/new`
    WebhookNew,
    /// `/webhooks/0198…`
    Webhook,
    /// `/webhooks/0198…/edit`
    WebhookEdit,
    /// `/webhooks/0198…/deliveries/0198…`: [`delivery_in`] says which delivery.
    WebhookDelivery,
    /// `/help/…`: [`HelpPlace::of`] says which of its pages.
    Help,
    /// Anything else.
    NotFound,
}

/// The page of a path, and the id in it, empty where the page has none. One plain match instead of the router's route
/// tree, which would be a tenth of the whole bundle; history, links and queries are the router's.
pub fn find(path: &str) -> (Page, &str) {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match [(); 5].map(|()| parts.next()) {
        [None, ..] => (Page::Root, ""),
        [Some("login"), None, ..] => (Page::Login, ""),
        [Some("welcome"), None, ..] => (Page::Welcome, ""),
        [Some("dashboard"), None, ..] => (Page::Dashboard, ""),
        [Some("regions"), None, ..] => (Page::Regions, ""),
        [Some("regions"), Some("new"), None, ..] => (Page::RegionNew, ""),
        [Some("regions"), Some(id), None | Some("overview"), None, ..] => (Page::Region, id),
        [Some("regions"), Some(id), Some("nodes"), None, ..] => (Page::RegionNodes, id),
        [Some("regions"), Some(id), Some("diagnose"), None, ..] => (Page::RegionDiagnose, id),
        [Some("regions"), Some(id), Some("storage"), None, ..] => (Page::RegionStorage, id),
        [Some("regions"), Some(id), Some("activity"), None, ..] => (Page::RegionActivity, id),
        [Some("regions"), Some(id), Some("settings"), None, ..] => (Page::RegionSettings, id),
        [Some("regions"), Some(id), Some("nodes"), Some("new"), None] => (Page::NodeNew, id),
        [Some("nodes"), None, ..] => (Page::Nodes, ""),
        [Some("nodes"), Some("unregistered"), None, ..] => (Page::Unregistered, ""),
        [Some("nodes"), Some(id), None | Some("overview"), None, ..] => (Page::Node, id),
        [Some("nodes"), Some(id), Some("metrics"), None, ..] => (Page::NodeMetrics, id),
        [Some("nodes"), Some(id), Some("activity"), None, ..] => (Page::NodeActivity, id),
        [Some("nodes"), Some(id), Some("settings"), None, ..] => (Page::NodeSettings, id),
        [Some("nodes"), Some(id), Some("connect"), None, ..] => (Page::NodeConnect, id),
        [Some("nodes"), Some(id), Some("diagnose"), None, ..] => (Page::NodeDiagnose, id),
        [Some("problems"), Some(id), None, ..] => (Page::Problem, id),
        [Some("frontend"), None, ..] => (Page::Frontend, ""),
        [Some("background"), ..] if background_place(path).is_some() => (Page::Background, ""),
        [Some("activity"), None, ..] => (Page::Activity, ""),
        [Some("activity"), Some(id), None, ..] => (Page::ActivityEntry, id),
        [Some("settings"), None | Some("general"), None, ..] => (Page::SettingsGeneral, ""),
        [Some("settings"), Some("maintenance"), None, ..] => (Page::Maintenance, ""),
        [Some("settings"), Some("appearance"), None, ..] => (Page::SettingsAppearance, ""),
        [Some("settings"), Some("security"), None, ..] => (Page::SettingsSecurity, ""),
        [Some("settings"), Some("about"), None, ..] => (Page::SettingsAbout, ""),
        [Some("users"), None, ..] => (Page::Users, ""),
        [Some("users"), Some("invite"), None, ..] => (Page::UserInvite, ""),
        [Some("users"), Some(id), None, ..] => (Page::User, id),
        [Some("tokens"), None, ..] => (Page::Tokens, ""),
        [Some("tokens"), Some("new"), None, ..] => (Page::TokenNew, ""),
        [Some("webhooks"), None, ..] => (Page::Webhooks, ""),
        [Some("webhooks"), Some("new"), None, ..] => (Page::WebhookNew, ""),
        [Some("webhooks"), Some(id), None, ..] => (Page::Webhook, id),
        [Some("webhooks"), Some(id), Some("edit"), None, ..] => (Page::WebhookEdit, id),
        [Some("webhooks"), Some(id), Some("deliveries"), Some(_), None] => (Page::WebhookDelivery, id),
        [Some("help"), ..] if HelpPlace::of(path).is_some() => (Page::Help, ""),
        _ => (Page::NotFound, ""),
    }
}

/// A job and its runs.
pub fn job(key: &str) -> String {
    format!("{BACKGROUND_JOBS}/{key}")
}

/// One run of a job.
pub fn job_run(key: &str, run: RunId) -> String {
    format!("{BACKGROUND_JOBS}/{key}/runs/{run}")
}

/// Somebody's account.
pub fn user(id: UserId) -> String {
    format!("{USERS}/{id}")
}

/// A webhook with its log.
pub fn webhook(id: WebhookId) -> String {
    format!("{WEBHOOKS}/{id}")
}

/// The form of a webhook.
pub fn webhook_edit(id: WebhookId) -> String {
    format!("{WEBHOOKS}/{id}/edit")
}

/// One delivery of a webhook.
pub fn webhook_delivery(id: WebhookId, delivery: DeliveryId) -> String {
    format!("{WEBHOOKS}/{id}/deliveries/{delivery}")
}

/// One entry of the activity log.
pub fn activity_entry(id: &str) -> String {
    format!("{ACTIVITY}/{id}")
}

/// A region with its nodes.
pub fn region(id: &RegionId) -> String {
    format!("{REGIONS}/{id}")
}

/// A region's nodes.
pub fn region_nodes(id: &RegionId) -> String {
    format!("{REGIONS}/{id}/nodes")
}

/// Why none of a region's nodes of one kind reports.
pub fn region_diagnose(id: &RegionId, kind: NodeKind) -> String {
    format!("{REGIONS}/{id}/diagnose?kind={}", kind.as_str())
}

/// A region's S3 storage.
pub fn region_storage(id: &RegionId) -> String {
    format!("{REGIONS}/{id}/storage")
}

/// What happened in a region.
pub fn region_activity(id: &RegionId) -> String {
    format!("{REGIONS}/{id}/activity")
}

/// A region's registration, and what takes it out of service.
pub fn region_settings(id: &RegionId) -> String {
    format!("{REGIONS}/{id}/settings")
}

/// The form for a new node of a region.
pub fn node_new(region_id: &RegionId, kind: NodeKind) -> String {
    format!("{REGIONS}/{region_id}/nodes/new?kind={}", kind.as_str())
}

/// The same form, begun with what is known of a server; what is not known is left to the operator.
pub fn node_new_from(region_id: &RegionId, kind: Option<NodeKind>, endpoint: Option<&str>) -> String {
    let endpoint = endpoint.map(|e| format!("&endpoint={}", encode(e))).unwrap_or_default();
    format!("{}{endpoint}", node_new(region_id, kind.unwrap_or(NodeKind::Backend)))
}

/// A node.
pub fn node(id: NodeId) -> String {
    format!("{NODES}/{id}")
}

/// A node's figures over time.
pub fn node_metrics(id: NodeId) -> String {
    format!("{NODES}/{id}/metrics")
}

/// What happened to a node.
pub fn node_activity(id: NodeId) -> String {
    format!("{NODES}/{id}/activity")
}

/// A node's registration and secret.
pub fn node_settings(id: NodeId) -> String {
    format!("{NODES}/{id}/settings")
}

/// A new node's secret and its first heartbeat.
pub fn node_connect(id: NodeId) -> String {
    format!("{NODES}/{id}/connect")
}

/// Why a node does not report.
pub fn node_diagnose(id: NodeId) -> String {
    format!("{NODES}/{id}/diagnose")
}

/// A problem.
pub fn problem(id: &str) -> String {
    format!("{PROBLEMS}/{id}")
}

/// The nodes of one kind with a status; the values are those of the list's own query keys.
pub fn nodes_filtered(kind: Option<NodeKind>, status: Option<&str>) -> String {
    let kind = kind.map(|k| format!("kind={}", k.as_str()));
    let status = status.map(|s| format!("status={s}"));
    let query: Vec<String> = kind.into_iter().chain(status).collect();
    if query.is_empty() { NODES.to_owned() } else { format!("{NODES}?{}", query.join("&")) }
}

/// The nodes of one kind in one region.
pub fn nodes_of(region_id: &RegionId, kind: NodeKind) -> String {
    format!("{NODES}?kind={}&region={region_id}", kind.as_str())
}

/// Sign-in, and where to go afterwards.
pub fn login(next: &str, expired: bool) -> String {
    let reason = if expired { "&reason=expired" } else { "" };
    match next {
        "" | "/" | DASHBOARD if !expired => LOGIN.to_owned(),
        _ => format!("{LOGIN}?next={}{reason}", encode(next)),
    }
}

/// Where sign-in may lead: a path of this console and nothing else, whatever the address says.
pub fn safe_next(next: Option<&str>) -> &str {
    match next {
        Some(path)
            if path.starts_with('/')
                && !path.starts_with("//")
                && !path.starts_with(LOGIN)
                && !path.starts_with(WELCOME)
                && !path.contains(['\\', '\n', '\r', '\t']) =>
        {
            path
        }
        _ => DASHBOARD,
    }
}

/// A page at a moment that is over; the page is one that can show it.
pub fn at(path: &str, at: Timestamp) -> String {
    format!("{path}?at={}", encode(&at.to_string()))
}

/// Percent-encodes a value of a query.
pub fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests;
