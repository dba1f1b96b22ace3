//! The one way out: every call to another machine goes through this connector.
//!
//! A name is resolved once, every address it has is held against the policy, and the connection goes to an address that
//! passed, so nobody can answer the second question differently. TLS is verified against the name. No redirects, no
//! proxies, 5 s, 16 KiB; what the other side says is read for known fields and handed to nobody.

mod error;
mod link;
mod policy;
#[cfg(test)]
mod tests;
mod tls;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use common::endpoint::{Endpoint, Scheme, normal_host};
use futures_util::future::BoxFuture;
use hyper::Request;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

pub use error::{OutboundError, Stage, TlsFault};
pub use link::{Answer, Link};
pub use policy::{Forbidden, OutboundPolicy, address_allowed};

use crate::clock::SharedClock;

/// How long a whole call, or one stage of a staged one, may take.
pub const DEADLINE: Duration = Duration::from_secs(5);
/// How many of a name's addresses are tried.
const ADDRESSES_MAX: usize = 4;

/// Looks a name up.
pub type Resolver = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Where a call goes: addresses that passed the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    endpoint: Endpoint,
    addresses: Vec<IpAddr>,
}

impl Route {
    /// The addresses, in the order in which they are tried.
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// The same route to this one of its addresses.
    fn pinned(&self, address: SocketAddr) -> Self {
        Self { endpoint: self.endpoint.clone(), addresses: vec![address.ip()] }
    }
}

/// The reply to [`Connector::post_json`].
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    fields: serde_json::Map<String, Value>,
}

impl Reply {
    fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// A text at the top level of the reply's JSON, its name in any letter case.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.field(name)?.as_str()
    }

    /// A truth value at the top level of the reply's JSON, its name in any letter case.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.field(name)?.as_bool()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Makes calls to other machines. Cheap to clone.
#[derive(Clone)]
pub struct Connector {
    policy: Arc<OutboundPolicy>,
    resolver: Resolver,
    tls: Arc<ClientConfig>,
    clock: SharedClock,
    deadline: Duration,
}

impl Connector {
    /// A connector that trusts the authorities this machine trusts.
    ///
    /// # Errors
    /// Where the TLS library cannot be set up.
    pub fn new(policy: OutboundPolicy, clock: SharedClock) -> Result<Self, rustls::Error> {
        Self::with_roots(policy, clock, tls::system_roots())
    }

    /// A connector that trusts these authorities.
    ///
    /// # Errors
    /// Where the TLS library cannot be set up.
    pub fn with_roots(
        policy: OutboundPolicy,
        clock: SharedClock,
        roots: RootCertStore,
    ) -> Result<Self, rustls::Error> {
        let resolver: Resolver = Arc::new(|name| Box::pin(system_lookup(name)));
        let tls = Arc::new(tls::client_config(roots)?);
        Ok(Self { policy: Arc::new(policy), resolver, tls, clock, deadline: DEADLINE })
    }

    /// The same connector with another deadline.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same connector with another way to look names up.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Resolver) -> Self {
        self.resolver = resolver;
        self
    }

    /// The clock that stages are timed by.
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// How long one stage may take.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Whether the host is a name, or an address in its usual form.
    ///
    /// # Errors
    /// [`OutboundError::Host`].
    pub fn well_formed(endpoint: &Endpoint) -> Result<(), OutboundError> {
        plain_host(&endpoint.host).map(|_| ())
    }

    /// Whether an address could be called as far as it can be told without looking a name up: for values that are stored
    /// now and called later.
    ///
    /// # Errors
    /// [`OutboundError::Host`], [`OutboundError::Forbidden`] where the host is an address that is never called.
    pub fn literal_allowed(&self, endpoint: &Endpoint) -> Result<(), OutboundError> {
        let Ok(address) = plain_host(&endpoint.host)?.parse() else { return Ok(()) };
        address_allowed(address, &self.policy).map_err(|why| OutboundError::Forbidden { address, why })
    }

    /// Looks the host up and holds every address against the policy; one that is forbidden spoils the name.
    ///
    /// # Errors
    /// [`OutboundError::Host`], [`OutboundError::Forbidden`], [`OutboundError::UnknownName`], or the time is up.
    pub async fn resolve(&self, endpoint: &Endpoint) -> Result<Route, OutboundError> {
        let host = plain_host(&endpoint.host)?;
        let mut addresses = match host.parse() {
            Ok(address) => vec![address],
            Err(_) => timeout(self.deadline, (self.resolver)(host))
                .await
                .map_err(|_| OutboundError::Timeout(Stage::Dns))?
                .map_err(|_| OutboundError::UnknownName)?,
        };
        for address in &addresses {
            address_allowed(*address, &self.policy)
                .map_err(|why| OutboundError::Forbidden { address: *address, why })?;
        }
        if addresses.is_empty() {
            return Err(OutboundError::UnknownName);
        }
        addresses.truncate(ADDRESSES_MAX);
        Ok(Route { endpoint: endpoint.clone(), addresses })
    }

    /// Opens the port at the first of the route's addresses that answers; the route then leads to that one alone.
    ///
    /// # Errors
    /// What the last address said.
    pub async fn connect(&self, route: &mut Route) -> Result<(TcpStream, SocketAddr), OutboundError> {
        let count = u32::try_from(route.addresses.len()).unwrap_or(1).max(1);
        let mut failure = OutboundError::UnknownName;
        for address in &route.addresses {
            let address = SocketAddr::new(*address, route.endpoint.port);
            match timeout(self.deadline / count, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Replies are small; waiting to fill a packet only adds delay. Without it the call works too.
                    let _ = stream.set_nodelay(true);
                    *route = route.pinned(address);
                    return Ok((stream, address));
                }
                Ok(Err(e)) if e.kind() == io::ErrorKind::ConnectionRefused => {
                    failure = OutboundError::Refused(address);
                }
                Ok(Err(_)) => failure = OutboundError::Unreachable(address),
                Err(_) => failure = OutboundError::Timeout(Stage::Tcp),
            }
        }
        Err(failure)
    }

    /// Encrypts the connection where the endpoint says `https`, and readies it for requests. The text names the
    /// version of TLS.
    ///
    /// # Errors
    /// [`OutboundError::Tls`], or the time is up.
    pub async fn secure(
        &self,
        route: &Route,
        stream: TcpStream,
    ) -> Result<(Link, Option<&'static str>), OutboundError> {
        let secured = async {
            match route.endpoint.scheme {
                Scheme::Http => Ok((Link::open(stream).await?, None)),
                Scheme::Https => {
                    let host = plain_host(&route.endpoint.host)?;
                    let (stream, version) = tls::handshake(self.tls.clone(), &host, stream).await?;
                    Ok((Link::open(stream).await?, Some(version)))
                }
            }
        };
        timeout(self.deadline, secured).await.unwrap_or(Err(OutboundError::Timeout(Stage::Tls)))
    }

    /// Sends `body` to `path` below the endpoint. The whole call takes at most the deadline.
    ///
    /// # Errors
    /// Where no HTTP reply came; any status is a reply.
    pub async fn post_json(
        &self,
        endpoint: &Endpoint,
        path: &str,
        headers: &[(HeaderName, &str)],
        body: &Value,
    ) -> Result<Reply, OutboundError> {
        let request = request(endpoint, path, headers, body.to_string())?;
        let mut stage = Stage::Dns;
        let call = async {
            let mut route = self.resolve(endpoint).await?;
            stage = Stage::Tcp;
            let (stream, _) = self.connect(&mut route).await?;
            stage = Stage::Tls;
            let (mut link, _) = self.secure(&route, stream).await?;
            stage = Stage::Reply;
            link.send(request).await
        };
        let answer = match timeout(self.deadline, call).await {
            Ok(answer) => answer?,
            Err(_) => return Err(OutboundError::Timeout(stage)),
        };
        let fields = match serde_json::from_slice(&answer.body) {
            Ok(Value::Object(fields)) => fields,
            // Not JSON, or no object: a reply without any of the fields.
            _ => serde_json::Map::new(),
        };
        Ok(Reply { status: answer.status, fields })
    }

    /// Sends these bytes, JSON as they are, to `target` (path and query) and gives back the status alone: what else the
    /// other side says is not looked at, and cannot spoil it. The whole call takes at most the deadline.
    ///
    /// # Errors
    /// Where no HTTP reply came; any status is a reply.
    pub async fn post_bytes(
        &self,
        endpoint: &Endpoint,
        target: &str,
        headers: &[(HeaderName, &str)],
        body: Bytes,
    ) -> Result<u16, OutboundError> {
        let request = request(endpoint, target, headers, body)?;
        let mut stage = Stage::Dns;
        let mut status = None;
        let call = async {
            let mut route = self.resolve(endpoint).await?;
            stage = Stage::Tcp;
            let (stream, _) = self.connect(&mut route).await?;
            stage = Stage::Tls;
            let (mut link, _) = self.secure(&route, stream).await?;
            stage = Stage::Reply;
            link.send_for_status(request, &mut status).await
        };
        let outcome = timeout(self.deadline, call).await;
        match (status, outcome) {
            (Some(status), _) => Ok(status),
            (None, Ok(Err(e))) => Err(e),
            (None, Ok(Ok(()))) => Err(OutboundError::NoReply),
            (None, Err(_)) => Err(OutboundError::Timeout(stage)),
        }
    }
}

fn request(
    endpoint: &Endpoint,
    path: &str,
    headers: &[(HeaderName, &str)],
    body: impl Into<Bytes>,
) -> Result<Request<link::Body>, OutboundError> {
    let mut request = Request::post(format!("{}{path}", endpoint.path))
        .header(HOST, endpoint.authority())
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        let mut value = HeaderValue::from_str(value).map_err(|_| OutboundError::Unsendable)?;
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    request.body(link::body(body)).map_err(|_| OutboundError::Unsendable)
}

/// The host in its normal form, refusing numbers that only some programs read as an address: `2130706433`,
/// `0x7f000001`, `0177.0.0.1`, `127.1`, `fe80::1%eth0`.
fn plain_host(host: &str) -> Result<String, OutboundError> {
    let host = normal_host(host).ok_or(OutboundError::Host)?;
    if host.parse::<IpAddr>().is_ok() {
        return Ok(host);
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    if hex || last.bytes().all(|b| b.is_ascii_digit()) { Err(OutboundError::Host) } else { Ok(host) }
}

async fn system_lookup(name: String) -> io::Result<Vec<IpAddr>> {
    let mut found: Vec<IpAddr> = Vec::new();
    for address in tokio::net::lookup_host((name, 0)).await? {
        if !found.contains(&address.ip()) {
            found.push(address.ip());
        }
    }
    Ok(found)
}
