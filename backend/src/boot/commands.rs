//! Commands about keys and the activity log. They work while servers run, and without any.

use common::tokens::{NewToken, Token};

use super::database::Database;
use super::{BootError, migrations};
use crate::auth::token::Keyring;
use crate::clock::{Clock as _, SystemClock};
use crate::config::master_key::KeyFileError;
use crate::config::{Hidden, Settings};
use crate::domain::activity_chain::Place;
use crate::services::activity::chain::{self, Verified};
use crate::services::vault::rotate::{self, RotateError, Step};
use crate::services::vault::{self, VaultError};
use crate::services::{signing, tokens};

impl From<VaultError> for BootError {
    fn from(e: VaultError) -> Self {
        Self::Refused(e.to_string())
    }
}

impl From<RotateError> for BootError {
    fn from(e: RotateError) -> Self {
        Self::Refused(e.to_string())
    }
}

/// Changes the master key and the data key. Where the master key is in a file, a new one is made and put in front of the
/// old; where it comes from the environment, the new one has to be given there, in front of the old.
///
/// # Errors
/// [`BootError`]; whatever it is, the rotation can be run again and goes on.
pub async fn rotate_keys(settings: &Settings, say: fn(&str)) -> Result<(), BootError> {
    let database = Database::beside(settings).await?;
    let outcome = rotate_in(settings, &database, say).await;
    database.close().await;
    outcome
}

async fn rotate_in(settings: &Settings, database: &Database, say: fn(&str)) -> Result<(), BootError> {
    migrations::run(database.url.reveal()).await?;
    let db = database.connect().await?;
    let mut masters = vault::masters(settings).map_err(VaultError::Key)?;
    // A database that no server of this version has opened yet gets its first data key here.
    let sealer = crate::auth::seal::Sealer::locked()?;
    if let Some(why) = vault::open(&db, settings, &sealer).await? {
        return Err(VaultError::Key(why).into());
    }
    if rotate::is_finished(&db, &masters).await.map_err(VaultError::Db)? {
        match settings.prepend_master_key(&vault::new_master_key()?) {
            Ok(path) => say(&format!("A new master key is the first in {}.\n", path.display())),
            Err(KeyFileError::NotAFile) => {
                return Err(BootError::Refused(
                    "the master key comes from the environment. Set IQRA_MASTER_KEY to the new key, a comma and the \
                     present one, for this command and for every server; then run this again"
                        .to_owned(),
                ));
            }
            Err(e) => {
                let why = format!(
                    "{e}. Put a new key in front of the present one, a line each, and run this again"
                );
                return Err(BootError::MasterKey(why));
            }
        }
        masters = vault::masters(settings).map_err(VaultError::Key)?;
    } else {
        say("An earlier rotation goes on.\n");
    }
    let mut reached = |step: Step| {
        say(&format!("{}\n", said(step)));
        true
    };
    let done = rotate::run(&db, &masters, SystemClock::new().wall(), rotate::WAIT, &mut reached).await?;
    say(
        "The old master key is no longer needed by this database. Keep it as long as you keep backups made before now.\n",
    );
    if done.unreadable.is_empty() {
        return Ok(());
    }
    Err(BootError::Refused(format!("no key opens {}: these were damaged before", done.unreadable.join(", "))))
}

fn said(step: Step) -> String {
    match step {
        Step::Wrapped => "Data keys are sealed under the new master key too.".to_owned(),
        Step::MasterKnown => "Every running server has the new master key.".to_owned(),
        Step::Prepared => "There is a new data key.".to_owned(),
        Step::KeyKnown => "Every running server has learned it.".to_owned(),
        Step::Activated => "It is the current one.".to_owned(),
        Step::InUse => "Every running server seals under it.".to_owned(),
        Step::Resealed(rows) => format!("Sealed anew: {rows}."),
        Step::Done => "Done.".to_owned(),
    }
}

/// Makes an automation token for the account of this e-mail; what is known of it, and its text, which is nowhere else.
///
/// # Errors
/// [`BootError`], also where the account may not do so much.
pub async fn create_token(
    settings: &Settings,
    email: &str,
    request: NewToken,
) -> Result<(Token, Hidden), BootError> {
    let database = Database::beside(settings).await?;
    let outcome = async {
        migrations::run(database.url.reveal()).await?;
        let db = database.connect().await?;
        let sealer = crate::auth::seal::Sealer::locked()?;
        if let Some(why) = vault::open(&db, settings, &sealer).await? {
            return Err(VaultError::Key(why).into());
        }
        let now = SystemClock::new().wall();
        let keys = Keyring::new(signing::load(&db, &sealer, now).await?);
        tokens::bootstrap(&db, &keys, now, email, request).await.map_err(BootError::from)
    }
    .await;
    database.close().await;
    outcome
}

/// Checks the chain of the activity log; `noted` is a place in it that somebody wrote down.
///
/// # Errors
/// [`BootError`]. A chain that is broken is no error; the reply says where.
pub async fn verify_audit(settings: &Settings, noted: Option<Place>) -> Result<Verified, BootError> {
    let database = Database::beside(settings).await?;
    let outcome = async {
        let db = database.connect().await?;
        chain::verify(&db, noted).await.map_err(BootError::from)
    }
    .await;
    database.close().await;
    outcome
}
