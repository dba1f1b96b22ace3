//! Being written.

use leptos::prelude::*;

/// `/frontend`
#[component]
pub fn FrontendPage() -> impl IntoView {
    view! { <h1 tabindex="-1"></h1> }
}
