//! What needs a person, worked out from the fleet alone. Pure: the caller passes facts and the time.

use common::capacity::Capacity;
use common::ids::{NodeId, RegionId};
use common::node::NodeKind;
use common::overview::{OpenProblem, OpenProblemCode, Rejection, Severity};
use common::status::{IntentState, Liveness};
use common::time::Timestamp;

/// Never seen this long after registration is a problem: before, somebody is still typing.
pub const NEVER_SEEN_AFTER_MS: u64 = 60_000;
/// Refusals this recent are evidence.
pub const REFUSED_WITHIN_MS: u64 = 15 * 60_000;
/// Longest list sent.
pub const PROBLEMS_MAX: usize = 100;

/// One node.
#[derive(Debug, Clone)]
pub struct NodeFact {
    /// Which.
    pub id: NodeId,
    /// How it is called on the screen.
    pub name: String,
    /// Where.
    pub region_id: Option<RegionId>,
    /// What it does.
    pub kind: NodeKind,
    /// Effective.
    pub intent: IntentState,
    /// As judged.
    pub liveness: Liveness,
    /// Since when.
    pub since: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
    /// Its last accepted heartbeat.
    pub last_heartbeat_at: Option<Timestamp>,
}

/// One region.
#[derive(Debug, Clone)]
pub struct RegionFact {
    /// Which.
    pub id: RegionId,
    /// Its figures.
    pub capacity: Capacity,
}

/// All open problems, worst first, then oldest first; at most [`PROBLEMS_MAX`].
pub fn open(
    regions: &[RegionFact],
    nodes: &[NodeFact],
    refused: &[Rejection],
    now: Timestamp,
) -> Vec<OpenProblem> {
    let recent: Vec<&Rejection> =
        refused.iter().filter(|r| now.since(r.last_at) < REFUSED_WITHIN_MS).collect();
    let mut out = Vec::new();
    for region in regions {
        for (kind, counts) in
            [(NodeKind::Proxy, region.capacity.proxy), (NodeKind::Backend, region.capacity.backend)]
        {
            // While the control plane cannot judge, "none online" would blame the nodes.
            if counts.registered == 0 || counts.online > 0 || counts.unconfirmed > 0 {
                continue;
            }
            let of = |n: &&NodeFact| {
                n.region_id.as_ref() == Some(&region.id)
                    && n.kind == kind
                    && n.intent != IntentState::Disabled
            };
            let newest = nodes.iter().filter(of).map(|n| n.created_at).max();
            if counts.never_seen == counts.registered
                && newest.is_none_or(|at| now.since(at) < NEVER_SEEN_AFTER_MS)
            {
                continue;
            }
            let evidence = recent.iter().filter(|r| concerns(r, nodes.iter().filter(of), &region.id, kind));
            out.push(OpenProblem {
                id: format!("none_online:{}:{}", region.id, kind.as_str()),
                code: OpenProblemCode::NoneOnline,
                severity: Severity::Bad,
                region_id: Some(region.id.clone()),
                node_id: None,
                node_name: None,
                kind: Some(kind),
                count: Some(counts.registered),
                since: nodes.iter().filter(of).map(|n| n.since).max(),
                last_heartbeat_at: nodes.iter().filter(of).filter_map(|n| n.last_heartbeat_at).max(),
                rejections: evidence.take(5).map(|r| (*r).clone()).collect(),
            });
        }
    }
    for n in nodes.iter().filter(|n| n.intent != IntentState::Disabled) {
        let (code, severity, since) = match n.liveness {
            Liveness::Offline => (OpenProblemCode::NodeOffline, Severity::Bad, n.since),
            Liveness::Stale => (OpenProblemCode::NodeStale, Severity::Warn, n.since),
            Liveness::NeverSeen if now.since(n.created_at) >= NEVER_SEEN_AFTER_MS => {
                (OpenProblemCode::NodeNeverSeen, Severity::Warn, n.created_at)
            }
            _ => continue,
        };
        let evidence = recent.iter().filter(|r| r.node_id == Some(n.id));
        out.push(OpenProblem {
            id: format!("node:{}", n.id),
            code,
            severity,
            region_id: n.region_id.clone(),
            node_id: Some(n.id),
            node_name: Some(n.name.clone()),
            kind: Some(n.kind),
            count: None,
            since: Some(since),
            last_heartbeat_at: n.last_heartbeat_at,
            rejections: evidence.take(5).map(|r| (*r).clone()).collect(),
        });
    }
    if let Some(last) = recent.iter().map(|r| r.last_at).max() {
        let count = recent.iter().map(|r| r.count).fold(0, u64::saturating_add);
        out.push(OpenProblem {
            id: "heartbeats_refused".to_owned(),
            code: OpenProblemCode::HeartbeatsRefused,
            severity: Severity::Warn,
            region_id: None,
            node_id: None,
            node_name: None,
            kind: None,
            count: Some(u32::try_from(count).unwrap_or(u32::MAX)),
            since: recent.iter().map(|r| r.first_at).min(),
            last_heartbeat_at: Some(last),
            rejections: recent.iter().take(5).map(|r| (*r).clone()).collect(),
        });
    }
    out.sort_by(|a, b| (a.severity, a.since, &a.id).cmp(&(b.severity, b.since, &b.id)));
    out.truncate(PROBLEMS_MAX);
    out
}

/// Whether a refusal belongs to these nodes: it presented a secret of one, or claims one, or claims their region and kind.
fn concerns<'a>(
    r: &Rejection,
    mut nodes: impl Iterator<Item = &'a NodeFact>,
    region: &RegionId,
    kind: NodeKind,
) -> bool {
    let claims = r.claimed_region.as_deref() == Some(region.as_str())
        && r.claimed_kind.as_deref().is_none_or(|k| k == kind.as_str());
    claims || nodes.any(|n| r.node_id == Some(n.id) || r.claimed_node.as_deref() == Some(&n.id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::capacity::KindCounts;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn region(proxy: KindCounts) -> RegionFact {
        RegionFact { id: RegionId::from("OM-MCT"), capacity: Capacity { proxy, ..Capacity::default() } }
    }

    fn node(liveness: Liveness, created_ms_ago: u64) -> NodeFact {
        NodeFact {
            id: NodeId(Uuid::from_u128(1)),
            name: "10.0.0.1:5060".into(),
            region_id: Some(RegionId::from("OM-MCT")),
            kind: NodeKind::Proxy,
            intent: IntentState::Active,
            liveness,
            since: NOW.before(1000),
            created_at: NOW.before(created_ms_ago),
            last_heartbeat_at: None,
        }
    }

    fn refusal(at: Timestamp) -> Rejection {
        Rejection {
            reason: "unknown_secret".into(),
            node_id: None,
            claimed_node: Some(NodeId(Uuid::from_u128(1)).to_string()),
            claimed_region: None,
            claimed_kind: None,
            source: "10.0.0.1".into(),
            fingerprint: Some("9f2c0000".into()),
            first_at: at,
            last_at: at,
            count: 7,
        }
    }

    fn codes(p: &[OpenProblem]) -> Vec<OpenProblemCode> {
        p.iter().map(|p| p.code).collect()
    }

    #[test]
    fn none_online_with_its_evidence() {
        let counts = KindCounts { registered: 1, offline: 1, ..KindCounts::default() };
        let found = open(&[region(counts)], &[node(Liveness::Offline, 90_000)], &[refusal(NOW)], NOW);
        assert_eq!(
            codes(&found),
            [OpenProblemCode::NodeOffline, OpenProblemCode::NoneOnline, OpenProblemCode::HeartbeatsRefused]
        );
        let none = found.iter().find(|p| p.code == OpenProblemCode::NoneOnline).unwrap();
        assert_eq!((none.count, none.rejections.len()), (Some(1), 1));
    }

    #[test]
    fn silence_that_cannot_be_judged_blames_nobody() {
        let counts = KindCounts { registered: 1, unconfirmed: 1, ..KindCounts::default() };
        assert!(open(&[region(counts)], &[node(Liveness::Unconfirmed, 90_000)], &[], NOW).is_empty());
    }

    #[test]
    fn a_new_node_has_a_minute() {
        let counts = KindCounts { registered: 1, never_seen: 1, ..KindCounts::default() };
        assert!(open(&[region(counts)], &[node(Liveness::NeverSeen, 59_999)], &[], NOW).is_empty());
        let found = open(&[region(counts)], &[node(Liveness::NeverSeen, 60_000)], &[], NOW);
        assert_eq!(codes(&found), [OpenProblemCode::NoneOnline, OpenProblemCode::NodeNeverSeen]);
    }

    #[test]
    fn disabled_and_left_nodes_are_no_problem_of_their_own() {
        let disabled = NodeFact { intent: IntentState::Disabled, ..node(Liveness::Offline, 90_000) };
        assert!(open(&[], &[disabled, node(Liveness::Left, 90_000)], &[], NOW).is_empty());
    }

    #[test]
    fn old_refusals_are_forgotten() {
        assert!(open(&[], &[], &[refusal(NOW.before(REFUSED_WITHIN_MS))], NOW).is_empty());
    }
}
