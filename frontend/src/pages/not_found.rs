//! Nothing at this address.

use leptos::prelude::*;

use crate::components::Icon;
use crate::i18n::use_i18n;
use crate::routes;
use crate::shell::title::use_title;

/// The page.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    let t = use_i18n().t;
    use_title(move || t.not_found_title.to_owned());
    view! {
        <div class="panel empty">
            <Icon name="map" class="lg" />
            <h1 tabindex="-1">{t.not_found_title}</h1>
            <p>{t.not_found}</p>
            <div class="toolbar">
                <a class="btn" href=routes::DASHBOARD>
                    {t.not_found_home}
                </a>
            </div>
        </div>
    }
}
