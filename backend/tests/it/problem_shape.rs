//! Every refusal is a problem (RFC 9457) with a request id, and every reply has its headers.

use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use backend::http::middleware::outermost;
use common::paths::{HEARTBEAT, LOGIN, NODES, OVERVIEW, REGIONS};
use reqwest::Method;
use serde_json::json;

use crate::support::app::{PASSWORD, TestApp};
use crate::support::client::{Auth, Client, Reply, Transcript, header};

#[track_caller]
fn strict_headers(reply: &Reply) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(reply.header(name), value, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_a_problem() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let post = |path: &str| admin.request(Method::POST, path);
    let text =
        |path: &str, body: &'static str| post(path).header("content-type", "application/json").body(body);
    let get = |path: &str| admin.request(Method::GET, path);
    let nobody = app.anonymous();
    let long = format!("{{\"countryCode\":\"OM\",\"name\":\"{}\"}}", "x".repeat(70_000));
    let cases = [
        ("cut off", 400, "invalid_json", text(REGIONS, "{\"countryCode\":")),
        ("no JSON", 400, "invalid_json", text(REGIONS, "garbage")),
        ("empty", 400, "invalid_json", text(REGIONS, "")),
        ("an array", 400, "invalid_json", text(REGIONS, "[\"OM\", \"mct\"]")),
        ("a text", 400, "invalid_json", text(REGIONS, "\"OM\"")),
        (
            "more than one object",
            400,
            "invalid_json",
            text(REGIONS, "{\"countryCode\":\"OM\",\"name\":\"a\"} {}"),
        ),
        ("no content type", 415, "unsupported_media_type", post(REGIONS).body("{}")),
        ("a form", 415, "unsupported_media_type", post(REGIONS).form(&[("name", "a")])),
        (
            "too long",
            413,
            "body_too_large",
            post(REGIONS).header("content-type", "application/json").body(long),
        ),
        ("wrong fields", 422, "invalid", post(REGIONS).json(&json!({"countryCode": "XX", "name": ""}))),
        ("a wrong type", 422, "invalid", post(REGIONS).json(&json!({"countryCode": [], "name": ""}))),
        ("a bad query", 422, "invalid", get("/api/v1/nodes?limit=many")),
        ("an unknown query", 422, "invalid", get("/api/v1/nodes?colour=red")),
        ("a bad id", 404, "not_found", get("/api/v1/nodes/none")),
        ("a path that is no text", 404, "not_found", get("/api/v1/nodes/%FF%FE")),
        ("a region that is no text", 404, "not_found", get("/api/v1/regions/%FF")),
        ("an unknown route", 404, "not_found", get("/api/v1/none")),
        ("an unknown route for a page", 404, "not_found", get("/api/v1/none").header("accept", "text/html")),
        ("an unknown file", 404, "not_found", get("/assets/none.js").header("accept", "text/html")),
        ("a slash too much", 404, "not_found", get("/api/v1/regions/")),
        ("nobody", 401, "unauthenticated", nobody.request(Method::GET, OVERVIEW)),
        ("nobody with a bad body", 401, "unauthenticated", nobody.request(Method::POST, NODES).body("x")),
        (
            "a wrong password",
            401,
            "wrong_password",
            nobody.request(Method::POST, LOGIN).json(&json!({"email": "a", "password": "b"})),
        ),
        (
            "another site",
            403,
            "cross_site",
            post(REGIONS).headers(header("sec-fetch-site", "cross-site")).json(&json!({})),
        ),
        ("a wrong secret", 401, "unknown_secret", nobody.request(Method::POST, HEARTBEAT).body("{}")),
    ];
    let mut ids = Vec::new();
    for (what, status, code, request) in cases {
        let reply = admin.send(request).await;
        assert_eq!(reply.status, status, "{what}: {}", reply.text);
        ids.push(reply.problem(status, code).request_id);
        strict_headers(&reply);
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "each request has an id of its own");
    admin.get(OVERVIEW).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_is_told_the_right_ones() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for (method, path, allow) in [
        (Method::DELETE, REGIONS, "GET, POST"),
        (Method::PUT, "/api/v1/nodes/x", "GET, PATCH, DELETE"),
        (Method::GET, HEARTBEAT, "POST"),
        (Method::OPTIONS, OVERVIEW, "GET"),
        (Method::POST, "/livez", "GET"),
        (Method::GET, LOGIN, "POST"),
    ] {
        let reply = admin.send(admin.request(method.clone(), path)).await;
        reply.problem(405, "method_not_allowed");
        assert_eq!(reply.header("allow"), allow, "{method} {path}");
        strict_headers(&reply);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_says_which_credential_is_wanted() {
    const NODE_ME: &str = "/api/v1/node/bootstrap";
    let app = TestApp::start().await;
    let bearer = |text: &str| Auth::Bearer(text.to_owned());
    let asked = async |path: &str, auth: Auth| {
        let reply = app.anonymous().with(auth).get(path).await;
        assert_eq!(reply.status, 401, "{path}");
        reply.header("www-authenticate").to_owned()
    };
    assert_eq!(asked(OVERVIEW, Auth::None).await, "Bearer realm=\"iqra\"");
    assert_eq!(asked(OVERVIEW, Auth::Cookie("x".repeat(43))).await, "Bearer realm=\"iqra\"");
    assert_eq!(asked(OVERVIEW, bearer("a.b.c")).await, "Bearer realm=\"iqra\", error=\"invalid_token\"");
    assert_eq!(asked(NODE_ME, Auth::Secret("x".repeat(53))).await, "Bearer realm=\"iqra node\"");
    assert_eq!(asked(NODE_ME, bearer("x")).await, "Bearer realm=\"iqra node\", error=\"invalid_token\"");
    // A wrong password says nothing of the bearer beside it, and neither does a good reply or another refusal.
    let wrong = app.anonymous().with(bearer("a.b.c"));
    let reply = wrong.post(LOGIN, &json!({"email": "a@example.org", "password": "b"})).await;
    reply.problem(401, "wrong_password");
    assert_eq!(reply.header("www-authenticate"), "Bearer realm=\"iqra\"");
    let admin = app.admin().await;
    for reply in [admin.get(OVERVIEW).await, admin.get("/api/v1/none").await] {
        assert!(!reply.headers.contains_key("www-authenticate"), "{}", reply.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn good_replies_have_the_headers_too() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for path in [OVERVIEW, REGIONS, "/livez", "/readyz", common::paths::ME] {
        strict_headers(&admin.get(path).await.expect(200));
    }
    strict_headers(&app.anonymous().login(crate::support::app::ADMIN, PASSWORD).await.expect(200));
    // A page of the console has a policy of its own; where the console is not built, a problem says so.
    let page = app.anonymous();
    let reply = page.send(page.request(Method::GET, "/regions/OM-MCT").header("accept", "text/html")).await;
    if reply.status == 200 {
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(reply.header("cache-control"), "no-cache");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
    } else {
        reply.problem(404, "no_console");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_ours_is_told_without_its_cause() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.db.execute("ALTER TABLE sessions RENAME TO hidden").await;
    let reply = admin.get(OVERVIEW).await;
    let problem = reply.problem(500, "internal");
    strict_headers(&reply);
    assert!(!reply.text.contains("sessions") && !reply.text.contains("relation"), "{}", reply.text);
    let log = crate::support::logs::text();
    let line = log.lines().find(|l| l.contains(&problem.request_id)).expect("a line with the request id");
    assert!(line.contains("sessions") && line.contains("ERROR"), "{line}");
    app.db.execute("ALTER TABLE hidden RENAME TO sessions").await;
    admin.get(OVERVIEW).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_problem_and_the_server_lives_on() {
    crate::support::app::prepare();
    async fn boom() -> HttpResponse {
        panic!("canary of a panic")
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = HttpServer::new(|| {
        App::new()
            .route("/boom", web::get().to(boom))
            .route("/fine", web::get().to(async || HttpResponse::Ok().finish()))
            .wrap(from_fn(outermost))
    });
    let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    let client = Client::new(&base, Auth::None, Transcript::default());
    for _ in 0..3 {
        let reply = client.get("/boom").await;
        let problem = reply.problem(500, "internal");
        assert!(!reply.text.contains("canary"));
        strict_headers(&reply);
        assert!(crate::support::logs::text().contains(&problem.request_id));
        client.get("/fine").await.expect(200);
    }
    handle.stop(true).await;
    running.await.unwrap().unwrap();
}
