//! Drains, of maintenance and of Disable.

use common::heartbeat::DesiredState;
use common::intent::{Drain, DrainPhase, OnDeadline};

use super::*;

fn drain(phase: DrainPhase) -> Drain {
    Drain {
        phase,
        desired: DesiredState::Maintenance,
        requested_at: NOW.before(900_000),
        delivered_at: None,
        acknowledged_at: Some(NOW.before(600_000)),
        drained_at: None,
        started_with: Some(9),
        left: Some(4),
        longest_seconds: Some(700),
        eta: None,
        no_end_since: Some(NOW.before(600_000)),
        took_new_at: None,
        deadline: Some(NOW.before(5_000)),
        on_deadline: OnDeadline::Hold,
    }
}

#[test]
fn drains_that_need_somebody() {
    let code = |d: Drain, liveness| {
        let f = with(|n| (n.drain, n.liveness) = (Some(d), liveness));
        found(&f).into_iter().find(|p| p.code.as_str().starts_with("drain")).map(|p| p.code)
    };
    let live = Liveness::Live;
    assert_eq!(code(drain(DrainPhase::Requested), live), Some(OpenProblemCode::DrainNotObeyed));
    assert_eq!(code(drain(DrainPhase::Delivered), Liveness::Offline), None);
    let fresh = Drain { requested_at: NOW.before(59_999), ..drain(DrainPhase::Delivered) };
    assert_eq!(code(fresh, live), None);
    assert_eq!(code(drain(DrainPhase::Draining), live), Some(OpenProblemCode::DrainStalled));
    // An expectation that rests on ends of long ago is none.
    let paced = Drain { eta: Some(NOW.later(9)), ..drain(DrainPhase::Draining) };
    assert_eq!(code(paced, live), Some(OpenProblemCode::DrainStalled));
    let moving = Drain { no_end_since: Some(NOW.before(599_999)), ..drain(DrainPhase::Draining) };
    assert_eq!(code(moving, live), None);
    assert_eq!(code(drain(DrainPhase::Drained), live), None);
    assert_eq!(code(drain(DrainPhase::DeadlineReached), live), Some(OpenProblemCode::DrainDeadline));
    assert_eq!(code(drain(DrainPhase::NodeLost), Liveness::Offline), Some(OpenProblemCode::DrainNodeLost));
    let p = one(&with(|n| n.drain = Some(drain(DrainPhase::DeadlineReached))));
    assert_eq!(
        (p.count, p.since, p.evidence.until),
        (Some(4), Some(NOW.before(5_000)), Some(NOW.before(5_000)))
    );
}

#[test]
fn disable_drains_too() {
    let codes = |phase, word, liveness, left| {
        let f = with(|n| {
            (n.intent, n.word, n.liveness) = (IntentState::Disabled, word, liveness);
            n.drain = Some(Drain { desired: DesiredState::Drain, left, ..drain(phase) });
        });
        found(&f).into_iter().map(|p| p.code).collect::<Vec<_>>()
    };
    let draining = |phase| codes(phase, StatusWord::Draining, Liveness::Live, Some(4));
    assert_eq!(draining(DrainPhase::Requested), [OpenProblemCode::DrainNotObeyed]);
    assert_eq!(draining(DrainPhase::Draining), [OpenProblemCode::DrainStalled]);
    assert_eq!(draining(DrainPhase::DeadlineReached), [OpenProblemCode::DrainDeadline]);
    let gone = |phase, liveness, left| codes(phase, StatusWord::Disabled, liveness, left);
    let lost = DrainPhase::NodeLost;
    assert_eq!(gone(lost, Liveness::Offline, Some(4)), [OpenProblemCode::DrainNodeLost]);
    // It went as it was asked to: drained, at zero, in good order, or without ever telling of work.
    for (phase, liveness, left) in [
        (DrainPhase::Drained, Liveness::Left, Some(0)),
        (DrainPhase::Drained, Liveness::Offline, Some(0)),
        (lost, Liveness::Offline, Some(0)),
        (lost, Liveness::Offline, None),
        (lost, Liveness::Left, Some(4)),
        (DrainPhase::Requested, Liveness::Offline, Some(4)),
    ] {
        assert_eq!(gone(phase, liveness, left), [], "{phase:?} {liveness:?} {left:?}");
    }
    // Without work and still there: one problem, not two.
    let told = gone(DrainPhase::Delivered, Liveness::Live, Some(0));
    assert_eq!(told, [OpenProblemCode::StillReporting]);
    // Nobody is told for ever of what cannot be mended.
    let old = with(|n| {
        (n.intent, n.liveness, n.since) =
            (IntentState::Disabled, Liveness::Offline, NOW.before(24 * 3_600_000));
        n.drain = Some(drain(lost));
    });
    assert_eq!(found(&old), []);
}

#[test]
fn new_work_after_a_drain_was_obeyed() {
    for intent in [IntentState::Maintenance, IntentState::Disabled] {
        let at = NOW.before(3_000);
        let taking = Drain {
            took_new_at: Some(at),
            no_end_since: Some(NOW.before(9_000)),
            ..drain(DrainPhase::Draining)
        };
        let mut f = with(|n| (n.intent, n.word, n.drain) = (intent, StatusWord::Draining, Some(taking)));
        let p = one(&f);
        assert_eq!((p.code, p.count, p.since), (OpenProblemCode::DrainTookNew, Some(4), Some(at)));
        f.nodes[0].liveness = Liveness::Unconfirmed;
        assert_eq!(found(&f), []);
    }
}
