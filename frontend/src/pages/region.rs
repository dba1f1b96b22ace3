//! One region: its figures, how it was today, and what is wrong here.

use common::capacity::{Capacity, KindCounts};
use common::history::{Metric, Unit};
use common::ids::RegionId;
use common::intent::Platform;
use common::node::NodeKind;
use common::overview::OpenProblem;
use common::region::Region;
use common::status::IntentState;
use common::stream::Topic;
use leptos::prelude::*;

use super::coverage::Coverage;
use super::dashboard::problems::{ProblemBadge, ProblemDetail, Sentence, use_problem};
use super::past::region::PastRegion;
use super::region_next::{after_one_more, nobody};
use super::region_nodes::FirstNodes;
use super::region_strip::RegionStrip;
use super::region_tabs::{RegionFrame, RegionTab};
use super::sparks::{Sparks, use_sparks};
use crate::api::Whose;
use crate::components::region_card::{Storage, conversations};
use crate::components::status::segments;
use crate::components::{Icon, Note, Num, Sparkline, StackedBar, format, words};
use crate::i18n::problems::headline;
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::state::live::use_live;
use crate::state::past::use_moment;

/// `/regions/:region`
#[component]
pub fn RegionPage() -> impl IntoView {
    let moment = use_moment().shown;
    dynamic(move || match moment.get() {
        Some(at) => view! { <PastRegion at=at /> }.into_any(),
        None => view! {
            <RegionFrame
                tab=RegionTab::Overview
                content=|id, region| view! { <Ready id=id region=region /> }.into_any()
            />
        }
        .into_any(),
    })
}

#[component]
fn Ready(id: RegionId, region: Memo<Option<Region>>) -> impl IntoView {
    let capacity = memo(move || region.with(|r| r.as_ref().map(|r| r.capacity.clone())).unwrap_or_default());
    let sparks = use_sparks(
        Whose::Region(id.clone()),
        &[Metric::Phone, Metric::Web, Metric::Processing, Metric::Pending],
    );
    view! {
        <PlatformNote />
        <Figures id=id.clone() capacity=capacity sparks=sparks />
        <div class="grid k21">
            <ProblemsHere id=id.clone() />
            <Next id=id.clone() region=region capacity=capacity />
        </div>
        <RegionStrip id=id.clone() />
        <First id=id />
    }
}

/// What a region without nodes offers; its tables of nodes are a tab of their own.
#[component]
fn First(id: RegionId) -> impl IntoView {
    let live = use_live();
    let topic = Topic::Region(id.clone());
    let empty = memo(move || live.node_ids(&topic).is_empty());
    dynamic(move || empty.get().then(|| view! { <FirstNodes id=id.clone() /> }))
}

/// Maintenance of the platform holds for this region too.
#[component]
fn PlatformNote() -> impl IntoView {
    let live = use_live();
    let w = &words().dashboard;
    let quiet = |p: &Platform| p.intent.state != IntentState::Active;
    let on = memo(move || live.overview(|o| quiet(&o.platform)).unwrap_or(false));
    dynamic(move || {
        on.get().then(|| {
            view! {
                <Note tone="warn" icon="wrench">
                    {w.platform_maintenance} " " <a href=routes::MAINTENANCE>{w.details}</a>
                </Note>
            }
        })
    })
}

#[component]
fn Part(
    icon: &'static str,
    name: &'static str,
    href: String,
    #[prop(into)] value: Signal<Option<u64>>,
) -> impl IntoView {
    view! {
        <a href=href>
            <Icon name=icon />
            {name}
            " "
            <b class="fig">
                <Num value=value />
            </b>
        </a>
    }
}

/// A figure as a number of a line; counts of calls are far below the precision of a float.
fn line_value(value: Signal<Option<u64>>) -> Signal<Option<f64>> {
    derived(move || value.get().and_then(|n| u32::try_from(n).ok()).map(f64::from))
}

fn outbound(c: &Capacity) -> Option<u64> {
    match (c.outbound.processing, c.outbound.pending) {
        (None, None) => None,
        (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
    }
}

#[component]
fn Figures(id: RegionId, capacity: Memo<Capacity>, sparks: Sparks) -> impl IntoView {
    let (t, w) = (use_i18n().t, &words().region);
    let get = move |read: fn(&Capacity) -> Option<u64>| derived(move || capacity.with(read));
    let slots = memo(move || capacity.with(|c| c.slots));
    let oldest = memo(move || {
        capacity.with(|c| c.outbound.oldest_pending_seconds).map(|s| format::duration(s.saturating_mul(1000)))
    });
    let nodes = |kind: NodeKind| routes::nodes_of(&id, kind);
    view! {
        <div class="grid k4">
            <section class="card kpi livebox">
                <h2>{w.conversations} " " <AsOf /></h2>
                <p class="big num val">
                    <Num value=get(conversations) />
                </p>
                <p class="split">
                    <Part icon="phone" name=w.phone href=nodes(NodeKind::Backend) value=get(|c| c.conversations.phone) />
                    <Part
                        icon="app-window"
                        name=w.web
                        href=nodes(NodeKind::Backend)
                        value=get(|c| c.conversations.web)
                    />
                </p>
                <Coverage kind=NodeKind::Backend counts=derived(move || capacity.with(|c| Some(c.backend))) />
                {dynamic(move || {
                    let s = slots.get();
                    s.used
                        .zip(s.max)
                        .map(|(used, max)| {
                            view! { <p class="xs mut num">{(w.slots)(&format::count(used), &format::count(max), format::percent_of(used, max).as_deref())}</p> }
                        })
                })}
                <Sparkline
                    label=w.conversations
                    unit=Unit::Count
                    steps=sparks.line(&[Metric::Phone, Metric::Web], line_value(get(conversations)))
                />
            </section>
            <section class="card kpi livebox">
                <h2>{w.outbound} " " <AsOf /></h2>
                <p class="big num val">
                    <Num value=get(outbound) />
                </p>
                <p class="split">
                    <Part
                        icon="phone-outgoing"
                        name=w.processing
                        href=nodes(NodeKind::Proxy)
                        value=get(|c| c.outbound.processing)
                    />
                    <Part icon="clock" name=w.pending href=nodes(NodeKind::Proxy) value=get(|c| c.outbound.pending) />
                    {dynamic(move || oldest.get().map(|age| view! { <span>{(t.kpi_oldest)(&age)}</span> }))}
                </p>
                <Coverage kind=NodeKind::Proxy counts=derived(move || capacity.with(|c| Some(c.proxy))) />
                <Sparkline
                    label=w.outbound
                    unit=Unit::Count
                    steps=sparks.line(&[Metric::Processing, Metric::Pending], line_value(get(outbound)))
                    look="s2"
                />
            </section>
            <KindCard id=id.clone() kind=NodeKind::Backend counts=derived(move || capacity.with(|c| c.backend)) />
            <KindCard id=id.clone() kind=NodeKind::Proxy counts=derived(move || capacity.with(|c| c.proxy)) />
        </div>
    }
}

#[component]
fn KindCard(id: RegionId, kind: NodeKind, counts: Signal<KindCounts>) -> impl IntoView {
    let w = &words().region;
    let title = if kind == NodeKind::Proxy { w.proxies } else { w.backends };
    let counts = memo(move || counts.get());
    let none = memo(move || Some(counts.get()).filter(nobody));
    let (list, why) = (routes::nodes_of(&id, kind), routes::region_diagnose(&id, kind));
    let (list, why) = (StoredValue::new(list), StoredValue::new(why));
    view! {
        <section class="card kpi livebox">
            <h2>
                <a href=list.get_value()>{title}</a>
                " "
                <AsOf />
            </h2>
            <p class="big num val">
                <bdi>
                    {dynamic(move || format::count(counts.get().online.into()))} <span class="of">
                        " / " {dynamic(move || format::count(counts.get().registered.into()))}
                    </span>
                </bdi>
            </p>
            {dynamic(move || match none.get() {
                Some(c) => {
                    view! {
                        <p class="fix">
                            <a href=why.get_value()>{(w.fix)(c.registered)}</a>
                        </p>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <p class="split">
                            <a href=format!("{}&status=online", list.get_value())>
                                <Icon name="circle-check" />
                                <b class="num">{dynamic(move || format::count(counts.get().accepting.into()))}</b>
                                " "
                                {w.accepting}
                            </a>
                        </p>
                    }
                        .into_any()
                }
            })}
            {dynamic(move || {
                (counts.get().registered > 0)
                    .then(|| {
                        view! {
                            <StackedBar label=title segments=derived(move || segments(&counts.get())) legend=true />
                        }
                    })
            })}
        </section>
    }
}

/// The open problems of this region.
#[component]
fn ProblemsHere(id: RegionId) -> impl IntoView {
    let w = &words().dashboard;
    let live = use_live();
    let ids = memo(move || {
        let here = |p: &&OpenProblem| p.region_id.as_ref() == Some(&id);
        live.problems(|all| all.iter().filter(here).map(|p| p.id.clone()).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let calm = memo(move || ids.with(Vec::is_empty));
    view! {
        <section class="card attention" aria-labelledby="problems-here">
            <header>
                <h2 id="problems-here">{w.problems_here}</h2>
            </header>
            {dynamic(move || {
                calm.get()
                    .then(|| {
                        view! {
                            <p class="row mut">
                                <Icon name="circle-check" />
                                <span>{w.no_problems_here}</span>
                            </p>
                        }
                    })
            })}
            <ul class="list">
                <For each=move || ids.get() key=|id| id.clone() let:id>
                    <Problem id=id />
                </For>
            </ul>
        </section>
    }
}

#[component]
fn Problem(id: String) -> impl IntoView {
    let t = use_i18n().t;
    let href = routes::problem(&routes::encode(&id));
    let problem = use_problem(id);
    let head = derived(move || problem.with(|p| p.as_ref().map(|p| headline(t, p)).unwrap_or_default()));
    view! {
        <li>
            <ProblemBadge problem=problem />
            <div class="gr">
                <p>
                    <a href=href>
                        <Sentence text=head />
                    </a>
                </p>
                <ProblemDetail problem=problem />
            </div>
        </li>
    }
}

/// Storage, and whether the region would hold its calls with one backend less.
#[component]
fn Next(id: RegionId, region: Memo<Option<Region>>, capacity: Memo<Capacity>) -> impl IntoView {
    let w = &words().dashboard;
    let live = use_live();
    let to_storage = routes::region_storage(&id);
    let topic = Topic::Region(id);
    let next = memo(move || {
        let nodes: Vec<_> =
            live.node_ids(&topic).into_iter().filter_map(|id| live.node(id, Clone::clone)).collect();
        after_one_more(capacity.with(|c| c.slots), &nodes)
    });
    let storage = memo(move || region.with(|r| r.as_ref().map(|r| r.storage.clone())));
    let safe = memo(move || next.get().is_none_or(|(used, max)| used <= max && max > 0));
    view! {
        <section class="card stack livebox" aria-labelledby="region-next">
            <h2 id="region-next">{w.next_title}</h2>
            <p class=attr(move || if safe.get() { "row num val" } else { "row num val bad-text" })>
                {dynamic(move || {
                    let icon = match next.get() {
                        None => "circle-help",
                        Some(_) if safe.get() => "circle-check",
                        Some(_) => "octagon-x",
                    };
                    view! { <Icon name=icon /> }
                })}
                <span>
                    {dynamic(move || match next.get() {
                        None => w.next_none.to_owned(),
                        // The one backend that reports would be the one that is gone.
                        Some((used, 0)) => (w.next_alone)(used),
                        Some((used, max)) => {
                            let say = if safe.get() { w.next_safe } else { w.next_short };
                            say(&format::count(used), &format::count(max))
                        }
                    })}
                </span>
            </p>
            {dynamic(move || {
                // What is missing or fails stands in the heading already.
                let well = storage.get().filter(|s| s.healthy != Some(false) && s.configured)?;
                Some(
                    view! {
                        <h2>{w.storage}</h2>
                        <a class="plain-link" href=to_storage.clone()>
                            <Storage storage=well />
                        </a>
                    },
                )
            })}
        </section>
    }
}
