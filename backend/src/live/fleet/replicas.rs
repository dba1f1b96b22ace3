//! This process among others that share its database: whether it sweeps, and what it takes over from the others.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use super::Fleet;
use crate::clock::Mono;

/// How old what is known of the others' nodes may be: written once a second, read once a second, and a bit.
pub(super) const LAG_MS: u64 = 2_500;

/// It follows: somebody else sweeps, or nobody yet.
const FOLLOWS: u8 = 0;
/// It sweeps.
const SWEEPS: u8 = 1;
/// It swept until it began to stop; nothing is judged any more, and what it has noted is still written.
const LEAVING: u8 = 2;

/// What a process knows of its place.
pub(super) struct Standing {
    role: AtomicU8,
    /// Other servers run on this database.
    others: AtomicBool,
    /// When what they wrote was last read, as [`Mono`].
    read_at: AtomicU64,
    /// Something spoke against this process, and nobody was told.
    doubted: AtomicBool,
    /// It swept before it lost the right to.
    swept: AtomicBool,
}

impl Default for Standing {
    /// Alone.
    fn default() -> Self {
        Self {
            role: AtomicU8::new(SWEEPS),
            others: AtomicBool::new(false),
            read_at: AtomicU64::new(0),
            doubted: AtomicBool::new(false),
            swept: AtomicBool::new(false),
        }
    }
}

impl Fleet {
    /// Whether this process judges silence, and does what must happen once.
    pub fn sweeps(&self) -> bool {
        self.standing.role.load(Ordering::Acquire) == SWEEPS
    }

    /// Whether minutes and sums of this process are those that are kept.
    pub fn keeps_history(&self) -> bool {
        self.standing.role.load(Ordering::Acquire) != FOLLOWS
    }

    /// Whether others write what has to be read back.
    pub fn follows(&self) -> bool {
        self.standing.others.load(Ordering::Acquire) || !self.sweeps()
    }

    /// Notes whether other servers run.
    pub fn note_others(&self, others: bool) {
        let before = self.standing.others.swap(others, Ordering::AcqRel);
        if others && !before {
            // What they know is read from now on.
            self.note_read(self.clock.mono());
        }
    }

    /// What the others wrote was read at `at`.
    pub fn note_read(&self, at: Mono) {
        self.standing.read_at.store(at.0, Ordering::Release);
    }

    /// This process took the sweep over. Silence is not judged by it for a while: nodes may be beating to the one that
    /// swept before, on their way to another server. Nodes that go on beating do not notice.
    pub fn begin_sweeping(&self) {
        if self.standing.role.swap(SWEEPS, Ordering::AcqRel) == SWEEPS {
            return;
        }
        let now = self.clock.mono();
        self.note_read(now);
        // Alone, it lost the right to a database that was slow, and to nobody else: it has heard everybody all the time.
        let nobody_else =
            self.standing.swept.load(Ordering::Acquire) && !self.standing.others.load(Ordering::Acquire);
        if !nobody_else {
            // Not told to the whole fleet: this process has followed and knows who beats; only who falls silent waits.
            let _ = self.guard.lock().new_sweeper(now, &self.policy());
        }
        self.dirty.lock().problems = true;
    }

    /// From the start, somebody else sweeps.
    pub fn begin_following(&self) {
        self.standing.role.store(FOLLOWS, Ordering::Release);
    }

    /// Somebody else sweeps, or will.
    pub fn end_sweeping(&self) {
        if self.standing.role.swap(FOLLOWS, Ordering::AcqRel) == SWEEPS {
            self.standing.swept.store(true, Ordering::Release);
        }
    }

    /// This process stops, and gave the sweep up.
    pub fn leave_sweeping(&self) {
        let _ = self.standing.role.compare_exchange(SWEEPS, LEAVING, Ordering::AcqRel, Ordering::Acquire);
    }

    /// What the others heard could not be read for so long that silence may be our own.
    pub(super) fn is_behind(&self, now: Mono) -> bool {
        let read_at = Mono(self.standing.read_at.load(Ordering::Acquire));
        // Between two heartbeats there is room for news that are late.
        let p = self.policy();
        let room = p.stale_after_ms.saturating_sub(p.interval_ms.saturating_mul(2));
        self.standing.others.load(Ordering::Acquire) && now.since(read_at) > LAG_MS.max(room)
    }

    /// Something speaks against this process.
    pub(super) fn note_doubted(&self) {
        self.standing.doubted.store(true, Ordering::Release);
    }

    /// Whether something spoke against this process since this was last asked.
    pub fn take_doubted(&self) -> bool {
        self.standing.doubted.swap(false, Ordering::AcqRel)
    }

    /// By how much deadlines move because a heartbeat may have gone to another server: nothing with timers of seconds,
    /// where one heartbeat may be missing and the news of the next still comes in time.
    pub(super) fn news_slack(&self) -> u64 {
        if !self.standing.others.load(Ordering::Acquire) {
            return 0;
        }
        let p = self.policy();
        LAG_MS.saturating_sub(p.stale_after_ms.saturating_sub(p.interval_ms.saturating_mul(2)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use common::time::Timestamp;

    use super::*;
    use crate::clock::{Clock as _, ManualClock};
    use crate::domain::guard::{Judgement, Reason};
    use crate::domain::liveness::Timers;
    use crate::domain::registry::OwnIntent;
    use common::status::IntentState;

    const T: Timers = Timers { interval_ms: 5_000, stale_after_ms: 15_000, offline_after_ms: 30_000 };

    /// A fleet that has got over its start.
    fn fleet(timers: Timers) -> (Arc<ManualClock>, Fleet) {
        let clock = Arc::new(ManualClock::new(Timestamp(1_800_000_000_000)));
        let platform = OwnIntent::new(IntentState::Active, "a@b", Timestamp(0));
        let fleet = Fleet::new(clock.clone(), timers, false, platform);
        clock.advance(60_000);
        (clock, fleet)
    }

    fn judgement(fleet: &Fleet) -> Option<Reason> {
        match fleet.guard.lock().judge(fleet.clock.mono()) {
            Judgement::Clear => None,
            Judgement::Unjudgeable(doubt) => Some(doubt.reason),
        }
    }

    #[test]
    fn a_takeover_begins_in_doubt_and_a_database_that_was_slow_is_none() {
        let (_, f) = fleet(T);
        assert!(f.sweeps() && !f.follows() && f.keeps_history());
        f.begin_sweeping();
        assert_eq!(judgement(&f), None, "it swept already");
        f.end_sweeping();
        assert!(!f.sweeps() && f.follows() && !f.keeps_history());
        f.begin_sweeping();
        assert_eq!(judgement(&f), None, "nobody else was there");
        f.note_others(true);
        f.end_sweeping();
        f.begin_sweeping();
        assert_eq!(judgement(&f), Some(Reason::NewSweeper));

        let (_, f) = fleet(T);
        f.begin_following();
        f.begin_sweeping();
        assert_eq!(judgement(&f), Some(Reason::NewSweeper), "whoever swept before it, it was not this one");
    }

    #[test]
    fn who_stops_judges_nothing_and_writes_what_it_noted() {
        let (_, f) = fleet(T);
        f.leave_sweeping();
        assert!(!f.sweeps() && f.keeps_history());
        let (_, f) = fleet(T);
        f.begin_following();
        f.leave_sweeping();
        assert!(!f.keeps_history());
    }

    #[test]
    fn deadlines_move_only_where_news_could_come_too_late() {
        let (clock, f) = fleet(T);
        assert_eq!((f.news_slack(), f.is_behind(clock.mono())), (0, false));
        f.note_others(true);
        assert_eq!(f.news_slack(), 0, "one heartbeat may be missing, and the next is known in time");
        assert!(!f.is_behind(clock.mono()));
        clock.advance(5_001);
        assert!(f.is_behind(clock.mono()), "what the others hear is not known here");
        let (_, quick) = fleet(Timers { interval_ms: 200, stale_after_ms: 600, offline_after_ms: 1_200 });
        quick.note_others(true);
        assert_eq!(quick.news_slack(), 2_300);
    }
}
