//! The keys: one signs, every one that is not forgotten yet verifies.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::auth::Role;
use common::ids::{TokenId, UserId};
use common::time::Timestamp;
use common::tokens::{Jwk, Jwks, TokenScope};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use parking_lot::RwLock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{
    ACCESS_MS, AUDIENCE, AutomationClaims, Claims, ISSUER, Kind, LEEWAY_SECONDS, Presented, TokenError, head,
};

/// A key as it is stored, opened.
pub struct SigningKey {
    /// Names it in the head of tokens.
    pub kid: Uuid,
    /// The raw public key.
    pub public: [u8; 32],
    /// PKCS#8 of the private key; `None` where it could not be opened or signs no more.
    pub pkcs8: Option<Vec<u8>>,
    /// It signs no more.
    pub retired: bool,
}

struct Verifier {
    kid: Uuid,
    public: [u8; 32],
    decoding: DecodingKey,
}

/// Keys at one moment.
pub struct Ring {
    signs: Option<(Uuid, EncodingKey)>,
    /// The one that signs first.
    verify: Vec<Verifier>,
}

impl Ring {
    /// Of these keys. The first that is not retired and whose private half is known signs.
    pub fn new(keys: impl IntoIterator<Item = SigningKey>) -> Self {
        let mut signs = None;
        let mut verify = Vec::new();
        for key in keys {
            // For Ed25519 this wants the raw 32 bytes, not the SubjectPublicKeyInfo.
            let decoding = DecodingKey::from_ed_der(&key.public);
            let verifier = Verifier { kid: key.kid, public: key.public, decoding };
            match key.pkcs8.filter(|_| signs.is_none() && !key.retired) {
                Some(pkcs8) => {
                    signs = Some((key.kid, EncodingKey::from_ed_der(&pkcs8)));
                    verify.insert(0, verifier);
                }
                None => verify.push(verifier),
            }
        }
        Self { signs, verify }
    }

    /// The key that signs.
    pub fn kid(&self) -> Option<Uuid> {
        self.signs.as_ref().map(|(kid, _)| *kid)
    }

    /// The public keys, the one that signs first.
    pub fn jwks(&self) -> Jwks {
        let jwk = |v: &Verifier| Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            use_: "sig".to_owned(),
            alg: "EdDSA".to_owned(),
            kid: v.kid.to_string(),
            x: URL_SAFE_NO_PAD.encode(v.public),
        };
        Jwks { keys: self.verify.iter().map(jwk).collect() }
    }

    fn sign(&self, kind: Kind, claims: &impl Serialize) -> Result<String, TokenError> {
        let (kid, key) = self.signs.as_ref().ok_or(TokenError::Key)?;
        let head = Header {
            typ: Some(kind.typ().to_owned()),
            kid: Some(kid.to_string()),
            ..Header::new(Algorithm::EdDSA)
        };
        encode(&head, claims, key).map_err(|_| TokenError::Key)
    }

    /// What a presented text says, if it is ours and `now` is before its end.
    ///
    /// # Errors
    /// [`TokenError::UnknownKey`] where it names a key that is not here, else [`TokenError::Refused`].
    pub fn read(&self, token: &str, now: Timestamp) -> Result<Presented, TokenError> {
        let (kind, kid) = head(token)?;
        let key = self.verify.iter().find(|v| v.kid == kid).ok_or(TokenError::UnknownKey(kid))?;
        let seconds = now.millis().div_euclid(1000);
        let in_time = |iat: i64, exp: Option<i64>| {
            exp.is_none_or(|exp| seconds < exp) && iat <= seconds.saturating_add(LEEWAY_SECONDS)
        };
        match kind {
            Kind::Access => {
                let claims: Claims = verified(token, key)?;
                let good = in_time(claims.iat, Some(claims.exp));
                good.then_some(Presented::Access(claims)).ok_or(TokenError::Refused)
            }
            Kind::Automation => {
                let claims: AutomationClaims = verified(token, key)?;
                let good = in_time(claims.iat, claims.exp);
                good.then_some(Presented::Automation(claims)).ok_or(TokenError::Refused)
            }
        }
    }
}

fn verified<T: DeserializeOwned>(token: &str, key: &Verifier) -> Result<T, TokenError> {
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_audience(&[AUDIENCE]);
    rules.set_issuer(&[ISSUER]);
    rules.set_required_spec_claims(&["aud", "iss", "sub"]);
    // The library reads the machine's clock; ours is injected, so the end is checked by the caller.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    decode::<T>(token, &key.decoding, &rules).map(|t| t.claims).map_err(|_| TokenError::Refused)
}

/// The ring of a running server; replaced as a whole when keys change.
pub struct Keyring(RwLock<Arc<Ring>>);

impl Keyring {
    /// Of these keys.
    pub fn new(ring: Ring) -> Self {
        Self(RwLock::new(Arc::new(ring)))
    }

    /// The keys now.
    pub fn now(&self) -> Arc<Ring> {
        Arc::clone(&self.0.read())
    }

    /// Takes over other keys.
    pub fn replace(&self, ring: Ring) {
        *self.0.write() = Arc::new(ring);
    }

    /// An access token for a session, and when it ends.
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
        let token = self.now().sign(Kind::Access, &claims)?;
        Ok((token, Timestamp(exp.saturating_mul(1000))))
    }

    /// An automation token, and the key that signed it.
    ///
    /// # Errors
    /// [`TokenError::Key`].
    pub fn issue_automation(
        &self,
        sub: UserId,
        jti: TokenId,
        scope: TokenScope,
        now: Timestamp,
        ends: Option<Timestamp>,
    ) -> Result<(String, Uuid), TokenError> {
        let seconds = |t: Timestamp| t.millis().div_euclid(1000);
        let claims = AutomationClaims {
            sub,
            jti,
            scope,
            aud: AUDIENCE.into(),
            iss: ISSUER.into(),
            iat: seconds(now),
            exp: ends.map(seconds),
        };
        let ring = self.now();
        let kid = ring.kid().ok_or(TokenError::Key)?;
        Ok((ring.sign(Kind::Automation, &claims)?, kid))
    }

    /// As [`Ring::read`].
    ///
    /// # Errors
    /// As there.
    pub fn read(&self, token: &str, now: Timestamp) -> Result<Presented, TokenError> {
        self.now().read(token, now)
    }
}
