//! The control plane itself: what its processes use, and whether what they say of others can be believed.

use std::time::Duration;

use common::history::{Metric, Unit};
use common::ids::FrontendId;
use common::singleton::{FrontendNode, FrontendNodes, FrontendState};
use common::time::Timestamp;
use leptos::prelude::*;

use super::charts::{ChartsOf, FRONTEND};
use super::load::{Load, every, failure};
use super::node_figures::Card;
use super::sparks::use_sparks;
use crate::api::{Whose, use_api};
use crate::components::chart::Mark;
use crate::components::chart_stats::value;
use crate::components::copy::CopyButton;
use crate::components::{Breadcrumb, Crumb, Icon, Note, Skeleton, Tag, TextOrNone, format, words};
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{attr, derived, dynamic, memo};
use crate::shell::as_of::AsOf;
use crate::shell::title::use_title;
use crate::state::connection::use_connection;

/// How often the processes are asked about.
const AGAIN: Duration = Duration::from_secs(5);

/// What restarts the server where it runs as the service of its own unit. Never offered as a button: the page would saw
/// off the branch it sits on.
const RESTART: &str = "sudo systemctl restart iqra-infra";

/// Names the console in the browser: the hash in the name of its WebAssembly, as the page's own preload says it.
fn page_bundle() -> Option<String> {
    let link = document().query_selector("link[rel=\"preload\"][href$=\".wasm\"]").ok().flatten()?;
    let href = link.get_attribute("href")?;
    let (before, _) = href.rsplit_once(".wasm")?;
    before.rsplit_once('.').map(|(_, hash)| hash.to_owned())
}

/// `/frontend`
#[component]
pub fn FrontendPage() -> impl IntoView {
    let w = &words().frontend;
    let (api, i18n) = (use_api(), use_i18n());
    use_title(move || w.title.to_owned());
    let load = Load::<FrontendNodes>::default();
    let ask = move || load.ask(async move { api.frontends().await });
    ask();
    every(AGAIN, ask);
    let connection = use_connection();
    let ids = memo(move || load.read(|all| all.items.iter().map(|n| n.id).collect::<Vec<_>>()));
    let differ = memo(move || load.read(|all| all.versions_differ).unwrap_or(false));
    let own = memo(move || load.read(|all| all.items.iter().find(|n| n.is_self).map(|n| n.id)).flatten());
    // Whose charts: of the process that answers, unless another was chosen that is still listed.
    let chosen = RwSignal::new(None::<FrontendId>);
    let shown = memo(move || {
        let listed = |id: &FrontendId| ids.with(|ids| ids.as_ref().is_some_and(|ids| ids.contains(id)));
        chosen.get().filter(listed).or_else(|| own.get())
    });
    // A process that begins is a restart or another version.
    let starts = derived(move || {
        let mark = |n: &FrontendNode| Mark { at: n.started_at, text: (words().timeline.boot)(&n.version) };
        load.read(|all| all.items.iter().map(mark).collect::<Vec<_>>()).unwrap_or_default()
    });
    view! {
        <Breadcrumb crumbs=derived(move || vec![Crumb::here(w.title)]) />
        <div class="hd">
            <h1 tabindex="-1">{w.title}</h1>
            <AsOf />
            <p class="sub">{w.sub}</p>
        </div>
        {dynamic(move || {
            differ
                .get()
                .then(|| {
                    view! {
                        <Note tone="warn" icon="triangle-alert">
                            <p>
                                <b>{w.differ_title}</b>
                            </p>
                            <p>{w.differ}</p>
                        </Note>
                    }
                })
        })}
        {dynamic(move || own.get().map(|id| view! { <Figures id=id load=load /> }))}
        {dynamic(move || match (ids.get(), load.error()) {
            (Some(ids), _) => {
                ids.into_iter()
                    .map(|id| view! { <Process id=id load=load now=derived(move || connection.server_now()) /> })
                    .collect_view()
                    .into_any()
            }
            (None, Some(error)) => failure(&error, Callback::new(move |()| ask())),
            (None, None) => view! { <Skeleton shape="sk-card" count=2 /> }.into_any(),
        })}
        {dynamic(move || (ids.with(|ids| ids.as_ref().map_or(0, Vec::len)) > 1).then(|| view! { <Choice load=load own=own chosen=chosen /> }))}
        {dynamic(move || {
            shown.get().map(|id| view! { <ChartsOf whose=Whose::Frontend(id) charts=FRONTEND more=starts /> })
        })}
        <div class="row wrap">
            <code class="code inline" dir="ltr" translate="no">
                {RESTART}
            </code>
            <CopyButton text=RESTART.to_owned() label=w.copy_restart />
        </div>
        <p class="sm mut">{w.restart} " " {dynamic(move || connection.as_of().map(|at| (w.clock_ok)(&i18n.fmt.time(at))))}</p>
    }
}

/// Of several processes, the one whose charts are shown.
#[component]
fn Choice(
    load: Load<FrontendNodes>,
    own: Memo<Option<FrontendId>>,
    chosen: RwSignal<Option<FrontendId>>,
) -> impl IntoView {
    let w = &words().frontend;
    let i18n = use_i18n();
    let all = memo(move || {
        let named = |n: &FrontendNode| (n.id, n.hostname.clone(), n.started_at);
        load.read(|all| all.items.iter().map(named).collect::<Vec<_>>()).unwrap_or_default()
    });
    view! {
        <div class="row wrap push">
            <label for="charts-of">{w.charts_of}</label>
            <select
                class="inp choice-filter"
                id="charts-of"
                on:change=move |event| {
                    let value = event_target_value(&event);
                    chosen.set(all.with_untracked(|all| all.iter().map(|n| n.0).find(|id| id.to_string() == value)));
                }
            >
                {dynamic(move || {
                    all.get()
                        .into_iter()
                        .map(|(id, host, at)| {
                            view! {
                                <option
                                    value=id.to_string()
                                    selected=attr(move || chosen.get().or_else(|| own.get()) == Some(id))
                                >
                                    {(w.charts_option)(&host, &i18n.fmt.date_time(at))}
                                </option>
                            }
                        })
                        .collect_view()
                })}
            </select>
        </div>
    }
}

/// What the process that answers uses, with its last quarter of an hour.
#[component]
fn Figures(id: FrontendId, load: Load<FrontendNodes>) -> impl IntoView {
    let w = &words().frontend;
    let own = move |read: fn(&FrontendNode) -> Option<f64>| {
        derived(move || load.read(|all| all.items.iter().find(|n| n.is_self).and_then(read)).flatten())
    };
    let sparks = use_sparks(Whose::Frontend(id), &[Metric::Cpu, Metric::Memory, Metric::DatabaseMs]);
    let (cpu, memory) = (own(|n| n.cpu_percent), own(|n| n.memory_percent));
    let database = own(|n| n.database.ping_ms.filter(|_| n.database.ok));
    let text = |unit, v: Signal<Option<f64>>| derived(move || v.get().map(|v| value(unit, Some(v))));
    let line = |title: &'static str, unit, metric: &'static [Metric], v: Signal<Option<f64>>, look| {
        view! {
            <Card title=Signal::stored(title.to_owned()) line=sparks.line(metric, v) unit=unit look=look>
                <TextOrNone text=text(unit, v) />
            </Card>
        }
    };
    view! {
        <div class="grid k4">
            {line(w.cpu, Unit::Percent, &[Metric::Cpu], cpu, "s1")}
            {line(w.memory, Unit::Percent, &[Metric::Memory], memory, "s4")}
            {line(w.database, Unit::Ms, &[Metric::DatabaseMs], database, "s3")}
            <section class="card kpi livebox">
                <h2>{w.heartbeats}</h2>
                <p class="big mid num val">
                    <TextOrNone text=derived(move || {
                        own(|n| Some(n.heartbeats_per_second)).get().map(|v| (w.per_second)(&value(Unit::Count, Some(v))))
                    }) />
                </p>
                <p class="sm mut num val">
                    {w.streams} " "
                    <TextOrNone text=derived(move || {
                        own(|n| Some(f64::from(n.open_streams))).get().map(|v| value(Unit::Count, Some(v)))
                    }) />
                </p>
            </section>
        </div>
    }
}

#[component]
fn Process(id: FrontendId, load: Load<FrontendNodes>, now: Signal<Option<Timestamp>>) -> impl IntoView {
    let i18n = use_i18n();
    let node = memo(move || load.read(|all| all.items.iter().find(|n| n.id == id).cloned()).flatten());
    dynamic(move || node.get().map(|n| process(&n, now, i18n)))
}

fn process(n: &FrontendNode, now: Signal<Option<Timestamp>>, i18n: I18n) -> AnyView {
    let w = &words().frontend;
    let (family, icon) = match n.state {
        FrontendState::Live => ("ok", "circle-check"),
        FrontendState::Stale => ("warn", "triangle-alert"),
        FrontendState::Gone => ("idle", "circle-slash"),
    };
    let ago = move |at: Timestamp| {
        let text = move |now: Timestamp| (words().common.ago)(&format::duration(now.since(at)));
        dynamic(move || now.get().map_or_else(|| format::NONE.to_owned(), text))
    };
    let page = page_bundle();
    let same = match (&n.bundle, &page) {
        (Some(theirs), Some(ours)) if theirs == ours => (w.page_same, "ok-text"),
        (Some(_), Some(_)) => (w.page_other, "warn-text"),
        (None, _) => (w.page_none, "mut"),
        (_, None) => (w.page_unknown, "mut"),
    };
    let percent = |v: Option<f64>| v.map_or_else(|| format::NONE.to_owned(), format::percent);
    let memory = match (n.memory_bytes, n.memory_total_bytes) {
        (Some(used), Some(total)) => {
            (w.memory_of)(&format::bytes(used), &format::bytes(total), &percent(n.memory_percent))
        }
        (Some(used), None) => format::bytes(used),
        _ => format::NONE.to_owned(),
    };
    let started = n.started_at;
    let up = dynamic(move || {
        now.get().map(|now| (w.up_for)(&i18n.fmt.date_time(started), &format::duration(now.since(started))))
    });
    let database = match n.database.ping_ms.filter(|_| n.database.ok) {
        Some(ms) => (w.database_ok)(&value(Unit::Ms, Some(ms))),
        None => w.database_bad.to_owned(),
    };
    let sweeper = n.sweeper;
    let swept = dynamic(move || match (sweeper.active, sweeper.last_at, now.get()) {
        (false, ..) => w.sweeper_idle.to_owned(),
        (true, Some(at), Some(now)) => {
            let ago = format::duration(now.since(at));
            if sweeper.ok { (w.sweeper_ok)(&ago) } else { (w.sweeper_late)(&ago) }
        }
        _ => format::NONE.to_owned(),
    });
    let health = |ok: bool| if ok { ("ok", "check") } else { ("bad", "x") };
    let line = |ok: bool, name: &'static str, text: AnyView, extra: Option<String>| {
        let (family, icon) = health(ok);
        view! {
            <li class="step">
                <span class=format!("step-mark {family}")>
                    <Icon name=icon />
                </span>
                <div>
                    <b>{name}</b>
                    " "
                    {text}
                    {extra.map(|text| view! { <div class="sm mut">{text}</div> })}
                </div>
            </li>
        }
    };
    let late = n.sweeper.late_ms.filter(|ms| *ms > 0 && n.sweeper.active).map(w.late);
    let heading = format!("process-{}", n.id);
    let labelled = heading.clone();
    let schema = n.database.schema.clone().map(|s| format!("{} {s}", w.schema));
    view! {
        <section class="card stack" aria-labelledby=labelled data-process=n.id.to_string()>
            <header>
                <h2 id=heading>
                    <bdi class="id" translate="no">
                        {n.hostname.clone()}
                    </bdi>
                </h2>
                <span class=format!("st {family}")>
                    <Icon name=icon />
                    <span>{(w.state)(n.state)}</span>
                </span>
                {n.is_self.then(|| view! { <Tag text=w.answers /> })}
            </header>
            <div class="grid k2">
                <dl class="kv">
                    <dt>{w.version}</dt>
                    <dd>
                        <bdi class="id" translate="no">{n.version.clone()}</bdi>
                    </dd>
                    {n
                        .is_self
                        .then(|| {
                            view! {
                                <dt>{w.page}</dt>
                                <dd>
                                    <span class=same.1>{same.0}</span>
                                    " "
                                    <bdi class="id xs" translate="no">{page.clone()}</bdi>
                                </dd>
                            }
                        })}
                    <dt>{w.up}</dt>
                    <dd class="num">{up}</dd>
                    <dt>{w.machine}</dt>
                    <dd>{(w.pid)(n.pid)}</dd>
                    <dt>{w.listen}</dt>
                    <dd>
                        <bdi class="id" translate="no">
                            {n.listen.clone()}
                        </bdi>
                    </dd>
                    <dt>{w.last_seen}</dt>
                    <dd class="num">{ago(n.last_seen_at)}</dd>
                </dl>
                <dl class="kv">
                    <dt>{w.cpu}</dt>
                    <dd class="num">{percent(n.cpu_percent)}</dd>
                    <dt>{w.memory}</dt>
                    <dd class="num">{memory}</dd>
                    <dt>{w.heartbeats}</dt>
                    <dd class="num">{(w.per_second)(&format!("{:.1}", n.heartbeats_per_second))}</dd>
                    <dt>{w.streams}</dt>
                    <dd class="num">{n.open_streams}</dd>
                </dl>
            </div>
            <h3>{w.health}</h3>
            <ul class="steps">
                {line(n.database.ok, w.database, database.into_any(), schema)}
                {line(n.sweeper.ok || !n.sweeper.active, w.sweeper, swept.into_any(), late)}
            </ul>
        </section>
    }
    .into_any()
}
