//! Storage of a region over the API: stored sealed, never told again, handed to nodes, tested with the values sent.

use common::activity::{TimelineEvent, TimelinePage};
use common::auth::Role;
use common::node::NodeKind;
use common::storage::{RegionStorage, StorageState, StorageStepKind, StorageTestReply};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{PATIENT, TestApp};
use crate::support::client::{Auth, Client, Reply};
use crate::support::s3d::{BUCKET, FULL, S3d};
use crate::support::wait_for;

const KEY: &str = "a-secret-key-that-is-told-to-nobody";

fn values(port: u16) -> Value {
    json!({"endpoint": format!("http://127.0.0.1:{port}"), "accessKey": "iqra-mct", "secretKey": KEY, "ssl": false, "bucket": "audio"})
}

async fn put(client: &Client, region: &str, body: &Value, version: i64) -> Reply {
    let path = format!("/api/v1/regions/{region}/storage");
    let request = client.request(Method::PUT, &path).header("if-match", format!("\"{version}\"")).json(body);
    client.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_kept_without_telling_the_key_and_survive_a_restart() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let path = format!("/api/v1/regions/{region}/storage");
    let none = admin.get(&path).await.expect(200);
    assert_eq!(none.header("etag"), "\"0\"");
    assert!(none.json::<RegionStorage>().settings.is_none());

    let bare = admin.send(admin.request(Method::PUT, &path).json(&values(9000))).await;
    bare.problem(428, "version_needed");
    let stored = put(&admin, &region, &values(9000), 0).await.expect(200);
    assert_eq!(stored.header("etag"), "\"1\"");
    assert!(!stored.text.contains(KEY), "{}", stored.text);

    // Another key under an old version changes nothing and is told what is there.
    let stale = put(&admin, &region, &values(9001), 0).await;
    let problem = stale.problem(412, "version_stale");
    assert_eq!(problem.current.unwrap()["settings"]["endpoint"], "http://127.0.0.1:9000");

    // A change without a key keeps the key.
    let mut later = values(9000);
    later.as_object_mut().unwrap().remove("secretKey");
    later["bucket"] = json!("audio-2");
    let reply = put(&admin, &region, &later, 1).await.expect(200);
    let was: RegionStorage = stored.json();
    let is: RegionStorage = reply.json();
    assert_eq!(is.settings.as_ref().unwrap().secret, was.settings.unwrap().secret);
    assert_eq!(is.settings.as_ref().unwrap().bucket, "audio-2");

    app.pause().await;
    app.resume().await;
    let again: RegionStorage = app.admin().await.get(&path).await.expect(200).json();
    assert_eq!(again.settings, is.settings);

    // Viewers see where audio goes, not by which key.
    let viewer = app.signed_in_as(Role::Viewer).await;
    let seen: RegionStorage = viewer.get(&path).await.expect(200).json();
    let seen = seen.settings.unwrap();
    assert_eq!((seen.access_key.as_str(), seen.secret.fingerprint), ("", None));
    let dump = app.db.dump().await;
    assert!(!dump.contains(KEY), "the key is in the database in clear");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_error_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let bad =
        json!({"endpoint": "https://u:p@storage:9000/x", "accessKey": "", "ssl": false, "bucket": "A_B"});
    let reply = put(&admin, &region, &bad, 0).await;
    reply.problem(422, "invalid");
    let fields: Vec<String> = reply.field_errors().into_iter().map(|(pointer, _)| pointer).collect();
    for field in ["/endpoint", "/accessKey", "/secretKey", "/bucket"] {
        assert!(fields.contains(&field.to_owned()), "{field} in {fields:?}");
    }
    let both = json!({"endpoint": "https://storage:9000", "accessKey": "key", "secretKey": "12345678", "ssl": false});
    let reply = put(&admin, &region, &both, 0).await;
    assert!(
        reply.field_errors().contains(&("/ssl".to_owned(), "ssl_contradiction".to_owned())),
        "{}",
        reply.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_are_told_to_read_again_and_get_the_key() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let before = node.beat(&json!({})).await["configTag"].clone();
    put(&admin, &region, &values(9000), 0).await.expect(200);
    let after = node.beat(&json!({})).await["configTag"].clone();
    assert_ne!(before, after, "the tag tells that bootstrap changed");
    let client = app.anonymous().with(Auth::Secret(node.secret.clone()));
    let bootstrap = client.get("/api/v1/node/bootstrap").await.expect(200).value();
    assert_eq!(bootstrap["configTag"], after);
    assert_eq!(bootstrap["storage"][0]["secretKey"], KEY);
    assert_eq!(bootstrap["storage"][0]["pathStyle"], true);
    app.anonymous().transcript().forget_last();

    // What it finds with them is a condition of the node, and stands on the region's page.
    node.beat(&json!({"storage": {"ok": false, "step": "put"}})).await;
    let conditions = admin.get(&node.path()).await.expect(200).value()["conditions"].clone();
    let of =
        |list: &Value| list.as_array().unwrap().iter().find(|c| c["kind"] == "storage_reachable").cloned();
    assert_eq!(
        of(&conditions).map(|c| (c["state"].clone(), c["detail"].clone())),
        Some((json!("failed"), json!("put")))
    );
    let view: RegionStorage =
        admin.get(&format!("/api/v1/regions/{region}/storage")).await.expect(200).json();
    assert_eq!(
        view.nodes.iter().map(|n| (n.ok, n.step.as_deref())).collect::<Vec<_>>(),
        [(false, Some("put"))]
    );
    // The region says so in short, whatever the server finds, and both timelines tell of the turn and of its end.
    let short =
        async || admin.get(&format!("/api/v1/regions/{region}")).await.expect(200).value()["storage"].clone();
    assert_eq!(short().await["nodes"], json!({"reporting": 1, "failing": 1}));
    node.beat(&json!({"storage": {"ok": false, "step": "put"}})).await;
    node.beat(&json!({})).await;
    node.beat(&json!({"storage": {"ok": true}})).await;
    assert_eq!(short().await["nodes"], json!({"reporting": 1, "failing": 0}));
    for path in [format!("{}/events", node.path()), format!("/api/v1/regions/{region}/events")] {
        let turns = wait_for("the turns in the timeline", async || {
            let page = admin.get(&path).await.expect(200).value();
            let of_node = |e: &&Value| e["kind"] == "storage" && e["nodeId"] == json!(node.id);
            let found: Vec<Value> =
                page["items"].as_array().unwrap().iter().filter(of_node).cloned().collect();
            (found.len() >= 2).then_some(found)
        })
        .await;
        let words: Vec<_> =
            turns.iter().map(|e| (e["from"].clone(), e["to"].clone(), e["detail"].clone())).collect();
        assert_eq!(
            words,
            [
                (json!("failing"), json!("healthy"), Value::Null),
                (json!("unknown"), json!("failing"), json!("put"))
            ]
        );
    }

    // A node of another region gets its own, which is nothing.
    let other = app.region(&admin, "ruh").await;
    let stranger = app.node(&admin, &other, NodeKind::Backend).await;
    let client = app.anonymous().with(Auth::Secret(stranger.secret.clone()));
    let bootstrap = client.get("/api/v1/node/bootstrap").await.expect(200).value();
    assert_eq!(bootstrap["storage"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_where_it_fails_and_keeps_stored_keys_at_home() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let path = format!("/api/v1/regions/{region}/storage/test");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let reply: StorageTestReply = admin.post(&path, &values(closed)).await.expect(200).json();
    let failed = reply.failed().unwrap();
    assert_eq!((reply.ok, failed.step), (false, StorageStepKind::Tcp));
    assert!(failed.cause.is_some() && failed.cure.is_some(), "{failed:?}");

    put(&admin, &region, &values(closed), 0).await.expect(200);
    let mut elsewhere = values(closed.wrapping_add(1));
    elsewhere.as_object_mut().unwrap().remove("secretKey");
    let refused = admin.post(&path, &elsewhere).await;
    refused.problem(422, "invalid");
    assert_eq!(refused.field_errors(), [("/secretKey".to_owned(), "required".to_owned())]);

    // The check that follows a change finds the same, and says so on the region.
    let summary = async || admin.get(&format!("/api/v1/regions/{region}")).await.expect(200).value();
    let until = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let s = summary().await;
        if s["storage"]["healthy"] == json!(false) {
            assert_eq!(s["storage"]["step"], "tcp");
            break;
        }
        assert!(tokio::time::Instant::now() < until, "never checked: {s}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let view: RegionStorage =
        admin.get(&format!("/api/v1/regions/{region}/storage")).await.expect(200).json();
    assert_eq!((view.health.state, view.recent.len()), (StorageState::Failing, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_turn_of_its_health_enters_the_history_of_the_region_once() {
    let mut app = TestApp::with(PATIENT, |settings| settings.storage_check_ms = 100).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let store = S3d::start().await;
    let mut working = values(0);
    let (key, secret) = FULL;
    working["endpoint"] = json!(store.url());
    working["accessKey"] = json!(key);
    working["secretKey"] = json!(secret);
    working["bucket"] = json!(BUCKET);
    put(&admin, &region, &working, 0).await.expect(200);
    let path = format!("/api/v1/regions/{region}/events?kind=storage");
    let turns = async |admin: &Client| -> Vec<TimelineEvent> {
        let page: TimelinePage = admin.get(&path).await.expect(200).json();
        page.items
    };
    let turned = async |to: &str| {
        wait_for(to, async || {
            Some(turns(&admin).await).filter(|all| all.first().is_some_and(|e| e.to.as_deref() == Some(to)))
        })
        .await
    };
    let first = turned("healthy").await;
    assert_eq!(first.len(), 1, "{first:?}");
    drop(store);
    let second = turned("failing").await;
    let [failing, healthy] = &second[..] else { panic!("not two turns: {second:?}") };
    assert_eq!((failing.from.as_deref(), &healthy.id), (Some("healthy"), &first[0].id));
    assert!(failing.detail.as_ref().is_some_and(|d| !d.is_empty() && !d.contains(secret)), "{failing:?}");
    // It goes on failing, which is no turn; and what happened is kept.
    let view = async || -> RegionStorage {
        admin.get(&format!("/api/v1/regions/{region}/storage")).await.expect(200).json()
    };
    // The list of checks is bounded: two more have pushed the newest of now to the third place.
    let seen = view().await.recent.first().map(|check| check.checked_at);
    let behind = async || view().await.recent.iter().position(|check| Some(check.checked_at) == seen);
    wait_for("further checks", async || behind().await.is_none_or(|place| place >= 2).then_some(())).await;
    assert_eq!(turns(&admin).await.len(), 2);
    app.pause().await;
    app.resume().await;
    let kept = turns(&admin.at(app.base())).await;
    let ids = |all: &[TimelineEvent]| all.iter().map(|e| e.id.clone()).collect::<Vec<_>>();
    assert!(ids(&kept).ends_with(&ids(&second)), "{kept:?}");
}
