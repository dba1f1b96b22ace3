//! Guards against the last node, too few slots, and what else a change brings.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const STOP: Change = Change::Stop { force: false };

fn fact(n: u128, region: &str, kind: NodeKind) -> Fact {
    Fact {
        id: NodeId(Uuid::from_u128(n)),
        region: Some(RegionId::from(region)),
        kind,
        liveness: Liveness::Live,
        intent: IntentState::Active,
        accepting: true,
        work: Some(0),
        processing: None,
        longest_seconds: None,
        slots: Some(10),
        draining: false,
        returned: true,
    }
}

fn backend(n: u128, work: u32) -> Fact {
    Fact { work: Some(work), ..fact(n, "OM-MCT", NodeKind::Backend) }
}

fn silent(f: Fact, liveness: Liveness) -> Fact {
    Fact { liveness, accepting: false, ..f }
}

/// Codes with level and count of doing `change` to the nodes of these numbers.
fn found(facts: &[Fact], to: &[u128], change: Change) -> Vec<(EffectCode, EffectLevel, Option<u32>)> {
    let ids: Vec<NodeId> = to.iter().map(|n| NodeId(Uuid::from_u128(*n))).collect();
    effects(facts, |f| if ids.contains(&f.id) { change } else { Change::None })
        .into_iter()
        .map(|e| (e.code, e.level, e.count))
        .collect()
}

#[test]
fn the_last_of_its_kind() {
    use EffectLevel::Block;
    let one = [backend(1, 0), fact(2, "OM-MCT", NodeKind::Proxy)];
    assert_eq!(found(&one, &[1], STOP), [(EffectCode::LastLive, Block, Some(1))]);
    assert_eq!(found(&one, &[1, 2], STOP).len(), 2, "both kinds");
    let two = [backend(1, 0), backend(2, 0)];
    assert_eq!(found(&two, &[1], STOP), []);
    assert_eq!(found(&two, &[1, 2], STOP), [(EffectCode::LastLive, Block, Some(2))], "the whole set at once");
    // One that is silent, in maintenance, or of another region is no help.
    for other in [
        silent(backend(2, 0), Liveness::Stale),
        Fact { accepting: false, intent: IntentState::Maintenance, ..backend(2, 0) },
        fact(2, "OM-SLL", NodeKind::Backend),
        fact(2, "OM-MCT", NodeKind::Proxy),
    ] {
        let facts = [backend(1, 0), other];
        assert_eq!(found(&facts, &[1], STOP), [(EffectCode::LastLive, Block, Some(1))]);
    }
    // One that takes no work now takes nothing away.
    let quiet = [Fact { accepting: false, ..backend(1, 0) }];
    assert_eq!(found(&quiet, &[1], STOP), []);
    assert_eq!(found(&one, &[1], Change::None), []);
    let background = [Fact { region: None, ..fact(1, "X", NodeKind::Background) }];
    assert_eq!(found(&background, &[1], STOP), []);
}

#[test]
fn room_for_the_conversations_of_now() {
    let facts = |work: u32, slots: Option<u32>| [backend(1, work), Fact { slots, ..backend(2, 4) }];
    let code = |work, slots| found(&facts(work, slots), &[1], STOP);
    assert_eq!(code(7, Some(10)), [(EffectCode::HeadroomShort, EffectLevel::Block, Some(10))]);
    assert_eq!(code(6, Some(10)), [(EffectCode::HeadroomTight, EffectLevel::Warn, Some(10))]);
    assert_eq!(code(5, Some(10)), [(EffectCode::HeadroomTight, EffectLevel::Warn, Some(10))], "10 < 1.2 × 9");
    assert_eq!(code(6, Some(12)), [], "exactly 1.2 times");
    assert_eq!(code(60, None), [], "nothing is known of the room");
    // Conversations of a node that drains already count too; those of a silent one do not.
    let draining = Fact { accepting: false, draining: true, ..backend(3, 8) };
    let with = [backend(1, 1), backend(2, 4), draining];
    let codes: Vec<_> = found(&with, &[1], STOP).into_iter().map(|e| e.0).collect();
    assert_eq!(codes, [EffectCode::HeadroomShort, EffectCode::AnotherDrain]);
    let with = [backend(1, 1), backend(2, 4), silent(backend(3, 8), Liveness::Offline)];
    assert_eq!(found(&with, &[1], STOP), []);
}

#[test]
fn who_cannot_be_judged_may_be_the_last() {
    let blind = |n| silent(backend(n, 1), Liveness::Unconfirmed);
    let both = found(&[blind(1), blind(2)], &[1, 2], STOP);
    assert_eq!(both[0], (EffectCode::LastLive, EffectLevel::Block, Some(2)));
    assert_eq!(found(&[blind(1), blind(2)], &[1], STOP)[0].1, EffectLevel::Block, "the other is no help");
    assert!(found(&[blind(1), backend(2, 0)], &[1], STOP).iter().all(|e| e.1 < EffectLevel::Block));
    let out = Fact { intent: IntentState::Disabled, ..blind(1) };
    assert!(found(&[out], &[1], STOP).iter().all(|e| e.1 < EffectLevel::Block), "it takes nothing as it is");
}

#[test]
fn what_concerns_the_nodes_themselves() {
    let facts = [
        backend(1, 3),
        backend(2, 0),
        Fact { slots: Some(100), ..backend(5, 0) },
        silent(backend(3, 5), Liveness::Offline),
        silent(backend(4, 5), Liveness::Unconfirmed),
    ];
    let codes = |to: &[u128], change| found(&facts, to, change);
    assert_eq!(codes(&[3], STOP), [(EffectCode::NotLive, EffectLevel::Info, Some(1))]);
    assert_eq!(codes(&[4], STOP), [(EffectCode::Unjudgeable, EffectLevel::Warn, Some(1))]);
    assert_eq!(codes(&[1], Change::Shutdown { immediate: false }), []);
    let ends = [(EffectCode::EndsSessions, EffectLevel::Warn, Some(3))];
    assert_eq!(codes(&[1], Change::Shutdown { immediate: true }), ends);
    assert_eq!(codes(&[1], Change::Stop { force: true }), ends);
    let unproven = [Fact { returned: false, ..backend(1, 0) }, backend(2, 0)];
    assert_eq!(
        found(&unproven, &[1], Change::Shutdown { immediate: false }),
        [(EffectCode::NoRestartSeen, EffectLevel::Warn, Some(1))]
    );
    assert_eq!(found(&unproven, &[1], STOP), []);
}

#[test]
fn blockers_are_named_by_guard_and_place() {
    let facts = [backend(1, 0), fact(2, "OM-SLL", NodeKind::Proxy)];
    let all = effects(&facts, |_| STOP);
    let named = blockers(&all);
    assert_eq!(named.len(), 2);
    assert!(named.contains(&(EffectCode::LastLive, Some(RegionId::from("OM-SLL")), Some(NodeKind::Proxy))));
    assert!(all.iter().all(|e| !e.detail.is_empty()));
}

proptest! {
    #[test]
    fn nothing_is_refused_that_takes_nothing(
        nodes in prop::collection::vec((any::<bool>(), 0..20_u32, any::<bool>(), any::<bool>()), 1..12),
    ) {
        let facts: Vec<Fact> = nodes
            .iter()
            .zip(1..)
            .map(|((accepting, work, proxy, _), n)| {
                let kind = if *proxy { NodeKind::Proxy } else { NodeKind::Backend };
                Fact { accepting: *accepting, work: Some(*work), ..fact(n, "OM-MCT", kind) }
            })
            .collect();
        let hit = |f: &Fact| nodes[usize::try_from(f.id.0.as_u128()).unwrap() - 1].3;
        let all = effects(&facts, |f| if hit(f) { STOP } else { Change::None });
        let taken = facts.iter().any(|f| f.accepting && hit(f));
        prop_assert!(taken || blockers(&all).is_empty());
        // Worst first.
        prop_assert!(all.windows(2).all(|w| w[0].level >= w[1].level));
        // A kind that keeps nobody is always refused.
        for kind in [NodeKind::Proxy, NodeKind::Backend] {
            let of = |f: &&Fact| f.kind == kind && f.accepting;
            let gone = facts.iter().filter(of).count() > 0 && facts.iter().filter(of).all(hit);
            let blocked = all.iter().any(|e| e.code == EffectCode::LastLive && e.kind == Some(kind));
            prop_assert_eq!(gone, blocked);
        }
    }
}
