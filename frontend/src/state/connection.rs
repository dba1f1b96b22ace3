//! The connection to the server as signals: how fresh the page is, what time it is there, which topics are wanted.

use common::stream::Topic;
use common::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::reactive::{effect, memo};
use crate::state::clock::monotonic_ms;
use crate::state::freshness::{DELAYED_AFTER_MS, Event, Freshness, Watch};
use crate::state::live::use_live;

/// The server's clock as last told.
#[derive(Debug, Clone, Copy)]
struct ServerClock {
    told: Timestamp,
    at_ms: u64,
}

/// What the page tells about its attempts to reconnect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Attempts that failed since the last frame.
    pub failed: u32,
    /// When the next one begins, by the monotonic clock.
    pub next_at_ms: Option<u64>,
}

/// Handle to the connection; copy it freely.
#[derive(Clone, Copy)]
pub struct Connection {
    watch: StoredValue<Watch>,
    clock: StoredValue<Option<ServerClock>>,
    freshness: RwSignal<Freshness>,
    as_of: RwSignal<Option<Timestamp>>,
    server_now: RwSignal<Option<Timestamp>>,
    attempts: RwSignal<Attempts>,
    wanted: RwSignal<Vec<Topic>>,
    retry: RwSignal<u32>,
    newer: RwSignal<Option<String>>,
}

/// The connection.
pub fn use_connection() -> Connection {
    expect_context()
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            watch: StoredValue::new(Watch::new(monotonic_ms())),
            clock: StoredValue::new(None),
            freshness: RwSignal::new(Freshness::Connecting),
            as_of: RwSignal::new(None),
            server_now: RwSignal::new(None),
            attempts: RwSignal::new(Attempts::default()),
            wanted: RwSignal::new(Vec::new()),
            retry: RwSignal::new(0),
            newer: RwSignal::new(None),
        }
    }
}

impl Connection {
    /// Follows how fresh the page is.
    pub fn freshness(self) -> Freshness {
        self.freshness.get()
    }

    /// Follows whether writes are off. Cheaper to follow than [`Connection::freshness`], which counts seconds.
    pub fn disconnected(self) -> bool {
        self.freshness.get() == Freshness::Disconnected
    }

    /// Follows the time of the last frame by the server's clock: the time of the figures on the screen.
    pub fn as_of(self) -> Option<Timestamp> {
        self.as_of.get()
    }

    /// Follows the server's clock, once a second: what ages are reckoned from. It stops where frames stop, because
    /// nobody knows what happened since.
    pub fn server_now(self) -> Option<Timestamp> {
        self.server_now.get()
    }

    /// Follows the attempts to reconnect.
    pub fn attempts(self) -> Attempts {
        self.attempts.get()
    }

    /// Milliseconds since the last frame.
    pub fn age_ms(self) -> u64 {
        self.watch.with_value(|w| w.age_ms(monotonic_ms()))
    }

    /// Follows the version of the server where it is another than that of this page.
    pub fn newer_version(self) -> Option<String> {
        self.newer.get()
    }

    /// Asks for an attempt to connect now.
    pub fn retry_now(self) {
        self.retry.update(|n| *n = n.wrapping_add(1));
    }

    /// Follows requests to connect now.
    pub fn retries(self) -> u32 {
        self.retry.get()
    }

    /// Follows the topics that the pages on the screen want, each once and in order.
    pub fn topics(self) -> Vec<Topic> {
        let mut topics = self.wanted.get();
        topics.dedup();
        topics
    }

    /// Takes note of an event of the connection and judges anew.
    pub fn note(self, event: Event) {
        let now = monotonic_ms();
        self.watch.update_value(|w| w.on(event, now));
        self.judge();
    }

    /// Takes note of the server's clock, told by a frame that just arrived.
    pub fn tell_time(self, told: Timestamp) {
        self.clock.set_value(Some(ServerClock { told, at_ms: monotonic_ms() }));
    }

    /// Takes note of when the next attempt begins.
    pub fn next_attempt(self, at_ms: Option<u64>) {
        let failed = self.watch.with_value(Watch::failures);
        set_if_new(self.attempts, Attempts { failed, next_at_ms: at_ms });
    }

    /// Takes note of the server's version.
    pub fn tell_version(self, version: &str) {
        let newer = (version != env!("CARGO_PKG_VERSION")).then(|| version.to_owned());
        set_if_new(self.newer, newer);
    }

    /// Starts over for another session.
    pub fn restart(self) {
        self.watch.set_value(Watch::new(monotonic_ms()));
        self.next_attempt(None);
        self.judge();
    }

    /// Judges anew; called by events and once a second.
    pub fn judge(self) {
        let now = monotonic_ms();
        let (state, age) = self.watch.with_value(|w| (w.state(now), w.age_ms(now)));
        set_if_new(self.freshness, state);
        if let Some(clock) = self.clock.get_value() {
            let passed = now.saturating_sub(clock.at_ms);
            // Beyond this age the page is no longer current, and its clock stands still with its figures.
            let shown = passed.min(DELAYED_AFTER_MS);
            let at = Timestamp(clock.told.millis().saturating_add(i64::try_from(shown).unwrap_or(0)));
            set_if_new(self.server_now, Some(at));
            let frame = i64::try_from(passed.saturating_sub(age)).unwrap_or(0);
            set_if_new(self.as_of, Some(Timestamp(clock.told.millis().saturating_add(frame))));
        }
    }
}

/// Setting a signal to what it is would render again for nothing.
fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}

/// Follows a topic while the component that calls this is on the screen; `None` follows nothing. The topic may change,
/// for example with a parameter of the route.
pub fn use_topic(topic: impl Fn() -> Option<Topic> + Send + Sync + 'static) {
    let (connection, live) = (use_connection(), use_live());
    let topic = memo(topic);
    let held = StoredValue::new(None::<Topic>);
    let change = move |new: Option<Topic>| {
        let old = held.try_update_value(|h| std::mem::replace(h, new.clone())).flatten();
        if old == new {
            return;
        }
        let mut dropped = None;
        connection.wanted.update(|all| {
            // In order, each as often as it is wanted.
            if let Some(new) = new {
                let place = all.partition_point(|t| *t < new);
                all.insert(place, new);
            }
            if let Some(old) = old {
                if let Some(place) = all.iter().position(|t| *t == old) {
                    all.remove(place);
                }
                dropped = (!all.contains(&old)).then_some(old);
            }
        });
        if let Some(old) = dropped {
            // The page that comes instead may want it too, another tab of a region for instance. The stream then never
            // sees it leave and sends no second snapshot, so what is known must stay.
            spawn_local(async move {
                if connection.wanted.try_with_untracked(|all| !all.contains(&old)).unwrap_or(false) {
                    live.unfollow(&old);
                }
            });
        }
    };
    // At once and not in an effect: the stream is asked before the first paint.
    change(topic.get_untracked());
    effect(move || change(topic.get()));
    on_cleanup(move || change(None));
}
