//! Sums figures of nodes. Conversations come from backends only, outbound calls from proxies only (a call passes
//! both); live totals hold confirmed nodes only, what the others said last is kept apart.

use common::capacity::{Capacity, KindCounts, add_known};
use common::heartbeat::{Outbound, Sessions};
use common::node::NodeKind;
use common::status::{IntentState, Liveness, StatusInput, StatusWord, accepting};

/// What a sum needs of one node.
#[derive(Debug, Clone, Copy)]
pub struct NodeFigures<'a> {
    /// Proxy or backend; others are outside capacity.
    pub kind: NodeKind,
    /// Its axes, with the effective intent.
    pub axes: StatusInput,
    /// As last reported.
    pub sessions: Option<&'a Sessions>,
    /// As last reported.
    pub outbound: Option<&'a Outbound>,
    /// As registered; what the node itself says wins.
    pub max_concurrent_calls: Option<u32>,
}

/// Work left on a node: what a drain waits for. `None` where the node has not said.
pub fn work(kind: NodeKind, sessions: Option<&Sessions>, outbound: Option<&Outbound>) -> Option<u32> {
    let calls = sessions.and_then(|s| match (s.phone, s.web) {
        (None, None) => None,
        (phone, web) => Some(phone.unwrap_or(0).saturating_add(web.unwrap_or(0))),
    });
    let processing = outbound.and_then(|o| o.processing);
    match (kind, calls, processing) {
        (NodeKind::Proxy, None, None) => None,
        (NodeKind::Proxy, calls, processing) => {
            Some(calls.unwrap_or(0).saturating_add(processing.unwrap_or(0)))
        }
        (_, calls, _) => calls,
    }
}

/// Adds one node.
pub fn add_node(total: &mut Capacity, n: &NodeFigures<'_>) {
    let counts = match n.kind {
        NodeKind::Backend => &mut total.backend,
        NodeKind::Proxy => &mut total.proxy,
        NodeKind::Background => return,
    };
    if n.axes.intent == IntentState::Disabled {
        counts.disabled += 1;
        return;
    }
    count(counts, n.axes);
    total.coverage.expected += 1;
    let live = n.axes.liveness == Liveness::Live;
    if live {
        total.coverage.reporting += 1;
    }
    match (n.kind, n.sessions, n.outbound) {
        (NodeKind::Backend, Some(s), _) if live => {
            add_known(&mut total.conversations.phone, s.phone.map(u64::from));
            add_known(&mut total.conversations.web, s.web.map(u64::from));
            // Used and max are added together or not at all: a node without a maximum has no share in the ratio.
            if let (Some(used), Some(max)) = (work(n.kind, Some(s), None), s.max.or(n.max_concurrent_calls)) {
                add_known(&mut total.slots.used, Some(u64::from(used)));
                add_known(&mut total.slots.max, Some(u64::from(max)));
            }
        }
        (NodeKind::Backend, Some(s), _) => {
            add_known(&mut total.last_known.phone, s.phone.map(u64::from));
            add_known(&mut total.last_known.web, s.web.map(u64::from));
        }
        (NodeKind::Proxy, _, Some(o)) if live => {
            add_known(&mut total.outbound.processing, o.processing.map(u64::from));
            add_known(&mut total.outbound.pending, o.pending.map(u64::from));
            let oldest = o.oldest_pending_seconds.map(u64::from);
            total.outbound.oldest_pending_seconds = total.outbound.oldest_pending_seconds.max(oldest);
        }
        (NodeKind::Proxy, _, Some(o)) => {
            add_known(&mut total.last_known.processing, o.processing.map(u64::from));
            add_known(&mut total.last_known.pending, o.pending.map(u64::from));
        }
        _ => {}
    }
}

fn count(c: &mut KindCounts, axes: StatusInput) {
    c.registered += 1;
    match axes.liveness {
        Liveness::Live => c.online += 1,
        Liveness::Stale => c.stale += 1,
        Liveness::Offline => c.offline += 1,
        Liveness::Left => c.left += 1,
        Liveness::NeverSeen => c.never_seen += 1,
        Liveness::Unconfirmed => c.unconfirmed += 1,
    }
    if accepting(axes) {
        c.accepting += 1;
    }
}

/// A region's word and how many nodes carry it: its own intent where that is not active, `empty` without nodes, else
/// the worst word of its enabled nodes; `disabled` only where all of them are.
pub fn region_word(own: IntentState, words: impl Iterator<Item = StatusWord>) -> (StatusWord, Option<u32>) {
    match own {
        IntentState::Disabled => return (StatusWord::Disabled, None),
        IntentState::Maintenance => return (StatusWord::Maintenance, None),
        IntentState::Active => {}
    }
    let mut worst: Option<(StatusWord, u32)> = None;
    let mut disabled = 0_u32;
    for word in words {
        if word == StatusWord::Disabled {
            disabled += 1;
            continue;
        }
        worst = Some(match worst {
            Some((w, n)) if w == word => (w, n + 1),
            Some((w, n)) if w.severity() < word.severity() => (w, n),
            _ => (word, 1),
        });
    }
    match worst {
        Some((word, n)) => (word, Some(n)),
        None if disabled > 0 => (StatusWord::Disabled, Some(disabled)),
        None => (StatusWord::Empty, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::status::Runtime;
    use proptest::prelude::*;

    fn axes(intent: IntentState, liveness: Liveness) -> StatusInput {
        StatusInput { intent, liveness, runtime: Some(Runtime::Running), work: None, restarting: false }
    }

    fn sessions(phone: Option<u32>, web: Option<u32>, max: Option<u32>) -> Sessions {
        Sessions { phone, web, max, age_seconds: Vec::new() }
    }

    fn node<'a>(
        kind: NodeKind,
        axes: StatusInput,
        s: Option<&'a Sessions>,
        o: Option<&'a Outbound>,
    ) -> NodeFigures<'a> {
        NodeFigures { kind, axes, sessions: s, outbound: o, max_concurrent_calls: None }
    }

    #[test]
    fn no_data_stays_no_data() {
        let mut c = Capacity::default();
        add_node(&mut c, &node(NodeKind::Backend, axes(IntentState::Active, Liveness::Live), None, None));
        assert_eq!(c.conversations.phone, None);
        assert_eq!((c.backend.online, c.backend.registered, c.coverage.reporting), (1, 1, 1));
    }

    #[test]
    fn silent_nodes_are_kept_apart() {
        let s = sessions(Some(3), Some(1), Some(25));
        let mut c = Capacity::default();
        add_node(&mut c, &node(NodeKind::Backend, axes(IntentState::Active, Liveness::Live), Some(&s), None));
        add_node(
            &mut c,
            &node(NodeKind::Backend, axes(IntentState::Active, Liveness::Stale), Some(&s), None),
        );
        assert_eq!((c.conversations.phone, c.last_known.phone), (Some(3), Some(3)));
        assert_eq!((c.slots.used, c.slots.max), (Some(4), Some(25)));
        assert_eq!((c.coverage.reporting, c.coverage.expected), (1, 2));
    }

    #[test]
    fn conversations_from_backends_outbound_from_proxies() {
        let s = sessions(Some(3), None, None);
        let o = Outbound { processing: Some(2), pending: Some(5), oldest_pending_seconds: Some(9) };
        let live = axes(IntentState::Active, Liveness::Live);
        let mut c = Capacity::default();
        add_node(&mut c, &node(NodeKind::Proxy, live, Some(&s), Some(&o)));
        add_node(&mut c, &node(NodeKind::Backend, live, Some(&s), Some(&o)));
        assert_eq!((c.conversations.phone, c.conversations.web), (Some(3), None));
        assert_eq!((c.outbound.pending, c.outbound.oldest_pending_seconds), (Some(5), Some(9)));
        assert_eq!((c.slots.used, c.slots.max), (None, None));
    }

    #[test]
    fn disabled_is_beside_the_total() {
        let mut c = Capacity::default();
        add_node(&mut c, &node(NodeKind::Proxy, axes(IntentState::Disabled, Liveness::Live), None, None));
        assert_eq!((c.proxy.disabled, c.proxy.registered, c.coverage.expected), (1, 0, 0));
    }

    #[test]
    fn words_of_regions() {
        use StatusWord::*;
        let word = |own, words: &[StatusWord]| region_word(own, words.iter().copied());
        assert_eq!(word(IntentState::Active, &[]), (Empty, None));
        assert_eq!(word(IntentState::Active, &[Online, Offline, Stale, Offline]), (Offline, Some(2)));
        assert_eq!(word(IntentState::Active, &[Maintenance, Maintenance]), (Maintenance, Some(2)));
        assert_eq!(word(IntentState::Active, &[Disabled, Online]), (Online, Some(1)));
        assert_eq!(word(IntentState::Active, &[Disabled]), (Disabled, Some(1)));
        assert_eq!(word(IntentState::Maintenance, &[Offline]), (Maintenance, None));
        assert_eq!(word(IntentState::Disabled, &[Online]), (Disabled, None));
    }

    proptest! {
        #[test]
        fn the_states_sum_to_registered(nodes in prop::collection::vec((0..6_usize, 0..3_usize, any::<bool>()), 0..50)) {
            let liveness = [Liveness::Live, Liveness::Stale, Liveness::Offline, Liveness::Left, Liveness::NeverSeen, Liveness::Unconfirmed];
            let intent = [IntentState::Active, IntentState::Maintenance, IntentState::Disabled];
            let mut c = Capacity::default();
            for (l, i, proxy) in &nodes {
                let kind = if *proxy { NodeKind::Proxy } else { NodeKind::Backend };
                add_node(&mut c, &node(kind, axes(intent[*i], liveness[*l]), None, None));
            }
            let mut all = 0;
            for k in [c.backend, c.proxy] {
                prop_assert_eq!(k.online + k.stale + k.offline + k.left + k.never_seen + k.unconfirmed, k.registered);
                prop_assert!(k.accepting <= k.online);
                all += k.registered + k.disabled;
            }
            prop_assert_eq!(usize::try_from(all).unwrap(), nodes.len());
            prop_assert_eq!(c.coverage.expected, c.backend.registered + c.proxy.registered);
        }
    }
}
