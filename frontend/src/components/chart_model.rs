//! Geometry and texts of charts. Pure; tested on the host.
//!
//! Without data there is no line: it breaks, and the time without data is shaded. Every point stands in the middle of its
//! step, so that a chart of few points does not claim more than was measured.

use common::history::{Point, Unit};
use common::time::Timestamp;

/// Width of the drawing in its own units; the page stretches it.
pub const WIDTH: f64 = 1000.0;
/// Height of the drawing in its own units.
pub const HEIGHT: f64 = 200.0;
/// How many parts the value axis has.
pub const PARTS: u32 = 4;
/// Most points of a path.
pub const MOST_POINTS: usize = 300;
/// Steps that Page Up and Page Down go.
const PAGE: usize = 10;
/// An empty end this short is not a gap yet.
const RUNNING_MS: u64 = 25_000;
/// The shortest time the server draws.
const LEAST_MS: u64 = 60_000;

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

/// A stretch of steps without data: the first, and the one after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Its first step.
    pub from: usize,
    /// The first step after it.
    pub to: usize,
}

impl Gap {
    /// Where it begins and how wide it is, as shares of the axis.
    pub fn shares(self, steps: usize) -> (f64, f64) {
        let all = number(steps.max(1));
        (number(self.from) / all, number(self.to.saturating_sub(self.from)) / all)
    }
}

/// Stretches in which no series has data. What has only just begun is not a gap: the newest step is filled when it is
/// over, and figures arrive every ten seconds.
pub fn gaps(series: &[&[Point]], step_ms: u64) -> Vec<Gap> {
    let steps = series.iter().map(|points| points.len()).max().unwrap_or(0);
    let empty = |i: usize| series.iter().all(|points| points.get(i).is_none_or(|p| p.avg.is_none()));
    let mut all: Vec<Gap> = Vec::new();
    for i in (0..steps).filter(|i| empty(*i)) {
        match all.last_mut().filter(|gap| gap.to == i) {
            Some(gap) => gap.to = i + 1,
            None => all.push(Gap { from: i, to: i + 1 }),
        }
    }
    let running = |gap: &Gap| {
        let length = u64::try_from(gap.to - gap.from).unwrap_or(0);
        gap.to == steps && (length <= 1 || length.saturating_mul(step_ms) <= RUNNING_MS)
    };
    if all.last().is_some_and(running) {
        all.pop();
    }
    all
}

/// At most so many points, each with the smallest and the largest value of those it stands for.
pub fn thinned(points: &[Point], most: usize) -> Vec<Point> {
    let each = points.len().div_ceil(most.max(1)).max(1);
    if each == 1 {
        return points.to_vec();
    }
    let of = |group: &[Point]| {
        let known = || group.iter().filter(|p| p.avg.is_some());
        let count = number(known().count());
        let sum = known().filter_map(|p| p.avg).reduce(|a, b| a + b);
        Some(Point {
            at: group.first()?.at,
            min: known().filter_map(|p| p.min.or(p.avg)).reduce(f64::min),
            avg: sum.map(|sum| sum / count),
            max: known().filter_map(|p| p.max.or(p.avg)).reduce(f64::max),
        })
    };
    points.chunks(each).filter_map(of).collect()
}

/// Which step a place on the chart is in; `share` from 0 to 1.
pub fn step_at(share: f64, steps: usize) -> usize {
    (0..steps).rev().find(|i| number(*i) <= share.clamp(0.0, 1.0) * number(steps)).unwrap_or(0)
}

/// Which step a time is in; `None` outside the axis.
pub fn step_of(at: Timestamp, from: Timestamp, step_ms: u64, steps: usize) -> Option<usize> {
    let ms = u64::try_from(at.millis().checked_sub(from.millis())?).ok()?;
    usize::try_from(ms.checked_div(step_ms)?).ok().filter(|i| *i < steps)
}

/// Where the last value of a line stands, as a share from the top.
pub fn end(points: &[Point], top: f64) -> Option<f64> {
    let value = points.iter().rev().find_map(|p| p.avg)?;
    Some(height(value, top) / HEIGHT)
}

/// Where the words at the ends of lines stand: beside their lines, and at least `apart` from one another.
pub fn apart(wanted: &[f64], apart: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    let place = |i: usize| wanted.get(i).copied().unwrap_or(0.0);
    order.sort_by(|a, b| place(*a).total_cmp(&place(*b)));
    let mut out = wanted.to_vec();
    let mut least = 0.0_f64;
    for (n, i) in order.iter().enumerate() {
        // Those below must find room too.
        let most = 1.0 - apart * number(order.len() - n - 1);
        let y = place(*i).min(most).max(least);
        if let Some(slot) = out.get_mut(*i) {
            *slot = y;
        }
        least = y + apart;
    }
    out
}

/// What a key does to the step that is read.
pub fn step_by_key(key: &str, now: usize, steps: usize) -> Option<usize> {
    let last = steps.saturating_sub(1);
    Some(match key {
        "ArrowLeft" | "ArrowDown" => now.saturating_sub(1),
        "ArrowRight" | "ArrowUp" => (now + 1).min(last),
        "PageDown" => now.saturating_sub(PAGE),
        "PageUp" => (now + PAGE).min(last),
        "Home" => 0,
        "End" => last,
        _ => return None,
    })
}

/// The time between two steps that were marked, both included, and at least a minute.
pub fn window(a: usize, b: usize, from: Timestamp, step_ms: u64) -> (Timestamp, Timestamp) {
    let at = |i: usize| from.later(u64::try_from(i).unwrap_or(0).saturating_mul(step_ms));
    let (start, end) = (at(a.min(b)), at(a.max(b) + 1));
    let lacks = LEAST_MS.saturating_sub(end.since(start));
    (start.before(lacks / 2), end.later(lacks.div_ceil(2)))
}

#[cfg(test)]
#[path = "chart_model_tests.rs"]
mod tests;
