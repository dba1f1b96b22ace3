//! Sessions: listed, ended one by one and all at once; the password changed, and given again before something
//! dangerous; streams that end with the rights they were opened with, on every server.

use backend::clock::{Clock as _, SystemClock};
use common::activity::Activity;
use common::auth::{Me, Role};
use common::node::NodeKind;
use common::paths::{ACTIVITY, CONFIRM, ME, META, PASSWORD as PASSWORD_PATH, REGIONS, SESSIONS, USERS};
use common::sessions::{Confirmed, Session, SessionKind, SessionList};
use common::stream::{ByeReason, LiveEvent};
use common::users::{Account, AccountPage};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{ADMIN, PASSWORD, TestApp, Twin};
use crate::support::client::{Auth, Client, Reply};
use crate::support::logs;
use crate::support::sse::Stream;
use crate::support::within_a_second;

const NEW: &str = "four quiet herons crossing";
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

async fn sessions(client: &Client, path: &str) -> Vec<Session> {
    client.get(path).await.expect(200).json::<SessionList>().items
}

async fn find(admin: &Client, email: &str) -> Account {
    let page: AccountPage = admin.get(USERS).await.expect(200).json();
    page.items.into_iter().find(|a| a.email == email).unwrap_or_else(|| panic!("no account {email}"))
}

async fn patch(admin: &Client, account: &Account, body: &Value) -> Reply {
    let version = format!("\"{}\"", account.version);
    let path = format!("{USERS}/{}", account.id);
    admin.send(admin.request(Method::PATCH, &path).header("if-match", version).json(body)).await
}

async fn noted(admin: &Client, action: &str) -> Vec<Activity> {
    let page: Value = admin.get(&format!("{ACTIVITY}?action={action}")).await.expect(200).value();
    serde_json::from_value(page["items"].clone()).unwrap()
}

async fn confirm(client: &Client, password: &str) -> Reply {
    client.post(CONFIRM, &json!({"password": password})).await
}

async fn out(client: &Client) {
    client.get(META).await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sees_and_ends_ones_own_sessions_and_no_others() {
    let app = TestApp::start().await;
    let email = app.user(Role::Viewer, None).await;
    let (one, two) = (app.sign_in(&email).await, app.sign_in(&email).await);
    let other = app.signed_in_as(Role::Operator).await;
    let mine = sessions(&one, SESSIONS).await;
    assert_eq!(mine.len(), 2);
    assert_eq!(mine.iter().filter(|s| s.current).count(), 1);
    assert!(
        mine.iter().all(|s| s.email == email && s.kind == SessionKind::Browser && s.source == "127.0.0.1")
    );
    let id = |s: &Session| format!("{SESSIONS}/{}", s.id);
    let theirs = mine.iter().find(|s| !s.current).unwrap();
    // Whether somebody else has such a session is nobody's business.
    other.delete(&id(theirs)).await.problem(404, "not_found");
    one.delete(&format!("{SESSIONS}/x")).await.problem(404, "not_found");
    let stale = two.with_token().await;
    one.delete(&id(theirs)).await.expect(204);
    out(&two).await;
    out(&stale).await;
    one.delete(&id(theirs)).await.problem(404, "not_found");
    let left = sessions(&one, SESSIONS).await;
    assert_eq!(left.len(), 1);
    one.delete(&id(&left[0])).await.expect(204);
    out(&one).await;

    let admin = app.admin().await;
    let account = find(&admin, &email).await;
    let (three, four) = (app.sign_in(&email).await, app.sign_in(&email).await);
    let of = format!("{USERS}/{}/sessions", account.id);
    let listed = sessions(&admin, &of).await;
    assert_eq!((listed.len(), listed.iter().any(|s| s.current)), (2, false));
    admin.delete(&id(&listed[0])).await.expect(204);
    out(&four).await;
    admin.delete(&of).await.expect(204);
    out(&three).await;
    assert!(sessions(&admin, &of).await.is_empty());
    for (action, rows) in [("session.revoke", 3), ("user.sign_out", 1)] {
        assert_eq!(noted(&admin, action).await.len(), rows, "{action}");
    }
    admin.delete(&format!("{USERS}/{}/sessions", uuid::Uuid::nil())).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_and_old_sessions_are_over_and_not_listed() {
    let app = TestApp::start().await;
    let idle = app.admin().await;
    app.advance(11 * HOUR);
    let used = app.admin().await;
    app.advance(2 * HOUR);
    out(&idle).await;
    assert_eq!(sessions(&used, SESSIONS).await.len(), 1);
    assert_eq!(find(&used, ADMIN).await.sessions, 1);
    // Used again and again, it ends after a week all the same.
    for _ in 0..16 {
        used.get(META).await.expect(200);
        app.advance(10 * HOUR);
    }
    used.get(META).await.expect(200);
    app.advance(7 * HOUR);
    out(&used).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_the_other_sessions() {
    let app = TestApp::start().await;
    let email = app.user(Role::Operator, None).await;
    let (mine, other) = (app.sign_in(&email).await, app.sign_in(&email).await);
    let change = |current: &str, new: &str| {
        let body = json!({"current": current, "new": new});
        let mine = mine.clone();
        async move { mine.put(PASSWORD_PATH, &body).await }
    };
    for (current, new, pointer, code) in [
        ("wrong", NEW, "/current", "wrong_password"),
        ("", NEW, "/current", "required"),
        (PASSWORD, "short", "/new", "password_too_short"),
        (PASSWORD, "qwertyuiopasdfghjkl", "/new", "password_known"),
        (PASSWORD, email.split('@').next().unwrap(), "/new", "password_known"),
    ] {
        let errors = change(current, new).await.field_errors();
        assert_eq!(errors, [(pointer.to_owned(), code.to_owned())], "{current} {new}");
    }
    change(PASSWORD, &"x".repeat(1025)).await.field_errors();
    other.get(META).await.expect(200);
    change(PASSWORD, NEW).await.expect(204);
    mine.get(META).await.expect(200);
    out(&other).await;
    app.anonymous().login(&email, PASSWORD).await.problem(401, "wrong_password");
    app.anonymous().login(&email, NEW).await.expect(200);
    let admin = app.admin().await;
    let ends: Vec<_> = noted(&admin, "auth.password").await.iter().map(|e| e.outcome.as_str()).collect();
    assert_eq!(ends, ["allowed", "denied"], "what the new one lacks is no attempt at another's account");
    let (replies, log, tables) = (app.transcript.all().join("\n"), logs::text(), app.db.dump().await);
    assert!(!replies.contains(NEW) && !tables.contains(NEW));
    assert!(!log.contains(&format!("{NEW} ")), "the log holds a password");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_of_before_is_made_anew_at_sign_in() {
    let app = TestApp::start().await;
    // Of PASSWORD, with the parameters of another time: 64 KiB, one pass.
    let old = {
        use argon2::password_hash::{PasswordHasher, SaltString};
        let params = argon2::Params::new(64, 1, 1, None).unwrap();
        let hasher = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        let salt = SaltString::encode_b64(b"sixteen bytes ok").unwrap();
        hasher.hash_password(PASSWORD.as_bytes(), &salt).unwrap().to_string()
    };
    app.db.execute(&format!("UPDATE users SET password_hash = '{old}'")).await;
    app.anonymous().login(ADMIN, "wrong").await.problem(401, "wrong_password");
    assert_eq!(app.db.text("SELECT password_hash FROM users").await, old);
    app.admin().await;
    let new = app.db.text("SELECT password_hash FROM users").await;
    assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
    app.admin().await;
    assert_eq!(app.db.text("SELECT password_hash FROM users").await, new, "once is enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_of_before_is_stored_in_one_form_at_sign_in() {
    use argon2::password_hash::{PasswordHasher, SaltString};
    let app = TestApp::start().await;
    let (typed, composed) = ("cafe\u{301} au lait for everybody", "caf\u{e9} au lait for everybody");
    let salt = SaltString::encode_b64(b"sixteen bytes ok").unwrap();
    let old = argon2::Argon2::default().hash_password(typed.as_bytes(), &salt).unwrap().to_string();
    app.db.execute(&format!("UPDATE users SET password_hash = '{old}'")).await;
    app.anonymous().login(ADMIN, composed).await.problem(401, "wrong_password");
    app.anonymous().login(ADMIN, typed).await.expect(200);
    let new = app.db.text("SELECT password_hash FROM users").await;
    assert_ne!(new, old);
    // From now on any keyboard will do, and nothing is written again.
    app.anonymous().login(ADMIN, composed).await.expect(200);
    app.anonymous().login(ADMIN, typed).await.expect(200);
    assert_eq!(app.db.text("SELECT password_hash FROM users").await, new);
}

#[tokio::test(flavor = "multi_thread")]
async fn dangerous_actions_ask_for_the_password_again() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "MCT").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    node.beat(&json!({})).await;
    let invited = app.user(Role::Viewer, None).await;
    let me: Me = admin.get(ME).await.expect(200).json();
    let until = me.confirmed_until.expect("signing in counts");
    app.advance(5 * MINUTE);
    node.beat(&json!({})).await;
    let me: Me = admin.get(ME).await.expect(200).json();
    assert_eq!(me.confirmed_until, None);
    assert!(me.session.is_some());
    let account = find(&admin, &invited).await;
    let (person, server) = (format!("{USERS}/{}", account.id), node.path());
    let stop = json!({"mode": "graceful", "reason": "update"});
    let force = json!({
        "state": "maintenance", "privateReason": "x", "onDeadline": "force",
        "deadline": until.later(HOUR).to_string(),
    });
    let ids = json!([node.id]);
    let all = [
        (Method::POST, format!("{server}/shutdown"), stop.clone()),
        (Method::POST, format!("{REGIONS}/{region}/shutdown"), stop),
        (Method::POST, format!("{server}/secret"), json!({})),
        (Method::DELETE, format!("{server}/secret/previous"), json!({})),
        (Method::DELETE, server.clone(), json!({})),
        (Method::DELETE, format!("{REGIONS}/{region}"), json!({})),
        (Method::PUT, format!("{server}/intent"), force.clone()),
        (Method::PUT, format!("{REGIONS}/{region}/intent"), force),
        (
            Method::POST,
            "/api/v1/nodes/bulk".into(),
            json!({"nodeIds": ids, "action": "shutdown", "mode": "immediate", "reason": "x"}),
        ),
        (
            Method::POST,
            "/api/v1/nodes/bulk".into(),
            json!({"nodeIds": ids, "action": "delete", "reason": "x"}),
        ),
        (Method::POST, USERS.into(), json!({"email": "new@example.org", "role": "viewer"})),
        (Method::PATCH, person.clone(), json!({"role": "admin"})),
        (Method::POST, format!("{person}/link"), json!({})),
        (Method::DELETE, format!("{person}/sessions"), json!({})),
        (Method::DELETE, person, json!({})),
    ];
    for (method, path, body) in &all {
        let request = admin.request(method.clone(), path).header("if-match", "\"1\"").json(body);
        let reply = admin.send(request).await;
        assert_eq!(reply.status, 403, "{method} {path}: {}", reply.text);
        reply.problem(403, "confirmation_needed");
    }
    // Each is in the log once, as denied.
    let denied = noted(&admin, "&outcome=denied").await;
    assert_eq!(denied.len(), all.len());
    // A role that is too low is told so, not asked for its password.
    let viewer = app.signed_in_as(Role::Viewer).await;
    app.advance(5 * MINUTE);
    viewer
        .post(USERS, &json!({"email": "new@example.org", "role": "viewer"}))
        .await
        .problem(403, "role_too_low");

    assert_eq!(
        confirm(&admin, "wrong").await.field_errors(),
        [("/password".into(), "wrong_password".into())]
    );
    admin.get(META).await.expect(200);
    let confirmed: Confirmed = confirm(&admin, PASSWORD).await.expect(200).json();
    let me: Me = admin.get(ME).await.expect(200).json();
    assert_eq!(me.confirmed_until, Some(confirmed.until));
    // For this session alone.
    let reply = admin.post(USERS, &json!({"email": "new@example.org", "role": "viewer"})).await.expect(201);
    drop(reply);
    app.advance(5 * MINUTE - 1_000);
    patch(&admin, &account, &json!({"displayName": "x"})).await.expect(200);
    app.advance(1_000);
    let account = find(&admin, &invited).await;
    patch(&admin, &account, &json!({"displayName": "y"})).await.problem(403, "confirmation_needed");
    let ends: Vec<_> = noted(&admin, "auth.confirm").await.iter().map(|e| e.outcome.as_str()).collect();
    assert_eq!(ends, ["allowed", "denied"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_somebodys_session_does_not_guess_their_password() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for _ in 0..3 {
        confirm(&admin, "wrong").await.field_errors();
    }
    for _ in 0..2 {
        admin.put(PASSWORD_PATH, &json!({"current": "wrong", "new": NEW})).await.field_errors();
    }
    // What fails in the session counts at the door too.
    confirm(&admin, PASSWORD).await.problem(429, "too_many_attempts");
    admin
        .put(PASSWORD_PATH, &json!({"current": PASSWORD, "new": NEW}))
        .await
        .problem(429, "too_many_attempts");
    app.anonymous().login(ADMIN, PASSWORD).await.problem(429, "too_many_attempts");
    app.advance(5 * MINUTE);
    confirm(&admin, PASSWORD).await.expect(200);
}

/// Why a stream ended, and how many milliseconds that took from now.
async fn bye(stream: &mut Stream) -> (ByeReason, u64) {
    let clock = SystemClock::new();
    let begun = clock.mono();
    let reason = stream
        .wait("bye", |m| match m.event {
            LiveEvent::Bye { reason } => Some(reason),
            _ => None,
        })
        .await;
    (reason, clock.mono().since(begun))
}

async fn stream_at(twin: &Twin, client: &Client) -> Stream {
    let mut stream = Stream::open(&client.at(&twin.base), "summary", None).await;
    stream.next().await.expect("hello");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_changes_ends_the_streams_of_another_within_a_second() {
    let app = TestApp::start().await;
    let twin = app.twin().await;
    let admin = app.admin().await;
    let email = app.user(Role::Operator, None).await;

    let mut all = Vec::new();

    // Other rights: the session goes on, the stream does not.
    let person = app.sign_in(&email).await;
    let mut stream = stream_at(&twin, &person).await;
    let mut here = Stream::open(&person, "summary", None).await;
    let mut bystander = stream_at(&twin, &admin).await;
    for change in [json!({"role": "viewer"}), json!({"regionScope": []})] {
        patch(&admin, &find(&admin, &email).await, &change).await.expect(200);
        let (reason, took) = bye(&mut stream).await;
        assert_eq!(reason, ByeReason::AccessChanged, "{change}");
        all.push(took);
        person.get(META).await.expect(200);
        stream = stream_at(&twin, &person).await;
    }
    assert_eq!(bye(&mut here).await.0, ByeReason::AccessChanged, "the server that made the change");
    // Another name is no other right.
    patch(&admin, &find(&admin, &email).await, &json!({"displayName": "x"})).await.expect(200);

    // One session ends: that of the person goes on elsewhere.
    let second = app.sign_in(&email).await;
    let mut other = stream_at(&twin, &second).await;
    let listed = sessions(&person, SESSIONS).await;
    let current = listed.iter().find(|s| s.current).unwrap();
    person.delete(&format!("{SESSIONS}/{}", current.id)).await.expect(204);
    let (reason, took) = bye(&mut stream).await;
    assert_eq!(reason, ByeReason::SignedOut);
    all.push(took);

    // All of them, then the account.
    admin.delete(&format!("{USERS}/{}/sessions", find(&admin, &email).await.id)).await.expect(204);
    let (reason, took) = bye(&mut other).await;
    assert_eq!(reason, ByeReason::SignedOut);
    all.push(took);
    let third = app.sign_in(&email).await;
    let mut stream = stream_at(&twin, &third).await;
    patch(&admin, &find(&admin, &email).await, &json!({"disabled": true})).await.expect(200);
    let (reason, took) = bye(&mut stream).await;
    assert_eq!(reason, ByeReason::SignedOut);
    all.push(took);
    out(&third.at(&twin.base)).await;

    within_a_second(all);

    // Nobody else was touched: the next that comes is a tick.
    let untouched = bystander.seen.iter().all(|m| !matches!(m.event, LiveEvent::Bye { .. }));
    assert!(untouched);
    bystander.wait("tick", |m| matches!(m.event, LiveEvent::Tick { .. }).then_some(())).await;
    drop((bystander, here));
    twin.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missed_while_nobody_listens_is_made_up_for() {
    let app = TestApp::start().await;
    let twin = app.twin().await;
    let admin = app.admin().await;
    let (lowered, ended) = (app.user(Role::Operator, None).await, app.user(Role::Operator, None).await);
    let (a, b) = (app.sign_in(&lowered).await, app.sign_in(&ended).await);
    let mut of_a = stream_at(&twin, &a).await;
    let mut of_b = stream_at(&twin, &b).await;
    let (account_a, account_b) = (find(&admin, &lowered).await, find(&admin, &ended).await);
    // Nobody can listen: the connections are gone and no new ones are let in. Those of the pool stay.
    app.db.allow_connections(false).await;
    app.db.terminate("LISTEN %").await;
    patch(&admin, &account_a, &json!({"role": "viewer"})).await.expect(200);
    admin.delete(&format!("{USERS}/{}/sessions", account_b.id)).await.expect(204);
    app.db.allow_connections(true).await;
    assert_eq!(bye(&mut of_a).await.0, ByeReason::AccessChanged);
    assert_eq!(bye(&mut of_b).await.0, ByeReason::SignedOut);
    // And it listens again.
    let mut again = stream_at(&twin, &a).await;
    crate::support::wait_for("a connection that listens on both servers", || async {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'";
        (app.db.text(sql).await == "2").then_some(())
    })
    .await;
    patch(&admin, &find(&admin, &lowered).await, &json!({"role": "operator"})).await.expect(200);
    let (reason, took) = bye(&mut again).await;
    assert_eq!(reason, ByeReason::AccessChanged);
    within_a_second(vec![took]);
    twin.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_rights_make_access_tokens_worthless_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let email = app.user(Role::Operator, None).await;
    let cookie = app.sign_in(&email).await;
    let token = cookie.with_token().await;
    patch(&admin, &find(&admin, &email).await, &json!({"displayName": "Salim"})).await.expect(200);
    token.get(META).await.expect(200);
    patch(&admin, &find(&admin, &email).await, &json!({"role": "viewer"})).await.expect(200);
    out(&token).await;
    cookie.get(META).await.expect(200);
    cookie.post(REGIONS, &json!({"countryCode": "OM", "name": "x"})).await.problem(403, "role_too_low");
    let forged = app.anonymous().with(Auth::Cookie("x".repeat(43)));
    out(&forged).await;
    forged.get(SESSIONS).await.problem(401, "unauthenticated");
}
