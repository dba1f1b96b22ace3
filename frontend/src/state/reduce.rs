//! What the page knows of the cluster, and how events of the stream change it. Pure; tested on the host.
//!
//! A snapshot replaces what was known of its topic, a delta patches it. [`apply`] names what it touched, so that
//! only those parts of the screen are asked to render again.

use std::collections::{BTreeMap, BTreeSet};

use common::ids::{NodeId, RegionId};
use common::node::Node;
use common::overview::{Collecting, Overview};
use common::region::Region;
use common::stream::{Change, LiveEvent, SnapshotData, Topic};

/// The nodes of a topic that lists nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeList {
    /// Their ids.
    pub ids: BTreeSet<NodeId>,
    /// The server has more than it sent.
    pub truncated: bool,
}

/// Everything the page knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Live {
    /// The dashboard's figures; `None` before the first snapshot.
    pub overview: Option<Overview>,
    /// Present while the control plane cannot judge silence.
    pub collecting: Option<Collecting>,
    /// Nodes of all topics that are followed.
    pub nodes: BTreeMap<NodeId, Node>,
    /// Regions in full, of topics `region:ID`.
    pub regions: BTreeMap<RegionId, Region>,
    /// Which nodes belong to which topic.
    pub lists: BTreeMap<Topic, NodeList>,
    /// Topics whose object does not exist (any more).
    pub gone: BTreeSet<Topic>,
}

/// A part of [`Live`] that the screen follows on its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
    live.gone.remove(&topic);
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
                live.regions.insert(region.id.clone(), region);
            }
            let ids = nodes.iter().map(Node::id).collect();
            let before = live.lists.insert(topic, NodeList { ids, truncated }).unwrap_or_default();
            touched.extend(nodes.iter().map(|n| Part::Node(n.id())));
            live.nodes.extend(nodes.into_iter().map(|n| (n.id(), n)));
            forget(live, before.ids, touched);
        }
        SnapshotData::Node { node } => {
            touched.push(Part::Node(node.id()));
            live.lists.insert(topic, NodeList { ids: [node.id()].into(), truncated: false });
            live.nodes.insert(node.id(), node);
        }
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
                    overview.regions.push(region);
                    overview.regions.sort_by(|a, b| a.id.cmp(&b.id));
                    touched.push(Part::Regions);
                }
            }
        }
        Change::RegionDetail { region } => {
            touched.push(Part::Region(region.id.clone()));
            live.regions.insert(region.id.clone(), region);
        }
        Change::Node { node } => {
            let id = node.id();
            touched.push(Part::Node(id));
            live.nodes.insert(id, node);
            if live.lists.entry(topic.clone()).or_default().ids.insert(id) {
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
                if list.ids.remove(&id) {
                    touched.push(Part::List(topic.clone()));
                }
            }
            live.gone.insert(Topic::Node(id));
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
        Change::Problems { problems } => {
            if let Some(overview) = &mut live.overview {
                overview.problems = problems;
                touched.push(Part::Problems);
            }
        }
    }
}

/// The object of a topic does not exist any more.
fn vanish(live: &mut Live, topic: Topic, touched: &mut Vec<Part>) {
    unfollow(live, &topic, touched);
    touched.push(Part::List(topic.clone()));
    live.gone.insert(topic);
}

/// Drops what only this topic brought.
pub fn unfollow(live: &mut Live, topic: &Topic, touched: &mut Vec<Part>) {
    if let Topic::Region(id) = topic {
        live.regions.remove(id);
        touched.push(Part::Region(id.clone()));
    }
    live.gone.remove(topic);
    let ids = live.lists.remove(topic).unwrap_or_default().ids;
    forget(live, ids, touched);
}

/// Drops nodes that no topic lists any more.
fn forget(live: &mut Live, ids: impl IntoIterator<Item = NodeId>, touched: &mut Vec<Part>) {
    for id in ids {
        if !live.lists.values().any(|list| list.ids.contains(&id)) && live.nodes.remove(&id).is_some() {
            touched.push(Part::Node(id));
        }
    }
}

#[cfg(test)]
#[path = "reduce_tests.rs"]
mod tests;
