//! What the hub's one lock guards: who follows what, and what was sent lately.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use common::ids::{StreamId, UserId};
use common::stream::{ByeReason, EventId, Topic};
use uuid::Uuid;

use super::reader::Reader;
use super::ring::Ring;
use super::{Limits, Owner};
use crate::clock::Mono;

/// How long an ended session and changed rights are remembered, so that a stream opened in the same moment ends too.
const ENDED_SESSION_MS: u64 = 60_000;

/// The number before the first event: the 0 stands for no position at all.
pub(super) const FIRST_SEQ: u64 = 1;

/// One topic that somebody follows or followed a moment ago.
pub(super) struct TopicState {
    pub(super) readers: HashMap<StreamId, Arc<Reader>>,
    pub(super) ring: Ring,
    /// When the last reader left.
    pub(super) left: Option<Mono>,
    /// Number of the newest event.
    pub(super) changed: u64,
    /// A rendered snapshot that still holds.
    pub(super) snapshot: Option<(Mono, Bytes)>,
}

impl TopicState {
    /// A topic of which nothing is known before `seq`.
    pub(super) fn new(seq: u64) -> Self {
        Self { readers: HashMap::new(), ring: Ring::new(seq), left: None, changed: seq, snapshot: None }
    }
}

/// What the one lock guards.
pub(super) struct Core {
    pub(super) seq: u64,
    pub(super) closing: bool,
    pub(super) readers: HashMap<StreamId, Arc<Reader>>,
    /// Those with a window.
    pub(super) windowed: HashMap<StreamId, Arc<Reader>>,
    pub(super) topics: HashMap<Topic, TopicState>,
    pub(super) ended_sessions: HashMap<Uuid, Mono>,
    /// The version of what people may do, where it changed a moment ago.
    pub(super) changed_access: HashMap<UserId, (i64, Mono)>,
    pub(super) ring_bytes: usize,
    pub(super) delivered: u64,
    pub(super) resumed: u64,
    pub(super) overflowed: u64,
    pub(super) cut: u64,
}

impl Core {
    /// Nothing but the topic that is always kept.
    pub(super) fn new() -> Self {
        Self {
            seq: FIRST_SEQ,
            closing: false,
            readers: HashMap::new(),
            windowed: HashMap::new(),
            topics: HashMap::from([(Topic::Summary, TopicState::new(FIRST_SEQ))]),
            ended_sessions: HashMap::new(),
            changed_access: HashMap::new(),
            ring_bytes: 0,
            delivered: 0,
            resumed: 0,
            overflowed: 0,
            cut: 0,
        }
    }

    /// Why a stream of this owner must not go on, from what was told lately.
    pub(super) fn overtaken(&self, owner: &Owner) -> Option<ByeReason> {
        if self.ended_sessions.contains_key(&owner.id) {
            return Some(ByeReason::SignedOut);
        }
        let (version, _) = self.changed_access.get(&owner.user)?;
        (owner.version < *version).then_some(ByeReason::AccessChanged)
    }

    /// Takes a reader out of everything; it gets no more frames.
    pub(super) fn detach(&mut self, reader: &Reader, now: Mono) {
        self.readers.remove(&reader.id);
        self.windowed.remove(&reader.id);
        for topic in &reader.topics {
            if let Some(state) = self.topics.get_mut(topic)
                && state.readers.remove(&reader.id).is_some()
                && state.readers.is_empty()
            {
                state.left = Some(now);
            }
        }
    }
}

/// How a stream is to end.
pub(super) enum Ending {
    /// After what waits in its queue.
    Polite(ByeReason),
    /// At once: it may see nothing more.
    SignedOut,
    /// Without a word: nobody reads.
    Cut,
}

/// How a stream begins.
pub(super) enum Start {
    /// With snapshots.
    Fresh,
    /// With what was missed since that number.
    Resumed(u64, Vec<Bytes>),
    /// With a `reset`, for this reason, and snapshots.
    Lost(&'static str),
}

impl Core {
    /// What a reader of these topics missed since `last`, if all of it is still there and it is not too much.
    pub(super) fn missed(&self, last: EventId, epoch: u64, topics: &[Topic], most: usize) -> Start {
        if last.epoch != epoch {
            return Start::Lost("the server was restarted");
        }
        if last.seq > self.seq {
            return Start::Lost("the position is unknown");
        }
        let mut missed = Vec::new();
        for topic in topics {
            match self.topics.get(topic) {
                Some(state) if state.ring.covers(last.seq) => missed.extend(state.ring.since(last.seq)),
                _ => return Start::Lost("what was missed is no longer kept"),
            }
        }
        if missed.len() > most {
            return Start::Lost("too much was missed");
        }
        missed.sort_unstable_by_key(|(seq, _)| *seq);
        Start::Resumed(last.seq, missed.into_iter().map(|(_, frame)| frame).collect())
    }

    /// Drops what is too old to be of use.
    pub(super) fn forget(&mut self, now: Mono, limits: &Limits) {
        self.topics.retain(|topic, state| {
            let lingered = state.left.is_some_and(|left| now.since(left) >= limits.linger_ms);
            !lingered || *topic == Topic::Summary
        });
        self.ring_bytes = 0;
        for state in self.topics.values_mut() {
            state.ring.expire(now, limits.ring_ms);
            self.ring_bytes += state.ring.bytes();
            state.snapshot.take_if(|(made, _)| now.since(*made) > limits.snapshot_ms);
        }
        self.ended_sessions.retain(|_, at| now.since(*at) < ENDED_SESSION_MS);
        self.changed_access.retain(|_, (_, at)| now.since(*at) < ENDED_SESSION_MS);
    }
}
