//! Servers that are not registered.

use leptos::prelude::*;



/// `/nodes/unregistered`
#[component]
pub fn UnregisteredPage() -> impl IntoView {
    view! { <h1 tabindex="-1">"Unregistered nodes"</h1> }
}
