//! What the page knows of the cluster, and how events of the stream change it. Pure; tested on the host.
//!
//! A snapshot replaces what was known of its topic, a delta patches it. [`apply`] names what it touched, so that
//! only those parts of the screen are asked to render again.
//!
//! Only nodes are many. The rest are short lists, searched from the front: a map of each type would be more code in the
//! bundle than it saves time.

use std::collections::HashMap;

use common::activity::Activity;
use common::ids::{NodeId, RegionId};
use common::node::Node;
use common::overview::{Collecting, Overview};
use common::region::Region;
use common::stream::{Change, LiveEvent, SnapshotData, Topic};

/// The nodes of a topic that lists nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeList {
    /// Their ids, in order.
    pub ids: Vec<NodeId>,
    /// The server has more than it sent.
    pub truncated: bool,
}

/// How many new entries of the activity log are kept; a screen that shows them says how many came.
const NEWS_MAX: usize = 200;

/// Everything the page knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Live {
    /// The dashboard's figures; `None` before the first snapshot.
    pub overview: Option<Overview>,
    /// Present while the control plane cannot judge silence.
    pub collecting: Option<Collecting>,
    /// Nodes of all topics that are followed.
    pub nodes: HashMap<NodeId, Node>,
    /// Regions in full, of topics `region:ID`.
    pub regions: Vec<Region>,
    /// Which nodes belong to which topic.
    pub lists: Vec<(Topic, NodeList)>,
    /// Entries of the activity log since its topic is followed, newest first.
    pub news: Vec<Activity>,
    /// Topics whose object does not exist (any more).
    pub gone: Vec<Topic>,
}

impl NodeList {
    fn has(&self, id: NodeId) -> bool {
        self.ids.binary_search(&id).is_ok()
    }
}

impl Live {
    /// The nodes of a topic; `None` before its snapshot.
    pub fn list(&self, topic: &Topic) -> Option<&NodeList> {
        self.lists.iter().find(|(t, _)| t == topic).map(|(_, list)| list)
    }

    /// A region in full.
    pub fn region(&self, id: &RegionId) -> Option<&Region> {
        self.regions.iter().find(|r| r.id == *id)
    }

    fn put_list(&mut self, topic: Topic, list: NodeList) -> NodeList {
        match self.lists.iter_mut().find(|(t, _)| *t == topic) {
            Some((_, old)) => std::mem::replace(old, list),
            None => {
                self.lists.push((topic, list));
                NodeList::default()
            }
        }
    }

    fn put_region(&mut self, region: Region) {
        match self.regions.iter_mut().find(|r| r.id == region.id) {
            Some(old) => *old = region,
            None => self.regions.push(region),
        }
    }
}

/// A part of [`Live`] that the screen follows on its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// The cluster's figures and the time they were made.
    Cluster,
    /// Which regions there are.
    Regions,
    /// A region's figures on the dashboard.
    Summary(RegionId),
    /// The open problems.
    Problems,
    /// Whether silence can be judged.
    Collecting,
    /// A region in full.
    Region(RegionId),
    /// A node.
    Node(NodeId),
    /// New entries of the activity log.
    News,
    /// Which nodes a topic has, and whether it exists at all.
    List(Topic),
}

/// Applies an event and names the parts it touched.
pub fn apply(live: &mut Live, event: LiveEvent) -> Vec<Part> {
    let mut touched = Vec::new();
    match event {
        LiveEvent::Snapshot { topic, data, .. } => snapshot(live, topic, data, &mut touched),
        LiveEvent::Delta { topic, as_of, change: number, changes } => {
            if let (Topic::Summary, Some(overview)) = (&topic, live.overview.as_mut()) {
                overview.as_of = as_of;
                overview.change = number;
            }
            for change in changes {
                patch(live, &topic, change, &mut touched);
            }
        }
        LiveEvent::Tick { collecting, .. } => {
            if live.collecting != collecting {
                live.collecting = collecting;
                touched.push(Part::Collecting);
            }
        }
        // Snapshots follow a reset; until then what is on the screen is the best there is.
        LiveEvent::Hello { .. } | LiveEvent::Reset { .. } | LiveEvent::Bye { .. } => {}
    }
    touched
}

fn snapshot(live: &mut Live, topic: Topic, data: SnapshotData, touched: &mut Vec<Part>) {
    touched.push(Part::List(topic.clone()));
    live.gone.retain(|t| *t != topic);
    match data {
        SnapshotData::Summary { overview } => {
            let old = live.overview.iter().flat_map(|o| &o.regions);
            touched.extend(old.chain(&overview.regions).map(|r| Part::Summary(r.id.clone())));
            touched.extend([Part::Cluster, Part::Regions, Part::Problems, Part::Collecting]);
            live.collecting = overview.collecting.clone();
            live.overview = Some(overview);
        }
        SnapshotData::Nodes { region, nodes, truncated } => {
            if let Some(region) = region {
                touched.push(Part::Region(region.id.clone()));
                live.put_region(region);
            }
            let mut ids: Vec<NodeId> = Vec::with_capacity(nodes.len());
            for id in nodes.iter().map(Node::id) {
                // They come in order, so each goes to the end.
                if let Err(place) = ids.binary_search(&id) {
                    ids.insert(place, id);
                }
            }
            let before = live.put_list(topic, NodeList { ids, truncated });
            touched.extend(nodes.iter().map(|n| Part::Node(n.id())));
            live.nodes.extend(nodes.into_iter().map(|n| (n.id(), n)));
            forget(live, before.ids, touched);
        }
        SnapshotData::Node { node } => {
            touched.push(Part::Node(node.id()));
            live.put_list(topic, NodeList { ids: vec![node.id()], truncated: false });
            live.nodes.insert(node.id(), node);
        }
        // Entries come as deltas, to the screen that shows them.
        SnapshotData::Activity => {}
        SnapshotData::Gone => vanish(live, topic, touched),
    }
}

fn patch(live: &mut Live, topic: &Topic, change: Change, touched: &mut Vec<Part>) {
    match change {
        Change::Cluster { capacity } => {
            if let Some(overview) = &mut live.overview {
                overview.cluster = capacity;
                touched.push(Part::Cluster);
            }
        }
        Change::Region { region } => {
            let Some(overview) = &mut live.overview else { return };
            touched.push(Part::Summary(region.id.clone()));
            match overview.regions.iter_mut().find(|r| r.id == region.id) {
                Some(old) => *old = region,
                None => {
                    let place = overview.regions.partition_point(|r| r.id < region.id);
                    overview.regions.insert(place, region);
                    touched.push(Part::Regions);
                }
            }
        }
        Change::RegionDetail { region } => {
            touched.push(Part::Region(region.id.clone()));
            live.put_region(region);
        }
        Change::Node { node } => {
            let id = node.id();
            touched.push(Part::Node(id));
            live.nodes.insert(id, node);
            // Without a snapshot the topic is not known yet, and its snapshot will have the node.
            if let Some((_, list)) = live.lists.iter_mut().find(|(t, _)| t == topic)
                && let Err(place) = list.ids.binary_search(&id)
            {
                list.ids.insert(place, id);
                touched.push(Part::List(topic.clone()));
            }
        }
        Change::NodeLive { live: part } => {
            // A node that this page does not hold: beyond the 1,000 of a snapshot, or removed just now.
            if let Some(node) = live.nodes.get_mut(&part.id) {
                touched.push(Part::Node(part.id));
                node.live = part;
            }
        }
        Change::NodeRemoved { id } => {
            for (topic, list) in &mut live.lists {
                if let Ok(place) = list.ids.binary_search(&id) {
                    list.ids.remove(place);
                    touched.push(Part::List(topic.clone()));
                }
            }
            live.gone.push(Topic::Node(id));
            touched.push(Part::List(Topic::Node(id)));
            forget(live, [id], touched);
        }
        Change::RegionRemoved { id } => {
            if let Some(overview) = &mut live.overview {
                overview.regions.retain(|r| r.id != id);
                touched.extend([Part::Regions, Part::Summary(id.clone())]);
            }
            vanish(live, Topic::Region(id), touched);
        }
        Change::Activity { entry } => {
            // The same one may come twice.
            if live.news.iter().all(|e| e.id != entry.id) {
                live.news.insert(0, entry);
                live.news.truncate(NEWS_MAX);
                touched.push(Part::News);
            }
        }
        Change::Singletons { singletons } => {
            if let Some(overview) = &mut live.overview {
                overview.singletons = singletons;
                touched.push(Part::Cluster);
            }
        }
        Change::Platform { platform } => {
            if let Some(overview) = &mut live.overview {
                overview.platform = platform;
                touched.push(Part::Cluster);
            }
        }
        Change::Job { run } => touched.extend(run.node_id.map(Part::Node)),
        Change::Problems { problems, attention } => {
            if let Some(overview) = &mut live.overview {
                overview.problems = problems;
                overview.attention = attention;
                touched.push(Part::Problems);
            }
        }
    }
}

/// The object of a topic does not exist any more.
fn vanish(live: &mut Live, topic: Topic, touched: &mut Vec<Part>) {
    unfollow(live, &topic, touched);
    touched.push(Part::List(topic.clone()));
    live.gone.push(topic);
}

/// Drops what only this topic brought.
pub fn unfollow(live: &mut Live, topic: &Topic, touched: &mut Vec<Part>) {
    if let Topic::Region(id) = topic {
        live.regions.retain(|r| r.id != *id);
        touched.push(Part::Region(id.clone()));
    }
    if *topic == Topic::Activity {
        live.news.clear();
        touched.push(Part::News);
    }
    live.gone.retain(|t| t != topic);
    if let Some(place) = live.lists.iter().position(|(t, _)| t == topic) {
        let (_, list) = live.lists.swap_remove(place);
        forget(live, list.ids, touched);
    }
}

/// Drops nodes that no topic lists any more.
fn forget(live: &mut Live, ids: impl IntoIterator<Item = NodeId>, touched: &mut Vec<Part>) {
    for id in ids {
        if !live.lists.iter().any(|(_, list)| list.has(id)) && live.nodes.remove(&id).is_some() {
            touched.push(Part::Node(id));
        }
    }
}

#[cfg(test)]
#[path = "reduce_tests.rs"]
mod tests;
