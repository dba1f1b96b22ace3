//! One node: its word, its figures, who it is, what diagnosis found.

use common::ids::NodeId;
use common::node::{Node, NodeKind};
use common::status::{ConditionState, InheritedFrom, Liveness};
use common::stream::Topic;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use leptos_router::params::ParamsMap;

use super::connect_wait::{refusal_text, use_refusals};
use super::node_figures::Figures;
use super::node_identity::Identity;
use super::node_table::{NodeBadge, kind_text};
use crate::components::{Breadcrumb, Crumb, Empty, Icon, Note, Skeleton, Tag, words};
use crate::i18n::use_i18n;
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::shell::title::use_title;
use crate::state::connection::{use_connection, use_topic};
use crate::state::live::{TopicState, use_live};

/// The node of the address; `None` where it is no id.
pub fn node_id(params: &ParamsMap) -> Option<NodeId> {
    params.get("id").and_then(|id| id.parse().ok())
}

/// No such node.
#[component]
pub fn NodeMissing() -> impl IntoView {
    let w = &words().node;
    view! {
        <h1 tabindex="-1">{w.missing_title}</h1>
        <Empty icon="server" title=w.missing text=w.missing_text>
            <a class="btn" href=routes::NODES>
                {w.to_list}
            </a>
        </Empty>
    }
}

/// `/nodes/:id`
#[component]
pub fn NodePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| node_id(&params.get()));
    move || match id.get() {
        Some(id) => view! { <Page id=id /> }.into_any(),
        None => view! { <NodeMissing /> }.into_any(),
    }
}

#[component]
fn Page(id: NodeId) -> impl IntoView {
    use_topic(move || Some(Topic::Node(id)));
    let live = use_live();
    let node = Memo::new(move |_| live.node(id, Clone::clone));
    let name = Memo::new(move |_| node.with(|n| n.as_ref().map(Node::name)));
    use_title(move || name.get().unwrap_or_else(|| words().node.title.to_owned()));
    let state = Memo::new(move |_| match live.topic(&Topic::Node(id)) {
        // Known from a list already: shown at once, its own snapshot follows.
        TopicState::Loading if name.with(Option::is_some) => TopicState::Ready { truncated: false },
        state => state,
    });
    let region = Memo::new(move |_| node.with(|n| n.as_ref().and_then(|n| n.region_id.clone())));
    let crumbs = Signal::derive(move || {
        let mut crumbs = vec![match region.get() {
            Some(_) => Crumb::link(routes::REGIONS, words().regions.title),
            None => Crumb::link(routes::NODES, words().nodes.title),
        }];
        crumbs.extend(region.get().map(|r| Crumb::link(routes::region(&r), r.to_string()).technical()));
        crumbs.push(Crumb::here(name.get().unwrap_or_else(|| id.to_string())).technical());
        crumbs
    });
    view! {
        <Breadcrumb crumbs=crumbs />
        {move || match state.get() {
            TopicState::Loading => {
                view! {
                    <h1 tabindex="-1">{words().node.title}</h1>
                    <div class="grid k4" aria-busy="true">
                        <Skeleton shape="sk-card" count=4 />
                    </div>
                }
                    .into_any()
            }
            TopicState::Gone => view! { <NodeMissing /> }.into_any(),
            TopicState::Ready { .. } => {
                view! {
                    <Header id=id node=node />
                    <Figures node=node />
                    <div class="grid k2">
                        <Identity node=node />
                        <Findings node=node />
                    </div>
                }
                    .into_any()
            }
        }}
    }
}

#[component]
fn Header(id: NodeId, node: Memo<Option<Node>>) -> impl IntoView {
    let w = &words().node;
    let i18n = use_i18n();
    let title = Memo::new(move |_| {
        node.with(|n| n.as_ref().map(|n| (n.name(), n.display_name.is_some(), n.kind, n.development)))
    });
    let status = Memo::new(move |_| node.with(|n| n.as_ref().map(|n| n.live.status.clone())));
    let word = Memo::new(move |_| status.with(|s| s.as_ref().map(|s| s.word)));
    let heard = Memo::new(move |_| node.with(|n| n.as_ref().and_then(|n| n.live.last_heartbeat_at)));
    let work = Memo::new(move |_| node.with(|n| n.as_ref().and_then(|n| super::node_row::work_of(n).0)));
    let never =
        Memo::new(move |_| node.with(|n| n.as_ref().is_some_and(|n| n.live.liveness == Liveness::NeverSeen)));
    let endpoint = Memo::new(move |_| node.with(|n| n.as_ref().map(|n| n.endpoint.to_string())));
    view! {
        <div class="hd">
            <h1 tabindex="-1">
                {move || {
                    title
                        .get()
                        .map(|(name, named, _, _)| {
                            view! {
                                <bdi class=if named { "" } else { "id" } translate="no">
                                    {name}
                                </bdi>
                            }
                        })
                }}
            </h1>
            {move || {
                title
                    .get()
                    .map(|(_, _, kind, development)| {
                        view! {
                            <Tag text=kind_text(kind) />
                            {development.then(|| view! { <Tag text=words().nodes.dev /> })}
                        }
                    })
            }}
            {move || {
                word.get()
                    .map(|now| {
                        let since = Signal::derive(move || {
                            status.get().map_or(common::time::Timestamp(0), |s| s.since)
                        });
                        view! { <NodeBadge word=now since=since heard=heard work=work /> }
                    })
            }}
            {move || {
                status
                    .get()
                    .and_then(|s| s.inherited_from)
                    .map(|from| {
                        view! {
                            <Tag text=match from {
                                InheritedFrom::Region => w.from_region,
                                InheritedFrom::Platform => w.from_platform,
                            } />
                        }
                    })
            }}
            <AsOf />
            <p class="sub">
                {move || {
                    status
                        .get()
                        .map(|s| (w.since)(crate::components::status::word_text(s.word), &i18n.fmt.date_time(s.since)))
                }} " · " <bdi class="id" translate="no">
                    {endpoint}
                </bdi>
            </p>
        </div>
        {move || {
            never
                .get()
                .then(|| {
                    view! {
                        <Note tone="info" icon="circle-dashed">
                            <p>
                                <b>{w.never_title}</b>
                            </p>
                            <p>{w.never_text}</p>
                            <p>
                                <a href=routes::node_connect(id)>{w.never_connect}</a>
                                " · "
                                <a href=routes::HELP>{w.never_help}</a>
                            </p>
                        </Note>
                    }
                })
        }}
    }
}

/// What diagnosis found, and heartbeats that were refused.
#[component]
fn Findings(node: Memo<Option<Node>>) -> impl IntoView {
    let w = &words().node;
    let (connection, i18n) = (use_connection(), use_i18n());
    let conditions =
        Memo::new(move |_| node.with(|n| n.as_ref().map(|n| n.live.conditions.clone()).unwrap_or_default()));
    let fingerprint = Memo::new(move |_| {
        node.with(|n| n.as_ref().map(|n| n.secret.fingerprint.clone())).unwrap_or_default()
    });
    let kind = node.with_untracked(|n| n.as_ref().map(|n| n.kind));
    let look = kind.is_some_and(|k| k != NodeKind::Background);
    let refusals = use_refusals(node, Signal::stored(look));
    let none = Memo::new(move |_| refusals.with(Vec::is_empty));
    let mark = |state: ConditionState| match state {
        ConditionState::Ok => ("ok", "check", words().connect.done),
        ConditionState::Failed => ("bad", "x", words().connect.failed),
        ConditionState::Unknown => ("idle", "circle-help", words().connect.open),
    };
    view! {
        <div class="stack">
            <section class="card">
                <header>
                    <h2>{w.conditions}</h2>
                </header>
                {move || {
                    let found = conditions.get();
                    if found.is_empty() {
                        return view! { <p class="mut">{w.no_conditions}</p> }.into_any();
                    }
                    view! {
                        <ul class="steps">
                            {found
                                .into_iter()
                                .map(|c| {
                                    let (family, icon, state) = mark(c.state);
                                    view! {
                                        <li class="step">
                                            <span class=format!("step-mark {family}")>
                                                <Icon name=icon />
                                            </span>
                                            <div>
                                                <span class="vh">{state} ": "</span>
                                                <b>{(w.condition)(c.kind)}</b>
                                                <div class="sm mut">{c.detail}</div>
                                            </div>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                }}
            </section>
            <section class="card">
                <header>
                    <h2>{w.refused}</h2>
                </header>
                {move || {
                    if none.get() {
                        return view! { <p class="mut">{w.no_refused}</p> }.into_any();
                    }
                    let items = move || {
                        refusals
                            .get()
                            .into_iter()
                            .take(10)
                            .map(|r| {
                                let text = refusal_text(
                                    i18n.t,
                                    &r,
                                    &fingerprint.get(),
                                    connection.server_now(),
                                );
                                view! {
                                    <li>
                                        <div class="gr">
                                            <p>{text}</p>
                                            <p class="xs num">
                                                {(w.times)(
                                                    r.count,
                                                    &i18n.fmt.date_time(r.first_at),
                                                    &i18n.fmt.date_time(r.last_at),
                                                )}
                                            </p>
                                        </div>
                                    </li>
                                }
                            })
                            .collect_view()
                    };
                    view! { <ul class="list">{items}</ul> }.into_any()
                }}
            </section>
        </div>
    }
}
