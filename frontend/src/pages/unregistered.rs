//! Servers that send heartbeats and are not registered: what they claim, and what to do about them.

use std::collections::BTreeSet;
use std::time::Duration;

use common::auth::Permission;
use common::status::StatusWord;
use common::unregistered::{UnregisteredNode, UnregisteredPage as List, UnregisteredReason};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::load::every;
use super::query::use_choice;
use crate::api::{ApiError, use_api};
use crate::components::{
    Breadcrumb, Crumb, Empty, ErrorPanel, GatedLink, Icon, Note, Reason, Skeleton, StatusBadge, words,
};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::announce::use_announcer;
use crate::state::gate::{out_of_scope, use_gate};
use crate::state::session::use_session;

const REASON: &str = "unregistered-reason";
/// How often the list is read while the page is open.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// `/nodes/unregistered`
#[component]
pub fn UnregisteredPage() -> impl IntoView {
    let w = &words().unregistered;
    use_title(move || w.title.to_owned());
    let (api, i18n, announcer) = (use_api(), use_i18n(), use_announcer());
    let gate = use_gate(Permission::Operate);
    let (list, failed) = (RwSignal::new(None::<List>), RwSignal::new(None::<ApiError>));
    let (show, choose) = use_choice("show");
    let all = memo(move || show.get() == "ignored");
    // What was hidden during this visit stays where it is, so that it can be undone.
    let just_hidden = RwSignal::new(BTreeSet::<String>::new());
    let load = move || {
        spawn_local(async move {
            match api.unregistered().await {
                Ok(page) => {
                    failed.try_set(None);
                    list.try_set(Some(page));
                }
                Err(e) => {
                    failed.try_set(Some(e));
                }
            }
        });
    };
    load();
    every(LOOK_EVERY, load);
    let hide = Callback::new(move |(id, yes): (String, bool)| {
        if gate.with_untracked(Option::is_some) {
            return;
        }
        if yes {
            just_hidden.update(|all| {
                all.insert(id.clone());
            });
        }
        spawn_local(async move {
            match api.ignore_unregistered(&id, yes).await {
                Ok(()) => announcer.say(if yes { w.ignored_said } else { w.shown_said }),
                Err(e) => announcer.alert(e.detail(i18n.t)),
            }
            load();
        });
    });
    let shown = memo(move || {
        list.with(|l| {
            let wanted = |n: &&UnregisteredNode| {
                n.ignored.is_none() || all.get() || just_hidden.with(|h| h.contains(&n.id))
            };
            l.as_ref().map(|l| l.items.iter().filter(wanted).map(|n| n.id.clone()).collect::<Vec<_>>())
        })
    });
    let counts = memo(move || list.with(|l| l.as_ref().map(|l| (l.total, l.ignored))));
    let truncated = memo(move || list.with(|l| l.as_ref().is_some_and(|l| l.next_cursor.is_some())));
    let error = memo(move || failed.get().filter(|_| list.with(Option::is_none)));
    let node = move |id: String| {
        memo(move || list.with(|l| l.as_ref().and_then(|l| l.items.iter().find(|n| n.id == id).cloned())))
    };
    let none = memo(move || shown.with(|s| s.as_ref().is_some_and(Vec::is_empty)));
    let known = memo(move || shown.with(Option::is_some));
    view! {
        <Breadcrumb crumbs=vec![Crumb::link(routes::NODES, words().nodes.title), Crumb::here(w.title)] />
        <div class="hd">
            <h1 tabindex="-1">{w.title}</h1>
            {dynamic(move || counts.get().map(|(total, _)| view! { <span class="st plain num">{total}</span> }))}
            <span class="sp"></span>
            {dynamic(move || {
                counts
                    .get()
                    .filter(|(_, ignored)| *ignored > 0)
                    .map(|(_, ignored)| {
                        view! {
                            <button
                                type="button"
                                class="chip"
                                aria-pressed=attr(move || if all.get() { "true" } else { "false" })
                                on:click=move |_| {
                                    let next = if all.get_untracked() { "" } else { "ignored" };
                                    choose.run(next.to_owned());
                                }
                            >
                                <Icon name="eye" />
                                {(w.show_ignored)(ignored)}
                            </button>
                        }
                    })
            })}
        </div>
        <p class="mut prose">{w.intro}</p>
        <Reason id=REASON off=gate />
        {dynamic(move || truncated.get().then(|| view! { <Note tone="info">{w.truncated}</Note> }))}
        {dynamic(move || {
            if let Some(e) = error.get() {
                return view! {
                    <ErrorPanel
                        title=w.not_loaded
                        detail=e.detail(i18n.t)
                        request_id=e.request_id()
                        on_retry=Callback::new(move |()| load())
                    />
                }
                    .into_any();
            }
            if !known.get() {
                return view! {
                    <div aria-busy="true">
                        <Skeleton shape="sk-card" count=2 />
                    </div>
                }
                    .into_any();
            }
            if none.get() {
                let hidden = counts.with(|c| c.is_some_and(|(_, ignored)| ignored > 0));
                let text = if hidden { w.all_ignored } else { w.empty_text };
                return view! { <Empty icon="ghost" title=w.empty_title text=text /> }.into_any();
            }
            view! {
                <ul class="stack">
                    <For each=move || shown.get().unwrap_or_default() key=|id| id.clone() let:id>
                        <Row node=node(id) gate=gate hide=hide />
                    </For>
                </ul>
            }
                .into_any()
        })}
    }
}

/// One group.
#[component]
fn Row(
    node: Memo<Option<UnregisteredNode>>,
    gate: Signal<Option<String>>,
    hide: Callback<(String, bool)>,
) -> impl IntoView {
    // Kept while the row leaves the list.
    let node = Memo::new(move |before: Option<&Option<UnregisteredNode>>| {
        node.get().or_else(|| before.cloned().flatten())
    });
    dynamic(move || node.get().map(|n| card(n, gate, hide)))
}

fn card(n: UnregisteredNode, gate: Signal<Option<String>>, hide: Callback<(String, bool)>) -> AnyView {
    let w = &words().unregistered;
    let (i18n, session) = (use_i18n(), use_session());
    // A server that names a region is that region's.
    let whose = n.prefill.region_id.clone();
    let outside = memo(move || out_of_scope(session, whose.as_ref()?));
    let gate = derived(move || gate.get().or_else(|| outside.get()));
    let claims: Vec<(&'static str, String)> = [
        (w.claims_kind, n.claimed_kind.clone()),
        (w.claims_id, n.claimed_node.clone()),
        (w.claims_region, n.claimed_region.clone()),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|v| (name, v)))
    .collect();
    let heading = format!("unregistered-{}", n.id);
    let labelled = heading.clone();
    let reason = match (&n.deleted, n.reason) {
        (Some(d), _) => (w.deleted)(&d.name, &i18n.fmt.date_time(d.at), &d.by),
        (None, UnregisteredReason::NodeDeleted) => w.was_deleted.to_owned(),
        (None, UnregisteredReason::UnknownSecret) => w.unknown_secret.to_owned(),
    };
    let said = match claims.is_empty() {
        true => view! { <p>{w.claims_nothing}</p> }.into_any(),
        false => view! {
            <p>{w.claims}</p>
            <dl class="kv">
                {claims
                    .into_iter()
                    .map(|(name, value)| {
                        view! {
                            <dt>{name}</dt>
                            <dd>
                                <bdi class="id wrap-any" translate="no">
                                    {value}
                                </bdi>
                            </dd>
                        }
                    })
                    .collect_view()}
            </dl>
        }
        .into_any(),
    };
    let secret = match &n.fingerprint {
        Some(fingerprint) => view! {
            {w.fingerprint}
            ": "
            <bdi class="id" translate="no">
                {fingerprint.clone()}
            </bdi>
        }
        .into_any(),
        None => w.no_secret.into_any(),
    };
    let tries = (w.tries)(n.count, &i18n.fmt.date_time(n.first_at), &i18n.fmt.date_time(n.last_at));
    let registered = n.registered_node.clone().map(|r| {
        view! {
            <Note tone="warn" icon="key-round">
                <p>
                    <bdi class="id" translate="no">
                        {r.name}
                    </bdi>
                    ": "
                    {w.is_registered}
                </p>
                {r.expected_fingerprint.map(|f| view! { <p class="sm">{(w.expected)(&f)}</p> })}
                <p>
                    <a href=routes::node_settings(r.id)>{w.open_node}</a>
                </p>
            </Note>
        }
    });
    let register = n.registered_node.is_none().then(|| match &n.prefill.region_id {
        Some(region) => {
            let href = routes::node_new_from(region, n.prefill.kind, n.prefill.endpoint.as_deref());
            view! { <GatedLink href=href off=gate reason=REASON primary=true label=w.register /> }.into_any()
        }
        None => view! {
            <a class="btn" href=routes::REGIONS>
                {w.choose_region}
            </a>
        }
        .into_any(),
    });
    let (id, hidden) = (n.id.clone(), n.ignored.clone());
    let was_hidden = hidden.is_some();
    view! {
        <li>
            <article class="card stack tight" aria-labelledby=labelled>
                <div class="hd">
                    <h2 id=heading>
                        {w.row}
                        " "
                        <bdi class="id" translate="no">
                            {n.source}
                        </bdi>
                    </h2>
                    <StatusBadge word=StatusWord::Unregistered />
                </div>
                {said}
                <p>{reason}</p>
                <p class="sm mut">{secret}</p>
                <p class="sm mut num">{tries}</p>
                {registered}
                {dynamic(move || outside.get().map(|text| view! { <p class="reason">{text}</p> }))}
                <div class="toolbar">
                    {register}
                    {hidden
                        .map(|i| {
                            view! {
                                <span class="sm mut">{(w.ignored_by)(&i.by, &i18n.fmt.date_time(i.at))}</span>
                            }
                        })}
                    <button
                        type="button"
                        class="btn"
                        aria-disabled=attr(move || gate.with(Option::is_some).then_some("true"))
                        aria-describedby=attr(move || gate.with(Option::is_some).then_some(REASON))
                        on:click=move |_| hide.run((id.clone(), !was_hidden))
                    >
                        {if was_hidden { w.undo } else { w.ignore }}
                    </button>
                </div>
            </article>
        </li>
    }
    .into_any()
}
