//! The line above a list of nodes: what it is filtered by, how much of it that leaves, and how it is shown.

use common::node_order::{NodeColumn, NodeSort};
use leptos::prelude::*;

use super::node_list_bar::{ColumnsMenu, DensitySwitch};
use super::node_list_columns::Columns;
use super::node_list_filters::{Filter, FilterChips, FilterMenu};
use super::node_list_model::{Address, Counts, attention, filters};
use crate::components::{Icon, words};
use crate::i18n::plural::num;
use crate::reactive::{attr, dynamic, memo};

/// The line, and the chips of what is filtered by.
#[component]
pub fn ListToolbar(
    /// What the address asks for.
    address: Address,
    /// How many nodes have what.
    counts: Memo<Counts>,
    /// The list is of one region.
    of_region: bool,
    /// So many are shown of so many, where a filter is set and what it leaves is known.
    found: Memo<Option<(usize, usize)>>,
    /// The columns.
    columns: Memo<Columns>,
    /// Columns that say nothing here.
    useless: &'static [NodeColumn],
    /// What the list is sorted by.
    sort: Memo<NodeSort>,
    /// What stands at its end: a menu.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let w = &words().nodes;
    let (only_attention, needs) = attention(address);
    let waiting = memo(move || counts.with(Counts::attention));
    let all = StoredValue::new(filters(address, counts, of_region));
    let toggle = move |_| {
        let on = only_attention.get_untracked();
        address.status.1.run(if on { String::new() } else { needs.clone() });
    };
    view! {
        <div class="toolbar list-bar">
            <label class="vh" for="nodes-q">
                {w.filter}
            </label>
            <input
                class="inp text-filter"
                id="nodes-q"
                type="search"
                autocomplete="off"
                maxlength="100"
                placeholder=w.filter
                prop:value=address.text
                on:input=move |event| address.text.set(event_target_value(&event))
            />
            <button
                type="button"
                class="chip"
                aria-pressed=attr(move || if only_attention.get() { "true" } else { "false" })
                on:click=toggle
            >
                <Icon name="filter" />
                {w.attention}
                {dynamic(move || view! { <span class="num">" · " {num(waiting.get())}</span> })}
            </button>
            {all.with_value(|all| all.iter().map(|filter| offered(*filter)).collect_view())}
            <span class="sp"></span>
            <span class="sm mut nowrap" role="status">
                {dynamic(move || found.get().map(|(n, of)| (w.of)(n, of)))}
            </span>
            <ColumnsMenu columns=columns choose=address.set_columns() useless=useless sort=sort on_sort=address.set_sort() />
            <DensitySwitch />
            {children.map(|children| children())}
        </div>
        <FilterChips filters=all text=address.text clear=address.clear() />
    }
}

/// A filter that has something to choose.
fn offered(filter: Filter) -> impl IntoView {
    let some = memo(move || filter.choices.with(|c| !c.is_empty()));
    dynamic(move || some.get().then(|| view! { <FilterMenu filter=filter /> }))
}
