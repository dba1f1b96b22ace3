//! Telling every server process at once that somebody's access ended or changed: `NOTIFY` in the transaction of the
//! change; and the one connection that listens to this and to what else changed.

use std::fmt;
use std::str::FromStr;

use common::ids::{SessionId, TokenId, UserId};
use diesel::result::Error as DieselError;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use futures_util::StreamExt as _;

use super::DbError;
use super::pool::{self, ConnectError};
use super::told::{self, ChangeNotice};

const CHANNEL: &str = "iqra_access";

/// Whose access is another one now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessNotice {
    /// A session ended.
    Session(SessionId),
    /// A person's rights changed, or some of their sessions ended, or the account is gone.
    User(UserId),
    /// An automation token was revoked.
    Token(TokenId),
}

impl fmt::Display for AccessNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(id) => write!(f, "session:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Token(id) => write!(f, "token:{id}"),
        }
    }
}

/// What is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Somebody's access.
    Access(AccessNotice),
    /// Something that servers keep in memory.
    Change(ChangeNotice),
}

/// The text is no notice; one of a newer version, perhaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotANotice;

impl FromStr for AccessNotice {
    type Err = NotANotice;

    fn from_str(s: &str) -> Result<Self, NotANotice> {
        match s.split_once(':').ok_or(NotANotice)? {
            ("session", id) => id.parse().map(Self::Session).map_err(|_| NotANotice),
            ("user", id) => id.parse().map(Self::User).map_err(|_| NotANotice),
            ("token", id) => id.parse().map(Self::Token).map_err(|_| NotANotice),
            _ => Err(NotANotice),
        }
    }
}

/// Tells every process, where and when the transaction commits.
pub(in crate::db) async fn notify(
    c: &mut AsyncPgConnection,
    notice: AccessNotice,
) -> Result<(), DieselError> {
    diesel::sql_query("SELECT pg_notify($1, $2)")
        .bind::<Text, _>(CHANNEL)
        .bind::<Text, _>(notice.to_string())
        .execute(c)
        .await?;
    Ok(())
}

/// The connection on which notices arrive. What was told while there was none is lost: who opens one looks at
/// everything once.
pub struct Listener {
    connection: AsyncPgConnection,
}

impl Listener {
    /// Opens the connection, outside the pool, and listens.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn open(url: &str) -> Result<Self, ConnectError> {
        let mut connection = pool::dedicated(url).await?;
        connection
            .batch_execute(&format!("LISTEN {CHANNEL}; LISTEN {}", told::CHANNEL))
            .await
            .map_err(|e| ConnectError::Pool(e.to_string()))?;
        Ok(Self { connection })
    }

    /// The next notice; `None` is one that this version does not know.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn next(&mut self) -> Result<Option<Notice>, DbError> {
        let stream = self.connection.notifications_stream();
        match std::pin::pin!(stream).next().await {
            Some(Ok(notice)) if notice.channel == CHANNEL => {
                Ok(notice.payload.parse().ok().map(Notice::Access))
            }
            Some(Ok(notice)) => Ok(notice.payload.parse().ok().map(Notice::Change)),
            Some(Err(e)) => Err(e.into()),
            None => Err(DbError::Unavailable("the connection that listens was closed".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_notice_is_read_as_it_was_written() {
        let id = Uuid::from_u128(7);
        for notice in [
            AccessNotice::Session(SessionId(id)),
            AccessNotice::User(UserId(id)),
            AccessNotice::Token(TokenId(id)),
        ] {
            assert_eq!(notice.to_string().parse(), Ok(notice));
        }
        for other in ["", "user", "user:", "user:x", "role:00000000-0000-0000-0000-000000000007"] {
            assert_eq!(other.parse::<AccessNotice>(), Err(NotANotice), "{other}");
        }
    }
}
