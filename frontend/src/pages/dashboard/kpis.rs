//! The four cards of figures.

use common::capacity::{Capacity, KindCounts};
use common::ids::RegionId;
use common::node::NodeKind;
use leptos::prelude::*;

use super::{Opener, Panel};
use crate::components::status::segments;
use crate::components::{Icon, Num, StackedBar, format};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::state::live::{LiveStore, use_live};

/// The cards.
#[component]
pub fn Kpis(panel: Opener) -> impl IntoView {
    let t = use_i18n().t;
    view! {
        <section class="grid k4" aria-label=t.key_figures>
            <Conversations />
            <Outbound />
            <Kind kind=NodeKind::Backend panel=panel />
            <Kind kind=NodeKind::Proxy panel=panel />
        </section>
    }
}

/// A figure out of the cluster's totals, followed on its own.
fn figure(live: LiveStore, read: fn(&Capacity) -> Option<u64>) -> Signal<Option<u64>> {
    memo(move || live.cluster(read).flatten()).into()
}

/// The sum of what is known; `None` where nothing is.
fn both(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    let mut sum = None;
    common::capacity::add_known(&mut sum, a);
    common::capacity::add_known(&mut sum, b);
    sum
}

/// Last known figures are worth a line only where there are any.
fn any(a: Option<u64>, b: Option<u64>) -> bool {
    both(a, b).is_some_and(|sum| sum > 0)
}

#[component]
fn Part(icon: &'static str, name: &'static str, #[prop(into)] value: Signal<Option<u64>>) -> impl IntoView {
    view! {
        <span>
            <Icon name=icon />
            {name}
            " "
            <b>
                <Num value=value />
            </b>
        </span>
    }
}

#[component]
fn Conversations() -> impl IntoView {
    let (t, live) = (use_i18n().t, use_live());
    let last_known = memo(move || {
        live.cluster(|c| {
            let k = c.last_known;
            any(k.phone, k.web).then(|| {
                (t.kpi_last_known_conversations)(
                    &format::count_or_none(k.phone),
                    &format::count_or_none(k.web),
                )
            })
        })
        .flatten()
    });
    view! {
        <div class="card kpi livebox">
            <h2>
                <a href=routes::nodes_filtered(Some(NodeKind::Backend), None)>{t.kpi_conversations}</a>
                " "
                <AsOf />
            </h2>
            <p class="big num val">
                <Num value=figure(live, |c| both(c.conversations.phone, c.conversations.web)) />
            </p>
            <p class="split num">
                <Part icon="phone" name=t.kpi_phone value=figure(live, |c| c.conversations.phone) />
                <Part icon="app-window" name=t.kpi_web value=figure(live, |c| c.conversations.web) />
            </p>
            <Coverage kind=NodeKind::Backend />
            {dynamic(move || last_known.get().map(|text| view! { <p class="xs mut num">{text}</p> }))}
        </div>
    }
}

#[component]
fn Outbound() -> impl IntoView {
    let (t, live) = (use_i18n().t, use_live());
    let last_known = memo(move || {
        live.cluster(|c| {
            let k = c.last_known;
            any(k.processing, k.pending).then(|| {
                (t.kpi_last_known_outbound)(
                    &format::count_or_none(k.processing),
                    &format::count_or_none(k.pending),
                )
            })
        })
        .flatten()
    });
    let oldest = memo(move || {
        live.cluster(|c| c.outbound.oldest_pending_seconds)
            .flatten()
            .map(|s| (t.kpi_oldest)(&format::duration(s.saturating_mul(1000))))
    });
    view! {
        <div class="card kpi livebox">
            <h2>
                <a href=routes::nodes_filtered(Some(NodeKind::Proxy), None)>{t.kpi_outbound}</a>
                " "
                <AsOf />
            </h2>
            <p class="big num val">
                <Num value=figure(live, |c| both(c.outbound.processing, c.outbound.pending)) />
            </p>
            <p class="split num">
                <Part icon="phone-outgoing" name=t.kpi_processing value=figure(live, |c| c.outbound.processing) />
                <Part icon="clock" name=t.kpi_pending value=figure(live, |c| c.outbound.pending) />
                {dynamic(move || oldest.get().map(|text| view! { <span>{text}</span> }))}
            </p>
            <Coverage kind=NodeKind::Proxy />
            {dynamic(move || last_known.get().map(|text| view! { <p class="xs mut num">{text}</p> }))}
        </div>
    }
}

fn counts(c: &Capacity, kind: NodeKind) -> KindCounts {
    if kind == NodeKind::Proxy { c.proxy } else { c.backend }
}

/// “from 3 of 4 proxies”, where the figures above do not rest on all of them.
#[component]
fn Coverage(kind: NodeKind) -> impl IntoView {
    let (t, live) = (use_i18n().t, use_live());
    let text = memo(move || {
        live.cluster(|c| counts(c, kind))
            .filter(|k| k.online < k.registered)
            .map(|k| (t.kpi_coverage)(kind, k.online, k.registered))
    });
    dynamic(move || text.get().map(|text| view! { <p class="xs mut num">{text}</p> }))
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
    let (t, live) = (use_i18n().t, use_live());
    let k = memo(move || live.cluster(|c| counts(c, kind)).unwrap_or_default());
    let zeros = memo(move || zeros(live, kind));
    let slots = memo(move || live.cluster(|c| c.slots).filter(|_| kind == NodeKind::Backend));
    let slots = move || {
        let s = slots.get()?;
        let (used, max) = (s.used?, s.max.filter(|max| *max > 0)?);
        let share = format::percent_of(used, max);
        Some((t.kpi_slots)(&format::count(used), &format::count(max), share.as_deref()))
    };
    let parts = derived(move || segments(&k.get()));
    let disabled = memo(move || k.get().disabled);
    let empty = memo(move || k.get().registered == 0);
    view! {
        <div class="card kpi livebox">
            <h2>
                <a href=routes::nodes_filtered(
                    Some(kind),
                    None,
                )>{if kind == NodeKind::Proxy { t.kpi_proxy } else { t.kpi_backend }}</a>
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
                            <span>
                                <Icon name="circle-check" />
                                <b>{dynamic(move || format::count(k.get().accepting.into()))}</b>
                                " "
                                {t.kpi_accepting}
                            </span>
                        </p>
                        <StackedBar label=(t.kpi_bar)(kind) segments=parts legend=true />
                    }
                        .into_any()
                }
            })}
            <For each=move || zeros.get() key=|zero| zero.clone() let((region, n))>
                <ZeroLine region=region n=n kind=kind panel=panel />
            </For>
            {dynamic(move || slots().map(|text| view! { <p class="xs mut num">{text}</p> }))}
            {dynamic(move || (disabled.get() > 0).then(|| view! { <p class="xs mut num">{(t.kpi_disabled)(disabled.get())}</p> }))}
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
                <bdi class="num">{format!("0/{n}")}</bdi>
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
