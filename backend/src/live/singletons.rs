//! What this process knows of the singletons besides heartbeats: how it does itself, which other server processes run,
//! what the background node's endpoint answered, and which runs of jobs changed.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use arc_swap::ArcSwap;
use common::ids::RunId;
use common::job::{JobRun, RunState};
use common::singleton::FrontendSummary;
use common::time::Timestamp;
use parking_lot::Mutex;

use crate::domain::problems::{TokenFact, WebhookFact};

/// Runs that wait for the publisher; beyond, the oldest go: the page reads the list again when it reconnects.
const RUNS_MAX: usize = 256;

/// What the background node's endpoint last answered to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointAnswer {
    /// Fingerprint of the key.
    pub fingerprint: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// When.
    pub at: Timestamp,
}

/// The board. Everything on it is of this process alone and begins empty.
#[derive(Default)]
pub struct Board {
    beats: AtomicU64,
    swept_at: AtomicI64,
    swept_late_ms: AtomicU64,
    /// The latest of the sweeps since somebody asked for it; `None` where there was none.
    worst_sweep: Mutex<Option<u64>>,
    frontends: ArcSwap<FrontendSummary>,
    vault: Mutex<Option<(&'static str, Timestamp)>>,
    answer: Mutex<Option<EndpointAnswer>>,
    runs: Mutex<Vec<JobRun>>,
    active: Mutex<HashSet<RunId>>,
    unreached: Mutex<HashSet<RunId>>,
    ended: Mutex<VecDeque<RunId>>,
    /// The last run of each job, where it went wrong.
    failed: Mutex<BTreeMap<String, JobRun>>,
    tokens_ending: Mutex<Vec<TokenFact>>,
    webhooks_failing: Mutex<Vec<WebhookFact>>,
}

impl Board {
    /// One more heartbeat was taken.
    pub fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    /// Heartbeats taken since the start.
    pub fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }

    /// The sweeper ran, so late.
    pub fn swept(&self, at: Timestamp, late_ms: u64) {
        self.swept_late_ms.store(late_ms, Ordering::Relaxed);
        self.swept_at.store(at.millis(), Ordering::Release);
        let mut worst = self.worst_sweep.lock();
        *worst = (*worst).max(Some(late_ms));
    }

    /// How late the latest of the sweeps since the last call was, in milliseconds; `None` where there was none.
    pub fn take_worst_sweep(&self) -> Option<u64> {
        self.worst_sweep.lock().take()
    }

    /// When it last ran and how late; `None` where it never did.
    pub fn last_sweep(&self) -> Option<(Timestamp, u64)> {
        let at = self.swept_at.load(Ordering::Acquire);
        (at != 0).then(|| (Timestamp(at), self.swept_late_ms.load(Ordering::Relaxed)))
    }

    /// The server processes that run, in short.
    pub fn frontends(&self) -> FrontendSummary {
        FrontendSummary::clone(&self.frontends.load())
    }

    /// Notes which server processes run.
    pub fn note_frontends(&self, summary: FrontendSummary) {
        self.frontends.store(summary.into());
    }

    /// Why the vault is locked, and since when.
    pub fn vault_locked(&self) -> Option<(&'static str, Timestamp)> {
        *self.vault.lock()
    }

    /// Notes that the vault is locked, or open; whether that is new.
    pub fn note_vault(&self, locked: Option<(&'static str, Timestamp)>) -> bool {
        std::mem::replace(&mut *self.vault.lock(), locked) != locked
    }

    /// What the endpoint last answered.
    pub fn endpoint_answer(&self) -> Option<EndpointAnswer> {
        self.answer.lock().clone()
    }

    /// Notes an answer of the endpoint.
    pub fn note_answer(&self, answer: EndpointAnswer) {
        *self.answer.lock() = Some(answer);
    }

    /// Automation tokens that end soon.
    pub fn tokens_ending(&self) -> Vec<TokenFact> {
        self.tokens_ending.lock().clone()
    }

    /// Notes which automation tokens end soon; whether they are others than before.
    pub fn note_tokens_ending(&self, tokens: Vec<TokenFact>) -> bool {
        let mut known = self.tokens_ending.lock();
        let changed = *known != tokens;
        *known = tokens;
        changed
    }

    /// Webhooks of which nothing is taken.
    pub fn webhooks_failing(&self) -> Vec<WebhookFact> {
        self.webhooks_failing.lock().clone()
    }

    /// Notes of which webhooks nothing is taken; whether they are others than before.
    pub fn note_webhooks_failing(&self, webhooks: Vec<WebhookFact>) -> bool {
        let mut known = self.webhooks_failing.lock();
        let changed = *known != webhooks;
        *known = webhooks;
        changed
    }

    /// Notes that a run changed; what it printed is not passed on.
    pub fn note_run(&self, mut run: JobRun) {
        run.output = None;
        {
            // Two who note the same run may overtake each other; what ended does not come back.
            let mut ended = self.ended.lock();
            let over = ended.contains(&run.id);
            if run.state.is_active() && over {
                return;
            }
            if !run.state.is_active() && !over {
                ended.push_back(run.id);
                let too_many = ended.len().saturating_sub(RUNS_MAX);
                ended.drain(..too_many);
            }
        }
        let went_wrong = matches!(run.state, RunState::Failed | RunState::Lost);
        if went_wrong {
            self.failed.lock().insert(run.job.clone(), run.clone());
        } else {
            self.failed.lock().remove(&run.job);
        }
        if run.state.is_active() {
            self.active.lock().insert(run.id);
        } else {
            self.active.lock().remove(&run.id);
            self.unreached.lock().remove(&run.id);
        }
        let mut runs = self.runs.lock();
        runs.retain(|r| r.id != run.id);
        if runs.len() >= RUNS_MAX {
            runs.remove(0);
        }
        runs.push(run);
    }

    /// Jobs whose last run went wrong since the start, by key.
    pub fn failed_jobs(&self) -> Vec<JobRun> {
        self.failed.lock().values().cloned().collect()
    }

    /// Runs that changed since this was last asked, in order, the newest state of each.
    pub fn take_runs(&self) -> Vec<JobRun> {
        std::mem::take(&mut *self.runs.lock())
    }

    /// Notes which runs go on, as the database has them.
    pub fn note_active(&self, runs: impl Iterator<Item = RunId>) {
        *self.active.lock() = runs.collect();
    }

    /// The push of this run did not get as far as the node.
    pub fn note_unreached(&self, run: RunId) {
        self.unreached.lock().insert(run);
    }

    /// Whether the push of this run is known not to have reached the node.
    pub fn is_unreached(&self, run: RunId) -> bool {
        self.unreached.lock().contains(&run)
    }

    /// How many runs go on: the work that is left on the background node.
    pub fn active_runs(&self) -> u32 {
        u32::try_from(self.active.lock().len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn run(id: u128, state: RunState) -> JobRun {
        JobRun {
            id: RunId(Uuid::from_u128(id)),
            job: "cleanup".into(),
            node_id: None,
            state,
            requested_by: "a@b".into(),
            requested_at: Timestamp(0),
            started_at: None,
            finished_at: None,
            reported_at: None,
            cancel_requested: false,
            output: Some("printed".into()),
            output_bytes: 7,
            error: None,
            command_id: None,
            push: None,
        }
    }

    #[test]
    fn the_newest_state_of_each_run_and_no_output() {
        let b = Board::default();
        b.note_run(run(1, RunState::Queued));
        b.note_run(run(2, RunState::Queued));
        b.note_run(run(1, RunState::Running));
        assert_eq!(b.active_runs(), 2);
        let taken: Vec<_> =
            b.take_runs().into_iter().map(|r| (r.id.0.as_u128(), r.state, r.output)).collect();
        assert_eq!(taken, [(2, RunState::Queued, None), (1, RunState::Running, None)]);
        assert!(b.take_runs().is_empty());
    }

    #[test]
    fn what_ended_does_not_come_back() {
        let b = Board::default();
        b.note_run(run(1, RunState::Running));
        b.note_unreached(RunId(Uuid::from_u128(1)));
        b.note_run(run(1, RunState::Failed));
        b.note_run(run(1, RunState::Running));
        assert_eq!(b.take_runs().iter().map(|r| r.state).collect::<Vec<_>>(), [RunState::Failed]);
        assert_eq!((b.active_runs(), b.failed_jobs().len()), (0, 1));
        assert!(!b.is_unreached(RunId(Uuid::from_u128(1))));
        b.note_run(run(2, RunState::Succeeded));
        assert!(b.failed_jobs().is_empty());
    }
}
