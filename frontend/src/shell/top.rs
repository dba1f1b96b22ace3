//! The bar at the top: brand, freshness, theme, account, and the way to the navigation on phones.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::account::AccountMenu;
use super::freshness_pill::FreshnessPill;
use super::language::LanguageMenu;
use super::nav::NavLinks;
use super::sheet::Sheet;
use super::shortcuts::Shortcut;
use super::theme::ThemeMenu;
use crate::components::{Icon, words};
use crate::i18n::use_i18n;
use crate::reactive::effect;
use crate::routes;
use crate::state::commands::{Overlay, use_commands};

/// The bar.
#[component]
pub fn TopBar() -> impl IntoView {
    let t = use_i18n().t;
    let open = RwSignal::new(false);
    let path = use_location().pathname;
    // A page that was chosen closes the panel it was chosen from.
    effect(move || {
        path.track();
        open.set(false);
    });
    view! {
        <header class="top">
            <button
                type="button"
                class="btn ghost ic menu-btn"
                aria-label=t.nav_open
                aria-haspopup="dialog"
                on:click=move |_| open.set(true)
            >
                <Icon name="menu" />
            </button>
            <Brand />
            <SearchButton />
            <span class="sp"></span>
            <FreshnessPill />
            <span class="mid">
                <LanguageMenu />
            </span>
            <ThemeMenu />
            <AccountMenu />
        </header>
        <Sheet heading_id="nav-title" title=t.nav_title open=open edge="start">
            <nav class="nav" aria-label=t.nav_label>
                <NavLinks />
            </nav>
        </Sheet>
    }
}

/// The way to the palette that can be seen.
#[component]
fn SearchButton() -> impl IntoView {
    let (commands, w) = (use_commands(), &words().palette);
    view! {
        <button
            type="button"
            class="btn search-btn"
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K Meta+K"
            on:click=move |_| commands.open(Overlay::Palette)
        >
            <Icon name="search" />
            <span class="search-text">{w.button}</span>
            <span class="keys" aria-hidden="true">
                {Shortcut::Palette.keys().iter().map(|key| view! { <kbd class="kbd">{*key}</kbd> }).collect_view()}
            </span>
        </button>
    }
}

/// The product's name, a link to the dashboard.
#[component]
pub fn Brand() -> impl IntoView {
    let t = use_i18n().t;
    view! {
        <a class="brand" href=routes::DASHBOARD aria-label=t.brand_label>
            <Icon name="activity" />
            <span><bdi translate="no">"Iqra"</bdi>" "<b>"·"</b>" "{t.brand}</span>
        </a>
    }
}
