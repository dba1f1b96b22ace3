//! All nodes in one table; filters, order and columns live in the address.

use common::stream::Topic;
use leptos::prelude::*;

use super::lifecycle::bulk::{BulkBar, Selection};
use super::node_list_bar::{AddButtons, ListMenu};
use super::node_list_keys::{Rows, register_keys};
use super::node_list_menu::RowActions;
use super::node_list_model::{forget_gone, use_address, use_counts};
use super::node_list_query::{NodeFilter, unknown};
use super::node_list_remote::use_remote;
use super::node_list_toolbar::ListToolbar;
use super::node_order::{OrderChips, Source, use_order};
use super::node_table::{NodeTable, TableParts};
use crate::components::nav::{Breadcrumb, only};
use crate::components::{Empty, ErrorPanel, Note, Skeleton, words};
use crate::i18n::plural::num;
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::shell::shortcuts::Shortcut;
use crate::shell::title::use_title;
use crate::state::commands::{Command, use_commands};
use crate::state::connection::use_topic;
use crate::state::live::{TopicState, use_live};
use crate::state::trail::use_trail;

/// What stands in the place of the table.
#[derive(PartialEq, Clone, Copy)]
enum Show {
    Loading,
    Failed,
    NoNodes,
    NoMatch,
    Table,
}

/// `/nodes`
#[component]
pub fn NodesPage() -> impl IntoView {
    let (w, t, i18n) = (&words().nodes, &words().table, use_i18n());
    use_title(move || w.title.to_owned());
    use_topic(|| Some(Topic::Nodes));
    let live = use_live();
    let address = use_address();
    // More nodes than a browser is given: the server filters and sorts.
    let far = memo(move || live.topic(&Topic::Nodes) == TopicState::Ready { truncated: true });
    let (filter, sort) = (address.filter(far.into()), address.sort());
    let remote = use_remote(far.into(), derived(move || (filter.get(), sort.get())));
    let all = memo(move || live.node_ids(&Topic::Nodes));
    let selection = Selection::default();
    let source = Source { here: all.into(), remote: Some((far.into(), remote)) };
    let order = use_order(source, filter.into(), sort.into(), Some(selection));
    forget_gone(selection, all, far.into());
    let registered = memo(move || remote.last(|o| usize::try_from(o.registered).unwrap_or(usize::MAX)));
    let total = memo(move || if far.get() { registered.get().unwrap_or(0) } else { all.with(Vec::len) });
    let counts = use_counts(all, far.into(), Some(remote));
    let columns = address.columns();
    let parts = TableParts {
        order,
        selection,
        columns: columns.into(),
        useless: &[],
        only: None,
        sort: sort.into(),
        on_sort: address.set_sort(),
        windowed: true,
        actions: RowActions::default(),
        rows: Rows::new(order),
    };
    register_keys(vec![parts]);
    let clear = address.clear();
    escape(filter, clear, selection);
    use_trail().rows(move || order.ids.with(|ids| ids.iter().map(|id| routes::node(*id)).collect()));

    let failed = memo(move || far.get() && registered.get().is_none() && remote.error.with(Option::is_some));
    let show = memo(move || match live.topic(&Topic::Nodes) {
        TopicState::Loading => Show::Loading,
        _ if failed.get() => Show::Failed,
        _ if far.get() && registered.get().is_none() => Show::Loading,
        _ if total.get() == 0 => Show::NoNodes,
        _ if order.ids.with(Vec::is_empty) => Show::NoMatch,
        _ => Show::Table,
    });
    let exported = memo(move || columns.get().without(&[]));
    // What is shown until the server has answered is of the question before.
    let answered = memo(move || {
        remote.answers.track();
        !far.get() || remote.answer(&(filter.get(), sort.get()), |_| ()).is_some()
    });
    let found = memo(move || {
        (show.get() != Show::Loading && answered.get() && filter.with(NodeFilter::is_set))
            .then(|| (order.ids.with(Vec::len), total.get()))
    });
    let ignored = memo(move || unknown(&address.asked()));
    let error = move || {
        remote.error.with(|e| {
            e.as_ref().map(|e| {
                view! {
                    <ErrorPanel
                        title=e.title(i18n.t)
                        detail=e.detail(i18n.t)
                        request_id=e.request_id()
                        small=true
                        on_retry=Callback::new(move |()| remote.retry())
                    />
                }
            })
        })
    };
    view! {
        <Breadcrumb crumbs=only(w.title) />
        <div class="hd">
            <h1 tabindex="-1">{w.title}</h1>
            {dynamic(move || (show.get() != Show::Loading).then(|| view! { <span class="st plain num">{dynamic(move || num(total.get()))}</span> }))}
            <AsOf />
            <span class="sp"></span>
            <a href=routes::UNREGISTERED>{words().unregistered.link}</a>
            <AddButtons regions=derived(move || filter.with(|f| f.regions.clone())) />
        </div>
        <ListToolbar
            address=address
            counts=counts
            of_region=false
            found=found
            columns=columns
            useless=&[]
            sort=sort
        >
            <ListMenu order=order columns=exported.into() far=far.into() />
        </ListToolbar>
        {dynamic(move || {
            let ignored = ignored.get();
            (!ignored.is_empty()).then(|| view! { <Note tone="warn">{(t.ignored)(&ignored.join(", "))}</Note> })
        })}
        <div class="more-rows">
            <OrderChips order=order />
        </div>
        {dynamic(move || (!failed.get()).then(error))}
        {dynamic(move || match show.get() {
            Show::Loading => {
                view! {
                    <div aria-busy="true">
                        <Skeleton count=10 />
                    </div>
                }
                    .into_any()
            }
            Show::Failed => dynamic(error).into_any(),
            Show::NoNodes => {
                view! {
                    <Empty icon="server" title=w.empty_title text=w.empty_text>
                        <a class="btn pri" href=routes::REGIONS>
                            {w.to_regions}
                        </a>
                    </Empty>
                }
                    .into_any()
            }
            Show::NoMatch => {
                view! {
                    <Empty icon="filter" title=w.no_match_title small=true>
                        <button type="button" class="btn" on:click=move |_| clear.run(())>
                            {w.clear}
                        </button>
                    </Empty>
                }
                    .into_any()
            }
            Show::Table => view! { <NodeTable parts=parts label=w.title menu="node-rows" /> }.into_any(),
        })}
        <BulkBar selection=selection rows=order.ids />
    }
}

/// Escape takes the filters away, and where there are none the ticks.
pub fn escape(filter: Memo<NodeFilter>, clear: Callback<()>, selection: Selection) {
    use_commands().register(move || {
        let set = filter.with(NodeFilter::is_set);
        if !set && !selection.any() {
            return Vec::new();
        }
        let run = move || {
            if set {
                clear.run(());
            } else {
                selection.clear();
            }
        };
        vec![Command::key_only(Shortcut::Escape, run)]
    });
}
