//! Back and forward: each step of the browser's history gets back its scroll position and its focus.
//!
//! The browser restores scrolling before the page has its rows, and never the focus, so both are done here. Each entry
//! of the history has a number in its state; what was scrolled and focused is kept under it in the tab's own storage.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::reactive::{effect, memo};
use crate::routes;
use crate::state::clock::monotonic_ms;
use crate::state::trail::use_trail;

const STORE: &str = "iqra.history";
/// So many entries are remembered.
const ENTRIES: usize = 200;
/// A page whose rows have not come by then stays where it is.
const PATIENCE_MS: u64 = 4_000;
/// Where the focus may be found again.
const HEADING: &str = "main h1";

/// What is remembered of an entry.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Place {
    /// Distance from the top by scroll box; the page itself is the one without a name.
    scrolled: BTreeMap<String, f64>,
    /// A selector of what had the focus.
    focused: Option<String>,
}

/// Everything remembered, and where we are.
#[derive(Debug, Default)]
struct Entries {
    /// Where the router is.
    path: String,
    places: BTreeMap<u32, Place>,
    /// The entry on the screen; none while the next page is being made.
    here: Option<u32>,
    /// The one before it.
    left: Option<u32>,
    /// The page is being put back; what it does meanwhile is not what a person did.
    restoring: bool,
    /// A person has pressed a key or a button since the way to this page began.
    acted: bool,
}

type Store = StoredValue<Entries>;

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn read() -> BTreeMap<u32, Place> {
    let text = storage().and_then(|s| s.get_item(STORE).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn write(store: Store) {
    let text = store.try_update_value(|entries| {
        while entries.places.len() > ENTRIES {
            entries.places.pop_first();
        }
        serde_json::to_string(&entries.places)
    });
    if let (Some(Ok(text)), Some(storage)) = (text, storage()) {
        // A full storage costs the memory over a reload.
        let _ = storage.set_item(STORE, &text);
    }
}

/// The number in the state of the browser's entry.
fn number() -> Option<u32> {
    let state = window().history().ok()?.state().ok()?;
    js_sys::Reflect::get(&state, &"iqra".into()).ok()?.as_string()?.parse().ok()
}

fn set_number(number: u32) {
    let state = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&state, &"iqra".into(), &JsValue::from_str(&number.to_string()));
    if let Ok(history) = window().history() {
        // Refused only where pages change their history hundreds of times in a row.
        let _ = history.replace_state(&state, "");
    }
}

/// Keeps scrolling and focus with the history, and the filters of a list with its address. Once, inside the router.
pub fn follow_history() {
    let store: Store = StoredValue::new(Entries { places: read(), ..Entries::default() });
    if let Ok(history) = window().history() {
        let _ = history.set_scroll_restoration(web_sys::ScrollRestoration::Manual);
    }
    listen(store);
    let (location, trail) = (use_location(), use_trail());
    let (path, search) = (location.pathname, location.search);
    let address = memo(move || (path.get(), search.get()));
    Effect::new(move |before: Option<String>| {
        let (path, search) = address.get();
        // Links back lead to now.
        let filters: Vec<&str> = search.split('&').filter(|part| !part.starts_with("at=")).collect();
        trail.filtered(&path, &filters.join("&"));
        let other = before.as_deref() != Some(path.as_str());
        // The old page is gone and the browser's entry is not changed yet: nothing is written until it is.
        store.update_value(|entries| {
            entries.path.clone_from(&path);
            entries.left = entries.here.take().or(entries.left);
            entries.restoring = false;
            entries.acted = false;
        });
        let began_on = document().active_element();
        // The redirect from the root is the first page still.
        let (now, first) = (path.clone(), before.as_deref().is_none_or(|before| before == "/"));
        request_animation_frame(move || arrive(store, &now, &search, first, other, began_on.as_ref()));
        path
    });
}

/// The address bar shows the new page. `began_on` had the focus when the way to it began.
fn arrive(
    store: Store,
    path: &str,
    search: &str,
    first: bool,
    other: bool,
    began_on: Option<&web_sys::Element>,
) {
    // Somebody quicker than a frame is on another page by now.
    if store.try_with_value(|entries| entries.path == path) != Some(true) {
        return;
    }
    let location = window().location();
    let shown = location.pathname().unwrap_or_default();
    if shown != path {
        // The router takes a link back to where one came from by Forward for no step at all.
        let query = if search.is_empty() { String::new() } else { format!("?{search}") };
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&format!("{path}{query}")));
        }
    }
    match number().filter(|n| store.with_value(|e| e.places.contains_key(n))) {
        Some(known) => {
            store.update_value(|e| e.here = Some(known));
            let place = store.with_value(|e| e.places.get(&known).cloned()).unwrap_or_default();
            // A reload is not a step; its focus begins anew.
            restore(store, known, place, other, !first);
        }
        None => {
            let new = store.with_value(|e| e.places.keys().last().map_or(1, |last| last.wrapping_add(1)));
            set_number(new);
            store.update_value(|e| {
                // A filter is a step on the same page, which stays where it is scrolled to.
                let same = e.left.filter(|_| !other).and_then(|left| e.places.get(&left).cloned());
                e.places.insert(new, same.unwrap_or_default());
                e.here = Some(new);
            });
            if other && !first && path != routes::LOGIN && !taken(store, began_on) {
                super::focus(HEADING);
            }
        }
    }
    write(store);
}

/// Whether a person has taken the focus elsewhere since the way to the page began: it is theirs then. What the page does
/// by itself, such as a dialog that gives the focus back as it closes, is no such thing.
fn taken(store: Store, began_on: Option<&web_sys::Element>) -> bool {
    let now = document().active_element();
    let moved = now.is_some() && now.as_ref() != began_on && !super::focus_is_nowhere();
    moved && store.with_value(|entries| entries.acted)
}

/// Notes what is scrolled and focused, as long as a page stands.
fn listen(store: Store) {
    let note = move |change: &dyn Fn(&mut Place)| {
        store.try_update_value(|entries| {
            if let Some(place) =
                entries.here.filter(|_| !entries.restoring).and_then(|here| entries.places.get_mut(&here))
            {
                change(place);
            }
        });
    };
    let scrolled =
        wasm_bindgen::closure::Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            let element = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            match element {
                Some(element) => {
                    if let Some(name) = element.get_attribute("data-scroll") {
                        let top = f64::from(element.scroll_top());
                        note(&move |place| {
                            place.scrolled.insert(name.clone(), top);
                        });
                    }
                }
                None => {
                    let top = window().scroll_y().unwrap_or_default();
                    note(&move |place| {
                        place.scrolled.insert(String::new(), top);
                    });
                }
            }
        });
    // Scrolling of inner boxes does not bubble, but is captured.
    let _ = document().add_event_listener_with_callback_and_bool(
        "scroll",
        scrolled.as_ref().unchecked_ref(),
        true,
    );
    // Lives as long as the page.
    scrolled.forget();
    // Captured, so that the key that leads to another page is heard before that page begins.
    let acted =
        wasm_bindgen::closure::Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            let key = event.dyn_ref::<web_sys::KeyboardEvent>().map(web_sys::KeyboardEvent::key);
            let alone = key
                .is_some_and(|key| matches!(key.as_str(), "Shift" | "Control" | "Alt" | "AltGraph" | "Meta"));
            if !alone {
                store.try_update_value(|entries| entries.acted = true);
            }
        });
    for name in ["keydown", "pointerdown"] {
        let listener = acted.as_ref().unchecked_ref();
        let _ = document().add_event_listener_with_callback_and_bool(name, listener, true);
    }
    // Lives as long as the page.
    acted.forget();
    let focused = window_event_listener(leptos::ev::focusin, move |event| {
        let element = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        if let Some(element) = element.filter(|e| matches!(e.closest("main"), Ok(Some(_)))) {
            let selector = selector_of(&element);
            note(&move |place| place.focused.clone_from(&selector));
        }
    });
    let hidden =
        window_event_listener(leptos::ev::Custom::<web_sys::Event>::new("pagehide"), move |_| write(store));
    on_cleanup(move || {
        focused.remove();
        hidden.remove();
    });
}

/// How an element is found again on the same page made anew: by its id, or by where it leads.
fn selector_of(element: &web_sys::Element) -> Option<String> {
    let id = element.id();
    if !id.is_empty() {
        return Some(format!("[id=\"{}\"]", id.replace('"', "")));
    }
    let href = element.get_attribute("href")?;
    Some(format!("main a[href=\"{}\"]", href.replace('"', "")))
}

/// Puts a page back: as soon as it is long enough, and the focused element is there. A person who scrolls or types
/// meanwhile is not pulled away.
fn restore(store: Store, entry: u32, place: Place, other: bool, focus: bool) {
    store.update_value(|e| e.restoring = true);
    let moved = StoredValue::new(store.with_value(|e| e.acted));
    let stop = move || {
        moved.try_set_value(true);
    };
    let handles = [
        window_event_listener(leptos::ev::wheel, move |_| stop()),
        window_event_listener(leptos::ev::touchstart, move |_| stop()),
        window_event_listener(leptos::ev::keydown, move |_| stop()),
        window_event_listener(leptos::ev::pointerdown, move |_| stop()),
    ];
    let handles = StoredValue::new_local(Some(handles));
    attempt(store, entry, place, other && focus, moved, handles, monotonic_ms().saturating_add(PATIENCE_MS));
}

type Handles = StoredValue<Option<[WindowListenerHandle; 4]>, LocalStorage>;

fn attempt(
    store: Store,
    entry: u32,
    place: Place,
    focus: bool,
    moved: StoredValue<bool>,
    handles: Handles,
    until: u64,
) {
    let still_here = store.try_with_value(|e| e.here) == Some(Some(entry));
    let given_up = !still_here || moved.get_value() || monotonic_ms() > until;
    let mut done = given_up;
    if !given_up {
        let scrolled = place.scrolled.iter().all(|(name, top)| scroll_to(name, *top));
        let target = place.focused.as_deref().filter(|_| focus);
        let found =
            target.is_none_or(|selector| document().query_selector(selector).is_ok_and(|e| e.is_some()));
        done = scrolled && found;
    }
    if !done {
        request_animation_frame(move || attempt(store, entry, place, focus, moved, handles, until));
        return;
    }
    if focus && still_here && !moved.get_value() {
        let target =
            place.focused.as_deref().filter(|s| document().query_selector(s).is_ok_and(|e| e.is_some()));
        super::focus(target.unwrap_or(HEADING));
    }
    handles.update_value(|all| {
        for handle in all.take().into_iter().flatten() {
            handle.remove();
        }
    });
    if still_here {
        store.update_value(|e| e.restoring = false);
    }
}

/// Scrolls a box to where it was; says whether it is there, which a box without its rows cannot be.
fn scroll_to(name: &str, top: f64) -> bool {
    if name.is_empty() {
        window().scroll_to_with_x_and_y(0.0, top);
        return (window().scroll_y().unwrap_or_default() - top).abs() < 2.0;
    }
    let found = document().query_selector(&format!("[data-scroll=\"{}\"]", name.replace('"', "")));
    let Ok(Some(element)) = found else { return false };
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "a distance in pixels on a screen"
    )]
    element.set_scroll_top(top as i32);
    (f64::from(element.scroll_top()) - top).abs() < 2.0
}

/// Names the page for the list of those seen last.
pub fn remember_pages(title: RwSignal<String>) {
    let (path, trail) = (use_location().pathname, use_trail());
    effect(move || {
        let title = title.get();
        let path = path.get_untracked();
        // Things of their own; what the navigation lists is one key away.
        let thing = matches!(
            routes::find(&path).0,
            routes::Page::Region | routes::Page::Node | routes::Page::ActivityEntry | routes::Page::Problem
        );
        if thing && !title.is_empty() {
            trail.saw(&path, &title);
        }
    });
}
