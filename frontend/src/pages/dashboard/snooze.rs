//! Putting a problem aside, what is aside, and what was over a moment ago.

use common::auth::Permission;
use common::overview::{OpenProblem, ProblemList, SnoozeRequest};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::problems::Sentence;
use crate::api::{ApiError, use_api};
use crate::components::menu::MenuItem;
use crate::components::{Icon, Modal, format, words};
use crate::i18n::problems::headline;
use crate::i18n::use_i18n;
use crate::pages::lifecycle::fields::{Foot, Sending};
use crate::pages::load::Load;
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::state::connection::use_connection;
use crate::state::gate::use_gate_in;
use crate::state::live::use_live;

/// The problem that somebody is about to put aside: its id and its sentence.
pub type Asking = RwSignal<Option<(String, String)>>;

/// Opens the dialog, from the menu of a problem.
#[component]
pub fn SnoozeItem(problem: Memo<Option<OpenProblem>>, asking: Asking) -> impl IntoView {
    let t = use_i18n().t;
    let place = memo(move || problem.with(|p| p.as_ref().and_then(|p| p.region_id.clone())));
    let gate = use_gate_in(Permission::Operate, place);
    let of = move || problem.with_untracked(|p| p.as_ref().map(|p| (p.id.clone(), headline(t, p))));
    view! {
        <MenuItem
            label=words().problems.snooze
            icon="bell"
            off=gate
            on_press=Callback::new(move |()| asking.set(of()))
        />
    }
}

/// For how long, and why.
#[component]
pub fn SnoozeDialog(asking: Asking) -> impl IntoView {
    let w = &words().problems;
    let (t, api) = (use_i18n().t, use_api());
    let (open, reason, choice) = (RwSignal::new(false), RwSignal::new(String::new()), RwSignal::new(1_usize));
    let (fault, sending) = (RwSignal::new(None::<String>), Sending::default());
    effect(move || {
        if asking.with(Option::is_some) {
            reason.set(String::new());
            fault.set(None);
            open.set(true);
        }
    });
    effect(move || {
        if !open.get() && asking.with_untracked(Option::is_some) {
            asking.set(None);
        }
    });
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some((id, _)) = asking.get_untracked() else { return };
        let why = reason.get_untracked().trim().to_owned();
        if why.is_empty() {
            fault.set(Some(w.snooze_need.to_owned()));
            return;
        }
        if !sending.begin(Vec::new()) {
            return;
        }
        let minutes = w.snooze_times.get(choice.get_untracked()).and_then(|(minutes, _)| *minutes);
        spawn_local(async move {
            let reply = api.snooze(&id, &SnoozeRequest { until: None, minutes, reason: why }).await;
            sending.busy.try_set(false);
            match reply {
                Ok(_) => {
                    open.try_set(false);
                }
                Err(error) => {
                    fault.try_set(Some(format!("{}: {}", w.snooze_failed, error.detail(t))));
                }
            }
        });
    };
    let what = derived(move || asking.with(|a| a.as_ref().map(|(_, text)| text.clone()).unwrap_or_default()));
    view! {
        <Modal heading_id="snooze-title" title=w.snooze_title.to_owned() open=open>
            <form on:submit=send novalidate>
                <div class="dlg-body">
                    <p>
                        <b>
                            <Sentence text=what />
                        </b>
                    </p>
                    <p>{w.snooze_text}</p>
                    <div class="field">
                        <label for="snooze-for">{w.snooze_for}</label>
                        <select
                            class="inp"
                            id="snooze-for"
                            on:change=move |event| choice.set(event_target_value(&event).parse().unwrap_or(1))
                        >
                            {w
                                .snooze_times
                                .iter()
                                .enumerate()
                                .map(|(i, (_, text))| {
                                    view! {
                                        <option value=i.to_string() selected=choice.get_untracked() == i>
                                            {*text}
                                        </option>
                                    }
                                })
                                .collect_view()}
                        </select>
                    </div>
                    <div class="field">
                        <label for="snooze-why">
                            {w.snooze_reason} <span class="req" aria-hidden="true">
                                " *"
                            </span>
                        </label>
                        <input
                            class="inp"
                            id="snooze-why"
                            type="text"
                            maxlength="500"
                            autocomplete="off"
                            aria-required="true"
                            aria-invalid=attr(move || fault.with(Option::is_some).then_some("true"))
                            aria-describedby="snooze-err"
                            prop:value=reason
                            on:input=move |event| reason.set(event_target_value(&event))
                        />
                        <p class="err" id="snooze-err" role="alert">
                            {dynamic(move || fault.get())}
                        </p>
                    </div>
                </div>
                <Foot
                    label=w.snooze.to_owned()
                    off=Signal::stored(None::<String>)
                    sending=sending
                    close=Callback::new(move |()| open.set(false))
                />
            </form>
        </Modal>
    }
}

/// What was over less than a minute ago.
#[component]
pub fn Cleared() -> impl IntoView {
    let w = &words().problems;
    let (t, live, connection) = (use_i18n().t, use_live(), use_connection());
    let all = memo(move || {
        let of = |p: &OpenProblem| (headline(t, p), p.cleared_at);
        live.attention(|a| a.cleared.iter().map(of).collect::<Vec<_>>()).unwrap_or_default()
    });
    dynamic(move || {
        let all = all.get();
        (!all.is_empty()).then(|| {
            let rows = all.into_iter().map(|(text, at)| {
                let ago = move || {
                    let now = connection.server_now()?;
                    Some((w.cleared_ago)(&format::duration(now.since(at?))))
                };
                view! {
                    <li class="mut">
                        <span class="st ok">
                            <Icon name="circle-check" />
                            {w.cleared}
                        </span>
                        <div class="gr">
                            <s>
                                <Sentence text=Signal::stored(text) />
                            </s>
                        </div>
                        <span class="sm num">{dynamic(ago)}</span>
                    </li>
                }
            });
            view! { <ul class="list">{rows.collect_view()}</ul> }
        })
    })
}

/// What is aside, with the way to take it up again.
#[component]
pub fn Snoozed() -> impl IntoView {
    let w = &words().problems;
    let (i18n, live, api) = (use_i18n(), use_live(), use_api());
    let count = memo(move || live.attention(|a| a.counts.snoozed).unwrap_or(0));
    let open = RwSignal::new(false);
    let load = Load::<ProblemList>::default();
    let failed = RwSignal::new(None::<ApiError>);
    effect(move || {
        count.track();
        if open.get() {
            load.ask(async move { api.problems().await });
        }
    });
    let end = move |id: String| {
        spawn_local(async move {
            match api.unsnooze(&id).await {
                Ok(()) => load.ask(async move { api.problems().await }),
                Err(error) => {
                    failed.try_set(Some(error));
                }
            }
        });
    };
    let rows = move || {
        let all =
            load.read(|l| l.items.iter().filter(|p| p.snoozed.is_some()).cloned().collect::<Vec<_>>())?;
        if all.is_empty() {
            return Some(view! { <p class="mut">{w.none_snoozed}</p> }.into_any());
        }
        let rows = all.into_iter().map(|p| {
            let line =
                p.snoozed.as_ref().map(|s| (w.snoozed_line)(&s.by, &i18n.fmt.date_time(s.until), &s.reason));
            let (text, id) = (headline(i18n.t, &p), p.id.clone());
            let gate = use_gate_in(Permission::Operate, Signal::stored(p.region_id.clone()));
            view! {
                <li>
                    <div class="gr">
                        <p>
                            <Sentence text=Signal::stored(text) />
                        </p>
                        <p class="sm mut">{line}</p>
                    </div>
                    <button
                        type="button"
                        class="btn"
                        title=attr(move || gate.get())
                        aria-disabled=attr(move || gate.with(Option::is_some).then_some("true"))
                        on:click=move |_| {
                            if gate.with_untracked(Option::is_none) {
                                end(id.clone());
                            }
                        }
                    >
                        {w.unsnooze}
                    </button>
                </li>
            }
        });
        Some(view! { <ul class="list">{rows.collect_view()}</ul> }.into_any())
    };
    let any = memo(move || count.get() > 0);
    dynamic(move || {
        any.get().then(|| {
            view! {
                <details class="more" on:toggle=move |_| open.set(true)>
                    <summary>{dynamic(move || (w.snoozed)(count.get()))}</summary>
                    {dynamic(move || {
                        failed.get().map(|e| view! { <p class="bad-text" role="alert">{e.detail(i18n.t)}</p> })
                    })}
                    {dynamic(rows)}
                </details>
            }
        })
    })
}
