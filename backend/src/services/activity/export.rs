//! The activity log as a file: exactly what a filter lets through, page by page, so that its size does not matter.

use bytes::Bytes;
use common::activity::{Activity, ActivityCount};
use common::auth::Permission;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use serde::Serialize;
use uuid::Uuid;

use super::ActivityQuery;
use crate::auth::hex;
use crate::auth::policy::{Actor, authorize};
use crate::db::{Db, Links};
use crate::domain::activity::Filter;
use crate::services::{App, ServiceError};

/// Most entries of one file; the newest ones where there are more.
pub const EXPORT_MAX: u32 = 100_000;
/// Entries read at once.
const PAGE: u32 = 500;

const COLUMNS: [&str; 16] = [
    "id",
    "at",
    "actor",
    "action",
    "outcome",
    "targetKind",
    "targetId",
    "targetName",
    "regionId",
    "before",
    "after",
    "reason",
    "requestId",
    "source",
    "seq",
    "hash",
];

/// Of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180 with a line of names.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

impl Format {
    /// From its name.
    pub fn parse(s: &str) -> Option<Self> {
        match s {
            "csv" => Some(Self::Csv),
            "ndjson" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

/// A file that is being made.
pub struct Export<S> {
    /// How many entries it will have.
    pub count: ActivityCount,
    /// Its pieces. An error ends it in the middle, so that nobody takes it for whole.
    pub pieces: S,
}

/// Begins a file. Entries written from now on are not in it.
///
/// # Errors
/// All parameters that are not right.
pub async fn export(
    app: &App,
    actor: &Actor,
    query: &ActivityQuery,
    format: Format,
) -> Result<Export<impl Stream<Item = Result<Bytes, ServiceError>> + use<>>, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let filter = query.understood()?;
    let begin = Uuid::now_v7();
    let count = counted(&app.db, &filter, Some(begin)).await?;
    let made = Making { db: app.db.clone(), filter, format, after: begin, left: count.count, begun: false };
    Ok(Export { count, pieces: try_unfold(made, Making::next) })
}

/// How many entries a filter lets through, as far as an export goes.
pub(super) async fn counted(
    db: &Db,
    filter: &Filter,
    below: Option<Uuid>,
) -> Result<ActivityCount, ServiceError> {
    let counted = db.activity_count(filter, below, i64::from(EXPORT_MAX) + 1).await?;
    let count = u32::try_from(counted).unwrap_or(u32::MAX);
    Ok(ActivityCount { count: count.min(EXPORT_MAX), capped: count > EXPORT_MAX })
}

struct Making {
    db: Db,
    filter: Filter,
    format: Format,
    /// Below this id comes what is not in the file yet.
    after: Uuid,
    left: u32,
    begun: bool,
}

impl Making {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, ServiceError> {
        if self.begun && self.left == 0 {
            return Ok(None);
        }
        let asked = self.left.min(PAGE);
        let page = match asked {
            0 => Vec::new(),
            n => self.db.activity_page(&self.filter, Some(self.after), i64::from(n)).await?,
        };
        let whole = u32::try_from(page.len()).is_ok_and(|n| n == asked);
        self.left = if whole { self.left.saturating_sub(asked) } else { 0 };
        if let Some(last) = page.last().and_then(|e| e.id.parse().ok()) {
            self.after = last;
        }
        let links = self.db.chain_of(&page).await?;
        let piece = match self.format {
            Format::Csv => csv(&page, &links, !self.begun)?,
            Format::Ndjson => ndjson(&page, &links)?,
        };
        self.begun = true;
        if piece.is_empty() { Ok(None) } else { Ok(Some((Bytes::from(piece), self))) }
    }
}

/// An entry with its place in the chain.
#[derive(Serialize)]
struct Linked<'a> {
    #[serde(flatten)]
    entry: &'a Activity,
    seq: Option<i64>,
    hash: Option<String>,
}

fn ndjson(entries: &[Activity], links: &Links) -> Result<Vec<u8>, ServiceError> {
    let mut out = Vec::new();
    for entry in entries {
        let (seq, hash) = place(entry, links);
        let linked = Linked { entry, seq, hash };
        serde_json::to_writer(&mut out, &linked).map_err(|e| ServiceError::Internal(e.to_string()))?;
        out.push(b'\n');
    }
    Ok(out)
}

/// The number and the hash of an entry.
fn place(entry: &Activity, links: &Links) -> (Option<i64>, Option<String>) {
    links.get(&entry.id).map(|(seq, hash)| (*seq, hex(hash))).unzip()
}

fn csv(entries: &[Activity], links: &Links, names: bool) -> Result<Vec<u8>, ServiceError> {
    let fail = |e: csv::Error| ServiceError::Internal(e.to_string());
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if names {
        writer.write_record(COLUMNS).map_err(fail)?;
    }
    let json = |v: &Option<serde_json::Value>| v.as_ref().map(ToString::to_string).unwrap_or_default();
    for e in entries {
        let (seq, hash) = place(e, links);
        let cells = [
            e.id.clone(),
            e.at.to_string(),
            e.actor.clone(),
            e.action.clone(),
            e.outcome.as_str().to_owned(),
            e.target_kind.clone(),
            e.target_id.clone(),
            e.target_name.clone().unwrap_or_default(),
            e.region_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            json(&e.before),
            json(&e.after),
            e.reason.clone().unwrap_or_default(),
            e.request_id.clone().unwrap_or_default(),
            e.source.clone().unwrap_or_default(),
            seq.map(|n| n.to_string()).unwrap_or_default(),
            hash.unwrap_or_default(),
        ];
        writer.write_record(cells.map(harmless)).map_err(fail)?;
    }
    writer.into_inner().map_err(|e| ServiceError::Internal(e.to_string()))
}

/// A spreadsheet takes a cell that begins like a formula for one and runs it; an apostrophe in front makes it text.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::activity::Outcome;
    use common::time::Timestamp;

    fn entry(reason: &str) -> Activity {
        Activity {
            id: Uuid::nil().to_string(),
            at: Timestamp(0),
            actor: "a@b".into(),
            action: "node.update".into(),
            outcome: Outcome::Allowed,
            target_kind: "node".into(),
            target_id: "x".into(),
            target_name: None,
            region_id: None,
            before: None,
            after: Some(serde_json::json!({ "notes": "a,\"b\"" })),
            reason: Some(reason.into()),
            request_id: None,
            source: Some("10.0.0.1".into()),
        }
    }

    #[test]
    fn a_file_reads_back_as_it_was_and_runs_nothing() {
        let reasons = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a\r\nb", "plain, \"quoted\"", "a=b"];
        let entries: Vec<_> = reasons.iter().map(|r| entry(r)).collect();
        let links = Links::from([(entry("").id, (7, vec![0xab; 32]))]);
        let text = csv(&entries, &links, true).unwrap();
        assert!(text.starts_with(b"id,at,actor,") && text.ends_with(b"\r\n"));
        let mut reader = csv::Reader::from_reader(&text[..]);
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), COLUMNS);
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        let read: Vec<&str> = rows.iter().map(|r| &r[11]).collect();
        assert_eq!(
            read,
            ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a\r\nb", "plain, \"quoted\"", "a=b"]
        );
        assert_eq!(&rows[0][10], r#"{"notes":"a,\"b\""}"#);
        assert_eq!((&rows[0][14], &rows[0][15]), ("7", "ab".repeat(32).as_str()));
        assert!(csv(&[], &links, false).unwrap().is_empty());
    }

    #[test]
    fn one_object_a_line() {
        let text = ndjson(&[entry("a\nb"), entry("c")], &Links::new()).unwrap();
        let lines: Vec<Activity> = text
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .map(|l| serde_json::from_slice(l).unwrap())
            .collect();
        assert_eq!(lines, [entry("a\nb"), entry("c")]);
    }
}
