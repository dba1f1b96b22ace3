//! The country picker: an editable combobox with a list (ARIA Authoring Practices, list autocomplete with manual
//! selection). Focus stays in the input; `aria-activedescendant` names where the arrow keys stand.

use common::country::{self, Country};
use leptos::ev;
use leptos::prelude::*;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

use super::country_names::{country_name, other_names};
use super::icon::{Flag, Icon};
use super::words;
use crate::reactive::{attr, dynamic, effect, memo};
use crate::state::announce::Announcer;
use crate::text::lower;

/// Countries that answer a query: those `common` finds by code and English name, then those whose other names have
/// a word that begins with it.
pub fn matches(query: &str, names: impl Fn(&'static Country) -> Vec<String>) -> Vec<&'static Country> {
    let mut found: Vec<&'static Country> = country::search(query).collect();
    let query = folded(query.trim());
    if !query.is_empty() {
        let answers = |name: &String| {
            let name = folded(name);
            name.starts_with(&query)
                || name.split([' ', '-', '(']).any(|word| {
                    // The Arabic article does not count: "هند" finds الهند.
                    word.starts_with(&query)
                        || word.strip_prefix("ال").is_some_and(|bare| bare.starts_with(&query))
                })
        };
        let by_name = country::all().iter().filter(|c| names(c).iter().any(answers));
        for country in by_name {
            if !found.iter().any(|f| f.code == country.code) {
                found.push(country);
            }
        }
    }
    found
}

/// A name as it is compared: small letters, and Arabic without vowel signs, with one letter for those that many people
/// type as one.
fn folded(name: &str) -> String {
    lower(name)
        .chars()
        .filter(|c| !matches!(c, '\u{64b}'..='\u{652}' | '\u{640}'))
        .map(|c| match c {
            'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
            'ى' => 'ي',
            'ة' => 'ه',
            other => other,
        })
        .collect()
}

/// The one country a text names without doubt: its code, or its whole name.
fn exact(text: &str) -> Option<&'static Country> {
    let text = text.trim();
    country::find(text).or_else(|| {
        country::all().iter().find(|c| {
            c.alpha3.eq_ignore_ascii_case(text)
                || c.name.eq_ignore_ascii_case(text)
                || other_names(c).iter().any(|name| folded(name) == folded(text))
        })
    })
}

/// Chooses a country; `value` is its code, or empty.
#[component]
pub fn CountryCombobox(
    /// Id of the input.
    #[prop(into)]
    id: String,
    /// The chosen code; empty for none.
    value: RwSignal<String>,
    /// Something is wrong with the choice.
    #[prop(into)]
    invalid: Signal<bool>,
    /// Ids of hint and error.
    #[prop(into)]
    described_by: Signal<Option<String>>,
) -> impl IntoView {
    let text = RwSignal::new(
        value.with_untracked(|code| if code.is_empty() { String::new() } else { country_name(code) }),
    );
    let open = RwSignal::new(false);
    // Typed since the last choice: only then does the text narrow the list.
    let typed = RwSignal::new(false);
    let active = RwSignal::new(None::<usize>);
    let options = memo(move || {
        let query = if typed.get() { text.get() } else { String::new() };
        matches(&query, other_names)
    });
    let list_id = format!("{id}-list");
    let option_id = StoredValue::new(format!("{id}-option"));
    let id_of = move |i: usize| option_id.with_value(|prefix| format!("{prefix}-{i}"));

    let choose = move |country: &'static Country| {
        value.set(country.code.to_owned());
        text.set(country_name(country.code));
        typed.set(false);
        open.set(false);
        active.set(None);
    };
    let show = move || {
        if !open.get_untracked() {
            open.set(true);
            let chosen = value.get_untracked();
            active.set(options.with_untracked(|o| o.iter().position(|c| c.code == chosen)));
        }
    };
    let step = move |forward: bool| {
        let count = options.with_untracked(Vec::len);
        if count == 0 {
            return;
        }
        active.update(|at| {
            *at = Some(match (*at, forward) {
                (None, true) => 0,
                (None, false) => count - 1,
                (Some(i), true) => (i + 1) % count,
                (Some(i), false) => (i + count - 1) % count,
            });
        });
    };
    let typing = move |event: ev::Event| {
        text.set(event_target_value(&event));
        typed.set(true);
        value.set(String::new());
        open.set(true);
        active.set(None);
    };
    let keys = move |event: ev::KeyboardEvent| {
        let key = event.key();
        match (key.as_str(), event.alt_key()) {
            ("ArrowDown", true) => show(),
            ("ArrowUp", true) => open.set(false),
            ("ArrowDown" | "ArrowUp", false) => {
                let was_open = open.get_untracked();
                show();
                if was_open || active.get_untracked().is_none() {
                    step(key == "ArrowDown");
                }
            }
            ("Enter", _) if open.get_untracked() => {
                let at = active.get_untracked();
                let under = options.with_untracked(|o| match at {
                    Some(i) => o.get(i).copied(),
                    // Nothing pointed at: one match is what was meant.
                    None => o.first().copied().filter(|_| o.len() == 1),
                });
                match under.or_else(|| exact(&text.get_untracked())) {
                    Some(country) => choose(country),
                    None => open.set(false),
                }
            }
            ("Escape", _) if open.get_untracked() => {
                open.set(false);
                active.set(None);
            }
            ("Escape", _) if !text.with_untracked(String::is_empty) => {
                text.set(String::new());
                value.set(String::new());
                typed.set(true);
            }
            _ => return,
        }
        event.prevent_default();
        // Escape closes the list, not the dialog around it.
        event.stop_propagation();
    };
    let left = move |_| {
        open.set(false);
        active.set(None);
        // A page that is left takes the field away while it has the focus: all of it is gone then.
        if typed.try_get_untracked() == Some(true)
            && let Some(country) = text.try_get_untracked().and_then(|text| exact(&text))
        {
            choose(country);
        }
    };
    effect(move || {
        let row = active.get().and_then(|at| document().get_element_by_id(&id_of(at)));
        let Some(row) = row else { return };
        let how = ScrollIntoViewOptions::new();
        how.set_block(ScrollLogicalPosition::Nearest);
        row.scroll_into_view_with_scroll_into_view_options(&how);
    });

    let announcer = use_context::<Announcer>();
    effect(move || {
        let count = options.with(Vec::len);
        if let (true, Some(announcer)) = (open.get() && typed.get(), announcer) {
            announcer.say((words().country.found)(count));
        }
    });

    let rows = move || {
        let found = options.get();
        if found.is_empty() {
            return view! { <li class="listbox-note" role="presentation">{words().country.none}</li> }
                .into_any();
        }
        let row = |(i, country): (usize, &'static Country)| {
            view! {
                <li
                    class="option"
                    role="option"
                    id=id_of(i)
                    aria-selected=attr(move || if value.with(|v| v == country.code) { "true" } else { "false" })
                    data-active=attr(move || (active.get() == Some(i)).then_some(""))
                    // Before the blur that a click would cause.
                    on:mousedown=move |event| {
                        event.prevent_default();
                        choose(country);
                    }
                >
                    <Flag code=country.code />
                    <span class="gr">{country_name(country.code)}</span>
                    <span class="opt-code">{country.code}</span>
                </li>
            }
        };
        found.into_iter().enumerate().map(row).collect_view().into_any()
    };
    view! {
        <div class="combo">
            <div class="combo-box">
                {dynamic(move || {
                    let code = value.get();
                    (!code.is_empty()).then(|| view! { <Flag code=code /> })
                })}
                <input
                    class="inp"
                    id=id
                    type="text"
                    role="combobox"
                    autocomplete="off"
                    spellcheck="false"
                    aria-autocomplete="list"
                    aria-required="true"
                    aria-expanded=attr(move || if open.get() { "true" } else { "false" })
                    aria-controls=list_id.clone()
                    aria-activedescendant=attr(move || active.get().filter(|_| open.get()).map(id_of))
                    aria-invalid=attr(move || invalid.get().then_some("true"))
                    aria-describedby=described_by
                    placeholder=words().country.placeholder
                    prop:value=text
                    on:input=typing
                    on:keydown=keys
                    on:click=move |_| show()
                    on:blur=left
                />
                <Icon name="chevron-down" />
            </div>
            <ul class="listbox" role="listbox" id=list_id aria-label=words().country.list hidden=attr(move || !open.get())>
                {dynamic(move || open.get().then(rows))}
            </ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn other_names_find_a_country_too() {
        let names = |c: &'static common::country::Country| match c.code {
            "DE" => vec!["Deutschland".to_owned()],
            "OM" => vec!["عُمان".to_owned()],
            "US" => vec!["الولايات المتحدة".to_owned(), "Vereinigte Staaten".to_owned()],
            "JO" => vec!["الأردن".to_owned()],
            "IN" => vec!["الهند".to_owned()],
            _ => Vec::new(),
        };
        let codes = |q: &str| matches(q, names).iter().map(|c| c.code).collect::<Vec<_>>();
        assert_eq!(codes("deutschl"), ["DE"]);
        assert_eq!(codes("staat"), ["US"]);
        assert_eq!(codes("عُم"), ["OM"]);
        assert_eq!(codes("عمان"), ["OM"]);
        assert_eq!(codes("هند"), ["IN"]);
        assert_eq!(codes("الاردن"), ["JO"]);
        assert_eq!(codes("متحده"), ["US"]);
        assert_eq!(codes("de").first(), Some(&"DE"));
        assert_eq!(codes("de").iter().filter(|c| **c == "DE").count(), 1);
        assert_eq!(codes("").len(), 249);
    }
}
