//! Telling the other server processes what changed: ids and the number of the change, never contents. `NOTIFY` in the
//! transaction of the change, so that it is heard when it stands, in the order of the commits.

use std::fmt;
use std::str::FromStr;

use common::ids::{CommandId, NodeId, RegionId, RunId};
use diesel::result::Error as DieselError;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use super::notify::NotANotice;
use super::{Db, DbError};

pub(in crate::db) const CHANNEL: &str = "iqra_change";
/// Beyond so many, they are not named one by one; a notice holds 8,000 bytes.
const NAMED_MAX: usize = 100;

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Nothing that servers keep in memory; only the number counts.
    Nothing,
    /// A server began: it has to be read back from now on.
    Server,
    /// Heartbeats were turned away or lost by a server: silence may be its doing.
    Doubt,
    /// The platform's own intent.
    Platform,
    /// A region: added, changed or gone.
    Region(RegionId),
    /// A node: added, changed or gone.
    Node(NodeId),
    /// Commands: new, or further on. None named: any.
    Commands(Vec<CommandId>),
    /// How far nodes are on their way to zero.
    Drains,
    /// Storage settings of a region.
    Storage(RegionId),
    /// What checks of storage found.
    StorageHealth,
    /// What somebody put aside: problems, unregistered servers.
    Aside,
    /// A run of a job.
    Run(RunId),
}

impl Told {
    /// Of commands.
    pub fn commands(ids: impl Iterator<Item = CommandId>) -> Self {
        let ids: Vec<CommandId> = ids.take(NAMED_MAX + 1).collect();
        Self::Commands(if ids.len() > NAMED_MAX { Vec::new() } else { ids })
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Server => f.write_str("server"),
            Self::Doubt => f.write_str("doubt"),
            Self::Platform => f.write_str("platform"),
            Self::Region(id) => write!(f, "region {id}"),
            Self::Node(id) => write!(f, "node {id}"),
            Self::Commands(ids) => {
                f.write_str("commands")?;
                ids.iter().try_for_each(|id| write!(f, " {id}"))
            }
            Self::Drains => f.write_str("drains"),
            Self::Storage(id) => write!(f, "storage {id}"),
            Self::StorageHealth => f.write_str("storage_health"),
            Self::Aside => f.write_str("aside"),
            Self::Run(id) => write!(f, "run {id}"),
        }
    }
}

impl FromStr for Told {
    type Err = NotANotice;

    fn from_str(s: &str) -> Result<Self, NotANotice> {
        let mut words = s.split(' ');
        let (kind, id) = (words.next(), words.next());
        let needed = id.ok_or(NotANotice);
        match kind.ok_or(NotANotice)? {
            "nothing" => Ok(Self::Nothing),
            "server" => Ok(Self::Server),
            "doubt" => Ok(Self::Doubt),
            "platform" => Ok(Self::Platform),
            "drains" => Ok(Self::Drains),
            "storage_health" => Ok(Self::StorageHealth),
            "aside" => Ok(Self::Aside),
            "region" => Ok(Self::Region(RegionId::from(needed?))),
            "storage" => Ok(Self::Storage(RegionId::from(needed?))),
            "node" => needed?.parse().map(Self::Node).map_err(|_| NotANotice),
            "run" => needed?.parse().map(Self::Run).map_err(|_| NotANotice),
            "commands" => {
                let ids: Result<_, _> = id.into_iter().chain(words).map(str::parse).collect();
                ids.map(Self::Commands).map_err(|_| NotANotice)
            }
            _ => Err(NotANotice),
        }
    }
}

/// What another process told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeNotice {
    /// Who told it.
    sender: Uuid,
    /// The number of the change, where it has one.
    pub change: Option<i64>,
    /// What changed.
    pub what: Told,
}

impl fmt::Display for ChangeNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.sender, self.change.unwrap_or(0), self.what)
    }
}

impl FromStr for ChangeNotice {
    type Err = NotANotice;

    fn from_str(s: &str) -> Result<Self, NotANotice> {
        let mut parts = s.splitn(3, ' ');
        let mut next = || parts.next().ok_or(NotANotice);
        let sender = next()?.parse().map_err(|_| NotANotice)?;
        let change: i64 = next()?.parse().map_err(|_| NotANotice)?;
        Ok(Self { sender, change: Some(change).filter(|n| *n != 0), what: next()?.parse()? })
    }
}

/// Takes the next change number inside a transaction, and tells every process what changed.
pub(in crate::db) async fn next_change(
    c: &mut AsyncPgConnection,
    sender: Uuid,
    what: &Told,
) -> Result<i64, DieselError> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    // One round trip for both.
    let sql = "WITH s AS MATERIALIZED (SELECT nextval('change_seq') AS n) \
               SELECT n, pg_notify($1, $2 || ' ' || n || ' ' || $3)::text AS told FROM s";
    let row: Row = diesel::sql_query(sql)
        .bind::<Text, _>(CHANNEL)
        .bind::<Text, _>(sender.to_string())
        .bind::<Text, _>(what.to_string())
        .get_result(c)
        .await?;
    Ok(row.n)
}

/// Tells every other process of something that has no number of its own, where and when the transaction commits.
pub(in crate::db) async fn tell(
    c: &mut AsyncPgConnection,
    sender: Uuid,
    what: Told,
) -> Result<(), DieselError> {
    let notice = ChangeNotice { sender, change: None, what };
    diesel::sql_query("SELECT pg_notify($1, $2)")
        .bind::<Text, _>(CHANNEL)
        .bind::<Text, _>(notice.to_string())
        .execute(c)
        .await?;
    Ok(())
}

impl Db {
    /// Whether a notice comes from this process.
    pub fn told_by_us(&self, notice: &ChangeNotice) -> bool {
        notice.sender == self.sender
    }

    /// Tells every other process of something that has no number of its own.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn tell(&self, what: Told) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        Ok(tell(&mut c, self.sender, what).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_as_it_was_written() {
        let id = Uuid::from_u128(7);
        let commands = |n: u128| Told::commands((0..n).map(|i| CommandId(Uuid::from_u128(i))));
        assert_eq!(commands(101), Told::Commands(Vec::new()));
        for what in [
            Told::Nothing,
            Told::Server,
            Told::Doubt,
            Told::Platform,
            Told::Region(RegionId::from("OM-MCT")),
            Told::Node(NodeId(id)),
            commands(0),
            commands(100),
            Told::Drains,
            Told::Storage(RegionId::from("OM-MCT")),
            Told::StorageHealth,
            Told::Aside,
            Told::Run(RunId(id)),
        ] {
            for change in [None, Some(12)] {
                let notice = ChangeNotice { sender: id, change, what: what.clone() };
                let text = notice.to_string();
                assert!(text.len() < 8_000, "{}", text.len());
                assert_eq!(text.parse(), Ok(notice));
            }
        }
        for other in
            ["", "x", "7 7 7", &format!("{id} 1 node"), &format!("{id} 1 node x"), &format!("{id} 1 role")]
        {
            assert_eq!(other.parse::<ChangeNotice>(), Err(NotANotice), "{other}");
        }
    }
}
