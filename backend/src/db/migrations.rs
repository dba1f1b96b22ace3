//! The tables: brought to this server's version before it serves.
//!
//! The files of `migrations/` are inside the program. Several servers may start at once on one database: an advisory
//! lock lets one of them do the work, and the others find nothing left to do.

use std::time::Duration;

use diesel::sql_types::Bool;
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::time::{sleep, timeout};

use super::pool::{self, ConnectError};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

/// The number of our advisory lock; any fixed one that nothing else in this database uses.
const LOCK: &str = "pg_try_advisory_lock(7234001)";
/// How long another server's migrations may take before we give up.
const LOCK_LIMIT: Duration = Duration::from_secs(300);
/// Between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(100);
/// A migration that waits so long for a table in use fails, instead of holding up everybody behind it.
const TABLE_LOCK_LIMIT: Duration = Duration::from_secs(30);
/// The longest a single statement of a migration may run.
const STATEMENT_LIMIT: Duration = Duration::from_secs(3600);

/// Why the tables could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Another server has been at it for too long.
    #[error("another server is changing the tables of this database for more than {} s", LOCK_LIMIT.as_secs())]
    Busy,
    /// A migration failed; it has been rolled back.
    #[error("the tables could not be brought up to date: {0}")]
    Failed(String),
}

/// Runs what is missing and returns the versions that were run, oldest first.
///
/// # Errors
/// See [`MigrationError`]. A failed migration leaves nothing behind; those before it stay.
pub async fn run(url: &str) -> Result<Vec<String>, MigrationError> {
    work(url, |harness| harness.run_pending_migrations(MIGRATIONS).map(versions)).await
}

/// Takes every migration back, newest first, and with them all data. For tests.
///
/// # Errors
/// See [`MigrationError`].
pub async fn revert_all(url: &str) -> Result<Vec<String>, MigrationError> {
    work(url, |harness| harness.revert_all_migrations(MIGRATIONS).map(versions)).await
}

type Harness = AsyncMigrationHarness<AsyncPgConnection>;

fn versions(run: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    run.iter().map(ToString::to_string).collect()
}

async fn work(
    url: &str,
    what: impl FnOnce(&mut Harness) -> diesel::migration::Result<Vec<String>> + Send + 'static,
) -> Result<Vec<String>, MigrationError> {
    let mut connection = pool::dedicated(url).await?;
    // Lives on this connection and goes with it, also if we are killed.
    match timeout(LOCK_LIMIT, acquire(&mut connection)).await {
        Ok(outcome) => outcome.map_err(|e| MigrationError::Failed(e.to_string()))?,
        Err(_) => return Err(MigrationError::Busy),
    }
    let limits = format!(
        "SET lock_timeout = {}; SET statement_timeout = {}",
        TABLE_LOCK_LIMIT.as_millis(),
        STATEMENT_LIMIT.as_millis()
    );
    connection.batch_execute(&limits).await.map_err(|e| MigrationError::Failed(e.to_string()))?;
    // The harness blocks its thread, which no worker of the server may do.
    let blocking = tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(connection);
        what(&mut harness).map_err(|e| MigrationError::Failed(e.to_string()))
    });
    blocking.await.map_err(|e| MigrationError::Failed(e.to_string()))?
}

async fn acquire(connection: &mut AsyncPgConnection) -> diesel::QueryResult<()> {
    while !diesel::select(diesel::dsl::sql::<Bool>(LOCK)).get_result::<bool>(connection).await? {
        sleep(LOCK_PAUSE).await;
    }
    Ok(())
}
