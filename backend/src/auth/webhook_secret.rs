//! The key that signs what a webhook sends: 32 random bytes, told once as `whsec_` and their Base64 (Standard Webhooks).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::seal::{SealError, Sealer};
use super::{NoRandom, place, random, secret};

/// How the text begins.
pub const PREFIX: &str = "whsec_";

/// A webhook's secret. Nothing prints it but [`WebhookSecret::text`].
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret([u8; 32]);

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookSecret({})", self.fingerprint())
    }
}

impl WebhookSecret {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandom`] where the system gives no random bytes.
    pub fn generate() -> Result<Self, NoRandom> {
        random().map(Self)
    }

    /// The key of HMAC-SHA-256.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As it is told to the person who made it, once.
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0))
    }

    /// Recognises it without telling it: the start of the SHA-256 of its text, as of other secrets.
    pub fn fingerprint(&self) -> String {
        secret::hash(&self.text()).fingerprint()
    }

    /// Sealed for a webhook and this id of a secret; it opens for no other.
    ///
    /// # Errors
    /// [`SealError::Locked`], [`SealError::Failed`].
    pub fn seal(&self, sealer: &Sealer, webhook: Uuid, id: Uuid) -> Result<Vec<u8>, SealError> {
        sealer.seal(&place::webhook_secret(webhook, id), &self.0)
    }

    /// The inverse of [`WebhookSecret::seal`].
    ///
    /// # Errors
    /// [`SealError::Locked`] and [`SealError::OtherKey`] where the key is not here, [`SealError::Damaged`] where it is
    /// not what was sealed for this place.
    pub fn open(sealer: &Sealer, webhook: Uuid, id: Uuid, sealed: &[u8]) -> Result<Self, SealError> {
        let plain = sealer.open(&place::webhook_secret(webhook, id), sealed)?;
        plain.try_into().map(Self).map_err(|_| SealError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::seal::DataKey;

    #[test]
    fn the_text_is_the_bytes_and_debug_is_not() {
        let secret = WebhookSecret::generate().unwrap();
        let text = secret.text();
        let body = text.strip_prefix("whsec_").unwrap();
        assert_eq!((body.len(), STANDARD.decode(body).unwrap().as_slice()), (44, secret.bytes().as_slice()));
        assert_eq!(secret.fingerprint().len(), 8);
        let shown = format!("{secret:?}");
        assert!(!shown.contains(body) && shown.contains(&secret.fingerprint()), "{shown}");
        assert_ne!(WebhookSecret::generate().unwrap(), secret);
    }

    #[test]
    fn it_opens_for_its_webhook_and_id_alone() {
        let (sealer, key) = (Sealer::locked().unwrap(), DataKey::generate().unwrap());
        let secret = WebhookSecret::generate().unwrap();
        let (webhook, id, other) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        assert_eq!(secret.seal(&sealer, webhook, id), Err(SealError::Locked));
        sealer.learn([key.key().unwrap()], Some(key.id()));
        let sealed = secret.seal(&sealer, webhook, id).unwrap();
        assert_eq!(WebhookSecret::open(&sealer, webhook, id, &sealed).unwrap(), secret);
        for (w, i) in [(other, id), (webhook, other), (id, webhook)] {
            assert_eq!(WebhookSecret::open(&sealer, w, i, &sealed), Err(SealError::Damaged));
        }
        let short = sealer.seal(&place::webhook_secret(webhook, id), b"short").unwrap();
        assert_eq!(WebhookSecret::open(&sealer, webhook, id, &short), Err(SealError::Damaged));
    }
}
