//! All regions and nodes in memory: what is registered, and what heartbeats and the sweep made of it.
//!
//! Locks are taken in this order and never the other way round: index, node, then deadlines, dirty lists or guard.

mod beat;
mod commands;
mod drains;
mod entry;
mod facts;
mod figures;
mod filter;
mod follow;
mod intents;
mod load;
mod order;
mod read;
mod registry;
mod replicas;
mod sampling;
mod singletons;
mod storage;
mod sweep;
mod sync;
mod timeline;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use common::ids::{NodeId, RegionId};
use common::meta::Timers as WireTimers;
use dashmap::DashMap;
use parking_lot::{Mutex, RwLock};

use crate::clock::SharedClock;
use crate::domain::activity::EventRecord;
use crate::domain::deadlines::Deadlines;
use crate::domain::guard::Guard;
use crate::domain::liveness::{Policy, Timers};
use crate::domain::registry::{NodeRecord, OwnIntent, RegionRecord, SecretHash, Tombstone};
use crate::live::diary::Diary;
use crate::live::problems::ProblemBook;
use crate::live::singletons::Board;
use crate::live::storage::StorageBook;

pub use beat::{Accepted, BeatError, Presented};
pub use commands::{CannotQueue, OPEN_MAX};
pub use drains::LifeTick;
pub use entry::{NodeEntry, RegionEntry};
pub use filter::{LabelFilter, NodeFilter};
pub use intents::Effective;
pub use read::TICK_MS;
pub use singletons::BackgroundFact;
pub use timeline::What;
use timeline::quiet;

/// How finely deadlines are kept: a node is noticed late by at most this.
const SLOT_MS: u64 = 25;

/// Regions by id, nodes by id and by slot.
#[derive(Default)]
struct Index {
    regions: BTreeMap<RegionId, Arc<RegionEntry>>,
    nodes: BTreeMap<NodeId, Arc<NodeEntry>>,
    /// Ids that operators gave; today's servers name themselves by them in every heartbeat.
    external: HashMap<String, NodeId>,
    /// Small numbers for the deadline wheel; a slot is never reused, so a late deadline finds nobody else.
    slots: Vec<Option<Arc<NodeEntry>>>,
}

/// What changed since somebody last asked.
#[derive(Default)]
pub(super) struct Dirty {
    nodes: Vec<Arc<NodeEntry>>,
    flush: Vec<Arc<NodeEntry>>,
    /// Nodes added or changed by operators.
    registered: Vec<NodeId>,
    /// Regions changed by operators.
    regions: Vec<RegionId>,
    /// Nodes deleted, with the region they were in.
    removed: Vec<(NodeId, Option<RegionId>)>,
    problems: bool,
}

/// The fleet.
pub struct Fleet {
    clock: SharedClock,
    timers: Timers,
    limit_beats: bool,
    policy: ArcSwap<Policy>,
    platform: ArcSwap<OwnIntent>,
    index: RwLock<Index>,
    secrets: DashMap<SecretHash, Arc<NodeEntry>>,
    tombstones: DashMap<SecretHash, Arc<Tombstone>>,
    deadlines: Mutex<Deadlines>,
    guard: Mutex<Guard>,
    dirty: Mutex<Dirty>,
    events: Mutex<VecDeque<EventRecord>>,
    /// Nodes on which something is under way.
    watched: Mutex<BTreeMap<NodeId, Arc<NodeEntry>>>,
    change: AtomicI64,
    standing: replicas::Standing,
    /// Open problems, snoozes, incidents.
    pub problems: ProblemBook,
    version: &'static str,
    /// Refused heartbeats.
    pub diary: Diary,
    /// The singletons.
    pub board: Board,
    /// Storage of the regions.
    pub storage: StorageBook,
}

impl Fleet {
    /// An empty fleet in the grace of a start.
    pub fn new(clock: SharedClock, timers: Timers, limit_beats: bool, platform: OwnIntent) -> Self {
        let policy = Policy::for_fleet(timers, 0);
        let now = clock.mono();
        Self {
            timers,
            limit_beats,
            policy: ArcSwap::from_pointee(policy),
            platform: ArcSwap::from_pointee(platform),
            index: RwLock::default(),
            secrets: DashMap::new(),
            tombstones: DashMap::new(),
            deadlines: Mutex::new(Deadlines::new(now, SLOT_MS)),
            guard: Mutex::new(Guard::restarted(now, &policy)),
            dirty: Mutex::default(),
            events: Mutex::default(),
            watched: Mutex::default(),
            change: AtomicI64::new(0),
            standing: replicas::Standing::default(),
            problems: ProblemBook::default(),
            version: env!("CARGO_PKG_VERSION"),
            diary: Diary::new(),
            board: Board::default(),
            storage: StorageBook::default(),
            clock,
        }
    }

    /// The timers in force.
    pub fn policy(&self) -> Policy {
        **self.policy.load()
    }

    /// The timers in force, as told to clients.
    pub fn timers(&self) -> WireTimers {
        let p = self.policy();
        WireTimers {
            interval_ms: p.interval_ms,
            stale_after_ms: p.stale_after_ms,
            offline_after_ms: p.offline_after_ms,
        }
    }

    /// The clock everything here reads.
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// The newest change these figures contain.
    pub fn change(&self) -> i64 {
        self.change.load(Ordering::Acquire)
    }

    /// Notes that a change of the registry is in memory now.
    pub fn note_change(&self, n: i64) {
        self.change.fetch_max(n, Ordering::AcqRel);
    }

    /// Adds a region that was stored.
    pub fn region_add(&self, record: RegionRecord) {
        let mut index = self.index.write();
        // Whoever compares memory with the database may have been quicker.
        if index
            .regions
            .get(&record.id)
            .is_some_and(|known| known.record.load().created_at == record.created_at)
        {
            drop(index);
            self.region_update(record);
            return;
        }
        // One of this id that was deleted a moment ago may not be out yet; its settings are not the new one's.
        self.storage.forget(&record.id);
        let entry = Arc::new(RegionEntry::new(record.clone(), self.clock.wall()));
        index.regions.insert(record.id, entry);
        drop(index);
        self.dirty.lock().problems = true;
    }

    /// Adds a node that was stored.
    pub fn node_add(&self, record: NodeRecord) -> Arc<NodeEntry> {
        let entry = self.insert(record, None);
        self.adapt_policy();
        let mut dirty = self.dirty.lock();
        dirty.registered.push(entry.id);
        dirty.problems = true;
        entry
    }

    fn insert(&self, record: NodeRecord, state: Option<entry::Live>) -> Arc<NodeEntry> {
        let mut index = self.index.write();
        // As with regions.
        if let Some(known) = index.nodes.get(&record.id) {
            return Arc::clone(known);
        }
        let region = record.region_id.as_ref().and_then(|id| index.regions.get(id)).cloned();
        let slot = u32::try_from(index.slots.len()).unwrap_or(u32::MAX);
        let effective = Effective::of(&self.platform.load(), region.as_deref(), &record.intent);
        let live =
            state.unwrap_or_else(|| entry::Live::registered(&record, self.clock.mono(), self.policy()));
        let rate = self.limit_beats.then(|| self.policy().interval_ms);
        let entry = Arc::new(NodeEntry::new(slot, record, effective, region.clone(), live, rate));
        self.watch(&entry, &mut entry.live.lock());
        for secret in &entry.record().secrets {
            self.secrets.insert(secret.hash, Arc::clone(&entry));
        }
        index.slots.push(Some(Arc::clone(&entry)));
        index.nodes.insert(entry.id, Arc::clone(&entry));
        if let Some(external) = entry.record().external_id {
            index.external.insert(external, entry.id);
        }
        if let Some(region) = region {
            region.add_node(Arc::clone(&entry));
        }
        entry
    }

    /// Follows the size of the fleet: T grows so that at most 1,000 heartbeats come a second.
    fn adapt_policy(&self) {
        let n = u64::try_from(self.index.read().nodes.len()).unwrap_or(u64::MAX);
        self.policy.store(Arc::new(Policy::for_fleet(self.timers, n)));
    }

    /// A node by id.
    pub fn node(&self, id: NodeId) -> Option<Arc<NodeEntry>> {
        self.index.read().nodes.get(&id).cloned()
    }

    /// How many nodes are registered.
    pub fn node_count(&self) -> usize {
        self.index.read().nodes.len()
    }

    /// A region by id.
    pub fn region(&self, id: &RegionId) -> Option<Arc<RegionEntry>> {
        self.index.read().regions.get(id).cloned()
    }

    fn mark_dirty(&self, entry: &Arc<NodeEntry>, live: &mut entry::Live) {
        // What is deleted is told of no more.
        if live.fence == registry::Fence::Gone {
            return;
        }
        if !live.dirty {
            live.dirty = true;
            self.dirty.lock().nodes.push(Arc::clone(entry));
        }
        entry.touch_region();
    }

    /// What the database has to know of a node: its newest heartbeat or goodbye, or what was made of its silence.
    fn mark_unwritten(&self, entry: &Arc<NodeEntry>, live: &mut entry::Live) {
        if !live.unwritten {
            live.unwritten = true;
            self.dirty.lock().flush.push(Arc::clone(entry));
        }
    }

    /// What the publisher has to look at since it last asked.
    pub fn take_dirty(&self) -> DirtySince {
        let mut dirty = self.dirty.lock();
        DirtySince {
            nodes: std::mem::take(&mut dirty.nodes),
            registered: std::mem::take(&mut dirty.registered),
            regions: std::mem::take(&mut dirty.regions),
            removed: std::mem::take(&mut dirty.removed),
        }
    }

    /// Counts nodes by whether an operator still has to wait for them: (confirmed, unconfirmed).
    fn confirmed(&self) -> (u32, u32) {
        let index = self.index.read();
        let mut counts = HashMap::new();
        for n in index.nodes.values() {
            *counts.entry(n.live.lock().state.liveness()).or_insert(0_u32) += 1;
        }
        let of = |l| counts.get(&l).copied().unwrap_or(0);
        (of(common::status::Liveness::Live), of(common::status::Liveness::Unconfirmed))
    }
}

/// What changed since the publisher last asked.
pub struct DirtySince {
    /// Nodes with new figures or another liveness.
    pub nodes: Vec<Arc<NodeEntry>>,
    /// Nodes added or changed by operators.
    pub registered: Vec<NodeId>,
    /// Regions changed by operators.
    pub regions: Vec<RegionId>,
    /// Nodes deleted, with the region they were in.
    pub removed: Vec<(NodeId, Option<RegionId>)>,
}
