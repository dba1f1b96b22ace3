//! The console's addresses. Every link is built here, so that a renamed page breaks at compile time.

use common::ids::{NodeId, RegionId, RunId};
use common::node::NodeKind;

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
/// Maintenance of the whole platform.
pub const MAINTENANCE: &str = "/settings/maintenance";
/// Words and troubleshooting.
pub const HELP: &str = "/help";
/// Sign-in.
pub const LOGIN: &str = "/login";

/// Which page an address shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// `/`, which is the dashboard.
    Root,
    /// `/login`
    Login,
    /// `/dashboard`
    Dashboard,
    /// `/regions`
    Regions,
    /// `/regions/new`
    RegionNew,
    /// `/regions/OM-MCT`
    Region,
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
    /// `/frontend`
    Frontend,
    /// `/background/…`: [`background_place`] says which of its pages.
    Background,
    /// `/activity`
    Activity,
    /// `/activity/1234`
    ActivityEntry,
    /// `/settings/maintenance`
    Maintenance,
    /// `/help`
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
        [Some("dashboard"), None, ..] => (Page::Dashboard, ""),
        [Some("regions"), None, ..] => (Page::Regions, ""),
        [Some("regions"), Some("new"), None, ..] => (Page::RegionNew, ""),
        [Some("regions"), Some(id), None | Some("overview"), None, ..] => (Page::Region, id),
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
        [Some("frontend"), None, ..] => (Page::Frontend, ""),
        [Some("background"), ..] if background_place(path).is_some() => (Page::Background, ""),
        [Some("activity"), None, ..] => (Page::Activity, ""),
        [Some("activity"), Some(id), None, ..] => (Page::ActivityEntry, id),
        [Some("settings"), None | Some("maintenance"), None, ..] => (Page::Maintenance, ""),
        [Some("help"), None, ..] => (Page::Help, ""),
        _ => (Page::NotFound, ""),
    }
}

/// A page of the background node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackgroundPlace {
    /// How it is.
    Overview,
    /// What it can do.
    Jobs,
    /// One job and its runs.
    Job(String),
    /// One run of a job.
    Run(String, String),
    /// Address and key.
    Config,
}

/// Which page of the background node a path shows.
pub fn background_place(path: &str) -> Option<BackgroundPlace> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match [(); 6].map(|()| parts.next()) {
        [Some("background"), None | Some("overview"), None, ..] => Some(BackgroundPlace::Overview),
        [Some("background"), Some("jobs"), None, ..] => Some(BackgroundPlace::Jobs),
        [Some("background"), Some("config"), None, ..] => Some(BackgroundPlace::Config),
        [Some("background"), Some("jobs"), Some(job), None, ..] => Some(BackgroundPlace::Job(job.to_owned())),
        [Some("background"), Some("jobs"), Some(job), Some("runs"), Some(run), None] => {
            Some(BackgroundPlace::Run(job.to_owned(), run.to_owned()))
        }
        _ => None,
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

/// One entry of the activity log.
pub fn activity_entry(id: &str) -> String {
    format!("{ACTIVITY}/{id}")
}

/// A region with its nodes.
pub fn region(id: &RegionId) -> String {
    format!("{REGIONS}/{id}")
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
                && !path.contains(['\\', '\n', '\r', '\t']) =>
        {
            path
        }
        _ => DASHBOARD,
    }
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
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let id: NodeId = "0198f6a2-0000-7000-8000-000000000001".parse().unwrap();
        let mct = RegionId::from("om-mct");
        assert_eq!(region(&mct), "/regions/OM-MCT");
        assert_eq!(node_new(&mct, NodeKind::Proxy), "/regions/OM-MCT/nodes/new?kind=proxy");
        assert_eq!(
            node_new_from(&mct, None, Some("10.0.0.5:5002")),
            "/regions/OM-MCT/nodes/new?kind=backend&endpoint=10.0.0.5%3A5002"
        );
        assert_eq!(node(id), "/nodes/0198f6a2-0000-7000-8000-000000000001");
        assert_eq!(node_connect(id), "/nodes/0198f6a2-0000-7000-8000-000000000001/connect");
        assert_eq!(nodes_filtered(None, None), "/nodes");
        assert_eq!(
            nodes_filtered(Some(NodeKind::Backend), Some("offline")),
            "/nodes?kind=backend&status=offline"
        );
        assert_eq!(nodes_of(&mct, NodeKind::Proxy), "/nodes?kind=proxy&region=OM-MCT");
        assert_eq!(login("/", false), "/login");
        assert_eq!(login("/nodes?kind=proxy", true), "/login?next=/nodes%3Fkind%3Dproxy&reason=expired");
    }

    #[test]
    fn pages() {
        let id: NodeId = "0198f6a2-0000-7000-8000-000000000001".parse().unwrap();
        let mct = RegionId::from("OM-MCT");
        for (path, page, found) in [
            ("/", Page::Root, ""),
            (LOGIN, Page::Login, ""),
            (DASHBOARD, Page::Dashboard, ""),
            (REGIONS, Page::Regions, ""),
            ("/regions/", Page::Regions, ""),
            (REGION_NEW, Page::RegionNew, ""),
            (&region(&mct), Page::Region, "OM-MCT"),
            ("/regions/OM-MCT/nodes/new", Page::NodeNew, "OM-MCT"),
            ("/regions/OM-MCT/nodes/new/x", Page::NotFound, ""),
            ("/regions/OM-MCT/nodes", Page::NotFound, ""),
            ("/regions/OM-MCT/overview", Page::Region, "OM-MCT"),
            (&region_storage(&mct), Page::RegionStorage, "OM-MCT"),
            (&region_activity(&mct), Page::RegionActivity, "OM-MCT"),
            (&region_settings(&mct), Page::RegionSettings, "OM-MCT"),
            (UNREGISTERED, Page::Unregistered, ""),
            (&node_metrics(id), Page::NodeMetrics, "0198f6a2-0000-7000-8000-000000000001"),
            (&node_activity(id), Page::NodeActivity, "0198f6a2-0000-7000-8000-000000000001"),
            (&node_settings(id), Page::NodeSettings, "0198f6a2-0000-7000-8000-000000000001"),
            (NODES, Page::Nodes, ""),
            (&node(id), Page::Node, "0198f6a2-0000-7000-8000-000000000001"),
            (&node_connect(id), Page::NodeConnect, "0198f6a2-0000-7000-8000-000000000001"),
            ("/nodes/x/y", Page::NotFound, ""),
            (MAINTENANCE, Page::Maintenance, ""),
            (HELP, Page::Help, ""),
            ("/nowhere", Page::NotFound, ""),
        ] {
            assert_eq!(find(path), (page, found), "{path}");
        }
    }

    #[test]
    fn sign_in_leads_nowhere_else() {
        assert_eq!(safe_next(Some("/nodes?kind=proxy")), "/nodes?kind=proxy");
        for bad in [
            None,
            Some(""),
            Some("//evil.example"),
            Some("https://evil.example"),
            Some("/\\evil.example"),
            Some("/\t/evil.example"),
            Some("/login?next=/login"),
            Some("nodes"),
        ] {
            assert_eq!(safe_next(bad), DASHBOARD, "{bad:?}");
        }
    }
}
