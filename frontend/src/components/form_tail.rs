//! How forms end: with why they cannot be sent, and their buttons.

use leptos::prelude::*;

use super::action::{Reason, SubmitButton};
use super::form::Check;
use super::words;
use crate::reactive::{derived, dynamic};

/// The words of a [`FormTail`].
#[derive(Clone, Copy)]
pub struct TailWords {
    /// Checkbox.
    pub maintenance: &'static str,
    /// What it does.
    pub maintenance_hint: &'static str,
    /// Link back.
    pub cancel: &'static str,
    /// Button.
    pub send: &'static str,
    /// The button while it runs.
    pub sending: &'static str,
}

/// The end of a form that adds something, with whether it starts in maintenance.
#[component]
pub fn FormTail(
    /// Its words.
    words: TailWords,
    /// Id of the checkbox.
    id: &'static str,
    /// Begins in maintenance.
    maintenance: RwSignal<bool>,
    /// Where Cancel leads.
    #[prop(into)]
    back: Signal<String>,
    /// Why it cannot be sent.
    #[prop(into)]
    off: Signal<Option<String>>,
    /// Id of that text.
    reason: &'static str,
    /// The request is under way.
    busy: RwSignal<bool>,
    /// Something to know before it is sent.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Check id=id label=words.maintenance hint=words.maintenance_hint value=maintenance />
        {children.map(|c| c())}
        <Reason id=reason off=off />
        <div class="toolbar end">
            <a class="btn" href=back>
                {words.cancel}
            </a>
            <SubmitButton
                label=derived(move || if busy.get() { words.sending } else { words.send }.to_owned())
                off=off
                reason=reason
                busy=busy
            />
        </div>
    }
}

/// The end of a form that changes something: what was typed can be discarded or saved.
#[component]
pub fn EditTail(
    /// Something differs from what is saved.
    #[prop(into)]
    dirty: Signal<bool>,
    /// Puts back what is saved.
    discard: Callback<()>,
    /// Why it cannot be saved.
    #[prop(into)]
    off: Signal<Option<String>>,
    /// Id of that text.
    reason: &'static str,
    /// The request is under way.
    busy: RwSignal<bool>,
) -> impl IntoView {
    let w = &words().edit;
    view! {
        <Reason id=reason off=off />
        <div class="toolbar end">
            {dynamic(move || {
                dirty
                    .get()
                    .then(|| {
                        view! {
                            <button type="button" class="btn" on:click=move |_| discard.run(())>
                                {w.discard}
                            </button>
                        }
                    })
            })}
            <SubmitButton
                label=derived(move || if busy.get() { w.saving } else { w.save }.to_owned())
                off=off
                reason=reason
                busy=busy
            />
        </div>
    }
}
