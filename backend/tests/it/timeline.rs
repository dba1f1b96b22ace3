//! What happened to nodes and regions, from memory to the database and back.

use backend::db::{Db, pool};
use backend::domain::activity::EventRecord;
use backend::domain::webhook::body;
use common::activity::{EventKind, TimelinePage};
use common::ids::{NodeId, RegionId};
use common::node::NodeKind;
use common::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::support::app::{QUICK, TestApp, prepare};
use crate::support::db::TestDb;
use crate::support::wait_for;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_comes_restarts_falls_silent_and_its_timeline_says_so() {
    let mut app = TestApp::with(QUICK, |_| {}).await;
    let mut admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    node.beat(&json!({"runtime": {"status": "running"}})).await;
    node.boot = Uuid::new_v4().to_string();
    node.seq = 0;
    node.beat(&json!({"runtime": {"status": "draining", "reason": "update"}, "version": "0.3.2"})).await;
    let path = format!("{}/events", node.path());
    let all = wait_for("an event of going offline", async || {
        let page: TimelinePage = admin.get(&path).await.expect(200).json();
        page.items.iter().any(|e| e.to.as_deref() == Some("offline")).then_some(page.items)
    })
    .await;
    let first_live = all.iter().rfind(|e| e.kind == EventKind::Liveness).unwrap();
    assert_eq!(
        (first_live.from.as_deref(), first_live.to.as_deref()),
        (Some("never_seen"), Some("live")),
        "{all:?}"
    );
    let boot = all.iter().find(|e| e.kind == EventKind::Boot).unwrap();
    assert_eq!((boot.to.as_deref(), boot.detail.as_deref()), (Some(node.boot.as_str()), Some("0.3.2")));
    let runtime = all.iter().find(|e| e.kind == EventKind::Runtime).unwrap();
    assert_eq!((runtime.to.as_deref(), runtime.detail.as_deref()), (Some("draining"), Some("update")));
    assert!(all.windows(2).all(|w| (w[0].at, &w[0].id) > (w[1].at, &w[1].id)), "newest first");

    let only: TimelinePage = admin.get(&format!("{path}?kind=boot,runtime")).await.expect(200).json();
    assert!(only.items.iter().all(|e| matches!(e.kind, EventKind::Boot | EventKind::Runtime)));
    let of_region: TimelinePage =
        admin.get(&format!("/api/v1/regions/{region}/events?limit=500")).await.expect(200).json();
    let has = |id: &str| of_region.items.iter().any(|e| e.id == id);
    assert!(all.iter().all(|e| has(&e.id)), "a region's timeline holds its nodes'");

    // What is in memory when the server stops is written first, and is there after a restart.
    node.beat(&json!({"runtime": {"status": "running"}})).await;
    app.pause().await;
    let newest = "SELECT to_word FROM events WHERE kind = 'liveness' ORDER BY at DESC, id DESC LIMIT 1";
    assert!(app.db.texts(newest).await.contains(&"live".to_owned()));
    app.resume().await;
    admin = admin.at(app.base());
    let page: TimelinePage = admin.get(&path).await.expect(200).json();
    assert!(page.items.len() > all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_back_without_losing_or_repeating_anything() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Proxy).await;
    // Many of the same millisecond, and one of a month that has no piece of its own.
    let event = |n: i64| EventRecord {
        id: Uuid::now_v7(),
        at: Timestamp(if n == 0 { 0 } else { 1_795_000_000_000 + n / 10 }),
        node_id: Some(node.id),
        region_id: Some(RegionId::from(region.as_str())),
        kind: EventKind::Runtime,
        from: None,
        to: Some(n.to_string()),
        detail: None,
        public_reason: None,
        actor: None,
    };
    let events: Vec<_> = (0..57).map(event).collect();
    for _ in 0..2 {
        let console = |e: &EventRecord| body::lifecycle(e, None, None);
        assert_eq!(app.state().db.events_add(&events, console, app.state().clock.wall()).await.unwrap(), 0);
    }
    let mut found: Vec<String> = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("{}/events?kind=runtime&limit=8{cursor}", node.path());
        let page: TimelinePage = admin.get(&path).await.expect(200).json();
        found.extend(page.items.into_iter().filter_map(|e| e.to));
        let Some(next) = page.next_cursor else { break };
        cursor = format!("&cursor={next}");
    }
    let expected: Vec<String> = (0..57).rev().map(|n| n.to_string()).collect();
    assert_eq!(found, expected);
    let between = format!("from={}&to={}", Timestamp(1_795_000_000_001), Timestamp(1_795_000_000_003));
    let path = format!("{}/events?kind=runtime&{between}", node.path());
    let page: TimelinePage = admin.get(&path).await.expect(200).json();
    let expected: Vec<String> = (10..30).rev().map(|n| n.to_string()).collect();
    assert_eq!(page.items.into_iter().filter_map(|e| e.to).collect::<Vec<_>>(), expected);

    let reply = admin.get(&format!("{}/events?kind=boot,party&from=x&cursor=y", node.path())).await;
    let pointers: Vec<_> = reply.field_errors().into_iter().map(|(p, _)| p).collect();
    assert_eq!(pointers, ["#query/kind", "#query/from", "#query/cursor"]);
    admin.get(&format!("{}/events?limit=501", node.path())).await.problem(422, "invalid");
    admin.get("/api/v1/regions/OM-NONE/events").await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_stored_does_not_hold_the_others_back() {
    prepare();
    let test = TestDb::migrated().await;
    let db = Db::new(pool::connect(test.url(), 2).await.unwrap());
    let clock = std::sync::Arc::new(backend::clock::SystemClock::new());
    let fleet = backend::live::fleet::Fleet::load(&db, clock, QUICK, false).await.unwrap();
    let event = |detail: &str| EventRecord {
        id: Uuid::now_v7(),
        at: Timestamp(1_795_000_000_000),
        node_id: Some(NodeId(Uuid::nil())),
        region_id: None,
        kind: EventKind::Runtime,
        from: None,
        to: None,
        detail: Some(detail.to_owned()),
        public_reason: None,
        actor: None,
    };
    // PostgreSQL takes no NUL in a text.
    fleet.put_back_events(vec![event("a"), event("b\0"), event("c"), event("d")]);
    backend::services::history::write_events(&db, &fleet, None).await.unwrap();
    assert_eq!(test.texts("SELECT detail FROM events ORDER BY id").await, ["a", "c", "d"]);
    assert!(fleet.take_events(10).is_empty());
}
