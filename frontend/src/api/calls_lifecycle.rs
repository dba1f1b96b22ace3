//! Calls that take nodes out of service and back: intents, shutdowns, deletes, and the same for many nodes.

use common::activity::{Activity, ActivityPage};
use common::command::{Command, CommandPage, RowResults, ShutdownRequest};
use common::ids::{CommandId, NodeId, RegionId};
use common::intent::{BulkReply, BulkRequest, Deletion, Platform, Preview, SetIntent};
use common::node::Node;
use common::paths;
use common::region::Region;
use gloo_net::http::Method;

use super::calls::{Ask, json};
use super::{Api, ApiError};
use crate::routes::encode;

/// Where the platform's own intent is.
const PLATFORM: &str = "/api/v1/platform";
/// Many nodes may take the server a while.
const BULK_TIMEOUT_MS: u32 = 60_000;

/// What a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A node.
    Node(NodeId),
    /// A region.
    Region(RegionId),
    /// The whole platform.
    Platform,
}

impl Object {
    fn path(&self) -> String {
        match self {
            Self::Node(id) => format!("{}/{id}", paths::NODES),
            Self::Region(id) => format!("{}/{}", paths::REGIONS, encode(id.as_str())),
            Self::Platform => PLATFORM.to_owned(),
        }
    }
}

impl Api {
    /// The newest change of an object that the activity log has; `None` where it has none.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn last_change(self, object: &Object) -> Result<Option<Activity>, ApiError> {
        // The background node is in the log by a kind of its own; ids are not shared by kinds.
        let target = match object {
            Object::Node(id) => format!("targetId={id}"),
            Object::Region(id) => format!("targetKind=region&targetId={}", encode(id.as_str())),
            Object::Platform => "targetKind=platform".to_owned(),
        };
        let path = format!("{}?limit=1&outcome=allowed&{target}", paths::ACTIVITY);
        let page: ActivityPage = self.call(Method::GET, &path, None).await?;
        Ok(page.items.into_iter().next())
    }

    /// Sets an intent, based on `base`; the version it made.
    ///
    /// # Errors
    /// [`ApiError`]; 409 `guard` with a fresh preview, 412 where somebody changed it meanwhile.
    pub async fn set_intent(self, object: &Object, wish: &SetIntent, base: i64) -> Result<i64, ApiError> {
        let (path, body) = (format!("{}/intent", object.path()), Some(json(wish)?));
        let ask = Ask { method: Method::PUT, path: &path, body, base: Some(base), ..Ask::default() };
        // What it is now comes by the stream.
        match object {
            Object::Node(_) => self.ask::<Node>(ask).await.map(|n| n.version),
            Object::Region(_) => self.ask::<Region>(ask).await.map(|r| r.version),
            Object::Platform => self.ask::<Platform>(ask).await.map(|p| p.version),
        }
    }

    /// What an intent would bring.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn preview_intent(self, object: &Object, wish: &SetIntent) -> Result<Preview, ApiError> {
        self.call(Method::POST, &format!("{}/intent/preview", object.path()), Some(json(wish)?)).await
    }

    /// Signals a node to end its process.
    ///
    /// # Errors
    /// [`ApiError`]; 409 `not_live`, `already_requested`, `guard`.
    pub async fn shut_down_node(self, id: NodeId, ask: &ShutdownRequest) -> Result<Command, ApiError> {
        self.call(Method::POST, &format!("{}/{id}/shutdown", paths::NODES), Some(json(ask)?)).await
    }

    /// Signals every live node of a region; a result per node.
    ///
    /// # Errors
    /// [`ApiError`]; 409 `not_live` where none is, `guard`.
    pub async fn shut_down_region(
        self,
        id: &RegionId,
        ask: &ShutdownRequest,
    ) -> Result<RowResults, ApiError> {
        let path = format!("{}/shutdown", Object::Region(id.clone()).path());
        self.call(Method::POST, &path, Some(json(ask)?)).await
    }

    /// What a shutdown would bring.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn preview_shutdown(self, object: &Object, ask: &ShutdownRequest) -> Result<Preview, ApiError> {
        self.call(Method::POST, &format!("{}/shutdown/preview", object.path()), Some(json(ask)?)).await
    }

    /// A node's newest commands.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn commands(self, id: NodeId, limit: u32) -> Result<CommandPage, ApiError> {
        self.call(Method::GET, &format!("{}/{id}/commands?limit={limit}", paths::NODES), None).await
    }

    /// Takes a command back that its node has not accepted.
    ///
    /// # Errors
    /// [`ApiError`]; 409 `not_open`.
    pub async fn cancel_command(self, id: CommandId) -> Result<Command, ApiError> {
        self.call(Method::DELETE, &format!("/api/v1/commands/{id}"), None).await
    }

    /// What stands against deleting a node or a region.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn deletion(self, object: &Object, sessions_lost: bool) -> Result<Deletion, ApiError> {
        self.call(Method::GET, &format!("{}/deletion{}", object.path(), lost(object, sessions_lost)), None)
            .await
    }

    /// Deletes a node or a region, without a way back.
    ///
    /// # Errors
    /// [`ApiError`]; 409 `delete_refused` with what stands against it, 412 where somebody changed it meanwhile.
    pub async fn delete(self, object: &Object, base: i64, sessions_lost: bool) -> Result<(), ApiError> {
        let path = format!("{}{}", object.path(), lost(object, sessions_lost));
        self.ask(Ask { method: Method::DELETE, path: &path, base: Some(base), ..Ask::default() }).await
    }

    /// Does one thing to many nodes, or says what it would do.
    ///
    /// # Errors
    /// [`ApiError`]; 409 `guard`.
    pub async fn change_nodes(self, request: &BulkRequest) -> Result<BulkReply, ApiError> {
        let (path, body) = (format!("{}/bulk", paths::NODES), Some(json(request)?));
        let ask =
            Ask { method: Method::POST, path: &path, body, timeout_ms: BULK_TIMEOUT_MS, ..Ask::default() };
        self.ask(ask).await
    }
}

/// Only work of a node can be lost.
fn lost(object: &Object, confirmed: bool) -> &'static str {
    if confirmed && matches!(object, Object::Node(_)) { "?sessionsLost=true" } else { "" }
}
