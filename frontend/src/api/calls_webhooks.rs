//! Calls about webhooks: who is told of what, and what became of it.

use common::ids::{DeliveryId, WebhookId};
use common::paths;
use common::webhooks::{
    Delivery, DeliveryDetail, DeliveryPage, PutWebhook, RotateWebhookSecret, Webhook, WebhookList,
    WebhookMade,
};
use gloo_net::http::Method;

use super::calls::{Ask, json};
use super::{Api, ApiError};
use crate::routes::encode;

fn one(id: WebhookId) -> String {
    format!("{}/{id}", paths::WEBHOOKS)
}

fn delivery(id: WebhookId, delivery: DeliveryId) -> String {
    format!("{}/deliveries/{delivery}", one(id))
}

/// Which deliveries of a webhook; an empty text is any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// How far they are.
    pub state: String,
    /// Of what they tell.
    pub event: String,
}

impl DeliveryQuery {
    /// As in an address, behind what stands there already.
    fn text(&self) -> String {
        [("state", &self.state), ("event", &self.event)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("&{name}={}", encode(value)))
            .collect()
    }
}

impl Api {
    /// All webhooks, by name.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn webhooks(self) -> Result<WebhookList, ApiError> {
        self.call(Method::GET, paths::WEBHOOKS, None).await
    }

    /// A webhook.
    ///
    /// # Errors
    /// [`ApiError`]; 404 where there is none.
    pub async fn webhook(self, id: WebhookId) -> Result<Webhook, ApiError> {
        self.call(Method::GET, &one(id), None).await
    }

    /// Makes a webhook. The reply alone holds its secret.
    ///
    /// # Errors
    /// [`ApiError`], with every field that is not right.
    pub async fn make_webhook(self, put: &PutWebhook) -> Result<WebhookMade, ApiError> {
        self.create(paths::WEBHOOKS, json(put)?).await
    }

    /// Changes a webhook.
    ///
    /// # Errors
    /// [`ApiError`], with every field that is not right; 412 where somebody changed it meanwhile.
    pub async fn edit_webhook(self, id: WebhookId, put: &PutWebhook, base: i64) -> Result<Webhook, ApiError> {
        let (path, body) = (one(id), Some(json(put)?));
        self.ask(Ask { method: Method::PUT, path: &path, body, base: Some(base), ..Ask::default() }).await
    }

    /// Deletes a webhook with its log.
    ///
    /// # Errors
    /// [`ApiError`]; 412 where somebody changed it meanwhile.
    pub async fn delete_webhook(self, id: WebhookId, base: i64) -> Result<(), ApiError> {
        let path = one(id);
        self.ask(Ask { method: Method::DELETE, path: &path, base: Some(base), ..Ask::default() }).await
    }

    /// Makes another secret. The reply alone holds it.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn rotate_webhook_secret(
        self,
        id: WebhookId,
        request: &RotateWebhookSecret,
    ) -> Result<WebhookMade, ApiError> {
        self.call(Method::POST, &format!("{}/secret", one(id)), Some(json(request)?)).await
    }

    /// Sends a test, once and now. A test that fails is a reply.
    ///
    /// # Errors
    /// [`ApiError`]; 429 where there was one a moment ago.
    pub async fn test_webhook(self, id: WebhookId) -> Result<DeliveryDetail, ApiError> {
        self.call(Method::POST, &format!("{}/test", one(id)), None).await
    }

    /// Deliveries of a webhook, newest first.
    ///
    /// # Errors
    /// [`ApiError`], with what the query has wrong.
    pub async fn deliveries(
        self,
        id: WebhookId,
        query: &DeliveryQuery,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<DeliveryPage, ApiError> {
        let cursor = cursor.map(|c| format!("&cursor={}", encode(c))).unwrap_or_default();
        let path = format!("{}/deliveries?limit={limit}{}{cursor}", one(id), query.text());
        self.call(Method::GET, &path, None).await
    }

    /// A delivery with what was sent and every attempt.
    ///
    /// # Errors
    /// [`ApiError`]; 404 where there is none.
    pub async fn delivery(self, id: WebhookId, of: DeliveryId) -> Result<DeliveryDetail, ApiError> {
        self.call(Method::GET, &delivery(id, of), None).await
    }

    /// Sends the message of a delivery once more.
    ///
    /// # Errors
    /// [`ApiError`]; 409 while the webhook is off.
    pub async fn replay_delivery(self, id: WebhookId, of: DeliveryId) -> Result<Delivery, ApiError> {
        self.call(Method::POST, &format!("{}/replay", delivery(id, of)), None).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_stand_in_the_query() {
        assert_eq!(DeliveryQuery::default().text(), "");
        let both = DeliveryQuery { state: "waiting".into(), event: "problem.opened".into() };
        assert_eq!(both.text(), "&state=waiting&event=problem.opened");
    }
}
