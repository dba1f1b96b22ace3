//! All webhooks, by name.

use common::auth::Permission;
use common::ids::WebhookId;
use common::webhooks::{Webhook, WebhookList};
use leptos::prelude::*;

use super::model::events_text;
use super::state_badge;
use crate::api::use_api;
use crate::components::nav::only;
use crate::components::{Age, Breadcrumb, Empty, GatedLink, Num, Reason, Skeleton, TableBox, words};
use crate::i18n::webhooks;
use crate::pages::load::{Load, every, failure};
use crate::pages::people::{LOOK_EVERY, scope_text};
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::connection::use_connection;
use crate::state::gate::use_gate_everywhere;

const REASON: &str = "webhooks-reason";

/// `/webhooks`
#[component]
pub fn WebhooksPage() -> impl IntoView {
    let (w, title, api) = (webhooks(), words().access.webhooks, use_api());
    use_title(move || title.to_owned());
    let gate = use_gate_everywhere(Permission::Administer);
    let load = Load::<WebhookList>::default();
    let ask = move || load.ask(async move { api.webhooks().await });
    ask();
    every(LOOK_EVERY, ask);
    let ids = memo(move || load.read(|l| l.items.iter().map(|h| h.id).collect::<Vec<_>>()));
    let known = memo(move || ids.with(Option::is_some));
    let none = memo(move || ids.with(|ids| ids.as_ref().is_some_and(Vec::is_empty)));
    let error = memo(move || load.error().filter(|_| !known.get()));
    let columns = [w.name, w.state, w.delivered, w.waiting, w.url, w.events, w.regions];
    view! {
        <Breadcrumb crumbs=only(title) />
        <div class="hd">
            <h1 tabindex="-1">{title}</h1>
            <span class="sp"></span>
            <GatedLink href=routes::WEBHOOK_NEW.to_owned() off=gate reason=REASON primary=true label=w.new />
        </div>
        <p class="sub">{w.sub}</p>
        <Reason id=REASON off=gate />
        {dynamic(move || {
            if let Some(error) = error.get() {
                return failure(&error, Callback::new(move |()| ask()));
            }
            if !known.get() {
                return view! {
                    <div aria-busy="true">
                        <Skeleton />
                    </div>
                }
                    .into_any();
            }
            if none.get() {
                return view! {
                    <Empty icon="webhook" title=w.none text=w.none_text>
                        <GatedLink href=routes::WEBHOOK_NEW.to_owned() off=gate reason=REASON label=w.new />
                    </Empty>
                }
                    .into_any();
            }
            let heads = columns
                .map(|text| {
                    view! {
                        <th scope="col" class=(text == w.waiting).then_some("n")>
                            {text}
                        </th>
                    }
                });
            view! {
                <TableBox label=w.table>
                    <table>
                        <thead>
                            <tr>{heads}</tr>
                        </thead>
                        <tbody>
                            <For each=move || ids.get().unwrap_or_default() key=|id| *id let:id>
                                <Row id=id load=load />
                            </For>
                        </tbody>
                    </table>
                </TableBox>
            }
                .into_any()
        })}
    }
}

#[component]
fn Row(id: WebhookId, load: Load<WebhookList>) -> impl IntoView {
    let connection = use_connection();
    // Kept while the row leaves the list.
    let webhook = Memo::new(move |before: Option<&Option<Webhook>>| {
        let now = load.read(|l| l.items.iter().find(|h| h.id == id).cloned()).flatten();
        now.or_else(|| before.cloned().flatten())
    });
    let of = move |read: fn(&Webhook) -> String| {
        let text = memo(move || webhook.with(|h| h.as_ref().map(read).unwrap_or_default()));
        move || text.get()
    };
    let state = memo(move || webhook.with(|h| h.as_ref().map(|h| h.state)));
    let off = memo(move || webhook.with(|h| h.as_ref().is_some_and(|h| !h.enabled)));
    let url = of(|h| h.url.clone());
    let delivered = derived(move || webhook.with(|h| h.as_ref().and_then(|h| h.delivered_at)));
    view! {
        <tr data-dim=attr(move || off.get().then_some(""))>
            <th scope="row">
                <a href=routes::webhook(id)>
                    <bdi translate="no">{dynamic(of(|h| h.name.clone()))}</bdi>
                </a>
            </th>
            <td>{dynamic(move || state.get().map(state_badge))}</td>
            <td class="num">
                <Age at=delivered now=derived(move || connection.server_now()) />
            </td>
            <td class="n">
                <Num value=derived(move || webhook.with(|h| h.as_ref().map(|h| u64::from(h.waiting)))) />
            </td>
            <td>
                <bdi class="id clip" translate="no" title=attr(url)>
                    {dynamic(url)}
                </bdi>
            </td>
            <td class="wrap">{dynamic(of(|h| events_text(&h.events)))}</td>
            <td>{dynamic(of(|h| scope_text(h.region_ids.as_deref())))}</td>
        </tr>
    }
}
