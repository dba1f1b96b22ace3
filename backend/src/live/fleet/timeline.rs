//! What happened to nodes and regions, on its way to the database.

use std::cell::Cell;

use common::activity::EventKind;

use super::entry::NodeEntry;
use super::{Fleet, RegionEntry};
use crate::domain::activity::EventRecord;

/// Events that wait for the writer; beyond, the oldest go. A database that is away for long loses history, not memory.
const WAITING_MAX: usize = 20_000;

std::thread_local! {
    /// What is taken over from another process is in the timeline by that one's hand.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` without noting events.
pub(super) fn quiet<T>(work: impl FnOnce() -> T) -> T {
    let before = QUIET.replace(true);
    let done = work();
    QUIET.set(before);
    done
}

/// Whether something is being taken over from another process.
pub(super) fn is_quiet() -> bool {
    QUIET.get()
}

/// What is told about an event besides whose it is.
#[derive(Debug, Clone, Default)]
pub struct What {
    /// What it was.
    pub from: Option<String>,
    /// What it became.
    pub to: Option<String>,
    /// More, in words, for who is signed in.
    pub detail: Option<String>,
    /// Of an intent: the reason that others than operators may hear.
    pub public_reason: Option<String>,
    /// Who.
    pub actor: Option<String>,
}

impl Fleet {
    /// Notes an event of a node.
    pub fn record_node(&self, node: &NodeEntry, kind: EventKind, what: What) {
        let region_id = node.region_id();
        self.record(EventRecord {
            id: uuid::Uuid::now_v7(),
            at: self.clock.wall(),
            node_id: Some(node.id),
            region_id,
            kind,
            from: what.from,
            to: what.to,
            detail: what.detail,
            public_reason: what.public_reason,
            actor: what.actor,
        });
    }

    /// Notes an event of a region itself.
    pub fn record_region(&self, region: &RegionEntry, kind: EventKind, what: What) {
        self.record(EventRecord {
            id: uuid::Uuid::now_v7(),
            at: self.clock.wall(),
            node_id: None,
            region_id: Some(region.record().id),
            kind,
            from: what.from,
            to: what.to,
            detail: what.detail,
            public_reason: what.public_reason,
            actor: what.actor,
        });
    }

    fn record(&self, event: EventRecord) {
        if is_quiet() {
            return;
        }
        let mut events = self.events.lock();
        if events.len() >= WAITING_MAX {
            events.pop_front();
        }
        events.push_back(event);
    }

    /// What the database does not know yet, oldest first, at most `max`.
    pub fn take_events(&self, max: usize) -> Vec<EventRecord> {
        let mut events = self.events.lock();
        let n = events.len().min(max);
        events.drain(..n).collect()
    }

    /// Puts back what could not be written.
    pub fn put_back_events(&self, written_not: Vec<EventRecord>) {
        let mut events = self.events.lock();
        for event in written_not.into_iter().rev() {
            if events.len() < WAITING_MAX {
                events.push_front(event);
            }
        }
    }
}

/// A value of an axis as its word on the wire.
pub(super) fn word<T: serde::Serialize>(value: T) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}
