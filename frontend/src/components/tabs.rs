//! Tabs that are links: each has an address, so that it can be linked, opened beside another, and left with Back.

use leptos::prelude::*;

/// One tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Its address.
    pub href: String,
    /// Its words.
    pub text: &'static str,
    /// It is the one on the screen.
    pub here: bool,
}

/// The row of tabs.
#[component]
pub fn Tabs(
    /// What they are parts of, for screen readers.
    label: &'static str,
    /// In order.
    tabs: Vec<Tab>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            {tabs
                .into_iter()
                .map(|tab| view! { <a href=tab.href aria-current=tab.here.then_some("page")>{tab.text}</a> })
                .collect_view()}
        </nav>
    }
}
