//! Changes of what is registered, in memory. Records are replaced whole and the newest version wins, so that two
//! changes that overtake each other on their way here end where the database ended.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use common::ids::NodeId;
use common::node::NodeKind;
use common::time::Timestamp;

use super::entry::{Live, NodeEntry, RegionEntry, Registered};
use super::intents::Effective;
use super::{Fleet, Index};
use crate::domain::capacity::work;
use crate::domain::deletion::{Left, Observed};
use crate::domain::guard::Judgement;
use crate::domain::registry::{NodeRecord, RegionRecord, SecretHash, SecretRecord, Tombstone};

/// Whether a node still takes heartbeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Fence {
    /// It does.
    #[default]
    Open,
    /// It is being deleted: what comes now has to come again, when that is decided.
    Closing,
    /// It is deleted.
    Gone,
}

impl Fleet {
    /// Takes a stored change of a node over; an older one than what is known changes nothing.
    pub fn node_update(&self, record: NodeRecord) -> Option<Arc<NodeEntry>> {
        let mut index = self.index.write();
        let entry = index.nodes.get(&record.id).cloned()?;
        let mut live = entry.live.lock();
        let known = entry.registered.load_full();
        if record.version <= known.record.version {
            drop(live);
            return Some(entry);
        }
        rename(&mut index, &known.record, &record);
        for old in
            known.record.secrets.iter().filter(|old| !record.secrets.iter().any(|s| s.hash == old.hash))
        {
            self.secrets.remove(&old.hash);
        }
        for secret in &record.secrets {
            self.secrets.insert(secret.hash, Arc::clone(&entry));
        }
        let effective = Effective::of(&self.platform.load(), entry.region.as_deref(), &record.intent);
        entry.registered.store(Arc::new(Registered { record, effective }));
        self.reworded(&entry, &mut live);
        drop(live);
        drop(index);
        self.registered(&entry);
        Some(entry)
    }

    /// Takes a stored change of a region over, and works out anew what it means for each of its nodes; an older one
    /// than what is known changes nothing.
    pub fn region_update(&self, record: RegionRecord) -> Option<Arc<RegionEntry>> {
        // Held throughout, so that no node is added in between under the old intent.
        let index = self.index.write();
        let region = index.regions.get(&record.id).cloned()?;
        let known = region.record.load_full();
        if record.version > known.version {
            let same_intent = record.intent == known.intent;
            region.record.store(Arc::new(record));
            if !same_intent {
                for entry in region.nodes.read().iter() {
                    self.effective_again(entry);
                }
            }
        }
        drop(index);
        region.outdated.store(true, Ordering::Release);
        let mut dirty = self.dirty.lock();
        dirty.regions.push(region.record.load().id.clone());
        dirty.problems = true;
        Some(region)
    }

    /// Works out what counts for a node after a level above it changed.
    pub(super) fn effective_again(&self, entry: &Arc<NodeEntry>) {
        let mut live = entry.live.lock();
        let known = entry.registered.load_full();
        let effective = Effective::of(&self.platform.load(), entry.region.as_deref(), &known.record.intent);
        if effective == known.effective {
            return;
        }
        entry.registered.store(Arc::new(Registered { record: known.record.clone(), effective }));
        self.reworded(entry, &mut live);
    }

    /// What an operator changed may have changed the word, and is sent either way.
    fn reworded(&self, entry: &Arc<NodeEntry>, live: &mut Live) {
        self.follow_intent(entry, live);
        entry.refresh_word(live, self.clock.wall());
        self.mark_dirty(entry, live);
    }

    fn registered(&self, entry: &Arc<NodeEntry>) {
        entry.touch_region();
        let mut dirty = self.dirty.lock();
        dirty.registered.push(entry.id);
        dirty.problems = true;
    }

    /// What speaks for and against deleting a node, as of now.
    pub fn observed(&self, id: NodeId) -> Option<Observed> {
        let entry = self.node(id)?;
        let live = entry.live.lock();
        Some(self.observe(&entry, &live))
    }

    fn observe(&self, entry: &NodeEntry, live: &Live) -> Observed {
        let now = self.clock.mono();
        let doubt = match self.guard.lock().judge(now) {
            Judgement::Clear => None,
            Judgement::Unjudgeable(doubt) => Some(doubt.reason),
        };
        let kind = entry.registered.load().record.kind;
        let left = match live.beat.as_deref() {
            // Seen before this process started, and what it said then was not kept.
            None if live.state.last_seen().is_some() => Left::Unknown,
            None => Left::Never,
            Some(beat) => work(kind, beat.sessions.as_ref(), beat.outbound.as_ref()).map_or(
                if kind == NodeKind::Background { Left::Known(0) } else { Left::Unknown },
                Left::Known,
            ),
        };
        Observed {
            liveness: live.state.liveness(),
            silent_ms: live.state.last_seen().map(|seen| now.since(seen)),
            stale_after_ms: live.state.told().stale_after_ms,
            doubt,
            left,
        }
    }

    /// Looks at a node that is about to be deleted and, where `decide` agrees, takes no heartbeat of it from this very
    /// moment on: what was decided stays true until [`Fleet::node_remove`] or [`Fleet::node_reopen`].
    pub fn node_close<T, E>(
        &self,
        id: NodeId,
        decide: impl FnOnce(Observed) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let entry = self.node(id)?;
        let mut live = entry.live.lock();
        let decided = decide(self.observe(&entry, &live));
        if decided.is_ok() {
            live.fence = Fence::Closing;
        }
        Some(decided)
    }

    /// The delete did not happen.
    pub fn node_reopen(&self, id: NodeId) {
        if let Some(entry) = self.node(id) {
            let mut live = entry.live.lock();
            if live.fence == Fence::Closing {
                live.fence = Fence::Open;
            }
        }
    }

    /// Takes a deleted node out, and keeps what its late heartbeats are recognised by.
    pub fn node_remove(&self, tombstone: Tombstone) -> Option<Arc<NodeEntry>> {
        let id = tombstone.id;
        // Before the secrets go: a heartbeat finds either the node or its tombstone.
        self.tombstone_add(tombstone);
        let mut index = self.index.write();
        let entry = index.nodes.remove(&id)?;
        let mut live = entry.live.lock();
        live.fence = Fence::Gone;
        self.deadlines.lock().cancel(entry.slot);
        drop(live);
        let registered = entry.registered.load_full();
        for secret in &registered.record.secrets {
            self.secrets.remove(&secret.hash);
        }
        if let Some(external) = &registered.record.external_id
            && index.external.get(external) == Some(&id)
        {
            index.external.remove(external);
        }
        if let Some(slot) = usize::try_from(entry.slot).ok().and_then(|slot| index.slots.get_mut(slot)) {
            *slot = None;
        }
        if let Some(region) = &entry.region {
            region.nodes.write().retain(|n| n.id != id);
        }
        entry.touch_region();
        drop(index);
        self.adapt_policy();
        let mut dirty = self.dirty.lock();
        dirty.removed.push((id, registered.record.region_id.clone()));
        dirty.problems = true;
        drop(dirty);
        Some(entry)
    }

    /// Takes a deleted region out, unless a new one has its id by now.
    pub fn region_remove(&self, region: &Arc<RegionEntry>) {
        let id = region.record.load().id.clone();
        let mut index = self.index.write();
        if !index.regions.get(&id).is_some_and(|known| Arc::ptr_eq(known, region)) {
            return;
        }
        index.regions.remove(&id);
        drop(index);
        self.storage.forget(&id);
        self.dirty.lock().problems = true;
    }

    pub(super) fn tombstone_add(&self, tombstone: Tombstone) {
        let tombstone = Arc::new(tombstone);
        for hash in &tombstone.hashes {
            self.tombstones.insert(*hash, Arc::clone(&tombstone));
        }
    }

    /// The deleted node that a secret belonged to.
    pub fn tombstone(&self, hash: &SecretHash) -> Option<Arc<Tombstone>> {
        self.tombstones.get(hash).map(|t| Arc::clone(t.value()))
    }

    /// A deleted node by its id: who deleted it and when, for a refused heartbeat of it.
    pub fn tombstone_of(&self, id: NodeId) -> Option<Arc<Tombstone>> {
        self.tombstones.iter().find(|t| t.id == id).map(|t| Arc::clone(t.value()))
    }

    /// Forgets nodes that were deleted before `before`.
    pub fn tombstones_forget(&self, before: Timestamp) {
        self.tombstones.retain(|_, t| t.deleted_at >= before);
    }

    /// Forgets secrets whose time has run out; the version stays, nobody changed anything.
    pub fn secrets_expire(&self, now: Timestamp) {
        let over = |s: &SecretRecord| s.valid_until.is_some_and(|until| until <= now);
        let nodes: Vec<Arc<NodeEntry>> = self.index.read().nodes.values().cloned().collect();
        for entry in nodes {
            let live = entry.live.lock();
            let known = entry.registered.load_full();
            if !known.record.secrets.iter().any(over) {
                continue;
            }
            let mut record = known.record.clone();
            record.secrets.retain(|s| !over(s));
            for old in known.record.secrets.iter().filter(|s| over(s)) {
                self.secrets.remove(&old.hash);
            }
            entry.registered.store(Arc::new(Registered { record, effective: known.effective.clone() }));
            drop(live);
            self.registered(&entry);
        }
    }
}

/// Another external id leads to the node.
fn rename(index: &mut Index, old: &NodeRecord, new: &NodeRecord) {
    if old.external_id == new.external_id {
        return;
    }
    if let Some(external) = &old.external_id
        && index.external.get(external) == Some(&old.id)
    {
        index.external.remove(external);
    }
    if let Some(external) = &new.external_id {
        index.external.insert(external.clone(), new.id);
    }
}
