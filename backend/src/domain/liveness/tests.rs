//! Every state × every event, and the corners one by one.

use super::super::guard::Reason;
use super::*;
use Liveness::{Left, Live, NeverSeen, Offline, Stale, Unconfirmed};

/// Where the test's clock starts.
const START: Mono = Mono(1_000_000_000);

fn earlier(now: Mono, ms: u64) -> Mono {
    Mono(now.0 - ms)
}

const POLICY: Policy = Policy { interval_ms: 5_000, stale_after_ms: 15_000, offline_after_ms: 30_000 };
const A: BootId = BootId::new(0xA);
const B: BootId = BootId::new(0xB);
const C: BootId = BootId::new(0xC);
const CLEAR: Judgement = Judgement::Clear;

/// `ms` after the last beat of the fixtures.
fn at(ms: u64) -> Mono {
    START.after(100_000 + ms)
}

fn run(state: State, event: Event, now: Mono) -> (State, Effects) {
    step(state, event, now, POLICY)
}

fn beat(boot: BootId, seq: u64) -> Event {
    Event::Beat { boot: Some(boot), seq: Some(seq) }
}

fn goodbye(boot: BootId) -> Event {
    Event::Goodbye { boot: Some(boot) }
}

fn due(slack_ms: u64) -> Event {
    Event::Due { slack_ms, judgement: CLEAR }
}

fn doubt(reason: Reason, until: Mono) -> Doubt {
    Doubt { reason, until }
}

/// A node in run A, heard last at `at(0)` with seq 10, before that in run B up to seq 7, now in `liveness`.
fn fixture(liveness: Liveness) -> State {
    let new = State::registered(earlier(at(0), 50_000), POLICY);
    let seen = run(run(new, beat(B, 7), earlier(at(0), 5_000)).0, beat(A, 10), at(0)).0;
    let state = match liveness {
        NeverSeen => new,
        Live => seen,
        Stale => run(seen, due(0), at(15_000)).0,
        Offline => run(run(seen, due(0), at(15_000)).0, due(0), at(30_000)).0,
        Left => run(seen, goodbye(A), at(1_000)).0,
        Unconfirmed => run(seen, Event::Unjudgeable(doubt(Reason::Restart, at(45_000))), at(1_000)).0,
    };
    assert_eq!(state.liveness(), liveness);
    state
}

const STATES: [Liveness; 6] = [NeverSeen, Live, Stale, Offline, Left, Unconfirmed];

/// What a step must answer: new state, kind, duplicate, next deadline in ms after the last beat.
type Row = (Liveness, Option<Kind>, bool, Option<u64>);

/// Checks one event at `at(ms)` against all six states, in the order of [`STATES`].
fn table(name: &str, event: Event, ms: u64, rows: [Row; 6]) {
    for (from, (to, kind, duplicate, deadline)) in STATES.into_iter().zip(rows) {
        let before = fixture(from);
        let (after, effects) = run(before, event, at(ms));
        let expected = Effects {
            transition: (from != to).then_some(Transition { from, to }),
            kind,
            duplicate,
            next_deadline: deadline.map(at),
        };
        assert_eq!(effects, expected, "{name}, from {from:?}");
        assert_eq!(after.liveness(), to, "{name}, from {from:?}");
        assert!(after.since() >= before.since(), "{name}, from {from:?}");
        if from == to {
            assert_eq!(after.since(), before.since(), "{name}, from {from:?}");
        }
    }
}

const FIRST: Option<Kind> = Some(Kind::FirstContact);
const RECOVERED: Option<Kind> = Some(Kind::Recovered { gap_ms: 40_000 });
const RECONFIRMED: Option<Kind> = Some(Kind::Reconfirmed { gap_ms: 40_000 });
const RESTARTED: Option<Kind> = Some(Kind::Restarted { gap_ms: 40_000 });
const NEVER: Row = (NeverSeen, None, false, None);
const OFFLINE: Row = (Offline, None, false, None);
const LEFT: Row = (Left, None, false, None);

#[test]
fn beats() {
    let live = |kind| (Live, kind, false, Some(55_000));
    let again = |kind| (Live, kind, true, Some(55_000));
    let fresh =
        [live(FIRST), live(None), live(RECOVERED), live(RECOVERED), live(RECOVERED), live(RECONFIRMED)];
    table("next of the same run", beat(A, 11), 40_000, fresh);
    table("flat form", Event::Beat { boot: None, seq: None }, 40_000, fresh);
    table("a run without a counter", Event::Beat { boot: Some(A), seq: None }, 40_000, fresh);

    let old = [
        live(FIRST),
        again(None),
        again(RECOVERED),
        again(RECOVERED),
        (Left, None, true, None),
        again(RECONFIRMED),
    ];
    table("the same again", beat(A, 10), 40_000, old);
    table("older than the last", beat(A, 3), 40_000, old);
    table("repeat of the run before", beat(B, 7), 40_000, old);
    table("one last new word of the run before", beat(B, 8), 40_000, old);

    let restart =
        [live(FIRST), live(RESTARTED), live(RESTARTED), live(RESTARTED), live(RESTARTED), live(RESTARTED)];
    table("another run", beat(C, 1), 40_000, restart);
}

#[test]
fn goodbyes() {
    let left = (Left, Some(Kind::Left), false, None);
    let all = [left, left, left, left, LEFT, left];
    table("of the current run", goodbye(A), 40_000, all);
    table("without a run", Event::Goodbye { boot: None }, 40_000, all);

    let kept = [
        left,
        (Live, None, false, Some(15_000)),
        (Stale, None, false, Some(30_000)),
        OFFLINE,
        LEFT,
        (Unconfirmed, None, false, Some(45_000)),
    ];
    table("of the run before", goodbye(B), 2_000, kept);
    table("of an unknown run", goodbye(C), 2_000, kept);
}

#[test]
fn deadlines() {
    let unconfirmed = (Unconfirmed, None, false, Some(45_000));
    let stale = (Stale, None, false, Some(30_000));
    let live = (Live, None, false, Some(15_000));
    table("early", due(0), 14_999, [NEVER, live, stale, OFFLINE, LEFT, unconfirmed]);
    table("clock standing still", due(0), 0, [NEVER, live, stale, OFFLINE, LEFT, unconfirmed]);

    let went_stale = (Stale, Some(Kind::WentStale), false, Some(30_000));
    table("stale", due(0), 15_000, [NEVER, went_stale, stale, OFFLINE, LEFT, unconfirmed]);
    table("almost offline", due(0), 29_999, [NEVER, went_stale, stale, OFFLINE, LEFT, unconfirmed]);

    let went_offline = (Offline, Some(Kind::WentOffline), false, None);
    table("offline", due(0), 30_000, [NEVER, went_offline, went_offline, OFFLINE, LEFT, unconfirmed]);
    table("grace over", due(0), 45_000, [NEVER, went_offline, went_offline, OFFLINE, LEFT, went_offline]);

    let live = (Live, None, false, Some(19_000));
    let stale = (Stale, None, false, Some(34_000));
    table("stale, but for slack", due(4_000), 18_999, [NEVER, live, stale, OFFLINE, LEFT, unconfirmed]);
    let went_stale = (Stale, Some(Kind::WentStale), false, Some(34_000));
    table(
        "stale in spite of slack",
        due(4_000),
        19_000,
        [NEVER, went_stale, stale, OFFLINE, LEFT, unconfirmed],
    );
    table(
        "slack beyond the age",
        due(99_000),
        15_000,
        [
            NEVER,
            (Live, None, false, Some(114_000)),
            (Stale, None, false, Some(129_000)),
            OFFLINE,
            LEFT,
            unconfirmed,
        ],
    );
}

#[test]
fn grace_that_ends_early_on_the_nodes_own_clock() {
    let live_again = (Live, Some(Kind::GraceExpired), false, Some(50_000));
    let went_stale = (Stale, Some(Kind::WentStale), false, Some(55_000));
    let stale_25 = (Stale, None, false, Some(55_000));
    let stale_35 = (Stale, None, false, Some(65_000));
    // 45 s of silence, of which we listened to 20 and to 10.
    table("stale", due(25_000), 45_000, [NEVER, went_stale, stale_25, OFFLINE, LEFT, went_stale]);
    let live = (Live, None, false, Some(50_000));
    table("not overdue", due(35_000), 45_000, [NEVER, live, stale_35, OFFLINE, LEFT, live_again]);
}

#[test]
fn deadlines_in_doubt() {
    let judgement = Judgement::Unjudgeable(doubt(Reason::DatabaseErrors, at(60_000)));
    let event = Event::Due { slack_ms: 0, judgement };
    let lost = Some(Kind::LostSight { reason: Reason::DatabaseErrors });
    let unconfirmed = (Unconfirmed, None, false, Some(45_000));
    // Nobody is overdue: a doubt alone changes nothing.
    table(
        "nobody overdue",
        event,
        14_000,
        [
            NEVER,
            (Live, None, false, Some(15_000)),
            (Stale, None, false, Some(30_000)),
            OFFLINE,
            LEFT,
            unconfirmed,
        ],
    );
    table(
        "overdue",
        event,
        30_000,
        [
            NEVER,
            (Unconfirmed, lost, false, Some(60_000)),
            (Stale, None, false, Some(60_000)),
            OFFLINE,
            LEFT,
            unconfirmed,
        ],
    );
    table(
        "the grace is over, the doubt is not",
        event,
        45_000,
        [
            NEVER,
            (Unconfirmed, lost, false, Some(60_000)),
            (Stale, None, false, Some(60_000)),
            OFFLINE,
            LEFT,
            (Unconfirmed, None, false, Some(60_000)),
        ],
    );
}

#[test]
fn doubt_about_the_whole_fleet() {
    let event = Event::Unjudgeable(doubt(Reason::Suspended, at(50_000)));
    let lost = Some(Kind::LostSight { reason: Reason::Suspended });
    table(
        "doubt",
        event,
        2_000,
        [
            NEVER,
            (Unconfirmed, lost, false, Some(50_000)),
            (Stale, None, false, Some(50_000)),
            OFFLINE,
            LEFT,
            (Unconfirmed, None, false, Some(50_000)),
        ],
    );
    let shorter = Event::Unjudgeable(doubt(Reason::SweeperLate, at(20_000)));
    table(
        "a shorter doubt never shortens a longer one",
        shorter,
        2_000,
        [
            NEVER,
            (Unconfirmed, Some(Kind::LostSight { reason: Reason::SweeperLate }), false, Some(20_000)),
            (Stale, None, false, Some(30_000)),
            OFFLINE,
            LEFT,
            (Unconfirmed, None, false, Some(45_000)),
        ],
    );
    table(
        "a doubt that has passed",
        event,
        50_000,
        [
            NEVER,
            (Live, None, false, Some(15_000)),
            (Stale, None, false, Some(30_000)),
            OFFLINE,
            LEFT,
            (Unconfirmed, None, false, Some(45_000)),
        ],
    );
}

#[test]
fn a_restart_keeps_what_was_known() {
    let now = at(100_000);
    let grace = doubt(Reason::Restart, now.after(45_000));
    let record = |liveness| {
        let last_seen = (liveness != NeverSeen).then_some(at(90_000));
        Record { liveness, since: at(0), last_seen, boot: Some(A), seq: Some(10) }
    };
    for liveness in STATES {
        let (state, effects) = State::restored(record(liveness), grace, now, POLICY);
        let (to, deadline) = match liveness {
            Live | Unconfirmed => (Unconfirmed, Some(grace.until)),
            Stale => (Stale, Some(grace.until)),
            same => (same, None),
        };
        assert_eq!((state.liveness(), effects.next_deadline), (to, deadline), "{liveness:?}");
        assert_eq!(state.since(), if to == Unconfirmed { now } else { at(0) }, "{liveness:?}");
        // Judged by its own age afterwards, and not before.
        let (early, _) = run(state, due(0), earlier(grace.until, 1));
        assert_eq!(early, state);
        let (late, _) = run(state, due(0), grace.until);
        let after = if matches!(to, Unconfirmed | Stale) { Offline } else { to };
        assert_eq!(late.liveness(), after, "{liveness:?}");
        // The order of beats is known across the restart.
        let (_, repeat) = run(state, beat(A, 10), now);
        assert!(repeat.duplicate);
        let (back, _) = run(state, beat(A, 11), now);
        assert_eq!((back.liveness(), back.hold()), (Live, None));
    }
    let damaged = Record { liveness: Live, last_seen: None, ..record(Live) };
    let (state, effects) = State::restored(damaged, grace, now, POLICY);
    assert_eq!((state.liveness(), effects.next_deadline), (Unconfirmed, Some(grace.until)));
    let (state, _) = State::restored(record(Live), doubt(Reason::Restart, now), now, POLICY);
    assert_eq!((state.liveness(), state.hold()), (Live, None), "no grace, no doubt");
}

#[test]
fn a_process_that_lives_on_after_its_successor_takes_over_again() {
    let state = fixture(Live);
    let (state, first) = run(state, beat(B, 8), at(1_000));
    assert!(first.duplicate, "it may have been on its way");
    let (state, repeated) = run(state, beat(B, 8), at(1_500));
    assert!(repeated.duplicate, "a retry of it is no second word");
    let (state, second) = run(state, beat(B, 9), at(2_000));
    assert_eq!((second.duplicate, second.kind), (false, Some(Kind::Restarted { gap_ms: 500 })));
    assert_eq!((state.boot(), state.seq()), (Some(B), Some(9)));
    let (state, effects) = run(state, goodbye(A), at(3_000));
    assert_eq!((state.liveness(), effects.kind), (Live, None));
}

#[test]
fn a_new_run_resets_the_counter() {
    let (state, effects) = run(fixture(Live), beat(C, 1), at(1_000));
    assert_eq!((effects.transition, effects.kind), (None, Some(Kind::Restarted { gap_ms: 1_000 })));
    assert!(run(state, beat(C, 1), at(2_000)).1.duplicate);
    assert!(!run(state, beat(C, 2), at(2_000)).1.duplicate);
    // Run B is two runs back and forgotten: it counts as a run of its own.
    assert_eq!(run(state, beat(B, 1), at(2_000)).1.kind, Some(Kind::Restarted { gap_ms: 1_000 }));
}

#[test]
fn a_flat_beat_leaves_the_order_alone() {
    let (state, _) = run(fixture(Live), Event::Beat { boot: None, seq: None }, at(1_000));
    assert_eq!((state.boot(), state.seq()), (Some(A), Some(10)));
    let flat = run(State::registered(at(0), POLICY), Event::Beat { boot: None, seq: None }, at(0)).0;
    let (state, effects) = run(flat, beat(A, 1), at(1_000));
    assert_eq!((state.boot(), effects.kind), (Some(A), None), "naming the run is no restart");
}

#[test]
fn a_goodbye_before_any_beat_still_orders_what_follows() {
    let (state, _) = run(State::registered(at(0), POLICY), goodbye(A), at(1_000));
    assert_eq!((state.liveness(), state.last_seen()), (Left, None));
    let (state, effects) = run(state, beat(A, 1), at(2_000));
    assert_eq!((state.liveness(), effects.kind), (Live, Some(Kind::Recovered { gap_ms: 0 })));
}

#[test]
fn beats_applied_out_of_order_keep_the_later_time() {
    let state = fixture(Stale);
    // Received just before the sweep that called the node stale, applied just after it.
    let (state, effects) = run(state, beat(A, 11), at(14_900));
    assert_eq!((state.liveness(), state.since()), (Live, at(15_000)), "`since` doesn't move back");
    assert_eq!(effects.next_deadline, Some(at(29_900)));
    let (state, effects) = run(state, beat(A, 12), at(10_000));
    assert_eq!((state.last_seen(), effects.next_deadline), (Some(at(14_900)), Some(at(29_900))));
}

#[test]
fn silence_is_measured_by_what_the_node_was_told() {
    let large = Policy::for_fleet(Timers::default(), 20_000);
    let (state, _) = step(fixture(Live), beat(A, 11), at(0), large);
    // The fleet shrank, the node doesn't know yet.
    let (state, effects) = step(state, due(0), at(59_999), POLICY);
    assert_eq!((state.liveness(), effects.next_deadline), (Live, Some(at(60_000))));
    let (state, effects) = step(state, due(0), at(60_000), POLICY);
    assert_eq!((state.liveness(), effects.next_deadline), (Stale, Some(at(120_000))));
    let (state, effects) = step(state, beat(A, 12), at(61_000), POLICY);
    assert_eq!((state.told(), effects.next_deadline), (POLICY, Some(at(76_000))));
}

#[test]
fn timers_follow_the_fleet() {
    let timers = Timers::default();
    let policy = |nodes| {
        let Policy { interval_ms, stale_after_ms, offline_after_ms } = Policy::for_fleet(timers, nodes);
        (interval_ms, stale_after_ms, offline_after_ms)
    };
    assert_eq!(policy(0), (5_000, 15_000, 30_000));
    assert_eq!(policy(5_000), (5_000, 15_000, 30_000));
    assert_eq!(policy(5_001), (5_001, 15_003, 30_006));
    assert_eq!(policy(10_000), (10_000, 30_000, 60_000));
    assert_eq!(policy(60_000), (60_000, 180_000, 360_000));
    assert_eq!(policy(u64::MAX), (60_000, 180_000, 360_000));
    let long = Timers { interval_ms: 90_000, stale_after_ms: 500_000, offline_after_ms: 400_000 };
    let expected = Policy { interval_ms: 60_000, stale_after_ms: 500_000, offline_after_ms: 500_000 };
    assert_eq!(Policy::for_fleet(long, 1), expected, "never offline before stale");
    let zero = Timers { interval_ms: 0, stale_after_ms: 0, offline_after_ms: 0 };
    let expected = Policy { interval_ms: 1, stale_after_ms: 3, offline_after_ms: 6 };
    assert_eq!(Policy::for_fleet(zero, 0), expected);
    assert_eq!(POLICY.restart_grace_ms(), 45_000);
}

#[test]
fn a_state_is_small() {
    assert!(size_of::<State>() <= 160, "{}", size_of::<State>());
}
