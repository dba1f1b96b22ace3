//! Identifiers as newtypes, so that a node id cannot be passed where a user id belongs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Declares a newtype over a UUIDv7 made by the server.
macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }
    };
}

uuid_id!(
    /// A registered server process.
    NodeId
);
uuid_id!(
    /// A command to a node.
    CommandId
);
uuid_id!(
    /// A run of a job.
    RunId
);
uuid_id!(
    /// One run of a server process of the control plane.
    FrontendId
);
uuid_id!(
    /// A person who may sign in.
    UserId
);
uuid_id!(
    /// One sign-in of a person: a browser's, or a command line's.
    SessionId
);
uuid_id!(
    /// One open connection to the live stream.
    StreamId
);
uuid_id!(
    /// An automation token.
    TokenId
);
uuid_id!(
    /// A webhook.
    WebhookId
);
uuid_id!(
    /// One event on its way to one webhook.
    DeliveryId
);

/// A region's id, such as `OM-MCT`: what operators put into `appsettings.json`. Upper case, immutable; read in any
/// letter case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct RegionId(pub String);

impl RegionId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RegionId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(|s| Self::from(s.as_str()))
    }
}

impl From<&str> for RegionId {
    /// Takes the text as it is but for the case: Region IDs are upper case everywhere.
    fn from(s: &str) -> Self {
        Self(s.trim().to_ascii_uppercase())
    }
}
