//! How many nodes the figures of a card rest on, where these are not all.

use common::capacity::KindCounts;
use common::node::NodeKind;
use leptos::prelude::*;

use crate::i18n::use_i18n;
use crate::reactive::{dynamic, memo};

/// “from 3 of 4 proxies”, where the figures above do not rest on all of them.
#[component]
pub fn Coverage(
    /// Which nodes.
    kind: NodeKind,
    /// How many there are; `None` before that is known.
    #[prop(into)]
    counts: Signal<Option<KindCounts>>,
) -> impl IntoView {
    let t = use_i18n().t;
    let text = memo(move || {
        counts
            .get()
            .filter(|k| k.online < k.registered)
            .map(|k| (t.kpi_coverage)(kind, k.online, k.registered))
    });
    dynamic(move || text.get().map(|text| view! { <p class="xs mut num">{text}</p> }))
}
