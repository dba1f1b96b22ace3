//! Who may call what: one row for every operation of the document, tried with every role, every scope of an automation
//! token, and every scope of regions.

mod confirmed;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use backend::db::TokenRecord;
use backend::domain::activity::{Entry, Target};
use common::auth::Role;
use common::ids::{RegionId, TokenId, UserId};
use common::node::NodeKind;
use common::tokens::TokenScope;
use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use self::table::{Access, TABLE, Where};
use crate::openapi::operations;
use crate::support::app::{PASSWORD, TestApp};
use crate::support::client::{Auth, Client, Reply};

const ROLES: [Role; 3] = [Role::Viewer, Role::Operator, Role::Admin];
/// The region that a scope names, and another.
const IN: &str = "OM-IN";
const OUT: &str = "OM-OUT";
const NONE: &str = "0198f6a2-0000-7000-8000-000000000001";
/// Requests at once.
const AT_ONCE: usize = 12;

struct Operation {
    id: String,
    method: Method,
    template: String,
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
        .map(|(template, method, o)| Operation {
            id: o["operationId"].as_str().unwrap().to_owned(),
            method: method.parse().unwrap(),
            documented: schemes(&o),
            template,
        })
        .collect()
}

fn table() -> BTreeMap<&'static str, Access> {
    TABLE.iter().copied().collect()
}

/// What exists in a region, to be named in requests; by default nothing.
#[derive(Clone, Default)]
struct Things {
    region: Option<String>,
    node: Option<String>,
    command: Option<String>,
    problem: Option<String>,
    group: Option<String>,
}

impl Things {
    fn path(&self, template: &str) -> String {
        let part = |part: &str| {
            let known = match part {
                "{regionId}" => Some(self.region.clone().unwrap_or_else(|| "XX-NONE".to_owned())),
                "{nodeId}" => self.node.clone(),
                "{commandId}" => self.command.clone(),
                "{problemId}" => self.problem.clone(),
                "{groupId}" => self.group.clone(),
                other if !other.starts_with('{') => Some(other.to_owned()),
                _ => None,
            };
            known.unwrap_or_else(|| NONE.to_owned())
        };
        template.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    fn body(&self, id: &str) -> Value {
        let region = self.region.as_deref().unwrap_or("XX-NONE");
        match id {
            "createRegion" => json!({"countryCode": "OM", "name": region.trim_start_matches("OM-")}),
            "createNode" => json!({"regionId": region, "kind": "proxy", "endpoint": "10.0.0.1"}),
            "putBackgroundNode" => json!({"endpoint": "10.0.0.9:5003"}),
            "putStorage" | "testStorage" => {
                json!({"endpoint": "http://127.0.0.1:1", "accessKey": "key", "secretKey": "12345678", "ssl": false})
            }
            "snoozeProblem" => json!({"reason": "known"}),
            "changeNodes" => {
                json!({"nodeIds": [self.node.as_deref().unwrap_or(NONE)], "action": "activate"})
            }
            "confirm" => json!({"password": PASSWORD}),
            "changePassword" => json!({"current": PASSWORD, "new": "short"}),
            "inviteUser" => json!({"email": "new@example.org", "role": "viewer"}),
            "changeUser" => json!({"displayName": "x"}),
            "createToken" => json!({"name": "ci", "scope": "read"}),
            "editToken" => json!({"name": "ci"}),
            "createWebhook" | "editWebhook" => {
                json!({"name": "x", "url": "http://127.0.0.1:1/x", "events": ["lifecycle.boot"]})
            }
            id if id.ends_with("Intent") => json!({"state": "active"}),
            id if id.contains("hutdown") => json!({"mode": "graceful", "reason": "test"}),
            _ => json!({}),
        }
    }
}

/// Calls it, with a `whole` body or with one that is a JSON object and nothing more.
async fn call(client: &Client, o: &Operation, things: &Things, whole: bool) -> Reply {
    let mut request = client.request(o.method.clone(), &things.path(&o.template));
    // A version that cannot be right: who may ask is decided before what it is based on.
    request = request.header("if-match", "\"0\"");
    if matches!(o.method, Method::POST | Method::PUT | Method::PATCH) {
        request = request.json(&if whole { things.body(&o.id) } else { json!({}) });
    }
    if o.id == "listHelpers" {
        request = request.query(&[("role", "operator")]);
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
    let table = table();
    for o in all() {
        let session = [set(&["accessToken"]), set(&["session"])];
        let same = match table[o.id.as_str()] {
            Access::Open => o.documented.contains(&set(&[])),
            Access::SessionOrBody => {
                o.documented.contains(&set(&[])) && session.iter().all(|s| o.documented.contains(s))
            }
            Access::Needs(..) | Access::Session | Access::Anybody | Access::Tokens => o.documented == session,
            Access::Node => o.documented == [set(&["nodeSecret"]), set(&["nodeBearer"])],
        };
        assert!(same, "{}: {:?}", o.id, o.documented);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_credential_nothing_but_the_open_door_answers() {
    let app = TestApp::start().await;
    let (table, nothing) = (table(), Things::default());
    let token = app.admin().await.with_token().await;
    for o in all() {
        for nobody in [
            Auth::None,
            Auth::Cookie("x".repeat(43)),
            Auth::Bearer("a.b.c".into()),
            Auth::Secret("x".repeat(53)),
        ] {
            let reply = call(&app.anonymous().with(nobody), &o, &nothing, false).await;
            match table[o.id.as_str()] {
                Access::Open => assert!(
                    !matches!(reply.status, 401 | 403) || o.id == "login",
                    "{}: {}",
                    o.id,
                    reply.status
                ),
                Access::Node => drop(reply.problem(401, "unknown_secret")),
                _ => drop(reply.problem(401, "unauthenticated")),
            }
        }
        if table[o.id.as_str()] == Access::Node {
            // People are no nodes, whatever their role.
            call(&token, &o, &nothing, false).await.problem(401, "unknown_secret");
        }
    }
}

/// Somebody who asks: with what role, through what, and limited to regions or not.
#[derive(Clone)]
struct Asker {
    client: Client,
    role: Role,
    /// Of an automation token.
    scope: Option<TokenScope>,
    /// Limited to [`IN`].
    limited: bool,
    /// For the session that signing out ends.
    email: String,
    what: String,
}

impl Asker {
    /// The problem this asker is refused with; `None` where they are let in.
    fn refusal(&self, access: Access, target: &str) -> Option<&'static str> {
        let role = self.scope.map_or(self.role, |s| s.role().min(self.role));
        match access {
            Access::Open | Access::Anybody => None,
            Access::Session | Access::SessionOrBody => self.scope.map(|_| "session_needed"),
            Access::Tokens => {
                let may = self.scope.is_none() || (role == Role::Admin && !self.limited);
                (!may).then_some("role_too_low")
            }
            Access::Needs(permission, place) => match place {
                _ if !permission.granted_to(role) => Some("role_too_low"),
                Where::There | Where::Rows if self.limited && target != IN => Some("out_of_scope"),
                Where::Everywhere if self.limited => Some("role_too_low"),
                _ => None,
            },
            Access::Node => Some("unknown_secret"),
        }
    }
}

/// A token that works, straight into the database: also one that its creator may not make, as after a role was lowered.
async fn token(app: &TestApp, email: &str, scope: TokenScope, regions: Option<&[&str]>) -> Client {
    let state = app.state();
    let creator: UserId =
        app.db.text(&format!("SELECT id FROM users WHERE email = '{email}'")).await.parse().unwrap();
    let (id, now) = (TokenId(Uuid::now_v7()), state.clock.wall());
    let (text, kid) = state.signer.issue_automation(creator, id, scope, now, None).unwrap();
    let record = TokenRecord {
        id,
        name: "ci".into(),
        scope,
        region_scope: regions.map(|r| r.iter().map(|r| RegionId::from(*r)).collect()),
        networks: vec![],
        kid: kid.to_string(),
        created_by: creator,
        created_at: now,
        expires_at: None,
        last_used_at: None,
        last_used_from: None,
        revoked_at: None,
        revoked_by: None,
        version: 1,
    };
    let entry = Entry::system(now, "token.create", Target::named("token", &id.to_string()));
    state.db.token_insert(&record, &entry).await.unwrap();
    app.anonymous().with(Auth::Bearer(text))
}

/// Every role by cookie and access token, and by automation tokens of every scope; unlimited, limited with their account,
/// and tokens limited by themselves.
async fn askers(app: &TestApp) -> Vec<Asker> {
    let mut all = Vec::new();
    for role in ROLES {
        for limited in [false, true] {
            let regions: Option<&[&str]> = limited.then_some(&[IN]);
            let email = app.user(role, regions).await;
            let cookie = app.sign_in(&email).await;
            let access = cookie.with_token().await;
            let who = format!("{role:?}{}", if limited { " of OM-IN" } else { "" });
            let asker = |client, scope, limited, how: &str| Asker {
                client,
                role,
                scope,
                limited,
                email: email.clone(),
                what: format!("{who} by {how}"),
            };
            all.push(asker(cookie, None, limited, "cookie"));
            all.push(asker(access, None, limited, "access token"));
            for scope in TokenScope::ALL {
                let name = format!("token {}", scope.as_str());
                let client = token(app, &email, scope, None).await;
                all.push(asker(client, Some(scope), limited, &name));
                if !limited {
                    let client = token(app, &email, scope, Some(&[IN])).await;
                    all.push(asker(client, Some(scope), true, &format!("{name} of OM-IN")));
                }
            }
        }
    }
    all
}

/// A region with a live node, an open command to it, a problem, and an unregistered server that claims to be of it.
async fn things(app: &TestApp, admin: &Client, region: &str, other_secret: char) -> Things {
    let region = app.region(admin, region.trim_start_matches("OM-")).await;
    let mut node = app.node(admin, &region, NodeKind::Backend).await;
    node.beat(&json!({})).await;
    let shutdown = json!({"mode": "graceful", "reason": "test", "previewToken": null});
    let preview: Value =
        admin.post(&format!("{}/shutdown/preview", node.path()), &shutdown).await.expect(200).json();
    let shutdown = json!({"mode": "graceful", "reason": "test", "previewToken": preview["previewToken"]});
    let queued = admin.post(&format!("{}/shutdown", node.path()), &shutdown).await.expect(202).value();
    let stranger = app.anonymous().with(Auth::Secret(other_secret.to_string().repeat(53)));
    let claims = json!({"bootId": "b", "seq": 1, "regionId": region, "kind": "backend"});
    stranger.post(common::paths::HEARTBEAT, &claims).await.problem(401, "unknown_secret");
    let in_region = |list: Value, field: &str| {
        let items = list["items"].as_array().unwrap().clone();
        let found = items.into_iter().find(|i| i.pointer(field) == Some(&json!(region)));
        found.unwrap_or_else(|| panic!("nothing of {region} in {list}"))["id"].as_str().unwrap().to_owned()
    };
    Things {
        problem: Some(in_region(admin.get(common::paths::PROBLEMS).await.expect(200).json(), "/regionId")),
        group: Some(in_region(
            admin.get(common::paths::UNREGISTERED).await.expect(200).json(),
            "/prefill/regionId",
        )),
        command: Some(queued["id"].as_str().unwrap().to_owned()),
        node: Some(node.id.to_string()),
        region: Some(region),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_scope_and_region_gets_what_it_may_and_no_more() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (inside, outside) = (things(&app, &admin, IN, 'x').await, things(&app, &admin, OUT, 'y').await);
    let (askers, table) = (askers(&app).await, table());
    let (mut tried, mut wrong) = (0, Vec::new());
    for o in all() {
        let access = table[o.id.as_str()];
        if access == Access::Node {
            continue;
        }
        let mut calls = Vec::new();
        for asker in &askers {
            for (target, things) in [(IN, &inside), (OUT, &outside)] {
                // Where nobody is limited, the second region says nothing new.
                if target == IN || asker.limited {
                    calls.push((asker.clone(), target, things));
                }
            }
        }
        tried += calls.len();
        let (app, o) = (&app, &o);
        let found = stream::iter(calls)
            .map(|(asker, target, things)| async move {
                let client = match (o.id.as_str(), asker.scope) {
                    // Ends its session, so each call takes one of its own.
                    ("logout", None) => app.sign_in(&asker.email).await,
                    _ => asker.client.clone(),
                };
                let reply = call(&client, o, things, true).await;
                let (body, rows) = (
                    serde_json::from_str::<Value>(&reply.text).unwrap_or_default(),
                    matches!(access, Access::Needs(_, Where::Rows)),
                );
                let right = match asker.refusal(access, target) {
                    Some(wanted) if rows && reply.status == 200 => body["items"][0]["code"] == wanted,
                    Some(wanted) => reply.status == 403 && body["code"] == wanted,
                    None => !matches!(reply.status, 401 | 403) && reply.status < 500,
                };
                let what =
                    || format!("{} in {target} by {}: {} {}", o.id, asker.what, reply.status, reply.text);
                (!right).then(what)
            })
            .buffer_unordered(AT_ONCE)
            .filter_map(async |wrong| wrong)
            .collect::<Vec<_>>()
            .await;
        wrong.extend(found);
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 3_000, "{tried}");
}
