//! A page that does not fill: heard after a second, and after eight it says so and offers another try.

use std::time::Duration;

use leptos::prelude::*;

use super::title::PageTitle;
use crate::components::{Icon, words};
use crate::i18n::{problems, use_i18n};
use crate::ids;
use crate::pages::load::every;
use crate::reactive::dynamic;
use crate::state::announce::use_announcer;
use crate::state::clock::monotonic_ms;
use crate::state::commands::use_commands;
use crate::state::connection::use_connection;

const LOOK: Duration = Duration::from_millis(500);
/// From here on it is said.
const SAID_AFTER_MS: u64 = 1_000;
/// From here on it is shown.
const SLOW_AFTER_MS: u64 = 8_000;

/// The note. Looks for skeletons in the page, whoever put them there.
#[component]
pub fn SlowNote() -> impl IntoView {
    let (t, announcer, title) = (use_i18n().t, use_announcer(), expect_context::<PageTitle>());
    let (commands, connection) = (use_commands(), use_connection());
    let since = StoredValue::new(None::<u64>);
    let said = StoredValue::new(false);
    let slow = RwSignal::new(false);
    every(LOOK, move || {
        let document = document();
        let empty = document.query_selector("main .sk").is_ok_and(|found| found.is_some());
        if let Some(main) = document.get_element_by_id(ids::MAIN) {
            // Fails for no name that is one.
            let _ = if empty {
                main.set_attribute("aria-busy", "true")
            } else {
                main.remove_attribute("aria-busy")
            };
        }
        if !empty {
            since.set_value(None);
            said.set_value(false);
            if slow.get_untracked() {
                slow.set(false);
            }
            return;
        }
        let now = monotonic_ms();
        let begun = since.get_value().unwrap_or(now);
        since.set_value(Some(begun));
        let passed = now.saturating_sub(begun);
        if passed >= SAID_AFTER_MS && !said.get_value() {
            said.set_value(true);
            // The title may be a name, which has no language.
            announcer.say(format!("{} {}", t.loading, problems::id(&title.name.get_untracked())));
        }
        if passed >= SLOW_AFTER_MS && !slow.get_untracked() {
            slow.set(true);
            announcer.say(words().states.slow);
        }
    });
    let again = move |_| {
        since.set_value(None);
        slow.set(false);
        connection.refresh();
        commands.renew();
    };
    dynamic(move || {
        slow.get().then(|| {
            view! {
                <div class="note warn slow-note">
                    <Icon name="clock" />
                    <p class="gr">{words().states.slow}</p>
                    <button type="button" class="btn small" on:click=again>
                        <Icon name="rotate-cw" />
                        {words().common.try_again}
                    </button>
                </div>
            }
        })
    })
}
