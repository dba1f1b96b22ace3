//! Use cases: authorise, apply the rule, store, tell the fleet. One error type for all of them.

pub mod access;
pub mod activity;
pub mod background;
pub mod background_test;
pub mod bulk;
pub mod commands;
mod context;
pub mod deletion;
pub mod frontend_nodes;
pub mod helpers;
pub mod history;
pub mod idempotency;
pub mod intents;
pub mod invitations;
pub mod jobs;
pub mod kept;
pub mod nodes;
pub mod passwords;
mod preview;
pub mod problems;
mod push;
pub mod refresh;
pub mod regions;
pub mod replicas;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod shutdown;
pub mod signing;
pub mod stepup;
pub mod storage;
pub mod tokens;
pub mod unregistered;
pub mod users;
pub mod vault;
pub mod webhook_delivery;
pub mod webhooks;

use common::auth::Role;
use common::ids::RegionId;
use common::problem::FieldError;

use crate::auth::policy::Denied;
use crate::db::DbError;

pub use context::{App, Attempts};

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Nobody is signed in, or the credential is no longer good.
    #[error("not signed in")]
    Unauthenticated,
    /// Wrong e-mail or password; on purpose not which.
    #[error("e-mail or password is not right")]
    WrongPassword,
    /// A dangerous action by a session whose password was given too long ago.
    #[error("needs the password again")]
    ConfirmationNeeded,
    /// Something for people who signed in; a token asks.
    #[error("needs a session")]
    SessionNeeded,
    /// A one-time link was used, has ended or never was; on purpose not which.
    #[error("the link does not work")]
    LinkUsed,
    /// Too many failed attempts.
    #[error("too many attempts, {retry_after_ms} ms to wait")]
    TooManyAttempts {
        /// How long to wait.
        retry_after_ms: u64,
    },
    /// The same was done a moment ago.
    #[error("too soon, {retry_after_ms} ms to wait")]
    TooSoon {
        /// How long to wait.
        retry_after_ms: u64,
    },
    /// Signed in, and not allowed.
    #[error("needs {0:?}")]
    NeedsRole(Role),
    /// The token may not be used from this address.
    #[error("not from this network")]
    OtherNetwork,
    /// A refresh token that was used before; its session has ended.
    #[error("a refresh token was used again")]
    RefreshReused,
    /// Allowed elsewhere, not in this region.
    #[error("not in region {0}")]
    OutOfScope(RegionId),
    /// There is no such object.
    #[error("no {what} {id}")]
    NotFound {
        /// `region` or `node`.
        what: &'static str,
        /// As asked for.
        id: String,
    },
    /// Something named is not there, with a code of its own.
    #[error("{code}: {detail}")]
    Unknown {
        /// Stable.
        code: &'static str,
        /// In words.
        detail: String,
    },
    /// Fields that are not right, all of them.
    #[error("{} fields are not right", .0.len())]
    Invalid(Vec<FieldError>),
    /// Something of that name or address exists.
    #[error("{code}: {detail}")]
    Conflict {
        /// Stable.
        code: &'static str,
        /// In words.
        detail: String,
        /// The field that collides.
        errors: Vec<FieldError>,
    },
    /// A rule stands against it: a guard, a precondition.
    #[error("{code}: {detail}")]
    Refused {
        /// Stable.
        code: &'static str,
        /// In words.
        detail: String,
        /// What the rule saw: effects, preconditions.
        current: Option<serde_json::Value>,
    },
    /// The change names no version of the object it is based on.
    #[error("no If-Match")]
    VersionNeeded,
    /// The change is based on an older version.
    #[error("based on an older version")]
    VersionStale {
        /// The object as it is now.
        current: serde_json::Value,
    },
    /// The database cannot be reached now.
    #[error(transparent)]
    Unavailable(DbError),
    /// A secret would have to be read or written, and the master key for it is not here.
    #[error("the vault is locked: {0}")]
    VaultLocked(crate::auth::seal::SealError),
    /// Too much of the same at once.
    #[error("busy")]
    Busy,
    /// A defect; the text is for the log alone.
    #[error("internal: {0}")]
    Internal(String),
}

impl From<DbError> for ServiceError {
    fn from(e: DbError) -> Self {
        match e {
            DbError::Unavailable(_) => Self::Unavailable(e),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<Denied> for ServiceError {
    fn from(d: Denied) -> Self {
        match d {
            Denied::Role { needs } => Self::NeedsRole(needs),
            Denied::Scope { region } => Self::OutOfScope(region),
        }
    }
}

impl From<crate::auth::NoRandom> for ServiceError {
    fn from(e: crate::auth::NoRandom) -> Self {
        Self::Internal(e.to_string())
    }
}

impl From<crate::auth::seal::SealError> for ServiceError {
    fn from(e: crate::auth::seal::SealError) -> Self {
        use crate::auth::seal::SealError;
        match e {
            SealError::Locked | SealError::OtherKey => Self::VaultLocked(e),
            SealError::Damaged | SealError::Failed => Self::Internal(e.to_string()),
        }
    }
}

impl From<crate::auth::token::TokenError> for ServiceError {
    /// Of making one: the key that signs is sealed, so without it the vault is locked.
    fn from(_: crate::auth::token::TokenError) -> Self {
        Self::VaultLocked(crate::auth::seal::SealError::Locked)
    }
}

/// Runs `work` to its end even if the caller goes away: a client that hangs up must not leave half a change between
/// database and memory.
async fn finish<T: Send + 'static>(
    work: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
) -> Result<T, ServiceError> {
    tokio::spawn(work).await.map_err(|e| ServiceError::Internal(format!("a task ended early: {e}")))?
}
