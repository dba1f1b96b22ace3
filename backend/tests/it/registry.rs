//! What is registered is changed: by version, whole or not at all, told to whoever follows.

use common::auth::Role;
use common::node::{Node, NodeKind, NodePage};
use common::paths::{NODES, REGIONS};
use common::region::Region;
use common::stream::{Change, LiveEvent};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::{Client, Reply};
use crate::support::sse::{Message, Stream};
use crate::support::wait_for;

/// `PATCH` based on `version`.
pub(crate) async fn patch(client: &Client, path: &str, version: i64, body: &Value) -> Reply {
    let request = client.request(Method::PATCH, path).header("if-match", format!("\"{version}\""));
    client.send(request.json(body)).await
}

fn changes(m: &Message) -> &[Change] {
    match &m.event {
        LiveEvent::Delta { changes, .. } => changes,
        _ => &[],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_changed_in_what_is_named_and_in_nothing_else() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let body = json!({
        "regionId": region, "kind": "backend", "endpoint": "10.0.0.1:5002", "notes": "rack 4", "displayName": "First",
        "labels": {"rack": "4", "row": "b"}, "maxConcurrentCalls": 25, "externalId": "one", "sipPort": 5090,
    });
    let created = admin.post(NODES, &body).await.expect(201).value();
    let path = format!("{NODES}/{}", created["node"]["id"].as_str().unwrap());
    let mut stream = Stream::open(&admin, &format!("nodes,region:{region}"), None).await;

    let edit = json!({"endpoint": "HTTPS://Node.Example", "notes": null, "labels": {"rack": "5"}, "sipTransport": "tls", "development": true});
    let reply = patch(&admin, &path, 1, &edit).await.expect(200);
    assert_eq!(reply.header("etag"), "\"2\"");
    let change: i64 = reply.header("x-change").parse().unwrap();
    let node: Node = reply.json();
    assert_eq!(node.endpoint.to_string(), "https://node.example:443");
    assert_eq!((node.notes.as_deref(), node.display_name.as_deref()), (None, Some("First")));
    assert_eq!(node.labels.iter().collect::<Vec<_>>(), [(&"rack".to_owned(), &"5".to_owned())]);
    assert_eq!((node.development, node.version, node.sip_port), (true, 2, Some(5090)));
    // Not named, not touched: also what once followed from the address.
    assert_eq!((node.sip_host.as_deref(), node.max_concurrent_calls), (Some("10.0.0.1"), Some(25)));
    assert_eq!(admin.get(&path).await.expect(200).json::<Node>(), node);
    for topic in ["nodes", "region:OM-MCT"] {
        stream
            .wait(topic, |m| {
                let LiveEvent::Delta { topic: told, change: n, .. } = &m.event else { return None };
                let here = told.to_string() == topic && *n >= change;
                let told = changes(m)
                    .iter()
                    .any(|c| matches!(c, Change::Node { node: n } if n.version == 2 && n.development));
                (here && told).then_some(())
            })
            .await;
    }

    // What is cleared has its default back.
    let edit = json!({"sipHost": null, "sipPort": null, "displayName": null, "labels": null, "maxConcurrentCalls": null, "externalId": null});
    let node: Node = patch(&admin, &path, 2, &edit).await.expect(200).json();
    assert_eq!((node.sip_host.as_deref(), node.sip_port), (Some("node.example"), Some(5080)));
    assert!(node.labels.is_empty() && node.external_id.is_none() && node.max_concurrent_calls.is_none());

    let rows = app
        .db
        .texts("SELECT before::text || after::text FROM activity WHERE action = 'node.update' ORDER BY id")
        .await;
    assert_eq!(rows.len(), 2);
    assert!(rows[0].contains("rack 4") && !rows[0].contains("First"), "only what changed: {}", rows[0]);
    wait_for("events of the registry", async || {
        let sql = "SELECT to_word || ': ' || coalesce(detail, '') FROM events WHERE kind = 'registry' AND node_id IS NOT NULL ORDER BY at, id";
        let events = app.db.texts(sql).await;
        (events.len() == 3).then(|| {
            assert_eq!(events[0], "added: ");
            assert_eq!(events[1], "edited: development, endpoint, labels, notes, sipTransport");
        })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_is_no_change() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Proxy).await;
    let before = admin.get(&node.path()).await.expect(200);
    let same = json!({"endpoint": format!("http://{}", before.json::<Node>().endpoint.authority()), "notes": "  ", "sipPort": null});
    for edit in [json!({}), same] {
        let reply = patch(&admin, &node.path(), 1, &edit).await.expect(200);
        assert_eq!(reply.header("etag"), "\"1\"");
        assert_eq!(reply.value(), before.value());
    }
    let path = format!("{REGIONS}/{region}");
    let reply = patch(&admin, &path, 1, &json!({"displayName": null})).await.expect(200);
    assert_eq!((reply.header("etag"), reply.json::<Region>().version), ("\"1\"", 1));
    let rows = app
        .db
        .texts("SELECT action FROM activity WHERE action LIKE '%.update' AND outcome = 'allowed'")
        .await;
    assert!(rows.is_empty(), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_based_on_the_newest_version() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Proxy).await;
    let region = format!("{REGIONS}/{region}");
    for path in [node.path(), region.clone()] {
        let blind = admin.request(Method::PATCH, &path).json(&json!({"displayName": "x"}));
        admin.send(blind).await.problem(428, "version_needed");
        for version in ["\"9\"", "\"x\"", "W/\"1\""] {
            let request = admin.request(Method::PATCH, &path).header("if-match", version);
            let problem =
                admin.send(request.json(&json!({"displayName": "x"}))).await.problem(412, "version_stale");
            assert_eq!(problem.current.unwrap()["version"], 1, "{path} {version}");
        }
    }
    // Of many changes that are based on one version, one happens; the others are told what it is now.
    for path in [node.path(), region] {
        let bodies: Vec<_> = (0..8).map(|n| json!({"displayName": format!("name {n}")})).collect();
        let replies = join_all(bodies.iter().map(|b| patch(&admin, &path, 1, b))).await;
        let (done, stale): (Vec<_>, Vec<_>) = replies.into_iter().partition(|r| r.status == 200);
        assert_eq!((done.len(), stale.len()), (1, 7), "{path}");
        let winner = done[0].value();
        for reply in stale {
            assert_eq!(
                reply.problem(412, "version_stale").current.unwrap()["displayName"],
                winner["displayName"]
            );
        }
        let now = admin.get(&path).await.expect(200);
        assert_eq!((now.header("etag"), &now.value()["displayName"]), ("\"2\"", &winner["displayName"]));
    }
    let changed = "SELECT action FROM activity WHERE action LIKE '%.update' AND outcome = 'allowed'";
    let rows = app.db.texts(changed).await;
    assert_eq!(rows.len(), 2, "one row for each change that happened: {rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_error_of_a_change_is_told_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Proxy).await;
    let bad = json!({
        "id": "x", "regionId": "OM-X", "kind": "backend", "endpoint": "ftp://x", "sipPort": 0, "sipHost": "a b",
        "displayName": "x".repeat(81), "notes": "x".repeat(2001), "maxConcurrentCalls": 0, "externalId": "", "labels": {"Rack": "4"},
    });
    let errors = patch(&admin, &node.path(), 1, &bad).await.field_errors();
    let wanted = [
        ("/id", "immutable"),
        ("/regionId", "immutable"),
        ("/kind", "immutable"),
        ("/endpoint", "endpoint_scheme"),
        ("/sipPort", "out_of_range"),
        ("/sipHost", "endpoint_host"),
        ("/displayName", "too_long"),
        ("/notes", "too_long"),
        ("/maxConcurrentCalls", "out_of_range"),
        ("/externalId", "characters"),
        ("/labels", "label_key"),
    ];
    let errors: Vec<_> = errors.iter().map(|(p, c)| (p.as_str(), c.as_str())).collect();
    assert_eq!(errors, wanted);
    for (body, pointer) in [
        (json!({"apiKey": "x"}), "/apiKey"),
        (json!({"endpoint": null}), "/endpoint"),
        (json!({"sipPort": "x"}), "/sipPort"),
        (json!({"development": null}), "/development"),
    ] {
        assert_eq!(patch(&admin, &node.path(), 1, &body).await.field_errors()[0].0, pointer);
    }
    let path = format!("{REGIONS}/{region}");
    let bad = json!({"id": "OM-X", "name": "x", "countryCode": "US", "displayName": "\u{7}"});
    let errors = patch(&admin, &path, 1, &bad).await.field_errors();
    let pointers: Vec<_> = errors.iter().map(|(p, _)| p.as_str()).collect();
    assert_eq!(pointers, ["/id", "/countryCode", "/name", "/displayName"]);
    assert_eq!(patch(&admin, &path, 1, &json!({"intent": {}})).await.field_errors()[0].0, "/intent");
    for path in [node.path(), path] {
        assert_eq!(
            admin.get(&path).await.expect(200).header("etag"),
            "\"1\"",
            "a refused change changed something"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_stays_one_nodes() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let body = |endpoint: &str, id: &str| json!({"regionId": region, "kind": "proxy", "endpoint": endpoint, "externalId": id});
    admin.post(NODES, &body("node.example:80", "one")).await.expect(201);
    let two = admin.post(NODES, &body("10.0.0.2", "two")).await.expect(201).value();
    let path = format!("{NODES}/{}", two["node"]["id"].as_str().unwrap());
    let taken = patch(&admin, &path, 1, &json!({"endpoint": "http://NODE.example/"})).await;
    assert_eq!(taken.problem(409, "endpoint_taken").errors[0].pointer, "/endpoint");
    let taken = patch(&admin, &path, 1, &json!({"externalId": "one"})).await;
    assert_eq!(taken.problem(409, "external_id_taken").errors[0].pointer, "/externalId");
    // An id that was given up leads to nobody, and may be taken.
    patch(&admin, &path, 1, &json!({"externalId": "three", "endpoint": "10.0.0.3"})).await.expect(200);
    admin.post(NODES, &body("10.0.0.2", "two")).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_is_renamed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let path = format!("{REGIONS}/{}", region.to_lowercase());
    let mut stream = Stream::open(&admin, "summary,region:OM-MCT", None).await;
    let reply = patch(&admin, &path, 1, &json!({"displayName": " Muscat "})).await.expect(200);
    assert_eq!(
        (reply.header("etag"), reply.json::<Region>().display_name.as_deref()),
        ("\"2\"", Some("Muscat"))
    );
    stream
        .wait("the region in the summary", |m| {
            changes(m).iter().any(|c| matches!(c, Change::Region { region } if region.display_name.as_deref() == Some("Muscat"))).then_some(())
        })
        .await;
    stream
        .wait("the region itself", |m| {
            changes(m)
                .iter()
                .any(|c| matches!(c, Change::RegionDetail { region } if region.version == 2))
                .then_some(())
        })
        .await;
    let reply = admin.post(REGIONS, &json!({"countryCode": "OM", "name": "mct"})).await;
    let problem = reply.problem(409, "region_exists");
    assert_eq!(problem.errors[0].detail, "OM-MCT already exists.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_limits_who_changes_what() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (om, us) = (app.region(&admin, "a").await, app.region(&admin, "b").await);
    let (mine, other) =
        (app.node(&admin, &om, NodeKind::Proxy).await, app.node(&admin, &us, NodeKind::Proxy).await);
    let email = app.user(Role::Operator, Some(&["OM-A"])).await;
    let operator = app.sign_in(&email).await;
    patch(&operator, &mine.path(), 1, &json!({"notes": "x"})).await.expect(200);
    patch(&operator, &other.path(), 1, &json!({"notes": "x"})).await.problem(403, "out_of_scope");
    patch(&operator, &format!("{REGIONS}/{us}"), 1, &json!({"displayName": "x"}))
        .await
        .problem(403, "out_of_scope");
    let viewer = app.signed_in_as(Role::Viewer).await;
    patch(&viewer, &mine.path(), 2, &json!({"notes": "y"})).await.problem(403, "role_too_low");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_narrowed_by_labels_words_and_text() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut ids = Vec::new();
    for (endpoint, name, labels) in [
        ("10.0.0.1", "Alpha", json!({"rack": "4", "note": "a=b, c"})),
        ("10.0.0.2", "Beta", json!({"rack": "4"})),
        ("10.0.0.3", "Gamma", json!({"rack": "5"})),
    ] {
        let body = json!({"regionId": region, "kind": "backend", "endpoint": endpoint, "displayName": name, "labels": labels});
        ids.push(
            admin.post(NODES, &body).await.expect(201).value()["node"]["id"].as_str().unwrap().to_owned(),
        );
    }
    let mut live = app.node(&admin, &region, NodeKind::Proxy).await;
    live.beat(&json!({"hostname": "host-seven"})).await;
    let live = live.id.to_string();
    for (query, wanted) in [
        ("label=rack=4", vec![&ids[0], &ids[1]]),
        ("label=rack", vec![&ids[0], &ids[1], &ids[2]]),
        ("label=rack=4&label=note=a%3Db%2C%20c", vec![&ids[0]]),
        ("label=rack=9", vec![]),
        ("label=row", vec![]),
        ("q=GAM", vec![&ids[2]]),
        ("q=10.0.0.2", vec![&ids[1]]),
        ("q=host-SEVEN", vec![&live]),
        ("q=rack%3D5", vec![&ids[2]]),
        ("status=online", vec![&live]),
        ("status=offline,online", vec![&live]),
        ("status=never_seen&label=rack=5", vec![&ids[2]]),
        ("status=&q=", vec![&ids[0], &ids[1], &ids[2], &live]),
    ] {
        let page: NodePage = admin.get(&format!("{NODES}?{query}")).await.expect(200).json();
        let found: Vec<_> = page.items.iter().map(|n| n.id().to_string()).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), wanted, "{query}");
    }
    let many = "label=a&".repeat(17);
    for bad in ["status=fine", "label=", "q=a&q=b", many.as_str(), &format!("q={}", "x".repeat(101))] {
        admin.get(&format!("{NODES}?{bad}")).await.field_errors();
    }
}
