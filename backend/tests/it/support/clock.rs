//! The machine's clocks, moved on by a test that cannot wait.

use std::sync::atomic::{AtomicU64, Ordering};

use backend::clock::{Clock, Mono, SystemClock};
use common::time::Timestamp;

/// Runs like the machine's clocks, some time ahead of them.
#[derive(Default)]
pub(crate) struct Shifted {
    machine: SystemClock,
    ahead_ms: AtomicU64,
}

impl Shifted {
    /// Moves on.
    pub(crate) fn advance(&self, ms: u64) {
        self.ahead_ms.fetch_add(ms, Ordering::SeqCst);
    }

    fn ahead(&self) -> u64 {
        self.ahead_ms.load(Ordering::SeqCst)
    }
}

impl Clock for Shifted {
    fn wall(&self) -> Timestamp {
        Timestamp(self.machine.wall().millis().saturating_add_unsigned(self.ahead()))
    }

    fn mono(&self) -> Mono {
        self.machine.mono().after(self.ahead())
    }
}
