//! What was done, and what was tried, in words.

use common::activity::Outcome;

/// Of the entry that stands for many.
const MORE: (&str, &str) = ("activity.more", "was denied or refused more often than is noted one by one");

/// Dotted verb, as it is said of what was done, and of what was not.
const VERBS: &[(&str, &str, &str)] = &[
    ("auth.login", "signed in", "sign in"),
    ("auth.logout", "signed out", "sign out"),
    ("auth.confirm", "confirmed with the password", "confirm with the password"),
    ("auth.password", "changed their password", "change the password"),
    ("auth.welcome", "used a one-time link", "use a one-time link"),
    ("auth.refresh_reused", "presented a refresh token twice", "present a refresh token twice"),
    ("auth.refresh", "renewed a session", "renew a session"),
    ("auth.look", "looked at a one-time link", "look at a one-time link"),
    ("session.revoke", "ended a session", "end a session"),
    ("user.create", "added an account", "add an account"),
    ("user.invite", "invited somebody", "invite somebody"),
    ("user.update", "changed an account", "change an account"),
    ("user.delete", "deleted an account", "delete an account"),
    ("user.link", "made a one-time link", "make a one-time link"),
    ("user.password", "set a password", "set a password"),
    ("user.sign_out", "signed somebody out everywhere", "sign somebody out everywhere"),
    ("activity.verify", "checked the chain of this log", "check the chain of this log"),
    ("token.create", "made a token", "make a token"),
    ("token.rename", "renamed a token", "rename a token"),
    ("token.revoke", "revoked a token", "revoke a token"),
    ("webhook.create", "made a webhook", "make a webhook"),
    ("webhook.edit", "changed a webhook", "change a webhook"),
    ("webhook.delete", "deleted a webhook", "delete a webhook"),
    ("webhook.secret", "made a new secret for a webhook", "make a new secret for a webhook"),
    ("webhook.stop", "switched a webhook off", "switch a webhook off"),
    ("webhook.test", "sent a test to a webhook", "send a test to a webhook"),
    ("webhook.replay", "sent a message to a webhook again", "send a message to a webhook again"),
    ("keys.rotate", "rotated the master key", "rotate the master key"),
    ("keys.signing.make", "made a signing key", "make a signing key"),
    ("keys.signing.rotate", "rotated the signing key", "rotate the signing key"),
    ("region.create", "added a region", "add a region"),
    ("region.update", "changed a region", "change a region"),
    ("region.delete", "deleted a region", "delete a region"),
    ("region.intent", "changed what a region is for", "change what a region is for"),
    ("region.shutdown", "shut down the nodes of a region", "shut down the nodes of a region"),
    (
        "region.intent.preview",
        "looked at what changing a region would do",
        "look at what changing a region would do",
    ),
    (
        "region.shutdown.preview",
        "looked at what shutting down a region would do",
        "look at what shutting down a region would do",
    ),
    ("node.create", "added a node", "add a node"),
    ("node.update", "changed a node", "change a node"),
    ("node.delete", "deleted a node", "delete a node"),
    ("node.intent", "changed what a node is for", "change what a node is for"),
    ("node.shutdown", "shut down a node", "shut down a node"),
    ("node.end_sessions", "ended the calls of a node", "end the calls of a node"),
    ("node.secret.rotate", "rotated a secret", "rotate a secret"),
    ("node.secret.revoke", "revoked a former secret", "revoke a former secret"),
    (
        "node.intent.preview",
        "looked at what changing a node would do",
        "look at what changing a node would do",
    ),
    (
        "node.shutdown.preview",
        "looked at what shutting down a node would do",
        "look at what shutting down a node would do",
    ),
    ("nodes.bulk", "changed many nodes", "change many nodes"),
    ("platform.intent", "changed what the platform is for", "change what the platform is for"),
    (
        "platform.intent.preview",
        "looked at what changing the platform would do",
        "look at what changing the platform would do",
    ),
    ("storage.update", "changed a region's storage", "change a region's storage"),
    ("storage.delete", "removed a region's storage", "remove a region's storage"),
    ("storage.test", "tested a region's storage", "test a region's storage"),
    ("background.create", "registered the background node", "register the background node"),
    ("background.update", "changed the background node", "change the background node"),
    ("background.key", "changed the background node's key", "change the background node's key"),
    ("background.job.run", "ran a job", "run a job"),
    ("background.job.cancel", "cancelled a run", "cancel a run"),
    ("background.test", "tested a background node", "test a background node"),
    ("command.cancel", "cancelled an order", "cancel an order"),
    ("problem.snooze", "snoozed a problem", "snooze a problem"),
    ("problem.unsnooze", "ended a snooze", "end a snooze"),
    ("unregistered.ignore", "ignored an unregistered node", "ignore an unregistered node"),
    ("unregistered.unignore", "showed an unregistered node again", "show an unregistered node again"),
    ("stream.window", "chose what a live view shows", "choose what a live view shows"),
    ("request", "sent a request", "send a request"),
];

fn find(action: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    VERBS.iter().find(|(code, ..)| *code == action)
}

/// A sentence without its subject: `deleted a region`, `was refused: delete a region`; the verb itself where there are
/// no words.
pub(super) fn said(action: &str, outcome: Outcome) -> String {
    if action == MORE.0 {
        return MORE.1.to_owned();
    }
    let (done, tried) = find(action).map_or((action, action), |(_, done, tried)| (done, tried));
    match outcome {
        Outcome::Allowed => done.to_owned(),
        Outcome::Denied => format!("was denied: {tried}"),
        Outcome::Refused => format!("was refused: {tried}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_done_is_not_told_as_done() {
        assert_eq!(said("region.delete", Outcome::Allowed), "deleted a region");
        assert_eq!(said("region.delete", Outcome::Denied), "was denied: delete a region");
        assert_eq!(said("node.intent", Outcome::Refused), "was refused: change what a node is for");
        assert_eq!(said("x.y", Outcome::Allowed), "x.y");
        assert!(said("activity.more", Outcome::Denied).starts_with("was denied or refused more often"));
    }

    #[test]
    fn each_verb_is_there_once() {
        let mut codes: Vec<_> = VERBS.iter().map(|(code, ..)| code).collect();
        codes.sort();
        assert!(codes.windows(2).all(|w| w[0] != w[1]), "{codes:?}");
    }
}
