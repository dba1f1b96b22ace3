//! The cells of a node's row. Each follows its row in place; nothing is rebuilt by a heartbeat.

use common::ids::NodeId;
use common::node::NodeKind;
use common::node_order::NodeColumn;
use common::status::StatusWord;
use common::time::Timestamp;
use leptos::prelude::*;

use super::node_list_columns::is_numeric;
use super::node_row::NodeRow;
use super::node_table::{NodeBadge, Queue, kind_text};
use super::version_skew::VersionSkew;
use crate::components::format;
use crate::components::{Age, Flag, Meter, NoData, Ratio, Tag, TextOrNone, words};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::state::connection::use_connection;

/// What all cells of a row share.
#[derive(Clone, Copy)]
pub struct Cells {
    /// Whose row it is.
    pub of: RwSignal<NodeId>,
    /// As it is now; `None` until it has come.
    pub row: Memo<Option<NodeRow>>,
    /// Whether the tab key stops at the controls of this row.
    pub stop: Memo<bool>,
    /// There is room for two lines only: status, name and region share a cell.
    pub narrow: bool,
}

impl Cells {
    fn read<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        read: fn(&NodeRow) -> Option<T>,
    ) -> Signal<Option<T>> {
        let row = self.row;
        derived(move || row.with(|r| r.as_ref().and_then(read)))
    }

    /// `0` where the tab key stops, else `-1`.
    pub fn tab(self) -> Box<dyn FnMut() -> &'static str + Send> {
        let stop = self.stop;
        attr(move || if stop.get() { "0" } else { "-1" })
    }
}

/// The cell of a column.
pub fn cell(column: NodeColumn, cells: Cells) -> AnyView {
    let content = match column {
        NodeColumn::Status => status(cells),
        NodeColumn::Name | NodeColumn::Endpoint => name(cells),
        NodeColumn::Region => region(cells),
        NodeColumn::Kind => {
            let kind = cells.read(|r| Some(r.kind));
            dynamic(move || kind.get().map(kind_text)).into_any()
        }
        NodeColumn::Cpu => view! { <Meter value=cells.read(|r| r.cpu) /> }.into_any(),
        NodeColumn::Ram => view! { <Meter value=cells.read(|r| r.ram) /> }.into_any(),
        NodeColumn::Sessions => load(cells),
        NodeColumn::Network => network(cells),
        NodeColumn::Heartbeat => heard(cells),
        NodeColumn::Version => version(cells),
        NodeColumn::Sip => mono(cells.read(|r| r.sip.clone())),
        NodeColumn::Uptime => span(cells.read(|r| r.started)),
        NodeColumn::Since => span(cells.read(|r| Some(r.since))),
        NodeColumn::Reason => {
            view! { <span class="clip"><TextOrNone text=cells.read(|r| r.reason.clone()) /></span> }
                .into_any()
        }
        NodeColumn::Id => mono(cells.read(|r| Some(r.id.to_string()))),
        NodeColumn::Labels => labels(cells),
    };
    let class = match column {
        NodeColumn::Cpu | NodeColumn::Ram | NodeColumn::Sessions | NodeColumn::Network => "n val",
        column if is_numeric(column) => "n",
        _ => "",
    };
    view! { <td class=class>{content}</td> }.into_any()
}

fn status(cells: Cells) -> AnyView {
    let row = cells.row;
    let word = memo(move || row.with(|r| r.as_ref().map_or(StatusWord::NeverSeen, |r| r.word)));
    let since = memo(move || row.with(|r| r.as_ref().map_or(Timestamp(0), |r| r.since)));
    let heard = memo(move || row.with(|r| r.as_ref().and_then(|r| r.heard)));
    let work = memo(move || row.with(|r| r.as_ref().and_then(|r| r.work)));
    view! {
        <NodeBadge word=word since=since heard=heard work=work />
        {cells.narrow.then(|| view! { <span class="two-lines">{name(cells)} {region(cells)}</span> })}
    }
    .into_any()
}

fn name(cells: Cells) -> AnyView {
    let (of, row) = (cells.of, cells.row);
    // Changed by an operator alone, and seldom.
    let identity =
        memo(move || row.with(|r| r.as_ref().map(|r| (r.name.clone(), r.endpoint.clone(), r.development))));
    let shown = memo(move || {
        identity.with(|i| match i {
            Some((name, endpoint, _)) => name.clone().unwrap_or_else(|| endpoint.clone()),
            None => of.get().to_string(),
        })
    });
    let more = move || {
        identity.get().map(|(name, endpoint, development)| {
            view! {
                {development.then(|| view! { " " <Tag text=words().nodes.dev /> })}
                {name
                    .filter(|_| !cells.narrow)
                    .map(|_| {
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
    let class = move || identity.with(|i| if i.as_ref().is_some_and(|i| i.0.is_some()) { "" } else { "id" });
    // One and the same link while the row is there: the focus may be on it.
    view! {
        <a class="row-link" href=attr(move || routes::node(of.get())) tabindex=cells.tab()>
            <bdi class=attr(class) translate="no">
                {shown}
            </bdi>
        </a>
        {dynamic(more)}
    }
    .into_any()
}

fn region(cells: Cells) -> AnyView {
    let row = cells.row;
    let region = memo(move || row.with(|r| r.as_ref().and_then(|r| r.region.clone())));
    dynamic(move || {
        region.get().map(|region| {
            let country = region.as_str().get(..2).unwrap_or_default().to_owned();
            view! {
                <span class="cell">
                    <Flag code=country />
                    <a href=routes::region(&region) tabindex=cells.tab()>
                        <bdi class="id" translate="no">
                            {region.to_string()}
                        </bdi>
                    </a>
                </span>
            }
        })
    })
    .into_any()
}

fn load(cells: Cells) -> AnyView {
    let (work, limit) = (cells.read(|r| r.work), cells.read(|r| r.limit));
    let row = cells.row;
    let kind = memo(move || row.with(|r| r.as_ref().map(|r| r.kind)));
    dynamic(move || match kind.get() {
        Some(NodeKind::Proxy) => view! { <Queue processing=work pending=limit /> }.into_any(),
        _ => view! { <Ratio part=work whole=limit /> }.into_any(),
    })
    .into_any()
}

fn network(cells: Cells) -> AnyView {
    let row = cells.row;
    let text = memo(move || match row.with(|r| r.as_ref().map(|r| r.network)) {
        None | Some((None, None)) => None,
        Some((down, up)) => {
            let rate = |n: Option<f64>| n.map_or_else(|| format::NONE.to_owned(), format::rate);
            Some((words().node.down_up)(&rate(down), &rate(up)))
        }
    });
    dynamic(move || match text.get() {
        Some(text) => view! { <bdi class="num">{text}</bdi> }.into_any(),
        None => view! { <NoData /> }.into_any(),
    })
    .into_any()
}

fn heard(cells: Cells) -> AnyView {
    let (connection, i18n) = (use_connection(), use_i18n());
    let heard = cells.read(|r| r.heard);
    view! {
        <Age
            at=heard
            now=derived(move || connection.server_now())
            title=derived(move || heard.get().map(|at| i18n.fmt.date_time(at)).unwrap_or_default())
        />
    }
    .into_any()
}

/// How long something lasts; ticks.
fn span(from: Signal<Option<Timestamp>>) -> AnyView {
    let (connection, i18n) = (use_connection(), use_i18n());
    let text = memo(move || Some(format::duration(format::age_ms(from.get()?, connection.server_now()?))));
    let at = move || from.get().map(|at| i18n.fmt.date_time(at));
    view! { <span class="num" title=attr(at)><TextOrNone text=text /></span> }.into_any()
}

fn mono(text: Signal<Option<String>>) -> AnyView {
    view! {
        <bdi class="id" translate="no">
            <TextOrNone text=text />
        </bdi>
    }
    .into_any()
}

fn version(cells: Cells) -> AnyView {
    let row = cells.row;
    let software = memo(move || {
        row.with(|r| {
            let r = r.as_ref()?;
            Some((r.region.clone(), r.kind, r.version.clone()?))
        })
    });
    view! {
        {mono(cells.read(|r| r.version.clone()))}
        " "
        <VersionSkew software=software short=true />
    }
    .into_any()
}

fn labels(cells: Cells) -> AnyView {
    let row = cells.row;
    let all = memo(move || row.with(|r| r.as_ref().map(|r| r.labels.clone())).unwrap_or_default());
    dynamic(move || {
        let all = all.get();
        if all.is_empty() {
            return view! { <NoData /> }.into_any();
        }
        let whole = all.join(", ");
        view! { <span class="clip" title=whole>{all.into_iter().map(|l| view! { <bdi class="st plain id" translate="no">{l}</bdi> " " }).collect_view()}</span> }
            .into_any()
    })
    .into_any()
}
