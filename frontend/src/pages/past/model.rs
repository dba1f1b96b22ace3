//! What was measured at a moment, out of a history. Pure; tested on the host.

use common::history::{History, Metric, Point, Series};
use common::time::Timestamp;

/// Within so long the finest figures are kept, with some room.
const FINE_MS: u64 = 9 * 60_000;
/// Half of what is read of a moment that recent, in milliseconds.
const FINE_HALF_MS: u64 = 5 * 60_000;
/// Half of what is read of any other.
pub const HALF_MS: u64 = 30 * 60_000;
/// In so many steps.
pub const POINTS: u32 = 61;

/// What is read around a moment.
pub fn window(at: Timestamp, now: Timestamp) -> (Timestamp, Timestamp) {
    let half = if now.since(at) < FINE_MS { FINE_HALF_MS } else { HALF_MS };
    (at.before(half), at.later(half))
}

/// The figures of a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Then {
    /// How long each is the mean of, in milliseconds.
    pub step_ms: u64,
    points: Vec<(Metric, Point)>,
}

/// A figure: a mean, and where it is one of a single metric also its extremes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Mean.
    pub avg: f64,
    /// Smallest and largest, where they differ.
    pub between: Option<(f64, f64)>,
}

impl Then {
    /// Of the step that the moment lies in.
    pub fn of(history: &History, at: Timestamp) -> Self {
        let step_ms = u64::from(history.step_seconds).saturating_mul(1000);
        let inside = |p: &&Point| p.at <= at && at < p.at.later(step_ms);
        let point = |s: &Series| s.points.iter().find(inside).map(|p| (s.metric, *p));
        Self { step_ms, points: history.series.iter().filter_map(point).collect() }
    }

    /// A figure; none where nothing was measured.
    pub fn get(&self, metric: Metric) -> Option<Figure> {
        let (_, point) = self.points.iter().find(|(m, _)| *m == metric)?;
        let between = point.min.zip(point.max).filter(|(min, max)| max - min >= 0.5);
        Some(Figure { avg: point.avg?, between })
    }

    /// The sum of what is known of some metrics; none where nothing is. The extremes of a sum are not known.
    pub fn sum(&self, metrics: &[Metric]) -> Option<Figure> {
        let avg = metrics.iter().filter_map(|m| self.get(*m)).map(|f| f.avg).reduce(|a, b| a + b)?;
        Some(Figure { avg, between: None })
    }

    /// Whether anything was measured.
    pub fn known(&self) -> bool {
        self.points.iter().any(|(_, p)| p.avg.is_some())
    }

    /// Whether the control plane watched its nodes: it counts them in every step in which it runs.
    pub fn watched(&self) -> bool {
        [Metric::BackendRegistered, Metric::ProxyRegistered].into_iter().any(|m| self.get(m).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Least, mean and most of each step.
    type Steps<'a> = &'a [Option<(f64, f64, f64)>];

    fn history(all: &[(Metric, Steps<'_>)]) -> History {
        let point = |(i, v): (usize, &Option<(f64, f64, f64)>)| Point {
            at: Timestamp(i64::try_from(i).unwrap() * 60_000),
            min: v.map(|v| v.0),
            avg: v.map(|v| v.1),
            max: v.map(|v| v.2),
        };
        let series = all.iter().map(|(metric, points)| Series {
            metric: *metric,
            unit: metric.unit(),
            coverage: 1.0,
            points: points.iter().enumerate().map(point).collect(),
        });
        History { from: Timestamp(0), to: Timestamp(180_000), step_seconds: 60, series: series.collect() }
    }

    #[test]
    fn a_moment_has_the_figures_of_its_own_step() {
        let h = history(&[
            (Metric::Phone, &[Some((1.0, 2.0, 3.0)), Some((4.0, 4.0, 4.0)), None]),
            (Metric::Web, &[None, Some((1.0, 1.5, 2.0)), None]),
        ]);
        let first = Then::of(&h, Timestamp(59_999));
        assert_eq!(first.step_ms, 60_000);
        assert_eq!(first.get(Metric::Phone), Some(Figure { avg: 2.0, between: Some((1.0, 3.0)) }));
        assert_eq!(first.get(Metric::Web), None, "a gap is no zero");
        assert_eq!(first.sum(&[Metric::Phone, Metric::Web]).map(|f| f.avg), Some(2.0));
        let second = Then::of(&h, Timestamp(60_000));
        assert_eq!(second.get(Metric::Phone), Some(Figure { avg: 4.0, between: None }));
        assert_eq!(second.sum(&[Metric::Phone, Metric::Web]).map(|f| f.avg), Some(5.5));
        let third = Then::of(&h, Timestamp(150_000));
        assert!(!third.known() && third.sum(&[Metric::Phone, Metric::Web]).is_none());
        assert!(!Then::of(&h, Timestamp(180_000)).known(), "beyond what was read");
    }

    #[test]
    fn nodes_are_counted_wherever_somebody_watches() {
        let zero = Some((0.0, 0.0, 0.0));
        let h =
            history(&[(Metric::ProxyRegistered, &[zero, None, None]), (Metric::Cpu, &[zero, zero, None])]);
        assert!(Then::of(&h, Timestamp(0)).watched());
        assert!(!Then::of(&h, Timestamp(60_000)).watched());
    }

    #[test]
    fn a_recent_moment_is_read_in_fine_steps() {
        let at = Timestamp(100_000_000);
        let length = |now| {
            let (from, to) = window(at, now);
            to.since(from)
        };
        assert_eq!(length(at.later(60_000)), 600_000);
        assert_eq!(length(at.later(600_000)), 3_600_000);
    }
}
