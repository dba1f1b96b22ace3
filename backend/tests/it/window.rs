//! Topic `nodes` of a fleet too large to be told of every heartbeat: status of all, figures of those on the screen.

use std::collections::BTreeSet;

use backend::domain::registry::Tombstone;
use common::auth::Role;
use common::ids::{NodeId, StreamId};
use common::node::NodeKind;
use common::paths::{LOGOUT, stream_window};
use common::stream::{Change, LiveEvent, SnapshotData, Topic};
use reqwest::Method;
use serde_json::{Value, json};

use crate::order::fill;
use crate::support::app::TestApp;
use crate::support::client::{Client, Reply};
use crate::support::sse::{Message, Stream};

/// So many that figures of all are not told any more.
const MANY: usize = 401;

async fn open(client: &Client, topics: &str) -> (Stream, StreamId) {
    let mut stream = Stream::open(client, topics, None).await;
    let LiveEvent::Hello { stream_id, .. } = stream.next().await.unwrap().event else { panic!("no hello") };
    (stream, stream_id)
}

async fn put(client: &Client, stream: &str, body: &Value) -> Reply {
    let path = format!("/api/v1/stream/{stream}/window");
    client.send(client.request(Method::PUT, &path).json(body)).await
}

async fn set(client: &Client, stream: StreamId, ids: &[NodeId]) -> Reply {
    assert_eq!(stream_window(stream), format!("/api/v1/stream/{stream}/window"));
    put(client, &stream.to_string(), &json!({ "ids": ids })).await
}

/// What a message says of nodes: how, which, and how many calls.
fn told(m: &Message) -> Vec<(&'static str, NodeId, Option<u32>)> {
    let LiveEvent::Delta { topic: Topic::Nodes, changes, .. } = &m.event else { return Vec::new() };
    let one = |change: &Change| match change {
        Change::Node { node } => {
            Some(("whole", node.id(), node.live.sessions.as_ref().and_then(|s| s.phone)))
        }
        Change::NodeLive { live } => Some(("live", live.id, live.sessions.as_ref().and_then(|s| s.phone))),
        Change::NodeRemoved { id } => Some(("removed", *id, None)),
        _ => None,
    };
    changes.iter().filter_map(one).collect()
}

/// Reads on until all of this was told, in any order and in however many messages.
async fn hears_all(stream: &mut Stream, wanted: &[(&'static str, NodeId, Option<u32>)]) {
    let mut missing = wanted.to_vec();
    stream
        .wait(&format!("{wanted:?}"), |m| {
            let told = told(m);
            missing.retain(|one| !told.contains(one));
            missing.is_empty().then_some(())
        })
        .await;
}

async fn hears(stream: &mut Stream, what: &'static str, id: NodeId, calls: Option<u32>) {
    hears_all(stream, &[(what, id, calls)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_come_of_the_window_and_status_of_all() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut shown = app.node(&admin, &region, NodeKind::Backend).await;
    let mut hidden = app.node(&admin, &region, NodeKind::Backend).await;
    let fillers = fill(&app, &shown, MANY);
    shown.beat(&json!({"sessions": {"phone": 1}})).await;
    let (mut stream, id) = open(&admin, "nodes").await;
    let snapshot = stream.wait("snapshot", |m| match &m.event {
        LiveEvent::Snapshot { data: SnapshotData::Nodes { nodes, truncated, .. }, .. } => {
            Some((nodes.len(), *truncated))
        }
        _ => None,
    });
    assert_eq!(snapshot.await, (MANY + 2, false));
    set(&admin, id, &[shown.id, fillers[0]]).await.expect(204);
    hears_all(&mut stream, &[("whole", shown.id, Some(1)), ("whole", fillers[0], None)]).await;

    shown.beat(&json!({"sessions": {"phone": 2}})).await;
    hears(&mut stream, "live", shown.id, Some(2)).await;
    // Its first heartbeat changes its word, which everybody is told; the next ones change figures alone.
    hidden.beat(&json!({"sessions": {"phone": 7}})).await;
    hears(&mut stream, "live", hidden.id, Some(7)).await;
    hidden.beat(&json!({"sessions": {"phone": 8}})).await;
    shown.beat(&json!({"sessions": {"phone": 3}})).await;
    hears(&mut stream, "live", shown.id, Some(3)).await;
    // Both changed in the same second: had the other been told, it would be here by now.
    shown.beat(&json!({"sessions": {"phone": 4}})).await;
    hears(&mut stream, "live", shown.id, Some(4)).await;
    let everything: Vec<_> = stream.seen.iter().flat_map(told).collect();
    assert!(!everything.contains(&("live", hidden.id, Some(8))));
    // Entering, it is there as it is now, and whole.
    set(&admin, id, &[hidden.id]).await.expect(204);
    hears(&mut stream, "whole", hidden.id, Some(8)).await;
    shown.beat(&json!({"sessions": {"phone": 5}})).await;
    hidden.beat(&json!({"sessions": {"phone": 9}})).await;
    hears(&mut stream, "live", hidden.id, Some(9)).await;
    let everything: Vec<_> = stream.seen.iter().flat_map(told).collect();
    assert!(!everything.contains(&("live", shown.id, Some(5))), "it left the window");
    assert!(stream.seen.iter().any(|m| m.id.seq == 0 && !told(m).is_empty()), "window deltas have no id");
    // What everybody is told can still be resumed from.
    let last = stream.last_id();
    drop(stream);
    let mut again = Stream::open(&admin, "nodes", Some(&last)).await;
    assert!(matches!(again.next().await.unwrap().event, LiveEvent::Hello { resumed: true, .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_stream_has_a_window_of_its_own_and_what_is_deleted_is_told_as_gone() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut one = app.node(&admin, &region, NodeKind::Backend).await;
    let two = app.node(&admin, &region, NodeKind::Backend).await;
    // So many that the list as a whole is not sent any more.
    fill(&app, &one, 1_000);
    let (mut left, left_id) = open(&admin, "nodes,summary").await;
    let (mut right, right_id) = open(&admin, "nodes").await;
    let empty = right.wait("snapshot", |m| match &m.event {
        LiveEvent::Snapshot { data: SnapshotData::Nodes { nodes, truncated, .. }, .. } => {
            Some((nodes.len(), *truncated))
        }
        _ => None,
    });
    assert_eq!(empty.await, (0, true), "a thousand of them would be of no use");
    set(&admin, left_id, &[one.id]).await.expect(204);
    set(&admin, right_id, &[one.id, two.id]).await.expect(204);
    hears(&mut left, "whole", one.id, None).await;
    hears(&mut right, "whole", two.id, None).await;
    for calls in 1..=2 {
        one.beat(&json!({"sessions": {"phone": calls}})).await;
        hears(&mut left, "live", one.id, Some(calls)).await;
        hears(&mut right, "live", one.id, Some(calls)).await;
    }
    // As a deletion does it, once it is sure that nothing is left of the node.
    let state = app.state();
    let record = state.fleet.node(two.id).unwrap().record();
    state.fleet.node_remove(Tombstone::of(&record, state.clock.wall(), "admin@localhost".to_owned()));
    hears(&mut right, "removed", two.id, None).await;
    hears(&mut left, "removed", two.id, None).await;
    // Whoever scrolls to it a moment later is told the same.
    set(&admin, left_id, &[two.id]).await.expect(204);
    left.seen.clear();
    hears(&mut left, "removed", two.id, None).await;
    let whole: BTreeSet<_> = left.seen.iter().flat_map(told).filter(|(how, ..)| *how == "whole").collect();
    assert!(whole.is_empty(), "{whole:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_set_by_who_opened_the_stream_and_holds_what_a_screen_holds() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let viewer = app.signed_in_as(Role::Viewer).await;
    let (_stream, id) = open(&viewer, "nodes").await;
    let node = |n: u128| NodeId(uuid::Uuid::from_u128(n));
    set(&viewer, id, &[node(1)]).await.expect(204);
    // The same session by its access token is the same somebody.
    set(&viewer.with_token().await, id, &(0..400).map(node).collect::<Vec<_>>()).await.expect(204);
    set(&admin, id, &[node(1)]).await.problem(404, "not_found");
    set(&app.anonymous(), id, &[node(1)]).await.problem(401, "unauthenticated");
    for nobody in ["x", "0198f6a2-0000-7000-8000-000000000001"] {
        put(&viewer, nobody, &json!({"ids": []})).await.problem(404, "not_found");
    }
    let too_many = json!({"ids": (0..401).map(node).collect::<Vec<_>>()});
    for (body, code) in [(too_many, "too_many"), (json!({"ids": [node(1), node(2), node(1)]}), "not_unique")]
    {
        let errors = put(&viewer, &id.to_string(), &body).await.field_errors();
        assert_eq!(errors, [("/ids".to_owned(), code.to_owned())]);
    }
    for bad in [json!({"ids": ["x"]}), json!({"ids": [], "topics": []}), json!({})] {
        put(&viewer, &id.to_string(), &bad).await.field_errors();
    }
    let (_other, other) = open(&viewer, "summary").await;
    set(&viewer, other, &[node(1)]).await.problem(409, "topic_not_followed");
    // With the session its streams end, and with them their windows.
    viewer.post(LOGOUT, &json!({})).await.expect(204);
    let again = app.signed_in_as(Role::Viewer).await;
    set(&again, id, &[node(1)]).await.problem(404, "not_found");
    assert!(!app.state().hub.has_windows());
}
