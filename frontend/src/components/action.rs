//! Actions that may be off: they stay where they are, stay focusable, and say why.

use leptos::ev;
use leptos::prelude::*;

use super::icon::Icon;
use crate::reactive::{attr, dynamic, effect, memo};
use crate::state::session::use_session;

/// A link that looks like a button and leads to a page where something is changed.
#[component]
pub fn GatedLink(
    /// Where it leads.
    #[prop(into)]
    href: Signal<String>,
    /// Why it is off; `None` where it is on.
    #[prop(into)]
    off: Signal<Option<String>>,
    /// Id of the text that shows the reason: [`Reason`].
    reason: &'static str,
    /// The main action of its place.
    #[prop(optional)]
    primary: bool,
    /// Its icon.
    #[prop(default = "plus")]
    icon: &'static str,
    /// Its words.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let class = if primary { "btn pri" } else { "btn" };
    let off = memo(move || off.get());
    view! {
        <a
            class=class
            href=attr(move || off.with(Option::is_none).then(|| href.get()))
            role="link"
            tabindex="0"
            title=attr(move || off.get())
            aria-disabled=attr(move || off.with(Option::is_some).then_some("true"))
            aria-describedby=attr(move || off.with(Option::is_some).then_some(reason))
        >
            <Icon name=icon />
            <span>{label}</span>
        </a>
    }
}

/// The reason why actions beside it are off, readable without a pointer.
#[component]
pub fn Reason(
    /// Its id, named by the actions.
    id: &'static str,
    /// The reason; `None` where they are on.
    #[prop(into)]
    off: Signal<Option<String>>,
) -> impl IntoView {
    let off = memo(move || off.get());
    let there = memo(move || off.with(Option::is_some));
    let helpers = use_session().helpers();
    effect(move || {
        if there.get() {
            helpers.explain();
        }
    });
    dynamic(move || off.get().map(|text| view! { <p class="reason" id=id>{text}</p> }))
}

/// The button that sends a form. Off, it does nothing and names its reason; busy, it cannot be pressed again.
#[component]
pub fn SubmitButton(
    /// Its words.
    #[prop(into)]
    label: Signal<String>,
    /// Why it is off; `None` where it is on.
    #[prop(into)]
    off: Signal<Option<String>>,
    /// Id of the text that shows the reason.
    reason: &'static str,
    /// The request is under way.
    #[prop(into)]
    busy: Signal<bool>,
) -> impl IntoView {
    let stop = move |event: ev::MouseEvent| {
        if off.with_untracked(Option::is_some) || busy.get_untracked() {
            event.prevent_default();
        }
    };
    view! {
        <button
            type="submit"
            class="btn pri"
            aria-disabled=attr(move || (off.with(Option::is_some) || busy.get()).then_some("true"))
            aria-busy=attr(move || busy.get().then_some("true"))
            aria-describedby=attr(move || off.with(Option::is_some).then_some(reason))
            on:click=stop
        >
            {dynamic(move || busy.get().then(|| view! { <Icon name="loader-circle" class="spin" /> }))}
            <span>{label}</span>
        </button>
    }
}

/// A button that may be off: then it does nothing, stays focusable and names its reason.
#[component]
pub fn GatedButton(
    /// Its words; they may change while it stays.
    #[prop(into)]
    label: Signal<&'static str>,
    /// Its icon.
    icon: &'static str,
    /// Why it is off; `None` where it is on.
    #[prop(into)]
    off: Signal<Option<String>>,
    /// Id of the text that shows the reason.
    reason: &'static str,
    /// `btn` and more classes.
    #[prop(default = "btn")]
    class: &'static str,
    /// It was pressed while it is on.
    on_press: Callback<()>,
) -> impl IntoView {
    let off = memo(move || off.get());
    view! {
        <button
            type="button"
            class=class
            title=attr(move || off.get())
            aria-disabled=attr(move || off.with(Option::is_some).then_some("true"))
            aria-describedby=attr(move || off.with(Option::is_some).then_some(reason))
            on:click=move |_| {
                if off.with_untracked(Option::is_none) {
                    on_press.run(());
                }
            }
        >
            <Icon name=icon />
            <span>{dynamic(move || label.get())}</span>
        </button>
    }
}
