//! The editor of labels: rows of key and value.

use leptos::prelude::*;

use crate::components::form::{described_by, focus_id};
use crate::components::{Icon, words};
use crate::reactive::dynamic;

/// A row: what tells it from the others, key, value.
type Row = (u32, RwSignal<String>, RwSignal<String>);

/// What is typed; copy it freely.
#[derive(Clone, Copy)]
pub struct Labels {
    rows: RwSignal<Vec<Row>>,
    next: StoredValue<u32>,
}

impl Labels {
    /// None.
    pub fn new() -> Self {
        Self { rows: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }

    /// Keys and values in their order.
    pub fn get(self) -> Vec<(String, String)> {
        self.rows.get().into_iter().map(|(_, key, value)| (key.get(), value.get())).collect()
    }

    /// Begins anew with these.
    pub fn set(self, all: &[(String, String)]) {
        let rows = all.iter().map(|(key, value)| self.row(key, value)).collect();
        self.rows.set(rows);
    }

    fn row(self, key: &str, value: &str) -> Row {
        let number = self.next.try_update_value(|n| {
            *n += 1;
            *n
        });
        // Of the arena, not of whatever happens to run now: the form may be filled inside an effect.
        (number.unwrap_or(0), RwSignal::new(key.to_owned()), RwSignal::new(value.to_owned()))
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self::new()
    }
}

/// The rows with their buttons.
#[component]
pub fn LabelsField(
    /// Id of the group.
    id: &'static str,
    /// What is typed.
    labels: Labels,
    /// What is wrong.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let w = &words().edit;
    // A row that is added inside an effect that runs again would lose its signals with that run.
    let owner = Owner::current();
    let add = move |_| {
        let row = owner.as_ref().map_or_else(|| labels.row("", ""), |o| o.with(|| labels.row("", "")));
        let number = row.0;
        labels.rows.update(|rows| rows.push(row));
        request_animation_frame(move || focus_id(&format!("{id}-{number}")));
    };
    let place = move |number: u32| {
        labels.rows.with(|rows| rows.iter().position(|r| r.0 == number)).map_or(0, |n| n + 1)
    };
    let remove = move |number: u32| labels.rows.update(|rows| rows.retain(|r| r.0 != number));
    view! {
        <fieldset class="form-group" id=id tabindex="-1" aria-describedby=described_by(id, true, error)>
            <legend>
                {w.labels} <span class="opt">" "{words().common.optional}</span>
            </legend>
            <p class="hint" id=format!("{id}-hint")>
                {w.labels_hint}
            </p>
            <For each=move || labels.rows.get() key=|row| row.0 let:row>
                {
                    let (number, key, value) = row;
                    view! {
                        <div class="row label-row">
                            <input
                                class="inp mono"
                                id=format!("{id}-{number}")
                                type="text"
                                autocomplete="off"
                                autocapitalize="off"
                                spellcheck="false"
                                translate="no"
                                dir="ltr"
                                placeholder=w.key
                                aria-label=move || (w.label_key)(place(number))
                                prop:value=key
                                on:input=move |event| key.set(event_target_value(&event))
                            />
                            <input
                                class="inp mono"
                                type="text"
                                autocomplete="off"
                                spellcheck="false"
                                translate="no"
                                dir="ltr"
                                placeholder=w.value
                                aria-label=move || (w.label_value)(place(number))
                                prop:value=value
                                on:input=move |event| value.set(event_target_value(&event))
                            />
                            <button
                                type="button"
                                class="btn ghost ic"
                                aria-label=move || (w.remove_label)(&key.get())
                                on:click=move |_| {
                                    remove(number);
                                    focus_id(&format!("{id}-add"));
                                }
                            >
                                <Icon name="x" />
                            </button>
                        </div>
                    }
                }
            </For>
            {dynamic(move || {
                error
                    .get()
                    .map(|text| {
                        view! {
                            <p class="err" id=format!("{id}-err")>
                                <Icon name="circle-alert" />
                                {text}
                            </p>
                        }
                    })
            })}
            <p>
                <button type="button" class="btn small" id=format!("{id}-add") on:click=add>
                    <Icon name="plus" />
                    <span>{w.add_label}</span>
                </button>
            </p>
        </fieldset>
    }
}
