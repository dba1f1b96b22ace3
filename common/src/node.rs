//! Nodes: what an operator registers, what is shown of them, and the live part that changes with every heartbeat.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::edit::{OwnSecret, Registration, check_registration};
use crate::endpoint::Endpoint;
use crate::heartbeat::{Hardware, Outbound, Sessions};
use crate::ids::{NodeId, RegionId};
use crate::problem::FieldError;
use crate::region::check_text;
use crate::status::{Condition, Intent, Liveness, NodeStatus, Runtime};
use crate::time::Timestamp;

/// What a node does. Immutable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Signalling gateway: talks to carriers, dials outbound calls.
    Proxy,
    /// Audio processor.
    Backend,
    /// Runs jobs for the whole cluster; at most one, without a region.
    Background,
}

impl NodeKind {
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Backend => "backend",
            Self::Background => "background",
        }
    }

    /// The inverse of [`NodeKind::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Proxy, Self::Backend, Self::Background].into_iter().find(|k| k.as_str() == s)
    }

    /// The SIP port where the operator names none.
    pub fn default_sip_port(self) -> Option<u16> {
        match self {
            Self::Proxy => Some(5060),
            Self::Backend => Some(5080),
            Self::Background => None,
        }
    }
}

/// How SIP travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SipTransport {
    /// UDP.
    #[default]
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
}

impl SipTransport {
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }

    /// The inverse of [`SipTransport::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Udp, Self::Tcp, Self::Tls].into_iter().find(|t| t.as_str() == s)
    }
}

/// Shortest secret an operator may bring from elsewhere.
pub const OWN_SECRET_MIN: usize = 32;
/// Longest one.
pub const OWN_SECRET_MAX: usize = 256;

/// `POST /nodes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateNode {
    /// The region it serves.
    pub region_id: RegionId,
    /// Proxy or backend.
    pub kind: NodeKind,
    /// `http://10.0.0.5:5002`; scheme, port and path may be left out.
    #[cfg_attr(feature = "openapi", schema(example = "http://10.0.0.5:5002", max_length = 300))]
    pub endpoint: String,
    /// Default: the endpoint's host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 253))]
    pub sip_host: Option<String>,
    /// Default: 5060 for a proxy, 5080 for a backend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 65535))]
    pub sip_port: Option<u16>,
    /// Default: UDP.
    #[serde(default)]
    pub sip_transport: SipTransport,
    /// Shown instead of the endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 80))]
    pub display_name: Option<String>,
    /// For operators, at most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 2000))]
    pub notes: Option<String>,
    /// At most 32 labels; keys of 1–63 of `a-z 0-9 - _ . /`, values of up to 63 characters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Takes calls of administrators only.
    #[serde(default)]
    pub development: bool,
    /// What the server can hold at once, 1–100,000; for backends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100000))]
    pub max_concurrent_calls: Option<u32>,
    /// An id of your own for this server, unique, 1–64 printable characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub external_id: Option<String>,
    /// Begin in maintenance instead of active.
    #[serde(default)]
    pub start_in_maintenance: bool,
    /// A secret of your own, 32–256 printable characters, instead of a generated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, write_only, min_length = 32, max_length = 256))]
    pub secret: Option<OwnSecret>,
}

impl CreateNode {
    /// Checks every field and takes the endpoint apart.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<Endpoint, Vec<FieldError>> {
        let mut errors = Vec::new();
        if self.kind == NodeKind::Background {
            errors.push(FieldError::new("kind", "kind_not_regional", "A region has proxies and backends."));
        }
        let endpoint = Endpoint::parse(&self.endpoint);
        if let Err(e) = &endpoint {
            errors.push(FieldError::new("endpoint", e.code(), e.to_string()));
        }
        check_registration(
            &mut errors,
            &Registration {
                sip_port: self.sip_port,
                sip_host: self.sip_host.as_deref(),
                display_name: self.display_name.as_deref(),
                notes: self.notes.as_deref(),
                max_concurrent_calls: self.max_concurrent_calls,
                external_id: self.external_id.as_deref(),
            },
        );
        check_labels(&mut errors, &self.labels);
        if let Some(secret) = &self.secret {
            secret.check(&mut errors);
        }
        match endpoint {
            Ok(endpoint) if errors.is_empty() => Ok(endpoint),
            _ => Err(errors),
        }
    }
}

pub(crate) fn printable(s: &str) -> bool {
    s.bytes().all(|b| b.is_ascii_graphic())
}

pub(crate) fn check_labels(errors: &mut Vec<FieldError>, labels: &BTreeMap<String, String>) {
    if labels.len() > 32 {
        errors.push(FieldError::new("labels", "too_many", "At most 32 labels."));
    }
    for (key, value) in labels.iter().take(32) {
        let key_ok = (1..=63).contains(&key.len())
            && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_./".contains(&b));
        if !key_ok {
            errors.push(FieldError::new("labels", "label_key", "Keys have 1 to 63 of a-z 0-9 - _ . /."));
        }
        check_text(errors, &format!("labels/{}", key.replace('~', "~0").replace('/', "~1")), Some(value), 63);
    }
}

/// A secret as it is shown after its creation: never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SecretSummary {
    /// First 8 hex digits of its SHA-256.
    pub fingerprint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when the one before it works too; `null` where only this one does.
    pub previous_until: Option<Timestamp>,
    /// Fingerprint of the one before it, while it works.
    pub previous_fingerprint: Option<String>,
}

/// A node: its registration, and what is known of it now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// The id, and what heartbeats tell.
    #[serde(flatten)]
    pub live: NodeLive,
    /// An id of the operator's own.
    pub external_id: Option<String>,
    /// `null` for the background node.
    pub region_id: Option<RegionId>,
    /// Proxy, backend or background.
    pub kind: NodeKind,
    /// Its address.
    pub endpoint: Endpoint,
    /// Where SIP goes.
    pub sip_host: Option<String>,
    /// Its SIP port.
    pub sip_port: Option<u16>,
    /// How SIP travels.
    pub sip_transport: SipTransport,
    /// Shown instead of the endpoint.
    pub display_name: Option<String>,
    /// For operators.
    pub notes: Option<String>,
    /// Key and value.
    pub labels: BTreeMap<String, String>,
    /// Takes calls of administrators only.
    pub development: bool,
    /// As registered; what the node itself says is in `sessions.max`.
    pub max_concurrent_calls: Option<u32>,
    /// The node's own intent.
    pub intent: Intent,
    /// Its secret, in short.
    pub secret: SecretSummary,
    /// When it was added.
    pub created_at: Timestamp,
    /// Counts changes of the registration; the `ETag` too. Heartbeats never touch it.
    pub version: i64,
}

impl Node {
    /// Its id.
    pub fn id(&self) -> NodeId {
        self.live.id
    }

    /// What the screen calls it: the display name, else host and port.
    pub fn name(&self) -> String {
        self.display_name.clone().unwrap_or_else(|| self.endpoint.authority())
    }
}

/// The part of a node that heartbeats change; deltas of the stream carry it alone.
///
/// `Node` holds these members beside its own, so no name may be used twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NodeLive {
    /// The node.
    pub id: NodeId,
    /// The one word, made of the axes below and of intent.
    pub status: NodeStatus,
    /// As observed.
    pub liveness: Liveness,
    /// As last reported.
    pub runtime: Option<Runtime>,
    /// The node's words for it.
    pub runtime_reason: Option<String>,
    /// Conversations as last reported, backends only. Old where the node is not live.
    pub sessions: Option<Sessions>,
    /// Outbound calls as last reported, proxies only. Old where the node is not live.
    pub outbound: Option<Outbound>,
    /// CPU, RAM, network as last reported. Old where the node is not live.
    pub hardware: Option<Hardware>,
    /// When the last heartbeat was accepted, by the server's clock.
    pub last_heartbeat_at: Option<Timestamp>,
    /// How often it was told to beat.
    pub interval_ms: u64,
    /// The run of the process.
    pub boot_id: Option<String>,
    /// When that run began, by the node's clock.
    pub started_at: Option<Timestamp>,
    /// Of the software.
    pub software_version: Option<String>,
    /// Of the machine.
    pub hostname: Option<String>,
    /// Address the last heartbeat came from.
    pub source: Option<String>,
    /// The node's clock against ours in milliseconds, positive where it is ahead.
    pub clock_offset_ms: Option<i64>,
    /// Findings.
    pub conditions: Vec<Condition>,
    /// How far it is on its way to zero; `null` while its effective intent is active.
    pub drain: Option<crate::intent::Drain>,
    /// Commands that are open or ended within the last minute, newest first, at most 8.
    pub commands: Vec<crate::command::Command>,
    /// Fingerprint of the secret its last heartbeat presented.
    pub secret_in_use: Option<String>,
    /// The newest desired generation it has obeyed.
    pub observed_generation: Option<i64>,
    /// Which entrances are open, as it reports.
    pub accepts: Option<crate::heartbeat::Accepts>,
}

/// Reply to `POST /nodes` and to `POST /nodes/{nodeId}/secret` alone: the secret, once.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedNode {
    /// The node.
    pub node: Node,
    /// The secret. It is stored encrypted and is never shown again. Left out where `secretShown` is true.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub plain_secret: String,
    /// `appsettings.json` for this server, secret included. Left out where `secretShown` is true.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub snippet: String,
    /// The agent's command line for that file.
    pub command: String,
    /// This is a reply of more than ten minutes ago, repeated for its `Idempotency-Key`, and without the secret.
    #[serde(default)]
    pub secret_shown: bool,
}

/// A page of nodes by id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NodePage {
    /// The nodes.
    pub items: Vec<Node>,
    /// Present where more follow.
    pub next_cursor: Option<String>,
    /// How many nodes pass every filter, on all pages together.
    #[serde(default)]
    pub total: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_error_at_once() {
        let bad: CreateNode = serde_json::from_str(
            r#"{"regionId":"OM-MCT","kind":"background","endpoint":"ftp://x","sipPort":0,"sipHost":"a b",
                "displayName":"a\u0007","maxConcurrentCalls":0,"externalId":"","labels":{"A/~":"v"}}"#,
        )
        .unwrap();
        let errors = bad.validate().unwrap_err();
        let fields: Vec<_> = errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(
            fields,
            [
                "/kind",
                "/endpoint",
                "/sipPort",
                "/sipHost",
                "/displayName",
                "/maxConcurrentCalls",
                "/externalId",
                "/labels"
            ]
        );
    }

    #[test]
    fn unknown_fields_are_refused() {
        let e = serde_json::from_str::<CreateNode>(
            r#"{"regionId":"X","kind":"proxy","endpoint":"x","apiKey":"y"}"#,
        );
        assert!(e.is_err());
    }
}
