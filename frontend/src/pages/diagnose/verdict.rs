//! Why a node is silent, in one code, by the evidence at hand. Pure; tested on the host.
//!
//! The order is that of certainty: what speaks against ourselves, what an operator asked for, a refusal with its reason,
//! a goodbye, and only then what silence alone lets one guess.

use common::overview::CollectingReason;
use common::status::{InheritedFrom, Liveness, StatusWord};

use super::facts::{Asked, Facts};

/// So many starts within an hour are no accident.
pub const CRASHES: u32 = 3;
/// A clock that differs by more has to be looked at, in milliseconds.
pub const CLOCK_MS: u64 = 5_000;

/// What is the matter, with the values its sentence needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It sends heartbeats, and nothing is odd.
    Fine,
    /// It sends heartbeats, and its clock is wrong; milliseconds, positive where it is ahead.
    ClockSkew(i64),
    /// Two processes speak for it.
    Duplicate,
    /// The control plane cannot judge silence now.
    ConsoleLate(CollectingReason),
    /// Taken out of service, by whom.
    Disabled(Option<InheritedFrom>),
    /// It beats with a secret nobody knows: the fingerprint that was presented.
    WrongSecret(Option<String>),
    /// A server at its address beats under an id nobody knows.
    UnknownNode(Option<String>),
    /// Its file names another region.
    RegionMismatch(Option<String>),
    /// Its file is for another kind of node.
    KindMismatch(Option<String>),
    /// Its file names another node.
    NodeMismatch(Option<String>),
    /// Its process still has the identity of a node that was deleted.
    Deleted,
    /// Its heartbeats come too fast.
    RateLimited,
    /// Its heartbeats cannot be read.
    BodyRejected,
    /// Refused for another reason, its code.
    Refused(String),
    /// It was shut down on request and is expected back.
    Restarting(Option<Asked>),
    /// It was shut down on request and has not come back.
    NotReturned(Asked),
    /// It said goodbye, while maintenance was on.
    LeftInMaintenance,
    /// It said goodbye by itself: somebody stopped the process on the server.
    Left,
    /// Registered, and nothing ever arrived.
    NeverContacted,
    /// It started again and again before it fell silent; how often.
    Crashed(u32),
    /// All nodes of its region are silent; how many there are.
    RegionSilent(u32),
    /// It is late, within the limit.
    Late,
    /// It fell silent, and nothing else is known.
    Stopped,
}

/// Judges.
pub fn verdict(f: &Facts) -> Verdict {
    if f.liveness == Liveness::Live {
        return alive(f);
    }
    if let Some(reason) = f.doubt.filter(|_| f.liveness != Liveness::NeverSeen) {
        return Verdict::ConsoleLate(reason);
    }
    if f.word == StatusWord::Disabled {
        return Verdict::Disabled(f.inherited);
    }
    if let Some(refused) = f.refused() {
        return refusal(f, &refused.reason);
    }
    if f.word == StatusWord::Restarting {
        return Verdict::Restarting(f.asked.clone());
    }
    if let Some(asked) = &f.asked {
        return Verdict::NotReturned(asked.clone());
    }
    if f.liveness == Liveness::Left {
        return if f.quiet { Verdict::LeftInMaintenance } else { Verdict::Left };
    }
    if let Some(stranger) = &f.stranger {
        return Verdict::UnknownNode(stranger.claimed_node.clone());
    }
    match f.liveness {
        Liveness::NeverSeen => Verdict::NeverContacted,
        Liveness::Stale => Verdict::Late,
        _ if f.boots >= CRASHES => Verdict::Crashed(f.boots),
        _ if f.others.1 > 0 && f.others.0 == 0 => Verdict::RegionSilent(f.others.1.saturating_add(1)),
        _ => Verdict::Stopped,
    }
}

fn alive(f: &Facts) -> Verdict {
    if f.duplicate.is_some() {
        return Verdict::Duplicate;
    }
    match f.clock_offset_ms {
        Some(ms) if f.clock_wrong || ms.unsigned_abs() > CLOCK_MS => Verdict::ClockSkew(ms),
        _ => Verdict::Fine,
    }
}

fn refusal(f: &Facts, reason: &str) -> Verdict {
    let newest = f.refused();
    let claimed = |read: fn(&common::overview::Rejection) -> Option<String>| newest.and_then(read);
    match reason {
        "unknown_secret" => Verdict::WrongSecret(claimed(|r| r.fingerprint.clone())),
        "region_mismatch" => Verdict::RegionMismatch(claimed(|r| r.claimed_region.clone())),
        "kind_mismatch" => Verdict::KindMismatch(claimed(|r| r.claimed_kind.clone())),
        "node_mismatch" => Verdict::NodeMismatch(claimed(|r| r.claimed_node.clone())),
        "node_deleted" => Verdict::Deleted,
        "too_fast" => Verdict::RateLimited,
        "invalid_heartbeat" | "body_too_large" => Verdict::BodyRejected,
        other => Verdict::Refused(other.to_owned()),
    }
}

/// What has to be done first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing.
    None,
    /// Wait: the console judges again by itself.
    Wait,
    /// A new secret, put into the file.
    Rotate,
    /// The file of this node, with the right ids.
    Snippet,
    /// Turn it on again.
    Enable,
    /// Look at the process on the server.
    Server,
    /// Look at the way from the server to here.
    Network,
    /// The servers that nobody registered.
    Unregistered,
    /// Set the clock of the server.
    Clock,
}

impl Verdict {
    /// The one thing to do first.
    pub fn act(&self) -> Act {
        match self {
            Self::Fine => Act::None,
            Self::ConsoleLate(_) | Self::Restarting(_) | Self::Late => Act::Wait,
            Self::WrongSecret(_) => Act::Rotate,
            Self::RegionMismatch(_)
            | Self::KindMismatch(_)
            | Self::NodeMismatch(_)
            | Self::Deleted
            | Self::Duplicate => Act::Snippet,
            Self::Disabled(_) => Act::Enable,
            Self::UnknownNode(_) => Act::Unregistered,
            Self::ClockSkew(_) => Act::Clock,
            Self::NeverContacted | Self::RegionSilent(_) => Act::Network,
            Self::RateLimited
            | Self::BodyRejected
            | Self::Refused(_)
            | Self::NotReturned(_)
            | Self::LeftInMaintenance
            | Self::Left
            | Self::Crashed(_)
            | Self::Stopped => Act::Server,
        }
    }

    /// Whether this is what somebody asked for, or will be over by itself: no reason to worry.
    pub fn expected(&self) -> bool {
        matches!(
            self,
            Self::Fine
                | Self::Disabled(_)
                | Self::Restarting(_)
                | Self::LeftInMaintenance
                | Self::ConsoleLate(_)
                | Self::Late
        )
    }

    /// Whether messages of the server arrive here: its way to the console is open.
    pub fn arrives(&self) -> bool {
        matches!(
            self,
            Self::Fine
                | Self::ClockSkew(_)
                | Self::Duplicate
                | Self::WrongSecret(_)
                | Self::UnknownNode(_)
                | Self::RegionMismatch(_)
                | Self::KindMismatch(_)
                | Self::NodeMismatch(_)
                | Self::Deleted
                | Self::RateLimited
                | Self::BodyRejected
                | Self::Refused(_)
        )
    }

    /// Whether two verdicts are of one sort, whatever their values.
    pub fn same_sort(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
pub(super) mod tests;
