//! Advisory locks that live as long as a connection of their own: of all processes that share the database, one holds
//! each.

use std::time::Duration;

use diesel::sql_types::{Bool, Integer};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use tokio::time::timeout;

use super::DbError;
use super::pool::{self, ConnectError};

/// The first half of the numbers of our locks ("iqra"), so that they meet nobody else's.
const SPACE: i32 = 0x6971_7261;
/// How long the database may take to answer; beyond, the lock counts as lost.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// The database ends the session, and with it the lock, of a holder that it hears nothing of: one whose machine vanished
/// after a few seconds, one that is stopped after five.
const SETTINGS: &str = "SET statement_timeout = 1000; SET idle_session_timeout = 5000; SET tcp_keepalives_idle = 1; \
                        SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 4000";

/// What is held by one process at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockName {
    /// The right to judge silence, and with it everything that must happen once.
    Sweeper,
}

impl LockName {
    const fn number(self) -> i32 {
        match self {
            Self::Sweeper => 1,
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// The connection that holds a lock, or waits for its turn.
pub struct Lock {
    connection: AsyncPgConnection,
    name: LockName,
}

impl Lock {
    /// Opens the connection, outside the pool. It has to be a session of its own in PostgreSQL: behind a pooler that
    /// shares sessions between transactions there are no such locks.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn open(url: &str, name: LockName) -> Result<Self, ConnectError> {
        let mut connection = pool::dedicated(url).await?;
        connection.batch_execute(SETTINGS).await.map_err(|e| ConnectError::Pool(e.to_string()))?;
        Ok(Self { connection, name })
    }

    /// Takes the lock if nobody has it; whether it is held now. Asked once it is held, it would be taken twice: ask
    /// [`Lock::is_held`] then.
    ///
    /// # Errors
    /// The connection is lost, or slow: open another one.
    pub async fn try_take(&mut self) -> Result<bool, DbError> {
        self.ask("SELECT pg_try_advisory_lock($1, $2) AS yes").await
    }

    /// Whether it is still held. To be asked more than once a second: the database ends a session that is silent for
    /// five.
    ///
    /// # Errors
    /// The connection is lost, or slow: the lock counts as lost too.
    pub async fn is_held(&mut self) -> Result<bool, DbError> {
        self.ask(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted \
             AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 2) AS yes",
        )
        .await
    }

    /// Gives it up, so that the next one has it at once and not when the connection has ended.
    pub async fn release(mut self) {
        if let Err(e) = self.ask("SELECT pg_advisory_unlock($1, $2) AS yes").await {
            tracing::debug!(error = %e, "a lock ends with its connection");
        }
    }

    async fn ask(&mut self, sql: &str) -> Result<bool, DbError> {
        let asked = diesel::sql_query(sql)
            .bind::<Integer, _>(SPACE)
            .bind::<Integer, _>(self.name.number())
            .get_result::<Answer>(&mut self.connection);
        match timeout(ANSWER_WITHIN, asked).await {
            Ok(answer) => Ok(answer?.yes),
            Err(_) => Err(DbError::Unavailable("no answer about a lock within a second".to_owned())),
        }
    }
}
