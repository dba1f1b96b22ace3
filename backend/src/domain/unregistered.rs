//! Refused heartbeats of servers that the registry does not know, in groups. Pure: over the rejection diary.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use common::endpoint::Endpoint;
use common::ids::{NodeId, RegionId};
use common::node::NodeKind;
use common::overview::Rejection;
use common::time::Timestamp;
use common::unregistered::{Prefill, UnregisteredReason};

/// The ports that Iqra AI's servers listen on where nobody chose another.
const PROXY_PORT: u16 = 5001;
const BACKEND_PORT: u16 = 5002;

/// Names a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub [u8; 16]);

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

/// The text names no group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAGroup;

impl FromStr for GroupId {
    type Err = NotAGroup;

    fn from_str(s: &str) -> Result<Self, NotAGroup> {
        let hex = s.len() == 32 && s.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let n = u128::from_str_radix(s, 16).map_err(|_| NotAGroup)?;
        if hex { Ok(Self(n.to_be_bytes())) } else { Err(NotAGroup) }
    }
}

/// What makes refused heartbeats one server's: the same claims from the same address with the same secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The node id claimed.
    pub node: Option<String>,
    /// The region claimed.
    pub region: Option<String>,
    /// The kind claimed.
    pub kind: Option<String>,
    /// Where it comes from.
    pub source: String,
    /// Fingerprint of its secret.
    pub fingerprint: Option<String>,
}

impl Key {
    /// The key of a refusal; `None` where the registry knows the sender.
    pub fn of(r: &Rejection) -> Option<Self> {
        UnregisteredReason::parse(&r.reason)?;
        Some(Self {
            node: r.claimed_node.clone(),
            region: r.claimed_region.clone(),
            kind: r.claimed_kind.clone(),
            source: r.source.clone(),
            fingerprint: r.fingerprint.clone(),
        })
    }

    /// All of it in bytes, each part with its length in front so that no two keys run into each other.
    pub fn bytes(&self) -> Vec<u8> {
        let parts = [
            self.node.as_deref(),
            self.region.as_deref(),
            self.kind.as_deref(),
            Some(self.source.as_str()),
            self.fingerprint.as_deref(),
        ];
        let mut out = Vec::new();
        for part in parts {
            let Some(part) = part else {
                out.push(0);
                continue;
            };
            out.push(1);
            out.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            out.extend_from_slice(part.as_bytes());
        }
        out
    }
}

/// A server the registry does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What makes it one.
    pub key: Key,
    /// Why the newest of its heartbeats was refused.
    pub reason: UnregisteredReason,
    /// The deleted node whose secret it was.
    pub node_id: Option<NodeId>,
    /// First try.
    pub first_at: Timestamp,
    /// Last try.
    pub last_at: Timestamp,
    /// How often.
    pub count: u64,
}

/// All of them, the newest try first. A node that was deleted and later forgotten stays one group.
pub fn groups<'a>(refused: impl IntoIterator<Item = &'a Rejection>) -> Vec<Group> {
    let mut by_key: BTreeMap<Key, Group> = BTreeMap::new();
    for r in refused {
        let (Some(key), Some(reason)) = (Key::of(r), UnregisteredReason::parse(&r.reason)) else { continue };
        let group = by_key.entry(key.clone()).or_insert_with(|| Group {
            key,
            reason,
            node_id: None,
            first_at: r.first_at,
            last_at: r.last_at,
            count: 0,
        });
        if r.last_at >= group.last_at {
            group.reason = reason;
        }
        group.node_id = group.node_id.or(r.node_id);
        group.first_at = group.first_at.min(r.first_at);
        group.last_at = group.last_at.max(r.last_at);
        group.count = group.count.saturating_add(r.count);
    }
    let mut all: Vec<Group> = by_key.into_values().collect();
    all.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.key.cmp(&b.key)));
    all
}

/// What Add node begins with. `exists` finds the region that is called so.
pub fn prefill(key: &Key, exists: impl Fn(&str) -> Option<RegionId>) -> Prefill {
    let claimed = |k: NodeKind| key.kind.as_deref().is_some_and(|c| c.eq_ignore_ascii_case(k.as_str()));
    let kind = [NodeKind::Proxy, NodeKind::Backend].into_iter().find(|k| claimed(*k));
    let port = match kind {
        Some(NodeKind::Proxy) => Some(PROXY_PORT),
        Some(NodeKind::Backend) => Some(BACKEND_PORT),
        _ => None,
    };
    let endpoint = key.source.parse::<IpAddr>().ok().map(|a| match (a.to_canonical(), port) {
        (IpAddr::V4(a), Some(port)) => format!("http://{a}:{port}"),
        (IpAddr::V4(a), None) => format!("http://{a}"),
        (IpAddr::V6(a), Some(port)) => format!("http://[{a}]:{port}"),
        (IpAddr::V6(a), None) => format!("http://[{a}]"),
    });
    Prefill {
        kind,
        region_id: key.region.as_deref().and_then(exists),
        endpoint: endpoint.filter(|e| Endpoint::parse(e).is_ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(reason: &str, at: (i64, i64), count: u64) -> Rejection {
        Rejection {
            reason: reason.into(),
            node_id: None,
            claimed_node: Some("abc".into()),
            claimed_region: Some("om-mct".into()),
            claimed_kind: Some("Backend".into()),
            source: "10.0.0.5".into(),
            fingerprint: Some("9f2c0000".into()),
            first_at: Timestamp(at.0),
            last_at: Timestamp(at.1),
            count,
        }
    }

    #[test]
    fn a_deleted_node_that_was_forgotten_stays_one_group() {
        let other = Rejection { source: "10.0.0.6".into(), ..refusal("unknown_secret", (50, 60), 1) };
        let all = [
            refusal("unknown_secret", (30, 90), 3),
            refusal("node_deleted", (10, 40), 4),
            refusal("region_mismatch", (0, 99), 9),
            other,
        ];
        let found = groups(&all);
        let facts: Vec<_> = found
            .iter()
            .map(|g| (g.key.source.as_str(), g.reason, g.first_at.millis(), g.last_at.millis(), g.count))
            .collect();
        assert_eq!(
            facts,
            [
                ("10.0.0.5", UnregisteredReason::UnknownSecret, 10, 90, 7),
                ("10.0.0.6", UnregisteredReason::UnknownSecret, 50, 60, 1)
            ]
        );
        assert_eq!(groups(&all[1..2])[0].reason, UnregisteredReason::NodeDeleted);
    }

    #[test]
    fn group_ids_are_32_hex_digits() {
        let id = GroupId(*b"0123456789abcdef");
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in
            ["", "0", &"g".repeat(32), &"A".repeat(32), &"0".repeat(33), &format!("+{}", "1".repeat(31))]
        {
            assert_eq!(bad.parse::<GroupId>(), Err(NotAGroup), "{bad}");
        }
    }

    #[test]
    fn no_two_keys_have_the_same_bytes() {
        let key = |node: Option<&str>, region: Option<&str>, source: &str| Key {
            node: node.map(str::to_owned),
            region: region.map(str::to_owned),
            kind: None,
            source: source.to_owned(),
            fingerprint: None,
        };
        let all = [
            key(Some("ab"), None, "c"),
            key(Some("a"), Some("b"), "c"),
            key(None, Some("ab"), "c"),
            key(Some(""), Some("ab"), "c"),
            key(Some("ab"), None, "c\u{0}"),
        ];
        for (i, a) in all.iter().enumerate() {
            for b in &all[i + 1..] {
                assert_ne!(a.bytes(), b.bytes(), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn add_node_begins_with_what_is_claimed_and_holds() {
        let key = |kind: Option<&str>, source: &str| Key {
            node: None,
            region: Some("om-mct".into()),
            kind: kind.map(str::to_owned),
            source: source.to_owned(),
            fingerprint: None,
        };
        let exists = |id: &str| id.eq_ignore_ascii_case("OM-MCT").then(|| RegionId::from("OM-MCT"));
        let all = [
            (key(Some("backend"), "10.0.0.5"), Some(NodeKind::Backend), Some("http://10.0.0.5:5002")),
            (key(Some("Proxy"), "::ffff:10.0.0.5"), Some(NodeKind::Proxy), Some("http://10.0.0.5:5001")),
            (key(Some("proxy"), "fd00::5"), Some(NodeKind::Proxy), Some("http://[fd00::5]:5001")),
            (key(Some("background"), "10.0.0.5"), None, Some("http://10.0.0.5")),
            (key(None, "nonsense"), None, None),
        ];
        for (key, kind, endpoint) in all {
            let p = prefill(&key, exists);
            assert_eq!((p.kind, p.endpoint.as_deref()), (kind, endpoint), "{key:?}");
            assert_eq!(p.region_id, Some(RegionId::from("OM-MCT")));
        }
        assert_eq!(prefill(&key(None, "x"), |_| None).region_id, None);
    }
}
