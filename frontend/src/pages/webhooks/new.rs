//! The form for a new webhook.

use common::auth::Permission;
use common::webhooks::WebhookMade;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::fields::{FIELDS, Fields, WebhookFields};
use super::made::{HEADING, MadeCard};
use crate::api::use_api;
use crate::components::form::focus_id;
use crate::components::{Breadcrumb, Crumb, ErrorSummary, Reason, SubmitButton, words};
use crate::i18n::{use_i18n, webhooks};
use crate::pages::lifecycle::fields::{SendError, Sending};
use crate::reactive::{derived, dynamic};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::gate::use_gate_everywhere;

const REASON: &str = "webhook-reason";

/// `/webhooks/new`
#[component]
pub fn WebhookNewPage() -> impl IntoView {
    let w = webhooks();
    use_title(move || w.new.to_owned());
    let made = RwSignal::new(None::<WebhookMade>);
    let crumbs = vec![Crumb::link(routes::WEBHOOKS, words().access.webhooks), Crumb::here(w.new)];
    view! {
        <Breadcrumb crumbs=Signal::stored(crumbs) />
        <div class="hd">
            <h1 tabindex="-1">{w.new}</h1>
        </div>
        {dynamic(move || match made.get() {
            Some(made) => {
                let after = routes::webhook(made.webhook.id);
                view! { <MadeCard made=made after=after /> }.into_any()
            }
            None => view! { <Form made=made /> }.into_any(),
        })}
    }
}

#[component]
fn Form(made: RwSignal<Option<WebhookMade>>) -> impl IntoView {
    let (w, t, api) = (webhooks(), use_i18n().t, use_api());
    let gate = use_gate_everywhere(Permission::Administer);
    let (fields, sending) = (Fields::fresh(), Sending::default());
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if gate.with_untracked(Option::is_some) {
            return;
        }
        let put = untrack(|| fields.typed()).put(true);
        if !sending.begin(fields.faults(&put)) {
            return;
        }
        spawn_local(async move {
            match api.make_webhook(&put).await {
                Ok(reply) => {
                    made.try_set(Some(reply));
                    request_animation_frame(|| focus_id(HEADING));
                }
                Err(e) => sending.failed(&e, t, &FIELDS),
            }
        });
    };
    view! {
        <form class="form card narrow" novalidate on:submit=send>
            <p class="mut">{w.new_sub}</p>
            <ErrorSummary faults=sending.faults attempt=sending.attempt />
            <WebhookFields fields=fields faults=sending.faults />
            <SendError sending=sending />
            <Reason id=REASON off=gate />
            <div class="toolbar end">
                <a class="btn" href=routes::WEBHOOKS>
                    {words().lifecycle.cancel}
                </a>
                <SubmitButton
                    label=derived(move || if sending.busy.get() { w.making } else { w.make }.to_owned())
                    off=gate
                    reason=REASON
                    busy=sending.busy
                />
            </div>
        </form>
    }
}
