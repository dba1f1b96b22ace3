//! Runs of jobs.

use chrono::{DateTime, Utc};
use common::command::CommandState;
use common::ids::{CommandId, NodeId, RunId};
use common::job::{JobRun, RunState};
use common::time::Timestamp;
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::schema::{commands, job_runs};
use super::told::{Told, tell};
use super::{Db, DbError, from_db, to_db, unknown};
use crate::domain::activity::Entry;
use crate::domain::job::{CommandFact, RunRecord};

/// States in which a run goes on, as stored.
const ACTIVE: [&str; 3] = ["queued", "accepted", "running"];

/// Which runs a list holds.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of this job only.
    pub job: Option<String>,
    /// Older than this one.
    pub before: Option<RunId>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = job_runs, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    node_id: Option<Uuid>,
    job: String,
    state: String,
    requested_by: String,
    requested_at: DateTime<Utc>,
    boot_id: Option<String>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    reported_at: Option<DateTime<Utc>>,
    cancel_requested: bool,
    output_bytes: i64,
    error: Option<String>,
    command_id: Option<Uuid>,
    push: Option<String>,
}

impl Row {
    fn record(self, output: Option<String>) -> Result<RunRecord, DbError> {
        let state = RunState::parse(&self.state).ok_or_else(|| unknown("run state", &self.state))?;
        let run = JobRun {
            id: RunId(self.id),
            job: self.job,
            node_id: self.node_id.map(NodeId),
            state,
            requested_by: self.requested_by,
            requested_at: from_db(self.requested_at),
            started_at: self.started_at.map(from_db),
            finished_at: self.finished_at.map(from_db),
            reported_at: self.reported_at.map(from_db),
            cancel_requested: self.cancel_requested,
            output,
            output_bytes: u64::try_from(self.output_bytes).unwrap_or(0),
            error: self.error,
            command_id: self.command_id.map(CommandId),
            push: self.push,
        };
        Ok(RunRecord { run, boot_id: self.boot_id })
    }
}

/// A run, the state of its command, the node's words about that, and when the node took it.
type ActiveRow = (Row, Option<(String, Option<String>, Option<DateTime<Utc>>)>);

impl Db {
    /// Adds a run. The row about who asked goes in with the command it rides on.
    ///
    /// # Errors
    /// [`DbError::Unique`] with `job_runs_one_active` where the job runs already.
    pub async fn run_insert(&self, run: &JobRun) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        diesel::insert_into(job_runs::table)
            .values((
                job_runs::id.eq(run.id.0),
                job_runs::node_id.eq(run.node_id.map(|n| n.0)),
                job_runs::job.eq(&run.job),
                job_runs::state.eq(run.state.as_str()),
                job_runs::requested_by.eq(&run.requested_by),
                job_runs::requested_at.eq(to_db(run.requested_at)),
            ))
            .execute(&mut c)
            .await?;
        Ok(tell(&mut c, self.sender, Told::Run(run.id)).await?)
    }

    /// One run with its output.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn run_get(&self, id: RunId) -> Result<Option<RunRecord>, DbError> {
        let mut c = self.conn().await?;
        let found: Option<(Row, String)> = job_runs::table
            .find(id.0)
            .select((Row::as_select(), job_runs::output))
            .first(&mut c)
            .await
            .optional()?;
        found.map(|(row, output)| row.record(Some(output))).transpose()
    }

    /// Runs, newest first, without their output.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn run_list(&self, filter: &RunFilter, limit: usize) -> Result<Vec<JobRun>, DbError> {
        let mut c = self.conn().await?;
        let mut query = job_runs::table.into_boxed();
        if let Some(job) = &filter.job {
            query = query.filter(job_runs::job.eq(job));
        }
        if let Some(before) = filter.before {
            query = query.filter(job_runs::id.lt(before.0));
        }
        let rows: Vec<Row> = query
            .order(job_runs::id.desc())
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select(Row::as_select())
            .load(&mut c)
            .await?;
        rows.into_iter().map(|r| r.record(None).map(|r| r.run)).collect()
    }

    /// The newest run that ended, of each job, without output.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn run_last(&self) -> Result<Vec<JobRun>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<Row> = job_runs::table
            .filter(job_runs::state.ne_all(ACTIVE))
            .distinct_on(job_runs::job)
            .order((job_runs::job, job_runs::id.desc()))
            .select(Row::as_select())
            .load(&mut c)
            .await?;
        rows.into_iter().map(|r| r.record(None).map(|r| r.run)).collect()
    }

    /// Runs that go on, newest first, without output, each with what became of its command.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn run_active(&self) -> Result<Vec<(RunRecord, Option<CommandFact>)>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<ActiveRow> = job_runs::table
            .left_join(commands::table.on(job_runs::command_id.eq(commands::id.nullable())))
            .filter(job_runs::state.eq_any(ACTIVE))
            .order(job_runs::id.desc())
            .select((Row::as_select(), (commands::state, commands::detail, commands::accepted_at).nullable()))
            .load(&mut c)
            .await?;
        rows.into_iter()
            .map(|(row, command)| {
                let command = command
                    .map(|(state, detail, accepted_at)| {
                        let state =
                            CommandState::parse(&state).ok_or_else(|| unknown("command state", &state))?;
                        Ok::<_, DbError>(CommandFact { state, detail, accepted_at: accepted_at.map(from_db) })
                    })
                    .transpose()?;
                Ok((row.record(None)?, command))
            })
            .collect()
    }

    /// Changes a run under a lock: `change` sees it as it is, with its output, and says whether it is to be written.
    /// `None` where there is no such run; else the run as it is now and what `change` returned.
    ///
    /// # Errors
    /// Where the database fails; nothing is written then.
    pub async fn run_change<T: Send>(
        &self,
        id: RunId,
        entry: Option<&Entry>,
        change: impl FnOnce(&mut RunRecord) -> (bool, T) + Send,
    ) -> Result<Option<(RunRecord, T)>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let found: Option<(Row, String)> = job_runs::table
                .find(id.0)
                .for_no_key_update()
                .select((Row::as_select(), job_runs::output))
                .first(c)
                .await
                .optional()?;
            let Some((row, output)) = found else { return Ok(None) };
            let mut record = row.record(Some(output))?;
            let (changed, outcome) = change(&mut record);
            if changed {
                write(c, &record).await?;
                if let Some(entry) = entry {
                    note(c, entry).await?;
                }
                tell(c, self.sender, Told::Run(id)).await?;
            }
            Ok(Some((record, outcome)))
        })
        .await
    }

    /// Notes the command a run rides on and what the push brought.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn run_sent(
        &self,
        id: RunId,
        command: Option<CommandId>,
        push: Option<&str>,
    ) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        let row = diesel::update(job_runs::table.find(id.0));
        if let Some(command) = command {
            row.set(job_runs::command_id.eq(command.0)).execute(&mut c).await?;
        } else {
            row.set(job_runs::push.eq(push.map(|p| p.chars().take(200).collect::<String>())))
                .execute(&mut c)
                .await?;
        }
        Ok(tell(&mut c, self.sender, Told::Run(id)).await?)
    }

    /// Removes ended runs older than `at`, at most 1,000 at once; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn run_delete_before(&self, at: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let old: Vec<Uuid> = job_runs::table
            .filter(job_runs::requested_at.lt(to_db(at)))
            .filter(job_runs::state.ne_all(ACTIVE))
            .select(job_runs::id)
            .limit(1000)
            .load(&mut c)
            .await?;
        Ok(diesel::delete(job_runs::table.filter(job_runs::id.eq_any(old))).execute(&mut c).await?)
    }
}

/// Writes what changes in the life of a run.
async fn write(c: &mut AsyncPgConnection, r: &RunRecord) -> Result<(), DbError> {
    let run = &r.run;
    diesel::update(job_runs::table.find(run.id.0))
        .set((
            job_runs::state.eq(run.state.as_str()),
            job_runs::boot_id.eq(&r.boot_id),
            job_runs::started_at.eq(run.started_at.map(to_db)),
            job_runs::finished_at.eq(run.finished_at.map(to_db)),
            job_runs::reported_at.eq(run.reported_at.map(to_db)),
            job_runs::cancel_requested.eq(run.cancel_requested),
            job_runs::output.eq(run.output.as_deref().unwrap_or_default()),
            job_runs::output_bytes.eq(i64::try_from(run.output_bytes).unwrap_or(i64::MAX)),
            job_runs::error.eq(&run.error),
        ))
        .execute(c)
        .await?;
    Ok(())
}
