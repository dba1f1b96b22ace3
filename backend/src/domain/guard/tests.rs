//! Evidence in, verdict out.

use proptest::prelude::*;

use super::super::liveness::{Liveness, Timers, step};
use super::*;

/// Where the test's clock starts.
const START: Mono = Mono(1_000_000_000);

const POLICY: Policy = Policy { interval_ms: 5_000, stale_after_ms: 15_000, offline_after_ms: 30_000 };
const WALL: i64 = 1_795_000_000_000;

fn at(ms: u64) -> Mono {
    START.after(ms)
}

/// A guard long after its restart grace, that has ticked on time at `at(100_000)`.
fn settled() -> Guard {
    let mut guard = Guard::restarted(at(0), &POLICY);
    assert_eq!(tick(&mut guard, 100_000, 0, 0), Judgement::Clear);
    guard
}

/// A tick planned at `at(planned)` that is late by `late`, after `slept` ms unknown to the monotonic clock.
fn tick(guard: &mut Guard, planned: u64, late: u64, slept: i64) -> Judgement {
    let actual = planned + late;
    let wall_ms = WALL + i64::try_from(actual).unwrap() + slept;
    guard.tick(Tick { planned: at(planned), actual: at(actual), wall_ms }, &POLICY)
}

fn unjudgeable(reason: Reason, until: u64) -> Judgement {
    Judgement::Unjudgeable(Doubt { reason, until: at(until) })
}

#[test]
fn a_restart_is_not_judged_for_one_and_a_half_offline_after() {
    let guard = Guard::restarted(at(0), &POLICY);
    assert_eq!(guard.judge(at(0)), unjudgeable(Reason::Restart, 45_000));
    assert_eq!(guard.judge(at(44_999)), unjudgeable(Reason::Restart, 45_000));
    assert_eq!(guard.judge(at(45_000)), Judgement::Clear);
}

#[test]
fn no_floor_slows_a_test_down() {
    let timers = Timers { interval_ms: 20, stale_after_ms: 60, offline_after_ms: 120 };
    let guard = Guard::restarted(at(0), &Policy::for_fleet(timers, 3));
    assert_eq!(guard.judge(at(180)), Judgement::Clear);
}

#[test]
fn a_new_sweeper_starts_with_grace() {
    let mut guard = settled();
    assert_eq!(guard.judge(at(100_000)), Judgement::Clear);
    let judgement = guard.new_sweeper(at(200_000), &POLICY);
    assert_eq!(judgement, unjudgeable(Reason::NewSweeper, 245_000));
    assert_eq!(guard.judge(at(244_999)), judgement);
    assert_eq!(guard.judge(at(245_000)), Judgement::Clear);
    // The pause between two turns as sweeper is no sleep.
    assert_eq!(tick(&mut guard, 300_000, 0, 60_000), Judgement::Clear);
}

#[test]
fn lateness_up_to_t_moves_deadlines_and_beyond_t_is_evidence() {
    let mut guard = settled();
    assert_eq!(tick(&mut guard, 101_000, 5_000, 0), Judgement::Clear);
    assert_eq!(guard.judge(at(106_000)), Judgement::Clear);
    assert_eq!(guard.slack_since(at(105_999)), 5_000);
    assert_eq!(guard.slack_since(at(106_000)), 0, "the beat came after the pause");

    let late = tick(&mut guard, 107_000, 5_001, 0);
    assert_eq!(late, unjudgeable(Reason::SweeperLate, 142_001));
    assert_eq!(guard.judge(at(142_000)), late);
    assert_eq!(guard.judge(at(142_001)), Judgement::Clear);
    assert_eq!(guard.slack_since(at(100_000)), 5_000, "what is evidence is not slack as well");
}

#[test]
fn sleep_shows_as_wall_time_without_monotonic_time() {
    let mut guard = settled();
    assert_eq!(tick(&mut guard, 101_000, 0, 5_000), Judgement::Clear);
    let mut guard = settled();
    assert_eq!(tick(&mut guard, 101_000, 0, 5_001), unjudgeable(Reason::Suspended, 131_000));
    assert_eq!(tick(&mut guard, 102_000, 0, 5_001), Judgement::Clear, "seen once");
    assert_eq!(guard.judge(at(102_000)), unjudgeable(Reason::Suspended, 131_000));
}

#[test]
fn a_wall_clock_set_back_is_no_evidence() {
    let mut guard = settled();
    assert_eq!(tick(&mut guard, 101_000, 0, -3_600_000), Judgement::Clear);
}

#[test]
fn a_first_tick_has_nothing_to_compare_with() {
    let mut guard = Guard::restarted(at(0), &POLICY);
    assert_eq!(tick(&mut guard, 1_000, 0, 86_400_000), Judgement::Clear);
}

#[test]
fn a_clock_going_nowhere_is_no_evidence() {
    let mut guard = settled();
    for _ in 0..100 {
        assert_eq!(tick(&mut guard, 100_000, 0, 0), Judgement::Clear);
    }
    assert_eq!(guard.slack_since(at(0)), 0);
}

#[test]
fn errors_count_until_offline_after_has_passed_since_the_last() {
    let mut guard = settled();
    guard.ingest_error(at(101_000), &POLICY);
    guard.ingest_error(at(110_000), &POLICY);
    // Reported later, happened earlier: changes nothing.
    guard.database_error(at(105_000), &POLICY);
    assert_eq!(guard.judge(at(139_999)), unjudgeable(Reason::IngestErrors, 140_000));
    guard.database_error(at(120_000), &POLICY);
    assert_eq!(guard.judge(at(140_000)), unjudgeable(Reason::DatabaseErrors, 150_000));
    assert_eq!(guard.judge(at(150_000)), Judgement::Clear);
}

#[test]
fn a_short_doubt_within_a_long_one_changes_nothing() {
    let mut guard = Guard::restarted(at(0), &POLICY);
    guard.ingest_error(at(1_000), &POLICY);
    assert_eq!(guard.judge(at(1_000)), unjudgeable(Reason::Restart, 45_000));
}

#[test]
fn the_event_of_a_due_node_carries_slack_and_judgement() {
    let mut guard = settled();
    let beat = Event::Beat { boot: None, seq: None };
    let (live, _) = step(State::registered(at(0), POLICY), beat, at(100_000), POLICY);
    let _ = tick(&mut guard, 101_000, 3_000, 0);
    let event = guard.due(&live, at(115_000));
    assert_eq!(event, Event::Due { slack_ms: 3_000, judgement: Judgement::Clear });
    let (state, effects) = step(live, event, at(115_000), POLICY);
    assert_eq!((state.liveness(), effects.next_deadline), (Liveness::Live, Some(at(118_000))));
    assert_eq!(
        step(state, guard.due(&state, at(118_000)), at(118_000), POLICY).0.liveness(),
        Liveness::Stale
    );

    guard.database_error(at(118_000), &POLICY);
    let (state, effects) = step(state, guard.due(&state, at(118_000)), at(118_000), POLICY);
    assert_eq!((state.liveness(), effects.next_deadline), (Liveness::Unconfirmed, Some(at(148_000))));
}

#[test]
fn lateness_is_forgotten_and_its_memory_bounded() {
    let mut guard = settled();
    for i in 0..100_000 {
        let _ = tick(&mut guard, 200_000 + 10 * i, 1, 0);
    }
    assert!(guard.lateness.len() <= 260, "{}", guard.lateness.len());
    let now = 200_000 + 10 * 100_000;
    // One ms in ten over the last 30 s, and at most one piece of the memory too much.
    let slack = guard.slack_since(at(now - 30_000));
    assert!((3_000..=3_030).contains(&slack), "{slack}");
}

/// One piece of evidence.
#[derive(Debug, Clone, Copy)]
enum Evidence {
    Tick { late: u64, slept: u64 },
    Ingest { ago: u64 },
    Database { ago: u64 },
    NewSweeper,
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let about_t = || prop_oneof![4 => 0..100_u64, 1 => 4_990..5_010_u64, 1 => 0..20_000_u64];
    prop_oneof![
        6 => about_t().prop_map(|late| Evidence::Tick { late, slept: 0 }),
        2 => about_t().prop_map(|slept| Evidence::Tick { late: 0, slept }),
        1 => (0..40_000_u64).prop_map(|ago| Evidence::Ingest { ago }),
        1 => (0..40_000_u64).prop_map(|ago| Evidence::Database { ago }),
        1 => Just(Evidence::NewSweeper),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Unjudgeable exactly while some piece of evidence is fresh, with the reason of the one that lasts
    /// longest; slack is the lateness since then, and too much by little.
    #[test]
    fn the_guard_is_its_evidence(
        walk in proptest::collection::vec((0..20_000_u64, evidence()), 0..40),
        ask_after in 0..60_000_u64,
        seen_ago in 0..40_000_u64,
    ) {
        let mut now = 100_000;
        let mut guard = Guard::restarted(at(now), &POLICY);
        let mut known = vec![(now + 45_000, Reason::Restart)];
        let mut lateness: Vec<(u64, u64)> = Vec::new();
        let (mut slept_total, mut ticked) = (0_i64, false);
        for (pause, what) in walk {
            now += pause;
            match what {
                Evidence::Tick { late, slept } => {
                    slept_total += i64::try_from(slept).unwrap();
                    let judgement = tick(&mut guard, now, late, slept_total);
                    now += late;
                    if slept > 5_000 && ticked {
                        known.push((now + 30_000, Reason::Suspended));
                    } else if late > 5_000 {
                        known.push((now + 30_000, Reason::SweeperLate));
                    } else {
                        lateness.push((now, late));
                        prop_assert_eq!(judgement, Judgement::Clear);
                    }
                    ticked = true;
                }
                Evidence::Ingest { ago } => {
                    guard.ingest_error(at(now - ago), &POLICY);
                    known.push((now - ago + 30_000, Reason::IngestErrors));
                }
                Evidence::Database { ago } => {
                    guard.database_error(at(now - ago), &POLICY);
                    known.push((now - ago + 30_000, Reason::DatabaseErrors));
                }
                Evidence::NewSweeper => {
                    let _ = guard.new_sweeper(at(now), &POLICY);
                    known.push((now + 45_000, Reason::NewSweeper));
                    ticked = false;
                }
            }
        }
        let seen = now.saturating_sub(seen_ago);
        let slack = guard.slack_since(at(seen));
        let exact: u64 = lateness.iter().filter(|(at, _)| *at > seen).map(|(_, late)| late).sum();
        let piece = 60_000 / Guard::PIECES;
        let most: u64 = lateness.iter().filter(|(at, _)| *at + piece > seen).map(|(_, late)| late).sum();
        prop_assert!((exact..=most).contains(&slack), "{} not in {}..={}", slack, exact, most);

        now += ask_after;
        let longest = known.iter().map(|(until, _)| *until).max().unwrap();
        match guard.judge(at(now)) {
            Judgement::Clear => prop_assert!(longest <= now),
            Judgement::Unjudgeable(doubt) => {
                prop_assert!(longest > now);
                prop_assert_eq!(doubt.until, at(longest));
                prop_assert!(known.contains(&(longest, doubt.reason)));
            }
        }
    }
}

#[test]
fn the_evidence_is_one_run_per_reason_with_its_first_time() {
    let mut guard = settled();
    assert_eq!(guard.evidence(at(100_000)), []);
    guard.database_error(at(100_000), &POLICY);
    guard.ingest_error(at(105_000), &POLICY);
    guard.database_error(at(110_000), &POLICY);
    let run = |reason, since, until, count| Run { reason, since: at(since), until: at(until), count };
    let ingest = run(Reason::IngestErrors, 105_000, 135_000, 1);
    assert_eq!(guard.evidence(at(120_000)), [run(Reason::DatabaseErrors, 100_000, 140_000, 2), ingest]);
    // Each ends for itself, and begins anew.
    assert_eq!(guard.evidence(at(135_000)), [run(Reason::DatabaseErrors, 100_000, 140_000, 2)]);
    assert_eq!(guard.evidence(at(140_000)), []);
    guard.database_error(at(150_000), &POLICY);
    assert_eq!(guard.evidence(at(150_000)), [run(Reason::DatabaseErrors, 150_000, 180_000, 1)]);
}
