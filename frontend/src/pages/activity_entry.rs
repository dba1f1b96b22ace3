//! Being written.

use leptos::prelude::*;

/// `/activity/`
#[component]
pub fn ActivityEntryPage() -> impl IntoView {
    view! { <h1 tabindex="-1"></h1> }
}
