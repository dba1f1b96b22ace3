//! The order of a list that lives: it follows the figures, but never moves under somebody's hand.

use std::collections::HashMap;

use common::ids::NodeId;
use common::node_order::{NodeFacts, NodeSort, OrderKey};
use common::time::Timestamp;
use leptos::prelude::*;

use super::lifecycle::bulk::Selection;
use super::node_list_query::NodeFilter;
use super::node_list_remote::{Question, Remote};
use super::node_list_window::Drift;
use crate::components::{Icon, format, words};
use crate::reactive::{derived, dynamic, effect, memo};
use crate::state::announce::use_announcer;
use crate::state::connection::use_connection;
use crate::state::live::{LiveStore, use_live};

/// Why an order stands still.
#[derive(Clone, Copy)]
pub struct Holds {
    /// The pointer is in the body of the table.
    pub pointer: RwSignal<bool>,
    /// The row that has the focus.
    pub focus: RwSignal<Option<NodeId>>,
    /// The row whose menu is open.
    pub menu: RwSignal<Option<NodeId>>,
}

impl Default for Holds {
    fn default() -> Self {
        Self { pointer: RwSignal::new(false), focus: RwSignal::new(None), menu: RwSignal::new(None) }
    }
}

/// What a table shows and why; copy it freely.
#[derive(Clone, Copy)]
pub struct Order {
    /// The rows in order.
    pub ids: RwSignal<Vec<NodeId>>,
    places: StoredValue<HashMap<NodeId, usize>>,
    /// What makes it stand still.
    pub holds: Holds,
    /// How far it is behind while it stands still.
    pub drift: RwSignal<Drift>,
    /// When it was last what the figures say.
    pub current_at: RwSignal<Option<Timestamp>>,
    /// Sorts now, whatever holds it.
    pub resort: Callback<()>,
}

impl Order {
    /// At which place a node stands.
    pub fn place(self, id: NodeId) -> Option<usize> {
        self.places.with_value(|places| places.get(&id).copied())
    }

    fn show(self, ids: Vec<NodeId>) {
        if self.ids.with_untracked(|old| *old != ids) {
            self.places.set_value(ids.iter().enumerate().map(|(n, id)| (*id, n)).collect());
            self.ids.set(ids);
        }
    }
}

/// The nodes that a list chooses from.
#[derive(Clone, Copy)]
pub struct Source {
    /// All of them, where the page has them all.
    pub here: Signal<Vec<NodeId>>,
    /// The server's answers, where it has too many.
    pub remote: Option<(Signal<bool>, Remote)>,
}

/// Those that are wanted, sorted, from what the page knows.
fn sorted(live: LiveStore, ids: Vec<NodeId>, (filter, sort): &Question) -> Vec<NodeId> {
    // Not followed: with a thousand nodes each heartbeat would sort a thousand rows.
    let key = |id| {
        live.node(id, |node| {
            filter
                .wants(node)
                .then(|| OrderKey::new(&NodeFacts::of(node, &node.endpoint.authority()), sort.column))
        })
    };
    let mut keys: Vec<OrderKey> = untrack(|| ids.into_iter().filter_map(|id| key(id).flatten()).collect());
    keys.sort_by(|a, b| a.compare(b, *sort));
    keys.into_iter().map(|key| key.id).collect()
}

/// Keeps the nodes of `source` filtered and sorted, at most once a second.
pub fn use_order(
    source: Source,
    filter: Signal<NodeFilter>,
    sort: Signal<NodeSort>,
    selection: Option<Selection>,
) -> Order {
    let (live, connection) = (use_live(), use_connection());
    let far = move || source.remote.filter(|(on, _)| on.get_untracked());
    let due = move || {
        let question = (filter.get_untracked(), sort.get_untracked());
        match far() {
            Some((_, remote)) => remote.ids(&question),
            None => Some(sorted(live, source.here.get_untracked(), &question)),
        }
    };
    let first = due().unwrap_or_default();
    let places = first.iter().enumerate().map(|(n, id)| (*id, n)).collect();
    let holds = Holds::default();
    let drift = RwSignal::new(Drift::default());
    let current_at = RwSignal::new(untrack(|| connection.server_now()));
    // Something was asked for that is not shown yet: it is shown as soon as it is known, whatever holds the order.
    let asked = StoredValue::new(false);
    let mut order = Order {
        ids: RwSignal::new(first),
        places: StoredValue::new(places),
        holds,
        drift,
        current_at,
        resort: Callback::new(|()| ()),
    };
    let apply = move |next: Vec<NodeId>| {
        order.show(next);
        asked.set_value(false);
        current_at.set(untrack(|| connection.server_now()));
        if drift.with_untracked(|d| !d.is_none()) {
            drift.set(Drift::default());
        }
    };
    order.resort = Callback::new(move |()| {
        if let Some(next) = due() {
            apply(next);
        }
    });
    let locked = memo(move || {
        holds.pointer.get()
            || holds.focus.with(Option::is_some)
            || holds.menu.with(Option::is_some)
            || selection.is_some_and(Selection::any)
    });
    // What the person asked for happens at once.
    effect(move || {
        filter.with(|_| ());
        sort.with(|_| ());
        asked.set_value(true);
        if let Some(next) = due() {
            apply(next);
        }
    });
    effect(move || {
        match source.remote {
            Some((on, remote)) if on.get() => remote.answers.track(),
            _ => {
                source.here.with(|_| ());
                connection.server_now();
            }
        }
        let held = locked.get() && order.ids.with_untracked(|old| !old.is_empty());
        let Some(next) = due() else { return };
        if !held || asked.get_value() || order.ids.with_untracked(|old| *old == next) {
            apply(next);
        } else {
            let found = order.ids.with_untracked(|old| Drift::between(old, &next));
            if drift.with_untracked(|old| *old != found) {
                drift.set(found);
            }
        }
    });
    order
}

/// What is said of an order that is held while another is due, with the button that brings it.
#[component]
pub fn OrderChips(
    /// The order.
    order: Order,
) -> impl IntoView {
    let (connection, announcer) = (use_connection(), use_announcer());
    let w = &words().table;
    let moved = memo(move || order.drift.with(|d| d.moved));
    let new = memo(move || order.drift.with(|d| d.new));
    let age = memo(move || {
        let (now, at) = (connection.server_now()?, order.current_at.get()?);
        Some(format::duration(format::age_ms(at, now)))
    });
    let behind = derived(move || (w.order_age)(&age.get().unwrap_or_default(), moved.get()));
    let resort = move |_| {
        order.resort.run(());
        announcer.say(w.resorted);
    };
    view! {
        {dynamic(move || {
            (moved.get() > 0)
                .then(|| {
                    view! {
                        <button type="button" class="chip resort" on:click=resort>
                            <Icon name="arrow-up-down" />
                            <span>{behind}</span>
                        </button>
                    }
                })
        })}
        {dynamic(move || {
            (new.get() > 0)
                .then(|| {
                    view! {
                        <button type="button" class="chip resort" on:click=resort>
                            <Icon name="plus" />
                            <span>{dynamic(move || (w.new_rows)(new.get()))}</span>
                        </button>
                    }
                })
        })}
    }
}
