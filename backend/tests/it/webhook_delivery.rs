//! Webhooks at work: what arrives at a real receiver, what is tried again, and who does it.

mod queue;
mod told;

use backend::config::Hidden;
use backend::domain::activity::EventRecord;
use backend::domain::liveness::Timers;
use backend::domain::webhook::body;
use common::activity::EventKind;
use common::ids::{DeliveryId, RegionId, WebhookId};
use common::node::NodeKind;
use common::overview::{OpenProblemCode, ProblemList};
use common::paths::{PROBLEMS, WEBHOOKS};
use common::webhooks::{
    Delivery, DeliveryDetail, DeliveryPage, DeliveryState, StoppedBecause, Webhook, WebhookMade, WebhookState,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::client::Client;
use crate::support::receiver::{Answer, Call, Receiver};
use crate::support::{unique, wait_for};

const REGISTRY: &str = "lifecycle.registry";
const DAY: u64 = 86_400_000;
const HOUR: u64 = 3_600_000;
/// A silent node is stale soon, and a sweep that is late by some hundred milliseconds raises no doubt.
const SOON: Timers = Timers { interval_ms: 500, stale_after_ms: 1_500, offline_after_ms: 3_000 };

/// A region, once it is noted that there is one: what happens from then on happens to a webhook made now.
async fn region(app: &TestApp, admin: &Client) -> String {
    let id = app.region(admin, "mct").await;
    let noted = format!("SELECT count(*) FROM events WHERE region_id = '{id}'");
    wait_for("an event that is stored", async || (app.db.text(&noted).await == "1").then_some(())).await;
    id
}

/// A webhook that tells a receiver of these events, of all regions or some.
async fn hook(admin: &Client, receiver: &Receiver, events: &[&str], regions: Option<&[&str]>) -> WebhookMade {
    let url = format!("{}/in?token=canary-of-the-query", receiver.url);
    let body = json!({"name": unique("hook"), "url": url, "events": events, "regionIds": regions});
    let made = admin.post(WEBHOOKS, &body).await.expect(201);
    admin.transcript().forget_last();
    made.json()
}

async fn read(client: &Client, id: WebhookId) -> Webhook {
    client.get(&format!("{WEBHOOKS}/{id}")).await.expect(200).json()
}

/// Newest first.
async fn deliveries(client: &Client, id: WebhookId) -> Vec<Delivery> {
    client.get(&format!("{WEBHOOKS}/{id}/deliveries")).await.expect(200).json::<DeliveryPage>().items
}

async fn detail(client: &Client, id: WebhookId, delivery: DeliveryId) -> DeliveryDetail {
    client.get(&format!("{WEBHOOKS}/{id}/deliveries/{delivery}")).await.expect(200).json()
}

/// The only delivery, once so many attempts of it were made.
async fn after(client: &Client, id: WebhookId, attempts: u32) -> Delivery {
    wait_for("an attempt that is noted", async || {
        let all = deliveries(client, id).await;
        assert!(all.len() <= 1, "{all:?}");
        all.into_iter().next().filter(|d| d.attempts >= attempts)
    })
    .await
}

/// The wait before the next attempt, from the end of the last one.
fn wait_of(d: &Delivery) -> u64 {
    let last = d.last.as_ref().unwrap();
    d.next_at.unwrap().since(last.at.later(u64::from(last.took_ms)))
}

/// So many deliveries for each of these, all at once, due since then.
async fn queued(app: &TestApp, webhooks: &[WebhookId], count: usize, due: &str) {
    let of = webhooks.iter().map(|w| format!("'{w}'::uuid")).collect::<Vec<_>>().join(", ");
    app.db
        .execute(&format!(
            "WITH told AS (INSERT INTO webhook_messages (id, at, event, payload) \
                 SELECT gen_random_uuid(), now(), '{REGISTRY}', '{{\"type\":\"{REGISTRY}\",\"data\":{{}}}}' \
                 FROM generate_series(1, {count}) RETURNING id) \
             INSERT INTO webhook_deliveries (id, webhook_id, message_id, created_at, next_at) \
                 SELECT gen_random_uuid(), w.id, told.id, now(), {due} FROM told, unnest(ARRAY[{of}]) AS w(id)"
        ))
        .await;
}

/// A delivery as a server left it.
async fn left(app: &TestApp, webhook: WebhookId, claimed: &str) -> String {
    let (message, delivery) = (Uuid::now_v7(), Uuid::now_v7());
    app.db
        .execute(&format!(
            "INSERT INTO webhook_messages (id, at, event, payload) \
                 VALUES ('{message}', now(), '{REGISTRY}', '{{\"type\":\"{REGISTRY}\",\"data\":{{}}}}'); \
             INSERT INTO webhook_deliveries (id, webhook_id, message_id, created_at, next_at, claimed_until) \
                 VALUES ('{delivery}', '{webhook}', '{message}', now(), now(), {claimed})"
        ))
        .await;
    message.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nodes_silence_arrives_signed_and_only_where_it_is_wanted() {
    let app = TestApp::with(SOON, |s| s.public_url = Some("http://console.example".into())).await;
    let admin = app.admin().await;
    let (mct, sll) = (app.region(&admin, "mct").await, app.region(&admin, "sll").await);
    let (all, here, elsewhere, other) = (
        Receiver::new(Answer::Status(204)).await,
        Receiver::new(Answer::Status(200)).await,
        Receiver::new(Answer::Status(200)).await,
        Receiver::new(Answer::Status(200)).await,
    );
    let events = ["lifecycle.liveness"];
    let made = hook(&admin, &all, &events, None).await;
    let idle = read(&admin, made.webhook.id).await;
    assert_eq!((idle.state, idle.delivered_at), (WebhookState::Idle, None));
    let made_here = hook(&admin, &here, &events, Some(&[&mct])).await;
    let away = hook(&admin, &elsewhere, &events, Some(&[&sll])).await;
    let deaf = hook(&admin, &other, &["lifecycle.storage"], None).await;
    let mut node = app.node(&admin, &mct, NodeKind::Backend).await;
    node.beat(&json!({})).await;

    // Where silence could not be judged for a while, it is offline when it can.
    let silent = |c: &Call| c.data()["to"] == "stale" || c.data()["to"] == "offline";
    let call = wait_for("silence told", async || all.calls().into_iter().find(silent)).await;
    let same = async || here.calls().into_iter().find(|c| c.id() == call.id());
    let told_here = wait_for("silence told here", same).await;
    assert_eq!((call.event().as_str(), call.target.as_str()), (events[0], "/in?token=canary-of-the-query"));
    assert_eq!(call.headers["content-type"], "application/json");
    assert!(call.headers["user-agent"].starts_with("iqra-infra/"));
    let data = call.data();
    assert_eq!(data["nodeId"], node.id.to_string());
    assert_eq!((&data["regionId"], &data["nodeKind"]), (&json!(mct), &json!("backend")));
    assert!(data["endpoint"].as_str().unwrap().starts_with("http://10.0.0.1:"), "{data}");
    assert_eq!(data["link"], format!("http://console.example/nodes/{}", node.id));
    assert_eq!(data["id"], call.id(), "the event's own id");
    assert!(call.verifies_now(&made.plain_secret) && !call.verifies_now(&made_here.plain_secret));
    assert!(told_here.verifies_now(&made_here.plain_secret), "each webhook signs with its own");
    assert_eq!((told_here.id(), &told_here.body), (call.id(), &call.body), "one message for all");
    let shown = wait_for("a delivery that is noted", async || {
        let w = read(&admin, made.webhook.id).await;
        (w.state == WebhookState::Delivering).then_some(w)
    })
    .await;
    assert!(shown.delivered_at.is_some() && shown.failing_since.is_none());
    for quiet in [&away, &deaf] {
        assert_eq!(deliveries(&admin, quiet.webhook.id).await, []);
    }
    assert!(elsewhere.calls().is_empty() && other.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_written_twice_is_told_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Status(200)).await;
    let (db, clock) = (&app.state().db, &app.state().clock);
    let event = |kind| EventRecord {
        id: Uuid::now_v7(),
        at: clock.wall(),
        node_id: None,
        region_id: Some(RegionId::from("OM-MCT")),
        kind,
        from: None,
        to: None,
        detail: Some("\u{202e}\"' ض".into()),
        public_reason: None,
        actor: None,
    };
    let add = async |events: &[EventRecord]| {
        db.events_add(events, |e| body::lifecycle(e, None, None), clock.wall()).await.unwrap()
    };
    let (storage, boot, drain) = (event(EventKind::Storage), event(EventKind::Boot), event(EventKind::Drain));
    assert_eq!(add(std::slice::from_ref(&boot)).await, 0, "nobody is there to be told");
    let id = hook(&admin, &receiver, &["lifecycle.storage", "lifecycle.boot"], None).await.webhook.id;
    hook(&admin, &receiver, &["lifecycle.storage"], None).await;
    assert_eq!(add(std::slice::from_ref(&drain)).await, 0, "nobody wants it");
    // The first is known already and told to nobody any more.
    assert_eq!(add(&[boot.clone(), storage.clone()]).await, 2);
    assert_eq!(add(&[boot, storage.clone(), drain]).await, 0);
    assert_eq!(app.db.text("SELECT count(*) FROM events").await, "3");
    let calls = receiver.wait(2).await;
    assert!(calls.iter().all(|c| c.id() == storage.id.to_string() && c.event() == "lifecycle.storage"));
    assert_eq!(calls[0].data()["detail"], "\u{202e}\"' ض");
    assert_eq!(deliveries(&admin, id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_when_it_is_due() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = region(&app, &admin).await;
    let receiver = Receiver::new(Answer::Status(204)).await;
    receiver.then([Answer::Status(500), Answer::Status(503)]);
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    app.node(&admin, &region, NodeKind::Backend).await;

    let first = after(&admin, id, 1).await;
    assert_eq!((first.state, receiver.calls().len()), (DeliveryState::Waiting, 1));
    assert!((9_000..=11_500).contains(&wait_of(&first)), "{first:?}");
    let failing = read(&admin, id).await;
    assert_eq!((failing.state, failing.waiting), (WebhookState::Failing, 1));
    assert_eq!(failing.failing_since, Some(first.last.unwrap().at));
    app.advance(12_000);
    let second = after(&admin, id, 2).await;
    assert_eq!(second.last.as_ref().map(|a| (a.status, a.code.as_str())), Some((Some(503), "not_taken")));
    assert!((54_000..=66_500).contains(&wait_of(&second)), "{second:?}");
    app.advance(67_000);
    let third = after(&admin, id, 3).await;
    assert_eq!((third.state, third.next_at), (DeliveryState::Delivered, None));
    let told = detail(&admin, id, third.id).await;
    let statuses: Vec<_> = told.attempts.iter().map(|a| a.status).collect();
    assert_eq!(statuses, [Some(500), Some(503), Some(204)]);
    let calls = receiver.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|c| c.id() == third.message_id && c.body == told.payload));
    let stamps: Vec<i64> = calls.iter().map(|c| c.headers["webhook-timestamp"].parse().unwrap()).collect();
    assert!(
        stamps[1] - stamps[0] >= 9 && stamps[2] - stamps[1] >= 54,
        "of the attempt, not of the message: {stamps:?}"
    );
    let well = read(&admin, id).await;
    assert_eq!((well.state, well.failing_since, well.waiting), (WebhookState::Delivering, None, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_answers_holds_up_nobody() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (slow, quick) = (Receiver::new(Answer::Never).await, Receiver::new(Answer::Status(200)).await);
    let stuck = hook(&admin, &slow, &[REGISTRY], None).await.webhook.id;
    let fine = hook(&admin, &quick, &[REGISTRY], None).await.webhook.id;
    // The slow one's are older by an hour: first come, first served would leave the others until they gave up.
    queued(&app, &[stuck], 6, "now() - interval '1 hour'").await;
    queued(&app, &[fine], 6, "now()").await;
    slow.wait(2).await;
    let at_it = format!(
        "SELECT count(*) FROM webhook_deliveries WHERE webhook_id = '{stuck}' AND claimed_until IS NOT NULL"
    );
    let at_it: u32 = app.db.text(&at_it).await.parse().unwrap();
    assert!(at_it <= 2, "{at_it} at a time");
    let all = wait_for("all delivered", async || {
        let all = deliveries(&admin, fine).await;
        all.iter().all(|d| d.state == DeliveryState::Delivered).then_some(all)
    })
    .await;
    assert_eq!(all.len(), 6);
    let ended = wait_for("an attempt that gave up", async || {
        deliveries(&admin, stuck).await.into_iter().filter_map(|d| d.last).min_by_key(|a| a.at)
    })
    .await;
    assert_eq!((ended.code.as_str(), ended.status), ("reply_timeout", None));
    assert!(ended.took_ms >= 4_900, "{ended:?}");
    assert!(ended.detail.contains("within 5 s") && !ended.detail.contains("canary"), "{}", ended.detail);
    let through = all.into_iter().filter_map(|d| d.finished_at).max().unwrap();
    assert!(through < ended.at.later(u64::from(ended.took_ms)), "the others were through before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_a_failure_and_nobody_follows_it() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = region(&app, &admin).await;
    let target = Receiver::new(Answer::Status(200)).await;
    let receiver = Receiver::new(Answer::Elsewhere(format!("{}/other", target.url))).await;
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    app.node(&admin, &region, NodeKind::Backend).await;
    let d = after(&admin, id, 1).await;
    let last = d.last.unwrap();
    assert_eq!((d.state, last.code.as_str(), last.status), (DeliveryState::Waiting, "redirect", Some(302)));
    assert!(!last.detail.contains(&target.url), "what the other side says is not shown: {}", last.detail);
    assert!(target.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_no_more_is_left_alone() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = region(&app, &admin).await;
    let receiver = Receiver::new(Answer::Status(500)).await;
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    app.node(&admin, &region, NodeKind::Backend).await;
    after(&admin, id, 1).await;
    receiver.always(Answer::Status(410));
    app.node(&admin, &region, NodeKind::Backend).await;
    let over = |w: &Webhook| !w.enabled && w.waiting == 0;
    let off = wait_for("an end", async || Some(read(&admin, id).await).filter(over)).await;
    assert_eq!((off.state, off.stopped_because), (WebhookState::Stopped, Some(StoppedBecause::Gone)));
    assert_eq!(off.version, 2);
    let all = deliveries(&admin, id).await;
    assert!(all.len() == 2 && all.iter().all(|d| d.state == DeliveryState::Failed), "{all:?}");
    assert_eq!(app.db.text("SELECT actor FROM activity WHERE action = 'webhook.stop'").await, "system");
    let problem = wait_for("a problem", async || {
        let list: ProblemList = admin.get(PROBLEMS).await.expect(200).json();
        list.items.into_iter().find(|p| p.code == OpenProblemCode::WebhookFailing)
    })
    .await;
    assert_eq!(
        (problem.id, problem.evidence.reason.as_deref()),
        (format!("webhook_failing:{id}"), Some("gone"))
    );
    // Nothing more is told, now and when the first one would have been due again.
    let before = receiver.calls().len();
    app.advance(12_000);
    app.node(&admin, &region, NodeKind::Backend).await;
    let kept = "SELECT count(*) FROM events WHERE kind = 'registry' AND node_id IS NOT NULL";
    wait_for("the event", async || (app.db.text(kept).await == "3").then_some(())).await;
    assert_eq!((deliveries(&admin, id).await.len(), receiver.calls().len()), (2, before));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_address_is_refused_at_every_call() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Status(200)).await;
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    // What is stored may come from anywhere.
    app.db.execute("UPDATE webhooks SET url = 'http://169.254.10.10:8080/canary'").await;
    left(&app, id, "NULL").await;
    let d = after(&admin, id, 1).await;
    let last = d.last.unwrap();
    assert_eq!((last.code.as_str(), last.status), ("address_forbidden", None));
    assert!(last.detail.contains("link-local") && !last.detail.contains("canary"), "{}", last.detail);
    assert!(last.took_ms < 1_000 && receiver.calls().is_empty());
    app.db.execute(&format!("UPDATE webhooks SET url = '{}/back'", receiver.url)).await;
    app.advance(12_000);
    receiver.wait(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_secret_signs_beside_the_new_one_for_its_time() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Status(200)).await;
    let former = hook(&admin, &receiver, &[REGISTRY], None).await;
    let id = former.webhook.id;
    let rotated =
        admin.post(&format!("{WEBHOOKS}/{id}/secret"), &json!({"overlapHours": 1})).await.expect(200);
    admin.transcript().forget_last();
    let new: WebhookMade = rotated.json();
    left(&app, id, "NULL").await;
    let both = receiver.wait(1).await.remove(0);
    assert!(
        both.signatures() == 2 && both.verifies(&new.plain_secret) && both.verifies(&former.plain_secret)
    );
    app.advance(3_601_000);
    left(&app, id, "NULL").await;
    let one = receiver.wait(2).await.remove(1);
    assert!(one.signatures() == 1 && one.verifies(&new.plain_secret) && !one.verifies(&former.plain_secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_one_call_now_and_replays_are_calls_like_others() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Status(200)).await;
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    receiver.then([Answer::Status(500)]);
    let test = format!("{WEBHOOKS}/{id}/test");
    let failed: DeliveryDetail = admin.post(&test, &json!({})).await.expect(200).json();
    assert_eq!((failed.delivery.state, failed.attempts.len()), (DeliveryState::Failed, 1));
    app.advance(2_500);
    let taken: DeliveryDetail = admin.post(&test, &json!({})).await.expect(200).json();
    assert_eq!((taken.delivery.state, taken.attempts[0].status), (DeliveryState::Delivered, Some(200)));
    let calls = receiver.wait(2).await;
    assert_eq!((calls[1].event().as_str(), calls[1].id()), ("test", taken.delivery.message_id.as_str()));
    assert_eq!(calls[1].data()["by"], "admin@localhost");

    let message = left(&app, id, "NULL").await;
    receiver.wait(3).await;
    let of = wait_for("a delivery", async || {
        deliveries(&admin, id).await.into_iter().find(|d| d.message_id == message && d.finished_at.is_some())
    })
    .await;
    let path = format!("{WEBHOOKS}/{id}/deliveries/{}/replay", of.id);
    admin.post(&path, &json!({})).await.expect(201);
    assert_eq!(receiver.wait(4).await[3].id(), message, "the receiver can tell that it had it before");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_master_key_what_is_due_waits_and_nobody_is_blamed() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Status(200)).await;
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    app.pause().await;
    let right = std::mem::replace(
        &mut app.settings().master_key,
        backend::config::MasterKeySource::Value(Hidden::new("77".repeat(32))),
    );
    app.resume().await;
    let admin = admin.at(app.base());
    left(&app, id, "NULL").await;
    // A test is asked for now and says why it cannot be.
    let test = admin.post(&format!("{WEBHOOKS}/{id}/test"), &json!({})).await;
    let test: DeliveryDetail = test.expect(200).json();
    assert_eq!((test.attempts[0].code.as_str(), test.attempts[0].status), ("vault_locked", None));
    let waits = read(&admin, id).await;
    assert_eq!((waits.waiting, waits.failing_since, receiver.calls().len()), (1, None, 0));
    app.pause().await;
    app.settings().master_key = right;
    app.resume().await;
    receiver.wait(1).await;
}
