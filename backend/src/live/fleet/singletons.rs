//! The background node among all nodes, and the singletons on the dashboard.

use std::sync::Arc;

use common::command::{Ack, AckStatus};
use common::job::{JobOffer, JobRun, RunState};
use common::node::NodeKind;
use common::singleton::{BackgroundSummary, Singletons};
use common::status::{IntentState, Liveness};
use common::time::Timestamp;

use super::{Fleet, NodeEntry};

/// What a trigger has to know of the background node.
#[derive(Debug, Clone)]
pub struct BackgroundFact {
    /// As observed.
    pub liveness: Liveness,
    /// Since when.
    pub since: Timestamp,
    /// The strictest of platform and node.
    pub intent: IntentState,
    /// The process that speaks for it.
    pub boot_id: Option<String>,
    /// When its last heartbeat came.
    pub heard_at: Option<Timestamp>,
    /// Jobs as that advertised them.
    pub jobs: Vec<JobOffer>,
}

impl Fleet {
    /// The background node, where one is registered.
    pub fn background(&self) -> Option<Arc<NodeEntry>> {
        let index = self.index.read();
        // It alone has no region, so the others cost one look each.
        index
            .nodes
            .values()
            .find(|n| n.region.is_none() && n.registered.load().record.kind == NodeKind::Background)
            .cloned()
    }

    /// The singletons on the dashboard.
    pub fn singletons(&self) -> Singletons {
        let background = self.background().map(|n| {
            let live = n.node_live();
            BackgroundSummary {
                configured: true,
                node_id: Some(n.id),
                word: Some(live.status.word),
                since: Some(live.status.since),
            }
        });
        Singletons { frontend: self.board.frontends(), background: background.unwrap_or_default() }
    }
}

impl Fleet {
    /// A run changed: streams are told, and its command follows it. A report of the run is as good as an
    /// acknowledgement of the command, and often earlier; an end of the run is an end of the command, so that the work
    /// left on the node is what it runs.
    pub fn run_changed(&self, run: JobRun) {
        let status = match run.state {
            RunState::Queued => None,
            RunState::Accepted | RunState::Running => Some(AckStatus::Accepted),
            RunState::Succeeded | RunState::Cancelled => Some(AckStatus::Done),
            RunState::Failed | RunState::Lost => Some(AckStatus::Failed),
        };
        let entry = run.node_id.and_then(|id| self.node(id));
        if let (Some(status), Some(command_id), Some(entry)) = (status, run.command_id, entry) {
            let mut live = entry.live.lock();
            let held = live.life.commands.iter().find(|h| h.command.id == command_id);
            // Of whatever process took it: the run itself has been held against that already.
            let boot = held.and_then(|h| h.command.boot_id.clone()).or_else(|| live.boot.clone());
            let ack = Ack { command_id, status, detail: run.error.clone().unwrap_or_default() };
            self.command_acked(&entry, &mut live, &ack, boot.as_deref(), self.clock.wall());
            self.refresh(&entry, &mut live);
        }
        self.board.note_run(run);
    }
}

impl NodeEntry {
    /// What a trigger has to know of it.
    pub fn background_fact(&self) -> BackgroundFact {
        let r = self.registered.load();
        let live = self.live.lock();
        BackgroundFact {
            liveness: live.state.liveness(),
            since: live.liveness_since,
            intent: r.effective.state,
            boot_id: live.boot.clone(),
            heard_at: live.last_seen_at,
            jobs: live.beat.as_deref().and_then(|b| b.jobs.clone()).unwrap_or_default(),
        }
    }
}
