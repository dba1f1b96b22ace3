//! From "asked" to "safe to stop", by what the node itself reports.

use common::activity::EventKind;
use common::intent::{Drain, DrainPhase};
use common::node::{Node, NodeKind};
use common::paths::HEARTBEAT;
use common::status::{IntentState, Liveness, StatusWord};
use common::time::Timestamp;
use serde_json::{Value, json};

use crate::intents::{maintenance, put, read, set};
use crate::support::app::{TestApp, TestNode};
use crate::support::client::Client;
use crate::support::{unique, wait_for};

/// A backend that is live, with these conversations.
async fn busy(app: &TestApp, admin: &Client, phone: u32) -> TestNode {
    let region = app.region(admin, "mct").await;
    let mut node = app.node(admin, &region, NodeKind::Backend).await;
    node.beat(&calls(phone)).await;
    node
}

fn calls(phone: u32) -> Value {
    json!({"sessions": {"phone": phone, "web": 0, "max": 25, "ageSeconds": [90, 12]}})
}

/// Obeys generation `g` with these conversations left.
async fn obey(node: &mut TestNode, g: i64, phone: u32) -> Value {
    let mut body = calls(phone);
    body["observedGeneration"] = json!(g);
    body["runtime"] = json!({"status": "maintenance"});
    node.beat(&body).await
}

async fn drain(client: &Client, node: &TestNode) -> Drain {
    read(client, node).await.live.drain.expect("a drain")
}

async fn phase(client: &Client, node: &TestNode) -> DrainPhase {
    drain(client, node).await.phase
}

#[tokio::test(flavor = "multi_thread")]
async fn step_by_step_to_safe_to_stop() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = busy(&app, &admin, 4).await;
    let asked = set(&admin, &node, &maintenance()).await;
    let d = asked.live.drain.unwrap();
    assert_eq!((d.phase, d.left, d.started_with), (DrainPhase::Requested, Some(4), None));
    assert_eq!((d.requested_at, asked.live.status.word), (asked.intent.at.unwrap(), StatusWord::Draining));

    let told = node.beat(&calls(4)).await["desired"]["generation"].as_i64().unwrap();
    let d = drain(&admin, &node).await;
    assert_eq!((d.phase, d.acknowledged_at), (DrainPhase::Delivered, None));
    assert!(d.delivered_at.is_some());
    // An older generation is not this one.
    obey(&mut node, told - 1, 4).await;
    assert_eq!(phase(&admin, &node).await, DrainPhase::Delivered);
    obey(&mut node, told, 4).await;
    let d = drain(&admin, &node).await;
    assert_eq!((d.phase, d.started_with, d.left), (DrainPhase::Draining, Some(4), Some(4)));
    assert_eq!((d.longest_seconds, d.eta), (Some(90), None));
    app.advance(10_000);
    obey(&mut node, told, 2).await;
    let d = drain(&admin, &node).await;
    let eta = d.eta.unwrap().since(app.state().clock.wall());
    assert!((8_000..12_000).contains(&eta), "two in ten seconds, two left: {eta} ms");
    obey(&mut node, told, 0).await;
    let seen = read(&admin, &node).await;
    assert_eq!(seen.live.drain.unwrap().phase, DrainPhase::Draining, "zero once is not enough");
    assert_eq!(seen.live.status.word, StatusWord::Maintenance);
    // The same message again is not a second report.
    let repeated =
        json!({"bootId": node.boot, "seq": node.seq, "observedGeneration": told, "sessions": {"phone": 0}});
    assert_eq!(node.client.post(HEARTBEAT, &repeated).await.expect(200).value()["duplicate"], true);
    assert_eq!(phase(&admin, &node).await, DrainPhase::Draining);
    obey(&mut node, told, 0).await;
    let d = drain(&admin, &node).await;
    assert_eq!((d.phase, d.left, d.eta, d.longest_seconds), (DrainPhase::Drained, Some(0), None, None));
    assert!(d.drained_at.is_some());

    // A call after all: not safe any more.
    obey(&mut node, told, 1).await;
    assert_eq!(phase(&admin, &node).await, DrainPhase::Draining);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_drain_is_gone() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = busy(&app, &admin, 4).await;
    set(&admin, &node, &maintenance()).await;
    let told = node.beat(&calls(4)).await["desired"]["generation"].as_i64().unwrap();
    obey(&mut node, told, 3).await;
    set(&admin, &node, &json!({"state": "active"})).await;
    assert_eq!(read(&admin, &node).await.live.drain, None);
    let reply = node.beat(&calls(3)).await;
    assert_eq!(
        (&reply["desired"]["state"], &reply["desired"]["generation"]),
        (&json!("run"), &json!(told + 1))
    );
    assert_eq!(read(&admin, &node).await.live.status.word, StatusWord::Online);
    let row = format!("SELECT count(*)::text FROM drains WHERE node_id = '{}'", node.id);
    wait_for("row that is gone", async || (app.db.text(&row).await == "0").then_some(())).await;
    // Asked again it begins anew.
    let again = set(&admin, &node, &maintenance()).await.live.drain.unwrap();
    assert_eq!((again.phase, again.acknowledged_at), (DrainPhase::Requested, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_again_it_goes_on_with_another_deadline() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = busy(&app, &admin, 4).await;
    let first = set(&admin, &node, &maintenance()).await.live.drain.unwrap();
    let told = node.beat(&calls(4)).await["desired"]["generation"].as_i64().unwrap();
    obey(&mut node, told, 3).await;
    let mut body = maintenance();
    let deadline = Timestamp(app.state().clock.wall().millis() + 900_000);
    body["deadline"] = json!(deadline);
    let second = set(&admin, &node, &body).await.live.drain.unwrap();
    assert_eq!((second.requested_at, second.deadline), (first.requested_at, Some(deadline)));
    assert_eq!((second.phase, second.started_with), (DrainPhase::Draining, Some(3)));
    // Disabled is another request.
    let third = set(&admin, &node, &json!({"state": "disabled", "privateReason": "Retired"})).await;
    let third = third.live.drain.unwrap();
    assert_eq!((third.phase, third.deadline), (DrainPhase::Requested, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn todays_servers_drain_too() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Proxy).await;
    let beat = async |status: u8, processing: u32| {
        let body = json!({"Type": 1, "NodeId": "a", "RuntimeStatus": status, "CurrentOutboundProcessingMarkedQueues": processing});
        node.client.post(HEARTBEAT, &body).await.expect(200).value()
    };
    beat(1, 2).await;
    set(&admin, &node, &maintenance()).await;
    assert_eq!(beat(1, 2).await["desired"]["state"], "maintenance");
    assert_eq!(phase(&admin, &node).await, DrainPhase::Delivered);
    beat(2, 2).await;
    let d = drain(&admin, &node).await;
    assert_eq!((d.phase, d.left, d.started_with), (DrainPhase::Draining, Some(2), Some(2)));
    beat(2, 0).await;
    beat(2, 0).await;
    assert_eq!(phase(&admin, &node).await, DrainPhase::Drained);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_loss_and_a_node_that_comes_back_goes_on() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = busy(&app, &admin, 2).await;
    set(&admin, &node, &maintenance()).await;
    let told = node.beat(&calls(2)).await["desired"]["generation"].as_i64().unwrap();
    obey(&mut node, told, 2).await;
    // Out of the grace of the start, so that silence is judged.
    for _ in 0..6 {
        app.advance(10_000);
        obey(&mut node, told, 2).await;
    }
    app.advance(31_000);
    let lost = async || (phase(&admin, &node).await == DrainPhase::NodeLost).then_some(());
    wait_for("lost node", lost).await;
    let d = drain(&admin, &node).await;
    assert_eq!((d.left, d.eta), (Some(2), None));
    obey(&mut node, told, 1).await;
    assert_eq!(phase(&admin, &node).await, DrainPhase::Draining);
    // The process ends with a call left: lost, not drained.
    assert!(node.goodbye().await);
    assert_eq!(phase(&admin, &node).await, DrainPhase::NodeLost);
    // The next run is still in maintenance, hears of it, and has to report zero by itself.
    node.boot = unique("boot");
    node.seq = 0;
    let reply = node.beat(&calls(0)).await;
    assert_eq!(reply["desired"]["state"], "maintenance");
    let d = drain(&admin, &node).await;
    assert_eq!((d.phase, d.acknowledged_at, d.started_with), (DrainPhase::Delivered, None, None));
    obey(&mut node, told, 0).await;
    obey(&mut node, told, 0).await;
    assert_eq!(phase(&admin, &node).await, DrainPhase::Drained);
    // Drained stays drained when the process is gone.
    assert!(node.goodbye().await);
    let seen = read(&admin, &node).await;
    assert_eq!((seen.live.liveness, seen.live.drain.unwrap().phase), (Liveness::Left, DrainPhase::Drained));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_node_that_leaves_at_zero_is_drained() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = busy(&app, &admin, 1).await;
    set(&admin, &node, &json!({"state": "disabled", "privateReason": "Retired"})).await;
    let told = node.beat(&calls(1)).await["desired"]["generation"].as_i64().unwrap();
    obey(&mut node, told, 0).await;
    assert!(node.goodbye().await);
    let seen = read(&admin, &node).await;
    assert_eq!(
        (seen.live.status.word, seen.live.drain.unwrap().phase),
        (StatusWord::Disabled, DrainPhase::Drained)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_server_forgets_nothing() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = busy(&app, &admin, 4).await;
    set(&admin, &node, &maintenance()).await;
    let told = node.beat(&calls(4)).await["desired"]["generation"].as_i64().unwrap();
    obey(&mut node, told, 3).await;
    let before = drain(&admin, &node).await;
    app.pause().await;
    app.resume().await;
    let admin = app.admin().await;
    node.moved(&app);
    let after = drain(&admin, &node).await;
    assert_eq!(
        (after.requested_at, after.delivered_at, after.acknowledged_at, after.started_with),
        (before.requested_at, before.delivered_at, before.acknowledged_at, before.started_with)
    );
    assert_eq!(after.phase, DrainPhase::Draining);
    obey(&mut node, told, 0).await;
    obey(&mut node, told, 0).await;
    assert_eq!(phase(&admin, &node).await, DrainPhase::Drained);
    app.pause().await;
    app.resume().await;
    let admin = app.admin().await;
    assert_eq!(phase(&admin, &node).await, DrainPhase::Drained);
}

async fn with_deadline(app: &TestApp, admin: &Client, node: &TestNode, on_deadline: &str) -> Node {
    let mut body = maintenance();
    body["deadline"] = json!(Timestamp(app.state().clock.wall().millis() + 900_000));
    body["onDeadline"] = json!(on_deadline);
    set(admin, node, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_deadline_it_is_held_or_forced_as_asked() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = busy(&app, &admin, 2).await;
    with_deadline(&app, &admin, &node, "hold").await;
    let told = node.beat(&calls(2)).await["desired"]["generation"].as_i64().unwrap();
    obey(&mut node, told, 2).await;
    app.advance(900_001);
    // Nobody is told while nobody is there.
    obey(&mut node, told, 2).await;
    wait_for("deadline", async || (phase(&admin, &node).await == DrainPhase::DeadlineReached).then_some(()))
        .await;
    assert_eq!(obey(&mut node, told, 2).await["commands"], json!([]));

    admin.confirmed().await;
    with_deadline(&app, &admin, &node, "force").await;
    assert_eq!(phase(&admin, &node).await, DrainPhase::Draining);
    app.advance(900_001);
    obey(&mut node, told, 2).await;
    let offer = wait_for("command", async || {
        let commands = obey(&mut node, told, 2).await["commands"].clone();
        commands.as_array().unwrap().first().cloned()
    })
    .await;
    assert_eq!((&offer["kind"], &offer["args"]), (&json!("end_sessions"), &json!({})));
    let seen = read(&admin, &node).await;
    assert_eq!(seen.live.drain.unwrap().phase, DrainPhase::DeadlineReached);
    assert_eq!(seen.live.commands[0].created_by, "system");
    let mut body = calls(0);
    body["observedGeneration"] = json!(told);
    body["acks"] = json!([{"commandId": offer["id"], "status": "done", "detail": "2 calls ended"}]);
    assert_eq!(node.beat(&body).await["commands"], json!([]));
    obey(&mut node, told, 0).await;
    let seen = read(&admin, &node).await;
    assert_eq!(seen.live.drain.unwrap().phase, DrainPhase::Drained);
    assert_eq!(seen.intent.state, IntentState::Maintenance, "it stays in maintenance");
    let rows = app
        .db
        .texts("SELECT action || ' by ' || actor FROM activity WHERE action = 'node.end_sessions'")
        .await;
    assert_eq!(rows, ["node.end_sessions by system"], "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_tells_its_phases() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = busy(&app, &admin, 1).await;
    set(&admin, &node, &maintenance()).await;
    let told = node.beat(&calls(1)).await["desired"]["generation"].as_i64().unwrap();
    for left in [1, 0, 0] {
        obey(&mut node, told, left).await;
    }
    let sql =
        format!("SELECT to_word FROM events WHERE node_id = '{}' AND kind = 'drain' ORDER BY id", node.id);
    let mut told = Vec::new();
    wait_for("phases", async || {
        // In memory until the task that writes events takes them.
        told = app.db.texts(&sql).await;
        let waiting = app.state().fleet.take_events(1_000);
        told.extend(waiting.iter().filter(|e| e.kind == EventKind::Drain).filter_map(|e| e.to.clone()));
        app.state().fleet.put_back_events(waiting);
        (told.len() == 3).then_some(())
    })
    .await;
    assert_eq!(told, ["delivered", "draining", "drained"]);
    assert!(put(&admin, &node.path(), 2, &json!({"state": "active"})).await.status == 200);
}
