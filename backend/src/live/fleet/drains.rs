//! What is under way on a node: its drain, its commands, its return after a shutdown. Empty for almost all nodes, and
//! a heartbeat of those passes by.

use std::sync::Arc;

use common::activity::EventKind;
use common::command::{Command, CommandKind, CommandState};
use common::heartbeat::{Heartbeat, Sessions};
use common::ids::NodeId;
use common::intent::{DrainPhase, OnDeadline};
use common::node::NodeKind;
use common::status::{IntentState, Liveness};
use common::time::Timestamp;

use super::Fleet;
use super::commands::Held;
use super::entry::{Live, NodeEntry, Registered};
use super::intents::Effective;
use super::registry::Fence;
use super::timeline::{What, is_quiet, word};
use crate::domain::capacity::work;
use crate::domain::command::{Happened, RETURN_WITHIN_MS};
use crate::domain::drain::{Around, Figures, Report, Track};

/// How long a command that ended is still shown with its node, in milliseconds.
pub(super) const SHOWN_MS: u64 = 60_000;

/// How exactly the time of a last heartbeat is known after a restart, in milliseconds.
const RESTORED_WITHIN_MS: u64 = 5_000;

/// A drain and what was told of it.
pub(super) struct Tracked {
    pub(super) track: Track,
    told: DrainPhase,
}

/// What is under way on a node.
#[derive(Default)]
pub(super) struct Life {
    drain: Option<Box<Tracked>>,
    drain_unwritten: bool,
    /// The intent and deadline as last followed.
    intent: IntentState,
    deadline: Option<Timestamp>,
    pub(super) commands: Vec<Held>,
    /// When its process went after a shutdown, until it is back.
    pub(super) went_at: Option<Timestamp>,
    /// It was seen to come back after a shutdown.
    pub(super) returned: bool,
    /// A shutdown was obeyed and the node is inside its time to come back.
    pub(super) restarting: bool,
    watched: bool,
}

impl Life {
    /// Of a node that is added, or read at the start.
    pub(super) fn new(effective: &Effective, created_at: Timestamp) -> Self {
        let quiet = effective.state != IntentState::Active;
        let track = || Track::new(effective.generation, effective.at.unwrap_or(created_at));
        Self {
            drain: quiet.then(|| Box::new(Tracked { track: track(), told: DrainPhase::Requested })),
            // Taken over from another process, it is in the database.
            drain_unwritten: quiet && !is_quiet(),
            intent: effective.state,
            deadline: effective.deadline,
            ..Self::default()
        }
    }

    /// Nothing is under way: a heartbeat has nothing to do here.
    pub(super) fn is_idle(&self) -> bool {
        self.drain.is_none() && self.commands.is_empty() && self.went_at.is_none()
    }

    /// On its way to zero and not there yet.
    pub(super) fn is_draining(&self) -> bool {
        self.drain.as_ref().is_some_and(|d| d.track.drained_at.is_none())
    }

    pub(super) fn update_restarting(&mut self, now: Timestamp) {
        let obeyed = |c: &Command| c.kind == CommandKind::Shutdown && c.state == CommandState::Accepted;
        self.restarting = self.commands.iter().any(|h| obeyed(&h.command))
            || self.went_at.is_some_and(|went| now.since(went) < RETURN_WITHIN_MS);
    }
}

/// Work left on a node: conversations, calls, and of a background node the jobs it has taken.
pub(super) fn work_left(kind: NodeKind, beat: Option<&Heartbeat>, life: &Life) -> Option<u32> {
    let beat = beat?;
    if kind == NodeKind::Background {
        let runs = |c: &Command| c.kind == CommandKind::RunJob && c.state == CommandState::Accepted;
        return u32::try_from(life.commands.iter().filter(|h| runs(&h.command)).count()).ok();
    }
    work(kind, beat.sessions.as_ref(), beat.outbound.as_ref())
}

/// All that a node has taken on. What a background node runs are commands from here, which it may have taken before.
fn figures(kind: NodeKind, beat: Option<&Heartbeat>) -> Figures {
    let sessions = beat.and_then(|b| b.sessions.as_ref()).filter(|_| kind != NodeKind::Background);
    let outbound = beat.and_then(|b| b.outbound.as_ref()).filter(|_| kind == NodeKind::Proxy);
    [
        sessions.and_then(|s| s.phone),
        sessions.and_then(|s| s.web),
        outbound.and_then(|o| o.processing),
        outbound.and_then(|o| o.pending),
    ]
}

/// Age in seconds of the longest conversation.
pub(super) fn longest(sessions: Option<&Sessions>) -> Option<u32> {
    sessions.and_then(|s| s.age_seconds.iter().copied().max())
}

fn around(live: &Live, r: &Registered) -> Around {
    let beat = live.beat.as_deref();
    Around {
        desired: r.effective.desired_state(),
        deadline: r.effective.deadline,
        on_deadline: r.effective.on_deadline,
        silent: matches!(
            live.state.liveness(),
            Liveness::Stale | Liveness::Offline | Liveness::Left | Liveness::NeverSeen
        ),
        left: work_left(r.record.kind, beat, &live.life),
        longest_seconds: longest(beat.and_then(|b| b.sessions.as_ref())),
        reported_at: live.last_seen_at,
    }
}

/// The drain of a node, as sent.
pub(super) fn view(live: &Live, r: &Registered) -> Option<common::intent::Drain> {
    let drain = live.life.drain.as_ref()?;
    Some(drain.track.view(&around(live, r)))
}

/// What the lifecycle task has to store and to do.
#[derive(Default)]
pub struct LifeTick {
    /// Commands as they are now.
    pub commands: Vec<Command>,
    /// Drains as they are now; `None` where one ended.
    pub drains: Vec<(NodeId, Option<Track>)>,
    /// Nodes whose deadline passed and whose conversations are to be ended.
    pub forced: Vec<Arc<NodeEntry>>,
}

impl Fleet {
    /// Follows a change of what counts for a node: a drain begins, goes on with another deadline, or is over.
    pub(super) fn follow_intent(&self, entry: &Arc<NodeEntry>, live: &mut Live) {
        let r = entry.registered.load_full();
        let e = &r.effective;
        let now = self.clock.wall();
        let was = std::mem::replace(&mut live.life.intent, e.state);
        let deadline = std::mem::replace(&mut live.life.deadline, e.deadline);
        let unwritten = live.life.drain_unwritten;
        match (live.life.drain.as_mut(), e.state) {
            (None, IntentState::Active) => {}
            (Some(ended), IntentState::Active) => {
                if ended.told != DrainPhase::Drained {
                    let what =
                        What { from: word(ended.told), to: Some("cancelled".to_owned()), ..What::default() };
                    self.record_node(entry, EventKind::Drain, What { actor: e.by.clone(), ..what });
                }
                live.life.drain = None;
                live.life.drain_unwritten = true;
            }
            // Asked again: what was reached stays reached, a new deadline counts.
            (Some(drain), state) if state == was => {
                if deadline != e.deadline {
                    drain.track.new_deadline();
                    live.life.drain_unwritten = true;
                }
            }
            _ => {
                let track = Track::new(e.generation, e.at.unwrap_or(now));
                live.life.drain = Some(Box::new(Tracked { track, told: DrainPhase::Requested }));
                live.life.drain_unwritten = true;
            }
        }
        if was != e.state {
            let detail = e.private_reason.clone().or_else(|| e.reason.clone());
            let what = What { from: word(was), to: word(e.state), detail, ..What::default() };
            let what = What { public_reason: e.reason.clone(), actor: e.by.clone(), ..what };
            self.record_node(entry, EventKind::Intent, what);
        }
        // What another process did, it has written.
        if is_quiet() {
            live.life.drain_unwritten = unwritten;
        }
        self.note_phase(entry, live, &r);
        self.watch(entry, live);
    }

    /// A drain as another process stored it; whether that was news. Quiet.
    pub(super) fn drain_known(&self, entry: &NodeEntry, live: &mut Live, stored: &Track) -> bool {
        if live.life.drain_unwritten {
            return false;
        }
        let news = live.life.drain.as_mut().is_some_and(|d| d.track.learn(stored));
        let r = entry.registered.load_full();
        self.note_phase(entry, live, &r);
        news
    }

    /// A heartbeat that another process took is in `live` already. Quiet.
    pub(super) fn life_followed(&self, entry: &NodeEntry, live: &mut Live, rebooted: bool) {
        let r = entry.registered.load_full();
        self.drain_observe(live, &r, rebooted, self.clock.wall());
        self.note_phase(entry, live, &r);
    }

    /// What the newest heartbeat says of a drain; whether something changed that has to be stored.
    fn drain_observe(&self, live: &mut Live, r: &Registered, rebooted: bool, now: Timestamp) -> bool {
        let seen = around(live, r);
        let Some(drain) = live.life.drain.as_mut() else { return false };
        if rebooted {
            drain.track.rebooted();
        }
        let beat = live.beat.as_deref();
        let report = Report {
            observed: beat.and_then(|b| b.observed_generation),
            runtime: beat.and_then(|b| b.runtime.as_ref()).map(|r| r.status),
            work: seen.left,
            figures: figures(r.record.kind, beat),
            at: now,
        };
        drain.track.observe(report) || rebooted
    }

    /// A fresh heartbeat came and is in `live` already.
    pub(super) fn life_beat(&self, entry: &Arc<NodeEntry>, live: &mut Live, r: &Registered, rebooted: bool) {
        let now = self.clock.wall();
        let boot = live.boot.clone();
        if live.life.went_at.take().is_some() {
            live.life.returned |= rebooted;
        }
        if rebooted && let Some(boot) = boot.as_deref() {
            self.command_steps(entry, live, Happened::Booted(boot), now);
        }
        let acks = live.beat.as_mut().map(|b| std::mem::take(&mut b.acks)).unwrap_or_default();
        for ack in acks {
            self.command_acked(entry, live, &ack, boot.as_deref(), now);
        }
        live.life.drain_unwritten |= self.drain_observe(live, r, rebooted, now);
        self.note_phase(entry, live, r);
        live.life.update_restarting(now);
    }

    /// The desired state goes into a reply.
    pub(super) fn life_told(&self, entry: &NodeEntry, live: &mut Live, r: &Registered) {
        let now = self.clock.wall();
        let Some(drain) = live.life.drain.as_mut() else { return };
        if drain.track.deliver(r.effective.generation, now) {
            live.life.drain_unwritten = true;
            self.note_phase(entry, live, r);
        }
    }

    /// Its liveness changed.
    pub(super) fn life_moved(&self, entry: &NodeEntry, live: &mut Live, to: Liveness) {
        let now = self.clock.wall();
        let r = entry.registered.load_full();
        match to {
            Liveness::Left => {
                let left = around(live, &r).left;
                self.command_steps(entry, live, Happened::Goodbye, now);
                if let Some(drain) = live.life.drain.as_mut() {
                    live.life.drain_unwritten |= drain.track.goodbye(left, now);
                }
            }
            Liveness::Offline => self.command_steps(entry, live, Happened::Offline, now),
            Liveness::NeverSeen | Liveness::Live | Liveness::Stale | Liveness::Unconfirmed => {}
        }
        self.note_phase(entry, live, &r);
        live.life.update_restarting(now);
    }

    /// Tells the timeline where a drain stands, where that changed.
    fn note_phase(&self, entry: &NodeEntry, live: &mut Live, r: &Registered) {
        let seen = around(live, r);
        let Some(drain) = live.life.drain.as_mut() else { return };
        let phase = drain.track.phase(&seen);
        let was = std::mem::replace(&mut drain.told, phase);
        if was != phase {
            let detail = seen.left.map(|n| format!("{n} left"));
            let what = What { from: word(was), to: word(phase), detail, ..What::default() };
            self.record_node(entry, EventKind::Drain, what);
        }
    }

    /// Remembers a node on which something is under way or has to be written.
    pub(super) fn watch(&self, entry: &Arc<NodeEntry>, live: &mut Live) {
        let life = &mut live.life;
        if !life.watched && (!life.is_idle() || life.drain_unwritten) {
            life.watched = true;
            self.watched.lock().insert(entry.id, Arc::clone(entry));
        }
    }

    pub(super) fn watched(&self) -> Vec<Arc<NodeEntry>> {
        self.watched.lock().values().cloned().collect()
    }

    /// Lets time pass over everything that is under way; what has to be stored and done.
    pub fn life_tick(&self) -> LifeTick {
        let now = self.clock.wall();
        let mut tick = LifeTick::default();
        for entry in self.watched() {
            let mut live = entry.live.lock();
            if live.fence == Fence::Gone {
                self.watched.lock().remove(&entry.id);
                continue;
            }
            // What time alone brings is brought by one.
            if self.sweeps() {
                self.command_steps(&entry, &mut live, Happened::Time, now);
                self.deadline(&entry, &mut live, now, &mut tick);
            }
            let restarting = live.life.restarting;
            live.life.update_restarting(now);
            if live.life.restarting != restarting {
                self.refresh(&entry, &mut live);
            }
            let life = &mut live.life;
            for held in life.commands.iter_mut().filter(|h| h.unwritten && !h.held) {
                held.unwritten = false;
                tick.commands.push(held.command.clone());
            }
            let over = |c: &Command| c.finished_at.is_some_and(|at| now.since(at) >= SHOWN_MS);
            let before = life.commands.len();
            life.commands.retain(|h| h.unwritten || h.held || !over(&h.command));
            let fewer = life.commands.len() < before;
            if std::mem::take(&mut life.drain_unwritten) {
                tick.drains.push((entry.id, life.drain.as_ref().map(|d| d.track.clone())));
            }
            if life.is_idle() {
                life.watched = false;
                self.watched.lock().remove(&entry.id);
            }
            if fewer {
                self.mark_dirty(&entry, &mut live);
            }
        }
        tick
    }

    fn deadline(&self, entry: &Arc<NodeEntry>, live: &mut Live, now: Timestamp, tick: &mut LifeTick) {
        let r = entry.registered.load_full();
        let seen = around(live, &r);
        if !live.life.drain.as_ref().is_some_and(|d| d.track.is_due(&seen, now)) {
            return;
        }
        match r.effective.on_deadline {
            OnDeadline::Hold => self.deadline_acted(entry, live, &r),
            OnDeadline::Force => tick.forced.push(Arc::clone(entry)),
        }
    }

    fn deadline_acted(&self, entry: &Arc<NodeEntry>, live: &mut Live, r: &Registered) {
        if let Some(drain) = live.life.drain.as_mut() {
            drain.track.deadline_done = true;
            live.life.drain_unwritten = true;
        }
        self.note_phase(entry, live, r);
        self.dirty.lock().problems = true;
        self.mark_dirty(entry, live);
    }

    /// The command that ends its conversations is queued: the deadline is dealt with.
    pub fn deadline_done(&self, entry: &Arc<NodeEntry>) {
        let r = entry.registered.load_full();
        let mut live = entry.live.lock();
        self.deadline_acted(entry, &mut live, &r);
    }

    /// What could not be written; the next tick gives the newest of each again.
    pub fn life_put_back(&self, tick: &LifeTick) {
        for c in &tick.commands {
            let Some(entry) = self.node(c.node_id) else { continue };
            let mut live = entry.live.lock();
            match live.life.commands.iter_mut().find(|h| h.command.id == c.id) {
                Some(held) => held.unwritten = true,
                None => live.life.commands.push(Held { command: c.clone(), held: false, unwritten: true }),
            }
            self.watch(&entry, &mut live);
        }
        for (id, _) in &tick.drains {
            let Some(entry) = self.node(*id) else { continue };
            let mut live = entry.live.lock();
            live.life.drain_unwritten = true;
            self.watch(&entry, &mut live);
        }
    }

    /// Goes on with what an earlier process left under way.
    pub(super) fn life_restore(
        &self,
        mut drains: std::collections::HashMap<NodeId, Track>,
        open: Vec<Command>,
        shutdowns: &std::collections::HashMap<NodeId, Timestamp>,
    ) {
        let now = self.clock.wall();
        for command in open {
            let Some(entry) = self.node(command.node_id) else { continue };
            entry.live.lock().life.commands.push(Held { command, held: false, unwritten: false });
        }
        for entry in self.all_nodes() {
            let r = entry.registered.load_full();
            let mut live = entry.live.lock();
            let stored = drains.remove(&entry.id);
            match (live.life.drain.as_mut(), stored) {
                (Some(drain), Some(track)) => {
                    drain.track = track;
                    live.life.drain_unwritten = false;
                }
                (None, Some(_)) => live.life.drain_unwritten = true,
                (_, None) => {}
            }
            if let Some(went) = shutdowns.get(&entry.id) {
                let silent = matches!(live.state.liveness(), Liveness::Offline | Liveness::Left);
                // The time of the last heartbeat is known through its age: a little later than it was.
                let later = live.last_seen_at.is_some_and(|seen| seen.since(*went) > RESTORED_WITHIN_MS);
                let back = !silent || later;
                live.life.returned = back;
                live.life.went_at = (!back).then_some(*went);
            }
            let seen = around(&live, &r);
            if let Some(drain) = live.life.drain.as_mut() {
                drain.told = drain.track.phase(&seen);
            }
            live.life.update_restarting(now);
            entry.refresh_word(&mut live, now);
            self.watch(&entry, &mut live);
        }
    }
}
