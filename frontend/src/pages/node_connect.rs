//! Steps 2 and 3 of adding a node: its secret, shown once, and its first heartbeat.

use common::ids::NodeId;
use common::node::{CreatedNode, Node};
use common::snippet;
use common::status::{Liveness, StatusWord};
use common::stream::Topic;
use leptos::prelude::*;

use super::conflict::guard_leaving;
use super::connect_check::CheckCard;
use super::connect_secret::SecretCard;
use super::connect_wait::WaitCard;
use super::node::{NodeMissing, use_node_id};
use super::use_handover;
use crate::components::{Breadcrumb, Crumb, Icon, Note, Skeleton, StatusBadge, words};
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::announce::use_announcer;
use crate::state::connection::use_topic;
use crate::state::live::{TopicState, use_live};

/// `/nodes/:id/connect`
#[component]
pub fn NodeConnectPage() -> impl IntoView {
    let id = use_node_id();
    dynamic(move || match id.get() {
        Some(id) => view! { <Connect id=id /> }.into_any(),
        None => view! { <NodeMissing /> }.into_any(),
    })
}

#[component]
fn Connect(id: NodeId) -> impl IntoView {
    let w = &words().connect;
    use_title(move || w.title.to_owned());
    use_topic(move || Some(Topic::Node(id)));
    let (live, announcer) = (use_live(), use_announcer());
    // Held by this page alone; gone with it.
    let created = StoredValue::new(use_handover().take(id));
    let has_secret = created.with_value(Option::is_some);
    let url = StoredValue::new(
        created.with_value(|c| c.as_ref().and_then(|c| snippet::parse(&c.snippet).ok())).map(|s| s.url),
    );
    let node = memo(move || {
        live.node(id, Clone::clone).or_else(|| created.with_value(|c| c.as_ref().map(|c| c.node.clone())))
    });
    let online = memo(move || node.with(|n| n.as_ref().is_some_and(|n| n.live.liveness == Liveness::Live)));
    let gone = memo(move || live.topic(&Topic::Node(id)) == TopicState::Gone);
    let known = memo(move || node.with(Option::is_some));

    let stored = RwSignal::new(false);
    // A server that beats with the secret has it stored.
    let safe = derived(move || !has_secret || stored.get() || online.get());
    guard_leaving(safe, words().connect.leave);
    Effect::new(move |before: Option<bool>| {
        let now = online.get();
        if now && before == Some(false) {
            announcer.say(w.online_said);
        }
        now
    });

    let crumbs = derived(move || {
        let region = node.with(|n| n.as_ref().and_then(|n| n.region_id.clone()));
        let mut crumbs = vec![Crumb::link(routes::REGIONS, words().regions.title)];
        crumbs.extend(region.map(|r| Crumb::link(routes::region(&r), r.to_string()).technical()));
        crumbs.push(Crumb::here(w.crumb));
        crumbs
    });
    let secret = move || {
        created
            .with_value(Clone::clone)
            .map(|created: CreatedNode| view! { <SecretCard created=created stored=stored /> }.into_any())
            .unwrap_or_else(|| {
                view! {
                    <Note tone="warn" icon="shield-alert">
                        <p>{w.shown_before}</p>
                        <p class="sm">
                            {w.fingerprint} " "
                            <bdi class="id" translate="no">
                                {dynamic(move || node.with(|n| n.as_ref().map(|n| n.secret.fingerprint.clone())))}
                            </bdi>
                        </p>
                    </Note>
                }
                .into_any()
            })
    };
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            if gone.get() {
                view! { <NodeMissing /> }.into_any()
            } else if !known.get() {
                view! {
                    <h1 tabindex="-1">{w.title}</h1>
                    <div aria-busy="true">
                        <Skeleton shape="sk-card" count=2 />
                    </div>
                }
                    .into_any()
            } else {
                view! {
                    <div class="hd">
                        <h1 tabindex="-1">{w.title}</h1>
                        {dynamic(move || online.get().then(|| view! { <StatusBadge word=StatusWord::Online /> }))}
                    </div>
                    <Step node=node online=online />
                    {secret()}
                    <WaitCard node=node online=online />
                    <CheckCard node=node url=url.get_value() />
                    <Finish id=id node=node online=online safe=safe />
                }
                    .into_any()
            }
        })}
    }
}

/// Which of the three steps it is, in one line.
#[component]
fn Step(node: Memo<Option<Node>>, online: Memo<bool>) -> impl IntoView {
    let w = &words().connect;
    let name = memo(move || node.with(|n| n.as_ref().map(|n| (n.name(), n.region_id.clone()))));
    view! {
        <p class="mut">
            {dynamic(move || if online.get() { w.step_3 } else { w.step_2 })} " · "
            {dynamic(move || {
                name.get()
                    .map(|(name, region)| {
                        view! {
                            <bdi class="id" translate="no">
                                {name}
                            </bdi>
                            {region
                                .map(|r| {
                                    view! {
                                        " "
                                        {w.registered_in}
                                        " "
                                        <bdi class="id" translate="no">
                                            {r.to_string()}
                                        </bdi>
                                    }
                                })}
                        }
                    })
            })}
        </p>
    }
}

/// The way out: open for good only once the secret is stored.
#[component]
fn Finish(id: NodeId, node: Memo<Option<Node>>, online: Memo<bool>, safe: Signal<bool>) -> impl IntoView {
    let w = &words().connect;
    let again = move || {
        node.with(|n| n.as_ref().and_then(|n| n.region_id.as_ref().map(|r| routes::node_new(r, n.kind))))
    };
    let safe = memo(move || safe.get());
    let never =
        memo(move || node.with(|n| n.as_ref().is_some_and(|n| n.live.liveness == Liveness::NeverSeen)));
    view! {
        <div class="toolbar">
            <a
                class="btn pri"
                role="link"
                tabindex="0"
                href=attr(move || safe.get().then(|| routes::node(id)))
                aria-disabled=attr(move || (!safe.get()).then_some("true"))
                aria-describedby=attr(move || (!safe.get()).then_some("finish-reason"))
            >
                {dynamic(move || if online.get() { w.open_node } else { w.finish })}
            </a>
            {dynamic(move || {
                online
                    .get()
                    .then(|| {
                        view! {
                            <a class="btn" href=again>
                                <Icon name="plus" />
                                {w.add_another}
                            </a>
                        }
                    })
            })}
            {dynamic(move || (!safe.get()).then(|| view! { <span class="reason" id="finish-reason">{w.store_first}</span> }))}
        </div>
        <p class="sm mut">{dynamic(move || never.get().then_some(w.may_leave))}</p>
    }
}
