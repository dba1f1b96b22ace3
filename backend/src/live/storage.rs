//! Storage settings and health of all regions in memory.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use common::ids::RegionId;
use common::region::{NodesStorage, StorageSummary};
use common::storage::{StorageCheck, StorageFrom, StorageHealth, StorageState};
use parking_lot::RwLock;

use crate::domain::storage::StorageRecord;

/// How many checks of a region are remembered, since the start of the program.
const RECENT_MAX: usize = 20;

/// One region's.
#[derive(Debug, Clone)]
struct Kept {
    record: Option<Arc<StorageRecord>>,
    health: StorageHealth,
    recent: VecDeque<StorageCheck>,
}

impl Default for Kept {
    fn default() -> Self {
        Self { record: None, health: StorageHealth::unknown(StorageFrom::Server), recent: VecDeque::new() }
    }
}

/// All of them.
#[derive(Default)]
pub struct StorageBook {
    regions: RwLock<HashMap<RegionId, Kept>>,
}

impl StorageBook {
    /// Settings as stored, or none any more; what checks of the former found is forgotten.
    pub fn set(&self, region: &RegionId, record: Option<StorageRecord>) {
        let mut regions = self.regions.write();
        let kept = regions.entry(region.clone()).or_default();
        *kept = Kept { record: record.map(Arc::new), ..Kept::default() };
    }

    /// Health as stored, at the start.
    pub fn restore_health(&self, region: &RegionId, health: StorageHealth) {
        self.regions.write().entry(region.clone()).or_default().health = health;
    }

    /// Regions whose settings are others than these.
    pub fn differing(&self, stored: &[(RegionId, StorageRecord)]) -> Vec<RegionId> {
        let regions = self.regions.read();
        let of = |id: &RegionId| regions.get(id).and_then(|k| k.record.as_deref());
        let changed = stored.iter().filter(|(id, record)| of(id) != Some(record)).map(|(id, _)| id.clone());
        let gone = regions
            .iter()
            .filter(|(id, k)| k.record.is_some() && !stored.iter().any(|(s, _)| s == *id))
            .map(|(id, _)| id.clone());
        changed.chain(gone).collect()
    }

    /// A region is gone.
    pub fn forget(&self, region: &RegionId) {
        self.regions.write().remove(region);
    }

    /// A region's settings.
    pub fn record(&self, region: &RegionId) -> Option<Arc<StorageRecord>> {
        self.regions.read().get(region)?.record.clone()
    }

    /// All settings by Region ID.
    pub fn all(&self) -> Vec<(RegionId, Arc<StorageRecord>)> {
        let regions = self.regions.read();
        let mut all: Vec<_> =
            regions.iter().filter_map(|(id, k)| Some((id.clone(), k.record.clone()?))).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Tells whether what `bootstrap` says of storage is still the same: a region's own, or everything's where there
    /// is no region.
    pub fn tag(&self, region: Option<&RegionId>) -> i64 {
        match region {
            Some(id) => self.record(id).map_or(0, |r| r.updated_at.millis()),
            // The same on every server, whatever each has been through.
            None => self.all().iter().fold(0, |tag: i64, (id, r)| {
                let one = id.as_str().bytes().map(i64::from).chain([r.updated_at.millis()]);
                one.fold(tag, |tag, n| tag.wrapping_mul(0x0100_0000_01b3).wrapping_add(n))
            }),
        }
    }

    /// What checks found so far: the verdict, and the last ones, newest first.
    pub fn health(&self, region: &RegionId) -> (StorageHealth, Vec<StorageCheck>) {
        let regions = self.regions.read();
        let kept = regions.get(region).cloned().unwrap_or_default();
        (kept.health, kept.recent.into_iter().collect())
    }

    /// Takes a check in, if the settings it was made with are still the ones; the health before and after.
    pub fn checked(
        &self,
        region: &RegionId,
        with: &StorageRecord,
        check: StorageCheck,
    ) -> Option<(StorageHealth, StorageHealth)> {
        let mut regions = self.regions.write();
        let kept = regions.get_mut(region)?;
        if kept.record.as_deref()? != with {
            return None;
        }
        let before = kept.health.clone();
        kept.health = before.after(&check);
        kept.recent.push_front(check);
        kept.recent.truncate(RECENT_MAX);
        Some((before, kept.health.clone()))
    }

    /// In short; `nodes` is what the region's nodes find.
    pub fn summary(&self, region: &RegionId, nodes: NodesStorage) -> StorageSummary {
        let regions = self.regions.read();
        let Some(kept) = regions.get(region).filter(|k| k.record.is_some()) else {
            return StorageSummary {
                configured: false,
                healthy: None,
                checked_at: None,
                since: None,
                step: None,
                nodes,
            };
        };
        let h = &kept.health;
        StorageSummary {
            configured: true,
            healthy: match h.state {
                StorageState::Unknown => None,
                StorageState::Healthy => Some(true),
                StorageState::Failing => Some(false),
            },
            checked_at: h.checked_at,
            since: h.since,
            step: h.step,
            nodes,
        }
    }
}
