//! Charts and timelines: reading them.

use common::activity::{EventKind, TimelinePage};
use common::auth::Permission;
use common::history::{History, Metric, POINTS, POINTS_MAX, Series};
use common::problem::FieldError;
use common::time::Timestamp;
use uuid::Uuid;

use super::{App, ServiceError};
use crate::auth::policy::{Actor, authorize};
use crate::db::{Db, EventFilter, EventsOf};
use crate::domain::history::{
    Level, MINUTE_MS, Piece, Plan, Row, Subject, coverage, floor, plan, points, range_max_ms,
};
use crate::live::history::History as Recent;

mod keep;

pub use keep::{forget, roll, write_events, write_minutes};

/// Where no range is given: the last hour.
const RANGE_MS: i64 = 60 * MINUTE_MS;
/// How far quarters and hours lag behind at most while the server runs: an hour that is not over, and one more.
const LAG_MS: i64 = 3 * 60 * MINUTE_MS;

/// What a chart asks for, as it came.
#[derive(Debug, Clone, Default)]
pub struct HistoryQuery {
    /// Names with commas between; all that apply where `None`.
    pub metric: Option<String>,
    /// RFC 3339.
    pub from: Option<String>,
    /// RFC 3339; now where `None`.
    pub to: Option<String>,
    /// 2–500.
    pub points: Option<String>,
}

/// What a timeline asks for, as it came.
#[derive(Debug, Clone, Default)]
pub struct EventsQuery {
    /// Names with commas between.
    pub kind: Option<String>,
    /// RFC 3339.
    pub from: Option<String>,
    /// RFC 3339.
    pub to: Option<String>,
    /// Of the page before.
    pub cursor: Option<String>,
}

/// The charts of a subject.
///
/// # Errors
/// Where there is no such node or region; all parameters that are not right.
pub async fn read(
    app: &App,
    actor: &Actor,
    subject: &Subject,
    query: &HistoryQuery,
) -> Result<History, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    exists(app, subject)?;
    let now = app.clock.wall();
    let asked = Asked::of(query, subject, now).map_err(ServiceError::Invalid)?;
    let (plan, stored) = stored(&app.db, &app.history, subject, &asked, now).await?;
    let recent_from = stored.last().map_or(plan.from, |(row, step)| later(row.bucket, *step)).max(plan.from);
    let series = asked.metrics.iter().map(|metric| {
        let kept = stored.iter().filter_map(|(row, _)| {
            row.metrics.iter().find(|(m, _)| m == metric).map(|(_, measured)| (row.bucket, *measured))
        });
        let recent = app.history.recent(subject, *metric, recent_from, plan.to);
        let pieces: Vec<Piece> = kept.chain(recent).collect();
        Series {
            metric: *metric,
            unit: metric.unit(),
            coverage: coverage(&plan, now, &pieces),
            points: points(&plan, pieces),
        }
    });
    Ok(History {
        from: plan.from,
        to: plan.to,
        step_seconds: u32::try_from(plan.step_ms / 1000).unwrap_or(u32::MAX),
        series: series.collect(),
    })
}

/// The plan, and the rows the database has for it with the length of each, oldest first. What is younger than the last
/// quarter or hour comes as minutes; what is younger than these is in memory.
async fn stored(
    db: &Db,
    recent: &Recent,
    subject: &Subject,
    asked: &Asked,
    now: Timestamp,
) -> Result<(Plan, Vec<(Row, i64)>), ServiceError> {
    let key = subject.to_string();
    let planned = |finest| plan(asked.from, asked.to, asked.points, now, finest);
    let mut plan = planned(Level::Sample);
    if plan.level == Level::Sample {
        // Samples begin with this process. Where there are minutes from before, the whole chart is made of minutes.
        let since = recent.since().unwrap_or(now);
        // The minute in which this process began is not one from before.
        let (start, end) = (floor(plan.from, MINUTE_MS), floor(since, MINUTE_MS));
        let before = db.history_read(Level::Minute, &key, start, end).await?;
        if since <= plan.from || before.is_empty() {
            return Ok((plan, Vec::new()));
        }
        plan = planned(Level::Minute);
    }
    let mut rows = Vec::new();
    let mut from = plan.from;
    let levels: &[Level] =
        if plan.level == Level::Minute { &[Level::Minute] } else { &[plan.level, Level::Minute] };
    for level in levels {
        let step = level.step_ms();
        let part = db.history_read(*level, &key, from, plan.to).await?;
        from = part.last().map_or(from, |row| later(row.bucket, step)).max(later(now, -LAG_MS));
        rows.extend(part.into_iter().map(|row| (row, step)));
    }
    Ok((plan, rows))
}

fn later(at: Timestamp, ms: i64) -> Timestamp {
    Timestamp(at.0.saturating_add(ms))
}

fn exists(app: &App, subject: &Subject) -> Result<(), ServiceError> {
    let missing = |what, id: String| Err(ServiceError::NotFound { what, id });
    match subject {
        Subject::Region(id) if app.fleet.region(id).is_none() => missing("region", id.to_string()),
        Subject::Node(id) if app.fleet.node(*id).is_none() => missing("node", id.to_string()),
        _ => Ok(()),
    }
}

/// A chart's parameters, understood.
struct Asked {
    metrics: Vec<Metric>,
    from: Timestamp,
    to: Timestamp,
    points: u32,
}

impl Asked {
    fn of(q: &HistoryQuery, subject: &Subject, now: Timestamp) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let metrics = match &q.metric {
            None => applying(subject),
            Some(names) => listed(names, Metric::parse, "metric", &mut errors),
        };
        let to = time(q.to.as_deref(), "to", &mut errors).unwrap_or(now);
        let from = time(q.from.as_deref(), "from", &mut errors).unwrap_or(later(to, -RANGE_MS));
        let points = match q.points.as_deref().map(str::parse::<u32>) {
            None => POINTS,
            Some(Ok(n)) if (2..=POINTS_MAX).contains(&n) => n,
            Some(_) => {
                let detail = format!("points is a number from 2 to {POINTS_MAX}.");
                errors.push(FieldError::query("points", "out_of_range", detail));
                POINTS
            }
        };
        if errors.is_empty() {
            errors.extend(range_error(from, to, now));
        }
        if errors.is_empty() { Ok(Self { metrics, from, to, points }) } else { Err(errors) }
    }
}

fn range_error(from: Timestamp, to: Timestamp, now: Timestamp) -> Option<FieldError> {
    let range = to.0.saturating_sub(from.0);
    if range < MINUTE_MS {
        return Some(FieldError::query("from", "range", "from is at least a minute before to."));
    }
    if range > range_max_ms() {
        let detail = "from and to are at most 366 days apart: nothing is kept for longer.";
        return Some(FieldError::query("from", "range", detail));
    }
    (from > now).then(|| FieldError::query("from", "future", "from lies in the future."))
}

/// What is measured of a subject.
fn applying(subject: &Subject) -> Vec<Metric> {
    use Metric as M;
    let machine = [M::Cpu, M::Memory, M::NetworkDown, M::NetworkUp];
    let work = [M::Phone, M::Web, M::SlotsUsed, M::SlotsMax, M::Processing, M::Pending];
    match subject {
        Subject::Frontend(_) => machine.into_iter().chain([M::DatabaseMs, M::SweeperLateMs]).collect(),
        Subject::Node(_) => machine.into_iter().chain(work).collect(),
        Subject::Cluster | Subject::Region(_) => {
            let counts = [
                M::BackendOnline,
                M::BackendRegistered,
                M::BackendAccepting,
                M::ProxyOnline,
                M::ProxyRegistered,
                M::ProxyAccepting,
            ];
            work.into_iter().chain(counts).collect()
        }
    }
}

/// Names with commas between, each once, in the order given.
pub(super) fn listed<T: PartialEq>(
    text: &str,
    parse: fn(&str) -> Option<T>,
    parameter: &str,
    errors: &mut Vec<FieldError>,
) -> Vec<T> {
    let mut found = Vec::new();
    for name in text.split(',') {
        match parse(name.trim()) {
            Some(value) if found.contains(&value) => {}
            Some(value) => found.push(value),
            None => {
                let name: String = name.chars().take(40).collect();
                let detail = format!("{name:?} is no {parameter} there is.");
                errors.push(FieldError::query(parameter, "unknown", detail));
                return found;
            }
        }
    }
    found
}

/// A time parameter.
pub(super) fn time(text: Option<&str>, parameter: &str, errors: &mut Vec<FieldError>) -> Option<Timestamp> {
    match text?.parse() {
        Ok(at) => Some(at),
        Err(_) => {
            let detail = format!("{parameter} is a time such as 2026-11-22T10:20:30Z.");
            errors.push(FieldError::query(parameter, "time", detail));
            None
        }
    }
}

/// A page of the timeline of a node, or of a region and its nodes.
///
/// # Errors
/// Where there is no such node or region; all parameters that are not right.
pub async fn events(
    app: &App,
    actor: &Actor,
    of: EventsOf,
    query: &EventsQuery,
    limit: usize,
) -> Result<TimelinePage, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let subject = match &of {
        EventsOf::Node(id) => Subject::Node(*id),
        EventsOf::Region(id) => Subject::Region(id.clone()),
    };
    exists(app, &subject)?;
    let mut errors = Vec::new();
    let kinds = query.kind.as_deref().map(|k| listed(k, EventKind::parse, "kind", &mut errors));
    let from = time(query.from.as_deref(), "from", &mut errors);
    let to = time(query.to.as_deref(), "to", &mut errors);
    let after = query.cursor.as_deref().map(event_cursor);
    if after == Some(None) {
        errors.push(FieldError::query("cursor", "cursor", "Not a cursor of this list."));
    }
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    let filter = EventFilter { of, kinds: kinds.unwrap_or_default(), from, to, after: after.flatten() };
    let asked = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let mut items = app.db.events_page(&filter, asked).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|e| format!("{}.{}", e.at.millis(), e.id));
    Ok(TimelinePage { items, next_cursor })
}

fn event_cursor(text: &str) -> Option<(Timestamp, Uuid)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp(at.parse().ok()?), id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-04T00:00:00Z.
    const NOW: Timestamp = Timestamp(1_772_582_400_000);

    fn codes(q: &HistoryQuery) -> Vec<(String, String)> {
        let errors = Asked::of(q, &Subject::Cluster, NOW).err().unwrap_or_default();
        errors.into_iter().map(|e| (e.pointer, e.code)).collect()
    }

    #[test]
    fn all_that_is_wrong_is_named() {
        let text = |t: &str| Some(t.to_owned());
        let q = HistoryQuery { metric: text("cpu,gpu"), from: text("x"), to: text("y"), points: text("501") };
        let pointers: Vec<String> = codes(&q).into_iter().map(|(p, _)| p).collect();
        assert_eq!(pointers, ["#query/metric", "#query/to", "#query/from", "#query/points"]);
        for (from, to, code) in [
            ("2026-03-04T00:00:00Z", "2026-03-03T00:00:00Z", "range"),
            ("2026-03-03T23:59:30Z", "2026-03-04T00:00:00Z", "range"),
            ("2024-03-03T00:00:00Z", "2026-03-04T00:00:00Z", "range"),
            ("2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z", "future"),
        ] {
            let q = HistoryQuery { from: text(from), to: text(to), ..HistoryQuery::default() };
            assert_eq!(codes(&q), [("#query/from".to_owned(), code.to_owned())], "{from} {to}");
        }
    }

    #[test]
    fn what_is_not_given_is_the_last_hour_of_all_that_applies() {
        let asked = Asked::of(&HistoryQuery::default(), &Subject::Cluster, NOW).ok().unwrap();
        assert_eq!((asked.from.0, asked.to, asked.points), (NOW.0 - RANGE_MS, NOW, POINTS));
        assert_eq!(asked.metrics.len(), 12);
        let twice = HistoryQuery { metric: Some("web,phone,web".into()), ..HistoryQuery::default() };
        let asked = Asked::of(&twice, &Subject::Cluster, NOW).ok().unwrap();
        assert_eq!(asked.metrics, [Metric::Web, Metric::Phone]);
    }

    #[test]
    fn cursors_are_read_or_refused() {
        let id = Uuid::from_u128(7);
        assert_eq!(event_cursor(&format!("-5.{id}")), Some((Timestamp(-5), id)));
        for bad in ["", ".", "5", "5.x", "x.0198f6a2-0000-7000-8000-000000000001"] {
            assert_eq!(event_cursor(bad), None, "{bad}");
        }
    }
}
