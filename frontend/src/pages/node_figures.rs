//! The four figures of a node; last-known ones are marked as such.

use common::history::{Metric, Unit};
use common::ids::NodeId;
use common::node::{Node, NodeKind};
use common::status::Liveness;
use leptos::prelude::*;

use super::node_row::work_of;
use super::node_table::Queue;
use super::sparks::use_sparks;
use crate::api::Whose;
use crate::components::sparkline::Steps;
use crate::components::{Ratio, Sparkline, TextOrNone, format, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::state::connection::use_connection;

/// What the lines of a node are made of.
fn metrics(kind: NodeKind) -> Vec<Metric> {
    let work: &[Metric] = match kind {
        NodeKind::Backend => &[Metric::Phone, Metric::Web],
        NodeKind::Proxy => &[Metric::Processing, Metric::Pending],
        NodeKind::Background => &[],
    };
    let machine = [Metric::Cpu, Metric::Memory, Metric::NetworkDown, Metric::NetworkUp];
    machine.iter().chain(work).copied().collect()
}

/// Below this age a time of day needs no date.
const RECENT_MS: u64 = 12 * 3_600_000;

/// One figure with its last quarter of an hour.
#[component]
pub fn Card(
    /// What it is.
    #[prop(into)]
    title: Signal<String>,
    /// `Last known, at …`, where it is old.
    #[prop(optional, into)]
    old: MaybeProp<String>,
    /// What it is made of.
    #[prop(optional, into)]
    parts: MaybeProp<String>,
    /// Its last quarter of an hour.
    line: Signal<Option<Steps>>,
    /// Of the line's values.
    unit: Unit,
    /// The colour of the line.
    look: &'static str,
    /// The figure.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card kpi livebox">
            <h2>{title}</h2>
            <p class="big mid num val">{children()}</p>
            {dynamic(move || parts.get().map(|text| view! { <p class="sm mut num val">{text}</p> }))}
            {dynamic(move || old.get().map(|text| view! { <p class="xs">{text}</p> }))}
            <Sparkline label=title unit=unit steps=line look=look />
        </section>
    }
}

/// CPU, RAM, work, network.
#[component]
pub fn Figures(
    /// Which.
    id: NodeId,
    /// As it is now.
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
    let sparks = use_sparks(Whose::Node(id), &metrics(kind.get_untracked()));
    // Only what a live node says is of now.
    let live = memo(move || node.with(|n| n.as_ref().is_some_and(|n| n.live.liveness == Liveness::Live)));
    let of = move |read: fn(&common::heartbeat::Hardware) -> Option<f64>| {
        derived(move || hardware.with(|h| h.as_ref().and_then(read)).filter(|_| live.get()))
    };
    let count = |n: Option<u64>| n.and_then(|n| u32::try_from(n).ok()).map(f64::from);
    let busy = derived(move || {
        let (used, pending) = work.get();
        let sum = match kind.get() {
            NodeKind::Proxy => used.zip(pending).map(|(a, b)| a.saturating_add(b)).or(used).or(pending),
            _ => used,
        };
        count(sum).filter(|_| live.get())
    });
    let queue = sparks.line(&[Metric::Processing, Metric::Pending], busy);
    let sessions = sparks.line(&[Metric::Phone, Metric::Web], busy);
    let work_line = derived(move || if kind.get() == NodeKind::Proxy { queue.get() } else { sessions.get() });
    // Received and sent in one line: the card has one.
    let both = derived(move || {
        let h = hardware.get().filter(|_| live.get())?;
        match (h.network_down_mbps, h.network_up_mbps) {
            (None, None) => None,
            (down, up) => Some(down.unwrap_or(0.0) + up.unwrap_or(0.0)),
        }
    });
    // The background node runs jobs and no sessions.
    let has_work = memo(move || kind.get() != NodeKind::Background);
    view! {
        <div class="grid k4">
            <Card
                title=Signal::stored(w.cpu.to_owned())
                old=old
                line=sparks.line(&[Metric::Cpu], of(|h| h.cpu_percent))
                unit=Unit::Percent
                look="s1"
            >
                <TextOrNone text=percent(|h| h.cpu_percent) />
            </Card>
            <Card
                title=Signal::stored(w.ram.to_owned())
                old=old
                line=sparks.line(&[Metric::Memory], of(|h| h.memory_percent))
                unit=Unit::Percent
                look="s4"
            >
                <TextOrNone text=percent(|h| h.memory_percent) />
            </Card>
            {dynamic(move || {
                has_work
                    .get()
                    .then(|| {
                        view! {
                            <Card
                                title=work_title
                                old=old
                                parts=parts
                                line=work_line
                                unit=Unit::Count
                                look="s3"
                            >
                                {dynamic(move || match kind.get() {
                                    NodeKind::Proxy => view! { <Queue processing=used pending=limit /> }.into_any(),
                                    _ => view! { <Ratio part=used whole=limit /> }.into_any(),
                                })}
                            </Card>
                        }
                    })
            })}
            <Card
                title=Signal::stored(w.network.to_owned())
                old=old
                line=sparks.line(&[Metric::NetworkDown, Metric::NetworkUp], both)
                unit=Unit::Mbps
                look="s2"
            >
                <TextOrNone text=network />
            </Card>
        </div>
    }
}
