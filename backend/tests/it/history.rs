//! Figures over time: from samples to minutes, quarters and hours, and back as charts.

use backend::db::{Db, pool};
use backend::domain::history::{Level, MINUTE_MS, Row, Subject};
use backend::live::history::History;
use backend::services::history::{forget, roll, write_minutes};
use common::history::{History as Chart, Metric, Unit};
use common::ids::NodeId;
use common::node::NodeKind;
use common::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::support::app::{QUICK, TestApp, prepare};
use crate::support::db::TestDb;
use crate::support::wait_for;

/// 2026-03-04T00:00:00Z.
const T: i64 = 1_772_582_400_000;
const HOUR: i64 = 60 * MINUTE_MS;
const DAY: i64 = 24 * HOUR;

fn at(ms: i64) -> Timestamp {
    Timestamp(T + ms)
}

async fn database() -> (TestDb, Db) {
    prepare();
    let test = TestDb::migrated().await;
    let db = Db::new(pool::connect(test.url(), 2).await.unwrap());
    (test, db)
}

fn node() -> Subject {
    Subject::Node(NodeId(Uuid::from_u128(7)))
}

/// Samples every 10 s from `from` to `to`, written minute by minute as the server does.
async fn live_through(db: &Db, recent: &History, from: i64, to: i64, value: impl Fn(i64) -> Option<f64>) {
    let mut now = from;
    while now < to {
        if let Some(v) = value(now) {
            recent.sample_all(&node(), &[(Metric::Cpu, v), (Metric::Memory, 50.0)], at(now));
        }
        recent.sample(&Subject::Cluster, Metric::Phone, 1.0, at(now));
        now += 10_000;
        if now % MINUTE_MS == 0 {
            write_minutes(db, recent, at(now), false, None).await.unwrap();
        }
    }
}

fn of(rows: &[Row], metric: Metric) -> Vec<(i64, f32, f32, f32, u16)> {
    let one = |r: &Row| {
        let m = r.metrics.iter().find(|(m, _)| *m == metric)?.1;
        Some((r.bucket.0 - T, m.min, m.avg, m.max, m.samples))
    };
    rows.iter().filter_map(one).collect()
}

async fn rows(db: &Db, level: Level) -> Vec<Row> {
    db.history_read(level, &node().to_string(), at(-DAY), at(9 * DAY)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hours_become_minutes_quarters_and_hours_and_a_gap_stays_one() {
    let (_test, db) = database().await;
    db.partitions_maintain(at(0)).await.unwrap();
    let recent = History::new();
    // Silent from 0:20 to 0:40.
    let value = |now: i64| {
        let minute = u32::try_from(now / MINUTE_MS).unwrap();
        (!(20..40).contains(&minute)).then(|| f64::from(minute))
    };
    live_through(&db, &recent, 0, 2 * HOUR, value).await;
    roll(&db, &recent, at(2 * HOUR)).await.unwrap();

    let minutes = of(&rows(&db, Level::Minute).await, Metric::Cpu);
    assert_eq!(minutes.len(), 100);
    assert_eq!(minutes[19], (19 * MINUTE_MS, 19.0, 19.0, 19.0, 6));
    assert_eq!(minutes[20], (40 * MINUTE_MS, 40.0, 40.0, 40.0, 6), "a gap has no rows, least of all zeros");
    let quarters = of(&rows(&db, Level::Quarter).await, Metric::Cpu);
    let expected = [
        (0, 0.0, 7.0, 14.0, 90),
        (15 * MINUTE_MS, 15.0, 17.0, 19.0, 30),
        (30 * MINUTE_MS, 40.0, 42.0, 44.0, 30),
        (45 * MINUTE_MS, 45.0, 52.0, 59.0, 90),
    ];
    assert_eq!(quarters[..4], expected);
    assert_eq!(quarters.len(), 8);
    let hours = of(&rows(&db, Level::Hour).await, Metric::Cpu);
    // (0..=19 and 40..=59, six samples each): the mean is that of the samples, not of the quarters.
    assert_eq!(hours, [(0, 0.0, 29.5, 59.0, 240), (HOUR, 60.0, 89.5, 119.0, 360)]);

    // Again, by a process that knows nothing of it: the same.
    let before = (rows(&db, Level::Quarter).await, rows(&db, Level::Hour).await);
    let restarted = History::new();
    restarted.resume(Some(at(0)));
    roll(&db, &restarted, at(2 * HOUR + 5 * MINUTE_MS)).await.unwrap();
    assert_eq!((rows(&db, Level::Quarter).await, rows(&db, Level::Hour).await), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_goes_on_where_the_last_process_stopped() {
    let (_test, db) = database().await;
    let first = History::new();
    live_through(&db, &first, 0, 70 * MINUTE_MS + 30_000, |_| Some(10.0)).await;
    roll(&db, &first, at(65 * MINUTE_MS)).await.unwrap();
    write_minutes(&db, &first, at(70 * MINUTE_MS + 30_000), true, None).await.unwrap();
    let minutes = of(&rows(&db, Level::Minute).await, Metric::Cpu);
    assert_eq!(minutes.last(), Some(&(70 * MINUTE_MS, 10.0, 10.0, 10.0, 3)), "the end writes what it has");

    // Back within the same minute with fewer samples: the fuller row stays.
    let second = History::new();
    second.sample(&node(), Metric::Cpu, 99.0, at(70 * MINUTE_MS + 50_000));
    write_minutes(&db, &second, at(71 * MINUTE_MS), false, None).await.unwrap();
    assert_eq!(of(&rows(&db, Level::Minute).await, Metric::Cpu).last(), minutes.last());
    live_through(&db, &second, 80 * MINUTE_MS, 121 * MINUTE_MS, |_| Some(20.0)).await;
    roll(&db, &second, at(121 * MINUTE_MS)).await.unwrap();
    let hours = of(&rows(&db, Level::Hour).await, Metric::Cpu);
    assert_eq!(hours.len(), 2, "{hours:?}");
    assert_eq!((hours[1].1, hours[1].3, hours[1].4), (10.0, 20.0, 63 + 240));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_away_gets_what_waited_and_it_is_rolled_up() {
    let (_test, db) = database().await;
    let recent = History::new();
    live_through(&db, &recent, 0, 15 * MINUTE_MS, |_| Some(1.0)).await;
    roll(&db, &recent, at(15 * MINUTE_MS)).await.unwrap();
    // Minutes pile up, are written after their quarter was made, and that quarter is made again.
    for s in 0..90 {
        recent.sample(&node(), Metric::Cpu, 5.0, at(15 * MINUTE_MS + s * 10_000));
    }
    recent.close_minutes(at(30 * MINUTE_MS), false);
    roll(&db, &recent, at(30 * MINUTE_MS)).await.unwrap();
    assert_eq!(of(&rows(&db, Level::Quarter).await, Metric::Cpu).len(), 1);
    write_minutes(&db, &recent, at(31 * MINUTE_MS), false, None).await.unwrap();
    roll(&db, &recent, at(31 * MINUTE_MS)).await.unwrap();
    let quarters = of(&rows(&db, Level::Quarter).await, Metric::Cpu);
    assert_eq!(quarters[1], (15 * MINUTE_MS, 5.0, 5.0, 5.0, 90));
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_come_in_pieces_that_are_made_ahead_and_dropped() {
    let (test, db) = database().await;
    // Written before there were pieces: it moves into its own.
    let recent = History::new();
    recent.sample(&node(), Metric::Cpu, 1.0, at(0));
    write_minutes(&db, &recent, at(MINUTE_MS), false, None).await.unwrap();
    assert_eq!(test.text("SELECT count(*) FROM history_1m_default").await, "1");
    let done = db.partitions_maintain(at(HOUR)).await.unwrap();
    let made = [
        "events_2026_03",
        "events_2026_04",
        "history_1m_2026_03_04",
        "history_1m_2026_03_05",
        "history_15m_2026_03",
        "history_15m_2026_04",
        "history_1h_2026_03",
        "history_1h_2026_04",
    ];
    assert_eq!(done.made, made);
    assert!(done.dropped.is_empty());
    assert_eq!(test.text("SELECT count(*) FROM history_1m_default").await, "0");
    assert_eq!(test.text("SELECT count(*) FROM history_1m_2026_03_04").await, "1");
    let again = db.partitions_maintain(at(2 * HOUR)).await.unwrap();
    assert!(again.made.is_empty() && again.dropped.is_empty());
    // What the clock's owner gets wrong lands in the default piece and is removed from there in time.
    test.execute(
        "INSERT INTO events (id, at, kind) VALUES (gen_random_uuid(), '2001-01-01', 'boot'), \
         (gen_random_uuid(), '2026-03-04', 'boot')",
    )
    .await;
    let week = db.partitions_maintain(at(8 * DAY)).await.unwrap();
    assert_eq!(week.made, ["history_1m_2026_03_12", "history_1m_2026_03_13"]);
    assert_eq!(week.dropped, ["history_1m_2026_03_04"]);
    assert_eq!(test.text("SELECT count(*) FROM events").await, "1");
    let later = db.partitions_maintain(at(130 * DAY)).await.unwrap();
    assert!(later.dropped.contains(&"history_15m_2026_03".to_owned()), "{later:?}");
    assert!(!later.dropped.iter().any(|p| p.starts_with("history_1h") || p.starts_with("events")));
    let next_year = db.partitions_maintain(at(400 * DAY)).await.unwrap();
    assert!(next_year.dropped.contains(&"events_2026_03".to_owned()), "{next_year:?}");
    assert!(next_year.dropped.contains(&"history_1h_2026_03".to_owned()), "{next_year:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_of_a_running_server() {
    let app = TestApp::with(QUICK, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let figures = json!({
        "sessions": {"phone": 3, "web": 2, "max": 25},
        "hardware": {"cpuPercent": 12.5, "memoryPercent": 40.0, "networkDownMbps": 3.2, "networkUpMbps": 1.1},
    });
    let path = format!("{}/history?metric=cpu,phone,slotsMax,pending", node.path());
    // Beats until the server's own sampling has seen them.
    let chart: Chart = wait_for("a sample", async || {
        node.beat(&figures).await;
        let chart: Chart = admin.get(&path).await.expect(200).json();
        chart.series[0].points.iter().any(|p| p.avg.is_some()).then_some(chart)
    })
    .await;
    let seen = |chart: &Chart, i: usize| {
        let points = chart.series[i].points.iter().filter_map(|p| Some((p.min?, p.avg?, p.max?)));
        points.collect::<Vec<_>>()
    };
    assert_eq!(
        chart.series.iter().map(|s| s.metric.as_str()).collect::<Vec<_>>(),
        ["cpu", "phone", "slotsMax", "pending"]
    );
    assert_eq!((chart.step_seconds, chart.series[0].unit), (60, Unit::Percent));
    assert_eq!(seen(&chart, 0), [(12.5, 12.5, 12.5)]);
    assert_eq!((seen(&chart, 1), seen(&chart, 2)), (vec![(3.0, 3.0, 3.0)], vec![(25.0, 25.0, 25.0)]));
    assert!(seen(&chart, 3).is_empty() && chart.series[3].coverage == 0.0, "a backend has no outbound calls");
    assert!(chart.series[0].coverage > 0.0 && chart.series[0].coverage < 0.1);

    let now = app.state().clock.wall();
    let quarter = format!("&from={}&to={now}", Timestamp(now.0 - 15 * MINUTE_MS));
    let chart: Chart = admin.get(&format!("{path}{quarter}")).await.expect(200).json();
    assert_eq!((chart.step_seconds, chart.series[0].points.len()), (10, 91));
    for scope in ["/api/v1/overview".to_owned(), format!("/api/v1/regions/{region}")] {
        let chart: Chart = admin.get(&format!("{scope}/history")).await.expect(200).json();
        let of = |m: Metric| chart.series.iter().position(|s| s.metric == m).unwrap();
        assert_eq!(chart.series.len(), 12);
        assert!(seen(&chart, of(Metric::Phone)).iter().all(|p| p.2 == 3.0), "{scope}");
        assert!(!seen(&chart, of(Metric::Phone)).is_empty(), "{scope}");
        assert!(!seen(&chart, of(Metric::BackendRegistered)).is_empty(), "{scope}");
    }

    // Minutes from before this process: the chart of the last quarter is of minutes then.
    let minute = Timestamp(now.0 - now.0.rem_euclid(MINUTE_MS) - 5 * MINUTE_MS);
    let earlier = History::new();
    earlier.sample(&Subject::Node(node.id), Metric::Cpu, 80.0, minute);
    write_minutes(&app.state().db, &earlier, Timestamp(minute.0 + MINUTE_MS), false, None).await.unwrap();
    let chart: Chart = admin.get(&format!("{path}{quarter}")).await.expect(200).json();
    assert_eq!(chart.step_seconds, 60);
    let cpu = seen(&chart, 0);
    assert_eq!((cpu[0], cpu.last().copied()), ((80.0, 80.0, 80.0), Some((12.5, 12.5, 12.5))), "{chart:?}");
    let month = format!("&from={}&to={now}&points=500", Timestamp(now.0 - 30 * DAY));
    let chart: Chart = admin.get(&format!("{path}{month}")).await.expect(200).json();
    assert_eq!(chart.step_seconds, 7200);
    // In one bucket, or in two where one ends between then and now.
    let (least, most) =
        seen(&chart, 0).iter().fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p.0), b.max(p.2)));
    assert!(least <= 12.5 && most >= 80.0, "what is not rolled up yet is there: {chart:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_drawn_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let reply = admin.get("/api/v1/overview/history?metric=phone,gpu&from=x&points=1").await;
    let pointers: Vec<_> = reply.field_errors().into_iter().map(|(p, _)| p).collect();
    assert_eq!(pointers, ["#query/metric", "#query/from", "#query/points"]);
    let reply = admin.get("/api/v1/overview/history?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z").await;
    assert_eq!(reply.field_errors(), [("#query/from".to_owned(), "range".to_owned())]);
    admin.get("/api/v1/overview/history?colour=red").await.problem(422, "invalid");
    admin.get("/api/v1/regions/OM-NONE/history").await.problem(404, "not_found");
    admin.get("/api/v1/nodes/none/history").await.problem(404, "not_found");
    admin.get(&format!("/api/v1/nodes/{}/history", Uuid::now_v7())).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_leaves_no_figures_behind() {
    let (_test, db) = database().await;
    let recent = History::new();
    live_through(&db, &recent, 0, HOUR, |_| Some(1.0)).await;
    roll(&db, &recent, at(HOUR)).await.unwrap();
    recent.sample(&node(), Metric::Cpu, 1.0, at(HOUR));
    recent.close_minutes(at(HOUR + MINUTE_MS), false);
    recent.sample(&node(), Metric::Cpu, 1.0, at(HOUR + MINUTE_MS));
    forget(&db, &recent, &node()).await.unwrap();
    write_minutes(&db, &recent, at(HOUR + 2 * MINUTE_MS), true, None).await.unwrap();
    for level in Level::ALL {
        assert!(rows(&db, level).await.is_empty(), "{level:?}");
    }
    assert!(recent.recent(&node(), Metric::Cpu, at(0), at(DAY)).is_empty());
    let cluster = db.history_read(Level::Hour, "cluster", at(0), at(DAY)).await.unwrap();
    assert_eq!(cluster.len(), 1, "others keep theirs");
}
