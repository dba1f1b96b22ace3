//! The likely cause of an incident: the first that the evidence speaks for.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use common::ids::{NodeId, RegionId};
use common::overview::IncidentCause;
use common::status::{Liveness, Runtime};

use crate::domain::problems::{Facts, NodeFact};

/// The cause with what it rests on.
pub(super) struct Verdict {
    pub(super) cause: IncidentCause,
    pub(super) reason: Option<String>,
    pub(super) detail: Option<String>,
}

impl Verdict {
    fn bare(cause: IncidentCause) -> Self {
        Self { cause, reason: None, detail: None }
    }
}

/// Why these fell silent together. `whole`: nobody of the region, or of the cluster, is left.
pub(super) fn of(facts: &Facts, region: Option<&RegionId>, members: &[&NodeFact], whole: bool) -> Verdict {
    if let Some(reason) = refused(facts, members) {
        return Verdict { reason: Some(reason), ..Verdict::bare(IncidentCause::Refused) };
    }
    let stopping = |n: &&&NodeFact| matches!(n.runtime, Some(Runtime::Stopping | Runtime::Draining));
    if most(members.iter().filter(stopping).count(), members) {
        return Verdict::bare(IncidentCause::Stopped);
    }
    if region.is_none() {
        return Verdict::bare(IncidentCause::Ingress);
    }
    let storage = facts.regions.iter().any(|r| Some(&r.id) == region && r.storage.failing);
    if whole && storage {
        return Verdict::bare(IncidentCause::Site);
    }
    if let Some(verdict) = place(facts, members) {
        return verdict;
    }
    Verdict::bare(if whole { IncidentCause::Region } else { IncidentCause::Unknown })
}

fn most(n: usize, of: &[&NodeFact]) -> bool {
    n > 0 && n.saturating_mul(2) >= of.len()
}

/// The one reason for which most of them are refused since their last accepted heartbeat.
fn refused(facts: &Facts, members: &[&NodeFact]) -> Option<String> {
    let by_id: HashMap<NodeId, &&NodeFact> = members.iter().map(|n| (n.id, n)).collect();
    let mut reasons: BTreeMap<&str, Vec<NodeId>> = BTreeMap::new();
    for r in &facts.refused {
        let Some(n) = r.node.and_then(|id| by_id.get(&id)) else { continue };
        if n.last_heartbeat_at.is_none_or(|at| r.rejection.last_at > at) {
            let nodes = reasons.entry(&r.rejection.reason).or_default();
            if !nodes.contains(&n.id) {
                nodes.push(n.id);
            }
        }
    }
    let (reason, nodes) = reasons.into_iter().max_by_key(|(_, nodes)| nodes.len())?;
    most(nodes.len(), members).then(|| reason.to_owned())
}

/// The machine or network that all of them share and that nobody alive uses.
fn place(facts: &Facts, members: &[&NodeFact]) -> Option<Verdict> {
    let sources: Vec<IpAddr> = members.iter().filter_map(|n| n.source).collect();
    let first = *sources.first()?;
    if sources.len() < members.len() {
        return None;
    }
    let alive = |same: &dyn Fn(IpAddr) -> bool| {
        facts.nodes.iter().any(|n| n.liveness == Liveness::Live && n.source.is_some_and(same))
    };
    if sources.iter().all(|s| *s == first) {
        let fits = !alive(&|s| s == first);
        return fits
            .then(|| Verdict { detail: Some(first.to_string()), ..Verdict::bare(IncidentCause::Machine) });
    }
    let network = network(first);
    let inside = |s: IpAddr| self::network(s) == network;
    (sources.iter().all(|s| inside(*s)) && !alive(&inside))
        .then(|| Verdict { detail: Some(network), ..Verdict::bare(IncidentCause::Subnet) })
}

/// The network an address is likely in: /24, or /64.
fn network(a: IpAddr) -> String {
    match a.to_canonical() {
        IpAddr::V4(a) => {
            let [a, b, c, _] = a.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(a) => {
            let [a, b, c, d, ..] = a.segments();
            format!("{}/64", std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}
