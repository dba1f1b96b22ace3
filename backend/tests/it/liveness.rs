//! Silence by real timers, restarts of the server, and what of it reaches the database.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use backend::domain::liveness::Timers;
use common::ids::NodeId;
use common::node::{Node, NodeKind};
use common::overview::{OpenProblemCode, Overview};
use common::paths::{HEARTBEAT, OVERVIEW};
use common::status::{Liveness, StatusWord};
use common::stream::{Change, LiveEvent, SnapshotData};
use serde_json::json;

use crate::support::app::{TestApp, TestNode};
use crate::support::client::Client;
use crate::support::sse::{Message, Stream};
use crate::support::wait_for;

/// Offline after 1.2 s; the restart's grace is 1.8 s.
const SHORT: Timers = Timers { interval_ms: 200, stale_after_ms: 600, offline_after_ms: 1_200 };
/// Room for a busy machine between a heartbeat and `stale`; the restart's grace is 4.5 s.
const ROOMY: Timers = Timers { interval_ms: 250, stale_after_ms: 1_500, offline_after_ms: 3_000 };

/// The words and times a message tells of a node.
fn word_of(m: &Message, node: &TestNode) -> Option<StatusWord> {
    match &m.event {
        LiveEvent::Snapshot { data: SnapshotData::Node { node: n }, .. } if n.id() == node.id => {
            Some(n.live.status.word)
        }
        LiveEvent::Snapshot { data: SnapshotData::Nodes { nodes, .. }, .. } => {
            nodes.iter().find(|n| n.id() == node.id).map(|n| n.live.status.word)
        }
        LiveEvent::Delta { changes, .. } => changes.iter().rev().find_map(|c| match c {
            Change::NodeLive { live } if live.id == node.id => Some(live.status.word),
            Change::Node { node: n } if n.id() == node.id => Some(n.live.status.word),
            _ => None,
        }),
        _ => None,
    }
}

/// Every word told of a node from message `from` on, each once where it follows itself.
fn words(seen: &[Message], node: &TestNode) -> Vec<StatusWord> {
    let mut all: Vec<_> = seen.iter().filter_map(|m| word_of(m, node)).collect();
    all.dedup();
    all
}

async fn read(client: &Client, node: &TestNode) -> Node {
    client.get(&node.path()).await.expect(200).json()
}

async fn overview(client: &Client) -> Overview {
    client.get(OVERVIEW).await.expect(200).json()
}

/// Lets a node that has just beaten fall silent and go through stale to offline. Where the server doubted itself on
/// the way — in the grace of its start, or because this machine was too busy — the node beats and falls silent again.
async fn falls_silent(node: &mut TestNode, stream: &mut Stream) {
    for _ in 0..10 {
        let from = stream.seen.len();
        node.beat(&json!({"sessions": {"phone": 3, "max": 25}})).await;
        stream.wait("offline", |m| word_of(m, node).filter(|w| *w == StatusWord::Offline)).await;
        let mut path = words(&stream.seen[from..], node);
        // The beat may be told together with what was before it.
        path.retain(|w| *w != StatusWord::NeverSeen);
        if path.first() == Some(&StatusWord::Offline) && path.len() > 1 {
            path.remove(0);
        }
        if path.contains(&StatusWord::Unconfirmed) {
            continue;
        }
        assert_eq!(path, [StatusWord::Online, StatusWord::Stale, StatusWord::Offline]);
        return;
    }
    panic!("the server doubted itself ten times in a row");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_stale_then_offline_and_ends_with_the_next_heartbeat() {
    let mut app = TestApp::with(SHORT, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let never = app.node(&admin, &region, NodeKind::Proxy).await;
    let mut stream = Stream::open(&admin, &format!("node:{}", node.id), None).await;
    falls_silent(&mut node, &mut stream).await;

    let seen = read(&admin, &node).await;
    let silent_ms = seen.live.status.since.since(seen.live.last_heartbeat_at.unwrap());
    assert!(
        (SHORT.offline_after_ms - 5..SHORT.offline_after_ms + 5_000).contains(&silent_ms),
        "{silent_ms} ms"
    );
    let silent = overview(&admin).await;
    let backend = silent.cluster.backend;
    assert_eq!((backend.online, backend.registered, backend.offline), (0, 1, 1));
    assert_eq!((silent.cluster.conversations.phone, silent.cluster.last_known.phone), (None, Some(3)));
    let codes: Vec<_> = silent.problems.iter().map(|p| (p.code, p.node_id)).collect();
    assert!(codes.contains(&(OpenProblemCode::NodeOffline, Some(node.id))), "{codes:?}");
    assert!(codes.contains(&(OpenProblemCode::NoneOnline, None)), "{codes:?}");
    // Who was never seen does not fall silent.
    assert_eq!(read(&admin, &never).await.live.liveness, Liveness::NeverSeen);
    assert_eq!((silent.cluster.proxy.never_seen, silent.cluster.proxy.offline), (1, 0));

    // It stays offline through a restart and the grace that follows it.
    let row = format!("SELECT liveness FROM node_live WHERE node_id = '{}'", node.id);
    wait_for("row of an offline node", async || (app.db.text(&row).await == "offline").then_some(())).await;
    app.pause().await;
    app.resume().await;
    let (admin, began) = (admin.at(app.base()), app.state().clock.mono());
    node.moved(&app);
    let mut stream = Stream::open(&admin, &format!("node:{}", node.id), None).await;
    let grace_ms = app.state().fleet.policy().restart_grace_ms();
    while app.state().clock.mono().since(began) < grace_ms + 500 {
        stream.next().await.expect("a stream that goes on");
    }
    assert_eq!(words(&stream.seen, &node), [StatusWord::Offline]);
    assert_eq!(read(&admin, &never).await.live.status.word, StatusWord::NeverSeen);

    node.beat(&json!({"sessions": {"phone": 4}})).await;
    stream.wait("online", |m| word_of(m, &node).filter(|w| *w == StatusWord::Online)).await;
    let back = overview(&admin).await;
    assert_eq!((back.cluster.backend.online, back.cluster.conversations.phone), (1, Some(4)));
    assert!(back.problems.iter().all(|p| p.node_id != Some(node.id)), "{:?}", back.problems);
}

/// A node process: beats every 100 ms at wherever the server is, and does not mind when nobody answers.
fn beating(mut node: TestNode, at: Arc<Mutex<Client>>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        loop {
            ticks.tick().await;
            let body = node.body(&json!({"sessions": {"phone": 1}}));
            let client = at.lock().unwrap().clone();
            let request =
                client.request(reqwest::Method::POST, HEARTBEAT).timeout(Duration::from_secs(2)).json(&body);
            if let Ok(reply) = request.send().await {
                assert!(reply.status() == 200 || reply.status() == 503, "{}", reply.status());
            }
        }
    })
}

/// What must never be told of nodes that beat.
fn assert_no_blame(seen: &[Message], innocent: NodeId) {
    for m in seen {
        let blamed = match &m.event {
            LiveEvent::Snapshot { data: SnapshotData::Summary { overview }, .. } => {
                overview.problems.iter().any(|p| p.node_id == Some(innocent))
            }
            LiveEvent::Delta { changes, .. } => changes.iter().any(|c| match c {
                Change::Problems { problems, .. } => problems.iter().any(|p| p.node_id == Some(innocent)),
                Change::Cluster { capacity } => capacity.backend.stale + capacity.backend.offline > 0,
                _ => false,
            }),
            _ => false,
        };
        assert!(!blamed, "{}", m.data);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_server_never_shows_a_beating_node_as_silent() {
    let mut app = TestApp::with(ROOMY, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Backend).await;
    let mut gone = app.node(&admin, &region, NodeKind::Proxy).await;
    let probe = node.clone();
    let at = Arc::new(Mutex::new(node.client.clone()));
    let process = beating(node, Arc::clone(&at));
    gone.beat(&json!({})).await;

    let mut first = Stream::open(&admin, "summary,nodes", None).await;
    first.wait("online", |m| word_of(m, &probe).filter(|w| *w == StatusWord::Online)).await;
    app.pause().await;
    first.end().await;
    // Long enough for a server that forgot to doubt itself to call it offline.
    let silent = format!(
        "SELECT now() - last_seen > interval '{} ms' FROM node_live WHERE node_id = '{}'",
        ROOMY.offline_after_ms, probe.id
    );
    wait_for("silence", async || (app.db.text(&silent).await == "t").then_some(())).await;
    app.resume().await;
    let began = app.state().clock.mono();
    let admin = admin.at(app.base());
    let mut second = Stream::open(&admin, "summary,nodes", None).await;
    let moved = probe.client.at(app.base());
    *at.lock().unwrap() = moved;
    second.wait("online again", |m| word_of(m, &probe).filter(|w| *w == StatusWord::Online)).await;
    // The one that does not come back is offline when the grace is over, and not before.
    second.wait("offline", |m| word_of(m, &gone).filter(|w| *w == StatusWord::Offline)).await;
    let grace_ms = app.state().fleet.policy().restart_grace_ms();
    // `began` was read a moment after the grace had begun.
    assert!(app.state().clock.mono().since(began) + 500 >= grace_ms, "it was judged within the grace");
    assert_eq!(words(&second.seen, &gone), [StatusWord::Unconfirmed, StatusWord::Offline]);

    let (before, after) = (words(&first.seen, &probe), words(&second.seen, &probe));
    let fine = [StatusWord::NeverSeen, StatusWord::Online, StatusWord::Unconfirmed];
    assert!(before.iter().chain(&after).all(|w| fine.contains(w)), "{before:?} {after:?}");
    assert!(after.ends_with(&[StatusWord::Online]), "{after:?}");
    assert_no_blame(&first.seen, probe.id);
    assert_no_blame(&second.seen, probe.id);
    let told = second.seen.iter().any(|m| matches!(&m.event, LiveEvent::Tick { collecting: Some(_), .. }))
        || second.seen.iter().any(|m| {
            matches!(&m.event, LiveEvent::Snapshot { data: SnapshotData::Summary { overview }, .. } if overview.collecting.is_some())
        });
    assert!(told, "nobody was told that silence could not be judged");
    assert!(!process.is_finished(), "the node's process found a wrong answer");
    process.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_heartbeats_are_few_statements() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut nodes = Vec::new();
    for _ in 0..20 {
        nodes.push(app.node(&admin, &region, NodeKind::Backend).await);
    }
    // Counts statements and the rows they touch, inside the database.
    app.db
        .execute(
            "CREATE SEQUENCE statements; CREATE SEQUENCE touched; \
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN IF TG_LEVEL = 'ROW' THEN PERFORM nextval('touched'); ELSE PERFORM nextval('statements'); END IF; \
             RETURN NULL; END $$; \
             CREATE TRIGGER s AFTER UPDATE ON node_live FOR EACH STATEMENT EXECUTE FUNCTION note(); \
             CREATE TRIGGER r AFTER UPDATE ON node_live FOR EACH ROW EXECUTE FUNCTION note()",
        )
        .await;
    let began = app.state().clock.mono();
    for n in 1..=10 {
        for node in &mut nodes {
            node.beat(&json!({"sessions": {"phone": n}})).await;
        }
    }
    let written =
        "SELECT count(*) FROM node_live WHERE boot_seq = 10 AND beat -> 'sessions' ->> 'phone' = '10'";
    wait_for("row of each node with its newest heartbeat", async || {
        (app.db.text(written).await == "20").then_some(())
    })
    .await;
    let took_ms = app.state().clock.mono().since(began);
    let statements: u64 = app.db.text("SELECT last_value FROM statements").await.parse().unwrap();
    let touched: u64 = app.db.text("SELECT last_value FROM touched").await.parse().unwrap();
    // One statement a second, however many heartbeats: 200 of them here.
    assert!(statements <= 2 + took_ms / 1_000, "{statements} statements in {took_ms} ms");
    assert!(touched <= 20 * statements, "{touched} rows in {statements} statements");

    // What comes last is written by the end, also where it came a moment before it.
    let mut app = app;
    nodes[0].beat(&json!({})).await;
    nodes[1].goodbye().await;
    app.pause().await;
    let row = |node: &TestNode| {
        format!("SELECT boot_seq || ' ' || liveness FROM node_live WHERE node_id = '{}'", node.id)
    };
    assert_eq!(app.db.text(&row(&nodes[0])).await, "11 live");
    assert_eq!(app.db.text(&row(&nodes[1])).await, "10 left");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_node_was_seen_is_stored_as_it_was_and_not_as_it_was_written() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut nodes = Vec::new();
    for _ in 0..10 {
        nodes.push(app.node(&admin, &region, NodeKind::Backend).await);
    }
    // Spread over more than a second, the time between two flushes: at the moment of writing ages differ.
    let mut ticks = tokio::time::interval(Duration::from_millis(150));
    let mut seen = Vec::new();
    for node in &mut nodes {
        ticks.tick().await;
        let reply = node.beat(&json!({})).await;
        let at: common::time::Timestamp = serde_json::from_value(reply["serverTime"].clone()).unwrap();
        seen.push(at.millis());
    }
    let written = "SELECT count(*) FROM node_live WHERE last_seen IS NOT NULL";
    wait_for("row of each node", async || (app.db.text(written).await == "10").then_some(())).await;
    for (node, at) in nodes.iter().zip(&seen) {
        let row = format!(
            "SELECT (extract(epoch FROM last_seen) * 1000)::bigint FROM node_live WHERE node_id = '{}'",
            node.id
        );
        let stored: i64 = app.db.text(&row).await.parse().unwrap();
        assert!((stored - at).abs() < 500, "{} ms apart", stored - at);
        let shown = read(&admin, node).await.live.last_heartbeat_at.unwrap().millis();
        assert!((shown - at).abs() < 100, "{} ms apart", shown - at);
    }
    app.pause().await;
    app.resume().await;
    let admin = admin.at(app.base());
    for (node, at) in nodes.iter().zip(&seen) {
        let shown = read(&admin, node).await.live.last_heartbeat_at.unwrap().millis();
        assert!((shown - at).abs() < 1_000, "{} ms apart after a restart", shown - at);
    }
}
