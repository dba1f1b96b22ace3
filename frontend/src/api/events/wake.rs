//! What the browser tells: sleep, freezing, going and coming back, and networks. All of it ends in fresh snapshots, and
//! until these are here nothing on the screen is called live.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;

use super::Stream;
use super::letter::Word;
use crate::state::clock::{monotonic_ms, wall_ms};
use crate::state::freshness::{DELAYED_AFTER_MS, Event};

/// Two clocks that drift apart by so much mean that the machine slept, and a page in which nothing ran for so long was
/// frozen or stopped.
const STOOD_STILL_MS: u64 = 5_000;

/// A page that was put aside and runs for so long was not put aside after all.
const RESTED_MS: u64 = 2_000;

/// A look at the clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    mono_ms: u64,
    wall_ms: u64,
}

impl Seen {
    /// Both clocks.
    pub(super) fn now() -> Self {
        Self { mono_ms: monotonic_ms(), wall_ms: wall_ms() }
    }

    /// Whether the page stood still between two looks. A machine that sleeps may stop the monotonic clock and not the
    /// other one; a page that is frozen stops neither.
    fn stood_still(self, now: Self) -> bool {
        let (mono, wall) =
            (now.mono_ms.saturating_sub(self.mono_ms), now.wall_ms.saturating_sub(self.wall_ms));
        let back = self.wall_ms.saturating_sub(now.wall_ms);
        mono > STOOD_STILL_MS || wall.abs_diff(mono) > STOOD_STILL_MS || back > STOOD_STILL_MS
    }
}

impl Stream {
    /// Looks at the clocks, and says whether the page has just come back from standing still.
    pub(super) fn look_at_clocks(self) -> bool {
        let now = Seen::now();
        let before = self.inner.try_update_value(|inner| std::mem::replace(&mut inner.seen, now));
        let woke = before.is_some_and(|before| before.stood_still(now));
        if woke {
            self.woke();
        }
        woke
    }

    /// The page stood still: whatever was opened before may hold messages that waited, and another tab may lead by now.
    fn woke(self) {
        self.inner.update_value(|inner| (inner.seen, inner.rested_ms) = (Seen::now(), None));
        self.connection.note(Event::Slept);
        if !self.inner.with_value(|inner| inner.running) {
            return;
        }
        self.close();
        let alone = self.inner.with_value(|inner| inner.channel.is_none());
        if alone {
            self.open_now();
        } else {
            let step = self.inner.try_update_value(|inner| inner.election.woke(monotonic_ms()));
            if let Some(step) = step {
                self.step(step);
            }
        }
    }

    /// The page is about to stand still, or to go: another tab may lead, and nothing is to wait in a connection.
    fn rest(self) {
        if self.inner.with_value(|inner| inner.running) {
            self.inner.update_value(|inner| inner.rested_ms = Some(monotonic_ms()));
            self.say(Word::Leave);
            self.close();
        }
    }

    /// Once a second: judges anew, and looks after the tabs and the connections.
    fn look(self) {
        // It runs again, whether or not the browser has said so.
        let now = monotonic_ms();
        let rested = self.inner.with_value(|inner| inner.rested_ms);
        if rested.is_some_and(|at| now.saturating_sub(at) > RESTED_MS) {
            self.woke();
        }
        self.look_at_clocks();
        self.connection.judge();
        self.look_at_tabs();
        self.look_at_sources();
    }

    /// The page is on the screen again. Before it is painted.
    fn shown(self) {
        if self.look_at_clocks() {
            return;
        }
        self.connection.judge();
        if self.connection.age_ms() >= DELAYED_AFTER_MS {
            self.open_now();
        }
        self.drain();
    }

    /// Listens as long as the page lives.
    pub(super) fn watch_the_browser(self) {
        set_interval(move || self.look(), Duration::from_secs(1));
        on_window("offline", move || self.connection.note(Event::Offline));
        on_window("online", move || {
            self.connection.note(Event::Online);
            self.open_now();
        });
        on_window("pagehide", move || self.rest());
        // Also when the page opens, when nobody is signed in yet.
        on_window("pageshow", move || {
            if self.inner.with_value(|inner| inner.running && inner.rested_ms.is_some()) {
                self.woke();
            }
        });
        on_document("freeze", move || self.rest());
        on_document("resume", move || self.woke());
        on_document("visibilitychange", move || {
            if !document().hidden() {
                self.shown();
            }
        });
    }
}

fn on_window(name: &'static str, run: impl Fn() + 'static) {
    let target: web_sys::EventTarget = window().into();
    listen(&target, name, run);
}

fn on_document(name: &'static str, run: impl Fn() + 'static) {
    let target: web_sys::EventTarget = document().into();
    listen(&target, name, run);
}

fn listen(target: &web_sys::EventTarget, name: &str, run: impl Fn() + 'static) {
    let run = Closure::<dyn Fn()>::new(run);
    if target.add_event_listener_with_callback(name, run.as_ref().unchecked_ref()).is_ok() {
        // Listens as long as the page lives.
        run.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_stood_still_is_noticed_by_either_clock() {
        let before = Seen { mono_ms: 10_000, wall_ms: 1_000_000 };
        let after = |mono: u64, wall: u64| {
            before.stood_still(Seen { mono_ms: 10_000 + mono, wall_ms: 1_000_000 + wall })
        };
        assert!(!after(1_000, 1_000));
        assert!(!after(5_000, 5_000));
        assert!(after(60_000, 60_000), "frozen: both clocks go on");
        assert!(after(1_000, 600_000), "asleep: the monotonic clock stood");
        let back = Seen { mono_ms: 11_000, wall_ms: 900_000 };
        assert!(before.stood_still(back), "a wall clock that was set back cannot be told from sleep");
    }
}
