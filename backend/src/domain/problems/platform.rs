//! Problems of the whole: refused heartbeats of strangers, singletons, and ourselves.

use common::node::NodeKind;
use common::overview::{CollectingReason, Evidence, OpenProblem, OpenProblemCode as Code, Severity};
use common::tokens::WARN_DAYS;
use common::unregistered::UnregisteredReason;

use super::nodes::overlong;
use super::{Facts, REFUSED_WITHIN_MS, RefusalFact, WebhookFact, count, problem, shown};
use crate::domain::webhook::plan::FAILING_MS;

pub(super) fn problems(f: &Facts) -> Vec<OpenProblem> {
    let mut out = strangers(f);
    out.extend(maintenance(f));
    out.extend(background(f));
    out.extend(jobs(f));
    out.extend(frontends(f));
    out.extend(tokens(f));
    out.extend(webhooks(f));
    out.extend(collecting(f));
    out.extend(vault(f));
    out
}

fn of(code: Code, target: &str, severity: Severity) -> OpenProblem {
    problem(format!("{}:{target}", code.as_str()), code, severity)
}

/// Refusals that concern no registered node: servers that nobody knows, and the rest.
fn strangers(f: &Facts) -> Vec<OpenProblem> {
    let recent =
        f.refused.iter().filter(|r| r.node.is_none() && f.now.since(r.rejection.last_at) < REFUSED_WITHIN_MS);
    let (unknown, other): (Vec<&RefusalFact>, Vec<&RefusalFact>) =
        recent.partition(|r| UnregisteredReason::parse(&r.rejection.reason).is_some());
    let unknown: Vec<&RefusalFact> = unknown.into_iter().filter(|r| !r.ignored).collect();
    let summed = |of: &[&RefusalFact], p: OpenProblem| {
        let last = of.iter().map(|r| r.rejection.last_at).max()?;
        Some(OpenProblem {
            since: of.iter().map(|r| r.rejection.first_at).min(),
            last_heartbeat_at: Some(last),
            rejections: shown(of.iter().copied()),
            ..p
        })
    };
    let groups = OpenProblem {
        count: Some(count(unknown.len())),
        ..of(Code::UnregisteredNodes, "cluster", Severity::Warn)
    };
    let times = other.iter().fold(0_u64, |sum, r| sum.saturating_add(r.rejection.count));
    let rest = OpenProblem {
        count: Some(u32::try_from(times).unwrap_or(u32::MAX)),
        ..of(Code::HeartbeatsRefused, "cluster", Severity::Warn)
    };
    [summed(&unknown, groups), summed(&other, rest)].into_iter().flatten().collect()
}

fn maintenance(f: &Facts) -> Option<OpenProblem> {
    let (code, since, until) = overlong(f.platform?, f.now)?;
    let evidence = Evidence { until, ..Evidence::default() };
    Some(OpenProblem { since: Some(since), evidence, ..of(code, "platform", Severity::Warn) })
}

fn background(f: &Facts) -> Vec<OpenProblem> {
    let Some(b) = &f.outside.background else { return Vec::new() };
    let Some((id, name)) = &b.node else {
        // Before there is a node of any kind, nobody misses it.
        let missed = !f.nodes.is_empty();
        return missed.then(|| of(Code::BackgroundMissing, "cluster", Severity::Warn)).into_iter().collect();
    };
    let about = |code, severity, since, detail| OpenProblem {
        node_id: Some(*id),
        node_name: Some(name.clone()),
        kind: Some(NodeKind::Background),
        since: Some(since),
        evidence: Evidence { detail, ..Evidence::default() },
        ..of(code, "cluster", severity)
    };
    [
        b.unreachable
            .as_ref()
            .map(|(since, why)| about(Code::BackgroundUnreachable, Severity::Bad, *since, Some(why.clone()))),
        b.keys_differ.map(|since| about(Code::BackgroundKeysDiffer, Severity::Bad, since, None)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn jobs(f: &Facts) -> impl Iterator<Item = OpenProblem> {
    f.outside.jobs.iter().map(|j| OpenProblem {
        since: Some(j.at),
        evidence: Evidence {
            values: vec![j.title.clone()],
            reason: Some(j.state.clone()),
            detail: j.error.clone(),
            ..Evidence::default()
        },
        ..of(Code::JobFailed, &j.key, Severity::Warn)
    })
}

fn frontends(f: &Facts) -> Option<OpenProblem> {
    f.outside.frontends.as_ref().map(|n| OpenProblem {
        count: Some(n.count),
        evidence: Evidence { values: vec![n.version.clone()], ..Evidence::default() },
        ..of(Code::FrontendVersionsDiffer, "cluster", Severity::Warn)
    })
}

/// A token's problem is another one at each step, so that one that was put aside comes back at the next.
fn tokens(f: &Facts) -> impl Iterator<Item = OpenProblem> {
    const DAY_MS: u64 = 86_400_000;
    f.outside.tokens.iter().filter(|t| t.ends > f.now).filter_map(|t| {
        let left = t.ends.since(f.now);
        let days = *WARN_DAYS.iter().rev().find(|days| left <= u64::from(**days) * DAY_MS)?;
        let severity = if days == 1 { Severity::Bad } else { Severity::Warn };
        Some(OpenProblem {
            since: Some(t.ends.before(u64::from(days) * DAY_MS)),
            evidence: Evidence {
                values: vec![t.name.clone()],
                detail: Some(t.created_by.clone()),
                until: Some(t.ends),
                ..Evidence::default()
            },
            ..of(Code::TokenExpiring, &format!("{}:{days}", t.id), severity)
        })
    })
}

/// A call or two that failed are nobody's worry: they are tried again.
fn webhooks(f: &Facts) -> impl Iterator<Item = OpenProblem> {
    let fails = |w: &WebhookFact| w.since.is_some_and(|at| f.now.since(at) >= FAILING_MS);
    let worth = move |w: &&WebhookFact| w.stopped.is_some() || w.dropped.is_some() || fails(w);
    f.outside.webhooks.iter().filter(worth).map(|w| {
        let stopped = w.stopped.map(|why| why.as_str());
        let dropped = w.dropped.filter(|_| stopped.is_none());
        OpenProblem {
            since: dropped.map(|(_, at)| at).or(w.since),
            count: dropped.map(|(n, _)| n),
            evidence: Evidence {
                values: vec![w.name.clone()],
                reason: stopped.or(dropped.map(|_| "full")).map(str::to_owned),
                ..Evidence::default()
            },
            ..of(Code::WebhookFailing, &w.id.to_string(), Severity::Warn)
        }
    })
}

/// Without the master key nodes get no storage keys and nobody gets a new secret.
fn vault(f: &Facts) -> Option<OpenProblem> {
    let (why, since) = f.outside.vault?;
    Some(OpenProblem {
        since: Some(since),
        evidence: Evidence { reason: Some(why.to_owned()), ..Evidence::default() },
        ..of(Code::VaultLocked, "cluster", Severity::Bad)
    })
}

/// A start is no problem, and being late is one only where somebody waits for the verdict.
fn collecting(f: &Facts) -> Option<OpenProblem> {
    let worth = |r: CollectingReason| match r {
        CollectingReason::Restart | CollectingReason::NewSweeper => false,
        CollectingReason::SweeperLate | CollectingReason::Suspended => f.waiting,
        CollectingReason::DatabaseErrors | CollectingReason::IngestErrors => true,
    };
    let mut all = f.doubts.iter().filter(|d| worth(d.reason)).peekable();
    let first = **all.peek()?;
    let name = |r: CollectingReason| match r {
        CollectingReason::Restart => "restart",
        CollectingReason::NewSweeper => "new_sweeper",
        CollectingReason::SweeperLate => "sweeper_late",
        CollectingReason::Suspended => "suspended",
        CollectingReason::DatabaseErrors => "database_errors",
        CollectingReason::IngestErrors => "ingest_errors",
    };
    let values: Vec<String> = all.map(|d| name(d.reason).to_owned()).collect();
    Some(OpenProblem {
        since: Some(first.since),
        evidence: Evidence { reason: Some(name(first.reason).to_owned()), values, ..Evidence::default() },
        ..of(Code::Collecting, "cluster", Severity::Warn)
    })
}
