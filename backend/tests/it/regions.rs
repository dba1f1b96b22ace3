//! Regions: added, listed, read, refused.

use common::auth::Role;
use common::paths::REGIONS;
use common::region::{Region, RegionPage};
use common::status::{IntentState, StatusWord};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::app::{ADMIN, TestApp};

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_is_named_by_country_and_name() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let body = json!({"countryCode": "us", "name": "us-east-1", "displayName": " Virginia "});
    let reply = admin.post(REGIONS, &body).await.expect(201);
    assert_eq!(reply.header("location"), "/api/v1/regions/US-EAST-1");
    assert_eq!(reply.header("etag"), "\"1\"");
    let change: i64 = reply.header("x-change").parse().unwrap();
    let region: Region = reply.json();
    assert_eq!(
        (region.id.as_str(), region.country_code.as_str(), region.name.as_str()),
        ("US-EAST-1", "US", "US-EAST-1")
    );
    assert_eq!(region.display_name.as_deref(), Some("Virginia"));
    assert_eq!((region.intent.state, region.status.word), (IntentState::Active, StatusWord::Empty));
    assert_eq!(region.intent.by.as_deref(), Some(ADMIN));

    for id in ["US-EAST-1", "us-east-1"] {
        let reply = admin.get(&format!("{REGIONS}/{id}")).await.expect(200);
        assert_eq!(reply.header("etag"), "\"1\"");
        assert_eq!(reply.json::<Region>(), region);
    }
    let overview = admin.get(common::paths::OVERVIEW).await.expect(200).value();
    assert!(overview["change"].as_i64().unwrap() >= change);
    assert_eq!(overview["regions"][0]["id"], "US-EAST-1");

    let second =
        admin.post(REGIONS, &json!({"countryCode": "DE", "name": "fra", "startInMaintenance": true})).await;
    let second = second.expect(201);
    assert!(second.header("x-change").parse::<i64>().unwrap() > change, "changes count up");
    let second: Region = second.json();
    assert_eq!(second.intent.state, IntentState::Maintenance);
    admin.get(&format!("{REGIONS}/FR-PAR")).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_comes_in_pages() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for name in ["e", "b", "d", "a", "c"] {
        app.region(&admin, name).await;
    }
    let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    for _ in 0..5 {
        let page: RegionPage = admin.get(&format!("{REGIONS}?limit=2{cursor}")).await.expect(200).json();
        found.extend(page.items.into_iter().map(|r| r.id.to_string()));
        pages += 1;
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((found, pages), (["OM-A", "OM-B", "OM-C", "OM-D", "OM-E"].map(str::to_owned).to_vec(), 3));
    let all: RegionPage = admin.get(&format!("{REGIONS}?limit=5")).await.expect(200).json();
    assert_eq!((all.items.len(), all.next_cursor), (5, None));
    for bad in ["0", "501", "-1", "x"] {
        let pointer = &admin.get(&format!("{REGIONS}?limit={bad}")).await.field_errors()[0].0;
        assert!(pointer.starts_with("#query"), "{pointer}");
    }
    admin.get(&format!("{REGIONS}?sort=name")).await.field_errors();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_error_is_told_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let bad = json!({"countryCode": "XX", "name": "a/b", "displayName": "x".repeat(81)});
    let errors = admin.post(REGIONS, &bad).await.field_errors();
    let wanted =
        [("/countryCode", "country_unknown"), ("/name", "name_characters"), ("/displayName", "too_long")];
    assert_eq!(errors, pairs(&wanted));
    for (bad, pointer) in [
        (json!({"countryCode": "OM", "name": "a", "owner": "me"}), "/owner"),
        (json!({"countryCode": "OM"}), ""),
        (json!({"countryCode": 7, "name": "a"}), "/countryCode"),
    ] {
        assert_eq!(admin.post(REGIONS, &bad).await.field_errors(), pairs(&[(pointer, "type")]), "{bad}");
    }
    let page: RegionPage = admin.get(REGIONS).await.expect(200).json();
    assert!(page.items.is_empty(), "a refused request changed something");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_taken_once_however_many_ask() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let bodies = ["mct", "MCT", "om-mct", "Om_Mct"].map(|name| json!({"countryCode": "OM", "name": name}));
    let replies = join_all(bodies.iter().map(|b| admin.post(REGIONS, b))).await;
    let (made, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|r| r.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 3));
    for reply in refused {
        let problem = reply.problem(409, "region_exists");
        assert_eq!(problem.errors[0].pointer, "/name");
    }
    let list: Value = admin.get(REGIONS).await.expect(200).value();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_their_regions_limit_changes_not_reading() {
    let app = TestApp::start().await;
    let body = |name: &str| json!({"countryCode": "OM", "name": name});
    let viewer = app.signed_in_as(Role::Viewer).await;
    // The role is looked at before the form, so that nothing is told to those who may not send it.
    viewer.post(REGIONS, &json!({"countryCode": "XX", "name": ""})).await.problem(403, "role_too_low");
    viewer.post(REGIONS, &body("a")).await.problem(403, "role_too_low");
    app.signed_in_as(Role::Operator).await.post(REGIONS, &body("a")).await.expect(201);

    let email = app.user(Role::Operator, Some(&["OM-MINE"])).await;
    let scoped = app.sign_in(&email).await;
    scoped.post(REGIONS, &body("other")).await.problem(403, "out_of_scope");
    scoped.post(REGIONS, &body("mine")).await.expect(201);
    scoped.get(&format!("{REGIONS}/OM-A")).await.expect(200);
    let node = json!({"regionId": "OM-A", "kind": "proxy", "endpoint": "10.0.0.1"});
    scoped.post(common::paths::NODES, &node).await.problem(403, "out_of_scope");
}
