//! The jobs of a background node: each runs in a task of its own, once at a time, and tells the control plane what it
//! prints while it runs.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use common::ids::{CommandId, RunId};
use common::job::JobOffer;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::storage::{Settings, Tester};
use crate::wire::{Client, Secret};
use output::Output;

mod cleanup;
mod folder;
mod machine;
mod output;
mod report;
mod storage_check;

/// The interval of reports while a job runs; how soon a cancel is seen.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// A job this agent can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Job {
    /// Deletes old files of the work folder.
    Cleanup,
    /// Tests the storage of every region.
    StorageCheck,
    /// Measures this machine for a while and writes the figures down.
    MachineReport,
}

impl Job {
    const ALL: [Self; 3] = [Self::Cleanup, Self::StorageCheck, Self::MachineReport];

    fn key(self) -> &'static str {
        match self {
            Self::Cleanup => "cleanup",
            Self::StorageCheck => "storage-check",
            Self::MachineReport => "report",
        }
    }

    fn offer(self, keep_days: u32) -> JobOffer {
        let (title, description) = match self {
            Self::Cleanup => (
                "Clean up",
                format!(
                    "Deletes files of the background node's work folder that are older than {keep_days} days."
                ),
            ),
            Self::StorageCheck => (
                "Check storage",
                "Writes, reads and deletes one small object in the storage of every region.".to_owned(),
            ),
            Self::MachineReport => (
                "Machine report",
                format!(
                    "Measures CPU, memory and network of this machine for {} s and writes them to a file of the work \
                     folder.",
                    machine::SAMPLES
                ),
            ),
        };
        JobOffer {
            key: self.key().to_owned(),
            title: title.to_owned(),
            description,
            schedule: None,
            dangerous: false,
        }
    }
}

/// What the jobs need.
pub(crate) struct Tools {
    /// Connections to the control plane.
    pub(crate) client: Client,
    /// The secret as it is now.
    pub(crate) secret: Arc<ArcSwap<Secret>>,
    /// This run of the process.
    pub(crate) boot_id: String,
    /// The time.
    pub(crate) clock: Clock,
    /// Tests storage.
    pub(crate) tester: Tester,
    /// Storage of every region.
    pub(crate) storage: Settings,
    /// Where the jobs keep their files; made when first needed.
    pub(crate) folder: PathBuf,
    /// `cleanup` leaves files alone that are younger.
    pub(crate) keep_days: u32,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Well.
    Succeeded,
    /// Badly, and why.
    Failed(String),
    /// On request.
    Cancelled,
    /// The control plane does not know the run, or gave it up.
    Unwanted,
}

/// A run that is over and reported.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The command it came with.
    pub(crate) command: CommandId,
    /// How.
    pub(crate) outcome: Outcome,
    job: Job,
}

/// The jobs that run.
pub(crate) struct Jobs {
    tools: Arc<Tools>,
    running: HashMap<Job, RunId>,
    tasks: JoinSet<Ended>,
    /// The process ends: runs are broken off and reported in a hurry.
    ending: CancellationToken,
}

impl Jobs {
    /// None runs yet.
    pub(crate) fn new(tools: Tools) -> Self {
        Self {
            tools: Arc::new(tools),
            running: HashMap::new(),
            tasks: JoinSet::new(),
            ending: CancellationToken::new(),
        }
    }

    /// What heartbeats advertise.
    pub(crate) fn offers(keep_days: u32) -> Vec<JobOffer> {
        Job::ALL.into_iter().map(|job| job.offer(keep_days)).collect()
    }

    /// How many run.
    pub(crate) fn active(&self) -> usize {
        self.running.len()
    }

    /// Starts a run.
    ///
    /// # Errors
    /// Why not, in words.
    pub(crate) fn start(&mut self, key: &str, run: RunId, command: CommandId) -> Result<(), String> {
        let job = Job::ALL.into_iter().find(|job| job.key() == key);
        let job = job.ok_or_else(|| format!("This node has no job {key:?}."))?;
        if self.ending.is_cancelled() {
            return Err("This node is ending.".to_owned());
        }
        if self.running.contains_key(&job) {
            return Err("This job is running already.".to_owned());
        }
        tracing::info!("job {key}: run {run} begins");
        self.running.insert(job, run);
        let (tools, ending) = (Arc::clone(&self.tools), self.ending.clone());
        self.tasks.spawn(async move {
            let outcome = report::carry_out(&tools, job, run, &ending).await;
            Ended { command, outcome, job }
        });
        Ok(())
    }

    /// Breaks off every run; each is still reported, in a hurry.
    pub(crate) fn stop(&self) {
        self.ending.cancel();
    }

    /// Ends with the next run that ends, never where none runs. Nothing is lost where it is dropped.
    pub(crate) async fn ended(&mut self) -> Ended {
        loop {
            match self.tasks.join_next().await {
                Some(Ok(ended)) => {
                    self.running.remove(&ended.job);
                    tracing::info!("job {}: {}", ended.job.key(), ended.outcome.words());
                    return ended;
                }
                // Its report broke off, not the job, which cannot take this task along.
                Some(Err(e)) => {
                    tracing::error!("a run could not be reported: {e}");
                    self.running.clear();
                }
                None => std::future::pending().await,
            }
        }
    }
}

impl Outcome {
    /// For the log.
    fn words(&self) -> String {
        match self {
            Self::Succeeded => "succeeded".to_owned(),
            Self::Failed(why) => format!("failed: {why}"),
            Self::Cancelled => "cancelled".to_owned(),
            Self::Unwanted => "broken off: the control plane does not know this run any more".to_owned(),
        }
    }
}

async fn work(tools: Arc<Tools>, job: Job, out: Output) -> Result<(), String> {
    match job {
        Job::Cleanup => cleanup::run(&tools.folder, tools.keep_days, tools.clock, &out).await,
        Job::StorageCheck => storage_check::run(&tools.tester, &tools.storage, &out).await,
        Job::MachineReport => machine::run(&tools.folder, tools.clock, &out).await,
    }
}
