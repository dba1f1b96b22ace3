//! What every page shares, and which page an address shows.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::{ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::path;

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
use crate::routes;
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
            <Routes fallback=NotFoundPage>
                <Route path=path!("/login") view=LoginPage />
                <ParentRoute path=path!("") view=Shell>
                    <Route path=path!("/") view=|| view! { <Redirect path=routes::DASHBOARD /> } />
                    <Route path=path!("/dashboard") view=DashboardPage />
                    <Route path=path!("/regions") view=RegionsPage />
                    <Route path=path!("/regions/new") view=RegionNewPage />
                    <Route path=path!("/regions/:region") view=RegionPage />
                    <Route path=path!("/regions/:region/nodes/new") view=NodeNewPage />
                    <Route path=path!("/nodes") view=NodesPage />
                    <Route path=path!("/nodes/:id") view=NodePage />
                    <Route path=path!("/nodes/:id/connect") view=NodeConnectPage />
                    <Route path=path!("/help") view=HelpPage />
                    <Route path=path!("/*any") view=NotFoundPage />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
