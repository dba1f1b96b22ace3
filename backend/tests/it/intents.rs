//! Intent of platform, region and node: the strictest counts, guards stand before it, ends come by themselves.

use common::activity::EventKind;
use common::auth::Role;
use common::intent::{EffectCode, EffectLevel, Platform, Preview};
use common::node::{Node, NodeKind};
use common::paths::OVERVIEW;
use common::region::Region;
use common::status::{InheritedFrom, IntentState, StatusWord};
use common::stream::Change;
use common::stream::LiveEvent;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{TestApp, TestNode};
use crate::support::client::{Client, Reply};
use crate::support::sse::Stream;
use crate::support::wait_for;

/// Sets an intent, based on this version.
pub(crate) async fn put(client: &Client, path: &str, version: i64, body: &Value) -> Reply {
    let request = client.request(Method::PUT, &format!("{path}/intent"));
    client.send(request.header("if-match", format!("\"{version}\"")).json(body)).await
}

pub(crate) async fn read(client: &Client, node: &TestNode) -> Node {
    client.get(&node.path()).await.expect(200).json()
}

/// Sets a node's intent on its newest version, with the preview's token where a guard stands against it.
pub(crate) async fn set(client: &Client, node: &TestNode, body: &Value) -> Node {
    let mut body = body.clone();
    let preview: Preview =
        client.post(&format!("{}/intent/preview", node.path()), &body).await.expect(200).json();
    body["previewToken"] = json!(preview.preview_token);
    put(client, &node.path(), read(client, node).await.version, &body).await.expect(200).json()
}

pub(crate) fn maintenance() -> Value {
    json!({"state": "maintenance", "privateReason": "Upgrading to 0.3.2"})
}

fn active() -> Value {
    json!({"state": "active"})
}

/// A region with two backends that are live.
async fn two(app: &TestApp, admin: &Client) -> (String, TestNode, TestNode) {
    let region = app.region(admin, "mct").await;
    let mut a = app.node(admin, &region, NodeKind::Backend).await;
    let mut b = app.node(admin, &region, NodeKind::Backend).await;
    for node in [&mut a, &mut b] {
        node.beat(&json!({"sessions": {"phone": 0, "web": 0, "max": 25}})).await;
    }
    (region, a, b)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_needs_the_newest_version_and_a_reason() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (_, node, _) = two(&app, &admin).await;
    let path = format!("{}/intent", node.path());
    admin.send(admin.request(Method::PUT, &path).json(&maintenance())).await.problem(428, "version_needed");
    let reply = put(&admin, &node.path(), 7, &maintenance()).await;
    let current = reply.problem(412, "version_stale").current.unwrap();
    assert_eq!((&current["id"], &current["version"]), (&json!(node.id), &json!(1)));
    let bad = json!({"state": "maintenance", "until": "2020-01-01T00:00:00Z", "onDeadline": "force"});
    let errors = put(&admin, &node.path(), 1, &bad).await.field_errors();
    let errors: Vec<(&str, &str)> = errors.iter().map(|(p, c)| (p.as_str(), c.as_str())).collect();
    assert_eq!(
        errors,
        [("/privateReason", "required"), ("/until", "in_the_past"), ("/onDeadline", "needs_deadline")]
    );
    put(&admin, "/api/v1/nodes/nobody", 1, &maintenance()).await.problem(404, "not_found");
    put(&admin, "/api/v1/regions/XX-NONE", 1, &maintenance()).await.problem(404, "not_found");

    let reply = put(&admin, &node.path(), 1, &maintenance()).await.expect(200);
    assert_eq!(reply.header("etag"), "\"2\"");
    assert!(reply.header("x-change").parse::<i64>().unwrap() > 0);
    let set: Node = reply.json();
    assert_eq!((set.intent.state, set.version), (IntentState::Maintenance, 2));
    assert_eq!(set.intent.public_reason.as_deref(), Some("maintenance"));
    assert_eq!(set.intent.private_reason.as_deref(), Some("Upgrading to 0.3.2"));
    assert_eq!(set.intent.by.as_deref(), Some("admin@localhost"));
    assert_eq!(set.live.status.word, StatusWord::Maintenance);
    put(&admin, &node.path(), 1, &active()).await.problem(412, "version_stale");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wanted_rides_the_next_reply_without_private_words() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (_, mut node, _) = two(&app, &admin).await;
    assert_eq!(
        node.beat(&json!({})).await["desired"],
        json!({"state": "run", "reason": "", "generation": 3})
    );
    let wish =
        json!({"state": "maintenance", "publicReason": "Back at noon", "privateReason": "Disk 3 is dying"});
    set(&admin, &node, &wish).await;
    let reply = node.beat(&json!({})).await;
    let desired = json!({"state": "maintenance", "reason": "Back at noon", "generation": 4});
    assert_eq!(reply["desired"], desired);
    assert!(!reply.to_string().contains("Disk 3"));
    let bootstrap = node.client.get("/api/v1/node/bootstrap").await.expect(200);
    assert_eq!(bootstrap.value()["desired"], desired);
    assert!(!bootstrap.text.contains("Disk 3"));
    set(&admin, &node, &json!({"state": "disabled", "privateReason": "Retired"})).await;
    let reply = node.beat(&json!({})).await;
    assert_eq!(reply["desired"], json!({"state": "drain", "reason": "disabled", "generation": 5}));
    set(&admin, &node, &active()).await;
    let reply = node.beat(&json!({})).await;
    assert_eq!(reply["desired"], json!({"state": "run", "reason": "", "generation": 6}));
    // The timeline knows each step, and who took it.
    let events = app.state().fleet.take_events(1_000);
    let steps: Vec<_> = events
        .iter()
        .filter(|e| e.node_id == Some(node.id) && e.kind == EventKind::Intent)
        .map(|e| (e.from.as_deref().unwrap(), e.to.as_deref().unwrap(), e.actor.as_deref().unwrap()))
        .collect();
    let by = "admin@localhost";
    // Another author's task may have taken the first of them to the database already.
    let all = [("active", "maintenance", by), ("maintenance", "disabled", by), ("disabled", "active", by)];
    assert!(all.ends_with(&steps), "{steps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_strictest_level_counts_and_is_named() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (region, mut node, _) = two(&app, &admin).await;
    let path = format!("/api/v1/regions/{region}");
    let force = |preview: Preview, mut body: Value| {
        body["previewToken"] = json!(preview.preview_token);
        body
    };
    let preview: Preview =
        admin.post(&format!("{path}/intent/preview"), &maintenance()).await.expect(200).json();
    assert_eq!((preview.nodes, preview.live), (2, 2));
    let reply = put(&admin, &path, 1, &force(preview, maintenance())).await.expect(200);
    assert_eq!(reply.header("etag"), "\"2\"");
    let changed: Region = reply.json();
    assert_eq!((changed.status.word, changed.status.count), (StatusWord::Maintenance, None));
    let seen = read(&admin, &node).await;
    assert_eq!(seen.live.status.inherited_from, Some(InheritedFrom::Region));
    assert_eq!((seen.intent.state, seen.live.status.word), (IntentState::Active, StatusWord::Maintenance));
    assert!(seen.live.drain.is_some());
    assert_eq!(node.beat(&json!({})).await["desired"]["generation"], 4);
    assert_eq!(seen.version, 1, "the node itself was not changed");

    // Disabled is stricter than maintenance, on whatever level; its nodes are outside the total.
    let body = json!({"state": "disabled", "privateReason": "Closing"});
    put(&admin, &path, 2, &body).await.expect(200);
    let overview = admin.get(OVERVIEW).await.expect(200).value();
    let backend = &overview["cluster"]["backend"];
    assert_eq!(
        (&backend["registered"], &backend["disabled"], &backend["online"]),
        (&json!(0), &json!(2), &json!(0))
    );
    assert_eq!(read(&admin, &node).await.live.status.word, StatusWord::Disabled);
    assert_eq!(node.beat(&json!({})).await["desired"]["state"], "drain");

    let platform: Platform = admin.get("/api/v1/platform").await.expect(200).json();
    assert_eq!((platform.version, platform.intent.state), (1, IntentState::Active));
    put(&admin, "/api/v1/platform", 1, &maintenance()).await.expect(200);
    let seen = read(&admin, &node).await;
    assert_eq!(seen.live.status.inherited_from, Some(InheritedFrom::Region), "the region is stricter");
    put(&admin, &path, 3, &active()).await.expect(200);
    let seen = read(&admin, &node).await;
    assert_eq!(seen.live.status.inherited_from, Some(InheritedFrom::Platform));
    assert_eq!(seen.live.status.word, StatusWord::Maintenance);
    // A node added now is under it too.
    let late = app.node(&admin, &region, NodeKind::Proxy).await;
    let late = read(&admin, &late).await;
    assert_eq!(late.live.status.inherited_from, Some(InheritedFrom::Platform));
    let reply = put(&admin, "/api/v1/platform", 2, &active()).await.expect(200);
    assert_eq!(reply.header("etag"), "\"3\"");
    let seen = read(&admin, &node).await;
    assert_eq!((seen.live.status.word, seen.live.drain), (StatusWord::Online, None));
    // Four changes above it: of the region three, of the platform two.
    assert_eq!(node.beat(&json!({})).await["desired"]["generation"], 3 + 3 + 2);
    let overview = admin.get(OVERVIEW).await.expect(200).value();
    assert_eq!(overview["cluster"]["backend"]["accepting"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_is_for_administrators_and_never_disabled() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let operator = app.signed_in_as(Role::Operator).await;
    operator.get("/api/v1/platform").await.expect(200);
    put(&operator, "/api/v1/platform", 1, &maintenance()).await.problem(403, "role_too_low");
    let body = json!({"state": "disabled", "privateReason": "x"});
    let errors = put(&admin, "/api/v1/platform", 1, &body).await.field_errors();
    assert_eq!(errors, [("/state".to_owned(), "not_applicable".to_owned())]);
    put(&admin, "/api/v1/platform", 9, &maintenance()).await.problem(412, "version_stale");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_live_node_of_its_kind_takes_a_preview_of_this_very_change() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (_, a, mut b) = two(&app, &admin).await;
    set(&admin, &a, &maintenance()).await;
    let reply = put(&admin, &b.path(), 1, &maintenance()).await;
    let problem = reply.problem(409, "guard");
    let preview: Preview = serde_json::from_value(problem.current.unwrap()).unwrap();
    let effects: Vec<_> = preview.effects.iter().map(|e| (e.code, e.level)).collect();
    assert!(effects.contains(&(EffectCode::LastLive, EffectLevel::Block)), "{effects:?}");
    assert_eq!((preview.nodes, preview.live, preview.conversations), (1, 1, Some(0)));
    assert_eq!(read(&admin, &b).await.intent.state, IntentState::Active);

    let with =
        |token: &str, state: &str| json!({"state": state, "privateReason": "x", "previewToken": token});
    let token = preview.preview_token;
    // Of another change, another object, another person, and made up.
    put(&admin, &b.path(), 1, &with(&token, "disabled")).await.problem(409, "guard");
    put(&admin, &b.path(), 1, &with("AAAA", "maintenance")).await.problem(409, "guard");
    let other = app.signed_in_as(Role::Operator).await;
    put(&other, &b.path(), 1, &with(&token, "maintenance")).await.problem(409, "guard");
    let elsewhere: Preview =
        admin.post(&format!("{}/intent/preview", a.path()), &maintenance()).await.expect(200).json();
    put(&admin, &b.path(), 1, &with(&elsewhere.preview_token, "maintenance")).await.problem(409, "guard");
    // One that is over.
    app.advance(60_001);
    b.beat(&json!({"sessions": {"phone": 0, "max": 25}})).await;
    put(&admin, &b.path(), 1, &with(&token, "maintenance")).await.problem(409, "guard");
    let fresh: Preview = admin
        .post(&format!("{}/intent/preview", b.path()), &json!({"state": "maintenance"}))
        .await
        .expect(200)
        .json();
    put(&admin, &b.path(), 1, &with(&fresh.preview_token, "maintenance")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_does_not_cover_what_became_worse_since() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (_, a, mut b) = two(&app, &admin).await;
    let path = format!("{}/intent/preview", a.path());
    let preview: Preview = admin.post(&path, &maintenance()).await.expect(200).json();
    assert_eq!(preview.effects, []);
    // The other one leaves: now it is the last.
    assert!(b.goodbye().await);
    let mut body = maintenance();
    body["previewToken"] = json!(preview.preview_token);
    let problem = put(&admin, &a.path(), 1, &body).await.problem(409, "guard");
    assert!(problem.detail.starts_with("The situation changed"), "{}", problem.detail);
    // It comes back: nothing stands against it any more, with any token or none.
    b.boot = "another".into();
    b.seq = 0;
    b.beat(&json!({"sessions": {"phone": 30, "max": 25}})).await;
    let problem = put(&admin, &a.path(), 1, &maintenance()).await.problem(409, "guard");
    let preview: Preview = serde_json::from_value(problem.current.unwrap()).unwrap();
    assert_eq!(preview.effects[0].code, EffectCode::HeadroomShort);
    b.beat(&json!({"sessions": {"phone": 3, "max": 25}})).await;
    put(&admin, &a.path(), 1, &maintenance()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_changes_are_in_the_activity_log() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Proxy).await;
    node.beat(&json!({})).await;
    put(&admin, &node.path(), 1, &maintenance()).await.problem(409, "guard");
    set(&admin, &node, &maintenance()).await;
    let sql = "SELECT outcome || ' by ' || actor || ': ' || reason FROM activity WHERE action = 'node.intent' ORDER BY id";
    let rows = app.db.texts(sql).await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[0].starts_with("refused by admin@localhost: No proxy of OM-MCT would"), "{rows:?}");
    assert_eq!(rows[1], "allowed by admin@localhost: Upgrading to 0.3.2");
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_act_in_their_regions_alone() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (region, a, _) = two(&app, &admin).await;
    let email = app.user(Role::Operator, Some(&["OM-SLL"])).await;
    let stranger = app.sign_in(&email).await;
    put(&stranger, &a.path(), 1, &maintenance()).await.problem(403, "out_of_scope");
    let path = format!("/api/v1/regions/{region}");
    put(&stranger, &path, 1, &maintenance()).await.problem(403, "out_of_scope");
    stranger.post(&format!("{path}/shutdown"), &json!({"reason": "x"})).await.problem(403, "out_of_scope");
    let email = app.user(Role::Operator, Some(&[&region])).await;
    put(&app.sign_in(&email).await, &a.path(), 1, &maintenance()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_ends_by_itself() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (region, a, _) = two(&app, &admin).await;
    let until = app.state().clock.wall().millis() + 3_600_000;
    let until = common::time::Timestamp(until);
    let mut body = maintenance();
    body["until"] = json!(until);
    let node = set(&admin, &a, &body).await;
    assert_eq!(node.intent.until, Some(until));
    let path = format!("/api/v1/regions/{region}");
    let preview: Preview = admin.post(&format!("{path}/intent/preview"), &body).await.expect(200).json();
    body["previewToken"] = json!(preview.preview_token);
    put(&admin, &path, 1, &body).await.expect(200);

    app.advance(3_600_001);
    let ended = wait_for("end of the maintenance", async || {
        let node = read(&admin, &a).await;
        (node.intent.state == IntentState::Active && node.live.status.inherited_from.is_none())
            .then_some(node)
    })
    .await;
    assert_eq!((ended.intent.by.as_deref(), ended.version), (Some("system"), 3));
    assert_eq!((ended.intent.until, ended.live.drain), (None, None));
    let rows = app
        .db
        .texts(
            "SELECT action FROM activity WHERE actor = 'system' AND action LIKE '%.intent' ORDER BY action",
        )
        .await;
    assert_eq!(rows, ["node.intent", "region.intent"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_consoles_hear_of_it() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (region, a, b) = two(&app, &admin).await;
    let mut stream = Stream::open(&admin, &format!("nodes,summary,region:{region}"), None).await;
    stream.wait("snapshot", |m| matches!(m.event, LiveEvent::Snapshot { .. }).then_some(())).await;
    set(&admin, &a, &maintenance()).await;
    stream
        .wait("node under maintenance", |m| match &m.event {
            LiveEvent::Delta { changes, .. } => changes.iter().find_map(|c| match c {
                Change::Node { node } if node.id() == a.id && node.version == 2 => Some(()),
                _ => None,
            }),
            _ => None,
        })
        .await;
    let path = format!("/api/v1/regions/{region}");
    let mut body = maintenance();
    let preview: Preview = admin.post(&format!("{path}/intent/preview"), &body).await.expect(200).json();
    body["previewToken"] = json!(preview.preview_token);
    put(&admin, &path, 1, &body).await.expect(200);
    let (mut region_told, mut node_told) = (false, false);
    stream
        .wait("region and its nodes", |m| {
            let LiveEvent::Delta { changes, .. } = &m.event else { return None };
            for change in changes {
                match change {
                    Change::RegionDetail { region } => {
                        region_told |= region.version == 2 && region.intent.state == IntentState::Maintenance;
                    }
                    Change::NodeLive { live } if live.id == b.id => {
                        node_told |= live.status.inherited_from == Some(InheritedFrom::Region);
                    }
                    _ => {}
                }
            }
            (region_told && node_told).then_some(())
        })
        .await;
}
