//! How far this page can be believed, in one word that is always on the screen; the pause; and the details behind both.

use std::time::Duration;

use common::time::Timestamp;
use leptos::prelude::*;

use super::past::MomentForm;
use crate::components::{CopyButton, Icon, NoData, format, words};
use crate::i18n::use_i18n;
use crate::ids;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::state::connection::{Connection, Place, use_connection};
use crate::state::freshness::Freshness;
use crate::state::prefs::{Choice as _, Frequency, use_prefs};

/// A clock that is off by more is worth a word.
const CLOCK_OFF_MS: u64 = 5_000;

/// The pill, and the button beside it.
#[component]
pub fn FreshnessPill() -> impl IntoView {
    let (i18n, connection) = (use_i18n(), use_connection());
    let (t, w) = (i18n.t, &words().live);
    let state = move || connection.freshness();
    let word = move || match state() {
        Freshness::Connecting => t.fresh_connecting.to_owned(),
        Freshness::Live => t.fresh_live.to_owned(),
        Freshness::Delayed { seconds } => (t.fresh_delayed)(seconds),
        Freshness::Disconnected => t.fresh_disconnected.to_owned(),
        Freshness::Paused => {
            let since = connection.as_of().map(|at| i18n.fmt.time(at)).unwrap_or_default();
            (w.paused)(&since, connection.waiting())
        }
        Freshness::Historic => connection.moment().map(|at| i18n.fmt.date_time(at)).unwrap_or_default(),
    };
    let past = memo(move || connection.moment().is_some());
    view! {
        <button
            type="button"
            class="live"
            data-s=attr(move || state().as_str())
            popovertarget=ids::FRESHNESS_MENU
            aria-describedby="fresh-hint"
        >
            {dynamic(move || {
                if past.get() {
                    view! { <Icon name="history" /> }.into_any()
                } else {
                    view! { <span class="dot"></span> }.into_any()
                }
            })}
            <span class="num">{dynamic(word)}</span>
        </button>
        <span id="fresh-hint" class="vh">{t.fresh_hint}</span>
        // What stands still anyway is not stopped.
        <span class="mid" hidden=attr(move || past.get())>
            <button
                type="button"
                class="btn ghost ic"
                aria-label=attr(move || if connection.paused() { w.resume } else { w.pause })
                title=attr(move || if connection.paused() { w.resume } else { w.pause })
                aria-keyshortcuts="P"
                on:click=move |_| connection.toggle_pause()
            >
                {dynamic(move || view! { <Icon name=if connection.paused() { "play" } else { "pause" } /> })}
            </button>
        </span>
        <div id=ids::FRESHNESS_MENU class="menu pad fresh" popover="auto" role="group" aria-label=t.fresh_label>
            <Details />
        </div>
    }
}

/// A signal that changes once a second while the details are open.
fn every_second() -> RwSignal<u32> {
    let seconds = RwSignal::new(0_u32);
    let open = format!("#{}:popover-open", ids::FRESHNESS_MENU);
    let look = move || {
        if document().query_selector(&open).is_ok_and(|found| found.is_some()) {
            seconds.update(|n| *n = n.wrapping_add(1));
        }
    };
    let timer = set_interval_with_handle(look, Duration::from_secs(1));
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    seconds
}

#[component]
fn Details() -> impl IntoView {
    let (i18n, connection, second) = (use_i18n(), use_connection(), every_second());
    let (t, w) = (i18n.t, &words().live);
    let meaning = move || match connection.freshness() {
        Freshness::Connecting => t.fresh_connecting_means,
        Freshness::Live => t.fresh_live_means,
        Freshness::Delayed { .. } => t.fresh_delayed_means,
        Freshness::Disconnected => t.fresh_disconnected_means,
        Freshness::Paused => w.paused_means,
        Freshness::Historic => words().past.means,
    };
    let past = memo(move || connection.moment().is_some());
    let time = move |at: Option<Timestamp>| match at {
        Some(at) => view! { <bdi>{i18n.fmt.time(at)}</bdi> }.into_any(),
        None => view! { <NoData /> }.into_any(),
    };
    let last_frame = move || {
        second.track();
        connection.as_of().map(|_| (w.ago)(&format::duration(connection.age_ms())))
    };
    let server_time = move || {
        second.track();
        // Followed so that the first frame shows at once.
        connection.as_of();
        time(connection.server_clock())
    };
    let failed = memo(move || connection.attempts().failed);
    let place = move || match connection.place() {
        Place::Asking => w.asking.to_owned(),
        Place::Leads(tabs) => (w.leads)(tabs),
        Place::Follows => w.follows.to_owned(),
    };
    let row = |name: &'static str, value: AnyView| view! { <dt>{name}</dt> <dd class="num">{value}</dd> };
    let stream = move || match connection.stream_id() {
        Some(id) => view! { <bdi class="mono xs" translate="no">{id.to_string()}</bdi> }.into_any(),
        None => view! { <NoData /> }.into_any(),
    };
    let pause = move || if connection.paused() { ("play", w.resume) } else { ("pause", w.pause) };
    view! {
        <p>{dynamic(meaning)}</p>
        <div class="toolbar" hidden=attr(move || past.get())>
            <button type="button" class="btn small" on:click=move |_| connection.toggle_pause()>
                {dynamic(move || view! { <Icon name=pause().0 /> })}
                {dynamic(move || pause().1)}
            </button>
            <button type="button" class="btn small" on:click=move |_| connection.refresh()>
                <Icon name="refresh-cw" />
                {w.refresh}
            </button>
        </div>
        <HowOften />
        <MomentForm />
        <dl class="kv">
            {row(t.fresh_figures_from, dynamic(move || time(connection.as_of())).into_any())}
            {row(w.last_frame, dynamic(last_frame).into_any())}
            {row(w.server_time, dynamic(server_time).into_any())}
            {row(w.clock, dynamic(move || clock(connection)).into_any())}
            {row(w.place, dynamic(place).into_any())}
            {row(w.stream, dynamic(stream).into_any())}
            {dynamic(move || {
                let failed = failed.get();
                (failed > 0).then(|| row(t.fresh_failed_attempts, format::count(failed.into()).into_any()))
            })}
        </dl>
        {dynamic(move || is_off(connection).then(|| view! { <p class="hint">{w.clock_note}</p> }))}
        <CopyButton text=derived(move || diagnostics(connection)) label=w.copy />
    }
}

/// How often figures change.
#[component]
fn HowOften() -> impl IntoView {
    let (w, chosen) = (&words().live, use_prefs().frequency);
    let choice = |frequency: &Frequency| {
        let frequency = *frequency;
        view! {
            <button
                type="button"
                aria-pressed=attr(move || if chosen.get() == frequency { "true" } else { "false" })
                on:click=move |_| chosen.set(frequency)
            >
                {(w.every)(frequency.seconds())}
            </button>
        }
    };
    view! {
        <div class="fresh-often" role="group" aria-labelledby="fresh-often">
            <span id="fresh-often" class="sm mut">{w.frequency}</span>
            <div class="seg-ctl">{Frequency::ALL.iter().map(choice).collect_view()}</div>
        </div>
    }
}

fn is_off(connection: Connection) -> bool {
    connection.offset_ms().unsigned_abs() > CLOCK_OFF_MS
}

/// This machine's clock against the server's.
fn clock(connection: Connection) -> String {
    let w = &words().live;
    let offset = connection.offset_ms();
    if is_off(connection) {
        // The server ahead of this machine: the machine is behind.
        (w.clock_off)(&format::duration(offset.unsigned_abs()), offset < 0)
    } else {
        w.clock_right.to_owned()
    }
}

/// What somebody who is asked for help wants to know; the same words in every language.
fn diagnostics(connection: Connection) -> String {
    untrack(|| {
        let place = match connection.place() {
            Place::Asking => "asks".to_owned(),
            Place::Leads(tabs) => format!("leads {tabs}"),
            Place::Follows => "follows".to_owned(),
        };
        let attempts = connection.attempts();
        let text = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
        let lines = [
            ("page", window().location().pathname().unwrap_or_default()),
            ("state", connection.freshness().to_string()),
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("newer version", text(connection.newer_version())),
            ("figures from", text(connection.as_of().map(|at| at.to_string()))),
            ("server time", text(connection.server_clock().map(|at| at.to_string()))),
            ("clock offset", format!("{} ms", connection.offset_ms())),
            ("last message", format!("{} ms ago", connection.age_ms())),
            ("failed attempts", attempts.failed.to_string()),
            ("stream", text(connection.stream_id().map(|id| id.to_string()))),
            ("tab", place),
            ("topics", connection.topics().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")),
            ("changes waiting", connection.waiting().to_string()),
            ("browser", window().navigator().user_agent().unwrap_or_default()),
        ];
        lines.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
    })
}
