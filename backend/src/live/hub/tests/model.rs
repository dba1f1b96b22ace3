//! Random histories: whatever was lost, resumed or reset on the way, a client that has read everything knows what
//! the server knows.

use std::time::Duration;

use futures_util::StreamExt;
use proptest::prelude::*;

use super::support::*;
use super::*;

const KEYS: [&str; 3] = ["A", "B", "C"];
const CLIENTS: usize = 3;

fn topics() -> [Topic; 3] {
    [Topic::Summary, Topic::Nodes, node_topic()]
}

#[derive(Debug, Clone)]
enum Op {
    Set {
        topic: usize,
        key: usize,
    },
    Remove {
        topic: usize,
        key: usize,
    },
    Flush,
    Tick,
    Pass {
        ms: u64,
    },
    Reap,
    Read {
        client: usize,
        pieces: usize,
    },
    Drop {
        client: usize,
    },
    /// Connects again, with what the browser would send.
    Open {
        client: usize,
    },
}

fn op() -> impl Strategy<Value = Op> {
    let client = 0..CLIENTS;
    prop_oneof![
        4 => (0..3usize, 0..3usize).prop_map(|(topic, key)| Op::Set { topic, key }),
        1 => (0..3usize, 0..3usize).prop_map(|(topic, key)| Op::Remove { topic, key }),
        4 => Just(Op::Flush),
        1 => Just(Op::Tick),
        1 => (0..400u64).prop_map(|ms| Op::Pass { ms }),
        1 => Just(Op::Reap),
        4 => (client.clone(), 1..40usize).prop_map(|(client, pieces)| Op::Read { client, pieces }),
        1 => client.clone().prop_map(|client| Op::Drop { client }),
        3 => client.prop_map(|client| Op::Open { client }),
    ]
}

/// Bounds small enough to be met all the time.
fn tight() -> Limits {
    Limits {
        queue: 4,
        ring_events: 6,
        ring_bytes: 6_000,
        all_rings_bytes: 9_000,
        ring_ms: 1_000,
        linger_ms: 500,
        stall_ms: 2_000,
        rotate_ms: 5_000,
        slice: 300,
        ..Limits::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_has_read_everything_knows_everything(ops in prop::collection::vec(op(), 1..120)) {
        let (hub, world) = setup(tight());
        let mut now = T0;
        let mut clients: Vec<(Client, Option<Subscription>)> = (0..CLIENTS).map(|_| Default::default()).collect();
        // Client 0 follows one topic, client 1 two, client 2 three.
        let follows = |client: usize| topics()[..=client].to_vec();
        for (value, op) in (1..).zip(ops) {
            match op {
                Op::Set { topic, key } => world.set(&topics()[topic], KEYS[key], value),
                Op::Remove { topic, key } => world.remove(&topics()[topic], KEYS[key]),
                Op::Flush => world.flush(&hub, now),
                Op::Tick => hub.broadcast(&tick(), now),
                Op::Pass { ms } => now = now.after(ms),
                Op::Reap => hub.reap(now),
                Op::Read { client, pieces } => {
                    if let (client, Some(stream)) = &mut clients[client] {
                        client.read(stream, pieces);
                    }
                }
                Op::Drop { client } => clients[client].1 = None,
                Op::Open { client: n } => {
                    let (client, stream) = &mut clients[n];
                    *stream = None;
                    client.reconnect();
                    *stream = Some(hub.subscribe(ask(&follows(n), client.last, now), world.clone()).unwrap());
                }
            }
        }
        world.flush(&hub, now);
        for (n, (client, stream)) in clients.iter_mut().enumerate() {
            if let Some(stream) = stream {
                client.read(stream, usize::MAX);
            }
            if stream.is_none() || client.ended {
                *stream = None;
                client.reconnect();
                let mut again = hub.subscribe(ask(&follows(n), client.last, now), world.clone()).unwrap();
                client.read(&mut again, usize::MAX);
            }
            for topic in follows(n) {
                prop_assert_eq!(&client.views[&topic], &world.view(&topic), "client {} of {}", n, topic);
            }
        }
    }
}

/// The same with real threads: changes, publishing, reading and reconnecting all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_between_threads() {
    const ROUNDS: u64 = 3_000;
    let (hub, world) = setup(Limits { queue: 16, ring_events: 64, slice: 500, ..Limits::default() });
    let readers: Vec<_> = (0..8usize)
        .map(|n| {
            let (hub, world) = (Arc::clone(&hub), Arc::clone(&world));
            tokio::spawn(async move {
                let follows = topics()[..=n % 3].to_vec();
                let mut client = Client::default();
                let complete = |client: &Client| {
                    follows.iter().all(|t| client.views.get(t).is_some_and(|v| v.contains_key("END")))
                };
                for take in (1 + n..).step_by(7) {
                    let mut stream = hub.subscribe(ask(&follows, client.last, T0), world.clone()).unwrap();
                    for _ in 0..take {
                        client.take(stream.next().await);
                        if complete(&client) {
                            return (follows, client.views);
                        }
                    }
                    client.reconnect();
                }
                unreachable!("the loop has no end")
            })
        })
        .collect();
    let writer = {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            for value in 0..ROUNDS {
                for topic in topics() {
                    world.set(&topic, KEYS[usize::try_from(value % 3).unwrap()], value);
                }
                tokio::task::yield_now().await;
            }
        })
    };
    while !writer.is_finished() {
        world.flush(&hub, T0);
        tokio::task::yield_now().await;
    }
    for topic in topics() {
        world.set(&topic, "END", 1);
    }
    world.flush(&hub, T0);
    for reader in readers {
        let (follows, views) = tokio::time::timeout(Duration::from_secs(20), reader).await.unwrap().unwrap();
        for topic in follows {
            assert_eq!(views[&topic], world.view(&topic), "{topic}");
        }
    }
}
