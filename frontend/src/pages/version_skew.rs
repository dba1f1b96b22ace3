//! Which node runs another version than the newest of its region and kind. That versions differ is the server's finding:
//! it is an open problem. This says of whom, the same in tables and on the page of a node.

use std::cmp::Ordering;

use common::ids::RegionId;
use common::node::NodeKind;
use common::overview::{OpenProblem, OpenProblemCode};
use leptos::prelude::*;

use crate::components::words;
use crate::i18n::isolated;
use crate::reactive::{dynamic, memo};
use crate::state::live::use_live;

/// Versions by their numbers, `0.3.10` after `0.3.9`; then by what else they say.
fn compare(a: &str, b: &str) -> Ordering {
    let numbers = |v: &str| -> Vec<u64> {
        v.split(|c: char| !c.is_ascii_digit())
            .filter(|n| !n.is_empty())
            .filter_map(|n| n.parse().ok())
            .collect()
    };
    numbers(a).cmp(&numbers(b)).then_with(|| a.cmp(b))
}

/// The newest version of the node's region and kind, where it runs another one.
pub fn newer<'a>(
    problems: &'a [OpenProblem],
    region: Option<&RegionId>,
    kind: NodeKind,
    version: &str,
) -> Option<&'a str> {
    let of = |p: &&OpenProblem| {
        p.code == OpenProblemCode::NodeVersionsDiffer
            && p.cleared_at.is_none()
            && p.kind == Some(kind)
            && p.region_id.as_ref() == region
    };
    let found = problems.iter().find(of)?;
    let newest = found.evidence.values.iter().max_by(|a, b| compare(a, b))?;
    (compare(version, newest) == Ordering::Less).then_some(newest)
}

/// What is known of a node's software: its region, its kind, its version.
pub type Software = Option<(Option<RegionId>, NodeKind, String)>;

/// A badge beside the status of a node that runs an older version than others of its region and kind. In a table, where
/// the version has a column of its own, `short` leaves the mark alone.
#[component]
pub fn VersionSkew(
    /// What it runs.
    software: Memo<Software>,
    /// Only the mark.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let live = use_live();
    let found = memo(move || {
        software.with(|s| {
            let (region, kind, version) = s.as_ref()?;
            let newest =
                live.problems(|all| newer(all, region.as_ref(), *kind, version).map(str::to_owned))??;
            Some((version.clone(), newest))
        })
    });
    dynamic(move || {
        found.get().map(|(version, newest)| {
            let w = &words().nodes;
            let why = (w.version_newer)(&isolated(&newest));
            let title = why.clone();
            let text = if short { "▲".to_owned() } else { (w.version_tag)(&isolated(&version)) };
            view! {
                <span class=if short { "warn-text" } else { "st warn" } title=title>
                    <span aria-hidden=short.then_some("true")>{text}</span>
                    <span class="vh">" " {why}</span>
                </span>
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differ(kind: &str, values: &[&str]) -> OpenProblem {
        serde_json::from_value(json!({
            "id": format!("node_versions_differ:OM-MCT:{kind}"), "code": "node_versions_differ", "severity": "warn",
            "regionId": "OM-MCT", "kind": kind, "nodeId": null, "nodeName": null, "count": 2,
            "since": null, "lastHeartbeatAt": null, "rejections": [],
            "evidence": {"values": values}
        }))
        .unwrap()
    }

    #[test]
    fn the_older_ones_of_the_same_region_and_kind_are_named() {
        let problems = [differ("backend", &["0.3.10", "0.3.9"])];
        let here = RegionId::from("OM-MCT");
        let of = |region: &RegionId, kind, version: &str| {
            newer(&problems, Some(region), kind, version).map(str::to_owned)
        };
        assert_eq!(of(&here, NodeKind::Backend, "0.3.9").as_deref(), Some("0.3.10"));
        assert_eq!(of(&here, NodeKind::Backend, "0.3.10"), None, "numbers, not letters");
        assert_eq!(of(&here, NodeKind::Proxy, "0.3.9"), None);
        assert_eq!(of(&RegionId::from("DE-FRA"), NodeKind::Backend, "0.3.9"), None);
        assert_eq!(newer(&[], Some(&here), NodeKind::Backend, "0.3.9"), None);
        assert_eq!(compare("1.0.0-rc.1", "1.0.0-rc.2"), Ordering::Less);
    }
}
