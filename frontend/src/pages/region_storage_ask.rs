//! What is asked before storage settings are saved untested, and before they are removed.

use common::ids::RegionId;
use leptos::ev;
use leptos::prelude::*;

use super::region_storage_form::{Form, Tested};
use crate::components::{Modal, Note, TextField, words};
use crate::reactive::{attr, derived, dynamic, memo};

/// Id of the text why nothing can be changed.
const OFF: &str = "storage-ask-off";

/// Saves values that did not pass the test, or were not tested.
#[component]
pub fn UntestedDialog(
    /// The form.
    form: Form,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let w = &words().storage;
    let failed = memo(move || {
        form.tested.with(|t| match t {
            Tested::Done(of) => of.1.failed().map(|s| (w.untested_failed)((w.step)(s.step))),
            Tested::Never | Tested::Running => None,
        })
    });
    let save = move |_| {
        if form.gate.with_untracked(Option::is_none) {
            open.set(false);
            form.save();
        }
    };
    view! {
        <Modal heading_id="storage-untested" title=w.untested_title.to_owned() open=open>
            <div class="dlg-body">
                {dynamic(move || failed.get().map(|text| view! { <Note tone="warn" icon="triangle-alert">{text}</Note> }))}
                <p>{w.untested_text}</p>
            </div>
            <div class="dlg-foot">
                {dynamic(move || form.gate.get().map(|text| view! { <p class="reason gr" id=OFF>{text}</p> }))}
                <button type="button" class="btn" on:click=move |_| open.set(false)>
                    {w.cancel}
                </button>
                <button
                    type="button"
                    class="btn pri"
                    title=attr(move || form.gate.get())
                    aria-disabled=attr(move || form.gate.with(Option::is_some).then_some("true"))
                    aria-describedby=attr(move || form.gate.with(Option::is_some).then_some(OFF))
                    on:click=save
                >
                    {w.untested_save}
                </button>
            </div>
        </Modal>
    }
}

/// Removes the settings; the Region ID has to be typed.
#[component]
pub fn RemoveDialog(
    /// The form.
    form: Form,
    /// Whose storage it is.
    region: RegionId,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let w = &words().storage;
    let (typed, name) = (RwSignal::new(String::new()), StoredValue::new(region.to_string()));
    let matches = memo(move || name.with_value(|name| typed.with(|t| crate::text::typed_as_asked(t, name))));
    let no_error = Signal::stored(None::<String>);
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if matches.get_untracked() && form.gate.with_untracked(Option::is_none) {
            let closed = Callback::new(move |()| {
                typed.set(String::new());
                open.set(false);
            });
            form.remove(closed);
        }
    };
    view! {
        <Modal heading_id="storage-remove" title=derived(move || name.with_value(|n| (w.remove_title)(n))) open=open>
            <form on:submit=send novalidate>
                <div class="dlg-body">
                    <p>{w.remove_text}</p>
                    <TextField
                        id="storage-remove-name"
                        label=name.with_value(|n| (w.remove_type)(n))
                        value=typed
                        error=no_error
                        technical=true
                        class="mono"
                    />
                </div>
                <div class="dlg-foot">
                {dynamic(move || form.gate.get().map(|text| view! { <p class="reason gr" id=OFF>{text}</p> }))}
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        {w.cancel}
                    </button>
                    <button
                        type="submit"
                        class="btn dan"
                        title=attr(move || form.gate.get())
                        aria-disabled=attr(move || {
                            (!matches.get() || form.busy.get() || form.gate.with(Option::is_some)).then_some("true")
                        })
                        aria-describedby=attr(move || form.gate.with(Option::is_some).then_some(OFF))
                    >
                        {name.with_value(|n| (w.remove_title)(n))}
                    </button>
                </div>
            </form>
        </Modal>
    }
}
