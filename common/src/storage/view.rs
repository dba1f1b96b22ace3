//! A region's storage as its page shows it.

use serde::{Deserialize, Serialize};

use super::{StorageCheck, StorageHealth, StorageSettings};
use crate::ids::NodeId;
use crate::time::Timestamp;

/// What a node of the region found when it tried the storage itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StorageReportOfNode {
    /// The node.
    pub node_id: NodeId,
    /// What the screen calls it.
    pub name: String,
    /// Whether put, get and delete worked.
    pub ok: bool,
    /// When, by the node's clock.
    pub checked_at: Option<Timestamp>,
    /// The step that failed.
    pub step: Option<String>,
}

/// `GET /regions/{regionId}/storage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RegionStorage {
    /// The settings; `null` where there are none yet. A viewer reads them without access key and fingerprint.
    pub settings: Option<StorageSettings>,
    /// What this server finds, once a minute.
    pub health: StorageHealth,
    /// The last 20 checks since the server started, newest first.
    pub recent: Vec<StorageCheck>,
    /// What the region's live nodes find, every 5 minutes.
    pub nodes: Vec<StorageReportOfNode>,
    /// Of the settings, 0 where there are none; the `ETag` too.
    pub version: i64,
}
