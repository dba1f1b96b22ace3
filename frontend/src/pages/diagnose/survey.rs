//! One look at a region or a node: everything a verdict needs, asked for at once and again every few seconds.

use std::time::Duration;

use common::activity::{EventKind, TimelineEvent};
use common::ids::{NodeId, RegionId};
use common::meta::Meta;
use common::node::{Node, NodeKind};
use common::overview::{CollectingReason, Rejection};
use common::time::Timestamp;
use leptos::prelude::*;

use super::facts::{Around, Facts};
use crate::api::{Api, ApiError, NodeQuery, Whose, use_api};
use crate::pages::load::{Load, every};
use crate::reactive::{effect, memo};
use crate::state::connection::{Connection, use_connection};
use crate::state::freshness::Freshness;
use crate::state::live::use_live;

/// How often it looks again.
const AGAIN: Duration = Duration::from_secs(5);
/// How far back the timeline is read, in milliseconds.
const EVENTS_MS: u64 = 24 * 3_600_000;
/// Most nodes of a region that are looked at.
const NODES: u32 = 500;

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One node.
    Node(NodeId),
    /// The nodes of one kind in a region.
    Group(RegionId, NodeKind),
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// The nodes asked for.
    pub facts: Vec<Facts>,
    /// More nodes exist than were looked at.
    pub cut: bool,
    /// Where servers reach the console, and whether others than this machine can.
    pub meta: Meta,
    /// The server's time of the look.
    pub at: Timestamp,
}

/// What is beside the nodes themselves.
struct Beside {
    refusals: Vec<Rejection>,
    events: Vec<TimelineEvent>,
    doubt: Option<CollectingReason>,
    now: Timestamp,
}

impl Beside {
    fn about(&self, node: &Node, nodes: &[Node]) -> Facts {
        let (refusals, events) = (&self.refusals, &self.events);
        Facts::of(node, &Around { nodes, refusals, events, doubt: self.doubt, now: self.now })
    }
}

async fn look(
    api: Api,
    target: Target,
    doubt: Option<CollectingReason>,
    now: Timestamp,
) -> Result<Survey, ApiError> {
    let (one, region) = match &target {
        Target::Node(id) => {
            let node = api.node(*id).await?;
            let region = node.region_id.clone();
            (Some(node), region)
        }
        Target::Group(region, _) => (None, Some(region.clone())),
    };
    let (mut nodes, cut) = match &region {
        Some(region) => {
            let query =
                NodeQuery { region_id: Some(region.clone()), limit: Some(NODES), ..NodeQuery::default() };
            let page = api.nodes(&query).await?;
            (page.items, page.next_cursor.is_some())
        }
        None => (Vec::new(), false),
    };
    if let Some(node) = &one
        && !nodes.iter().any(|n| n.id() == node.id())
    {
        nodes.push(node.clone());
    }
    let whose = match &target {
        Target::Node(id) => Whose::Node(*id),
        Target::Group(region, _) => Whose::Region(region.clone()),
    };
    let events = api.events_of(&whose, now.before(EVENTS_MS), EventKind::Boot.as_str(), None).await?.items;
    let refusals = api.all_rejections().await?.items;
    let meta = api.meta().await?;
    let beside = Beside { refusals, events, doubt, now };
    let wanted = |n: &&Node| match &target {
        Target::Node(id) => n.id() == *id,
        Target::Group(_, kind) => n.kind == *kind,
    };
    let facts = nodes.iter().filter(wanted).map(|n| beside.about(n, &nodes)).collect();
    Ok(Survey { facts, cut, meta, at: now })
}

/// A look that repeats while the page is live.
#[derive(Clone, Copy)]
pub struct Look {
    /// The newest one.
    pub survey: Load<Survey>,
    /// Looks again now.
    pub again: Callback<()>,
}

/// Looks now, again every few seconds, and at once when `changed` does.
pub fn use_look(
    target: impl Fn() -> Option<Target> + Send + Sync + 'static,
    changed: impl Fn() -> String + Send + Sync + 'static,
) -> Look {
    let (api, live, connection) = (use_api(), use_live(), use_connection());
    let survey = Load::<Survey>::default();
    let target = memo(target);
    let ask = move || {
        let Some(now) = now_untracked(connection) else { return };
        let Some(target) = target.get_untracked() else { return };
        let doubt = untrack(|| live.collecting()).map(|c| c.reason);
        survey.ask(look(api, target, doubt, now));
    };
    let clock = memo(move || connection.server_now().is_some());
    let changed = memo(changed);
    let about = StoredValue::new(None::<Target>);
    effect(move || {
        let now = target.get();
        if about.try_update_value(|a| std::mem::replace(a, now.clone()) != now).unwrap_or(false) {
            survey.clear();
        }
        let _ = changed.get();
        if clock.get() {
            ask();
        }
    });
    every(AGAIN, move || {
        if matches!(untrack(|| connection.freshness()), Freshness::Live) {
            ask();
        }
    });
    Look { survey, again: Callback::new(move |()| ask()) }
}

fn now_untracked(connection: Connection) -> Option<Timestamp> {
    untrack(|| connection.server_now())
}
