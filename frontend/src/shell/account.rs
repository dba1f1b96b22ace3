//! Who is signed in, what they may do, and the way out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast as _;

use crate::api::use_api;
use crate::components::{Icon, words};
use crate::i18n::use_i18n;
use crate::reactive::dynamic;
use crate::state::announce::use_announcer;
use crate::state::session::use_session;
use crate::{ids, routes};

/// The button and what is behind it.
#[component]
pub fn AccountMenu() -> impl IntoView {
    let (t, session, api, announcer) = (use_i18n().t, use_session(), use_api(), use_announcer());
    let failed = RwSignal::new(None::<String>);
    let name = move || session.user(|u| u.display_name.clone().unwrap_or_else(|| u.email.clone()));
    let email = move || session.user(|u| u.display_name.is_some().then(|| u.email.clone())).flatten();
    let role = move || session.user(|u| (t.account_role)((t.role)(u.role)));
    let leave = move |_| {
        spawn_local(async move {
            if let Err(e) = api.logout().await {
                let text = (t.sign_out_failed)(&e.detail(t));
                announcer.alert(text.clone());
                failed.set(Some(text));
            }
        });
    };
    view! {
        <button type="button" class="btn ghost ic" aria-label=t.account popovertarget=ids::ACCOUNT_MENU>
            <Icon name="user" />
        </button>
        <div id=ids::ACCOUNT_MENU class="menu" popover="auto" role="group" aria-label=t.account>
            <div class="menu-label">
                <p><bdi>{dynamic(name)}</bdi></p>
                {dynamic(move || email().map(|email| view! { <p><bdi>{email}</bdi></p> }))}
                <p>{dynamic(role)}</p>
            </div>
            <hr />
            <a class="menu-item" href=routes::SETTINGS_APPEARANCE on:click=move |_| close_menu()>
                <Icon name="sliders-horizontal" />
                <span class="gr">{words().settings.menu}</span>
            </a>
            <button type="button" class="menu-item" on:click=leave>
                <Icon name="log-out" />
                <span class="gr">{t.sign_out}</span>
            </button>
            {dynamic(move || failed.get().map(|text| view! { <p class="menu-label bad-text">{text}</p> }))}
        </div>
    }
}

/// A link inside the menu leaves the frame as it is, and the menu with it.
fn close_menu() {
    let menu = document()
        .get_element_by_id(ids::ACCOUNT_MENU)
        .and_then(|m| m.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(menu) = menu {
        // Refused only where it is closed already.
        let _ = menu.hide_popover();
    }
}
