//! What counts for a node, the platform's own intent, and what a change of intent would meet.

use std::collections::BTreeSet;
use std::sync::Arc;

use common::heartbeat::{Desired, DesiredState};
use common::ids::{NodeId, RegionId};
use common::intent::{OnDeadline, Platform};
use common::status::{InheritedFrom, IntentState, Liveness, accepting};
use common::time::Timestamp;

use super::entry::{NodeEntry, RegionEntry};
use super::{Fleet, drains};
use crate::db::IntentOf;
use crate::domain::command::RETURN_WITHIN_MS;
use crate::domain::effects::Fact;
use crate::domain::intent::is_over;
use crate::domain::registry::OwnIntent;

/// What counts for a node: the strictest of platform, region and node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The state.
    pub state: IntentState,
    /// Who imposes it, where not the node itself.
    pub inherited_from: Option<InheritedFrom>,
    /// The public reason of whoever sets it.
    pub reason: Option<String>,
    /// Sum of the three counters.
    pub generation: i64,
    /// When the drain should be over.
    pub deadline: Option<Timestamp>,
    /// What happens then.
    pub on_deadline: OnDeadline,
    /// When the newest of the three was set.
    pub at: Option<Timestamp>,
    /// Who did that.
    pub by: Option<String>,
    /// Why, for operators.
    pub private_reason: Option<String>,
}

impl Effective {
    /// Works it out.
    pub fn of(platform: &OwnIntent, region: Option<&RegionEntry>, own: &OwnIntent) -> Self {
        let region = region.map(|r| r.record.load());
        let region = region.as_ref().map(|r| &r.intent);
        let above = [(region, InheritedFrom::Region), (Some(platform), InheritedFrom::Platform)];
        let mut strictest = (own, None);
        let mut newest = own;
        for (above, from) in above {
            let Some(above) = above else { continue };
            if above.intent.state > strictest.0.intent.state {
                strictest = (above, Some(from));
            }
            if above.intent.at > newest.intent.at {
                newest = above;
            }
        }
        let intent = &strictest.0.intent;
        Self {
            state: intent.state,
            inherited_from: strictest.1,
            reason: intent.public_reason.clone(),
            generation: own.generation + platform.generation + region.map_or(0, |r| r.generation),
            deadline: intent.deadline,
            on_deadline: intent.on_deadline,
            at: newest.intent.at,
            by: newest.intent.by.clone(),
            private_reason: newest.intent.private_reason.clone(),
        }
    }

    /// As told to the node.
    pub fn desired(&self) -> Desired {
        let state = self.desired_state();
        Desired { state, reason: self.reason.clone().unwrap_or_default(), generation: self.generation }
    }

    /// The state as told to the node.
    pub fn desired_state(&self) -> DesiredState {
        match self.state {
            IntentState::Active => DesiredState::Run,
            IntentState::Maintenance => DesiredState::Maintenance,
            IntentState::Disabled => DesiredState::Drain,
        }
    }
}

impl Fleet {
    /// The platform's own intent. Only its changes count, so its generation is its version.
    pub fn platform(&self) -> Platform {
        let own = self.platform.load();
        Platform { intent: own.intent.clone(), version: own.generation }
    }

    /// Takes a stored change of the platform's intent over; an older one than what is known changes nothing.
    pub fn platform_update(&self, own: OwnIntent) {
        // Held throughout, so that no node is added in between under the old intent.
        let index = self.index.write();
        if own.generation > self.platform.load().generation {
            self.platform.store(Arc::new(own));
            for entry in index.nodes.values() {
                self.effective_again(entry);
            }
        }
        drop(index);
        self.dirty.lock().problems = true;
    }

    /// Objects whose maintenance ends by itself, and has to by now; with the version that says so.
    pub fn intents_over(&self, now: Timestamp) -> Vec<(IntentOf, i64)> {
        let mut over = Vec::new();
        let platform = self.platform.load();
        if is_over(&platform.intent, now) {
            over.push((IntentOf::Platform, platform.generation));
        }
        let index = self.index.read();
        for region in index.regions.values().map(|r| r.record.load()) {
            if is_over(&region.intent.intent, now) {
                over.push((IntentOf::Region(region.id.clone()), region.version));
            }
        }
        for node in index.nodes.values().map(|n| n.registered.load()) {
            if is_over(&node.record.intent.intent, now) {
                over.push((IntentOf::Node(node.record.id), node.record.version));
            }
        }
        over
    }

    /// All nodes of a region, by name.
    pub fn region_nodes(&self, region: &RegionEntry) -> Vec<Arc<NodeEntry>> {
        let mut nodes = region.nodes.read().clone();
        nodes.sort_by_cached_key(|n| (n.name(), n.id));
        nodes
    }

    /// What guards look at: all nodes of the regions that these nodes belong to, and these nodes themselves.
    pub fn facts_around(&self, nodes: &[Arc<NodeEntry>]) -> Vec<Fact> {
        let regions: BTreeSet<RegionId> = nodes.iter().filter_map(|n| n.region_id()).collect();
        let index = self.index.read();
        let mut facts: Vec<Fact> = regions
            .iter()
            .filter_map(|id| index.regions.get(id))
            .flat_map(|r| r.nodes.read().iter().map(|n| n.fact()).collect::<Vec<_>>())
            .collect();
        drop(index);
        facts.extend(nodes.iter().filter(|n| n.region_id().is_none()).map(|n| n.fact()));
        facts
    }

    /// Every node there is.
    pub fn all_nodes(&self) -> Vec<Arc<NodeEntry>> {
        self.index.read().nodes.values().cloned().collect()
    }

    /// Nodes that were shut down and have not come back in time, with when they went; none that is disabled.
    pub fn did_not_return(&self) -> Vec<(NodeId, Timestamp)> {
        let now = self.clock.wall();
        self.watched().iter().filter_map(|n| n.did_not_return(now).map(|went| (n.id, went))).collect()
    }
}

impl NodeEntry {
    /// What counts for it now.
    pub fn effective(&self) -> Effective {
        self.registered.load().effective.clone()
    }

    /// As observed.
    pub fn liveness(&self) -> Liveness {
        self.live.lock().state.liveness()
    }

    /// When it was shut down, where it should have come back by now and has not.
    pub fn did_not_return(&self, now: Timestamp) -> Option<Timestamp> {
        let disabled = self.registered.load().effective.state == IntentState::Disabled;
        let live = self.live.lock();
        live.life.went_at.filter(|went| !disabled && now.since(*went) >= RETURN_WITHIN_MS)
    }

    /// What guards look at.
    pub fn fact(&self) -> Fact {
        let r = self.registered.load();
        let live = self.live.lock();
        let axes = live.axes(&r.record, &r.effective);
        let beat = live.beat.as_deref();
        let sessions = beat.and_then(|b| b.sessions.as_ref());
        Fact {
            id: self.id,
            region: r.record.region_id.clone(),
            kind: r.record.kind,
            liveness: axes.liveness,
            intent: axes.intent,
            // A node for administrators alone is no help to callers.
            accepting: accepting(axes) && !r.record.development,
            work: axes.work,
            processing: beat.and_then(|b| b.outbound.as_ref()).and_then(|o| o.processing),
            longest_seconds: drains::longest(sessions),
            slots: sessions.and_then(|s| s.max).or(r.record.max_concurrent_calls),
            draining: live.life.is_draining() && axes.liveness == Liveness::Live,
            returned: live.life.returned,
        }
    }
}
