//! What the document says of all operations together is true of each: versions, credentials, changes, pages, examples.

use std::collections::BTreeSet;

use backend::auth::secret::{LINK_PREFIX, REFRESH_PREFIX, generate, opaque};
use backend::http::openapi::access;
use backend::http::openapi::document;
use common::node::NodeKind;
use regex_lite::Regex;
use serde_json::{Value, json};

use super::{list, resolved};
use crate::openapi::operations;
use crate::support::app::TestApp;

fn about() -> String {
    document()["info"]["description"].as_str().unwrap().to_owned()
}

/// What stands between two texts of the description.
fn passage(from: &str, to: &str) -> String {
    let about = about();
    let start = about.find(from).unwrap_or_else(|| panic!("no {from}"));
    let rest = &about[start..];
    rest[..rest.find(to).unwrap_or_else(|| panic!("no {to} after {from}"))].to_owned()
}

/// Ids between backticks.
fn named(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn strangers_learn_the_edition_of_the_api_and_not_the_build() {
    let info = document()["info"].clone();
    assert_eq!(info["version"], "1");
    assert!(!info.to_string().contains(env!("CARGO_PKG_VERSION")));
    assert!(about().contains("`info.version`"), "the policy says what it is");
}

#[test]
fn every_operation_says_who_may_call_it() {
    for (path, method, o) in operations() {
        let id = o["operationId"].as_str().unwrap();
        let said = access::sentence(id).unwrap_or_else(|| panic!("{method} {path} has no row in access.rs"));
        let about = o["description"].as_str().unwrap();
        assert!(about.ends_with(&format!("\n\n{said}")), "{id}: {about}");
        assert_eq!(said.contains("confirmation_needed"), said.contains("password given within"), "{said}");
    }
    let of = |id: &str| access::sentence(id).unwrap();
    assert!(of("listNodes").contains("`viewer` or higher") && of("listNodes").contains("not limited"));
    assert!(of("setNodeIntent").contains("`operator` or higher") && of("setNodeIntent").contains("`force`"));
    assert!(of("inviteUser").contains("Role `admin`") && of("inviteUser").contains("confirmation_needed"));
    assert!(of("heartbeat").contains("its own secret"));
    assert!(access::sentence("nothing").is_none());
}

#[test]
fn changes_without_a_number_and_lists_without_pages_are_named() {
    let changes = passage("These have none", "Members without a figure");
    let lists = passage("Short ones come whole", "Objects have a version");
    let (mut unnumbered, mut whole) = (BTreeSet::new(), BTreeSet::new());
    let document = document();
    for (path, method, o) in operations() {
        let id = o["operationId"].as_str().unwrap().to_owned();
        let good = o["responses"].as_object().unwrap().iter().find(|(s, _)| s.starts_with('2')).unwrap().1;
        let asks =
            id.starts_with("preview") || id.starts_with("testStorage") || id.starts_with("testBackground");
        if method != "GET"
            && !path.starts_with("/api/v1/node/")
            && !asks
            && good["headers"]["X-Change"].is_null()
        {
            unnumbered.insert(id.clone());
        }
        let schema = resolved(&document, &good["content"]["application/json"]["schema"]);
        let holds = |member: &str| schema["properties"].get(member).is_some();
        if method == "GET" && id.starts_with("list") && !holds("nextCursor") {
            assert!(holds("items") || id == "listHelpers", "{id}: {schema}");
            whole.insert(id);
        }
    }
    whole.insert("orderNodes".to_owned());
    let mut told = named(&changes);
    assert!(unnumbered.is_subset(&told), "about.md does not name {:?}", unnumbered.difference(&told));
    told.retain(|id| !unnumbered.contains(id));
    assert!(told.is_empty(), "about.md says of {told:?} that they have no number");
    let mut told = named(&lists);
    told.retain(|id| id != "{items}");
    assert_eq!(told, whole);
}

#[test]
fn every_refusal_of_a_credential_says_what_is_wanted() {
    for (path, method, o) in operations() {
        let Some(refused) = o["responses"].get("401") else { continue };
        assert!(refused["headers"]["WWW-Authenticate"]["description"].is_string(), "{method} {path}");
    }
}

/// Every text of an example.
fn texts(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, v)| texts(v, &format!("{at}.{name}"), found))
        }
        Value::Array(all) => all.iter().for_each(|v| texts(v, &format!("{at}[]"), found)),
        Value::String(text) => found.push((at.to_owned(), text.clone())),
        _ => {}
    }
}

/// Members of an object that do not go together.
fn contradictions(value: &Value, at: &str, found: &mut Vec<String>) {
    if let Value::Array(all) = value {
        all.iter().for_each(|v| contradictions(v, at, found));
    }
    let Value::Object(members) = value else { return };
    let there = |name: &str| members.get(name).is_some_and(|v| !v.is_null());
    let is = |name: &str, values: &[&str]| {
        members.get(name).and_then(Value::as_str).is_some_and(|v| values.contains(&v))
    };
    let over = is("state", &["done", "failed", "succeeded", "cancelled", "lost", "refused", "expired"]);
    for (wrong, what) in [
        (is("state", &["active"]) && there("revokedAt"), "active and revoked"),
        (
            members.contains_key("finishedAt") && over != there("finishedAt"),
            "an end that does not fit the state",
        ),
        (is("state", &["queued"]) && there("acceptedAt"), "queued and accepted"),
        (is("liveness", &["never_seen"]) && there("lastHeartbeatAt"), "never seen and heard"),
        (is("liveness", &["live"]) && !there("lastHeartbeatAt"), "live and never heard"),
    ] {
        if wrong && !at.contains("Delivery") {
            found.push(format!("{at}: {what}"));
        }
    }
    members.iter().for_each(|(name, v)| contradictions(v, &format!("{at}.{name}"), found));
}

#[test]
fn examples_say_something_and_do_not_contradict_themselves() {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for example in list(schema, "examples") {
            texts(example, name, &mut found);
            contradictions(example, name, &mut wrong);
        }
    }
    let empty: Vec<_> = found.iter().filter(|(_, text)| text == "text").map(|(at, _)| at).collect();
    assert!(empty.is_empty(), "say a telling value in http/openapi/examples.rs or written.rs: {empty:?}");
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(found.len() > 500, "{}", found.len());
    let mut seen = Vec::new();
    contradictions(&json!({"items": [{"state": "active", "revokedAt": "x"}]}), "it", &mut seen);
    assert_eq!(seen.len(), 1, "contradictions are found");
}

#[test]
fn links_take_the_version_along_where_it_is_wanted() {
    let all = operations();
    let mut taken = BTreeSet::new();
    for (path, method, o) in &all {
        for response in o["responses"].as_object().unwrap().values() {
            let tagged = response["headers"]["ETag"].is_object();
            for (name, link) in response["links"].as_object().into_iter().flatten() {
                let target = all.iter().find(|(_, _, o)| o["operationId"] == name.as_str()).unwrap();
                let wants = list(&target.2, "parameters").iter().any(|p| p["name"] == "If-Match");
                let has = link["parameters"]["If-Match"] == "$response.header.ETag";
                assert_eq!(wants && tagged, has, "{method} {path}: {name}");
                if has {
                    taken.insert(name.clone());
                }
            }
        }
    }
    for id in [
        "setNodeIntent",
        "setRegionIntent",
        "rotateNodeSecret",
        "deleteNode",
        "deleteRegion",
        "changeUser",
        "deleteUser",
    ] {
        assert!(taken.contains(id), "no link with a version leads to {id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_published_pattern_finds_what_is_given_out_and_nothing_else() {
    let about = about();
    let pattern = about.lines().find(|line| line.starts_with("\\b(?:iq")).expect("a pattern");
    let pattern = Regex::new(pattern).unwrap();
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Backend).await;
    let made =
        admin.post("/api/v1/tokens", &json!({"name": "ci", "scope": "read"})).await.expect(201).value();
    let login = json!({"email": crate::support::app::ADMIN, "password": crate::support::app::PASSWORD, "commandLine": true});
    let signed = app.anonymous().post(common::paths::LOGIN, &login).await.expect(200).value();
    for secret in [
        node.secret.clone(),
        made["plainToken"].as_str().unwrap().to_owned(),
        signed["accessToken"].as_str().unwrap().to_owned(),
        signed["refreshToken"].as_str().unwrap().to_owned(),
        generate().unwrap(),
        opaque(REFRESH_PREFIX).unwrap(),
        opaque(LINK_PREFIX).unwrap(),
    ] {
        let line = format!("export TOKEN=\"{secret}\"");
        let found = pattern.find(&line).unwrap_or_else(|| panic!("{}… is not found", &secret[..12]));
        assert_eq!(found.as_str(), secret);
    }
    let other = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";
    for text in ["iqn_EXAMPLE", "iqx_0000", other, "an iqn_ secret"] {
        assert!(pattern.find(text).is_none(), "{text}");
    }
}
