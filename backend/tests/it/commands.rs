//! Signals to nodes: offered until acknowledged, bound to one run, with a receipt for every step.

use std::sync::{Arc, Mutex};

use common::command::{Command, CommandPage, CommandState, RowCode, RowResults, ShutdownMode};
use common::intent::{EffectCode, Preview};
use common::node::{CreatedNode, Node, NodeKind};
use common::status::{Liveness, StatusWord};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::intents::{maintenance, read, set};
use crate::support::app::{TestApp, TestNode};
use crate::support::client::{Client, Reply};
use crate::support::{unique, wait_for};

/// Two proxies that are live, so that no guard stands before either.
async fn two(app: &TestApp, admin: &Client) -> (TestNode, TestNode) {
    let region = app.region(admin, "mct").await;
    let mut a = app.node(admin, &region, NodeKind::Proxy).await;
    let mut b = app.node(admin, &region, NodeKind::Proxy).await;
    a.beat(&json!({"outbound": {"processing": 3, "pending": 0}})).await;
    b.beat(&json!({})).await;
    (a, b)
}

fn graceful() -> Value {
    json!({"reason": "Upgrading"})
}

fn immediate() -> Value {
    json!({"mode": "immediate", "reason": "Upgrading"})
}

async fn shut_down(admin: &Client, node: &TestNode, body: &Value) -> Reply {
    admin.post(&format!("{}/shutdown", node.path()), body).await
}

async fn receipts(admin: &Client, node: &TestNode) -> Vec<Command> {
    admin.get(&format!("{}/commands", node.path())).await.expect(200).json::<CommandPage>().items
}

fn ack(id: &Value, status: &str) -> Value {
    json!({"acks": [{"commandId": id, "status": status, "detail": "as you wish"}]})
}

async fn reboot(node: &mut TestNode) -> Value {
    node.boot = unique("boot");
    node.seq = 0;
    node.beat(&json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_click_to_the_process_that_is_back() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (mut node, _) = two(&app, &admin).await;
    let reply = shut_down(&admin, &node, &graceful()).await.expect(202);
    assert!(reply.header("x-change").parse::<i64>().unwrap() > 0);
    let command: Command = reply.json();
    assert_eq!((command.state, command.args.mode), (CommandState::Queued, Some(ShutdownMode::Graceful)));
    assert_eq!(command.boot_id.as_deref(), Some(node.boot.as_str()));
    assert_eq!(command.created_by, "admin@localhost");

    // In every reply until it is acknowledged; an acknowledgement of something else is ignored.
    let mut offer = Value::Null;
    for _ in 0..3 {
        let reply = node.beat(&ack(&json!(uuid::Uuid::new_v4()), "accepted")).await;
        offer = reply["commands"][0].clone();
        assert_eq!((&offer["id"], &offer["kind"]), (&json!(command.id), &json!("shutdown")));
        assert_eq!(offer["args"], json!({"mode": "graceful"}));
    }
    let shown = read(&admin, &node).await.live.commands;
    assert_eq!((shown[0].state, shown[0].offered_count), (CommandState::Offered, 3));
    assert_eq!(node.beat(&ack(&offer["id"], "accepted")).await["commands"], json!([]));
    let c = &receipts(&admin, &node).await[0];
    assert_eq!((c.state, c.detail.as_deref()), (CommandState::Accepted, Some("as you wish")));
    // What it says of itself is a promise: that it is done shows when it goes.
    node.beat(&ack(&offer["id"], "done")).await;
    assert_eq!(receipts(&admin, &node).await[0].state, CommandState::Accepted);

    assert!(node.goodbye().await);
    let seen = read(&admin, &node).await;
    assert_eq!((seen.live.liveness, seen.live.status.word), (Liveness::Left, StatusWord::Restarting));
    let c = &receipts(&admin, &node).await[0];
    assert_eq!(c.state, CommandState::Done);
    assert!(c.finished_at.is_some() && c.accepted_at.is_some() && c.offered_at.is_some());

    assert_eq!(reboot(&mut node).await["commands"], json!([]), "its successor does not hear of it");
    assert_eq!(read(&admin, &node).await.live.status.word, StatusWord::Online);
    assert_eq!(receipts(&admin, &node).await.len(), 1);
    // It came back once: the next preview does not warn of it any more.
    let path = format!("{}/shutdown/preview", node.path());
    let preview: Preview = admin.post(&path, &json!({})).await.expect(200).json();
    assert!(preview.effects.iter().all(|e| e.code != EffectCode::NoRestartSeen));
    let written = format!("SELECT state || ' ' || offered_count FROM commands WHERE id = '{}'", command.id);
    wait_for("receipt in the database", async || (app.db.text(&written).await == "done 3").then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_is_refused_where_it_makes_no_sense() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (mut node, mut other) = two(&app, &admin).await;
    let region = read(&admin, &node).await.region_id.unwrap();
    let silent = app.node(&admin, region.as_str(), NodeKind::Proxy).await;
    shut_down(&admin, &silent, &graceful()).await.problem(409, "not_live");
    assert_eq!(
        shut_down(&admin, &node, &json!({})).await.field_errors(),
        [("/reason".to_owned(), "required".to_owned())]
    );
    let first: Command = shut_down(&admin, &node, &graceful()).await.expect(202).json();
    let problem = shut_down(&admin, &node, &graceful()).await.problem(409, "already_requested");
    assert_eq!(problem.current.unwrap()["id"], json!(first.id));

    // Haste takes its place, also after it was accepted; nothing takes the place of haste.
    let mut accepts = ack(&json!(first.id), "accepted");
    accepts["outbound"] = json!({"processing": 3});
    node.beat(&accepts).await;
    let preview = format!("{}/shutdown/preview", node.path());
    let preview: Preview = admin.post(&preview, &json!({"mode": "immediate"})).await.expect(200).json();
    assert_eq!(preview.processing, Some(3));
    assert!(preview.effects.iter().any(|e| e.code == EffectCode::EndsSessions && e.count == Some(3)));
    let second: Command = shut_down(&admin, &node, &immediate()).await.expect(202).json();
    assert_eq!(receipts(&admin, &node).await[1].state, CommandState::Superseded);
    shut_down(&admin, &node, &immediate()).await.problem(409, "already_requested");
    shut_down(&admin, &node, &graceful()).await.problem(409, "already_requested");
    assert_eq!(node.beat(&json!({})).await["commands"][0]["id"], json!(second.id));

    // The last one of its kind that takes work needs its preview.
    other.beat(&json!({"runtime": {"status": "maintenance"}})).await;
    let third = app.node(&admin, region.as_str(), NodeKind::Backend).await;
    let mut third = third;
    third.beat(&json!({})).await;
    let problem = shut_down(&admin, &third, &graceful()).await.problem(409, "guard");
    let token = problem.current.unwrap()["previewToken"].clone();
    shut_down(&admin, &third, &json!({"reason": "x", "previewToken": token})).await.expect(202);
    assert_eq!(
        app.db.texts("SELECT outcome FROM activity WHERE action = 'node.shutdown' ORDER BY id").await,
        ["refused", "allowed", "refused", "allowed", "refused", "refused", "refused", "allowed"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_can_be_taken_back_until_the_node_accepts_it() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (mut node, _) = two(&app, &admin).await;
    let cancel = async |id: &Value| {
        let path = format!("/api/v1/commands/{}", id.as_str().unwrap());
        admin.send(admin.request(Method::DELETE, &path)).await
    };
    let command = shut_down(&admin, &node, &graceful()).await.expect(202).value();
    node.beat(&json!({})).await;
    assert_eq!(cancel(&command["id"]).await.expect(200).value()["state"], "cancelled");
    assert_eq!(node.beat(&json!({})).await["commands"], json!([]));
    let problem = cancel(&command["id"]).await.problem(409, "not_open");
    assert_eq!(problem.current.unwrap()["state"], "cancelled");
    let command = shut_down(&admin, &node, &graceful()).await.expect(202).value();
    node.beat(&ack(&command["id"], "accepted")).await;
    cancel(&command["id"]).await.problem(409, "not_open");
    node.beat(&ack(&command["id"], "refused")).await;
    assert_eq!(receipts(&admin, &node).await[0].state, CommandState::Refused);
    // Receipts go when they are old; what is open stays.
    let open = shut_down(&admin, &node, &graceful()).await.expect(202).value();
    let state = app.state();
    wait_for("two ends in the database", async || {
        let ended = "SELECT count(*) FROM commands WHERE state IN ('cancelled', 'refused')";
        (app.db.text(ended).await == "2").then_some(())
    })
    .await;
    assert_eq!(state.db.commands_delete_before(state.clock.wall().later(1)).await.unwrap(), 2);
    assert_eq!(app.db.text("SELECT id::text FROM commands").await, open["id"].as_str().unwrap());
    cancel(&json!(uuid::Uuid::new_v4())).await.problem(404, "not_found");
    cancel(&json!("x")).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_obeys_an_old_signal() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (mut node, mut other) = two(&app, &admin).await;
    let command: Command = shut_down(&admin, &node, &graceful()).await.expect(202).json();
    assert_eq!(command.not_after.since(command.created_at), 600_000);
    app.advance(600_001);
    assert_eq!(node.beat(&json!({})).await["commands"], json!([]));
    let expired = async || (receipts(&admin, &node).await[0].state == CommandState::Expired).then_some(());
    wait_for("expired command", expired).await;

    admin.confirmed().await;
    other.beat(&json!({})).await;
    shut_down(&admin, &other, &graceful()).await.expect(202);
    assert_eq!(other.beat(&json!({})).await["commands"].as_array().unwrap().len(), 1);
    assert_eq!(reboot(&mut other).await["commands"], json!([]));
    assert_eq!(receipts(&admin, &other).await[0].state, CommandState::Superseded);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_come_back_is_noticed() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let (mut node, _) = two(&app, &admin).await;
    let command = shut_down(&admin, &node, &graceful()).await.expect(202).value();
    node.beat(&json!({})).await;
    node.beat(&ack(&command["id"], "accepted")).await;
    assert!(node.goodbye().await);
    assert_eq!(read(&admin, &node).await.live.status.word, StatusWord::Restarting);
    assert_eq!(app.state().fleet.did_not_return(), []);
    // Another process of the server waits for it too.
    app.pause().await;
    app.resume().await;
    let admin = app.admin().await;
    node.moved(&app);
    assert_eq!(read(&admin, &node).await.live.status.word, StatusWord::Restarting);
    app.advance(120_001);
    let offline = async || (read(&admin, &node).await.live.status.word == StatusWord::Offline).then_some(());
    wait_for("end of the wait", offline).await;
    let missing = app.state().fleet.did_not_return();
    assert_eq!(missing.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [node.id]);
    // One that is retired is not expected.
    set(&admin, &node, &json!({"state": "disabled", "privateReason": "Retired"})).await;
    assert_eq!(app.state().fleet.did_not_return(), []);
    set(&admin, &node, &json!({"state": "active"})).await;
    assert_eq!(app.state().fleet.did_not_return(), missing);
    reboot(&mut node).await;
    assert_eq!(app.state().fleet.did_not_return(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_falls_silent_after_it_accepted_has_gone() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (mut node, mut other) = two(&app, &admin).await;
    // Out of the grace of the start, so that silence is judged.
    for _ in 0..6 {
        app.advance(10_000);
        node.beat(&json!({})).await;
        other.beat(&json!({})).await;
    }
    let command = shut_down(&admin, &node, &graceful()).await.expect(202).value();
    node.beat(&ack(&command["id"], "accepted")).await;
    app.advance(31_000);
    wait_for("end", async || (receipts(&admin, &node).await[0].state == CommandState::Done).then_some(()))
        .await;
    assert_eq!(read(&admin, &node).await.live.status.word, StatusWord::Restarting);
    reboot(&mut node).await;
    assert_eq!(read(&admin, &node).await.live.status.word, StatusWord::Online);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_shutdown_in_maintenance_it_is_still_in_maintenance() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (mut node, _) = two(&app, &admin).await;
    set(&admin, &node, &maintenance()).await;
    let command = shut_down(&admin, &node, &graceful()).await.expect(202).value();
    node.beat(&ack(&command["id"], "accepted")).await;
    node.goodbye().await;
    assert_eq!(reboot(&mut node).await["desired"]["state"], "maintenance");
    assert_eq!(read(&admin, &node).await.live.status.word, StatusWord::Maintenance);
    set(&admin, &node, &json!({"state": "active"})).await;
    assert_eq!(node.beat(&json!({})).await["desired"]["state"], "run");
    assert_eq!(read(&admin, &node).await.live.status.word, StatusWord::Online);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_commands_survive_a_restart_of_the_server() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let (mut node, mut other) = two(&app, &admin).await;
    let open = shut_down(&admin, &node, &graceful()).await.expect(202).value();
    node.beat(&json!({})).await;
    let b = shut_down(&admin, &other, &json!({"reason": "x", "previewToken": null})).await;
    assert_eq!(b.status, 202, "the first one still takes work: {}", b.text);
    app.pause().await;
    app.resume().await;
    let admin = app.admin().await;
    node.moved(&app);
    other.moved(&app);
    let shown = read(&admin, &node).await.live.commands;
    assert_eq!((json!(shown[0].id), shown[0].state), (open["id"].clone(), CommandState::Offered));
    assert_eq!(node.beat(&json!({})).await["commands"][0]["id"], open["id"]);
    // The other one was started again while nobody listened.
    assert_eq!(reboot(&mut other).await["commands"], json!([]));
    assert_eq!(receipts(&admin, &other).await[0].state, CommandState::Superseded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_is_shut_down_node_by_node() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (mut a, mut b) = two(&app, &admin).await;
    let region = read(&admin, &a).await.region_id.unwrap();
    let silent = app.node(&admin, region.as_str(), NodeKind::Backend).await;
    let path = format!("/api/v1/regions/{region}/shutdown");
    let first: Command = shut_down(&admin, &a, &graceful()).await.expect(202).json();
    let problem = admin.post(&path, &graceful()).await.problem(409, "guard");
    let preview: Preview = serde_json::from_value(problem.current.unwrap()).unwrap();
    assert_eq!((preview.nodes, preview.live), (2, 2));
    let preview: Preview = admin.post(&format!("{path}/preview"), &json!({})).await.expect(200).json();
    let body = json!({"reason": "Power work", "previewToken": preview.preview_token});
    let rows = admin.post(&path, &body).await.expect(202).json::<RowResults>().items;
    assert_eq!(rows.len(), 2, "{} is not live", silent.id);
    let of = |n: &TestNode| rows.iter().find(|r| r.node_id == n.id).unwrap();
    assert_eq!((of(&a).ok, of(&a).code), (false, Some(RowCode::AlreadyRequested)));
    assert!(of(&b).ok);
    assert_eq!(b.beat(&json!({})).await["commands"][0]["id"], json!(of(&b).command_id));
    assert_eq!(a.beat(&json!({})).await["commands"][0]["id"], json!(first.id));
    a.goodbye().await;
    b.goodbye().await;
    admin.post(&path, &graceful()).await.problem(409, "not_live");
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_come_in_pages() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (node, _) = two(&app, &admin).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let command: Command = shut_down(&admin, &node, &graceful()).await.expect(202).json();
        let path = format!("/api/v1/commands/{}", command.id);
        admin.send(admin.request(Method::DELETE, &path)).await.expect(200);
        ids.insert(0, command.id);
    }
    let path = format!("{}/commands?limit=2", node.path());
    let page: CommandPage = admin.get(&path).await.expect(200).json();
    let rest = format!("{path}&cursor={}", page.next_cursor.unwrap());
    let rest: CommandPage = admin.get(&rest).await.expect(200).json();
    assert_eq!(rest.next_cursor, None);
    let all: Vec<_> = page.items.iter().chain(&rest.items).map(|c| c.id).collect();
    assert_eq!(all, ids);
    admin.get(&format!("{path}&cursor=x")).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_push_comes_with_the_secret_and_is_no_receipt() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(String::new()));
    let ear = Arc::clone(&heard);
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut all = Vec::new();
        while !all.windows(4).any(|w| w == b"\r\n\r\n") || !all.ends_with(b"}") {
            let n = socket.read_buf(&mut all).await.unwrap();
            assert!(n > 0, "the call broke off");
        }
        *ear.lock().unwrap() = String::from_utf8(all).unwrap();
        let body = r#"{"Success":true,"Message":"ok","Code":null}"#;
        let reply = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(reply.as_bytes()).await.unwrap();
    });
    let body = json!({"regionId": region, "kind": "proxy", "endpoint": format!("http://127.0.0.1:{port}")});
    let created: CreatedNode = admin.post("/api/v1/nodes", &body).await.expect(201).json();
    let node: Node = created.node;
    let mut other = app.node(&admin, &region, NodeKind::Proxy).await;
    other.beat(&json!({})).await;
    let client = admin.with(crate::support::client::Auth::Secret(created.plain_secret.clone()));
    let beat = json!({"bootId": "b1", "seq": 1});
    client.post(common::paths::HEARTBEAT, &beat).await.expect(200);
    let path = format!("/api/v1/nodes/{}", node.id());
    let command: Command = admin.post(&format!("{path}/shutdown"), &graceful()).await.expect(202).json();
    server.await.unwrap();
    let said = heard.lock().unwrap().clone();
    assert!(said.starts_with("POST /api/node/management/shutdown HTTP/1.1\r\n"), "{said}");
    assert!(said.to_lowercase().contains(&format!("x-api-key: {}", created.plain_secret.to_lowercase())));
    assert!(said.contains(&command.id.to_string()));
    let pushed = wait_for("outcome of the push", async || {
        let page: CommandPage = admin.get(&format!("{path}/commands")).await.expect(200).json();
        page.items.into_iter().find(|c| c.push.is_some())
    })
    .await;
    assert_eq!(pushed.state, CommandState::Queued, "only the node's own word counts");
    assert!(pushed.push.unwrap().contains("took it"));
}
