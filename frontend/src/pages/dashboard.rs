//! Is the fleet fine, where is it not, what comes first: the answer in five seconds.

pub mod causes;
pub mod head;
pub mod kpis;
pub mod problems;
pub mod recent;
pub mod regions;
pub mod scope;
pub mod setup;
pub mod singletons;
pub mod snooze;
pub mod trend;
pub mod zero;

use leptos::prelude::*;

use crate::components::{ErrorPanel, Skeleton};
use crate::i18n::use_i18n;
use crate::pages::past::dashboard::PastDashboard;
use crate::reactive::{dynamic, memo};
use crate::shell::title::use_title;
use crate::state::connection::use_connection;
use crate::state::freshness::Freshness;
use crate::state::live::use_live;
use crate::state::past::use_moment;

/// The dashboard, now or at a moment that is over.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let t = use_i18n().t;
    use_title(move || t.nav_dashboard.to_owned());
    let moment = use_moment().shown;
    dynamic(move || match moment.get() {
        Some(at) => view! { <PastDashboard at=at /> }.into_any(),
        None => view! { <Now /> }.into_any(),
    })
}

#[component]
fn Now() -> impl IntoView {
    let (t, live, connection) = (use_i18n().t, use_live(), use_connection());
    provide_context(scope::Scope::of_page());
    let panel: zero::Opener = RwSignal::new(None);
    let here = memo(move || live.cluster(|_| ()).is_some());
    // Without a first snapshot there is nothing to pale or to hatch.
    let lost = memo(move || !here.get() && connection.freshness() == Freshness::Disconnected);
    view! {
        <head::Head />
        {dynamic(move || {
            if here.get() {
                view! {
                    <kpis::Kpis panel=panel />
                    <div class="grid k21 dash-middle">
                        <problems::Attention panel=panel />
                        <recent::Recent />
                    </div>
                    <setup::Setup />
                    <regions::Regions />
                    <singletons::SingletonsCard />
                }
                    .into_any()
            } else if lost.get() {
                view! {
                    <ErrorPanel
                        title=t.error_unreachable_title
                        detail=t.error_unreachable
                        on_retry=Callback::new(move |()| connection.refresh())
                    />
                }
                    .into_any()
            } else {
                view! {
                    <div class="grid k4" aria-busy="true">
                        <Skeleton shape="sk-card" count=4 />
                    </div>
                }
                    .into_any()
            }
        })}
        <zero::HelpPanel panel=panel />
    }
}
