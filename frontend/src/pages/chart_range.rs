//! Which time charts and timelines show: a range that ends now, or a time that was chosen on a chart. It lives in the
//! address, so that it can be linked and Back restores it.

use common::time::Timestamp;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};

use crate::components::{Icon, words};
use crate::i18n::use_i18n;
use crate::reactive::{attr, dynamic, memo};
use crate::routes::{self, Page};

/// The range where the address names none.
const DEFAULT_MINUTES: u64 = 60;
/// The longest time the server draws.
const LONGEST_MS: u64 = 366 * 24 * 3_600_000;
/// And the shortest.
const SHORTEST_MS: u64 = 60_000;

/// The time of the address and the way to change it; copy it freely.
#[derive(Clone, Copy)]
pub struct Range {
    minutes: Memo<u64>,
    chosen: Memo<Option<(Timestamp, Timestamp)>>,
    write: Callback<Vec<(&'static str, Option<String>)>>,
}

/// A chosen time out of the address; `None` where it is not one.
fn chosen(from: Option<&str>, to: Option<&str>) -> Option<(Timestamp, Timestamp)> {
    let (from, to): (Timestamp, Timestamp) = (from?.parse().ok()?, to?.parse().ok()?);
    (from < to && to.since(from) <= LONGEST_MS).then_some((from, to))
}

/// The minutes of a range; the default for what is none.
fn minutes(key: &str) -> u64 {
    let found = words().charts.ranges.iter().find(|(k, ..)| *k == key);
    found.map_or(DEFAULT_MINUTES, |(_, _, minutes)| *minutes)
}

impl Range {
    /// Of the page's address.
    pub fn of_page() -> Self {
        let (query, path, navigate) = (use_query_map(), use_location().pathname, use_navigate());
        let write = Callback::new(move |changes: Vec<(&'static str, Option<String>)>| {
            let mut query = query.get_untracked();
            for (key, value) in changes {
                query.remove(key);
                if let Some(value) = value {
                    query.insert(key, value);
                }
            }
            let to = format!("{}{}", path.get_untracked(), query.to_query_string());
            navigate(&to, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        });
        Self {
            minutes: memo(move || query.with(|q| minutes(&q.get("range").unwrap_or_default()))),
            chosen: memo(move || query.with(|q| chosen(q.get("from").as_deref(), q.get("to").as_deref()))),
            write,
        }
    }

    /// The time to show, where it is `now`.
    pub fn window(self, now: Timestamp) -> (Timestamp, Timestamp) {
        match self.chosen.get() {
            // What is still to come is no gap.
            Some((from, to)) if from < now => (from, to.min(now.max(from.later(SHORTEST_MS)))),
            Some(chosen) => chosen,
            None => (now.before(self.minutes.get().saturating_mul(60_000)), now),
        }
    }

    /// Whether what is shown moves on with time.
    pub fn moves(self, now: Timestamp) -> bool {
        self.chosen.get().is_none_or(|(_, to)| to > now)
    }

    /// Shows a time that was chosen.
    pub fn show(self, from: Timestamp, to: Timestamp) {
        self.write.run(vec![("from", Some(from.to_string())), ("to", Some(to.to_string()))]);
    }

    fn choose(self, key: &str, minutes: u64) {
        let range = (minutes != DEFAULT_MINUTES).then(|| key.to_owned());
        self.write.run(vec![("range", range), ("from", None), ("to", None)]);
    }

    fn reset(self) {
        self.write.run(vec![("from", None), ("to", None)]);
    }
}

/// The row of ranges, and the chosen time with the way back.
#[component]
pub fn RangePicker(range: Range) -> impl IntoView {
    let w = &words().charts;
    let (i18n, path) = (use_i18n(), use_location().pathname);
    // Of the node or the region that the page is about.
    let moment = move |at: Timestamp| {
        let page = path.with(|path| match routes::find(path) {
            (Page::NodeMetrics | Page::NodeActivity, id) => Some(format!("{}/{id}", routes::NODES)),
            (Page::RegionActivity, id) => Some(format!("{}/{id}", routes::REGIONS)),
            _ => None,
        })?;
        Some(view! {
            <a class="btn small" href=routes::at(&page, at)>
                <Icon name="history" />
                {(words().past.show_moment_of)(&i18n.fmt.date_time(at))}
            </a>
        })
    };
    let pressed = memo(move || if range.chosen.get().is_some() { 0 } else { range.minutes.get() });
    let button = move |(key, text, of): (&'static str, &'static str, u64)| {
        view! {
            <button
                type="button"
                aria-pressed=attr(move || if pressed.get() == of { "true" } else { "false" })
                on:click=move |_| range.choose(key, of)
            >
                {text}
            </button>
        }
    };
    view! {
        {dynamic(move || {
            range
                .chosen
                .get()
                .map(|(from, to)| {
                    view! {
                        <span class="chosen-time num">
                            <bdi>{(w.zoomed)(&i18n.fmt.date_time(from), &i18n.fmt.date_time(to))}</bdi>
                            <button type="button" class="btn small" on:click=move |_| range.reset()>
                                <Icon name="undo-2" />
                                {w.reset}
                            </button>
                            {moment(from)}
                        </span>
                    }
                })
        })}
        <div class="seg-ctl" role="group" aria-label=w.range>
            {w.ranges.iter().copied().map(button).collect_view()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_time_is_a_time() {
        let (a, b) = (Some("2026-11-12T13:49:00.000Z"), Some("2026-11-12T13:52:00.000Z"));
        let (from, to) = chosen(a, b).unwrap();
        assert_eq!(to.since(from), 180_000);
        assert_eq!((chosen(b, a), chosen(a, None), chosen(Some("x"), b)), (None, None, None));
        assert_eq!(chosen(Some("2020-01-01T00:00:00Z"), b), None);
        assert_eq!((minutes("30d"), minutes("1y"), minutes("x")), (43_200, 525_600, 60));
    }
}
