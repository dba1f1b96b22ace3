//! A test: sent once and now, and what became of it.

use common::ids::WebhookId;
use common::webhooks::{DeliveryDetail, DeliveryState};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{took, verdict};
use crate::api::{Api, use_api};
use crate::components::{GatedButton, Note};
use crate::i18n::{use_i18n, webhooks};
use crate::reactive::{derived, dynamic};
use crate::routes;
use crate::state::announce::{Announcer, use_announcer};

/// A test under way, and the last one; copy it freely.
#[derive(Clone, Copy)]
pub struct Testing {
    busy: RwSignal<bool>,
    reply: RwSignal<Option<DeliveryDetail>>,
    /// Heading and sentence of what kept it from being sent.
    error: RwSignal<Option<(String, String)>>,
    api: Api,
    announcer: Announcer,
    t: &'static crate::i18n::strings::Strings,
}

impl Testing {
    /// None yet.
    pub fn start() -> Self {
        Self {
            busy: RwSignal::new(false),
            reply: RwSignal::new(None),
            error: RwSignal::new(None),
            api: use_api(),
            announcer: use_announcer(),
            t: use_i18n().t,
        }
    }

    /// Forgets the last one.
    pub fn clear(self) {
        self.reply.set(None);
        self.error.set(None);
    }

    /// Sends one, and says what became of it.
    pub fn send(self, id: WebhookId, done: Callback<()>) {
        if self.busy.get_untracked() {
            return;
        }
        self.clear();
        self.busy.set(true);
        spawn_local(async move {
            let reply = self.api.test_webhook(id).await;
            // The page may be gone.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match reply {
                Ok(detail) => {
                    self.announcer.say(taken(&detail).unwrap_or_else(|| webhooks().test_failed.to_owned()));
                    self.reply.set(Some(detail));
                    done.run(());
                }
                Err(e) => self.error.set(Some((e.title(self.t), e.detail(self.t)))),
            }
        });
    }
}

/// The sentence of a test that was taken.
fn taken(detail: &DeliveryDetail) -> Option<String> {
    let last = detail.delivery.last.as_ref().or(detail.attempts.last())?;
    (detail.delivery.state == DeliveryState::Delivered)
        .then(|| (webhooks().test_taken)(&took(last), last.status.unwrap_or_default()))
}

/// The button.
#[component]
pub fn TestButton(
    /// Of which webhook.
    id: Memo<Option<WebhookId>>,
    /// The test.
    testing: Testing,
    /// Why it is off.
    #[prop(into)]
    off: Signal<Option<String>>,
    /// Id of that text.
    reason: &'static str,
    /// It was sent.
    done: Callback<()>,
) -> impl IntoView {
    let w = webhooks();
    let press = Callback::new(move |()| {
        if let Some(id) = id.get_untracked() {
            testing.send(id, done);
        }
    });
    view! {
        <GatedButton
            label=derived(move || if testing.busy.get() { w.testing } else { w.test })
            icon="zap"
            off=off
            reason=reason
            on_press=press
        />
    }
}

/// What became of it.
#[component]
pub fn TestOutcome(
    /// The test.
    testing: Testing,
) -> impl IntoView {
    let w = webhooks();
    let link = |detail: &DeliveryDetail| {
        let d = &detail.delivery;
        view! { <a href=routes::webhook_delivery(d.webhook_id, d.id)>{w.see_delivery}</a> }
    };
    dynamic(move || {
        if let Some((title, detail)) = testing.error.get() {
            return view! {
                <div role="alert">
                    <Note tone="bad" icon="circle-alert">
                        <p>
                            <b>{title}</b>
                        </p>
                        <p>{detail}</p>
                    </Note>
                </div>
            }
            .into_any();
        }
        let Some(detail) = testing.reply.get() else { return ().into_any() };
        match taken(&detail) {
            Some(text) => view! {
                <Note icon="circle-check">
                    <p>{text} " " {link(&detail)}</p>
                </Note>
            }
            .into_any(),
            None => view! {
                <Note tone="bad" icon="octagon-x">
                    <p>
                        <b>{w.test_failed}</b>
                    </p>
                    <p>{detail.attempts.last().map(verdict)} " " {link(&detail)}</p>
                </Note>
            }
            .into_any(),
        }
    })
}
