//! The end of a form that adds something: whether it starts in maintenance, why it cannot be sent, and its buttons.

use leptos::prelude::*;

use super::action::{Reason, SubmitButton};
use super::form::Check;
use crate::reactive::derived;

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

/// The last part of the form.
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
