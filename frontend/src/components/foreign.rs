//! Sentences that come from elsewhere.

use leptos::prelude::*;

/// Words of the page's language where it has some, else the server's.
pub fn said(own: Option<&'static str>, servers: String) -> AnyView {
    match own {
        Some(own) => own.into_any(),
        None => view! { <ServerWords text=servers /> }.into_any(),
    }
}

/// A sentence of the server that no language of the page has: English, and marked so.
#[component]
pub fn ServerWords(
    /// It.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <bdi lang="en" dir="ltr">{text}</bdi> }
}
