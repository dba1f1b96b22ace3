//! One delivery: what was sent, every attempt, and once more.

use std::time::Duration;

use common::auth::Permission;
use common::ids::DeliveryId;
use common::webhooks::{Attempt, Delivery, DeliveryDetail, DeliveryState, KEPT_DAYS};
use js_sys::JSON;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use wasm_bindgen::JsValue;

use super::model::{event_text, is_soon};
use super::page::Shown;
use super::{attempt_text, delivery_badge, took, verdict};
use crate::api::use_api;
use crate::components::{
    Breadcrumb, CopyButton, Crumb, Empty, GatedButton, NoData, Reason, Skeleton, TableBox, words,
};
use crate::i18n::{I18n, isolated, use_i18n, webhooks};
use crate::pages::load::{Load, every, failure};
use crate::reactive::{derived, dynamic, effect, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::connection::use_connection;
use crate::state::gate::use_gate_everywhere;
use crate::state::toasts::use_toasts;

/// It is looked at so often while an attempt is due, and every [`SELDOM`]th time while one waits.
const BEAT: Duration = Duration::from_secs(2);
const SELDOM: u32 = 5;
const REASON: &str = "replay-reason";

/// JSON with its members one below another; the text itself where it is none.
fn indented(text: &str) -> String {
    let value = JSON::parse(text).ok();
    let two = JsValue::from_f64(2.0);
    value
        .and_then(|v| JSON::stringify_with_replacer_and_space(&v, &JsValue::NULL, &two).ok())
        .map_or_else(|| text.to_owned(), String::from)
}

/// `/webhooks/:id/deliveries/:delivery`
#[component]
pub fn WebhookDeliveryPage() -> impl IntoView {
    let (w, api, i18n, connection) = (webhooks(), use_api(), use_i18n(), use_connection());
    let (shown, path) = (Shown::of_path(), use_location().pathname);
    let id = memo(move || path.with(|path| routes::delivery_in(path).parse::<DeliveryId>().ok()));
    let load = Load::<DeliveryDetail>::default();
    let ask = move || {
        if let Some((of, id)) = shown.id.get_untracked().zip(id.get_untracked()) {
            load.ask(async move { api.delivery(of, id).await });
        }
    };
    effect(move || {
        shown.id.track();
        id.track();
        load.clear();
        untrack(ask);
    });
    let beat = StoredValue::new(0_u32);
    every(BEAT, move || {
        let n = beat.with_value(|n| n.wrapping_add(1));
        beat.set_value(n);
        let now = untrack(|| connection.server_now());
        let look = |d: &DeliveryDetail| {
            let waits = d.delivery.state == DeliveryState::Waiting;
            let soon = now.is_some_and(|now| is_soon(std::slice::from_ref(&d.delivery), now));
            soon || waits && n % SELDOM == 0
        };
        if load.peek(look).unwrap_or(false) {
            ask();
        }
    });
    let name = shown.of(|h| h.name.clone());
    let detail = memo(move || load.read(Clone::clone));
    let event = memo(move || detail.with(|d| d.as_ref().map(|d| event_text(d.delivery.event))));
    let title = move || match name.get() {
        Some(name) => (words().tabs.title)(w.delivery, &name),
        None => w.delivery.to_owned(),
    };
    use_title(title);
    let crumbs = derived(move || {
        let mut crumbs = vec![Crumb::link(routes::WEBHOOKS, words().access.webhooks)];
        if let Some((id, name)) = shown.id.get().zip(name.get()) {
            crumbs.push(Crumb::link(routes::webhook(id), isolated(&name)));
        }
        crumbs.push(Crumb::here(w.delivery));
        crumbs
    });
    view! {
        <Breadcrumb crumbs=crumbs />
        <div class="hd">
            <h1 tabindex="-1">{dynamic(move || event.get().unwrap_or(w.delivery))}</h1>
            {dynamic(move || detail.with(|d| d.as_ref().map(|d| delivery_badge(&d.delivery))))}
            <span class="sp"></span>
            <Replay shown=shown detail=detail />
        </div>
        {dynamic(move || {
            if let Some(detail) = detail.get() {
                return body(&detail, i18n);
            }
            if let Some(instead) = shown.instead().filter(|_| shown.id.with(Option::is_none)) {
                return instead;
            }
            match load.error() {
                _ if id.with(Option::is_none) => missing(shown),
                Some(error) if error.status() == Some(404) => missing(shown),
                Some(error) => failure(&error, Callback::new(move |()| ask())),
                None => {
                    view! {
                        <div aria-busy="true">
                            <Skeleton shape="sk-card" count=2 />
                        </div>
                    }
                        .into_any()
                }
            }
        })}
    }
}

fn missing(shown: Shown) -> AnyView {
    let w = webhooks();
    let back = shown.id.get_untracked().map_or_else(|| routes::WEBHOOKS.to_owned(), routes::webhook);
    view! {
        <Empty icon="webhook" title=w.missing_delivery text=(w.missing_delivery_text)(KEPT_DAYS)>
            <a class="btn" href=back>
                {w.to_webhook}
            </a>
        </Empty>
    }
    .into_any()
}

/// Sends it once more, and leads to what comes of that.
#[component]
fn Replay(shown: Shown, detail: Memo<Option<DeliveryDetail>>) -> impl IntoView {
    let (w, t, api, toasts, navigate) = (webhooks(), use_i18n().t, use_api(), use_toasts(), use_navigate());
    let gate = use_gate_everywhere(Permission::Operate);
    let switched_off = shown.of(|h| !h.enabled);
    let off = derived(move || {
        gate.get().or_else(|| switched_off.get().unwrap_or(false).then(|| w.replay_off.to_owned()))
    });
    let navigate = StoredValue::new_local(navigate);
    let press = Callback::new(move |()| {
        let Some(of) = detail.with_untracked(|d| d.as_ref().map(|d| (d.delivery.webhook_id, d.delivery.id)))
        else {
            return;
        };
        spawn_local(async move {
            match api.replay_delivery(of.0, of.1).await {
                Ok(made) => {
                    toasts.done(w.replayed);
                    let path = routes::webhook_delivery(made.webhook_id, made.id);
                    navigate.try_with_value(|go| go(&path, NavigateOptions::default()));
                }
                Err(e) => toasts.failed(format!("{}: {}", e.title(t), e.detail(t))),
            }
        });
    });
    // Where the first attempt is still to come, nothing has to be sent again.
    let over = memo(move || {
        let begun = |d: &Delivery| d.attempts > 0 || d.state != DeliveryState::Waiting;
        detail.with(|d| d.as_ref().is_some_and(|d| begun(&d.delivery)))
    });
    view! {
        {dynamic(move || {
            over.get()
                .then(|| {
                    view! {
                        <GatedButton
                            label=Signal::stored(w.replay)
                            icon="rotate-cw"
                            off=off
                            reason=REASON
                            on_press=press
                        />
                        <Reason id=REASON off=off />
                    }
                })
        })}
    }
}

fn body(detail: &DeliveryDetail, i18n: I18n) -> AnyView {
    let w = webhooks();
    let payload = detail.payload.clone();
    view! {
        {facts(&detail.delivery, i18n)}
        <section class="card stack">
            <h2>{w.attempts}</h2>
            {attempts(&detail.attempts, i18n)}
        </section>
        <section class="card stack tight" aria-labelledby="delivery-payload">
            <div class="hd">
                <h2 id="delivery-payload">{w.payload}</h2>
                <span class="sp"></span>
                <CopyButton text=Signal::stored(payload) label=w.copy_payload />
            </div>
            <p class="sm mut">{w.payload_text}</p>
            <pre class="code" tabindex="0" translate="no" dir="ltr" aria-labelledby="delivery-payload">
                <code>{indented(&detail.payload)}</code>
            </pre>
        </section>
    }
    .into_any()
}

fn facts(delivery: &Delivery, i18n: I18n) -> AnyView {
    let w = webhooks();
    let moment = |at: Option<common::time::Timestamp>| match at {
        Some(at) => view! {
            <time datetime=at.to_string() title=i18n.fmt.whole(at)>
                {i18n.fmt.whole(at)}
            </time>
        }
        .into_any(),
        None => view! { <NoData /> }.into_any(),
    };
    let region = match &delivery.region_id {
        Some(region) => view! {
            <a href=routes::region(region)>
                <bdi class="id" translate="no">
                    {region.to_string()}
                </bdi>
            </a>
        }
        .into_any(),
        None => view! { <NoData /> }.into_any(),
    };
    let repeats = delivery.replay_of.map(|of| {
        view! {
            <dt>{w.repeats}</dt>
            <dd>
                <a href=routes::webhook_delivery(delivery.webhook_id, of)>{w.repeats_link}</a>
            </dd>
        }
    });
    view! {
        <section class="card" aria-label=w.delivery>
            <dl class="kv">
                <dt>{w.message}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        {delivery.message_id.clone()}
                    </bdi>
                </dd>
                <dt>{words().activity.region}</dt>
                <dd>{region}</dd>
                <dt>{w.made_at}</dt>
                <dd class="num">{moment(Some(delivery.created_at))}</dd>
                <dt>{w.next}</dt>
                <dd class="num">{moment(delivery.next_at)}</dd>
                <dt>{w.finished}</dt>
                <dd class="num">{moment(delivery.finished_at)}</dd>
                {repeats}
            </dl>
        </section>
    }
    .into_any()
}

fn attempts(all: &[Attempt], i18n: I18n) -> AnyView {
    let w = webhooks();
    if all.is_empty() {
        return view! { <p class="mut">{w.no_attempts}</p> }.into_any();
    }
    let rows = all.iter().map(|attempt| {
        let at = attempt.at;
        view! {
            <tr>
                <td class="num">
                    <time datetime=at.to_string() title=i18n.fmt.whole(at)>
                        {i18n.fmt.date_time(at)}
                    </time>
                </td>
                <td class="n">{took(attempt)}</td>
                <td>{attempt_text(attempt)}</td>
                <td class="wrap">{verdict(attempt)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <TableBox label=w.attempts>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{w.made_at}</th>
                        <th scope="col" class="n">
                            {w.took}
                        </th>
                        <th scope="col">{w.status}</th>
                        <th scope="col">{w.outcome}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableBox>
    }
    .into_any()
}
