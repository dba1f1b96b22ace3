//! The hub's side of one connection: a bounded queue and how the connection is to end.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use common::ids::{NodeId, StreamId};
use common::stream::{ByeReason, Topic};
use parking_lot::Mutex;

use super::window::Window;
use super::{Lane, Owner};
use crate::clock::Mono;

/// Room a drained queue keeps; what a burst took beyond it is given back.
const IDLE_ROOM: usize = 8;

/// How a connection ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// With a last message, whose number is the last one that can have been delivered (0: cannot be told).
    Bye(ByeReason, u64),
    /// Without one.
    Cut,
}

/// What the connection does next.
pub(super) enum Step {
    /// Send this frame.
    Frame(Bytes),
    /// Send these nodes of the window; `true`: whole.
    Window(Vec<(NodeId, bool)>),
    /// Frames were lost: begin anew.
    Lost,
    /// Say goodbye. `behind`: after frames were lost.
    End { end: End, behind: bool },
}

/// What keeps a connection from going on with what it was sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Halt {
    /// Nothing.
    No,
    /// Frames were lost: further snapshots of this group are worth nothing.
    Lost,
    /// It must see nothing more.
    Ended,
}

/// What became of a frame.
#[derive(Default)]
pub(super) struct Pushed {
    pub(super) accepted: bool,
    pub(super) overflowed: bool,
    pub(super) waker: Option<Waker>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Bytes>,
    /// The queue ran over; nothing is queued until the connection begins anew.
    lost: bool,
    /// What it shows of topic `nodes`, where it said so.
    window: Option<Box<Window>>,
    /// Since when something waits without any progress.
    waiting: Option<Mono>,
    end: Option<End>,
    waker: Option<Waker>,
}

/// One connection, as the hub knows it.
pub(super) struct Reader {
    pub(super) id: StreamId,
    pub(super) topics: Box<[Topic]>,
    pub(super) owner: Option<Owner>,
    pub(super) rotate: Mono,
    pub(super) expires: Option<Mono>,
    pub(super) lane: Option<Arc<Lane>>,
    /// The connection took something since the last look. A flag, because who takes has no clock.
    progress: AtomicBool,
    state: Mutex<State>,
}

impl Reader {
    pub(super) fn new(
        id: StreamId,
        topics: Box<[Topic]>,
        owner: Option<Owner>,
        rotate: Mono,
        expires: Option<Mono>,
        lane: Option<Arc<Lane>>,
    ) -> Self {
        let (progress, state) = (AtomicBool::new(true), Mutex::new(State::default()));
        Self { id, topics, owner, rotate, expires, lane, progress, state }
    }

    /// Queues a frame; a full queue is emptied and marked lost. Returns whom to wake.
    pub(super) fn push(&self, frame: &Bytes, limit: usize, now: Mono) -> Pushed {
        let mut state = self.state.lock();
        if state.lost || state.end.is_some() {
            return Pushed::default();
        }
        state.waiting.get_or_insert(now);
        let accepted = state.queue.len() < limit;
        if accepted {
            state.queue.push_back(frame.clone());
        } else {
            state.queue = VecDeque::new();
            state.lost = true;
        }
        Pushed { accepted, overflowed: !accepted, waker: state.waker.take() }
    }

    /// The next thing to do; `Pending` leaves the waker.
    pub(super) fn poll_step(&self, cx: &Context<'_>) -> Poll<Step> {
        let mut state = self.state.lock();
        if let Some(end) = state.end
            && state.queue.is_empty()
        {
            return Poll::Ready(Step::End { end, behind: state.lost });
        }
        if state.lost {
            return Poll::Ready(Step::Lost);
        }
        if let Some(frame) = state.queue.pop_front() {
            if state.queue.is_empty() && state.queue.capacity() > IDLE_ROOM {
                state.queue = VecDeque::new();
            }
            return Poll::Ready(Step::Frame(frame));
        }
        // After the queue: a node is looked at when it is sent, and so is never older than what was queued before.
        if let Some(window) = &mut state.window
            && window.is_owed()
        {
            return Poll::Ready(Step::Window(window.take()));
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// What keeps the connection from going on with what it was sending.
    pub(super) fn halt(&self) -> Halt {
        let state = self.state.lock();
        match state.end {
            Some(End::Cut | End::Bye(ByeReason::SignedOut, _)) => Halt::Ended,
            _ if state.lost => Halt::Lost,
            _ => Halt::No,
        }
    }

    /// Queues frames again. Only under the hub's lock.
    pub(super) fn begin_anew(&self) {
        let mut state = self.state.lock();
        state.lost = false;
        if let Some(window) = &mut state.window {
            window.begin_anew();
        }
    }

    /// Sets the window. Returns whom to wake.
    pub(super) fn set_window(&self, ids: &[NodeId], now: Mono) -> Option<Waker> {
        if ids.is_empty() {
            self.state.lock().window = None;
            return None;
        }
        self.state.lock().window.get_or_insert_default();
        self.with_window(now, |window| window.replace(ids))
    }

    /// Changes the window. Returns whom to wake where it is owed something then.
    pub(super) fn with_window(&self, now: Mono, change: impl FnOnce(&mut Window)) -> Option<Waker> {
        let mut state = self.state.lock();
        let window = state.window.as_mut()?;
        change(window);
        if !window.is_owed() {
            return None;
        }
        state.waiting.get_or_insert(now);
        state.waker.take()
    }

    /// The connection took a piece.
    pub(super) fn progressed(&self) {
        self.progress.store(true, Ordering::Relaxed);
    }

    /// Whether something has been waiting for `ms` and nothing was taken.
    pub(super) fn stalled(&self, now: Mono, ms: u64) -> bool {
        let mut state = self.state.lock();
        if self.progress.swap(false, Ordering::Relaxed) {
            let owed = state.window.as_ref().is_some_and(|w| w.is_owed());
            state.waiting = (state.lost || owed || !state.queue.is_empty()).then_some(now);
        }
        state.waiting.is_some_and(|since| now.since(since) >= ms)
    }

    /// Ends the connection; the first reason stands. Returns whom to wake.
    pub(super) fn finish(&self, end: End) -> Option<Waker> {
        let mut state = self.state.lock();
        if state.end.is_some() {
            return None;
        }
        if matches!(end, End::Cut | End::Bye(ByeReason::SignedOut, _)) {
            state.queue = VecDeque::new();
            state.window = None;
        }
        state.end = Some(end);
        state.waker.take()
    }
}
