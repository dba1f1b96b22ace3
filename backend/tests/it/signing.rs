//! Keys that sign tokens, and refresh tokens of the command line.

use backend::services::signing;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::auth::LoginReply;
use common::paths::{JWKS, LOGIN, META, REFRESH, TOKENS};
use common::stream::{ByeReason, LiveEvent};
use common::tokens::{Jwks, TokenMade};
use serde_json::{Value, json};

use crate::support::app::{ADMIN, PASSWORD, TestApp};
use crate::support::client::{Auth, Client, Reply};
use crate::support::sse::Stream;

const MINUTE: u64 = 60_000;
const DAY: u64 = 86_400_000;

async fn kids(client: &Client) -> Vec<String> {
    let reply = client.get(JWKS).await.expect(200);
    assert_eq!(reply.header("cache-control"), "public, max-age=300");
    reply.json::<Jwks>().keys.into_iter().map(|k| k.kid).collect()
}

/// The key that signed a token.
fn kid(token: &str) -> String {
    let head = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&head).unwrap()["kid"].as_str().unwrap().to_owned()
}

async fn access_token(client: &Client) -> String {
    client.post(REFRESH, &json!({})).await.expect(200).json::<LoginReply>().access_token
}

/// Another process changes the key, as `iqra-infra keys rotate-signing` does.
async fn rotate(app: &TestApp) {
    let state = app.state();
    assert!(signing::rotate(&state.db, &state.sealer, state.clock.wall(), 0).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_signs_and_the_old_one_verifies_until_its_last_token_has_ended() {
    let app = TestApp::start().await;
    let (admin, anybody) = (app.admin().await, app.anonymous());
    let old = access_token(&admin).await;
    let made: TokenMade = admin
        .post(TOKENS, &json!({"name": "ci", "scope": "read", "expiresInDays": 2}))
        .await
        .expect(201)
        .json();
    assert_eq!(kids(&anybody).await, [kid(&old)]);
    assert_eq!(kid(&made.plain_token), kid(&old));

    app.advance(MINUTE);
    rotate(&app).await;
    signing::turn(app.state()).await.unwrap();
    let new = access_token(&admin).await;
    assert_ne!(kid(&new), kid(&old));
    assert_eq!(kids(&anybody).await, [kid(&new), kid(&old)], "the one that signs comes first");
    let by = |token: &str| anybody.with(Auth::Bearer(token.to_owned()));
    for token in [&old, &new, &made.plain_token] {
        by(token).get(META).await.expect(200);
    }

    // Its access tokens have ended long ago; the automation token has not.
    app.advance(DAY);
    signing::turn(app.state()).await.unwrap();
    assert_eq!(kids(&anybody).await.len(), 2);
    by(&made.plain_token).get(META).await.expect(200);
    app.advance(DAY);
    signing::turn(app.state()).await.unwrap();
    assert_eq!(kids(&anybody).await, [kid(&new)]);
    let rows = "SELECT action || ' ' || actor FROM activity WHERE action LIKE 'keys.signing.%' ORDER BY id";
    assert_eq!(app.db.texts(rows).await, ["keys.signing.make system", "keys.signing.rotate system"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_changed_by_its_age_and_once_where_two_servers_try() {
    let app = TestApp::with(crate::support::app::PATIENT, |s| s.signing_key_ms = 90 * DAY).await;
    let other = app.twin().await;
    let before = kids(&app.anonymous()).await;
    for (days, changed) in [(89, false), (2, true), (1, false)] {
        app.advance(days * DAY);
        let known = kids(&app.anonymous()).await;
        let (a, b) = tokio::join!(signing::turn(app.state()), signing::turn(&other.running.app));
        a.and(b).unwrap();
        // Each knows the other's by its next turn at the latest.
        signing::turn(app.state()).await.unwrap();
        signing::turn(&other.running.app).await.unwrap();
        let (here, there) = (kids(&app.anonymous()).await, kids(&app.anonymous().at(&other.base)).await);
        assert_eq!(here, there);
        assert_eq!(here[0] != known[0], changed, "after {days} days more");
    }
    assert!(!kids(&app.anonymous()).await.contains(&before[0]), "nothing of it is left to verify");
    assert_eq!(app.db.text("SELECT count(*) FROM jwt_keys").await, "1");
    other.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_believes_a_new_key_at_its_first_token() {
    let app = TestApp::start().await;
    let other = app.twin().await;
    let admin = app.admin().await;
    rotate(&app).await;
    signing::learn(app.state()).await.unwrap();
    let token = access_token(&admin).await;
    let there = admin.with(Auth::Bearer(token.clone())).at(&other.base);
    there.get(META).await.expect(200);
    assert!(kids(&there).await.contains(&kid(&token)));
    // A key that nobody made is no reason to ask the database each time, and is refused.
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let head = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": uuid::Uuid::now_v7()});
    parts[0] = URL_SAFE_NO_PAD.encode(head.to_string());
    for _ in 0..3 {
        there.with(Auth::Bearer(parts.join("."))).get(META).await.problem(401, "unauthenticated");
    }
    other.running.stop().await;
}

async fn command_line(app: &TestApp) -> LoginReply {
    let body = json!({"email": ADMIN, "password": PASSWORD, "commandLine": true});
    let reply = app.anonymous().post(LOGIN, &body).await.expect(200);
    assert!(reply.headers.get("set-cookie").is_none(), "a program gets no cookie");
    reply.json()
}

async fn renew(app: &TestApp, token: &str) -> Reply {
    app.anonymous().post(REFRESH, &json!({"refreshToken": token})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_goes_on_with_one_refresh_token_after_another() {
    let app = TestApp::start().await;
    let first = command_line(&app).await;
    let mut token = first.refresh_token.clone().unwrap();
    assert!(token.starts_with("iqr_"), "{token}");
    let bearer = app.anonymous().with(Auth::Bearer(first.access_token));
    bearer.get(META).await.expect(200);
    // An access token that got away does not renew itself.
    bearer.post(REFRESH, &json!({})).await.problem(409, "refresh_token_needed");
    // Silence of days ends a browser's session, not a program's.
    for _ in 0..4 {
        app.advance(7 * DAY);
        let reply = renew(&app, &token).await.expect(200);
        let next: LoginReply = reply.json();
        app.anonymous().with(Auth::Bearer(next.access_token)).get(META).await.expect(200);
        assert_ne!(next.refresh_token.as_deref(), Some(token.as_str()));
        token = next.refresh_token.unwrap();
    }
    assert!(!app.db.dump().await.contains(&token), "a refresh token is stored");
    app.advance(3 * DAY);
    renew(&app, &token).await.problem(401, "unauthenticated");
    for bad in ["", "iqr_", "nonsense", &first.user.email] {
        renew(&app, bad).await.problem(401, "unauthenticated");
    }
    // A browser has no refresh token.
    let cookie = app.admin().await.post(REFRESH, &json!({})).await.expect(200);
    assert!(cookie.value().get("refreshToken").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_comes_twice_ends_its_session_for_both() {
    let app = TestApp::start().await;
    let other = command_line(&app).await;
    let first = command_line(&app).await;
    let stolen = first.refresh_token.unwrap();
    let next: LoginReply = renew(&app, &stolen).await.expect(200).json();
    let owner = app.anonymous().with(Auth::Bearer(next.access_token));
    let mut stream = Stream::open(&owner, "summary", None).await;
    stream.next().await.expect("hello");

    renew(&app, &stolen).await.problem(401, "refresh_reused");
    let bye = stream.wait("bye", |m| match m.event {
        LiveEvent::Bye { reason } => Some(reason),
        _ => None,
    });
    assert_eq!(bye.await, ByeReason::SignedOut);
    owner.get(META).await.problem(401, "unauthenticated");
    renew(&app, &next.refresh_token.unwrap()).await.problem(401, "unauthenticated");
    renew(&app, &stolen).await.problem(401, "unauthenticated");
    let row =
        "SELECT actor || ' ' || outcome || ' ' || source FROM activity WHERE action = 'auth.refresh_reused'";
    assert_eq!(app.db.texts(row).await, [format!("{ADMIN} denied 127.0.0.1")]);
    // The session beside it goes on.
    renew(&app, &other.refresh_token.unwrap()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_renew_at_once_one_is_too_late() {
    let app = TestApp::start().await;
    let token = command_line(&app).await.refresh_token.unwrap();
    let (a, b) = tokio::join!(renew(&app, &token), renew(&app, &token));
    // The one that was in time may find its session ended by the other before its reply is made.
    assert!(a.status == 401 || b.status == 401, "{} {}", a.status, b.status);
    assert_eq!(
        app.db.text("SELECT count(*) FROM sessions").await,
        "0",
        "nobody can say who of them was the thief"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_renews_nothing() {
    let app = TestApp::start().await;
    let token = command_line(&app).await.refresh_token.unwrap();
    app.db.execute("UPDATE users SET disabled_at = now()").await;
    renew(&app, &token).await.problem(401, "unauthenticated");
}

/// `iqra-infra` beside a running server.
async fn command(app: &TestApp, args: &[&str]) -> std::process::Output {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_iqra-infra"));
    command.args(args).env_clear().env("DATABASE_URL", app.db.url()).env("IQRA_MASTER_KEY", "5a".repeat(32));
    tokio::time::timeout(crate::support::BOUND * 3, command.kill_on_drop(true).output())
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_script_gets_its_token_from_the_command_line() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.region(&admin, "mct").await;
    let ask = [
        "token",
        "create",
        "--name",
        "ci",
        "--scope",
        "operate",
        "--region",
        "om-mct",
        "--expires",
        "90d",
        "--as",
        ADMIN,
    ];
    let made = command(&app, &ask).await;
    let (out, err) = (String::from_utf8(made.stdout).unwrap(), String::from_utf8(made.stderr).unwrap());
    assert!(made.status.success(), "{err}");
    assert_eq!((out.lines().count(), out.split('.').count()), (1, 3), "the token alone: {out}");
    assert!(err.contains("ci") && err.contains(ADMIN) && !err.contains(out.trim()), "{err}");
    let script = app.anonymous().with(Auth::Bearer(out.trim().to_owned()));
    let me: common::auth::Me = script.get(common::paths::ME).await.expect(200).json();
    assert_eq!(me.user.unwrap().region_scope.unwrap()[0].as_str(), "OM-MCT");
    let row = "SELECT actor || ' ' || source FROM activity WHERE action = 'token.create'";
    assert_eq!(app.db.text(row).await, format!("{ADMIN} command line"));

    let viewer = app.user(common::auth::Role::Viewer, None).await;
    for bad in
        [["--as", &viewer], ["--as", "nobody@example.org"], ["--region", "OM-MOON"], ["--network", "here"]]
    {
        let mut ask = vec!["token", "create", "--name", "ci", "--scope", "operate"];
        if bad[0] != "--as" {
            ask.extend(["--as", ADMIN]);
        }
        ask.extend(bad);
        let refused = command(&app, &ask).await;
        assert!(!refused.status.success() && refused.stdout.is_empty(), "{bad:?}");
    }

    // The key is changed beside the running server, which learns of it; tokens of the old one stay good.
    let before = kids(&app.anonymous()).await;
    assert!(command(&app, &["keys", "rotate-signing"]).await.status.success());
    signing::learn(app.state()).await.unwrap();
    let after = kids(&app.anonymous()).await;
    assert_eq!((after.len(), &after[1..]), (2, &before[..]));
    script.get(META).await.expect(200);
}
