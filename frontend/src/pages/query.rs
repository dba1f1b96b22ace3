//! Filters that live in the address, so that a view can be linked and Back restores it.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::query_signal_with_options;

use crate::reactive::{derived, effect};

/// How long typing rests before the address follows.
const REST: Duration = Duration::from_millis(250);

fn options(replace: bool) -> NavigateOptions {
    NavigateOptions { replace, scroll: false, ..NavigateOptions::default() }
}

/// A filter that is typed: follows every key, writes the address when typing rests, and makes no history of it.
pub fn use_text_filter(key: &'static str) -> RwSignal<String> {
    use_typed_filter(key).0
}

/// The same, with the value as it stands in the address: what was typed when typing rested last.
pub fn use_typed_filter(key: &'static str) -> (RwSignal<String>, Signal<String>) {
    let (query, set_query) = query_signal_with_options::<String>(key, options(true));
    let start = query.get_untracked().unwrap_or_default();
    let (text, written) = (RwSignal::new(start.clone()), StoredValue::new(start));
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        timer.try_update_value(|t| t.take().inspect(TimeoutHandle::clear));
    };
    effect(move || {
        let now = query.get().unwrap_or_default();
        // Not our own echo: Back, or a link.
        if written.with_value(|w| *w != now) {
            written.set_value(now.clone());
            text.set(now);
        }
    });
    effect(move || {
        let typed = text.get();
        stop();
        if written.with_value(|w| *w == typed) {
            return;
        }
        let write = move || {
            written.set_value(typed.clone());
            set_query.set((!typed.is_empty()).then_some(typed));
        };
        timer.set_value(set_timeout_with_handle(write, REST).ok());
    });
    // A late write would put the filter into the address of the next page.
    on_cleanup(stop);
    (text, derived(move || query.get().unwrap_or_default()))
}

/// A filter that is chosen: each choice is a step of the history. Empty is no filter.
pub fn use_choice(key: &'static str) -> (Signal<String>, Callback<String>) {
    use_value(key, false)
}

/// A setting of a view, such as its columns: it can be linked, but is no step of the history.
pub fn use_setting(key: &'static str) -> (Signal<String>, Callback<String>) {
    use_value(key, true)
}

fn use_value(key: &'static str, replace: bool) -> (Signal<String>, Callback<String>) {
    let (query, set_query) = query_signal_with_options::<String>(key, options(replace));
    let read = derived(move || query.get().unwrap_or_default());
    let write = Callback::new(move |value: String| set_query.set((!value.is_empty()).then_some(value)));
    (read, write)
}
