//! One node: its word, its figures, who it is, what diagnosis found.

use common::ids::NodeId;
use common::node::{Node, NodeKind};
use common::status::{ConditionState, InheritedFrom, Liveness};
use common::stream::Topic;
use leptos::prelude::*;

use super::connect_wait::{refusal_text, use_refusals};
use super::lifecycle::actions::NodeActions;
use super::lifecycle::drain::DrainCard;
use super::lifecycle::receipts::Receipts;
use super::node_figures::Figures;
use super::node_identity::Identity;
use super::node_table::{NodeBadge, kind_text};
use super::node_tabs::{NodeTab, NodeTabs};
use crate::components::{Breadcrumb, Crumb, Empty, Icon, Note, Skeleton, Tag, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::shell::title::use_title;
use crate::state::connection::{use_connection, use_topic};
use crate::state::live::{TopicState, use_live};

/// The node of the address; `None` where it is no id.
pub fn use_node_id() -> Memo<Option<NodeId>> {
    let typed = super::use_id_in_path();
    memo(move || typed.with(|id| id.parse().ok()))
}

/// No such node.
#[component]
pub fn NodeMissing() -> impl IntoView {
    let w = &words().node;
    use_title(move || w.missing_title.to_owned());
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
    let id = use_node_id();
    dynamic(move || match id.get() {
        Some(id) => view! { <Page id=id /> }.into_any(),
        None => view! { <NodeMissing /> }.into_any(),
    })
}

#[component]
fn Page(id: NodeId) -> impl IntoView {
    use_topic(move || Some(Topic::Node(id)));
    let live = use_live();
    let node = memo(move || live.node(id, Clone::clone));
    let name = memo(move || node.with(|n| n.as_ref().map(Node::name)));
    use_title(move || name.get().unwrap_or_else(|| words().node.title.to_owned()));
    let state = memo(move || match live.topic(&Topic::Node(id)) {
        // Known from a list already: shown at once, its own snapshot follows.
        TopicState::Loading if name.with(Option::is_some) => TopicState::Ready { truncated: false },
        state => state,
    });
    let region = memo(move || node.with(|n| n.as_ref().and_then(|n| n.region_id.clone())));
    let crumbs = derived(move || {
        let mut crumbs = vec![match region.get() {
            Some(_) => Crumb::link(routes::REGIONS, words().regions.title),
            None => Crumb::link(routes::NODES, words().nodes.title),
        }];
        crumbs.extend(region.get().map(|r| Crumb::link(routes::region(&r), r.to_string()).technical()));
        crumbs.push(Crumb::here(name.get().unwrap_or_else(|| id.to_string())).technical());
        crumbs
    });
    let gone = memo(move || state.get() == TopicState::Gone);
    let loading = memo(move || state.get() == TopicState::Loading);
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            if gone.get() {
                return view! { <NodeMissing /> }.into_any();
            }
            // The heading, which has the focus, stays while the page fills.
            view! {
                <Header id=id node=node />
                <NodeActions node=node />
                <NodeTabs id=id tab=NodeTab::Overview />
                {dynamic(move || {
                    if loading.get() {
                        view! {
                            <div class="grid k4" aria-busy="true">
                                <Skeleton shape="sk-card" count=4 />
                            </div>
                        }
                            .into_any()
                    } else {
                        view! {
                            <DrainCard node=node />
                            <Figures node=node />
                            <div class="grid k2">
                                <Identity node=node />
                                <Findings node=node />
                            </div>
                            <Receipts id=id node=node />
                        }
                            .into_any()
                    }
                })}
            }
                .into_any()
        })}
    }
}

/// The heading of all its tabs.
#[component]
pub fn Header(
    /// The node.
    id: NodeId,
    /// As it is now; `None` until it is known.
    node: Memo<Option<Node>>,
) -> impl IntoView {
    let w = &words().node;
    let i18n = use_i18n();
    let title = memo(move || {
        node.with(|n| n.as_ref().map(|n| (n.name(), n.display_name.is_some(), n.kind, n.development)))
    });
    let status = memo(move || node.with(|n| n.as_ref().map(|n| n.live.status.clone())));
    let word = memo(move || status.with(|s| s.as_ref().map(|s| s.word)));
    let heard = memo(move || node.with(|n| n.as_ref().and_then(|n| n.live.last_heartbeat_at)));
    let work = memo(move || node.with(|n| n.as_ref().and_then(|n| super::node_row::work_of(n).0)));
    let never =
        memo(move || node.with(|n| n.as_ref().is_some_and(|n| n.live.liveness == Liveness::NeverSeen)));
    let endpoint = memo(move || node.with(|n| n.as_ref().map(|n| n.endpoint.to_string())));
    view! {
        <div class="hd">
            <h1 tabindex="-1">
                {dynamic(move || match title.get() {
                    None => w.title.into_any(),
                    Some((name, named, _, _)) => {
                        view! {
                            <bdi class=if named { "" } else { "id" } translate="no">
                                {name}
                            </bdi>
                        }
                            .into_any()
                    }
                })}
            </h1>
            {dynamic(move || {
                title
                    .get()
                    .map(|(_, _, kind, development)| {
                        view! {
                            <Tag text=kind_text(kind) />
                            {development.then(|| view! { <Tag text=words().nodes.dev /> })}
                        }
                    })
            })}
            {dynamic(move || {
                word.get()
                    .map(|now| {
                        let since = derived(move || {
                            status.get().map_or(common::time::Timestamp(0), |s| s.since)
                        });
                        view! { <NodeBadge word=now since=since heard=heard work=work /> }
                    })
            })}
            {dynamic(move || {
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
            })}
            <AsOf />
            {dynamic(move || {
                status
                    .get()
                    .map(|s| {
                        view! {
                            <p class="sub">
                                {(w.since)(
                                    crate::components::status::word_text(s.word),
                                    &i18n.fmt.date_time(s.since),
                                )} " · " <bdi class="id" translate="no">
                                    {endpoint}
                                </bdi>
                            </p>
                        }
                    })
            })}
        </div>
        {dynamic(move || {
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
        })}
    }
}

/// What diagnosis found, and heartbeats that were refused.
#[component]
fn Findings(node: Memo<Option<Node>>) -> impl IntoView {
    let w = &words().node;
    let (connection, i18n) = (use_connection(), use_i18n());
    let conditions =
        memo(move || node.with(|n| n.as_ref().map(|n| n.live.conditions.clone()).unwrap_or_default()));
    let fingerprint =
        memo(move || node.with(|n| n.as_ref().map(|n| n.secret.fingerprint.clone())).unwrap_or_default());
    let kind = node.with_untracked(|n| n.as_ref().map(|n| n.kind));
    let look = kind.is_some_and(|k| k != NodeKind::Background);
    let refusals = use_refusals(node, Signal::stored(look));
    let none = memo(move || refusals.with(Vec::is_empty));
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
                {dynamic(move || {
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
                })}
            </section>
            <section class="card">
                <header>
                    <h2>{w.refused}</h2>
                </header>
                {dynamic(move || {
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
                    view! { <ul class="list">{dynamic(items)}</ul> }.into_any()
                })}
            </section>
        </div>
    }
}
