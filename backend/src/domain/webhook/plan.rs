//! What comes after an attempt: another one, an end, or the end of the webhook.

use common::time::Timestamp;
use common::webhooks::{RETRY_AFTER_S, StoppedBecause};

/// A webhook of which nothing was taken for so long is a problem, in milliseconds.
pub const FAILING_MS: u64 = 15 * 60_000;
/// A webhook of which nothing was taken for so long is switched off with the next message that was tried for the last
/// time, in milliseconds.
const STOP_MS: u64 = 5 * 86_400_000;

/// How an attempt ended, as far as the rules go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The other side took it.
    Taken,
    /// It did not, or did not answer.
    NotTaken,
    /// It wants no more.
    Gone,
    /// No call was made, for a reason that lies here: nothing is held against the other side.
    NotMade,
}

/// When a delivery is tried again of which `made` attempts failed, the last one now; `None` where that was the last.
/// `random` spreads the waits by up to a tenth either way, so that what failed together does not come back together.
pub fn next_at(made: u32, now: Timestamp, random: u32) -> Option<Timestamp> {
    let index = usize::try_from(made.checked_sub(1)?).ok()?;
    let wait_ms = u64::from(*RETRY_AFTER_S.get(index)?) * 1_000;
    let spread = wait_ms / 5;
    Some(now.later(wait_ms - wait_ms / 10 + u64::from(random) % (spread + 1)))
}

/// Whether a webhook is switched off after an attempt that ended so; nothing was taken since `failing_since`. Only the
/// `last` attempt of a delivery switches off for failing: where little is told, a first attempt that fails days after
/// another one says nothing yet.
pub fn stops(ending: Ending, failing_since: Timestamp, last: bool, now: Timestamp) -> Option<StoppedBecause> {
    match ending {
        Ending::Gone => Some(StoppedBecause::Gone),
        Ending::NotTaken if last && now.since(failing_since) >= STOP_MS => Some(StoppedBecause::Failing),
        Ending::Taken | Ending::NotTaken | Ending::NotMade => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    #[test]
    fn nine_attempts_within_thirty_hours_and_no_more() {
        let mut now = NOW;
        for made in 1..=8 {
            now = next_at(made, now, u32::MAX / 2).unwrap();
        }
        assert_eq!(next_at(9, now, 7), None);
        assert_eq!(next_at(10, now, 7), None);
        assert_eq!(next_at(0, now, 7), None, "before the first attempt nothing is tried again");
        let hours = now.since(NOW) / 3_600_000;
        assert!((24..=31).contains(&hours), "{hours}");
    }

    #[test]
    fn a_webhook_stops_at_once_or_after_five_days() {
        let day = 86_400_000;
        assert_eq!(stops(Ending::Gone, NOW, false, NOW), Some(StoppedBecause::Gone));
        assert_eq!(stops(Ending::NotTaken, NOW, true, NOW.later(5 * day - 1)), None);
        assert_eq!(stops(Ending::NotTaken, NOW, true, NOW.later(5 * day)), Some(StoppedBecause::Failing));
        assert_eq!(stops(Ending::NotTaken, NOW, false, NOW.later(50 * day)), None, "it is tried again");
        assert_eq!(stops(Ending::NotMade, NOW, true, NOW.later(50 * day)), None, "our own fault");
        assert_eq!(stops(Ending::Taken, NOW, true, NOW.later(50 * day)), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn waits_vary_by_a_tenth(made in 1_u32..=8, random: u32) {
            let wait = u64::from(RETRY_AFTER_S[usize::try_from(made - 1).unwrap()]) * 1_000;
            let got = next_at(made, NOW, random).unwrap().since(NOW);
            prop_assert!(got >= wait * 9 / 10 && got <= wait * 11 / 10, "{got} for {wait}");
        }
    }
}
