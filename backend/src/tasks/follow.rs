//! Reads back once a second what other server processes heard of nodes, and now and then whom they refused. Alone, this
//! process asks nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::db::{DbError, Told};
use crate::live::diary;
use crate::services::App;

const EVERY: Duration = Duration::from_secs(1);
/// A row may become visible later than one that was written after it.
const OVERLAP_US: i64 = 2_000_000;
/// Everything is read once in so many rounds, whatever was missed.
const ALL_EVERY: u32 = 30;

/// Refused heartbeats are read once in so many rounds.
const REFUSED_EVERY: u32 = 3;

/// Reads until told to stop.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut round, mut newest) = (0_u32, 0_i64);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if !app.fleet.follows() {
            round = 0;
            continue;
        }
        if round.is_multiple_of(ALL_EVERY) {
            newest = 0;
        }
        match once(&app, round, &mut newest).await {
            Ok(()) => round = round.wrapping_add(1),
            Err(e) => {
                tracing::warn!(error = %e, "what other servers heard of nodes could not be read");
                app.fleet.note_database_error();
            }
        }
    }
}

async fn once(app: &App, round: u32, newest: &mut i64) -> Result<(), DbError> {
    // Who sweeps has to know that heartbeats were lost here.
    if app.fleet.take_doubted() && !app.fleet.sweeps() {
        app.db.tell(Told::Doubt).await?;
    }
    let asked = app.clock.mono();
    let news = app.db.live_news(newest.saturating_sub(OVERLAP_US)).await?;
    *newest = news.iter().map(|n| n.written_us).max().unwrap_or(0).max(*newest);
    app.fleet.follow_all(news, asked);
    if round.is_multiple_of(REFUSED_EVERY)
        && app.fleet.diary.follow(app.db.diary_list(diary::GROUPS_MAX).await?)
    {
        app.fleet.problems_touched();
    }
    Ok(())
}
