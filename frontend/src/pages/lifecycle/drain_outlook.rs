//! What is said of the end of a drain: about when, within which bounds, or that nothing moves. Pure; tested on the host.

use common::intent::{DRAIN_STALLED_MS, Drain, DrainPhase};
use common::time::Timestamp;

use crate::components::{format, words};

/// Bounds that lie further apart than this, as a ratio, are both named.
const WIDE: f64 = 3.0;
/// Up to here bounds are told in whole minutes.
const MINUTES_MAX_MS: u64 = 90 * 60_000;

/// What is to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// Nothing to wait for, or nobody knows.
    None,
    /// It moves, and nothing can be said yet.
    Estimating,
    /// About so many milliseconds more.
    About(u64),
    /// Between so many milliseconds and so many.
    Between(u64, u64),
    /// No call has ended for so many milliseconds.
    Stalled(u64),
}

#[expect(clippy::as_conversions, reason = "a saturating cast of milliseconds; what is no number becomes 0")]
fn whole(ms: f64) -> u64 {
    ms as u64
}

#[expect(clippy::as_conversions, reason = "milliseconds of days are far below what a float holds exactly")]
fn float(ms: u64) -> f64 {
    ms as f64
}

/// What is to be expected of a drain now. Calls end by chance: a pace that was seen in `n` ends is known to one part in
/// the root of `n`, and how long the last `m` calls take varies by one part in the root of `m`.
pub fn outlook(d: &Drain, now: Timestamp) -> Outlook {
    let Some(left) = d.left.filter(|n| *n > 0) else { return Outlook::None };
    if !matches!(d.phase, DrainPhase::Draining | DrainPhase::DeadlineReached) {
        return Outlook::None;
    }
    let still = d.no_end_since.map(|at| now.since(at)).filter(|ms| *ms >= DRAIN_STALLED_MS);
    if let Some(ms) = still {
        return Outlook::Stalled(ms);
    }
    let ended = d.started_with.and_then(|n| n.checked_sub(left)).filter(|n| *n > 0);
    let Some((ended, eta)) = ended.zip(d.eta).filter(|_| d.phase == DrainPhase::Draining) else {
        return if d.phase == DrainPhase::Draining { Outlook::Estimating } else { Outlook::None };
    };
    let rest = eta.since(now);
    let factor = 1.0 + (1.0 / f64::from(ended) + 1.0 / f64::from(left)).sqrt();
    if factor * factor < WIDE {
        return Outlook::About(rest);
    }
    Outlook::Between(whole(float(rest) / factor), whole(float(rest) * factor))
}

/// Up to the next ten seconds, or to the nearest minute, or from an hour on to the nearest hour.
fn about(ms: u64) -> String {
    match ms {
        0..60_000 => format::short_duration(ms.div_ceil(10_000).saturating_mul(10_000)),
        60_000..3_570_000 => format::short_duration(ms.saturating_add(30_000)),
        _ => format::short_duration(ms.saturating_add(1_800_000)),
    }
}

impl Outlook {
    /// In words, which are never a countdown; none where there is nothing to say.
    pub fn text(self) -> Option<String> {
        let w = &words().drain;
        match self {
            Self::None => None,
            Self::Estimating => Some(w.no_eta.to_owned()),
            Self::About(ms) => Some((w.eta)(&about(ms))),
            Self::Between(low, high) if low >= 60_000 && high <= MINUTES_MAX_MS => {
                Some((w.eta_minutes)(low / 60_000, high.div_ceil(60_000)))
            }
            Self::Between(low, high) => {
                let (low, high) = (about(low), about(high));
                Some(if low == high { (w.eta)(&low) } else { (w.eta_range)(&low, &high) })
            }
            Self::Stalled(ms) => Some((w.stalled)(&format::short_duration(ms))),
        }
    }
}

#[cfg(test)]
mod tests {
    use common::heartbeat::DesiredState;
    use common::intent::OnDeadline;

    use super::*;

    const NOW: Timestamp = Timestamp(100_000_000);

    /// So many at the start and left, and so many milliseconds to go by the pace.
    fn drain(started: u32, left: u32, rest: u64) -> Drain {
        Drain {
            phase: DrainPhase::Draining,
            desired: DesiredState::Maintenance,
            requested_at: Timestamp(1_000),
            delivered_at: Some(Timestamp(2_000)),
            acknowledged_at: Some(Timestamp(3_000)),
            drained_at: None,
            started_with: Some(started),
            left: Some(left),
            longest_seconds: Some(1_084),
            eta: Some(NOW.later(rest)),
            no_end_since: Some(NOW.before(30_000)),
            took_new_at: None,
            deadline: None,
            on_deadline: OnDeadline::Hold,
        }
    }

    #[test]
    fn one_figure_where_the_pace_is_known_well_and_two_where_it_is_not() {
        let said = |d: &Drain| outlook(d, NOW).text().unwrap();
        assert_eq!(said(&drain(21, 4, 6 * 60_000 - 20_000)), "about 6 min");
        assert_eq!(said(&drain(21, 4, 41_000)), "about 50 s");
        // One of two has ended: the other may end at once or take far longer.
        assert_eq!(outlook(&drain(2, 1, 600_000), NOW), Outlook::Between(248_528, 1_448_528));
        assert_eq!(said(&drain(2, 1, 600_000)), "4–25 min");
        assert_eq!(said(&drain(20, 19, 4 * 3_600_000)), "2 h to 8 h");
        assert_eq!(said(&drain(2, 1, 60_000)), "30 s to 2 min");
        assert_eq!(said(&drain(2, 1, 1_000)), "about 10 s");
        for (started, left) in [(21, 4), (2, 1), (300, 299)] {
            if let Outlook::Between(low, high) = outlook(&drain(started, left, 600_000), NOW) {
                assert!(low < 600_000 && high > 600_000, "{low} {high}");
            }
        }
    }

    #[test]
    fn no_pace_no_figure() {
        let new = Drain { eta: None, ..drain(21, 21, 0) };
        assert_eq!(outlook(&new, NOW), Outlook::Estimating);
        assert_eq!(outlook(&drain(21, 0, 9), NOW), Outlook::None);
        assert_eq!(outlook(&Drain { left: None, ..drain(21, 4, 9) }, NOW), Outlook::None);
        let phase = |phase| outlook(&Drain { phase, ..drain(21, 4, 60_000) }, NOW);
        for quiet in [DrainPhase::Requested, DrainPhase::Delivered, DrainPhase::Drained, DrainPhase::NodeLost]
        {
            assert_eq!(phase(quiet), Outlook::None);
        }
        assert_eq!(phase(DrainPhase::DeadlineReached), Outlook::None, "the deadline has its own words");
    }

    #[test]
    fn a_drain_without_ends_is_stalled_whatever_its_pace_was() {
        let still = |ms| Drain { no_end_since: Some(NOW.before(ms)), ..drain(21, 4, 60_000) };
        assert_eq!(outlook(&still(599_999), NOW), Outlook::About(60_000));
        assert_eq!(outlook(&still(600_000), NOW), Outlook::Stalled(600_000));
        assert_eq!(outlook(&still(720_000), NOW).text().unwrap(), "no call has ended for 12 min");
        let late = Drain { phase: DrainPhase::DeadlineReached, ..still(600_000) };
        assert_eq!(outlook(&late, NOW), Outlook::Stalled(600_000));
        assert_eq!(outlook(&Drain { left: Some(0), ..still(900_000) }, NOW), Outlook::None);
    }
}
