//! What other server processes changed, read from the database and taken over into memory, from where the streams tell
//! it on: named by their notices, and compared as a whole where a notice may have been missed.

use std::collections::BTreeSet;
use std::sync::Arc;

use common::ids::{CommandId, NodeId, RunId};

use super::{App, ServiceError};
use crate::db::{ChangeNotice, Told};
use crate::domain::history::Subject;

/// What was told and is not taken over yet; of many notices about one object one look at it is left.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Pending {
    change: i64,
    platform: bool,
    regions: bool,
    nodes: BTreeSet<NodeId>,
    commands: BTreeSet<CommandId>,
    any_command: bool,
    drains: bool,
    storage: bool,
    storage_health: bool,
    aside: bool,
    runs: BTreeSet<RunId>,
}

impl Pending {
    /// Adds a notice.
    pub fn add(&mut self, notice: ChangeNotice) {
        self.change = self.change.max(notice.change.unwrap_or(0));
        match notice.what {
            // A server and a doubt are noted as they are heard.
            Told::Nothing | Told::Server | Told::Doubt => {}
            Told::Platform => self.platform = true,
            Told::Region(_) => self.regions = true,
            Told::Node(id) => {
                self.nodes.insert(id);
            }
            Told::Commands(ids) => {
                self.any_command |= ids.is_empty();
                self.commands.extend(ids);
            }
            Told::Drains => self.drains = true,
            Told::Storage(_) => self.storage = true,
            Told::StorageHealth => self.storage_health = true,
            Told::Aside => self.aside = true,
            Told::Run(id) => {
                self.runs.insert(id);
            }
        }
    }

    /// Everything that changes with a number.
    fn whole(change: i64) -> Self {
        Self {
            change,
            platform: true,
            regions: true,
            storage: true,
            storage_health: true,
            aside: true,
            drains: true,
            any_command: true,
            ..Self::default()
        }
    }
}

/// Takes over what was told. The number of the change is noted last: who sees it, sees the change.
///
/// # Errors
/// Where the database fails; [`review`] makes up for it.
pub async fn take_over(app: &Arc<App>, told: Pending) -> Result<(), ServiceError> {
    let (db, fleet) = (&app.db, &app.fleet);
    if told.platform {
        fleet.platform_sync(db.platform_intent().await?);
    }
    // Regions before their nodes, and without them only after.
    let mut regions_gone = Vec::new();
    if told.regions {
        let known = fleet.registered_ids().0;
        let stored = db.region_list().await?;
        let here: BTreeSet<_> = stored.iter().map(|r| r.id.clone()).collect();
        regions_gone.extend(known.difference(&here).cloned());
        stored.into_iter().for_each(|r| fleet.region_sync(r));
    }
    if !told.nodes.is_empty() {
        let ids: Vec<NodeId> = told.nodes.into_iter().collect();
        let (here, gone) = db.nodes_named(&ids).await?;
        here.into_iter().for_each(|n| fleet.node_sync(n));
        for tombstone in gone {
            let id = tombstone.id;
            if fleet.node_sync_gone(tombstone) {
                app.history.forget(&Subject::Node(id));
            }
        }
    }
    for id in regions_gone {
        if let Some(region) = fleet.region(&id) {
            fleet.region_remove(&region);
            app.history.forget(&Subject::Region(id));
        }
    }
    if told.storage {
        let stored = db.storage_list().await?;
        for id in fleet.storage.differing(&stored) {
            let record = stored.iter().find(|(region, _)| *region == id).map(|(_, record)| record.clone());
            fleet.storage.set(&id, record);
            fleet.region_touched(&id);
            app.storage_due.notify_one();
        }
    }
    if told.storage_health && !fleet.sweeps() {
        for (id, health) in db.storage_health_list().await? {
            if fleet.storage.health(&id).0 != health {
                fleet.storage.restore_health(&id, health);
                fleet.region_touched(&id);
            }
        }
    }
    let commands = match (told.any_command, told.commands.is_empty()) {
        (false, true) => Vec::new(),
        (false, false) => db.commands_named(&told.commands.into_iter().collect::<Vec<_>>()).await?,
        (true, _) => {
            let mut all = db.commands_open().await?;
            // What is open here and not there has ended.
            let open: BTreeSet<CommandId> = all.iter().map(|c| c.id).collect();
            let mut ended: BTreeSet<CommandId> = fleet.commands_open_here().into_iter().collect();
            ended.extend(told.commands);
            let ended: Vec<CommandId> = ended.difference(&open).copied().collect();
            all.extend(db.commands_named(&ended).await?);
            all
        }
    };
    commands.into_iter().for_each(|c| fleet.command_sync(c));
    if told.drains {
        fleet.drains_sync(db.drain_list().await?);
    }
    for id in told.runs {
        if let Some(record) = db.run_get(id).await? {
            fleet.board.note_run(record.run);
        }
    }
    if told.aside {
        fleet.problems.restore(db.snooze_list().await?, db.ignored_list().await?);
        fleet.problems_touched();
    }
    fleet.note_change(told.change);
    Ok(())
}

/// Compares what is in memory with the database, where something has changed there since: `missed` where notices are
/// known to be lost.
///
/// # Errors
/// Where the database fails.
pub async fn review(app: &Arc<App>, missed: bool) -> Result<(), ServiceError> {
    // Before everything that is read: it must not promise more than that.
    let newest = app.db.change_current().await?;
    if !missed && !app.fleet.follows() && newest <= app.fleet.change() {
        return Ok(());
    }
    let mut told = Pending::whole(newest);
    // The number here says nothing where notices were lost: it has risen with later ones and with changes of our own.
    if missed || newest > app.fleet.change() {
        let known = app.fleet.registered_ids().1;
        let stored = app.db.node_list().await?;
        let here: BTreeSet<NodeId> = stored.iter().map(|n| n.id).collect();
        let (gone, new): (Vec<NodeId>, Vec<NodeId>) =
            (known.difference(&here).copied().collect(), here.difference(&known).copied().collect());
        // The new ones again with their regions, which come first.
        told.nodes.extend(gone.into_iter().chain(new));
        stored.into_iter().filter(|n| known.contains(&n.id)).for_each(|n| app.fleet.node_sync(n));
    }
    take_over(app, told).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn notice(change: i64, what: &Told) -> ChangeNotice {
        format!("{} {change} {what}", Uuid::nil()).parse().unwrap()
    }

    #[test]
    fn many_notices_about_one_object_are_one_look_at_it() {
        let node = NodeId(Uuid::from_u128(1));
        let command = CommandId(Uuid::from_u128(2));
        let mut p = Pending::default();
        for n in [
            notice(7, &Told::Node(node)),
            notice(9, &Told::Nothing),
            notice(8, &Told::Node(node)),
            notice(0, &Told::Commands(vec![command])),
        ] {
            p.add(n);
        }
        let expected = Pending {
            change: 9,
            nodes: BTreeSet::from([node]),
            commands: BTreeSet::from([command]),
            ..Pending::default()
        };
        assert_eq!(p, expected);
        p.add(notice(0, &Told::Commands(Vec::new())));
        assert!(p.any_command);
    }
}
