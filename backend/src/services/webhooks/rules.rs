//! Rules of webhooks, without I/O: what a request has to be, what a webhook looks like to whom, what is noted of it.

use std::collections::BTreeSet;

use common::auth::Permission;
use common::endpoint::Endpoint;
use common::ids::RegionId;
use common::problem::FieldError;
use common::time::Timestamp;
use common::webhooks::{PutWebhook, URL_MAX, Webhook, WebhookEvent, WebhookState};
use serde_json::{Map, Value, json};

use crate::auth::policy::{Actor, authorize};
use crate::auth::secret;
use crate::clients::connector::OutboundError;
use crate::db::WebhookRecord;
use crate::domain::webhook_url::WebhookUrl;
use crate::services::ServiceError;

/// The fields of a request that are right, in their normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ready {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) events: Vec<WebhookEvent>,
    pub(super) region_scope: Option<Vec<RegionId>>,
}

/// Whether somebody sees whole addresses.
pub(super) fn sees_all(actor: &Actor) -> bool {
    authorize(actor, Permission::Administer, None).is_ok()
}

/// Checks every field. A region must exist, unless it is among those named `before`.
///
/// # Errors
/// All field errors at once.
pub(super) fn ready(
    exists: impl Fn(&RegionId) -> bool,
    allowed: impl Fn(&Endpoint) -> Result<(), OutboundError>,
    request: &PutWebhook,
    before: Option<&[RegionId]>,
) -> Result<Ready, ServiceError> {
    let mut errors = request.check();
    let told = |errors: &[FieldError], at: &str| errors.iter().any(|e| e.pointer == at);
    let mut url = String::new();
    if !told(&errors, "/url") {
        match WebhookUrl::parse(&request.url) {
            Err(e) => errors.push(FieldError::new("url", e.code(), e.to_string())),
            Ok(parsed) => {
                url = parsed.to_string();
                if let Err(e) = allowed(&parsed.endpoint) {
                    let text = e.to_string();
                    let mut letters = text.chars();
                    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
                    let detail = format!("{first}{}. {}", letters.as_str(), e.cure());
                    errors.push(FieldError::new("url", e.code(), detail));
                } else if url.len() > URL_MAX {
                    errors.push(FieldError::new("url", "too_long", "At most 1,024 characters."));
                }
            }
        }
    }
    let mut regions = BTreeSet::new();
    for (i, region) in request.region_ids.iter().flatten().enumerate() {
        if !exists(region) && !before.is_some_and(|b| b.contains(region)) {
            let detail = format!("There is no region {region}.");
            errors.push(FieldError::new(&format!("regionIds/{i}"), "unknown", detail));
        }
        regions.insert(region.clone());
    }
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    let events: BTreeSet<WebhookEvent> = request.events.iter().copied().collect();
    Ok(Ready {
        name: request.name.trim().to_owned(),
        url,
        events: events.into_iter().collect(),
        region_scope: request.region_ids.as_ref().map(|_| regions.into_iter().collect()),
    })
}

/// Puts a webhook in the state asked for.
pub(super) fn apply(record: &mut WebhookRecord, to: Ready, enabled: bool) {
    if enabled {
        record.stopped_because = None;
    }
    // Of a webhook that is switched on, or calls somewhere else, what was before says nothing.
    if (enabled && !record.enabled) || to.url != record.url {
        record.failing_since = None;
    }
    record.enabled = enabled;
    record.name = to.name;
    record.url = to.url;
    record.events = to.events;
    record.region_scope = to.region_scope;
}

fn state(w: &WebhookRecord) -> WebhookState {
    match (w.enabled, w.stopped_because) {
        (false, Some(_)) => WebhookState::Stopped,
        (false, None) => WebhookState::Off,
        (true, _) if w.failing_since.is_some() => WebhookState::Failing,
        (true, _) if w.delivered_at.is_some() => WebhookState::Delivering,
        (true, _) => WebhookState::Idle,
    }
}

/// The address without what may be a secret. One that cannot be read shows nothing at all.
fn masked(url: &str) -> String {
    WebhookUrl::parse(url).map_or_else(|_| "…".to_owned(), |url| url.masked())
}

/// A webhook on the wire, its address whole or not.
pub(super) fn shown(w: &WebhookRecord, waiting: u32, whole: bool, now: Timestamp) -> Webhook {
    Webhook {
        id: w.id,
        name: w.name.clone(),
        url: if whole { w.url.clone() } else { masked(&w.url) },
        events: w.events.clone(),
        region_ids: w.region_scope.clone(),
        enabled: w.enabled,
        state: state(w),
        stopped_because: w.stopped_because,
        secret_fingerprint: w.secret.fingerprint.clone(),
        former_secret_until: w.former.as_ref().map(|f| f.until).filter(|until| *until > now),
        delivered_at: w.delivered_at,
        failing_since: w.failing_since,
        waiting,
        created_by: w.created_by.clone(),
        created_at: w.created_at,
        version: w.version,
    }
}

/// What the activity log holds of a webhook: the address masked, with a fingerprint of the whole that tells a change.
pub(super) fn noted(w: &WebhookRecord) -> Map<String, Value> {
    let value = json!({
        "name": w.name,
        "url": masked(&w.url),
        "urlFingerprint": secret::hash(&w.url).fingerprint(),
        "events": w.events,
        "regionIds": w.region_scope,
        "enabled": w.enabled,
        "stoppedBecause": w.stopped_because,
    });
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use common::ids::WebhookId;
    use common::webhooks::StoppedBecause;
    use uuid::Uuid;

    use super::*;
    use crate::clients::connector::Forbidden;
    use crate::db::{FormerSecret, SealedSecret};

    fn record() -> WebhookRecord {
        WebhookRecord {
            id: WebhookId(Uuid::nil()),
            name: "On call".into(),
            url: "https://hooks.example.com/T0/canary".into(),
            events: vec![WebhookEvent::ProblemOpened],
            region_scope: None,
            enabled: true,
            stopped_because: None,
            secret: SealedSecret { id: Uuid::nil(), sealed: vec![1], fingerprint: "aaaaaaaa".into() },
            former: None,
            delivered_at: None,
            failing_since: None,
            created_by: "huda@example.com".into(),
            created_at: Timestamp(0),
            version: 1,
        }
    }

    fn request(url: &str) -> PutWebhook {
        let events = vec![WebhookEvent::Boot, WebhookEvent::ProblemOpened, WebhookEvent::Boot];
        PutWebhook { name: " On call ".into(), url: url.into(), events, region_ids: None, enabled: true }
    }

    fn pointers(outcome: Result<Ready, ServiceError>) -> Vec<(String, String)> {
        match outcome {
            Err(ServiceError::Invalid(errors)) => errors.into_iter().map(|e| (e.pointer, e.code)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn requests_become_what_is_stored() {
        let right = ready(|_| true, |_| Ok(()), &request("HTTPS://Hooks.example.com/x%2fy"), None).unwrap();
        assert_eq!((right.name.as_str(), right.url.as_str()), ("On call", "https://hooks.example.com/x%2fy"));
        assert_eq!(right.events, [WebhookEvent::ProblemOpened, WebhookEvent::Boot]);
        let two = ["OM-MCT", "OM-IN", "OM-MCT"].map(RegionId::from).to_vec();
        let named = PutWebhook { region_ids: Some(two), ..request("https://x/") };
        let right = ready(|_| true, |_| Ok(()), &named, None).unwrap();
        assert_eq!(right.region_scope.unwrap(), ["OM-IN", "OM-MCT"].map(RegionId::from));
    }

    #[test]
    fn every_field_is_named_at_once() {
        let loopback =
            OutboundError::Forbidden { address: IpAddr::V4(Ipv4Addr::LOCALHOST), why: Forbidden::Loopback };
        let wrong = PutWebhook {
            name: String::new(),
            events: vec![],
            region_ids: Some(vec!["OM-MOON".into(), "OM-OLD".into()]),
            ..request("http://127.0.0.1/")
        };
        let old = [RegionId::from("OM-OLD")];
        let found = pointers(ready(|_| false, |_| Err(loopback.clone()), &wrong, Some(&old)));
        let wanted = [
            ("/name", "required"),
            ("/events", "required"),
            ("/url", "address_forbidden"),
            ("/regionIds/0", "unknown"),
        ];
        assert_eq!(found, wanted.map(|(p, c)| (p.to_owned(), c.to_owned())));
        let long = format!("https://hooks.example.com?{}", "x".repeat(URL_MAX - 26));
        assert_eq!(long.len(), URL_MAX);
        let found = pointers(ready(|_| true, |_| Ok(()), &request(&long), None));
        assert_eq!(found, [("/url".to_owned(), "too_long".to_owned())], "a slash more is one too many");
    }

    #[test]
    fn the_address_is_shown_whole_or_not_at_all() {
        let w = record();
        assert_eq!(shown(&w, 3, true, Timestamp(5)).url, w.url);
        let masked = shown(&w, 3, false, Timestamp(5));
        assert_eq!((masked.url.as_str(), masked.waiting), ("https://hooks.example.com/…", 3));
        let log = Value::from(noted(&w)).to_string();
        assert!(!log.contains("canary") && log.contains("urlFingerprint"), "{log}");
    }

    #[test]
    fn states_follow_from_what_is_known() {
        let of = |change: fn(&mut WebhookRecord)| {
            let mut w = record();
            change(&mut w);
            shown(&w, 0, true, Timestamp(5)).state
        };
        assert_eq!(of(|_| ()), WebhookState::Idle);
        assert_eq!(of(|w| w.delivered_at = Some(Timestamp(1))), WebhookState::Delivering);
        assert_eq!(of(|w| w.failing_since = Some(Timestamp(1))), WebhookState::Failing);
        assert_eq!(of(|w| w.enabled = false), WebhookState::Off);
        let stopped =
            |w: &mut WebhookRecord| (w.enabled, w.stopped_because) = (false, Some(StoppedBecause::Gone));
        assert_eq!(of(stopped), WebhookState::Stopped);
        let mut w = record();
        w.former = Some(FormerSecret { id: Uuid::nil(), sealed: vec![], until: Timestamp(5) });
        assert_eq!(shown(&w, 0, true, Timestamp(5)).former_secret_until, None, "its time is over");
        assert_eq!(shown(&w, 0, true, Timestamp(4)).former_secret_until, Some(Timestamp(5)));
    }

    #[test]
    fn switching_on_and_another_address_start_afresh() {
        let to = |url: &str| ready(|_| true, |_| Ok(()), &request(url), None).unwrap();
        let mut w = record();
        (w.enabled, w.stopped_because, w.failing_since) =
            (false, Some(StoppedBecause::Failing), Some(Timestamp(1)));
        let mut still = w.clone();
        apply(&mut still, to(&w.url), false);
        assert_eq!((still.stopped_because, still.failing_since), (w.stopped_because, w.failing_since));
        apply(&mut w, to("https://hooks.example.com/T0/canary"), true);
        assert_eq!((w.enabled, w.stopped_because, w.failing_since), (true, None, None));
        w.failing_since = Some(Timestamp(1));
        let same = w.url.clone();
        apply(&mut w, to(&same), true);
        assert_eq!(w.failing_since, Some(Timestamp(1)), "only its name or events changed");
        apply(&mut w, to("https://other.example.com/"), true);
        assert_eq!(w.failing_since, None);
    }
}
