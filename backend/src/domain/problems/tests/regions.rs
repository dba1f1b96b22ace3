//! Problems of regions, of singletons and of ourselves; and incidents in the list.

use common::capacity::{Capacity, KindCounts, OutboundTotals, Slots};
use common::ids::RegionId;
use common::node::NodeKind;
use common::overview::{CollectingReason, DoubtEvidence};
use common::status::{IntentState, Liveness};

use super::super::*;
use super::{NOW, facts, found, id, ids, mct, node, one, proxy, region, silent};

#[test]
fn storage_as_the_server_finds_it() {
    let backends = Capacity {
        backend: KindCounts { registered: 1, online: 1, ..KindCounts::default() },
        ..Capacity::default()
    };
    let with = |storage| facts(vec![RegionFact { storage, ..region(mct(), backends.clone()) }], vec![]);
    let failing = StorageFact {
        configured: true,
        failing: true,
        step: Some("credentials".into()),
        since: Some(NOW.before(9)),
    };
    let p = one(&with(failing.clone()));
    assert_eq!(
        (p.code, p.since, p.evidence.reason.as_deref()),
        (OpenProblemCode::StorageFailing, Some(NOW.before(9)), Some("credentials"))
    );
    assert_eq!(one(&with(StorageFact::default())).code, OpenProblemCode::StorageNotConfigured);
    let empty = region(mct(), Capacity::default());
    assert_eq!(
        found(&facts(vec![RegionFact { storage: StorageFact::default(), ..empty.clone() }], vec![])),
        []
    );
    let disabled = RegionFact { storage: failing, intent: IntentState::Disabled, ..empty };
    assert_eq!(found(&facts(vec![disabled], vec![])), []);
}

#[test]
fn storage_as_nodes_find_it() {
    let report = |n, ok: bool| NodeFact {
        storage: Some(NodeStorage { ok, step: (!ok).then(|| "put".into()) }),
        ..node(n)
    };
    let f = |nodes| facts(vec![region(mct(), Capacity::default())], nodes);
    let p = one(&f(vec![report(1, true), report(2, false), node(3)]));
    assert_eq!((p.code, p.severity), (OpenProblemCode::StorageFailingOnNodes, Severity::Warn));
    assert_eq!((p.count, p.evidence.total, p.evidence.reason.as_deref()), (Some(1), Some(2), Some("put")));
    assert_eq!(p.evidence.nodes.iter().map(|n| n.id).collect::<Vec<_>>(), [id(2)]);
    assert_eq!(one(&f(vec![report(1, false), report(2, false)])).severity, Severity::Bad);
    let old = NodeFact { liveness: Liveness::Left, ..report(2, false) };
    assert_eq!(found(&f(vec![report(1, true), old])), []);
}

#[test]
fn slots_and_waiting_calls_with_room_between_their_limits() {
    let f = |used, seconds, open: &[&str]| {
        let capacity = Capacity {
            slots: Slots { used: Some(used), max: Some(100) },
            outbound: OutboundTotals {
                processing: None,
                pending: Some(3),
                oldest_pending_seconds: Some(seconds),
            },
            ..Capacity::default()
        };
        let mut f = facts(vec![region(mct(), capacity)], vec![]);
        f.open = open.iter().map(|s| (*s).to_owned()).collect();
        f
    };
    assert_eq!(found(&f(84, 60, &[])), []);
    let all = found(&f(85, 61, &[]));
    assert_eq!(
        all.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(),
        ["capacity_short:OM-MCT", "pending_old:OM-MCT"]
    );
    assert_eq!(
        (all[0].count, all[0].evidence.total, all[0].evidence.percent),
        (Some(85), Some(100), Some(85))
    );
    assert_eq!((all[1].count, all[1].evidence.seconds), (Some(3), Some(61)));
    assert_eq!(found(&f(80, 46, &["capacity_short:OM-MCT", "pending_old:OM-MCT"])).len(), 2);
    assert_eq!(found(&f(79, 45, &["capacity_short:OM-MCT", "pending_old:OM-MCT"])), []);
    assert_eq!(one(&f(100, 0, &[])).severity, Severity::Bad);
}

#[test]
fn versions_are_compared_within_kind_and_region() {
    let v = |n, version: &str| NodeFact { version: Some(version.into()), ..node(n) };
    let f = |nodes| facts(vec![region(mct(), Capacity::default())], nodes);
    let p = one(&f(vec![v(1, "0.3.0"), v(2, "0.3.1"), v(3, "0.3.1")]));
    assert_eq!(
        (p.id.as_str(), p.evidence.values.join(" ")),
        ("node_versions_differ:OM-MCT:backend", "0.3.0 0.3.1".into())
    );
    let elsewhere = NodeFact { region_id: Some(RegionId::from("US-X")), ..v(2, "0.3.1") };
    let gone = NodeFact { liveness: Liveness::Left, ..v(3, "0.3.2") };
    assert_eq!(found(&f(vec![v(1, "0.3.0"), elsewhere, gone, proxy(v(4, "9"))])), []);
}

#[test]
fn singletons_are_judged_by_what_is_known_of_them() {
    let mut f = facts(vec![], vec![node(1)]);
    f.outside.background = Some(BackgroundFact::default());
    assert_eq!(ids(&f), ["background_missing:cluster"]);
    f.nodes.clear();
    assert_eq!(found(&f), []);
    f.outside.background = Some(BackgroundFact {
        node: Some((id(9), "bg".into())),
        unreachable: Some((NOW.before(5), "connection refused".into())),
        keys_differ: Some(NOW.before(6)),
    });
    f.outside.jobs = vec![JobFact {
        key: "cleanup".into(),
        title: "Cleanup".into(),
        at: NOW.before(3),
        state: "failed".into(),
        error: Some("no".into()),
    }];
    f.outside.frontends = Some(FrontendFact { count: 2, version: "1".into() });
    assert_eq!(
        ids(&f),
        [
            "background_keys_differ:cluster",
            "background_unreachable:cluster",
            "frontend_versions_differ:cluster",
            "job_failed:cleanup"
        ]
    );
}

#[test]
fn our_own_troubles_are_told_but_not_a_start() {
    let doubt = |reason| DoubtEvidence { reason, since: NOW.before(9), until: NOW.later(9), count: 1 };
    let mut f = facts(vec![], vec![]);
    f.doubts = vec![doubt(CollectingReason::Restart), doubt(CollectingReason::SweeperLate)];
    assert_eq!(found(&f), []);
    f.waiting = true;
    assert_eq!(one(&f).evidence.reason.as_deref(), Some("sweeper_late"));
    f.waiting = false;
    f.doubts.push(doubt(CollectingReason::DatabaseErrors));
    let p = one(&f);
    assert_eq!(
        (p.id.as_str(), p.evidence.values.join(" ")),
        ("collecting:cluster", "database_errors".into())
    );
}

#[test]
fn an_incident_stands_for_its_nodes_and_for_none_online() {
    let counts = KindCounts { registered: 3, offline: 3, ..KindCounts::default() };
    let mut down = region(mct(), Capacity { backend: counts, ..Capacity::default() });
    down.capacity.proxy = KindCounts { registered: 1, online: 1, ..KindCounts::default() };
    let mut nodes: Vec<_> = (1..=3).map(|n| silent(n, 40_000 + u64::try_from(n).unwrap())).collect();
    nodes[0].calls = Some(4);
    nodes.push(proxy(node(4)));
    let all = found(&facts(vec![down], nodes));
    let shown: Vec<_> = all.iter().filter(|p| p.incident_id.is_none()).collect();
    assert_eq!(shown.len(), 1, "{all:?}");
    let p = shown[0];
    assert_eq!((p.id.as_str(), p.severity, p.count), ("region_silent:OM-MCT", Severity::Bad, Some(3)));
    assert_eq!((p.evidence.total, p.evidence.calls), (Some(4), Some(4)));
    assert_eq!(p.evidence.kinds_down, [NodeKind::Backend]);
    assert_eq!(p.since, Some(NOW.before(40_003)));
    assert_eq!(all.iter().filter(|p| p.incident_id.as_deref() == Some("region_silent:OM-MCT")).count(), 4);
}
