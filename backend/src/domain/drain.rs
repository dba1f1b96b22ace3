//! How far a node is on its way to zero. "Asked", "told", "obeys" and "done" are four different times; done is what
//! the node itself reports, twice, after it obeyed.

use common::heartbeat::DesiredState;
use common::intent::{Drain, DrainPhase, OnDeadline};
use common::status::Runtime;
use common::time::Timestamp;

/// So many reports of zero in a row end a drain: one may have been made between two calls.
const ZEROS: u8 = 2;
/// So many rises of its figures say that it takes new work: one may be a call that came in while it closed its doors.
const RISES: u8 = 2;
/// Before so much time has passed, a pace needs two ends of calls.
const PACE_AFTER_MS: u64 = 60_000;
/// An expectation beyond this says nothing.
const ETA_MAX_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// A drain of one node. What is not public is not stored and starts again after a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Of the desired state it belongs to; a node that has observed this one or a newer one obeys.
    pub generation: i64,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// First reply that carried it.
    pub delivered_at: Option<Timestamp>,
    /// First heartbeat that obeyed it.
    pub acknowledged_at: Option<Timestamp>,
    /// When zero was confirmed.
    pub drained_at: Option<Timestamp>,
    /// Work when it was acknowledged.
    pub started_with: Option<u32>,
    /// The deadline was acted upon.
    pub deadline_done: bool,
    zeros: u8,
    /// Work as reported last, and when that was last seen to fall; when it was first heard of, where it never was.
    last: Option<(u32, Timestamp)>,
    /// The figures of the last report since it obeyed, and how often they rose.
    figures: Figures,
    rises: u8,
    /// When they had risen often enough to say that it takes new work.
    took_new_at: Option<Timestamp>,
}

/// Phone, web, processing and pending, each as reported. A call that a proxy had claimed before moves from the last to
/// the others, so that only their sum says whether there is a new one.
pub type Figures = [Option<u32>; 4];

/// What a heartbeat says that a drain depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// The newest desired generation the node says it obeys; today's servers say none.
    pub observed: Option<i64>,
    /// As reported.
    pub runtime: Option<Runtime>,
    /// Work left; `None` where it has not said.
    pub work: Option<u32>,
    /// Everything it has taken on, started or not.
    pub figures: Figures,
    /// When it came.
    pub at: Timestamp,
}

/// What else the picture of a drain is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    /// What the node is told.
    pub desired: DesiredState,
    /// When the drain should be over.
    pub deadline: Option<Timestamp>,
    /// What happens then.
    pub on_deadline: OnDeadline,
    /// The node is stale, offline or left.
    pub silent: bool,
    /// Work as last reported.
    pub left: Option<u32>,
    /// Longest conversation as last reported, in seconds.
    pub longest_seconds: Option<u32>,
    /// When that report came.
    pub reported_at: Option<Timestamp>,
}

impl Track {
    /// A drain that was just asked for.
    pub fn new(generation: i64, requested_at: Timestamp) -> Self {
        Self {
            generation,
            requested_at,
            delivered_at: None,
            acknowledged_at: None,
            drained_at: None,
            started_with: None,
            deadline_done: false,
            zeros: 0,
            last: None,
            figures: Figures::default(),
            rises: 0,
            took_new_at: None,
        }
    }

    /// The desired state went into a reply; whether this was the first time.
    pub fn deliver(&mut self, generation: i64, at: Timestamp) -> bool {
        let first = self.delivered_at.is_none() && generation >= self.generation;
        if first {
            self.delivered_at = Some(at);
        }
        first
    }

    /// A heartbeat came; whether something changed that has to be stored.
    pub fn observe(&mut self, r: Report) -> bool {
        let before = (self.acknowledged_at, self.drained_at, self.started_with);
        if self.acknowledged_at.is_none() && self.obeys(&r) {
            self.acknowledged_at = Some(r.at);
            self.delivered_at.get_or_insert(r.at);
        }
        if self.acknowledged_at.is_some() {
            if rose(&self.figures, &r.figures) {
                self.rises = self.rises.saturating_add(1);
                if self.rises >= RISES {
                    self.took_new_at.get_or_insert(r.at);
                }
            }
            self.figures = r.figures;
            self.started_with = self.started_with.or(r.work);
            self.last = match (self.last, r.work) {
                (Some((was, since)), Some(work)) => Some((work, if work < was { r.at } else { since })),
                (None, Some(work)) => Some((work, r.at)),
                (last, None) => last,
            };
            match r.work {
                Some(0) => self.zeros = self.zeros.saturating_add(1),
                // It took something on after all: not safe to stop.
                Some(_) => (self.zeros, self.drained_at) = (0, None),
                None => self.zeros = 0,
            }
            if self.zeros >= ZEROS {
                self.drained_at.get_or_insert(r.at);
            }
        }
        before != (self.acknowledged_at, self.drained_at, self.started_with)
    }

    fn obeys(&self, r: &Report) -> bool {
        match r.observed {
            Some(observed) => observed >= self.generation,
            // A node that never names a generation shows by what it does that it was told.
            None => {
                self.delivered_at.is_some()
                    && matches!(r.runtime, Some(Runtime::Maintenance | Runtime::Draining | Runtime::Stopping))
            }
        }
    }

    /// Another run of the process: it has to hear, obey and report zero by itself.
    pub fn rebooted(&mut self) {
        *self = Self { deadline_done: self.deadline_done, ..Self::new(self.generation, self.requested_at) };
    }

    /// The process ended in good order. Where its last word was zero, the goodbye is the second one: it can hold no
    /// call any more.
    pub fn goodbye(&mut self, left: Option<u32>, at: Timestamp) -> bool {
        let done = self.acknowledged_at.is_some() && left == Some(0) && self.drained_at.is_none();
        if done {
            self.drained_at = Some(at);
        }
        done
    }

    /// Whether the deadline passed and nobody has acted on it. A silent node is told when it comes back.
    pub fn is_due(&self, around: &Around, now: Timestamp) -> bool {
        !self.deadline_done
            && self.drained_at.is_none()
            && !around.silent
            && around.left != Some(0)
            && around.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// Learns what another process stored of the same drain; whether that was news. Only forwards: what takes a drain
    /// back is in the heartbeats, which every process reads.
    pub fn learn(&mut self, stored: &Self) -> bool {
        if stored.generation != self.generation {
            return false;
        }
        let before = self.clone();
        self.delivered_at = self.delivered_at.or(stored.delivered_at);
        self.acknowledged_at = self.acknowledged_at.or(stored.acknowledged_at);
        self.drained_at = self.drained_at.or(stored.drained_at);
        self.started_with = self.started_with.or(stored.started_with);
        self.deadline_done |= stored.deadline_done;
        *self != before
    }

    /// Another deadline was set.
    pub fn new_deadline(&mut self) {
        self.deadline_done = false;
    }

    /// Where it stands.
    pub fn phase(&self, around: &Around) -> DrainPhase {
        match () {
            () if self.drained_at.is_some() => DrainPhase::Drained,
            () if around.silent && self.delivered_at.is_some() => DrainPhase::NodeLost,
            () if self.deadline_done && around.left != Some(0) => DrainPhase::DeadlineReached,
            () if self.acknowledged_at.is_some() => DrainPhase::Draining,
            () if self.delivered_at.is_some() => DrainPhase::Delivered,
            () => DrainPhase::Requested,
        }
    }

    /// As sent.
    pub fn view(&self, around: &Around) -> Drain {
        let phase = self.phase(around);
        let moving = matches!(phase, DrainPhase::Draining | DrainPhase::DeadlineReached);
        Drain {
            phase,
            desired: around.desired,
            requested_at: self.requested_at,
            delivered_at: self.delivered_at,
            acknowledged_at: self.acknowledged_at,
            drained_at: self.drained_at,
            started_with: self.started_with,
            left: around.left,
            longest_seconds: around.longest_seconds.filter(|_| around.left != Some(0)),
            eta: self
                .acknowledged_at
                .zip(self.started_with)
                .zip(around.left.zip(around.reported_at))
                .and_then(
                    |((since, started), (left, at))| {
                        if moving { eta(since, started, left, at) } else { None }
                    },
                ),
            no_end_since: self.no_end_since(around.left).filter(|_| moving),
            took_new_at: self.took_new_at.filter(|_| moving),
            deadline: around.deadline,
            on_deadline: around.on_deadline,
        }
    }

    /// Since when no call has ended. After a restart of the server the last end is not known any more; that there was
    /// none at all still is.
    fn no_end_since(&self, left: Option<u32>) -> Option<Timestamp> {
        let left = left.filter(|n| *n > 0)?;
        if self.started_with.is_some_and(|started| left >= started) {
            return self.acknowledged_at;
        }
        self.last.map(|(_, since)| since)
    }
}

/// Whether there is more than before. Where a figure came or went, nothing can be said.
fn rose(before: &Figures, now: &Figures) -> bool {
    let known = |f: &Figures| f.map(|n| n.is_some());
    let sum = |f: &Figures| f.iter().flatten().map(|n| u64::from(*n)).sum::<u64>();
    known(before) == known(now) && sum(now) > sum(before)
}

/// When zero is to be expected if calls go on ending as they did since `since`. `None` where nothing can be said: no
/// call has ended, only one within the first minute, or there is more work than at the start.
pub fn eta(since: Timestamp, started: u32, left: u32, at: Timestamp) -> Option<Timestamp> {
    let ended = u64::from(started.checked_sub(left).filter(|n| *n > 0)?);
    let passed = at.since(since);
    if left == 0 || (ended < 2 && passed < PACE_AFTER_MS) {
        return None;
    }
    let rest = passed.saturating_mul(u64::from(left)).checked_div(ended)?;
    (rest <= ETA_MAX_MS).then(|| Timestamp(at.millis().saturating_add_unsigned(rest)))
}

#[cfg(test)]
mod tests;
