//! What storage means to the fleet: reports of nodes, and news for the page.

use common::activity::EventKind;
use common::heartbeat::StorageReport;
use common::ids::{NodeId, RegionId};
use common::status::{IntentState, Liveness};
use common::storage::StorageHealth;

use super::timeline::word;
use super::{Fleet, What};

impl Fleet {
    /// What the live nodes of a region say of its storage.
    pub fn storage_reports(&self, id: &RegionId) -> Vec<(NodeId, String, StorageReport)> {
        let Some(region) = self.region(id) else { return Vec::new() };
        let nodes = region.nodes.read();
        nodes
            .iter()
            .filter_map(|n| {
                let live = n.live.lock();
                if live.state.liveness() != Liveness::Live {
                    return None;
                }
                let report = live.beat.as_deref()?.storage.clone()?;
                drop(live);
                Some((n.id, n.name(), report))
            })
            .collect()
    }

    /// The strictest of the region's own intent and the platform's.
    pub fn region_intent(&self, id: &RegionId) -> Option<IntentState> {
        let region = self.region(id)?;
        let own = region.record.load().intent.intent.state;
        Some(own.max(self.platform.load().intent.state))
    }

    /// Something of a region changed that its figures do not show: it is told anew.
    pub fn region_touched(&self, id: &RegionId) {
        if let Some(region) = self.region(id) {
            region.outdated.store(true, std::sync::atomic::Ordering::Release);
        }
        self.dirty.lock().problems = true;
    }

    /// The outcome of storage checks turned.
    pub fn storage_changed(&self, id: &RegionId, before: &StorageHealth, after: &StorageHealth) {
        let Some(region) = self.region(id) else { return };
        let detail = after.detail.clone();
        let what = What { from: word(before.state), to: word(after.state), detail, actor: None };
        self.record_region(&region, EventKind::Storage, what);
        self.region_touched(id);
    }
}
