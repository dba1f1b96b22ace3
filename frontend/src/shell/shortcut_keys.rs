//! The one place that listens to the keyboard: it finds the shortcut of a key and does it.

use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::shortcuts::{Modifiers, Shortcut, go_target, shortcut_of};
use crate::components::words;
use crate::ids;
use crate::state::announce::use_announcer;
use crate::state::clock::monotonic_ms;
use crate::state::commands::{Overlay, use_commands};
use crate::state::connection::use_connection;
use crate::state::prefs::{SingleKeys, use_prefs};
use crate::state::trail::use_trail;

/// The key after `g` has to come within this time.
const GO_WITHIN_MS: u64 = 1_500;
/// What takes characters itself, or is likely to while a screen reader is in forms mode.
const TAKES_TEXT: &str = "input:not([type=checkbox],[type=radio],[type=button],[type=submit]), textarea, select, \
    [contenteditable], [role=textbox], [role=searchbox], [role=combobox], [role=listbox], [role=menu], [popover]";
/// The filter of a page.
const FILTER: &str = "main input[type=search]";

fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

fn within(element: Option<&Element>, selector: &str) -> Option<Element> {
    element.and_then(|e| e.closest(selector).ok().flatten())
}

fn press(element: Option<Element>) -> bool {
    let Some(element) = element.and_then(|e| e.dyn_into::<HtmlElement>().ok()) else { return false };
    let _ = element.focus();
    element.click();
    true
}

/// The first filter that is shown.
fn filter() -> Option<HtmlInputElement> {
    let all = document().query_selector_all(FILTER).ok()?;
    (0..all.length())
        .filter_map(|i| all.item(i)?.dyn_into::<HtmlInputElement>().ok())
        .find(|input| input.offset_parent().is_some())
}

/// Empties the filter as if it was done by hand; says whether there was anything in it.
fn clear_filter() -> bool {
    let Some(input) = filter().filter(|input| !input.value().is_empty()) else { return false };
    input.set_value("");
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    web_sys::Event::new_with_event_init_dict("input", &init).is_ok_and(|e| input.dispatch_event(&e).is_ok())
}

fn held(event: &web_sys::KeyboardEvent) -> Modifiers {
    Modifiers {
        ctrl: event.ctrl_key(),
        meta: event.meta_key(),
        alt: event.alt_key(),
        shift: event.shift_key(),
        third_level: event.get_modifier_state("AltGraph"),
    }
}

/// Listens as long as the component that calls this is on the screen.
pub fn follow_keys() {
    let (commands, prefs, trail, connection) = (use_commands(), use_prefs(), use_trail(), use_connection());
    let (announcer, path, navigate) = (use_announcer(), use_location().pathname, use_navigate());
    let go_since = StoredValue::new(None::<u64>);
    let listener = window_event_listener(ev::keydown, move |event| {
        // A widget that has taken the key wants it for itself; a method of input is in the middle of a character.
        if event.default_prevented() || event.is_composing() {
            return;
        }
        let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
        let typing = within(target.as_ref(), TAKES_TEXT).is_some();
        let layered = find("dialog:modal").is_some();
        let (key, code, held) = (event.key(), event.code(), held(&event));
        let singles = !typing && !layered && prefs.single_keys.get_untracked() == SingleKeys::On;
        let since = go_since.try_update_value(Option::take).flatten();
        if singles
            && since.is_some_and(|since| monotonic_ms().saturating_sub(since) <= GO_WITHIN_MS)
            && let Some(path) = go_target(&key, &code, held)
        {
            event.prevent_default();
            navigate(path, NavigateOptions::default());
            return;
        }
        let Some(shortcut) = shortcut_of(&key, &code, held) else { return };
        if shortcut.single() && !singles {
            return;
        }
        let rows = matches!(shortcut, Shortcut::NextRow | Shortcut::PreviousRow);
        if event.repeat() && !rows {
            return;
        }
        let done = match shortcut {
            Shortcut::Palette => {
                if !layered || commands.overlay() == Some(Overlay::Palette) {
                    commands.toggle(Overlay::Palette);
                }
                // The browser's own search would open over the page.
                true
            }
            Shortcut::Toasts => super::focus_on(&format!("#{}", ids::TOASTS)),
            Shortcut::Escape => {
                let open = layered || find(":popover-open").is_some();
                let elsewhere = typing && within(target.as_ref(), FILTER).is_none();
                !open && !elsewhere && (clear_filter() || commands.press(shortcut))
            }
            Shortcut::Sheet => {
                commands.toggle(Overlay::Shortcuts);
                true
            }
            Shortcut::Go => {
                go_since.set_value(Some(monotonic_ms()));
                true
            }
            Shortcut::Filter => filter().is_some_and(|input| {
                let _ = input.focus();
                input.select();
                true
            }),
            Shortcut::Actions => {
                let row = within(document().active_element().as_ref(), "tr, li, [role=row]");
                let menu = row.and_then(|row| row.query_selector("[data-row-menu]").ok().flatten());
                press(menu) || commands.press(shortcut) || press(find("main [data-page-menu]"))
            }
            Shortcut::PreviousItem | Shortcut::NextItem => {
                let forward = shortcut == Shortcut::NextItem;
                match trail.neighbour(&path.get_untracked(), forward) {
                    Some(to) => navigate(&to, NavigateOptions::default()),
                    None => announcer.say(words().shortcuts.no_neighbour),
                }
                true
            }
            Shortcut::Pause => {
                connection.toggle_pause();
                true
            }
            Shortcut::Refresh => {
                connection.refresh();
                true
            }
            other => commands.press(other),
        };
        if done {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}
