//! No such node, and those that were perhaps meant.

use leptos::prelude::*;

use super::load::Load;
use crate::api::{NodeQuery, use_api};
use crate::components::{Empty, words};
use crate::reactive::dynamic;
use crate::routes;
use crate::shell::title::use_title;

/// Most nodes that are suggested.
const SHOWN: u32 = 3;
/// What is shorter fits too many nodes.
const SHORTEST: usize = 3;

/// No such node.
#[component]
pub fn NodeMissing() -> impl IntoView {
    let w = &words().node;
    use_title(move || w.missing_title.to_owned());
    let (api, typed) = (use_api(), super::use_id_in_path().get_untracked());
    let found = Load::<Vec<(String, String)>>::default();
    if typed.len() >= SHORTEST {
        found.ask(async move {
            // Addresses are often made of what a node is called, or of the beginning of its id.
            let query = NodeQuery { q: Some(typed), limit: Some(SHOWN), ..NodeQuery::default() };
            let page = api.nodes(&query).await?;
            Ok(page.items.iter().map(|n| (routes::node(n.id()), n.name())).collect())
        });
    }
    let suggestion = move || {
        let all = found.read(Clone::clone).filter(|all| !all.is_empty())?;
        let links = all.into_iter().map(|(href, name)| {
            view! {
                <li>
                    <a href=href>
                        <bdi class="id" translate="no">
                            {name}
                        </bdi>
                    </a>
                </li>
            }
        });
        Some(view! {
            <div>
                <p>{w.did_you_mean}</p>
                <ul class="toolbar">{links.collect_view()}</ul>
            </div>
        })
    };
    view! {
        <h1 tabindex="-1">{w.missing_title}</h1>
        <Empty icon="server" title=w.missing text=w.missing_text>
            {dynamic(suggestion)}
            <a class="btn" href=routes::NODES>
                {w.to_list}
            </a>
        </Empty>
    }
}
