//! A password that is typed: paste and password managers work, and it can be looked at.

use leptos::prelude::*;

use super::form::{Field, described_by};
use super::icon::Icon;
use crate::i18n::use_i18n;
use crate::reactive::{attr, dynamic};

/// The field with its label, hint and error.
#[component]
pub fn PasswordField(
    /// Id of the input.
    id: &'static str,
    /// The label.
    label: &'static str,
    /// What to type.
    #[prop(optional, into)]
    hint: String,
    /// What is typed.
    value: RwSignal<String>,
    /// What is wrong.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
    /// What a dialog begins with.
    #[prop(optional)]
    first: bool,
    /// Below the input.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let t = use_i18n().t;
    let (shown, caps) = (RwSignal::new(false), RwSignal::new(false));
    let described = described_by(id, !hint.is_empty(), error);
    let below = children.map(|c| c());
    view! {
        <Field id=id label=label hint=hint error=error required=true>
            <div class="inp-wrap">
                <input
                    class="inp"
                    id=id
                    type=attr(move || if shown.get() { "text" } else { "password" })
                    dir="ltr"
                    translate="no"
                    autocomplete=autocomplete
                    autocapitalize="off"
                    spellcheck="false"
                    data-first=first.then_some("")
                    aria-required="true"
                    aria-invalid=attr(move || error.with(Option::is_some).then_some("true"))
                    aria-describedby=described
                    prop:value=value
                    on:input=move |event| value.set(event_target_value(&event))
                    on:keydown=move |event| caps.set(event.get_modifier_state("CapsLock"))
                />
                <button
                    type="button"
                    class="btn ghost ic"
                    aria-pressed=attr(move || if shown.get() { "true" } else { "false" })
                    aria-label=t.login_show
                    aria-controls=id
                    on:click=move |_| shown.update(|s| *s = !*s)
                >
                    {dynamic(move || {
                        if shown.get() { view! { <Icon name="eye-off" /> } } else { view! { <Icon name="eye" /> } }
                    })}
                </button>
            </div>
            {dynamic(move || caps.get().then(|| view! { <p class="hint">{t.login_caps_lock}</p> }))}
            {below}
        </Field>
    }
}
