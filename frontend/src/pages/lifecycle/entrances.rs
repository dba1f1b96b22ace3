//! Which entrances of a node are open, as it reports.

use common::node::Node;
use leptos::prelude::*;

use crate::components::{Icon, words};
use crate::reactive::{dynamic, memo};

/// The entrances it has said something about; nothing before it has.
#[component]
pub fn Entrances(
    /// The node.
    node: Memo<Option<Node>>,
) -> impl IntoView {
    let w = &words().drain;
    let accepts = memo(move || node.with(|n| n.as_ref().and_then(|n| n.live.accepts)));
    dynamic(move || {
        let accepts = accepts.get()?;
        let said = [(w.inbound, accepts.inbound), (w.outbound, accepts.outbound), (w.web, accepts.web)];
        let said: Vec<_> =
            said.into_iter().filter_map(|(name, open)| open.map(|open| (name, open))).collect();
        (!said.is_empty()).then(|| {
            let items = said.into_iter().map(|(name, open)| {
                let (icon, word) = if open { ("lock-open", w.open) } else { ("lock", w.closed) };
                view! {
                    <li>
                        <Icon name=icon />
                        <span>{name} ": " <b>{word}</b></span>
                    </li>
                }
            });
            view! {
                <ul class="entrances" aria-label=w.entrances>
                    {items.collect_view()}
                </ul>
            }
        })
    })
}
