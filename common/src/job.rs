//! Jobs of the background node and their runs.

use serde::{Deserialize, Serialize};

use crate::ids::{CommandId, NodeId, RunId};
use crate::time::Timestamp;

/// Most jobs a node may advertise; the rest is cut off.
pub const JOBS_MAX: usize = 64;
/// How much of a run's output is kept, in bytes, from its end.
pub const OUTPUT_KEPT: usize = 64 * 1024;
/// How much output one report may carry, in bytes.
pub const OUTPUT_CALL_MAX: usize = 16 * 1024;

/// Whether `key` can be the key of a job: 1–64 of `a-z 0-9 - _`.
pub fn is_key(key: &str) -> bool {
    (1..=64).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

/// A job as the background node advertises it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct JobOffer {
    /// Its name in addresses: 1–64 of `a-z 0-9 - _`.
    pub key: String,
    /// Shown.
    pub title: String,
    /// Shown beneath.
    #[serde(default)]
    pub description: String,
    /// In words, where it runs by itself too.
    #[serde(default)]
    pub schedule: Option<String>,
    /// Asks for a confirmation.
    #[serde(default)]
    pub dangerous: bool,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Waits for the node.
    Queued,
    /// The node took it.
    Accepted,
    /// At work.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Ended on request.
    Cancelled,
    /// No report for five minutes, or the process it ran in is gone.
    Lost,
}

impl RunState {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Accepted,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Lost,
    ];

    /// As on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Accepted => "accepted",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Lost => "lost",
        }
    }

    /// The inverse of [`RunState::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }

    /// Whether it still goes on: at most one such run per job.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Queued | Self::Accepted | Self::Running)
    }
}

/// One run of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct JobRun {
    /// Its id.
    pub id: RunId,
    /// Key of the job.
    pub job: String,
    /// The background node it was asked of; `null` where that was deleted for good.
    pub node_id: Option<NodeId>,
    /// Where it stands.
    pub state: RunState,
    /// E-mail of who asked.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// When the node reported it running.
    pub started_at: Option<Timestamp>,
    /// When it ended, however.
    pub finished_at: Option<Timestamp>,
    /// Last report of the node.
    pub reported_at: Option<Timestamp>,
    /// Somebody asked to end it.
    pub cancel_requested: bool,
    /// The last 64 KiB of what it printed; only in the reply for one run, else `null`.
    pub output: Option<String>,
    /// How much it printed in all, in bytes; beyond 64 KiB the beginning is gone.
    pub output_bytes: u64,
    /// Why it failed, in the node's words.
    pub error: Option<String>,
    /// The command it rode on.
    pub command_id: Option<CommandId>,
    /// What the push to the endpoint brought; never a receipt.
    pub push: Option<String>,
}

/// Runs, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct JobRunPage {
    /// The runs.
    pub items: Vec<JobRun>,
    /// Present where more follow.
    pub next_cursor: Option<String>,
}

/// What a node may say of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunReportStatus {
    /// Took it.
    Accepted,
    /// At work.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Ended on request.
    Cancelled,
}

/// `POST /node/runs/{runId}`, by the background node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunReport {
    /// The process that runs it.
    pub boot_id: String,
    /// Where it stands.
    pub status: RunReportStatus,
    /// Appended to what is kept; at most 16 KiB a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Reply to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunReportReply {
    /// End it.
    pub cancel: bool,
}
