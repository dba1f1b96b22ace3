//! The editor of labels: rows of key and value.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::form::{described_by, focus_id};
use crate::components::{Icon, words};
use crate::reactive::{attr, dynamic};

/// A row: what tells it from the others, key, value.
type Row = (u32, String, String);

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
        self.rows.get().into_iter().map(|(_, key, value)| (key, value)).collect()
    }

    /// Begins anew with these.
    pub fn set(self, all: &[(String, String)]) {
        let rows = all.iter().map(|(key, value)| (self.number(), key.clone(), value.clone())).collect();
        self.rows.set(rows);
    }

    /// An empty row; its number.
    fn add(self) -> u32 {
        let number = self.number();
        self.rows.update(|rows| rows.push((number, String::new(), String::new())));
        number
    }

    fn number(self) -> u32 {
        let next = self.next.try_update_value(|n| {
            *n += 1;
            *n
        });
        next.unwrap_or(0)
    }

    /// One side of a row.
    fn text(self, number: u32, read: fn(&Row) -> &String) -> String {
        self.rows.with(|rows| rows.iter().find(|r| r.0 == number).map(read).cloned()).unwrap_or_default()
    }

    fn write(self, number: u32, write: impl FnOnce(&mut Row)) {
        self.rows.update(|rows| {
            if let Some(row) = rows.iter_mut().find(|r| r.0 == number) {
                write(row);
            }
        });
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
    let add = move |_| {
        let number = labels.add();
        spawn_local(async move { focus_id(&format!("{id}-{number}")) });
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
            <For each=move || labels.rows.with(|rows| rows.iter().map(|r| r.0).collect::<Vec<_>>()) key=|n| *n let:number>
                {
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
                                aria-label=attr(move || (w.label_key)(place(number)))
                                prop:value=attr(move || labels.text(number, |r| &r.1))
                                on:input=move |event| labels.write(number, |r| r.1 = event_target_value(&event))
                            />
                            <input
                                class="inp mono"
                                type="text"
                                autocomplete="off"
                                spellcheck="false"
                                translate="no"
                                dir="ltr"
                                placeholder=w.value
                                aria-label=attr(move || (w.label_value)(place(number)))
                                prop:value=attr(move || labels.text(number, |r| &r.2))
                                on:input=move |event| labels.write(number, |r| r.2 = event_target_value(&event))
                            />
                            <button
                                type="button"
                                class="btn ghost ic"
                                aria-label=attr(move || (w.remove_label)(&labels.text(number, |r| &r.1)))
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
