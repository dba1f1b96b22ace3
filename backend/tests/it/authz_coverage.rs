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
    ("listProblems", Access::Needs(Permission::Read)),
    ("snoozeProblem", Access::Needs(Permission::Operate)),
    ("unsnoozeProblem", Access::Needs(Permission::Operate)),
    ("listUnregisteredNodes", Access::Needs(Permission::Read)),
    ("ignoreUnregisteredNode", Access::Needs(Permission::Operate)),
    ("unignoreUnregisteredNode", Access::Needs(Permission::Operate)),
    ("getOverviewHistory", Access::Needs(Permission::Read)),
    ("getRegionHistory", Access::Needs(Permission::Read)),
    ("getNodeHistory", Access::Needs(Permission::Read)),
    ("listNodeEvents", Access::Needs(Permission::Read)),
    ("listRegionEvents", Access::Needs(Permission::Read)),
    ("listActivity", Access::Needs(Permission::Read)),
    ("countActivity", Access::Needs(Permission::Read)),
    ("exportActivity", Access::Needs(Permission::Read)),
    ("getActivity", Access::Needs(Permission::Read)),
    ("listRegions", Access::Needs(Permission::Read)),
    ("createRegion", Access::Needs(Permission::Operate)),
    ("getRegion", Access::Needs(Permission::Read)),
    ("editRegion", Access::Needs(Permission::Operate)),
    ("getRegionDeletion", Access::Needs(Permission::Read)),
    ("deleteRegion", Access::Needs(Permission::Operate)),
    ("getStorage", Access::Needs(Permission::Read)),
    ("putStorage", Access::Needs(Permission::Operate)),
    ("deleteStorage", Access::Needs(Permission::Operate)),
    ("testStorage", Access::Needs(Permission::Operate)),
    ("listNodes", Access::Needs(Permission::Read)),
    ("orderNodes", Access::Needs(Permission::Read)),
    ("createNode", Access::Needs(Permission::Operate)),
    ("getNode", Access::Needs(Permission::Read)),
    ("editNode", Access::Needs(Permission::Operate)),
    ("getNodeDeletion", Access::Needs(Permission::Read)),
    ("deleteNode", Access::Needs(Permission::Operate)),
    ("rotateNodeSecret", Access::Needs(Permission::Operate)),
    ("revokePreviousNodeSecret", Access::Needs(Permission::Operate)),
    ("getBackgroundNode", Access::Needs(Permission::Read)),
    ("putBackgroundNode", Access::Needs(Permission::Operate)),
    ("deleteBackgroundNode", Access::Needs(Permission::Operate)),
    ("testBackgroundNode", Access::Needs(Permission::Operate)),
    ("startJob", Access::Needs(Permission::Operate)),
    ("listRunsOfJob", Access::Needs(Permission::Read)),
    ("listRuns", Access::Needs(Permission::Read)),
    ("getRun", Access::Needs(Permission::Read)),
    ("cancelRun", Access::Needs(Permission::Operate)),
    ("listFrontendNodes", Access::Needs(Permission::Read)),
    ("getFrontendHistory", Access::Needs(Permission::Read)),
    ("changeNodes", Access::Needs(Permission::Operate)),
    ("setNodeIntent", Access::Needs(Permission::Operate)),
    ("previewNodeIntent", Access::Needs(Permission::Operate)),
    ("setRegionIntent", Access::Needs(Permission::Operate)),
    ("previewRegionIntent", Access::Needs(Permission::Operate)),
    ("getPlatform", Access::Needs(Permission::Read)),
    ("setPlatformIntent", Access::Needs(Permission::Administer)),
    ("previewPlatformIntent", Access::Needs(Permission::Administer)),
    ("shutdownNode", Access::Needs(Permission::Operate)),
    ("previewNodeShutdown", Access::Needs(Permission::Operate)),
    ("shutdownRegion", Access::Needs(Permission::Operate)),
    ("previewRegionShutdown", Access::Needs(Permission::Operate)),
    ("listCommands", Access::Needs(Permission::Read)),
    ("cancelCommand", Access::Needs(Permission::Operate)),
    ("followStream", Access::Needs(Permission::Read)),
    ("setStreamWindow", Access::Needs(Permission::Read)),
    ("heartbeat", Access::Node),
    ("goodbye", Access::Node),
    ("bootstrap", Access::Node),
    ("reportRun", Access::Node),
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
                .replace("{activityId}", "0198f6a2-0000-7000-8000-000000000001")
                .split('/')
                .map(|part| if part.starts_with('{') { "0198f6a2-0000-7000-8000-000000000001" } else { part })
                .collect::<Vec<_>>()
                .join("/"),
        })
        .collect()
}

/// Calls it, with a `whole` body or with one that is a JSON object and nothing more.
async fn call(client: &Client, o: &Operation, whole: bool) -> Reply {
    let mut request = client.request(o.method.clone(), &o.path);
    // A version that cannot be right: who may ask is decided before what it is based on.
    request = request.header("if-match", "\"0\"");
    if matches!(o.method, Method::POST | Method::PUT | Method::PATCH) {
        request = request.json(&match (o.id.as_str(), whole) {
            ("createRegion", true) => json!({"countryCode": "OM", "name": "mct"}),
            ("createNode", true) => json!({"regionId": "XX-NONE", "kind": "proxy", "endpoint": "10.0.0.1"}),
            ("putBackgroundNode", true) => json!({"endpoint": "10.0.0.9:5003"}),
            ("putStorage" | "testStorage", true) => {
                json!({"endpoint": "http://127.0.0.1:1", "accessKey": "key", "secretKey": "12345678", "ssl": false})
            }
            ("snoozeProblem", true) => json!({"reason": "known"}),
            ("changeNodes", true) => json!({"nodeIds": [uuid::Uuid::nil()], "action": "activate"}),
            (id, true) if id.ends_with("Intent") => json!({"state": "active"}),
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
