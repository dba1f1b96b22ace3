//! A menu of actions behind a button, with the keys that menus have everywhere.
//!
//! The button names the menu with `popovertarget` and `aria-haspopup="menu"`; the browser opens it, closes it on Escape
//! or a press elsewhere, and gives the focus back to the button.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

use super::icon::Icon;
use crate::reactive::{attr, dynamic, memo};
use crate::state::session::use_session;

/// The items of a menu that can have the focus.
fn items(menu: &Element) -> Vec<HtmlElement> {
    let Ok(found) = menu.query_selector_all("[role=menuitem]") else { return Vec::new() };
    (0..found.length()).filter_map(|n| found.item(n)?.dyn_into::<HtmlElement>().ok()).collect()
}

/// Which item a key leads to, of so many, from the one that has the focus.
fn leads_to(key: &str, here: Option<usize>, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match key {
        "ArrowDown" => Some(here.map_or(0, |n| if n == last { 0 } else { n + 1 })),
        "ArrowUp" => Some(here.map_or(last, |n| n.checked_sub(1).unwrap_or(last))),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

/// The menu. It has the focus on its first item as soon as it opens.
#[component]
pub fn Menu(
    /// Its id, which the button names.
    #[prop(into)]
    id: String,
    /// What it is about.
    #[prop(into)]
    label: Signal<String>,
    /// It was opened, or closed.
    #[prop(optional, into)]
    on_toggle: Option<Callback<bool>>,
    /// Items.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let helpers = use_session().helpers();
    let toggled = move |_| {
        let Some(Some(menu)) = node.try_get_untracked() else { return };
        let open = menu.matches(":popover-open").unwrap_or(false);
        if let Some(on_toggle) = on_toggle {
            on_toggle.run(open);
        }
        if open {
            // Its items that are off say why.
            if menu.query_selector("[aria-disabled=true]").is_ok_and(|found| found.is_some()) {
                helpers.explain();
            }
        }
    };
    // The browser itself moves the focus as it opens the menu: a key pressed right after finds it there.
    let opens = move |_: ev::Event| {
        let Some(Some(menu)) = node.try_get_untracked() else { return };
        for (n, item) in items(&menu).into_iter().enumerate() {
            // Throws only where the name of an attribute is none.
            let _ = item.toggle_attribute_with_force("autofocus", n == 0);
        }
    };
    let pressed = move |event: ev::KeyboardEvent| {
        let Some(Some(menu)) = node.try_get_untracked() else { return };
        if event.key() == "Tab" {
            let _ = menu.hide_popover();
            return;
        }
        let all = items(&menu);
        let focused = document().active_element();
        let here = all.iter().position(|item| focused.as_ref().is_some_and(|f| f.is_same_node(Some(item))));
        if let Some(item) = leads_to(&event.key(), here, all.len()).and_then(|n| all.get(n)) {
            event.prevent_default();
            event.stop_propagation();
            let _ = item.focus();
        }
    };
    view! {
        <div
            id=id
            class="menu"
            popover="auto"
            role="menu"
            aria-label=label
            node_ref=node
            on:beforetoggle=opens
            on:toggle=toggled
            on:keydown=pressed
        >
            {children()}
        </div>
    }
}

/// Closes the menu that an element stands in; the browser gives the focus back to its button.
fn close_around(event: &ev::MouseEvent) {
    let item = event.current_target().and_then(|t| t.dyn_into::<Element>().ok());
    let menu = item.and_then(|e| e.closest("[popover]").ok().flatten());
    if let Some(menu) = menu.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        // Refused only where it is closed already.
        let _ = menu.hide_popover();
    }
}

/// An action of a menu. Off, it stays, can have the focus, and says why.
#[component]
pub fn MenuItem(
    /// Its words.
    #[prop(into)]
    label: Signal<String>,
    /// Its icon.
    icon: &'static str,
    /// It opens something that destroys.
    #[prop(optional)]
    danger: bool,
    /// Why it is off; `None` where it is on.
    #[prop(optional, into)]
    off: Signal<Option<String>>,
    /// Does it, after the menu has closed.
    on_press: Callback<()>,
) -> impl IntoView {
    let off = memo(move || off.get());
    let press = move |event: ev::MouseEvent| {
        if off.with_untracked(Option::is_some) {
            return;
        }
        // The focus is back on the button then: a dialog that opens now gives it back there.
        close_around(&event);
        on_press.run(());
    };
    view! {
        <button
            type="button"
            role="menuitem"
            tabindex="-1"
            class=if danger { "menu-item dtx" } else { "menu-item" }
            aria-disabled=attr(move || off.with(Option::is_some).then_some("true"))
            on:click=press
        >
            <Icon name=icon />
            <span>
                {label} {dynamic(move || off.get().map(|text| view! { <span class="sub-line wrap">{text}</span> }))}
            </span>
        </button>
    }
}

/// A way to another page, in a menu.
#[component]
pub fn MenuLink(
    /// Where it leads.
    #[prop(into)]
    href: Signal<String>,
    /// Its words.
    #[prop(into)]
    label: Signal<String>,
    /// Its icon.
    icon: &'static str,
    /// Why it is off, where it leads to a form that the person may not send; `None` where it is on.
    #[prop(optional, into)]
    off: Signal<Option<String>>,
) -> impl IntoView {
    let off = memo(move || off.get());
    let press = move |event: ev::MouseEvent| {
        if off.with_untracked(Option::is_none) {
            close_around(&event);
        }
    };
    view! {
        <a
            role="menuitem"
            tabindex="-1"
            class="menu-item"
            href=attr(move || off.with(Option::is_none).then(|| href.get()))
            aria-disabled=attr(move || off.with(Option::is_some).then_some("true"))
            on:click=press
        >
            <Icon name=icon />
            <span>
                {label} {dynamic(move || off.get().map(|text| view! { <span class="sub-line wrap">{text}</span> }))}
            </span>
        </a>
    }
}

#[cfg(test)]
mod tests {
    use super::leads_to;

    #[test]
    fn keys_of_a_menu() {
        assert_eq!(leads_to("ArrowDown", None, 3), Some(0));
        assert_eq!(leads_to("ArrowDown", Some(2), 3), Some(0));
        assert_eq!(leads_to("ArrowUp", Some(0), 3), Some(2));
        assert_eq!(leads_to("ArrowUp", None, 3), Some(2));
        assert_eq!((leads_to("Home", Some(1), 3), leads_to("End", Some(1), 3)), (Some(0), Some(2)));
        assert_eq!((leads_to("x", Some(1), 3), leads_to("Home", None, 0)), (None, None));
    }
}
