//! The drawing of a chart: grid, gaps, bands, lines, marks, and over it the slider that reads and marks a time.

use common::history::{Point, Series, Unit};
use common::time::Timestamp;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::chart::{Drawn, LOOKS};
use super::chart_model::{self as model, HEIGHT, PARTS, WIDTH};
use super::chart_stats::{stats, value};
use super::words;
use crate::reactive::{attr, dynamic, memo};

/// A gap narrower than this share of the axis has no room for its words.
const GAP_WORDS: f64 = 0.08;
/// The words of marks are at least this share of the axis apart.
const MARK_WORDS: f64 = 0.1;
/// The words at the ends of lines are at least this share of the height apart.
const END_WORDS: f64 = 0.15;

fn points(all: &[Series]) -> Vec<&[Point]> {
    all.iter().map(|s| s.points.as_slice()).collect()
}

fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

/// The drawing with its axes.
pub(super) fn plot(drawn: Drawn) -> AnyView {
    let top = memo(move || {
        drawn.series.with(|all| {
            let unit = all.first().map_or(Unit::Count, |s| s.unit);
            model::top(unit, model::largest(&points(all)))
        })
    });
    let sentence = memo(move || drawn.sentence());
    let values = move || {
        let unit = drawn.series.with(|all| all.first().map_or(Unit::Count, |s| s.unit));
        let at = |n: u32| value(unit, Some(top.get() * f64::from(n) / f64::from(PARTS)));
        [4, 2, 0].map(|n| view! { <span>{at(n)}</span> }).collect_view()
    };
    let ticks = move || {
        let axis = drawn.shared.history.with(|h| h.as_ref().map(|h| (h.from, h.to)));
        axis.map(|(from, to)| {
            let at = |n: u64| from.later(to.since(from) / 4 * n);
            [0, 1, 2, 3, 4].map(|n| view! { <span>{drawn.time(at(n))}</span> }).collect_view()
        })
    };
    view! {
        <div class="chart-box">
            <div class="chart-values xs num" aria-hidden="true">
                {dynamic(values)}
            </div>
            <div class="chart-plot">
                <svg
                    class="chart"
                    viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                    preserveAspectRatio="none"
                    role="img"
                    focusable="false"
                    aria-label=attr(move || sentence.get())
                >
                    {dynamic(move || drawing(drawn, top.get()))}
                </svg>
                <div class="chart-over" aria-hidden="true">
                    {dynamic(move || over(drawn))}
                    {dynamic(move || marked(drawn))}
                </div>
                {slider(drawn)}
            </div>
            <div class="chart-ends xs" aria-hidden="true">
                {dynamic(move || ends(drawn, top.get()))}
            </div>
            <p class="chart-axis xs num" aria-hidden="true">
                {dynamic(ticks)}
            </p>
        </div>
    }
    .into_any()
}

fn drawing(drawn: Drawn, top: f64) -> AnyView {
    let all = drawn.series.get();
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
        {grid.collect_view()}
        {bands.collect_view()}
        {lines.collect_view()}
    }
    .into_any()
}

/// Gaps and marks with their words, which must not be stretched with the drawing.
fn over(drawn: Drawn) -> AnyView {
    let w = &words().charts;
    let (steps, step_ms) = (drawn.steps.get(), drawn.step_ms.get());
    // What is still to come is no gap.
    let read_at = drawn.shared.read_at.get();
    let past =
        (0..steps).filter(|i| read_at.is_none_or(|now| drawn.at(*i).is_some_and(|at| at < now))).count();
    let gaps = drawn.series.with(|all| {
        let known: Vec<&[Point]> = points(all).into_iter().map(|p| p.get(..past).unwrap_or(p)).collect();
        model::gaps(&known, step_ms)
    });
    let gaps = gaps.into_iter().map(|gap| {
        let (start, width) = gap.shares(steps);
        // Data that ends: since when.
        let since = (gap.to == past && gap.from > 0).then(|| drawn.at(gap.from)).flatten();
        let text = match since {
            Some(at) if width > GAP_WORDS * 2.0 => (w.no_data_since)(&drawn.time(at)),
            _ if width > GAP_WORDS => w.gap.to_owned(),
            _ => String::new(),
        };
        view! {
            <div class="chart-gap" style:inset-inline-start=percent(start) style:inline-size=percent(width)>
                <span>{text}</span>
            </div>
        }
    });
    let axis = drawn.shared.history.with(|h| h.as_ref().map(|h| (h.from, h.to)));
    let share = |at: Timestamp| {
        let (from, to) = axis.filter(|(from, to)| at >= *from && at <= *to)?;
        let ms = |n: u64| f64::from(u32::try_from(n / 1000).unwrap_or(u32::MAX));
        Some(ms(at.since(from)) / ms(to.since(from)).max(1.0))
    };
    let mut free = 0.0;
    let marks = drawn.shared.marks.get().into_iter().filter_map(|m| {
        let x = share(m.at)?;
        let room = x >= free;
        if room {
            free = x + MARK_WORDS;
        }
        let side = if x > 0.8 { "chart-mark before" } else { "chart-mark" };
        Some(view! {
            <div class=side style:inset-inline-start=percent(x)>
                {room.then(|| view! { <span>{m.text}</span> })}
            </div>
        })
    });
    let marks: Vec<_> = marks.collect();
    view! {
        {gaps.collect_view()}
        {marks}
    }
    .into_any()
}

/// The place that is read and the time that is marked.
fn marked(drawn: Drawn) -> AnyView {
    let steps = drawn.steps.get();
    let brush = drawn.shared.brush.get().map(|(a, b)| {
        let (start, width) = model::Gap { from: a.min(b), to: a.max(b) + 1 }.shares(steps);
        view! { <div class="chart-brush" style:inset-inline-start=percent(start) style:inline-size=percent(width)></div> }
    });
    // Only while somebody reads.
    let read = drawn.shared.cursor.get().and_then(|_| drawn.step.get()).map(|i| {
        let x = model::middle(i, steps) / WIDTH;
        view! { <div class="chart-cross" style:inset-inline-start=percent(x)></div> }
    });
    view! {
        {brush}
        {read}
    }
    .into_any()
}

/// The names of several lines, or the value of one, where they end.
fn ends(drawn: Drawn, top: f64) -> AnyView {
    let w = &words().charts;
    let all = drawn.series.get();
    let ended: Vec<_> = all
        .iter()
        .zip(["end s1", "end s2", "end s3"])
        .filter_map(|(s, look)| Some((model::end(&s.points, top)?, s, look)))
        .collect();
    let wanted: Vec<f64> = ended.iter().map(|(y, ..)| *y).collect();
    let placed = model::apart(&wanted, END_WORDS);
    let several = all.len() > 1;
    let labels = ended.into_iter().zip(placed).map(|((_, s, look), y)| {
        let last = value(s.unit, stats(&s.points).map(|n| n.last.1));
        let name = several.then(|| (w.metric)(s.metric));
        view! {
            <span class=look style:inset-block-start=percent(y)>
                {name}
                " "
                <b class="num">{last}</b>
            </span>
        }
    });
    view! { {labels.collect_view()} }.into_any()
}

/// Reads a step with the pointer or the keys, and marks a time: by dragging, or with Shift and the arrow keys.
fn slider(drawn: Drawn) -> AnyView {
    let w = &words().charts;
    let (cursor, brush) = (drawn.shared.cursor, drawn.shared.brush);
    let (steps, step) = (drawn.steps, drawn.step);
    let place = NodeRef::<html::Div>::new();
    let dragged = StoredValue::new(None::<usize>);
    let step_under = move |event: &ev::PointerEvent| {
        let area = place.get_untracked()?.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - area.left()) / area.width().max(1.0);
        Some(model::step_at(share, steps.get_untracked()))
    };
    let show = move |(a, b): (usize, usize)| {
        brush.set(None);
        cursor.set(None);
        if let Some(from) = untrack(|| drawn.at(0)) {
            drawn.shared.on_zoom.run(model::window(a, b, from, drawn.step_ms.get_untracked()));
        }
    };
    let down = move |event: ev::PointerEvent| {
        if event.button() == 0 && event.is_primary() {
            dragged.set_value(step_under(&event));
            if let Some(area) = place.get_untracked() {
                // Without it a drag that leaves the chart is not followed to its end, and is given up.
                let _ = area.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let moved = move |event: ev::PointerEvent| {
        let Some(here) = step_under(&event) else { return };
        cursor.set(Some(here));
        if let Some(start) =
            dragged.get_value().filter(|start| *start != here || brush.get_untracked().is_some())
        {
            brush.set(Some((start, here)));
        }
    };
    let up = move |_: ev::PointerEvent| {
        dragged.set_value(None);
        if let Some(marked) = brush.get_untracked() {
            // A hand that trembles is no mark.
            if marked.0.abs_diff(marked.1) > 1 { show(marked) } else { brush.set(None) }
        }
    };
    let give_up = move || {
        dragged.set_value(None);
        brush.set(None);
        cursor.set(None);
    };
    let press = move |event: ev::KeyboardEvent| {
        let (key, count) = (event.key(), steps.get_untracked());
        let now = step.get_untracked().unwrap_or(count.saturating_sub(1));
        match (key.as_str(), brush.get_untracked()) {
            ("Enter", Some(marked)) => show(marked),
            // The page's own Escape is for when nothing is marked or read.
            ("Escape", _) if cursor.get_untracked().is_some() => {
                event.stop_propagation();
                give_up();
            }
            _ => {
                let Some(next) = model::step_by_key(&key, now, count) else { return };
                let start = brush.get_untracked().map_or(now, |(start, _)| start);
                brush.set(event.shift_key().then_some((start, next)));
                cursor.set(Some(next));
            }
        }
        event.prevent_default();
    };
    let said = move || {
        let marked = brush.get().and_then(|(a, b)| {
            let end = drawn.at(a.max(b))?.later(drawn.step_ms.get());
            Some((w.marked)(&drawn.time(drawn.at(a.min(b))?), &drawn.time(end)))
        });
        match marked {
            Some(marked) => format!("{} {marked}", drawn.reading()),
            None => drawn.reading(),
        }
    };
    view! {
        <div
            class="chart-slider"
            node_ref=place
            tabindex="0"
            role="slider"
            aria-orientation="horizontal"
            aria-label=(w.plot)(drawn.title)
            aria-description=w.keys
            aria-valuemin="0"
            aria-valuemax=attr(move || steps.get().saturating_sub(1).to_string())
            aria-valuenow=attr(move || step.get().unwrap_or(0).to_string())
            aria-valuetext=attr(said)
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=move |_| give_up()
            on:pointerleave=move |_| {
                if dragged.get_value().is_none() {
                    cursor.set(None);
                }
            }
            on:keydown=press
            on:blur=move |_| give_up()
        ></div>
    }
    .into_any()
}
