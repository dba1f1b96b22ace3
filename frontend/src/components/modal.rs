//! A question over the page: a native dialog with a heading, a body and its buttons.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use super::icon::Icon;
use super::words;
use crate::reactive::{dynamic, effect};

/// What has the focus first: the first field, else the button that changes nothing.
const FIRST: &str = ".dlg-body :is(input, textarea, select), .dlg-foot .btn";

/// A modal dialog, open while `open` is true. Escape and its cross close it; the focus goes back to where it was.
#[component]
pub fn Modal(
    /// Id of its heading.
    heading_id: &'static str,
    /// Its heading: verb and noun, no question.
    #[prop(into)]
    title: Signal<String>,
    /// Whether it is open.
    open: RwSignal<bool>,
    /// More room.
    #[prop(optional)]
    wide: bool,
    /// Body and foot, made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    effect(move || {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                // Throws only where the element is not in the page.
                let _ = dialog.show_modal();
                request_animation_frame(move || {
                    let first = dialog.query_selector(FIRST).ok().flatten();
                    if let Some(first) = first.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
                        let _ = first.focus();
                    }
                });
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog
            class=if wide { "dlg wide" } else { "dlg" }
            node_ref=node
            aria-labelledby=heading_id
            on:close=move |_| open.set(false)
        >
            <div class="dlg-head">
                <h2 id=heading_id>{title}</h2>
                <span class="sp"></span>
                <button
                    type="button"
                    class="btn ghost ic"
                    aria-label=words().common.close
                    on:click=move |_| open.set(false)
                >
                    <Icon name="x" />
                </button>
            </div>
            {dynamic(move || open.get().then(|| children()))}
        </dialog>
    }
}
