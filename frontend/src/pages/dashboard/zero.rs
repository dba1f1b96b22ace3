//! The panel at the edge: why a region has 0/N, and which heartbeats were refused. What is in it comes with the part of
//! the diagnosis; the frame alone is in the first part.

use common::ids::RegionId;
use common::node::NodeKind;
use leptos::prelude::*;

use crate::i18n::use_i18n;
use crate::parts::Parts;
use crate::reactive::{derived, dynamic, effect};
use crate::routes::Page;
use crate::shell::sheet::Sheet;
use crate::state::live::{LiveStore, use_live};

/// What the panel explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Panel {
    /// Why no node of a kind is online in a region.
    Zero(RegionId, NodeKind),
    /// Which heartbeats were refused.
    Refusals,
}

/// Opens the panel.
pub type Opener = RwSignal<Option<Panel>>;

/// What the diagnosis is asked for by a panel, in place of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelSubject(pub Panel);

/// The panel, closed until somebody asks.
#[component]
pub fn HelpPanel(panel: Opener) -> impl IntoView {
    let (t, live) = (use_i18n().t, use_live());
    let open = RwSignal::new(false);
    // Each sets the other only where they differ, or they would wake one another for ever.
    effect(move || {
        let asked = panel.with(Option::is_some);
        if asked != open.get_untracked() {
            open.set(asked);
        }
    });
    effect(move || {
        if !open.get() && panel.with_untracked(Option::is_some) {
            panel.set(None);
        }
    });
    let title = derived(move || match panel.get() {
        Some(Panel::Zero(region, kind)) => (t.zero_title)(registered(live, &region, kind)),
        _ => t.refusals_title.to_owned(),
    });
    let inside = move || panel.get().map(|subject| view! { <Inside subject=subject /> });
    view! {
        <Sheet heading_id="help-panel-title" title=title open=open edge="end">
            <div class="dlg-body">{dynamic(inside)}</div>
        </Sheet>
    }
}

/// A component of its own, so that what it provides ends with it.
#[component]
fn Inside(subject: Panel) -> impl IntoView {
    provide_context(PanelSubject(subject));
    let parts = expect_context::<Parts>();
    parts.fetch_for(Page::RegionDiagnose);
    parts.show(Page::RegionDiagnose)
}

/// How many nodes of a kind a region has.
pub fn registered(live: LiveStore, region: &RegionId, kind: NodeKind) -> u32 {
    let read = |r: &common::overview::RegionSummary| {
        if kind == NodeKind::Proxy { r.capacity.proxy.registered } else { r.capacity.backend.registered }
    };
    live.summary(region, read).unwrap_or(0)
}
