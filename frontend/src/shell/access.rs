//! What somebody may do can change while they are here: the page says so, once, and its controls follow.

use common::auth::User;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event};

use crate::components::words;
use crate::i18n::use_i18n;
use crate::state::gate::names;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;

/// What is off, and can be pointed at and have the focus.
const OFF: &str = "[aria-disabled=true]";

/// Somebody who points at a control that is off, or comes to it with the keyboard, is told whom to ask.
pub fn follow_reasons() {
    let helpers = use_session().helpers();
    let look = move |event: &Event| {
        let at = event.target().and_then(|t| t.dyn_into::<Element>().ok());
        if at.is_some_and(|e| e.closest(OFF).is_ok_and(|found| found.is_some())) {
            helpers.explain();
        }
    };
    let over = window_event_listener(ev::pointerover, move |event| look(&event));
    let focus = window_event_listener(ev::focusin, move |event| look(&event));
    on_cleanup(move || {
        over.remove();
        focus.remove();
    });
}

/// Where changes are allowed, in words.
pub fn regions_text(user: &User) -> String {
    let w = &words().access;
    match user.region_scope.as_deref() {
        None => w.everywhere.to_owned(),
        Some([]) => w.nowhere.to_owned(),
        Some(some) => names(some),
    }
}

/// Says when the role or the regions of the person on the page change.
pub fn follow_access() {
    let (t, session, toasts) = (use_i18n().t, use_session(), use_toasts());
    Effect::new(move |before: Option<Option<User>>| {
        let now = session.user(Clone::clone);
        if let (Some(Some(before)), Some(now)) = (&before, &now)
            && before.id == now.id
        {
            let w = &words().access;
            if before.role != now.role {
                toasts.done((w.role_changed)((t.role)(now.role)));
            }
            if before.region_scope != now.region_scope {
                toasts.done((w.regions_changed)(&regions_text(now)));
            }
        }
        now
    });
}
