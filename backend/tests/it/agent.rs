//! `iqra-node` as a process: what it does with the wishes and commands of a control plane, and what a service manager
//! makes of its end.

mod plane;
pub(crate) mod process;
mod real;

use common::command::{AckStatus, CommandArgs, CommandKind, ShutdownMode};
use common::heartbeat::{Accepts, DesiredState, Heartbeat};
use common::ids::{RegionId, RunId};
use common::job::RunReportStatus;
use common::node::NodeKind;
use common::status::Runtime;
use common::storage::NodeStorage;
use rustix::process::Signal;
use uuid::Uuid;

use self::plane::{Plane, free_port};
use self::process::{Home, content};
use crate::support::wait_for;

/// A drain never ends by itself with these.
const LONG_CALLS: [&str; 4] = ["--calls", "3", "--call-seconds", "3000..3000"];

fn runtime(beat: &Heartbeat) -> Option<Runtime> {
    beat.runtime.as_ref().map(|r| r.status)
}

fn calls(beat: &Heartbeat) -> Option<u32> {
    let sessions = beat.sessions.as_ref()?;
    Some(sessions.phone? + sessions.web?)
}

fn accepts(open: bool) -> Option<Accepts> {
    Some(Accepts { inbound: Some(open), outbound: Some(open), web: Some(open) })
}

fn shutdown(mode: ShutdownMode) -> CommandArgs {
    CommandArgs { mode: Some(mode), ..CommandArgs::default() }
}

async fn prepared(kind: NodeKind) -> (Plane, Home) {
    crate::support::app::prepare();
    let plane = Plane::start(kind).await;
    let home = Home::new(&plane);
    (plane, home)
}

#[tokio::test]
async fn shut_down_it_drains_and_comes_back_once_as_another_boot() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    let service = home.supervise(&["--calls", "3", "--call-seconds", "1..2"]);
    plane.beat("calls", |b| calls(b) == Some(3)).await;
    let id = plane.state().order(CommandKind::Shutdown, shutdown(ShutdownMode::Graceful));
    plane.wait("acknowledgement", |s| s.ack(id).filter(|a| a.status == AckStatus::Accepted).cloned()).await;
    let drain = plane.beat("drain", |b| runtime(b) == Some(Runtime::Draining)).await;
    assert_eq!(drain.accepts, accepts(false));
    plane.beat("fewer calls", |b| calls(b) < Some(3)).await;
    plane.wait("second boot", |s| (s.boots().len() == 2).then_some(())).await;
    let again = plane.beat("work as before", |b| b.accepts == accepts(true) && calls(b) == Some(3)).await;
    {
        let state = plane.state();
        let [goodbye] = state.goodbyes.as_slice() else { panic!("{:?}", state.goodbyes) };
        assert_eq!(
            (goodbye.boot_id.as_str(), goodbye.reason.as_str()),
            (state.boots()[0].as_str(), "shutdown")
        );
        let last = state.beats.iter().rfind(|b| b.boot_id.as_ref() == Some(&goodbye.boot_id)).unwrap();
        assert!(calls(last) <= Some(1), "it went with calls running: {last:?}");
        assert_eq!(again.boot_id.as_ref(), state.boots().last());
    }
    assert_eq!(service.codes(), [Some(75)], "exactly once");
    // What the second boot does next shows that the command did not follow it.
    plane.state().wish(DesiredState::Drain);
    assert_eq!(service.down().await, [Some(75), Some(0)]);
}

#[tokio::test]
async fn shut_down_at_once_it_ends_its_calls() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    let mut process = home.start(&LONG_CALLS);
    plane.beat("calls", |b| calls(b) == Some(3)).await;
    let graceful = plane.state().order(CommandKind::Shutdown, shutdown(ShutdownMode::Graceful));
    plane.wait("acknowledgement", |s| s.ack(graceful).cloned()).await;
    plane.beat("drain", |b| runtime(b) == Some(Runtime::Draining) && calls(b) == Some(3)).await;
    assert!(process.is_running(), "it waits for its calls");
    let now = plane.state().order(CommandKind::Shutdown, shutdown(ShutdownMode::Immediate));
    assert_eq!(process.ended().await, Some(75));
    let state = plane.state();
    assert_eq!(state.ack(now).unwrap().status, AckStatus::Accepted, "said before the goodbye");
    assert_eq!((state.goodbyes.len(), state.goodbyes[0].reason.as_str()), (1, "shutdown"));
}

#[tokio::test]
async fn disabled_it_counts_down_and_stays_down() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    let service = home.supervise(&["--calls", "4", "--call-seconds", "1..3"]);
    plane.beat("calls", |b| calls(b) == Some(4)).await;
    plane.state().wish(DesiredState::Drain);
    assert_eq!(service.down().await, [Some(0)]);
    let state = plane.state();
    let drain: Vec<_> = state.beats.iter().filter(|b| b.observed_generation == Some(2)).collect();
    assert!(drain.iter().all(|b| b.accepts == accepts(false) && runtime(b) == Some(Runtime::Draining)));
    let left: Vec<_> = drain.iter().filter_map(|b| calls(b)).collect();
    assert!(left.is_sorted_by(|a, b| a >= b) && left.iter().any(|n| *n > 0), "{left:?}");
    let ages = &drain[0].sessions.as_ref().unwrap().age_seconds;
    assert!(!ages.is_empty() && ages.is_sorted_by(|a, b| a >= b), "oldest first: {ages:?}");
    assert_eq!((state.goodbyes.len(), state.boots().len()), (1, 1));
}

#[tokio::test]
async fn told_to_drain_in_the_first_reply_it_never_starts_its_command() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    plane.state().wish(DesiredState::Drain);
    let service = home.supervise(&["--", "sh", "-c", "touch started; exec sleep 600"]);
    assert_eq!(service.down().await, [Some(0)]);
    // One that is ended at once might not get so far as to leave a file.
    assert!(!home.path("started").exists() && !home.log().contains("as process"), "{}", home.log());
    let state = plane.state();
    assert!(!state.beats.is_empty() && state.beats.iter().all(|b| b.accepts == accepts(false)));
    assert_eq!(state.goodbyes.len(), 1);
}

#[tokio::test]
async fn the_command_is_asked_to_end_and_killed_when_it_does_not() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    let script = "trap 'touch asked; exit 0' TERM; touch started; while :; do sleep 0.05; done";
    let mut process = home.start(&["--", "sh", "-c", script]);
    content(&home.path("started")).await;
    let up = plane.beat("beat of a running command", |b| runtime(b) == Some(Runtime::Running)).await;
    assert_eq!(calls(&up), None, "nobody knows its calls, and that is not zero");
    let first = plane.state().beats[0].clone();
    assert_eq!((runtime(&first), first.accepts), (Some(Runtime::Starting), accepts(false)));
    process.signal(Signal::TERM);
    assert_eq!(process.ended().await, Some(0));
    assert!(home.path("asked").exists());
    assert_eq!(plane.state().goodbyes.len(), 1);

    // One that does not listen, and has a child of its own.
    let script = "trap '' TERM; (echo $$ > pid; exec sleep 600) & wait; while :; do sleep 0.05; done";
    let mut process = home.start(&["--stop-timeout", "300ms", "--", "sh", "-c", script]);
    let pid = wait_for("pid", async || content(&home.path("pid")).await.trim().parse::<u32>().ok()).await;
    plane.beat("beat", |b| runtime(b) == Some(Runtime::Running)).await;
    let id = plane.state().order(CommandKind::Shutdown, shutdown(ShutdownMode::Graceful));
    plane.beat("beat while the command ends", |b| runtime(b) == Some(Runtime::Stopping)).await;
    assert_eq!(process.ended().await, Some(75));
    assert_eq!(plane.state().ack(id).unwrap().status, AckStatus::Accepted);
    let gone = async || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        (stat.is_empty() || stat.contains(") Z ")).then_some(())
    };
    wait_for("end of the command", gone).await;
}

#[tokio::test]
async fn a_command_that_ends_by_itself_is_a_failure() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    // The third time it is well.
    let script = "echo x >> runs; [ $(wc -l < runs) -ge 3 ] && exec sleep 600; exit $(( $(wc -l < runs) == 1 ? 7 : 0 ))";
    let service = home.supervise(&["--", "sh", "-c", script]);
    plane.wait("third boot", |s| (s.boots().len() == 3).then_some(())).await;
    assert_eq!(service.codes(), [Some(7), Some(75)], "its own code, and never 0");
    let state = plane.state();
    assert_eq!(state.goodbyes.iter().map(|g| g.reason.as_str()).collect::<Vec<_>>(), ["command_ended"; 2]);
}

#[tokio::test]
async fn a_command_is_executed_once_however_often_it_is_offered() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    plane.state().stubborn = true;
    let _process = home.start(&LONG_CALLS);
    plane.beat("calls", |b| calls(b) == Some(3)).await;
    let id = plane.state().order(CommandKind::EndSessions, CommandArgs::default());
    let ack = plane.wait("acknowledgement", |s| s.ack(id).cloned()).await;
    assert_eq!((ack.status, ack.detail.as_str()), (AckStatus::Done, "3 ended."));
    let boot = plane.beat("new calls", |b| calls(b) == Some(3)).await.boot_id;
    let aged = |b: &Heartbeat| b.sessions.as_ref().is_some_and(|s| s.age_seconds.first() > Some(&1));
    let later = plane.beat("calls that get older under the same offer", aged).await;
    assert_eq!((calls(&later), later.boot_id), (Some(3), boot), "it stays");
    let state = plane.state();
    assert!(state.beats.iter().filter(|b| b.acks == [ack.clone()]).count() > 3, "and says so each time");
}

#[tokio::test]
async fn a_command_that_comes_too_late_is_refused() {
    let (plane, home) = prepared(NodeKind::Proxy).await;
    let mut process = home.start(&[]);
    plane.beat("beat", |_| true).await;
    let late = {
        let mut state = plane.state();
        let id = state.order(CommandKind::Shutdown, shutdown(ShutdownMode::Immediate));
        state.offers[0].not_after.0 = 999;
        id
    };
    let ack = plane.wait("acknowledgement", |s| s.ack(late).cloned()).await;
    assert_eq!(ack.status, AckStatus::Refused);
    plane.beat("beat afterwards", |b| runtime(b) == Some(Runtime::Running) && b.acks.is_empty()).await;
    assert!(process.is_running());
}

#[tokio::test]
async fn maintenance_closes_and_a_cancelled_drain_opens_every_entrance() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    let mut process = home.start(&LONG_CALLS);
    let boot = plane.beat("calls", |b| calls(b) == Some(3) && b.accepts == accepts(true)).await.boot_id;
    for (generation, wish, what) in [
        (2, DesiredState::Maintenance, Runtime::Maintenance),
        (3, DesiredState::Drain, Runtime::Draining),
        (4, DesiredState::Run, Runtime::Running),
    ] {
        plane.state().wish(wish);
        let beat = plane.beat("obedience", |b| b.observed_generation == Some(generation)).await;
        assert_eq!((runtime(&beat), beat.accepts), (Some(what), accepts(what == Runtime::Running)));
        assert_eq!(calls(&beat), Some(3), "running calls are left alone");
    }
    assert!(process.is_running());
    process.signal(Signal::TERM);
    plane.beat("drain", |b| runtime(b) == Some(Runtime::Draining)).await;
    process.signal(Signal::TERM);
    assert_eq!(process.ended().await, Some(0), "a second signal ends at once");
    let state = plane.state();
    assert_eq!((state.boots(), state.goodbyes.len()), (vec![boot.unwrap()], 0));
}

#[tokio::test]
async fn a_push_with_the_key_fetches_the_orders_at_once() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    // Nothing would happen for ten minutes.
    plane.state().interval_ms = 600_000;
    let endpoint = plane.state().endpoint.to_string();
    let mut process = home.start(&[]);
    plane.beat("beat", |_| true).await;
    let id = plane.state().order(CommandKind::Shutdown, shutdown(ShutdownMode::Graceful));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |order: &str, key: &str| {
        let url = format!("{endpoint}/api/node/management/{order}");
        let reply = http.post(url).header("X-API-Key", key).body("{}").send().await.unwrap();
        let body: serde_json::Value = serde_json::from_str(&reply.text().await.unwrap()).unwrap();
        (body["success"].as_bool().unwrap(), body["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(post("shutdown", "iqn_other").await, (false, "INVALID_API_KEY".to_owned()));
    assert_eq!(post("ping", "iqn_test").await, (true, "PONG".to_owned()));
    assert_eq!((plane.state().beats.len(), process.is_running()), (1, true));
    assert_eq!(post("shutdown", "iqn_test").await, (true, "SHUTDOWN_ACCEPTED".to_owned()));
    assert_eq!(process.ended().await, Some(75));
    assert_eq!(plane.state().ack(id).unwrap().status, AckStatus::Accepted);
}

#[tokio::test]
async fn a_background_node_runs_its_jobs_and_breaks_them_off() {
    let (plane, home) = prepared(NodeKind::Background).await;
    let mut process = home.start(&["--kind", "background"]);
    let beat = plane.beat("jobs", |b| b.jobs.is_some()).await;
    let keys: Vec<_> = beat.jobs.iter().flatten().map(|j| j.key.as_str()).collect();
    assert_eq!(keys, ["cleanup", "storage-check", "report"]);
    let order = |job: &str| {
        let run = RunId(Uuid::now_v7());
        let args = CommandArgs { job: Some(job.to_owned()), run_id: Some(run), mode: None };
        (plane.state().order(CommandKind::RunJob, args), run)
    };
    let told = |s: &plane::State, run: RunId| -> Vec<_> {
        s.reports.iter().filter(|(id, _)| *id == run).map(|(_, r)| r.clone()).collect()
    };

    let (command, run) = order("cleanup");
    plane.wait("end", |s| s.ack(command).filter(|a| a.status == AckStatus::Done).cloned()).await;
    let reports = told(&plane.state(), run);
    assert_eq!(reports.first().unwrap().status, RunReportStatus::Accepted);
    assert_eq!(reports.last().unwrap().status, RunReportStatus::Succeeded);
    let output: String = reports.iter().filter_map(|r| r.output.clone()).collect();
    assert!(output.contains("Deleted 0 files"), "{output}");

    let (command, run) = order("report");
    plane.wait("progress", |s| told(s, run).iter().any(|r| r.output.is_some()).then_some(())).await;
    assert_eq!(plane.state().ack(command).unwrap().status, AckStatus::Accepted);
    let (second, _) = order("report");
    let refused = plane.wait("refusal", |s| s.ack(second).cloned()).await;
    assert_eq!(
        (refused.status, refused.detail.as_str()),
        (AckStatus::Refused, "This job is running already.")
    );
    plane.state().cancel = true;
    let last = plane
        .wait("end", |s| told(s, run).last().filter(|r| r.status == RunReportStatus::Cancelled).cloned());
    assert_eq!(last.await.boot_id, beat.boot_id.unwrap());
    plane.state().cancel = false;

    let (_, run) = order("report");
    plane.wait("progress", |s| told(s, run).iter().any(|r| r.output.is_some()).then_some(())).await;
    plane.state().order(CommandKind::Shutdown, shutdown(ShutdownMode::Immediate));
    assert_eq!(process.ended().await, Some(75));
    let last = told(&plane.state(), run).last().cloned().unwrap();
    assert_eq!(
        (last.status, last.error.as_deref()),
        (RunReportStatus::Failed, Some("The node ended before the job did."))
    );
}

#[tokio::test]
async fn changed_storage_reaches_a_running_node_and_is_tested() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    let _process = home.start(&[]);
    plane
        .beat("beat without storage", |b| b.storage.is_none() && b.config_hash.as_deref() == Some("tag-1"))
        .await;
    let read = plane.state().bootstraps;
    {
        let mut state = plane.state();
        state.storage = vec![NodeStorage {
            region_id: RegionId::from("OM-MCT"),
            endpoint: format!("http://127.0.0.1:{}", free_port()),
            access_key: "AKIA-canary-access".to_owned(),
            secret_key: "canary-secret-key".to_owned(),
            ssl: false,
            bucket: "calls".to_owned(),
            signing_region: "us-east-1".to_owned(),
            path_style: true,
            prefix: String::new(),
        }];
        state.config_tag = "tag-2".to_owned();
    }
    let report = plane.beat("storage test", |b| b.storage.is_some()).await;
    assert_eq!(report.config_hash.as_deref(), Some("tag-2"));
    let storage = report.storage.unwrap();
    assert_eq!((storage.ok, storage.step.as_deref()), (false, Some("tcp")), "nobody listens there");
    assert_eq!(plane.state().bootstraps, read + 1, "read once");
    let log = home.log();
    assert!(log.contains("new storage settings of region OM-MCT are in use"), "{log}");
    assert!(!log.contains("canary"), "a key is in the log");
    plane.state().storage.clear();
    plane.state().config_tag = "tag-3".to_owned();
    plane.beat("no storage", |b| b.storage.is_none()).await;
}

#[tokio::test]
async fn another_secret_is_taken_from_the_file_without_a_restart() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    let process = home.start(&[]);
    let boot = plane.beat("beat", |_| true).await.boot_id;
    plane.state().secret = "iqn_second".to_owned();
    home.write_settings(&plane.settings());
    let beat = plane.beat("beat with the second secret", |_| true).await;
    assert_eq!(beat.boot_id, boot);
    assert!(plane.state().refused > 0, "the first one was refused before");
    // And before the first is refused, where it is asked to.
    home.write_settings(&plane.settings().replace("iqn_second", "iqn_third"));
    process.signal(Signal::HUP);
    wait_for("word about it", async || (home.log().matches("another secret").count() == 2).then_some(()))
        .await;
    let refused = plane.state().refused;
    plane.wait("refusal of the third", |s| (s.refused > refused).then_some(())).await;
    plane.state().secret = "iqn_third".to_owned();
    assert_eq!(plane.beat("beat with the third secret", |_| true).await.boot_id, boot);
    assert!(!home.log().contains("iqn_"), "a secret is in the log");
}

#[tokio::test]
async fn a_simulated_node_obeys_like_a_real_one() {
    let (plane, home) = prepared(NodeKind::Backend).await;
    let mut process = home.simulate(&plane, &["--restart-delay", "1s", "--seed", "1"]);
    plane.wait("calls", |s| s.beats.last().filter(|b| calls(b) > Some(0)).cloned()).await;
    let first = plane.state().order(CommandKind::EndSessions, CommandArgs::default());
    let done = plane.wait("end of the calls", |s| s.ack(first).cloned()).await;
    assert!(done.status == AckStatus::Done && done.detail != "0 ended.", "{done:?}");
    let id = plane.state().order(CommandKind::Shutdown, shutdown(ShutdownMode::Immediate));
    plane.wait("second boot", |s| (s.boots().len() == 2).then_some(())).await;
    {
        let state = plane.state();
        assert_eq!(state.ack(id).unwrap().status, AckStatus::Accepted);
        assert_eq!((state.goodbyes.len(), state.goodbyes[0].reason.as_str()), (1, "shutdown"));
    }
    plane.state().wish(DesiredState::Drain);
    assert_eq!(process.ended().await, Some(0), "its last node is gone");
    assert_eq!(plane.state().goodbyes.len(), 2);
}
