//! Calls that tell other systems: signed as Standard Webhooks 1.0.0 has it, and what the reply means.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use common::time::Timestamp;
use hyper::header::{HeaderName, USER_AGENT};
use uuid::Uuid;

use super::connector::{Connector, OutboundError, Stage};
use crate::domain::webhook::plan::Ending;
use crate::domain::webhook_url::WebhookUrl;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
const AGENT: &str = concat!("iqra-infra/", env!("CARGO_PKG_VERSION"));

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookReply {
    /// There was a reply.
    Answered {
        /// The HTTP status.
        status: u16,
    },
    /// There was none.
    NoReply(OutboundError),
    /// No call was made: the key for its secret is not here.
    Locked,
    /// No call was made: its secret cannot be read.
    NoSecret,
    /// No call was made: what is stored as its address is none.
    NoAddress,
}

impl WebhookReply {
    /// The HTTP status, where there was a reply.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answered { status } => Some(*status),
            Self::NoReply(_) | Self::Locked | Self::NoSecret | Self::NoAddress => None,
        }
    }

    /// What follows from it.
    pub fn ending(&self) -> Ending {
        match self {
            Self::Answered { status: 200..=299 } => Ending::Taken,
            Self::Answered { status: 410 } => Ending::Gone,
            Self::Answered { .. } | Self::NoReply(_) => Ending::NotTaken,
            Self::Locked | Self::NoSecret | Self::NoAddress => Ending::NotMade,
        }
    }

    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Answered { status: 200..=299 } => "taken",
            Self::Answered { status: 300..=399 } => "redirect",
            Self::Answered { status: 410 } => "gone",
            Self::Answered { .. } => "not_taken",
            Self::NoReply(error) => error.code(),
            Self::Locked => "vault_locked",
            Self::NoSecret => "secret_unreadable",
            Self::NoAddress => "host_invalid",
        }
    }

    /// In words, with what to do. `at` is where the call went: host and port, never the path, which may be a secret.
    pub fn verdict(&self, at: &str) -> String {
        match self {
            Self::Answered { status: status @ 200..=299 } => format!("{at} took it ({status})."),
            Self::Answered { status: status @ 300..=399 } => format!(
                "{at} points elsewhere ({status}), and redirects are not followed. Enter the address it leads to."
            ),
            Self::Answered { status: 410 } => format!(
                "{at} wants no more of it (410), so the webhook does not send any longer. Set up a new address there, \
                 enter it here, and switch the webhook on."
            ),
            Self::Answered { status: status @ (401 | 403) } => format!(
                "{at} does not accept it ({status}). Check the address, and that the other side has this webhook's \
                 secret."
            ),
            Self::Answered { status: status @ (404 | 405) } => {
                format!("{at} does not know this address ({status}). Compare it with the one given there.")
            }
            Self::Answered { status: 429 } => {
                format!("{at} is asked too often (429). Choose fewer events, or raise its limit.")
            }
            Self::Answered { status: status @ 500..=599 } => {
                format!("{at} could not take it ({status}). Its own log says why.")
            }
            Self::Answered { status } => {
                format!("{at} did not take it ({status}). Its own log says why; a reply of 2xx means it did.")
            }
            Self::NoReply(OutboundError::Timeout(Stage::Reply)) => format!(
                "{at} did not answer in time. It should answer within 5 s, before it works on what it got."
            ),
            Self::NoReply(error) => format!("No answer from {at}: {error}. {}", error.cure()),
            Self::Locked => {
                "It was not sent: the master key for its secret is not here. Give the server its master key."
                    .to_owned()
            }
            Self::NoSecret => "It was not sent: its secret cannot be read. Make a new one.".to_owned(),
            Self::NoAddress => "It was not sent: its address cannot be used. Enter it again.".to_owned(),
        }
    }
}

/// `webhook-signature`: one for each secret, the newest first.
pub fn sign(id: Uuid, at_s: i64, body: &str, secrets: &[&[u8; 32]]) -> String {
    let mut out = String::new();
    for secret in secrets {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, *secret));
        context.update(format!("{id}.{at_s}.").as_bytes());
        context.update(body.as_bytes());
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str("v1,");
        STANDARD.encode_string(context.sign().as_ref(), &mut out);
    }
    out
}

/// Makes one attempt, signed for the moment it is made.
pub async fn send(
    connector: &Connector,
    url: &WebhookUrl,
    message: Uuid,
    body: &str,
    secrets: &[&[u8; 32]],
    at: Timestamp,
) -> WebhookReply {
    let at_s = at.millis().div_euclid(1_000);
    let (id, stamp, signature) = (message.to_string(), at_s.to_string(), sign(message, at_s, body, secrets));
    let headers = [
        (USER_AGENT, AGENT),
        (ID, id.as_str()),
        (TIMESTAMP, stamp.as_str()),
        (SIGNATURE, signature.as_str()),
    ];
    let bytes = Bytes::copy_from_slice(body.as_bytes());
    match connector.post_bytes(&url.endpoint, &url.target, &headers, bytes).await {
        Ok(status) => WebhookReply::Answered { status },
        Err(error) => WebhookReply::NoReply(error),
    }
}

#[cfg(test)]
mod tests;
