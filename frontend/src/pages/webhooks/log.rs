//! What a webhook sent: newest first, with its filters in the address. Rows change in place; new ones wait behind a
//! button, but for those that the person had sent.

use std::time::Duration;

use common::auth::Permission;
use common::ids::DeliveryId;
use common::webhooks::{Delivery, DeliveryPage, DeliveryState, KEPT_DAYS, WebhookEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::model::{event_text, follow, is_soon};
use super::page::Shown;
use super::{attempt_text, delivery_badge, took};
use crate::api::{DeliveryQuery, use_api};
use crate::components::form::focus_id;
use crate::components::{Empty, Icon, NoData, Reason, Skeleton, TableBox, TextOrNone, format, words};
use crate::i18n::{use_i18n, webhooks};
use crate::pages::activity::Choice;
use crate::pages::load::{Load, every, failure};
use crate::pages::query::use_choice;
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::routes;
use crate::state::connection::use_connection;
use crate::state::gate::use_gate_everywhere;
use crate::state::toasts::use_toasts;

/// The log is looked at so often while an attempt is due, and every [`SELDOM`]th time otherwise.
const BEAT: Duration = Duration::from_secs(2);
const SELDOM: u32 = 5;
/// Of a page.
const LIMIT: usize = 50;
/// What is read at most at a time.
const MOST: usize = 200;
/// Up to a day, times are told by their age.
const DAY_MS: u64 = 86_400_000;
/// Id of the text why nothing can be sent again.
const REPLAY: &str = "replay-off";
const LOG: &str = "webhook-log";

/// What is on the screen; copy it freely.
#[derive(Clone, Copy)]
struct Log {
    shown: Shown,
    page: Load<DeliveryPage>,
    /// Those that do not fit the filter any more.
    gone: RwSignal<Vec<DeliveryId>>,
    /// Why nothing can be sent again.
    replay_off: Signal<Option<String>>,
}

/// The log with its filters.
#[component]
pub fn DeliveryLog(
    /// The webhook.
    shown: Shown,
) -> impl IntoView {
    let (w, api, connection) = (webhooks(), use_api(), use_connection());
    let (state, set_state) = use_choice("state");
    let (event, set_event) = use_choice("event");
    // What is none of the values there are, is no filter.
    let query = memo(move || DeliveryQuery {
        state: state.with(|s| DeliveryState::parse(s)).map(|s| s.as_str().to_owned()).unwrap_or_default(),
        event: event.with(|e| WebhookEvent::parse(e)).map(|e| e.as_str().to_owned()).unwrap_or_default(),
    });
    let page = Load::<DeliveryPage>::default();
    let (gone, fresh) = (RwSignal::new(Vec::<DeliveryId>::new()), RwSignal::new(0_usize));
    let gate = use_gate_everywhere(Permission::Operate);
    let off = memo(move || shown.webhook.with(|h| h.as_ref().is_some_and(|h| !h.enabled)));
    let replay_off = derived(move || gate.get().or_else(|| off.get().then(|| w.replay_off.to_owned())));
    let log = Log { shown, page, gone, replay_off };
    let ask = move || {
        let (Some(id), query) = (shown.id.get_untracked(), query.get_untracked()) else { return };
        gone.set(Vec::new());
        fresh.set(0);
        page.ask(async move { api.deliveries(id, &query, LIMIT, None).await });
    };
    effect(move || {
        shown.id.track();
        query.track();
        page.clear();
        untrack(ask);
    });
    // What the person had sent is shown at once.
    effect(move || {
        if shown.sent.get() > 0 {
            untrack(ask);
        }
    });
    // What is on the screen as it is by now, and how much there is that is not.
    let look = move || {
        let (Some(id), asked) = (shown.id.get_untracked(), query.get_untracked()) else { return };
        let Some(many) = page.peek(|p| p.items.len()) else { return ask() };
        spawn_local(async move {
            let Ok(read) = api.deliveries(id, &asked, many.clamp(LIMIT, MOST), None).await else { return };
            // The page may be gone, or about something else.
            if query.try_get_untracked().is_none_or(|q| q != asked) {
                return;
            }
            let Some(before) = page.peek(|p| p.items.clone()) else { return };
            if before.is_empty() {
                return page.put(read);
            }
            let (items, new) = follow(&before, &read.items);
            fresh.set(new);
            let last = read.items.last().map(|d| d.id).filter(|_| read.next_cursor.is_some());
            let left = |d: &&Delivery| {
                last.is_none_or(|last| d.id > last) && !read.items.iter().any(|r| r.id == d.id)
            };
            gone.set(items.iter().filter(left).map(|d| d.id).collect());
            if items != before {
                let next_cursor = page.peek(|p| p.next_cursor.clone()).flatten();
                page.put(DeliveryPage { as_of: read.as_of, items, next_cursor });
                shown.reload.run(());
            }
        });
    };
    let beat = StoredValue::new(0_u32);
    every(BEAT, move || {
        let n = beat.with_value(|n| n.wrapping_add(1));
        beat.set_value(n);
        let now = untrack(|| connection.server_now());
        let soon = now.and_then(|now| page.peek(|p| is_soon(&p.items, now))).unwrap_or(false);
        if soon || n % SELDOM == 0 {
            look();
        }
    });
    let older = move |cursor: String| {
        let (Some(id), asked) = (shown.id.get_untracked(), query.get_untracked()) else { return };
        spawn_local(async move {
            if let Ok(next) = api.deliveries(id, &asked, LIMIT, Some(&cursor)).await
                && query.try_get_untracked().is_some_and(|q| q == asked)
            {
                let mut items = page.peek(|p| p.items.clone()).unwrap_or_default();
                items.extend(next.items);
                page.put(DeliveryPage { items, ..next });
            }
        });
    };
    let states = DeliveryState::ALL.map(|s| (s.as_str(), (w.delivery_state)(s, false))).to_vec();
    let events = WebhookEvent::SUBSCRIBABLE.into_iter().chain([WebhookEvent::Test]);
    let events = events.map(|e| (e.as_str(), event_text(e))).collect::<Vec<_>>();
    let cursor = memo(move || page.read(|p| p.next_cursor.clone()).flatten());
    view! {
        <section class="stack">
            <div class="hd">
                <h2>{w.log}</h2>
                <span class="sm mut">{(w.kept)(KEPT_DAYS)}</span>
            </div>
            <div class="toolbar filters" role="search">
                <Choice
                    id="delivery-state"
                    label=w.state
                    any=w.any_state
                    options=states
                    value=state
                    on_choice=set_state
                />
                <Choice
                    id="delivery-event"
                    label=w.event
                    any=w.any_event
                    options=events
                    value=event
                    on_choice=set_event
                />
            </div>
            <Reason id=REPLAY off=replay_off />
            <div id=LOG tabindex="-1" class="stack">
                {dynamic(move || {
                    Some(fresh.get())
                        .filter(|n| *n > 0)
                        .map(|n| {
                            view! {
                                <p class="more-rows">
                                    <button
                                        type="button"
                                        class="btn"
                                        on:click=move |_| {
                                            ask();
                                            focus_id(LOG);
                                        }
                                    >
                                        <Icon name="arrow-up" />
                                        <span>{(w.fresh)(n)}</span>
                                    </button>
                                </p>
                            }
                        })
                })}
                <Table log=log query=query retry=Callback::new(move |()| ask()) />
                {dynamic(move || {
                    cursor
                        .get()
                        .map(|cursor| {
                            view! {
                                <div class="toolbar">
                                    <button type="button" class="btn" on:click=move |_| older(cursor.clone())>
                                        {words().activity.older}
                                    </button>
                                </div>
                            }
                        })
                })}
            </div>
        </section>
    }
}

#[component]
fn Table(log: Log, query: Memo<DeliveryQuery>, retry: Callback<()>) -> impl IntoView {
    let w = webhooks();
    let ids = memo(move || log.page.read(|p| p.items.iter().map(|d| d.id).collect::<Vec<_>>()));
    let known = memo(move || ids.with(Option::is_some));
    let none = memo(move || ids.with(|ids| ids.as_ref().is_some_and(Vec::is_empty)));
    let error = memo(move || log.page.error().filter(|_| !known.get()));
    let any = memo(move || query.with(|q| *q != DeliveryQuery::default()));
    let columns = [w.made_at, w.event, words().activity.region, w.state, w.attempts, w.last, w.action];
    dynamic(move || {
        if let Some(error) = error.get() {
            return failure(&error, retry);
        }
        if !known.get() {
            return view! {
                <div aria-busy="true">
                    <Skeleton count=4 />
                </div>
            }
            .into_any();
        }
        if none.get() {
            if any.get() {
                let whole = log.shown.id.get_untracked().map(routes::webhook);
                return view! {
                    <Empty icon="webhook" title=w.none_match small=true>
                        <a class="btn" href=whole>
                            {words().activity.clear}
                        </a>
                    </Empty>
                }
                .into_any();
            }
            return view! { <Empty icon="webhook" title=w.no_deliveries text=w.no_deliveries_text small=true /> }
                .into_any();
        }
        let heads = columns.map(|text| {
            view! {
                <th scope="col" class=(text == w.attempts).then_some("n")>
                    {text}
                </th>
            }
        });
        view! {
            <TableBox label=w.log>
                <table>
                    <thead>
                        <tr>{heads}</tr>
                    </thead>
                    <tbody>
                        <For each=move || ids.get().unwrap_or_default() key=|id| *id let:id>
                            <Row id=id log=log />
                        </For>
                    </tbody>
                </table>
            </TableBox>
        }
        .into_any()
    })
}

#[component]
fn Row(id: DeliveryId, log: Log) -> impl IntoView {
    let (w, api, i18n, connection, toasts) =
        (webhooks(), use_api(), use_i18n(), use_connection(), use_toasts());
    // Kept while the row leaves the list.
    let delivery = Memo::new(move |before: Option<&Option<Delivery>>| {
        let now = log.page.read(|p| p.items.iter().find(|d| d.id == id).cloned()).flatten();
        now.or_else(|| before.cloned().flatten())
    });
    // What never changes of it.
    let Some(first) = delivery.get_untracked() else { return ().into_any() };
    let (at, event) = (first.created_at, event_text(first.event));
    let whole = i18n.fmt.whole(at);
    let when = memo(move || match connection.server_now().map(|now| now.since(at)) {
        Some(ms) if ms < DAY_MS => (words().common.ago)(&format::duration(ms)),
        _ => i18n.fmt.date_time(at),
    });
    let gone = memo(move || log.gone.with(|all| all.contains(&id)));
    let badge = memo(move || delivery.with(|d| d.as_ref().map(|d| (d.state, d.attempts > 0))));
    let next = memo(move || {
        let at = delivery.with(|d| d.as_ref().and_then(|d| d.next_at))?;
        let now = connection.server_now()?;
        Some(if at > now { (w.next_in)(&format::duration(at.since(now))) } else { w.next_now.to_owned() })
    });
    let attempts = memo(move || delivery.with(|d| d.as_ref().map(|d| u64::from(d.attempts))));
    let last = derived(move || {
        delivery.with(|d| {
            let last = d.as_ref()?.last.as_ref()?;
            Some(format!("{} · {}", attempt_text(last), took(last)))
        })
    });
    // Where the first attempt is still to come, nothing has to be sent again.
    let over =
        memo(move || badge.get().is_some_and(|(state, tried)| tried || state != DeliveryState::Waiting));
    let replay = move |_| {
        if log.replay_off.with_untracked(Option::is_some) {
            return;
        }
        let Some(of) = log.shown.id.get_untracked() else { return };
        spawn_local(async move {
            match api.replay_delivery(of, id).await {
                Ok(_) => {
                    toasts.done(w.replayed);
                    log.shown.sent.try_update(|n| *n = n.wrapping_add(1));
                }
                Err(e) => toasts.failed(format!("{}: {}", e.title(i18n.t), e.detail(i18n.t))),
            }
        });
    };
    let label = (w.replay_of)(event, &i18n.fmt.date_time(at));
    view! {
        <tr data-dim=attr(move || gone.get().then_some(""))>
            <td>
                <a
                    class="num nowrap"
                    href=routes::webhook_delivery(first.webhook_id, id)
                    aria-label=(w.open)(event, &i18n.fmt.date_time(at))
                    title=whole
                >
                    <time datetime=at.to_string()>{dynamic(move || when.get())}</time>
                </a>
            </td>
            <td>
                {event}
                {first.replay_of.map(|_| view! { <span class="sub-line">{w.repeated}</span> })}
            </td>
            <td>
                {match &first.region_id {
                    Some(region) => {
                        view! {
                            <a href=routes::region(region)>
                                <bdi class="id" translate="no">
                                    {region.to_string()}
                                </bdi>
                            </a>
                        }
                            .into_any()
                    }
                    None => view! { <NoData /> }.into_any(),
                }}
            </td>
            <td>
                {dynamic(move || {
                    badge.track();
                    delivery.with_untracked(|d| d.as_ref().map(delivery_badge))
                })}
                <span class="sub-line num">{dynamic(move || next.get())}</span>
                {dynamic(move || gone.get().then(|| view! { <span class="sub-line">{words().table.gone}</span> }))}
            </td>
            <td class="n">
                <span class="num">{dynamic(move || attempts.get().map(format::count))}</span>
            </td>
            <td>
                <TextOrNone text=last />
            </td>
            <td>
                {dynamic(move || {
                    over.get()
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="btn small"
                                    aria-label=label.clone()
                                    title=attr(move || log.replay_off.get())
                                    aria-disabled=attr(move || log.replay_off.with(Option::is_some).then_some("true"))
                                    aria-describedby=attr(move || {
                                        log.replay_off.with(Option::is_some).then_some(REPLAY)
                                    })
                                    on:click=replay
                                >
                                    {w.replay}
                                </button>
                            }
                        })
                })}
            </td>
        </tr>
    }
    .into_any()
}
