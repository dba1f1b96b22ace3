//! The four figures of a node; last-known ones are marked as such.

use common::node::{Node, NodeKind};
use common::status::Liveness;
use leptos::prelude::*;

use super::node_row::work_of;
use super::node_table::Queue;
use crate::components::{Ratio, TextOrNone, format, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::state::connection::use_connection;

/// Below this age a time of day needs no date.
const RECENT_MS: u64 = 12 * 3_600_000;

/// One figure.
#[component]
fn Card(
    /// What it is.
    #[prop(into)]
    title: Signal<String>,
    /// `Last known, at …`, where it is old.
    old: Memo<Option<String>>,
    /// What it is made of.
    #[prop(optional, into)]
    parts: MaybeProp<String>,
    /// The figure.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card kpi livebox">
            <h2>{title}</h2>
            <p class="big mid num val">{children()}</p>
            {dynamic(move || parts.get().map(|text| view! { <p class="sm mut num val">{text}</p> }))}
            {dynamic(move || old.get().map(|text| view! { <p class="xs">{text}</p> }))}
        </section>
    }
}

/// CPU, RAM, work, network.
#[component]
pub fn Figures(
    /// The node.
    node: Memo<Option<Node>>,
) -> impl IntoView {
    let w = &words().node;
    let (connection, i18n) = (use_connection(), use_i18n());
    let old = memo(move || {
        node.with(|n| {
            let live = &n.as_ref()?.live;
            let at = live.last_heartbeat_at.filter(|_| live.liveness != Liveness::Live)?;
            // The time alone says enough within the last hours.
            let recent = connection.server_now().is_some_and(|now| now.since(at) < RECENT_MS);
            Some((w.last_known)(&if recent { i18n.fmt.time(at) } else { i18n.fmt.date_time(at) }))
        })
    });
    let hardware = memo(move || node.with(|n| n.as_ref().and_then(|n| n.live.hardware.clone())));
    let work = memo(move || node.with(|n| n.as_ref().map_or((None, None), work_of)));
    let parts = memo(move || {
        let (phone, web) = node.with(|n| {
            let node = n.as_ref().filter(|n| n.kind == NodeKind::Backend)?;
            node.live.sessions.as_ref().map(|s| (s.phone, s.web))
        })?;
        let text = |n: Option<u32>| format::count_or_none(n.map(u64::from));
        Some((w.phone_web)(&text(phone), &text(web)))
    });
    let kind = memo(move || node.with(|n| n.as_ref().map_or(NodeKind::Backend, |n| n.kind)));
    let (used, limit) = (derived(move || work.get().0), derived(move || work.get().1));
    let percent = move |read: fn(&common::heartbeat::Hardware) -> Option<f64>| {
        derived(move || hardware.with(|h| h.as_ref().and_then(read)).map(format::percent))
    };
    let network = derived(move || {
        let h = hardware.get()?;
        match (h.network_down_mbps, h.network_up_mbps) {
            (None, None) => None,
            (down, up) => {
                let text = |v: Option<f64>| v.map_or_else(|| format::NONE.to_owned(), format::rate);
                Some((w.down_up)(&text(down), &text(up)))
            }
        }
    });
    let work_title = derived(move || match kind.get() {
        NodeKind::Proxy => w.queue.to_owned(),
        NodeKind::Backend | NodeKind::Background => w.sessions.to_owned(),
    });
    view! {
        <div class="grid k4">
            <Card title=Signal::stored(w.cpu.to_owned()) old=old>
                <TextOrNone text=percent(|h| h.cpu_percent) />
            </Card>
            <Card title=Signal::stored(w.ram.to_owned()) old=old>
                <TextOrNone text=percent(|h| h.memory_percent) />
            </Card>
            <Card title=work_title old=old parts=parts>
                {dynamic(move || match kind.get() {
                    NodeKind::Proxy => view! { <Queue processing=used pending=limit /> }.into_any(),
                    _ => {
                        view! { <Ratio part=used whole=limit /> }
                        .into_any()
                    }
                })}
            </Card>
            <Card title=Signal::stored(w.network.to_owned()) old=old>
                <TextOrNone text=network />
            </Card>
        </div>
    }
}
