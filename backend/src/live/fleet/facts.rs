//! What problems are worked out from, gathered from memory; and the lists of problems and of unregistered servers.

use std::collections::BTreeSet;

use common::ids::{NodeId, RegionId};
use common::node::NodeKind;
use common::overview::{Attention, OpenProblem, ProblemList, RegionSummary, Rejection};
use common::singleton::SyncVerdict;
use common::status::{Intent, IntentState, Liveness};
use common::time::Timestamp;
use common::unregistered::{ClaimedNode, DeletedNode, UnregisteredNode, UnregisteredReason};

use super::entry::{Live, Registered};
use super::{Fleet, NodeEntry, drains};
use crate::domain::problems::{
    BackgroundFact, Facts, FrontendFact, JobFact, LIST_MAX, Maintenance, NodeFact, NodeStorage, OVERVIEW_MAX,
    OldSecret, Outside, RefusalFact, RegionFact, StorageFact,
};
use crate::domain::sync::{self, SyncFacts};
use crate::domain::unregistered::{Group, GroupId, groups, prefill};
use crate::live::diary;
use crate::live::problems::ProblemFilter;

impl Fleet {
    /// Open problems of the dashboard, and what stands beside them.
    pub(super) fn problems(&self, regions: &[RegionSummary]) -> (Vec<OpenProblem>, Attention) {
        self.settle_problems(regions);
        self.problems.shown(OVERVIEW_MAX)
    }

    /// Open problems that a filter takes.
    pub fn problem_list(&self, filter: &ProblemFilter) -> ProblemList {
        // The change is read before the data, so that it never promises more than the data holds.
        let change = self.change();
        let entries: Vec<_> = self.index.read().regions.values().cloned().collect();
        let regions: Vec<RegionSummary> = entries.iter().map(|r| self.region_summary(r)).collect();
        self.settle_problems(&regions);
        let (items, attention) = self.problems.list(filter, LIST_MAX);
        ProblemList { as_of: self.clock.wall(), change, items, attention, collecting: self.collecting() }
    }

    /// The list of problems is out of date.
    pub fn problems_touched(&self) {
        self.dirty.lock().problems = true;
    }

    fn settle_problems(&self, regions: &[RegionSummary]) {
        let changed = std::mem::take(&mut self.dirty.lock().problems);
        let now = self.clock.wall();
        self.problems.settle(changed, now, |open| self.facts(regions, open, now));
    }

    fn facts(&self, regions: &[RegionSummary], open: BTreeSet<String>, now: Timestamp) -> (Facts, u32) {
        let rejections = self.diary.newest();
        let unregistered = groups(&rejections);
        let visible =
            unregistered.iter().filter(|g| self.problems.ignored(diary::group_id(&g.key)).is_none());
        let unregistered = u32::try_from(visible.count()).unwrap_or(u32::MAX);
        let doubts = self.doubts();
        let facts = Facts {
            regions: regions.iter().filter_map(|r| self.region_fact(r)).collect(),
            nodes: self.node_facts(now),
            outside: Outside {
                background: Some(self.background_facts(&rejections)),
                jobs: self.board.failed_jobs().into_iter().map(job_fact).collect(),
                frontends: Some(self.board.frontends())
                    .filter(|f| f.versions_differ)
                    .map(|f| FrontendFact { count: f.count, version: f.version }),
                vault: self.board.vault_locked(),
                tokens: self.board.tokens_ending(),
                webhooks: self.board.webhooks_failing(),
            },
            refused: rejections.into_iter().map(|r| self.refusal_fact(r)).collect(),
            platform: maintenance(&self.platform.load().intent),
            waiting: !doubts.is_empty() && self.confirmed().1 > 0,
            doubts,
            open,
            offline_after_ms: self.policy().offline_after_ms,
            now,
        };
        (facts, unregistered)
    }

    fn region_fact(&self, summary: &RegionSummary) -> Option<RegionFact> {
        let region = self.region(&summary.id)?;
        let record = region.record.load();
        let s = &summary.storage;
        Some(RegionFact {
            id: summary.id.clone(),
            intent: record.intent.intent.state.max(self.platform.load().intent.state),
            maintenance: maintenance(&record.intent.intent),
            capacity: summary.capacity.clone(),
            storage: StorageFact {
                configured: s.configured,
                failing: s.healthy == Some(false),
                step: s.step.and_then(super::timeline::word),
                since: s.since,
            },
        })
    }

    fn node_facts(&self, now: Timestamp) -> Vec<NodeFact> {
        let index = self.index.read();
        index
            .nodes
            .values()
            .map(|n| {
                let did_not_return = n.did_not_return(now);
                let (r, name) = (n.registered.load(), n.name());
                let live = n.live.lock();
                NodeFact { name, did_not_return, ..node_fact(n, &r, &live, now) }
            })
            .collect()
    }

    fn refusal_fact(&self, r: Rejection) -> RefusalFact {
        // A deleted node's id is no registered node.
        let sent = r.node_id.filter(|id| self.node(*id).is_some());
        let node = sent.or_else(|| self.claimed(r.claimed_node.as_deref()?));
        let group = diary::group_of(&r);
        let ignored = group.is_some_and(|id| self.problems.ignored(id).is_some());
        RefusalFact { rejection: r, node, ignored }
    }

    /// The registered node of which an id is claimed, its own or the operator's.
    fn claimed(&self, id: &str) -> Option<NodeId> {
        let index = self.index.read();
        let own = id.parse::<NodeId>().ok().filter(|id| index.nodes.contains_key(id));
        own.or_else(|| index.external.get(id).copied())
    }

    fn background_facts(&self, rejections: &[Rejection]) -> BackgroundFact {
        let Some(entry) = self.background() else { return BackgroundFact::default() };
        let differs = self.background_sync(&entry, rejections);
        BackgroundFact {
            node: Some((entry.id, entry.name())),
            unreachable: self.problems.background_unreachable(&entry.record().endpoint),
            keys_differ: (differs.verdict == SyncVerdict::Differs).then(|| {
                let against = differs.evidence.iter().filter(|e| !e.agrees).map(|e| e.at).min();
                against.unwrap_or_else(|| self.clock.wall())
            }),
        }
    }

    /// The background node's key here against what it presents.
    pub fn background_sync(
        &self,
        entry: &NodeEntry,
        rejections: &[Rejection],
    ) -> common::singleton::ConfigSync {
        let (node, record) = (entry.node(), entry.record());
        let own_id = entry.id.to_string();
        let seems_to_be_it = |r: &&Rejection| {
            let (named, kind) = (r.claimed_node.as_deref(), r.claimed_kind.as_deref());
            let is_kind = kind.is_some_and(|k| k.eq_ignore_ascii_case(NodeKind::Background.as_str()));
            // By its address alone only where it does not claim to be somebody else: one machine may run several
            // servers.
            let same_place = r.source == record.endpoint.host && kind.is_none() && named.is_none();
            r.reason == "unknown_secret" && (is_kind || same_place || named == Some(own_id.as_str()))
        };
        let refused = rejections.iter().find(seems_to_be_it);
        let secret = &node.secret;
        sync::verdict(&SyncFacts {
            ours: secret.fingerprint.clone(),
            set_at: secret.created_at,
            previous: secret.previous_fingerprint.clone().zip(secret.previous_until),
            heartbeat: node.live.secret_in_use.clone().zip(node.live.last_heartbeat_at),
            refused: refused.map(|r| (r.fingerprint.clone(), r.last_at, r.source.clone())),
            quiet_ms: self.policy().stale_after_ms,
            endpoint: self.board.endpoint_answer().map(|a| (a.fingerprint, a.accepted, a.at)),
        })
    }

    /// All servers that send heartbeats and are not registered, the newest try first.
    pub fn unregistered(&self) -> Vec<UnregisteredNode> {
        groups(&self.diary.newest()).into_iter().map(|g| self.unregistered_node(g)).collect()
    }

    /// One of them.
    pub fn unregistered_one(&self, id: GroupId) -> Option<UnregisteredNode> {
        let group = groups(&self.diary.newest()).into_iter().find(|g| diary::group_id(&g.key) == id)?;
        Some(self.unregistered_node(group))
    }

    fn unregistered_node(&self, group: Group) -> UnregisteredNode {
        let id = diary::group_id(&group.key);
        let exists = |claimed: &str| {
            let normal = RegionId::from(claimed.trim().to_ascii_uppercase().as_str());
            self.region(&normal).map(|_| normal)
        };
        let prefill = prefill(&group.key, exists);
        let registered =
            group.key.node.as_deref().and_then(|id| self.claimed(id)).and_then(|id| self.node(id));
        let registered_node = registered.map(|n| {
            let expected = n.registered.load().record.secrets.first().map(|s| s.hash.fingerprint());
            ClaimedNode { id: n.id, name: n.name(), expected_fingerprint: expected }
        });
        let deleted = group.node_id.filter(|_| group.reason == UnregisteredReason::NodeDeleted);
        let deleted = deleted.and_then(|id| self.tombstone_of(id)).map(|t| DeletedNode {
            id: t.id,
            name: t.name.clone(),
            at: t.deleted_at,
            by: t.deleted_by.clone(),
        });
        UnregisteredNode {
            id: id.to_string(),
            reason: group.reason,
            first_at: group.first_at,
            last_at: group.last_at,
            count: group.count,
            registered_node,
            deleted,
            ignored: self.problems.ignored(id),
            prefill,
            claimed_node: group.key.node,
            claimed_region: group.key.region,
            claimed_kind: group.key.kind,
            source: group.key.source,
            fingerprint: group.key.fingerprint,
        }
    }
}

fn node_fact(n: &NodeEntry, r: &Registered, live: &Live, now: Timestamp) -> NodeFact {
    let beat = live.beat.as_deref();
    let calls = match r.record.kind {
        NodeKind::Backend => beat
            .and_then(|b| b.sessions.as_ref())
            .and_then(|s| Some(u64::from(s.phone?) + u64::from(s.web.unwrap_or(0)))),
        _ => beat.and_then(|b| b.outbound.as_ref()).and_then(|o| o.processing).map(u64::from),
    };
    let storage = beat.and_then(|b| b.storage.as_ref()).filter(|_| live.state.liveness() == Liveness::Live);
    NodeFact {
        id: n.id,
        name: String::new(),
        region_id: r.record.region_id.clone(),
        kind: r.record.kind,
        intent: r.effective.state,
        liveness: live.state.liveness(),
        since: live.liveness_since,
        word: live.word,
        word_since: live.word_since,
        created_at: r.record.created_at,
        last_heartbeat_at: live.last_seen_at,
        source: live.source,
        runtime: beat.and_then(|b| b.runtime.as_ref()).map(|r| r.status),
        version: beat.and_then(|b| b.version.clone()),
        calls,
        clock_offset_ms: live.clock_offset_ms,
        identity: identity(live, now),
        unreadable: live.spoiled.iter().map(|g| g.as_str().to_owned()).collect(),
        old_secret: old_secret(r, live),
        storage: storage.map(|s| NodeStorage { ok: s.ok, step: s.step.clone() }),
        drain: drains::view(live, r),
        did_not_return: None,
        maintenance: maintenance(&r.record.intent.intent),
    }
}

fn identity(live: &Live, now: Timestamp) -> Option<String> {
    let current = live.boot.as_deref().unwrap_or("none");
    if let Some(other) = live.rivals.rival(now) {
        return Some(format!("Two processes take turns: {current} and {other}."));
    }
    let claimed = live.beat.as_deref().filter(|_| live.foreign_id)?.node_id.as_deref()?;
    Some(format!("It calls itself {claimed}."))
}

fn old_secret(r: &Registered, live: &Live) -> Option<OldSecret> {
    let newest = r.record.secrets.first()?;
    let used = live.secret_in_use.filter(|used| *used != newest.hash)?;
    let until = r.record.secrets.iter().find(|s| s.hash == used)?.valid_until?;
    Some(OldSecret { replaced_at: newest.created_at, until })
}

fn maintenance(intent: &Intent) -> Option<Maintenance> {
    let since = intent.at.filter(|_| intent.state == IntentState::Maintenance)?;
    Some(Maintenance { since, until: intent.until })
}

fn job_fact(run: common::job::JobRun) -> JobFact {
    JobFact {
        title: run.job.clone(),
        at: run.finished_at.unwrap_or(run.requested_at),
        state: run.state.as_str().to_owned(),
        error: run.error,
        key: run.job,
    }
}
