//! How far this page can be believed, in one word that is always on the screen, and the details behind it.

use leptos::prelude::*;

use crate::components::{Icon, NoData};
use crate::i18n::use_i18n;
use crate::ids;
use crate::reactive::{attr, dynamic, memo};
use crate::state::connection::use_connection;
use crate::state::freshness::Freshness;

/// The pill.
#[component]
pub fn FreshnessPill() -> impl IntoView {
    let (i18n, connection) = (use_i18n(), use_connection());
    let t = i18n.t;
    let state = move || connection.freshness();
    let word = move || match state() {
        Freshness::Connecting => t.fresh_connecting.to_owned(),
        Freshness::Live => t.fresh_live.to_owned(),
        Freshness::Delayed { seconds } => (t.fresh_delayed)(seconds),
        Freshness::Disconnected => t.fresh_disconnected.to_owned(),
    };
    let meaning = move || match state() {
        Freshness::Connecting => t.fresh_connecting_means,
        Freshness::Live => t.fresh_live_means,
        Freshness::Delayed { .. } => t.fresh_delayed_means,
        Freshness::Disconnected => t.fresh_disconnected_means,
    };
    let as_of = move || match connection.as_of() {
        Some(at) => i18n.fmt.time(at).into_any(),
        None => view! { <NoData /> }.into_any(),
    };
    let failed = memo(move || connection.attempts().failed);
    view! {
        <button
            type="button"
            class="live"
            data-s=attr(move || state().as_str())
            popovertarget=ids::FRESHNESS_MENU
            aria-describedby="fresh-hint"
        >
            <span class="dot"></span>
            <span class="num">{dynamic(word)}</span>
        </button>
        <span id="fresh-hint" class="vh">{t.fresh_hint}</span>
        <div id=ids::FRESHNESS_MENU class="menu pad" popover="auto" role="group" aria-label=t.fresh_label>
            <p>{dynamic(meaning)}</p>
            <dl class="kv">
                <dt>{t.fresh_figures_from}</dt>
                <dd class="num">{dynamic(as_of)}</dd>
                {dynamic(move || {
                    (failed.get() > 0)
                        .then(|| {
                            view! {
                                <dt>{t.fresh_failed_attempts}</dt>
                                <dd class="num">{failed.get()}</dd>
                            }
                        })
                })}
            </dl>
            <button type="button" class="btn small" on:click=move |_| connection.retry_now()>
                <Icon name="refresh-cw" />
                {t.fresh_reconnect}
            </button>
        </div>
    }
}
