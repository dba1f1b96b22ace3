//! What parameters and members of requests may hold, said once for all operations that take them.
//!
//! The handlers check; this is how the document says it, for generators, forms and testers. A row that fits nothing is
//! found by a test.

use common::node_order::NodeColumn;
use serde_json::{Map, Value, json};

/// What is known of a parameter by its name and place, beside what its operation says.
pub(super) fn parameter(operation: &str, place: &str, name: &str) -> Option<Value> {
    let known = match (place, name) {
        ("path", "regionId") => json!({"pattern": "^[A-Za-z]{2}-[A-Za-z0-9-]{1,32}$", "maxLength": 40}),
        ("path", "job") => json!({"pattern": "^[a-z0-9_-]{1,64}$", "maxLength": 64}),
        ("path", "activityId") => json!({"format": "uuid"}),
        ("path", "problemId" | "groupId") => json!({"minLength": 1, "maxLength": 200}),
        ("query", "cursor") => json!({"minLength": 1, "maxLength": 400}),
        ("query", "from" | "to" | "since" | "until") => json!({"format": "date-time"}),
        ("query", "include") if operation == "listProblems" => json!({"enum": ["snoozed"]}),
        ("query", "include") => json!({"enum": ["ignored"]}),
        ("query", "role") => json!({"enum": ["operator", "admin"]}),
        ("query", "actorKind") => json!({"enum": ["user", "token", "system"]}),
        ("query", "format") => json!({"enum": ["csv", "ndjson"]}),
        ("query", "outcome") => words("allowed|denied|refused"),
        ("query", "sort") => json!({"enum": sorts()}),
        ("query", "status") => json!({"pattern": "^([a-zA-Z]+(,[a-zA-Z]+){0,31})?$", "maxLength": 700}),
        ("query", "metric" | "kind") => json!({"minLength": 1, "maxLength": 400}),
        ("query", "topics") => json!({"minLength": 1, "maxLength": 4000}),
        ("query", "label" | "version") => {
            json!({"maxItems": 16, "items": {"minLength": 1, "maxLength": 200}})
        }
        ("query", "regionId") if matches!(operation, "listNodes" | "orderNodes") => {
            json!({"maxItems": 50, "items": {"minLength": 1, "maxLength": 40}})
        }
        ("query", "nodeId" | "incidentId") => json!({"maxLength": 200}),
        ("query", "regionId") => json!({"maxLength": 40}),
        ("query", "actor" | "action" | "targetKind" | "targetId" | "region" | "q") => {
            json!({"maxLength": 200})
        }
        ("header", "If-Match") => json!({"pattern": "^\"[0-9]{1,19}\"$", "maxLength": 21}),
        ("header", "Last-Event-ID") => json!({"pattern": "^[0-9a-f]{16}-[0-9]{1,20}$", "maxLength": 37}),
        _ => return None,
    };
    Some(known)
}

/// One of these or several with commas between.
fn words(any: &str) -> Value {
    json!({"pattern": format!("^({any})(,({any})){{0,9}}$"), "maxLength": 400})
}

/// Every order of a list of nodes.
fn sorts() -> Vec<String> {
    let both = |name: &str| [name.to_owned(), format!("-{name}")];
    NodeColumn::ALL.into_iter().flat_map(|(_, name)| both(name)).collect()
}

/// What members of requests may hold, where their type does not say it: type, member, and what is added.
pub(super) fn members() -> Vec<(&'static str, &'static str, Value)> {
    let text = |max: usize| json!({"maxLength": max});
    let between = |min: usize, max: usize| json!({"minLength": min, "maxLength": max});
    let count = || json!({"minimum": 0, "maximum": u32::MAX});
    let share = || json!({"minimum": 0, "maximum": 100});
    let rate = || json!({"minimum": 0, "maximum": 1_000_000});
    let labels = || {
        json!({
            "maxProperties": 32,
            "propertyNames": {"pattern": "^[a-z0-9._/-]{1,63}$", "maxLength": 63},
            "additionalProperties": {"maxLength": 63},
        })
    };
    vec![
        ("Ack", "detail", text(500)),
        ("BulkRequest", "nodeIds", json!({"uniqueItems": true})),
        ("BulkRequest", "previewToken", text(4000)),
        ("CreateNode", "labels", labels()),
        ("EditNode", "labels", labels()),
        ("Goodbye", "bootId", between(1, 64)),
        ("Goodbye", "reason", text(200)),
        ("Hardware", "cpuPercent", share()),
        ("Hardware", "memoryPercent", share()),
        ("Hardware", "networkDownMbps", rate()),
        ("Hardware", "networkUpMbps", rate()),
        ("Heartbeat", "acks", json!({"maxItems": 64})),
        ("Heartbeat", "bootId", between(1, 64)),
        ("Heartbeat", "configHash", text(64)),
        ("Heartbeat", "hostname", text(253)),
        ("Heartbeat", "jobs", json!({"maxItems": common::job::JOBS_MAX})),
        ("Heartbeat", "kind", text(32)),
        ("Heartbeat", "nodeId", text(64)),
        ("Heartbeat", "observedGeneration", json!({"minimum": 0, "maximum": i64::MAX})),
        ("Heartbeat", "regionId", text(40)),
        ("Heartbeat", "seq", json!({"minimum": 0, "maximum": i64::MAX})),
        ("Heartbeat", "sipPort", json!({"minimum": 1, "maximum": u16::MAX})),
        ("Heartbeat", "version", text(64)),
        ("JobOffer", "description", text(500)),
        ("JobOffer", "key", json!({"pattern": "^[a-z0-9_-]{1,64}$", "maxLength": 64})),
        ("JobOffer", "schedule", text(200)),
        ("JobOffer", "title", text(200)),
        ("LoginRequest", "email", json!({"minLength": 1})),
        ("LoginRequest", "password", json!({"minLength": 1})),
        ("NewToken", "networks", json!({"items": {"minLength": 2, "maxLength": 49}})),
        ("Outbound", "oldestPendingSeconds", count()),
        ("Outbound", "pending", count()),
        ("Outbound", "processing", count()),
        ("RunReport", "bootId", between(1, 64)),
        ("RunReport", "error", text(4000)),
        ("RunReport", "output", text(common::job::OUTPUT_CALL_MAX)),
        ("RuntimeReport", "reason", text(200)),
        ("Sessions", "ageSeconds", json!({"maxItems": 256, "items": {"minimum": 0, "maximum": u32::MAX}})),
        ("Sessions", "max", count()),
        ("Sessions", "phone", count()),
        ("Sessions", "web", count()),
        ("SetIntent", "previewToken", text(4000)),
        ("ShutdownRequest", "previewToken", text(4000)),
        ("StorageReport", "step", text(64)),
        ("StreamWindow", "ids", json!({"uniqueItems": true})),
        ("TestStorage", "accessKey", between(3, 128)),
        ("TestStorage", "bucket", between(3, 63)),
        ("TestStorage", "prefix", text(200)),
        ("TestStorage", "signingRegion", text(64)),
    ]
}

/// Puts what is known into a schema, deeper members member by member; what is there stays where both say something.
pub(super) fn merge(into: &mut Map<String, Value>, known: Value) {
    let Value::Object(known) = known else { return };
    for (name, value) in known {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(there)), value @ Value::Object(_)) => merge(there, value),
            (Some(_), _) if name != "maximum" && name != "minimum" => {}
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}
