//! The timers, and how they follow the size of the fleet.

pub use crate::config::Timers;

/// The timers in force for a fleet of a given size, in milliseconds.
///
/// Always `1 ≤ interval`, `3 × interval ≤ stale_after ≤ offline_after` and `6 × interval ≤ offline_after`
/// when built by [`Policy::for_fleet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// T, the heartbeat interval that nodes are told (before jitter).
    pub interval_ms: u64,
    /// Silence after which a live node is `stale`.
    pub stale_after_ms: u64,
    /// Silence after which a node is `offline`.
    pub offline_after_ms: u64,
}

impl Policy {
    /// The longest interval a node is ever told: detection must not fade with the size of the fleet.
    pub const MAX_INTERVAL_MS: u64 = 60_000;

    /// The timers for `nodes` registered nodes.
    ///
    /// T = max(setting, nodes / 1000 s), at most 60 s, so that the fleet sends at most 1,000 beats a second;
    /// `stale` after max(setting, 3 T), `offline` after max(setting, 6 T), never before `stale`.
    #[must_use]
    pub fn for_fleet(timers: Timers, nodes: u64) -> Policy {
        // nodes / 1000 seconds is exactly `nodes` milliseconds.
        let interval_ms = timers.interval_ms.max(nodes).clamp(1, Policy::MAX_INTERVAL_MS);
        let stale_after_ms = timers.stale_after_ms.max(3 * interval_ms);
        let offline_after_ms = timers.offline_after_ms.max(6 * interval_ms).max(stale_after_ms);
        Policy { interval_ms, stale_after_ms, offline_after_ms }
    }

    /// How long a starting or newly sweeping process waits before it judges: 1.5 × `offline_after`.
    #[must_use]
    pub const fn restart_grace_ms(&self) -> u64 {
        self.offline_after_ms.saturating_add(self.offline_after_ms / 2)
    }
}
