//! Why the nodes of a kind in a region do not report: the page, and the panel beside the dashboard.

use common::ids::RegionId;
use common::node::NodeKind;
use common::overview::Rejection;
use common::stream::Topic;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::group_view::{GroupVerdict, Matrix, title};
use super::survey::{Look, Target, use_look};
use super::view::{ServerCard, Tools};
use crate::api::{ApiError, use_api};
use crate::components::{Breadcrumb, Crumb, ErrorPanel, Note, Skeleton, words};
use crate::i18n::problems::rejection;
use crate::i18n::use_i18n;
use crate::pages::dashboard::causes::ranked;
use crate::pages::dashboard::problems::Sentence;
use crate::pages::dashboard::zero::{Panel, PanelSubject, registered};
use crate::pages::load::failure;
use crate::pages::query::use_choice;
use crate::pages::region_tabs::{Missing, use_region_id};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::shell::title::use_title;
use crate::state::connection::{use_connection, use_topic};
use crate::state::live::{TopicState, use_live};

/// `/regions/:region/diagnose?kind=proxy`, or what a panel asks for that is open over another page.
#[component]
pub fn RegionDiagnosePage() -> impl IntoView {
    match use_context::<PanelSubject>().map(|PanelSubject(panel)| panel) {
        Some(Panel::Zero(region, kind)) => view! { <Zero region=region kind=kind /> }.into_any(),
        Some(Panel::Refusals) => view! { <Refusals /> }.into_any(),
        None => view! { <GroupPage /> }.into_any(),
    }
}

fn look_at(
    region: impl Fn() -> RegionId + Copy + Send + Sync + 'static,
    kind: impl Fn() -> NodeKind + Copy + Send + Sync + 'static,
) -> Look {
    let live = use_live();
    use_look(
        move || Some(Target::Group(region(), kind())),
        // Somebody came or went: worth a look now.
        move || {
            let (region, kind) = (region(), kind());
            let counts = live.summary(&region, |r| {
                let c = &r.capacity;
                if kind == NodeKind::Proxy { c.proxy } else { c.backend }
            });
            format!("{counts:?}")
        },
    )
}

/// What stands below the heading, as far as it is known.
fn filled(look: Look, here: impl Fn() -> AnyView + Send + 'static) -> impl IntoView {
    let known = memo(move || look.survey.read(|_| ()).is_some());
    dynamic(move || match (known.get(), look.survey.error()) {
        (true, _) => here(),
        (false, Some(error)) => failure(&error, look.again),
        (false, None) => view! {
            <div aria-busy="true">
                <Skeleton shape="sk-card" count=2 />
            </div>
        }
        .into_any(),
    })
}

#[component]
fn GroupPage() -> impl IntoView {
    let w = &words().diagnose;
    let id = use_region_id();
    let (key, _) = use_choice("kind");
    let kind = memo(move || NodeKind::parse(&key.get()).unwrap_or(NodeKind::Proxy));
    use_topic(move || Some(Topic::Region(id.get())));
    let live = use_live();
    let counts = memo(move || {
        live.summary(&id.get(), |r| {
            let k = if kind.get() == NodeKind::Proxy { r.capacity.proxy } else { r.capacity.backend };
            (k.online, k.registered)
        })
    });
    let heading = derived(move || {
        let (active, total) = counts.get().unwrap_or_default();
        title(active, total, kind.get(), &id.get())
    });
    use_title(move || heading.get());
    let crumbs = derived(move || {
        let id = id.get();
        vec![
            Crumb::link(routes::REGIONS, words().regions.title),
            Crumb::link(routes::region(&id), id.to_string()).technical(),
            Crumb::here(w.crumb),
        ]
    });
    let gone = memo(move || live.topic(&Topic::Region(id.get())) == TopicState::Gone);
    let look = look_at(move || id.get(), move || kind.get());
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            if gone.get() {
                return view! { <Missing id=id.get() /> }.into_any();
            }
            view! {
                <div class="hd">
                    <h1 tabindex="-1">{dynamic(move || heading.get())}</h1>
                    <AsOf />
                    <span class="sp"></span>
                    <a href=routes::HelpPlace::WhyZero.path()>{w.help}</a>
                </div>
                <Tools look=look head=heading />
                {filled(look, move || {
                    view! {
                        <GroupVerdict look=look />
                        <Matrix look=look />
                        {dynamic(move || view! { <ServerCard kind=kind.get() look=look /> })}
                    }
                        .into_any()
                })}
            }
                .into_any()
        })}
    }
}

/// The panel: the seed's sentence first, then the verdict of now, the usual causes, and the way to the whole page.
#[component]
fn Zero(region: RegionId, kind: NodeKind) -> impl IntoView {
    let t = use_i18n().t;
    let w = &words().diagnose;
    let live = use_live();
    let key = StoredValue::new(region.clone());
    let n = memo(move || key.with_value(|region| registered(live, region, kind)));
    let look = look_at(move || key.get_value(), move || kind);
    let loopback = memo(move || look.survey.read(|s| s.meta.loopback_only).unwrap_or(false));
    let causes = move || {
        let facts = look.survey.read(|s| {
            let heard = s.facts.iter().any(|f| f.last.is_some());
            let refused: Vec<Rejection> = s.facts.iter().flat_map(|f| f.refusals.clone()).collect();
            ranked(&refused, heard)
        });
        let (causes, likely) = facts?;
        let rows = causes.into_iter().enumerate().map(|(i, cause)| {
            view! {
                <li>
                    <div class="gr">
                        <p>
                            <b>{(t.cause_title)(cause)}</b>
                            " "
                            {(i == 0 && likely).then(|| view! { <span class="st plain">{t.zero_likely}</span> })}
                        </p>
                        <p class="sm mut">{(t.cause_text)(cause)}</p>
                    </div>
                </li>
            }
        });
        Some(rows.collect_view())
    };
    view! {
        <p>{dynamic(move || (t.zero_lead)(kind, n.get()))}</p>
        {dynamic(move || loopback.get().then(|| view! { <Note tone="warn" icon="triangle-alert">{t.zero_loopback}</Note> }))}
        {filled(look, move || {
            view! {
                <GroupVerdict look=look />
                <Refused look=look />
            }
                .into_any()
        })}
        <section class="stack tight">
            <h3>{t.zero_causes}</h3>
            <ol class="list">{dynamic(causes)}</ol>
        </section>
        <p class="toolbar">
            <a class="btn pri" href=routes::region_diagnose(&region, kind)>
                {w.full}
            </a>
            <a class="btn" href=routes::nodes_of(&region, kind)>
                {(t.zero_nodes)(kind)}
            </a>
            <a href=routes::HelpPlace::WhyZero.path()>{w.help}</a>
        </p>
    }
}

/// What of these nodes was refused, with fingerprints.
#[component]
fn Refused(look: Look) -> impl IntoView {
    let i18n = use_i18n();
    let w = &words().diagnose;
    let lines = memo(move || {
        let of = |s: &super::survey::Survey| {
            let all =
                s.facts.iter().flat_map(|f| super::view::told(i18n, f.now, |tongue| tongue.refused_lines(f)));
            all.take(5).collect::<Vec<_>>()
        };
        look.survey.read(of).unwrap_or_default()
    });
    let any = memo(move || lines.with(|l| !l.is_empty()));
    dynamic(move || {
        any.get().then(|| {
            view! {
                <section class="stack tight">
                    <h3>{w.evidence}</h3>
                    <ul class="list sm">
                        {dynamic(move || {
                            lines
                                .get()
                                .into_iter()
                                .map(|text| {
                                    view! {
                                        <li class="num">
                                            <span class="gr">
                                                <Sentence text=Signal::stored(text) />
                                            </span>
                                        </li>
                                    }
                                })
                                .collect_view()
                        })}
                    </ul>
                </section>
            }
        })
    })
}

/// Heartbeats that belong to nobody.
#[component]
fn Refusals() -> impl IntoView {
    let (t, api, connection) = (use_i18n().t, use_api(), use_connection());
    let reply = RwSignal::new(None::<Result<Vec<Rejection>, ApiError>>);
    let ask = move || {
        reply.set(None);
        spawn_local(async move {
            let answer = api.rejections().await.map(|page| page.items);
            let _ = reply.try_set(Some(answer));
        });
    };
    ask();
    let line = move |r: Rejection| {
        let text = derived(move || rejection(t, &r, connection.server_now()));
        view! {
            <li class="num">
                <span class="gr">
                    <Sentence text=text />
                </span>
            </li>
        }
    };
    view! {
        <p>{t.refusals_lead}</p>
        {dynamic(move || match reply.get() {
            None => view! { <Skeleton shape="sk-line" count=4 /> }.into_any(),
            Some(Ok(all)) if all.is_empty() => view! { <p>{t.refusals_none}</p> }.into_any(),
            Some(Ok(all)) => view! { <ul class="list sm">{all.into_iter().map(line).collect_view()}</ul> }.into_any(),
            Some(Err(e)) => {
                view! {
                    <ErrorPanel title=e.title(t) detail=e.detail(t) small=true on_retry=Callback::new(move |()| ask()) />
                }
                    .into_any()
            }
        })}
    }
}
