//! The stream hub: who follows which topic, what was sent lately, and what each reader still has to get.
//!
//! A frame is rendered once and shared by all its readers. Everything that decides an order — the sequence, the
//! rings, who is subscribed — lies under one lock, so a reader of several topics gets their frames in the order of
//! their numbers, and its last id says exactly what it has. Snapshots are made outside that lock: a reader is
//! subscribed first, so what happens meanwhile waits in its queue and is applied again, which is harmless because
//! every change carries a whole state.
//!
//! Ids: every published or broadcast event has a number of its own. What only one reader gets (`hello`, `reset`,
//! all but the last of a group of snapshots) has the number 0, from which nobody can resume: a connection lost
//! within the group must not resume behind snapshots it never got. The last snapshot of the group carries the number
//! at which the group was begun.

mod frame;
mod lane;
mod reader;
mod ring;
mod state;
mod subscription;
mod terms;
#[cfg(test)]
mod tests;
mod window;
#[cfg(test)]
mod window_tests;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

use bytes::Bytes;
use common::ids::{StreamId, UserId};
use common::stream::{ByeReason, EventId, LiveEvent, Topic};
use parking_lot::Mutex;
use uuid::Uuid;

pub use self::lane::Lane;
use self::lane::Wakes;
use self::reader::{End, Reader};
use self::state::{Core, Ending, FIRST_SEQ, Start, TopicState};
pub use self::subscription::Subscription;
pub use self::terms::{HubStats, Limits, NoWindow, Opening, Owner, OwnerKind, Refused, Snapshots};
use self::window::Windows;
use crate::clock::Mono;

/// The hub. One per process, shared by all workers.
pub struct Hub {
    epoch: u64,
    limits: Limits,
    /// The latest time anyone told, for calls that are told none.
    now: AtomicU64,
    /// Connections alive, also those that ended but are not closed yet.
    open: AtomicUsize,
    core: Mutex<Core>,
    windows: Windows,
    /// The newest change that everything published so far contains.
    told: AtomicI64,
}

impl Hub {
    /// An empty hub. `epoch` names this run of the process and must differ from that of the run before.
    pub fn new(epoch: u64, limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            epoch,
            limits,
            now: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            core: Mutex::new(Core::new()),
            windows: Windows::default(),
            told: AtomicI64::new(0),
        })
    }

    /// The topics for which deltas are worth making: `summary`, those with readers, those left a moment ago.
    ///
    /// A publisher takes what changed *first* and asks for the topics *then*: who subscribes in between gets a
    /// snapshot that has the change already. The other way round the change could be in neither.
    pub fn wanted(&self) -> Vec<Topic> {
        self.core.lock().topics.keys().cloned().collect()
    }

    /// Publishes one event. See [`Hub::publish_all`].
    pub fn publish(&self, topic: &Topic, event: &LiveEvent, now: Mono) {
        self.send(std::iter::once((Some(topic), event)), now);
    }

    /// Numbers the events, keeps them for readers that come back, and hands them to the topics' readers, waking
    /// each reader once. Events of topics that nobody wants are dropped.
    pub fn publish_all(&self, events: &[(Topic, LiveEvent)], now: Mono) {
        self.send(events.iter().map(|(topic, event)| (Some(topic), event)), now);
    }

    /// Hands an event to every reader of every topic. It has a number but is not kept: who comes back needs no old
    /// `tick`.
    pub fn broadcast(&self, event: &LiveEvent, now: Mono) {
        self.send(std::iter::once((None, event)), now);
    }

    fn send<'a>(&self, events: impl Iterator<Item = (Option<&'a Topic>, &'a LiveEvent)>, now: Mono) {
        self.advance(now);
        self.windows.begin_round();
        // Rendering is the costly part and stays outside the lock.
        let rendered: Vec<_> = events.map(|(topic, event)| (topic, frame::data(event))).collect();
        let mut wakes = Wakes::default();
        {
            let mut core = self.core.lock();
            let core = &mut *core;
            for (topic, data) in &rendered {
                let seq = core.seq.saturating_add(1);
                let frame = frame::with_id(self.epoch, seq, data);
                let readers = match topic {
                    None => &core.readers,
                    Some(topic) => {
                        let Some(state) = core.topics.get_mut(*topic) else { continue };
                        core.ring_bytes -= state.ring.bytes();
                        state.ring.push(seq, now, frame.clone(), &self.limits);
                        state.ring.shrink(self.limits.all_rings_bytes.saturating_sub(core.ring_bytes));
                        core.ring_bytes += state.ring.bytes();
                        state.changed = seq;
                        state.snapshot = None;
                        &state.readers
                    }
                };
                core.seq = seq;
                for reader in readers.values() {
                    let pushed = reader.push(&frame, self.limits.queue, now);
                    core.delivered += u64::from(pushed.accepted);
                    core.overflowed += u64::from(pushed.overflowed);
                    if let Some(waker) = pushed.waker {
                        wakes.add(waker, reader.lane.as_ref());
                    }
                }
            }
        }
        wakes.wake();
    }

    /// Opens a stream: `hello`, then what was missed since `last` where all of it is still there, else a snapshot
    /// of each topic (after a `reset` where `last` was given).
    ///
    /// # Errors
    /// Where too many are open, or the server stops.
    pub fn subscribe(
        self: &Arc<Self>,
        ask: Opening,
        source: Arc<dyn Snapshots>,
    ) -> Result<Subscription, Refused> {
        self.advance(ask.now);
        let mut topics = ask.topics;
        topics.sort_unstable();
        topics.dedup();
        // Number 0 was never an event: its bearer got nothing it could build on, so nothing is lost.
        let last = ask.last.filter(|last| last.epoch != self.epoch || last.seq != 0);
        let id = StreamId(Uuid::now_v7());
        let rotate = ask.now.after(rotation(id, self.limits.rotate_ms));
        let reader = Arc::new(Reader::new(id, topics.into(), ask.owner, rotate, ask.expires, ask.lane));

        let (start, base) = self.enrol(&reader, last, ask.now)?;
        Ok(Subscription::new(Arc::clone(self), reader, source, start, base))
    }

    /// Subscribes the reader; returns how it begins and the number after which its queue is complete.
    fn enrol(&self, reader: &Arc<Reader>, last: Option<EventId>, now: Mono) -> Result<(Start, u64), Refused> {
        let mut core = self.core.lock();
        let core = &mut *core;
        if core.closing {
            return Err(Refused::Closing);
        }
        if self.open.load(Ordering::Relaxed) >= self.limits.streams {
            return Err(Refused::TooManyStreams);
        }
        let start = match last {
            None => Start::Fresh,
            Some(last) => core.missed(last, self.epoch, &reader.topics, self.limits.ring_events),
        };
        core.resumed += u64::from(matches!(start, Start::Resumed(..)));
        for topic in &reader.topics {
            let state = core.topics.entry(topic.clone()).or_insert_with(|| TopicState::new(core.seq));
            state.left = None;
            state.readers.insert(reader.id, Arc::clone(reader));
        }
        core.readers.insert(reader.id, Arc::clone(reader));
        if let Some(reason) = reader.owner.as_ref().and_then(|owner| core.overtaken(owner)) {
            reader.finish(End::Bye(reason, 0));
            core.detach(reader, now);
        }
        // Counted down where the subscription is dropped.
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok((start, core.seq))
    }

    /// Ends all streams of a session or token with `bye{signedOut}`, and those it opens in the next minute.
    pub fn close(&self, owner: Uuid) {
        let now = self.now();
        self.end_where(now, |core| {
            core.ended_sessions.insert(owner, now);
            move |reader| reader.owner.is_some_and(|o| o.id == owner).then_some(Ending::SignedOut)
        });
    }

    /// Ends the streams that a person opened with rights older than `version` with `bye{accessChanged}`, and those that
    /// are opened with them in the next minute.
    pub fn access_changed(&self, user: UserId, version: i64) {
        let now = self.now();
        self.end_where(now, |core| {
            core.changed_access.insert(user, (version, now));
            move |reader| {
                let older = reader.owner.is_some_and(|o| o.user == user && o.version < version);
                older.then_some(Ending::Polite(ByeReason::AccessChanged))
            }
        });
    }

    /// Whose streams are open, each once.
    pub fn owners(&self) -> Vec<Owner> {
        let all: HashSet<Owner> = self.core.lock().readers.values().filter_map(|r| r.owner).collect();
        all.into_iter().collect()
    }

    /// Ends all streams and, where the reason is a shutdown, refuses new ones.
    pub fn close_all(&self, reason: ByeReason) {
        self.end_where(self.now(), |core| {
            core.closing |= reason == ByeReason::Shutdown;
            move |_| {
                Some(match reason {
                    ByeReason::SignedOut => Ending::SignedOut,
                    reason => Ending::Polite(reason),
                })
            }
        });
    }

    /// Ends streams that are old, expired or stuck, and forgets what is too old to be of use. Call it every 2 s.
    pub fn reap(&self, now: Mono) {
        self.advance(now);
        self.end_where(now, |core| {
            core.forget(now, &self.limits);
            |reader| {
                if reader.expires.is_some_and(|at| at <= now) {
                    Some(Ending::SignedOut)
                } else if reader.stalled(now, self.limits.stall_ms) {
                    Some(Ending::Cut)
                } else {
                    (reader.rotate <= now).then_some(Ending::Polite(ByeReason::Rotate))
                }
            }
        });
    }

    /// Does `first` under the lock and ends the readers that what it returns picks.
    fn end_where<F: Fn(&Reader) -> Option<Ending>>(&self, now: Mono, first: impl FnOnce(&mut Core) -> F) {
        let mut wakes = Wakes::default();
        {
            let mut core = self.core.lock();
            let which = first(&mut core);
            let picked: Vec<_> = core
                .readers
                .values()
                .filter_map(|r| which(r).map(|ending| (Arc::clone(r), ending)))
                .collect();
            for (reader, ending) in picked {
                let end = match ending {
                    Ending::Polite(reason) => End::Bye(reason, core.seq),
                    Ending::SignedOut => End::Bye(ByeReason::SignedOut, 0),
                    Ending::Cut => End::Cut,
                };
                core.cut += u64::from(matches!(end, End::Cut));
                core.detach(&reader, now);
                if let Some(waker) = reader.finish(end) {
                    wakes.add(waker, reader.lane.as_ref());
                }
            }
        }
        wakes.wake();
    }

    /// Figures for `/metrics`.
    pub fn stats(&self) -> HubStats {
        let core = self.core.lock();
        HubStats {
            open: self.open.load(Ordering::Relaxed),
            topics: core.topics.len(),
            ring_bytes: core.ring_bytes,
            events: core.seq.saturating_sub(FIRST_SEQ),
            delivered: core.delivered,
            resumed: core.resumed,
            overflowed: core.overflowed,
            cut: core.cut,
        }
    }

    /// The rendered snapshot of a topic, shared where one is still good. The caller is subscribed to the topic.
    fn snapshot(&self, topic: &Topic, source: &dyn Snapshots) -> Bytes {
        let made = self.now();
        let changed = match self.core.lock().topics.get(topic) {
            Some(TopicState { snapshot: Some((at, data)), .. })
                if made.since(*at) <= self.limits.snapshot_ms =>
            {
                return data.clone();
            }
            Some(state) => Some(state.changed),
            None => None,
        };
        let data = Bytes::from(frame::data(&source.snapshot(topic)));
        if let Some(state) = self.core.lock().topics.get_mut(topic)
            // An event in between may be missing in it, and who subscribes now would not get that event any more.
            && changed == Some(state.changed)
        {
            state.snapshot = Some((made, data.clone()));
        }
        data
    }

    /// Lets a reader that lost frames begin anew; returns the number from which its queue is complete again.
    fn begin_anew(&self, reader: &Reader) -> u64 {
        let core = self.core.lock();
        reader.begin_anew();
        core.seq
    }

    /// The connection is gone.
    fn unsubscribe(&self, reader: &Reader) {
        self.core.lock().detach(reader, self.now());
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    fn advance(&self, now: Mono) {
        self.now.fetch_max(now.0, Ordering::Relaxed);
    }

    fn now(&self) -> Mono {
        Mono(self.now.load(Ordering::Relaxed))
    }
}

/// The age at which a stream is rotated: spread over ± 20 % by the random part of its id, so that streams opened
/// together do not come back together.
fn rotation(id: StreamId, rotate_ms: u64) -> u64 {
    let spread = id.0.as_u64_pair().1 & 0xffff;
    rotate_ms / 5 * 4 + (rotate_ms / 5 * 2).saturating_mul(spread) / 0xffff
}
