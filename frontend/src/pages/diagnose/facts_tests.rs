use serde_json::json;

use super::*;

const ID: &str = "0198f6a2-0000-7000-8000-000000000001";
const OTHER: &str = "0198f6a2-0000-7000-8000-000000000002";
const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn node(id: &str, host: &str) -> Node {
    serde_json::from_value(json!({
        "id": id,
        "status": {"word": "offline", "since": NOW.before(60_000), "inheritedFrom": null},
        "liveness": "offline", "runtime": null, "runtimeReason": null, "sessions": null, "outbound": null,
        "hardware": null, "lastHeartbeatAt": NOW.before(90_000), "intervalMs": 5000, "bootId": "b1",
        "startedAt": NOW.before(3_000_000), "softwareVersion": "0.3.1", "hostname": null, "source": null,
        "clockOffsetMs": 200, "conditions": [], "commands": [],
        "externalId": "own-7", "regionId": "OM-MCT", "kind": "backend",
        "endpoint": {"scheme": "http", "host": host, "port": 5002, "path": ""},
        "sipHost": null, "sipPort": 5080, "sipTransport": "udp", "displayName": null, "notes": null,
        "labels": {}, "development": false, "maxConcurrentCalls": 25,
        "intent": {"state": "active", "publicReason": null, "privateReason": null, "until": null, "by": null, "at": null},
        "secret": {"fingerprint": "41aa0000", "createdAt": NOW.before(9_000_000), "previousUntil": null},
        "createdAt": NOW.before(9_000_000), "version": 1
    }))
    .unwrap()
}

fn refusal(node: Option<&str>, claimed: Option<&str>, ago: u64) -> Rejection {
    Rejection {
        reason: "unknown_secret".into(),
        node_id: node.map(|n| n.parse().unwrap()),
        claimed_node: claimed.map(Into::into),
        claimed_region: None,
        claimed_kind: None,
        source: "10.0.0.5".into(),
        fingerprint: Some("9f2c0000".into()),
        first_at: NOW.before(ago),
        last_at: NOW.before(ago),
        count: 1,
    }
}

fn looked(nodes: &[Node], refusals: &[Rejection], events: &[TimelineEvent]) -> Facts {
    Facts::of(&nodes[0], &Around { nodes, refusals, events, doubt: None, now: NOW })
}

#[test]
fn refusals_about_a_node_are_recent_and_newest_first() {
    let nodes = [node(ID, "10.0.0.5"), node(OTHER, "10.0.0.6")];
    let f = looked(
        &nodes,
        &[
            refusal(Some(ID), None, 50_000),
            refusal(None, Some(&ID.to_uppercase()), 10_000),
            refusal(None, Some("own-7"), 20_000),
            refusal(Some(OTHER), Some(OTHER), 1_000),
            refusal(Some(ID), None, REFUSALS_MS + 1),
        ],
        &[],
    );
    let ages: Vec<u64> = f.refusals.iter().map(|r| NOW.since(r.last_at)).collect();
    assert_eq!(ages, [10_000, 20_000, 50_000]);
    assert_eq!(f.refused().map(|r| NOW.since(r.last_at)), Some(10_000));
    assert_eq!(f.stranger, None, "they name a node that is known");
}

#[test]
fn a_stranger_lives_where_only_this_node_should() {
    let alone = [node(ID, "10.0.0.5"), node(OTHER, "10.0.0.6")];
    let together = [node(ID, "10.0.0.5"), node(OTHER, "10.0.0.5")];
    let says = |claimed: Option<&str>| [refusal(None, claimed, 1_000)];
    let found = looked(&alone, &says(Some("px-7")), &[]).stranger;
    assert_eq!(found.and_then(|r| r.claimed_node).as_deref(), Some("px-7"));
    assert!(looked(&alone, &says(None), &[]).stranger.is_some(), "it says nothing about itself");
    assert!(looked(&alone, &says(Some(OTHER)), &[]).stranger.is_none(), "that one is known");
    assert!(looked(&together, &says(Some("px-7")), &[]).stranger.is_none(), "whose machine is it?");
    let mut proxy = refusal(None, Some("px-7"), 1_000);
    proxy.claimed_kind = Some("proxy".into());
    assert!(looked(&alone, &[proxy], &[]).stranger.is_none(), "another kind");
    let mut far = refusal(None, Some("px-7"), 1_000);
    far.claimed_region = Some("DE-FRA".into());
    assert!(looked(&alone, &[far], &[]).stranger.is_none(), "another region");
    let mut away = refusal(None, Some("px-7"), 1_000);
    away.source = "10.0.0.9".into();
    assert!(looked(&alone, &[away], &[]).stranger.is_none(), "another address");
}

#[test]
fn starts_count_within_the_hour_before_the_silence() {
    let boot = |node: &str, ago: u64| TimelineEvent {
        id: ago.to_string(),
        at: NOW.before(ago),
        node_id: Some(node.parse().unwrap()),
        region_id: None,
        kind: EventKind::Boot,
        from: None,
        to: None,
        detail: None,
        actor: None,
    };
    let mut other = boot(ID, 200_000);
    other.kind = EventKind::Liveness;
    let events = [boot(ID, 100_000), boot(ID, 3_600_000), boot(ID, 3_800_000), boot(OTHER, 100_000), other];
    assert_eq!(looked(&[node(ID, "h")], &[], &events).boots, 2);
}

#[test]
fn a_shutdown_counts_until_it_was_refused_or_the_process_started_again() {
    let with = |state: &str, ago: u64| {
        let mut n = node(ID, "h");
        n.live.commands = vec![
            serde_json::from_value(json!({
                "id": "0198f6a2-0000-7000-8000-0000000000aa", "nodeId": ID, "kind": "shutdown", "args": {},
                "state": state, "detail": null, "bootId": null, "createdBy": "huda@example.com",
                "createdAt": NOW.before(ago), "notAfter": NOW, "offeredAt": null, "offeredCount": 0,
                "acceptedAt": null, "finishedAt": null, "push": null
            }))
            .unwrap(),
        ];
        looked(&[n], &[], &[]).asked
    };
    let asked = Asked { by: "huda@example.com".into(), at: NOW.before(100_000) };
    assert_eq!(with("done", 100_000), Some(asked));
    assert!(with("accepted", 100_000).is_some());
    assert!(with("cancelled", 100_000).is_none() && with("refused", 100_000).is_none());
    assert!(with("done", 3_000_001).is_none(), "of the process before");
}

#[test]
fn neighbours_are_counted_without_disabled_ones() {
    let mut live = node(OTHER, "a");
    live.live.liveness = Liveness::Live;
    let mut off = node("0198f6a2-0000-7000-8000-000000000003", "b");
    off.live.status.word = StatusWord::Disabled;
    let silent = node("0198f6a2-0000-7000-8000-000000000004", "c");
    assert_eq!(looked(&[node(ID, "h"), live, off, silent], &[], &[]).others, (1, 2));
}
