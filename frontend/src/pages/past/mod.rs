//! The dashboard, a region and a node at a moment that is over. What they show comes from what the server kept of that
//! moment and from nothing else: no topic of the stream is read here. What is not kept is a dash and a sentence.

pub mod dashboard;
pub mod model;
pub mod node;
pub mod region;

use common::activity::ActivityPage;
use common::history::{History, Unit};
use common::meta::Meta;
use common::time::Timestamp;
use leptos::prelude::*;

use self::model::{Figure, HALF_MS, POINTS, Then, window};
use super::dashboard::recent::Entry;
use super::load::{Load, failure};
use crate::api::{Whose, use_api};
use crate::components::chart_stats::value;
use crate::components::{Icon, NoData, Note, Skeleton, format, words};
use crate::i18n::use_i18n;
use crate::reactive::{dynamic, effect};
use crate::routes;
use crate::state::clock::wall;
use crate::state::connection::{Connection, use_connection};

/// A day, in milliseconds.
const DAY_MS: u64 = 24 * 3_600_000;
/// So many entries of the activity log are shown.
const ENTRIES: usize = 8;

/// The server's time, or the browser's before it is told.
fn now(connection: Connection) -> Timestamp {
    connection.server_clock().unwrap_or_else(wall)
}

/// The figures of a subject at a moment, asked for once.
fn use_then(whose: Whose, at: Timestamp) -> (Load<Then>, Callback<()>) {
    let (api, connection) = (use_api(), use_connection());
    let (load, whose) = (Load::<Then>::default(), StoredValue::new(whose));
    let ask = Callback::new(move |()| {
        let whose = whose.get_value();
        let (from, to) = window(at, now(connection));
        load.ask(async move {
            let history: History = api.history_in(&whose, "", from, to, POINTS).await?;
            Ok(Then::of(&history, at))
        });
    });
    ask.run(());
    (load, ask)
}

/// A figure, or a dash.
fn shown(unit: Unit, figure: Option<Figure>) -> AnyView {
    match figure {
        Some(figure) => view! { <span class="num">{value(unit, Some(figure.avg))}</span> }.into_any(),
        None => view! { <NoData /> }.into_any(),
    }
}

/// Between what it was, where it changed within its step.
fn between(unit: Unit, figure: Option<Figure>) -> Option<AnyView> {
    let (min, max) = figure?.between?;
    let text = (words().past.between)(&value(unit, Some(min)), &value(unit, Some(max)));
    Some(view! { <p class="xs mut num">{text}</p> }.into_any())
}

/// A figure beside its name.
fn part(icon: &'static str, name: &'static str, figure: Option<Figure>) -> AnyView {
    view! {
        <span>
            <Icon name=icon />
            {name}
            " "
            <b>{shown(Unit::Count, figure)}</b>
        </span>
    }
    .into_any()
}

/// A card with a figure: what it is called, what it was, and what it was made of.
fn card(title: &'static str, big: AnyView, more: AnyView) -> AnyView {
    view! {
        <section class="card kpi">
            <h2>{title}</h2>
            <p class="big num val">{big}</p>
            {more}
        </section>
    }
    .into_any()
}

/// The line below a heading: of which time the figures are, and how long each is the mean of.
#[component]
fn Of(at: Timestamp, load: Load<Then>) -> impl IntoView {
    let i18n = use_i18n();
    dynamic(move || {
        let step = load.read(|then| then.step_ms)?;
        let text = (words().past.figures_of)(&i18n.fmt.whole(at), &format::duration(step));
        Some(view! { <p class="sub num">{text}</p> })
    })
}

/// Why there are no figures: too long ago, or nobody looked.
#[component]
fn Nothing(
    at: Timestamp,
    /// For how long the server keeps figures.
    meta: Load<Meta>,
) -> impl IntoView {
    let connection = use_connection();
    let w = &words().past;
    let why = move || {
        let days = meta.read(|m| m.retention.figures_days);
        let now = now(connection);
        match days.filter(|days| now.since(at) > days.saturating_mul(DAY_MS)) {
            Some(days) => (w.too_old)(days),
            None => w.not_watched.to_owned(),
        }
    };
    view! {
        <Note tone="info" icon="history">
            <p>
                <b>{w.nothing}</b>
            </p>
            <p>{dynamic(why)}</p>
        </Note>
    }
}

/// What the figures are shown by, or why there are none.
fn figures(
    at: Timestamp,
    (load, again): (Load<Then>, Callback<()>),
    show: impl Fn(&Then) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let api = use_api();
    let meta = Load::<Meta>::default();
    effect(move || {
        if load.read(Then::known) == Some(false) {
            meta.ask(async move { api.meta().await });
        }
    });
    let body = move || match (load.read(|then| (then.known(), show(then))), load.error()) {
        (Some((known, figures)), _) => view! {
            {(!known).then(|| view! { <Nothing at=at meta=meta /> })}
            {figures}
        }
        .into_any(),
        (None, Some(error)) => failure(&error, again),
        (None, None) => view! {
            <div class="grid k4" aria-busy="true">
                <Skeleton shape="sk-card" count=4 />
            </div>
        }
        .into_any(),
    };
    view! { {dynamic(body)} }.into_any()
}

/// The entries of the activity log within half an hour of the moment.
#[component]
fn Around(
    at: Timestamp,
    /// Of one region.
    #[prop(optional_no_strip)]
    region: Option<String>,
) -> impl IntoView {
    let (w, api) = (&words().past, use_api());
    let limits = [("since", at.before(HALF_MS)), ("until", at.later(HALF_MS))];
    let mut filter: Vec<String> =
        limits.into_iter().map(|(key, at)| format!("{key}={}", routes::encode(&at.to_string()))).collect();
    filter.extend(region.map(|id| format!("region={}", routes::encode(&id))));
    let filter = filter.join("&");
    let href = format!("{}?{filter}", routes::ACTIVITY);
    let (page, filter) = (Load::<ActivityPage>::default(), StoredValue::new(filter));
    let ask = Callback::new(move |()| {
        page.ask(async move { api.activity(&filter.get_value(), None).await });
    });
    effect(move || ask.run(()));
    let body = move || match (page.read(|p| p.items.clone()), page.error()) {
        (Some(all), _) if all.is_empty() => view! { <p class="sm mut">{w.around_none}</p> }.into_any(),
        (Some(all), _) => {
            let rows = all.into_iter().take(ENTRIES).map(|entry| view! { <Entry entry=entry /> });
            view! { <ol class="list">{rows.collect_view()}</ol> }.into_any()
        }
        (None, Some(error)) => failure(&error, ask),
        (None, None) => view! { <Skeleton shape="sk-line" count=4 /> }.into_any(),
    };
    view! {
        <section class="card recent" aria-labelledby="past-around">
            <header>
                <h2 id="past-around">{w.around}</h2>
            </header>
            {dynamic(body)}
            <p class="sm">
                <a href=href>{w.around_all}</a>
            </p>
        </section>
    }
}

/// What is not kept of a moment.
#[component]
fn Unknown(text: &'static str) -> impl IntoView {
    view! {
        <section class="card stack tight" aria-labelledby="past-unknown">
            <h2 id="past-unknown">{words().past.unknown}</h2>
            <p class="big mid">
                <NoData />
            </p>
            <p class="sm mut">{text}</p>
        </section>
    }
}
