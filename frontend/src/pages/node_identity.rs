//! Who a node is: registration, software, clock and secret, as a list of names and values.

use common::node::Node;
use leptos::prelude::*;

use crate::components::{Age, CopyButton, NoData, Tag, TextOrNone, format, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::state::connection::use_connection;

/// The card.
#[component]
pub fn Identity(
    /// The node.
    node: Memo<Option<Node>>,
) -> impl IntoView {
    let w = &words().node;
    let (connection, i18n) = (use_connection(), use_i18n());
    let text =
        move |read: fn(&Node) -> Option<String>| derived(move || node.with(|n| n.as_ref().and_then(read)));
    // Ids and addresses: left to right, not translated, with a button.
    let technical = move |name: &'static str, value: Signal<Option<String>>, copy: &'static str| {
        let value = memo(move || value.get());
        view! {
            <dt>{name}</dt>
            <dd class="row">
                <bdi class="id" translate="no">
                    <TextOrNone text=value />
                </bdi>
                {dynamic(move || {
                    (!copy.is_empty())
                        .then(|| value.get())
                        .flatten()
                        .map(|text| view! { <CopyButton text=text label=copy icon_only=true /> })
                })}
            </dd>
        }
    };
    let heard = memo(move || node.with(|n| n.as_ref().and_then(|n| n.live.last_heartbeat_at)));
    let interval = memo(move || node.with(|n| n.as_ref().map_or(0, |n| n.live.interval_ms)));
    let secret = memo(move || node.with(|n| n.as_ref().map(|n| n.secret.clone())));
    let created = memo(move || node.with(|n| n.as_ref().map(|n| n.created_at)));
    let started = memo(move || node.with(|n| n.as_ref().and_then(|n| n.live.started_at)));
    let region = memo(move || node.with(|n| n.as_ref().and_then(|n| n.region_id.clone())));
    let labels = memo(move || {
        let all = |n: &Node| n.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>();
        node.with(|n| n.as_ref().map(all)).unwrap_or_default()
    });
    let notes = memo(move || node.with(|n| n.as_ref().and_then(|n| n.notes.clone())));
    view! {
        <section class="card">
            <header>
                <h2>{w.identity}</h2>
            </header>
            <dl class="kv">
                {technical(w.id, text(|n| Some(n.id().to_string())), w.copy_id)}
                {dynamic(move || {
                    region
                        .get()
                        .map(|region| {
                            view! {
                                <dt>{w.region}</dt>
                                <dd>
                                    <a href=routes::region(&region)>
                                        <bdi class="id" translate="no">
                                            {region.to_string()}
                                        </bdi>
                                    </a>
                                </dd>
                            }
                        })
                })} {technical(w.endpoint, text(|n| Some(n.endpoint.to_string())), w.copy_endpoint)}
                {technical(w.sip, text(sip), "")} {technical(w.version, text(|n| n.live.software_version.clone()), "")}
                {technical(w.hostname, text(|n| n.live.hostname.clone()), "")} <dt>{w.heard}</dt>
                <dd class="num">
                    <Age
                        at=heard
                        now=derived(move || connection.server_now())
                        title=derived(move || heard.get().map(|at| i18n.fmt.date_time(at)).unwrap_or_default())
                    />
                    <span class="mut">" " {dynamic(move || (w.every)(&format::interval(interval.get())))}</span>
                </dd>
                {technical(w.boot, text(|n| n.live.boot_id.clone()), "")}
                <dt>{w.started}</dt>
                <dd class="num">
                    <TextOrNone text=derived(move || started.get().map(|at| i18n.fmt.date_time(at))) />
                </dd>
                <dt>{w.clock}</dt>
                <dd class="num">
                    <TextOrNone text=text(|n| n.live.clock_offset_ms.map(format::offset)) />
                </dd>
                {technical(w.source, text(|n| n.live.source.clone()), "")}
                <dt>{w.secret}</dt>
                <dd>
                    {dynamic(move || match secret.get() {
                        Some(secret) => {
                            view! {
                                <bdi class="id" translate="no">
                                    {secret.fingerprint}
                                </bdi>
                                " "
                                <span class="mut num">{(w.made)(&i18n.fmt.date_time(secret.created_at))}</span>
                            }
                                .into_any()
                        }
                        None => view! { <NoData /> }.into_any(),
                    })}
                </dd>
                <dt>{w.registered}</dt>
                <dd class="num">
                    <TextOrNone text=derived(move || created.get().map(|at| i18n.fmt.date_time(at))) />
                </dd>
                {dynamic(move || {
                    let all = labels.get();
                    (!all.is_empty())
                        .then(|| {
                            let tag = |l: String| view! { <Tag text=l /> };
                            view! {
                                <dt>{w.labels}</dt>
                                <dd class="row" translate="no">
                                    {all.into_iter().map(tag).collect_view()}
                                </dd>
                            }
                        })
                })}
                {dynamic(move || {
                    notes
                        .get()
                        .map(|notes| {
                            view! {
                                <dt>{w.notes}</dt>
                                <dd><bdi translate="no">{notes}</bdi></dd>
                            }
                        })
                })}
            </dl>
        </section>
    }
}

/// `10.0.0.5:5080 UDP`; the host defaults to the endpoint's.
fn sip(node: &Node) -> Option<String> {
    let host = node.sip_host.as_deref().unwrap_or(&node.endpoint.host);
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let port = node.sip_port?;
    Some(format!("{host}:{port} {}", node.sip_transport.as_str().to_uppercase()))
}
