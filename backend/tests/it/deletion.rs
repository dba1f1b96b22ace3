//! Deleting: refused while anything speaks against it, final afterwards, and never half.

use backend::domain::liveness::Timers;
use common::activity::Outcome;
use common::ids::{NodeId, RegionId};
use common::intent::Deletion;
use common::node::NodeKind;
use common::overview::RejectionPage;
use common::paths::{GOODBYE, HEARTBEAT, NODES, REGIONS, REJECTIONS};
use common::stream::{Change, LiveEvent, SnapshotData, Topic};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{PATIENT, TestApp, TestNode};
use crate::support::client::{Client, Reply};
use crate::support::sse::{Message, Stream};
use crate::support::wait_for;

/// Stale after 0.6 s; the restart's grace is 1.8 s.
const SHORT: Timers = Timers { interval_ms: 200, stale_after_ms: 600, offline_after_ms: 1_200 };

async fn delete(client: &Client, path: &str, version: i64) -> Reply {
    let request = client.request(Method::DELETE, path).header("if-match", format!("\"{version}\""));
    client.send(request).await
}

/// Disables it, past a guard that stands for something else.
pub(crate) async fn disable(client: &Client, path: &str, version: i64) {
    let put = async |token: &Value| {
        let body = json!({"state": "disabled", "privateReason": "goes away", "previewToken": token});
        let request = client.request(Method::PUT, &format!("{path}/intent"));
        client.send(request.header("if-match", format!("\"{version}\"")).json(&body)).await
    };
    let reply = put(&Value::Null).await;
    if reply.status != 200 {
        let preview = reply.problem(409, "guard").current.unwrap();
        put(&preview["previewToken"]).await.expect(200);
    }
}

async fn deletion(client: &Client, path: &str) -> Deletion {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    client.get(&format!("{path}/deletion?{query}")).await.expect(200).json()
}

fn unmet(d: &Deletion) -> Vec<&str> {
    d.preconditions.iter().filter(|p| !p.met).map(|p| p.code.as_str()).collect()
}

/// Waits until it may be deleted.
pub(crate) async fn deletable(client: &Client, path: &str) {
    wait_for("a delete without objections", async || deletion(client, path).await.allowed.then_some(()))
        .await;
}

fn removed(m: &Message, id: NodeId) -> Option<Topic> {
    let LiveEvent::Delta { topic, changes, .. } = &m.event else { return None };
    let gone = changes.iter().any(|c| matches!(c, Change::NodeRemoved { id: gone } if *gone == id));
    gone.then(|| topic.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_goes_when_nothing_speaks_against_it_and_for_good() {
    let mut app = TestApp::with(SHORT, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let body = json!({"regionId": region, "kind": "backend", "endpoint": "10.9.0.1", "externalId": "one", "displayName": "Old one"});
    let made = admin.post(NODES, &body).await.expect(201).value();
    let id: NodeId = made["node"]["id"].as_str().unwrap().parse().unwrap();
    let secret = made["plainSecret"].as_str().unwrap().to_owned();
    let client = app.anonymous().with(crate::support::client::Auth::Secret(secret.clone()));
    let mut node = TestNode { id, boot: uuid::Uuid::new_v4().to_string(), secret, client, seq: 0 };
    node.beat(&json!({"sessions": {"phone": 2, "web": 1}})).await;

    // Everything that is in the way at once, before the click and at it.
    let seen = deletion(&admin, &node.path()).await;
    let codes: Vec<_> = seen.preconditions.iter().map(|p| p.code.as_str()).collect();
    assert_eq!(codes, ["disabled", "silent", "judgeable", "no_sessions", "no_open_command"]);
    assert!(!seen.allowed && unmet(&seen).contains(&"disabled") && unmet(&seen).contains(&"silent"));
    let refused = delete(&admin, &node.path(), 1).await.problem(409, "delete_refused");
    let current: Deletion = serde_json::from_value(refused.current.unwrap()).unwrap();
    assert!(!current.allowed && unmet(&current).contains(&"no_sessions"), "{current:?}");
    let blind = admin.request(Method::DELETE, &node.path());
    admin.send(blind).await.problem(428, "version_needed");

    disable(&admin, &node.path(), 1).await;
    delete(&admin, &node.path(), 1).await.problem(412, "version_stale");
    wait_for("nothing but lost calls in the way", async || {
        (unmet(&deletion(&admin, &node.path()).await) == ["no_sessions"]).then_some(())
    })
    .await;
    delete(&admin, &node.path(), 2).await.problem(409, "delete_refused");
    assert!(deletion(&admin, &format!("{}?sessionsLost=true", node.path())).await.allowed);
    let topics = format!("nodes,region:{region},node:{id}");
    let mut stream = Stream::open(&admin, &topics, None).await;
    let done = delete(&admin, &format!("{}?sessionsLost=true", node.path()), 2).await.expect(204);
    assert!(done.header("x-change").parse::<i64>().unwrap() > 0 && done.text.is_empty());
    let mut told = Vec::new();
    while told.len() < 3 {
        told.push(stream.wait("the removal", |m| removed(m, id)).await.to_string());
    }
    told.sort();
    assert_eq!(told, [format!("node:{id}"), "nodes".to_owned(), format!("region:{region}")]);
    let mut later = Stream::open(&admin, &format!("node:{id}"), None).await;
    later
        .wait("that it is gone", |m| {
            matches!(&m.event, LiveEvent::Snapshot { data: SnapshotData::Gone, .. }).then_some(())
        })
        .await;
    admin.get(&node.path()).await.problem(404, "not_found");
    admin.get(&format!("{}/deletion", node.path())).await.problem(404, "not_found");
    delete(&admin, &node.path(), 3).await.problem(404, "not_found");
    let acts = app
        .db
        .texts("SELECT outcome || ' ' || actor FROM activity WHERE action = 'node.delete' ORDER BY id")
        .await;
    let refused = format!("{} admin@localhost", Outcome::Refused.as_str());
    // Refused in its own words twice, without a version, and with an old one.
    let mut expected = vec![refused; 4];
    expected.push("allowed admin@localhost".to_owned());
    assert_eq!(acts, expected);

    // Late heartbeats are told, kept apart and shown; also after a restart.
    for round in 0..2 {
        let body = node.body(&json!({"nodeId": id, "regionId": region}));
        node.client.post(HEARTBEAT, &body).await.problem(410, "node_deleted");
        node.client
            .post(GOODBYE, &json!({"bootId": node.boot, "reason": "x"}))
            .await
            .problem(410, "node_deleted");
        node.client.get("/api/v1/node/bootstrap").await.problem(410, "node_deleted");
        let hash = backend::auth::secret::hash(&node.secret);
        let tombstone = app.state().fleet.tombstone(&hash).unwrap();
        assert_eq!(
            (tombstone.id, tombstone.name.as_str(), tombstone.deleted_by.as_str()),
            (id, "Old one", "admin@localhost")
        );
        if round == 0 {
            let diary: RejectionPage = admin.get(REJECTIONS).await.expect(200).json();
            let group = diary.items.iter().find(|r| r.reason == "node_deleted").expect("a group of its own");
            assert_eq!(group.node_id, Some(id));
            app.pause().await;
            app.resume().await;
            node.moved(&app);
        }
    }
    let admin = admin.at(app.base());
    // Address and name are free at once.
    let again = admin.post(NODES, &body).await.expect(201).value();
    assert_ne!(again["node"]["id"], made["node"]["id"]);
    // After thirty days nobody knows it any more.
    let state = app.state();
    let after = state.clock.wall().later(1);
    state.db.tombstone_purge(after).await.unwrap();
    state.fleet.tombstones_forget(after);
    // A refusal of it that waits to be written holds no other up.
    let late = state.fleet.diary.newest().into_iter().find(|r| r.node_id == Some(id)).unwrap();
    state.db.diary_add(&[backend::db::DiaryEntry { group_hash: [7; 32], rejection: late }]).await.unwrap();
    node.client.get("/api/v1/node/bootstrap").await.problem(401, "unknown_secret");
    assert_eq!(app.db.text("SELECT count(*) FROM nodes").await, "1");
    assert_eq!(app.db.text("SELECT count(*) FROM node_secrets").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_judged_cannot_be_deleted() {
    // Timers as in production: the grace of the start lasts throughout.
    let app = TestApp::with(PATIENT, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Backend).await;
    disable(&admin, &node.path(), 1).await;
    let d = deletion(&admin, &node.path()).await;
    assert!(unmet(&d).contains(&"judgeable"), "{d:?}");
    delete(&admin, &node.path(), 2).await.problem(409, "delete_refused");

    let app = TestApp::with(SHORT, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Backend).await;
    disable(&admin, &node.path(), 1).await;
    deletable(&admin, &node.path()).await;
    app.state().fleet.note_database_error();
    assert_eq!(unmet(&deletion(&admin, &node.path()).await), ["judgeable"]);
    let refused = delete(&admin, &node.path(), 2).await.problem(409, "delete_refused");
    let current: Deletion = serde_json::from_value(refused.current.unwrap()).unwrap();
    assert_eq!(unmet(&current), ["judgeable"]);

    // A command that something may still become of is in the way, until its time has passed.
    deletable(&admin, &node.path()).await;
    let insert = |age: &str| {
        format!(
            "INSERT INTO commands (id, node_id, kind, state, created_by, created_at, not_after) \
             VALUES (gen_random_uuid(), '{}', 'shutdown', 'queued', 'x', now(), now() + interval '{age}')",
            node.id
        )
    };
    app.db.execute(&insert("-1 minute")).await;
    assert!(deletion(&admin, &node.path()).await.allowed);
    app.db.execute(&insert("1 minute")).await;
    assert_eq!(unmet(&deletion(&admin, &node.path()).await), ["no_open_command"]);
    delete(&admin, &node.path(), 2).await.problem(409, "delete_refused");
    app.db.execute("UPDATE commands SET state = 'cancelled'").await;
    delete(&admin, &node.path(), 2).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_and_a_delete_never_both_win() {
    let app = TestApp::with(SHORT, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut nodes = Vec::new();
    for _ in 0..12 {
        let node = app.node(&admin, &region, NodeKind::Proxy).await;
        disable(&admin, &node.path(), 1).await;
        nodes.push(node);
    }
    for node in &nodes {
        deletable(&admin, &node.path()).await;
    }
    let race = |mut node: TestNode| {
        let admin = admin.clone();
        async move {
            let body = node.body(&json!({}));
            let path = node.path();
            let (deleted, beat) = tokio::join!(delete(&admin, &path, 2), node.client.post(HEARTBEAT, &body));
            match (deleted.status, beat.status) {
                // The delete won, or came in between: the heartbeat was not taken.
                (204, 410 | 503) => {
                    let body = node.body(&json!({}));
                    node.client.post(HEARTBEAT, &body).await.problem(410, "node_deleted");
                }
                // The heartbeat won: the node is there and lives.
                (409, 200) => {
                    let node = admin.get(&path).await.expect(200).value();
                    assert!(node["lastHeartbeatAt"].is_string(), "{node}");
                }
                other => panic!("both or neither: {other:?} {} {}", deleted.text, beat.text),
            }
        }
    };
    join_all(nodes.into_iter().map(race)).await;
}

/// Waits until another connection waits for a lock that this test holds.
async fn blocked(app: &TestApp) {
    wait_for("a delete that waits for the row", async || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        (app.db.text(sql).await != "0").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_heartbeat_is_taken_between_the_decision_and_its_end() {
    let app = TestApp::with(SHORT, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Proxy).await;
    disable(&admin, &node.path(), 1).await;
    deletable(&admin, &node.path()).await;
    let (path, other) = (node.path(), app.db.client().await);
    // Held up after it was decided, and broken off there: the node is there as before, and is heard.
    let held = "BEGIN; LOCK TABLE activity IN EXCLUSIVE MODE";
    other.batch_execute(held).await.unwrap();
    let (deleted, ()) = tokio::join!(delete(&admin, &path, 2), async {
        blocked(&app).await;
        let body = node.body(&json!({}));
        node.client.post(HEARTBEAT, &body).await.problem(503, "overloaded");
        let waiting = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        other.batch_execute(waiting).await.unwrap();
    });
    assert!(deleted.status >= 500, "{}", deleted.text);
    other.batch_execute("ROLLBACK").await.unwrap();
    node.beat(&json!({})).await;
    assert_eq!(admin.get(&path).await.expect(200).header("etag"), "\"2\"");

    // Held up, and let go on: what came meanwhile was not taken, and what comes now is told.
    deletable(&admin, &format!("{path}?sessionsLost=true")).await;
    other.batch_execute(held).await.unwrap();
    let lost = format!("{path}?sessionsLost=true");
    let (deleted, ()) = tokio::join!(delete(&admin, &lost, 2), async {
        blocked(&app).await;
        let body = node.body(&json!({}));
        node.client.post(HEARTBEAT, &body).await.problem(503, "overloaded");
        node.client
            .post(GOODBYE, &json!({"bootId": node.boot, "reason": "x"}))
            .await
            .problem(503, "overloaded");
        other.batch_execute("COMMIT").await.unwrap();
    });
    deleted.expect(204);
    let body = node.body(&json!({}));
    node.client.post(HEARTBEAT, &body).await.problem(410, "node_deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activation_and_a_delete_never_both_win() {
    let app = TestApp::with(SHORT, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let path = format!("{REGIONS}/{region}");
    let node = app.node(&admin, &region, NodeKind::Proxy).await;
    let inherited = app.node(&admin, &region, NodeKind::Proxy).await;
    disable(&admin, &node.path(), 1).await;
    disable(&admin, &path, 1).await;
    for node in [&node, &inherited] {
        deletable(&admin, &node.path()).await;
    }
    let other = app.db.client().await;
    // Somebody activates the node while the delete is on its way: the version is not what it was.
    other
        .batch_execute(&format!(
            "BEGIN; UPDATE nodes SET intent = 'active', version = 3 WHERE id = '{}'",
            node.id
        ))
        .await
        .unwrap();
    let node_path = node.path();
    let (reply, ()) = tokio::join!(delete(&admin, &node_path, 2), async {
        blocked(&app).await;
        other.batch_execute("COMMIT").await.unwrap();
    });
    assert_eq!(reply.problem(412, "version_stale").current.unwrap()["version"], 3);
    // Somebody activates its region: the node's version is the same, and it is not disabled any more.
    other.batch_execute("BEGIN; UPDATE regions SET intent = 'active', version = version + 1").await.unwrap();
    let node_path = inherited.path();
    let (reply, ()) = tokio::join!(delete(&admin, &node_path, 1), async {
        blocked(&app).await;
        other.batch_execute("COMMIT").await.unwrap();
    });
    let current: Deletion =
        serde_json::from_value(reply.problem(409, "delete_refused").current.unwrap()).unwrap();
    assert!(unmet(&current).contains(&"disabled"), "{current:?}");
    // A refused delete leaves the door open.
    inherited.clone().beat(&json!({})).await;

    // Of an activation and a delete with one version, one happens, through the API as well.
    let races = (0..6).map(|_| async {
        let node = app.node(&admin, &region, NodeKind::Proxy).await;
        disable(&admin, &node.path(), 1).await;
        deletable(&admin, &node.path()).await;
        let body = json!({"state": "active"});
        let path = format!("{}/intent", node.path());
        let activate = admin.request(Method::PUT, &path).header("if-match", "\"2\"").json(&body);
        let node_path = node.path();
        let (deleted, activated) = tokio::join!(delete(&admin, &node_path, 2), admin.send(activate));
        match (deleted.status, activated.status) {
            (204, 404 | 412) => drop(admin.get(&node.path()).await.problem(404, "not_found")),
            (412, 200) => {
                assert_eq!(admin.get(&node.path()).await.expect(200).value()["intent"]["state"], "active")
            }
            other => panic!("both or neither: {other:?}"),
        }
    });
    join_all(races).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_goes_when_it_is_disabled_and_empty() {
    let app = TestApp::with(SHORT, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let path = format!("{REGIONS}/{region}");
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    assert_eq!(unmet(&deletion(&admin, &path).await), ["disabled", "no_nodes"]);
    delete(&admin, &path, 1).await.problem(409, "delete_refused");
    disable(&admin, &path, 1).await;
    delete(&admin, &path, 1).await.problem(412, "version_stale");
    let refused = delete(&admin, &path, 2).await.problem(409, "delete_refused");
    let current: Deletion = serde_json::from_value(refused.current.unwrap()).unwrap();
    assert_eq!(unmet(&current), ["no_nodes"]);
    // Disabled through its region is disabled.
    deletable(&admin, &node.path()).await;
    delete(&admin, &node.path(), 1).await.expect(204);

    assert!(deletion(&admin, &path).await.allowed);
    let mut stream = Stream::open(&admin, &format!("summary,region:{region}"), None).await;
    delete(&admin, &path, 2).await.expect(204);
    let id = RegionId::from(region.as_str());
    for topic in ["summary", "region:OM-MCT"] {
        let gone = |m: &Message| {
            let LiveEvent::Delta { topic: told, changes, .. } = &m.event else { return None };
            let gone = changes.iter().any(|c| matches!(c, Change::RegionRemoved { id: gone } if *gone == id));
            (gone && told.to_string() == topic).then_some(())
        };
        if stream.seen.iter().all(|m| gone(m).is_none()) {
            stream.wait(topic, gone).await;
        }
    }
    admin.get(&path).await.problem(404, "not_found");
    admin.get(&format!("{path}/deletion")).await.problem(404, "not_found");
    delete(&admin, &path, 3).await.problem(404, "not_found");
    // Its deleted node is recognised still, and its id is free.
    let body = node.body(&json!({}));
    node.client.post(HEARTBEAT, &body).await.problem(410, "node_deleted");
    app.region(&admin, "mct").await;
    let page = admin.get(&format!("{NODES}?regionId={region}")).await.expect(200).value();
    assert_eq!(page["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_node_and_the_delete_of_its_region_never_both_win() {
    let app = TestApp::with(SHORT, |_| {}).await;
    let admin = app.admin().await;
    for n in 0..6 {
        let region = app.region(&admin, &format!("r{n}")).await;
        let path = format!("{REGIONS}/{region}");
        disable(&admin, &path, 1).await;
        let body = json!({"regionId": region, "kind": "proxy", "endpoint": format!("10.8.0.{n}")});
        let (deleted, added) = tokio::join!(delete(&admin, &path, 2), admin.post(NODES, &body));
        match (deleted.status, added.status) {
            (204, 422) => {
                assert_eq!(added.field_errors(), [("/regionId".to_owned(), "region_unknown".to_owned())])
            }
            (409, 201) => drop(admin.get(&path).await.expect(200)),
            other => panic!("both or neither: {other:?} {} {}", deleted.text, added.text),
        }
    }
}
