//! Changing an intent: the request, what it would do, and how far a drain has come.

mod deletion;

use serde::{Deserialize, Serialize};

pub use deletion::{Deletion, Precondition, PreconditionCode, PreconditionFact};

use crate::command::check_reason;
use crate::heartbeat::DesiredState;
use crate::ids::{NodeId, RegionId};
use crate::node::NodeKind;
use crate::problem::FieldError;
use crate::region::check_text;
use crate::status::{Intent, IntentState};
use crate::time::Timestamp;

/// Most nodes of a bulk change.
pub const BULK_MAX: usize = 500;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;

/// What happens when a drain's deadline passes with calls left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnDeadline {
    /// A problem is raised and calls go on.
    #[default]
    Hold,
    /// The node is told to end its calls; it stays in maintenance.
    Force,
}

impl OnDeadline {
    /// As on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Force => "force",
        }
    }

    /// The inverse of [`OnDeadline::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Hold, Self::Force].into_iter().find(|k| k.as_str() == s)
    }
}

/// Longest preview token, in bytes; those made here are much shorter.
pub const PREVIEW_TOKEN_MAX: usize = 4000;

/// Reads a preview token that is not endless.
///
/// # Errors
/// Where it is longer than [`PREVIEW_TOKEN_MAX`].
pub(crate) fn preview_token<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let token = Option::<String>::deserialize(d)?;
    if token.as_ref().is_some_and(|t| t.len() > PREVIEW_TOKEN_MAX) {
        return Err(serde::de::Error::custom("a preview token is no longer than 4000 bytes"));
    }
    Ok(token)
}

/// `PUT …/intent` and `POST …/intent/preview`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetIntent {
    /// What is wanted. The platform takes `active` and `maintenance`.
    pub state: IntentState,
    /// Told to nodes; default: the state's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub public_reason: Option<String>,
    /// For operators, 1–500 characters for anything but `active`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub private_reason: Option<String>,
    /// When the server turns it active again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When the drain should be over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// What happens then.
    #[serde(default)]
    pub on_deadline: OnDeadline,
    /// From the preview, where it has warnings or blockers.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "preview_token")]
    pub preview_token: Option<String>,
}

impl SetIntent {
    /// Checks that texts are not too long, which is all a preview asks of them: a form may still be half filled in.
    ///
    /// # Errors
    /// All fields that are.
    pub fn check_lengths(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        check_text(&mut errors, "privateReason", self.private_reason.as_deref(), REASON_MAX);
        check_text(&mut errors, "publicReason", self.public_reason.as_deref(), REASON_MAX);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// All field errors. `now` decides what lies in the past.
    ///
    /// # Errors
    /// All of them at once.
    pub fn validate(&self, now: Timestamp) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        let private = self.private_reason.as_deref();
        if self.state == IntentState::Active {
            check_text(&mut errors, "privateReason", private, REASON_MAX);
        } else {
            check_reason(&mut errors, "privateReason", private);
        }
        check_text(&mut errors, "publicReason", self.public_reason.as_deref(), REASON_MAX);
        if self.until.is_some() && self.state != IntentState::Maintenance {
            errors.push(FieldError::new("until", "not_applicable", "Only maintenance can have an end."));
        }
        if self.until.is_some_and(|t| t <= now) {
            errors.push(FieldError::new("until", "in_the_past", "The end lies in the past."));
        }
        if self.deadline.is_some() && self.state == IntentState::Active {
            errors.push(FieldError::new("deadline", "not_applicable", "Active has no deadline."));
        }
        if self.deadline.is_some_and(|t| t <= now) {
            errors.push(FieldError::new("deadline", "in_the_past", "The deadline lies in the past."));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// How much an effect matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EffectLevel {
    /// Good to know.
    Info,
    /// Think twice.
    Warn,
    /// Refused without the preview's token.
    Block,
}

/// What an effect is about. The console turns the code into a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EffectCode {
    /// It takes the last live node of its kind in a region.
    LastLive,
    /// Slots left would be fewer than conversations now.
    HeadroomShort,
    /// Slots left would be fewer than 1.2 times the conversations now.
    HeadroomTight,
    /// Another node of the region drains already.
    AnotherDrain,
    /// A node concerned is not live; it obeys when it comes back.
    NotLive,
    /// Silence cannot be judged now.
    Unjudgeable,
    /// A shutdown without service manager stays down; the node has not been seen to come back yet.
    NoRestartSeen,
    /// Live conversations end.
    EndsSessions,
}

/// One thing a change would bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// What.
    pub code: EffectCode,
    /// How much it matters.
    pub level: EffectLevel,
    /// The region concerned.
    pub region_id: Option<RegionId>,
    /// The kind concerned.
    pub kind: Option<NodeKind>,
    /// How many nodes, sessions or slots; which, the code says.
    pub count: Option<u32>,
    /// In words, English; for scripts and logs.
    pub detail: String,
}

/// Figures of what a change concerns, as of now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// When it was made.
    pub as_of: Timestamp,
    /// Nodes the change reaches.
    pub nodes: u32,
    /// Of them, live now.
    pub live: u32,
    /// Live conversations on them; `null` where none has said.
    pub conversations: Option<u32>,
    /// Outbound calls they process; `null` where none has said.
    pub processing: Option<u32>,
    /// Age in seconds of the longest conversation on them, where reported.
    pub longest_seconds: Option<u32>,
    /// What it would bring, worst first.
    pub effects: Vec<Effect>,
    /// Sent back with the change it allows what is blocked, for 60 s and this very change.
    pub preview_token: String,
    /// When the token ends.
    pub expires_at: Timestamp,
}

/// A drain in which no call has ended for so long is stalled, in milliseconds.
pub const DRAIN_STALLED_MS: u64 = 10 * 60_000;

/// Where a drain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DrainPhase {
    /// Stored, not told to the node yet.
    Requested,
    /// In a heartbeat reply.
    Delivered,
    /// The node obeys and works off what is left.
    Draining,
    /// The node reported zero twice: safe to stop.
    Drained,
    /// The deadline passed with work left.
    DeadlineReached,
    /// The node went silent with work left.
    NodeLost,
}

/// How far a node is on its way to zero; absent while its effective intent is active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Drain {
    /// Where it stands.
    pub phase: DrainPhase,
    /// What the node is told.
    pub desired: DesiredState,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// First reply that carried it.
    pub delivered_at: Option<Timestamp>,
    /// First heartbeat that obeyed it.
    pub acknowledged_at: Option<Timestamp>,
    /// When zero was confirmed.
    pub drained_at: Option<Timestamp>,
    /// Work when it was acknowledged; the bar's whole.
    pub started_with: Option<u32>,
    /// Work left as last reported.
    pub left: Option<u32>,
    /// Longest conversation in seconds as last reported.
    pub longest_seconds: Option<u32>,
    /// When zero is to be expected by the pace so far; `null` where nothing can be said.
    pub eta: Option<Timestamp>,
    /// Since when no call has ended; `null` where nothing is left or that is not known.
    #[serde(default)]
    pub no_end_since: Option<Timestamp>,
    /// When its figures were seen to rise for the second time after it obeyed: it goes on taking work. `null` where they
    /// were not, and after the drain.
    #[serde(default)]
    pub took_new_at: Option<Timestamp>,
    /// As asked.
    pub deadline: Option<Timestamp>,
    /// What happens then.
    pub on_deadline: OnDeadline,
}

/// `GET /platform`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Platform {
    /// The platform's own intent: active or maintenance.
    pub intent: Intent,
    /// Counts changes; the `ETag` too.
    pub version: i64,
}

/// One thing a bulk change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// Intent maintenance.
    Maintenance,
    /// Intent disabled.
    Disable,
    /// Intent active.
    Activate,
    /// A shutdown signal.
    Shutdown,
    /// Delete what may be deleted.
    Delete,
}

/// `POST /nodes/bulk`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkRequest {
    /// 1–500 nodes, each once.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub node_ids: Vec<NodeId>,
    /// What to do with each.
    pub action: BulkAction,
    /// For operators; required for anything but `activate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub reason: Option<String>,
    /// Of a shutdown.
    #[serde(default)]
    pub mode: crate::command::ShutdownMode,
    /// Only say what it would do.
    #[serde(default)]
    pub preview: bool,
    /// From the preview, where it has blockers.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "preview_token")]
    pub preview_token: Option<String>,
}

impl BulkRequest {
    /// All field errors; a preview needs no reason.
    ///
    /// # Errors
    /// All of them at once.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        if !(1..=BULK_MAX).contains(&self.node_ids.len()) {
            errors.push(FieldError::new("nodeIds", "out_of_range", "Name 1 to 500 nodes."));
        }
        let mut seen = std::collections::BTreeSet::new();
        if !self.node_ids.iter().all(|id| seen.insert(*id)) {
            errors.push(FieldError::new("nodeIds", "twice", "Name each node once."));
        }
        if self.preview || self.action == BulkAction::Activate {
            check_text(&mut errors, "reason", self.reason.as_deref(), REASON_MAX);
        } else {
            check_reason(&mut errors, "reason", self.reason.as_deref());
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// Reply to a bulk change: the preview, or a result per node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BulkReply {
    /// Where only a preview was asked for.
    pub preview: Option<Preview>,
    /// A result per node in the order asked; in a preview what each would answer.
    pub items: Vec<crate::command::RowResult>,
}
