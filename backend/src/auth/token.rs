//! Tokens that say by themselves who made them: JWTs signed with Ed25519, algorithm and audience fixed by us.
//!
//! Two kinds, told apart by `typ`, which the signature covers: access tokens of a session, 15 minutes, and automation
//! tokens, which live as long as their row in the database says. Neither is believed for what it claims to be allowed:
//! rights are looked up at every request.

mod ring;
#[cfg(test)]
mod tests;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::auth::Role;
use common::ids::{TokenId, UserId};
use common::tokens::TokenScope;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use ring::{Keyring, Ring, SigningKey};

/// How long an access token lives, in milliseconds.
pub const ACCESS_MS: u64 = 15 * 60 * 1000;
/// How far the clocks of two replicas may be apart, in seconds: a token made so much in the future is believed.
pub const LEEWAY_SECONDS: i64 = 30;
/// Longest text that is looked at; ours have about 500 bytes.
const TOKEN_MAX: usize = 4096;
const AUDIENCE: &str = "iqra-infra/api";
const ISSUER: &str = "iqra-infra";

/// A token could not be made or was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Form, signature, type, audience or issuer is not ours, or it has ended.
    #[error("the token is not valid")]
    Refused,
    /// It names a key that is not in the ring. Another server may have made the key a moment ago.
    #[error("the token names another key")]
    UnknownKey(Uuid),
    /// There is no key that can sign, or it cannot be used.
    #[error("the signing key cannot be used")]
    Key,
}

/// What a token is for; the head says it as `typ`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of a session. RFC 9068 §2.1 names the type.
    Access,
    /// Of a script.
    Automation,
}

impl Kind {
    fn typ(self) -> &'static str {
        match self {
            Self::Access => "at+jwt",
            Self::Automation => "api+jwt",
        }
    }

    fn of(typ: &str) -> Option<Self> {
        [Self::Access, Self::Automation].into_iter().find(|k| k.typ() == typ)
    }
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user.
    pub sub: UserId,
    /// The session it was made from; ended sessions end their tokens.
    pub sid: Uuid,
    /// The role at the time; the session's user decides.
    pub role: Role,
    /// The user's version at the time.
    pub ver: i64,
    /// Always ours.
    pub aud: String,
    /// Always ours.
    pub iss: String,
    /// Seconds since the epoch.
    pub iat: i64,
    /// Seconds since the epoch.
    pub exp: i64,
}

/// What an automation token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutomationClaims {
    /// Who made it.
    pub sub: UserId,
    /// Its row in the database; without one it is worth nothing.
    pub jti: TokenId,
    /// The most it may do; its row and its creator decide.
    pub scope: TokenScope,
    /// Always ours.
    pub aud: String,
    /// Always ours.
    pub iss: String,
    /// Seconds since the epoch.
    pub iat: i64,
    /// Seconds since the epoch; left out where it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
}

/// A token whose signature, kind, audience, issuer and end are right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// Of a session.
    Access(Claims),
    /// Of a script.
    Automation(AutomationClaims),
}

/// A new key pair: PKCS#8 to be sealed, and the raw public key.
///
/// # Errors
/// [`TokenError::Key`].
pub fn new_key() -> Result<(Vec<u8>, Vec<u8>), TokenError> {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(|_| TokenError::Key)?;
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8.as_ref()).map_err(|_| TokenError::Key)?;
    Ok((pkcs8.as_ref().to_vec(), pair.public_key().as_ref().to_vec()))
}

/// The head as we write it. Anything besides is refused: `jku`, `jwk`, `x5u` and `x5c` would let a stranger name the key
/// to check by, and `crit` asks for rules that are not known here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    alg: String,
    typ: String,
    kid: Uuid,
}

/// The kind and the key that a token names, by its form alone. Nothing is believed yet.
fn head(token: &str) -> Result<(Kind, Uuid), TokenError> {
    if token.len() > TOKEN_MAX {
        return Err(TokenError::Refused);
    }
    let mut parts = token.split('.');
    let (Some(head), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(TokenError::Refused);
    };
    let json = URL_SAFE_NO_PAD.decode(head).map_err(|_| TokenError::Refused)?;
    // serde would read a struct from an array too.
    if json.first() != Some(&b'{') {
        return Err(TokenError::Refused);
    }
    let head: Head = serde_json::from_slice(&json).map_err(|_| TokenError::Refused)?;
    // Every key of ours is an Ed25519 key, so there is one algorithm, whatever a head asks for.
    if head.alg != "EdDSA" {
        return Err(TokenError::Refused);
    }
    Ok((Kind::of(&head.typ).ok_or(TokenError::Refused)?, head.kid))
}

/// Reads `bytes` as a presented token, for fuzzing: it has to end without a panic, and nothing that nobody signed may
/// be believed. The ring holds one key whose private half is thrown away.
///
/// # Panics
/// Where a token was believed.
pub fn fuzz_parse(bytes: &[u8]) {
    use common::time::Timestamp;
    use std::sync::LazyLock;

    static RING: LazyLock<Ring> = LazyLock::new(|| {
        let public = [0x5a; 32];
        Ring::new([SigningKey { kid: Uuid::nil(), public, pkcs8: None, retired: false }])
    });
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let read = RING.read(text, Timestamp(1_795_343_230_000));
    assert!(read.is_err(), "a token that nobody signed was believed");
}
