//! The nodes of a region: the table of nodes twice, proxies and backends, with one set of filters and one selection.

use common::auth::Permission;
use common::ids::{NodeId, RegionId};
use common::node::NodeKind;
use common::node_order::NodeColumn;
use common::stream::Topic;
use leptos::prelude::*;

use super::lifecycle::bulk::{BulkBar, Selection};
use super::node_list_keys::{Rows, register_keys};
use super::node_list_menu::RowActions;
use super::node_list_model::{Address, forget_gone, here, use_address, use_counts};
use super::node_list_query::{NodeFilter, unknown};
use super::node_list_toolbar::ListToolbar;
use super::node_order::{OrderChips, Source, use_order};
use super::node_table::{NodeTable, TableParts};
use super::nodes::escape;
use super::region_tabs::{RegionFrame, RegionTab};
use crate::components::{Empty, GatedLink, Note, Reason, words};
use crate::i18n::plural::num;
use crate::reactive::{dynamic, effect, memo};
use crate::routes;
use crate::state::gate::use_gate_in;
use crate::state::live::use_live;
use crate::state::trail::use_trail;

/// Id of the reason why nothing can be added.
const REASON: &str = "region-nodes-reason";

/// `/regions/:region/nodes`
#[component]
pub fn RegionNodesPage() -> impl IntoView {
    view! { <RegionFrame tab=RegionTab::Nodes content=|id, _| view! { <RegionNodes id=id /> }.into_any() /> }
}

/// Both tables of a region with their filters.
#[component]
pub fn RegionNodes(
    /// The region.
    id: RegionId,
) -> impl IntoView {
    let live = use_live();
    let gate = use_gate_in(Permission::Operate, Signal::stored(Some(id.clone())));
    let topic = Topic::Region(id.clone());
    let all = memo(move || live.node_ids(&topic));
    let empty = memo(move || all.with(Vec::is_empty));
    let address = use_address();
    let (filter, sort) = (address.filter(here()), address.sort());
    let selection = Selection::default();
    forget_gone(selection, all, here());
    let counts = use_counts(all, here(), None);
    let columns = address.columns();
    let tables =
        [NodeKind::Proxy, NodeKind::Backend].map(|kind| parts(kind, all, address, filter, selection));
    register_keys(tables.to_vec());
    let clear = address.clear();
    escape(filter, clear, selection);
    let rows = RwSignal::new(Vec::<NodeId>::new());
    effect(move || rows.set(tables.iter().flat_map(|t| t.order.ids.get()).collect()));
    use_trail().rows(move || rows.with(|ids| ids.iter().map(|id| routes::node(*id)).collect()));
    let found =
        memo(move || filter.with(NodeFilter::is_set).then(|| (rows.with(Vec::len), all.with(Vec::len))));
    let ignored = memo(move || unknown(&address.asked()));
    view! {
        <Reason id=REASON off=gate />
        {dynamic(move || {
            let ignored = ignored.get();
            let text = (words().table.ignored)(&ignored.join(", "));
            (!ignored.is_empty()).then(|| view! { <Note tone="warn">{text}</Note> })
        })}
        {dynamic(move || {
            let id = id.clone();
            if empty.get() {
                return view! { <FirstNodes id=id /> }.into_any();
            }
            view! {
                <ListToolbar
                    address=address
                    counts=counts
                    of_region=true
                    found=found
                    columns=columns
                    useless=USELESS
                    sort=sort
                />
                {tables.map(|parts| view! { <Group id=id.clone() parts=parts all=all /> }).collect_view()}
                <BulkBar selection=selection rows=rows />
            }
                .into_any()
        })}
    }
}

/// Columns that say the same in every row.
const USELESS: &[NodeColumn] = &[NodeColumn::Region, NodeColumn::Kind];

/// The table of one kind.
fn parts(
    kind: NodeKind,
    all: Memo<Vec<NodeId>>,
    address: Address,
    filter: Memo<NodeFilter>,
    selection: Selection,
) -> TableParts {
    let live = use_live();
    let of_kind = memo(move || {
        let mut ids = all.get();
        // Immutable, so that nothing has to be followed.
        ids.retain(|id| untrack(|| live.node(*id, |n| n.kind == kind)).unwrap_or(false));
        ids
    });
    let sort = address.sort();
    let source = Source { here: of_kind.into(), remote: None };
    let order = use_order(source, filter.into(), sort.into(), Some(selection));
    TableParts {
        order,
        selection,
        columns: address.columns().into(),
        useless: USELESS,
        only: Some(kind),
        sort: sort.into(),
        on_sort: address.set_sort(),
        windowed: false,
        actions: RowActions::default(),
        rows: Rows::new(order),
    }
}

/// The nodes of one kind, with the way to add one.
#[component]
fn Group(id: RegionId, parts: TableParts, all: Memo<Vec<NodeId>>) -> impl IntoView {
    let w = &words().region;
    let gate = use_gate_in(Permission::Operate, Signal::stored(Some(id.clone())));
    let live = use_live();
    let order = parts.order;
    let kind = parts.only.unwrap_or(NodeKind::Backend);
    let count = memo(move || order.ids.with(Vec::len));
    let bare = memo(move || count.get() == 0);
    let any = memo(move || {
        all.with(|ids| ids.iter().any(|id| live.node(*id, |n| n.kind == kind).unwrap_or(false)))
    });
    let (title, add, none, menu) = match kind {
        NodeKind::Proxy => (w.proxies_list, w.add_proxy, w.no_proxy, "proxy-rows"),
        NodeKind::Backend | NodeKind::Background => {
            (w.backends_list, w.add_backend, w.no_backend, "backend-rows")
        }
    };
    let label = format!("{title}, {}", crate::i18n::isolated(&id.to_string()));
    let href = routes::node_new(&id, kind);
    view! {
        <section class="stack tight push">
            <div class="hd">
                <h2>{title}</h2>
                <span class="st plain num">{dynamic(move || num(count.get()))}</span>
                <OrderChips order=order />
                <span class="sp"></span>
                <GatedLink href=href off=gate reason=REASON label=add />
            </div>
            {dynamic(move || {
                let label = label.clone();
                if bare.get() {
                    let title = if any.get() { words().nodes.no_match_title } else { none };
                    view! { <Empty icon="server" title=title small=true /> }.into_any()
                } else {
                    view! { <NodeTable parts=parts label=label menu=menu /> }.into_any()
                }
            })}
        </section>
    }
}

/// What a region without nodes offers.
#[component]
pub fn FirstNodes(
    /// The region.
    id: RegionId,
) -> impl IntoView {
    let w = &words().region;
    let gate = use_gate_in(Permission::Operate, Signal::stored(Some(id.clone())));
    let card = |kind: NodeKind, icon, title: &'static str, text: &'static str, add: &'static str| {
        let href = routes::node_new(&id, kind);
        view! {
            <Empty icon=icon title=title text=text>
                <GatedLink href=href off=gate reason=REASON primary=true label=add />
            </Empty>
        }
    };
    view! {
        <div class="grid k2">
            {card(NodeKind::Proxy, "phone-call", w.first_proxy, w.first_proxy_text, w.add_proxy)}
            {card(NodeKind::Backend, "server", w.first_backend, w.first_backend_text, w.add_backend)}
        </div>
    }
}
