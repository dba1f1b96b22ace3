//! Sums and problems, made from memory when somebody asks and kept while nothing changes.

use std::sync::atomic::Ordering;

use common::capacity::Capacity;
use common::overview::{OpenProblem, Overview, RegionSummary};
use common::region::{Region, StorageSummary};
use common::status::RegionStatus;
use common::time::Timestamp;

use super::{Fleet, RegionEntry};
use crate::domain::capacity::{add_node, region_word};
use crate::domain::problems::{self, NodeFact, RegionFact};

/// Problems that depend on time alone (a node added a minute ago) are looked at this often.
const PROBLEMS_EVERY_MS: u64 = 2_000;

/// The list of problems as last made.
#[derive(Default)]
pub(super) struct ProblemCache {
    list: Vec<OpenProblem>,
    made_at: Option<Timestamp>,
}

impl Fleet {
    /// Figures and word of a region, made anew where one of its nodes changed.
    pub(super) fn region_figures(&self, region: &RegionEntry) -> (Capacity, RegionStatus) {
        let mut figures = region.figures.lock();
        if region.outdated.swap(false, Ordering::AcqRel) {
            let nodes = region.nodes.read();
            let mut capacity = Capacity::default();
            let words: Vec<_> = nodes
                .iter()
                .map(|n| {
                    n.with_figures(|figures, word| {
                        add_node(&mut capacity, figures);
                        word
                    })
                })
                .collect();
            let (word, count) = region_word(region.record.load().intent.intent.state, words.into_iter());
            if word != figures.word {
                figures.word = word;
                figures.word_since = self.clock.wall();
            }
            figures.count = count;
            figures.capacity = capacity;
        }
        let status = RegionStatus { word: figures.word, count: figures.count, since: figures.word_since };
        (figures.capacity.clone(), status)
    }

    /// A region on the dashboard.
    pub fn region_summary(&self, region: &RegionEntry) -> RegionSummary {
        let (capacity, status) = self.region_figures(region);
        let r = region.record.load();
        RegionSummary {
            id: r.id.clone(),
            country_code: r.country_code.clone(),
            display_name: r.display_name.clone(),
            status,
            capacity,
        }
    }

    /// A region, as sent.
    pub fn region_detail(&self, region: &RegionEntry) -> Region {
        let (capacity, status) = self.region_figures(region);
        let r = region.record.load();
        Region {
            id: r.id.clone(),
            country_code: r.country_code.clone(),
            name: r.name.clone(),
            display_name: r.display_name.clone(),
            intent: r.intent.intent.clone(),
            status,
            capacity,
            storage: StorageSummary { configured: false, healthy: None, checked_at: None },
            created_at: r.created_at,
            version: r.version,
        }
    }

    /// The dashboard.
    pub fn overview(&self) -> Overview {
        let change = self.change();
        let entries: Vec<_> = self.index.read().regions.values().cloned().collect();
        let regions: Vec<RegionSummary> = entries.iter().map(|r| self.region_summary(r)).collect();
        let mut cluster = Capacity::default();
        for r in &regions {
            cluster.add(&r.capacity);
        }
        let problems = self.problems(&regions);
        Overview {
            as_of: self.clock.wall(),
            change,
            cluster,
            regions,
            problems,
            collecting: self.collecting(),
        }
    }

    fn problems(&self, regions: &[RegionSummary]) -> Vec<OpenProblem> {
        let now = self.clock.wall();
        let mut cache = self.problems.lock();
        let changed = std::mem::take(&mut self.dirty.lock().problems);
        if changed || cache.made_at.is_none_or(|at| now.since(at) >= PROBLEMS_EVERY_MS) {
            let facts: Vec<RegionFact> = regions
                .iter()
                .map(|r| RegionFact { id: r.id.clone(), capacity: r.capacity.clone() })
                .collect();
            cache.list = problems::open(&facts, &self.node_facts(), &self.diary.newest(), now);
            cache.made_at = Some(now);
        }
        cache.list.clone()
    }

    fn node_facts(&self) -> Vec<NodeFact> {
        let index = self.index.read();
        index
            .nodes
            .values()
            .map(|n| {
                let r = n.registered.load();
                let live = n.live.lock();
                let name = r.record.display_name.clone().unwrap_or_else(|| r.record.endpoint.authority());
                NodeFact {
                    id: n.id,
                    name,
                    region_id: r.record.region_id.clone(),
                    kind: r.record.kind,
                    intent: r.effective.state,
                    liveness: live.state.liveness(),
                    since: live.liveness_since,
                    created_at: r.record.created_at,
                    last_heartbeat_at: live.last_seen_at,
                }
            })
            .collect()
    }
}
