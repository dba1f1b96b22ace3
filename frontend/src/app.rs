//! What every page shares, and which page an address shows.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::Router;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::location::{BrowserUrl, LocationProvider as _};

use crate::api::{Api, events};
use crate::i18n::I18n;
use crate::pages::Handover;
use crate::pages::forbidden::{ForbiddenPage, use_lacking};
use crate::pages::login::LoginPage;
use crate::parts::Parts;
use crate::reactive::{dynamic, effect, memo};
use crate::routes::{self, Page};
use crate::shell::announcements::LiveRegions;
use crate::shell::title::PageTitle;
use crate::shell::{PageFollower, Shell};
use crate::state::announce::Announcer;
use crate::state::commands::{Commands, use_commands};
use crate::state::connection::{Connection, use_connection};
use crate::state::freshness::Freshness;
use crate::state::live::LiveStore;
use crate::state::past;
use crate::state::prefs::Prefs;
use crate::state::session::Session;
use crate::state::toasts::Toasts;
use crate::state::trail::Trail;

/// The whole console.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::default();
    let (api, live, connection) = (Api::new(session), LiveStore::default(), Connection::default());
    provide_context(session);
    provide_context(api);
    provide_context(live);
    provide_context(connection);
    provide_context(Prefs::start());
    provide_context(I18n::start());
    let announcer = Announcer::default();
    provide_context(announcer);
    provide_context(Toasts::new(announcer));
    provide_context(Commands::default());
    let trail = Trail::default();
    provide_context(trail);
    trail.follow_session();
    provide_context(Parts::default());
    provide_context(PageTitle::default());
    provide_context(Handover::default());
    events::start(api, live, connection, session);
    spawn_local(api.ask_session());
    view! {
        <LiveRegions />
        <Router>
            <PageFollower />
            <Pages />
        </Router>
    }
}

/// The page of the address, inside the frame except for sign-in and one-time links.
#[component]
fn Pages() -> impl IntoView {
    past::follow();
    let path = use_location().pathname;
    let page = memo(move || path.with(|path| routes::find(path).0));
    let framed = memo(move || !matches!(page.get(), Page::Login | Page::Welcome));
    // A link changes the page first and the address bar when somebody says that the page is there.
    let browser = use_context::<BrowserUrl>();
    effect(move || {
        path.track();
        if let Some(browser) = &browser {
            browser.ready_to_complete();
        }
    });
    let navigate = use_navigate();
    effect(move || {
        if page.get() == Page::Root {
            navigate(routes::DASHBOARD, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let (parts, connection, commands) = (expect_context::<Parts>(), use_connection(), use_commands());
    effect(move || parts.fetch_for(page.get()));
    // The page on the screen has its data; what is missing of the others comes now.
    let live = memo(move || connection.freshness() == Freshness::Live);
    effect(move || {
        if live.get() {
            parts.fetch_all();
        }
    });
    let lacking = use_lacking(page);
    dynamic(move || {
        if framed.get() {
            view! { <Shell>{dynamic(move || {
                commands.renewals();
                match lacking.get() {
                    Some(permission) => view! { <ForbiddenPage permission=permission /> }.into_any(),
                    None => parts.show(page.get()),
                }
            })}</Shell> }
            .into_any()
        } else {
            dynamic(move || match page.get() {
                // In a part of its own: few people ever come here.
                Page::Welcome => parts.show(Page::Welcome),
                _ => view! { <LoginPage /> }.into_any(),
            })
            .into_any()
        }
    })
}
