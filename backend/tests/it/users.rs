//! Accounts: invited, changed, disabled, deleted; the links by which people choose passwords; the rules that keep one
//! administrator in place.

use common::activity::Activity;
use common::auth::{LoginReply, Me, Role};
use common::paths::{ACTIVITY, ME, META, USERS, WELCOME, WELCOME_LOOK};
use common::users::{Account, AccountPage, AccountState, Invited, LinkKind, OneTimeLink, WelcomeInfo};
use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{ADMIN, PASSWORD, TestApp};
use crate::support::client::{Auth, Client, Reply};
use crate::support::logs;

const NEW: &str = "four quiet herons crossing";
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// The part of a link that is sent to the server.
fn token(link: &OneTimeLink) -> String {
    let (page, token) = link.url.split_once('#').expect("a secret behind #");
    assert!(page.ends_with("/welcome") && token.starts_with("iqi_") && token.len() == 53, "{page}");
    token.to_owned()
}

async fn invite(admin: &Client, email: &str, role: &str) -> Invited {
    let reply = admin.post(USERS, &json!({"email": email, "role": role})).await.expect(201);
    admin.transcript().forget_last();
    reply.json()
}

async fn redeem(app: &TestApp, token: &str, password: &str) -> Reply {
    app.anonymous().post(WELCOME, &json!({"token": token, "password": password})).await
}

async fn find(admin: &Client, email: &str) -> Account {
    let page: AccountPage = admin.get(USERS).await.expect(200).json();
    page.items.into_iter().find(|a| a.email == email).unwrap_or_else(|| panic!("no account {email}"))
}

fn path(account: &Account) -> String {
    format!("{USERS}/{}", account.id)
}

async fn patch(admin: &Client, account: &Account, body: &Value) -> Reply {
    let version = format!("\"{}\"", account.version);
    admin.send(admin.request(Method::PATCH, &path(account)).header("if-match", version).json(body)).await
}

async fn remove(admin: &Client, account: &Account) -> Reply {
    let version = format!("\"{}\"", account.version);
    admin.send(admin.request(Method::DELETE, &path(account)).header("if-match", version)).await
}

/// The entries of the log about an action, newest first.
async fn noted(admin: &Client, action: &str) -> Vec<Activity> {
    let page: Value = admin.get(&format!("{ACTIVITY}?action={action}")).await.expect(200).value();
    serde_json::from_value(page["items"].clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_invited_chooses_a_password_and_is_in() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "MCT").await;
    let body = json!({"email": " Salim@Example.ORG", "displayName": " Salim ", "role": "operator", "regionScope": [region]});
    let reply = admin.post(USERS, &body).await.expect(201);
    admin.transcript().forget_last();
    let etag = reply.header("etag").to_owned();
    assert_eq!(reply.header("cache-control"), "no-store");
    let Invited { account, link } = reply.json();
    assert_eq!(reply.header("location"), path(&account));
    assert_eq!(etag, format!("\"{}\"", account.version));
    assert_eq!((account.email.as_str(), account.state), ("salim@example.org", AccountState::Invited));
    assert_eq!(
        (account.display_name.as_deref(), account.sessions, account.last_active_at),
        (Some("Salim"), 0, None)
    );
    let secret = token(&link);

    // Without a password nobody gets in, whatever is typed.
    app.anonymous().login("salim@example.org", NEW).await.problem(401, "wrong_password");
    // Looking does not use it.
    for _ in 0..2 {
        let info: WelcomeInfo =
            app.anonymous().post(WELCOME_LOOK, &json!({"token": secret})).await.expect(200).json();
        assert_eq!((info.email.as_str(), info.kind), ("salim@example.org", LinkKind::Invitation));
        assert_eq!(info.expires_at, link.expires_at);
    }
    // What is refused does not use it either.
    for (password, code) in [
        ("short", "password_too_short"),
        ("passwordpassword", "password_known"),
        ("salim crosses rivers", "password_known"),
        ("iqra herons crossing", "password_known"),
    ] {
        let reply = redeem(&app, &secret, password).await;
        assert_eq!(reply.field_errors(), [("/password".to_owned(), code.to_owned())], "{password}");
    }
    let reply = redeem(&app, &secret, NEW).await.expect(200);
    let cookie = reply.session_cookie().expect("a session");
    let body: LoginReply = reply.json();
    assert_eq!((body.user.role, body.user.region_scope.map(|s| s.len())), (Role::Operator, Some(1)));
    let salim = app.anonymous().with(Auth::Cookie(cookie));
    let me: Me = salim.get(ME).await.expect(200).json();
    assert!(me.confirmed_until.is_some() && me.session.is_some(), "choosing a password counts as giving it");
    app.anonymous().login("SALIM@example.org", NEW).await.expect(200);
    redeem(&app, &secret, "another four herons crossing").await.problem(410, "link_used");
    app.anonymous().post(WELCOME_LOOK, &json!({"token": secret})).await.problem(410, "link_used");

    let account = find(&admin, "salim@example.org").await;
    assert_eq!((account.state, account.sessions, account.tokens), (AccountState::Active, 2, 0));
    assert!(account.last_active_at.is_some());
    assert_eq!(noted(&admin, "user.invite").await.len(), 1);
    let welcome = noted(&admin, "auth.welcome").await;
    let ends: Vec<_> = welcome.iter().map(|e| e.outcome.as_str()).collect();
    assert_eq!(ends, ["denied", "allowed"], "the second try, and the one that counted; a look is no change");
    assert_eq!(welcome[1].actor, "salim@example.org");
    let hash = app.db.text("SELECT encode(token_hash, 'hex') FROM invitations").await;
    assert_eq!(hash.len(), 64);
    no_secret(&app, &[&secret, NEW]).await;
}

/// A secret shows in no reply but the one it was made in, in no log line and in no table.
async fn no_secret(app: &TestApp, secrets: &[&str]) {
    let (replies, log, tables) = (app.transcript.all().join("\n"), logs::text(), app.db.dump().await);
    for secret in secrets {
        assert!(!replies.contains(secret), "a reply holds it");
        assert!(!log.contains(secret), "the log holds it");
        assert!(!tables.contains(secret), "a table holds it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_ends_nothing_until_it_is_used_and_then_everything() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let email = app.user(Role::Operator, None).await;
    let old = app.sign_in(&email).await;
    let account = find(&admin, &email).await;
    let make = || async {
        let reply = admin.post(&format!("{}/link", path(&account)), &json!({})).await.expect(201);
        admin.transcript().forget_last();
        reply.json::<OneTimeLink>()
    };
    let (first, second) = (make().await, make().await);
    // The newer one takes the place of the older one.
    redeem(&app, &token(&first), NEW).await.problem(410, "link_used");
    old.get(META).await.expect(200);
    app.anonymous().login(&email, PASSWORD).await.expect(200);
    let info: WelcomeInfo =
        app.anonymous().post(WELCOME_LOOK, &json!({"token": token(&second)})).await.expect(200).json();
    assert_eq!(info.kind, LinkKind::Reset);
    let reply = redeem(&app, &token(&second), NEW).await.expect(200);
    old.get(META).await.problem(401, "unauthenticated");
    app.anonymous().with(Auth::Cookie(reply.session_cookie().unwrap())).get(META).await.expect(200);
    app.anonymous().login(&email, PASSWORD).await.problem(401, "wrong_password");
    assert_eq!(noted(&admin, "user.link").await.len(), 2);
    assert_eq!(find(&admin, &email).await.sessions, 1);

    // One that nobody uses ends by itself, and so does one of somebody who is disabled.
    let third = make().await;
    app.advance(24 * HOUR);
    redeem(&app, &token(&third), NEW).await.problem(410, "link_used");
    let admin = app.admin().await;
    let invited = invite(&admin, "late@example.org", "viewer").await;
    app.advance(72 * HOUR - MINUTE);
    let body = json!({"token": token(&invited.link)});
    app.anonymous().post(WELCOME_LOOK, &body).await.expect(200);
    app.advance(MINUTE);
    app.anonymous().post(WELCOME_LOOK, &body).await.problem(410, "link_used");
    let admin = app.admin().await;
    let late = find(&admin, "late@example.org").await;
    patch(&admin, &late, &json!({"disabled": true})).await.expect(200);
    admin.post(&format!("{}/link", path(&late)), &json!({})).await.problem(409, "account_disabled");
    assert_eq!(noted(&admin, "user.link").await[0].outcome.as_str(), "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_link_redeemed_twice_at_once_is_redeemed_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for n in 0..4 {
        let invited = invite(&admin, &format!("twice{n}@example.org"), "viewer").await;
        let secret = token(&invited.link);
        let (a, b) =
            join(redeem(&app, &secret, NEW), redeem(&app, &secret, "five other herons crossing")).await;
        let mut replies = [a, b];
        replies.sort_by_key(|r| r.status);
        replies[1].problem(410, "link_used");
        assert_eq!(replies[0].status, 200);
        let mine = app.anonymous().with(Auth::Cookie(replies[0].session_cookie().unwrap()));
        mine.get(META).await.expect(200);
        assert_eq!(find(&admin, &invited.account.email).await.sessions, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_not_guessed_for_long() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let invited = invite(&admin, "guess@example.org", "viewer").await;
    let good = token(&invited.link);
    let other = format!("iqi_{}", "x".repeat(49));
    for bad in ["", "iqi_", &good[..52], &other, "\u{0}", &"ي".repeat(5000)] {
        app.anonymous().post(WELCOME_LOOK, &json!({"token": bad})).await.problem(410, "link_used");
    }
    for bad in [json!({}), json!({"token": 7}), json!({"token": good, "x": 1})] {
        app.anonymous().post(WELCOME_LOOK, &bad).await.problem(422, "invalid");
    }
    for _ in 6..20 {
        redeem(&app, &other, NEW).await.problem(410, "link_used");
    }
    let reply = redeem(&app, &good, NEW).await;
    reply.problem(429, "too_many_attempts");
    assert!(reply.header("retry-after").parse::<u64>().is_ok());
    assert_eq!(noted(&admin, "auth.welcome").await.len(), 14, "one for each try that was looked at");
    app.advance(5 * MINUTE);
    redeem(&app, &good, NEW).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_touches_their_own_rights_and_one_administrator_remains() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let me = find(&admin, ADMIN).await;
    for change in [json!({"role": "viewer"}), json!({"disabled": true}), json!({"regionScope": []})] {
        patch(&admin, &me, &change).await.problem(409, "own_account");
    }
    remove(&admin, &me).await.problem(409, "own_account");
    let named: Account = patch(&admin, &me, &json!({"displayName": " Huda "})).await.expect(200).json();
    assert_eq!((named.display_name.as_deref(), named.version), (Some("Huda"), me.version + 1));
    admin.with_token().await.get(META).await.expect(200);
    // The same again is no change.
    let same: Account =
        patch(&admin, &named, &json!({"displayName": "Huda", "role": "admin"})).await.expect(200).json();
    assert_eq!(same, named);
    patch(&admin, &me, &json!({"displayName": "x"})).await.problem(412, "version_stale");

    // An admin of some regions, a disabled one and one who was only invited are none that could help.
    let other = app.user(Role::Admin, None).await;
    let other_client = app.sign_in(&other).await;
    let limited = app.user(Role::Admin, Some(&["OM-MCT"])).await;
    invite(&admin, "invited@example.org", "admin").await;
    app.sign_in(&limited).await.get(USERS).await.problem(403, "role_too_low");
    let disabled = app.user(Role::Admin, None).await;
    let account = find(&admin, &disabled).await;
    patch(&admin, &account, &json!({"disabled": true})).await.expect(200);
    let account = find(&admin, &other).await;
    patch(&admin, &account, &json!({"role": "operator"})).await.expect(200);
    // The first administrator is the last one now; who was demoted may do nothing more to them.
    patch(&other_client, &same, &json!({"role": "viewer"})).await.problem(403, "role_too_low");
    app.db.execute(&format!("UPDATE users SET role = 'admin', disabled_at = now(), version = version + 1 WHERE email = '{other}'")).await;
    let helper = app.user(Role::Admin, None).await;
    let helper = app.sign_in(&helper).await;
    patch(&helper, &same, &json!({"role": "viewer"})).await.expect(200);
    let account = find(&helper, ADMIN).await;
    patch(&helper, &account, &json!({"role": "admin"})).await.expect(200);

    let refused: Vec<_> =
        noted(&helper, "user.").await.into_iter().filter(|e| e.outcome.as_str() == "refused").collect();
    assert_eq!(refused.len(), 5, "each refused attempt once, the one on an old version too");
    assert!(refused.iter().all(|e| e.actor == ADMIN && e.target_name.as_deref() == Some(ADMIN)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_account_that_may_everything_stays_as_it_is() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let other = app.user(Role::Admin, None).await;
    // Whoever asks could not sign in again, so that the other one is the last.
    app.db.execute(&format!("UPDATE users SET password_hash = NULL WHERE email = '{ADMIN}'")).await;
    let account = find(&admin, &other).await;
    for change in [json!({"role": "operator"}), json!({"disabled": true}), json!({"regionScope": []})] {
        patch(&admin, &account, &change).await.problem(409, "last_admin");
    }
    remove(&admin, &account).await.problem(409, "last_admin");
    let now = find(&admin, &other).await;
    assert_eq!(now, account, "nothing was changed");
    app.user(Role::Admin, None).await;
    patch(&admin, &account, &json!({"role": "operator"})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_who_demote_each_other_at_once_one_remains() {
    let app = TestApp::start().await;
    for round in 0..4 {
        app.db.execute("UPDATE users SET disabled_at = now()").await;
        let (a, b) = (app.user(Role::Admin, None).await, app.user(Role::Admin, None).await);
        let (ca, cb) = (app.sign_in(&a).await, app.sign_in(&b).await);
        let (of_a, of_b) = (find(&ca, &a).await, find(&ca, &b).await);
        let body = if round % 2 == 0 { json!({"role": "viewer"}) } else { json!({"disabled": true}) };
        let (x, y) = join(patch(&ca, &of_b, &body), patch(&cb, &of_a, &body)).await;
        let mut ends = [x.status, y.status];
        ends.sort_unstable();
        assert_eq!(ends[0], 200, "{} {}", x.text, y.text);
        assert!(matches!(ends[1], 401 | 403 | 409), "{} {}", x.text, y.text);
        let left = "SELECT count(*) FROM users WHERE role = 'admin' AND disabled_at IS NULL AND region_scope IS NULL";
        assert_eq!(app.db.text(left).await, "1", "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_may_not_delete_the_last_one() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    // Somebody who may everything, but not as an account that could remain: a token would be the same.
    let other = app.user(Role::Admin, None).await;
    let client = app.sign_in(&other).await;
    let me = find(&admin, ADMIN).await;
    let second = find(&admin, &other).await;
    remove(&admin, &second).await.expect(204);
    client.get(META).await.problem(401, "unauthenticated");
    let gone = admin.get(&path(&second)).await;
    gone.problem(404, "not_found");
    remove(&admin, &second).await.problem(404, "not_found");
    remove(&client, &me).await.problem(401, "unauthenticated");
    assert_eq!(app.db.text("SELECT count(*) FROM users").await, "1");
    assert_eq!(noted(&admin, "user.delete").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_pages_and_only_administrators_read_it() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for n in 0..5 {
        invite(&admin, &format!("p{n}@example.org"), "viewer").await;
    }
    let mut seen = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page: AccountPage = admin.get(&format!("{USERS}{query}")).await.expect(200).json();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.into_iter().map(|a| a.email));
        match page.next_cursor {
            Some(cursor) => query = format!("?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.windows(2).all(|w| w[0] < w[1]), "{seen:?}");
    admin.get(&format!("{USERS}?cursor=%00")).await.problem(422, "invalid");
    admin.get(&format!("{USERS}?cursor=AA")).await.problem(422, "invalid");
    admin.get(&format!("{USERS}?limit=0")).await.problem(422, "invalid");
    admin.get(&format!("{USERS}/nobody")).await.problem(404, "not_found");
    for role in [Role::Viewer, Role::Operator] {
        let client = app.signed_in_as(role).await;
        client.get(USERS).await.problem(403, "role_too_low");
        client.post(USERS, &json!({"email": "x@y", "role": "admin"})).await.problem(403, "role_too_low");
    }
    let denied = noted(&admin, "user.invite&outcome=denied").await;
    assert_eq!(denied.len(), 2, "each denied change once, reading not");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_invitations_are_refused_field_by_field() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    invite(&admin, "twin@example.org", "viewer").await;
    let again = admin.post(USERS, &json!({"email": "TWIN@example.org", "role": "admin"})).await;
    let problem = again.problem(409, "email_taken");
    assert_eq!(problem.errors[0].pointer, "/email");
    for (body, pointer) in [
        (json!({"email": "", "role": "viewer"}), "/email"),
        (json!({"email": "a b@c", "role": "viewer"}), "/email"),
        (json!({"email": "a@b\u{0}", "role": "viewer"}), "/email"),
        (json!({"email": format!("{}@b", "x".repeat(300)), "role": "viewer"}), "/email"),
        (json!({"email": "a@b", "role": "root"}), "/role"),
        (json!({"email": "a@b"}), ""),
        (json!({"email": "a@b", "role": "viewer", "displayName": "x\u{7}"}), "/displayName"),
        (json!({"email": "a@b", "role": "viewer", "regionScope": ["XX-NONE"]}), "/regionScope"),
        (json!({"email": "a@b", "role": "viewer", "password": "x"}), "/password"),
    ] {
        let errors = admin.post(USERS, &body).await.field_errors();
        assert_eq!(errors.len(), 1, "{body}");
        assert_eq!(errors[0].0, pointer, "{body}");
    }
    assert_eq!(app.db.text("SELECT count(*) FROM users").await, "2");
    assert_eq!(
        app.db
            .text("SELECT count(*) FROM activity WHERE action = 'user.invite' AND outcome = 'allowed'")
            .await,
        "1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_asked_for_twice_by_one_key_is_one() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ask = || {
        let request = admin.request(Method::POST, USERS).header("idempotency-key", "invite-1");
        admin.send(request.json(&json!({"email": "key@example.org", "role": "viewer"})))
    };
    let first: Invited = ask().await.expect(201).json();
    admin.transcript().forget_last();
    let second: Invited = ask().await.expect(201).json();
    admin.transcript().forget_last();
    assert_eq!(second.link.url, first.link.url);
    app.advance(10 * MINUTE);
    let reply = ask().await.expect(201);
    assert!(!reply.text.contains("iqi_"), "the link is repeated for ten minutes");
    no_secret(&app, &[&token(&first.link)]).await;
}
