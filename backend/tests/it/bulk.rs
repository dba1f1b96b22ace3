//! One action on many nodes.

use common::auth::Role;
use common::command::RowResult;
use common::intent::{BulkReply, EffectCode};
use common::node::NodeKind;
use common::status::IntentState;
use serde_json::{Value, json};

use crate::intents::read;
use crate::support::app::{TestApp, TestNode};
use crate::support::client::Client;

const BULK: &str = "/api/v1/nodes/bulk";

/// Three live proxies of one region.
async fn three(app: &TestApp, admin: &Client) -> Vec<TestNode> {
    let region = app.region(admin, "mct").await;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let mut node = app.node(admin, &region, NodeKind::Proxy).await;
        node.beat(&json!({"outbound": {"processing": 0}})).await;
        nodes.push(node);
    }
    nodes
}

fn body(nodes: &[&TestNode], action: &str, more: Value) -> Value {
    let ids: Vec<_> = nodes.iter().map(|n| n.id).collect();
    let mut body = json!({"nodeIds": ids, "action": action, "reason": "Rack 4"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn codes(rows: &[RowResult]) -> Vec<&str> {
    rows.iter().map(|r| if r.ok { "ok" } else { r.code.unwrap().as_str() }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn guards_stand_against_the_whole_set() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nodes = three(&app, &admin).await;
    let all: Vec<&TestNode> = nodes.iter().collect();
    let reply: BulkReply = admin
        .post(BULK, &body(&all[..2], "maintenance", json!({"preview": true, "reason": null})))
        .await
        .expect(200)
        .json();
    assert_eq!(codes(&reply.items), ["ok", "ok"]);
    assert_eq!(reply.preview.unwrap().effects, [], "one is left");
    assert_eq!(read(&admin, &nodes[0]).await.intent.state, IntentState::Active, "only a preview");
    // Each alone would pass, all together take the last one.
    let problem = admin.post(BULK, &body(&all, "maintenance", json!({}))).await.problem(409, "guard");
    let preview = problem.current.unwrap();
    assert_eq!(preview["effects"][0]["code"], json!(EffectCode::LastLive));
    assert_eq!(preview["effects"][0]["count"], 3);
    let token = preview["previewToken"].clone();
    admin.post(BULK, &body(&all, "disable", json!({"previewToken": token}))).await.problem(409, "guard");
    let reply =
        admin.post(BULK, &body(&all, "maintenance", json!({"previewToken": token}))).await.expect(200);
    assert!(reply.header("x-change").parse::<i64>().unwrap() > 0);
    assert_eq!(codes(&reply.json::<BulkReply>().items), ["ok", "ok", "ok"]);
    for node in &nodes {
        let seen = read(&admin, node).await;
        assert_eq!((seen.intent.state, seen.version), (IntentState::Maintenance, 2));
        assert_eq!(seen.intent.private_reason.as_deref(), Some("Rack 4"));
    }
    let reply: BulkReply =
        admin.post(BULK, &body(&all, "activate", json!({"reason": null}))).await.expect(200).json();
    assert_eq!(codes(&reply.items), ["ok", "ok", "ok"]);
    assert_eq!(read(&admin, &nodes[2]).await.intent.state, IntentState::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_done_leaves_the_others_alone() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut nodes = three(&app, &admin).await;
    let elsewhere = app.region(&admin, "sll").await;
    let mut foreign = app.node(&admin, &elsewhere, NodeKind::Proxy).await;
    foreign.beat(&json!({})).await;
    let gone = TestNode { id: common::ids::NodeId(uuid::Uuid::new_v4()), ..foreign.clone() };
    let email = app.user(Role::Operator, Some(&["OM-MCT"])).await;
    let operator = app.sign_in(&email).await;
    let asked = body(&[&nodes[0], &gone, &foreign], "maintenance", json!({}));
    let reply: BulkReply = operator.post(BULK, &asked).await.expect(200).json();
    assert_eq!(codes(&reply.items), ["ok", "not_found", "out_of_scope"]);
    assert_eq!(read(&admin, &foreign).await.intent.state, IntentState::Active);

    nodes[1].goodbye().await;
    let asked =
        body(&[&nodes[0], &nodes[1], &nodes[2]], "shutdown", json!({"mode": "immediate", "preview": true}));
    let reply: BulkReply = admin.post(BULK, &asked).await.expect(200).json();
    assert_eq!(codes(&reply.items), ["ok", "not_live", "ok"]);
    let token = reply.preview.unwrap().preview_token;
    let asked = body(
        &[&nodes[0], &nodes[1], &nodes[2]],
        "shutdown",
        json!({"mode": "immediate", "previewToken": token}),
    );
    let reply: BulkReply = admin.post(BULK, &asked).await.expect(200).json();
    assert_eq!(codes(&reply.items), ["ok", "not_live", "ok"]);
    let offered = nodes[2].beat(&json!({})).await["commands"][0].clone();
    assert_eq!(
        (&offered["id"], &offered["args"]["mode"]),
        (&json!(reply.items[2].command_id), &json!("immediate"))
    );
    let reply: BulkReply = admin.post(BULK, &asked).await.expect(200).json();
    assert_eq!(codes(&reply.items), ["already_requested", "not_live", "already_requested"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_may_be_deleted_is() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nodes = three(&app, &admin).await;
    let region = read(&admin, &nodes[0]).await.region_id.unwrap();
    let fresh = app.node(&admin, region.as_str(), NodeKind::Proxy).await;
    admin.post(BULK, &body(&[&fresh], "disable", json!({}))).await.expect(200);
    let reply: BulkReply = admin
        .post(BULK, &body(&[&nodes[0], &fresh], "delete", json!({"preview": true})))
        .await
        .expect(200)
        .json();
    assert_eq!(codes(&reply.items)[0], "delete_refused");
    assert_eq!(reply.preview, None);
    let expected = codes(&reply.items)[1].to_owned();
    let reply: BulkReply =
        admin.post(BULK, &body(&[&nodes[0], &fresh], "delete", json!({}))).await.expect(200).json();
    assert_eq!(codes(&reply.items), ["delete_refused", expected.as_str()]);
    admin.get(&nodes[0].path()).await.expect(200);
    admin.get(&fresh.path()).await.expect(if expected == "ok" { 404 } else { 200 });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_right_is_named() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nodes = three(&app, &admin).await;
    let errors = |reply: crate::support::client::Reply| {
        let errors = reply.field_errors();
        errors.into_iter().map(|(p, c)| format!("{p} {c}")).collect::<Vec<_>>()
    };
    let none = json!({"nodeIds": [], "action": "maintenance"});
    assert_eq!(errors(admin.post(BULK, &none).await), ["/nodeIds out_of_range", "/reason required"]);
    let twice = body(&[&nodes[0], &nodes[0]], "activate", json!({}));
    assert_eq!(errors(admin.post(BULK, &twice).await), ["/nodeIds twice"]);
    let viewer = app.signed_in_as(Role::Viewer).await;
    viewer.post(BULK, &body(&[&nodes[0]], "activate", json!({}))).await.problem(403, "role_too_low");
}
