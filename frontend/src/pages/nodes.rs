//! All nodes in one table; filters and order live in the address.

use common::ids::RegionId;
use common::node::NodeKind;
use common::status::StatusWord;
use common::stream::Topic;
use leptos::prelude::*;

use super::lifecycle::bulk::{BulkBar, Selection};
use super::node_order::{Held, ResortChip, use_order};
use super::node_row::{ATTENTION, Column, NodeFilter, NodeRow};
use super::node_table::{NodeTable, kind_text};
use super::query::{use_choice, use_text_filter};
use crate::components::status::{word_key, word_text};
use crate::components::{Empty, Icon, Note, Skeleton, Sort, words};
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::shell::title::use_title;
use crate::state::connection::use_topic;
use crate::state::live::{TopicState, use_live};

/// The order without a choice: worst first.
const DEFAULT: Sort<Column> = Sort { column: Column::Status, descending: false };

fn read_sort(value: &str) -> Sort<Column> {
    let (key, descending) = value.strip_prefix('-').map_or((value, false), |key| (key, true));
    Column::parse(key).map_or(DEFAULT, |column| Sort { column, descending })
}

fn write_sort(sort: Sort<Column>) -> String {
    match sort {
        DEFAULT => String::new(),
        Sort { column, descending } => format!("{}{}", if descending { "-" } else { "" }, column.key()),
    }
}

/// Words that a person can filter by: `empty` is of regions only.
fn choices() -> impl Iterator<Item = StatusWord> {
    StatusWord::ALL.into_iter().filter(|w| !matches!(w, StatusWord::Empty | StatusWord::Unregistered))
}

/// A filter with a list of choices.
#[component]
fn Choice(
    /// Id of the control.
    id: &'static str,
    /// Its name, and the text of the choice that filters nothing.
    label: &'static str,
    /// The value of the address.
    value: Signal<String>,
    /// Writes it.
    choose: Callback<String>,
    /// Value and words of each choice.
    options: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    view! {
        <label class="vh" for=id>
            {label}
        </label>
        <select class="inp choice-filter" id=id prop:value=value on:change=move |event| choose.run(event_target_value(&event))>
            <option value="">{label} ": " {words().nodes.any}</option>
            {dynamic(move || {
                options
                    .get()
                    .into_iter()
                    .map(|(key, text)| {
                        let mine = key.clone();
                        view! {
                            <option value=key prop:selected=attr(move || value.with(|v| *v == mine))>
                                {text}
                            </option>
                        }
                    })
                    .collect_view()
            })}
        </select>
    }
}

/// `/nodes`
#[component]
pub fn NodesPage() -> impl IntoView {
    let w = &words().nodes;
    use_title(move || w.title.to_owned());
    use_topic(|| Some(Topic::Nodes));
    let live = use_live();
    let text = use_text_filter("q");
    let (status, choose_status) = use_choice("status");
    let (region, choose_region) = use_choice("region");
    let (kind, choose_kind) = use_choice("kind");
    let (label, choose_label) = use_choice("label");
    let (sort, choose_sort) = use_choice("sort");
    let sort = memo(move || read_sort(&sort.get()));
    let filter = memo(move || {
        let filter = NodeFilter::read(&text.get(), &status.get(), &region.get(), &kind.get());
        filter.labelled(&label.get())
    });

    let all = memo(move || live.node_ids(&Topic::Nodes));
    let order = use_order(all.into(), filter.into(), sort.into());
    let selection = Selection::default();
    let picked = derived(move || selection.any());
    effect(move || all.with(|known| selection.keep(known)));
    let total = memo(move || all.with(Vec::len));
    let shown = memo(move || order.ids.with(Vec::len));

    let attention = ATTENTION.map(word_key).join(",");
    let needs = StoredValue::new(attention);
    let only_attention = memo(move || {
        filter.with(|f| f.words.len() == ATTENTION.len() && ATTENTION.iter().all(|w| f.words.contains(w)))
    });
    let clear = move |_| {
        text.set(String::new());
        for choose in [choose_status, choose_region, choose_kind, choose_label] {
            choose.run(String::new());
        }
    };
    let words_offered =
        choices().map(|w| (word_key(w).to_owned(), word_text(w).to_owned())).collect::<Vec<_>>();
    let regions_offered = derived(move || {
        let pair = |id: RegionId| (id.to_string(), id.to_string());
        live.region_ids().unwrap_or_default().into_iter().map(pair).collect::<Vec<_>>()
    });
    let kinds_offered = [NodeKind::Proxy, NodeKind::Backend]
        .map(|k| (k.as_str().to_owned(), kind_text(k).to_owned()))
        .to_vec();
    let labels_offered = derived(move || {
        // Read anew where a node comes or goes; following every node would read all labels with each heartbeat.
        let mut found = std::collections::BTreeSet::from([label.get()]);
        for id in all.get() {
            found.extend(untrack(|| live.node(id, |n| NodeRow::of(n).labels)).unwrap_or_default());
        }
        let pair = |l: String| (l.clone(), l);
        found.into_iter().filter(|l| !l.is_empty()).map(pair).collect::<Vec<_>>()
    });
    let some_labels = memo(move || labels_offered.with(|l| !l.is_empty()));
    let fits = Callback::new(move |row: NodeRow| filter.with(|f| f.wants(&row)));

    #[derive(PartialEq, Clone, Copy)]
    enum Show {
        Loading,
        NoNodes,
        NoMatch,
        Table,
    }
    let show = memo(move || match live.topic(&Topic::Nodes) {
        TopicState::Loading => Show::Loading,
        _ if total.get() == 0 => Show::NoNodes,
        _ if shown.get() == 0 => Show::NoMatch,
        _ => Show::Table,
    });
    let truncated = memo(move || live.topic(&Topic::Nodes) == TopicState::Ready { truncated: true });
    view! {
        <div class="hd">
            <h1 tabindex="-1">{w.title}</h1>
            {dynamic(move || (show.get() != Show::Loading).then(|| view! { <span class="st plain">{total}</span> }))}
            <AsOf />
            <span class="sp"></span>
            <ResortChip order=order />
            <span class="sm mut nowrap" role="status">
                {dynamic(move || {
                    filter.with(NodeFilter::is_set).then(|| (w.of)(shown.get(), total.get()))
                })}
            </span>
        </div>
        <div class="toolbar">
            <label class="vh" for="nodes-q">
                {w.filter}
            </label>
            <input
                class="inp text-filter"
                id="nodes-q"
                type="search"
                autocomplete="off"
                placeholder=w.filter
                prop:value=text
                on:input=move |event| text.set(event_target_value(&event))
            />
            <button
                type="button"
                class="chip"
                aria-pressed=attr(move || if only_attention.get() { "true" } else { "false" })
                on:click=move |_| {
                    choose_status
                        .run(if only_attention.get_untracked() { String::new() } else { needs.get_value() });
                }
            >
                <Icon name="filter" />
                {w.attention}
            </button>
            <Choice
                id="nodes-status"
                label=w.status
                value=status
                choose=choose_status
                options=Signal::stored(words_offered)
            />
            <Choice id="nodes-region" label=w.region value=region choose=choose_region options=regions_offered />
            <Choice
                id="nodes-kind"
                label=w.kind
                value=kind
                choose=choose_kind
                options=Signal::stored(kinds_offered)
            />
            {dynamic(move || {
                some_labels
                    .get()
                    .then(|| {
                        view! {
                            <Choice
                                id="nodes-label"
                                label=w.label
                                value=label
                                choose=choose_label
                                options=labels_offered
                            />
                        }
                    })
            })}
            <span class="sp"></span>
            <a href=routes::UNREGISTERED>{words().unregistered.link}</a>
        </div>
        {dynamic(move || truncated.get().then(|| view! { <Note tone="info">{w.truncated}</Note> }))}
        {dynamic(move || match show.get() {
            Show::Loading => {
                view! {
                    <div aria-busy="true">
                        <Skeleton count=10 />
                    </div>
                }
                    .into_any()
            }
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
                        <button type="button" class="btn" on:click=clear>
                            {w.clear}
                        </button>
                    </Empty>
                }
                    .into_any()
            }
            Show::Table => {
                view! {
                    <Held order=order also=picked>
                        <NodeTable
                            label=w.title
                            ids=order.ids
                            sort=sort
                            on_sort=Callback::new(move |s| choose_sort.run(write_sort(s)))
                            fits=fits
                            selection=selection
                        />
                    </Held>
                    <BulkBar selection=selection />
                }
                    .into_any()
            }
        })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_in_the_address() {
        for (text, column, descending) in [("cpu", Column::Cpu, false), ("-status", Column::Status, true)] {
            let sort = Sort { column, descending };
            assert_eq!((read_sort(text), write_sort(sort).as_str()), (sort, text));
        }
        assert_eq!((read_sort("nonsense"), write_sort(DEFAULT).as_str()), (DEFAULT, ""));
    }
}
