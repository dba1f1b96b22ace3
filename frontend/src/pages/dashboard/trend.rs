//! The small lines beside the figures: read once for the range and the region, and from then on what the stream tells.

use common::history::{History, Metric, Point, Unit};
use common::time::Timestamp;
use leptos::prelude::*;

use super::scope::{Range, use_scope};
use crate::api::{Whose, use_api};
use crate::components::Sparkline;
use crate::components::sparkline::Steps;
use crate::pages::load::Load;
use crate::reactive::{effect, memo};
use crate::state::connection::use_connection;
use crate::state::freshness::Freshness;

/// What all lines of the page are made of.
const METRICS: &str = "phone,web,processing,pending";

/// The past of the lines; copy it freely.
#[derive(Clone, Copy)]
pub struct Trend {
    past: Load<(Whose, Range, History)>,
    running: Memo<bool>,
}

/// Reads the past of what the page looks at: now, for another range or region, and after each time it stood still.
pub fn use_trend() -> Trend {
    let (api, connection, scope) = (use_api(), use_connection(), use_scope());
    let running = memo(move || matches!(connection.freshness(), Freshness::Live));
    let past = Load::<(Whose, Range, History)>::default();
    effect(move || {
        let (whose, range) = (scope.whose(), scope.range.get());
        if !running.get() {
            return;
        }
        let Some(to) = untrack(|| connection.server_now()) else { return };
        let steps = u32::try_from(range.1).unwrap_or(0);
        let from = to.before(range.2.saturating_mul(u64::from(steps)));
        past.ask(async move {
            // Both ends are rounded outwards, which makes one step more.
            let history = api.history_in(&whose, METRICS, from, to, steps.saturating_add(1)).await?;
            Ok((whose, range, history))
        });
    });
    Trend { past, running }
}

/// Adds what was measured before: the sum of some series, of what is known of each step. A point stands for `apart`
/// milliseconds, which may be several steps; the step of now is left to what the page itself sees.
fn fill(steps: &mut Steps, series: &[&[Point]], apart: u64, now: Timestamp) {
    let step = steps.step_ms();
    let newest = u64::try_from(now.millis()).unwrap_or(0) / step;
    let length = series.iter().map(|points| points.len()).max().unwrap_or(0);
    for i in 0..length {
        let all = || series.iter().filter_map(|points| points.get(i));
        let Some(at) = all().next().map(|p| p.at) else { continue };
        let sum = all().filter_map(|p| p.avg).reduce(|a, b| a + b);
        for part in 0..(apart / step).max(1) {
            let at = at.later(part.saturating_mul(step));
            if u64::try_from(at.millis()).unwrap_or(0) / step < newest {
                steps.put(at, sum);
            }
        }
    }
}

/// The line of a figure: the sum of some metrics.
#[component]
pub fn Line(
    /// Its past.
    trend: Trend,
    /// What is added up.
    metrics: &'static [Metric],
    /// The figure on the screen; none where it is not known.
    now: Signal<Option<u64>>,
    /// The beginning of its sentence.
    label: &'static str,
    /// Its colour.
    #[prop(default = "s1")]
    look: &'static str,
) -> impl IntoView {
    let (connection, scope) = (use_connection(), use_scope());
    let steps = RwSignal::new(None::<Steps>);
    let shown = StoredValue::new(None::<(Whose, Range)>);
    let change = move |to: &dyn Fn(&mut Steps)| {
        let (Some(at), range) = untrack(|| (connection.server_now(), scope.range.get())) else { return };
        let kept = steps.get_untracked().filter(|s| s.step_ms() == range.2);
        let mut next = kept.unwrap_or_else(|| Steps::of(at, range.2, range.1));
        to(&mut next);
        if steps.with_untracked(|s| s.as_ref() != Some(&next)) {
            steps.set(Some(next));
        }
    };
    effect(move || {
        let of = (scope.whose(), scope.range.get());
        if shown.try_update_value(|s| s.replace(of.clone()) != Some(of)).unwrap_or(false) {
            // Another region's line must not go on in this one's.
            steps.set(None);
        }
        trend.past.read(|(whose, range, history)| {
            if (*whose == scope.whose()) && *range == scope.range.get() {
                let of = |m: &Metric| history.series.iter().find(|s| s.metric == *m);
                let series: Vec<&[Point]> =
                    metrics.iter().filter_map(of).map(|s| s.points.as_slice()).collect();
                let apart = u64::from(history.step_seconds).saturating_mul(1000);
                let Some(now) = untrack(|| connection.server_now()) else { return };
                change(&|steps| fill(steps, &series, apart, now));
            }
        });
    });
    effect(move || {
        let (at, value) = (connection.server_now(), now.get());
        if let Some(at) = at.filter(|_| trend.running.get()) {
            // Exact: counts of calls are far below the precision of a float.
            let value = value.and_then(|n| u32::try_from(n).ok()).map(f64::from);
            change(&|steps| steps.put(at, value));
        }
    });
    view! { <Sparkline label=label unit=Unit::Count steps=steps look=look /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: i64, avg: Option<f64>) -> Point {
        Point { at: Timestamp(at), min: avg, avg, max: avg }
    }

    #[test]
    fn a_minute_stands_for_six_steps_and_a_gap_stays_one() {
        let now = Timestamp(130_000);
        let mut steps = Steps::of(now, 10_000, 13);
        steps.put(now, Some(9.0));
        let (phone, web) =
            ([point(0, Some(1.0)), point(60_000, None)], [point(0, Some(2.0)), point(60_000, None)]);
        fill(&mut steps, &[&phone, &web], 60_000, now);
        // Step 0 is out of sight; 1 to 5 are the minute, 6 to 12 nobody knows, 13 is now.
        let mut expected = vec![Some(3.0); 5];
        expected.extend([None; 7]);
        expected.push(Some(9.0));
        assert_eq!(steps.values(), expected);
    }
}
