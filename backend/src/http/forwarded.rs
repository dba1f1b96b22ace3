//! Where a request came from where a proxy of ours stands in between.
//!
//! `X-Forwarded-For` and `X-Forwarded-Proto` are believed only as far as the chain consists of proxies that the
//! operator named (`IQRA_TRUSTED_PROXIES`): anybody can write into these headers what he likes, and everything left
//! of the first address that is not a proxy of ours was written by somebody else.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// Hops that are looked at; nobody has a longer chain of proxies of his own.
const HOPS_MAX: usize = 16;

fn is_ours(ip: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&ip))
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|a| a.ip())).ok()?;
    Some(ip.to_canonical())
}

/// The address of whoever asked: the nearest that is no proxy of ours. `peer` is the other end of the connection,
/// `chain` the values of `X-Forwarded-For` in the order of the headers.
pub fn client<'a>(
    peer: IpAddr,
    chain: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[IpNet],
) -> IpAddr {
    let mut known = peer;
    let hops = chain.rev().flat_map(|value| value.rsplit(',')).take(HOPS_MAX);
    for hop in hops {
        if !is_ours(known, trusted) {
            break;
        }
        // What cannot be read was not written by a proxy that works: nothing left of it counts.
        let Some(ip) = address(hop) else { break };
        known = ip;
    }
    known
}

/// Whether the browser's connection is encrypted, as the proxy says; none where no proxy of ours says anything.
pub fn is_https<'a>(
    peer: IpAddr,
    proto: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[IpNet],
) -> Option<bool> {
    let last = proto.rev().flat_map(|value| value.rsplit(',')).next()?.trim();
    is_ours(peer, trusted).then(|| last.eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_what_our_own_proxies_wrote_is_believed() {
        let ours: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()];
        for (peer, chain, expected) in [
            // Nobody of ours in between: whatever the header says.
            ("192.0.2.9", vec!["1.1.1.1"], "192.0.2.9"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["192.0.2.1"], "192.0.2.1"),
            // Written by the client itself, left of its own address.
            ("10.0.0.1", vec!["1.1.1.1, 192.0.2.1"], "192.0.2.1"),
            ("10.0.0.1", vec!["1.1.1.1", "192.0.2.1"], "192.0.2.1"),
            ("10.0.0.1", vec!["192.0.2.1, 10.0.0.2"], "192.0.2.1"),
            ("10.0.0.1", vec!["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", vec!["192.0.2.1, unknown"], "10.0.0.1"),
            ("10.0.0.1", vec![""], "10.0.0.1"),
            ("2001:db8:1::1", vec!["[2001:db8:9::7]:80"], "2001:db8:9::7"),
            ("10.0.0.1", vec!["192.0.2.1:5555"], "192.0.2.1"),
            ("10.0.0.1", vec!["::ffff:192.0.2.1"], "192.0.2.1"),
        ] {
            assert_eq!(client(ip(peer), chain.iter().copied(), &ours), ip(expected), "{peer} {chain:?}");
        }
        assert_eq!(client(ip("10.0.0.1"), ["1.1.1.1"].into_iter(), &[]), ip("10.0.0.1"));
    }

    #[test]
    fn a_chain_has_an_end() {
        let ours: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let long = vec!["10.0.0.2"; 1000].join(",");
        let chain = format!("192.0.2.1,{long}");
        assert_eq!(client(ip("10.0.0.1"), [chain.as_str()].into_iter(), &ours), ip("10.0.0.2"));
    }

    #[test]
    fn encryption_is_told_by_our_proxy_alone() {
        let ours: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let ask = |peer: &str, values: &[&'static str]| is_https(ip(peer), values.iter().copied(), &ours);
        assert_eq!(ask("10.0.0.1", &["https"]), Some(true));
        assert_eq!(ask("10.0.0.1", &["https, http"]), Some(false));
        assert_eq!(ask("10.0.0.1", &[]), None);
        assert_eq!(ask("192.0.2.1", &["https"]), None);
    }
}
