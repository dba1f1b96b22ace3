//! What a list shows of a node, as one comparable value. Pure; tested on the host.

use common::ids::{NodeId, RegionId};
use common::node::{Node, NodeKind};
use common::status::{Liveness, StatusWord};
use common::time::Timestamp;

/// A node as one row.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeRow {
    /// The node.
    pub id: NodeId,
    /// Its word.
    pub word: StatusWord,
    /// When the word began.
    pub since: Timestamp,
    /// Its display name, if it has one.
    pub name: Option<String>,
    /// Host and port.
    pub endpoint: String,
    /// Its region.
    pub region: Option<RegionId>,
    /// What it does.
    pub kind: NodeKind,
    /// CPU in percent; `None` where it is not known now. So with all figures below.
    pub cpu: Option<f64>,
    /// RAM in percent.
    pub ram: Option<f64>,
    /// Conversations of a backend, calls being handled by a proxy.
    pub work: Option<u64>,
    /// What a backend can hold; what waits at a proxy.
    pub limit: Option<u64>,
    /// Received and sent, in 10⁶ bit/s.
    pub network: (Option<f64>, Option<f64>),
    /// Its last heartbeat.
    pub heard: Option<Timestamp>,
    /// Version of its software.
    pub version: Option<String>,
    /// Host and port of SIP.
    pub sip: Option<String>,
    /// When its process started, while it is live.
    pub started: Option<Timestamp>,
    /// Its own words for what it is doing, else the public reason of its intent.
    pub reason: Option<String>,
    /// Takes calls of administrators only.
    pub development: bool,
    /// Its labels as `key=value`.
    pub labels: Vec<String>,
}

impl NodeRow {
    /// Of a node as it is now.
    pub fn of(node: &Node) -> Self {
        let live = node.live.liveness == Liveness::Live;
        let hardware = node.live.hardware.as_ref().filter(|_| live);
        let (work, limit) = work_of(node);
        let reason = node.live.runtime_reason.as_ref().or(node.intent.public_reason.as_ref());
        Self {
            id: node.live.id,
            word: node.live.status.word,
            since: node.live.status.since,
            name: node.display_name.clone(),
            endpoint: node.endpoint.authority(),
            region: node.region_id.clone(),
            kind: node.kind,
            cpu: hardware.and_then(|h| h.cpu_percent),
            ram: hardware.and_then(|h| h.memory_percent),
            work: work.filter(|_| live),
            // What a server can hold is known while it is silent; what waits at it is not.
            limit: limit.filter(|_| live || node.kind == NodeKind::Backend),
            network: hardware.map_or((None, None), |h| (h.network_down_mbps, h.network_up_mbps)),
            heard: node.live.last_heartbeat_at,
            version: node.live.software_version.clone(),
            sip: node.sip_host.as_ref().zip(node.sip_port).map(|(host, port)| format!("{host}:{port}")),
            started: node.live.started_at.filter(|_| live),
            reason: reason.filter(|r| !r.is_empty()).cloned(),
            development: node.development,
            labels: node.labels.iter().map(|(key, value)| format!("{key}={value}")).collect(),
        }
    }

    /// What the screen calls it.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.endpoint)
    }
}

/// Conversations and their limit of a backend; processing and pending calls of a proxy. As last reported.
pub fn work_of(node: &Node) -> (Option<u64>, Option<u64>) {
    match node.kind {
        NodeKind::Proxy => {
            let outbound = node.live.outbound.as_ref();
            (
                outbound.and_then(|o| o.processing).map(u64::from),
                outbound.and_then(|o| o.pending).map(u64::from),
            )
        }
        NodeKind::Backend | NodeKind::Background => {
            let sessions = node.live.sessions.as_ref();
            let used = sessions.and_then(|s| match (s.phone, s.web) {
                (None, None) => None,
                (phone, web) => Some(u64::from(phone.unwrap_or(0)) + u64::from(web.unwrap_or(0))),
            });
            (used, sessions.and_then(|s| s.max).or(node.max_concurrent_calls).map(u64::from))
        }
    }
}

/// Words that need a person.
pub const ATTENTION: [StatusWord; 5] = [
    StatusWord::Offline,
    StatusWord::Unregistered,
    StatusWord::Stale,
    StatusWord::Unconfirmed,
    StatusWord::NeverSeen,
];

#[cfg(test)]
pub mod tests {
    //! A node for the tests of lists.
    use super::*;
    use serde_json::json;

    /// A backend of OM-MCT.
    pub fn node(endpoint: &str, word: StatusWord) -> Node {
        serde_json::from_value(json!({
            "id": "00000000-0000-7000-8000-000000000001",
            "status": {"word": word, "since": "2026-11-22T10:00:00.000Z", "inheritedFrom": null},
            "liveness": if word == StatusWord::Online { "live" } else { "offline" },
            "runtime": null, "runtimeReason": null, "sessions": {"phone": 2, "web": 1, "max": null}, "outbound": null,
            "hardware": {"cpuPercent": 12.5, "networkUpMbps": 1.5}, "lastHeartbeatAt": "2026-11-22T10:00:00.000Z",
            "intervalMs": 5000, "bootId": null, "startedAt": "2026-11-22T09:00:00.000Z", "softwareVersion": "0.3.1",
            "hostname": null, "source": null, "clockOffsetMs": null, "conditions": [], "commands": [],
            "externalId": null, "regionId": "OM-MCT", "kind": "backend",
            "endpoint": common::endpoint::Endpoint::parse(endpoint).unwrap(),
            "sipHost": "10.0.0.9", "sipPort": 5080, "sipTransport": "udp", "displayName": null, "notes": null,
            "labels": {"rack": "b2"}, "development": false, "maxConcurrentCalls": 25,
            "intent": {"state": "active", "publicReason": "", "privateReason": null, "until": null, "by": null, "at": null},
            "secret": {"fingerprint": "00000000", "createdAt": "2026-11-22T10:00:00.000Z", "previousUntil": null},
            "createdAt": "2026-11-22T10:00:00.000Z", "version": 1
        }))
        .unwrap()
    }

    #[test]
    fn figures_of_a_silent_node_are_no_figures() {
        let row = NodeRow::of(&node("10.0.0.9:5002", StatusWord::Online));
        assert_eq!((row.cpu, row.ram, row.work, row.limit), (Some(12.5), None, Some(3), Some(25)));
        assert_eq!((row.network, row.started.is_some()), ((None, Some(1.5)), true));
        assert_eq!((row.title(), row.sip.as_deref()), ("10.0.0.9:5002", Some("10.0.0.9:5080")));
        assert_eq!((row.reason, row.labels), (None, vec!["rack=b2".to_owned()]));
        let row = NodeRow::of(&node("10.0.0.9:5002", StatusWord::Offline));
        // What it can hold is known all the same.
        assert_eq!((row.cpu, row.work, row.limit, row.started), (None, None, Some(25), None));
        assert_eq!(row.network, (None, None));
    }
}
