//! One node and one region in memory.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use common::capacity::Capacity;
use common::heartbeat::{Group, Heartbeat};
use common::ids::{NodeId, RegionId};
use common::node::{Node, NodeLive, SecretSummary};
use common::region::NodesStorage;
use common::status::{
    Condition, ConditionKind, ConditionState, NodeStatus, StatusInput, StatusWord, display,
};
use common::time::Timestamp;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use parking_lot::{Mutex, RwLock};

use super::drains::{Life, work_left};
use super::intents::Effective;
use super::registry::Fence;
use super::{commands, drains};
use crate::clock::Mono;
use crate::domain::capacity::NodeFigures;
use crate::domain::liveness::{Policy, State};
use crate::domain::registry::{NodeRecord, RegionRecord, SecretHash};
use crate::domain::rivals::Rivals;

/// The registration with what follows from the levels above.
pub(super) struct Registered {
    pub(super) record: NodeRecord,
    pub(super) effective: Effective,
}

/// A refused heartbeat that concerns a node.
pub(super) struct Refusal {
    pub(super) at: Timestamp,
    pub(super) detail: String,
}

/// The part of a node that changes with heartbeats and sweeps.
pub(super) struct Live {
    pub(super) state: State,
    pub(super) last_seen_at: Option<Timestamp>,
    pub(super) liveness_since: Timestamp,
    pub(super) word: StatusWord,
    pub(super) word_since: Timestamp,
    pub(super) boot: Option<String>,
    pub(super) beat: Option<Box<Heartbeat>>,
    pub(super) spoiled: Vec<Group>,
    pub(super) source: Option<IpAddr>,
    pub(super) source_text: Option<String>,
    pub(super) clock_offset_ms: Option<i64>,
    pub(super) foreign_id: bool,
    pub(super) rivals: Rivals,
    pub(super) refused: Option<Refusal>,
    /// Whether its region's storage worked, by its last report of that.
    pub(super) storage_ok: Option<bool>,
    /// The secret its last heartbeat presented.
    pub(super) secret_in_use: Option<SecretHash>,
    /// Whether heartbeats are taken.
    pub(super) fence: Fence,
    /// Its drain and its commands.
    pub(super) life: Life,
    /// Waits for the publisher.
    pub(super) dirty: bool,
    /// Waits for the database.
    pub(super) unwritten: bool,
    /// The row of another process that was last read.
    pub(super) read_us: i64,
}

impl Live {
    pub(super) fn registered(record: &NodeRecord, now: Mono, policy: Policy) -> Self {
        Self::with_state(State::registered(now, policy), record.created_at)
    }

    pub(super) fn with_state(state: State, since: Timestamp) -> Self {
        Self {
            state,
            last_seen_at: None,
            liveness_since: since,
            word: StatusWord::NeverSeen,
            word_since: since,
            boot: None,
            beat: None,
            spoiled: Vec::new(),
            source: None,
            source_text: None,
            clock_offset_ms: None,
            foreign_id: false,
            rivals: Rivals::default(),
            refused: None,
            storage_ok: None,
            secret_in_use: None,
            fence: Fence::Open,
            life: Life::default(),
            dirty: false,
            unwritten: false,
            read_us: 0,
        }
    }

    pub(super) fn axes(&self, record: &NodeRecord, effective: &Effective) -> StatusInput {
        let beat = self.beat.as_deref();
        StatusInput {
            intent: effective.state,
            liveness: self.state.liveness(),
            runtime: beat.and_then(|b| b.runtime.as_ref()).map(|r| r.status),
            work: work_left(record.kind, beat, &self.life),
            restarting: self.life.restarting,
        }
    }
}

/// A node.
pub struct NodeEntry {
    /// Its id.
    pub id: NodeId,
    pub(super) slot: u32,
    pub(super) registered: ArcSwap<Registered>,
    pub(super) region: Option<Arc<RegionEntry>>,
    pub(super) live: Mutex<Live>,
    pub(super) limiter: Option<DefaultDirectRateLimiter>,
}

impl NodeEntry {
    pub(super) fn new(
        slot: u32,
        record: NodeRecord,
        effective: Effective,
        region: Option<Arc<RegionEntry>>,
        live: Live,
        interval_ms: Option<u64>,
    ) -> Self {
        let entry = Self {
            id: record.id,
            slot,
            registered: ArcSwap::from_pointee(Registered { record, effective }),
            region,
            live: Mutex::new(live),
            limiter: interval_ms.map(limiter),
        };
        let registered = entry.registered.load_full();
        let mut live = entry.live.lock();
        live.life = Life::new(&registered.effective, registered.record.created_at);
        live.word = display(live.axes(&registered.record, &registered.effective));
        drop(live);
        entry
    }

    /// The registration.
    pub fn record(&self) -> NodeRecord {
        self.registered.load().record.clone()
    }

    /// Notes a new word where it changed; whether it did.
    pub(super) fn refresh_word(&self, live: &mut Live, at: Timestamp) -> bool {
        let r = self.registered.load();
        let word = display(live.axes(&r.record, &r.effective));
        let changed = word != live.word;
        if changed {
            live.word = word;
            live.word_since = at;
        }
        changed
    }

    pub(super) fn touch_region(&self) {
        if let Some(region) = &self.region {
            region.outdated.store(true, Ordering::Release);
        }
    }

    pub(super) fn with_figures<T>(&self, f: impl FnOnce(&NodeFigures<'_>, StatusWord) -> T) -> T {
        let r = self.registered.load();
        let live = self.live.lock();
        let beat = live.beat.as_deref();
        let figures = NodeFigures {
            kind: r.record.kind,
            axes: live.axes(&r.record, &r.effective),
            sessions: beat.and_then(|b| b.sessions.as_ref()),
            outbound: beat.and_then(|b| b.outbound.as_ref()),
            max_concurrent_calls: r.record.max_concurrent_calls,
        };
        f(&figures, live.word)
    }

    /// The live part, as sent.
    pub fn node_live(&self) -> NodeLive {
        let r = self.registered.load();
        let live = self.live.lock();
        let beat = live.beat.as_deref();
        let runtime = beat.and_then(|b| b.runtime.as_ref());
        NodeLive {
            id: self.id,
            status: NodeStatus {
                word: live.word,
                since: live.word_since,
                inherited_from: r.effective.inherited_from,
            },
            liveness: live.state.liveness(),
            runtime: runtime.map(|r| r.status),
            runtime_reason: runtime.map(|r| r.reason.clone()).filter(|r| !r.is_empty()),
            sessions: beat.and_then(|b| b.sessions.clone()),
            outbound: beat.and_then(|b| b.outbound.clone()),
            hardware: beat.and_then(|b| b.hardware.clone()),
            last_heartbeat_at: live.last_seen_at,
            interval_ms: live.state.told().interval_ms,
            boot_id: live.boot.clone(),
            started_at: beat.and_then(|b| b.started_at),
            software_version: beat.and_then(|b| b.version.clone()),
            hostname: beat.and_then(|b| b.hostname.clone()),
            source: live.source_text.clone(),
            clock_offset_ms: live.clock_offset_ms,
            conditions: conditions(&live),
            drain: drains::view(&live, &r),
            commands: commands::view(&live),
            secret_in_use: live.secret_in_use.map(|s| s.fingerprint()),
            observed_generation: beat.and_then(|b| b.observed_generation),
            accepts: beat.and_then(|b| b.accepts),
        }
    }

    /// From here on the node counts as published; its word. What is read of it afterwards may be newer still, and is
    /// then only published once more.
    pub fn settle(&self) -> StatusWord {
        let mut live = self.live.lock();
        live.dirty = false;
        live.word
    }

    /// Whether it was deleted.
    pub fn is_gone(&self) -> bool {
        self.live.lock().fence == Fence::Gone
    }

    /// Its region.
    pub fn region_id(&self) -> Option<RegionId> {
        self.registered.load().record.region_id.clone()
    }

    /// What the screen calls it.
    pub fn name(&self) -> String {
        let r = self.registered.load();
        r.record.display_name.clone().unwrap_or_else(|| r.record.endpoint.authority())
    }

    /// The whole node, as sent.
    pub fn node(&self) -> Node {
        let live = self.node_live();
        let r = self.registered.load();
        let n = &r.record;
        let newest = n.secrets.first();
        Node {
            live,
            external_id: n.external_id.clone(),
            region_id: n.region_id.clone(),
            kind: n.kind,
            endpoint: n.endpoint.clone(),
            sip_host: n.sip_host.clone(),
            sip_port: n.sip_port,
            sip_transport: n.sip_transport,
            display_name: n.display_name.clone(),
            notes: n.notes.clone(),
            labels: n.labels.clone(),
            development: n.development,
            max_concurrent_calls: n.max_concurrent_calls,
            intent: n.intent.intent.clone(),
            secret: SecretSummary {
                fingerprint: newest.map(|s| s.hash.fingerprint()).unwrap_or_default(),
                created_at: newest.map_or(n.created_at, |s| s.created_at),
                previous_until: n.secrets.get(1).and_then(|s| s.valid_until),
                previous_fingerprint: n.secrets.get(1).map(|s| s.hash.fingerprint()),
            },
            created_at: n.created_at,
            version: n.version,
        }
    }
}

/// 5 s of difference is where timestamps of calls and logs begin to mislead.
const CLOCK_TOLERANCE_MS: u64 = 5_000;

fn conditions(live: &Live) -> Vec<Condition> {
    let mut out = Vec::new();
    if let Some(offset) = live.clock_offset_ms {
        let ok = offset.unsigned_abs() <= CLOCK_TOLERANCE_MS;
        out.push(Condition {
            kind: ConditionKind::ClockInSync,
            state: if ok { ConditionState::Ok } else { ConditionState::Failed },
            detail: format!("{offset} ms"),
        });
    }
    if let Some(report) = live.beat.as_deref().and_then(|b| b.storage.as_ref()) {
        out.push(Condition {
            kind: ConditionKind::StorageReachable,
            state: if report.ok { ConditionState::Ok } else { ConditionState::Failed },
            detail: report.step.clone().unwrap_or_default(),
        });
    }
    if live.foreign_id {
        out.push(Condition {
            kind: ConditionKind::IdentityUnique,
            state: ConditionState::Unknown,
            detail: live.beat.as_deref().and_then(|b| b.node_id.clone()).unwrap_or_default(),
        });
    }
    if !live.spoiled.is_empty() {
        let groups: Vec<&str> = live.spoiled.iter().map(|g| g.as_str()).collect();
        out.push(Condition {
            kind: ConditionKind::FiguresReadable,
            state: ConditionState::Failed,
            detail: groups.join(", "),
        });
    }
    if let Some(refused) = live.refused.as_ref().filter(|r| live.last_seen_at.is_none_or(|seen| r.at > seen))
    {
        out.push(Condition {
            kind: ConditionKind::HeartbeatAccepted,
            state: ConditionState::Failed,
            detail: refused.detail.clone(),
        });
    }
    out
}

/// max(2/s, 3/T) sustained, 10 at once.
fn limiter(interval_ms: u64) -> DefaultDirectRateLimiter {
    let period = Duration::from_millis(500.min(interval_ms / 3).max(1));
    let burst = NonZeroU32::new(10).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(period).unwrap_or(Quota::per_second(burst)).allow_burst(burst);
    RateLimiter::direct(quota)
}

/// A region's figures, cached.
pub(super) struct RegionFigures {
    pub(super) capacity: Capacity,
    pub(super) storage: NodesStorage,
    pub(super) word: StatusWord,
    pub(super) count: Option<u32>,
    pub(super) word_since: Timestamp,
}

/// A region.
pub struct RegionEntry {
    pub(super) record: ArcSwap<RegionRecord>,
    pub(super) nodes: RwLock<Vec<Arc<NodeEntry>>>,
    /// A node of it changed since the figures were made.
    pub(super) outdated: AtomicBool,
    pub(super) figures: Mutex<RegionFigures>,
}

impl RegionEntry {
    pub(super) fn new(record: RegionRecord, now: Timestamp) -> Self {
        let figures = RegionFigures {
            capacity: Capacity::default(),
            storage: NodesStorage::default(),
            word: StatusWord::Empty,
            count: None,
            word_since: record.created_at.max(now),
        };
        Self {
            record: ArcSwap::from_pointee(record),
            nodes: RwLock::default(),
            outdated: AtomicBool::new(true),
            figures: Mutex::new(figures),
        }
    }

    pub(super) fn add_node(&self, node: Arc<NodeEntry>) {
        self.nodes.write().push(node);
        self.outdated.store(true, Ordering::Release);
    }

    /// The registration.
    pub fn record(&self) -> RegionRecord {
        RegionRecord::clone(&self.record.load())
    }
}
