//! Nodes: added with a secret that is shown once, listed, read, refused; and kept through a restart.

use backend::auth::secret::hash;
use common::auth::Role;
use common::ids::RegionId;
use common::node::{CreatedNode, Node, NodeKind, NodePage, SipTransport};
use common::paths::{NODES, REGIONS};
use common::snippet;
use common::status::{IntentState, Liveness, StatusWord};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::{Auth, header};

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_added_with_its_address_in_normal_form() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.region(&admin, "mct").await;
    let body = json!({
        "regionId": "OM-MCT", "kind": "backend", "endpoint": " HTTP://Node1.Example:5002/base/ ",
        "displayName": " First ", "notes": "rack 4", "labels": {"rack": "4"}, "maxConcurrentCalls": 25,
        "externalId": "65f0c0ffee65f0c0ffee1234", "sipTransport": "tls",
    });
    let reply = admin.post(NODES, &body).await.expect(201);
    assert_eq!(reply.header("etag"), "\"1\"");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert!(reply.header("x-change").parse::<i64>().unwrap() > 1);
    let created: CreatedNode = reply.json();
    let node = &created.node;
    assert_eq!(reply.header("location"), format!("{NODES}/{}", node.id()));
    assert_eq!(node.endpoint.to_string(), "http://node1.example:5002/base");
    assert_eq!(
        (node.sip_host.as_deref(), node.sip_port, node.sip_transport),
        (Some("node1.example"), Some(5080), SipTransport::Tls)
    );
    assert_eq!((node.display_name.as_deref(), node.notes.as_deref()), (Some("First"), Some("rack 4")));
    assert_eq!((node.max_concurrent_calls, node.labels["rack"].as_str()), (Some(25), "4"));
    assert_eq!((node.live.liveness, node.live.status.word), (Liveness::NeverSeen, StatusWord::NeverSeen));
    assert_eq!((node.live.last_heartbeat_at, node.live.sessions.is_none()), (None, true));
    assert_eq!(node.secret.fingerprint, hash(&created.plain_secret).fingerprint());
    let read = admin.get(&format!("{NODES}/{}", node.id())).await.expect(200);
    assert_eq!(read.header("etag"), "\"1\"");
    assert_eq!(read.json::<Node>(), *node);

    let proxy = json!({"regionId": "OM-MCT", "kind": "proxy", "endpoint": "https://[2001:DB8::1]", "startInMaintenance": true});
    let proxy: CreatedNode = admin.post(NODES, &proxy).await.expect(201).json();
    assert_eq!(proxy.node.endpoint.to_string(), "https://[2001:db8::1]:443");
    assert_eq!((proxy.node.sip_port, proxy.node.intent.state), (Some(5060), IntentState::Maintenance));
    assert_ne!(proxy.plain_secret, created.plain_secret);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_in_one_reply_and_nowhere_else() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let body =
        json!({"regionId": region, "kind": "backend", "endpoint": "10.0.0.1:5002", "maxConcurrentCalls": 25});
    let request =
        admin.request(reqwest::Method::POST, NODES).headers(header("origin", app.base())).json(&body);
    let created: CreatedNode = admin.send(request).await.expect(201).json();
    let secret = &created.plain_secret;
    assert!(secret.starts_with("iqn_") && secret.len() == 53, "{}", secret.len());

    // The fragment, pasted unchanged, is what the agent reads.
    let settings = snippet::parse(&created.snippet).unwrap();
    assert_eq!(
        (settings.kind, &settings.api_key, settings.url.as_str()),
        (NodeKind::Backend, secret, app.base())
    );
    assert_eq!(settings.id, Some(created.node.id().to_string()));
    assert_eq!(
        (settings.region_id, settings.max_concurrent_calls),
        (Some(RegionId::from("OM-MCT")), Some(25))
    );
    assert_eq!(created.command, "iqra-node run --appsettings appsettings.json");

    let path = format!("{NODES}/{}", created.node.id());
    for path in [path.as_str(), NODES, REGIONS, common::paths::OVERVIEW] {
        let text = admin.get(path).await.expect(200).text;
        assert!(!text.contains(secret) && !text.contains("plainSecret"), "{path}");
    }
    let stored = app.db.text("SELECT encode(sha256, 'hex') FROM node_secrets").await;
    assert_eq!(stored, backend::auth::hex(&hash(secret).0));
    let sealed = app.db.text("SELECT encode(sealed, 'escape') FROM node_secrets").await;
    assert!(sealed.len() > secret.len() && !sealed.contains(secret) && !sealed.contains(&secret[4..]));

    // It opens the node's door, and no other one.
    let node = app.anonymous().with(Auth::Secret(secret.clone()));
    let bootstrap = node.get("/api/v1/node/bootstrap").await.expect(200);
    assert_eq!(bootstrap.value()["nodeId"], created.node.id().to_string());
    assert_eq!(bootstrap.value()["endpoint"]["port"], 5002);
    assert!(bootstrap.header("etag").starts_with('"') && !bootstrap.text.contains(secret));
    node.get(NODES).await.problem(401, "unauthenticated");
    app.anonymous().with(Auth::Bearer(secret.clone())).get(NODES).await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_error_is_told_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let bad = json!({
        "regionId": "OM-NONE", "kind": "background", "endpoint": "ftp://x", "sipPort": 0, "sipHost": "a b",
        "displayName": "x".repeat(81), "maxConcurrentCalls": 0, "externalId": "", "labels": {"Rack": "4"},
    });
    let errors = admin.post(NODES, &bad).await.field_errors();
    let pointers: Vec<&str> = errors.iter().map(|(p, _)| p.as_str()).collect();
    let wanted = [
        "/regionId",
        "/kind",
        "/endpoint",
        "/sipPort",
        "/sipHost",
        "/displayName",
        "/maxConcurrentCalls",
        "/externalId",
        "/labels",
    ];
    assert_eq!(pointers, wanted);
    for (endpoint, code) in [
        ("", "required"),
        ("http://user:pw@host", "endpoint_userinfo"),
        ("http://host/?q", "endpoint_query"),
        ("http://host:0", "endpoint_port"),
        ("http://a b", "endpoint_host"),
    ] {
        let body = json!({"regionId": region, "kind": "proxy", "endpoint": endpoint});
        assert_eq!(
            admin.post(NODES, &body).await.field_errors(),
            [("/endpoint".to_owned(), code.to_owned())]
        );
    }
    let unknown = json!({"regionId": region, "kind": "proxy", "endpoint": "10.0.0.1", "apiKey": "x"});
    assert_eq!(admin.post(NODES, &unknown).await.field_errors()[0].0, "/apiKey");
    let wrong = json!({"regionId": region, "kind": "router", "endpoint": "10.0.0.1"});
    assert_eq!(admin.post(NODES, &wrong).await.field_errors()[0].0, "/kind");
    let page: NodePage = admin.get(NODES).await.expect(200).json();
    assert!(page.items.is_empty(), "a refused request changed something");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_and_an_external_id_belong_to_one_node() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let other = app.region(&admin, "sll").await;
    let spellings =
        ["https://Node.Example", "node.example.:443", "https://node.example:443/", "http://NODE.example:443"];
    let bodies = spellings.map(|e| json!({"regionId": region, "kind": "proxy", "endpoint": e}));
    let replies = join_all(bodies.iter().map(|b| admin.post(NODES, b))).await;
    let (made, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|r| r.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 3));
    for reply in refused {
        assert_eq!(reply.problem(409, "endpoint_taken").errors[0].pointer, "/endpoint");
    }
    // Another path is another server; another region is not.
    let body = |region: &str, endpoint: &str, id: &str| json!({"regionId": region, "kind": "backend", "endpoint": endpoint, "externalId": id});
    admin.post(NODES, &body(&other, "node.example:443/b", "mine")).await.expect(201);
    admin.post(NODES, &body(&other, "node.example:443", "x")).await.problem(409, "endpoint_taken");
    let taken = admin.post(NODES, &body(&other, "10.0.0.9", "mine")).await;
    assert_eq!(taken.problem(409, "external_id_taken").errors[0].pointer, "/externalId");
    let page: NodePage = admin.get(NODES).await.expect(200).json();
    assert_eq!(page.items.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_comes_in_pages_and_can_be_narrowed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (om, us) = (app.region(&admin, "a").await, app.region(&admin, "b").await);
    let mut ids = Vec::new();
    for (region, kind) in
        [(&om, NodeKind::Proxy), (&om, NodeKind::Backend), (&us, NodeKind::Backend), (&om, NodeKind::Backend)]
    {
        ids.push(app.node(&admin, region, kind).await.id);
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page: NodePage = admin.get(&format!("{NODES}?limit=2{cursor}")).await.expect(200).json();
        found.extend(page.items.iter().map(Node::id));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, ids, "ids of version 7 come in the order they were made");
    for (query, wanted) in [
        ("regionId=om-a", vec![ids[0], ids[1], ids[3]]),
        ("kind=backend", vec![ids[1], ids[2], ids[3]]),
        ("regionId=OM-A&kind=backend", vec![ids[1], ids[3]]),
        ("regionId=XX-NONE", vec![]),
    ] {
        let page: NodePage = admin.get(&format!("{NODES}?{query}")).await.expect(200).json();
        assert_eq!(page.items.iter().map(Node::id).collect::<Vec<_>>(), wanted, "{query}");
    }
    for bad in ["cursor=x", "kind=router", "limit=0", "color=red"] {
        admin.get(&format!("{NODES}?{bad}")).await.field_errors();
    }
    for id in ["x", "0198f6a2-0000-7000-8000-000000000001"] {
        admin.get(&format!("{NODES}/{id}")).await.problem(404, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_everything() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let operator = app.signed_in_as(Role::Operator).await;
    let token = operator.with_token().await;
    let region = app.region(&admin, "mct").await;
    let mut nodes = [
        app.node(&admin, &region, NodeKind::Proxy).await,
        app.node(&admin, &region, NodeKind::Backend).await,
    ];
    nodes[1].beat(&json!({"sessions": {"phone": 3, "web": 1, "max": 25}, "version": "1.4.2"})).await;
    let before = admin.get(NODES).await.expect(200).value();
    let regions = admin.get(REGIONS).await.expect(200).value();

    app.pause().await;
    app.resume().await;
    let admin = admin.at(app.base());
    let after = admin.get(NODES).await.expect(200).value();
    assert_eq!(after["items"][0], before["items"][0], "a node that never beat");
    // What a beating node said is kept, but not yet confirmed by this run of the server.
    let (was, is) = (&before["items"][1], &after["items"][1]);
    for member in [
        "id",
        "endpoint",
        "secret",
        "createdAt",
        "version",
        "sessions",
        "bootId",
        "softwareVersion",
        "intervalMs",
    ] {
        assert_eq!(is[member], was[member], "{member}");
    }
    assert_eq!((&was["liveness"], &is["liveness"]), (&json!("live"), &json!("unconfirmed")));
    let again = admin.get(REGIONS).await.expect(200).value();
    let without_status = |v: &Value| {
        let mut v = v["items"][0].clone();
        v["status"].take();
        v["capacity"].take();
        v
    };
    assert_eq!(without_status(&again), without_status(&regions));
    operator.at(app.base()).get(NODES).await.expect(200);
    token.at(app.base()).get(NODES).await.expect(200);
    for node in &mut nodes {
        node.moved(&app);
        assert_eq!(node.beat(&json!({})).await["duplicate"], false);
    }
}
