//! What must stay secret shows in no reply, no event, no log line and no table.

use common::auth::LoginReply;
use common::node::CreatedNode;
use common::paths::{GOODBYE, HEARTBEAT, LOGIN, NODES, OVERVIEW, REGIONS, REJECTIONS};
use reqwest::Method;
use serde_json::json;

use crate::support::app::{ADMIN, TestApp};
use crate::support::client::Auth;
use crate::support::sse::Stream;
use crate::support::{logs, unique, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_never_shows() {
    let (password, guess, master) = (unique("canary-password-"), unique("canary-guess-"), "c4".repeat(32));
    let key = master.clone();
    let app = TestApp::with(crate::support::app::PATIENT, |s| {
        s.admin_password = Some(backend::config::Hidden::new(password.clone()));
        s.master_key = backend::config::MasterKeySource::Value(backend::config::Hidden::new(key));
    })
    .await;
    // The replies that hold a secret on purpose are taken out of the transcript; everything else stays in.
    let reply = app.anonymous().login(ADMIN, &password).await.expect(200);
    app.transcript.forget_last();
    let cookie = reply.session_cookie().unwrap();
    let admin = app.anonymous().with(Auth::Cookie(cookie.clone()));
    let first: LoginReply = reply.json();
    let reply = admin.post("/api/v1/auth/refresh", &json!({})).await.expect(200);
    app.transcript.forget_last();
    let second: LoginReply = reply.json();
    let script = admin.with(Auth::Bearer(second.access_token.clone()));
    let mut stream = Stream::open(&admin, "summary,nodes,region:OM-MCT", None).await;

    app.region(&admin, "mct").await;
    let body = json!({"regionId": "OM-MCT", "kind": "backend", "endpoint": "10.0.0.1:5002"});
    let created: CreatedNode = script.post(NODES, &body).await.expect(201).json();
    app.transcript.forget_last();
    let secret = created.plain_secret.clone();

    // Good and bad heartbeats, with secrets where they belong and where they do not.
    let node = app.anonymous().with(Auth::Secret(secret.clone()));
    let stranger = app.anonymous().with(Auth::Secret(guess.clone()));
    let beat = json!({"bootId": "b", "seq": 1, "apiKey": secret, "Server": {"ApiKey": secret}, "sessions": {"phone": secret}});
    node.post(HEARTBEAT, &beat).await.expect(200);
    let beat =
        json!({"bootId": "b", "seq": 2, "apiKey": guess, "nodeId": created.node.id(), "hardware": guess});
    stranger.post(HEARTBEAT, &beat).await.expect(401);
    stranger.with(Auth::Bearer(guess.clone())).post(GOODBYE, &beat).await.expect(401);
    for text in [
        guess.clone(),
        format!("{{\"bootId\": \"{guess}"),
        format!("{{\"bootId\":\"b\",\"seq\":\"{guess}\"}}"),
    ] {
        node.send(node.request(Method::POST, HEARTBEAT).body(text)).await.expect(422);
    }
    node.get("/api/v1/node/bootstrap").await.expect(200);
    node.post(GOODBYE, &json!({"bootId": "b"})).await.expect(200);

    // Passwords where they do not belong.
    for body in [
        json!({"email": ADMIN, "password": guess}),
        json!({"email": guess, "password": 7}),
        json!({"email": 7, "password": guess}),
        json!({"email": ADMIN, "password": {"value": guess}}),
        json!([ADMIN, guess]),
        json!({"email": ADMIN, "password": guess, "remember": true}),
        json!({"countryCode": guess, "name": guess}),
    ] {
        for path in [LOGIN, REGIONS] {
            assert!(admin.post(path, &body).await.status >= 400, "{body}");
        }
    }
    let raw = format!("{{\"email\":\"{ADMIN}\",\"password\":\"{guess}");
    let request = admin.request(Method::POST, LOGIN).header("content-type", "application/json").body(raw);
    admin.send(request).await.problem(400, "invalid_json");
    for client in [Auth::Cookie(guess.clone()), Auth::Bearer(guess.clone()), Auth::Secret(guess.clone())] {
        app.anonymous().with(client).get(OVERVIEW).await.expect(401);
    }
    for path in [
        NODES,
        REGIONS,
        OVERVIEW,
        REJECTIONS,
        "/api/v1/auth/me",
        "/api/v1/meta",
        &format!("{NODES}/{}", created.node.id()),
    ] {
        script.get(path).await.expect(200);
    }
    let written =
        "SELECT (SELECT count(*) FROM rejections) > 0 AND (SELECT liveness FROM node_live) = 'left'";
    wait_for("written diary", async || (app.db.text(written).await == "t").then_some(())).await;
    let dump = app.db.dump().await;
    stream.wait("tick", |m| matches!(m.event, common::stream::LiveEvent::Tick { .. }).then_some(())).await;
    script.post("/api/v1/auth/logout", &json!({})).await.expect(204);
    stream.end().await;

    let log = logs::text();
    let replies = app.transcript.all().join("\n");
    // Each place holds what it should, so that looking there means something.
    assert!(log.contains("signed in") && log.contains("sign-in refused"), "the log is not collected");
    assert!(dump.contains(ADMIN) && dump.contains("unknown_secret") && dump.contains("$argon2id$"), "{dump}");
    assert!(replies.contains("unknown_secret") && replies.contains(&created.node.secret.fingerprint));
    for (what, canary) in [
        ("the node's secret", secret.as_str()),
        ("its random part", &secret[4..47]),
        ("a wrong secret or password", &guess),
        ("the password", &password),
        ("the session id", &cookie),
        ("an access token", &first.access_token),
        ("the renewed access token", &second.access_token),
        ("a token's signature", second.access_token.rsplit('.').next().unwrap()),
        ("the master key", &master),
    ] {
        let line = |text: &str| text.lines().find(|l| l.contains(canary)).unwrap_or_default().to_owned();
        assert!(!replies.contains(canary), "{what} is in a reply or an event: {}", line(&replies));
        assert!(!log.contains(canary), "{what} is in the log: {}", line(&log));
        assert!(!dump.contains(canary), "{what} is in the database: {}", line(&dump));
    }
}
