//! The `appsettings.json` fragment that connects a server: made by the control plane, read by the agent.
//!
//! Both directions live here so that what the console shows is, by test, what the agent accepts. The keys are those
//! of today's Iqra AI servers, plus `Infrastructure:Url`.

mod compare;
mod forms;

use std::fmt;

use serde_json::Value;

pub use compare::{Compared, Expected, Setting, compare};
pub use forms::{AGAIN, Form, Unit, from_variables, unit, written};

use crate::ids::{NodeId, RegionId};
use crate::node::NodeKind;

/// What a server needs to know to send heartbeats.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeSettings {
    /// Which section of the file it was or will be.
    pub kind: NodeKind,
    /// The control plane's address, without a trailing slash.
    pub url: String,
    /// The node's id, as text: files written for the original hold other ids than ours.
    pub id: Option<String>,
    /// The region.
    pub region_id: Option<RegionId>,
    /// The secret.
    pub api_key: String,
    /// `ExpectedMaxConcurrentCalls` of a backend.
    pub max_concurrent_calls: Option<u32>,
}

impl fmt::Debug for NodeSettings {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeSettings")
            .field("kind", &self.kind)
            .field("url", &self.url)
            .field("id", &self.id)
            .field("region_id", &self.region_id)
            .finish_non_exhaustive()
    }
}

/// What is missing or wrong in a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnippetError {
    /// Not JSON (comments are not allowed either).
    Json(String),
    /// Neither `Server`, `Proxy` nor `Security` holds an `ApiKey`.
    NoKey,
    /// More than one of them does.
    TwoKinds,
    /// `Infrastructure:Url` is missing.
    NoUrl,
}

impl fmt::Display for SnippetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(e) => write!(f, "the file is not JSON: {e}"),
            Self::NoKey => f.write_str("no ApiKey in the sections Server, Proxy or Security"),
            Self::TwoKinds => {
                f.write_str("more than one of the sections Server, Proxy and Security holds an ApiKey")
            }
            Self::NoUrl => f.write_str("no Infrastructure:Url, the address of the control plane"),
        }
    }
}

impl std::error::Error for SnippetError {}

fn section(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Backend => "Server",
        NodeKind::Proxy => "Proxy",
        NodeKind::Background => "Security",
    }
}

/// The fragment for one node, indented, ending in a newline.
pub fn render(
    kind: NodeKind,
    url: &str,
    id: NodeId,
    region: Option<&RegionId>,
    secret: &str,
    max_calls: Option<u32>,
) -> String {
    let settings = NodeSettings {
        kind,
        url: url.to_owned(),
        id: Some(id.to_string()),
        region_id: region.cloned(),
        api_key: secret.to_owned(),
        max_concurrent_calls: max_calls,
    };
    written(&settings, Form::File)
}

/// Reads a whole `appsettings.json`; sections that are not ours are ignored, keys are found in any letter case, as
/// .NET does.
///
/// # Errors
/// [`SnippetError`].
pub fn parse(text: &str) -> Result<NodeSettings, SnippetError> {
    let file: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|e| SnippetError::Json(e.to_string()))?;
    let found: Vec<_> = [NodeKind::Backend, NodeKind::Proxy, NodeKind::Background]
        .into_iter()
        .filter_map(|kind| {
            let own = get(&file, section(kind))?;
            text_of(own, "ApiKey").map(|key| (kind, own, key))
        })
        .collect();
    let (kind, own, api_key) = match found.as_slice() {
        [] => return Err(SnippetError::NoKey),
        [one] => one.clone(),
        _ => return Err(SnippetError::TwoKinds),
    };
    let url = get(&file, "Infrastructure").and_then(|i| text_of(i, "Url")).ok_or(SnippetError::NoUrl)?;
    Ok(NodeSettings {
        kind,
        url: url.trim_end_matches('/').to_owned(),
        id: text_of(own, "Id"),
        region_id: text_of(own, "RegionId").map(|r| RegionId::from(r.as_str())),
        api_key,
        max_concurrent_calls: get(own, "ExpectedMaxConcurrentCalls")
            .and_then(Value::as_u64)
            .and_then(|n| u32::try_from(n).ok()),
    })
}

fn get<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.as_object()?.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v)
}

fn text_of(value: &Value, key: &str) -> Option<String> {
    get(value, key)?.as_str().map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_is_shown_is_what_is_read() {
        let id = NodeId(Uuid::from_u128(7));
        let region = RegionId::from("OM-MCT");
        for kind in [NodeKind::Backend, NodeKind::Proxy, NodeKind::Background] {
            let text = render(kind, "http://console:8080/", id, Some(&region), "iqn_secret", Some(25));
            let read = parse(&text).unwrap();
            assert_eq!(read.kind, kind);
            assert_eq!(read.url, "http://console:8080");
            assert_eq!(read.api_key, "iqn_secret");
            if kind == NodeKind::Background {
                assert_eq!((read.id, read.region_id), (None, None));
            } else {
                assert_eq!((read.id, read.region_id), (Some(id.to_string()), Some(region.clone())));
            }
            assert_eq!(read.max_concurrent_calls, (kind == NodeKind::Backend).then_some(25));
        }
    }

    #[test]
    fn a_whole_file_with_other_sections_in_other_case() {
        let text = "\u{feff}{\"Logging\":{},\"server\":{\"apikey\":\" k \",\"ID\":\"65f0\"},\"INFRASTRUCTURE\":{\"url\":\"http://x/\"}}";
        let read = parse(text).unwrap();
        assert_eq!(
            (read.api_key.as_str(), read.id.as_deref(), read.url.as_str()),
            ("k", Some("65f0"), "http://x")
        );
        assert!(!format!("{read:?}").contains("\"k\""));
    }

    #[test]
    fn says_what_is_missing() {
        assert!(matches!(parse("{"), Err(SnippetError::Json(_))));
        assert_eq!(parse("{}"), Err(SnippetError::NoKey));
        assert_eq!(parse(r#"{"Server":{"ApiKey":"a"},"Proxy":{"ApiKey":"b"}}"#), Err(SnippetError::TwoKinds));
        assert_eq!(parse(r#"{"Server":{"ApiKey":"a"}}"#), Err(SnippetError::NoUrl));
    }
}
