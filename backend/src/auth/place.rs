//! What sealed data is bound to: table, column and row. Sealed for one place, it opens in no other, so that whoever
//! can write the database can still not move a secret to where it would be handed to them.

use common::ids::RegionId;
use uuid::Uuid;

use super::seal::KeyId;

/// A node's secret: its row.
pub fn node_secret(id: Uuid) -> String {
    format!("node_secrets.sealed:{id}")
}

/// The secret key of a region's storage: the region, and the key's own id, so that a former key does not come back.
pub fn storage_key(region: &RegionId, id: Uuid) -> String {
    format!("region_storage.secret_sealed:{region}:{id}")
}

/// The same as it was sealed before the region was part of it; only to open.
pub fn storage_key_before(id: Uuid) -> String {
    format!("region_storage.secret_sealed:{id}")
}

/// What a webhook signs with, now or formerly: the webhook, and the secret's own id, so that one that was replaced keeps
/// its place and does not come back.
pub fn webhook_secret(webhook: Uuid, id: Uuid) -> String {
    format!("webhooks.secret:{webhook}:{id}")
}

/// A key that signs tokens.
pub fn signing_key(kid: &str) -> String {
    format!("jwt_keys.sealed:{kid}")
}

/// A kept reply, by the hash of its key in hexadecimal; `later` is the one without what is shown once.
pub fn reply(key_hash: &str, later: bool) -> String {
    let column = if later { "idempotency.reply_later" } else { "idempotency.reply" };
    format!("{column}:{key_hash}")
}

/// A data key under one master key.
pub fn data_key(id: KeyId) -> String {
    format!("data_keys.sealed:{id}")
}
