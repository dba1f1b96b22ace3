//! Icons from the sprite and flags from their folder; both addresses carry a hash and stand in `<meta>` of the page.

use std::cell::OnceCell;

use leptos::prelude::*;

thread_local! {
    static SPRITE: OnceCell<String> = const { OnceCell::new() };
    static FLAGS: OnceCell<String> = const { OnceCell::new() };
}

/// The content of `<meta name=…>`, empty where it is missing.
fn meta(name: &str) -> String {
    document()
        .query_selector(&format!("meta[name=\"{name}\"]"))
        .ok()
        .flatten()
        .and_then(|element| element.get_attribute("content"))
        .unwrap_or_default()
}

/// The address of one icon of the sprite.
pub fn icon_url(name: &str) -> String {
    SPRITE.with(|sprite| format!("{}#{name}", sprite.get_or_init(|| meta("iqra-sprite"))))
}

/// The address of the flag of a country, by its ISO 3166-1 alpha-2 code.
pub fn flag_url(code: &str) -> String {
    FLAGS.with(|folder| {
        let folder = folder.get_or_init(|| meta("iqra-flags"));
        format!("{}/{}.svg", folder.trim_end_matches('/'), code.to_ascii_uppercase())
    })
}

/// An icon of the sprite; decoration, so the words beside it carry the meaning.
#[component]
pub fn Icon(
    /// Its name in the sprite (Lucide).
    name: &'static str,
    /// More classes: `lg`, `flip`, `spin`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg class=format!("i {class}") aria-hidden="true" focusable="false">
            <use href=icon_url(name) />
        </svg>
    }
}

/// The flag of a country; decoration beside its name or a region's id.
#[component]
pub fn Flag(
    /// ISO 3166-1 alpha-2, in any case.
    #[prop(into)]
    code: String,
    /// The larger one, for headings.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let class = if large { "flag lg" } else { "flag" };
    view! { <img class=class src=flag_url(&code) alt="" loading="lazy" width="21" height="14" /> }
}
