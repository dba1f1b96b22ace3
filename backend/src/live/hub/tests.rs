//! What a client of the stream can rely on, one rule each. `model` tries them all in random order.

mod endings;
mod model;
mod support;

use std::time::Duration;

use common::ids::NodeId;
use futures_util::StreamExt;

use self::support::*;
use super::*;
use std::task::Waker;

const T0: Mono = Mono(1_000_000);

fn setup(limits: Limits) -> (Arc<Hub>, Arc<World>) {
    (Hub::new(EPOCH, limits), Arc::new(World::default()))
}

fn node_topic() -> Topic {
    Topic::Node(NodeId(Uuid::from_u128(7)))
}

/// Sets a value and publishes it.
fn change(hub: &Hub, world: &World, topic: &Topic, value: u64, now: Mono) {
    world.set(topic, "A", value);
    world.flush(hub, now);
}

#[test]
fn opens_with_hello_and_a_snapshot_per_topic_then_deltas_in_order() {
    let (hub, world) = setup(Limits::default());
    let topics = [Topic::Nodes, Topic::Summary, Topic::Nodes];
    world.set(&Topic::Nodes, "A", 1);
    let mut stream = hub.subscribe(ask(&topics, None, T0), world.clone()).unwrap();
    let mut client = Client::default();
    // Changed after subscribing and before the snapshot is made: in both, which does no harm.
    change(&hub, &world, &Topic::Nodes, 2, T0);
    assert_eq!(
        client.came(&mut stream),
        ["hello false", "snapshot summary", "snapshot nodes", "delta nodes"],
        "each topic once"
    );
    for value in 3..6 {
        change(&hub, &world, &Topic::Summary, value, T0);
        change(&hub, &world, &Topic::Nodes, value, T0);
    }
    hub.broadcast(&tick(), T0);
    let expected = ["delta summary", "delta nodes"].repeat(3).into_iter().chain(["tick"]).collect::<Vec<_>>();
    assert_eq!(client.came(&mut stream), expected);
    assert_eq!(client.views[&Topic::Nodes], world.view(&Topic::Nodes));
    assert_eq!(client.last, Some(EventId { epoch: EPOCH, seq: FIRST_SEQ + 8 }));
}

#[test]
fn resumes_exactly_where_it_ended() {
    let (hub, world) = setup(Limits::default());
    let topics = [Topic::Summary, Topic::Nodes];
    let mut client = Client::default();
    let mut stream = hub.subscribe(ask(&topics, None, T0), world.clone()).unwrap();
    change(&hub, &world, &Topic::Nodes, 1, T0);
    client.came(&mut stream);
    drop(stream);
    // Nobody listens; both topics go on collecting.
    change(&hub, &world, &Topic::Nodes, 2, T0);
    change(&hub, &world, &Topic::Summary, 3, T0);
    hub.broadcast(&tick(), T0);
    change(&hub, &world, &Topic::Nodes, 4, T0);
    let mut stream = hub.subscribe(ask(&topics, client.last, T0), world.clone()).unwrap();
    assert_eq!(client.came(&mut stream), ["hello true", "delta nodes", "delta summary", "delta nodes"]);
    assert_eq!(client.views[&Topic::Nodes], world.view(&Topic::Nodes));
    assert_eq!(hub.stats().resumed, 1);
    // Again at once: nothing was missed, and nothing comes twice.
    drop(stream);
    let mut stream = hub.subscribe(ask(&topics, client.last, T0), world.clone()).unwrap();
    assert_eq!(client.came(&mut stream), ["hello true"]);
}

#[test]
fn what_cannot_be_resumed_is_reset() {
    let limits = Limits { ring_events: 3, ..Limits::default() };
    let (hub, world) = setup(limits);
    // Numbers 2 to 10.
    for value in 2..=10 {
        change(&hub, &world, &Topic::Summary, value, T0);
    }
    let opened = |last: EventId| {
        let mut stream = hub.subscribe(ask(&[Topic::Summary], Some(last), T0), world.clone()).unwrap();
        let mut client = Client::default();
        client.views.insert(Topic::Summary, [("A".to_owned(), 0)].into());
        let came = client.came(&mut stream);
        assert_eq!(client.views[&Topic::Summary], world.view(&Topic::Summary));
        came
    };
    let reset = ["hello false", "reset", "snapshot summary"];
    assert_eq!(opened(EventId { epoch: 0xac, seq: 10 }), reset, "another run of the server");
    assert_eq!(opened(EventId { epoch: EPOCH, seq: 11 }), reset, "from the future");
    assert_eq!(opened(EventId { epoch: EPOCH, seq: 6 }), reset, "7 is no longer kept");
    assert_eq!(opened(EventId { epoch: EPOCH, seq: 8 }), ["hello true", "delta summary", "delta summary"]);
    assert_eq!(opened(EventId { epoch: EPOCH, seq: 7 })[0], "hello true", "8, 9 and 10 are kept");
    assert_eq!(
        opened(EventId { epoch: EPOCH, seq: 0 }),
        ["hello false", "snapshot summary"],
        "nothing was lost"
    );
    let unknown = ask(&[Topic::Nodes], Some(EventId { epoch: EPOCH, seq: 10 }), T0);
    let mut stream = hub.subscribe(unknown, world.clone()).unwrap();
    assert_eq!(Client::default().came(&mut stream), ["hello false", "reset", "snapshot nodes"]);
    // Kept now, but only from here on.
    let earlier = ask(&[Topic::Nodes], Some(EventId { epoch: EPOCH, seq: 9 }), T0);
    let mut stream = hub.subscribe(earlier, world.clone()).unwrap();
    assert_eq!(Client::default().came(&mut stream), ["hello false", "reset", "snapshot nodes"]);
}

#[test]
fn rings_are_bounded_in_bytes_and_age_and_end_with_their_topic() {
    let (hub, world) = setup(Limits { ring_bytes: 3_000, all_rings_bytes: 5_000, ..Limits::default() });
    let topics = [Topic::Summary, Topic::Nodes];
    let stream = hub.subscribe(ask(&topics, None, T0), world.clone()).unwrap();
    for value in 0..20 {
        change(&hub, &world, &Topic::Summary, value, T0);
        assert!(hub.stats().ring_bytes <= 3_000);
    }
    assert!(hub.stats().ring_bytes > 1_500, "something is kept");
    for value in 0..20 {
        change(&hub, &world, &Topic::Nodes, value, T0);
        assert!(hub.stats().ring_bytes <= 5_000);
    }
    drop(stream);
    hub.reap(T0.after(29_999));
    assert_eq!(hub.wanted().len(), 2, "a reader may come back");
    hub.reap(T0.after(30_000));
    assert_eq!(hub.wanted(), [Topic::Summary]);
    hub.reap(T0.after(300_000));
    assert!(hub.stats().ring_bytes > 0);
    hub.reap(T0.after(300_001));
    assert_eq!(hub.stats().ring_bytes, 0);
}

#[test]
fn a_slow_reader_gets_a_reset_and_the_state() {
    let (hub, world) = setup(Limits { queue: 4, ..Limits::default() });
    let mut stream = hub.subscribe(ask(&[Topic::Summary], None, T0), world.clone()).unwrap();
    let mut client = Client::default();
    client.came(&mut stream);
    for value in 0..4 {
        change(&hub, &world, &Topic::Summary, value, T0);
    }
    assert_eq!(client.came(&mut stream), ["delta summary"; 4], "a full queue is no loss");
    for value in 0..9 {
        change(&hub, &world, &Topic::Summary, value, T0);
    }
    hub.broadcast(&tick(), T0);
    assert_eq!(client.came(&mut stream), ["reset", "snapshot summary"]);
    assert_eq!(client.views[&Topic::Summary], world.view(&Topic::Summary));
    assert_eq!(hub.stats().overflowed, 1);
    // The position after a reset is good to resume from.
    drop(stream);
    let mut stream = hub.subscribe(ask(&[Topic::Summary], client.last, T0), world.clone()).unwrap();
    assert_eq!(client.came(&mut stream), ["hello true"]);
}

#[test]
fn a_slow_reader_that_is_sent_away_does_not_resume_behind_what_it_lost() {
    let (hub, world) = setup(Limits { queue: 4, ..Limits::default() });
    let mut stream = hub.subscribe(ask(&[Topic::Summary], None, T0), world.clone()).unwrap();
    let mut client = Client::default();
    client.came(&mut stream);
    for value in 0..9 {
        change(&hub, &world, &Topic::Summary, value, T0);
    }
    hub.close_all(ByeReason::Rotate);
    assert_eq!(client.came(&mut stream), ["bye Rotate"]);
    client.reconnect();
    let mut stream = hub.subscribe(ask(&[Topic::Summary], client.last, T0), world.clone()).unwrap();
    assert_eq!(client.came(&mut stream), ["hello false", "snapshot summary"]);
    assert_eq!(client.views[&Topic::Summary], world.view(&Topic::Summary));
}

#[test]
fn a_connection_lost_between_snapshots_does_not_resume() {
    let (hub, world) = setup(Limits::default());
    let topics = [Topic::Summary, Topic::Nodes];
    world.set(&Topic::Nodes, "A", 1);
    world.flush(&hub, T0);
    change(&hub, &world, &Topic::Summary, 1, T0);
    let mut stream = hub.subscribe(ask(&topics, None, T0), world.clone()).unwrap();
    let mut client = Client::default();
    while client.log.last().is_none_or(|last| last != "snapshot summary") {
        client.read(&mut stream, 1);
    }
    drop(stream);
    client.log.clear();
    let mut stream = hub.subscribe(ask(&topics, client.last, T0), world.clone()).unwrap();
    assert_eq!(client.came(&mut stream), ["hello false", "snapshot summary", "snapshot nodes"]);
}

#[test]
fn streams_are_bounded_and_counted_until_dropped() {
    let (hub, world) = setup(Limits { streams: 2, ..Limits::default() });
    let open = || hub.subscribe(ask(&[Topic::Summary, node_topic()], None, T0), world.clone());
    let (first, _second) = (open().unwrap(), open().unwrap());
    assert_eq!(open().map(|_| ()), Err(Refused::TooManyStreams));
    assert_eq!((hub.stats().open, hub.stats().topics), (2, 2));
    drop(first);
    let _third = open().unwrap();
    assert_eq!(hub.stats().open, 2);
}

#[test]
fn a_snapshot_is_shared_until_something_changes() {
    let (hub, world) = setup(Limits::default());
    let made = || *world.snapshots_made.lock();
    let read = |now| {
        let mut stream = hub.subscribe(ask(&[Topic::Summary], None, now), world.clone()).unwrap();
        let mut client = Client::default();
        client.came(&mut stream);
        assert_eq!(client.views[&Topic::Summary], world.view(&Topic::Summary));
    };
    (0..10).for_each(|_| read(T0));
    assert_eq!(made(), 1);
    change(&hub, &world, &Topic::Summary, 1, T0);
    (0..10).for_each(|_| read(T0));
    assert_eq!(made(), 2);
    read(T0.after(251));
    assert_eq!(made(), 3);
}

#[test]
fn a_snapshot_is_not_shared_where_something_changed_while_it_was_made() {
    /// Something changes just after the state was read.
    struct Racing(Arc<Hub>, Arc<World>);
    impl Snapshots for Racing {
        fn snapshot(&self, topic: &Topic) -> LiveEvent {
            let event = self.1.snapshot(topic);
            change(&self.0, &self.1, topic, 5, T0);
            event
        }
        fn hello(&self, stream: StreamId, resumed: bool) -> LiveEvent {
            self.1.hello(stream, resumed)
        }
        fn node_change(&self, id: NodeId, whole: bool) -> common::stream::Change {
            self.1.node_change(id, whole)
        }
        fn now(&self) -> common::time::Timestamp {
            self.1.now()
        }
    }
    let (hub, world) = setup(Limits::default());
    let racing = Arc::new(Racing(Arc::clone(&hub), Arc::clone(&world)));
    let mut first = hub.subscribe(ask(&[Topic::Summary], None, T0), racing).unwrap();
    let mut client = Client::default();
    assert_eq!(client.came(&mut first), ["hello false", "snapshot summary", "delta summary"]);
    let mut second = hub.subscribe(ask(&[Topic::Summary], None, T0), world.clone()).unwrap();
    let mut other = Client::default();
    other.came(&mut second);
    for client in [client, other] {
        assert_eq!(client.views[&Topic::Summary], world.view(&Topic::Summary));
    }
}

#[test]
fn frames_are_shared_and_handed_over_in_slices() {
    let (hub, world) = setup(Limits::default());
    for key in 0..1_000 {
        world.set(&Topic::Summary, &format!("R{key}"), key);
    }
    let mut stream = hub.subscribe(ask(&[Topic::Summary], None, T0), world.clone()).unwrap();
    let mut client = Client::default();
    client.came(&mut stream);
    assert_eq!(client.largest_piece, 4_096);
    assert_eq!(client.views[&Topic::Summary], world.view(&Topic::Summary));

    let pieces = |stream: &mut Subscription| {
        let mut cx = std::task::Context::from_waker(Waker::noop());
        let mut pieces = Vec::new();
        while let std::task::Poll::Ready(Some(piece)) = stream.poll_next_unpin(&mut cx) {
            pieces.push(piece);
        }
        pieces
    };
    let mut other = hub.subscribe(ask(&[Topic::Summary], None, T0), world.clone()).unwrap();
    client.came(&mut other);
    hub.broadcast(&tick(), T0);
    let (a, b) = (pieces(&mut stream), pieces(&mut other));
    assert_eq!((a.len(), b.len()), (1, 1));
    assert_eq!(a[0].as_ptr(), b[0].as_ptr(), "one rendering, no copies");
}

#[tokio::test]
async fn a_waiting_reader_is_woken_once_per_publish_and_only_for_its_topics() {
    let (hub, world) = setup(Limits::default());
    let topics = [Topic::Summary, Topic::Nodes];
    let mut stream = hub.subscribe(ask(&topics, None, T0), world.clone()).unwrap();
    let wakes = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&wakes));
    let mut client = Client::default();
    client.came(&mut stream);
    assert!(stream.poll_next_unpin(&mut std::task::Context::from_waker(&waker)).is_pending());
    let _other = hub.subscribe(ask(&[node_topic()], None, T0), world.clone()).unwrap();
    change(&hub, &world, &node_topic(), 1, T0);
    assert_eq!(*wakes.0.lock(), 0, "somebody else's topic");
    world.set(&Topic::Nodes, "A", 1);
    world.set(&Topic::Summary, "A", 1);
    world.flush(&hub, T0);
    assert_eq!(*wakes.0.lock(), 1);
    assert_eq!(client.came(&mut stream), ["delta summary", "delta nodes"]);
    // And through a real executor: the end wakes, too.
    let reader = tokio::spawn(async move { stream.collect::<Vec<_>>().await });
    tokio::task::yield_now().await;
    hub.close_all(ByeReason::Shutdown);
    let rest = tokio::time::timeout(Duration::from_secs(5), reader).await.unwrap().unwrap();
    assert!(rest.last().unwrap().ends_with(b"data: {\"type\":\"bye\",\"reason\":\"shutdown\"}\n\n"));
}

#[tokio::test]
async fn a_lane_wakes_all_its_readers_for_one_wake_of_its_own() {
    let (hub, world) = setup(Limits::default());
    let lane = Lane::new();
    let opened = |_| {
        let asked = Opening { lane: Some(Arc::clone(&lane)), ..ask(&[Topic::Summary], None, T0) };
        let mut stream = hub.subscribe(asked, world.clone()).unwrap();
        let wakes = Arc::new(Woken::default());
        let mut client = Client::default();
        client.came(&mut stream);
        let waker = Waker::from(Arc::clone(&wakes));
        assert!(stream.poll_next_unpin(&mut std::task::Context::from_waker(&waker)).is_pending());
        (stream, wakes)
    };
    let readers: Vec<_> = (0..3).map(opened).collect();
    let woken = || readers.iter().map(|(_, wakes)| *wakes.0.lock()).collect::<Vec<_>>();
    change(&hub, &world, &Topic::Summary, 1, T0);
    assert_eq!(woken(), [0; 3], "the lane has not run yet");
    let running = tokio::spawn(Arc::clone(&lane).run());
    while woken() != [1; 3] {
        tokio::task::yield_now().await;
    }
    // Without its task a lane does no harm: whoever is handed to it is woken directly.
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    assert!(lane.ended());
    let late = opened(3);
    change(&hub, &world, &Topic::Summary, 2, T0);
    assert_eq!(*late.1.0.lock(), 1);
}
