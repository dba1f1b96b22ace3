//! Sessions: what a person sees of their sign-ins, how they end one, and the password that confirms dangerous actions.

use serde::{Deserialize, Serialize};

use crate::ids::SessionId;
use crate::time::Timestamp;

/// Shortest password that may be set, in characters: NIST SP 800-63B-4 asks for 15 where it is the only factor.
pub const PASSWORD_MIN: usize = 15;
/// Longest one, in bytes.
pub const PASSWORD_MAX_BYTES: usize = 1024;

/// How somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum SessionKind {
    /// With a cookie.
    Browser,
    /// With a refresh token.
    CommandLine,
}

impl SessionKind {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::CommandLine => "command_line",
        }
    }

    /// The inverse of [`SessionKind::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Browser, Self::CommandLine].into_iter().find(|k| k.as_str() == s)
    }
}

/// One sign-in that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Names it; no credential.
    pub id: SessionId,
    /// The one this request was sent with.
    pub current: bool,
    /// A browser's or a command line's.
    pub kind: SessionKind,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_used_at: Timestamp,
    /// When it ends at the latest. Unused for half a day, it ends earlier.
    pub expires_at: Timestamp,
    /// Address they signed in from.
    pub source: String,
    /// Browser or program, in its own words.
    pub user_agent: Option<String>,
    /// Whose.
    pub email: String,
}

/// A person's sessions, the one used last first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionList {
    /// At most 500.
    pub items: Vec<Session>,
}

/// `PUT /auth/password`. Ends all other sessions of the account.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordChange {
    /// As it is.
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 1024))]
    pub current: String,
    /// As it is to be, at least 15 characters and at most 1024 bytes. Any characters, no rules about kinds of them.
    #[cfg_attr(feature = "openapi", schema(format = Password, min_length = 15, max_length = 1024))]
    pub new: String,
}

/// `POST /auth/confirm`: says again who you are, before something dangerous.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmRequest {
    /// Your password.
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 1024))]
    pub password: String,
}

/// Reply to `POST /auth/confirm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Confirmed {
    /// Until when this session is not asked again.
    pub until: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json, to_value};
    use uuid::Uuid;

    #[test]
    fn as_on_the_wire() {
        let session = Session {
            id: SessionId(Uuid::nil()),
            current: true,
            kind: SessionKind::CommandLine,
            created_at: Timestamp(0),
            last_used_at: Timestamp(60_000),
            expires_at: Timestamp(120_000),
            source: "10.0.0.1".into(),
            user_agent: None,
            email: "a@b".into(),
        };
        let value = to_value(&session).unwrap();
        assert_eq!((&value["kind"], &value["userAgent"]), (&json!("commandLine"), &json!(null)));
        assert_eq!(from_value::<Session>(value).unwrap(), session);
        assert_eq!(SessionKind::parse("command_line"), Some(SessionKind::CommandLine));
        assert_eq!(SessionKind::parse("commandLine"), None);
    }

    #[test]
    fn requests_take_nothing_else() {
        assert!(from_value::<ConfirmRequest>(json!({"password": "x", "minutes": 600})).is_err());
        assert!(from_value::<PasswordChange>(json!({"new": "x"})).is_err());
    }
}
