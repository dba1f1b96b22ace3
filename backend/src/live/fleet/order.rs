//! Which nodes a list holds and in which order, for lists too long for a browser.

use std::collections::HashMap;
use std::sync::Arc;

use common::node::NodeKind;
use common::node_order::{
    NodeColumn, NodeFacts, NodeOrder, NodeSort, ORDER_MAX, OrderKey, VersionCount, WordCount, both,
};
use common::status::{Liveness, StatusWord};

use super::entry::NodeEntry;
use super::{Fleet, NodeFilter};

/// Most versions told of.
const VERSIONS_MAX: usize = 50;

impl Fleet {
    /// The ids of all nodes that pass the filter, in order, and how many there are of what.
    pub fn node_order(&self, filter: &NodeFilter, sort: NodeSort) -> NodeOrder {
        // The change first: it must not promise more than what is read after it holds.
        let change = self.change();
        // Nobody who registers a node waits for a sort.
        let entries: Vec<Arc<NodeEntry>> = self.index.read().nodes.values().cloned().collect();
        let mut words: HashMap<StatusWord, u32> = HashMap::new();
        let mut versions: HashMap<String, u32> = HashMap::new();
        let mut keys = Vec::new();
        for entry in &entries {
            let Some(seen) = filter.look(entry) else { continue };
            if seen.version_wanted {
                *words.entry(seen.word).or_default() += 1;
            }
            if seen.word_wanted {
                count_version(&mut versions, entry);
            }
            if seen.word_wanted && seen.version_wanted {
                keys.push(entry.order_key(sort.column));
            }
        }
        keys.sort_unstable_by(|a, b| a.compare(b, sort));
        let total = keys.len();
        keys.truncate(ORDER_MAX);
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        NodeOrder {
            ids: keys.into_iter().map(|key| key.id).collect(),
            total: number(total),
            registered: number(entries.len()),
            as_of: self.clock.wall(),
            change,
            counts: StatusWord::ALL
                .into_iter()
                .filter_map(|word| words.get(&word).map(|count| WordCount { word, count: *count }))
                .collect(),
            versions: most_first(versions),
            truncated: total > ORDER_MAX,
        }
    }

    /// How many nodes pass the filter.
    pub fn node_total(&self, filter: &NodeFilter) -> u32 {
        let index = self.index.read();
        let passing = index.nodes.values().filter(|n| filter.matches(n)).count();
        u32::try_from(passing).unwrap_or(u32::MAX)
    }
}

fn count_version(versions: &mut HashMap<String, u32>, entry: &NodeEntry) {
    let live = entry.live.lock();
    let Some(version) = live.beat.as_deref().and_then(|b| b.version.as_deref()) else { return };
    match versions.get_mut(version) {
        Some(count) => *count += 1,
        None => drop(versions.insert(version.to_owned(), 1)),
    }
}

fn most_first(versions: HashMap<String, u32>) -> Vec<VersionCount> {
    let mut all: Vec<_> =
        versions.into_iter().map(|(version, count)| VersionCount { version, count }).collect();
    all.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.version.cmp(&b.version)));
    all.truncate(VERSIONS_MAX);
    all
}

impl NodeEntry {
    /// The node as an order sees it. The same facts as of a whole [`common::node::Node`], which is not made for it.
    fn order_key(&self, column: NodeColumn) -> OrderKey {
        let registered = self.registered.load();
        let r = &registered.record;
        let endpoint = r.endpoint.authority();
        let live = self.live.lock();
        let is_live = live.state.liveness() == Liveness::Live;
        let beat = live.beat.as_deref();
        let current = beat.filter(|_| is_live);
        let hardware = current.and_then(|b| b.hardware.as_ref());
        let sessions = match r.kind {
            NodeKind::Proxy => current.and_then(|b| b.outbound.as_ref()?.processing).map(u64::from),
            NodeKind::Backend | NodeKind::Background => current
                .and_then(|b| b.sessions.as_ref())
                .and_then(|s| both(s.phone.map(u64::from), s.web.map(u64::from))),
        };
        let told = beat
            .and_then(|b| b.runtime.as_ref())
            .map(|r| r.reason.as_str())
            .filter(|reason| !reason.is_empty());
        let facts = NodeFacts {
            id: self.id,
            word: live.word,
            since: live.word_since,
            name: r.display_name.as_deref(),
            endpoint: &endpoint,
            region: r.region_id.as_ref(),
            kind: r.kind,
            cpu: hardware.and_then(|h| h.cpu_percent),
            ram: hardware.and_then(|h| h.memory_percent),
            sessions,
            network: hardware.and_then(|h| both(h.network_down_mbps, h.network_up_mbps)),
            heard: live.last_seen_at,
            version: beat.and_then(|b| b.version.as_deref()),
            sip: r.sip_host.as_deref().zip(r.sip_port),
            started: current.and_then(|b| b.started_at),
            reason: told.or(r.intent.intent.public_reason.as_deref()),
            label: r.labels.iter().next().map(|(key, value)| (key.as_str(), value.as_str())),
        };
        OrderKey::new(&facts, column)
    }
}
