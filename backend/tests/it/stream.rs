//! The live stream: how it begins, goes on, is resumed and ends.

use common::node::NodeKind;
use common::paths::{REGIONS, STREAM};
use common::stream::{ByeReason, Change, LiveEvent, SnapshotData, Topic};
use serde_json::json;

use crate::support::app::{PATIENT, QUICK, TestApp};
use crate::support::client::Auth;
use crate::support::sse::{Message, Stream};

fn kind(m: &Message) -> &'static str {
    match m.event {
        LiveEvent::Hello { .. } => "hello",
        LiveEvent::Snapshot { .. } => "snapshot",
        LiveEvent::Delta { .. } => "delta",
        LiveEvent::Tick { .. } => "tick",
        LiveEvent::Reset { .. } => "reset",
        LiveEvent::Bye { .. } => "bye",
    }
}

fn change_of(m: &Message) -> Option<i64> {
    match m.event {
        LiveEvent::Snapshot { change, .. } | LiveEvent::Delta { change, .. } => Some(change),
        _ => None,
    }
}

/// The phone figure that a message tells of whatever node.
fn phone(m: &Message) -> Option<u32> {
    let LiveEvent::Delta { changes, .. } = &m.event else { return None };
    changes.iter().rev().find_map(|c| match c {
        Change::NodeLive { live } => live.sessions.as_ref()?.phone,
        _ => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn it_begins_with_hello_and_the_whole_state_and_goes_on_with_what_changes() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let topics = format!("summary,nodes,region:{},node:{}", region.to_lowercase(), node.id);
    let mut stream = Stream::open(&admin.with_token().await, &topics, None).await;
    match stream.next().await.unwrap().event {
        LiveEvent::Hello { tick_ms, timers, resumed, version, .. } => {
            assert_eq!((tick_ms, timers.interval_ms, resumed), (2_000, PATIENT.interval_ms, false));
            assert_eq!(version, env!("CARGO_PKG_VERSION"));
        }
        other => panic!("{other:?}"),
    }
    let mut snapshots = Vec::new();
    for _ in 0..4 {
        match stream.next().await.unwrap().event {
            LiveEvent::Snapshot { topic, data, .. } => {
                match (&topic, data) {
                    (Topic::Summary, SnapshotData::Summary { overview }) => {
                        assert_eq!(overview.regions[0].id.as_str(), region)
                    }
                    (Topic::Nodes, SnapshotData::Nodes { region: None, nodes, truncated: false }) => {
                        assert_eq!(nodes[0].id(), node.id)
                    }
                    (Topic::Region(id), SnapshotData::Nodes { region: Some(r), nodes, .. }) => {
                        assert_eq!((id, r.id.as_str(), nodes[0].id()), (&r.id, region.as_str(), node.id));
                    }
                    (Topic::Node(id), SnapshotData::Node { node: n }) => {
                        assert_eq!((*id, n.id()), (node.id, node.id))
                    }
                    other => panic!("{other:?}"),
                }
                snapshots.push(topic.to_string());
            }
            other => panic!("{other:?}"),
        }
    }
    snapshots.sort();
    assert_eq!(
        snapshots,
        [format!("node:{}", node.id), "nodes".into(), format!("region:{region}"), "summary".into()]
    );

    node.beat(&json!({"sessions": {"phone": 3}})).await;
    let mut told = Vec::new();
    stream
        .wait("delta of each topic", |m| {
            if let LiveEvent::Delta { topic, changes, .. } = &m.event {
                let hit = changes.iter().any(|c| match c {
                    Change::NodeLive { live } => {
                        live.id == node.id && live.sessions.as_ref().unwrap().phone == Some(3)
                    }
                    Change::Cluster { capacity } => capacity.conversations.phone == Some(3),
                    _ => false,
                });
                if hit && !told.contains(topic) {
                    told.push(topic.clone());
                }
            }
            (told.len() == 4).then_some(())
        })
        .await;
    stream.wait("tick", |m| (kind(m) == "tick").then_some(())).await;
    let seqs: Vec<u64> = stream.seen.iter().map(|m| m.id.seq).filter(|seq| *seq != 0).collect();
    assert!(seqs.is_sorted(), "{seqs:?}");
    assert!(stream.seen.iter().all(|m| m.id.epoch == stream.seen[0].id.epoch));
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_are_told_at_most_four_times_a_second_newest_first_to_count() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let mut stream = Stream::open(&admin, &format!("node:{}", node.id), None).await;
    let began = app.state().clock.mono();
    for n in 1..=200 {
        node.beat(&json!({"sessions": {"phone": n}})).await;
    }
    stream.wait("newest figure", |m| phone(m).filter(|n| *n == 200)).await;
    let took_ms = app.state().clock.mono().since(began);
    let deltas = stream.seen.iter().filter(|m| kind(m) == "delta").count();
    assert!(u64::try_from(deltas).unwrap() <= 2 + took_ms / 250, "{deltas} deltas in {took_ms} ms");
    let figures: Vec<u32> = stream.seen.iter().filter_map(phone).collect();
    assert!(figures.is_sorted(), "{figures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_follows_and_nothing_else() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let mut always = Stream::open(&admin, "nodes", None).await;
    let mut first = Stream::open(&admin, "nodes", None).await;
    node.beat(&json!({"sessions": {"phone": 1}})).await;
    first.wait("first figure", |m| phone(m).filter(|n| *n == 1)).await;
    let last = first.last_id();
    drop(first);
    // Each in a delta of its own, which another reader sees come.
    for n in 2..=4 {
        node.beat(&json!({"sessions": {"phone": n}})).await;
        always.wait("figure", |m| phone(m).filter(|p| *p == n)).await;
    }

    let mut again = Stream::open(&admin, "nodes", Some(&last)).await;
    assert!(matches!(again.next().await.unwrap().event, LiveEvent::Hello { resumed: true, .. }));
    again.wait("last figure", |m| phone(m).filter(|n| *n == 4)).await;
    let after: common::stream::EventId = last.parse().unwrap();
    let deltas = |s: &Stream| -> Vec<Message> {
        s.seen.iter().filter(|m| kind(m) == "delta" && m.id.seq > after.seq).cloned().collect()
    };
    assert_eq!(deltas(&again), deltas(&always));
    assert_eq!(deltas(&again).iter().filter_map(phone).collect::<Vec<_>>(), [2, 3, 4]);
    assert!(again.seen.iter().all(|m| kind(m) != "snapshot" && kind(m) != "reset"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_another_run_or_of_other_topics_begins_anew() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut stream = Stream::open(&admin, "summary", None).await;
    stream.wait("snapshot", |m| (kind(m) == "snapshot").then_some(())).await;
    let last = stream.last_id();
    app.pause().await;
    let bye = stream.wait("bye", |m| match m.event {
        LiveEvent::Bye { reason } => Some(reason),
        _ => None,
    });
    assert_eq!(bye.await, ByeReason::Shutdown);
    assert_eq!(stream.next().await, None);
    app.resume().await;
    let admin = admin.at(app.base());
    for last in [last.as_str(), "nonsense", "ffffffffffffffff-18446744073709551615"] {
        let mut stream = Stream::open(&admin, "summary", Some(last)).await;
        stream.wait("snapshot", |m| (kind(m) == "snapshot").then_some(())).await;
        assert_eq!(
            stream.seen.iter().map(kind).collect::<Vec<_>>(),
            ["hello", "reset", "snapshot"],
            "{last}"
        );
        assert!(matches!(stream.seen[0].event, LiveEvent::Hello { resumed: false, .. }));
    }
    // What does not exist has a snapshot too.
    let mut stream = Stream::open(&admin, "region:XX-NONE", None).await;
    let gone = stream.wait("snapshot", |m| match &m.event {
        LiveEvent::Snapshot { data, .. } => Some(data.clone()),
        _ => None,
    });
    assert_eq!(gone.await, SnapshotData::Gone);
    assert_eq!(region, "OM-MCT");
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_are_named_or_refused() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let many = vec!["nodes"; 51].join(",");
    for bad in ["", "x", "nodes,", "region:", "node:1", many.as_str()] {
        let errors = admin.get(&format!("{STREAM}?topics={bad}")).await.field_errors();
        assert_eq!(errors[0].0, "#query/topics", "{bad}");
    }
    admin.get(&format!("{STREAM}?topics=nodes&x=1")).await.field_errors();
    app.anonymous().get(STREAM).await.problem(401, "unauthenticated");
    app.anonymous().with(Auth::Cookie("x".into())).get(STREAM).await.problem(401, "unauthenticated");
    // Nothing secret belongs into an address, so a token there is no credential.
    app.anonymous().get(&format!("{STREAM}?access_token=x")).await.problem(401, "unauthenticated");
    assert_eq!(app.state().hub.stats().open, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_can_wait_for_its_own_write() {
    let app = TestApp::with(QUICK, |_| {}).await;
    let admin = app.admin().await;
    let mut summary = Stream::open(&admin, "summary", None).await;
    let mut nodes = Stream::open(&admin, "nodes", None).await;
    for stream in [&mut summary, &mut nodes] {
        stream.wait("snapshot", |m| (kind(m) == "snapshot").then_some(())).await;
    }
    for n in 0..5 {
        let reply =
            admin.post(REGIONS, &json!({"countryCode": "OM", "name": format!("r{n}")})).await.expect(201);
        let (change, id): (i64, String) = (reply.header("x-change").parse().unwrap(), format!("OM-R{n}"));
        let mut there = false;
        summary
            .wait("own write", |m| {
                if let LiveEvent::Delta { changes, .. } = &m.event {
                    there |= changes
                        .iter()
                        .any(|c| matches!(c, Change::Region { region } if region.id.as_str() == id));
                }
                (change_of(m)? >= change).then_some(())
            })
            .await;
        assert!(there, "change {change} was told before region {id} was");

        let endpoint = format!("10.9.0.{n}");
        let body = json!({"regionId": id, "kind": "proxy", "endpoint": endpoint});
        let reply = admin.post(common::paths::NODES, &body).await.expect(201);
        let change: i64 = reply.header("x-change").parse().unwrap();
        let added = reply.value()["node"]["id"].as_str().unwrap().to_owned();
        let mut there = false;
        nodes
            .wait("own write", |m| {
                if let LiveEvent::Delta { changes, .. } = &m.event {
                    there |= changes
                        .iter()
                        .any(|c| matches!(c, Change::Node { node } if node.id().to_string() == added));
                }
                (change_of(m)? >= change).then_some(())
            })
            .await;
        assert!(there, "change {change} was told before node {added} was");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_leaves_is_forgotten() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut open = Vec::new();
    for _ in 0..20 {
        let mut stream = Stream::open(&admin, "summary,nodes", None).await;
        stream.next().await.unwrap();
        open.push(stream);
    }
    assert_eq!(app.state().hub.stats().open, 20);
    open.truncate(5);
    // Who is gone shows at the next tick, which cannot be written.
    crate::support::wait_for("end of the others", async || (app.state().hub.stats().open == 5).then_some(()))
        .await;
    for stream in &mut open {
        stream.wait("tick", |m| (kind(m) == "tick").then_some(())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_write_comes_on_every_topic() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Proxy).await;
    let mut elsewhere = Stream::open(&admin, &format!("node:{}", node.id), None).await;
    elsewhere.wait("snapshot", |m| (kind(m) == "snapshot").then_some(())).await;
    // Nothing of this node changes, and yet whoever follows it alone can wait for its own write.
    let reply = admin.post(REGIONS, &json!({"countryCode": "OM", "name": "sll"})).await.expect(201);
    let change: i64 = reply.header("x-change").parse().unwrap();
    elsewhere.wait("own write", |m| (kind(m) == "delta" && change_of(m)? >= change).then_some(())).await;
}
