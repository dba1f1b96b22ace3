//! Figures over time: whose they are, at which resolution they are kept, and how a chart's points are made of them.

use std::fmt;

use common::history::{Metric, Point};
use common::ids::{NodeId, RegionId};
use common::time::Timestamp;

/// Between two samples, in milliseconds.
pub const SAMPLE_MS: i64 = 10_000;
/// A minute, in milliseconds.
pub const MINUTE_MS: i64 = 60_000;
/// How long samples stay in memory, in milliseconds.
pub const RECENT_MS: i64 = 15 * MINUTE_MS;

/// "The last 15 minutes" is a little longer by the time it is answered.
const GRACE_MS: i64 = MINUTE_MS / 2;

/// Whose figures.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// All regions together.
    Cluster,
    /// A region.
    Region(RegionId),
    /// A node of any kind.
    Node(NodeId),
    /// A process of the control plane itself, by its id.
    Frontend(String),
}

impl fmt::Display for Subject {
    /// As in the database.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => f.write_str("cluster"),
            Self::Region(id) => write!(f, "region:{id}"),
            Self::Node(id) => write!(f, "node:{id}"),
            Self::Frontend(id) => write!(f, "frontend:{id}"),
        }
    }
}

/// A metric as its number in the database. Numbers are never given to another metric.
pub fn metric_code(m: Metric) -> i16 {
    match m {
        Metric::Cpu => 1,
        Metric::Memory => 2,
        Metric::NetworkDown => 3,
        Metric::NetworkUp => 4,
        Metric::Phone => 5,
        Metric::Web => 6,
        Metric::Processing => 7,
        Metric::Pending => 8,
        Metric::SlotsUsed => 9,
        Metric::SlotsMax => 10,
        Metric::BackendOnline => 11,
        Metric::BackendRegistered => 12,
        Metric::BackendAccepting => 13,
        Metric::ProxyOnline => 14,
        Metric::ProxyRegistered => 15,
        Metric::ProxyAccepting => 16,
        Metric::DatabaseMs => 17,
        Metric::SweeperLateMs => 18,
    }
}

/// The inverse of [`metric_code`].
pub fn metric_of(code: i16) -> Option<Metric> {
    Metric::ALL.into_iter().find(|m| metric_code(*m) == code)
}

/// A resolution at which figures are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 10 s, in memory for 15 minutes.
    Sample,
    /// 1 minute, for 7 days.
    Minute,
    /// 15 minutes, for 90 days.
    Quarter,
    /// 1 hour, for a year.
    Hour,
}

impl Level {
    /// From the finest to the coarsest.
    pub const ALL: [Self; 4] = [Self::Sample, Self::Minute, Self::Quarter, Self::Hour];

    /// Time of one row, in milliseconds.
    pub fn step_ms(self) -> i64 {
        match self {
            Self::Sample => SAMPLE_MS,
            Self::Minute => MINUTE_MS,
            Self::Quarter => 15 * MINUTE_MS,
            Self::Hour => 60 * MINUTE_MS,
        }
    }

    /// How far back there is something, in milliseconds.
    pub fn kept_ms(self) -> i64 {
        const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
        match self {
            Self::Sample => RECENT_MS,
            Self::Minute => 7 * DAY_MS,
            Self::Quarter => 90 * DAY_MS,
            Self::Hour => 366 * DAY_MS,
        }
    }
}

/// The longest range a chart may have, in milliseconds: as long as anything is kept.
pub fn range_max_ms() -> i64 {
    Level::Hour.kept_ms()
}

/// Samples of one metric put together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Smallest.
    pub min: f32,
    /// Mean.
    pub avg: f32,
    /// Largest.
    pub max: f32,
    /// How many, one every 10 s.
    pub samples: u16,
}

/// All metrics of one subject over one minute, or a longer step.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Whose.
    pub subject: String,
    /// Where its time begins.
    pub bucket: Timestamp,
    /// What was measured; a metric without a sample is not there.
    pub metrics: Vec<(Metric, Measured)>,
}

/// Rounds down to a multiple of `step_ms`.
pub fn floor(at: Timestamp, step_ms: i64) -> Timestamp {
    Timestamp(at.0.saturating_sub(at.0.rem_euclid(step_ms)))
}

/// Where the points of a chart come from, and where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The rows to read.
    pub level: Level,
    /// Time between two points, in milliseconds; a multiple of the level's step.
    pub step_ms: i64,
    /// Where the first point begins, a multiple of the step.
    pub from: Timestamp,
    /// Where the last point ends, a multiple of the step after `from`.
    pub to: Timestamp,
}

/// Chooses resolution and step for a range of at least a minute: the coarsest rows that still give the number of
/// points asked for, as they are the fewest to read, but none finer than `finest`, and never rows that do not reach back
/// to `from`.
pub fn plan(from: Timestamp, to: Timestamp, points: u32, now: Timestamp, finest: Level) -> Plan {
    let points = i64::from(points.max(2));
    let range = to.0.saturating_sub(from.0).max(1);
    let wanted = range.saturating_add(points - 1) / points;
    let reaches = |l: Level| now.0.saturating_sub(from.0) <= l.kept_ms() + GRACE_MS;
    let finest = Level::ALL.into_iter().find(|l| *l >= finest && reaches(*l)).unwrap_or(Level::Hour);
    let level = Level::ALL.into_iter().rev().find(|l| l.step_ms() <= wanted).unwrap_or(Level::Sample);
    let level = level.max(finest);
    let unit = level.step_ms();
    let mut step_ms = wanted.saturating_add(unit - 1) / unit * unit;
    // Rounding both ends outwards may need one point more than there is room for.
    loop {
        let start = floor(from, step_ms);
        let end = floor(Timestamp(to.0.saturating_add(step_ms - 1)), step_ms);
        if end.0.saturating_sub(start.0) / step_ms <= points {
            return Plan { level, step_ms, from: start, to: end };
        }
        step_ms = step_ms.saturating_add(unit);
    }
}

/// Something measured at a time.
pub type Piece = (Timestamp, Measured);

/// Points of a plan from what was measured, in any order: one for every step, without data where there is none.
pub fn points(plan: &Plan, pieces: impl IntoIterator<Item = Piece>) -> Vec<Point> {
    #[derive(Clone, Copy, Default)]
    struct Sum {
        min: f64,
        max: f64,
        total: f64,
        samples: f64,
    }
    let count = usize::try_from((plan.to.0 - plan.from.0) / plan.step_ms).unwrap_or(0);
    let mut sums = vec![Sum::default(); count];
    for (at, m) in pieces {
        let place =
            at.0.checked_sub(plan.from.0).and_then(|ms| usize::try_from(ms.div_euclid(plan.step_ms)).ok());
        let Some(sum) = place.and_then(|i| sums.get_mut(i)).filter(|_| m.samples > 0) else { continue };
        let (min, max, n) = (f64::from(m.min), f64::from(m.max), f64::from(m.samples));
        let first = sum.samples == 0.0;
        sum.min = if first { min } else { sum.min.min(min) };
        sum.max = if first { max } else { sum.max.max(max) };
        sum.total += f64::from(m.avg) * n;
        sum.samples += n;
    }
    let mut at = plan.from;
    sums.into_iter()
        .map(|s| {
            let known = |v: f64| (s.samples > 0.0).then(|| rounded(v));
            let point = Point { at, min: known(s.min), avg: known(s.total / s.samples), max: known(s.max) };
            at = Timestamp(at.0.saturating_add(plan.step_ms));
            point
        })
        .collect()
}

/// Three digits after the point: what is measured is not finer, and a quarter of a reply would be digits.
fn rounded(v: f64) -> f64 {
    (v * 1000.0).round() / 1000.0
}

/// How much of the plan's time up to `now` is covered by samples, 0–1.
pub fn coverage(plan: &Plan, now: Timestamp, pieces: &[Piece]) -> f64 {
    let covered = plan.to.min(now).0.saturating_sub(plan.from.0);
    let expected = u32::try_from(covered / SAMPLE_MS).unwrap_or(u32::MAX);
    if expected == 0 {
        return if pieces.is_empty() { 0.0 } else { 1.0 };
    }
    let within = |at: Timestamp| at >= plan.from && at < plan.to;
    let samples: u32 = pieces.iter().filter(|(at, _)| within(*at)).map(|(_, m)| u32::from(m.samples)).sum();
    rounded((f64::from(samples) / f64::from(expected)).min(1.0))
}

#[cfg(test)]
#[path = "history/tests.rs"]
mod tests;
