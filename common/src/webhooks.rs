//! Webhooks: calls this control plane makes to tell other systems of problems and of what happens to nodes and regions.
//!
//! Message, headers and signature follow Standard Webhooks 1.0.0 (<https://www.standardwebhooks.com>).

use std::fmt;

mod delivery;

use serde::{Deserialize, Serialize};

use crate::activity::EventKind;
use crate::ids::{RegionId, WebhookId};
use crate::problem::FieldError;
use crate::region::check_text;
use crate::time::Timestamp;

pub use delivery::{Attempt, Delivery, DeliveryDetail, DeliveryPage, DeliveryState};

/// Longest name of a webhook, in characters.
pub const NAME_MAX: usize = 80;
/// Longest URL, in bytes.
pub const URL_MAX: usize = 1024;
/// Most webhooks of an installation.
pub const WEBHOOKS_MAX: usize = 50;
/// Most regions a webhook may name.
pub const REGIONS_MAX: usize = 200;
/// Most events a request may name, repetitions counted.
const EVENTS_MAX: usize = 20;
/// Longest time, in hours, in which a replaced secret still signs beside the new one.
pub const OVERLAP_HOURS_MAX: u32 = 168;
/// How long a delivery and what was sent is kept, in days.
pub const KEPT_DAYS: u32 = 14;
/// Waits between the attempts of a delivery, in seconds; each is varied by up to a tenth. After the last one that fails,
/// the delivery has failed.
pub const RETRY_AFTER_S: [u32; 8] = [10, 60, 300, 1_800, 7_200, 21_600, 21_600, 43_200];

/// What a webhook can tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WebhookEvent {
    /// A problem was open for long enough to be told; an incident is one problem.
    #[serde(rename = "problem.opened")]
    ProblemOpened,
    /// A problem that was told of is over.
    #[serde(rename = "problem.cleared")]
    ProblemCleared,
    /// A node's liveness went from one value to another.
    #[serde(rename = "lifecycle.liveness")]
    Liveness,
    /// The effective intent of a node or region changed.
    #[serde(rename = "lifecycle.intent")]
    Intent,
    /// The runtime a node reports changed.
    #[serde(rename = "lifecycle.runtime")]
    Runtime,
    /// A node's process began.
    #[serde(rename = "lifecycle.boot")]
    Boot,
    /// A node said goodbye.
    #[serde(rename = "lifecycle.goodbye")]
    Goodbye,
    /// A command to a node changed its state.
    #[serde(rename = "lifecycle.command")]
    Command,
    /// A drain changed its phase.
    #[serde(rename = "lifecycle.drain")]
    Drain,
    /// A region's storage became healthy or failing.
    #[serde(rename = "lifecycle.storage")]
    Storage,
    /// A node or region was registered, edited or deleted.
    #[serde(rename = "lifecycle.registry")]
    Registry,
    /// Somebody pressed "Send a test". Nobody subscribes to it.
    #[serde(rename = "test")]
    Test,
}

impl WebhookEvent {
    /// What can be subscribed to, in the order in which it is shown.
    pub const SUBSCRIBABLE: [Self; 11] = [
        Self::ProblemOpened,
        Self::ProblemCleared,
        Self::Liveness,
        Self::Intent,
        Self::Runtime,
        Self::Boot,
        Self::Goodbye,
        Self::Command,
        Self::Drain,
        Self::Storage,
        Self::Registry,
    ];

    /// As on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProblemOpened => "problem.opened",
            Self::ProblemCleared => "problem.cleared",
            Self::Liveness => "lifecycle.liveness",
            Self::Intent => "lifecycle.intent",
            Self::Runtime => "lifecycle.runtime",
            Self::Boot => "lifecycle.boot",
            Self::Goodbye => "lifecycle.goodbye",
            Self::Command => "lifecycle.command",
            Self::Drain => "lifecycle.drain",
            Self::Storage => "lifecycle.storage",
            Self::Registry => "lifecycle.registry",
            Self::Test => "test",
        }
    }

    /// The inverse of [`WebhookEvent::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        Self::SUBSCRIBABLE.into_iter().chain([Self::Test]).find(|k| k.as_str() == s)
    }

    /// What tells of an event of the timeline.
    pub fn of(kind: EventKind) -> Self {
        match kind {
            EventKind::Liveness => Self::Liveness,
            EventKind::Intent => Self::Intent,
            EventKind::Runtime => Self::Runtime,
            EventKind::Boot => Self::Boot,
            EventKind::Goodbye => Self::Goodbye,
            EventKind::Command => Self::Command,
            EventKind::Drain => Self::Drain,
            EventKind::Storage => Self::Storage,
            EventKind::Registry => Self::Registry,
        }
    }
}

/// How a webhook does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// Nothing was sent yet.
    Idle,
    /// The last attempt was taken.
    Delivering,
    /// The last attempt was not taken.
    Failing,
    /// Switched off by a person.
    Off,
    /// Switched off by the control plane: see `stoppedBecause`.
    Stopped,
}

/// Why the control plane switched a webhook off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StoppedBecause {
    /// The other side answered 410: it wants no more.
    Gone,
    /// Every attempt of five days failed.
    Failing,
}

impl StoppedBecause {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }

    /// The inverse of [`StoppedBecause::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Gone, Self::Failing].into_iter().find(|k| k.as_str() == s)
    }
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Which.
    pub id: WebhookId,
    /// What it is called.
    pub name: String,
    /// Where it calls. The path of such an address is often a secret: administrators see it whole, others see
    /// `https://host:port/…`.
    pub url: String,
    /// What it tells of.
    pub events: Vec<WebhookEvent>,
    /// Of which regions; `null` is of all, and of what belongs to none.
    pub region_ids: Option<Vec<RegionId>>,
    /// Whether it sends. What happens while it does not is not sent later.
    pub enabled: bool,
    /// How it does.
    pub state: WebhookState,
    /// Set where `state` is `stopped`.
    pub stopped_because: Option<StoppedBecause>,
    /// Recognises its secret without telling it.
    pub secret_fingerprint: String,
    /// Until when its former secret signs beside the new one; `null` where there is none.
    pub former_secret_until: Option<Timestamp>,
    /// When an attempt was taken last.
    pub delivered_at: Option<Timestamp>,
    /// Since when no attempt was taken; `null` while they are.
    pub failing_since: Option<Timestamp>,
    /// Deliveries that wait for an attempt, the first or another one.
    pub waiting: u32,
    /// Who made it: e-mail.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// For `If-Match`.
    pub version: i64,
}

/// `GET /webhooks`: all there are, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookList {
    /// When it was made.
    pub as_of: Timestamp,
    /// At most 50.
    pub items: Vec<Webhook>,
}

/// `POST /webhooks` and `PUT /webhooks/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutWebhook {
    /// 1–80 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: String,
    /// `https://…` or `http://…`, at most 1,024 bytes, without user, password and fragment.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 1024))]
    pub url: String,
    /// At least one.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 20))]
    pub events: Vec<WebhookEvent>,
    /// Of which regions; absent or `null` is of all, and of what belongs to none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 200))]
    pub region_ids: Option<Vec<RegionId>>,
    /// Whether it sends. Switching on one that was stopped lets it try again.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

impl PutWebhook {
    /// Every field that is not right, but for the address, which the server takes apart.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_text(&mut errors, "name", Some(self.name.trim()), NAME_MAX);
        if self.name.trim().contains('\n') {
            errors.push(FieldError::new("name", "control_characters", "A name is one line."));
        }
        if self.name.trim().is_empty() {
            errors.push(FieldError::new("name", "required", "Enter a name."));
        }
        if self.url.trim().is_empty() {
            errors.push(FieldError::new("url", "required", "Enter a URL."));
        } else if self.url.len() > URL_MAX {
            errors.push(FieldError::new("url", "too_long", "At most 1,024 characters."));
        }
        if self.events.len() > EVENTS_MAX {
            errors.push(FieldError::new("events", "too_many", "Name each event once."));
        }
        if self.events.is_empty() {
            errors.push(FieldError::new("events", "required", "Choose at least one event."));
        }
        if self.events.contains(&WebhookEvent::Test) {
            errors.push(FieldError::new("events", "not_subscribable", "A test is sent by hand only."));
        }
        if let Some(regions) = &self.region_ids {
            if regions.is_empty() {
                errors.push(FieldError::new("regionIds", "required", "Choose at least one region, or all."));
            }
            if regions.len() > REGIONS_MAX {
                errors.push(FieldError::new("regionIds", "too_many", "At most 200 regions."));
            }
        }
        errors
    }
}

/// A webhook and its secret, which no other reply holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookMade {
    /// The webhook.
    pub webhook: Webhook,
    /// `whsec_` and Base64 of 32 random bytes: the key of HMAC-SHA-256. It is never shown again. Left out where
    /// `secretShown` is true.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub plain_secret: String,
    /// This is a reply of more than ten minutes ago, repeated for its `Idempotency-Key`, and without the secret.
    #[serde(default)]
    pub secret_shown: bool,
}

impl fmt::Debug for WebhookMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookMade").field("webhook", &self.webhook.id).finish_non_exhaustive()
    }
}

/// `POST /webhooks/{id}/secret`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateWebhookSecret {
    /// How long the former secret signs beside the new one: 0–168, default 24. 0 ends it now.
    #[serde(default = "a_day")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 168))]
    pub overlap_hours: u32,
}

fn a_day() -> u32 {
    24
}

#[cfg(test)]
mod tests;
