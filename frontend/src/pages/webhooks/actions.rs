//! What is done with a webhook: its buttons.

use common::auth::Permission;
use common::webhooks::{Webhook, WebhookMade};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::dialogs::{Act, Dialog};
use super::model::Typed;
use super::page::Shown;
use super::test::{TestButton, Testing};
use crate::api::use_api;
use crate::components::{GatedButton, GatedLink, Reason};
use crate::i18n::{use_i18n, webhooks};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::state::gate::use_gate_everywhere;
use crate::state::toasts::use_toasts;

/// Id of the text why a test is off.
const SENDS: &str = "webhook-sends-off";
/// Id of the text why changes are off.
const CHANGES: &str = "webhook-changes-off";

/// The buttons and their dialogs.
#[component]
pub fn Actions(
    /// The webhook.
    shown: Shown,
    /// Its tests.
    testing: Testing,
    /// A test was sent.
    sent: Callback<()>,
    /// Takes a new secret.
    made: RwSignal<Option<WebhookMade>>,
) -> impl IntoView {
    let (w, t, api, toasts) = (webhooks(), use_i18n().t, use_api(), use_toasts());
    let (sends, changes) =
        (use_gate_everywhere(Permission::Operate), use_gate_everywhere(Permission::Administer));
    let ask = RwSignal::new(None::<Act>);
    let enabled = memo(move || shown.webhook.with(|h| h.as_ref().is_none_or(|h| h.enabled)));
    let on = move |act: Act| Callback::new(move |()| ask.set(Some(act)));
    // Back on ends nothing, so that nobody is asked.
    let switch_on = move |webhook: Webhook| {
        spawn_local(async move {
            match api.edit_webhook(webhook.id, &Typed::of(&webhook).put(true), webhook.version).await {
                Ok(now) => {
                    toasts.done((w.switched_on)(&now.name));
                    shown.load.put(now);
                }
                Err(e) => {
                    toasts.failed(format!("{}: {}", e.title(t), e.detail(t)));
                    shown.reload.try_run(());
                }
            }
        });
    };
    let toggle = Callback::new(move |()| {
        if enabled.get_untracked() {
            ask.set(Some(Act::Off));
        } else if let Some(webhook) = shown.webhook.get_untracked() {
            switch_on(webhook);
        }
    });
    let edit = derived(move || shown.id.get().map(routes::webhook_edit).unwrap_or_default());
    // Said once where both have the same reason.
    let changes_only = memo(move || changes.get().filter(|text| sends.get().as_ref() != Some(text)));
    view! {
        <div class="toolbar actions">
            <TestButton id=shown.id testing=testing off=sends reason=SENDS done=sent />
            <GatedLink href=edit off=changes reason=CHANGES icon="pencil" label=w.edit />
            {dynamic(move || {
                let (label, icon) =
                    if enabled.get() { (w.switch_off, "circle-slash") } else { (w.switch_on, "circle-play") };
                view! {
                    <GatedButton
                        label=Signal::stored(label)
                        icon=icon
                        off=changes
                        reason=CHANGES
                        on_press=toggle
                    />
                }
            })}
            <GatedButton
                label=Signal::stored(w.new_secret)
                icon="key-round"
                off=changes
                reason=CHANGES
                on_press=on(Act::Secret)
            />
            <GatedButton
                label=Signal::stored(w.delete)
                icon="trash-2"
                class="btn dtx"
                off=changes
                reason=CHANGES
                on_press=on(Act::Delete)
            />
        </div>
        <Reason id=SENDS off=sends />
        {dynamic(move || {
            // The ear gets it at each button all the same.
            let class = if changes_only.with(Option::is_some) { "reason" } else { "vh" };
            changes.get().map(|text| view! { <p class=class id=CHANGES>{text}</p> })
        })}
        <Dialog shown=shown ask=ask made=made />
    }
}
