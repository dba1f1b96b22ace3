//! A panel at the edge of the screen: the navigation on phones, help beside a figure.

use leptos::html;
use leptos::prelude::*;

use crate::components::{Icon, words};
use crate::reactive::{dynamic, effect};

/// A modal panel, open while `open` is true. Escape, its cross and a press beside it close it.
#[component]
pub fn Sheet(
    /// Id of its heading.
    heading_id: &'static str,
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// Whether it is open.
    open: RwSignal<bool>,
    /// `start` or `end`: the edge.
    edge: &'static str,
    /// What is inside, made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    effect(move || {
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
    // Told late: it may have been opened again meanwhile.
    let closed = move |_| {
        if node.get_untracked().is_none_or(|dialog| !dialog.open()) {
            open.set(false);
        }
    };
    // The dialog itself is hit only beside its content: the backdrop.
    let beside = move |event: leptos::ev::MouseEvent| {
        if event.target() == event.current_target() {
            open.set(false);
        }
    };
    view! {
        <dialog
            class=format!("sheet {edge}")
            node_ref=node
            aria-labelledby=heading_id
            on:close=closed
            // Closed from here, so that `open` says so at once: the browser tells it in a later frame.
            on:cancel=move |event: leptos::ev::Event| {
                event.prevent_default();
                open.set(false);
            }
            on:click=beside
        >
            <div class="dlg-head">
                <h2 id=heading_id>{title}</h2>
                <span class="sp"></span>
                <button type="button" class="btn ghost ic" aria-label=words().common.close on:click=move |_| open.set(false)>
                    <Icon name="x" />
                </button>
            </div>
            {dynamic(move || open.get().then(|| children()))}
        </dialog>
    }
}
