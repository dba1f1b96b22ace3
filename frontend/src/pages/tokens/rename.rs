//! Another name for a token. What it may do, and what was noted under its old name, stays.

use common::tokens::{EditToken, Token};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::use_api;
use crate::components::form::{Fault, fault_of};
use crate::components::{Modal, TextField};
use crate::i18n::{tokens, use_i18n};
use crate::pages::lifecycle::fields::{Foot, SendError, Sending};
use crate::reactive::{effect, memo};
use crate::state::toasts::use_toasts;

const NAME: &str = "token-rename";
const FIELDS: [(&str, &str); 1] = [("/name", NAME)];

/// The dialog, open while there is a token to rename.
#[component]
pub fn RenameDialog(
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
    let title =
        memo(move || token.with(|t| t.as_ref().map(|t| (tokens().rename_of)(&t.name)).unwrap_or_default()));
    view! {
        <Modal heading_id="rename-token" title=title open=open>
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
    let (name, sending) = (RwSignal::new(of.name.clone()), Sending::default());
    // Another try after somebody else's change is based on what is stored then.
    let base = StoredValue::new(of.version);
    let id = of.id;
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let edit = EditToken { name: name.get_untracked().trim().to_owned() };
        let missing: Vec<Fault> =
            edit.name.is_empty().then(|| (NAME.to_owned(), w.need_name.to_owned())).into_iter().collect();
        if !sending.begin(missing) {
            return;
        }
        spawn_local(async move {
            match api.rename_token(id, &edit, base.get_value()).await {
                Ok(now) => {
                    token.try_set(None);
                    toasts.done((w.renamed)(&now.name));
                    reload.run(());
                }
                Err(e) if e.status() == Some(412) => {
                    if let Some(now) = e.current::<Token>() {
                        base.try_set_value(now.version);
                        reload.run(());
                        sending.again(&e.title(t), (w.renamed_meanwhile)(&now.name));
                    } else {
                        sending.failed(&e, t, &FIELDS);
                    }
                }
                Err(e) => sending.failed(&e, t, &FIELDS),
            }
        });
    };
    view! {
        <form on:submit=send novalidate>
            <div class="dlg-body">
                <p>{w.rename_text}</p>
                <TextField
                    id=NAME
                    label=w.name
                    hint=w.name_hint
                    value=name
                    error=fault_of(sending.faults.into(), NAME)
                    required=true
                />
                <SendError sending=sending />
            </div>
            <Foot
                label=Signal::stored(w.rename.to_owned())
                running=w.renaming
                off=Signal::stored(None::<String>)
                sending=sending
                close=Callback::new(move |()| token.set(None))
            />
        </form>
    }
}
