//! What nodes send: accepted, refused for its reason, counted in the diary.

use common::node::{Node, NodeKind};
use common::overview::{Rejection, RejectionPage};
use common::paths::{GOODBYE, HEARTBEAT, REJECTIONS};
use common::status::{ConditionKind, ConditionState, Liveness, Runtime, StatusWord};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{PATIENT, TestApp, TestNode};
use crate::support::client::{Auth, Client};
use crate::support::unique;

async fn read(admin: &Client, node: &TestNode) -> Node {
    admin.get(&node.path()).await.expect(200).json()
}

async fn diary(admin: &Client) -> Vec<Rejection> {
    admin.get(REJECTIONS).await.expect(200).json::<RejectionPage>().items
}

/// How often each reason was counted, by name.
async fn reasons(admin: &Client) -> Vec<(String, u64)> {
    let mut sums = std::collections::BTreeMap::new();
    for r in diary(admin).await {
        *sums.entry(r.reason).or_insert(0) += r.count;
    }
    sums.into_iter().collect()
}

fn named(list: &[(&str, u64)]) -> Vec<(String, u64)> {
    list.iter().map(|(reason, n)| ((*reason).to_owned(), *n)).collect()
}

fn condition(node: &Node, kind: ConditionKind) -> Option<(ConditionState, String)> {
    node.live.conditions.iter().find(|c| c.kind == kind).map(|c| (c.state, c.detail.clone()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_makes_a_node_live_with_what_it_says() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let full = json!({
        "sentAt": app.state().clock.wall(), "nodeId": node.id, "regionId": "om-mct", "kind": "backend", "version": "1.4.2",
        "runtime": {"status": "running", "reason": "Normal operation"},
        "sessions": {"phone": 3, "web": 1, "max": 25, "ageSeconds": [640, 12]},
        "hardware": {"cpuPercent": 12.5, "memoryPercent": 41.2, "networkDownMbps": 3.1, "networkUpMbps": 0.4},
        "storage": {"ok": true}, "accepts": {"inbound": true}, "sipPort": 5080, "hostname": "node1",
        "observedGeneration": 3, "jobs": [], "acks": [], "somethingNew": {"x": 1},
    });
    let reply = node.beat(&full).await;
    assert_eq!((&reply["nodeId"], &reply["duplicate"]), (&json!(node.id), &json!(false)));
    assert_eq!(reply["desired"], json!({"state": "run", "reason": "", "generation": 3}));
    let next = reply["nextInMs"].as_u64().unwrap();
    assert!((4_500..=5_500).contains(&next), "{next}");
    assert_eq!(reply["secret"]["rotationDue"], false);

    let seen = read(&admin, &node).await;
    assert_eq!((seen.live.liveness, seen.live.status.word), (Liveness::Live, StatusWord::Online));
    assert_eq!(seen.live.runtime, Some(Runtime::Running));
    let sessions = seen.live.sessions.as_ref().unwrap();
    assert_eq!((sessions.phone, sessions.web, sessions.max), (Some(3), Some(1), Some(25)));
    assert_eq!(seen.live.hardware.as_ref().unwrap().cpu_percent, Some(12.5));
    assert_eq!(
        (seen.live.software_version.as_deref(), seen.live.hostname.as_deref()),
        (Some("1.4.2"), Some("node1"))
    );
    assert_eq!(
        (seen.live.source.as_deref(), seen.live.boot_id.as_deref()),
        (Some("127.0.0.1"), Some(node.boot.as_str()))
    );
    assert_eq!(condition(&seen, ConditionKind::ClockInSync).unwrap().0, ConditionState::Ok);
    assert_eq!(seen.version, 1, "a heartbeat is no change of the registration");
    let overview = admin.get(common::paths::OVERVIEW).await.expect(200).value();
    assert_eq!(overview["cluster"]["conversations"], json!({"phone": 3, "web": 1}));
    assert_eq!(
        (&overview["cluster"]["backend"]["online"], &overview["cluster"]["backend"]["accepting"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(diary(&admin).await, []);

    // The least that counts, and the other header.
    let bearer = node.client.with(Auth::Bearer(node.secret.clone()));
    let least = node.body(&json!({}));
    assert_eq!(bearer.post(HEARTBEAT, &least).await.expect(200).value()["duplicate"], false);
    let seen = read(&admin, &node).await;
    assert_eq!((seen.live.sessions, seen.live.status.word), (None, StatusWord::Online));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_heartbeat_is_a_sign_of_life_and_no_news() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    node.seq = 10;
    node.beat(&json!({"sessions": {"phone": 3}})).await;
    let first = read(&admin, &node).await.live.last_heartbeat_at.unwrap();
    for seq in [11, 10, 0] {
        let body = json!({"bootId": node.boot, "seq": seq, "sessions": {"phone": 9}});
        let reply = node.client.post(HEARTBEAT, &body).await.expect(200).value();
        assert_eq!(reply["duplicate"], true, "{seq}");
    }
    let seen = read(&admin, &node).await;
    assert_eq!(seen.live.sessions.unwrap().phone, Some(3));
    assert!(seen.live.last_heartbeat_at.unwrap() >= first);
    // Another run of the process counts from anywhere.
    node.boot = unique("boot");
    node.seq = 0;
    assert_eq!(node.beat(&json!({"sessions": {"phone": 1}})).await["duplicate"], false);
    assert_eq!(read(&admin, &node).await.live.sessions.unwrap().phone, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_of_todays_servers_is_understood_in_either_case() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let backend = app.node(&admin, &region, NodeKind::Backend).await;
    let flat = json!({
        "RegionId": "OM-MCT", "MaxConcurrentCallsCount": 25, "CurrentActiveTelephonySessionCount": 3,
        "CurrentActiveWebSessionCount": 1, "NodeId": "65f0c0ffee65f0c0ffee1234", "Type": 2, "RuntimeStatus": 1,
        "RuntimeStatusReason": "Normal Operation", "Version": "0.1.0", "LastUpdated": "2026-03-15T10:20:30.1234567Z",
        "CpuUsagePercent": 12.5, "MemoryUsagePercent": 41.2, "NetworkDownloadMbps": 10.0, "NetworkUploadMbps": 0,
    });
    for _ in 0..2 {
        let reply = backend.client.post(HEARTBEAT, &flat).await.expect(200).value();
        assert_eq!(reply["duplicate"], false, "this form has no order");
    }
    let seen = read(&admin, &backend).await;
    let sessions = seen.live.sessions.clone().unwrap();
    assert_eq!((sessions.phone, sessions.web, sessions.max), (Some(3), Some(1), Some(25)));
    assert_eq!((seen.live.runtime, seen.live.boot_id.as_deref()), (Some(Runtime::Running), None));
    assert_eq!(seen.live.hardware.as_ref().unwrap().network_down_mbps, Some(10.48576));
    let (state, detail) = condition(&seen, ConditionKind::IdentityUnique).unwrap();
    assert_eq!((state, detail.as_str()), (ConditionState::Unknown, "65f0c0ffee65f0c0ffee1234"));

    let proxy = app.node(&admin, &region, NodeKind::Proxy).await;
    let camel = json!({
        "regionId": "OM-MCT", "nodeId": "a", "type": 1, "runtimeStatus": 3, "currentOutboundMarkedQueues": 40,
        "currentOutboundProcessingMarkedQueues": 12, "currentOutboundProcessedMarkedQueues": 99,
    });
    proxy.client.post(HEARTBEAT, &camel).await.expect(200);
    let seen = read(&admin, &proxy).await;
    let outbound = seen.live.outbound.unwrap();
    assert_eq!((outbound.processing, outbound.pending), (Some(12), Some(40)));
    assert_eq!((seen.live.runtime, seen.live.status.word), (Some(Runtime::Draining), StatusWord::Draining));
    // A front end is not for us.
    let front = json!({"NodeId": "a", "Type": 3});
    proxy.client.post(HEARTBEAT, &front).await.problem(409, "kind_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_contradict_the_registry_are_refused_and_do_not_count() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    app.region(&admin, "sll").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let other = app.node(&admin, &region, NodeKind::Backend).await;
    for (member, code) in [
        (json!({"regionId": "OM-SLL"}), "region_mismatch"),
        (json!({"regionId": "XX"}), "region_mismatch"),
        (json!({"kind": "proxy"}), "kind_mismatch"),
        (json!({"nodeId": other.id}), "node_mismatch"),
    ] {
        let body = node.body(&member);
        node.client.post(HEARTBEAT, &body).await.problem(409, code);
        let seen = read(&admin, &node).await;
        assert_eq!(
            (seen.live.liveness, seen.live.last_heartbeat_at),
            (Liveness::NeverSeen, None),
            "{member}"
        );
        let (state, detail) = condition(&seen, ConditionKind::HeartbeatAccepted).unwrap();
        assert!(state == ConditionState::Failed && detail.starts_with(code), "{detail}");
    }
    let kept = diary(&admin).await;
    assert!(kept.iter().all(|r| r.node_id == Some(node.id) && r.source == "127.0.0.1"));
    assert!(kept.iter().any(|r| r.claimed_region.as_deref() == Some("OM-SLL")));
    assert_eq!(
        reasons(&admin).await,
        named(&[("kind_mismatch", 1), ("node_mismatch", 1), ("region_mismatch", 2)])
    );

    // An id that nobody has is odd, and no reason to lose a node.
    node.beat(&json!({"nodeId": "0198f6a2-0000-7000-8000-000000000001"})).await;
    let seen = read(&admin, &node).await;
    assert_eq!(seen.live.liveness, Liveness::Live);
    assert_eq!(condition(&seen, ConditionKind::IdentityUnique).unwrap().0, ConditionState::Unknown);
    assert_eq!(condition(&seen, ConditionKind::HeartbeatAccepted), None, "it was accepted since");
    node.beat(&json!({"nodeId": node.id})).await;
    assert_eq!(condition(&read(&admin, &node).await, ConditionKind::IdentityUnique), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_gets_one_answer_whatever_is_wrong() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let body = node.body(&json!({"nodeId": node.id, "regionId": "OM-MCT", "kind": "backend"}));
    let mut almost = node.secret.clone();
    almost.pop();
    almost.push('!');
    let long = "x".repeat(300);
    let token = admin.with_token().await;
    let mut answers = Vec::new();
    for client in [
        node.client.with(Auth::None),
        node.client.with(Auth::Secret(almost)),
        node.client.with(Auth::Secret("short".into())),
        node.client.with(Auth::Secret(long)),
        node.client.with(Auth::Cookie(admin.cookie().to_owned())),
        token,
    ] {
        for (path, garbage) in [(HEARTBEAT, false), (HEARTBEAT, true), (GOODBYE, false)] {
            let request = client.request(Method::POST, path);
            let request = if garbage { request.body("garbage") } else { request.json(&body) };
            let problem = client.send(request).await.problem(401, "unknown_secret");
            answers.push((problem.title, problem.detail));
        }
        client.get("/api/v1/node/bootstrap").await.problem(401, "unknown_secret");
    }
    assert!(answers.windows(2).all(|w| w[0] == w[1]), "{answers:?}");
    assert_eq!(reasons(&admin).await, named(&[("unknown_secret", 24)]));
    // It claims to be a registered node, so it is shown there.
    let seen = read(&admin, &node).await;
    assert_eq!(seen.live.liveness, Liveness::NeverSeen);
    assert!(condition(&seen, ConditionKind::HeartbeatAccepted).unwrap().1.starts_with("unknown_secret"));
    let claimed =
        diary(&admin).await.into_iter().find(|r| r.claimed_node == Some(node.id.to_string())).unwrap();
    assert_eq!((claimed.node_id, claimed.claimed_kind.as_deref()), (None, Some("backend")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_the_wrong_type_spoils_its_group_alone() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let more = json!({"sessions": {"phone": "3"}, "hardware": {"cpuPercent": 250}, "version": "1.4.2", "runtime": {"status": "starting"}});
    node.beat(&more).await;
    let seen = read(&admin, &node).await;
    assert_eq!((seen.live.sessions.clone(), seen.live.hardware.clone()), (None, None));
    assert_eq!(
        (seen.live.software_version.as_deref(), seen.live.status.word),
        (Some("1.4.2"), StatusWord::Starting)
    );
    let (state, detail) = condition(&seen, ConditionKind::FiguresReadable).unwrap();
    assert_eq!((state, detail.as_str()), (ConditionState::Failed, "sessions, hardware"));
    node.beat(&json!({"sessions": {"phone": 3}})).await;
    assert_eq!(condition(&read(&admin, &node).await, ConditionKind::FiguresReadable), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_refused_and_does_not_count() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let bodies: [&[u8]; 10] = [
        b"",
        b"garbage",
        b"{",
        b"[1]",
        b"\"x\"",
        b"\xff\xfe\x00",
        b"{}",
        b"{\"bootId\":\"b\"}",
        b"{\"bootId\":\"\",\"seq\":1}",
        b"{\"bootId\":\"b\",\"seq\":-1}",
    ];
    for body in bodies {
        let request = node.client.request(Method::POST, HEARTBEAT).body(body);
        node.client.send(request).await.problem(422, "invalid_heartbeat");
    }
    // Neither does a goodbye that nobody can read.
    for body in [&b"garbage"[..], b"{}", b"{\"bootId\":7}"] {
        node.client
            .send(node.client.request(Method::POST, GOODBYE).body(body))
            .await
            .problem(422, "invalid_heartbeat");
    }
    let deep = "[".repeat(8_000);
    let body = format!("{{\"bootId\":\"b\",\"seq\":1,\"sessions\":{deep}");
    node.client
        .send(node.client.request(Method::POST, HEARTBEAT).body(body))
        .await
        .problem(422, "invalid_heartbeat");
    assert_eq!(read(&admin, &node).await.live.liveness, Liveness::NeverSeen);
    assert_eq!(reasons(&admin).await, named(&[("invalid_heartbeat", 14)]));

    // 16 KiB are read, one byte more is not.
    let exact = "{\"bootId\":\"b\",\"seq\":1,\"pad\":\"\"}".len();
    for (size, status) in [(16 * 1024, 200), (16 * 1024 + 1, 413)] {
        let body = format!("{{\"bootId\":\"b\",\"seq\":1,\"pad\":\"{}\"}}", "x".repeat(size - exact));
        assert_eq!(body.len(), size);
        let reply = node.client.send(node.client.request(Method::POST, HEARTBEAT).body(body)).await;
        assert_eq!(reply.status, status, "{size}");
    }
    node.boot = unique("boot");
    node.beat(&json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_once_is_answered_and_counted() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let good: Vec<Value> = (0..100).map(|_| node.body(&json!({"regionId": "OM-MCT"}))).collect();
    let wrong = node.client.with(Auth::Secret("wrong".repeat(10)));
    let large = "x".repeat(1_000_000);
    let all = good.iter().enumerate().map(|(n, good)| {
        let (own, wrong, large) = (&node.client, &wrong, &large);
        async move {
            let post = |client: &Client| client.request(Method::POST, HEARTBEAT);
            let misplaced = json!({"bootId": "b", "seq": 1, "regionId": "OM-OTHER"});
            let request = match n % 5 {
                0 => return (200, own.send(post(own).json(good)).await.status),
                1 => return (401, wrong.send(post(wrong).json(good)).await.status),
                2 => (409, post(own).json(&misplaced)),
                3 => (422, post(own).body("garbage")),
                _ => (413, post(own).body(large.clone())),
            };
            (request.0, own.send(request.1).await.status)
        }
    });
    for (wanted, got) in join_all(all).await {
        assert_eq!(got, wanted);
    }
    let counted =
        [("body_too_large", 20), ("invalid_heartbeat", 20), ("region_mismatch", 20), ("unknown_secret", 20)];
    assert_eq!(reasons(&admin).await, named(&counted));
    assert_eq!(read(&admin, &node).await.live.liveness, Liveness::Live);
    app.anonymous().get("/livez").await.expect(200);
    app.anonymous().get("/readyz").await.expect(200);
    node.beat(&json!({})).await;
    assert_eq!(app.state().beats_in_flight.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_noisy_node_is_slowed_down_and_disturbs_nobody() {
    let app = TestApp::with(PATIENT, |s| s.heartbeat_limit = true).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut noisy = app.node(&admin, &region, NodeKind::Backend).await;
    let mut quiet = app.node(&admin, &region, NodeKind::Proxy).await;
    let began = app.state().clock.mono();
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..60 {
        let body = noisy.body(&json!({}));
        let reply = noisy.client.post(HEARTBEAT, &body).await;
        if reply.status == 200 {
            accepted += 1;
        } else {
            reply.problem(429, "too_fast");
            assert_eq!(reply.header("retry-after"), "1");
            refused += 1;
        }
    }
    let took_ms = app.state().clock.mono().since(began);
    assert!(refused > 0, "60 heartbeats in {took_ms} ms");
    assert!(accepted >= 10, "a burst of ten is let through, not {accepted}");
    assert!(accepted <= 11 + took_ms / 500, "{accepted} in {took_ms} ms is more than two a second");
    quiet.beat(&json!({})).await;
    assert_eq!(reasons(&admin).await, named(&[("too_fast", refused)]));
    let overview = admin.get(common::paths::OVERVIEW).await.expect(200).value();
    assert_eq!(overview["collecting"], Value::Null, "a noisy node is no doubt about ourselves");
    assert_eq!(read(&admin, &noisy).await.live.liveness, Liveness::Live);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_goodbye_ends_the_run_it_names_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    node.beat(&json!({"sessions": {"phone": 3}})).await;
    assert!(node.goodbye().await);
    let seen = read(&admin, &node).await;
    assert_eq!((seen.live.liveness, seen.live.status.word), (Liveness::Left, StatusWord::Offline));
    let overview = admin.get(common::paths::OVERVIEW).await.expect(200).value();
    assert_eq!(
        (&overview["cluster"]["backend"]["left"], &overview["cluster"]["conversations"]["phone"]),
        (&json!(1), &Value::Null)
    );
    assert!(node.goodbye().await, "said twice, it stays true");

    // A new run; the old one's goodbye comes late and changes nothing.
    let old = std::mem::replace(&mut node.boot, unique("boot"));
    node.beat(&json!({})).await;
    let late = json!({"bootId": old, "reason": "restart"});
    assert_eq!(node.client.post(GOODBYE, &late).await.expect(200).value()["left"], false);
    assert_eq!(read(&admin, &node).await.live.liveness, Liveness::Live);
    assert!(node.goodbye().await);
    assert_eq!(diary(&admin).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_diary_counts_by_reason_and_survives_a_restart() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let wrong = node.client.with(Auth::Secret("wrong".repeat(10)));
    for _ in 0..3 {
        wrong
            .post(HEARTBEAT, &json!({"bootId": "b", "seq": 1, "nodeId": "web-7"}))
            .await
            .problem(401, "unknown_secret");
    }
    let body = node.body(&json!({"regionId": "OM-OTHER"}));
    node.client.post(HEARTBEAT, &body).await.problem(409, "region_mismatch");
    let before = diary(&admin).await;
    assert!(before.is_sorted_by(|a, b| a.last_at >= b.last_at), "newest first: {before:?}");
    let group = |reason: &str| before.iter().find(|r| r.reason == reason).unwrap();
    let (misplaced, unknown) = (group("region_mismatch"), group("unknown_secret"));
    assert_eq!(
        (before.len(), misplaced.count, misplaced.claimed_region.as_deref()),
        (2, 1, Some("OM-OTHER"))
    );
    assert_eq!((unknown.count, unknown.claimed_node.as_deref(), unknown.node_id), (3, Some("web-7"), None));
    assert!(unknown.first_at <= unknown.last_at);
    let fingerprint = backend::auth::secret::hash(&"wrong".repeat(10)).fingerprint();
    assert_eq!(unknown.fingerprint.as_deref(), Some(fingerprint.as_str()));
    let page: RejectionPage = admin.get(&format!("{REJECTIONS}?limit=1")).await.expect(200).json();
    let next = page.next_cursor.unwrap();
    let page: RejectionPage =
        admin.get(&format!("{REJECTIONS}?limit=1&cursor={next}")).await.expect(200).json();
    assert_eq!((page.items, page.next_cursor), (vec![before[1].clone()], None));

    app.pause().await;
    app.resume().await;
    let (admin, wrong) = (admin.at(app.base()), wrong.at(app.base()));
    assert_eq!(diary(&admin).await, before);
    wrong
        .post(HEARTBEAT, &json!({"bootId": "b", "seq": 1, "nodeId": "web-7"}))
        .await
        .problem(401, "unknown_secret");
    assert_eq!(reasons(&admin).await, named(&[("region_mismatch", 1), ("unknown_secret", 4)]));
    app.pause().await;
    let stored = app.db.texts("SELECT reason || ' ' || count FROM rejections ORDER BY 1").await;
    assert_eq!(stored, ["region_mismatch 1", "unknown_secret 4"]);
}
