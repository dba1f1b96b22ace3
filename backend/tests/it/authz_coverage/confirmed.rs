//! What asks a person for the password again, always or by what is in the request.

use common::auth::Role;
use common::tokens::TokenScope;
use serde_json::json;

use super::table::{Access, CONFIRMED, CONFIRMED_WHERE};
use super::{IN, all, call, table, things, token};
use crate::support::app::{ADMIN, TestApp};
use crate::support::client::Client;

const BACKGROUND: &str = "/api/v1/background-node";

/// Registers the background node.
async fn background(app: &TestApp, admin: &Client) {
    let body = json!({"endpoint": "10.0.0.7:5010", "generate": true});
    admin.send(admin.request(reqwest::Method::PUT, BACKGROUND).json(&body)).await.expect(200);
    assert!(app.state().fleet.background().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dangerous_asks_for_the_password_again_and_nothing_else_does() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let things = things(&app, &admin, IN, 'x').await;
    background(&app, &admin).await;
    app.advance(6 * 60_000);
    let script = token(&app, ADMIN, TokenScope::Admin, None).await;
    for o in all() {
        if matches!(table()[o.id.as_str()], Access::Node) || o.id == "logout" {
            continue;
        }
        let asked = call(&script, &o, &things, true).await;
        assert!(!asked.text.contains("confirmation_needed"), "{} by a token: {}", o.id, asked.text);
        if o.id == "confirm" {
            continue;
        }
        let asked = call(&admin, &o, &things, true).await;
        let is = asked.text.contains("\"confirmation_needed\"");
        assert_eq!(is, CONFIRMED.contains(&o.id.as_str()), "{}: {} {}", o.id, asked.status, asked.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn some_requests_ask_by_what_they_hold() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let things = things(&app, &admin, IN, 'x').await;
    background(&app, &admin).await;
    let other = app.signed_in_as(Role::Viewer).await;
    let sessions = other.get("/api/v1/auth/sessions").await.expect(200).value();
    let session = sessions["items"][0]["id"].as_str().unwrap().to_owned();
    app.advance(6 * 60_000);
    let deadline = app.state().clock.wall().later(3_600_000);
    let force =
        json!({"state": "maintenance", "privateReason": "x", "deadline": deadline, "onDeadline": "force"});
    for (id, _) in CONFIRMED_WHERE {
        let o = all().into_iter().find(|o| o.id == *id).unwrap_or_else(|| panic!("no {id}"));
        let body = match *id {
            "changeNodes" => json!({"nodeIds": [things.node], "action": "shutdown", "reason": "x"}),
            "putBackgroundNode" => json!({"endpoint": "10.0.0.7:5010", "generate": true}),
            _ => force.clone(),
        };
        let path = if *id == "endSession" {
            o.template.replace("{sessionId}", &session)
        } else {
            things.path(&o.template)
        };
        let request = admin.request(o.method, &path).header("if-match", "\"0\"");
        let request = if *id == "endSession" { request } else { request.json(&body) };
        let reply = admin.send(request).await;
        assert!(reply.text.contains("\"confirmation_needed\""), "{id}: {} {}", reply.status, reply.text);
    }
}
