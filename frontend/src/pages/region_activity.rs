//! A region's activity: what operators changed and what happened to its nodes.

use leptos::prelude::*;

use super::region_tabs::{RegionFrame, RegionTab};

/// `/regions/:region/activity`
#[component]
pub fn RegionActivityPage() -> impl IntoView {
    view! { <RegionFrame tab=RegionTab::Activity content=|_, _| ().into_any() /> }
}
