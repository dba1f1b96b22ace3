//! The API's paths that both sides name.

/// Prefix of every versioned path.
pub const API: &str = "/api/v1";
/// Sign in.
pub const LOGIN: &str = "/api/v1/auth/login";
/// End the session.
pub const LOGOUT: &str = "/api/v1/auth/logout";
/// Who is signed in.
pub const ME: &str = "/api/v1/auth/me";
/// What a one-time link is redeemed at.
pub const WELCOME: &str = "/api/v1/auth/welcome";
/// Whom a one-time link is for.
pub const WELCOME_LOOK: &str = "/api/v1/auth/welcome/look";
/// One's own sessions.
pub const SESSIONS: &str = "/api/v1/auth/sessions";
/// One's own password.
pub const PASSWORD: &str = "/api/v1/auth/password";
/// The password again, before something dangerous.
pub const CONFIRM: &str = "/api/v1/auth/confirm";
/// Accounts.
pub const USERS: &str = "/api/v1/users";
/// Who can do what somebody may not.
pub const HELPERS: &str = "/api/v1/helpers";
/// Timers, build, features.
pub const META: &str = "/api/v1/meta";
/// The dashboard's figures.
pub const OVERVIEW: &str = "/api/v1/overview";
/// Activity: who changed what.
pub const ACTIVITY: &str = "/api/v1/activity";
/// The chain of the activity log.
pub const ACTIVITY_CHAIN: &str = "/api/v1/activity/chain";
/// A check of that chain.
pub const ACTIVITY_VERIFY: &str = "/api/v1/activity/chain/verify";
/// Figures of the cluster over time.
pub const OVERVIEW_HISTORY: &str = "/api/v1/overview/history";
/// Regions.
pub const REGIONS: &str = "/api/v1/regions";
/// Nodes.
pub const NODES: &str = "/api/v1/nodes";
/// Which nodes a list holds, in order.
pub const NODES_ORDER: &str = "/api/v1/nodes/order";
/// The background node.
pub const BACKGROUND: &str = "/api/v1/background-node";
/// The server processes of the control plane.
pub const FRONTENDS: &str = "/api/v1/frontend-nodes";
/// Open problems.
pub const PROBLEMS: &str = "/api/v1/problems";
/// Servers the registry does not know.
pub const UNREGISTERED: &str = "/api/v1/unregistered-nodes";
/// The rejection diary.
pub const REJECTIONS: &str = "/api/v1/rejections";
/// Automation tokens.
pub const TOKENS: &str = "/api/v1/tokens";
/// Webhooks.
pub const WEBHOOKS: &str = "/api/v1/webhooks";
/// A new access token.
pub const REFRESH: &str = "/api/v1/auth/refresh";
/// Public keys that sign tokens.
pub const JWKS: &str = "/.well-known/jwks.json";
/// Server-sent events.
pub const STREAM: &str = "/api/v1/stream";
/// Heartbeats of nodes.
pub const HEARTBEAT: &str = "/api/v1/node/heartbeat";
/// A node's goodbye.
pub const GOODBYE: &str = "/api/v1/node/goodbye";
/// The document this API is described by.
pub const OPENAPI: &str = "/api/openapi.json";
/// Readable documentation.
pub const DOCS: &str = "/api/docs/";

/// Where the window of an open stream is set.
pub fn stream_window(stream: crate::ids::StreamId) -> String {
    format!("{STREAM}/{stream}/window")
}
