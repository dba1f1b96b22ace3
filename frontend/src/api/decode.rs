//! JSON into wire types, with as little code as possible: the types are many, and what derives make of them is paid for
//! on the wire.
//!
//! Text is read into a plain value once, so that the parser is compiled once, and every type is read out of that value.
//! A struct is an object here and never a list, an error says nothing (nobody at a browser can mend a reply), and the few
//! types that are tagged or flattened are taken apart by hand, because their derives bring a second reader for
//! everything inside. A test holds the outcome against serde_json's own.

use common::activity::{Activity, ActivityChain, ActivityCount, ActivityPage, TimelinePage};
use common::auth::{LoginReply, Me};
use common::command::{Command, CommandPage, RowResults};
use common::history::History;
use common::intent::{BulkReply, Deletion, Platform, Preview};
use common::job::{JobRun, JobRunPage};
use common::meta::Meta;
use common::node::{CreatedNode, Node, NodePage};
use common::node_order::NodeOrder;
use common::overview::{Attention, OpenProblem, Overview, ProblemList, RegionSummary, RejectionPage};
use common::problem::Problem;
use common::region::{Region, RegionPage};
use common::sessions::{Confirmed, SessionList};
use common::singleton::{BackgroundNode, BackgroundTestReply, FrontendNodes, PutBackgroundReply};
use common::storage::{RegionStorage, StorageTestReply};
use common::stream::{Change, LiveEvent, SnapshotData};
use common::tokens::{Token, TokenMade, TokenPage};
use common::unregistered::UnregisteredPage;
use common::users::{Account, AccountPage, Helpers, Invited, OneTimeLink, WelcomeInfo};
use common::webhooks::{Delivery, DeliveryDetail, DeliveryPage, Webhook, WebhookList, WebhookMade};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::source::Source;
pub use super::source::Unreadable;

/// A type that the server sends.
pub trait FromJson: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// Where the value is not of this type.
    fn from_json(value: Value) -> Result<Self, Unreadable>;
}

fn plain<T: DeserializeOwned>(value: Value) -> Result<T, Unreadable> {
    T::deserialize(Source(value))
}

macro_rules! plain {
    ($($name:ty),*) => {
        $(impl FromJson for $name {
            fn from_json(value: Value) -> Result<Self, Unreadable> {
                plain(value)
            }
        })*
    };
}

plain!(LoginReply, Me, Meta, Problem, Region, RegionPage, RejectionPage);
plain!(Platform, Preview, Deletion, BulkReply, Command, CommandPage, RowResults);
plain!(RegionStorage, StorageTestReply, UnregisteredPage);
plain!(Activity, ActivityChain, ActivityCount, ActivityPage, TimelinePage, History, JobRun, JobRunPage);
plain!(Account, AccountPage, Helpers, Invited, OneTimeLink, WelcomeInfo, SessionList, Confirmed);
plain!(Token, TokenMade, TokenPage);
plain!(Webhook, WebhookList, WebhookMade, Delivery, DeliveryPage, DeliveryDetail);
plain!(NodeOrder, FrontendNodes, BackgroundTestReply, OpenProblem, ProblemList);

/// Of a reply that says nothing more than that it is done.
impl FromJson for () {
    fn from_json(_: Value) -> Result<Self, Unreadable> {
        Ok(())
    }
}

/// The members of an object that is taken apart by hand.
struct Fields(Map<String, Value>);

impl Fields {
    fn of(value: Value) -> Result<Self, Unreadable> {
        if let Value::Object(fields) = value { Ok(Self(fields)) } else { Err(Unreadable) }
    }

    /// A member; where it is missing, only what may be null can be read.
    fn value(&mut self, name: &str) -> Value {
        self.0.remove(name).unwrap_or_default()
    }

    fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Unreadable> {
        plain(self.value(name))
    }

    fn each<T: FromJson>(&mut self, name: &str) -> Result<Vec<T>, Unreadable> {
        let Value::Array(items) = self.value(name) else { return Err(Unreadable) };
        items.into_iter().map(T::from_json).collect()
    }

    /// What has not been taken.
    fn rest<T: DeserializeOwned>(self) -> Result<T, Unreadable> {
        plain(Value::Object(self.0))
    }
}

impl FromJson for Node {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(Self {
            external_id: f.take("externalId")?,
            region_id: f.take("regionId")?,
            kind: f.take("kind")?,
            endpoint: f.take("endpoint")?,
            sip_host: f.take("sipHost")?,
            sip_port: f.take("sipPort")?,
            sip_transport: f.take("sipTransport")?,
            display_name: f.take("displayName")?,
            notes: f.take("notes")?,
            labels: f.take("labels")?,
            development: f.take("development")?,
            max_concurrent_calls: f.take("maxConcurrentCalls")?,
            intent: f.take("intent")?,
            secret: f.take("secret")?,
            created_at: f.take("createdAt")?,
            version: f.take("version")?,
            live: f.rest()?,
        })
    }
}

impl FromJson for NodePage {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        let total = f.take::<Option<u32>>("total")?.unwrap_or_default();
        Ok(Self { items: f.each("items")?, next_cursor: f.take("nextCursor")?, total })
    }
}

impl FromJson for CreatedNode {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(Self {
            node: Node::from_json(f.value("node"))?,
            plain_secret: f.take::<Option<String>>("plainSecret")?.unwrap_or_default(),
            snippet: f.take::<Option<String>>("snippet")?.unwrap_or_default(),
            command: f.take("command")?,
            secret_shown: f.take::<Option<bool>>("secretShown")?.unwrap_or_default(),
        })
    }
}

impl FromJson for BackgroundNode {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        let node = f.value("node");
        Ok(Self {
            node: if node.is_null() { None } else { Some(Node::from_json(node)?) },
            jobs: f.take("jobs")?,
            jobs_at: f.take("jobsAt")?,
            trigger: f.take("trigger")?,
            config: f.take("config")?,
            runs: f.take("runs")?,
            last: f.take("last")?,
        })
    }
}

impl FromJson for PutBackgroundReply {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(Self {
            background: BackgroundNode::from_json(f.value("background"))?,
            plain_secret: f.take("plainSecret")?,
            snippet: f.take("snippet")?,
            command: f.take("command")?,
        })
    }
}

impl FromJson for RegionSummary {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(Self {
            id: f.take("id")?,
            country_code: f.take("countryCode")?,
            display_name: f.take("displayName")?,
            status: f.take("status")?,
            storage: f.take("storage")?,
            capacity: f.rest()?,
        })
    }
}

impl FromJson for Overview {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(Self {
            as_of: f.take("asOf")?,
            change: f.take("change")?,
            cluster: f.take("cluster")?,
            regions: f.each("regions")?,
            problems: f.take("problems")?,
            attention: f.take::<Option<Attention>>("attention")?.unwrap_or_default(),
            collecting: f.take("collecting")?,
            singletons: f.take("singletons")?,
            platform: f.take::<Option<Platform>>("platform")?.unwrap_or_default(),
        })
    }
}

impl FromJson for SnapshotData {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(match f.value("kind").as_str() {
            Some("summary") => Self::Summary { overview: Overview::from_json(f.value("overview"))? },
            Some("nodes") => Self::Nodes {
                region: f.take("region")?,
                nodes: f.each("nodes")?,
                truncated: f.take("truncated")?,
            },
            Some("node") => Self::Node { node: Node::from_json(f.value("node"))? },
            Some("activity") => Self::Activity,
            Some("gone") => Self::Gone,
            _ => return Err(Unreadable),
        })
    }
}

impl FromJson for Change {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(match f.value("kind").as_str() {
            Some("cluster") => Self::Cluster { capacity: f.take("capacity")? },
            Some("region") => Self::Region { region: RegionSummary::from_json(f.value("region"))? },
            Some("regionDetail") => Self::RegionDetail { region: f.take("region")? },
            Some("node") => Self::Node { node: Node::from_json(f.value("node"))? },
            Some("nodeLive") => Self::NodeLive { live: f.take("live")? },
            Some("nodeRemoved") => Self::NodeRemoved { id: f.take("id")? },
            Some("regionRemoved") => Self::RegionRemoved { id: f.take("id")? },
            Some("problems") => Self::Problems {
                problems: f.take("problems")?,
                attention: f.take::<Option<Attention>>("attention")?.unwrap_or_default(),
            },
            Some("singletons") => Self::Singletons { singletons: f.take("singletons")? },
            Some("platform") => Self::Platform { platform: f.take("platform")? },
            Some("job") => Self::Job { run: f.take("run")? },
            Some("activity") => Self::Activity { entry: f.take("entry")? },
            _ => return Err(Unreadable),
        })
    }
}

impl FromJson for LiveEvent {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(match f.value("type").as_str() {
            Some("hello") => Self::Hello {
                stream_id: f.take("streamId")?,
                server_time: f.take("serverTime")?,
                tick_ms: f.take("tickMs")?,
                timers: f.take("timers")?,
                version: f.take("version")?,
                resumed: f.take("resumed")?,
            },
            Some("snapshot") => Self::Snapshot {
                topic: f.take("topic")?,
                as_of: f.take("asOf")?,
                change: f.take("change")?,
                data: SnapshotData::from_json(f.value("data"))?,
            },
            Some("delta") => Self::Delta {
                topic: f.take("topic")?,
                as_of: f.take("asOf")?,
                change: f.take("change")?,
                changes: f.each("changes")?,
            },
            Some("tick") => {
                Self::Tick { server_time: f.take("serverTime")?, collecting: f.take("collecting")? }
            }
            Some("reset") => Self::Reset { reason: f.take("reason")? },
            Some("bye") => Self::Bye { reason: f.take("reason")? },
            _ => return Err(Unreadable),
        })
    }
}

/// A reply or an event.
///
/// # Errors
/// Where the text is not JSON, or not of this type.
pub fn read<T: FromJson>(text: &str) -> Result<T, Unreadable> {
    // A 204 has no text.
    let value =
        if text.is_empty() { Value::Null } else { serde_json::from_str(text).map_err(|_| Unreadable)? };
    T::from_json(value)
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
