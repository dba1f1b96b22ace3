//! The one line above the page that says what to think of all its figures. Only the most important one is shown.

use std::time::Duration;

use leptos::prelude::*;

use crate::components::{Icon, format};
use crate::i18n::use_i18n;
use crate::reactive::{dynamic, memo};
use crate::state::clock::monotonic_ms;
use crate::state::connection::use_connection;
use crate::state::freshness::{DELAYED_AFTER_MS, Freshness};
use crate::state::live::use_live;

/// Which banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Disconnected,
    Delayed,
    Collecting,
    NewVersion,
}

/// The banner, or nothing.
#[component]
pub fn Banner() -> impl IntoView {
    let (connection, live) = (use_connection(), use_live());
    // The words count seconds; the banner itself is made anew only where another one is due.
    let kind = memo(move || match connection.freshness() {
        Freshness::Disconnected => Some(Kind::Disconnected),
        // A reconnect that takes a moment is in the pill; a banner that flashes would only frighten.
        Freshness::Delayed { seconds } if seconds * 1000 >= DELAYED_AFTER_MS => Some(Kind::Delayed),
        _ if live.collecting().is_some() => Some(Kind::Collecting),
        _ if connection.newer_version().is_some() => Some(Kind::NewVersion),
        _ => None,
    });
    dynamic(move || {
        kind.get().map(|kind| match kind {
            Kind::Disconnected => view! { <Disconnected /> }.into_any(),
            Kind::Delayed => view! { <Delayed /> }.into_any(),
            Kind::Collecting => view! { <Collecting /> }.into_any(),
            Kind::NewVersion => view! { <NewVersion /> }.into_any(),
        })
    })
}

/// A signal that changes once a second while the banner is on the screen.
fn every_second() -> RwSignal<u64> {
    let now = RwSignal::new(monotonic_ms());
    let timer = set_interval_with_handle(move || now.set(monotonic_ms()), Duration::from_secs(1));
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    now
}

#[component]
fn Disconnected() -> impl IntoView {
    let (i18n, connection, second) = (use_i18n(), use_connection(), every_second());
    let t = i18n.t;
    let head = move || match connection.as_of() {
        Some(at) => (t.banner_disconnected_since)(&i18n.fmt.time(at)),
        None => t.banner_never_connected.to_owned(),
    };
    let rest = move || {
        second.track();
        connection.as_of().map(|_| (t.banner_disconnected)(&format::duration(connection.age_ms())))
    };
    view! {
        <div class="banner bad">
            <Icon name="wifi-off" />
            <div class="gr">
                <b>{dynamic(head)}</b>
                " "
                {dynamic(rest)}
            </div>
            <RetryNow />
        </div>
    }
}

#[component]
fn Delayed() -> impl IntoView {
    let (t, connection, second) = (use_i18n().t, use_connection(), every_second());
    let head = move || {
        second.track();
        (t.banner_delayed_age)(&format::duration(connection.age_ms()))
    };
    let rest = move || {
        let attempts = connection.attempts();
        let wait = attempts.next_at_ms.map(|at| at.saturating_sub(second.get()).div_ceil(1000));
        (t.banner_delayed)(attempts.failed, wait)
    };
    view! {
        <div class="banner warn">
            <Icon name="wifi-off" />
            <div class="gr">
                <b>{dynamic(head)}</b>
                " "
                {dynamic(rest)}
            </div>
            <RetryNow />
        </div>
    }
}

#[component]
fn RetryNow() -> impl IntoView {
    let (t, connection) = (use_i18n().t, use_connection());
    view! {
        <button type="button" class="link" on:click=move |_| connection.retry_now()>
            {t.retry_now}
        </button>
    }
}

#[component]
fn Collecting() -> impl IntoView {
    let (t, live, connection) = (use_i18n().t, use_live(), use_connection());
    let head = move || {
        let collecting = live.collecting()?;
        let ago = connection.server_now().map(|now| format::duration(now.since(collecting.since)));
        Some((t.collecting_reason)(collecting.reason, ago.as_deref()))
    };
    let rest = move || live.collecting().map(|c| (t.collecting)(c.confirmed, c.expected));
    view! {
        <div class="banner info">
            <Icon name="info" />
            <div class="gr">
                <b>{dynamic(head)}</b>
                " "
                {dynamic(rest)}
            </div>
        </div>
    }
}

#[component]
fn NewVersion() -> impl IntoView {
    let t = use_i18n().t;
    // The address does not change: the page the operator is on is loaded again.
    let reload = move |_| {
        let _ = window().location().reload();
    };
    view! {
        <div class="banner info">
            <Icon name="info" />
            <div class="gr">{t.banner_new_version}</div>
            <button type="button" class="link" on:click=reload>
                {t.reload}
            </button>
        </div>
    }
}
