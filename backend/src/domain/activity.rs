//! What is noted of every attempt to change something, and of what happens to nodes and regions.

use common::activity::{EventKind, Outcome};
use common::ids::{NodeId, RegionId};
use common::time::Timestamp;
use uuid::Uuid;

/// The actor of what the control plane did by itself.
pub const SYSTEM: &str = "system";

/// How the actor of what a script did with its token ends, after the token's name. No e-mail ends so.
pub const SCRIPT: &str = " (token)";

/// What kind of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// Somebody who is signed in, or tries to.
    Person,
    /// A script with its token.
    Script,
    /// The control plane itself.
    System,
}

impl ActorKind {
    /// The inverse of how it is named on the wire.
    pub fn parse(s: &str) -> Option<Self> {
        match s {
            "user" => Some(Self::Person),
            "token" => Some(Self::Script),
            "system" => Some(Self::System),
            _ => None,
        }
    }
}

/// Which entries of the log are meant. What is not given lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// By this person.
    pub actor: Option<String>,
    /// By actors of this kind.
    pub by: Option<ActorKind>,
    /// Actions that begin so, such as `node.`.
    pub action: Option<String>,
    /// About such an object.
    pub target_kind: Option<String>,
    /// About this object.
    pub target_id: Option<String>,
    /// Concerning this region.
    pub region_id: Option<RegionId>,
    /// Ended so; any where empty.
    pub outcomes: Vec<Outcome>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// With this text in actor, action, target or reason, in any letter case.
    pub words: Option<String>,
}

/// What somebody tried to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `region`, `node`, `platform`, `storage`, `session`, `background`, `problem`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// What it is called now.
    pub name: Option<String>,
    /// The region concerned.
    pub region_id: Option<RegionId>,
}

impl Target {
    /// A region.
    pub fn region(id: &RegionId) -> Self {
        Self { kind: "region", id: id.to_string(), name: None, region_id: Some(id.clone()) }
    }

    /// A node.
    pub fn node(id: NodeId, name: &str, region_id: Option<&RegionId>) -> Self {
        Self { kind: "node", id: id.to_string(), name: Some(name.to_owned()), region_id: region_id.cloned() }
    }

    /// Something that exists once or by a name of its own.
    pub fn named(kind: &'static str, id: &str) -> Self {
        Self { kind, id: id.to_owned(), name: None, region_id: None }
    }
}

/// One attempt. `before` and `after` hold the fields that changed and never a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Newer ones are larger.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// E-mail, or `system`.
    pub actor: String,
    /// Dotted verb.
    pub action: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What.
    pub target: Target,
    /// As it was.
    pub before: Option<serde_json::Value>,
    /// As it is.
    pub after: Option<serde_json::Value>,
    /// Why, or why not.
    pub reason: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
}

impl Entry {
    /// Something the control plane did by itself.
    pub fn system(at: Timestamp, action: &'static str, target: Target) -> Self {
        Self {
            id: Uuid::now_v7(),
            at,
            actor: SYSTEM.to_owned(),
            action,
            outcome: Outcome::Allowed,
            target,
            before: None,
            after: None,
            reason: None,
            request_id: None,
            source: None,
        }
    }

    /// The same with what changed.
    #[must_use]
    pub fn changed(mut self, before: Option<serde_json::Value>, after: Option<serde_json::Value>) -> Self {
        self.before = before;
        self.after = after;
        self
    }

    /// The same with a reason.
    #[must_use]
    pub fn because(mut self, reason: Option<&str>) -> Self {
        self.reason = reason.map(str::to_owned);
        self
    }

    /// The same with another end.
    #[must_use]
    pub fn ended(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }
}

/// Something that happened to a node or region; for its timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// Newer ones are larger.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// The node.
    pub node_id: Option<NodeId>,
    /// The region.
    pub region_id: Option<RegionId>,
    /// About what.
    pub kind: EventKind,
    /// What it was.
    pub from: Option<String>,
    /// What it became.
    pub to: Option<String>,
    /// More, in words, for who is signed in.
    pub detail: Option<String>,
    /// Of an intent, what others than operators may hear of it; not stored, and gone with the event's writing.
    pub public_reason: Option<String>,
    /// Who.
    pub actor: Option<String>,
}
