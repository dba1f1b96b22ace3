//! Whether a region's storage works: as this console finds it, as the nodes find it, and the last checks.

use common::storage::{RegionStorage, StorageCheck, StorageHealth, StorageReportOfNode, StorageState};
use leptos::prelude::*;

use crate::components::{Empty, Icon, NoData, ServerWords, TableBox, format, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::routes;

/// The badge of a health: word, icon, shape.
pub fn look(state: StorageState) -> (&'static str, &'static str) {
    match state {
        StorageState::Unknown => ("never", "circle-dashed"),
        StorageState::Healthy => ("ok", "circle-check"),
        StorageState::Failing => ("bad", "octagon-x"),
    }
}

/// The cards below the form.
#[component]
pub fn Health(
    /// What the server said last.
    storage: RwSignal<Option<RegionStorage>>,
) -> impl IntoView {
    let w = &words().storage;
    let get =
        move |read: fn(&RegionStorage) -> StorageHealth| memo(move || storage.with(|s| s.as_ref().map(read)));
    let health = get(|s| s.health.clone());
    let nodes = memo(move || storage.with(|s| s.as_ref().map(|s| s.nodes.clone()).unwrap_or_default()));
    let recent = memo(move || storage.with(|s| s.as_ref().map(|s| s.recent.clone()).unwrap_or_default()));
    view! {
        <div class="grid k2">
            <section class="card stack tight" aria-labelledby="storage-server">
                <header>
                    <h2 id="storage-server">{w.from_server}</h2>
                </header>
                {dynamic(move || health.get().map(server))}
            </section>
            <section class="card stack tight" aria-labelledby="storage-nodes">
                <header>
                    <h2 id="storage-nodes">{w.from_nodes}</h2>
                </header>
                <p class="sm mut">{w.from_nodes_hint}</p>
                {dynamic(move || {
                    let all = nodes.get();
                    if all.is_empty() {
                        return view! { <p class="mut">{w.no_nodes}</p> }.into_any();
                    }
                    view! { <ul class="list">{all.into_iter().map(node).collect_view()}</ul> }.into_any()
                })}
            </section>
        </div>
        <section class="stack tight push">
            <h2>{w.recent}</h2>
            {dynamic(move || {
                let all = recent.get();
                if all.is_empty() {
                    view! { <Empty icon="clock" title=w.no_recent small=true /> }.into_any()
                } else {
                    view! { <Recent checks=all /> }.into_any()
                }
            })}
        </section>
    }
}

/// The badge with its word, and since when.
#[component]
pub fn HealthBadge(
    /// What is known.
    #[prop(into)]
    health: Signal<Option<StorageHealth>>,
) -> impl IntoView {
    let w = &words().storage;
    let i18n = use_i18n();
    let shown = memo(move || health.with(|h| h.as_ref().map(|h| (h.state, h.since))));
    dynamic(move || {
        shown.get().map(|(state, since)| {
            let (family, icon) = look(state);
            let since = since.map(|at| format!(" · {}", (w.since)(&i18n.fmt.date_time(at))));
            view! {
                <span class=format!("st {family}")>
                    <Icon name=icon />
                    <span>{(w.state)(state)} {since}</span>
                </span>
            }
        })
    })
}

fn server(health: StorageHealth) -> AnyView {
    let w = &words().storage;
    let i18n = use_i18n();
    let checked = health.checked_at.map(|at| (w.checked)(&i18n.fmt.date_time(at)));
    let shown = health.clone();
    view! {
        <p>
            <HealthBadge health=derived(move || Some(shown.clone())) />
        </p>
        {health.step.map(|step| view! { <p><b>{(w.step)(step)}</b></p> })}
        {health.detail.map(|text| view! { <p class="wrap-any"><ServerWords text=text /></p> })}
        <p class="sm mut num">{checked.unwrap_or_else(|| w.never_checked.to_owned())}</p>
    }
    .into_any()
}

fn node(report: StorageReportOfNode) -> AnyView {
    let w = &words().storage;
    let i18n = use_i18n();
    let (family, icon) = look(if report.ok { StorageState::Healthy } else { StorageState::Failing });
    let text = if report.ok { w.node_ok.to_owned() } else { (w.node_failed)(report.step.as_deref()) };
    view! {
        <li>
            <div class="gr">
                <a href=routes::node(report.node_id)>
                    <bdi class="id" translate="no">
                        {report.name}
                    </bdi>
                </a>
                <p class="xs num">{report.checked_at.map(|at| (w.checked)(&i18n.fmt.date_time(at)))}</p>
            </div>
            <span class=format!("st {family}")>
                <Icon name=icon />
                <span>{text}</span>
            </span>
        </li>
    }
    .into_any()
}

#[component]
fn Recent(checks: Vec<StorageCheck>) -> impl IntoView {
    let w = &words().storage;
    let i18n = use_i18n();
    let ms = |n: Option<u64>| match n {
        Some(n) => format::millis(n).into_any(),
        None => view! { <NoData /> }.into_any(),
    };
    view! {
        <TableBox label=w.recent>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{w.when}</th>
                        <th scope="col">{w.outcome}</th>
                        <th scope="col" class="n">
                            {w.took}
                        </th>
                        <th scope="col" class="n">
                            {w.put_took}
                        </th>
                        <th scope="col">{w.detail}</th>
                    </tr>
                </thead>
                <tbody>
                    {checks
                        .into_iter()
                        .map(|c| {
                            let (family, icon) = look(if c.ok { StorageState::Healthy } else { StorageState::Failing });
                            let text = c.step.map_or((w.state)(StorageState::Healthy), w.step);
                            let seen = c.code.as_deref().and_then(words().refusals.seen);
                            view! {
                                <tr>
                                    <td class="num">{i18n.fmt.time(c.checked_at)}</td>
                                    <td>
                                        <span class=format!("st {family}")>
                                            <Icon name=icon />
                                            <span>{text}</span>
                                        </span>
                                    </td>
                                    <td class="n">{ms(Some(c.duration_ms))}</td>
                                    <td class="n">{ms(c.put_ms)}</td>
                                    <td class="wrap">
                                        {seen.map(|(cause, _)| view! { <div>{cause}</div> })}
                                        {match c.detail {
                                            Some(text) => view! { <ServerWords text=text /> }.into_any(),
                                            None => view! { <NoData /> }.into_any(),
                                        }}
                                    </td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </TableBox>
    }
}
