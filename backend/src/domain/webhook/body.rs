//! What a call says: `{"type", "timestamp", "data"}`. Never a secret in it.

use common::activity::EventKind;
use common::endpoint::Endpoint;
use common::ids::{NodeId, RegionId, WebhookId};
use common::node::NodeKind;
use common::overview::{IncidentCause, OpenProblem, OpenProblemCode, Severity};
use common::time::Timestamp;
use common::webhooks::WebhookEvent;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Message;
use crate::domain::activity::EventRecord;

/// Longest free text in a body, in characters; what is longer is cut.
const TEXT_MAX: usize = 4_000;
/// Most nodes that a problem names.
const NODES_MAX: usize = 50;

#[derive(Serialize)]
struct Envelope<'a, T> {
    #[serde(rename = "type")]
    event: WebhookEvent,
    timestamp: Timestamp,
    data: &'a T,
}

fn text<T: Serialize>(event: WebhookEvent, timestamp: Timestamp, data: &T) -> String {
    // Texts, numbers and lists of them: nothing that JSON cannot say.
    serde_json::to_string(&Envelope { event, timestamp, data }).unwrap_or_default()
}

/// A node as a body names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// How it is called on the screen.
    pub name: String,
    /// What it does.
    pub kind: NodeKind,
    /// Where it is; not known of one that is deleted.
    pub endpoint: Option<Endpoint>,
}

/// `data` of what happened to a node or region.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LifecycleData<'a> {
    id: Uuid,
    node_id: Option<NodeId>,
    node_name: Option<String>,
    node_kind: Option<NodeKind>,
    endpoint: Option<String>,
    region_id: Option<&'a RegionId>,
    from: Option<&'a str>,
    to: Option<&'a str>,
    detail: Option<String>,
    actor: Option<&'a str>,
    link: Option<String>,
}

/// What of an event's words leaves the house: of an intent the public reason, never the one for operators.
fn detail(event: &EventRecord) -> Option<&str> {
    match event.kind {
        EventKind::Intent => event.public_reason.as_deref(),
        EventKind::Liveness
        | EventKind::Runtime
        | EventKind::Boot
        | EventKind::Goodbye
        | EventKind::Command
        | EventKind::Drain
        | EventKind::Storage
        | EventKind::Registry => event.detail.as_deref(),
    }
}

/// Tells of an event of the timeline. `node` is the one concerned, where it is known; `console` the address of the
/// console.
pub fn lifecycle(event: &EventRecord, node: Option<Named>, console: Option<&str>) -> Message {
    let kind = WebhookEvent::of(event.kind);
    let (name, node_kind, endpoint) =
        node.map_or((None, None, None), |n| (Some(n.name), Some(n.kind), n.endpoint.map(|e| e.to_string())));
    let data = LifecycleData {
        id: event.id,
        node_id: event.node_id,
        node_name: name,
        node_kind,
        endpoint,
        region_id: event.region_id.as_ref(),
        from: event.from.as_deref(),
        to: event.to.as_deref(),
        detail: detail(event).map(cut),
        actor: event.actor.as_deref(),
        link: match (event.node_id, &event.region_id) {
            (Some(id), _) => link(console, &format!("/nodes/{id}")),
            (None, Some(region)) => link(console, &format!("/regions/{region}")),
            (None, None) => link(console, "/activity"),
        },
    };
    Message {
        id: event.id,
        at: event.at,
        event: kind,
        region_id: event.region_id.clone(),
        payload: text(kind, event.at, &data),
    }
}

/// A node that a problem stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldNode {
    /// Which.
    pub id: NodeId,
    /// How it is called on the screen.
    pub name: String,
}

/// `data` of a problem; kept as it was told, for the message that says it is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemData {
    /// Which.
    pub problem_id: String,
    /// What is wrong.
    pub code: OpenProblemCode,
    /// How much it matters.
    pub severity: Severity,
    /// The region concerned.
    pub region_id: Option<RegionId>,
    /// The node concerned.
    pub node_id: Option<NodeId>,
    /// How it is called on the screen.
    pub node_name: Option<String>,
    /// The kind concerned.
    pub kind: Option<NodeKind>,
    /// How many nodes, groups or refusals it counts.
    pub count: Option<u32>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// When it was over.
    pub cleared_at: Option<Timestamp>,
    /// Whether it stands for several nodes that fell silent together.
    pub incident: bool,
    /// The likely cause of an incident.
    pub cause: Option<IncidentCause>,
    /// The nodes it stands for, at most 50.
    pub nodes: Vec<ToldNode>,
    /// Into the console.
    pub link: Option<String>,
}

impl ProblemData {
    /// A problem as it is told. `console` is the address of the console.
    pub fn of(p: &OpenProblem, console: Option<&str>) -> Self {
        let named = p.evidence.nodes.iter().take(NODES_MAX);
        Self {
            problem_id: p.id.clone(),
            code: p.code,
            severity: p.severity,
            region_id: p.region_id.clone(),
            node_id: p.node_id,
            node_name: p.node_name.clone(),
            kind: p.kind,
            count: p.count,
            since: p.since,
            cleared_at: None,
            incident: p.code.is_incident(),
            cause: p.evidence.cause,
            nodes: named.map(|n| ToldNode { id: n.id, name: n.name.clone() }).collect(),
            link: link(console, &format!("/problems/{}", path_part(&p.id))),
        }
    }

    /// What telling it is: where it has an end, it is over.
    pub fn event(&self) -> WebhookEvent {
        if self.cleared_at.is_some() { WebhookEvent::ProblemCleared } else { WebhookEvent::ProblemOpened }
    }

    /// The message of a problem that opened, or, where it has an end, of one that is over. `at` is when it is told.
    pub fn message(&self, id: Uuid, at: Timestamp) -> Message {
        let event = self.event();
        Message { id, at, event, region_id: self.region_id.clone(), payload: text(event, at, self) }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TestData<'a> {
    webhook_id: WebhookId,
    name: &'a str,
    by: &'a str,
}

/// What "Send a test" sends. `by` is the e-mail of who asked for it.
pub fn test(id: Uuid, at: Timestamp, webhook_id: WebhookId, name: &str, by: &str) -> Message {
    let payload = text(WebhookEvent::Test, at, &TestData { webhook_id, name, by });
    Message { id, at, event: WebhookEvent::Test, region_id: None, payload }
}

fn link(console: Option<&str>, path: &str) -> Option<String> {
    console.map(|base| format!("{base}{path}"))
}

/// An id as a part of a path.
fn path_part(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const AT: Timestamp = Timestamp(1_795_342_830_123);

    fn event() -> EventRecord {
        EventRecord {
            id: Uuid::from_u128(7),
            at: AT,
            node_id: Some(NodeId(Uuid::from_u128(1))),
            region_id: Some(RegionId::from("OM-MCT")),
            kind: EventKind::Liveness,
            from: Some("live".into()),
            to: Some("stale".into()),
            detail: None,
            public_reason: None,
            actor: None,
        }
    }

    fn read(m: &Message) -> Value {
        serde_json::from_str(&m.payload).unwrap()
    }

    #[test]
    fn an_event_says_what_is_known_and_null_for_the_rest() {
        let endpoint = Endpoint::parse("10.0.0.5:5002").unwrap();
        let node = Named { name: "pbx 1".into(), kind: NodeKind::Backend, endpoint: Some(endpoint) };
        let m = lifecycle(&event(), Some(node), Some("https://console.example"));
        assert_eq!((m.id, m.at, m.event), (Uuid::from_u128(7), AT, WebhookEvent::Liveness));
        let expected = json!({
            "type": "lifecycle.liveness",
            "timestamp": AT.to_string(),
            "data": {
                "id": "00000000-0000-0000-0000-000000000007",
                "nodeId": "00000000-0000-0000-0000-000000000001",
                "nodeName": "pbx 1", "nodeKind": "backend", "endpoint": "http://10.0.0.5:5002",
                "regionId": "OM-MCT", "from": "live", "to": "stale", "detail": null, "actor": null,
                "link": "https://console.example/nodes/00000000-0000-0000-0000-000000000001",
            },
        });
        assert_eq!(read(&m), expected);
        let bare = read(&lifecycle(&event(), None, None));
        assert!(bare["data"]["nodeName"].is_null() && bare["data"]["link"].is_null());
        assert!(bare["data"].as_object().unwrap().contains_key("endpoint"));
    }

    #[test]
    fn the_reason_for_operators_stays_inside() {
        let mut intent = event();
        intent.kind = EventKind::Intent;
        intent.detail = Some("canary: the customer does not pay".into());
        let m = lifecycle(&intent, None, None);
        assert!(read(&m)["data"]["detail"].is_null(), "{}", m.payload);
        intent.public_reason = Some("Maintenance".into());
        let m = lifecycle(&intent, None, None);
        assert_eq!(read(&m)["data"]["detail"], "Maintenance");
        assert!(!m.payload.contains("canary"), "{}", m.payload);
    }

    #[test]
    fn long_words_are_cut_so_that_every_body_fits() {
        let mut long = event();
        long.detail = Some("ض".repeat(60_000));
        let m = lifecycle(&long, None, None);
        assert!(m.payload.len() < 65_536, "{}", m.payload.len());
        assert!(read(&m)["data"]["detail"].as_str().unwrap().ends_with('…'));
    }

    #[test]
    fn an_id_is_a_part_of_a_path() {
        assert_eq!(path_part("node_stale:0197-a"), "node_stale:0197-a");
        assert_eq!(path_part("job_failed:a b/ü"), "job_failed:a%20b%2F%C3%BC");
    }

    #[test]
    fn a_test_names_who_asked_for_it() {
        let m = test(Uuid::from_u128(3), AT, WebhookId(Uuid::from_u128(4)), "On call", "a@b");
        let data = json!({"webhookId": Uuid::from_u128(4), "name": "On call", "by": "a@b"});
        assert_eq!(read(&m), json!({"type": "test", "timestamp": AT.to_string(), "data": data}));
    }
}
