//! Webhooks: what is said, when it is tried again, and which problems are told of. Pure.

pub mod body;
pub mod plan;
pub mod told;

use common::ids::RegionId;
use common::time::Timestamp;
use common::webhooks::WebhookEvent;
use uuid::Uuid;

/// Something to tell, before it is known who wants to hear it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `webhook-id` of every call that tells it.
    pub id: Uuid,
    /// When it happened.
    pub at: Timestamp,
    /// Of what it tells.
    pub event: WebhookEvent,
    /// The region concerned.
    pub region_id: Option<RegionId>,
    /// The body, byte for byte as it is signed.
    pub payload: String,
}
