//! Speaking with the control plane: four requests, and every way in which they can go wrong.

use std::time::Duration;

use aws_lc_rs::{constant_time, digest};
use common::heartbeat::{Bootstrap, GoodbyeReply, HeartbeatReply};
use common::ids::RunId;
use common::job::RunReportReply;
use common::paths;
use common::problem::Problem;
use reqwest::header::{HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, Url, redirect};
use serde::de::DeserializeOwned;

/// A request that takes longer has failed.
const TIMEOUT: Duration = Duration::from_secs(3);
/// No reply of the protocol comes near; what is longer is not one.
const REPLY_MAX: usize = 256 * 1024;
/// An idle connection is kept for longer than the longest usual interval.
const IDLE: Duration = Duration::from_secs(120);
/// Name of the header with the secret.
const KEY_HEADER: &str = "X-API-Key";

/// Why a request did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No usable answer: no connection, time-out, or an answer that is not the protocol's.
    Failed(String),
    /// 503 and other 5xx: the server is there and cannot now.
    Overloaded {
        /// What it asked for.
        retry_after: Option<Duration>,
        /// Status and reason.
        why: String,
    },
    /// 429: sent too often.
    TooFast {
        /// What it asked for.
        retry_after: Option<Duration>,
    },
    /// 401: no such secret.
    UnknownSecret,
    /// 409: the node is registered as something else than it claims.
    Mismatch {
        /// Which: `region_mismatch`, `kind_mismatch`, `node_mismatch`.
        code: String,
        /// In the server's words.
        detail: String,
    },
    /// 410: the node was deleted.
    Deleted,
    /// Any other refusal.
    Refused {
        /// The status and the code of the problem, as far as there is one.
        code: String,
        /// In the server's words.
        detail: String,
    },
}

impl Trouble {
    /// One word for statistics.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Failed(_) => "failed",
            Self::Overloaded { .. } => "overloaded",
            Self::TooFast { .. } => "too_fast",
            Self::UnknownSecret => "unknown_secret",
            Self::Mismatch { code, .. } | Self::Refused { code, .. } => code,
            Self::Deleted => "node_deleted",
        }
    }
}

/// The address of a control plane.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    url: Url,
    text: String,
}

impl Base {
    /// Reads `http://host:port`, with or without a path.
    ///
    /// # Errors
    /// In words, on one line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_end_matches('/').to_owned();
        let url = Url::parse(&text).map_err(|e| format!("the address {text:?} is not a URL: {e}"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(format!("the address {text:?} does not start with http:// or https://"));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err("the address of the control plane has no user name, no ? and no #".to_owned());
        }
        Ok(Self { url, text })
    }

    /// As typed, without a trailing slash.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is this machine, which no proxy server should be asked for.
    fn is_loopback(&self) -> bool {
        self.url.host_str().is_some_and(|h| {
            let ip: Result<std::net::IpAddr, _> = h.trim_matches(['[', ']']).parse();
            h.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback())
        })
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
}

/// A secret, ready to be sent, and never printed.
#[derive(Clone)]
pub(crate) struct Secret {
    header: HeaderValue,
    hash: [u8; 32],
    fingerprint: String,
}

impl Secret {
    /// Takes the text as it stands in the settings.
    ///
    /// # Errors
    /// Where it holds characters that no header can.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let mut header = HeaderValue::from_str(text)
            .map_err(|_| "the ApiKey holds characters that a secret cannot have".to_owned())?;
        header.set_sensitive(true);
        Ok(Self { header, hash: sha256(text.as_bytes()), fingerprint: fingerprint(text) })
    }

    /// Whether what somebody presents is this secret; takes equally long either way.
    pub(crate) fn is(&self, presented: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.hash, &sha256(presented)).is_ok()
    }

    /// The first 8 hex digits of its SHA-256: what the console shows.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// The first 8 hex digits of a text's SHA-256: enough to tell two keys apart, nothing to guess one from.
pub(crate) fn fingerprint(text: &str) -> String {
    sha256(text.as_bytes()).iter().take(4).map(|b| format!("{b:02x}")).collect()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// Connections to one control plane, kept alive.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Base,
}

impl Client {
    /// A client without open connections.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub(crate) fn new(base: Base) -> Result<Self, String> {
        let mut builder = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(TIMEOUT)
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true)
            // The secret goes to the address the operator wrote, and nowhere else.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("iqra-node/", env!("CARGO_PKG_VERSION")));
        if base.is_loopback() {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|e| format!("cannot set up HTTP: {}", cause(&e)))?;
        Ok(Self { http, base })
    }

    /// Lets go of every open connection: the next request makes a new one and asks the name server again.
    pub(crate) fn reconnect(&mut self) {
        if let Ok(new) = Self::new(self.base.clone()) {
            *self = new;
        }
    }

    /// What the node needs to start.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(crate) async fn bootstrap(&self, secret: &Secret) -> Result<Bootstrap, Trouble> {
        let path = [paths::API, "/node/bootstrap"].concat();
        self.call(Method::GET, &path, secret, None).await
    }

    /// Sends a heartbeat, whose body may be of either form.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(crate) async fn heartbeat(&self, secret: &Secret, body: Vec<u8>) -> Result<HeartbeatReply, Trouble> {
        self.call(Method::POST, paths::HEARTBEAT, secret, Some(body)).await
    }

    /// Says that this run ends.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(crate) async fn goodbye(&self, secret: &Secret, body: Vec<u8>) -> Result<GoodbyeReply, Trouble> {
        self.call(Method::POST, paths::GOODBYE, secret, Some(body)).await
    }

    /// Reports on a run of a job.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(crate) async fn run(
        &self,
        secret: &Secret,
        run: RunId,
        body: Vec<u8>,
    ) -> Result<RunReportReply, Trouble> {
        let path = format!("{}/node/runs/{run}", paths::API);
        self.call(Method::POST, &path, secret, Some(body)).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        secret: &Secret,
        body: Option<Vec<u8>>,
    ) -> Result<T, Trouble> {
        let mut request = self.http.request(method, self.base.at(path)).header(KEY_HEADER, &secret.header);
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body);
        }
        // Boxed: the future of a request is large, and ten thousand nodes wait for their turn with it.
        Box::pin(answer(request)).await
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Trouble> {
    let mut response = request.send().await.map_err(|e| Trouble::Failed(cause(&e)))?;
    let status = response.status();
    if status.is_redirection() {
        let to = response.headers().get(LOCATION).and_then(|v| v.to_str().ok()).unwrap_or("elsewhere");
        return Err(Trouble::Refused {
            code: "redirect".to_owned(),
            detail: format!(
                "the address answers with a redirect to {to}; write that address into Infrastructure:Url"
            ),
        });
    }
    let retry_after = seconds(response.headers().get(RETRY_AFTER));
    let body = read(&mut response).await?;
    if status.is_success() {
        return serde_json::from_slice(&body)
            .map_err(|e| Trouble::Failed(format!("the answer is not the node protocol's: {e}")));
    }
    let problem: Option<Problem> = serde_json::from_slice(&body).ok();
    Err(refusal(status.as_u16(), retry_after, problem))
}

/// What a status and its problem mean.
fn refusal(status: u16, retry_after: Option<Duration>, problem: Option<Problem>) -> Trouble {
    let (code, detail) = problem.map_or_else(
        || (format!("http_{status}"), "no explanation; is this the address of the control plane?".to_owned()),
        |p| (p.code, p.detail),
    );
    match status {
        401 => Trouble::UnknownSecret,
        409 => Trouble::Mismatch { code, detail },
        410 => Trouble::Deleted,
        429 => Trouble::TooFast { retry_after },
        500.. => Trouble::Overloaded { retry_after, why: format!("{status} {code}") },
        _ => Trouble::Refused { code, detail },
    }
}

async fn read(response: &mut Response) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| Trouble::Failed(cause(&e)))? {
        if body.len() + chunk.len() > REPLY_MAX {
            return Err(Trouble::Failed("the answer is longer than any of the node protocol".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// `Retry-After` in seconds; the form with a date is not used by the protocol. An hour is the most we obey.
fn seconds(value: Option<&HeaderValue>) -> Option<Duration> {
    let secs: u64 = value?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(secs.min(3600)))
}

/// The innermost cause says what happened ("connection refused"); the outer ones only that a request failed.
fn cause(e: &reqwest::Error) -> String {
    if e.is_timeout() {
        return format!("no answer within {} s", TIMEOUT.as_secs());
    }
    let mut cause: &dyn std::error::Error = e;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: &str) -> Option<Problem> {
        serde_json::from_value(serde_json::json!({
            "type": "urn:x", "title": "t", "status": 0, "detail": "d", "code": code, "requestId": "r"
        }))
        .ok()
    }

    #[test]
    fn every_status_of_the_protocol_means_something() {
        let wait = Some(Duration::from_secs(2));
        assert_eq!(refusal(401, None, problem("unknown_secret")), Trouble::UnknownSecret);
        assert_eq!(refusal(410, None, problem("node_deleted")), Trouble::Deleted);
        assert_eq!(refusal(429, wait, None), Trouble::TooFast { retry_after: wait });
        assert_eq!(
            refusal(503, wait, problem("overloaded")),
            Trouble::Overloaded { retry_after: wait, why: "503 overloaded".into() }
        );
        assert_eq!(
            refusal(409, None, problem("region_mismatch")),
            Trouble::Mismatch { code: "region_mismatch".into(), detail: "d".into() }
        );
        assert_eq!(refusal(422, None, problem("invalid_heartbeat")).code(), "invalid_heartbeat");
        assert_eq!(refusal(404, None, None).code(), "http_404");
    }

    #[test]
    fn addresses_with_a_path_and_without() {
        assert_eq!(Base::parse(" http://c:8080/ ").unwrap().at("/x"), "http://c:8080/x");
        assert_eq!(Base::parse("https://c/iqra").unwrap().at("/x"), "https://c/iqra/x");
        assert!(Base::parse("http://127.0.0.1:1").unwrap().is_loopback());
        assert!(Base::parse("http://[::1]:1").unwrap().is_loopback());
        assert!(!Base::parse("http://localhost.example").unwrap().is_loopback());
        for bad in ["", "c:8080", "ftp://c", "http://", "http://u@c", "http://c?x"] {
            assert!(Base::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_secret_shows_its_fingerprint_only() {
        let secret = Secret::new("iqn_test").unwrap();
        assert_eq!(secret.fingerprint().len(), 8);
        assert!(format!("{:?}", secret.header).contains("Sensitive"));
        assert!(secret.is(b"iqn_test") && !secret.is(b"iqn_tesT") && !secret.is(b""));
        assert!(Secret::new("a\nb").is_err());
        let known = Secret::new("abc").unwrap();
        assert_eq!(known.fingerprint(), "ba7816bf");
    }

    #[test]
    fn retry_after_in_seconds() {
        let value = |s| seconds(Some(&HeaderValue::from_static(s)));
        assert_eq!(value("7"), Some(Duration::from_secs(7)));
        assert_eq!(value("999999"), Some(Duration::from_secs(3600)));
        assert_eq!(value("soon"), None);
        assert_eq!(seconds(None), None);
    }
}
