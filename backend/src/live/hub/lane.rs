//! Waking many readers of one thread at the price of one.
//!
//! Waking a task of another thread costs a system call, as much as a fifth of sending the frame. A worker therefore
//! runs one small task of its own, its lane: the hub hands it all wakers of the thread at once and wakes it alone;
//! waking from there is a push to a queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// The lane of one thread.
#[derive(Default)]
pub struct Lane {
    wakers: Mutex<Vec<Waker>>,
    notify: Notify,
    ended: AtomicBool,
}

impl Lane {
    /// A lane that works as soon as [`Lane::run`] is spawned on the thread whose readers use it.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Whether its task is gone, with the runtime it ran on.
    pub fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Wakes on behalf of the hub for as long as the thread's runtime lives.
    pub async fn run(self: Arc<Self>) {
        let lane = Running(self);
        loop {
            lane.0.notify.notified().await;
            lane.0.drain();
        }
    }

    /// Wakes these soon, on the lane's own thread.
    fn wake(&self, wakers: Vec<Waker>) {
        self.wakers.lock().extend(wakers);
        self.notify.notify_one();
        // Asked last: whatever came before its end was seen by its end.
        if self.ended() {
            self.drain();
        }
    }

    fn drain(&self) {
        let wakers = std::mem::take(&mut *self.wakers.lock());
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// Notes that the task is gone, however it went.
struct Running(Arc<Lane>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Release);
        self.0.drain();
    }
}

/// Whom to wake once the hub's lock is free.
#[derive(Default)]
pub(super) struct Wakes {
    direct: Vec<Waker>,
    by_lane: Vec<(Arc<Lane>, Vec<Waker>)>,
}

impl Wakes {
    /// Notes one.
    pub(super) fn add(&mut self, waker: Waker, lane: Option<&Arc<Lane>>) {
        let Some(lane) = lane else { return self.direct.push(waker) };
        // As many as there are workers.
        match self.by_lane.iter_mut().find(|(known, _)| Arc::ptr_eq(known, lane)) {
            Some((_, wakers)) => wakers.push(waker),
            None => self.by_lane.push((Arc::clone(lane), vec![waker])),
        }
    }

    /// Wakes all.
    pub(super) fn wake(self) {
        self.direct.into_iter().for_each(Waker::wake);
        for (lane, wakers) in self.by_lane {
            lane.wake(wakers);
        }
    }
}
