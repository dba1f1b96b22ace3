//! Tables in pieces by time: made ahead, dropped when they are too old. Dropping a table is at once and leaves no holes,
//! where deleting its rows would take minutes and leave the disk as full as before.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};
use common::time::Timestamp;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection as _};

use super::{Db, DbError, to_db};

/// How long one piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Every {
    Day,
    Month,
}

/// A partitioned table.
struct Partitioned {
    table: &'static str,
    /// The column it is cut by.
    by: &'static str,
    every: Every,
    /// Pieces whose end is older than so many days are dropped.
    kept_days: u64,
}

/// For how many days events are kept.
pub const EVENTS_DAYS: u64 = 366;

const TABLES: [Partitioned; 4] = [
    Partitioned { table: "events", by: "at", every: Every::Month, kept_days: EVENTS_DAYS },
    Partitioned { table: "history_1m", by: "bucket", every: Every::Day, kept_days: 7 },
    Partitioned { table: "history_15m", by: "bucket", every: Every::Month, kept_days: 90 },
    Partitioned { table: "history_1h", by: "bucket", every: Every::Month, kept_days: 366 },
];

/// Two servers that make the same piece would get in each other's way.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext('iqra partitions'))";

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Pieces that are new.
    pub made: Vec<String>,
    /// Pieces that are gone.
    pub dropped: Vec<String>,
}

/// A piece: its first day, and the first day after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    from: NaiveDate,
    to: NaiveDate,
}

impl Every {
    /// The piece that holds a day.
    fn piece(self, day: NaiveDate) -> Option<Piece> {
        match self {
            Self::Day => Some(Piece { from: day, to: day.checked_add_days(Days::new(1))? }),
            Self::Month => {
                let from = day.with_day(1)?;
                Some(Piece { from, to: from.checked_add_months(Months::new(1))? })
            }
        }
    }

    fn name(self, table: &str, p: Piece) -> String {
        match self {
            Self::Day => format!("{table}_{}", p.from.format("%Y_%m_%d")),
            Self::Month => format!("{table}_{}", p.from.format("%Y_%m")),
        }
    }

    /// The piece a name stands for; `None` where the name is not ours.
    fn parse(self, table: &str, name: &str) -> Option<Piece> {
        let date = name.strip_prefix(table)?.strip_prefix('_')?;
        let whole = match self {
            Self::Day => date.to_owned(),
            Self::Month => format!("{date}_01"),
        };
        let piece = self.piece(NaiveDate::parse_from_str(&whole, "%Y_%m_%d").ok()?)?;
        (self.name(table, piece) == name).then_some(piece)
    }
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

impl Db {
    /// Makes the pieces of now and of next time, and drops those whose time is over.
    ///
    /// # Errors
    /// Where the database fails; what was done so far stays.
    pub async fn partitions_maintain(&self, now: Timestamp) -> Result<Maintained, DbError> {
        let mut done = Maintained::default();
        let today = to_db(now).date_naive();
        let mut c = self.conn().await?;
        for table in &TABLES {
            let now = table.every.piece(today);
            let next = now.and_then(|p| table.every.piece(p.to));
            for piece in now.into_iter().chain(next) {
                done.made.extend(make(&mut c, table, piece).await?);
            }
            let Some(oldest) = today.checked_sub_days(Days::new(table.kept_days)) else { continue };
            for name in pieces(&mut c, table.table).await? {
                if table.every.parse(table.table, &name).is_some_and(|p| p.to <= oldest) {
                    // The name was taken apart and put together again, so it holds nothing but what we write.
                    c.batch_execute(&format!("DROP TABLE IF EXISTS {name}")).await?;
                    done.dropped.push(name);
                }
            }
            sweep_default(&mut c, table, oldest).await?;
        }
        Ok(done)
    }
}

/// The pieces of a table, the default one aside.
async fn pieces(c: &mut AsyncPgConnection, table: &str) -> Result<Vec<String>, DbError> {
    let sql = "SELECT p.relname::text AS name FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid \
        WHERE i.inhparent = $1::text::regclass AND p.relname::text <> $1 || '_default' ORDER BY 1";
    let names: Vec<Name> = diesel::sql_query(sql).bind::<Text, _>(table).load(c).await?;
    Ok(names.into_iter().map(|n| n.name).collect())
}

/// Makes a piece where there is none; its name. What the default piece holds of its time moves over: the database
/// refuses a piece whose rows lie elsewhere.
async fn make(c: &mut AsyncPgConnection, t: &Partitioned, p: Piece) -> Result<Option<String>, DbError> {
    #[derive(QueryableByName)]
    struct There {
        #[diesel(sql_type = Bool)]
        there: bool,
    }
    let name = t.every.name(t.table, p);
    let (table, by, from, to) = (t.table, t.by, p.from, p.to);
    c.transaction(async |c| {
        diesel::sql_query(LOCK).execute(c).await?;
        let known: There = diesel::sql_query("SELECT to_regclass($1) IS NOT NULL AS there")
            .bind::<Text, _>(&name)
            .get_result(c)
            .await?;
        if known.there {
            return Ok(None);
        }
        let range = format!("{by} >= '{from} 00:00:00+00' AND {by} < '{to} 00:00:00+00'");
        c.batch_execute(&format!(
            "CREATE TEMPORARY TABLE moving ON COMMIT DROP AS SELECT * FROM {table}_default WHERE {range}; \
             DELETE FROM {table}_default WHERE {range}; \
             CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{from} 00:00:00+00') TO ('{to} 00:00:00+00'); \
             INSERT INTO {table} SELECT * FROM moving; DROP TABLE moving;"
        ))
        .await?;
        Ok(Some(name))
    })
    .await
}

/// Removes what is too old from the default piece, which is empty unless a clock was wrong.
async fn sweep_default(c: &mut AsyncPgConnection, t: &Partitioned, oldest: NaiveDate) -> Result<(), DbError> {
    let (table, by) = (t.table, t.by);
    let oldest: DateTime<Utc> = oldest.and_time(chrono::NaiveTime::MIN).and_utc();
    diesel::sql_query(format!("DELETE FROM {table}_default WHERE {by} < $1"))
        .bind::<diesel::sql_types::Timestamptz, _>(oldest)
        .execute(c)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn names_say_what_is_in_them_and_nothing_else_is_ours() {
        let month = Every::Month.piece(day(2026, 12, 31)).unwrap();
        assert_eq!(month, Piece { from: day(2026, 12, 1), to: day(2027, 1, 1) });
        assert_eq!(Every::Month.name("events", month), "events_2026_12");
        assert_eq!(Every::Month.parse("events", "events_2026_12"), Some(month));
        let one = Every::Day.piece(day(2028, 2, 29)).unwrap();
        assert_eq!(Every::Day.name("history_1m", one), "history_1m_2028_02_29");
        assert_eq!(Every::Day.parse("history_1m", "history_1m_2028_02_29"), Some(one));
        for other in ["events_default", "events_2026_1", "events_2026_13", "events_2026_12_01", "events", "x"]
        {
            assert_eq!(Every::Month.parse("events", other), None, "{other}");
        }
    }
}
