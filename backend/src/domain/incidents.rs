//! Several nodes that fall silent together are one incident. Pure: the state before and the facts of now make the
//! state after and the incidents to show.
//!
//! An incident opens where, within one `offlineAfter`, at least three nodes of a region fell silent, or at least two
//! that are half of those alive before. Nodes of the region that fall silent later join it; it lasts while two are
//! silent, and one `offlineAfter` longer with one, so that a node that comes and goes does not open and close it.
//! Where every region fell silent, one incident of the cluster stands for those of the regions.
//!
//! Nothing here touches liveness: a silent node turns stale and offline on its own time.

mod cause;

use std::collections::{BTreeMap, BTreeSet};

use common::ids::{NodeId, RegionId};
use common::overview::{IncidentCause, OpenProblemCode};
use common::status::{IntentState, Liveness, StatusWord};
use common::time::Timestamp;

use super::problems::{Facts, NodeFact};

/// So many nodes of a region are an incident, however many it has.
const MANY: usize = 3;
/// Fewer are none.
const FEW: usize = 2;

/// An incident as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// `None`: the whole cluster.
    pub region: Option<RegionId>,
    /// Regions of its nodes.
    pub regions: BTreeSet<RegionId>,
    /// The last heartbeat of the first that fell silent.
    pub since: Timestamp,
    /// Who is silent.
    pub members: BTreeSet<NodeId>,
    /// Enabled nodes of its region, or of the cluster.
    pub total: u32,
    /// One of them is offline already.
    pub offline: bool,
    /// By the evidence.
    pub cause: IncidentCause,
    /// Why their heartbeats are refused.
    pub reason: Option<String>,
    /// The address or network they share.
    pub detail: Option<String>,
}

impl Incident {
    /// What kind of problem it is.
    pub fn code(&self) -> OpenProblemCode {
        if self.region.is_some() { OpenProblemCode::RegionSilent } else { OpenProblemCode::ClusterSilent }
    }

    /// Of the problem.
    pub fn id(&self) -> String {
        let target = self.region.as_ref().map_or("cluster", |r| r.as_str());
        format!("{}:{target}", self.code().as_str())
    }
}

/// What is remembered of an open incident.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Open {
    since: Timestamp,
    members: BTreeSet<NodeId>,
    /// Since when it no longer is what it was: one silent node left, or a region of the cluster is back.
    waning: Option<Timestamp>,
}

/// What is remembered from one look to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incidents {
    regions: BTreeMap<RegionId, Open>,
    cluster: Option<Open>,
}

/// The nodes of a region or of the cluster, as far as they count.
#[derive(Default)]
struct Scope<'a> {
    /// Silent ones by the time they fell silent.
    silent: Vec<(Timestamp, &'a NodeFact)>,
    alive: usize,
    total: u32,
    regions: BTreeSet<RegionId>,
}

impl<'a> Scope<'a> {
    fn add(&mut self, n: &'a NodeFact, region: &RegionId) {
        self.total = self.total.saturating_add(1);
        match n.liveness {
            // Away on request, and expected back.
            _ if n.word == StatusWord::Restarting => {}
            Liveness::Stale | Liveness::Offline => {
                self.silent.push((n.last_heartbeat_at.unwrap_or(n.since), n));
                self.regions.insert(region.clone());
            }
            Liveness::Live | Liveness::Unconfirmed => self.alive += 1,
            Liveness::NeverSeen | Liveness::Left => {}
        }
    }

    /// Those that fell within one window, the largest such group; where several are as large, the latest.
    fn together(&self, window_ms: u64) -> &[(Timestamp, &'a NodeFact)] {
        let mut best: &[(Timestamp, &NodeFact)] = &[];
        let mut from = 0;
        for to in 0..self.silent.len() {
            let fell = |i: usize| self.silent.get(i).map_or(Timestamp(0), |(at, _)| *at);
            while fell(to).since(fell(from)) > window_ms {
                from += 1;
            }
            if let Some(group) = self.silent.get(from..=to).filter(|g| g.len() >= best.len()) {
                best = group;
            }
        }
        best
    }
}

impl Incidents {
    /// Looks at the nodes as they are now; the cluster's incident comes first.
    #[must_use]
    pub fn step(self, facts: &Facts) -> (Self, Vec<Incident>) {
        let window_ms = facts.offline_after_ms;
        let mut whole = Scope::default();
        let mut scopes: BTreeMap<&RegionId, Scope<'_>> = BTreeMap::new();
        for n in facts.nodes.iter().filter(|n| n.intent != IntentState::Disabled) {
            let Some(region) = &n.region_id else { continue };
            scopes.entry(region).or_default().add(n, region);
            whole.add(n, region);
        }
        let mut next = Self::default();
        let mut found = Vec::new();
        let mut before = self.regions;
        for (region, scope) in &mut scopes {
            scope.silent.sort_by_key(|(at, n)| (*at, n.id));
            let rule = |group: usize, alive_before: usize| {
                group >= MANY || (group >= FEW && group.saturating_mul(2) >= alive_before)
            };
            let known = before.remove(*region);
            if let Some(open) = advance(known, scope, rule, |o| o.members.len() < FEW, window_ms, facts.now) {
                found.push(shown(facts, Some((*region).clone()), scope, &open));
                next.regions.insert((*region).clone(), open);
            }
        }
        whole.silent.sort_by_key(|(at, n)| (*at, n.id));
        // Everybody who was alive, in two regions or more.
        let spread = spread(&whole, window_ms);
        let rule = |group: usize, alive_before: usize| spread && group >= MANY && group == alive_before;
        let wanes = |o: &Open| whole.alive > 0 || o.members.len() < MANY;
        if let Some(open) = advance(self.cluster, &whole, rule, wanes, window_ms, facts.now) {
            found.insert(0, shown(facts, None, &whole, &open));
            next.cluster = Some(open);
        }
        (next, found)
    }
}

/// Whether those that fell together are of several regions.
fn spread(whole: &Scope<'_>, window_ms: u64) -> bool {
    let regions: BTreeSet<&RegionId> =
        whole.together(window_ms).iter().filter_map(|(_, n)| n.region_id.as_ref()).collect();
    regions.len() >= FEW
}

/// An open incident one look later, or a new one.
fn advance(
    known: Option<Open>,
    scope: &Scope<'_>,
    opens: impl Fn(usize, usize) -> bool,
    wanes: impl Fn(&Open) -> bool,
    window_ms: u64,
    now: Timestamp,
) -> Option<Open> {
    if let Some(mut open) = known {
        // Who fell long before it is a matter of its own.
        let belongs = |at: Timestamp| open.since.since(at) <= window_ms;
        open.members = scope.silent.iter().filter(|(at, _)| belongs(*at)).map(|(_, n)| n.id).collect();
        open.waning = if wanes(&open) { Some(open.waning.unwrap_or(now)) } else { None };
        let over = open.members.is_empty() || open.waning.is_some_and(|since| now.since(since) >= window_ms);
        if !over {
            return Some(open);
        }
    }
    let group = scope.together(window_ms);
    let (since, _) = *group.first()?;
    // Those who fell after the group's first were alive then, and so is who is alive now.
    let later = scope.silent.iter().filter(|(at, _)| *at >= since).count();
    opens(group.len(), later.saturating_add(scope.alive)).then(|| Open {
        since,
        members: group.iter().map(|(_, n)| n.id).collect(),
        waning: None,
    })
}

fn shown(facts: &Facts, region: Option<RegionId>, scope: &Scope<'_>, open: &Open) -> Incident {
    let members: Vec<&NodeFact> =
        scope.silent.iter().map(|(_, n)| *n).filter(|n| open.members.contains(&n.id)).collect();
    let verdict = cause::of(facts, region.as_ref(), &members, scope.alive == 0);
    Incident {
        regions: members.iter().filter_map(|n| n.region_id.clone()).collect(),
        since: open.since,
        members: open.members.clone(),
        total: scope.total,
        offline: members.iter().any(|n| n.liveness == Liveness::Offline),
        cause: verdict.cause,
        reason: verdict.reason,
        detail: verdict.detail,
        region,
    }
}

#[cfg(test)]
mod tests;
