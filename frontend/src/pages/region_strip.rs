//! The last day of a region as a strip: when all reported, when some did not, when none of a kind did.

use std::time::Duration;

use common::history::History;
use common::ids::RegionId;
use leptos::prelude::*;

use super::load::{Load, every, failure};
use super::region_next::{Was, stretches};
use crate::api::{Whose, use_api};
use crate::components::{Skeleton, format, words};
use crate::reactive::{dynamic, effect, memo};
use crate::routes;
use crate::state::connection::use_connection;

/// How far back, in milliseconds.
const DAY_MS: u64 = 24 * 3_600_000;
/// In quarters of an hour, as the server keeps them.
const POINTS: u32 = 96;
/// How often it is asked again.
const AGAIN: Duration = Duration::from_secs(60);
/// What it is made of.
const METRICS: &str = "backendOnline,backendRegistered,proxyOnline,proxyRegistered";

/// Family of the look, and the words.
pub fn look(was: Was) -> (&'static str, &'static str) {
    let w = &words().region;
    match was {
        Was::Whole => ("ok", w.was_whole),
        Was::Partly => ("warn", w.was_partly),
        Was::None => ("bad", w.was_none),
        Was::Empty => ("never", w.was_empty),
        Was::Unknown => ("none", w.was_unknown),
    }
}

/// The card.
#[component]
pub fn RegionStrip(
    /// Whose.
    id: RegionId,
) -> impl IntoView {
    let w = &words().region;
    let (api, connection) = (use_api(), use_connection());
    let to_activity = routes::region_activity(&id);
    let whose = StoredValue::new(Whose::Region(id));
    let load = Load::<History>::default();
    let ask = move || {
        let Some(to) = untrack(|| connection.server_now()) else { return };
        let whose = whose.get_value();
        load.ask(async move {
            api.history_in(&whose, METRICS, to.before(DAY_MS), to, POINTS.saturating_add(1)).await
        });
    };
    let clock = memo(move || connection.server_now().is_some());
    effect(move || {
        if clock.get() {
            ask();
        }
    });
    every(AGAIN, ask);
    let parts = memo(move || load.read(|h| (stretches(h), h.step_seconds)));
    view! {
        <section class="card stack tight" aria-labelledby="region-day">
            <header>
                <h2 id="region-day">{w.day}</h2>
                <span class="sp"></span>
                <a class="sm" href=to_activity>{words().activity.timeline}</a>
            </header>
            {dynamic(move || match (parts.get(), load.error()) {
                (Some((parts, step)), _) => strip(&parts, step),
                (None, Some(error)) => failure(&error, Callback::new(move |()| ask())),
                (None, None) => view! { <Skeleton shape="sk-line" count=1 /> }.into_any(),
            })}
        </section>
    }
}

fn strip(parts: &[(Was, u32)], step_seconds: u32) -> AnyView {
    let w = &words().region;
    let time = |steps: u32| {
        format::duration(u64::from(steps).saturating_mul(u64::from(step_seconds)).saturating_mul(1000))
    };
    let said: Vec<String> =
        parts.iter().map(|(was, steps)| format!("{} {}", look(*was).1, time(*steps))).collect();
    let bars = parts.iter().map(|(was, steps)| {
        let (grow, class) = (steps.to_string(), format!("b-{}", look(*was).0));
        view! { <i class=class style:flex-grow=grow></i> }
    });
    let mut seen: Vec<(Was, u32)> = Vec::new();
    for (was, steps) in parts {
        match seen.iter_mut().find(|(w, _)| w == was) {
            Some((_, n)) => *n = n.saturating_add(*steps),
            None => seen.push((*was, *steps)),
        }
    }
    let legend = seen.into_iter().map(|(was, steps)| {
        let (family, text) = look(was);
        view! {
            <li>
                <i class=format!("key b-{family}")></i>
                {text}
                " "
                <b class="num">{time(steps)}</b>
            </li>
        }
    });
    view! {
        <div class="tl" role="img" dir="ltr" aria-label=(w.day_said)(&said.join(", "))>
            {bars.collect_view()}
        </div>
        <ul class="legend">{legend.collect_view()}</ul>
    }
    .into_any()
}
