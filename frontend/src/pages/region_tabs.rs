//! What all tabs of a region share: the way there, the heading, the tabs, and what stands where there is no region.

use common::ids::RegionId;
use common::region::{Region, StorageSummary};
use common::stream::Topic;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::lifecycle::actions::RegionActions;
use crate::components::region_card::storage_text;
use crate::components::status::word_text;
use crate::components::{
    Breadcrumb, Crumb, Empty, Flag, Icon, Skeleton, StatusBadge, Tab, Tabs, count_beside, country_name, words,
};
use crate::i18n::{I18n, use_i18n};
use crate::near::nearest;
use crate::reactive::{derived, dynamic, effect, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::shell::title::use_title;
use crate::state::connection::use_topic;
use crate::state::live::{TopicState, use_live};

/// A tab of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionTab {
    /// Figures.
    Overview,
    /// Its proxies and backends.
    Nodes,
    /// S3 storage.
    Storage,
    /// What happened.
    Activity,
    /// Registration, and what takes it out of service.
    Settings,
}

impl RegionTab {
    const ALL: [Self; 5] = [Self::Overview, Self::Nodes, Self::Storage, Self::Activity, Self::Settings];

    fn text(self) -> &'static str {
        let w = &words().tabs;
        match self {
            Self::Overview => w.overview,
            Self::Nodes => words().nodes.title,
            Self::Storage => w.storage,
            Self::Activity => w.activity,
            Self::Settings => w.settings,
        }
    }

    fn href(self, id: &RegionId) -> String {
        match self {
            Self::Overview => routes::region(id),
            Self::Nodes => routes::region_nodes(id),
            Self::Storage => routes::region_storage(id),
            Self::Activity => routes::region_activity(id),
            Self::Settings => routes::region_settings(id),
        }
    }
}

/// The Region ID of the address, in its one form; an address in another form is replaced.
pub fn use_region_id() -> Memo<RegionId> {
    let typed = super::use_id_in_path();
    let id = memo(move || RegionId::from(typed.get().as_str()));
    let navigate = use_navigate();
    effect(move || {
        let (typed, id) = (typed.get(), id.get());
        if typed.is_empty() || typed == id.as_str() {
            return;
        }
        let location = window().location();
        let path =
            location.pathname().unwrap_or_default().replacen(&format!("/{typed}"), &format!("/{id}"), 1);
        let query = location.search().unwrap_or_default();
        navigate(
            &format!("{path}{query}"),
            NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() },
        );
    });
    id
}

/// No such region.
#[component]
pub fn Missing(
    /// The id in the address.
    id: RegionId,
) -> impl IntoView {
    let w = &words().region;
    let live = use_live();
    let typed = id.to_string();
    let meant = memo(move || {
        let known = live.region_ids().unwrap_or_default();
        nearest(&typed, known.iter().map(|id| id.as_str())).first().map(|id| RegionId::from(*id))
    });
    view! {
        <h1 tabindex="-1">{w.missing_title}</h1>
        <Empty icon="map-pin" title=(w.missing)(id.as_str()) text=w.missing_text>
            {dynamic(move || {
                meant
                    .get()
                    .map(|id| {
                        view! {
                            <p>
                                {words().dashboard.did_you_mean} " "
                                <a href=routes::region(&id)>
                                    <bdi class="id" translate="no">
                                        {id.to_string()}
                                    </bdi>
                                </a>
                            </p>
                        }
                    })
            })}
            <a class="btn" href=routes::REGIONS>
                {w.to_list}
            </a>
        </Empty>
    }
}

/// What a tab shows below the tabs, of a region that is known.
pub type RegionContent = fn(RegionId, Memo<Option<Region>>) -> AnyView;

/// A tab of the region in the address.
#[component]
pub fn RegionFrame(
    /// Which.
    tab: RegionTab,
    /// What it shows.
    content: RegionContent,
) -> impl IntoView {
    let id = use_region_id();
    use_title(move || match tab {
        RegionTab::Overview => id.get().to_string(),
        tab => (words().tabs.title)(tab.text(), id.get().as_str()),
    });
    use_topic(move || Some(Topic::Region(id.get())));
    let live = use_live();
    let state = memo(move || live.topic(&Topic::Region(id.get())));
    let gone = memo(move || state.get() == TopicState::Gone);
    let loading = memo(move || state.get() == TopicState::Loading);
    let region = memo(move || live.region(&id.get(), Clone::clone));
    let crumbs = derived(move || {
        let id = id.get();
        let top = Crumb::link(routes::REGIONS, words().regions.title);
        match tab {
            RegionTab::Overview => vec![top, Crumb::here(id.to_string()).technical()],
            tab => vec![
                top,
                Crumb::link(routes::region(&id), id.to_string()).technical(),
                Crumb::here(tab.text()),
            ],
        }
    });
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            if gone.get() {
                return view! { <Missing id=id.get() /> }.into_any();
            }
            let id = id.get();
            let tabs = RegionTab::ALL
                .map(|t| Tab { href: t.href(&id), text: t.text(), here: t == tab })
                .to_vec();
            // The heading, which has the focus, stays while the page fills.
            view! {
                <Header id=id.clone() region=region />
                <RegionActions region=region />
                <Tabs label=words().tabs.region tabs=tabs />
                {dynamic(move || {
                    if loading.get() {
                        view! {
                            <div class="grid k4" aria-busy="true">
                                <Skeleton shape="sk-card" count=4 />
                            </div>
                            <Skeleton count=5 />
                        }
                            .into_any()
                    } else {
                        content(id.clone(), region)
                    }
                })}
            }
                .into_any()
        })}
    }
}

#[component]
fn Header(id: RegionId, region: Memo<Option<Region>>) -> impl IntoView {
    let i18n = use_i18n();
    let identity =
        memo(move || region.with(|r| r.as_ref().map(|r| (r.country_code.clone(), r.display_name.clone()))));
    let status = memo(move || region.with(|r| r.as_ref().map(|r| r.status.clone())));
    let storage = memo(move || region.with(|r| r.as_ref().map(|r| r.storage.clone())));
    let to_storage = routes::region_storage(&id);
    view! {
        <div class="hd">
            {dynamic(move || identity.get().map(|(code, _)| view! { <Flag code=code large=true /> }))}
            <h1 tabindex="-1">
                <bdi class="id" translate="no">
                    {id.to_string()}
                </bdi>
            </h1>
            {dynamic(move || {
                status
                    .get()
                    .map(|s| {
                        let count = count_beside(&s);
                        view! { <StatusBadge word=s.word extra=count /> }
                    })
            })}
            <AsOf />
            <p class="sub">
                {dynamic(move || {
                    identity
                        .get()
                        .map(|(code, name)| match name {
                            Some(name) => format!("{name} · {}", country_name(&code)),
                            None => country_name(&code),
                        })
                })}
                {dynamic(move || {
                    status
                        .get()
                        .map(|s| format!(" · {}", (words().node.since)(word_text(s.word), &i18n.fmt.date_time(s.since))))
                })}
            </p>
            {dynamic(move || {
                let to = to_storage.clone();
                storage.get().and_then(|s| storage_line(&s, i18n)).map(|(family, icon, text)| {
                    view! {
                        <p class="sub">
                            <a class=format!("st {family}") href=to>
                                <Icon name=icon />
                                <span>{text}</span>
                            </a>
                        </p>
                    }
                })
            })}
        </div>
    }
}

/// What a heading says of storage: nothing where it works.
fn storage_line(storage: &StorageSummary, i18n: I18n) -> Option<(&'static str, &'static str, String)> {
    let w = &words().tabs;
    if !storage.configured {
        return Some(("never", "circle-dashed", w.storage_missing.to_owned()));
    }
    if let Some(since) = storage.since.filter(|_| storage.healthy == Some(false)) {
        return Some(("bad", "octagon-x", (w.storage_failing)(&i18n.fmt.date_time(since))));
    }
    // Nodes may fail where the server does not.
    let text = storage_text(storage, i18n).2;
    (storage.nodes.failing > 0).then_some(("warn", "triangle-alert", text))
}
