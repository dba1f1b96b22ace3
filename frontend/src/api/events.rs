//! The stream: owns the `EventSource`, makes a new one where it ends, and hands every event on as it arrives.
//!
//! One source at a time holds the page current. Where other topics are wanted, a second one is opened beside it and
//! takes over with its first message, so that the page is never without data. The browser's own way to reconnect is
//! not used: it waits for a fixed time and gives up for good after some answers.

use std::time::Duration;

use common::paths;
use common::stream::{ByeReason, LiveEvent, Topic};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use super::{Api, decode};
use crate::reactive::{effect, memo};
use crate::routes::encode;
use crate::state::clock::{monotonic_ms, random, wall_ms};
use crate::state::connection::Connection;
use crate::state::freshness::{DELAYED_AFTER_MS, Event};
use crate::state::live::LiveStore;
use crate::state::session::{Session, SessionState, SignedOut};

/// The longest wait before the first attempt to reconnect; doubles with each failure.
const BACKOFF_FIRST_MS: u64 = 500;
/// The longest wait between two attempts.
const BACKOFF_MAX_MS: u64 = 10_000;
/// A source that says nothing for so long is taken for dead, even if the browser still waits.
const SILENCE_MAX_MS: u64 = 15_000;
/// Two clocks that drift apart by so much between two looks mean that the machine slept.
const SLEEP_MS: u64 = 5_000;

/// An open source; dropping it closes the connection.
struct Source {
    number: u32,
    opened_at_ms: u64,
    source: EventSource,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut()>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}

#[derive(Default)]
struct Inner {
    /// Holds the page current.
    current: Option<Source>,
    /// Opened for other topics, has not spoken yet.
    next: Option<Source>,
    timer: Option<TimeoutHandle>,
    topics: Vec<Topic>,
    opened: u32,
    failures: u32,
    running: bool,
}

/// The stream of one page; copy it freely.
#[derive(Clone, Copy)]
struct Stream {
    inner: StoredValue<Inner, LocalStorage>,
    api: Api,
    live: LiveStore,
    connection: Connection,
    session: Session,
}

/// Opens the stream while somebody is signed in, and keeps it open.
pub fn start(api: Api, live: LiveStore, connection: Connection, session: Session) {
    let stream = Stream { inner: StoredValue::new_local(Inner::default()), api, live, connection, session };
    let signed_in = memo(move || matches!(session.get(), SessionState::In(_)));
    effect(move || {
        let topics = connection.topics();
        if signed_in.get() {
            untrack(|| stream.follow(topics));
        } else {
            untrack(|| stream.stop());
        }
    });
    Effect::new(move |first: Option<()>| {
        connection.retries();
        if first.is_some() {
            untrack(|| stream.open_now());
        }
    });
    stream.watch_the_browser();
}

impl Stream {
    /// The pages on the screen want these topics.
    fn follow(self, topics: Vec<Topic>) {
        let change = self.inner.try_update_value(|inner| {
            let change = !inner.running || inner.topics != topics;
            if !inner.running {
                inner.running = true;
                inner.failures = 0;
            }
            inner.topics = topics;
            change && !inner.topics.is_empty()
        });
        if change == Some(true) {
            self.open_now();
        }
    }

    /// Nobody is signed in.
    fn stop(self) {
        let ended = self.inner.try_update_value(|inner| {
            if let Some(timer) = inner.timer.take() {
                timer.clear();
            }
            inner.running = false;
            (inner.current.take(), inner.next.take())
        });
        drop(ended);
        self.live.clear();
        self.connection.restart();
    }

    /// Opens a source for the topics wanted. One that works stays until the new one speaks.
    fn open_now(self) {
        let plan = self.inner.try_update_value(|inner| {
            if !inner.running {
                return None;
            }
            if let Some(timer) = inner.timer.take() {
                timer.clear();
            }
            inner.opened = inner.opened.wrapping_add(1);
            let topics: Vec<String> = inner.topics.iter().map(|t| encode(&t.to_string())).collect();
            Some((inner.opened, format!("{}?topics={}", paths::STREAM, topics.join(","))))
        });
        let Some((number, url)) = plan.flatten() else { return };
        self.connection.next_attempt(None);
        let Ok(source) = EventSource::new(&url) else { return self.failed(number) };
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            self.message(number, event.data().as_string().unwrap_or_default());
        });
        let error = Closure::<dyn FnMut()>::new(move || self.failed(number));
        source.set_onmessage(Some(message.as_ref().unchecked_ref()));
        source.set_onerror(Some(error.as_ref().unchecked_ref()));
        let opened_at_ms = monotonic_ms();
        let replaced = self.inner.try_update_value(|inner| {
            inner.next.replace(Source { number, opened_at_ms, source, _message: message, _error: error })
        });
        drop(replaced);
    }

    /// A message of a source, applied before anything else runs.
    fn message(self, number: u32, text: String) {
        let known = self.inner.try_update_value(|inner| {
            if inner.next.as_ref().is_some_and(|s| s.number == number) {
                let before = std::mem::replace(&mut inner.current, inner.next.take());
                inner.failures = 0;
                return (true, before);
            }
            (inner.current.as_ref().is_some_and(|s| s.number == number), None)
        });
        let Some((true, _before)) = known else { return };
        self.connection.note(Event::Frame);
        match decode::read(&text) {
            Ok(event) => self.take(event),
            // A newer server may send what this page does not know; what it knows stays right.
            Err(decode::Unreadable) => leptos::logging::warn!("an event could not be read"),
        }
    }

    fn take(self, event: LiveEvent) {
        match &event {
            LiveEvent::Hello { server_time, version, .. } => {
                self.connection.tell_time(*server_time);
                self.connection.tell_version(version);
            }
            LiveEvent::Tick { server_time, .. } => self.connection.tell_time(*server_time),
            LiveEvent::Bye { reason } => return self.bye(*reason),
            LiveEvent::Snapshot { .. } | LiveEvent::Delta { .. } | LiveEvent::Reset { .. } => {}
        }
        self.connection.judge();
        self.live.apply(event);
    }

    fn bye(self, reason: ByeReason) {
        let ended = self.inner.try_update_value(|inner| inner.current.take());
        drop(ended);
        match reason {
            ByeReason::Rotate => self.open_now(),
            ByeReason::Shutdown => self.again_later(false),
            ByeReason::SignedOut => {
                // To somebody who leaves, the end of the stream is no news.
                if !self.session.is_leaving() {
                    self.connection.note(Event::Refused);
                }
                self.session.end(SignedOut::Expired);
            }
        }
    }

    /// A source ended or never began.
    fn failed(self, number: u32) {
        let found = self.inner.try_update_value(|inner| {
            if inner.next.as_ref().is_some_and(|s| s.number == number) {
                Some((inner.next.take(), false))
            } else if inner.current.as_ref().is_some_and(|s| s.number == number) {
                Some((inner.current.take(), true))
            } else {
                None
            }
        });
        let Some(Some((source, was_current))) = found else { return };
        // Closed for good means that the server answered, and not with a stream: perhaps the session ended. Anything
        // else is the network.
        let answered = source.as_ref().is_some_and(|s| s.source.ready_state() == EventSource::CLOSED);
        drop(source);
        if answered && !was_current {
            spawn_local(self.api.ask_session());
        }
        self.again_later(!was_current);
    }

    /// Plans the next attempt. `failed`: an attempt did not succeed, as opposed to a connection that ended.
    fn again_later(self, failed: bool) {
        let plan = self.inner.try_update_value(|inner| {
            // A source that still speaks keeps the page current, or a new one is already on its way.
            let healthy = inner.current.is_some();
            if !inner.running || inner.next.is_some() || inner.timer.is_some() {
                return None;
            }
            let wait = backoff_ms(inner.failures, random());
            if failed {
                inner.failures = inner.failures.saturating_add(1);
            }
            let timer = set_timeout_with_handle(move || self.open_now(), Duration::from_millis(wait)).ok();
            inner.timer = timer;
            Some((wait, healthy))
        });
        let Some((wait, healthy)) = plan.flatten() else { return };
        if !healthy {
            self.connection.note(if failed { Event::Failed } else { Event::Lost });
            self.connection.next_attempt(Some(monotonic_ms().saturating_add(wait)));
        }
    }

    /// Once a second: judges anew, and gives up sources that say nothing.
    fn look(self, drift: StoredValue<i64>) {
        let (mono, wall) = (monotonic_ms(), wall_ms());
        let now = i64::try_from(wall).unwrap_or(0).saturating_sub(i64::try_from(mono).unwrap_or(0));
        let moved = now.saturating_sub(drift.get_value()).unsigned_abs();
        drift.set_value(now);
        if moved > SLEEP_MS {
            self.connection.note(Event::Slept);
            self.open_now();
        }
        self.connection.judge();
        let silent = self.connection.age_ms() > SILENCE_MAX_MS;
        let stuck = self.inner.with_value(|inner| match (&inner.next, &inner.current) {
            (Some(next), _) if mono.saturating_sub(next.opened_at_ms) > SILENCE_MAX_MS => Some(next.number),
            (None, Some(current)) if silent && mono.saturating_sub(current.opened_at_ms) > SILENCE_MAX_MS => {
                Some(current.number)
            }
            _ => None,
        });
        if let Some(number) = stuck {
            self.failed(number);
        }
    }

    fn watch_the_browser(self) {
        let drift =
            i64::try_from(wall_ms()).unwrap_or(0).saturating_sub(i64::try_from(monotonic_ms()).unwrap_or(0));
        let drift = StoredValue::new(drift);
        set_interval(move || self.look(drift), Duration::from_secs(1));
        let offline = window_event_listener_untyped("offline", move |_| self.connection.note(Event::Offline));
        let online = window_event_listener_untyped("online", move |_| {
            self.connection.note(Event::Online);
            self.open_now();
        });
        let visible = Closure::<dyn FnMut()>::new(move || {
            let seen = document().visibility_state() == web_sys::VisibilityState::Visible;
            if seen && self.connection.age_ms() >= DELAYED_AFTER_MS {
                self.connection.judge();
                self.open_now();
            }
        });
        let listening = document()
            .add_event_listener_with_callback("visibilitychange", visible.as_ref().unchecked_ref())
            .is_ok();
        // All of them live as long as the page; the handles are kept so that nothing removes them.
        if listening {
            visible.forget();
        }
        on_cleanup(move || {
            offline.remove();
            online.remove();
        });
    }
}

/// How long to wait before the next attempt: doubling, capped, and spread over the whole time (`random` from 0 to 1),
/// so that many consoles do not come back in one moment.
fn backoff_ms(failures: u32, random: f64) -> u64 {
    let most = BACKOFF_FIRST_MS.saturating_mul(1 << failures.min(10)).min(BACKOFF_MAX_MS);
    let share = Duration::from_millis(most).mul_f64(random.clamp(0.0, 1.0));
    u64::try_from(share.as_millis()).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::backoff_ms;

    #[test]
    fn attempts_are_spread_and_capped() {
        for (failures, random, wait) in
            [(0, 1.0, 500), (0, 0.0, 0), (1, 1.0, 1000), (3, 0.5, 2000), (5, 1.0, 10_000), (99, 1.0, 10_000)]
        {
            assert_eq!(backoff_ms(failures, random), wait, "{failures} failures, {random}");
        }
    }
}
