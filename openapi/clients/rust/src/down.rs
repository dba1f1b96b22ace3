//! From OpenAPI 3.1 to 3.0, as far as this document needs it: for generators that read only the older edition.
//!
//! What the older edition cannot say is said in its own way (`nullable`, `example`), or left out where it only describes.

use serde_json::{Map, Value, json};

type Object = Map<String, Value>;

/// The same document in the edition 3.0.3.
pub fn down(mut document: Value) -> Value {
    document["openapi"] = "3.0.3".into();
    if let Some(license) = document.pointer_mut("/info/license").and_then(Value::as_object_mut) {
        license.remove("identifier");
    }
    for place in ["/components/schemas"] {
        for schema in document.pointer_mut(place).and_then(Value::as_object_mut).into_iter().flat_map(|s| s.values_mut()) {
            schema_down(schema);
        }
    }
    everywhere(&mut document["paths"]);
    document
}

/// Schemas of parameters, bodies and headers.
fn everywhere(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(content) = members.get_mut("content").and_then(Value::as_object_mut) {
                known_kinds(content);
            }
            for (name, inner) in members {
                if name == "schema" { schema_down(inner) } else { everywhere(inner) }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(everywhere),
        _ => {}
    }
}

/// A problem is JSON under another name, which generators do not know; a body that is not JSON, such as a stream of
/// events, is bytes to them.
fn known_kinds(content: &mut Object) {
    if let Some(problem) = content.remove("application/problem+json") {
        content.insert("application/json".into(), problem);
    }
    if !content.is_empty() && !content.contains_key("application/json") {
        content.clear();
        content.insert("application/octet-stream".into(), json!({"schema": {"type": "string", "format": "binary"}}));
    }
}

fn schema_down(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    // Beside a reference the older edition reads nothing.
    if let Some(reference) = members.remove("$ref") {
        members.clear();
        members.insert("$ref".into(), reference);
        return;
    }
    for name in ["propertyNames", "$schema", "contentMediaType", "contentEncoding"] {
        members.remove(name);
    }
    if let Some(Value::Array(examples)) = members.remove("examples") {
        members.extend(examples.into_iter().next().map(|one| ("example".to_owned(), one)));
    }
    if let Some(only) = members.remove("const") {
        members.insert("enum".into(), json!([only]));
    }
    type_down(members);
    for name in ["oneOf", "anyOf"] {
        choice_down(members, name);
    }
    for (name, inner) in members {
        match (name.as_str(), inner) {
            ("properties", Value::Object(all)) => all.values_mut().for_each(schema_down),
            ("oneOf" | "anyOf" | "allOf", Value::Array(all)) => all.iter_mut().for_each(schema_down),
            ("items" | "additionalProperties" | "not", inner) => schema_down(inner),
            _ => {}
        }
    }
}

/// `["string", "null"]` is a nullable string.
fn type_down(members: &mut Object) {
    let Some(Value::Array(types)) = members.get("type") else { return };
    let mut real: Vec<Value> = types.iter().filter(|t| *t != "null").cloned().collect();
    let nullable = real.len() < types.len();
    match (real.pop(), real.is_empty()) {
        (Some(one), true) => members.insert("type".into(), one),
        // Several types at once: the older edition says nothing at all then.
        _ => members.remove("type"),
    };
    if nullable {
        members.insert("nullable".into(), true.into());
    }
}

/// A choice between something and `null` is a nullable something.
fn choice_down(members: &mut Object, name: &str) {
    let null = |s: &Value| s.get("type").is_some_and(|t| t == "null");
    let Some(Value::Array(all)) = members.get_mut(name) else { return };
    if !all.iter().any(null) {
        return;
    }
    all.retain(|s| !null(s));
    if let [_] = all.as_slice() {
        let one = members.remove(name).unwrap_or_default();
        members.insert("allOf".into(), one);
    }
    members.insert("nullable".into(), true.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(schema: Value) -> Value {
        let mut schema = schema;
        schema_down(&mut schema);
        schema
    }

    #[test]
    fn null_becomes_nullable() {
        assert_eq!(
            one(json!({"type": ["string", "null"], "maxLength": 9})),
            json!({"type": "string", "maxLength": 9, "nullable": true})
        );
        assert_eq!(
            one(json!({"oneOf": [{"$ref": "#/x", "description": "d"}, {"type": "null"}]})),
            json!({"allOf": [{"$ref": "#/x"}], "nullable": true})
        );
        let two = json!({"oneOf": [{"$ref": "#/x"}, {"$ref": "#/y"}, {"type": "null"}]});
        assert_eq!(one(two), json!({"oneOf": [{"$ref": "#/x"}, {"$ref": "#/y"}], "nullable": true}));
        assert_eq!(one(json!({"type": ["string", "integer"]})), json!({}));
    }

    #[test]
    fn what_only_describes_goes_and_examples_become_one() {
        let map = json!({"type": "object", "propertyNames": {"type": "string"}, "additionalProperties": {"type": ["integer", "null"]}});
        assert_eq!(
            one(map),
            json!({"type": "object", "additionalProperties": {"type": "integer", "nullable": true}})
        );
        assert_eq!(one(json!({"const": "a", "examples": ["a", "b"]})), json!({"enum": ["a"], "example": "a"}));
    }

    #[test]
    fn members_may_be_called_as_keywords_are() {
        let odd = json!({"type": "object", "properties": {"examples": {"type": ["string", "null"]}, "type": {"type": "string"}}});
        assert_eq!(
            one(odd),
            json!({"type": "object", "properties": {"examples": {"type": "string", "nullable": true}, "type": {"type": "string"}}})
        );
    }

    #[test]
    fn a_problem_is_json() {
        let mut content = json!({"application/problem+json": {"schema": {}}});
        known_kinds(content.as_object_mut().unwrap());
        assert_eq!(content, json!({"application/json": {"schema": {}}}));
    }

    #[test]
    fn a_body_of_events_is_bytes() {
        let document = json!({"openapi": "3.1.0", "info": {"license": {"name": "MIT", "identifier": "MIT"}}, "components": {"schemas": {}},
            "paths": {"/s": {"get": {"responses": {"200": {"content": {"text/event-stream": {"schema": {"$ref": "#/e"}}}}}}}}});
        let made = down(document);
        assert_eq!(made["openapi"], "3.0.3");
        assert_eq!(made["info"]["license"], json!({"name": "MIT"}));
        let content = &made["paths"]["/s"]["get"]["responses"]["200"]["content"];
        assert_eq!(content["application/octet-stream"]["schema"]["format"], "binary");
        assert!(content.get("text/event-stream").is_none());
    }
}
