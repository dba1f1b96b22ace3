//! What a node is busy with: nothing, or a model of calls that come and go. Pure: time is passed in, the same seed
//! gives the same calls however often one looks.

use std::collections::VecDeque;
use std::time::Duration;

use common::heartbeat::{Outbound, Sessions};
use common::node::NodeKind;

use crate::pace::Rng;

/// What a backend holds at once where nothing is registered.
const BACKEND_DEFAULT: u32 = 25;
/// How many calls a proxy of the model dials at once where nothing is registered.
const PROXY_DEFAULT: u32 = 20;
/// An average conversation of the model; short, so that figures move while one looks.
const CONVERSATION: Duration = Duration::from_secs(40);
/// An average time from dialling to hand-over.
const DIALLING: Duration = Duration::from_secs(12);
/// The tide of the model: from quiet to busy and back.
const TIDE: Duration = Duration::from_secs(240);
/// A proxy of the model claims no more than this.
const PENDING_MAX: usize = 500;
/// A heartbeat carries so many ages.
const AGES_MAX: usize = 256;
/// After a machine's sleep the model makes up for no more than this.
const CATCH_UP: Duration = Duration::from_secs(600);

/// The work of one node.
#[derive(Debug)]
pub(crate) enum Work {
    /// An agent that holds no calls: a backend and a proxy report a measured zero, a background node has none to count.
    None {
        /// Of which kind.
        kind: NodeKind,
        /// What it could hold, if that is known.
        max: Option<u32>,
    },
    /// Conversations of a backend.
    Backend(Conversations),
    /// Outbound calls of a proxy.
    Proxy(Dialler),
}

impl Work {
    /// No calls at all.
    pub(crate) fn none(kind: NodeKind, max: Option<u32>) -> Self {
        Self::None { kind, max }
    }

    /// Calls that come and go, as the kind has them.
    pub(crate) fn demo(kind: NodeKind, max: Option<u32>, seed: u64) -> Self {
        match kind {
            NodeKind::Backend => Self::Backend(Conversations::new(max.unwrap_or(BACKEND_DEFAULT), seed)),
            NodeKind::Proxy => Self::Proxy(Dialler::new(max.unwrap_or(PROXY_DEFAULT), seed)),
            NodeKind::Background => Self::None { kind, max },
        }
    }

    /// Another maximum, as registered meanwhile; calls beyond it are not cut off.
    pub(crate) fn set_max(&mut self, registered: Option<u32>) {
        match self {
            Self::None { max, .. } => *max = registered,
            Self::Backend(c) => c.max = registered.unwrap_or(BACKEND_DEFAULT),
            Self::Proxy(d) => d.lines = registered.unwrap_or(PROXY_DEFAULT),
        }
    }

    /// Lets calls come (where the entrances are open) and go until `now`, a time since the start.
    pub(crate) fn advance(&mut self, now: Duration, open: bool) {
        match self {
            Self::None { .. } => {}
            Self::Backend(c) => c.advance(now, open),
            Self::Proxy(d) => d.advance(now, open),
        }
    }

    /// Whether nothing is left to work off.
    pub(crate) fn is_idle(&self) -> bool {
        match self {
            Self::None { .. } => true,
            Self::Backend(c) => c.calls.is_empty(),
            Self::Proxy(d) => d.ends.is_empty() && d.pending.is_empty(),
        }
    }

    /// How busy it is, 0 to 1.
    pub(crate) fn load(&self) -> f64 {
        let (busy, of) = match self {
            Self::None { .. } => (0, 1),
            Self::Backend(c) => (c.calls.len(), c.max),
            Self::Proxy(d) => (d.ends.len(), d.lines),
        };
        (f64::from(count(busy)) / f64::from(of.max(1))).min(1.0)
    }

    /// The figures of a backend at `now`; `None` for other kinds.
    pub(crate) fn sessions(&self, now: Duration) -> Option<Sessions> {
        match self {
            Self::None { kind: NodeKind::Backend, max } => {
                Some(Sessions { phone: Some(0), web: Some(0), max: *max, age_seconds: Vec::new() })
            }
            Self::Backend(c) => {
                let web = c.calls.iter().filter(|call| call.web).count();
                let mut age_seconds: Vec<u32> =
                    c.calls.iter().map(|call| seconds(now.saturating_sub(call.since))).collect();
                age_seconds.sort_unstable_by(|a, b| b.cmp(a));
                age_seconds.truncate(AGES_MAX);
                Some(Sessions {
                    phone: Some(count(c.calls.len() - web)),
                    web: Some(count(web)),
                    max: Some(c.max),
                    age_seconds,
                })
            }
            _ => None,
        }
    }

    /// The figures of a proxy at `now`; `None` for other kinds.
    pub(crate) fn outbound(&self, now: Duration) -> Option<Outbound> {
        match self {
            Self::None { kind: NodeKind::Proxy, .. } => {
                Some(Outbound { processing: Some(0), pending: Some(0), oldest_pending_seconds: None })
            }
            Self::Proxy(d) => Some(Outbound {
                processing: Some(count(d.ends.len())),
                pending: Some(count(d.pending.len())),
                oldest_pending_seconds: d.pending.front().map(|p| seconds(now.saturating_sub(p.since))),
            }),
            _ => None,
        }
    }
}

/// One conversation of the model.
#[derive(Debug)]
struct Call {
    since: Duration,
    end: Duration,
    web: bool,
}

/// Conversations come at random and last at random, and never more than the maximum at once.
#[derive(Debug)]
pub(crate) struct Conversations {
    rng: Rng,
    max: u32,
    phase: f64,
    next: Duration,
    calls: Vec<Call>,
}

impl Conversations {
    fn new(max: u32, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let phase = rng.unit();
        Self { rng, max, phase, next: Duration::ZERO, calls: Vec::new() }
    }

    fn advance(&mut self, now: Duration, open: bool) {
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
struct Pending {
    since: Duration,
    takes: Duration,
}

/// Outbound calls wait in line for a free line; at high tide more come than can be dialled.
#[derive(Debug)]
pub(crate) struct Dialler {
    rng: Rng,
    lines: u32,
    phase: f64,
    next: Duration,
    /// When each call being dialled is done.
    ends: Vec<Duration>,
    pending: VecDeque<Pending>,
}

impl Dialler {
    fn new(lines: u32, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let phase = rng.unit();
        Self { rng, lines, phase, next: Duration::ZERO, ends: Vec::new(), pending: VecDeque::new() }
    }

    fn advance(&mut self, now: Duration, open: bool) {
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

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn seconds(d: Duration) -> u32 {
    u32::try_from(d.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn never_above_the_maximum_and_never_still() {
        for (seed, max) in [(1, 1), (2, 5), (3, 25), (4, 200)] {
            let mut work = Work::demo(NodeKind::Backend, Some(max), seed);
            let mut seen = std::collections::BTreeSet::new();
            for t in 0..1200 {
                work.advance(s(t), true);
                let figures = work.sessions(s(t)).unwrap();
                let sum = figures.phone.unwrap() + figures.web.unwrap();
                assert!(sum <= max, "{sum} of {max}");
                assert_eq!(figures.max, Some(max));
                assert_eq!(figures.age_seconds.len(), usize::try_from(sum).unwrap());
                assert!(figures.age_seconds.is_sorted_by(|a, b| a >= b));
                seen.insert(sum);
            }
            assert!(seen.len() > 1, "max {max} stood still");
        }
    }

    #[test]
    fn same_seed_same_calls_however_often_one_looks() {
        for kind in [NodeKind::Backend, NodeKind::Proxy] {
            let report = |step: u64, seed| {
                let mut work = Work::demo(kind, Some(30), seed);
                (0..=600).step_by(usize::try_from(step).unwrap()).for_each(|t| work.advance(s(t), true));
                (work.sessions(s(600)), work.outbound(s(600)))
            };
            assert_eq!(report(1, 7), report(1, 7));
            assert_eq!(report(1, 7), report(60, 7), "{kind:?}");
            let many: Vec<_> = (0..8).map(|seed| report(5, seed)).collect();
            assert!(many.iter().any(|r| *r != many[0]), "the seed changes nothing");
        }
    }

    #[test]
    fn closed_entrances_let_the_rest_end() {
        for kind in [NodeKind::Backend, NodeKind::Proxy] {
            let mut work = Work::demo(kind, Some(20), 11);
            work.advance(s(120), true);
            assert!(!work.is_idle(), "{kind:?} has no work after two minutes");
            let total = |w: &Work, t| match kind {
                NodeKind::Backend => w.sessions(s(t)).map_or(0, |f| f.phone.unwrap() + f.web.unwrap()),
                _ => w.outbound(s(t)).map_or(0, |f| f.processing.unwrap() + f.pending.unwrap()),
            };
            let mut last = total(&work, 120);
            for t in 121..1200 {
                work.advance(s(t), false);
                assert!(total(&work, t) <= last, "{kind:?} took a call while closed");
                last = total(&work, t);
            }
            assert!(work.is_idle(), "{kind:?} still has {last}");
        }
    }

    #[test]
    fn a_proxy_queues_and_says_how_long() {
        let (mut queued, mut empty) = (false, false);
        let mut work = Work::demo(NodeKind::Proxy, Some(8), 5);
        for t in 0..1200 {
            work.advance(s(t), true);
            let f = work.outbound(s(t)).unwrap();
            assert!(f.processing.unwrap() <= 8);
            assert_eq!(f.pending == Some(0), f.oldest_pending_seconds.is_none());
            assert!(f.pending == Some(0) || f.processing == Some(8), "waits while a line is free");
            queued |= f.pending > Some(3);
            empty |= f.pending == Some(0);
        }
        assert!(queued && empty);
    }

    #[test]
    fn no_calls_is_a_measured_zero_where_there_is_something_to_count() {
        let backend = Work::none(NodeKind::Backend, None);
        let f = backend.sessions(s(1)).unwrap();
        assert_eq!((f.phone, f.web, f.max), (Some(0), Some(0), None));
        assert!(backend.outbound(s(1)).is_none() && backend.is_idle());
        assert_eq!(Work::none(NodeKind::Proxy, None).outbound(s(1)).unwrap().pending, Some(0));
        let background = Work::demo(NodeKind::Background, None, 1);
        assert!(background.sessions(s(1)).is_none() && background.outbound(s(1)).is_none());
    }

    #[test]
    fn a_long_sleep_of_the_machine_is_not_made_up_for() {
        let mut work = Work::demo(NodeKind::Backend, Some(1000), 3);
        work.advance(s(10), true);
        work.advance(s(10_000_000), true);
        assert!(work.load() <= 1.0 && !work.is_idle());
    }
}
