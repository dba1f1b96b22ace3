//! Regions and nodes as they are now.

use common::capacity::KindCounts;
use common::node::Node;
use common::paths;
use common::region::{Region, RegionPage};
use common::status::{ConditionState, StatusWord};

use super::Failure;
use super::api::Api;
use super::output::{Format, NONE, clean, figure, line, print, table};
use super::select::{self, Filter, part, with_query};

/// The word for a status, as the console has it.
pub(super) fn word(status: StatusWord) -> String {
    let text = serde_json::to_value(status).ok();
    let text = text.as_ref().and_then(|v| v.as_str()).unwrap_or(NONE);
    text.replace('_', " ")
}

/// Active / Total.
fn counts(k: &KindCounts) -> String {
    format!("{}/{}", k.online, k.registered)
}

fn region_row(r: &Region) -> [String; 8] {
    let c = &r.capacity;
    let storage = match (r.storage.configured, r.storage.healthy) {
        (false, _) => "not set",
        (true, None) => NONE,
        (true, Some(true)) => "healthy",
        (true, Some(false)) => "failing",
    };
    [
        r.id.to_string(),
        word(r.status.word),
        counts(&c.proxy),
        counts(&c.backend),
        figure(c.conversations.phone),
        figure(c.conversations.web),
        figure(c.outbound.pending),
        storage.to_owned(),
    ]
}

const REGION: [&str; 8] = ["REGION", "STATUS", "PROXY", "BACKEND", "PHONE", "WEB", "PENDING", "STORAGE"];

/// All regions, or one.
///
/// # Errors
/// [`Failure`].
pub(super) async fn regions(api: &Api, format: Format, named: Option<&str>) -> Result<(), Failure> {
    if let Some(named) = named {
        let region: Region = api.get(&format!("{}/{}", paths::REGIONS, part(named))).await?;
        return print(format, &region, |r| table(REGION, [region_row(r)]));
    }
    let mut all: Vec<Region> = Vec::new();
    let mut asked = vec![("limit", "500".to_owned())];
    loop {
        let page: RegionPage = api.get(&with_query(paths::REGIONS, &asked)).await?;
        let empty = page.items.is_empty();
        all.extend(page.items);
        match page.next_cursor {
            Some(next) if !empty => asked = vec![("limit", "500".to_owned()), ("cursor", next)],
            _ => break,
        }
    }
    print(format, &all, |all| table(REGION, all.iter().map(region_row)))
}

/// Calls that run on a node, as last reported.
pub(super) fn work(n: &Node) -> Option<u32> {
    let sessions = n.live.sessions.as_ref().map(|s| s.phone.unwrap_or(0).saturating_add(s.web.unwrap_or(0)));
    let outbound = n.live.outbound.as_ref().and_then(|o| o.processing);
    match (sessions, outbound) {
        (None, None) => None,
        (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
    }
}

fn node_row(n: &Node) -> [String; 9] {
    let percent = |v: Option<f64>| v.map_or_else(|| NONE.to_owned(), |v| format!("{v:.0} %"));
    let hardware = n.live.hardware.as_ref();
    [
        n.name(),
        n.region_id.as_ref().map_or_else(|| NONE.to_owned(), ToString::to_string),
        n.kind.as_str().to_owned(),
        word(n.live.status.word),
        figure(work(n)),
        percent(hardware.and_then(|h| h.cpu_percent)),
        percent(hardware.and_then(|h| h.memory_percent)),
        figure(n.live.software_version.as_deref()),
        n.id().to_string(),
    ]
}

const NODE: [&str; 9] = ["NODE", "REGION", "KIND", "STATUS", "CALLS", "CPU", "RAM", "VERSION", "ID"];

/// Nodes that pass a filter.
///
/// # Errors
/// [`Failure`].
pub(super) async fn nodes(api: &Api, format: Format, filter: &Filter) -> Result<(), Failure> {
    let found = select::nodes(api, filter).await?;
    print(format, &found, |found| table(NODE, found.iter().map(node_row)))
}

/// One node.
///
/// # Errors
/// [`Failure`].
pub(super) async fn node(api: &Api, format: Format, named: &str) -> Result<(), Failure> {
    let node = select::node(api, named).await?;
    print(format, &node, |n| table(NODE, [node_row(n)]))?;
    if format == Format::Human {
        for c in node.live.conditions.iter().filter(|c| c.state == ConditionState::Failed) {
            line(&format!("! {}", clean(c.detail.clone())))?;
        }
    }
    Ok(())
}
