//! The two live regions, and what the console says by itself: the state of the connection, and new problems.

use common::overview::{OpenProblem, Severity};
use common::time::Timestamp;
use leptos::prelude::*;

use crate::components::words;
use crate::i18n::{problems, use_i18n};
use crate::reactive::{dynamic, memo};
use crate::state::announce::use_announcer;
use crate::state::clock::monotonic_ms;
use crate::state::connection::use_connection;
use crate::state::freshness::Freshness;
use crate::state::live::use_live;

/// A spell shorter than this is not worth saying that it is over.
const SPELL_MS: u64 = 5_000;

/// The regions. They stand in the page from the start: screen readers do not notice regions that come with their text.
#[component]
pub fn LiveRegions() -> impl IntoView {
    let announcer = use_announcer();
    say_freshness();
    say_problems();
    view! {
        <div class="vh" role="status">{dynamic(move || announcer.polite.get())}</div>
        <div class="vh" role="alert">{dynamic(move || announcer.alert.get())}</div>
    }
}

fn say_freshness() {
    let (announcer, connection, i18n) = (use_announcer(), use_connection(), use_i18n());
    // Without the seconds, which are not spoken.
    let kind = memo(move || match connection.freshness() {
        Freshness::Delayed { .. } => Freshness::Delayed { seconds: 0 },
        other => other,
    });
    let spell = StoredValue::new(None::<u64>);
    Effect::new(move |before: Option<Freshness>| {
        let now = kind.get();
        let Some(before) = before else { return now };
        match now {
            Freshness::Live => {
                let began = spell.try_update_value(Option::take).flatten();
                if began.is_some_and(|at| monotonic_ms().saturating_sub(at) > SPELL_MS) {
                    announcer.say(i18n.t.say_live_again);
                }
            }
            Freshness::Delayed { .. } | Freshness::Disconnected => {
                if spell.get_value().is_none() {
                    spell.set_value(Some(monotonic_ms()));
                }
                if now == Freshness::Disconnected {
                    // Said once, whatever becomes known of the time later.
                    let as_of = untrack(|| connection.as_of()).map(|at| i18n.fmt.time(at));
                    announcer.alert((i18n.t.say_disconnected)(as_of.as_deref()));
                } else if before == Freshness::Live {
                    announcer.say(i18n.t.say_delayed);
                }
            }
            // The moment itself is said as it is shown; a spell goes on behind it.
            Freshness::Historic => {}
            Freshness::Connecting => spell.set_value(None),
            Freshness::Paused => {
                // The pause itself is said as it begins; here it is what a loss ends in.
                if spell.try_update_value(Option::take).flatten().is_some()
                    && before == Freshness::Disconnected
                {
                    announcer.say(words().live.say_paused);
                }
            }
        }
        now
    });
    Effect::new(move |before: Option<bool>| {
        let paused = connection.paused();
        if before.is_some_and(|before| before != paused) {
            announcer.say(if paused { words().live.say_paused } else { words().live.say_resumed });
        }
        paused
    });
    Effect::new(move |before: Option<Option<Timestamp>>| {
        let moment = connection.moment();
        match moment {
            Some(at) if before != Some(moment) => {
                announcer.say((words().past.showing)(&i18n.fmt.date_time(at)));
            }
            None if before.flatten().is_some() => announcer.say(words().past.say_now),
            _ => {}
        }
        moment
    });
}

fn say_problems() {
    let (announcer, live, i18n) = (use_announcer(), use_live(), use_i18n());
    let connection = use_connection();
    Effect::new(move |before: Option<Option<Vec<String>>>| {
        let known = before.flatten();
        let hear = |all: &[OpenProblem]| {
            let bad = || all.iter().filter(|p| p.severity == Severity::Bad);
            // What is there when the page opens is on the page; only what is new interrupts.
            if let Some(known) = &known {
                for problem in bad().filter(|p| !known.contains(&p.id)) {
                    announcer.fleet(problems::headline(i18n.t, problem));
                }
                if !known.is_empty() && bad().next().is_none() {
                    announcer.fleet(i18n.t.say_all_clear.to_owned());
                }
            }
            bad().map(|p| p.id.clone()).collect()
        };
        // Figures that stand still hide no failure.
        match connection.alarms(hear) {
            Some(known) => Some(known),
            None => live.problems(hear),
        }
    });
}
