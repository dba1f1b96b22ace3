//! What is spoken to people who do not see the screen: two live regions that stand in the page from the start.
//!
//! Figures, ages and metrics are never spoken. Changes of freshness, results of actions and new problems are.

use std::time::Duration;

use leptos::prelude::*;

/// At most one message about the cluster in this time; more are joined.
const COALESCE: Duration = Duration::from_secs(5);

/// Handle to the two regions; copy it freely.
#[derive(Clone, Copy)]
pub struct Announcer {
    /// Text of the polite region.
    pub polite: RwSignal<String>,
    /// Text of the assertive region.
    pub alert: RwSignal<String>,
    waiting: StoredValue<Vec<String>>,
    timer: StoredValue<bool>,
}

/// The announcer.
pub fn use_announcer() -> Announcer {
    expect_context()
}

impl Default for Announcer {
    fn default() -> Self {
        Self {
            polite: RwSignal::new(String::new()),
            alert: RwSignal::new(String::new()),
            waiting: StoredValue::new(Vec::new()),
            timer: StoredValue::new(false),
        }
    }
}

impl Announcer {
    /// Says the result of what the person just did.
    pub fn say(self, text: impl Into<String>) {
        speak(self.polite, text.into());
    }

    /// Says at once what must interrupt.
    pub fn alert(self, text: impl Into<String>) {
        speak(self.alert, text.into());
    }

    /// Says what happened to the cluster, joined with what happens within the next seconds.
    pub fn fleet(self, text: String) {
        self.waiting.update_value(|all| all.push(text));
        if self.timer.get_value() {
            return;
        }
        self.timer.set_value(true);
        set_timeout(
            move || {
                self.timer.set_value(false);
                let all = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
                speak(self.polite, all.join(" "));
            },
            COALESCE,
        );
    }
}

/// The same sentence twice must be a change, or it is not spoken twice.
fn speak(region: RwSignal<String>, text: String) {
    let same = region.with_untracked(|old| *old == text);
    region.set(if same { format!("{text}\u{a0}") } else { text });
}
