//! The panel that explains 0/N: what is known, the usual causes in the order of the evidence; and refused heartbeats.

use common::ids::RegionId;
use common::node::NodeKind;
use common::overview::{OpenProblemCode, Rejection};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::causes::ranked;
use super::problems::{Sentence, ago};
use super::{Opener, Panel};
use crate::api::{ApiError, use_api};
use crate::components::{ErrorPanel, Note, Skeleton};
use crate::i18n::problems::rejection;
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, effect, memo};
use crate::routes;
use crate::shell::sheet::Sheet;
use crate::state::connection::use_connection;
use crate::state::live::use_live;

/// The panel, closed until somebody asks.
#[component]
pub fn HelpPanel(panel: Opener) -> impl IntoView {
    let (t, live) = (use_i18n().t, use_live());
    let open = RwSignal::new(false);
    // Each sets the other only where they differ, or they would wake one another for ever.
    effect(move || {
        let asked = panel.with(Option::is_some);
        if asked != open.get_untracked() {
            open.set(asked);
        }
    });
    effect(move || {
        if !open.get() && panel.with_untracked(Option::is_some) {
            panel.set(None);
        }
    });
    let title = derived(move || match panel.get() {
        Some(Panel::Zero(region, kind)) => (t.zero_title)(registered(live, &region, kind)),
        _ => t.refusals_title.to_owned(),
    });
    let inside = move || match panel.get() {
        Some(Panel::Zero(region, kind)) => view! { <Zero region=region kind=kind /> }.into_any(),
        Some(Panel::Refusals) => view! { <Refusals /> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <Sheet heading_id="help-panel-title" title=title open=open edge="end">
            <div class="dlg-body">{dynamic(inside)}</div>
        </Sheet>
    }
}

fn registered(live: crate::state::live::LiveStore, region: &RegionId, kind: NodeKind) -> u32 {
    let read = |r: &common::overview::RegionSummary| {
        if kind == NodeKind::Proxy { r.capacity.proxy.registered } else { r.capacity.backend.registered }
    };
    live.summary(region, read).unwrap_or(0)
}

#[component]
fn Zero(region: RegionId, kind: NodeKind) -> impl IntoView {
    let (t, live, connection, api) = (use_i18n().t, use_live(), use_connection(), use_api());
    let key = StoredValue::new(region.clone());
    let n = memo(move || key.with_value(|region| registered(live, region, kind)));
    let evidence = memo(move || {
        live.problems(|all| {
            let mine = |p: &&common::overview::OpenProblem| {
                let down = p.code == OpenProblemCode::NoneOnline && p.kind == Some(kind);
                // Where a region fell silent as a whole, its incident stands for this.
                let incident =
                    p.code == OpenProblemCode::RegionSilent && p.evidence.kinds_down.contains(&kind);
                (down || incident) && key.with_value(|region| p.region_id.as_ref() == Some(region))
            };
            all.iter().find(mine).map(|p| (p.last_heartbeat_at, p.rejections.clone()))
        })
        .flatten()
        .unwrap_or_default()
    });
    let last = move || {
        let (at, _) = evidence.get();
        ago(at, connection.server_now()).map_or_else(|| t.zero_never.to_owned(), |ago| (t.zero_last)(&ago))
    };
    let refusals = memo(move || evidence.with(|(_, all)| all.clone()));
    let causes = memo(move || evidence.with(|(at, all)| ranked(all, at.is_some())));
    // Only the server knows whether anything but this machine can reach it.
    let loopback = RwSignal::new(false);
    spawn_local(async move {
        if let Ok(meta) = api.meta().await {
            let _ = loopback.try_set(meta.loopback_only);
        }
    });
    let refused = move || {
        let all = refusals.get();
        if all.is_empty() {
            return view! { <p>{t.zero_no_refusals}</p> }.into_any();
        }
        let count = all.iter().fold(0_u64, |sum, r| sum.saturating_add(r.count));
        view! {
            <p>{(t.zero_refusals)(count)}</p>
            <RefusalList refusals=all />
        }
        .into_any()
    };
    let causes = move || {
        let (causes, likely) = causes.get();
        causes
            .into_iter()
            .enumerate()
            .map(|(i, cause)| {
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
            })
            .collect_view()
    };
    view! {
        <p>{dynamic(move || (t.zero_lead)(kind, n.get()))}</p>
        {dynamic(move || loopback.get().then(|| view! { <Note tone="warn" icon="triangle-alert">{t.zero_loopback}</Note> }))}
        <section class="stack tight">
            <h3>{t.zero_evidence}</h3>
            <p class="num">{dynamic(last)}</p>
            {dynamic(refused)}
        </section>
        <section class="stack tight">
            <h3>{t.zero_causes}</h3>
            <ol class="list">{dynamic(causes)}</ol>
        </section>
        <p>
            <a class="btn" href=routes::nodes_of(&region, kind)>
                {(t.zero_nodes)(kind)}
            </a>
        </p>
    }
}

#[component]
fn RefusalList(refusals: Vec<Rejection>) -> impl IntoView {
    let (t, connection) = (use_i18n().t, use_connection());
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
    view! { <ul class="list sm">{refusals.into_iter().map(line).collect_view()}</ul> }
}

#[component]
fn Refusals() -> impl IntoView {
    let (t, api) = (use_i18n().t, use_api());
    let reply = RwSignal::new(None::<Result<Vec<Rejection>, ApiError>>);
    let ask = move || {
        reply.set(None);
        spawn_local(async move {
            let answer = api.rejections().await.map(|page| page.items);
            let _ = reply.try_set(Some(answer));
        });
    };
    ask();
    view! {
        <p>{t.refusals_lead}</p>
        {dynamic(move || match reply.get() {
            None => view! { <Skeleton shape="sk-line" count=4 /> }.into_any(),
            Some(Ok(all)) if all.is_empty() => view! { <p>{t.refusals_none}</p> }.into_any(),
            Some(Ok(all)) => view! { <RefusalList refusals=all /> }.into_any(),
            Some(Err(e)) => {
                view! {
                    <ErrorPanel title=e.title(t) detail=e.detail(t) small=true on_retry=Callback::new(move |()| ask()) />
                }
                    .into_any()
            }
        })}
    }
}
