//! Several servers on one database: any takes heartbeats and changes, all know of them, one sweeps.

mod changes;

use std::collections::BTreeSet;
use std::time::Duration;

use backend::clock::{Clock as _, SystemClock};
use backend::db::{Lock, LockName};
use backend::domain::liveness::Timers;
use common::node::{Node, NodeKind};
use common::singleton::FrontendNodes;
use common::status::Liveness;
use serde_json::{Value, json};

use crate::intents::read;
use crate::support::app::{TestApp, TestNode, Twin, prepare};
use crate::support::client::Client;
use crate::support::db::TestDb;
use crate::support::{wait_at_most, wait_for};

/// Stale after 2 s, offline after 3; the grace of a start or a takeover is 4.5 s.
const SHORT: Timers = Timers { interval_ms: 500, stale_after_ms: 2_000, offline_after_ms: 3_000 };
const GRACE: Duration = Duration::from_millis(4_500);
/// Stale after 5 s, offline after 6; the grace of a start is 9 s. Room for a busy machine to send heartbeats in time.
const ROOMY: Timers = Timers { interval_ms: 500, stale_after_ms: 5_000, offline_after_ms: 6_000 };
/// For what one server heard and another has to know.
const HEARD: Duration = Duration::from_millis(2_500);
/// For what one server changed: a notice did it, not the comparison every 30 s. How quick notices are is looked at where
/// several are measured ([`changes`]).
const TOLD: Duration = Duration::from_secs(10);

/// A node that beats to this server.
fn at(node: &TestNode, base: &str) -> TestNode {
    TestNode { client: node.client.at(base), ..node.clone() }
}

async fn known(client: &Client, node: &TestNode) {
    wait_at_most(TOLD, "node on the other server", async || {
        (client.get(&node.path()).await.status == 200).then_some(())
    })
    .await;
}

async fn is(client: &Client, node: &TestNode, within: Duration, wanted: Liveness) {
    let what = format!("{wanted:?} node");
    wait_at_most(within, &what, async || (read(client, node).await.live.liveness == wanted).then_some(()))
        .await;
}

/// What the database says of a node's liveness over time.
async fn turns(app: &TestApp, node: &TestNode) -> Vec<String> {
    let sql = format!(
        "SELECT from_word || ' ' || to_word FROM events WHERE node_id = '{}' AND kind = 'liveness' ORDER BY at, id",
        node.id
    );
    app.db.texts(&sql).await
}

fn calls(phone: u32) -> Value {
    json!({"sessions": {"phone": phone, "web": 0, "max": 25}})
}

async fn stop(twin: Twin) {
    twin.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_beats_to_one_server_is_live_on_all_and_its_silence_is_told_once() {
    let app = TestApp::with(ROOMY, |_| {}).await;
    let twin = app.twin().await;
    let (here, region) = (app.admin().await, "mct");
    let there = here.at(&twin.base);
    assert!(app.state().fleet.sweeps() && !twin.running.app.fleet.sweeps(), "the first sweeps");
    let region = app.region(&here, region).await;
    let node = app.node(&here, &region, NodeKind::Backend).await;
    known(&there, &node).await;
    let mut node = at(&node, &twin.base);
    node.beat(&calls(3)).await;
    is(&here, &node, HEARD, Liveness::Live).await;

    // Far longer than it takes to go stale, and beyond the grace of the start.
    let clock = SystemClock::new();
    let begun = clock.mono();
    let mut phone = 3;
    while clock.mono().since(begun) < 10_000 {
        phone += 1;
        node.beat(&calls(phone)).await;
        for client in [&here, &there] {
            assert_eq!(read(client, &node).await.live.liveness, Liveness::Live);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let figure = |n: &Node| n.live.sessions.as_ref().and_then(|s| s.phone);
    wait_at_most(HEARD, "newest figures", async || {
        (figure(&read(&here, &node).await) == Some(phone)).then_some(())
    })
    .await;
    assert_eq!(turns(&app, &node).await, ["never_seen live"]);

    // It falls silent. Whoever sweeps finds out, on time, and the other follows.
    is(&here, &node, Duration::from_secs(12), Liveness::Offline).await;
    is(&there, &node, HEARD, Liveness::Offline).await;
    let all = ["never_seen live", "live stale", "stale offline"];
    wait_for("all turns in the database", async || (turns(&app, &node).await.len() >= 3).then_some(())).await;
    assert_eq!(turns(&app, &node).await, all);
    // And comes back, to the other server.
    let mut node = at(&node, app.base());
    node.beat(&calls(1)).await;
    is(&there, &node, HEARD, Liveness::Live).await;
    // Its goodbye counts where its heartbeats went elsewhere.
    assert!(at(&node, &twin.base).goodbye().await);
    is(&here, &node, HEARD, Liveness::Left).await;
    wait_for("all turns in the database", async || (turns(&app, &node).await.len() >= 5).then_some(())).await;
    assert_eq!(turns(&app, &node).await[3..], ["offline live", "live left"]);
    stop(twin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_is_followed_by_another_and_no_node_turns_red_for_it() {
    let mut app = TestApp::with(SHORT, |_| {}).await;
    app.pause().await;
    let victim = app.victim();
    app.resume().await;
    let admin = app.admin().await;
    assert!(victim.sweeps() && !app.state().fleet.sweeps());
    let region = app.region(&admin, "mct").await;
    let mut stays = app.node(&admin, &region, NodeKind::Backend).await;
    let lost = app.node(&admin, &region, NodeKind::Backend).await;
    let mut lost = at(&lost, &victim.base);
    wait_for("node on the server that dies", async || {
        let body = lost.body(&json!({}));
        (lost.client.post(common::paths::HEARTBEAT, &body).await.status == 200).then_some(())
    })
    .await;
    // Until it has got over its own start.
    let clock = SystemClock::new();
    let begun = clock.mono();
    while clock.mono().since(begun) < 5_500 {
        stays.beat(&calls(1)).await;
        lost.beat(&calls(1)).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    is(&admin, &lost, HEARD, Liveness::Live).await;

    victim.kill();
    let died = clock.mono();
    wait_at_most(Duration::from_secs(2), "another sweeper", async || {
        app.state().fleet.sweeps().then_some(())
    })
    .await;
    let mut seen = BTreeSet::new();
    let offline_after = loop {
        stays.beat(&calls(1)).await;
        assert_eq!(read(&admin, &stays).await.live.liveness, Liveness::Live);
        let now = read(&admin, &lost).await.live.liveness;
        seen.insert(format!("{now:?}"));
        let passed = clock.mono().since(died);
        if now == Liveness::Offline {
            break passed;
        }
        assert!(passed < 15_000, "still {now:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    // The new one gave it the whole grace: it might have been on its way to another server.
    assert!(offline_after >= 4_000, "{offline_after} ms");
    assert!(seen.contains("Unconfirmed"), "{seen:?}");
    assert!(offline_after < u64::try_from(GRACE.as_millis()).unwrap() + 4_000, "{offline_after} ms");
    wait_for("first turn in the database", async || (!turns(&app, &stays).await.is_empty()).then_some(()))
        .await;
    assert_eq!(turns(&app, &stays).await, ["never_seen live"]);
    let listed: FrontendNodes = admin.get("/api/v1/frontend-nodes").await.expect(200).json();
    assert!(listed.items.len() >= 2, "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_hands_the_sweep_over_at_once() {
    let mut app = TestApp::with(SHORT, |_| {}).await;
    let twin = app.twin().await;
    let there = app.admin().await.at(&twin.base);
    app.pause().await;
    wait_at_most(Duration::from_secs(1), "another sweeper", async || {
        twin.running.app.fleet.sweeps().then_some(())
    })
    .await;
    wait_for("word of who sweeps", async || {
        let listed: FrontendNodes = there.get("/api/v1/frontend-nodes").await.expect(200).json();
        listed.items.iter().any(|n| n.is_self && n.sweeper.active).then_some(())
    })
    .await;
    // Back again, it follows.
    app.resume().await;
    assert!(!app.state().fleet.sweeps());
    // The lock is lost with its connection: exactly one has it in the end.
    app.db.terminate("%pg_locks%").await;
    wait_for("a sweeper, one", async || {
        (app.state().fleet.sweeps() != twin.running.app.fleet.sweeps()).then_some(())
    })
    .await;
    stop(twin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_one_processs_and_ends_with_its_connection() {
    prepare();
    let db = TestDb::empty().await;
    let open = async || Lock::open(db.url(), LockName::Sweeper).await.unwrap();
    let (mut one, mut two) = (open().await, open().await);
    assert!(one.try_take().await.unwrap() && !two.try_take().await.unwrap());
    assert!(one.is_held().await.unwrap() && !two.is_held().await.unwrap());
    one.release().await;
    assert!(two.try_take().await.unwrap());
    let mut three = open().await;
    assert!(!three.try_take().await.unwrap());
    // Its connection dies: it notices, and the lock is free.
    assert!(two.is_held().await.unwrap());
    db.terminate("%pg_locks%").await;
    assert!(two.is_held().await.is_err());
    wait_for("a free lock", async || three.try_take().await.unwrap().then_some(())).await;
}
