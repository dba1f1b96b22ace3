//! Sign-in and roles.

use serde::{Deserialize, Serialize};

use crate::ids::{RegionId, SessionId, UserId};
use crate::time::Timestamp;

/// What a person may do. Every signed-in role reads the whole cluster; the order of the variants is rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Changes regions and nodes.
    Operator,
    /// Changes people and settings too.
    Admin,
}

impl Role {
    /// As stored and as shown in tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// The inverse of [`Role::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Viewer, Self::Operator, Self::Admin].into_iter().find(|r| r.as_str() == s)
    }
}

/// What a route needs. One list, used by the server to decide and by the console to explain a disabled control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See figures, regions, nodes.
    Read,
    /// Add and change regions and nodes.
    Operate,
    /// Manage people, tokens and settings.
    Administer,
}

impl Permission {
    /// The lowest role that has it.
    pub fn least_role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Operate => Role::Operator,
            Self::Administer => Role::Admin,
        }
    }

    /// Whether a role has it.
    pub fn granted_to(self, role: Role) -> bool {
        role >= self.least_role()
    }
}

/// `POST /auth/login`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginRequest {
    /// Who; not case-sensitive.
    #[cfg_attr(feature = "openapi", schema(example = "admin@localhost", max_length = 254))]
    pub email: String,
    /// The password, 1–1024 bytes.
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 1024))]
    pub password: String,
    /// For a program: the reply has a refresh token and no cookie.
    #[serde(default)]
    pub command_line: bool,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The user.
    pub id: UserId,
    /// Sign-in name.
    pub email: String,
    /// Shown in the console.
    pub display_name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Where they may change things; `null` is everywhere.
    pub region_scope: Option<Vec<RegionId>>,
}

/// Reply to sign-in and refresh.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LoginReply {
    /// Who.
    pub user: User,
    /// A JWT for `Authorization: Bearer`, for scripts. The console uses the cookie set beside it. Empty where a browser
    /// signs in while the server is without its master key.
    pub access_token: String,
    /// When that token ends; `POST /auth/refresh` makes another.
    pub expires_at: Timestamp,
    /// For the command line alone: what the next access token is had for, once. 30 days after signing in, the last one
    /// ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// `POST /auth/refresh`. A browser or a script with an access token sends `{}`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefreshRequest {
    /// For the command line: the newest refresh token of the session, `iqr_…`. Each one is good for one renewal; one
    /// that was used before ends its session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 128))]
    pub refresh_token: Option<String>,
}

/// Reply to `GET /auth/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// `null` where nobody is signed in, so that asking is not an error.
    pub user: Option<User>,
    /// The session asked in; `null` for nobody and for an automation token.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// Until when dangerous actions need no password: five minutes after it was given last. `null` where that is over.
    #[serde(default)]
    pub confirmed_until: Option<Timestamp>,
}
