//! Being written.

use leptos::prelude::*;

/// `/activity`
#[component]
pub fn ActivityPage() -> impl IntoView {
    view! { <h1 tabindex="-1"></h1> }
}
