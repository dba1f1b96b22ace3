//! The dashboard at a moment that is over.

use common::history::{Metric, Unit};
use common::region::Region;
use common::time::Timestamp;
use leptos::prelude::*;

use super::model::Then;
use super::{Around, Of, Unknown, between, card, figures, part, shown, use_then};
use crate::api::{Whose, use_api};
use crate::components::nav::{Breadcrumb, only};
use crate::components::{Empty, Flag, Icon, NoData, Skeleton, country_name, words};
use crate::i18n::use_i18n;
use crate::pages::load::{Load, failure};
use crate::pages::region_next::{Was, was};
use crate::pages::region_strip::look;
use crate::reactive::dynamic;
use crate::routes;

/// The page.
#[component]
pub fn PastDashboard(
    /// The moment.
    at: Timestamp,
) -> impl IntoView {
    let t = use_i18n().t;
    let then = use_then(Whose::Cluster, at);
    view! {
        <Breadcrumb crumbs=only(t.nav_dashboard) />
        <div class="hd">
            <h1 tabindex="-1">{t.nav_dashboard}</h1>
            <Of at=at load=then.0 />
        </div>
        {figures(at, then, key_figures)}
        <div class="grid k21">
            <Around at=at />
            <Unknown text=words().past.unknown_dashboard />
        </div>
        <RegionsThen at=at />
    }
}

/// The four cards; of a region too.
pub fn key_figures(then: &Then) -> AnyView {
    let (t, w) = (use_i18n().t, &words().past);
    let get = |metric| then.get(metric);
    let slots = get(Metric::SlotsUsed).zip(get(Metric::SlotsMax)).map(|(used, max)| {
        let text = |f: super::Figure| super::value(Unit::Count, Some(f.avg));
        view! { <p class="xs mut num">{(w.slots)(&text(used), &text(max))}</p> }
    });
    let conversations = view! {
        <p class="split num">
            {part("phone", t.kpi_phone, get(Metric::Phone))} {part("app-window", t.kpi_web, get(Metric::Web))}
        </p>
        {slots}
    };
    let outbound = view! {
        <p class="split num">
            {part("phone-outgoing", t.kpi_processing, get(Metric::Processing))}
            {part("clock", t.kpi_pending, get(Metric::Pending))}
        </p>
    };
    let kind = |title, [online, registered, accepting]: [Metric; 3]| {
        let big = ratio(then, online, registered);
        let more = view! {
            <p class="split num">{part("circle-check", t.kpi_accepting, get(accepting))}</p>
            {between(Unit::Count, get(online))}
        };
        card(title, big, more.into_any())
    };
    view! {
        <section class="grid k4" aria-label=t.key_figures>
            {card(
                t.kpi_conversations,
                shown(Unit::Count, then.sum(&[Metric::Phone, Metric::Web])),
                conversations.into_any(),
            )}
            {card(
                t.kpi_outbound,
                shown(Unit::Count, then.sum(&[Metric::Processing, Metric::Pending])),
                outbound.into_any(),
            )}
            {kind(t.kpi_backend, [Metric::BackendOnline, Metric::BackendRegistered, Metric::BackendAccepting])}
            {kind(t.kpi_proxy, [Metric::ProxyOnline, Metric::ProxyRegistered, Metric::ProxyAccepting])}
        </section>
    }
    .into_any()
}

/// How many of how many.
fn ratio(then: &Then, part: Metric, whole: Metric) -> AnyView {
    let (part, whole) = (then.get(part), then.get(whole));
    if part.is_none() && whole.is_none() {
        return view! { <NoData /> }.into_any();
    }
    view! {
        <bdi>
            {shown(Unit::Count, part)} <span class="of">" / " {shown(Unit::Count, whole)}</span>
        </bdi>
    }
    .into_any()
}

/// The regions of today that were there then.
#[component]
fn RegionsThen(at: Timestamp) -> impl IntoView {
    let (t, w, api) = (use_i18n().t, &words().past, use_api());
    let load = Load::<Vec<Region>>::default();
    let ask = Callback::new(move |()| {
        load.ask(async move {
            let mut all = api.regions().await?;
            all.retain(|region| region.created_at <= at);
            Ok(all)
        });
    });
    ask.run(());
    let body = move || match (load.read(Clone::clone), load.error()) {
        (Some(all), _) if all.is_empty() => {
            view! { <Empty icon="globe" title=w.no_regions small=true /> }.into_any()
        }
        (Some(all), _) => {
            let cards = all.into_iter().map(|region| view! { <RegionThen region=region at=at /> });
            view! { <div class="grid k3">{cards.collect_view()}</div> }.into_any()
        }
        (None, Some(error)) => failure(&error, ask),
        (None, None) => view! { <Skeleton shape="sk-card" count=4 /> }.into_any(),
    };
    view! {
        <section class="stack" aria-labelledby="past-regions">
            <div class="hd">
                <h2 id="past-regions">{t.nav_regions}</h2>
                <p class="sub">{w.regions_note}</p>
            </div>
            {dynamic(body)}
        </section>
    }
}

#[component]
fn RegionThen(region: Region, at: Timestamp) -> impl IntoView {
    let (load, again) = use_then(Whose::Region(region.id.clone()), at);
    let w = &words().region_card;
    let href = routes::at(&routes::region(&region.id), at);
    let place = match &region.display_name {
        Some(name) => format!("{name} · {}", country_name(&region.country_code)),
        None => country_name(&region.country_code),
    };
    let body = move || match (load.read(Clone::clone), load.error()) {
        (Some(then), _) => {
            let row = |name, value: AnyView| {
                view! {
                    <div>
                        <dt>{name}</dt>
                        <dd>{value}</dd>
                    </div>
                }
            };
            view! {
                <dl>
                    {row(w.backend, ratio(&then, Metric::BackendOnline, Metric::BackendRegistered))}
                    {row(w.proxy, ratio(&then, Metric::ProxyOnline, Metric::ProxyRegistered))}
                    {row(w.conversations, shown(Unit::Count, then.sum(&[Metric::Phone, Metric::Web])))}
                    {row(w.pending, shown(Unit::Count, then.get(Metric::Pending)))}
                </dl>
            }
            .into_any()
        }
        (None, Some(error)) => failure(&error, again),
        (None, None) => view! { <Skeleton shape="sk-line" count=2 /> }.into_any(),
    };
    view! {
        <article class="card rc">
            <div class="hd">
                <Flag code=region.country_code.clone() />
                <h3>
                    <a href=href>
                        <bdi class="id" translate="no">
                            {region.id.to_string()}
                        </bdi>
                    </a>
                </h3>
                <span class="sp"></span>
                {dynamic(move || load.read(reported))}
            </div>
            <p class="sm mut">{place}</p>
            {dynamic(body)}
        </article>
    }
}

/// How a region reported; its status word is not kept.
pub fn reported(then: &Then) -> AnyView {
    let avg = |metric| then.get(metric).map(|f| f.avg);
    let kinds = [
        (avg(Metric::BackendOnline), avg(Metric::BackendRegistered)),
        (avg(Metric::ProxyOnline), avg(Metric::ProxyRegistered)),
    ];
    let was = was(&kinds);
    let icon = match was {
        Was::Whole => "circle-check",
        Was::Partly => "triangle-alert",
        Was::None => "octagon-x",
        Was::Empty => "circle-dashed",
        Was::Unknown => "minus",
    };
    let (family, text) = look(was);
    view! {
        <span class=format!("st {family}")>
            <Icon name=icon />
            <span>{text}</span>
        </span>
    }
    .into_any()
}
