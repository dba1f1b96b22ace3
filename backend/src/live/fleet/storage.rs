//! What storage means to the fleet: reports of nodes, and news for the page.

use common::activity::EventKind;
use common::heartbeat::{Heartbeat, StorageReport};
use common::ids::{NodeId, RegionId};
use common::status::{IntentState, Liveness};
use common::storage::{StorageHealth, StorageState};

use super::entry::{Live, NodeEntry};
use super::timeline::word;
use super::{Fleet, What};

impl Live {
    /// The heartbeat in memory came from the database: what it says of storage is known and no news.
    pub(super) fn storage_known(&mut self) {
        let found = self.beat.as_deref().and_then(|b| b.storage.as_ref()).map(|s| s.ok);
        self.storage_ok = found.or(self.storage_ok);
    }
}

impl NodeEntry {
    /// Whether its region's storage works for it; `None` where it does not say, is not live, or is out of service.
    pub(super) fn storage_report(&self) -> Option<bool> {
        let enabled = self.registered.load().effective.state != IntentState::Disabled;
        let live = self.live.lock();
        let counts = enabled && live.state.liveness() == Liveness::Live;
        live.beat.as_deref().filter(|_| counts)?.storage.as_ref().map(|s| s.ok)
    }
}

/// What a report makes of the one before, where it turns; that storage works from the start is no news.
fn turned(was: Option<bool>, is: bool) -> Option<(StorageState, StorageState)> {
    let state = |ok: Option<bool>| match ok {
        None => StorageState::Unknown,
        Some(true) => StorageState::Healthy,
        Some(false) => StorageState::Failing,
    };
    (was != Some(is) && !(was.is_none() && is)).then(|| (state(was), state(Some(is))))
}

impl Fleet {
    /// Notes in the timeline where a node finds something else of its region's storage than before.
    pub(super) fn note_storage(&self, entry: &NodeEntry, live: &mut Live, new: &Heartbeat) {
        let Some(report) = &new.storage else { return };
        let was = live.storage_ok.replace(report.ok);
        let Some((from, to)) = turned(was, report.ok) else { return };
        let detail = report.step.clone().filter(|_| !report.ok);
        let what = What { from: word(from), to: word(to), detail, ..What::default() };
        self.record_node(entry, EventKind::Storage, what);
        self.dirty.lock().problems = true;
    }

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
        let what = What { from: word(before.state), to: word(after.state), detail, ..What::default() };
        self.record_region(&region, EventKind::Storage, what);
        self.region_touched(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_news_and_the_first_success_is_not() {
        use StorageState::{Failing, Healthy, Unknown};
        assert_eq!(turned(None, true), None);
        assert_eq!(turned(None, false), Some((Unknown, Failing)));
        assert_eq!(turned(Some(true), false), Some((Healthy, Failing)));
        assert_eq!(turned(Some(false), true), Some((Failing, Healthy)));
        assert_eq!(turned(Some(false), false), None);
        assert_eq!(turned(Some(true), true), None);
    }
}
