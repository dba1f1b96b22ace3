//! From the queue to the screen: once per animation frame, figures at most once a second or as seldom as the person
//! wants them, and not at all in a pause.

use std::time::Duration;

use common::stream::{Change, LiveEvent, Topic};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::{Stream, queue};
use crate::state::clock::monotonic_ms;
use crate::state::reduce::Live;

/// Pages that are not on the screen have no animation frames.
const HIDDEN: Duration = Duration::from_secs(1);

/// When the queue is emptied.
pub(super) struct Pace {
    /// Figures wait so long after the last ones.
    every_ms: u64,
    /// When all that waited was applied last.
    drained_ms: u64,
    /// An animation frame is asked for.
    frame: bool,
    /// Until figures are due, or instead of an animation frame that does not come.
    timer: Option<TimeoutHandle>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { every_ms: 1_000, drained_ms: 0, frame: false, timer: None }
    }
}

impl Stream {
    /// Figures go on every so many seconds.
    pub(super) fn set_pace(self, seconds: u32) {
        let every_ms = u64::from(seconds.max(1)).saturating_mul(1_000);
        self.inner.update_value(|inner| inner.pace.every_ms = every_ms);
        self.connection.set_step(every_ms);
        self.plan();
    }

    /// Takes an event in.
    pub(super) fn feed(self, event: LiveEvent) {
        if self.is_of_no_use(&event) {
            return;
        }
        let paused = self.connection.is_paused();
        if paused {
            if let Some(problems) = queue::problems(&event) {
                self.connection.tell_alarms(Some(problems.to_vec()));
            }
            // A page that is opened in a pause has nothing to stand still yet.
            if let LiveEvent::Snapshot { topic, .. } = &event
                && self.live.peek(|live| is_new(live, topic))
            {
                self.inner.update_value(|inner| inner.queue.forget(topic));
                return self.live.apply(event);
            }
        }
        let waiting = self.inner.try_update_value(|inner| {
            inner.queue.push(event, |change| self.live.peek(|live| is_urgent(live, change)));
            inner.queue.arrived()
        });
        if paused {
            self.connection.tell_waiting(waiting.unwrap_or(0));
        } else {
            self.plan();
        }
    }

    /// What another tab has asked for is on the stream too, and what nobody wants any more may still arrive.
    fn is_of_no_use(self, event: &LiveEvent) -> bool {
        let (LiveEvent::Snapshot { topic, .. } | LiveEvent::Delta { topic, .. }) = event else {
            return false;
        };
        !self.inner.with_value(|inner| inner.topics.contains(topic))
    }

    /// Sees to it that what waits is applied when it is time.
    fn plan(self) {
        let now = monotonic_ms();
        let hidden = document().hidden();
        let now_due = self.inner.try_update_value(|inner| {
            if inner.queue.is_empty() || self.connection.is_paused() {
                return false;
            }
            let pace = &mut inner.pace;
            let due_ms = pace.drained_ms.saturating_add(pace.every_ms);
            if inner.queue.is_urgent() || now >= due_ms {
                // Timers of hidden pages come once a minute; messages come as they are sent.
                if hidden && now.saturating_sub(pace.drained_ms) >= 1_000 {
                    return true;
                }
                if !pace.frame {
                    pace.frame = true;
                    request_animation_frame(move || self.drain());
                    arm(pace, HIDDEN, self);
                }
            } else if pace.timer.is_none() {
                arm(pace, Duration::from_millis(due_ms.saturating_sub(now)), self);
            }
            false
        });
        if now_due == Some(true) {
            self.drain();
        }
    }

    /// Applies what is due.
    pub(super) fn drain(self) {
        let now = monotonic_ms();
        if self.connection.is_paused() {
            return;
        }
        let taken = self.inner.try_update_value(|inner| {
            let pace = &mut inner.pace;
            pace.frame = false;
            if let Some(timer) = pace.timer.take() {
                timer.clear();
            }
            // A frame is a little early or late; half of one does not count.
            let all = now.saturating_add(8) >= pace.drained_ms.saturating_add(pace.every_ms);
            let events = inner.queue.take_some(all);
            // The rest of a large pile comes with the next frame and not with the next second.
            if all && inner.queue.is_empty() {
                pace.drained_ms = now;
            }
            (events, inner.queue.take_overflow())
        });
        let Some((events, overflow)) = taken else { return };
        self.apply(events, overflow);
        self.plan();
    }

    /// Applies all that waits: the pause is over, or, where `ends` is false, is interrupted for one look.
    pub(super) fn catch_up(self, ends: bool) {
        let taken = self.inner.try_update_value(|inner| {
            inner.pace.drained_ms = monotonic_ms();
            (inner.queue.take_all(), inner.queue.take_overflow())
        });
        let Some((events, overflow)) = taken else { return };
        self.apply(events, overflow);
        self.connection.tell_clock();
        self.connection.tell_waiting(0);
        if ends {
            self.connection.tell_alarms(None);
        }
    }

    fn apply(self, events: Vec<LiveEvent>, overflow: bool) {
        for event in events {
            // The page that wanted it may have been left while it waited.
            if !self.is_of_no_use(&event) {
                self.live.apply(event);
            }
        }
        if overflow {
            self.open_now();
        }
    }
}

fn arm(pace: &mut Pace, wait: Duration, stream: Stream) {
    let before =
        std::mem::replace(&mut pace.timer, set_timeout_with_handle(move || stream.drain(), wait).ok());
    if let Some(before) = before {
        before.clear();
    }
}

/// Whether the page knows nothing of this topic yet.
fn is_new(live: &Live, topic: &Topic) -> bool {
    match topic {
        Topic::Summary => live.overview.is_none(),
        Topic::Activity => false,
        _ => live.list(topic).is_none(),
    }
}

/// Figures wait; what changes a word, a count of nodes, or what may be done does not.
fn is_urgent(live: &Live, change: &Change) -> bool {
    match change {
        Change::NodeLive { live: new } => live.nodes.get(&new.id).is_some_and(|node| {
            let old = &node.live;
            (&old.status, old.liveness, &old.boot_id) != (&new.status, new.liveness, &new.boot_id)
                || (&old.commands, &old.conditions) != (&new.commands, &new.conditions)
                || old.drain.is_some() != new.drain.is_some()
                || old.observed_generation != new.observed_generation
        }),
        Change::Cluster { capacity: new } => live.overview.as_ref().is_some_and(|overview| {
            let old = &overview.cluster;
            (&old.backend, &old.proxy) != (&new.backend, &new.proxy)
        }),
        Change::Region { region: new } => live.overview.as_ref().is_some_and(|overview| {
            let old = overview.regions.iter().find(|region| region.id == new.id);
            old.is_none_or(|old| {
                let (was, is) = (&old.capacity, &new.capacity);
                old.status != new.status || (&was.backend, &was.proxy) != (&is.backend, &is.proxy)
            })
        }),
        _ => true,
    }
}
