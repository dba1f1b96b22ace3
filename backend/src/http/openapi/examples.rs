//! An example for every body: written here where the choice matters, else made of the schema and of telling values.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::complete::METHODS;
use super::written;

/// How deep a made example goes: members of members of members; deeper ones that may be left out are.
const DEPTH: usize = 6;
pub(super) const NODE: &str = "0198f6a2-7c1e-7d30-9a44-5b1f0c2d3e4f";
pub(super) const OTHER: &str = "0198f6a2-8d2f-7e41-8b55-6c2a1d3e4f50";
pub(super) const AT: &str = "2026-11-22T10:20:30.123Z";

/// Requests as somebody would send them, and what is best shown as it looks.
fn written(of: &str) -> Option<Value> {
    Some(match of {
        "LoginRequest" => json!({"email": "admin@localhost", "password": "correct horse battery staple"}),
        "InviteRequest" => {
            json!({"email": "salim@example.org", "displayName": "Salim", "role": "operator", "regionScope": ["OM-MCT"]})
        }
        "AccountChanges" => json!({"displayName": "Salim A.", "role": "viewer"}),
        "Redeem" => {
            json!({"token": "iqi_EXAMPLE0not0a0real0token", "password": "four words of my own choice"})
        }
        "LinkRequest" | "WelcomeLook" => json!({"token": "iqi_EXAMPLE0not0a0real0token"}),
        "PasswordChange" => {
            json!({"current": "correct horse battery staple", "new": "four words of my own choice"})
        }
        "ConfirmRequest" => json!({"password": "correct horse battery staple"}),
        "NewToken" => {
            json!({"name": "ci-deploy", "scope": "operate", "regionScope": ["OM-MCT"], "networks": ["10.2.0.0/16"], "expiresInDays": 90})
        }
        "PutWebhook" => json!({
            "name": "On call", "url": "https://hooks.example.com/services/T0EXAMPLE",
            "events": ["problem.opened", "problem.cleared"], "regionIds": null, "enabled": true,
        }),
        "RotateWebhookSecret" => json!({"overlapHours": 24}),
        "Webhook" => webhook(),
        "WebhookMade" => json!({
            "webhook": webhook(), "plainSecret": "whsec_RVhBTVBMRS1ub3QtYS1yZWFsLXNlY3JldC0wMDAwMDA=",
            "secretShown": false,
        }),
        "Delivery" => delivery(),
        "DeliveryDetail" => json!({
            "delivery": delivery(), "attempts": [attempt()],
            "payload": format!("{{\"type\":\"test\",\"timestamp\":\"{AT}\",\"data\":{{\"name\":\"On call\"}}}}"),
        }),
        "CreateRegion" => json!({"countryCode": "OM", "name": "mct", "displayName": "Muscat"}),
        "EditRegion" => json!({"displayName": "Muscat, Al Khuwair"}),
        "CreateNode" => json!({
            "regionId": "OM-MCT", "kind": "backend", "endpoint": "http://10.0.0.5:5002",
            "displayName": "Backend 1", "labels": {"rack": "b2"}, "maxConcurrentCalls": 25,
        }),
        "EditNode" => json!({"displayName": "Backend 1", "maxConcurrentCalls": 50}),
        "RotateSecret" => json!({"overlapSeconds": 86_400}),
        "SetIntent" => {
            json!({"state": "maintenance", "privateReason": "Kernel update, ticket 4711", "publicReason": "Maintenance"})
        }
        "ShutdownRequest" => json!({"mode": "graceful", "reason": "New version 1.4.3"}),
        "BulkRequest" => {
            json!({"nodeIds": [NODE], "action": "maintenance", "reason": "Kernel update", "preview": true})
        }
        "PutStorage" => json!({
            "endpoint": "http://10.0.0.9:9000", "ssl": false, "bucket": "iqra",
            "accessKey": "IQRAEXAMPLE", "secretKey": "not-a-real-secret-key",
        }),
        "TestStorage" => json!({
            "endpoint": "http://10.0.0.9:9000", "ssl": false, "bucket": "iqra",
            "accessKey": "IQRAEXAMPLE", "secretKey": "not-a-real-secret-key", "createBucket": false,
        }),
        "PutBackgroundNode" => json!({"endpoint": "http://10.0.0.7:5010", "generate": true}),
        "TestBackgroundNode" => json!({"endpoint": "http://10.0.0.7:5010"}),
        "SnoozeRequest" => json!({"reason": "The new disk comes on Tuesday", "minutes": 1440}),
        "IgnoreRequest" => json!({"reason": "A test machine"}),
        "StreamWindow" => json!({"ids": [NODE]}),
        "Heartbeat" => json!({
            "bootId": OTHER, "seq": 17, "sentAt": AT, "nodeId": NODE, "regionId": "OM-MCT", "kind": "backend",
            "version": "1.4.2",
            "runtime": {"status": "running", "reason": "Normal operation"},
            "sessions": {"phone": 3, "web": 1, "max": 25, "ageSeconds": [640, 12]},
            "hardware": {"cpuPercent": 12.5, "memoryPercent": 41.2, "networkDownMbps": 3.1, "networkUpMbps": 0.4},
            "observedGeneration": 3,
        }),
        "Goodbye" => json!({"bootId": OTHER, "reason": "update"}),
        "RunReport" => json!({"bootId": OTHER, "status": "running", "output": "3 of 12 rooms cleaned\n"}),
        "Problem" => json!({
            "type": "urn:iqra:problem:invalid", "title": "Invalid", "status": 422, "detail": "One field is not right.",
            "code": "invalid", "requestId": "5f0c2d3e-17",
            "errors": [{"pointer": "/countryCode", "code": "country_unknown", "detail": "Choose a country: a two-letter code of ISO 3166-1 such as OM."}],
        }),
        "LiveEvent" => json!({"type": "tick", "serverTime": AT, "collecting": null}),
        "Me" => json!({"user": {"id": OTHER, "email": "admin@localhost", "role": "admin"}}),
        "Endpoint" => json!({"scheme": "http", "host": "10.0.0.5", "port": 5002, "path": ""}),
        _ => return written::reply(of),
    })
}

fn webhook() -> Value {
    json!({
        "id": NODE, "name": "On call", "url": "https://hooks.example.com/…",
        "events": ["problem.opened", "problem.cleared"], "regionIds": null, "enabled": true, "state": "delivering",
        "stoppedBecause": null, "secretFingerprint": "3f9ac1d2", "formerSecretUntil": null, "deliveredAt": AT,
        "failingSince": null, "waiting": 0, "createdBy": "huda@example.com", "createdAt": AT, "version": 1,
    })
}

fn attempt() -> Value {
    json!({"at": AT, "tookMs": 84, "status": 204, "code": "taken", "detail": "The other side took it."})
}

fn delivery() -> Value {
    json!({
        "id": OTHER, "webhookId": NODE, "messageId": OTHER, "event": "test", "regionId": null, "createdAt": AT,
        "state": "delivered", "attempts": 1, "nextAt": null, "finishedAt": AT, "replayOf": null, "last": attempt(),
    })
}

/// A value that tells what a member is, by its name; taken where it fits the member's type.
fn telling(name: &str) -> Option<Value> {
    Some(match name {
        "regionId" | "region" | "id_region" | "claimedRegion" | "targetId" => json!("OM-MCT"),
        "countryCode" => json!("OM"),
        "name" => json!("mct"),
        "displayName" | "claimedNode" | "nodeName" => json!("Backend 1"),
        "claimedKind" => json!("backend"),
        "email" | "createdBy" | "revokedBy" | "by" | "actor" | "updatedBy" | "requestedBy" => {
            json!("huda@example.com")
        }
        "nextCursor" | "entry" => json!("0198f6a2-8d2f-7e41-8b55-6c2a1d3e4f50"),
        "id" => json!(OTHER),
        "host" | "hostname" | "sipHost" => json!("be-1.mct.example.com"),
        "source" | "lastUsedFrom" | "address" => json!("10.0.0.5"),
        "endpoint" => json!("http://10.0.0.5:5002"),
        "listen" => json!("0.0.0.0:8080"),
        "networks" => json!("10.0.0.0/8"),
        "version" | "softwareVersion" => json!("1.4.2"),
        "fingerprint" | "expectedFingerprint" | "presented" | "bundle" | "kid" => json!("3f9ac1d2"),
        "configTag" => json!("9b1d04e7"),
        "hash" | "head" => json!("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        "x" => json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
        "schema" => json!("20261120090000"),
        "bootId" => json!("5f0c2d3e-be-1"),
        "requestId" => json!("5f0c2d3e-17"),
        "publicReason" => json!("Maintenance"),
        "privateReason" | "reason" => json!("Kernel update, ticket 4711"),
        "labels" => json!("b2"),
        "action" => json!("region.edit"),
        "targetKind" => json!("region"),
        "targetName" => json!("Muscat"),
        "from" => json!("stale"),
        "to" => json!("online"),
        "job" | "key" => json!("cleanup"),
        "title" => json!("Clean up"),
        "description" => json!("Deletes recordings that nobody keeps."),
        "schedule" => json!("daily at 03:00"),
        "step" => json!("put"),
        "detail" => json!("10.0.0.5 answered in 12 ms."),
        "accessKey" => json!("IQRAEXAMPLE"),
        "secretKey" => json!("not-a-real-secret-key"),
        "bucket" => json!("iqra"),
        "prefix" => json!("recordings/"),
        "signingRegion" => json!("us-east-1"),
        "publicUrl" => json!("https://console.example.com"),
        "userAgent" => json!("Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"),
        "previewToken" => json!("pv_EXAMPLE0not0a0real0token"),
        "plainSecret" => json!("iqn_EXAMPLE0not0a0real0secret0000000000000"),
        "refreshToken" => json!("iqr_EXAMPLE0not0a0real0token"),
        "accessToken" | "plainToken" => json!("eyJhbGciOiJFZERTQSJ9.EXAMPLE.EXAMPLE"),
        "command" => json!("iqra-node run --appsettings appsettings.json"),
        "snippet" => json!("{\"Server\": {\"ApiKey\": \"iqn_EXAMPLE\"}}"),
        "url" => json!("https://console.example.com/welcome#iqi_EXAMPLE"),
        "status" => json!("ok"),
        "cpuPercent" => json!(12.5),
        "memoryPercent" => json!(41.2),
        "port" | "sipPort" => json!(5080),
        _ => return None,
    })
}

/// Members that say of something good, or of something that goes on, that it is bad or over: `null` unless written.
const ABSENT: [&str; 19] = [
    "broken",
    "cause",
    "clearedAt",
    "code",
    "cure",
    "deadline",
    "deleted",
    "error",
    "failingSince",
    "finishedAt",
    "ignored",
    "incidentId",
    "noEndSince",
    "revokedAt",
    "revokedBy",
    "snoozed",
    "until",
    "vaultLocked",
    "verifying",
];

/// Whether a schema takes `null`.
fn may_be_null(schema: &Value) -> bool {
    let list = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    list("type").any(|t| t == "null") || list("oneOf").any(|s| s.get("type").is_some_and(|t| t == "null"))
}

/// Gives every type that is a body an example.
pub(super) fn add(document: &mut Value) {
    let bodies = bodies(document);
    let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") else { return };
    for name in bodies {
        let made = match written(&name) {
            Some(example) => Some(example),
            None => schemas.get(&name).map(|schema| make(schemas, &name, schema, DEPTH)),
        };
        if let (Some(example), Some(Value::Object(schema))) = (made, schemas.get_mut(&name)) {
            schema.insert("examples".to_owned(), json!([example]));
        }
    }
}

/// Names of all types that are a whole body.
fn bodies(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let items = document.get("paths").and_then(Value::as_object);
    for operation in items
        .into_iter()
        .flat_map(|all| all.values())
        .flat_map(|item| METHODS.iter().filter_map(|method| item.get(*method)))
    {
        let replies = operation.get("responses").and_then(Value::as_object);
        let all = replies.into_iter().flat_map(|r| r.values()).chain(operation.get("requestBody"));
        for content in all.filter_map(|body| body.get("content")?.as_object()) {
            let names = content.values().filter_map(|media| media.pointer("/schema/$ref")?.as_str());
            found.extend(names.filter_map(|path| path.rsplit('/').next()).map(str::to_owned));
        }
    }
    found
}

/// A value that a schema allows.
fn make(schemas: &Map<String, Value>, name: &str, schema: &Value, depth: usize) -> Value {
    let list = |key: &str| schema.get(key).and_then(Value::as_array);
    if ABSENT.contains(&name) && may_be_null(schema) {
        return Value::Null;
    }
    if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
        let to = path.rsplit('/').next().unwrap_or_default();
        if let Some(example) = written(to) {
            return example;
        }
        return schemas.get(to).map(|target| make(schemas, name, target, depth)).unwrap_or_default();
    }
    if let Some(example) = list("examples").and_then(|all| all.first()) {
        return example.clone();
    }
    if let Some(first) = list("enum").and_then(|all| all.first()) {
        return first.clone();
    }
    if let Some(first) = list("oneOf").and_then(|all| all.first()) {
        return make(schemas, name, first, depth);
    }
    if let Some(parts) = list("allOf") {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(members) = make(schemas, name, part, depth) {
                whole.extend(members);
            }
        }
        return whole.into();
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let told = telling(name);
    match types.iter().find(|t| **t != "null").copied().unwrap_or("object") {
        "string" => match schema.get("format").and_then(Value::as_str) {
            Some("uuid") => NODE.into(),
            Some("date-time") => AT.into(),
            _ => told.filter(Value::is_string).unwrap_or_else(|| "text".into()),
        },
        "integer" => {
            let least = schema.get("minimum").and_then(Value::as_u64).unwrap_or_default();
            told.filter(Value::is_u64).unwrap_or_else(|| least.max(3).into())
        }
        "number" => told.filter(Value::is_number).unwrap_or_else(|| json!(1.5)),
        "boolean" => false.into(),
        "array" => {
            let one = schema.get("items").filter(|_| depth > 0);
            Value::Array(
                one.map(|items| make(schemas, name, items, depth.saturating_sub(1))).into_iter().collect(),
            )
        }
        _ => object(schemas, name, schema, depth),
    }
}

/// Every member; where it is deep down, only those that must be there.
fn object(schemas: &Map<String, Value>, name: &str, schema: &Value, depth: usize) -> Value {
    let mut whole = Map::new();
    let needed: BTreeSet<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (member, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if depth > 0 || needed.contains(member.as_str()) {
            whole.insert(member.clone(), make(schemas, member, inner, depth.saturating_sub(1)));
        }
    }
    if let Some(inner) = schema.get("additionalProperties").filter(|a| a.is_object() && depth > 0) {
        whole.insert("rack".to_owned(), make(schemas, name, inner, depth.saturating_sub(1)));
    }
    whole.into()
}
