//! A region in a grid of regions: what it is, how it is, and its main figures.

use common::history::Unit;
use common::ids::RegionId;
use common::node::NodeKind;
use common::overview::RegionSummary;
use common::region::StorageSummary;
use leptos::prelude::*;

use super::country_names::country_name;
use super::figure::{Num, Ratio};
use super::icon::{Flag, Icon};
use super::sparkline::{Sparkline, Steps};
use super::status::{StatusBadge, count_beside};
use super::words;
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;

/// The card of one region; its name is the link, and the link covers the card.
#[component]
pub fn RegionCard(
    /// The region.
    id: RegionId,
    /// Its figures; `None` while they are not known.
    #[prop(into)]
    summary: Signal<Option<RegionSummary>>,
    /// Its live conversations over the last quarter of an hour.
    line: Signal<Option<Steps>>,
    /// What stands at the end of its heading: a menu.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let place =
        memo(move || summary.with(|s| s.as_ref().map(|s| (s.country_code.clone(), s.display_name.clone()))));
    let status = memo(move || summary.with(|s| s.as_ref().map(|s| s.status.clone())));
    let capacity = memo(move || summary.with(|s| s.as_ref().map(|s| s.capacity.clone())));
    let figure = move |read: fn(&common::capacity::Capacity) -> Option<u64>| {
        derived(move || capacity.with(|c| c.as_ref().and_then(read)))
    };
    let w = &words().region_card;
    let none = memo(move || capacity.with(|c| c.as_ref().map(nobody).unwrap_or_default()));
    let own = StoredValue::new(id.clone());
    let storage = memo(move || summary.with(|s| s.as_ref().map(|s| s.storage.clone())));
    let to_storage = routes::region_storage(&id);
    view! {
        <article class="card rc livebox">
            <div class="hd">
                {dynamic(move || place.get().map(|(code, _)| view! { <Flag code=code /> }))}
                <h3>
                    <a href=routes::region(&id)>
                        <bdi class="id" translate="no">
                            {id.to_string()}
                        </bdi>
                    </a>
                </h3>
                <span class="sp"></span>
                {dynamic(move || {
                    status
                        .get()
                        .map(|s| {
                            let count = count_beside(&s);
                            view! { <StatusBadge word=s.word extra=count /> }
                        })
                })}
                {children.map(|children| children())}
            </div>
            <p class="sm mut">
                {dynamic(move || {
                    place
                        .get()
                        .map(|(code, name)| match name {
                            Some(name) => format!("{name} · {}", country_name(&code)),
                            None => country_name(&code),
                        })
                })}
            </p>
            <dl>
                <div>
                    <dt>{w.backend}</dt>
                    <dd class="val">
                        <Ratio
                            part=figure(|c| Some(c.backend.online.into()))
                            whole=figure(|c| Some(c.backend.registered.into()))
                        />
                    </dd>
                </div>
                <div>
                    <dt>{w.proxy}</dt>
                    <dd class="val">
                        <Ratio
                            part=figure(|c| Some(c.proxy.online.into()))
                            whole=figure(|c| Some(c.proxy.registered.into()))
                        />
                    </dd>
                </div>
                <div>
                    <dt>{w.conversations}</dt>
                    <dd class="val">
                        <Num value=figure(conversations) />
                    </dd>
                </div>
                <div>
                    <dt>{w.pending}</dt>
                    <dd class="val">
                        <Num value=figure(|c| c.outbound.pending) />
                    </dd>
                </div>
            </dl>
            <Sparkline label=w.conversations unit=Unit::Count steps=line />
            {dynamic(move || {
                none.get()
                    .into_iter()
                    .map(|(kind, n)| {
                        let href = own.with_value(|id| routes::region_diagnose(id, kind));
                        let of = if kind == NodeKind::Proxy { w.proxy } else { w.backend };
                        view! {
                            <p class="sm above">
                                <a class="row bad-text" href=href>
                                    <Icon name="octagon-x" />
                                    <span>{of} ": " {(words().dashboard.why)(0, n)}</span>
                                </a>
                            </p>
                        }
                    })
                    .collect_view()
            })}
            <p class="sm above">
                <a class="plain-link" href=to_storage>
                    {dynamic(move || storage.get().map(|s| view! { <Storage storage=s /> }))}
                </a>
            </p>
        </article>
    }
}

/// The kinds of which nodes are registered and none is online, with how many. While the server does not judge silence,
/// "none" would blame the nodes.
fn nobody(c: &common::capacity::Capacity) -> Vec<(NodeKind, u32)> {
    [(NodeKind::Backend, c.backend), (NodeKind::Proxy, c.proxy)]
        .into_iter()
        .filter(|(_, k)| k.registered > 0 && k.online == 0 && k.unconfirmed == 0)
        .map(|(kind, k)| (kind, k.registered))
        .collect()
}

/// Storage in one line, with its icon.
#[component]
pub fn Storage(
    /// As it is now.
    storage: StorageSummary,
) -> impl IntoView {
    let (tone, icon, text) = storage_text(&storage, use_i18n());
    view! {
        <span class=format!("row {tone}")>
            <Icon name=icon />
            <span>{text}</span>
        </span>
    }
}

/// How storage looks, and its words.
pub fn storage_text(storage: &StorageSummary, i18n: I18n) -> (&'static str, &'static str, String) {
    let w = &words().region_card;
    if !storage.configured {
        return ("mut", "circle-dashed", w.storage_none.to_owned());
    }
    let nodes = storage.nodes;
    let (tone, icon, text) = match storage.healthy {
        None => ("mut", "circle-dashed", w.storage_unknown.to_owned()),
        // What the server finds is no comfort to nodes that find something else.
        Some(true) if nodes.failing > 0 => ("mut", "circle-check", w.storage_ok_here.to_owned()),
        Some(true) => ("ok-text", "circle-check", w.storage_ok.to_owned()),
        Some(false) => {
            let since = storage.since.or(storage.checked_at).map(|at| i18n.fmt.date_time(at));
            ("bad-text", "octagon-x", (w.storage_failing)(&since.unwrap_or_default()))
        }
    };
    match (nodes.failing, storage.healthy) {
        (0, _) => (tone, icon, text),
        (failing, Some(false)) => (tone, icon, (w.storage_nodes)(&text, failing, nodes.reporting)),
        (failing, _) => ("warn-text", "triangle-alert", (w.storage_nodes)(&text, failing, nodes.reporting)),
    }
}

/// Phone and web together; `None` only where neither is known.
pub fn conversations(capacity: &common::capacity::Capacity) -> Option<u64> {
    let c = capacity.conversations;
    match (c.phone, c.web) {
        (None, None) => None,
        (phone, web) => Some(phone.unwrap_or(0).saturating_add(web.unwrap_or(0))),
    }
}
