//! What the dialogs of this folder have in common: the typed confirmation, the reason, the error, the foot.

use leptos::prelude::*;

use crate::api::ApiError;
use crate::components::form::{Fault, described_by, fault_of, focus_id};
use crate::components::{Field, Icon, Note, TextField, words};
use crate::reactive::{attr, derived, dynamic};
use crate::state::gate::use_writes;

/// Id of the typed confirmation.
pub const TYPED: &str = "act-typed";
/// Id of the reason.
pub const REASON: &str = "act-reason";
/// Id of the tick for what a guard stands against.
pub const TICK: &str = "act-understood";

/// Where a dialog stands; copy it freely.
#[derive(Clone, Copy)]
pub struct Sending {
    /// What is wrong with the form.
    pub faults: RwSignal<Vec<Fault>>,
    /// Counts the tries to send it.
    pub attempt: RwSignal<u32>,
    /// The request is under way.
    pub busy: RwSignal<bool>,
    /// What came back instead.
    pub error: RwSignal<Option<(String, String)>>,
    /// Why nothing may be changed from the page now, whatever it could when the dialog was opened.
    off: Signal<Option<String>>,
}

impl Default for Sending {
    fn default() -> Self {
        Self {
            faults: RwSignal::new(Vec::new()),
            attempt: RwSignal::new(0),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            off: use_writes(),
        }
    }
}

impl Sending {
    /// Begins to send where nothing is wrong; says whether it did. Every request of a dialog comes by here, so none is
    /// sent from a page that is disconnected.
    pub fn begin(self, faults: Vec<Fault>) -> bool {
        if self.busy.get_untracked() || self.off.with_untracked(Option::is_some) {
            return false;
        }
        let fine = faults.is_empty();
        let name_only = faults.iter().all(|(id, _)| id == TYPED);
        self.faults.set(faults);
        self.error.set(None);
        if name_only && !fine {
            // Said where it is typed: nothing else is left to do.
            focus_id(TYPED);
        } else {
            self.attempt.update(|n| *n = n.wrapping_add(1));
        }
        self.busy.set(fine);
        fine
    }

    /// It came back with an error: at the fields that are named, else above the buttons.
    pub fn failed(self, error: &ApiError, t: &crate::i18n::strings::Strings, fields: &[(&str, &str)]) {
        let placed =
            error.problem().map(|p| crate::components::form::place(&p.errors, fields)).unwrap_or_default();
        self.busy.try_set(false);
        if placed.is_empty() {
            self.error.try_set(Some((error.title(t), error.detail(t))));
        } else {
            self.faults.try_set(placed);
            self.attempt.try_update(|n| *n = n.wrapping_add(1));
        }
    }

    /// It came back with something to read again.
    pub fn again(self, title: &str, detail: String) {
        self.busy.try_set(false);
        self.error.try_set(Some((title.to_owned(), detail)));
    }
}

/// The error inside the dialog, above its buttons.
#[component]
pub fn SendError(
    /// Where the dialog stands.
    sending: Sending,
) -> impl IntoView {
    dynamic(move || {
        sending.error.get().map(|(title, detail)| {
            view! {
                <div role="alert">
                    <Note tone="bad" icon="circle-alert">
                        <p>
                            <b>{title}</b>
                        </p>
                        <p>{detail}</p>
                    </Note>
                </div>
            }
        })
    })
}

/// The reason for operators.
#[component]
pub fn ReasonField(
    /// What is typed.
    value: RwSignal<String>,
    /// Where the dialog stands.
    sending: Sending,
) -> impl IntoView {
    let w = &words().lifecycle;
    view! {
        <TextField
            id=REASON
            label=w.private_reason
            hint=w.private_hint
            value=value
            error=fault_of(sending.faults.into(), REASON)
            required=true
        />
    }
}

/// The typed confirmation, where one is wanted. What is typed stays while the phrase changes.
#[component]
pub fn TypedName(
    /// What has to be typed; `None` for nothing.
    #[prop(into)]
    phrase: Signal<Option<String>>,
    /// What is typed.
    value: RwSignal<String>,
    /// Where the dialog stands.
    sending: Sending,
) -> impl IntoView {
    let phrase = Memo::new(move |_| phrase.get());
    // Said when the field is left, not at every key: nobody types a name at once.
    let left = move |_| {
        // A dialog that closes takes the field away while it has the focus: that leaves it too, and all is gone then.
        let (Some(typed), Some(Some(phrase))) = (value.try_get_untracked(), phrase.try_get_untracked())
        else {
            return;
        };
        if !typed.trim().is_empty() && !crate::text::typed_as_asked(&typed, &phrase) {
            sending.faults.update(|all| {
                all.retain(|(id, _)| id != TYPED);
                all.push((TYPED.to_owned(), (words().states.typed_differs)(&phrase)));
            });
        }
    };
    dynamic(move || {
        phrase.get().map(|phrase| {
            let error = fault_of(sending.faults.into(), TYPED);
            let described = described_by(TYPED, false, error);
            view! {
                <Field id=TYPED label=(words().lifecycle.type_it)(&phrase) error=error required=true>
                    <input
                        class="inp mono"
                        id=TYPED
                        type="text"
                        data-first=""
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        translate="no"
                        dir="ltr"
                        aria-required="true"
                        aria-invalid=attr(move || error.with(Option::is_some).then_some("true"))
                        aria-describedby=described
                        prop:value=value
                        on:input=move |event| {
                            value.set(event_target_value(&event));
                            // What was wrong is being put right.
                            if sending.faults.with_untracked(|all| all.iter().any(|(id, _)| id == TYPED)) {
                                sending.faults.update(|all| all.retain(|(id, _)| id != TYPED));
                            }
                        }
                        on:blur=left
                    />
                </Field>
            }
        })
    })
}

/// The fault of a phrase that is not typed.
pub fn typed_fault(phrase: Option<&str>, typed: &str) -> Option<Fault> {
    let wrong = phrase.is_some_and(|phrase| !crate::text::typed_as_asked(typed, phrase));
    wrong.then(|| (TYPED.to_owned(), words().lifecycle.type_first.to_owned()))
}

/// The fault of a reason that is missing.
pub fn reason_fault(reason: &str) -> Option<Fault> {
    let n = reason.trim().chars().count();
    (!(1..=500).contains(&n)).then(|| (REASON.to_owned(), words().lifecycle.need_reason.to_owned()))
}

/// The fault of a guard that nobody has ticked.
pub fn tick_fault(blocked: bool, understood: bool) -> Option<Fault> {
    (blocked && !understood).then(|| (TICK.to_owned(), words().lifecycle.need_understood.to_owned()))
}

/// Id of the text why the main button is off.
const OFF: &str = "act-off";

/// The buttons of a dialog. The main one is off while its page may change nothing, and says so.
#[component]
pub fn Foot(
    /// Words of the main button.
    #[prop(into)]
    label: Signal<String>,
    /// Its words while the request is under way; the same where there are none.
    #[prop(optional)]
    running: Option<&'static str>,
    /// Colour of the main button.
    #[prop(default = "btn pri")]
    class: &'static str,
    /// Why the main button is off.
    #[prop(into)]
    off: Signal<Option<String>>,
    /// Where the dialog stands.
    sending: Sending,
    /// Closes it.
    close: Callback<()>,
) -> impl IntoView {
    let off = derived(move || sending.off.get().or_else(|| off.get()));
    let idle = derived(move || off.with(Option::is_some) || sending.busy.get());
    view! {
        <div class="dlg-foot">
            {dynamic(move || off.get().map(|text| view! { <p class="reason gr" id=OFF>{text}</p> }))}
            <button
                type="button"
                class="btn"
                aria-disabled=attr(move || sending.busy.get().then_some("true"))
                on:click=move |_| {
                    if !sending.busy.get_untracked() {
                        close.run(());
                    }
                }
            >
                {words().lifecycle.cancel}
            </button>
            <button
                type="submit"
                class=class
                title=attr(move || off.get())
                aria-disabled=attr(move || idle.get().then_some("true"))
                aria-busy=attr(move || sending.busy.get().then_some("true"))
                aria-describedby=attr(move || off.with(Option::is_some).then_some(OFF))
                on:click=move |event| {
                    // Enter in a field presses it too.
                    if sending.off.with_untracked(Option::is_some) {
                        event.prevent_default();
                    }
                }
            >
                {dynamic(move || sending.busy.get().then(|| view! { <Icon name="loader-circle" class="spin" /> }))}
                <span>
                    {dynamic(move || match running.filter(|_| sending.busy.get()) {
                        Some(running) => running.to_owned(),
                        None => label.get(),
                    })}
                </span>
            </button>
        </div>
    }
}

/// A choice of two, as cards: the usual one, and the one that is harder on those who talk.
#[component]
pub fn EitherOr(
    /// What is chosen.
    legend: &'static str,
    /// Name of the group.
    name: &'static str,
    /// Id, words and meaning of the usual one.
    usual: (&'static str, &'static str, &'static str),
    /// Of the other one.
    other: (&'static str, &'static str, &'static str),
    /// Whether the other one is chosen.
    chosen: RwSignal<bool>,
) -> impl IntoView {
    let card = |(id, label, hint): (&'static str, &'static str, &'static str), this: bool| {
        let hint_id = format!("{id}-hint");
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=name
                    id=id
                    aria-describedby=hint_id.clone()
                    prop:checked=attr(move || chosen.get() == this)
                    on:change=move |_| chosen.set(this)
                />
                <b>{label}</b>
                <span class="hint" id=hint_id>
                    {hint}
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="form-group">
            <legend>{legend}</legend>
            <div class="choices">{card(usual, false)} {card(other, true)}</div>
        </fieldset>
    }
}
