//! May we judge? Looks for evidence against ourselves, and for nothing else.
//!
//! A control plane that was restarted, suspended or late, or that turned beats away, knows nothing about a
//! silent node. The [`Guard`] collects such evidence and says whether silence may be judged now, why not, and
//! until when. How many nodes are silent is never an input: a region that falls silent is silent.
//!
//! The sweeper asks in this order, at every tick:
//! 1. [`Guard::tick`]; when it answers [`Judgement::Unjudgeable`], the whole fleet gets
//!    [`Event::Unjudgeable`].
//! 2. For every node whose deadline came: [`Guard::due`] makes the event for it.
//!
//! Errors ([`Guard::ingest_error`], [`Guard::database_error`]) and a takeover ([`Guard::new_sweeper`]) don't touch a node that keeps beating: they
//! only turn what would have become stale into unconfirmed.

use std::collections::VecDeque;

use super::liveness::{Event, Policy, State};
use crate::clock::Mono;

pub use common::overview::CollectingReason as Reason;

/// A reason not to judge, and the instant from which we judge again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// Why.
    pub reason: Reason,
    /// Until when; at this very instant the doubt has passed.
    pub until: Mono,
}

/// One kind of evidence from its first time on, for as long as it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// What happened.
    pub reason: Reason,
    /// The first time.
    pub since: Mono,
    /// When it stops counting.
    pub until: Mono,
    /// How often.
    pub count: u32,
}

/// Whether silence may be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Nothing speaks against us.
    Clear,
    /// Something does.
    Unjudgeable(Doubt),
}

/// One waking of the sweeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// When it should have come.
    pub planned: Mono,
    /// When it came.
    pub actual: Mono,
    /// The wall clock then, in milliseconds since 1970.
    pub wall_ms: i64,
}

/// Lateness of sweeps that lie close together, summed up.
#[derive(Debug, Clone, Copy)]
struct Late {
    first: Mono,
    last: Mono,
    sum_ms: u64,
}

/// The evidence against ourselves. One per process; cheap to ask.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The doubt that lasts longest: any other ends before it and changes nothing.
    doubt: Option<Doubt>,
    /// Everything that was held against us, one run per reason.
    runs: Vec<Run>,
    last_tick: Option<Tick>,
    lateness: VecDeque<Late>,
    /// How far back lateness is kept.
    memory_ms: u64,
}

impl Guard {
    /// The memory of lateness is kept in about this many pieces.
    const PIECES: u64 = 256;

    /// The guard of a process that starts at `now`, in restart grace for 1.5 × `offline_after`.
    #[must_use]
    pub fn restarted(now: Mono, policy: &Policy) -> Guard {
        let until = now.after(policy.restart_grace_ms());
        Guard {
            doubt: Some(Doubt { reason: Reason::Restart, until }),
            runs: vec![Run { reason: Reason::Restart, since: now, until, count: 1 }],
            last_tick: None,
            lateness: VecDeque::new(),
            memory_ms: 0,
        }
    }

    /// This process took over the sweep at `now`: 1.5 × `offline_after` of grace. It has followed until now and
    /// knows who beats; as with errors, only a node that falls silent becomes unconfirmed. One that has not
    /// followed gives the answer to the whole fleet.
    pub fn new_sweeper(&mut self, now: Mono, policy: &Policy) -> Judgement {
        // Ticks of an earlier turn say nothing about this one.
        self.last_tick = None;
        self.doubt(Reason::NewSweeper, now, now.after(policy.restart_grace_ms()))
    }

    /// The sweeper woke. Unjudgeable when this very tick shows that we slept: the answer goes to the whole
    /// fleet. Lateness up to T is no doubt, it only moves deadlines ([`Guard::slack_since`]).
    pub fn tick(&mut self, tick: Tick, policy: &Policy) -> Judgement {
        let before = self.last_tick.replace(tick);
        let until = tick.actual.after(policy.offline_after_ms);
        let slept_ms = before.map_or(0, |before| {
            let wall = tick.wall_ms.saturating_sub(before.wall_ms);
            let listened = tick.actual.since(before.actual);
            u64::try_from(wall).unwrap_or(0).saturating_sub(listened)
        });
        let late_ms = tick.actual.since(tick.planned);
        if slept_ms > policy.interval_ms {
            self.doubt(Reason::Suspended, tick.actual, until)
        } else if late_ms > policy.interval_ms {
            self.doubt(Reason::SweeperLate, tick.actual, until)
        } else {
            self.note_lateness(tick.actual, late_ms, policy);
            Judgement::Clear
        }
    }

    /// A beat was refused or lost through our own fault at `at` (5xx, 429, a failed accept).
    pub fn ingest_error(&mut self, at: Mono, policy: &Policy) {
        self.doubt(Reason::IngestErrors, at, at.after(policy.offline_after_ms));
    }

    /// The database failed at `at`.
    pub fn database_error(&mut self, at: Mono, policy: &Policy) {
        self.doubt(Reason::DatabaseErrors, at, at.after(policy.offline_after_ms));
    }

    /// Whether silence may be judged at `now`.
    #[must_use]
    pub fn judge(&self, now: Mono) -> Judgement {
        match self.doubt {
            Some(doubt) if doubt.until > now => Judgement::Unjudgeable(doubt),
            _ => Judgement::Clear,
        }
    }

    /// By how much the deadlines of a node last seen at `seen` move: the lateness of all sweeps since then,
    /// in milliseconds. Silence counts only while we listened. Never too little; too much by at most the
    /// lateness within one 256th of the memory.
    #[must_use]
    pub fn slack_since(&self, seen: Mono) -> u64 {
        self.lateness.iter().rev().take_while(|late| late.last > seen).map(|late| late.sum_ms).sum()
    }

    /// The event for a node whose deadline came.
    #[must_use]
    pub fn due(&self, state: &State, now: Mono) -> Event {
        let slack_ms = state.last_seen().map_or(0, |seen| self.slack_since(seen));
        Event::Due { slack_ms, judgement: self.judge(now) }
    }

    /// Everything that speaks against us at `now`, the longest lasting first.
    #[must_use]
    pub fn evidence(&self, now: Mono) -> Vec<Run> {
        let mut runs: Vec<Run> = self.runs.iter().filter(|run| run.until > now).copied().collect();
        runs.sort_by_key(|run| std::cmp::Reverse(run.until));
        runs
    }

    fn doubt(&mut self, reason: Reason, at: Mono, until: Mono) -> Judgement {
        match self.runs.iter_mut().find(|run| run.reason == reason) {
            Some(run) if run.until > at => {
                run.until = run.until.max(until);
                run.count = run.count.saturating_add(1);
            }
            Some(run) => *run = Run { reason, since: at, until, count: 1 },
            None => self.runs.push(Run { reason, since: at, until, count: 1 }),
        }
        let fresh = Doubt { reason, until };
        if self.doubt.is_none_or(|known| known.until < until) {
            self.doubt = Some(fresh);
        }
        Judgement::Unjudgeable(fresh)
    }

    fn note_lateness(&mut self, at: Mono, late_ms: u64, policy: &Policy) {
        // Twice, because a node may have been told longer timers when the fleet was larger.
        self.memory_ms = self.memory_ms.max(policy.offline_after_ms.saturating_mul(2));
        while self.lateness.front().is_some_and(|late| at.since(late.last) > self.memory_ms) {
            self.lateness.pop_front();
        }
        if late_ms == 0 {
            return;
        }
        let piece_ms = self.memory_ms / Guard::PIECES;
        match self.lateness.back_mut() {
            Some(late) if at.since(late.first) < piece_ms => {
                late.last = at;
                late.sum_ms = late.sum_ms.saturating_add(late_ms);
            }
            _ => self.lateness.push_back(Late { first: at, last: at, sum_ms: late_ms }),
        }
    }
}

#[cfg(test)]
mod tests;
