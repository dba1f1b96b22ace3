//! Many nodes at once: the ticks of a table, and the bar that appears while there are any.

use std::collections::BTreeSet;

use common::auth::Permission;
use common::ids::NodeId;
use common::intent::BulkAction;
use leptos::prelude::*;

use super::bulk_dialog::BulkDialog;
use crate::components::{GatedButton, Reason, words};
use crate::reactive::{attr, dynamic, effect, memo};
use crate::state::announce::use_announcer;
use crate::state::gate::use_gate;

/// Id of the reason why nothing can be done.
const REASON: &str = "bulk-gate";

/// What is ticked, by id: rows may be sorted, filtered and written again meanwhile. Copy it freely.
#[derive(Clone, Copy)]
pub struct Selection(pub RwSignal<BTreeSet<NodeId>>);

impl Default for Selection {
    fn default() -> Self {
        Self(RwSignal::new(BTreeSet::new()))
    }
}

impl Selection {
    /// Ticks or unticks one.
    pub fn set(self, id: NodeId, on: bool) {
        self.0.update(|all| {
            if on {
                all.insert(id);
            } else {
                all.remove(&id);
            }
        });
    }

    /// Whether any is ticked.
    pub fn any(self) -> bool {
        self.0.with(|all| !all.is_empty())
    }

    /// Forgets nodes that are gone.
    pub fn keep(self, known: &[NodeId]) {
        if self.0.with_untracked(|all| all.iter().any(|id| !known.contains(id))) {
            self.0.update(|all| all.retain(|id| known.contains(id)));
        }
    }
}

/// The tick of one row.
#[component]
pub fn RowTick(
    /// What is ticked.
    selection: Selection,
    /// The row.
    id: NodeId,
    /// What the screen calls it.
    #[prop(into)]
    name: Signal<String>,
) -> impl IntoView {
    let on = memo(move || selection.0.with(|all| all.contains(&id)));
    view! {
        <td class="sel">
            <input
                type="checkbox"
                aria-label=attr(move || (words().bulk.select_one)(&name.get()))
                prop:checked=attr(move || on.get())
                on:change=move |event| selection.set(id, event_target_checked(&event))
            />
        </td>
    }
}

/// The tick of all rows that are shown.
#[component]
pub fn HeadTick(
    /// What is ticked.
    selection: Selection,
    /// The rows that are shown.
    #[prop(into)]
    ids: Signal<Vec<NodeId>>,
) -> impl IntoView {
    let all = memo(move || {
        ids.with(|ids| !ids.is_empty() && selection.0.with(|s| ids.iter().all(|id| s.contains(id))))
    });
    let some = memo(move || !all.get() && selection.any());
    view! {
        <th scope="col" class="sel">
            <input
                type="checkbox"
                aria-label=words().bulk.select_all
                prop:checked=attr(move || all.get())
                prop:indeterminate=attr(move || some.get())
                on:change=move |event| {
                    let on = event_target_checked(&event);
                    let shown = ids.get_untracked();
                    selection
                        .0
                        .update(|s| {
                            for id in shown {
                                if on {
                                    s.insert(id);
                                } else {
                                    s.remove(&id);
                                }
                            }
                        });
                }
            />
        </th>
    }
}

/// What can be done with what is ticked.
#[component]
pub fn BulkBar(
    /// What is ticked.
    selection: Selection,
) -> impl IntoView {
    let (w, l) = (&words().bulk, &words().lifecycle);
    let announcer = use_announcer();
    let gate = use_gate(Permission::Operate);
    let count = memo(move || selection.0.with(BTreeSet::len));
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
                            <button type="button" class="btn ghost" on:click=move |_| selection.0.set(BTreeSet::new())>
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
