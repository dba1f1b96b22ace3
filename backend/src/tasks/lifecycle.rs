//! What is under way on nodes: commands that expire, deadlines of drains, maintenance that ends by itself; and the
//! receipts on their way to the database.

use std::sync::Arc;
use std::time::Duration;

use common::command::{CommandArgs, CommandKind};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::domain::activity::{Entry, Target};
use crate::live::fleet::NodeEntry;
use crate::services::App;
use crate::services::{commands, intents};

const EVERY: Duration = Duration::from_millis(250);
/// Ends of maintenance are looked for once in so many rounds.
const ENDS_EVERY: u32 = 4;

/// Works until told to stop, and writes once more then.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut round = 0_u32;
    loop {
        let last = tokio::select! {
            () = stop.cancelled() => true,
            _ = ticks.tick() => false,
        };
        once(&app).await;
        if last {
            return;
        }
        if round.is_multiple_of(ENDS_EVERY)
            && app.fleet.sweeps()
            && let Err(e) = intents::end_over(&app).await
        {
            tracing::warn!(error = %e, "a maintenance could not be ended");
        }
        round = round.wrapping_add(1);
    }
}

async fn once(app: &Arc<App>) {
    let tick = app.fleet.life_tick();
    let others = app.fleet.follows();
    let written = match app.db.commands_write(&tick.commands, others).await {
        Ok(()) => app.db.drains_write(&tick.drains, others).await,
        Err(e) => Err(e),
    };
    if let Err(e) = written {
        tracing::error!(error = %e, "receipts could not be written");
        app.fleet.life_put_back(&tick);
    }
    for node in &tick.forced {
        force(app, node).await;
    }
}

/// The deadline of a drain has come, and its conversations are to end. What cannot be queued now is tried again in the
/// next round.
async fn force(app: &Arc<App>, node: &Arc<NodeEntry>) {
    let now = app.clock.wall();
    let target = Target::node(node.id, &node.name(), node.region_id().as_ref());
    let entry = Entry::system(now, "node.end_sessions", target)
        .changed(None, Some(json!({ "deadline": node.effective().deadline })))
        .because(Some("The deadline of the drain has come."));
    let command = commands::new(node.id, CommandKind::EndSessions, CommandArgs::default(), "system", now);
    match commands::queue(app, node, command, entry).await {
        Ok(_) => app.fleet.deadline_done(node),
        Err(e) => {
            tracing::warn!(node = %node.id, error = %e, "conversations could not be ended at the deadline")
        }
    }
}
