//! The connection's side: what goes over the wire, piece by piece.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use common::ids::StreamId;
use common::stream::LiveEvent;
use futures_util::Stream;

use super::reader::{End, Halt, Reader, Step};
use super::state::Start;
use super::{Hub, Snapshots, frame};

/// How soon a browser connects again after a clean end, in milliseconds.
const RETRY: &str = "retry: 1000\n";

/// One open stream: yields pieces of messages and ends after `bye`. Dropping it unsubscribes.
pub struct Subscription {
    hub: Arc<Hub>,
    reader: Arc<Reader>,
    source: Arc<dyn Snapshots>,
    /// What comes before the queue.
    ready: VecDeque<Bytes>,
    /// The rest of what is being sent.
    current: Bytes,
    /// Bytes handed over since the transport last had a chance to write.
    burst: usize,
    /// The next topic to send a snapshot of; none where it is the number of topics.
    next_snapshot: usize,
    /// Snapshots of this group contain everything up to this number.
    base: u64,
    done: bool,
}

impl Subscription {
    /// `base`: the newest number when the reader was subscribed.
    pub(super) fn new(
        hub: Arc<Hub>,
        reader: Arc<Reader>,
        source: Arc<dyn Snapshots>,
        start: Start,
        base: u64,
    ) -> Self {
        let (current, burst, next_snapshot) = (Bytes::new(), 0, 0);
        let ready = VecDeque::new();
        let mut new = Self { hub, reader, source, ready, current, burst, next_snapshot, base, done: false };
        new.open(start);
        new
    }

    fn open(&mut self, start: Start) {
        let (resumed, id) = match start {
            Start::Resumed(seq, _) => (true, seq),
            _ => (false, 0),
        };
        let hello = self.source.hello(self.reader.id, resumed);
        self.ready.push_back(Bytes::from_static(RETRY.as_bytes()));
        self.ready.push_back(frame::with_id(self.hub.epoch, id, &frame::data(&hello)));
        match start {
            Start::Fresh => {}
            Start::Resumed(_, missed) => {
                self.ready.extend(missed);
                self.next_snapshot = self.reader.topics.len();
            }
            Start::Lost(reason) => self.reset(reason),
        }
    }

    /// Names this connection.
    pub fn id(&self) -> StreamId {
        self.reader.id
    }

    /// Announces new snapshots of all topics.
    fn reset(&mut self, reason: &str) {
        let reset = LiveEvent::Reset { reason: reason.to_owned() };
        self.ready.push_back(frame::with_id(self.hub.epoch, 0, &frame::data(&reset)));
        self.next_snapshot = 0;
    }

    /// The next whole part of a message.
    fn poll_part(&mut self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            let halt = self.reader.halt();
            if halt == Halt::Ended && !self.done {
                // A message whose id line alone went out goes on with the id line of `bye`, which then counts.
                self.ready.clear();
            }
            if let Some(part) = self.ready.pop_front() {
                if self.ready.is_empty() {
                    // A long catch-up leaves room that would stay for the life of the connection.
                    self.ready = VecDeque::new();
                }
                return Poll::Ready(Some(part));
            }
            if self.done {
                return Poll::Ready(None);
            }
            if halt == Halt::No
                && let Some(topic) = self.reader.topics.get(self.next_snapshot)
            {
                let data = self.hub.snapshot(topic, &*self.source);
                self.next_snapshot += 1;
                let last = self.next_snapshot == self.reader.topics.len();
                let id = frame::id_line(self.hub.epoch, if last { self.base } else { 0 });
                self.ready.extend([Bytes::from(id), data]);
                continue;
            }
            // Read before the queue: what was told by then lies in it, or was sent.
            let told = self.hub.told();
            match self.reader.poll_step(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Step::Frame(frame)) => return Poll::Ready(Some(frame)),
                Poll::Ready(Step::Window(batch)) => {
                    return Poll::Ready(Some(self.hub.window_frame(&batch, told, &*self.source)));
                }
                Poll::Ready(Step::Lost) => {
                    self.base = self.hub.begin_anew(&self.reader);
                    self.reset("the reader was too slow");
                }
                Poll::Ready(Step::End { end, behind }) => {
                    self.done = true;
                    if let End::Bye(reason, seq) = end {
                        let data = frame::data(&LiveEvent::Bye { reason });
                        let seq = if behind { 0 } else { seq };
                        self.ready.push_back(frame::with_id(self.hub.epoch, seq, &data));
                    }
                }
            }
        }
    }
}

impl Stream for Subscription {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let this = &mut *self;
        let slice = this.hub.limits.slice;
        if this.burst >= slice {
            // The transport collects pieces until there are none and only then writes. A pause makes it write now
            // and keeps what it collects, which stays as memory of the connection, small.
            this.burst = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if this.current.is_empty() {
            match this.poll_part(cx) {
                Poll::Pending => {
                    this.burst = 0;
                    return Poll::Pending;
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(part)) => this.current = part,
            }
        }
        let piece = this.current.split_to(slice.min(this.current.len()));
        this.burst += piece.len();
        this.reader.progressed();
        Poll::Ready(Some(piece))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.unsubscribe(&self.reader);
    }
}
