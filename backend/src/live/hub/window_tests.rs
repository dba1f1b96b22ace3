//! What a client can rely on that sets a window, one rule each.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use common::ids::{NodeId, UserId};
use common::meta::Timers;
use common::node::{Node, NodeLive};
use common::stream::{Change, SnapshotData};
use common::time::Timestamp;
use futures_util::Stream as _;
use serde_json::json;

use super::*;

const EPOCH: u64 = 0xab;
const T0: Mono = Mono(1_000_000);
const OWNER: Uuid = Uuid::from_u128(77);

/// A fleet too large for the topic to carry the figures of all: how many calls each node has.
#[derive(Default)]
struct Large {
    calls: Mutex<BTreeMap<NodeId, u32>>,
    rendered: AtomicUsize,
}

impl Large {
    fn of(count: u128) -> Arc<Self> {
        let large = Self::default();
        large.calls.lock().extend((0..count).map(|n| (id(n), 0)));
        Arc::new(large)
    }

    fn set(&self, node: NodeId, calls: u32) {
        self.calls.lock().insert(node, calls);
    }
}

fn id(n: u128) -> NodeId {
    NodeId(Uuid::from_u128(n + 1))
}

fn ids(range: std::ops::Range<u128>) -> Vec<NodeId> {
    range.map(id).collect()
}

fn fields(id: NodeId, calls: u32) -> serde_json::Value {
    json!({"id": id, "status": {"word": "online", "since": Timestamp(0), "inheritedFrom": null}, "liveness": "live",
        "sessions": {"phone": calls, "web": 0, "max": 9}, "intervalMs": 5000, "conditions": [], "commands": [],
        "regionId": "OM-MCT", "kind": "backend", "endpoint": {"scheme": "http", "host": "h", "port": 1, "path": ""},
        "sipTransport": "udp", "labels": {}, "development": false, "intent": {"state": "active"},
        "secret": {"fingerprint": "0", "createdAt": Timestamp(0)}, "createdAt": Timestamp(0), "version": 1})
}

fn live(id: NodeId, calls: u32) -> NodeLive {
    serde_json::from_value(fields(id, calls)).expect("figures")
}

impl Snapshots for Large {
    fn snapshot(&self, topic: &Topic) -> LiveEvent {
        let data = SnapshotData::Nodes { region: None, nodes: Vec::new(), truncated: true };
        LiveEvent::Snapshot { topic: topic.clone(), as_of: Timestamp(0), change: 0, data }
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

    fn node_change(&self, id: NodeId, whole: bool) -> Change {
        self.rendered.fetch_add(1, Ordering::Relaxed);
        match self.calls.lock().get(&id) {
            None => Change::NodeRemoved { id },
            Some(calls) if whole => {
                let node: Node = serde_json::from_value(fields(id, *calls)).expect("a node");
                Change::Node { node }
            }
            Some(calls) => Change::NodeLive { live: live(id, *calls) },
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

struct Watcher {
    stream: Subscription,
    last: Option<EventId>,
    /// What came, in short, since it was last taken.
    log: Vec<String>,
    shown: BTreeMap<NodeId, u32>,
    deltas: usize,
    change: i64,
}

impl Watcher {
    fn open(hub: &Arc<Hub>, large: &Arc<Large>, topics: &[Topic]) -> Self {
        let owner = Owner { kind: OwnerKind::Session, id: OWNER, user: UserId(OWNER), version: 1 };
        let (topics, owner) = (topics.to_vec(), Some(owner));
        let ask = Opening { topics, last: None, owner, expires: None, lane: None, now: T0 };
        let stream = hub.subscribe(ask, large.clone()).expect("a stream");
        let (log, shown) = (Vec::new(), BTreeMap::new());
        let mut new = Self { stream, last: None, log, shown, deltas: 0, change: 0 };
        new.came();
        new
    }

    /// What came since the last call.
    fn came(&mut self) -> Vec<String> {
        let (mut cx, mut pauses, mut text) = (Context::from_waker(Waker::noop()), 0, String::new());
        while pauses < 2 {
            match pin!(&mut self.stream).poll_next(&mut cx) {
                Poll::Pending => pauses += 1,
                Poll::Ready(None) => break,
                Poll::Ready(Some(piece)) => {
                    pauses = 0;
                    text.push_str(std::str::from_utf8(&piece).expect("ASCII"));
                }
            }
        }
        for block in text.split_terminator("\n\n") {
            let field = |name| block.lines().find_map(|line| line.strip_prefix(name));
            if let Some(id) = field("id: ") {
                self.last = Some(id.parse().expect("an id"));
            }
            self.event(serde_json::from_str(field("data: ").expect("data")).expect("an event"));
        }
        std::mem::take(&mut self.log)
    }

    fn event(&mut self, event: LiveEvent) {
        match event {
            LiveEvent::Delta { topic: Topic::Nodes, changes, change, .. } => {
                (self.deltas, self.change) = (self.deltas + 1, change);
                for change in changes {
                    let (word, id, calls) = match change {
                        Change::Node { node } => ("whole", node.id(), node.live.sessions),
                        Change::NodeLive { live } => ("figures", live.id, live.sessions),
                        Change::NodeRemoved { id } => ("removed", id, None),
                        other => panic!("{other:?}"),
                    };
                    let calls = calls.and_then(|s| s.phone);
                    match calls {
                        Some(calls) => drop(self.shown.insert(id, calls)),
                        None => drop(self.shown.remove(&id)),
                    }
                    self.log.push(format!("{word} {}", id.0.as_u128() - 1));
                }
            }
            LiveEvent::Reset { .. } => {
                self.shown.clear();
                self.log.push("reset".to_owned());
            }
            LiveEvent::Tick { .. } => self.log.push("tick".to_owned()),
            _ => {}
        }
    }
}

/// A second of the publisher's rounds.
fn second(hub: &Hub, changed: &[NodeId], change: i64) {
    hub.publish_all(&[], T0);
    hub.tell_windows(changed, change, T0);
    for _ in 1..4 {
        hub.publish_all(&[], T0);
        hub.tell_windows(&[], change, T0);
    }
}

fn setup() -> (Arc<Hub>, Arc<Large>) {
    (Hub::new(EPOCH, Limits::default()), Large::of(1_000))
}

#[test]
fn nodes_enter_whole_and_then_come_with_their_figures_alone_once_a_second() {
    let (hub, large) = setup();
    let mut w = Watcher::open(&hub, &large, &[Topic::Nodes]);
    let position = w.last;
    second(&hub, &ids(0..1_000), 1);
    assert!(w.came().is_empty(), "no window, no figures");
    hub.set_window(w.stream.id(), OWNER, &ids(5..8)).unwrap();
    assert_eq!(w.came(), ["whole 5", "whole 6", "whole 7"]);
    for calls in 1..=3 {
        large.set(id(6), calls);
        second(&hub, &[id(6), id(500)], 5);
        assert_eq!(w.came(), ["figures 6"]);
        assert_eq!(w.shown[&id(6)], calls);
    }
    assert_eq!(w.change, 5);
    hub.set_window(w.stream.id(), OWNER, &ids(6..9)).unwrap();
    assert_eq!(w.came(), ["whole 8"]);
    second(&hub, &ids(0..7), 5);
    assert_eq!(w.came(), ["figures 6"], "5 left the window");
    hub.set_window(w.stream.id(), OWNER, &[]).unwrap();
    second(&hub, &ids(0..10), 5);
    assert!(w.came().is_empty() && !hub.has_windows());
    assert_eq!(w.last, position, "what comes to one reader alone moves no position");
}

#[test]
fn a_node_that_is_gone_is_told_as_gone() {
    let (hub, large) = setup();
    let mut w = Watcher::open(&hub, &large, &[Topic::Nodes]);
    hub.set_window(w.stream.id(), OWNER, &[id(1), id(2_000)]).unwrap();
    assert_eq!(w.came(), ["whole 1", "removed 2000"]);
    // Deleted after its figures were owed and before they were sent.
    second(&hub, &[id(1)], 1);
    large.calls.lock().remove(&id(1));
    assert_eq!(w.came(), ["removed 1"]);
}

#[test]
fn a_window_belongs_to_the_session_and_the_stream_it_was_set_for() {
    let (hub, large) = setup();
    let mut one = Watcher::open(&hub, &large, &[Topic::Nodes]);
    let mut two = Watcher::open(&hub, &large, &[Topic::Nodes, Topic::Summary]);
    let elsewhere = Watcher::open(&hub, &large, &[Topic::Summary]);
    assert_eq!(hub.set_window(one.stream.id(), Uuid::from_u128(1), &ids(0..1)), Err(NoWindow::NoStream));
    assert_eq!(hub.set_window(StreamId(Uuid::from_u128(1)), OWNER, &ids(0..1)), Err(NoWindow::NoStream));
    assert_eq!(hub.set_window(elsewhere.stream.id(), OWNER, &ids(0..1)), Err(NoWindow::NotFollowed));
    hub.set_window(one.stream.id(), OWNER, &ids(0..1)).unwrap();
    hub.set_window(two.stream.id(), OWNER, &ids(1..2)).unwrap();
    second(&hub, &ids(0..2), 1);
    assert_eq!((one.came(), two.came()), (vec!["whole 0".to_owned()], vec!["whole 1".to_owned()]));
    second(&hub, &ids(0..2), 1);
    assert_eq!((one.came(), two.came()), (vec!["figures 0".to_owned()], vec!["figures 1".to_owned()]));
    // Gone with its connection, and with its session.
    let gone = two.stream.id();
    drop(two);
    assert_eq!(hub.set_window(gone, OWNER, &ids(0..1)), Err(NoWindow::NoStream));
    second(&hub, &ids(0..1), 1);
    hub.close(OWNER);
    assert!(one.came().is_empty(), "nothing more after the session ended");
    assert_eq!(hub.set_window(one.stream.id(), OWNER, &ids(0..1)), Err(NoWindow::NoStream));
    assert!(!hub.has_windows());
}

#[test]
fn a_slow_reader_gets_the_newest_of_each_node_once() {
    let (hub, large) = setup();
    let mut w = Watcher::open(&hub, &large, &[Topic::Nodes]);
    hub.set_window(w.stream.id(), OWNER, &ids(0..400)).unwrap();
    w.came();
    large.rendered.store(0, Ordering::Relaxed);
    w.deltas = 0;
    for calls in 1..=500 {
        large.calls.lock().values_mut().for_each(|known| *known = calls);
        second(&hub, &ids(0..1_000), 1);
    }
    assert_eq!(w.came().len(), 400);
    assert_eq!((w.deltas, large.rendered.load(Ordering::Relaxed)), (4, 400));
    assert!(w.shown.len() == 400 && w.shown.values().all(|calls| *calls == 500));
    // And one that takes nothing at all is cut, like one whose queue waits.
    second(&hub, &ids(0..1), 1);
    hub.reap(T0.after(1));
    hub.reap(T0.after(20_000));
    assert_eq!(hub.stats().cut, 1);
}

#[test]
fn after_a_reset_its_nodes_come_whole_again() {
    let (hub, large) = setup();
    let mut w = Watcher::open(&hub, &large, &[Topic::Nodes]);
    hub.set_window(w.stream.id(), OWNER, &ids(0..2)).unwrap();
    w.came();
    let tick = LiveEvent::Tick { server_time: Timestamp(0), collecting: None };
    (0..=Limits::default().queue).for_each(|_| hub.broadcast(&tick, T0));
    let mut came = w.came();
    assert_eq!(came.remove(0), "reset");
    came.sort();
    assert_eq!(came, ["whole 0", "whole 1"]);
}

#[test]
fn figures_are_never_older_than_what_everybody_was_told_before() {
    let (hub, large) = setup();
    let mut w = Watcher::open(&hub, &large, &[Topic::Nodes]);
    let mut early = Watcher::open(&hub, &large, &[Topic::Nodes]);
    for watcher in [&w, &early] {
        hub.set_window(watcher.stream.id(), OWNER, &ids(0..1)).unwrap();
    }
    w.came();
    early.came();
    large.set(id(0), 1);
    second(&hub, &ids(0..1), 1);
    // Renders the figures of this round; the other reads later.
    assert_eq!(early.came(), ["figures 0"]);
    large.set(id(0), 2);
    let told = Change::NodeLive { live: live(id(0), 2) };
    let (topic, as_of) = (Topic::Nodes, Timestamp(0));
    hub.publish(&Topic::Nodes, &LiveEvent::Delta { topic, as_of, change: 2, changes: vec![told] }, T0);
    assert_eq!(w.came(), ["figures 0", "figures 0"]);
    assert_eq!(w.shown[&id(0)], 2);
}

#[test]
fn many_watchers_of_the_same_rows_share_what_is_rendered() {
    let (hub, large) = setup();
    let mut all: Vec<Watcher> = (0..200).map(|_| Watcher::open(&hub, &large, &[Topic::Nodes])).collect();
    for w in &mut all {
        hub.set_window(w.stream.id(), OWNER, &ids(0..60)).unwrap();
        w.came();
    }
    large.rendered.store(0, Ordering::Relaxed);
    hub.tell_windows(&ids(0..10), 1, T0);
    for _ in 0..4 {
        hub.publish_all(&[], T0);
        for w in &mut all {
            w.came();
        }
        hub.tell_windows(&[], 1, T0);
    }
    assert!(all.iter().all(|w| w.deltas == 2), "the nodes whole, then their figures");
    // Once for each turn, and not once for each of 200 watchers.
    assert_eq!(large.rendered.load(Ordering::Relaxed), 40);
}
