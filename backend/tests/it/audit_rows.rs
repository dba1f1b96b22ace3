//! Each change leaves exactly one entry with its request's id: one that was made, one that was denied, one that a rule
//! refused. Walks every operation of the document that can change something.

use std::collections::BTreeSet;

use backend::domain::liveness::Timers;
use backend::domain::operation::{OPERATIONS, Operation, Which};
use common::auth::Role;
use common::node::NodeKind;
use reqwest::Method;
use serde_json::{Value, json};

use crate::background;
use crate::deletion::{deletable, disable as disabled};
use crate::intents::maintenance;
use crate::openapi::operations;
use crate::support::app::{PASSWORD, TestApp, TestNode};
use crate::support::client::{Auth, Client, Reply};
use crate::support::package;

/// Operations that change nothing an operator would ask about, or nothing at all; each with why.
const NO_ENTRY: &[(&str, &str)] = &[
    ("heartbeat", "a node's word, which goes into its figures and its timeline"),
    ("goodbye", "a node's word"),
    ("reportRun", "a node's word about a run that was noted when it was started"),
    ("refresh", "another token of the same session"),
    ("confirm", "the password again: nothing changes but how long it counts"),
    ("lookAtLink", "reads"),
    ("setStreamWindow", "what one open stream shows"),
    ("previewNodeIntent", "reads"),
    ("previewRegionIntent", "reads"),
    ("previewPlatformIntent", "reads"),
    ("previewNodeShutdown", "reads"),
    ("previewRegionShutdown", "reads"),
    ("testStorage", "tries values and stores none"),
    ("testBackgroundNode", "tries values and stores none"),
];

/// Silence that a test can wait for, and a busy machine does not fall into.
const BRISK: Timers = Timers { interval_ms: 400, stale_after_ms: 2_500, offline_after_ms: 5_000 };

struct Walk {
    app: TestApp,
    admin: Client,
    done: BTreeSet<&'static str>,
}

impl Walk {
    async fn rows(&self) -> usize {
        self.app.db.text("SELECT count(*) FROM activity WHERE request_id IS NOT NULL").await.parse().unwrap()
    }

    /// Sends a change that is made, and looks for its one entry.
    async fn once(&mut self, id: &'static str, method: Method, path: &str, body: Value) -> Reply {
        self.times(1, id, method, path, body).await
    }

    async fn times(&mut self, n: usize, id: &'static str, method: Method, path: &str, body: Value) -> Reply {
        let version = self.version(path).await;
        let before = self.rows().await;
        let reply = send(&self.admin, method, path, &body, version.as_deref()).await;
        assert!((200..300).contains(&reply.status), "{id}: {} {}", reply.status, reply.text);
        assert_eq!(self.rows().await - before, n, "{id}: entries of one change");
        // Several at once are noted one by one, and what is there for the first time is added.
        if id != "changeNodes" {
            let newest = self.noted("request_id IS NOT NULL ORDER BY id DESC LIMIT 1").await;
            let created = newest[0] == "background.create";
            let action = if created { "background.create" } else { operation(id).action };
            is_called(operation(id), action, path, &newest);
        }
        self.done.insert(id);
        reply
    }

    /// Sends a change without and with a wrong version; both are refused, and both leave one entry.
    async fn refused(&self, id: &str, method: Method, path: &str, body: Value) {
        for (version, status) in [(None, 428), (Some("\"4711\""), 412)] {
            let reply = send(&self.admin, method.clone(), path, &body, version).await;
            assert_eq!(reply.status, status, "{id}: {}", reply.text);
            self.is_noted(id, &reply, "refused").await;
        }
    }

    /// The reply's request has one entry, which ended so.
    async fn is_noted(&self, id: &str, reply: &Reply, outcome: &str) {
        let p: Value = serde_json::from_str(&reply.text).unwrap();
        let request = p["requestId"].as_str().unwrap();
        let sql = format!("SELECT outcome FROM activity WHERE request_id = '{request}'");
        assert_eq!(self.app.db.texts(&sql).await, [outcome], "{id}: {}", reply.text);
    }

    /// Action, kind and id of the target of an entry.
    async fn noted(&self, which: &str) -> Vec<String> {
        let columns = "unnest(ARRAY[action, target_kind, target_id])";
        self.app.db.texts(&format!("SELECT {columns} FROM (SELECT * FROM activity WHERE {which}) a")).await
    }

    /// The version of the object a path is about, where it has one.
    async fn version(&self, path: &str) -> Option<String> {
        let object = path.split('?').next().unwrap();
        let object = ["/intent", "/secret/previous", "/secret"]
            .iter()
            .find_map(|s| object.strip_suffix(s))
            .unwrap_or(object);
        let reply = self.admin.get(object).await;
        reply.headers.get("etag").map(|v| v.to_str().unwrap().to_owned())
    }
}

fn operation(id: &str) -> &'static Operation {
    OPERATIONS.iter().find(|o| o.id == id).unwrap_or_else(|| panic!("{id} has no words for the log"))
}

/// An entry has the operation's action and target, whoever noted it.
fn is_called(o: &Operation, action: &str, path: &str, noted: &[String]) {
    assert_eq!((noted[0].as_str(), noted[1].as_str()), (action, o.kind), "{}", o.id);
    if let Which::Named(name) = o.which {
        assert_eq!(Some(noted[2].as_str()), o.parameter(name, path), "{}", o.id);
    }
}

async fn send(client: &Client, method: Method, path: &str, body: &Value, version: Option<&str>) -> Reply {
    let mut request = client.request(method, path);
    if let Some(version) = version {
        request = request.header("if-match", version);
    }
    if !body.is_null() {
        request = request.json(body);
    }
    client.send(request).await
}

async fn disable(client: &Client, path: &str) {
    let node = client.get(path).await.expect(200);
    let version = node.header("etag").trim_matches('"').parse().unwrap();
    disabled(client, path, version).await;
}

/// Every operation that can change something: its name, method and path.
fn changes() -> Vec<(String, Method, String)> {
    let all = operations().into_iter().filter(|(_, method, _)| method != "GET");
    all.map(|(path, method, o)| {
        (o["operationId"].as_str().unwrap().to_owned(), method.parse().unwrap(), path)
    })
    .collect()
}

#[test]
fn every_operation_that_is_no_reading_one_has_an_action_and_a_target() {
    let documented: BTreeSet<String> = changes()
        .into_iter()
        .filter(|(.., path)| !path.starts_with("/api/v1/node/"))
        .map(|(id, method, path)| format!("{id}: {method} {path}"))
        .collect();
    let called: BTreeSet<String> =
        OPERATIONS.iter().map(|o| format!("{}: {} /api/v1/{}", o.id, o.method, o.path)).collect();
    let missing: Vec<_> = documented.difference(&called).collect();
    let unknown: Vec<_> = called.difference(&documented).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "not in the table: {missing:?}, not in the API: {unknown:?}"
    );
    assert_eq!(called.len(), OPERATIONS.len(), "an operation is there twice");
    for language in ["en", "ar"] {
        let path = package().join(format!("../frontend/src/i18n/{language}_pages/verbs.rs"));
        let words = std::fs::read_to_string(path).unwrap();
        let mute = OPERATIONS.iter().filter(|o| !words.contains(&format!("\"{}\",", o.action)));
        let mute: Vec<_> = mute.map(|o| o.action).collect();
        assert!(mute.is_empty(), "{language} has no words for {mute:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_that_is_made_has_one_entry() {
    let app = TestApp::with(BRISK, |_| {}).await;
    let admin = app.admin().await;
    let mut w = Walk { app, admin, done: BTreeSet::new() };
    let none = || Value::Null;
    let (post, put, patch, delete) = (Method::POST, Method::PUT, Method::PATCH, Method::DELETE);

    // Regions and their storage.
    let new = json!({"countryCode": "OM", "name": "mct"});
    let region = w.once("createRegion", post.clone(), "/api/v1/regions", new).await.value();
    let region = region["id"].as_str().unwrap().to_owned();
    let at = format!("/api/v1/regions/{region}");
    w.refused("editRegion", patch.clone(), &at, json!({"displayName": "Muscat"})).await;
    w.once("editRegion", patch.clone(), &at, json!({"displayName": "Muscat"})).await;
    let storage = json!({"endpoint": "http://127.0.0.1:9", "accessKey": "a-key", "secretKey": "a-secret-of-theirs",
        "ssl": false, "bucket": "audio"});
    w.refused("putStorage", put.clone(), &format!("{at}/storage"), storage.clone()).await;
    w.once("putStorage", put.clone(), &format!("{at}/storage"), storage).await;
    w.refused("deleteStorage", delete.clone(), &format!("{at}/storage"), none()).await;
    w.once("deleteStorage", delete.clone(), &format!("{at}/storage"), none()).await;

    // Nodes.
    let new = json!({"regionId": region, "kind": "proxy", "endpoint": "10.0.0.1:5060"});
    let created = w.once("createNode", post.clone(), "/api/v1/nodes", new).await.value();
    let node = format!("/api/v1/nodes/{}", created["node"]["id"].as_str().unwrap());
    w.refused("editNode", patch.clone(), &node, json!({"notes": "rack 4"})).await;
    w.once("editNode", patch.clone(), &node, json!({"notes": "rack 4"})).await;
    w.refused("setNodeIntent", put.clone(), &format!("{node}/intent"), maintenance()).await;
    w.once("setNodeIntent", put.clone(), &format!("{node}/intent"), maintenance()).await;
    w.refused("rotateNodeSecret", post.clone(), &format!("{node}/secret"), json!({})).await;
    w.once("rotateNodeSecret", post.clone(), &format!("{node}/secret"), json!({})).await;
    w.refused("revokePreviousNodeSecret", delete.clone(), &format!("{node}/secret/previous"), none()).await;
    w.once("revokePreviousNodeSecret", delete.clone(), &format!("{node}/secret/previous"), none()).await;
    w.refused("setRegionIntent", put.clone(), &format!("{at}/intent"), maintenance()).await;
    w.once("setRegionIntent", put.clone(), &format!("{at}/intent"), maintenance()).await;
    w.refused("setPlatformIntent", put.clone(), "/api/v1/platform/intent", maintenance()).await;
    w.once("setPlatformIntent", put.clone(), "/api/v1/platform/intent", maintenance()).await;

    // Nobody starts a job while the whole platform is in maintenance.
    let active = json!({"state": "active"});
    w.once("setPlatformIntent", put.clone(), "/api/v1/platform/intent", active).await;

    // Shutdowns need somebody to hear of them.
    let mut live = Vec::new();
    let mut beating = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let mut n = w.app.node(&w.admin, &region, NodeKind::Proxy).await;
        n.beat(&json!({"outbound": {"processing": 0}})).await;
        live.push(n.clone());
        beating.spawn(async move {
            loop {
                n.beat(&json!({"outbound": {"processing": 0}})).await;
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        });
    }
    let why = json!({"reason": "Upgrading"});
    let path = format!("{}/shutdown", live[0].path());
    let command = w.once("shutdownNode", post.clone(), &path, why.clone()).await.value();
    let path = format!("/api/v1/commands/{}", command["id"].as_str().unwrap());
    w.once("cancelCommand", delete.clone(), &path, none()).await;
    let again = send(&w.admin, delete.clone(), &path, &none(), None).await;
    assert_eq!(again.status, 409, "{}", again.text);
    w.is_noted("cancelCommand", &again, "refused").await;
    let preview = w.admin.post(&format!("{at}/shutdown/preview"), &why).await.expect(200).value();
    let body = json!({"reason": "Upgrading", "previewToken": preview["previewToken"]});
    w.once("shutdownRegion", post.clone(), &format!("{at}/shutdown"), body).await;
    let ids: Vec<_> = live.iter().map(|n| n.id).collect();
    // One entry for each node.
    let body = json!({"nodeIds": ids, "action": "maintenance", "reason": "Rack 4", "preview": false});
    w.times(2, "changeNodes", post.clone(), "/api/v1/nodes/bulk", body).await;

    drop(beating);

    // The background node and its jobs.
    let body = json!({"endpoint": "127.0.0.1:1"});
    let made =
        w.once("putBackgroundNode", put.clone(), common::paths::BACKGROUND, body.clone()).await.value();
    w.refused("putBackgroundNode", put.clone(), common::paths::BACKGROUND, body).await;
    w.refused("deleteBackgroundNode", delete.clone(), common::paths::BACKGROUND, none()).await;
    let id = made["background"]["node"]["id"].as_str().unwrap().parse().unwrap();
    let secret = made["plainSecret"].as_str().unwrap().to_owned();
    let client = w.app.anonymous().with(Auth::Secret(secret.clone()));
    let mut worker = TestNode { id, boot: crate::support::unique("b"), secret, client, seq: 0 };
    worker.beat(&background::beat()).await;
    let path = format!("{}/jobs/cleanup/runs", common::paths::BACKGROUND);
    let run = w.once("startJob", post.clone(), &path, json!({})).await.value();
    let path = format!("{}/runs/{}/cancel", common::paths::BACKGROUND, run["id"].as_str().unwrap());
    w.once("cancelRun", post.clone(), &path, none()).await;

    // Problems and strangers.
    let stranger = w.app.anonymous().with(Auth::Secret("x".repeat(40)));
    let beat = json!({"bootId": "b", "seq": 1, "kind": "proxy"});
    stranger.post(common::paths::HEARTBEAT, &beat).await.problem(401, "unknown_secret");
    let list = w.admin.get(common::paths::UNREGISTERED).await.expect(200).value();
    let path = format!("{}/{}/ignore", common::paths::UNREGISTERED, list["items"][0]["id"].as_str().unwrap());
    w.once("ignoreUnregisteredNode", post.clone(), &path, json!({"reason": "A scanner."})).await;
    w.once("unignoreUnregisteredNode", delete.clone(), &path, none()).await;
    let id = crate::support::wait_for("a problem", async || {
        let list = w.admin.get(common::paths::PROBLEMS).await.expect(200).value();
        list["items"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    let path = format!("{}/{id}/snooze", common::paths::PROBLEMS);
    w.once("snoozeProblem", post.clone(), &path, json!({"minutes": 30, "reason": "Known."})).await;
    w.once("unsnoozeProblem", delete.clone(), &path, none()).await;

    webhooks(&mut w).await;
    w.once("verifyActivityChain", post.clone(), common::paths::ACTIVITY_VERIFY, json!({})).await;

    people(&mut w).await;

    w.refused("deleteNode", delete.clone(), &node, none()).await;
    for path in [&node, &worker.path()] {
        disable(&w.admin, path).await;
    }
    deletable(&w.admin, &node).await;
    w.once("deleteNode", delete.clone(), &node, none()).await;
    deletable(&w.admin, &worker.path()).await;
    w.once("deleteBackgroundNode", delete.clone(), common::paths::BACKGROUND, none()).await;
    let path = format!("/api/v1/regions/{}", w.app.region(&w.admin, "slm").await);
    w.refused("deleteRegion", delete.clone(), &path, none()).await;
    disable(&w.admin, &path).await;
    w.once("deleteRegion", delete.clone(), &path, none()).await;
    w.once("logout", post, common::paths::LOGOUT, none()).await;

    let left: Vec<String> = changes()
        .into_iter()
        .map(|(id, ..)| id)
        .filter(|id| !w.done.contains(id.as_str()) && NO_ENTRY.iter().all(|(n, _)| n != id))
        .collect();
    assert!(left.is_empty(), "nobody has looked at {left:?}: give each a place in this walk, or a reason");
}

fn hook(name: &str) -> Value {
    json!({"name": name, "url": "http://127.0.0.1:1/x", "events": ["lifecycle.boot"]})
}

/// Webhooks: what is sent to them is sent to nobody.
async fn webhooks(w: &mut Walk) {
    let (post, put, delete) = (Method::POST, Method::PUT, Method::DELETE);
    let none = || Value::Null;
    let made = w.once("createWebhook", post.clone(), common::paths::WEBHOOKS, hook("a")).await.value();
    let webhook = format!("{}/{}", common::paths::WEBHOOKS, made["webhook"]["id"].as_str().unwrap());
    w.refused("editWebhook", put.clone(), &webhook, hook("b")).await;
    w.once("editWebhook", put, &webhook, hook("b")).await;
    w.once("rotateWebhookSecret", post.clone(), &format!("{webhook}/secret"), json!({})).await;
    let tried = w.once("testWebhook", post.clone(), &format!("{webhook}/test"), none()).await.value();
    let sent = tried["delivery"]["id"].as_str().unwrap();
    w.once("replayDelivery", post, &format!("{webhook}/deliveries/{sent}/replay"), none()).await;
    w.refused("deleteWebhook", delete.clone(), &webhook, none()).await;
    w.once("deleteWebhook", delete, &webhook, none()).await;
}

/// Accounts, sessions and tokens.
async fn people(w: &mut Walk) {
    let (post, put, patch, delete) = (Method::POST, Method::PUT, Method::PATCH, Method::DELETE);
    let none = || Value::Null;
    let body = json!({"email": "salim@example.org", "role": "operator"});
    let invited = w.once("inviteUser", post.clone(), common::paths::USERS, body).await.value();
    let user = format!("{}/{}", common::paths::USERS, invited["account"]["id"].as_str().unwrap());
    let link = w.once("makeUserLink", post.clone(), &format!("{user}/link"), none()).await.value();
    let secret = link["url"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
    w.app.anonymous().transcript().forget_last();
    let mine = w.admin.clone();
    w.admin = w.app.anonymous();
    let body = json!({"token": secret, "password": "a long new password of theirs"});
    w.once("redeemLink", post.clone(), common::paths::WELCOME, body.clone()).await;
    let used = w.app.anonymous().post(common::paths::WELCOME, &body).await;
    assert_eq!(used.status, 410, "{}", used.text);
    w.is_noted("redeemLink", &used, "denied").await;
    let body = json!({"email": crate::support::app::ADMIN, "password": PASSWORD});
    w.once("login", post.clone(), common::paths::LOGIN, body).await;
    let wrong = w.app.anonymous().login(crate::support::app::ADMIN, "not this one").await;
    w.is_noted("login", &wrong, "denied").await;
    w.admin = mine;

    w.refused("changeUser", patch.clone(), &user, json!({"role": "viewer"})).await;
    w.once("changeUser", patch.clone(), &user, json!({"role": "viewer"})).await;
    w.once("signOutUser", delete.clone(), &format!("{user}/sessions"), none()).await;
    w.refused("deleteUser", delete.clone(), &user, none()).await;
    w.once("deleteUser", delete.clone(), &user, none()).await;

    let body = json!({"name": "deploy", "scope": "operate", "expiresInDays": 30});
    let made = w.once("createToken", post.clone(), common::paths::TOKENS, body).await.value();
    w.app.anonymous().transcript().forget_last();
    let token = format!("{}/{}", common::paths::TOKENS, made["token"]["id"].as_str().unwrap());
    w.refused("editToken", patch.clone(), &token, json!({"name": "deploy 2"})).await;
    w.once("editToken", patch.clone(), &token, json!({"name": "deploy 2"})).await;
    w.once("revokeToken", delete.clone(), &token, none()).await;

    w.app.admin().await;
    let list = w.admin.get(common::paths::SESSIONS).await.expect(200).value();
    let all = list.as_array().or_else(|| list["items"].as_array()).unwrap();
    let other = all.iter().find(|s| s["current"] == false).unwrap()["id"].as_str().unwrap().to_owned();
    w.once("endSession", delete, &format!("{}/{other}", common::paths::SESSIONS), none()).await;
    let body = json!({"current": PASSWORD, "new": "another long password of mine"});
    w.once("changePassword", put, common::paths::PASSWORD, body).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_that_is_denied_has_one_entry() {
    let app = TestApp::start().await;
    let viewer = app.signed_in_as(Role::Viewer).await;
    let w = Walk { admin: viewer.clone(), app, done: BTreeSet::new() };
    let mut denied = 0;
    for (id, method, path) in changes() {
        // Of a node, or the end of this very session.
        if path.starts_with("/api/v1/node/") || id == "logout" {
            continue;
        }
        let path = path
            .replace("{regionId}", "XX-NONE")
            .split('/')
            .map(|p| if p.starts_with('{') { "0198f6a2-0000-7000-8000-000000000001" } else { p })
            .collect::<Vec<_>>()
            .join("/");
        let body = match id.as_str() {
            "createRegion" => json!({"countryCode": "OM", "name": "mct"}),
            "createNode" => json!({"regionId": "XX-NONE", "kind": "proxy", "endpoint": "10.0.0.1"}),
            "putBackgroundNode" => json!({"endpoint": "10.0.0.9:5003"}),
            "putStorage" | "testStorage" => {
                json!({"endpoint": "https://s:9000", "accessKey": "k", "secretKey": "12345678", "ssl": true})
            }
            "changeNodes" => {
                json!({"nodeIds": ["0198f6a2-0000-7000-8000-000000000001"], "action": "activate"})
            }
            "setNodeIntent" | "setRegionIntent" | "setPlatformIntent" => maintenance(),
            "inviteUser" => json!({"email": "x@example.org", "role": "viewer"}),
            "createToken" => json!({"name": "x", "scope": "admin"}),
            "createWebhook" | "editWebhook" => hook("x"),
            _ => json!({}),
        };
        // A key with it must not keep the entry away.
        let request = viewer.request(method, &path).header("if-match", "\"1\"").json(&body);
        let reply = viewer.send(request.header("idempotency-key", crate::support::unique("k"))).await;
        if reply.status == 403 {
            w.is_noted(&id, &reply, "denied").await;
            let p: Value = serde_json::from_str(&reply.text).unwrap();
            let noted = w.noted(&format!("request_id = '{}'", p["requestId"].as_str().unwrap())).await;
            let mut o = *operation(&id);
            if let Which::OfCommand(name) = o.which {
                // Nobody knows of which node one is that never was.
                (o.kind, o.which) = ("command", Which::Named(name));
            }
            is_called(&o, o.action, &path, &noted);
            denied += 1;
        }
    }
    assert!(denied >= 30, "only {denied} were denied");
}
