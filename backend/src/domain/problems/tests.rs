//! Facts in, problems out.

use common::capacity::{Capacity, KindCounts};
use common::ids::{NodeId, RegionId};
use common::node::NodeKind;
use common::status::{IntentState, Liveness, StatusWord};
use common::time::Timestamp;
use common::webhooks::StoppedBecause;
use uuid::Uuid;

use super::*;

mod drains;
mod regions;

pub(in crate::domain) const NOW: Timestamp = Timestamp(1_000_000_000);
const OFFLINE_AFTER: u64 = 30_000;

pub(in crate::domain) fn id(n: u128) -> NodeId {
    NodeId(Uuid::from_u128(n))
}

pub(in crate::domain) fn mct() -> RegionId {
    RegionId::from("OM-MCT")
}

/// Node `n` of OM-MCT, alive.
pub(in crate::domain) fn node(n: u128) -> NodeFact {
    NodeFact {
        id: id(n),
        name: format!("10.0.0.{n}:5002"),
        region_id: Some(mct()),
        kind: NodeKind::Backend,
        intent: IntentState::Active,
        liveness: Liveness::Live,
        since: NOW.before(500_000),
        word: StatusWord::Online,
        word_since: NOW.before(500_000),
        created_at: NOW.before(9_000_000),
        last_heartbeat_at: Some(NOW.before(1_000)),
        source: None,
        runtime: None,
        version: None,
        calls: None,
        clock_offset_ms: None,
        identity: None,
        unreadable: Vec::new(),
        old_secret: None,
        storage: None,
        drain: None,
        did_not_return: None,
        maintenance: None,
    }
}

/// Node `n`, whose last heartbeat came `ms` ago.
pub(in crate::domain) fn silent(n: u128, ms: u64) -> NodeFact {
    let offline = ms >= OFFLINE_AFTER;
    NodeFact {
        liveness: if offline { Liveness::Offline } else { Liveness::Stale },
        word: if offline { StatusWord::Offline } else { StatusWord::Stale },
        since: NOW.before(ms.saturating_sub(if offline { OFFLINE_AFTER } else { OFFLINE_AFTER / 2 })),
        last_heartbeat_at: Some(NOW.before(ms)),
        ..node(n)
    }
}

pub(in crate::domain) fn region(id: RegionId, capacity: Capacity) -> RegionFact {
    RegionFact {
        id,
        intent: IntentState::Active,
        maintenance: None,
        capacity,
        storage: StorageFact { configured: true, ..StorageFact::default() },
    }
}

pub(in crate::domain) fn facts(regions: Vec<RegionFact>, nodes: Vec<NodeFact>) -> Facts {
    Facts {
        regions,
        nodes,
        refused: Vec::new(),
        platform: None,
        outside: Outside::default(),
        doubts: Vec::new(),
        waiting: false,
        open: Default::default(),
        offline_after_ms: OFFLINE_AFTER,
        now: NOW,
    }
}

pub(in crate::domain) fn refusal(reason: &str, node: Option<NodeId>, ms_ago: u64) -> RefusalFact {
    let at = NOW.before(ms_ago);
    let rejection = Rejection {
        reason: reason.into(),
        node_id: None,
        claimed_node: None,
        claimed_region: None,
        claimed_kind: None,
        source: "10.0.0.1".into(),
        fingerprint: Some("9f2c0000".into()),
        first_at: at,
        last_at: at,
        count: 7,
    };
    RefusalFact { rejection, node, ignored: false }
}

fn found(f: &Facts) -> Vec<OpenProblem> {
    let mut all = open(f, Incidents::default()).1;
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

fn ids(f: &Facts) -> Vec<String> {
    found(f).into_iter().map(|p| p.id).collect()
}

fn one(f: &Facts) -> OpenProblem {
    let mut all = found(f);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn with(change: impl FnOnce(&mut NodeFact)) -> Facts {
    let mut n = node(1);
    change(&mut n);
    facts(vec![], vec![n])
}

fn proxies(counts: KindCounts) -> RegionFact {
    region(mct(), Capacity { proxy: counts, ..Capacity::default() })
}

fn proxy(n: NodeFact) -> NodeFact {
    NodeFact { kind: NodeKind::Proxy, ..n }
}

#[test]
fn none_online_with_its_evidence() {
    let counts = KindCounts { registered: 1, offline: 1, ..KindCounts::default() };
    let mut f = facts(vec![proxies(counts)], vec![proxy(silent(1, 90_000))]);
    f.refused = vec![refusal("unknown_secret", Some(id(1)), 5_000)];
    let all = found(&f);
    assert_eq!(ids(&f), [format!("node:{}", id(1)), "none_online:OM-MCT:proxy".to_owned()]);
    assert_eq!((all[1].count, all[1].rejections.len(), all[1].severity), (Some(1), 1, Severity::Bad));
    assert_eq!(
        (all[0].code, all[0].evidence.reason.as_deref()),
        (OpenProblemCode::NodeOffline, Some("unknown_secret"))
    );
}

#[test]
fn silence_that_cannot_be_judged_blames_nobody() {
    let counts = KindCounts { registered: 1, unconfirmed: 1, ..KindCounts::default() };
    let waiting = NodeFact { liveness: Liveness::Unconfirmed, word: StatusWord::Unconfirmed, ..node(1) };
    assert_eq!(found(&facts(vec![proxies(counts)], vec![proxy(waiting)])), []);
}

#[test]
fn a_new_node_has_a_minute() {
    let counts = KindCounts { registered: 1, never_seen: 1, ..KindCounts::default() };
    let new = |ms| {
        let n = NodeFact {
            liveness: Liveness::NeverSeen,
            created_at: NOW.before(ms),
            last_heartbeat_at: None,
            ..node(1)
        };
        facts(vec![proxies(counts)], vec![proxy(n)])
    };
    assert_eq!(found(&new(59_999)), []);
    let codes: Vec<_> = found(&new(60_000)).iter().map(|p| p.code).collect();
    assert_eq!(codes, [OpenProblemCode::NodeNeverSeen, OpenProblemCode::NoneOnline]);
}

#[test]
fn away_on_purpose_is_no_problem() {
    let disabled = NodeFact { intent: IntentState::Disabled, ..silent(1, 90_000) };
    let left = NodeFact { liveness: Liveness::Left, word: StatusWord::Offline, ..node(2) };
    let restarting = NodeFact { word: StatusWord::Restarting, ..silent(3, 90_000) };
    assert_eq!(found(&facts(vec![], vec![disabled, left, restarting])), []);
}

#[test]
fn refusals_go_where_they_belong() {
    // Of a node that is alive: told of it, and forgotten a minute after the last.
    let mut f = facts(vec![], vec![node(1)]);
    f.refused = vec![refusal("region_mismatch", Some(id(1)), 59_000)];
    let p = one(&f);
    assert_eq!(
        (p.code, p.count, p.evidence.reason.as_deref()),
        (OpenProblemCode::NodeRefused, Some(7), Some("region_mismatch"))
    );
    f.refused = vec![refusal("region_mismatch", Some(id(1)), 60_000)];
    assert_eq!(found(&f), []);
    // Of strangers: counted in groups; those that somebody hid are not.
    let hidden = RefusalFact { ignored: true, ..refusal("unknown_secret", None, 1) };
    f.refused = vec![refusal("unknown_secret", None, 5), refusal("node_deleted", None, 6), hidden.clone()];
    let p = one(&f);
    assert_eq!((p.id.as_str(), p.count), ("unregistered_nodes:cluster", Some(2)));
    f.refused = vec![hidden];
    assert_eq!(found(&f), []);
    // The rest.
    f.refused = vec![refusal("body_too_large", None, 5), refusal("body_too_large", None, REFUSED_WITHIN_MS)];
    let p = one(&f);
    assert_eq!((p.id.as_str(), p.count), ("heartbeats_refused:cluster", Some(7)));
}

#[test]
fn clocks_may_differ_by_five_seconds() {
    let offset = |ms| with(|n| n.clock_offset_ms = Some(ms));
    assert_eq!(found(&offset(-5_000)), []);
    let p = one(&offset(-7_400));
    assert_eq!(
        (p.code, p.evidence.offset_ms, p.evidence.seconds),
        (OpenProblemCode::ClockSkew, Some(-7_000), Some(7))
    );
    // Near the limit it stays as it was.
    let mut near = offset(4_500);
    assert_eq!(found(&near), []);
    near.open.insert(p.id);
    assert_eq!(one(&near).code, OpenProblemCode::ClockSkew);
}

#[test]
fn doubts_about_a_node_are_told_while_it_lives() {
    for (f, code) in [
        (with(|n| n.identity = Some("x".into())), OpenProblemCode::IdentityConflict),
        (with(|n| n.unreadable = vec!["hardware".into()]), OpenProblemCode::FiguresUnreadable),
    ] {
        assert_eq!(one(&f).code, code);
        let gone =
            facts(vec![], f.nodes.into_iter().map(|n| NodeFact { liveness: Liveness::Left, ..n }).collect());
        assert_eq!(found(&gone), []);
    }
}

#[test]
fn a_former_secret_that_ends_soon() {
    let old = |replaced_ms_ago, left_ms: u64| {
        with(|n| {
            let until = NOW.later(left_ms);
            n.old_secret = Some(OldSecret { replaced_at: NOW.before(replaced_ms_ago), until });
        })
    };
    let hour = 3_600_000;
    assert_eq!(found(&old(17 * hour, 7 * hour)), []);
    let p = one(&old(18 * hour, 6 * hour));
    assert_eq!(
        (p.code, p.severity, p.evidence.until),
        (OpenProblemCode::SecretExpiring, Severity::Warn, Some(NOW.later(6 * hour)))
    );
    assert_eq!(one(&old(23 * hour, hour)).severity, Severity::Bad);
    assert_eq!(found(&old(0, hour)), []);
}

#[test]
fn disabled_and_still_there() {
    let f = |ms| {
        with(|n| {
            (n.intent, n.word, n.word_since) = (IntentState::Disabled, StatusWord::Disabled, NOW.before(ms));
        })
    };
    assert_eq!(found(&f(59_999)), []);
    assert_eq!(one(&f(60_000)).code, OpenProblemCode::StillReporting);
}

#[test]
fn a_node_that_did_not_return_is_told_of_once() {
    let f = facts(vec![], vec![NodeFact { did_not_return: Some(NOW.before(200_000)), ..silent(1, 200_000) }]);
    let p = one(&f);
    assert_eq!(
        (p.code, p.since, p.severity),
        (OpenProblemCode::DidNotReturn, Some(NOW.before(200_000)), Severity::Bad)
    );
}

#[test]
fn maintenance_that_lasts() {
    let hour = 3_600_000;
    let m = |since_ms, until: Option<Timestamp>| Maintenance { since: NOW.before(since_ms), until };
    let code = |m: Maintenance| found(&with(|n| n.maintenance = Some(m))).first().map(|p| p.code);
    assert_eq!(code(m(4 * hour - 1, None)), None);
    assert_eq!(code(m(4 * hour, None)), Some(OpenProblemCode::MaintenanceLong));
    assert_eq!(code(m(40 * hour, Some(NOW.later(1)))), None);
    assert_eq!(code(m(40 * hour, Some(NOW.before(59_999)))), None);
    assert_eq!(code(m(40 * hour, Some(NOW.before(60_000)))), Some(OpenProblemCode::MaintenanceOverdue));
    // Of a region and of the platform too.
    let mut f = facts(
        vec![RegionFact { maintenance: Some(m(4 * hour, None)), ..proxies(KindCounts::default()) }],
        vec![],
    );
    f.platform = Some(m(5 * hour, None));
    assert_eq!(ids(&f), ["maintenance_long:OM-MCT", "maintenance_long:platform"]);
}

#[test]
fn tokens_that_end_are_a_new_problem_at_each_step() {
    let day = 86_400_000;
    let of = |left: u64| {
        let mut f = facts(vec![], vec![]);
        let id = common::ids::TokenId(Uuid::from_u128(1));
        let ends = NOW.later(left);
        f.outside.tokens = vec![TokenFact { id, name: "ci".into(), created_by: "a@b".into(), ends }];
        found(&f).into_iter().map(|p| (p.id, p.severity, p.since)).next()
    };
    assert_eq!(of(14 * day + 1), None);
    for (left, step, severity) in [
        (14 * day, 14, Severity::Warn),
        (7 * day + 1, 14, Severity::Warn),
        (7 * day, 7, Severity::Warn),
        (day, 1, Severity::Bad),
        (1, 1, Severity::Bad),
    ] {
        let id = format!("token_expiring:{}:{step}", Uuid::from_u128(1));
        let since = NOW.later(left).before(step * day);
        assert_eq!(of(left), Some((id, severity, Some(since))), "{left}");
    }
    assert_eq!(of(0), None, "it is over");
}

#[test]
fn a_webhook_is_a_problem_when_nothing_was_taken_for_long_or_it_was_stopped() {
    let of = |since: Option<u64>, stopped| {
        let mut f = facts(vec![], vec![]);
        let id = common::ids::WebhookId(Uuid::from_u128(1));
        f.outside.webhooks = vec![WebhookFact {
            id,
            name: "On call".into(),
            since: since.map(|ms| NOW.before(ms)),
            stopped,
            dropped: None,
        }];
        found(&f).into_iter().map(|p| (p.id, p.severity, p.evidence.reason)).next()
    };
    let id = format!("webhook_failing:{}", Uuid::from_u128(1));
    assert_eq!(of(Some(15 * 60_000 - 1), None), None);
    assert_eq!(of(Some(15 * 60_000), None), Some((id.clone(), Severity::Warn, None)));
    for why in [StoppedBecause::Gone, StoppedBecause::Failing] {
        let reason = Some(why.as_str().to_owned());
        assert_eq!(of(None, Some(why)), Some((id.clone(), Severity::Warn, reason)));
    }
}

#[test]
fn a_webhook_that_gets_more_than_it_takes_is_a_problem() {
    let mut f = facts(vec![], vec![]);
    let id = common::ids::WebhookId(Uuid::from_u128(1));
    let dropped = Some((7, NOW.before(3)));
    f.outside.webhooks =
        vec![WebhookFact { id, name: "On call".into(), since: Some(NOW), stopped: None, dropped }];
    let p = found(&f).remove(0);
    assert_eq!((p.code, p.count, p.since), (OpenProblemCode::WebhookFailing, Some(7), Some(NOW.before(3))));
    assert_eq!(p.evidence.reason.as_deref(), Some("full"));
    // Switched off, nothing is left out any more.
    f.outside.webhooks[0].stopped = Some(StoppedBecause::Gone);
    let p = found(&f).remove(0);
    assert_eq!((p.count, p.evidence.reason.as_deref()), (None, Some("gone")));
}
