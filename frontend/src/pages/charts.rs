//! Charts of one subject, one below another on one time axis, with the range in the address.

use std::time::Duration;

use common::activity::{EventKind, TimelineEvent, TimelinePage};
use common::history::{History, Metric};
use common::time::Timestamp;
use leptos::prelude::*;

use super::chart_range::{Range, RangePicker};
use super::connect_secret::download;
use super::event_words::mark_text;
use super::load::{Load, every, failure};
use crate::api::{Whose, use_api};
use crate::components::chart::{Chart, Mark, Shared};
use crate::components::{Skeleton, words};
use crate::i18n::en_pages::charts::ChartWords;
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{derived, dynamic, effect, memo};
use crate::state::connection::use_connection;
use crate::state::freshness::Freshness;
use crate::state::live::use_live;

/// How often charts are drawn anew; a quarter of an hour moves on by a point in ten seconds.
const AGAIN: Duration = Duration::from_secs(10);
/// Points of a series that are asked for.
const POINTS: u32 = 300;
/// Most marks across the charts.
const MARKS: usize = 30;
/// What is marked across the charts.
const MARKED: [EventKind; 3] = [EventKind::Boot, EventKind::Intent, EventKind::Command];

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
const SWEEPER: ChartSpec =
    ChartSpec { id: "chart-sweeper", title: |w| w.sweeper, metrics: &[Metric::SweeperLateMs] };

/// Of any machine.
pub const MACHINE: &[ChartSpec] = &[CPU, MEMORY, NETWORK];
/// Of a backend.
pub const BACKEND: &[ChartSpec] = &[CPU, MEMORY, SESSIONS, NETWORK];
/// Of a proxy.
pub const PROXY: &[ChartSpec] = &[CPU, MEMORY, QUEUE, NETWORK];
/// Of a region.
pub const REGION: &[ChartSpec] = &[SESSIONS, QUEUE, SLOTS, BACKENDS, PROXIES];
/// Of a process of the control plane.
pub const FRONTEND: &[ChartSpec] = &[CPU, MEMORY, DATABASE, SWEEPER];

/// The charts of a subject.
#[component]
pub fn ChartsOf(
    /// Whose.
    whose: Whose,
    /// Which.
    charts: &'static [ChartSpec],
    /// The time they show; without it the charts have a picker of their own.
    #[prop(optional)]
    range: Option<Range>,
    /// More that happened, which the subject's own events do not hold.
    #[prop(optional, into)]
    more: MaybeProp<Vec<Mark>>,
) -> impl IntoView {
    let w = &words().charts;
    let (api, connection, live, i18n) = (use_api(), use_connection(), use_live(), use_i18n());
    let picker = range.is_none();
    let range = range.unwrap_or_else(Range::of_page);
    let (load, events) = (Load::<History>::default(), Load::<TimelinePage>::default());
    let has_events = !matches!(whose, Whose::Cluster | Whose::Frontend(_));
    let of_many = matches!(whose, Whose::Region(_));
    let whose = StoredValue::new(whose);
    let metrics: Vec<&str> = charts.iter().flat_map(|c| c.metrics).map(|m| m.as_str()).collect();
    let metrics = StoredValue::new(metrics.join(","));
    let read_at = RwSignal::new(None::<Timestamp>);
    let ask = move || {
        let Some(now) = untrack(|| connection.server_now()) else { return };
        let (from, to) = untrack(|| range.window(now));
        read_at.set(Some(now));
        let (subject, metrics) = (whose.get_value(), metrics.get_value());
        load.ask(async move { api.history_in(&subject, &metrics, from, to, POINTS).await });
        if has_events {
            let subject = whose.get_value();
            let kinds = MARKED.map(EventKind::as_str).join(",");
            events.ask(async move { api.events_between(&subject, from, to, &kinds).await });
        }
    };
    let shared = Shared {
        history: derived(move || load.read(Clone::clone)),
        read_at: read_at.into(),
        marks: derived(move || {
            let own = events.read(|page| {
                // Newest first as they come; the newest are the ones that stay.
                let mark = |e: &TimelineEvent| {
                    mark_text(e, of_many.then_some(live)).map(|text| Mark { at: e.at, text })
                };
                page.items.iter().filter_map(mark).take(MARKS).collect::<Vec<_>>()
            });
            let mut all = own.unwrap_or_default();
            all.extend(more.get().unwrap_or_default());
            all.sort_by_key(|m| m.at);
            all
        }),
        cursor: RwSignal::new(None),
        brush: RwSignal::new(None),
        on_zoom: Callback::new(move |(from, to)| range.show(from, to)),
        on_file: Callback::new(|(text, name): (String, String)| {
            // Fails only where the browser has no downloads; the table is beside it.
            let _ = download(&text, &name);
        }),
    };
    // The server's time comes with the stream; from then on the clock alone asks again. A page that stood still asks
    // when it moves on.
    let moving = memo(move || connection.freshness() == Freshness::Live);
    let clock = memo(move || connection.server_now().is_some());
    // Nothing but the range and the state of the page: the time itself would ask every second.
    let shown = memo(move || range.window(Timestamp(0)));
    effect(move || {
        let _ = shown.get();
        if clock.get() {
            shared.cursor.set(None);
            shared.brush.set(None);
            ask();
        }
    });
    effect(move || {
        if moving.get() && untrack(|| load.peek(|_| ()).is_some()) {
            ask();
        }
    });
    every(AGAIN, move || {
        let reading = shared.cursor.get_untracked().is_some() || shared.brush.get_untracked().is_some();
        let moves = untrack(|| connection.server_now().is_some_and(|now| range.moves(now)));
        if moving.get_untracked() && moves && !reading {
            ask();
        }
    });
    let here = memo(move || load.read(|_| ()).is_some());
    view! {
        <section class="stack charts" aria-labelledby="charts">
            <div class="hd">
                <h2 id="charts">{w.title}</h2>
                <span class="sp"></span>
                {picker.then(|| view! { <RangePicker range=range /> })}
            </div>
            <p class="xs mut">{w.hint}</p>
            {dynamic(move || match (here.get(), load.error()) {
                (true, _) => {
                    charts
                        .iter()
                        .map(|c| view! { <Chart title=(c.title)(w) id=c.id metrics=c.metrics shared=shared /> })
                        .collect_view()
                        .into_any()
                }
                (false, Some(error)) => failure(&error, Callback::new(move |()| ask())),
                (false, None) => view! { <Skeleton shape="sk-card" count=charts.len() /> }.into_any(),
            })}
            {dynamic(move || here.get().then(|| happened(shared, i18n)))}
        </section>
    }
}

/// The marks as a list, for those who do not see them.
fn happened(shared: Shared, i18n: I18n) -> AnyView {
    let w = &words().charts;
    let rows = move || {
        let marks = shared.marks.get();
        if marks.is_empty() {
            return view! { <p class="mut sm">{w.no_events}</p> }.into_any();
        }
        let items = marks.into_iter().rev().map(|m| {
            view! {
                <li>
                    <time class="mut num nowrap" datetime=m.at.to_string() title=i18n.fmt.whole(m.at)>
                        {i18n.fmt.date_time(m.at)}
                    </time>
                    <span>{m.text}</span>
                </li>
            }
        });
        view! { <ol class="chart-events sm">{items.collect_view()}</ol> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="chart-events">
            <header>
                <h3 id="chart-events">{w.events}</h3>
            </header>
            {dynamic(rows)}
        </section>
    }
    .into_any()
}
