//! What another process wrote of a node, taken over as if it had been observed here.

use super::{Effects, Liveness, Policy, Predecessor, Record, State, Transition};
use crate::clock::Mono;

/// Two notes of one heartbeat differ by no more: each process knows it by its age.
const SAME_MS: u64 = 300;

/// How a note of another process compares with what is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It knows a heartbeat that is not known here.
    Newer,
    /// Both know the same.
    Same,
    /// Here is known more.
    Older,
}

/// Compares them: by the order in which the node itself counts, where it does, else by age.
#[must_use]
pub fn news(state: &State, known: &Record) -> News {
    if let (Some(boot), Some(seq), Some(own)) = (known.boot, known.seq, state.seq)
        && state.boot == Some(boot)
    {
        return match seq.cmp(&own) {
            std::cmp::Ordering::Greater => News::Newer,
            std::cmp::Ordering::Equal => News::Same,
            std::cmp::Ordering::Less => News::Older,
        };
    }
    match (known.last_seen, state.last_seen) {
        (Some(theirs), Some(ours)) if theirs > ours.after(SAME_MS) => News::Newer,
        (Some(theirs), Some(ours)) if ours > theirs.after(SAME_MS) => News::Older,
        (Some(_), None) => News::Newer,
        (None, Some(_)) => News::Older,
        _ => News::Same,
    }
}

/// Takes a note over. `judges`: this process judges silence, so that the verdicts of others on what it knows itself say
/// nothing to it; one that only follows believes them. A goodbye is no verdict and is believed by all.
#[must_use]
pub fn follow(state: State, known: Record, judges: bool, now: Mono, policy: Policy) -> (State, Effects) {
    let mut next = state;
    let news = news(&state, &known);
    let believed = match news {
        News::Older => false,
        News::Newer => true,
        News::Same => !judges || known.liveness == Liveness::Left,
    };
    if news == News::Newer {
        if state.boot != known.boot && known.boot.is_some() {
            next.predecessor = state.boot.map(|boot| Predecessor { boot, seq: state.seq, excused: false });
        }
        next.boot = known.boot.or(state.boot);
        next.seq = known.seq;
        next.last_seen = known.last_seen.max(state.last_seen);
        next.told = policy;
        next.hold = None;
    }
    // A doubt is of the process that has it.
    if believed && known.liveness != Liveness::Unconfirmed && known.liveness != state.liveness {
        next.liveness = known.liveness;
        next.since = next.since.max(known.since).min(now.max(next.since));
        next.hold = None;
    }
    let transition =
        (state.liveness != next.liveness).then_some(Transition { from: state.liveness, to: next.liveness });
    (next, Effects { transition, kind: None, duplicate: false, next_deadline: next.next_deadline(0) })
}

#[cfg(test)]
mod tests {
    use super::super::{BootId, Event, Timers, step};
    use super::*;
    use proptest::prelude::*;

    const T: Timers = Timers { interval_ms: 5_000, stale_after_ms: 15_000, offline_after_ms: 30_000 };
    const NOW: Mono = Mono(1_000_000_000);

    fn policy() -> Policy {
        Policy::for_fleet(T, 1)
    }

    fn record(liveness: Liveness, ago_ms: u64, boot: u128, seq: u64) -> Record {
        Record {
            liveness,
            since: NOW.before(60_000),
            last_seen: Some(NOW.before(ago_ms)),
            boot: Some(BootId::new(boot)),
            seq: Some(seq),
        }
    }

    fn beaten(ago_ms: u64, boot: u128, seq: u64) -> State {
        let at = NOW.before(ago_ms);
        let event = Event::Beat { boot: Some(BootId::new(boot)), seq: Some(seq) };
        step(State::registered(at, policy()), event, at, policy()).0
    }

    #[test]
    fn a_heartbeat_that_another_took_counts_as_one() {
        let fresh = State::registered(NOW.before(90_000), policy());
        let (s, effects) = follow(fresh, record(Liveness::Live, 1_000, 1, 7), true, NOW, policy());
        assert_eq!(
            (s.liveness(), s.seq(), s.last_seen()),
            (Liveness::Live, Some(7), Some(NOW.before(1_000)))
        );
        assert_eq!(effects.next_deadline, Some(NOW.before(1_000).after(15_000)));
        // The next one comes here; the same once more is a repetition.
        let again = Event::Beat { boot: Some(BootId::new(1)), seq: Some(7) };
        assert!(step(s, again, NOW, policy()).1.duplicate);
    }

    #[test]
    fn who_judges_keeps_its_verdict_and_who_follows_takes_it() {
        let known = beaten(20_000, 1, 7);
        let stale = record(Liveness::Stale, 20_100, 1, 7);
        assert_eq!(follow(known, stale, false, NOW, policy()).0.liveness(), Liveness::Stale);
        assert_eq!(follow(known, stale, true, NOW, policy()).0.liveness(), Liveness::Live);
        let left = record(Liveness::Left, 20_000, 1, 7);
        assert_eq!(follow(known, left, true, NOW, policy()).0.liveness(), Liveness::Left);
    }

    #[test]
    fn what_is_known_better_here_stays() {
        let known = beaten(100, 1, 9);
        for other in [record(Liveness::Offline, 40_000, 1, 8), record(Liveness::Offline, 40_000, 2, 99)] {
            assert_eq!(follow(known, other, false, NOW, policy()).0, known);
        }
    }

    #[test]
    fn another_run_leaves_the_one_before_as_a_straggler() {
        let known = beaten(6_000, 1, 9);
        let (s, _) = follow(known, record(Liveness::Live, 1_000, 2, 1), false, NOW, policy());
        let late = Event::Beat { boot: Some(BootId::new(1)), seq: Some(10) };
        let (after, effects) = step(s, late, NOW, policy());
        assert!(effects.duplicate);
        assert_eq!(after.boot(), Some(BootId::new(2)));
    }

    fn liveness() -> impl Strategy<Value = Liveness> {
        proptest::sample::select(vec![
            Liveness::NeverSeen,
            Liveness::Live,
            Liveness::Stale,
            Liveness::Offline,
            Liveness::Left,
        ])
    }

    proptest! {
        /// Two processes: heartbeats go to either, the newest note of either is read by the other, twice. Both know the
        /// newest heartbeat in the end, and reading changes nothing the second time.
        #[test]
        fn two_that_read_each_other_agree(beats in proptest::collection::vec((any::<bool>(), 1_000_u64..6_000), 1..20)) {
            let mut now = NOW;
            let registered = State::registered(NOW, policy());
            let mut both = [registered, registered];
            let mut newest = NOW;
            for (seq, (at_first, after)) in beats.into_iter().enumerate() {
                now = now.after(after);
                newest = now;
                let (heard, other) = if at_first { (0, 1) } else { (1, 0) };
                let event = Event::Beat { boot: Some(BootId::new(1)), seq: u64::try_from(seq).ok() };
                both[heard] = step(both[heard], event, now, policy()).0;
                let s = both[heard];
                let note = Record {
                    liveness: s.liveness(), since: s.since(), last_seen: s.last_seen(), boot: s.boot(), seq: s.seq(),
                };
                both[other] = follow(both[other], note, other == 0, now.after(900), policy()).0;
                let again = follow(both[other], note, other == 0, now.after(1_900), policy());
                prop_assert_eq!(again.0, both[other]);
                prop_assert!(again.1.transition.is_none());
            }
            for s in both {
                prop_assert_eq!((s.liveness(), s.last_seen()), (Liveness::Live, Some(newest)));
            }
        }

        /// Whatever another says: time does not go back, and a node that was heard later is not called silent.
        #[test]
        fn nothing_goes_back(l in liveness(), ago in 0_u64..60_000, own in 0_u64..60_000, boot in 1_u128..3, seq in 0_u64..9, judges: bool) {
            let known = beaten(own, 1, 4);
            let (s, _) = follow(known, record(l, ago, boot, seq), judges, NOW, policy());
            prop_assert!(s.last_seen() >= known.last_seen());
            prop_assert!(s.since() >= known.since());
            if news(&known, &record(l, ago, boot, seq)) == News::Older {
                prop_assert_eq!(s, known);
            }
        }
    }
}
