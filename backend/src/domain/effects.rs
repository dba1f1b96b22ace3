//! What a change would bring, before it is made. The same function answers the preview and decides whether a change
//! without its preview is refused.

use std::collections::{BTreeMap, BTreeSet};

use common::ids::{NodeId, RegionId};
use common::intent::{Effect, EffectCode, EffectLevel};
use common::node::NodeKind;
use common::status::{IntentState, Liveness};

/// What a change takes from a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It would take work again, or nothing changes for it.
    None,
    /// It would take no new work.
    Stop {
        /// Its conversations end at a deadline.
        force: bool,
    },
    /// Its process would end.
    Shutdown {
        /// Without waiting for conversations.
        immediate: bool,
    },
}

/// What is known of a node now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Which.
    pub id: NodeId,
    /// Its region; `None` for the background node, which no guard concerns.
    pub region: Option<RegionId>,
    /// What it does.
    pub kind: NodeKind,
    /// As observed.
    pub liveness: Liveness,
    /// What counts for it now.
    pub intent: IntentState,
    /// Live, wanted active, running, and open to everybody.
    pub accepting: bool,
    /// Work left, as last reported.
    pub work: Option<u32>,
    /// Outbound calls it handles, as last reported.
    pub processing: Option<u32>,
    /// Age in seconds of its longest conversation, as last reported.
    pub longest_seconds: Option<u32>,
    /// Conversations it can hold.
    pub slots: Option<u32>,
    /// On its way to zero and not there yet.
    pub draining: bool,
    /// It was seen to come back after a shutdown.
    pub returned: bool,
}

/// All effects of making `change` to the nodes for which it says more than [`Change::None`], worst first. `facts` are
/// all nodes of every region concerned.
pub fn effects(facts: &[Fact], change: impl Fn(&Fact) -> Change) -> Vec<Effect> {
    let changes: Vec<(&Fact, Change)> = facts.iter().map(|f| (f, change(f))).collect();
    let mut by_region: BTreeMap<&RegionId, Vec<(&Fact, Change)>> = BTreeMap::new();
    for (fact, change) in &changes {
        if let Some(region) = &fact.region {
            by_region.entry(region).or_default().push((fact, *change));
        }
    }
    let mut out = Vec::new();
    for (region, nodes) in by_region {
        let last = last_live(&mut out, region, &nodes);
        if !last.contains(&NodeKind::Backend) {
            headroom(&mut out, region, &nodes);
        }
        another_drain(&mut out, region, &nodes);
    }
    of_nodes(&mut out, &changes);
    out.sort_by_key(|e| std::cmp::Reverse(e.level));
    out
}

/// Whether the node takes work now, as far as anybody can tell, and would not any more. One that cannot be judged may
/// well take work: it counts here, and is no help to those that would stop.
fn is_taken((fact, change): &(&Fact, Change)) -> bool {
    let may_accept = fact.liveness == Liveness::Unconfirmed && fact.intent == IntentState::Active;
    (fact.accepting || may_accept) && *change != Change::None
}

fn is_left((fact, change): &(&Fact, Change)) -> bool {
    fact.accepting && *change == Change::None
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn plural(n: u32, one: &str) -> String {
    if n == 1 { format!("{n} {one}") } else { format!("{n} {one}s") }
}

fn last_live(out: &mut Vec<Effect>, region: &RegionId, nodes: &[(&Fact, Change)]) -> BTreeSet<NodeKind> {
    let mut kinds = BTreeSet::new();
    for kind in [NodeKind::Proxy, NodeKind::Backend] {
        let of_kind = || nodes.iter().filter(|(f, _)| f.kind == kind);
        let taken = number(of_kind().filter(|n| is_taken(n)).count());
        if taken == 0 || of_kind().any(is_left) {
            continue;
        }
        kinds.insert(kind);
        out.push(Effect {
            code: EffectCode::LastLive,
            level: EffectLevel::Block,
            region_id: Some(region.clone()),
            kind: Some(kind),
            count: Some(taken),
            detail: format!("No {} of {region} would take work any more.", kind.as_str()),
        });
    }
    kinds
}

/// Conversations go on or are called again somewhere: what is left must hold those of now. A backend without a known
/// maximum cannot be counted, and nothing is said then.
fn headroom(out: &mut Vec<Effect>, region: &RegionId, nodes: &[(&Fact, Change)]) {
    let backends = || nodes.iter().filter(|(f, _)| f.kind == NodeKind::Backend);
    if !backends().any(is_taken) {
        return;
    }
    let now: u64 = backends()
        .filter(|(f, _)| f.liveness == Liveness::Live)
        .filter_map(|(f, _)| f.work)
        .map(u64::from)
        .sum();
    let Some(slots) =
        backends().filter(|n| is_left(n)).map(|(f, _)| f.slots.map(u64::from)).sum::<Option<u64>>()
    else {
        return;
    };
    let (code, level) = if slots < now {
        (EffectCode::HeadroomShort, EffectLevel::Block)
    } else if slots.saturating_mul(10) < now.saturating_mul(12) {
        (EffectCode::HeadroomTight, EffectLevel::Warn)
    } else {
        return;
    };
    out.push(Effect {
        code,
        level,
        region_id: Some(region.clone()),
        kind: Some(NodeKind::Backend),
        count: u32::try_from(slots).ok(),
        detail: format!("{slots} slots would be left in {region}, for {now} conversations now."),
    });
}

fn another_drain(out: &mut Vec<Effect>, region: &RegionId, nodes: &[(&Fact, Change)]) {
    if !nodes.iter().any(is_taken) {
        return;
    }
    let draining = number(nodes.iter().filter(|(f, c)| f.draining && *c == Change::None).count());
    if draining > 0 {
        out.push(Effect {
            code: EffectCode::AnotherDrain,
            level: EffectLevel::Warn,
            region_id: Some(region.clone()),
            kind: None,
            count: Some(draining),
            detail: format!("{} of {region} drains already.", plural(draining, "other node")),
        });
    }
}

fn of_nodes(out: &mut Vec<Effect>, changes: &[(&Fact, Change)]) {
    let concerned = || changes.iter().filter(|(_, c)| *c != Change::None);
    let mut add = |code, level, count: u32, detail: String| {
        if count > 0 {
            out.push(Effect { code, level, region_id: None, kind: None, count: Some(count), detail });
        }
    };
    let unconfirmed = number(concerned().filter(|(f, _)| f.liveness == Liveness::Unconfirmed).count());
    let text = format!("Whether {} live cannot be judged now.", plural(unconfirmed, "node"));
    add(EffectCode::Unjudgeable, EffectLevel::Warn, unconfirmed, text);
    let silent = number(
        concerned().filter(|(f, _)| !matches!(f.liveness, Liveness::Live | Liveness::Unconfirmed)).count(),
    );
    let text = format!("{} not live and will be told when heartbeats come again.", plural(silent, "node"));
    add(EffectCode::NotLive, EffectLevel::Info, silent, text);
    let ends = |c: &Change| matches!(c, Change::Shutdown { immediate: true } | Change::Stop { force: true });
    let sessions = concerned()
        .filter(|(f, c)| ends(c) && f.liveness == Liveness::Live)
        .filter_map(|(f, _)| f.work)
        .fold(0_u32, u32::saturating_add);
    let when =
        if concerned().any(|(_, c)| *c == Change::Stop { force: true }) { " at the deadline" } else { "" };
    let text = format!("{} would be ended{when}.", plural(sessions, "conversation"));
    add(EffectCode::EndsSessions, EffectLevel::Warn, sessions, text);
    let unproven =
        number(concerned().filter(|(f, c)| matches!(c, Change::Shutdown { .. }) && !f.returned).count());
    let text = format!(
        "{} not been seen to come back after a shutdown: without a service manager the process stays down.",
        if unproven == 1 { "1 node has".to_owned() } else { format!("{unproven} nodes have") }
    );
    add(EffectCode::NoRestartSeen, EffectLevel::Warn, unproven, text);
}

/// What names an effect that is refused without a preview: which guard, where.
pub type Blocker = (EffectCode, Option<RegionId>, Option<NodeKind>);

/// The effects that are refused without a preview.
pub fn blockers(effects: &[Effect]) -> Vec<Blocker> {
    effects
        .iter()
        .filter(|e| e.level == EffectLevel::Block)
        .map(|e| (e.code, e.region_id.clone(), e.kind))
        .collect()
}

#[cfg(test)]
mod tests;
