//! Whether jobs can be started, and why not: one name for each reason, in replies, refusals and on the screen.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Whether a job can be started now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    /// It can.
    pub ok: bool,
    /// Why not; the code of the refusal too.
    pub code: Option<TriggerCode>,
    /// In words.
    pub detail: Option<String>,
    /// Since when not.
    pub since: Option<Timestamp>,
}

/// Why no job can be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TriggerCode {
    /// No background node is registered.
    #[serde(rename = "background_missing")]
    Missing,
    /// It was never heard of since it was registered.
    #[serde(rename = "background_never_seen")]
    NeverSeen,
    /// It fell silent, or said goodbye.
    #[serde(rename = "background_unreachable")]
    Unreachable,
    /// Whether it runs cannot be judged now.
    #[serde(rename = "background_unconfirmed")]
    Unconfirmed,
    /// It is there and holds another key than the one stored here.
    #[serde(rename = "background_keys_differ")]
    KeysDiffer,
    /// It is in maintenance and takes no new work.
    #[serde(rename = "background_maintenance")]
    Maintenance,
    /// It is disabled.
    #[serde(rename = "background_disabled")]
    Disabled,
}

impl TriggerCode {
    /// As on the wire, and as the code of a refusal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "background_missing",
            Self::NeverSeen => "background_never_seen",
            Self::Unreachable => "background_unreachable",
            Self::Unconfirmed => "background_unconfirmed",
            Self::KeysDiffer => "background_keys_differ",
            Self::Maintenance => "background_maintenance",
            Self::Disabled => "background_disabled",
        }
    }

    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Missing,
        Self::NeverSeen,
        Self::Unreachable,
        Self::Unconfirmed,
        Self::KeysDiffer,
        Self::Maintenance,
        Self::Disabled,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_named_alike_everywhere() {
        for code in TriggerCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
