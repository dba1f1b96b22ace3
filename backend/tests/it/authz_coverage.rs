//! Who may call what: one row for every operation of the document.

use std::collections::{BTreeMap, BTreeSet};

use common::auth::{Permission, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::openapi::operations;
use crate::support::app::TestApp;
use crate::support::client::{Auth, Client, Reply};

/// What a route asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Access {
    /// Nothing.
    Open,
    /// A session or an access token whose role has this permission.
    Needs(Permission),
    /// Any session or access token: it concerns nobody but its bearer.
    Own,
    /// A node's secret.
    Node,
}

/// One row for each operation. A new operation needs a row here before it is served.
const TABLE: &[(&str, Access)] = &[
    ("login", Access::Open),
    ("logout", Access::Own),
    ("refresh", Access::Own),
    ("getMe", Access::Open),
    ("getMeta", Access::Needs(Permission::Read)),
    ("getOverview", Access::Needs(Permission::Read)),
    ("listRejections", Access::Needs(Permission::Read)),
    ("listRegions", Access::Needs(Permission::Read)),
    ("createRegion", Access::Needs(Permission::Operate)),
    ("getRegion", Access::Needs(Permission::Read)),
    ("listNodes", Access::Needs(Permission::Read)),
    ("createNode", Access::Needs(Permission::Operate)),
    ("getNode", Access::Needs(Permission::Read)),
    ("followStream", Access::Needs(Permission::Read)),
    ("heartbeat", Access::Node),
    ("goodbye", Access::Node),
    ("bootstrap", Access::Node),
    ("livez", Access::Open),
    ("readyz", Access::Open),
];

const ROLES: [Role; 3] = [Role::Viewer, Role::Operator, Role::Admin];

struct Operation {
    id: String,
    method: Method,
    path: String,
    documented: Vec<BTreeSet<String>>,
}

fn all() -> Vec<Operation> {
    let schemes = |o: &Value| -> Vec<BTreeSet<String>> {
        o["security"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s.as_object().unwrap().keys().cloned().collect())
            .collect()
    };
    operations()
        .into_iter()
        .map(|(path, method, o)| Operation {
            id: o["operationId"].as_str().unwrap().to_owned(),
            method: method.parse().unwrap(),
            documented: schemes(&o),
            // Of objects that do not exist: who may ask is decided before what is there.
            path: path
                .replace("{regionId}", "XX-NONE")
                .replace("{nodeId}", "0198f6a2-0000-7000-8000-000000000001"),
        })
        .collect()
}

/// Calls it, with a `whole` body or with one that is a JSON object and nothing more.
async fn call(client: &Client, o: &Operation, whole: bool) -> Reply {
    let mut request = client.request(o.method.clone(), &o.path);
    if o.method == Method::POST {
        request = request.json(&match (o.id.as_str(), whole) {
            ("createRegion", true) => json!({"countryCode": "OM", "name": "mct"}),
            ("createNode", true) => json!({"regionId": "XX-NONE", "kind": "proxy", "endpoint": "10.0.0.1"}),
            _ => json!({}),
        });
    }
    if o.id == "followStream" {
        // A stream that opens has no end; one that may not name this topic is refused after its bearer was let in.
        request = request.query(&[("topics", "none")]);
    }
    client.send(request).await
}

#[test]
fn the_table_has_a_row_for_every_operation_and_no_other() {
    let served: BTreeSet<String> = all().into_iter().map(|o| o.id).collect();
    let listed: BTreeSet<String> = TABLE.iter().map(|(id, _)| (*id).to_owned()).collect();
    let missing: Vec<_> = served.difference(&listed).collect();
    let superfluous: Vec<_> = listed.difference(&served).collect();
    assert!(missing.is_empty(), "decide who may call {missing:?}, and add the rows");
    assert!(superfluous.is_empty(), "{superfluous:?} is not served any more: remove the rows");
    assert_eq!(TABLE.len(), listed.len(), "a row is there twice");
}

#[test]
fn the_document_says_the_same() {
    let set = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
    let table: BTreeMap<&str, Access> = TABLE.iter().copied().collect();
    for o in all() {
        let session = [set(&["accessToken"]), set(&["session"])];
        let same = match table[o.id.as_str()] {
            Access::Open => o.documented.contains(&set(&[])),
            Access::Needs(_) | Access::Own => o.documented == session,
            Access::Node => o.documented == [set(&["nodeSecret"]), set(&["nodeBearer"])],
        };
        assert!(same, "{}: {:?}", o.id, o.documented);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_credential_nothing_but_the_open_door_answers() {
    let app = TestApp::start().await;
    let table: BTreeMap<&str, Access> = TABLE.iter().copied().collect();
    let token = app.admin().await.with_token().await;
    for o in all() {
        for nobody in [
            Auth::None,
            Auth::Cookie("x".repeat(43)),
            Auth::Bearer("a.b.c".into()),
            Auth::Secret("x".repeat(53)),
        ] {
            let reply = call(&app.anonymous().with(nobody), &o, false).await;
            match table[o.id.as_str()] {
                Access::Open => assert!(
                    !matches!(reply.status, 401 | 403) || o.id == "login",
                    "{}: {}",
                    o.id,
                    reply.status
                ),
                Access::Needs(_) | Access::Own => drop(reply.problem(401, "unauthenticated")),
                Access::Node => drop(reply.problem(401, "unknown_secret")),
            }
        }
        if table[o.id.as_str()] == Access::Node {
            // People are no nodes, whatever their role.
            call(&token, &o, false).await.problem(401, "unknown_secret");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_gets_what_it_may_and_no_more() {
    let app = TestApp::start().await;
    let table: BTreeMap<&str, Access> = TABLE.iter().copied().collect();
    for role in ROLES {
        let email = app.user(role, None).await;
        let cookie = app.sign_in(&email).await;
        let token = cookie.with_token().await;
        for o in all() {
            let granted = match table[o.id.as_str()] {
                Access::Needs(permission) => permission.granted_to(role),
                Access::Own | Access::Open => true,
                Access::Node => continue,
            };
            let clients = if o.id == "logout" {
                // Ends its session, so each call takes one of its own.
                [app.sign_in(&email).await, app.sign_in(&email).await.with_token().await]
            } else {
                [cookie.clone(), token.clone()]
            };
            for client in clients {
                let reply = call(&client, &o, true).await;
                if granted {
                    assert!(
                        !matches!(reply.status, 401 | 403),
                        "{role:?} {}: {} {}",
                        o.id,
                        reply.status,
                        reply.text
                    );
                    assert!(reply.status < 500, "{role:?} {}: {}", o.id, reply.text);
                } else {
                    reply.problem(403, "role_too_low");
                }
            }
        }
    }
}
