//! The cluster as signals: each part of [`Live`] is followed on its own, so that a heartbeat renders one row again.
//!
//! Readers take a closure and get what it returns; reading inside a view or an effect follows the part that was read.

use std::collections::HashMap;

use common::activity::Activity;
use common::capacity::Capacity;
use common::ids::{NodeId, RegionId};
use common::node::Node;
use common::overview::{Attention, Collecting, OpenProblem, Overview, RegionSummary};
use common::region::Region;
use common::stream::{LiveEvent, Topic};
use leptos::prelude::*;

use crate::state::reduce::{self, Live, Part};

/// How far a topic has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicState {
    /// Its snapshot has not arrived.
    Loading,
    /// It is here and kept current.
    Ready {
        /// The server has more nodes than it sent.
        truncated: bool,
    },
    /// Its region or node does not exist.
    Gone,
}

/// Handle to the cluster's state; copy it freely. `expect_context::<LiveStore>()` or [`use_live`].
#[derive(Clone, Copy)]
pub struct LiveStore {
    model: StoredValue<Live>,
    triggers: StoredValue<HashMap<Part, ArcTrigger>>,
}

/// The cluster's state.
pub fn use_live() -> LiveStore {
    expect_context()
}

impl Default for LiveStore {
    fn default() -> Self {
        Self { model: StoredValue::new(Live::default()), triggers: StoredValue::new(HashMap::new()) }
    }
}

impl LiveStore {
    /// Applies an event of the stream, here and now: a signal alone would keep the last of several deltas only.
    pub fn apply(self, event: LiveEvent) {
        let touched = self.model.try_update_value(|live| reduce::apply(live, event)).unwrap_or_default();
        self.notify(&touched);
    }

    /// Reads without following.
    pub fn peek<T>(self, read: impl FnOnce(&Live) -> T) -> T {
        self.model.with_value(read)
    }

    /// Forgets a topic nobody follows any more.
    pub fn unfollow(self, topic: &Topic) {
        let mut touched = Vec::new();
        self.model.update_value(|live| reduce::unfollow(live, topic, &mut touched));
        self.notify(&touched);
        self.triggers.update_value(|all| {
            for part in touched {
                all.remove(&part);
            }
        });
    }

    /// Forgets everything: another person may sign in.
    pub fn clear(self) {
        self.model.set_value(Live::default());
        let all = self.triggers.with_value(|all| all.values().cloned().collect::<Vec<_>>());
        for trigger in all {
            trigger.notify();
        }
    }

    /// The time of the dashboard's figures and the cluster's totals.
    pub fn overview<T>(self, read: impl FnOnce(&Overview) -> T) -> Option<T> {
        self.read(Part::Cluster, |live| live.overview.as_ref().map(read))
    }

    /// The cluster's totals; `None` before the first snapshot.
    pub fn cluster<T>(self, read: impl FnOnce(&Capacity) -> T) -> Option<T> {
        self.overview(|o| read(&o.cluster))
    }

    /// All regions by id; `None` before the first snapshot.
    pub fn region_ids(self) -> Option<Vec<RegionId>> {
        self.read(Part::Regions, |live| {
            live.overview.as_ref().map(|o| o.regions.iter().map(|r| r.id.clone()).collect())
        })
    }

    /// A region's figures on the dashboard.
    pub fn summary<T>(self, id: &RegionId, read: impl FnOnce(&RegionSummary) -> T) -> Option<T> {
        self.read(Part::Summary(id.clone()), |live| {
            live.overview.as_ref().and_then(|o| o.regions.iter().find(|r| r.id == *id)).map(read)
        })
    }

    /// The open problems, worst first; `None` before the first snapshot.
    pub fn problems<T>(self, read: impl FnOnce(&[OpenProblem]) -> T) -> Option<T> {
        self.read(Part::Problems, |live| live.overview.as_ref().map(|o| read(&o.problems)))
    }

    /// What stands beside the open problems; `None` before the first snapshot.
    pub fn attention<T>(self, read: impl FnOnce(&Attention) -> T) -> Option<T> {
        self.read(Part::Problems, |live| live.overview.as_ref().map(|o| read(&o.attention)))
    }

    /// Entries of the activity log that came while its topic is followed, newest first.
    pub fn news<T>(self, read: impl FnOnce(&[Activity]) -> T) -> T {
        self.read(Part::News, |live| read(&live.news))
    }

    /// Present while the control plane cannot judge silence.
    pub fn collecting(self) -> Option<Collecting> {
        self.read(Part::Collecting, |live| live.collecting.clone())
    }

    /// A region in full, of a topic `region:ID` that is followed.
    pub fn region<T>(self, id: &RegionId, read: impl FnOnce(&Region) -> T) -> Option<T> {
        self.read(Part::Region(id.clone()), |live| live.region(id).map(read))
    }

    /// A node of any topic that is followed.
    pub fn node<T>(self, id: NodeId, read: impl FnOnce(&Node) -> T) -> Option<T> {
        self.read(Part::Node(id), |live| live.nodes.get(&id).map(read))
    }

    /// The nodes of a topic by id; empty before its snapshot. Changes only where a node comes or goes.
    pub fn node_ids(self, topic: &Topic) -> Vec<NodeId> {
        self.read(Part::List(topic.clone()), |live| {
            live.list(topic).map(|list| list.ids.clone()).unwrap_or_default()
        })
    }

    /// How far a topic has come.
    pub fn topic(self, topic: &Topic) -> TopicState {
        self.read(Part::List(topic.clone()), |live| match live.list(topic) {
            _ if live.gone.contains(topic) => TopicState::Gone,
            Some(list) => TopicState::Ready { truncated: list.truncated },
            None => TopicState::Loading,
        })
    }

    fn read<T>(self, part: Part, read: impl FnOnce(&Live) -> T) -> T {
        let known = self.triggers.with_value(|all| all.get(&part).cloned());
        let trigger = known.unwrap_or_else(|| {
            let new = ArcTrigger::new();
            self.triggers.update_value(|all| {
                all.insert(part, new.clone());
            });
            new
        });
        trigger.track();
        self.model.with_value(read)
    }

    fn notify(self, touched: &[Part]) {
        // Collected first: a subscriber may read, and reading takes the same lock.
        let triggers = self
            .triggers
            .with_value(|all| touched.iter().filter_map(|part| all.get(part).cloned()).collect::<Vec<_>>());
        for trigger in triggers {
            trigger.notify();
        }
    }
}
