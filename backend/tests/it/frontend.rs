//! The control plane about itself.

use common::singleton::{FrontendNode, FrontendNodes, FrontendState};
use serde_json::Value;

use crate::support::app::TestApp;
use crate::support::client::Client;
use crate::support::wait_for;

async fn list(client: &Client) -> FrontendNodes {
    client.get("/api/v1/frontend-nodes").await.expect(200).json()
}

async fn own(client: &Client) -> FrontendNode {
    wait_for("the answering process", async || list(client).await.items.into_iter().find(|n| n.is_self)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_process_describes_itself() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let me = own(&admin).await;
    assert_eq!(
        (me.state, me.pid, me.version.as_str()),
        (FrontendState::Live, std::process::id(), env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(format!("http://{}", me.listen), app.base());
    assert!(me.memory_bytes.unwrap() > 1_000_000 && me.memory_percent.unwrap() > 0.0);
    assert!(me.database.ok && me.database.ping_ms.is_some() && me.database.schema.is_some());
    let meta: Value = admin.get("/api/v1/meta").await.expect(200).value();
    assert_eq!(meta["bundle"], serde_json::to_value(&me.bundle).unwrap());
    // CPU is counted from the second look on; the sweeper has run by then.
    let later =
        wait_for("the second look", async || Some(own(&admin).await).filter(|n| n.cpu_percent.is_some()))
            .await;
    assert!(later.sweeper.active && later.sweeper.last_at.is_some());
    assert!(later.last_seen_at > me.last_seen_at);
    let history = admin.get(&format!("/api/v1/frontend-nodes/{}/history?metric=memory", me.id)).await;
    let history = history.expect(200).value();
    assert_eq!(history["series"][0]["metric"], "memory");
    let late = admin.get(&format!("/api/v1/frontend-nodes/{}/history?metric=sweeperLateMs", me.id)).await;
    let series = late.expect(200).value()["series"][0].clone();
    assert_eq!((&series["metric"], &series["unit"]), (&Value::from("sweeperLateMs"), &Value::from("ms")));
    assert!(series["points"].as_array().unwrap().iter().any(|p| !p["max"].is_null()), "{series}");
    admin.get("/api/v1/frontend-nodes/nobody/history").await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_seen_and_different_versions_told() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let first = own(&admin).await;
    assert!(!list(&admin).await.versions_differ);
    app.db
        .execute(
            "INSERT INTO frontend_nodes (id, hostname, pid, version, started_at, last_seen, report) VALUES \
             ('0198f6a2-0000-7000-8000-00000000000a', 'other', 7, '0.0.9', now(), now() + interval '1 hour', '{}'), \
             ('0198f6a2-0000-7000-8000-00000000000b', 'old', 8, '0.0.8', now(), now() - interval '2 hours', '{}'), \
             ('0198f6a2-0000-7000-8000-00000000000c', 'older', 9, '0.0.7', now(), now() - interval '25 hours', '{}')",
        )
        .await;
    let all = list(&admin).await;
    let states: Vec<_> = all.items.iter().map(|n| (n.hostname.as_str(), n.state)).collect();
    assert_eq!(
        states,
        [
            ("other", FrontendState::Live),
            (first.hostname.as_str(), FrontendState::Live),
            ("old", FrontendState::Gone)
        ]
    );
    assert!(all.versions_differ);
    wait_for("both on the dashboard", async || {
        let overview = admin.get("/api/v1/overview").await.expect(200).value();
        let f = &overview["singletons"]["frontend"];
        (f["count"] == 2 && f["versionsDiffer"] == true).then_some(())
    })
    .await;
    // One that ends in order is gone at once, and its successor is another.
    app.pause().await;
    app.resume().await;
    let admin = admin.at(app.base());
    let second = own(&admin).await;
    assert_ne!(second.id, first.id);
    let before = list(&admin).await.items.into_iter().find(|n| n.id == first.id).unwrap();
    assert_eq!((before.state, before.is_self), (FrontendState::Gone, false));
}
