//! Events against the model, and the parts they name.

use common::capacity::{Capacity, KindCounts};
use common::overview::RegionSummary;
use common::status::{RegionStatus, StatusWord};
use common::time::Timestamp;
use serde_json::json;

use super::*;

fn id(n: u8) -> NodeId {
    format!("0198f6a2-0000-7000-8000-0000000000{n:02}").parse().unwrap()
}

fn node(n: u8) -> Node {
    serde_json::from_value(json!({
        "id": id(n), "status": {"word": "never_seen", "since": "2026-11-22T10:00:00.000Z", "inheritedFrom": null},
        "liveness": "never_seen", "runtime": null, "runtimeReason": null, "sessions": null, "outbound": null,
        "hardware": null, "lastHeartbeatAt": null, "intervalMs": 5000, "bootId": null, "startedAt": null,
        "softwareVersion": null, "hostname": null, "source": null, "clockOffsetMs": null, "conditions": [], "commands": [],
        "externalId": null, "regionId": "OM-MCT", "kind": "backend",
        "endpoint": common::endpoint::Endpoint::parse("10.0.0.5:5002").unwrap(),
        "sipHost": null, "sipPort": 5080, "sipTransport": "udp", "displayName": null, "notes": null, "labels": {},
        "development": false, "maxConcurrentCalls": 25,
        "intent": {"state": "active", "publicReason": null, "privateReason": null, "until": null, "by": null, "at": null},
        "secret": {"fingerprint": "00000000", "createdAt": "2026-11-22T10:00:00.000Z", "previousUntil": null},
        "createdAt": "2026-11-22T10:00:00.000Z", "version": 1
    }))
    .unwrap()
}

fn summary(name: &str, online: u32) -> RegionSummary {
    RegionSummary {
        id: RegionId::from(name),
        country_code: "OM".into(),
        display_name: None,
        status: RegionStatus { word: StatusWord::Online, count: None, since: Timestamp(0) },
        storage: Default::default(),
        capacity: Capacity {
            backend: KindCounts { online, registered: 4, ..KindCounts::default() },
            ..Capacity::default()
        },
    }
}

fn snapshot_of(topic: Topic, data: SnapshotData) -> LiveEvent {
    LiveEvent::Snapshot { topic, as_of: Timestamp(1), change: 1, data }
}

fn delta(topic: Topic, changes: Vec<Change>) -> LiveEvent {
    LiveEvent::Delta { topic, as_of: Timestamp(9), change: 2, changes }
}

fn mct() -> Topic {
    Topic::Region(RegionId::from("OM-MCT"))
}

fn with_overview(regions: Vec<RegionSummary>) -> Live {
    let mut live = Live::default();
    let overview = Overview {
        as_of: Timestamp(1),
        change: 1,
        cluster: Capacity::default(),
        regions,
        problems: Vec::new(),
        attention: common::overview::Attention::default(),
        collecting: None,
        singletons: Default::default(),
        platform: Default::default(),
    };
    apply(&mut live, snapshot_of(Topic::Summary, SnapshotData::Summary { overview }));
    live
}

#[test]
fn a_heartbeat_touches_its_node_alone() {
    let mut live = Live::default();
    let data = SnapshotData::Nodes { region: None, nodes: vec![node(1), node(2)], truncated: false };
    apply(&mut live, snapshot_of(mct(), data));
    let mut beat = node(2).live;
    beat.status.word = StatusWord::Online;
    let touched = apply(&mut live, delta(mct(), vec![Change::NodeLive { live: beat.clone() }]));
    assert_eq!(touched, [Part::Node(id(2))]);
    assert_eq!(live.nodes[&id(2)].live, beat);
    assert_eq!(live.nodes[&id(1)], node(1));
}

#[test]
fn a_beat_of_an_unknown_node_is_no_row() {
    let mut live = Live::default();
    let touched = apply(&mut live, delta(mct(), vec![Change::NodeLive { live: node(1).live }]));
    assert!(touched.is_empty() && live.nodes.is_empty());
}

#[test]
fn a_snapshot_replaces_and_drops_what_is_gone() {
    let mut live = Live::default();
    let data = |nodes| SnapshotData::Nodes { region: None, nodes, truncated: false };
    apply(&mut live, snapshot_of(mct(), data(vec![node(1), node(2)])));
    let touched = apply(&mut live, snapshot_of(mct(), data(vec![node(2), node(3)])));
    assert_eq!(live.list(&mct()).unwrap().ids, [id(2), id(3)]);
    assert_eq!((live.nodes.len(), live.nodes.contains_key(&id(1))), (2, false));
    assert!(touched.contains(&Part::Node(id(1))) && touched.contains(&Part::List(mct())));
}

#[test]
fn a_node_in_two_topics_lives_until_both_let_go() {
    let mut live = Live::default();
    let data = SnapshotData::Nodes { region: None, nodes: vec![node(1)], truncated: false };
    apply(&mut live, snapshot_of(mct(), data));
    apply(&mut live, snapshot_of(Topic::Node(id(1)), SnapshotData::Node { node: node(1) }));
    unfollow(&mut live, &mct(), &mut Vec::new());
    assert!(live.nodes.contains_key(&id(1)));
    unfollow(&mut live, &Topic::Node(id(1)), &mut Vec::new());
    assert!(live.nodes.is_empty());
}

#[test]
fn nodes_come_and_go() {
    let mut live = Live::default();
    let data = SnapshotData::Nodes { region: None, nodes: vec![], truncated: false };
    apply(&mut live, snapshot_of(mct(), data));
    for n in [3, 1, 2] {
        let touched = apply(&mut live, delta(mct(), vec![Change::Node { node: node(n) }]));
        assert_eq!(touched, [Part::Node(id(n)), Part::List(mct())]);
    }
    assert_eq!(live.list(&mct()).unwrap().ids, [id(1), id(2), id(3)], "by id, whenever they came");
    let touched = apply(&mut live, delta(mct(), vec![Change::Node { node: node(1) }]));
    assert_eq!(touched, [Part::Node(id(1))], "the list is the same");
    for n in [2, 1, 3] {
        apply(&mut live, delta(mct(), vec![Change::NodeRemoved { id: id(n) }]));
    }
    assert!(live.nodes.is_empty() && live.list(&mct()).unwrap().ids.is_empty());
    assert!(live.gone.contains(&Topic::Node(id(1))));
}

#[test]
fn figures_of_one_region_touch_that_region() {
    let mut live = with_overview(vec![summary("OM-A", 1), summary("OM-C", 1)]);
    let touched =
        apply(&mut live, delta(Topic::Summary, vec![Change::Region { region: summary("OM-C", 3) }]));
    assert_eq!(touched, [Part::Summary(RegionId::from("OM-C"))]);
    let overview = live.overview.as_ref().unwrap();
    assert_eq!(
        (overview.regions[1].capacity.backend.online, overview.as_of, overview.change),
        (3, Timestamp(9), 2)
    );
    let touched =
        apply(&mut live, delta(Topic::Summary, vec![Change::Region { region: summary("OM-B", 0) }]));
    assert!(touched.contains(&Part::Regions));
    let ids: Vec<_> = live.overview.unwrap().regions.into_iter().map(|r| r.id.0).collect();
    assert_eq!(ids, ["OM-A", "OM-B", "OM-C"], "by id, wherever it came from");
}

#[test]
fn deltas_before_the_snapshot_invent_nothing() {
    let mut live = Live::default();
    let changes = vec![
        Change::Cluster { capacity: Capacity::default() },
        Change::Region { region: summary("OM-A", 1) },
        Change::Problems { problems: Vec::new(), attention: common::overview::Attention::default() },
    ];
    assert!(apply(&mut live, delta(Topic::Summary, changes)).is_empty());
    assert_eq!(live, Live::default());
}

#[test]
fn a_region_that_is_removed_is_gone() {
    let mut live = with_overview(vec![summary("OM-MCT", 1)]);
    let data = SnapshotData::Nodes { region: None, nodes: vec![node(1)], truncated: false };
    apply(&mut live, snapshot_of(mct(), data));
    apply(&mut live, delta(mct(), vec![Change::RegionRemoved { id: RegionId::from("OM-MCT") }]));
    assert!(live.gone.contains(&mct()) && live.nodes.is_empty());
    assert!(live.overview.as_ref().unwrap().regions.is_empty());
    let data = SnapshotData::Nodes { region: None, nodes: vec![], truncated: false };
    apply(&mut live, snapshot_of(mct(), data));
    assert!(!live.gone.contains(&mct()), "made again under the same id");
}

#[test]
fn ticks_tell_whether_silence_can_be_judged() {
    let mut live = with_overview(vec![]);
    let collecting: Collecting = serde_json::from_value(json!({
        "reason": "restart", "since": "2026-11-22T10:00:00.000Z", "until": "2026-11-22T10:00:45.000Z",
        "confirmed": 1, "expected": 4
    }))
    .unwrap();
    let tick = LiveEvent::Tick { server_time: Timestamp(5), collecting: Some(collecting.clone()) };
    assert_eq!(apply(&mut live, tick.clone()), [Part::Collecting]);
    assert!(apply(&mut live, tick).is_empty(), "the same again renders nothing");
    assert_eq!(live.collecting, Some(collecting));
    apply(&mut live, LiveEvent::Tick { server_time: Timestamp(6), collecting: None });
    assert_eq!(live.collecting, None);
}
