//! One region: its figures, and its nodes by kind.

use common::auth::Permission;
use common::capacity::{Capacity, KindCounts};
use common::ids::RegionId;
use common::node::NodeKind;
use common::region::Region;
use common::stream::Topic;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::node_order::{Held, ResortChip, use_order};
use super::node_row::{Column, NodeFilter, NodeRow};
use super::node_table::NodeTable;
use crate::components::format;
use crate::components::region_card::conversations;
use crate::components::status::{segments, word_text};
use crate::components::{
    Breadcrumb, Crumb, Empty, Flag, GatedLink, Icon, Num, Reason, Skeleton, Sort, StackedBar, StatusBadge,
    count_beside, country_name, words,
};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, effect, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::shell::title::use_title;
use crate::state::connection::use_topic;
use crate::state::gate::use_gate;
use crate::state::live::{TopicState, use_live};

/// Id of the reason why nothing can be added.
const REASON: &str = "region-reason";

/// The Region ID of the address, in its one form; an address in another form is replaced.
pub fn use_region_id() -> Memo<RegionId> {
    let typed = super::use_id_in_path();
    let id = memo(move || RegionId::from(typed.get().as_str()));
    let navigate = use_navigate();
    effect(move || {
        let (typed, id) = (typed.get(), id.get());
        if typed.is_empty() || typed == id.as_str() {
            return;
        }
        let location = window().location();
        let path =
            location.pathname().unwrap_or_default().replacen(&format!("/{typed}"), &format!("/{id}"), 1);
        let query = location.search().unwrap_or_default();
        navigate(
            &format!("{path}{query}"),
            NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() },
        );
    });
    id
}

/// `/regions/:region`
#[component]
pub fn RegionPage() -> impl IntoView {
    let id = use_region_id();
    use_title(move || id.get().to_string());
    use_topic(move || Some(Topic::Region(id.get())));
    let live = use_live();
    let state = memo(move || live.topic(&Topic::Region(id.get())));
    let gone = memo(move || state.get() == TopicState::Gone);
    let loading = memo(move || state.get() == TopicState::Loading);
    let region = memo(move || live.region(&id.get(), Clone::clone));
    let crumbs = derived(move || {
        vec![
            Crumb::link(routes::REGIONS, words().regions.title),
            Crumb::here(id.get().to_string()).technical(),
        ]
    });
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            if gone.get() {
                return view! { <Missing id=id.get() /> }.into_any();
            }
            // The heading, which has the focus, stays while the page fills.
            view! {
                <Header id=id.get() region=region />
                {dynamic(move || {
                    if loading.get() {
                        view! {
                            <div class="grid k4" aria-busy="true">
                                <Skeleton shape="sk-card" count=4 />
                            </div>
                            <Skeleton count=5 />
                        }
                            .into_any()
                    } else {
                        view! { <Ready id=id.get() region=region /> }.into_any()
                    }
                })}
            }
                .into_any()
        })}
    }
}

/// No such region.
#[component]
pub fn Missing(
    /// The id in the address.
    id: RegionId,
) -> impl IntoView {
    let w = &words().region;
    view! {
        <h1 tabindex="-1">{w.missing_title}</h1>
        <Empty icon="map-pin" title=(w.missing)(id.as_str()) text=w.missing_text>
            <a class="btn" href=routes::REGIONS>
                {w.to_list}
            </a>
        </Empty>
    }
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
fn Header(id: RegionId, region: Memo<Option<Region>>) -> impl IntoView {
    let i18n = use_i18n();
    let identity =
        memo(move || region.with(|r| r.as_ref().map(|r| (r.country_code.clone(), r.display_name.clone()))));
    let status = memo(move || region.with(|r| r.as_ref().map(|r| r.status.clone())));
    view! {
        <div class="hd">
            {dynamic(move || identity.get().map(|(code, _)| view! { <Flag code=code large=true /> }))}
            <h1 tabindex="-1">
                <bdi class="id" translate="no">
                    {id.to_string()}
                </bdi>
            </h1>
            {dynamic(move || {
                status
                    .get()
                    .map(|s| {
                        let count = count_beside(&s);
                        view! { <StatusBadge word=s.word extra=count /> }
                    })
            })}
            <AsOf />
            <p class="sub">
                {dynamic(move || {
                    identity
                        .get()
                        .map(|(code, name)| match name {
                            Some(name) => format!("{name} · {}", country_name(&code)),
                            None => country_name(&code),
                        })
                })}
                {dynamic(move || {
                    status
                        .get()
                        .map(|s| format!(" · {}", (words().node.since)(word_text(s.word), &i18n.fmt.date_time(s.since))))
                })}
            </p>
        </div>
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
