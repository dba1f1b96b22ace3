//! Servers that send heartbeats and are not in the registry. Everything they say of themselves is a claim.

use serde::{Deserialize, Serialize};

use crate::ids::{NodeId, RegionId};
use crate::intent::REASON_MAX;
use crate::node::NodeKind;
use crate::problem::FieldError;
use crate::region::check_text;
use crate::time::Timestamp;

/// Why their heartbeats are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UnregisteredReason {
    /// No node has this secret.
    UnknownSecret,
    /// The node was deleted.
    NodeDeleted,
}

impl UnregisteredReason {
    /// As on the wire and in the diary.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownSecret => "unknown_secret",
            Self::NodeDeleted => "node_deleted",
        }
    }

    /// The inverse of [`UnregisteredReason::as_str`]; other refusals concern registered nodes.
    pub fn parse(s: &str) -> Option<Self> {
        [Self::UnknownSecret, Self::NodeDeleted].into_iter().find(|r| r.as_str() == s)
    }
}

/// The registered node whose id is claimed: then it is not a new server, its secret is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClaimedNode {
    /// Its id.
    pub id: NodeId,
    /// What the screen calls it.
    pub name: String,
    /// The first 8 hex digits of the SHA-256 of the secret it should present.
    pub expected_fingerprint: Option<String>,
}

/// The node it was before somebody deleted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeletedNode {
    /// Its id.
    pub id: NodeId,
    /// What the screen called it.
    pub name: String,
    /// When it was deleted.
    pub at: Timestamp,
    /// By whom: an e-mail.
    pub by: String,
}

/// Who hid a group, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Ignored {
    /// E-mail.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What Add node begins with. A secret that was presented is never taken over: the new node gets its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Prefill {
    /// The kind it claims, where a region can have such nodes.
    pub kind: Option<NodeKind>,
    /// The region it claims, where it exists.
    pub region_id: Option<RegionId>,
    /// A guess: the address it comes from with the usual port of its kind.
    pub endpoint: Option<String>,
}

/// A group of refused heartbeats: the same claims from the same address with the same secret. Never any figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UnregisteredNode {
    /// Made of what groups it: stable as long as it tries.
    pub id: String,
    /// Why the newest of them was refused.
    pub reason: UnregisteredReason,
    /// The node id it claims.
    pub claimed_node: Option<String>,
    /// The region it claims.
    pub claimed_region: Option<String>,
    /// The kind it claims.
    pub claimed_kind: Option<String>,
    /// The address it comes from.
    pub source: String,
    /// First 8 hex digits of the SHA-256 of the secret it presents; `null` where it presents none.
    pub fingerprint: Option<String>,
    /// First try.
    pub first_at: Timestamp,
    /// Last try.
    pub last_at: Timestamp,
    /// How often.
    pub count: u64,
    /// Set where the claimed id is that of a registered node.
    pub registered_node: Option<ClaimedNode>,
    /// Set where it is a node that was deleted.
    pub deleted: Option<DeletedNode>,
    /// Set where somebody hid it.
    pub ignored: Option<Ignored>,
    /// For "Register it".
    pub prefill: Prefill,
}

/// `POST /unregistered-nodes/{groupId}/ignore`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IgnoreRequest {
    /// Why, at most 500 characters; kept in the activity log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub reason: Option<String>,
}

impl IgnoreRequest {
    /// Checks it.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        check_text(&mut errors, "reason", self.reason.as_deref(), REASON_MAX);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// Unregistered nodes, the newest try first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UnregisteredPage {
    /// The groups.
    pub items: Vec<UnregisteredNode>,
    /// Present where more follow.
    pub next_cursor: Option<String>,
    /// All groups of the last 24 hours that are not ignored; at most 1,000 are kept.
    pub total: u32,
    /// Those that are ignored.
    pub ignored: u32,
}
