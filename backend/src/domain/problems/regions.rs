//! Problems of regions.

use std::collections::{BTreeSet, HashMap};

use common::ids::RegionId;
use common::node::NodeKind;
use common::overview::{Evidence, OpenProblem, OpenProblemCode as Code, Severity};
use common::status::{IntentState, Liveness};

use super::nodes::overlong;
use super::{
    Facts, NEVER_SEEN_AFTER_MS, NodeFact, REFUSED_WITHIN_MS, RefusalFact, RegionFact, count, named, problem,
    shown,
};

/// Slots in use of all slots begin to be short here, and stop to below the second.
const SHORT_PERCENT: (u64, u64) = (85, 80);
/// A call that waits longer than this, and no longer than the second.
const PENDING_SECONDS: (u64, u64) = (60, 45);

pub(super) fn problems(f: &Facts) -> Vec<OpenProblem> {
    let mut out = Vec::new();
    let mut by_region: HashMap<&RegionId, Vec<&NodeFact>> = HashMap::new();
    for n in f.nodes.iter().filter(|n| n.intent != IntentState::Disabled) {
        if let Some(region) = &n.region_id {
            by_region.entry(region).or_default().push(n);
        }
    }
    for r in &f.regions {
        let nodes = by_region.remove(&r.id).unwrap_or_default();
        out.extend(none_online(f, r, &nodes));
        out.extend([short(f, r), pending(f, r), maintenance(f, r)].into_iter().flatten());
        if r.intent != IntentState::Disabled {
            out.extend([storage(r), storage_on_nodes(r, &nodes)].into_iter().flatten());
        }
        out.extend(versions(r, &nodes));
    }
    out
}

fn of(r: &RegionFact, code: Code, severity: Severity) -> OpenProblem {
    OpenProblem {
        region_id: Some(r.id.clone()),
        ..problem(format!("{}:{}", code.as_str(), r.id), code, severity)
    }
}

/// Kinds of which nodes are registered and none is online. While the control plane cannot judge, "none online" would
/// blame the nodes.
pub(super) fn kinds_down(r: &RegionFact) -> impl Iterator<Item = NodeKind> {
    [(NodeKind::Proxy, r.capacity.proxy), (NodeKind::Backend, r.capacity.backend)]
        .into_iter()
        .filter(|(_, c)| c.registered > 0 && c.online == 0 && c.unconfirmed == 0)
        .map(|(kind, _)| kind)
}

fn none_online(f: &Facts, region: &RegionFact, nodes: &[&NodeFact]) -> Vec<OpenProblem> {
    let mut out = Vec::new();
    for kind in kinds_down(region) {
        let counts = if kind == NodeKind::Proxy { region.capacity.proxy } else { region.capacity.backend };
        let nodes: Vec<&NodeFact> = nodes.iter().copied().filter(|n| n.kind == kind).collect();
        let newest = nodes.iter().map(|n| n.created_at).max();
        if counts.never_seen == counts.registered
            && newest.is_none_or(|at| f.now.since(at) < NEVER_SEEN_AFTER_MS)
        {
            continue;
        }
        let concerns = |r: &&RefusalFact| {
            let claims = r.rejection.claimed_region.as_deref() == Some(region.id.as_str())
                && r.rejection.claimed_kind.as_deref().is_none_or(|k| k == kind.as_str());
            f.now.since(r.rejection.last_at) < REFUSED_WITHIN_MS
                && (claims || nodes.iter().any(|n| r.node == Some(n.id)))
        };
        out.push(OpenProblem {
            id: format!("none_online:{}:{}", region.id, kind.as_str()),
            kind: Some(kind),
            count: Some(counts.registered),
            since: nodes.iter().map(|n| n.since).max(),
            last_heartbeat_at: nodes.iter().filter_map(|n| n.last_heartbeat_at).max(),
            rejections: shown(f.refused.iter().filter(concerns)),
            ..of(region, Code::NoneOnline, Severity::Bad)
        });
    }
    out
}

fn short(f: &Facts, r: &RegionFact) -> Option<OpenProblem> {
    let (used, max) = (r.capacity.slots.used?, r.capacity.slots.max.filter(|m| *m > 0)?);
    let percent = used.saturating_mul(100) / max;
    let severity = if percent >= 100 { Severity::Bad } else { Severity::Warn };
    let p = of(r, Code::CapacityShort, severity);
    let limit = if f.open.contains(&p.id) { SHORT_PERCENT.1 } else { SHORT_PERCENT.0 };
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    (percent >= limit).then(|| OpenProblem {
        count: Some(number(used)),
        evidence: Evidence {
            total: Some(number(max)),
            percent: Some(number(percent)),
            ..Evidence::default()
        },
        ..p
    })
}

fn pending(f: &Facts, r: &RegionFact) -> Option<OpenProblem> {
    let seconds = r.capacity.outbound.oldest_pending_seconds?;
    let p = of(r, Code::PendingOld, Severity::Warn);
    let limit = if f.open.contains(&p.id) { PENDING_SECONDS.1 } else { PENDING_SECONDS.0 };
    (seconds > limit).then(|| OpenProblem {
        count: r.capacity.outbound.pending.map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
        evidence: Evidence { seconds: Some(seconds), ..Evidence::default() },
        ..p
    })
}

fn maintenance(f: &Facts, r: &RegionFact) -> Option<OpenProblem> {
    let (code, since, until) = overlong(r.maintenance?, f.now)?;
    let evidence = Evidence { until, ..Evidence::default() };
    Some(OpenProblem { since: Some(since), evidence, ..of(r, code, Severity::Warn) })
}

fn storage(r: &RegionFact) -> Option<OpenProblem> {
    if !r.storage.configured {
        // Backends are what stores audio.
        return (r.capacity.backend.registered > 0)
            .then(|| of(r, Code::StorageNotConfigured, Severity::Warn));
    }
    r.storage.failing.then(|| OpenProblem {
        since: r.storage.since,
        evidence: Evidence { reason: r.storage.step.clone(), ..Evidence::default() },
        ..of(r, Code::StorageFailing, Severity::Bad)
    })
}

fn storage_on_nodes(r: &RegionFact, nodes: &[&NodeFact]) -> Option<OpenProblem> {
    let reports = |n: &&NodeFact| n.liveness == Liveness::Live && n.storage.is_some();
    let reporting: Vec<&NodeFact> = nodes.iter().copied().filter(reports).collect();
    let failing: Vec<&NodeFact> =
        reporting.iter().copied().filter(|n| n.storage.as_ref().is_some_and(|s| !s.ok)).collect();
    let first = failing.first()?;
    let severity = if failing.len() == reporting.len() { Severity::Bad } else { Severity::Warn };
    Some(OpenProblem {
        count: Some(count(failing.len())),
        evidence: Evidence {
            total: Some(count(reporting.len())),
            reason: first.storage.as_ref().and_then(|s| s.step.clone()),
            nodes: named(failing.iter().copied()),
            ..Evidence::default()
        },
        ..of(r, Code::StorageFailingOnNodes, severity)
    })
}

fn versions(r: &RegionFact, nodes: &[&NodeFact]) -> Vec<OpenProblem> {
    let mut out = Vec::new();
    for kind in [NodeKind::Proxy, NodeKind::Backend] {
        let live = nodes.iter().filter(|n| n.kind == kind && n.liveness == Liveness::Live);
        let versions: BTreeSet<&str> = live.filter_map(|n| n.version.as_deref()).collect();
        if versions.len() < 2 {
            continue;
        }
        out.push(OpenProblem {
            id: format!("node_versions_differ:{}:{}", r.id, kind.as_str()),
            kind: Some(kind),
            count: Some(count(versions.len())),
            evidence: Evidence {
                values: versions.into_iter().take(10).map(str::to_owned).collect(),
                ..Evidence::default()
            },
            ..of(r, Code::NodeVersionsDiffer, Severity::Warn)
        });
    }
    out
}
