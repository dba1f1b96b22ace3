//! The OpenAPI document: as checked in, and complete enough for every generator of clients.

use std::collections::BTreeSet;

use backend::http::openapi::document_text;
use serde_json::Value;

use crate::support::app::TestApp;
use crate::support::package;

/// Every operation: path, method, and what is said of it.
pub(crate) fn operations() -> Vec<(String, String, Value)> {
    let document: Value = serde_json::from_str(&document_text()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if matches!(
                method.as_str(),
                "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "trace"
            ) {
                all.push((path.clone(), method.to_uppercase(), operation.clone()));
            }
        }
    }
    assert!(all.len() > 10, "the document is nearly empty");
    all
}

#[test]
fn the_document_is_the_one_checked_in() {
    let path = package().join("../openapi/openapi.json");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let made = document_text();
    if kept != made {
        let line = kept
            .lines()
            .zip(made.lines())
            .position(|(a, b)| a != b)
            .unwrap_or(kept.lines().count().min(made.lines().count()));
        panic!(
            "openapi/openapi.json is not what the server's routes say, from line {} on. Look at the difference, and where \
             it is meant, write it with\n    cargo run -p backend --bin iqra-infra -- openapi > openapi/openapi.json",
            line + 1
        );
    }
}

#[test]
fn every_operation_is_described_in_full() {
    let document: Value = serde_json::from_str(&document_text()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["info"]["license"]["name"], "MIT OR Apache-2.0");
    let tags: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations() {
        let name = format!("{method} {path}");
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{name} has no operationId"));
        assert!(ids.insert(id.to_owned()), "{name}: {id} is there twice");
        assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{name} has no summary");
        let own: Vec<&str> =
            operation["tags"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
        assert!(own.len() == 1 && tags.contains(own[0]), "{name}: {own:?}");
        let security =
            operation["security"].as_array().unwrap_or_else(|| panic!("{name} says nothing of security"));
        assert!(!security.is_empty(), "{name} says nothing of security");
        for scheme in security.iter().flat_map(|s| s.as_object().unwrap().keys()) {
            assert!(schemes.contains_key(scheme), "{name}: {scheme} is not described");
        }
        let placed: Vec<String> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|p| p["in"] == "path")
            .map(|p| p["name"].as_str().unwrap().to_owned())
            .collect();
        let named: Vec<String> =
            path.split('{').skip(1).map(|part| part.split('}').next().unwrap().to_owned()).collect();
        assert_eq!(placed, named, "{name}: parameters of the path");
        // Nothing has to be said beside who asks, and about what.
        let bare = ["logout", "refresh", "startJob", "cancelRun", "makeUserLink", "verifyActivityChain"]
            .into_iter()
            .chain(["testWebhook", "replayDelivery"])
            .collect::<Vec<_>>();
        if method == "POST" && !bare.contains(&id) {
            assert!(
                operation["requestBody"]["content"]["application/json"]["schema"].is_object(),
                "{name} has no body"
            );
        }
        responses(&name, &operation);
    }
}

/// One success, and every error as problem+json; what a route's security brings with it is named.
fn responses(name: &str, operation: &Value) {
    let all = operation["responses"].as_object().unwrap();
    let (good, bad): (Vec<_>, Vec<_>) = all.iter().partition(|(status, _)| status.starts_with('2'));
    assert_eq!(good.len(), 1, "{name} has one success");
    for (status, response) in bad {
        let content =
            response["content"].as_object().unwrap_or_else(|| panic!("{name} {status} has no body"));
        assert_eq!(content.keys().collect::<Vec<_>>(), ["application/problem+json"], "{name} {status}");
        let schema = content["application/problem+json"]["schema"]["$ref"].as_str();
        assert_eq!(schema, Some("#/components/schemas/Problem"), "{name} {status}");
    }
    let needs =
        |scheme: &str| operation["security"].as_array().unwrap().iter().any(|s| s.get(scheme).is_some());
    let open = operation["security"].as_array().unwrap().iter().any(|s| s.as_object().unwrap().is_empty());
    let mut wanted = Vec::new();
    if needs("session") && !open {
        wanted.extend(["401", "403", "503"]);
    }
    if needs("nodeSecret") {
        wanted.push("401");
    }
    for status in wanted {
        assert!(all.contains_key(status), "{name} does not tell of {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_serves_it_with_its_documentation() {
    let app = TestApp::start().await;
    let served = app.anonymous().get(common::paths::OPENAPI).await.expect(200).value();
    assert_eq!(served, serde_json::from_str::<Value>(&document_text()).unwrap());
    let page = app.anonymous().get(common::paths::DOCS).await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(!page.text.contains("https://") && !page.text.contains("http://"), "the page needs the network");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("connect-src 'self'"), "{policy}");
}
