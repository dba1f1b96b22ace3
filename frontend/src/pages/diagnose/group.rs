//! What several nodes have in common. Pure; tested on the host.

use common::status::Liveness;
use common::time::Timestamp;

use super::facts::Facts;
use super::verdict::{Verdict, verdict};

/// Nodes that fell silent within this time fell silent together, in milliseconds.
const TOGETHER_MS: u64 = 30_000;

/// What the nodes of a kind in one region share.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shared {
    /// How many nodes are looked at: those that are not disabled.
    pub nodes: usize,
    /// How many of them are silent.
    pub silent: usize,
    /// What the one is called, where there is one.
    pub only: Option<String>,
    /// What most of the silent ones have, and how many.
    pub verdict: Option<(Verdict, usize)>,
    /// They fell silent together: since when.
    pub together: Option<Timestamp>,
    /// Nothing was ever heard from any of them.
    pub never: bool,
    /// The network of all their addresses, where it is one.
    pub network: Option<String>,
    /// The one machine that all their addresses name.
    pub machine: Option<String>,
    /// No refusal of any of them.
    pub no_refusals: bool,
}

fn host(f: &Facts) -> &str {
    f.endpoint.rsplit_once(':').map_or(f.endpoint.as_str(), |(host, _)| host)
}

/// `10.1.0.0/24` of an IPv4 address.
fn network(host: &str) -> Option<String> {
    let [a, b, c, _] = host.parse::<std::net::Ipv4Addr>().ok()?.octets();
    Some(format!("{a}.{b}.{c}.0/24"))
}

/// The value that all have; `None` where there are fewer than two or they differ.
fn one<T: PartialEq>(all: impl Iterator<Item = Option<T>>) -> Option<T> {
    let mut found: Option<T> = None;
    let mut count = 0_usize;
    for value in all {
        let value = value?;
        if found.as_ref().is_some_and(|f| *f != value) {
            return None;
        }
        found = Some(value);
        count = count.saturating_add(1);
    }
    found.filter(|_| count > 1)
}

/// Looks at them together.
pub fn shared(all: &[Facts]) -> Shared {
    let judged: Vec<(&Facts, Verdict)> =
        all.iter().map(|f| (f, verdict(f))).filter(|(_, v)| !matches!(v, Verdict::Disabled(_))).collect();
    let silent: Vec<&(&Facts, Verdict)> =
        judged.iter().filter(|(f, _)| f.liveness != Liveness::Live).collect();
    let mut best: Option<(Verdict, usize)> = None;
    for (_, v) in &silent {
        let count = silent.iter().filter(|(_, other)| other.same_sort(v)).count();
        if best.as_ref().is_none_or(|(_, n)| count > *n) {
            best = Some((v.clone(), count));
        }
    }
    let heard: Vec<Timestamp> = silent.iter().filter_map(|(f, _)| f.last).collect();
    let together = heard
        .iter()
        .min()
        .zip(heard.iter().max())
        .filter(|(first, last)| {
            heard.len() > 1 && heard.len() == silent.len() && last.since(**first) <= TOGETHER_MS
        })
        .map(|(_, last)| *last);
    let machine = one(silent.iter().map(|(f, _)| Some(host(f).to_owned())));
    Shared {
        nodes: judged.len(),
        silent: silent.len(),
        only: judged.first().filter(|_| judged.len() == 1).map(|(f, _)| f.name.clone()),
        verdict: best,
        together,
        never: !silent.is_empty() && heard.is_empty(),
        network: if machine.is_some() { None } else { one(silent.iter().map(|(f, _)| network(host(f)))) },
        machine,
        no_refusals: silent.iter().all(|(f, _)| f.refusals.is_empty() && f.stranger.is_none()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::verdict::tests::{AT, facts, refused};
    use super::*;

    fn silent(n: u8, ago: u64) -> Facts {
        let mut f = facts();
        f.endpoint = format!("10.1.0.{n}:5001");
        f.liveness = Liveness::Offline;
        f.last = Some(AT.before(ago));
        f
    }

    #[test]
    fn nodes_that_fell_silent_together_share_time_and_network() {
        let s = shared(&[silent(1, 60_000), silent(2, 61_000), silent(3, 64_000)]);
        assert_eq!((s.nodes, s.silent, s.together), (3, 3, Some(AT.before(60_000))));
        assert_eq!((s.network.as_deref(), s.machine.as_deref()), (Some("10.1.0.0/24"), None));
        assert!(s.no_refusals && !s.never);
        let s = shared(&[silent(1, 60_000), silent(2, 600_000)]);
        assert_eq!(s.together, None, "nine minutes apart");
    }

    #[test]
    fn one_machine_is_said_instead_of_its_network() {
        let s = shared(&[silent(1, 60_000), silent(1, 60_500)]);
        assert_eq!((s.network, s.machine.as_deref()), (None, Some("10.1.0.1")));
    }

    #[test]
    fn one_node_shares_nothing() {
        let s = shared(&[silent(1, 60_000)]);
        assert_eq!((s.network, s.machine, s.together), (None, None, None));
        assert_eq!(s.verdict.map(|(_, n)| n), Some(1));
        assert_eq!(shared(&[]), Shared { no_refusals: true, ..Shared::default() });
    }

    #[test]
    fn the_most_frequent_verdict_stands_for_the_group() {
        let mut wrong = silent(1, 60_000);
        wrong.refusals = vec![refused("unknown_secret", 1_000)];
        let mut wrong_too = wrong.clone();
        if let Some(r) = wrong_too.refusals.first_mut() {
            r.fingerprint = Some("00000000".into());
        }
        let s = shared(&[silent(3, 60_000), wrong, wrong_too]);
        assert_eq!(s.verdict, Some((Verdict::WrongSecret(Some("9f2c0000".into())), 2)));
        assert!(!s.no_refusals);
    }

    #[test]
    fn disabled_nodes_are_beside_the_group() {
        let mut off = silent(1, 60_000);
        off.word = common::status::StatusWord::Disabled;
        let s = shared(&[off, silent(2, 60_000)]);
        assert_eq!((s.nodes, s.silent), (1, 1));
    }

    #[test]
    fn never_heard_from_any() {
        let mut a = silent(1, 0);
        (a.liveness, a.last) = (Liveness::NeverSeen, None);
        let s = shared(&[a.clone(), a]);
        assert!(s.never);
        assert_eq!(s.together, None);
    }
}
