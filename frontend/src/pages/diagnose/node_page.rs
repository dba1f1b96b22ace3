//! Why one node does not report.

use common::node::{Node, NodeKind};
use common::stream::Topic;
use leptos::prelude::*;

use super::survey::{Target, use_look};
use super::verdict::{Verdict, verdict};
use super::view::{EvidenceCard, ServerCard, Tools, VerdictCard, facts_of};
use crate::components::{Breadcrumb, Crumb, Skeleton, StatusBadge, words};
use crate::pages::load::failure;
use crate::pages::node::{NodeMissing, use_node_id};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::shell::title::use_title;
use crate::state::connection::use_topic;
use crate::state::live::{TopicState, use_live};

/// `/nodes/:id/diagnose`
#[component]
pub fn NodeDiagnosePage() -> impl IntoView {
    let id = use_node_id();
    dynamic(move || match id.get() {
        Some(id) => view! { <Diagnosis id=id /> }.into_any(),
        None => view! { <NodeMissing /> }.into_any(),
    })
}

#[component]
fn Diagnosis(id: common::ids::NodeId) -> impl IntoView {
    let w = &words().diagnose;
    use_topic(move || Some(Topic::Node(id)));
    let live = use_live();
    let node = memo(move || live.node(id, Clone::clone));
    let read = move |read: fn(&Node) -> String| node.with(|n| n.as_ref().map(read)).unwrap_or_default();
    let name = memo(move || read(Node::name));
    let word = memo(move || node.with(|n| n.as_ref().map(|n| n.live.status.word)));
    let kind = memo(move || node.with(|n| n.as_ref().map(|n| n.kind)));
    let region = memo(move || node.with(|n| n.as_ref().and_then(|n| n.region_id.clone())));
    let look = use_look(
        move || Some(Target::Node(id)),
        // A change of liveness is looked at without waiting.
        move || read(|n| format!("{:?}{:?}", n.live.liveness, n.live.status.word)),
    );
    let facts = facts_of(look, id);
    let silent = memo(move || facts.with(|f| f.as_ref().is_some_and(|f| verdict(f) != Verdict::Fine)));
    let title = derived(move || {
        let name = name.get();
        if silent.get() { (w.title_silent)(&name) } else { (w.title_live)(&name) }
    });
    use_title(move || title.get());
    let crumbs = derived(move || {
        let mut crumbs = vec![match region.get() {
            Some(_) => Crumb::link(routes::REGIONS, words().regions.title),
            None => Crumb::link(routes::NODES, words().nodes.title),
        }];
        crumbs.extend(region.get().map(|r| Crumb::link(routes::region(&r), r.to_string()).technical()));
        let name = name.get();
        crumbs.push(
            Crumb::link(routes::node(id), if name.is_empty() { id.to_string() } else { name }).technical(),
        );
        crumbs.push(Crumb::here(w.crumb));
        crumbs
    });
    let gone = memo(move || live.topic(&Topic::Node(id)) == TopicState::Gone);
    let here = memo(move || facts.with(Option::is_some));
    let body = move || {
        if here.get() {
            return view! {
                <VerdictCard facts=facts />
                <EvidenceCard facts=facts />
                {dynamic(move || {
                    view! { <ServerCard kind=kind.get().unwrap_or(NodeKind::Backend) look=look /> }
                })}
            }
            .into_any();
        }
        match look.survey.error() {
            Some(error) => failure(&error, look.again),
            None => view! {
                <div aria-busy="true">
                    <Skeleton shape="sk-card" count=2 />
                </div>
            }
            .into_any(),
        }
    };
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            if gone.get() {
                return view! { <NodeMissing /> }.into_any();
            }
            view! {
                <div class="hd">
                    <h1 tabindex="-1">{dynamic(move || title.get())}</h1>
                    {dynamic(move || word.get().map(|word| view! { <StatusBadge word=word /> }))}
                    <AsOf />
                </div>
                <Tools look=look head=title />
                {dynamic(body)}
            }
                .into_any()
        })}
    }
}
