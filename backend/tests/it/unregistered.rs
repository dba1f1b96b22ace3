//! Servers that send heartbeats and are not in the registry.

use backend::domain::liveness::Timers;
use common::auth::Role;
use common::node::{CreatedNode, NodeKind};
use common::overview::{OpenProblemCode, Overview, ProblemList};
use common::paths::{HEARTBEAT, NODES, OVERVIEW, PROBLEMS, UNREGISTERED};
use common::unregistered::{UnregisteredNode, UnregisteredPage, UnregisteredReason};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{TestApp, TestNode};
use crate::support::client::{Auth, Client, Reply};
use crate::support::wait_for;

async fn list(client: &Client, query: &str) -> UnregisteredPage {
    client.get(&format!("{UNREGISTERED}{query}")).await.expect(200).json()
}

/// A heartbeat under a secret that nobody knows.
async fn stranger(app: &TestApp, secret: &str, more: &Value) {
    let mut body = json!({"bootId": "b", "seq": 1, "sessions": {"phone": 9, "web": 9}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let client = app.anonymous().with(Auth::Secret(secret.to_owned()));
    client.post(HEARTBEAT, &body).await.problem(401, "unknown_secret");
}

async fn delete(client: &Client, path: &str) -> Reply {
    client.send(client.request(Method::DELETE, path)).await
}

async fn problems(client: &Client) -> ProblemList {
    client.get(PROBLEMS).await.expect(200).json()
}

fn secret(c: char) -> String {
    c.to_string().repeat(53)
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_show_claims_as_claims_and_nothing_else() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.region(&admin, "mct").await;
    let claims = json!({"nodeId": "65f0c0ffee", "regionId": "om-mct", "kind": "backend"});
    for _ in 0..3 {
        stranger(&app, &secret('x'), &claims).await;
    }
    stranger(&app, &secret('y'), &json!({"regionId": "XX-NONE", "kind": "proxy"})).await;

    let page = list(&admin, "").await;
    assert_eq!((page.items.len(), page.total, page.ignored), (2, 2, 0));
    let (newest, older) = (&page.items[0], &page.items[1]);
    assert_eq!((older.reason, older.count), (UnregisteredReason::UnknownSecret, 3));
    assert_eq!(older.claimed_node.as_deref(), Some("65f0c0ffee"));
    assert_eq!(
        (older.claimed_region.as_deref(), older.claimed_kind.as_deref()),
        (Some("om-mct"), Some("backend"))
    );
    assert_eq!(older.fingerprint.as_ref().map(String::len), Some(8));
    assert_eq!((older.source.as_str(), &older.registered_node, &older.deleted), ("127.0.0.1", &None, &None));
    // What Add node begins with.
    assert_eq!(older.prefill.kind, Some(NodeKind::Backend));
    assert_eq!(older.prefill.region_id.as_ref().map(|r| r.as_str()), Some("OM-MCT"));
    assert_eq!(older.prefill.endpoint.as_deref(), Some("http://127.0.0.1:5002"));
    assert_eq!((newest.prefill.kind, &newest.prefill.region_id), (Some(NodeKind::Proxy), &None));
    // No figures, and no secret.
    let text = admin.get(UNREGISTERED).await.expect(200).text;
    assert!(!text.contains("phone") && !text.contains("xxxxxxxx"), "{text}");

    // Beside the counts of the registry, never inside.
    let overview: Overview = admin.get(OVERVIEW).await.expect(200).json();
    assert_eq!((overview.cluster.backend.registered, overview.attention.unregistered), (0, 2));
    let p = problems(&admin)
        .await
        .items
        .into_iter()
        .find(|p| p.code == OpenProblemCode::UnregisteredNodes)
        .unwrap();
    assert_eq!((p.count, p.rejections.len()), (Some(2), 2));

    // Pages hold, newest first.
    let first = list(&admin, "?limit=1").await;
    let second = list(&admin, &format!("?limit=1&cursor={}", first.next_cursor.unwrap())).await;
    assert_eq!((&first.items[0].id, &second.items[0].id), (&newest.id, &older.id));
    assert_eq!(second.next_cursor, None);
    for (query, pointer) in
        [("?cursor=x", "#query/cursor"), ("?include=all", "#query/include"), ("?limit=0", "#query/limit")]
    {
        let reply = admin.get(&format!("{UNREGISTERED}{query}")).await;
        assert_eq!(reply.field_errors()[0].0, pointer);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn registering_it_takes_no_secret_over() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    stranger(&app, &secret('x'), &json!({"regionId": region, "kind": "backend"})).await;
    let found = list(&admin, "").await.items.remove(0);
    let prefill = serde_json::to_value(&found.prefill).unwrap();
    let made: CreatedNode = admin.post(NODES, &prefill).await.expect(201).json();
    assert_ne!(made.plain_secret, secret('x'));
    assert_ne!(Some(made.node.secret.fingerprint), found.fingerprint);
    stranger(&app, &secret('x'), &json!({"regionId": region, "kind": "backend"})).await;
    assert_eq!(list(&admin, "").await.items[0].count, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_node_with_a_wrong_secret_is_named() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Proxy).await;
    node.beat(&json!({})).await;
    stranger(&app, &secret('x'), &json!({"nodeId": node.id})).await;
    let found = list(&admin, "").await.items.remove(0);
    let hint = found.registered_node.unwrap();
    assert_eq!(hint.id, node.id);
    let expected = admin.get(&node.path()).await.expect(200).value();
    assert_eq!(hint.expected_fingerprint.as_deref(), expected["secret"]["fingerprint"].as_str());
    // It is that node's problem, and no unknown server.
    let all = problems(&admin).await.items;
    assert!(!all.iter().any(|p| p.code == OpenProblemCode::UnregisteredNodes), "{all:?}");
    let p = all.iter().find(|p| p.code == OpenProblemCode::NodeRefused).unwrap();
    assert_eq!((p.node_id, p.evidence.reason.as_deref()), (Some(node.id), Some("unknown_secret")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_ignores_is_hidden_until_they_stop() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    stranger(&app, &secret('x'), &json!({"kind": "proxy"})).await;
    let id = list(&admin, "").await.items[0].id.clone();
    let path = format!("{UNREGISTERED}/{id}/ignore");
    let viewer = app.signed_in_as(Role::Viewer).await;
    viewer.post(&path, &json!({})).await.problem(403, "role_too_low");
    admin.post(&path, &json!({"reason": "x".repeat(501)})).await.problem(422, "invalid");
    let reply = admin.post(&path, &json!({"reason": "A scanner."})).await.expect(200);
    assert!(reply.header("x-change").parse::<i64>().unwrap() > 0);
    let hidden: UnregisteredNode = reply.json();
    assert_eq!(hidden.ignored.as_ref().map(|i| i.by.as_str()), Some("admin@localhost"));

    stranger(&app, &secret('x'), &json!({"kind": "proxy"})).await;
    let check = async |client: &Client| {
        let page = list(client, "").await;
        assert_eq!((page.items.len(), page.total, page.ignored), (0, 0, 1));
        let all = list(client, "?include=ignored").await;
        assert_eq!((all.items[0].id.as_str(), all.items[0].ignored.is_some()), (id.as_str(), true));
        let seen = problems(client).await;
        assert!(!seen.items.iter().any(|p| p.code == OpenProblemCode::UnregisteredNodes));
        assert_eq!(seen.attention.unregistered, 0);
    };
    check(&admin).await;
    // Another key is another matter.
    stranger(&app, &secret('y'), &json!({"kind": "proxy"})).await;
    assert_eq!(list(&admin, "").await.total, 1);

    // It is kept over a restart, and noted.
    let kept = "SELECT count(*) FROM unregistered_ignored";
    assert_eq!(app.db.text(kept).await, "1");
    let noted = "SELECT action || ' ' || reason FROM activity WHERE target_kind = 'unregistered_node' AND outcome = 'allowed'";
    assert_eq!(app.db.texts(noted).await, ["unregistered.ignore A scanner."]);
    wait_for("rows of the diary", async || {
        (app.db.text("SELECT count(*) FROM rejections").await == "2").then_some(())
    })
    .await;
    app.pause().await;
    app.resume().await;
    let admin = admin.at(app.base());
    let page = list(&admin, "").await;
    assert_eq!((page.total, page.ignored), (1, 1));

    delete(&admin, &path).await.expect(204);
    assert_eq!(list(&admin, "").await.total, 2);
    delete(&admin, &path).await.problem(404, "not_found");
    assert_eq!(app.db.text(kept).await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_node_that_goes_on_is_shown_with_who_deleted_it() {
    let timers = Timers { interval_ms: 200, stale_after_ms: 600, offline_after_ms: 1_200 };
    let app = TestApp::with(timers, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let intent = admin.request(Method::PUT, &format!("{}/intent", node.path())).header("if-match", "\"1\"");
    let body = json!({"state": "disabled", "privateReason": "goes away"});
    admin.send(intent.json(&body)).await.expect(200);
    wait_for("a delete that goes through", async || {
        let version = admin.get(&node.path()).await.header("etag").to_owned();
        let request = admin.request(Method::DELETE, &node.path()).header("if-match", version);
        (admin.send(request).await.status == 204).then_some(())
    })
    .await;
    late(&mut node).await;
    let found = list(&admin, "").await.items.remove(0);
    assert_eq!(found.reason, UnregisteredReason::NodeDeleted);
    let deleted = found.deleted.unwrap();
    assert_eq!((deleted.id, deleted.by.as_str()), (node.id, "admin@localhost"));
    assert!(deleted.name.starts_with("10.0.0.1:"), "{}", deleted.name);
}

async fn late(node: &mut TestNode) {
    let body = node.body(&json!({}));
    node.client.post(HEARTBEAT, &body).await.problem(410, "node_deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_claims_stays_bounded_in_memory_and_in_the_database() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for i in 0..1_100 {
        stranger(&app, &secret('x'), &json!({"nodeId": format!("n{i}")})).await;
    }
    assert_eq!(list(&admin, "?limit=500").await.total, 1_000);
    // Rows of groups that went are removed by the next flush.
    wait_for("a bounded table", async || {
        let rows: u32 = app.db.text("SELECT count(*) FROM rejections").await.parse().unwrap();
        (rows == 1_000).then_some(())
    })
    .await;
}
