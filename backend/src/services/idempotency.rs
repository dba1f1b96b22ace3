//! `Idempotency-Key`: a request that is sent again is answered again and not done again.
//!
//! A reply is kept for a day, sealed; a secret in it for ten minutes.

use common::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{App, ServiceError};
use crate::auth::policy::{Actor, Bearer};
use crate::auth::{hex, place, sha256};

/// How long a reply is kept.
pub const KEPT_MS: u64 = 24 * 3_600_000;
/// How long a secret in it is.
pub const SECRET_MS: u64 = 10 * 60_000;
/// A request that did not end for so long never will: its process is gone.
const ABANDONED_MS: u64 = 2 * 60_000;

/// What a request is recognised by.
pub struct Asked<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// The key.
    pub key: &'a str,
    /// The version it is based on, where it names one.
    pub if_match: Option<&'a str>,
    /// Its body.
    pub body: &'a [u8],
}

/// A reply as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// JSON, or nothing.
    pub body: String,
}

/// Whether a request may go on.
pub enum Begun {
    /// It is the first; end it with [`end`].
    First(Ticket),
    /// It was answered before.
    Again(Reply),
    /// It is at work.
    InFlight,
    /// The key belongs to another request.
    Mismatch,
}

/// A key that a request took.
pub struct Ticket {
    hash: [u8; 32],
    at: Timestamp,
}

/// Each part with its length in front, so that no two run into each other.
fn hash_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut text = Vec::new();
    for part in parts {
        text.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        text.extend_from_slice(part);
    }
    sha256(&text)
}

/// Takes the key for a request, or says what came of it before. Somebody whose role or regions were changed since is
/// somebody else: what the former could see is not theirs.
///
/// # Errors
/// Where the database does not answer.
pub async fn begin(app: &App, actor: &Actor, asked: &Asked<'_>) -> Result<Begun, ServiceError> {
    let user = &actor.user;
    let scope = serde_json::to_vec(&user.region_scope).map_err(|e| ServiceError::Internal(e.to_string()))?;
    // Nor is a script the person who made its token: what one of them was shown is not the other's.
    let script = match &actor.credential {
        Bearer::Token { id, .. } => Some(*id),
        Bearer::Session(_) => None,
    };
    let hash = hash_of(&[
        user.id.0.as_bytes(),
        script.as_ref().map(|id| id.as_bytes().as_slice()).unwrap_or_default(),
        user.role.as_str().as_bytes(),
        &scope,
        asked.method.as_bytes(),
        asked.path.as_bytes(),
        asked.key.as_bytes(),
    ]);
    let body = hash_of(&[asked.if_match.unwrap_or_default().as_bytes(), asked.body]);
    let now = app.clock.wall();
    let (forgotten, abandoned) = (now.before(KEPT_MS), now.before(ABANDONED_MS));
    let Some(kept) = app.db.idempotency_begin(&hash, &body, now, forgotten, abandoned).await? else {
        return Ok(Begun::First(Ticket { hash, at: now }));
    };
    if kept.body_hash != body {
        return Ok(Begun::Mismatch);
    }
    let Some(whole) = kept.reply else { return Ok(Begun::InFlight) };
    let shown = now.since(kept.created_at) < SECRET_MS;
    // After a while the database itself has only what is left.
    let (place, sealed) = match kept.reply_later {
        Some(later) if !shown => (place(&hash, true), later),
        Some(_) => (place(&hash, false), whole),
        None => (place(&hash, true), whole),
    };
    let plain = app.sealer.open(&place, &sealed)?;
    serde_json::from_slice(&plain).map(Begun::Again).map_err(|e| ServiceError::Internal(e.to_string()))
}

/// Where a reply is sealed for: its key, and whether it holds a secret.
fn place(hash: &[u8], later: bool) -> String {
    place::reply(&hex(hash), later)
}

/// Keeps a reply; one that says nothing of the request (a failure of ours, too much at once, a password that has to be
/// given first, a role that may be another one by then) frees the key instead, and nothing was done. What goes wrong here is logged: the work is done, and its reply goes out.
pub async fn end(app: &App, ticket: &Ticket, reply: &Reply) {
    let done = if reply.status >= 500 || matches!(reply.status, 403 | 408 | 429) {
        app.db.idempotency_free(&ticket.hash, ticket.at).await.map_err(ServiceError::from)
    } else {
        keep(app, ticket, reply).await
    };
    if let Err(e) = done {
        tracing::warn!(error = %e, "the reply to an Idempotency-Key could not be kept");
    }
}

/// Frees the key of a request that ended without a reply.
pub async fn abandon(app: &App, ticket: &Ticket) {
    if let Err(e) = app.db.idempotency_free(&ticket.hash, ticket.at).await {
        tracing::warn!(error = %e, "an Idempotency-Key could not be freed");
    }
}

async fn keep(app: &App, ticket: &Ticket, reply: &Reply) -> Result<(), ServiceError> {
    let seal = |reply: &Reply, later| {
        let text = serde_json::to_vec(reply).map_err(|e| ServiceError::Internal(e.to_string()))?;
        // A reply that holds a secret was made with the vault open; any other is kept with it locked too.
        app.sealer.seal_brief(&place(&ticket.hash, later), &text).map_err(ServiceError::from)
    };
    let (whole, later) = match without_secret(reply) {
        Some(rest) => (seal(reply, false)?, Some(seal(&rest, true)?)),
        None => (seal(reply, true)?, None),
    };
    app.db.idempotency_finish(&ticket.hash, ticket.at, reply.status, &whole, later.as_deref()).await?;
    Ok(())
}

/// The same reply without what is shown once; `None` where it holds nothing of the kind.
fn without_secret(reply: &Reply) -> Option<Reply> {
    let Ok(Value::Object(mut body)) = serde_json::from_str::<Value>(&reply.body) else { return None };
    // The secret of a node, the text of an automation token, an invitation's link, a link alone.
    let link = |body: &mut Map<String, Value>| {
        body.remove("link").or_else(|| {
            let secret = body.get("url").and_then(Value::as_str).is_some_and(|url| url.contains("#iqi_"));
            if secret { body.remove("url") } else { None }
        })
    };
    body.remove("plainSecret").or_else(|| body.remove("plainToken")).or_else(|| link(&mut body))?;
    body.remove("snippet");
    body.insert("secretShown".to_owned(), Value::Bool(true));
    Some(Reply { body: Value::Object(body).to_string(), ..reply.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(body: &str) -> Reply {
        Reply { status: 201, headers: vec![("etag".into(), "\"1\"".into())], body: body.into() }
    }

    #[test]
    fn what_is_shown_once_is_taken_out() {
        let text = r#"{"node":{"id":1},"plainSecret":"canary","snippet":"canary","command":"c","secretShown":false}"#;
        let rest = without_secret(&reply(text)).unwrap();
        assert_eq!(rest.body, r#"{"command":"c","node":{"id":1},"secretShown":true}"#);
        assert_eq!((rest.status, rest.headers.len()), (201, 1));
        let rest = without_secret(&reply(r#"{"token":{"id":1},"plainToken":"canary"}"#)).unwrap();
        assert_eq!(rest.body, r#"{"secretShown":true,"token":{"id":1}}"#);
        let rest = without_secret(&reply(r#"{"account":{"id":1},"link":{"url":"canary"}}"#)).unwrap();
        assert_eq!(rest.body, r#"{"account":{"id":1},"secretShown":true}"#);
        let rest =
            without_secret(&reply(r##"{"url":"https://x/welcome#iqi_canary","expiresAt":"t"}"##)).unwrap();
        assert_eq!(rest.body, r#"{"expiresAt":"t","secretShown":true}"#);
        assert!(without_secret(&reply(r#"{"url":"https://x/y"}"#)).is_none());
        for other in ["", "[]", "{}", r#"{"node":{"plainSecret":"x"}}"#] {
            assert!(without_secret(&reply(other)).is_none(), "{other}");
        }
    }

    #[test]
    fn no_two_requests_have_one_hash() {
        assert_ne!(hash_of(&[b"ab", b"c"]), hash_of(&[b"a", b"bc"]));
        assert_ne!(hash_of(&[b"", b"a"]), hash_of(&[b"a", b""]));
        assert_eq!(hash_of(&[b"a"]), hash_of(&[b"a"]));
    }
}
