//! Encryption at rest: AES-256-GCM, bound to the row it belongs to (see [`super::place`]), so that a ciphertext copied
//! into another row does not open.
//!
//! An envelope: what is stored is sealed under a data key; data keys stand in the database, sealed under the master
//! key, which does not. A new master key therefore costs as many writes as there are data keys, and a server that runs
//! has its data keys in memory and does not notice. Each ciphertext begins with the id of its key, so that several keys
//! are good at once: that is what lets them be replaced while servers run.
//!
//! A sealer without keys is locked: everything else goes on, see [`crate::services::vault`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::RwLock;

use super::{NoRandom, hex, place, random, sha256};

/// Sealed data could not be made or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is no key to seal with.
    #[error("the vault is locked")]
    Locked,
    /// It was sealed under a key that is not here.
    #[error("sealed under another key")]
    OtherKey,
    /// It is not sealed data, was changed, or belongs to another row.
    #[error("sealed data is damaged or belongs elsewhere")]
    Damaged,
    /// Sealing failed.
    #[error("sealing failed")]
    Failed,
}

/// The text is not a master key, or not a list of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 bytes, as 64 hex digits or 44 characters of Base64")]
pub struct NotAKey;

/// Names a key in what it sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl KeyId {
    /// The key that `sealed` names; `None` where it is nothing sealed.
    pub fn of(sealed: &[u8]) -> Option<Self> {
        let id = sealed.strip_prefix(&[FORMAT])?.first_chunk::<4>()?;
        Some(Self(*id))
    }
}

/// One key.
pub struct Key {
    key: RandomizedNonceKey,
    id: KeyId,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

const FORMAT: u8 = 1;
const NONCE: usize = 12;

impl Key {
    /// A key with an id of its own.
    ///
    /// # Errors
    /// [`NotAKey`] where the library refuses it.
    fn new(id: KeyId, key: &[u8; 32]) -> Result<Self, NotAKey> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| NotAKey)?;
        Ok(Self { key, id })
    }

    /// A master key; its id follows from it.
    fn master(key: &[u8; 32]) -> Result<Self, NotAKey> {
        let [a, b, c, d, ..] = sha256(key);
        Self::new(KeyId([a, b, c, d]), key)
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut text = plain.to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut text)
            .map_err(|_| SealError::Failed)?;
        let mut out = Vec::with_capacity(1 + 4 + NONCE + text.len());
        out.push(FORMAT);
        out.extend_from_slice(&self.id.0);
        out.extend_from_slice(nonce.as_ref());
        out.extend_from_slice(&text);
        Ok(out)
    }

    fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let rest = sealed.get(1 + 4..).ok_or(SealError::Damaged)?;
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

/// The master keys given to this server: the first one seals, all open.
#[derive(Debug, Clone)]
pub struct MasterKeys(Vec<Arc<Key>>);

impl MasterKeys {
    /// From text: keys with commas or line ends between them, lines that begin with `#` left out.
    ///
    /// # Errors
    /// [`NotAKey`] where one is none, or there is none.
    pub fn from_text(text: &str) -> Result<Self, NotAKey> {
        let lines = text.lines().map(str::trim).filter(|l| !l.starts_with('#'));
        let words = lines.flat_map(|l| l.split(',')).map(str::trim).filter(|w| !w.is_empty());
        let keys =
            words.map(|w| Ok(Arc::new(Key::master(&bytes(w)?)?))).collect::<Result<Vec<_>, NotAKey>>()?;
        if keys.is_empty() { Err(NotAKey) } else { Ok(Self(keys)) }
    }

    /// Their ids, that of the current one first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.0.iter().map(|k| k.id)
    }

    /// All of them, to open what was sealed under a master key itself, before there were data keys.
    pub fn keys(&self) -> Vec<Arc<Key>> {
        self.0.clone()
    }

    /// Seals a data key under the current master key.
    ///
    /// # Errors
    /// [`SealError::Failed`].
    pub fn wrap(&self, key: &DataKey) -> Result<(KeyId, Vec<u8>), SealError> {
        let master = self.0.first().ok_or(SealError::Locked)?;
        Ok((master.id, master.seal(&place::data_key(key.id), &key.bytes)?))
    }

    /// Opens a data key that was sealed under any of them.
    ///
    /// # Errors
    /// [`SealError::OtherKey`] where it was sealed under none of them, [`SealError::Damaged`].
    pub fn unwrap_key(&self, id: KeyId, sealed: &[u8]) -> Result<DataKey, SealError> {
        let under = KeyId::of(sealed).ok_or(SealError::Damaged)?;
        let master = self.0.iter().find(|k| k.id == under).ok_or(SealError::OtherKey)?;
        let bytes = master.open(&place::data_key(id), sealed)?.try_into().map_err(|_| SealError::Damaged)?;
        Ok(DataKey { id, bytes })
    }
}

/// A data key as it is handed from one master key to the next.
pub struct DataKey {
    id: KeyId,
    bytes: [u8; 32],
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({})", self.id)
    }
}

impl DataKey {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandom`].
    pub fn generate() -> Result<Self, NoRandom> {
        Ok(Self { id: KeyId(random()?), bytes: random()? })
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Ready to seal and open.
    ///
    /// # Errors
    /// [`NotAKey`] where the library refuses it.
    pub fn key(&self) -> Result<Arc<Key>, NotAKey> {
        Key::new(self.id, &self.bytes).map(Arc::new)
    }
}

/// Seals under the current data key and opens under every one it has learned.
pub struct Sealer {
    ring: RwLock<Ring>,
    /// Dies with this process.
    brief: Key,
}

#[derive(Default)]
struct Ring {
    keys: BTreeMap<KeyId, Arc<Key>>,
    current: Option<KeyId>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.current() {
            Some(id) => write!(f, "Sealer({id})"),
            None => f.write_str("Sealer(locked)"),
        }
    }
}

impl Sealer {
    /// Without keys.
    ///
    /// # Errors
    /// [`NoRandom`].
    pub fn locked() -> Result<Self, NoRandom> {
        // The library takes every 32 bytes.
        let brief = Key::new(KeyId(random()?), &random()?).map_err(|_| NoRandom)?;
        Ok(Self { ring: RwLock::default(), brief })
    }

    /// Takes keys in beside those it has, and seals under `current` from now on, where it has that one. A key once
    /// learned stays: memory may hold what was sealed under it.
    pub fn learn(&self, keys: impl IntoIterator<Item = Arc<Key>>, current: Option<KeyId>) {
        let mut ring = self.ring.write();
        ring.keys.extend(keys.into_iter().map(|k| (k.id, k)));
        if let Some(id) = current.filter(|id| ring.keys.contains_key(id)) {
            ring.current = Some(id);
        }
    }

    /// The key it seals under; `None` while it is locked.
    pub fn current(&self) -> Option<KeyId> {
        self.ring.read().current
    }

    /// Whether it has a key.
    pub fn knows(&self, id: KeyId) -> bool {
        self.ring.read().keys.contains_key(&id)
    }

    /// The keys it has.
    pub fn known(&self) -> Vec<KeyId> {
        self.ring.read().keys.keys().copied().collect()
    }

    fn seals(&self) -> Option<Arc<Key>> {
        let ring = self.ring.read();
        ring.keys.get(&ring.current?).cloned()
    }

    /// Seals `plain` for a place, see [`super::place`].
    ///
    /// # Errors
    /// [`SealError::Locked`], [`SealError::Failed`].
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.seals().ok_or(SealError::Locked)?.seal(place, plain)
    }

    /// Seals what is of use for minutes and holds no secret; while it is locked, under a key that dies with this process.
    ///
    /// # Errors
    /// [`SealError::Failed`].
    pub fn seal_brief(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        match self.seals() {
            Some(key) => key.seal(place, plain),
            None => self.brief.seal(place, plain),
        }
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// [`SealError::OtherKey`], or [`SealError::Locked`] where there is no key at all; [`SealError::Damaged`].
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let id = KeyId::of(sealed).ok_or(SealError::Damaged)?;
        if id == self.brief.id {
            return self.brief.open(place, sealed);
        }
        let (key, locked) = {
            let ring = self.ring.read();
            (ring.keys.get(&id).cloned(), ring.current.is_none())
        };
        match key {
            Some(key) => key.open(place, sealed),
            None if locked => Err(SealError::Locked),
            None => Err(SealError::OtherKey),
        }
    }
}

/// 32 bytes from hex or Base64.
fn bytes(text: &str) -> Result<[u8; 32], NotAKey> {
    let bytes = if text.len() == 64 { from_hex(text) } else { STANDARD.decode(text).ok() };
    bytes.and_then(|b| b.try_into().ok()).ok_or(NotAKey)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer() -> Sealer {
        let (s, key) = (Sealer::locked().unwrap(), DataKey::generate().unwrap());
        s.learn([key.key().unwrap()], Some(key.id()));
        s
    }

    #[test]
    fn opens_in_its_place_only() {
        let s = sealer();
        let sealed = s.seal("t.c:1", b"secret").unwrap();
        assert_eq!(s.open("t.c:1", &sealed).unwrap(), b"secret");
        assert_eq!(s.open("t.c:2", &sealed), Err(SealError::Damaged));
        assert_eq!(sealer().open("t.c:1", &sealed), Err(SealError::OtherKey));
        assert_ne!(s.seal("t.c:1", b"secret").unwrap(), sealed, "a fresh nonce each time");
        assert!(!sealed.windows(6).any(|w| w == b"secret"));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let s = sealer();
        let sealed = s.seal("p", b"x").unwrap();
        for i in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert!(s.open("p", &bad).is_err(), "byte {i}");
            assert!(s.open("p", &sealed[..i]).is_err(), "cut at {i}");
        }
    }

    #[test]
    fn a_new_key_seals_and_the_old_one_still_opens() {
        let s = sealer();
        let old = s.seal("p", b"x").unwrap();
        let next = DataKey::generate().unwrap();
        s.learn([next.key().unwrap()], None);
        assert_eq!(KeyId::of(&s.seal("p", b"x").unwrap()), KeyId::of(&old), "it is known and not in use yet");
        s.learn([], Some(next.id()));
        assert_eq!(KeyId::of(&s.seal("p", b"x").unwrap()), Some(next.id()));
        assert_eq!(s.open("p", &old).unwrap(), b"x");
    }

    #[test]
    fn a_locked_one_says_so_and_serves_what_is_brief() {
        let s = Sealer::locked().unwrap();
        assert_eq!(s.seal("p", b"x"), Err(SealError::Locked));
        assert_eq!(s.open("p", &sealer().seal("p", b"x").unwrap()), Err(SealError::Locked));
        let brief = s.seal_brief("p", b"x").unwrap();
        assert_eq!(s.open("p", &brief).unwrap(), b"x");
        s.learn([], Some(KeyId([1; 4])));
        assert_eq!(s.current(), None, "a key it does not have");
    }

    #[test]
    fn master_keys_as_text() {
        let hex = "11".repeat(32);
        let base64 = STANDARD.encode([0x22; 32]);
        let keys = MasterKeys::from_text(&format!("# made today\n {hex}\n\n{base64}\n")).unwrap();
        assert_eq!(keys.ids().count(), 2);
        let one = MasterKeys::from_text(&hex).unwrap();
        assert_eq!(one.ids().next(), keys.ids().next());
        assert_eq!(MasterKeys::from_text(&format!("{hex},{base64}")).unwrap().ids().count(), 2);
        for bad in ["", "11", "# only a comment", &"zz".repeat(32), "é", &format!("{hex} {hex}")] {
            assert!(MasterKeys::from_text(bad).is_err(), "{bad}");
        }
        assert!(!format!("{keys:?}").contains("1111"), "keys are not printed");
    }

    #[test]
    fn data_keys_go_from_one_master_key_to_the_next() {
        let (a, b) = ("11".repeat(32), "22".repeat(32));
        let old = MasterKeys::from_text(&a).unwrap();
        let both = MasterKeys::from_text(&format!("{b},{a}")).unwrap();
        let new = MasterKeys::from_text(&b).unwrap();
        let key = DataKey::generate().unwrap();
        let (_, under_old) = old.wrap(&key).unwrap();
        let (_, under_new) = both.wrap(&both.unwrap_key(key.id(), &under_old).unwrap()).unwrap();
        assert_eq!(new.unwrap_key(key.id(), &under_new).unwrap().bytes, key.bytes);
        assert_eq!(old.unwrap_key(key.id(), &under_new).unwrap_err(), SealError::OtherKey);
        assert_eq!(
            new.unwrap_key(KeyId([0; 4]), &under_new).unwrap_err(),
            SealError::Damaged,
            "another key's place"
        );
        assert!(!format!("{key:?}").contains(&hex(&key.bytes)));
    }
}
