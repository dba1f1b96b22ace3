//! Jobs of the background node: start one, follow it, end it. A run rides on a command; the push only makes it earlier.

use std::sync::Arc;

use common::activity::Outcome;
use common::auth::Permission;
use common::command::{Command, CommandArgs, CommandKind, CommandState};
use common::ids::{CommandId, NodeId, RunId};
use common::job::{JobRun, JobRunPage, RunReport, RunReportReply, RunState, is_key};
use common::singleton::TriggerCode;
use common::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::background::{ready, target};
use super::background_test::{note_answer, stored_key};
use super::regions::Changed;
use super::{App, ServiceError, finish};
use crate::auth::policy::{Actor, authorize};
use crate::clients::connector::{OutboundError, Stage};
use crate::clients::node::{self, NodeReply};
use crate::db::{DbError, RunFilter};
use crate::domain::command::NOT_AFTER_MS;
use crate::domain::job::{NodeFact, Reported, RunRecord, too_much};
use crate::live::fleet::{BackgroundFact, NodeEntry};

/// How much newer than a report a heartbeat has to be, where several servers take both, in milliseconds.
const NEWS_MS: u64 = 3_000;

fn no_run(id: &str) -> ServiceError {
    ServiceError::NotFound { what: "run", id: id.to_owned() }
}

fn run_id(id: &str) -> Result<RunId, ServiceError> {
    id.parse().map_err(|_| no_run(id))
}

/// Starts a job.
///
/// # Errors
/// What [`TriggerCode`] names, `job_active`; no such job; a role too low.
pub async fn start(app: &Arc<App>, actor: &Actor, job: &str) -> Result<Changed<JobRun>, ServiceError> {
    authorize(actor, Permission::Operate, None)?;
    if !is_key(job) {
        return Err(unknown(job));
    }
    let entry = app.fleet.background();
    let (fact, _, ready) = ready(app, entry.as_ref());
    let (Some(entry), Some(fact), true) = (entry, fact, ready.ok) else {
        let code = ready.code.unwrap_or(TriggerCode::Missing).as_str();
        let detail = ready.detail.unwrap_or_default();
        let current = json!({ "since": ready.since });
        return refused(app, actor, job, code, detail, Some(current)).await;
    };
    if !fact.jobs.iter().any(|j| j.key == job) {
        return Err(unknown(job));
    }
    let now = app.clock.wall();
    let run = JobRun {
        id: RunId(Uuid::now_v7()),
        job: job.to_owned(),
        node_id: Some(entry.id),
        state: RunState::Queued,
        requested_by: actor.user.email.clone(),
        requested_at: now,
        started_at: None,
        finished_at: None,
        reported_at: None,
        cancel_requested: false,
        output: None,
        output_bytes: 0,
        error: None,
        command_id: None,
        push: None,
    };
    match app.db.run_insert(&run).await {
        Ok(()) => {}
        Err(DbError::Unique(c)) if c == "job_runs_one_active" => return active(app, actor, job).await,
        Err(e) => return Err(e.into()),
    }
    let (app, actor) = (Arc::clone(app), actor.clone());
    finish(async move {
        let run_id = run.id;
        match send(&app, &actor, &entry, run).await {
            Ok(changed) => Ok(changed),
            Err(e) => {
                // Nothing rides: the job must not stay taken until somebody notices.
                let end = |r: &mut RunRecord| (r.unsent(now), ());
                if let Ok(Some((record, ()))) = app.db.run_change(run_id, None, end).await {
                    app.fleet.run_changed(record.run);
                }
                Err(e)
            }
        }
    })
    .await
}

/// Queues the command, and pushes.
async fn send(
    app: &Arc<App>,
    actor: &Actor,
    entry: &Arc<NodeEntry>,
    mut run: JobRun,
) -> Result<Changed<JobRun>, ServiceError> {
    let now = app.clock.wall();
    let command = Command {
        id: CommandId(Uuid::now_v7()),
        node_id: entry.id,
        kind: CommandKind::RunJob,
        args: CommandArgs { mode: None, job: Some(run.job.clone()), run_id: Some(run.id) },
        state: CommandState::Queued,
        detail: None,
        boot_id: None,
        created_by: actor.user.email.clone(),
        created_at: now,
        not_after: now.later(NOT_AFTER_MS),
        offered_at: None,
        offered_count: 0,
        accepted_at: None,
        finished_at: None,
        push: None,
    };
    let command = app.fleet.command_reserve(entry, command).map_err(|_| ServiceError::Refused {
        code: "too_many_commands",
        detail: "Too much is asked of the background node already. Try again in a moment.".to_owned(),
        current: None,
    })?;
    let noted = actor
        .act(now, "background.job.run", target(entry.id, &entry.name()))
        .changed(None, Some(json!({ "job": run.job, "runId": run.id })));
    let change = match app.db.commands_insert(std::slice::from_ref(&command), &noted).await {
        Ok(change) => change,
        Err(e) => {
            app.fleet.command_drop(entry, command.id);
            return Err(e.into());
        }
    };
    run.command_id = Some(command.id);
    let linked = app.db.run_sent(run.id, Some(command.id), None).await;
    app.fleet.command_release(entry, command.id);
    app.fleet.note_change(change);
    app.fleet.run_changed(run.clone());
    linked?;
    tokio::spawn(push(Arc::clone(app), Arc::clone(entry), run.clone()));
    Ok(Changed { object: run, change })
}

/// Tells the node before its next heartbeat does. Whatever comes of it, the command stands.
async fn push(app: Arc<App>, entry: Arc<NodeEntry>, run: JobRun) {
    let key = match stored_key(&app, &entry).await {
        Ok(Some(key)) => key,
        Ok(None) => return,
        Err(e) => {
            tracing::warn!(error = %e, "the background node's key could not be read");
            return;
        }
    };
    let endpoint = entry.record().endpoint;
    let reply = node::push_job(&app.connector, &endpoint, &key.0, &run.job, run.id).await;
    note_answer(&app, &key.1, &reply);
    if !may_have_arrived(&reply) {
        app.fleet.board.note_unreached(run.id);
    }
    let outcome = reply.verdict(&endpoint);
    if let Some(command) = run.command_id {
        app.fleet.command_pushed(&entry, command, outcome.chars().take(200).collect());
    }
    match app.db.run_sent(run.id, None, Some(&outcome)).await {
        Ok(()) => {}
        Err(e) => tracing::warn!(error = %e, run = %run.id, "what the push brought could not be noted"),
    }
    if let Ok(Some(record)) = app.db.run_get(run.id).await {
        app.fleet.run_changed(record.run);
    }
}

/// Whether the node may know of the run by a push with this outcome.
fn may_have_arrived(reply: &NodeReply) -> bool {
    match reply {
        NodeReply::Taken | NodeReply::AlreadyAsked => true,
        NodeReply::NoReply(e) => {
            matches!(
                e,
                OutboundError::Timeout(Stage::Reply) | OutboundError::NoReply | OutboundError::TooLarge
            )
        }
        NodeReply::KeyDiffers
        | NodeReply::Refused { .. }
        | NodeReply::Unknown
        | NodeReply::NotANode { .. } => false,
    }
}

/// The job runs already.
async fn active<T>(app: &App, actor: &Actor, job: &str) -> Result<T, ServiceError> {
    let current = app.db.run_active().await?.into_iter().map(|(r, _)| r.run).find(|r| r.job == job);
    let since = current.as_ref().map(|r| r.started_at.unwrap_or(r.requested_at).to_string());
    let detail =
        format!("This job runs already, since {}.", since.unwrap_or_else(|| "a moment ago".to_owned()));
    refused(app, actor, job, "job_active", detail, serde_json::to_value(current).ok()).await
}

async fn refused<T>(
    app: &App,
    actor: &Actor,
    job: &str,
    code: &'static str,
    detail: String,
    current: Option<serde_json::Value>,
) -> Result<T, ServiceError> {
    let at = app.fleet.background().map(|e| target(e.id, &e.name()));
    let at = at.unwrap_or_else(|| crate::domain::activity::Target::named("background", "background-node"));
    let noted = actor
        .act(app.clock.wall(), "background.job.run", at)
        .changed(None, Some(json!({ "job": job })))
        .because(Some(&detail))
        .ended(Outcome::Refused);
    app.db.activity_add(&noted).await?;
    Err(ServiceError::Refused { code, detail, current })
}

/// Runs, newest first; of one job where it is named.
///
/// # Errors
/// A role too low; where the database fails.
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &RunFilter,
    limit: usize,
) -> Result<JobRunPage, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    if filter.job.as_deref().is_some_and(|job| !is_key(job)) {
        return Ok(JobRunPage { items: Vec::new(), next_cursor: None });
    }
    let mut items = app.db.run_list(filter, limit.saturating_add(1)).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|r| r.id.to_string());
    Ok(JobRunPage { items, next_cursor })
}

fn unknown(job: &str) -> ServiceError {
    let detail = format!("The background node does not advertise a job {job:?}.");
    ServiceError::Unknown { code: "job_unknown", detail }
}

/// One run with its output.
///
/// # Errors
/// No such run; a role too low; where the database fails.
pub async fn get(app: &App, actor: &Actor, id: &str) -> Result<JobRun, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let record = app.db.run_get(run_id(id)?).await?.ok_or_else(|| no_run(id))?;
    Ok(record.run)
}

/// Asks for the end of a run. One the node does not know of yet ends at once, the others when the node says so.
///
/// # Errors
/// No such run; `run_ended`; a role too low; where the database fails.
pub async fn cancel(app: &Arc<App>, actor: &Actor, id: &str) -> Result<JobRun, ServiceError> {
    authorize(actor, Permission::Operate, None)?;
    let wanted = run_id(id)?;
    let known = app.db.run_get(wanted).await?.ok_or_else(|| no_run(id))?;
    let node = app.fleet.background();
    let at = node.as_ref().map(|n| target(n.id, &n.name()));
    let at = at.unwrap_or_else(|| crate::domain::activity::Target::named("background", "background-node"));
    let noted = actor
        .act(app.clock.wall(), "background.job.cancel", at)
        .changed(None, Some(json!({ "job": known.run.job, "runId": wanted })));
    let (app, text) = (Arc::clone(app), id.to_owned());
    finish(async move {
        let now = app.clock.wall();
        // Taken back where it was never offered, and the push did not get there.
        let unseen = app.fleet.board.is_unreached(wanted);
        let reached = match (&node, known.run.command_id) {
            (Some(node), Some(command)) if unseen => {
                let queued = app.fleet.command(command).is_some_and(|c| c.state == CommandState::Queued);
                !(queued && app.fleet.command_cancel(node, command).is_some_and(|(_, done)| done))
            }
            _ => true,
        };
        let change = |r: &mut RunRecord| {
            let was_active = r.run.state.is_active();
            if was_active {
                r.cancel(reached, now);
            }
            (was_active, was_active)
        };
        let Some((record, done)) = app.db.run_change(wanted, Some(&noted), change).await? else {
            return Err(no_run(&text));
        };
        if !done {
            let detail = format!("The run has ended: {}.", record.run.state.as_str());
            let current = serde_json::to_value(&record.run).ok();
            return Err(ServiceError::Refused { code: "run_ended", detail, current });
        }
        app.fleet.run_changed(record.run.clone());
        Ok(record.run)
    })
    .await
}

/// Takes a node's report of a run.
///
/// # Errors
/// No such run of this node; `run_ended`; more output than one report may carry; where the database fails.
pub async fn report(
    app: &Arc<App>,
    node: NodeId,
    id: &str,
    report: RunReport,
) -> Result<RunReportReply, ServiceError> {
    let wanted = run_id(id)?;
    if report.output.as_deref().is_some_and(too_much) {
        let detail = "At most 16 KiB of output in one report.";
        let error = common::problem::FieldError::new("output", "too_long", detail);
        return Err(ServiceError::Invalid(vec![error]));
    }
    // PostgreSQL takes no NUL: a 500 to a node would count as evidence against ourselves.
    if !(1..=64).contains(&report.boot_id.len()) || report.boot_id.chars().any(char::is_control) {
        let error = common::problem::FieldError::new("bootId", "length", "Text of 1 to 64 characters.");
        return Err(ServiceError::Invalid(vec![error]));
    }
    let (app, text) = (Arc::clone(app), id.to_owned());
    finish(async move {
        let now = app.clock.wall();
        let change = |r: &mut RunRecord| {
            if r.run.node_id != Some(node) {
                return (false, None);
            }
            let reported = r.report(&report, now);
            (reported != Reported::Ended, Some(reported))
        };
        let found = app.db.run_change(wanted, None, change).await?;
        let Some((record, Some(reported))) = found else { return Err(no_run(&text)) };
        if reported != Reported::Ended {
            app.fleet.run_changed(record.run.clone());
        }
        match reported {
            Reported::Taken => {
                Ok(RunReportReply { cancel: record.run.cancel_requested && record.run.state.is_active() })
            }
            Reported::OtherBoot | Reported::Ended => Err(ServiceError::Refused {
                code: "run_ended",
                detail: format!("The run has ended: {}.", record.run.state.as_str()),
                current: None,
            }),
        }
    })
    .await
}

/// Ends runs whose command came to nothing, whose process is gone, or of which nobody reports any more; how many.
///
/// # Errors
/// Where the database fails; the next run of the task goes on.
pub async fn lapse(app: &App) -> Result<usize, ServiceError> {
    let active = app.db.run_active().await?;
    let node = app.fleet.background();
    let boot = node.as_ref().map(|n| (n.id, n.background_fact()));
    let heard_at = boot.as_ref().and_then(|(_, fact)| fact.heard_at);
    let fact = boot.map(|(id, BackgroundFact { boot_id, .. })| NodeFact { id, boot_id });
    let now = app.clock.wall();
    app.fleet.board.note_active(active.iter().map(|(r, _)| r.run.id));
    if !app.fleet.sweeps() {
        return Ok(0);
    }
    let mut ended = 0;
    for (known, command) in active {
        let mut mine = fact.clone().filter(|f| Some(f.id) == known.run.node_id);
        // A report that another server took is known here before the heartbeat of the process that made it.
        let newer = |heard: Timestamp| known.run.reported_at.is_none_or(|said| heard.since(said) > NEWS_MS);
        if app.fleet.follows()
            && !heard_at.is_some_and(newer)
            && let Some(mine) = mine.as_mut()
        {
            mine.boot_id = None;
        }
        let mine = mine.as_ref();
        if !known.clone().lapse(command.as_ref(), mine, now) {
            continue;
        }
        let end = |r: &mut RunRecord| (r.lapse(command.as_ref(), mine, now), ());
        if let Some((record, ())) = app.db.run_change(known.run.id, None, end).await? {
            app.fleet.run_changed(record.run);
            ended += 1;
        }
    }
    Ok(ended)
}
