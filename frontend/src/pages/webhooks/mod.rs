//! Webhooks: who is told of problems and of what happens, whether it arrives, and what was sent.

pub mod actions;
pub mod delivery;
pub mod dialogs;
pub mod edit;
pub mod fields;
pub mod list;
pub mod log;
pub mod made;
pub mod model;
pub mod new;
pub mod page;
pub mod test;

use common::webhooks::{Attempt, Delivery, WebhookState};
use leptos::prelude::*;

use crate::components::{Icon, ServerWords, format, words};
use crate::i18n::webhooks;

fn badge((family, icon): (&'static str, &'static str), text: &'static str) -> AnyView {
    view! {
        <span class=format!("st {family}")>
            <Icon name=icon />
            <span>{text}</span>
        </span>
    }
    .into_any()
}

/// How a webhook does, with its icon.
pub fn state_badge(state: WebhookState) -> AnyView {
    badge(model::look(state), (webhooks().state_of)(state))
}

/// How far a delivery is, with its icon.
pub fn delivery_badge(delivery: &Delivery) -> AnyView {
    let text = (webhooks().delivery_state)(delivery.state, delivery.attempts > 0);
    badge(model::delivery_look(delivery.state), text)
}

/// What became of an attempt in a word or two, with its status where there was a reply.
pub fn attempt_text(attempt: &Attempt) -> String {
    let word = (webhooks().code_of)(&attempt.code);
    attempt.status.map_or_else(|| word.to_owned(), |status| format!("{word} · {status}"))
}

/// How long an attempt took.
pub fn took(attempt: &Attempt) -> String {
    match u64::from(attempt.took_ms) {
        ms if ms < 1_000 => format::millis(ms),
        ms => format::interval(ms),
    }
}

/// What became of an attempt and what to do: in the words of the page where it has some, else in the server's.
pub fn verdict(attempt: &Attempt) -> AnyView {
    let own = (webhooks().said)(&attempt.code).map(|text| (text, None));
    match own.or_else(|| (words().refusals.seen)(&attempt.code)) {
        Some((cause, cure)) => view! {
            <span>{cause} {cure.map(|cure| format!(" {cure}"))}</span>
        }
        .into_any(),
        None => view! { <ServerWords text=attempt.detail.clone() /> }.into_any(),
    }
}
