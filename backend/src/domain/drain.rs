//! How far a node is on its way to zero. "Asked", "told", "obeys" and "done" are four different times; done is what
//! the node itself reports, twice, after it obeyed.

use common::heartbeat::DesiredState;
use common::intent::{Drain, DrainPhase, OnDeadline};
use common::status::Runtime;
use common::time::Timestamp;

/// So many reports of zero in a row end a drain: one may have been made between two calls.
const ZEROS: u8 = 2;
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
}

/// What a heartbeat says that a drain depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// The newest desired generation the node says it obeys; today's servers say none.
    pub observed: Option<i64>,
    /// As reported.
    pub runtime: Option<Runtime>,
    /// Work left; `None` where it has not said.
    pub work: Option<u32>,
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn t(s: i64) -> Timestamp {
        Timestamp(s * 1000)
    }

    fn around(left: Option<u32>) -> Around {
        Around {
            desired: DesiredState::Maintenance,
            deadline: None,
            on_deadline: OnDeadline::Hold,
            silent: false,
            left,
            longest_seconds: Some(90),
            reported_at: Some(t(100)),
        }
    }

    fn report(observed: Option<i64>, runtime: Option<Runtime>, work: Option<u32>, s: i64) -> Report {
        Report { observed, runtime, work, at: t(s) }
    }

    /// Obeys with this work at second `s`.
    fn obey(track: &mut Track, work: Option<u32>, s: i64) {
        track.observe(report(Some(7), None, work, s));
    }

    #[test]
    fn step_by_step_to_zero() {
        let mut d = Track::new(7, t(0));
        let phase = |d: &Track, left| d.phase(&around(left));
        assert_eq!(phase(&d, Some(2)), DrainPhase::Requested);
        assert!(!d.deliver(6, t(1)), "an older reply does not carry it");
        assert!(d.deliver(7, t(2)) && !d.deliver(7, t(3)));
        assert_eq!(phase(&d, Some(2)), DrainPhase::Delivered);
        assert!(!d.observe(report(Some(6), Some(Runtime::Running), Some(0), 3)), "it has not obeyed yet");
        assert_eq!(d.acknowledged_at, None);
        assert!(d.observe(report(Some(7), Some(Runtime::Maintenance), Some(2), 4)));
        assert_eq!((phase(&d, Some(2)), d.started_with), (DrainPhase::Draining, Some(2)));
        obey(&mut d, Some(0), 5);
        assert_eq!(phase(&d, Some(0)), DrainPhase::Draining, "once is not enough");
        obey(&mut d, Some(1), 6);
        obey(&mut d, Some(0), 7);
        assert_eq!(phase(&d, Some(0)), DrainPhase::Draining, "not in a row");
        obey(&mut d, Some(0), 8);
        assert_eq!((phase(&d, Some(0)), d.drained_at), (DrainPhase::Drained, Some(t(8))));
        obey(&mut d, Some(0), 9);
        assert_eq!(d.drained_at, Some(t(8)));
        obey(&mut d, Some(1), 10);
        assert_eq!(phase(&d, Some(1)), DrainPhase::Draining, "it took a call after all");
    }

    #[test]
    fn no_data_is_not_zero() {
        let mut d = Track::new(7, t(0));
        for s in 1..5 {
            obey(&mut d, None, s);
        }
        obey(&mut d, Some(0), 5);
        obey(&mut d, None, 6);
        obey(&mut d, Some(0), 7);
        assert_eq!((d.drained_at, d.started_with), (None, Some(0)));
    }

    #[test]
    fn nodes_that_name_no_generation_show_it() {
        let mut d = Track::new(7, t(0));
        d.observe(report(None, Some(Runtime::Maintenance), Some(1), 1));
        assert_eq!(d.acknowledged_at, None, "it was in maintenance before it was told");
        d.deliver(7, t(1));
        d.observe(report(None, Some(Runtime::Running), Some(1), 2));
        d.observe(report(None, None, Some(1), 3));
        assert_eq!(d.acknowledged_at, None);
        d.observe(report(None, Some(Runtime::Draining), Some(1), 4));
        assert_eq!(d.acknowledged_at, Some(t(4)));
        // One that names generations is not taken by its runtime.
        let mut d = Track::new(7, t(0));
        d.deliver(7, t(1));
        d.observe(report(Some(3), Some(Runtime::Maintenance), Some(0), 2));
        assert_eq!(d.acknowledged_at, None);
    }

    #[test]
    fn silence_is_loss_and_not_success() {
        let mut d = Track::new(7, t(0));
        let silent = Around { silent: true, ..around(Some(2)) };
        assert_eq!(d.phase(&silent), DrainPhase::Requested, "it was never told");
        d.deliver(7, t(1));
        assert_eq!(d.phase(&silent), DrainPhase::NodeLost);
        obey(&mut d, Some(2), 2);
        obey(&mut d, Some(0), 3);
        assert_eq!(d.phase(&Around { left: Some(0), ..silent }), DrainPhase::NodeLost, "zero once");
        assert_eq!(d.phase(&around(Some(2))), DrainPhase::Draining, "it came back");
        obey(&mut d, Some(0), 4);
        assert_eq!(d.phase(&Around { left: Some(0), ..silent }), DrainPhase::Drained);
    }

    #[test]
    fn a_goodbye_after_zero_is_the_second_word() {
        let mut d = Track::new(7, t(0));
        assert!(!d.goodbye(Some(0), t(1)), "it never obeyed");
        obey(&mut d, Some(3), 2);
        assert!(!d.goodbye(Some(3), t(3)), "it ended with calls");
        assert!(!d.goodbye(None, t(3)));
        assert!(d.goodbye(Some(0), t(4)));
        assert_eq!(d.drained_at, Some(t(4)));
    }

    #[test]
    fn another_run_starts_again() {
        let mut d = Track::new(7, t(0));
        d.deliver(7, t(1));
        obey(&mut d, Some(0), 2);
        obey(&mut d, Some(0), 3);
        assert!(d.drained_at.is_some());
        d.rebooted();
        assert_eq!(d, Track::new(7, t(0)));
        obey(&mut d, Some(0), 5);
        assert_eq!(d.phase(&around(Some(0))), DrainPhase::Draining);
        obey(&mut d, Some(0), 6);
        assert_eq!(d.drained_at, Some(t(6)));
    }

    #[test]
    fn deadlines() {
        let mut d = Track::new(7, t(0));
        obey(&mut d, Some(2), 1);
        let with = Around { deadline: Some(t(50)), ..around(Some(2)) };
        assert!(!d.is_due(&with, t(49)) && d.is_due(&with, t(50)));
        assert!(!d.is_due(&Around { silent: true, ..with }, t(50)), "nobody is there to be told");
        assert!(!d.is_due(&Around { left: Some(0), ..with }, t(50)), "it is almost there");
        d.deadline_done = true;
        assert!(!d.is_due(&with, t(60)));
        assert_eq!(d.phase(&with), DrainPhase::DeadlineReached);
        assert_eq!(d.phase(&Around { left: Some(0), ..with }), DrainPhase::Draining);
        d.new_deadline();
        assert_eq!(d.phase(&with), DrainPhase::Draining);
    }

    #[test]
    fn how_long_no_call_has_ended() {
        let mut d = Track::new(7, t(0));
        let since = |d: &Track, left| d.view(&around(left)).no_end_since;
        assert_eq!(since(&d, Some(3)), None, "it has not obeyed");
        obey(&mut d, Some(3), 10);
        obey(&mut d, Some(3), 20);
        assert_eq!(since(&d, Some(3)), Some(t(10)), "none has ended since it obeyed");
        obey(&mut d, Some(2), 30);
        obey(&mut d, None, 40);
        obey(&mut d, Some(2), 50);
        assert_eq!(since(&d, Some(2)), Some(t(30)));
        assert_eq!((since(&d, Some(0)), since(&d, None)), (None, None));
        assert_eq!(d.view(&Around { silent: true, ..around(Some(2)) }).no_end_since, None);
        // Read back after a restart: what is left was first heard of then.
        let mut again = Track { last: None, ..d };
        assert_eq!(since(&again, Some(2)), None);
        obey(&mut again, Some(2), 60);
        assert_eq!(since(&again, Some(2)), Some(t(60)));
    }

    #[test]
    fn expectations() {
        // 21 at the start, 4 left after 170 s: 17 in 170 s, so 40 s more.
        assert_eq!(eta(t(0), 21, 4, t(170)), Some(t(210)));
        assert_eq!(eta(t(0), 21, 20, t(59)), None, "one end within a minute is no pace");
        assert_eq!(eta(t(0), 2, 1, t(60)), Some(t(120)));
        assert_eq!(eta(t(0), 21, 19, t(10)), Some(t(105)));
        for (started, left) in [(5, 5), (5, 6), (5, 0)] {
            assert_eq!(eta(t(0), started, left, t(600)), None, "{started} {left}");
        }
        let mut d = Track::new(7, t(0));
        obey(&mut d, Some(21), 0);
        let seen = Around { reported_at: Some(t(170)), ..around(Some(4)) };
        let drain = d.view(&seen);
        assert_eq!((drain.eta, drain.left, drain.longest_seconds), (Some(t(210)), Some(4), Some(90)));
        assert_eq!(d.view(&Around { silent: true, ..seen }).eta, None, "a silent node promises nothing");
    }

    proptest! {
        #[test]
        fn drained_means_zero_twice_in_a_row_after_obeying(
            reports in prop::collection::vec((prop::option::of(5..9_i64), prop::option::of(0..3_u32)), 0..30),
        ) {
            let mut d = Track::new(7, t(0));
            let (mut obeyed, mut zeros) = (false, 0);
            for (i, (observed, work)) in reports.into_iter().enumerate() {
                let s = i64::try_from(i).unwrap();
                d.observe(report(observed, None, work, s));
                obeyed |= observed.is_some_and(|o| o >= 7);
                zeros = if obeyed && work == Some(0) { zeros + 1 } else { 0 };
                prop_assert_eq!(d.acknowledged_at.is_some(), obeyed);
                prop_assert!(zeros < 2 || d.drained_at.is_some());
                prop_assert!(d.drained_at.is_none() || work.is_none_or(|w| w == 0));
                prop_assert!(d.drained_at.is_none() || obeyed);
            }
        }

        #[test]
        fn an_expectation_lies_ahead(started in 0..200_u32, left in 0..200_u32, passed in 0..100_000_i64) {
            if let Some(at) = eta(t(0), started, left, t(passed)) {
                prop_assert!(at >= t(passed) && left > 0 && left < started);
            }
        }
    }
}
