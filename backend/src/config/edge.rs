//! Settings of the edge: TLS of our own, and the proxies in front of us.

use std::path::PathBuf;

use ipnet::IpNet;

use super::{ConfigError, Settings};

/// Where certificate and key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// `IQRA_TLS_CERT`: PEM, the server's certificate first, then those between it and the authority.
    pub cert: PathBuf,
    /// `IQRA_TLS_KEY`: PEM.
    pub key: PathBuf,
}

impl Settings {
    /// Whether passwords and secrets cross the network in clear, as far as can be known here: reachable from other
    /// machines, without TLS, and with no word of anything in front that has it.
    pub fn in_clear(&self) -> bool {
        let https = self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        !self.loopback_only() && self.tls.is_none() && self.trusted_proxies.is_empty() && !https
    }
}

/// Both files, or none.
pub(super) fn tls(cert: Option<String>, key: Option<String>) -> Result<Option<TlsFiles>, ConfigError> {
    match (cert, key) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert: cert.into(), key: key.into() })),
        _ => Err(ConfigError::Combination("Set IQRA_TLS_CERT and IQRA_TLS_KEY, or neither.".to_owned())),
    }
}

/// Networks in CIDR form, or single addresses; the environment's text has commas between them.
pub(super) fn networks(
    name: &'static str,
    env: Option<String>,
    file: Option<Vec<String>>,
) -> Result<Vec<IpNet>, ConfigError> {
    let texts = match env {
        Some(text) => text.split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect(),
        None => file.unwrap_or_default(),
    };
    let read = |value: String| {
        value.parse().or_else(|_| value.parse::<std::net::IpAddr>().map(IpNet::from)).map_err(|_| {
            ConfigError::Value {
                name,
                value,
                why: "use networks such as 127.0.0.0/8, with commas between them".to_owned(),
            }
        })
    };
    texts.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_or_none() {
        let text = |t: &str| Some(t.to_owned());
        assert_eq!(tls(None, None).unwrap(), None);
        assert_eq!(tls(text("c"), text("k")).unwrap(), Some(TlsFiles { cert: "c".into(), key: "k".into() }));
        assert!(tls(text("c"), None).is_err() && tls(None, text("k")).is_err());
    }

    #[test]
    fn networks_and_single_addresses() {
        let read = |text: &str| networks("X", Some(text.to_owned()), None);
        assert_eq!(read("10.0.0.0/8, 192.0.2.1").unwrap().len(), 2);
        assert_eq!(read("").unwrap(), []);
        assert!(read("10.0.0.0/33").is_err() && read("proxy.example").is_err());
    }
}
