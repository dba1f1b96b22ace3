//! Webhooks: tells of problems, where this process is the one that does, and makes the calls that are due.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::ids::{DeliveryId, WebhookId};
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::db::Claim;
use crate::services::App;
use crate::services::webhook_delivery::{self, CALLS_MAX, Teller};

/// How often problems and due deliveries are looked for, also where nobody says that there are any: another process may
/// have written them.
const EVERY: Duration = Duration::from_secs(1);
/// It is looked for webhooks that fail once in so many rounds.
const WATCH_EVERY: u32 = 5;
/// How long calls under way may still take at the end. What is not over then is called again by another process.
const LAST_CALLS: Duration = Duration::from_secs(1);

/// Works until told to stop.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) {
    tokio::join!(Box::pin(tell(&app, &stop)), Box::pin(deliver(&app, &stop)));
}

/// Tells of problems while this process is the one that sweeps: problems are what it makes of silence.
async fn tell(app: &App, stop: &CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn = Turn::default();
    let rounds = async {
        loop {
            ticks.tick().await;
            turn.round(app).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = rounds => {}
    }
}

/// What telling needs from one round to the next.
#[derive(Default)]
struct Turn {
    teller: Teller,
    rounds: u32,
    failing: bool,
}

impl Turn {
    async fn round(&mut self, app: &App) {
        if self.rounds.is_multiple_of(WATCH_EVERY) {
            webhook_delivery::watch(app).await;
        }
        self.rounds = self.rounds.wrapping_add(1);
        if !app.fleet.sweeps() {
            // Another process tells, and what it has told is read again when it is this one's turn.
            self.teller = Teller::default();
            return;
        }
        // Silence in the last moments of a process is its own doing.
        if app.stopping.load(Ordering::Acquire) {
            return;
        }
        match self.teller.turn(app).await {
            Ok(told) => {
                self.failing = false;
                if told > 0 {
                    app.webhooks_due.notify_one();
                }
            }
            Err(e) => {
                // Once, and not every second for as long as the database is away.
                if !self.failing {
                    tracing::warn!(error = %e, "webhooks could not be told of problems");
                }
                self.failing = true;
            }
        }
    }
}

/// Makes the calls that are due.
async fn deliver(app: &Arc<App>, stop: &CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut calls = Calls::default();
    let mut failing = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => {}
            () = app.webhooks_due.notified() => {}
            Some(ended) = calls.set.join_next_with_id(), if !calls.set.is_empty() => calls.ended(ended),
        }
        let room = CALLS_MAX.saturating_sub(calls.set.len());
        if room == 0 {
            continue;
        }
        match webhook_delivery::claim(app, &calls.busy(), room).await {
            Ok(claims) => {
                failing = false;
                claims.into_iter().for_each(|claim| calls.start(app, claim));
            }
            Err(e) => {
                if !failing {
                    tracing::warn!(error = %e, "deliveries of webhooks could not be looked for");
                }
                failing = true;
            }
        }
    }
    calls.end(app).await;
}

/// Calls under way.
#[derive(Default)]
struct Calls {
    set: JoinSet<()>,
    of: HashMap<task::Id, (WebhookId, DeliveryId)>,
}

impl Calls {
    fn start(&mut self, app: &Arc<App>, claim: Claim) {
        let (app, of) = (Arc::clone(app), (claim.webhook, claim.delivery));
        let call = self.set.spawn(async move {
            if let Err(e) = webhook_delivery::attempt(&app, &claim).await {
                tracing::warn!(error = %e, delivery = %claim.delivery, "an attempt could not be noted");
            }
        });
        self.of.insert(call.id(), of);
    }

    fn ended(&mut self, ended: Result<(task::Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(e) => {
                tracing::error!(error = %e, "an attempt ended early");
                e.id()
            }
        };
        self.of.remove(&id);
    }

    /// How many calls go to which webhook.
    fn busy(&self) -> Vec<(WebhookId, u32)> {
        let mut busy = BTreeMap::<WebhookId, u32>::new();
        for (webhook, _) in self.of.values() {
            *busy.entry(*webhook).or_default() += 1;
        }
        busy.into_iter().collect()
    }

    /// Lets the calls end, for a moment; the rest is given up, for another process to make at once.
    async fn end(mut self, app: &App) {
        let over = async {
            while let Some(ended) = self.set.join_next_with_id().await {
                self.ended(ended);
            }
        };
        if timeout(LAST_CALLS, over).await.is_err() {
            self.set.shutdown().await;
            let left: Vec<DeliveryId> = self.of.into_values().map(|(_, delivery)| delivery).collect();
            if let Err(e) = app.db.webhook_give_back(&left).await {
                tracing::warn!(error = %e, "deliveries could not be given back; they wait until their claim is over");
            }
        }
    }
}
