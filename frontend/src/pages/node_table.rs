//! A table of nodes. Cells follow their node; the order is the caller's.

use common::ids::NodeId;
use common::node::NodeKind;
use common::status::StatusWord;
use common::time::Timestamp;
use leptos::prelude::*;

use super::lifecycle::bulk::{HeadTick, RowTick, Selection};
use super::node_row::{Column, NodeRow};
use crate::components::format;
use crate::components::{
    Age, Flag, Meter, NoData, Ratio, Sort, SortHeader, StatusBadge, TableBox, Tag, TextOrNone, words,
};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::state::connection::use_connection;
use crate::state::live::use_live;

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

/// One node.
#[component]
fn Row(
    /// The node.
    id: NodeId,
    /// Shows the region.
    region: bool,
    /// Shows the kind.
    kind: bool,
    /// With a tick.
    selection: Option<Selection>,
    /// Whether it still belongs here; shown dimmed where it does not.
    fits: Callback<NodeRow, bool>,
) -> impl IntoView {
    let (live, i18n, connection) = (use_live(), use_i18n(), use_connection());
    // A node that is gone keeps its last row until the list lets it go.
    let row = Memo::new(move |old: Option<&Option<NodeRow>>| {
        live.node(id, NodeRow::of).or_else(|| old.and_then(Clone::clone))
    });
    let get =
        move |read: fn(&NodeRow) -> Option<f64>| derived(move || row.with(|r| r.as_ref().and_then(read)));
    let word = memo(move || row.with(|r| r.as_ref().map_or(StatusWord::NeverSeen, |r| r.word)));
    let since = memo(move || row.with(|r| r.as_ref().map_or(Timestamp(0), |r| r.since)));
    let heard = memo(move || row.with(|r| r.as_ref().and_then(|r| r.heard)));
    let work = memo(move || row.with(|r| r.as_ref().and_then(|r| r.work)));
    let limit = memo(move || row.with(|r| r.as_ref().and_then(|r| r.limit)));
    let version = memo(move || row.with(|r| r.as_ref().and_then(|r| r.version.clone())));
    // Immutable, or changed by an operator: worth one closure together.
    let identity = memo(move || {
        row.with(|r| {
            r.as_ref().map(|r| (r.name.clone(), r.endpoint.clone(), r.region.clone(), r.kind, r.development))
        })
    });
    let dim = memo(move || row.get().is_some_and(|r| !fits.run(r)));
    let name = move || {
        identity.get().map(|(name, endpoint, _, _, development)| {
            let named = name.is_some();
            let shown = name.unwrap_or_else(|| endpoint.clone());
            view! {
                <a href=routes::node(id)>
                    <bdi class=if named { "" } else { "id" } translate="no">
                        {shown}
                    </bdi>
                </a>
                {development.then(|| view! { " " <Tag text=words().nodes.dev /> })}
                {named
                    .then(|| {
                        view! {
                            <span class="sub-line">
                                <bdi class="id" translate="no">
                                    {endpoint}
                                </bdi>
                            </span>
                        }
                    })}
            }
        })
    };
    let place = move || {
        identity.get().and_then(|i| i.2).map(|region| {
            let country = region.as_str().get(..2).unwrap_or_default().to_owned();
            view! {
                <span class="cell">
                    <Flag code=country />
                    <a href=routes::region(&region)>
                        <bdi class="id" translate="no">
                            {region.to_string()}
                        </bdi>
                    </a>
                </span>
            }
        })
    };
    let load = move || match identity.get().map(|i| i.3) {
        Some(NodeKind::Proxy) => view! { <Queue processing=work pending=limit /> }.into_any(),
        _ => view! { <Ratio part=work whole=limit /> }.into_any(),
    };
    let selected = memo(move || selection.is_some_and(|s| s.0.with(|all| all.contains(&id))));
    let called = derived(move || row.with(|r| r.as_ref().map(|r| r.title().to_owned())).unwrap_or_default());
    view! {
        <tr
            data-dim=attr(move || dim.get().then_some(""))
            title=attr(move || dim.get().then_some(words().nodes.no_match))
            aria-selected=attr(move || selected.get().then_some("true"))
        >
            {selection.map(|s| view! { <RowTick selection=s id=id name=called /> })}
            <td>
                <NodeBadge word=word since=since heard=heard work=work />
            </td>
            <td>{dynamic(name)}</td>
            {region.then(|| view! { <td>{dynamic(place)}</td> })}
            {kind.then(|| view! { <td>{dynamic(move || identity.get().map(|i| kind_text(i.3)))}</td> })}
            <td class="n val">
                <Meter value=get(|r| r.cpu) />
            </td>
            <td class="n val">
                <Meter value=get(|r| r.ram) />
            </td>
            <td class="n val">{dynamic(load)}</td>
            <td class="n">
                <Age
                    at=heard
                    now=derived(move || connection.server_now())
                    title=derived(move || heard.get().map(|at| i18n.fmt.date_time(at)).unwrap_or_default())
                />
            </td>
            <td>
                <bdi class="id" translate="no">
                    <TextOrNone text=version />
                </bdi>
            </td>
        </tr>
    }
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

/// The table.
#[component]
pub fn NodeTable(
    /// What it holds, for its scroll box and caption.
    #[prop(into)]
    label: String,
    /// The rows in order.
    #[prop(into)]
    ids: Signal<Vec<NodeId>>,
    /// What it is sorted by.
    #[prop(into)]
    sort: Signal<Sort<Column>>,
    /// A header was pressed.
    on_sort: Callback<Sort<Column>>,
    /// Whether a row still belongs here.
    fits: Callback<NodeRow, bool>,
    /// With the column Region.
    #[prop(default = true)]
    region: bool,
    /// The kind where all rows have the same; then the column Type is left out.
    #[prop(optional)]
    only: Option<NodeKind>,
    /// With a column of ticks.
    #[prop(optional)]
    selection: Option<Selection>,
) -> impl IntoView {
    let w = &words().nodes;
    let work = match only {
        Some(NodeKind::Proxy) => w.queue_head,
        Some(_) => w.sessions,
        None => w.work,
    };
    let head = move |column: Column, label: &'static str, numeric: bool| {
        view! { <SortHeader column=column label=label sort=sort on_sort=on_sort numeric=numeric /> }
    };
    view! {
        <TableBox label=label.clone()>
            <table class="nodes">
                <caption class="vh">{label}</caption>
                <thead>
                    <tr>
                        {selection.map(|s| view! { <HeadTick selection=s ids=ids /> })}
                        {head(Column::Status, w.status, false)} {head(Column::Name, w.name, false)}
                        {region.then(|| head(Column::Region, w.region, false))}
                        {only.is_none().then(|| head(Column::Kind, w.kind, false))} {head(Column::Cpu, w.cpu, true)}
                        {head(Column::Ram, w.ram, true)} {head(Column::Work, work, true)}
                        {head(Column::Heard, w.heard, true)} {head(Column::Version, w.version, false)}
                    </tr>
                </thead>
                <tbody>
                    <For each=move || ids.get() key=|id| *id let:id>
                        <Row id=id region=region kind=only.is_none() selection=selection fits=fits />
                    </For>
                </tbody>
            </table>
        </TableBox>
    }
}
