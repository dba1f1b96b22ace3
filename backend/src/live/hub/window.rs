//! The part of topic `nodes` that each connection chooses: the nodes it shows now.
//!
//! What a connection is owed is a mark per node and never a frame, so a window costs its connection a fixed amount of
//! memory however slowly it reads, and the newest figures win by themselves: a node is looked at when it is sent. A
//! node's figures are rendered once per round of the publisher and shared by all whose window holds it. The
//! connections take turns, a quarter of them each round, so that each gets figures once a second.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use common::ids::{NodeId, StreamId};
use common::stream::{LiveEvent, Topic};
use parking_lot::Mutex;
use uuid::Uuid;

use super::lane::Wakes;
use super::reader::Reader;
use super::{Hub, NoWindow, Snapshots, frame};
use crate::clock::Mono;

/// Rounds of the publisher between two times of figures for one connection.
const TURNS: usize = 4;
/// Most nodes in one delta: what is being sent stays small.
const BATCH: usize = 100;

/// What a connection is owed of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owed {
    Nothing,
    Figures,
    Whole,
}

/// The window of one connection.
#[derive(Default)]
pub(super) struct Window {
    nodes: HashMap<NodeId, Owed>,
    /// Nodes of which something is owed, in the order in which they go out.
    order: VecDeque<NodeId>,
}

impl Window {
    /// Holds these nodes from now on; those that enter come whole.
    pub(super) fn replace(&mut self, ids: &[NodeId]) {
        let nodes: HashMap<NodeId, Owed> =
            ids.iter().map(|id| (*id, self.nodes.get(id).copied().unwrap_or(Owed::Whole))).collect();
        self.order.retain(|id| nodes.contains_key(id));
        let entering = ids.iter().filter(|id| !self.nodes.contains_key(id));
        self.order.extend(entering);
        self.nodes = nodes;
    }

    /// Everything comes whole again.
    pub(super) fn begin_anew(&mut self) {
        self.order = self.nodes.keys().copied().collect();
        for owed in self.nodes.values_mut() {
            *owed = Owed::Whole;
        }
    }

    /// Owes the figures of those that changed.
    fn mark(&mut self, changed: &HashSet<NodeId>) {
        let mut owe = |id: &NodeId, owed: &mut Owed| {
            if *owed == Owed::Nothing {
                *owed = Owed::Figures;
                self.order.push_back(*id);
            }
        };
        if changed.len() < self.nodes.len() {
            for id in changed {
                if let Some(owed) = self.nodes.get_mut(id) {
                    owe(id, owed);
                }
            }
        } else {
            self.nodes.iter_mut().filter(|(id, _)| changed.contains(id)).for_each(|(id, owed)| owe(id, owed));
        }
    }

    /// The next nodes to send, and whether whole.
    pub(super) fn take(&mut self) -> Vec<(NodeId, bool)> {
        let count = self.order.len().min(BATCH);
        let batch = self.order.drain(..count);
        batch
            .filter_map(|id| {
                let owed = std::mem::replace(self.nodes.get_mut(&id)?, Owed::Nothing);
                Some((id, owed == Owed::Whole))
            })
            .collect()
    }

    /// Whether something is owed.
    pub(super) fn is_owed(&self) -> bool {
        !self.order.is_empty()
    }
}

/// What all windows share.
#[derive(Default)]
pub(super) struct Windows {
    /// What changed since the connections of each turn were last told.
    turns: Mutex<Turns>,
    rendered: Mutex<Rendered>,
}

#[derive(Default)]
struct Turns {
    changed: [HashSet<NodeId>; TURNS],
    next: usize,
}

/// Figures rendered in this round.
#[derive(Default)]
struct Rendered {
    round: u64,
    figures: HashMap<NodeId, Bytes>,
}

impl Windows {
    /// A new round: what was rendered may be older than what is published from here on.
    pub(super) fn begin_round(&self) {
        let mut rendered = self.rendered.lock();
        rendered.round += 1;
        rendered.figures.clear();
    }
}

impl Hub {
    /// Sets the window of an open stream of this session; its nodes come whole at once.
    ///
    /// # Errors
    /// Where the stream is not open (here), is somebody else's, or does not follow topic `nodes`.
    pub fn set_window(&self, stream: StreamId, owner: Uuid, ids: &[NodeId]) -> Result<(), NoWindow> {
        let mut wakes = Wakes::default();
        {
            let mut core = self.core.lock();
            let reader = core.readers.get(&stream).filter(|r| r.owner.is_some_and(|o| o.id == owner));
            let reader = Arc::clone(reader.ok_or(NoWindow::NoStream)?);
            if !reader.topics.contains(&Topic::Nodes) {
                return Err(NoWindow::NotFollowed);
            }
            if let Some(waker) = reader.set_window(ids, self.now()) {
                wakes.add(waker, reader.lane.as_ref());
            }
            if ids.is_empty() {
                core.windowed.remove(&stream);
            } else {
                core.windowed.insert(stream, reader);
            }
        }
        wakes.wake();
        Ok(())
    }

    /// Whether anybody has a window.
    pub fn has_windows(&self) -> bool {
        !self.core.lock().windowed.is_empty()
    }

    /// Notes whose figures changed and tells the connections whose turn it is. Call it once a round, after everything
    /// of the round was published; `change` is the newest change that was.
    pub fn tell_windows(&self, changed: &[NodeId], change: i64, now: Mono) {
        self.advance(now);
        self.told.store(change, Ordering::Release);
        let (told, turn) = {
            let mut turns = self.windows.turns.lock();
            let turn = turns.next;
            turns.next = (turn + 1) % TURNS;
            for set in &mut turns.changed {
                set.extend(changed);
            }
            (turns.changed.get_mut(turn).map(std::mem::take).unwrap_or_default(), turn)
        };
        if told.is_empty() {
            return;
        }
        // Marking is the costly part and stays outside the hub's lock.
        let readers: Vec<Arc<Reader>> =
            self.core.lock().windowed.values().filter(|r| turn_of(r.id) == turn).cloned().collect();
        let mut wakes = Wakes::default();
        for reader in readers {
            if let Some(waker) = reader.with_window(now, |window| window.mark(&told)) {
                wakes.add(waker, reader.lane.as_ref());
            }
        }
        wakes.wake();
    }

    /// The newest change that everything published so far contains.
    pub(super) fn told(&self) -> i64 {
        self.told.load(Ordering::Acquire)
    }

    /// A delta of these nodes as they are now, for one connection: without an id, so that its position stays.
    pub(super) fn window_frame(
        &self,
        batch: &[(NodeId, bool)],
        change: i64,
        source: &dyn Snapshots,
    ) -> Bytes {
        let (round, mut parts) = {
            let rendered = self.windows.rendered.lock();
            let known =
                |(id, whole): &(NodeId, bool)| (!whole).then(|| rendered.figures.get(id).cloned()).flatten();
            (rendered.round, batch.iter().map(known).collect::<Vec<Option<Bytes>>>())
        };
        let mut new = Vec::new();
        for ((id, whole), part) in batch.iter().zip(&mut parts) {
            if part.is_none() {
                let bytes = Bytes::from(frame::change(&source.node_change(*id, *whole)));
                if !whole {
                    new.push((*id, bytes.clone()));
                }
                *part = Some(bytes);
            }
        }
        if !new.is_empty() {
            let mut rendered = self.windows.rendered.lock();
            // In a newer round it may be too old for the others.
            if rendered.round == round {
                rendered.figures.extend(new);
            }
        }
        let event =
            LiveEvent::Delta { topic: Topic::Nodes, as_of: source.now(), change, changes: Vec::new() };
        frame::delta_of(&event, parts.iter().flatten())
    }
}

/// The turn of a connection: by the random part of its id.
fn turn_of(id: StreamId) -> usize {
    usize::from(id.0.as_bytes().last().copied().unwrap_or(0)) % TURNS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(range: std::ops::Range<u128>) -> Vec<NodeId> {
        range.map(|n| NodeId(Uuid::from_u128(n))).collect()
    }

    #[test]
    fn those_that_enter_come_whole_and_those_that_stay_only_when_they_change() {
        let mut w = Window::default();
        w.replace(&ids(0..3));
        assert_eq!(w.take(), ids(0..3).into_iter().map(|id| (id, true)).collect::<Vec<_>>());
        assert!(!w.is_owed());
        w.mark(&ids(1..9).into_iter().collect());
        w.replace(&ids(2..4));
        // 1 left with what was owed of it, 2 stays owed, 3 enters.
        assert_eq!(w.take(), [(ids(2..3)[0], false), (ids(3..4)[0], true)]);
        w.mark(&ids(0..2).into_iter().collect());
        assert!(!w.is_owed(), "{:?}", w.order);
        w.replace(&[]);
        assert!(w.nodes.is_empty() && !w.is_owed());
    }

    #[test]
    fn what_is_owed_is_bounded_by_the_window() {
        let mut w = Window::default();
        w.replace(&ids(0..400));
        let changed: HashSet<_> = ids(0..10_000).into_iter().collect();
        for _ in 0..50 {
            w.mark(&changed);
        }
        assert_eq!(w.order.len(), 400);
        assert!((0..4).all(|_| w.take().len() == BATCH) && w.take().is_empty());
        w.begin_anew();
        assert!(w.take().iter().all(|(_, whole)| *whole));
    }
}
