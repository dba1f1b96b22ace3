//! Automation tokens: what scripts present instead of a person's session.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::auth::Role;
use crate::ids::{RegionId, TokenId};
use crate::problem::FieldError;
use crate::region::check_text;
use crate::time::Timestamp;

/// Longest name of a token, in characters.
pub const NAME_MAX: usize = 80;
/// Most networks a token may be bound to.
pub const NETWORKS_MAX: usize = 20;
/// Most regions a token may name.
pub const REGIONS_MAX: usize = 200;
/// Longest life of a token that ends, in days.
pub const DAYS_MAX: u32 = 3650;
/// How long a token that ended or was revoked stays listed, in days.
pub const LISTED_DAYS: u32 = 30;
/// Days before its end at which a token is warned of, the earliest first.
pub const WARN_DAYS: [u32; 3] = [14, 7, 1];

/// How much a token may do. The order of the variants is rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// Reads.
    Read,
    /// Changes regions and nodes.
    Operate,
    /// Changes people and settings too.
    Admin,
}

impl TokenScope {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Operate, Self::Admin];

    /// As stored and as shown in tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }

    /// The inverse of [`TokenScope::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }

    /// The role that may do as much.
    pub fn role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Operate => Role::Operator,
            Self::Admin => Role::Admin,
        }
    }

    /// The most a person of this role may give a token.
    pub fn most_of(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Read,
            Role::Operator => Self::Operate,
            Role::Admin => Self::Admin,
        }
    }
}

/// Whether a token works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// It works.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody ended it.
    Revoked,
}

/// An automation token, without the text that is presented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// Which; `jti` in the token itself.
    pub id: TokenId,
    /// What it is called, such as `ci-deploy`.
    pub name: String,
    /// The most it may do. It never may do more than its creator may at the time.
    pub scope: TokenScope,
    /// Where it may change things; `null` is everywhere its creator may.
    pub region_scope: Option<Vec<RegionId>>,
    /// Networks it may be used from, as `10.2.0.0/16`; empty is anywhere.
    pub networks: Vec<String>,
    /// E-mail of the person who made it. It ends with that account.
    pub created_by: String,
    /// When that was.
    pub created_at: Timestamp,
    /// When it ends; `null` is never.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, to the minute; `null` is never.
    pub last_used_at: Option<Timestamp>,
    /// The address it was used from last.
    pub last_used_from: Option<String>,
    /// Whether it works.
    pub state: TokenState,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// E-mail of the person who revoked it.
    pub revoked_by: Option<String>,
    /// Counts changes; `ETag` and `If-Match`.
    pub version: i64,
}

/// A page of tokens, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TokenPage {
    /// The tokens.
    pub items: Vec<Token>,
    /// Present where more follow.
    pub next_cursor: Option<String>,
}

/// `POST /tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewToken {
    /// What it is called, 1–80 characters.
    #[cfg_attr(feature = "openapi", schema(example = "ci-deploy", min_length = 1, max_length = 80))]
    pub name: String,
    /// The most it may do; at most what its creator may.
    pub scope: TokenScope,
    /// Where it may change things; left out or `null`: everywhere its creator may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub region_scope: Option<Vec<RegionId>>,
    /// Networks it may be used from, as `10.2.0.0/16` or one address; left out or empty: anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 20, example = json!(["10.2.0.0/16"])))]
    pub networks: Vec<String>,
    /// Days until it ends, 1–3650; left out or `null`: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 3650, example = 90))]
    pub expires_in_days: Option<u32>,
}

impl NewToken {
    /// Checks every field; networks and regions are looked at by the server besides.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        check_name(&mut errors, &self.name);
        if self.region_scope.as_ref().is_some_and(|r| r.len() > REGIONS_MAX) {
            let detail = format!("At most {REGIONS_MAX} regions.");
            errors.push(FieldError::new("regionScope", "too_many", detail));
        }
        if self.networks.len() > NETWORKS_MAX {
            let detail = format!("At most {NETWORKS_MAX} networks.");
            errors.push(FieldError::new("networks", "too_many", detail));
        }
        if self.expires_in_days.is_some_and(|d| !(1..=DAYS_MAX).contains(&d)) {
            errors.push(FieldError::new("expiresInDays", "out_of_range", "A number of days from 1 to 3650."));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// `PATCH /tokens/{tokenId}`: another name. What a token may do never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditToken {
    /// What it is called, 1–80 characters.
    #[cfg_attr(feature = "openapi", schema(example = "ci-deploy", min_length = 1, max_length = 80))]
    pub name: String,
}

impl EditToken {
    /// Checks the name.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        check_name(&mut errors, &self.name);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

fn check_name(errors: &mut Vec<FieldError>, name: &str) {
    let name = name.trim();
    if name.is_empty() {
        errors.push(FieldError::new("name", "required", "Name what uses it, such as ci-deploy."));
    }
    check_text(errors, "name", Some(name), NAME_MAX);
    if name.contains('\n') {
        errors.push(FieldError::new("name", "control_characters", "A name is one line."));
    }
}

/// Reply to `POST /tokens` alone: the token, once.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TokenMade {
    /// What was made.
    pub token: Token,
    /// The text for `Authorization: Bearer`. It is not stored and never shown again. Left out where `secretShown` is
    /// true.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub plain_token: String,
    /// This is a reply of more than ten minutes ago, repeated for its `Idempotency-Key`, and without the token's text.
    #[serde(default)]
    pub secret_shown: bool,
}

impl fmt::Debug for TokenMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenMade").field("token", &self.token).finish_non_exhaustive()
    }
}

/// A public key that signs tokens (RFC 7517, RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Jwk {
    /// Kind of key: `OKP`.
    #[cfg_attr(feature = "openapi", schema(example = "OKP"))]
    pub kty: String,
    /// The curve: `Ed25519`.
    #[cfg_attr(feature = "openapi", schema(example = "Ed25519"))]
    pub crv: String,
    /// What it is for: `sig`.
    #[serde(rename = "use")]
    #[cfg_attr(feature = "openapi", schema(example = "sig"))]
    pub use_: String,
    /// The algorithm: `EdDSA`.
    #[cfg_attr(feature = "openapi", schema(example = "EdDSA"))]
    pub alg: String,
    /// Names the key in the head of tokens.
    pub kid: String,
    /// The public key, Base64 for URLs, without padding.
    pub x: String,
}

/// `GET /.well-known/jwks.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Jwks {
    /// Every key whose tokens are still believed; the one that signs now first.
    pub keys: Vec<Jwk>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(name: &str) -> NewToken {
        let scope = TokenScope::Read;
        NewToken { name: name.into(), scope, region_scope: None, networks: vec![], expires_in_days: None }
    }

    #[test]
    fn scopes_are_ranked_like_roles() {
        for role in [Role::Viewer, Role::Operator, Role::Admin] {
            assert_eq!(TokenScope::most_of(role).role(), role);
        }
        assert!(TokenScope::Read < TokenScope::Operate && TokenScope::Operate < TokenScope::Admin);
        assert!(TokenScope::ALL.iter().all(|s| TokenScope::parse(s.as_str()) == Some(*s)));
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        assert!(new("ci-deploy").validate().is_ok());
        let bad = NewToken {
            name: " ".into(),
            region_scope: Some(vec![RegionId::from("X"); 201]),
            networks: vec![String::new(); 21],
            expires_in_days: Some(0),
            ..new("")
        };
        let pointers: Vec<String> = bad.validate().unwrap_err().into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/name", "/regionScope", "/networks", "/expiresInDays"]);
        for name in ["x".repeat(81), "a\u{7}".into(), "a\nb".into()] {
            assert!(new(&name).validate().is_err(), "{name:?}");
        }
        assert!(NewToken { expires_in_days: Some(3650), ..new("a") }.validate().is_ok());
    }

    #[test]
    fn requests_say_nothing_else() {
        let unknown = r#"{"name":"a","scope":"read","expires":1}"#;
        assert!(serde_json::from_str::<NewToken>(unknown).is_err());
        let least: NewToken = serde_json::from_str(r#"{"name":"a","scope":"operate"}"#).unwrap();
        assert_eq!((least.scope, least.region_scope, least.networks.len()), (TokenScope::Operate, None, 0));
    }
}
