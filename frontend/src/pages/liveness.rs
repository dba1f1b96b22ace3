//! The last hour of a node as a strip of its status, and its last outage with what is known of it.

use std::time::Duration;

use common::activity::{EventKind, TimelinePage};
use common::heartbeat::DesiredState;
use common::ids::NodeId;
use common::intent::DrainPhase;
use common::node::Node;
use common::status::{Liveness, StatusWord};
use common::time::Timestamp;
use leptos::prelude::*;

use super::liveness_model::{Axes, Outage, Stretch, last_outage, strip, sums};
use super::load::{Load, every, failure};
use crate::api::{Whose, use_api};
use crate::components::status::{look, word_text};
use crate::components::{Icon, Skeleton, TableBox, format, words};
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{attr, dynamic, effect, memo};
use crate::routes;
use crate::state::connection::use_connection;

/// The strip.
const HOUR_MS: u64 = 3_600_000;
/// How far back an outage is worth a card.
const DAY_MS: u64 = 24 * HOUR_MS;
/// How often it is asked again; a change of the status asks at once.
const AGAIN: Duration = Duration::from_secs(15);

/// Within so long an event is written down after it was told.
const WRITTEN: Duration = Duration::from_secs(2);

/// A liveness as the timeline spells it.
pub fn liveness_word(liveness: Liveness) -> &'static str {
    match liveness {
        Liveness::NeverSeen => "never_seen",
        Liveness::Live => "live",
        Liveness::Stale => "stale",
        Liveness::Offline => "offline",
        Liveness::Left => "left",
        Liveness::Unconfirmed => "unconfirmed",
    }
}

/// What counts for a node now.
pub fn axes(node: &Node) -> Axes {
    // There is a drain wherever what counts for the node is not active.
    let intent = match node.live.drain.as_ref().map(|d| d.desired) {
        None => "active",
        Some(DesiredState::Drain) => "disabled",
        Some(_) => "maintenance",
    };
    Axes {
        liveness: liveness_word(node.live.liveness).to_owned(),
        intent: intent.to_owned(),
        drained: node.live.drain.as_ref().is_some_and(|d| d.phase == DrainPhase::Drained),
    }
}

/// What happened to a node within the last day; copy it freely.
#[derive(Clone, Copy)]
pub struct Past {
    load: Load<TimelinePage>,
    axes: Memo<Option<Axes>>,
    registered: Memo<Option<Timestamp>>,
    ask: Callback<()>,
}

/// Reads what happened to a node, again whenever its status changes.
pub fn use_past(id: NodeId, node: Memo<Option<Node>>) -> Past {
    let (api, connection) = (use_api(), use_connection());
    let load = Load::<TimelinePage>::default();
    let ask = Callback::new(move |()| {
        let Some(now) = untrack(|| connection.server_now()) else { return };
        let kinds = [EventKind::Liveness, EventKind::Intent, EventKind::Drain, EventKind::Boot];
        let kinds = kinds.map(EventKind::as_str).join(",");
        let from = now.before(DAY_MS);
        load.ask(async move { api.events_of(&Whose::Node(id), from, &kinds, None).await });
    });
    let axes = memo(move || node.with(|n| n.as_ref().map(axes)));
    let clock = memo(move || connection.server_now().is_some());
    effect(move || {
        axes.track();
        // Read, because a memo that is only tracked does not follow its sources.
        let _ = axes.get();
        if clock.get() {
            ask.run(());
            // The server writes events down a moment after it has told them. The page may be gone by then.
            set_timeout(move || ask.try_run(()).unwrap_or_default(), WRITTEN);
        }
    });
    every(AGAIN, move || ask.run(()));
    Past { load, axes, registered: memo(move || node.with(|n| n.as_ref().map(|n| n.created_at))), ask }
}

fn family(word: Option<StatusWord>) -> &'static str {
    word.map_or("none", |word| look(word).0)
}

fn name(word: Option<StatusWord>) -> &'static str {
    word.map_or(words().timeline.nothing, word_text)
}

/// The card with the strip.
#[component]
pub fn LivenessCard(
    /// What happened.
    past: Past,
) -> impl IntoView {
    let w = &words().timeline;
    let (i18n, connection) = (use_i18n(), use_connection());
    // A strip of an hour moves on by a pixel in some seconds.
    let now = memo(move || connection.server_now().map(|at| Timestamp(at.millis() / 5_000 * 5_000)));
    let stretches = memo(move || {
        let (to, axes, registered) = (now.get()?, past.axes.get()?, past.registered.get()?);
        past.load.read(|page| strip(&page.items, to.before(HOUR_MS), to, registered, axes))
    });
    let as_table = RwSignal::new(false);
    view! {
        <section class="card liveness" aria-labelledby="liveness">
            <header>
                <h2 id="liveness">{w.hour}</h2>
                <span class="sp"></span>
                <button
                    type="button"
                    class="btn small"
                    aria-pressed=attr(move || if as_table.get() { "true" } else { "false" })
                    aria-describedby="liveness"
                    on:click=move |_| as_table.update(|on| *on = !*on)
                >
                    <Icon name="rows-3" />
                    {w.table}
                </button>
            </header>
            {dynamic(move || match (stretches.get(), past.load.error()) {
                (Some(all), _) if as_table.get() => table(&all, i18n),
                (Some(all), _) => drawing(&all, i18n),
                (None, Some(error)) => failure(&error, past.ask),
                (None, None) => view! { <Skeleton count=2 /> }.into_any(),
            })}
        </section>
    }
}

/// The strip with its times and its legend.
pub fn drawing(all: &[Stretch], i18n: I18n) -> AnyView {
    let w = &words().timeline;
    let part = |word, ms| (w.part)(name(word), &format::duration(ms));
    // What was over within a second is on the strip's table alone.
    let said: Vec<String> = all
        .iter()
        .map(|s| (s.word, s.to.since(s.from)))
        .filter(|(_, ms)| *ms >= 1_000)
        .map(|(word, ms)| part(word, ms))
        .collect();
    let parts = all.iter().map(|s| {
        view! { <i class=format!("b-{}", family(s.word)) style:flex-grow=s.to.since(s.from).to_string()></i> }
    });
    let legend = sums(all).into_iter().filter(|(_, ms)| *ms >= 1_000).map(|(word, ms)| {
        let icon = word.map_or("minus", |word| look(word).1);
        view! {
            <li>
                <i class=format!("key b-{}", family(word))></i>
                <span class=format!("st {}", family(word))>
                    <Icon name=icon />
                    <span>{name(word)}</span>
                </span>
                <span class="num">{format::short_duration(ms)}</span>
            </li>
        }
    });
    let ends = all.first().zip(all.last()).map(|(first, last)| {
        let (from, to) = (first.from, last.to);
        [from, from.later(to.since(from) / 2), to]
            .map(|at| view! { <span>{i18n.fmt.time(at)}</span> })
            .collect_view()
    });
    view! {
        <div class="tl" role="img" aria-label=(w.said)(&said.join(w.comma))>
            {parts.collect_view()}
        </div>
        <p class="tl-axis xs num" aria-hidden="true">
            {ends}
        </p>
        <ul class="legend words">{legend.collect_view()}</ul>
    }
    .into_any()
}

fn table(all: &[Stretch], i18n: I18n) -> AnyView {
    let w = &words().timeline;
    let time = move |at: Timestamp| {
        view! { <time datetime=at.to_string() title=i18n.fmt.whole(at)>{i18n.fmt.time(at)}</time> }
    };
    let row = |s: &Stretch| {
        let length = format::duration(s.to.since(s.from));
        view! {
            <tr>
                <th scope="row">{name(s.word)}</th>
                <td class="num">{time(s.from)}</td>
                <td class="num">{time(s.to)}</td>
                <td class="num">{length}</td>
            </tr>
        }
    };
    let rows: Vec<_> = all.iter().rev().map(row).collect();
    view! {
        <TableBox label=w.status>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{w.status}</th>
                        <th scope="col">{w.from}</th>
                        <th scope="col">{w.until}</th>
                        <th scope="col">{w.length}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableBox>
    }
    .into_any()
}

/// The card with the last outage, and the way to the diagnosis.
#[component]
pub fn OutageCard(
    /// The node.
    id: NodeId,
    /// What happened.
    past: Past,
) -> impl IntoView {
    let w = &words().timeline;
    let i18n = use_i18n();
    let outage = memo(move || past.load.read(|page| last_outage(&page.items)).flatten());
    let known = memo(move || past.load.read(|_| ()).is_some());
    let title = move || match outage.get() {
        Some(Outage { from, to: None, .. }) => (w.why_now)(&i18n.fmt.time(from)),
        Some(Outage { from, to: Some(to), .. }) => (w.why_then)(&i18n.fmt.time(from), &i18n.fmt.time(to)),
        None => w.outages.to_owned(),
    };
    view! {
        <section class="card" aria-labelledby="outage">
            <header>
                <h2 id="outage">{dynamic(title)}</h2>
                <span class="sp"></span>
                <a class="btn small" href=routes::node_diagnose(id)>
                    <Icon name="activity" />
                    {w.diagnose}
                </a>
            </header>
            {dynamic(move || match (known.get(), outage.get(), past.load.error()) {
                (_, Some(outage), _) => facts(&outage, i18n),
                (true, None, _) => view! { <p class="mut">{w.no_outage}</p> }.into_any(),
                (false, None, Some(error)) => failure(&error, past.ask),
                (false, None, None) => view! { <Skeleton count=2 /> }.into_any(),
            })}
        </section>
    }
}

fn facts(outage: &Outage, i18n: I18n) -> AnyView {
    let w = &words().timeline;
    let from = i18n.fmt.date_time(outage.from);
    let first = match outage.to {
        Some(to) => (
            ("warn", "triangle-alert"),
            (w.stopped_resumed)(&i18n.fmt.time(outage.from), &i18n.fmt.time(to)),
            (w.lasted)(&format::duration(to.since(outage.from))),
        ),
        None => (("bad", "octagon-x"), (w.stopped)(&i18n.fmt.time(outage.from)), from),
    };
    let mut all = vec![first];
    all.push(if outage.goodbye {
        (("ok", "check"), w.goodbye.to_owned(), w.goodbye_text.to_owned())
    } else {
        (("warn", "triangle-alert"), w.silent.to_owned(), w.silent_text.to_owned())
    });
    if outage.to.is_some() {
        all.push(if outage.restarted {
            (("idle", "refresh-cw"), w.restarted.to_owned(), w.restarted_text.to_owned())
        } else {
            (("idle", "network"), w.same_process.to_owned(), w.same_process_text.to_owned())
        });
    }
    let items = all.into_iter().map(|((family, icon), head, text)| {
        view! {
            <li class="step">
                <span class=format!("step-mark {family}")>
                    <Icon name=icon />
                </span>
                <div>
                    <b>{head}</b>
                    <div class="sm mut">{text}</div>
                </div>
            </li>
        }
    });
    view! { <ol class="steps">{items.collect_view()}</ol> }.into_any()
}
