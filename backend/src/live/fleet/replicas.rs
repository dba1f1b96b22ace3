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
}

impl Default for Standing {
    /// Alone.
    fn default() -> Self {
        Self {
            role: AtomicU8::new(SWEEPS),
            others: AtomicBool::new(false),
            read_at: AtomicU64::new(0),
            doubted: AtomicBool::new(false),
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
        // Not told to the whole fleet: this process has followed and knows who beats; only who falls silent waits.
        let _ = self.guard.lock().new_sweeper(now, &self.policy());
        self.dirty.lock().problems = true;
    }

    /// Somebody else sweeps, or will.
    pub fn end_sweeping(&self) {
        self.standing.role.store(FOLLOWS, Ordering::Release);
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
