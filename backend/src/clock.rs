//! Time, injected: the only place that reads a clock.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use common::time::Timestamp;
use parking_lot::Mutex;

/// An instant of this process's monotonic clock, in milliseconds. Says nothing outside the process.
///
/// The clock starts at [`Mono::EPOCH`], not at zero, so that "last seen an hour before this process started" is an
/// instant like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub u64);

impl Mono {
    /// Where the clock of a process starts: some 30 years after zero, which leaves room for the past.
    pub const EPOCH: Self = Self(1_000_000_000_000);

    /// This instant plus `ms` milliseconds, saturating.
    #[must_use]
    pub const fn after(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This instant minus `ms` milliseconds, saturating.
    #[must_use]
    pub const fn before(self, ms: u64) -> Self {
        Self(self.0.saturating_sub(ms))
    }

    /// Milliseconds from `earlier` to this instant; 0 where that is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A source of time.
pub trait Clock: Send + Sync {
    /// The calendar, for people. May jump.
    fn wall(&self) -> Timestamp;
    /// For deadlines and ages. Never goes back; on Linux it stands still while the machine is suspended.
    fn mono(&self) -> Mono;
}

/// A clock shared by everything in one process.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clocks.
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Starts counting now.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn wall(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn mono(&self) -> Mono {
        Mono::EPOCH.after(u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// A clock that stands still until it is moved; for tests.
pub struct ManualClock {
    now: Mutex<(Timestamp, Mono)>,
}

impl ManualClock {
    /// Starts at a fixed wall time.
    pub fn new(wall: Timestamp) -> Self {
        Self { now: Mutex::new((wall, Mono::EPOCH)) }
    }

    /// Moves both clocks.
    pub fn advance(&self, ms: u64) {
        let mut now = self.now.lock();
        now.0 = Timestamp(now.0.0.saturating_add_unsigned(ms));
        now.1 = now.1.after(ms);
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> Timestamp {
        self.now.lock().0
    }

    fn mono(&self) -> Mono {
        self.now.lock().1
    }
}
