//! When to send: jitter, retries, waits after refusals. Pure, with the randomness passed in.

use std::time::Duration;

/// Waits after the first failure of a heartbeat; each must still lie inside the interval.
const RETRIES: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(800), Duration::from_millis(2000)];
/// Extra heartbeats come at most twice a second.
const SPACING: Duration = Duration::from_millis(500);
/// First and longest wait where only a person can cure it: a wrong secret, a wrong region.
const SLOW_FIRST: Duration = Duration::from_secs(5);
const SLOW_MAX: Duration = Duration::from_secs(30);
/// First and longest wait between attempts to read the bootstrap from an address that does not answer.
const CONNECT_FIRST: Duration = Duration::from_millis(400);
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Intervals outside these bounds are not believed.
const INTERVAL_MIN: Duration = Duration::from_millis(50);
const INTERVAL_MAX: Duration = Duration::from_secs(600);

/// A small random generator (splitmix64; Steele, Lea, Flood 2014): the same seed, the same numbers. Not for secrets.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    /// Starts the sequence of that seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Sixty-four random bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Even over 0 to 1, both excluded.
    pub(crate) fn unit(&mut self) -> f64 {
        let high = u32::try_from(self.next() >> 32).unwrap_or(0);
        (f64::from(high) + 0.5) / 4_294_967_296.0
    }

    /// Even over `from` to `to`.
    pub(crate) fn between(&mut self, from: Duration, to: Duration) -> Duration {
        from + to.saturating_sub(from).mul_f64(self.unit())
    }

    /// A waiting time whose average is `mean`, as of calls that arrive independently of each other.
    pub(crate) fn exponential(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(-self.unit().ln())
    }
}

/// The interval the server told, within what an agent will do.
pub(crate) fn interval(next_in_ms: u64) -> Duration {
    Duration::from_millis(next_in_ms).clamp(INTERVAL_MIN, INTERVAL_MAX)
}

/// The time to the next heartbeat after one that counted: ± 10 %.
pub(crate) fn jittered(interval: Duration, rng: &mut Rng) -> Duration {
    rng.between(interval.mul_f64(0.9), interval.mul_f64(1.1))
}

/// The time to the next heartbeat after one that failed with all its retries: anything up to the interval, so that
/// a fleet that lost the server at one moment does not come back at one moment.
pub(crate) fn after_failure(interval: Duration, rng: &mut Rng) -> Duration {
    rng.between(Duration::ZERO, interval).max(RETRIES[0].min(interval))
}

/// How long after the first failure retry number `n` (from 0) is due; `None` where it would not lie inside the
/// interval, which began `spent` before the first failure.
pub(crate) fn retry_after(n: usize, spent: Duration, interval: Duration) -> Option<Duration> {
    RETRIES.get(n).copied().filter(|wait| spent + *wait < interval)
}

/// The wait before attempt `n` (from 1) where only a person can cure it: grows to 30 s, at least half of it is kept.
pub(crate) fn slow(n: u32, rng: &mut Rng) -> Duration {
    let full = doubled(SLOW_FIRST, n, SLOW_MAX);
    rng.between(full / 2, full)
}

/// The wait before attempt `n` (from 1) to reach the server for the first time.
pub(crate) fn connect(n: u32, rng: &mut Rng) -> Duration {
    let full = doubled(CONNECT_FIRST, n, CONNECT_MAX);
    rng.between(full / 4, full)
}

/// The wait a server asked for, and up to a quarter more: never less.
pub(crate) fn asked(retry_after: Duration, rng: &mut Rng) -> Duration {
    rng.between(retry_after, retry_after.mul_f64(1.25))
}

/// The least time between two heartbeats of one node, extra ones included.
pub(crate) fn spacing(interval: Duration) -> Duration {
    SPACING.min(interval)
}

fn doubled(first: Duration, n: u32, max: Duration) -> Duration {
    first.saturating_mul(1 << n.saturating_sub(1).min(16)).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Duration = Duration::from_secs(5);

    #[test]
    fn jitter_stays_within_a_tenth_and_uses_all_of_it() {
        let mut rng = Rng::new(1);
        let all: Vec<_> = (0..2000).map(|_| jittered(T, &mut rng)).collect();
        let (min, max) = (*all.iter().min().unwrap(), *all.iter().max().unwrap());
        assert!(min >= Duration::from_millis(4500) && min < Duration::from_millis(4520), "{min:?}");
        assert!(max <= Duration::from_millis(5500) && max > Duration::from_millis(5480), "{max:?}");
    }

    #[test]
    fn a_failed_round_waits_anything_up_to_the_interval() {
        let mut rng = Rng::new(2);
        let all: Vec<_> = (0..2000).map(|_| after_failure(T, &mut rng)).collect();
        assert!(all.iter().all(|d| *d >= Duration::from_millis(200) && *d <= T));
        assert!(all.iter().any(|d| *d < T / 10) && all.iter().any(|d| *d > T.mul_f64(0.9)));
        assert!(after_failure(Duration::from_millis(80), &mut rng) <= Duration::from_millis(80));
    }

    #[test]
    fn retries_lie_inside_the_interval() {
        let ms = Duration::from_millis;
        let schedule = |spent, interval| -> Vec<_> {
            (0..5).map_while(|n| retry_after(n, spent, interval)).map(|d| d.as_millis()).collect()
        };
        assert_eq!(schedule(Duration::ZERO, T), [200, 800, 2000]);
        // A request that timed out has used 3 s of the 5 already.
        assert_eq!(schedule(ms(3000), T), [200, 800]);
        assert_eq!(schedule(ms(4900), T), []);
        assert_eq!(schedule(Duration::ZERO, ms(500)), [200]);
        assert_eq!(schedule(Duration::ZERO, ms(200)), []);
    }

    #[test]
    fn slow_and_connect_waits_grow_to_their_cap() {
        let mut rng = Rng::new(3);
        for (n, full) in [(1, 5), (2, 10), (3, 20), (4, 30), (40, 30)] {
            let d = slow(n, &mut rng);
            assert!(d >= Duration::from_secs(full) / 2 && d <= Duration::from_secs(full), "{n}: {d:?}");
        }
        assert!(connect(1, &mut rng) <= Duration::from_millis(400));
        assert!((1..60).all(|n| connect(n, &mut rng) <= CONNECT_MAX));
    }

    #[test]
    fn a_told_wait_is_never_cut_short() {
        let mut rng = Rng::new(4);
        assert!((0..500).all(|_| asked(T, &mut rng) >= T));
        assert_eq!(spacing(T), Duration::from_millis(500));
        assert_eq!(spacing(Duration::from_millis(100)), Duration::from_millis(100));
        assert_eq!(interval(0), INTERVAL_MIN);
        assert_eq!(interval(u64::MAX), INTERVAL_MAX);
    }

    #[test]
    fn the_generator_is_the_published_one() {
        // First outputs of splitmix64 for seed 1234567, from the reference implementation.
        let mut rng = Rng::new(1_234_567);
        let first: Vec<_> = (0..3).map(|_| rng.next()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
        assert!((0..10_000).map(|_| rng.unit()).all(|u| u > 0.0 && u < 1.0));
    }
}
