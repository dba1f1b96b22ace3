//! The one place of the agent that asks what time it is. Pure parts get their time passed in.

use std::time::{SystemTime, UNIX_EPOCH};

use common::time::Timestamp;
use tokio::time::Instant;

/// Wall and monotonic time; the wall clock can be put off, to imitate a machine whose clock is wrong.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    /// Added to the wall clock, in milliseconds.
    skew_ms: i64,
}

impl Clock {
    /// A clock that is ahead by so many milliseconds, or behind where they are negative.
    pub(crate) fn skewed(skew_ms: i64) -> Self {
        Self { skew_ms }
    }

    /// By the machine's calendar.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub(crate) fn wall(self) -> Timestamp {
        let ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis());
        Timestamp(i64::try_from(ms).unwrap_or(i64::MAX).saturating_add(self.skew_ms))
    }

    /// For spans: never jumps.
    pub(crate) fn now(self) -> Instant {
        Instant::now()
    }
}
