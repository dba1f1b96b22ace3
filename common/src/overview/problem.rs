//! Open problems: what needs a person, with what it rests on; snoozes; and what the control plane doubts of itself.

use serde::{Deserialize, Serialize};

use super::{CollectingReason, Rejection, Snooze};
use crate::ids::{NodeId, RegionId};
use crate::node::NodeKind;
use crate::time::Timestamp;

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something does not work.
    Bad,
    /// Something is late or odd.
    Warn,
}

/// What is wrong. The console turns the code into a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OpenProblemCode {
    /// Incident: every region fell silent within one `offlineAfter`.
    ClusterSilent,
    /// Incident: several nodes of a region fell silent within one `offlineAfter`.
    RegionSilent,
    /// A region has registered nodes of a kind and none is online: the dashboard's 0/N.
    NoneOnline,
    /// A node is silent for longer than `offlineAfter`.
    NodeOffline,
    /// A node is silent for longer than `staleAfter`.
    NodeStale,
    /// A registered node has not sent a heartbeat for a minute since it was added.
    NodeNeverSeen,
    /// Heartbeats of a registered node are refused, or such as claim to be it.
    NodeRefused,
    /// Heartbeats are refused that belong to no registered node and to no group of unregistered ones.
    HeartbeatsRefused,
    /// Servers send heartbeats that the registry does not know.
    UnregisteredNodes,
    /// A node's clock differs from the server's by more than 5 s.
    ClockSkew,
    /// Two processes beat with one node's secret, or a node calls itself by an id that is not its own.
    IdentityConflict,
    /// A node still presents its former secret, which ends soon.
    SecretExpiring,
    /// Parts of a node's heartbeats cannot be read.
    FiguresUnreadable,
    /// A disabled node without work goes on beating.
    StillReporting,
    /// The server's check of a region's storage fails.
    StorageFailing,
    /// Nodes of a region cannot use its storage.
    StorageFailingOnNodes,
    /// A region with backends has no storage settings.
    StorageNotConfigured,
    /// A node was asked to stop taking work minutes ago and does not obey.
    DrainNotObeyed,
    /// A node took new work twice after it had said that it takes none.
    DrainTookNew,
    /// Nothing has ended on a draining node for 10 minutes.
    DrainStalled,
    /// A drain's deadline passed with work left.
    DrainDeadline,
    /// A node went silent with work left while it drained.
    DrainNodeLost,
    /// A node that was shut down is not back after 2 minutes.
    DidNotReturn,
    /// Maintenance without an end lasts for more than 4 hours.
    MaintenanceLong,
    /// Maintenance should have ended by itself and has not.
    MaintenanceOverdue,
    /// No background node is registered: jobs cannot be started.
    BackgroundMissing,
    /// The background node does not answer calls.
    BackgroundUnreachable,
    /// The background node's key is not the one registered here.
    BackgroundKeysDiffer,
    /// The last run of a job failed or was lost.
    JobFailed,
    /// Frontend nodes run different versions.
    FrontendVersionsDiffer,
    /// The server has no master key, or not the one this database was sealed under.
    VaultLocked,
    /// Nodes of one kind in a region run different versions.
    NodeVersionsDiffer,
    /// Conversation slots of a region are nearly used up.
    CapacityShort,
    /// An outbound call of a region waits for more than a minute.
    PendingOld,
    /// An automation token ends in 14 days, in 7, or in one; a new problem at each.
    TokenExpiring,
    /// Nothing that a webhook sends was taken for 15 minutes, or the control plane switched it off for that.
    WebhookFailing,
    /// The control plane cannot judge silence, for a reason of its own.
    Collecting,
}

impl OpenProblemCode {
    /// As on the wire and in ids.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClusterSilent => "cluster_silent",
            Self::RegionSilent => "region_silent",
            Self::NoneOnline => "none_online",
            Self::NodeOffline => "node_offline",
            Self::NodeStale => "node_stale",
            Self::NodeNeverSeen => "node_never_seen",
            Self::NodeRefused => "node_refused",
            Self::HeartbeatsRefused => "heartbeats_refused",
            Self::UnregisteredNodes => "unregistered_nodes",
            Self::ClockSkew => "clock_skew",
            Self::IdentityConflict => "identity_conflict",
            Self::SecretExpiring => "secret_expiring",
            Self::FiguresUnreadable => "figures_unreadable",
            Self::StillReporting => "still_reporting",
            Self::StorageFailing => "storage_failing",
            Self::StorageFailingOnNodes => "storage_failing_on_nodes",
            Self::StorageNotConfigured => "storage_not_configured",
            Self::DrainNotObeyed => "drain_not_obeyed",
            Self::DrainTookNew => "drain_took_new",
            Self::DrainStalled => "drain_stalled",
            Self::DrainDeadline => "drain_deadline",
            Self::DrainNodeLost => "drain_node_lost",
            Self::DidNotReturn => "did_not_return",
            Self::MaintenanceLong => "maintenance_long",
            Self::MaintenanceOverdue => "maintenance_overdue",
            Self::BackgroundMissing => "background_missing",
            Self::BackgroundUnreachable => "background_unreachable",
            Self::BackgroundKeysDiffer => "background_keys_differ",
            Self::JobFailed => "job_failed",
            Self::FrontendVersionsDiffer => "frontend_versions_differ",
            Self::VaultLocked => "vault_locked",
            Self::NodeVersionsDiffer => "node_versions_differ",
            Self::CapacityShort => "capacity_short",
            Self::PendingOld => "pending_old",
            Self::TokenExpiring => "token_expiring",
            Self::WebhookFailing => "webhook_failing",
            Self::Collecting => "collecting",
        }
    }

    /// Whether it stands for several nodes that fell silent together.
    pub fn is_incident(self) -> bool {
        matches!(self, Self::ClusterSilent | Self::RegionSilent)
    }
}

/// The likely cause of an incident, by the evidence at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IncidentCause {
    /// They still send heartbeats, which are refused for one reason (`evidence.reason`): credentials or configuration.
    Refused,
    /// They said that they were stopping before they fell silent.
    Stopped,
    /// All nodes of all regions at once: what lies in front of this control plane (load balancer, firewall, TLS), or
    /// its network.
    Ingress,
    /// The whole region, and its storage fails as well: power or network of that place.
    Site,
    /// They share one address (`evidence.detail`) which nobody else uses: that machine.
    Machine,
    /// They share one network (`evidence.detail`) which nobody else uses: that network.
    Subnet,
    /// The whole region, other regions are fine: the region, or the path from there to here.
    Region,
    /// A part of the region, and nothing that they share is known.
    Unknown,
}

/// A node that a problem stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProblemNode {
    /// Which.
    pub id: NodeId,
    /// How it is called on the screen.
    pub name: String,
    /// What it does.
    pub kind: NodeKind,
    /// Where.
    pub region_id: Option<RegionId>,
    /// Since when, where it is known for each.
    pub since: Option<Timestamp>,
}

/// What a problem rests on. Which members are set, its code says; the rest is `null` or empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Evidence {
    /// `count` is so many of these: nodes of the region, conversation slots in use of those there are.
    pub total: Option<u32>,
    /// Calls concerned, as last reported: the impact.
    pub calls: Option<u64>,
    /// An age or a difference in seconds.
    pub seconds: Option<u64>,
    /// A difference in milliseconds with its sign; positive where the node is ahead.
    pub offset_ms: Option<i64>,
    /// Slots in use of all slots, 0–100 and above.
    pub percent: Option<u32>,
    /// Versions or reasons, each once.
    pub values: Vec<String>,
    /// The code behind it: why heartbeats are refused, which storage step fails, why silence cannot be judged.
    pub reason: Option<String>,
    /// More, in words, English: an address, a message of the other side.
    pub detail: Option<String>,
    /// When something ends or should have ended.
    pub until: Option<Timestamp>,
    /// Of an incident.
    pub cause: Option<IncidentCause>,
    /// Kinds of which the incident left none online in its region.
    pub kinds_down: Vec<NodeKind>,
    /// The nodes it stands for, at most 50; `count` says how many there are.
    pub nodes: Vec<ProblemNode>,
}

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OpenProblem {
    /// Stable while the problem lasts: `code:target`.
    pub id: String,
    /// What is wrong.
    pub code: OpenProblemCode,
    /// How much it matters.
    pub severity: Severity,
    /// The region concerned.
    pub region_id: Option<RegionId>,
    /// The node concerned.
    pub node_id: Option<NodeId>,
    /// How the node is called on the screen.
    pub node_name: Option<String>,
    /// The kind concerned.
    pub kind: Option<NodeKind>,
    /// How many nodes, groups or refusals it counts.
    pub count: Option<u32>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// The last heartbeat accepted from those concerned.
    pub last_heartbeat_at: Option<Timestamp>,
    /// Why heartbeats were refused, newest first; evidence for the help panel.
    pub rejections: Vec<Rejection>,
    /// What it rests on.
    #[serde(default)]
    pub evidence: Evidence,
    /// The incident that stands for it in the list.
    #[serde(default)]
    pub incident_id: Option<String>,
    /// Set where somebody put it aside.
    #[serde(default)]
    pub snoozed: Option<Snooze>,
    /// Set where it is over; it is shown for a minute more.
    #[serde(default)]
    pub cleared_at: Option<Timestamp>,
}

/// How many problems are open, incidents counted once; snoozed ones beside, never inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProblemCounts {
    /// Something does not work.
    pub bad: u32,
    /// Something is late or odd.
    pub warn: u32,
    /// Put aside.
    pub snoozed: u32,
}

/// What stands beside the list of open problems.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Attention {
    /// How many are open; the list may be cut.
    pub counts: ProblemCounts,
    /// Problems that were over less than a minute ago, newest first, at most 20.
    pub cleared: Vec<OpenProblem>,
    /// When the last one was over, since the server started.
    pub last_cleared_at: Option<Timestamp>,
    /// Groups of heartbeats from servers the registry does not know, of the last 24 hours and not ignored.
    pub unregistered: u32,
}

/// `GET /problems`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProblemList {
    /// When it was made.
    pub as_of: Timestamp,
    /// The newest change it contains.
    pub change: i64,
    /// Open problems, worst first, then oldest first; at most 500.
    pub items: Vec<OpenProblem>,
    /// Counts and what was over a moment ago.
    pub attention: Attention,
    /// Present while the control plane cannot judge silence.
    pub collecting: Option<super::Collecting>,
}

/// One piece of evidence of the control plane against itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DoubtEvidence {
    /// What happened.
    pub reason: CollectingReason,
    /// The first time of this run of it.
    pub since: Timestamp,
    /// When it stops counting, unless it happens again.
    pub until: Timestamp,
    /// How often since then.
    pub count: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_spelled_as_on_the_wire() {
        for code in [
            OpenProblemCode::ClusterSilent,
            OpenProblemCode::StorageFailingOnNodes,
            OpenProblemCode::Collecting,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn what_older_servers_do_not_send_may_be_missing() {
        let text = r#"{"id":"x","code":"node_stale","severity":"warn","regionId":null,"nodeId":null,"nodeName":null,
            "kind":null,"count":null,"since":null,"lastHeartbeatAt":null,"rejections":[]}"#;
        let p: OpenProblem = serde_json::from_str(text).unwrap();
        assert_eq!((p.evidence, p.snoozed, p.cleared_at), (Evidence::default(), None, None));
    }
}
