//! The regions as a table: one row each, with the same figures as the cards.

use common::capacity::Capacity;
use common::ids::RegionId;
use common::overview::RegionSummary;
use leptos::prelude::*;

use super::regions::summary_of;
use super::regions_menu::{Actions, RegionMenu};
use crate::components::region_card::{Storage, conversations};
use crate::components::{
    Flag, Num, Ratio, StatusBadge, TableBox, TextOrNone, count_beside, country_name, format, words,
};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::state::live::use_live;

/// The table.
#[component]
pub fn RegionTable(
    /// Which regions, in order.
    ids: Signal<Vec<RegionId>>,
    /// Takes what is asked of one.
    actions: Actions,
) -> impl IntoView {
    let (w, c) = (&words().dashboard, &words().region_card);
    view! {
        <TableBox label=words().regions.list>
            <table class="regions">
                <thead>
                    <tr>
                        <th scope="col">{w.col_region}</th>
                        <th scope="col">{w.status}</th>
                        <th scope="col">{w.country}</th>
                        <th scope="col" class="n">{c.backend}</th>
                        <th scope="col" class="n">{c.proxy}</th>
                        <th scope="col" class="n">{c.conversations}</th>
                        <th scope="col" class="n">{w.col_slots}</th>
                        <th scope="col" class="n">{c.pending}</th>
                        <th scope="col">{w.col_storage}</th>
                        <th scope="col">{w.col_maintenance}</th>
                        <th scope="col">
                            <span class="vh">{words().lifecycle.actions}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || ids.get() key=|id| id.clone() let:id>
                        <Row id=id actions=actions />
                    </For>
                </tbody>
            </table>
        </TableBox>
    }
}

#[component]
fn Row(id: RegionId, actions: Actions) -> impl IntoView {
    let (live, i18n) = (use_live(), use_i18n());
    let summary = summary_of(live, id.clone());
    let get = move |read: fn(&Capacity) -> Option<u64>| {
        derived(move || summary.with(|s| s.as_ref().and_then(|s| read(&s.capacity))))
    };
    let text = move |read: fn(&RegionSummary) -> String| {
        memo(move || summary.with(|s| s.as_ref().map(read)).unwrap_or_default())
    };
    let code = text(|s| s.country_code.clone());
    let status = memo(move || summary.with(|s| s.as_ref().map(|s| s.status.clone())));
    let storage = memo(move || summary.with(|s| s.as_ref().map(|s| s.storage.clone())));
    let slots = derived(move || {
        summary.with(|s| {
            let slots = s.as_ref()?.capacity.slots;
            format::percent_of(slots.used?, slots.max.filter(|max| *max > 0)?)
        })
    });
    let since = derived(move || status.get().map(|s| i18n.fmt.date_time(s.since)));
    view! {
        <tr>
            <th scope="row">
                <span class="cell">
                    {dynamic(move || view! { <Flag code=code.get() /> })}
                    <a href=routes::region(&id)>
                        <bdi class="id" translate="no">
                            {id.to_string()}
                        </bdi>
                    </a>
                </span>
            </th>
            <td>
                {dynamic(move || {
                    status
                        .get()
                        .map(|s| {
                            let count = count_beside(&s);
                            view! { <StatusBadge word=s.word extra=count /> }
                        })
                })}
            </td>
            <td>{dynamic(move || country_name(&code.get()))}</td>
            <td class="n val">
                <Ratio part=get(|c| Some(c.backend.online.into())) whole=get(|c| Some(c.backend.registered.into())) />
            </td>
            <td class="n val">
                <Ratio part=get(|c| Some(c.proxy.online.into())) whole=get(|c| Some(c.proxy.registered.into())) />
            </td>
            <td class="n val">
                <Num value=get(conversations) />
            </td>
            <td class="n val">
                <TextOrNone text=slots />
            </td>
            <td class="n val">
                <Num value=get(|c| c.outbound.pending) />
            </td>
            <td>{dynamic(move || storage.get().map(|s| view! { <Storage storage=s /> }))}</td>
            <td class="num nowrap">
                <TextOrNone text=since />
            </td>
            <td>
                <RegionMenu id=id.clone() actions=actions />
            </td>
        </tr>
    }
}
