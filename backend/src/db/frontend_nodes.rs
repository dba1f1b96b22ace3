//! What the server processes of the control plane write about themselves.

use chrono::{DateTime, Utc};
use common::ids::FrontendId;
use common::time::Timestamp;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::frontend_nodes;
use super::{Db, DbError, from_db, to_db};

/// One server process.
#[derive(Debug, Clone)]
pub struct FrontendRow {
    /// One run of the process.
    pub id: FrontendId,
    /// Of the machine.
    pub hostname: String,
    /// Of the process.
    pub pid: u32,
    /// Of the software.
    pub version: String,
    /// Names the console it carries.
    pub bundle: Option<String>,
    /// When it started.
    pub started_at: Timestamp,
    /// Its figures.
    pub report: serde_json::Value,
}

/// One of them as it is read back.
#[derive(Debug, Clone)]
pub struct FrontendSeen {
    /// What it wrote.
    pub row: FrontendRow,
    /// When, by the database's clock.
    pub last_seen: Timestamp,
    /// How long ago that is, by the same clock.
    pub age_ms: u64,
    /// It ended in order.
    pub stopped: bool,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    hostname: String,
    #[diesel(sql_type = BigInt)]
    pid: i64,
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Nullable<Text>)]
    bundle: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    last_seen: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    age_ms: i64,
    #[diesel(sql_type = Bool)]
    stopped: bool,
    #[diesel(sql_type = Jsonb)]
    report: serde_json::Value,
}

/// The age is the database's own: processes on several machines compare by one clock.
const READ: &str = "SELECT id, hostname, pid, version, bundle, started_at, last_seen, \
    (extract(epoch FROM now() - last_seen) * 1000)::bigint AS age_ms, stopped_at IS NOT NULL AS stopped, report \
    FROM frontend_nodes WHERE last_seen > now() - interval '24 hours' \
    ORDER BY stopped_at IS NOT NULL, last_seen DESC, id LIMIT 100";

impl Db {
    /// Writes the row of this process, with the database's time; `stopped_at` with the last one.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn frontend_write(
        &self,
        r: &FrontendRow,
        stopped_at: Option<Timestamp>,
    ) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        diesel::insert_into(frontend_nodes::table)
            .values((
                frontend_nodes::id.eq(r.id.0),
                frontend_nodes::hostname.eq(&r.hostname),
                frontend_nodes::pid.eq(i64::from(r.pid)),
                frontend_nodes::version.eq(&r.version),
                frontend_nodes::bundle.eq(&r.bundle),
                frontend_nodes::started_at.eq(to_db(r.started_at)),
                frontend_nodes::report.eq(&r.report),
            ))
            .on_conflict(frontend_nodes::id)
            .do_update()
            .set((
                frontend_nodes::last_seen.eq(diesel::dsl::now),
                frontend_nodes::stopped_at.eq(stopped_at.map(to_db)),
                frontend_nodes::report.eq(&r.report),
            ))
            .execute(&mut c)
            .await?;
        Ok(())
    }

    /// The processes of the last 24 hours, those that did not end first, then the newest; at most 100.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn frontend_list(&self) -> Result<Vec<FrontendSeen>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<Row> = diesel::sql_query(READ).load(&mut c).await?;
        Ok(rows.into_iter().map(seen).collect())
    }

    /// Removes what nobody has written for 24 hours; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn frontend_delete_old(&self) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let sql = "DELETE FROM frontend_nodes WHERE last_seen < now() - interval '24 hours'";
        Ok(diesel::sql_query(sql).execute(&mut c).await?)
    }

    /// The newest migration applied.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn schema_version(&self) -> Result<Option<String>, DbError> {
        #[derive(diesel::QueryableByName)]
        struct Version {
            #[diesel(sql_type = Nullable<Text>)]
            version: Option<String>,
        }
        let mut c = self.conn().await?;
        let sql = "SELECT max(version)::text AS version FROM __diesel_schema_migrations";
        let row: Version = diesel::sql_query(sql).get_result(&mut c).await?;
        Ok(row.version)
    }
}

fn seen(r: Row) -> FrontendSeen {
    FrontendSeen {
        row: FrontendRow {
            id: FrontendId(r.id),
            hostname: r.hostname,
            pid: u32::try_from(r.pid).unwrap_or(0),
            version: r.version,
            bundle: r.bundle,
            started_at: from_db(r.started_at),
            report: r.report,
        },
        last_seen: from_db(r.last_seen),
        age_ms: u64::try_from(r.age_ms).unwrap_or(0),
        stopped: r.stopped,
    }
}
