//! What needs a person, worked out from facts. Pure: the caller passes facts, what was open before, and the time.
//!
//! [`open`] makes every problem there is; those of nodes that fell silent together carry the id of their incident, and
//! the list shows the incident in their stead. The [`Ledger`] remembers since when, what was over a moment ago, and
//! what somebody put aside.

mod facts;
mod ledger;
mod nodes;
mod platform;
mod regions;

use common::overview::{Evidence, OpenProblem, OpenProblemCode, ProblemNode, Rejection, Severity};

use super::incidents::{Incident, Incidents};
pub use facts::{
    BackgroundFact, Facts, FrontendFact, JobFact, Maintenance, NodeFact, NodeStorage, OldSecret, Outside,
    RefusalFact, RegionFact, StorageFact, TokenFact, WebhookFact,
};
pub use ledger::{Ledger, SnoozeRecord};

/// Never seen this long after registration is a problem: before, somebody is still typing.
pub const NEVER_SEEN_AFTER_MS: u64 = 60_000;
/// Refusals this recent are evidence.
pub const REFUSED_WITHIN_MS: u64 = 15 * 60_000;
/// Longest list in the dashboard's figures and in the stream.
pub const OVERVIEW_MAX: usize = 100;
/// Longest list of the API.
pub const LIST_MAX: usize = 500;
/// Most nodes named by one problem.
pub const NODES_MAX: usize = 50;
/// Most refusals shown with one problem.
const REFUSALS_MAX: usize = 5;

/// All open problems, those folded into an incident too, in no order.
pub fn open(facts: &Facts, incidents: Incidents) -> (Incidents, Vec<OpenProblem>) {
    let (incidents, found) = incidents.step(facts);
    let mut all: Vec<OpenProblem> = found.iter().map(|i| incident(facts, i)).collect();
    all.extend(regions::problems(facts));
    all.extend(nodes::problems(facts));
    all.extend(platform::problems(facts));
    fold(&mut all, &found);
    (incidents, all)
}

/// Gives what an incident stands for its id.
fn fold(all: &mut [OpenProblem], incidents: &[Incident]) {
    for p in all.iter_mut() {
        let by = |i: &&Incident| match p.code {
            OpenProblemCode::NodeOffline | OpenProblemCode::NodeStale => {
                p.node_id.is_some_and(|id| i.members.contains(&id))
            }
            OpenProblemCode::NoneOnline | OpenProblemCode::RegionSilent => {
                p.region_id.as_ref().is_some_and(|r| i.regions.contains(r)) && i.id() != p.id
            }
            _ => false,
        };
        // The cluster's incident comes first and stands for those of its regions.
        p.incident_id = incidents.iter().find(by).map(Incident::id);
    }
}

fn incident(facts: &Facts, i: &Incident) -> OpenProblem {
    let members: Vec<&NodeFact> = facts.nodes.iter().filter(|n| i.members.contains(&n.id)).collect();
    let calls: Vec<u64> = members.iter().filter_map(|n| n.calls).collect();
    let rejections = facts.refused.iter().filter(|r| r.node.is_some_and(|id| i.members.contains(&id)));
    let kinds_down = match &i.region {
        None => Vec::new(),
        Some(id) => facts.regions.iter().filter(|r| r.id == *id).flat_map(regions::kinds_down).collect(),
    };
    OpenProblem {
        region_id: i.region.clone(),
        count: Some(count(members.len())),
        since: Some(i.since),
        last_heartbeat_at: members.iter().filter_map(|n| n.last_heartbeat_at).max(),
        rejections: rejections.take(REFUSALS_MAX).map(|r| r.rejection.clone()).collect(),
        evidence: Evidence {
            total: Some(i.total),
            calls: (!calls.is_empty()).then(|| calls.iter().sum()),
            cause: Some(i.cause),
            reason: i.reason.clone(),
            detail: i.detail.clone(),
            kinds_down,
            nodes: named(members.iter().copied()),
            ..Evidence::default()
        },
        ..problem(i.id(), i.code(), if i.offline { Severity::Bad } else { Severity::Warn })
    }
}

/// A problem with nothing but its name.
fn problem(id: String, code: OpenProblemCode, severity: Severity) -> OpenProblem {
    OpenProblem {
        id,
        code,
        severity,
        region_id: None,
        node_id: None,
        node_name: None,
        kind: None,
        count: None,
        since: None,
        last_heartbeat_at: None,
        rejections: Vec::new(),
        evidence: Evidence::default(),
        incident_id: None,
        snoozed: None,
        cleared_at: None,
    }
}

/// The first nodes by name, as sent.
fn named<'a>(nodes: impl Iterator<Item = &'a NodeFact>) -> Vec<ProblemNode> {
    let mut all: Vec<&NodeFact> = nodes.collect();
    all.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    all.truncate(NODES_MAX);
    let shown = |n: &NodeFact| ProblemNode {
        id: n.id,
        name: n.name.clone(),
        kind: n.kind,
        region_id: n.region_id.clone(),
        since: Some(n.since),
    };
    all.into_iter().map(shown).collect()
}

fn shown<'a>(refusals: impl Iterator<Item = &'a RefusalFact>) -> Vec<Rejection> {
    refusals.take(REFUSALS_MAX).map(|r| r.rejection.clone()).collect()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
pub(super) mod tests;
