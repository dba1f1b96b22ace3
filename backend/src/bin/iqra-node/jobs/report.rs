//! One run of a job from beginning to end, as the control plane gets to know it.

use std::sync::Arc;
use std::time::Duration;

use common::ids::RunId;
use common::job::{RunReport, RunReportReply, RunReportStatus};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::output::Output;
use super::{Job, Outcome, REPORT_EVERY, Tools, work};
use crate::pace::{self, Rng};
use crate::wire::Trouble;

/// How long the last report is tried: after five minutes of silence the control plane gives the run up anyway.
const LAST_FOR: Duration = Duration::from_secs(300);
/// The same while the process ends.
const HURRY: Duration = Duration::from_secs(4);

/// The job's own task, which ends with this value.
struct Worker(JoinHandle<Result<(), String>>);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs the job and reports on it until it has ended and that is known, or nobody wants to know it.
pub(super) async fn carry_out(
    tools: &Arc<Tools>,
    job: Job,
    run: RunId,
    ending: &CancellationToken,
) -> Outcome {
    let out = Output::default();
    let mut worker = Worker(tokio::spawn(work(Arc::clone(tools), job, out.clone())));
    let mut reporter = Reporter { tools, run, out, failures: 0, rng: Rng::new(run.0.as_u64_pair().1) };
    let mut status = RunReportStatus::Accepted;
    let outcome = loop {
        match reporter.send(status, None).await {
            Some(Ok(reply)) if reply.cancel => break Outcome::Cancelled,
            Some(Ok(_)) => status = RunReportStatus::Running,
            Some(Err(())) => return Outcome::Unwanted,
            None => {}
        }
        let wait = if status == RunReportStatus::Accepted && reporter.failures == 0 {
            Duration::ZERO
        } else {
            reporter.wait()
        };
        tokio::select! {
            biased;
            () = ending.cancelled() => break Outcome::Failed("The node ended before the job did.".to_owned()),
            done = &mut worker.0 => break match done {
                Ok(Ok(())) => Outcome::Succeeded,
                Ok(Err(why)) => Outcome::Failed(why),
                Err(_) => Outcome::Failed("The job broke off by a fault of its own.".to_owned()),
            },
            () = sleep(wait) => {}
        }
    };
    drop(worker);
    let said = async {
        tokio::select! {
            () = reporter.last(&outcome) => true,
            () = async { ending.cancelled().await; sleep(HURRY).await } => false,
        }
    };
    if !timeout(LAST_FOR, said).await.unwrap_or(false) {
        tracing::warn!("job {}: the end of run {run} could not be reported", job.key());
    }
    outcome
}

struct Reporter<'a> {
    tools: &'a Tools,
    run: RunId,
    out: Output,
    failures: u32,
    rng: Rng,
}

impl Reporter<'_> {
    /// Sends one report with what was printed since; `None` where it should be tried again, an error where nobody
    /// wants to hear of this run.
    async fn send(
        &mut self,
        status: RunReportStatus,
        error: Option<&str>,
    ) -> Option<Result<RunReportReply, ()>> {
        let report = RunReport {
            boot_id: self.tools.boot_id.clone(),
            status,
            output: self.out.take(),
            error: error.map(str::to_owned),
        };
        let body = serde_json::to_vec(&report).unwrap_or_default();
        let secret = self.tools.secret.load_full();
        match self.tools.client.run(&secret, self.run, body).await {
            Ok(reply) => {
                self.failures = 0;
                Some(Ok(reply))
            }
            Err(Trouble::Deleted | Trouble::Mismatch { .. } | Trouble::Refused { .. }) => Some(Err(())),
            Err(trouble) => {
                self.failures += 1;
                self.out.put_back(report.output);
                tracing::debug!("a report on run {} failed ({})", self.run, trouble.code());
                None
            }
        }
    }

    /// The time to the next report.
    fn wait(&mut self) -> Duration {
        if self.failures == 0 { REPORT_EVERY } else { pace::connect(self.failures, &mut self.rng) }
    }

    /// Everything that was printed, and the end; as often as it takes.
    async fn last(&mut self, outcome: &Outcome) {
        let (status, error) = match outcome {
            Outcome::Succeeded => (RunReportStatus::Succeeded, None),
            Outcome::Failed(why) => (RunReportStatus::Failed, Some(why.as_str())),
            Outcome::Cancelled => (RunReportStatus::Cancelled, None),
            Outcome::Unwanted => return,
        };
        loop {
            // The end goes with the last part of the output.
            let part = self.out.take();
            let more = !self.out.is_empty();
            self.out.put_back(part);
            let said = match more {
                true => self.send(RunReportStatus::Running, None).await,
                false => self.send(status, error).await,
            };
            match said {
                Some(Ok(_)) if !more => return,
                Some(Err(())) => return,
                Some(Ok(_)) => {}
                None => sleep(self.wait()).await,
            }
        }
    }
}
