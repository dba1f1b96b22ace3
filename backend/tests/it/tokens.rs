//! Automation tokens: made once, limited at every use, ended at once everywhere.

use std::time::Duration;

use common::activity::ActivityPage;
use common::auth::{Me, Role};
use common::overview::{OpenProblem, OpenProblemCode, ProblemList, Severity};
use common::paths::{ACTIVITY, ME, META, PROBLEMS, REGIONS, TOKENS};
use common::stream::{ByeReason, LiveEvent};
use common::tokens::{Token, TokenMade, TokenPage, TokenScope, TokenState};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{PASSWORD, TestApp};
use crate::support::client::{Auth, Client, Reply};
use crate::support::sse::Stream;
use crate::support::{wait_at_most, wait_for};

const DAY: u64 = 86_400_000;
const SECOND: Duration = Duration::from_secs(1);

fn path(t: &Token) -> String {
    format!("{TOKENS}/{}", t.id)
}

async fn make(client: &Client, body: &Value) -> TokenMade {
    let made = client.post(TOKENS, body).await.expect(201);
    client.transcript().forget_last();
    made.json()
}

/// A token and a client that presents it.
async fn script(client: &Client, body: &Value) -> (Token, Client) {
    let made = make(client, body).await;
    (made.token, client.with(Auth::Bearer(made.plain_token)))
}

async fn delete(client: &Client, path: &str) -> Reply {
    client.send(client.request(Method::DELETE, path)).await
}

async fn list(client: &Client) -> Vec<Token> {
    client.get(TOKENS).await.expect(200).json::<TokenPage>().items
}

/// A new password prompt answered: dangerous things ask for it after five minutes.
async fn confirm(client: &Client) {
    client.post("/api/v1/auth/confirm", &json!({"password": PASSWORD})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_works_as_it_says() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let asked = json!({"name": " ci-deploy ", "scope": "operate", "expiresInDays": 90});
    let reply = admin.post(TOKENS, &asked).await.expect(201);
    admin.transcript().forget_last();
    let made: TokenMade = reply.json();
    let (token, text) = (made.token, made.plain_token);
    assert_eq!(reply.header("location"), path(&token));
    assert_eq!((reply.header("etag"), reply.header("cache-control")), ("\"1\"", "no-store"));
    assert_eq!(
        (token.name.as_str(), token.scope, token.state),
        ("ci-deploy", TokenScope::Operate, TokenState::Active)
    );
    assert_eq!(token.expires_at, Some(token.created_at.later(90 * DAY)));
    assert_eq!((token.last_used_at, token.networks.len()), (None, 0));

    let script = admin.with(Auth::Bearer(text.clone()));
    let me: Me = script.get(ME).await.expect(200).json();
    let user = me.user.unwrap();
    assert_eq!((user.email.as_str(), user.role, me.session), ("admin@localhost", Role::Operator, None));
    let region = script.post(REGIONS, &json!({"countryCode": "OM", "name": "mct"})).await.expect(201);
    assert_eq!(region.value()["id"], "OM-MCT");

    // It says in the log who it was, and is nowhere else.
    let log: ActivityPage = admin.get(&format!("{ACTIVITY}?action=region.")).await.expect(200).json();
    assert_eq!(log.items[0].actor, "ci-deploy (token)");
    let log = admin.get(&format!("{ACTIVITY}?targetKind=token")).await.expect(200);
    assert_eq!(log.value()["items"][0]["action"], "token.create");
    assert_eq!(admin.get(&path(&token)).await.expect(200).json::<Token>().id, token.id);
    let kept = app.db.dump().await;
    let signature = text.rsplit('.').next().unwrap();
    assert!(!kept.contains(signature) && !kept.contains(&text), "the text of a token is stored");
    assert!(!admin.transcript().all().iter().any(|t| t.contains(signature)), "the text is in another reply");
    assert!(!crate::support::logs::text().contains(signature), "the text is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn making_and_revoking_ask_for_the_password_again_and_leave_a_row() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (token, script) = script(&admin, &json!({"name": "ci", "scope": "admin"})).await;
    app.advance(6 * 60_000);
    let asked = json!({"name": "ci", "scope": "read"});
    admin.post(TOKENS, &asked).await.problem(403, "confirmation_needed");
    delete(&admin, &path(&token)).await.problem(403, "confirmation_needed");
    script.get(META).await.expect(200);
    let rows = "SELECT action || ' ' || outcome FROM activity WHERE target_kind = 'token' ORDER BY id";
    assert_eq!(
        app.db.texts(rows).await,
        ["token.create allowed", "token.create denied", "token.revoke denied"]
    );

    confirm(&admin).await;
    let gone: Token = delete(&admin, &path(&token)).await.expect(200).json();
    assert_eq!((gone.state, gone.revoked_by.as_deref()), (TokenState::Revoked, Some("admin@localhost")));
    script.get(META).await.problem(401, "unauthenticated");
    // Again: it is so already.
    delete(&admin, &path(&token)).await.expect(200);
    let rows = "SELECT count(*) FROM activity WHERE action = 'token.revoke' AND outcome = 'allowed'";
    assert_eq!(app.db.text(rows).await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hands_out_more_than_they_have() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for name in ["in", "out"] {
        app.region(&admin, name).await;
    }
    let viewer = app.signed_in_as(Role::Viewer).await;
    let operator = app.sign_in(&app.user(Role::Operator, Some(&["OM-IN"])).await).await;
    let asked = |scope: &str, regions: Value| json!({"name": "ci", "scope": scope, "regionScope": regions});
    viewer.post(TOKENS, &asked("operate", Value::Null)).await.problem(403, "role_too_low");
    operator.post(TOKENS, &asked("admin", Value::Null)).await.problem(403, "role_too_low");
    operator.post(TOKENS, &asked("operate", json!(["OM-OUT"]))).await.problem(403, "out_of_scope");
    make(&viewer, &asked("read", Value::Null)).await;

    let (_, whole) = script(&operator, &asked("operate", Value::Null)).await;
    let (_, none) = script(&operator, &asked("operate", json!([]))).await;
    let (_, reads) = script(&operator, &asked("read", Value::Null)).await;
    let rename = |client: &Client, region: &str| {
        let request =
            client.request(Method::PATCH, &format!("{REGIONS}/{region}")).header("if-match", "\"0\"");
        (client.clone(), request.json(&json!({"displayName": "x"})))
    };
    for (who, region, status, code) in [
        (&whole, "OM-IN", 412, "version_stale"),
        (&whole, "OM-OUT", 403, "out_of_scope"),
        (&none, "OM-IN", 403, "out_of_scope"),
        (&reads, "OM-IN", 403, "role_too_low"),
    ] {
        let (client, request) = rename(who, region);
        client.send(request).await.problem(status, code);
    }

    let wrong = json!({"name": "", "scope": "read", "regionScope": ["OM-MOON"], "networks": ["10.0.0.0/8", "here"],
                       "expiresInDays": 0});
    let errors = admin.post(TOKENS, &wrong).await.field_errors();
    let pointers: Vec<&str> = errors.iter().map(|(p, _)| p.as_str()).collect();
    assert_eq!(pointers, ["/name", "/expiresInDays", "/networks/1", "/regionScope/0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_make_tokens_only_with_scope_admin_and_never_longer_or_wider_ones() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (own, operate) = script(&admin, &json!({"name": "a", "scope": "operate"})).await;
    let asked = json!({"name": "b", "scope": "read"});
    operate.post(TOKENS, &asked).await.problem(403, "role_too_low");
    delete(&operate, &path(&own)).await.problem(403, "role_too_low");
    let bound = json!({"name": "c", "scope": "admin", "networks": ["127.0.0.0/8"], "expiresInDays": 10});
    let (_, parent) = script(&admin, &bound).await;
    let errors = parent.post(TOKENS, &asked).await.field_errors();
    assert_eq!(
        errors,
        [("/expiresInDays".into(), "outlives".into()), ("/networks".into(), "other_networks".into())]
    );
    let inside = json!({"name": "d", "scope": "read", "networks": ["127.0.0.1"], "expiresInDays": 9});
    let (child, _) = script(&parent, &inside).await;
    assert_eq!((child.created_by.as_str(), child.networks[0].as_str()), ("admin@localhost", "127.0.0.1/32"));
    // A person's password is not asked for where a script asks.
    app.advance(6 * 60_000);
    delete(&parent, &path(&child)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_their_own_and_administrators_all() {
    let app = TestApp::start().await;
    let (admin, viewer) = (app.admin().await, app.signed_in_as(Role::Viewer).await);
    let (hers, _) = script(&admin, &json!({"name": "hers", "scope": "read"})).await;
    let (his, script) = script(&viewer, &json!({"name": "his", "scope": "read"})).await;
    let names = |tokens: Vec<Token>| tokens.into_iter().map(|t| t.name).collect::<Vec<_>>();
    assert_eq!(names(list(&viewer).await), ["his"]);
    assert_eq!(names(list(&script).await), ["his"]);
    assert_eq!(names(list(&admin).await), ["his", "hers"]);
    let limited = app.sign_in(&app.user(Role::Admin, Some(&["OM-MCT"])).await).await;
    assert!(list(&limited).await.is_empty());
    viewer.get(&path(&hers)).await.problem(403, "role_too_low");
    delete(&viewer, &path(&hers)).await.problem(403, "role_too_low");
    let first: TokenPage = admin.get(&format!("{TOKENS}?limit=1")).await.expect(200).json();
    let next = first.next_cursor.unwrap();
    let second: TokenPage = admin.get(&format!("{TOKENS}?limit=1&cursor={next}")).await.expect(200).json();
    assert_eq!(
        (names(first.items), names(second.items), second.next_cursor),
        (vec!["his".into()], vec!["hers".into()], None)
    );
    admin.get(&format!("{TOKENS}?cursor=x")).await.field_errors();

    // A name is changed on the newest version alone.
    let rename = |version: &str, name: &str| {
        let request = viewer.request(Method::PATCH, &path(&his)).header("if-match", format!("\"{version}\""));
        viewer.send(request.json(&json!({"name": name})))
    };
    let renamed = rename("1", "nightly").await.expect(200);
    assert_eq!((renamed.header("etag"), renamed.value()["name"].as_str()), ("\"2\"", Some("nightly")));
    let stale = rename("1", "other").await.problem(412, "version_stale");
    assert_eq!(stale.current.unwrap()["name"], "nightly");
    delete(&admin, &path(&his)).await.expect(200);
    script.get(META).await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_out_within_a_second_on_every_server() {
    let app = TestApp::start().await;
    let other = app.twin().await;
    let admin = app.admin().await;
    let (token, here) = script(&admin, &json!({"name": "ci", "scope": "read"})).await;
    let there = here.at(&other.base);
    let (mut a, mut b) =
        (Stream::open(&here, "summary", None).await, Stream::open(&there, "summary", None).await);
    a.next().await.expect("hello");
    b.next().await.expect("hello");
    delete(&admin, &path(&token)).await.expect(200);
    here.get(META).await.problem(401, "unauthenticated");
    there.get(META).await.problem(401, "unauthenticated");
    let ends = async {
        for stream in [&mut a, &mut b] {
            let bye = stream.wait("bye", |m| match m.event {
                LiveEvent::Bye { reason } => Some(reason),
                _ => None,
            });
            assert_eq!(bye.await, ByeReason::SignedOut);
            assert_eq!(stream.next().await, None, "bye is the last message");
        }
    };
    tokio::time::timeout(SECOND, ends).await.expect("both streams end within a second");
    other.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_follow_the_account_that_made_it() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.region(&admin, "in").await;
    let email = app.user(Role::Admin, None).await;
    let maker = app.sign_in(&email).await;
    let (_, script) = script(&maker, &json!({"name": "ci", "scope": "admin"})).await;
    let role = async || {
        script.get(ME).await.expect(200).json::<Me>().user.map(|u| (u.role, u.region_scope.is_some()))
    };
    assert_eq!(role().await, Some((Role::Admin, false)));
    let change = |set: &str| format!("UPDATE users SET {set} WHERE email = '{email}'");
    app.db.execute(&change("role = 'operator', region_scope = '{OM-IN}'")).await;
    assert_eq!(role().await, Some((Role::Operator, true)));
    app.db.execute(&change("role = 'viewer'")).await;
    assert_eq!(role().await, Some((Role::Viewer, true)));
    script.post(TOKENS, &json!({"name": "x", "scope": "read"})).await.problem(403, "role_too_low");
    app.db.execute(&change("disabled_at = now()")).await;
    script.get(META).await.problem(401, "unauthenticated");
    app.db.execute(&change("disabled_at = NULL")).await;
    script.get(META).await.expect(200);
    app.db.execute(&format!("DELETE FROM users WHERE email = '{email}'")).await;
    script.get(META).await.problem(401, "unauthenticated");
    assert!(list(&admin).await.is_empty(), "it is gone with its account");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_when_it_says_and_is_warned_of_before() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (token, script) = script(&admin, &json!({"name": "ci", "scope": "read", "expiresInDays": 15})).await;
    let warnings = async |client: &Client| -> Vec<OpenProblem> {
        backend::services::tokens::warn(app.state()).await;
        let list: ProblemList = client.get(PROBLEMS).await.expect(200).json();
        list.items.into_iter().filter(|p| p.code == OpenProblemCode::TokenExpiring).collect()
    };
    assert!(warnings(&admin).await.is_empty());
    for (days, step, severity) in [(2, 14, Severity::Warn), (7, 7, Severity::Warn), (5, 1, Severity::Bad)] {
        app.advance(days * DAY);
        let reader = app.admin().await;
        let [warning] = &warnings(&reader).await[..] else { panic!("one warning at {step} days") };
        assert_eq!(
            (warning.id.as_str(), warning.severity),
            (format!("token_expiring:{}:{step}", token.id).as_str(), severity)
        );
        assert_eq!((warning.evidence.values[0].as_str(), warning.evidence.until), ("ci", token.expires_at));
        script.get(META).await.expect(200);
    }
    app.advance(DAY);
    script.get(META).await.problem(401, "unauthenticated");
    let admin = app.admin().await;
    assert!(warnings(&admin).await.iter().all(|p| p.cleared_at.is_some()), "it is over");
    assert_eq!(list(&admin).await[0].state, TokenState::Expired);
    app.advance(30 * DAY);
    let admin = app.admin().await;
    assert!(list(&admin).await.is_empty(), "listed for 30 days");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_from_its_networks_and_its_last_use_is_noted() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (elsewhere, away) =
        script(&admin, &json!({"name": "a", "scope": "read", "networks": ["10.0.0.0/8"]})).await;
    away.get(META).await.problem(403, "network_not_allowed");
    let bound = json!({"name": "b", "scope": "read", "networks": ["10.0.0.0/8", "127.0.0.1"]});
    let (token, script) = script(&admin, &bound).await;
    let seen = async || admin.get(&path(&token)).await.expect(200).json::<Token>();
    assert_eq!(seen().await.last_used_at, None);
    script.get(META).await.expect(200);
    let first = wait_for("last use", async || seen().await.last_used_at).await;
    assert_eq!(seen().await.last_used_from.as_deref(), Some("127.0.0.1"));
    // Noted once a minute at most.
    script.get(META).await.expect(200);
    app.advance(61_000);
    script.get(META).await.expect(200);
    let second =
        wait_at_most(SECOND * 20, "later use", async || seen().await.last_used_at.filter(|t| *t != first))
            .await;
    assert!(second.since(first) >= 60_000, "{first:?} {second:?}");
    let never = admin.get(&path(&elsewhere)).await.expect(200).json::<Token>();
    assert_eq!(never.last_used_at, None, "a use that was refused is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_brings_the_same_token_for_ten_minutes() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ask = async || {
        let request = admin.request(Method::POST, TOKENS).header("idempotency-key", "once");
        admin
            .send(request.json(&json!({"name": "ci", "scope": "read"})))
            .await
            .expect(201)
            .json::<TokenMade>()
    };
    let (first, second) = (ask().await, ask().await);
    assert_eq!((first.token.id, &first.plain_token), (second.token.id, &second.plain_token));
    assert!(!first.secret_shown);
    app.advance(11 * 60_000);
    let late = ask().await;
    assert_eq!((late.token.id, late.plain_token.as_str(), late.secret_shown), (first.token.id, "", true));
    assert_eq!(list(&admin).await.len(), 1);
}
