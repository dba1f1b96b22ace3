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
use crate::pages::dashboard::DashboardPage;
use crate::pages::help::HelpPage;
use crate::pages::login::LoginPage;
use crate::pages::node::NodePage;
use crate::pages::node_connect::NodeConnectPage;
use crate::pages::node_new::NodeNewPage;
use crate::pages::nodes::NodesPage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::region::RegionPage;
use crate::pages::region_new::RegionNewPage;
use crate::pages::regions::RegionsPage;
use crate::reactive::{dynamic, effect, memo};
use crate::routes::{self, Page};
use crate::shell::announcements::LiveRegions;
use crate::shell::title::PageTitle;
use crate::shell::{PageFollower, Shell};
use crate::state::announce::Announcer;
use crate::state::connection::Connection;
use crate::state::live::LiveStore;
use crate::state::prefs::Prefs;
use crate::state::session::Session;

/// The whole console.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::default();
    let (api, live, connection) = (Api::new(session), LiveStore::default(), Connection::default());
    provide_context(session);
    provide_context(api);
    provide_context(live);
    provide_context(connection);
    provide_context(I18n::start());
    provide_context(Prefs::start());
    provide_context(Announcer::default());
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

/// The page of the address, inside the frame except for sign-in.
#[component]
fn Pages() -> impl IntoView {
    let path = use_location().pathname;
    let page = memo(move || path.with(|path| routes::find(path).0));
    let framed = memo(move || page.get() != Page::Login);
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
    dynamic(move || {
        if framed.get() {
            view! { <Shell>{dynamic(move || show(page.get()))}</Shell> }.into_any()
        } else {
            view! { <LoginPage /> }.into_any()
        }
    })
}

fn show(page: Page) -> AnyView {
    match page {
        Page::Root | Page::Login => ().into_any(),
        Page::Dashboard => view! { <DashboardPage /> }.into_any(),
        Page::Regions => view! { <RegionsPage /> }.into_any(),
        Page::RegionNew => view! { <RegionNewPage /> }.into_any(),
        Page::Region => view! { <RegionPage /> }.into_any(),
        Page::NodeNew => view! { <NodeNewPage /> }.into_any(),
        Page::Nodes => view! { <NodesPage /> }.into_any(),
        Page::Node => view! { <NodePage /> }.into_any(),
        Page::NodeConnect => view! { <NodeConnectPage /> }.into_any(),
        Page::Help => view! { <HelpPage /> }.into_any(),
        Page::NotFound => view! { <NotFoundPage /> }.into_any(),
    }
}
