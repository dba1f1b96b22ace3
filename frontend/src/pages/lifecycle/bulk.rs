//! Many nodes at once: the ticks of a table, and the bar that appears while there are any.

use std::collections::BTreeSet;

use common::auth::Permission;
use common::ids::NodeId;
use common::intent::{BULK_MAX, BulkAction};
use leptos::prelude::*;

use super::bulk_dialog::BulkDialog;
use crate::components::{GatedButton, Reason, words};
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::state::announce::use_announcer;
use crate::state::gate::{out_of_scope, use_gate};
use crate::state::live::use_live;
use crate::state::session::use_session;

/// Id of the reason why nothing can be done.
const REASON: &str = "bulk-gate";

/// What is ticked, by id: rows may be sorted, filtered and written again meanwhile. Copy it freely.
#[derive(Clone, Copy)]
pub struct Selection {
    /// The nodes.
    pub ids: RwSignal<BTreeSet<NodeId>>,
    /// Where a range begins: the row that was ticked or unticked last.
    last: StoredValue<Option<NodeId>>,
}

impl Default for Selection {
    fn default() -> Self {
        Self { ids: RwSignal::new(BTreeSet::new()), last: StoredValue::new(None) }
    }
}

impl Selection {
    /// Ticks or unticks one.
    pub fn set(self, id: NodeId, on: bool) {
        self.last.set_value(Some(id));
        self.set_all([id], on);
    }

    /// Ticks or unticks several.
    pub fn set_all(self, several: impl IntoIterator<Item = NodeId>, on: bool) {
        self.ids.update(|all| {
            for id in several {
                if on {
                    all.insert(id);
                } else {
                    all.remove(&id);
                }
            }
        });
    }

    /// Ticks or unticks the rows from the last one to this one, whichever comes first.
    pub fn set_range(self, rows: &[NodeId], to: NodeId, on: bool) {
        let from = self.last.get_value().unwrap_or(to);
        let place = |id| rows.iter().position(|row| *row == id);
        match place(from).zip(place(to)) {
            Some((a, b)) => {
                let range = rows.get(a.min(b)..=a.max(b)).unwrap_or_default();
                self.set_all(range.iter().copied(), on);
                self.last.set_value(Some(to));
            }
            None => self.set(to, on),
        }
    }

    /// Whether one is ticked, without following it.
    pub fn has(self, id: NodeId) -> bool {
        self.ids.with_untracked(|all| all.contains(&id))
    }

    /// Whether any is ticked.
    pub fn any(self) -> bool {
        self.ids.with(|all| !all.is_empty())
    }

    /// Unticks all.
    pub fn clear(self) {
        if self.ids.with_untracked(|all| !all.is_empty()) {
            self.ids.set(BTreeSet::new());
        }
    }

    /// Forgets nodes that are gone; `known` is in order.
    pub fn keep(self, known: &[NodeId]) {
        let there = |id: &NodeId| known.binary_search(id).is_ok();
        if self.ids.with_untracked(|all| !all.iter().all(there)) {
            self.ids.update(|all| all.retain(there));
        }
    }
}

/// The tick of one row. With Shift it reaches to the row that was ticked before.
#[component]
pub fn RowTick(
    /// What is ticked.
    selection: Selection,
    /// Whose row it is.
    id: RwSignal<NodeId>,
    /// What the screen calls it.
    #[prop(into)]
    name: Signal<String>,
    /// All rows in order.
    rows: RwSignal<Vec<NodeId>>,
    /// Whether the tab key stops here.
    stop: Memo<bool>,
) -> impl IntoView {
    let on = memo(move || selection.ids.with(|all| all.contains(&id.get())));
    let click = move |event: leptos::ev::MouseEvent| {
        let ticked = event_target_checked(&event);
        let id = id.get_untracked();
        if event.shift_key() {
            rows.with_untracked(|rows| selection.set_range(rows, id, ticked));
        } else {
            selection.set(id, ticked);
        }
    };
    view! {
        <td class="sel">
            <input
                type="checkbox"
                tabindex=attr(move || if stop.get() { "0" } else { "-1" })
                aria-label=attr(move || (words().bulk.select_one)(&name.get()))
                prop:checked=attr(move || on.get())
                on:click=click
            />
        </td>
    }
}

/// The tick of all rows that are in sight.
#[component]
pub fn HeadTick(
    /// What is ticked.
    selection: Selection,
    /// The rows in sight.
    #[prop(into)]
    shown: Signal<Vec<NodeId>>,
) -> impl IntoView {
    let all = memo(move || {
        shown.with(|ids| !ids.is_empty() && selection.ids.with(|s| ids.iter().all(|id| s.contains(id))))
    });
    let some = memo(move || !all.get() && selection.any());
    view! {
        <th scope="col" class="sel">
            <input
                type="checkbox"
                aria-label=words().bulk.select_all
                prop:checked=attr(move || all.get())
                prop:indeterminate=attr(move || some.get())
                on:change=move |event| selection.set_all(shown.get_untracked(), event_target_checked(&event))
            />
        </th>
    }
}

/// What can be done with what is ticked.
#[component]
pub fn BulkBar(
    /// What is ticked.
    selection: Selection,
    /// All rows that match, in sight or not.
    rows: RwSignal<Vec<NodeId>>,
) -> impl IntoView {
    let (w, l, t) = (&words().bulk, &words().lifecycle, &words().table);
    let announcer = use_announcer();
    let allowed = use_gate(Permission::Operate);
    let count = memo(move || selection.ids.with(BTreeSet::len));
    let (live, session) = (use_live(), use_session());
    // One node that may not be changed is told before, and not as one line of many afterwards.
    let outside = memo(move || {
        selection.ids.with(|ids| {
            ids.iter().find_map(|id| out_of_scope(session, &live.node(*id, |n| n.region_id.clone())??))
        })
    });
    let gate = derived(move || {
        allowed
            .get()
            .or_else(|| outside.get())
            .or_else(|| (count.get() > BULK_MAX).then(|| (t.too_many)(BULK_MAX)))
    });
    // How many match and are not ticked yet.
    let rest = memo(move || {
        let matching = rows.with(Vec::len);
        let all = selection.ids.with(|s| rows.with(|rows| rows.iter().all(|id| s.contains(id))));
        (!all).then_some(matching)
    });
    let any = memo(move || count.get() > 0);
    let ask = RwSignal::new(None::<BulkAction>);
    let mut before = 0;
    effect(move || {
        let now = count.get();
        if now != before && now > 0 {
            announcer.say((w.selected)(now));
        }
        before = now;
    });
    let button = move |action: BulkAction, label: &'static str, icon, class| {
        let press = Callback::new(move |()| ask.set(Some(action)));
        view! { <GatedButton label=label icon=icon off=gate reason=REASON class=class on_press=press /> }
    };
    view! {
        {dynamic(move || {
            any.get()
                .then(|| {
                    view! {
                        <div class="bulk-bar toolbar" role="group" aria-label=w.bar>
                            <b class="num">{dynamic(move || (w.selected)(count.get()))}</b>
                            {button(BulkAction::Maintenance, l.maintenance, "wrench", "btn")}
                            {button(BulkAction::Activate, w.activate, "circle-play", "btn")}
                            {button(BulkAction::Disable, l.disable, "circle-slash", "btn")}
                            {button(BulkAction::Shutdown, l.shut_down, "power", "btn")}
                            {button(BulkAction::Delete, l.delete, "trash-2", "btn dtx")}
                            <span class="sp"></span>
                            {dynamic(move || {
                                rest.get()
                                    .map(|matching| {
                                        view! {
                                            <button
                                                type="button"
                                                class="btn ghost"
                                                on:click=move |_| selection.set_all(rows.get_untracked(), true)
                                            >
                                                {(t.select_matching)(matching)}
                                            </button>
                                        }
                                    })
                            })}
                            <button type="button" class="btn ghost" on:click=move |_| selection.clear()>
                                {w.clear}
                            </button>
                            <Reason id=REASON off=gate />
                        </div>
                    }
                })
        })}
        <BulkDialog ask=ask selection=selection />
    }
}
