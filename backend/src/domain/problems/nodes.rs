//! Problems of single nodes.

use std::collections::HashMap;

use common::ids::NodeId;
use common::intent::{DRAIN_STALLED_MS, DrainPhase};
use common::overview::{Evidence, OpenProblem, OpenProblemCode as Code, Severity};
use common::status::{IntentState, Liveness, StatusWord};
use common::time::Timestamp;

use super::{
    Facts, Maintenance, NEVER_SEEN_AFTER_MS, NodeFact, REFUSED_WITHIN_MS, RefusalFact, problem, shown,
};

/// A difference of clocks begins to matter here, and stops to below the second.
const SKEW_MS: (u64, u64) = (5_000, 4_000);
/// Maintenance without an end is noticed after this.
const MAINTENANCE_LONG_MS: u64 = 4 * 3_600_000;
/// How late the server may be with ending maintenance.
const OVERDUE_MS: u64 = 60_000;
/// A former secret that works for less than this is about to end.
const SECRET_ENDS_MS: u64 = 3_600_000;
/// So long it is told that a disabled node went silent with work left: it stays disabled, and nobody can mend that.
const LOST_TOLD_MS: u64 = 24 * 3_600_000;

pub(super) fn problems(f: &Facts) -> Vec<OpenProblem> {
    let mut out = Vec::new();
    let mut by_node: HashMap<NodeId, Vec<&RefusalFact>> = HashMap::new();
    for r in &f.refused {
        if let Some(id) = r.node {
            by_node.entry(id).or_default().push(r);
        }
    }
    for n in &f.nodes {
        let refusals = by_node.remove(&n.id).unwrap_or_default();
        if n.intent == IntentState::Disabled {
            out.extend(disabled(f, n));
            continue;
        }
        let silent = silence(f, n, &refusals);
        if silent.is_none() {
            out.extend(refused(f, n, &refusals));
        }
        out.extend(silent);
        out.extend(did_not_return(n));
        out.extend(drain(f, n));
        out.extend(took_new(n));
        if n.liveness == Liveness::Live {
            out.extend([skew(f, n), identity(n), secret(f, n), unreadable(n)].into_iter().flatten());
        }
        out.extend(maintenance(f, n));
    }
    out
}

fn of(n: &NodeFact, code: Code, severity: Severity) -> OpenProblem {
    OpenProblem {
        region_id: n.region_id.clone(),
        node_id: Some(n.id),
        node_name: Some(n.name.clone()),
        kind: Some(n.kind),
        last_heartbeat_at: n.last_heartbeat_at,
        ..problem(format!("{}:{}", code.as_str(), n.id), code, severity)
    }
}

/// One problem from stale to offline, so that it keeps its id while it grows worse.
fn silence(f: &Facts, n: &NodeFact, refusals: &[&RefusalFact]) -> Option<OpenProblem> {
    let (code, severity, since) = match n.liveness {
        // Expected to be away, or told of in another way.
        _ if n.word == StatusWord::Restarting || n.did_not_return.is_some() => return None,
        Liveness::Offline => (Code::NodeOffline, Severity::Bad, n.since),
        Liveness::Stale => (Code::NodeStale, Severity::Warn, n.since),
        Liveness::NeverSeen if f.now.since(n.created_at) >= NEVER_SEEN_AFTER_MS => {
            (Code::NodeNeverSeen, Severity::Warn, n.created_at)
        }
        _ => return None,
    };
    let recent: Vec<&RefusalFact> = refusals.iter().copied().filter(|r| recent(f, r)).collect();
    let newest = recent.first().filter(|r| n.last_heartbeat_at.is_none_or(|at| r.rejection.last_at > at));
    Some(OpenProblem {
        id: format!("node:{}", n.id),
        since: Some(since),
        evidence: Evidence {
            calls: n.calls.filter(|_| n.liveness != Liveness::NeverSeen),
            reason: newest.map(|r| r.rejection.reason.clone()),
            ..Evidence::default()
        },
        rejections: shown(recent.into_iter()),
        ..of(n, code, severity)
    })
}

fn recent(f: &Facts, r: &RefusalFact) -> bool {
    f.now.since(r.rejection.last_at) < REFUSED_WITHIN_MS
}

/// Refused now and then while others of its heartbeats are accepted, or about to fall silent.
fn refused(f: &Facts, n: &NodeFact, refusals: &[&RefusalFact]) -> Option<OpenProblem> {
    let window = f.offline_after_ms.saturating_mul(2).max(60_000);
    let now: Vec<&RefusalFact> = refusals
        .iter()
        .copied()
        .filter(|r| f.now.since(r.rejection.last_at) < window && !r.ignored)
        .collect();
    let newest = now.first()?;
    let times = now.iter().fold(0_u64, |sum, r| sum.saturating_add(r.rejection.count));
    Some(OpenProblem {
        count: Some(u32::try_from(times).unwrap_or(u32::MAX)),
        since: now.iter().map(|r| r.rejection.first_at).min(),
        evidence: Evidence { reason: Some(newest.rejection.reason.clone()), ..Evidence::default() },
        rejections: shown(now.iter().copied()),
        ..of(n, Code::NodeRefused, Severity::Warn)
    })
}

fn still_reporting(f: &Facts, n: &NodeFact) -> Option<OpenProblem> {
    // A word of "disabled" on a live node says that no work is left: it was told to exit at zero.
    let done = n.liveness == Liveness::Live && n.word == StatusWord::Disabled;
    let patience = f.offline_after_ms.saturating_mul(2).max(60_000);
    (done && f.now.since(n.word_since) >= patience)
        .then(|| OpenProblem { since: Some(n.word_since), ..of(n, Code::StillReporting, Severity::Warn) })
}

/// Of a disabled node nothing is expected but that it drains and ends.
fn disabled(f: &Facts, n: &NodeFact) -> Vec<OpenProblem> {
    let still = still_reporting(f, n);
    let worth = |p: &OpenProblem| match p.code {
        // That it goes on without work is told once.
        Code::DrainNotObeyed => still.is_none(),
        // It is to go. With a goodbye it went in order; without work, or with none that it told of, nothing was lost.
        Code::DrainNodeLost => {
            n.liveness != Liveness::Left
                && p.count.is_some_and(|left| left > 0)
                && f.now.since(n.since) < LOST_TOLD_MS
        }
        _ => true,
    };
    let drain = drain(f, n).filter(worth);
    [still, drain, took_new(n)].into_iter().flatten().collect()
}

fn did_not_return(n: &NodeFact) -> Option<OpenProblem> {
    let since = n.did_not_return.filter(|_| n.liveness != Liveness::Live)?;
    Some(OpenProblem { since: Some(since), ..of(n, Code::DidNotReturn, Severity::Bad) })
}

fn drain(f: &Facts, n: &NodeFact) -> Option<OpenProblem> {
    let d = n.drain.as_ref()?;
    let live = n.liveness == Liveness::Live;
    let (code, severity, since) = match d.phase {
        DrainPhase::Requested | DrainPhase::Delivered
            if live && f.now.since(d.requested_at) >= f.offline_after_ms.saturating_mul(2).max(60_000) =>
        {
            (Code::DrainNotObeyed, Severity::Warn, d.requested_at)
        }
        DrainPhase::Draining
            if live && d.no_end_since.is_some_and(|at| f.now.since(at) >= DRAIN_STALLED_MS) =>
        {
            (Code::DrainStalled, Severity::Warn, d.no_end_since.unwrap_or(d.requested_at))
        }
        DrainPhase::DeadlineReached => {
            (Code::DrainDeadline, Severity::Bad, d.deadline.unwrap_or(d.requested_at))
        }
        DrainPhase::NodeLost => (Code::DrainNodeLost, Severity::Bad, n.since),
        _ => return None,
    };
    Some(OpenProblem {
        count: d.left,
        since: Some(since),
        evidence: Evidence {
            until: d.deadline,
            seconds: d.longest_seconds.map(u64::from),
            ..Evidence::default()
        },
        ..of(n, code, severity)
    })
}

/// It said that it takes nothing new, and does.
fn took_new(n: &NodeFact) -> Option<OpenProblem> {
    let d = n.drain.as_ref().filter(|_| n.liveness == Liveness::Live)?;
    let since = d.took_new_at?;
    Some(OpenProblem { count: d.left, since: Some(since), ..of(n, Code::DrainTookNew, Severity::Warn) })
}

fn skew(f: &Facts, n: &NodeFact) -> Option<OpenProblem> {
    let offset = n.clock_offset_ms?;
    let p = of(n, Code::ClockSkew, Severity::Warn);
    let limit = if f.open.contains(&p.id) { SKEW_MS.1 } else { SKEW_MS.0 };
    (offset.unsigned_abs() > limit).then(|| {
        // Whole seconds: the rest changes with every heartbeat and says nothing.
        let seconds = offset.unsigned_abs().saturating_add(500) / 1000;
        let rounded = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000);
        let offset_ms = if offset < 0 { -rounded } else { rounded };
        OpenProblem {
            evidence: Evidence { offset_ms: Some(offset_ms), seconds: Some(seconds), ..Evidence::default() },
            ..p
        }
    })
}

fn identity(n: &NodeFact) -> Option<OpenProblem> {
    let detail = n.identity.clone()?;
    let evidence = Evidence { detail: Some(detail), ..Evidence::default() };
    Some(OpenProblem { evidence, ..of(n, Code::IdentityConflict, Severity::Warn) })
}

/// In the last quarter of the overlap, and in the last hour in any case.
fn secret(f: &Facts, n: &NodeFact) -> Option<OpenProblem> {
    let old = n.old_secret?;
    let (left, overlap) = (old.until.since(f.now), old.until.since(old.replaced_at));
    let soon = left <= (overlap / 4).max(SECRET_ENDS_MS.min(overlap / 2));
    soon.then(|| {
        let severity = if left <= SECRET_ENDS_MS.min(overlap / 8) { Severity::Bad } else { Severity::Warn };
        OpenProblem {
            since: Some(old.replaced_at),
            evidence: Evidence { until: Some(old.until), ..Evidence::default() },
            ..of(n, Code::SecretExpiring, severity)
        }
    })
}

fn unreadable(n: &NodeFact) -> Option<OpenProblem> {
    (!n.unreadable.is_empty()).then(|| OpenProblem {
        evidence: Evidence { values: n.unreadable.clone(), ..Evidence::default() },
        ..of(n, Code::FiguresUnreadable, Severity::Warn)
    })
}

fn maintenance(f: &Facts, n: &NodeFact) -> Option<OpenProblem> {
    let (code, since, until) = overlong(n.maintenance?, f.now)?;
    let evidence = Evidence { until, ..Evidence::default() };
    Some(OpenProblem { since: Some(since), evidence, ..of(n, code, Severity::Warn) })
}

/// What is wrong with maintenance of this age: the code, since when, and when it should have ended.
pub(super) fn overlong(m: Maintenance, now: Timestamp) -> Option<(Code, Timestamp, Option<Timestamp>)> {
    match m.until {
        Some(until) => {
            (now.since(until) >= OVERDUE_MS).then_some((Code::MaintenanceOverdue, until, Some(until)))
        }
        None => (now.since(m.since) >= MAINTENANCE_LONG_MS).then_some((Code::MaintenanceLong, m.since, None)),
    }
}
