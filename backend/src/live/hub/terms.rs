//! What the hub is told and what it tells: its source, its bounds, its figures.

use std::sync::Arc;

use common::ids::{NodeId, StreamId, UserId};
use common::stream::{Change, EventId, LiveEvent, Topic};
use common::time::Timestamp;
use uuid::Uuid;

use super::Lane;
use crate::clock::Mono;

/// Where the hub gets the whole state from. Called without any lock of the hub held.
pub trait Snapshots: Send + Sync {
    /// The state of a topic now, as a `snapshot` event. Must contain every change for which a delta was published.
    fn snapshot(&self, topic: &Topic) -> LiveEvent;
    /// The `hello` event that opens a connection.
    fn hello(&self, stream: StreamId, resumed: bool) -> LiveEvent;
    /// A node as it is now, whole or its figures alone; `nodeRemoved` where there is none.
    fn node_change(&self, id: NodeId, whole: bool) -> Change;
    /// The time, for events that are put together for one reader.
    fn now(&self) -> Timestamp;
}

/// Bounds of the hub. Times in milliseconds.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open streams.
    pub streams: usize,
    /// Frames waiting for one reader; one more and it gets `reset` and new snapshots instead.
    pub queue: usize,
    /// Events kept per topic for readers that come back.
    pub ring_events: usize,
    /// Bytes kept per topic: what is more than this to catch up on is cheaper as a snapshot.
    pub ring_bytes: usize,
    /// Bytes kept over all topics.
    pub all_rings_bytes: usize,
    /// Age of what is kept.
    pub ring_ms: u64,
    /// How long a topic goes on collecting after its last reader left.
    pub linger_ms: u64,
    /// How long a reader may take nothing while something waits.
    pub stall_ms: u64,
    /// Age at which a stream is asked to connect again, ± 20 %.
    pub rotate_ms: u64,
    /// How long a rendered snapshot is handed to further readers while nothing changes.
    pub snapshot_ms: u64,
    /// Largest piece handed over at once, in bytes; the transport keeps that much memory per connection.
    pub slice: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            streams: 10_000,
            queue: 64,
            ring_events: 4_096,
            ring_bytes: 1 << 20,
            all_rings_bytes: 64 << 20,
            ring_ms: 300_000,
            linger_ms: 30_000,
            stall_ms: 10_000,
            rotate_ms: 600_000,
            snapshot_ms: 250,
            slice: 4_096,
        }
    }
}

/// Which of the two kinds of credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerKind {
    /// A person's session.
    Session,
    /// An automation token.
    Token,
}

/// Whose a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner {
    /// What `id` names.
    pub kind: OwnerKind,
    /// The session or the token.
    pub id: Uuid,
    /// The person behind it.
    pub user: UserId,
    /// The version of what they were allowed when it was opened.
    pub version: i64,
}

/// What a client asks for.
pub struct Opening {
    /// What it follows. Repetitions count once.
    pub topics: Vec<Topic>,
    /// The last event it got, of the same topics.
    pub last: Option<EventId>,
    /// Whose it is; [`super::Hub::close`] and [`super::Hub::access_changed`] end such streams.
    pub owner: Option<Owner>,
    /// When its permission ends.
    pub expires: Option<Mono>,
    /// How to wake it; `None`: directly.
    pub lane: Option<Arc<Lane>>,
    /// Now.
    pub now: Mono,
}

/// Why a stream is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// As many are open as may be.
    TooManyStreams,
    /// The server stops.
    Closing,
}

/// Why a window is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoWindow {
    /// No such stream of this session is open here.
    NoStream,
    /// It does not follow topic `nodes`.
    NotFollowed,
}

/// Figures for `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HubStats {
    /// Connections open now.
    pub open: usize,
    /// Topics followed or lingering now.
    pub topics: usize,
    /// Bytes kept for readers that come back.
    pub ring_bytes: usize,
    /// Events since the start.
    pub events: u64,
    /// Frames put into readers' queues since the start.
    pub delivered: u64,
    /// Connections that went on where an earlier one ended.
    pub resumed: u64,
    /// Readers that were too slow and got a `reset`.
    pub overflowed: u64,
    /// Readers cut off because they took nothing.
    pub cut: u64,
}
