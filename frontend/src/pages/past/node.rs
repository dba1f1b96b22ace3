//! A node at a moment that is over.

use common::activity::{EventKind, TimelineEvent};
use common::history::{History, Metric, Unit};
use common::ids::NodeId;
use common::node::{Node, NodeKind};
use common::status::Liveness;
use common::time::Timestamp;
use leptos::prelude::*;

use super::model::{HALF_MS, POINTS, Then, window};
use super::region::EventsThen;
use super::{Of, Unknown, between, card, figures, part, shown, use_then};
use crate::api::{Api, ApiError, Whose, use_api};
use crate::components::{Breadcrumb, Crumb, Note, Skeleton, StatusBadge, Tag, format, words};
use crate::i18n::use_i18n;
use crate::pages::liveness::{axes, drawing, liveness_word};
use crate::pages::liveness_model::{Axes, Stretch, strip};
use crate::pages::load::{Load, failure};
use crate::pages::node_missing::NodeMissing;
use crate::pages::node_table::kind_text;
use crate::pages::node_tabs::use_node_id;
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::connection::use_connection;

/// What the status is made of.
const AXES: [EventKind; 3] = [EventKind::Liveness, EventKind::Intent, EventKind::Drain];

/// The page of the node in the address.
#[component]
pub fn PastNode(
    /// The moment.
    at: Timestamp,
) -> impl IntoView {
    let id = use_node_id();
    dynamic(move || match id.get() {
        Some(id) => view! { <Known id=id at=at /> }.into_any(),
        None => view! { <NodeMissing /> }.into_any(),
    })
}

#[component]
fn Known(id: NodeId, at: Timestamp) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    // Who it is, read once: how it is now stands on no place of this page.
    let load = Load::<Node>::default();
    let ask = Callback::new(move |()| load.ask(async move { api.node(id).await }));
    ask.run(());
    let name = memo(move || load.read(Node::name));
    let kind = memo(move || load.read(|n| n.kind));
    let made = memo(move || load.read(|n| n.created_at));
    use_title(move || name.get().unwrap_or_else(|| words().node.title.to_owned()));
    let region = memo(move || load.read(|n| n.region_id.clone()).flatten());
    let crumbs = derived(move || {
        let mut crumbs = vec![Crumb::link(routes::NODES, words().nodes.title)];
        crumbs.extend(
            region
                .get()
                .map(|id| Crumb::link(routes::at(&routes::region(&id), at), id.to_string()).technical()),
        );
        crumbs.push(Crumb::here(name.get().unwrap_or_else(|| id.to_string())).technical());
        crumbs
    });
    let then = use_then(Whose::Node(id), at);
    let gone = memo(move || load.error().is_some_and(|e| e.status() == Some(404)));
    let late = move || {
        let made = made.get().filter(|made| *made > at)?;
        let text = (words().past.not_registered)(&i18n.fmt.whole(made));
        Some(view! { <Note tone="info" icon="history">{text}</Note> })
    };
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            if gone.get() {
                return view! { <NodeMissing /> }.into_any();
            }
            view! {
                <div class="hd node-hd">
                    <h1 tabindex="-1">
                        <bdi class="id" translate="no">
                            {dynamic(move || name.get().unwrap_or_else(|| id.to_string()))}
                        </bdi>
                    </h1>
                    {dynamic(move || kind.get().map(|kind| view! { <Tag text=kind_text(kind) /> }))}
                    <Of at=at load=then.0 />
                </div>
                {dynamic(late)}
                {dynamic(move || made.get().map(|made| view! { <StatusThen id=id at=at made=made /> }))}
                {dynamic(move || match (kind.get(), load.error()) {
                    (Some(kind), _) => figures(at, then, move |then| machine(then, kind)),
                    (None, Some(error)) => failure(&error, ask),
                    (None, None) => view! { <Skeleton shape="sk-card" count=2 /> }.into_any(),
                })}
                <p class="toolbar">
                    <a class="btn small" href=around(&routes::node_metrics(id), at)>
                        {words().past.charts}
                    </a>
                </p>
                <div class="grid k21">
                    <EventsThen whose=Whose::Node(id) at=at />
                    <Unknown text=words().past.unknown_node />
                </div>
            }
                .into_any()
        })}
    }
}

/// A page with a time of its own, around the moment.
fn around(path: &str, at: Timestamp) -> String {
    let text = |at: Timestamp| routes::encode(&at.to_string());
    format!("{path}?from={}&to={}", text(at.before(HALF_MS)), text(at.later(HALF_MS)))
}

/// CPU, memory, work and network.
fn machine(then: &Then, kind: NodeKind) -> AnyView {
    let (w, t) = (&words().node, use_i18n().t);
    let one = |title, unit, metric| {
        let figure = then.get(metric);
        card(title, shown(unit, figure), view! { {between(unit, figure)} }.into_any())
    };
    let several = |title, all: [(&'static str, &'static str, Metric); 2]| {
        let sum = then.sum(&all.map(|(_, _, m)| m));
        let parts = all.map(|(icon, name, m)| part(icon, name, then.get(m)));
        card(
            title,
            shown(Unit::Count, sum),
            view! { <p class="split num">{parts.collect_view()}</p> }.into_any(),
        )
    };
    let work = match kind {
        NodeKind::Backend => Some(several(
            w.sessions,
            [("phone", t.kpi_phone, Metric::Phone), ("app-window", t.kpi_web, Metric::Web)],
        )),
        NodeKind::Proxy => Some(several(
            w.queue,
            [
                ("phone-outgoing", t.kpi_processing, Metric::Processing),
                ("clock", t.kpi_pending, Metric::Pending),
            ],
        )),
        NodeKind::Background => None,
    };
    let network = [Metric::NetworkDown, Metric::NetworkUp].map(|m| then.get(m));
    let [down, up] = network.map(|f| f.map_or_else(|| format::NONE.to_owned(), |f| format::rate(f.avg)));
    let both = network.iter().any(Option::is_some).then(|| (w.down_up)(&down, &up));
    let network = match both {
        Some(text) => view! { <span class="num">{text}</span> }.into_any(),
        None => shown(Unit::Mbps, None),
    };
    view! {
        <section class="grid k4" aria-label=t.key_figures>
            {one(w.cpu, Unit::Percent, Metric::Cpu)}
            {one(w.ram, Unit::Percent, Metric::Memory)}
            {work}
            {card(w.network, network, ().into_any())}
        </section>
    }
    .into_any()
}

/// What was known of a node's status.
#[derive(Clone)]
struct Status {
    axes: Option<Axes>,
    since: Option<Timestamp>,
    version: Option<String>,
    strip: Vec<Stretch>,
}

/// Reads it: what each axis was is what the last event before the moment made it.
async fn status(
    api: Api,
    id: NodeId,
    at: Timestamp,
    made: Timestamp,
    now: Timestamp,
) -> Result<Status, ApiError> {
    let whose = Whose::Node(id);
    let today = api.node(id).await?;
    let (from, to) = window(at, now);
    let cluster: History =
        api.history_in(&Whose::Cluster, "backendRegistered,proxyRegistered", from, to, POINTS).await?;
    // What happened at the moment itself has happened.
    let upto = at.later(1);
    let watched = Then::of(&cluster, at).watched();
    let mut last: Vec<TimelineEvent> = Vec::new();
    for kind in AXES {
        last.extend(api.last_event(&whose, upto, kind.as_str()).await?);
    }
    let boot = api.last_event(&whose, upto, EventKind::Boot.as_str()).await?;
    let (from, to) = (at.before(HALF_MS), at.later(HALF_MS));
    let kinds = AXES.map(EventKind::as_str).join(",");
    let around = api.events_between(&whose, from, to, &kinds).await?.items;
    // Nobody looked: what was known before says nothing of this moment.
    let axes = if watched { then(api, &today, &last, now).await? } else { None };
    let later: Vec<TimelineEvent> = around.iter().filter(|e| e.at > at).cloned().collect();
    let end = axes.clone().map(|axes| axes.after(&later));
    let to = to.min(now);
    Ok(Status {
        since: last.iter().map(|e| e.at).max(),
        version: boot.and_then(|e| e.detail),
        strip: end.map(|end| strip(&around, from, to, made, end)).unwrap_or_default(),
        axes,
    })
}

/// What counted for a node, where somebody watched.
async fn then(
    api: Api,
    today: &Node,
    last: &[TimelineEvent],
    now: Timestamp,
) -> Result<Option<Axes>, ApiError> {
    let noted = |kind| last.iter().any(|e: &TimelineEvent| e.kind == kind);
    let whose = Whose::Node(today.id());
    // An intent that was never changed is that of today; one that was changed later began as all do.
    let unchanged =
        !noted(EventKind::Intent) && api.last_event(&whose, now, EventKind::Intent.as_str()).await?.is_none();
    let intent = if unchanged { axes(today).intent } else { "active".to_owned() };
    if noted(EventKind::Liveness) {
        return Ok(Axes::at(last, &intent));
    }
    // Without an event it was never heard of, unless its events are too old to be kept.
    let days = api.meta().await?.retention.events_days;
    let kept = now.since(today.created_at) < days.saturating_mul(super::DAY_MS);
    Ok(kept.then(|| Axes { liveness: liveness_word(Liveness::NeverSeen).to_owned(), intent, drained: false }))
}

#[component]
fn StatusThen(id: NodeId, at: Timestamp, made: Timestamp) -> impl IntoView {
    let (w, i18n, api, connection) = (&words().past, use_i18n(), use_api(), use_connection());
    let load = Load::<Status>::default();
    let ask = Callback::new(move |()| {
        let now = super::now(connection);
        load.ask(status(api, id, at, made, now));
    });
    if made <= at {
        ask.run(());
    }
    let body = move || match (load.read(Clone::clone), load.error()) {
        (Some(known), _) => {
            let word = match &known.axes {
                Some(axes) => {
                    let since = known.since.map(|at| (w.since)(&i18n.fmt.date_time(at)));
                    view! {
                        <StatusBadge word=axes.word() />
                        <span class="sm mut">{since}</span>
                    }
                    .into_any()
                }
                None => view! {
                    <span class="st plain">{w.status_unknown}</span>
                    <span class="sm mut">{w.not_watched}</span>
                }
                .into_any(),
            };
            let version = known.version.map(|version| {
                view! {
                    <span class="sm mut">
                        {w.version} " "
                        <bdi class="id" translate="no">
                            {version}
                        </bdi>
                    </span>
                }
            });
            let drawn = (!known.strip.is_empty()).then(|| {
                view! {
                    <h3 class="sm">{w.strip}</h3>
                    {drawing(&known.strip, i18n)}
                }
            });
            view! {
                <p class="row" data-past-status="">{word} {version}</p>
                {drawn}
            }
            .into_any()
        }
        (None, Some(error)) => failure(&error, ask),
        (None, None) => view! { <Skeleton shape="sk-line" count=1 /> }.into_any(),
    };
    (made <= at).then(|| {
        view! {
            <section class="card stack tight liveness" aria-labelledby="past-status">
                <h2 id="past-status">{w.status}</h2>
                {dynamic(body)}
            </section>
        }
    })
}
