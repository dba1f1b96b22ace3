//! `Idempotency-Key`: what is sent again is answered again and not done again.

use common::auth::Role;
use common::node::CreatedNode;
use common::paths::{LOGIN, NODES, REGIONS};
use reqwest::Method;
use serde_json::{Value, json};

use crate::openapi::operations;
use crate::support::app::{ADMIN, PASSWORD, TestApp};
use crate::support::client::{Client, Reply};
use crate::support::wait_for;

async fn post(client: &Client, path: &str, key: &str, body: &Value) -> Reply {
    client.send(client.request(Method::POST, path).header("idempotency-key", key).json(body)).await
}

fn replayed(r: &Reply) -> bool {
    r.headers.get("idempotency-replayed").is_some_and(|v| v == "true")
}

/// Makes everything that is kept older.
async fn age(app: &TestApp, by: &str) {
    app.db.execute(&format!("UPDATE idempotency SET created_at = created_at - interval '{by}'")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_done_once_and_its_secret_is_told_for_ten_minutes() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let body = json!({"regionId": region, "kind": "backend", "endpoint": "10.0.0.1"});
    let first = post(&admin, NODES, "key one", &body).await.expect(201);
    assert!(!replayed(&first));
    let again = post(&admin, NODES, "key one", &body).await.expect(201);
    assert!(replayed(&again));
    assert_eq!(again.text, first.text);
    for name in ["etag", "location", "x-change", "content-type", "cache-control"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    let made: CreatedNode = first.json();
    assert!(!made.plain_secret.is_empty() && !made.secret_shown);
    // It is the token's request as much as the cookie's: one person.
    assert!(replayed(&post(&admin.with_token().await, NODES, "key one", &body).await));
    assert_eq!(app.db.text("SELECT count(*) FROM nodes").await, "1");
    assert_eq!(app.db.text("SELECT count(*) FROM activity WHERE action = 'node.create'").await, "1");

    age(&app, "11 minutes").await;
    let hidden = |r: Reply| {
        assert!(replayed(&r) && !r.text.contains(&made.plain_secret), "{}", r.text);
        assert_eq!((r.status, r.header("etag")), (201, "\"1\""));
        let value = r.value();
        assert_eq!(
            (&value["secretShown"], value.get("plainSecret"), value.get("snippet")),
            (&json!(true), None, None)
        );
        assert_eq!(r.json::<CreatedNode>().node, made.node);
    };
    hidden(post(&admin, NODES, "key one", &body).await);
    // By then the secret is not kept either.
    let state = app.state();
    let now = state.clock.wall();
    state.db.idempotency_purge(now.before(24 * 3_600_000), now.before(600_000)).await.unwrap();
    assert_eq!(
        app.db.text("SELECT count(*) FROM idempotency WHERE reply_later IS NULL AND status = 201").await,
        "1"
    );
    hidden(post(&admin, NODES, "key one", &body).await);

    age(&app, "1 day").await;
    let late = post(&admin, NODES, "key one", &body).await;
    assert!(!replayed(&late));
    late.problem(409, "endpoint_taken");
    age(&app, "1 day").await;
    let now = state.clock.wall();
    state.db.idempotency_purge(now.before(24 * 3_600_000), now.before(600_000)).await.unwrap();
    assert_eq!(app.db.text("SELECT count(*) FROM idempotency").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_one_person_path_and_body() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let body = |host: &str| json!({"regionId": region, "kind": "proxy", "endpoint": host});
    post(&admin, NODES, "k", &body("10.0.0.1")).await.expect(201);
    post(&admin, NODES, "k", &body("10.0.0.2")).await.problem(422, "idempotency_mismatch");
    assert!(replayed(&post(&admin, NODES, "k", &body("10.0.0.1")).await), "a mismatch changes nothing");
    post(&admin, REGIONS, "k", &json!({"countryCode": "US", "name": "a"})).await.expect(201);
    let other = app.signed_in_as(Role::Operator).await;
    post(&other, NODES, "k", &body("10.0.0.2")).await.expect(201);
    // A refusal is an answer like any other.
    let refused = post(&admin, NODES, "r", &body("10.0.0.1")).await;
    let again = post(&admin, NODES, "r", &body("10.0.0.1")).await;
    assert!(replayed(&again));
    assert_eq!(again.text, refused.text);
    again.problem(409, "endpoint_taken");
    // Another version is another request.
    let node = admin.get(NODES).await.expect(200).value()["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("{NODES}/{node}/secret");
    let rotate = |version: &str| {
        let request = admin.request(Method::POST, &path).header("idempotency-key", "v");
        request.header("if-match", version.to_owned()).json(&json!({}))
    };
    admin.send(rotate("\"1\"")).await.expect(200);
    assert!(replayed(&admin.send(rotate("\"1\"")).await.expect(200)));
    admin.send(rotate("\"2\"")).await.problem(422, "idempotency_mismatch");

    for bad in ["", " ", &"x".repeat(256)] {
        assert_eq!(
            post(&admin, NODES, bad, &body("10.0.0.3")).await.field_errors()[0].0,
            "#header/Idempotency-Key"
        );
    }
    let odd = admin.request(Method::POST, NODES).header("idempotency-key", "ключ").json(&body("10.0.0.3"));
    assert_eq!(admin.send(odd).await.field_errors()[0].1, "idempotency_key");
    post(&admin, NODES, &"x".repeat(255), &body("10.0.0.3")).await.expect(201);
    post(&app.anonymous(), NODES, "k", &body("10.0.0.1")).await.problem(401, "unauthenticated");
    // Nobody signs in by repetition.
    for _ in 0..2 {
        let login = json!({"email": ADMIN, "password": PASSWORD});
        assert!(!replayed(&post(&app.anonymous(), LOGIN, "k", &login).await.expect(200)));
    }
    let large = json!({"regionId": region, "kind": "proxy", "endpoint": "x".repeat(70_000)});
    post(&admin, NODES, "large", &large).await.problem(413, "body_too_large");
}

/// Holds a region's id, so that whoever wants to add it waits.
async fn hold(app: &TestApp, id: &str) -> tokio_postgres::Client {
    let client = app.db.client().await;
    let sql = format!("BEGIN; INSERT INTO regions (id, country_code, name) VALUES ('{id}', 'OM', 'x')");
    client.batch_execute(&sql).await.unwrap();
    client
}

async fn blocked(app: &TestApp) {
    wait_for("a request that waits", async || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        (app.db.text(sql).await != "0").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_at_work_is_not_begun_again() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let body = json!({"countryCode": "OM", "name": "a"});
    let holder = hold(&app, "OM-A").await;
    let (first, ()) = tokio::join!(post(&admin, REGIONS, "k", &body), async {
        blocked(&app).await;
        post(&admin, REGIONS, "k", &body).await.problem(409, "idempotency_in_flight");
        let other = json!({"countryCode": "OM", "name": "b"});
        post(&admin, REGIONS, "k", &other).await.problem(422, "idempotency_mismatch");
        holder.batch_execute("ROLLBACK").await.unwrap();
    });
    assert!(!replayed(&first.expect(201)));
    assert!(replayed(&post(&admin, REGIONS, "k", &body).await.expect(201)));

    // The sender goes away before the answer, and comes again for it.
    let body = json!({"countryCode": "OM", "name": "b"});
    let holder = hold(&app, "OM-B").await;
    let (client, sent) = (admin.clone(), body.clone());
    let gone = tokio::spawn(async move { post(&client, REGIONS, "gone", &sent).await });
    blocked(&app).await;
    gone.abort();
    assert!(gone.await.is_err());
    holder.batch_execute("ROLLBACK").await.unwrap();
    let reply = wait_for("the answer to the first one", async || {
        let reply = post(&admin, REGIONS, "gone", &body).await;
        (reply.status != 409).then_some(reply)
    })
    .await;
    assert!(replayed(&reply), "{}", reply.text);
    reply.expect(201);

    // One that never ended, because its process died, may be begun again by the same request.
    let body = json!({"countryCode": "OM", "name": "c"});
    post(&admin, REGIONS, "died", &body).await.expect(201);
    app.db
        .execute("DELETE FROM regions WHERE id = 'OM-C'; UPDATE idempotency SET status = NULL, reply = NULL")
        .await;
    post(&admin, REGIONS, "died", &body).await.problem(409, "idempotency_in_flight");
    age(&app, "3 minutes").await;
    let other = json!({"countryCode": "OM", "name": "d"});
    post(&admin, REGIONS, "died", &other).await.problem(422, "idempotency_mismatch");
    assert!(!replayed(&post(&admin, REGIONS, "died", &body).await.expect(201)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_ours_is_not_kept() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let body = json!({"countryCode": "OM", "name": "a"});
    app.db.execute("ALTER TABLE regions RENAME TO away").await;
    post(&admin, REGIONS, "k", &body).await.problem(500, "internal");
    app.db.execute("ALTER TABLE away RENAME TO regions").await;
    assert!(!replayed(&post(&admin, REGIONS, "k", &body).await.expect(201)));
    // What was kept for somebody is not theirs any more when their role is another.
    let email = app.user(Role::Operator, None).await;
    let operator = app.sign_in(&email).await;
    let body = json!({"countryCode": "OM", "name": "b"});
    post(&operator, REGIONS, "k", &body).await.expect(201);
    app.db.execute(&format!("UPDATE users SET role = 'viewer' WHERE email = '{email}'")).await;
    let viewer = app.sign_in(&email).await;
    post(&viewer, REGIONS, "k", &body).await.problem(403, "role_too_low");
}

#[test]
fn the_document_names_the_header_where_it_counts() {
    for (path, method, operation) in operations() {
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let named = parameters.iter().any(|p| p["name"] == "Idempotency-Key" && p["in"] == "header");
        let counts =
            method == "POST" && !path.starts_with("/api/v1/auth/") && !path.starts_with("/api/v1/node/");
        assert_eq!(named, counts, "{method} {path}");
        if counts {
            let all = operation["responses"].as_object().unwrap();
            assert!(all.contains_key("409") && all.contains_key("422"), "{path}");
        }
    }
}
