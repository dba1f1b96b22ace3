//! JSON into wire types, with as little code as possible: the types are many, and what derives make of them is paid for
//! on the wire.
//!
//! Text is read into a plain value once, so that the parser is compiled once, and every type is read out of that value.
//! A struct is an object here and never a list, an error says nothing (nobody at a browser can mend a reply), and the few
//! types that are tagged or flattened are taken apart by hand, because their derives bring a second reader for
//! everything inside. A test holds the outcome against serde_json's own.

use std::fmt;

use common::activity::{Activity, ActivityCount, ActivityPage, TimelinePage};
use common::auth::{LoginReply, Me};
use common::command::{Command, CommandPage, RowResults};
use common::history::History;
use common::intent::{BulkReply, Deletion, Platform, Preview};
use common::job::{JobRun, JobRunPage};
use common::meta::Meta;
use common::node::{CreatedNode, Node, NodePage};
use common::overview::{Attention, OpenProblem, Overview, ProblemList, RegionSummary, RejectionPage};
use common::problem::Problem;
use common::region::Region;
use common::singleton::{BackgroundNode, BackgroundTestReply, FrontendNodes, PutBackgroundReply};
use common::storage::{RegionStorage, StorageTestReply};
use common::stream::{Change, LiveEvent, SnapshotData};
use common::unregistered::UnregisteredPage;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

/// The text is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreadable")
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// A value as a source of wire types.
struct Source(Value);

impl<'de> Deserializer<'de> for Source {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(b),
            Value::Number(_) => self.deserialize_u64(visitor),
            Value::String(s) => visitor.visit_string(s),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Value::Number(n) = self.0 else { return Err(Unreadable) };
        match (n.as_u64(), n.as_i64(), n.as_f64()) {
            (Some(n), ..) => visitor.visit_u64(n),
            (_, Some(n), _) => visitor.visit_i64(n),
            (.., Some(n)) => visitor.visit_f64(n),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Value::Bool(b) = self.0 else { return Err(Unreadable) };
        visitor.visit_bool(b)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Value::String(s) = self.0 else { return Err(Unreadable) };
        visitor.visit_string(s)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Value::Array(items) = self.0 else { return Err(Unreadable) };
        visitor.visit_seq(Items(items.into_iter()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Value::Object(fields) = self.0 else { return Err(Unreadable) };
        visitor.visit_map(Entries { rest: fields.into_iter(), value: Value::Null })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let Value::String(word) = self.0 else { return Err(Unreadable) };
        visitor.visit_enum(de::value::StringDeserializer::new(word))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_string(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u128 f32 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct
    }
}

struct Items(std::vec::IntoIter<Value>);

impl<'de> de::SeqAccess<'de> for Items {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Unreadable> {
        self.0.next().map(|item| seed.deserialize(Source(item))).transpose()
    }
}

struct Entries {
    rest: serde_json::map::IntoIter,
    value: Value,
}

impl<'de> de::MapAccess<'de> for Entries {
    type Error = Unreadable;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unreadable> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(Source(Value::String(name))).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Unreadable> {
        seed.deserialize(Source(self.value.take()))
    }
}

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

plain!(LoginReply, Me, Meta, Problem, Region, RejectionPage);
plain!(Platform, Preview, Deletion, BulkReply, Command, CommandPage, RowResults);
plain!(RegionStorage, StorageTestReply, UnregisteredPage);
plain!(Activity, ActivityCount, ActivityPage, TimelinePage, History, JobRun, JobRunPage);
plain!(FrontendNodes, BackgroundTestReply, OpenProblem, ProblemList);

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
        Ok(Self { items: f.each("items")?, next_cursor: f.take("nextCursor")? })
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
    let value = if text.is_empty() { Value::Null } else { serde_json::from_str(text).map_err(|_| Unreadable)? };
    T::from_json(value)
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
