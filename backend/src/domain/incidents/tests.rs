//! Who falls silent with whom.

use common::capacity::Capacity;
use common::status::Runtime;
use proptest::prelude::*;

use super::super::problems::tests::{NOW, facts, id, mct, node, refusal, region, silent};
use super::super::problems::{Facts, NodeFact, RegionFact, StorageFact};
use super::*;

const WINDOW: u64 = 30_000;

fn in_region(region: &str, n: NodeFact) -> NodeFact {
    NodeFact { region_id: Some(RegionId::from(region)), ..n }
}

fn at(f: Facts, ms: u64) -> Facts {
    Facts { now: NOW.later(ms), ..f }
}

fn first(f: &Facts) -> Vec<Incident> {
    Incidents::default().step(f).1
}

fn sizes(f: &Facts) -> Vec<(String, usize)> {
    first(f).iter().map(|i| (i.id(), i.members.len())).collect()
}

#[test]
fn three_of_many_or_two_of_few() {
    let of = |down: u128, up: u128| {
        let mut nodes: Vec<_> = (0..down).map(|n| silent(n + 1, 20_000)).collect();
        nodes.extend((0..up).map(|n| node(n + 100)));
        sizes(&facts(vec![], nodes)).first().map(|(_, n)| *n)
    };
    assert_eq!(of(1, 0), None);
    assert_eq!(of(1, 9), None);
    assert_eq!(of(2, 0), Some(2));
    assert_eq!(of(2, 2), Some(2));
    assert_eq!(of(2, 3), None);
    assert_eq!(of(3, 90), Some(3));
}

#[test]
fn only_what_fell_within_one_window() {
    let nodes = |ms: [u64; 3]| {
        let mut all: Vec<_> = ms.iter().zip(1..).map(|(ms, n)| silent(n, *ms)).collect();
        all.extend((10..20).map(node));
        facts(vec![], all)
    };
    assert_eq!(sizes(&nodes([50_000, 40_000, 20_000])), [("region_silent:OM-MCT".into(), 3)]);
    assert_eq!(sizes(&nodes([50_001, 40_000, 20_000])), []);
    // Who went long before stays a matter of its own.
    let mut old = nodes([50_000, 40_000, 20_000]);
    old.nodes.push(silent(9, 900_000));
    assert_eq!(sizes(&old), [("region_silent:OM-MCT".into(), 3)]);
}

#[test]
fn regions_disabled_and_restarting_nodes_do_not_mix() {
    let disabled = NodeFact { intent: IntentState::Disabled, ..silent(2, 20_000) };
    let restarting = NodeFact { word: StatusWord::Restarting, ..silent(3, 20_000) };
    let elsewhere = in_region("US-X", silent(4, 20_000));
    let background = NodeFact { region_id: None, ..silent(5, 20_000) };
    let fine = in_region("US-X", node(6));
    let all = vec![silent(1, 20_000), disabled, restarting, elsewhere, background, fine];
    assert_eq!(sizes(&facts(vec![], all)), []);
}

/// Three nodes by when each was last heard, in ms from [`NOW`]; `None` is alive. Twenty more are fine.
fn three(heard: [Option<i64>; 3]) -> Facts {
    let of = |(heard, n): (&Option<i64>, u128)| match heard {
        None => node(n),
        Some(ms) => NodeFact { last_heartbeat_at: Some(Timestamp(NOW.millis() + ms)), ..silent(n, 20_000) },
    };
    let mut all: Vec<_> = heard.iter().zip(1..).map(of).collect();
    all.extend((10..30).map(node));
    facts(vec![], all)
}

#[test]
fn it_does_not_flicker() {
    let fell = Some(-20_000);
    let (state, found) = Incidents::default().step(&three([fell; 3]));
    let since = found[0].since;
    // One is back: two of many would not open it, and keep it.
    let (state, found) = state.step(&at(three([fell, fell, None]), 1_000));
    assert_eq!((found[0].members.len(), found[0].since), (2, since));
    // One left: it lasts for one window more...
    let (state, found) = state.step(&at(three([fell, None, None]), 2_000));
    assert_eq!(found[0].members.len(), 1);
    let (state, found) = state.step(&at(three([fell, None, None]), 2_000 + WINDOW - 1));
    assert_eq!(found.len(), 1);
    // ...in which another may fall again and join.
    let again = three([fell, Some(10_000), None]);
    let (joined, found) = state.clone().step(&at(again, 2_000 + WINDOW - 1));
    assert_eq!((found[0].members.len(), found[0].since), (2, since));
    let (_, found) = joined.step(&at(three([fell, None, None]), 2_000 + 2 * WINDOW));
    assert_eq!(found.len(), 1, "waning began anew");
    // Then it is a single node's matter.
    let (state, found) = state.step(&at(three([fell, None, None]), 2_000 + WINDOW));
    assert_eq!((state, found), (Incidents::default(), vec![]));
    // Nobody left ends it at once.
    let (state, _) = Incidents::default().step(&three([fell; 3]));
    assert_eq!(state.step(&three([None; 3])), (Incidents::default(), vec![]));
}

#[test]
fn everything_at_once_is_one_incident_of_the_cluster() {
    let all = |us: NodeFact| {
        facts(vec![], vec![silent(1, 20_000), silent(2, 21_000), in_region("US-X", silent(3, 19_000)), us])
    };
    let down = in_region("US-X", silent(4, 20_000));
    let (state, found) = Incidents::default().step(&all(down.clone()));
    let ids: Vec<_> = found.iter().map(Incident::id).collect();
    assert_eq!(ids, ["cluster_silent:cluster", "region_silent:OM-MCT", "region_silent:US-X"]);
    assert_eq!((found[0].members.len(), found[0].total, found[0].cause), (4, 4, IncidentCause::Ingress));
    assert_eq!(found[0].regions.len(), 2);
    // Somebody is back: after one window it is what is left of the regions.
    let back = in_region("US-X", node(4));
    let (state, found) = state.step(&all(back.clone()));
    assert_eq!(found[0].id(), "cluster_silent:cluster");
    let (state, found) = state.step(&at(all(back), WINDOW));
    assert_eq!(found[0].id(), "region_silent:OM-MCT");
    assert_eq!(state.cluster, None);
    // One that lives is enough for none.
    let mut f = all(down);
    f.nodes.push(in_region("DE-X", node(9)));
    assert!(first(&f).iter().all(|i| i.region.is_some()));
}

#[test]
fn one_region_alone_is_no_cluster() {
    assert_eq!(
        sizes(&facts(vec![], (1..5).map(|n| silent(n, 20_000)).collect())),
        [("region_silent:OM-MCT".into(), 4)]
    );
}

#[test]
fn offline_members_make_it_worse() {
    let two = |ms| first(&facts(vec![], vec![silent(1, ms), silent(2, 20_000)]))[0].offline;
    assert!(!two(20_000));
    assert!(two(30_000));
}

fn cause(
    nodes: Vec<NodeFact>,
    change: impl FnOnce(&mut Facts),
) -> (IncidentCause, Option<String>, Option<String>) {
    let mut f = facts(vec![region(mct(), Capacity::default())], nodes);
    change(&mut f);
    let i = first(&f).remove(0);
    (i.cause, i.reason, i.detail)
}

fn from(n: NodeFact, source: &str) -> NodeFact {
    NodeFact { source: Some(source.parse().unwrap()), ..n }
}

#[test]
fn the_likely_cause_by_the_evidence() {
    let down = || vec![silent(1, 20_000), silent(2, 20_000), silent(3, 20_000)];
    let plus = |more: Vec<NodeFact>| [down(), more].concat();
    assert_eq!(cause(down(), |_| ()), (IncidentCause::Region, None, None));
    assert_eq!(cause(plus(vec![node(9)]), |_| ()).0, IncidentCause::Unknown);
    let refused = |f: &mut Facts| {
        f.refused = [1, 2].map(|n| refusal("unknown_secret", Some(id(n)), 5_000)).into();
    };
    assert_eq!(cause(down(), refused), (IncidentCause::Refused, Some("unknown_secret".into()), None));
    // Refused before their last accepted heartbeat, or one of three: says nothing.
    let before = |f: &mut Facts| f.refused = [1, 2].map(|n| refusal("too_fast", Some(id(n)), 25_000)).into();
    assert_eq!(cause(down(), before).0, IncidentCause::Region);
    let one = |f: &mut Facts| f.refused = vec![refusal("unknown_secret", Some(id(1)), 5_000)];
    assert_eq!(cause(down(), one).0, IncidentCause::Region);
    let storage = |f: &mut Facts| {
        f.regions = vec![RegionFact {
            storage: StorageFact { configured: true, failing: true, ..StorageFact::default() },
            ..region(mct(), Capacity::default())
        }];
    };
    assert_eq!(cause(down(), storage).0, IncidentCause::Site);
    assert_eq!(cause(plus(vec![node(9)]), storage).0, IncidentCause::Unknown);
    let stopping = down().into_iter().map(|n| NodeFact { runtime: Some(Runtime::Stopping), ..n }).collect();
    assert_eq!(cause(stopping, |_| ()).0, IncidentCause::Stopped);
}

#[test]
fn a_place_they_share_with_nobody_alive() {
    let down = |a: &str, b: &str| {
        vec![from(silent(1, 20_000), a), from(silent(2, 20_000), b), from(silent(3, 20_000), a)]
    };
    let with = |nodes: Vec<NodeFact>, alive: &str| {
        let (c, _, detail) = cause([nodes, vec![from(in_region("US-X", node(9)), alive)]].concat(), |_| ());
        (c, detail)
    };
    assert_eq!(
        with(down("10.0.0.5", "10.0.0.5"), "10.0.0.6"),
        (IncidentCause::Machine, Some("10.0.0.5".into()))
    );
    assert_eq!(
        with(down("10.0.0.5", "10.0.0.7"), "10.0.1.6"),
        (IncidentCause::Subnet, Some("10.0.0.0/24".into()))
    );
    assert_eq!(
        with(down("fd00::5", "fd00::6:7"), "fd00:0:0:1::1"),
        (IncidentCause::Subnet, Some("fd00::/64".into()))
    );
    assert_eq!(with(down("10.0.0.5", "10.0.0.5"), "10.0.0.5"), (IncidentCause::Region, None));
    assert_eq!(with(down("10.0.0.5", "10.0.0.7"), "10.0.0.8"), (IncidentCause::Region, None));
    assert_eq!(with(down("10.0.0.5", "10.0.1.7"), "10.0.2.8"), (IncidentCause::Region, None));
}

proptest! {
    /// Whatever comes and goes: members are silent nodes of the region, nobody is counted twice, an incident never
    /// has fewer than one member, and one that opens has at least two.
    #[test]
    fn incidents_are_made_of_silent_nodes(
        steps in proptest::collection::vec(proptest::collection::vec(proptest::option::of(15_000_u64..200_000), 8), 1..12),
    ) {
        let mut state = Incidents::default();
        for (step, silences) in steps.iter().enumerate() {
            let nodes: Vec<_> = silences
                .iter()
                .enumerate()
                .map(|(i, ms)| {
                    let n = u128::try_from(i).unwrap() + 1;
                    let n = ms.map_or_else(|| node(n), |ms| silent(n, ms));
                    if i < 5 { n } else { in_region("US-X", n) }
                })
                .collect();
            let f = at(facts(vec![], nodes), u64::try_from(step).unwrap() * 5_000);
            let before = state.clone();
            let (next, found) = state.step(&f);
            for i in &found {
                prop_assert!(!i.members.is_empty());
                let known = i.region.as_ref().is_some_and(|r| before.regions.contains_key(r))
                    || (i.region.is_none() && before.cluster.is_some());
                prop_assert!(known || i.members.len() >= FEW);
                for m in &i.members {
                    let n = f.nodes.iter().find(|n| n.id == *m).unwrap();
                    prop_assert!(matches!(n.liveness, Liveness::Stale | Liveness::Offline));
                    prop_assert!(i.region.is_none() || i.region == n.region_id);
                }
            }
            let mut regions: Vec<_> = found.iter().map(|i| i.region.clone()).collect();
            regions.dedup();
            prop_assert_eq!(regions.len(), found.len());
            state = next;
        }
    }
}
