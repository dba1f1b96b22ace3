//! A region at a moment that is over.

use common::activity::TimelinePage;
use common::ids::RegionId;
use common::node::{Node, NodePage};
use common::region::Region;
use common::time::Timestamp;
use leptos::prelude::*;

use super::dashboard::{key_figures, reported};
use super::model::HALF_MS;
use super::{Around, Of, Unknown, figures, use_then};
use crate::api::{NodeQuery, Whose, use_api};
use crate::components::{Breadcrumb, Crumb, Flag, Note, Skeleton, country_name, words};
use crate::i18n::use_i18n;
use crate::pages::load::{Load, failure};
use crate::pages::node_table::kind_text;
use crate::pages::region_tabs::{Missing, use_region_id};
use crate::pages::timeline;
use crate::reactive::{derived, dynamic};
use crate::routes;
use crate::shell::title::use_title;

/// So many nodes are listed.
const NODES: u32 = 200;

/// The page of the region in the address.
#[component]
pub fn PastRegion(
    /// The moment.
    at: Timestamp,
) -> impl IntoView {
    let id = use_region_id();
    use_title(move || id.get().to_string());
    let crumbs = derived(move || {
        vec![
            Crumb::link(routes::REGIONS, words().regions.title),
            Crumb::here(id.get().to_string()).technical(),
        ]
    });
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || view! { <Known id=id.get() at=at /> })}
    }
}

#[component]
fn Known(id: RegionId, at: Timestamp) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let load = Load::<Region>::default();
    let asked = StoredValue::new(id.clone());
    let ask = Callback::new(move |()| {
        let id = asked.get_value();
        load.ask(async move { api.region(&id).await });
    });
    ask.run(());
    let then = use_then(Whose::Region(id.clone()), at);
    dynamic(move || {
        if load.error().is_some_and(|e| e.status() == Some(404)) {
            return view! { <Missing id=id.clone() /> }.into_any();
        }
        let head = view! {
            <div class="hd">
                {dynamic(move || load.read(|r| view! { <Flag code=r.country_code.clone() large=true /> }))}
                <h1 tabindex="-1">
                    <bdi class="id" translate="no">
                        {id.to_string()}
                    </bdi>
                </h1>
                {dynamic(move || then.0.read(reported))}
                <p class="sub">{dynamic(move || load.read(|r| country_name(&r.country_code)))}</p>
                <Of at=at load=then.0 />
            </div>
        };
        let late = move || {
            let made = load.read(|r| r.created_at).filter(|made| *made > at)?;
            let text = (words().past.not_registered)(&i18n.fmt.whole(made));
            Some(view! { <Note tone="info" icon="history">{text}</Note> })
        };
        let whose = id.clone();
        view! {
            {head}
            {dynamic(late)}
            {figures(at, then, key_figures)}
            <div class="grid k21">
                <EventsThen whose=Whose::Region(whose.clone()) at=at />
                <Unknown text=words().past.unknown_region />
            </div>
            <NodesThen id=whose at=at />
            <Around at=at region=Some(id.to_string()) />
        }
        .into_any()
    })
}

/// What happened to a region or a node within half an hour of the moment.
#[component]
pub fn EventsThen(
    /// Whose.
    whose: Whose,
    /// The moment.
    at: Timestamp,
) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let load = Load::<TimelinePage>::default();
    let whose = StoredValue::new(whose);
    let ask = Callback::new(move |()| {
        let whose = whose.get_value();
        load.ask(async move { api.events_between(&whose, at.before(HALF_MS), at.later(HALF_MS), "").await });
    });
    ask.run(());
    view! {
        <section class="card stack tight" aria-labelledby="past-events">
            <h2 id="past-events">{words().activity.timeline}</h2>
            {dynamic(move || match (load.read(|page| whose.with_value(|whose| timeline::list(&page.items, whose, None, i18n))), load.error()) {
                (Some(list), _) => list,
                (None, Some(error)) => failure(&error, ask),
                (None, None) => view! { <Skeleton shape="sk-line" count=4 /> }.into_any(),
            })}
        </section>
    }
}

/// The nodes of today that were there then, each with the way to itself at this moment.
#[component]
fn NodesThen(id: RegionId, at: Timestamp) -> impl IntoView {
    let api = use_api();
    let load = Load::<NodePage>::default();
    let ask = Callback::new(move |()| {
        let query = NodeQuery { region_id: Some(id.clone()), limit: Some(NODES), ..NodeQuery::default() };
        load.ask(async move { api.nodes(&query).await });
    });
    ask.run(());
    let row = move |node: &Node| {
        view! {
            <li class="row">
                <a href=routes::at(&routes::node(node.id()), at)>
                    <bdi class="id" translate="no">
                        {node.name()}
                    </bdi>
                </a>
                <span class="sm mut">{kind_text(node.kind)}</span>
            </li>
        }
    };
    let list = move || {
        load.read(|page| {
            let there = page.items.iter().filter(|node| node.created_at <= at);
            view! { <ul class="toolbar">{there.map(row).collect_view()}</ul> }.into_any()
        })
    };
    view! {
        <section class="card stack tight" aria-labelledby="past-nodes">
            <h2 id="past-nodes">{words().past.nodes}</h2>
            {dynamic(move || match (list(), load.error()) {
                (Some(list), _) => list,
                (None, Some(error)) => failure(&error, ask),
                (None, None) => view! { <Skeleton shape="sk-line" count=2 /> }.into_any(),
            })}
        </section>
    }
}
