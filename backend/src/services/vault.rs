//! The vault: data keys opened with the master key, and what happens where that is missing or another one.
//!
//! Why data keys and not the master key itself: a rotation then has to write a handful of rows before the old master
//! key is useless, servers that run keep their data keys in memory and serve on, and a data key can be sealed under the
//! old and the new master key at once, so that a rotation may stop at any point without anybody being locked out. What
//! is stored under former data keys is sealed anew in batches; each ciphertext names its key, so what is left to do can
//! always be seen, and nothing has to remember how far it got. See [`rotate`].
//!
//! Without the right master key a server serves what needs none: sign-ins, reading, heartbeats (secrets are looked up
//! by their hash), intents. Whatever would read or write a secret answers 503 `vault_locked`. Once a second each server
//! looks at the key file and the data keys, so that it opens by itself when the key is there, and writes down which
//! keys it has for the one who rotates.

use common::time::Timestamp;
use parking_lot::Mutex;

use super::{App, ServiceError, signing};
use crate::auth::seal::{DataKey, KeyId, MasterKeys, NotAKey, SealError, Sealer};
use crate::auth::{NoRandom, hex, random};
use crate::clock::Mono;
use crate::config::master_key::KeyFileError;
use crate::config::{Hidden, MasterKeySource, Settings};
use crate::db::{DataKeyRow, Db, DbError, KeyState, VaultServer};

mod reseal;
pub mod rotate;

/// How often a server says what it can open, where nothing changed, in milliseconds.
const SAY_EVERY_MS: u64 = 5_000;

/// Why the vault is locked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Locked {
    /// There is no key.
    #[error("the master key is missing: {0}")]
    Missing(KeyFileError),
    /// What is there is no key.
    #[error("{0}")]
    NotAKey(#[from] NotAKey),
    /// There is one, and this database was sealed under another.
    #[error("this database was sealed under another master key than the one given")]
    Wrong,
}

impl Locked {
    /// For machines, and for whoever may not know where files are.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::NotAKey(_) => "unreadable",
            Self::Wrong => "wrong",
        }
    }
}

/// The vault could not be set up, and a server that starts must not go on.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// A first start needs a key.
    #[error("the master key: {0}")]
    Key(Locked),
    /// A file could not be written.
    #[error("the master key: {0}")]
    File(#[from] KeyFileError),
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The library refused a key.
    #[error("a data key cannot be used: {0}")]
    DataKey(NotAKey),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What this process knows of its own vault.
pub struct Vault {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    locked: Option<(Locked, Timestamp)>,
    said: Option<(VaultServer, Mono)>,
    warned: bool,
}

impl Vault {
    /// As it was at the start.
    pub fn new(locked: Option<Locked>, now: Timestamp) -> Self {
        let locked = locked.map(|why| (why, now));
        Self { state: Mutex::new(State { locked, ..State::default() }) }
    }

    /// Why it is locked, and since when; `None` where it is open.
    pub fn locked(&self) -> Option<(Locked, Timestamp)> {
        self.state.lock().locked.clone()
    }
}

/// The master keys as the settings have them now.
///
/// # Errors
/// Why there is none.
pub fn masters(settings: &Settings) -> Result<MasterKeys, Locked> {
    let read = settings.read_master_key().map_err(Locked::Missing)?;
    Ok(MasterKeys::from_text(read.text.reveal())?)
}

/// A new master key as text.
///
/// # Errors
/// [`NoRandom`].
pub fn new_master_key() -> Result<Hidden, NoRandom> {
    Ok(Hidden::new(hex(&random::<32>()?)))
}

/// Opens the vault of a server that starts; makes its first data key, and the master key too where the database is our
/// own and nothing is sealed yet.
///
/// # Errors
/// [`VaultError::Key`] where nothing is sealed yet and there is no key to begin with. A key that is missing or wrong
/// later is no error: the vault stays locked, and the reply says why.
pub async fn open(db: &Db, settings: &Settings, sealer: &Sealer) -> Result<Option<Locked>, VaultError> {
    let mut given = masters(settings);
    if db.data_keys().await?.is_empty() {
        let sealed = db.sealed_counts().await?;
        if sealed.is_empty() {
            if matches!(
                (&given, &settings.master_key),
                (Err(Locked::Missing(KeyFileError::Missing(_))), MasterKeySource::DataDir)
            ) {
                let path = settings.make_master_key(&new_master_key()?)?;
                tracing::info!(path = %path.display(), "made a master key: keep a copy apart from the database's backups");
                given = masters(settings);
            }
            first(db, given.as_ref().map_err(|e| VaultError::Key(e.clone()))?).await?;
        } else if let Ok(keys) = &given
            && keys.ids().any(|id| sealed.contains_key(&id.to_string()))
        {
            // Of a version that sealed under the master key itself.
            first(db, keys).await?;
        } else {
            return Ok(Some(given.err().unwrap_or(Locked::Wrong)));
        }
    }
    learn(db, &given, sealer).await
}

async fn first(db: &Db, masters: &MasterKeys) -> Result<(), VaultError> {
    let key = DataKey::generate()?;
    let (master, sealed) = masters.wrap(&key)?;
    // Another server that starts at this moment may have been first; its key is as good.
    db.data_key_first(key.id().0, master.0, &sealed).await?;
    Ok(())
}

/// Teaches the sealer every key that can be opened; why it is locked, if it is.
async fn learn(
    db: &Db,
    given: &Result<MasterKeys, Locked>,
    sealer: &Sealer,
) -> Result<Option<Locked>, VaultError> {
    let rows = db.data_keys().await?;
    let mut learned = Vec::new();
    if let Ok(masters) = given {
        for row in rows.iter().filter(|r| !sealer.knows(KeyId(r.id))) {
            match unwrapped(masters, row) {
                Ok(key) => learned.push(key.key().map_err(VaultError::DataKey)?),
                Err(e) => tracing::debug!(key = %KeyId(row.id), error = %e, "a data key does not open"),
            }
        }
        learned.extend(masters.keys());
    }
    let current = rows.iter().find(|r| r.state == KeyState::Current).map(|r| KeyId(r.id));
    sealer.learn(learned, current);
    let open = current.is_some_and(|id| sealer.knows(id));
    Ok((!open).then(|| given.as_ref().err().cloned().unwrap_or(Locked::Wrong)))
}

/// A data key, under whichever of these master keys it is.
fn unwrapped(masters: &MasterKeys, row: &DataKeyRow) -> Result<DataKey, SealError> {
    let mut last = SealError::OtherKey;
    for (_, sealed) in &row.wraps {
        match masters.unwrap_key(KeyId(row.id), sealed) {
            Ok(key) => return Ok(key),
            Err(SealError::OtherKey) => {}
            Err(e) => last = e,
        }
    }
    Err(last)
}

/// What the task does once a second: takes keys over that are new, says loudly when the vault locks or opens, and tells
/// the database what this server can open.
///
/// # Errors
/// Where the database fails.
pub async fn turn(app: &App) -> Result<(), ServiceError> {
    let given = masters(&app.settings);
    let locked =
        learn(&app.db, &given, &app.sealer).await.map_err(|e| ServiceError::Internal(e.to_string()))?;
    let was = app.vault.locked().map(|(why, _)| why);
    if was != locked {
        app.vault.state.lock().locked = locked.clone().map(|why| (why, app.clock.wall()));
        said_aloud(locked.as_ref());
        if locked.is_none() {
            signing::learn(app).await?;
        }
    }
    let noted = app.vault.locked().map(|(why, since)| (why.as_str(), since));
    if app.fleet.board.note_vault(noted) {
        app.fleet.problems_touched();
    }
    warn_of_rights(app);
    say(app, &given).await
}

/// Tells the log that the vault is locked, or open again.
pub fn said_aloud(locked: Option<&Locked>) {
    match locked {
        Some(why) => tracing::error!(
            %why,
            "THE VAULT IS LOCKED: secrets can be neither read nor written until the server has the right master key; \
             everything else goes on"
        ),
        None => tracing::info!("the vault is open"),
    }
}

fn warn_of_rights(app: &App) {
    if app.vault.state.lock().warned {
        return;
    }
    if let Ok(read) = app.settings.read_master_key()
        && let Some(path) = read.open_to_others
    {
        tracing::warn!(path = %path.display(), "others can read the master key: chmod 600");
        app.vault.state.lock().warned = true;
    }
}

async fn say(app: &App, given: &Result<MasterKeys, Locked>) -> Result<(), ServiceError> {
    let text = |ids: Vec<KeyId>| ids.into_iter().map(|id| id.to_string()).collect::<Vec<_>>();
    let now = app.clock.mono();
    let server = VaultServer {
        id: app.process.id.0,
        name: format!("{} ({})", app.process.hostname, app.process.listen),
        masters: given.as_ref().map_or_else(|_| Vec::new(), |m| text(m.ids().collect())),
        keys: text(app.sealer.known()),
        current: app.sealer.current().map(|id| id.to_string()),
    };
    let due = match &app.vault.state.lock().said {
        Some((said, at)) => *said != server || now.since(*at) >= SAY_EVERY_MS,
        None => true,
    };
    if due {
        app.db.vault_server_write(&server).await?;
        app.vault.state.lock().said = Some((server, now));
    }
    Ok(())
}

/// Says goodbye, so that nobody waits for this server.
pub async fn leave(app: &App) {
    if let Err(e) = app.db.vault_server_delete(app.process.id.0).await {
        tracing::debug!(error = %e, "this server could not say that it ends");
    }
}
