//! Sums, made from memory when somebody asks and kept while nothing changes.

use std::sync::atomic::Ordering;

use common::capacity::Capacity;
use common::overview::{Overview, RegionSummary};
use common::region::{NodesStorage, Region};
use common::status::RegionStatus;

use super::{Fleet, RegionEntry};
use crate::domain::capacity::{add_node, region_word};

impl Fleet {
    /// Figures and word of a region, made anew where one of its nodes changed.
    pub(super) fn region_figures(&self, region: &RegionEntry) -> (Capacity, RegionStatus, NodesStorage) {
        let mut figures = region.figures.lock();
        if region.outdated.swap(false, Ordering::AcqRel) {
            let nodes = region.nodes.read();
            let mut capacity = Capacity::default();
            let mut storage = NodesStorage::default();
            let words: Vec<_> = nodes
                .iter()
                .map(|n| {
                    if let Some(ok) = n.storage_report() {
                        storage.reporting += 1;
                        storage.failing += u32::from(!ok);
                    }
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
            figures.storage = storage;
        }
        let status = RegionStatus { word: figures.word, count: figures.count, since: figures.word_since };
        (figures.capacity.clone(), status, figures.storage)
    }

    /// A region on the dashboard.
    pub fn region_summary(&self, region: &RegionEntry) -> RegionSummary {
        let (capacity, status, found) = self.region_figures(region);
        let r = region.record.load();
        RegionSummary {
            id: r.id.clone(),
            country_code: r.country_code.clone(),
            display_name: r.display_name.clone(),
            status,
            storage: self.storage.summary(&r.id, found),
            capacity,
        }
    }

    /// A region, as sent.
    pub fn region_detail(&self, region: &RegionEntry) -> Region {
        let (capacity, status, found) = self.region_figures(region);
        let r = region.record.load();
        Region {
            id: r.id.clone(),
            country_code: r.country_code.clone(),
            name: r.name.clone(),
            display_name: r.display_name.clone(),
            intent: r.intent.intent.clone(),
            status,
            capacity,
            storage: self.storage.summary(&r.id, found),
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
        let (problems, attention) = self.problems(&regions);
        Overview {
            as_of: self.clock.wall(),
            change,
            cluster,
            regions,
            problems,
            attention,
            collecting: self.collecting(),
            singletons: self.singletons(),
            platform: self.platform(),
        }
    }
}
