//! What is told: problems and their ends once, intents and deletions without what is internal, and for how long.

use common::node::NodeKind;
use common::overview::OpenProblemCode;
use serde_json::json;

use super::{DAY, REGISTRY, SOON, after, hook, left, region};
use crate::support::app::TestApp;
use crate::support::receiver::{Answer, Call, Receiver};
use crate::support::wait_for;

/// Calls that tell of this problem, by event.
fn told(receiver: &Receiver, code: OpenProblemCode) -> (usize, usize) {
    let calls: Vec<Call> =
        receiver.calls().into_iter().filter(|c| c.data()["code"] == code.as_str()).collect();
    let count = |event: &str| calls.iter().filter(|c| c.event() == event).count();
    (count("problem.opened"), count("problem.cleared"))
}

/// Lets time pass for everybody, second by second, so that each second is looked at.
async fn pass(app: &TestApp, what: &str, mut until: impl FnMut() -> bool) {
    wait_for(what, async || {
        app.advance(500);
        until().then_some(())
    })
    .await;
}

async fn holder(app: &TestApp) -> String {
    let sql = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 1769042529 AND objid = 1 AND granted \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    wait_for("one that tells", async || app.db.texts(sql).await.into_iter().next()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_is_told_once_and_its_end_once_by_whoever_tells() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let region = region(&app, &admin).await;
    let receiver = Receiver::new(Answer::Status(200)).await;
    let made = hook(&admin, &receiver, &["problem.opened", "problem.cleared"], None).await;
    app.node(&admin, &region, NodeKind::Backend).await;
    let code = OpenProblemCode::BackgroundMissing;
    let first = holder(&app).await;
    let twin = app.twin().await;
    pass(&app, "a problem that is told", || told(&receiver, code) == (1, 0)).await;
    let opened = receiver.calls().into_iter().find(|c| c.data()["code"] == code.as_str()).unwrap();
    assert!(opened.verifies(&made.plain_secret));
    assert_eq!(opened.data()["problemId"], "background_missing:cluster");
    assert!(opened.data()["clearedAt"].is_null() && opened.data()["since"].is_string());

    // The other one tells from here on; what was told stays told.
    app.pause().await;
    let second =
        wait_for("another one that tells", async || Some(holder(&app).await).filter(|p| *p != first)).await;
    let kept = "SELECT count(*) FROM webhook_problems WHERE problem_id = 'background_missing:cluster'";
    assert_eq!(app.db.text(kept).await, "1");
    let mut passed = 0;
    pass(&app, "two minutes", || {
        passed += 1;
        passed > 240
    })
    .await;
    assert_eq!(told(&receiver, code), (1, 0));

    // A new process, and the end of the problem.
    app.resume().await;
    twin.running.stop().await;
    wait_for("a third one that tells", async || Some(holder(&app).await).filter(|p| *p != second)).await;
    let admin = admin.at(app.base());
    crate::background::register(&app, &admin, "127.0.0.1:1").await;
    pass(&app, "an end that is told", || told(&receiver, code) == (1, 1)).await;
    assert_eq!(app.db.text(kept).await, "0");
    let ended = receiver
        .calls()
        .into_iter()
        .find(|c| c.event() == "problem.cleared" && c.data()["code"] == code.as_str());
    let ended = ended.unwrap();
    assert!(ended.data()["clearedAt"].is_string() && ended.id() != opened.id());
    assert_eq!(ended.data()["problemId"], opened.data()["problemId"]);
    let mut passed = 0;
    pass(&app, "two more minutes", || {
        passed += 1;
        passed > 240
    })
    .await;
    assert_eq!(told(&receiver, code), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_is_kept_for_two_weeks() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Answer::Status(200)).await;
    let id = hook(&admin, &receiver, &[REGISTRY], None).await.webhook.id;
    left(&app, id, "NULL").await;
    after(&admin, id, 1).await;
    let kept =
        "SELECT (SELECT count(*) FROM webhook_messages) || ' ' || (SELECT count(*) FROM webhook_deliveries)";
    app.advance(13 * DAY);
    let state = app.state();
    let before = state.clock.wall().before(14 * DAY);
    assert_eq!(state.db.webhook_messages_delete_before(before).await.unwrap(), 0);
    assert_eq!(app.db.text(kept).await, "1 1");
    app.advance(DAY + 60_000);
    app.pause().await;
    app.resume().await;
    wait_for("an end", async || (app.db.text(kept).await == "0 0").then_some(())).await;
}

/// What a deleted node was called is in what tells of it; the reason for operators is in nothing that is told.
#[tokio::test(flavor = "multi_thread")]
async fn intents_and_deletions_are_told_with_names_and_without_what_is_internal() {
    let app = TestApp::with(SOON, |_| {}).await;
    let admin = app.admin().await;
    let region = region(&app, &admin).await;
    let node = app.node(&admin, &region, NodeKind::Backend).await;
    let receiver = Receiver::new(Answer::Status(200)).await;
    hook(&admin, &receiver, &[REGISTRY, "lifecycle.intent"], None).await;
    let etag = admin.get(&node.path()).await.expect(200).header("etag").to_owned();
    let wish =
        json!({"state": "maintenance", "privateReason": "canary-of-the-reason", "publicReason": "Upgrade"});
    let at_once = async |path: String, etag: &str, wish: &serde_json::Value| {
        let put = admin.request(reqwest::Method::PUT, &format!("{path}/intent"));
        let reply = admin.send(put.header("if-match", etag).json(wish)).await;
        if reply.status != 409 {
            return reply.expect(200);
        }
        let preview = admin.post(&format!("{path}/intent/preview"), wish).await.expect(200).value();
        let mut wish = wish.clone();
        wish["previewToken"] = preview["previewToken"].clone();
        let put = admin.request(reqwest::Method::PUT, &format!("{path}/intent"));
        admin.send(put.header("if-match", etag).json(&wish)).await.expect(200)
    };
    at_once(node.path(), &etag, &wish).await;
    let told = |of: &str| {
        let calls = receiver.calls().into_iter();
        calls.filter(|c| c.event() == "lifecycle.intent").find(|c| c.data()[of].is_string())
    };
    let call = wait_for("an intent of a node", async || told("nodeId")).await;
    assert_eq!(call.data()["detail"], "Upgrade");
    let path = format!("/api/v1/regions/{region}");
    let etag = admin.get(&path).await.expect(200).header("etag").to_owned();
    let wish = json!({"state": "maintenance", "privateReason": "canary-of-the-reason"});
    at_once(path, &etag, &wish).await;
    let of_region = async || {
        let calls = receiver.calls().into_iter();
        calls.filter(|c| c.event() == "lifecycle.intent").find(|c| c.data()["nodeId"].is_null())
    };
    wait_for("an intent of a region", of_region).await;
    for call in receiver.calls() {
        assert!(!call.body.contains("canary"), "{}", call.body);
    }
    // Those who are signed in read it.
    let timeline = admin.get(&format!("{}/events?kind=intent", node.path())).await.expect(200);
    assert!(timeline.text.contains("canary-of-the-reason"), "{}", timeline.text);

    crate::deletion::disable(&admin, &node.path(), 2).await;
    crate::deletion::deletable(&admin, &node.path()).await;
    let etag = admin.get(&node.path()).await.expect(200).header("etag").to_owned();
    let delete = admin.request(reqwest::Method::DELETE, &node.path()).header("if-match", etag);
    admin.send(delete).await.expect(204);
    let gone = wait_for("a deletion", async || {
        receiver.calls().into_iter().find(|c| c.event() == REGISTRY && c.data()["to"] == "deleted")
    })
    .await;
    let told = gone.data();
    assert!(told["nodeName"].as_str().unwrap().starts_with("10.0.0.1:"), "{told}");
    assert_eq!((&told["nodeKind"], &told["endpoint"]), (&json!("backend"), &json!(null)));
    assert_eq!(gone.data()["nodeId"], node.id.to_string());
}
