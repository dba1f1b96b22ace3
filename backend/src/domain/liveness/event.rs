//! What can happen to a node, and what follows from it.

use super::{BootId, Liveness};
use crate::clock::Mono;
use crate::domain::guard::{Doubt, Judgement, Reason};

/// Something that happened to one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A heartbeat that we answer with 200; `now` is when its headers were read.
    Beat {
        /// The sender's run; the flat form has none.
        boot: Option<BootId>,
        /// Its counter within the run. Without one a beat is never a duplicate.
        seq: Option<u64>,
    },
    /// An accepted goodbye.
    Goodbye {
        /// The run that ends; without one it is taken at its word.
        boot: Option<BootId>,
    },
    /// The node's deadline came. Harmless when it comes early, late or twice.
    Due {
        /// How long we were not listening since the node was last seen ([`crate::domain::guard::Guard::slack_since`]).
        slack_ms: u64,
        /// Whether we may judge at all.
        judgement: Judgement,
    },
    /// We lost the right to judge the whole fleet: send it to every node at once.
    Unjudgeable(Doubt),
}

/// A change of [`Liveness`]; `from` and `to` always differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// Before.
    pub from: Liveness,
    /// After.
    pub to: Liveness,
}

/// What the step means, for the timeline and for alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first beat ever.
    FirstContact,
    /// Back from `stale`, `offline` or `left` in the same run (or without run ids).
    Recovered {
        /// How long the node had been silent.
        gap_ms: u64,
    },
    /// A beat of another run. The node may have been live all along: then there is no transition.
    Restarted {
        /// How long the node had been silent.
        gap_ms: u64,
    },
    /// An unconfirmed node beat again, in the same run.
    Reconfirmed {
        /// How long the node had been silent.
        gap_ms: u64,
    },
    /// Silent for `stale_after`.
    WentStale,
    /// Silent for `offline_after`.
    WentOffline,
    /// Said goodbye.
    Left,
    /// We can't judge it any more.
    LostSight {
        /// What speaks against us.
        reason: Reason,
    },
    /// The doubt passed and the node isn't overdue on its own clock: live again without a beat.
    GraceExpired,
}

/// What follows from a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effects {
    /// The change, if there was one.
    pub transition: Option<Transition>,
    /// Its meaning. `Restarted` also comes without a transition.
    pub kind: Option<Kind>,
    /// The beat repeats an older one or comes from the run before: answer 200 and ignore its figures.
    pub duplicate: bool,
    /// The one deadline to arm in place of any earlier one; `None`: disarm.
    pub next_deadline: Option<Mono>,
}
