//! What stands above a list: columns, density, the menu of the list, and the ways to add a node.

use common::auth::Permission;
use common::ids::RegionId;
use common::node::NodeKind;
use common::node_order::{NodeColumn, NodeSort};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::node_list_columns::{ALL, Columns, heading};
use super::node_list_export::{csv, fetch_rows, save};
use super::node_order::Order;
use super::node_row::NodeRow;
use crate::api::use_api;
use crate::components::copy::copy_text;
use crate::components::menu::{Menu, MenuItem};
use crate::components::{GatedLink, Icon, Reason, words};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::state::gate::{out_of_scope, use_gate_in};
use crate::state::live::use_live;
use crate::state::prefs::{Density, use_prefs};
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;

/// Which columns are shown, and by which the list is sorted.
#[component]
pub fn ColumnsMenu(
    /// As they are.
    columns: Memo<Columns>,
    /// Other ones.
    choose: Callback<Columns>,
    /// Columns that say nothing here.
    useless: &'static [NodeColumn],
    /// What the list is sorted by.
    sort: Memo<NodeSort>,
    /// Another order.
    on_sort: Callback<NodeSort>,
) -> impl IntoView {
    let w = &words().table;
    let offered = move || ALL.into_iter().filter(|c| !useless.contains(c));
    let tick = move |column: NodeColumn| {
        let on = memo(move || columns.with(|c| c.has(column)));
        view! {
            <label class="menu-item">
                <input
                    type="checkbox"
                    prop:checked=attr(move || on.get())
                    disabled=column == NodeColumn::Name
                    on:change=move |_| choose.run(columns.with_untracked(|c| c.toggled(column)))
                />
                <span class="gr">{heading(column, None)}</span>
            </label>
        }
    };
    let option = move |column: NodeColumn| {
        view! {
            <option value=column.as_str() prop:selected=attr(move || sort.get().column == column)>
                {heading(column, None)}
            </option>
        }
    };
    let sorted = move |event| {
        if let Some(column) = NodeColumn::parse(&event_target_value(&event)) {
            on_sort.run(NodeSort { column, descending: false });
        }
    };
    view! {
        <button type="button" class="btn ghost ic" aria-label=w.columns title=w.columns popovertarget="list-columns">
            <Icon name="columns-3" />
        </button>
        <div id="list-columns" class="menu ticks" popover="auto" role="group" aria-label=w.columns>
            <label class="menu-label" for="list-sort">
                {w.sort_by}
            </label>
            <select class="inp" id="list-sort" on:change=sorted>
                {offered().map(option).collect_view()}
            </select>
            <p class="menu-label">{w.columns}</p>
            {offered().map(tick).collect_view()}
        </div>
    }
}

/// Rows of 44 or of 32 px.
#[component]
pub fn DensitySwitch() -> impl IntoView {
    let (prefs, w) = (use_prefs(), &words().table);
    let (asked, write) = super::query::use_setting("density");
    // A link can bring a density along.
    match asked.get_untracked().as_str() {
        "compact" => prefs.density.set(Density::Compact),
        "comfortable" => prefs.density.set(Density::Comfortable),
        _ => {}
    }
    let compact = memo(move || prefs.density.get() == Density::Compact);
    let switch = move |_| {
        let now = if compact.get_untracked() { Density::Comfortable } else { Density::Compact };
        prefs.density.set(now);
        write.run(if now == Density::Compact { "compact".to_owned() } else { String::new() });
    };
    view! {
        <button
            type="button"
            class="btn ghost ic"
            aria-label=w.compact
            title=w.compact
            aria-pressed=attr(move || if compact.get() { "true" } else { "false" })
            on:click=switch
        >
            {dynamic(move || if compact.get() { view! { <Icon name="rows-4" /> } } else { view! { <Icon name="rows-3" /> } })}
        </button>
    }
}

/// What can be done with the list as a whole.
#[component]
pub fn ListMenu(
    /// The list.
    order: Order,
    /// The columns that are shown.
    columns: Signal<Vec<NodeColumn>>,
    /// Its rows are not all here: a file has to be fetched page after page.
    far: Signal<bool>,
) -> impl IntoView {
    let (api, live, toasts, i18n) = (use_api(), use_live(), use_toasts(), use_i18n());
    let w = &words().table;
    let busy = RwSignal::new(false);
    let copy = Callback::new(move |()| copy_text(&window().location().href().unwrap_or_default(), toasts));
    let finish = move |rows: Vec<NodeRow>| {
        let text = columns.with_untracked(|columns| csv(columns, &rows));
        if save("nodes.csv", &text) {
            toasts.done((w.exported)(rows.len()));
        } else {
            toasts.failed(w.not_exported);
        }
    };
    let export = Callback::new(move |()| {
        let ids = order.ids.get_untracked();
        if !far.get_untracked() {
            return finish(untrack(|| ids.into_iter().filter_map(|id| live.node(id, NodeRow::of)).collect()));
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        toasts.done((w.exporting)(ids.len()));
        spawn_local(async move {
            let rows = fetch_rows(api, &ids).await;
            // The person has left the page: nobody waits for the file.
            if busy.try_set(false).is_some() {
                return;
            }
            match rows {
                Ok(rows) => finish(rows),
                Err(e) => toasts.failed(format!("{}: {}", e.title(i18n.t), e.detail(i18n.t))),
            }
        });
    });
    let print = Callback::new(|()| {
        // Refused only where the browser does not print at all.
        let _ = window().print();
    });
    let own = |text: &'static str| Signal::stored(text.to_owned());
    let export_off = derived(move || busy.get().then(|| w.export_busy.to_owned()));
    view! {
        <button
            type="button"
            class="btn ghost ic"
            aria-haspopup="menu"
            data-page-menu=""
            aria-label=w.more
            title=w.more
            popovertarget="list-menu"
        >
            <Icon name="ellipsis-vertical" />
        </button>
        <Menu id="list-menu" label=own(w.more)>
            <MenuItem label=own(w.copy_view) icon="link" on_press=copy />
            <MenuItem label=own(w.export) icon="download" off=export_off on_press=export />
            <MenuItem label=own(w.print) icon="printer" on_press=print />
        </Menu>
    }
}

/// Id of the reason why nothing can be added.
const REASON: &str = "add-reason";

/// The ways to add a node: to the region that is filtered by, to the only one, else to one that is chosen.
#[component]
pub fn AddButtons(
    /// The regions that are filtered by.
    regions: Signal<Vec<RegionId>>,
) -> impl IntoView {
    let (live, w) = (use_live(), &words().region);
    let all = memo(move || {
        let chosen = regions.get();
        if chosen.is_empty() { live.region_ids().unwrap_or_default() } else { chosen }
    });
    let session = use_session();
    // One region only: whether it may be changed is told at the button.
    let only = memo(move || match all.get().as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    });
    let gate = use_gate_in(Permission::Operate, only);
    let button = move |kind: NodeKind, menu: &'static str, label: &'static str, primary: bool| {
        dynamic(move || match all.get().as_slice() {
            [] => ().into_any(),
            [one] => {
                let href = routes::node_new(one, kind);
                view! { <GatedLink href=href off=gate reason=REASON primary=primary label=label /> }
                    .into_any()
            }
            several => {
                let links = several.iter().map(|id| {
                    let whose = id.clone();
                    let gate = memo(move || gate.get().or_else(|| out_of_scope(session, &whose)));
                    let off = move || gate.with(Option::is_some).then_some("true");
                    let href = routes::node_new(id, kind);
                    view! {
                        <a
                            role="menuitem"
                            tabindex="-1"
                            class="menu-item"
                            href=attr(move || gate.with(Option::is_none).then(|| href.clone()))
                            aria-disabled=attr(off)
                            title=attr(move || gate.get())
                        >
                            <bdi class="id" translate="no">
                                {id.to_string()}
                            </bdi>
                        </a>
                    }
                });
                let links = links.collect_view();
                view! {
                    <button
                        type="button"
                        class=if primary { "btn pri" } else { "btn" }
                        aria-haspopup="menu"
                        title=attr(move || gate.get())
                        aria-disabled=attr(move || gate.with(Option::is_some).then_some("true"))
                        aria-describedby=attr(move || gate.with(Option::is_some).then_some(REASON))
                        popovertarget=attr(move || gate.with(Option::is_none).then_some(menu))
                    >
                        <Icon name="plus" />
                        <span>{label}</span>
                    </button>
                    <Menu id=menu label=Signal::stored((words().table.region_for)(label))>
                        {links}
                    </Menu>
                }
                .into_any()
            }
        })
    };
    view! {
        <Reason id=REASON off=gate />
        {button(NodeKind::Proxy, "add-proxy-to", w.add_proxy, false)}
        {button(NodeKind::Backend, "add-backend-to", w.add_backend, true)}
    }
}
