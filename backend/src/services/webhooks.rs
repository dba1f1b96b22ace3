//! Webhooks: made, changed and read by people; what was sent, looked at, repeated and tried by hand. Sending itself is
//! [`super::webhook_delivery`]'s.

use std::sync::Arc;

use common::auth::Permission;
use common::ids::{DeliveryId, WebhookId};
use common::problem::FieldError;
use common::webhooks::{
    Delivery, DeliveryDetail, DeliveryPage, OVERLAP_HOURS_MAX, PutWebhook, RotateWebhookSecret, WEBHOOKS_MAX,
    Webhook, WebhookList, WebhookMade,
};
use serde_json::json;
use uuid::Uuid;

use super::nodes::differing;
use super::regions::Changed;
use super::{App, ServiceError, finish, stepup, webhook_delivery};
use crate::auth::policy::{Actor, authorize};
use crate::auth::webhook_secret::WebhookSecret;
use crate::db::{
    DbError, DeliveryFilter, FormerSecret, NewTest, Replayed, SealedSecret, TestAdded, Versioned,
    WebhookRecord,
};
use crate::domain::activity::Target;
use crate::domain::webhook::body;

mod rules;

use rules::{apply, noted, ready, sees_all, shown};

/// Between two tests of one webhook, in milliseconds.
const TEST_REST_MS: u64 = 2_000;
/// Longer than a test takes: until then nobody else sends it.
const TEST_CLAIM_MS: u64 = 60_000;
const HOUR_MS: u64 = 3_600_000;

fn target(id: WebhookId, name: &str) -> Target {
    Target { name: Some(name.to_owned()), ..Target::named("webhook", &id.to_string()) }
}

fn missing(id: WebhookId) -> ServiceError {
    ServiceError::NotFound { what: "webhook", id: id.to_string() }
}

fn no_delivery(id: DeliveryId) -> ServiceError {
    ServiceError::NotFound { what: "delivery", id: id.to_string() }
}

/// Somebody who may do everything everywhere, with a password given lately.
fn administers(app: &App, actor: &Actor) -> Result<(), ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    stepup::require(app, actor)
}

/// The name is another one's.
fn taken(e: DbError) -> ServiceError {
    match e {
        DbError::Unique(name) if name == "webhooks_name" => {
            let detail = "Another webhook has this name.";
            ServiceError::Conflict {
                code: "name_taken",
                detail: detail.to_owned(),
                errors: vec![FieldError::new("name", "name_taken", detail)],
            }
        }
        other => other.into(),
    }
}

/// A webhook as somebody who sees whole addresses sees it.
async fn whole(app: &App, record: &WebhookRecord) -> Result<Webhook, ServiceError> {
    let waiting = app.db.webhook_waiting(Some(record.id)).await?;
    Ok(shown(record, waiting.get(&record.id).copied().unwrap_or(0), true, app.clock.wall()))
}

/// All webhooks, by name.
///
/// # Errors
/// Where the database does not answer.
pub async fn list(app: &App, actor: &Actor) -> Result<WebhookList, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let (now, all) = (app.clock.wall(), sees_all(actor));
    let (records, waiting) = (app.db.webhook_list().await?, app.db.webhook_waiting(None).await?);
    let count = |id| waiting.get(&id).copied().unwrap_or(0);
    Ok(WebhookList { as_of: now, items: records.iter().map(|w| shown(w, count(w.id), all, now)).collect() })
}

/// One webhook.
///
/// # Errors
/// Where there is none.
pub async fn get(app: &App, actor: &Actor, id: WebhookId) -> Result<Webhook, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let record = app.db.webhook(id).await?.ok_or_else(|| missing(id))?;
    let waiting = app.db.webhook_waiting(Some(id)).await?;
    Ok(shown(&record, waiting.get(&id).copied().unwrap_or(0), sees_all(actor), app.clock.wall()))
}

/// A new secret, sealed for a webhook.
fn sealed(app: &App, webhook: WebhookId) -> Result<(SealedSecret, WebhookSecret), ServiceError> {
    let (secret, id) = (WebhookSecret::generate()?, Uuid::now_v7());
    let sealed = secret.seal(&app.sealer, webhook.0, id)?;
    Ok((SealedSecret { id, sealed, fingerprint: secret.fingerprint() }, secret))
}

/// Makes a webhook. Its secret is in the reply and nowhere else.
///
/// # Errors
/// Field errors; 409 `name_taken` and `too_many_webhooks`; a role too low or a region scope; [`stepup::require`]; a
/// locked vault.
pub async fn create(
    app: &Arc<App>,
    actor: &Actor,
    request: PutWebhook,
) -> Result<Changed<WebhookMade>, ServiceError> {
    administers(app, actor)?;
    let known = |r: &_| app.fleet.region(r).is_some();
    let checked = ready(known, |e| app.connector.literal_allowed(e), &request, None)?;
    let (id, now) = (WebhookId(Uuid::now_v7()), app.clock.wall());
    let (secret, plain) = sealed(app, id)?;
    let record = WebhookRecord {
        id,
        name: checked.name,
        url: checked.url,
        events: checked.events,
        region_scope: checked.region_scope,
        enabled: request.enabled,
        stopped_because: None,
        secret,
        former: None,
        delivered_at: None,
        failing_since: None,
        created_by: actor.user.email.clone(),
        created_at: now,
        version: 1,
    };
    let entry =
        actor.act(now, "webhook.create", target(id, &record.name)).changed(None, Some(noted(&record).into()));
    let app = Arc::clone(app);
    finish(async move {
        let most = i64::try_from(WEBHOOKS_MAX).unwrap_or(i64::MAX);
        let Some(change) = app.db.webhook_insert(&record, most, &entry).await.map_err(taken)? else {
            return Err(ServiceError::Conflict {
                code: "too_many_webhooks",
                detail: format!("There are {WEBHOOKS_MAX} webhooks. Delete one first."),
                errors: Vec::new(),
            });
        };
        let webhook = shown(&record, 0, true, now);
        let object = WebhookMade { webhook, plain_secret: plain.text(), secret_shown: false };
        Ok(Changed { object, change })
    })
    .await
}

/// Puts a webhook in the state asked for. One that is switched on is tried again, whatever it was stopped for; one that
/// is switched off has nothing waiting any more.
///
/// # Errors
/// Field errors, an older version, 409 `name_taken`; a role too low or a region scope; [`stepup::require`].
pub async fn edit(
    app: &Arc<App>,
    actor: &Actor,
    id: WebhookId,
    version: i64,
    request: PutWebhook,
) -> Result<Changed<Webhook>, ServiceError> {
    administers(app, actor)?;
    let before = app.db.webhook(id).await?.ok_or_else(|| missing(id))?;
    let known = |r: &_| app.fleet.region(r).is_some();
    let checked =
        ready(known, |e| app.connector.literal_allowed(e), &request, before.region_scope.as_deref())?;
    let now = app.clock.wall();
    let (app, actor) = (Arc::clone(app), actor.clone());
    finish(async move {
        let outcome = app
            .db
            .webhook_change(id, Some(version), |record| {
                let was = record.clone();
                apply(record, checked, request.enabled);
                if *record == was {
                    return None;
                }
                let (before, after) = differing(noted(&was), noted(record))?;
                let entry = actor.act(now, "webhook.edit", target(id, &record.name));
                Some(entry.changed(Some(before.into()), Some(after.into())))
            })
            .await
            .map_err(taken)?;
        changed(&app, id, outcome).await
    })
    .await
}

/// Gives a webhook a new secret. The one before signs beside it as long as asked for.
///
/// # Errors
/// Field errors; a role too low or a region scope; [`stepup::require`]; a locked vault.
pub async fn rotate(
    app: &Arc<App>,
    actor: &Actor,
    id: WebhookId,
    request: RotateWebhookSecret,
) -> Result<Changed<WebhookMade>, ServiceError> {
    administers(app, actor)?;
    if request.overlap_hours > OVERLAP_HOURS_MAX {
        let detail = "A number of hours from 0 to 168.";
        return Err(ServiceError::Invalid(vec![FieldError::new("overlapHours", "out_of_range", detail)]));
    }
    app.db.webhook(id).await?.ok_or_else(|| missing(id))?;
    let now = app.clock.wall();
    let (secret, plain) = sealed(app, id)?;
    let (app, actor) = (Arc::clone(app), actor.clone());
    finish(async move {
        let outcome = app
            .db
            .webhook_change(id, None, |record| {
                let old = std::mem::replace(&mut record.secret, secret);
                let until = now.later(u64::from(request.overlap_hours) * HOUR_MS);
                let kept = (request.overlap_hours > 0).then_some(until);
                record.former = kept.map(|until| FormerSecret { id: old.id, sealed: old.sealed, until });
                let before = json!({ "fingerprint": old.fingerprint });
                let after = json!({ "fingerprint": record.secret.fingerprint, "formerUntil": kept });
                let entry = actor.act(now, "webhook.secret", target(id, &record.name));
                Some(entry.changed(Some(before), Some(after)))
            })
            .await?;
        let Changed { object: webhook, change } = changed(&app, id, outcome).await?;
        let object = WebhookMade { webhook, plain_secret: plain.text(), secret_shown: false };
        Ok(Changed { object, change })
    })
    .await
}

/// Removes a webhook with what it sent; nothing is sent to it any more.
///
/// # Errors
/// An older version; a role too low or a region scope; [`stepup::require`].
pub async fn delete(app: &Arc<App>, actor: &Actor, id: WebhookId, version: i64) -> Result<i64, ServiceError> {
    administers(app, actor)?;
    let now = app.clock.wall();
    let (app, actor) = (Arc::clone(app), actor.clone());
    finish(async move {
        let entry = |w: &WebhookRecord| {
            actor.act(now, "webhook.delete", target(id, &w.name)).changed(Some(noted(w).into()), None)
        };
        let outcome = app.db.webhook_delete(id, version, entry).await?;
        match outcome {
            Versioned::Done { change, .. } => {
                webhook_delivery::watch(&app).await;
                Ok(change)
            }
            other => changed(&app, id, other).await.map(|c| c.change),
        }
    })
    .await
}

async fn changed(
    app: &App,
    id: WebhookId,
    outcome: Versioned<WebhookRecord>,
) -> Result<Changed<Webhook>, ServiceError> {
    match outcome {
        Versioned::Done { record, change } => {
            if !record.enabled {
                webhook_delivery::end_waiting(app, id).await;
            }
            webhook_delivery::watch(app).await;
            Ok(Changed { object: whole(app, &record).await?, change })
        }
        Versioned::Same(record) => {
            let change = app.db.change_current().await?;
            Ok(Changed { object: whole(app, &record).await?, change })
        }
        Versioned::Stale(record) => {
            let current = serde_json::to_value(whole(app, &record).await?);
            Err(ServiceError::VersionStale { current: current.unwrap_or_default() })
        }
        Versioned::Missing => Err(missing(id)),
    }
}

/// What was sent to a webhook and what waits, the newest first.
///
/// # Errors
/// Where there is no such webhook.
pub async fn deliveries(
    app: &App,
    actor: &Actor,
    id: WebhookId,
    filter: &DeliveryFilter,
    limit: usize,
) -> Result<DeliveryPage, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    app.db.webhook(id).await?.ok_or_else(|| missing(id))?;
    let as_of = app.clock.wall();
    let more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut items = app.db.webhook_deliveries(id, filter, more).await?;
    let full = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| full).map(|d| d.id.to_string());
    Ok(DeliveryPage { as_of, items, next_cursor })
}

/// One delivery with the body that was sent and every attempt.
///
/// # Errors
/// Where there is none.
pub async fn delivery(
    app: &App,
    actor: &Actor,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<DeliveryDetail, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    app.db.webhook_delivery(webhook, id).await?.ok_or_else(|| no_delivery(id))
}

/// Sends the message of a delivery once more: as a delivery of its own, with attempts of its own.
///
/// # Errors
/// Where there is none; 409 `webhook_off` and `webhook_full`; a role too low or a region scope.
pub async fn replay(
    app: &Arc<App>,
    actor: &Actor,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Changed<Delivery>, ServiceError> {
    authorize(actor, Permission::Operate, None)?;
    let record = app.db.webhook(webhook).await?.ok_or_else(|| missing(webhook))?;
    let new = DeliveryId(Uuid::now_v7());
    let entry = actor
        .act(app.clock.wall(), "webhook.replay", target(webhook, &record.name))
        .changed(None, Some(json!({ "deliveryId": new, "replayOf": id })));
    let app = Arc::clone(app);
    finish(async move {
        match app.db.webhook_replay(webhook, id, new, &entry).await? {
            Replayed::Done(delivery, change) => {
                app.webhooks_due.notify_one();
                Ok(Changed { object: *delivery, change })
            }
            Replayed::Off => Err(ServiceError::Conflict {
                code: "webhook_off",
                detail: "The webhook is off and sends nothing. Switch it on first.".to_owned(),
                errors: Vec::new(),
            }),
            Replayed::Full => Err(ServiceError::Conflict {
                code: "webhook_full",
                detail: "10,000 messages wait for the webhook, and no more are taken until some of them are through."
                    .to_owned(),
                errors: Vec::new(),
            }),
            Replayed::NoWebhook => Err(missing(webhook)),
            Replayed::NoDelivery => Err(no_delivery(id)),
        }
    })
    .await
}

/// Sends one message now, once, and says what came of it; also while the webhook is off. A test that fails is a reply,
/// not an error.
///
/// # Errors
/// Where there is none; [`ServiceError::TooSoon`] within two seconds of the one before; a role too low or a region
/// scope. A locked vault is an outcome of the attempt.
pub async fn test(app: &Arc<App>, actor: &Actor, id: WebhookId) -> Result<DeliveryDetail, ServiceError> {
    authorize(actor, Permission::Operate, None)?;
    let record = app.db.webhook(id).await?.ok_or_else(|| missing(id))?;
    let now = app.clock.wall();
    let delivery = DeliveryId(Uuid::now_v7());
    let test = NewTest {
        message: body::test(Uuid::now_v7(), now, id, &record.name, &actor.name()),
        delivery,
        claim_ms: TEST_CLAIM_MS,
        rest_since: now.before(TEST_REST_MS),
    };
    let entry = actor
        .act(now, "webhook.test", target(id, &record.name))
        .changed(None, Some(json!({ "deliveryId": delivery })));
    let app = Arc::clone(app);
    finish(async move {
        match app.db.webhook_test_add(id, &test, &entry).await? {
            TestAdded::Done => webhook_delivery::attempt_now(&app, id, delivery).await,
            TestAdded::TooSoon(last) => {
                let retry_after_ms = TEST_REST_MS.saturating_sub(now.since(last)).max(1);
                Err(ServiceError::TooSoon { retry_after_ms })
            }
            TestAdded::Missing => Err(missing(id)),
        }
    })
    .await
}
