//! Who changed what, with every filter in the address.

use js_sys::Date;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::activity_chain::ChainCard;
use super::activity_filter::Filter;
use super::activity_list::ActivityList;
use super::query::{use_choice, use_text_filter};
use crate::components::{Breadcrumb, Crumb, Icon, words};
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::live::use_live;

/// A point in time as the browser's own field shows it: in the zone of the reader, to the minute.
fn local(iso: &str) -> String {
    let date = Date::new(&iso.into());
    let shifted = date.get_time() - date.get_timezone_offset() * 60_000.0;
    if !shifted.is_finite() {
        return String::new();
    }
    let text = Date::new(&shifted.into()).to_iso_string().as_string().unwrap_or_default();
    text.chars().take(16).collect()
}

/// What such a field says, as RFC 3339; empty where it says nothing.
fn instant(local: &str) -> String {
    let date = Date::new(&local.into());
    if local.is_empty() || !date.get_time().is_finite() {
        return String::new();
    }
    date.to_iso_string().as_string().unwrap_or_default()
}

/// A filter that is chosen from a fixed list.
#[component]
pub fn Choice(
    /// Id of the control.
    id: &'static str,
    /// Its label.
    label: &'static str,
    /// Words of no filter.
    any: &'static str,
    /// Values with their words.
    options: Vec<(&'static str, &'static str)>,
    /// What is chosen; empty for no filter.
    value: Signal<String>,
    /// Something was chosen.
    on_choice: Callback<String>,
) -> impl IntoView {
    let options = options.into_iter().map(|(key, text)| (key.to_owned(), text.to_owned()));
    let options: Signal<Vec<(String, String)>> = Signal::stored(options.collect());
    view! { <Select id=id label=label any=any options=options value=value on_choice=on_choice /> }
}

/// The same from one that changes.
#[component]
fn Select(
    /// Id of the control.
    id: &'static str,
    /// Its label.
    label: &'static str,
    /// Words of no filter.
    any: &'static str,
    /// Values with their words; one that is chosen and not among them stands as it is.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// What is chosen; empty for no filter.
    value: Signal<String>,
    /// Something was chosen.
    on_choice: Callback<String>,
) -> impl IntoView {
    view! {
        <div class="field choice-filter">
            <label for=id>{label}</label>
            <select
                class="inp"
                id=id
                prop:value=value
                on:change=move |event| on_choice.run(event_target_value(&event))
            >
                {dynamic(move || {
                    let (now, mut all) = (value.get_untracked(), options.get());
                    if !now.is_empty() && all.iter().all(|(key, _)| *key != now) {
                        all.push((now.clone(), now.clone()));
                    }
                    all.insert(0, (String::new(), any.to_owned()));
                    all.into_iter()
                        .map(|(key, text)| {
                            let selected = key == now;
                            // A region's id is its own word in every language.
                            let id = (key == text && !key.is_empty()).then_some("no");
                            view! {
                                <option value=key selected=selected translate=id>
                                    {text}
                                </option>
                            }
                        })
                        .collect_view()
                })}
            </select>
        </div>
    }
}

#[component]
fn Typed(id: &'static str, label: &'static str, value: RwSignal<String>) -> impl IntoView {
    view! {
        <div class="field text-filter">
            <label for=id>{label}</label>
            <input
                class="inp"
                id=id
                type="search"
                autocomplete="off"
                spellcheck="false"
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
        </div>
    }
}

#[component]
fn Moment(
    id: &'static str,
    label: &'static str,
    value: Signal<String>,
    on_choice: Callback<String>,
) -> impl IntoView {
    view! {
        <div class="field choice-filter">
            <label for=id>{label}</label>
            <input
                class="inp"
                id=id
                type="datetime-local"
                prop:value=attr(move || value.with(|v| local(v)))
                on:change=move |event| on_choice.run(instant(&event_target_value(&event)))
            />
        </div>
    }
}

/// `/activity`
#[component]
pub fn ActivityPage() -> impl IntoView {
    let w = &words().activity;
    use_title(move || w.title.to_owned());
    let (actor, q) = (use_text_filter("actor"), use_text_filter("q"));
    let (kind, set_kind) = use_choice("actorKind");
    let (action, set_action) = use_choice("action");
    let (outcome, set_outcome) = use_choice("outcome");
    let (since, set_since) = use_choice("since");
    let (until, set_until) = use_choice("until");
    let (target_kind, set_target_kind) = use_choice("targetKind");
    let (region, set_region) = use_choice("region");
    // Set by links from other pages.
    let (target_id, set_target_id) = use_choice("targetId");
    let live = use_live();
    let regions = memo(move || {
        let ids = live.region_ids().unwrap_or_default();
        ids.into_iter().map(|id| (id.to_string(), id.to_string())).collect::<Vec<_>>()
    });
    let filter = memo(move || Filter {
        actor: actor.get(),
        actor_kind: kind.get(),
        action: action.get(),
        target_kind: target_kind.get(),
        target_id: target_id.get(),
        region: region.get(),
        outcome: outcome.get(),
        since: since.get(),
        until: until.get(),
        q: q.get(),
    });
    let any = memo(move || filter.with(|f| !f.query().is_empty()));
    let one = memo(move || Some(target_id.get()).filter(|id| !id.is_empty()).map(|id| (w.target)(&id)));
    let navigate = use_navigate();
    let clear = move |_| {
        actor.set(String::new());
        q.set(String::new());
        navigate(routes::ACTIVITY, NavigateOptions::default());
    };
    let clear = StoredValue::new_local(clear);
    let outcomes = vec![
        ("allowed", (w.outcome_of)(common::activity::Outcome::Allowed)),
        ("denied,refused", w.not_done),
        ("denied", (w.outcome_of)(common::activity::Outcome::Denied)),
        ("refused", (w.outcome_of)(common::activity::Outcome::Refused)),
    ];
    view! {
        <Breadcrumb crumbs=derived(move || vec![Crumb::here(w.title)]) />
        <div class="hd">
            <h1 tabindex="-1">{w.title}</h1>
            <p class="sub">{w.sub}</p>
        </div>
        <ChainCard />
        <div class="toolbar filters" role="search">
            <Typed id="activity-q" label=w.search value=q />
            <Typed id="activity-actor" label=w.actor value=actor />
            <Choice
                id="activity-kind"
                label=w.who
                any=w.anyone
                options=vec![("user", w.operators), ("token", w.scripts), ("system", w.system)]
                value=kind
                on_choice=set_kind
            />
            <Choice
                id="activity-action"
                label=w.action
                any=w.any_action
                options=w.actions.to_vec()
                value=action
                on_choice=set_action
            />
            <Choice
                id="activity-target"
                label=w.target_kind
                any=w.any_target
                options=w.targets.to_vec()
                value=target_kind
                on_choice=set_target_kind
            />
            <Select
                id="activity-region"
                label=w.region
                any=w.any_region
                options=regions
                value=region
                on_choice=set_region
            />
            <Choice
                id="activity-outcome"
                label=w.outcome
                any=w.any_outcome
                options=outcomes
                value=outcome
                on_choice=set_outcome
            />
            <Moment id="activity-since" label=w.since value=since on_choice=set_since />
            <Moment id="activity-until" label=w.until value=until on_choice=set_until />
            {dynamic(move || {
                one.get()
                    .map(|text| {
                        view! {
                            <button
                                type="button"
                                class="chip"
                                aria-label=(w.remove)(&text)
                                on:click=move |_| set_target_id.run(String::new())
                            >
                                <bdi>{text.clone()}</bdi>
                                <Icon name="x" />
                            </button>
                        }
                    })
            })}
            {dynamic(move || {
                any.get()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn"
                                on:click=move |event| clear.with_value(|clear| clear(event))
                            >
                                {w.clear}
                            </button>
                        }
                    })
            })}
        </div>
        <ActivityList filter=filter />
    }
}
