//! Calls to a server, with who calls, a deadline, and errors in the server's own words.

use std::time::Duration;

use common::problem::Problem;
use reqwest::header::{ETAG, IF_MATCH};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Failure, Reach, session};
use crate::config::Hidden;

/// How long one reply may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// An answer that is not the one hoped for.
pub(super) enum Refusal {
    /// The server says why.
    Problem(Box<Problem>),
    /// Anything else.
    Other(Failure),
}

impl From<Refusal> for Failure {
    fn from(r: Refusal) -> Self {
        match r {
            Refusal::Other(failure) => failure,
            Refusal::Problem(problem) => words(problem),
        }
    }
}

/// A problem as a failure, with every field's error.
fn words(problem: Box<Problem>) -> Failure {
    let mut words = problem.detail.clone();
    for e in &problem.errors {
        words.push_str(&format!("\n  {}: {}", e.pointer, e.detail));
    }
    words.push_str(&format!("\n  ({}, request {})", problem.code, problem.request_id));
    if problem.status == 401 {
        words.push_str("\nSet IQRA_TOKEN, or run `iqra-infra login`.");
    }
    Failure::Problem { problem, words }
}

/// A server, and who calls it.
pub(super) struct Api {
    http: reqwest::Client,
    base: String,
    token: Option<Hidden>,
}

impl Api {
    /// For the server and the credential that settings and files name. Nothing is sent yet.
    ///
    /// # Errors
    /// Where the address cannot be one.
    pub(super) fn connect(reach: &Reach) -> Result<Self, Failure> {
        let token = std::env::var("IQRA_TOKEN").ok().filter(|t| !t.trim().is_empty());
        Ok(Self { token: token.map(|t| Hidden::new(t.trim())), ..Self::anonymous(&reach.server)? })
    }

    /// The same without anybody.
    ///
    /// # Errors
    /// Where the address cannot be one.
    pub(super) fn anonymous(server: &str) -> Result<Self, Failure> {
        let wrong = |why: String| Failure::Refused(format!("{server} is no address of a server: {why}"));
        let url = url::Url::parse(server).map_err(|e| wrong(e.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong("it begins with http:// or https:// and names a host".to_owned()));
        }
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("iqra-infra/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| Failure::Refused(e.to_string()))?;
        Ok(Self { http, base: server.trim_end_matches('/').to_owned(), token: None })
    }

    /// The server's address without a slash at its end.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// A request with who calls.
    ///
    /// # Errors
    /// Where nobody is signed in.
    pub(super) async fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Failure> {
        let token = match &self.token {
            Some(token) => token.clone(),
            None => session::access(self).await?,
        };
        Ok(self.open(method, path).bearer_auth(token.reveal()))
    }

    /// A request of nobody.
    pub(super) fn open(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Reads.
    ///
    /// # Errors
    /// [`Failure`].
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let reply = self.send(self.request(Method::GET, path).await?).await?;
        Ok(body(reply).await?)
    }

    /// Reads an object and its version.
    ///
    /// # Errors
    /// [`Failure`].
    pub(super) async fn get_tagged<T: DeserializeOwned>(&self, path: &str) -> Result<(T, String), Failure> {
        let reply = self.send(self.request(Method::GET, path).await?).await?;
        let tag = reply.headers().get(ETAG).and_then(|t| t.to_str().ok()).unwrap_or("*").to_owned();
        Ok((body(reply).await?, tag))
    }

    /// Replaces, based on a version.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(super) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        tag: &str,
        value: &impl Serialize,
    ) -> Result<T, Refusal> {
        let request = self.request(Method::PUT, path).await.map_err(Refusal::Other)?;
        body(self.send(request.header(IF_MATCH, tag).json(value)).await?).await
    }

    /// Asks for something to be done, once however often it is sent.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        value: &impl Serialize,
    ) -> Result<T, Refusal> {
        let request = self.request(Method::POST, path).await.map_err(Refusal::Other)?;
        let key = Uuid::now_v7().to_string();
        body(self.send(request.header("Idempotency-Key", key).json(value)).await?).await
    }

    /// Sends; an answer of success, or why not.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, Refusal> {
        let reply =
            request.timeout(DEADLINE).send().await.map_err(|e| Refusal::Other(self.unreachable(&e)))?;
        self.check(reply).await
    }

    /// An answer of success, or why not.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(super) async fn check(&self, reply: Response) -> Result<Response, Refusal> {
        let status = reply.status();
        if status.is_success() {
            return Ok(reply);
        }
        let text = reply.text().await.unwrap_or_default();
        match serde_json::from_str::<Problem>(&text) {
            Ok(problem) => Err(Refusal::Problem(Box::new(problem))),
            Err(_) => Err(Refusal::Other(self.stranger(status))),
        }
    }

    /// In words for an address where something else answers.
    fn stranger(&self, status: StatusCode) -> Failure {
        Failure::Refused(format!("{} answers {status}, and not as this server would.", self.base))
    }

    /// In words for an address where nothing answers.
    pub(super) fn unreachable(&self, e: &reqwest::Error) -> Failure {
        let why = if e.is_timeout() { "it does not answer in time".to_owned() } else { cause(e) };
        Failure::Refused(format!("{} cannot be reached: {why}.", self.base))
    }
}

/// The innermost reason, which is the one that says something.
fn cause(e: &dyn std::error::Error) -> String {
    let mut last = e;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last.to_string()
}

async fn body<T: DeserializeOwned>(reply: Response) -> Result<T, Refusal> {
    let url = reply.url().path().to_owned();
    let unread =
        |e: String| Refusal::Other(Failure::Refused(format!("The reply of {url} cannot be read: {e}.")));
    let text = reply.text().await.map_err(|e| unread(cause(&e)))?;
    serde_json::from_str(&text).map_err(|e| unread(e.to_string()))
}
