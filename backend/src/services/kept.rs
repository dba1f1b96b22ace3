//! For how long things are kept: what the cleaning goes by and what clients are told.

use common::meta::Retention;

use crate::db::EVENTS_DAYS;
use crate::domain::history::range_max_ms;
use crate::live::diary;

const DAY_MS: u64 = 24 * 3_600_000;

/// How long activity is kept: a year, and a month to look back at it.
pub const ACTIVITY_MS: u64 = 400 * DAY_MS;
/// How long runs of jobs are kept.
pub const RUNS_MS: u64 = 90 * DAY_MS;
/// How long receipts of commands are kept.
pub const COMMANDS_MS: u64 = 90 * DAY_MS;

/// The same in days.
pub fn retention() -> Retention {
    Retention {
        activity_days: ACTIVITY_MS / DAY_MS,
        runs_days: RUNS_MS / DAY_MS,
        commands_days: COMMANDS_MS / DAY_MS,
        rejections_days: diary::KEPT_MS / DAY_MS,
        figures_days: u64::try_from(range_max_ms()).unwrap_or(0) / DAY_MS,
        events_days: EVENTS_DAYS,
    }
}
