//! What other processes heard of nodes, read back from the database and taken over.

use std::sync::Arc;

use common::activity::EventKind;
use common::heartbeat::Heartbeat;
use common::status::Liveness;

use super::beat::boot_number;
use super::entry::{Live, NodeEntry};
use super::registry::Fence;
use super::timeline::{What, word};
use super::{Fleet, quiet};
use crate::clock::Mono;
use crate::db::LiveNews;
use crate::domain::liveness::{News, Record, follow, news};

impl Fleet {
    /// Takes over what others wrote. `asked`: when the database was asked, so that no heartbeat is taken for younger
    /// than it is.
    pub fn follow_all(&self, all: Vec<LiveNews>, asked: Mono) {
        for one in all {
            // One that is not known here yet comes with its registration.
            if let Some(entry) = self.node(one.node) {
                self.follow_one(&entry, one, asked);
            }
        }
        self.note_read(asked);
    }

    fn follow_one(&self, entry: &Arc<NodeEntry>, one: LiveNews, asked: Mono) {
        let mut live = entry.live.lock();
        if live.read_us == one.written_us || live.fence == Fence::Gone {
            return;
        }
        live.read_us = one.written_us;
        let (row, wall, now) = (one.row, self.clock.wall(), self.clock.mono());
        let known = Record {
            liveness: row.liveness,
            since: now.before(wall.since(row.liveness_since)),
            last_seen: row.age_ms.map(|age| asked.before(age)),
            boot: row.boot_id.as_deref().map(boot_number),
            seq: row.boot_seq,
        };
        let sweeps = self.sweeps();
        let newer = news(&live.state, &known) == News::Newer;
        let (state, effects) = follow(live.state, known, sweeps, now, self.policy());
        if state == live.state && !newer {
            return;
        }
        live.state = state;
        {
            let mut deadlines = self.deadlines.lock();
            match effects.next_deadline {
                Some(at) => deadlines.schedule(entry.slot, at),
                None => deadlines.cancel(entry.slot),
            }
        }
        if newer {
            let rebooted = live.boot.is_some() && live.boot != row.boot_id;
            if live.boot != row.boot_id {
                let was = live.boot.take();
                live.rivals.rebooted(was.as_deref(), row.boot_id.as_deref(), wall);
                live.boot = row.boot_id;
            }
            live.last_seen_at = row.age_ms.map(|age| wall.before(age.saturating_add(now.since(asked))));
            live.beat = row.beat.and_then(|b| serde_json::from_str::<Heartbeat>(&b).ok()).map(Box::new);
            live.storage_known();
            live.source = row.source.as_deref().and_then(|s| s.parse().ok());
            live.source_text = row.source;
            live.secret_in_use = row.secret;
            live.spoiled = Vec::new();
            if !live.life.is_idle() {
                quiet(|| self.life_followed(entry, &mut live, rebooted));
            }
            if row.liveness == Liveness::Live && live.life.went_at.take().is_some() {
                live.life.returned |= rebooted;
            }
        }
        if let Some(change) = effects.transition {
            // A verdict of ours that the writer never heard of: nobody else tells that it is over.
            let unheard =
                sweeps && change.from != Liveness::Unconfirmed && row.liveness_since < live.liveness_since;
            live.liveness_since = row.liveness_since.max(live.liveness_since);
            self.dirty.lock().problems = true;
            if unheard {
                let what = What { from: word(change.from), to: word(change.to), ..What::default() };
                self.record_node(entry, EventKind::Liveness, what);
            }
            if !live.life.is_idle() {
                quiet(|| self.life_moved(entry, &mut live, change.to));
            }
            tracing::info!(node = %entry.id, from = ?change.from, to = ?change.to, "liveness as another server knows it");
        }
        self.followed(entry, &mut live);
    }

    /// Something of a node is known from another server: the word may be another, and the page is told.
    pub(super) fn followed(&self, entry: &Arc<NodeEntry>, live: &mut Live) {
        live.life.update_restarting(self.clock.wall());
        self.refresh(entry, live);
    }
}
