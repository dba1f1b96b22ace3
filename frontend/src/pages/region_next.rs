//! What a region could still hold, and how it was over the last day. Pure; tested on the host.

use common::capacity::{KindCounts, Slots};
use common::history::{History, Metric, Point};
use common::node::{Node, NodeKind};
use common::status::Liveness;

/// Slots in use and in all, after the backend with the most slots is gone; its calls have to go somewhere.
///
/// Nothing where no backend told its slots.
pub fn after_one_more(slots: Slots, nodes: &[Node]) -> Option<(u64, u64)> {
    let (used, max) = (slots.used?, slots.max?);
    let largest = nodes
        .iter()
        .filter(|n| n.kind == NodeKind::Backend && n.live.liveness == Liveness::Live)
        .filter_map(|n| n.live.sessions.as_ref()?.max)
        .max()?;
    Some((used, max.saturating_sub(u64::from(largest))))
}

/// How a region was within a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Was {
    /// All nodes reported.
    Whole,
    /// Some nodes were silent.
    Partly,
    /// Of a kind, none reported.
    None,
    /// Nothing was registered.
    Empty,
    /// Nobody looked: the control plane did not run.
    Unknown,
}

fn kind(online: Option<f64>, registered: Option<f64>) -> Was {
    match (online, registered) {
        (Some(_), Some(of)) if of < 0.5 => Was::Empty,
        (Some(up), Some(_)) if up < 0.5 => Was::None,
        // Means of a step: less than all for a part of it counts.
        (Some(up), Some(of)) if up < of - 0.01 => Was::Partly,
        (Some(_), Some(_)) => Was::Whole,
        _ => Was::Unknown,
    }
}

fn worse(a: Was, b: Was) -> Was {
    let rank = |w: Was| match w {
        Was::None => 0,
        Was::Partly => 1,
        Was::Whole => 2,
        Was::Empty => 3,
        Was::Unknown => 4,
    };
    if rank(a) <= rank(b) { a } else { b }
}

/// How a region was whose kinds had so many online of so many registered.
pub fn was(kinds: &[(Option<f64>, Option<f64>)]) -> Was {
    kinds.iter().map(|(online, registered)| kind(*online, *registered)).fold(Was::Unknown, worse)
}

/// Stretches of one state, oldest first, with how many steps each has.
pub fn stretches(history: &History) -> Vec<(Was, u32)> {
    let series = |metric: Metric| {
        history.series.iter().find(|s| s.metric == metric).map_or(&[][..], |s| s.points.as_slice())
    };
    let avg = |points: &[Point], i: usize| points.get(i).and_then(|p| p.avg);
    let pairs = [
        (series(Metric::BackendOnline), series(Metric::BackendRegistered)),
        (series(Metric::ProxyOnline), series(Metric::ProxyRegistered)),
    ];
    let steps = pairs.iter().map(|(online, _)| online.len()).max().unwrap_or(0);
    let mut out: Vec<(Was, u32)> = Vec::new();
    for i in 0..steps {
        let kinds = pairs.map(|(online, registered)| (avg(online, i), avg(registered, i)));
        let was = was(&kinds);
        match out.last_mut().filter(|(last, _)| *last == was) {
            Some((_, n)) => *n = n.saturating_add(1),
            None => out.push((was, 1)),
        }
    }
    out
}

/// Whether nodes of a kind are registered and none reports. While silence is not judged, that is not known.
pub fn nobody(k: &KindCounts) -> bool {
    k.registered > 0 && k.online == 0 && k.unconfirmed == 0
}

#[cfg(test)]
mod tests {
    use common::history::Series;
    use common::time::Timestamp;

    use super::*;

    fn history(all: &[(Metric, &[Option<f64>])]) -> History {
        let point = |(i, v): (usize, &Option<f64>)| Point {
            at: Timestamp(i64::try_from(i).unwrap() * 1000),
            min: *v,
            avg: *v,
            max: *v,
        };
        let series = all.iter().map(|(metric, values)| Series {
            metric: *metric,
            unit: metric.unit(),
            coverage: 1.0,
            points: values.iter().enumerate().map(point).collect(),
        });
        History { from: Timestamp(0), to: Timestamp(9000), step_seconds: 1, series: series.collect() }
    }

    #[test]
    fn a_region_is_as_its_worse_kind() {
        let h = history(&[
            (Metric::BackendOnline, &[Some(2.0), Some(2.0), Some(1.5), Some(2.0), None]),
            (Metric::BackendRegistered, &[Some(2.0); 5]),
            (Metric::ProxyOnline, &[Some(0.0), Some(1.0), Some(1.0), Some(0.0), None]),
            (Metric::ProxyRegistered, &[Some(0.0), Some(1.0), Some(1.0), Some(1.0), None]),
        ]);
        assert_eq!(stretches(&h), [(Was::Whole, 2), (Was::Partly, 1), (Was::None, 1), (Was::Unknown, 1)]);
        assert_eq!(stretches(&history(&[])), []);
    }

    #[test]
    fn nothing_registered_is_not_nothing_reporting() {
        let h = history(&[(Metric::BackendOnline, &[Some(0.0)]), (Metric::BackendRegistered, &[Some(0.0)])]);
        assert_eq!(stretches(&h), [(Was::Empty, 1)]);
    }

    #[test]
    fn the_largest_backend_counts() {
        let node = |max: u32, liveness: &str, kind: &str| -> Node {
            serde_json::from_value(serde_json::json!({
                "id": "0198f6a2-0000-7000-8000-000000000001",
                "status": {"word": "online", "since": "2026-11-22T10:00:00Z", "inheritedFrom": null},
                "liveness": liveness, "runtime": null, "runtimeReason": null,
                "sessions": {"phone": 1, "web": 1, "max": max, "ageSeconds": []}, "outbound": null,
                "hardware": null, "lastHeartbeatAt": null, "intervalMs": 5000, "bootId": null, "startedAt": null,
                "softwareVersion": null, "hostname": null, "source": null, "clockOffsetMs": null,
                "conditions": [], "commands": [], "externalId": null, "regionId": "OM-MCT", "kind": kind,
                "endpoint": {"scheme": "http", "host": "h", "port": 5002, "path": ""},
                "sipHost": null, "sipPort": 5080, "sipTransport": "udp", "displayName": null, "notes": null,
                "labels": {}, "development": false, "maxConcurrentCalls": 25,
                "intent": {"state": "active", "publicReason": null, "privateReason": null, "until": null, "by": null, "at": null},
                "secret": {"fingerprint": "41aa0000", "createdAt": "2026-11-22T10:00:00Z", "previousUntil": null},
                "createdAt": "2026-11-22T10:00:00Z", "version": 1
            }))
            .unwrap()
        };
        let slots = Slots { used: Some(148), max: Some(200) };
        let nodes =
            [node(25, "live", "backend"), node(50, "live", "backend"), node(90, "offline", "backend")];
        assert_eq!(after_one_more(slots, &nodes), Some((148, 150)));
        assert_eq!(after_one_more(slots, &[]), None);
        assert_eq!(after_one_more(Slots::default(), &nodes), None);
    }
}
