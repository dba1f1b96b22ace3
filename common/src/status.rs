//! The four axes of a node's state and the one function that turns them into the word shown everywhere.
//!
//! *Intent* is what an operator wants, *liveness* what the control plane observes, *runtime* what the node reports,
//! *conditions* what diagnosis found. They are never merged into one stored column: a merged column cannot say
//! "in maintenance, and also silent".

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What an operator wants. The strictest of platform, region and node counts; the order of the variants is that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntentState {
    /// Takes work.
    #[default]
    Active,
    /// Takes no new work; what runs continues.
    Maintenance,
    /// Out of service for good; outside `registered`.
    Disabled,
}

/// An operator's wish with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// What is wanted of this object alone; `effective` of its status counts the levels above too.
    pub state: IntentState,
    /// Told to the node and to users.
    pub public_reason: Option<String>,
    /// For operators only.
    pub private_reason: Option<String>,
    /// When it becomes active by itself.
    pub until: Option<Timestamp>,
    /// When the drain should be over.
    #[serde(default)]
    pub deadline: Option<Timestamp>,
    /// What happens then.
    #[serde(default)]
    pub on_deadline: crate::intent::OnDeadline,
    /// E-mail of who set it.
    pub by: Option<String>,
    /// When it was set.
    pub at: Option<Timestamp>,
}

/// What the control plane observes from heartbeats alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Liveness {
    /// Registered, and no heartbeat was ever accepted.
    NeverSeen,
    /// A heartbeat within `staleAfter`.
    Live,
    /// Silent for longer than `staleAfter`.
    Stale,
    /// Silent for longer than `offlineAfter`.
    Offline,
    /// Said goodbye.
    Left,
    /// The control plane cannot judge, for a reason of its own.
    Unconfirmed,
}

/// What the node says it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Runtime {
    /// Boot checks; takes no work yet.
    Starting,
    /// Takes work.
    Running,
    /// Takes no new work, stays.
    Maintenance,
    /// Takes no new work, exits at zero.
    Draining,
    /// About to exit.
    Stopping,
}

/// The one word shown for a node or region, on every page and in every reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StatusWord {
    /// A region without nodes.
    Empty,
    /// Sends heartbeats with an identity the registry does not know.
    Unregistered,
    /// Intent disabled, and silent or without work.
    Disabled,
    /// Registered, no heartbeat yet.
    NeverSeen,
    /// Shut down on request and expected back.
    Restarting,
    /// The control plane cannot judge now.
    Unconfirmed,
    /// Silent for longer than `offlineAfter`, or left.
    Offline,
    /// Silent for longer than `staleAfter`.
    Stale,
    /// Asked to stop taking work, and work is left.
    Draining,
    /// Takes no new work, none left.
    Maintenance,
    /// Live, boot checks running.
    Starting,
    /// Live and taking work.
    Online,
}

impl StatusWord {
    /// Rank for "worst first" order and for a region's word: 0 is the worst.
    pub fn severity(self) -> u8 {
        match self {
            Self::Offline => 0,
            Self::Unregistered => 1,
            Self::Stale => 2,
            Self::Unconfirmed => 3,
            Self::NeverSeen => 4,
            Self::Draining => 5,
            Self::Restarting => 6,
            Self::Starting => 7,
            Self::Maintenance => 8,
            Self::Disabled => 9,
            Self::Empty => 10,
            Self::Online => 11,
        }
    }

    /// All words, worst first; filters and legends are built from it.
    pub const ALL: [Self; 12] = [
        Self::Offline,
        Self::Unregistered,
        Self::Stale,
        Self::Unconfirmed,
        Self::NeverSeen,
        Self::Draining,
        Self::Restarting,
        Self::Starting,
        Self::Maintenance,
        Self::Disabled,
        Self::Empty,
        Self::Online,
    ];
}

/// Which level above a node sets its effective intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InheritedFrom {
    /// The node's region.
    Region,
    /// The whole platform.
    Platform,
}

/// A node's word, since when, and who imposed its intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NodeStatus {
    /// The word.
    pub word: StatusWord,
    /// When this word began.
    pub since: Timestamp,
    /// Set where region or platform imposes a stricter intent than the node's own.
    pub inherited_from: Option<InheritedFrom>,
}

/// A region's word and how many of its nodes stand behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RegionStatus {
    /// The region's own intent where it is not active, else the worst word of its enabled nodes.
    pub word: StatusWord,
    /// How many nodes carry that word; `null` where the word is the region's own.
    pub count: Option<u32>,
    /// When this word began.
    pub since: Timestamp,
}

/// Outcome of one check of diagnosis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConditionState {
    /// Holds.
    Ok,
    /// Does not hold.
    Failed,
    /// Not known.
    Unknown,
}

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConditionKind {
    /// The node's clock agrees with the server's within 5 s.
    ClockInSync,
    /// The id the node claims is its own.
    IdentityUnique,
    /// All groups of figures in its last heartbeat could be read.
    FiguresReadable,
    /// Its last refused heartbeat, if newer than the last accepted one.
    HeartbeatAccepted,
    /// The node reaches its region's storage.
    StorageReachable,
}

/// One finding of diagnosis about a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What was checked.
    pub kind: ConditionKind,
    /// The outcome.
    pub state: ConditionState,
    /// Evidence in words, without secrets.
    pub detail: String,
}

/// Everything the word depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusInput {
    /// The strictest of platform, region and node.
    pub intent: IntentState,
    /// As observed.
    pub liveness: Liveness,
    /// As last reported; `None` before the first report.
    pub runtime: Option<Runtime>,
    /// Work left: conversations of a backend, calls of a proxy; `None` where the node has not said.
    pub work: Option<u32>,
    /// A shutdown was obeyed and the node is inside its restart window.
    pub restarting: bool,
}

/// The word for a node. Pure; the table in the interface description, top row first.
pub fn display(i: StatusInput) -> StatusWord {
    let live = i.liveness == Liveness::Live;
    let has_work = i.work.is_some_and(|n| n > 0);
    let leaving = matches!(i.runtime, Some(Runtime::Draining | Runtime::Stopping));
    let quiet = i.intent != IntentState::Active || i.runtime == Some(Runtime::Maintenance);
    match () {
        // A disabled node that still works off its calls is draining; one that is silent or idle is disabled.
        () if i.intent == IntentState::Disabled && !(live && has_work) => StatusWord::Disabled,
        () if i.liveness == Liveness::NeverSeen => StatusWord::NeverSeen,
        () if i.restarting && !live => StatusWord::Restarting,
        () if i.liveness == Liveness::Unconfirmed => StatusWord::Unconfirmed,
        () if matches!(i.liveness, Liveness::Offline | Liveness::Left) => StatusWord::Offline,
        () if i.liveness == Liveness::Stale => StatusWord::Stale,
        () if leaving || (quiet && has_work) => StatusWord::Draining,
        () if quiet => StatusWord::Maintenance,
        () if i.runtime == Some(Runtime::Starting) => StatusWord::Starting,
        () => StatusWord::Online,
    }
}

/// Whether the node takes new work: confirmed live, wanted active, and running (no runtime is taken as running).
pub fn accepting(i: StatusInput) -> bool {
    i.liveness == Liveness::Live
        && i.intent == IntentState::Active
        && matches!(i.runtime, None | Some(Runtime::Running))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTENTS: [IntentState; 3] = [IntentState::Active, IntentState::Maintenance, IntentState::Disabled];
    const LIVENESS: [Liveness; 6] = [
        Liveness::NeverSeen,
        Liveness::Live,
        Liveness::Stale,
        Liveness::Offline,
        Liveness::Left,
        Liveness::Unconfirmed,
    ];
    const RUNTIMES: [Option<Runtime>; 6] = [
        None,
        Some(Runtime::Starting),
        Some(Runtime::Running),
        Some(Runtime::Maintenance),
        Some(Runtime::Draining),
        Some(Runtime::Stopping),
    ];

    fn every_input() -> impl Iterator<Item = StatusInput> {
        INTENTS.into_iter().flat_map(|intent| {
            LIVENESS.into_iter().flat_map(move |liveness| {
                RUNTIMES.into_iter().flat_map(move |runtime| {
                    [None, Some(0), Some(3)].into_iter().flat_map(move |work| {
                        [false, true].map(|restarting| StatusInput {
                            intent,
                            liveness,
                            runtime,
                            work,
                            restarting,
                        })
                    })
                })
            })
        })
    }

    fn input(intent: IntentState, liveness: Liveness, runtime: Option<Runtime>, work: u32) -> StatusInput {
        StatusInput { intent, liveness, runtime, work: Some(work), restarting: false }
    }

    #[test]
    fn rows_of_the_table() {
        use IntentState::*;
        use Liveness::*;
        let run = Some(Runtime::Running);
        for (i, word) in [
            (input(Disabled, NeverSeen, None, 0), StatusWord::Disabled),
            (input(Disabled, Live, run, 0), StatusWord::Disabled),
            (input(Disabled, Live, run, 2), StatusWord::Draining),
            (input(Disabled, Offline, run, 2), StatusWord::Disabled),
            (input(Active, NeverSeen, None, 0), StatusWord::NeverSeen),
            (input(Maintenance, NeverSeen, None, 0), StatusWord::NeverSeen),
            (input(Active, Unconfirmed, run, 1), StatusWord::Unconfirmed),
            (input(Active, Offline, run, 1), StatusWord::Offline),
            (input(Active, Left, run, 0), StatusWord::Offline),
            (input(Active, Stale, run, 1), StatusWord::Stale),
            (input(Maintenance, Stale, run, 1), StatusWord::Stale),
            (input(Maintenance, Live, run, 1), StatusWord::Draining),
            (input(Maintenance, Live, run, 0), StatusWord::Maintenance),
            (input(Active, Live, Some(Runtime::Maintenance), 0), StatusWord::Maintenance),
            (input(Active, Live, Some(Runtime::Maintenance), 1), StatusWord::Draining),
            (input(Active, Live, Some(Runtime::Draining), 0), StatusWord::Draining),
            (input(Active, Live, Some(Runtime::Starting), 0), StatusWord::Starting),
            (input(Active, Live, run, 9), StatusWord::Online),
            (input(Active, Live, None, 0), StatusWord::Online),
        ] {
            assert_eq!(display(i), word, "{i:?}");
        }
        let gone = StatusInput { restarting: true, ..input(Active, Left, run, 0) };
        assert_eq!(display(gone), StatusWord::Restarting);
    }

    #[test]
    fn the_word_never_contradicts_the_axes() {
        for i in every_input() {
            let word = display(i);
            let live = i.liveness == Liveness::Live;
            assert!(
                !matches!(word, StatusWord::Online | StatusWord::Starting)
                    || (live && i.intent == IntentState::Active),
                "{i:?} shows {word:?}"
            );
            assert!(
                !matches!(word, StatusWord::Offline | StatusWord::Stale) || !live,
                "{i:?} shows {word:?}"
            );
            assert_eq!(accepting(i), accepting(i) && word == StatusWord::Online, "{i:?} accepts as {word:?}");
            assert!(!matches!(word, StatusWord::Empty | StatusWord::Unregistered), "{i:?} shows {word:?}");
        }
    }

    #[test]
    fn all_words_are_ranked_once() {
        let ranks: Vec<u8> = StatusWord::ALL.iter().map(|w| w.severity()).collect();
        assert_eq!(ranks, (0..12).collect::<Vec<u8>>());
    }
}
