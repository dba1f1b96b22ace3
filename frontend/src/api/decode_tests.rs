//! What is read here against what serde_json reads.

use common::endpoint::Endpoint;
use serde_json::json;

use super::*;

#[test]
fn replies_are_read_whole_or_not_at_all() {
    let text = r#"{"user":{"id":"0198f6a2-0000-7000-8000-000000000001","email":"a@b","displayName":null,
        "role":"admin","regionScope":["OM-MCT"],"later":1}}"#;
    assert_eq!(read::<Me>(text), Ok(serde_json::from_str(text).unwrap()));
    assert_eq!(read(r#"{"user":null}"#), Ok(Me { user: None, session: None, confirmed_until: None }));
    for bad in ["", "<html>", r#"{"user":1}"#, r#"{"user":null}} {"#, r#"{"user":{"id":"x"}}"#] {
        assert_eq!(read::<Me>(bad), Err(Unreadable), "{bad}");
    }
}

/// One of everything, so that a kind of value that is read differently than serde_json reads it is noticed.
#[test]
fn events_are_read_as_serde_json_reads_them() {
    let counts = json!({"online": 1, "registered": 2, "accepting": 1, "stale": 1, "offline": 0, "left": 0,
        "neverSeen": 0, "unconfirmed": 0, "disabled": 3});
    let at = "2026-11-22T10:00:00.123Z";
    let region = json!({"id": "OM-MCT", "countryCode": "OM", "displayName": null,
        "status": {"word": "stale", "count": 1, "since": at},
        "storage": {"configured": true, "healthy": false, "checkedAt": at, "since": at, "step": null},
        "conversations": {"phone": 3, "web": null},
        "outbound": {"processing": 1, "pending": 2, "oldestPendingSeconds": null},
        "backend": counts, "proxy": counts, "slots": {"used": 3, "max": 25},
        "lastKnown": {"phone": null, "web": null, "processing": null, "pending": 9},
        "coverage": {"reporting": 2, "expected": 4}});
    let mut cluster = region.clone();
    for field in ["id", "countryCode", "displayName", "status", "storage"] {
        cluster.as_object_mut().unwrap().remove(field);
    }
    let rejection = json!({"reason": "unknown_secret", "nodeId": null, "claimedNode": "x", "claimedRegion": null,
        "claimedKind": null, "source": "10.0.0.1", "fingerprint": "00ff00ff", "firstAt": at, "lastAt": at, "count": 7});
    let problem = json!({"id": "a", "code": "none_online", "severity": "bad", "regionId": "OM-MCT", "nodeId": null,
        "nodeName": null, "kind": "proxy", "count": 4, "since": at, "lastHeartbeatAt": null, "rejections": [rejection]});
    let overview = json!({"asOf": at, "change": -1, "cluster": cluster, "regions": [region], "problems": [problem],
        "collecting": {"reason": "restart", "since": at, "until": at, "confirmed": 1, "expected": 2},
        "singletons": common::singleton::Singletons::default(),
        "platform": {"intent": {"state": "maintenance", "publicReason": null, "privateReason": "r", "until": null,
            "by": "a@b", "at": at}, "version": 4}});
    let _: Overview = serde_json::from_value(overview.clone()).unwrap();
    let live = json!({"id": "0198f6a2-0000-7000-8000-000000000001", "status": {"word": "online", "since": at, "inheritedFrom": "region"},
        "liveness": "live", "runtime": "running", "runtimeReason": "", "sessions": {"phone": 1, "web": 0, "max": 25,
        "ageSeconds": [1, 2]}, "outbound": null, "hardware": {"cpuPercent": 12.5, "memoryPercent": 40,
        "networkDownMbps": 0.1, "networkUpMbps": null}, "lastHeartbeatAt": at, "intervalMs": 5000, "bootId": "b",
        "startedAt": at, "softwareVersion": "0.1.0", "hostname": "h", "source": "10.0.0.1", "clockOffsetMs": -20,
        "commands": [], "conditions": [{"kind": "clock_in_sync", "state": "ok", "detail": "fine"}]});
    let mut node = live.clone();
    node.as_object_mut().unwrap().extend(
        json!({"externalId": null, "regionId": "OM-MCT", "kind": "backend",
            "endpoint": Endpoint::parse("http://10.0.0.5:5002/x").unwrap(), "sipHost": "h", "sipPort": 5080,
            "sipTransport": "tls", "displayName": "d", "notes": null, "labels": {"a": "b"}, "development": true,
            "maxConcurrentCalls": 25, "intent": {"state": "maintenance", "publicReason": "p", "privateReason": "q",
            "until": at, "by": "a@b", "at": at}, "secret": {"fingerprint": "00ff00ff", "createdAt": at,
            "previousUntil": null}, "createdAt": at, "version": 3})
        .as_object()
        .unwrap()
        .clone(),
    );
    let detail = json!({"id": "OM-MCT", "countryCode": "OM", "name": "MCT", "displayName": null,
        "intent": node["intent"], "status": {"word": "empty", "count": null, "since": at}, "capacity": cluster,
        "storage": {"configured": false, "healthy": null, "checkedAt": at}, "createdAt": at, "version": 1});
    let topic =
        |data: Value| json!({"type": "snapshot", "topic": "summary", "asOf": at, "change": 1, "data": data});
    for event in [
        json!({"type": "hello", "streamId": "0198f6a2-0000-7000-8000-000000000001", "serverTime": at, "tickMs": 2000,
            "timers": {"intervalMs": 5000, "staleAfterMs": 15000, "offlineAfterMs": 30000}, "version": "0.1.0",
            "resumed": false}),
        topic(json!({"kind": "summary", "overview": overview})),
        topic(json!({"kind": "nodes", "region": null, "nodes": [], "truncated": true})),
        topic(json!({"kind": "gone"})),
        json!({"type": "delta", "topic": "region:OM-MCT", "asOf": at, "change": 2, "changes": [
            {"kind": "cluster", "capacity": cluster}, {"kind": "region", "region": region},
            {"kind": "nodeLive", "live": live}, {"kind": "nodeRemoved", "id": "0198f6a2-0000-7000-8000-000000000001"},
            {"kind": "regionRemoved", "id": "OM-MCT"}, {"kind": "node", "node": node}, {"kind": "regionDetail", "region": detail}, {"kind": "problems", "problems": []}]}),
        topic(json!({"kind": "node", "node": node})),
        json!({"type": "tick", "serverTime": at, "collecting": null}),
        json!({"type": "reset", "reason": "slow"}),
        json!({"type": "bye", "reason": "signedOut"}),
    ] {
        let text = event.to_string();
        let expected: LiveEvent = serde_json::from_str(&text).unwrap();
        assert_eq!(read::<LiveEvent>(&text), Ok(expected), "{text}");
    }
    assert_eq!(read::<LiveEvent>(r#"{"type":"later"}"#), Err(Unreadable));
}

#[test]
fn an_order_is_read_as_serde_json_reads_it_and_a_page_says_how_many_there_are() {
    let order = json!({"ids": ["0198f6a2-0000-7000-8000-000000000001"], "total": 1, "registered": 10_000,
        "asOf": "2026-11-22T10:00:00.123Z", "change": 7, "counts": [{"word": "never_seen", "count": 3}],
        "versions": [{"version": "0.3.1", "count": 9}], "truncated": false});
    let text = order.to_string();
    assert_eq!(read::<NodeOrder>(&text), Ok(serde_json::from_str(&text).unwrap()));
    let page = |text| read::<NodePage>(text).map(|page| (page.items.len(), page.next_cursor, page.total));
    assert_eq!(page(r#"{"items":[],"nextCursor":null,"total":4}"#), Ok((0, None, 4)));
    // As an older server says it.
    assert_eq!(page(r#"{"items":[],"nextCursor":"x"}"#), Ok((0, Some("x".to_owned()), 0)));
}

#[test]
fn webhooks_and_their_deliveries_are_read_as_serde_json_reads_them() {
    fn same<T: FromJson + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &Value) {
        let text = value.to_string();
        let expected: T = serde_json::from_str(&text).unwrap();
        assert_eq!(read::<T>(&text), Ok(expected), "{text}");
    }
    let (at, id) = ("2026-11-23T10:00:00.123Z", "0198f6a2-0000-7000-8000-000000000001");
    let idle = json!({"id": id, "name": "On call", "url": "https://hooks.example.com/…",
        "events": ["problem.opened", "lifecycle.liveness"], "regionIds": null, "enabled": true, "state": "idle",
        "stoppedBecause": null, "secretFingerprint": "00ff00ff", "formerSecretUntil": null, "deliveredAt": null,
        "failingSince": null, "waiting": 0, "createdBy": "a@b", "createdAt": at, "version": 1});
    let mut stopped = idle.clone();
    let more = json!({"regionIds": ["OM-MCT"], "enabled": false, "state": "stopped", "stoppedBecause": "gone",
        "formerSecretUntil": at, "deliveredAt": at, "failingSince": at, "waiting": 7});
    stopped.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    same::<Webhook>(&idle);
    same::<WebhookList>(&json!({"asOf": at, "items": [idle, stopped]}));
    same::<WebhookMade>(&json!({"webhook": idle, "plainSecret": "whsec_AAAA", "secretShown": false}));
    same::<WebhookMade>(&json!({"webhook": stopped, "secretShown": true}));
    let silent =
        json!({"at": at, "tookMs": 5000, "status": null, "code": "reply_timeout", "detail": "No answer."});
    let taken = json!({"at": at, "tookMs": 12, "status": 204, "code": "taken", "detail": ""});
    let waiting = json!({"id": id, "webhookId": id, "messageId": id, "event": "problem.cleared", "regionId": "OM-MCT",
        "createdAt": at, "state": "waiting", "attempts": 1, "nextAt": at, "finishedAt": null, "replayOf": null,
        "last": silent});
    let mut done = waiting.clone();
    let more = json!({"event": "test", "regionId": null, "state": "delivered", "nextAt": null, "finishedAt": at,
        "replayOf": id, "last": taken});
    done.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    same::<Delivery>(&waiting);
    same::<DeliveryPage>(&json!({"asOf": at, "items": [done, waiting], "nextCursor": "x"}));
    same::<DeliveryPage>(&json!({"asOf": at, "items": [], "nextCursor": null}));
    same::<DeliveryDetail>(
        &json!({"delivery": done, "payload": "{\"type\":\"test\"}", "attempts": [silent, taken]}),
    );
    assert_eq!(read::<Webhook>(r#"{"id":"x"}"#), Err(Unreadable));
}
