//! The steps of one test, as they happen.

use common::storage::{StorageStep, StorageStepKind, StorageStepState, StorageTestReply, StorageValues};
use common::time::Timestamp;

use super::verdict::Failure;
use crate::clock::{Mono, SharedClock};

/// A test under way.
pub(super) struct Run<'a> {
    clock: SharedClock,
    values: StorageValues,
    on_step: &'a mut (dyn FnMut(&StorageStep) + Send),
    steps: Vec<StorageStep>,
    running: Option<(StorageStepKind, Mono)>,
    started: (Timestamp, Mono),
}

impl<'a> Run<'a> {
    pub(super) fn new(
        clock: SharedClock,
        values: StorageValues,
        on_step: &'a mut (dyn FnMut(&StorageStep) + Send),
    ) -> Self {
        let started = (clock.wall(), clock.mono());
        Self { clock, values, on_step, steps: Vec::new(), running: None, started }
    }

    /// A step begins.
    pub(super) fn begin(&mut self, step: StorageStepKind) {
        self.running = Some((step, self.clock.mono()));
    }

    /// The step that runs ended like this; `None` where that ends the test.
    pub(super) fn end<T>(
        &mut self,
        outcome: Result<T, Failure>,
        detail: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match outcome {
            Ok(value) => {
                let detail = detail(&value);
                self.record(StorageStepState::Ok, detail, None);
                Some(value)
            }
            Err(failure) => {
                self.fail(failure);
                None
            }
        }
    }

    /// The step that runs has nothing to do; it can fail all the same.
    pub(super) fn not_used<T>(&mut self, outcome: Result<T, Failure>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.record(StorageStepState::Skipped, "not used".to_owned(), None);
                Some(value)
            }
            Err(failure) => {
                self.fail(failure);
                None
            }
        }
    }

    /// The time for the whole test is up while a step runs.
    pub(super) fn time_is_up(&mut self) {
        self.fail(Failure {
            code: "test_timeout",
            detail: "no answer in time".to_owned(),
            cause: "The storage answers too slowly for the whole test.".to_owned(),
            cure: "Check the load of the storage and the network on the way.".to_owned(),
        });
    }

    fn fail(&mut self, failure: Failure) {
        let detail = failure.detail.clone();
        self.record(StorageStepState::Failed, detail, Some(failure));
    }

    fn record(&mut self, state: StorageStepState, detail: String, failure: Option<Failure>) {
        let Some((kind, since)) = self.running.take() else { return };
        let took = self.clock.mono().since(since);
        let (cause, cure, code) = match failure {
            Some(f) => (Some(f.cause), Some(f.cure), Some(f.code.to_owned())),
            None => (None, None, None),
        };
        let duration_ms = (state != StorageStepState::Skipped).then_some(took);
        let step = StorageStep { step: kind, state, duration_ms, detail, cause, cure, code };
        (self.on_step)(&step);
        self.steps.push(step);
    }

    /// The reply, with the steps that were not run.
    pub(super) fn finish(mut self) -> StorageTestReply {
        let ok = !self.steps.iter().any(|s| s.state == StorageStepState::Failed);
        for kind in StorageStepKind::ALL {
            if !self.steps.iter().any(|s| s.step == kind) {
                let step = StorageStep {
                    step: kind,
                    state: StorageStepState::Skipped,
                    duration_ms: None,
                    detail: "not run".to_owned(),
                    cause: None,
                    cure: None,
                    code: None,
                };
                (self.on_step)(&step);
                self.steps.push(step);
            }
        }
        self.steps.sort_by_key(|s| s.step);
        let (started_at, since) = self.started;
        let url = format!("{}/{}", self.values.bucket_url(), self.values.key(""));
        StorageTestReply {
            ok,
            steps: self.steps,
            started_at,
            duration_ms: self.clock.mono().since(since),
            path_style: self.values.uses_path_style(),
            signing_region: self.values.signing_region.clone(),
            url,
        }
    }
}
