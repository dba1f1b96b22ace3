//! What happened to a node.

use leptos::prelude::*;

use super::node_tabs::{NodeFrame, NodeTab};

/// `/nodes/:id/activity`
#[component]
pub fn NodeActivityPage() -> impl IntoView {
    view! { <NodeFrame tab=NodeTab::Activity content=|_, _| ().into_any() /> }
}
