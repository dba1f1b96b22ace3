//! Tests of [`super`].

use super::*;

const HOUR: i64 = 60 * MINUTE_MS;
const DAY: i64 = 24 * HOUR;
/// 2026-03-04T00:00:00Z.
const NOW: Timestamp = Timestamp(1_772_582_400_000);

fn last(range: i64, points: u32) -> Plan {
    plan(Timestamp(NOW.0 - range), NOW, points, NOW, Level::Sample)
}

fn one(value: f32) -> Measured {
    Measured { min: value, avg: value, max: value, samples: 1 }
}

#[test]
fn the_resolution_follows_the_range() {
    for (range, points, level, step) in [
        (15 * MINUTE_MS, 300, Level::Sample, SAMPLE_MS),
        (15 * MINUTE_MS, 45, Level::Sample, 2 * SAMPLE_MS),
        (HOUR, 300, Level::Minute, MINUTE_MS),
        (DAY, 300, Level::Minute, 5 * MINUTE_MS),
        (DAY, 500, Level::Minute, 3 * MINUTE_MS),
        (7 * DAY, 300, Level::Quarter, 45 * MINUTE_MS),
        (14 * DAY, 300, Level::Hour, 2 * HOUR),
        (30 * DAY, 300, Level::Hour, 3 * HOUR),
        (30 * DAY, 500, Level::Hour, 2 * HOUR),
        (366 * DAY, 500, Level::Hour, 18 * HOUR),
    ] {
        let p = last(range, points);
        assert_eq!((p.level, p.step_ms), (level, step), "{range} ms in {points}");
    }
}

#[test]
fn what_lies_too_far_back_is_read_coarser() {
    let minute_of = |ago: i64| {
        plan(Timestamp(NOW.0 - ago), Timestamp(NOW.0 - ago + 10 * MINUTE_MS), 300, NOW, Level::Sample)
    };
    assert_eq!(minute_of(10 * MINUTE_MS).level, Level::Sample);
    assert_eq!(minute_of(20 * MINUTE_MS).level, Level::Minute);
    assert_eq!(minute_of(6 * DAY).level, Level::Minute);
    assert_eq!(minute_of(8 * DAY).level, Level::Quarter);
    assert_eq!(minute_of(91 * DAY).level, Level::Hour);
    let coarse = plan(Timestamp(NOW.0 - HOUR / 4), NOW, 300, NOW, Level::Minute);
    assert_eq!((coarse.level, coarse.step_ms), (Level::Minute, MINUTE_MS));
}

#[test]
fn points_are_never_more_than_asked_for_and_cover_the_range() {
    for range in [MINUTE_MS, 15 * MINUTE_MS + 1, HOUR - 1, 7 * HOUR + 12_345, 30 * DAY + 1, 366 * DAY] {
        for points in [2, 3, 7, 300, 500] {
            for shift in [0, 1, 9_999, 59_999, 899_999] {
                let (from, to) = (Timestamp(NOW.0 - range - shift), Timestamp(NOW.0 - shift));
                let p = plan(from, to, points, NOW, Level::Sample);
                assert!((p.to.0 - p.from.0) / p.step_ms <= i64::from(points), "{p:?}");
                assert!(p.from <= from && p.to >= to && p.from.0 % p.step_ms == 0, "{p:?}");
                assert_eq!(p.step_ms % p.level.step_ms(), 0, "{p:?}");
                assert_eq!((p.to.0 - p.from.0) % p.step_ms, 0, "{p:?}");
            }
        }
    }
}

#[test]
fn a_gap_stays_a_gap_and_means_are_weighted() {
    let p = Plan {
        level: Level::Minute,
        step_ms: 2 * MINUTE_MS,
        from: NOW,
        to: Timestamp(NOW.0 + 6 * MINUTE_MS),
    };
    let wide = Measured { min: 1.0, avg: 2.0, max: 9.0, samples: 6 };
    let pieces = [
        (Timestamp(NOW.0 + 5 * MINUTE_MS), Measured { min: 0.0, avg: 0.0, max: 0.0, samples: 6 }),
        (NOW, wide),
        (Timestamp(NOW.0 + MINUTE_MS), Measured { samples: 2, ..one(10.0) }),
        (Timestamp(NOW.0 - 1), one(99.0)),
        (Timestamp(NOW.0 + 6 * MINUTE_MS), one(99.0)),
    ];
    let made = points(&p, pieces);
    let figures: Vec<_> = made.iter().map(|p| (p.min, p.avg, p.max)).collect();
    assert_eq!(
        figures,
        [(Some(1.0), Some(4.0), Some(10.0)), (None, None, None), (Some(0.0), Some(0.0), Some(0.0))]
    );
    assert_eq!(made.iter().map(|p| p.at.0 - NOW.0).collect::<Vec<_>>(), [0, 2 * MINUTE_MS, 4 * MINUTE_MS]);
    // 14 of 36 samples.
    assert_eq!(coverage(&p, Timestamp(NOW.0 + DAY), &pieces), 0.389);
    assert_eq!(coverage(&p, NOW, &[]), 0.0);
}

#[test]
fn numbers_of_metrics_are_told_apart() {
    for m in Metric::ALL {
        assert_eq!(metric_of(metric_code(m)), Some(m));
    }
    assert_eq!(metric_of(0), None);
}
