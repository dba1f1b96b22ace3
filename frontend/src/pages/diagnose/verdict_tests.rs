use common::ids::RegionId;
use common::node::NodeKind;
use common::overview::Rejection;
use common::time::Timestamp;

use super::*;

pub(in crate::pages::diagnose) const AT: Timestamp = Timestamp(10_000_000);

pub(in crate::pages::diagnose) fn facts() -> Facts {
    Facts {
        id: "0198f6a2-0000-7000-8000-000000000001".parse().unwrap(),
        name: "10.1.0.3:5001".into(),
        kind: NodeKind::Proxy,
        region: Some(RegionId::from("US-EAST")),
        endpoint: "10.1.0.3:5001".into(),
        word: StatusWord::Offline,
        inherited: None,
        quiet: false,
        liveness: Liveness::Offline,
        since: AT.before(60_000),
        created_at: AT.before(6_000_000),
        last: Some(AT.before(90_000)),
        interval_ms: 5_000,
        version: Some("0.3.1".into()),
        clock_offset_ms: Some(200),
        clock_wrong: false,
        duplicate: None,
        expected: "41aa0000".into(),
        boot: Some("b41f".into()),
        boots: 1,
        asked: None,
        refusals: Vec::new(),
        stranger: None,
        others: (5, 6),
        doubt: None,
        now: AT,
    }
}

pub(in crate::pages::diagnose) fn refused(reason: &str, ago: u64) -> Rejection {
    Rejection {
        reason: reason.into(),
        node_id: None,
        claimed_node: Some("0198f6a2-0000-7000-8000-000000000001".into()),
        claimed_region: Some("OM-MCT".into()),
        claimed_kind: Some("backend".into()),
        source: "10.1.0.3".into(),
        fingerprint: Some("9f2c0000".into()),
        first_at: AT.before(ago + 40_000),
        last_at: AT.before(ago),
        count: 38,
    }
}

fn given(change: impl FnOnce(&mut Facts)) -> Verdict {
    let mut f = facts();
    change(&mut f);
    verdict(&f)
}

fn asked() -> Asked {
    Asked { by: "huda@example.com".into(), at: AT.before(95_000) }
}

#[test]
fn silence_alone() {
    assert_eq!(given(|_| ()), Verdict::Stopped);
    assert_eq!(given(|f| f.liveness = Liveness::Stale), Verdict::Late);
    assert_eq!(
        given(|f| {
            f.liveness = Liveness::NeverSeen;
            f.last = None;
        }),
        Verdict::NeverContacted
    );
}

#[test]
fn a_refusal_says_why_and_what_was_presented() {
    for (reason, expected) in [
        ("unknown_secret", Verdict::WrongSecret(Some("9f2c0000".into()))),
        ("region_mismatch", Verdict::RegionMismatch(Some("OM-MCT".into()))),
        ("kind_mismatch", Verdict::KindMismatch(Some("backend".into()))),
        ("node_mismatch", Verdict::NodeMismatch(Some("0198f6a2-0000-7000-8000-000000000001".into()))),
        ("node_deleted", Verdict::Deleted),
        ("too_fast", Verdict::RateLimited),
        ("invalid_heartbeat", Verdict::BodyRejected),
        ("body_too_large", Verdict::BodyRejected),
        ("something_new", Verdict::Refused("something_new".into())),
    ] {
        let found = given(|f| f.refusals = vec![refused(reason, 1_000)]);
        assert_eq!(found, expected, "{reason}");
        assert!(found.arrives() && !found.expected(), "{reason}");
    }
}

#[test]
fn only_the_newest_refusal_since_the_last_heartbeat_counts() {
    let both =
        given(|f| f.refusals = vec![refused("region_mismatch", 1_000), refused("unknown_secret", 9_000)]);
    assert!(matches!(both, Verdict::RegionMismatch(_)));
    // It was refused, then accepted, and then fell silent: the refusal is over.
    assert_eq!(given(|f| f.refusals = vec![refused("unknown_secret", 100_000)]), Verdict::Stopped);
    // Never accepted: whatever was refused is the reason.
    let never = given(|f| {
        (f.last, f.liveness) = (None, Liveness::NeverSeen);
        f.refusals = vec![refused("unknown_secret", 800_000)];
    });
    assert!(matches!(never, Verdict::WrongSecret(_)));
}

#[test]
fn a_node_that_beats_is_fine_whatever_was_refused() {
    let live = |change: fn(&mut Facts)| {
        given(|f| {
            (f.liveness, f.word) = (Liveness::Live, StatusWord::Online);
            change(f);
        })
    };
    assert_eq!(live(|_| ()), Verdict::Fine);
    assert_eq!(live(|f| f.refusals = vec![refused("unknown_secret", 1)]), Verdict::Fine);
    assert_eq!(live(|f| f.doubt = Some(CollectingReason::Restart)), Verdict::Fine);
    assert_eq!(live(|f| f.word = StatusWord::Maintenance), Verdict::Fine);
    assert_eq!(live(|f| f.clock_offset_ms = Some(-5_001)), Verdict::ClockSkew(-5_001));
    assert_eq!(live(|f| f.clock_offset_ms = Some(5_000)), Verdict::Fine);
    assert_eq!(live(|f| f.clock_wrong = true), Verdict::ClockSkew(200), "the server's own limit counts");
    // Which of two processes has the wrong clock is not known.
    assert_eq!(
        live(|f| {
            f.duplicate = Some("two boots".into());
            f.clock_offset_ms = Some(60_000);
        }),
        Verdict::Duplicate
    );
}

#[test]
fn doubt_of_ourselves_comes_before_blame() {
    let late = Verdict::ConsoleLate(CollectingReason::Restart);
    assert_eq!(given(|f| f.doubt = Some(CollectingReason::Restart)), late);
    let with_refusal = given(|f| {
        f.doubt = Some(CollectingReason::Restart);
        f.refusals = vec![refused("unknown_secret", 1)];
    });
    assert_eq!(with_refusal, late);
    // Whether it was ever heard is no matter of judging silence.
    let never = given(|f| {
        f.doubt = Some(CollectingReason::Restart);
        (f.last, f.liveness) = (None, Liveness::NeverSeen);
    });
    assert_eq!(never, Verdict::NeverContacted);
}

#[test]
fn what_an_operator_asked_for_is_expected() {
    let disabled = given(|f| {
        (f.word, f.inherited) = (StatusWord::Disabled, Some(InheritedFrom::Region));
        f.refusals = vec![refused("unknown_secret", 1)];
    });
    assert_eq!(disabled, Verdict::Disabled(Some(InheritedFrom::Region)));
    let back_soon = given(|f| {
        (f.word, f.asked) = (StatusWord::Restarting, Some(asked()));
    });
    assert_eq!(back_soon, Verdict::Restarting(Some(asked())));
    assert!(disabled.expected() && back_soon.expected());
    let overdue = given(|f| f.asked = Some(asked()));
    assert_eq!(overdue, Verdict::NotReturned(asked()));
    assert!(!overdue.expected(), "it should be back");
    let with_wrong_file = given(|f| {
        f.asked = Some(asked());
        f.refusals = vec![refused("unknown_secret", 1)];
    });
    assert!(matches!(with_wrong_file, Verdict::WrongSecret(_)), "it came back with another file");
}

#[test]
fn a_goodbye() {
    let left = |change: fn(&mut Facts)| {
        given(|f| {
            f.liveness = Liveness::Left;
            change(f);
        })
    };
    assert_eq!(left(|_| ()), Verdict::Left);
    assert_eq!(left(|f| f.quiet = true), Verdict::LeftInMaintenance);
    assert_eq!(left(|f| f.asked = Some(asked())), Verdict::NotReturned(asked()));
    assert_eq!(left(|f| f.boots = 9), Verdict::Left, "who says goodbye did not crash");
}

#[test]
fn guesses_in_their_order() {
    assert_eq!(given(|f| f.boots = 2), Verdict::Stopped);
    assert_eq!(given(|f| f.boots = 3), Verdict::Crashed(3));
    assert_eq!(given(|f| f.others = (0, 5)), Verdict::RegionSilent(6));
    assert_eq!(given(|f| f.others = (0, 0)), Verdict::Stopped, "alone in its region");
    assert_eq!(given(|f| (f.others, f.boots) = ((0, 5), 4)), Verdict::Crashed(4));
    let stranger = given(|f| {
        f.stranger = Some(Rejection { claimed_node: Some("px-7".into()), ..refused("unknown_secret", 1) });
        f.boots = 5;
    });
    assert_eq!(stranger, Verdict::UnknownNode(Some("px-7".into())));
}

#[test]
fn every_verdict_has_one_thing_to_do() {
    use Verdict as V;
    for (verdict, act) in [
        (V::Fine, Act::None),
        (V::ClockSkew(1), Act::Clock),
        (V::Duplicate, Act::Snippet),
        (V::ConsoleLate(CollectingReason::Restart), Act::Wait),
        (V::Disabled(None), Act::Enable),
        (V::WrongSecret(None), Act::Rotate),
        (V::UnknownNode(None), Act::Unregistered),
        (V::Deleted, Act::Snippet),
        (V::BodyRejected, Act::Server),
        (V::Restarting(None), Act::Wait),
        (V::Left, Act::Server),
        (V::NeverContacted, Act::Network),
        (V::RegionSilent(2), Act::Network),
        (V::Late, Act::Wait),
        (V::Stopped, Act::Server),
    ] {
        assert_eq!(verdict.act(), act, "{verdict:?}");
    }
    assert!(!V::NeverContacted.arrives() && !V::Stopped.arrives());
    assert!(V::WrongSecret(None).same_sort(&V::WrongSecret(Some("x".into()))));
    assert!(!V::WrongSecret(None).same_sort(&V::Deleted));
}
