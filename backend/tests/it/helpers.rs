//! Whom to ask: a few people who can do what somebody may not, by name.

use common::auth::Role;
use common::paths::{HELPERS, USERS};
use common::users::{Account, AccountPage, Helpers};
use serde_json::json;

use crate::support::app::{ADMIN, TestApp};
use crate::support::client::Client;

async fn asked(client: &Client, query: &str) -> Vec<String> {
    let reply: Helpers = client.get(&format!("{HELPERS}?{query}")).await.expect(200).json();
    reply.names
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_can_do_it_are_named_where_they_can() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let viewer = app.signed_in_as(Role::Viewer).await;
    assert_eq!(asked(&viewer, "role=operator").await, [ADMIN], "an admin can do it too");

    let here = app.user(Role::Operator, Some(&[&region])).await;
    let everywhere = app.user(Role::Operator, None).await;
    let of_one = app.user(Role::Admin, Some(&[&region])).await;
    app.db.execute(&format!("UPDATE users SET display_name = ' Huda ' WHERE email = '{here}'")).await;
    assert_eq!(asked(&viewer, "role=operator").await, [everywhere.as_str(), ADMIN]);
    assert_eq!(asked(&viewer, "role=admin").await, [ADMIN]);
    // Those of just this role first; who was here last before who never was.
    app.sign_in(&here).await;
    let of_region = asked(&viewer, &format!("role=operator&region={}", region.to_lowercase())).await;
    assert_eq!(of_region, ["Huda", everywhere.as_str(), ADMIN, of_one.as_str()]);
    assert_eq!(asked(&viewer, "role=operator&region=XX-NONE").await, [everywhere.as_str(), ADMIN]);

    // Who cannot sign in cannot help.
    let body = json!({"email": "invited@example.org", "role": "operator"});
    admin.post(USERS, &body).await.expect(201);
    admin.transcript().forget_last();
    app.db.execute(&format!("UPDATE users SET disabled_at = now() WHERE email = '{everywhere}'")).await;
    assert_eq!(asked(&viewer, "role=operator").await, [ADMIN]);
    for _ in 0..7 {
        app.user(Role::Operator, None).await;
    }
    let all = asked(&viewer, "role=operator").await;
    assert!(all.len() == 5 && !all.contains(&ADMIN.to_owned()), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_no_more_than_names_and_to_nobody_outside() {
    let app = TestApp::start().await;
    let viewer = app.signed_in_as(Role::Viewer).await;
    app.anonymous().get(&format!("{HELPERS}?role=admin")).await.problem(401, "unauthenticated");
    let reply = viewer.get(&format!("{HELPERS}?role=admin")).await.expect(200).value();
    assert_eq!(reply, json!({"names": [ADMIN]}));
    for (query, pointers) in [
        ("", &["#query/role"][..]),
        ("role=viewer", &["#query/role"]),
        ("role=root&region=%00", &["#query/role", "#query/region"]),
        (&format!("role=admin&region={}", "x".repeat(41)), &["#query/region"]),
    ] {
        let errors = viewer.get(&format!("{HELPERS}?{query}")).await.field_errors();
        assert_eq!(errors.into_iter().map(|(p, _)| p).collect::<Vec<_>>(), pointers, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_which_role_or_region_is_missing() {
    let app = TestApp::start().await;
    let region = json!({"countryCode": "OM", "name": "mct"});
    let viewer = app.signed_in_as(Role::Viewer).await;
    let problem = viewer.post("/api/v1/regions", &region).await.problem(403, "role_too_low");
    assert_eq!(problem.current, Some(json!({"role": "operator"})));
    let limited = app.user(Role::Operator, Some(&["OM-SLL"])).await;
    let problem = app.sign_in(&limited).await.post("/api/v1/regions", &region).await;
    let problem = problem.problem(403, "out_of_scope");
    assert_eq!(problem.current, Some(json!({"region": "OM-MCT"})));
    // And an admin's list of accounts is still an admin's.
    viewer.get(USERS).await.problem(403, "role_too_low");
    let all: AccountPage = app.admin().await.get(USERS).await.expect(200).json();
    assert!(all.items.iter().any(|a: &Account| a.email == ADMIN));
}
