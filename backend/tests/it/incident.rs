//! Nodes that fall silent together: one incident with its likely cause, Offline on time, and back again.

use common::ids::NodeId;
use common::node::{Node, NodeKind};
use common::overview::{IncidentCause, OpenProblem, OpenProblemCode, Overview, ProblemList, Severity};
use common::paths::{HEARTBEAT, OVERVIEW, PROBLEMS};
use common::status::{Liveness, StatusWord};
use common::stream::{Change, LiveEvent};
use serde_json::json;

use crate::support::app::{PATIENT, TestApp, TestNode};
use crate::support::client::Client;
use crate::support::sse::Stream;
use crate::support::wait_for;

async fn problems(client: &Client, query: &str) -> ProblemList {
    client.get(&format!("{PROBLEMS}{query}")).await.expect(200).json()
}

async fn beat_all(nodes: &mut [TestNode]) {
    for node in nodes {
        node.beat(&json!({"sessions": {"phone": 2, "web": 1, "max": 25}})).await;
    }
}

/// Waits until all of them are of this liveness.
async fn all_are(client: &Client, nodes: &[TestNode], liveness: Liveness) {
    wait_for("liveness", async || {
        for node in nodes {
            let now: Node = client.get(&node.path()).await.expect(200).json();
            if now.live.liveness != liveness {
                return None;
            }
        }
        Some(())
    })
    .await;
}

/// The one problem of this code, once it is what `wanted` asks for.
async fn the(client: &Client, what: &str, wanted: impl Fn(&OpenProblem) -> bool) -> OpenProblem {
    wait_for(what, async || problems(client, "").await.items.into_iter().find(|p| wanted(p))).await
}

/// A server past its grace with three backends in OM-MCT and two, of which one is a proxy, in OM-SLL.
async fn fleet() -> (TestApp, Client, Vec<TestNode>, Vec<TestNode>) {
    let app = TestApp::with(PATIENT, |_| {}).await;
    let admin = app.admin().await;
    let (a, b) = (app.region(&admin, "mct").await, app.region(&admin, "sll").await);
    let mut down = Vec::new();
    for _ in 0..3 {
        down.push(app.node(&admin, &a, NodeKind::Backend).await);
    }
    let mut up =
        vec![app.node(&admin, &b, NodeKind::Backend).await, app.node(&admin, &b, NodeKind::Proxy).await];
    app.advance(46_000);
    beat_all(&mut down).await;
    beat_all(&mut up).await;
    (app, admin, down, up)
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_of_a_region_that_fall_silent_together_are_one_incident() {
    let (app, admin, mut down, mut up) = fleet().await;
    let mut stream = Stream::open(&admin, "summary", None).await;
    let last: Vec<Node> = {
        let mut all = Vec::new();
        for n in &down {
            all.push(admin.get(&n.path()).await.expect(200).json());
        }
        all
    };
    app.advance(16_000);
    beat_all(&mut up).await;
    all_are(&admin, &down, Liveness::Stale).await;
    let p = the(&admin, "incident", |p| p.code == OpenProblemCode::RegionSilent && p.count == Some(3)).await;
    assert_eq!((p.id.as_str(), p.severity), ("region_silent:OM-MCT", Severity::Warn));

    app.advance(15_000);
    beat_all(&mut up).await;
    all_are(&admin, &down, Liveness::Offline).await;
    let p = the(&admin, "incident of offline nodes", |p| p.severity == Severity::Bad).await;
    assert_eq!((p.id.as_str(), p.count, p.evidence.total), ("region_silent:OM-MCT", Some(3), Some(3)));
    assert_eq!(p.evidence.cause, Some(IncidentCause::Region));
    assert_eq!(p.evidence.kinds_down, [NodeKind::Backend]);
    assert_eq!(p.evidence.calls, Some(9));
    let mut named: Vec<NodeId> = p.evidence.nodes.iter().map(|n| n.id).collect();
    named.sort();
    let mut ids: Vec<NodeId> = down.iter().map(|n| n.id).collect();
    ids.sort();
    assert_eq!(named, ids);
    let first = last.iter().filter_map(|n| n.live.last_heartbeat_at).min().unwrap();
    assert!(p.since.unwrap().since(first).max(first.since(p.since.unwrap())) < 1_000);

    // Offline on time, incident or not.
    for (node, before) in down.iter().zip(&last) {
        let now: Node = admin.get(&node.path()).await.expect(200).json();
        assert_eq!(now.live.status.word, StatusWord::Offline);
        let silent = now.live.status.since.since(before.live.last_heartbeat_at.unwrap());
        assert!((29_990..33_000).contains(&silent), "{silent} ms");
    }

    // The list has the incident alone; what it stands for is a question away.
    let list = problems(&admin, "").await;
    let silent = |p: &&OpenProblem| {
        matches!(
            p.code,
            OpenProblemCode::NodeOffline
                | OpenProblemCode::NodeStale
                | OpenProblemCode::NoneOnline
                | OpenProblemCode::RegionSilent
                | OpenProblemCode::ClusterSilent
        )
    };
    assert_eq!(list.items.iter().filter(silent).count(), 1, "{:?}", list.items);
    let overview: Overview = admin.get(OVERVIEW).await.expect(200).json();
    assert_eq!(overview.problems.iter().filter(silent).count(), 1);
    assert_eq!(overview.attention.counts.bad, 1);
    let folded = problems(&admin, "?incidentId=region_silent:OM-MCT").await.items;
    let codes: Vec<_> = folded.iter().map(|p| p.code.as_str()).collect();
    assert_eq!(codes.iter().filter(|c| **c == "node_offline").count(), 3, "{codes:?}");
    assert!(codes.contains(&"none_online"));
    let of_node = problems(&admin, &format!("?nodeId={}", down[0].id)).await.items;
    assert!(of_node.iter().any(|p| p.code == OpenProblemCode::NodeOffline
        && p.incident_id.as_deref() == Some("region_silent:OM-MCT")));

    // One is back: the incident stays; all are back: it is over, and that is told for a minute.
    beat_all(&mut down[..1]).await;
    the(&admin, "smaller incident", |p| p.code == OpenProblemCode::RegionSilent && p.count == Some(2)).await;
    beat_all(&mut down).await;
    let told = stream
        .wait("end of the incident", |m| {
            let LiveEvent::Delta { changes, .. } = &m.event else { return None };
            changes.iter().find_map(|c| match c {
                Change::Problems { attention, .. } => {
                    attention.cleared.iter().find(|p| p.code == OpenProblemCode::RegionSilent).cloned()
                }
                _ => None,
            })
        })
        .await;
    assert!(told.cleared_at.is_some());
    let list = problems(&admin, "").await;
    assert_eq!(list.items.iter().filter(silent).count(), 0);
    let over: Vec<_> = list.attention.cleared.iter().filter(silent).map(|p| p.id.as_str()).collect();
    assert_eq!(over, ["region_silent:OM-MCT"], "nodes do not clear beside their incident");
    assert_eq!(list.attention.last_cleared_at, told.cleared_at);
    app.advance(60_000);
    beat_all(&mut down).await;
    beat_all(&mut up).await;
    wait_for("an end of what was over", async || {
        let list = problems(&admin, "").await;
        let gone = !list.attention.cleared.iter().any(|p| p.id == "region_silent:OM-MCT");
        (gone && list.attention.last_cleared_at.is_some()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_falls_silent_is_one_incident_and_red_on_time() {
    let (app, admin, mut down, mut up) = fleet().await;
    app.advance(31_000);
    all_are(&admin, &down, Liveness::Offline).await;
    all_are(&admin, &up, Liveness::Offline).await;
    let p = the(&admin, "incident", |p| p.code == OpenProblemCode::ClusterSilent && p.count == Some(5)).await;
    assert_eq!((p.id.as_str(), p.severity), ("cluster_silent:cluster", Severity::Bad));
    assert_eq!((p.evidence.cause, p.region_id), (Some(IncidentCause::Ingress), None));
    let list = problems(&admin, "").await;
    let listed = |code| list.items.iter().filter(|p| p.code == code).count();
    assert_eq!((listed(OpenProblemCode::RegionSilent), listed(OpenProblemCode::NodeOffline)), (0, 0));
    // 0/N says 0/N, whatever an incident says of the cause.
    let overview: Overview = admin.get(OVERVIEW).await.expect(200).json();
    let (b, c) = (overview.cluster.backend, overview.collecting);
    assert_eq!((b.online, b.registered, b.offline, c), (0, 4, 4, None));
    beat_all(&mut down).await;
    beat_all(&mut up).await;
    wait_for("an end", async || {
        let none = |p: &OpenProblem| !p.code.is_incident();
        problems(&admin, "").await.items.iter().all(none).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_heartbeats_are_the_likely_cause() {
    let (app, admin, mut down, mut up) = fleet().await;
    app.advance(16_000);
    // They go on beating, with secrets that nobody knows.
    for node in &mut down {
        let body = node.body(&json!({"nodeId": node.id}));
        let wrong = node.client.with(crate::support::client::Auth::Secret("w".repeat(53)));
        wrong.post(HEARTBEAT, &body).await.problem(401, "unknown_secret");
    }
    beat_all(&mut up).await;
    let p = the(&admin, "incident", |p| p.code == OpenProblemCode::RegionSilent && p.count == Some(3)).await;
    assert_eq!(p.evidence.cause, Some(IncidentCause::Refused));
    assert_eq!(p.evidence.reason.as_deref(), Some("unknown_secret"));
    assert!(!p.rejections.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_silent_node_of_many_is_no_incident() {
    let (app, admin, mut down, mut up) = fleet().await;
    // The others are heard before anybody is late: a sweep in between must not find them all silent.
    app.advance(8_000);
    beat_all(&mut up).await;
    beat_all(&mut down[1..]).await;
    app.advance(8_000);
    let p = the(&admin, "single alert", |p| p.node_id == Some(down[0].id)).await;
    assert_eq!((p.code, p.incident_id), (OpenProblemCode::NodeStale, None));
    assert!(!problems(&admin, "").await.items.iter().any(|p| p.code.is_incident()));
}
