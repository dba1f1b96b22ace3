//! A server state to follow, and a client that follows it.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use common::capacity::Capacity;
use common::ids::NodeId;
use common::meta::Timers;
use common::overview::{Overview, RegionSummary};
use common::status::{RegionStatus, StatusWord};
use common::stream::{ByeReason, Change, EventId, LiveEvent, SnapshotData, Topic};
use common::time::Timestamp;
use futures_util::Stream;
use parking_lot::Mutex;

use super::super::*;

pub(super) const EPOCH: u64 = 0xab;

/// What the client of one topic knows: a value per region id.
pub(super) type View = BTreeMap<String, u64>;

/// The server's state: each topic is a map, and what changed in it since the last publish.
#[derive(Default)]
pub(super) struct World {
    state: Mutex<BTreeMap<Topic, (View, BTreeSet<String>)>>,
    pub(super) snapshots_made: Mutex<usize>,
}

fn region(id: &str, value: u64) -> RegionSummary {
    RegionSummary {
        id: id.into(),
        country_code: "OM".to_owned(),
        display_name: Some(value.to_string()),
        status: RegionStatus { word: StatusWord::Offline, count: None, since: Timestamp(0) },
        storage: Default::default(),
        capacity: Capacity::default(),
    }
}

impl World {
    pub(super) fn set(&self, topic: &Topic, key: &str, value: u64) {
        let mut state = self.state.lock();
        let (view, dirty) = state.entry(topic.clone()).or_default();
        view.insert(key.to_owned(), value);
        dirty.insert(key.to_owned());
    }

    pub(super) fn remove(&self, topic: &Topic, key: &str) {
        let mut state = self.state.lock();
        let (view, dirty) = state.entry(topic.clone()).or_default();
        view.remove(key);
        dirty.insert(key.to_owned());
    }

    pub(super) fn view(&self, topic: &Topic) -> View {
        self.state.lock().get(topic).map(|(view, _)| view.clone()).unwrap_or_default()
    }

    /// Publishes what changed, the way a publisher has to: first take the changes, then ask who wants them.
    pub(super) fn flush(&self, hub: &Hub, now: Mono) {
        let taken: Vec<(Topic, BTreeSet<String>)> = self
            .state
            .lock()
            .iter_mut()
            .filter(|(_, (_, dirty))| !dirty.is_empty())
            .map(|(topic, (_, dirty))| (topic.clone(), std::mem::take(dirty)))
            .collect();
        let wanted: BTreeSet<Topic> = hub.wanted().into_iter().collect();
        let events: Vec<_> = taken
            .into_iter()
            .filter(|(topic, _)| wanted.contains(topic))
            .map(|(topic, dirty)| {
                let view = self.view(&topic);
                let changes = dirty
                    .iter()
                    .map(|key| match view.get(key) {
                        Some(value) => Change::Region { region: region(key, *value) },
                        None => Change::RegionRemoved { id: key.as_str().into() },
                    })
                    .collect();
                let event =
                    LiveEvent::Delta { topic: topic.clone(), as_of: Timestamp(0), change: 0, changes };
                (topic, event)
            })
            .collect();
        hub.publish_all(&events, now);
    }
}

impl Snapshots for World {
    fn snapshot(&self, topic: &Topic) -> LiveEvent {
        *self.snapshots_made.lock() += 1;
        let regions = self.view(topic).iter().map(|(id, value)| region(id, *value)).collect();
        let overview = Overview {
            as_of: Timestamp(0),
            change: 0,
            cluster: Capacity::default(),
            regions,
            problems: Vec::new(),
            attention: common::overview::Attention::default(),
            collecting: None,
            singletons: Default::default(),
            platform: Default::default(),
        };
        let data = SnapshotData::Summary { overview };
        LiveEvent::Snapshot { topic: topic.clone(), as_of: Timestamp(0), change: 0, data }
    }

    fn node_change(&self, id: NodeId, _: bool) -> Change {
        Change::NodeRemoved { id }
    }

    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn hello(&self, stream_id: StreamId, resumed: bool) -> LiveEvent {
        LiveEvent::Hello {
            stream_id,
            server_time: Timestamp(0),
            tick_ms: 2_000,
            timers: Timers { interval_ms: 1, stale_after_ms: 2, offline_after_ms: 3 },
            version: "0".to_owned(),
            resumed,
        }
    }
}

pub(super) fn tick() -> LiveEvent {
    LiveEvent::Tick { server_time: Timestamp(0), collecting: None }
}

pub(super) fn ask(topics: &[Topic], last: Option<EventId>, now: Mono) -> Opening {
    Opening { topics: topics.to_vec(), last, owner: None, expires: None, lane: None, now }
}

/// Counts how often it is woken.
#[derive(Default)]
pub(super) struct Woken(pub(super) Mutex<usize>);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        *self.0.lock() += 1;
    }
}

/// A client: parses what comes, as a browser does, and keeps the state.
#[derive(Default)]
pub(super) struct Client {
    text: String,
    pub(super) last: Option<EventId>,
    pub(super) views: BTreeMap<Topic, View>,
    /// What came, in short, since it was last taken.
    pub(super) log: Vec<String>,
    pub(super) bye: Option<ByeReason>,
    pub(super) resumed: bool,
    pub(super) largest_piece: usize,
    pub(super) ended: bool,
}

impl Client {
    /// Reads up to `pieces` pieces without waiting.
    pub(super) fn read(&mut self, subscription: &mut Subscription, pieces: usize) {
        let mut cx = Context::from_waker(Waker::noop());
        let (mut pauses, mut taken) = (0, 0);
        // A single pause only lets the transport write; two in a row mean that nothing is there.
        while pauses < 2 && taken < pieces && !self.ended {
            match pin!(&mut *subscription).poll_next(&mut cx) {
                Poll::Pending => pauses += 1,
                Poll::Ready(piece) => {
                    (pauses, taken) = (0, taken + 1);
                    self.take(piece);
                }
            }
        }
    }

    /// The connection is gone: half a message is dropped, what is known stays.
    pub(super) fn reconnect(&mut self) {
        self.text.clear();
        self.ended = false;
    }

    pub(super) fn take(&mut self, piece: Option<Bytes>) {
        let Some(piece) = piece else {
            self.ended = true;
            return;
        };
        assert!(!piece.is_empty(), "an empty chunk would end a chunked body");
        self.largest_piece = self.largest_piece.max(piece.len());
        self.text.push_str(std::str::from_utf8(&piece).expect("tests use ASCII"));
        while let Some(end) = self.text.find("\n\n") {
            let block: String = self.text.drain(..end + 2).collect();
            self.message(&block);
        }
    }

    fn message(&mut self, block: &str) {
        let mut data = None;
        for line in block.lines().filter(|line| !line.is_empty()) {
            match line.split_once(": ").expect("field: value") {
                ("id", id) => {
                    let id: EventId = id.parse().expect("an id");
                    assert_eq!(id.epoch, EPOCH);
                    let before = self.last.filter(|last| last.epoch == EPOCH).map_or(0, |last| last.seq);
                    assert!(id.seq == 0 || id.seq >= before, "{id} after {before}");
                    self.last = Some(id);
                }
                ("data", json) => data = Some(json.to_owned()),
                ("retry", "1000") => {}
                other => panic!("{other:?}"),
            }
        }
        self.event(serde_json::from_str(&data.expect("data")).expect("an event"));
    }

    fn event(&mut self, event: LiveEvent) {
        match event {
            LiveEvent::Hello { resumed, .. } => {
                self.resumed = resumed;
                self.log.push(format!("hello {resumed}"));
            }
            LiveEvent::Snapshot { topic, data: SnapshotData::Summary { overview }, .. } => {
                self.log.push(format!("snapshot {topic}"));
                let view = overview.regions.iter().map(|r| (r.id.to_string(), value(r))).collect();
                self.views.insert(topic, view);
            }
            LiveEvent::Delta { topic, changes, .. } => {
                self.log.push(format!("delta {topic}"));
                let view = self.views.get_mut(&topic).expect("a delta needs something to change");
                for change in changes {
                    match change {
                        Change::Region { region } => {
                            view.insert(region.id.to_string(), value(&region));
                        }
                        Change::RegionRemoved { id } => {
                            view.remove(id.as_str());
                        }
                        other => panic!("{other:?}"),
                    }
                }
            }
            LiveEvent::Tick { .. } => self.log.push("tick".to_owned()),
            LiveEvent::Reset { .. } => {
                self.log.push("reset".to_owned());
                self.views.clear();
            }
            LiveEvent::Bye { reason } => {
                self.log.push(format!("bye {reason:?}"));
                self.bye = Some(reason);
            }
            other => panic!("{other:?}"),
        }
    }

    /// What came since the last call.
    pub(super) fn came(&mut self, subscription: &mut Subscription) -> Vec<String> {
        self.read(subscription, usize::MAX);
        std::mem::take(&mut self.log)
    }
}

fn value(region: &RegionSummary) -> u64 {
    region.display_name.as_deref().and_then(|text| text.parse().ok()).expect("a number")
}
