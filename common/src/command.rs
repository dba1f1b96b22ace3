//! Commands: signals that ride the heartbeat reply and are acknowledged by the node.

use serde::{Deserialize, Serialize};

use crate::ids::{CommandId, NodeId, RunId};
use crate::intent::{Precondition, REASON_MAX};
use crate::problem::FieldError;
use crate::region::check_text;
use crate::time::Timestamp;

/// How fast a shutdown is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShutdownMode {
    /// Takes no new work, lets calls end, then exits.
    #[default]
    Graceful,
    /// Ends calls and exits.
    Immediate,
}

/// What a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommandKind {
    /// End the process; the service manager starts it again.
    Shutdown,
    /// End all calls, stay.
    EndSessions,
    /// Run a job; background node.
    RunJob,
}

impl CommandKind {
    /// As on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shutdown => "shutdown",
            Self::EndSessions => "end_sessions",
            Self::RunJob => "run_job",
        }
    }

    /// The inverse of [`CommandKind::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Shutdown, Self::EndSessions, Self::RunJob].into_iter().find(|k| k.as_str() == s)
    }
}

/// Details of a command; which are set depends on its kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CommandArgs {
    /// Of a shutdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ShutdownMode>,
    /// Key of the job of `run_job`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The run that reports are for, of `run_job`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
}

/// A command as offered to its node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CommandOffer {
    /// The node executes an id once.
    pub id: CommandId,
    /// What to do.
    pub kind: CommandKind,
    /// Details.
    pub args: CommandArgs,
    /// Not to be obeyed afterwards.
    pub not_after: Timestamp,
}

/// What a node says about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AckStatus {
    /// It will do it.
    Accepted,
    /// It will not.
    Refused,
    /// It did it.
    Done,
    /// It tried.
    Failed,
}

/// An acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Ack {
    /// Which command.
    pub command_id: CommandId,
    /// What became of it.
    pub status: AckStatus,
    /// In words, at most 500 characters.
    #[serde(default)]
    pub detail: String,
}

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// Waits for the node's next heartbeat.
    Queued,
    /// Was in a heartbeat reply, not acknowledged yet.
    Offered,
    /// The node obeys.
    Accepted,
    /// Happened.
    Done,
    /// The node tried and could not.
    Failed,
    /// The node will not.
    Refused,
    /// Nobody acknowledged it in time.
    Expired,
    /// A newer command took its place, or its boot is gone.
    Superseded,
    /// An operator took it back.
    Cancelled,
}

impl CommandState {
    /// All states.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Offered,
        Self::Accepted,
        Self::Done,
        Self::Failed,
        Self::Refused,
        Self::Expired,
        Self::Superseded,
        Self::Cancelled,
    ];

    /// As on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
        }
    }

    /// The inverse of [`CommandState::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }

    /// Whether something may still become of it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Offered | Self::Accepted)
    }
}

/// A command with its receipts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// Its id.
    pub id: CommandId,
    /// For whom.
    pub node_id: NodeId,
    /// What.
    pub kind: CommandKind,
    /// Details.
    pub args: CommandArgs,
    /// Where it stands.
    pub state: CommandState,
    /// Words of the node, or of the control plane where it ended the command.
    pub detail: Option<String>,
    /// The run of the process it was meant for.
    pub boot_id: Option<String>,
    /// E-mail of who asked.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Not obeyed afterwards.
    pub not_after: Timestamp,
    /// First time in a heartbeat reply.
    pub offered_at: Option<Timestamp>,
    /// How many replies offered it.
    pub offered_count: u32,
    /// When the node accepted it.
    pub accepted_at: Option<Timestamp>,
    /// When it ended, however.
    pub finished_at: Option<Timestamp>,
    /// The accelerator: what the push to the node's endpoint brought; `null` where none was sent. Never a receipt.
    pub push: Option<String>,
}

/// `POST /nodes/{nodeId}/shutdown`, `POST /regions/{regionId}/shutdown`, and their previews.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShutdownRequest {
    /// Graceful, or at once.
    #[serde(default)]
    pub mode: ShutdownMode,
    /// Why, 1–500 characters, for the activity log; a preview needs none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub reason: String,
    /// From the preview, where it has warnings or blockers.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::intent::preview_token"
    )]
    pub preview_token: Option<String>,
}

impl ShutdownRequest {
    /// Checks that the reason is not too long, which is all a preview asks of it.
    ///
    /// # Errors
    /// Where it is.
    pub fn check_lengths(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        check_text(&mut errors, "reason", Some(&self.reason), REASON_MAX);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// All field errors of a shutdown; a preview has none.
    ///
    /// # Errors
    /// All of them at once.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        check_reason(&mut errors, "reason", Some(&self.reason));
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// A reason that must be given.
pub(crate) fn check_reason(errors: &mut Vec<FieldError>, field: &str, reason: Option<&str>) {
    if reason.is_none_or(|r| r.trim().is_empty()) {
        errors.push(FieldError::new(field, "required", "Say why, in 1 to 500 characters."));
    }
    check_text(errors, field, reason, REASON_MAX);
}

/// Why a row of many was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RowCode {
    /// There is no such node.
    NotFound,
    /// The account may not change it.
    OutOfScope,
    /// Nobody would hear the signal.
    NotLive,
    /// The same was asked for and is still open.
    AlreadyRequested,
    /// The node has as many open commands as it may have.
    TooManyCommands,
    /// Somebody changed it at the same moment.
    StaleVersion,
    /// Something stands against deleting it.
    DeleteRefused,
}

impl RowCode {
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::OutOfScope => "out_of_scope",
            Self::NotLive => "not_live",
            Self::AlreadyRequested => "already_requested",
            Self::TooManyCommands => "too_many_commands",
            Self::StaleVersion => "stale_version",
            Self::DeleteRefused => "delete_refused",
        }
    }
}

/// What became of the signal to one node of a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RowResult {
    /// The node.
    pub node_id: NodeId,
    /// What the screen calls it.
    pub name: String,
    /// Whether it was done or queued.
    pub ok: bool,
    /// Why it was not.
    pub code: Option<RowCode>,
    /// What stands against a delete, the first of it.
    pub precondition: Option<Precondition>,
    /// In words, English; for scripts and logs.
    pub detail: Option<String>,
    /// The command, where one was queued.
    pub command_id: Option<CommandId>,
}

/// A result per node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RowResults {
    /// In the order asked, or by name.
    pub items: Vec<RowResult>,
}

/// Receipts of a node, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CommandPage {
    /// The commands.
    pub items: Vec<Command>,
    /// Present where more follow.
    pub next_cursor: Option<String>,
}
