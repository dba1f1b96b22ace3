//! The order of a list of nodes: by a column, then by severity, region, endpoint and id, so that equal rows never jump.
//!
//! One set of rules for the server, which sorts fleets too large for a browser, and for the console, which sorts the
//! rest itself. What a node does not have, or has not told lately, comes last in both directions.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::ids::{NodeId, RegionId};
use crate::node::{Node, NodeKind};
use crate::status::{Liveness, StatusWord};
use crate::time::Timestamp;

/// Most ids in one [`NodeOrder`].
pub const ORDER_MAX: usize = 20_000;

/// What a list of nodes can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeColumn {
    /// The status word, worst first.
    Status,
    /// Display name, else host and port; letter case does not count.
    Name,
    /// Host and port.
    Endpoint,
    /// Region ID.
    Region,
    /// Proxy, backend, background.
    Kind,
    /// CPU in percent.
    Cpu,
    /// RAM in percent.
    Ram,
    /// Conversations of a backend, calls being handled by a proxy.
    Sessions,
    /// Received and sent together.
    Network,
    /// The last heartbeat, newest first.
    Heartbeat,
    /// Version of the software.
    Version,
    /// Where SIP goes.
    Sip,
    /// How long the process has been running, shortest first.
    Uptime,
    /// How long the status word has been true, shortest first.
    Since,
    /// The node's own words for what it is doing, else the public reason of its intent.
    Reason,
    /// The id: in the order in which nodes were added.
    Id,
    /// Labels as `key=value`.
    Labels,
}

impl NodeColumn {
    /// All columns with their names on the wire and in addresses.
    pub const ALL: [(Self, &'static str); 17] = [
        (Self::Status, "status"),
        (Self::Name, "name"),
        (Self::Endpoint, "endpoint"),
        (Self::Region, "region"),
        (Self::Kind, "kind"),
        (Self::Cpu, "cpu"),
        (Self::Ram, "ram"),
        (Self::Sessions, "sessions"),
        (Self::Network, "network"),
        (Self::Heartbeat, "heartbeat"),
        (Self::Version, "version"),
        (Self::Sip, "sip"),
        (Self::Uptime, "uptime"),
        (Self::Since, "since"),
        (Self::Reason, "reason"),
        (Self::Id, "id"),
        (Self::Labels, "labels"),
    ];

    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(column, _)| *column == self).map_or("", |(_, name)| name)
    }

    /// The inverse of [`NodeColumn::as_str`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(column, _)| column)
    }
}

/// A column and a direction, on the wire `cpu` or `-cpu`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeSort {
    /// By what.
    pub column: NodeColumn,
    /// Turned round. The columns that break ties keep their direction.
    pub descending: bool,
}

impl Default for NodeSort {
    fn default() -> Self {
        Self { column: NodeColumn::Status, descending: false }
    }
}

impl NodeSort {
    /// Reads `cpu` or `-cpu`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        NodeColumn::parse(name).map(|column| Self { column, descending })
    }

    /// The inverse of [`NodeSort::parse`].
    pub fn text(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.column.as_str())
    }
}

/// What an order can look at of a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodeFacts<'a> {
    /// The node.
    pub id: NodeId,
    /// Its word.
    pub word: StatusWord,
    /// When the word began.
    pub since: Timestamp,
    /// Its display name, if it has one.
    pub name: Option<&'a str>,
    /// Host and port.
    pub endpoint: &'a str,
    /// Its region.
    pub region: Option<&'a RegionId>,
    /// What it does.
    pub kind: NodeKind,
    /// CPU in percent; `None` where it is not known now. So with all figures below.
    pub cpu: Option<f64>,
    /// RAM in percent.
    pub ram: Option<f64>,
    /// Conversations of a backend, calls being handled by a proxy.
    pub sessions: Option<u64>,
    /// Received and sent together, in 10⁶ bit/s.
    pub network: Option<f64>,
    /// The last heartbeat.
    pub heard: Option<Timestamp>,
    /// Version of its software.
    pub version: Option<&'a str>,
    /// Host and port of SIP.
    pub sip: Option<(&'a str, u16)>,
    /// When its process started, while it is live.
    pub started: Option<Timestamp>,
    /// What stands in the column of reasons.
    pub reason: Option<&'a str>,
    /// Its first label as key and value.
    pub label: Option<(&'a str, &'a str)>,
}

impl<'a> NodeFacts<'a> {
    /// Of a whole node; `endpoint` is its [`authority`](crate::endpoint::Endpoint::authority).
    pub fn of(node: &'a Node, endpoint: &'a str) -> Self {
        let live = node.live.liveness == Liveness::Live;
        let hardware = node.live.hardware.as_ref().filter(|_| live);
        let sessions = match node.kind {
            NodeKind::Proxy => node.live.outbound.as_ref().and_then(|o| o.processing).map(u64::from),
            NodeKind::Backend | NodeKind::Background => {
                node.live.sessions.as_ref().and_then(|s| both(s.phone.map(u64::from), s.web.map(u64::from)))
            }
        };
        Self {
            id: node.live.id,
            word: node.live.status.word,
            since: node.live.status.since,
            name: node.display_name.as_deref(),
            endpoint,
            region: node.region_id.as_ref(),
            kind: node.kind,
            cpu: hardware.and_then(|h| h.cpu_percent),
            ram: hardware.and_then(|h| h.memory_percent),
            sessions: sessions.filter(|_| live),
            network: hardware.and_then(|h| both(h.network_down_mbps, h.network_up_mbps)),
            heard: node.live.last_heartbeat_at,
            version: node.live.software_version.as_deref(),
            sip: node.sip_host.as_deref().zip(node.sip_port),
            started: node.live.started_at.filter(|_| live),
            reason: node.live.runtime_reason.as_deref().or(node.intent.public_reason.as_deref()),
            label: node.labels.iter().next().map(|(key, value)| (key.as_str(), value.as_str())),
        }
    }
}

/// The sum of two figures, where at least one is known.
pub fn both<T: std::ops::Add<Output = T>>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (one, other) => one.or(other),
    }
}

/// The value of the column that is sorted by.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Number(f64),
    Whole(i64),
    Text(String),
}

/// A node as an order sees it: made once per node, compared many times.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderKey {
    value: Option<Value>,
    severity: u8,
    region: Option<RegionId>,
    /// As [`natural_key`] has it.
    endpoint: String,
    /// The node.
    pub id: NodeId,
}

impl OrderKey {
    /// Of a node, for a list sorted by this column.
    pub fn new(facts: &NodeFacts<'_>, column: NodeColumn) -> Self {
        let severity = facts.word.severity();
        let endpoint = natural_key(facts.endpoint);
        // The youngest first: the later it was, the less time has passed.
        let age = |at: Timestamp| Value::Whole(at.0.saturating_neg());
        let text = |s: &str| Value::Text(natural_key(s));
        let value = match column {
            NodeColumn::Status => Some(Value::Whole(severity.into())),
            NodeColumn::Name => Some(text(&facts.name.unwrap_or(facts.endpoint).to_ascii_lowercase())),
            NodeColumn::Endpoint => Some(Value::Text(endpoint.clone())),
            NodeColumn::Region => facts.region.map(|r| Value::Text(r.as_str().to_owned())),
            NodeColumn::Kind => Some(Value::Text(facts.kind.as_str().to_owned())),
            NodeColumn::Cpu => facts.cpu.map(Value::Number),
            NodeColumn::Ram => facts.ram.map(Value::Number),
            NodeColumn::Sessions => {
                facts.sessions.map(|n| Value::Whole(i64::try_from(n).unwrap_or(i64::MAX)))
            }
            NodeColumn::Network => facts.network.map(Value::Number),
            NodeColumn::Heartbeat => facts.heard.map(age),
            NodeColumn::Version => facts.version.map(text),
            NodeColumn::Sip => facts.sip.map(|(host, port)| text(&format!("{host}:{port}"))),
            NodeColumn::Uptime => facts.started.map(age),
            NodeColumn::Since => Some(age(facts.since)),
            NodeColumn::Reason => facts.reason.filter(|r| !r.is_empty()).map(text),
            NodeColumn::Id => Some(Value::Whole(0)),
            NodeColumn::Labels => facts.label.map(|(key, value)| text(&format!("{key}={value}"))),
        };
        Self { value, severity, region: facts.region.cloned(), endpoint, id: facts.id }
    }

    /// Which of two nodes comes first in a list sorted this way. Both keys are of the column of `sort`.
    pub fn compare(&self, other: &Self, sort: NodeSort) -> Ordering {
        let turned = |o: Ordering| if sort.descending { o.reverse() } else { o };
        if sort.column == NodeColumn::Id {
            return turned(self.id.cmp(&other.id));
        }
        known_first(self.value.as_ref(), other.value.as_ref(), |a, b| {
            turned(match (a, b) {
                (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
                (Value::Whole(a), Value::Whole(b)) => a.cmp(b),
                (Value::Text(a), Value::Text(b)) => a.cmp(b),
                _ => Ordering::Equal,
            })
        })
        .then_with(|| self.severity.cmp(&other.severity))
        .then_with(|| known_first(self.region.as_ref(), other.region.as_ref(), Ord::cmp))
        .then_with(|| self.endpoint.cmp(&other.endpoint))
        .then_with(|| self.id.cmp(&other.id))
    }
}

fn known_first<T>(a: Option<T>, b: Option<T>, both: impl FnOnce(T, T) -> Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => both(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// A text whose plain order is the order in which people count: `10.0.0.9` comes before `10.0.0.10`, because before a
/// run of digits stands how long it is.
pub fn natural_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if !first.is_ascii_digit() {
            key.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let end = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let digits = digits.trim_start_matches('0');
        // A digit again, so that numbers keep their place among other characters: 9 stands for nine or more.
        let mut length = digits.len();
        while length >= 9 {
            key.push('9');
            length -= 9;
        }
        key.push(char::from(b'0' + u8::try_from(length).unwrap_or(0)));
        key.push_str(digits);
        rest = after;
    }
    key
}

/// How many nodes carry a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WordCount {
    /// The word.
    pub word: StatusWord,
    /// How many.
    pub count: u32,
}

/// How many nodes run a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VersionCount {
    /// The version, as nodes tell it.
    pub version: String,
    /// How many.
    pub count: u32,
}

/// Reply to `GET /nodes/order`: which nodes a list holds and in which order, without the nodes themselves. Whole nodes
/// come from `GET /nodes`, or through the stream for those in its window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NodeOrder {
    /// Nodes that pass every filter, in order; the first 20,000.
    pub ids: Vec<NodeId>,
    /// How many nodes pass every filter.
    pub total: u32,
    /// How many nodes are registered.
    pub registered: u32,
    /// When it was made, by the server's clock.
    pub as_of: Timestamp,
    /// The newest change it contains.
    pub change: i64,
    /// By status word, worst first, of the nodes that pass every filter but `status`; words without nodes are left out.
    pub counts: Vec<WordCount>,
    /// By version, most nodes first, of the nodes that pass every filter but `version`; at most 50.
    pub versions: Vec<VersionCount>,
    /// More nodes pass than there are ids.
    pub truncated: bool,
}

#[cfg(test)]
#[path = "node_order_tests.rs"]
mod tests;
