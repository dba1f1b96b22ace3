//! Reading the fleet from the database, once, at the start.

use std::collections::HashMap;
use std::net::IpAddr;

use common::heartbeat::Heartbeat;
use common::ids::NodeId;
use common::time::Timestamp;

use super::Fleet;
use super::beat::boot_number;
use super::entry::Live;
use crate::clock::SharedClock;
use crate::db::{Db, DbError, LiveRow};
use crate::domain::guard::Judgement;
use crate::domain::liveness::{Record, State, Timers};
use crate::domain::registry::NodeRecord;
use crate::live::diary;

impl Fleet {
    /// The fleet as the database knows it, under the grace of a restart: what was live is unconfirmed until it beats
    /// or the grace ends, everything else keeps its state.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn load(
        db: &Db,
        clock: SharedClock,
        timers: Timers,
        limit_beats: bool,
    ) -> Result<Self, DbError> {
        // Before everything else: it must not promise more than what is read after it.
        let change = db.change_current().await?;
        let fleet = Self::new(clock, timers, limit_beats, db.platform_intent().await?);
        for region in db.region_list().await? {
            fleet.region_add(region);
        }
        for (region, record) in db.storage_list().await? {
            fleet.storage.set(&region, Some(record));
        }
        for (region, health) in db.storage_health_list().await? {
            fleet.storage.restore_health(&region, health);
        }
        let nodes = db.node_list().await?;
        let mut live: HashMap<NodeId, LiveRow> = db.live_list().await?;
        // The timers of the whole fleet first: restored nodes are judged by them.
        let n = u64::try_from(nodes.len()).unwrap_or(u64::MAX);
        fleet.policy.store(std::sync::Arc::new(crate::domain::liveness::Policy::for_fleet(timers, n)));
        *fleet.guard.lock() = crate::domain::guard::Guard::restarted(fleet.clock.mono(), &fleet.policy());
        for record in nodes {
            let restored = live.remove(&record.id).map(|row| fleet.restored(&record, row));
            let entry = fleet.insert(record, restored);
            let deadline = entry.live.lock().state.next_deadline(0);
            if let Some(at) = deadline {
                fleet.deadlines.lock().schedule(entry.slot, at);
            }
        }
        for tombstone in db.tombstone_list().await? {
            fleet.tombstone_add(tombstone);
        }
        fleet.problems.restore(db.snooze_list().await?, db.ignored_list().await?);
        fleet.diary.restore(db.diary_list(diary::GROUPS_MAX).await?);
        fleet.life_restore(db.drain_list().await?, db.commands_open().await?, &db.shutdowns_done().await?);
        fleet.note_change(change);
        // Readers of the first moment must not find the whole fleet "changed".
        let _ = fleet.take_dirty();
        Ok(fleet)
    }

    fn restored(&self, record: &NodeRecord, row: LiveRow) -> Live {
        let (now, wall) = (self.clock.mono(), self.clock.wall());
        let seen_at: Option<Timestamp> = row.age_ms.map(|age| wall.before(age));
        let known = Record {
            liveness: row.liveness,
            since: now.before(wall.since(row.liveness_since)),
            last_seen: row.age_ms.map(|age| now.before(age)),
            boot: row.boot_id.as_deref().map(boot_number),
            seq: row.boot_seq,
        };
        let Judgement::Unjudgeable(grace) = self.guard.lock().judge(now) else {
            return Live::registered(record, now, self.policy());
        };
        let (state, effects) = State::restored(known, grace, now, self.policy());
        let since = if effects.transition.is_some() { wall } else { row.liveness_since };
        let mut live = Live::with_state(state, since);
        live.last_seen_at = seen_at;
        live.boot = row.boot_id;
        live.beat = row.beat.and_then(|b| serde_json::from_str::<Heartbeat>(&b).ok()).map(Box::new);
        live.storage_known();
        live.source = row.source.as_deref().and_then(|s| s.parse::<IpAddr>().ok());
        live.source_text = row.source;
        live.secret_in_use = row.secret;
        live
    }
}
