//! The filters of a list: a menu of ticks for each, and a chip for each value that is chosen.

use leptos::prelude::*;

use super::node_list_query::{split, toggled};
use crate::components::{Icon, words};
use crate::i18n::plural::num;
use crate::reactive::{attr, dynamic, memo};

/// A value that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// As in the address.
    pub key: String,
    /// Its words.
    pub text: String,
    /// How many nodes have it, where that is known.
    pub count: Option<usize>,
    /// An id or a version: not translated, keeps its direction.
    pub technical: bool,
}

/// One filter: its name, its values, and what is chosen. Copy it freely.
#[derive(Clone, Copy)]
pub struct Filter {
    /// Id of its menu.
    pub id: &'static str,
    /// Its name.
    pub label: &'static str,
    /// The values of the address.
    pub value: Signal<String>,
    /// Writes them.
    pub choose: Callback<String>,
    /// What can be chosen.
    pub choices: Signal<Vec<Choice>>,
}

impl Filter {
    /// The words of a value, also of one that is not offered.
    fn text(self, key: &str) -> String {
        self.choices
            .with(|all| all.iter().find(|c| c.key == key).map(|c| c.text.clone()))
            .unwrap_or_else(|| key.to_owned())
    }

    fn toggle(self, key: &str) {
        self.choose.run(toggled(&self.value.get_untracked(), key));
    }
}

/// The button of a filter with its menu of ticks.
#[component]
pub fn FilterMenu(
    /// Which.
    filter: Filter,
) -> impl IntoView {
    let chosen = memo(move || split(&filter.value.get()));
    let summary = memo(move || match chosen.get().as_slice() {
        [] => words().nodes.any.to_owned(),
        [one] => filter.text(one),
        several => num(several.len()),
    });
    let tick = move |choice: Choice| {
        let Choice { key, text, count, technical } = choice;
        let mine = key.clone();
        let on = memo(move || chosen.with(|all| all.contains(&mine)));
        let words = if technical {
            view! {
                <bdi class="gr id" translate="no">
                    {text}
                </bdi>
            }
            .into_any()
        } else {
            view! { <span class="gr">{text}</span> }.into_any()
        };
        view! {
            <label class="menu-item">
                <input type="checkbox" prop:checked=attr(move || on.get()) on:change=move |_| filter.toggle(&key) />
                {words}
                {count.map(|n| view! { <span class="num xs mut">{num(n)}</span> })}
            </label>
        }
    };
    view! {
        <button
            type="button"
            class="chip filter"
            popovertarget=filter.id
            aria-pressed=attr(move || if chosen.with(Vec::is_empty) { "false" } else { "true" })
        >
            <span>{filter.label} ": " {summary}</span>
            <Icon name="chevron-down" />
        </button>
        <div id=filter.id class="menu ticks" popover="auto" role="group" aria-label=filter.label>
            {dynamic(move || filter.choices.get().into_iter().map(tick).collect_view())}
        </div>
    }
}

/// A chip for each value that is chosen; pressing it takes the value away.
#[component]
pub fn FilterChips(
    /// All filters.
    filters: StoredValue<Vec<Filter>>,
    /// What is typed.
    text: RwSignal<String>,
    /// Takes all of it away.
    clear: Callback<()>,
) -> impl IntoView {
    let w = &words().table;
    let chosen = memo(move || {
        filters.with_value(|all| {
            let of = |(n, filter): (usize, &Filter)| {
                let filter = *filter;
                split(&filter.value.get()).into_iter().map(move |key| (n, key)).collect::<Vec<_>>()
            };
            all.iter().enumerate().flat_map(of).collect::<Vec<_>>()
        })
    });
    let typed = memo(move || Some(text.get().trim().to_owned()).filter(|t| !t.is_empty()));
    let some = memo(move || chosen.with(|c| !c.is_empty()) || typed.with(Option::is_some));
    let chip = move |(n, key): (usize, String)| {
        let filter = filters.with_value(|all| all.get(n).copied())?;
        let label = format!("{}: {}", filter.label, filter.text(&key));
        let spoken = (w.remove_filter)(&label);
        Some(view! {
            <button type="button" class="chip" aria-label=spoken on:click=move |_| filter.toggle(&key)>
                <span>{label}</span>
                <Icon name="x" />
            </button>
        })
    };
    dynamic(move || {
        some.get().then(|| {
            view! {
                <div class="toolbar chips" role="group" aria-label=w.filters>
                    {dynamic(move || chosen.get().into_iter().filter_map(chip).collect_view())}
                    {dynamic(move || {
                        typed
                            .get()
                            .map(|typed| {
                                let label = (w.text_chip)(&typed);
                                let spoken = (w.remove_filter)(&label);
                                view! {
                                    <button type="button" class="chip" aria-label=spoken on:click=move |_| text.set(String::new())>
                                        <span>{label}</span>
                                        <Icon name="x" />
                                    </button>
                                }
                            })
                    })}
                    <button type="button" class="btn ghost small" on:click=move |_| clear.run(())>
                        {words().nodes.clear}
                    </button>
                </div>
            }
        })
    })
}
