//! The role the server itself uses in its own PostgreSQL. Tables belong to the owner, who runs migrations; this role
//! reads and writes them, and of the activity log it may only read and add. So a statement that was smuggled in, or a
//! defect, does not change what was noted. What ages the log is a function of the owner's, which keeps 90 days.
//!
//! Tables in pieces by time belong to the role: it makes and drops the pieces.

use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

use super::error::EmbeddedError;
use super::running::connect;
use super::socket::PORT;

/// Its name.
pub(super) const NAME: &str = "iqra_app";

/// Rights, all of them each time: a new version may have brought tables.
const RIGHTS: &str = "
    GRANT USAGE, CREATE ON SCHEMA public TO iqra_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO iqra_app;
    GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO iqra_app;
    REVOKE ALL ON activity, activity_chain, activity_checkpoint, __diesel_schema_migrations FROM iqra_app;
    GRANT SELECT, INSERT ON activity TO iqra_app;
    GRANT SELECT ON activity_chain, activity_checkpoint, __diesel_schema_migrations TO iqra_app;
    DO $$
    DECLARE
        piece regclass;
    BEGIN
        FOR piece IN
            SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND pg_get_userbyid(c.relowner) <> 'iqra_app'
                AND (c.relkind = 'p' OR (c.relkind = 'r' AND c.relispartition))
        LOOP
            EXECUTE format('ALTER TABLE %s OWNER TO iqra_app', piece);
        END LOOP;
    END $$;";

/// Makes the role where there is none, gives it this password, and its rights.
///
/// # Errors
/// The database refuses, or does not answer within 30 s.
pub(super) async fn prepare(socket: &Path, owner: &str, password: &str) -> Result<(), EmbeddedError> {
    let work = async {
        let client = connect(socket, PORT, owner, super::NAME).await?;
        if client.query_opt("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&NAME]).await?.is_none() {
            client.batch_execute(&format!("CREATE ROLE {NAME} LOGIN")).await?;
        }
        // The password is hexadecimal, made here. The statement carries it in clear, so it must not get into the log.
        client
            .batch_execute(&format!(
                "SET log_statement = 'none'; SET log_min_error_statement = 'panic'; \
                 ALTER ROLE {NAME} WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '{password}'"
            ))
            .await?;
        client.batch_execute(RIGHTS).await
    };
    match timeout(Duration::from_secs(30), work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(EmbeddedError::Query(match error.as_db_error() {
            Some(db) => db.message().to_owned(),
            None => error.to_string(),
        })),
        Err(_) => Err(EmbeddedError::Query("no answer within 30 s".to_owned())),
    }
}
