//! The sweep: deadlines that came, doubts about ourselves, and what has to be written.

use std::sync::Arc;

use common::ids::NodeId;
use common::overview::{Collecting, CollectingReason, DoubtEvidence};
use common::status::Liveness;

use super::replicas::LAG_MS;
use super::{Fleet, NodeEntry};
use crate::clock::Mono;
use crate::db::LiveRow;
use crate::domain::guard::{Doubt, Judgement, Run, Tick};
use crate::domain::liveness::{Event, State};

/// What one sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Deadlines looked at.
    pub due: usize,
}

impl Fleet {
    /// Looks at every node whose deadline came. `planned` is when this sweep should have run.
    ///
    /// Where another process sweeps, nothing is judged here: who is overdue without a word of the other is unconfirmed,
    /// so that nobody looks live whom nobody watches.
    pub fn sweep(&self, planned: Mono) -> Swept {
        let now = self.clock.mono();
        let policy = self.policy();
        if !self.sweeps() {
            let doubt = Doubt { reason: CollectingReason::NewSweeper, until: now.after(policy.interval_ms) };
            let event = Event::Due { slack_ms: LAG_MS, judgement: Judgement::Unjudgeable(doubt) };
            return self.look_at_due(now, |_| event);
        }
        if self.is_behind(now) {
            self.note_database_error();
        }
        let judgement = {
            let tick = Tick { planned, actual: now, wall_ms: self.clock.wall().millis() };
            self.guard.lock().tick(tick, &policy)
        };
        if let Judgement::Unjudgeable(doubt) = judgement {
            tracing::warn!(reason = ?doubt.reason, "silence cannot be judged for a while");
            let all: Vec<Arc<NodeEntry>> = self.index.read().slots.iter().flatten().cloned().collect();
            for entry in &all {
                let mut live = entry.live.lock();
                self.apply(entry, &mut live, Event::Unjudgeable(doubt), now);
            }
        }
        let news = self.news_slack();
        self.look_at_due(now, |state| match self.guard.lock().due(state, now) {
            Event::Due { slack_ms, judgement } => {
                Event::Due { slack_ms: slack_ms.saturating_add(news), judgement }
            }
            other => other,
        })
    }

    fn look_at_due(&self, now: Mono, event: impl Fn(&State) -> Event) -> Swept {
        let mut due = Vec::new();
        self.deadlines.lock().pop_due(now, &mut due);
        for slot in &due {
            let entry =
                usize::try_from(*slot).ok().and_then(|s| self.index.read().slots.get(s).cloned().flatten());
            let Some(entry) = entry else { continue };
            let mut live = entry.live.lock();
            let event = event(&live.state);
            self.apply(&entry, &mut live, event, now);
        }
        Swept { due: due.len() }
    }

    /// The database failed: silence may be ours.
    pub fn note_database_error(&self) {
        self.note_doubted();
        self.guard.lock().database_error(self.clock.mono(), &self.policy());
    }

    /// A heartbeat was turned away for our sake. A refusal that concerns one node alone (`too_fast`) is not such a
    /// case: a single noisy node must not blind the sweep of all others.
    pub fn note_ingest_error(&self) {
        self.note_doubted();
        self.guard.lock().ingest_error(self.clock.mono(), &self.policy());
    }

    /// Another server turned heartbeats away, or could not pass them on.
    pub fn note_doubt_elsewhere(&self) {
        self.guard.lock().ingest_error(self.clock.mono(), &self.policy());
    }

    /// Present while silence cannot be judged and somebody waits for it.
    pub fn collecting(&self) -> Option<Collecting> {
        let now = self.clock.mono();
        let Judgement::Unjudgeable(doubt) = self.guard.lock().judge(now) else { return None };
        let (confirmed, waiting) = self.confirmed();
        if waiting == 0 {
            return None;
        }
        let wall = self.clock.wall();
        let until = wall.later(doubt.until.since(now));
        let evidence = self.doubts();
        let since = evidence.iter().find(|e| e.reason == doubt.reason).map_or(wall, |e| e.since);
        Some(Collecting {
            reason: doubt.reason,
            since,
            until,
            confirmed,
            expected: confirmed + waiting,
            evidence,
        })
    }

    /// Everything that speaks against us now, the longest lasting first.
    pub(super) fn doubts(&self) -> Vec<DoubtEvidence> {
        let (now, wall) = (self.clock.mono(), self.clock.wall());
        let runs = self.guard.lock().evidence(now);
        let told = |run: Run| DoubtEvidence {
            reason: run.reason,
            since: wall.before(now.since(run.since)),
            until: wall.later(run.until.since(now)),
            count: run.count,
        };
        runs.into_iter().map(told).collect()
    }

    /// What the database does not know yet, newest per node; they count as written from here on.
    pub fn take_unwritten(&self) -> Vec<(NodeId, LiveRow)> {
        let entries = std::mem::take(&mut self.dirty.lock().flush);
        let now = self.clock.mono();
        let mut writes: Vec<(NodeId, LiveRow)> = entries
            .iter()
            .map(|entry| {
                let mut live = entry.live.lock();
                live.unwritten = false;
                let state = LiveRow {
                    age_ms: live.state.last_seen().map(|seen| now.since(seen)),
                    boot_id: live.boot.clone(),
                    boot_seq: live.state.seq(),
                    liveness: match live.state.liveness() {
                        // A doubt of this process is not a fact about the node.
                        Liveness::Unconfirmed => Liveness::Live,
                        known => known,
                    },
                    liveness_since: live.liveness_since,
                    interval_ms: live.state.told().interval_ms,
                    beat: live.beat.as_deref().and_then(|b| serde_json::to_string(b).ok()),
                    source: live.source_text.clone(),
                    secret: live.secret_in_use,
                };
                (entry.id, state)
            })
            .collect();
        writes.sort_unstable_by_key(|(id, _)| *id);
        writes
    }

    /// Puts back what could not be written; the next flush takes the newest of each again.
    pub fn put_back_unwritten(&self, writes: &[(NodeId, LiveRow)]) {
        for (id, _) in writes {
            let Some(entry) = self.node(*id) else { continue };
            let mut live = entry.live.lock();
            if !live.unwritten {
                live.unwritten = true;
                self.dirty.lock().flush.push(Arc::clone(&entry));
            }
        }
    }
}
