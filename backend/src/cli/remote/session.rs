//! Signing in from a terminal: a refresh token in a file of the user's own, renewed with every use.
//!
//! The server takes a used refresh token for a stolen one and ends the session, so two commands at once must not
//! renew with the same: the file is locked while one of them does.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use common::paths;
use common::time::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::api::{Api, Refusal};
use super::output::progress;
use super::{Failure, Reach};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Hidden;

/// An access token is renewed when it has less than this left, in milliseconds.
const MARGIN_MS: u64 = 60_000;
/// How long another command may hold the file.
const LOCK_WITHIN: Duration = Duration::from_secs(20);
const LOCK_EVERY: Duration = Duration::from_millis(50);

/// What is kept for one server.
#[derive(Serialize, Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
struct Kept {
    email: String,
    access_token: String,
    expires_at: Timestamp,
    refresh_token: String,
}

/// Sign-in and renewal answer with these among others.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pair {
    access_token: String,
    expires_at: Timestamp,
    refresh_token: Option<String>,
}

/// The file, locked until it is dropped.
struct Store {
    file: File,
    servers: BTreeMap<String, Kept>,
}

fn path() -> Result<PathBuf, Failure> {
    if let Some(path) = std::env::var_os("IQRA_SESSION_FILE").filter(|p| !p.is_empty()) {
        return Ok(path.into());
    }
    let config = std::env::var_os("XDG_CONFIG_HOME")
        .filter(|p| !p.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".config")))
        .ok_or_else(|| Failure::Refused("There is no home folder to keep a session in.".to_owned()))?;
    Ok(config.join("iqra-infra").join("session.json"))
}

impl Store {
    async fn open() -> Result<Self, Failure> {
        let path = path()?;
        let fail = |e: std::io::Error| Failure::Refused(format!("{}: {e}", path.display()));
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(fail)?;
        let locked = tokio::time::timeout(LOCK_WITHIN, async {
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(()),
                    Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_EVERY).await,
                    Err(TryLockError::Error(e)) => return Err(e),
                }
            }
        });
        match locked.await {
            Ok(outcome) => outcome.map_err(fail)?,
            Err(_) => {
                return Err(Failure::Refused(format!("{} is in use by another command.", path.display())));
            }
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(fail)?;
        // A file that cannot be read is one without sessions: the next sign-in makes it whole.
        let servers = serde_json::from_str(&text).unwrap_or_default();
        Ok(Self { file, servers })
    }

    fn save(&mut self) -> Result<(), Failure> {
        let fail = |e: std::io::Error| Failure::Refused(format!("The session cannot be kept: {e}"));
        let text = serde_json::to_vec_pretty(&self.servers).map_err(|e| fail(e.into()))?;
        self.file.set_len(0).map_err(fail)?;
        self.file.rewind().map_err(fail)?;
        self.file.write_all(&text).and_then(|()| self.file.sync_all()).map_err(fail)
    }
}

fn kept(email: &str, pair: Pair) -> Result<Kept, Failure> {
    let refresh_token = pair
        .refresh_token
        .ok_or_else(|| Failure::Refused("The server gives no session for the command line.".to_owned()))?;
    let (access_token, expires_at) = (pair.access_token, pair.expires_at);
    Ok(Kept { email: email.to_owned(), access_token, expires_at, refresh_token })
}

/// Signs in and keeps the session.
///
/// # Errors
/// [`Failure`].
pub(super) async fn login(reach: &Reach, email: &str) -> Result<(), Failure> {
    let api = Api::anonymous(&reach.server)?;
    let typed = match std::env::var("IQRA_PASSWORD").ok().filter(|p| !p.is_empty()) {
        Some(given) => Hidden::new(given),
        None => Hidden::new(rpassword::prompt_password(format!("Password of {email}: ")).map_err(|e| {
            Failure::Refused(format!("No password can be asked for here ({e}). Set IQRA_PASSWORD."))
        })?),
    };
    let body = json!({ "email": email, "password": typed.reveal(), "commandLine": true });
    let reply = api.send(api.open(Method::POST, paths::LOGIN).json(&body)).await?;
    let pair = read(reply).await?;
    let mut store = Store::open().await?;
    store.servers.insert(api.base().to_owned(), kept(email, pair)?);
    store.save()?;
    progress(&format!("Signed in at {} as {email}.", api.base()));
    Ok(())
}

/// Ends the session, at the server and in the file.
///
/// # Errors
/// [`Failure`]; the file is cleared also where the server cannot be reached.
pub(super) async fn logout(reach: &Reach) -> Result<(), Failure> {
    let api = Api::anonymous(&reach.server)?;
    let told = match access(&api).await {
        Ok(token) => {
            let request = api.open(Method::POST, paths::LOGOUT).bearer_auth(token.reveal());
            api.send(request).await.map(drop).map_err(Failure::from)
        }
        // It has ended already.
        Err(ended) if ended.exit() == 5 => Ok(()),
        Err(other) => Err(other),
    };
    let mut store = Store::open().await?;
    store.servers.remove(api.base());
    store.save()?;
    progress(&format!("Signed out of {}.", api.base()));
    told
}

/// An access token of the session kept for this server, renewed where it is about to end.
///
/// # Errors
/// [`Failure::SignedOut`] where there is no session, or it has ended.
pub(super) async fn access(api: &Api) -> Result<Hidden, Failure> {
    let signed_out = || {
        let ask =
            format!("Nobody is signed in at {}: set IQRA_TOKEN, or run `iqra-infra login`.", api.base());
        Failure::SignedOut(ask)
    };
    let mut store = Store::open().await?;
    let known = store.servers.get(api.base()).cloned().ok_or_else(signed_out)?;
    if known.expires_at.since(SystemClock::new().wall()) > MARGIN_MS {
        return Ok(Hidden::new(known.access_token));
    }
    let body = json!({ "refreshToken": known.refresh_token });
    let reply = match api.send(api.open(Method::POST, paths::REFRESH).json(&body)).await {
        Ok(reply) => reply,
        Err(Refusal::Problem(p)) if p.status == 401 => {
            store.servers.remove(api.base());
            store.save()?;
            return Err(signed_out());
        }
        Err(other) => return Err(other.into()),
    };
    let renewed = kept(&known.email, read(reply).await?)?;
    let token = Hidden::new(renewed.access_token.clone());
    store.servers.insert(api.base().to_owned(), renewed);
    store.save()?;
    Ok(token)
}

async fn read(reply: reqwest::Response) -> Result<Pair, Failure> {
    reply.json().await.map_err(|_| Failure::Refused("The reply to signing in cannot be read.".to_owned()))
}
