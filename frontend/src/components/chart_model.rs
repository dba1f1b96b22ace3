//! Geometry and texts of charts. Pure; tested on the host.
//!
//! Without data there is no line: it breaks, and the time without data is shaded. Every point stands in the middle of its
//! step, so that a chart of few points does not claim more than was measured.

use common::history::{History, Metric, Point, Unit};
use common::time::Timestamp;

use super::format;

/// Width of the drawing in its own units; the page stretches it.
pub const WIDTH: f64 = 1000.0;
/// Height of the drawing in its own units.
pub const HEIGHT: f64 = 200.0;
/// How many parts the value axis has.
pub const PARTS: u32 = 4;

/// A count as a number to reckon with.
fn number(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// Where the value axis ends: 100 for percentages, else the next round number that four parts divide.
pub fn top(unit: Unit, largest: Option<f64>) -> f64 {
    let largest = largest.filter(|v| v.is_finite()).unwrap_or(0.0);
    if unit == Unit::Percent {
        return if largest > 100.0 { 200.0 } else { 100.0 };
    }
    let least: f64 = if unit == Unit::Count { 4.0 } else { 0.4 };
    let mut decade = 0.1_f64;
    while decade < 1e12 {
        for step in [1.0, 2.0, 4.0, 8.0] {
            let end = step * decade;
            if end >= largest && end >= least && (unit != Unit::Count || step > 1.0) {
                return end;
            }
        }
        decade *= 10.0;
    }
    largest
}

/// The largest value of all series.
pub fn largest(series: &[&[Point]]) -> Option<f64> {
    series.iter().flat_map(|points| points.iter()).filter_map(|p| p.max.or(p.avg)).reduce(f64::max)
}

/// Where a value stands, from the top.
fn height(value: f64, top: f64) -> f64 {
    HEIGHT - (value / top).clamp(0.0, 1.0) * HEIGHT
}

/// Where the middle of a step stands.
pub fn middle(index: usize, of: usize) -> f64 {
    (number(index) + 0.5) * WIDTH / number(of.max(1))
}

/// Stretches of points that follow one another with data, as positions and values.
fn runs(points: &[Point]) -> Vec<Vec<(usize, &Point)>> {
    let mut all: Vec<Vec<(usize, &Point)>> = Vec::new();
    let mut open = false;
    for (i, point) in points.iter().enumerate() {
        if point.avg.is_none() {
            open = false;
            continue;
        }
        match all.last_mut().filter(|_| open) {
            Some(run) => run.push((i, point)),
            None => all.push(vec![(i, point)]),
        }
        open = true;
    }
    all
}

/// The path of the means; broken where there is no data.
pub fn line(points: &[Point], top: f64) -> String {
    let mut path = String::new();
    let width = WIDTH / number(points.len().max(1));
    for run in runs(points) {
        let alone = run.len() == 1;
        for (place, (i, point)) in run.into_iter().enumerate() {
            let (x, y) = (middle(i, points.len()), height(point.avg.unwrap_or(0.0), top));
            if alone {
                path.push_str(&format!("M{:.1} {y:.1}h{:.1}", x - width / 2.0, width));
            } else {
                path.push_str(&format!("{}{x:.1} {y:.1}", if place == 0 { 'M' } else { 'L' }));
            }
        }
    }
    path
}

/// The area between smallest and largest; empty where every sample is its mean.
pub fn band(points: &[Point], top: f64) -> String {
    if points.iter().all(|p| p.min == p.max) {
        return String::new();
    }
    let mut path = String::new();
    for run in runs(points).into_iter().filter(|run| run.len() > 1) {
        let upper = run.iter().map(|(i, p)| (*i, p.max.or(p.avg)));
        let lower = run.iter().rev().map(|(i, p)| (*i, p.min.or(p.avg)));
        for (place, (i, value)) in upper.chain(lower).enumerate() {
            let (x, y) = (middle(i, points.len()), height(value.unwrap_or(0.0), top));
            path.push_str(&format!("{}{x:.1} {y:.1}", if place == 0 { 'M' } else { 'L' }));
        }
        path.push('Z');
    }
    path
}

/// Stretches in which no series has data: where they begin, and how wide they are.
pub fn gaps(series: &[&[Point]]) -> Vec<(f64, f64)> {
    let steps = series.iter().map(|points| points.len()).max().unwrap_or(0);
    let width = WIDTH / number(steps.max(1));
    let mut all: Vec<(f64, f64)> = Vec::new();
    let mut open = false;
    for i in 0..steps {
        let empty = series.iter().all(|points| points.get(i).is_none_or(|p| p.avg.is_none()));
        if empty {
            match all.last_mut().filter(|_| open) {
                Some((_, wide)) => *wide += width,
                None => all.push((number(i) * width, width)),
            }
        }
        open = empty;
    }
    all
}

/// Which step a place on the chart is in; `share` from 0 to 1.
pub fn step_at(share: f64, steps: usize) -> usize {
    (0..steps).rev().find(|i| number(*i) <= share.clamp(0.0, 1.0) * number(steps)).unwrap_or(0)
}

/// A value with its unit.
pub fn value(unit: Unit, v: Option<f64>) -> String {
    let Some(v) = v.filter(|v| v.is_finite()) else { return format::NONE.to_owned() };
    match unit {
        Unit::Percent => format::percent(v),
        Unit::Mbps => format!("{} Mb/s", format::rate(v)),
        Unit::Ms if v > 0.0 && v < 10.0 => format!("{v:.1} ms"),
        Unit::Ms => format!("{v:.0} ms"),
        Unit::Count if v.fract().abs() < 0.05 || v >= 100.0 => {
            // Cut and not converted: there is no lossless way from a fraction to a whole number.
            let digits = format!("{v:.0}");
            digits.parse().map_or(digits, format::count)
        }
        Unit::Count => format!("{v:.1}"),
    }
}

/// A number for a file: a point and no grouping, empty without data.
fn plain(v: Option<f64>) -> String {
    v.map(|v| v.to_string()).unwrap_or_default()
}

/// A chart as a file: one line for each step.
pub fn csv(history: &History, metrics: &[Metric]) -> String {
    let series: Vec<_> = history.series.iter().filter(|s| metrics.contains(&s.metric)).collect();
    let mut out = String::from("from,to");
    for s in &series {
        let name = s.metric.as_str();
        out.push_str(&format!(",{name}_min,{name}_avg,{name}_max"));
    }
    out.push_str("\r\n");
    let step = u64::from(history.step_seconds) * 1000;
    let times: Vec<Timestamp> =
        series.first().map(|s| s.points.iter().map(|p| p.at).collect()).unwrap_or_default();
    for (i, at) in times.into_iter().enumerate() {
        out.push_str(&format!("{at},{}", at.later(step)));
        for s in &series {
            let p = s.points.get(i);
            for v in [p.and_then(|p| p.min), p.and_then(|p| p.avg), p.and_then(|p| p.max)] {
                out.push(',');
                out.push_str(&plain(v));
            }
        }
        out.push_str("\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use common::history::Series;

    use super::*;

    fn points(values: &[Option<f64>]) -> Vec<Point> {
        let at = |i: usize| Timestamp(i64::try_from(i).unwrap() * 1000);
        values.iter().enumerate().map(|(i, v)| Point { at: at(i), min: *v, avg: *v, max: *v }).collect()
    }

    #[test]
    fn a_line_breaks_where_there_is_no_data() {
        let p = points(&[Some(0.0), Some(50.0), None, Some(100.0)]);
        assert_eq!(line(&p, 100.0), "M125.0 200.0L375.0 100.0M750.0 0.0h250.0");
        assert_eq!(gaps(&[&p]), [(500.0, 250.0)]);
        let other = points(&[None, None, Some(1.0), None]);
        assert_eq!(gaps(&[&p, &other]), []);
        assert_eq!(line(&points(&[None, None]), 1.0), "");
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
    fn values_and_places() {
        assert_eq!(value(Unit::Count, Some(1284.0)), "1,284");
        assert_eq!(value(Unit::Count, Some(1.5)), "1.5");
        assert_eq!(value(Unit::Ms, Some(0.44)), "0.4 ms");
        assert_eq!(value(Unit::Mbps, None), "—");
        assert_eq!((step_at(0.0, 4), step_at(0.49, 4), step_at(1.0, 4), step_at(2.0, 4)), (0, 1, 3, 3));
        assert_eq!(step_at(0.5, 0), 0);
    }

    #[test]
    fn a_file_has_a_line_for_each_step() {
        let series = vec![Series {
            metric: Metric::Cpu,
            unit: Unit::Percent,
            coverage: 0.5,
            points: points(&[Some(1.5), None]),
        }];
        let history = History { from: Timestamp(0), to: Timestamp(2000), step_seconds: 1, series };
        let text = csv(&history, &[Metric::Cpu]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "from,to,cpu_min,cpu_avg,cpu_max");
        assert!(lines[1].ends_with(",1.5,1.5,1.5") && lines[2].ends_with(",,,"), "{text}");
    }
}
