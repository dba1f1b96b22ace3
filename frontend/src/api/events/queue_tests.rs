//! What waits, what replaces what, and what may not wait.

use common::capacity::Capacity;
use common::node::{Node, NodeLive};
use serde_json::json;

use super::*;

fn id(n: u16) -> NodeId {
    format!("0198f6a2-0000-7000-8000-{n:012}").parse().unwrap()
}

fn node(n: u16) -> Node {
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

fn beat(n: u16, interval_ms: u64) -> Change {
    Change::NodeLive { live: NodeLive { interval_ms, ..node(n).live } }
}

fn delta(changes: Vec<Change>) -> LiveEvent {
    LiveEvent::Delta { topic: Topic::Nodes, as_of: Timestamp(9), change: 2, changes }
}

fn snapshot() -> LiveEvent {
    let data = SnapshotData::Nodes { region: None, nodes: vec![node(1)], truncated: false };
    LiveEvent::Snapshot { topic: Topic::Nodes, as_of: Timestamp(1), change: 1, data }
}

fn figures(change: &Change) -> bool {
    !matches!(change, Change::NodeLive { .. } | Change::Cluster { .. })
}

/// What a list of events holds, one word per thing.
fn words(events: &[LiveEvent]) -> Vec<String> {
    let word = |change: &Change| match change {
        Change::NodeLive { live } => format!("beat {}", live.interval_ms),
        Change::Node { .. } => "node".into(),
        Change::NodeRemoved { .. } => "removed".into(),
        Change::Cluster { .. } => "cluster".into(),
        other => format!("{other:?}"),
    };
    let all = events.iter().flat_map(|event| match event {
        LiveEvent::Delta { changes, .. } => changes.iter().map(word).collect(),
        LiveEvent::Snapshot { .. } => vec!["snapshot".to_owned()],
        LiveEvent::Tick { .. } => vec!["tick".to_owned()],
        _ => Vec::new(),
    });
    all.collect()
}

#[test]
fn the_newest_of_each_node_wins() {
    let mut queue = Queue::default();
    queue.push(delta(vec![beat(1, 1), beat(2, 2)]), figures);
    queue.push(delta(vec![beat(1, 3)]), figures);
    assert_eq!(queue.arrived(), 3);
    assert_eq!(words(&queue.take_all()), ["beat 2", "beat 3"]);
    assert!(queue.is_empty());
    assert_eq!(queue.arrived(), 0);
}

#[test]
fn a_snapshot_ends_what_came_before_it_and_comes_first() {
    let mut queue = Queue::default();
    queue.push(delta(vec![beat(1, 1), Change::NodeRemoved { id: id(2) }]), figures);
    queue.push(snapshot(), figures);
    queue.push(delta(vec![beat(1, 2)]), figures);
    assert_eq!(words(&queue.take_all()), ["snapshot", "beat 2"]);
}

#[test]
fn a_whole_node_replaces_its_figures_and_a_removal_both() {
    let mut queue = Queue::default();
    queue.push(delta(vec![beat(1, 1), Change::Node { node: node(1) }, beat(1, 2)]), figures);
    assert_eq!(words(&queue.take_all()), ["node", "beat 2"]);
    queue.push(delta(vec![Change::Node { node: node(1) }, beat(1, 2)]), figures);
    queue.push(delta(vec![Change::NodeRemoved { id: id(1) }]), figures);
    assert_eq!(words(&queue.take_all()), ["removed"]);
}

#[test]
fn figures_wait_for_the_second_and_the_rest_does_not() {
    let mut queue = Queue::default();
    queue.push(delta(vec![beat(1, 1)]), figures);
    assert!(!queue.is_urgent() && !queue.is_empty());
    queue.push(delta(vec![Change::NodeRemoved { id: id(2) }, beat(3, 3)]), figures);
    assert!(queue.is_urgent());
    assert_eq!(words(&queue.take_some(false)), ["removed"]);
    assert!(!queue.is_urgent());
    assert_eq!(words(&queue.take_some(true)), ["beat 1", "beat 3"]);
    assert!(queue.is_empty());
}

#[test]
fn what_was_urgent_stays_so_when_newer_figures_replace_it() {
    let mut queue = Queue::default();
    queue.push(delta(vec![beat(1, 1)]), |_| true);
    queue.push(delta(vec![beat(1, 2)]), |_| false);
    assert_eq!(words(&queue.take_some(false)), ["beat 2"]);
}

#[test]
fn one_frame_applies_a_slice() {
    let mut queue = Queue::default();
    queue.push(delta((0..500).map(|n| beat(n, 1)).collect()), figures);
    assert_eq!(words(&queue.take_some(true)).len(), SLICE);
    assert_eq!(words(&queue.take_some(true)).len(), 500 - SLICE);
}

#[test]
fn places_of_what_was_replaced_are_given_back() {
    let mut queue = Queue::default();
    for round in 0..1_000 {
        queue.push(delta(vec![beat(1, round), beat(2, round)]), figures);
    }
    assert!(queue.lanes[0].changes.len() < 200, "{}", queue.lanes[0].changes.len());
    assert_eq!(words(&queue.take_all()), ["beat 999", "beat 999"]);
}

#[test]
fn more_than_is_kept_is_asked_for_anew() {
    let mut queue = Queue::default();
    queue.push(delta((0..u16::MAX).take(KEPT_MAX + 1).map(|n| beat(n, 1)).collect()), figures);
    assert!(queue.take_overflow());
    assert!(!queue.take_overflow(), "once");
    assert!(queue.is_empty());
}

#[test]
fn the_last_tick_alone_is_kept() {
    let mut queue = Queue::default();
    for _ in 0..3 {
        queue.push(LiveEvent::Tick { server_time: Timestamp(1), collecting: None }, figures);
    }
    queue.push(
        LiveEvent::Delta {
            topic: Topic::Summary,
            as_of: Timestamp(1),
            change: 1,
            changes: vec![Change::Cluster { capacity: Capacity::default() }],
        },
        figures,
    );
    assert_eq!(words(&queue.take_all()), ["cluster", "tick"]);
}

#[test]
fn a_topic_that_nobody_wants_any_more_is_forgotten() {
    let mut queue = Queue::default();
    queue.push(snapshot(), figures);
    queue.push(delta(vec![beat(1, 1), beat(2, 1)]), figures);
    queue.forget(&Topic::Summary);
    assert!(!queue.is_empty());
    queue.forget(&Topic::Nodes);
    assert!(queue.is_empty());
    assert_eq!(words(&queue.take_all()), Vec::<String>::new());
}
