//! A table of nodes: as many rows as are in sight, cells that follow their node, an order that is the caller's.

use std::rc::Rc;
use std::time::Duration;

use common::ids::NodeId;
use common::node::NodeKind;
use common::node_order::{NodeColumn, NodeSort};
use common::status::StatusWord;
use common::time::Timestamp;
use leptos::html;
use leptos::prelude::*;

use super::lifecycle::bulk::{HeadTick, RowTick, Selection};
use super::node_list_cells::{Cells, cell};
use super::node_list_columns::{Columns, heading, is_numeric};
use super::node_list_keys::{Rows, row_keys};
use super::node_list_menu::{RowActions, RowMenu};
use super::node_list_rows::{Follow, keep_rows, node_at};
use super::node_list_window::Port;
use super::node_order::Order;
use super::node_row::NodeRow;
use crate::components::format;
use crate::components::{Icon, NoData, Sort, SortHeader, StatusBadge, words};
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::state::announce::use_announcer;
use crate::state::connection::use_connection;
use crate::state::live::use_live;
use crate::state::prefs::use_prefs;

/// The rows in sight are told to the server when scrolling rests.
const REST: Duration = Duration::from_millis(200);

/// The words for a kind.
pub fn kind_text(kind: NodeKind) -> &'static str {
    let w = &words().kind;
    match kind {
        NodeKind::Proxy => w.proxy,
        NodeKind::Backend => w.backend,
        NodeKind::Background => w.background,
    }
}

/// The badge of a node: its word; what is left while it drains; for how long it has been silent.
#[component]
pub fn NodeBadge(
    /// The word and what belongs to it.
    #[prop(into)]
    word: Signal<StatusWord>,
    /// When the word began.
    #[prop(into)]
    since: Signal<Timestamp>,
    /// The last heartbeat.
    #[prop(into)]
    heard: Signal<Option<Timestamp>>,
    /// Work left, where it is known.
    #[prop(into)]
    work: Signal<Option<u64>>,
) -> impl IntoView {
    let connection = use_connection();
    let extra = derived(move || match (word.get(), work.get()) {
        (StatusWord::Draining, Some(n)) => (words().nodes.left)(n),
        _ => String::new(),
    });
    let age = derived(move || match word.get() {
        StatusWord::Offline | StatusWord::Stale => {
            let from = heard.get().unwrap_or_else(|| since.get());
            connection
                .server_now()
                .map(|now| format::short_duration(format::age_ms(from, now)))
                .unwrap_or_default()
        }
        _ => String::new(),
    });
    // Compared, so that a badge is written again only where its words change.
    let (extra, age) = (memo(move || extra.get()), memo(move || age.get()));
    view! { <StatusBadge word=word extra=extra age=age /> }
}

/// A proxy's calls: handled, and waiting.
#[component]
pub fn Queue(
    /// Being handled.
    #[prop(into)]
    processing: Signal<Option<u64>>,
    /// Waiting.
    #[prop(into)]
    pending: Signal<Option<u64>>,
) -> impl IntoView {
    dynamic(move || match (processing.get(), pending.get()) {
        (None, None) => view! { <NoData /> }.into_any(),
        (processing, pending) => {
            let text =
                (words().nodes.queue)(&format::count_or_none(processing), &format::count_or_none(pending));
            view! { <span class="num">{text}</span> }.into_any()
        }
    })
}

/// What a table is made of; copy it freely.
#[derive(Clone, Copy)]
pub struct TableParts {
    /// Its rows.
    pub order: Order,
    /// What is ticked.
    pub selection: Selection,
    /// Which columns it shows.
    pub columns: Signal<Columns>,
    /// Columns that say nothing here.
    pub useless: &'static [NodeColumn],
    /// The kind where all rows have the same.
    pub only: Option<NodeKind>,
    /// What it is sorted by.
    pub sort: Signal<NodeSort>,
    /// A heading was pressed.
    pub on_sort: Callback<NodeSort>,
    /// The rows in sight are wanted whole from the stream.
    pub windowed: bool,
    /// What is asked of its rows.
    pub actions: RowActions,
    /// Which row the keys are at, and what is in the page.
    pub rows: Rows,
}

/// One node at a time: the row is given to another when this one has left what is in sight.
#[component]
fn Row(parts: TableParts, menu: Signal<String>, of: RwSignal<NodeId>, narrow: Memo<bool>) -> impl IntoView {
    let live = use_live();
    let TableParts { order, selection, rows, actions, .. } = parts;
    // A node that is gone keeps its last row until the list lets it go.
    let row = Memo::new(move |old: Option<&Option<NodeRow>>| {
        let id = of.get();
        live.node(id, NodeRow::of).or_else(|| old.and_then(Clone::clone).filter(|row| row.id == id))
    });
    let stop = memo(move || rows.stop.get() == Some(of.get()));
    let selected = memo(move || selection.ids.with(|all| all.contains(&of.get())));
    let gone = memo(move || order.drift.with(|d| d.gone.contains(&of.get())));
    let waiting = memo(move || row.with(Option::is_none));
    let called = derived(move || row.with(|r| r.as_ref().map(|r| r.title().to_owned())).unwrap_or_default());
    let shown = memo(move || {
        let mut columns = parts.columns.with(|c| c.without(parts.useless));
        if narrow.get() {
            columns.retain(|c| !matches!(c, NodeColumn::Name | NodeColumn::Region | NodeColumn::Status));
            columns.insert(0, NodeColumn::Status);
        }
        columns
    });
    let cells = move || {
        let cells = Cells { of, row, stop, narrow: narrow.get() };
        shown.get().into_iter().map(|column| cell(column, cells)).collect_view()
    };
    view! {
        <tr
            data-dim=attr(move || gone.get().then_some(""))
            data-wait=attr(move || waiting.get().then_some(""))
            title=attr(move || gone.get().then_some(words().nodes.no_match))
            aria-selected=attr(move || selected.get().then_some("true"))
        >
            <RowTick selection=selection id=of name=called rows=order.ids stop=stop />
            {dynamic(cells)}
            <td class="act">
                {dynamic(move || gone.get().then(|| view! { <span class="gone xs">{words().table.gone}</span> }))}
                <button
                    type="button"
                    class="btn ghost small ic"
                    aria-haspopup="menu"
                    data-row-menu=""
                    aria-label=attr(move || (words().table.actions_of)(&called.get()))
                    aria-expanded=attr(move || if order.holds.menu.get() == Some(of.get()) { "true" } else { "false" })
                    tabindex=attr(move || if stop.get() { "0" } else { "-1" })
                    popovertarget=menu
                    on:click=move |_| actions.target.set(Some(of.get_untracked()))
                >
                    <Icon name="ellipsis-vertical" />
                </button>
            </td>
        </tr>
    }
}

/// The table in its scroll box.
#[component]
pub fn NodeTable(
    /// Its parts.
    parts: TableParts,
    /// What it holds, for its scroll box and caption.
    #[prop(into)]
    label: String,
    /// The id of the menu of its rows, one for each table of a page.
    #[prop(into)]
    menu: String,
) -> impl IntoView {
    let TableParts { order, selection, rows, actions, .. } = parts;
    let (box_ref, body) = (rows.frame, rows.body);
    let announcer = use_announcer();
    let narrow = super::node_list_keys::use_narrow();
    let port = rows.port;
    let measured = move || measure(box_ref, body, port);
    let scrolled = move || {
        let top = box_ref.try_get_untracked().flatten().map(|frame| f64::from(frame.scroll_top()));
        if let (Some(top), Some(old)) = (top, port.try_get_untracked())
            && (top - old.top).abs() > 0.5
        {
            port.set(Port { top, ..old });
        }
    };
    let printing = super::node_list_keys::use_printing();
    let follow = Follow { order, port, printing, here: rows.here };
    let menu_id = Signal::stored(menu.clone());
    let make = move |of| view! { <Row parts=parts menu=menu_id of=of narrow=narrow /> }.into_any();
    keep_rows(body, follow, Rc::new(make));
    // Rows change their height with the density and where there is little room; nothing tells how high they are.
    let prefs = use_prefs();
    let length = memo(move || order.ids.with(Vec::len));
    let picked = memo(move || selection.any());
    let some = memo(move || rows.here.with(|here| !here.is_empty()));
    effect(move || {
        narrow.get();
        prefs.density.get();
        some.get();
        // With more rows the box grows to its full height.
        length.get();
        // The bar below it takes some of its room.
        picked.get();
        request_animation_frame(measured);
    });
    super::node_list_keys::on_resize(measured);
    if parts.windowed {
        tell_window(rows);
    }
    let in_sight = memo(move || {
        let port = port.get();
        order.ids.with(|ids| ids.get(port.visible(ids.len())).map(<[NodeId]>::to_vec).unwrap_or_default())
    });
    let head = move |column: NodeColumn| {
        let to = move |sort: NodeSort| Sort { column: sort.column, descending: sort.descending };
        let sort = derived(move || to(parts.sort.get()));
        let label = heading(column, parts.only);
        let on_sort = Callback::new(move |sort: Sort<NodeColumn>| {
            parts.on_sort.run(NodeSort { column: sort.column, descending: sort.descending });
            announcer.say((words().table.sorted)(label, sort.descending));
        });
        view! { <SortHeader column=column label=label sort=sort on_sort=on_sort numeric=is_numeric(column) /> }
    };
    let heads = memo(move || {
        let mut columns = parts.columns.with(|c| c.without(parts.useless));
        if narrow.get() {
            columns.retain(|c| !matches!(c, NodeColumn::Name | NodeColumn::Region | NodeColumn::Status));
            columns.insert(0, NodeColumn::Status);
        }
        columns
    });
    let count = memo(move || (length.get() + 1).to_string());
    let caption = label.clone();
    view! {
        <div
            class="tw long"
            tabindex="0"
            role="region"
            aria-label=label
            data-scroll=menu.clone()
            node_ref=box_ref
            on:scroll=move |_| request_animation_frame(scrolled)
        >
            <table class="nodes" aria-rowcount=count data-narrow=attr(move || narrow.get().then_some(""))>
                <caption class="vh">{caption}</caption>
                <thead>
                    <tr aria-rowindex="1">
                        <HeadTick selection=selection shown=in_sight />
                        {dynamic(move || heads.get().into_iter().map(head).collect_view())}
                        <th scope="col" class="act">
                            <span class="vh">{words().table.actions}</span>
                        </th>
                    </tr>
                </thead>
                <tbody
                    node_ref=body
                    on:pointerenter=move |_| {
                        order.holds.pointer.try_set(true);
                    }
                    on:pointerleave=move |_| {
                        order.holds.pointer.try_set(false);
                    }
                    on:focusin=move |event| rows.focused(node_at(event.target()))
                    on:focusout=move |event| rows.focused(node_at(event.related_target()))
                    on:keydown=move |event| row_keys(&event, parts)
                ></tbody>
            </table>
        </div>
        <RowMenu id=menu order=order actions=actions />
    }
}

/// Looks where the box is scrolled and how high its rows are.
fn measure(frame: NodeRef<html::Div>, body: NodeRef<html::Tbody>, port: RwSignal<Port>) {
    // Called late too, when the table may be gone.
    let (Some(Some(frame)), Some(Some(body)), Some(old)) =
        (frame.try_get_untracked(), body.try_get_untracked(), port.try_get_untracked())
    else {
        return;
    };
    let row = body.query_selector("tr[data-node]").ok().flatten();
    let row = row.map(|r| r.get_bounding_client_rect().height()).filter(|h| *h > 0.0);
    let now = Port {
        top: f64::from(frame.scroll_top()),
        height: (f64::from(frame.client_height()) - f64::from(body.offset_top())).max(0.0),
        row: row.unwrap_or(old.row),
    };
    if now != old {
        port.set(now);
    }
}

/// Tells the stream which rows are in the page, when that has rested.
fn tell_window(rows: Rows) {
    let connection = use_connection();
    let timer = StoredValue::new(None::<leptos::leptos_dom::helpers::TimeoutHandle>);
    effect(move || {
        let ids = rows.here.get();
        let _ = timer.try_update_value(|t| t.take().inspect(|t| t.clear()));
        let tell = move || connection.set_window(ids.clone());
        timer.set_value(set_timeout_with_handle(tell, REST).ok());
    });
    on_cleanup(move || {
        let _ = timer.try_update_value(|t| t.take().inspect(|t| t.clear()));
        connection.set_window(Vec::new());
    });
}
