//! Sign-in, sessions, access tokens, roles at the door.

use backend::auth::token::ACCESS_MS;
use backend::clock::{Clock as _, SystemClock};
use backend::db::{Db, pool};
use backend::services::setup;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::auth::{LoginReply, Me, Role};
use common::paths::{LOGIN, LOGOUT, ME, META, REGIONS, STREAM};
use common::stream::{ByeReason, LiveEvent};
use common::time::Timestamp;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::support::app::{ADMIN, PASSWORD, TestApp};
use crate::support::client::{Auth, Client, Reply, header};
use crate::support::db::TestDb;
use crate::support::sse::Stream;

const REFRESH: &str = "/api/v1/auth/refresh";

async fn refused(client: &Client) {
    client.get(META).await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_sets_a_cookie_that_no_script_and_no_other_site_can_use() {
    let app = TestApp::start().await;
    let reply = app.anonymous().login(" Admin@LOCALHOST ", PASSWORD).await.expect(200);
    let attributes: Vec<String> = reply.header("set-cookie").split("; ").map(str::to_owned).collect();
    for wanted in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"] {
        assert!(attributes.iter().any(|a| a == wanted), "{wanted} is not in {attributes:?}");
    }
    assert!(!attributes.iter().any(|a| a == "Secure"), "plain HTTP cannot have it");
    let id = reply.session_cookie().unwrap();
    assert!(id.len() >= 43, "256 bits take 43 characters: {}", id.len());
    assert_eq!(reply.header("cache-control"), "no-store");
    let body: LoginReply = reply.json();
    assert_eq!(
        (body.user.email.as_str(), body.user.role, body.user.region_scope),
        (ADMIN, Role::Admin, None)
    );
    assert!(!reply.text.contains(&id), "the session id belongs into the cookie alone");

    let me: Me = app.anonymous().with(Auth::Cookie(id)).get(ME).await.expect(200).json();
    assert_eq!(me.user.unwrap().id, body.user.id);
    app.anonymous().with(Auth::Bearer(body.access_token)).get(META).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_tls_the_cookie_is_bound_to_the_host() {
    let secure = |s: &mut backend::config::Settings| s.public_url = Some("https://console.example".into());
    let app = TestApp::with(crate::support::app::PATIENT, secure).await;
    let reply = app.anonymous().login(ADMIN, PASSWORD).await.expect(200);
    let set = reply.header("set-cookie");
    assert!(set.starts_with("__Host-iqra=") && set.contains("; Secure") && !set.contains("Domain"), "{set}");
    let value = set.split([';', '=']).nth(1).unwrap();
    let request = app.anonymous().request(Method::GET, META).header("cookie", format!("__Host-iqra={value}"));
    app.anonymous().send(request).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pair_is_answered_the_same_whatever_is_wrong() {
    let app = TestApp::start().await;
    let disabled = app.user(Role::Viewer, None).await;
    app.db.execute(&format!("UPDATE users SET disabled_at = now() WHERE email = '{disabled}'")).await;
    let mut answers = Vec::new();
    for (email, password) in [(ADMIN, "wrong"), ("nobody@example.org", PASSWORD), (&disabled, PASSWORD)] {
        let reply = app.anonymous().login(email, password).await;
        let problem = reply.problem(401, "wrong_password");
        assert!(reply.headers.get("set-cookie").is_none());
        answers.push((problem.title, problem.detail, problem.errors));
    }
    assert!(answers.windows(2).all(|w| w[0] == w[1]), "{answers:?}");
    let empty = app.anonymous().login(" ", "").await;
    assert_eq!(
        empty.field_errors(),
        [("/email".into(), "required".into()), ("/password".into(), "required".into())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_one_account_has_to_wait() {
    let app = TestApp::start().await;
    let viewer = app.user(Role::Viewer, None).await;
    for _ in 0..5 {
        app.anonymous().login(ADMIN, "wrong").await.problem(401, "wrong_password");
    }
    let reply = app.anonymous().login(ADMIN, PASSWORD).await;
    reply.problem(429, "too_many_attempts");
    let seconds: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=300).contains(&seconds), "{seconds}");
    app.anonymous().login(&viewer, PASSWORD).await.expect(200);
}

/// Signs in from another address, as a proxy tells it.
async fn from(client: &Client, source: &str, path: &str, body: &serde_json::Value) -> Reply {
    client.send(client.request(Method::POST, path).header("x-forwarded-for", source).json(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_from_many_addresses_does_not_lock_the_owner_out() {
    let proxied =
        |s: &mut backend::config::Settings| s.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let app = TestApp::with(crate::support::app::PATIENT, proxied).await;
    let (right, wrong) =
        (json!({"email": ADMIN, "password": PASSWORD}), json!({"email": ADMIN, "password": "wrong"}));
    let nobody = app.anonymous();
    let home = "2001:db8:1:2::7";
    let cookie = from(&nobody, home, LOGIN, &right).await.expect(200).session_cookie().unwrap();
    let owner = app.anonymous().with(Auth::Cookie(cookie));
    let state = app.state();
    for n in 0..50 {
        let source = format!("198.51.100.{}", n / 5).parse().unwrap();
        state.attempts.failed(ADMIN, source, state.clock.mono());
    }
    from(&nobody, "203.0.113.9", LOGIN, &right).await.problem(429, "too_many_attempts");
    // From where the account has a session, by the network where it is IPv6, and within that session wherever it is.
    from(&nobody, "2001:db8:1:3::7", LOGIN, &right).await.problem(429, "too_many_attempts");
    from(&nobody, "2001:db8:1:2:aaaa::8", LOGIN, &right).await.expect(200);
    from(&owner, "203.0.113.9", "/api/v1/auth/confirm", &json!({"password": PASSWORD})).await.expect(200);
    // These have limits of their own.
    for _ in 0..5 {
        from(&nobody, home, LOGIN, &wrong).await.problem(401, "wrong_password");
    }
    from(&nobody, home, LOGIN, &right).await.problem(429, "too_many_attempts");
    let other = "203.0.113.10";
    for _ in 0..5 {
        from(&owner, other, "/api/v1/auth/confirm", &json!({"password": "wrong"})).await.field_errors();
    }
    for source in [other, "203.0.113.11"] {
        let again = from(&owner, source, "/api/v1/auth/confirm", &json!({"password": PASSWORD})).await;
        again.problem(429, "too_many_attempts");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_of_ipv6_has_one_count() {
    let proxied =
        |s: &mut backend::config::Settings| s.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let app = TestApp::with(crate::support::app::PATIENT, proxied).await;
    let (right, wrong) =
        (json!({"email": ADMIN, "password": PASSWORD}), json!({"email": ADMIN, "password": "wrong"}));
    let nobody = app.anonymous();
    for n in 1..=5 {
        from(&nobody, &format!("2001:db8::{n}"), LOGIN, &wrong).await.problem(401, "wrong_password");
    }
    from(&nobody, "2001:db8::abcd:6", LOGIN, &right).await.problem(429, "too_many_attempts");
    from(&nobody, "2001:db8:0:1::6", LOGIN, &right).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_at_once_gets_no_further_than_guessing_in_turn() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let replies = join_all((0..30).map(|n| {
        let client = client.clone();
        async move { client.login(ADMIN, &format!("wrong {n}")).await.status }
    }))
    .await;
    let looked_at = replies.iter().filter(|s| **s == 401).count();
    // Two passwords are looked at side by side, so one guess may be on its way when the fifth one fails.
    assert!((5..=6).contains(&looked_at), "{looked_at} guesses were looked at");
    assert_eq!(replies.iter().filter(|s| **s == 429).count(), 30 - looked_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_cookie_token_and_stream() {
    let app = TestApp::start().await;
    let cookie = app.admin().await;
    let token = cookie.with_token().await;
    let other = app.admin().await;
    let mut stream = Stream::open(&token, "summary", None).await;
    stream.next().await.expect("hello");

    let clock = SystemClock::new();
    let reply = cookie.post(LOGOUT, &json!({})).await.expect(204);
    let set = reply.header("set-cookie");
    assert!(set.starts_with("iqra=;") && set.contains("Max-Age=0"), "{set}");
    let bye = stream.wait("bye", |m| match m.event {
        LiveEvent::Bye { reason } => Some(reason),
        _ => None,
    });
    assert_eq!(bye.await, ByeReason::SignedOut);
    assert!(clock.mono().since(backend::clock::Mono::EPOCH) < 1_000, "the stream outlived its session");
    assert_eq!(stream.next().await, None, "bye is the last message");

    refused(&cookie).await;
    refused(&token).await;
    cookie.post(REFRESH, &json!({})).await.problem(401, "unauthenticated");
    other.get(META).await.expect(200);
    assert_eq!(app.db.text("SELECT count(*) FROM sessions").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_who_is_signed_in_is_never_an_error() {
    let app = TestApp::start().await;
    for nobody in [Auth::None, Auth::Cookie("nonsense".into()), Auth::Bearer("nonsense".into())] {
        let me: Me = app.anonymous().with(nobody).get(ME).await.expect(200).json();
        assert_eq!(me.user, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_can_be_renewed_and_wins_over_the_cookie() {
    let app = TestApp::start().await;
    let cookie = app.admin().await;
    let first: LoginReply = cookie.post(REFRESH, &json!({})).await.expect(200).json();
    let again = cookie.with(Auth::Bearer(first.access_token)).post(REFRESH, &json!({})).await.expect(200);
    assert!(again.headers.get("set-cookie").is_none(), "a token renews no cookie");
    let again: LoginReply = again.json();
    let left = again.expires_at.since(app.state().clock.wall());
    assert!((ACCESS_MS - 60_000..=ACCESS_MS).contains(&left), "{left} ms");
    // A bad token beside a good cookie is a bad credential.
    let both = cookie.request(Method::GET, META).header("authorization", "Bearer nonsense");
    cookie.send(both).await.problem(401, "unauthenticated");
    let basic = cookie.request(Method::GET, META).header("authorization", "Basic YTpi");
    cookie.send(basic).await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_cannot_use_the_cookie() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (host, body) =
        (app.base().trim_start_matches("http://"), json!({"countryCode": "OM", "name": "MCT"}));
    let bad = [
        header("sec-fetch-site", "cross-site"),
        header("sec-fetch-site", "same-site"),
        header("origin", "https://evil.example"),
        header("origin", "null"),
        header("origin", &format!("http://{host}.evil.example")),
        header("origin", "http://127.0.0.1:1"),
    ];
    for headers in bad {
        for (path, body) in [(REGIONS, &body), (LOGIN, &json!({"email": ADMIN, "password": PASSWORD}))] {
            let request = admin.request(Method::POST, path).headers(headers.clone()).json(body);
            admin.send(request).await.problem(403, "cross_site");
        }
        // Reading changes nothing, and what is read stays with the browser.
        admin.send(admin.request(Method::GET, META).headers(headers)).await.expect(200);
    }
    for (n, headers) in
        [header("sec-fetch-site", "same-origin"), header("origin", app.base())].into_iter().enumerate()
    {
        let body = json!({"countryCode": "OM", "name": format!("r{n}")});
        admin.send(admin.request(Method::POST, REGIONS).headers(headers).json(&body)).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_tokens_of_ours_count() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let login: LoginReply = admin.post(REFRESH, &json!({})).await.expect(200).json();
    let good = admin.with(Auth::Bearer(login.access_token.clone()));
    good.get(META).await.expect(200);
    good.send(good.request(Method::GET, STREAM).query(&[("topics", "x")])).await.field_errors();

    let parts: Vec<&str> = login.access_token.split('.').collect();
    let [head, claims, signature] = parts[..] else { panic!("a JWT has three parts") };
    let head: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).unwrap()).unwrap();
    assert_eq!((&head["alg"], &head["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
    let body: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let encode = |v: &serde_json::Value| URL_SAFE_NO_PAD.encode(v.to_string());
    let changed = |v: &serde_json::Value, key: &str, to: serde_json::Value| {
        let mut v = v.clone();
        v[key] = to;
        encode(&v)
    };
    let mut bad = vec![
        format!("{}.{claims}.", changed(&head, "alg", json!("none"))),
        format!("{}.{claims}.{signature}", changed(&head, "alg", json!("HS256"))),
        format!("{}.{claims}.{signature}", changed(&head, "typ", json!("JWT"))),
        format!("{}.{claims}.{signature}", changed(&head, "kid", json!("other"))),
        format!("{}.{}.{signature}", encode(&head), changed(&body, "role", json!("admin "))),
        format!("{}.{}.{signature}", encode(&head), changed(&body, "exp", json!(9_999_999_999_u64))),
        login.access_token.replace('.', ""),
    ];
    // Signed by our own key, but ended, or of another version of the user, or of a session that never was.
    let (signer, now) = (&app.state().signer, app.state().clock.wall());
    let sid = body["sid"].as_str().unwrap().parse().unwrap();
    let version = body["ver"].as_i64().unwrap();
    let issue = |sid, ver, at| signer.issue(login.user.id, sid, Role::Admin, ver, at).unwrap().0;
    good.with(Auth::Bearer(issue(sid, version, now))).get(META).await.expect(200);
    bad.push(issue(sid, version, now.before(ACCESS_MS + 1_000)));
    bad.push(issue(sid, version + 1, now));
    bad.push(issue(uuid::Uuid::now_v7(), version, now));
    for token in bad {
        let reply = admin.with(Auth::Bearer(token.clone())).get(META).await;
        assert_eq!(reply.status, 401, "{token}");
        reply.problem(401, "unauthenticated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_people_and_ended_sessions_are_out_at_once() {
    let app = TestApp::start().await;
    let email = app.user(Role::Operator, None).await;
    let cookie = app.sign_in(&email).await;
    let token = cookie.with_token().await;
    app.db.execute(&format!("UPDATE users SET disabled_at = now() WHERE email = '{email}'")).await;
    refused(&cookie).await;
    refused(&token).await;

    for ended in ["expires_at = now()", "last_used_at = now() - interval '12 hours 1 second'"] {
        let admin = app.admin().await;
        let token = admin.with_token().await;
        admin.get(META).await.expect(200);
        app.db.execute(&format!("UPDATE sessions SET {ended}")).await;
        refused(&admin).await;
        refused(&token).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_added_first_does_not_keep_the_first_administrator_away() {
    let test = TestDb::migrated().await;
    let db = Db::new(pool::connect(test.url(), 2).await.unwrap());
    let viewer = setup::NewAccount {
        email: "viewer@example.org".into(),
        role: Role::Viewer,
        region_scope: None,
        password: None,
    };
    setup::create_account(&db, viewer, "http://127.0.0.1", Timestamp(0)).await.unwrap();
    let first = async || setup::first_administrator(&db, ADMIN, None, Timestamp(0)).await.unwrap();
    assert!(first().await.is_some(), "nobody could make one otherwise");
    assert!(first().await.is_none(), "and no second one");
    let who = "SELECT email || ' ' || role FROM users ORDER BY email";
    assert_eq!(test.texts(who).await, [format!("{ADMIN} admin"), "viewer@example.org viewer".to_owned()]);
}
