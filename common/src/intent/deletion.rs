//! What stands against deleting a node or a region.

use serde::{Deserialize, Serialize};

/// What must hold before an object may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PreconditionCode {
    /// It is out of service by intent.
    Disabled,
    /// It has been silent for long enough.
    Silent,
    /// Silence can be judged now.
    Judgeable,
    /// It left no work, or the operator knows that it is lost.
    NoSessions,
    /// No command is open.
    NoOpenCommand,
    /// A region has no nodes.
    NoNodes,
}

impl PreconditionCode {
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Silent => "silent",
            Self::Judgeable => "judgeable",
            Self::NoSessions => "no_sessions",
            Self::NoOpenCommand => "no_open_command",
            Self::NoNodes => "no_nodes",
        }
    }
}

/// What a precondition rests on; its numbers stand beside it. The console turns it into a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PreconditionFact {
    /// It is disabled.
    Disabled,
    /// It is not; disabling it is the cure.
    NotDisabled,
    /// It is not; disabling it or its region is the cure.
    NeitherDisabled,
    /// Its process may still run.
    MayRun,
    /// Silent for `seconds`, of which `neededSeconds` are needed.
    SilentTooShort,
    /// Disabled for `seconds`, of which `neededSeconds` are needed.
    DisabledTooShort,
    /// Silence counts from when it is disabled, which it is not.
    CountsFromDisabled,
    /// It was never heard of.
    NeverHeard,
    /// Silent for `seconds`.
    Silent,
    /// Silence can be judged.
    Judgeable,
    /// The control plane cannot judge silence now.
    Unjudgeable,
    /// It never reported any work.
    NeverWorked,
    /// Its last heartbeat reported none.
    NoWork,
    /// Its last heartbeat reported `count` pieces of it. Where this is met, somebody knows that they are lost.
    WorkLeft,
    /// Its last heartbeat said nothing about it. Where this is met, somebody knows that it is lost.
    WorkUnknown,
    /// No command is open.
    NoCommand,
    /// `count` commands are open.
    CommandsOpen,
    /// The region has no nodes.
    NoNodes,
    /// The region has `count` nodes.
    NodesLeft,
}

/// One thing that must hold before an object may be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Precondition {
    /// Which.
    pub code: PreconditionCode,
    /// Whether it holds.
    pub met: bool,
    /// What it rests on.
    pub fact: PreconditionFact,
    /// How many commands, nodes or pieces of work; which, the fact says.
    pub count: Option<u32>,
    /// For how long it has lasted.
    pub seconds: Option<u64>,
    /// How long it has to last.
    pub needed_seconds: Option<u64>,
    /// In words, English; for scripts and logs.
    pub detail: String,
}

/// `GET …/deletion`: whether a delete would go through, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Deletion {
    /// All of them hold.
    pub allowed: bool,
    /// Each.
    pub preconditions: Vec<Precondition>,
}
