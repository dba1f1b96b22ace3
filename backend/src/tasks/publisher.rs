//! Turns what changed into deltas, four times a second, each rendered once per topic.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use common::capacity::Capacity;
use common::ids::{NodeId, RegionId};
use common::intent::Platform;
use common::node::Node;
use common::overview::{Attention, OpenProblem, Overview, RegionSummary};
use common::singleton::Singletons;
use common::status::StatusWord;
use common::stream::{Change, LiveEvent, Topic};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::live::fleet::{Fleet, TICK_MS};
use crate::live::hub::Hub;
use crate::services::App;

const PERIOD: Duration = Duration::from_millis(250);
/// Up to this many nodes the topic `nodes` carries figures of all; beyond, status changes only.
const FIGURES_OF_ALL: usize = 400;

/// Publishes until told to stop.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut publisher = Publisher::default();
    let mut last_tick = app.clock.mono();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let now = app.clock.mono();
        let events = publisher.round(&app.fleet, &app.hub);
        app.hub.publish_all(&events, now);
        app.hub.tell_windows(&publisher.figures_of, publisher.change, now);
        if now.since(last_tick) >= TICK_MS {
            last_tick = now;
            app.hub.broadcast(&app.fleet.tick(), now);
            app.hub.reap(now);
        }
    }
}

/// What was published last, so that only differences go out.
#[derive(Default)]
struct Publisher {
    /// The newest change told.
    change: i64,
    cluster: Option<Capacity>,
    regions: BTreeMap<RegionId, RegionSummary>,
    problems: Vec<OpenProblem>,
    attention: Attention,
    singletons: Singletons,
    platform: Platform,
    words: HashMap<NodeId, StatusWord>,
    /// Nodes whose figures changed in this round and were not told to everybody, where anybody has a window.
    figures_of: Vec<NodeId>,
}

impl Publisher {
    /// The deltas of this round.
    ///
    /// What changed is taken and settled before the hub is asked who listens: somebody who subscribes in between finds
    /// it in the snapshot, somebody before gets the delta. The other way round it could be in neither.
    fn round(&mut self, fleet: &Fleet, hub: &Hub) -> Vec<(Topic, LiveEvent)> {
        // The change first: it must not promise more than what is read after it holds.
        let change = fleet.change();
        let dirty = fleet.take_dirty();
        let registered: Vec<Node> =
            dirty.registered.into_iter().filter_map(|id| fleet.node(id)).map(|n| n.node()).collect();
        let words: Vec<StatusWord> = dirty.nodes.iter().map(|n| n.settle()).collect();
        // Looked at after settling: what is deleted by now is told of as deleted, and of nothing else.
        let gone: Vec<bool> = dirty.nodes.iter().map(|n| n.is_gone()).collect();
        let runs = fleet.board.take_runs();
        let overview = fleet.overview();
        let wanted: HashSet<Topic> = hub.wanted().into_iter().collect();

        let mut changes: BTreeMap<Topic, Vec<Change>> = BTreeMap::new();
        for (id, region) in dirty.removed {
            self.words.remove(&id);
            for topic in [Topic::Nodes, Topic::Node(id)].into_iter().chain(region.map(Topic::Region)) {
                push(&mut changes, &wanted, topic, || Change::NodeRemoved { id });
            }
        }
        for node in registered {
            let topics =
                [Some(Topic::Nodes), node.region_id.clone().map(Topic::Region), Some(Topic::Node(node.id()))];
            for topic in topics.into_iter().flatten() {
                push(&mut changes, &wanted, topic, || Change::Node { node: node.clone() });
            }
        }
        let small = fleet.node_count() <= FIGURES_OF_ALL;
        let windows = !small && hub.has_windows();
        self.figures_of.clear();
        for ((node, word), gone) in dirty.nodes.iter().zip(words).zip(gone) {
            if gone {
                continue;
            }
            let word_changed = self.words.insert(node.id, word) != Some(word);
            if windows && !word_changed {
                self.figures_of.push(node.id);
            }
            let topics = [
                (small || word_changed).then_some(Topic::Nodes),
                node.region_id().map(Topic::Region),
                Some(Topic::Node(node.id)),
            ];
            let mut heard = topics.into_iter().flatten().filter(|topic| wanted.contains(topic)).peekable();
            // Nothing of a node that nobody looks at is put together.
            if heard.peek().is_none() {
                continue;
            }
            let live = node.node_live();
            for topic in heard {
                changes.entry(topic).or_default().push(Change::NodeLive { live: live.clone() });
            }
        }
        for run in runs {
            if let Some(node) = run.node_id {
                push(&mut changes, &wanted, Topic::Node(node), || Change::Job { run });
            }
        }
        self.figures(fleet, overview, &wanted, &mut changes);
        for id in dirty.regions {
            let Some(region) = fleet.region(&id) else { continue };
            push(&mut changes, &wanted, Topic::Region(id), || Change::RegionDetail {
                region: fleet.region_detail(&region),
            });
        }
        if change > self.change {
            // Whoever waits for the number of a write of their own gets it on each topic: also where nothing of that
            // topic changed, and where what changed went out a moment before its number was known.
            self.change = change;
            for topic in &wanted {
                changes.entry(topic.clone()).or_default();
            }
        }
        let as_of = fleet.clock().wall();
        changes
            .into_iter()
            .map(|(topic, changes)| (topic.clone(), LiveEvent::Delta { topic, as_of, change, changes }))
            .collect()
    }

    /// Sums and problems that differ from what was published.
    fn figures(
        &mut self,
        fleet: &Fleet,
        overview: Overview,
        wanted: &HashSet<Topic>,
        changes: &mut BTreeMap<Topic, Vec<Change>>,
    ) {
        if self.cluster.as_ref() != Some(&overview.cluster) {
            push(changes, wanted, Topic::Summary, || Change::Cluster { capacity: overview.cluster.clone() });
            self.cluster = Some(overview.cluster);
        }
        let gone: Vec<RegionId> = self
            .regions
            .keys()
            .filter(|id| !overview.regions.iter().any(|r| r.id == **id))
            .cloned()
            .collect();
        for id in gone {
            self.regions.remove(&id);
            for topic in [Topic::Summary, Topic::Region(id.clone())] {
                push(changes, wanted, topic, || Change::RegionRemoved { id: id.clone() });
            }
        }
        for region in overview.regions {
            if self.regions.get(&region.id) == Some(&region) {
                continue;
            }
            push(changes, wanted, Topic::Summary, || Change::Region { region: region.clone() });
            if let Some(entry) = fleet.region(&region.id) {
                let topic = Topic::Region(region.id.clone());
                push(changes, wanted, topic, || Change::RegionDetail { region: fleet.region_detail(&entry) });
            }
            self.regions.insert(region.id.clone(), region);
        }
        if self.singletons != overview.singletons {
            self.singletons = overview.singletons;
            let singletons = self.singletons.clone();
            push(changes, wanted, Topic::Summary, || Change::Singletons { singletons });
        }
        if self.platform != overview.platform {
            self.platform = overview.platform;
            let platform = self.platform.clone();
            push(changes, wanted, Topic::Summary, || Change::Platform { platform });
        }
        if self.problems != overview.problems || self.attention != overview.attention {
            push(changes, wanted, Topic::Summary, || Change::Problems {
                problems: overview.problems.clone(),
                attention: overview.attention.clone(),
            });
            self.problems = overview.problems;
            self.attention = overview.attention;
        }
    }
}

fn push(
    changes: &mut BTreeMap<Topic, Vec<Change>>,
    wanted: &HashSet<Topic>,
    topic: Topic,
    change: impl FnOnce() -> Change,
) {
    if wanted.contains(&topic) {
        changes.entry(topic).or_default().push(change());
    }
}
