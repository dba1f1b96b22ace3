//! Open problems: the list, and what somebody puts aside for a while.

use std::sync::Arc;

use common::auth::Permission;
use common::overview::{OpenProblem, ProblemList, Snooze, SnoozeRequest};
use serde_json::json;

use super::regions::Changed;
use super::{App, ServiceError, finish};
use crate::auth::policy::{Actor, authorize};
use crate::domain::activity::{Entry, Target};
use crate::domain::problems::SnoozeRecord;
use crate::live::problems::ProblemFilter;

fn missing(id: &str) -> ServiceError {
    ServiceError::NotFound { what: "problem", id: id.to_owned() }
}

/// Open problems, worst first.
///
/// # Errors
/// A role too low.
pub fn list(app: &App, actor: &Actor, filter: &ProblemFilter) -> Result<ProblemList, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    Ok(app.fleet.problem_list(filter))
}

/// The problem, if the actor may put it aside. A role too low is refused whether or not there is one.
fn may(app: &App, actor: &Actor, id: &str) -> Result<Option<OpenProblem>, ServiceError> {
    if !Permission::Operate.granted_to(actor.user.role) {
        return Err(ServiceError::NeedsRole(Permission::Operate.least_role()));
    }
    let problem = app.fleet.problems.get(id);
    if let Some(p) = &problem {
        authorize(actor, Permission::Operate, p.region_id.as_ref())?;
    }
    Ok(problem)
}

fn entry(app: &App, actor: &Actor, action: &'static str, id: &str, p: Option<&OpenProblem>) -> Entry {
    let target = Target {
        name: p.map(|p| p.code.as_str().to_owned()),
        region_id: p.and_then(|p| p.region_id.clone()),
        ..Target::named("problem", id)
    };
    actor.act(app.clock.wall(), action, target)
}

/// Puts a problem aside until a time, until it clears, or until it becomes worse, whatever comes first.
///
/// # Errors
/// Where it is not open, field errors, a role too low.
pub async fn snooze(
    app: &Arc<App>,
    actor: &Actor,
    id: &str,
    request: SnoozeRequest,
) -> Result<Changed<OpenProblem>, ServiceError> {
    let problem = may(app, actor, id)?;
    let now = app.clock.wall();
    let until = request.validate(now).map_err(ServiceError::Invalid)?;
    let problem = problem.ok_or_else(|| missing(id))?;
    let reason = request.reason.trim().to_owned();
    let record = SnoozeRecord {
        problem_id: problem.id.clone(),
        severity: problem.severity,
        snooze: Snooze { by: actor.user.email.clone(), at: now, until, reason },
    };
    let before = app.fleet.problems.snoozed(id).map(|s| json!({ "until": s.until }));
    let entry = entry(app, actor, "problem.snooze", id, Some(&problem))
        .changed(before, Some(json!({ "until": until })))
        .because(Some(&record.snooze.reason));
    let app = Arc::clone(app);
    finish(async move {
        let change = app.db.snooze_put(&record, &entry).await?;
        // Over while it was written: the snooze is remembered for as long as a problem may be away.
        let snooze = record.snooze.clone();
        let object = app.fleet.problems.snooze(record);
        app.fleet.problems_touched();
        app.fleet.note_change(change);
        Ok(Changed { object: object.unwrap_or(OpenProblem { snoozed: Some(snooze), ..problem }), change })
    })
    .await
}

/// Lets a problem count again; the number of the change.
///
/// # Errors
/// Where it is not put aside, a role too low.
pub async fn unsnooze(app: &Arc<App>, actor: &Actor, id: &str) -> Result<i64, ServiceError> {
    let problem = may(app, actor, id)?;
    let snooze = app.fleet.problems.snoozed(id).ok_or_else(|| missing(id))?;
    if problem.is_none() {
        // Away for a moment, and with it the region it belongs to.
        authorize(actor, Permission::Operate, None)?;
    }
    let before = json!({ "until": snooze.until, "reason": snooze.reason });
    let entry = entry(app, actor, "problem.unsnooze", id, problem.as_ref()).changed(Some(before), None);
    let (app, id) = (Arc::clone(app), id.to_owned());
    finish(async move {
        let change = app.db.snooze_delete(&id, &entry).await?;
        app.fleet.problems.unsnooze(&id);
        app.fleet.problems_touched();
        app.fleet.note_change(change);
        Ok(change)
    })
    .await
}
