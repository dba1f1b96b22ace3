//! The wheel against a map, and its corners one by one.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Where the test's clock starts.
const START: Mono = Mono(1_000_000_000);

fn earlier(now: Mono, ms: u64) -> Mono {
    Mono(now.0 - ms)
}

fn wheel(slot_ms: u64) -> Deadlines {
    Deadlines::new(START, slot_ms)
}

fn at(ms: u64) -> Mono {
    START.after(ms)
}

fn pop(wheel: &mut Deadlines, now: Mono) -> Vec<u32> {
    let mut due = Vec::new();
    wheel.pop_due(now, &mut due);
    due
}

#[test]
fn never_early_and_late_by_less_than_a_slot() {
    let mut wheel = wheel(16);
    for (key, ms) in (0..64).zip(0..) {
        wheel.schedule(key, at(ms));
    }
    let mut popped = 0;
    for now in 0..80 {
        for key in pop(&mut wheel, at(now)) {
            let late = now.checked_sub(u64::from(key)).expect("never early");
            assert!(late < 16, "{key} late by {late}");
            popped += 1;
        }
    }
    assert_eq!((popped, wheel.len(), wheel.next()), (64, 0, None));
}

#[test]
fn in_order_of_their_deadlines_whatever_the_slot() {
    let mut wheel = wheel(100);
    for (key, ms) in [(4, 950), (1, 130), (9, 120), (3, 120), (2, 900_000_000), (7, 110)] {
        wheel.schedule(key, at(ms));
    }
    assert_eq!(pop(&mut wheel, at(1_000)), [7, 3, 9, 1, 4]);
    assert_eq!(wheel.next(), Some(at(900_000_000)));
    assert_eq!(pop(&mut wheel, at(900_000_000)), [2]);
}

#[test]
fn rescheduling_replaces_and_cancelling_removes() {
    let mut wheel = wheel(10);
    wheel.schedule(5, at(100));
    wheel.schedule(5, at(200));
    wheel.schedule(6, at(100));
    wheel.cancel(6);
    wheel.cancel(6);
    wheel.cancel(77);
    assert_eq!(wheel.len(), 1);
    assert!(pop(&mut wheel, at(199)).is_empty());
    assert_eq!(pop(&mut wheel, at(200)), [5]);
    assert!(wheel.is_empty());
}

#[test]
fn the_past_is_due_at_once_even_when_the_clock_stands_still() {
    let mut wheel = wheel(10);
    assert!(pop(&mut wheel, at(1_005)).is_empty());
    for key in 0..3 {
        wheel.schedule(key, Mono(u64::from(key)));
        wheel.schedule(key + 10, at(1_000));
    }
    assert!(wheel.next() <= Some(at(1_005)));
    assert_eq!(pop(&mut wheel, at(1_005)), [0, 1, 2, 10, 11, 12]);
    assert!(pop(&mut wheel, at(1_005)).is_empty());
    wheel.schedule(1, at(1_000));
    assert_eq!(pop(&mut wheel, at(900)), [1], "an earlier `now` counts as the latest one");
}

#[test]
fn the_end_of_time_can_be_waited_for() {
    let mut wheel = Deadlines::new(Mono(u64::MAX - 50), 1);
    wheel.schedule(0, Mono(u64::MAX));
    wheel.schedule(1, Mono(u64::MAX - 1));
    assert_eq!(pop(&mut wheel, Mono(u64::MAX - 1)), [1]);
    assert_eq!(pop(&mut wheel, Mono(u64::MAX)), [0]);
    let mut zero = Deadlines::new(Mono(0), 0);
    zero.schedule(0, Mono(u64::MAX));
    assert_eq!(zero.next(), Some(Mono(u64::MAX)));
    assert!(pop(&mut zero, Mono(1)).is_empty());
    assert_eq!(pop(&mut zero, Mono(u64::MAX)), [0]);
}

#[test]
fn memory_per_key_is_fixed() {
    assert_eq!(size_of::<Entry>(), 24);
}

#[derive(Debug, Clone, Copy)]
enum Op {
    Schedule { key: u32, ahead: i64 },
    Cancel { key: u32 },
    Pop { pause: u64 },
    PopNext,
}

fn ops() -> impl Strategy<Value = Op> {
    let ahead = prop_oneof![
        4 => 0..300_i64,
        2 => -50..50_i64,
        2 => 8_000..8_500_i64,
        1 => 0..3_000_000_i64,
        1 => -1_000_000..0_i64,
        1 => Just(1 << 50),
    ];
    let pause = prop_oneof![2 => Just(0), 4 => 0..200_u64, 1 => 8_000..8_500_u64, 1 => 0..4_000_000_u64];
    prop_oneof![
        8 => (0..24_u32, ahead).prop_map(|(key, ahead)| Op::Schedule { key, ahead }),
        2 => (0..26_u32).prop_map(|key| Op::Cancel { key }),
        3 => pause.prop_map(|pause| Op::Pop { pause }),
        2 => Just(Op::PopNext),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The wheel holds what the map holds. What it pops has come; what it keeps has not, or came within the
    /// last slot; and `next` is exactly the first instant at which something pops.
    #[test]
    fn the_wheel_is_a_map(
        walk in proptest::collection::vec(ops(), 1..120),
        slot_ms in prop_oneof![Just(1_u64), Just(7), Just(10), Just(100)],
    ) {
        let mut now = START;
        let mut wheel = Deadlines::new(now, slot_ms);
        let mut map: BTreeMap<u32, Mono> = BTreeMap::new();
        for op in walk {
            match op {
                Op::Schedule { key, ahead } => {
                    let at = Mono(now.0.saturating_add_signed(ahead));
                    wheel.schedule(key, at);
                    map.insert(key, at);
                }
                Op::Cancel { key } => {
                    wheel.cancel(key);
                    map.remove(&key);
                }
                Op::Pop { .. } | Op::PopNext => {
                    let next = wheel.next();
                    prop_assert_eq!(next.is_some(), !map.is_empty());
                    let until = match (op, next) {
                        (Op::Pop { pause }, _) => now.after(pause),
                        (_, Some(next)) => next.max(now),
                        _ => now,
                    };
                    if let Some(just_before) = next.map(|next| earlier(next, 1)).filter(|it| *it >= now) {
                        prop_assert!(just_before >= until || pop(&mut wheel, just_before).is_empty());
                    }
                    now = until;
                    let due = pop(&mut wheel, now);
                    prop_assert_eq!(next.is_some_and(|next| next <= now), !due.is_empty());
                    let mut last = (Mono(0), 0);
                    for key in due {
                        let at = map.remove(&key).expect("popped once, and only what is there");
                        prop_assert!(at <= now, "early");
                        prop_assert!(last <= (at, key), "out of order");
                        last = (at, key);
                    }
                    for at in map.values() {
                        prop_assert!(at.after(slot_ms) > now, "late by a slot or more");
                    }
                }
            }
            prop_assert_eq!(wheel.len(), map.len());
        }
    }
}
