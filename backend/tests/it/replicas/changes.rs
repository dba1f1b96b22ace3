//! What one server changes, the others know: within a second where they hear of it, and later where they missed it.

use std::collections::BTreeSet;

use backend::clock::{Clock as _, SystemClock};
use common::command::{Command, CommandPage, CommandState};
use common::intent::DrainPhase;
use common::node::{CreatedNode, Node, NodeKind};
use common::overview::{ProblemList, Severity};
use common::paths::{HEARTBEAT, NODES, REGIONS};
use common::status::{IntentState, Liveness};
use common::stream::{Change, LiveEvent};
use common::unregistered::UnregisteredPage;
use reqwest::Method;
use serde_json::json;

use super::{HEARD, SHORT, TOLD, at, calls, is, known, stop};
use crate::deletion::{deletable, disable};
use crate::intents::{maintenance, read, set};
use crate::support::app::{TestApp, TestNode};
use crate::support::client::{Auth, Client, Reply};
use crate::support::sse::{Message, Stream};
use crate::support::{unique, wait_at_most, wait_for, within_a_second};

/// Waits for a change on a stream of the other server; how long that took.
async fn told(stream: &mut Stream, change: i64) -> u64 {
    let clock = SystemClock::new();
    let begun = clock.mono();
    stream
        .wait("delta with the change", |m| match m.event {
            LiveEvent::Snapshot { change: n, .. } | LiveEvent::Delta { change: n, .. } if n >= change => {
                Some(())
            }
            _ => None,
        })
        .await;
    clock.mono().since(begun)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_changes_all_know_within_a_second() {
    let app = TestApp::with(SHORT, |_| {}).await;
    let twin = app.twin().await;
    let here = app.admin().await;
    let there = here.at(&twin.base);
    let mut stream = Stream::open(&there, "summary,nodes", None).await;
    let change = |reply: &Reply| reply.header("x-change").parse::<i64>().unwrap();
    let mut took = Vec::new();

    // A region and a node.
    let reply = here.post(REGIONS, &json!({"countryCode": "OM", "name": "mct"})).await.expect(201);
    took.push(told(&mut stream, change(&reply)).await);
    there.get(&format!("{REGIONS}/OM-MCT")).await.expect(200);
    let body = json!({"regionId": "OM-MCT", "kind": "backend", "endpoint": "10.1.2.3:5002"});
    let reply = here.post(NODES, &body).await.expect(201);
    took.push(told(&mut stream, change(&reply)).await);
    let made: CreatedNode = reply.json();
    let path = format!("{NODES}/{}", made.node.id());
    assert_eq!(there.get(&path).await.expect(200).json::<Node>().endpoint, made.node.endpoint);
    let added = |m: &Message| {
        let LiveEvent::Delta { changes, .. } = &m.event else { return None };
        let made = |c: &Change| matches!(c, Change::Node { node } if node.id() == made.node.id());
        changes.iter().any(made).then_some(())
    };
    if !stream.seen.iter().any(|m| added(m).is_some()) {
        stream.wait("node on the stream of the other server", added).await;
    }

    // An edit on the other server, on the version it knows.
    let edit =
        there.request(Method::PATCH, &path).header("if-match", "\"1\"").json(&json!({"displayName": "Two"}));
    let reply = there.send(edit).await.expect(200);
    let mut own = Stream::open(&here, "nodes", None).await;
    took.push(told(&mut own, change(&reply)).await);
    assert_eq!(here.get(&path).await.expect(200).json::<Node>().display_name.as_deref(), Some("Two"));
    let node = TestNode {
        id: made.node.id(),
        boot: "x".into(),
        secret: made.plain_secret.clone(),
        client: Client::new(&twin.base, Auth::Secret(made.plain_secret), app.transcript.clone()),
        seq: 0,
    };

    // Intents, of the node and above it.
    set(&here, &node, &maintenance()).await;
    wait_at_most(TOLD, "maintenance", async || {
        (read(&there, &node).await.intent.state == IntentState::Maintenance).then_some(())
    })
    .await;
    let version = here.get("/api/v1/platform").await.expect(200).value()["version"].as_i64().unwrap();
    let request = here.request(Method::PUT, "/api/v1/platform/intent");
    let request = request.header("if-match", format!("\"{version}\"")).json(&maintenance());
    let reply = here.send(request).await.expect(200);
    took.push(told(&mut stream, change(&reply)).await);
    assert_eq!(there.get("/api/v1/platform").await.expect(200).value()["intent"]["state"], "maintenance");
    let intents = format!("SELECT count(*) FROM events WHERE node_id = '{}' AND kind = 'intent'", node.id);
    wait_for("one event of the intent", async || (app.db.text(&intents).await == "1").then_some(())).await;

    // A secret that is changed here opens there.
    let reply = here.post(&format!("{path}/secret"), &json!({})).await;
    if reply.status == 200 {
        took.push(told(&mut stream, change(&reply)).await);
        let secret = reply.value()["plainSecret"].as_str().unwrap().to_owned();
        let mut fresh = TestNode { client: node.client.with(Auth::Secret(secret)), ..node.clone() };
        fresh.beat(&json!({})).await;
        assert!(fresh.goodbye().await);
    }

    // Gone is gone.
    disable(&there, &path, there.get(&path).await.expect(200).json::<Node>().version).await;
    wait_at_most(TOLD, "disabled", async || {
        (read(&here, &node).await.intent.state == IntentState::Disabled).then_some(())
    })
    .await;
    deletable(&here, &path).await;
    let version = read(&here, &node).await.version;
    let request = here.request(Method::DELETE, &path).header("if-match", format!("\"{version}\""));
    here.send(request).await.expect(204);
    wait_at_most(TOLD, "404", async || (there.get(&path).await.status == 404).then_some(())).await;
    node.client.post(HEARTBEAT, &json!({"bootId": "x", "seq": 9})).await.problem(410, "node_deleted");
    let deleted = format!(
        "SELECT count(*) FROM events WHERE node_id = '{}' AND kind = 'registry' AND to_word = 'deleted'",
        node.id
    );
    wait_for("one event of the delete", async || (app.db.text(&deleted).await == "1").then_some(())).await;
    within_a_second(took);
    stop(twin).await;
}

async fn receipts(client: &Client, node: &TestNode) -> Vec<Command> {
    client.get(&format!("{}/commands", node.path())).await.expect(200).json::<CommandPage>().items
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_given_on_one_server_reaches_the_node_on_another_once() {
    let app = TestApp::start().await;
    let twin = app.twin().await;
    let here = app.admin().await;
    let there = here.at(&twin.base);
    let region = app.region(&here, "mct").await;
    let mut spare = app.node(&here, &region, NodeKind::Backend).await;
    let node = app.node(&here, &region, NodeKind::Backend).await;
    known(&there, &node).await;
    let mut node = at(&node, &twin.base);
    spare.beat(&calls(0)).await;
    node.beat(&calls(2)).await;
    is(&here, &node, HEARD, Liveness::Live).await;
    let body = json!({"mode": "graceful", "reason": "Upgrading"});
    let command: Command = here.post(&format!("{}/shutdown", node.path()), &body).await.expect(202).json();
    assert_eq!(command.boot_id.as_deref(), Some(node.boot.as_str()), "the run that beats elsewhere");
    let offer = wait_at_most(TOLD, "offer", async || {
        let reply = node.beat(&calls(2)).await;
        reply["commands"].as_array().unwrap().first().cloned()
    })
    .await;
    assert_eq!(offer["id"], json!(command.id));
    let ack = json!({"acks": [{"commandId": command.id, "status": "accepted", "detail": "as you wish"}]});
    assert_eq!(node.beat(&ack).await["commands"], json!([]));
    wait_at_most(TOLD, "receipt", async || {
        let c = receipts(&here, &node).await;
        (c.len() == 1
            && c[0].state == CommandState::Accepted
            && c[0].detail.as_deref() == Some("as you wish"))
        .then_some(())
    })
    .await;
    // Another shutdown is refused on both.
    for client in [&here, &there] {
        client.post(&format!("{}/shutdown", node.path()), &body).await.problem(409, "already_requested");
    }
    assert!(node.goodbye().await);
    wait_at_most(HEARD, "end on the other server", async || {
        (receipts(&here, &node).await[0].state == CommandState::Done).then_some(())
    })
    .await;
    // Its successor speaks to the first one, and does not hear of it.
    let mut next = at(&node, app.base());
    next.boot = unique("boot");
    assert_eq!(next.beat(&calls(0)).await["commands"], json!([]));
    let steps = format!(
        "SELECT to_word FROM events WHERE node_id = '{}' AND kind = 'command' ORDER BY at, id",
        node.id
    );
    wait_for("steps in the database", async || (app.db.texts(&steps).await.len() >= 4).then_some(())).await;
    assert_eq!(app.db.texts(&steps).await, ["queued", "offered", "accepted", "done"]);
    stop(twin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_asked_for_on_one_server_is_followed_by_all() {
    let app = TestApp::start().await;
    let twin = app.twin().await;
    let here = app.admin().await;
    let region = app.region(&here, "mct").await;
    let node = app.node(&here, &region, NodeKind::Backend).await;
    known(&here.at(&twin.base), &node).await;
    let mut node = at(&node, &twin.base);
    node.beat(&calls(2)).await;
    is(&here, &node, HEARD, Liveness::Live).await;
    set(&here, &node, &maintenance()).await;
    let generation = wait_at_most(TOLD, "wish in a reply of the other server", async || {
        let desired = node.beat(&calls(2)).await["desired"].clone();
        (desired["state"] == "maintenance").then(|| desired["generation"].as_i64().unwrap())
    })
    .await;
    let obey = |phone| {
        let mut body = calls(phone);
        body["observedGeneration"] = json!(generation);
        body["runtime"] = json!({"status": "maintenance"});
        body
    };
    node.beat(&obey(2)).await;
    let phase = async |wanted| {
        wait_at_most(HEARD, "phase", async || {
            (read(&here, &node).await.live.drain.unwrap().phase == wanted).then_some(())
        })
        .await;
    };
    phase(DrainPhase::Draining).await;
    node.beat(&obey(0)).await;
    node.beat(&obey(0)).await;
    wait_at_most(HEARD, "end of the drain", async || {
        (read(&here, &node).await.live.drain.unwrap().phase == DrainPhase::Drained).then_some(())
    })
    .await;
    let phases = format!(
        "SELECT to_word FROM events WHERE node_id = '{}' AND kind = 'drain' ORDER BY at, id",
        node.id
    );
    wait_for("phases in the database", async || {
        (app.db.texts(&phases).await.last().map(String::as_str) == Some("drained")).then_some(())
    })
    .await;
    let told = app.db.texts(&phases).await;
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len(), "each once: {told:?}");
    stop(twin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_while_nobody_listened_is_made_up_for() {
    let app = TestApp::start().await;
    let twin = app.twin().await;
    let here = app.admin().await;
    let there = here.at(&twin.base);
    app.region(&here, "mct").await;
    wait_at_most(TOLD, "region", async || {
        (there.get(&format!("{REGIONS}/OM-MCT")).await.status == 200).then_some(())
    })
    .await;
    app.db.allow_connections(false).await;
    app.db.terminate("LISTEN %").await;
    let node = app.node(&here, "OM-MCT", NodeKind::Backend).await;
    app.region(&here, "slv").await;
    // A change of its own raises its number above those that it missed.
    app.region(&there, "dhf").await;
    app.db.allow_connections(true).await;
    wait_for("region made meanwhile", async || {
        (there.get(&format!("{REGIONS}/OM-SLV")).await.status == 200).then_some(())
    })
    .await;
    wait_for("node made meanwhile", async || (there.get(&node.path()).await.status == 200).then_some(()))
        .await;
    stop(twin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_put_aside_is_aside_on_all_servers() {
    let app = TestApp::start().await;
    let twin = app.twin().await;
    let here = app.admin().await;
    let there = here.at(&twin.base);
    let region = app.region(&here, "mct").await;
    app.node(&here, &region, NodeKind::Backend).await;
    app.advance(600_000);
    here.confirmed().await;
    let problems = async |client: &Client| -> ProblemList {
        client.get("/api/v1/problems?include=snoozed").await.expect(200).json()
    };
    let first = wait_for("problem on both", async || {
        let a = problems(&here).await.items.into_iter().find(|p| p.severity <= Severity::Warn)?;
        problems(&there).await.items.into_iter().find(|p| p.id == a.id)
    })
    .await;
    let until = app.state().clock.wall().later(3_600_000);
    let body = json!({"until": until, "reason": "known"});
    let path = format!("/api/v1/problems/{}/snooze", first.id);
    here.post(&path, &body).await.expect(200);
    wait_for("snooze on the other server", async || {
        problems(&there).await.items.iter().any(|p| p.id == first.id && p.snoozed.is_some()).then_some(())
    })
    .await;
    stop(twin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_by_one_server_is_seen_on_all() {
    let app = TestApp::start().await;
    let twin = app.twin().await;
    let here = app.admin().await;
    let page = async |client: &Client| -> UnregisteredPage {
        client.get("/api/v1/unregistered-nodes").await.expect(200).json()
    };
    let secret = format!("iqn_{}", "x".repeat(40));
    let stranger = Client::new(&twin.base, Auth::Secret(secret), app.transcript.clone());
    stranger.post(HEARTBEAT, &json!({"bootId": "b", "seq": 1})).await.problem(401, "unknown_secret");
    wait_for("stranger on the other server", async || (page(&here).await.total == 1).then_some(())).await;
    stop(twin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn which_secret_a_node_uses_is_known_on_all() {
    let app = TestApp::start().await;
    let twin = app.twin().await;
    let here = app.admin().await;
    let region = app.region(&here, "mct").await;
    let node = app.node(&here, &region, NodeKind::Backend).await;
    known(&here.at(&twin.base), &node).await;
    let mut node = at(&node, &twin.base);
    node.beat(&calls(0)).await;
    wait_at_most(HEARD, "secret in use", async || {
        let n = read(&here, &node).await;
        (n.live.secret_in_use.as_deref() == Some(n.secret.fingerprint.as_str())).then_some(())
    })
    .await;
    stop(twin).await;
}
