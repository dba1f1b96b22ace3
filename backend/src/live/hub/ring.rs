//! What a topic sent lately, for readers that come back.

use std::collections::VecDeque;

use bytes::Bytes;

use super::Limits;
use crate::clock::Mono;

/// One event kept.
struct Kept {
    seq: u64,
    at: Mono,
    frame: Bytes,
}

/// The newest events of a topic, bounded in number, bytes and age.
pub(super) struct Ring {
    kept: VecDeque<Kept>,
    /// Every event of the topic after this number is kept.
    complete_after: u64,
    bytes: usize,
}

impl Ring {
    /// An empty ring that knows nothing of what was before `seq`.
    pub(super) fn new(seq: u64) -> Self {
        Self { kept: VecDeque::new(), complete_after: seq, bytes: 0 }
    }

    /// How many bytes are kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps an event, and drops what is then too much or too old.
    pub(super) fn push(&mut self, seq: u64, at: Mono, frame: Bytes, limits: &Limits) {
        self.bytes += frame.len();
        self.kept.push_back(Kept { seq, at, frame });
        while self.kept.len() > limits.ring_events {
            self.drop_oldest();
        }
        self.shrink(limits.ring_bytes);
        self.expire(at, limits.ring_ms);
    }

    /// Drops the oldest until at most this many bytes are kept.
    pub(super) fn shrink(&mut self, bytes: usize) {
        while self.bytes > bytes {
            self.drop_oldest();
        }
    }

    /// Drops what is older than `ms`.
    pub(super) fn expire(&mut self, now: Mono, ms: u64) {
        while self.kept.front().is_some_and(|kept| now.since(kept.at) > ms) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(kept) = self.kept.pop_front() {
            self.bytes -= kept.frame.len();
            self.complete_after = kept.seq;
        }
    }

    /// Whether everything after that number is kept.
    pub(super) fn covers(&self, seq: u64) -> bool {
        self.complete_after <= seq
    }

    /// The events after that number, oldest first.
    pub(super) fn since(&self, seq: u64) -> impl Iterator<Item = (u64, Bytes)> + '_ {
        let from = self.kept.partition_point(|kept| kept.seq <= seq);
        self.kept.range(from..).map(|kept| (kept.seq, kept.frame.clone()))
    }
}
