//! Why a call to another machine did not work, in words for the operator. Nothing the other side said is in them.

use std::net::{IpAddr, SocketAddr};

use super::policy::Forbidden;

/// How far a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Looking up the name.
    Dns,
    /// Opening the port.
    Tcp,
    /// Agreeing on encryption.
    Tls,
    /// Waiting for the reply.
    Reply,
}

/// What is wrong with the other side's encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TlsFault {
    /// The certificate comes from an authority this machine does not know.
    UnknownAuthority,
    /// The certificate names another host.
    OtherName,
    /// The certificate has expired or is not valid yet.
    Expired,
    /// The other side does not speak TLS on this port.
    NotTls,
    /// Anything else.
    Other,
}

/// Why a call did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The host is neither a name nor an address in its usual form.
    #[error("the host is neither a name nor an IP address in its usual form")]
    Host,
    /// The host is, or resolves to, an address that is never called.
    #[error("{address} is {why}, which this server does not call")]
    Forbidden {
        /// The address.
        address: IpAddr,
        /// Why.
        why: Forbidden,
    },
    /// The name does not resolve.
    #[error("the name does not resolve")]
    UnknownName,
    /// Nobody listens there.
    #[error("{0} refuses the connection")]
    Refused(SocketAddr),
    /// There is no way there.
    #[error("{0} cannot be reached from here")]
    Unreachable(SocketAddr),
    /// The certificate or the encryption is not right.
    #[error("{}", match .0 {
        TlsFault::UnknownAuthority => "the certificate comes from an unknown authority",
        TlsFault::OtherName => "the certificate names another host",
        TlsFault::Expired => "the certificate has expired or is not valid yet",
        TlsFault::NotTls => "this port does not speak TLS",
        TlsFault::Other => "no encrypted connection came about",
    })]
    Tls(TlsFault),
    /// It took too long.
    #[error("{}", match .0 {
        Stage::Dns => "looking up the name took too long",
        Stage::Tcp => "the port does not answer: the connection timed out",
        Stage::Tls => "the port opens, but nobody answers the offer of encryption",
        Stage::Reply => "the connection opens, but no answer comes",
    })]
    Timeout(Stage),
    /// The connection ended before the reply, or the reply is not HTTP.
    #[error("the connection ended without an HTTP reply")]
    NoReply,
    /// The reply is longer than is read.
    #[error("the reply is longer than 16 KiB")]
    TooLarge,
    /// The request cannot be put into words: a key with characters that do not belong.
    #[error("the request cannot be sent as it is")]
    Unsendable,
}

impl OutboundError {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Host => "host_invalid",
            Self::Forbidden { .. } => "address_forbidden",
            Self::UnknownName => "name_unknown",
            Self::Refused(_) => "connection_refused",
            Self::Unreachable(_) => "unreachable",
            Self::Tls(TlsFault::UnknownAuthority) => "tls_unknown_authority",
            Self::Tls(TlsFault::OtherName) => "tls_other_name",
            Self::Tls(TlsFault::Expired) => "tls_expired",
            Self::Tls(TlsFault::NotTls) => "tls_not_spoken",
            Self::Tls(TlsFault::Other) => "tls_failed",
            Self::Timeout(Stage::Dns) => "dns_timeout",
            Self::Timeout(Stage::Tcp) => "connect_timeout",
            Self::Timeout(Stage::Tls) => "tls_timeout",
            Self::Timeout(Stage::Reply) => "reply_timeout",
            Self::NoReply => "no_reply",
            Self::TooLarge => "reply_too_large",
            Self::Unsendable => "unsendable",
        }
    }

    /// What the operator can do about it.
    pub fn cure(&self) -> &'static str {
        match self {
            Self::Host => "Check the address.",
            Self::Forbidden { why: Forbidden::Loopback, .. } => {
                "Enter the address by which other machines reach it. For a service on this machine, name its network \
                 in IQRA_OUTBOUND_ALLOW."
            }
            Self::Forbidden { .. } => "Enter the address of the machine in its own network.",
            Self::UnknownName => "Check the name, and the DNS server of this machine.",
            Self::Refused(_) => "Start the service, or check the port.",
            Self::Unreachable(_) => "Check the address, the routes and the firewall between here and there.",
            Self::Tls(TlsFault::UnknownAuthority) => {
                "Add the authority to the trusted certificates of this machine, or use a certificate of a known one."
            }
            Self::Tls(TlsFault::OtherName) => "Use the host name that is in the certificate.",
            Self::Tls(TlsFault::Expired) => "Renew the certificate, and check the clocks of both machines.",
            Self::Tls(TlsFault::NotTls) => "Turn SSL off, or use the port that speaks HTTPS.",
            Self::Tls(TlsFault::Other) => "Check that the service speaks TLS 1.2 or 1.3.",
            Self::Timeout(Stage::Dns) => "Check the DNS server of this machine.",
            Self::Timeout(Stage::Tcp) => "Check the address, and the firewall between here and there.",
            Self::Timeout(Stage::Tls) => {
                "Check that the service is not stuck, and that the port speaks HTTPS."
            }
            Self::Timeout(Stage::Reply) => "Check that the service is not stuck or overloaded.",
            Self::NoReply | Self::TooLarge => "Check the port, and whether it wants HTTPS.",
            Self::Unsendable => "Enter the key again.",
        }
    }
}
