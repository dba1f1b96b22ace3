//! PostgreSQL. What is stored: people and sessions, signing keys, the registry (platform, regions, nodes, secrets),
//! the newest heartbeat of each node, and the rejection diary.
//!
//! Row structs are private; no diesel type leaves this folder.

pub mod embedded;
pub mod migrations;
pub mod pool;

mod accounts;
mod activity;
mod activity_chain;
mod chain_check;
mod commands;
mod diary;
mod drains;
mod events;
mod frontend_nodes;
mod history;
mod idempotency;
mod intents;
mod invitations;
mod jobs;
mod keys;
mod live;
mod lock;
mod nodes;
mod notify;
mod partitions;
mod refresh;
mod regions;
mod registry;
pub mod schema;
mod sealed;
mod sessions;
mod snoozes;
mod storage;
mod tls;
mod tokens;
mod told;
mod users;
mod vault;
mod webhook_outbox;
mod webhook_queue;
mod webhook_told;
mod webhooks;

use chrono::{DateTime, Utc};
use common::time::Timestamp;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

pub use activity_chain::{ChainEnds, Links};
pub use diary::DiaryEntry;
pub use events::{EventFilter, EventsOf};
pub use frontend_nodes::{FrontendRow, FrontendSeen};
pub use intents::{IntentOf, IntentWritten};
pub use invitations::{LinkFound, NewLink, Redeemed};
pub use jobs::RunFilter;
pub use keys::StoredKey;
pub use live::{LiveNews, LiveRow};
pub use lock::{Lock, LockName};
pub use nodes::NewNode;
pub use notify::{AccessNotice, Listener, NotANotice, Notice};
pub use partitions::{EVENTS_DAYS, Maintained};
pub use refresh::{NewRefresh, Refreshed};
pub use registry::{NewSecret, NodeStanding, Removed, Versioned};
pub use sealed::{SealedColumn, SealedRow};
pub use sessions::{NewSession, PasswordSeen, SessionUser};
pub use storage::Written;
pub use tokens::{TokenOf, TokenRecord};
pub use told::{ChangeNotice, Told};
pub use users::{AccountError, By, UserRecord};
pub use vault::{DataKeyRow, KeyState, VaultServer};
pub use webhook_outbox::{Claim, Stopped};
pub use webhooks::{
    DeliveryFilter, FormerSecret, NewTest, Replayed, SealedSecret, SendingRow, TestAdded, WebhookRecord,
};

/// What the database refused or could not do.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A row like this exists; the name is that of the constraint.
    #[error("breaks {0}")]
    Unique(String),
    /// A row it refers to does not exist.
    #[error("refers to nothing: {0}")]
    Missing(String),
    /// No connection, or it broke, or the database takes no writes now; later it may.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// Anything else; a defect of ours or of the data.
    #[error("the database failed: {0}")]
    Other(String),
}

impl From<DieselError> for DbError {
    fn from(e: DieselError) -> Self {
        match &e {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::Unique(info.constraint_name().unwrap_or("a unique constraint").to_owned())
            }
            DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, info) => {
                Self::Missing(info.constraint_name().unwrap_or("a foreign key").to_owned())
            }
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                // Another transaction was in the way, or this is a standby: the same statement may succeed later.
                | DatabaseErrorKind::SerializationFailure
                | DatabaseErrorKind::ReadOnlyTransaction,
                _,
            )
            | DieselError::BrokenTransactionManager => Self::Unavailable(e.to_string()),
            _ => Self::Other(e.to_string()),
        }
    }
}

/// Access to the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: pool::Pool,
    /// Marks what this process wrote and told, so that it does not take it for another's.
    sender: Uuid,
}

type Conn = diesel_async::pooled_connection::deadpool::Object<AsyncPgConnection>;

impl Db {
    /// On a pool.
    pub fn new(pool: pool::Pool) -> Self {
        Self { pool, sender: Uuid::new_v4() }
    }

    async fn conn(&self) -> Result<Conn, DbError> {
        self.pool.get().await.map_err(|e| DbError::Unavailable(e.to_string()))
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] mostly.
    pub async fn ping(&self) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        diesel::sql_query("SELECT 1").execute(&mut c).await?;
        Ok(())
    }

    /// The newest change number given out.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn change_current(&self) -> Result<i64, DbError> {
        let mut c = self.conn().await?;
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            last_value: i64,
        }
        // A sequence nobody has asked yet already shows its first number, which is not given out by then.
        let newest = "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END AS last_value FROM change_seq";
        let row: Row = diesel::sql_query(newest).get_result(&mut c).await?;
        Ok(row.last_value)
    }
}

fn to_db(t: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(t.millis()).unwrap_or(DateTime::UNIX_EPOCH)
}

fn from_db(t: DateTime<Utc>) -> Timestamp {
    Timestamp(t.timestamp_millis())
}

/// A value in the database that the program does not know, such as a kind written by a newer version.
fn unknown(what: &str, value: &str) -> DbError {
    DbError::Other(format!("{what} {value:?} is not known to this version"))
}
