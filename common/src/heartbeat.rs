//! What nodes send and what they are answered.
//!
//! A heartbeat is first of all a sign of life: unknown fields are ignored, and a field of the wrong type spoils its
//! group of figures, not the heartbeat. [`parse`] reads both forms: this project's, and the flat PascalCase one of
//! today's Iqra AI servers.

use serde::{Deserialize, Serialize};

use crate::command::{Ack, CommandOffer};
use crate::ids::{NodeId, RegionId};
use crate::job::JobOffer;
use crate::status::Runtime;
use crate::time::Timestamp;

mod flat;
mod parse;

pub use parse::{Form, Group, ParseError, Parsed, parse};

/// Longest heartbeat body in bytes; longer ones are 413.
pub const BODY_MAX: usize = 16 * 1024;

/// What the process says it is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RuntimeReport {
    /// The state.
    pub status: Runtime,
    /// In words.
    #[serde(default)]
    pub reason: String,
}

/// Conversations of a backend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Sessions {
    /// Phone calls now.
    #[serde(default)]
    pub phone: Option<u32>,
    /// Web sessions now.
    #[serde(default)]
    pub web: Option<u32>,
    /// What it can hold at once.
    #[serde(default)]
    pub max: Option<u32>,
    /// Ages in seconds, oldest first, at most 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub age_seconds: Vec<u32>,
}

/// Outbound calls of a proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Outbound {
    /// Being dialled or handled.
    #[serde(default)]
    pub processing: Option<u32>,
    /// Claimed and not started.
    #[serde(default)]
    pub pending: Option<u32>,
    /// Age in seconds of the oldest pending one.
    #[serde(default)]
    pub oldest_pending_seconds: Option<u32>,
}

/// CPU, memory and network of the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Hardware {
    /// 0–100 over all cores.
    #[serde(default)]
    pub cpu_percent: Option<f64>,
    /// 0–100.
    #[serde(default)]
    pub memory_percent: Option<f64>,
    /// Received, in 10⁶ bit/s.
    #[serde(default)]
    pub network_down_mbps: Option<f64>,
    /// Sent, in 10⁶ bit/s.
    #[serde(default)]
    pub network_up_mbps: Option<f64>,
}

/// What the node found when it tested its region's storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StorageReport {
    /// Whether put, get and delete worked.
    pub ok: bool,
    /// When, by the node's clock.
    #[serde(default)]
    pub checked_at: Option<Timestamp>,
    /// The step that failed.
    #[serde(default)]
    pub step: Option<String>,
}

/// Which entrances are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Accepts {
    /// Incoming calls.
    #[serde(default)]
    pub inbound: Option<bool>,
    /// Outgoing calls.
    #[serde(default)]
    pub outbound: Option<bool>,
    /// Web sessions.
    #[serde(default)]
    pub web: Option<bool>,
}

/// `POST /node/heartbeat`, this project's form. Only `bootId` and `seq` are needed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat {
    /// One run of the process; 1–64 characters. `null` in the flat form of today's servers.
    pub boot_id: Option<String>,
    /// Counts heartbeats of that run; at or below the last one is a duplicate.
    pub seq: Option<u64>,
    /// By the node's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// Cross-checked against the secret's node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// Cross-checked against the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region_id: Option<String>,
    /// Cross-checked against the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Of the software.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it is doing; none is taken as running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeReport>,
    /// Conversations; backends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Sessions>,
    /// Outbound calls; proxies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound: Option<Outbound>,
    /// When the process started, by the node's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// Of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Its storage test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<StorageReport>,
    /// CPU, RAM, network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<Hardware>,
    /// Entrances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts: Option<Accepts>,
    /// The port it listens on for SIP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sip_port: Option<u16>,
    /// Hash of the settings it runs with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_hash: Option<String>,
    /// The newest `desired.generation` it has obeyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Jobs it can run; background nodes. At most 64, the rest is cut off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<Vec<JobOffer>>,
    /// What became of commands it was offered. At most 64, the rest is cut off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acks: Vec<Ack>,
}

/// What a node should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DesiredState {
    /// Take work.
    Run,
    /// Take no new work, stay.
    Maintenance,
    /// Take no new work, exit at zero.
    Drain,
}

/// The operator's wish, as told to the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// The state.
    pub state: DesiredState,
    /// The public reason; empty where there is none.
    pub reason: String,
    /// Grows with every change; the node echoes it as `observedGeneration`.
    pub generation: i64,
}

/// Whether the secret should be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SecretNotice {
    /// A newer secret exists; the one presented ends soon.
    pub rotation_due: bool,
}

/// Reply to a heartbeat that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HeartbeatReply {
    /// The node's id here.
    pub node_id: NodeId,
    /// The server's clock.
    pub server_time: Timestamp,
    /// When to send the next one.
    pub next_in_ms: u64,
    /// `seq` was not newer: alive, figures ignored.
    pub duplicate: bool,
    /// What to do.
    pub desired: Desired,
    /// What to do once; each is offered in every reply until it is acknowledged or expires.
    pub commands: Vec<CommandOffer>,
    /// When it differs from the last one, read `bootstrap` again.
    pub config_tag: String,
    /// About the secret presented.
    pub secret: SecretNotice,
}

/// `POST /node/goodbye`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Goodbye {
    /// The run that ends.
    pub boot_id: String,
    /// `shutdown`, `restart`, `update` or another word.
    #[serde(default)]
    pub reason: String,
}

/// Reply to a goodbye.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GoodbyeReply {
    /// The node's id here.
    pub node_id: NodeId,
    /// Whether it ended the run we know; a late goodbye of an older run changes nothing.
    pub left: bool,
}

/// `GET /node/bootstrap`: what a node needs to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Bootstrap {
    /// The node's id here.
    pub node_id: NodeId,
    /// Its region.
    pub region_id: Option<RegionId>,
    /// Its kind.
    pub kind: crate::node::NodeKind,
    /// Where it should listen, as registered.
    pub endpoint: crate::endpoint::Endpoint,
    /// Where it should listen for SIP.
    pub sip_port: Option<u16>,
    /// What it may hold at once, as registered.
    pub max_concurrent_calls: Option<u32>,
    /// How often to beat.
    pub interval_ms: u64,
    /// What to do.
    pub desired: Desired,
    /// Compare with the one in heartbeat replies.
    pub config_tag: String,
    /// Its region's storage with keys, or every region's for the background node; empty where none is set.
    pub storage: Vec<crate::storage::NodeStorage>,
}
