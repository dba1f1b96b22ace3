//! Who is signed in, what they may do, and the way out.

use common::auth::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::use_api;
use crate::components::{Icon, words};
use crate::i18n::use_i18n;
use crate::reactive::{dynamic, memo};
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
    let regions = move || {
        session.user(|u| match &u.region_scope {
            None => words().access.everywhere.to_owned(),
            Some(_) => (words().access.regions)(&super::access::regions_text(u)),
        })
    };
    let admin = memo(move || session.user(|u| u.role == Role::Admin).unwrap_or(false));
    let link = |href: &'static str, icon: &'static str, text: &'static str| {
        view! {
            <a class="menu-item" href=href on:click=move |_| super::close_popover(ids::ACCOUNT_MENU)>
                <Icon name=icon />
                <span class="gr">{text}</span>
            </a>
        }
    };
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
                <p><bdi translate="no">{dynamic(name)}</bdi></p>
                {dynamic(move || email().map(|email| view! { <p><bdi translate="no">{email}</bdi></p> }))}
                <p>{dynamic(role)}</p>
                <p>{dynamic(regions)}</p>
            </div>
            <hr />
            {link(routes::SETTINGS_APPEARANCE, "sliders-horizontal", words().settings.menu)}
            {link(routes::SETTINGS_SECURITY, "lock", words().access.security)}
            {link(routes::TOKENS, "key-round", words().access.tokens)}
            {dynamic(move || admin.get().then(|| link(routes::USERS, "users", words().access.users)))}
            <button type="button" class="menu-item" on:click=leave>
                <Icon name="log-out" />
                <span class="gr">{t.sign_out}</span>
            </button>
            {dynamic(move || failed.get().map(|text| view! { <p class="menu-label bad-text">{text}</p> }))}
        </div>
    }
}
