//! Charts of one subject, one below another on one time axis, with the range in the address.

use std::time::Duration;

use common::history::{History, Metric};
use leptos::prelude::*;

use super::connect_secret::download;
use super::load::{Load, every, failure};
use super::query::use_choice;
use crate::api::{Whose, use_api};
use crate::components::chart::{Chart, Cursor};
use crate::components::{Skeleton, words};
use crate::i18n::en_pages::charts::ChartWords;
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::state::connection::use_connection;

/// How often charts are drawn anew; a quarter of an hour moves on by a point in about four seconds.
const AGAIN: Duration = Duration::from_secs(15);
/// The range where the address names none.
const DEFAULT_MINUTES: u64 = 60;

/// One chart: id of its heading, its words, its series.
#[derive(Clone, Copy)]
pub struct ChartSpec {
    id: &'static str,
    title: fn(&ChartWords) -> &'static str,
    metrics: &'static [Metric],
}

const CPU: ChartSpec = ChartSpec { id: "chart-cpu", title: |w| w.cpu, metrics: &[Metric::Cpu] };
const MEMORY: ChartSpec = ChartSpec { id: "chart-memory", title: |w| w.memory, metrics: &[Metric::Memory] };
const NETWORK: ChartSpec = ChartSpec {
    id: "chart-network",
    title: |w| w.network,
    metrics: &[Metric::NetworkDown, Metric::NetworkUp],
};
const SESSIONS: ChartSpec =
    ChartSpec { id: "chart-sessions", title: |w| w.sessions, metrics: &[Metric::Phone, Metric::Web] };
const QUEUE: ChartSpec =
    ChartSpec { id: "chart-queue", title: |w| w.queue, metrics: &[Metric::Processing, Metric::Pending] };
const SLOTS: ChartSpec =
    ChartSpec { id: "chart-slots", title: |w| w.slots, metrics: &[Metric::SlotsUsed, Metric::SlotsMax] };
const BACKENDS: ChartSpec = ChartSpec {
    id: "chart-backends",
    title: |w| w.backends,
    metrics: &[Metric::BackendOnline, Metric::BackendAccepting, Metric::BackendRegistered],
};
const PROXIES: ChartSpec = ChartSpec {
    id: "chart-proxies",
    title: |w| w.proxies,
    metrics: &[Metric::ProxyOnline, Metric::ProxyAccepting, Metric::ProxyRegistered],
};
const DATABASE: ChartSpec =
    ChartSpec { id: "chart-database", title: |w| w.database, metrics: &[Metric::DatabaseMs] };

/// Of any machine.
pub const MACHINE: &[ChartSpec] = &[CPU, MEMORY, NETWORK];
/// Of a backend.
pub const BACKEND: &[ChartSpec] = &[CPU, MEMORY, SESSIONS, NETWORK];
/// Of a proxy.
pub const PROXY: &[ChartSpec] = &[CPU, MEMORY, QUEUE, NETWORK];
/// Of a region.
pub const REGION: &[ChartSpec] = &[SESSIONS, QUEUE, SLOTS, BACKENDS, PROXIES];
/// Of a process of the control plane.
pub const FRONTEND: &[ChartSpec] = &[CPU, MEMORY, DATABASE];

/// The range of the address, in minutes, and the way to change it.
#[derive(Clone, Copy)]
pub struct Range {
    key: Signal<String>,
    write: Callback<String>,
}

impl Range {
    /// Of the page's address.
    pub fn of_page() -> Self {
        let (key, write) = use_choice("range");
        Self { key, write }
    }

    /// How far back; an unknown key counts as none.
    pub fn minutes(self) -> u64 {
        let found = self.key.with(|key| words().charts.ranges.iter().find(|(k, ..)| k == key));
        found.map_or(DEFAULT_MINUTES, |(_, _, minutes)| *minutes)
    }
}

/// The row of ranges.
#[component]
pub fn RangePicker(range: Range) -> impl IntoView {
    let w = &words().charts;
    let minutes = memo(move || range.minutes());
    let button = move |(key, text, of): (&'static str, &'static str, u64)| {
        let choose = move |_| {
            let key = if of == DEFAULT_MINUTES { "" } else { key };
            range.write.run(key.to_owned());
        };
        view! {
            <button
                type="button"
                aria-pressed=attr(move || if minutes.get() == of { "true" } else { "false" })
                on:click=choose
            >
                {text}
            </button>
        }
    };
    view! {
        <div class="seg-ctl" role="group" aria-label=w.range>
            {w.ranges.iter().copied().map(button).collect_view()}
        </div>
    }
}

/// The charts of a subject.
#[component]
pub fn ChartsOf(
    /// Whose.
    whose: Whose,
    /// Which.
    charts: &'static [ChartSpec],
) -> impl IntoView {
    let w = &words().charts;
    let (api, connection, range) = (use_api(), use_connection(), Range::of_page());
    let load = Load::<History>::default();
    let cursor: Cursor = RwSignal::new(None);
    let whose = StoredValue::new(whose);
    let metrics: Vec<&str> = charts.iter().flat_map(|c| c.metrics).map(|m| m.as_str()).collect();
    let metrics = StoredValue::new(metrics.join(","));
    let minutes = memo(move || range.minutes());
    let ask = move |minutes: u64| {
        let Some(to) = untrack(|| connection.server_now()) else { return };
        let (whose, metrics) = (whose.get_value(), metrics.get_value());
        let from = to.before(minutes.saturating_mul(60_000));
        load.ask(async move { api.history(&whose, &metrics, from, to).await });
    };
    // The server's time comes with the stream; from then on the clock alone asks again.
    let clock = memo(move || connection.server_now().is_some());
    effect(move || {
        if clock.get() {
            cursor.set(None);
            ask(minutes.get());
        }
    });
    every(AGAIN, move || {
        if cursor.get_untracked().is_none() {
            ask(minutes.get_untracked());
        }
    });
    let history = derived(move || load.read(Clone::clone));
    let here = memo(move || load.read(|_| ()).is_some());
    let on_file = Callback::new(|(text, name): (String, String)| {
        // Fails only where the browser has no downloads; the table is beside it.
        let _ = download(&text, &name);
    });
    view! {
        <section class="stack" aria-labelledby="charts">
            <div class="hd">
                <h2 id="charts">{w.title}</h2>
                <span class="sp"></span>
                <RangePicker range=range />
            </div>
            <p class="xs mut">{w.gap} " " {w.band}</p>
            {dynamic(move || match (here.get(), load.error()) {
                (true, _) => {
                    view! {
                        <div class="grid k2">
                            {charts
                                .iter()
                                .map(|c| {
                                    view! {
                                        <Chart
                                            title=(c.title)(w)
                                            id=c.id
                                            metrics=c.metrics
                                            history=history
                                            cursor=cursor
                                            on_file=on_file
                                        />
                                    }
                                })
                                .collect_view()}
                        </div>
                    }
                        .into_any()
                }
                (false, Some(error)) => {
                    failure(&error, Callback::new(move |()| ask(minutes.get_untracked())))
                }
                (false, None) => view! { <Skeleton shape="sk-card" count=2 /> }.into_any(),
            })}
        </section>
    }
}
