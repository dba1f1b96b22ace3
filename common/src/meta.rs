//! What a client should know of this server before it starts.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The timers by which silence is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Timers {
    /// How often a node is asked to beat.
    pub interval_ms: u64,
    /// Silence after which a node is stale.
    pub stale_after_ms: u64,
    /// Silence after which a node is offline.
    pub offline_after_ms: u64,
}

/// For how many days the server keeps what it notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Retention {
    /// Entries of the activity log.
    pub activity_days: u64,
    /// Runs of jobs.
    pub runs_days: u64,
    /// Receipts of commands.
    pub commands_days: u64,
    /// Refused heartbeats.
    pub rejections_days: u64,
    /// Figures over time; the older, the longer the steps they are means of.
    pub figures_days: u64,
    /// What happened to nodes and regions.
    pub events_days: u64,
}

/// Timers, build and features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// Timers as told to nodes now.
    pub timers: Timers,
    /// The server's clock.
    pub server_time: Timestamp,
    /// The version of the server and of the console it carries.
    pub version: String,
    /// Names the console this server carries: the page that runs another one is out of date. `null` where it carries
    /// none.
    pub bundle: Option<String>,
    /// When this process started.
    pub started_at: Timestamp,
    /// The address nodes are told to use, where one is configured (`IQRA_PUBLIC_URL`).
    pub public_url: Option<String>,
    /// This process listens on loopback only: servers elsewhere cannot reach it.
    pub loopback_only: bool,
    /// How long what is noted is kept.
    pub retention: Retention,
    /// Why the server can neither read nor write secrets: `missing`, `unreadable` or `wrong` of its master key. Absent
    /// where it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault_locked: Option<String>,
}
