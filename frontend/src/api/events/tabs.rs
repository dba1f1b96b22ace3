//! This tab among the others: what it says to them and what it makes of what they say.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use super::channel::Channel;
use super::election::{ASK_MS, BEAT_MS, Claim, Step, TabId};
use super::letter::{Letter, Want, Word};
use super::{Accept, Stream};
use crate::state::clock::monotonic_ms;
use crate::state::connection::Place;

/// A leader that does not promise fresh snapshots within this time is frozen or dead: this tab leads itself.
const PROMISE_MS: u64 = 2_000;
/// What this tab wants is said again at least this often, so that the leader knows it is there.
const TELL_MS: u64 = 10_000;

/// Pages of one build understand each other; those of another have a channel of their own. The program's own address
/// holds its hash.
fn channel_name() -> String {
    let link = document().query_selector("link[rel=modulepreload]").ok().flatten();
    let build = link.and_then(|link| link.dyn_into::<web_sys::Element>().ok()?.get_attribute("href"));
    format!("iqra.live.{}", build.unwrap_or_default())
}

impl Stream {
    /// Opens the channel and asks who leads, before it is known who is signed in: the answer comes meanwhile.
    pub(super) fn join_tabs(self) {
        let channel = Channel::open(&channel_name(), move |text| self.letter(&text));
        self.inner.update_value(|inner| inner.channel = channel);
        self.say(Word::Ask);
    }

    /// Says something to the other tabs.
    pub(super) fn say(self, word: Word) {
        self.inner.with_value(|inner| {
            let Some(channel) = &inner.channel else { return };
            let from = inner.election.leads().unwrap_or(Claim { term: 0, tab: inner.election.me() });
            channel.say(&Letter { person: inner.person.clone(), from, word }.write());
        });
    }

    /// Somebody is signed in now: leads, follows whom it has heard of, or asks.
    pub(super) fn take_place(self, now: u64) {
        let step = self.inner.try_update_value(|inner| {
            if inner.channel.is_none() {
                return inner.election.seize();
            }
            let early = inner.early.take().filter(|(person, _, at)| {
                *person == inner.person && now.saturating_sub(*at) < BEAT_MS.saturating_mul(2)
            });
            let joined = inner.joined_ms.take().filter(|at| now.saturating_sub(*at) < 10 * ASK_MS);
            match (early, joined) {
                (Some((_, leader, _)), _) => inner.election.hear(leader, now),
                // Asked a moment ago when the page began: whoever leads has answered, or does so yet.
                (None, Some(_)) => inner.election.look(now),
                (None, None) => inner.election.woke(now),
            }
        });
        self.step(step.unwrap_or(Step::Stay));
        self.look_soon();
    }

    /// Tells what this tab wants to the tab that leads, or sees to it itself.
    pub(super) fn tell_wishes(self) {
        let now = monotonic_ms();
        let mine = self.inner.try_update_value(|inner| {
            let (topics, window) = (inner.topics.clone(), inner.window.clone());
            let want = Want { topics, window, nonce: inner.nonce };
            inner.told_ms = now;
            if inner.election.leads().is_some() {
                Ok(inner.desk.put(inner.election.me(), want, now))
            } else {
                Err(want)
            }
        });
        match mine {
            Some(Ok(change)) => {
                if change.open {
                    self.open_now();
                } else if change.window {
                    self.window_soon();
                }
            }
            Some(Err(want)) => self.say(Word::Want(want)),
            None => {}
        }
    }

    /// Asks the tab that leads for fresh snapshots.
    pub(super) fn ask_for_fresh(self) {
        let follows = self.inner.try_update_value(|inner| {
            let follows = inner.running && inner.election.follows().is_some();
            if follows {
                inner.nonce = inner.nonce.wrapping_add(1);
                inner.asked_ms.get_or_insert(monotonic_ms());
            }
            follows
        });
        if follows == Some(true) {
            self.tell_wishes();
        }
    }

    /// Does what the election asks for.
    pub(super) fn step(self, step: Step) {
        let now = monotonic_ms();
        match step {
            Step::Stay => {}
            Step::Answer => self.say(Word::Beat),
            Step::Ask => {
                self.close();
                self.connection.tell_place(Place::Asking);
                self.say(Word::Ask);
            }
            Step::Lead => {
                let taken_over = self.inner.try_update_value(|inner| {
                    inner.desk.alone(inner.election.me());
                    inner.nonce = inner.nonce.wrapping_add(1);
                    (inner.asked_ms, inner.beat_ms, inner.failures) = (None, now, 0);
                    let want = Want {
                        topics: inner.topics.clone(),
                        window: inner.window.clone(),
                        nonce: inner.nonce,
                    };
                    let _ = inner.desk.put(inner.election.me(), want, now);
                    inner.election.leads().is_some_and(|claim| claim.term > 1)
                });
                self.connection.tell_place(Place::Leads(1));
                self.say(Word::Beat);
                // The others say what they want as soon as they hear it, and one connection serves all.
                if taken_over == Some(true) { self.open_soon() } else { self.open_now() }
            }
            Step::Follow => {
                self.close();
                self.inner.update_value(|inner| {
                    inner.accept = Accept::Nothing;
                    inner.asked_ms = None;
                });
                self.connection.tell_place(Place::Follows);
                self.ask_for_fresh();
            }
        }
        if matches!(step, Step::Ask) {
            self.look_soon();
        }
    }

    /// Looks again when the time to wait for an answer is over.
    fn look_soon(self) {
        let at = self.inner.with_value(|inner| inner.election.look_at_ms());
        if let Some(at) = at {
            let wait = at.saturating_sub(monotonic_ms()).saturating_add(1).min(1_000);
            set_timeout(move || self.look_at_tabs(), Duration::from_millis(wait));
        }
    }

    /// What another tab says.
    fn letter(self, text: &str) {
        let Some(Letter { person, from, word }) = Letter::read(text) else { return };
        // What waited through a sleep is of no use, except for who leads now, and that is asked.
        if self.look_at_clocks() {
            return;
        }
        let now = monotonic_ms();
        // Whoever has said goodbye answers nobody until it is back.
        if self.inner.with_value(|inner| inner.rested_ms.is_some()) {
            return;
        }
        let (running, same) = self.inner.with_value(|inner| (inner.running, inner.person == person));
        if !running {
            if from.term > 0 && !person.is_empty() {
                let left = matches!(word, Word::Leave);
                self.inner.update_value(|inner| inner.early = (!left).then(|| (person.clone(), from, now)));
            }
            return;
        }
        if !same {
            // A tab that begins does not know yet who is signed in.
            if person.is_empty() && word == Word::Ask {
                let step = self.inner.with_value(|inner| inner.election.asked());
                self.step(step);
            }
            return;
        }
        if from.term > 0 {
            let step = self.inner.try_update_value(|inner| inner.election.hear(from, now));
            self.step(step.unwrap_or(Step::Stay));
            if self.inner.with_value(|inner| inner.election.follows()) != Some(from) {
                return;
            }
        }
        self.listen(from.tab, word, now);
    }

    fn listen(self, from: TabId, word: Word, now: u64) {
        match word {
            Word::Beat => {}
            Word::Ask => {
                let step = self.inner.with_value(|inner| inner.election.asked());
                self.step(step);
            }
            Word::Frame { source, text } => {
                let accept = self.inner.with_value(|inner| inner.accept);
                if matches!(accept, Accept::From(first) if source >= first) {
                    self.handle(&text);
                }
            }
            Word::Fresh { to, nonce, source } => self.inner.update_value(|inner| {
                if to == inner.election.me() && nonce == inner.nonce {
                    inner.asked_ms = None;
                    if inner.accept == Accept::Nothing {
                        inner.accept = Accept::From(source);
                    }
                }
            }),
            Word::Trouble { failed, wait_ms } => self.trouble(failed, wait_ms),
            Word::Want(want) if self.leads() => {
                let change = self.inner.try_update_value(|inner| inner.desk.put(from, want, now));
                if change.is_some_and(|change| change.open) {
                    self.open_soon();
                } else if change.is_some_and(|change| change.window) {
                    self.window_soon();
                }
                let tabs = self.inner.with_value(|inner| inner.desk.count());
                self.connection.tell_place(Place::Leads(tabs));
            }
            Word::Want(_) => {}
            Word::Leave => {
                let step = self.inner.try_update_value(|inner| {
                    inner.desk.remove(from);
                    inner.election.left(from, now)
                });
                self.step(step.unwrap_or(Step::Stay));
                if self.leads() {
                    let tabs = self.inner.with_value(|inner| inner.desk.count());
                    self.connection.tell_place(Place::Leads(tabs));
                }
            }
        }
    }

    /// Once a second, and when an answer is due.
    pub(super) fn look_at_tabs(self) {
        let now = monotonic_ms();
        if !self.inner.with_value(|inner| inner.running && inner.rested_ms.is_none()) {
            return;
        }
        let step = self.inner.try_update_value(|inner| {
            inner.desk.forget_silent(inner.election.me(), now);
            let unheard = inner.asked_ms.is_some_and(|at| now.saturating_sub(at) > PROMISE_MS);
            if unheard && inner.election.follows().is_some() {
                inner.asked_ms = None;
                return inner.election.seize();
            }
            inner.election.look(now)
        });
        self.step(step.unwrap_or(Step::Stay));
        let (beat, tell) = self.inner.with_value(|inner| {
            let leads = inner.election.leads().is_some();
            let beat = leads && now.saturating_sub(inner.beat_ms) >= BEAT_MS;
            let tell = inner.election.follows().is_some() && now.saturating_sub(inner.told_ms) >= TELL_MS;
            (beat, tell)
        });
        if beat {
            self.inner.update_value(|inner| inner.beat_ms = now);
            self.say(Word::Beat);
        }
        if tell {
            self.tell_wishes();
        }
    }
}
