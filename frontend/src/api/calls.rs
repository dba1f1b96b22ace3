//! Requests and replies.

use common::auth::{LoginReply, LoginRequest, Me, Role, User};
use common::ids::{NodeId, RegionId, StreamId};
use common::meta::Meta;
use common::node::{CreateNode, CreatedNode, Node, NodeKind, NodePage};
use common::node_order::{NodeOrder, NodeSort};
use common::overview::RejectionPage;
use common::paths;
use common::problem::Problem;
use common::region::{CreateRegion, Region};
use common::status::StatusWord;
use common::stream::StreamWindow;
use common::users::Helpers;
use gloo_net::http::{Method, RequestBuilder};
use leptos::prelude::expect_context;
use serde::Serialize;

use super::decode::{self, FromJson};
use super::{ApiError, key};
use crate::components::status::word_key;
use crate::state::helpers::{Want, sentence};
use crate::state::session::{Session, SignedOut};

/// No call waits longer than this.
const TIMEOUT_MS: u32 = 15_000;
/// Nor does a refusal wait longer for the names of those who could do it.
const HELPERS_MS: u32 = 2_000;

/// Handle to the server; copy it freely. `expect_context::<Api>()` or [`use_api`].
#[derive(Clone, Copy)]
pub struct Api {
    session: Session,
}

/// The server.
pub fn use_api() -> Api {
    expect_context()
}

/// Which nodes to list.
#[derive(Debug, Clone, Default)]
pub struct NodeQuery {
    /// Of this region only.
    pub region_id: Option<RegionId>,
    /// Of this kind only.
    pub kind: Option<NodeKind>,
    /// What is looked for in names, endpoints and ids.
    pub q: Option<String>,
    /// At most so many, up to 500.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Which nodes a list holds, and in which order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OrderQuery {
    /// By what.
    pub sort: NodeSort,
    /// With this text; empty is any.
    pub text: String,
    /// With one of these words; empty is any.
    pub words: Vec<StatusWord>,
    /// Of these regions; empty is any.
    pub regions: Vec<RegionId>,
    /// Of this kind only.
    pub kind: Option<NodeKind>,
    /// With all of these labels, each `key=value` or `key`.
    pub labels: Vec<String>,
    /// Running one of these versions; empty is any.
    pub versions: Vec<String>,
}

impl OrderQuery {
    /// As the query of an address.
    fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|w| word_key(*w)).collect();
        let one = |name, value: String| (name, value);
        let pairs =
            [one("sort", self.sort.text()), one("q", self.text.clone()), one("status", words.join(","))]
                .into_iter()
                .chain(self.kind.map(|k| one("kind", k.as_str().to_owned())))
                .chain(self.regions.iter().map(|r| one("regionId", r.to_string())))
                .chain(self.labels.iter().map(|l| one("label", l.clone())))
                .chain(self.versions.iter().map(|v| one("version", v.clone())))
                .filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> =
            pairs.map(|(name, value)| format!("{name}={}", crate::routes::encode(&value))).collect();
        pairs.join("&")
    }
}

impl Api {
    /// Calls on behalf of this session.
    pub fn new(session: Session) -> Self {
        Self { session }
    }

    /// Signs in and begins the session.
    ///
    /// # Errors
    /// [`ApiError`]; a wrong pair is a refusal with status 401.
    pub async fn login(self, who: &LoginRequest) -> Result<User, ApiError> {
        let body = json(who)?;
        // Not through `call`: a 401 here is an answer and no end of a session.
        let reply: LoginReply = read(
            &exchange(Ask { method: Method::POST, path: paths::LOGIN, body: Some(body), ..Ask::default() })
                .await?,
        )?;
        self.session.begin(reply.user.clone());
        Ok(reply.user)
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`ApiError`]; then the person is still signed in.
    pub async fn logout(self) -> Result<(), ApiError> {
        // The stream ends with the session and may say so before the reply is here.
        self.session.set_leaving(true);
        match exchange(Ask { method: Method::POST, path: paths::LOGOUT, ..Ask::default() }).await {
            Ok(_) => {}
            // Ended already, which is what was asked for.
            Err(e) if e.status() == Some(401) => {}
            Err(e) => {
                self.session.set_leaving(false);
                return Err(e);
            }
        }
        self.session.end(SignedOut::ByChoice);
        Ok(())
    }

    /// Asks who is signed in and keeps the session accordingly.
    pub async fn ask_session(self) {
        match self.call::<Me>(Method::GET, paths::ME, None).await {
            Ok(Me { user: Some(user), .. }) => self.session.begin(user),
            Ok(Me { user: None, .. }) => self.ended(),
            Err(_) => self.session.unreachable(),
        }
    }

    /// Timers, version, where the server can be reached.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn meta(self) -> Result<Meta, ApiError> {
        self.call(Method::GET, paths::META, None).await
    }

    /// Adds a region.
    ///
    /// # Errors
    /// [`ApiError`], with every field that is not right.
    pub async fn create_region(self, region: &CreateRegion) -> Result<Region, ApiError> {
        self.create(paths::REGIONS, json(region)?).await
    }

    /// A region.
    ///
    /// # Errors
    /// [`ApiError`]; 404 where there is none.
    pub async fn region(self, id: &RegionId) -> Result<Region, ApiError> {
        self.call(Method::GET, &format!("{}/{}", paths::REGIONS, crate::routes::encode(id.as_str())), None)
            .await
    }

    /// Adds a node. The reply alone holds its secret.
    ///
    /// # Errors
    /// [`ApiError`], with every field that is not right.
    pub async fn create_node(self, node: &CreateNode) -> Result<CreatedNode, ApiError> {
        self.create(paths::NODES, json(node)?).await
    }

    /// A node.
    ///
    /// # Errors
    /// [`ApiError`]; 404 where there is none.
    pub async fn node(self, id: NodeId) -> Result<Node, ApiError> {
        self.call(Method::GET, &format!("{}/{id}", paths::NODES), None).await
    }

    /// A page of nodes by id.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn nodes(self, query: &NodeQuery) -> Result<NodePage, ApiError> {
        let pairs = [
            ("regionId", query.region_id.as_ref().map(ToString::to_string)),
            ("kind", query.kind.map(|k| k.as_str().to_owned())),
            ("q", query.q.clone()),
            ("limit", query.limit.map(|n| n.to_string())),
            ("cursor", query.cursor.clone()),
        ];
        let text: Vec<String> = pairs
            .into_iter()
            .filter_map(|(key, value)| value.map(|v| format!("{key}={}", crate::routes::encode(&v))))
            .collect();
        self.call(Method::GET, &format!("{}?{}", paths::NODES, text.join("&")), None).await
    }

    /// Which nodes a list holds, in order, without the nodes themselves: for fleets too large for a browser.
    ///
    /// # Errors
    /// [`ApiError`], with every filter that is not right.
    pub async fn node_order(self, query: &OrderQuery) -> Result<NodeOrder, ApiError> {
        self.call(Method::GET, &format!("{}?{}", paths::NODES_ORDER, query.text()), None).await
    }

    /// Sets which nodes topic `nodes` of an open stream carries whole and figures of, at most 400, each once.
    ///
    /// # Errors
    /// [`ApiError`]; 404 where that stream is not open any more, and a new `hello` will name another one.
    pub async fn set_window(self, stream: StreamId, ids: Vec<NodeId>) -> Result<(), ApiError> {
        let body = json(&StreamWindow { ids })?;
        self.call(Method::PUT, &paths::stream_window(stream), Some(body)).await
    }

    /// The newest refused heartbeats.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn rejections(self) -> Result<RejectionPage, ApiError> {
        self.call(Method::GET, paths::REJECTIONS, None).await
    }

    /// A POST that makes something, once however often the same values are sent.
    pub(super) async fn create<T: FromJson>(self, path: &str, body: String) -> Result<T, ApiError> {
        let key = key::key_for(&body);
        let ask = Ask { method: Method::POST, path, body: Some(body), key: Some(&key), ..Ask::default() };
        let reply = self.ask(ask).await;
        if reply.is_ok() {
            key::settled();
        }
        reply
    }

    pub(super) async fn call<T: FromJson>(
        self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<T, ApiError> {
        self.ask(Ask { method, path, body, ..Ask::default() }).await
    }

    /// Sends a request and reads its reply; for calls that stand in other files of this folder.
    pub(super) async fn ask<T: FromJson>(self, ask: Ask<'_>) -> Result<T, ApiError> {
        let mut reply = exchange(ask.clone()).await;
        if reply.as_ref().is_err_and(|e| e.status() == Some(401)) {
            self.ended();
            // Nothing was done. Where the same person signs in again on the spot, it is asked once more.
            if self.session.resumed().await {
                reply = exchange(ask.clone()).await;
            }
        }
        if reply.as_ref().is_err_and(needs_password) {
            // Nothing was done either: the same request again, with the same key, once the password is given.
            if !self.session.confirming().given().await {
                return Err(ApiError::NotConfirmed);
            }
            reply = exchange(ask).await;
        }
        match reply {
            Ok(text) => read(&text),
            Err(error) => Err(self.with_whom(error).await),
        }
    }

    /// A refusal for want of a role says whom to ask.
    async fn with_whom(self, mut error: ApiError) -> ApiError {
        let own = self.session.role();
        if let (ApiError::Refused { problem, whom, .. }, Some(own)) = (&mut error, own)
            && let Some(want) = missing(problem, own)
        {
            *whom = Some(sentence(&self.session.helpers().ask(self.session, want).await));
        }
        error
    }

    /// A few people who have a role.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn helpers(self, want: &Want) -> Result<Vec<String>, ApiError> {
        let region = want.region.as_ref().map(|r| format!("&region={}", crate::routes::encode(r.as_str())));
        let path = format!("{}?role={}{}", paths::HELPERS, want.role.as_str(), region.unwrap_or_default());
        // Not through `ask`: this is asked on the way out of it, and no refusal of it matters.
        let reply = exchange(Ask { path: &path, timeout_ms: HELPERS_MS, ..Ask::default() }).await?;
        Ok(read::<Helpers>(&reply)?.names)
    }

    /// The server does not know the session.
    pub(super) fn ended(self) {
        self.session.end(if self.session.is_in() { SignedOut::Expired } else { SignedOut::Never });
    }
}

/// A request, and under which conditions it is sent.
#[derive(Clone)]
pub(super) struct Ask<'a> {
    /// GET, POST, PUT, PATCH, DELETE.
    pub method: Method,
    /// The path with its query.
    pub path: &'a str,
    /// JSON, where there is a body.
    pub body: Option<String>,
    /// `If-Match`: the version of the object as the page shows it.
    pub base: Option<i64>,
    /// `Idempotency-Key`: the same for every try to send the same form.
    pub key: Option<&'a str>,
    /// How long to wait, in milliseconds.
    pub timeout_ms: u32,
}

impl Default for Ask<'_> {
    fn default() -> Self {
        Self { method: Method::GET, path: "", body: None, base: None, key: None, timeout_ms: TIMEOUT_MS }
    }
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String, ApiError> {
    // The request types are plain data; they cannot fail to be written.
    serde_json::to_string(value).map_err(|_| ApiError::Garbled { status: 0 })
}

/// Which role a refusal is for want of, and where; `None` for any other refusal.
fn missing(problem: &Problem, own: Role) -> Option<Want> {
    let member = |name: &str| problem.current.as_ref()?.get(name)?.as_str();
    match problem.code.as_str() {
        "role_too_low" => Some(Want { role: Role::parse(member("role")?)?, region: None }),
        "out_of_scope" => {
            Some(Want { role: own.max(Role::Operator), region: member("region").map(RegionId::from) })
        }
        _ => None,
    }
}

/// Whether the server wants the password again first.
fn needs_password(error: &ApiError) -> bool {
    error.problem().is_some_and(|p| p.code == "confirmation_needed")
}

pub(super) fn read<T: FromJson>(text: &str) -> Result<T, ApiError> {
    decode::read(text).map_err(|_| ApiError::Garbled { status: 200 })
}

/// One request and the text of its reply. Not generic, so that it is in the bundle once.
pub(super) async fn exchange(ask: Ask<'_>) -> Result<String, ApiError> {
    let lost = |_| ApiError::Unreachable;
    let abort = web_sys::AbortSignal::timeout_with_u32(ask.timeout_ms);
    let mut request = RequestBuilder::new(ask.path).method(ask.method).abort_signal(Some(&abort));
    if let Some(base) = ask.base {
        request = request.header("if-match", &format!("\"{base}\""));
    }
    if let Some(key) = ask.key {
        request = request.header("idempotency-key", key);
    }
    let request = match ask.body {
        Some(body) => request.header("content-type", "application/json").body(body),
        None => request.build(),
    };
    let reply = request.map_err(lost)?.send().await.map_err(lost)?;
    let status = reply.status();
    let retry_after = reply.headers().get("retry-after").and_then(|s| s.trim().parse().ok());
    let text = reply.text().await.map_err(lost)?;
    if (200..300).contains(&status) {
        return Ok(text);
    }
    match decode::read::<Problem>(&text) {
        Ok(problem) => Err(ApiError::Refused { problem: Box::new(problem), retry_after, whom: None }),
        Err(_) => Err(ApiError::Garbled { status }),
    }
}
