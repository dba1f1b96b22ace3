//! Figures over time: minutes, quarters of an hour, hours.

use chrono::{DateTime, Utc};
use common::history::Metric;
use common::time::Timestamp;
use diesel::prelude::*;
use diesel::sql_types::{Array, Float4, Int2, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;

use super::{Db, DbError, from_db, to_db};
use crate::domain::history::{Level, Measured, Row, metric_code, metric_of};

/// A repeated write changes nothing: of two rows for the same minute (a restart within it, a second replica) the one
/// that rests on more samples stays.
const WRITE: &str = "INSERT INTO history_1m AS old (subject, bucket, metrics, mins, avgs, maxs, samples) \
    SELECT subject, bucket, array_agg(metric ORDER BY metric), array_agg(min ORDER BY metric), \
        array_agg(avg ORDER BY metric), array_agg(max ORDER BY metric), array_agg(samples ORDER BY metric) \
    FROM unnest($1::text[], $2::timestamptz[], $3::int2[], $4::float4[], $5::float4[], $6::float4[], $7::int2[]) \
        AS u(subject, bucket, metric, min, avg, max, samples) GROUP BY subject, bucket \
    ON CONFLICT (subject, bucket) DO UPDATE SET metrics = excluded.metrics, mins = excluded.mins, \
        avgs = excluded.avgs, maxs = excluded.maxs, samples = excluded.samples \
    WHERE (SELECT sum(n) FROM unnest(excluded.samples) n) >= (SELECT sum(n) FROM unnest(old.samples) n)";

/// `$1` up to `$2` of one table, put together in another; means are weighted by their samples.
fn roll_sql(from: &str, into: &str, step: &str) -> String {
    format!(
        "INSERT INTO {into} (subject, bucket, metrics, mins, avgs, maxs, samples) \
         SELECT subject, step, array_agg(metric ORDER BY metric), array_agg(min ORDER BY metric), \
             array_agg(avg ORDER BY metric), array_agg(max ORDER BY metric), array_agg(n ORDER BY metric) \
         FROM (SELECT r.subject, date_bin(interval '{step}', r.bucket, timestamptz '1970-01-01 00:00:00+00') AS step, \
                   u.metric, min(u.min) AS min, (sum(u.avg::float8 * u.n) / sum(u.n))::float4 AS avg, \
                   max(u.max) AS max, least(sum(u.n), 32767)::int2 AS n \
               FROM {from} r, unnest(r.metrics, r.mins, r.avgs, r.maxs, r.samples) AS u(metric, min, avg, max, n) \
               WHERE r.bucket >= $1 AND r.bucket < $2 AND u.n > 0 GROUP BY 1, 2, 3) s \
         GROUP BY subject, step \
         ON CONFLICT (subject, bucket) DO UPDATE SET metrics = excluded.metrics, mins = excluded.mins, \
             avgs = excluded.avgs, maxs = excluded.maxs, samples = excluded.samples"
    )
}

/// The table of a level; samples have none.
fn table(level: Level) -> Option<&'static str> {
    match level {
        Level::Sample => None,
        Level::Minute => Some("history_1m"),
        Level::Quarter => Some("history_15m"),
        Level::Hour => Some("history_1h"),
    }
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Timestamptz)]
    bucket: DateTime<Utc>,
    #[diesel(sql_type = Array<Int2>)]
    metrics: Vec<i16>,
    #[diesel(sql_type = Array<Float4>)]
    mins: Vec<f32>,
    #[diesel(sql_type = Array<Float4>)]
    avgs: Vec<f32>,
    #[diesel(sql_type = Array<Float4>)]
    maxs: Vec<f32>,
    #[diesel(sql_type = Array<Int2>)]
    samples: Vec<i16>,
}

impl Stored {
    fn measured(self) -> Vec<(Metric, Measured)> {
        let figures = self.mins.into_iter().zip(self.avgs).zip(self.maxs).zip(self.samples);
        // A number of a newer version is passed over.
        self.metrics
            .into_iter()
            .zip(figures)
            .filter_map(|(code, (((min, avg), max), n))| {
                Some((metric_of(code)?, Measured { min, avg, max, samples: u16::try_from(n).ok()? }))
            })
            .collect()
    }
}

impl Db {
    /// Writes minutes in one statement; each subject and minute at most once in `rows`.
    ///
    /// # Errors
    /// Where the database fails; nothing is written then.
    pub async fn history_write(&self, rows: &[Row]) -> Result<(), DbError> {
        let flat = || rows.iter().flat_map(|r| r.metrics.iter().map(move |(m, v)| (r, *m, *v)));
        if flat().next().is_none() {
            return Ok(());
        }
        let count = |n: u16| i16::try_from(n).unwrap_or(i16::MAX);
        let mut c = self.conn().await?;
        diesel::sql_query(WRITE)
            .bind::<Array<Text>, _>(flat().map(|(r, _, _)| r.subject.as_str()).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>(flat().map(|(r, _, _)| to_db(r.bucket)).collect::<Vec<_>>())
            .bind::<Array<Int2>, _>(flat().map(|(_, m, _)| metric_code(m)).collect::<Vec<_>>())
            .bind::<Array<Float4>, _>(flat().map(|(_, _, v)| v.min).collect::<Vec<_>>())
            .bind::<Array<Float4>, _>(flat().map(|(_, _, v)| v.avg).collect::<Vec<_>>())
            .bind::<Array<Float4>, _>(flat().map(|(_, _, v)| v.max).collect::<Vec<_>>())
            .bind::<Array<Int2>, _>(flat().map(|(_, _, v)| count(v.samples)).collect::<Vec<_>>())
            .execute(&mut c)
            .await?;
        Ok(())
    }

    /// Makes the quarters (of minutes) or hours (of quarters) from `from` up to and without `until`, both on whole
    /// steps. Made again, they are the same.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn history_roll(&self, into: Level, from: Timestamp, until: Timestamp) -> Result<(), DbError> {
        let sql = match into {
            Level::Sample | Level::Minute => return Ok(()),
            Level::Quarter => roll_sql("history_1m", "history_15m", "15 minutes"),
            Level::Hour => roll_sql("history_15m", "history_1h", "1 hour"),
        };
        let mut c = self.conn().await?;
        diesel::sql_query(sql)
            .bind::<Timestamptz, _>(to_db(from))
            .bind::<Timestamptz, _>(to_db(until))
            .execute(&mut c)
            .await?;
        Ok(())
    }

    /// The newest step of a level at or after `since`, by the cluster's own rows: there is one for every step in which
    /// a server ran.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn history_newest(&self, level: Level, since: Timestamp) -> Result<Option<Timestamp>, DbError> {
        self.history_end(level, "max", since).await
    }

    /// The oldest one.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn history_oldest(&self, level: Level, since: Timestamp) -> Result<Option<Timestamp>, DbError> {
        self.history_end(level, "min", since).await
    }

    async fn history_end(
        &self,
        level: Level,
        which: &'static str,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, DbError> {
        #[derive(QueryableByName)]
        struct End {
            #[diesel(sql_type = Nullable<Timestamptz>)]
            bucket: Option<DateTime<Utc>>,
        }
        let Some(table) = table(level) else { return Ok(None) };
        let sql = format!(
            "SELECT {which}(bucket) AS bucket FROM {table} WHERE subject = 'cluster' AND bucket >= $1"
        );
        let mut c = self.conn().await?;
        let end: End = diesel::sql_query(sql).bind::<Timestamptz, _>(to_db(since)).get_result(&mut c).await?;
        Ok(end.bucket.map(from_db))
    }

    /// Removes everything of one subject.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn history_delete(&self, subject: &str) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        for table in Level::ALL.into_iter().filter_map(table) {
            let sql = format!("DELETE FROM {table} WHERE subject = $1");
            diesel::sql_query(sql).bind::<Text, _>(subject).execute(&mut c).await?;
        }
        Ok(())
    }

    /// What is kept of one subject at one level from `from` up to and without `to`, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn history_read(
        &self,
        level: Level,
        subject: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Row>, DbError> {
        let Some(table) = table(level) else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT bucket, metrics, mins, avgs, maxs, samples FROM {table} \
             WHERE subject = $1 AND bucket >= $2 AND bucket < $3 ORDER BY bucket"
        );
        let mut c = self.conn().await?;
        let rows: Vec<Stored> = diesel::sql_query(sql)
            .bind::<Text, _>(subject)
            .bind::<Timestamptz, _>(to_db(from))
            .bind::<Timestamptz, _>(to_db(to))
            .load(&mut c)
            .await?;
        Ok(rows
            .into_iter()
            .map(|r| Row { subject: subject.to_owned(), bucket: from_db(r.bucket), metrics: r.measured() })
            .collect())
    }
}
