//! What happened to a node, and who changed it.

use leptos::prelude::*;

use super::activity_filter::Filter;
use super::activity_list::ActivityList;
use super::node_tabs::{NodeFrame, NodeTab};
use super::timeline::Timeline;
use crate::api::Whose;
use crate::components::words;
use crate::reactive::{derived, memo};

/// A liveness as the timeline spells it.
fn liveness(node: &common::node::Node) -> String {
    let word = serde_json::to_value(node.live.liveness).ok();
    word.and_then(|w| w.as_str().map(str::to_owned)).unwrap_or_default()
}

/// `/nodes/:id/activity`
#[component]
pub fn NodeActivityPage() -> impl IntoView {
    view! {
        <NodeFrame
            tab=NodeTab::Activity
            content=|id, node| {
                let now = memo(move || node.with(|n| n.as_ref().map(liveness)).unwrap_or_default());
                let filter = memo(move || Filter {
                    target_kind: "node".to_owned(),
                    target_id: id.to_string(),
                    ..Filter::default()
                });
                view! {
                    <Timeline whose=Whose::Node(id) now=Some(derived(move || now.get())) />
                    <section class="card stack" aria-labelledby="node-log">
                        <h2 id="node-log">{words().activity.log}</h2>
                        <ActivityList filter=filter />
                    </section>
                }
                    .into_any()
            }
        />
    }
}
