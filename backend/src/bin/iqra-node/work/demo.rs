//! The model whose calls come and go by themselves, to look at the console.

use std::collections::VecDeque;
use std::time::Duration;

use super::{CATCH_UP, Call, count};
use crate::pace::Rng;

/// An average conversation of the model; short, so that figures move while one looks.
const CONVERSATION: Duration = Duration::from_secs(40);
/// An average time from dialling to hand-over.
const DIALLING: Duration = Duration::from_secs(12);
/// The tide of the model: from quiet to busy and back.
const TIDE: Duration = Duration::from_secs(240);
/// A proxy of the model claims no more than this.
const PENDING_MAX: usize = 500;

/// Conversations come at random and last at random, and never more than the maximum at once.
#[derive(Debug)]
pub(crate) struct Conversations {
    rng: Rng,
    /// Never more at once; calls beyond a new maximum are not cut off.
    pub(super) max: u32,
    phase: f64,
    next: Duration,
    /// Running now.
    pub(super) calls: Vec<Call>,
}

impl Conversations {
    /// From that seed.
    pub(super) fn new(max: u32, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let phase = rng.unit();
        Self { rng, max, phase, next: Duration::ZERO, calls: Vec::new() }
    }

    /// Lets calls come, where the entrances are open, and go until `now`.
    pub(super) fn advance(&mut self, now: Duration, open: bool) {
        self.next = self.next.max(now.saturating_sub(CATCH_UP));
        while self.next <= now {
            let at = self.next;
            // Drawn also for a call that is turned away: what is looked at must not change what comes.
            let call = Call {
                since: at,
                end: at + self.rng.exponential(CONVERSATION) + Duration::from_secs(2),
                web: self.rng.unit() < 0.3,
            };
            self.calls.retain(|c| c.end > at);
            if open && count(self.calls.len()) < self.max {
                self.calls.push(call);
            }
            self.next += gap(CONVERSATION, self.max, 0.5 + 0.35 * tide(at, self.phase), &mut self.rng);
        }
        self.calls.retain(|c| c.end > now);
    }
}

/// An outbound call that waits for a line.
#[derive(Debug)]
pub(super) struct Pending {
    /// When it came.
    pub(super) since: Duration,
    takes: Duration,
}

/// Outbound calls wait in line for a free line; at high tide more come than can be dialled.
#[derive(Debug)]
pub(crate) struct Dialler {
    rng: Rng,
    /// How many are dialled at once.
    pub(super) lines: u32,
    phase: f64,
    next: Duration,
    /// When each call being dialled is done.
    pub(super) ends: Vec<Duration>,
    /// Waiting, the oldest first.
    pub(super) pending: VecDeque<Pending>,
}

impl Dialler {
    /// From that seed.
    pub(super) fn new(lines: u32, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let phase = rng.unit();
        Self { rng, lines, phase, next: Duration::ZERO, ends: Vec::new(), pending: VecDeque::new() }
    }

    /// Lets calls come, where the entrances are open, and go until `now`.
    pub(super) fn advance(&mut self, now: Duration, open: bool) {
        self.next = self.next.max(now.saturating_sub(CATCH_UP));
        while self.next <= now {
            let at = self.next;
            self.work_off(at);
            let takes = self.rng.exponential(DIALLING) + Duration::from_secs(1);
            if open && self.pending.len() < PENDING_MAX {
                self.pending.push_back(Pending { since: at, takes });
                self.work_off(at);
            }
            self.next += gap(DIALLING, self.lines, 0.85 + 0.4 * tide(at, self.phase), &mut self.rng);
        }
        self.work_off(now);
    }

    /// Gives the line of each call that was done by `until` to the one that waited longest.
    fn work_off(&mut self, until: Duration) {
        while !self.pending.is_empty() {
            if count(self.ends.len()) >= self.lines {
                let Some((i, done)) = self.ends.iter().copied().enumerate().min_by_key(|(_, end)| *end)
                else {
                    break;
                };
                if done > until {
                    break;
                }
                self.ends.swap_remove(i);
                if count(self.ends.len()) < self.lines {
                    self.dial(done);
                }
            } else {
                self.dial(until);
            }
        }
        self.ends.retain(|end| *end > until);
    }

    /// Starts the call that waited longest, at `at` or when it came, whichever is later.
    fn dial(&mut self, at: Duration) {
        if let Some(p) = self.pending.pop_front() {
            self.ends.push(at.max(p.since) + p.takes);
        }
    }
}

/// −1 to 1 and back within [`TIDE`], from a place of its own for each node.
fn tide(at: Duration, phase: f64) -> f64 {
    ((at.as_secs_f64() / TIDE.as_secs_f64() + phase) * std::f64::consts::TAU).sin()
}

/// The time to the next arrival where `load` of `max` places are to be taken on average.
fn gap(stay: Duration, max: u32, load: f64, rng: &mut Rng) -> Duration {
    rng.exponential(stay.div_f64(f64::from(max.max(1)) * load.max(0.05)))
}
