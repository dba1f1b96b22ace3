//! Where one goes on from a reply: the id it holds, its version, and the operations that take them. For readers, and for
//! testers that walk through the API.

use serde_json::{Map, Value, json};

/// An operation whose reply holds an id, the parameter that takes it, where it is, and who takes it.
type Link = (&'static str, &'static str, &'static str, &'static [&'static str]);

const LINKS: [Link; 16] = [
    (
        "createRegion",
        "regionId",
        "/id",
        &[
            "getRegion",
            "editRegion",
            "setRegionIntent",
            "getRegionDeletion",
            "deleteRegion",
            "getStorage",
            "listRegionEvents",
        ],
    ),
    ("getRegion", "regionId", "/id", &["editRegion", "setRegionIntent", "deleteRegion"]),
    ("setRegionIntent", "regionId", "/id", &["deleteRegion"]),
    (
        "createNode",
        "nodeId",
        "/node/id",
        &[
            "getNode",
            "editNode",
            "previewNodeIntent",
            "setNodeIntent",
            "rotateNodeSecret",
            "shutdownNode",
            "getNodeDeletion",
            "deleteNode",
            "listCommands",
        ],
    ),
    ("getNode", "nodeId", "/id", &["editNode", "setNodeIntent", "rotateNodeSecret", "deleteNode"]),
    ("rotateNodeSecret", "nodeId", "/node/id", &["revokePreviousNodeSecret"]),
    (
        "inviteUser",
        "userId",
        "/account/id",
        &["getUser", "changeUser", "deleteUser", "listUserSessions", "makeUserLink", "signOutUser"],
    ),
    ("getUser", "userId", "/id", &["changeUser", "deleteUser"]),
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
    ("shutdownNode", "nodeId", "/nodeId", &["getNode", "listCommands"]),
    ("snoozeProblem", "problemId", "/id", &["unsnoozeProblem"]),
    ("ignoreUnregisteredNode", "groupId", "/id", &["unignoreUnregisteredNode"]),
];

/// Adds them to the reply of an operation that went well, where the operations they lead to are there. Those that are
/// `versioned` take the reply's `ETag` along.
pub(super) fn add(operation: &mut Map<String, Value>, known: &[String], versioned: &[String]) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let replies = operation.get_mut("responses").and_then(Value::as_object_mut);
    let good = replies.into_iter().flatten().find(|(status, _)| status.starts_with('2'));
    let Some((_, Value::Object(good))) = good else { return };
    let tagged = good.get("headers").is_some_and(|headers| headers.get("ETag").is_some());
    for (_, parameter, place, targets) in LINKS.iter().filter(|(from, ..)| *from == id) {
        let link = |to: &str| {
            let mut parameters = json!({*parameter: format!("$response.body#{place}")});
            if let Some(all) = parameters.as_object_mut()
                && tagged
                && versioned.iter().any(|v| v == to)
            {
                all.insert("If-Match".to_owned(), "$response.header.ETag".into());
            }
            json!({"operationId": to, "parameters": parameters})
        };
        let there = targets.iter().filter(|to| known.iter().any(|k| k == **to));
        let links = there.map(|to| ((*to).to_owned(), link(to))).collect::<Map<String, Value>>();
        let all = good.entry("links").or_insert_with(|| json!({}));
        if let Some(all) = all.as_object_mut() {
            all.extend(links);
        }
    }
}
