//! Webhooks and what they sent.

use actix_web::http::header::{CacheControl, CacheDirective, LOCATION};
use actix_web::{HttpResponse, delete, get, post, put, web};
use common::ids::{DeliveryId, WebhookId};
use common::paths;
use common::problem::{FieldError, Problem};
use common::webhooks::{
    Delivery, DeliveryDetail, DeliveryPage, DeliveryState, PutWebhook, RotateWebhookSecret, Webhook,
    WebhookEvent, WebhookList, WebhookMade,
};
use serde::Deserialize;

use super::{BodyErrors, Refusals, Versions, changed, created, cursor, limit, read};
use crate::db::DeliveryFilter;
use crate::http::extract::{Body, IfMatch, Query, Signed};
use crate::http::problem::ApiError;
use crate::services::{App, ServiceError, webhooks};

/// A page of deliveries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveriesQuery {
    state: Option<String>,
    event: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

impl DeliveriesQuery {
    /// What is asked for.
    ///
    /// # Errors
    /// 422 with every parameter that is not right.
    fn filter(&self) -> Result<DeliveryFilter, ApiError> {
        let mut errors = Vec::new();
        let mut word = |name: &str, known: bool| {
            if !known {
                errors.push(FieldError::query(name, "unknown", format!("There is no such {name}.")));
            }
        };
        let state = self.state.as_deref().map(DeliveryState::parse);
        word("state", state != Some(None));
        let event = self.event.as_deref().map(WebhookEvent::parse);
        word("event", event != Some(None));
        let before = cursor(self.cursor.as_deref())?.map(|c| c.parse::<DeliveryId>().ok());
        if before == Some(None) {
            let detail = "This cursor did not come from this list.";
            errors.push(FieldError::query("cursor", "cursor", detail));
        }
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors).into());
        }
        Ok(DeliveryFilter { state: state.flatten(), event: event.flatten(), before: before.flatten() })
    }
}

fn short(text: &str) -> String {
    text.chars().take(64).collect()
}

fn webhook_id(text: &str) -> Result<WebhookId, ServiceError> {
    text.parse().map_err(|_| ServiceError::NotFound { what: "webhook", id: short(text) })
}

fn delivery_id(text: &str) -> Result<DeliveryId, ServiceError> {
    text.parse().map_err(|_| ServiceError::NotFound { what: "delivery", id: short(text) })
}

/// List webhooks.
///
/// All there are, at most 50, by name. The path of an address is often a secret: administrators of all regions see it
/// whole, others see `https://host/…`.
#[utoipa::path(tag = "webhooks", operation_id = "listWebhooks", summary = "List webhooks",
    security(("accessToken" = []), ("session" = [])), responses((status = 200, body = WebhookList), Refusals))]
#[get("/webhooks")]
pub async fn list_webhooks(Signed(actor): Signed, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(webhooks::list(&app, &actor).await?))
}

/// Make a webhook.
///
/// From then on it is called for each event it names, of the regions it names. The reply alone holds the secret that
/// signs the calls. Needs an administrator of all regions whose password was given in the last five minutes. Nothing is
/// called by this: try it with `testWebhook`.
#[utoipa::path(tag = "webhooks", operation_id = "createWebhook", summary = "Make a webhook",
    security(("accessToken" = []), ("session" = [])), request_body = PutWebhook,
    responses((status = 201, body = WebhookMade, headers(("X-Change" = i64), ("ETag" = String), ("Location" = String))),
              Refusals, BodyErrors,
              (status = 409, description = "`name_taken`, or `too_many_webhooks`: there are 50", body = Problem, content_type = "application/problem+json")))]
#[post("/webhooks")]
pub async fn create_webhook(
    Signed(actor): Signed,
    Body(request): Body<PutWebhook>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let c = webhooks::create(&app, &actor, request).await?;
    let (location, version) =
        (format!("{}/{}", paths::WEBHOOKS, c.object.webhook.id), c.object.webhook.version);
    Ok(created(c, &location, version))
}

/// Read a webhook.
///
/// What it tells of, and how it does. Its secret is not in it.
#[utoipa::path(tag = "webhooks", operation_id = "getWebhook", summary = "Read a webhook",
    security(("accessToken" = []), ("session" = [])), params(("webhookId" = WebhookId, Path)),
    responses((status = 200, body = Webhook, headers(("ETag" = String))), Refusals,
              (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json")))]
#[get("/webhooks/{webhookId}")]
pub async fn get_webhook(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let webhook = webhooks::get(&app, &actor, webhook_id(&id)?).await?;
    Ok(read(&webhook, webhook.version))
}

/// Change a webhook.
///
/// Puts all of it in the state asked for. Switched on, it is tried again, whatever it was stopped for. Switched off,
/// what waits has failed, and what happens meanwhile is not sent later. The version counts changes by people and stops,
/// not deliveries.
#[utoipa::path(tag = "webhooks", operation_id = "editWebhook", summary = "Change a webhook",
    security(("accessToken" = []), ("session" = [])), request_body = PutWebhook,
    params(("webhookId" = WebhookId, Path), ("If-Match" = String, Header, description = "`ETag` of the webhook this is based on")),
    responses((status = 200, body = Webhook, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors, Versions,
              (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`name_taken`", body = Problem, content_type = "application/problem+json")))]
#[put("/webhooks/{webhookId}")]
pub async fn edit_webhook(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    Body(request): Body<PutWebhook>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let c = webhooks::edit(&app, &actor, webhook_id(&id)?, version, request).await?;
    let version = c.object.version;
    Ok(changed(c, version))
}

/// Delete a webhook.
///
/// Nothing is sent to it any more, and what it sent is no longer listed. An attempt that is under way ends by itself.
#[utoipa::path(tag = "webhooks", operation_id = "deleteWebhook", summary = "Delete a webhook",
    security(("accessToken" = []), ("session" = [])),
    params(("webhookId" = WebhookId, Path), ("If-Match" = String, Header, description = "`ETag` of the webhook this is based on")),
    responses((status = 204, description = "Deleted", headers(("X-Change" = i64))), Refusals, Versions,
              (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json")))]
#[delete("/webhooks/{webhookId}")]
pub async fn delete_webhook(
    Signed(actor): Signed,
    IfMatch(version): IfMatch,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let change = webhooks::delete(&app, &actor, webhook_id(&id)?, version).await?;
    Ok(HttpResponse::NoContent().insert_header(("X-Change", change.to_string())).finish())
}

/// Give a webhook a new secret.
///
/// The reply alone holds it. The one before signs beside it for `overlapHours`: give the new one to the other side in that
/// time. A call then has two signatures, and one that fits is enough.
#[utoipa::path(tag = "webhooks", operation_id = "rotateWebhookSecret", summary = "Give a webhook a new secret",
    security(("accessToken" = []), ("session" = [])), request_body = RotateWebhookSecret,
    params(("webhookId" = WebhookId, Path)),
    responses((status = 200, body = WebhookMade, headers(("X-Change" = i64), ("ETag" = String))), Refusals, BodyErrors,
              (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json")))]
#[post("/webhooks/{webhookId}/secret")]
pub async fn rotate_webhook_secret(
    Signed(actor): Signed,
    id: web::Path<String>,
    Body(request): Body<RotateWebhookSecret>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let c = webhooks::rotate(&app, &actor, webhook_id(&id)?, request).await?;
    let version = c.object.webhook.version;
    Ok(changed(c, version))
}

/// Test a webhook.
///
/// Sends one message `test` now, once, within 5 seconds, also while the webhook is off. A test that fails is a 200 that
/// says why and what to do.
#[utoipa::path(tag = "webhooks", operation_id = "testWebhook", summary = "Test a webhook",
    security(("accessToken" = []), ("session" = [])), params(("webhookId" = WebhookId, Path)),
    responses((status = 200, body = DeliveryDetail), Refusals,
              (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json"),
              (status = 429, description = "`too_soon`: one test every 2 seconds", body = Problem, content_type = "application/problem+json")))]
#[post("/webhooks/{webhookId}/test")]
pub async fn test_webhook(
    Signed(actor): Signed,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let tried = webhooks::test(&app, &actor, webhook_id(&id)?).await?;
    Ok(HttpResponse::Ok().insert_header(CacheControl(vec![CacheDirective::NoStore])).json(tried))
}

/// List a webhook's deliveries.
///
/// What was sent and what waits, the newest first. Kept for 14 days.
#[utoipa::path(tag = "webhooks", operation_id = "listDeliveries", summary = "List a webhook's deliveries",
    security(("accessToken" = []), ("session" = [])),
    params(("webhookId" = WebhookId, Path),
           ("state" = Option<DeliveryState>, Query, description = "Only those so far"),
           ("event" = Option<WebhookEvent>, Query, description = "Only those that tell of this"),
           ("limit" = Option<usize>, Query, description = "1–500, default 100", minimum = 1, maximum = 500),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, body = DeliveryPage), Refusals,
              (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json"),
              (status = 422, description = "A parameter is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/webhooks/{webhookId}/deliveries")]
pub async fn list_deliveries(
    Signed(actor): Signed,
    id: web::Path<String>,
    Query(q): Query<DeliveriesQuery>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let (filter, limit) = (q.filter()?, limit(q.limit)?);
    let page = webhooks::deliveries(&app, &actor, webhook_id(&id)?, &filter, limit).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a delivery.
///
/// With the body as it was signed and sent, and every attempt.
#[utoipa::path(tag = "webhooks", operation_id = "getDelivery", summary = "Read a delivery",
    security(("accessToken" = []), ("session" = [])),
    params(("webhookId" = WebhookId, Path), ("deliveryId" = DeliveryId, Path)),
    responses((status = 200, body = DeliveryDetail), Refusals,
              (status = 404, description = "No such webhook, or it has no such delivery", body = Problem, content_type = "application/problem+json")))]
#[get("/webhooks/{webhookId}/deliveries/{deliveryId}")]
pub async fn get_delivery(
    Signed(actor): Signed,
    path: web::Path<(String, String)>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let (webhook, id) = (webhook_id(&path.0)?, delivery_id(&path.1)?);
    Ok(HttpResponse::Ok().json(webhooks::delivery(&app, &actor, webhook, id).await?))
}

/// Send a delivery again.
///
/// Makes another delivery of the same message, with attempts of its own, due now. `webhook-id` stays the same, so the
/// other side can tell that it has heard this before.
#[utoipa::path(tag = "webhooks", operation_id = "replayDelivery", summary = "Send a delivery again",
    security(("accessToken" = []), ("session" = [])),
    params(("webhookId" = WebhookId, Path), ("deliveryId" = DeliveryId, Path)),
    responses((status = 201, body = Delivery, headers(("X-Change" = i64), ("Location" = String))), Refusals,
              (status = 404, description = "No such webhook, or it has no such delivery", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`webhook_off`: it sends nothing now", body = Problem, content_type = "application/problem+json")))]
#[post("/webhooks/{webhookId}/deliveries/{deliveryId}/replay")]
pub async fn replay_delivery(
    Signed(actor): Signed,
    path: web::Path<(String, String)>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let (webhook, id) = (webhook_id(&path.0)?, delivery_id(&path.1)?);
    let c = webhooks::replay(&app, &actor, webhook, id).await?;
    let location = format!("{}/{webhook}/deliveries/{}", paths::WEBHOOKS, c.object.id);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, location))
        .insert_header(("X-Change", c.change.to_string()))
        .insert_header(CacheControl(vec![CacheDirective::NoStore]))
        .json(c.object))
}
