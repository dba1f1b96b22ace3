//! Commands of a node in memory: offered in every reply, stepped by what is heard of the node, written by a task.

use std::sync::Arc;

use common::activity::EventKind;
use common::command::{Ack, Command, CommandKind, CommandOffer, CommandState, ShutdownMode};
use common::ids::CommandId;
use common::status::Liveness;
use common::time::Timestamp;

use super::Fleet;
use super::entry::{Live, NodeEntry};
use super::registry::Fence;
use super::timeline::{What, word};
use crate::domain::command::{Again, Happened, again, is_offered, step};

/// Most commands that may be open at once, and that are shown.
pub const OPEN_MAX: usize = 8;
/// Most commands kept in memory, those that just ended included.
const KEPT_MAX: usize = 64;

/// A command in memory.
pub(super) struct Held {
    pub(super) command: Command,
    /// Not stored yet: it has its place and is not offered.
    pub(super) held: bool,
    /// Waits for the database.
    pub(super) unwritten: bool,
}

/// Why a command cannot be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotQueue {
    /// The node is not live, or gone.
    NotLive(Liveness),
    /// A shutdown is open already.
    Asked(Box<Command>),
    /// Too many are open.
    Full,
}

impl Fleet {
    /// Gives a command its place, so that no other of its kind comes between; it is offered after
    /// [`Fleet::command_release`]. Signals about the process are bound to the run that is known now.
    ///
    /// # Errors
    /// [`CannotQueue`].
    pub fn command_reserve(
        &self,
        entry: &Arc<NodeEntry>,
        mut command: Command,
    ) -> Result<Command, CannotQueue> {
        let mut live = entry.live.lock();
        let liveness = live.state.liveness();
        let bound = command.kind != CommandKind::RunJob;
        if live.fence != Fence::Open || (bound && liveness != Liveness::Live) {
            return Err(CannotQueue::NotLive(liveness));
        }
        let commands = &live.life.commands;
        if command.kind == CommandKind::Shutdown {
            let mode = command.args.mode.unwrap_or_default();
            if let Again::Asked(open) = again(commands.iter().map(|h| &h.command), mode) {
                return Err(CannotQueue::Asked(Box::new(open.clone())));
            }
        }
        let open = commands.iter().filter(|h| h.command.state.is_open()).count();
        if open >= OPEN_MAX || commands.len() >= KEPT_MAX {
            return Err(CannotQueue::Full);
        }
        if bound {
            command.boot_id = live.boot.clone();
        }
        live.life.commands.push(Held { command: command.clone(), held: true, unwritten: false });
        self.watch(entry, &mut live);
        Ok(command)
    }

    /// The command is stored: from here on it is offered. A shutdown that it replaces ends.
    pub fn command_release(&self, entry: &Arc<NodeEntry>, id: CommandId) {
        let now = self.clock.wall();
        let mut live = entry.live.lock();
        let Some(held) = live.life.commands.iter_mut().find(|h| h.command.id == id) else { return };
        held.held = false;
        let command = held.command.clone();
        self.note_command(entry, &command, None);
        if command.kind == CommandKind::Shutdown {
            self.steps(entry, &mut live, Happened::Superseded, now, |c| {
                c.id != id && c.kind == CommandKind::Shutdown
            });
        }
        live.life.update_restarting(now);
        self.refresh(entry, &mut live);
    }

    /// The command could not be stored.
    pub fn command_drop(&self, entry: &NodeEntry, id: CommandId) {
        entry.live.lock().life.commands.retain(|h| h.command.id != id || !h.held);
    }

    /// A command that is open or ended within the last minute.
    pub fn command(&self, id: CommandId) -> Option<Command> {
        self.holder_of(id).and_then(|entry| {
            let live = entry.live.lock();
            live.life.commands.iter().find(|h| h.command.id == id && !h.held).map(|h| h.command.clone())
        })
    }

    /// The node that a command in memory is for.
    pub fn holder_of(&self, id: CommandId) -> Option<Arc<NodeEntry>> {
        self.watched()
            .into_iter()
            .find(|n| n.live.lock().life.commands.iter().any(|h| h.command.id == id && !h.held))
    }

    /// Takes a command back, where its node has not accepted it; the command as it is then, and whether this did it.
    pub fn command_cancel(&self, entry: &Arc<NodeEntry>, id: CommandId) -> Option<(Command, bool)> {
        let now = self.clock.wall();
        let mut live = entry.live.lock();
        let done = self.steps(entry, &mut live, Happened::Cancelled, now, |c| c.id == id);
        live.life.update_restarting(now);
        self.refresh(entry, &mut live);
        let held = live.life.commands.iter().find(|h| h.command.id == id)?;
        Some((held.command.clone(), done))
    }

    /// What the push brought.
    pub fn command_pushed(&self, entry: &Arc<NodeEntry>, id: CommandId, outcome: String) {
        let mut live = entry.live.lock();
        if let Some(held) = live.life.commands.iter_mut().find(|h| h.command.id == id) {
            held.command.push = Some(outcome);
            held.unwritten = true;
            self.mark_dirty(entry, &mut live);
        }
    }

    /// Applies what happened to every command of a node.
    pub(super) fn command_steps(
        &self,
        entry: &NodeEntry,
        live: &mut Live,
        happened: Happened<'_>,
        now: Timestamp,
    ) {
        if !live.life.commands.is_empty() {
            self.steps(entry, live, happened, now, |_| true);
        }
    }

    /// A node's word about one command; about one it does not have it is ignored.
    pub(super) fn command_acked(
        &self,
        entry: &NodeEntry,
        live: &mut Live,
        ack: &Ack,
        boot: Option<&str>,
        now: Timestamp,
    ) {
        let said = Happened::Acked { status: ack.status, detail: &ack.detail, boot };
        self.steps(entry, live, said, now, |c| c.id == ack.command_id);
    }

    fn steps(
        &self,
        entry: &NodeEntry,
        live: &mut Live,
        happened: Happened<'_>,
        now: Timestamp,
        which: impl Fn(&Command) -> bool,
    ) -> bool {
        let mut any = false;
        let life = &mut live.life;
        for held in life.commands.iter_mut().filter(|h| !h.held && which(&h.command)) {
            let was = held.command.state;
            if !step(&mut held.command, happened, now) {
                continue;
            }
            any = true;
            held.unwritten = true;
            let c = &held.command;
            self.note_command(entry, c, Some(was));
            if c.kind == CommandKind::Shutdown && c.state == CommandState::Done {
                match happened {
                    // Another run speaks: it is back already.
                    Happened::Booted(_) => life.returned = true,
                    _ => life.went_at = Some(now),
                }
            }
        }
        any
    }

    fn note_command(&self, entry: &NodeEntry, c: &Command, was: Option<CommandState>) {
        let mut detail = c.kind.as_str().replace('_', " ");
        if let Some(mode) = c.args.mode.and_then(word::<ShutdownMode>) {
            detail = format!("{detail}, {mode}");
        }
        if let Some(words) = c.detail.as_deref().filter(|d| !d.is_empty()) {
            detail = format!("{detail}: {words}");
        }
        let what = What {
            from: was.and_then(word),
            to: word(c.state),
            detail: Some(detail),
            actor: Some(c.created_by.clone()),
            ..What::default()
        };
        self.record_node(entry, EventKind::Command, what);
    }

    /// What a reply to the current run offers.
    pub(super) fn offers(&self, entry: &NodeEntry, live: &mut Live) -> Vec<CommandOffer> {
        if live.life.commands.is_empty() {
            return Vec::new();
        }
        let now = self.clock.wall();
        let boot = live.boot.as_deref();
        let mut offers = Vec::new();
        for held in live.life.commands.iter_mut().filter(|h| !h.held && is_offered(&h.command, boot, now)) {
            let was = held.command.state;
            let first = step(&mut held.command, Happened::Offered, now);
            held.unwritten = true;
            let c = &held.command;
            if first {
                self.note_command(entry, c, Some(was));
            }
            offers.push(CommandOffer {
                id: c.id,
                kind: c.kind,
                args: c.args.clone(),
                not_after: c.not_after,
            });
        }
        offers
    }
}

impl NodeEntry {
    /// How many commands are open.
    pub fn open_commands(&self) -> usize {
        self.live.lock().life.commands.iter().filter(|h| h.command.state.is_open()).count()
    }

    /// Its commands in memory, those being stored left out.
    pub fn commands(&self) -> Vec<Command> {
        let live = self.live.lock();
        live.life.commands.iter().filter(|h| !h.held).map(|h| h.command.clone()).collect()
    }
}

/// Commands shown with their node: open ones, then those that ended within the last minute (older ones are forgotten by
/// [`Fleet::life_tick`]); newest first.
pub(super) fn view(live: &Live) -> Vec<Command> {
    if live.life.commands.is_empty() {
        return Vec::new();
    }
    let mut shown: Vec<Command> =
        live.life.commands.iter().filter(|h| !h.held).map(|h| h.command.clone()).collect();
    shown.sort_by_key(|c| std::cmp::Reverse((c.state.is_open(), c.id)));
    shown.truncate(OPEN_MAX);
    shown.sort_by_key(|c| std::cmp::Reverse(c.id));
    shown
}
