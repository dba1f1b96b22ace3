//! What all tabs of a node share: the way there, the heading, and the tabs.

use common::ids::NodeId;
use common::node::Node;
use common::stream::Topic;
use leptos::prelude::*;

use super::node_header::Header;
use super::node_missing::NodeMissing;
use crate::components::{Breadcrumb, Crumb, Skeleton, Tab, Tabs, words};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::connection::use_topic;
use crate::state::live::{TopicState, use_live};

/// A tab of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeTab {
    /// Its word, its figures, who it is.
    Overview,
    /// Its figures over time.
    Metrics,
    /// What happened to it.
    Activity,
    /// Registration and secret.
    Settings,
}

impl NodeTab {
    const ALL: [Self; 4] = [Self::Overview, Self::Metrics, Self::Activity, Self::Settings];

    fn text(self) -> &'static str {
        let w = &words().tabs;
        match self {
            Self::Overview => w.overview,
            Self::Metrics => w.metrics,
            Self::Activity => w.activity,
            Self::Settings => w.settings,
        }
    }

    fn href(self, id: NodeId) -> String {
        match self {
            Self::Overview => routes::node(id),
            Self::Metrics => routes::node_metrics(id),
            Self::Activity => routes::node_activity(id),
            Self::Settings => routes::node_settings(id),
        }
    }
}

/// The tabs of a node.
#[component]
pub fn NodeTabs(
    /// The node.
    id: NodeId,
    /// The one on the screen.
    tab: NodeTab,
) -> impl IntoView {
    let tabs = NodeTab::ALL.map(|t| Tab { href: t.href(id), text: t.text(), here: t == tab }).to_vec();
    view! { <Tabs label=words().tabs.node tabs=tabs /> }
}

/// What a tab shows below the tabs, of a node that is known.
pub type NodeContent = fn(NodeId, Memo<Option<Node>>) -> AnyView;

/// The node of the address; `None` where it is no id.
pub fn use_node_id() -> Memo<Option<NodeId>> {
    let typed = super::use_id_in_path();
    memo(move || typed.with(|id| id.parse().ok()))
}

/// A tab of the node in the address.
#[component]
pub fn NodeFrame(
    /// Which.
    tab: NodeTab,
    /// What it shows.
    content: NodeContent,
) -> impl IntoView {
    let id = use_node_id();
    dynamic(move || match id.get() {
        Some(id) => view! { <Frame id=id tab=tab content=content /> }.into_any(),
        None => view! { <NodeMissing /> }.into_any(),
    })
}

#[component]
fn Frame(id: NodeId, tab: NodeTab, content: NodeContent) -> impl IntoView {
    use_topic(move || Some(Topic::Node(id)));
    let live = use_live();
    let node = memo(move || live.node(id, Clone::clone));
    let name = memo(move || node.with(|n| n.as_ref().map(Node::name)));
    use_title(move || {
        let name = name.get().unwrap_or_else(|| words().node.title.to_owned());
        if tab == NodeTab::Overview { name } else { (words().tabs.title)(tab.text(), &name) }
    });
    let region = memo(move || node.with(|n| n.as_ref().and_then(|n| n.region_id.clone())));
    let crumbs = derived(move || {
        let mut crumbs = vec![match region.get() {
            Some(_) => Crumb::link(routes::REGIONS, words().regions.title),
            None => Crumb::link(routes::NODES, words().nodes.title),
        }];
        crumbs.extend(region.get().map(|r| Crumb::link(routes::region(&r), r.to_string()).technical()));
        let name = name.get().unwrap_or_else(|| id.to_string());
        if tab == NodeTab::Overview {
            crumbs.push(Crumb::here(name).technical());
        } else {
            crumbs.push(Crumb::link(routes::node(id), name).technical());
            crumbs.push(Crumb::here(tab.text()));
        }
        crumbs
    });
    let gone = memo(move || live.topic(&Topic::Node(id)) == TopicState::Gone);
    let known = memo(move || name.with(Option::is_some));
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            if gone.get() {
                return view! { <NodeMissing /> }.into_any();
            }
            view! {
                <Header id=id node=node />
                <NodeTabs id=id tab=tab />
                {dynamic(move || {
                    if known.get() {
                        content(id, node)
                    } else {
                        view! {
                            <div class="grid k2" aria-busy="true">
                                <Skeleton shape="sk-card" count=4 />
                            </div>
                        }
                            .into_any()
                    }
                })}
            }
                .into_any()
        })}
    }
}
