//! Which addresses this server may call. Pure.
//!
//! Nodes and storage live in private networks, so those are allowed; what answers on a machine's own addresses, on the
//! link or to a cloud's metadata calls is not meant for us, and a form that hides such an address in another never is.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::config::Settings;

/// What is allowed beyond the rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboundPolicy {
    /// Loopback addresses in these networks may be called. Nothing else is opened by them.
    pub loopback: Vec<IpNet>,
}

impl OutboundPolicy {
    /// What the settings allow: loopback where the server itself listens on loopback alone, and what
    /// `IQRA_OUTBOUND_ALLOW` names.
    pub fn from_settings(settings: &Settings) -> Self {
        if settings.loopback_only() {
            Self::with_loopback()
        } else {
            Self { loopback: settings.outbound_allow.clone() }
        }
    }

    /// All loopback addresses.
    pub fn with_loopback() -> Self {
        Self { loopback: vec![net4([127, 0, 0, 0], 8).into(), net6([0, 0, 0, 0, 0, 0, 0, 1], 128).into()] }
    }
}

/// Why an address is never called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Forbidden {
    /// This machine itself.
    Loopback,
    /// Valid on one link only.
    LinkLocal,
    /// A cloud's metadata service, which hands out credentials.
    Metadata,
    /// A group of machines.
    Multicast,
    /// No address.
    Unspecified,
    /// Everybody on the link.
    Broadcast,
    /// Set aside by the registries: documentation, benchmarks, retired forms.
    Reserved,
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "a loopback address",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "a cloud metadata address",
            Self::Multicast => "a multicast address",
            Self::Unspecified => "the unspecified address",
            Self::Broadcast => "a broadcast address",
            Self::Reserved => "a reserved address",
        })
    }
}

/// Whether this address may be called.
///
/// # Errors
/// Why not.
pub fn address_allowed(address: IpAddr, policy: &OutboundPolicy) -> Result<(), Forbidden> {
    let refused = match address {
        IpAddr::V4(v4) => refuse_v4(v4),
        IpAddr::V6(v6) => refuse_v6(v6),
    };
    match refused {
        // Only its plain form can be opened, never one that hides it in another.
        Some(Forbidden::Loopback)
            if address.is_loopback() && policy.loopback.iter().any(|net| net.contains(&address)) =>
        {
            Ok(())
        }
        Some(why) => Err(why),
        None => Ok(()),
    }
}

const fn net4(address: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn net6(address: [u16; 8], prefix: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = address;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix)
}

/// Metadata services outside the link-local networks: Alibaba, Azure, Oracle.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(192, 0, 0, 192)];

/// AWS, Google, Scaleway.
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
];

const RESERVED_V4: [Ipv4Net; 8] = [
    net4([0, 0, 0, 0], 8),
    net4([192, 0, 0, 0], 24),
    net4([192, 0, 2, 0], 24),
    net4([192, 88, 99, 0], 24),
    net4([198, 18, 0, 0], 15),
    net4([198, 51, 100, 0], 24),
    net4([203, 0, 113, 0], 24),
    net4([240, 0, 0, 0], 4),
];

fn refuse_v4(a: Ipv4Addr) -> Option<Forbidden> {
    if a.is_unspecified() {
        Some(Forbidden::Unspecified)
    } else if a.is_broadcast() {
        Some(Forbidden::Broadcast)
    } else if a.is_loopback() {
        Some(Forbidden::Loopback)
    } else if METADATA_V4.contains(&a) || a == Ipv4Addr::new(169, 254, 169, 254) {
        Some(Forbidden::Metadata)
    } else if a.is_link_local() {
        Some(Forbidden::LinkLocal)
    } else if a.is_multicast() {
        Some(Forbidden::Multicast)
    } else if RESERVED_V4.iter().any(|net| net.contains(&a)) {
        Some(Forbidden::Reserved)
    } else {
        None
    }
}

/// The global addresses, the only ones handed out, and within them what is not meant to be called.
const GLOBAL_V6: Ipv6Net = net6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
const UNIQUE_LOCAL_V6: Ipv6Net = net6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7);
const RESERVED_V6: [Ipv6Net; 3] = [
    // Teredo and the other protocol assignments, which tunnel to addresses nobody sees here.
    net6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    net6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    net6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];
const NAT64: Ipv6Net = net6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

fn refuse_v6(a: Ipv6Addr) -> Option<Forbidden> {
    if a.is_unspecified() {
        return Some(Forbidden::Unspecified);
    }
    if a.is_loopback() {
        return Some(Forbidden::Loopback);
    }
    if METADATA_V6.contains(&a) {
        return Some(Forbidden::Metadata);
    }
    if a.is_multicast() {
        return Some(Forbidden::Multicast);
    }
    if a.is_unicast_link_local() {
        return Some(Forbidden::LinkLocal);
    }
    if let Some(inner) = embedded_v4(a) {
        let refused = refuse_v4(inner);
        if refused.is_some() || mapped_or_translated(a) {
            return refused;
        }
    }
    let handed_out = GLOBAL_V6.contains(&a) || UNIQUE_LOCAL_V6.contains(&a);
    (!handed_out || RESERVED_V6.iter().any(|net| net.contains(&a))).then_some(Forbidden::Reserved)
}

/// Mapped, NAT64: another spelling of an IPv4 address, fine where that is.
fn mapped_or_translated(a: Ipv6Addr) -> bool {
    a.to_ipv4_mapped().is_some() || NAT64.contains(&a)
}

/// The IPv4 address that a packet to `a` would end up at: mapped, compatible, NAT64, 6to4, ISATAP.
fn embedded_v4(a: Ipv6Addr) -> Option<Ipv4Addr> {
    let [s0, s1, s2, _, s4, s5, s6, s7] = a.segments();
    let v4 = |high: u16, low: u16| {
        let ([b0, b1], [b2, b3]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(b0, b1, b2, b3)
    };
    if a.to_ipv4_mapped().is_some() || a.to_ipv4().is_some() || NAT64.contains(&a) {
        Some(v4(s6, s7))
    } else if s0 == 0x2002 {
        Some(v4(s1, s2))
    } else if s4 & 0xfdff == 0 && s5 == 0x5efe {
        Some(v4(s6, s7))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str, policy: &OutboundPolicy) -> Result<(), Forbidden> {
        address_allowed(text.parse().expect(text), policy)
    }

    #[test]
    fn where_nodes_and_storage_live_is_allowed() {
        for good in [
            "10.0.0.5",
            "172.16.3.4",
            "192.168.1.1",
            "100.64.0.7",
            "8.8.8.8",
            "fd12:3456::1",
            "2a01:4f8::1",
            "2606:4700::1111",
            "::ffff:10.0.0.5",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert_eq!(verdict(good, &OutboundPolicy::default()), Ok(()), "{good}");
        }
    }

    #[test]
    fn every_forbidden_form_is_refused_whatever_is_allowed() {
        use Forbidden::*;
        let everything =
            OutboundPolicy { loopback: ["0.0.0.0/0", "::/0"].map(|n| n.parse().unwrap()).to_vec() };
        for (bad, why) in [
            ("169.254.169.254", Metadata),
            ("169.254.170.2", LinkLocal),
            ("169.254.1.1", LinkLocal),
            ("100.100.100.200", Metadata),
            ("168.63.129.16", Metadata),
            ("192.0.0.192", Metadata),
            ("fd00:ec2::254", Metadata),
            ("fd20:ce::254", Metadata),
            ("224.0.0.1", Multicast),
            ("239.255.255.250", Multicast),
            ("ff02::1", Multicast),
            ("0.0.0.0", Unspecified),
            ("::", Unspecified),
            ("0.1.2.3", Reserved),
            ("255.255.255.255", Broadcast),
            ("240.0.0.1", Reserved),
            ("192.0.2.1", Reserved),
            ("198.18.0.1", Reserved),
            ("198.51.100.1", Reserved),
            ("203.0.113.1", Reserved),
            ("fe80::1", LinkLocal),
            ("febf::1", LinkLocal),
            ("fec0::1", Reserved),
            ("100::1", Reserved),
            ("2001:db8::1", Reserved),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", Reserved),
            ("64:ff9b:1::1", Reserved),
            ("4000::1", Reserved),
            // Forbidden IPv4 addresses within IPv6 ones.
            ("::ffff:169.254.169.254", Metadata),
            ("::ffff:127.0.0.1", Loopback),
            ("::127.0.0.1", Loopback),
            ("64:ff9b::127.0.0.1", Loopback),
            ("2002:7f00:1::1", Loopback),
            ("::ffff:0.0.0.0", Unspecified),
            ("::ffff:224.0.0.1", Multicast),
            ("::ffff:255.255.255.255", Broadcast),
            ("::169.254.169.254", Metadata),
            ("64:ff9b::169.254.169.254", Metadata),
            ("64:ff9b::224.0.0.1", Multicast),
            ("2002:a9fe:a9fe::1", Metadata),
            ("2002:e000:1::1", Multicast),
            ("2a01:4f8::5efe:169.254.169.254", Metadata),
            ("fd12::200:5efe:169.254.169.254", Metadata),
            // Compatible: retired, whatever is inside.
            ("::10.0.0.5", Reserved),
        ] {
            assert_eq!(verdict(bad, &everything), Err(why), "{bad}");
        }
    }

    #[test]
    fn loopback_only_where_it_is_opened() {
        for loopback in ["127.0.0.1", "127.8.9.1", "::1"] {
            assert_eq!(verdict(loopback, &OutboundPolicy::default()), Err(Forbidden::Loopback), "{loopback}");
            assert_eq!(verdict(loopback, &OutboundPolicy::with_loopback()), Ok(()), "{loopback}");
        }
        let one = OutboundPolicy { loopback: vec!["127.0.0.2/32".parse().unwrap()] };
        assert_eq!(verdict("127.0.0.2", &one), Ok(()));
        assert_eq!(verdict("127.0.0.1", &one), Err(Forbidden::Loopback));
        // Other spellings of it stay closed even then.
        for hidden in [
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::127.0.0.1",
            "2002:7f00:1::1",
            "2a01:4f8::5efe:127.0.0.1",
        ] {
            assert_eq!(
                verdict(hidden, &OutboundPolicy::with_loopback()),
                Err(Forbidden::Loopback),
                "{hidden}"
            );
        }
    }
}
