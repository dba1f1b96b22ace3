//! Changes that another process stored, taken over into memory. What each means for timelines and for the database, that
//! process has written; here they are quiet.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use common::command::{Command, CommandKind, CommandState};
use common::ids::{CommandId, NodeId, RegionId};

use super::commands::Held;
use super::drains::SHOWN_MS;
use super::registry::Fence;
use super::{Fleet, NodeEntry, quiet};
use crate::domain::command::further;
use crate::domain::drain::Track;
use crate::domain::registry::{NodeRecord, OwnIntent, RegionRecord, Tombstone};

impl Fleet {
    /// The platform's own intent as stored.
    pub fn platform_sync(&self, own: OwnIntent) {
        quiet(|| self.platform_update(own));
    }

    /// A region as stored. One of the same id that was added later is another one.
    pub fn region_sync(&self, record: RegionRecord) {
        quiet(|| match self.region(&record.id) {
            Some(known) if known.record.load().created_at == record.created_at => {
                self.region_update(record);
            }
            Some(known) => {
                self.region_remove(&known);
                self.region_add(record);
            }
            None => self.region_add(record),
        });
    }

    /// A node as stored.
    pub fn node_sync(&self, record: NodeRecord) {
        quiet(|| {
            let known = self.node(record.id).is_some();
            if known {
                self.node_update(record);
            } else if self.tombstone_of(record.id).is_none() {
                self.node_add(record);
            }
        });
    }

    /// A node that was deleted elsewhere; whether it was here.
    pub fn node_sync_gone(&self, tombstone: Tombstone) -> bool {
        self.node_remove(tombstone).is_some()
    }

    /// Everything that is registered here, to be compared.
    pub fn registered_ids(&self) -> (BTreeSet<RegionId>, BTreeSet<NodeId>) {
        let index = self.index.read();
        (index.regions.keys().cloned().collect(), index.nodes.keys().copied().collect())
    }

    /// A command as stored: one that is not known here, or is further on than here.
    pub fn command_sync(&self, command: Command) {
        let Some(entry) = self.node(command.node_id) else { return };
        let now = self.clock.wall();
        let mut live = entry.live.lock();
        if live.fence == Fence::Gone {
            return;
        }
        let ended = command.finished_at.filter(|_| !command.state.is_open());
        let gone = (command.kind == CommandKind::Shutdown && command.state == CommandState::Done)
            .then(|| (ended.unwrap_or(now), command.boot_id == live.boot || command.boot_id.is_none()));
        match live.life.commands.iter_mut().find(|h| h.command.id == command.id) {
            // Being stored by this process.
            Some(known) if known.held || !further(&command, &known.command) => return,
            Some(known) => {
                let push = known.command.push.take();
                known.command = Command { push: command.push.clone().or(push), ..command };
            }
            None if ended.is_some_and(|at| now.since(at) >= SHOWN_MS) => return,
            None => live.life.commands.push(Held { command, held: false, unwritten: false }),
        }
        match gone {
            Some((at, true)) => live.life.went_at = Some(at),
            Some((_, false)) => live.life.returned = true,
            None => {}
        }
        self.watch(&entry, &mut live);
        self.followed(&entry, &mut live);
    }

    /// Commands that are open as far as is known here.
    pub fn commands_open_here(&self) -> Vec<CommandId> {
        let open = |n: Arc<NodeEntry>| {
            n.commands().into_iter().filter(|c| c.state.is_open()).map(|c| c.id).collect::<Vec<_>>()
        };
        self.watched().into_iter().flat_map(open).collect()
    }

    /// Drains as stored.
    pub fn drains_sync(&self, mut stored: HashMap<NodeId, Track>) {
        for entry in self.watched() {
            let Some(track) = stored.remove(&entry.id) else { continue };
            let mut live = entry.live.lock();
            if live.fence != Fence::Gone && quiet(|| self.drain_known(&entry, &mut live, &track)) {
                self.followed(&entry, &mut live);
            }
        }
    }
}
