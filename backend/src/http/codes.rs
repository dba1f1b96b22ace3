//! Every `code` an error can have: one list for the document, the readers of `openapi/problems.md` and the tests.
//!
//! A code never changes its meaning and is never used again for something else; new ones may come at any time.

/// A code, the status it comes with, and what it means.
pub struct Code {
    /// As in `Problem.code`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened and what to do, in a sentence.
    pub about: &'static str,
}

const fn code(status: u16, code: &'static str, about: &'static str) -> Code {
    Code { code, status, about }
}

/// All of them, by status and name.
pub const CODES: &[Code] = &[
    code(400, "body_incomplete", "The body broke off. Send it again."),
    code(400, "invalid_json", "The body is not one JSON object."),
    code(
        401,
        "refresh_reused",
        "The refresh token was used before: two have it, so its session has ended. Sign in again.",
    ),
    code(
        401,
        "unauthenticated",
        "Nobody is signed in, or the credential has ended. Sign in, or send a valid token.",
    ),
    code(401, "unknown_secret", "For nodes: no node has this secret."),
    code(401, "wrong_password", "E-mail or password is not right."),
    code(
        403,
        "confirmation_needed",
        "Say again who you are first: `POST /api/v1/auth/confirm`. It counts for five minutes.",
    ),
    code(403, "cross_site", "A page of another site asked with the console's cookie."),
    code(403, "network_not_allowed", "The token may not be used from this address."),
    code(403, "out_of_scope", "The account may not change this region."),
    code(403, "role_too_low", "The account's role does not allow it; `detail` names the one it needs."),
    code(403, "session_needed", "This is for people who are signed in; a token cannot do it."),
    code(404, "job_unknown", "The background node advertises no such job."),
    code(404, "no_console", "This server carries no console."),
    code(404, "not_found", "There is no such object, or nothing at this path."),
    code(405, "method_not_allowed", "The path does not take this method; `Allow` names those it takes."),
    code(408, "body_too_slow", "The body did not arrive within 5 seconds."),
    code(409, "account_disabled", "The account is disabled. Enable it first."),
    code(
        409,
        "already_requested",
        "A shutdown was asked for and is still open; `current` holds the command.",
    ),
    code(409, "background_disabled", "The background node is disabled."),
    code(409, "background_keys_differ", "The background node holds another key than the one stored here."),
    code(409, "background_maintenance", "The background node is in maintenance and takes no new work."),
    code(409, "background_missing", "No background node is registered."),
    code(409, "background_never_seen", "The background node was never heard of since it was registered."),
    code(409, "background_unconfirmed", "Whether the background node runs cannot be judged now."),
    code(409, "background_unreachable", "The background node fell silent or was stopped."),
    code(409, "delete_refused", "Something stands in the way; `current` holds what."),
    code(409, "email_taken", "Somebody has an account with this e-mail."),
    code(409, "endpoint_taken", "Another node is registered at this address."),
    code(409, "external_id_taken", "Another node has this external id."),
    code(
        409,
        "guard",
        "It would take a last live node away or break headroom; `current` holds the effects and a preview token that confirms them.",
    ),
    code(409, "idempotency_in_flight", "The first request with this `Idempotency-Key` is still at work."),
    code(409, "job_active", "The job runs already; `current` holds the run."),
    code(409, "kind_mismatch", "For nodes: the secret belongs to a node of another kind."),
    code(
        409,
        "last_admin",
        "It would leave nobody who may do everything. Make somebody else an admin first.",
    ),
    code(409, "name_taken", "Another webhook has this name."),
    code(409, "node_mismatch", "For nodes: the secret belongs to another node."),
    code(409, "not_live", "No node that is meant is live: nobody would hear the signal."),
    code(409, "not_open", "The command is over; `current` holds it."),
    code(409, "own_account", "Nobody does this to their own account. Ask another admin."),
    code(409, "refresh_token_needed", "A session of the command line is renewed by its refresh token alone."),
    code(409, "region_exists", "There is a region of this id."),
    code(409, "region_mismatch", "For nodes: the secret belongs to a node of another region."),
    code(
        409,
        "run_ended",
        "The run is over, or belongs to an earlier start of the node; `current` holds it.",
    ),
    code(409, "secret_taken", "Another node has this secret."),
    code(409, "too_many_commands", "The node has as many open commands as it may have. Cancel one."),
    code(409, "too_many_webhooks", "There are as many webhooks as there may be. Delete one first."),
    code(409, "topic_not_followed", "The stream does not follow the topic `nodes`."),
    code(
        409,
        "webhook_full",
        "10,000 messages wait for the webhook. Nothing more is taken until some of them are through.",
    ),
    code(409, "webhook_off", "The webhook is off and sends nothing. Switch it on first."),
    code(410, "link_used", "The link was used, has ended or never was. Ask an admin for a new one."),
    code(410, "node_deleted", "For nodes: this node was deleted. Stop its process."),
    code(412, "version_stale", "Somebody changed it meanwhile; `current` holds it as it is now."),
    code(413, "body_too_large", "The body is longer than this operation takes."),
    code(415, "unsupported_media_type", "The body is not `application/json`."),
    code(422, "idempotency_mismatch", "This `Idempotency-Key` belongs to another request."),
    code(422, "invalid", "Fields or parameters are not right; `errors` names all of them."),
    code(422, "invalid_heartbeat", "For nodes: the body is no heartbeat."),
    code(428, "version_needed", "Send `If-Match` with the `ETag` of the object the change is based on."),
    code(429, "too_fast", "For nodes: more heartbeats than agreed. `Retry-After` tells when to go on."),
    code(429, "too_many_attempts", "Too many failed sign-ins. `Retry-After` tells when to try again."),
    code(429, "too_soon", "The webhook was tested a moment ago. `Retry-After` tells when to go on."),
    code(500, "internal", "Something failed on the server. Its log has the cause, by `requestId`."),
    code(503, "busy", "The server is busy. Try again in a moment."),
    code(503, "overloaded", "For nodes: the server is busy or stopping. Try again."),
    code(503, "stopping", "The server is stopping. Try again in a moment, of another one."),
    code(503, "too_many_streams", "As many streams are open as this server serves."),
    code(503, "unavailable", "The database does not answer. Try again in a moment."),
    code(
        503,
        "vault_locked",
        "The server does not have the master key that this secret needs. Give it the right key.",
    ),
];

/// Whether there is such a code.
pub fn is_known(code: &str) -> bool {
    CODES.iter().any(|known| known.code == code)
}

/// The list as a table in Markdown.
pub fn table() -> String {
    let mut text = String::from("| Status | Code | Meaning |\n|---|---|---|\n");
    for Code { code, status, about } in CODES {
        text.push_str(&format!("| {status} | `{code}` | {about} |\n"));
    }
    text
}

/// `openapi/problems.md`.
pub fn page() -> String {
    format!(
        "# Codes of problems\n\n\
         Every error is a problem (RFC 9457) as `application/problem+json`. Programs decide by `code`; `title` and `detail` \
         are for people and may change. `requestId` is in the server's log too.\n\n\
         A code never changes its meaning and is never used again for something else. New codes may come with any \
         version: treat one you do not know by its status. `errors[].code` names what is wrong with a field or \
         parameter, and `errors[].pointer` which.\n\n{}\n\
         This page is written by `iqra-infra openapi --codes`; a test holds it to the list in \
         `backend/src/http/codes.rs`.\n",
        table()
    )
}
