//! What webhooks are on the wire, and what is wrong with one.

use super::*;

#[test]
fn events_are_spelled_as_on_the_wire() {
    for event in WebhookEvent::SUBSCRIBABLE.into_iter().chain([WebhookEvent::Test]) {
        assert_eq!(serde_json::to_value(event).unwrap(), event.as_str());
        assert_eq!(WebhookEvent::parse(event.as_str()), Some(event));
    }
    assert_eq!(WebhookEvent::parse("lifecycle"), None);
}

#[test]
fn every_event_of_the_timeline_can_be_subscribed_to() {
    for kind in EventKind::ALL {
        let event = WebhookEvent::of(kind);
        assert_eq!(event.as_str(), format!("lifecycle.{}", kind.as_str()));
        assert!(WebhookEvent::SUBSCRIBABLE.contains(&event));
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let wrong = PutWebhook {
        name: "  ".into(),
        url: "x".repeat(URL_MAX + 1),
        events: vec![WebhookEvent::Test],
        region_ids: Some(Vec::new()),
        enabled: true,
    };
    let fields: Vec<String> = wrong.check().into_iter().map(|e| e.pointer).collect();
    assert_eq!(fields, ["/name", "/url", "/events", "/regionIds"]);
    let right = PutWebhook {
        name: "On call".into(),
        url: "https://hooks.example.com/x".into(),
        events: vec![WebhookEvent::ProblemOpened],
        region_ids: None,
        enabled: true,
    };
    assert_eq!(right.check(), []);
}
