//! One region: its figures, and its nodes by kind.

use common::auth::Permission;
use common::capacity::{Capacity, KindCounts};
use common::ids::RegionId;
use common::node::NodeKind;
use common::region::Region;
use common::stream::Topic;
use leptos::prelude::*;

use super::node_order::{Held, ResortChip, use_order};
use super::node_row::{Column, NodeFilter, NodeRow};
use super::node_table::NodeTable;
use super::region_tabs::{RegionFrame, RegionTab};
use crate::components::format;
use crate::components::region_card::conversations;
use crate::components::status::segments;
use crate::components::{Empty, GatedLink, Icon, Num, Reason, Sort, StackedBar, words};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::state::gate::use_gate;
use crate::state::live::use_live;

/// Id of the reason why nothing can be added.
const REASON: &str = "region-reason";

/// `/regions/:region`
#[component]
pub fn RegionPage() -> impl IntoView {
    view! { <RegionFrame tab=RegionTab::Overview content=|id, region| view! { <Ready id=id region=region /> }.into_any() /> }
}

#[component]
fn Ready(id: RegionId, region: Memo<Option<Region>>) -> impl IntoView {
    let live = use_live();
    let gate = use_gate(Permission::Operate);
    let capacity = memo(move || region.with(|r| r.as_ref().map(|r| r.capacity.clone())).unwrap_or_default());
    let topic = Topic::Region(id.clone());
    let ids = memo(move || live.node_ids(&topic));
    let empty = memo(move || ids.with(Vec::is_empty));
    view! {
        <Reason id=REASON off=gate />
        <Figures capacity=capacity />
        {dynamic(move || {
            let id = id.clone();
            if empty.get() {
                view! { <FirstNodes id=id /> }.into_any()
            } else {
                view! {
                    <Group id=id.clone() kind=NodeKind::Proxy source=ids.into() />
                    <Group id=id kind=NodeKind::Backend source=ids.into() />
                }
                    .into_any()
            }
        })}
    }
}

#[component]
fn Figures(capacity: Memo<Capacity>) -> impl IntoView {
    let w = &words().region;
    let get = move |read: fn(&Capacity) -> Option<u64>| derived(move || capacity.with(read));
    let slots = memo(move || capacity.with(|c| c.slots));
    view! {
        <div class="grid k4">
            <section class="card kpi livebox">
                <h2>{w.conversations}</h2>
                <p class="big num val">
                    <Num value=get(conversations) />
                </p>
                <p class="split">
                    <span>
                        <Icon name="phone" />
                        {w.phone}
                        " "
                        <b class="fig">
                            <Num value=get(|c| c.conversations.phone) />
                        </b>
                    </span>
                    <span>
                        <Icon name="app-window" />
                        {w.web}
                        " "
                        <b class="fig">
                            <Num value=get(|c| c.conversations.web) />
                        </b>
                    </span>
                </p>
                {dynamic(move || {
                    let s = slots.get();
                    s.used
                        .zip(s.max)
                        .map(|(used, max)| {
                            view! { <p class="sm mut">{(w.slots)(&format::count(used), &format::count(max), format::percent_of(used, max).as_deref())}</p> }
                        })
                })}
            </section>
            <section class="card kpi livebox">
                <h2>{w.outbound}</h2>
                <p class="big num val">
                    <Num value=get(|c| match (c.outbound.processing, c.outbound.pending) {
                        (None, None) => None,
                        (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
                    }) />
                </p>
                <p class="split">
                    <span>
                        <Icon name="phone-outgoing" />
                        {w.processing}
                        " "
                        <b class="fig">
                            <Num value=get(|c| c.outbound.processing) />
                        </b>
                    </span>
                    <span>
                        <Icon name="clock" />
                        {w.pending}
                        " "
                        <b class="fig">
                            <Num value=get(|c| c.outbound.pending) />
                        </b>
                    </span>
                </p>
            </section>
            <KindCard title=w.backends counts=derived(move || capacity.with(|c| c.backend)) />
            <KindCard title=w.proxies counts=derived(move || capacity.with(|c| c.proxy)) />
        </div>
    }
}

#[component]
fn KindCard(title: &'static str, counts: Signal<KindCounts>) -> impl IntoView {
    let w = &words().region;
    let counts = memo(move || counts.get());
    let none = move || Some(counts.get()).filter(|c| c.online == 0 && c.registered > 0);
    view! {
        <section class="card kpi livebox">
            <h2>{title}</h2>
            <p class="big num val">
                {dynamic(move || counts.get().online)} <span class="of">" / " {dynamic(move || counts.get().registered)}</span>
            </p>
            {dynamic(move || match none() {
                Some(c) => {
                    view! {
                        <p class="fix">
                            <a href=routes::HELP>{(w.fix)(c.registered)}</a>
                        </p>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <p class="split">
                            <span>
                                <Icon name="circle-check" />
                                <b class="num">{dynamic(move || counts.get().accepting)}</b>
                                " "
                                {w.accepting}
                            </span>
                        </p>
                    }
                        .into_any()
                }
            })}
            {dynamic(move || {
                (counts.get().registered > 0)
                    .then(|| {
                        view! { <StackedBar label=title segments=derived(move || segments(&counts.get())) /> }
                    })
            })}
        </section>
    }
}

/// The nodes of one kind.
#[component]
fn Group(id: RegionId, kind: NodeKind, source: Signal<Vec<common::ids::NodeId>>) -> impl IntoView {
    let w = &words().region;
    let gate = use_gate(Permission::Operate);
    let filter = Signal::stored(NodeFilter { kind: Some(kind), ..NodeFilter::default() });
    let sort = RwSignal::new(Sort { column: Column::Status, descending: false });
    let order = use_order(source, filter, sort.into());
    let count = memo(move || order.ids.with(Vec::len));
    let bare = memo(move || count.get() == 0);
    let (title, add, none) = match kind {
        NodeKind::Proxy => (w.proxies_list, w.add_proxy, w.no_proxy),
        NodeKind::Backend | NodeKind::Background => (w.backends_list, w.add_backend, w.no_backend),
    };
    let label = format!("{title}, {id}");
    let href = routes::node_new(&id, kind);
    let always = Callback::new(|_: NodeRow| true);
    view! {
        <section class="stack tight push">
            <div class="hd">
                <h2>{title}</h2>
                <span class="st plain">{count}</span>
                <ResortChip order=order />
                <span class="sp"></span>
                <GatedLink href=href off=gate reason=REASON label=add />
            </div>
            {dynamic(move || {
                let label = label.clone();
                if bare.get() {
                    view! { <Empty icon="server" title=none small=true /> }.into_any()
                } else {
                    view! {
                        <Held order=order>
                            <NodeTable
                                label=label
                                ids=order.ids
                                sort=sort
                                on_sort=Callback::new(move |s| sort.set(s))
                                fits=always
                                region=false
                                only=kind
                            />
                        </Held>
                    }
                        .into_any()
                }
            })}
        </section>
    }
}

/// What a region without nodes offers.
#[component]
fn FirstNodes(id: RegionId) -> impl IntoView {
    let w = &words().region;
    let gate = use_gate(Permission::Operate);
    let card = |kind: NodeKind, icon, title: &'static str, text: &'static str, add: &'static str| {
        let href = routes::node_new(&id, kind);
        view! {
            <Empty icon=icon title=title text=text>
                <GatedLink href=href off=gate reason=REASON primary=true label=add />
            </Empty>
        }
    };
    view! {
        <div class="grid k2">
            {card(NodeKind::Proxy, "phone-call", w.first_proxy, w.first_proxy_text, w.add_proxy)}
            {card(NodeKind::Backend, "server", w.first_backend, w.first_backend_text, w.add_backend)}
        </div>
    }
}
