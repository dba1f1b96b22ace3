//! Lists too long for a browser: which nodes they hold, in which order, and a page of ten thousand.

use common::endpoint::Endpoint;
use common::ids::NodeId;
use common::node::{Node, NodeKind, NodePage};
use common::node_order::{NodeColumn, NodeFacts, NodeOrder, NodeSort, ORDER_MAX, OrderKey};
use common::paths::{NODES, NODES_ORDER};
use common::status::StatusWord;
use serde_json::json;
use uuid::Uuid;

use crate::support::app::{TestApp, TestNode};
use crate::support::client::Client;

/// Adds nodes like this one to the fleet in memory; the database is not asked about them.
pub(crate) fn fill(app: &TestApp, like: &TestNode, count: usize) -> Vec<NodeId> {
    let fleet = &app.state().fleet;
    let record = fleet.node(like.id).unwrap().record();
    (0..count)
        .map(|n| {
            let mut record = record.clone();
            record.id = NodeId(Uuid::now_v7());
            record.endpoint = Endpoint::parse(&format!("10.9.{}.{}:5002", n / 250, n % 250)).unwrap();
            record.secrets.clear();
            fleet.node_add(record).id
        })
        .collect()
}

fn size(n: u32) -> usize {
    usize::try_from(n).unwrap()
}

async fn order(client: &Client, query: &str) -> NodeOrder {
    client.get(&format!("{NODES_ORDER}?{query}")).await.expect(200).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_come_in_order_with_counts_of_what_the_filters_would_leave() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (a, b) = (app.region(&admin, "a").await, app.region(&admin, "b").await);
    let mut nodes = [
        app.node(&admin, &a, NodeKind::Backend).await,
        app.node(&admin, &b, NodeKind::Backend).await,
        app.node(&admin, &a, NodeKind::Proxy).await,
        app.node(&admin, &b, NodeKind::Backend).await,
    ];
    let ids = [nodes[0].id, nodes[1].id, nodes[2].id, nodes[3].id];
    nodes[0]
        .beat(&json!({"version": "1.10.0", "hardware": {"cpuPercent": 5.0}, "sessions": {"phone": 9}}))
        .await;
    nodes[1].beat(&json!({"version": "1.9.2", "hardware": {"cpuPercent": 80.0}, "sessions": {"phone": 1, "web": 1}})).await;
    nodes[2].beat(&json!({"version": "1.9.2", "outbound": {"processing": 4}})).await;
    for (query, wanted) in [
        // Node 3 was never heard of, which is the worst here.
        ("", vec![ids[3], ids[0], ids[2], ids[1]]),
        ("sort=-status", vec![ids[0], ids[2], ids[1], ids[3]]),
        ("sort=cpu", vec![ids[0], ids[1], ids[3], ids[2]]),
        ("sort=-cpu", vec![ids[1], ids[0], ids[3], ids[2]]),
        ("sort=-sessions", vec![ids[0], ids[2], ids[1], ids[3]]),
        ("sort=version", vec![ids[2], ids[1], ids[0], ids[3]]),
        ("sort=id&regionId=om-b", vec![ids[1], ids[3]]),
        ("sort=id&regionId=om-b&regionId=OM-A&kind=backend", vec![ids[0], ids[1], ids[3]]),
        ("sort=id&status=online&version=1.9.2", vec![ids[1], ids[2]]),
        ("sort=id&version=1.9.2&version=1.10.0&kind=backend", vec![ids[0], ids[1]]),
        ("sort=id&q=1.10", vec![ids[0]]),
        ("regionId=XX-NONE", vec![]),
    ] {
        let order = order(&admin, query).await;
        assert_eq!(order.ids, wanted, "{query}");
        assert_eq!((size(order.total), order.registered, order.truncated), (wanted.len(), 4, false));
    }
    // What another word or version would leave is counted; what the other filters keep out is not.
    let some = order(&admin, "status=never_seen&regionId=om-b").await;
    let words: Vec<_> = some.counts.iter().map(|c| (c.word, c.count)).collect();
    assert_eq!((some.total, words), (1, vec![(StatusWord::NeverSeen, 1), (StatusWord::Online, 1)]));
    let some = order(&admin, "version=1.10.0").await;
    let versions: Vec<_> = some.versions.iter().map(|v| (v.version.as_str(), v.count)).collect();
    assert_eq!((some.total, versions), (1, vec![("1.9.2", 2), ("1.10.0", 1)]));
    let change: i64 = admin
        .post(common::paths::REGIONS, &json!({"countryCode": "OM", "name": "c"}))
        .await
        .expect(201)
        .header("x-change")
        .parse()
        .unwrap();
    assert!(order(&admin, "").await.change >= change);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_told_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let long = "x".repeat(101);
    let all = format!("{NODES_ORDER}?sort=colour&status=foo&q={long}&label=&version=&regionId=");
    let errors: Vec<String> = admin.get(&all).await.field_errors().into_iter().map(|(p, _)| p).collect();
    let wanted = ["sort", "regionId", "label", "version", "status", "q"].map(|name| format!("#query/{name}"));
    assert_eq!(errors, wanted);
    let many = format!("{NODES_ORDER}?{}", "regionId=A&".repeat(51));
    for bad in ["kind=router", "color=red", "sort=--cpu", "sort=cpu&sort=ram", "status=online,,stale"] {
        admin.get(&format!("{NODES_ORDER}?{bad}")).await.field_errors();
    }
    assert_eq!(admin.get(&many).await.field_errors()[0].0, "#query/regionId");
    let same = admin.get(&format!("{NODES}?status=foo&version=")).await.field_errors();
    assert_eq!(same.len(), 2, "the list itself tells all too: {same:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_sorts_as_the_console_does() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let regions = [app.region(&admin, "a").await, app.region(&admin, "b").await];
    for n in 0..12_usize {
        let kind = if n % 3 == 0 { NodeKind::Proxy } else { NodeKind::Backend };
        let mut node = app.node(&admin, &regions[n % 2], kind).await;
        let figures = match n % 4 {
            0 => json!({}),
            1 => {
                json!({"hardware": {"cpuPercent": n, "memoryPercent": 50, "networkUpMbps": n}, "version": "1.9"})
            }
            2 => json!({"sessions": {"phone": n}, "outbound": {"processing": n}, "version": "1.10",
                "startedAt": "2026-01-01T00:00:00.000Z", "runtime": {"status": "maintenance", "reason": "Patches"}}),
            _ => continue,
        };
        node.beat(&figures).await;
    }
    let page: NodePage = admin.get(NODES).await.expect(200).json();
    assert_eq!((page.items.len(), page.total), (12, 12));
    let endpoints: Vec<String> = page.items.iter().map(|n| n.endpoint.authority()).collect();
    for (column, name) in NodeColumn::ALL {
        for descending in [false, true] {
            let sort = NodeSort { column, descending };
            let mut keys: Vec<OrderKey> = page
                .items
                .iter()
                .zip(&endpoints)
                .map(|(node, endpoint)| OrderKey::new(&NodeFacts::of(node, endpoint), column))
                .collect();
            keys.sort_by(|a, b| a.compare(b, sort));
            let wanted: Vec<NodeId> = keys.into_iter().map(|key| key.id).collect();
            assert_eq!(order(&admin, &format!("sort={}", sort.text())).await.ids, wanted, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_large_fleet_say_how_many_there_are_and_an_order_has_an_end() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut first = app.node(&admin, &region, NodeKind::Backend).await;
    first.beat(&json!({})).await;
    fill(&app, &first, ORDER_MAX);
    let page: NodePage = admin.get(&format!("{NODES}?limit=100&status=never_seen")).await.expect(200).json();
    assert_eq!((page.items.len(), size(page.total)), (100, ORDER_MAX));
    let after = page.next_cursor.unwrap();
    let next: NodePage =
        admin.get(&format!("{NODES}?limit=100&status=never_seen&cursor={after}")).await.expect(200).json();
    assert_eq!(next.total, page.total, "all pages together, whichever of them this is");
    assert!(page.items.iter().map(Node::id).max() < next.items.iter().map(Node::id).min());
    let order = order(&admin, "sort=endpoint").await;
    assert_eq!((order.ids.len(), size(order.total), order.truncated), (ORDER_MAX, ORDER_MAX + 1, true));
    assert_eq!(order.counts.iter().map(|c| size(c.count)).sum::<usize>(), ORDER_MAX + 1);
}
