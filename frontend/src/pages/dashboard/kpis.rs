//! The four cards of figures. Each figure leads to the list behind it.

use common::capacity::{Capacity, KindCounts};
use common::history::Metric;
use common::ids::RegionId;
use common::node::NodeKind;
use leptos::prelude::*;

use super::scope::{counts, use_scope};
use super::trend::{Line, Trend, use_trend};
use super::zero::{Opener, Panel};
use crate::components::status::segments;
use crate::components::{Icon, Num, StackedBar, format, words};
use crate::i18n::use_i18n;
use crate::pages::coverage::Coverage;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::shell::as_of::AsOf;
use crate::state::live::{LiveStore, use_live};

/// The cards.
#[component]
pub fn Kpis(panel: Opener) -> impl IntoView {
    let t = use_i18n().t;
    let trend = use_trend();
    view! {
        <section class="grid k4" aria-label=t.key_figures>
            <Conversations trend=trend />
            <Outbound trend=trend />
            <Kind kind=NodeKind::Backend panel=panel />
            <Kind kind=NodeKind::Proxy panel=panel />
        </section>
    }
}

/// The sum of what is known; `None` where nothing is.
pub fn both(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    let mut sum = None;
    common::capacity::add_known(&mut sum, a);
    common::capacity::add_known(&mut sum, b);
    sum
}

/// Live conversations of some figures.
pub fn conversations(c: &Capacity) -> Option<u64> {
    both(c.conversations.phone, c.conversations.web)
}

/// Outbound calls of some figures.
pub fn outbound(c: &Capacity) -> Option<u64> {
    both(c.outbound.processing, c.outbound.pending)
}

/// Last known figures are worth a line only where there are any.
fn any(a: Option<u64>, b: Option<u64>) -> bool {
    both(a, b).is_some_and(|sum| sum > 0)
}

/// A figure of the second line, with the list behind it.
#[component]
fn Part(
    icon: &'static str,
    name: &'static str,
    kind: NodeKind,
    #[prop(into)] value: Signal<Option<u64>>,
) -> impl IntoView {
    let scope = use_scope();
    view! {
        <a href=attr(move || scope.nodes(kind, None))>
            <Icon name=icon />
            {name}
            " "
            <b>
                <Num value=value />
            </b>
        </a>
    }
}

/// A small line below the figures, where there is one.
fn small(text: impl Fn() -> Option<String> + Send + Sync + 'static) -> impl IntoView {
    let text = memo(text);
    dynamic(move || text.get().map(|text| view! { <p class="xs mut num">{text}</p> }))
}

#[component]
fn Conversations(trend: Trend) -> impl IntoView {
    let (t, scope) = (use_i18n().t, use_scope());
    let last_known = move || {
        scope
            .read(|c| {
                let k = c.last_known;
                any(k.phone, k.web).then(|| {
                    (t.kpi_last_known_conversations)(
                        &format::count_or_none(k.phone),
                        &format::count_or_none(k.web),
                    )
                })
            })
            .flatten()
    };
    let sum = scope.figure(conversations);
    view! {
        <div class="card kpi livebox">
            <h2>
                <a href=attr(move || scope.nodes(NodeKind::Backend, None))>{t.kpi_conversations}</a>
                " "
                <AsOf />
            </h2>
            <p class="big num val">
                <Num value=sum />
            </p>
            <p class="split num">
                <Part icon="phone" name=t.kpi_phone kind=NodeKind::Backend value=scope.figure(|c| c.conversations.phone) />
                <Part icon="app-window" name=t.kpi_web kind=NodeKind::Backend value=scope.figure(|c| c.conversations.web) />
            </p>
            <Coverage kind=NodeKind::Backend counts=scope.counts(NodeKind::Backend) />
            {small(last_known)}
            <Line trend=trend metrics=&[Metric::Phone, Metric::Web] now=sum label=t.kpi_conversations />
        </div>
    }
}

#[component]
fn Outbound(trend: Trend) -> impl IntoView {
    let (t, scope) = (use_i18n().t, use_scope());
    let last_known = move || {
        scope
            .read(|c| {
                let k = c.last_known;
                any(k.processing, k.pending).then(|| {
                    (t.kpi_last_known_outbound)(
                        &format::count_or_none(k.processing),
                        &format::count_or_none(k.pending),
                    )
                })
            })
            .flatten()
    };
    let oldest = memo(move || {
        scope
            .read(|c| c.outbound.oldest_pending_seconds)
            .flatten()
            .map(|s| (t.kpi_oldest)(&format::duration(s.saturating_mul(1000))))
    });
    let sum = scope.figure(outbound);
    view! {
        <div class="card kpi livebox">
            <h2>
                <a href=attr(move || scope.nodes(NodeKind::Proxy, None))>{t.kpi_outbound}</a>
                " "
                <AsOf />
            </h2>
            <p class="big num val">
                <Num value=sum />
            </p>
            <p class="split num">
                <Part
                    icon="phone-outgoing"
                    name=t.kpi_processing
                    kind=NodeKind::Proxy
                    value=scope.figure(|c| c.outbound.processing)
                />
                <Part icon="clock" name=t.kpi_pending kind=NodeKind::Proxy value=scope.figure(|c| c.outbound.pending) />
                {dynamic(move || oldest.get().map(|text| view! { <span>{text}</span> }))}
            </p>
            <Coverage kind=NodeKind::Proxy counts=scope.counts(NodeKind::Proxy) />
            {small(last_known)}
            <Line
                trend=trend
                metrics=&[Metric::Processing, Metric::Pending]
                now=sum
                label=t.kpi_outbound
                look="s2"
            />
        </div>
    }
}

/// Regions where nodes of a kind are registered and none is online, with how many.
pub fn zeros(live: LiveStore, kind: NodeKind) -> Vec<(RegionId, u32)> {
    let ids = live.region_ids().unwrap_or_default();
    ids.into_iter()
        .filter_map(|id| {
            let k = live.summary(&id, |r| counts(&r.capacity, kind))?;
            is_zero(&k).then_some((id, k.registered))
        })
        .collect()
}

/// While the server does not judge silence, "none" would blame the nodes.
pub fn is_zero(k: &KindCounts) -> bool {
    k.registered > 0 && k.online == 0 && k.unconfirmed == 0
}

#[component]
fn Kind(kind: NodeKind, panel: Opener) -> impl IntoView {
    let (t, live, scope) = (use_i18n().t, use_live(), use_scope());
    let k = memo(move || scope.read(|c| counts(c, kind)).unwrap_or_default());
    let zeros = memo(move || {
        let mut all = zeros(live, kind);
        all.retain(|(id, _)| scope.has(Some(id)));
        all
    });
    let slots = memo(move || scope.read(|c| c.slots).filter(|_| kind == NodeKind::Backend));
    let slots = move || {
        let s = slots.get()?;
        let (used, max) = (s.used?, s.max.filter(|max| *max > 0)?);
        let share = format::percent_of(used, max);
        Some((t.kpi_slots)(&format::count(used), &format::count(max), share.as_deref()))
    };
    let parts = derived(move || segments(&k.get()));
    let empty = memo(move || k.get().registered == 0);
    // Under doubt the figure would blame nodes for our own trouble.
    let doubt = move || {
        let k = k.get();
        (k.unconfirmed > 0).then(|| (words().dashboard.confirmed)(k.online, k.unconfirmed))
    };
    view! {
        <div class="card kpi livebox">
            <h2>
                <a href=attr(move || {
                    scope.nodes(kind, None)
                })>{if kind == NodeKind::Proxy { t.kpi_proxy } else { t.kpi_backend }}</a>
                " "
                <AsOf />
            </h2>
            <p class="big num val">
                <bdi>
                    {dynamic(move || format::count(k.get().online.into()))}
                    <span class="of">" / "{dynamic(move || format::count(k.get().registered.into()))}</span>
                </bdi>
            </p>
            {dynamic(move || {
                if empty.get() {
                    view! { <p class="sm mut">{(t.kpi_none_registered)(kind)}</p> }.into_any()
                } else {
                    view! {
                        <p class="split num">
                            <a href=attr(move || scope.nodes(kind, Some("online")))>
                                <Icon name="circle-check" />
                                <b>{dynamic(move || format::count(k.get().accepting.into()))}</b>
                                " "
                                {t.kpi_accepting}
                            </a>
                        </p>
                        <StackedBar label=(t.kpi_bar)(kind) segments=parts legend=true />
                    }
                        .into_any()
                }
            })}
            <For each=move || zeros.get() key=|zero| zero.clone() let((region, n))>
                <ZeroLine region=region n=n kind=kind panel=panel />
            </For>
            {small(doubt)}
            {small(slots)}
            {small(move || (k.get().disabled > 0).then(|| (t.kpi_disabled)(k.get().disabled)))}
        </div>
    }
}

/// `0/6 in US-EAST-1 · How to fix 0/6`.
#[component]
fn ZeroLine(region: RegionId, n: u32, kind: NodeKind, panel: Opener) -> impl IntoView {
    let t = use_i18n().t;
    let label = (t.how_to_fix_in)(n, region.as_str());
    let id = region.to_string();
    view! {
        <p class="split">
            <span class="bad-text">
                <Icon name="octagon-x" />
                <bdi class="num">{format!("0/{}", format::count(n.into()))}</bdi>
                <bdi class="id" translate="no">{id}</bdi>
            </span>
            <button
                type="button"
                class="link"
                aria-haspopup="dialog"
                aria-label=label
                on:click=move |_| panel.set(Some(Panel::Zero(region.clone(), kind)))
            >
                {(t.how_to_fix)(n)}
            </button>
        </p>
    }
}
