//! What is remembered from one look to the next.

use common::overview::OpenProblemCode;

use super::super::problem;
use super::*;

fn at(s: i64) -> Timestamp {
    Timestamp(1_000_000_000 + s * 1000)
}

fn warn(id: &str) -> OpenProblem {
    problem(id.to_owned(), OpenProblemCode::NodeStale, Severity::Warn)
}

fn bad(id: &str) -> OpenProblem {
    OpenProblem { severity: Severity::Bad, ..warn(id) }
}

fn shown(l: &Ledger) -> Vec<&str> {
    l.shown().map(|p| p.id.as_str()).collect()
}

fn cleared(l: &Ledger) -> Vec<&str> {
    l.cleared().iter().map(|p| p.id.as_str()).collect()
}

fn aside(id: &str, severity: Severity, until: Timestamp) -> SnoozeRecord {
    let snooze = Snooze { by: "a@b".into(), at: at(0), until, reason: "known".into() };
    SnoozeRecord { problem_id: id.into(), severity, snooze }
}

#[test]
fn worst_first_then_oldest_first() {
    let mut l = Ledger::default();
    let since = |p: OpenProblem, s| OpenProblem { since: Some(at(s)), ..p };
    l.settle(vec![since(warn("a"), 1), since(bad("b"), 9), since(bad("c"), 3), warn("d")], true, at(10));
    assert_eq!(shown(&l), ["c", "b", "a", "d"]);
    assert_eq!((l.counts().bad, l.counts().warn), (2, 2));
}

#[test]
fn what_has_no_start_began_when_it_was_first_seen() {
    let mut l = Ledger::default();
    l.settle(vec![warn("a")], true, at(10));
    l.settle(vec![warn("a")], true, at(20));
    assert_eq!(l.get("a").unwrap().since, Some(at(10)));
    // A start that is worked out anew and differs by a moment is the same; another is another.
    let since = |ms| vec![OpenProblem { since: Some(Timestamp(at(10).millis() + ms)), ..warn("a") }];
    l.settle(since(999), true, at(30));
    assert_eq!(l.get("a").unwrap().since, Some(at(10)));
    l.settle(since(1_000), true, at(40));
    assert_eq!(l.get("a").unwrap().since, Some(at(11)));
}

#[test]
fn what_is_over_can_be_read_for_a_minute() {
    let mut l = Ledger::default();
    l.settle(vec![warn("a"), warn("b")], true, at(0));
    l.settle(vec![warn("b")], true, at(10));
    assert_eq!((shown(&l), cleared(&l), l.last_cleared_at()), (vec!["b"], vec!["a"], Some(at(10))));
    assert_eq!(l.cleared()[0].cleared_at, Some(at(10)));
    l.settle(vec![], true, at(69));
    assert_eq!(cleared(&l), ["b", "a"]);
    l.settle(vec![], true, at(70));
    assert_eq!(cleared(&l), ["b"]);
    // What comes back is not over.
    l.settle(vec![warn("b")], true, at(71));
    assert_eq!((cleared(&l).len(), l.last_cleared_at()), (0, Some(at(69))));
}

#[test]
fn what_an_incident_stands_for_goes_without_a_word() {
    let folded = OpenProblem { incident_id: Some("i".into()), ..bad("a") };
    let mut l = Ledger::default();
    l.settle(vec![folded, bad("i")], true, at(0));
    assert_eq!((shown(&l), l.counts().bad, l.all().len()), (vec!["i"], 1, 2));
    l.settle(vec![], true, at(1));
    assert_eq!(cleared(&l), ["i"]);
}

#[test]
fn the_list_of_what_is_over_is_bounded() {
    let mut l = Ledger::default();
    l.settle((0..50).map(|i| warn(&format!("{i}"))).collect(), true, at(0));
    l.settle(vec![], true, at(1));
    assert_eq!(cleared(&l).len(), CLEARED_MAX);
}

#[test]
fn a_snooze_takes_a_problem_out_of_list_and_counts() {
    let mut l = Ledger::default();
    l.settle(vec![warn("a"), warn("b")], true, at(0));
    assert_eq!(l.snooze(aside("z", Severity::Warn, at(60))), None);
    let p = l.snooze(aside("a", Severity::Warn, at(60))).unwrap();
    assert_eq!(p.snoozed.unwrap().reason, "known");
    for _ in 0..2 {
        assert_eq!((shown(&l), l.counts().warn, l.counts().snoozed), (vec!["b"], 1, 1));
        l.settle(vec![warn("a"), warn("b")], true, at(1));
    }
    assert_eq!(l.unsnooze("a").unwrap().snoozed, None);
    assert_eq!((l.counts().warn, l.take_ended()), (2, vec![]));
}

#[test]
fn a_snooze_ends_with_its_time_or_when_things_get_worse() {
    let mut l = Ledger::default();
    l.settle(vec![warn("a"), warn("b"), bad("c")], true, at(0));
    l.snooze(aside("a", Severity::Warn, at(60)));
    l.snooze(aside("b", Severity::Warn, at(9_999)));
    l.snooze(aside("c", Severity::Bad, at(9_999)));
    // Better is no reason.
    l.settle(vec![warn("a"), bad("b"), warn("c")], true, at(59));
    assert_eq!(shown(&l), ["b"]);
    assert_eq!(l.take_ended(), ["b"]);
    l.settle(vec![warn("a"), bad("b"), warn("c")], true, at(60));
    assert_eq!(shown(&l), ["b", "a"]);
    assert_eq!(l.take_ended(), ["a"]);
}

#[test]
fn a_snooze_ends_when_its_problem_is_gone_for_good() {
    let mut l = Ledger::default();
    l.restore(vec![aside("a", Severity::Warn, at(9_999))]);
    // While we cannot judge, absence means nothing.
    l.settle(vec![], false, at(0));
    l.settle(vec![], false, at(500));
    l.settle(vec![], true, at(501));
    l.settle(vec![], true, at(620));
    assert!(l.snoozed("a").is_some());
    // Back within two minutes, it is still put aside, and nobody was told that it was over.
    l.settle(vec![warn("a")], true, at(620));
    assert_eq!((l.counts().snoozed, l.counts().warn), (1, 0));
    l.settle(vec![], true, at(700));
    assert_eq!(cleared(&l).len(), 0);
    // Read again, as where several servers share the database: it has been away since 700 nevertheless.
    l.restore(vec![aside("a", Severity::Warn, at(9_999))]);
    l.settle(vec![], true, at(819));
    assert!(l.snoozed("a").is_some());
    l.settle(vec![], true, at(820));
    assert_eq!(l.snoozed("a"), None);
    assert_eq!(l.take_ended(), ["a"]);
}
