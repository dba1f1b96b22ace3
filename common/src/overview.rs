//! The dashboard's figures, and the open problems beside them.

use serde::{Deserialize, Serialize};

use crate::capacity::Capacity;
use crate::ids::{NodeId, RegionId};
use crate::status::RegionStatus;
use crate::time::Timestamp;

mod problem;
mod snooze;

pub use problem::{
    Attention, DoubtEvidence, Evidence, IncidentCause, OpenProblem, OpenProblemCode, ProblemCounts,
    ProblemList, ProblemNode, Severity,
};
pub use snooze::{SNOOZE_MAX_MINUTES, Snooze, SnoozeRequest};

/// One region on the dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RegionSummary {
    /// The Region ID.
    pub id: RegionId,
    /// ISO 3166-1 alpha-2.
    pub country_code: String,
    /// Shown beside the id where an operator gave one.
    pub display_name: Option<String>,
    /// Its word.
    pub status: RegionStatus,
    /// Its storage, in short.
    pub storage: crate::region::StorageSummary,
    /// Its figures, as members beside these.
    #[serde(flatten)]
    pub capacity: Capacity,
}

/// Why heartbeats were refused, as the diary holds it. Claims of the sender are shown as claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rejection {
    /// The code the node was answered with, such as `unknown_secret`.
    pub reason: String,
    /// The node whose secret was presented, where it was known.
    pub node_id: Option<NodeId>,
    /// What the body claimed to be.
    pub claimed_node: Option<String>,
    /// The region the body claimed.
    pub claimed_region: Option<String>,
    /// The kind the body claimed.
    pub claimed_kind: Option<String>,
    /// Where it came from.
    pub source: String,
    /// First 8 hex digits of the SHA-256 of the presented secret.
    pub fingerprint: Option<String>,
    /// First time.
    pub first_at: Timestamp,
    /// Last time.
    pub last_at: Timestamp,
    /// How often.
    pub count: u64,
}

/// A page of the rejection diary, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RejectionPage {
    /// The entries.
    pub items: Vec<Rejection>,
    /// Present where more follow.
    pub next_cursor: Option<String>,
}

/// Why and until when the control plane cannot judge silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Collecting {
    /// What happened to the control plane.
    pub reason: CollectingReason,
    /// Since when.
    pub since: Timestamp,
    /// When silence counts again.
    pub until: Timestamp,
    /// Nodes confirmed since.
    pub confirmed: u32,
    /// Nodes that were live before.
    pub expected: u32,
    /// Everything that speaks against us now, the longest lasting first; `reason` is the first of them.
    #[serde(default)]
    pub evidence: Vec<DoubtEvidence>,
}

/// Evidence of the control plane against itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CollectingReason {
    /// The server started.
    Restart,
    /// Another process took over the sweep.
    NewSweeper,
    /// The sweep came late by more than an interval.
    SweeperLate,
    /// The process was suspended.
    Suspended,
    /// The database failed.
    DatabaseErrors,
    /// Heartbeats were answered with an error of ours.
    IngestErrors,
}

/// The dashboard's figures, per cluster and per region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// When these figures were made.
    pub as_of: Timestamp,
    /// The newest change they contain; compare with the `X-Change` of your own write.
    pub change: i64,
    /// All regions together.
    pub cluster: Capacity,
    /// Each region, by id.
    pub regions: Vec<RegionSummary>,
    /// Open problems, worst first, at most 100; snoozed ones are not among them.
    pub problems: Vec<OpenProblem>,
    /// How many there are in all, and what was over a moment ago.
    #[serde(default)]
    pub attention: Attention,
    /// Present while the control plane cannot judge silence.
    pub collecting: Option<Collecting>,
    /// The control plane's own processes, and the background node.
    pub singletons: crate::singleton::Singletons,
    /// The platform's own intent; every node inherits it.
    #[serde(default)]
    pub platform: crate::intent::Platform,
}
