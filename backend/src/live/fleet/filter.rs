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
    /// Of one of these regions; none: of any.
    pub regions: Vec<RegionId>,
    /// Of this kind only.
    pub kind: Option<NodeKind>,
    /// With each of these labels.
    pub labels: Vec<LabelFilter>,
    /// With one of these words; none: with any.
    pub words: Vec<StatusWord>,
    /// Running one of these versions; none: any.
    pub versions: Vec<String>,
    /// With this text, lower case, in its name, address, SIP host, ids, host name, version or labels.
    pub text: Option<String>,
}

impl NodeFilter {
    /// Whether a node is in the list.
    pub(super) fn matches(&self, n: &NodeEntry) -> bool {
        self.look(n).is_some_and(|seen| seen.word_wanted && seen.version_wanted)
    }

    /// What the list's menus say of a node; `None` where something else than its word or version keeps it out.
    pub(super) fn look(&self, n: &NodeEntry) -> Option<Seen> {
        let registered = n.registered.load();
        let r = &registered.record;
        let passes = self.kind.is_none_or(|k| k == r.kind)
            && (self.regions.is_empty() || r.region_id.as_ref().is_some_and(|id| self.regions.contains(id)))
            && self.labels.iter().all(|l| {
                r.labels
                    .get(&l.key)
                    .is_some_and(|value| l.value.as_ref().is_none_or(|wanted| wanted == value))
            })
            && self.text.as_deref().is_none_or(|text| has(n, text));
        if !passes {
            return None;
        }
        let live = n.live.lock();
        let version = live.beat.as_deref().and_then(|b| b.version.as_deref());
        Some(Seen {
            word: live.word,
            word_wanted: self.words.is_empty() || self.words.contains(&live.word),
            version_wanted: self.versions.is_empty()
                || version.is_some_and(|v| self.versions.iter().any(|wanted| wanted == v)),
        })
    }
}

/// A node that passes everything but, perhaps, the filters by word and by version.
pub(super) struct Seen {
    pub(super) word: StatusWord,
    pub(super) word_wanted: bool,
    pub(super) version_wanted: bool,
}

fn has(n: &NodeEntry, text: &str) -> bool {
    let registered = n.registered.load();
    let r = &registered.record;
    let hit = |s: &str| contains(s, text);
    let hit_in = |s: Option<&str>| s.is_some_and(hit);
    let told = || {
        let live = n.live.lock();
        live.beat.as_deref().is_some_and(|b| hit_in(b.hostname.as_deref()) || hit_in(b.version.as_deref()))
    };
    hit_in(r.display_name.as_deref())
        || hit(&format!("{}{}", r.endpoint.authority(), r.endpoint.path))
        || hit_in(r.sip_host.as_deref())
        || hit_in(r.external_id.as_deref())
        || hit(&r.id.to_string())
        || r.labels.iter().any(|(key, value)| hit(&format!("{key}={value}")))
        || told()
}

/// Whether `text` has `wanted`, which is in lower case, in any letter case. Most texts are ASCII and need no copy.
fn contains(text: &str, wanted: &str) -> bool {
    if text.is_ascii() {
        let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
        return wanted.is_empty() || text.windows(wanted.len()).any(|w| w.eq_ignore_ascii_case(wanted));
    }
    text.to_lowercase().contains(wanted)
}
