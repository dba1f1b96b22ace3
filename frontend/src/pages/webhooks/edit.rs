//! A webhook is changed. What somebody else saves never overwrites what is typed.

use common::auth::Permission;
use common::webhooks::Webhook;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::fields::{FIELDS, Fields, WebhookFields};
use super::model::Typed;
use super::page::Shown;
use crate::api::use_api;
use crate::components::{Breadcrumb, Crumb, EditTail, ErrorSummary, Note, words};
use crate::i18n::{isolated, use_i18n, webhooks};
use crate::pages::conflict::{Conflict, ConflictDialog, guard_leaving};
use crate::pages::lifecycle::fields::{SendError, Sending};
use crate::reactive::{derived, dynamic, effect, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::gate::use_gate_everywhere;
use crate::state::toasts::use_toasts;

const REASON: &str = "webhook-edit-reason";

/// `/webhooks/:id/edit`
#[component]
pub fn WebhookEditPage() -> impl IntoView {
    let (w, title) = (webhooks(), words().access.webhooks);
    let shown = Shown::of_path();
    let name = shown.of(|h| h.name.clone());
    let heading = move || name.get().map_or_else(|| title.to_owned(), |name| (w.edit_title)(&name));
    use_title(heading);
    let crumbs = derived(move || {
        let mut crumbs = vec![Crumb::link(routes::WEBHOOKS, title)];
        if let Some((id, name)) = shown.id.get().zip(name.get()) {
            crumbs.push(Crumb::link(routes::webhook(id), isolated(&name)));
        }
        crumbs.push(Crumb::here(w.edit));
        crumbs
    });
    let there = memo(move || name.with(Option::is_some));
    view! {
        <Breadcrumb crumbs=crumbs />
        <div class="hd">
            <h1 tabindex="-1">{dynamic(heading)}</h1>
        </div>
        {dynamic(move || {
            if there.get() {
                view! { <Form shown=shown /> }.into_any()
            } else {
                shown.instead().unwrap_or_else(|| ().into_any())
            }
        })}
    }
}

#[component]
fn Form(shown: Shown) -> impl IntoView {
    let (t, api, toasts, navigate) = (use_i18n().t, use_api(), use_toasts(), use_navigate());
    let gate = use_gate_everywhere(Permission::Administer);
    let (fields, sending) = (Fields::fresh(), Sending::default());
    // What the form is based on: as it was when nothing had been typed.
    let base = RwSignal::new(shown.webhook.get_untracked());
    let theirs = RwSignal::new(None::<Webhook>);
    let conflict = RwSignal::new(None::<Conflict>);
    let saved = RwSignal::new(false);
    let fill = move |webhook: &Webhook| {
        fields.fill(&Typed::of(webhook));
        sending.faults.set(Vec::new());
        base.set(Some(webhook.clone()));
    };
    if let Some(webhook) = shown.webhook.get_untracked() {
        fill(&webhook);
    }
    let dirty = memo(move || {
        let typed = fields.typed();
        base.with(|b| b.as_ref().is_some_and(|b| !typed.same(&Typed::of(b))))
    });
    let stored = shown.of(|h| (h.id, h.version));
    effect(move || {
        let known = base.with_untracked(|b| b.as_ref().map(|b| (b.id, b.version)));
        if stored.get() != known && !dirty.get_untracked() {
            shown.webhook.with_untracked(|h| h.as_ref().map(fill));
        }
    });
    let overtaken = memo(move || {
        dirty.get()
            && stored.get().is_some_and(|(_, v)| base.with(|b| b.as_ref().is_some_and(|b| v > b.version)))
    });
    guard_leaving(derived(move || saved.get() || !dirty.get()), words().conflict.leave);
    let navigate = StoredValue::new_local(navigate);
    // What is typed, in place of `from`.
    let send = move |from: Webhook| {
        let typed = untrack(|| fields.typed());
        let put = typed.put(from.enabled);
        if !sending.begin(fields.faults(&put)) {
            return;
        }
        spawn_local(async move {
            match api.edit_webhook(from.id, &put, from.version).await {
                Ok(now) => {
                    if sending.busy.try_set(false).is_some() {
                        return;
                    }
                    saved.set(true);
                    toasts.done(words().edit.saved);
                    navigate.with_value(|go| go(&routes::webhook(now.id), NavigateOptions::default()));
                }
                Err(e) => match e.current::<Webhook>() {
                    Some(now) => {
                        sending.busy.try_set(false);
                        let clashes = typed.clashes(&Typed::of(&now));
                        conflict.try_set(Some(Conflict { clashes, by: None }));
                        theirs.try_set(Some(now));
                    }
                    None => sending.failed(&e, t, &FIELDS),
                },
            }
        });
    };
    let off =
        memo(move || gate.get().or_else(|| (!dirty.get()).then(|| words().edit.nothing_changed.to_owned())));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if off.with_untracked(Option::is_none)
            && let Some(from) = base.get_untracked()
        {
            send(from);
        }
    };
    let take = Callback::new(move |()| {
        theirs.with_untracked(|h| h.as_ref().map(fill));
    });
    let overwrite = Callback::new(move |()| {
        if let Some(from) = theirs.get_untracked() {
            send(from);
        }
    });
    let discard = Callback::new(move |()| {
        shown.webhook.with_untracked(|h| h.as_ref().map(fill));
    });
    view! {
        <form class="form card narrow" novalidate on:submit=submit>
            <ErrorSummary faults=sending.faults attempt=sending.attempt />
            {dynamic(move || {
                overtaken
                    .get()
                    .then(|| view! { <Note tone="warn" icon="triangle-alert">{words().edit.overtaken}</Note> })
            })}
            <WebhookFields fields=fields faults=sending.faults />
            <SendError sending=sending />
            <EditTail dirty=dirty discard=discard off=off reason=REASON busy=sending.busy />
        </form>
        <ConflictDialog conflict=conflict take=take overwrite=overwrite />
    }
}
