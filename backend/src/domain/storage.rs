//! A region's storage as the program holds it: the secret key stays sealed until somebody has to use it.

use common::storage::{PathStyle, StorageSecret, StorageSettings, StorageValues};
use common::time::Timestamp;
use uuid::Uuid;

/// A secret key at rest.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedKey {
    /// Part of what the ciphertext is bound to.
    pub id: Uuid,
    /// The key, sealed.
    pub sealed: Vec<u8>,
    /// First 8 hex digits of its SHA-256.
    pub fingerprint: String,
    /// When it was set.
    pub at: Timestamp,
}

impl std::fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedKey").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

/// The settings of one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageRecord {
    /// In their normal form.
    pub values: StorageValues,
    /// The secret key.
    pub key: SealedKey,
    /// Counts changes.
    pub version: i64,
    /// When they were last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: String,
}

impl StorageRecord {
    /// As operators read it; the access key only where they may change it.
    pub fn settings(&self, may_change: bool) -> StorageSettings {
        StorageSettings {
            endpoint: self.values.url(),
            access_key: if may_change { self.values.access_key.clone() } else { String::new() },
            secret: StorageSecret {
                set: true,
                fingerprint: may_change.then(|| self.key.fingerprint.clone()),
                updated_at: Some(self.key.at),
            },
            ssl: self.values.ssl(),
            bucket: self.values.bucket.clone(),
            signing_region: self.values.signing_region.clone(),
            path_style: self.values.path_style,
            prefix: self.values.prefix.clone(),
            version: self.version,
            updated_at: self.updated_at,
            updated_by: self.updated_by.clone(),
        }
    }

    /// What the activity log may say of it.
    pub fn noted(&self) -> serde_json::Value {
        serde_json::json!({
            "endpoint": self.values.url(),
            "accessKey": self.values.access_key,
            "secretFingerprint": self.key.fingerprint,
            "bucket": self.values.bucket,
            "signingRegion": self.values.signing_region,
            "pathStyle": style_text(self.values.path_style),
            "prefix": self.values.prefix,
        })
    }
}

/// As in the database.
pub fn style_text(style: PathStyle) -> &'static str {
    match style {
        PathStyle::Auto => "auto",
        PathStyle::On => "on",
        PathStyle::Off => "off",
    }
}

/// The inverse of [`style_text`].
pub fn style_of(text: &str) -> Option<PathStyle> {
    [PathStyle::Auto, PathStyle::On, PathStyle::Off].into_iter().find(|s| style_text(*s) == text)
}
