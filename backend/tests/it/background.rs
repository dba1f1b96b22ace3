//! The background node: registered once, outside capacity, its key compared from every side, its endpoint tested.

use std::sync::{Arc, Mutex};

use common::singleton::{
    BackgroundNode, BackgroundTestReply, BackgroundVerdict, CheckState, PutBackgroundReply, SyncVerdict,
    TriggerCode,
};
use common::snippet;
use common::stream::{Change, LiveEvent, SnapshotData};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::app::{QUICK, TestApp, TestNode};
use crate::support::client::{Auth, Client, Reply};
use crate::support::sse::Stream;
use crate::support::unique;

const PATH: &str = "/api/v1/background-node";

/// What an endpoint was asked: path, key, body.
pub(crate) type Asked = Arc<Mutex<Vec<(String, String, Value)>>>;

/// A server that answers like a background node with this key, or (without one) like something else.
pub(crate) async fn endpoint(key: Option<&str>) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (asked, key) = (Asked::default(), key.map(str::to_owned));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut text = String::new();
            let mut buffer = [0_u8; 4096];
            let body = loop {
                let n = stream.read(&mut buffer).await.unwrap_or(0);
                text.push_str(&String::from_utf8_lossy(&buffer[..n]));
                let head = text.split_once("\r\n\r\n");
                let whole = |h: &str, b: &str| b.len() >= header(h, "content-length").parse().unwrap_or(0);
                match head {
                    Some((h, b)) if whole(h, b) => break b.to_owned(),
                    _ if n == 0 => break String::new(),
                    _ => {}
                }
            };
            let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
            let given = header(&text, "x-api-key");
            // A connection that is only opened and closed is a stage of a test.
            if !path.is_empty() {
                let body = serde_json::from_str(&body).unwrap_or_default();
                seen.lock().unwrap().push((path, given.clone(), body));
            }
            let (status, reply) = match &key {
                None => ("200 OK", "<html>welcome</html>".to_owned()),
                Some(key) if *key == given => {
                    ("200 OK", json!({"Success": true, "Message": "ok"}).to_string())
                }
                Some(_) => {
                    let code = "MANAGEMENT_INVALID_API_KEY";
                    ("401 Unauthorized", json!({"success": false, "code": code}).to_string())
                }
            };
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", reply.len());
            let _ = stream.write_all(format!("{head}{reply}").as_bytes()).await;
        }
    });
    (address, asked)
}

fn header(head: &str, name: &str) -> String {
    let line = head.lines().find(|l| l.to_ascii_lowercase().starts_with(&format!("{name}:")));
    line.and_then(|l| l.split_once(':')).map(|(_, v)| v.trim().to_owned()).unwrap_or_default()
}

pub(crate) async fn put(client: &Client, body: &Value, version: Option<&str>) -> Reply {
    let request = client.request(Method::PUT, PATH).json(body);
    client
        .send(match version {
            Some(v) => request.header("if-match", v),
            None => request,
        })
        .await
}

/// Registers it with a key of the test's own; the node as its process sees itself.
pub(crate) async fn register(app: &TestApp, admin: &Client, endpoint: &str) -> TestNode {
    let secret = unique("background-key-");
    let reply = put(admin, &json!({"endpoint": endpoint, "secret": secret}), None).await.expect(200);
    let reply: PutBackgroundReply = reply.json();
    assert_eq!(reply.plain_secret.as_deref(), Some(secret.as_str()));
    admin.transcript().forget_last();
    TestNode {
        id: reply.background.node.unwrap().id(),
        boot: unique("boot-"),
        client: Client::new(app.base(), Auth::Secret(secret.clone()), app.transcript.clone()),
        secret,
        seq: 0,
    }
}

async fn get(client: &Client) -> BackgroundNode {
    client.get(PATH).await.expect(200).json()
}

/// A heartbeat as its process sends it.
pub(crate) fn beat() -> Value {
    json!({"kind": "background", "version": "1.4.2", "jobs": [
        {"key": "cleanup", "title": "Call queue cleanup", "description": "removes finished entries"},
        {"key": "collections", "title": "Knowledge collections"}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn is_registered_once_and_changed_by_version() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let none = get(&admin).await;
    assert!(none.node.is_none() && none.config.is_none() && none.jobs.is_empty());
    assert_eq!(none.trigger.code, Some(TriggerCode::Missing));

    let reply =
        put(&admin, &json!({"endpoint": "10.0.0.40:5003", "displayName": "Jobs"}), None).await.expect(200);
    let first: PutBackgroundReply = reply.json();
    let etag = reply.header("etag").to_owned();
    assert!(reply.header("x-change").parse::<i64>().unwrap() > 0);
    let secret = first.plain_secret.unwrap();
    let settings = snippet::parse(&first.snippet.unwrap()).unwrap();
    assert_eq!(
        (settings.api_key.as_str(), settings.kind),
        (secret.as_str(), common::node::NodeKind::Background)
    );
    let node = first.background.node.unwrap();
    assert_eq!((node.region_id.as_ref(), node.name().as_str()), (None, "Jobs"));
    assert_eq!(first.background.trigger.code, Some(TriggerCode::NeverSeen));
    assert_eq!(first.background.config.unwrap().verdict, SyncVerdict::Unknown);

    // Once per cluster, and only by this way.
    put(&admin, &json!({"endpoint": "10.0.0.41:5003"}), None).await.problem(428, "version_needed");
    let stale = put(&admin, &json!({"endpoint": "10.0.0.41:5003"}), Some("\"7\"")).await;
    assert_eq!(stale.problem(412, "version_stale").current.unwrap()["displayName"], "Jobs");
    let region = app.region(&admin, "mct").await;
    let other = json!({"regionId": region, "kind": "background", "endpoint": "10.0.0.42"});
    let refused = admin.post("/api/v1/nodes", &other).await.field_errors();
    assert_eq!(refused, [("/kind".to_owned(), "kind_not_regional".to_owned())]);

    // The key stays unless asked for.
    let reply = put(&admin, &json!({"endpoint": "10.0.0.41:5003"}), Some(&etag)).await.expect(200);
    let second: PutBackgroundReply = reply.json();
    assert!(second.plain_secret.is_none() && second.snippet.is_none());
    let now = second.background.node.unwrap();
    assert_eq!((now.secret.fingerprint, now.version), (node.secret.fingerprint.clone(), 2));
    let etag = reply.header("etag").to_owned();
    let reply = put(&admin, &json!({"endpoint": "10.0.0.41:5003", "generate": true}), Some(&etag)).await;
    let third: PutBackgroundReply = reply.expect(200).json();
    let new = third.background.node.unwrap().secret;
    assert_ne!(third.plain_secret.as_deref(), Some(secret.as_str()));
    assert_eq!(new.previous_fingerprint, Some(node.secret.fingerprint));
    assert!(new.previous_until.is_some());
    // Back to the key before: it is the newest again, also after a restart.
    let body = json!({"endpoint": "10.0.0.41:5003", "secret": secret});
    let fourth: PutBackgroundReply = put(&admin, &body, Some("\"3\"")).await.expect(200).json();
    let back = fourth.background.node.unwrap().secret;
    assert_eq!(
        (&back.fingerprint, back.previous_fingerprint.as_ref()),
        (&now_print(&secret), Some(&new.fingerprint))
    );

    let actions =
        app.db.texts("SELECT action FROM activity WHERE target_kind = 'background' AND outcome <> 'refused' ORDER BY id").await;
    assert_eq!(actions, ["background.create", "background.update", "background.key", "background.key"]);
    assert!(!app.db.dump().await.contains(&secret), "the key is in the database");
}

fn now_print(secret: &str) -> String {
    backend::auth::secret::hash(secret).fingerprint()
}

#[tokio::test(flavor = "multi_thread")]
async fn beats_like_any_node_and_is_outside_capacity() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut stream = Stream::open(&admin, "summary", None).await;
    let before = stream
        .wait("the summary", |m| match &m.event {
            LiveEvent::Snapshot { data: SnapshotData::Summary { overview }, .. } => Some(overview.clone()),
            _ => None,
        })
        .await;
    assert!(!before.singletons.background.configured);
    let mut node = register(&app, &admin, "10.0.0.40:5003").await;
    // Without a region, and with one that the settings of its machine name.
    node.beat(&beat()).await;
    node.beat(&json!({"kind": "background", "regionId": "OM-MCT", "jobs": beat()["jobs"]})).await;
    let state = get(&admin).await;
    assert_eq!(state.jobs.iter().map(|j| j.key.as_str()).collect::<Vec<_>>(), ["cleanup", "collections"]);
    assert!(state.trigger.ok && state.jobs_at.is_some());
    let config = state.config.unwrap();
    assert_eq!(
        (config.verdict, config.presented.as_deref()),
        (SyncVerdict::InSync, Some(now_print(&node.secret).as_str()))
    );

    let overview = admin.get("/api/v1/overview").await.expect(200).value();
    for kind in ["backend", "proxy"] {
        assert_eq!(overview["cluster"][kind]["registered"], 0, "{overview}");
        assert_eq!(overview["cluster"][kind]["online"], 0);
    }
    assert_eq!(overview["cluster"]["coverage"], json!({"reporting": 0, "expected": 0}));
    assert_eq!(overview["singletons"]["background"]["word"], "online");
    assert_eq!(overview["singletons"]["background"]["nodeId"], json!(node.id));
    let listed = admin.get("/api/v1/nodes?kind=background").await.expect(200).value();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["regionId"], Value::Null);
    stream
        .wait("the background node online", |m| match &m.event {
            LiveEvent::Delta { changes, .. } => changes
                .iter()
                .find(|c| {
                    matches!(c, Change::Singletons { singletons }
                    if singletons.background.word == Some(common::status::StatusWord::Online))
                })
                .map(|_| ()),
            _ => None,
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_compared_by_what_heartbeats_present() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = register(&app, &admin, "10.0.0.40:5003").await;
    let wrong = unique("another-key-of-the-node-");
    let stranger = node.client.with(Auth::Secret(wrong.clone()));
    let body = json!({"bootId": "b", "seq": 1, "kind": "background"});
    stranger.post(common::paths::HEARTBEAT, &body).await.problem(401, "unknown_secret");
    let config = get(&admin).await.config.unwrap();
    assert_eq!((config.verdict, config.presented), (SyncVerdict::Differs, Some(now_print(&wrong))));
    assert!(config.detail.contains("Security.ApiKey"), "{}", config.detail);
    // That is why no job can be started, and not that nothing was heard.
    assert_eq!(get(&admin).await.trigger.code, Some(TriggerCode::KeysDiffer));
    let refused = admin.post(&format!("{PATH}/jobs/cleanup/runs"), &json!({})).await;
    let problem = refused.problem(409, "background_keys_differ");
    assert!(problem.detail.contains(&now_print(&wrong)), "{}", problem.detail);
    assert!(problem.current.unwrap()["since"].is_string());

    node.beat(&beat()).await;
    assert_eq!(get(&admin).await.config.unwrap().verdict, SyncVerdict::InSync);
    let body = json!({"endpoint": "10.0.0.40:5003", "generate": true});
    let new: PutBackgroundReply = put(&admin, &body, Some("\"1\"")).await.expect(200).json();
    // The old key still opens, and that is told apart.
    node.beat(&beat()).await;
    let config = get(&admin).await.config.unwrap();
    assert_eq!((config.verdict, config.presented), (SyncVerdict::Differs, Some(now_print(&node.secret))));
    node.client = node.client.with(Auth::Secret(new.plain_secret.unwrap()));
    node.beat(&beat()).await;
    assert_eq!(get(&admin).await.config.unwrap().verdict, SyncVerdict::InSync);
}

async fn test(client: &Client, body: Value) -> BackgroundTestReply {
    client.post(&format!("{PATH}/test"), &body).await.expect(200).json()
}

fn failed(reply: &BackgroundTestReply) -> Option<(Value, &str)> {
    let step = reply.failed()?;
    assert!(step.cause.is_some() && step.cure.is_some(), "{step:?}");
    Some((serde_json::to_value(step.step).unwrap(), step.code.as_deref().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_says_at_which_step_why_and_what_to_do() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let missing = test(&admin, json!({})).await;
    assert_eq!(missing.verdict, BackgroundVerdict::Missing);
    assert_eq!(failed(&missing), Some((json!("address"), "background_missing")));

    let key = unique("the-key-of-the-background-node-");
    let (good, asked) = endpoint(Some(&key)).await;
    let right = test(&admin, json!({"endpoint": good, "secret": key})).await;
    assert!(right.ok && right.verdict == BackgroundVerdict::Ok, "{right:?}");
    assert_eq!(right.steps.len(), 6);
    assert_eq!(right.fingerprint, Some(now_print(&key)));
    assert_eq!(asked.lock().unwrap().last().unwrap().0, "/api/node/management/ping");

    let wrong =
        test(&admin, json!({"endpoint": good, "secret": unique("some-other-key-for-the-node-")})).await;
    assert_eq!(wrong.verdict, BackgroundVerdict::KeysDiffer);
    assert_eq!(failed(&wrong), Some((json!("key"), "keys_differ")));

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = test(&admin, json!({"endpoint": closed.to_string(), "secret": key})).await;
    assert_eq!(nobody.verdict, BackgroundVerdict::Unreachable);
    assert_eq!(failed(&nobody), Some((json!("connect"), "connection_refused")));
    assert!(nobody.steps.iter().skip(3).all(|s| s.state == CheckState::Skipped), "{nobody:?}");

    let forbidden = test(&admin, json!({"endpoint": "169.254.169.254", "secret": key})).await;
    assert_eq!(failed(&forbidden), Some((json!("dns"), "address_forbidden")));

    let (page, _) = endpoint(None).await;
    let other = test(&admin, json!({"endpoint": page, "secret": key})).await;
    assert_eq!(other.verdict, BackgroundVerdict::NotANode);
    assert_eq!(failed(&other), Some((json!("answer"), "not_a_node")));

    // The stored values, and what they say about the registered node.
    let (theirs, _) = endpoint(Some(&unique("what-the-node-really-has-"))).await;
    register(&app, &admin, &theirs).await;
    assert_eq!(test(&admin, json!({})).await.verdict, BackgroundVerdict::KeysDiffer);
    // The stored key goes to the stored address and to no other.
    let before = asked.lock().unwrap().len();
    let refused = admin.post(&format!("{PATH}/test"), &json!({"endpoint": good})).await.field_errors();
    assert_eq!(refused, [("/secret".to_owned(), "required".to_owned())]);
    assert_eq!(asked.lock().unwrap().len(), before);
    let config = get(&admin).await.config.unwrap();
    assert_eq!(config.verdict, SyncVerdict::Differs);
    assert!(config.checked_at.is_some());
}

async fn wants(admin: &Client, node: &TestNode, state: &str) {
    let version = admin.get(&node.path()).await.expect(200).header("etag").to_owned();
    let path = format!("{}/intent", node.path());
    let body = json!({"state": state, "privateReason": "update"});
    let reply = admin.send(admin.request(Method::PUT, &path).header("if-match", &version).json(&body)).await;
    if reply.status != 409 {
        reply.expect(200);
        return;
    }
    // What it takes from the cluster has to be seen first.
    let seen = admin.post(&format!("{path}/preview"), &body).await.expect(200).value();
    let mut body = body;
    body["previewToken"] = seen["previewToken"].clone();
    admin.send(admin.request(Method::PUT, &path).header("if-match", &version).json(&body)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_through_the_node_routes_for_intent_and_delete() {
    let app = TestApp::with(QUICK, |_| {}).await;
    let admin = app.admin().await;
    let mut node = register(&app, &admin, "127.0.0.1:1").await;
    wants(&admin, &node, "maintenance").await;
    assert_eq!(node.beat(&beat()).await["desired"]["state"], "maintenance");
    let trigger = get(&admin).await.trigger;
    assert_eq!(trigger.code, Some(TriggerCode::Maintenance), "{trigger:?}");
    let refused = admin.post(&format!("{PATH}/jobs/cleanup/runs"), &json!({})).await;
    refused.problem(409, "background_maintenance");
    wants(&admin, &node, "disabled").await;
    assert_eq!(get(&admin).await.trigger.code, Some(TriggerCode::Disabled));
    admin.post(&format!("{PATH}/jobs/cleanup/runs"), &json!({})).await.problem(409, "background_disabled");
    wants(&admin, &node, "active").await;
    node.beat(&beat()).await;
    assert!(get(&admin).await.trigger.ok);

    // The same preconditions as for any node, by either address.
    let delete = async |version: &str| {
        admin.send(admin.request(Method::DELETE, PATH).header("if-match", version)).await
    };
    let version = async || admin.get(PATH).await.expect(200).header("etag").to_owned();
    let refused = delete(&version().await).await.problem(409, "delete_refused");
    assert!(refused.current.is_some());
    delete("\"99\"").await.problem(412, "version_stale");
    admin.send(admin.request(Method::DELETE, PATH)).await.problem(428, "version_needed");
    wants(&admin, &node, "disabled").await;
    crate::support::wait_for("the delete", async || {
        (delete(&version().await).await.status == 204).then_some(())
    })
    .await;
    assert!(get(&admin).await.node.is_none());
    delete("\"1\"").await.problem(404, "not_found");
    let late = node.body(&beat());
    node.client.post(common::paths::HEARTBEAT, &late).await.problem(410, "node_deleted");
    // Its place is free.
    register(&app, &admin, "127.0.0.1:1").await;
}
