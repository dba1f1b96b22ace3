//! Of the geometry of charts.

use super::*;

fn points(values: &[Option<f64>]) -> Vec<Point> {
    let at = |i: usize| Timestamp(i64::try_from(i).unwrap() * 1000);
    values.iter().enumerate().map(|(i, v)| Point { at: at(i), min: *v, avg: *v, max: *v }).collect()
}

const MINUTE: u64 = 60_000;

#[test]
fn a_line_breaks_where_there_is_no_data() {
    let p = points(&[Some(0.0), Some(50.0), None, Some(100.0)]);
    assert_eq!(line(&p, 100.0), "M125.0 200.0L375.0 100.0M750.0 0.0h250.0");
    assert_eq!(gaps(&[&p], MINUTE), [Gap { from: 2, to: 3 }]);
    assert_eq!(Gap { from: 2, to: 3 }.shares(4), (0.5, 0.25));
    let other = points(&[None, None, Some(1.0), None]);
    assert_eq!(gaps(&[&p, &other], MINUTE), []);
    assert_eq!(line(&points(&[None, None]), 1.0), "");
}

#[test]
fn what_has_just_begun_is_no_gap() {
    let one = points(&[Some(1.0), None]);
    assert_eq!(gaps(&[&one], MINUTE), []);
    let two = points(&[Some(1.0), None, None]);
    assert_eq!(gaps(&[&two], 10_000), []);
    assert_eq!(gaps(&[&two], MINUTE), [Gap { from: 1, to: 3 }]);
    let three = points(&[Some(1.0), None, None, None]);
    assert_eq!(gaps(&[&three], 10_000), [Gap { from: 1, to: 4 }]);
}

#[test]
fn a_band_only_where_samples_differ() {
    let mut p = points(&[Some(50.0), Some(50.0), None]);
    assert_eq!(band(&p, 100.0), "");
    p[0].min = Some(0.0);
    p[0].max = Some(100.0);
    assert_eq!(band(&p, 100.0), "M166.7 0.0L500.0 100.0L500.0 100.0L166.7 200.0Z");
}

#[test]
fn many_points_become_few_that_keep_their_extremes() {
    let values: Vec<Option<f64>> = (0..700_u32).map(|i| (i % 7 != 6).then(|| f64::from(i))).collect();
    let few = thinned(&points(&values), MOST_POINTS);
    assert_eq!(few.len(), 234);
    assert_eq!((few[0].min, few[0].avg, few[0].max), (Some(0.0), Some(1.0), Some(2.0)));
    // Of 6, 7 and 8 the first has no data.
    assert_eq!((few[2].min, few[2].avg, few[2].max), (Some(7.0), Some(7.5), Some(8.0)));
    assert_eq!(thinned(&points(&[None; 4]), 2)[0].avg, None);
    assert_eq!(thinned(&points(&[Some(1.0); 4]), 4).len(), 4);
}

#[test]
fn axes_end_at_round_numbers_that_four_parts_divide() {
    for (unit, largest, end) in [
        (Unit::Percent, Some(3.0), 100.0),
        (Unit::Count, None, 4.0),
        (Unit::Count, Some(5.0), 8.0),
        (Unit::Count, Some(9.0), 20.0),
        (Unit::Count, Some(1284.0), 2000.0),
        (Unit::Mbps, Some(0.3), 0.4),
        (Unit::Ms, Some(12.0), 20.0),
    ] {
        assert!((top(unit, largest) - end).abs() < 1e-9, "{unit:?} {largest:?} {}", top(unit, largest));
    }
}

#[test]
fn places_times_and_keys() {
    assert_eq!((step_at(0.0, 4), step_at(0.49, 4), step_at(1.0, 4), step_at(2.0, 4)), (0, 1, 3, 3));
    assert_eq!(step_at(0.5, 0), 0);
    let from = Timestamp(1_000);
    assert_eq!(step_of(Timestamp(21_000), from, 10_000, 3), Some(2));
    assert_eq!(
        (step_of(Timestamp(0), from, 10_000, 3), step_of(Timestamp(31_000), from, 10_000, 3)),
        (None, None)
    );
    let keys = ["ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"];
    assert_eq!(keys.map(|k| step_by_key(k, 5, 30)), [Some(4), Some(6), Some(0), Some(29), Some(15), Some(0)]);
    assert_eq!((step_by_key("a", 5, 30), step_by_key("End", 0, 0)), (None, Some(0)));
}

#[test]
fn a_marked_time_has_both_ends_and_a_minute_at_least() {
    let from = Timestamp(0);
    assert_eq!(window(5, 2, from, 60_000), (Timestamp(120_000), Timestamp(360_000)));
    assert_eq!(window(10, 10, from, 10_000), (Timestamp(75_000), Timestamp(135_000)));
}

#[test]
fn words_at_the_ends_of_lines_keep_apart() {
    let close = |a: Vec<f64>, b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(close(apart(&[0.2, 0.9], 0.1), &[0.2, 0.9]));
    assert!(close(apart(&[0.5, 0.5], 0.1), &[0.5, 0.6]));
    assert!(close(apart(&[1.0, 1.0, 1.0], 0.1), &[0.8, 0.9, 1.0]));
    assert_eq!(end(&points(&[Some(50.0), None]), 100.0), Some(0.5));
    assert_eq!(end(&points(&[None]), 100.0), None);
}
