//! A node's figures over time.

use common::node::NodeKind;
use leptos::prelude::*;

use super::charts::{BACKEND, ChartsOf, MACHINE, PROXY};
use super::node_tabs::{NodeFrame, NodeTab};
use crate::api::Whose;
use crate::reactive::{dynamic, memo};

/// `/nodes/:id/metrics`
#[component]
pub fn NodeMetricsPage() -> impl IntoView {
    view! {
        <NodeFrame
            tab=NodeTab::Metrics
            content=|id, node| {
                let kind = memo(move || node.with(|n| n.as_ref().map(|n| n.kind)));
                dynamic(move || {
                    kind.get()
                        .map(|kind| {
                            let charts = match kind {
                                NodeKind::Backend => BACKEND,
                                NodeKind::Proxy => PROXY,
                                NodeKind::Background => MACHINE,
                            };
                            view! { <ChartsOf whose=Whose::Node(id) charts=charts /> }
                        })
                })
                    .into_any()
            }
        />
    }
}
