//! A secret that an operator brings from elsewhere instead of a generated one.

use leptos::prelude::*;

use crate::components::form::described_by;
use crate::components::{Check, Field, words};
use crate::reactive::{attr, dynamic};

/// The tick, and the field behind it.
#[component]
pub fn OwnSecretField(
    /// Id of the field; the tick gets `-tick`.
    id: &'static str,
    /// A secret of one's own is typed.
    own: RwSignal<bool>,
    /// As typed.
    secret: RwSignal<String>,
    /// What is wrong.
    error: Signal<Option<String>>,
) -> impl IntoView {
    let w = &words().rotate;
    view! {
        <Check id=format!("{id}-tick") label=w.own value=own />
        {dynamic(move || {
            own.get()
                .then(|| {
                    view! {
                        <Field id=id label=w.own_secret hint=w.own_hint error=error required=true>
                            <input
                                class="inp mono"
                                id=id
                                type="password"
                                autocomplete="new-password"
                                spellcheck="false"
                                translate="no"
                                dir="ltr"
                                aria-required="true"
                                aria-invalid=attr(move || error.with(Option::is_some).then_some("true"))
                                aria-describedby=described_by(id, true, error)
                                prop:value=secret
                                on:input=move |event| secret.set(event_target_value(&event))
                            />
                        </Field>
                    }
                })
        })}
    }
}
