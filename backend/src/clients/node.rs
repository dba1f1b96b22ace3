//! Calls to nodes: the push that makes a command earlier, and the test of a registered endpoint and key. None of them
//! replaces what the node says in its heartbeats.

use common::command::CommandOffer;
use common::endpoint::Endpoint;
use common::ids::RunId;
use hyper::header::HeaderName;
use serde_json::{Value, json};

use super::connector::{Connector, OutboundError, Reply};
use crate::config::Hidden;

/// The node's key travels in it.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What a node made of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeReply {
    /// It took it; its acknowledgement follows in a heartbeat.
    Taken,
    /// It was asked before and is already at it.
    AlreadyAsked,
    /// It has another key than the one registered here.
    KeyDiffers,
    /// It understood and will not, or could not.
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// It does not know this call: older software, or a job it does not have.
    Unknown,
    /// What answers there is no node.
    NotANode {
        /// The HTTP status.
        status: u16,
    },
    /// No reply.
    NoReply(OutboundError),
}

impl NodeReply {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::AlreadyAsked => "already_asked",
            Self::KeyDiffers => "key_differs",
            Self::Refused { .. } => "refused",
            Self::Unknown => "unknown_call",
            Self::NotANode { .. } => "not_a_node",
            Self::NoReply(error) => error.code(),
        }
    }

    /// Whether the node is doing what it was asked for.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Taken | Self::AlreadyAsked)
    }

    /// Whether a node answers at this endpoint.
    pub fn is_reachable(&self) -> bool {
        !matches!(self, Self::NotANode { .. } | Self::NoReply(_))
    }

    /// Whether the node has the key that is registered here; `None` where it did not come to that.
    pub fn key_accepted(&self) -> Option<bool> {
        match self {
            Self::Taken | Self::AlreadyAsked | Self::Refused { .. } => Some(true),
            Self::KeyDiffers => Some(false),
            Self::Unknown | Self::NotANode { .. } | Self::NoReply(_) => None,
        }
    }

    /// In words, with what to do. `endpoint` is where the call went.
    pub fn verdict(&self, endpoint: &Endpoint) -> String {
        let at = endpoint.authority();
        match self {
            Self::Taken => format!("The server at {at} took it."),
            Self::AlreadyAsked => format!("The server at {at} was asked before and is at it."),
            Self::KeyDiffers => format!(
                "The server at {at} has another key than the one registered here. Compare the key in its \
                 appsettings.json, or register its key here."
            ),
            Self::Refused { status } => {
                format!("The server at {at} refuses ({status}). Its own log says why.")
            }
            Self::Unknown => format!(
                "A server answers at {at}, but does not know this call. Check its version; its key could not be \
                 checked this way."
            ),
            Self::NotANode { status } => format!(
                "What answers at {at} ({status}) is not one of your servers. Check the address and the port."
            ),
            Self::NoReply(error) => format!("No answer from {at}: {error}. {}", error.cure()),
        }
    }
}

/// Tells a node about a command `shutdown` before its next heartbeat does. The node executes an id once, so both may
/// arrive.
pub async fn push_shutdown(
    connector: &Connector,
    endpoint: &Endpoint,
    secret: &Hidden,
    offer: &CommandOffer,
) -> NodeReply {
    // Today's servers ignore the body.
    let body = json!({
        "commandId": offer.id,
        "mode": offer.args.mode.unwrap_or_default(),
        "notAfter": offer.not_after,
        "ignoreAlreadyShuttingDown": false,
    });
    call(connector, endpoint, secret, "/api/node/management/shutdown", &body).await
}

/// Tells the background node about a run before its next heartbeat does. `job` is the key of a job it advertises.
pub async fn push_job(
    connector: &Connector,
    endpoint: &Endpoint,
    secret: &Hidden,
    job: &str,
    run_id: RunId,
) -> NodeReply {
    let fits = !job.is_empty() && job.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if !fits {
        return NodeReply::Unknown;
    }
    let path = format!("/api/node/management/jobs/{job}");
    call(connector, endpoint, secret, &path, &json!({ "runId": run_id })).await
}

/// Asks whether a node is there and has this key. Changes nothing.
pub async fn ping(connector: &Connector, endpoint: &Endpoint, secret: &Hidden) -> NodeReply {
    call(connector, endpoint, secret, "/api/node/management/ping", &json!({})).await
}

async fn call(
    connector: &Connector,
    endpoint: &Endpoint,
    secret: &Hidden,
    path: &str,
    body: &Value,
) -> NodeReply {
    match connector.post_json(endpoint, path, &[(API_KEY, secret.reveal())], body).await {
        Ok(reply) => read(&reply),
        Err(error) => NodeReply::NoReply(error),
    }
}

/// The management reply: `{"success": bool, "code": …}` in any letter case, under whatever status.
fn read(reply: &Reply) -> NodeReply {
    let code = reply.text("code").unwrap_or_default().to_ascii_uppercase();
    let status = reply.status;
    match reply.flag("success") {
        _ if code.ends_with("INVALID_API_KEY") => NodeReply::KeyDiffers,
        Some(true) if (200..300).contains(&status) => NodeReply::Taken,
        Some(_) if code.ends_with("SHUTDOWN_REQUESTED") => NodeReply::AlreadyAsked,
        Some(_) if status == 404 || code.ends_with("UNKNOWN_JOB") => NodeReply::Unknown,
        _ if status == 401 || status == 403 => NodeReply::KeyDiffers,
        Some(_) => NodeReply::Refused { status },
        None if status == 404 || status == 405 => NodeReply::Unknown,
        None if (500..600).contains(&status) => NodeReply::Refused { status },
        None => NodeReply::NotANode { status },
    }
}

#[cfg(test)]
mod tests;
