//! What a table shows of a node, as one comparable value, with filter and order. Pure; tested on the host.

use std::cmp::Ordering;

use common::ids::{NodeId, RegionId};
use common::node::{Node, NodeKind};
use common::status::{Liveness, StatusWord};
use common::time::Timestamp;

use crate::components::status::word_key;
use crate::text::lower;

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
    /// Figures are current only while this holds; else they are shown as a dash.
    pub live: bool,
    /// CPU in percent.
    pub cpu: Option<f64>,
    /// RAM in percent.
    pub ram: Option<f64>,
    /// Conversations of a backend, calls being handled by a proxy.
    pub work: Option<u64>,
    /// What a backend can hold; what waits at a proxy.
    pub limit: Option<u64>,
    /// Its last heartbeat.
    pub heard: Option<Timestamp>,
    /// Version of its software.
    pub version: Option<String>,
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
        Self {
            id: node.live.id,
            word: node.live.status.word,
            since: node.live.status.since,
            name: node.display_name.clone(),
            endpoint: node.endpoint.authority(),
            region: node.region_id.clone(),
            kind: node.kind,
            live,
            cpu: hardware.and_then(|h| h.cpu_percent),
            ram: hardware.and_then(|h| h.memory_percent),
            work: work.filter(|_| live),
            // What a server can hold is known while it is silent; what waits at it is not.
            limit: limit.filter(|_| live || node.kind == NodeKind::Backend),
            heard: node.live.last_heartbeat_at,
            version: node.live.software_version.clone(),
            development: node.development,
            labels: node.labels.iter().map(|(key, value)| format!("{key}={value}")).collect(),
        }
    }

    /// What the screen calls it.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.endpoint)
    }

    fn figure(value: Option<f64>) -> f64 {
        // Below every figure: no data is no measurement.
        value.unwrap_or(-1.0)
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

/// Which nodes are wanted, as the address says it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeFilter {
    /// Part of name, endpoint, id or version.
    pub text: String,
    /// Words; empty is any.
    pub words: Vec<StatusWord>,
    /// Region.
    pub region: Option<RegionId>,
    /// Kind.
    pub kind: Option<NodeKind>,
    /// A label as `key=value`; empty is any.
    pub label: String,
}

impl NodeFilter {
    /// Reads the values of the address; what is not known is no filter.
    pub fn read(text: &str, status: &str, region: &str, kind: &str) -> Self {
        let word = |key: &str| StatusWord::ALL.into_iter().find(|w| word_key(*w) == key);
        Self {
            text: lower(text.trim()),
            words: status.split(',').filter_map(|key| word(key.trim())).collect(),
            region: Some(region.trim()).filter(|r| !r.is_empty()).map(RegionId::from),
            kind: NodeKind::parse(kind),
            label: String::new(),
        }
    }

    /// The same, of nodes with this label only.
    pub fn labelled(self, label: &str) -> Self {
        Self { label: label.trim().to_owned(), ..self }
    }

    /// Whether a row is wanted.
    pub fn wants(&self, row: &NodeRow) -> bool {
        let has = |text: &str| lower(text).contains(&self.text);
        (self.words.is_empty() || self.words.contains(&row.word))
            && (self.region.is_none() || self.region == row.region)
            && (self.kind.is_none() || self.kind == Some(row.kind))
            && (self.label.is_empty() || row.labels.contains(&self.label))
            && (self.text.is_empty()
                || has(&row.endpoint)
                || row.name.as_deref().is_some_and(has)
                || row.version.as_deref().is_some_and(has)
                || row.labels.iter().any(|l| has(l))
                || has(&row.id.to_string()))
    }

    /// Whether anything is filtered.
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }
}

/// Columns a table can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Worst first.
    Status,
    /// By display name or endpoint.
    Name,
    /// By Region ID.
    Region,
    /// By kind.
    Kind,
    /// By CPU.
    Cpu,
    /// By RAM.
    Ram,
    /// By work.
    Work,
    /// The one heard from last first.
    Heard,
    /// By version.
    Version,
}

impl Column {
    /// All, with their names in the address.
    const KEYS: [(Self, &'static str); 9] = [
        (Self::Status, "status"),
        (Self::Name, "name"),
        (Self::Region, "region"),
        (Self::Kind, "kind"),
        (Self::Cpu, "cpu"),
        (Self::Ram, "ram"),
        (Self::Work, "work"),
        (Self::Heard, "heartbeat"),
        (Self::Version, "version"),
    ];

    /// As in the address.
    pub fn key(self) -> &'static str {
        Self::KEYS.into_iter().find(|(c, _)| *c == self).map_or("", |(_, key)| key)
    }

    /// The inverse of [`Column::key`].
    pub fn parse(key: &str) -> Option<Self> {
        Self::KEYS.into_iter().find(|(_, k)| *k == key).map(|(c, _)| c)
    }
}

/// The order of two rows; equal ones fall back to severity, region, endpoint, id, so that rows never jump.
pub fn compare(a: &NodeRow, b: &NodeRow, column: Column, descending: bool) -> Ordering {
    let by_column = match column {
        Column::Status => a.word.severity().cmp(&b.word.severity()),
        Column::Name => a.title().cmp(b.title()),
        Column::Region => a.region.cmp(&b.region),
        Column::Kind => a.kind.cmp(&b.kind),
        Column::Cpu => NodeRow::figure(a.cpu).total_cmp(&NodeRow::figure(b.cpu)),
        Column::Ram => NodeRow::figure(a.ram).total_cmp(&NodeRow::figure(b.ram)),
        Column::Work => a.work.cmp(&b.work),
        // Ascending age: the newest heartbeat first, never last.
        Column::Heard => b.heard.cmp(&a.heard),
        Column::Version => a.version.cmp(&b.version),
    };
    let by_column = if descending { by_column.reverse() } else { by_column };
    by_column
        .then_with(|| a.word.severity().cmp(&b.word.severity()))
        .then_with(|| a.region.cmp(&b.region))
        .then_with(|| natural(&a.endpoint, &b.endpoint))
        .then_with(|| a.id.cmp(&b.id))
}

/// Order in which `10.0.0.9` comes before `10.0.0.10`: runs of digits count as numbers.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        match (a.chars().next(), b.chars().next()) {
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (left, left_rest) = digits(a);
                let (right, right_rest) = digits(b);
                match left.len().cmp(&right.len()).then_with(|| left.cmp(right)) {
                    Ordering::Equal => (a, b) = (left_rest, right_rest),
                    other => return other,
                }
            }
            (Some(x), Some(y)) => match x.cmp(&y) {
                Ordering::Equal => {
                    a = a.get(x.len_utf8()..).unwrap_or_default();
                    b = b.get(y.len_utf8()..).unwrap_or_default();
                }
                other => return other,
            },
        }
    }
}

/// The leading digits without leading zeros, and what follows.
fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (number.trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: u128, word: StatusWord, region: &str, endpoint: &str) -> NodeRow {
        NodeRow {
            id: format!("00000000-0000-7000-8000-{n:012}").parse().unwrap(),
            word,
            since: Timestamp(0),
            name: None,
            endpoint: endpoint.into(),
            region: Some(RegionId::from(region)),
            kind: NodeKind::Backend,
            live: true,
            cpu: None,
            ram: None,
            work: None,
            limit: None,
            heard: None,
            version: Some("0.3.1".into()),
            development: false,
            labels: Vec::new(),
        }
    }

    fn sorted(mut rows: Vec<NodeRow>, column: Column, descending: bool) -> Vec<String> {
        rows.sort_by(|a, b| compare(a, b, column, descending));
        rows.into_iter().map(|r| r.endpoint).collect()
    }

    #[test]
    fn worst_first_then_region_then_endpoint_as_people_count() {
        let rows = vec![
            row(1, StatusWord::Online, "OM-MCT", "10.0.0.10:5002"),
            row(2, StatusWord::Online, "OM-MCT", "10.0.0.9:5002"),
            row(3, StatusWord::Offline, "US-EAST", "10.1.0.3:5001"),
            row(4, StatusWord::Online, "DE-FRA", "10.2.0.1:5002"),
            row(5, StatusWord::Stale, "DE-FRA", "10.2.0.7:5002"),
        ];
        let order = ["10.1.0.3:5001", "10.2.0.7:5002", "10.2.0.1:5002", "10.0.0.9:5002", "10.0.0.10:5002"];
        assert_eq!(sorted(rows.clone(), Column::Status, false), order);
        // Turned round, the tie-breakers keep their direction.
        let order = ["10.2.0.1:5002", "10.0.0.9:5002", "10.0.0.10:5002", "10.2.0.7:5002", "10.1.0.3:5001"];
        assert_eq!(sorted(rows, Column::Status, true), order);
    }

    #[test]
    fn figures_sort_with_no_data_below() {
        let with = |n, cpu| NodeRow { cpu, ..row(n, StatusWord::Online, "X-Y", &format!("h{n}:1")) };
        let rows = vec![with(1, Some(0.0)), with(2, None), with(3, Some(80.5))];
        assert_eq!(sorted(rows.clone(), Column::Cpu, true), ["h3:1", "h1:1", "h2:1"]);
        assert_eq!(sorted(rows, Column::Cpu, false), ["h2:1", "h1:1", "h3:1"]);
    }

    #[test]
    fn filters_read_from_an_address() {
        let offline = row(1, StatusWord::Offline, "OM-MCT", "10.0.0.9:5002");
        let wants = |t, s, r, k| NodeFilter::read(t, s, r, k).wants(&offline);
        assert!(wants("", "", "", ""));
        assert!(wants("0.0.9", "stale,offline", "om-mct", "backend"));
        assert!(wants("0.3.", "", "", "") && wants("8000-000000000001", "", "", ""));
        assert!(!wants("", "online", "", "") && !wants("", "", "DE-FRA", "") && !wants("", "", "", "proxy"));
        assert!(!wants("zz", "", "", ""));
        // Unknown values are no filter.
        assert!(wants("", "foo", "", "bar"));
        assert!(!NodeFilter::read(" ", "", "", "").is_set());
    }

    #[test]
    fn columns_have_names() {
        for (column, key) in Column::KEYS {
            assert_eq!((Column::parse(key), column.key()), (Some(column), key));
        }
        assert_eq!(Column::parse("x"), None);
    }

    #[test]
    fn natural_order() {
        for (a, b) in
            [("a2", "a10"), ("10.0.0.9:1", "10.0.0.10:1"), ("a", "a1"), ("007", "8"), ("node-1", "node-b")]
        {
            assert_eq!(natural(a, b), Ordering::Less, "{a} {b}");
            assert_eq!(natural(b, a), Ordering::Greater, "{b} {a}");
        }
        assert_eq!(natural("a1", "a1"), Ordering::Equal);
    }
}
