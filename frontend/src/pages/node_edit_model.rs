//! What is typed about a node, what of it has changed, and what two people typed differently. Pure; tested on the host.

use std::collections::BTreeMap;

use common::edit::EditNode;
use common::node::{Node, NodeKind, SipTransport};
use common::problem::FieldError;

use super::conflict::Clash;
use crate::components::words;

/// What stands in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// Endpoint.
    pub endpoint: String,
    /// Empty: the endpoint's host.
    pub sip_host: String,
    /// Empty: the default of its kind.
    pub sip_port: String,
    /// SIP transport.
    pub transport: SipTransport,
    /// Empty: the endpoint is shown.
    pub display: String,
    /// Notes.
    pub notes: String,
    /// Keys and values in the order of the form; rows without either are none.
    pub labels: Vec<(String, String)>,
    /// Takes calls of administrators only.
    pub development: bool,
    /// Empty: not set.
    pub calls: String,
    /// Empty: none.
    pub external: String,
}

/// What was typed is no number of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotANumber;

/// A number as typed: nothing, a number, or something else.
///
/// # Errors
/// Where it is something else.
pub fn number<T: std::str::FromStr>(typed: &str) -> Result<Option<T>, NotANumber> {
    match typed.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| NotANumber),
    }
}

/// Trimmed, and `None` for nothing.
fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|t| !t.is_empty())
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

impl Typed {
    /// Of a node as it is stored.
    pub fn of(node: &Node) -> Self {
        Self {
            endpoint: node.endpoint.to_string(),
            sip_host: node.sip_host.clone().unwrap_or_default(),
            sip_port: shown(node.sip_port),
            transport: node.sip_transport,
            display: node.display_name.clone().unwrap_or_default(),
            notes: node.notes.clone().unwrap_or_default(),
            labels: node.labels.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
            development: node.development,
            calls: shown(node.max_concurrent_calls),
            external: node.external_id.clone().unwrap_or_default(),
        }
    }

    /// Labels as they are stored.
    fn labels(&self, errors: &mut Vec<FieldError>) -> BTreeMap<String, String> {
        let w = &words().edit;
        let mut all = BTreeMap::new();
        for (key, value) in &self.labels {
            let (key, value) = (key.trim(), value.trim());
            if key.is_empty() {
                if !value.is_empty() {
                    errors.push(FieldError::new("labels", "label_key", w.label_no_key));
                }
            } else if all.insert(key.to_owned(), value.to_owned()).is_some() {
                errors.push(FieldError::new("labels", "label_twice", (w.label_twice)(key)));
            }
        }
        all
    }

    /// The fields that differ from `base`, as they are sent.
    ///
    /// # Errors
    /// Every field that is not right.
    pub fn edit(&self, base: &Self, kind: NodeKind) -> Result<EditNode, Vec<FieldError>> {
        let w = &words().node_new;
        let mut errors = Vec::new();
        let labels = self.labels(&mut errors);
        let port = number::<u16>(&self.sip_port).unwrap_or_else(|NotANumber| {
            errors.push(FieldError::new("sipPort", "out_of_range", w.port_error));
            None
        });
        let calls = number::<u32>(&self.calls).unwrap_or_else(|NotANumber| {
            errors.push(FieldError::new("maxConcurrentCalls", "out_of_range", w.calls_error));
            None
        });
        let text = |mine: &str, theirs: &str| (given(mine) != given(theirs)).then(|| given(mine));
        let edit = EditNode {
            endpoint: (self.endpoint.trim() != base.endpoint).then(|| self.endpoint.trim().to_owned()),
            sip_host: text(&self.sip_host, &base.sip_host),
            sip_port: (self.sip_port.trim() != base.sip_port).then_some(port),
            sip_transport: (self.transport != base.transport).then_some(self.transport),
            display_name: text(&self.display, &base.display),
            notes: text(&self.notes, &base.notes),
            labels: (labels != base.labels(&mut Vec::new())).then(|| Some(labels).filter(|l| !l.is_empty())),
            development: (self.development != base.development).then_some(self.development),
            max_concurrent_calls: (kind == NodeKind::Backend && self.calls.trim() != base.calls)
                .then_some(calls),
            external_id: text(&self.external, &base.external),
            ..EditNode::default()
        };
        if let Err(more) = edit.validate() {
            errors.extend(more);
        }
        if errors.is_empty() { Ok(edit) } else { Err(errors) }
    }

    /// Whether sending it would change anything.
    pub fn same(&self, base: &Self) -> bool {
        let labels = |t: &Self| t.labels(&mut Vec::new());
        let bare = |t: &Self| Self { labels: Vec::new(), ..t.clone() };
        let incomplete = self.labels.iter().any(|(k, v)| k.trim().is_empty() && !v.trim().is_empty());
        bare(self) == bare(base) && labels(self) == labels(base) && !incomplete
    }

    /// What differs from what somebody else saved.
    pub fn clashes(&self, theirs: &Self) -> Vec<Clash> {
        let (w, e) = (&words().node_new, &words().edit);
        let labels = |t: &Self| {
            let all = t.labels(&mut Vec::new());
            all.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(", ")
        };
        let switch = |on: bool| if on { e.yes } else { e.no }.to_owned();
        let both = [
            (w.endpoint, theirs.endpoint.clone(), self.endpoint.trim().to_owned()),
            (w.sip_port, theirs.sip_port.clone(), self.sip_port.trim().to_owned()),
            (w.sip_host, theirs.sip_host.clone(), self.sip_host.trim().to_owned()),
            (w.transport, transport_text(theirs.transport), transport_text(self.transport)),
            (w.display, theirs.display.clone(), self.display.trim().to_owned()),
            (w.calls, theirs.calls.clone(), self.calls.trim().to_owned()),
            (e.external, theirs.external.clone(), self.external.trim().to_owned()),
            (e.labels, labels(theirs), labels(self)),
            (e.notes, theirs.notes.clone(), self.notes.trim().to_owned()),
            (w.development, switch(theirs.development), switch(self.development)),
        ];
        both.into_iter()
            .filter(|(_, theirs, yours)| theirs != yours)
            .map(|(field, theirs, yours)| Clash { field, theirs, yours })
            .collect()
    }
}

/// A choice in words.
pub fn transport_text(transport: SipTransport) -> String {
    transport.as_str().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Typed {
        Typed {
            endpoint: "http://10.0.0.5:5002".into(),
            sip_port: "5080".into(),
            display: "one".into(),
            labels: vec![("rack".into(), "7".into())],
            calls: "25".into(),
            ..Typed::default()
        }
    }

    #[test]
    fn only_what_changed_is_sent() {
        let base = base();
        let mine = Typed { notes: " by the door ".into(), display: String::new(), ..base.clone() };
        let edit = mine.edit(&base, NodeKind::Backend).unwrap();
        assert_eq!(serde_json::to_string(&edit).unwrap(), r#"{"displayName":null,"notes":"by the door"}"#);
        assert_eq!(base.edit(&base, NodeKind::Backend), Ok(EditNode::default()));
        assert!(base.same(&base) && !mine.same(&base));
    }

    #[test]
    fn labels_take_the_place_of_all_labels() {
        let base = base();
        let with = |labels: &[(&str, &str)]| Typed {
            labels: labels.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
            ..base.clone()
        };
        let sent =
            |typed: Typed| serde_json::to_string(&typed.edit(&base, NodeKind::Proxy).unwrap()).unwrap();
        assert_eq!(sent(with(&[("site", "a"), ("rack", "7")])), r#"{"labels":{"rack":"7","site":"a"}}"#);
        assert_eq!(sent(with(&[])), r#"{"labels":null}"#);
        assert_eq!(sent(with(&[("rack", "7"), ("", "")])), "{}");
        assert!(with(&[("rack", "7"), ("", " ")]).same(&base));
        assert!(!with(&[("rack", "7"), ("", "x")]).same(&base));
        let codes = |labels: &[(&str, &str)]| -> Vec<String> {
            let errors = with(labels).edit(&base, NodeKind::Proxy).unwrap_err();
            errors.into_iter().map(|e| e.code).collect()
        };
        assert_eq!(codes(&[("rack", "7"), ("rack", "8")]), ["label_twice"]);
        assert_eq!(codes(&[("", "8")]), ["label_key"]);
    }

    #[test]
    fn every_number_that_is_none_is_named() {
        let base = base();
        let mine = Typed { sip_port: "many".into(), calls: "-1".into(), ..base.clone() };
        let errors = mine.edit(&base, NodeKind::Backend).unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(fields, ["/sipPort", "/maxConcurrentCalls"]);
    }

    #[test]
    fn both_sides_of_a_conflict() {
        let theirs = Typed { notes: "theirs".into(), development: true, ..base() };
        let mine = Typed { notes: "mine".into(), ..base() };
        let found = mine.clashes(&theirs);
        let notes = Clash { field: words().edit.notes, theirs: "theirs".into(), yours: "mine".into() };
        assert_eq!((found.len(), found.first()), (2, Some(&notes)));
        assert!(mine.clashes(&mine).is_empty());
    }

    #[test]
    fn typed_numbers() {
        assert_eq!(number::<u16>(" "), Ok(None));
        assert_eq!(number::<u16>(" 5060 "), Ok(Some(5060)));
        assert_eq!(number::<u16>("65536"), Err(NotANumber));
        assert_eq!(number::<u32>("many"), Err(NotANumber));
    }
}
