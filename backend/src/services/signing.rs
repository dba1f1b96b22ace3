//! The keys that sign tokens: made at the first start, changed by age, learnt from the database when another server
//! changed them.

use std::sync::Arc;

use common::time::Timestamp;
use parking_lot::Mutex;
use serde_json::json;
use uuid::Uuid;

use super::{App, ServiceError};
use crate::auth::seal::Sealer;
use crate::auth::token::{self, ACCESS_MS, Presented, Ring, SigningKey, TokenError};
use crate::clock::Mono;
use crate::db::{Db, StoredKey};
use crate::domain::activity::{Entry, Target};

/// How long access tokens of a retired key are believed: their own life, twice, for a server that learns late that the
/// key is retired.
const ENDED_MS: u64 = 2 * ACCESS_MS;
/// Between two looks into the database for a key that nobody here knows: anybody can name one.
const LOOK_MS: u64 = 2_000;

/// When the database was last asked for a key.
#[derive(Default)]
pub struct Looks(Mutex<Option<Mono>>);

impl Looks {
    fn due(&self, now: Mono) -> bool {
        let mut last = self.0.lock();
        let due = last.is_none_or(|at| now.since(at) >= LOOK_MS);
        if due {
            *last = Some(now);
        }
        due
    }
}

fn place(kid: &str) -> String {
    crate::auth::place::signing_key(kid)
}

/// The keys of this database; makes the first one.
///
/// # Errors
/// Where the database fails. A key that does not open under the master key is no error: it verifies and signs nothing.
pub async fn load(db: &Db, sealer: &Sealer, now: Timestamp) -> Result<Ring, ServiceError> {
    let ended = now.before(ENDED_MS);
    let mut keys = db.jwt_keys(now, ended).await?;
    if keys.iter().all(|k| k.retired_at.is_some()) {
        insert(
            db,
            sealer,
            None,
            now,
            Entry::system(now, "keys.signing.make", Target::named("keys", "signing")),
        )
        .await?;
        keys = db.jwt_keys(now, ended).await?;
    }
    Ok(Ring::new(keys.iter().filter_map(|k| opened(sealer, k))))
}

fn opened(sealer: &Sealer, key: &StoredKey) -> Option<SigningKey> {
    let kid: Uuid = key.kid.parse().ok()?;
    let public = key.public.as_slice().try_into().ok()?;
    let retired = key.retired_at.is_some();
    let pkcs8 = if retired {
        None
    } else {
        let opened = sealer.open(&place(&key.kid), &key.sealed);
        opened.inspect_err(|e| tracing::error!(%kid, error = %e, "the signing key does not open")).ok()
    };
    Some(SigningKey { kid, public, pkcs8, retired })
}

async fn insert(
    db: &Db,
    sealer: &Sealer,
    instead: Option<&str>,
    now: Timestamp,
    entry: Entry,
) -> Result<bool, ServiceError> {
    let (pkcs8, public) = token::new_key().map_err(internal)?;
    let kid = Uuid::now_v7().to_string();
    let sealed = sealer.seal(&place(&kid), &pkcs8)?;
    let entry = entry.changed(instead.map(|old| json!({ "kid": old })), Some(json!({ "kid": kid })));
    let key = StoredKey { kid, sealed, public, created_at: now, retired_at: None };
    Ok(db.jwt_key_insert(&key, instead, &entry).await?)
}

fn internal(e: TokenError) -> ServiceError {
    ServiceError::Internal(e.to_string())
}

/// Puts a new key in the place of the one that signs, if that is at least `older_than_ms` old; whether it did. Tokens
/// of the old one stay good until they end.
///
/// # Errors
/// Where the database fails.
pub async fn rotate(
    db: &Db,
    sealer: &Sealer,
    now: Timestamp,
    older_than_ms: u64,
) -> Result<bool, ServiceError> {
    let keys = db.jwt_keys(now, now).await?;
    let Some(old) = keys.iter().find(|k| k.retired_at.is_none()) else { return Ok(false) };
    if now.since(old.created_at) < older_than_ms {
        return Ok(false);
    }
    let entry = Entry::system(now, "keys.signing.rotate", Target::named("keys", "signing"));
    insert(db, sealer, Some(&old.kid), now, entry).await
}

/// Takes the keys over as they are in the database now.
///
/// # Errors
/// Where the database fails.
pub async fn learn(app: &App) -> Result<(), ServiceError> {
    app.signer.replace(load(&app.db, &app.sealer, app.clock.wall()).await?);
    Ok(())
}

/// What the task does once a minute: a new key where the old one's time has come, keys that others made or that have
/// ended, and rows that nobody needs.
///
/// # Errors
/// Where the database fails.
pub async fn turn(app: &App) -> Result<(), ServiceError> {
    let now = app.clock.wall();
    if rotate(&app.db, &app.sealer, now, app.settings.signing_key_ms).await? {
        tracing::info!("a new key signs tokens");
    }
    learn(app).await?;
    app.db.jwt_keys_forget(now.before(ENDED_MS)).await?;
    Ok(())
}

/// What a presented token says. A key that is not known here may have been made by another server a moment ago, so the
/// database is asked, seldom.
///
/// # Errors
/// [`ServiceError::Unauthenticated`], or where the database fails.
pub async fn read(app: &Arc<App>, token: &str) -> Result<Presented, ServiceError> {
    let now = app.clock.wall();
    match app.signer.read(token, now) {
        Ok(presented) => Ok(presented),
        Err(TokenError::UnknownKey(kid)) if app.looks.due(app.clock.mono()) => {
            tracing::debug!(%kid, "a token names a key that is not known here");
            learn(app).await?;
            app.signer.read(token, now).map_err(|_| ServiceError::Unauthenticated)
        }
        Err(_) => Err(ServiceError::Unauthenticated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_do_not_make_us_ask_the_database_all_the_time() {
        let looks = Looks::default();
        let asked = (0..1_000_u64).filter(|ms| looks.due(Mono(*ms))).count();
        assert_eq!(asked, 1);
        assert!(looks.due(Mono(LOOK_MS)) && !looks.due(Mono(LOOK_MS + 1)));
    }
}
