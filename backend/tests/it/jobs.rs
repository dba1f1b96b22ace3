//! Runs of jobs, from the button to the end: triggered, delivered, reported, cancelled, lost.

use common::ids::RunId;
use common::job::{JobRun, JobRunPage, OUTPUT_CALL_MAX, RunState};
use common::node::NodeKind;
use common::stream::{Change, LiveEvent};
use serde_json::{Value, json};

use crate::background::{beat, endpoint, register};
use crate::support::app::{QUICK, TestApp, TestNode};
use crate::support::client::{Client, Reply};
use crate::support::sse::Stream;
use crate::support::{unique, wait_for};

const CLEANUP: &str = "/api/v1/background-node/jobs/cleanup/runs";

async fn start(client: &Client) -> JobRun {
    client.post(CLEANUP, &json!({})).await.expect(201).json()
}

async fn get(client: &Client, id: RunId) -> JobRun {
    client.get(&format!("/api/v1/background-node/runs/{id}")).await.expect(200).json()
}

async fn report(node: &TestNode, id: RunId, more: Value) -> Reply {
    let mut body = json!({"bootId": node.boot, "status": "running"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    node.client.post(&format!("/api/v1/node/runs/{id}"), &body).await
}

/// A live background node at an address where nobody listens.
async fn background(app: &TestApp, admin: &Client) -> TestNode {
    let mut node = register(app, admin, "127.0.0.1:1").await;
    node.beat(&beat()).await;
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_against_a_start_is_told_apart() {
    let app = TestApp::with(QUICK, |_| {}).await;
    let admin = app.admin().await;
    admin.post(CLEANUP, &json!({})).await.problem(409, "background_missing");
    let mut node = register(&app, &admin, "127.0.0.1:1").await;
    let never = admin.post(CLEANUP, &json!({})).await.problem(409, "background_never_seen");
    assert!(never.detail.contains("since it was registered"), "{}", never.detail);
    node.beat(&beat()).await;
    admin.post("/api/v1/background-node/jobs/other/runs", &json!({})).await.problem(404, "job_unknown");
    // Silent: refused, and since when is said. On a slow machine the server doubts itself first.
    let seen = wait_for("silence noticed", async || {
        let reply = admin.post("/api/v1/background-node/jobs/other/runs", &json!({})).await;
        (reply.status == 409 && !reply.text.contains("background_unconfirmed")).then_some(reply)
    })
    .await;
    let problem = seen.problem(409, "background_unreachable");
    assert!(problem.current.unwrap()["since"].is_string());
    let refused = app.db.texts("SELECT outcome FROM activity WHERE action = 'background.job.run'").await;
    assert!(refused.len() >= 3 && refused.iter().all(|o| o == "refused"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_button_to_the_finished_run() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    // The endpoint has the key that `register` makes only after it is made: its answer is looked at below.
    let (address, asked) = endpoint(Some("not the key")).await;
    let mut node = register(&app, &admin, &address).await;
    node.beat(&beat()).await;
    let mut stream = Stream::open(&admin, &format!("node:{}", node.id), None).await;
    stream.wait("the snapshot", |m| matches!(m.event, LiveEvent::Snapshot { .. }).then_some(())).await;

    let reply = admin.post(CLEANUP, &json!({})).await.expect(201);
    let run: JobRun = reply.json();
    assert_eq!(reply.header("location"), format!("/api/v1/background-node/runs/{}", run.id));
    assert_eq!((run.state, run.requested_by.as_str()), (RunState::Queued, "admin@localhost"));
    let twice = admin.post(CLEANUP, &json!({})).await.problem(409, "job_active");
    assert_eq!(twice.current.unwrap()["id"], json!(run.id));

    // The push came with key and run; that it was refused is told, and changes nothing.
    let pushed = wait_for("the push's outcome", async || get(&admin, run.id).await.push).await;
    assert!(pushed.contains("another key"), "{pushed}");
    let (path, key, body) = asked.lock().unwrap().first().unwrap().clone();
    assert_eq!((path.as_str(), key.as_str()), ("/api/node/management/jobs/cleanup", node.secret.as_str()));
    assert_eq!(body, json!({"runId": run.id}));

    // The command rides the heartbeat until it is acknowledged.
    let command = node.beat(&beat()).await["commands"][0].clone();
    assert_eq!(command["kind"], "run_job");
    assert_eq!(command["args"], json!({"job": "cleanup", "runId": run.id}));
    let mut ack = beat();
    ack["acks"] = json!([{"commandId": command["id"], "status": "accepted"}]);
    assert_eq!(node.beat(&ack).await["commands"], json!([]));

    assert_eq!(
        report(&node, run.id, json!({"status": "accepted"})).await.expect(200).value(),
        json!({"cancel": false})
    );
    report(&node, run.id, json!({"output": "one\r\n\u{1b}"})).await.expect(200);
    report(&node, run.id, json!({"output": "two"})).await.expect(200);
    let running = get(&admin, run.id).await;
    assert_eq!((running.state, running.output.as_deref()), (RunState::Running, Some("one\ntwo")));
    report(&node, run.id, json!({"status": "succeeded", "output": "\n12 rows"})).await.expect(200);
    report(&node, run.id, json!({})).await.problem(409, "run_ended");
    let done = get(&admin, run.id).await;
    assert_eq!((done.state, done.output.as_deref()), (RunState::Succeeded, Some("one\ntwo\n12 rows")));
    assert!(done.started_at.is_some() && done.finished_at >= done.started_at);
    // The command went with it, without another word of the node about it.
    let receipts = admin.get(&format!("{}/commands", node.path())).await.expect(200).value();
    assert_eq!(
        (&receipts["items"][0]["state"], &receipts["items"][0]["kind"]),
        (&json!("done"), &json!("run_job"))
    );

    let mut states = Vec::new();
    stream
        .wait("every state of the run", |m| {
            if let LiveEvent::Delta { changes, .. } = &m.event {
                let of = |c: &Change| match c {
                    Change::Job { run } => Some((run.state, run.output.clone())),
                    _ => None,
                };
                states.extend(changes.iter().filter_map(of));
            }
            states.contains(&(RunState::Succeeded, None)).then_some(())
        })
        .await;

    // The job is free again; lists hold both, newest first, without output.
    let next = start(&admin).await;
    for path in [CLEANUP, "/api/v1/background-node/runs"] {
        let page: JobRunPage = admin.get(&format!("{path}?limit=1")).await.expect(200).json();
        assert_eq!((page.items[0].id, &page.items[0].output), (next.id, &None));
        let cursor = page.next_cursor.unwrap();
        let rest: JobRunPage = admin.get(&format!("{path}?cursor={cursor}")).await.expect(200).json();
        assert_eq!(rest.items.iter().map(|r| r.id).collect::<Vec<_>>(), [run.id]);
        assert_eq!(rest.next_cursor, None);
    }
    // One click, one run, however often it is sent.
    report(&node, next.id, json!({"status": "failed", "error": "S3 403"})).await.expect(200);
    let click = async || {
        let request =
            admin.request(reqwest::Method::POST, CLEANUP).header("idempotency-key", "one-click-of-mine");
        admin.send(request.json(&json!({}))).await.expect(201).json::<JobRun>()
    };
    let (one, same) = (click().await, click().await);
    assert_eq!(one.id, same.id);
    let other: JobRunPage =
        admin.get("/api/v1/background-node/jobs/collections/runs").await.expect(200).json();
    assert!(other.items.is_empty());
    let state = admin.get("/api/v1/background-node").await.expect(200).value();
    assert_eq!((&state["runs"][0]["id"], &state["last"][0]["id"]), (&json!(one.id), &json!(next.id)));
    assert_eq!(state["last"][0]["error"], "S3 403");
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_taken_from_the_run_s_own_process_only() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let node = background(&app, &admin).await;
    let region = app.region(&admin, "mct").await;
    let other = app.node(&admin, &region, NodeKind::Backend).await;
    let run = start(&admin).await;
    report(&other, run.id, json!({})).await.problem(404, "not_found");
    report(&node, RunId(uuid::Uuid::now_v7()), json!({})).await.problem(404, "not_found");
    let long = "x".repeat(OUTPUT_CALL_MAX + 1);
    let refused = report(&node, run.id, json!({"output": long})).await.field_errors();
    assert_eq!(refused, [("/output".to_owned(), "too_long".to_owned())]);
    let refused = report(&node, run.id, json!({"bootId": "a\u{0}"})).await.field_errors();
    assert_eq!(refused, [("/bootId".to_owned(), "length".to_owned())]);
    let longer = "x".repeat(8 * OUTPUT_CALL_MAX);
    report(&node, run.id, json!({"output": longer})).await.problem(413, "body_too_large");
    assert_eq!(get(&admin, run.id).await.state, RunState::Queued);

    // 80 KiB in five calls: the last 64 stay.
    for part in 0..5 {
        let text = part.to_string().repeat(OUTPUT_CALL_MAX);
        report(&node, run.id, json!({"output": text})).await.expect(200);
    }
    let kept = get(&admin, run.id).await;
    assert_eq!(kept.output_bytes, 5 * 16 * 1024);
    assert_eq!(kept.output.unwrap(), ["1", "2", "3", "4"].map(|p| p.repeat(OUTPUT_CALL_MAX)).concat());

    let successor = TestNode { boot: unique("boot-"), ..node.clone() };
    report(&successor, run.id, json!({})).await.problem(409, "run_ended");
    let lost = get(&admin, run.id).await;
    assert_eq!(lost.state, RunState::Lost);
    assert!(lost.error.unwrap().contains("restarted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_process_loses_what_the_old_one_ran() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = background(&app, &admin).await;
    let run = start(&admin).await;
    report(&node, run.id, json!({})).await.expect(200);
    (node.boot, node.seq) = (unique("boot-"), 0);
    node.beat(&beat()).await;
    wait_for("the run lost", async || (get(&admin, run.id).await.state == RunState::Lost).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_fails_the_run_with_its_reason() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = background(&app, &admin).await;
    let run = start(&admin).await;
    let mut ack = beat();
    ack["acks"] = json!([{"commandId": run.command_id, "status": "refused", "detail": "busy with another"}]);
    // Offered first: nobody can refuse what was never said.
    node.beat(&beat()).await;
    node.beat(&ack).await;
    let failed = wait_for("the run failed", async || {
        Some(get(&admin, run.id).await).filter(|r| r.state == RunState::Failed)
    })
    .await;
    assert_eq!(failed.error.as_deref(), Some("The node refused it: busy with another"));
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_reaches_the_node_or_ends_what_it_never_knew() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut node = background(&app, &admin).await;
    let cancel =
        async |id: RunId| admin.post(&format!("/api/v1/background-node/runs/{id}/cancel"), &json!({})).await;

    // Nobody listens there, and no heartbeat came since: the node never knew.
    let run = start(&admin).await;
    wait_for("the push's outcome", async || get(&admin, run.id).await.push).await;
    let over: JobRun = cancel(run.id).await.expect(200).json();
    assert_eq!(over.state, RunState::Cancelled);
    assert_eq!(node.beat(&beat()).await["commands"], json!([]));
    cancel(run.id).await.problem(409, "run_ended");

    let run = start(&admin).await;
    node.beat(&beat()).await;
    report(&node, run.id, json!({})).await.expect(200);
    let asked: JobRun = cancel(run.id).await.expect(200).json();
    assert_eq!((asked.state, asked.cancel_requested), (RunState::Running, true));
    assert_eq!(report(&node, run.id, json!({})).await.expect(200).value(), json!({"cancel": true}));
    let last = report(&node, run.id, json!({"status": "cancelled"})).await.expect(200).value();
    assert_eq!(last, json!({"cancel": false}));
    assert_eq!(get(&admin, run.id).await.state, RunState::Cancelled);
    assert_eq!(node.beat(&beat()).await["commands"], json!([]), "the command ended with its run");
    let noted =
        "SELECT count(*) FROM activity WHERE action = 'background.job.cancel' AND outcome = 'allowed'";
    assert_eq!(app.db.text(noted).await, "2");
    cancel(RunId(uuid::Uuid::now_v7())).await.problem(404, "not_found");
}
