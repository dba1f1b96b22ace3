//! The order of a table that lives: it follows the figures, but never moves under somebody's hand.

use common::ids::NodeId;
use leptos::prelude::*;

use super::node_row::{Column, NodeFilter, NodeRow, compare};
use crate::components::Sort;
use crate::reactive::{dynamic, effect};
use crate::state::connection::use_connection;
use crate::state::live::use_live;

/// What a table follows.
#[derive(Clone, Copy)]
pub struct Order {
    /// The rows in order.
    pub ids: RwSignal<Vec<NodeId>>,
    /// Pointer or focus is inside the table: order and membership stand still.
    pub locked: RwSignal<bool>,
    /// The order would be another one by now.
    pub outdated: RwSignal<bool>,
    /// Sorts now, lock or not.
    pub resort: Callback<()>,
}

/// Keeps the nodes of `source` filtered and sorted, at most once a second.
pub fn use_order(
    source: Signal<Vec<NodeId>>,
    filter: Signal<NodeFilter>,
    sort: Signal<Sort<Column>>,
) -> Order {
    let (live, connection) = (use_live(), use_connection());
    let sorted = move || {
        let (filter, sort) = (filter.get_untracked(), sort.get_untracked());
        let ids = source.get_untracked();
        // Not followed: with a thousand nodes each heartbeat would sort a thousand rows.
        let mut rows: Vec<NodeRow> =
            untrack(|| ids.into_iter().filter_map(|id| live.node(id, NodeRow::of)).collect());
        rows.retain(|row| filter.wants(row));
        rows.sort_by(|a, b| compare(a, b, sort.column, sort.descending));
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let (ids, locked, outdated) = (RwSignal::new(sorted()), RwSignal::new(false), RwSignal::new(false));
    let apply = move |next: Vec<NodeId>| {
        if ids.with_untracked(|old| *old != next) {
            ids.set(next);
        }
        if outdated.get_untracked() {
            outdated.set(false);
        }
    };
    // What the person asked for happens at once.
    effect(move || {
        filter.with(|_| ());
        sort.with(|_| ());
        apply(sorted());
    });
    effect(move || {
        source.with(|_| ());
        connection.server_now();
        let held = locked.get();
        let next = sorted();
        let other = ids.with_untracked(|old| *old != next);
        if other && held && ids.with_untracked(|old| !old.is_empty()) {
            if !outdated.get_untracked() {
                outdated.set(true);
            }
        } else {
            apply(next);
        }
    });
    Order { ids, locked, outdated, resort: Callback::new(move |()| apply(sorted())) }
}

/// Holds the order while pointer or focus is inside its table.
#[component]
pub fn Held(
    /// The order of the table inside.
    order: Order,
    /// Another reason to hold it: rows are selected.
    #[prop(optional, into)]
    also: Signal<bool>,
    /// The table.
    children: Children,
) -> impl IntoView {
    let (pointer, focus) = (RwSignal::new(false), RwSignal::new(false));
    effect(move || {
        let held = pointer.get() || focus.get() || also.get();
        if order.locked.get_untracked() != held {
            order.locked.set(held);
        }
    });
    view! {
        <div
            on:pointerenter=move |_| pointer.set(true)
            on:pointerleave=move |_| pointer.set(false)
            on:focusin=move |_| focus.set(true)
            on:focusout=move |_| focus.set(false)
        >
            {children()}
        </div>
    }
}

/// The button that appears where the order is held and another would be due.
#[component]
pub fn ResortChip(
    /// The order.
    order: Order,
) -> impl IntoView {
    dynamic(move || {
        order.outdated.get().then(|| {
            view! {
                <button type="button" class="chip" on:click=move |_| order.resort.run(())>
                    <crate::components::Icon name="arrow-up-down" />
                    {crate::components::words().nodes.resort}
                </button>
            }
        })
    })
}
