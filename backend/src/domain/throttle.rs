//! Slows down guessing: counts failed attempts per key in a sliding window. Pure; time is passed in.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};

use crate::clock::Mono;

/// How many failures of one key are let through, and for how long they count.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Failures after which the key has to wait.
    pub failures: usize,
    /// How long a failure counts, in milliseconds.
    pub window_ms: u64,
}

/// Failed attempts by key. Bounded: beyond `max_keys` the keys with the oldest failures are forgotten, which costs an
/// attacker as many addresses as it frees.
#[derive(Debug)]
pub struct Throttle<K> {
    limit: Limit,
    max_keys: usize,
    failures: HashMap<K, Vec<Mono>>,
}

impl<K: Hash + Eq + Clone> Throttle<K> {
    /// An empty one.
    pub fn new(limit: Limit, max_keys: usize) -> Self {
        Self { limit, max_keys, failures: HashMap::new() }
    }

    /// How many milliseconds the key has to wait; `None` where it may try.
    pub fn wait(&self, key: &K, now: Mono) -> Option<u64> {
        let recent: Vec<Mono> = self.recent(key, now).collect();
        let blocking = recent.len().checked_sub(self.limit.failures).and_then(|i| recent.get(i))?;
        Some(blocking.after(self.limit.window_ms).since(now).max(1))
    }

    /// Notes a failure.
    pub fn failed(&mut self, key: K, now: Mono) {
        if !self.failures.contains_key(&key) && self.failures.len() >= self.max_keys {
            self.forget(now);
        }
        let recent = self.recent(&key, now).chain([now]).collect();
        self.failures.insert(key, recent);
    }

    /// Notes a success: the key starts afresh.
    pub fn succeeded(&mut self, key: &K) {
        self.failures.remove(key);
    }

    fn recent(&self, key: &K, now: Mono) -> impl Iterator<Item = Mono> {
        let window = self.limit.window_ms;
        self.failures.get(key).into_iter().flatten().copied().filter(move |at| now.since(*at) < window)
    }

    fn forget(&mut self, now: Mono) {
        let window = self.limit.window_ms;
        self.failures.retain(|_, at| at.last().is_some_and(|last| now.since(*last) < window));
        if self.failures.len() >= self.max_keys {
            let oldest =
                self.failures.iter().min_by_key(|(_, at)| at.last().copied()).map(|(k, _)| k.clone());
            oldest.map(|k| self.failures.remove(&k));
        }
    }
}

/// The address whose failures count together with those of `source`: of IPv6 the first 64 bits, since whoever has one
/// address of a network has all 2^64 of them.
pub fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let of = |a: &str| network(a.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:aaaa::1"), "2001:db8:1:2::");
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("10.0.0.9"), "10.0.0.9");
        assert_eq!(of("::ffff:10.0.0.9"), "10.0.0.9", "the same machine by another way of writing it");
        assert_ne!(of("::ffff:10.0.0.9"), of("::ffff:10.0.0.8"));
    }

    fn throttle() -> Throttle<&'static str> {
        Throttle::new(Limit { failures: 3, window_ms: 1000 }, 2)
    }

    #[test]
    fn waits_until_the_oldest_of_the_last_three_is_out_of_the_window() {
        let mut t = throttle();
        for at in [0, 100, 200] {
            assert_eq!(t.wait(&"a", Mono(at)), None);
            t.failed("a", Mono(at));
        }
        assert_eq!(t.wait(&"a", Mono(200)), Some(800));
        assert_eq!(t.wait(&"b", Mono(200)), None, "another key is free");
        assert_eq!(t.wait(&"a", Mono(999)), Some(1));
        assert_eq!(t.wait(&"a", Mono(1000)), None);
    }

    #[test]
    fn success_starts_afresh() {
        let mut t = throttle();
        (0..3).for_each(|at| t.failed("a", Mono(at)));
        t.succeeded(&"a");
        assert_eq!(t.wait(&"a", Mono(3)), None);
    }

    #[test]
    fn is_bounded_and_forgets_the_oldest() {
        let mut t = throttle();
        (0..3).for_each(|at| t.failed("old", Mono(at)));
        (10..13).for_each(|at| t.failed("new", Mono(at)));
        t.failed("x", Mono(20));
        assert_eq!(t.failures.len(), 2);
        assert!(t.wait(&"new", Mono(20)).is_some());
        assert_eq!(t.wait(&"old", Mono(20)), None);
    }
}
