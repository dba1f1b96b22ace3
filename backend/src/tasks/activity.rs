//! New entries of the activity log, told to those who follow it. Read from the database rather than passed on by those
//! who write: so an entry is told only when its change stands, and those of other servers are told too.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use common::activity::Activity;
use common::stream::{Change, LiveEvent, Topic};
use common::time::Timestamp;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::domain::activity::Filter;
use crate::services::App;

const EVERY: Duration = Duration::from_secs(1);
/// Entries looked at each time. More than this within a second are found in the list, not in the stream.
const NEWEST: i64 = 100;
/// Who begins to follow is told what was written within this time before, so that nothing falls between the list they
/// read and the stream.
const OVERLAP_MS: u64 = 10_000;

/// Tells until told to stop; rests while nobody follows.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if !app.hub.wanted().contains(&Topic::Activity) {
            told = None;
            continue;
        }
        let page = match app.db.activity_page(&Filter::default(), None, NEWEST).await {
            Ok(page) => page,
            Err(e) => {
                tracing::warn!(error = %e, "activity could not be read");
                continue;
            }
        };
        let now = app.clock.wall();
        let new = untold(&mut told, page, now);
        if !new.is_empty() {
            let changes = new.into_iter().map(|entry| Change::Activity { entry }).collect();
            let change = app.fleet.change();
            let delta = LiveEvent::Delta { topic: Topic::Activity, as_of: now, change, changes };
            app.hub.publish_all(&[(Topic::Activity, delta)], app.clock.mono());
        }
    }
}

/// Entries of the newest page that were not told yet, oldest first. Transactions do not end in the order of their ids,
/// so what was told is known one by one and not by the last of them.
fn untold(told: &mut Option<HashSet<String>>, page: Vec<Activity>, now: Timestamp) -> Vec<Activity> {
    let known = told.replace(page.iter().map(|e| e.id.clone()).collect());
    let is_new = |e: &Activity| match &known {
        Some(known) => !known.contains(&e.id),
        None => now.since(e.at) <= OVERLAP_MS,
    };
    let oldest_known = known.iter().flatten().min().cloned();
    // With few entries in the log, an old one may move back into the page when others are deleted.
    let in_reach = |e: &Activity| oldest_known.as_ref().is_none_or(|oldest| e.id > *oldest);
    let mut new: Vec<Activity> = page.into_iter().filter(|e| is_new(e) && in_reach(e)).collect();
    new.reverse();
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::activity::Outcome;

    fn entry(n: u128, at: i64) -> Activity {
        Activity {
            id: uuid::Uuid::from_u128(n).to_string(),
            at: Timestamp(at),
            actor: "a@b".into(),
            action: "x".into(),
            outcome: Outcome::Allowed,
            target_kind: "node".into(),
            target_id: "x".into(),
            target_name: None,
            region_id: None,
            before: None,
            after: None,
            reason: None,
            request_id: None,
            source: None,
        }
    }

    #[test]
    fn each_entry_is_told_once_also_when_it_comes_late() {
        let now = Timestamp(100_000);
        let mut told = None;
        let page = |ns: &[u128]| ns.iter().rev().map(|n| entry(*n, 1_000)).collect::<Vec<_>>();
        let ids = |es: Vec<Activity>| es.iter().map(|e| e.id.ends_with('5')).collect::<Vec<_>>();
        let recent = vec![entry(3, 95_000), entry(2, 1_000)];
        assert_eq!(untold(&mut told, recent, now), [entry(3, 95_000)]);
        assert_eq!(untold(&mut told, page(&[2, 3, 4, 6]), now).len(), 2);
        assert_eq!(ids(untold(&mut told, page(&[2, 3, 4, 5, 6]), now)), [true]);
        assert!(untold(&mut told, page(&[1, 2, 3, 4, 5, 6]), now).is_empty(), "an old one came into view");
    }
}
