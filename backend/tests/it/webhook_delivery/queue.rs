//! The queue of a webhook: shared by servers, taken over, bounded, and emptied when the webhook ends.

use std::time::Duration;

use backend::db::Claim;
use backend::domain::webhook::plan::Ending;
use common::ids::WebhookId;
use common::node::NodeKind;
use common::overview::{OpenProblemCode, ProblemList};
use common::paths::{PROBLEMS, WEBHOOKS};
use common::webhooks::{Attempt, DeliveryState, StoppedBecause, WebhookState};
use serde_json::json;

use super::{DAY, HOUR, REGISTRY, after, deliveries, hook, left, queued, read, region};
use crate::support::app::TestApp;
use crate::support::receiver::{Answer, Call, Receiver};
use crate::support::wait_for;

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_share_the_calls_and_make_each_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Slow(200, Duration::from_millis(400))).await;
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    let twin = app.twin().await;
    queued(&app, &[id], 30, "now()").await;
    wait_for("all delivered", async || {
        let all = deliveries(&admin, id).await;
        (all.len() == 30 && all.iter().all(|d| d.state == DeliveryState::Delivered)).then_some(())
    })
    .await;
    let mut ids: Vec<String> = receiver.calls().iter().map(|c| c.id().to_owned()).collect();
    assert_eq!(ids.len(), 30);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 30, "each once");
    assert!((3..=4).contains(&receiver.most()), "two of each server: {}", receiver.most());
    twin.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_server_was_at_is_taken_over_when_its_claim_is_over() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Status(200)).await;
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    // The clock of this server is ahead of the other one's; claims are the database's.
    app.advance(3_601_000);
    let claimed = left(&app, id, "now() + interval '1 hour'").await;
    let free = left(&app, id, "NULL").await;
    let calls = receiver.wait(1).await;
    assert_eq!(calls.iter().map(Call::id).collect::<Vec<_>>(), [&free]);
    app.db
        .execute("UPDATE webhook_deliveries SET claimed_until = now() WHERE claimed_until IS NOT NULL")
        .await;
    let calls = receiver.wait(2).await;
    assert_eq!(calls.iter().map(Call::id).collect::<Vec<_>>(), [&free, &claimed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_gives_its_calls_to_the_next_one() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Never).await;
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    let message = left(&app, id, "NULL").await;
    receiver.wait(1).await;
    app.pause().await;
    receiver.always(Answer::Status(200));
    app.resume().await;
    // Without having waited for the claim: the clock did not move.
    assert_eq!(receiver.wait(2).await[1].id(), message);
}

/// An attempt of ours that ended so, with what a server that made it would note.
async fn ended(
    app: &TestApp,
    claim: &Claim,
    called: &str,
    ending: Ending,
    status: u16,
) -> Option<StoppedBecause> {
    let state = app.state();
    let now = state.clock.wall();
    let attempt = Attempt {
        at: now,
        took_ms: 1,
        status: Some(status),
        code: "not_taken".into(),
        detail: String::new(),
    };
    let outcome = state.db.webhook_outcome(claim, called, &attempt, ending, now, 0).await.unwrap();
    outcome.map(|stopped| stopped.because)
}

/// A delivery that this test is at, and nobody else.
async fn ours(app: &TestApp, id: WebhookId) -> Claim {
    let message = left(app, id, "now() + interval '1 hour'").await;
    let delivery =
        app.db.text(&format!("SELECT id FROM webhook_deliveries WHERE message_id = '{message}'")).await;
    let claim = app.state().db.webhook_claim_one(delivery.parse().unwrap(), HOUR).await.unwrap();
    claim.unwrap()
}

async fn url_of(app: &TestApp) -> String {
    app.db.text("SELECT url FROM webhooks").await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failure_now_and_one_days_ago_switch_nothing_off() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Status(503)).await;
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    app.db.execute("UPDATE webhooks SET failing_since = now() - interval '6 days'").await;
    left(&app, id, "NULL").await;
    assert_eq!(after(&admin, id, 1).await.state, DeliveryState::Waiting);
    assert_eq!(read(&admin, id).await.state, WebhookState::Failing);
    // With a message that was tried to the end it is enough.
    let last = Claim { made: 8, ..ours(&app, id).await };
    let url = url_of(&app).await;
    assert_eq!(ended(&app, &last, &url, Ending::NotTaken, 503).await, Some(StoppedBecause::Failing));
    assert_eq!(read(&admin, id).await.stopped_because, Some(StoppedBecause::Failing));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_former_address_answers_counts_for_it_alone() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (old, new) = (
        Receiver::new(Answer::Slow(410, Duration::from_secs(2))).await,
        Receiver::new(Answer::Status(200)).await,
    );
    let id = hook(&admin, &old, &[REGISTRY], None).await.webhook.id;
    left(&app, id, "NULL").await;
    old.wait(1).await;
    app.db.execute(&format!("UPDATE webhooks SET url = '{}/in'", new.url)).await;
    let d = after(&admin, id, 1).await;
    assert_eq!((d.state, d.last.and_then(|a| a.status)), (DeliveryState::Waiting, Some(410)));
    let w = read(&admin, id).await;
    assert_eq!((w.enabled, w.failing_since, w.state), (true, None, WebhookState::Idle));
    app.advance(12_000);
    new.wait(1).await;
    // Nor does one that is no longer ours count, wherever it called.
    let claim = ours(&app, id).await;
    app.db
        .execute("UPDATE webhook_deliveries SET claimed_until = now() + interval '2 hours' WHERE state = 'waiting'")
        .await;
    let url = url_of(&app).await;
    assert_eq!(ended(&app, &claim, &url, Ending::Gone, 410).await, None);
    let w = read(&admin, id).await;
    assert_eq!((w.enabled, w.failing_since), (true, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_takes_no_more_and_says_so() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = region(&app, &admin).await;
    let (stuck, other) = (Receiver::new(Answer::Never).await, Receiver::new(Answer::Status(200)).await);
    let full = hook(&admin, &stuck, &[REGISTRY], None).await.webhook.id;
    queued(&app, &[full], 9_999, "now() + interval '1 day'").await;
    hook(&admin, &other, &[REGISTRY], None).await;
    for _ in 0..3 {
        app.node(&admin, &region, NodeKind::Backend).await;
    }
    other.wait(3).await;
    assert_eq!(read(&admin, full).await.waiting, 10_000, "the first of them had room");
    let problem = wait_for("a problem", async || {
        let list: ProblemList = admin.get(PROBLEMS).await.expect(200).json();
        list.items.into_iter().find(|p| p.code == OpenProblemCode::WebhookFailing)
    })
    .await;
    assert_eq!((problem.id.clone(), problem.count), (format!("webhook_failing:{full}"), Some(2)));
    assert_eq!(problem.evidence.reason.as_deref(), Some("full"));
    let any = deliveries(&admin, full).await[0].id;
    let replay = format!("{WEBHOOKS}/{full}/deliveries/{any}/replay");
    admin.post(&replay, &json!({})).await.problem(409, "webhook_full");
    // A day after the last one it is forgotten.
    app.advance(DAY + 1_000);
    let state = app.state();
    state.db.webhook_queues_clear(state.clock.wall()).await.unwrap();
    assert_eq!(app.db.text("SELECT count(*) FROM webhook_dropped").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_stands_also_where_what_waits_cannot_be_ended_yet() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Status(410)).await;
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    queued(&app, &[id], 2_500, "now() + interval '1 day'").await;
    app.db
        .execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'canceling statement due to statement timeout'; END $$; \
             CREATE TRIGGER refuse BEFORE UPDATE ON webhook_deliveries FOR EACH ROW \
                 WHEN (NEW.state = 'failed' AND OLD.claimed_until IS NULL) EXECUTE FUNCTION refuse()",
        )
        .await;
    left(&app, id, "NULL").await;
    let off = wait_for("an end", async || Some(read(&admin, id).await).filter(|w| !w.enabled)).await;
    assert_eq!((off.stopped_because, off.waiting), (Some(StoppedBecause::Gone), 2_500));
    assert_eq!(app.db.text("SELECT count(*) FROM webhook_deliveries WHERE state = 'failed'").await, "1");
    app.db.execute("DROP TRIGGER refuse ON webhook_deliveries").await;
    let state = app.state();
    state.db.webhook_queues_clear(state.clock.wall()).await.unwrap();
    assert_eq!(read(&admin, id).await.waiting, 0);
    assert_eq!(receiver.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deleted_webhook_sent_is_out_of_reach_at_once_and_gone_in_pieces() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Never).await;
    let (id, kept) = (
        hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id,
        hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id,
    );
    queued(&app, &[id], 2_500, "now() + interval '1 day'").await;
    queued(&app, &[kept], 7, "now() + interval '1 day'").await;
    let one = deliveries(&admin, id).await[0].id;
    let delete =
        admin.request(reqwest::Method::DELETE, &format!("{WEBHOOKS}/{id}")).header("if-match", "\"1\"");
    admin.send(delete).await.expect(204);
    admin.get(&format!("{WEBHOOKS}/{id}/deliveries/{one}")).await.problem(404, "not_found");
    admin.get(&format!("{WEBHOOKS}/{id}/deliveries")).await.problem(404, "not_found");
    let state = app.state();
    state.db.webhook_queues_clear(state.clock.wall()).await.unwrap();
    let left =
        "SELECT (SELECT count(*) FROM webhook_deliveries) || ' ' || (SELECT count(*) FROM webhook_leftovers)";
    assert_eq!(app.db.text(left).await, "7 0");
    assert_eq!(read(&admin, kept).await.waiting, 7);
}
