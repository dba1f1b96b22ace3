//! A modal dialog: the native element, so that focus, Escape and inertness are the browser's.

use leptos::prelude::*;

use super::icon::Icon;
use super::words;

/// A dialog that is open while `open` is true; closing it by Escape or its cross turns `open` off.
#[component]
pub fn Dialog(
    /// Id of the dialog; its heading gets `-title`.
    #[prop(into)]
    id: String,
    /// Its heading.
    #[prop(into)]
    title: String,
    /// Whether it is open.
    open: RwSignal<bool>,
    /// `small`, `wide`.
    #[prop(optional)]
    class: &'static str,
    /// What is inside, made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                // Throws only where the element is not in the page.
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let heading = format!("{id}-title");
    let inside = move || open.get().then(|| children());
    view! {
        <dialog class=format!("dlg {class}") id=id node_ref=node aria-labelledby=heading.clone() on:close=move |_| open.set(false)>
            <div class="dlg-head">
                <h2 id=heading.clone()>{title}</h2>
                <span class="sp"></span>
                <button type="button" class="btn ghost ic" aria-label=words().common.close on:click=move |_| open.set(false)>
                    <Icon name="x" />
                </button>
            </div>
            {inside}
        </dialog>
    }
}
