//! Encryption at rest: AES-256-GCM under the master key, bound to the row it belongs to, so that a ciphertext copied
//! into another row does not open.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{hex, sha256};

/// Sealed data could not be made or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed under another master key.
    #[error("sealed under another master key")]
    OtherKey,
    /// It is not sealed data, was changed, or belongs to another row.
    #[error("sealed data is damaged or belongs elsewhere")]
    Damaged,
    /// Sealing failed.
    #[error("sealing failed")]
    Failed,
}

/// The text is not a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 bytes, as 64 hex digits or 44 characters of Base64")]
pub struct NotAKey;

/// Seals and opens under one master key.
pub struct Sealer {
    key: RandomizedNonceKey,
    id: [u8; 4],
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({})", hex(&self.id))
    }
}

const FORMAT: u8 = 1;
const NONCE: usize = 12;

impl Sealer {
    /// From the 32 bytes themselves.
    ///
    /// # Errors
    /// [`NotAKey`] where the library refuses them.
    pub fn new(key: &[u8; 32]) -> Result<Self, NotAKey> {
        let [a, b, c, d, ..] = sha256(key);
        let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| NotAKey)?;
        Ok(Self { key, id: [a, b, c, d] })
    }

    /// From hex or Base64, surrounding white space ignored.
    ///
    /// # Errors
    /// [`NotAKey`].
    pub fn from_text(text: &str) -> Result<Self, NotAKey> {
        let text = text.trim();
        let bytes = if text.len() == 64 { from_hex(text) } else { STANDARD.decode(text).ok() };
        let bytes: [u8; 32] = bytes.and_then(|b| b.try_into().ok()).ok_or(NotAKey)?;
        Self::new(&bytes)
    }

    /// Seals `plain` for the place named by `place`, such as `node_secrets.sealed:<id>`.
    ///
    /// # Errors
    /// [`SealError::Failed`].
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut text = plain.to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut text)
            .map_err(|_| SealError::Failed)?;
        let mut out = Vec::with_capacity(1 + 4 + NONCE + text.len());
        out.push(FORMAT);
        out.extend_from_slice(&self.id);
        out.extend_from_slice(nonce.as_ref());
        out.extend_from_slice(&text);
        Ok(out)
    }

    /// Opens what [`Sealer::seal`] made for the same place.
    ///
    /// # Errors
    /// [`SealError::OtherKey`] or [`SealError::Damaged`].
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let rest = sealed.strip_prefix(&[FORMAT]).ok_or(SealError::Damaged)?;
        let (id, rest) = rest.split_at_checked(4).ok_or(SealError::Damaged)?;
        if id != self.id {
            return Err(SealError::OtherKey);
        }
        let (nonce, text) = rest.split_at_checked(NONCE).ok_or(SealError::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Damaged)?;
        let mut text = text.to_vec();
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut text)
            .map_err(|_| SealError::Damaged)?;
        Ok(plain.to_vec())
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&[byte; 32]).unwrap()
    }

    #[test]
    fn opens_in_its_place_only() {
        let s = sealer(1);
        let sealed = s.seal("t.c:1", b"secret").unwrap();
        assert_eq!(s.open("t.c:1", &sealed).unwrap(), b"secret");
        assert_eq!(s.open("t.c:2", &sealed), Err(SealError::Damaged));
        assert_eq!(sealer(2).open("t.c:1", &sealed), Err(SealError::OtherKey));
        assert_ne!(s.seal("t.c:1", b"secret").unwrap(), sealed, "a fresh nonce each time");
        assert!(!sealed.windows(6).any(|w| w == b"secret"));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let s = sealer(1);
        let sealed = s.seal("p", b"x").unwrap();
        for i in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert!(s.open("p", &bad).is_err(), "byte {i}");
            assert!(s.open("p", &sealed[..i]).is_err(), "cut at {i}");
        }
    }

    #[test]
    fn keys_as_text() {
        let hex = "11".repeat(32);
        let sealed = Sealer::from_text(&format!(" {hex}\n")).unwrap().seal("p", b"x").unwrap();
        let base64 = STANDARD.encode([0x11; 32]);
        assert_eq!(Sealer::from_text(&base64).unwrap().open("p", &sealed).unwrap(), b"x");
        for bad in ["", "11", &"zz".repeat(32), "é"] {
            assert!(Sealer::from_text(bad).is_err(), "{bad}");
        }
    }
}
