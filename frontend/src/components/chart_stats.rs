//! What a chart says in numbers and words: values with their units, smallest, mean, 95th percentile, largest, the file.
//! Pure; tested on the host.

use common::history::{Point, Series, Unit};
use common::time::Timestamp;

use super::format;
use crate::i18n::figures::figures;

/// A series in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// Smallest sample.
    pub min: f64,
    /// Mean of the steps with data.
    pub avg: f64,
    /// 95 of 100 steps with data are at most this.
    pub p95: f64,
    /// Largest sample.
    pub max: f64,
    /// The newest step with data: its number, its value.
    pub last: (usize, f64),
}

/// A series in numbers; `None` without data.
pub fn stats(points: &[Point]) -> Option<Stats> {
    let known = || points.iter().enumerate().filter_map(|(i, p)| p.avg.map(|avg| (i, avg, p)));
    let last = known().next_back().map(|(i, avg, _)| (i, avg))?;
    let mut means: Vec<f64> = known().map(|(_, avg, _)| avg).collect();
    means.sort_by(f64::total_cmp);
    let count = u32::try_from(means.len()).ok()?;
    // The nearest rank: a value that was there, not one between two.
    let rank = (means.len() * 95).div_ceil(100);
    Some(Stats {
        min: known().map(|(_, avg, p)| p.min.unwrap_or(avg)).reduce(f64::min)?,
        avg: means.iter().sum::<f64>() / f64::from(count),
        p95: means.get(rank.saturating_sub(1)).copied()?,
        max: known().map(|(_, avg, p)| p.max.unwrap_or(avg)).reduce(f64::max)?,
        last,
    })
}

/// A value with its unit.
pub fn value(unit: Unit, v: Option<f64>) -> String {
    let Some(v) = v.filter(|v| v.is_finite()) else { return format::NONE.to_owned() };
    let f = figures();
    match unit {
        Unit::Percent => format::percent(v),
        Unit::Mbps => format::mbps(v),
        Unit::Ms if v > 0.0 && v < 10.0 => (f.units.technical)(&f.written(format!("{v:.1}")), "ms"),
        Unit::Ms => (f.units.technical)(&f.written(format!("{v:.0}")), "ms"),
        Unit::Count if v.fract().abs() < 0.05 || v >= 100.0 => {
            // Cut and not converted: there is no lossless way from a fraction to a whole number.
            let digits = format!("{v:.0}");
            digits.parse().map_or(digits, format::count)
        }
        Unit::Count => f.written(format!("{v:.1}")),
    }
}

/// A number for a file: a point and no grouping, empty without data.
pub fn plain(v: Option<f64>) -> String {
    v.map(|v| v.to_string()).unwrap_or_default()
}

/// What is on a chart as a file: one line for each step, in the order of time.
pub fn csv(series: &[Series], step_ms: u64) -> String {
    let mut out = String::from("from,to");
    for s in series {
        let name = s.metric.as_str();
        out.push_str(&format!(",{name}_min,{name}_avg,{name}_max"));
    }
    out.push_str("\r\n");
    let times: Vec<Timestamp> =
        series.first().map(|s| s.points.iter().map(|p| p.at).collect()).unwrap_or_default();
    for (i, at) in times.into_iter().enumerate() {
        out.push_str(&format!("{at},{}", at.later(step_ms)));
        for s in series {
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
    use common::history::Metric;

    use super::*;

    fn points(values: &[Option<f64>]) -> Vec<Point> {
        let at = |i: usize| Timestamp(i64::try_from(i).unwrap() * 1000);
        values.iter().enumerate().map(|(i, v)| Point { at: at(i), min: *v, avg: *v, max: *v }).collect()
    }

    #[test]
    fn numbers_of_a_series() {
        let hundred: Vec<Option<f64>> = (1..=100_u32).map(|i| Some(f64::from(i))).collect();
        let s = stats(&points(&hundred)).unwrap();
        assert_eq!((s.min, s.avg, s.p95, s.max, s.last), (1.0, 50.5, 95.0, 100.0, (99, 100.0)));
        let mut few = points(&[Some(4.0), None, Some(2.0), None]);
        few[0].max = Some(9.0);
        let s = stats(&few).unwrap();
        assert_eq!((s.min, s.avg, s.p95, s.max, s.last), (2.0, 3.0, 4.0, 9.0, (2, 2.0)));
        assert_eq!(stats(&points(&[None, None])), None);
    }

    #[test]
    fn values_have_units() {
        assert_eq!(value(Unit::Count, Some(1284.0)), "1,284");
        assert_eq!(value(Unit::Count, Some(1.5)), "1.5");
        assert_eq!(value(Unit::Ms, Some(0.44)), "0.4 ms");
        assert_eq!(value(Unit::Mbps, None), "—");
    }

    #[test]
    fn a_file_has_a_line_for_each_step() {
        let series = [Series {
            metric: Metric::Cpu,
            unit: Unit::Percent,
            coverage: 0.5,
            points: points(&[Some(1.5), None]),
        }];
        let text = csv(&series, 1000);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "from,to,cpu_min,cpu_avg,cpu_max");
        assert!(lines[1].ends_with(",1.5,1.5,1.5") && lines[2].ends_with(",,,"), "{text}");
    }
}
