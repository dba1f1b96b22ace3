//! Figures: counts, ratios, levels and ages. None of them is a live region; screen readers read them on demand.

use common::time::Timestamp;
use leptos::prelude::*;

use super::format;
use super::words;
use crate::i18n::use_i18n;
use crate::reactive::{attr, dynamic, memo};

/// A dash for the eye, the words "no data" for the ear.
#[component]
pub fn NoData() -> impl IntoView {
    view! {
        <span aria-hidden="true">{format::NONE}</span>
        <span class="vh">{words().common.no_data}</span>
    }
}

/// Text, or the dash of [`NoData`] where there is none.
#[component]
pub fn TextOrNone(
    /// The text.
    #[prop(into)]
    text: Signal<Option<String>>,
) -> impl IntoView {
    let text = memo(move || text.get());
    dynamic(move || match text.get() {
        Some(text) => text.into_any(),
        None => view! { <NoData /> }.into_any(),
    })
}

/// A live count; keeps room for five digits, holds the exact number for machines.
#[component]
pub fn Num(
    /// The number; `None` shows a dash.
    #[prop(into)]
    value: Signal<Option<u64>>,
) -> impl IntoView {
    let value = memo(move || value.get());
    dynamic(move || {
        match value.get() {
        Some(n) => {
            view! { <data class="num" value=n.to_string() title=(n >= 1_000_000).then(|| format::exact(n))>{format::count(n)}</data> }
                .into_any()
        }
        None => view! { <NoData /> }.into_any(),
    }
    })
}

/// `18 / 22`; isolated, so that it is not turned round in right-to-left text.
#[component]
pub fn Ratio(
    /// The part.
    #[prop(into)]
    part: Signal<Option<u64>>,
    /// The whole.
    #[prop(into)]
    whole: Signal<Option<u64>>,
) -> impl IntoView {
    let both = memo(move || (part.get(), whole.get()));
    dynamic(move || match both.get() {
        (None, None) => view! { <NoData /> }.into_any(),
        (part, whole) => view! { <bdi class="num">{format::ratio(part, whole)}</bdi> }.into_any(),
    })
}

/// How long ago something was; ticks with `now`, the server's time.
#[component]
pub fn Age(
    /// When it was; `None` shows the word "never".
    #[prop(into)]
    at: Signal<Option<Timestamp>>,
    /// The server's time now; `None` before it is known.
    #[prop(into)]
    now: Signal<Option<Timestamp>>,
    /// For the tooltip; without it the point itself.
    #[prop(optional, into)]
    title: MaybeProp<String>,
) -> impl IntoView {
    let fmt = use_i18n().fmt;
    let title = memo(move || title.get().or_else(|| at.get().map(|at| fmt.whole(at))));
    let text = memo(move || match (at.get(), now.get()) {
        (Some(at), Some(now)) => (words().common.ago)(&format::duration(format::age_ms(at, now))),
        (Some(_), None) => format::NONE.to_owned(),
        (None, _) => words().common.never.to_owned(),
    });
    view! {
        <time datetime=attr(move || at.get().map(|at| at.to_string())) title=attr(move || title.get())>
            {dynamic(move || text.get())}
        </time>
    }
}

/// A small level with its figure, for table cells; `None` shows a dash and no level.
#[component]
pub fn Meter(
    /// 0 to 100.
    #[prop(into)]
    value: Signal<Option<f64>>,
) -> impl IntoView {
    // Compared as text: what would not look different is not drawn again.
    let shown = memo(move || value.get().map(|v| (format::percent(v), format::level(v))));
    let known = memo(move || shown.with(Option::is_some));
    let text = move || shown.get().map(|s| s.0);
    let width = move || shown.get().map(|s| s.1);
    dynamic(move || {
        if known.get() {
            view! {
                <span class="meter">
                    <i aria-hidden="true">
                        <b style:inline-size=width></b>
                    </i>
                    <span class="num">{dynamic(text)}</span>
                </span>
            }
            .into_any()
        } else {
            view! { <NoData /> }.into_any()
        }
    })
}
