//! What has arrived and is not on the screen yet. Pure.
//!
//! Frames wait here for the next animation frame, for the end of the second, or for the end of a pause. Of each thing
//! the newest alone is kept, so that what waits cannot grow beyond what there is; a snapshot ends all before it.

use std::collections::HashMap;

use common::ids::{NodeId, RegionId};
use common::stream::{Change, LiveEvent, SnapshotData, Topic};
use common::time::Timestamp;

/// More than this is not kept: a fresh snapshot is less work than so many changes.
const KEPT_MAX: usize = 20_000;
/// So many changes are applied in one animation frame; the rest in the next.
pub const SLICE: usize = 400;

/// What a change replaces: the change before it of the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Cluster,
    Problems,
    Singletons,
    Platform,
    Region(RegionId),
    RegionDetail(RegionId),
    Node(NodeId),
    NodeLive(NodeId),
}

/// What a change is about; `None` where each one counts.
fn key(change: &Change) -> Option<Key> {
    Some(match change {
        Change::Cluster { .. } => Key::Cluster,
        Change::Problems { .. } => Key::Problems,
        Change::Singletons { .. } => Key::Singletons,
        Change::Platform { .. } => Key::Platform,
        Change::Region { region } => Key::Region(region.id.clone()),
        Change::RegionRemoved { id } => Key::Region(id.clone()),
        Change::RegionDetail { region } => Key::RegionDetail(region.id.clone()),
        Change::Node { node } => Key::Node(node.id()),
        Change::NodeRemoved { id } => Key::Node(*id),
        Change::NodeLive { live } => Key::NodeLive(live.id),
        Change::Job { .. } | Change::Activity { .. } => return None,
    })
}

/// A change that waits; `urgent` ones do not wait for the second.
#[derive(Debug)]
struct Waiting {
    change: Change,
    urgent: bool,
}

#[derive(Debug)]
struct Lane {
    topic: Topic,
    snapshot: Option<LiveEvent>,
    as_of: Timestamp,
    number: i64,
    changes: Vec<Option<Waiting>>,
    places: HashMap<Key, usize>,
    /// How many places of `changes` are empty.
    holes: usize,
}

/// The queue.
#[derive(Debug, Default)]
pub struct Queue {
    tick: Option<LiveEvent>,
    lanes: Vec<Lane>,
    /// Changes since [`Queue::take_all`], those that were replaced too.
    arrived: usize,
    kept: usize,
    overflow: bool,
}

impl Queue {
    /// Keeps an event. `urgent` says of a change whether it may not wait for the second.
    pub fn push(&mut self, event: LiveEvent, urgent: impl Fn(&Change) -> bool) {
        match event {
            LiveEvent::Tick { .. } => self.tick = Some(event),
            LiveEvent::Snapshot { ref topic, as_of, change, .. } => {
                self.arrived = self.arrived.saturating_add(1);
                let lane = self.lane(topic.clone());
                let dropped = lane.changes.iter().flatten().count();
                lane.changes.clear();
                lane.tidy();
                (lane.as_of, lane.number) = (as_of, change);
                lane.snapshot = Some(event);
                self.kept = self.kept.saturating_sub(dropped);
            }
            LiveEvent::Delta { topic, as_of, change: number, changes } => {
                self.arrived = self.arrived.saturating_add(changes.len());
                let (more, mut less) = (changes.len(), 0_usize);
                let lane = self.lane(topic);
                (lane.as_of, lane.number) = (as_of, number);
                for change in changes {
                    let urgent = urgent(&change);
                    let key = key(&change);
                    let mut was_urgent = false;
                    if let Some(key) = &key {
                        // The newer one goes to the end: what came between may be about the same thing.
                        let before = lane.places.get(key).and_then(|at| lane.changes.get(*at));
                        was_urgent = before.and_then(Option::as_ref).is_some_and(|w| w.urgent);
                        less += usize::from(lane.forget(key));
                        // A whole node holds its figures, and one that is gone has none.
                        if let Key::Node(id) = key {
                            less += usize::from(lane.forget(&Key::NodeLive(*id)));
                        }
                        lane.places.insert(key.clone(), lane.changes.len());
                    }
                    lane.changes.push(Some(Waiting { change, urgent: urgent || was_urgent }));
                }
                // Places of what was replaced are given back before they are most of the list.
                if lane.holes > 64 && lane.holes > lane.changes.len() / 2 {
                    lane.tidy();
                }
                self.kept = self.kept.saturating_add(more).saturating_sub(less);
                if self.kept > KEPT_MAX {
                    self.lanes.clear();
                    (self.kept, self.overflow) = (0, true);
                }
            }
            LiveEvent::Hello { .. } | LiveEvent::Reset { .. } | LiveEvent::Bye { .. } => {}
        }
    }

    /// How many changes have arrived since [`Queue::take_all`].
    pub fn arrived(&self) -> usize {
        self.arrived
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.kept == 0 && self.tick.is_none() && self.lanes.iter().all(|lane| lane.snapshot.is_none())
    }

    /// Whether something waits that may not wait for the second.
    pub fn is_urgent(&self) -> bool {
        self.tick.is_some()
            || self
                .lanes
                .iter()
                .any(|lane| lane.snapshot.is_some() || lane.changes.iter().flatten().any(|w| w.urgent))
    }

    /// Whether more came than is kept: what there is has to be asked for anew. Says so once.
    pub fn take_overflow(&mut self) -> bool {
        std::mem::take(&mut self.overflow)
    }

    /// Everything, in order.
    pub fn take_all(&mut self) -> Vec<LiveEvent> {
        self.arrived = 0;
        self.take(|_| true, usize::MAX)
    }

    /// What may be applied now, at most [`SLICE`] changes: all of it, or only what is urgent.
    pub fn take_some(&mut self, all: bool) -> Vec<LiveEvent> {
        self.arrived = 0;
        self.take(|waiting| all || waiting.urgent, SLICE)
    }

    /// Forgets what waits of a topic.
    pub fn forget(&mut self, topic: &Topic) {
        let gone = self.lanes.iter().position(|lane| lane.topic == *topic);
        if let Some(lane) = gone.map(|place| self.lanes.swap_remove(place)) {
            self.kept = self.kept.saturating_sub(lane.changes.iter().flatten().count());
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn take(&mut self, which: impl Fn(&Waiting) -> bool, most: usize) -> Vec<LiveEvent> {
        let mut events = Vec::new();
        let mut left = most;
        for lane in &mut self.lanes {
            events.extend(lane.snapshot.take());
            let mut changes = Vec::new();
            for place in &mut lane.changes {
                if left > 0
                    && let Some(waiting) = place.take_if(|waiting| which(waiting))
                {
                    left -= 1;
                    changes.push(waiting.change);
                }
            }
            if !changes.is_empty() {
                self.kept = self.kept.saturating_sub(changes.len());
                lane.tidy();
                let (topic, as_of, change) = (lane.topic.clone(), lane.as_of, lane.number);
                events.push(LiveEvent::Delta { topic, as_of, change, changes });
            }
        }
        events.extend(self.tick.take());
        events
    }

    fn lane(&mut self, topic: Topic) -> &mut Lane {
        let place = self.lanes.iter().position(|lane| lane.topic == topic).unwrap_or_else(|| {
            self.lanes.push(Lane::new(topic));
            self.lanes.len().saturating_sub(1)
        });
        #[expect(clippy::indexing_slicing, reason = "the place was found or made one line above")]
        &mut self.lanes[place]
    }
}

impl Lane {
    fn new(topic: Topic) -> Self {
        let (snapshot, changes, places) = (None, Vec::new(), HashMap::new());
        Self { topic, snapshot, as_of: Timestamp(0), number: 0, changes, places, holes: 0 }
    }

    fn forget(&mut self, key: &Key) -> bool {
        let place = self.places.remove(key).and_then(|place| self.changes.get_mut(place));
        let found = place.and_then(Option::take).is_some();
        self.holes += usize::from(found);
        found
    }

    fn tidy(&mut self) {
        self.changes.retain(Option::is_some);
        self.places.clear();
        self.holes = 0;
        let keys = self.changes.iter().enumerate().filter_map(|(place, waiting)| {
            waiting.as_ref().and_then(|waiting| key(&waiting.change)).map(|key| (key, place))
        });
        self.places.extend(keys);
    }
}

/// The open problems an event tells, for a page whose figures stand still.
pub fn problems(event: &LiveEvent) -> Option<&[common::overview::OpenProblem]> {
    match event {
        LiveEvent::Snapshot { data: SnapshotData::Summary { overview }, .. } => Some(&overview.problems),
        LiveEvent::Delta { changes, .. } => changes.iter().rev().find_map(|change| match change {
            Change::Problems { problems, .. } => Some(problems.as_slice()),
            _ => None,
        }),
        _ => None,
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
