//! The server processes of the control plane: each writes about itself, any of them shows all.

use std::cmp::Reverse;

use common::auth::Permission;
use common::ids::FrontendId;
use common::singleton::{
    DatabaseHealth, FrontendNode, FrontendNodes, FrontendState, FrontendSummary, SweeperHealth,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{App, ServiceError};
use crate::auth::policy::{Actor, authorize};
use crate::db::{FrontendRow, FrontendSeen};
use crate::domain::history::Subject;

/// How often a process writes about itself, in milliseconds.
pub const WRITE_EVERY_MS: u64 = 5_000;
/// Silence after which it is stale: three writes.
const STALE_MS: u64 = 3 * WRITE_EVERY_MS;
/// Silence after which it is gone.
const GONE_MS: u64 = 60_000;

/// What this process is called, for as long as it runs.
#[derive(Debug, Clone)]
pub struct Process {
    /// Made at the start.
    pub id: FrontendId,
    /// Of the machine.
    pub hostname: String,
    /// Where it listens.
    pub listen: String,
    /// Names the console it carries.
    pub bundle: Option<String>,
}

impl Process {
    /// This process.
    pub fn new(hostname: Option<String>, listen: String, bundle: Option<String>) -> Self {
        let id = FrontendId(Uuid::now_v7());
        Self { id, hostname: hostname.unwrap_or_else(|| "unknown".to_owned()), listen, bundle }
    }

    /// What its figures are kept under: the same after a restart.
    pub fn subject(&self) -> Subject {
        subject(&self.hostname, &self.listen)
    }
}

fn subject(hostname: &str, listen: &str) -> Subject {
    Subject::Frontend(format!("{hostname}/{listen}"))
}

/// What a process measured of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Measured {
    /// Where it listens.
    pub listen: String,
    /// Of the machine, 0–100.
    pub cpu_percent: Option<f64>,
    /// Of the process.
    pub memory_bytes: Option<u64>,
    /// Of the machine, 0–100.
    pub memory_percent: Option<f64>,
    /// Of the machine.
    pub memory_total_bytes: Option<u64>,
    /// The database as it sees it.
    pub database: DatabaseHealth,
    /// Its sweeper.
    pub sweeper: SweeperHealth,
    /// Since the last measurement.
    pub heartbeats_per_second: f64,
    /// Open to it.
    pub open_streams: u32,
}

impl Default for Measured {
    /// Nothing measured.
    fn default() -> Self {
        Self {
            listen: String::new(),
            cpu_percent: None,
            memory_bytes: None,
            memory_percent: None,
            memory_total_bytes: None,
            database: DatabaseHealth { ok: false, ping_ms: None, schema: None },
            sweeper: SweeperHealth { active: false, ok: false, last_at: None, late_ms: None },
            heartbeats_per_second: 0.0,
            open_streams: 0,
        }
    }
}

/// Writes the row of this process and notes which others run. `stopped` with the last one.
///
/// # Errors
/// Where the database fails.
pub async fn write(app: &App, measured: &Measured, stopped: bool) -> Result<(), ServiceError> {
    let process = &app.process;
    let report = serde_json::to_value(measured).map_err(|e| ServiceError::Internal(e.to_string()))?;
    let row = FrontendRow {
        id: process.id,
        hostname: process.hostname.clone(),
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        bundle: process.bundle.clone(),
        started_at: app.started_at,
        report,
    };
    app.db.frontend_write(&row, stopped.then(|| app.clock.wall())).await?;
    let all: Vec<FrontendNode> =
        app.db.frontend_list().await?.into_iter().map(|s| shown(s, process.id)).collect();
    app.fleet.board.note_frontends(summary(&all));
    // One that is stale may still take heartbeats: its trouble may be with its own row alone.
    app.fleet.note_others(all.iter().any(|n| !n.is_self && n.state != FrontendState::Gone));
    Ok(())
}

/// Whether the database answers, how fast, and what its newest migration is.
pub async fn ask_database(app: &App) -> DatabaseHealth {
    let asked = app.clock.mono();
    let ok = app.db.ping().await.is_ok();
    let ping_ms = u32::try_from(app.clock.mono().since(asked)).ok().map(f64::from).filter(|_| ok);
    let schema = if ok { app.db.schema_version().await.unwrap_or_default() } else { None };
    DatabaseHealth { ok, ping_ms, schema }
}

/// The sweeper of this process: late by more than an interval is not in order.
pub fn sweeper(app: &App) -> SweeperHealth {
    let Some((at, late_ms)) = app.fleet.board.last_sweep().filter(|_| app.fleet.sweeps()) else {
        return SweeperHealth { active: false, ok: true, last_at: None, late_ms: None };
    };
    let allowed = app.fleet.policy().interval_ms.max(1_000);
    let ok = late_ms <= allowed && app.clock.wall().since(at) <= allowed.saturating_mul(2);
    SweeperHealth { active: true, ok, last_at: Some(at), late_ms: Some(late_ms) }
}

/// The processes of the last 24 hours, live ones first, then the newest.
///
/// # Errors
/// A role too low; where the database fails.
pub async fn list(app: &App, actor: &Actor) -> Result<FrontendNodes, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let mut items: Vec<FrontendNode> =
        app.db.frontend_list().await?.into_iter().map(|s| shown(s, app.process.id)).collect();
    items.sort_by_key(|n| (n.state != FrontendState::Live, Reverse(n.last_seen_at), n.id));
    let versions_differ = summary(&items).versions_differ;
    Ok(FrontendNodes { items, versions_differ })
}

/// What the figures of one process are kept under.
///
/// # Errors
/// A role too low, no such process; where the database fails.
pub async fn history_of(app: &App, actor: &Actor, id: &str) -> Result<Subject, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let not_found = || ServiceError::NotFound { what: "frontend node", id: id.to_owned() };
    let wanted: FrontendId = id.parse().map_err(|_| not_found())?;
    if wanted == app.process.id {
        return Ok(app.process.subject());
    }
    let all = app.db.frontend_list().await?;
    let found = all.into_iter().find(|s| s.row.id == wanted).ok_or_else(not_found)?;
    let node = shown(found, app.process.id);
    Ok(subject(&node.hostname, &node.listen))
}

fn shown(seen: FrontendSeen, own: FrontendId) -> FrontendNode {
    let row = seen.row;
    let m: Measured = serde_json::from_value(row.report).unwrap_or_default();
    let state = match seen.age_ms {
        _ if seen.stopped => FrontendState::Gone,
        age if age > GONE_MS => FrontendState::Gone,
        age if age > STALE_MS => FrontendState::Stale,
        _ => FrontendState::Live,
    };
    // Whoever is silent sweeps no more, whatever its last word was.
    let sweeper = SweeperHealth { active: m.sweeper.active && state == FrontendState::Live, ..m.sweeper };
    FrontendNode {
        id: row.id,
        is_self: row.id == own,
        state,
        hostname: row.hostname,
        pid: row.pid,
        listen: m.listen,
        version: row.version,
        bundle: row.bundle,
        started_at: row.started_at,
        last_seen_at: seen.last_seen,
        cpu_percent: m.cpu_percent,
        memory_bytes: m.memory_bytes,
        memory_percent: m.memory_percent,
        memory_total_bytes: m.memory_total_bytes,
        database: m.database,
        sweeper,
        heartbeats_per_second: m.heartbeats_per_second,
        open_streams: m.open_streams,
    }
}

fn summary(all: &[FrontendNode]) -> FrontendSummary {
    let live: Vec<&FrontendNode> = all.iter().filter(|n| n.state == FrontendState::Live).collect();
    let versions_differ = live.windows(2).any(|pair| match pair {
        [a, b] => (&a.version, &a.bundle) != (&b.version, &b.bundle),
        _ => false,
    });
    FrontendSummary {
        count: u32::try_from(live.len()).unwrap_or(u32::MAX),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        versions_differ,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::time::Timestamp;

    fn seen(id: u128, age_ms: u64, version: &str, stopped: bool) -> FrontendSeen {
        let row = FrontendRow {
            id: FrontendId(Uuid::from_u128(id)),
            hostname: "h".into(),
            pid: 1,
            version: version.into(),
            bundle: None,
            started_at: Timestamp(0),
            report: serde_json::json!({"listen": "0.0.0.0:8080", "openStreams": 3}),
        };
        FrontendSeen { row, last_seen: Timestamp(0), age_ms, stopped }
    }

    fn node(id: u128, age_ms: u64, version: &str, stopped: bool) -> FrontendNode {
        shown(seen(id, age_ms, version, stopped), FrontendId(Uuid::from_u128(1)))
    }

    #[test]
    fn state_by_age() {
        for (age, stopped, state) in [
            (0, false, FrontendState::Live),
            (15_000, false, FrontendState::Live),
            (15_001, false, FrontendState::Stale),
            (60_000, false, FrontendState::Stale),
            (60_001, false, FrontendState::Gone),
            (0, true, FrontendState::Gone),
        ] {
            assert_eq!(node(1, age, "1", stopped).state, state, "{age} {stopped}");
        }
        let n = node(1, 0, "1", false);
        assert!(n.is_self && !node(2, 0, "1", false).is_self);
        assert_eq!((n.open_streams, n.listen.as_str()), (3, "0.0.0.0:8080"));
    }

    #[test]
    fn only_live_ones_can_differ() {
        let same = [node(1, 0, "1", false), node(2, 0, "1", false), node(3, 20_000, "0", false)];
        assert_eq!((summary(&same).count, summary(&same).versions_differ), (2, false));
        let other = [node(1, 0, "1", false), node(2, 0, "2", false)];
        assert!(summary(&other).versions_differ);
    }
}
