//! A region's settings.

use leptos::prelude::*;

use super::region_tabs::{RegionFrame, RegionTab};

/// `/regions/:region/settings`
#[component]
pub fn RegionSettingsPage() -> impl IntoView {
    view! { <RegionFrame tab=RegionTab::Settings content=|_, _| ().into_any() /> }
}
