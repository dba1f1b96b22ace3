//! A lock that one server process of all holds, for what exactly one of them is to do: an advisory lock of PostgreSQL,
//! on a connection of its own. It ends with the connection, so a process that dies leaves it to another one.
//!
//! What is done under it still has to bear being done by two: between the loss of a connection and the moment it is
//! noticed, another process may hold the lock.

use std::time::Duration;

use diesel::sql_types::{BigInt, Bool};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use tokio::time::timeout;

use super::DbError;
use super::pool::{self, ConnectError};

/// Held by the one process that tells webhooks of problems.
pub const TELLS_PROBLEMS: i64 = 7_234_002;

/// An answer that takes longer counts as a lost connection.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// Why it cannot be told whether the lock is held; it counts as not held.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The connection is lost, and the lock with it.
    #[error(transparent)]
    Lost(#[from] DbError),
}

/// The lock, held or wanted.
pub struct Lock {
    connection: AsyncPgConnection,
    key: i64,
    held: bool,
}

#[derive(diesel::QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

impl Lock {
    /// Opens the connection, outside the pool, and tries to get the lock: see [`Lock::hold`].
    ///
    /// # Errors
    /// See [`LockError`].
    pub async fn acquire(url: &str, key: i64) -> Result<Self, LockError> {
        let connection = pool::dedicated(url).await?;
        let mut lock = Self { connection, key, held: false };
        lock.hold().await?;
        Ok(lock)
    }

    /// Whether this process has it, as last looked at.
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// Gets it where it is free, and asks the database whether the connection still stands where it is held; whether it
    /// is held. To be called once a second or so: what it says is as old as the last call.
    ///
    /// # Errors
    /// [`LockError::Lost`]; the lock is to be thrown away then.
    pub async fn hold(&mut self) -> Result<bool, LockError> {
        // Taken again by its holder, it would have to be given back as often.
        let sql =
            if self.held { "SELECT $1 IS NOT NULL AS yes" } else { "SELECT pg_try_advisory_lock($1) AS yes" };
        let answer =
            diesel::sql_query(sql).bind::<BigInt, _>(self.key).get_result::<Answer>(&mut self.connection);
        let outcome = timeout(ANSWER_WITHIN, answer).await;
        self.held = false;
        match outcome {
            Ok(Ok(answer)) => {
                self.held = answer.yes;
                Ok(answer.yes)
            }
            Ok(Err(e)) => Err(LockError::Lost(e.into())),
            Err(_) => Err(LockError::Lost(DbError::Unavailable("no answer within a second".to_owned()))),
        }
    }

    /// Gives it back, so that another process has it at once.
    pub async fn release(mut self) {
        if self.held {
            let sql = "SELECT pg_advisory_unlock($1) AS yes";
            let answer =
                diesel::sql_query(sql).bind::<BigInt, _>(self.key).get_result::<Answer>(&mut self.connection);
            // Without an answer it ends with the connection, a moment later.
            let _ = timeout(ANSWER_WITHIN, answer).await;
        }
    }
}
