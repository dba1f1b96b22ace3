//! Deliveries of webhooks: one event on its way to one of them, and each attempt at it.

use serde::{Deserialize, Serialize};

use super::WebhookEvent;
use crate::ids::{DeliveryId, RegionId, WebhookId};
use crate::time::Timestamp;

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// An attempt is due or will be.
    Waiting,
    /// The other side took it.
    Delivered,
    /// All attempts failed, or the webhook was switched off before one was taken.
    Failed,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Failed];

    /// As stored and in queries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The inverse of [`DeliveryState::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// One event on its way to one webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Which.
    pub id: DeliveryId,
    /// Of which webhook.
    pub webhook_id: WebhookId,
    /// `webhook-id` of the call: the same for every attempt and for a replay, so that the other side can tell
    /// repetitions.
    pub message_id: String,
    /// Of what it tells.
    pub event: WebhookEvent,
    /// The region concerned.
    pub region_id: Option<RegionId>,
    /// When the delivery was made.
    pub created_at: Timestamp,
    /// How far it is.
    pub state: DeliveryState,
    /// Attempts made.
    pub attempts: u32,
    /// When the next attempt is due, where it waits.
    pub next_at: Option<Timestamp>,
    /// When it was delivered or failed.
    pub finished_at: Option<Timestamp>,
    /// The delivery it repeats, where somebody asked for that.
    pub replay_of: Option<DeliveryId>,
    /// How the last attempt ended.
    pub last: Option<Attempt>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// The HTTP status, where there was a reply.
    pub status: Option<u16>,
    /// `taken`, `not_taken`, `redirect`, `gone`; where no call was made `vault_locked`, `secret_unreadable` or
    /// `host_invalid`; or why there was no reply, as for other calls of this control plane: `connection_refused`,
    /// `unreachable`, `reply_timeout`, `name_unknown`, `address_forbidden`, `tls_expired` and the like.
    pub code: String,
    /// In words, with what to do.
    pub detail: String,
}

/// `GET /webhooks/{id}/deliveries`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryPage {
    /// When it was made.
    pub as_of: Timestamp,
    /// Newest first.
    pub items: Vec<Delivery>,
    /// For the next page; `null` at the end.
    pub next_cursor: Option<String>,
}

/// `GET /webhooks/{id}/deliveries/{deliveryId}`, and the reply to a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryDetail {
    /// The delivery.
    pub delivery: Delivery,
    /// The body as it was signed and sent: JSON text.
    pub payload: String,
    /// Oldest first; at most nine.
    pub attempts: Vec<Attempt>,
}
