//! What ends something of a webhook, each in a dialog that says what follows: switching it off, another secret, deleting it.

use common::webhooks::{RotateWebhookSecret, Webhook, WebhookMade};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::made::HEADING;
use super::model::Typed;
use super::page::Shown;
use crate::api::{Api, ApiError, use_api};
use crate::components::form::focus_id;
use crate::components::{Field, Modal, Note, words};
use crate::i18n::{use_i18n, webhooks};
use crate::pages::lifecycle::fields::{Foot, SendError, Sending, TypedName, typed_fault};
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::routes;
use crate::state::toasts::use_toasts;

const OVERLAP: &str = "webhook-overlap";
/// Offered, in hours; 0 ends the former secret at once.
const OVERLAPS: [u32; 4] = [0, 1, 24, 168];
/// Chosen at first.
const USUAL: u32 = 24;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing is sent any more.
    Off,
    /// Another secret.
    Secret,
    /// It goes.
    Delete,
}

/// What came of it.
enum Outcome {
    Changed(Box<Webhook>),
    Made(Box<WebhookMade>),
    Gone,
}

impl Act {
    fn title(self, name: &str) -> String {
        let w = webhooks();
        match self {
            Self::Off => (w.off_title)(name),
            Self::Secret => (w.secret_title)(name),
            Self::Delete => (w.delete_title)(name),
        }
    }

    fn text(self, webhook: &Webhook) -> String {
        let w = webhooks();
        match self {
            Self::Off => (w.off_text)(webhook.waiting),
            Self::Secret => w.secret_text.to_owned(),
            Self::Delete => w.delete_text.to_owned(),
        }
    }

    async fn send(self, api: Api, webhook: &Webhook, overlap_hours: u32) -> Result<Outcome, ApiError> {
        match self {
            Self::Off => {
                let put = Typed::of(webhook).put(false);
                let now = api.edit_webhook(webhook.id, &put, webhook.version).await?;
                Ok(Outcome::Changed(Box::new(now)))
            }
            Self::Secret => {
                let made =
                    api.rotate_webhook_secret(webhook.id, &RotateWebhookSecret { overlap_hours }).await?;
                Ok(Outcome::Made(Box::new(made)))
            }
            Self::Delete => api.delete_webhook(webhook.id, webhook.version).await.map(|()| Outcome::Gone),
        }
    }
}

/// The dialog, open while something is asked for.
#[component]
pub fn Dialog(
    /// The webhook.
    shown: Shown,
    /// What is asked for.
    ask: RwSignal<Option<Act>>,
    /// Takes a new secret.
    made: RwSignal<Option<WebhookMade>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    // Each sets the other only where they differ, or they would wake one another for ever.
    effect(move || {
        let there = ask.with(Option::is_some);
        if there != open.get_untracked() {
            open.set(there);
        }
    });
    effect(move || {
        if !open.get() && ask.with_untracked(Option::is_some) {
            ask.set(None);
        }
    });
    let title = memo(move || {
        let name = shown.webhook.with(|h| h.as_ref().map(|h| h.name.clone()));
        ask.get().zip(name).map(|(act, name)| act.title(&name)).unwrap_or_default()
    });
    view! {
        <Modal heading_id="webhook-act" title=title open=open>
            {move || {
                let Some((act, webhook)) = ask.get_untracked().zip(shown.webhook.get_untracked()) else {
                    return ().into_any();
                };
                view! { <Form act=act webhook=webhook shown=shown ask=ask made=made /> }.into_any()
            }}
        </Modal>
    }
}

#[component]
fn Form(
    act: Act,
    webhook: Webhook,
    shown: Shown,
    ask: RwSignal<Option<Act>>,
    made: RwSignal<Option<WebhookMade>>,
) -> impl IntoView {
    let (w, t, api, toasts, navigate) = (webhooks(), use_i18n().t, use_api(), use_toasts(), use_navigate());
    let (typed, overlap, sending) = (RwSignal::new(String::new()), RwSignal::new(USUAL), Sending::default());
    let (title, text, name) = (act.title(&webhook.name), act.text(&webhook), webhook.name.clone());
    // What locks the receiver out, or cannot be taken back, takes the name.
    let ends = memo(move || act == Act::Delete || act == Act::Secret && overlap.get() == 0);
    let phrase = derived(move || ends.get().then(|| name.clone()));
    let base = StoredValue::new(webhook);
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let wanted = phrase.get_untracked();
        if !sending.begin(typed_fault(wanted.as_deref(), &typed.get_untracked()).into_iter().collect()) {
            return;
        }
        let navigate = navigate.clone();
        let (webhook, hours) = (base.get_value(), overlap.get_untracked());
        spawn_local(async move {
            match act.send(api, &webhook, hours).await {
                Ok(outcome) => {
                    ask.try_set(None);
                    match outcome {
                        Outcome::Changed(now) => {
                            toasts.done((w.switched_off)(&now.name));
                            shown.load.put(*now);
                            shown.sent.try_update(|n| *n = n.wrapping_add(1));
                        }
                        Outcome::Made(reply) => {
                            shown.load.put(reply.webhook.clone());
                            made.try_set(Some(*reply));
                            request_animation_frame(|| focus_id(HEADING));
                        }
                        Outcome::Gone => {
                            toasts.done((w.deleted)(&webhook.name));
                            navigate(routes::WEBHOOKS, NavigateOptions::default());
                        }
                    }
                }
                // Another click is based on what is stored now.
                Err(e) if e.status() == Some(412) => {
                    if let Some(now) = e.current::<Webhook>() {
                        base.try_set_value(now);
                    }
                    sending.again(words().conflict.title, words().lifecycle.changed.to_owned());
                }
                Err(e) => sending.failed(&e, t, &[("/overlapHours", OVERLAP)]),
            }
        });
    };
    view! {
        <form on:submit=send novalidate>
            <div class="dlg-body">
                <p>{text}</p>
                {(act == Act::Secret).then(|| view! { <Overlap hours=overlap /> })}
                {(act == Act::Delete).then(|| view! { <p class="sm mut">{w.delete_softer}</p> })}
                <TypedName phrase=phrase value=typed sending=sending />
                <SendError sending=sending />
            </div>
            <Foot
                label=Signal::stored(title)
                class=if act == Act::Secret { "btn pri" } else { "btn dan" }
                off=Signal::stored(None::<String>)
                sending=sending
                close=Callback::new(move |()| ask.set(None))
            />
        </form>
    }
}

/// How long the former secret signs, too.
#[component]
fn Overlap(hours: RwSignal<u32>) -> impl IntoView {
    let w = webhooks();
    let none = memo(move || hours.get() == 0);
    let option = move |n: u32| {
        view! {
            <option value=n.to_string() prop:selected=attr(move || hours.get() == n)>
                {(w.overlap_of)(n)}
            </option>
        }
    };
    view! {
        <Field id=OVERLAP label=w.overlap error=Signal::stored(None::<String>)>
            <select
                class="inp"
                id=OVERLAP
                on:change=move |event| hours.set(event_target_value(&event).parse().unwrap_or(USUAL))
            >
                {OVERLAPS.map(option)}
            </select>
        </Field>
        {dynamic(move || {
            none.get().then(|| view! { <Note tone="warn" icon="triangle-alert">{w.overlap_none}</Note> })
        })}
    }
}
