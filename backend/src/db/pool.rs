//! Connections to the database: the pool, and single ones for what a pool cannot do.
//!
//! Every wait ends: for a free connection, for a new one, for a statement, for a peer that vanished from the network.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use diesel::ConnectionError;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool as diesel_pool,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls::{self, Mode};

pub use super::tls::TlsError;

/// The pool of connections, shared by the whole server.
pub type Pool = diesel_pool::Pool<AsyncPgConnection>;

/// How long opening one connection may take, sign-in included.
const OPEN_LIMIT: Duration = Duration::from_secs(10);
/// A transaction that does nothing for so long is ended by the database, with the locks it holds.
const IDLE_TRANSACTION_LIMIT: Duration = Duration::from_secs(60);
/// A peer that acknowledges nothing for so long counts as gone.
const PEER_LIMIT: Duration = Duration::from_secs(30);

/// The size of the pool and the limits of its waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolConfig {
    /// Most connections at a time.
    pub max_size: usize,
    /// Longest wait for a free connection.
    pub wait: Duration,
    /// Longest wait for a new connection to open.
    pub create: Duration,
    /// Longest wait for the check of a connection that is used again.
    pub recycle: Duration,
    /// Longest run of one statement; the database ends it then.
    pub statement: Duration,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            max_size: 16,
            wait: Duration::from_secs(5),
            create: OPEN_LIMIT,
            recycle: Duration::from_secs(2),
            statement: Duration::from_secs(10),
        }
    }
}

/// Why there is no connection. No text carries the password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The text of `DATABASE_URL` makes no sense.
    #[error("the database URL is not valid: {0}")]
    Url(String),
    /// The TLS settings in it cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The server was reached, and no trusted encryption came about.
    #[error("no secure connection to the database at {at}: {reason}")]
    Handshake {
        /// Host and port.
        at: String,
        /// What was wrong.
        reason: String,
    },
    /// The server refused the user or the password.
    #[error("the database at {at} refused the sign-in: {reason}")]
    SignIn {
        /// Host and port.
        at: String,
        /// What the server said.
        reason: String,
    },
    /// Nobody there, or the server is not ready.
    #[error("cannot reach the database at {at}: {reason}")]
    Unreachable {
        /// Host and port.
        at: String,
        /// What went wrong.
        reason: String,
    },
    /// The pool could not be set up.
    #[error("the pool of database connections could not be set up: {0}")]
    Pool(String),
}

/// Opens a pool for `url` and one connection in it, so that a wrong address or password shows here and not later.
///
/// # Errors
/// See [`ConnectError`].
pub async fn connect(url: &str, max_size: usize) -> Result<Pool, ConnectError> {
    connect_with(url, &PoolConfig { max_size, ..PoolConfig::default() }).await
}

/// [`connect`] with limits of its own.
///
/// # Errors
/// See [`ConnectError`].
pub async fn connect_with(url: &str, config: &PoolConfig) -> Result<Pool, ConnectError> {
    let target = Arc::new(Target::parse(url, config.statement)?);
    // The pool reports what goes wrong in its own words; this one says it in ours.
    drop(target.open().await?);
    let mut manager = ManagerConfig::default();
    // A connection that was closed is noticed without asking. One that the network lost silently (failover, a
    // forgetful router) is not, and `Fast` would hand it out; asking costs 0.16 ms, and few requests get this far.
    manager.recycling_method = RecyclingMethod::Verified;
    manager.custom_setup = Box::new(move |_| {
        let target = Arc::clone(&target);
        async move { target.open().await.map_err(|e| ConnectionError::BadConnection(e.to_string())) }.boxed()
    });
    // The manager's own copy of the address is not used, so the password does not lie about in it.
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config("", manager);
    Pool::builder(manager)
        .max_size(config.max_size)
        .wait_timeout(Some(config.wait))
        .create_timeout(Some(config.create))
        .recycle_timeout(Some(config.recycle))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|e| ConnectError::Pool(e.to_string()))
}

/// One connection outside the pool, for `LISTEN` and for locks that live as long as the connection.
///
/// # Errors
/// See [`ConnectError`].
pub async fn dedicated(url: &str) -> Result<AsyncPgConnection, ConnectError> {
    Target::parse(url, PoolConfig::default().statement)?.open().await
}

/// Where to connect, and how.
struct Target {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    /// For messages: hosts and ports.
    at: String,
    /// Sent on every new connection.
    settings: String,
}

impl Target {
    fn parse(url: &str, statement: Duration) -> Result<Self, ConnectError> {
        let parts = Parts::of(url)?;
        let mode = Mode::parse(parts.ssl_mode.as_deref(), parts.root.as_deref())?;
        let mut config: Config = parts.url.parse().map_err(|e| ConnectError::Url(chain(&e)))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(OPEN_LIMIT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(PEER_LIMIT);
        }
        config.keepalives_idle(PEER_LIMIT);
        if config.get_application_name().is_none() {
            config.application_name("iqra-infra");
        }
        config.ssl_mode(match mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        });
        // A local socket has no host name and needs no encryption.
        let local =
            !config.get_hosts().is_empty() && config.get_hosts().iter().all(|h| matches!(h, Host::Unix(_)));
        let tls = if local {
            config.ssl_mode(SslMode::Disable);
            None
        } else {
            tls::client_config(mode, parts.root.as_deref())?.map(MakeRustlsConnect::new)
        };
        let at = address(&config);
        let settings = format!(
            "SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {}",
            statement.as_millis(),
            IDLE_TRANSACTION_LIMIT.as_millis()
        );
        Ok(Self { config, tls, at, settings })
    }

    async fn open(&self) -> Result<AsyncPgConnection, ConnectError> {
        let opening = async {
            let mut connection = match &self.tls {
                Some(tls) => {
                    let (client, driver) =
                        self.config.connect(tls.clone()).await.map_err(|e| self.failed(&e))?;
                    AsyncPgConnection::try_from_client_and_connection(client, driver).await
                }
                None => {
                    let (client, driver) = self.config.connect(NoTls).await.map_err(|e| self.failed(&e))?;
                    AsyncPgConnection::try_from_client_and_connection(client, driver).await
                }
            }
            .map_err(|e| self.unreachable(e.to_string()))?;
            connection.batch_execute(&self.settings).await.map_err(|e| self.unreachable(e.to_string()))?;
            Ok(connection)
        };
        match timeout(OPEN_LIMIT, Box::pin(opening)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.unreachable(format!("no answer within {} s", OPEN_LIMIT.as_secs()))),
        }
    }

    fn unreachable(&self, reason: String) -> ConnectError {
        ConnectError::Unreachable { at: self.at.clone(), reason }
    }

    fn failed(&self, error: &tokio_postgres::Error) -> ConnectError {
        let at = self.at.clone();
        if let Some(reason) = tls::explain(error) {
            return ConnectError::Handshake { at, reason };
        }
        if let Some(said) = error.as_db_error() {
            let reason = said.message().to_owned();
            return match *said.code() {
                SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                    ConnectError::SignIn { at, reason }
                }
                _ => ConnectError::Unreachable { at, reason },
            };
        }
        let reason = chain(error);
        if reason.contains("TLS") {
            return ConnectError::Handshake { at, reason };
        }
        ConnectError::Unreachable { at, reason }
    }
}

/// A database URL without what the driver does not know.
struct Parts {
    url: String,
    ssl_mode: Option<String>,
    root: Option<String>,
}

impl Parts {
    fn of(url: &str) -> Result<Self, ConnectError> {
        let url = url.trim();
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(ConnectError::Url("it has to begin with postgres:// or postgresql://".to_owned()));
        }
        // With a second @ a piece of the password would be taken for the host, and be shown in messages.
        if url.matches('@').count() > 1 {
            return Err(ConnectError::Url("write @ in a user name or password as %40".to_owned()));
        }
        let after_sign_in = url.find('@').unwrap_or_default();
        let question = url.get(after_sign_in..).and_then(|rest| rest.find('?')).map(|i| i + after_sign_in);
        let Some((base, query)) = question.and_then(|i| Some((url.get(..i)?, url.get(i + 1..)?))) else {
            return Ok(Self { url: url.to_owned(), ssl_mode: None, root: None });
        };
        let mut parts = Self { url: base.to_owned(), ssl_mode: None, root: None };
        let mut separator = '?';
        for pair in query.split('&').filter(|p| !p.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => parts.ssl_mode = Some(decode(value)),
                Some(("sslrootcert", value)) => parts.root = Some(decode(value)),
                _ => {
                    parts.url.push(separator);
                    parts.url.push_str(pair);
                    separator = '&';
                }
            }
        }
        Ok(parts)
    }
}

/// Undoes percent-encoding; a `+` stays one, as in PostgreSQL's own tools.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|c| u8::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Hosts with their ports.
fn address(config: &Config) -> String {
    let ports = config.get_ports();
    let mut text = String::new();
    for (i, host) in config.get_hosts().iter().enumerate() {
        let port = ports.get(i).or_else(|| ports.first()).copied().unwrap_or(5432);
        let comma = if i == 0 { "" } else { ", " };
        // Writing to a string does not fail.
        let _ = match host {
            Host::Tcp(name) => write!(text, "{comma}{name}:{port}"),
            Host::Unix(folder) => write!(text, "{comma}{}", folder.display()),
        };
    }
    text
}

/// An error with its causes, each once.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(e) = cause {
        let said = e.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = e.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> (String, Option<String>, Option<String>) {
        let p = Parts::of(url).unwrap();
        (p.url, p.ssl_mode, p.root)
    }

    #[test]
    fn tls_words_are_taken_out_and_everything_else_stays() {
        let none = None::<String>;
        assert_eq!(parts("postgres://a:b@h/d"), ("postgres://a:b@h/d".into(), none.clone(), none.clone()));
        assert_eq!(
            parts(
                "postgres://a:p%3Fq?r@h/d?sslmode=verify-full&options=-c%20a%3Db&sslrootcert=%2Fetc%2Fmy%20ca.pem&x=1+2"
            ),
            (
                "postgres://a:p%3Fq?r@h/d?options=-c%20a%3Db&x=1+2".into(),
                Some("verify-full".into()),
                Some("/etc/my ca.pem".into())
            )
        );
        assert_eq!(parts("postgres:///d?sslmode=disable").0, "postgres:///d");
        assert_eq!(decode("%zz%4"), "%zz%4");
    }

    #[test]
    fn no_message_about_a_url_shows_the_password() {
        for url in [
            "mysql://u:s3cret@h/d",
            "u:s3cret@h",
            "postgres://u:s3cret@rest-s3cret@h/d",
            "postgres://u:s3cret@h/d?sslmode=s",
            "postgres://u:s3cret@h:port/d",
            "postgres://u:s3cret@h/d?sslcert=x",
            "postgres://u:s3cret@h/d?sslmode=verify-full&sslrootcert=/no/such/file",
        ] {
            let error = Target::parse(url, Duration::ZERO).err().unwrap().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn modes_mean_what_they_mean_elsewhere() {
        for (mode, root, expected) in [
            (None, None, Mode::Prefer),
            (Some("disable"), Some("x"), Mode::Disable),
            (Some("require"), None, Mode::Require),
            (Some("require"), Some("x"), Mode::VerifyCa),
            (Some("verify-ca"), None, Mode::VerifyCa),
            (Some("verify-full"), None, Mode::VerifyFull),
        ] {
            assert_eq!(Mode::parse(mode, root).unwrap(), expected, "{mode:?} {root:?}");
        }
        assert!(Mode::parse(Some("on"), None).is_err());
    }
}
