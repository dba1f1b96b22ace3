//! The links between the parts of the console, with how much there is behind them.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::{Icon, format, words};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::state::connection::use_connection;
use crate::state::live::use_live;

/// The links, for the column on wide screens and for the panel on phones.
#[component]
pub fn NavLinks() -> impl IntoView {
    let (t, live, connection) = (use_i18n().t, use_live(), use_connection());
    // How many there are now says nothing of a moment that is over.
    let now = memo(move || connection.moment().is_none());
    let only_now = move |count: Memo<Option<u64>>| derived(move || count.get().filter(|_| now.get()));
    let regions = memo(move || live.region_ids().and_then(|ids| u64::try_from(ids.len()).ok()));
    let nodes = memo(move || {
        live.cluster(|c| {
            [c.backend.registered, c.backend.disabled, c.proxy.registered, c.proxy.disabled]
                .into_iter()
                .map(u64::from)
                .sum()
        })
    });
    // None is nothing to count.
    let problems = memo(move || {
        live.problems(|all| u64::try_from(all.len()).unwrap_or_default()).filter(|count| *count > 0)
    });
    view! {
        <p>{t.nav_group}</p>
        <NavLink href=routes::DASHBOARD icon="layout-dashboard" text=t.nav_dashboard count=only_now(problems) say=words().states.problems />
        <NavLink href=routes::REGIONS icon="globe" text=t.nav_regions count=only_now(regions) />
        <NavLink href=routes::NODES icon="server" text=t.nav_nodes count=only_now(nodes) />
        <NavLink href=routes::FRONTEND icon="app-window" text=words().frontend.title />
        <NavLink href=routes::BACKGROUND icon="server-cog" text=words().background.title />
        <NavLink href=routes::ACTIVITY icon="activity" text=words().activity.title />
        <p>{words().states.nav_admin}</p>
        <NavLink href=routes::TOKENS icon="key-round" text=words().access.tokens />
        <NavLink href=routes::WEBHOOKS icon="webhook" text=words().access.webhooks />
        <NavLink href=routes::USERS icon="users" text=words().access.users />
        <NavLink href=routes::SETTINGS icon="settings" text=words().platform.nav />
        <span class="sp"></span>
        <NavLink href=routes::HELP icon="circle-help" text=t.nav_help />
    }
}

#[component]
fn NavLink(
    href: &'static str,
    icon: &'static str,
    text: &'static str,
    #[prop(optional, into)] count: Option<Signal<Option<u64>>>,
    /// What is counted, where that is not what the link is called.
    #[prop(optional)]
    say: Option<fn(u64) -> String>,
) -> impl IntoView {
    let path = use_location().pathname;
    let current = memo(move || {
        path.with(|p| p.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    });
    let counted = move |n: Signal<Option<u64>>| match say {
        None => {
            view! { <span class="cnt num xs">{dynamic(move || n.get().map(format::count))}</span> }.into_any()
        }
        Some(say) => dynamic(move || {
            n.get().map(|n| {
                view! {
                    <span class="cnt num xs warn-count" aria-hidden="true">
                        {format::count(n)}
                    </span>
                    <span class="vh">", " {say(n)}</span>
                }
            })
        })
        .into_any(),
    };
    view! {
        <a href=href aria-current=attr(move || current.get().then_some("page"))>
            <Icon name=icon />
            <span>{text}</span>
            {count.map(counted)}
        </a>
    }
}
