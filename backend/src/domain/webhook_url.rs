//! Where a webhook calls: an address as it is typed, taken apart. Pure; whether it may be called is asked of the
//! outbound policy.

use std::fmt;

use common::endpoint::{Endpoint, EndpointError};

/// An address in its usual form. What stands behind the host is kept as it was typed, percent signs and all: it is
/// often a secret that only the other side understands.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl {
    /// Scheme, host and port; no path.
    pub endpoint: Endpoint,
    /// Path and query as they are sent; begins with a slash.
    pub target: String,
}

/// Why a typed address was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlError {
    /// Neither `https://` nor `http://`.
    Scheme,
    /// `user:password@`.
    UserInfo,
    /// `#…`.
    Fragment,
    /// No usable host name or address.
    Host,
    /// Not a number from 1 to 65535.
    Port,
    /// A character that does not belong behind the host, or a percent sign without two hexadecimal digits.
    Target,
}

impl UrlError {
    /// Stable, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Scheme => "url_scheme",
            Self::UserInfo => "url_userinfo",
            Self::Fragment => "url_fragment",
            Self::Host => "url_host",
            Self::Port => "url_port",
            Self::Target => "url_characters",
        }
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "Begin with https:// or http://.",
            Self::UserInfo => "Leave user name and password out of the URL.",
            Self::Fragment => "Leave out # and what follows it.",
            Self::Host => "The host is a name such as hooks.example.com, an IPv4 address, or an IPv6 address in [brackets].",
            Self::Port => "The port is a number from 1 to 65535.",
            Self::Target => "Write spaces, letters beyond A to Z and other special characters percent-encoded, as %20.",
        })
    }
}

impl fmt::Debug for WebhookUrl {
    /// Without what may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Display for WebhookUrl {
    /// The whole address; a port that goes without saying is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.target)
    }
}

impl WebhookUrl {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// The first thing that is not right.
    pub fn parse(typed: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = typed.trim().split_once("://").ok_or(UrlError::Scheme)?;
        let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(at);
        if authority.contains(char::is_whitespace) {
            return Err(UrlError::Host);
        }
        let endpoint = Endpoint::parse(&format!("{scheme}://{authority}")).map_err(|e| match e {
            EndpointError::Scheme => UrlError::Scheme,
            EndpointError::UserInfo => UrlError::UserInfo,
            EndpointError::Port => UrlError::Port,
            _ => UrlError::Host,
        })?;
        if target.contains('#') {
            return Err(UrlError::Fragment);
        }
        if !sendable(target) {
            return Err(UrlError::Target);
        }
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Self { endpoint, target: format!("{slash}{target}") })
    }

    /// `https://hooks.example.com` or `http://10.0.0.5:8080`.
    fn origin(&self) -> String {
        let Endpoint { scheme, port, .. } = &self.endpoint;
        let authority = self.endpoint.authority();
        let usual = format!(":{}", scheme.default_port());
        let host = if *port == scheme.default_port() { authority.strip_suffix(&usual) } else { None };
        format!("{}://{}", scheme.as_str(), host.unwrap_or(&authority))
    }

    /// The same without what may be a secret, for those who must not have it: `https://hooks.example.com/…`.
    pub fn masked(&self) -> String {
        format!("{}/…", self.origin())
    }
}

/// Characters of path and query (RFC 3986 §3.3, §3.4), and percent signs with what belongs to them.
fn sendable(target: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&b);
    let mut rest = target.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'%', [a, b, after @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => after,
            (first, after) if plain(*first) => after,
            _ => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_people_paste_and_keeps_what_follows_the_host() {
        for (typed, kept, masked) in [
            ("https://hooks.example.com", "https://hooks.example.com/", "https://hooks.example.com/…"),
            (
                " HTTPS://Hooks.Example.com./T0/B%2f0/xY ",
                "https://hooks.example.com/T0/B%2f0/xY",
                "https://hooks.example.com/…",
            ),
            (
                "http://10.0.0.5:8080/in?token=a%20b&x=1",
                "http://10.0.0.5:8080/in?token=a%20b&x=1",
                "http://10.0.0.5:8080/…",
            ),
            ("https://x.example:443?a=1", "https://x.example/?a=1", "https://x.example/…"),
            ("http://x.example:443/", "http://x.example:443/", "http://x.example:443/…"),
            (
                "https://[2001:0DB9::1]:8443/a/",
                "https://[2001:db9::1]:8443/a/",
                "https://[2001:db9::1]:8443/…",
            ),
            ("https://[2001:db9::1]/a//b/../c", "https://[2001:db9::1]/a//b/../c", "https://[2001:db9::1]/…"),
        ] {
            let url = WebhookUrl::parse(typed).unwrap();
            assert_eq!((url.to_string().as_str(), url.masked().as_str()), (kept, masked), "{typed}");
            assert_eq!(WebhookUrl::parse(kept), Ok(url.clone()), "it is in its normal form");
            assert_eq!(format!("{url:?}"), masked);
        }
    }

    #[test]
    fn refuses_the_rest_with_its_reason() {
        use UrlError::*;
        for (typed, why) in [
            ("hooks.example.com/x", Scheme),
            ("ftp://hooks.example.com", Scheme),
            ("file:///etc/passwd", Scheme),
            ("https://me:pw@hooks.example.com/", UserInfo),
            ("https://hooks.example.com@10.0.0.5/", UserInfo),
            ("https://hooks.example.com/#x", Fragment),
            ("https://hooks.example.com#x", Fragment),
            ("https://", Host),
            ("https:///x", Host),
            ("https://a b/", Host),
            ("https://a /x", Host),
            ("https://10.0.0.500/", Host),
            ("https://عمان.example/", Host),
            ("https://hooks.example.com\\@10.0.0.5/", UserInfo),
            ("https://hooks.example.com\\x", Host),
            ("https://x:0/", Port),
            ("https://x:70000/", Port),
            ("https://x/a b", Target),
            ("https://x/%2", Target),
            ("https://x/%zz", Target),
            ("https://x/é", Target),
            ("https://x/a\nb", Target),
            ("https://x/a\\b", Target),
            ("https://x/[a]", Target),
        ] {
            assert_eq!(WebhookUrl::parse(typed), Err(why), "{typed}");
        }
    }
}
