//! The connections of the tab that leads.
//!
//! One source at a time holds the pages current. Where other topics are wanted, a second one is opened beside it and
//! takes over with its first message, so that no page is ever without data. The browser's own way to reconnect is not
//! used: it waits for a fixed time and gives up for good after some answers.

use std::time::Duration;

use common::paths;
use common::stream::Topic;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Stream;
use super::letter::Word;
use super::source::Source;
use crate::routes::encode;
use crate::state::clock::{monotonic_ms, random};
use crate::state::connection::Place;

/// The longest wait before the first attempt to reconnect; doubles with each failure.
const BACKOFF_FIRST_MS: u64 = 500;
/// The longest wait between two attempts.
const BACKOFF_MAX_MS: u64 = 10_000;
/// A source that says nothing for so long is taken for dead, even if the browser still waits.
const SILENCE_MAX_MS: u64 = 15_000;
/// A stream has at most so many topics.
const TOPICS_MAX: usize = 50;
/// Tabs that open or change in one moment are served by one connection.
const GATHER_MS: u64 = 30;

impl Stream {
    /// Whether this tab holds the stream.
    pub(super) fn leads(self) -> bool {
        self.inner.with_value(|inner| inner.running && inner.election.leads().is_some())
    }

    /// Opens a connection in a moment, for all tabs that ask for one by then.
    pub(super) fn open_soon(self) {
        self.inner.update_value(|inner| {
            if inner.gather.is_none() {
                let wait = Duration::from_millis(GATHER_MS);
                inner.gather = set_timeout_with_handle(move || self.open_now(), wait).ok();
            }
        });
    }

    /// Sees to fresh snapshots: opens a source for the topics wanted, or asks the tab that leads to do so. A source that
    /// works stays until the new one speaks.
    pub(super) fn open_now(self) {
        if !self.leads() {
            return self.ask_for_fresh();
        }
        let plan = self.inner.try_update_value(|inner| {
            for timer in [inner.retry.take(), inner.gather.take()].into_iter().flatten() {
                timer.clear();
            }
            let mut topics: Vec<String> =
                inner.desk.topics().iter().map(|topic| encode(&topic.to_string())).collect();
            if topics.is_empty() {
                return None;
            }
            // Many tabs on many nodes: the rest is in the topics of the regions, or comes when a tab closes.
            topics.truncate(TOPICS_MAX);
            inner.opened = inner.opened.wrapping_add(1);
            let url = format!("{}?topics={}", paths::STREAM, topics.join(","));
            let nodes = inner.desk.topics().contains(&Topic::Nodes);
            Some((inner.opened, url, nodes, inner.desk.take_waiting(), inner.desk.count()))
        });
        let Some((number, url, nodes, waiting, tabs)) = plan.flatten() else { return };
        self.connection.next_attempt(None);
        self.connection.tell_place(Place::Leads(tabs));
        for (to, nonce) in waiting {
            self.say(Word::Fresh { to, nonce, source: number });
        }
        let message = move |text: String| self.message(number, &text);
        let Some(mut source) = Source::open(number, &url, message, move || self.failed(number)) else {
            return self.failed(number);
        };
        source.has_nodes = nodes;
        let replaced = self.inner.try_update_value(|inner| inner.next.replace(source));
        drop(replaced);
    }

    /// Closes the connections and forgets what was planned.
    pub(super) fn close(self) {
        let ended = self.inner.try_update_value(|inner| {
            let timers = [inner.retry.take(), inner.gather.take(), inner.window_timer.take()];
            for timer in timers.into_iter().flatten() {
                timer.clear();
            }
            inner.stream = None;
            (inner.current.take(), inner.next.take())
        });
        drop(ended);
    }

    /// A message of a source of this tab.
    fn message(self, number: u32, text: &str) {
        // What arrives after a sleep has waited through it.
        if self.look_at_clocks() {
            return;
        }
        let known = self.inner.try_update_value(|inner| {
            if inner.next.as_ref().is_some_and(|s| s.number == number) {
                let before = std::mem::replace(&mut inner.current, inner.next.take());
                inner.failures = 0;
                return (true, before);
            }
            (inner.current.as_ref().is_some_and(|s| s.number == number), None)
        });
        let Some((true, _before)) = known else { return };
        if self.inner.with_value(|inner| inner.desk.count()) > 1 {
            self.say(Word::Frame { source: number, text: text.to_owned() });
        }
        self.handle(text);
    }

    /// A source ended or never began.
    fn failed(self, number: u32) {
        let found = self.inner.try_update_value(|inner| {
            let is = |source: &Option<Source>| source.as_ref().is_some_and(|s| s.number == number);
            if is(&inner.next) {
                Some((inner.next.take(), false))
            } else if is(&inner.current) {
                Some((inner.current.take(), true))
            } else {
                None
            }
        });
        let Some(Some((source, was_current))) = found else { return };
        // Closed for good means that the server answered, and not with a stream: perhaps the session ended. Anything
        // else is the network.
        let answered = source.as_ref().is_some_and(Source::was_answered);
        drop(source);
        if answered && !was_current {
            spawn_local(self.api.ask_session());
        }
        self.again_later(!was_current);
    }

    /// Plans the next attempt. `failed`: an attempt did not succeed, as opposed to a connection that ended.
    pub(super) fn again_later(self, failed: bool) {
        let plan = self.inner.try_update_value(|inner| {
            // A source that still speaks keeps the page current, or a new one is already on its way.
            let healthy = inner.current.is_some();
            if !inner.running || inner.next.is_some() || inner.retry.is_some() {
                return None;
            }
            let wait = backoff_ms(inner.failures, random());
            if failed {
                inner.failures = inner.failures.saturating_add(1);
            }
            inner.retry = set_timeout_with_handle(move || self.open_now(), Duration::from_millis(wait)).ok();
            Some((wait, healthy))
        });
        let Some((wait_ms, healthy)) = plan.flatten() else { return };
        if !healthy {
            self.trouble(failed, wait_ms);
            self.say(Word::Trouble { failed, wait_ms });
        }
    }

    /// The stream is interrupted; the next attempt is made after `wait_ms`.
    pub(super) fn trouble(self, failed: bool, wait_ms: u64) {
        self.connection.note(Word::trouble(failed));
        self.connection.next_attempt(Some(monotonic_ms().saturating_add(wait_ms)));
    }

    /// Gives up sources that say nothing.
    pub(super) fn look_at_sources(self) {
        let mono = monotonic_ms();
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
