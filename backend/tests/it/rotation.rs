//! Secrets: rotated beside the old one, revoked, brought along; and never shown twice.

use common::node::{CreatedNode, Node, NodeKind};
use common::paths::{HEARTBEAT, NODES};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{TestApp, TestNode};
use crate::support::client::{Auth, Client, Reply};
use crate::support::{logs, unique, wait_for};

async fn rotate(client: &Client, node: &TestNode, version: i64, body: &Value) -> Reply {
    let request = client.request(Method::POST, &format!("{}/secret", node.path()));
    client.send(request.header("if-match", format!("\"{version}\"")).json(body)).await
}

async fn revoke(client: &Client, node: &TestNode, version: i64) -> Reply {
    let request = client.request(Method::DELETE, &format!("{}/secret/previous", node.path()));
    client.send(request.header("if-match", format!("\"{version}\""))).await
}

/// The node with another secret.
fn with(node: &TestNode, secret: &str) -> TestNode {
    let client = node.client.with(Auth::Secret(secret.to_owned()));
    TestNode { secret: secret.to_owned(), client, ..node.clone() }
}

async fn refused(node: &mut TestNode) {
    let body = node.body(&json!({}));
    node.client.post(HEARTBEAT, &body).await.problem(401, "unknown_secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_work_until_the_older_one_ends() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut old = app.node(&admin, &region, NodeKind::Backend).await;
    assert_eq!(old.beat(&json!({})).await["secret"]["rotationDue"], false);
    let before: Node = admin.get(&old.path()).await.expect(200).json();
    assert_eq!((before.secret.previous_until, &before.secret.previous_fingerprint), (None, &None));
    assert_eq!(before.live.secret_in_use.as_ref(), Some(&before.secret.fingerprint));

    let reply = rotate(&admin, &old, 1, &json!({})).await.expect(200);
    assert_eq!((reply.header("etag"), reply.header("cache-control")), ("\"2\"", "no-store"));
    let made: CreatedNode = reply.json();
    assert!(
        made.plain_secret.starts_with("iqn_")
            && made.snippet.contains(&made.plain_secret)
            && !made.secret_shown
    );
    let (summary, now) = (&made.node.secret, made.node.secret.created_at);
    assert_ne!(summary.fingerprint, before.secret.fingerprint);
    assert_eq!(summary.previous_fingerprint.as_ref(), Some(&before.secret.fingerprint));
    let overlap = summary.previous_until.unwrap().since(now);
    assert!((86_390_000..=86_400_000).contains(&overlap), "{overlap}");

    // The old one opens the door, and its holder is told that a newer one waits.
    assert_eq!(old.beat(&json!({})).await["secret"]["rotationDue"], true);
    let in_use = |node: &Node| node.live.secret_in_use.clone().unwrap();
    let node: Node = admin.get(&old.path()).await.expect(200).json();
    assert_eq!(in_use(&node), before.secret.fingerprint);
    let mut new = with(&old, &made.plain_secret);
    assert_eq!(new.beat(&json!({})).await["secret"]["rotationDue"], false);
    let node: Node = admin.get(&old.path()).await.expect(200).json();
    assert_eq!(in_use(&node), node.secret.fingerprint);

    // At most two: another rotation ends the oldest.
    let third: CreatedNode = rotate(&admin, &old, 2, &json!({"overlapSeconds": 1})).await.expect(200).json();
    refused(&mut old).await;
    old.seq = new.seq;
    new.beat(&json!({})).await;
    wait_for("the end of the overlap", async || {
        let body = new.body(&json!({}));
        (new.client.post(HEARTBEAT, &body).await.status == 401).then_some(())
    })
    .await;
    let mut newest = with(&new, &third.plain_secret);
    newest.beat(&json!({})).await;
    assert_eq!(app.db.text("SELECT count(*) FROM node_secrets").await, "2");
    // What is over is forgotten, by the task that cleans up.
    let state = app.state();
    state.fleet.secrets_expire(state.clock.wall());
    state.db.secret_purge(state.clock.wall()).await.unwrap();
    assert_eq!(app.db.text("SELECT count(*) FROM node_secrets").await, "1");
    let node: Node = admin.get(&old.path()).await.expect(200).json();
    assert_eq!((node.secret.previous_until, node.secret.previous_fingerprint, node.version), (None, None, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_secret_is_ended_at_once() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut first = app.node(&admin, &region, NodeKind::Proxy).await;
    let made: CreatedNode = rotate(&admin, &first, 1, &json!({"overlapSeconds": 0})).await.expect(200).json();
    assert_eq!((made.node.secret.previous_until, &made.node.secret.previous_fingerprint), (None, &None));
    refused(&mut first).await;
    let mut second = with(&first, &made.plain_secret);
    second.beat(&json!({})).await;

    let made: CreatedNode = rotate(&admin, &first, 2, &json!({})).await.expect(200).json();
    second.beat(&json!({})).await;
    // Both outlive a restart.
    app.pause().await;
    app.resume().await;
    let admin = admin.at(app.base());
    second.moved(&app);
    assert_eq!(second.beat(&json!({})).await["secret"]["rotationDue"], true);
    let mut third = with(&second, &made.plain_secret);
    assert_eq!(third.beat(&json!({})).await["secret"]["rotationDue"], false);

    let blind = admin.request(Method::DELETE, &format!("{}/secret/previous", first.path()));
    admin.send(blind).await.problem(428, "version_needed");
    revoke(&admin, &first, 2).await.problem(412, "version_stale");
    let reply = revoke(&admin, &first, 3).await.expect(200);
    assert_eq!((reply.header("etag"), reply.json::<Node>().secret.previous_until), ("\"4\"", None));
    refused(&mut second).await;
    third.seq = second.seq;
    third.beat(&json!({})).await;
    // There is none any more: nothing changes.
    assert_eq!(revoke(&admin, &first, 4).await.expect(200).header("etag"), "\"4\"");
    let done =
        "SELECT action FROM activity WHERE action LIKE 'node.secret.%' AND outcome = 'allowed' ORDER BY id";
    let acts = app.db.texts(done).await;
    assert_eq!(acts, ["node.secret.rotate", "node.secret.rotate", "node.secret.revoke"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_rotations_of_one_version_one_happens() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Proxy).await;
    let blind = admin.request(Method::POST, &format!("{}/secret", node.path())).json(&json!({}));
    admin.send(blind).await.problem(428, "version_needed");
    let body = json!({});
    let replies = join_all((0..4).map(|_| rotate(&admin, &node, 1, &body))).await;
    assert_eq!(replies.iter().filter(|r| r.status == 200).count(), 1);
    for reply in replies.into_iter().filter(|r| r.status != 200) {
        let problem = reply.problem(412, "version_stale");
        assert!(!problem.current.unwrap().to_string().contains("plainSecret"));
    }
    assert_eq!(app.db.text("SELECT count(*) FROM node_secrets").await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_ones_own() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let own = unique("brought-from-elsewhere-");
    let body = json!({"regionId": region, "kind": "backend", "endpoint": "10.1.0.1", "secret": own});
    let made: CreatedNode = admin.post(NODES, &body).await.expect(201).json();
    assert_eq!(made.plain_secret, own);
    let client = app.anonymous().with(Auth::Secret(own.clone()));
    client.get("/api/v1/node/bootstrap").await.expect(200);

    // Another node's, and this node's own: taken, and not told whose.
    let node = app.node(&admin, &region, NodeKind::Backend).await;
    let body = json!({"regionId": region, "kind": "backend", "endpoint": "10.1.0.2", "secret": own});
    for reply in [
        admin.post(NODES, &body).await,
        rotate(&admin, &node, 1, &json!({"secret": own})).await,
        rotate(&admin, &node, 1, &json!({"secret": node.secret})).await,
    ] {
        let problem = reply.problem(409, "secret_taken");
        assert_eq!(problem.errors[0].pointer, "/secret");
        assert!(!reply.text.contains(&own) && !reply.text.contains(&made.node.id().to_string()));
    }
    let another = unique("another-of-my-own-secrets-");
    let made: CreatedNode = rotate(&admin, &node, 1, &json!({"secret": another})).await.expect(200).json();
    assert_eq!(made.plain_secret, another);
    with(&node, &another).beat(&json!({})).await;

    let errors = |r: Reply| r.field_errors().into_iter().map(|(p, c)| format!("{p} {c}")).collect::<Vec<_>>();
    let bad = json!({"secret": "short and spaced", "overlapSeconds": 2_592_001});
    let wanted = ["/overlapSeconds out_of_range", "/secret too_short", "/secret characters"];
    assert_eq!(errors(rotate(&admin, &node, 2, &bad).await), wanted);
    let long = json!({"regionId": region, "kind": "backend", "endpoint": "", "secret": "x".repeat(257)});
    assert_eq!(errors(admin.post(NODES, &long).await), ["/endpoint required", "/secret too_long"]);
    assert_eq!(errors(rotate(&admin, &node, 2, &json!({"overlap": 1})).await)[0], "/overlap type");
}

#[tokio::test(flavor = "multi_thread")]
async fn rotated_secrets_show_nowhere() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    app.transcript.forget_last();
    let own = unique("canary-own-secret-of-a-node-");
    let key = |key: &str| [("idempotency-key", key.to_owned()), ("if-match", "\"2\"".to_owned())];
    rotate(&admin, &node, 1, &json!({"secret": own})).await.expect(200);
    app.transcript.forget_last();
    // With a key, so that the reply is kept.
    let mut request = admin.request(Method::POST, &format!("{}/secret", node.path()));
    for (name, value) in key("k") {
        request = request.header(name, value);
    }
    let made: CreatedNode = admin.send(request.json(&json!({}))).await.expect(200).json();
    app.transcript.forget_last();
    rotate(&admin, &node, 3, &json!({"secret": own})).await.problem(409, "secret_taken");
    node.secret = made.plain_secret.clone();
    let mut node = with(&node, &made.plain_secret);
    node.beat(&json!({})).await;
    admin.get(NODES).await.expect(200);
    let dump = app.db.dump().await;
    assert!(dump.contains("node.secret.rotate"));
    for secret in [&own, &made.plain_secret] {
        for text in app.transcript.all() {
            assert!(!text.contains(secret.as_str()), "in a reply: {text}");
        }
        assert!(!dump.contains(secret.as_str()), "in the database");
        assert!(!logs::text().contains(secret.as_str()), "in the log");
    }
}
