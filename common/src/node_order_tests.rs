use super::*;

fn id(n: u128) -> NodeId {
    NodeId(uuid::Uuid::from_u128(n))
}

fn facts<'a>(n: u128, word: StatusWord, region: &'a RegionId, endpoint: &'a str) -> NodeFacts<'a> {
    NodeFacts {
        id: id(n),
        word,
        since: Timestamp(0),
        name: None,
        endpoint,
        region: Some(region),
        kind: NodeKind::Backend,
        cpu: None,
        ram: None,
        sessions: None,
        network: None,
        heard: None,
        version: None,
        sip: None,
        started: None,
        reason: None,
        label: None,
    }
}

fn sorted(all: &[NodeFacts<'_>], sort: &str) -> Vec<u128> {
    let sort = NodeSort::parse(sort).unwrap();
    let mut keys: Vec<_> = all.iter().map(|f| OrderKey::new(f, sort.column)).collect();
    keys.sort_by(|a, b| a.compare(b, sort));
    keys.iter().map(|k| k.id.0.as_u128()).collect()
}

#[test]
fn worst_first_then_region_then_endpoint_as_people_count() {
    let (om, us, de) = (RegionId::from("OM-MCT"), RegionId::from("US-EAST"), RegionId::from("DE-FRA"));
    let all = [
        facts(1, StatusWord::Online, &om, "10.0.0.10:5002"),
        facts(2, StatusWord::Online, &om, "10.0.0.9:5002"),
        facts(3, StatusWord::Offline, &us, "10.1.0.3:5001"),
        facts(4, StatusWord::Online, &de, "10.2.0.1:5002"),
        facts(5, StatusWord::Stale, &de, "10.2.0.7:5002"),
        facts(6, StatusWord::Online, &om, "10.0.0.9:5002"),
    ];
    assert_eq!(sorted(&all, "status"), [3, 5, 4, 2, 6, 1]);
    // Turned round, what breaks ties keeps its direction.
    assert_eq!(sorted(&all, "-status"), [4, 2, 6, 1, 5, 3]);
    assert_eq!(sorted(&all, "region"), [5, 4, 2, 6, 1, 3]);
    assert_eq!(sorted(&all, "-id"), [6, 5, 4, 3, 2, 1]);
}

#[test]
fn no_data_is_last_in_both_directions() {
    let region = RegionId::from("OM-MCT");
    let base = |n| facts(n, StatusWord::Online, &region, "h:1");
    let filled = |n, x: f64, at: i64, text: &'static str| NodeFacts {
        cpu: Some(x),
        ram: Some(x),
        network: Some(x),
        sessions: Some(u64::try_from(at).unwrap()),
        heard: Some(Timestamp(-at)),
        started: Some(Timestamp(-at)),
        version: Some(text),
        sip: Some((text, 5060)),
        reason: Some(text),
        label: Some(("rack", text)),
        ..base(n)
    };
    let all = [filled(1, 80.5, 20, "1.10.0"), base(2), filled(3, 0.0, 3, "1.9.2")];
    let by =
        ["cpu", "ram", "network", "sessions", "heartbeat", "uptime", "version", "sip", "reason", "labels"];
    for column in by {
        assert_eq!(sorted(&all, column), [3, 1, 2], "{column}");
        assert_eq!(sorted(&all, &format!("-{column}")), [1, 3, 2], "-{column}");
    }
    let mut nowhere = base(9);
    nowhere.region = None;
    assert_eq!(sorted(&[nowhere, base(1)], "region"), [1, 9]);
    assert_eq!(sorted(&[nowhere, base(1)], "-region"), [1, 9]);
}

#[test]
fn names_count_before_endpoints_and_in_any_case() {
    let region = RegionId::from("OM-MCT");
    let named = |n, name| NodeFacts { name: Some(name), ..facts(n, StatusWord::Online, &region, "x:1") };
    let all = [named(1, "beta 2"), named(2, "Alpha"), named(3, "beta 10"), named(4, "BETA 2")];
    assert_eq!(sorted(&all, "name"), [2, 1, 4, 3]);
}

#[test]
fn an_order_of_equal_rows_does_not_depend_on_where_they_stood() {
    let region = RegionId::from("OM-MCT");
    let mut all: Vec<_> = (0..50).map(|n| facts(n, StatusWord::Online, &region, "10.0.0.1:5002")).collect();
    let first = sorted(&all, "-cpu");
    all.reverse();
    assert_eq!(sorted(&all, "-cpu"), first);
}

#[test]
fn natural_order() {
    let pairs = [
        ("a2", "a10"),
        ("10.0.0.9:1", "10.0.0.10:1"),
        ("a", "a1"),
        ("007", "8"),
        ("node-1", "node-b"),
        ("12345678", "123456789"),
        ("123456789", "1234567890"),
        ("99999999999999999999", "100000000000000000000"),
        ("x9y", "x9z"),
        ("1.9.2", "1.10.0"),
    ];
    for (a, b) in pairs {
        assert!(natural_key(a) < natural_key(b), "{a} {b}");
    }
    assert_eq!(natural_key("a01"), natural_key("a1"));
}

#[test]
fn columns_have_names() {
    for (column, name) in NodeColumn::ALL {
        assert_eq!((NodeColumn::parse(name), column.as_str()), (Some(column), name));
        let down = NodeSort { column, descending: true };
        assert_eq!(NodeSort::parse(&down.text()), Some(down));
    }
    assert_eq!((NodeSort::parse("x"), NodeSort::parse("--cpu"), NodeSort::parse("")), (None, None, None));
}

#[test]
fn a_whole_node_and_its_figures_while_it_is_silent() {
    let text = r#"{"id":"00000000-0000-0000-0000-000000000001","status":{"word":"online","since":"2026-01-01T00:00:00.000Z",
        "inheritedFrom":null},"liveness":"live","sessions":{"phone":2,"web":null,"max":25},"hardware":{"cpuPercent":5.5,
        "networkDownMbps":1.5,"networkUpMbps":2.0},"lastHeartbeatAt":"2026-01-01T00:00:00.000Z","intervalMs":5000,
        "startedAt":"2026-01-01T00:00:00.000Z","conditions":[],"commands":[],"regionId":"OM-MCT","kind":"backend",
        "endpoint":{"scheme":"http","host":"10.0.0.1","port":5002,"path":""},"sipHost":"10.0.0.1","sipPort":5080,"sipTransport":"udp","labels":{"rack":"b2"},
        "development":false,"intent":{"state":"active"},"secret":{"fingerprint":"0","createdAt":"2026-01-01T00:00:00.000Z"},
        "createdAt":"2026-01-01T00:00:00.000Z","version":1}"#;
    let mut node: Node = serde_json::from_str(text).unwrap();
    let endpoint = node.endpoint.authority();
    let f = NodeFacts::of(&node, &endpoint);
    assert_eq!(
        (f.sessions, f.cpu, f.network, f.sip),
        (Some(2), Some(5.5), Some(3.5), Some(("10.0.0.1", 5080)))
    );
    assert_eq!((f.label, f.started.is_some(), f.heard.is_some()), (Some(("rack", "b2")), true, true));
    node.live.liveness = Liveness::Offline;
    let f = NodeFacts::of(&node, &endpoint);
    assert_eq!((f.sessions, f.cpu, f.network, f.started), (None, None, None, None));
    assert!(f.heard.is_some());
}
