//! A question over the page: a native dialog with a heading, a body and its buttons.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlDialogElement, HtmlElement, HtmlInputElement, HtmlTextAreaElement};

use super::icon::Icon;
use super::words;
use crate::reactive::{dynamic, effect};

/// What has the focus first: what the dialog names, else its first field, else the button that changes nothing.
const FIRST: [&str; 2] = [".dlg-body [data-first]", ".dlg-body :is(input, textarea, select), .dlg-foot .btn"];
/// So many frames what a dialog holds is waited for.
const FRAMES: u32 = 600;
/// Marks a field that somebody has typed into.
const TOUCHED: &str = "data-touched";
/// Where the focus goes when what had it is gone.
const HEADING: &str = "main h1";

/// Whether something typed would be lost, or a request is under way.
fn holds(dialog: &HtmlDialogElement) -> bool {
    if dialog.query_selector(".dlg-foot [aria-busy=true]").is_ok_and(|found| found.is_some()) {
        return true;
    }
    let Ok(fields) = dialog.query_selector_all(&format!(".dlg-body [{TOUCHED}]")) else { return false };
    (0..fields.length()).filter_map(|i| fields.item(i)).any(|field| {
        let input = field.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::value);
        let text = input.or_else(|| field.dyn_ref::<HtmlTextAreaElement>().map(HtmlTextAreaElement::value));
        text.is_some_and(|text| !text.trim().is_empty())
    })
}

/// Remembers where something was typed. Boxes to tick are chosen again in a moment.
fn touch(event: &web_sys::Event) {
    let Some(target) = event.target() else { return };
    let typed = match target.dyn_ref::<HtmlInputElement>() {
        Some(input) => !matches!(input.type_().as_str(), "checkbox" | "radio"),
        None => target.dyn_ref::<HtmlTextAreaElement>().is_some(),
    };
    if let Some(element) = target.dyn_ref::<web_sys::Element>().filter(|_| typed) {
        let _ = element.set_attribute(TOUCHED, "");
    }
}

/// Puts the focus where it begins. What a dialog holds may still be on its way: then it is looked for in each of the
/// next frames, unless somebody has gone on from the cross, which has the focus meanwhile.
fn focus_first(dialog: HtmlDialogElement, frames: u32) {
    let gone_on = document().active_element().is_some_and(|e| {
        dialog.contains(Some(&e))
            && !e.is_same_node(Some(&dialog))
            && !matches!(e.closest(".dlg-head"), Ok(Some(_)))
    });
    if gone_on || !dialog.open() {
        return;
    }
    let first = FIRST.into_iter().find_map(|selector| dialog.query_selector(selector).ok().flatten());
    if let Some(first) = first.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = first.focus();
    } else if frames > 0 {
        request_animation_frame(move || focus_first(dialog, frames - 1));
    }
}

/// The browser has given the focus back to what had it, unless that is gone.
fn keep_focus() {
    request_animation_frame(|| {
        let lost = document().active_element().is_none_or(|e| e.tag_name() == "BODY");
        if lost {
            crate::shell::focus(HEADING);
        }
    });
}

/// A modal dialog, open while `open` is true. Its cross closes it, and Escape and a press beside it do where nothing
/// typed would be lost; the focus goes back to where it was.
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
    let held = RwSignal::new(false);
    effect(move || {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                held.set(false);
                // Throws only where the element is not in the page.
                let _ = dialog.show_modal();
                // At once: a key pressed right after finds the focus there.
                focus_first(dialog, FRAMES);
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    // Says whether the dialog may go, and tells where it may not.
    let may_go = move || {
        let stays = node.get_untracked().is_some_and(|dialog| holds(&dialog));
        held.set(stays);
        !stays
    };
    let keys = move |event: ev::KeyboardEvent| {
        // Before the browser asks: its second Escape in a row is not refused.
        if event.key() == "Escape" && !event.is_composing() && !may_go() {
            event.prevent_default();
        }
    };
    // Told late: it may have been opened again meanwhile.
    let closed = move |_| {
        if node.get_untracked().is_none_or(|dialog| !dialog.open()) {
            open.set(false);
            keep_focus();
        }
    };
    let beside = move |event: ev::MouseEvent| {
        // The dialog itself is hit only beside its content: the backdrop.
        let backdrop = event.target() == event.current_target();
        if backdrop && node.get_untracked().is_some_and(|d| outside(&d, &event)) && may_go() {
            open.set(false);
        }
    };
    view! {
        <dialog
            class=if wide { "dlg wide" } else { "dlg" }
            node_ref=node
            aria-labelledby=heading_id
            on:close=closed
            on:cancel=move |event: ev::Event| {
                // Closed from here, so that `open` says so at once: the browser tells it in a later frame.
                event.prevent_default();
                if may_go() {
                    open.set(false);
                }
            }
            on:keydown=keys
            on:mousedown=beside
            on:input=move |event: ev::Event| {
                touch(&event);
                held.set(false);
            }
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
            <p class="dlg-note" role="status">
                {dynamic(move || held.get().then_some(words().states.typed_stays))}
            </p>
            {dynamic(move || open.get().then(|| children()))}
        </dialog>
    }
}

/// Whether a press was beside the dialog: its own border is part of it.
fn outside(dialog: &HtmlDialogElement, event: &ev::MouseEvent) -> bool {
    let area = dialog.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    x < area.left() || x > area.right() || y < area.top() || y > area.bottom()
}
