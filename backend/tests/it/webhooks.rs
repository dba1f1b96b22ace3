//! Webhooks: made, changed and read by whom; their secrets and addresses; what was sent, listed and repeated.

use backend::auth::seal::{MasterKeys, Sealer};
use backend::auth::webhook_secret::WebhookSecret;
use backend::boot;
use backend::config::{Hidden, MasterKeySource};
use backend::db::{Db, pool};
use backend::services::vault;
use common::activity::{ActivityPage, Outcome};
use common::auth::Role;
use common::ids::WebhookId;
use common::paths::{ACTIVITY, REGIONS, TOKENS, WEBHOOKS};
use common::webhooks::{
    Delivery, DeliveryDetail, DeliveryPage, DeliveryState, StoppedBecause, Webhook, WebhookList, WebhookMade,
    WebhookState,
};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sealing::{hex_key, only_under};
use crate::support::app::{PATIENT, TestApp};
use crate::support::client::{Auth, Client, Reply};

/// Behind the host, where senders' secrets often are.
const HOOK: &str = "http://127.0.0.1:1/services/T0/canary-of-the-path?token=canary-of-the-query";
const MASKED: &str = "http://127.0.0.1:1/…";
const HOUR: u64 = 3_600_000;

fn asked(name: &str) -> Value {
    json!({"name": name, "url": HOOK, "events": ["problem.opened", "lifecycle.liveness"]})
}

fn path(id: WebhookId) -> String {
    format!("{WEBHOOKS}/{id}")
}

async fn make(client: &Client, body: &Value) -> WebhookMade {
    let made = client.post(WEBHOOKS, body).await.expect(201);
    client.transcript().forget_last();
    made.json()
}

async fn put(client: &Client, id: WebhookId, version: i64, body: &Value) -> Reply {
    let request = client.request(Method::PUT, &path(id)).header("if-match", format!("\"{version}\""));
    client.send(request.json(body)).await
}

async fn delete(client: &Client, id: WebhookId, version: i64) -> Reply {
    let request = client.request(Method::DELETE, &path(id)).header("if-match", format!("\"{version}\""));
    client.send(request).await
}

async fn rotate(client: &Client, id: WebhookId, body: &Value) -> WebhookMade {
    let made = client.post(&format!("{}/secret", path(id)), body).await.expect(200);
    client.transcript().forget_last();
    made.json()
}

async fn read(client: &Client, id: WebhookId) -> Webhook {
    client.get(&path(id)).await.expect(200).json()
}

async fn list(client: &Client) -> Vec<Webhook> {
    client.get(WEBHOOKS).await.expect(200).json::<WebhookList>().items
}

/// A delivery straight in the database, `n` of them older than those with higher numbers; its id.
async fn sent(app: &TestApp, webhook: WebhookId, n: u32, event: &str, state: &str) -> String {
    let id = format!("0198f6a2-0000-7000-8000-{n:012}");
    let (next, end) = match state {
        "waiting" => ("'2100-01-01'", "NULL"),
        _ => ("NULL", "now()"),
    };
    let attempts = r#"[{"at":"2026-11-22T10:20:30.000Z","tookMs":7,"status":500,"code":"not_taken","detail":"No."},
        {"at":"2026-11-22T10:20:40.000Z","tookMs":8,"status":204,"code":"taken","detail":"Yes."}]"#;
    app.db
        .execute(&format!(
            "INSERT INTO webhook_messages (id, at, event, region_id, payload) \
                 VALUES ('{id}', now(), '{event}', 'OM-MCT', '{{\"type\":\"{event}\"}}'); \
             INSERT INTO webhook_deliveries (id, webhook_id, message_id, created_at, state, next_at, finished_at, attempts) \
                 VALUES ('{id}', '{webhook}', '{id}', now(), '{state}', {next}, {end}, '{attempts}')"
        ))
        .await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_made_changed_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let body = json!({"name": " On call ", "url": "HTTP://127.0.0.1:1/services/T0/canary-of-the-path?token=canary-of-the-query",
        "events": ["lifecycle.liveness", "problem.opened", "lifecycle.liveness"], "regionIds": [region]});
    let reply = admin.post(WEBHOOKS, &body).await.expect(201);
    admin.transcript().forget_last();
    let made: WebhookMade = reply.json();
    let (hook, secret) = (made.webhook, made.plain_secret);
    assert_eq!((reply.header("location"), reply.header("etag")), (path(hook.id).as_str(), "\"1\""));
    assert_eq!(reply.header("cache-control"), "no-store");
    assert!(secret.starts_with("whsec_") && secret.len() == 50 && !made.secret_shown, "{}", secret.len());
    let events: Vec<&str> = hook.events.iter().map(|e| e.as_str()).collect();
    assert_eq!((hook.name.as_str(), hook.url.as_str()), ("On call", HOOK));
    assert_eq!(events, ["problem.opened", "lifecycle.liveness"]);
    assert_eq!((hook.state, hook.enabled, hook.waiting), (WebhookState::Idle, true, 0));
    assert_eq!(hook.created_by, "admin@localhost");
    assert_eq!(read(&admin, hook.id).await, hook);

    // Every change is based on a version.
    let to = json!({"name": "Night", "url": HOOK, "events": ["problem.opened"], "regionIds": null});
    admin.send(admin.request(Method::PUT, &path(hook.id)).json(&to)).await.problem(428, "version_needed");
    let changed = put(&admin, hook.id, 1, &to).await.expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed: Webhook = changed.json();
    assert_eq!((changed.name.as_str(), changed.region_ids.as_ref()), ("Night", None));
    let stale = put(&admin, hook.id, 1, &asked("Day")).await.problem(412, "version_stale");
    assert_eq!(stale.current.unwrap()["name"], "Night");
    assert_eq!(put(&admin, hook.id, 2, &to).await.expect(200).header("etag"), "\"2\"", "it is so already");

    // No two are called the same.
    let taken = admin.post(WEBHOOKS, &asked("nIGHT")).await.problem(409, "name_taken");
    assert_eq!(taken.errors[0].pointer, "/name");
    let other = make(&admin, &asked("Another")).await.webhook;
    put(&admin, other.id, 1, &asked("NIGHT")).await.problem(409, "name_taken");
    let names: Vec<String> = list(&admin).await.into_iter().map(|w| w.name).collect();
    assert_eq!(names, ["Another", "Night"]);

    delete(&admin, hook.id, 1).await.problem(412, "version_stale");
    assert!(delete(&admin, hook.id, 2).await.expect(204).headers.contains_key("x-change"));
    admin.get(&path(hook.id)).await.problem(404, "not_found");
    delete(&admin, hook.id, 2).await.problem(404, "not_found");

    let rows =
        "SELECT action FROM activity WHERE target_kind = 'webhook' AND outcome = 'allowed' ORDER BY id";
    let noted = ["webhook.create", "webhook.edit", "webhook.create", "webhook.delete"];
    assert_eq!(app.db.texts(rows).await, noted);
    let edit = "SELECT before::text || after::text FROM activity WHERE action = 'webhook.edit' AND outcome = 'allowed'";
    let edit = app.db.text(edit).await;
    assert!(
        edit.contains("\"Night\"") && edit.contains("OM-MCT") && !edit.contains("urlFingerprint"),
        "{edit}"
    );

    // The secret was in one reply; the address is in no log.
    let (kept, logs) = (app.db.dump().await, crate::support::logs::text());
    let bytes = secret.trim_start_matches("whsec_");
    assert!(!kept.contains(bytes), "the secret is stored in clear");
    assert!(!admin.transcript().all().iter().any(|t| t.contains(bytes)), "the secret is in another reply");
    assert!(!logs.contains(bytes) && !logs.contains("canary-of-the"), "the log has secrets");
    let log = admin.get(&format!("{ACTIVITY}?targetKind=webhook")).await.expect(200);
    assert!(!log.text.contains("canary-of-the") && log.text.contains(MASKED), "{}", log.text);
    let page = log.json::<ActivityPage>();
    assert_eq!(page.items.iter().filter(|i| i.outcome == Outcome::Allowed).count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_whole_for_those_who_may_change_it() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.region(&admin, "mct").await;
    let hook = make(&admin, &asked("On call")).await.webhook;
    let limited = app.sign_in(&app.user(Role::Admin, Some(&["OM-MCT"])).await).await;
    let token = async |body: Value| {
        let made = admin.post(TOKENS, &body).await.expect(201).value();
        admin.transcript().forget_last();
        admin.with(Auth::Bearer(made["plainToken"].as_str().unwrap().to_owned()))
    };
    let whole = token(json!({"name": "a", "scope": "admin"})).await;
    let part = token(json!({"name": "b", "scope": "admin", "regionScope": ["OM-MCT"]})).await;
    let operate = token(json!({"name": "c", "scope": "operate"})).await;
    let viewer = app.signed_in_as(Role::Viewer).await;
    let operator = app.signed_in_as(Role::Operator).await;
    for (client, url) in [
        (&admin, HOOK),
        (&whole, HOOK),
        (&viewer, MASKED),
        (&operator, MASKED),
        (&limited, MASKED),
        (&part, MASKED),
        (&operate, MASKED),
    ] {
        assert_eq!(read(client, hook.id).await.url, url);
        assert_eq!(list(client).await[0].url, url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_needs_all_regions_and_the_password_and_trying_needs_all_regions() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.region(&admin, "mct").await;
    let hook = make(&admin, &asked("On call")).await.webhook;
    let delivery = sent(&app, hook.id, 1, "problem.opened", "delivered").await;
    let limited = app.sign_in(&app.user(Role::Admin, Some(&["OM-MCT"])).await).await;
    let operator = app.signed_in_as(Role::Operator).await;
    let (try_it, again) =
        (format!("{}/test", path(hook.id)), format!("{}/deliveries/{delivery}/replay", path(hook.id)));
    for client in [&limited, &operator] {
        client.post(WEBHOOKS, &asked("x")).await.problem(403, "role_too_low");
        put(client, hook.id, 1, &asked("x")).await.problem(403, "role_too_low");
        client.post(&format!("{}/secret", path(hook.id)), &json!({})).await.problem(403, "role_too_low");
        delete(client, hook.id, 1).await.problem(403, "role_too_low");
    }
    for path in [&try_it, &again] {
        limited.post(path, &json!({})).await.problem(403, "role_too_low");
        app.signed_in_as(Role::Viewer).await.post(path, &json!({})).await.problem(403, "role_too_low");
    }
    operator.post(&try_it, &json!({})).await.expect(200);
    operator.post(&again, &json!({})).await.expect(201);

    app.advance(6 * 60_000);
    admin.post(WEBHOOKS, &asked("x")).await.problem(403, "confirmation_needed");
    put(&admin, hook.id, 1, &asked("x")).await.problem(403, "confirmation_needed");
    admin.post(&format!("{}/secret", path(hook.id)), &json!({})).await.problem(403, "confirmation_needed");
    delete(&admin, hook.id, 1).await.problem(403, "confirmation_needed");
    admin.post(&try_it, &json!({})).await.expect(200);
    admin.confirmed().await;
    delete(&admin, hook.id, 1).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_that_is_wrong_is_named_and_nothing_forbidden_is_kept() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let wrong =
        json!({"name": " ", "url": "ftp://x", "events": [], "regionIds": ["OM-MOON", region, "OM-SUN"]});
    let errors = admin.post(WEBHOOKS, &wrong).await.field_errors();
    let told: Vec<(&str, &str)> = errors.iter().map(|(p, c)| (p.as_str(), c.as_str())).collect();
    let wanted = [
        ("/name", "required"),
        ("/events", "required"),
        ("/url", "url_scheme"),
        ("/regionIds/0", "unknown"),
        ("/regionIds/2", "unknown"),
    ];
    assert_eq!(told, wanted);
    for (url, code) in [
        ("http://169.254.169.254/latest/meta-data/", "address_forbidden"),
        ("http://[::ffff:127.0.0.1]/", "address_forbidden"),
        ("http://0.0.0.0/", "address_forbidden"),
        ("http://224.0.0.1/", "address_forbidden"),
        ("http://2130706433/", "url_host"),
        ("http://0x7f000001/", "host_invalid"),
        ("http://127.1/", "url_host"),
        ("https://me:pw@hooks.example.com/", "url_userinfo"),
        ("https://hooks.example.com/#x", "url_fragment"),
        ("https://hooks.example.com/a b", "url_characters"),
        ("https://hooks.example.com:99999/", "url_port"),
        ("hooks.example.com/x", "url_scheme"),
        ("", "required"),
    ] {
        let body = json!({"name": "x", "url": url, "events": ["test", "lifecycle.boot"]});
        let errors = admin.post(WEBHOOKS, &body).await.field_errors();
        assert!(errors.contains(&("/url".into(), code.into())), "{url}: {errors:?}");
        assert!(errors.contains(&("/events".into(), "not_subscribable".into())), "{errors:?}");
    }
    for body in [
        json!({"name": "x", "url": HOOK, "events": ["lifecycle.none"]}),
        json!({"name": "x", "url": HOOK, "events": ["lifecycle.boot"], "secret": "mine"}),
        json!({"name": "x", "url": HOOK, "events": ["lifecycle.boot"], "regionIds": []}),
    ] {
        assert_eq!(admin.post(WEBHOOKS, &body).await.field_errors().len(), 1, "{body}");
    }
    assert!(list(&admin).await.is_empty());

    // A region that is gone stays named where it was, and is not named anew.
    let body = json!({"name": "x", "url": HOOK, "events": ["lifecycle.boot"], "regionIds": [region]});
    let hook = make(&admin, &body).await.webhook;
    app.db.execute("UPDATE webhooks SET region_scope = '{OM-GONE,OM-MCT}'").await;
    let body = json!({"name": "y", "url": HOOK, "events": ["lifecycle.boot"], "regionIds": ["OM-GONE"]});
    put(&admin, hook.id, 1, &body).await.expect(200);
    assert_eq!(admin.post(WEBHOOKS, &body).await.field_errors(), [("/regionIds/0".into(), "unknown".into())]);

    app.db
        .execute(
            "INSERT INTO webhooks (id, name, url, events, secret_id, secret_sealed, secret_print, created_by, created_at) \
             SELECT gen_random_uuid(), 'n' || n, 'https://x/', '{lifecycle.boot}', gen_random_uuid(), '\\x00', 'a', 'b', now() \
             FROM generate_series(1, 49) n",
        )
        .await;
    admin.post(WEBHOOKS, &asked("one too many")).await.problem(409, "too_many_webhooks");
    assert_eq!(list(&admin).await.len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_secret_signs_for_a_while_and_a_repeated_request_tells_it_no_more() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ask = async |path: &str, body: Value| -> WebhookMade {
        let request = admin.request(Method::POST, path).header("idempotency-key", "once");
        let reply = admin.send(request.json(&body)).await;
        assert!(matches!(reply.status, 200 | 201), "{}", reply.text);
        reply.json()
    };
    let (first, again) = (ask(WEBHOOKS, asked("On call")).await, ask(WEBHOOKS, asked("On call")).await);
    assert_eq!((&first, first.secret_shown), (&again, false));
    let (hook, secret) = (first.webhook.id, format!("{}/secret", path(first.webhook.id)));

    let second = ask(&secret, json!({"overlapHours": 2})).await;
    assert_ne!(second.plain_secret, first.plain_secret);
    assert_ne!(second.webhook.secret_fingerprint, first.webhook.secret_fingerprint);
    assert_eq!(second.webhook.version, 2);
    let until = second.webhook.former_secret_until.expect("both sign");
    let state = app.state();
    let row = state.db.webhook_for_sending(hook).await.unwrap().unwrap();
    let (former_id, former, ends) = row.former.unwrap();
    assert_eq!((row.url.as_str(), row.enabled, ends), (HOOK, true, until));
    let open = |id, sealed: &[u8]| WebhookSecret::open(&state.sealer, hook.0, id, sealed).unwrap().text();
    assert_eq!(open(row.secret_id, &row.secret_sealed), second.plain_secret);
    assert_eq!(open(former_id, &former), first.plain_secret);
    let row = app.db.text("SELECT after::text FROM activity WHERE action = 'webhook.secret'").await;
    assert!(row.contains(&second.webhook.secret_fingerprint) && !row.contains("whsec"), "{row}");

    // After ten minutes both requests are still known, and neither tells a secret.
    app.advance(11 * 60_000);
    for (path, body, made) in
        [(WEBHOOKS, asked("On call"), &first), (secret.as_str(), json!({"overlapHours": 2}), &second)]
    {
        let late = ask(path, body).await;
        assert_eq!(
            (late.webhook.id, late.plain_secret.as_str(), late.secret_shown),
            (made.webhook.id, "", true)
        );
    }
    assert_eq!(list(&admin).await.len(), 1);

    assert_eq!(read(&admin, hook).await.former_secret_until, Some(until));
    app.advance(2 * HOUR);
    let admin = app.admin().await;
    assert_eq!(read(&admin, hook).await.former_secret_until, None);
    state.db.webhook_former_purge(state.clock.wall()).await.unwrap();
    assert_eq!(app.db.text("SELECT count(former_sealed) FROM webhooks").await, "0");

    let third = rotate(&admin, hook, &json!({})).await;
    let day = third.webhook.former_secret_until.expect("a day by default").since(state.clock.wall());
    assert!((23 * HOUR..=24 * HOUR).contains(&day), "{day}");
    let last = rotate(&admin, hook, &json!({"overlapHours": 0})).await;
    assert_eq!(last.webhook.former_secret_until, None, "the one before ended at once");
    assert_eq!(app.db.text("SELECT count(former_sealed) FROM webhooks").await, "0");
    let errors = admin.post(&secret, &json!({"overlapHours": 169})).await.field_errors();
    assert_eq!(errors, [("/overlapHours".into(), "out_of_range".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_page_by_page() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (hook, other) = (make(&admin, &asked("a")).await.webhook, make(&admin, &asked("b")).await.webhook);
    let mut ids = Vec::new();
    for (n, (event, state)) in (1_u32..).zip([
        ("problem.opened", "delivered"),
        ("lifecycle.boot", "failed"),
        ("problem.opened", "waiting"),
        ("lifecycle.boot", "delivered"),
        ("problem.opened", "delivered"),
    ]) {
        ids.push(sent(&app, hook.id, n, event, state).await);
    }
    sent(&app, other.id, 9, "problem.opened", "delivered").await;
    ids.reverse();
    let viewer = app.signed_in_as(Role::Viewer).await;
    let all = format!("{}/deliveries", path(hook.id));
    let page =
        async |query: &str| -> DeliveryPage { viewer.get(&format!("{all}{query}")).await.expect(200).json() };
    let named = |page: &DeliveryPage| page.items.iter().map(|d| d.id.to_string()).collect::<Vec<_>>();
    let whole = page("").await;
    assert_eq!((named(&whole), whole.next_cursor), (ids.clone(), None));
    let newest = &whole.items[0];
    assert_eq!((newest.attempts, newest.state, newest.webhook_id), (2, DeliveryState::Delivered, hook.id));
    assert_eq!(newest.last.as_ref().map(|a| (a.status, a.code.as_str())), Some((Some(204), "taken")));
    assert_eq!(newest.region_id.as_ref().map(|r| r.as_str()), Some("OM-MCT"));
    assert_eq!(read(&viewer, hook.id).await.waiting, 1);

    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let part = page(&format!("?limit=2{cursor}")).await;
        seen.extend(named(&part));
        let Some(next) = part.next_cursor else { break };
        assert_eq!(part.items.len(), 2);
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ids, "each once, in order");
    assert_eq!(named(&page("?state=delivered").await).len(), 3);
    assert_eq!(named(&page("?event=lifecycle.boot").await), [ids[1].clone(), ids[3].clone()]);
    assert_eq!(named(&page("?event=lifecycle.boot&state=failed").await), [ids[3].clone()]);
    let errors = viewer.get(&format!("{all}?state=gone&event=x&cursor=x")).await.field_errors();
    let pointers: Vec<&str> = errors.iter().map(|(p, _)| p.as_str()).collect();
    assert_eq!(pointers, ["#query/state", "#query/event", "#query/cursor"]);
    viewer.get(&format!("{all}?limit=501")).await.field_errors();

    let one: DeliveryDetail = viewer.get(&format!("{all}/{}", ids[1])).await.expect(200).json();
    assert_eq!((one.attempts.len(), one.payload.as_str()), (2, r#"{"type":"lifecycle.boot"}"#));
    assert_eq!(one.delivery, whole.items[1]);
    // A delivery is found through its own webhook alone.
    viewer.get(&format!("{}/deliveries/{}", path(other.id), ids[1])).await.problem(404, "not_found");
    viewer.get(&format!("{}/deliveries", path(WebhookId(Uuid::now_v7())))).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_repeated_while_the_webhook_is_on() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let hook = make(&admin, &asked("a")).await.webhook;
    let id = sent(&app, hook.id, 1, "problem.opened", "failed").await;
    let late = sent(&app, hook.id, 2, "problem.opened", "waiting").await;
    let again = |id: &str| format!("{}/deliveries/{id}/replay", path(hook.id));
    let reply = admin.post(&again(&id), &json!({})).await.expect(201);
    let new: Delivery = reply.json();
    assert_eq!(reply.header("location"), format!("{}/deliveries/{}", path(hook.id), new.id));
    assert_eq!((new.message_id.as_str(), new.state, new.attempts), (id.as_str(), DeliveryState::Waiting, 0));
    assert_eq!(new.replay_of.map(|d| d.to_string()), Some(id.clone()));
    assert_eq!(new.next_at, Some(new.created_at), "it is due now");
    admin.post(&again(&Uuid::now_v7().to_string()), &json!({})).await.problem(404, "not_found");

    // Switched off, what waits has failed, and nothing is repeated.
    let off = json!({"name": "a", "url": HOOK, "events": ["problem.opened"], "enabled": false});
    let state: Webhook = put(&admin, hook.id, 1, &off).await.expect(200).json();
    assert_eq!((state.state, state.waiting), (WebhookState::Off, 0));
    let ended: DeliveryDetail =
        admin.get(&format!("{}/deliveries/{late}", path(hook.id))).await.expect(200).json();
    assert_eq!((ended.delivery.state, ended.delivery.next_at), (DeliveryState::Failed, None));
    assert!(ended.delivery.finished_at.is_some());
    admin.post(&again(&id), &json!({})).await.problem(409, "webhook_off");
    let rows = "SELECT action || ' ' || outcome FROM activity WHERE request_id IS NOT NULL AND action <> 'session.create' \
        ORDER BY id";
    let rows = app.db.texts(rows).await;
    assert_eq!(rows.iter().filter(|r| *r == "webhook.replay allowed").count(), 1, "{rows:?}");
    assert!(rows.last().is_some_and(|r| r.ends_with(" refused")), "{rows:?}");

    // Stopped by the control plane, a change of its name lets it be; switching it on clears why.
    app.db.execute("UPDATE webhooks SET stopped_because = 'gone', failing_since = now()").await;
    let renamed = json!({"name": "b", "url": HOOK, "events": ["problem.opened"], "enabled": false});
    let state: Webhook = put(&admin, hook.id, 2, &renamed).await.expect(200).json();
    assert_eq!((state.state, state.stopped_because), (WebhookState::Stopped, Some(StoppedBecause::Gone)));
    let state: Webhook = put(&admin, hook.id, 3, &asked("b")).await.expect(200).json();
    assert_eq!((state.state, state.stopped_because, state.failing_since), (WebhookState::Idle, None, None));
    admin.post(&again(&id), &json!({})).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_one_attempt_at_once_and_not_too_often() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let off = json!({"name": "a", "url": HOOK, "events": ["problem.opened"], "enabled": false});
    let hook = make(&admin, &off).await.webhook;
    let try_it = format!("{}/test", path(hook.id));
    let tried: DeliveryDetail = admin.post(&try_it, &json!({})).await.expect(200).json();
    assert_eq!((tried.delivery.state, tried.attempts.len()), (DeliveryState::Failed, 1), "{tried:?}");
    assert_eq!((tried.delivery.event.as_str(), tried.delivery.next_at), ("test", None));
    assert_eq!((tried.attempts[0].status, tried.attempts[0].code.as_str()), (None, "connection_refused"));
    let payload: Value = serde_json::from_str(&tried.payload).unwrap();
    assert_eq!((&payload["type"], &payload["data"]["name"]), (&json!("test"), &json!("a")));
    assert_eq!(payload["data"]["by"], "admin@localhost");
    let soon = admin.post(&try_it, &json!({})).await;
    soon.problem(429, "too_soon");
    let wait: u64 = soon.header("retry-after").parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    app.advance(2_001);
    admin.post(&try_it, &json!({})).await.expect(200);
    let none = format!("{}/test", path(WebhookId(Uuid::now_v7())));
    admin.post(&none, &json!({})).await.problem(404, "not_found");
    let page: DeliveryPage =
        admin.get(&format!("{}/deliveries?event=test", path(hook.id))).await.expect(200).json();
    assert_eq!((page.items.len(), &page.items[1]), (2, &tried.delivery));
    let rows = "SELECT count(*) FROM activity WHERE action = 'webhook.test' AND outcome = 'allowed'";
    assert_eq!(app.db.text(rows).await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_move_to_a_new_master_key_and_wait_for_it_where_it_is_missing() {
    let mut app =
        TestApp::with(PATIENT, |s| s.master_key = MasterKeySource::Value(Hidden::new(hex_key(1)))).await;
    let admin = app.admin().await;
    let first = make(&admin, &asked("a")).await;
    let hook = first.webhook.id;
    let second = rotate(&admin, hook, &json!({})).await;
    app.pause().await;
    let both = format!("{},{}", hex_key(2), hex_key(1));
    app.settings().master_key = MasterKeySource::Value(Hidden::new(both.clone()));
    boot::rotate_keys(app.settings(), |_| {}).await.unwrap();
    only_under(&app, MasterKeys::from_text(&both).unwrap().ids().next().unwrap()).await;
    let db = Db::new(pool::connect(app.db.url(), 2).await.unwrap());
    let row = db.webhook_for_sending(hook).await.unwrap().unwrap();
    let (former_id, former, _) = row.former.unwrap();
    app.settings().master_key = MasterKeySource::Value(Hidden::new(hex_key(2)));
    let sealer = Sealer::locked().unwrap();
    assert_eq!(vault::open(&db, app.settings(), &sealer).await.unwrap(), None);
    let open = |id, sealed: &[u8]| WebhookSecret::open(&sealer, hook.0, id, sealed).unwrap().text();
    assert_eq!(open(row.secret_id, &row.secret_sealed), second.plain_secret);
    assert_eq!(open(former_id, &former), first.plain_secret);

    // With the key before, everything but secrets goes on.
    app.settings().master_key = MasterKeySource::Value(Hidden::new(hex_key(1)));
    app.resume().await;
    let admin = app.admin().await;
    admin.post(WEBHOOKS, &asked("b")).await.problem(503, "vault_locked");
    admin.post(&format!("{}/secret", path(hook)), &json!({})).await.problem(503, "vault_locked");
    assert_eq!(read(&admin, hook).await.version, 2);
    put(&admin, hook, 2, &asked("c")).await.expect(200);
    let tried: DeliveryDetail =
        admin.post(&format!("{}/test", path(hook)), &json!({})).await.expect(200).json();
    assert_eq!(tried.attempts[0].code, "vault_locked");
    delete(&admin, hook, 3).await.expect(204);
    admin.get(REGIONS).await.expect(200);
}

#[test]
fn the_page_for_receivers_is_right() {
    let page = std::fs::read_to_string(crate::support::package().join("../openapi/webhooks.md")).unwrap();
    let secret = "whsec_aXFyYS1leGFtcGxlLXNlY3JldC1vZi0zMi1ieXRlcyE=";
    let (id, at) = ("0198f6a2-7c1e-7d30-9a44-5b1f0c2d3e4f", 1_795_342_830);
    let body = r#"{"type":"test","timestamp":"2026-11-22T10:20:30.000Z","data":{}}"#;
    let signer = standardwebhooks::Webhook::new(secret).unwrap();
    let signed = signer.sign(id, at, body.as_bytes()).unwrap();
    for part in [secret, id, &at.to_string(), body, &format!("```\n{signed}\n```")] {
        assert!(page.contains(part), "{part}");
    }
    for event in common::webhooks::WebhookEvent::SUBSCRIBABLE {
        let told = event.as_str();
        let short = told.trim_start_matches("lifecycle");
        assert!(page.contains(&format!("`{told}`")) || page.contains(&format!("`{short}`")), "{told}");
    }
}
