//! The stream: one per browser, whatever the number of tabs, and its way to the screen of each.
//!
//! The tab that leads ([`election`]) holds the `EventSource` ([`lines`]) and relays every message to the others
//! ([`tabs`]); each judges by what arrives at itself how far its own page can be believed. What arrives waits for the
//! next animation frame ([`drain`]). What the browser tells of sleep, freezing and networks is in [`wake`].

pub mod channel;
pub mod desk;
mod drain;
pub mod election;
pub mod letter;
mod lines;
pub mod queue;
mod session_tabs;
pub mod source;
mod tabs;
mod wake;
mod window;

use common::ids::{NodeId, StreamId};
use common::stream::{ByeReason, LiveEvent, Topic};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::channel::Channel;
use self::desk::Desk;
use self::election::{Claim, Election};
use self::queue::Queue;
use self::source::Source;
use super::{Api, decode};
use crate::reactive::effect;
use crate::state::clock::{monotonic_ms, random};
use crate::state::connection::Connection;
use crate::state::freshness::{Event, Freshness};
use crate::state::live::LiveStore;
use crate::state::prefs::use_prefs;
use crate::state::session::{Session, SessionState, SignedOut};

/// Which frames of a leader this tab takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Accept {
    /// None: what comes now may have waited while this tab was frozen, or is about topics it has no snapshot of.
    Nothing,
    /// Those of this connection of the leader and of later ones.
    From(u32),
}

struct Inner {
    /// Between the tabs; `None` where the browser has no channels, and every tab has a stream of its own.
    channel: Option<Channel>,
    election: Election,
    /// The last leader that was heard of before this tab knew who is signed in: the person, and when.
    early: Option<(String, Claim, u64)>,
    /// When the page asked who leads as it began; `None` when that answer has been used.
    joined_ms: Option<u64>,
    /// When the browser put the page aside; it may come back.
    rested_ms: Option<u64>,
    /// Who is signed in; empty while nobody is.
    person: String,
    running: bool,
    topics: Vec<Topic>,
    window: Vec<NodeId>,
    nonce: u32,
    accept: Accept,
    /// When fresh snapshots were asked for that no leader has promised yet.
    asked_ms: Option<u64>,
    /// When the leader was told last what this tab wants.
    told_ms: u64,
    beat_ms: u64,
    /// What all tabs want, while this one leads.
    desk: Desk,
    /// Holds the page current.
    current: Option<Source>,
    /// Opened for other topics, has not spoken yet.
    next: Option<Source>,
    opened: u32,
    failures: u32,
    /// Until the next attempt to connect.
    retry: Option<TimeoutHandle>,
    /// Until a connection is opened for what several tabs want.
    gather: Option<TimeoutHandle>,
    /// Until the window is sent.
    window_timer: Option<TimeoutHandle>,
    /// The connection as the server names it.
    stream: Option<StreamId>,
    /// Topics whose snapshot has to arrive before the page is current again; `None` where it is.
    unsettled: Option<Vec<Topic>>,
    queue: Queue,
    pace: drain::Pace,
    /// When anything of this page ran last, and how far its two clocks were apart.
    seen: wake::Seen,
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
    let now = monotonic_ms();
    let me = random().to_bits() ^ random().to_bits().rotate_left(32);
    let inner = StoredValue::new_local(Inner {
        channel: None,
        election: Election::new(me, now),
        early: None,
        joined_ms: Some(now),
        rested_ms: None,
        person: String::new(),
        running: false,
        topics: Vec::new(),
        window: Vec::new(),
        nonce: 0,
        accept: Accept::Nothing,
        asked_ms: None,
        told_ms: now,
        beat_ms: now,
        desk: Desk::default(),
        current: None,
        next: None,
        opened: 0,
        failures: 0,
        retry: None,
        gather: None,
        window_timer: None,
        stream: None,
        unsettled: None,
        queue: Queue::default(),
        pace: drain::Pace::default(),
        seen: wake::Seen::now(),
    });
    let stream = Stream { inner, api, live, connection, session };
    stream.join_tabs();
    session_tabs::start(api, session);
    effect(move || {
        let (topics, window) = (connection.topics(), connection.window());
        let state = session.get();
        untrack(|| match state {
            SessionState::In(user) => stream.follow(&user.id.to_string(), topics, window),
            SessionState::Ended(_) => stream.hold(),
            SessionState::Unknown | SessionState::Unreachable | SessionState::Out(_) => stream.stop(),
        });
    });
    Effect::new(move |first: Option<()>| {
        connection.refreshes();
        if first.is_some() {
            untrack(|| stream.refresh());
        }
    });
    Effect::new(move |before: Option<bool>| {
        let paused = connection.paused();
        if before == Some(true) && !paused {
            untrack(|| stream.catch_up(true));
        }
        paused
    });
    let every = use_prefs().frequency;
    effect(move || {
        let seconds = every.get().seconds();
        untrack(|| stream.set_pace(seconds));
    });
    stream.watch_the_browser();
}

impl Stream {
    /// Somebody is signed in, and the pages on the screen want these topics and figures.
    fn follow(self, person: &str, topics: Vec<Topic>, window: Vec<NodeId>) {
        let now = monotonic_ms();
        let begins = self.inner.try_update_value(|inner| {
            // Topics that come need a snapshot; those that go need nothing.
            let grown = topics.iter().any(|topic| !inner.topics.contains(topic));
            let same = inner.topics == topics && inner.window == window;
            let begins = !inner.running;
            (inner.topics, inner.window) = (topics, window);
            person.clone_into(&mut inner.person);
            if begins {
                (inner.running, inner.failures) = (true, 0);
            }
            if grown || begins {
                inner.nonce = inner.nonce.wrapping_add(1);
            }
            (begins, !same)
        });
        match begins {
            Some((true, _)) => self.take_place(now),
            Some((false, true)) => self.tell_wishes(),
            _ => {}
        }
    }

    /// The session ended under somebody's work: what is on the screen stays, and is not current.
    fn hold(self) {
        self.leave();
        self.connection.note(Event::Refused);
    }

    /// Nobody is signed in.
    fn stop(self) {
        self.leave();
        self.inner.update_value(|inner| inner.queue.clear());
        self.live.clear();
        self.connection.restart();
    }

    /// Lets go of the stream and of the other tabs.
    fn leave(self) {
        let running = self.inner.with_value(|inner| inner.running);
        if running {
            self.say(letter::Word::Leave);
        }
        self.close();
        self.inner.update_value(|inner| {
            inner.running = false;
            inner.topics.clear();
            inner.person.clear();
            inner.unsettled = None;
        });
    }

    /// The person, or the page, asks for everything anew.
    fn refresh(self) {
        if self.connection.is_paused() {
            self.catch_up(false);
        } else {
            self.open_now();
        }
    }

    /// A message of the stream, straight from the server or by way of the tab that leads.
    fn handle(self, text: &str) {
        match decode::read(text) {
            Ok(event) => self.take(event),
            // A newer server may send what this page does not know; what it knows stays right.
            Err(decode::Unreadable) => {
                self.connection.note(Event::Frame);
                leptos::logging::warn!("an event could not be read");
            }
        }
    }

    fn take(self, event: LiveEvent) {
        self.settle(&event);
        match &event {
            LiveEvent::Hello { server_time, version, stream_id, .. } => {
                self.connection.tell_time(*server_time);
                self.connection.tell_version(version);
                self.connection.tell_stream(*stream_id);
                self.inner.update_value(|inner| inner.stream = Some(*stream_id));
                self.window_soon();
            }
            LiveEvent::Tick { server_time, .. } => self.connection.tell_time(*server_time),
            LiveEvent::Bye { reason } => return self.bye(*reason),
            LiveEvent::Snapshot { .. } | LiveEvent::Delta { .. } | LiveEvent::Reset { .. } => {}
        }
        self.connection.judge();
        self.feed(event);
    }

    /// A frame makes the page current, unless it is the first of a connection after a loss: until the snapshots are
    /// here the screen shows what was before.
    fn settle(self, event: &LiveEvent) {
        let current = matches!(self.connection.link_now(), Freshness::Live | Freshness::Paused);
        let settled = self.inner.try_update_value(|inner| {
            match event {
                LiveEvent::Hello { .. } if !current => inner.unsettled = Some(inner.topics.clone()),
                LiveEvent::Snapshot { topic, .. } => {
                    if let Some(missing) = &mut inner.unsettled {
                        missing.retain(|t| t != topic);
                    }
                }
                // Whatever did not come until now does not come.
                LiveEvent::Tick { .. } => inner.unsettled = None,
                _ => {}
            }
            inner.unsettled.take_if(|missing| missing.is_empty());
            inner.unsettled.is_none()
        });
        if settled == Some(true) {
            self.connection.note(Event::Frame);
        }
    }

    fn bye(self, reason: ByeReason) {
        match reason {
            ByeReason::SignedOut => return self.signed_out(),
            ByeReason::AccessChanged => return self.access_changed(),
            ByeReason::Rotate | ByeReason::Shutdown => {}
        }
        let ended = self.inner.try_update_value(|inner| inner.current.take());
        // Those who follow hear of the next connection from the tab that leads.
        if ended.flatten().is_some() {
            match reason {
                ByeReason::Rotate => self.open_now(),
                ByeReason::Shutdown | ByeReason::SignedOut | ByeReason::AccessChanged => {
                    self.again_later(false)
                }
            }
        }
    }

    /// The session goes on with other rights: the page learns them, and goes on with a new stream.
    fn access_changed(self) {
        let ended = self.inner.try_update_value(|inner| inner.current.take());
        drop(ended);
        spawn_local(async move {
            self.api.ask_session().await;
            if self.session.is_in() {
                self.open_now();
            }
        });
    }

    /// The server says that this session is over; another one of the same person may have begun in another tab.
    fn signed_out(self) {
        let ended = self.inner.try_update_value(|inner| inner.current.take());
        drop(ended);
        // To somebody who leaves, the end of the stream is no news.
        if self.session.is_leaving() {
            return self.session.end(SignedOut::ByChoice);
        }
        self.connection.note(Event::Refused);
        spawn_local(async move {
            self.api.ask_session().await;
            if self.session.is_in() {
                self.open_now();
            }
        });
    }
}
