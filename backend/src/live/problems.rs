//! The book of problems: the ledger, open incidents, who hid which unregistered server, and facts that others bring.

use std::collections::HashMap;

use common::endpoint::Endpoint;
use common::overview::{Attention, OpenProblem, Snooze};
use common::time::Timestamp;
use common::unregistered::Ignored;
use parking_lot::{Mutex, RwLock};

use crate::domain::incidents::Incidents;
use crate::domain::problems::{Facts, Ledger, SnoozeRecord, open};
use crate::domain::unregistered::GroupId;

/// Problems that depend on figures or on time alone are looked at this often, in milliseconds.
const EVERY_MS: u64 = 2_000;

/// The book.
#[derive(Default)]
pub struct ProblemBook {
    pages: Mutex<Pages>,
    ignored: RwLock<HashMap<GroupId, Ignored>>,
    unreachable: Mutex<Option<Unreachable>>,
}

/// A background node that does not answer.
#[derive(Debug, Clone)]
struct Unreachable {
    /// Where it was called; a node that moved is another matter.
    at: Endpoint,
    since: Timestamp,
    why: String,
}

#[derive(Default)]
struct Pages {
    ledger: Ledger,
    incidents: Incidents,
    settled_at: Option<Timestamp>,
    /// Absence meant something when it was last settled.
    judgeable: bool,
    unregistered: u32,
}

/// Which problems a list holds.
#[derive(Debug, Clone, Default)]
pub struct ProblemFilter {
    /// Also those put aside.
    pub snoozed: bool,
    /// Of this region only.
    pub region: Option<common::ids::RegionId>,
    /// Of this node only; then also what an incident stands for.
    pub node: Option<common::ids::NodeId>,
    /// What this incident stands for.
    pub incident: Option<String>,
}

impl ProblemFilter {
    fn takes(&self, p: &OpenProblem) -> bool {
        let incident = match &self.incident {
            Some(id) => p.incident_id.as_ref() == Some(id),
            None => p.incident_id.is_none() || self.node.is_some(),
        };
        let node = |id| p.node_id == Some(id) || p.evidence.nodes.iter().any(|n| n.id == id);
        incident
            && (self.snoozed || p.snoozed.is_none())
            && self.region.as_ref().is_none_or(|r| p.region_id.as_ref() == Some(r))
            && self.node.is_none_or(node)
    }
}

impl ProblemBook {
    /// Takes over what the database holds.
    pub fn restore(&self, snoozes: Vec<SnoozeRecord>, ignored: Vec<(GroupId, Ignored)>) {
        self.pages.lock().ledger.restore(snoozes);
        *self.ignored.write() = ignored.into_iter().collect();
    }

    /// Looks at the facts again where something `changed` or enough time passed. `facts` gets the problems open
    /// before and answers with the facts and the number of unregistered servers.
    pub(super) fn settle(
        &self,
        changed: bool,
        now: Timestamp,
        facts: impl FnOnce(std::collections::BTreeSet<String>) -> (Facts, u32),
    ) {
        let mut pages = self.pages.lock();
        if !changed && pages.settled_at.is_some_and(|at| now.since(at) < EVERY_MS) {
            return;
        }
        let (facts, unregistered) = facts(pages.ledger.ids());
        let (incidents, found) = open(&facts, std::mem::take(&mut pages.incidents));
        pages.incidents = incidents;
        pages.judgeable = facts.doubts.is_empty();
        pages.ledger.settle(found, facts.doubts.is_empty(), now);
        pages.settled_at = Some(now);
        pages.unregistered = unregistered;
    }

    /// Everything that is open as last settled, folded and put aside too; and whether absence means something.
    pub fn everything(&self) -> (Vec<OpenProblem>, bool) {
        let pages = self.pages.lock();
        (pages.ledger.all().to_vec(), pages.judgeable)
    }

    /// The worst `max` that count, as last settled.
    pub fn shown(&self, max: usize) -> (Vec<OpenProblem>, Attention) {
        let pages = self.pages.lock();
        (pages.ledger.shown().take(max).cloned().collect(), pages.attention())
    }

    /// The worst `max` that a filter takes.
    pub fn list(&self, filter: &ProblemFilter, max: usize) -> (Vec<OpenProblem>, Attention) {
        let pages = self.pages.lock();
        let items = pages.ledger.all().iter().filter(|p| filter.takes(p)).take(max).cloned().collect();
        (items, pages.attention())
    }

    /// An open problem.
    pub fn get(&self, id: &str) -> Option<OpenProblem> {
        self.pages.lock().ledger.get(id).cloned()
    }

    /// A snooze by the id of its problem.
    pub fn snoozed(&self, id: &str) -> Option<Snooze> {
        self.pages.lock().ledger.snoozed(id).map(|r| r.snooze.clone())
    }

    /// Puts a problem aside; it as it is now, where it is open.
    pub fn snooze(&self, record: SnoozeRecord) -> Option<OpenProblem> {
        self.pages.lock().ledger.snooze(record)
    }

    /// Lets a problem count again; it as it is now, where it is open.
    pub fn unsnooze(&self, id: &str) -> Option<OpenProblem> {
        self.pages.lock().ledger.unsnooze(id)
    }

    /// Problems whose snooze ended by itself since this was last asked.
    pub fn take_ended(&self) -> Vec<String> {
        self.pages.lock().ledger.take_ended()
    }

    /// Who hid an unregistered server.
    pub fn ignored(&self, id: GroupId) -> Option<Ignored> {
        self.ignored.read().get(&id).cloned()
    }

    /// Hides an unregistered server, or shows it again.
    pub fn ignore(&self, id: GroupId, by: Option<Ignored>) {
        let mut all = self.ignored.write();
        match by {
            Some(by) => {
                all.insert(id, by);
            }
            None => {
                all.remove(&id);
            }
        }
    }

    /// Forgets who was hidden before `at`: after so long it is worth another look.
    pub fn ignored_forget(&self, at: Timestamp) {
        self.ignored.write().retain(|_, i| i.at >= at);
    }

    /// What a call to the background node came to: why it could not be reached, or that it could. The first failure
    /// of a row is what it counts from.
    pub fn note_background(&self, at: &Endpoint, failure: Option<String>, now: Timestamp) {
        let mut known = self.unreachable.lock();
        let before = known.take().filter(|u| u.at == *at).map_or(now, |u| u.since);
        *known = failure.map(|why| Unreachable { at: at.clone(), since: before, why });
    }

    /// Why the background node at this endpoint cannot be reached, and since when.
    pub(super) fn background_unreachable(&self, at: &Endpoint) -> Option<(Timestamp, String)> {
        let known = self.unreachable.lock();
        known.as_ref().filter(|u| u.at == *at).map(|u| (u.since, u.why.clone()))
    }
}

impl Pages {
    fn attention(&self) -> Attention {
        Attention {
            counts: self.ledger.counts(),
            cleared: self.ledger.cleared().to_vec(),
            last_cleared_at: self.ledger.last_cleared_at(),
            unregistered: self.unregistered,
        }
    }
}
