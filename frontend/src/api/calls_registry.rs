//! Calls about storage, changes of regions and nodes, secrets, and servers that are not registered.

use common::edit::{EditNode, EditRegion, RotateSecret};
use common::ids::{NodeId, RegionId};
use common::node::{CreatedNode, Node};
use common::paths;
use common::region::Region;
use common::storage::{PutStorage, RegionStorage, StorageTestReply, TestStorage};
use common::unregistered::UnregisteredPage;
use gloo_net::http::Method;

use super::calls::{Ask, json};
use super::{Api, ApiError};
use crate::routes::encode;

/// A connection test may take 20 s at the server, and some more on the way.
const TEST_TIMEOUT_MS: u32 = 30_000;

fn region(id: &RegionId) -> String {
    format!("{}/{}", paths::REGIONS, encode(id.as_str()))
}

fn storage(id: &RegionId) -> String {
    format!("{}/storage", region(id))
}

fn node(id: NodeId) -> String {
    format!("{}/{id}", paths::NODES)
}

impl Api {
    /// A region's storage, with what checks found.
    ///
    /// # Errors
    /// [`ApiError`]; 404 where there is no such region.
    pub async fn storage(self, id: &RegionId) -> Result<RegionStorage, ApiError> {
        self.call(Method::GET, &storage(id), None).await
    }

    /// Stores settings; `base` is the version they are based on, 0 where there are none.
    ///
    /// # Errors
    /// [`ApiError`]; 412 where somebody changed them meanwhile.
    pub async fn put_storage(
        self,
        id: &RegionId,
        settings: &PutStorage,
        base: i64,
    ) -> Result<RegionStorage, ApiError> {
        let (path, body) = (storage(id), Some(json(settings)?));
        self.ask(Ask { method: Method::PUT, path: &path, body, base: Some(base), ..Ask::default() }).await
    }

    /// Removes the settings.
    ///
    /// # Errors
    /// [`ApiError`]; 412 where somebody changed them meanwhile.
    pub async fn delete_storage(self, id: &RegionId, base: i64) -> Result<(), ApiError> {
        let path = storage(id);
        self.ask(Ask { method: Method::DELETE, path: &path, base: Some(base), ..Ask::default() }).await
    }

    /// Tries values, saved or not. A test that fails is a reply.
    ///
    /// # Errors
    /// [`ApiError`], with every field that is not right.
    pub async fn test_storage(
        self,
        id: &RegionId,
        values: &TestStorage,
    ) -> Result<StorageTestReply, ApiError> {
        let (path, body) = (format!("{}/test", storage(id)), Some(json(values)?));
        let ask =
            Ask { method: Method::POST, path: &path, body, timeout_ms: TEST_TIMEOUT_MS, ..Ask::default() };
        self.ask(ask).await
    }

    /// Changes a region's registration.
    ///
    /// # Errors
    /// [`ApiError`]; 412 where somebody changed it meanwhile.
    pub async fn edit_region(self, id: &RegionId, edit: &EditRegion, base: i64) -> Result<Region, ApiError> {
        let (path, body) = (region(id), Some(json(edit)?));
        self.ask(Ask { method: Method::PATCH, path: &path, body, base: Some(base), ..Ask::default() }).await
    }

    /// Changes a node's registration.
    ///
    /// # Errors
    /// [`ApiError`]; 412 where somebody changed it meanwhile.
    pub async fn edit_node(self, id: NodeId, edit: &EditNode, base: i64) -> Result<Node, ApiError> {
        let (path, body) = (node(id), Some(json(edit)?));
        self.ask(Ask { method: Method::PATCH, path: &path, body, base: Some(base), ..Ask::default() }).await
    }

    /// Gives a node a new secret. The reply alone holds it.
    ///
    /// # Errors
    /// [`ApiError`]; 412 where somebody changed the node meanwhile.
    pub async fn rotate_secret(
        self,
        id: NodeId,
        rotate: &RotateSecret,
        base: i64,
    ) -> Result<CreatedNode, ApiError> {
        let (path, body) = (format!("{}/secret", node(id)), Some(json(rotate)?));
        self.ask(Ask { method: Method::POST, path: &path, body, base: Some(base), ..Ask::default() }).await
    }

    /// Ends the secret before the newest now.
    ///
    /// # Errors
    /// [`ApiError`]; 412 where somebody changed the node meanwhile.
    pub async fn revoke_previous_secret(self, id: NodeId, base: i64) -> Result<Node, ApiError> {
        let path = format!("{}/secret/previous", node(id));
        self.ask(Ask { method: Method::DELETE, path: &path, base: Some(base), ..Ask::default() }).await
    }

    /// Servers that send heartbeats and are not registered, those that somebody hid too; the newest 500.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn unregistered(self) -> Result<UnregisteredPage, ApiError> {
        let path = format!("{}?include=ignored&limit=500", paths::UNREGISTERED);
        self.call(Method::GET, &path, None).await
    }

    /// Hides a group of unregistered servers, or shows it again.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn ignore_unregistered(self, id: &str, hide: bool) -> Result<(), ApiError> {
        let path = format!("{}/{}/ignore", paths::UNREGISTERED, encode(id));
        let (method, body) =
            if hide { (Method::POST, Some("{}".to_owned())) } else { (Method::DELETE, None) };
        self.call(method, &path, body).await
    }
}
