//! The heading of all tabs of a node: what it is called, what it is, since when and why, and what can be done with it.

use common::ids::NodeId;
use common::node::Node;
use common::status::{InheritedFrom, IntentState, Liveness, StatusWord};
use leptos::prelude::*;

use super::lifecycle::actions::NodeActions;
use super::lifecycle::notes::{ExtraNote, InheritedNote};
use super::node_table::{NodeBadge, kind_text};
use super::version_skew::VersionSkew;
use crate::components::status::word_text;
use crate::components::{Note, Tag, words};
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::as_of::AsOf;

/// The heading.
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
    let still = memo(move || {
        node.with(|n| {
            n.as_ref().is_some_and(|n| {
                n.live.status.word == StatusWord::Disabled && n.live.liveness == Liveness::Live
            })
        })
    });
    let software = memo(move || {
        node.with(|n| {
            let n = n.as_ref()?;
            Some((n.region_id.clone(), n.kind, n.live.software_version.clone()?))
        })
    });
    let inherited = memo(move || status.with(|s| s.as_ref().and_then(|s| s.inherited_from)));
    let line = memo(move || node.with(|n| n.as_ref().map(|n| since(n, i18n))));
    let endpoint = memo(move || {
        node.with(|n| n.as_ref().filter(|n| n.display_name.is_some()).map(|n| n.endpoint.to_string()))
    });
    view! {
        <div class="hd node-hd">
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
                inherited
                    .get()
                    .map(|from| {
                        view! {
                            <Tag text=match from {
                                InheritedFrom::Region => w.from_region,
                                InheritedFrom::Platform => w.from_platform,
                            } />
                        }
                    })
            })}
            <VersionSkew software=software />
            {dynamic(move || {
                still
                    .get()
                    .then(|| {
                        view! {
                            <span class="st warn" title=w.still_text>
                                {w.still}
                            </span>
                        }
                    })
            })}
            <AsOf />
            <span class="sp"></span>
            <NodeActions id=id node=node />
            <p class="sub">
                {dynamic(move || line.get())}
                {dynamic(move || {
                    endpoint
                        .get()
                        .map(|endpoint| {
                            view! {
                                " · "
                                <bdi class="id" translate="no">
                                    {endpoint}
                                </bdi>
                            }
                        })
                })}
            </p>
        </div>
        <ExtraNote node=node />
        <InheritedNote node=node />
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

/// Since when, and, where somebody asked for it, who and why.
fn since(node: &Node, i18n: I18n) -> String {
    let w = &words().node;
    let status = &node.live.status;
    let (word, at) = (word_text(status.word), i18n.fmt.date_time(status.since));
    let intent = &node.intent;
    let asked = matches!(status.word, StatusWord::Draining | StatusWord::Maintenance | StatusWord::Disabled)
        && intent.state != IntentState::Active
        && status.inherited_from.is_none();
    match intent.by.as_deref().filter(|_| asked) {
        Some(by) => (w.since_by)(word, &at, by, intent.private_reason.as_deref()),
        None => (w.since)(word, &at),
    }
}
