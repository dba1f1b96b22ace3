//! Settings: environment first, then `iqra-infra.toml`, then defaults.

mod edge;
pub mod master_key;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;

pub use self::edge::TlsFiles;

/// A text that must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// Wraps it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// The timers as an operator sets them, in milliseconds; the size of the fleet may stretch them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timers {
    /// The shortest heartbeat interval.
    pub interval_ms: u64,
    /// The shortest silence that makes a node `stale`.
    pub stale_after_ms: u64,
    /// The shortest silence that makes a node `offline`.
    pub offline_after_ms: u64,
}

impl Default for Timers {
    fn default() -> Self {
        Timers { interval_ms: 5_000, stale_after_ms: 15_000, offline_after_ms: 30_000 }
    }
}

/// Where the master key comes from.
#[derive(Debug, Clone)]
pub enum MasterKeySource {
    /// `IQRA_MASTER_KEY`: 64 hex digits or 44 characters of Base64; several with commas between them, the first seals.
    Value(Hidden),
    /// `IQRA_MASTER_KEY_FILE`: the same, or one key a line.
    File(PathBuf),
    /// `master.key` in the data folder, made once.
    DataDir,
}

/// All settings of `serve`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `IQRA_LISTEN`, default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// `IQRA_DATA_DIR`.
    pub data_dir: PathBuf,
    /// `DATABASE_URL`; unset: the server runs a PostgreSQL of its own.
    pub database_url: Option<Hidden>,
    /// `IQRA_POSTGRES_BIN`: where `initdb` and `postgres` are, if not in a usual place.
    pub postgres_bin: Option<PathBuf>,
    /// `IQRA_PUBLIC_URL`: what snippets name.
    pub public_url: Option<String>,
    /// `IQRA_ADMIN_EMAIL`, default `admin@localhost`.
    pub admin_email: String,
    /// `IQRA_ADMIN_PASSWORD`; unset: generated and printed once.
    pub admin_password: Option<Hidden>,
    /// `IQRA_MASTER_KEY` or `IQRA_MASTER_KEY_FILE`.
    pub master_key: MasterKeySource,
    /// `IQRA_HEARTBEAT_INTERVAL`, `IQRA_STALE_AFTER`, `IQRA_OFFLINE_AFTER`.
    pub timers: Timers,
    /// `IQRA_OUTBOUND_ALLOW`: loopback networks this server may call though it listens elsewhere too.
    pub outbound_allow: Vec<IpNet>,
    /// `IQRA_TLS_CERT` and `IQRA_TLS_KEY`; unset: plain HTTP.
    pub tls: Option<TlsFiles>,
    /// `IQRA_TRUSTED_PROXIES`: whose word on where a request came from counts.
    pub trusted_proxies: Vec<IpNet>,
    /// `IQRA_STORAGE_CHECK_INTERVAL`, default 1 min, in milliseconds: how often each region's storage is looked at.
    pub storage_check_ms: u64,
    /// `IQRA_SIGNING_KEY_AGE`, default 90 d, in milliseconds: how old the key that signs tokens becomes.
    pub signing_key_ms: u64,
    /// `IQRA_HEARTBEAT_MAX_RATE`: 0 switches the limit per node off; unset: max(2/s, 3/T).
    pub heartbeat_limit: bool,
}

impl Settings {
    /// Whether only this machine can reach the server.
    pub fn loopback_only(&self) -> bool {
        self.listen.ip().is_loopback()
    }
}

/// What is wrong with the settings, in words for the one who starts the server.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value could not be read.
    #[error("{name} is {value:?}: {why}")]
    Value {
        /// The setting.
        name: &'static str,
        /// As given; only for settings that are not secret.
        value: String,
        /// What is expected.
        why: String,
    },
    /// The file could not be read.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
    /// Two settings exclude each other, or one needs another.
    #[error("{0}")]
    Combination(String),
}

/// `iqra-infra.toml`: the same settings in snake case.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    database_url: Option<String>,
    listen: Option<String>,
    data_dir: Option<String>,
    postgres_bin: Option<String>,
    master_key_file: Option<String>,
    public_url: Option<String>,
    admin_email: Option<String>,
    admin_password: Option<String>,
    heartbeat_interval: Option<String>,
    stale_after: Option<String>,
    offline_after: Option<String>,
    heartbeat_max_rate: Option<u32>,
    storage_check_interval: Option<String>,
    signing_key_age: Option<String>,
    outbound_allow: Option<Vec<String>>,
    tls_cert: Option<String>,
    tls_key: Option<String>,
    trusted_proxies: Option<Vec<String>>,
}

/// Reads settings. `file` is `--config`; without it `iqra-infra.toml` of the working folder, if there is one.
///
/// # Errors
/// The first setting that cannot be used.
pub fn load(file: Option<&Path>) -> Result<Settings, ConfigError> {
    let form = match file {
        Some(path) => read_file(path)?,
        None => {
            let usual = Path::new("iqra-infra.toml");
            if usual.exists() { read_file(usual)? } else { FileForm::default() }
        }
    };
    from_parts(form, |name| std::env::var(name).ok().filter(|v| !v.is_empty()), is_root(), home_data_dir())
}

fn read_file(path: &Path) -> Result<FileForm, ConfigError> {
    let err = |why: String| ConfigError::File { path: path.display().to_string(), why };
    let text = std::fs::read_to_string(path).map_err(|e| err(e.to_string()))?;
    // The message of a TOML error quotes the line, which may hold a password.
    toml::from_str(&text).map_err(|e| err(e.message().to_owned()))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn home_data_dir() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    base.or_else(|| std::env::home_dir().map(|h| h.join(".local/share"))).map(|b| b.join("iqra-infra"))
}

fn from_parts(
    f: FileForm,
    env: impl Fn(&str) -> Option<String>,
    root: bool,
    home: Option<PathBuf>,
) -> Result<Settings, ConfigError> {
    let listen_text = env("IQRA_LISTEN").or(f.listen).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listen = listen_text.parse().map_err(|_| ConfigError::Value {
        name: "IQRA_LISTEN",
        value: listen_text.clone(),
        why: "use an address and a port, such as 0.0.0.0:8080".to_owned(),
    })?;
    let default_dir = if root { Some(PathBuf::from("/var/lib/iqra-infra")) } else { home };
    let data_dir =
        env("IQRA_DATA_DIR").or(f.data_dir).map(PathBuf::from).or(default_dir).ok_or_else(|| {
            ConfigError::Combination(
                "Set IQRA_DATA_DIR: this user has no home folder to keep data in.".to_owned(),
            )
        })?;
    let database_url = env("DATABASE_URL").or(f.database_url).map(Hidden);
    let key_file = env("IQRA_MASTER_KEY_FILE").or(f.master_key_file).map(PathBuf::from);
    let master_key = match (env("IQRA_MASTER_KEY"), key_file) {
        (Some(_), Some(_)) => {
            return Err(ConfigError::Combination(
                "Set IQRA_MASTER_KEY or IQRA_MASTER_KEY_FILE, not both.".to_owned(),
            ));
        }
        (Some(value), None) => MasterKeySource::Value(Hidden(value)),
        (None, Some(path)) => MasterKeySource::File(path),
        // A key made by itself beside a database that lives elsewhere would be lost with this machine.
        (None, None) if database_url.is_some() => {
            return Err(ConfigError::Combination(
                "DATABASE_URL is set, so set IQRA_MASTER_KEY or IQRA_MASTER_KEY_FILE too: secrets in that database \
                 are encrypted under this key, and a key made up here would be lost with this machine. \
                 `openssl rand -hex 32` makes one."
                    .to_owned(),
            ));
        }
        (None, None) => MasterKeySource::DataDir,
    };
    let default = Timers::default();
    let timers = Timers {
        interval_ms: duration(
            "IQRA_HEARTBEAT_INTERVAL",
            env("IQRA_HEARTBEAT_INTERVAL").or(f.heartbeat_interval),
            default.interval_ms,
        )?,
        stale_after_ms: duration(
            "IQRA_STALE_AFTER",
            env("IQRA_STALE_AFTER").or(f.stale_after),
            default.stale_after_ms,
        )?,
        offline_after_ms: duration(
            "IQRA_OFFLINE_AFTER",
            env("IQRA_OFFLINE_AFTER").or(f.offline_after),
            default.offline_after_ms,
        )?,
    };
    if timers.offline_after_ms <= timers.stale_after_ms {
        return Err(ConfigError::Combination(
            "IQRA_OFFLINE_AFTER must be longer than IQRA_STALE_AFTER.".to_owned(),
        ));
    }
    let heartbeat_limit = match env("IQRA_HEARTBEAT_MAX_RATE") {
        None => f.heartbeat_max_rate != Some(0),
        Some(v) if v == "0" => false,
        Some(value) => {
            let why = "0 switches the limit off; leave it out otherwise".to_owned();
            return Err(ConfigError::Value { name: "IQRA_HEARTBEAT_MAX_RATE", value, why });
        }
    };
    Ok(Settings {
        listen,
        data_dir,
        database_url,
        postgres_bin: env("IQRA_POSTGRES_BIN").or(f.postgres_bin).map(PathBuf::from),
        public_url: public_url(env("IQRA_PUBLIC_URL").or(f.public_url))?,
        admin_email: env("IQRA_ADMIN_EMAIL")
            .or(f.admin_email)
            .unwrap_or_else(|| "admin@localhost".to_owned())
            .to_lowercase(),
        admin_password: env("IQRA_ADMIN_PASSWORD").or(f.admin_password).map(Hidden),
        master_key,
        timers,
        heartbeat_limit,
        storage_check_ms: duration(
            "IQRA_STORAGE_CHECK_INTERVAL",
            env("IQRA_STORAGE_CHECK_INTERVAL").or(f.storage_check_interval),
            60_000,
        )?,
        signing_key_ms: age(
            "IQRA_SIGNING_KEY_AGE",
            env("IQRA_SIGNING_KEY_AGE").or(f.signing_key_age),
            90 * 86_400_000,
        )?,
        outbound_allow: edge::networks("IQRA_OUTBOUND_ALLOW", env("IQRA_OUTBOUND_ALLOW"), f.outbound_allow)?,
        tls: edge::tls(env("IQRA_TLS_CERT").or(f.tls_cert), env("IQRA_TLS_KEY").or(f.tls_key))?,
        trusted_proxies: edge::networks(
            "IQRA_TRUSTED_PROXIES",
            env("IQRA_TRUSTED_PROXIES"),
            f.trusted_proxies,
        )?,
    })
}

fn public_url(given: Option<String>) -> Result<Option<String>, ConfigError> {
    let Some(value) = given else { return Ok(None) };
    let ok = url::Url::parse(&value).is_ok_and(|u| {
        matches!(u.scheme(), "http" | "https")
            && u.has_host()
            && u.query().is_none()
            && u.username().is_empty()
    });
    if !ok {
        let why = "use the address nodes reach this server by, such as https://console.example".to_owned();
        return Err(ConfigError::Value { name: "IQRA_PUBLIC_URL", value, why });
    }
    Ok(Some(value.trim_end_matches('/').to_owned()))
}

/// Reads `5s`, `500ms`, `1m 30s`; at least 50 ms, at most an hour.
fn duration(name: &'static str, given: Option<String>, default_ms: u64) -> Result<u64, ConfigError> {
    let limits = Duration::from_millis(50)..=Duration::from_secs(3600);
    time_within(name, given, default_ms, limits, "use a duration from 50ms to 1h, such as 5s or 500ms")
}

/// Reads `90d`, `12h`; at least an hour, at most ten years.
fn age(name: &'static str, given: Option<String>, default_ms: u64) -> Result<u64, ConfigError> {
    let limits = Duration::from_secs(3600)..=Duration::from_secs(3650 * 86_400);
    time_within(name, given, default_ms, limits, "use a duration from 1h to 3650d, such as 90d")
}

fn time_within(
    name: &'static str,
    given: Option<String>,
    default_ms: u64,
    limits: std::ops::RangeInclusive<Duration>,
    why: &str,
) -> Result<u64, ConfigError> {
    let Some(value) = given else { return Ok(default_ms) };
    match humantime::parse_duration(&value).ok().filter(|d| limits.contains(d)) {
        Some(d) => Ok(u64::try_from(d.as_millis()).unwrap_or(default_ms)),
        None => Err(ConfigError::Value { name, value, why: why.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let env = |name: &str| pairs.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned());
        from_parts(FileForm::default(), env, false, Some("/home/x/.local/share/iqra-infra".into()))
    }

    #[test]
    fn defaults() {
        let s = with(&[]).unwrap();
        assert_eq!(s.listen.to_string(), "127.0.0.1:8080");
        assert!(s.loopback_only() && s.heartbeat_limit && s.database_url.is_none());
        assert_eq!(s.timers, Timers::default());
        assert_eq!(s.data_dir, Path::new("/home/x/.local/share/iqra-infra"));
    }

    #[test]
    fn plain_http_for_other_machines_is_noticed() {
        let in_clear = |more: &[(&str, &str)]| {
            let settings = with(&[&[("IQRA_LISTEN", "0.0.0.0:8080")], more].concat()).unwrap();
            settings.in_clear()
        };
        assert!(in_clear(&[]) && in_clear(&[("IQRA_PUBLIC_URL", "http://console.example")]));
        assert!(!in_clear(&[("IQRA_PUBLIC_URL", "https://console.example")]));
        assert!(!in_clear(&[("IQRA_TRUSTED_PROXIES", "10.0.0.0/8")]));
        assert!(!in_clear(&[("IQRA_TLS_CERT", "c"), ("IQRA_TLS_KEY", "k")]));
        assert!(!with(&[]).unwrap().in_clear(), "nobody else reaches it");
    }

    #[test]
    fn environment_beats_the_file() {
        let file: FileForm = toml::from_str("listen = \"0.0.0.0:1\"\nstale_after = \"20s\"").unwrap();
        let env = |name: &str| (name == "IQRA_LISTEN").then(|| "127.0.0.1:2".to_owned());
        let s = from_parts(file, env, true, None).unwrap();
        assert_eq!((s.listen.to_string().as_str(), s.timers.stale_after_ms), ("127.0.0.1:2", 20_000));
        assert_eq!(s.data_dir, Path::new("/var/lib/iqra-infra"));
    }

    #[test]
    fn refuses_what_cannot_work() {
        for bad in [
            &[("IQRA_LISTEN", "8080")][..],
            &[("IQRA_HEARTBEAT_INTERVAL", "5")],
            &[("IQRA_HEARTBEAT_INTERVAL", "0s")],
            &[("IQRA_STALE_AFTER", "40s")],
            &[("IQRA_SIGNING_KEY_AGE", "5s")],
            &[("IQRA_PUBLIC_URL", "console")],
            &[("IQRA_PUBLIC_URL", "ftp://x")],
            &[("DATABASE_URL", "postgres://x/y")],
            &[("IQRA_MASTER_KEY", "a"), ("IQRA_MASTER_KEY_FILE", "b")],
            &[("IQRA_HEARTBEAT_MAX_RATE", "5")],
            &[("IQRA_OUTBOUND_ALLOW", "127.0.0.1/8, all")],
        ] {
            assert!(with(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let s = with(&[("IQRA_ADMIN_PASSWORD", "canary"), ("IQRA_MASTER_KEY", "canary")]).unwrap();
        assert!(!format!("{s:?}").contains("canary"));
    }
}
