//! Copying to the clipboard, with a result that is always seen and heard.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlDocument, HtmlTextAreaElement};

use super::icon::Icon;
use super::words;
use crate::reactive::{attr, dynamic};
use crate::state::announce::Announcer;
use crate::state::toasts::Toasts;

/// How far a copy got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Done,
    /// The text is selected and the person has to press the keys.
    Manual,
}

/// What the person is told.
fn said(state: State) -> &'static str {
    match state {
        State::Idle => "",
        State::Done => words().common.copied,
        State::Manual => words().common.press_ctrl_c,
    }
}

/// Copies one text. Where the page is not secure the old way is tried; where that fails too, the text is selected
/// and the button says which keys to press.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// The words on the button, or its name where only the icon shows.
    #[prop(into)]
    label: String,
    /// Only the icon; the name is for screen readers and the tooltip.
    #[prop(optional)]
    icon_only: bool,
    /// The main action of its place.
    #[prop(optional)]
    primary: bool,
) -> impl IntoView {
    let state = RwSignal::new(State::Idle);
    let button = NodeRef::<leptos::html::Button>::new();
    // Missing only where the component stands alone.
    let announcer = use_context::<Announcer>();
    let finish = move |reached: State| {
        if state.try_set(reached).is_some() {
            return;
        }
        if let Some(announcer) = announcer {
            announcer.say(said(reached));
        }
        if reached == State::Done {
            set_timeout(
                move || {
                    // The page may be gone by then.
                    state.try_update(|s| *s = State::Idle);
                },
                Duration::from_secs(2),
            );
        }
    };
    let copy = move |_| {
        let text = text.get_untracked();
        let place = button.get_untracked().and_then(|b| b.parent_element());
        if window().is_secure_context() {
            let promise = window().navigator().clipboard().write_text(&text);
            spawn_local(async move {
                let reached = match JsFuture::from(promise).await {
                    Ok(_) => State::Done,
                    Err(_) => copy_by_selection(&text, place),
                };
                finish(reached);
            });
        } else {
            finish(copy_by_selection(&text, place));
        }
    };
    let name = StoredValue::new(label);
    let class = match (icon_only, primary) {
        (true, _) => "btn ghost small ic",
        (false, true) => "btn pri",
        (false, false) => "btn",
    };
    view! {
        <button
            type="button"
            class=class
            node_ref=button
            title=icon_only.then(|| name.get_value())
            data-done=attr(move || (state.get() == State::Done).then_some(""))
            on:click=copy
        >
            {dynamic(move || match state.get() {
                State::Done => view! { <Icon name="check" /> },
                State::Idle | State::Manual => view! { <Icon name="copy" /> },
            })}
            {if icon_only {
                view! { <span class="vh">{name.get_value()}</span> }.into_any()
            } else {
                let words = move || match said(state.get()) {
                    "" => name.get_value(),
                    text => text.to_owned(),
                };
                view! { <span>{dynamic(words)}</span> }.into_any()
            }}
        </button>
        {dynamic(move || (icon_only && state.get() == State::Manual).then(|| view! { <span class="xs">{said(State::Manual)}</span> }))}
    }
}

/// Copies a text for an action without a button of its own; the result is a message.
pub fn copy_text(text: &str, toasts: Toasts) {
    let finish = move |reached: State| match reached {
        State::Done => toasts.done(said(reached)),
        State::Idle | State::Manual => toasts.failed(words().table.not_copied),
    };
    let place = || document().body().map(Element::from);
    if window().is_secure_context() {
        let promise = window().navigator().clipboard().write_text(text);
        let text = text.to_owned();
        spawn_local(async move {
            finish(match JsFuture::from(promise).await {
                Ok(_) => State::Done,
                Err(_) => copy_by_selection(&text, place()),
            });
        });
    } else {
        finish(copy_by_selection(text, place()));
    }
}

/// Copies through a hidden text box beside the button (inside the same dialog, or it could not take the focus).
fn copy_by_selection(text: &str, place: Option<Element>) -> State {
    let document = document();
    let (Some(place), Some(area)) = (
        place,
        document.create_element("textarea").ok().and_then(|e| e.dyn_into::<HtmlTextAreaElement>().ok()),
    ) else {
        return State::Manual;
    };
    area.set_value(text);
    area.set_class_name("vh");
    area.set_read_only(true);
    let _ = area.set_attribute("aria-label", words().common.text_to_copy);
    let before = document.active_element();
    if place.append_child(&area).is_err() {
        return State::Manual;
    }
    let _ = area.focus();
    area.select();
    let copied =
        document.dyn_ref::<HtmlDocument>().and_then(|d| d.exec_command("copy").ok()).unwrap_or(false);
    if copied {
        area.remove();
        if let Some(element) = before.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = element.focus();
        }
        return State::Done;
    }
    // Left selected for Ctrl+C; it goes when the person moves on.
    let gone = area.clone();
    let once = wasm_bindgen::closure::Closure::once_into_js(move || gone.remove());
    let _ = area.add_event_listener_with_callback("blur", once.unchecked_ref());
    State::Manual
}
