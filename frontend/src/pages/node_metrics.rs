//! A node's figures over time.

use leptos::prelude::*;

use super::node_tabs::{NodeFrame, NodeTab};

/// `/nodes/:id/metrics`
#[component]
pub fn NodeMetricsPage() -> impl IntoView {
    view! { <NodeFrame tab=NodeTab::Metrics content=|_, _| ().into_any() /> }
}
