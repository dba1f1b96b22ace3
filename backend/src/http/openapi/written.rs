//! Examples of replies that are read together, so that no member contradicts another: a token that works was not
//! revoked, a node that is online has beaten, a run that ended says when.

use serde_json::{Value, json};

use super::examples::{AT, NODE, OTHER};

/// Minutes and seconds before [`AT`].
const EARLIER: &str = "2026-11-22T10:19:58.400Z";
const DAYS_AGO: &str = "2026-10-12T07:41:03.006Z";
const DAYS_AHEAD: &str = "2027-01-10T23:59:59.999Z";
const WHO: &str = "huda@example.com";

/// A reply as a server would send it.
pub(super) fn reply(of: &str) -> Option<Value> {
    Some(match of {
        "Token" => json!({
            "id": OTHER, "name": "ci-deploy", "scope": "operate", "state": "active", "regionScope": ["OM-MCT"],
            "networks": ["10.2.0.0/16"], "createdBy": WHO, "createdAt": DAYS_AGO, "expiresAt": DAYS_AHEAD,
            "lastUsedAt": EARLIER, "lastUsedFrom": "10.2.0.14", "revokedAt": null, "revokedBy": null, "version": 1,
        }),
        "Node" => node(),
        "Overview" => overview(),
        "Command" => json!({
            "id": OTHER, "nodeId": NODE, "kind": "shutdown", "args": {"mode": "graceful", "job": null, "runId": null},
            "state": "accepted", "bootId": "5f0c2d3e-be-1", "createdAt": EARLIER, "createdBy": WHO,
            "notAfter": "2026-11-22T10:49:58.400Z", "offeredAt": "2026-11-22T10:20:00.910Z", "offeredCount": 1,
            "acceptedAt": AT, "finishedAt": null, "detail": null, "push": "accepted",
        }),
        "JobRun" => json!({
            "id": OTHER, "job": "cleanup", "state": "succeeded", "requestedAt": DAYS_AGO, "requestedBy": WHO,
            "startedAt": "2026-10-12T07:41:05.210Z", "finishedAt": "2026-10-12T07:42:11.004Z",
            "reportedAt": "2026-10-12T07:42:11.004Z", "nodeId": NODE, "commandId": NODE, "cancelRequested": false,
            "output": "12 of 12 rooms cleaned\n", "outputBytes": 23, "error": null, "push": "accepted",
        }),
        "OpenProblem" => problem(),
        "Attention" => attention(),
        "Evidence" => evidence(),
        "Intent" => intent(),
        _ => return None,
    })
}

fn intent() -> Value {
    json!({
        "state": "active", "publicReason": null, "privateReason": null, "by": null, "at": null, "until": null,
        "deadline": null, "onDeadline": "hold",
    })
}

fn node() -> Value {
    let registered = json!({
        "id": NODE, "externalId": "be-1", "regionId": "OM-MCT", "kind": "backend", "displayName": "Backend 1",
        "endpoint": {"scheme": "http", "host": "10.0.0.5", "port": 5002, "path": ""},
        "sipHost": null, "sipPort": null, "sipTransport": "udp", "notes": null, "labels": {"rack": "b2"},
        "development": false, "maxConcurrentCalls": 25, "createdAt": DAYS_AGO, "version": 3, "intent": intent(),
        "secret": {"fingerprint": "3f9ac1d2", "createdAt": DAYS_AGO, "previousFingerprint": null, "previousUntil": null},
    });
    let live = json!({
        "status": {"word": "online", "since": DAYS_AGO, "inheritedFrom": null},
        "liveness": "live", "runtime": "running", "runtimeReason": null, "drain": null,
        "accepts": {"inbound": true, "outbound": null, "web": true},
        "conditions": [{"kind": "clock_in_sync", "state": "ok", "detail": "12 ms ahead"}],
        "commands": [],
        "sessions": {"phone": 3, "web": 1, "max": 25, "ageSeconds": [640, 12]}, "outbound": null,
        "hardware": {"cpuPercent": 12.5, "memoryPercent": 41.2, "networkDownMbps": 3.1, "networkUpMbps": 0.4},
        "lastHeartbeatAt": AT, "intervalMs": 10_000, "clockOffsetMs": 12, "observedGeneration": 3,
        "bootId": "5f0c2d3e-be-1", "startedAt": DAYS_AGO, "hostname": "be-1.mct.example.com", "source": "10.0.0.5",
        "softwareVersion": "1.4.2", "secretInUse": "3f9ac1d2",
    });
    both(registered, live)
}

/// The members of two objects.
fn both(one: Value, other: Value) -> Value {
    let members =
        [one, other].into_iter().filter_map(|v| if let Value::Object(m) = v { Some(m) } else { None });
    Value::Object(members.flatten().collect())
}

fn evidence() -> Value {
    json!({
        "calls": 4, "cause": null, "detail": null, "kindsDown": [], "nodes": [], "offsetMs": null, "percent": null,
        "reason": null, "seconds": 32, "total": null, "until": null, "values": [],
    })
}

fn problem() -> Value {
    json!({
        "id": format!("node_stale:{NODE}"), "code": "node_stale", "severity": "warn", "since": AT, "clearedAt": null,
        "regionId": "OM-MCT", "nodeId": NODE, "nodeName": "Backend 1", "kind": "backend", "count": null,
        "lastHeartbeatAt": EARLIER, "incidentId": null, "evidence": evidence(), "rejections": [], "snoozed": null,
    })
}

fn attention() -> Value {
    json!({
        "counts": {"bad": 0, "warn": 1, "snoozed": 0}, "cleared": [], "lastClearedAt": EARLIER, "unregistered": 0,
    })
}

/// Three backends of which one has missed beats, and one proxy.
fn overview() -> Value {
    let of_kind = |online: u32, registered: u32| {
        json!({
            "online": online, "registered": registered, "accepting": online, "stale": registered - online, "offline": 0,
            "left": 0, "neverSeen": 0, "unconfirmed": 0, "disabled": 0,
        })
    };
    let figures = json!({
        "backend": of_kind(2, 3), "proxy": of_kind(1, 1), "conversations": {"phone": 9, "web": 2},
        "outbound": {"processing": 2, "pending": 5, "oldestPendingSeconds": 4}, "slots": {"used": 11, "max": 50},
        "lastKnown": {"phone": 3, "web": 1, "processing": 0, "pending": 0},
        "coverage": {"reporting": 3, "expected": 4},
    });
    let region = json!({
        "id": "OM-MCT", "countryCode": "OM", "displayName": "Muscat",
        "status": {"word": "stale", "since": AT, "count": 1},
        "storage": {"configured": true, "healthy": true, "checkedAt": EARLIER, "since": DAYS_AGO, "step": null},
    });
    let region = both(region, figures.clone());
    json!({
        "asOf": AT, "change": 41, "cluster": figures, "regions": [region], "problems": [problem()],
        "attention": attention(), "collecting": null, "platform": {"intent": intent(), "version": 1},
        "singletons": {
            "background": {"configured": true, "nodeId": OTHER, "word": "online", "since": DAYS_AGO},
            "frontend": {"count": 1, "version": "1.4.2", "versionsDiffer": false},
        },
    })
}
