//! Of the models of calls.

use super::*;

fn s(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn never_above_the_maximum_and_never_still() {
    for (seed, max) in [(1, 1), (2, 5), (3, 25), (4, 200)] {
        let mut work = Work::demo(NodeKind::Backend, Some(max), seed);
        let mut seen = std::collections::BTreeSet::new();
        for t in 0..1200 {
            work.advance(s(t), true);
            let figures = work.sessions(s(t)).unwrap();
            let sum = figures.phone.unwrap() + figures.web.unwrap();
            assert!(sum <= max, "{sum} of {max}");
            assert_eq!(figures.max, Some(max));
            assert_eq!(figures.age_seconds.len(), usize::try_from(sum).unwrap());
            assert!(figures.age_seconds.is_sorted_by(|a, b| a >= b));
            seen.insert(sum);
        }
        assert!(seen.len() > 1, "max {max} stood still");
    }
}

#[test]
fn same_seed_same_calls_however_often_one_looks() {
    for kind in [NodeKind::Backend, NodeKind::Proxy] {
        let report = |step: u64, seed| {
            let mut work = Work::demo(kind, Some(30), seed);
            (0..=600).step_by(usize::try_from(step).unwrap()).for_each(|t| work.advance(s(t), true));
            (work.sessions(s(600)), work.outbound(s(600)))
        };
        assert_eq!(report(1, 7), report(1, 7));
        assert_eq!(report(1, 7), report(60, 7), "{kind:?}");
        let many: Vec<_> = (0..8).map(|seed| report(5, seed)).collect();
        assert!(many.iter().any(|r| *r != many[0]), "the seed changes nothing");
    }
}

#[test]
fn closed_entrances_let_the_rest_end() {
    for kind in [NodeKind::Backend, NodeKind::Proxy] {
        let mut work = Work::demo(kind, Some(20), 11);
        work.advance(s(120), true);
        assert!(!work.is_idle(), "{kind:?} has no work after two minutes");
        let total = |w: &Work, t| match kind {
            NodeKind::Backend => w.sessions(s(t)).map_or(0, |f| f.phone.unwrap() + f.web.unwrap()),
            _ => w.outbound(s(t)).map_or(0, |f| f.processing.unwrap() + f.pending.unwrap()),
        };
        let mut last = total(&work, 120);
        for t in 121..1200 {
            work.advance(s(t), false);
            assert!(total(&work, t) <= last, "{kind:?} took a call while closed");
            last = total(&work, t);
        }
        assert!(work.is_idle(), "{kind:?} still has {last}");
    }
}

#[test]
fn a_proxy_queues_and_says_how_long() {
    let (mut queued, mut empty) = (false, false);
    let mut work = Work::demo(NodeKind::Proxy, Some(8), 5);
    for t in 0..1200 {
        work.advance(s(t), true);
        let f = work.outbound(s(t)).unwrap();
        assert!(f.processing.unwrap() <= 8);
        assert_eq!(f.pending == Some(0), f.oldest_pending_seconds.is_none());
        assert!(f.pending == Some(0) || f.processing == Some(8), "waits while a line is free");
        queued |= f.pending > Some(3);
        empty |= f.pending == Some(0);
    }
    assert!(queued && empty);
}

#[test]
fn no_calls_is_a_measured_zero_where_there_is_something_to_count() {
    let backend = Work::none(NodeKind::Backend, None);
    let f = backend.sessions(s(1)).unwrap();
    assert_eq!((f.phone, f.web, f.max), (Some(0), Some(0), None));
    assert!(backend.outbound(s(1)).is_none() && backend.is_idle());
    assert_eq!(Work::none(NodeKind::Proxy, None).outbound(s(1)).unwrap().pending, Some(0));
    let background = Work::demo(NodeKind::Background, None, 1);
    assert!(background.sessions(s(1)).is_none() && background.outbound(s(1)).is_none());
}

#[test]
fn a_long_sleep_of_the_machine_is_not_made_up_for() {
    let mut work = Work::demo(NodeKind::Backend, Some(1000), 3);
    work.advance(s(10), true);
    work.advance(s(10_000_000), true);
    assert!(work.load() <= 1.0 && !work.is_idle());
}

#[test]
fn steady_calls_are_replaced_until_the_entrances_close() {
    for kind in [NodeKind::Backend, NodeKind::Proxy] {
        let mut work = Work::steady(kind, Some(10), 4, (s(3), s(6)), 1);
        for t in 0..60 {
            work.advance(s(t), true);
            assert_eq!(work.calls(), 4, "{kind:?} at {t}");
        }
        if let Some(f) = work.sessions(s(59)) {
            assert!(f.age_seconds.len() == 4 && f.age_seconds.is_sorted_by(|a, b| a >= b));
            assert!(f.age_seconds.iter().all(|age| *age <= 6), "{f:?}");
        }
        let left: Vec<_> = (60..67)
            .map(|t| {
                work.advance(s(t), false);
                work.calls()
            })
            .collect();
        assert!(left.is_sorted_by(|a, b| a >= b) && work.is_idle(), "{left:?}");
        work.advance(s(70), true);
        assert_eq!(work.calls(), 4, "it takes calls again");
        assert_eq!((work.end_all(), work.calls()), (4, 0));
        let mut small = Work::steady(kind, Some(2), 4, (s(3), s(6)), 1);
        small.advance(s(1), true);
        assert_eq!(small.calls(), 2, "never above the maximum");
    }
}

#[test]
fn what_nobody_counts_is_not_zero() {
    let f = Work::unknown(NodeKind::Backend, Some(25)).sessions(s(1)).unwrap();
    assert_eq!((f.phone, f.web, f.max), (None, None, Some(25)));
    assert!(Work::unknown(NodeKind::Proxy, None).outbound(s(1)).is_none());
}
