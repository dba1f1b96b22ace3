//! The languages of the console, each by its own name.

use leptos::prelude::*;

use crate::components::Icon;
use crate::i18n::{Language, use_i18n};
use crate::ids;

/// The button and its choices. A choice loads the page anew.
#[component]
pub fn LanguageMenu() -> impl IntoView {
    let t = use_i18n().t;
    let now = Language::of_page();
    let choices = Language::ALL.map(|language| {
        view! {
            <button
                type="button"
                class="menu-item"
                lang=language.tag()
                aria-pressed=if language == now { "true" } else { "false" }
                popovertarget=ids::LANGUAGE_MENU
                popovertargetaction="hide"
                on:click=move |_| language.choose()
            >
                <span class="gr">{language.name()}</span>
                {(language == now).then(|| view! { <Icon name="check" /> })}
            </button>
        }
    });
    view! {
        <button type="button" class="btn ghost ic" aria-label=t.language popovertarget=ids::LANGUAGE_MENU>
            <Icon name="languages" />
        </button>
        <div id=ids::LANGUAGE_MENU class="menu" popover="auto" role="group" aria-label=t.language>
            {choices.collect_view()}
        </div>
    }
}
