//! The line above the page that says what to think of all its figures. The most important one is shown, and how many
//! more there are.

use std::time::Duration;

use common::overview::CollectingReason;
use leptos::prelude::*;

use super::platform_banner::{Platform, use_platform};
use crate::components::{Icon, format, words};
use crate::i18n::use_i18n;
use crate::reactive::{attr, dynamic, memo};
use crate::state::clock::monotonic_ms;
use crate::state::connection::use_connection;
use crate::state::freshness::{DELAYED_AFTER_MS, Freshness};
use crate::state::live::use_live;

/// Which banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Disconnected,
    Platform,
    /// The control plane doubts itself, and calls no node offline meanwhile.
    Doubt,
    Delayed,
    Collecting,
    NewVersion,
}

/// The banner, or nothing.
#[component]
pub fn Banner() -> impl IntoView {
    let (connection, live, platform) = (use_connection(), use_live(), use_platform());
    // The words count seconds; the banner itself is made anew only where another one is due.
    let late = memo(move || match connection.freshness() {
        Freshness::Disconnected => Some(Kind::Disconnected),
        // A reconnect that takes a moment is in the pill; a banner that flashes would only frighten.
        Freshness::Delayed { seconds } if seconds * 1000 >= DELAYED_AFTER_MS => Some(Kind::Delayed),
        _ => None,
    });
    let collecting = memo(move || {
        live.collecting().map(|c| match c.reason {
            CollectingReason::Restart | CollectingReason::NewSweeper => Kind::Collecting,
            CollectingReason::SweeperLate
            | CollectingReason::Suspended
            | CollectingReason::DatabaseErrors
            | CollectingReason::IngestErrors => Kind::Doubt,
        })
    });
    // In the order of what matters more.
    let due = memo(move || {
        let (late, collecting) = (late.get(), collecting.get());
        // What holds now says nothing of a moment that is over.
        let now = connection.moment().is_none();
        let is = |due: bool, kind: Kind| (due && (now || kind == Kind::NewVersion)).then_some(kind);
        let all = [
            is(late == Some(Kind::Disconnected), Kind::Disconnected),
            is(platform.with(Option::is_some), Kind::Platform),
            is(collecting == Some(Kind::Doubt), Kind::Doubt),
            is(late == Some(Kind::Delayed), Kind::Delayed),
            is(collecting == Some(Kind::Collecting), Kind::Collecting),
            is(connection.newer_version().is_some(), Kind::NewVersion),
        ];
        all.into_iter().flatten().collect::<Vec<_>>()
    });
    let all = RwSignal::new(false);
    dynamic(move || {
        let kinds = due.get();
        let more = kinds.len().saturating_sub(1);
        let shown = if all.get() { kinds.len() } else { 1 };
        let banners = kinds.into_iter().take(shown).map(banner).collect_view();
        view! {
            {banners}
            {(more > 0).then(|| view! { <More more=more all=all /> })}
        }
    })
}

fn banner(kind: Kind) -> AnyView {
    match kind {
        Kind::Disconnected => view! { <Disconnected /> }.into_any(),
        Kind::Platform => view! { <Platform /> }.into_any(),
        Kind::Doubt => view! { <Collecting class="banner warn" /> }.into_any(),
        Kind::Delayed => view! { <Delayed /> }.into_any(),
        Kind::Collecting => view! { <Collecting class="banner info" /> }.into_any(),
        Kind::NewVersion => view! { <NewVersion /> }.into_any(),
    }
}

/// How many there are beside the one shown, and the way to them.
#[component]
fn More(more: usize, all: RwSignal<bool>) -> impl IntoView {
    let w = &words().live;
    view! {
        <div class="banner-more">
            <button
                type="button"
                class="link sm"
                aria-expanded=attr(move || if all.get() { "true" } else { "false" })
                on:click=move |_| all.update(|all| *all = !*all)
            >
                {dynamic(move || if all.get() { w.fewer.to_owned() } else { (w.more)(more) })}
            </button>
        </div>
    }
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
        <button type="button" class="link" on:click=move |_| connection.refresh()>
            {t.retry_now}
        </button>
    }
}

#[component]
fn Collecting(class: &'static str) -> impl IntoView {
    let (t, live, connection) = (use_i18n().t, use_live(), use_connection());
    let head = move || {
        let collecting = live.collecting()?;
        let ago = connection.server_now().map(|now| format::duration(now.since(collecting.since)));
        Some((t.collecting_reason)(collecting.reason, ago.as_deref()))
    };
    let rest = move || live.collecting().map(|c| (t.collecting)(c.confirmed, c.expected));
    view! {
        <div class=class>
            <Icon name="info" />
            <div class="gr">
                <b>{dynamic(head)}</b>
                " "
                {dynamic(rest)}
            </div>
        </div>
    }
}

/// Never by itself: somebody may be typing.
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
