//! Figures of now, noted for the charts.
//!
//! Only what is known is noted: a node that is not confirmed live has no sample, and neither has a sum that rests on
//! nodes the control plane cannot judge. After a restart the lines have a gap and no dip.

use common::capacity::Capacity;
use common::history::Metric;
use common::status::Liveness;
use common::time::Timestamp;

use super::{Fleet, NodeEntry};
use crate::domain::capacity::work;
use crate::domain::history::Subject;
use crate::live::history::History;

impl Fleet {
    /// Notes a sample of every node, every region and the cluster.
    pub fn sample_into(&self, history: &History, at: Timestamp) {
        let index = self.index.read();
        let nodes: Vec<_> = index.nodes.values().cloned().collect();
        let regions: Vec<_> = index.regions.values().cloned().collect();
        drop(index);
        for node in &nodes {
            history.sample_all(&Subject::Node(node.id), &node_figures(node), at);
        }
        let mut cluster = Capacity::default();
        for region in &regions {
            let (capacity, ..) = self.region_figures(region);
            cluster.add(&capacity);
            let id = region.record.load().id.clone();
            history.sample_all(&Subject::Region(id), &sums(&capacity), at);
        }
        history.sample_all(&Subject::Cluster, &sums(&cluster), at);
    }
}

/// What a node said with its last heartbeat; nothing where that is no longer sure.
fn node_figures(node: &NodeEntry) -> Vec<(Metric, f64)> {
    let r = node.registered.load();
    let live = node.live.lock();
    let Some(beat) = live.beat.as_deref().filter(|_| live.state.liveness() == Liveness::Live) else {
        return Vec::new();
    };
    let sessions = beat.sessions.as_ref();
    let slots_max = sessions.and_then(|s| s.max).or(r.record.max_concurrent_calls);
    let hardware = beat.hardware.as_ref();
    let outbound = beat.outbound.as_ref();
    let figures = [
        (Metric::Cpu, hardware.and_then(|h| h.cpu_percent)),
        (Metric::Memory, hardware.and_then(|h| h.memory_percent)),
        (Metric::NetworkDown, hardware.and_then(|h| h.network_down_mbps)),
        (Metric::NetworkUp, hardware.and_then(|h| h.network_up_mbps)),
        (Metric::Phone, sessions.and_then(|s| s.phone).map(f64::from)),
        (Metric::Web, sessions.and_then(|s| s.web).map(f64::from)),
        (Metric::SlotsUsed, sessions.and_then(|s| work(r.record.kind, Some(s), None)).map(f64::from)),
        (Metric::SlotsMax, sessions.and(slots_max).map(f64::from)),
        (Metric::Processing, outbound.and_then(|o| o.processing).map(f64::from)),
        (Metric::Pending, outbound.and_then(|o| o.pending).map(f64::from)),
    ];
    figures.into_iter().filter_map(|(m, v)| Some((m, v?))).collect()
}

/// The sums of a region or of the cluster.
fn sums(c: &Capacity) -> Vec<(Metric, f64)> {
    let of_backends = |v: Option<u64>| v.filter(|_| c.backend.unconfirmed == 0).map(wide);
    let of_proxies = |v: Option<u64>| v.filter(|_| c.proxy.unconfirmed == 0).map(wide);
    let some = |n: u32| Some(u64::from(n));
    let figures = [
        (Metric::Phone, of_backends(c.conversations.phone)),
        (Metric::Web, of_backends(c.conversations.web)),
        (Metric::SlotsUsed, of_backends(c.slots.used)),
        (Metric::SlotsMax, of_backends(c.slots.max)),
        (Metric::BackendOnline, of_backends(some(c.backend.online))),
        (Metric::BackendAccepting, of_backends(some(c.backend.accepting))),
        (Metric::BackendRegistered, Some(f64::from(c.backend.registered))),
        (Metric::Processing, of_proxies(c.outbound.processing)),
        (Metric::Pending, of_proxies(c.outbound.pending)),
        (Metric::ProxyOnline, of_proxies(some(c.proxy.online))),
        (Metric::ProxyAccepting, of_proxies(some(c.proxy.accepting))),
        (Metric::ProxyRegistered, Some(f64::from(c.proxy.registered))),
    ];
    figures.into_iter().filter_map(|(m, v)| Some((m, v?))).collect()
}

/// Sums of the wire are far below 2³²; one that is not counts as the most there is.
fn wide(n: u64) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::capacity::{Conversations, KindCounts};

    #[test]
    fn a_sum_that_rests_on_nodes_nobody_can_judge_is_a_gap_and_no_dip() {
        let backend = KindCounts { online: 2, registered: 3, accepting: 2, ..KindCounts::default() };
        let mut c = Capacity {
            conversations: Conversations { phone: Some(0), web: None },
            backend,
            proxy: KindCounts { offline: 1, registered: 1, ..KindCounts::default() },
            ..Capacity::default()
        };
        let of = |c: &Capacity, m: Metric| sums(c).into_iter().find(|(k, _)| *k == m).map(|(_, v)| v);
        assert_eq!(of(&c, Metric::Phone), Some(0.0), "a real zero is one");
        assert_eq!(of(&c, Metric::Web), None);
        assert_eq!((of(&c, Metric::BackendOnline), of(&c, Metric::ProxyOnline)), (Some(2.0), Some(0.0)));
        c.backend = KindCounts { unconfirmed: 1, online: 1, ..backend };
        for m in [Metric::Phone, Metric::BackendOnline, Metric::BackendAccepting] {
            assert_eq!(of(&c, m), None, "{m:?}");
        }
        assert_eq!((of(&c, Metric::BackendRegistered), of(&c, Metric::ProxyOnline)), (Some(3.0), Some(0.0)));
    }
}
