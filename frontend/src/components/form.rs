//! Form parts: a field with label, hint and error tied together, and the summary of errors above the form.

use common::problem::FieldError;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::icon::Icon;
use super::words;
use crate::reactive::{attr, derived, dynamic, effect};
use crate::shell::title::use_fault_in_title;

/// An error and the field it belongs to: `(id of the control, sentence)`.
pub type Fault = (String, String);

/// The `aria-describedby` of a control in a [`Field`]: its hint and, where there is one, its error.
pub fn described_by(id: &str, hint: bool, error: Signal<Option<String>>) -> Signal<Option<String>> {
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-err"));
    derived(move || match (hint, error.with(Option::is_some)) {
        (true, true) => Some(format!("{hint_id} {error_id}")),
        (true, false) => Some(hint_id.clone()),
        (false, true) => Some(error_id.clone()),
        (false, false) => None,
    })
}

/// Label, hint, control, error, one below another. The control brings its own `aria-describedby`
/// ([`described_by`]).
#[component]
pub fn Field(
    /// Id of the control; hint and error get `-hint` and `-err`.
    #[prop(into)]
    id: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// What to type, below the label; empty for nothing.
    #[prop(optional, into)]
    hint: String,
    /// What is wrong.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// Marked with a star.
    #[prop(optional)]
    required: bool,
    /// Marked as optional.
    #[prop(optional)]
    optional: bool,
    /// The control.
    children: Children,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-err"));
    view! {
        <div class="field">
            <label for=id>
                {label}
                {required.then(|| view! { <span class="req" aria-hidden="true">" *"</span> })}
                {optional.then(|| view! { <span class="opt">" "{words().common.optional}</span> })}
            </label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {children()}
            {dynamic(move || {
                error
                    .get()
                    .map(|text| {
                        view! {
                            <p class="err" id=error_id.clone()>
                                <Icon name="circle-alert" />
                                {text}
                            </p>
                        }
                    })
            })}
        </div>
    }
}

/// A line of text with everything a [`Field`] has.
#[component]
pub fn TextField(
    /// Id of the input.
    #[prop(into)]
    id: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// What to type.
    #[prop(optional, into)]
    hint: String,
    /// What is typed.
    value: RwSignal<String>,
    /// What is wrong.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// Marked with a star, and `aria-required`.
    #[prop(optional)]
    required: bool,
    /// Marked as optional.
    #[prop(optional)]
    optional: bool,
    /// A technical value: left to right in every language, no spelling help, not translated.
    #[prop(optional)]
    technical: bool,
    /// More classes: `mono short`.
    #[prop(optional)]
    class: &'static str,
    /// On-screen keyboard: `text`, `numeric`, `url`.
    #[prop(default = "text")]
    inputmode: &'static str,
    /// Greyed example.
    #[prop(optional, into)]
    placeholder: MaybeProp<String>,
    /// The person changed it (as opposed to the page).
    #[prop(optional)]
    on_edit: Option<Callback<()>>,
    /// Below the input: a preview of what the typed text means.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let described = described_by(&id, !hint.is_empty(), error);
    let below = children.map(|c| c());
    view! {
        <Field id=id.clone() label=label hint=hint error=error required=required optional=optional>
            <input
                class=format!("inp {class}")
                id=id
                type="text"
                inputmode=inputmode
                autocomplete="off"
                autocapitalize=technical.then_some("off")
                spellcheck=technical.then_some("false")
                translate=technical.then_some("no")
                dir=technical.then_some("ltr")
                placeholder=attr(move || placeholder.get())
                aria-required=required.then_some("true")
                aria-invalid=attr(move || error.with(Option::is_some).then_some("true"))
                aria-describedby=described
                prop:value=value
                on:input=move |event| {
                    value.set(event_target_value(&event));
                    if let Some(edited) = on_edit {
                        edited.run(());
                    }
                }
            />
            {below}
        </Field>
    }
}

/// A checkbox with its words and a hint.
#[component]
pub fn Check(
    /// Id of the checkbox.
    #[prop(into)]
    id: String,
    /// Its words.
    #[prop(into)]
    label: String,
    /// What it means.
    #[prop(optional, into)]
    hint: String,
    /// Whether it is on.
    value: RwSignal<bool>,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let described = (!hint.is_empty()).then(|| hint_id.clone());
    view! {
        <label class="check">
            <input
                id=id
                type="checkbox"
                aria-describedby=described
                prop:checked=value
                on:change=move |event| value.set(event_target_checked(&event))
            />
            <span>{label}</span>
            {(!hint.is_empty()).then(|| view! { <span class="hint" id=hint_id>{hint}</span> })}
        </label>
    }
}

/// Moves the focus to the element of an id, if it is there.
pub fn focus_id(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// What is wrong with the form, each line a link to its field. Takes the focus when `attempt` grows and there is
/// something to say.
#[component]
pub fn ErrorSummary(
    /// What is wrong; an empty id makes a line without a link.
    #[prop(into)]
    faults: Signal<Vec<Fault>>,
    /// Counts the tries to send the form.
    #[prop(into)]
    attempt: Signal<u32>,
) -> impl IntoView {
    let node = NodeRef::<leptos::html::Div>::new();
    use_fault_in_title(move || faults.with(|f| !f.is_empty()));
    effect(move || {
        if attempt.get() > 0
            && faults.with_untracked(|f| !f.is_empty())
            && let Some(summary) = node.get()
        {
            let _ = summary.focus();
        }
    });
    let jump = move |id: String| {
        move |event: ev::MouseEvent| {
            event.prevent_default();
            event.stop_propagation();
            focus_id(&id);
        }
    };
    dynamic(move || {
        let faults = faults.get();
        (!faults.is_empty()).then(|| {
            view! {
                <div class="error-summary" role="alert" tabindex="-1" node_ref=node>
                    <h2 class="row">
                        <Icon name="circle-alert" />
                        {(words().form.summary)(faults.len())}
                    </h2>
                    <ul>
                        {faults
                            .into_iter()
                            .map(|(id, text)| match id.as_str() {
                                "" => view! { <li>{text}</li> }.into_any(),
                                _ => {
                                    view! {
                                        <li>
                                            <a href=format!("#{id}") on:click=jump(id.clone())>
                                                {text}
                                            </a>
                                        </li>
                                    }
                                        .into_any()
                                }
                            })
                            .collect_view()}
                    </ul>
                </div>
            }
        })
    })
}

/// Ties the server's field errors to controls: `fields` names the JSON pointer and the control's id. What fits no
/// control is kept without a link, so that nothing is silent.
pub fn place(errors: &[FieldError], fields: &[(&str, &str)]) -> Vec<Fault> {
    errors
        .iter()
        .map(|e| {
            let id = fields.iter().find(|(pointer, _)| {
                e.pointer == *pointer
                    || e.pointer.strip_prefix(pointer).is_some_and(|rest| rest.starts_with('/'))
            });
            (id.map(|(_, id)| (*id).to_owned()).unwrap_or_default(), field_text(e))
        })
        .collect()
}

/// What is wrong with a field, in the language of the page where it has words for it, else in the server's.
pub fn field_text(error: &FieldError) -> String {
    let known = (words().refusals.field)(&error.pointer, &error.code);
    known.map_or_else(|| error.detail.clone(), str::to_owned)
}

/// The sentence of one control out of a list of faults.
pub fn fault_of(faults: Signal<Vec<Fault>>, id: &'static str) -> Signal<Option<String>> {
    derived(move || {
        faults.with(|list| list.iter().find(|(field, _)| field == id).map(|(_, text)| text.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_find_their_fields() {
        let errors = [
            FieldError::new("name", "required", "Enter a name."),
            FieldError::new("labels/a", "too_long", "At most 63 characters."),
            FieldError::new("names", "odd", "Odd."),
        ];
        let placed = place(&errors, &[("/name", "region-name"), ("/labels", "labels")]);
        let ids: Vec<_> = placed.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["region-name", "labels", ""]);
        assert_eq!(placed[0].1, "Enter a name.");
    }
}
