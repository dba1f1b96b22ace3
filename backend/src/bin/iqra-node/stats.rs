//! Counts and latencies of a simulated fleet.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

/// Latencies in buckets a sixteenth apart: exact to 6 % at any length, in a few kilobytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histogram {
    buckets: BTreeMap<u64, u64>,
    count: u64,
    max: Duration,
}

impl Histogram {
    /// Counts one.
    pub(crate) fn add(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        // All but the five highest bits are cut off.
        let cut = 59_u32.saturating_sub(micros.leading_zeros());
        *self.buckets.entry(micros >> cut << cut).or_default() += 1;
        self.count += 1;
        self.max = self.max.max(latency);
    }

    /// The latency that `per_mille` of all do not exceed by more than a bucket; `None` where there are none.
    pub(crate) fn quantile(&self, per_mille: u64) -> Option<Duration> {
        let rank = (self.count * per_mille).div_ceil(1000).max(1);
        let mut seen = 0;
        self.buckets.iter().find_map(|(micros, n)| {
            seen += n;
            (seen >= rank).then(|| Duration::from_micros(*micros))
        })
    }
}

impl Histogram {
    fn merge(&mut self, other: &Self) {
        for (micros, n) in &other.buckets {
            *self.buckets.entry(*micros).or_default() += n;
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
    }
}

/// What happened since the start, or since the last line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stats {
    /// Heartbeats that counted.
    pub(crate) ok: u64,
    /// Of these, those the server had already.
    pub(crate) duplicates: u64,
    /// Never sent, by request.
    pub(crate) lost: u64,
    /// Sent and not counted, by code.
    pub(crate) rejected: BTreeMap<String, u64>,
    /// Goodbyes that were taken.
    pub(crate) goodbyes: u64,
    /// Nodes that were told to end, or were deleted.
    pub(crate) ended: u64,
    /// Of all requests that were answered.
    pub(crate) latency: Histogram,
}

impl Stats {
    /// Adds those of another span of time.
    pub(crate) fn add(&mut self, other: &Self) {
        self.ok += other.ok;
        self.duplicates += other.duplicates;
        self.lost += other.lost;
        self.goodbyes += other.goodbyes;
        self.ended += other.ended;
        for (code, n) in &other.rejected {
            *self.rejected.entry(code.clone()).or_default() += n;
        }
        self.latency.merge(&other.latency);
    }

    /// Heartbeats that were sent.
    pub(crate) fn sent(&self) -> u64 {
        self.ok + self.rejected.values().sum::<u64>()
    }

    /// One line for people, over `span`.
    pub(crate) fn line(&self, nodes: usize, span: Duration) -> String {
        let rejected: Vec<_> = self.rejected.iter().map(|(code, n)| format!("{code}={n}")).collect();
        let rejected = if rejected.is_empty() { "0".to_owned() } else { rejected.join(",") };
        format!(
            "nodes={nodes} beats/s={:.1} ok={} duplicate={} rejected={rejected} lost={} goodbyes={} p50={} p99={}",
            self.rate(span),
            self.ok,
            self.duplicates,
            self.lost,
            self.goodbyes,
            shown(self.latency.quantile(500)),
            shown(self.latency.quantile(990)),
        )
    }

    /// One object for programs, over `span`.
    pub(crate) fn summary(&self, nodes: usize, span: Duration) -> Value {
        json!({
            "nodes": nodes, "seconds": thousandth(span.as_secs_f64()), "beatsPerSecond": thousandth(self.rate(span)),
            "sent": self.sent(), "ok": self.ok, "duplicates": self.duplicates, "rejected": self.rejected,
            "lost": self.lost, "goodbyes": self.goodbyes, "ended": self.ended,
            "p50Ms": self.latency.quantile(500).map(millis), "p99Ms": self.latency.quantile(990).map(millis),
            "maxMs": (self.latency.count > 0).then(|| millis(self.latency.max)),
        })
    }

    /// Heartbeats sent per second.
    fn rate(&self, span: Duration) -> f64 {
        let sent = f64::from(u32::try_from(self.sent()).unwrap_or(u32::MAX));
        if span.is_zero() { 0.0 } else { sent / span.as_secs_f64() }
    }
}

fn millis(d: Duration) -> f64 {
    thousandth(d.as_secs_f64() * 1000.0)
}

fn thousandth(x: f64) -> f64 {
    (x * 1000.0).round() / 1000.0
}

fn shown(d: Option<Duration>) -> String {
    d.map_or_else(|| "-".to_owned(), |d| format!("{:.1}ms", millis(d)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_exact_to_a_sixteenth() {
        let mut h = Histogram::default();
        assert_eq!(h.quantile(500), None);
        (1..=1000).for_each(|n| h.add(Duration::from_micros(n * 100)));
        for (per_mille, micros) in [(500, 50_000.0), (990, 99_000.0), (1000, 100_000.0), (0, 100.0)] {
            let found = h.quantile(per_mille).unwrap().as_secs_f64() * 1e6;
            assert!(found <= micros && found >= micros * 15.0 / 16.0, "{per_mille}: {found}");
        }
        assert!(h.buckets.len() < 200);
        h.add(Duration::from_secs(u64::MAX));
        assert_eq!(h.max, Duration::from_secs(u64::MAX));
    }

    #[test]
    fn sums_and_shows_by_code() {
        let mut s = Stats { ok: 8, ..Stats::default() };
        s.rejected.insert("unknown_secret".into(), 2);
        s.latency.add(Duration::from_millis(4));
        let line = s.line(3, Duration::from_secs(5));
        assert!(line.contains("beats/s=2.0") && line.contains("rejected=unknown_secret=2"), "{line}");
        let summary = s.summary(3, Duration::from_secs(5));
        assert_eq!((&summary["sent"], &summary["rejected"]["unknown_secret"]), (&json!(10), &json!(2)));
        assert_eq!(Stats::default().summary(1, Duration::ZERO)["p50Ms"], Value::Null);
    }
}
