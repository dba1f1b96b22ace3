//! The document is good enough to build on: descriptions, examples that are right, headers, pages, limits, codes.

mod told;

use std::collections::BTreeSet;
use std::path::Path;

use backend::http::codes::{self, CODES};
use backend::http::openapi::document;
use serde_json::Value;

use crate::openapi::operations;
use crate::support::package;

/// A reference followed, or the schema itself.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(path) => document.pointer(path.trim_start_matches('#')).unwrap_or_else(|| panic!("no {path}")),
        None => schema,
    }
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().map(|t| t.as_str().unwrap()).collect(),
        _ => Vec::new(),
    }
}

fn list<'d>(schema: &'d Value, key: &str) -> &'d [Value] {
    schema[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What is wrong with a value, by what the document says of it; nothing where it is right.
fn faults(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    let mut found = Vec::new();
    for part in list(schema, "allOf") {
        found.extend(faults(document, part, value, at));
    }
    let choices = list(schema, "oneOf");
    if !choices.is_empty() && !choices.iter().any(|c| faults(document, c, value, at).is_empty()) {
        found.push(format!("{at} is none of the choices"));
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types = types(schema);
    let fits = types.contains(&kind) || (kind == "integer" && types.contains(&"number"));
    if !types.is_empty() && !fits {
        found.push(format!("{at} is {kind}, not {types:?}"));
    }
    let values = list(schema, "enum");
    if !values.is_empty() && !values.contains(value) {
        found.push(format!("{at} is none of {values:?}"));
    }
    let within = |least: &str, most: &str, n: f64| {
        schema[least].as_f64().is_none_or(|l| n >= l) && schema[most].as_f64().is_none_or(|m| n <= m)
    };
    let size = |n: usize| f64::from(u32::try_from(n).unwrap());
    let fits = match value {
        Value::String(text) => within("minLength", "maxLength", size(text.chars().count())),
        Value::Array(all) => within("minItems", "maxItems", size(all.len())),
        Value::Number(n) => within("minimum", "maximum", n.as_f64().unwrap()),
        _ => true,
    };
    if !fits {
        found.push(format!("{at} is out of its limits"));
    }
    if let (Value::String(text), Some("uuid")) = (value, schema["format"].as_str())
        && text.parse::<common::ids::NodeId>().is_err()
    {
        found.push(format!("{at} is no uuid"));
    }
    if let Value::Array(all) = value {
        for one in all {
            found.extend(faults(document, &schema["items"], one, &format!("{at}[]")));
        }
    }
    let Value::Object(members) = value else { return found };
    for needed in list(schema, "required").iter().map(|name| name.as_str().unwrap()) {
        if !members.contains_key(needed) {
            found.push(format!("{at} has no {needed}"));
        }
    }
    for (name, inner) in members {
        let at = format!("{at}.{name}");
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(schema), _) => found.extend(faults(document, schema, inner, &at)),
            (None, Value::Bool(false)) => found.push(format!("{at} is not known")),
            (None, more @ Value::Object(_)) => found.extend(faults(document, more, inner, &at)),
            _ => {}
        }
    }
    found
}

/// Bodies of an operation: where, and their schema.
fn bodies(operation: &Value) -> Vec<(String, &Value)> {
    let replies =
        operation["responses"].as_object().unwrap().iter().map(|(status, reply)| (status.as_str(), reply));
    let all = replies.chain([("request", &operation["requestBody"])]);
    all.flat_map(|(name, body)| {
        let content = body["content"].as_object().into_iter().flatten();
        content.map(move |(kind, media)| (format!("{name} {kind}"), &media["schema"]))
    })
    .collect()
}

#[test]
fn every_operation_is_told_in_words_and_headers() {
    for (path, method, operation) in operations() {
        let name = format!("{method} {path}");
        let (summary, about) = (operation["summary"].as_str().unwrap(), operation["description"].as_str());
        let about = about
            .unwrap_or_else(|| panic!("{name} has no description: write a second paragraph of its comment"));
        assert!(about.len() > summary.len() / 2 && about.ends_with(['.', '|', '`']), "{name}: {about}");
        let responses = operation["responses"].as_object().unwrap();
        for (status, response) in responses {
            assert!(!response["description"].as_str().unwrap().is_empty(), "{name} {status} is not told");
            for (header, what) in response["headers"].as_object().into_iter().flatten() {
                assert!(
                    what["description"].as_str().is_some_and(|d| !d.is_empty()),
                    "{name} {status}: header {header} is not told: complete.rs knows what headers mean"
                );
            }
            if matches!(status.as_str(), "429" | "503") {
                assert!(response["headers"]["Retry-After"].is_object(), "{name} {status} has no Retry-After");
            }
        }
        assert!(responses.contains_key("500") || path.ends_with('z'), "{name} never fails");
        let parameter = |wanted: &str| list(&operation, "parameters").iter().find(|p| p["name"] == wanted);
        for p in list(&operation, "parameters") {
            let told = p["description"].as_str().is_some_and(|d| !d.is_empty());
            assert!(told, "{name}: parameter {} is not told", p["name"]);
        }
        let good = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap().1;
        let changes =
            method != "GET" && !path.starts_with("/api/v1/auth/") && !path.starts_with("/api/v1/node/");
        if parameter("If-Match").is_some() {
            assert!(changes && responses.contains_key("412") && responses.contains_key("428"), "{name}");
            assert!(good["headers"]["X-Change"].is_object(), "{name} changes and has no X-Change");
        }
        if changes && method == "POST" {
            assert!(parameter("Idempotency-Key").is_some(), "{name} cannot be repeated");
        }
        if let Some(cursor) = parameter("cursor") {
            assert_eq!(cursor["required"], false, "{name}");
            let limit = &parameter("limit").unwrap_or_else(|| panic!("{name} has no limit"))["schema"];
            assert_eq!((&limit["minimum"], &limit["maximum"]), (&1.into(), &500.into()), "{name}");
            let document = document();
            let page = resolved(&document, &good["content"]["application/json"]["schema"]);
            let (items, next) = (&page["properties"]["items"], &page["properties"]["nextCursor"]);
            assert!(items["maxItems"] == 500 && next.is_object(), "{name} is no page: {page}");
        }
    }
}

#[test]
fn every_body_has_an_example_and_it_is_right() {
    let document = document();
    for (path, method, operation) in operations() {
        for (which, schema) in bodies(&operation) {
            if types(schema) == ["string"] || which.ends_with("event-stream") {
                continue;
            }
            let name = format!("{method} {path}: {which}");
            let schema = resolved(&document, schema);
            let examples = list(schema, "examples");
            assert!(!examples.is_empty(), "{name} has no example");
            for example in examples {
                let wrong = faults(&document, schema, example, "it");
                assert!(wrong.is_empty(), "{name}: {wrong:?}\n{example:#}");
            }
        }
    }
}

#[test]
fn a_wrong_example_is_found() {
    let document = document();
    let region = serde_json::json!({"$ref": "#/components/schemas/CreateRegion"});
    for wrong in [
        serde_json::json!({"countryCode": "OM"}),
        serde_json::json!({"countryCode": "OMAN", "name": "mct"}),
        serde_json::json!({"countryCode": "OM", "name": 7}),
        serde_json::json!({"countryCode": "OM", "name": "mct", "colour": "red"}),
    ] {
        assert!(!faults(&document, &region, &wrong, "it").is_empty(), "{wrong}");
    }
}

/// Whatever a client sends is bounded: texts, lists and numbers.
fn unbounded(
    document: &Value,
    schema: &Value,
    at: &str,
    seen: &mut BTreeSet<String>,
    found: &mut Vec<String>,
) {
    if let Some(path) = schema["$ref"].as_str()
        && !seen.insert(path.to_owned())
    {
        return;
    }
    let schema = resolved(document, schema);
    let has = |name: &str| schema.get(name).is_some();
    let types = types(schema);
    let formed = matches!(schema["format"].as_str(), Some("uuid" | "date-time"));
    if types.contains(&"string") && !(has("maxLength") || has("enum") || formed) {
        found.push(format!("{at}: a text without maxLength"));
    }
    if types.contains(&"array") && !has("maxItems") {
        found.push(format!("{at}: a list without maxItems"));
    }
    if types.iter().any(|t| *t == "integer" || *t == "number") && !(has("minimum") && has("maximum")) {
        found.push(format!("{at}: a number without minimum and maximum"));
    }
    for part in ["oneOf", "allOf", "anyOf"].iter().flat_map(|key| list(schema, key)) {
        unbounded(document, part, at, seen, found);
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        unbounded(document, member, &format!("{at}.{name}"), seen, found);
    }
    for (key, mark) in [("items", "[]"), ("additionalProperties", "{}")] {
        if schema[key].is_object() {
            unbounded(document, &schema[key], &format!("{at}{mark}"), seen, found);
        }
    }
}

#[test]
fn what_clients_send_is_bounded() {
    let document = document();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for (path, method, operation) in operations() {
        for (which, schema) in
            bodies(&operation).into_iter().filter(|(which, _)| which.starts_with("request"))
        {
            unbounded(&document, schema, &format!("{method} {path} {which}"), &mut seen, &mut found);
        }
        for p in list(&operation, "parameters") {
            let at = format!("{method} {path} {}", p["name"]);
            unbounded(&document, &p["schema"], &at, &mut BTreeSet::new(), &mut found);
        }
    }
    assert!(
        found.is_empty(),
        "say the limits on the type, or in http/openapi/limits.rs:\n{}",
        found.join("\n")
    );
}

/// Texts of a source that are the code of an error: what follows `code:`, or a status.
fn codes_in(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = source;
    while let Some(at) = ["code: \"", "StatusCode::"].iter().filter_map(|mark| rest.find(mark)).min() {
        rest = &rest[at..];
        let skip = if rest.starts_with("code: \"") {
            "code: ".len()
        } else {
            let name = "StatusCode::".len();
            let end = rest[name..]
                .find(|c: char| !(c.is_ascii_uppercase() || c == '_'))
                .map_or(rest.len(), |n| name + n);
            end + rest[end..].len() - rest[end..].trim_start_matches([',', ' ', '\n']).len()
        };
        rest = &rest[skip..];
        let Some((text, after)) = rest.strip_prefix('"').and_then(|r| r.split_once('"')) else { continue };
        // Of a field's error, which is an owned text.
        let owned = after.starts_with(".to_owned()") || after.starts_with(".into()");
        let word = !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if word && !owned {
            found.insert(text.to_owned());
        }
    }
    found
}

/// All sources of the server that make errors, without their tests.
fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        if path.is_dir() {
            sources(&path, text);
        } else if name.ends_with(".rs") && !name.contains("tests") && name != "codes.rs" {
            let source = std::fs::read_to_string(&path).unwrap();
            text.push_str(source.split("#[cfg(test)]").next().unwrap());
        }
    }
}

#[test]
fn every_code_is_listed_and_every_listed_code_is_used() {
    let mut text = String::new();
    for folder in ["http", "services", "live/fleet", "domain"] {
        sources(&package().join("src").join(folder), &mut text);
    }
    // These are made of a type.
    for code in common::singleton::TriggerCode::ALL {
        text.push_str(&format!("{:?}", code.as_str()));
    }
    let unlisted: Vec<_> = codes_in(&text).into_iter().filter(|code| !codes::is_known(code)).collect();
    assert!(unlisted.is_empty(), "list them in backend/src/http/codes.rs: {unlisted:?}");
    // Some are words of types that both sides share.
    sources(&package().join("../common/src"), &mut text);
    let unused: Vec<_> =
        CODES.iter().filter(|c| !text.contains(&format!("\"{}\"", c.code))).map(|c| c.code).collect();
    assert!(unused.is_empty(), "nothing answers with {unused:?}");
    let order: Vec<_> = CODES.iter().map(|c| (c.status, c.code)).collect();
    assert!(order.is_sorted(), "the list goes by status and name");
    assert_eq!(
        order.iter().map(|(_, code)| code).collect::<BTreeSet<_>>().len(),
        CODES.len(),
        "one is there twice"
    );
    assert!(document()["info"]["description"].as_str().unwrap().contains(&codes::table()));
}

#[test]
fn codes_are_found_where_they_are_made() {
    let source = r#"ApiError::request(StatusCode::CONFLICT, "a_b", x); plain(
        StatusCode::GONE,
        "c",
        "Words."); Refused { code: "d", detail }; FieldError { code: "e".to_owned() }; status == StatusCode::OK"#;
    assert_eq!(codes_in(source).into_iter().collect::<Vec<_>>(), ["a_b", "c", "d"]);
}

#[test]
fn the_page_of_codes_is_the_one_checked_in() {
    let kept = std::fs::read_to_string(package().join("../openapi/problems.md")).unwrap_or_default();
    assert_eq!(
        kept,
        codes::page(),
        "write it with `cargo run -p backend --bin iqra-infra -- openapi --codes > openapi/problems.md`"
    );
}

#[test]
fn every_limit_fits_something() {
    let document = document();
    for (of, member, _) in backend::http::openapi::limited() {
        let path = format!("/components/schemas/{of}/properties/{member}");
        assert!(document.pointer(&path).is_some(), "limits.rs: there is no {of}.{member}");
    }
}

#[test]
fn links_lead_to_operations_and_their_parameters() {
    let all = operations();
    let mut count = 0;
    for (path, method, operation) in &all {
        for response in operation["responses"].as_object().unwrap().values() {
            for (name, link) in response["links"].as_object().into_iter().flatten() {
                let target = all.iter().find(|(_, _, o)| o["operationId"] == link["operationId"]).unwrap();
                for parameter in link["parameters"].as_object().unwrap().keys() {
                    let there = list(&target.2, "parameters").iter().any(|p| p["name"] == parameter.as_str());
                    assert!(there, "{method} {path}: {name} takes no {parameter}");
                }
                count += 1;
            }
        }
    }
    assert!(count >= 20, "{count} links: links.rs names operations that are not there");
}
