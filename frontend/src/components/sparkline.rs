//! A small line of a figure's last minutes, beside the figure: 90 steps, no axis, breaks where there is no data, dots at
//! its smallest and its largest value. Time runs from left to right in every language.

use common::history::{Point, Unit};
use common::time::Timestamp;
use leptos::prelude::*;

use super::{chart_stats, format, words};
use crate::reactive::{attr, dynamic, memo};

/// Steps of a line.
pub const STEPS: usize = 90;
/// Length of a step: that of the finest figures the server keeps.
pub const STEP_MS: u64 = 10_000;
/// Width of the drawing in its own units; the page stretches it.
const WIDTH: f64 = 300.0;
/// Height of the drawing in its own units.
const HEIGHT: f64 = 36.0;
/// Room above and below for the dots.
const MARGIN: f64 = 4.0;

/// The last steps of a figure, oldest first; a step without data is a gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    values: Vec<Option<f64>>,
    /// Number of the newest step since the epoch.
    newest: u64,
    /// Length of a step.
    step_ms: u64,
}

impl Steps {
    /// Without data, up to a time.
    pub fn empty(now: Timestamp) -> Self {
        Self::of(now, STEP_MS, STEPS)
    }

    /// Without data, up to a time, in so many steps of another length.
    pub fn of(now: Timestamp, step_ms: u64, steps: usize) -> Self {
        let mut new = Self { values: vec![None; steps], newest: 0, step_ms: step_ms.max(1) };
        new.newest = new.step_of(now);
        new
    }

    fn step_of(&self, at: Timestamp) -> u64 {
        u64::try_from(at.millis()).unwrap_or(0) / self.step_ms
    }

    /// Length of a step, in milliseconds.
    pub fn step_ms(&self) -> u64 {
        self.step_ms
    }

    /// Takes note of a value. Only the last one of a step stays; the line moves on where the time is a later step's.
    pub fn put(&mut self, at: Timestamp, value: Option<f64>) {
        let step = self.step_of(at);
        self.move_to(step);
        let place = self.newest.checked_sub(step).and_then(|back| usize::try_from(back).ok());
        let place = place.and_then(|back| self.values.len().checked_sub(back.saturating_add(1)));
        if let Some(slot) = place.and_then(|i| self.values.get_mut(i)) {
            *slot = value.filter(|v| v.is_finite());
        }
    }

    /// Adds what was measured before: the sum of some series, of what is known of each step. Where points are further
    /// apart than steps, each stands for all the steps up to the next.
    pub fn fill(&mut self, series: &[&[Point]]) {
        let now = self.newest;
        let times = series.first().copied().unwrap_or_default();
        let apart = times.get(1).zip(times.first()).map_or(0, |(b, a)| b.at.since(a.at));
        let length = series.iter().map(|points| points.len()).max().unwrap_or(0);
        for i in 0..length {
            let all = || series.iter().filter_map(|points| points.get(i));
            let Some(at) = all().next().map(|p| p.at) else { continue };
            let sum = all().filter_map(|p| p.avg).reduce(|a, b| a + b);
            for step in 0..apart.div_ceil(self.step_ms).max(1) {
                let at = at.later(step.saturating_mul(self.step_ms));
                // What the page itself saw of the newest step is newer than the mean of it; and none is to come.
                let fresh = self.step_of(at) == now && self.values.last().is_some_and(Option::is_none);
                if self.step_of(at) < now || fresh {
                    self.put(at, sum);
                }
            }
        }
    }

    fn move_to(&mut self, step: u64) {
        let steps = self.values.len();
        let by = usize::try_from(step.saturating_sub(self.newest)).unwrap_or(steps).min(steps);
        self.values.drain(..by);
        self.values.resize(steps, None);
        self.newest = self.newest.max(step);
    }

    /// The values, oldest first.
    pub fn values(&self) -> &[Option<f64>] {
        &self.values
    }
}

/// Smallest and largest value and where they are first; `None` without data.
pub fn extremes(values: &[Option<f64>]) -> Option<((usize, f64), (usize, f64))> {
    let mut known = values.iter().enumerate().filter_map(|(i, v)| v.map(|v| (i, v)));
    let first = known.next()?;
    Some(known.fold((first, first), |(low, high), now| {
        (if now.1 < low.1 { now } else { low }, if now.1 > high.1 { now } else { high })
    }))
}

/// Where a step stands, from the left.
fn across(index: usize, of: usize) -> f64 {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    number(index) * WIDTH / number(of.saturating_sub(1).max(1))
}

/// Where values stand, from the top. A line that hardly moves must not look like a mountain range, so what is shown is
/// at least a quarter of the largest value.
fn scale(low: f64, high: f64) -> impl Fn(f64) -> f64 {
    let span = (high - low).max(high.abs() / 4.0).max(1e-9);
    let middle = f64::midpoint(low, high);
    move |v| HEIGHT / 2.0 - (v - middle) / span * (HEIGHT - 2.0 * MARGIN)
}

/// The line; broken where there is no data. A lone value is a dot.
pub fn path(values: &[Option<f64>]) -> String {
    let Some(((_, low), (_, high))) = extremes(values) else { return String::new() };
    let height = scale(low, high);
    let mut path = String::new();
    let mut before = None;
    for (i, value) in values.iter().enumerate() {
        if let Some(v) = value {
            let (x, y) = (across(i, values.len()), height(*v));
            let alone = before.is_none() && values.get(i + 1).is_none_or(Option::is_none);
            path.push_str(&match (before, alone) {
                (_, true) => format!("M{x:.1} {y:.1}h0"),
                (None, _) => format!("M{x:.1} {y:.1}"),
                _ => format!("L{x:.1} {y:.1}"),
            });
        }
        before = *value;
    }
    path
}

/// The dots at the smallest and the largest value; none where the line is level.
pub fn dots(values: &[Option<f64>]) -> String {
    let Some(((i, low), (j, high))) = extremes(values).filter(|(low, high)| low.1 < high.1) else {
        return String::new();
    };
    let height = scale(low, high);
    let dot = |i, v| format!("M{:.1} {:.1}h0", across(i, values.len()), height(v));
    format!("{}{}", dot(i, low), dot(j, high))
}

/// How many steps between the first and the last with data have none.
fn missing(values: &[Option<f64>]) -> usize {
    let first = values.iter().position(Option::is_some).unwrap_or(0);
    values.iter().skip(first).filter(|v| v.is_none()).count()
}

/// What the line says, in words.
pub fn sentence(label: &str, unit: Unit, step_ms: u64, values: &[Option<f64>]) -> String {
    let w = &words().charts;
    let whole = |steps: usize| format::duration(u64::try_from(steps).unwrap_or(0).saturating_mul(step_ms));
    let time = whole(values.len());
    let Some(((_, low), (_, high))) = extremes(values) else { return (w.spark_none)(label, &time) };
    let text = |v: Option<f64>| chart_stats::value(unit, v);
    let last = values.last().copied().flatten();
    let said = (w.spark)(label, &time, &text(Some(low)), &text(Some(high)), &text(last));
    match missing(values) {
        0 => said,
        steps => format!("{said} {}", (w.spark_gap)(&whole(steps))),
    }
}

/// The line.
#[component]
pub fn Sparkline(
    /// What it shows: the beginning of its sentence.
    #[prop(into)]
    label: Signal<String>,
    /// Of its values.
    unit: Unit,
    /// Its steps; `None` before anything is known, which keeps the room.
    #[prop(into)]
    steps: Signal<Option<Steps>>,
    /// Its colour: `s1` to `s5`.
    #[prop(default = "s1")]
    look: &'static str,
) -> impl IntoView {
    let drawn = memo(move || {
        steps.with(|s| s.as_ref().map(|s| (path(s.values()), dots(s.values())))).unwrap_or_default()
    });
    let said = memo(move || {
        label.with(|label| {
            steps.with(|s| {
                let step_ms = s.as_ref().map_or(STEP_MS, Steps::step_ms);
                sentence(label, unit, step_ms, s.as_ref().map_or(&[], Steps::values))
            })
        })
    });
    // Read as a whole, and never by itself.
    view! {
        <svg
            class="spark"
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            preserveAspectRatio="none"
            role="img"
            focusable="false"
            aria-label=attr(move || said.get())
        >
            {dynamic(move || {
                let (line, dots) = drawn.get();
                view! {
                    <path class=look d=line />
                    <path class=format!("{look} dot") d=dots />
                }
            })}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_000_000_000;

    fn at(step: i64) -> Timestamp {
        Timestamp(START + step * 10_000)
    }

    fn point(step: i64, avg: Option<f64>) -> Point {
        Point { at: at(step), min: avg, avg, max: avg }
    }

    #[test]
    fn the_last_value_of_a_step_stays_and_gaps_are_gaps() {
        let mut steps = Steps::empty(at(0));
        steps.put(at(0), Some(1.0));
        steps.put(Timestamp(START + 9_000), Some(3.0));
        assert_eq!(steps.values().last(), Some(&Some(3.0)));
        steps.put(at(2), Some(5.0));
        assert_eq!(steps.values().get(STEPS - 3..), Some(&[Some(3.0), None, Some(5.0)][..]));
        assert_eq!(steps.values().len(), STEPS);
        // Later than everything that is shown.
        steps.put(at(1_000), None);
        assert!(steps.values().iter().all(Option::is_none));
        // Older than everything that is shown.
        steps.put(at(0), Some(1.0));
        assert!(steps.values().iter().all(Option::is_none));
    }

    #[test]
    fn history_is_added_up_below_what_was_seen() {
        let mut steps = Steps::empty(at(3));
        steps.put(at(3), Some(9.0));
        let phone = [point(0, Some(1.0)), point(1, None), point(2, Some(2.0)), point(3, Some(2.0))];
        let web = [point(0, Some(4.0)), point(1, None), point(2, None), point(3, Some(1.0))];
        steps.fill(&[&phone, &web]);
        assert_eq!(steps.values().get(STEPS - 4..), Some(&[Some(5.0), None, Some(2.0), Some(9.0)][..]));
        let mut empty = Steps::empty(at(3));
        empty.fill(&[&phone, &web]);
        assert_eq!(empty.values().last(), Some(&Some(3.0)));
        // A minute is six steps, as far as they are not to come.
        let mut wide = Steps::empty(at(3));
        wide.fill(&[&[point(-5, Some(7.0)), point(1, Some(8.0))]]);
        let last = wide.values().get(STEPS - 9..).unwrap();
        assert_eq!(last, [vec![Some(7.0); 6], vec![Some(8.0); 3]].concat());
    }

    #[test]
    fn a_path_breaks_and_dots_stand_at_the_extremes() {
        let values = [Some(10.0), Some(20.0), None, Some(15.0)];
        assert_eq!(path(&values), "M0.0 32.0L100.0 4.0M300.0 18.0h0");
        assert_eq!(dots(&values), "M0.0 32.0h0M100.0 4.0h0");
        assert_eq!((path(&[None, None]), dots(&[None])), (String::new(), String::new()));
        // Level: in the middle, without dots.
        assert_eq!(
            (path(&[Some(7.0), Some(7.0)]), dots(&[Some(7.0); 2])),
            ("M0.0 18.0L300.0 18.0".into(), "".into())
        );
        assert_eq!(path(&[Some(0.0); 2]), "M0.0 18.0L300.0 18.0");
    }

    #[test]
    fn it_is_said_in_words() {
        let values = [None, Some(1540.0), None, Some(1702.0), Some(1686.0)];
        let said = sentence("Live conversations", Unit::Count, STEP_MS, &values);
        for part in ["Live conversations", "50 s", "1,540", "1,702", "1,686", "10 s"] {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
        assert!(!sentence("CPU", Unit::Percent, STEP_MS, &[Some(1.0); 3]).contains("no data"));
        assert!(sentence("CPU", Unit::Percent, STEP_MS, &[]).contains("CPU"));
    }
}
