//! A node's address as operators type it: with or without a scheme, a port, a path; IPv4, IPv6 or a name.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// Plain or encrypted HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// `http`, port 80 where none is typed.
    Http,
    /// `https`, port 443 where none is typed.
    Https,
}

impl Scheme {
    /// As written in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port where none is typed.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// An address taken apart and normalised. Two nodes may not share host, port and path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// Lower case; IPv6 without brackets, in its shortest form.
    pub host: String,
    /// 1–65535.
    pub port: u16,
    /// Empty, or starting with a slash and not ending in one.
    pub path: String,
}

/// Why a typed address was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointError {
    /// Nothing typed.
    Empty,
    /// Longer than 300 characters.
    TooLong,
    /// A scheme other than http and https.
    Scheme,
    /// `user:password@`.
    UserInfo,
    /// `?…` or `#…`.
    QueryOrFragment,
    /// No usable host name or address.
    Host,
    /// Not a number from 1 to 65535.
    Port,
    /// A character that does not belong into a path.
    Path,
}

impl EndpointError {
    /// Stable, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooLong => "too_long",
            Self::Scheme => "endpoint_scheme",
            Self::UserInfo => "endpoint_userinfo",
            Self::QueryOrFragment => "endpoint_query",
            Self::Host => "endpoint_host",
            Self::Port => "endpoint_port",
            Self::Path => "endpoint_path",
        }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "Enter the address of the server, for example http://10.0.0.5:5002.",
            Self::TooLong => "The address is longer than 300 characters.",
            Self::Scheme => "Use http:// or https://, or leave the scheme out.",
            Self::UserInfo => "Leave user name and password out of the address.",
            Self::QueryOrFragment => "Leave out what follows ? or # in the address.",
            Self::Host => {
                "The host is a name such as node1.example, an IPv4 address, or an IPv6 address in [brackets]."
            }
            Self::Port => "The port is a number from 1 to 65535.",
            Self::Path => "The path may hold letters, digits and -._~/ only.",
        })
    }
}

impl Endpoint {
    /// Reads what an operator typed.
    ///
    /// # Errors
    /// The first thing that is not right; nothing is guessed beyond a missing scheme and port.
    pub fn parse(typed: &str) -> Result<Self, EndpointError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(EndpointError::Empty);
        }
        if typed.len() > 300 {
            return Err(EndpointError::TooLong);
        }
        let (scheme, rest) = match typed.split_once("://") {
            None => (Scheme::Http, typed),
            Some((s, rest)) if s.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
            Some((s, rest)) if s.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
            Some(_) => return Err(EndpointError::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(EndpointError::QueryOrFragment);
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(EndpointError::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let host = normal_host(host).ok_or(EndpointError::Host)?;
        let port = match port {
            None => scheme.default_port(),
            Some(p) if !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()) => {
                p.parse().ok().filter(|p| *p > 0).ok_or(EndpointError::Port)?
            }
            Some(_) => return Err(EndpointError::Port),
        };
        let path = path.trim_end_matches('/');
        if !path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b))
            || path.split('/').any(|part| part == ".." || part == ".")
        {
            return Err(EndpointError::Path);
        }
        let path = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(Self { scheme, host, port, path })
    }

    /// Host and port as shown on the screen: `10.0.0.5:5002`, `[2001:db8::1]:5002`.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Endpoint {
    /// The whole address, `http://10.0.0.5:5002/base`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme.as_str(), self.authority(), self.path)
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<&str>), EndpointError> {
    if let Some(inner) = authority.strip_prefix('[') {
        let (host, after) = inner.split_once(']').ok_or(EndpointError::Host)?;
        host.parse::<Ipv6Addr>().map_err(|_| EndpointError::Host)?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(EndpointError::Host),
        };
    }
    match authority.split_once(':') {
        // `::1` or `fe80::1:5002`: without brackets nobody can tell the port from the address.
        Some((_, port)) if port.contains(':') => Err(EndpointError::Host),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((authority, None)),
    }
}

/// The normal form of a host name, IPv4 or (bare) IPv6 address; `None` where it is none of these.
pub fn normal_host(host: &str) -> Option<String> {
    if let Ok(v6) = host.parse::<Ipv6Addr>() {
        return Some(v6.to_string());
    }
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    if host.len() > 253 || !host.split('.').all(label) {
        return None;
    }
    // All digits and dots must be a real IPv4 address: `10.0.0.500` is a typing error, not a name.
    let last = host.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|b| b.is_ascii_digit()) && host.parse::<Ipv4Addr>().is_err() {
        return None;
    }
    Some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_operators_type() {
        for (typed, shown) in [
            ("http://10.0.0.5:5002", "http://10.0.0.5:5002"),
            ("10.0.0.5:5002", "http://10.0.0.5:5002"),
            (" 10.0.0.5 ", "http://10.0.0.5:80"),
            ("HTTPS://Node-1.Example./", "https://node-1.example:443"),
            ("https://node/api/iqra/", "https://node:443/api/iqra"),
            ("[2001:0DB8::1]:5002", "http://[2001:db8::1]:5002"),
            ("https://[::1]", "https://[::1]:443"),
            ("backend_1:5002", "http://backend_1:5002"),
        ] {
            assert_eq!(Endpoint::parse(typed).map(|e| e.to_string()), Ok(shown.to_owned()), "{typed}");
        }
    }

    #[test]
    fn refuses_the_rest_with_its_reason() {
        use EndpointError::*;
        for (typed, why) in [
            ("", Empty),
            ("   ", Empty),
            ("ftp://a", Scheme),
            ("user:pw@host", UserInfo),
            ("http://host?x=1", QueryOrFragment),
            ("http://host/#x", QueryOrFragment),
            ("http://", Host),
            ("http://:5002", Host),
            ("::1", Host),
            ("fe80::1:5002", Host),
            ("[::1", Host),
            ("[::1]x", Host),
            ("[node]:1", Host),
            ("10.0.0.500:1", Host),
            ("a b", Host),
            ("-a", Host),
            ("عمان", Host),
            ("host:0", Port),
            ("host:65536", Port),
            ("host:", Port),
            ("host:+1", Port),
            ("host/a b", Path),
            ("host/../x", Path),
            ("host/%2e", Path),
        ] {
            assert_eq!(Endpoint::parse(typed), Err(why), "{typed}");
        }
        assert_eq!(Endpoint::parse(&"a".repeat(301)), Err(TooLong));
    }

    #[test]
    fn normal_form_is_stable() {
        for typed in ["10.0.0.5:5002", "https://[::1]/x/", "Node"] {
            let once = Endpoint::parse(typed).unwrap();
            assert_eq!(Endpoint::parse(&once.to_string()), Ok(once));
        }
    }
}
