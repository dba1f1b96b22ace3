//! Lists and snapshots.

use std::ops::Bound;

use common::ids::{NodeId, RegionId, StreamId};
use common::node::Node;
use common::region::Region;
use common::stream::{Change, LiveEvent, SnapshotData, Topic};
use common::time::Timestamp;

use super::{Fleet, NodeFilter};
use crate::live::hub::Snapshots;

/// How often a `tick` comes, in milliseconds.
pub const TICK_MS: u64 = 2_000;
/// Longest list in a snapshot.
const SNAPSHOT_NODES: usize = 1_000;

impl Fleet {
    /// Regions after `after`, by id, at most `limit`, and whether more follow.
    pub fn region_page(&self, after: Option<&RegionId>, limit: usize) -> (Vec<Region>, bool) {
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(id.clone()));
        let index = self.index.read();
        let mut entries: Vec<_> =
            index.regions.range((start, Bound::Unbounded)).map(|(_, r)| r.clone()).take(limit + 1).collect();
        drop(index);
        let more = entries.len() > limit;
        entries.truncate(limit);
        (entries.iter().map(|r| self.region_detail(r)).collect(), more)
    }

    /// Nodes after `after`, by id, at most `limit`, and whether more follow.
    pub fn node_page(&self, filter: &NodeFilter, after: Option<NodeId>, limit: usize) -> (Vec<Node>, bool) {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let index = self.index.read();
        let mut entries: Vec<_> = index
            .nodes
            .range((start, Bound::Unbounded))
            .map(|(_, n)| n)
            .filter(|n| filter.matches(n))
            .take(limit + 1)
            .cloned()
            .collect();
        drop(index);
        let more = entries.len() > limit;
        entries.truncate(limit);
        (entries.iter().map(|n| n.node()).collect(), more)
    }

    fn snapshot_data(&self, topic: &Topic) -> SnapshotData {
        match topic {
            Topic::Summary => SnapshotData::Summary { overview: self.overview() },
            Topic::Nodes => {
                let (mut nodes, truncated) = self.node_page(&NodeFilter::default(), None, SNAPSHOT_NODES);
                if truncated {
                    // Whichever they were, they would not be the ones somebody looks at.
                    nodes = Vec::new();
                }
                SnapshotData::Nodes { region: None, nodes, truncated }
            }
            Topic::Region(id) => match self.region(id) {
                None => SnapshotData::Gone,
                Some(region) => {
                    let filter = NodeFilter { regions: vec![id.clone()], ..NodeFilter::default() };
                    let (nodes, truncated) = self.node_page(&filter, None, SNAPSHOT_NODES);
                    SnapshotData::Nodes { region: Some(self.region_detail(&region)), nodes, truncated }
                }
            },
            Topic::Activity => SnapshotData::Activity,
            Topic::Node(id) => {
                self.node(*id).map_or(SnapshotData::Gone, |n| SnapshotData::Node { node: n.node() })
            }
        }
    }

    /// The `tick` event of now.
    pub fn tick(&self) -> LiveEvent {
        LiveEvent::Tick { server_time: self.clock.wall(), collecting: self.collecting() }
    }
}

impl Snapshots for Fleet {
    fn snapshot(&self, topic: &Topic) -> LiveEvent {
        // The change is read before the data, so that it never promises more than the data holds.
        let change = self.change();
        let data = self.snapshot_data(topic);
        LiveEvent::Snapshot { topic: topic.clone(), as_of: self.clock.wall(), change, data }
    }

    fn node_change(&self, id: NodeId, whole: bool) -> Change {
        match self.node(id).filter(|n| !n.is_gone()) {
            None => Change::NodeRemoved { id },
            Some(n) if whole => Change::Node { node: n.node() },
            Some(n) => Change::NodeLive { live: n.node_live() },
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.wall()
    }

    fn hello(&self, stream_id: StreamId, resumed: bool) -> LiveEvent {
        LiveEvent::Hello {
            stream_id,
            server_time: self.clock.wall(),
            tick_ms: TICK_MS,
            timers: self.timers(),
            version: self.version.to_owned(),
            resumed,
        }
    }
}
