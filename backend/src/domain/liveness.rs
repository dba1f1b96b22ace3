//! Is a node there? One pure function, [`step`], answers for one node at a time.
//!
//! Time comes in as a [`Mono`]; nothing here reads a clock, waits or locks. The caller keeps one [`State`]
//! per node, feeds it what happened, arms the one deadline that comes back in [`Effects::next_deadline`] and
//! publishes the transition. Three principles carry all the rules:
//!
//! - *Every accepted beat counts as alive*, whatever it reports, from every state. The one exception is a
//!   repeated or straggling message that reaches us after the goodbye: it was sent before it.
//! - *Silence is measured on our own clock*, against the timers in force when we last answered the node, and
//!   only over the time in which we were listening ([`Event::Due`]'s `slack_ms`).
//! - *We blame ourselves first.* While there is evidence against us, a node that was live becomes
//!   `unconfirmed` and nothing else gets worse. When the doubt has passed, its own age decides.

mod event;
mod follow;
mod policy;

pub use common::status::Liveness;
pub use event::{Effects, Event, Kind, Transition};
pub use follow::{News, follow, news};
pub use policy::{Policy, Timers};

use super::guard::{Doubt, Judgement};
use crate::clock::Mono;

/// One run of a node's process: 128 bits that the caller derives from the boot id on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BootId([u8; 16]);

impl BootId {
    /// The boot id with this value. Kept as bytes: alignment of 16 would make [`State`] a third larger.
    #[must_use]
    pub const fn new(value: u128) -> BootId {
        BootId(value.to_be_bytes())
    }
}

/// The run before the current one, so that its last words are not taken for a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Predecessor {
    boot: BootId,
    seq: Option<u64>,
    /// One new message of it was taken for one that was on its way when the successor started. A second one
    /// means that the process lives: a node has one beat in flight at most.
    excused: bool,
}

/// All that [`step`] remembers of one node: small and `Copy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    liveness: Liveness,
    since: Mono,
    last_seen: Option<Mono>,
    boot: Option<BootId>,
    seq: Option<u64>,
    predecessor: Option<Predecessor>,
    told: Policy,
    hold: Option<Doubt>,
}

/// What the database knew of a node before this process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// The state as last written.
    pub liveness: Liveness,
    /// When it entered that state.
    pub since: Mono,
    /// Its last beat, translated to this process's clock by its age.
    pub last_seen: Option<Mono>,
    /// The run it was last heard of.
    pub boot: Option<BootId>,
    /// The last counter of that run.
    pub seq: Option<u64>,
}

impl State {
    /// A node that was just registered.
    #[must_use]
    pub const fn registered(now: Mono, policy: Policy) -> State {
        State {
            liveness: Liveness::NeverSeen,
            since: now,
            last_seen: None,
            boot: None,
            seq: None,
            predecessor: None,
            told: policy,
            hold: None,
        }
    }

    /// A node as another process left it, under the `grace` of a restart: what was live is unconfirmed,
    /// everything else keeps its state.
    #[must_use]
    pub fn restored(record: Record, grace: Doubt, now: Mono, policy: Policy) -> (State, Effects) {
        // A process that ended in its own grace wrote `unconfirmed` for what had been live.
        let liveness = match record.liveness {
            Liveness::Unconfirmed => Liveness::Live,
            other => other,
        };
        let state = State {
            liveness,
            since: record.since,
            // Live, yet never seen, is a damaged row; counting from now on gives the node its full time.
            last_seen: record
                .last_seen
                .or(matches!(liveness, Liveness::Live | Liveness::Stale).then_some(now)),
            boot: record.boot,
            seq: record.seq,
            ..State::registered(now, policy)
        };
        step(state, Event::Unjudgeable(grace), now, policy)
    }

    /// What we believe.
    #[must_use]
    pub const fn liveness(&self) -> Liveness {
        self.liveness
    }

    /// Since when we believe it; never moves backwards.
    #[must_use]
    pub const fn since(&self) -> Mono {
        self.since
    }

    /// The receive time of the last accepted beat.
    #[must_use]
    pub const fn last_seen(&self) -> Option<Mono> {
        self.last_seen
    }

    /// The current run, where the node names one.
    #[must_use]
    pub const fn boot(&self) -> Option<BootId> {
        self.boot
    }

    /// The highest counter of the current run.
    #[must_use]
    pub const fn seq(&self) -> Option<u64> {
        self.seq
    }

    /// The timers the node was last told; its silence is measured by them.
    #[must_use]
    pub const fn told(&self) -> Policy {
        self.told
    }

    /// Why and until when the node is not judged.
    #[must_use]
    pub const fn hold(&self) -> Option<Doubt> {
        self.hold
    }

    /// When this node must be looked at again, if nothing happens before.
    #[must_use]
    pub fn next_deadline(&self, slack_ms: u64) -> Option<Mono> {
        let last_seen = self.last_seen?;
        let silence_ends = match self.liveness {
            Liveness::Live => last_seen.after(self.told.stale_after_ms).after(slack_ms),
            Liveness::Stale => last_seen.after(self.told.offline_after_ms).after(slack_ms),
            // It can't be judged before the doubt has passed, and is judged then, whatever its age.
            Liveness::Unconfirmed => return Some(self.hold.map_or(last_seen, |doubt| doubt.until)),
            Liveness::NeverSeen | Liveness::Offline | Liveness::Left => return None,
        };
        Some(self.hold.map_or(silence_ends, |doubt| doubt.until.max(silence_ends)))
    }

    fn enter(&mut self, to: Liveness, now: Mono) {
        if self.liveness != to {
            self.liveness = to;
            self.since = self.since.max(now);
        }
    }
}

/// Where a beat stands in the order of what the node sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The next word of the current run, or a form that has no order.
    Fresh,
    /// Said already by the current run.
    Repeat,
    /// A last word of the run before.
    Straggler,
    /// The first word of another run.
    NewRun,
}

/// Applies one event to one node. `policy` is what the reply to a beat tells the node.
#[must_use]
pub fn step(state: State, event: Event, now: Mono, policy: Policy) -> (State, Effects) {
    let mut next = state;
    let (kind, duplicate, slack_ms) = match event {
        Event::Beat { boot, seq } => {
            let (kind, duplicate) = beat(&mut next, boot, seq, now, policy);
            (kind, duplicate, 0)
        }
        Event::Goodbye { boot } => (goodbye(&mut next, boot, now), false, 0),
        Event::Due { slack_ms, judgement } => (due(&mut next, slack_ms, judgement, now), false, slack_ms),
        Event::Unjudgeable(doubt) => (lose_sight(&mut next, doubt, now), false, 0),
    };
    let transition =
        (state.liveness != next.liveness).then_some(Transition { from: state.liveness, to: next.liveness });
    (next, Effects { transition, kind, duplicate, next_deadline: next.next_deadline(slack_ms) })
}

fn beat(
    state: &mut State,
    boot: Option<BootId>,
    seq: Option<u64>,
    now: Mono,
    policy: Policy,
) -> (Option<Kind>, bool) {
    let order = note_order(state, boot, seq);
    let duplicate = matches!(order, Order::Repeat | Order::Straggler);
    if duplicate && state.liveness == Liveness::Left {
        // Sent before the goodbye and overtaken by it: it must not bring the node back.
        return (None, true);
    }
    let gap_ms = state.last_seen.map_or(0, |seen| now.since(seen));
    let kind = match (state.liveness, order) {
        (Liveness::NeverSeen, _) => Some(Kind::FirstContact),
        (_, Order::NewRun) => Some(Kind::Restarted { gap_ms }),
        (Liveness::Live, _) => None,
        (Liveness::Unconfirmed, _) => Some(Kind::Reconfirmed { gap_ms }),
        (Liveness::Stale | Liveness::Offline | Liveness::Left, _) => Some(Kind::Recovered { gap_ms }),
    };
    // Two beats may be applied in another order than they were received.
    state.last_seen = Some(state.last_seen.map_or(now, |seen| seen.max(now)));
    state.told = policy;
    state.hold = None;
    state.enter(Liveness::Live, now);
    (kind, duplicate)
}

/// Puts a beat in order and remembers it.
fn note_order(state: &mut State, boot: Option<BootId>, seq: Option<u64>) -> Order {
    // The flat form: no order to keep, and no word about the run.
    let Some(boot) = boot else { return Order::Fresh };
    let Some(current) = state.boot else {
        (state.boot, state.seq) = (Some(boot), seq);
        return Order::Fresh;
    };
    if boot == current {
        if !is_newer(seq, state.seq) {
            return Order::Repeat;
        }
        state.seq = seq.or(state.seq);
        return Order::Fresh;
    }
    if let Some(before) = state.predecessor.as_mut().filter(|before| before.boot == boot) {
        let newer = is_newer(seq, before.seq);
        if !newer || !before.excused {
            before.excused |= newer;
            before.seq = before.seq.max(seq);
            return Order::Straggler;
        }
    }
    state.predecessor = Some(Predecessor { boot: current, seq: state.seq, excused: false });
    (state.boot, state.seq) = (Some(boot), seq);
    Order::NewRun
}

/// Whether `seq` says something new after `last`; without a counter everything does.
fn is_newer(seq: Option<u64>, last: Option<u64>) -> bool {
    match (seq, last) {
        (Some(seq), Some(last)) => seq > last,
        _ => true,
    }
}

fn goodbye(state: &mut State, boot: Option<BootId>, now: Mono) -> Option<Kind> {
    // A goodbye of another run is the late last word of a predecessor; the current one has not left.
    if let (Some(boot), Some(current)) = (boot, state.boot)
        && boot != current
    {
        return None;
    }
    state.boot = state.boot.or(boot);
    state.hold = None;
    let left = state.liveness != Liveness::Left;
    state.enter(Liveness::Left, now);
    left.then_some(Kind::Left)
}

fn due(state: &mut State, slack_ms: u64, judgement: Judgement, now: Mono) -> Option<Kind> {
    let watched = matches!(state.liveness, Liveness::Live | Liveness::Stale | Liveness::Unconfirmed);
    let last_seen = state.last_seen.filter(|_| watched)?;
    if state.hold.is_some_and(|doubt| doubt.until > now) {
        return None;
    }
    let silent_ms = now.since(last_seen).saturating_sub(slack_ms);
    let verdict = if silent_ms >= state.told.offline_after_ms {
        Liveness::Offline
    } else if silent_ms >= state.told.stale_after_ms || state.liveness == Liveness::Stale {
        Liveness::Stale
    } else {
        Liveness::Live
    };
    let worse = verdict != Liveness::Live && verdict != state.liveness;
    if worse && let Judgement::Unjudgeable(doubt) = judgement {
        return lose_sight(state, doubt, now);
    }
    state.hold = None;
    let from = state.liveness;
    state.enter(verdict, now);
    match verdict {
        _ if verdict == from => None,
        Liveness::Stale => Some(Kind::WentStale),
        Liveness::Offline => Some(Kind::WentOffline),
        _ => Some(Kind::GraceExpired),
    }
}

fn lose_sight(state: &mut State, doubt: Doubt, now: Mono) -> Option<Kind> {
    let held = matches!(state.liveness, Liveness::Live | Liveness::Stale | Liveness::Unconfirmed);
    if !held || doubt.until <= now {
        return None;
    }
    if state.hold.is_none_or(|known| known.until < doubt.until) {
        state.hold = Some(doubt);
    }
    if state.liveness != Liveness::Live {
        return None;
    }
    state.enter(Liveness::Unconfirmed, now);
    Some(Kind::LostSight { reason: doubt.reason })
}

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod sweep_tests;
#[cfg(test)]
mod tests;
