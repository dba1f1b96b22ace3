//! What problems are worked out from. Whoever knows a fact fills it in; a fact that nobody knows is no problem.

use std::collections::BTreeSet;
use std::net::IpAddr;

use common::capacity::Capacity;
use common::ids::{NodeId, RegionId, TokenId, WebhookId};
use common::intent::Drain;
use common::node::NodeKind;
use common::overview::{DoubtEvidence, Rejection};
use common::status::{IntentState, Liveness, Runtime, StatusWord};
use common::time::Timestamp;
use common::webhooks::StoppedBecause;

/// One node.
#[derive(Debug, Clone)]
pub struct NodeFact {
    /// Which.
    pub id: NodeId,
    /// How it is called on the screen.
    pub name: String,
    /// Where.
    pub region_id: Option<RegionId>,
    /// What it does.
    pub kind: NodeKind,
    /// Effective.
    pub intent: IntentState,
    /// As judged.
    pub liveness: Liveness,
    /// Since when.
    pub since: Timestamp,
    /// The word shown.
    pub word: StatusWord,
    /// Since when.
    pub word_since: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
    /// Its last accepted heartbeat.
    pub last_heartbeat_at: Option<Timestamp>,
    /// Where that came from.
    pub source: Option<IpAddr>,
    /// As last reported.
    pub runtime: Option<Runtime>,
    /// Of its software, as last reported.
    pub version: Option<String>,
    /// Conversations of a backend, calls of a proxy, as last reported.
    pub calls: Option<u64>,
    /// Its clock against ours, positive where it is ahead.
    pub clock_offset_ms: Option<i64>,
    /// Why its identity is doubtful, in words.
    pub identity: Option<String>,
    /// Groups of its last heartbeat that could not be read.
    pub unreadable: Vec<String>,
    /// Set where its last heartbeat presented the secret before the newest.
    pub old_secret: Option<OldSecret>,
    /// What it finds of its region's storage.
    pub storage: Option<NodeStorage>,
    /// How far it is on its way to zero.
    pub drain: Option<Drain>,
    /// It was shut down then and is not back within its window.
    pub did_not_return: Option<Timestamp>,
    /// Set where its own intent is maintenance.
    pub maintenance: Option<Maintenance>,
}

/// The former secret, still in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldSecret {
    /// When the newer one was made.
    pub replaced_at: Timestamp,
    /// When the former stops working.
    pub until: Timestamp,
}

/// A node's own test of its region's storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeStorage {
    /// Whether it worked.
    pub ok: bool,
    /// The step that failed.
    pub step: Option<String>,
}

/// Maintenance set on an object itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maintenance {
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

/// One region.
#[derive(Debug, Clone)]
pub struct RegionFact {
    /// Which.
    pub id: RegionId,
    /// Its own intent.
    pub intent: IntentState,
    /// Set where its own intent is maintenance.
    pub maintenance: Option<Maintenance>,
    /// Its figures.
    pub capacity: Capacity,
    /// Its storage.
    pub storage: StorageFact,
}

/// A region's storage, as this server finds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StorageFact {
    /// There are settings.
    pub configured: bool,
    /// The check fails.
    pub failing: bool,
    /// At this step.
    pub step: Option<String>,
    /// Since then.
    pub since: Option<Timestamp>,
}

/// A group of refused heartbeats and whom it concerns.
#[derive(Debug, Clone)]
pub struct RefusalFact {
    /// As in the diary.
    pub rejection: Rejection,
    /// The registered node that sent it, or that it claims to be.
    pub node: Option<NodeId>,
    /// It is a server the registry does not know, and somebody hid it.
    pub ignored: bool,
}

/// The background node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackgroundFact {
    /// The registered one.
    pub node: Option<(NodeId, String)>,
    /// It does not answer calls: since when, and why in words.
    pub unreachable: Option<(Timestamp, String)>,
    /// It refuses our key, or its heartbeats carry another: since when.
    pub keys_differ: Option<Timestamp>,
}

/// A job whose last run went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFact {
    /// The job.
    pub key: String,
    /// What the screen calls it.
    pub title: String,
    /// When that run ended.
    pub at: Timestamp,
    /// `failed` or `lost`.
    pub state: String,
    /// What it said.
    pub error: Option<String>,
}

/// Frontend nodes that are alive and of different versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontendFact {
    /// How many.
    pub count: u32,
    /// Of the one that says so.
    pub version: String,
}

/// An automation token that works and ends soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFact {
    /// Which.
    pub id: TokenId,
    /// What it is called.
    pub name: String,
    /// E-mail of the person who made it.
    pub created_by: String,
    /// When it ends.
    pub ends: Timestamp,
}

/// A webhook of which nothing is taken, or not enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookFact {
    /// Which.
    pub id: WebhookId,
    /// What it is called.
    pub name: String,
    /// Since when nothing was taken; a stopped one may have nothing to count from.
    pub since: Option<Timestamp>,
    /// Why the control plane switched it off, where it did.
    pub stopped: Option<StoppedBecause>,
    /// How many messages were left out because too many waited, and since when.
    pub dropped: Option<(u32, Timestamp)>,
}

/// What is known beside regions and nodes.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// `None` where nobody looks after it.
    pub background: Option<BackgroundFact>,
    /// Jobs whose last run went wrong.
    pub jobs: Vec<JobFact>,
    /// Set where frontend nodes differ.
    pub frontends: Option<FrontendFact>,
    /// Set where the vault is locked: why (`missing`, `wrong`, `unreadable`), and since when.
    pub vault: Option<(&'static str, Timestamp)>,
    /// Automation tokens that end soon, the first to end first.
    pub tokens: Vec<TokenFact>,
    /// Webhooks of which nothing is taken.
    pub webhooks: Vec<WebhookFact>,
}

/// Everything.
#[derive(Debug, Clone)]
pub struct Facts {
    /// All regions.
    pub regions: Vec<RegionFact>,
    /// All nodes.
    pub nodes: Vec<NodeFact>,
    /// Refused heartbeats in groups, newest first.
    pub refused: Vec<RefusalFact>,
    /// Set where the platform's intent is maintenance.
    pub platform: Option<Maintenance>,
    /// Singletons.
    pub outside: Outside,
    /// What speaks against ourselves, the longest lasting first.
    pub doubts: Vec<DoubtEvidence>,
    /// Somebody waits to be judged.
    pub waiting: bool,
    /// Problems that were open a moment ago: what is near its limit stays as it is.
    pub open: BTreeSet<String>,
    /// Silence this long is offline.
    pub offline_after_ms: u64,
    /// Now.
    pub now: Timestamp,
}
