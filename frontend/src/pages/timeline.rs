//! What happened to a node or a region: a strip of liveness, and the list of events.

use common::activity::{EventKind, TimelineEvent, TimelinePage};
use common::time::Timestamp;
use leptos::prelude::*;

use super::chart_range::{Range, RangePicker};
use super::event_words::{node_name, word};
use super::load::{Load, failure};
use super::query::use_choice;
use crate::api::{Whose, use_api};
use crate::components::{Icon, Skeleton, words};
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{dynamic, effect, memo};
use crate::routes;
use crate::state::connection::use_connection;
use crate::state::live::{LiveStore, use_live};

/// A stretch of one liveness: the word and how long, in milliseconds.
type Stretch = (String, u64);

/// The strip from `from` to `to`, oldest first. `events` are newest first; before the oldest the node was what that event
/// says it had been, and `now` where there is none.
fn strip(events: &[TimelineEvent], from: Timestamp, to: Timestamp, now: &str) -> Vec<Stretch> {
    let moves: Vec<&TimelineEvent> = events.iter().rev().filter(|e| e.kind == EventKind::Liveness).collect();
    let mut word = moves.first().map_or(now, |e| e.from.as_deref().unwrap_or(now)).to_owned();
    let (mut at, mut out) = (from, Vec::<Stretch>::new());
    for event in moves {
        let end = event.at.max(from);
        if end > at {
            lengthen(&mut out, word, end.since(at));
            at = end;
        }
        word = event.to.clone().unwrap_or_default();
    }
    if to > at {
        lengthen(&mut out, word, to.since(at));
    }
    out
}

/// Adds a stretch, to the one before where nothing changed between them.
fn lengthen(all: &mut Vec<Stretch>, word: String, ms: u64) {
    match all.last_mut().filter(|(last, _)| *last == word) {
        Some((_, length)) => *length = length.saturating_add(ms),
        None => all.push((word, ms)),
    }
}

fn family(word: &str) -> &'static str {
    match word {
        "live" => "ok",
        "stale" => "warn",
        "offline" => "bad",
        "never_seen" => "never",
        "unconfirmed" => "unsure",
        "left" => "idle",
        _ => "none",
    }
}

/// The timeline of a subject; `now` is a node's liveness, where it is one.
#[component]
pub fn Timeline(
    /// Whose.
    whose: Whose,
    /// The liveness now; a region has none.
    #[prop(optional_no_strip)]
    now: Option<Signal<String>>,
    /// The time it shows; without it the timeline has a picker of its own.
    #[prop(optional)]
    range: Option<Range>,
) -> impl IntoView {
    let w = &words().activity;
    let (api, i18n, connection, live) = (use_api(), use_i18n(), use_connection(), use_live());
    let picker = range.is_none();
    let range = range.unwrap_or_else(Range::of_page);
    let (kind, set_kind) = use_choice("kind");
    let whose = StoredValue::new(whose);
    let load = Load::<(Timestamp, Timestamp, TimelinePage)>::default();
    let ask = move || {
        let Some(now) = untrack(|| connection.server_now()) else { return };
        let (whose, kind) = (whose.get_value(), kind.get_untracked());
        let (from, to) = untrack(|| range.window(now));
        load.ask(async move { Ok((from, to, api.events_between(&whose, from, to, &kind).await?)) });
    };
    let clock = memo(move || connection.server_now().is_some());
    let shown = memo(move || range.window(Timestamp(0)));
    effect(move || {
        let _ = shown.get();
        kind.track();
        if let Some(now) = now {
            now.track();
        }
        if clock.get() {
            ask();
        }
    });
    super::load::every(std::time::Duration::from_secs(15), ask);
    let kinds = EventKind::ALL.map(|k| {
        view! {
            <option value=k.as_str() selected=kind.get_untracked() == k.as_str()>
                {(w.kind)(k)}
            </option>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="timeline">
            <div class="hd">
                <h2 id="timeline">{w.timeline}</h2>
                <span class="sp"></span>
                <label class="vh" for="timeline-kind">
                    {w.timeline_kinds}
                </label>
                <select
                    class="inp choice-filter"
                    id="timeline-kind"
                    prop:value=kind
                    on:change=move |event| set_kind.run(event_target_value(&event))
                >
                    <option value="">{w.all_kinds}</option>
                    {kinds.collect_view()}
                </select>
                {picker.then(|| view! { <RangePicker range=range /> })}
            </div>
            {dynamic(move || {
                let shown = load.read(|(from, to, page)| {
                    let complete = page.next_cursor.is_none() && kind.with(|k| k.is_empty() || k == "liveness");
                    // What a node is now ends a strip only where that ends now.
                    let ends_now = untrack(|| connection.server_now().is_some_and(|at| range.moves(at)));
                    let strip = now
                        .filter(|_| complete && ends_now)
                        .map(|now| strip_view(&strip(&page.items, *from, *to, &now.get())));
                    let cut = page.next_cursor.is_some().then(|| view! { <p class="sm mut">{w.cut}</p> });
                    let list =
                        whose.with_value(|whose| list(&page.items, whose, now.is_none().then_some(live), i18n));
                    view! {
                        {strip}
                        {list}
                        {cut}
                    }
                        .into_any()
                });
                match (shown, load.error()) {
                    (Some(shown), _) => shown,
                    (None, Some(error)) => failure(&error, Callback::new(move |()| ask())),
                    (None, None) => view! { <Skeleton count=3 /> }.into_any(),
                }
            })}
        </section>
    }
}

fn strip_view(stretches: &[Stretch]) -> AnyView {
    let w = &words().activity;
    let said = stretches
        .iter()
        .map(|(word, ms)| format!("{} {}", self::word(word), crate::components::format::duration(*ms)))
        .collect::<Vec<_>>()
        .join(", ");
    let parts = stretches.iter().map(|(word, ms)| {
        let (grow, class) = (ms.to_string(), format!("b-{}", family(word)));
        view! { <i class=class style:flex-grow=grow></i> }
    });
    let mut seen: Vec<&str> = Vec::new();
    for (word, _) in stretches {
        if !seen.contains(&word.as_str()) {
            seen.push(word);
        }
    }
    let legend = seen.into_iter().map(|word| {
        view! {
            <li>
                <i class=format!("key b-{}", family(word))></i>
                {self::word(word)}
            </li>
        }
    });
    view! {
        <div class="tl" role="img" aria-label=(w.strip)(&said)>
            {parts.collect_view()}
        </div>
        <ul class="legend">{legend.collect_view()}</ul>
    }
    .into_any()
}

/// The events of a subject, each with the way to its moment; `nodes` knows how nodes are called, where they are of
/// several.
pub fn list(events: &[TimelineEvent], whose: &Whose, nodes: Option<LiveStore>, i18n: I18n) -> AnyView {
    let w = &words().activity;
    let page = match whose {
        Whose::Node(id) => Some(routes::node(*id)),
        Whose::Region(id) => Some(routes::region(id)),
        Whose::Cluster | Whose::Frontend(_) => None,
    };
    if events.is_empty() {
        return view! { <p class="mut">{w.timeline_none}</p> }.into_any();
    }
    let rows = events.iter().map(|e| {
        let icon = match e.kind {
            EventKind::Liveness => "activity",
            EventKind::Intent => "wrench",
            EventKind::Runtime => "gauge",
            EventKind::Boot => "power",
            EventKind::Goodbye => "log-out",
            EventKind::Command => "terminal",
            EventKind::Drain => "arrow-down-to-line",
            EventKind::Storage => "database",
            EventKind::Registry => "pencil",
        };
        // A boot's ids say nothing to a reader; its version stands in the detail.
        let what = match (e.kind, &e.from, &e.to) {
            (EventKind::Boot, ..) => String::new(),
            (_, Some(from), Some(to)) => (w.from_to)(&word(from), &word(to)),
            (_, None, Some(to)) => word(to),
            _ => String::new(),
        };
        let node = e.node_id.zip(nodes).map(|(id, live)| {
            // One that is deleted has no name any more.
            let name = node_name(e, live).unwrap_or_else(|| id.to_string());
            view! { <a href=routes::node(id)><bdi class="id" translate="no">{name}</bdi></a> " " }
        });
        let more = [e.detail.clone(), e.actor.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let moment = page.as_ref().map(|page| {
            let label = (words().past.show_moment_of)(&i18n.fmt.whole(e.at));
            view! {
                <a
                    class="btn ghost small ic"
                    href=routes::at(page, e.at)
                    aria-label=label
                    title=words().past.show_moment
                >
                    <Icon name="history" />
                </a>
            }
        });
        view! {
            <li>
                <time class="sm mut num nowrap" datetime=e.at.to_string()>
                    {i18n.fmt.date_time(e.at)}
                </time>
                <Icon name=icon />
                <div class="gr">
                    <b>{(w.kind)(e.kind)}</b>
                    " "
                    {what}
                    <p class="sm mut">
                        {node} <bdi translate="no">{more}</bdi>
                    </p>
                </div>
                {moment}
            </li>
        }
    });
    view! { <ol class="list">{rows.collect_view()}</ol> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::test_events::event;

    #[test]
    fn a_strip_covers_its_whole_time() {
        let (from, to) = (Timestamp(0), Timestamp(100));
        assert_eq!(strip(&[], from, to, "live"), [("live".to_owned(), 100)]);
        let events = [
            event(90, EventKind::Liveness, "stale", "live"),
            event(80, EventKind::Intent, "active", "maintenance"),
            event(60, EventKind::Liveness, "live", "stale"),
        ];
        let all = strip(&events, from, to, "live");
        assert_eq!(all, [("live".to_owned(), 60), ("stale".to_owned(), 30), ("live".to_owned(), 10)]);
        // A restart of the control plane: what was live is live again.
        let again = [
            event(50, EventKind::Liveness, "unconfirmed", "live"),
            event(20, EventKind::Liveness, "stale", "live"),
        ];
        assert_eq!(strip(&again, from, to, "live"), [("stale".to_owned(), 20), ("live".to_owned(), 80)]);
    }
}
