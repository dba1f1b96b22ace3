//! Open problems: what is found, put aside, and over; and what the control plane holds against itself.

use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use backend::http::middleware::outermost;
use common::auth::Role;
use common::node::NodeKind;
use common::overview::{CollectingReason, OpenProblem, OpenProblemCode, Overview, ProblemList, Severity};
use common::paths::{HEARTBEAT, OVERVIEW, PROBLEMS};
use common::stream::{Change, LiveEvent};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{PASSWORD, TestApp, TestNode};
use crate::support::client::{Auth, Client, Reply};
use crate::support::sse::Stream;
use crate::support::wait_for;

async fn problems(client: &Client, query: &str) -> ProblemList {
    client.get(&format!("{PROBLEMS}{query}")).await.expect(200).json()
}

async fn find(client: &Client, code: OpenProblemCode) -> OpenProblem {
    wait_for(code.as_str(), async || problems(client, "").await.items.into_iter().find(|p| p.code == code))
        .await
}

async fn gone(client: &Client, code: OpenProblemCode) {
    let open = async || problems(client, "?include=snoozed").await.items.iter().any(|p| p.code == code);
    wait_for("an end", async || (!open().await).then_some(())).await;
}

async fn snooze(client: &Client, id: &str, body: &Value) -> Reply {
    client.post(&format!("{PROBLEMS}/{id}/snooze"), body).await
}

async fn unsnooze(client: &Client, id: &str) -> Reply {
    client.send(client.request(Method::DELETE, &format!("{PROBLEMS}/{id}/snooze"))).await
}

/// A heartbeat by a clock that is `ahead_ms` ahead.
async fn skewed(app: &TestApp, node: &mut TestNode, ahead_ms: u64) {
    let at = app.state().clock.wall().later(ahead_ms);
    node.beat(&json!({"sentAt": at})).await;
}

/// A server past its grace, with one backend whose clock is wrong.
async fn with_skew() -> (TestApp, Client, TestNode, OpenProblem) {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    app.advance(46_000);
    skewed(&app, &mut node, 60_000).await;
    let p = find(&admin, OpenProblemCode::ClockSkew).await;
    (app, admin, node, p)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_heartbeats_tell_becomes_problems_and_ends() {
    let (app, admin, mut node, p) = with_skew().await;
    assert_eq!(p.id, format!("clock_skew:{}", node.id));
    assert_eq!((p.severity, p.node_id, p.evidence.offset_ms), (Severity::Warn, Some(node.id), Some(60_000)));
    let more = json!({"sessions": {"phone": 9, "web": 0, "max": 10}, "hardware": "x",
        "storage": {"ok": false, "step": "put"}});
    node.beat(&more).await;
    let short = find(&admin, OpenProblemCode::CapacityShort).await;
    assert_eq!((short.count, short.evidence.total, short.evidence.percent), (Some(9), Some(10), Some(90)));
    let nodes = find(&admin, OpenProblemCode::StorageFailingOnNodes).await;
    assert_eq!((nodes.count, nodes.evidence.reason.as_deref()), (Some(1), Some("put")));
    let unreadable = find(&admin, OpenProblemCode::FiguresUnreadable).await;
    assert_eq!(unreadable.evidence.values, ["hardware"]);
    find(&admin, OpenProblemCode::StorageNotConfigured).await;
    // Filters, and what a filter may be.
    let here = problems(&admin, &format!("?nodeId={}", node.id)).await.items;
    assert!(here.iter().all(|p| p.code != OpenProblemCode::CapacityShort) && here.len() >= 2, "{here:?}");
    assert!(problems(&admin, "?regionId=XX-NONE").await.items.is_empty());
    assert_eq!(admin.get(&format!("{PROBLEMS}?include=x")).await.field_errors()[0].0, "#query/include");

    skewed(&app, &mut node, 0).await;
    for code in [
        OpenProblemCode::ClockSkew,
        OpenProblemCode::CapacityShort,
        OpenProblemCode::StorageFailingOnNodes,
        OpenProblemCode::FiguresUnreadable,
    ] {
        gone(&admin, code).await;
    }
    let over = problems(&admin, "").await.attention.cleared;
    assert!(over.iter().any(|p| p.code == OpenProblemCode::ClockSkew && p.cleared_at.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_with_one_secret_are_noticed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut one = app.node(&admin, &region, NodeKind::Backend).await;
    let mut two = TestNode { boot: uuid::Uuid::new_v4().to_string(), ..one.clone() };
    for _ in 0..8 {
        one.beat(&json!({})).await;
        two.beat(&json!({})).await;
    }
    let p = find(&admin, OpenProblemCode::IdentityConflict).await;
    assert!(p.evidence.detail.is_some_and(|d| d.contains(&one.boot) && d.contains(&two.boot)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snoozed_problem_does_not_count_until_its_time_is_over() {
    let (mut app, admin, mut node, p) = with_skew().await;
    let mut stream = Stream::open(&admin, "summary", None).await;
    let before: Overview = admin.get(OVERVIEW).await.expect(200).json();
    let reply = snooze(&admin, &p.id, &json!({"minutes": 60, "reason": " Being fixed. "})).await.expect(200);
    let change: i64 = reply.header("x-change").parse().unwrap();
    let aside: OpenProblem = reply.json();
    let info = aside.snoozed.unwrap();
    assert_eq!((info.by.as_str(), info.reason.as_str()), ("admin@localhost", "Being fixed."));
    assert_eq!(info.until.since(info.at), 3_600_000);
    stream
        .wait("the snooze", |m| {
            let LiveEvent::Delta { changes, change: n, .. } = &m.event else { return None };
            let told = changes.iter().any(|c| {
                matches!(c, Change::Problems { problems, attention }
                    if attention.counts.snoozed == 1 && !problems.iter().any(|o| o.id == p.id))
            });
            (told && *n >= change).then_some(())
        })
        .await;

    let counts = async |client: &Client| problems(client, "").await.attention.counts;
    let now = counts(&admin).await;
    assert_eq!((now.snoozed, now.warn + 1), (1, before.attention.counts.warn));
    assert!(!problems(&admin, "").await.items.iter().any(|o| o.id == p.id));
    let all = problems(&admin, "?include=snoozed").await.items;
    assert!(all.iter().any(|o| o.id == p.id && o.snoozed.is_some()));

    // It is kept over a restart, and noted with its reason.
    let noted =
        "SELECT action || ' ' || reason || ' ' || region_id FROM activity WHERE target_kind = 'problem'";
    assert_eq!(app.db.texts(noted).await, ["problem.snooze Being fixed. OM-MCT"]);
    app.pause().await;
    app.resume().await;
    let admin = admin.at(app.base());
    node.moved(&app);
    skewed(&app, &mut node, 60_000).await;
    wait_for("the snooze after a restart", async || (counts(&admin).await.snoozed == 1).then_some(())).await;

    app.advance(3_600_000);
    let again = admin.signed_in("admin@localhost", PASSWORD).await;
    skewed(&app, &mut node, 60_000).await;
    let back = find(&again, OpenProblemCode::ClockSkew).await;
    assert_eq!((back.id, back.snoozed), (p.id, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snooze_can_be_ended_and_is_refused_where_it_makes_no_sense() {
    let (app, admin, mut node, p) = with_skew().await;
    snooze(&admin, "clock_skew:nobody", &json!({"reason": "x"})).await.problem(404, "not_found");
    unsnooze(&admin, &p.id).await.problem(404, "not_found");
    let fields = |r: Reply| r.field_errors().into_iter().map(|(f, _)| f).collect::<Vec<_>>();
    assert_eq!(fields(snooze(&admin, &p.id, &json!({"reason": " "})).await), ["/reason"]);
    assert_eq!(fields(snooze(&admin, &p.id, &json!({"minutes": 43_201, "reason": "x"})).await), ["/minutes"]);
    let past = json!({"until": "2020-01-01T00:00:00Z", "reason": "x"});
    assert_eq!(fields(snooze(&admin, &p.id, &past).await), ["/until"]);

    // Who may change the region may put its problems aside, and nobody else.
    app.signed_in_as(Role::Viewer).await;
    let viewer = app.signed_in_as(Role::Viewer).await;
    snooze(&viewer, &p.id, &json!({"reason": "x"})).await.problem(403, "role_too_low");
    let other = app.user(Role::Operator, Some(&["XX-NONE"])).await;
    let other = app.sign_in(&other).await;
    assert_eq!(snooze(&other, &p.id, &json!({"reason": "x"})).await.status, 403);
    let own = app.user(Role::Operator, Some(&["OM-MCT"])).await;
    let own = app.sign_in(&own).await;
    snooze(&own, &p.id, &json!({"reason": "x"})).await.expect(200);
    assert_eq!(problems(&admin, "").await.attention.counts.snoozed, 1);
    // Also while the problem is away for a moment, and nothing tells its region.
    skewed(&app, &mut node, 0).await;
    gone(&admin, OpenProblemCode::ClockSkew).await;
    assert_eq!(unsnooze(&other, &p.id).await.status, 403);
    skewed(&app, &mut node, 60_000).await;
    let back = async || problems(&admin, "?include=snoozed").await.items.iter().any(|o| o.id == p.id);
    wait_for("the problem again", async || back().await.then_some(())).await;

    unsnooze(&own, &p.id).await.expect(204);
    assert_eq!(problems(&admin, "").await.attention.counts.snoozed, 0);
    assert_eq!(app.db.text("SELECT count(*) FROM problem_snoozes").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snooze_ends_when_it_gets_worse() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    app.advance(46_000);
    node.beat(&json!({})).await;
    app.advance(16_000);
    let p = find(&admin, OpenProblemCode::NodeStale).await;
    snooze(&admin, &p.id, &json!({"reason": "known"})).await.expect(200);
    app.advance(15_000);
    let worse = find(&admin, OpenProblemCode::NodeOffline).await;
    assert_eq!((worse.id, worse.snoozed), (p.id, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_failures_are_evidence_and_silence_is_unconfirmed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    app.advance(46_000);
    node.beat(&json!({})).await;
    // The same state behind a door at which every heartbeat panics.
    async fn boom() -> HttpResponse {
        panic!("a defect")
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let state = web::Data::from(Arc::clone(app.shared()));
    let server = HttpServer::new(move || {
        App::new().app_data(state.clone()).route(HEARTBEAT, web::post().to(boom)).wrap(from_fn(outermost))
    });
    let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
    let handle = server.handle();
    let running = tokio::spawn(server);

    // A stranger proves nothing.
    let stranger = node.client.at(&base).with(Auth::Secret("x".repeat(53)));
    stranger.post(HEARTBEAT, &json!({})).await.problem(500, "internal");
    assert!(!problems(&admin, "").await.items.iter().any(|p| p.code == OpenProblemCode::Collecting));
    node.client.at(&base).post(HEARTBEAT, &json!({})).await.problem(500, "internal");
    let p = find(&admin, OpenProblemCode::Collecting).await;
    assert_eq!((p.evidence.reason.as_deref(), p.severity), (Some("ingest_errors"), Severity::Warn));
    app.advance(16_000);
    // The panics go on: what would be stale cannot be judged.
    node.client.at(&base).post(HEARTBEAT, &json!({})).await.problem(500, "internal");
    let doubt = wait_for("a doubt", async || problems(&admin, "").await.collecting).await;
    assert_eq!((doubt.reason, doubt.expected - doubt.confirmed), (CollectingReason::IngestErrors, 1));
    let evidence = doubt.evidence.iter().find(|e| e.reason == CollectingReason::IngestErrors).unwrap();
    assert_eq!((evidence.count, evidence.until), (2, doubt.until));
    assert!(doubt.since.since(evidence.since) < 1_000 && doubt.until.since(doubt.since) >= 45_000);
    handle.stop(true).await;
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_node_that_is_missing_or_does_not_answer() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    app.node(&admin, &region, NodeKind::Proxy).await;
    find(&admin, OpenProblemCode::BackgroundMissing).await;
    let put = admin
        .request(Method::PUT, "/api/v1/background-node")
        .json(&json!({"endpoint": "http://127.0.0.1:1"}));
    assert!(admin.send(put).await.status < 300);
    gone(&admin, OpenProblemCode::BackgroundMissing).await;
    let tested = admin.post("/api/v1/background-node/test", &json!({})).await.expect(200).value();
    assert_eq!(tested["verdict"], "unreachable", "{tested}");
    let p = find(&admin, OpenProblemCode::BackgroundUnreachable).await;
    assert_eq!((p.id.as_str(), p.kind), ("background_unreachable:cluster", Some(NodeKind::Background)));
    assert!(p.evidence.detail.is_some_and(|d| !d.is_empty()));
}
