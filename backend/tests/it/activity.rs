//! The activity log: what is noted, and how it is read.

use common::activity::{Activity, ActivityCount, ActivityPage, Outcome};
use common::auth::{Me, Role};
use common::node::NodeKind;
use common::stream::{Change, LiveEvent, Topic};
use reqwest::Method;
use serde_json::json;

use crate::support::app::{ADMIN, PASSWORD, TestApp};
use crate::support::client::{Auth, Client, header};
use crate::support::sse::{Message, Stream};

const LOG: &str = "/api/v1/activity";

/// The entry of this action that a message tells of.
fn entry(m: &Message, action: &str) -> Option<Activity> {
    let LiveEvent::Delta { topic: Topic::Activity, changes, .. } = &m.event else { return None };
    changes.iter().find_map(|c| match c {
        Change::Activity { entry } if entry.action == action => Some(entry.clone()),
        _ => None,
    })
}

async fn page(client: &Client, query: &str) -> ActivityPage {
    client.get(&format!("{LOG}?{query}")).await.expect(200).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_found_by_every_filter_and_by_their_id() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Backend).await;
    let all = page(&admin, "").await.items;
    let created = all.iter().find(|e| e.action == "node.create").expect("the node's entry");
    assert_eq!(created.actor, ADMIN);
    assert_eq!((created.target_id.clone(), created.outcome), (node.id.to_string(), Outcome::Allowed));
    assert!(created.request_id.is_some() && created.source.as_deref() == Some("127.0.0.1"));
    let by_id: Activity = admin.get(&format!("{LOG}/{}", created.id)).await.expect(200).json();
    assert_eq!(&by_id, created);
    admin.get(&format!("{LOG}/none")).await.problem(404, "not_found");

    let since = created.at;
    for (query, finds) in [
        ("action=node.", true),
        ("action=ode", false),
        ("action=node_", false),
        ("actor=ADMIN@localhost", true),
        ("actor=admin", false),
        ("actorKind=user", true),
        ("actorKind=system", false),
        ("actorKind=token", false),
        (&format!("targetKind=node&targetId={}", node.id), true),
        ("targetKind=region", false),
        (&format!("region={}", region.to_lowercase()), true),
        ("region=XX-NONE", false),
        ("outcome=allowed,denied", true),
        ("outcome=denied", false),
        (&format!("since={since}"), true),
        (&format!("until={since}"), false),
        ("q=NODE.cre", true),
        ("q=10.0.0.", true),
        ("q=%25", false),
        ("q=_", false),
    ] {
        let found = page(&admin, query).await.items;
        assert_eq!(found.iter().any(|e| e.id == created.id), finds, "{query}");
        let count: ActivityCount = admin.get(&format!("{LOG}/count?{query}")).await.expect(200).json();
        assert_eq!((usize::try_from(count.count).unwrap(), count.capped), (found.len(), false), "{query}");
    }
    let reply = admin.get(&format!("{LOG}?outcome=won&since=x&cursor=y&actorKind=z")).await;
    let pointers: Vec<_> = reply.field_errors().into_iter().map(|(p, _)| p).collect();
    assert_eq!(pointers, ["#query/actorKind", "#query/outcome", "#query/since", "#query/cursor"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_scripts_and_the_control_plane_are_told_apart() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let made = json!({"name": "ci-deploy", "scope": "operate", "expiresInDays": 7});
    let made = admin.post("/api/v1/tokens", &made).await.expect(201).value();
    admin.transcript().forget_last();
    let script = app.anonymous().with(Auth::Bearer(made["plainToken"].as_str().unwrap().to_owned()));
    app.region(&script, "mct").await;
    app.region(&admin, "slm").await;
    // Nobody becomes another kind of actor by what they type.
    for typed in ["system", "x@y (token)"] {
        app.anonymous().login(typed, "not a password of anybody").await.problem(401, "wrong_password");
    }
    let total = page(&admin, "").await.items.len();
    let mut seen = 0;
    type Is = fn(&str) -> bool;
    let kinds: [(&str, Is); 3] = [
        ("user", |a| a != "system" && !a.ends_with(" (token)")),
        ("token", |a| a == "ci-deploy (token)"),
        ("system", |a| a == "system"),
    ];
    for (kind, is) in kinds {
        let query = format!("actorKind={kind}");
        let listed = page(&admin, &query).await.items;
        assert!(!listed.is_empty() && listed.iter().all(|e| is(&e.actor)), "{kind}: {listed:?}");
        let count: ActivityCount = admin.get(&format!("{LOG}/count?{query}")).await.expect(200).json();
        let file = admin.get(&format!("{LOG}/export?format=ndjson&{query}")).await.expect(200);
        let lines: Vec<Activity> = file.text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!((usize::try_from(count.count).unwrap(), &lines), (listed.len(), &listed), "{kind}");
        seen += listed.len();
    }
    assert_eq!(seen, total, "every entry is of one kind");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_files_hold_the_same_entries_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let sql = "INSERT INTO activity (id, at, actor, action, outcome, target_kind, target_id, reason, after) \
        SELECT ('0198f6a2-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, timestamptz '2026-03-04' + n * interval '1 s', \
            'salim@example.org', CASE n % 3 WHEN 0 THEN 'node.intent' ELSE 'region.update' END, 'allowed', 'node', n::text, \
            '=SUM(A1:A' || n || ')', jsonb_build_object('notes', 'a \"b\", ' || chr(10) || 'c') \
        FROM generate_series(1, 1700) n";
    app.db.execute(sql).await;
    let filter = "actor=salim@example.org&action=node.&since=2026-03-04T00:00:10Z";
    let mut listed = Vec::new();
    let mut cursor = String::new();
    loop {
        let p = page(&admin, &format!("{filter}&limit=100{cursor}")).await;
        listed.extend(p.items);
        let Some(next) = p.next_cursor else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(listed.len(), 563, "every third from 12 to 1698");
    assert!(listed.windows(2).all(|w| w[0].id > w[1].id));

    let reply = admin.get(&format!("{LOG}/export?format=ndjson&{filter}")).await.expect(200);
    assert_eq!((reply.header("x-total-count"), reply.header("x-truncated")), ("563", "false"));
    assert!(reply.header("content-disposition").starts_with("attachment; filename=\"iqra-activity-"));
    let lines: Vec<Activity> = reply.text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines, listed);

    let reply = admin.get(&format!("{LOG}/export?{filter}")).await.expect(200);
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
    let mut reader = csv::Reader::from_reader(reply.text.as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), listed.len());
    for (row, entry) in rows.iter().zip(&listed) {
        assert_eq!(row[0], entry.id);
        assert_eq!(row[11], format!("'{}", entry.reason.as_deref().unwrap()), "no formula runs");
        assert_eq!(row[10], entry.after.as_ref().unwrap().to_string());
        assert!(row[14].parse::<i64>().unwrap() > 0 && row[15].len() == 64, "its place in the chain");
    }
    let none = admin.get(&format!("{LOG}/export?actor=nobody")).await.expect(200);
    assert_eq!((none.header("x-total-count"), none.text.lines().count()), ("0", 1));
    admin.get(&format!("{LOG}/export?format=xml")).await.problem(422, "invalid");
    admin.get(&format!("{LOG}/export?limit=5")).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_permitted_is_noted_with_who_and_what() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let email = app.user(Role::Viewer, None).await;
    let viewer = app.sign_in(&email).await;
    let body = json!({"countryCode": "OM", "name": "mct"});
    viewer.post("/api/v1/regions", &body).await.problem(403, "role_too_low");
    let denied = page(&admin, "outcome=denied").await.items;
    assert_eq!(denied.len(), 1, "{denied:?}");
    assert_eq!((denied[0].actor.as_str(), denied[0].action.as_str()), (email.as_str(), "region.create"));
    // There is no region yet: the request says what was asked for.
    assert_eq!((denied[0].target_kind.as_str(), denied[0].target_id.as_str()), ("region", ""));
    assert!(denied[0].reason.as_deref().unwrap().contains("operator"));
    assert!(denied[0].request_id.is_some() && denied[0].source.is_some());

    // A page of another site with this browser's cookie; without a cookie nobody is known, and nothing is noted.
    for client in [admin.clone(), app.anonymous(), admin.with(Auth::Cookie("x".repeat(43)))] {
        let request = client.request(Method::POST, "/api/v1/regions").json(&body);
        let reply = client.send(request.headers(header("sec-fetch-site", "cross-site"))).await;
        reply.problem(403, "cross_site");
    }
    let denied = page(&admin, &format!("outcome=denied&actor={ADMIN}")).await.items;
    assert_eq!(denied.len(), 1, "{denied:?}");
    assert_eq!(denied[0].after, Some(json!({"request": "POST /api/v1/regions"})));
    // Reading what does not exist or nobody forbids is no attempt.
    viewer.get("/api/v1/regions/OM-NONE").await.problem(404, "not_found");
    assert_eq!(page(&admin, "outcome=denied").await.items.len(), 2);
    // What no operation answers to is noted as a request.
    let reply = admin.send(admin.request(Method::POST, "/api/v1/nothing").headers(header("origin", "null")));
    reply.await.problem(403, "cross_site");
    let unknown = page(&admin, "action=request").await.items;
    assert_eq!((unknown.len(), unknown[0].target_id.as_str()), (1, "POST /api/v1/nothing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_permitted_is_found_by_action_and_by_target() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Proxy).await;
    let viewer = app.signed_in_as(Role::Viewer).await;
    let me: Me = viewer.get(common::paths::ME).await.expect(200).json();
    let me = me.user.unwrap();
    let at = format!("/api/v1/regions/{}", region.to_lowercase());
    for path in [&at, &node.path(), &format!("/api/v1/users/{}", me.id)] {
        let request = viewer.request(Method::DELETE, path).header("if-match", "\"1\"");
        viewer.send(request).await.problem(403, "role_too_low");
    }
    // Also where it is turned away before anybody knows which operation it is.
    let request = admin.request(Method::DELETE, &at).headers(header("origin", "null"));
    admin.send(request).await.problem(403, "cross_site");
    let (email, node_id) = (me.email.clone(), node.id.to_string());
    for (query, wanted) in [
        (format!("action=region.delete&actor={email}"), (region.as_str(), None, Some(region.as_str()))),
        (format!("targetKind=region&targetId={region}&actor={ADMIN}"), (&region, None, Some(&region))),
        (format!("targetKind=node&targetId={node_id}"), (&node_id, Some("node"), Some(&region))),
        ("action=user.delete".to_owned(), (&me.id.to_string(), Some(&email), None)),
    ] {
        let found = page(&admin, &format!("outcome=denied&{query}")).await.items;
        let [e] = &found[..] else { panic!("{query}: {found:?}") };
        let is = (e.target_id.as_str(), e.region_id.as_ref().map(|r| r.as_str()));
        assert_eq!(is, (wanted.0, wanted.2), "{query}");
        match wanted.1 {
            Some("node") => assert!(e.target_name.as_deref().is_some_and(|n| n != node_id), "{e:?}"),
            name => assert_eq!(e.target_name.as_deref(), name, "{query}"),
        }
        assert!(e.after.as_ref().unwrap()["request"].as_str().unwrap().starts_with("DELETE /api/v1/"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_too_often_is_counted_and_told_and_never_silent() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let email = app.user(Role::Viewer, None).await;
    let viewer = app.sign_in(&email).await;
    let denied = async |n: usize| {
        for _ in 0..n {
            let request =
                viewer.request(Method::DELETE, "/api/v1/regions/OM-MCT").header("if-match", "\"1\"");
            viewer.send(request).await.problem(403, "role_too_low");
        }
    };
    let one_by_one = "SELECT count(*) FROM activity WHERE action = 'region.delete'";
    let together = "SELECT after->>'count' FROM activity WHERE action = 'activity.more' ORDER BY id";
    denied(130).await;
    assert_eq!(app.db.text(one_by_one).await, "100");
    assert!(app.db.texts(together).await.is_empty(), "its time is not over");
    app.advance(5 * 60_000);
    let told = crate::support::wait_for("the others", async || {
        page(&admin, "action=activity.more").await.items.into_iter().next()
    })
    .await;
    assert_eq!((told.actor.as_str(), told.outcome), (email.as_str(), Outcome::Denied));
    assert_eq!(told.source.as_deref(), Some("127.0.0.1"));
    let after = told.after.unwrap();
    assert_eq!((&after["count"], &after["actions"]), (&json!(30), &json!({"region.delete": 30})));
    assert!(told.reason.unwrap().starts_with("30 more were denied or refused between "));
    // A server that stops says what it has counted.
    denied(102).await;
    app.pause().await;
    assert_eq!(app.db.text(one_by_one).await, "200");
    assert_eq!(app.db.texts(together).await, ["30", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_are_noted_and_a_flood_of_wrong_ones_is_not() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let email = app.user(Role::Operator, None).await;
    let operator = app.sign_in(&email).await;
    operator.post("/api/v1/auth/logout", &json!({})).await.expect(204);
    for n in 0..12 {
        let reply = app.anonymous().login(&email, "not the password").await;
        assert_eq!(reply.status, if n < 5 { 401 } else { 429 });
    }
    let noted = page(&admin, &format!("actor={email}&action=auth.")).await.items;
    let seen: Vec<_> = noted.iter().map(|e| (e.action.as_str(), e.outcome)).collect();
    let mut expected = vec![("auth.login", Outcome::Denied); 5];
    expected.extend([("auth.logout", Outcome::Allowed), ("auth.login", Outcome::Allowed)]);
    assert_eq!(seen, expected);
    let whole = serde_json::to_string(&noted).unwrap();
    assert!(!whole.contains("not the password") && !whole.contains(PASSWORD));
}

#[tokio::test(flavor = "multi_thread")]
async fn new_entries_come_by_the_stream() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut stream = Stream::open(&admin, "activity", None).await;
    let region = app.region(&admin, "mct").await;
    let created = stream.wait("region.create", |m| entry(m, "region.create")).await;
    assert_eq!((created.target_id, created.actor.as_str()), (region, ADMIN));
    let email = app.user(Role::Viewer, None).await;
    let viewer = app.sign_in(&email).await;
    viewer
        .post("/api/v1/regions", &json!({"countryCode": "OM", "name": "x"}))
        .await
        .problem(403, "role_too_low");
    assert_eq!(stream.wait("the denied one", |m| entry(m, "region.create")).await.actor, email);
}
