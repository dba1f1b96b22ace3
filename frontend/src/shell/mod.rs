//! The frame around every page: bar, navigation, banner, and what happens when the page changes.

pub mod access;
pub mod account;
pub mod announcements;
pub mod api_call;
pub mod as_of;
pub mod banner;
pub mod confirm;
pub mod freshness_pill;
pub mod help_panel;
pub mod history;
pub mod language;
pub mod nav;
pub mod past;
pub mod platform_banner;
pub mod sheet;
pub mod shortcut_keys;
pub mod shortcut_sheet;
pub mod shortcuts;
pub mod signed_out;
pub mod slow;
pub mod theme;
pub mod title;
pub mod top;

use common::stream::Topic;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use wasm_bindgen::JsCast as _;

use crate::api::use_api;
use crate::components::toast::ToastStack;
use crate::components::{ErrorPanel, words};
use crate::i18n::use_i18n;
use crate::parts::Parts;
use crate::reactive::{dynamic, effect, memo};
use crate::state::commands::{Overlay, use_commands};
use crate::state::connection::{use_connection, use_topic};
use crate::state::session::{SessionState, SignedOut, use_session};
use crate::state::toasts::use_toasts;
use crate::{ids, routes};

/// What stands where the page would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Waiting to learn who is signed in.
    Asking,
    /// The server does not answer.
    Unreachable,
    /// Nobody is signed in; on the way to the sign-in page.
    Leaving(SignedOut),
    /// The page.
    Inside,
}

/// The frame, for those who are signed in; everybody else is led to the sign-in page.
#[component]
pub fn Shell(
    /// The page.
    children: ChildrenFn,
) -> impl IntoView {
    let (session, connection, location) = (use_session(), use_connection(), use_location());
    let stage = memo(move || match session.get() {
        SessionState::Unknown => Stage::Asking,
        SessionState::Unreachable => Stage::Unreachable,
        SessionState::Out(why) => Stage::Leaving(why),
        SessionState::In(_) | SessionState::Ended(_) => Stage::Inside,
    });
    let navigate = use_navigate();
    let (path, search) = (location.pathname, location.search);
    effect(move || {
        if let Stage::Leaving(why) = stage.get() {
            let search = search.get_untracked();
            let query = if search.is_empty() { search } else { format!("?{search}") };
            let next = format!("{}{query}", path.get_untracked());
            let to = match why {
                SignedOut::ByChoice => format!("{}?reason=signed-out", routes::LOGIN),
                why => routes::login(&next, why == SignedOut::Expired),
            };
            navigate(&to, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    // Without the seconds of a delay: the attribute is written where the word changes.
    let fresh = memo(move || connection.freshness().as_str());
    view! {
        <div class="app" data-fresh=fresh>
            {dynamic(move || match stage.get() {
                Stage::Inside => {
                    let page = children.clone();
                    view! { <Inside>{page()}</Inside> }.into_any()
                }
                Stage::Unreachable => view! { <Unreachable /> }.into_any(),
                Stage::Asking | Stage::Leaving(_) => view! { <Waiting /> }.into_any(),
            })}
        </div>
    }
}

#[component]
fn Inside(children: Children) -> impl IntoView {
    let t = use_i18n().t;
    let path = use_location().pathname;
    // The dashboard's figures feed the navigation and the banners on every page.
    use_topic(|| Some(Topic::Summary));
    shortcut_keys::follow_keys();
    access::follow_access();
    access::follow_reasons();
    let class = move || {
        path.with(|path| match path.as_str() {
            routes::DASHBOARD => "main dash",
            p if p.ends_with("/new") || p.ends_with("/invite") || p.ends_with("/connect") => "main form-page",
            _ => "main",
        })
    };
    view! {
        <a class="skip" href=format!("#{}", ids::MAIN) on:click=skip_to_content>
            {t.skip_to_content}
        </a>
        <top::TopBar />
        <nav class="nav" aria-label=t.nav_label>
            <nav::NavLinks />
        </nav>
        <main id=ids::MAIN class=class tabindex="-1">
            <banner::Banner />
            <past::PastBanner />
            <Printed />
            <slow::SlowNote />
            {children()}
        </main>
        <ToastStack />
        <signed_out::SignedOutDialog />
        <Layers />
    }
}

/// On paper: where the page is from, with its filters, and of when its figures are.
#[component]
fn Printed() -> impl IntoView {
    let (connection, i18n, location) = (use_connection(), use_i18n(), use_location());
    let time = move || {
        let of = connection.moment().or_else(|| connection.as_of());
        let at = of.map_or_else(String::new, |at| i18n.fmt.date_time(at));
        (words().states.printed)(&at)
    };
    let address = move || {
        let search = location.search.get();
        let query = if search.is_empty() { search } else { format!("?{search}") };
        let text = format!("{}{query}", location.pathname.get());
        // As it was typed: the encoding of an address is for machines.
        js_sys::decode_uri_component(&text).ok().and_then(|t| t.as_string()).unwrap_or(text)
    };
    view! {
        <p class="only-print printed">
            {dynamic(time)} " · "
            <bdi class="id" translate="no">
                {dynamic(address)}
            </bdi>
        </p>
    }
}

/// What is open over the page.
#[component]
fn Layers() -> impl IntoView {
    let (t, commands, parts, toasts) =
        (use_i18n().t, use_commands(), expect_context::<Parts>(), use_toasts());
    let missing = Callback::new(move |()| {
        commands.close();
        toasts.failed(t.part_missing);
    });
    // Once it was asked for, it stays: the browser gives the focus back when a dialog closes, not when it goes.
    let confirming = use_session().confirming();
    let asked = Memo::new(move |before: Option<&bool>| before == Some(&true) || confirming.asked());
    let unasked = Callback::new(move |()| {
        confirming.settle(false);
        toasts.failed(t.part_missing);
    });
    view! {
        {dynamic(move || commands.overlay().map(|layer| parts.show_layer(layer, missing)))}
        {dynamic(move || asked.get().then(|| parts.show_layer(Overlay::Confirm, unasked)))}
    }
}

/// The frame without a page, while the server is asked who is signed in.
#[component]
fn Waiting() -> impl IntoView {
    let t = use_i18n().t;
    view! {
        <header class="top">
            <top::Brand />
        </header>
        <div class="nav"></div>
        <main id=ids::MAIN class="main" aria-busy="true">
            <span class="vh">{t.loading}</span>
        </main>
    }
}

#[component]
fn Unreachable() -> impl IntoView {
    let (t, session, api) = (use_i18n().t, use_session(), use_api());
    let retry = move |()| {
        session.asking();
        spawn_local(api.ask_session());
    };
    view! {
        <header class="top">
            <top::Brand />
        </header>
        <div class="nav"></div>
        <main id=ids::MAIN class="main">
            <h1 class="vh" tabindex="-1">{t.error_unreachable_title}</h1>
            <ErrorPanel
                title=t.error_unreachable_title
                detail=t.error_unreachable
                on_retry=Callback::new(retry)
            />
        </main>
    }
}

/// A link to a fragment would be taken for a navigation; the skip link moves the focus and nothing else.
fn skip_to_content(event: leptos::ev::MouseEvent) {
    event.prevent_default();
    event.stop_propagation();
    focus("#main");
}

/// Keeps title and focus with the page. Stands inside the router and outside the frame: signing in is a new page too.
#[component]
pub fn PageFollower() -> impl IntoView {
    title::follow_title();
    history::follow_history();
    history::remember_pages(expect_context::<title::PageTitle>().name);
}

/// Puts the focus on the first element that fits, where it stands.
pub fn focus(selector: &str) {
    focus_on(selector);
}

/// The same; says whether there is one.
pub fn focus_on(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    let Some(element) = found.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) else { return false };
    // The router has put the page where it belongs already; focusing must not scroll.
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    element.focus_with_options(&options).is_ok()
}

/// Whether nothing has the focus, as when the element that had it has gone.
pub fn focus_is_nowhere() -> bool {
    document().active_element().is_none_or(|e| e.matches("body, html").unwrap_or(false))
}

/// Closes a popover, where it is open.
pub fn close_popover(id: &str) {
    let menu = document().get_element_by_id(id).and_then(|m| m.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(menu) = menu {
        // Refused only where it is closed already.
        let _ = menu.hide_popover();
    }
}
