//! Being written.

use leptos::prelude::*;

/// `/background`
#[component]
pub fn BackgroundPage() -> impl IntoView {
    view! { <h1 tabindex="-1"></h1> }
}
