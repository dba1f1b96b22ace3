//! What is registered, as the program holds it: no database types, no wire types where they would lie.

use std::collections::BTreeMap;

use common::endpoint::Endpoint;
use common::ids::{NodeId, RegionId};
use common::intent::OnDeadline;
use common::node::{NodeKind, SipTransport};
use common::status::{Intent, IntentState};
use common::time::Timestamp;

/// SHA-256 of a whole secret; what nodes are looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// The first 8 hex digits: how a secret is named on screens and in logs.
    pub fn fingerprint(&self) -> String {
        let [a, b, c, d, ..] = self.0;
        format!("{a:02x}{b:02x}{c:02x}{d:02x}")
    }
}

/// An operator's wish on one object, with its counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnIntent {
    /// The wish.
    pub intent: Intent,
    /// Bumped by each change of it; the sum over the three levels is what nodes are told.
    pub generation: i64,
}

impl OwnIntent {
    /// The wish of a new object.
    pub fn new(state: IntentState, by: &str, at: Timestamp) -> Self {
        let reason = (state != IntentState::Active).then(|| "Added in maintenance".to_owned());
        let intent = Intent {
            state,
            public_reason: reason.clone(),
            private_reason: reason,
            until: None,
            by: Some(by.to_owned()),
            at: Some(at),
            deadline: None,
            on_deadline: OnDeadline::Hold,
        };
        Self { intent, generation: 1 }
    }
}

/// A region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionRecord {
    /// The Region ID.
    pub id: RegionId,
    /// ISO 3166-1 alpha-2.
    pub country_code: String,
    /// In its normal form.
    pub name: String,
    /// Shown beside the id.
    pub display_name: Option<String>,
    /// Its own intent.
    pub intent: OwnIntent,
    /// When it was added.
    pub created_at: Timestamp,
    /// Counts changes.
    pub version: i64,
}

/// A secret of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRecord {
    /// What it is looked up by.
    pub hash: SecretHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// Set where a newer one replaces it.
    pub valid_until: Option<Timestamp>,
}

/// A node's registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRecord {
    /// Made by the server.
    pub id: NodeId,
    /// The operator's own id for it.
    pub external_id: Option<String>,
    /// `None` for the background node.
    pub region_id: Option<RegionId>,
    /// What it does.
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
    /// As registered.
    pub max_concurrent_calls: Option<u32>,
    /// Its own intent.
    pub intent: OwnIntent,
    /// When it was added.
    pub created_at: Timestamp,
    /// Counts changes.
    pub version: i64,
    /// Newest first.
    pub secrets: Vec<SecretRecord>,
}

impl NodeRecord {
    /// What the screen calls it: the display name, else host and port.
    pub fn name(&self) -> String {
        self.display_name.clone().unwrap_or_else(|| self.endpoint.authority())
    }
}

/// What is kept of a deleted node, so that its late heartbeats are recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// Its id.
    pub id: NodeId,
    /// What the screen called it.
    pub name: String,
    /// What it did.
    pub kind: NodeKind,
    /// Its region; `None` for the background node and where the region is deleted too.
    pub region_id: Option<RegionId>,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// E-mail of who did it.
    pub deleted_by: String,
    /// Of its secrets.
    pub hashes: Vec<SecretHash>,
}

impl Tombstone {
    /// Of a node as it was.
    pub fn of(node: &NodeRecord, deleted_at: Timestamp, deleted_by: String) -> Self {
        Self {
            id: node.id,
            name: node.name(),
            kind: node.kind,
            region_id: node.region_id.clone(),
            deleted_at,
            deleted_by,
            hashes: node.secrets.iter().map(|s| s.hash).collect(),
        }
    }
}
