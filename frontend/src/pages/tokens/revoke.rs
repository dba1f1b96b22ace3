//! The end of a token: with its name typed where scripts have used it within a day.

use common::tokens::Token;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::model::is_in_use;
use crate::api::use_api;
use crate::components::{Modal, Note, format, words};
use crate::i18n::{tokens, use_i18n};
use crate::pages::lifecycle::fields::{Foot, SendError, Sending, TypedName, typed_fault};
use crate::reactive::{effect, memo};
use crate::state::connection::use_connection;
use crate::state::toasts::use_toasts;

/// The dialog, open while there is a token to revoke.
#[component]
pub fn RevokeDialog(
    /// Which.
    token: RwSignal<Option<Token>>,
    /// Reads the list anew.
    reload: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    // Each sets the other only where they differ, or they would wake one another for ever.
    effect(move || {
        let there = token.with(Option::is_some);
        if there != open.get_untracked() {
            open.set(there);
        }
    });
    effect(move || {
        if !open.get() && token.with_untracked(Option::is_some) {
            token.set(None);
        }
    });
    let title = memo(move || {
        token.with(|t| t.as_ref().map(|t| (tokens().revoke_title)(&t.name)).unwrap_or_default())
    });
    view! {
        <Modal heading_id="revoke-token" title=title open=open>
            {move || match token.get_untracked() {
                Some(of) => view! { <Form of=of token=token reload=reload /> }.into_any(),
                None => ().into_any(),
            }}
        </Modal>
    }
}

#[component]
fn Form(of: Token, token: RwSignal<Option<Token>>, reload: Callback<()>) -> impl IntoView {
    let (w, t, api, toasts) = (tokens(), use_i18n().t, use_api(), use_toasts());
    let now = untrack(|| use_connection().server_now());
    let used = now.filter(|now| is_in_use(&of, *now)).zip(of.last_used_at);
    let phrase = used.map(|_| of.name.clone());
    let wanted = phrase.clone();
    let (typed, sending) = (RwSignal::new(String::new()), Sending::default());
    let (id, name, title) = (of.id, of.name.clone(), (w.revoke_title)(&of.name));
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !sending.begin(typed_fault(wanted.as_deref(), &typed.get_untracked()).into_iter().collect()) {
            return;
        }
        let name = name.clone();
        spawn_local(async move {
            match api.revoke_token(id).await {
                Ok(()) => {
                    token.try_set(None);
                    toasts.done((w.revoked)(&name));
                    reload.run(());
                }
                Err(e) => sending.failed(&e, t, &[]),
            }
        });
    };
    let warning = used.map(|(now, at)| {
        let ago = (words().common.ago)(&format::duration(now.since(at)));
        let text = (w.revoke_used)(&of.name, &ago, of.last_used_from.as_deref().unwrap_or(format::NONE));
        view! {
            <Note tone="bad" icon="triangle-alert">
                {text}
            </Note>
        }
    });
    view! {
        <form on:submit=send novalidate>
            <div class="dlg-body">
                {warning}
                <p>{w.revoke_text}</p>
                <p class="sm mut">{w.revoke_softer}</p>
                <TypedName phrase=Signal::stored(phrase) value=typed sending=sending />
                <SendError sending=sending />
            </div>
            <Foot
                label=Signal::stored(title)
                running=w.revoking
                class="btn dan"
                off=Signal::stored(None::<String>)
                sending=sending
                close=Callback::new(move |()| token.set(None))
            />
        </form>
    }
}
