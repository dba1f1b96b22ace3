//! Is the fleet fine, where is it not, what comes first: the answer in five seconds.

pub mod causes;
pub mod kpis;
pub mod problems;
pub mod regions;
pub mod setup;
pub mod singletons;
pub mod snooze;
pub mod zero;

use common::ids::RegionId;
use common::node::NodeKind;
use leptos::prelude::*;

use crate::components::{ErrorPanel, Skeleton};
use crate::i18n::use_i18n;
use crate::reactive::{dynamic, memo};
use crate::shell::title::use_title;
use crate::state::connection::use_connection;
use crate::state::freshness::Freshness;
use crate::state::live::use_live;

/// What the panel at the edge explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Panel {
    /// Why no node of a kind is online in a region.
    Zero(RegionId, NodeKind),
    /// Which heartbeats were refused.
    Refusals,
}

/// Opens the panel.
pub type Opener = RwSignal<Option<Panel>>;

/// The dashboard.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let (i18n, live, connection) = (use_i18n(), use_live(), use_connection());
    let t = i18n.t;
    use_title(move || t.nav_dashboard.to_owned());
    let panel: Opener = RwSignal::new(None);
    let here = memo(move || live.cluster(|_| ()).is_some());
    // Without a first snapshot there is nothing to pale or to hatch.
    let lost = memo(move || !here.get() && connection.freshness() == Freshness::Disconnected);
    let from = move || connection.as_of().map(|at| (t.dash_data_from)(&i18n.fmt.time(at)));
    let headline = move || {
        let open = live.problems(<[_]>::len)?;
        let (reporting, expected) = live.cluster(|c| (c.coverage.reporting, c.coverage.expected))?;
        Some(match (open, expected) {
            (1.., _) => (t.dash_problems)(open),
            (0, 0) => t.dash_no_nodes.to_owned(),
            (0, _) if reporting == expected => (t.dash_all_clear)(u64::from(expected)),
            (0, _) => (t.dash_partial)(reporting, expected),
        })
    };
    view! {
        <div class="hd">
            <h1 tabindex="-1">{t.nav_dashboard}</h1>
            <span class="sp"></span>
            <span class="xs num">{dynamic(from)}</span>
            <p class="sub">{dynamic(headline)}</p>
        </div>
        {dynamic(move || {
            if here.get() {
                view! {
                    <kpis::Kpis panel=panel />
                    <setup::Setup />
                    <problems::Attention panel=panel />
                    <regions::Regions />
                    <singletons::SingletonsCard />
                }
                    .into_any()
            } else if lost.get() {
                view! {
                    <ErrorPanel
                        title=t.error_unreachable_title
                        detail=t.error_unreachable
                        on_retry=Callback::new(move |()| connection.retry_now())
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
