//! When the next heartbeat of one node is due, after each thing that can happen to the last one. Pure: times are
//! passed in, counted from the start of the agent.

use std::time::Duration;

use crate::pace::{self, Rng};
use crate::wire::Trouble;

/// Until the server has told another one.
const INTERVAL: Duration = Duration::from_secs(5);

/// The pace of one node.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// Its source of jitter.
    pub(crate) rng: Rng,
    interval: Duration,
    fixed: bool,
    round: Option<Round>,
    slow: u32,
}

/// A heartbeat that failed, and its retries.
#[derive(Debug, Clone, Copy)]
struct Round {
    /// From the first attempt to its failure.
    spent: Duration,
    failed_at: Duration,
    retries: usize,
}

impl Schedule {
    /// Starts at the usual interval, or keeps to `fixed` whatever the server says.
    pub(crate) fn new(rng: Rng, fixed: Option<Duration>) -> Self {
        let interval = fixed.unwrap_or(INTERVAL);
        Self { rng, interval, fixed: fixed.is_some(), round: None, slow: 0 }
    }

    /// The interval as it is now.
    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    /// Takes over the interval the server told.
    pub(crate) fn tell(&mut self, interval_ms: u64) {
        if !self.fixed {
            self.interval = pace::interval(interval_ms);
        }
    }

    /// The time to the next heartbeat after one that counted, whose reply took so long.
    pub(crate) fn accepted(&mut self, next_in_ms: u64, took: Duration) -> Duration {
        self.tell(next_in_ms);
        self.round = None;
        self.slow = 0;
        pace::jittered(self.interval, &mut self.rng).saturating_sub(took)
    }

    /// The time from `now` to the next attempt after one that was sent at `sent` and did not count; `None` where
    /// there is to be no other.
    pub(crate) fn refused(&mut self, why: &Trouble, sent: Duration, now: Duration) -> Option<Duration> {
        match why {
            Trouble::Deleted => None,
            Trouble::Failed(_) | Trouble::Overloaded { retry_after: None, .. } => Some(self.retry(sent, now)),
            Trouble::Overloaded { retry_after: Some(wait), .. } => Some(self.wait(*wait)),
            Trouble::TooFast { retry_after } => Some(self.wait(retry_after.unwrap_or(self.interval))),
            Trouble::UnknownSecret | Trouble::Mismatch { .. } | Trouble::Refused { .. } => {
                self.round = None;
                self.slow = self.slow.saturating_add(1);
                Some(pace::slow(self.slow, &mut self.rng))
            }
        }
    }

    fn wait(&mut self, asked: Duration) -> Duration {
        self.round = None;
        pace::asked(asked, &mut self.rng)
    }

    fn retry(&mut self, sent: Duration, now: Duration) -> Duration {
        let mut round =
            self.round.unwrap_or(Round { spent: now.saturating_sub(sent), failed_at: now, retries: 0 });
        if let Some(wait) = pace::retry_after(round.retries, round.spent, self.interval) {
            round.retries += 1;
            self.round = Some(round);
            // A retry that took longer than the gap to the next one is followed by it at once.
            (round.failed_at + wait).saturating_sub(now)
        } else {
            self.round = None;
            pace::after_failure(self.interval, &mut self.rng)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn failed() -> Trouble {
        Trouble::Failed("refused".into())
    }

    #[test]
    fn a_refused_connection_is_tried_three_times_then_anew_within_an_interval() {
        let mut s = Schedule::new(Rng::new(1), None);
        let mut now = 1000 * MS;
        let mut waits = Vec::new();
        for _ in 0..3 {
            let wait = s.refused(&failed(), now, now).unwrap();
            waits.push(wait.as_millis());
            now += wait;
        }
        assert_eq!(waits, [200, 600, 1200], "0.2, 0.8 and 2 s after the failure");
        let pause = s.refused(&failed(), now, now).unwrap();
        assert!(pause <= INTERVAL && pause >= 200 * MS);
        now += pause;
        assert_eq!(s.refused(&failed(), now, now), Some(200 * MS), "the next heartbeat has its own retries");
        let next = s.accepted(5000, Duration::ZERO);
        assert!(next >= 4500 * MS && next <= 5500 * MS);
        assert_eq!(s.refused(&failed(), now, now), Some(200 * MS), "success starts afresh");
    }

    #[test]
    fn a_time_out_leaves_room_for_fewer_retries() {
        let mut s = Schedule::new(Rng::new(1), None);
        let timeout = 3000 * MS;
        assert_eq!(s.refused(&failed(), Duration::ZERO, timeout), Some(200 * MS));
        // The retry timed out too: the second is overdue.
        assert_eq!(s.refused(&failed(), 3200 * MS, 6200 * MS), Some(Duration::ZERO));
        assert!(s.refused(&failed(), 6200 * MS, 9200 * MS).unwrap() >= 200 * MS, "the round is over");
    }

    #[test]
    fn each_refusal_has_its_wait() {
        let mut s = Schedule::new(Rng::new(1), None);
        let mut after = |why| s.refused(&why, Duration::ZERO, Duration::ZERO);
        assert_eq!(after(Trouble::Deleted), None);
        let told = Some(7000 * MS);
        for why in [
            Trouble::TooFast { retry_after: told },
            Trouble::Overloaded { retry_after: told, why: String::new() },
        ] {
            let wait = after(why).unwrap();
            assert!(wait >= 7000 * MS && wait <= 8750 * MS, "{wait:?}");
        }
        assert!(after(Trouble::TooFast { retry_after: None }).unwrap() >= INTERVAL);
        let waits: Vec<_> = (0..6).map(|_| after(Trouble::UnknownSecret).unwrap()).collect();
        assert!(waits[0] >= 2500 * MS && waits[5] >= 15_000 * MS && waits[5] <= 30_000 * MS, "{waits:?}");
    }

    #[test]
    fn the_told_interval_is_followed_unless_overridden() {
        let mut s = Schedule::new(Rng::new(1), None);
        assert!(s.accepted(200, Duration::ZERO) <= 220 * MS);
        let mut s = Schedule::new(Rng::new(1), Some(100 * MS));
        assert!(s.accepted(5000, Duration::ZERO) <= 110 * MS);
        assert_eq!(s.interval(), 100 * MS);
        assert!(
            Schedule::new(Rng::new(1), None).accepted(5000, 2000 * MS) <= 3500 * MS,
            "from sending to sending"
        );
    }
}
