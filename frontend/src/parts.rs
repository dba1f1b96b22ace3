//! Which page is in which part of the program. The first part holds the frame and sign-in, and is all that has to arrive
//! before something is shown; the other parts come when one of their pages is opened, or else by themselves as soon as
//! the first page has its data.
//!
//! A page is one line in the table at the end of this file: `Page::X => XPage`. What only its part uses goes into that
//! part's file, what several parts use into a file that comes with each of them, and what the first part uses is there
//! anyway. Few parts with many pages are better than many parts: each doubles the number of files that can be shared.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen::JsCast as _;

use crate::components::palette::Palette;
use crate::components::{ErrorPanel, Skeleton};
use crate::i18n::use_i18n;
use crate::pages::activity::ActivityPage;
use crate::pages::activity_entry::ActivityEntryPage;
use crate::pages::background::BackgroundPage;
use crate::pages::dashboard::DashboardPage;
use crate::pages::diagnose::group_page::RegionDiagnosePage;
use crate::pages::diagnose::node_page::NodeDiagnosePage;
use crate::pages::frontend_node::FrontendPage;
use crate::pages::help::HelpPage;
use crate::pages::lifecycle::platform::PlatformPage;
use crate::pages::node::NodePage;
use crate::pages::node_activity::NodeActivityPage;
use crate::pages::node_connect::NodeConnectPage;
use crate::pages::node_metrics::NodeMetricsPage;
use crate::pages::node_new::NodeNewPage;
use crate::pages::node_settings::NodeSettingsPage;
use crate::pages::nodes::NodesPage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::people::account::AccountPage;
use crate::pages::people::invite::InvitePage;
use crate::pages::people::list::UsersPage;
use crate::pages::people::security::SecurityPage;
use crate::pages::people::welcome::WelcomePage;
use crate::pages::problem::ProblemPage;
use crate::pages::region::RegionPage;
use crate::pages::region_activity::RegionActivityPage;
use crate::pages::region_new::RegionNewPage;
use crate::pages::region_nodes::RegionNodesPage;
use crate::pages::region_settings::RegionSettingsPage;
use crate::pages::region_storage::RegionStoragePage;
use crate::pages::regions::RegionsPage;
use crate::pages::settings::GeneralPage;
use crate::pages::settings_about::AboutPage;
use crate::pages::settings_appearance::AppearancePage;
use crate::pages::tokens::list::TokensPage;
use crate::pages::tokens::new::TokenNewPage;
use crate::pages::unregistered::UnregisteredPage;
use crate::pages::webhooks::delivery::WebhookDeliveryPage;
use crate::pages::webhooks::edit::WebhookEditPage;
use crate::pages::webhooks::list::WebhooksPage;
use crate::pages::webhooks::new::WebhookNewPage;
use crate::pages::webhooks::page::WebhookPage;
use crate::reactive::dynamic;
use crate::routes::Page;
use crate::shell;
use crate::shell::api_call::ApiCall;
use crate::shell::confirm::ConfirmDialog;
use crate::shell::help_panel::HelpPanel;
use crate::shell::shortcut_sheet::ShortcutSheet;
use crate::state::commands::Overlay;

/// Makes a page of its part.
type Maker = fn(Page) -> AnyView;
type Fetched = Result<Maker, SplitLoaderError>;

/// Makes a layer of the part of layers.
type LayerMaker = fn(Overlay) -> AnyView;

/// How far a part has come.
#[derive(Clone, Copy)]
enum Arrival<M> {
    Unasked,
    UnderWay,
    Here(M),
    /// The server did not send it: it is out of reach, or it has another console by now.
    Missing,
}

impl Parts {
    /// Sees to it that the part of this page comes.
    pub fn fetch_for(self, page: Page) {
        if let Some(part) = Part::of(page) {
            self.fetch(part);
        }
    }

    /// Sees to it that all parts come, so that every page opens at once, and opens while the server cannot be reached.
    pub fn fetch_all(self) {
        for part in Part::ALL {
            self.fetch(*part);
        }
        self.fetch_layers();
    }

    fn fetch_layers(self) {
        let arrival = self.layers;
        if matches!(arrival.get_untracked(), Arrival::UnderWay | Arrival::Here(_)) {
            return;
        }
        arrival.set(Arrival::UnderWay);
        spawn_local(async move {
            arrival.set(layers().await.map_or(Arrival::Missing, Arrival::Here));
        });
    }

    /// A layer over the page, now or as soon as its part is here; `missing` is told where it cannot be had.
    pub fn show_layer(self, layer: Overlay, missing: Callback<()>) -> AnyView {
        self.fetch_layers();
        let arrival = self.layers;
        dynamic(move || match arrival.get() {
            Arrival::Here(make) => make(layer),
            Arrival::Missing => {
                missing.run(());
                ().into_any()
            }
            Arrival::Unasked | Arrival::UnderWay => ().into_any(),
        })
        .into_any()
    }

    fn fetch(self, part: Part) {
        let arrival = self.arrival(part);
        if matches!(arrival.get_untracked(), Arrival::UnderWay | Arrival::Here(_)) {
            return;
        }
        arrival.set(Arrival::UnderWay);
        spawn_local(async move {
            let fetched = part.load().await;
            // Somebody who is on the heading of the empty page is led to the heading of the real one.
            let on_heading = heading_has_focus();
            arrival.set(fetched.map_or(Arrival::Missing, Arrival::Here));
            if on_heading {
                request_animation_frame(|| {
                    // A key or a click meanwhile has led on: the focus is not taken back.
                    if shell::focus_is_nowhere() {
                        shell::focus(HEADING);
                    }
                });
            }
        });
    }

    /// The page, now or as soon as its part is here.
    pub fn show(self, page: Page) -> AnyView {
        let Some(part) = Part::of(page) else { return show_at_once(page) };
        let arrival = self.arrival(part);
        dynamic(move || match arrival.get() {
            Arrival::Here(make) => make(page),
            Arrival::Missing => self.missing(part),
            Arrival::Unasked | Arrival::UnderWay => waiting(),
        })
        .into_any()
    }

    fn missing(self, part: Part) -> AnyView {
        let t = use_i18n().t;
        view! {
            <h1 class="vh" tabindex="-1">{t.part_missing_title}</h1>
            <ErrorPanel
                title=t.part_missing_title
                detail=t.part_missing
                on_retry=Callback::new(move |()| self.fetch(part))
            />
        }
        .into_any()
    }
}

fn waiting() -> AnyView {
    view! {
        <h1 class="vh" tabindex="-1">{use_i18n().t.loading}</h1>
        <Skeleton />
    }
    .into_any()
}

/// The heading of the page on the screen.
const HEADING: &str = "main h1";

fn heading_has_focus() -> bool {
    let focused = document().active_element().and_then(|e| e.dyn_into::<web_sys::Element>().ok());
    focused.is_some_and(|e| e.matches(HEADING).unwrap_or(false))
}

/// From the table of pages: [`Part`], [`Parts`], and a function per part that is split off with all that only it uses.
/// A page that stands nowhere does not compile.
macro_rules! parts {
    (
        at_once { $($now:ident => $now_page:ident,)* }
        elsewhere { $($elsewhere:ident)* }
        $($part:ident $file:ident { $($page:ident => $component:ident,)* })*
    ) => {
        /// A part of the program that comes by need.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Part {
            $($part,)*
        }

        /// Which parts have arrived; copy it freely.
        #[derive(Clone, Copy)]
        pub struct Parts {
            $($file: RwSignal<Arrival<Maker>>,)*
            layers: RwSignal<Arrival<LayerMaker>>,
        }

        impl Default for Parts {
            fn default() -> Self {
                Self {
                    $($file: RwSignal::new(Arrival::Unasked),)*
                    layers: RwSignal::new(Arrival::Unasked),
                }
            }
        }

        impl Part {
            const ALL: &[Self] = &[$(Self::$part,)*];

            /// The part of a page, none for those of the first part.
            fn of(page: Page) -> Option<Self> {
                match page {
                    $(Page::$now)|* | $(Page::$elsewhere)|* => None,
                    $($(Page::$page)|* => Some(Self::$part),)*
                }
            }

            async fn load(self) -> Fetched {
                match self {
                    $(Self::$part => $file().await,)*
                }
            }
        }

        impl Parts {
            fn arrival(self, part: Part) -> RwSignal<Arrival<Maker>> {
                match part {
                    $(Part::$part => self.$file,)*
                }
            }
        }

        fn show_at_once(page: Page) -> AnyView {
            match page {
                $(Page::$now => view! { <$now_page /> }.into_any(),)*
                _ => ().into_any(),
            }
        }

        $(
            #[wasm_split($file, wasm_split_path = leptos::wasm_split, fallible)]
            fn $file() -> Fetched {
                Ok(|page| match page {
                    $(Page::$page => view! { <$component /> }.into_any(),)*
                    _ => ().into_any(),
                })
            }
        )*
    };
}

/// The layers over the page: a part of their own, because every page has them and none needs them to be shown.
#[wasm_split(layers, wasm_split_path = leptos::wasm_split, fallible)]
fn layers() -> Result<LayerMaker, SplitLoaderError> {
    Ok(|layer| match layer {
        Overlay::Palette => view! { <Palette /> }.into_any(),
        Overlay::Shortcuts => view! { <ShortcutSheet /> }.into_any(),
        Overlay::Help => view! { <HelpPanel /> }.into_any(),
        Overlay::ApiCall => view! { <ApiCall /> }.into_any(),
        Overlay::Confirm => view! { <ConfirmDialog /> }.into_any(),
    })
}

parts! {
    // In the first part: `Page::X => XPage`.
    at_once {
        NotFound => NotFoundPage,
    }
    // Without a page inside the frame.
    elsewhere { Root Login }
    // The name of a part, the name of its file, and its pages.
    Home home {
        Dashboard => DashboardPage,
    }
    Fleet fleet {
        Regions => RegionsPage,
        Region => RegionPage,
        RegionNodes => RegionNodesPage,
        Nodes => NodesPage,
        Node => NodePage,
    }
    Operate operate {
        RegionStorage => RegionStoragePage,
        RegionActivity => RegionActivityPage,
        RegionSettings => RegionSettingsPage,
        SettingsGeneral => GeneralPage,
        Maintenance => PlatformPage,
        NodeMetrics => NodeMetricsPage,
        NodeActivity => NodeActivityPage,
        NodeSettings => NodeSettingsPage,
        SettingsAppearance => AppearancePage,
        SettingsAbout => AboutPage,
        Unregistered => UnregisteredPage,
        Frontend => FrontendPage,
        Background => BackgroundPage,
        Activity => ActivityPage,
        ActivityEntry => ActivityEntryPage,
    }
    Adding adding {
        RegionNew => RegionNewPage,
        NodeNew => NodeNewPage,
        NodeConnect => NodeConnectPage,
    }
    Diagnose diagnose {
        RegionDiagnose => RegionDiagnosePage,
        NodeDiagnose => NodeDiagnosePage,
        Problem => ProblemPage,
    }
    People people {
        Users => UsersPage,
        UserInvite => InvitePage,
        User => AccountPage,
        SettingsSecurity => SecurityPage,
        Tokens => TokensPage,
        TokenNew => TokenNewPage,
        Webhooks => WebhooksPage,
        WebhookNew => WebhookNewPage,
        Webhook => WebhookPage,
        WebhookEdit => WebhookEditPage,
        WebhookDelivery => WebhookDeliveryPage,
        Welcome => WelcomePage,
    }
    Help help {
        Help => HelpPage,
    }
}
