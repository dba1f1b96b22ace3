//! A chart of one or more series on one time axis: lines of means over a band of extremes, read with the pointer or the
//! arrow keys, or as a table. Time runs from left to right in every language.

use common::history::{History, Metric, Point, Series, Unit};
use common::time::Timestamp;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::chart_model::{self as model, HEIGHT, PARTS, WIDTH};
use super::table::TableBox;
use super::words;
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{attr, dynamic, memo};

/// Which step is read, shared by charts that stand one below another.
pub type Cursor = RwSignal<Option<usize>>;

/// Looks of the first, second and third series; the form of the line says the same as its colour.
const LOOKS: [&str; 3] = ["s1", "s2 dashed", "s3 dotted"];

fn series(history: &History, metrics: &[Metric]) -> Vec<Series> {
    metrics.iter().filter_map(|m| history.series.iter().find(|s| s.metric == *m).cloned()).collect()
}

/// The time of day, with its date where the axis is longer than a day.
fn time(i18n: I18n, at: Timestamp, long: bool) -> String {
    if long { i18n.fmt.date_time(at) } else { i18n.fmt.time(at) }
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
    /// The figures.
    #[prop(into)]
    history: Signal<Option<History>>,
    /// Which step is read.
    cursor: Cursor,
    /// Hands a file over: text and name.
    on_file: Callback<(String, String)>,
) -> impl IntoView {
    let w = &words().charts;
    let i18n = use_i18n();
    let mine = memo(move || history.with(|h| h.as_ref().map(|h| series(h, metrics))).unwrap_or_default());
    let axis = memo(move || history.with(|h| h.as_ref().map(|h| (h.from, h.to))));
    let long = memo(move || axis.get().is_some_and(|(from, to)| to.since(from) > 24 * 3_600_000));
    let steps = memo(move || mine.with(|s| s.first().map_or(0, |s| s.points.len())));
    let any = memo(move || mine.with(|s| s.iter().any(|s| s.points.iter().any(|p| p.avg.is_some()))));
    // What is read where nothing is pointed at: the newest step with data.
    let newest = memo(move || {
        let has = |s: &Series, i: usize| s.points.get(i).is_some_and(|p| p.avg.is_some());
        mine.with(|all| (0..steps.get()).rev().find(|i| all.iter().any(|s| has(s, *i))))
    });
    let step = memo(move || cursor.get().filter(|i| *i < steps.get()).or_else(|| newest.get()));
    let reading = move || {
        let at = mine.with(|all| all.first().and_then(|s| s.points.get(step.get()?)).map(|p| p.at));
        let mut text = at.map(|at| time(i18n, at, long.get())).unwrap_or_default();
        for s in mine.get() {
            let p = step.get().and_then(|i| s.points.get(i).copied());
            let [min, avg, max] = [p.and_then(|p| p.min), p.and_then(|p| p.avg), p.and_then(|p| p.max)]
                .map(|v| model::value(s.unit, v));
            text.push_str(", ");
            text.push_str(&(w.reading)((w.metric)(s.metric), &avg, &min, &max));
        }
        text
    };
    let save = move |_| {
        let text = history.with_untracked(|h| h.as_ref().map(|h| model::csv(h, metrics)));
        if let Some(text) = text {
            on_file.run((text, format!("{id}.csv")));
        }
    };
    let table_open = RwSignal::new(false);
    view! {
        <section class="card chart-card">
            <header>
                <h3 id=id>{title}</h3>
                <span class="sp"></span>
                <span class="xs num">
                    {dynamic(move || {
                        let at = mine.with(|all| all.first().and_then(|s| s.points.get(step.get()?)).map(|p| p.at));
                        at.map(|at| time(i18n, at, long.get()))
                    })}
                </span>
            </header>
            <ul class="chart-legend">
                {dynamic(move || {
                    mine.get()
                        .into_iter()
                        .zip(LOOKS)
                        .map(|(s, look)| {
                            let p = step.get().and_then(|i| s.points.get(i).copied());
                            view! {
                                <li>
                                    <svg class="chart key-line" viewBox="0 0 24 8" aria-hidden="true">
                                        <path class=look d="M0 4h24" />
                                    </svg>
                                    {(w.metric)(s.metric)}
                                    " "
                                    <b class="num">{model::value(s.unit, p.and_then(|p| p.avg))}</b>
                                </li>
                            }
                        })
                        .collect_view()
                })}
            </ul>
            {dynamic(move || {
                if any.get() {
                    plot(title, mine, steps, step, cursor, Box::new(reading))
                } else {
                    view! { <p class="mut chart-none">{w.no_data}</p> }.into_any()
                }
            })}
            <p class="chart-axis xs num" aria-hidden="true">
                {dynamic(move || {
                    axis.get()
                        .map(|(from, to)| {
                            let middle = from.later(to.since(from) / 2);
                            [from, middle, to]
                                .map(|at| view! { <span>{time(i18n, at, long.get())}</span> })
                                .collect_view()
                        })
                })}
            </p>
            <details class="more" on:toggle=move |_| table_open.set(true)>
                <summary>{w.table}</summary>
                {dynamic(move || table_open.get().then(|| table(title, mine, long, i18n)))}
                <div class="toolbar">
                    <button type="button" class="btn small" on:click=save>
                        {w.csv}
                    </button>
                </div>
            </details>
        </section>
    }
}

/// The drawing, which is read like a slider over its steps.
fn plot(
    title: &'static str,
    mine: Memo<Vec<Series>>,
    steps: Memo<usize>,
    step: Memo<Option<usize>>,
    cursor: Cursor,
    reading: Box<dyn Fn() -> String + Send>,
) -> AnyView {
    let w = &words().charts;
    let place = NodeRef::<html::Div>::new();
    let point = move |event: ev::PointerEvent| {
        let Some(box_) = place.get_untracked().map(|p| p.get_bounding_client_rect()) else { return };
        if box_.width() > 0.0 {
            let share = (f64::from(event.client_x()) - box_.left()) / box_.width();
            cursor.set(Some(model::step_at(share, steps.get_untracked())));
        }
    };
    let press = move |event: ev::KeyboardEvent| {
        let last = steps.get_untracked().saturating_sub(1);
        let now = step.get_untracked().unwrap_or(last);
        let next = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => Some(now.saturating_sub(1)),
            "ArrowRight" | "ArrowUp" => Some((now + 1).min(last)),
            "PageUp" => Some((now + 10).min(last)),
            "PageDown" => Some(now.saturating_sub(10)),
            "Home" => Some(0),
            "End" => Some(last),
            "Escape" => None,
            _ => return,
        };
        event.prevent_default();
        cursor.set(next);
    };
    let top = memo(move || {
        mine.with(|all| {
            let points: Vec<&[Point]> = all.iter().map(|s| s.points.as_slice()).collect();
            model::top(all.first().map_or(Unit::Count, |s| s.unit), model::largest(&points))
        })
    });
    view! {
        <div class="chart-box">
            <div class="chart-values xs num" aria-hidden="true">
                {dynamic(move || {
                    let unit = mine.with(|all| all.first().map_or(Unit::Count, |s| s.unit));
                    [4, 2, 0].map(|n| {
                        let v = top.get() * f64::from(n) / f64::from(PARTS);
                        view! { <span>{model::value(unit, Some(v))}</span> }
                    })
                    .collect_view()
                })}
            </div>
            <div
                class="chart-plot"
                node_ref=place
                tabindex="0"
                role="slider"
                aria-orientation="horizontal"
                aria-label=(w.plot)(title)
                title=w.keys
                aria-valuemin="0"
                aria-valuemax=attr(move || steps.get().saturating_sub(1).to_string())
                aria-valuenow=attr(move || step.get().unwrap_or(0).to_string())
                aria-valuetext=attr(reading)
                on:pointermove=point
                on:pointerleave=move |_| cursor.set(None)
                on:keydown=press
                on:blur=move |_| cursor.set(None)
            >
                <svg
                    class="chart"
                    viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                    preserveAspectRatio="none"
                    aria-hidden="true"
                    focusable="false"
                >
                    {dynamic(move || drawing(&mine.get(), top.get()))}
                    {dynamic(move || {
                        // Only while somebody reads.
                        cursor
                            .get()
                            .and_then(|_| step.get())
                            .map(|i| {
                                let x = format!("{:.1}", model::middle(i, steps.get()));
                                view! { <line class="mark" x1=x.clone() x2=x y1="0" y2=HEIGHT.to_string() vector-effect="non-scaling-stroke" /> }
                            })
                    })}
                </svg>
            </div>
        </div>
    }
    .into_any()
}

fn drawing(all: &[Series], top: f64) -> AnyView {
    let points: Vec<&[Point]> = all.iter().map(|s| s.points.as_slice()).collect();
    let gaps = model::gaps(&points).into_iter().map(|(x, width)| {
        view! { <rect class="gap" x=format!("{x:.1}") y="0" width=format!("{width:.1}") height=HEIGHT.to_string() /> }
    });
    let grid = (0..=PARTS).map(|n| {
        let y = format!("{:.1}", HEIGHT * f64::from(n) / f64::from(PARTS));
        view! {
            <line class="gridline" x1="0" x2=WIDTH.to_string() y1=y.clone() y2=y vector-effect="non-scaling-stroke" />
        }
    });
    let bands = all.iter().zip(["band s1", "band s2", "band s3"]).map(|(s, look)| {
        view! { <path class=look d=model::band(&s.points, top) /> }
    });
    let lines =
        all.iter().zip(LOOKS).map(|(s, look)| view! { <path class=look d=model::line(&s.points, top) /> });
    view! {
        {gaps.collect_view()}
        {grid.collect_view()}
        {bands.collect_view()}
        {lines.collect_view()}
    }
    .into_any()
}

fn table(title: &'static str, mine: Memo<Vec<Series>>, long: Memo<bool>, i18n: I18n) -> AnyView {
    let w = &words().charts;
    let heads = move || {
        mine.get()
            .into_iter()
            .flat_map(|s| [w.min, w.avg, w.max].map(|of| format!("{} {of}", (w.metric)(s.metric))))
            .map(|text| view! { <th scope="col" class="n">{text}</th> })
            .collect_view()
    };
    let rows = move || {
        let all = mine.get();
        let times: Vec<Timestamp> =
            all.first().map(|s| s.points.iter().map(|p| p.at).collect()).unwrap_or_default();
        times
            .into_iter()
            .enumerate()
            .rev()
            .map(|(i, at)| {
                let cells = all.iter().flat_map(|s| {
                    let p = s.points.get(i);
                    [p.and_then(|p| p.min), p.and_then(|p| p.avg), p.and_then(|p| p.max)]
                        .map(|v| view! { <td class="n">{model::value(s.unit, v)}</td> })
                });
                view! {
                    <tr>
                        <th scope="row" class="num">{time(i18n, at, long.get())}</th>
                        {cells.collect_view()}
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <TableBox label=title>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{w.col_time}</th>
                        {dynamic(heads)}
                    </tr>
                </thead>
                <tbody>{dynamic(rows)}</tbody>
            </table>
        </TableBox>
    }
    .into_any()
}
