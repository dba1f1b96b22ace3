//! Access tokens for scripts: JWTs signed with Ed25519, 15 minutes, algorithm and audience fixed by us.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use common::auth::Role;
use common::ids::UserId;
use common::time::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long an access token lives, in milliseconds.
pub const ACCESS_MS: u64 = 15 * 60 * 1000;
const AUDIENCE: &str = "iqra-infra/api";
const ISSUER: &str = "iqra-infra";
/// RFC 9068 §2.1: marks an access token, so that another kind of JWT is never taken for one.
const TYPE: &str = "at+jwt";

/// A token could not be made or was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Signature, type, audience, issuer, or key id is not ours, or it has ended.
    #[error("the token is not valid")]
    Refused,
    /// The key could not be used.
    #[error("the signing key cannot be used")]
    Key,
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

/// A new key pair: PKCS#8 to be sealed, and the raw public key.
///
/// # Errors
/// [`TokenError::Key`].
pub fn new_key() -> Result<(Vec<u8>, Vec<u8>), TokenError> {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(|_| TokenError::Key)?;
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8.as_ref()).map_err(|_| TokenError::Key)?;
    Ok((pkcs8.as_ref().to_vec(), pair.public_key().as_ref().to_vec()))
}

/// Makes and checks tokens with one key.
pub struct Signer {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Signer {
    /// From a stored key.
    pub fn new(kid: impl Into<String>, pkcs8: &[u8], public: &[u8]) -> Self {
        Self {
            kid: kid.into(),
            encoding: EncodingKey::from_ed_der(pkcs8),
            // For Ed25519 this wants the raw 32 bytes, not the SubjectPublicKeyInfo.
            decoding: DecodingKey::from_ed_der(public),
        }
    }

    /// A token for a session, and when it ends.
    ///
    /// # Errors
    /// [`TokenError::Key`].
    pub fn issue(
        &self,
        sub: UserId,
        sid: Uuid,
        role: Role,
        ver: i64,
        now: Timestamp,
    ) -> Result<(String, Timestamp), TokenError> {
        let iat = now.millis().div_euclid(1000);
        let exp = iat.saturating_add_unsigned(ACCESS_MS / 1000);
        let claims = Claims { sub, sid, role, ver, aud: AUDIENCE.into(), iss: ISSUER.into(), iat, exp };
        let header =
            Header { typ: Some(TYPE.into()), kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let token = encode(&header, &claims, &self.encoding).map_err(|_| TokenError::Key)?;
        Ok((token, Timestamp(exp.saturating_mul(1000))))
    }

    /// What a presented token says, if it is ours and `now` is before its end.
    ///
    /// # Errors
    /// [`TokenError::Refused`], whatever the reason.
    pub fn check(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Refused)?;
        if header.typ.as_deref() != Some(TYPE) || header.kid.as_deref() != Some(&self.kid) {
            return Err(TokenError::Refused);
        }
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[AUDIENCE]);
        rules.set_issuer(&[ISSUER]);
        rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        // The library reads the machine's clock; ours is injected, so the end is checked below.
        rules.validate_exp = false;
        let claims = decode::<Claims>(token, &self.decoding, &rules).map_err(|_| TokenError::Refused)?.claims;
        let seconds = now.millis().div_euclid(1000);
        // 30 s of leeway for clocks of replicas, as for any verifier of these tokens.
        (seconds < claims.exp && claims.iat <= seconds + 30).then_some(claims).ok_or(TokenError::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    const NOW: Timestamp = Timestamp(1_795_343_230_000);

    fn signer() -> Signer {
        let (pkcs8, public) = new_key().unwrap();
        Signer::new("k1", &pkcs8, &public)
    }

    fn issue(s: &Signer) -> String {
        s.issue(UserId(Uuid::from_u128(1)), Uuid::from_u128(2), Role::Operator, 3, NOW).unwrap().0
    }

    #[test]
    fn says_what_was_put_in_until_it_ends() {
        let s = signer();
        let (token, ends) =
            s.issue(UserId(Uuid::from_u128(1)), Uuid::from_u128(2), Role::Operator, 3, NOW).unwrap();
        let claims = s.check(&token, NOW).unwrap();
        assert_eq!(
            (claims.sub, claims.sid, claims.role, claims.ver),
            (UserId(Uuid::from_u128(1)), Uuid::from_u128(2), Role::Operator, 3)
        );
        assert_eq!(ends.since(NOW), ACCESS_MS);
        assert!(s.check(&token, ends.before(1000)).is_ok());
        assert_eq!(s.check(&token, ends), Err(TokenError::Refused));
    }

    #[test]
    fn other_keys_and_changed_tokens_are_refused() {
        let s = signer();
        let token = issue(&s);
        assert!(signer().check(&token, NOW).is_err());
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        parts[1] = URL_SAFE_NO_PAD.encode(r#"{"sub":"x"}"#);
        assert!(s.check(&parts.join("."), NOW).is_err());
        assert!(s.check("", NOW).is_err());
        assert!(s.check("a.b.c", NOW).is_err());
    }

    #[test]
    fn only_our_algorithm_and_type() {
        let s = signer();
        let body = issue(&s).split('.').nth(1).unwrap().to_owned();
        for head in [
            r#"{"alg":"none","typ":"at+jwt","kid":"k1"}"#,
            r#"{"alg":"HS256","typ":"at+jwt","kid":"k1"}"#,
            r#"{"alg":"EdDSA","typ":"JWT","kid":"k1"}"#,
            r#"{"alg":"EdDSA","typ":"at+jwt","kid":"k2"}"#,
        ] {
            let token =
                format!("{}.{body}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode([0; 64]));
            assert_eq!(s.check(&token, NOW), Err(TokenError::Refused), "{head}");
        }
    }
}
