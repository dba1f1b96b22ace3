//! What is known about one node: put together from its view, the diary of refusals and its timeline. Pure.

use common::activity::{EventKind, TimelineEvent};
use common::command::{CommandKind, CommandState};
use common::ids::{NodeId, RegionId};
use common::node::{Node, NodeKind};
use common::overview::{CollectingReason, Rejection};
use common::status::{ConditionKind, ConditionState, InheritedFrom, IntentState, Liveness, StatusWord};
use common::time::Timestamp;

/// How far back refusals count, in milliseconds.
pub const REFUSALS_MS: u64 = 15 * 60_000;
/// How far back starts of the process count, in milliseconds.
pub const BOOTS_MS: u64 = 3_600_000;

/// A shutdown that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// E-mail.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Everything a verdict rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Which node.
    pub id: NodeId,
    /// How it is called on the screen.
    pub name: String,
    /// What it does.
    pub kind: NodeKind,
    /// Where it belongs; the background node has none.
    pub region: Option<RegionId>,
    /// Host and port.
    pub endpoint: String,
    /// Its word, as every other page shows it.
    pub word: StatusWord,
    /// Where an intent that is not its own comes from.
    pub inherited: Option<InheritedFrom>,
    /// It was not to take new work: maintenance or a disable, of its own or from above.
    pub quiet: bool,
    /// What heartbeats alone say.
    pub liveness: Liveness,
    /// Since when it has its word.
    pub since: Timestamp,
    /// When it was registered.
    pub created_at: Timestamp,
    /// The last heartbeat that was accepted.
    pub last: Option<Timestamp>,
    /// How often it is asked to beat.
    pub interval_ms: u64,
    /// The software it last said it runs.
    pub version: Option<String>,
    /// Its clock against the server's; positive where it is ahead.
    pub clock_offset_ms: Option<i64>,
    /// The control plane itself found the clock to be wrong.
    pub clock_wrong: bool,
    /// Two processes speak for it, in the words of the server.
    pub duplicate: Option<String>,
    /// Fingerprint of the secret that is registered.
    pub expected: String,
    /// The name of the process it last ran as.
    pub boot: Option<String>,
    /// Starts within [`BOOTS_MS`] before its last heartbeat.
    pub boots: u32,
    /// A shutdown that was asked for since its last start.
    pub asked: Option<Asked>,
    /// Refusals of the last [`REFUSALS_MS`] that are about it, newest first.
    pub refusals: Vec<Rejection>,
    /// A server at its address that calls itself by an unknown id.
    pub stranger: Option<Rejection>,
    /// Other nodes of its region: how many are live, of how many that are not disabled.
    pub others: (u32, u32),
    /// Present while the control plane cannot judge silence.
    pub doubt: Option<CollectingReason>,
    /// The server's time of this look.
    pub now: Timestamp,
}

/// What is known beside the node itself.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// All nodes of the region.
    pub nodes: &'a [Node],
    /// The diary.
    pub refusals: &'a [Rejection],
    /// The timeline of the region or the node.
    pub events: &'a [TimelineEvent],
    /// The control plane's doubt.
    pub doubt: Option<CollectingReason>,
    /// The server's time.
    pub now: Timestamp,
}

/// Whether a claimed id means this node.
fn means(node: &Node, claimed: &str) -> bool {
    claimed.eq_ignore_ascii_case(&node.id().to_string()) || node.external_id.as_deref() == Some(claimed)
}

/// Whether a refusal is about this node: of its own secret, or of another one that claimed to be it.
fn about(node: &Node, r: &Rejection) -> bool {
    r.node_id == Some(node.id()) || r.claimed_node.as_deref().is_some_and(|c| means(node, c))
}

/// A refusal that comes from the node's own address, where no other node lives, and names nobody we know.
fn stranger(node: &Node, around: &Around<'_>, recent: &[&Rejection]) -> Option<Rejection> {
    let host = &node.endpoint.host;
    if around.nodes.iter().any(|other| other.id() != node.id() && other.endpoint.host == *host) {
        return None;
    }
    let region = node.region_id.as_ref().map(|r| r.as_str());
    let fits = |r: &&&Rejection| {
        let known = |c: &str| around.nodes.iter().any(|n| means(n, c));
        r.source == *host
            && r.node_id.is_none()
            && !r.claimed_node.as_deref().is_some_and(known)
            && r.claimed_kind.as_deref().is_none_or(|k| k.eq_ignore_ascii_case(node.kind.as_str()))
            && r.claimed_region.as_deref().zip(region).is_none_or(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    recent.iter().find(fits).map(|r| (**r).clone())
}

impl Facts {
    /// About one node.
    pub fn of(node: &Node, around: &Around<'_>) -> Self {
        let (id, live, now) = (node.id(), &node.live, around.now);
        let mut recent: Vec<&Rejection> =
            around.refusals.iter().filter(|r| now.since(r.last_at) <= REFUSALS_MS).collect();
        recent.sort_by_key(|r| std::cmp::Reverse(r.last_at));
        let refusals = recent.iter().filter(|r| about(node, r)).map(|r| (**r).clone()).collect();
        let heard = live.last_heartbeat_at.unwrap_or(now);
        let mine = |e: &&TimelineEvent| e.node_id == Some(id) && e.kind == EventKind::Boot;
        let boots = around.events.iter().filter(mine).filter(|e| heard.since(e.at) <= BOOTS_MS).count();
        let failed = |kind: ConditionKind| {
            live.conditions.iter().find(|c| c.kind == kind && c.state == ConditionState::Failed)
        };
        // A signal of an earlier run of the process says nothing about the end of this one.
        let asked = live.commands.iter().filter(|c| {
            c.kind == CommandKind::Shutdown
                && !matches!(
                    c.state,
                    CommandState::Refused
                        | CommandState::Expired
                        | CommandState::Superseded
                        | CommandState::Cancelled
                )
                && live.started_at.is_none_or(|at| c.created_at >= at)
        });
        let others = around.nodes.iter().filter(|n| n.id() != id);
        let counted: Vec<&Node> = others.filter(|n| n.live.status.word != StatusWord::Disabled).collect();
        let beating = counted.iter().filter(|n| n.live.liveness == Liveness::Live).count();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            id,
            name: node.name(),
            kind: node.kind,
            region: node.region_id.clone(),
            endpoint: node.endpoint.authority(),
            word: live.status.word,
            inherited: live.status.inherited_from,
            quiet: node.intent.state != IntentState::Active || live.status.inherited_from.is_some(),
            liveness: live.liveness,
            since: live.status.since,
            created_at: node.created_at,
            last: live.last_heartbeat_at,
            interval_ms: live.interval_ms,
            version: live.software_version.clone(),
            clock_offset_ms: live.clock_offset_ms,
            clock_wrong: failed(ConditionKind::ClockInSync).is_some(),
            duplicate: failed(ConditionKind::IdentityUnique).map(|c| c.detail.clone()),
            expected: node.secret.fingerprint.clone(),
            boot: live.boot_id.clone(),
            boots: number(boots),
            asked: asked
                .max_by_key(|c| c.created_at)
                .map(|c| Asked { by: c.created_by.clone(), at: c.created_at }),
            refusals,
            stranger: stranger(node, around, &recent),
            others: (number(beating), number(counted.len())),
            doubt: around.doubt,
            now,
        }
    }

    /// The newest refusal since the last heartbeat that was accepted: what stands between the node and the console now.
    pub fn refused(&self) -> Option<&Rejection> {
        self.refusals.first().filter(|r| self.last.is_none_or(|at| r.last_at > at))
    }
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;
