//! Webhooks on their way: what is told of nodes, regions and problems, and the calls that tell it. Any number of server
//! processes share the calls; one of them at a time tells of problems.

use common::ids::{DeliveryId, WebhookId};
use common::time::Timestamp;
use common::webhooks::{Attempt, DeliveryDetail};

use super::{App, ServiceError};
use crate::auth::random;
use crate::auth::seal::SealError;
use crate::auth::webhook_secret::WebhookSecret;
use crate::clients::webhook::{self, WebhookReply};
use crate::db::{Claim, DbError, SendingRow, Stopped};
use crate::domain::activity::EventRecord;
use crate::domain::webhook::Message;
use crate::domain::webhook::body::{self, Named};
use crate::domain::webhook::told::Told;
use crate::domain::webhook_url::WebhookUrl;
use crate::live::fleet::Fleet;

/// How many calls at a time a process makes to one webhook,
const EACH: u32 = 2;
/// and to all of them.
pub const CALLS_MAX: usize = 16;
/// For how long a delivery is a process's own, in milliseconds: longer than a call and the writing of its end take.
const CLAIM_MS: u64 = 30_000;

/// Takes deliveries that are due, at most `room`. `busy` says of how many deliveries to which webhook this process is at
/// already.
///
/// # Errors
/// Where the database fails.
pub async fn claim(app: &App, busy: &[(WebhookId, u32)], room: usize) -> Result<Vec<Claim>, DbError> {
    // Without the master key nothing can be signed. That is nobody's failure: what is due waits.
    if app.sealer.current().is_none() {
        return Ok(Vec::new());
    }
    let now = app.clock.wall();
    app.db.webhook_claim(now, CLAIM_MS, busy, EACH, room).await
}

/// Makes one attempt of a delivery that was taken, and writes what became of it.
///
/// # Errors
/// Where the database fails; the delivery is taken again then when the claim is over.
pub async fn attempt(app: &App, claim: &Claim) -> Result<(), DbError> {
    let Some(row) = app.db.webhook_for_sending(claim.webhook).await? else { return Ok(()) };
    if !row.enabled && !claim.test {
        // Switched off in between, by which its deliveries ended.
        return Ok(());
    }
    let (at, began) = (app.clock.wall(), app.clock.mono());
    let (reply, called) = call(app, &row, claim, at).await;
    let took = app.clock.mono().since(began);
    let attempt = Attempt {
        at,
        took_ms: u32::try_from(took).unwrap_or(u32::MAX),
        status: reply.status(),
        code: reply.code().to_owned(),
        detail: reply.verdict(&called),
    };
    // Without random bytes the waits are not spread; nothing else depends on them.
    let spread = random::<4>().map_or(u32::MAX / 2, u32::from_be_bytes);
    let now = app.clock.wall();
    if let Some(Stopped { name, because }) =
        app.db.webhook_outcome(claim, &row.url, &attempt, reply.ending(), now, spread).await?
    {
        tracing::warn!(webhook = name, because = because.as_str(), "a webhook was switched off");
        end_waiting(app, claim.webhook).await;
        watch(app).await;
    }
    Ok(())
}

/// Ends what waits for a webhook that is off. What this does not come to, the retention does a little later.
pub(super) async fn end_waiting(app: &App, webhook: WebhookId) {
    if let Err(e) = app.db.webhook_end_waiting(webhook, app.clock.wall()).await {
        tracing::warn!(error = %e, %webhook, "what waits for a webhook that is off could not be ended yet");
    }
}

/// The call itself, and host and port of where it went.
async fn call(app: &App, row: &SendingRow, claim: &Claim, at: Timestamp) -> (WebhookReply, String) {
    let Ok(url) = WebhookUrl::parse(&row.url) else { return (WebhookReply::NoAddress, String::new()) };
    let called = url.endpoint.authority();
    let secrets = match secrets(app, row, at) {
        Ok(secrets) => secrets,
        Err(SealError::Locked | SealError::OtherKey) => return (WebhookReply::Locked, called),
        Err(SealError::Damaged | SealError::Failed) => return (WebhookReply::NoSecret, called),
    };
    let keys: Vec<&[u8; 32]> = secrets.iter().map(WebhookSecret::bytes).collect();
    let reply = webhook::send(&app.connector, &url, claim.message, &claim.payload, &keys, at).await;
    (reply, called)
}

/// What signs now, the newest first.
fn secrets(app: &App, row: &SendingRow, now: Timestamp) -> Result<Vec<WebhookSecret>, SealError> {
    let open = |id, sealed: &[u8]| WebhookSecret::open(&app.sealer, row.id.0, id, sealed);
    let mut all = vec![open(row.secret_id, &row.secret_sealed)?];
    if let Some((id, sealed, _)) = row.former.as_ref().filter(|(_, _, until)| *until > now) {
        // The new one is enough to be believed.
        all.extend(open(*id, sealed));
    }
    Ok(all)
}

/// Makes one attempt now, whoever else is at it and also while the webhook is off; the delivery with what came of it.
/// An attempt that fails is an outcome like any other.
///
/// # Errors
/// Where there is no such delivery, or the database fails.
pub async fn attempt_now(
    app: &App,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<DeliveryDetail, ServiceError> {
    if let Some(claim) = app.db.webhook_claim_one(id, CLAIM_MS).await? {
        attempt(app, &claim).await?;
    }
    let found = app.db.webhook_delivery(webhook, id).await?;
    found.ok_or_else(|| ServiceError::NotFound { what: "delivery", id: id.to_string() })
}

/// What webhooks are told of an event. `console` is the address of the console.
pub fn told_of(fleet: &Fleet, event: &EventRecord, console: Option<&str>) -> Message {
    let node = event.node_id.and_then(|id| match fleet.node(id) {
        Some(n) => {
            let record = n.record();
            Some(Named { name: n.name(), kind: record.kind, endpoint: Some(record.endpoint) })
        }
        // Deleted meanwhile, by this event or after it.
        None => fleet.tombstone_of(id).map(|t| Named { name: t.name.clone(), kind: t.kind, endpoint: None }),
    });
    body::lifecycle(event, node, console)
}

/// Tells the fleet of which webhooks nothing is taken, so that it is shown as a problem.
pub async fn watch(app: &App) {
    match app.db.webhooks_failing().await {
        Ok(facts) => {
            if app.fleet.board.note_webhooks_failing(facts) {
                app.fleet.problems_touched();
            }
        }
        Err(e) => tracing::debug!(error = %e, "webhooks that fail could not be read"),
    }
}

/// Tells of problems. Made anew whenever this process begins to be the one that tells.
#[derive(Default)]
pub struct Teller {
    /// `None` until it is read what was told before.
    told: Option<Told>,
}

impl Teller {
    /// Looks at the problems once and tells what is to be told; how many deliveries came of it.
    ///
    /// # Errors
    /// Where the database fails. Whether it was told is read at the next look.
    pub async fn turn(&mut self, app: &App) -> Result<usize, DbError> {
        let now = app.clock.wall();
        let mut told = match self.told.take() {
            Some(told) => told,
            None => Told::restore(app.db.webhook_told().await?),
        };
        let (open, judgeable) = app.fleet.problems.everything();
        let news = told.step(&open, judgeable, now, app.settings.public_url.as_deref());
        let mut deliveries = 0;
        if !news.is_empty() {
            deliveries = app.db.webhook_tell(&news, now).await?;
            news.into_iter().for_each(|one| told.written(one));
        }
        self.told = Some(told);
        Ok(deliveries)
    }
}
