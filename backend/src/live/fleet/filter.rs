//! Which nodes a list holds.

use common::ids::RegionId;
use common::node::NodeKind;
use common::status::StatusWord;

use super::entry::NodeEntry;

/// A label a node must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelFilter {
    /// Its key.
    pub key: String,
    /// Its value; `None`: any.
    pub value: Option<String>,
}

/// What a node must be; all of it.
#[derive(Debug, Clone, Default)]
pub struct NodeFilter {
    /// Of this region only.
    pub region_id: Option<RegionId>,
    /// Of this kind only.
    pub kind: Option<NodeKind>,
    /// With each of these labels.
    pub labels: Vec<LabelFilter>,
    /// With one of these words; none: with any.
    pub words: Vec<StatusWord>,
    /// With this text, lower case, in its name, address, SIP host, ids, host name or labels.
    pub text: Option<String>,
}

impl NodeFilter {
    /// Whether a node is in the list.
    pub(super) fn matches(&self, n: &NodeEntry) -> bool {
        let registered = n.registered.load();
        let r = &registered.record;
        self.kind.is_none_or(|k| k == r.kind)
            && self.region_id.as_ref().is_none_or(|id| Some(id) == r.region_id.as_ref())
            && self.labels.iter().all(|l| {
                r.labels
                    .get(&l.key)
                    .is_some_and(|value| l.value.as_ref().is_none_or(|wanted| wanted == value))
            })
            && (self.words.is_empty() || self.words.contains(&n.live.lock().word))
            && self.text.as_deref().is_none_or(|text| has(n, text))
    }
}

fn has(n: &NodeEntry, text: &str) -> bool {
    let registered = n.registered.load();
    let r = &registered.record;
    let hit = |s: &str| s.to_lowercase().contains(text);
    let hit_in = |s: Option<&str>| s.is_some_and(hit);
    hit_in(r.display_name.as_deref())
        || hit(&format!("{}{}", r.endpoint.authority(), r.endpoint.path))
        || hit_in(r.sip_host.as_deref())
        || hit_in(r.external_id.as_deref())
        || hit(&r.id.to_string())
        || r.labels.iter().any(|(key, value)| hit(&format!("{key}={value}")))
        || hit_in(n.live.lock().beat.as_deref().and_then(|b| b.hostname.as_deref()))
}
