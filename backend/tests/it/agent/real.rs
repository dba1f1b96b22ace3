//! The agent under the real control plane, over its API: what an operator clicks, and what becomes of it.

use backend::domain::liveness::Timers;
use common::command::{Command, CommandPage, CommandState};
use common::job::{JobRun, RunState};
use common::node::{Node, NodeKind};
use common::singleton::{BackgroundTestReply, BackgroundVerdict};
use common::status::{Liveness, StatusWord};
use common::storage::RegionStorage;
use reqwest::Method;
use serde_json::{Value, json};

use super::plane::free_port;
use super::process::Home;
use crate::background::register;
use crate::intents::{maintenance, read, set};
use crate::support::app::{TestApp, TestNode};
use crate::support::client::Client;
use crate::support::s3d::{BUCKET, FULL, S3d};
use crate::support::wait_for;

/// Quick beats, and patience with a busy machine.
const BRISK: Timers = Timers { interval_ms: 200, stale_after_ms: 10_000, offline_after_ms: 20_000 };

/// The settings as the console shows them.
fn home(app: &TestApp, section: &str, node: &TestNode) -> Home {
    let own = json!({"Id": node.id, "ApiKey": node.secret});
    Home::with(&json!({section: own, "Infrastructure": {"Url": app.base()}}).to_string())
}

async fn until(what: &str, admin: &Client, node: &TestNode, fits: impl Fn(&Node) -> bool) -> Node {
    wait_for(what, async || Some(read(admin, node).await).filter(&fits)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_is_one_restart_and_disable_is_the_end() {
    let app = TestApp::with(BRISK, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Backend).await;
    let home = home(&app, "Server", &node);
    let service = home.supervise(&["--calls", "3", "--call-seconds", "1..3", "--listen", "none"]);
    let calls = |n: &Node| n.live.sessions.as_ref().and_then(|s| Some(s.phone? + s.web?));
    let first = until("calls", &admin, &node, |n| calls(n) == Some(3)).await.live.boot_id;

    set(&admin, &node, &maintenance()).await;
    let drained = |n: &Node| calls(n) == Some(0) && n.live.accepts.and_then(|a| a.inbound) == Some(false);
    until("maintenance without calls", &admin, &node, drained).await;
    let path = format!("{}/shutdown", node.path());
    let reply = admin.post(&path, &json!({"reason": "Update"})).await;
    let reply = match reply.status {
        202 => reply,
        _ => {
            let token = reply.value()["current"]["previewToken"].clone();
            admin.post(&path, &json!({"reason": "Update", "previewToken": token})).await.expect(202)
        }
    };
    let command: Command = reply.json();
    let back = until("another boot", &admin, &node, |n| n.live.boot_id != first).await;
    assert_eq!(back.live.liveness, Liveness::Live);
    until("still in maintenance", &admin, &node, |n| n.live.status.word == StatusWord::Maintenance).await;
    let receipts: CommandPage = admin.get(&format!("{}/commands", node.path())).await.expect(200).json();
    let receipt = receipts.items.iter().find(|c| c.id == command.id).unwrap();
    assert_eq!((receipt.state, receipt.boot_id.as_deref()), (CommandState::Done, first.as_deref()));
    assert!(receipt.accepted_at.is_some(), "{receipt:?}");
    assert_eq!(service.codes(), [Some(75)]);

    set(&admin, &node, &json!({"state": "active"})).await;
    until("calls again", &admin, &node, |n| calls(n) == Some(3)).await;
    set(&admin, &node, &json!({"state": "disabled", "privateReason": "Retired"})).await;
    assert_eq!(service.down().await, [Some(75), Some(0)]);
    until("goodbye", &admin, &node, |n| n.live.liveness == Liveness::Left).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_storage_keys_reach_a_running_node() {
    let app = TestApp::with(BRISK, |_| {}).await;
    let admin = app.admin().await;
    let s3d = S3d::start().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Backend).await;
    let home = home(&app, "Server", &node);
    let _process = home.start(&["--listen", "none"]);
    let put = async |secret: &str, version: i64| {
        let body = json!({"endpoint": s3d.url(), "accessKey": FULL.0, "secretKey": secret, "ssl": false, "bucket": BUCKET});
        let path = format!("/api/v1/regions/{region}/storage");
        let request = admin.request(Method::PUT, &path).header("if-match", format!("\"{version}\""));
        admin.send(request.json(&body)).await.expect(200);
    };
    let reported = async |ok: bool| {
        let path = format!("/api/v1/regions/{region}/storage");
        wait_for("report of the node", async || {
            let seen: RegionStorage = admin.get(&path).await.expect(200).json();
            seen.nodes.into_iter().find(|n| n.node_id == node.id && n.ok == ok)
        })
        .await
    };
    until("life", &admin, &node, |n| n.live.liveness == Liveness::Live).await;
    put("canary-s3-wrong-secret", 0).await;
    let refused = reported(false).await;
    assert_eq!(refused.step.as_deref(), Some("put"), "{refused:?}");
    put(FULL.1, 1).await;
    reported(true).await;
    assert!(s3d.objects(BUCKET).is_empty(), "the test cleans up after itself");
    assert!(!home.log().contains("canary"), "a key is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_node_runs_what_is_started_in_the_console() {
    let app = TestApp::with(BRISK, |_| {}).await;
    let admin = app.admin().await;
    let address = format!("127.0.0.1:{}", free_port());
    let node = register(&app, &admin, &address).await;
    let home = home(&app, "Security", &node);
    let _process = home.start(&["--kind", "background"]);
    let start = async |job: &str| -> JobRun {
        let path = format!("/api/v1/background-node/jobs/{job}/runs");
        wait_for("job", async || Some(admin.post(&path, &json!({})).await).filter(|r| r.status == 201))
            .await
            .json()
    };
    let run_until = async |run: &JobRun, what: &str, fits: fn(&JobRun) -> bool| -> JobRun {
        let path = format!("/api/v1/background-node/runs/{}", run.id);
        wait_for(what, async || Some(admin.get(&path).await.expect(200).json::<JobRun>()).filter(fits)).await
    };
    let run = start("cleanup").await;
    let done = run_until(&run, "end of the cleanup", |r| !r.state.is_active()).await;
    assert_eq!((done.state, done.error), (RunState::Succeeded, None));
    assert!(done.output.unwrap().contains("Deleted 0 files, 0 bytes. Kept 0."));

    let run = start("report").await;
    run_until(&run, "progress", |r| r.output.as_ref().is_some_and(|o| o.contains("1 of "))).await;
    admin.post(&format!("/api/v1/background-node/runs/{}/cancel", run.id), &json!({})).await;
    let over = run_until(&run, "end by request", |r| !r.state.is_active()).await;
    assert_eq!((over.state, over.cancel_requested), (RunState::Cancelled, true));

    let test = async |body: Value| -> BackgroundTestReply {
        admin.post("/api/v1/background-node/test", &body).await.expect(200).json()
    };
    let reply = test(json!({})).await;
    assert!(reply.ok, "{reply:?}");
    let other = "another-key-that-is-long-enough-to-be-one";
    let reply = test(json!({"endpoint": address, "secret": other})).await;
    assert_eq!((reply.ok, reply.verdict), (false, BackgroundVerdict::KeysDiffer), "{reply:?}");
}
