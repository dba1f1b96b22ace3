//! What is the same for many operations: said here once, after the routes have said what is their own.
//!
//! Works on the document as JSON: errors that any operation can end in, headers and what they mean, limits, examples,
//! and the description with the list of codes.

use serde_json::{Map, Value, json};

use super::{access, examples, limits, links};

/// Methods of a path.
pub(super) const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

type Object = Map<String, Value>;

/// The whole document, from what the routes say.
pub(super) fn complete(document: &mut Value) {
    let schemas = document.pointer("/components/schemas").cloned().unwrap_or_default();
    let known: Vec<String> = operations(document)
        .filter_map(|operation| operation.get("operationId")?.as_str().map(str::to_owned))
        .collect();
    let versioned = versioned(document);
    for operation in operations(document) {
        links::add(operation, &known, &versioned);
        access::add(operation);
        parameters(operation);
        errors(operation);
        responses(operation, &schemas);
    }
    if let Some(Value::Object(all)) = document.pointer_mut("/components/schemas") {
        for (of, member, known) in limits::members() {
            let place =
                all.get_mut(of).and_then(|schema| schema.pointer_mut(&format!("/properties/{member}")));
            if let Some(Value::Object(schema)) = place {
                limits::merge(schema, known);
            }
        }
        bound_ids(all);
        for schema in all.values_mut() {
            plural_examples(schema);
        }
    }
    examples::add(document);
    if let Some(Value::String(text)) = document.pointer_mut("/info/description") {
        text.push_str(&format!("\n\n## Codes of problems\n\n{}", crate::http::codes::table()));
    }
}

/// Every operation, to be changed.
fn operations(document: &mut Value) -> impl Iterator<Item = &mut Object> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(|all| all.values_mut()).filter_map(Value::as_object_mut);
    items
        .flat_map(|item| item.iter_mut().filter(|(method, _)| METHODS.contains(&method.as_str())))
        .filter_map(|(_, operation)| operation.as_object_mut())
}

/// Ids of the operations that want the version their change is based on.
fn versioned(document: &mut Value) -> Vec<String> {
    let wants = |operation: &Object| {
        let all = operation.get("parameters").and_then(Value::as_array);
        all.into_iter().flatten().any(|p| p.get("name").and_then(Value::as_str) == Some("If-Match"))
    };
    operations(document)
        .filter(|operation| wants(operation))
        .filter_map(|operation| operation.get("operationId")?.as_str().map(str::to_owned))
        .collect()
}

/// A parameter that is left out is left out: none is `null`.
fn parameters(operation: &mut Object) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let all = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in all.into_iter().flatten().filter_map(Value::as_object_mut) {
        let text = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (place, name) = (text("in"), text("name"));
        if let Some(Value::Object(schema)) = parameter.get_mut("schema") {
            never_null(schema);
            if let Some(known) = limits::parameter(&id, &place, &name) {
                limits::merge(schema, known);
            }
        }
        if !parameter.contains_key("description") {
            parameter.insert("description".to_owned(), described(&name).into());
        }
    }
}

/// Parameters whose name says it all, in words.
fn described(name: &str) -> &'static str {
    match name {
        "regionId" => "Region ID, in any letter case",
        "nodeId" => "`id` of the node",
        "runId" => "`id` of the run",
        "commandId" => "`id` of the command",
        "activityId" => "`id` of the entry",
        "frontendId" => "`id` of the process",
        "userId" => "`id` of the account",
        "sessionId" => "`id` of the session",
        "tokenId" => "`id` of the token",
        "webhookId" => "`id` of the webhook",
        "deliveryId" => "`id` of the delivery",
        "targetKind" => "Kind of what was changed",
        "targetId" => "Id of what was changed",
        "region" => "Region ID of what was changed",
        _ => "",
    }
}

fn never_null(schema: &mut Object) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|t| t != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(any)) = schema.get_mut("oneOf") {
        any.retain(|s| s.get("type") != Some(&Value::String("null".to_owned())));
        if let [Value::Object(one)] = any.as_slice() {
            let one = one.clone();
            schema.remove("oneOf");
            schema.extend(one);
        }
    }
}

/// What any operation can end in, whoever asks for what.
fn errors(operation: &mut Object) {
    let body = operation.contains_key("requestBody");
    let tag = operation.get("tags").and_then(|t| t.get(0)).and_then(Value::as_str).unwrap_or_default();
    let (node, health) = (tag == "node", tag == "health");
    let Some(Value::Object(responses)) = operation.get_mut("responses") else { return };
    let mut add = |status: &str, description: &str| {
        let problem = json!({
            "description": description,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        });
        responses.entry(status.to_owned()).or_insert(problem);
    };
    if !health {
        add("500", "`internal`: something failed on the server. Its log has the cause");
    }
    if body && !node {
        add("408", "`body_too_slow`: the body did not arrive within 5 seconds");
    }
}

/// Words for what came of it, and for every header.
fn responses(operation: &mut Object, schemas: &Value) {
    let Some(Value::Object(responses)) = operation.get_mut("responses") else { return };
    for (status, response) in responses {
        let Some(response) = response.as_object_mut() else { continue };
        let said = response.get("description").and_then(Value::as_str).unwrap_or_default();
        if said.is_empty() {
            let words = of_body(response, schemas).unwrap_or_else(|| "Done.".to_owned());
            response.insert("description".to_owned(), words.into());
        }
        let always = match status.as_str() {
            "401" => Some("WWW-Authenticate"),
            "429" | "503" => Some("Retry-After"),
            _ => None,
        };
        if let Some(name) = always {
            let headers = response.entry("headers").or_insert_with(|| json!({}));
            if let Some(headers) = headers.as_object_mut() {
                headers.insert(name.to_owned(), json!({}));
            }
        }
        event_stream(response);
        let headers = response.get_mut("headers").and_then(Value::as_object_mut);
        for (name, header) in headers.into_iter().flatten() {
            if let Some((about, schema)) = header_called(name) {
                *header = json!({"description": about, "schema": schema});
            }
        }
    }
}

/// A stream is a row of events, whose `data` is JSON of the type the route names.
fn event_stream(response: &mut Object) {
    let content = response.get_mut("content").and_then(|all| all.get_mut("text/event-stream"));
    let Some(media) = content.and_then(Value::as_object_mut) else { return };
    let Some(event) = media.remove("schema") else { return };
    let data = json!({
        "type": "string",
        "description": "One JSON object",
        "contentMediaType": "application/json",
        "contentSchema": event,
    });
    let id = json!({"type": "string", "description": "What `Last-Event-ID` goes on from", "maxLength": 37});
    let event = json!({"type": "object", "required": ["data"], "properties": {"data": data, "id": id}});
    media.insert("schema".to_owned(), event);
}

/// What the body's type is said to be.
fn of_body(response: &Object, schemas: &Value) -> Option<String> {
    let content = response.get("content")?.as_object()?.values().next()?;
    let name = content.pointer("/schema/$ref")?.as_str()?.rsplit('/').next()?;
    let about = schemas.get(name)?.get("description")?.as_str()?;
    about.split("\n\n").next().map(str::to_owned)
}

/// What a header of a reply means.
fn header_called(name: &str) -> Option<(&'static str, Value)> {
    Some(match name {
        "ETag" => (
            "The version, in quotes: what `If-Match` of a change based on this wants",
            json!({"type": "string", "minLength": 3, "maxLength": 80}),
        ),
        "X-Change" => (
            "The number of this change: snapshots and deltas of the stream with this `change` or a higher one contain it",
            json!({"type": "integer", "format": "int64", "minimum": 0}),
        ),
        "Cache-Control" => ("How long it may be kept", json!({"type": "string", "maxLength": 100})),
        "Location" => ("Path of what was made", json!({"type": "string", "maxLength": 2000})),
        "Retry-After" => ("Seconds to wait before the next try", json!({"type": "integer", "minimum": 0})),
        "WWW-Authenticate" => (
            "`Bearer` with a realm; with `error=\"invalid_token\"` where a bearer was sent that is not, or no longer, good \
             (RFC 6750 §3)",
            json!({"type": "string", "maxLength": 200}),
        ),
        "Set-Cookie" => ("The session of the console", json!({"type": "string", "maxLength": 4096})),
        "Content-Disposition" => ("A name for the file", json!({"type": "string", "maxLength": 400})),
        "X-Total-Count" => ("How many entries the file has", json!({"type": "integer", "minimum": 0})),
        "X-Truncated" => ("Whether there are more than the file has", json!({"type": "boolean"})),
        _ => return None,
    })
}

/// Region IDs and times are texts of a certain form wherever they are.
fn bound_ids(schemas: &mut Object) {
    if let Some(Value::Object(region)) = schemas.get_mut("RegionId") {
        limits::merge(region, json!({"minLength": 1, "maxLength": 40, "example": "OM-MCT"}));
    }
    for (name, schema) in schemas.iter_mut() {
        let Some(Value::Object(members)) = schema.get_mut("properties") else { continue };
        // Pages are bounded by `limit`.
        let page = name.ends_with("Page") && members.contains_key("nextCursor");
        if let Some(Value::Object(items)) = members.get_mut("items").filter(|_| page) {
            limits::merge(items, json!({"maxItems": crate::http::handlers::LIMIT_MAX}));
        }
        if let Some(Value::Object(cursor)) = members.get_mut("nextCursor").filter(|_| page) {
            limits::merge(cursor, json!({"maxLength": 400}));
        }
    }
}

/// JSON Schema has `examples`, a list; `example` is of the document's older edition.
fn plural_examples(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            // A member that is called so is a schema, not an example.
            for (name, value) in members.iter_mut() {
                if name == "properties" {
                    let inner = value.as_object_mut().into_iter().flat_map(|all| all.values_mut());
                    inner.for_each(plural_examples);
                } else if name != "example" && name != "examples" && name != "default" && name != "enum" {
                    plural_examples(value);
                }
            }
            if let Some(one) = members.remove("example") {
                members.insert("examples".to_owned(), json!([one]));
            }
        }
        Value::Array(all) => all.iter_mut().for_each(plural_examples),
        _ => {}
    }
}
