//! Light, dark, or as the system.

use leptos::prelude::*;

use crate::components::Icon;
use crate::i18n::use_i18n;
use crate::ids;
use crate::reactive::{attr, dynamic};
use crate::state::prefs::{Choice as _, Theme, use_prefs};

/// The button and its three choices.
#[component]
pub fn ThemeMenu() -> impl IntoView {
    let (t, prefs) = (use_i18n().t, use_prefs());
    let icon = |theme| match theme {
        Theme::System => "contrast",
        Theme::Light => "sun",
        Theme::Dark => "moon",
    };
    let choice = |theme: &Theme| {
        let theme = *theme;
        let chosen = move || prefs.theme.get() == theme;
        view! {
            <button
                type="button"
                class="menu-item"
                aria-pressed=attr(move || if chosen() { "true" } else { "false" })
                popovertarget=ids::THEME_MENU
                popovertargetaction="hide"
                on:click=move |_| prefs.theme.set(theme)
            >
                <Icon name=icon(theme) />
                <span class="gr">{(t.theme_name)(theme)}</span>
                {dynamic(move || chosen().then(|| view! { <Icon name="check" /> }))}
            </button>
        }
    };
    view! {
        <button type="button" class="btn ghost ic" aria-label=t.theme popovertarget=ids::THEME_MENU>
            {dynamic(move || view! { <Icon name=icon(prefs.theme.get()) /> })}
        </button>
        <div id=ids::THEME_MENU class="menu" popover="auto" role="group" aria-label=t.theme>
            {Theme::ALL.iter().map(choice).collect_view()}
        </div>
    }
}
