//! What each operation of the API that can change something is called in the activity log, and what it is about: for
//! attempts that ended before a use case could say so. A test holds this complete against the OpenAPI document, and
//! another holds it against what the use cases note themselves.

/// An operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Its name in the OpenAPI document.
    pub id: &'static str,
    /// Such as `DELETE`.
    pub method: &'static str,
    /// As in the document, below `/api/v1/`.
    pub path: &'static str,
    /// Dotted verb, as the use case notes it.
    pub action: &'static str,
    /// Kind of the target, as the use case notes it.
    pub kind: &'static str,
    /// Which one it is.
    pub which: Which,
}

/// Which object an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one whose id is this parameter of the path.
    Named(&'static str),
    /// The node of the command this parameter names.
    OfCommand(&'static str),
    /// There is one, with this id.
    Only(&'static str),
    /// The background node, if there is one.
    Background,
    /// The account that asks, by its id.
    Oneself,
    /// The session that asks, by the account's e-mail.
    OwnSession,
    /// None yet, or several: the request alone says which.
    Unnamed,
}

const fn op(
    id: &'static str,
    method: &'static str,
    path: &'static str,
    action: &'static str,
    kind: &'static str,
    which: Which,
) -> Operation {
    Operation { id, method, path, action, kind, which }
}

use Which::{Background, Named, OfCommand, Oneself, Only, OwnSession, Unnamed};

/// All operations of people and scripts that are no reading ones.
#[rustfmt::skip]
pub const OPERATIONS: &[Operation] = &[
    op("verifyActivityChain", "POST", "activity/chain/verify", "activity.verify", "activity", Only("chain")),
    op("confirm", "POST", "auth/confirm", "auth.confirm", "session", OwnSession),
    op("login", "POST", "auth/login", "auth.login", "session", OwnSession),
    op("logout", "POST", "auth/logout", "auth.logout", "session", OwnSession),
    op("changePassword", "PUT", "auth/password", "auth.password", "user", Oneself),
    op("refresh", "POST", "auth/refresh", "auth.refresh", "session", OwnSession),
    op("endSession", "DELETE", "auth/sessions/{sessionId}", "session.revoke", "session", Named("sessionId")),
    op("redeemLink", "POST", "auth/welcome", "auth.welcome", "user", Unnamed),
    op("lookAtLink", "POST", "auth/welcome/look", "auth.look", "user", Unnamed),
    op("deleteBackgroundNode", "DELETE", "background-node", "node.delete", "node", Background),
    op("putBackgroundNode", "PUT", "background-node", "background.update", "background", Background),
    op("startJob", "POST", "background-node/jobs/{job}/runs", "background.job.run", "background", Background),
    op("cancelRun", "POST", "background-node/runs/{runId}/cancel", "background.job.cancel", "background", Background),
    op("testBackgroundNode", "POST", "background-node/test", "background.test", "background", Background),
    op("cancelCommand", "DELETE", "commands/{commandId}", "command.cancel", "node", OfCommand("commandId")),
    op("createNode", "POST", "nodes", "node.create", "node", Unnamed),
    op("changeNodes", "POST", "nodes/bulk", "nodes.bulk", "nodes", Unnamed),
    op("deleteNode", "DELETE", "nodes/{nodeId}", "node.delete", "node", Named("nodeId")),
    op("editNode", "PATCH", "nodes/{nodeId}", "node.update", "node", Named("nodeId")),
    op("setNodeIntent", "PUT", "nodes/{nodeId}/intent", "node.intent", "node", Named("nodeId")),
    op("previewNodeIntent", "POST", "nodes/{nodeId}/intent/preview", "node.intent.preview", "node", Named("nodeId")),
    op("rotateNodeSecret", "POST", "nodes/{nodeId}/secret", "node.secret.rotate", "node", Named("nodeId")),
    op("revokePreviousNodeSecret", "DELETE", "nodes/{nodeId}/secret/previous", "node.secret.revoke", "node", Named("nodeId")),
    op("shutdownNode", "POST", "nodes/{nodeId}/shutdown", "node.shutdown", "node", Named("nodeId")),
    op("previewNodeShutdown", "POST", "nodes/{nodeId}/shutdown/preview", "node.shutdown.preview", "node", Named("nodeId")),
    op("setPlatformIntent", "PUT", "platform/intent", "platform.intent", "platform", Only("platform")),
    op("previewPlatformIntent", "POST", "platform/intent/preview", "platform.intent.preview", "platform", Only("platform")),
    op("unsnoozeProblem", "DELETE", "problems/{problemId}/snooze", "problem.unsnooze", "problem", Named("problemId")),
    op("snoozeProblem", "POST", "problems/{problemId}/snooze", "problem.snooze", "problem", Named("problemId")),
    op("createRegion", "POST", "regions", "region.create", "region", Unnamed),
    op("deleteRegion", "DELETE", "regions/{regionId}", "region.delete", "region", Named("regionId")),
    op("editRegion", "PATCH", "regions/{regionId}", "region.update", "region", Named("regionId")),
    op("setRegionIntent", "PUT", "regions/{regionId}/intent", "region.intent", "region", Named("regionId")),
    op("previewRegionIntent", "POST", "regions/{regionId}/intent/preview", "region.intent.preview", "region", Named("regionId")),
    op("shutdownRegion", "POST", "regions/{regionId}/shutdown", "region.shutdown", "region", Named("regionId")),
    op("previewRegionShutdown", "POST", "regions/{regionId}/shutdown/preview", "region.shutdown.preview", "region", Named("regionId")),
    op("deleteStorage", "DELETE", "regions/{regionId}/storage", "storage.delete", "storage", Named("regionId")),
    op("putStorage", "PUT", "regions/{regionId}/storage", "storage.update", "storage", Named("regionId")),
    op("testStorage", "POST", "regions/{regionId}/storage/test", "storage.test", "storage", Named("regionId")),
    op("setStreamWindow", "PUT", "stream/{streamId}/window", "stream.window", "stream", Named("streamId")),
    op("createToken", "POST", "tokens", "token.create", "token", Unnamed),
    op("revokeToken", "DELETE", "tokens/{tokenId}", "token.revoke", "token", Named("tokenId")),
    op("editToken", "PATCH", "tokens/{tokenId}", "token.rename", "token", Named("tokenId")),
    op("unignoreUnregisteredNode", "DELETE", "unregistered-nodes/{groupId}/ignore", "unregistered.unignore", "unregistered_node", Named("groupId")),
    op("ignoreUnregisteredNode", "POST", "unregistered-nodes/{groupId}/ignore", "unregistered.ignore", "unregistered_node", Named("groupId")),
    op("inviteUser", "POST", "users", "user.invite", "user", Unnamed),
    op("deleteUser", "DELETE", "users/{userId}", "user.delete", "user", Named("userId")),
    op("changeUser", "PATCH", "users/{userId}", "user.update", "user", Named("userId")),
    op("makeUserLink", "POST", "users/{userId}/link", "user.link", "user", Named("userId")),
    op("signOutUser", "DELETE", "users/{userId}/sessions", "user.sign_out", "user", Named("userId")),
    op("createWebhook", "POST", "webhooks", "webhook.create", "webhook", Unnamed),
    op("deleteWebhook", "DELETE", "webhooks/{webhookId}", "webhook.delete", "webhook", Named("webhookId")),
    op("editWebhook", "PUT", "webhooks/{webhookId}", "webhook.edit", "webhook", Named("webhookId")),
    op("replayDelivery", "POST", "webhooks/{webhookId}/deliveries/{deliveryId}/replay", "webhook.replay", "webhook", Named("webhookId")),
    op("rotateWebhookSecret", "POST", "webhooks/{webhookId}/secret", "webhook.secret", "webhook", Named("webhookId")),
    op("testWebhook", "POST", "webhooks/{webhookId}/test", "webhook.test", "webhook", Named("webhookId")),
];

/// The operation that a request asks for, by the path as it was sent.
pub fn asked(method: &str, path: &str) -> Option<&'static Operation> {
    // One with fixed words before one with a parameter in their place.
    let fits = |o: &&Operation| o.method == method && parameters(o.path, path).is_some();
    OPERATIONS.iter().filter(fits).min_by_key(|o| o.path.matches('{').count())
}

impl Operation {
    /// What a parameter is in the path of a request that asks for this.
    pub fn parameter<'p>(&self, name: &str, path: &'p str) -> Option<&'p str> {
        parameters(self.path, path)?.into_iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }
}

/// The parameters of `path` by their names in `template`; `None` where it is another path.
fn parameters<'p>(template: &'static str, path: &'p str) -> Option<Vec<(&'static str, &'p str)>> {
    let path = path.strip_prefix("/api/v1/")?;
    let (mut wanted, mut given, mut found) = (template.split('/'), path.split('/'), Vec::new());
    loop {
        let (w, g) = match (wanted.next(), given.next()) {
            (None, None) => return Some(found),
            (Some(w), Some(g)) => (w, g),
            _ => return None,
        };
        match w.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
            Some(name) if !g.is_empty() => found.push((name, g)),
            None if w == g => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_by_method_and_path() {
        let found = |method, path| asked(method, path).map(|o| o.id);
        assert_eq!(found("DELETE", "/api/v1/regions/DE-FRA"), Some("deleteRegion"));
        assert_eq!(found("POST", "/api/v1/nodes/bulk"), Some("changeNodes"));
        assert_eq!(found("DELETE", "/api/v1/nodes/bulk"), Some("deleteNode"));
        for (method, path) in [
            ("GET", "/api/v1/regions/DE-FRA"),
            ("DELETE", "/api/v1/regions/"),
            ("DELETE", "/api/v1/regions/DE-FRA/x"),
            ("DELETE", "/regions/DE-FRA"),
        ] {
            assert_eq!(found(method, path), None, "{method} {path}");
        }
        let path = "/api/v1/webhooks/w/deliveries/d/replay";
        let replay = asked("POST", path).unwrap();
        assert_eq!((replay.parameter("webhookId", path), replay.parameter("job", path)), (Some("w"), None));
    }

    #[test]
    fn each_names_a_parameter_of_its_path() {
        for o in OPERATIONS {
            if let Named(name) | OfCommand(name) = o.which {
                assert!(o.path.contains(&format!("{{{name}}}")), "{}", o.id);
            }
            assert_eq!(asked(o.method, &format!("/api/v1/{}", o.path)).map(|o| o.id), Some(o.id));
        }
    }
}
