//! Where one goes on from a reply: the id it holds, and the operations that take it. For readers, and for testers that
//! walk through the API.

use serde_json::{Map, Value, json};

/// An operation whose reply holds an id, the parameter that takes it, where it is, and who takes it.
type Link = (&'static str, &'static str, &'static str, &'static [&'static str]);

const LINKS: [Link; 10] = [
    (
        "createRegion",
        "regionId",
        "/id",
        &["getRegion", "editRegion", "getRegionDeletion", "getStorage", "listRegionEvents"],
    ),
    (
        "createNode",
        "nodeId",
        "/node/id",
        &["getNode", "editNode", "previewNodeIntent", "getNodeDeletion", "listCommands"],
    ),
    ("inviteUser", "userId", "/account/id", &["getUser", "listUserSessions", "makeUserLink"]),
    ("createToken", "tokenId", "/token/id", &["getToken", "editToken", "revokeToken"]),
    (
        "createWebhook",
        "webhookId",
        "/webhook/id",
        &["getWebhook", "editWebhook", "rotateWebhookSecret", "listDeliveries", "deleteWebhook"],
    ),
    ("replayDelivery", "webhookId", "/webhookId", &["getWebhook", "listDeliveries"]),
    ("startJob", "runId", "/id", &["getRun", "cancelRun"]),
    ("shutdownNode", "commandId", "/id", &["cancelCommand"]),
    ("snoozeProblem", "problemId", "/id", &["unsnoozeProblem"]),
    ("ignoreUnregisteredNode", "groupId", "/id", &["unignoreUnregisteredNode"]),
];

/// Adds them to the reply of an operation that went well, where the operations they lead to are there.
pub(super) fn add(operation: &mut Map<String, Value>, known: &[String]) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let replies = operation.get_mut("responses").and_then(Value::as_object_mut);
    let good = replies.into_iter().flatten().find(|(status, _)| status.starts_with('2'));
    let Some((_, Value::Object(good))) = good else { return };
    for (_, parameter, place, targets) in LINKS.iter().filter(|(from, ..)| *from == id) {
        let there = targets.iter().filter(|to| known.iter().any(|k| k == **to));
        let link = |to: &&str| json!({"operationId": to, "parameters": {*parameter: format!("$response.body#{place}")}});
        let links: Map<String, Value> = there.map(|to| ((*to).to_owned(), link(to))).collect();
        good.insert("links".to_owned(), links.into());
    }
}
