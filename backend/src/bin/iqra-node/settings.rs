//! What an operator hands over: a server's `appsettings.json`, or the list of a fleet.

use std::io::Read;
use std::path::{Path, PathBuf};

use common::ids::RegionId;
use common::node::NodeKind;
use common::snippet::{self, NodeSettings};
use serde::Deserialize;
use serde_json::{Value, json};

/// A list of a million nodes is 100 MB; more is a mistake.
const FILE_MAX: u64 = 256 * 1024 * 1024;

/// Where the settings of a node are.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// `appsettings.json`; without one, the variables of the environment.
    pub(crate) file: Option<PathBuf>,
    /// Stands in for its `Infrastructure:Url`.
    pub(crate) url: Option<String>,
    /// Which section counts, where several hold a key.
    pub(crate) kind: Option<NodeKind>,
}

impl Source {
    /// Reads `appsettings.json`, or the variables that stand for it, as the console shows them.
    ///
    /// # Errors
    /// In words, on one line.
    pub(crate) fn read(&self) -> Result<NodeSettings, String> {
        let (text, from) = match &self.file {
            Some(file) => (slurp(file)?, file.display().to_string()),
            // What is not Unicode is no setting of ours.
            None => {
                let all = std::env::vars_os()
                    .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
                (
                    snippet::from_variables(all).to_string(),
                    "without --appsettings, in the environment".to_owned(),
                )
            }
        };
        parse(&text, self.url.as_deref(), self.kind).map_err(|e| format!("{from}: {e}"))
    }
}

fn parse(text: &str, url: Option<&str>, kind: Option<NodeKind>) -> Result<NodeSettings, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut file: Value = serde_json::from_str(text).map_err(|e| format!("the file is not JSON: {e}"))?;
    if let Some(members) = file.as_object_mut() {
        // A file of today's servers has no address of a control plane at all.
        if let Some(url) = url {
            members.retain(|k, _| !k.eq_ignore_ascii_case("Infrastructure"));
            members.insert("Infrastructure".to_owned(), json!({ "Url": url }));
        }
        // One file may serve several servers of a machine.
        let own = kind.map(|kind| match kind {
            NodeKind::Backend => "Server",
            NodeKind::Proxy => "Proxy",
            NodeKind::Background => "Security",
        });
        members.retain(|k, _| {
            own.is_none_or(|own| k.eq_ignore_ascii_case(own) || k.eq_ignore_ascii_case("Infrastructure"))
        });
    }
    snippet::parse(&file.to_string()).map_err(|e| e.to_string())
}

/// One node of a simulated fleet.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    /// Its secret.
    pub(crate) secret: String,
    /// Its kind.
    pub(crate) kind: NodeKind,
    /// Its region; none for a background node.
    #[serde(default)]
    pub(crate) region_id: Option<RegionId>,
    /// Its id, where it is to be sent along.
    #[serde(default)]
    pub(crate) node_id: Option<String>,
}

/// Reads the list of a fleet from a file, or from standard input for `-`.
///
/// # Errors
/// In words, on one line, with the number of the line that cannot be read.
pub(crate) fn fleet(file: &Path) -> Result<Vec<Member>, String> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin()
            .take(FILE_MAX)
            .read_to_string(&mut text)
            .map_err(|e| format!("cannot read standard input: {e}"))?;
        text
    } else {
        slurp(file)?
    };
    let members = parse_fleet(&text).map_err(|e| format!("{}: {e}", file.display()))?;
    if members.is_empty() {
        return Err(format!("{}: no node in it", file.display()));
    }
    Ok(members)
}

/// One node per line: `secret kind regionId`, or a JSON object. Empty lines and lines that start with `#` are skipped.
/// No message repeats the line: it holds a secret.
fn parse_fleet(text: &str) -> Result<Vec<Member>, String> {
    let mut members = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at = |what: String| format!("line {}: {what}", n + 1);
        if line.starts_with('{') {
            let member = serde_json::from_str(line).map_err(|e| {
                at(format!("not an object with secret, kind and regionId ({:?} error)", e.classify()))
            })?;
            members.push(member);
            continue;
        }
        let mut words = line.split_whitespace();
        let (Some(secret), Some(kind), region, None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(at("expected: secret kind regionId".to_owned()));
        };
        let kind = NodeKind::parse(kind)
            .ok_or_else(|| at("the second word is proxy, backend or background".to_owned()))?;
        if region.is_none() && kind != NodeKind::Background {
            return Err(at("a proxy or backend needs a region as the third word".to_owned()));
        }
        let region_id = region.map(RegionId::from);
        members.push(Member { secret: secret.to_owned(), kind, region_id, node_id: None });
    }
    Ok(members)
}

fn slurp(file: &Path) -> Result<String, String> {
    let fail = |e: std::io::Error| format!("cannot read {}: {e}", file.display());
    let open = std::fs::File::open(file).map_err(fail)?;
    let mut text = String::new();
    open.take(FILE_MAX).read_to_string(&mut text).map_err(fail)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::ids::NodeId;
    use uuid::Uuid;

    #[test]
    fn the_snippet_of_the_console_is_taken_unchanged() {
        let region = RegionId::from("OM-MCT");
        let id = NodeId(Uuid::from_u128(7));
        let text = snippet::render(NodeKind::Backend, "http://c:8080", id, Some(&region), "iqn_s", Some(25));
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("appsettings.json");
        std::fs::write(&file, text).unwrap();
        let source = |file: PathBuf, url: Option<&str>| Source {
            file: Some(file),
            url: url.map(str::to_owned),
            kind: None,
        };
        let read = source(file.clone(), None).read().unwrap();
        assert_eq!((read.api_key.as_str(), read.url.as_str()), ("iqn_s", "http://c:8080"));
        let there = source(file, Some("https://other")).read().unwrap();
        assert_eq!((there.api_key.as_str(), there.url.as_str()), ("iqn_s", "https://other"));
        let none = source(dir.path().join("none.json"), None);
        assert!(none.read().unwrap_err().contains("none.json"));
    }

    #[test]
    fn an_address_stands_in_for_a_missing_one() {
        let old = r#"{"Proxy":{"Id":"65f0","RegionId":"x","ApiKey":"k"}}"#;
        assert!(parse(old, None, None).unwrap_err().contains("Infrastructure:Url"));
        assert_eq!(parse(old, Some("http://c/"), None).unwrap().url, "http://c");
        assert!(parse("[1]", Some("http://c"), None).is_err() && parse("{", Some("http://c"), None).is_err());
    }

    #[test]
    fn one_section_of_several_can_be_chosen() {
        let both =
            r#"{"proxy":{"ApiKey":"p"},"Security":{"ApiKey":"b"},"infrastructure":{"Url":"http://c"}}"#;
        assert!(parse(both, None, None).is_err(), "which one?");
        assert_eq!(parse(both, None, Some(NodeKind::Background)).unwrap().api_key, "b");
        assert_eq!(parse(both, None, Some(NodeKind::Proxy)).unwrap().api_key, "p");
        assert!(parse(both, None, Some(NodeKind::Backend)).is_err());
    }

    #[test]
    fn a_fleet_in_words_and_in_json() {
        let text = "# secret kind region\n\niqn_a backend om-mct\n  iqn_b\tproxy US-EAST-1\niqn_c background\n\
                    {\"secret\":\"iqn_d\",\"kind\":\"proxy\",\"regionId\":\"DE-FRA\",\"nodeId\":\"7\"}\n";
        let fleet = parse_fleet(text).unwrap();
        let short: Vec<_> = fleet
            .iter()
            .map(|m| (m.secret.as_str(), m.kind.as_str(), m.region_id.as_ref().map(RegionId::as_str)))
            .collect();
        assert_eq!(
            short,
            [
                ("iqn_a", "backend", Some("OM-MCT")),
                ("iqn_b", "proxy", Some("US-EAST-1")),
                ("iqn_c", "background", None),
                ("iqn_d", "proxy", Some("DE-FRA"))
            ]
        );
        assert_eq!(fleet[3].node_id.as_deref(), Some("7"));
    }

    #[test]
    fn what_cannot_be_read_is_named_by_line_and_never_repeated() {
        for (bad, line) in [
            ("iqn_hush", "line 1"),
            ("\niqn_hush backend", "line 2"),
            ("iqn_hush sip OM", "line 1"),
            ("iqn_hush proxy OM extra", "line 1"),
            ("{\"secret\":\"iqn_hush\",\"kind\":\"sip\"}", "line 1"),
        ] {
            let error = parse_fleet(bad).err().unwrap();
            assert!(error.starts_with(line), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
