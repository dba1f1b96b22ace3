//! The dialog of a delete: what must hold is listed before the click and looked at again while it is open.

use std::time::Duration;

use common::intent::{Deletion, PreconditionCode};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;

use super::fields::{Foot, SendError, Sending, TypedName, typed_fault};
use super::intent::theirs;
use super::model::{Action, Cure, Subject, cure};
use crate::api::decode::FromJson as _;
use crate::api::{Object, use_api};
use crate::components::{Check, ErrorSummary, Icon, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, effect, memo};
use crate::routes;
use crate::state::announce::use_announcer;

/// So often it is looked at again.
const AGAIN: Duration = Duration::from_secs(3);

/// The form.
#[component]
pub fn DeleteForm(
    /// What it is about.
    subject: Subject,
    /// Closes the dialog.
    close: Callback<()>,
    /// Opens another one in its place.
    instead: Callback<Action>,
) -> impl IntoView {
    let w = &words().delete;
    let (api, i18n, announcer, navigate) = (use_api(), use_i18n(), use_announcer(), use_navigate());
    let deletion = RwSignal::new(None::<Deletion>);
    let lost = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let sending = Sending::default();
    let object = StoredValue::new(subject.object.clone());
    let read = move || {
        let (Some(object), Some(confirmed)) = (object.try_get_value(), lost.try_get_untracked()) else {
            return;
        };
        spawn_local(async move {
            if let Ok(now) = api.deletion(&object, confirmed).await
                && lost.try_get_untracked() == Some(confirmed)
                && deletion.try_with_untracked(|old| old.as_ref() != Some(&now)) == Some(true)
            {
                deletion.try_set(Some(now));
            }
        });
    };
    effect(move || {
        lost.track();
        read();
    });
    if let Ok(timer) = set_interval_with_handle(read, AGAIN) {
        on_cleanup(move || timer.clear());
    }
    let noun = subject.noun();
    let title = (w.title)(noun, &subject.name);
    let phrase = subject.phrase(Action::Delete, false);
    let (wanted, base) = (phrase.clone(), StoredValue::new(subject.version));
    let name = subject.name;
    let off = derived(move || {
        let allowed = deletion.with(|d| d.as_ref().is_some_and(|d| d.allowed));
        (!allowed).then(|| if deletion.with(Option::is_none) { w.loading } else { w.off }.to_owned())
    });
    // Offered where it would change something, and kept while it does.
    let offered = memo(move || {
        let left = deletion.with(|d| {
            d.as_ref().is_some_and(|d| {
                d.preconditions.iter().any(|p| p.code == PreconditionCode::NoSessions && !p.met)
            })
        });
        left || lost.get()
    });
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let faults: Vec<_> = typed_fault(wanted.as_deref(), &typed.get_untracked()).into_iter().collect();
        if untrack(|| off.with(Option::is_some)) || !sending.begin(faults) {
            return;
        }
        let (object, confirmed, name) = (object.get_value(), lost.get_untracked(), name.clone());
        let navigate = navigate.clone();
        spawn_local(async move {
            match api.delete(&object, base.get_value(), confirmed).await {
                Ok(()) => {
                    announcer.say((words().lifecycle.done_delete)(&name));
                    let list =
                        if matches!(object, Object::Node(_)) { routes::NODES } else { routes::REGIONS };
                    navigate(list, leptos_router::NavigateOptions::default());
                }
                Err(e) => {
                    let current =
                        e.problem().filter(|p| p.code == "delete_refused").and_then(|p| p.current.clone());
                    match current.and_then(|value| Deletion::from_json(value).ok()) {
                        Some(now) => {
                            deletion.try_set(Some(now));
                            sending.again(w.refused, e.detail(i18n.t));
                        }
                        // Another click is based on what is stored now, and the list is of now.
                        None if e.status() == Some(412) => {
                            let now = theirs(&e, &object).map(|(_, version)| version);
                            base.try_update_value(|base| *base = now.unwrap_or(*base));
                            read();
                            sending.again(words().conflict.title, words().lifecycle.changed.to_owned());
                        }
                        None => sending.failed(&e, i18n.t, &[]),
                    }
                }
            }
        });
    };
    let list = move || match deletion.get() {
        None => view! { <p class="mut">{w.loading}</p> }.into_any(),
        Some(now) => {
            let rows = now.preconditions.into_iter().map(|p| {
                let (family, icon, state) =
                    if p.met { ("ok", "check", w.met) } else { ("bad", "x", w.unmet) };
                let way = (!p.met).then(|| fix(p.code, &object.get_value(), close, instead));
                view! {
                    <li class="step" data-met=if p.met { "true" } else { "false" }>
                        <span class=format!("step-mark {family}")>
                            <Icon name=icon />
                        </span>
                        <div>
                            <span class="vh">{state} ": "</span>
                            <b>{(w.precondition)(p.code)}</b>
                            <div class="sm mut">{(words().refusals.fact)(&p)}</div>
                            {way}
                        </div>
                    </li>
                }
            });
            view! { <ul class="steps">{rows.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <form on:submit=send novalidate>
            <div class="dlg-body">
                <p>{(w.text)(noun)}</p>
                <ErrorSummary faults=sending.faults attempt=sending.attempt />
                <section class="stack tight" aria-label=w.needs>
                    <h3>{w.needs}</h3>
                    {dynamic(list)}
                </section>
                {dynamic(move || {
                    offered
                        .get()
                        .then(|| view! { <Check id="act-lost" label=w.lost hint=w.lost_hint value=lost /> })
                })}
                <TypedName phrase=Signal::stored(phrase) value=typed sending=sending />
                <SendError sending=sending />
            </div>
            <Foot
                label=Signal::stored(title)
                running=words().states.deleting
                class="btn dan"
                off=off
                sending=sending
                close=close
            />
        </form>
    }
}

/// The way to put right what does not hold: another dialog, or a page, which takes the place of this dialog.
fn fix(code: PreconditionCode, object: &Object, close: Callback<()>, instead: Callback<Action>) -> AnyView {
    let text = (words().lifecycle.fix)(code);
    match cure(code, object) {
        Cure::Disable => view! {
            <button type="button" class="link sm" on:click=move |_| instead.run(Action::Disable)>
                {text}
            </button>
        }
        .into_any(),
        Cure::Page(to) => view! {
            <a class="sm" href=to on:click=move |_| close.run(())>
                {text}
            </a>
        }
        .into_any(),
    }
}
