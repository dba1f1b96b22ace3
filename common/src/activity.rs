//! Activity (the audit log of operators) and events (what happened to a node or region).

use serde::{Deserialize, Serialize};

use crate::ids::{NodeId, RegionId};
use crate::time::Timestamp;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done.
    Allowed,
    /// Not permitted.
    Denied,
    /// Permitted, and refused by a rule: a guard, a precondition, a version.
    Refused,
}

impl Outcome {
    /// As on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Refused => "refused",
        }
    }

    /// The inverse of [`Outcome::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Allowed, Self::Denied, Self::Refused].into_iter().find(|k| k.as_str() == s)
    }
}

/// One attempt to change something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// Its id; newer ones are larger.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// E-mail, or `system` for what the control plane did by itself.
    pub actor: String,
    /// Dotted verb, such as `node.intent`.
    pub action: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Such as `region`, `node`, `platform`, `storage`, `user`, `session`, `background`, `problem`.
    pub target_kind: String,
    /// Id of the target; empty of one that was not made, and of several.
    pub target_id: String,
    /// What it was called at the time.
    pub target_name: Option<String>,
    /// The region concerned.
    pub region_id: Option<RegionId>,
    /// The changed fields as they were.
    pub before: Option<serde_json::Value>,
    /// The changed fields as they are.
    pub after: Option<serde_json::Value>,
    /// Why, in the actor's words, or why not.
    pub reason: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// Address it came from.
    pub source: Option<String>,
}

/// Activity, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ActivityPage {
    /// The entries.
    pub items: Vec<Activity>,
    /// Present where more follow.
    pub next_cursor: Option<String>,
}

/// How many entries a filter matches; for the line before an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ActivityCount {
    /// As many as an export would hold.
    pub count: u32,
    /// There are more than an export holds; it has the newest.
    pub capped: bool,
}

/// A place in the chain of the activity log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChainPlace {
    /// The entry's number; 1 is the first ever.
    pub seq: i64,
    /// SHA-256 in hexadecimal.
    pub hash: String,
    /// When.
    pub at: Timestamp,
}

/// Where the chain of the activity log begins and ends. Each entry's hash covers the one before, so the newest covers
/// all: who notes `lastSeq` and `head` elsewhere can show later that nothing was changed or taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ActivityChain {
    /// How many entries the log has now.
    pub entries: u64,
    /// The oldest entry's number; `null` where the log is empty.
    pub first_seq: Option<i64>,
    /// The newest entry's.
    pub last_seq: Option<i64>,
    /// The newest entry's hash, SHA-256 in hexadecimal.
    pub head: Option<String>,
    /// When the newest entry was noted.
    pub head_at: Option<Timestamp>,
    /// The last entry that was removed because of its age: the chain goes on from its hash. `null` where none was.
    pub checkpoint: Option<ChainPlace>,
    /// What the last check found that was begun here; `null` before the first.
    #[serde(default)]
    pub verified: Option<ChainVerified>,
    /// The check that runs now, where this server runs one.
    #[serde(default)]
    pub verifying: Option<ChainVerifying>,
    /// Whether the database role the server uses could change or remove entries. In a database of the server's own it
    /// cannot; in another one that is for its owner to see to.
    #[serde(default)]
    pub changeable: bool,
}

/// What a check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChainVerified {
    /// When it ended.
    pub at: Timestamp,
    /// How many entries were right.
    pub entries: u64,
    /// The first thing that is not right; `null` where everything is.
    pub broken: Option<ChainBreak>,
}

/// A check of the chain that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChainVerifying {
    /// When it began.
    pub since: Timestamp,
    /// How many entries it has looked at.
    pub entries: u64,
}

/// Where the chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChainBreak {
    /// How.
    pub kind: BreakKind,
    /// The entry's number, where it has one.
    pub seq: Option<i64>,
    /// The entry's id, where it has one.
    pub entry: Option<String>,
}

/// How a chain is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BreakKind {
    /// A number is missing: an entry was taken out with its hash.
    Missing,
    /// The chain has its hash, the log has no such entry.
    Removed,
    /// The entry or its hash is not what was written.
    Changed,
    /// The entry stands in the log and not in the chain.
    Unlinked,
    /// It is not the entry that somebody noted.
    NotNoted,
}

impl BreakKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Missing, Self::Removed, Self::Changed, Self::Unlinked, Self::NotNoted];

    /// As on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Unlinked => "unlinked",
            Self::NotNoted => "not_noted",
        }
    }

    /// The inverse of [`BreakKind::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Liveness went from one value to another.
    Liveness,
    /// Its effective intent changed.
    Intent,
    /// The runtime it reports changed.
    Runtime,
    /// A new process began.
    Boot,
    /// It said goodbye.
    Goodbye,
    /// A command changed its state.
    Command,
    /// A drain changed its phase.
    Drain,
    /// Its region's storage became healthy or failing: of a node by its own test, of a region by the server's.
    Storage,
    /// Registered, edited or deleted.
    Registry,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Liveness,
        Self::Intent,
        Self::Runtime,
        Self::Boot,
        Self::Goodbye,
        Self::Command,
        Self::Drain,
        Self::Storage,
        Self::Registry,
    ];

    /// As on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Liveness => "liveness",
            Self::Intent => "intent",
            Self::Runtime => "runtime",
            Self::Boot => "boot",
            Self::Goodbye => "goodbye",
            Self::Command => "command",
            Self::Drain => "drain",
            Self::Storage => "storage",
            Self::Registry => "registry",
        }
    }

    /// The inverse of [`EventKind::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// Something that happened to a node or a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TimelineEvent {
    /// Its id; newer ones are larger.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The node.
    pub node_id: Option<NodeId>,
    /// The region.
    pub region_id: Option<RegionId>,
    /// About what.
    pub kind: EventKind,
    /// What it was; a word of the axis.
    pub from: Option<String>,
    /// What it became.
    pub to: Option<String>,
    /// More, in words: a reason, a version, a boot.
    pub detail: Option<String>,
    /// Who, where a person did it.
    pub actor: Option<String>,
}

/// Events, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TimelinePage {
    /// The events.
    pub items: Vec<TimelineEvent>,
    /// Present where more follow.
    pub next_cursor: Option<String>,
}
