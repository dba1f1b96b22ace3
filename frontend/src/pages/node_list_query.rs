//! What a list of nodes is filtered by, as in its address. Pure; tested on the host.

use common::ids::RegionId;
use common::node::{Node, NodeKind};
use common::node_order::NodeSort;
use common::status::StatusWord;

use super::node_list_columns::{Columns, read_columns};
use crate::api::OrderQuery;
use crate::components::status::word_key;
use crate::text::lower;

/// Which nodes are wanted. Empty lists and texts mean all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeFilter {
    /// Found in name, endpoint, id, version or labels; in lower case.
    pub text: String,
    /// One of these words.
    pub words: Vec<StatusWord>,
    /// In one of these regions.
    pub regions: Vec<RegionId>,
    /// Of one of these kinds.
    pub kinds: Vec<NodeKind>,
    /// Of one of these versions.
    pub versions: Vec<String>,
    /// With all of these labels, `key=value`.
    pub labels: Vec<String>,
}

/// Words that a person can filter by: `empty` is of regions only.
pub fn choices() -> impl Iterator<Item = StatusWord> {
    StatusWord::ALL.into_iter().filter(|w| !matches!(w, StatusWord::Empty | StatusWord::Unregistered))
}

/// The values of a filter in an address: with commas between, and a comma inside of one written as `%2C`.
pub fn split(value: &str) -> Vec<String> {
    let clean = |part: &str| part.trim().replace("%2C", ",");
    let mut all: Vec<String> = Vec::new();
    for part in value.split(',').map(clean).filter(|part| !part.is_empty()) {
        if !all.contains(&part) {
            all.push(part);
        }
    }
    all
}

/// The inverse of [`split`].
pub fn join<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    values.into_iter().map(|v| v.replace(',', "%2C")).collect::<Vec<_>>().join(",")
}

/// With `value` where it was not, without where it was.
pub fn toggled(list: &str, value: &str) -> String {
    let mut all = split(list);
    match all.iter().position(|v| v == value) {
        Some(at) => {
            all.remove(at);
        }
        None => all.push(value.to_owned()),
    }
    join(all.iter().map(String::as_str))
}

/// The values of an address as they stand there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// `q`
    pub text: String,
    /// `status`
    pub status: String,
    /// `region`
    pub region: String,
    /// `kind`
    pub kind: String,
    /// `version`
    pub version: String,
    /// `label`
    pub label: String,
    /// `sort`
    pub sort: String,
    /// `cols`
    pub cols: String,
}

fn word(key: &str) -> Option<StatusWord> {
    StatusWord::ALL.into_iter().find(|w| word_key(*w) == key)
}

impl NodeFilter {
    /// Reads it from the values of an address; what is not known is no filter.
    pub fn read(asked: &Asked) -> Self {
        Self {
            text: lower(asked.text.trim()),
            words: split(&asked.status).iter().filter_map(|key| word(key)).collect(),
            regions: split(&asked.region).iter().map(|id| RegionId::from(id.as_str())).collect(),
            kinds: split(&asked.kind).iter().filter_map(|key| NodeKind::parse(key)).collect(),
            versions: split(&asked.version),
            labels: split(&asked.label),
        }
    }

    /// Whether a node is wanted.
    pub fn wants(&self, node: &Node) -> bool {
        let labels = || node.labels.iter().map(|(key, value)| format!("{key}={value}"));
        let version = node.live.software_version.as_deref();
        let has = |text: &str| lower(text).contains(&self.text);
        (self.words.is_empty() || self.words.contains(&node.live.status.word))
            && (self.regions.is_empty() || node.region_id.as_ref().is_some_and(|r| self.regions.contains(r)))
            && (self.kinds.is_empty() || self.kinds.contains(&node.kind))
            && (self.versions.is_empty() || version.is_some_and(|v| self.versions.iter().any(|w| w == v)))
            && self.labels.iter().all(|wanted| labels().any(|l| l == *wanted))
            && (self.text.is_empty()
                || has(&node.endpoint.authority())
                || node.display_name.as_deref().is_some_and(has)
                || version.is_some_and(has)
                || node.external_id.as_deref().is_some_and(has)
                || node.sip_host.as_deref().is_some_and(has)
                || node.live.hostname.as_deref().is_some_and(has)
                || labels().any(|l| has(&l))
                || has(&node.id().to_string()))
    }

    /// Whether anything is filtered.
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }

    /// The same question to the server.
    pub fn order_query(&self, sort: NodeSort) -> OrderQuery {
        OrderQuery {
            sort,
            text: self.text.clone(),
            words: self.words.clone(),
            regions: self.regions.clone(),
            // Both kinds are all kinds.
            kind: if let [kind] = self.kinds.as_slice() { Some(*kind) } else { None },
            labels: self.labels.clone(),
            versions: self.versions.clone(),
        }
    }
}

/// What an address says and nobody understands, as `key=value`.
pub fn unknown(asked: &Asked) -> Vec<String> {
    let mut found = Vec::new();
    let mut look = |key: &str, value: &str, known: &dyn Fn(&str) -> bool| {
        found.extend(split(value).into_iter().filter(|v| !known(v)).map(|v| format!("{key}={v}")));
    };
    look("status", &asked.status, &|v| word(v).is_some_and(|w| choices().any(|known| known == w)));
    look("kind", &asked.kind, &|v| NodeKind::parse(v).is_some_and(|k| k != NodeKind::Background));
    look("sort", &asked.sort, &|v| NodeSort::parse(v).is_some());
    look("cols", &asked.cols, &|v| read_columns(v) != Columns::default() || Columns::is_name(v));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::node_order::NodeColumn;

    fn asked(text: &str, status: &str, region: &str, kind: &str) -> Asked {
        let own = str::to_owned;
        Asked {
            text: own(text),
            status: own(status),
            region: own(region),
            kind: own(kind),
            ..Asked::default()
        }
    }

    #[test]
    fn filters_read_from_an_address() {
        let offline = super::super::node_row::tests::node("10.0.0.9:5002", StatusWord::Offline);
        let wants = |t, s, r, k| NodeFilter::read(&asked(t, s, r, k)).wants(&offline);
        assert!(wants("", "", "", ""));
        assert!(wants("0.0.9", "stale,offline", "om-mct", "backend"));
        assert!(wants("", "", "de-fra,om-mct", "proxy,backend"));
        assert!(wants("0.3.", "", "", "") && wants("rack=b", "", "", ""));
        assert!(!wants("", "online", "", "") && !wants("", "", "DE-FRA", "") && !wants("", "", "", "proxy"));
        assert!(!wants("zz", "", "", ""));
        // Unknown values are no filter.
        assert!(wants("", "foo", "", "bar"));
        assert!(!NodeFilter::read(&asked(" ", "", "", "")).is_set());
        let by = |version: &str, label: &str| {
            let asked = Asked { version: version.into(), label: label.into(), ..Asked::default() };
            NodeFilter::read(&asked).wants(&offline)
        };
        assert!(by("0.3.1,0.2", "") && !by("0.2", "") && by("", "rack=b2") && !by("", "rack=b2,rack=b3"));
    }

    #[test]
    fn several_values_in_one_place() {
        assert_eq!(split("a, b,,a,c%2Cd"), ["a", "b", "c,d"]);
        assert_eq!(join(["a", "c,d"]), "a,c%2Cd");
        assert_eq!((toggled("a,b", "b").as_str(), toggled("a", "b").as_str()), ("a", "a,b"));
        assert_eq!(toggled("a", "a"), "");
    }

    #[test]
    fn the_same_question_to_the_server() {
        let filter = NodeFilter::read(&Asked {
            text: "Rack 7".into(),
            status: "offline,stale".into(),
            region: "om-mct,de-fra".into(),
            kind: "proxy".into(),
            version: "0.3.1".into(),
            label: "rack=b2".into(),
            ..Asked::default()
        });
        let query = filter.order_query(NodeSort { column: NodeColumn::Cpu, descending: true });
        assert_eq!(
            (query.text.as_str(), query.kind, query.regions.len()),
            ("rack 7", Some(NodeKind::Proxy), 2)
        );
        assert_eq!((query.labels, query.versions), (vec!["rack=b2".to_owned()], vec!["0.3.1".to_owned()]));
        let both = NodeFilter::read(&asked("", "", "", "proxy,backend"));
        assert_eq!(both.order_query(NodeSort::default()), OrderQuery::default());
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let asked = Asked {
            sort: "-colour".into(),
            cols: "cpu,mood".into(),
            ..asked("x", "foo,offline", "zz", "box")
        };
        assert_eq!(unknown(&asked), ["status=foo", "kind=box", "sort=-colour", "cols=mood"]);
        assert_eq!(unknown(&Asked::default()), [""; 0]);
    }
}
