//! This machine's CPU, memory and network.

use std::path::Path;
use std::time::Duration;

use common::heartbeat::Hardware;
use sysinfo::{MINIMUM_CPU_UPDATE_INTERVAL, Networks, System};
use tokio::time::Instant;

/// Bytes an interface has received and sent since it came up.
type Counters = Vec<(String, u64, u64)>;

/// Measures between two calls; asked too early, it answers with the last figures.
pub(crate) struct Sampler {
    system: System,
    networks: Networks,
    counters: Counters,
    at: Instant,
    last: Hardware,
}

impl Sampler {
    /// How long after the start the first figures can be had.
    pub(crate) const FIRST_AFTER: Duration = MINIMUM_CPU_UPDATE_INTERVAL;

    /// Takes the readings against which the first figures are counted.
    pub(crate) fn start(now: Instant) -> Self {
        let mut system = System::new();
        system.refresh_cpu_usage();
        system.refresh_memory();
        let networks = Networks::new_with_refreshed_list();
        let counters = counters(&networks);
        let last = Hardware {
            cpu_percent: None,
            memory_percent: percent(system.used_memory(), system.total_memory()),
            network_down_mbps: None,
            network_up_mbps: None,
        };
        Self { system, networks, counters, at: now, last }
    }

    /// The figures since the last call.
    pub(crate) fn sample(&mut self, now: Instant) -> Hardware {
        let elapsed = now.saturating_duration_since(self.at);
        // The kernel counts CPU time in ticks: over a shorter span the share is noise.
        if elapsed >= MINIMUM_CPU_UPDATE_INTERVAL {
            self.system.refresh_cpu_usage();
            self.system.refresh_memory();
            self.networks.refresh(true);
            let counters = counters(&self.networks);
            let (down, up) = rates(&self.counters, &counters, elapsed).unzip();
            self.last = Hardware {
                cpu_percent: Some(tenth(f64::from(self.system.global_cpu_usage()).clamp(0.0, 100.0))),
                memory_percent: percent(self.system.used_memory(), self.system.total_memory()),
                network_down_mbps: down,
                network_up_mbps: up,
            };
            (self.counters, self.at) = (counters, now);
        }
        self.last.clone()
    }
}

fn counters(networks: &Networks) -> Counters {
    let all: Counters = networks
        .iter()
        .filter(|(name, _)| name.as_str() != "lo")
        .map(|(name, data)| (name.clone(), data.total_received(), data.total_transmitted()))
        .collect();
    // A bridge or a container's end of a pair counts the same bytes again as the card they go through. Inside a
    // container there is no card, and what is there is counted.
    let is_card = |name: &str| Path::new("/sys/class/net").join(name).join("device").exists();
    let cards: Counters = all.iter().filter(|(name, ..)| is_card(name)).cloned().collect();
    if cards.is_empty() { all } else { cards }
}

/// Received and sent in 10⁶ bit/s between two readings; `None` where there is no interface in both.
fn rates(before: &Counters, after: &Counters, elapsed: Duration) -> Option<(f64, f64)> {
    let secs = elapsed.as_secs_f64();
    if secs <= 0.0 {
        return None;
    }
    let mut found = false;
    let (mut down, mut up) = (0_u64, 0_u64);
    for (name, received, sent) in after {
        if let Some((_, received_before, sent_before)) = before.iter().find(|(n, ..)| n == name) {
            found = true;
            // An interface that came up anew counts from zero again.
            down += received.checked_sub(*received_before).unwrap_or(*received);
            up += sent.checked_sub(*sent_before).unwrap_or(*sent);
        }
    }
    found.then(|| (mbps(down, secs), mbps(up, secs)))
}

/// Whole kilobytes are exact enough, and fit an `f64` without a cast for 4 TB between two samples.
fn mbps(bytes: u64, secs: f64) -> f64 {
    let kilobytes = u32::try_from(bytes / 1000).unwrap_or(u32::MAX);
    let rest = u32::try_from(bytes % 1000).unwrap_or(0);
    let bits = (f64::from(kilobytes) * 1000.0 + f64::from(rest)) * 8.0;
    (bits / secs / 1e6 * 1000.0).round() / 1000.0
}

fn percent(used: u64, total: u64) -> Option<f64> {
    let per_mille = used.checked_mul(1000)?.checked_div(total)?.min(1000);
    u32::try_from(per_mille).ok().map(|n| f64::from(n) / 10.0)
}

fn tenth(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(of: &[(&str, u64, u64)]) -> Counters {
        of.iter().map(|(n, d, u)| ((*n).to_owned(), *d, *u)).collect()
    }

    #[test]
    fn rates_are_decimal_megabits_over_the_time_that_passed() {
        let before = reading(&[("eth0", 1_000, 500), ("eth1", 0, 0)]);
        let after = reading(&[("eth0", 1_251_000, 500), ("eth1", 1_250_000, 125_000)]);
        assert_eq!(rates(&before, &after, Duration::from_secs(2)), Some((10.0, 0.5)));
        assert_eq!(rates(&before, &after, Duration::from_secs(4)), Some((5.0, 0.25)));
        assert_eq!(rates(&before, &after, Duration::ZERO), None);
    }

    #[test]
    fn interfaces_come_and_go_and_start_anew() {
        let second = Duration::from_secs(1);
        assert_eq!(rates(&reading(&[]), &reading(&[("new", 9_000_000, 9_000_000)]), second), None);
        assert_eq!(rates(&reading(&[("gone", 1, 1)]), &reading(&[]), second), None);
        let anew = rates(&reading(&[("eth0", 9_000_000, 0)]), &reading(&[("eth0", 125_000, 0)]), second);
        assert_eq!(anew, Some((1.0, 0.0)));
    }

    #[test]
    fn shares_are_between_zero_and_hundred() {
        assert_eq!(percent(1, 3), Some(33.3));
        assert_eq!(percent(5, 4), Some(100.0));
        assert_eq!(percent(1, 0), None);
        assert_eq!(tenth(12.345), 12.3);
    }

    #[tokio::test]
    async fn measures_this_machine() {
        let start = crate::clock::Clock::default().now();
        let mut sampler = Sampler::start(start);
        assert_eq!(sampler.sample(start).cpu_percent, None, "nothing is known without a span of time");
        assert!(sampler.sample(start).memory_percent.is_some_and(|p| p > 0.0));
        let later = sampler.sample(start + Duration::from_secs(1));
        assert!(later.cpu_percent.is_some_and(|p| (0.0..=100.0).contains(&p)), "{later:?}");
    }
}
