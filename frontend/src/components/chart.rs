//! A chart of one or more series on one time axis: lines of means over a band of extremes, read with the pointer or the
//! arrow keys, or as a table. Charts that stand one below another share their axis, the place that is read and the time
//! that is marked. Time runs from left to right in every language; the values stand on the side where reading begins.

use common::history::{History, Metric, Series};
use common::time::Timestamp;
use leptos::prelude::*;

use super::chart_model as model;
use super::chart_plot::plot;
use super::chart_stats::{csv, stats, value};
use super::chart_table::table;
use super::icon::Icon;
use super::words;
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{attr, dynamic, memo};

/// Something that happened, as a mark across the charts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// What, in few words.
    pub text: String,
}

/// What charts that stand one below another have in common; copy it freely.
#[derive(Clone, Copy)]
pub struct Shared {
    /// The figures.
    pub history: Signal<Option<History>>,
    /// The time when they were read: what is after it is still to come.
    pub read_at: Signal<Option<Timestamp>>,
    /// What happened meanwhile, oldest first.
    pub marks: Signal<Vec<Mark>>,
    /// Which step is read.
    pub cursor: RwSignal<Option<usize>>,
    /// The steps between which a time is marked.
    pub brush: RwSignal<Option<(usize, usize)>>,
    /// Shows a time on all of them.
    pub on_zoom: Callback<(Timestamp, Timestamp)>,
    /// Hands a file over: text and name.
    pub on_file: Callback<(String, String)>,
}

/// Looks of the first, second and third series; the form of the line says the same as its colour.
pub(super) const LOOKS: [&str; 3] = ["s1", "s2 dashed", "s3 dotted"];

/// What one chart draws, worked out once for all its parts; copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Drawn {
    pub(super) title: &'static str,
    pub(super) series: Memo<Vec<Series>>,
    pub(super) steps: Memo<usize>,
    pub(super) step_ms: Memo<u64>,
    /// The step that is read: the one pointed at, else the newest with data.
    pub(super) step: Memo<Option<usize>>,
    pub(super) shared: Shared,
    pub(super) i18n: I18n,
}

impl Drawn {
    /// When a step begins.
    pub(super) fn at(self, step: usize) -> Option<Timestamp> {
        self.series.with(|all| all.first().and_then(|s| s.points.get(step)).map(|p| p.at))
    }

    /// A time on the axis: with its date where the axis is longer than a day.
    pub(super) fn time(self, at: Timestamp) -> String {
        let axis = self.shared.history.with(|h| h.as_ref().map(|h| h.to.since(h.from)));
        if axis.is_some_and(|ms| ms > DAY_MS) { self.i18n.fmt.date_time(at) } else { self.i18n.fmt.time(at) }
    }

    /// What happened in a step.
    pub(super) fn marks_at(self, step: usize) -> Vec<String> {
        let Some(at) = self.at(step) else { return Vec::new() };
        let end = at.later(self.step_ms.get());
        let inside = |m: &&Mark| m.at >= at && m.at < end;
        self.shared.marks.with(|all| all.iter().filter(inside).map(|m| m.text.clone()).collect())
    }

    /// A step in words: its time, every series, what happened.
    pub(super) fn reading(self) -> String {
        let w = &words().charts;
        let Some(step) = self.step.get() else { return w.no_data.to_owned() };
        let mut parts = vec![self.at(step).map(|at| self.time(at)).unwrap_or_default()];
        for s in self.series.get() {
            let p = s.points.get(step);
            let [min, avg, max] = [p.and_then(|p| p.min), p.and_then(|p| p.avg), p.and_then(|p| p.max)];
            parts.push(match avg {
                None => (w.reading_none)((w.metric)(s.metric)),
                Some(_) => {
                    let [min, avg, max] = [min, avg, max].map(|v| value(s.unit, v));
                    (w.reading)((w.metric)(s.metric), &avg, &min, &max)
                }
            });
        }
        parts.extend(self.marks_at(step));
        parts.join(w.comma)
    }

    /// The chart in one sentence.
    pub(super) fn sentence(self) -> String {
        let w = &words().charts;
        let axis = self.shared.history.with(|h| h.as_ref().map(|h| (h.from, h.to)));
        let span = axis.map(|(from, to)| (w.span)(self.title, &self.time(from), &self.time(to)));
        let mut parts: Vec<String> = span.into_iter().collect();
        for s in self.series.get() {
            let name = (w.metric)(s.metric);
            parts.push(match stats(&s.points) {
                None => (w.said_none)(name),
                Some(n) => {
                    let at = self.at(n.last.0).map(|at| self.time(at)).unwrap_or_default();
                    let text = |v: f64| value(s.unit, Some(v));
                    (w.said)(name, &text(n.min), &text(n.avg), &text(n.max), &text(n.last.1), &at)
                }
            });
        }
        parts.join(" ")
    }
}

/// A day.
const DAY_MS: u64 = 24 * 3_600_000;

fn series(history: &History, metrics: &[Metric]) -> Vec<Series> {
    let found = metrics.iter().filter_map(|m| history.series.iter().find(|s| s.metric == *m));
    let thin = |s: &Series| Series { points: model::thinned(&s.points, model::MOST_POINTS), ..s.clone() };
    found.map(thin).collect()
}

/// One chart.
#[component]
pub fn Chart(
    /// What it shows.
    title: &'static str,
    /// Id of its heading.
    id: &'static str,
    /// The series, in order of their looks; at most three.
    metrics: &'static [Metric],
    /// What it has in common with the charts beside it.
    shared: Shared,
) -> impl IntoView {
    let w = &words().charts;
    let i18n = use_i18n();
    let history = shared.history;
    let mine = memo(move || history.with(|h| h.as_ref().map(|h| series(h, metrics))).unwrap_or_default());
    let steps = memo(move || mine.with(|s| s.first().map_or(0, |s| s.points.len())));
    let step_ms = memo(move || {
        let apart = |s: &Series| Some(s.points.get(1)?.at.since(s.points.first()?.at));
        let told = history.with(|h| h.as_ref().map_or(0, |h| u64::from(h.step_seconds) * 1000));
        mine.with(|all| all.first().and_then(apart)).unwrap_or(told)
    });
    let any = memo(move || mine.with(|s| s.iter().any(|s| s.points.iter().any(|p| p.avg.is_some()))));
    // What is read where nothing is pointed at: the newest step with data.
    let newest =
        memo(move || mine.with(|all| all.iter().filter_map(|s| stats(&s.points).map(|n| n.last.0)).max()));
    let step = memo(move || shared.cursor.get().filter(|i| *i < steps.get()).or_else(|| newest.get()));
    let drawn = Drawn { title, series: mine, steps, step_ms, step, shared, i18n };
    let save = move |_| {
        let text = mine.with_untracked(|all| csv(all, step_ms.get_untracked()));
        shared.on_file.run((text, format!("{id}.csv")));
    };
    let as_table = RwSignal::new(false);
    view! {
        <section class="card chart-card" aria-labelledby=id>
            <header>
                <h3 id=id>{title}</h3>
                // Not a live region: the keys read by the slider's own value.
                <p class="chart-read xs num">{dynamic(move || any.get().then(|| drawn.reading()))}</p>
                <span class="sp"></span>
                <button
                    type="button"
                    class="btn small"
                    aria-pressed=attr(move || if as_table.get() { "true" } else { "false" })
                    aria-describedby=id
                    on:click=move |_| as_table.update(|on| *on = !*on)
                >
                    <Icon name="rows-3" />
                    {w.table}
                </button>
                <button type="button" class="btn small" aria-describedby=id on:click=save>
                    <Icon name="download" />
                    {w.csv}
                </button>
            </header>
            {dynamic(move || match (as_table.get(), any.get()) {
                (true, _) => table(drawn),
                (false, true) => plot(drawn),
                (false, false) => view! { <p class="mut chart-none">{w.no_data}</p> }.into_any(),
            })}
            {dynamic(move || numbers(drawn))}
        </section>
    }
}

/// Each series in numbers, with the look of its line.
fn numbers(drawn: Drawn) -> AnyView {
    let w = &words().charts;
    let steps = drawn.steps.get();
    let rows = drawn.series.get().into_iter().zip(LOOKS).map(|(s, look)| {
        let found = stats(&s.points);
        let text = |v: Option<f64>| value(s.unit, v);
        let of = |read: fn(&super::chart_stats::Stats) -> f64| text(found.as_ref().map(read));
        // A last value that is not of the newest steps says when it was.
        let old = found.filter(|n| n.last.0.saturating_add(3) < steps);
        let at = old.and_then(|n| drawn.at(n.last.0)).map(|at| (w.last_at)(&drawn.time(at)));
        let part = |name: &'static str, text: String| {
            view! {
                <span>
                    {name} " " <b class="num">{text}</b>
                </span>
            }
        };
        view! {
            <li>
                <span class="chart-name">
                    <svg class="chart key-line" viewBox="0 0 24 8" aria-hidden="true" focusable="false">
                        <path class=look d="M0 4h24" />
                    </svg>
                    {(w.metric)(s.metric)}
                </span>
                {part(w.last, text(found.map(|n| n.last.1)))}
                {at.map(|at| view! { <span class="num">{at}</span> })}
                {part(w.min, of(|n| n.min))}
                {part(w.avg, of(|n| n.avg))}
                {part(w.p95, of(|n| n.p95))}
                {part(w.max, of(|n| n.max))}
            </li>
        }
    });
    view! { <ul class="chart-stats">{rows.collect_view()}</ul> }.into_any()
}
